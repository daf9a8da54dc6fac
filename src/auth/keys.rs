//! Which keys a token is judged with, and what it means where they cannot be had.

use std::sync::Arc;

use crate::backend::{BackendError, Outage};
use crate::jwks::{KeySet, KeySetError, KeySetTrouble};
use crate::token::{TokenError, VerifyingKey, Wanted};

/// Where the keys come from that the backend's tokens are judged with.
pub(crate) enum TokenKeys {
    /// None is named: signatures are not judged.
    Unjudged,
    /// The secret, or the one public key.
    Fixed(Arc<VerifyingKey>),
    /// The backend shows them.
    Set(KeySet),
}

/// Why tokens that a backend granted are not used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum AcceptError {
    /// The access token is wrong: the pair is misconfigured.
    #[error("the access token from the backend is not accepted: {0}")]
    Token(#[from] TokenError),
    /// Nobody knows whether it is.
    #[error(transparent)]
    Backend(#[from] BackendError),
}

impl TokenKeys {
    /// The keys to try on a token. Empty where there is none for it.
    pub(crate) async fn for_token(
        &self,
        wanted: &Wanted,
    ) -> Result<Vec<Arc<VerifyingKey>>, BackendError> {
        match self {
            Self::Unjudged => Ok(Vec::new()),
            Self::Fixed(key) => Ok(vec![Arc::clone(key)]),
            Self::Set(set) => Ok(set.keys_for(wanted).await?),
        }
    }

    /// Other keys to try after those did not verify a signature, if there are.
    pub(super) async fn for_second_try(&self, wanted: &Wanted) -> Option<Vec<Arc<VerifyingKey>>> {
        match self {
            Self::Unjudged | Self::Fixed(_) => None,
            Self::Set(set) => set.keys_anew(wanted).await,
        }
    }
}

impl From<KeySetError> for BackendError {
    fn from(error: KeySetError) -> Self {
        let kind = match error.kind {
            KeySetTrouble::Unreachable => Outage::Unreachable,
            KeySetTrouble::TimedOut => Outage::TimedOut,
            KeySetTrouble::Unusable => Outage::Failing,
        };
        Self::Unavailable { reason: error.to_string(), kind, retry_after: None }
    }
}
