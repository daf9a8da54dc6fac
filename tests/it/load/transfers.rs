//! Bodies of a gibibyte, and answers that nobody reads.

use bytes::Bytes;
use http_body_util::Empty;
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use super::stage::{MIB, Stage, read_head};

const GIB: u64 = 1024 * MIB;
/// What a body of any size may add to the memory, in KiB.
const BODY: u64 = 32 * 1024;
/// What a transfer that stands still may hold, in KiB: a third more than it should.
const STALLED: u64 = 400;

#[tokio::test(flavor = "multi_thread")]
async fn a_gibibyte_goes_down_in_bounded_memory() {
    let stage = Stage::new("").await;
    let before = stage.resident();
    let mut stream = stage.connect().await;
    let head = format!("GET /public/down/{GIB} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    stream.write_all(head.as_bytes()).await.unwrap();
    let head = read_head(&mut stream).await.unwrap();
    assert!(head.starts_with("HTTP/1.1 200"), "{head}");
    let mut buffer = vec![0; 256 * 1024];
    let mut taken = 0;
    loop {
        match stream.read(&mut buffer).await.unwrap() {
            0 => break,
            read => taken += read as u64,
        }
    }
    assert_eq!(taken, GIB);
    assert!(stage.peak() - before < BODY, "{} KiB more", stage.peak() - before);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_gibibyte_goes_up_in_bounded_memory() {
    let stage = Stage::new("").await;
    let before = stage.resident();
    let mut stream = stage.connect().await;
    let head = format!(
        "POST /public/up HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: {GIB}\r\n\r\n"
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    let piece = vec![b'x'; 256 * 1024];
    for _ in 0..GIB / piece.len() as u64 {
        stream.write_all(&piece).await.unwrap();
    }
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    assert!(answer.ends_with(&format!("\r\n\r\n{GIB}")), "{answer}");
    assert!(stage.peak() - before < BODY, "{} KiB more", stage.peak() - before);
}

#[tokio::test(flavor = "multi_thread")]
async fn answers_that_nobody_reads_hold_little_memory_over_http_1() {
    let stage = Stage::new("").await;
    let before = stage.resident();
    let mut stalled = Vec::new();
    for _ in 0..100 {
        let mut stream = stage.connect().await;
        let head = format!("GET /public/down/{GIB} HTTP/1.1\r\nHost: x\r\n\r\n");
        stream.write_all(head.as_bytes()).await.unwrap();
        stalled.push(stream);
    }
    stage.app.is_held_up().await;
    judge(&stage, before, stalled.len() as u64).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn answers_that_nobody_reads_hold_little_memory_over_http_2() {
    let stage = Stage::new("").await;
    let before = stage.resident();
    let mut stalled = Vec::new();
    // As many on one connection as on many.
    for _ in 0..2 {
        let stream = TokioIo::new(stage.connect().await);
        let (mut sender, connection) =
            hyper::client::conn::http2::Builder::new(TokioExecutor::new())
                .initial_stream_window_size(65_535)
                .initial_connection_window_size(65_535)
                .handshake(stream)
                .await
                .unwrap();
        tokio::spawn(connection);
        for _ in 0..50 {
            sender.ready().await.unwrap();
            let request = http::Request::get(format!("http://x/public/down/{GIB}"));
            let request = request.body(Empty::<Bytes>::new()).unwrap();
            let answer = sender.send_request(request).await.unwrap();
            assert_eq!(answer.status(), 200);
            stalled.push((answer, sender.clone()));
        }
    }
    stage.app.is_held_up().await;
    judge(&stage, before, stalled.len() as u64).await;
}

async fn judge(stage: &Stage, before: u64, count: u64) {
    let grown = stage.resident().saturating_sub(before);
    assert!(grown < STALLED * count, "{grown} KiB for {count} stalled transfers");
    stage.serves_others(std::time::Duration::from_secs(5)).await;
}
