//! Time limits of connections, on a clock that runs by itself and on pipes in memory.

use futures_util::stream;
use http_body_util::{BodyExt as _, Empty};
use hyper::client::conn::{http1, http2};
use poem::endpoint::make;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, DuplexStream};
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep, timeout};

use super::*;

const MINUTE: Duration = Duration::from_mins(1);

/// What listens at the other end. `/endless` begins an answer that never ends.
struct Served {
    task: JoinHandle<()>,
    stop: watch::Sender<bool>,
}

fn served() -> (DuplexStream, Served) {
    let (client, server) = tokio::io::duplex(64 * 1024);
    let (stop, stopped) = watch::channel(false);
    let endpoint = make(async |request: Request| {
        if request.uri().path() == "/endless" {
            let never = stream::pending::<Result<Bytes, io::Error>>();
            return Response::builder().body(poem::Body::from_bytes_stream(never));
        }
        Response::builder().body("hello")
    });
    let connection = Connection {
        builders: Arc::new(Builders::new()),
        watcher: GracefulShutdown::new().watcher(),
        stop: stopped,
        local: LocalAddr(nowhere()),
        remote: RemoteAddr(nowhere()),
        scheme: Scheme::HTTP,
        endpoint: Arc::new(endpoint),
    };
    (client, Served { task: tokio::spawn(connection.serve(server, Known::Not)), stop })
}

fn get(path: &str) -> http::Request<Empty<Bytes>> {
    http::Request::get(format!("http://x{path}")).body(Empty::new()).unwrap()
}

/// How long the server kept a connection open.
async fn lives(served: Served) -> Duration {
    let begun = Instant::now();
    timeout(60 * MINUTE, served.task).await.expect("still open after an hour").unwrap();
    begun.elapsed()
}

#[tokio::test(start_paused = true)]
async fn who_has_never_asked_is_cut_off_soon() {
    for start in ["", "GET / HTTP/1.1\r\nHost: x\r\nX-Slow", "PRI * HTTP"] {
        let (mut client, served) = served();
        client.write_all(start.as_bytes()).await.unwrap();
        assert_eq!(lives(served).await.as_secs(), HEADER_TIMEOUT.as_secs(), "{start:?}");
    }
    // Settings are no request.
    let (client, served) = served();
    let (_sender, connection) =
        http2::handshake::<_, _, Empty<Bytes>>(TokioExecutor::new(), TokioIo::new(client))
            .await
            .unwrap();
    tokio::spawn(connection);
    assert_eq!(lives(served).await.as_secs(), HEADER_TIMEOUT.as_secs());
}

#[tokio::test(start_paused = true)]
async fn a_proxy_may_keep_a_connection_for_a_minute_between_requests() {
    let (client, served) = served();
    let (mut sender, connection) = http1::handshake(TokioIo::new(client)).await.unwrap();
    tokio::spawn(connection);
    for _ in 0..5 {
        let answer = sender.send_request(get("/")).await.unwrap();
        assert_eq!(answer.into_body().collect().await.unwrap().to_bytes(), "hello");
        sleep(MINUTE).await;
    }
    let lived = lives(served).await + MINUTE;
    assert!(lived < 2 * IDLE_TIMEOUT, "{lived:?}");
}

#[tokio::test(start_paused = true)]
async fn a_later_head_has_no_more_time_than_silence() {
    let (mut client, served) = served();
    client.write_all(b"GET / HTTP/1.1\r\nHost: x\r\n\r\nGET / HTTP/1.1\r\nX-Slow: ").await.unwrap();
    let dripping = tokio::spawn(async move {
        let (mut from, mut to) = tokio::io::split(client);
        let drip = async {
            while to.write_all(b"x").await.is_ok() {
                sleep(Duration::from_secs(1)).await;
            }
        };
        let mut answer = Vec::new();
        let ((), read) = tokio::join!(drip, from.read_to_end(&mut answer));
        read.unwrap();
        answer
    });
    assert_eq!(lives(served).await.as_secs(), IDLE_TIMEOUT.as_secs());
    assert!(dripping.await.unwrap().starts_with(b"HTTP/1.1 200"));
}

#[tokio::test(start_paused = true)]
async fn an_idle_http_2_connection_is_closed_and_a_busy_one_is_not() {
    let (client, served) = served();
    let io = TokioIo::new(client);
    let (mut sender, connection) = http2::handshake(TokioExecutor::new(), io).await.unwrap();
    let connection = tokio::spawn(connection);
    let endless = sender.send_request(get("/endless")).await.unwrap();
    sleep(30 * MINUTE).await;
    assert!(!served.task.is_finished());
    let answer = sender.send_request(get("/")).await.unwrap();
    assert_eq!(answer.into_body().collect().await.unwrap().to_bytes(), "hello");
    drop(endless);
    let lived = lives(served).await;
    assert!(IDLE_TIMEOUT <= lived && lived <= 2 * IDLE_TIMEOUT + HEADER_TIMEOUT, "{lived:?}");
    // It was told to go, and has lost nothing.
    connection.await.unwrap().unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_client_that_is_gone_without_a_word_holds_up_no_stop() {
    let (mut client, served) = served();
    // HTTP/2 with empty settings, and a request for / without a body.
    client.write_all(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0").await.unwrap();
    client.write_all(b"\0\0\x06\x01\x05\0\0\0\x01\x82\x84\x86\x41\x01x").await.unwrap();
    let mut answer = vec![0; 4096];
    let mut read = 0;
    while !String::from_utf8_lossy(&answer[..read]).contains("hello") {
        read += client.read(&mut answer[read..]).await.unwrap();
    }
    served.stop.send(true).unwrap();
    let lived = lives(served).await;
    assert!(lived <= HEADER_TIMEOUT + Duration::from_secs(1), "{lived:?}");
}
