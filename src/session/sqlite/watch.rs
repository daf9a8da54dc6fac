//! Whether anything in the file has changed since something was read from it.
//!
//! What this process writes is counted here, so it is known at once. What others write is asked of `SQLite`,
//! which takes several calls of the system, and therefore not more often than every [`ASK_EVERY`]: so much
//! longer a session may work here that was ended in another process (docs/adr/0016).

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use rusqlite::Connection;

use crate::clock::Clock;
use crate::sqlite::{Database, DatabaseError};

/// For so many milliseconds an answer about the other processes counts.
pub(super) const ASK_EVERY: u64 = 100;

/// A state of the file: what was remembered at another is worth nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct State {
    /// How many writes of this process were over.
    written: u64,
    /// A number that changes with every commit of another connection.
    version: i64,
}

/// Watches the file.
pub(super) struct Watch {
    /// Used for nothing else, and never waited for.
    database: Database,
    written: Arc<AtomicU64>,
    asked: Mutex<Asked>,
    clock: Clock,
}

#[derive(Clone, Copy)]
struct Asked {
    /// In Unix milliseconds.
    at: u64,
    /// None where the file was held.
    version: Option<i64>,
}

impl Asked {
    /// A clock that was set back makes it ask again.
    fn counts_at(&self, now: u64) -> bool {
        self.version.is_some() && now.checked_sub(self.at).is_some_and(|age| age < ASK_EVERY)
    }
}

/// A write of this process, which counts as soon as it is dropped.
pub(super) struct Change(Arc<AtomicU64>);

impl Drop for Change {
    fn drop(&mut self) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

impl Watch {
    pub(super) fn new(database: Database, clock: Clock) -> Result<Self, DatabaseError> {
        // Whoever is asked on the thread of a request does not wait there.
        database.now(|connection| connection.busy_timeout(Duration::ZERO))?;
        let asked = Mutex::new(Asked { at: 0, version: None });
        Ok(Self { database, written: Arc::default(), asked, clock })
    }

    /// To be kept for as long as something is written.
    pub(super) fn changes(&self) -> Change {
        Change(Arc::clone(&self.written))
    }

    /// The state of the file, as far as others write to it of a moment ago. None where that cannot be told.
    pub(super) fn state(&self) -> Option<State> {
        self.state_of(Asked::counts_at)
    }

    /// The state of the file at this moment.
    pub(super) fn state_now(&self) -> Option<State> {
        self.state_of(|_, _| false)
    }

    fn state_of(&self, counts: impl FnOnce(&Asked, u64) -> bool) -> Option<State> {
        let written = self.written.load(Ordering::SeqCst);
        let now = self.clock.unix_millis();
        let mut asked = self.asked.lock().unwrap_or_else(PoisonError::into_inner);
        if !counts(&asked, now) {
            *asked = Asked { at: now, version: self.database.now(data_version).ok() };
        }
        Some(State { written, version: asked.version? })
    }
}

fn data_version(connection: &mut Connection) -> rusqlite::Result<i64> {
    connection.prepare_cached("PRAGMA data_version")?.query_row([], |row| row.get(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_counts_for_a_moment_and_not_where_the_clock_was_set_back() {
        let asked = Asked { at: 1000, version: Some(7) };
        for (now, counts) in [(1000, true), (1099, true), (1100, false), (999, false)] {
            assert_eq!(asked.counts_at(now), counts, "{now}");
        }
        assert!(!Asked { at: 1000, version: None }.counts_at(1000), "the file was held");
    }
}
