//! A backend of `tests/backends`, started for real by its `run.sh`.

use std::collections::HashMap;
use std::path::Path;
use std::process::Command;
use std::sync::{Arc, LazyLock, Mutex, Weak};
use std::time::{Duration, Instant};

use tempfile::TempDir;

use super::process::Process;
use super::{free_port, http_client};

/// Django makes its tables at each start, which takes a while on a machine that does other things too.
const START: Duration = Duration::from_mins(4);

/// A backend on a port of its own, with a database of its own. Dropping it ends it.
pub(crate) struct RealBackend {
    process: Process,
    state: TempDir,
    port: u16,
    kind: Kind,
    environment: Vec<(String, String)>,
}

/// Which program it is.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Kind {
    /// Its folder in `tests/backends`.
    pub(crate) folder: &'static str,
    /// The path that answers 200 as soon as it is up.
    pub(crate) ready: &'static str,
}

impl RealBackend {
    /// Starts with an empty database and these variables, for example `LAB_ACCESS_TTL`.
    pub(crate) async fn start(kind: Kind, environment: &[(&str, &str)]) -> Self {
        let (state, port) = (tempfile::tempdir().unwrap(), free_port());
        let environment: Vec<_> =
            environment.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect();
        let process = launch(kind, &state, port, &environment);
        let mut backend = Self { process, state, port, kind, environment };
        backend.wait_until_ready().await;
        backend
    }

    /// The one that another test runs at this moment with the same variables, or a new one. It ends with the last
    /// test that uses it.
    pub(crate) async fn shared(kind: Kind, environment: &[(&str, &str)]) -> Arc<Self> {
        type Place = Arc<tokio::sync::Mutex<Weak<RealBackend>>>;
        static RUNNING: LazyLock<Mutex<HashMap<String, Place>>> = LazyLock::new(Mutex::default);
        let key = format!("{kind:?} {environment:?}");
        let place = Arc::clone(RUNNING.lock().unwrap().entry(key).or_default());
        let mut running = place.lock().await;
        if let Some(backend) = running.upgrade() {
            return backend;
        }
        let backend = Arc::new(Self::start(kind, environment).await);
        *running = Arc::downgrade(&backend);
        backend
    }

    pub(crate) fn stop(&mut self) {
        self.process.stop();
    }

    /// Ends it without a word.
    pub(crate) fn kill(&mut self) {
        self.process.kill();
    }

    /// Starts again on the same port with what it knew.
    pub(crate) async fn start_again(&mut self) {
        self.process = launch(self.kind, &self.state, self.port, &self.environment);
        self.wait_until_ready().await;
    }

    pub(crate) fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    async fn wait_until_ready(&mut self) {
        let client = http_client();
        let (probe, begun) = (format!("{}{}", self.url(), self.kind.ready), Instant::now());
        loop {
            if let Some(status) = self.process.ended() {
                panic!("{} ended, {status}:\n{}", self.kind.folder, self.process.said());
            }
            if client.get(&probe).send().await.is_ok_and(|answer| answer.status() == 200) {
                return;
            }
            let said = || format!("{} is not ready:\n{}", self.kind.folder, self.process.said());
            assert!(begun.elapsed() < START, "{}", said());
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }
}

/// `KEEP` is always set: the folder is new for each backend, and its database must survive a second start.
fn launch(kind: Kind, state: &TempDir, port: u16, environment: &[(String, String)]) -> Process {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/backends").join(kind.folder);
    let mut command = Command::new(script.join("run.sh"));
    command.arg(port.to_string()).env("KEEP", "1").env("STATE", state.path());
    command.envs(environment.iter().map(|(name, value)| (name, value)));
    Process::start(&mut command)
}
