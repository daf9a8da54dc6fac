//! Upgrades by an embedded app: the door judges the handshake and hands the connection over.

use poem::http::StatusCode;
use poem::{Response, Route, get, handler};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::timeout;
use vestibule::Identity;

use super::{EMAIL, Visitor, log_in, stage, visitor};
use crate::support::PATIENCE;

/// What poem's `WebSocket` does, less the frames: says who it is, then gives back what comes.
#[handler]
fn socket(request: &poem::Request, identity: &Identity) -> Response {
    let upgrade = request.take_upgrade().unwrap();
    let hello = format!("{};", identity.user().email);
    tokio::spawn(async move {
        let mut stream = upgrade.await.unwrap();
        stream.write_all(hello.as_bytes()).await.unwrap();
        let mut ping = [0; 4];
        stream.read_exact(&mut ping).await.unwrap();
        stream.write_all(&ping).await.unwrap();
        stream.shutdown().await.unwrap();
    });
    let answer = Response::builder().status(StatusCode::SWITCHING_PROTOCOLS);
    answer.header("connection", "Upgrade").header("upgrade", "websocket").finish()
}

/// Asks for a WebSocket with the visitor's cookies: the connection, and the head of the answer.
async fn open(port: u16, visitor: &Visitor, origin: &str) -> (TcpStream, String) {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
    let cookies: Vec<_> =
        visitor.cookies().iter().map(|(name, value)| format!("{name}={value}")).collect();
    let asked = format!(
        "GET /socket HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: keep-alive, Upgrade\r\n\
         Upgrade: websocket\r\nOrigin: {origin}\r\nCookie: {}\r\n\r\n",
        cookies.join("; ")
    );
    stream.write_all(asked.as_bytes()).await.unwrap();
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(timeout(PATIENCE, stream.read_u8()).await.unwrap().unwrap());
    }
    (stream, String::from_utf8(head).unwrap())
}

#[tokio::test]
async fn a_handler_speaks_over_a_websocket_with_who_is_signed_in_and_nobody_else() {
    let stage = stage("");
    let port = stage.port;
    let app = Route::new().at("/socket", get(socket));
    let visitor = visitor(port, stage.builder.build().unwrap().protect(app)).await;
    let own = format!("http://127.0.0.1:{port}");
    let (_, refused) = open(port, &visitor, &own).await;
    assert!(refused.starts_with("HTTP/1.1 401 "), "{refused}");

    log_in(&visitor).await;
    let (mut stream, head) = open(port, &visitor, &own).await;
    assert!(head.starts_with("HTTP/1.1 101 "), "{head}");
    stream.write_all(b"ping").await.unwrap();
    let mut said = String::new();
    timeout(PATIENCE, stream.read_to_string(&mut said)).await.unwrap().unwrap();
    assert_eq!(said, format!("{EMAIL};ping"));

    let (_, refused) = open(port, &visitor, "https://evil.example").await;
    assert!(refused.starts_with("HTTP/1.1 403 "), "{refused}");
}
