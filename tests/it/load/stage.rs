//! The real binary in front of an app that sends and takes as much as it is asked to.

use std::net::SocketAddr;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use tempfile::TempDir;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::timeout;

use crate::support::process::Process;
use crate::support::visitor::Visitor;
use crate::support::{PATIENCE, eventually, free_port};

pub(super) const MIB: u64 = 1024 * 1024;

pub(super) struct Stage {
    pub(super) process: Process,
    pub(super) address: SocketAddr,
    pub(super) app: App,
    _folder: TempDir,
}

impl Stage {
    /// The shell says `before` first.
    pub(super) async fn new(before: &str) -> Self {
        let app = App::start().await;
        let folder = tempfile::tempdir().unwrap();
        let address = SocketAddr::from(([127, 0, 0, 1], free_port()));
        let toml = format!(
            "[server]\nlisten = \"{address}\"\npublic_url = \"http://{address}\"\n\
             [backend]\nbuiltin = {{ database = \"users.db\" }}\n\
             [token]\nsecret = \"token-key-0123456789-0123456789-0123456789\"\n\
             [session]\nstore = \"sqlite\"\ndatabase = \"sessions.db\"\n\
             [access]\npublic = ['/public/.*']\n\
             [[upstream]]\nurl = \"http://127.0.0.1:{}\"\n",
            app.port
        );
        std::fs::write(folder.path().join("auth.toml"), toml).unwrap();
        let script = format!("{before}exec {} serve", env!("CARGO_BIN_EXE_vestibule"));
        let mut command = Command::new("sh");
        let process = Process::start(command.args(["-c", &script]).current_dir(folder.path()));
        let stage = Self { process, address, app, _folder: folder };
        eventually("the server", async || {
            stage.get("/_vestibule/livez", "").await.starts_with("HTTP/1.1 200").then_some(())
        })
        .await;
        stage
    }

    /// Registers somebody, which signs them in: the header line with their cookies.
    pub(super) async fn sign_in(&self) -> String {
        let visitor = Visitor::new(&format!("http://{}", self.address));
        let password = "Corr3ct-horse-battery";
        let form = [
            ("email", "alice@example.com"),
            ("password", password),
            ("password_confirm", password),
        ];
        visitor.fill_in("/register", &form).await.expect(303);
        let pairs: Vec<_> =
            visitor.cookies().iter().map(|(name, value)| format!("{name}={value}")).collect();
        format!("Cookie: {}\r\n", pairs.join("; "))
    }

    pub(super) async fn connect(&self) -> TcpStream {
        TcpStream::connect(self.address).await.unwrap()
    }

    /// All that comes back, which is nothing if there is no connection.
    pub(super) async fn get(&self, path: &str, headers: &str) -> String {
        ask(self.address, path, headers).await
    }

    /// Others are served, and soon: a probe, and a request that the app answers.
    pub(super) async fn serves_others(&self, within: Duration) {
        for path in ["/_vestibule/livez", "/public/others"] {
            let asked = Instant::now();
            let answer = self.get(path, "").await;
            assert!(answer.starts_with("HTTP/1.1 200"), "{path}: {answer:?}");
            let took = asked.elapsed();
            assert!(took < within, "{path} took {took:?}");
        }
    }

    /// Resident memory now, in KiB.
    pub(super) fn resident(&self) -> u64 {
        self.status("VmRSS:")
    }

    /// The most that was ever resident, in KiB.
    pub(super) fn peak(&self) -> u64 {
        self.status("VmHWM:")
    }

    fn status(&self, key: &str) -> u64 {
        let path = format!("/proc/{}/status", self.process.id());
        let status = std::fs::read_to_string(path).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix(key)).unwrap();
        line.trim().trim_end_matches(" kB").parse().unwrap()
    }
}

/// One request on a connection of its own.
pub(super) async fn ask(address: SocketAddr, path: &str, headers: &str) -> String {
    let asking = async {
        let mut stream = TcpStream::connect(address).await?;
        let head =
            format!("GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n{headers}\r\n");
        stream.write_all(head.as_bytes()).await?;
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).await?;
        std::io::Result::Ok(String::from_utf8_lossy(&answer).into_owned())
    };
    timeout(PATIENCE, asking).await.unwrap().unwrap_or_default()
}

/// As far as the head's end.
pub(super) async fn read_head(stream: &mut TcpStream) -> std::io::Result<String> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(timeout(PATIENCE, stream.read_u8()).await??);
    }
    Ok(String::from_utf8_lossy(&head).into_owned())
}

/// Answers one request a connection. `/public/down/N` sends N bytes, `/public/up` counts what it is sent,
/// `/slow/…` takes a while, and all else is answered with its own path.
#[derive(Clone)]
pub(super) struct App {
    port: u16,
    /// Bytes that went out in answers to `/down`.
    sent: Arc<AtomicU64>,
}

impl App {
    async fn start() -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let app = Self { port: listener.local_addr().unwrap().port(), sent: Arc::default() };
        let serving = app.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let app = serving.clone();
                // A connection that breaks is the client's affair.
                tokio::spawn(async move { drop(app.answer(stream).await) });
            }
        });
        app
    }

    /// Waits until no more goes out: whoever does not read holds everything up.
    pub(super) async fn is_held_up(&self) {
        let (mut seen, mut since) = (0, Instant::now());
        eventually("the transfers to stall", async || {
            let sent = self.sent.load(Ordering::Relaxed);
            if sent != seen {
                (seen, since) = (sent, Instant::now());
            }
            (sent > 0 && since.elapsed() > Duration::from_secs(2)).then_some(())
        })
        .await;
    }

    async fn answer(self, mut stream: TcpStream) -> std::io::Result<()> {
        let head = read_head(&mut stream).await?.to_ascii_lowercase();
        let path = head.split(' ').nth(1).unwrap_or_default();
        if let Some(length) = path.strip_prefix("/public/down/") {
            let mut left: u64 = length.parse().unwrap();
            let piece = vec![b'x'; 64 * 1024];
            stream.write_all(&answer_head(left)).await?;
            while left > 0 {
                let length = left.min(64 * 1024);
                stream.write_all(&piece[..usize::try_from(length).unwrap()]).await?;
                self.sent.fetch_add(length, Ordering::Relaxed);
                left -= length;
            }
            return stream.shutdown().await;
        }
        let mut body = path.to_owned();
        if path == "/public/up" {
            let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
            let length: u64 = length.unwrap().parse().unwrap();
            let mut buffer = vec![0; 64 * 1024];
            let mut taken = 0;
            while taken < length {
                match stream.read(&mut buffer).await? {
                    0 => break,
                    read => taken += read as u64,
                }
            }
            body = taken.to_string();
        } else if path.starts_with("/slow/") {
            tokio::time::sleep(Duration::from_millis(300)).await;
        }
        stream.write_all(&[&answer_head(body.len() as u64), body.as_bytes()].concat()).await?;
        stream.shutdown().await
    }
}

fn answer_head(length: u64) -> Vec<u8> {
    format!("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n").into_bytes()
}
