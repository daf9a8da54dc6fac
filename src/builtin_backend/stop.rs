//! How a handler ends early: with an answer, or because something broke.

use super::BuiltinError;
use super::answer;
use super::input::Faults;
use crate::call::CallAnswer;
use crate::sqlite::DatabaseError;

/// Why a handler does not come to its end.
#[derive(Debug)]
pub(super) enum Stop {
    /// The answer is known already; it is a refusal.
    Answer(Box<CallAnswer>),
    /// It cannot go on.
    Broken(BuiltinError),
}

impl From<CallAnswer> for Stop {
    fn from(answer: CallAnswer) -> Self {
        Self::Answer(Box::new(answer))
    }
}

impl From<Faults> for Stop {
    fn from(faults: Faults) -> Self {
        answer::invalid(faults).into()
    }
}

impl From<BuiltinError> for Stop {
    fn from(error: BuiltinError) -> Self {
        Self::Broken(error)
    }
}

impl From<DatabaseError> for Stop {
    fn from(error: DatabaseError) -> Self {
        Self::Broken(error.into())
    }
}
