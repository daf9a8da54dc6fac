//! An app that is down, slow or broken, and requests that are too large.

use std::time::{Duration, Instant};

use tokio::net::{TcpSocket, TcpStream};

use super::stage::{App, Stage, status, values};

#[tokio::test]
async fn an_app_that_is_down_is_a_page_of_ours() {
    let app = App::start().await.moved_away();
    let toml = format!("[[upstream]]\nurl = \"http://127.0.0.1:{}\"\n", app.port);
    let stage = Stage::with(app, &toml).await;
    let cookie = stage.sign_in().await;
    let answer = stage.get("/x", &format!("{cookie}Accept: text/html\r\n")).await;
    assert_eq!(status(&answer), 503, "{answer}");
    assert!(values(&answer, "content-type")[0].starts_with("text/html"), "{answer}");
    assert_eq!(values(&answer, "content-security-policy").len(), 1);
    assert_eq!(values(&answer, "retry-after").len(), 1);
    let answer = stage.get("/x", &format!("{cookie}Accept: application/json\r\n")).await;
    assert!(answer.contains("upstream.unreachable"), "{answer}");
    assert!(answer.contains("The app cannot be reached"), "{answer}");
}

#[tokio::test]
async fn a_broken_answer_is_a_502_and_a_late_one_a_504() {
    let stage = Stage::new("response_timeout = \"300ms\"\n", "").await;
    let cookie = stage.sign_in().await;
    for (path, expected, code) in [
        ("/junk", 502, "upstream.error"),
        ("/hangup", 502, "upstream.error"),
        ("/silent", 504, "upstream.timeout"),
    ] {
        let answer = stage.get(path, &format!("{cookie}Accept: application/json\r\n")).await;
        assert_eq!(status(&answer), expected, "{path} {answer}");
        assert!(answer.contains(code), "{answer}");
    }
}

#[tokio::test]
async fn a_connection_that_does_not_come_about_is_given_up_in_time() {
    // A queue for one connection, and that one is taken: what comes then is neither let in nor refused.
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind(([127, 0, 0, 1], 0).into()).unwrap();
    let full = socket.listen(0).unwrap();
    let address = full.local_addr().unwrap();
    let _waiting = TcpStream::connect(address).await.unwrap();

    let toml = format!("[[upstream]]\nurl = \"http://{address}\"\nconnect_timeout = \"300ms\"\n");
    let stage = Stage::with(App::start().await, &toml).await;
    let cookie = stage.sign_in().await;
    let began = Instant::now();
    let answer = stage.get("/x", &format!("{cookie}Accept: application/json\r\n")).await;
    assert_eq!(status(&answer), 504, "{answer}");
    assert!(answer.contains("upstream.timeout"), "{answer}");
    assert!(answer.contains("The app took too long"), "{answer}");
    assert!(began.elapsed() < Duration::from_secs(4), "{:?}", began.elapsed());
}

#[tokio::test]
async fn half_an_answer_does_not_pass_for_a_whole_one() {
    let stage = Stage::new("", "").await;
    let cookie = stage.sign_in().await;
    let answer = stage.get("/half", &cookie).await;
    assert_eq!(values(&answer, "content-length"), ["100"]);
    assert!(answer.ends_with("half"), "{answer}");
}

#[tokio::test]
async fn an_answer_that_falls_silent_is_cut_off() {
    let stage = Stage::new("idle_timeout = \"300ms\"\n", "").await;
    let cookie = stage.sign_in().await;
    let answer = stage.get("/events", &cookie).await;
    assert!(answer.contains("data: one") && !answer.contains("0\r\n\r\n"), "{answer}");
}

#[tokio::test]
async fn a_body_is_as_large_as_the_upstream_says() {
    let stage = Stage::new("max_body_size = \"4B\"\n", "").await;
    let cookie = stage.sign_in().await;
    let head = "POST /x HTTP/1.1\r\nHost: localhost:5001\r\nConnection: close\r\n";
    let answer = stage.raw(&format!("{head}{cookie}Content-Length: 5\r\n\r\n12345")).await;
    assert_eq!(status(&answer), 413, "{answer}");
    let chunked = "Transfer-Encoding: chunked\r\n\r\n5\r\n12345\r\n0\r\n\r\n";
    let answer = stage.raw(&format!("{head}{cookie}{chunked}")).await;
    assert_eq!(status(&answer), 413, "{answer}");
    let answer = stage.raw(&format!("{head}{cookie}Content-Length: 4\r\n\r\n1234")).await;
    assert_eq!(status(&answer), 200, "{answer}");
}

#[tokio::test]
async fn who_is_nobody_is_answered_as_the_upstream_says() {
    let page = "Accept: text/html\r\nSec-Fetch-Mode: navigate\r\n";
    for (option, navigation, script) in [
        ("", 303, 401),
        ("unauthenticated = \"login\"", 303, 303),
        ("unauthenticated = \"401\"", 401, 401),
    ] {
        let stage = Stage::new(option, "").await;
        assert_eq!(status(&stage.get("/x", page).await), navigation, "{option}");
        assert_eq!(status(&stage.get("/x", "Accept: */*\r\n").await), script, "{option}");
        assert_eq!(stage.app.seen(), [""; 0]);
    }
}
