//! The store in the browser: the ticket is the sealed session itself, and the server keeps nothing.
//!
//! What it cannot do, because it keeps nothing: end a session everywhere. [`CookieStore`] remembers
//! the sessions that ended in *this* process, and refuses their old tickets. Another process, or
//! this one after a restart, takes a copied ticket until its idle timeout or its maximal lifetime
//! is over. The same holds for the other sessions of a user: that those which began until a certain
//! second are over is remembered in this process alone. Nor does it know which of two tickets of one
//! session is the newer. Who needs any of it takes a server-side store.

use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::{BoxFuture, ready};
use moka::Entry;
use moka::policy::EvictionPolicy;
use moka::sync::Cache;

use super::key_ring::KeyRing;
use super::{Lifetimes, Loaded, Session, SessionId, SessionStore, StoreError, Ticket, wire};
use crate::clock::Clock;
use crate::secret::Secret;

/// What the keys are for, and nothing else.
const PURPOSE: &str = "session cookie";

/// Three cookies with room for their names and attributes within the 4096 bytes that browsers take.
const LIMIT: usize = 3 * 3800;

/// So many ended sessions are remembered; one more, and the one that ended first is forgotten.
const REMEMBERED: u64 = 100_000;

/// So many opened tickets are remembered, for so long at most: what pages and their files ask for comes
/// within moments. A ticket has at most 11 kB and its session no more.
const OPENED: u64 = 1000;
const OPENED_FOR: Duration = Duration::from_secs(30);

/// Keeps sessions in the cookies of browsers.
pub(crate) struct CookieStore {
    keys: KeyRing,
    /// Sessions that ended here, and until when any of their tickets might still be good.
    ended: Cache<SessionId, u64>,
    /// By owner: which sessions were ended all at once.
    cuts: Cache<String, Cut>,
    /// Tickets that were opened a moment ago. Only the opening is saved: whether a session goes on is judged
    /// each time.
    opened: Cache<Ticket, Arc<Session>>,
    lifetimes: Lifetimes,
    clock: Clock,
}

/// Sessions of one owner that began until then are over, but for some.
#[derive(Clone)]
struct Cut {
    at: u64,
    /// The one that was kept, and those that began in the same second and after it.
    but: Vec<SessionId>,
}

impl CookieStore {
    /// The first key seals, all of them open. Fails without a key.
    pub(crate) fn new(
        keys: &[Secret],
        lifetimes: Lifetimes,
        clock: Clock,
    ) -> Result<Self, StoreError> {
        let lru = EvictionPolicy::lru;
        let ended = Cache::builder().max_capacity(REMEMBERED).eviction_policy(lru()).build();
        let cuts = Cache::builder().max_capacity(REMEMBERED).eviction_policy(lru()).build();
        let opened = Cache::builder().max_capacity(OPENED).time_to_live(OPENED_FOR).build();
        Ok(Self { keys: KeyRing::new(keys, PURPOSE)?, ended, cuts, opened, lifetimes, clock })
    }

    /// The same store with other keys. What it knows of sessions that ended stays known.
    pub(crate) fn with_keys(&self, keys: &[Secret]) -> Result<Self, StoreError> {
        let fresh = Self::new(keys, self.lifetimes, self.clock.clone())?;
        Ok(Self { ended: self.ended.clone(), cuts: self.cuts.clone(), ..fresh })
    }

    /// The session inside a ticket, if it is one of ours, however old.
    fn open(&self, ticket: &Ticket) -> Option<Arc<Session>> {
        // Nothing longer was ever given out, so junk costs no work.
        if ticket.as_str().len() > LIMIT {
            return None;
        }
        if let Some(session) = self.opened.get(ticket) {
            return Some(session);
        }
        let session = Arc::new(wire::decode(&self.keys.open(ticket.as_str())?)?);
        self.opened.insert(ticket.clone(), Arc::clone(&session));
        Some(session)
    }

    /// The session inside a ticket, if it goes on.
    fn find(&self, ticket: &Ticket) -> Option<Arc<Session>> {
        let now = self.clock.unix_seconds();
        let session = self.open(ticket)?;
        let goes_on = self.lifetimes.allow(&session, now)
            && !self.has_ended(&session.id, now)
            && !self.is_cut(&session, now);
        goes_on.then_some(session)
    }

    fn is_cut(&self, session: &Session, now: u64) -> bool {
        let owner = session.owner();
        let Some(cut) = self.cuts.get(owner) else { return false };
        if cut.at.saturating_add(self.lifetimes.max.as_secs()) <= now {
            self.cuts.invalidate(owner);
            return false;
        }
        session.created <= cut.at && !cut.but.contains(&session.id)
    }

    fn has_ended(&self, id: &SessionId, now: u64) -> bool {
        match self.ended.get(id) {
            None => false,
            Some(until) if now < until => true,
            Some(_) => {
                self.ended.invalidate(id);
                false
            }
        }
    }

    fn seal(&self, session: &Session) -> Result<Ticket, StoreError> {
        let plain = wire::encode(session)?;
        let bytes = KeyRing::sealed_length(plain.len());
        if bytes > LIMIT {
            return Err(StoreError::TooLarge {
                bytes,
                limit: LIMIT,
                largest: wire::largest(session),
            });
        }
        self.keys.seal(&plain).map(Ticket::new)
    }
}

impl SessionStore for CookieStore {
    fn create<'a>(&'a self, session: &'a Session) -> BoxFuture<'a, Result<Ticket, StoreError>> {
        let sealed = self.seal(session);
        let owner = session.owner();
        if self.cuts.get(owner).is_some_and(|cut| cut.at == session.created) {
            self.cuts.entry_by_ref(owner).and_upsert_with(|cut| {
                let mut cut = cut.map_or(Cut { at: 0, but: Vec::new() }, Entry::into_value);
                cut.but.push(session.id.clone());
                cut
            });
        }
        ready(sealed).boxed()
    }

    fn load<'a>(&'a self, ticket: &'a Ticket) -> BoxFuture<'a, Loaded> {
        ready(Ok(self.find(ticket))).boxed()
    }

    fn replace<'a>(
        &'a self,
        ticket: &'a Ticket,
        session: &'a Session,
    ) -> BoxFuture<'a, Result<Option<Ticket>, StoreError>> {
        let replaced = self
            .find(ticket)
            .map(|stored| self.seal(&Session::clone(&stored).replaced_by(session)));
        ready(replaced.transpose()).boxed()
    }

    fn touch<'a>(
        &'a self,
        ticket: &'a Ticket,
        session: &'a Session,
        now: u64,
    ) -> BoxFuture<'a, Result<Option<Ticket>, StoreError>> {
        let touched = self
            .find(ticket)
            .map(|stored| self.seal(&Session::clone(&stored).touched(session, now)));
        ready(touched.transpose()).boxed()
    }

    fn destroy<'a>(&'a self, ticket: &'a Ticket) -> BoxFuture<'a, Result<(), StoreError>> {
        if let Some(session) = self.open(ticket) {
            let until = session.created.saturating_add(self.lifetimes.max.as_secs());
            self.ended.insert(session.id.clone(), until);
        }
        ready(Ok(())).boxed()
    }

    fn end_others<'a>(
        &'a self,
        owner: &'a str,
        keep: &'a SessionId,
    ) -> BoxFuture<'a, Result<(), StoreError>> {
        let cut = Cut { at: self.clock.unix_seconds(), but: vec![keep.clone()] };
        self.cuts.insert(owner.to_owned(), cut);
        ready(Ok(())).boxed()
    }

    fn ticket_changes(&self) -> bool {
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::contract::{self, LIFETIMES, NOW};

    fn store(keys: &[&str]) -> CookieStore {
        let keys: Vec<Secret> = keys.iter().map(|key| Secret::new(*key)).collect();
        CookieStore::new(&keys, LIFETIMES, Clock::manual(NOW)).unwrap()
    }

    #[tokio::test]
    async fn keeps_the_contract_of_a_session_store() {
        contract::holds_for(|lifetimes, clock| {
            Box::new(CookieStore::new(&[Secret::new("key")], lifetimes, clock).unwrap())
        })
        .await;
    }

    #[tokio::test]
    async fn a_rotated_key_still_opens_and_a_removed_one_does_not() {
        let ticket = store(&["old"]).create(&contract::session()).await.unwrap();
        let rotated = store(&["new", "old"]);
        assert!(rotated.load(&ticket).await.unwrap().is_some());
        assert!(store(&["new"]).load(&ticket).await.unwrap().is_none());

        let resealed = rotated.touch(&ticket, &contract::session(), NOW).await.unwrap().unwrap();
        assert!(store(&["new"]).load(&resealed).await.unwrap().is_some());
    }

    #[tokio::test]
    async fn a_change_at_any_place_of_the_ticket_is_refused() {
        let store = store(&["key"]);
        let ticket = store.create(&contract::session()).await.unwrap();
        for place in 0..ticket.as_str().len() {
            let mut bytes = ticket.as_str().as_bytes().to_vec();
            bytes[place] = if bytes[place] == b'A' { b'B' } else { b'A' };
            let changed = Ticket::new(String::from_utf8(bytes).unwrap());
            assert!(store.load(&changed).await.unwrap().is_none(), "at {place}");
        }
    }

    #[tokio::test]
    async fn a_session_that_ended_here_is_refused_with_each_of_its_tickets() {
        let store = store(&["key"]);
        let session = contract::session();
        let first = store.create(&session).await.unwrap();
        let second = store.replace(&first, &session).await.unwrap().unwrap();
        store.destroy(&first).await.unwrap();
        assert!(store.load(&second).await.unwrap().is_none());
    }

    #[tokio::test]
    async fn a_session_that_does_not_fit_names_its_biggest_part() {
        let store = store(&["key"]);
        // Not base64, so that it cannot be packed.
        let text = "!".repeat(LIMIT);
        let mut cases = Vec::new();
        let mut session = contract::session();
        session.tokens.access = Secret::new(text.clone());
        cases.push((session, "access token"));
        let mut session = contract::session();
        session.tokens.refresh = Some(Secret::new(text.clone()));
        cases.push((session, "refresh token"));
        let mut session = contract::session();
        session.user.claims.insert("groups".to_owned(), text.clone().into());
        cases.push((session, "user claims"));
        let mut session = contract::session();
        session.kept.insert("csrf".to_owned(), text.into());
        cases.push((session, "kept values"));

        for (session, part) in cases {
            let error = store.create(&session).await.unwrap_err();
            let StoreError::TooLarge { bytes, limit, largest } = error else {
                panic!("{error}");
            };
            assert!(bytes > limit);
            assert_eq!((limit, largest), (LIMIT, part));
        }
    }

    #[tokio::test]
    async fn the_largest_session_that_is_sealed_is_also_opened() {
        let store = store(&["key"]);
        let mut session = contract::session();
        let mut fits = 0;
        for length in 8000..LIMIT {
            session.tokens.access = Secret::new("!".repeat(length));
            match store.create(&session).await {
                Ok(ticket) => {
                    assert!(store.load(&ticket).await.unwrap().is_some());
                    fits = ticket.as_str().len();
                }
                Err(_) => break,
            }
        }
        assert!(fits > LIMIT - 4, "{fits}");
    }
}
