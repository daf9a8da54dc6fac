//! From a ticket to somebody: the refresh table of docs/LIFE-OF-A-REQUEST.md, row by row.

use std::sync::Arc;
use std::time::Duration;

use tracing::{info, warn};

use super::refresh::Outcome;
use super::{Auth, values_of};
use crate::backend::BackendError;
use crate::session::{Session, StoreError, Ticket};
use crate::token::Freshness;

/// Who is behind a request.
#[derive(Debug)]
pub(crate) enum Resolved {
    /// No session, or a ticket that leads nowhere.
    Nobody,
    /// Somebody.
    Signed(Box<Signed>),
    /// There was a session until now.
    Ended,
    /// There is a session, but its access token is dead and the backend cannot renew it now.
    Waiting { retry_after: Duration },
    /// The session store does not answer.
    StoreDown(StoreError),
}

/// A live session.
#[derive(Debug)]
pub(crate) struct Signed {
    pub(crate) session: Arc<Session>,
    /// What the browser has to be given in place of its ticket.
    pub(crate) new_ticket: Option<NewTicket>,
}

/// A ticket to send with the answer.
#[derive(Debug)]
pub(crate) struct NewTicket {
    pub(crate) ticket: Ticket,
    /// True where only the time of the last visit changed: such a ticket must not overtake a
    /// refresh of a request that ran beside this one.
    pub(crate) only_touched: bool,
    /// When it was made, in seconds since 1970.
    at: u64,
}

impl NewTicket {
    /// The ticket of a session that has changed.
    pub(crate) fn renewed(ticket: Ticket, at: u64) -> Self {
        Self { ticket, only_touched: false, at }
    }
}

/// What a visitor is told to wait while the backend is away, where the backend does not say.
const RETRY_AFTER: Duration = Duration::from_secs(5);
/// The longest wait that is passed on from the backend.
const LONGEST_RETRY_AFTER: Duration = Duration::from_mins(5);
/// Seconds after which a merely touched ticket is not sent any more; well below the minute for which
/// successors are known.
const SEND_TOUCHED_WITHIN: u64 = 30;
/// Refreshed tokens that are due again at once are used as they are after so many rounds.
const MAX_ROUNDS: usize = 4;

impl Auth {
    /// Finds the session behind a ticket and sees to it that its access token can be used.
    pub(crate) async fn resolve(self: &Arc<Self>, ticket: &Ticket) -> Resolved {
        match self.store.load(ticket).await {
            Ok(Some(session)) if self.is_all_well(&session) => {
                self.leases.seen(session.id.as_str(), || self.ends_at(&session));
                Resolved::Signed(Box::new(Signed { session, new_ticket: None }))
            }
            // What is rarer lives in a box of its own, so that the future of every request is small.
            Ok(Some(session)) => Box::pin(self.keep_fresh(ticket, session)).await,
            Ok(None) if self.has_just_ended(ticket) => Resolved::Ended,
            Ok(None) => Resolved::Nobody,
            Err(error) => Resolved::StoreDown(error),
        }
    }

    /// Nothing has to be asked and nothing written down.
    fn is_all_well(&self, session: &Session) -> bool {
        self.freshness(session) == Freshness::Fresh
            && !self.is_visit_news(session)
            && !self.should_recheck(session)
    }

    /// Whether it is time to ask the backend about a session whose token says that it is good.
    fn should_recheck(&self, session: &Session) -> bool {
        let age = self.clock.unix_seconds().saturating_sub(session.checked);
        self.times.recheck.is_some_and(|every| age >= every.as_secs())
    }

    /// The idle time-out counts from the last visit, which is noted now and then.
    fn is_visit_news(&self, session: &Session) -> bool {
        let pause = (self.times.idle_timeout.as_secs() / 20).clamp(1, 300);
        self.clock.unix_seconds().saturating_sub(session.last_seen) >= pause
    }

    /// The ticket to send with an answer: that of the newest form of the session, since another
    /// request may have refreshed it while this one was at work. None where the news is too old to
    /// be sure that it still is news.
    pub(crate) fn ticket_to_send(&self, signed: &Signed) -> Option<Ticket> {
        let new = signed.new_ticket.as_ref()?;
        let age = self.clock.unix_seconds().saturating_sub(new.at);
        if new.only_touched && age > SEND_TOUCHED_WITHIN {
            return None;
        }
        Some(self.newest(new.ticket.clone(), Arc::clone(&signed.session)).0)
    }

    async fn keep_fresh(self: &Arc<Self>, ticket: &Ticket, loaded: Arc<Session>) -> Resolved {
        let mut ticket = ticket.clone();
        let mut session = loaded;
        let mut renewed = false;
        for _ in 0..MAX_ROUNDS {
            let freshness = self.freshness(&session);
            let dead = match freshness {
                Freshness::Fresh if !self.should_recheck(&session) => break,
                Freshness::Due => {
                    // Tokens that are due as soon as they arrive would be renewed for ever.
                    let leave =
                        renewed || !self.can_refresh(&session) || self.should_pause(&session);
                    if leave {
                        break;
                    }
                    false
                }
                Freshness::Expired => true,
                Freshness::Fresh | Freshness::Unknown => {
                    match self.check_with_backend(&session).await {
                        Check::Accepted => {
                            // The visit, and with it the check, has to be written down.
                            let checked = self.clock.unix_seconds();
                            session = Arc::new(Session {
                                checked,
                                last_seen: 0,
                                ..Session::clone(&session)
                            });
                            break;
                        }
                        Check::NotNow => break,
                        Check::Refused => true,
                    }
                }
            };
            if !self.can_refresh(&session) {
                return self.end(&ticket, &session).await;
            }
            match self.refresh(&ticket, &session).await {
                Outcome::Renewed(next) => {
                    (ticket, session) = self.newest(next.ticket.clone(), Arc::clone(&next.session));
                    renewed = true;
                }
                Outcome::Unavailable { retry_after } if dead => {
                    return Resolved::Waiting {
                        retry_after: retry_after.unwrap_or(RETRY_AFTER).min(LONGEST_RETRY_AFTER),
                    };
                }
                Outcome::Unavailable { .. } => break,
                Outcome::Ended => return Resolved::Ended,
            }
        }
        // Should the rounds have run out, a dead token is still not a session that can be used.
        if self.freshness(&session) == Freshness::Expired {
            return Resolved::Waiting { retry_after: RETRY_AFTER };
        }
        self.signed(ticket, session, renewed).await
    }

    fn freshness(&self, session: &Session) -> Freshness {
        let now = self.clock.unix_seconds();
        Freshness::of(session.tokens.expires_at, self.times.refresh_threshold, now)
    }

    /// Asks `me` now and then: of tokens whose life nobody knows only a 401 tells the end, and a session may
    /// end before its token does.
    async fn check_with_backend(&self, session: &Session) -> Check {
        let now = self.clock.unix_seconds();
        let every = self.times.recheck.unwrap_or(self.times.refresh_threshold);
        if now.saturating_sub(session.checked) < every.as_secs() {
            return Check::NotNow;
        }
        match self.client.me(&values_of(session)).await {
            Ok(_) => Check::Accepted,
            Err(BackendError::Rejected(_) | BackendError::Unauthorized(_)) => Check::Refused,
            Err(error) => {
                warn!(session = ?session.id, %error, "the token could not be checked; the session is kept");
                Check::NotNow
            }
        }
    }

    /// An app refused the token of this session: the newest token there is, or else one refresh. Where
    /// nothing can be refreshed and the life of the token is unknown, the backend is asked.
    pub(crate) async fn after_refusal(
        self: &Arc<Self>,
        ticket: &Ticket,
        mut signed: Box<Signed>,
    ) -> AfterRefusal {
        let (mut ticket, session) = self.newest(ticket.clone(), Arc::clone(&signed.session));
        if session.tokens.access == signed.session.tokens.access {
            let can_refresh = self.can_refresh(&session);
            if !can_refresh && session.tokens.expires_at.is_none() {
                return match self.client.me(&values_of(&session)).await {
                    Err(BackendError::Rejected(_) | BackendError::Unauthorized(_)) => {
                        self.end(&ticket, &session).await;
                        AfterRefusal::Ended
                    }
                    _ => AfterRefusal::Unchanged(signed),
                };
            }
            if !can_refresh || self.should_pause(&session) {
                return AfterRefusal::Unchanged(signed);
            }
            match self.refresh(&ticket, &session).await {
                Outcome::Renewed(next) => {
                    (ticket, signed.session) =
                        self.newest(next.ticket.clone(), Arc::clone(&next.session));
                }
                Outcome::Unavailable { .. } => return AfterRefusal::Unchanged(signed),
                Outcome::Ended => return AfterRefusal::Ended,
            }
        } else {
            signed.session = session;
        }
        let at = self.clock.unix_seconds();
        signed.new_ticket = Some(NewTicket { ticket, only_touched: false, at });
        AfterRefusal::Renewed(signed)
    }

    async fn end(&self, ticket: &Ticket, session: &Session) -> Resolved {
        info!(session = ?session.id, "the access token is dead and there is no refresh token");
        self.note_end(ticket);
        self.leases.close(session.id.as_str());
        if let Err(error) = self.store.destroy(ticket).await {
            warn!(%error, "the session store could not end a session");
        }
        Resolved::Ended
    }

    /// Notes the visit now and then; the idle time-out counts from it.
    async fn signed(&self, ticket: Ticket, mut session: Arc<Session>, renewed: bool) -> Resolved {
        let now = self.clock.unix_seconds();
        self.leases.seen(session.id.as_str(), || self.ends_at(&session));
        let mut new_ticket =
            renewed.then(|| NewTicket { ticket: ticket.clone(), only_touched: false, at: now });
        if self.is_visit_news(&session) {
            session = Arc::new(Session { last_seen: now, ..Session::clone(&session) });
            match self.store.touch(&ticket, &session, now).await {
                Ok(Some(ticket)) if self.store.ticket_changes() => {
                    new_ticket = Some(NewTicket { ticket, only_touched: !renewed, at: now });
                }
                Ok(Some(_)) => {}
                Ok(None) => return Resolved::Nobody,
                Err(error) => warn!(%error, "the visit could not be noted"),
            }
        }
        Resolved::Signed(Box::new(Signed { session, new_ticket }))
    }
}

/// What became of a session whose token an app refused.
#[derive(Debug)]
pub(crate) enum AfterRefusal {
    /// There is another token now.
    Renewed(Box<Signed>),
    /// There is none to be had.
    Unchanged(Box<Signed>),
    Ended,
}

/// What `me` says about a token of unknown life.
enum Check {
    /// Asked, and it lives.
    Accepted,
    /// Not asked now, or nobody could tell.
    NotNow,
    Refused,
}
