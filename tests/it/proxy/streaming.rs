//! Nothing is kept back: events, trailers, large bodies, upgrades.

use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::stage::{Stage, status};
use crate::support::PATIENCE;

pub(super) async fn read_until(stream: &mut TcpStream, end: &str) -> String {
    let mut read = Vec::new();
    while !String::from_utf8_lossy(&read).contains(end) {
        let byte = timeout(PATIENCE, stream.read_u8()).await.unwrap();
        read.push(byte.unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(&read))));
    }
    String::from_utf8_lossy(&read).into_owned()
}

/// Opens a WebSocket, as far as HTTP knows about it.
pub(super) async fn socket(stage: &Stage, headers: &str) -> (TcpStream, String) {
    let mut stream = stage.connect().await;
    let head = format!(
        "GET /ws HTTP/1.1\r\nHost: localhost:5001\r\nConnection: keep-alive, Upgrade\r\nUpgrade: websocket\r\n{headers}\r\n"
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    let head = read_until(&mut stream, "\r\n\r\n").await;
    (stream, head)
}

pub(super) async fn echoes(stream: &mut TcpStream) {
    stream.write_all(b"ping").await.unwrap();
    assert_eq!(read_until(stream, "ping").await, "ping");
}

pub(super) async fn is_closed(stream: &mut TcpStream) {
    let mut rest = Vec::new();
    let read = timeout(Duration::from_secs(20), stream.read_to_end(&mut rest)).await;
    assert!(read.is_ok(), "it stayed open");
}

/// Opens a stream of events and reads the first.
pub(super) async fn events(stage: &Stage, path: &str, headers: &str) -> TcpStream {
    let mut stream = stage.connect().await;
    let head = format!("GET {path} HTTP/1.1\r\nHost: localhost:5001\r\n{headers}\r\n");
    stream.write_all(head.as_bytes()).await.unwrap();
    // To the end of the chunk.
    read_until(&mut stream, "data: one\n\n\r\n").await;
    stream
}

#[tokio::test]
async fn an_event_arrives_while_the_answer_is_open() {
    let stage = Stage::new("", "").await;
    let cookie = stage.sign_in().await;
    events(&stage, "/events", &cookie).await;
}

#[tokio::test]
async fn trailers_come_through() {
    let stage = Stage::new("", "").await;
    let cookie = stage.sign_in().await;
    let answer = stage.get("/trailers", &format!("{cookie}TE: trailers\r\n")).await;
    assert!(answer.to_lowercase().contains("x-sum: 42"), "{answer}");
}

#[tokio::test]
async fn large_bodies_pass_in_both_directions() {
    let stage = Stage::new("", "").await;
    let cookie = stage.sign_in().await;
    let answer = stage.get("/large", &cookie).await;
    assert!(answer.len() > 32 * 1024 * 1024, "{}", answer.len());
    let length = 32 * 1024 * 1024;
    let mut stream = stage.connect().await;
    let head = format!(
        "POST /upload HTTP/1.1\r\nHost: localhost:5001\r\nConnection: close\r\nExpect: 100-continue\r\n\
         Content-Length: {length}\r\n{cookie}\r\n"
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    read_until(&mut stream, "100 Continue\r\n\r\n").await;
    let chunk = vec![b'x'; 1024 * 1024];
    for _ in 0..32 {
        stream.write_all(&chunk).await.unwrap();
    }
    let answer = read_until(&mut stream, &length.to_string()).await;
    assert_eq!(status(&answer), 200);
}

#[tokio::test]
async fn a_websocket_is_let_in_with_a_session_and_closed_at_logout() {
    let stage = Stage::new("", "").await;
    let (_, head) = socket(&stage, "").await;
    assert_eq!(status(&head), 401);
    assert_eq!(stage.app.seen(), [""; 0]);
    let cookie = stage.sign_in().await;
    let (mut stream, head) = socket(&stage, &cookie).await;
    assert_eq!(status(&head), 101, "{head}");
    echoes(&mut stream).await;
    stage.sign_out(&cookie).await;
    is_closed(&mut stream).await;
}

#[tokio::test]
async fn a_websocket_ends_with_its_session_and_lives_as_long_as_that() {
    let stage = Stage::new("", "[session]\nidle_timeout = \"10m\"\n").await;
    let cookie = stage.sign_in().await;
    let (mut stream, _) = socket(&stage, &cookie).await;
    stage.clock.advance(Duration::from_secs(500));
    echoes(&mut stream).await;
    stage.clock.advance(Duration::from_secs(101));
    is_closed(&mut stream).await;
}

#[tokio::test]
async fn a_websocket_ends_when_the_site_stops() {
    let mut stage = Stage::new("", "").await;
    let cookie = stage.sign_in().await;
    let (mut stream, _) = socket(&stage, &cookie).await;
    echoes(&mut stream).await;
    stage.stop.take();
    is_closed(&mut stream).await;
}

#[tokio::test]
async fn an_event_stream_does_not_hold_up_the_end() {
    let mut stage = Stage::new("", "[server]\nshutdown_grace = \"1h\"\n").await;
    let cookie = stage.sign_in().await;
    let mut stream = stage.connect().await;
    let head = format!("GET /events HTTP/1.1\r\nHost: localhost:5001\r\n{cookie}\r\n");
    stream.write_all(head.as_bytes()).await.unwrap();
    read_until(&mut stream, "data: one").await;
    stage.stop.take();
    is_closed(&mut stream).await;
}

#[tokio::test]
async fn a_page_of_another_site_opens_no_websocket() {
    let stage = Stage::new("", "").await;
    let cookie = stage.sign_in().await;
    let (_, head) = socket(&stage, &format!("{cookie}Origin: https://evil.example\r\n")).await;
    assert_eq!(status(&head), 403);
    let (_, head) = socket(&stage, &format!("{cookie}Origin: http://localhost:5001\r\n")).await;
    assert_eq!(status(&head), 101);
}

#[tokio::test]
async fn nothing_else_is_upgraded_and_no_app_switches_unasked() {
    let stage = Stage::new("", "").await;
    let cookie = stage.sign_in().await;
    let h2c = "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n";
    stage.get("/x", &format!("{cookie}{h2c}")).await;
    let head = stage.app.only().to_lowercase();
    assert!(!head.contains("h2c") && !head.contains("http2-settings"), "{head}");
    assert_eq!(status(&stage.get("/unasked", &cookie).await), 502);
}
