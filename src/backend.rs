//! The auth backend: who carries a declared call to it, and what can go wrong on the way.

pub(crate) mod client;
pub(crate) mod declared;
pub(crate) mod fault;
pub(crate) mod http;
mod judge;

pub(crate) use judge::Step;

use std::time::Duration;

use futures_util::future::BoxFuture;

use crate::call::{CallAnswer, CallRequest};

/// Something that answers backend calls: a server reached over HTTP, the built-in backend in this
/// process, or an embedder's own.
///
/// It answers with whatever status the backend gave. Only what kept an answer from arriving whole is
/// an error, and then always [`BackendError::Unavailable`] or [`BackendError::Protocol`].
pub trait Backend: Send + Sync {
    /// Carries the request and waits for the whole answer, within the carrier's own limits of time and size.
    fn send(&self, request: CallRequest) -> BoxFuture<'_, Result<CallAnswer, BackendError>>;
}

/// Why a step with the backend did not succeed.
#[derive(Debug, thiserror::Error)]
pub enum BackendError {
    /// The backend understood and said no: wrong input, taken e-mail, spent refresh token.
    #[error("refused with {status}", status = .0.status)]
    Rejected(Refusal),
    /// The backend does not accept the credentials or the token (401).
    #[error("not accepted ({status})", status = .0.status)]
    Unauthorized(Refusal),
    /// Nobody knows whether the backend would have agreed: it was not reached, too slow, or failing.
    #[error("unavailable: {reason}")]
    Unavailable {
        /// What happened, for the operator.
        reason: String,
        /// Which page tells the visitor about it.
        kind: Outage,
        /// The backend's own `Retry-After`.
        retry_after: Option<Duration>,
    },
    /// The backend answered something that the declared call does not fit.
    #[error("answer not understood: {0}")]
    Protocol(String),
}

/// What kind of outage.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outage {
    /// No connection.
    Unreachable,
    /// No answer in time.
    TimedOut,
    /// The backend asks for fewer requests (429).
    Busy,
    /// An answer of 5xx, 408 or 425, or half an answer.
    Failing,
}

/// What the backend said when it refused.
#[derive(Clone, Debug, Default)]
pub struct Refusal {
    /// Its status.
    pub status: u16,
    /// For the log: the call, the status and the keys of the answer, never its values.
    pub described: String,
    /// Its sentence for the visitor, if it had one.
    pub message: Option<String>,
    /// Its own names for what is wrong, such as `LOGIN_BAD_CREDENTIALS`.
    pub codes: Vec<String>,
    /// Its sentences for single inputs: (input as our form calls it, sentence).
    pub fields: Vec<(String, String)>,
}
