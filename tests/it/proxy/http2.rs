//! Clients that speak HTTP/2, and an app that does not: bodies and trailers pass in both directions.

use std::convert::Infallible;

use bytes::Bytes;
use http_body_util::{BodyExt as _, StreamBody};
use hyper::body::Frame;
use hyper::client::conn::http2;
use hyper_util::rt::{TokioExecutor, TokioIo};
use poem::http::{HeaderMap, Request, Version};
use tokio::sync::mpsc;
use tokio::time::timeout;

use super::stage::{Stage, values};
use crate::support::{PATIENCE, eventually};

type Frames = mpsc::UnboundedSender<Frame<Bytes>>;
type Sent = StreamBody<futures_util::stream::BoxStream<'static, Result<Frame<Bytes>, Infallible>>>;

/// A body whose frames come when they are given.
fn body() -> (Frames, Sent) {
    let (sender, receiver) = mpsc::unbounded_channel();
    let stream = futures_util::stream::unfold(receiver, |mut receiver| async {
        receiver.recv().await.map(|frame| (Ok(frame), receiver))
    });
    (sender, StreamBody::new(Box::pin(stream)))
}

async fn client(stage: &Stage) -> http2::SendRequest<Sent> {
    let stream = TokioIo::new(stage.connect().await);
    let (client, connection) = http2::handshake(TokioExecutor::new(), stream).await.unwrap();
    tokio::spawn(connection);
    client
}

fn request(method: &str, path: &str, cookie: &str, body: Sent) -> Request<Sent> {
    let cookie = cookie.trim().strip_prefix("Cookie: ").unwrap();
    Request::builder()
        .method(method)
        .uri(format!("http://localhost:5001{path}"))
        .header("cookie", cookie)
        .header("trailer", "x-digest")
        .body(body)
        .unwrap()
}

#[tokio::test]
async fn bodies_and_trailers_pass_between_http_2_and_http_1_1_in_both_directions() {
    let stage = Stage::new("", "").await;
    let cookie = stage.sign_in().await;
    let mut client = client(&stage).await;
    let (frames, body) = body();
    frames.send(Frame::data(Bytes::from_static(b"one"))).unwrap();
    let answer = client.send_request(request("POST", "/chunked", &cookie, body));
    let answer = tokio::spawn(answer);
    // The head is there before the body is whole.
    eventually("the request", async || (stage.app.seen().len() == 1).then_some(())).await;
    frames.send(Frame::data(Bytes::from_static(b"two"))).unwrap();
    let mut trailers = HeaderMap::new();
    trailers.insert("x-digest", "7".parse().unwrap());
    frames.send(Frame::trailers(trailers)).unwrap();
    drop(frames);
    let answer = timeout(PATIENCE, answer).await.unwrap().unwrap().unwrap();
    assert_eq!((answer.status().as_u16(), answer.version()), (200, Version::HTTP_2));
    let answer = answer.into_body().collect().await.unwrap();
    assert_eq!(answer.trailers().unwrap()["x-sum"], "42");
    let got = String::from_utf8(answer.to_bytes().to_vec()).unwrap();
    assert_eq!(got, "3\r\none\r\n3\r\ntwo\r\n0\r\nx-digest: 7\r\n\r\n");
    let head = stage.app.only();
    assert!(head.starts_with("POST /chunked HTTP/1.1\r\n"), "{head}");
    assert_eq!(values(&head, "host"), ["localhost:5001"]);
}

#[tokio::test]
async fn an_open_answer_ends_at_logout_and_the_connection_goes_on() {
    let stage = Stage::new("", "").await;
    let cookie = stage.sign_in().await;
    let mut client = client(&stage).await;
    let answer = client.send_request(request("GET", "/events", &cookie, body().1)).await.unwrap();
    let mut events = answer.into_body();
    let first = timeout(PATIENCE, events.frame()).await.unwrap().unwrap().unwrap();
    assert_eq!(first.into_data().unwrap(), "data: one\n\n");
    stage.sign_out(&cookie).await;
    let end = timeout(PATIENCE, events.frame()).await.unwrap();
    assert!(end.unwrap().is_err(), "it is no whole answer");
    let answer = client.send_request(request("GET", "/x", &cookie, body().1)).await.unwrap();
    assert_eq!(answer.status(), 401);
}

#[tokio::test]
async fn trailers_of_a_request_pass_in_http_1_1() {
    let stage = Stage::new("", "").await;
    let cookie = stage.sign_in().await;
    let answer = stage
        .raw(&format!(
            "POST /chunked HTTP/1.1\r\nHost: localhost:5001\r\nConnection: close\r\n{cookie}\
             Transfer-Encoding: chunked\r\nTrailer: X-Digest\r\n\r\n3\r\none\r\n0\r\nX-Digest: 7\r\n\r\n"
        ))
        .await;
    assert!(answer.contains("3\r\none\r\n0\r\nx-digest: 7\r\n\r\n"), "{answer}");
}
