//! What is open when a session ends is ended with it, whoever ended it.

use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::time::timeout;

use super::stage::{Stage, status, values};
use super::streaming::{echoes, events, is_closed, read_until, socket};
use crate::support::scripted::{EMAIL, PASSWORD, Reply};
use crate::support::site::ORIGIN;
use crate::support::{PATIENCE, eventually};

const SHARED: &str = "[session]\nstore = \"sqlite\"\nidle_timeout = \"10m\"\n";

/// The other end of an open answer is still there.
async fn is_open(stream: &mut tokio::net::TcpStream) {
    let read = timeout(Duration::from_millis(50), stream.read_u8()).await;
    assert!(read.is_err(), "{read:?}");
}

async fn app_was_left(stage: &Stage, times: usize) {
    let left = || stage.app.left.load(std::sync::atomic::Ordering::SeqCst);
    eventually("the app to be left", async || (left() == times).then_some(())).await;
}

#[tokio::test]
async fn an_open_answer_ends_at_logout_and_the_app_is_told() {
    for store in ["cookie", "memory", "sqlite"] {
        let stage = Stage::new("", &format!("[session]\nstore = \"{store}\"\n")).await;
        let cookie = stage.sign_in().await;
        let mut open = events(&stage, "/events", &cookie).await;
        is_open(&mut open).await;
        stage.sign_out(&cookie).await;
        let mut rest = Vec::new();
        // At once, which is before anybody looks whether sessions have ended.
        let closed = timeout(Duration::from_millis(900), open.read_to_end(&mut rest)).await;
        assert!(closed.is_ok(), "{store}");
        // And not as if it had come to its end.
        assert!(!String::from_utf8_lossy(&rest).contains("0\r\n\r\n"), "{store}");
        app_was_left(&stage, 1).await;
    }
}

#[tokio::test]
async fn an_open_answer_ends_with_the_session_and_not_before() {
    let stage = Stage::new("", "[session]\nidle_timeout = \"10m\"\n").await;
    let (cookie, other) = (stage.sign_in().await, stage.sign_in().await);
    let mut open = events(&stage, "/events", &cookie).await;
    let mut visited = events(&stage, "/events", &other).await;
    stage.clock.advance(Duration::from_secs(500));
    stage.get("/x", &other).await;
    stage.clock.advance(Duration::from_secs(101));
    is_closed(&mut open).await;
    is_open(&mut visited).await;
}

#[tokio::test]
async fn what_is_open_ends_soon_after_another_process_has_ended_the_session() {
    let here = Stage::new("", SHARED).await;
    let there = here.sibling().await;
    let cookie = here.sign_in().await;
    let mut open = events(&here, "/events", &cookie).await;
    let (mut tunnel, head) = socket(&here, &cookie).await;
    assert_eq!(status(&head), 101);
    echoes(&mut tunnel).await;
    there.sign_out(&cookie).await;
    // What another process has written is asked for every 100 ms.
    here.clock.advance(Duration::from_secs(1));
    is_closed(&mut open).await;
    is_closed(&mut tunnel).await;
}

#[tokio::test]
async fn a_visit_at_another_process_keeps_open_what_is_open() {
    let here = Stage::new("", SHARED).await;
    let there = here.sibling().await;
    let (cookie, forgotten) = (here.sign_in().await, here.sign_in().await);
    let (mut tunnel, _) = socket(&here, &cookie).await;
    let mut ends = events(&here, "/events", &forgotten).await;
    here.clock.advance(Duration::from_secs(500));
    assert_eq!(status(&there.get("/x", &cookie).await), 200);
    here.clock.advance(Duration::from_secs(101));
    is_closed(&mut ends).await;
    echoes(&mut tunnel).await;
    there.sign_out(&cookie).await;
    // What another process has written is asked for every 100 ms.
    here.clock.advance(Duration::from_secs(1));
    is_closed(&mut tunnel).await;
}

#[tokio::test]
async fn what_nobody_signed_in_for_is_not_cut() {
    let more = "[access]\npublic = ['/events']\n[session]\nidle_timeout = \"10m\"\n";
    let stage = Stage::new("", more).await;
    let cookie = stage.sign_in().await;
    let mut nobodys = events(&stage, "/events", "").await;
    // Who is greeted by name on a public page is not greeted after the session.
    let mut somebodys = events(&stage, "/events", &cookie).await;
    stage.clock.advance(Duration::from_hours(100));
    is_closed(&mut somebodys).await;
    is_open(&mut nobodys).await;
}

#[tokio::test]
async fn signing_in_anew_ends_what_the_session_before_had_open() {
    let stage = Stage::new("", "").await;
    let cookie = stage.sign_in().await;
    let mut open = events(&stage, "/events", &cookie).await;
    let body = form_urlencoded::Serializer::new(String::new())
        .extend_pairs([("email", EMAIL), ("password", PASSWORD)])
        .finish();
    let headers = format!(
        "{cookie}Origin: {ORIGIN}\r\nContent-Type: application/x-www-form-urlencoded\r\n\
         Content-Length: {}\r\n",
        body.len()
    );
    let head = "POST /login HTTP/1.1\r\nHost: localhost:5001\r\nConnection: close\r\n";
    let answer = stage.raw(&format!("{head}{headers}\r\n{body}")).await;
    assert_eq!(status(&answer), 303, "{answer}");
    is_closed(&mut open).await;
}

#[tokio::test]
async fn who_waits_for_an_app_while_the_session_ends_is_told_so() {
    let stage = Stage::new("", "").await;
    let cookie = stage.sign_in().await;
    let mut waiting = stage.connect().await;
    let head = format!("GET /silent HTTP/1.1\r\nHost: localhost:5001\r\n{cookie}\r\n");
    waiting.write_all(head.as_bytes()).await.unwrap();
    eventually("the request", async || (stage.app.seen().len() == 1).then_some(())).await;
    stage.sign_out(&cookie).await;
    let answer = timeout(PATIENCE / 2, read_until(&mut waiting, "\r\n\r\n")).await.unwrap();
    assert_eq!(status(&answer), 401, "{answer}");
    assert_eq!(values(&answer, "x-vestibule-location").len(), 1, "{answer}");
}

#[tokio::test]
async fn what_the_other_sessions_of_a_user_have_open_ends_with_them() {
    let form = "[[form]]\nid = \"out\"\nsubmit = { send = \"POST /out\" }\non_success = { end_other_sessions = true }\n";
    for store in ["cookie", "memory", "sqlite"] {
        let stage = Stage::new("", &format!("{form}[session]\nstore = \"{store}\"\n")).await;
        stage.backend.script("out", Reply::Json(200, serde_json::json!({})));
        let (mine, other) = (stage.sign_in().await, stage.sign_in().await);
        stage.clock.advance(Duration::from_secs(1));
        let mut kept = events(&stage, "/events", &mine).await;
        let mut ended = events(&stage, "/events", &other).await;
        is_open(&mut ended).await;
        let headers = format!("{mine}Origin: {ORIGIN}\r\nContent-Length: 0\r\n");
        let answer = stage.ask("POST", "/out", &headers).await;
        assert_eq!(status(&answer), 303, "{answer}");
        let closed = timeout(Duration::from_millis(900), ended.read_to_end(&mut Vec::new())).await;
        assert!(closed.is_ok(), "{store}");
        is_open(&mut kept).await;
        assert_eq!(status(&stage.get("/x", &mine).await), 200, "{store}");
        assert_ne!(status(&stage.get("/x", &other).await), 200, "{store}");
    }
}
