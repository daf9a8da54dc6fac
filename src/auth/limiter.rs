//! How many failed log-ins an account and an address may have.
//!
//! The generic cell rate algorithm (ITU-T I.371): one number per key, the time at which its bucket
//! would be empty again. Memory is bounded; forgetting a key lets somebody try again, nothing worse.

use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use moka::sync::Cache;

use crate::clock::Clock;

/// Keys remembered per kind.
const CAPACITY: u64 = 100_000;

/// Counts attempts per account and per client address.
pub(crate) struct LoginLimiter {
    accounts: Buckets,
    addresses: Buckets,
    clock: Clock,
}

/// An attempt that was let through. What turns out not to have been a guess is given back.
pub(crate) struct Attempt {
    taken: [Arc<AtomicU64>; 2],
    interval: u64,
}

/// So many per period, for one key.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limit {
    pub(crate) attempts: u32,
    pub(crate) per: Duration,
}

impl LoginLimiter {
    pub(crate) fn new(limit: Limit, clock: Clock) -> Self {
        Self { accounts: Buckets::new(limit), addresses: Buckets::new(limit), clock }
    }

    /// Takes one attempt, or says how long to wait. The account is compared without case and
    /// surrounding blanks, so that spelling it differently does not open a new bucket.
    pub(crate) fn attempt(&self, account: &str, address: IpAddr) -> Result<Attempt, Duration> {
        let now = self.clock.unix_millis();
        let account = self.accounts.bucket(account.trim().to_lowercase());
        let address = self.addresses.bucket(network_of(address));
        self.accounts.take(&account, now)?;
        if let Err(wait) = self.addresses.take(&address, now) {
            account.fetch_sub(self.accounts.interval, Ordering::Relaxed);
            return Err(wait);
        }
        Ok(Attempt { taken: [account, address], interval: self.accounts.interval })
    }
}

impl Attempt {
    /// It was no guess: the password was right, or nobody could tell.
    pub(crate) fn give_back(self) {
        for bucket in &self.taken {
            bucket.fetch_sub(self.interval, Ordering::Relaxed);
        }
    }
}

/// Counts how often a client address has sent something.
pub(crate) struct FormLimiter {
    addresses: Buckets,
    clock: Clock,
}

impl FormLimiter {
    pub(crate) fn new(limit: Limit, clock: Clock) -> Self {
        Self { addresses: Buckets::new(limit), clock }
    }

    /// Takes one, or says how long to wait.
    pub(crate) fn take(&self, address: IpAddr) -> Result<(), Duration> {
        let bucket = self.addresses.bucket(network_of(address));
        self.addresses.take(&bucket, self.clock.unix_millis())
    }
}

struct Buckets {
    /// Per key the time in ms at which its bucket is empty again.
    empty_at: Cache<String, Arc<AtomicU64>>,
    /// Between two attempts in the long run.
    interval: u64,
    /// How far ahead of now a bucket may be filled.
    burst: u64,
}

impl Buckets {
    fn new(limit: Limit) -> Self {
        let per = u64::try_from(limit.per.as_millis()).unwrap_or(u64::MAX);
        let interval = (per / u64::from(limit.attempts.max(1))).max(1);
        Self {
            empty_at: Cache::builder().max_capacity(CAPACITY).time_to_idle(limit.per * 2).build(),
            interval,
            burst: interval.saturating_mul(u64::from(limit.attempts.saturating_sub(1))),
        }
    }

    fn bucket(&self, key: String) -> Arc<AtomicU64> {
        self.empty_at.get_with(key, Arc::default)
    }

    /// Takes one attempt out of a bucket, or says how long to wait. One step, so that parallel
    /// guesses cannot pass the check together.
    fn take(&self, bucket: &AtomicU64, now: u64) -> Result<(), Duration> {
        let next = |empty_at: u64| {
            (empty_at <= now + self.burst).then(|| empty_at.max(now) + self.interval)
        };
        match bucket.fetch_update(Ordering::Relaxed, Ordering::Relaxed, next) {
            Ok(_) => Ok(()),
            Err(empty_at) => Err(Duration::from_millis(empty_at - now - self.burst)),
        }
    }
}

/// An IPv6 client owns a /64, so that is what is counted.
fn network_of(address: IpAddr) -> String {
    match address.to_canonical() {
        IpAddr::V4(v4) => v4.to_string(),
        IpAddr::V6(v6) => {
            let [a, b, c, d, ..] = v6.segments();
            format!("{a:x}:{b:x}:{c:x}:{d:x}::/64")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limiter(clock: &Clock) -> LoginLimiter {
        LoginLimiter::new(Limit { attempts: 5, per: Duration::from_mins(1) }, clock.clone())
    }

    fn address(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn the_sixth_attempt_in_a_minute_waits_twelve_seconds() {
        let clock = Clock::manual(1000);
        let limiter = limiter(&clock);
        for _ in 0..5 {
            assert!(limiter.attempt("a@b.c", address("192.0.2.1")).is_ok());
        }
        let wait = limiter.attempt("a@b.c", address("192.0.2.1")).map(|_| ()).unwrap_err();
        assert_eq!(wait, Duration::from_secs(12));
        clock.advance(wait);
        assert!(limiter.attempt("a@b.c", address("192.0.2.1")).is_ok());
        assert!(limiter.attempt("a@b.c", address("192.0.2.1")).is_err());
    }

    #[test]
    fn one_account_from_many_addresses_and_many_accounts_from_one_are_both_bounded() {
        let limiter = limiter(&Clock::manual(1000));
        for host in 1..=5 {
            assert!(limiter.attempt("A@b.c ", address(&format!("192.0.2.{host}"))).is_ok());
        }
        assert!(limiter.attempt("a@B.c", address("192.0.2.9")).is_err());
        for host in 1..=5 {
            assert!(
                limiter.attempt(&format!("{host}"), address(&format!("2001:db8::{host}"))).is_ok()
            );
        }
        assert!(limiter.attempt("x", address("2001:db8::ffff")).is_err());
        assert!(limiter.attempt("x", address("2001:db8:0:1::1")).is_ok());
    }

    #[test]
    fn what_was_no_guess_does_not_count() {
        let limiter = limiter(&Clock::manual(1000));
        for _ in 0..50 {
            limiter
                .attempt("a@b.c", address("192.0.2.1"))
                .unwrap_or_else(|_| panic!("limited"))
                .give_back();
        }
    }
}
