//! What the product means: signing in, staying signed in, signing out. No HTTP types, no wording.

pub(crate) mod keys;
mod leases;
pub(crate) mod limiter;
pub(crate) mod login;
pub(crate) mod refresh;
pub(crate) mod resolve;
pub(crate) mod submit;

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use tracing::warn;

use crate::auth::keys::{AcceptError, TokenKeys};
use crate::auth::limiter::{Attempt, LoginLimiter};
use crate::auth::refresh::RefreshTable;
use crate::backend::client::{BackendClient, Grant};
use crate::call::Values;
use crate::clock::Clock;
use crate::session::{Session, SessionStore, Ticket, Tokens};
use crate::token::{TokenError, TokenVerifier};
use crate::upstream::lease::Leases;

/// The rooms that signing in and staying signed in need, and the rules between them.
pub(crate) struct Auth {
    pub(crate) client: BackendClient,
    store: Arc<dyn SessionStore>,
    verifier: TokenVerifier,
    keys: Arc<TokenKeys>,
    limiter: Arc<LoginLimiter>,
    refreshes: Arc<RefreshTable>,
    times: Times,
    leases: Arc<Leases>,
    clock: Clock,
}

/// What is kept from one [`Auth`] to the next when the configuration is read anew: nobody who is signed in,
/// or just being renewed, notices. Copies share everything.
#[derive(Clone)]
pub(crate) struct Lasting {
    pub(crate) store: Arc<dyn SessionStore>,
    pub(crate) keys: Arc<TokenKeys>,
    pub(crate) limiter: Arc<LoginLimiter>,
    pub(crate) refreshes: Arc<RefreshTable>,
    pub(crate) leases: Arc<Leases>,
}

/// The durations of `[session]`; the store judges the last two, and here they say when a stream ends.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Times {
    pub(crate) refresh_threshold: Duration,
    /// How often the backend is asked whether a session goes on whose token is still good. None: never.
    pub(crate) recheck: Option<Duration>,
    pub(crate) idle_timeout: Duration,
    pub(crate) max_lifetime: Duration,
}

impl Auth {
    pub(crate) fn new(
        client: BackendClient,
        lasting: Lasting,
        verifier: TokenVerifier,
        times: Times,
        clock: Clock,
    ) -> Self {
        let Lasting { store, keys, limiter, refreshes, leases } = lasting;
        Self { client, store, verifier, keys, limiter, refreshes, times, leases, clock }
    }

    /// Counts an attempt to sign in that is made past the login form.
    pub(crate) fn attempt(&self, account: &str, address: IpAddr) -> Result<Attempt, Duration> {
        self.limiter.attempt(account, address)
    }

    /// Ends a session here and at the backend. The session here ends whatever the backend says.
    pub(crate) async fn logout(self: &Arc<Self>, ticket: &Ticket) {
        let session = match self.store.load_newest(ticket).await {
            Ok(Some(session)) => self.for_logout(ticket, session).await,
            Ok(None) => None,
            Err(error) => {
                warn!(%error, "the session store could not be asked at sign-out");
                None
            }
        };
        let ended = session.as_ref().map_or(ticket, |(newest, _)| newest);
        for ticket in [ticket, ended] {
            if let Err(error) = self.store.destroy(ticket).await {
                warn!(%error, "the session store could not end a session");
            }
        }
        if let Some((_, session)) = session {
            self.leases.close(session.id.as_str());
            self.client.logout(&values_of(&session)).await;
        }
    }

    /// The newest form of the session. Where the backend wants a live access token for signing out,
    /// a dead one is renewed first: otherwise the refresh token would live on there.
    async fn for_logout(
        self: &Arc<Self>,
        ticket: &Ticket,
        session: Arc<Session>,
    ) -> Option<(Ticket, Arc<Session>)> {
        let (ticket, session) = self.newest(ticket.clone(), session);
        let dead = session.tokens.expires_at.is_some_and(|end| end <= self.clock.unix_seconds());
        if dead
            && self.client.logout_needs_access_token()
            && let refresh::Outcome::Renewed(renewed) = self.refresh(&ticket, &session).await
        {
            return Some((renewed.ticket.clone(), Arc::clone(&renewed.session)));
        }
        Some((ticket, session))
    }

    /// When a session that a request has just come with ends by itself, in Unix seconds.
    fn ends_at(&self, session: &Session) -> u64 {
        self.end_after(session, session.last_seen.max(self.clock.unix_seconds()))
    }

    /// When a session ends by itself if `visit` was the last.
    fn end_after(&self, session: &Session, visit: u64) -> u64 {
        let idle = visit.saturating_add(self.times.idle_timeout.as_secs());
        let end = idle.min(session.created.saturating_add(self.times.max_lifetime.as_secs()));
        match session.tokens.expires_at {
            Some(expiry) if !self.can_refresh(session) => end.min(expiry),
            _ => end,
        }
    }

    /// Whether there is something to renew the session's tokens with.
    fn can_refresh(&self, session: &Session) -> bool {
        self.client.can_refresh(|name| knows(session, name))
    }

    /// Verifies what an answer granted and turns it into tokens. `arrived` is when that was, in seconds
    /// since 1970: lifetimes count from there.
    async fn accept(&self, grant: &Grant, arrived: u64) -> Result<Tokens, AcceptError> {
        let expires_at = self.judge(grant, arrived).await?;
        let threshold = self.times.refresh_threshold.as_secs();
        if let Some(end) = expires_at.filter(|end| end.saturating_sub(arrived) <= threshold) {
            warn!(
                lifetime_s = end.saturating_sub(arrived),
                refresh_threshold_s = threshold,
                "access tokens live no longer than [session] refresh_threshold, so every request refreshes; lower refresh_threshold to a quarter of the lifetime"
            );
        }
        Ok(Tokens { access: grant.access.clone(), refresh: grant.refresh.clone(), expires_at })
    }

    async fn judge(&self, grant: &Grant, arrived: u64) -> Result<Option<u64>, AcceptError> {
        let judge = |keys: &[_]| self.verifier.judge(&grant.access, keys, grant.life, arrived);
        let Some(wanted) = self.verifier.wanted(&grant.access)? else { return Ok(judge(&[])?) };
        let keys = self.keys.for_token(&wanted).await?;
        let verdict = judge(&keys);
        if matches!(verdict, Err(TokenError::Signature(_)))
            && let Some(keys) = self.keys.for_second_try(&wanted).await
        {
            return Ok(judge(&keys)?);
        }
        Ok(verdict?)
    }
}

/// What the placeholders of a call with this session stand for.
fn values_of(session: &Session) -> Values {
    let mut values: Values = session.kept.clone();
    values.insert("access_token".to_owned(), session.tokens.access.expose().into());
    if let Some(refresh) = &session.tokens.refresh {
        values.insert("refresh_token".to_owned(), refresh.expose().into());
    }
    values.insert("user.id".to_owned(), session.user.id.clone().into());
    values.insert("user.email".to_owned(), session.user.email.clone().into());
    values.insert("user.name".to_owned(), session.user.name.clone().into());
    let claims = session.user.claims.iter();
    values.extend(claims.map(|(name, value)| (format!("claims.{name}"), value.clone())));
    values
}

/// Whether [`values_of`] has this one; asked with every request, so nothing is copied.
fn knows(session: &Session, name: &str) -> bool {
    match name {
        "access_token" | "user.id" | "user.email" => true,
        "refresh_token" if session.tokens.refresh.is_some() => true,
        _ => session.kept.contains_key(name),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::secret::Secret;
    use crate::session::{SessionId, User};

    #[test]
    fn what_a_session_knows_is_what_its_calls_are_given() {
        for refresh in [None, Some(Secret::new("r"))] {
            let session = Session {
                id: SessionId::random().unwrap(),
                tokens: Tokens { access: Secret::new("a"), refresh, expires_at: None },
                user: User::default(),
                kept: BTreeMap::from([("csrf".to_owned(), "c".into())]),
                created: 0,
                last_seen: 0,
                checked: 0,
            };
            let values = values_of(&session);
            let names = ["access_token", "refresh_token", "user.id", "user.email", "csrf", "other"];
            for name in names {
                assert_eq!(knows(&session, name), values.contains_key(name), "{name}");
            }
        }
    }
}
