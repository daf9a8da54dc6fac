//! New tokens for old: one refresh per session at a time, however many requests arrive.
//!
//! The first request with a refresh token leads: it starts a task of its own, so that a request that
//! is dropped strands nobody. The others wait for the same outcome. For a minute after a success, a
//! request that still has the old token gets the successor.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use aws_lc_rs::digest::{Context, SHA256};
use futures_util::FutureExt as _;
use futures_util::future::{BoxFuture, Shared};
use tracing::{error, info, warn};

use super::keys::AcceptError;
use super::{Auth, values_of};
use crate::backend::BackendError;
use crate::backend::client::Grant;
use crate::secret::Secret;
use crate::session::{Session, Ticket, Tokens};

/// How long a spent refresh token still leads to its successor.
const GRACE: u64 = 60;
/// How long new tokens are kept that cannot be judged, since the keys cannot be fetched.
const HOLD: u64 = 3600;
/// The longest pause between two attempts while the old access token still lives.
const MAX_BACK_OFF: u64 = 30;
/// A chain of successors longer than this within one minute is a backend gone mad.
const MAX_CHAIN: usize = 16;

/// What became of a refresh.
#[derive(Clone, Debug)]
pub(crate) enum Outcome {
    /// Stored, and ready to be used.
    Renewed(Arc<Renewed>),
    /// Nobody knows: the backend was not reached, failed, or answered what cannot be read.
    Unavailable { retry_after: Option<Duration> },
    /// The backend refused, or the session was ended meanwhile.
    Ended,
}

/// A session with new tokens and the ticket that now leads to it.
#[derive(Debug)]
pub(crate) struct Renewed {
    pub(crate) ticket: Ticket,
    pub(crate) session: Arc<Session>,
}

type Key = [u8; 32];
type Flight = Shared<BoxFuture<'static, Outcome>>;

/// The refreshes under way and the successors of the last minute.
#[derive(Default)]
pub(crate) struct RefreshTable(Mutex<Inner>);

#[derive(Default)]
struct Inner {
    flights: HashMap<Key, Flight>,
    successors: HashMap<Key, Successor>,
    pauses: HashMap<Key, Pause>,
    /// Tickets whose session ended a moment ago, until when that is remembered: requests that ran
    /// beside the one that ended it are told so too.
    ended: HashMap<Key, u64>,
    held: HashMap<Key, Held>,
}

struct Successor {
    renewed: Arc<Renewed>,
    until: u64,
}

/// New tokens that nobody could judge yet.
struct Held {
    grant: Grant,
    arrived: u64,
}

struct Pause {
    until: u64,
    length: u64,
}

impl Auth {
    /// Gets new tokens for a session whose refresh token is known, or joins whoever is getting them.
    pub(crate) async fn refresh(self: &Arc<Self>, ticket: &Ticket, session: &Session) -> Outcome {
        if !self.can_refresh(session) {
            return Outcome::Ended;
        }
        let key = key_of(&session.tokens);
        let flight = {
            let mut table = self.refreshes.lock();
            if let Some(successor) = table.successors.get(&key)
                && successor.until > self.clock.unix_seconds()
            {
                return Outcome::Renewed(Arc::clone(&successor.renewed));
            }
            // The task that is started here needs the same lock to report, so it cannot be done
            // before its flight is in the table.
            table.flights.entry(key).or_insert_with(|| self.take_off(key, ticket, session)).clone()
        };
        flight.await
    }

    /// Whether a refresh that failed a moment ago should be left alone for now.
    pub(crate) fn should_pause(&self, session: &Session) -> bool {
        let now = self.clock.unix_seconds();
        let key = key_of(&session.tokens);
        self.refreshes.lock().pauses.get(&key).is_some_and(|pause| pause.until > now)
    }

    /// Remembers what a session has become outside of a refresh, for requests that ran beside it.
    pub(crate) fn note_successor(&self, before: &Session, ticket: &Ticket, session: &Session) {
        let key = key_of(&before.tokens);
        if key_of(&session.tokens) == key {
            return;
        }
        let now = self.clock.unix_seconds();
        let renewed =
            Arc::new(Renewed { ticket: ticket.clone(), session: Arc::new(session.clone()) });
        let mut table = self.refreshes.lock();
        table.sweep(now);
        table.successors.insert(key, Successor { renewed, until: now + GRACE });
    }

    /// Remembers that the session of this ticket has just ended by itself.
    pub(crate) fn note_end(&self, ticket: &Ticket) {
        let now = self.clock.unix_seconds();
        let mut table = self.refreshes.lock();
        table.sweep(now);
        table.ended.insert(digest_of(&[ticket.as_str()]), now + GRACE);
    }

    /// Whether the session of this ticket ended by itself a moment ago.
    pub(crate) fn has_just_ended(&self, ticket: &Ticket) -> bool {
        let table = self.refreshes.lock();
        let until = table.ended.get(&digest_of(&[ticket.as_str()]));
        until.is_some_and(|until| *until > self.clock.unix_seconds())
    }

    /// Follows the successors of the last minute to the newest form of a session.
    pub(crate) fn newest(
        &self,
        mut ticket: Ticket,
        mut session: Arc<Session>,
    ) -> (Ticket, Arc<Session>) {
        let table = self.refreshes.lock();
        let now = self.clock.unix_seconds();
        for _ in 0..MAX_CHAIN {
            let successor = table
                .successors
                .get(&key_of(&session.tokens))
                .filter(|successor| successor.until > now);
            let Some(Successor { renewed, .. }) = successor else { break };
            ticket = renewed.ticket.clone();
            session = Arc::clone(&renewed.session);
        }
        (ticket, session)
    }

    fn take_off(self: &Arc<Self>, key: Key, ticket: &Ticket, session: &Session) -> Flight {
        let (auth, ticket, session) = (Arc::clone(self), ticket.clone(), session.clone());
        let task = tokio::spawn(async move {
            let outcome = auth.renew(&ticket, &session).await;
            auth.land(key, &outcome);
            outcome
        });
        let lost = Arc::clone(self);
        async move {
            task.await.unwrap_or_else(|panic| {
                error!(%panic, "a refresh broke off");
                let outcome = Outcome::Unavailable { retry_after: None };
                lost.land(key, &outcome);
                outcome
            })
        }
        .boxed()
        .shared()
    }

    fn land(&self, key: Key, outcome: &Outcome) {
        let now = self.clock.unix_seconds();
        let mut table = self.refreshes.lock();
        table.flights.remove(&key);
        table.sweep(now);
        match outcome {
            // The very same tokens lead nowhere else: they are asked for again in a while, or when they are dead.
            Outcome::Renewed(renewed) if key_of(&renewed.session.tokens) == key => {
                table.pauses.insert(key, Pause { until: now + MAX_BACK_OFF, length: 0 });
            }
            Outcome::Renewed(renewed) => {
                table.pauses.remove(&key);
                let renewed = Arc::clone(renewed);
                table.successors.insert(key, Successor { renewed, until: now + GRACE });
            }
            Outcome::Unavailable { retry_after } => {
                let before = table.pauses.get(&key).map_or(0, |pause| pause.length);
                let asked = retry_after.map_or(0, |wait| wait.as_secs());
                let length = (before * 2).max(1).max(asked).min(MAX_BACK_OFF);
                table.pauses.insert(key, Pause { until: now + length, length });
            }
            Outcome::Ended => {
                table.pauses.remove(&key);
            }
        }
    }

    /// The work of the leader: ask, verify, store, and only then say so.
    async fn renew(&self, ticket: &Ticket, session: &Session) -> Outcome {
        let key = key_of(&session.tokens);
        // Another process may have spent the token a moment ago; some backends end a sign-in whose token
        // is spent twice.
        if let Ok(Some(stored)) = self.store.load_newest(ticket).await
            && key_of(&stored.tokens) != key
        {
            return Outcome::Renewed(Arc::new(Renewed { ticket: ticket.clone(), session: stored }));
        }
        // Tokens that could not be judged are judged again, since the backend may take the old ones
        // no more.
        let held = self.refreshes.lock().held.remove(&key);
        let (granted, arrived) = if let Some(held) = held {
            (Ok(held.grant), held.arrived)
        } else {
            let granted = self.client.refresh(&values_of(session)).await;
            (granted, self.clock.unix_seconds())
        };
        let grant = match granted {
            Ok(grant) => grant,
            Err(BackendError::Rejected(refusal) | BackendError::Unauthorized(refusal)) => {
                if matches!(refusal.status, 404 | 405 | 406 | 415) {
                    warn!(session = ?session.id, answer = refusal.described, "the backend refused to refresh, with a status that speaks of a wrong path or encoding; check [backend.refresh]");
                } else {
                    info!(session = ?session.id, answer = refusal.described, "the backend refused to refresh");
                }
                return self.look_once_more(ticket, session).await;
            }
            Err(BackendError::Unavailable { reason, retry_after, .. }) => {
                warn!(session = ?session.id, reason, "the backend could not refresh; the session is kept");
                return Outcome::Unavailable { retry_after };
            }
            Err(error @ BackendError::Protocol(_)) => {
                error!(session = ?session.id, %error, "the backend's refresh answer cannot be used; the session is kept");
                return Outcome::Unavailable { retry_after: None };
            }
        };
        let mut tokens = match self.accept(&grant, arrived).await {
            Ok(tokens) => tokens,
            Err(AcceptError::Backend(error)) => {
                warn!(session = ?session.id, %error, "the backend's new access token cannot be judged; the session is kept");
                self.hold(key, Held { grant, arrived });
                return Outcome::Unavailable { retry_after: None };
            }
            Err(AcceptError::Token(error)) => {
                error!(session = ?session.id, %error, "the backend's new access token is not accepted; the session is kept");
                // The set may have the key a moment later, or is not fetched again before that.
                let age = self.clock.unix_seconds().saturating_sub(arrived);
                if age < GRACE && error.may_pass() {
                    self.hold(key, Held { grant, arrived });
                }
                return Outcome::Unavailable { retry_after: None };
            }
        };
        // What a refresh does not return stays. A token that comes back unchanged lives no longer than before.
        tokens.refresh = tokens.refresh.or_else(|| session.tokens.refresh.clone());
        if grant.life.is_none() && tokens.access == session.tokens.access {
            tokens.expires_at = session.tokens.expires_at;
        }
        let now = self.clock.unix_seconds();
        let mut renewed = Session { tokens, last_seen: now, checked: now, ..session.clone() };
        renewed.kept.extend(grant.kept);
        match self.client.me(&values_of(&renewed)).await {
            Ok(user) => renewed.user = user,
            Err(error) => {
                warn!(session = ?session.id, %error, "the user was not read again; what was known stays");
            }
        }
        match self.store.replace(ticket, &renewed).await {
            Ok(Some(ticket)) => {
                let session = Arc::new(renewed);
                Outcome::Renewed(Arc::new(Renewed { ticket, session }))
            }
            Ok(None) => {
                info!(session = ?session.id, "signed out while it was being refreshed");
                self.leases.close(session.id.as_str());
                self.client.logout(&values_of(&renewed)).await;
                Outcome::Ended
            }
            Err(error) => {
                error!(session = ?session.id, %error, "the new tokens could not be stored");
                Outcome::Unavailable { retry_after: None }
            }
        }
    }

    fn hold(&self, key: Key, held: Held) {
        self.refreshes.lock().held.insert(key, held);
    }

    /// After a refusal: another request or replica may have renewed the stored session meanwhile.
    async fn look_once_more(&self, ticket: &Ticket, session: &Session) -> Outcome {
        match self.store.load_newest(ticket).await {
            Ok(Some(stored)) if key_of(&stored.tokens) != key_of(&session.tokens) => {
                Outcome::Renewed(Arc::new(Renewed { ticket: ticket.clone(), session: stored }))
            }
            Ok(_) => {
                self.note_end(ticket);
                self.leases.close(session.id.as_str());
                if let Err(error) = self.store.destroy(ticket).await {
                    warn!(%error, "the session store could not end a session");
                }
                Outcome::Ended
            }
            Err(error) => {
                warn!(%error, "the session store could not be asked after a refusal; the session is kept");
                Outcome::Unavailable { retry_after: None }
            }
        }
    }
}

impl RefreshTable {
    /// A panic while the lock was held left plain maps behind, which are as good as before.
    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inner {
    /// Forgets what is over. Runs once per refresh, so the maps hold little more than the last minute.
    fn sweep(&mut self, now: u64) {
        self.successors.retain(|_, successor| successor.until > now);
        self.held.retain(|_, held| held.arrived + HOLD > now);
        self.pauses.retain(|_, pause| pause.until + MAX_BACK_OFF > now);
        self.ended.retain(|_, until| *until > now);
    }
}

/// What is spent by a refresh. Both tokens, since there are backends whose refresh token stays the
/// same: with it alone, the first refresh would pass for every later one.
fn key_of(tokens: &Tokens) -> Key {
    digest_of(&[tokens.access.expose(), tokens.refresh.as_ref().map_or("", Secret::expose)])
}

fn digest_of(texts: &[&str]) -> Key {
    let mut context = Context::new(&SHA256);
    for text in texts {
        context.update(text.as_bytes());
        context.update(&[0]);
    }
    let mut key = [0; 32];
    key.copy_from_slice(context.finish().as_ref());
    key
}
