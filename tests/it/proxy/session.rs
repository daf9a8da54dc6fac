//! An app that refuses a token gets another, once.

use super::stage::{Stage, cookies, status, values};

fn bearers(stage: &Stage) -> Vec<String> {
    stage.app.seen().iter().map(|head| values(head, "authorization")[0].to_owned()).collect()
}

#[tokio::test]
async fn a_refused_token_is_renewed_once_and_the_request_made_again() {
    let stage = Stage::new("", "").await;
    let cookie = stage.sign_in().await;
    stage.get("/x", &cookie).await;
    let token = bearers(&stage).remove(0);
    stage.app.forget();
    stage.app.refused.lock().unwrap().push(token);
    let answer = stage.get("/guarded", &cookie).await;
    assert_eq!(status(&answer), 200, "{answer}");
    let bearers = bearers(&stage);
    assert_eq!(bearers.len(), 2);
    assert_ne!(bearers[0], bearers[1]);
    assert_eq!(stage.backend.count("refresh"), 1);
    assert_eq!(values(&answer, "cache-control"), ["no-store"]);
    // The new ticket leads on, and so does the old one for a moment.
    for cookie in [format!("Cookie: {}\r\n", cookies(&answer)), cookie] {
        assert_eq!(status(&stage.get("/guarded", &cookie).await), 200);
    }
    assert_eq!(stage.backend.count("refresh"), 1);
}

#[tokio::test]
async fn a_second_refusal_is_passed_on_and_does_not_renew_for_every_request() {
    let stage = Stage::new("", "[session]\nstore = \"memory\"\n").await;
    let cookie = stage.sign_in().await;
    stage.app.refused.lock().unwrap().push("*".to_owned());
    for _ in 0..3 {
        let answer = stage.get("/guarded", &cookie).await;
        assert_eq!(status(&answer), 401);
        assert!(answer.ends_with("guarded"), "{answer}");
    }
    assert_eq!(stage.backend.count("refresh"), 1);
    assert_eq!(stage.app.seen().len(), 4);
}

#[tokio::test]
async fn what_has_a_body_or_changes_something_is_not_made_twice() {
    let stage = Stage::new("", "").await;
    let cookie = stage.sign_in().await;
    stage.app.refused.lock().unwrap().push("*".to_owned());
    for (method, headers) in [("POST", "Content-Length: 0\r\n"), ("DELETE", "")] {
        stage.app.forget();
        let answer = stage.ask(method, "/guarded", &format!("{cookie}{headers}")).await;
        assert_eq!((status(&answer), stage.app.seen().len()), (401, 1), "{method}");
    }
    assert_eq!(stage.backend.count("refresh"), 0);
}

/// Nobody knows how long its tokens live, and there is nothing to renew them with.
async fn of_unknown_life() -> (Stage, String) {
    let more = "[token]\nformat = \"opaque\"\n[session]\nstore = \"memory\"\n";
    let stage = Stage::new("", more).await;
    stage.backend.issue_opaque_tokens();
    stage.backend.issue_no_refresh_tokens();
    let cookie = stage.sign_in().await;
    stage.app.refused.lock().unwrap().push("*".to_owned());
    (stage, cookie)
}

#[tokio::test]
async fn an_apps_401_ends_a_session_whose_token_the_backend_refuses_too() {
    let (stage, cookie) = of_unknown_life().await;
    stage.backend.forget_access_tokens();
    let page = format!("{cookie}Accept: text/html\r\nSec-Fetch-Mode: navigate\r\n");
    let answer = stage.get("/guarded", &page).await;
    assert_eq!(status(&answer), 303, "{answer}");
    assert!(values(&answer, "location")[0].starts_with("/login"), "{answer}");
    assert!(values(&answer, "set-cookie")[0].contains("Max-Age=0"), "{answer}");
    // For good, and not for this request alone.
    stage.app.forget();
    assert_eq!(status(&stage.get("/x", &cookie).await), 401);
    assert_eq!(stage.app.seen(), [""; 0]);
}

#[tokio::test]
async fn an_apps_401_is_the_apps_own_where_the_backend_still_takes_the_token() {
    let (stage, cookie) = of_unknown_life().await;
    let answer = stage.get("/guarded", &cookie).await;
    assert_eq!(status(&answer), 401);
    assert!(answer.ends_with("guarded"), "{answer}");
    assert_eq!(status(&stage.get("/x", &cookie).await), 200);
}
