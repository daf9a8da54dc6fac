//! The store in this process: fast, and forgotten at its end.

use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::{BoxFuture, ready};
use moka::ops::compute::{CompResult, Op};
use moka::policy::EvictionPolicy;
use moka::sync::Cache;

use super::{Lifetimes, Loaded, Session, SessionId, SessionStore, StoreError, Ticket, TicketHash};
use crate::clock::Clock;

/// So many sessions are kept; one more, and the one that was not used for longest goes.
const CAPACITY: u64 = 100_000;

/// The cache refuses to hold things for longer than a thousand years.
const LONGEST: Duration = Duration::from_hours(24 * 365 * 100);

/// Keeps sessions in this process.
pub(crate) struct MemoryStore {
    sessions: Cache<TicketHash, Arc<Session>>,
    lifetimes: Lifetimes,
    clock: Clock,
}

impl MemoryStore {
    /// An empty store.
    pub(crate) fn new(lifetimes: Lifetimes, clock: Clock) -> Self {
        // The cache's own limits only give memory back early; what has expired is judged by our clock.
        let sessions = Cache::builder()
            .max_capacity(CAPACITY)
            .eviction_policy(EvictionPolicy::lru())
            .time_to_idle(lifetimes.idle.min(LONGEST))
            .time_to_live(lifetimes.max.min(LONGEST))
            .build();
        Self { sessions, lifetimes, clock }
    }

    fn find(&self, ticket: &Ticket) -> Option<Arc<Session>> {
        let key = ticket.key()?;
        let session = self.sessions.get(&key)?;
        if self.lifetimes.allow(&session, self.clock.unix_seconds()) {
            return Some(session);
        }
        self.end(key);
        None
    }

    /// Not the cache's own `invalidate`, which does not wait for a change of the same session that
    /// has begun, and which that change would then undo.
    fn end(&self, key: TicketHash) {
        self.sessions.entry(key).and_compute_with(|_| Op::Remove);
    }

    /// Changes a session where it lies. No other change and no end of the session comes in between.
    fn change(&self, ticket: &Ticket, change: impl FnOnce(Session) -> Session) -> Option<Ticket> {
        let now = self.clock.unix_seconds();
        let result = self.sessions.entry(ticket.key()?).and_compute_with(|entry| match entry {
            None => Op::Nop,
            Some(entry) if self.lifetimes.allow(entry.value(), now) => {
                Op::Put(Arc::new(change(Session::clone(entry.value()))))
            }
            Some(_) => Op::Remove,
        });
        matches!(result, CompResult::ReplacedWith(_)).then(|| ticket.clone())
    }
}

impl SessionStore for MemoryStore {
    fn create<'a>(&'a self, session: &'a Session) -> BoxFuture<'a, Result<Ticket, StoreError>> {
        let ticket = Ticket::random().inspect(|ticket| {
            self.sessions.insert(ticket.hash(), Arc::new(session.clone()));
        });
        ready(ticket).boxed()
    }

    fn load<'a>(&'a self, ticket: &'a Ticket) -> BoxFuture<'a, Loaded> {
        ready(Ok(self.find(ticket))).boxed()
    }

    fn replace<'a>(
        &'a self,
        ticket: &'a Ticket,
        session: &'a Session,
    ) -> BoxFuture<'a, Result<Option<Ticket>, StoreError>> {
        let replaced = self.change(ticket, |stored| stored.replaced_by(session));
        ready(Ok(replaced)).boxed()
    }

    fn touch<'a>(
        &'a self,
        ticket: &'a Ticket,
        session: &'a Session,
        now: u64,
    ) -> BoxFuture<'a, Result<Option<Ticket>, StoreError>> {
        let touched = self.change(ticket, |stored| stored.touched(session, now));
        ready(Ok(touched)).boxed()
    }

    fn destroy<'a>(&'a self, ticket: &'a Ticket) -> BoxFuture<'a, Result<(), StoreError>> {
        if let Some(key) = ticket.key() {
            self.end(key);
        }
        ready(Ok(())).boxed()
    }

    fn end_others<'a>(
        &'a self,
        owner: &'a str,
        keep: &'a SessionId,
    ) -> BoxFuture<'a, Result<(), StoreError>> {
        // Rare enough to look through all of them, and to keep no second table for it.
        for (key, session) in &self.sessions {
            if session.owner() == owner && session.id != *keep {
                self.end(*key);
            }
        }
        ready(Ok(())).boxed()
    }

    fn ticket_changes(&self) -> bool {
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::contract;

    #[tokio::test]
    async fn keeps_the_contract_of_a_session_store() {
        contract::holds_for(|lifetimes, clock| Box::new(MemoryStore::new(lifetimes, clock))).await;
    }

    #[tokio::test]
    async fn a_replaced_session_keeps_its_ticket() {
        let clock = Clock::manual(contract::NOW);
        let store = MemoryStore::new(contract::LIFETIMES, clock);
        let session = contract::session();
        let ticket = store.create(&session).await.unwrap();
        assert_eq!(store.replace(&ticket, &session).await.unwrap(), Some(ticket));
    }

    #[test]
    fn a_session_that_ends_during_a_change_stays_ended() {
        let store = MemoryStore::new(contract::LIFETIMES, Clock::manual(contract::NOW));
        let session = contract::session();
        for _ in 0..300 {
            let ticket = store.create(&session).now_or_never().unwrap().unwrap();
            std::thread::scope(|scope| {
                scope.spawn(|| store.replace(&ticket, &session).now_or_never());
                scope.spawn(|| store.destroy(&ticket).now_or_never());
            });
            assert!(store.load(&ticket).now_or_never().unwrap().unwrap().is_none());
        }
    }

    #[tokio::test]
    async fn a_ticket_is_stored_only_as_its_hash() {
        let store = MemoryStore::new(contract::LIFETIMES, Clock::manual(contract::NOW));
        let ticket = store.create(&contract::session()).await.unwrap();
        let keys: Vec<TicketHash> = store.sessions.iter().map(|(key, _)| *key).collect();
        assert_eq!(keys, [ticket.hash()]);
    }
}
