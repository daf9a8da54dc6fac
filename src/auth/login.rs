//! Signing in, and registering.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;

use super::keys::AcceptError;
use super::{Auth, values_of};
use crate::backend::client::Grant;
use crate::backend::{BackendError, Refusal};
use crate::call::Values;
use crate::call::refusal::{speaks_of_what_was_typed, tells_nothing_about_accounts};
use crate::session::{Session, SessionId, StoreError, Ticket};
use crate::token::TokenError;
use crate::user::User;

/// A session that has just begun.
#[derive(Debug)]
pub(crate) struct SignedIn {
    pub(crate) ticket: Ticket,
    pub(crate) session: Session,
}

/// Why nobody was signed in or registered.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SignInError {
    #[error("too many attempts")]
    Limited { retry_after: Duration },
    /// The backend said no. `text` is the sentence configured for it, if there is one.
    #[error("refused with {status}", status = .refusal.status)]
    Refused { refusal: Refusal, text: Option<String> },
    /// The backend could not be asked, or answered what cannot be used.
    #[error(transparent)]
    Backend(BackendError),
    /// The backend's own token is not acceptable: the pair is misconfigured.
    #[error("the access token from the backend is not accepted: {0}")]
    Token(#[from] TokenError),
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<AcceptError> for SignInError {
    fn from(error: AcceptError) -> Self {
        match error {
            AcceptError::Token(error) => Self::Token(error),
            AcceptError::Backend(error) => Self::Backend(error),
        }
    }
}

/// Who asks, as far as limits and old sessions are concerned.
pub(crate) struct Applicant<'a> {
    pub(crate) address: IpAddr,
    /// What the browser says of itself.
    pub(crate) agent: &'a str,
    /// The session that the browser still has; it ends when the new one begins, so that nobody
    /// can plant a session that the visitor then signs into.
    pub(crate) old_ticket: Option<&'a Ticket>,
}

impl Applicant<'_> {
    /// What is sent, and who the browser is that it comes from.
    fn with(&self, inputs: &Values) -> Values {
        let mut values = inputs.clone();
        values.extend(client_values(self.address, self.agent));
        values
    }
}

/// What calls may say about the browser that they are made for.
pub(super) fn client_values(address: IpAddr, agent: &str) -> [(String, Value); 2] {
    [
        ("client.address".to_owned(), address.to_string().into()),
        ("client.agent".to_owned(), agent.into()),
    ]
}

/// What registering led to.
#[derive(Debug)]
pub(crate) enum Registered {
    SignedIn(Box<SignedIn>),
    /// The account is there; the visitor signs in by hand.
    SignInByHand,
    /// The backend has sent a mail that comes first.
    LookIntoMailbox,
}

impl Auth {
    /// Signs in with the values of the login form.
    pub(crate) async fn login(
        self: &Arc<Self>,
        inputs: &Values,
        account: &str,
        applicant: &Applicant<'_>,
    ) -> Result<SignedIn, SignInError> {
        let attempt = self
            .limiter
            .attempt(account, applicant.address)
            .map_err(|retry_after| SignInError::Limited { retry_after })?;
        let granted = self.client.login(&applicant.with(inputs)).await;
        if !matches!(granted, Err(BackendError::Rejected(_) | BackendError::Unauthorized(_))) {
            attempt.give_back();
        }
        let grant = granted.map_err(|error| without_telling(self.refused(error)))?;
        self.begin_session(&grant, applicant).await
    }

    /// Creates an account and, where the configuration says so, signs in.
    pub(crate) async fn register(
        self: &Arc<Self>,
        inputs: &Values,
        applicant: &Applicant<'_>,
    ) -> Result<Registered, SignInError> {
        let inputs = &applicant.with(inputs);
        self.client.register(inputs).await.map_err(|error| self.refused(error))?;
        if !self.client.signs_in_after_registering() {
            return Ok(Registered::LookIntoMailbox);
        }
        // The account exists from here on: whatever goes wrong now must not look like a failed registration.
        let signed_in = match self.client.login(inputs).await {
            Ok(grant) => self.begin_session(&grant, applicant).await,
            Err(error) => Err(self.refused(error)),
        };
        match signed_in {
            Ok(signed_in) => Ok(Registered::SignedIn(Box::new(signed_in))),
            Err(error) => {
                tracing::warn!(%error, "registered, but signing in right after it did not succeed");
                Ok(Registered::SignInByHand)
            }
        }
    }

    pub(super) async fn begin_session(
        self: &Arc<Self>,
        grant: &Grant,
        applicant: &Applicant<'_>,
    ) -> Result<SignedIn, SignInError> {
        let now = self.clock.unix_seconds();
        let tokens = self.accept(grant, now).await?;
        let mut session = Session {
            id: SessionId::random()?,
            tokens,
            user: User::default(),
            kept: grant.kept.clone(),
            created: now,
            last_seen: now,
            checked: now,
        };
        session.user = self.client.me(&values_of(&session)).await.map_err(just_issued)?;
        let ticket = self.store.create(&session).await?;
        if let Some(old) = applicant.old_ticket {
            self.end_the_one_before(old).await;
        }
        Ok(SignedIn { ticket, session })
    }

    /// The new session exists and is the visitor's; that the old one lingers is for the operator.
    async fn end_the_one_before(&self, old: &Ticket) {
        if let Ok(Some(session)) = self.store.load(old).await {
            self.leases.close(session.id.as_str());
        }
        if let Err(error) = self.store.destroy(old).await {
            tracing::warn!(%error, "the session before this one could not be ended");
        }
    }

    pub(super) fn refused(&self, error: BackendError) -> SignInError {
        match error {
            BackendError::Rejected(mut refusal) | BackendError::Unauthorized(mut refusal) => {
                let text = self.client.text_for(&refusal);
                for (_, said) in &mut refusal.fields {
                    *said = self.client.field_text(said);
                }
                SignInError::Refused { refusal, text }
            }
            other => SignInError::Backend(other),
        }
    }
}

/// Leaves of a refused login what does not tell a stranger who has an account. What the operator has
/// worded is meant to be read.
fn without_telling(error: SignInError) -> SignInError {
    let SignInError::Refused { mut refusal, text } = error else { return error };
    refusal.fields.retain(|(_, said)| speaks_of_what_was_typed(said));
    let said = refusal.message.take().filter(|said| tells_nothing_about_accounts(said));
    SignInError::Refused { refusal, text: text.or(said) }
}

/// A backend that refuses the token it has just issued is misconfigured; no visitor can mend that.
fn just_issued(error: BackendError) -> SignInError {
    SignInError::Backend(match error {
        BackendError::Rejected(refusal) | BackendError::Unauthorized(refusal) => {
            BackendError::Protocol(format!(
                "me refused ({}) the access token that login had just brought; check [backend.me] and [backend] auth",
                refusal.status
            ))
        }
        other => other,
    })
}
