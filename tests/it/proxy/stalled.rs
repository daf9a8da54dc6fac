//! A client that neither sends nor takes anything keeps no app busy, and a slow one gets everything.

use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::stage::{Stage, status};
use super::streaming::{is_closed, read_until};
use crate::support::{PATIENCE, eventually};

async fn app_was_left(stage: &Stage) {
    let left = || stage.app.left.load(Ordering::SeqCst);
    eventually("the app to be left", async || (left() == 1).then_some(())).await;
}

async fn post(stage: &Stage, path: &str, headers: &str, body: &str) -> TcpStream {
    let mut stream = stage.connect().await;
    let head = format!("POST {path} HTTP/1.1\r\nHost: localhost:5001\r\n{headers}\r\n{body}");
    stream.write_all(head.as_bytes()).await.unwrap();
    stream
}

#[tokio::test]
async fn a_client_that_takes_nothing_keeps_no_app_busy() {
    let stage = Stage::new("idle_timeout = \"300ms\"\n", "").await;
    let cookie = stage.sign_in().await;
    let mut stream = stage.connect().await;
    let head = format!("GET /endless HTTP/1.1\r\nHost: localhost:5001\r\n{cookie}\r\n");
    stream.write_all(head.as_bytes()).await.unwrap();
    app_was_left(&stage).await;
    // What was on its way can still be read, and it does not look like the whole answer.
    let mut rest = Vec::new();
    timeout(PATIENCE, stream.read_to_end(&mut rest)).await.unwrap().ok();
    assert!(rest.len() > 64 * 1024 && !rest.ends_with(b"0\r\n\r\n"), "{}", rest.len());
}

#[tokio::test]
async fn a_slow_and_steady_client_gets_all_of_it() {
    let idle = Duration::from_secs(1);
    let stage = Stage::new("idle_timeout = \"1s\"\n", "").await;
    let cookie = stage.sign_in().await;
    let mut stream = stage.connect().await;
    let headers = format!("Host: localhost:5001\r\nConnection: close\r\n{cookie}");
    let head = format!("GET /large HTTP/1.1\r\n{headers}\r\n");
    stream.write_all(head.as_bytes()).await.unwrap();
    let head = read_until(&mut stream, "\r\n\r\n").await;
    assert_eq!(status(&head), 200);
    let (mut buffer, started) = (vec![0; 2 * 1024 * 1024], Instant::now());
    for _ in 0..16 {
        tokio::time::sleep(idle / 6).await;
        timeout(PATIENCE, stream.read_exact(&mut buffer)).await.unwrap().unwrap();
    }
    assert!(started.elapsed() > 2 * idle, "it has to take longer than the limit altogether");
}

#[tokio::test]
async fn a_client_that_stops_sending_is_told_so() {
    for limits in ["response_timeout = \"300ms\"\n", "idle_timeout = \"300ms\"\n"] {
        let stage = Stage::new(limits, "").await;
        let cookie = stage.sign_in().await;
        let headers = format!("{cookie}Content-Length: 100\r\nAccept: application/json\r\n");
        let mut stream = post(&stage, "/upload", &headers, "only this").await;
        let mut answer = Vec::new();
        timeout(PATIENCE, stream.read_to_end(&mut answer)).await.unwrap().unwrap();
        let answer = String::from_utf8_lossy(&answer);
        assert_eq!(status(&answer), 408, "{limits}{answer}");
        assert!(answer.contains("request.timeout"), "{answer}");
        assert!(answer.contains("It took too long to arrive"), "{answer}");
    }
}

#[tokio::test]
async fn a_client_that_stops_sending_after_the_answer_is_cut_off() {
    let stage = Stage::new("idle_timeout = \"300ms\"\n", "").await;
    let cookie = stage.sign_in().await;
    let headers = format!("{cookie}Content-Length: 100\r\n");
    let mut stream = post(&stage, "/early", &headers, "only this").await;
    let answer = read_until(&mut stream, "ok").await;
    assert_eq!(status(&answer), 200, "{answer}");
    app_was_left(&stage).await;
    is_closed(&mut stream).await;
}
