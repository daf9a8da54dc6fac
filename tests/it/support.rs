//! What the tests stand on: the real binary, a real backend, a visitor, a real browser.

use std::collections::HashSet;
use std::net::TcpListener;
use std::sync::{LazyLock, Mutex};
use std::time::{Duration, Instant};

pub(crate) mod binary;
pub(crate) mod chromium;
pub(crate) mod contract;
pub(crate) mod front;
pub(crate) mod process;
pub(crate) mod real_backend;
pub(crate) mod real_proxy;
pub(crate) mod recorder;
pub(crate) mod reference;
pub(crate) mod scripted;
#[path = "../../src/token/tests/signer.rs"]
pub(crate) mod signer;
pub(crate) mod site;
pub(crate) mod visitor;

/// How long something that takes a second on an idle machine may take on a busy one.
pub(crate) const PATIENCE: Duration = Duration::from_mins(1);

/// A loopback port that nobody listens on, given out once in this process.
pub(crate) fn free_port() -> u16 {
    static GIVEN: LazyLock<Mutex<HashSet<u16>>> = LazyLock::new(Mutex::default);
    loop {
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        if GIVEN.lock().unwrap().insert(port) {
            return port;
        }
    }
}

/// Looks again and again until there is something to see; `what` is for the message when there never is.
pub(crate) async fn eventually<T>(what: &str, mut look: impl AsyncFnMut() -> Option<T>) -> T {
    let start = Instant::now();
    loop {
        if let Some(seen) = look().await {
            return seen;
        }
        assert!(start.elapsed() < PATIENCE, "waited {PATIENCE:?} in vain: {what}");
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
}

/// A client for the test's own calls: no proxy, no redirects, no connection kept for a server that may be gone.
pub(crate) fn http_client() -> reqwest::Client {
    reqwest::Client::builder()
        .no_proxy()
        .redirect(reqwest::redirect::Policy::none())
        .pool_max_idle_per_host(0)
        .timeout(PATIENCE)
        .build()
        .unwrap()
}
