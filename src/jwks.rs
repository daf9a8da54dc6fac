//! The backend's public keys: a set behind an address (RFC 7517), fetched when it is needed and kept.
//!
//! A key that nobody knows is the sign of a rotation, so it causes one fetch, however many tokens ask
//! for it, and not more often than the cool-down allows. While the set cannot be fetched, the keys
//! that are known go on serving.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures_util::FutureExt as _;
use futures_util::future::{BoxFuture, Shared};
use tracing::{debug, error, warn};
use url::Url;

use crate::clock::Clock;
use crate::token::{VerifyingKey, Wanted, read_key_set};

/// After this a set is fetched again in the background, so that withdrawn keys do not serve for ever.
const MAX_AGE: Duration = Duration::from_mins(10);
/// The shortest pause after a fetch that succeeded.
const COOL_DOWN: Duration = Duration::from_secs(30);
/// The shortest pause after one that failed. Visitors who are told to wait are told as much.
const RETRY: Duration = Duration::from_secs(5);
/// Many times what a set with certificates has.
const MAX_SET: usize = 256 * 1024;

/// Keys behind an address.
pub(crate) struct KeySet(Arc<Source>);

struct Source {
    client: reqwest::Client,
    url: Url,
    clock: Clock,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    keys: Vec<Arc<VerifyingKey>>,
    /// When the keys came, in milliseconds since 1970.
    fetched: u64,
    /// When the last fetch ended, if there was one.
    tried: Option<u64>,
    /// Why the last fetch failed, if it did.
    trouble: Option<KeySetError>,
    flight: Option<Flight>,
}

type Flight = Shared<BoxFuture<'static, ()>>;

/// Why nobody knows whether a token is good: the keys could not be fetched.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the keys behind `token.jwks_url` cannot be had: {reason}")]
pub(crate) struct KeySetError {
    pub(crate) reason: String,
    pub(crate) kind: KeySetTrouble,
}

/// What kind of trouble.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum KeySetTrouble {
    /// No connection.
    Unreachable,
    /// No whole answer in time.
    TimedOut,
    /// An answer that is not a set of keys.
    Unusable,
}

impl KeySet {
    /// Nothing is fetched before the first token asks. The client must not follow redirects, and its
    /// time-out bounds a fetch.
    pub(crate) fn new(client: reqwest::Client, url: Url, clock: Clock) -> Self {
        Self(Arc::new(Source { client, url, clock, state: Mutex::default() }))
    }

    /// The keys that may have signed a token. Empty where the set, as new as it may be, has none; an
    /// error where nobody can tell.
    pub(crate) async fn keys_for(
        &self,
        wanted: &Wanted,
    ) -> Result<Vec<Arc<VerifyingKey>>, KeySetError> {
        let flight = {
            let mut state = self.0.lock();
            let now = self.0.clock.unix_millis();
            let found = state.fitting(wanted);
            if !found.is_empty() {
                if now.saturating_sub(state.fetched) >= millis(MAX_AGE) {
                    // Nobody waits for it: what is known serves meanwhile.
                    drop(self.0.take_off(&mut state, now));
                }
                return Ok(found);
            }
            self.0.take_off(&mut state, now)
        };
        if let Some(flight) = flight {
            flight.await;
        }
        let state = self.0.lock();
        let found = state.fitting(wanted);
        match &state.trouble {
            Some(trouble) if found.is_empty() => Err(trouble.clone()),
            _ => Ok(found),
        }
    }

    /// The same after none of the keys that were known verified a signature: the backend may have a
    /// new key under an old name. None where the set was not fetched again.
    pub(crate) async fn keys_anew(&self, wanted: &Wanted) -> Option<Vec<Arc<VerifyingKey>>> {
        let flight = {
            let mut state = self.0.lock();
            let now = self.0.clock.unix_millis();
            self.0.take_off(&mut state, now)
        };
        flight?.await;
        let state = self.0.lock();
        state.trouble.is_none().then(|| state.fitting(wanted))
    }
}

impl Source {
    /// Starts a fetch, or joins the one under way. None where the last one was a moment ago.
    fn take_off(self: &Arc<Self>, state: &mut State, now: u64) -> Option<Flight> {
        if let Some(flight) = &state.flight {
            return Some(flight.clone());
        }
        let pause = if state.trouble.is_some() { RETRY } else { COOL_DOWN };
        if state.tried.is_some_and(|tried| now.saturating_sub(tried) < millis(pause)) {
            return None;
        }
        // A task of its own, so that a request that is dropped strands nobody. It needs the lock to
        // land, so it cannot be done before its flight is in the state.
        let source = Arc::clone(self);
        let task = tokio::spawn(async move {
            let fetched = source.fetch().await;
            source.land(fetched);
        });
        let lost = Arc::clone(self);
        let flight = async move {
            if let Err(panic) = task.await {
                error!(%panic, "fetching the keys broke off");
                lost.land(Err(unusable("fetching them broke off")));
            }
        };
        let flight = flight.boxed().shared();
        state.flight = Some(flight.clone());
        Some(flight)
    }

    fn land(&self, fetched: Result<Vec<Arc<VerifyingKey>>, KeySetError>) {
        let mut state = self.lock();
        let now = self.clock.unix_millis();
        state.flight = None;
        state.tried = Some(now);
        match fetched {
            Ok(keys) => {
                debug!(keys = keys.len(), "the backend's keys were fetched");
                state.keys = keys;
                state.fetched = now;
                state.trouble = None;
            }
            Err(trouble) => {
                warn!(cause = %trouble, kept = state.keys.len(), "the backend's keys were not fetched; those that are known go on serving");
                state.trouble = Some(trouble);
            }
        }
    }

    async fn fetch(&self) -> Result<Vec<Arc<VerifyingKey>>, KeySetError> {
        let request = self.client.get(self.url.clone()).header("accept", "application/json");
        let mut response = request.send().await.map_err(|error| self.outage(&error))?;
        let status = response.status();
        if status.is_redirection() {
            let to = response.headers().get("location").and_then(|value| value.to_str().ok());
            let to = to.unwrap_or("nowhere").split('?').next().unwrap_or_default();
            return Err(unusable(format!(
                "{} answered {}, a redirect to {to}; redirects are not followed, so put the final address into jwks_url",
                self.shown(),
                status.as_u16()
            )));
        }
        if !status.is_success() {
            return Err(unusable(format!(
                "{} answered {}; is that where the backend shows its keys?",
                self.shown(),
                status.as_u16()
            )));
        }
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(|error| self.outage(&error))? {
            if body.len() + chunk.len() > MAX_SET {
                return Err(unusable(format!(
                    "{} sends more than {MAX_SET} bytes, which is no set of keys",
                    self.shown()
                )));
            }
            body.extend_from_slice(&chunk);
        }
        read_key_set(&body)
            .map_err(|what| unusable(format!("{} has {what}, and no keys to use", self.shown())))
    }

    /// Of reqwest's words only the innermost cause is used: the others repeat the address with its
    /// query, which could hold something private.
    fn outage(&self, error: &reqwest::Error) -> KeySetError {
        let (kind, what) = if error.is_timeout() {
            (KeySetTrouble::TimedOut, "no whole answer came in time from")
        } else if error.is_connect() {
            (KeySetTrouble::Unreachable, "no connection to")
        } else {
            (KeySetTrouble::Unreachable, "the connection broke to")
        };
        let mut reason = format!("{what} {}", self.shown());
        let causes =
            std::iter::successors(std::error::Error::source(error), |cause| cause.source());
        if let Some(cause) = causes.last() {
            reason = format!("{reason} ({cause})");
        }
        KeySetError { reason, kind }
    }

    /// The address without its query.
    fn shown(&self) -> String {
        let mut url = self.url.clone();
        url.set_query(None);
        url.into()
    }

    /// A panic while the lock was held left plain data behind, which is as good as before.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// Keys with the name that the token says; where there are none, those that have no name. All that
    /// fit the algorithm, where the token names none.
    fn fitting(&self, wanted: &Wanted) -> Vec<Arc<VerifyingKey>> {
        let able = || self.keys.iter().filter(|key| key.can(wanted.algorithm));
        let Some(kid) = &wanted.kid else { return able().cloned().collect() };
        let named: Vec<_> = able().filter(|key| key.id() == Some(kid)).cloned().collect();
        if named.is_empty() {
            return able().filter(|key| key.id().is_none()).cloned().collect();
        }
        named
    }
}

fn unusable(reason: impl Into<String>) -> KeySetError {
    KeySetError { reason: reason.into(), kind: KeySetTrouble::Unusable }
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests;
