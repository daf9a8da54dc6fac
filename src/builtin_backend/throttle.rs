//! How often something may happen for one key. Memory is bounded; forgetting a key lets somebody try again,
//! nothing worse.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use moka::sync::Cache;

use crate::clock::Clock;

/// Keys remembered.
const CAPACITY: u64 = 100_000;

/// Counts what happens within a window of time that begins with the first.
pub(super) struct Throttle {
    windows: Cache<String, Arc<Mutex<Window>>>,
    limit: u32,
    length: u64,
    clock: Clock,
}

#[derive(Default)]
struct Window {
    end: u64,
    count: u32,
}

impl Throttle {
    pub(super) fn new(limit: u32, length: Duration, clock: Clock) -> Self {
        let windows = Cache::builder().max_capacity(CAPACITY).time_to_idle(length * 2).build();
        Self { windows, limit, length: length.as_secs(), clock }
    }

    /// Counts one, or says in how many seconds there will be room.
    pub(super) fn take(&self, key: &str) -> Result<(), u64> {
        let now = self.clock.unix_seconds();
        let window = self.windows.get_with(key.to_owned(), Arc::default);
        let mut window = window.lock().unwrap_or_else(PoisonError::into_inner);
        if window.end <= now {
            *window = Window { end: now + self.length, count: 0 };
        }
        if window.count >= self.limit {
            return Err(window.end - now);
        }
        window.count += 1;
        Ok(())
    }

    /// What was counted last should not have been.
    pub(super) fn give_back(&self, key: &str) {
        if let Some(window) = self.windows.get(key) {
            let mut window = window.lock().unwrap_or_else(PoisonError::into_inner);
            window.count = window.count.saturating_sub(1);
        }
    }
}
