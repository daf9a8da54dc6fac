//! vestibule on a port, with forward-auth on, an app that shows what it gets, and a client that sends bytes as they are.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use tempfile::TempDir;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::task::JoinHandle;
use vestibule::{Builder, Clock, Vestibule};

use super::free_port;
use super::scripted::{EMAIL, PASSWORD, Scripted, TOKEN_SECRET};
use super::site::NOW;

/// vestibule as a proxy at `port` would ask it. The proxy is for the test to start, if it needs one.
pub(crate) struct Front {
    pub(crate) backend: Scripted,
    pub(crate) clock: Clock,
    pub(crate) folder: TempDir,
    pub(crate) app: App,
    /// Where browsers come in.
    pub(crate) port: u16,
    pub(crate) vestibule: u16,
    pub(crate) builder: Builder,
    serving: JoinHandle<()>,
}

impl Front {
    pub(crate) async fn new(more: &str) -> Self {
        let clock = Clock::manual(NOW);
        let backend = Scripted::start(&clock);
        let folder = tempfile::tempdir().unwrap();
        let (port, vestibule) = (free_port(), free_port());
        let toml = format!(
            "[server]\nlisten = \"127.0.0.1:{vestibule}\"\npublic_url = \"http://localhost:{port}\"\n\
             trusted_proxies = [\"127.0.0.1\"]\n[backend]\nurl = \"{}\"\n[token]\nsecret = \"{TOKEN_SECRET}\"\n\
             [session]\nstore = \"sqlite\"\n[forward_auth]\nproxies = [\"nginx\", \"caddy\", \"traefik\"]\n{more}",
            backend.url()
        );
        let builder = Vestibule::builder().toml(toml, folder.path()).clock(clock.clone());
        let site = builder.build().unwrap_or_else(|error| panic!("{error}"));
        let server = site.listen().await.unwrap();
        let serving = tokio::spawn(server.run(std::future::pending()));
        let app = App::start().await;
        Self { backend, clock, folder, app, port, vestibule, builder, serving }
    }

    pub(crate) fn snippet(&self, proxy: &str) -> String {
        let app = format!("http://127.0.0.1:{}", self.app.port);
        self.builder.snippet(proxy, &app).unwrap().text
    }

    pub(crate) fn host(&self) -> String {
        format!("localhost:{}", self.port)
    }

    /// Sends a request to vestibule itself.
    pub(crate) async fn ask(&self, line: &str, headers: &str) -> Heard {
        send(self.vestibule, &format!("{line} HTTP/1.1\r\nHost: {}\r\n{headers}", self.host()), "")
            .await
    }

    /// The same from another address of this machine, which no configuration here trusts.
    pub(crate) async fn ask_from(&self, from: [u8; 4], line: &str, headers: &str) -> Heard {
        let head = format!("{line} HTTP/1.1\r\nHost: {}\r\n{headers}", self.host());
        let socket = TcpSocket::new_v4().unwrap();
        socket.bind(SocketAddr::from((from, 0))).unwrap();
        let address = SocketAddr::from(([127, 0, 0, 1], self.vestibule));
        exchange(socket.connect(address).await.unwrap(), &head, "").await
    }

    /// Sends a request to the proxy.
    pub(crate) async fn visit(&self, line: &str, headers: &str) -> Heard {
        send(self.port, &format!("{line} HTTP/1.1\r\nHost: {}\r\n{headers}", self.host()), "").await
    }

    /// Loads a page through the proxy.
    pub(crate) async fn open(&self, path: &str, cookie: &str) -> Heard {
        self.visit(&format!("GET {path}"), &format!("{NAVIGATION}{cookie}")).await
    }

    /// Signs in at this port; gives where that leads, and the line with the cookie.
    pub(crate) async fn sign_in_at(&self, port: u16, path: &str) -> (String, String) {
        let body = form_urlencoded::Serializer::new(String::new())
            .extend_pairs([("email", EMAIL), ("password", PASSWORD)])
            .finish();
        let heard = self.post_at(port, path, "", &body).await;
        assert_eq!(heard.status, 303, "{heard:?}");
        let cookie = heard.header("set-cookie").unwrap().split(';').next().unwrap().to_owned();
        (heard.header("location").unwrap().to_owned(), format!("Cookie: {cookie}\r\n"))
    }

    pub(crate) async fn post_at(&self, port: u16, path: &str, cookie: &str, body: &str) -> Heard {
        let host = self.host();
        let head = format!(
            "POST {path} HTTP/1.1\r\nHost: {host}\r\nOrigin: http://{host}\r\n{NAVIGATION}{cookie}\
             Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n",
            body.len()
        );
        send(port, &head, body).await
    }
}

impl Drop for Front {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

/// What a browser says that loads a page.
pub(crate) const NAVIGATION: &str =
    "Accept: text/html\r\nSec-Fetch-Mode: navigate\r\nSec-Fetch-Site: same-origin\r\n";

/// An answer.
#[derive(Clone, Debug)]
pub(crate) struct Heard {
    pub(crate) status: u16,
    pub(crate) head: String,
}

impl Heard {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.head
            .lines()
            .filter_map(|line| line.split_once(':'))
            .find_map(|(other, value)| other.eq_ignore_ascii_case(name).then_some(value.trim()))
    }
}

async fn send(port: u16, head: &str, body: &str) -> Heard {
    exchange(TcpStream::connect(("127.0.0.1", port)).await.unwrap(), head, body).await
}

async fn exchange(mut stream: TcpStream, head: &str, body: &str) -> Heard {
    let closing = if head.contains("Connection:") { "" } else { "Connection: close\r\n" };
    stream.write_all(format!("{head}{closing}\r\n{body}").as_bytes()).await.unwrap();
    let mut bytes = Vec::new();
    // A connection that stays open has said all that it will after so long.
    let all = stream.read_to_end(&mut bytes);
    let _ = tokio::time::timeout(std::time::Duration::from_secs(10), all).await;
    let text = String::from_utf8_lossy(&bytes).into_owned();
    let (head, _) = text.split_once("\r\n\r\n").unwrap_or((&text, ""));
    let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or(0);
    Heard { status, head: head.to_owned() }
}

/// An app that answers with the head of the request, and after an upgrade says back what it hears.
pub(crate) struct App {
    pub(crate) port: u16,
    heads: Arc<Mutex<Vec<String>>>,
    serving: JoinHandle<()>,
}

impl App {
    async fn start() -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let heads = Arc::<Mutex<Vec<String>>>::default();
        let book = Arc::clone(&heads);
        let serving = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, Arc::clone(&book)));
            }
        });
        Self { port, heads, serving }
    }

    /// The heads of all requests since the last look.
    pub(crate) fn take(&self) -> Vec<String> {
        std::mem::take(&mut self.heads.lock().unwrap())
    }
}

impl Drop for App {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

async fn serve(mut stream: TcpStream, book: Arc<Mutex<Vec<String>>>) {
    let mut bytes = Vec::new();
    let mut piece = [0; 4096];
    while !bytes.windows(4).any(|end| end == b"\r\n\r\n") {
        match stream.read(&mut piece).await {
            Ok(length @ 1..) => bytes.extend_from_slice(&piece[..length]),
            _ => return,
        }
    }
    let head = String::from_utf8_lossy(&bytes).into_owned();
    let upgrades = head.to_ascii_lowercase().contains("\r\nupgrade: websocket");
    book.lock().unwrap().push(head.clone());
    if upgrades {
        let answer =
            "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n";
        let _ = stream.write_all(answer.as_bytes()).await;
        while let Ok(length @ 1..) = stream.read(&mut piece).await {
            let _ = stream.write_all(&piece[..length]).await;
        }
        return;
    }
    let length = head.len();
    let answer =
        format!("HTTP/1.1 200 OK\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{head}");
    let _ = stream.write_all(answer.as_bytes()).await;
}
