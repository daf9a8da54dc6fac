//! The reference backend (`tests/backends/reference`): a real Python application that misbehaves on request.

use serde_json::Value;

use super::http_client;
use super::real_backend::{Kind, RealBackend};

pub(crate) const REFERENCE: Kind = Kind { folder: "reference", ready: "/_health" };

pub(crate) struct Reference {
    backend: RealBackend,
}

impl Reference {
    /// Starts with an empty database and these variables, for example `LAB_ACCESS_TTL`.
    pub(crate) async fn start(environment: &[(&str, &str)]) -> Self {
        Self { backend: RealBackend::start(REFERENCE, environment).await }
    }

    pub(crate) fn stop(&mut self) {
        self.backend.stop();
    }

    /// Ends it without a word.
    pub(crate) fn kill(&mut self) {
        self.backend.kill();
    }

    /// Starts again on the same port with what it knew. Its counters begin anew.
    pub(crate) async fn start_again(&mut self) {
        self.backend.start_again().await;
    }

    pub(crate) fn url(&self) -> String {
        self.backend.url()
    }

    /// What was called how often: `GET /_stats`.
    pub(crate) async fn stats(&self) -> Stats {
        Stats(self.get("/_stats").await)
    }

    pub(crate) async fn reset_stats(&self) {
        let url = format!("{}/_stats/reset", self.url());
        assert_eq!(http_client().post(url).send().await.unwrap().status(), 200);
    }

    /// Sets fault switches; `{}` clears them all.
    pub(crate) async fn faults(&self, switches: Value) {
        let request = http_client().put(format!("{}/_faults", self.url()));
        let answer = request.body(switches.to_string()).send().await.unwrap();
        assert_eq!(answer.status(), 200, "{switches}: {}", answer.text().await.unwrap());
    }

    /// Every access and refresh token that it gave out.
    pub(crate) async fn issued_tokens(&self) -> Vec<String> {
        serde_json::from_value(self.get("/_issued").await).unwrap()
    }

    async fn get(&self, path: &str) -> Value {
        let answer = http_client().get(format!("{}{path}", self.url())).send().await.unwrap();
        serde_json::from_str(&answer.text().await.unwrap()).unwrap()
    }
}

/// The counters of the reference backend.
pub(crate) struct Stats(Value);

impl Stats {
    /// How often an endpoint was called, whatever it answered.
    pub(crate) fn calls(&self, endpoint: &str) -> u64 {
        self.0["endpoints"][endpoint]["calls"].as_u64().unwrap_or(0)
    }

    /// One of the counters of the refresh endpoint, `duplicate_presentations` for example.
    #[track_caller]
    pub(crate) fn refresh(&self, counter: &str) -> u64 {
        self.0["refresh"][counter].as_u64().unwrap_or_else(|| panic!("no counter {counter}"))
    }
}
