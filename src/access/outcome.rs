//! What becomes of a request, in words and in numbers.

use super::OnDeny;

/// What becomes of a request, as far as access is concerned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// The path could mean two things.
    Refused,
    /// Goes in whoever it is.
    Public,
    /// Nobody is signed in, and somebody has to be.
    Login,
    /// Signed in, and every rule is content.
    Allowed,
    /// Signed in, and a rule is not content.
    Denied(OnDeny),
}

impl Outcome {
    /// The outcome in a word.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Refused => "refused",
            Self::Public => "public",
            Self::Login => "login",
            Self::Allowed => "allowed",
            Self::Denied(_) => "denied",
        }
    }

    /// What a browser gets that loads the page: 200 stands for whatever is behind the door.
    pub(crate) fn status(self) -> u16 {
        match self {
            Self::Refused => 400,
            Self::Public | Self::Allowed => 200,
            Self::Login => 303,
            Self::Denied(on_deny) => on_deny.status(),
        }
    }
}
