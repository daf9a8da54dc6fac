//! A site on a socket, an app behind it that shows what it was sent, and a client that speaks plainly.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tempfile::TempDir;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio::time::timeout;
use vestibule::{Clock, Vestibule};

use crate::support::scripted::{EMAIL, PASSWORD, Scripted};
use crate::support::site::{NOW, ORIGIN, config};
use crate::support::{PATIENCE, free_port};

/// What the app was sent: heads and, where their length was told, bodies.
type Seen = Arc<Mutex<Vec<String>>>;

pub(super) struct Stage {
    pub(super) port: u16,
    pub(super) app: App,
    pub(super) backend: Arc<Scripted>,
    pub(super) clock: Clock,
    pub(super) stop: Option<oneshot::Sender<()>>,
    toml: String,
    folder: Arc<TempDir>,
}

#[derive(Clone)]
pub(super) struct App {
    pub(super) port: u16,
    seen: Seen,
    /// Access tokens that `/guarded` refuses.
    pub(super) refused: Arc<Mutex<Vec<String>>>,
    /// How many connections were closed on it before it was done.
    pub(super) left: Arc<AtomicUsize>,
}

impl Stage {
    /// `upstream` is what else the table says, `more` other tables.
    pub(super) async fn new(upstream: &str, more: &str) -> Self {
        let app = App::start().await;
        let table =
            format!("[[upstream]]\nid = \"app\"\nurl = \"http://127.0.0.1:{}\"\n", app.port);
        Self::with(app, &format!("{more}\n{table}{upstream}\n")).await
    }

    pub(super) async fn with(app: App, toml: &str) -> Self {
        let clock = Clock::manual(NOW);
        let backend = Arc::new(Scripted::start(&clock));
        let folder = Arc::new(tempfile::tempdir().unwrap());
        let toml = config(&backend, toml);
        Self::serve(app, backend, clock, toml, folder).await
    }

    /// Another process on the same machine, with the same configuration and the same files.
    pub(super) async fn sibling(&self) -> Self {
        let (app, backend, clock) =
            (self.app.clone(), Arc::clone(&self.backend), self.clock.clone());
        Self::serve(app, backend, clock, self.toml.clone(), Arc::clone(&self.folder)).await
    }

    async fn serve(
        app: App,
        backend: Arc<Scripted>,
        clock: Clock,
        toml: String,
        folder: Arc<TempDir>,
    ) -> Self {
        let built = Vestibule::builder().toml(&toml, folder.path()).clock(clock.clone()).build();
        let site = built.unwrap_or_else(|error| panic!("{error}\n{toml}"));
        let server = site.listen().await.unwrap();
        let port = server.addresses()[0].port();
        let (stop, stopped) = oneshot::channel();
        tokio::spawn(server.run(async move { drop(stopped.await) }));
        Self { port, app, backend, clock, stop: Some(stop), toml, folder }
    }

    pub(super) async fn connect(&self) -> TcpStream {
        TcpStream::connect(("127.0.0.1", self.port)).await.unwrap()
    }

    /// Sends these bytes and reads all that comes back.
    pub(super) async fn raw(&self, request: &str) -> String {
        let mut stream = self.connect().await;
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = Vec::new();
        timeout(PATIENCE, stream.read_to_end(&mut answer)).await.unwrap().unwrap();
        String::from_utf8_lossy(&answer).into_owned()
    }

    /// A request with these header lines, each with its line break.
    pub(super) async fn get(&self, target: &str, headers: &str) -> String {
        self.ask("GET", target, headers).await
    }

    pub(super) async fn ask(&self, method: &str, target: &str, headers: &str) -> String {
        let head =
            format!("{method} {target} HTTP/1.1\r\nHost: localhost:5001\r\nConnection: close\r\n");
        self.raw(&format!("{head}{headers}\r\n")).await
    }

    /// Signs Alice in: the header line with her cookies.
    pub(super) async fn sign_in(&self) -> String {
        let body = form_urlencoded::Serializer::new(String::new())
            .extend_pairs([("email", EMAIL), ("password", PASSWORD)])
            .finish();
        let length = body.len();
        let answer = self
            .raw(&format!(
                "POST /login HTTP/1.1\r\nHost: localhost:5001\r\nConnection: close\r\nOrigin: {ORIGIN}\r\n\
                 Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {length}\r\n\r\n{body}"
            ))
            .await;
        assert_eq!(status(&answer), 303, "{answer}");
        format!("Cookie: {}\r\n", cookies(&answer))
    }

    pub(super) async fn sign_out(&self, cookie: &str) {
        let headers = format!("{cookie}Origin: {ORIGIN}\r\nContent-Length: 0\r\n");
        let answer = self.ask("POST", "/logout", &headers).await;
        assert_eq!(status(&answer), 303, "{answer}");
    }
}

pub(super) fn status(answer: &str) -> u16 {
    answer.get(9..12).and_then(|it| it.parse().ok()).unwrap_or_else(|| panic!("{answer:?}"))
}

/// The pairs that an answer sets.
pub(super) fn cookies(answer: &str) -> String {
    let pairs: Vec<_> = answer
        .lines()
        .filter_map(|line| line.strip_prefix("set-cookie: "))
        .map(|line| line.split(';').next().unwrap())
        .collect();
    pairs.join("; ")
}

/// A header of a head, all its values.
pub(super) fn values<'a>(head: &'a str, name: &str) -> Vec<&'a str> {
    head.lines()
        .filter_map(|line| line.split_once(": "))
        .filter(|(other, _)| other.eq_ignore_ascii_case(name))
        .map(|(_, value)| value)
        .collect()
}

impl App {
    pub(super) async fn start() -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let app =
            Self { port, seen: Seen::default(), refused: Arc::default(), left: Arc::default() };
        let serving = app.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serving.clone().serve(stream));
            }
        });
        app
    }

    /// The same app, known by a port that nobody listens on.
    pub(super) fn moved_away(self) -> Self {
        Self { port: free_port(), ..self }
    }

    pub(super) fn seen(&self) -> Vec<String> {
        self.seen.lock().unwrap().clone()
    }

    /// The only request that has come.
    pub(super) fn only(&self) -> String {
        let seen = self.seen();
        assert_eq!(seen.len(), 1, "{seen:#?}");
        seen[0].clone()
    }

    pub(super) fn forget(&self) {
        self.seen.lock().unwrap().clear();
    }

    async fn serve(self, mut stream: TcpStream) {
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            match stream.read_u8().await {
                Ok(byte) => head.push(byte),
                Err(_) => return,
            }
        }
        let head = String::from_utf8_lossy(&head).into_owned();
        self.seen.lock().unwrap().push(head.clone());
        let path = head.split(' ').nth(1).unwrap_or_default().to_owned();
        let name = path.split('?').next().unwrap_or_default();
        if !self.hold(&mut stream, name).await.unwrap_or(true) {
            let _ = self.answer(&mut stream, name, &head).await;
        }
    }

    /// Whether the path is one of those whose connection is the point.
    async fn hold(&self, stream: &mut TcpStream, path: &str) -> std::io::Result<bool> {
        match path {
            "/silent" => {
                tokio::time::sleep(PATIENCE).await;
            }
            "/hangup" => {}
            "/events" => {
                let head =
                    "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\ndata: one\n\n";
                stream.write_all(head.as_bytes()).await?;
                let mut byte = [0];
                // Stays open until the other side goes.
                let _ = stream.read(&mut byte).await;
                self.left.fetch_add(1, Ordering::SeqCst);
            }
            "/endless" => {
                stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await?;
                let chunk = vec![b'x'; 64 * 1024];
                while stream.write_all(&chunk).await.is_ok() {}
                self.left.fetch_add(1, Ordering::SeqCst);
            }
            // Answers before it has read the request, and goes on reading.
            "/early" => {
                let head = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
                stream.write_all(head.as_bytes()).await?;
                let mut buffer = [0; 1024];
                while stream.read(&mut buffer).await.is_ok_and(|length| length > 0) {}
                self.left.fetch_add(1, Ordering::SeqCst);
            }
            "/large" => {
                let chunk = vec![b'x'; 1024 * 1024];
                stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 33554432\r\n\r\n").await?;
                for _ in 0..32 {
                    stream.write_all(&chunk).await?;
                }
            }
            "/ws" => {
                let head = "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\n\
                            Upgrade: websocket\r\nSec-WebSocket-Accept: x\r\n\r\n";
                stream.write_all(head.as_bytes()).await?;
                let mut buffer = [0; 1024];
                while let length @ 1.. = stream.read(&mut buffer).await? {
                    stream.write_all(&buffer[..length]).await?;
                }
            }
            _ => return Ok(false),
        }
        Ok(true)
    }

    async fn answer(&self, stream: &mut TcpStream, path: &str, head: &str) -> std::io::Result<()> {
        let simple = |status: &str, headers: &str, body: &str| {
            let length = body.len();
            format!(
                "HTTP/1.1 {status}\r\nConnection: close\r\nContent-Length: {length}\r\n{headers}\r\n{body}"
            )
        };
        let text = match path {
            "/half" => "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf".to_owned(),
            "/junk" => "this is not HTTP\r\n\r\n".to_owned(),
            "/redirect" => simple("302 Found", "Location: http://127.0.0.1:1/x\r\n", ""),
            "/home" => {
                let location = format!("Location: http://127.0.0.1:{}/x?y\r\n", self.port);
                simple("302 Found", &location, "")
            }
            "/cookies" => simple(
                "200 OK",
                "Set-Cookie: vestibule=evil; Path=/\r\nSet-Cookie: app=1\r\nSet-Cookie: vestibule.1=x\r\n\
                 Cache-Control: public, max-age=600\r\nKeep-Alive: timeout=5\r\nX-App: yes\r\n",
                "",
            ),
            "/guarded" => {
                let refused = self.refused.lock().unwrap().clone();
                let is_refused = refused.iter().any(|token| token == "*" || head.contains(token));
                simple(if is_refused { "401 Unauthorized" } else { "200 OK" }, "", "guarded")
            }
            // Gives the raw body back, and a trailer.
            "/chunked" => {
                let mut body = Vec::new();
                while !body.ends_with(b"\r\n\r\n") {
                    body.push(stream.read_u8().await?);
                }
                let body = String::from_utf8_lossy(&body).into_owned();
                format!(
                    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X-Sum\r\n\r\n\
                     {:x}\r\n{body}\r\n0\r\nX-Sum: 42\r\n\r\n",
                    body.len()
                )
            }
            "/trailers" => {
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X-Sum\r\n\r\n\
                            4\r\nbody\r\n0\r\nX-Sum: 42\r\n\r\n"
                    .to_owned()
            }
            "/upload" => {
                let mut left: usize = values(head, "content-length")[0].parse().unwrap();
                let mut buffer = vec![0; 64 * 1024];
                let mut total = 0;
                while left > 0 {
                    let length = stream.read(&mut buffer).await?;
                    if length == 0 {
                        return Ok(());
                    }
                    left -= length.min(left);
                    total += length;
                }
                simple("200 OK", "", &total.to_string())
            }
            "/unasked" => "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\n\
                           Upgrade: websocket\r\n\r\n"
                .to_owned(),
            _ => simple("200 OK", "X-App: yes\r\n", head),
        };
        stream.write_all(text.as_bytes()).await?;
        stream.shutdown().await?;
        tokio::time::sleep(Duration::from_millis(50)).await;
        Ok(())
    }
}
