//! A socket file: who may connect, who is on the other end, and what is left of it.

use std::fs;
use std::io::{Read as _, Write as _};
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::Path;

use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use vestibule::{Builder, Vestibule};

use crate::support::site::{self, Site};

fn builder(folder: &Path, more: &str) -> Builder {
    let toml = format!(
        "[server]\nlisten = \"unix:door.sock\"\npublic_url = \"http://localhost:5001\"\n{more}\
         [backend]\nurl = \"http://127.0.0.1:9\"\n\
         [token]\nsecret = \"token-key-0123456789-0123456789-0123456789\"\n"
    );
    Vestibule::builder().toml(toml, folder)
}

struct Open {
    stop: oneshot::Sender<()>,
    task: JoinHandle<()>,
}

async fn open(builder: &Builder) -> Result<Open, vestibule::Error> {
    let server = builder.build()?.listen().await?;
    assert!(server.addresses().is_empty());
    assert!(server.listens_on()[0].starts_with("unix:"), "{:?}", server.listens_on());
    let (stop, stopped) = oneshot::channel::<()>();
    let task = tokio::spawn(server.run(async {
        let _ = stopped.await;
    }));
    Ok(Open { stop, task })
}

impl Open {
    async fn close(self) {
        self.stop.send(()).unwrap();
        self.task.await.unwrap();
    }
}

/// Asks through the socket and returns the whole answer.
async fn ask(socket: &Path, request: String) -> String {
    let socket = socket.to_owned();
    let asked = tokio::task::spawn_blocking(move || {
        let mut stream = UnixStream::connect(socket).unwrap();
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    });
    asked.await.unwrap()
}

fn get(path: &str, headers: &str) -> String {
    format!("GET {path} HTTP/1.1\r\nHost: localhost:5001\r\n{headers}Connection: close\r\n\r\n")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_socket_file_answers_and_goes_when_the_server_stops() {
    let folder = tempfile::tempdir().unwrap();
    let socket = folder.path().join("door.sock");
    let server = open(&builder(folder.path(), "")).await.unwrap();
    let mode = fs::metadata(&socket).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o660);
    assert!(ask(&socket, get("/login", "")).await.starts_with("HTTP/1.1 200 "));
    let to_login = ask(&socket, get("/x", "Accept: text/html\r\n")).await;
    assert!(to_login.starts_with("HTTP/1.1 303 "), "{to_login}");
    server.close().await;
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stale_socket_file_is_replaced_and_a_living_one_is_not() {
    let folder = tempfile::tempdir().unwrap();
    let socket = folder.path().join("door.sock");
    // What a process that was killed leaves behind.
    drop(UnixListener::bind(&socket).unwrap());
    let builder = builder(folder.path(), "");
    let server = open(&builder).await.unwrap();
    let second = open(&builder).await.err().unwrap();
    assert!(second.is_unavailable() && second.to_string().contains("listens there already"));
    assert!(ask(&socket, get("/login", "")).await.starts_with("HTTP/1.1 200 "));
    server.close().await;

    fs::write(&socket, "somebody's notes").unwrap();
    let refused = open(&builder).await.err().unwrap();
    assert!(refused.to_string().contains("no socket"), "{refused}");
    assert_eq!(fs::read_to_string(&socket).unwrap(), "somebody's notes");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_peer_without_an_address_forwards_is_believed_where_loopback_is() {
    for (trusted, believed) in [
        ("", false),
        ("trusted_proxies = [\"10.0.0.0/8\"]\n", false),
        ("trusted_proxies = [\"127.0.0.1\"]\n", true),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let builder = builder(folder.path(), trusted);
        let warned = builder.check().unwrap().iter().any(|it| it.message.contains("socket file"));
        assert_eq!(warned, !believed, "{trusted}");
        let server = open(&builder).await.unwrap();
        let socket = folder.path().join("door.sock");
        let answer = ask(&socket, get("/login", "X-Request-Id: proxy-0123456789\r\n")).await;
        assert_eq!(
            answer.contains("x-request-id: proxy-0123456789"),
            believed,
            "{trusted}: {answer}"
        );
        server.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_forwarded_address_of_a_trusted_peer_is_what_limits_count_by() {
    let fixed = "listen = \"unix:door.sock\"\n[rate_limit.login]\nlimit = 1\n";
    let site = Site::new(&format!("[server]\ntrusted_proxies = [\"127.0.0.1\"]\n{fixed}"));
    let toml = site::config(
        &site.backend,
        &format!("[server]\ntrusted_proxies = [\"127.0.0.1\"]\n{fixed}"),
    );
    let server = open(&Vestibule::builder().toml(toml, site.folder.path())).await.unwrap();
    let socket = site.folder.path().join("door.sock");
    let login = |client: &str, account: &str| {
        let body = format!("{{\"email\": \"{account}\", \"password\": \"Wr0ng-horse-battery\"}}");
        format!(
            "POST /login HTTP/1.1\r\nHost: localhost:5001\r\nX-Forwarded-For: {client}\r\n\
             Accept: application/json\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\
             Sec-Fetch-Site: same-origin\r\nConnection: close\r\n\r\n{body}",
            body.len()
        )
    };
    let mut seen = Vec::new();
    for client in ["192.0.2.1", "192.0.2.1", "192.0.2.2"] {
        let account = format!("{}@example.com", seen.len());
        let answer = ask(&socket, login(client, &account)).await;
        seen.push(answer.split(' ').nth(1).unwrap().to_owned());
    }
    assert_eq!(seen, ["401", "429", "401"]);
    server.close().await;
}
