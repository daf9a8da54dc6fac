//! The reference backend (`tests/backends/reference`): a real Python application that misbehaves on request.

use std::process::Command;

use serde_json::Value;
use tempfile::TempDir;

use super::process::Process;
use super::{eventually, free_port, http_client};

pub(crate) struct Reference {
    process: Process,
    folder: TempDir,
    port: u16,
    environment: Vec<(String, String)>,
}

impl Reference {
    /// Starts with an empty database and these variables, for example `LAB_ACCESS_TTL`.
    pub(crate) async fn start(environment: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let port = free_port();
        let environment: Vec<_> =
            environment.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect();
        let process = launch(&folder, port, &environment);
        let mut reference = Self { process, folder, port, environment };
        reference.wait_until_ready().await;
        reference
    }

    pub(crate) fn stop(&mut self) {
        self.process.stop();
    }

    /// Starts again on the same port with what it knew. Its counters begin anew.
    pub(crate) async fn start_again(&mut self) {
        self.process = launch(&self.folder, self.port, &self.environment);
        self.wait_until_ready().await;
    }

    pub(crate) fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
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

    async fn wait_until_ready(&mut self) {
        let client = http_client();
        let probe = format!("{}/_health", self.url());
        eventually("the reference backend ready", async || {
            if let Some(status) = self.process.ended() {
                panic!("the reference backend ended, {status}:\n{}", self.process.said());
            }
            client.get(&probe).send().await.ok().filter(|answer| answer.status() == 200)
        })
        .await;
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

/// `KEEP` is always set: the folder is new for each backend, and its database must survive a second start.
fn launch(folder: &TempDir, port: u16, environment: &[(String, String)]) -> Process {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/backends/reference/run.sh");
    let mut command = Command::new(script);
    command
        .arg(port.to_string())
        .env("KEEP", "1")
        .env("REF_DB", folder.path().join("db.sqlite3"))
        .envs(environment.iter().map(|(name, value)| (name, value)));
    Process::start(&mut command)
}
