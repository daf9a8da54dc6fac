//! The real binary on a config of the test's own.

use std::fs;
use std::process::Command;

use tempfile::TempDir;

use super::process::Process;
use super::visitor::Visitor;
use super::{eventually, free_port, http_client};

/// `vestibule serve` or `vestibule dev` in a folder of its own, on a port of its own.
pub(crate) struct Vestibule {
    process: Process,
    folder: TempDir,
    port: u16,
    command: &'static str,
}

impl Vestibule {
    /// Starts on this auth.toml, with `server.listen` put in, and `server.public_url` unless it is there, and waits
    /// until it is ready.
    pub(crate) async fn start(auth_toml: &str) -> Self {
        Self::run("serve", auth_toml).await
    }

    /// The same, in development.
    pub(crate) async fn start_dev(auth_toml: &str) -> Self {
        Self::run("dev", auth_toml).await
    }

    async fn run(command: &'static str, auth_toml: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let port = free_port();
        fs::write(folder.path().join("auth.toml"), with_address(auth_toml, port)).unwrap();
        let mut vestibule = Self { process: launch(command, &folder), folder, port, command };
        vestibule.wait_until_ready().await;
        vestibule
    }

    /// Starts again after [`Vestibule::stop`]: same folder, same port. What was said before is forgotten.
    pub(crate) async fn start_again(&mut self) {
        self.process = launch(self.command, &self.folder);
        self.wait_until_ready().await;
    }

    /// Asks it to end and returns its exit code.
    pub(crate) fn stop(&mut self) -> Option<i32> {
        self.process.stop()
    }

    /// Ends it without a word.
    pub(crate) fn kill(&mut self) {
        self.process.kill();
    }

    /// What `vestibule snippet` prints.
    pub(crate) fn snippet(&self, proxy: &str, app: &str) -> String {
        let mut command = Command::new(env!("CARGO_BIN_EXE_vestibule"));
        command.args(["snippet", proxy, "--app", app]).current_dir(self.folder.path()).env_clear();
        let output = command.output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }

    /// Scheme, host and port, without a slash.
    pub(crate) fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    pub(crate) fn visitor(&self) -> Visitor {
        Visitor::new(&self.url())
    }

    /// All that it wrote to stdout and stderr.
    pub(crate) fn log(&self) -> String {
        self.process.said()
    }

    /// Waits for a line of the log that holds each of these.
    pub(crate) async fn log_line(&self, needles: &[&str]) -> String {
        eventually(&format!("a log line with {needles:?}"), async || {
            let log = self.log();
            log.lines().find(|line| needles.iter().all(|it| line.contains(it))).map(str::to_owned)
        })
        .await
    }

    async fn wait_until_ready(&mut self) {
        let client = http_client();
        let probe = format!("{}/_vestibule/readyz", self.url());
        eventually("vestibule ready", async || {
            if let Some(status) = self.process.ended() {
                panic!("vestibule ended before it was ready, {status}:\n{}", self.process.said());
            }
            client.get(&probe).send().await.ok().filter(|answer| answer.status() == 200)
        })
        .await;
    }
}

fn launch(command: &str, folder: &TempDir) -> Process {
    let mut program = Command::new(env!("CARGO_BIN_EXE_vestibule"));
    program.args([command, "-c", "auth.toml"]).current_dir(folder.path()).env_clear();
    Process::start(&mut program)
}

/// The test's config with the address of this instance in `[server]`.
fn with_address(auth_toml: &str, port: u16) -> String {
    let address = format!("127.0.0.1:{port}");
    let lines = if auth_toml.contains("public_url = ") {
        format!("listen = \"{address}\"\n")
    } else {
        format!("listen = \"{address}\"\npublic_url = \"http://{address}\"\n")
    };
    match auth_toml.split_once("[server]\n") {
        Some((before, after)) => format!("{before}[server]\n{lines}{after}"),
        None => format!("{auth_toml}\n[server]\n{lines}"),
    }
}

#[test]
fn the_address_goes_into_the_server_table_whether_or_not_there_is_one() {
    let address = "listen = \"127.0.0.1:7\"\npublic_url = \"http://127.0.0.1:7\"\n";
    assert_eq!(
        with_address("[server]\ntimeout = \"2s\"\n[theme]\n", 7),
        format!("[server]\n{address}timeout = \"2s\"\n[theme]\n")
    );
    assert_eq!(
        with_address("[server]\npublic_url = \"http://a\"\n", 7),
        "[server]\nlisten = \"127.0.0.1:7\"\npublic_url = \"http://a\"\n"
    );
    assert_eq!(with_address("[theme]\n", 7), format!("[theme]\n\n[server]\n{address}"));
}
