//! What may go on after its request was judged, answers and tunnels, and ends with the session.
//!
//! Whoever knows about sessions looks at the table now and then; a stream only reads a flag of its own.

use std::collections::HashMap;
use std::future::poll_fn;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};

use futures_util::task::AtomicWaker;
use tokio::sync::watch;

use crate::secret::Secret;

/// After so many looks at a session its store is asked, since another process may have ended it.
const ASKED_EVERY: u32 = 3;

/// The streams of a site that are open, by session.
pub(crate) struct Leases {
    table: Mutex<Table>,
    /// For those that would otherwise outlive the listeners.
    shutdown: watch::Sender<bool>,
}

#[derive(Default)]
struct Table {
    /// By the session's id.
    sessions: HashMap<String, Entry>,
    /// Somebody is looking for sessions that have ended.
    is_watched: bool,
}

struct Entry {
    owner: String,
    ends_at: u64,
    /// What the store is asked with; none where it could not tell.
    ticket: Option<Secret>,
    looks: u32,
    streams: Vec<Arc<Stream>>,
}

#[derive(Default)]
struct Stream {
    has_ended: AtomicBool,
    waker: AtomicWaker,
}

/// A session whose streams are open.
pub(crate) struct Held<'a> {
    pub(crate) id: &'a str,
    /// Whose it is.
    pub(crate) owner: &'a str,
    /// When it ends by itself, in Unix seconds.
    pub(crate) ends_at: u64,
    /// None where the store cannot tell by it whether the session goes on.
    pub(crate) ticket: Option<Secret>,
}

/// A session that only its store can judge.
pub(crate) struct Doubt {
    pub(crate) id: String,
    pub(crate) ticket: Secret,
    /// As far as is known here, it has ended.
    pub(crate) is_due: bool,
}

/// Leave to go on. Without a session there is nothing that could end it but a shutdown.
pub(crate) struct Lease {
    leases: Arc<Leases>,
    held: Option<(String, Arc<Stream>)>,
}

impl Leases {
    pub(crate) fn new() -> Arc<Self> {
        Arc::new(Self { table: Mutex::default(), shutdown: watch::Sender::new(false) })
    }

    /// Enters a stream. True where nobody looks at the table yet, and the caller has to see to it.
    pub(crate) fn open(self: &Arc<Self>, held: Option<Held<'_>>) -> (Lease, bool) {
        let Some(held) = held else {
            return (Lease { leases: Arc::clone(self), held: None }, false);
        };
        let stream = Arc::new(Stream::default());
        let mut table = self.lock();
        let is_first = !std::mem::replace(&mut table.is_watched, true);
        let entry = table.sessions.entry(held.id.to_owned()).or_insert_with(|| Entry {
            owner: held.owner.to_owned(),
            ends_at: 0,
            ticket: None,
            looks: 0,
            streams: Vec::new(),
        });
        entry.ends_at = entry.ends_at.max(held.ends_at);
        entry.ticket = held.ticket;
        entry.streams.push(Arc::clone(&stream));
        drop(table);
        let held = Some((held.id.to_owned(), stream));
        (Lease { leases: Arc::clone(self), held }, is_first)
    }

    /// The session goes on until then, since a request came with it.
    pub(crate) fn seen(&self, session: &str, ends_at: impl FnOnce() -> u64) {
        if let Some(entry) = self.lock().sessions.get_mut(session) {
            entry.ends_at = ends_at();
        }
    }

    /// The session goes on until then at least, as its store says.
    pub(crate) fn extend(&self, session: &str, ends_at: u64) {
        if let Some(entry) = self.lock().sessions.get_mut(session) {
            entry.ends_at = entry.ends_at.max(ends_at);
        }
    }

    /// Ends the streams of a session.
    pub(crate) fn close(&self, session: &str) {
        let ended = self.lock().sessions.remove(session);
        ended.iter().for_each(Entry::end);
    }

    /// Ends the streams of every session of an owner but one.
    pub(crate) fn close_others(&self, owner: &str, keep: &str) {
        self.lock().sessions.retain(|id, entry| {
            let goes_on = entry.owner != owner || id == keep;
            if !goes_on {
                entry.end();
            }
            goes_on
        });
    }

    /// Ends the streams that nobody else would wait for.
    pub(crate) fn shut_down(&self) {
        self.shutdown.send_replace(true);
    }

    /// Ends what has run out, and tells which sessions the store has to be asked about. None where
    /// nothing is open, and whoever looks may go.
    pub(crate) fn look(&self, now: u64) -> Option<Vec<Doubt>> {
        let mut table = self.lock();
        let mut doubts = Vec::new();
        table.sessions.retain(|id, entry| {
            entry.looks += 1;
            let is_due = entry.ends_at <= now;
            match &entry.ticket {
                Some(ticket) if is_due || entry.looks.is_multiple_of(ASKED_EVERY) => {
                    doubts.push(Doubt { id: id.clone(), ticket: ticket.clone(), is_due });
                }
                None if is_due => entry.end(),
                _ => {}
            }
            !is_due || entry.ticket.is_some()
        });
        table.is_watched = !table.sessions.is_empty();
        table.is_watched.then_some(doubts)
    }

    /// A panic while the lock was held left a plain map behind, which is as good as before.
    fn lock(&self) -> MutexGuard<'_, Table> {
        self.table.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Entry {
    fn end(&self) {
        for stream in &self.streams {
            stream.has_ended.store(true, Ordering::Release);
            stream.waker.wake();
        }
    }
}

impl Lease {
    /// Whether the session has ended.
    pub(crate) fn has_ended(&self) -> bool {
        self.held.as_ref().is_some_and(|(_, stream)| stream.has_ended.load(Ordering::Acquire))
    }

    /// Ready when the session has ended. One task at a time may wait.
    pub(crate) fn poll_ended(&self, context: &Context<'_>) -> Poll<()> {
        let Some((_, stream)) = &self.held else { return Poll::Pending };
        stream.waker.register(context.waker());
        if stream.has_ended.load(Ordering::Acquire) { Poll::Ready(()) } else { Poll::Pending }
    }

    /// Done when the session has ended.
    pub(crate) async fn ended(&self) {
        poll_fn(|context| self.poll_ended(context)).await;
    }

    /// Done when the session has ended or everything is shut down.
    pub(crate) async fn over(&self) {
        let mut shutdown = self.leases.shutdown.subscribe();
        tokio::select! {
            () = self.ended() => {}
            _ = shutdown.wait_for(|shutdown| *shutdown) => {}
        }
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        let Some((session, own)) = &self.held else { return };
        let mut table = self.leases.lock();
        if let Some(entry) = table.sessions.get_mut(session) {
            entry.streams.retain(|stream| !Arc::ptr_eq(stream, own));
            if entry.streams.is_empty() {
                table.sessions.remove(session);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn open(leases: &Arc<Leases>, ends_at: u64, ticket: Option<&str>) -> Lease {
        leases.open(Some(Held { id: "s", owner: "o", ends_at, ticket: ticket.map(Secret::new) })).0
    }

    #[test]
    fn every_stream_of_a_session_ends_and_no_other() {
        let leases = Leases::new();
        let (one, two) = (open(&leases, 10, None), open(&leases, 20, None));
        let other = leases.open(Some(Held { id: "t", owner: "o", ends_at: 30, ticket: None })).0;
        let (nobodys, _) = leases.open(None);
        assert!(leases.look(19).unwrap().is_empty());
        assert!(!one.has_ended() && !two.has_ended());
        leases.look(20);
        assert!(one.has_ended() && two.has_ended());
        assert!(!other.has_ended() && !nobodys.has_ended());
        leases.close("t");
        assert!(other.has_ended() && !nobodys.has_ended());
    }

    #[test]
    fn the_other_sessions_of_an_owner_end_with_their_streams() {
        let leases = Leases::new();
        let open = |id, owner| leases.open(Some(Held { id, owner, ends_at: 10, ticket: None })).0;
        let (mine, other, stranger) = (open("s", "o"), open("t", "o"), open("u", "p"));
        leases.close_others("o", "s");
        assert!(other.has_ended());
        assert!(!mine.has_ended() && !stranger.has_ended());
    }

    #[test]
    fn nothing_stays_in_the_table_and_the_watch_is_kept_while_anything_is_open() {
        let leases = Leases::new();
        let held = || Some(Held { id: "s", owner: "o", ends_at: 10, ticket: None });
        let (one, first) = leases.open(held());
        let (two, second) = leases.open(held());
        assert!(first && !second);
        drop(one);
        assert!(leases.look(0).is_some());
        drop(two);
        assert!(leases.look(0).is_none());
        assert!(leases.lock().sessions.is_empty());
        assert!(leases.open(held()).1, "somebody has to look again");
    }

    #[test]
    fn a_stream_that_was_ended_takes_no_later_one_with_it() {
        let leases = Leases::new();
        let old = open(&leases, 10, None);
        leases.close("s");
        let new = open(&leases, 10, None);
        drop(old);
        assert!(!new.has_ended());
        leases.close("s");
        assert!(new.has_ended());
    }

    #[test]
    fn a_store_that_can_tell_is_asked_now_and_then_and_has_the_last_word() {
        let leases = Leases::new();
        let lease = open(&leases, 10, Some("ticket"));
        let doubts: Vec<_> = (0..6).map(|_| leases.look(0).unwrap().len()).collect();
        assert_eq!(doubts, [0, 0, 1, 0, 0, 1]);
        let due = leases.look(10).unwrap();
        assert!(due[0].is_due && !lease.has_ended());
        leases.extend("s", 20);
        assert!(leases.look(11).unwrap().is_empty());
        leases.close(&due[0].id);
        assert!(lease.has_ended());
    }
}
