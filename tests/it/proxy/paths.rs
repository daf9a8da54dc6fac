//! The path that is judged is the path that is sent.

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

use super::stage::{App, Stage, status};

const PUBLIC: &str = "[access]\npublic = ['/public/.*']\n";

fn target(head: &str) -> &str {
    head.split(' ').nth(1).unwrap()
}

#[tokio::test]
async fn what_is_harmless_arrives_byte_for_byte() {
    let stage = Stage::new("", PUBLIC).await;
    let cookie = stage.sign_in().await;
    for sent in [
        "/",
        "/?",
        "/a?b=c&d=%2e%2e/x",
        "/foo..baz",
        "/foo%2Fbar",
        "/a:b;c=d",
        "/%C3%BC",
        "/a//b",
        "/%61dmin",
        "/a\"b",
        "/a{b}|c",
        "/x?http://evil/../y",
        "/a/",
        "/100%25",
        "/a?x#y",
    ] {
        stage.app.forget();
        assert_eq!(status(&stage.get(sent, &cookie).await), 200, "{sent}");
        assert_eq!(target(&stage.app.only()), sent.split('#').next().unwrap(), "{sent}");
    }
}

#[tokio::test]
async fn no_doubtful_path_reaches_the_app_with_or_without_a_session() {
    let stage = Stage::new("", PUBLIC).await;
    let cookie = stage.sign_in().await;
    for sent in [
        "/public/../admin",
        "/public/%2e%2e/admin",
        "/public/%2E%2E/admin",
        "/public/.%2e/admin",
        "/public/..%2fadmin",
        "/public/..%5cadmin",
        "/public/..;/admin",
        "/public/%252e%252e/x",
        "/public/..\\admin",
        "/./admin",
        "//admin",
        "///admin",
        "/a%00b",
        "/a%0ab",
        "*",
        "http://evil.test/admin",
    ] {
        for headers in ["", cookie.as_str()] {
            let answer = stage.get(sent, headers).await;
            assert_eq!(status(&answer), 400, "{sent} {answer}");
        }
    }
    assert_eq!(stage.app.seen(), [""; 0]);
}

#[tokio::test]
async fn without_a_session_only_the_whitelist_opens_the_app() {
    let stage = Stage::new("", PUBLIC).await;
    for protected in
        ["/", "/admin", "/admin?x=/public/", "/public", "/admin%23/public/", "/publicx/y"]
    {
        let answer = stage.get(protected, "Accept: text/html\r\n").await;
        assert_eq!(status(&answer), 303, "{protected} {answer}");
        assert_eq!(status(&stage.get(protected, "").await), 401, "{protected}");
    }
    assert_eq!(stage.app.seen(), [""; 0]);
    assert_eq!(status(&stage.get("/public/x", "").await), 200);
    assert_eq!(target(&stage.app.only()), "/public/x");
}

/// For every request that reaches the app without a session, the app's path is whitelisted.
#[test]
fn whatever_reaches_the_app_without_a_session_is_what_was_asked_and_is_whitelisted() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let stage = runtime.block_on(Stage::new("", PUBLIC));
    let part = prop_oneof![
        Just("public"),
        Just("admin"),
        Just("/"),
        Just("."),
        Just(".."),
        Just("%2e"),
        Just("%2F"),
        Just("%5c"),
        Just(";"),
        Just("%25"),
        Just("\\"),
        Just("?"),
        Just("#"),
        Just("%"),
        Just("x"),
    ];
    let paths = prop::collection::vec(part, 0..8).prop_map(|parts| format!("/{}", parts.concat()));
    let mut runner = TestRunner::new(Config { cases: 256, ..Config::default() });
    let reached = std::cell::Cell::new(0);
    runner
        .run(&paths, |sent| {
            stage.app.forget();
            runtime.block_on(stage.get(&sent, ""));
            for head in stage.app.seen() {
                let got = target(&head);
                prop_assert_eq!(got, sent.split('#').next().unwrap());
                prop_assert!(got.starts_with("/public/"), "{}", got);
                let path = got.split('?').next().unwrap();
                // Dots among other letters are a name; alone they would be a step.
                let mut names = path.split('/').map(|name| name.split(';').next());
                let is_step = names.any(|name| matches!(name, Some("." | "..")));
                prop_assert!(!is_step && !path.contains('\\'), "{}", got);
                reached.set(reached.get() + 1);
            }
            Ok(())
        })
        .unwrap();
    let seen = runtime.block_on(stage.get("/public/x", ""));
    assert_eq!(status(&seen), 200);
}

#[tokio::test]
async fn the_longest_prefix_wins_and_ends_where_a_segment_does() {
    let (app, other) = (App::start().await, App::start().await);
    let toml = format!(
        "{PUBLIC}\n[[upstream]]\nurl = \"http://127.0.0.1:{}\"\n[[upstream]]\npath = \"/public/api\"\n\
         strip_prefix = true\nurl = \"http://127.0.0.1:{}\"\n",
        app.port, other.port
    );
    let stage = Stage::with(app.clone(), &toml).await;
    for (sent, to_other, got) in [
        ("/public/api", true, "/"),
        ("/public/api/", true, "/"),
        ("/public/api?q=1", true, "/?q=1"),
        ("/public/api/x%20y?q", true, "/x%20y?q"),
        ("/public/apix", false, "/public/apix"),
        ("/public/x", false, "/public/x"),
    ] {
        app.forget();
        other.forget();
        stage.get(sent, "").await;
        let at = if to_other { other.only() } else { app.only() };
        assert_eq!(target(&at), got, "{sent}");
    }
    // What one program takes for the one app's and another for the other's is nobody's.
    for doubtful in ["/public/%61pi/x", "/public/api%2Fx", "/public/api//evil.example/x"] {
        app.forget();
        other.forget();
        assert_eq!(status(&stage.get(doubtful, "").await), 400, "{doubtful}");
        assert_eq!((app.seen().len(), other.seen().len()), (0, 0), "{doubtful}");
    }
}

#[tokio::test]
async fn what_is_vestibules_own_stays_its_own() {
    let stage = Stage::new("", "[access]\npublic = ['/', '/_vestibule/.*', '/welcome']\n").await;
    for own in ["/login", "/_vestibule/livez", "/_vestibule/nothing", "/_vestibule/session"] {
        stage.get(own, "").await;
    }
    assert_eq!(stage.app.seen(), [""; 0]);
    assert_eq!(status(&stage.get("/", "").await), 200);
    assert_eq!(target(&stage.app.only()), "/");
}
