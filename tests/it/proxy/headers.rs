//! No identity but ours reaches the app, and nothing of ours that is none of its business.

use super::stage::{Stage, cookies, status, values};
use crate::support::scripted::EMAIL;

const PUBLIC: &str = "[access]\npublic = ['/public/.*']\n";

#[tokio::test]
async fn the_app_is_told_who_it_is() {
    let stage = Stage::new("headers = { X-App-Mail = \"{{ user.email }}\" }\n", "").await;
    let cookie = stage.sign_in().await;
    assert_eq!(status(&stage.get("/x", &cookie).await), 200);
    let head = stage.app.only();
    assert_eq!(values(&head, "remote-email"), [EMAIL]);
    assert_eq!(values(&head, "x-app-mail"), [EMAIL]);
    assert_eq!(values(&head, "remote-groups"), [""]);
    assert!(values(&head, "authorization")[0].starts_with("Bearer ey"), "{head}");
    assert!(values(&head, "cookie").is_empty(), "{head}");
    assert_eq!(values(&head, "host"), ["localhost:5001"]);
    assert_eq!(values(&head, "x-forwarded-for"), ["127.0.0.1"]);
    assert_eq!(values(&head, "x-forwarded-proto"), ["http"]);
    assert_eq!(values(&head, "x-forwarded-host"), ["localhost:5001"]);
}

#[tokio::test]
async fn no_identity_of_the_client_survives_in_any_spelling_on_any_path() {
    let stage = Stage::new("headers = { X-App-Mail = \"{{ user.email }}\" }\n", PUBLIC).await;
    let cookie = stage.sign_in().await;
    let mut forged = String::new();
    for name in ["Remote-User", "Remote-Groups", "Remote-Email", "Remote-Name", "X-App-Mail"] {
        for spelled in [
            name.to_owned(),
            name.to_lowercase(),
            name.to_uppercase(),
            name.replace('-', "_"),
            name.replace('-', "."),
        ] {
            forged.extend([&spelled, ": forged\r\n", &spelled, ":\r\n"]);
        }
    }
    for name in [
        "X-Forwarded-For",
        "X_Forwarded_Host",
        "X-Forwarded-Prefix",
        "X-Forwarded-User",
        "Forwarded",
        "X-Real-IP",
        "X-Original-URL",
        "X-Rewrite-Url",
        "X-Forwarded-Anything",
    ] {
        forged.extend([name, ": forged\r\n"]);
    }
    for (method, path) in [("GET", "/public/x"), ("OPTIONS", "/public/x"), ("DELETE", "/public/x")]
    {
        for cookie in ["", cookie.as_str()] {
            stage.app.forget();
            let answer = stage.ask(method, path, &format!("{forged}{cookie}")).await;
            assert_eq!(status(&answer), 200, "{answer}");
            let head = stage.app.only();
            assert!(!head.contains("forged"), "{head}");
            assert_eq!(
                values(&head, "remote-user").len(),
                usize::from(!cookie.is_empty()),
                "{head}"
            );
        }
    }
    stage.app.forget();
    stage.ask("OPTIONS", "/x", &format!("{forged}{cookie}")).await;
    assert!(!stage.app.only().contains("forged"));
}

#[tokio::test]
async fn headers_about_the_user_are_those_of_the_configuration_and_no_client_has_them() {
    let own = "[identity]\nbearer = false\nheaders = { X-Who = \"{{ user.email }}\" }\n";
    let stage = Stage::new("", &format!("{PUBLIC}{own}")).await;
    let cookie = stage.sign_in().await;
    let forged = "X-Who: forged\r\nx_who: forged\r\nRemote-User: mine\r\n";
    stage.get("/x", &format!("{forged}{cookie}")).await;
    let head = stage.app.only();
    assert_eq!(values(&head, "x-who"), [EMAIL]);
    assert!(!head.contains("forged"), "{head}");
    // Without `bearer` nobody is told the token, and the client's own word is left to it.
    assert!(!head.to_lowercase().contains("bearer"), "{head}");
    // Names of the default that is replaced are the app's own.
    assert_eq!(values(&head, "remote-user"), ["mine"]);
    assert!(values(&head, "remote-email").is_empty(), "{head}");
    stage.app.forget();
    stage.get("/public/x", forged).await;
    assert!(!stage.app.only().contains("forged"), "{}", stage.app.only());
}

#[tokio::test]
async fn connection_cannot_take_our_headers_away() {
    let stage = Stage::new("", "").await;
    let cookie = stage.sign_in().await;
    let named = "Connection: close, Authorization, Remote-User, X-Forwarded-For, X-Mine\r\nX-Mine: 1\r\n\
                 TE: trailers\r\nProxy-Authorization: Basic x\r\nKeep-Alive: timeout=5\r\n";
    stage.get("/x", &format!("{cookie}{named}")).await;
    let head = stage.app.only();
    assert_eq!(values(&head, "remote-user").len(), 1, "{head}");
    assert_eq!(values(&head, "authorization").len(), 1, "{head}");
    assert_eq!(values(&head, "x-forwarded-for"), ["127.0.0.1"]);
    for gone in ["x-mine", "proxy-authorization", "keep-alive"] {
        assert!(values(&head, gone).is_empty(), "{head}");
    }
    assert_eq!(values(&head, "te"), ["trailers"]);
}

#[tokio::test]
async fn our_cookies_stay_and_the_others_pass_byte_for_byte() {
    let stage = Stage::new("", "").await;
    let cookie = stage.sign_in().await;
    let pair = cookie.trim().strip_prefix("Cookie: ").unwrap();
    let line = format!("Cookie: a=\"x y\"; {pair}; vestibule-form=s; b==\r\n");
    stage.get("/x", &line).await;
    assert_eq!(values(&stage.app.only(), "cookie"), ["a=\"x y\"; b=="]);
}

#[tokio::test]
async fn authorization_of_the_client_passes_only_where_nobody_is_signed_in() {
    let stage = Stage::new("", PUBLIC).await;
    let cookie = stage.sign_in().await;
    let own = "Authorization: Basic mine\r\n";
    stage.get("/public/x", own).await;
    assert_eq!(values(&stage.app.only(), "authorization"), ["Basic mine"]);
    for path in ["/public/x", "/x"] {
        stage.app.forget();
        stage.get(path, &format!("{own}{cookie}")).await;
        assert!(values(&stage.app.only(), "authorization")[0].starts_with("Bearer "));
    }
    // Something that should be a session and cannot be read: nobody knows who it is.
    stage.app.forget();
    stage.get("/public/x", &format!("{own}Cookie: vestibule=a; vestibule=b\r\n")).await;
    assert!(values(&stage.app.only(), "authorization").is_empty());
}

#[tokio::test]
async fn the_apps_answer_comes_back_as_it_is_without_cookies_under_our_name() {
    let stage = Stage::new("", "").await;
    let cookie = stage.sign_in().await;
    let answer = stage.get("/cookies", &cookie).await;
    assert_eq!(cookies(&answer), "app=1");
    assert_eq!(values(&answer, "cache-control"), ["public, max-age=600"]);
    assert_eq!(values(&answer, "x-app"), ["yes"]);
    assert!(values(&answer, "content-security-policy").is_empty(), "{answer}");
    assert!(values(&answer, "keep-alive").is_empty(), "{answer}");
    assert_eq!(values(&answer, "x-request-id").len(), 1);
    let answer = stage.get("/redirect", &cookie).await;
    assert_eq!(values(&answer, "location"), ["http://127.0.0.1:1/x"]);
}

#[tokio::test]
async fn an_address_of_the_apps_own_is_rewritten_where_that_is_asked_for() {
    let options = "path = \"/app\"\nstrip_prefix = true\nrewrite_location = true\n";
    let stage = Stage::new(options, "").await;
    let cookie = stage.sign_in().await;
    let answer = stage.get("/app/home", &cookie).await;
    assert_eq!(values(&answer, "location"), ["/app/x?y"]);
    let answer = stage.get("/app/redirect", &cookie).await;
    assert_eq!(values(&answer, "location"), ["http://127.0.0.1:1/x"]);
}

#[tokio::test]
async fn a_trace_is_not_answered_with_the_token_and_a_loop_ends() {
    let stage = Stage::new("", "").await;
    let cookie = stage.sign_in().await;
    assert_eq!(status(&stage.ask("TRACE", "/x", &cookie).await), 405);
    assert_eq!(stage.app.seen(), [""; 0]);
    stage.get("/x", &cookie).await;
    let via = values(&stage.app.only(), "via")[0].to_owned();
    let answer = stage.get("/x", &format!("{cookie}Via: 1.0 other, {via}\r\n")).await;
    assert_eq!(status(&answer), 508, "{answer}");
    assert_eq!(stage.app.seen().len(), 1);
}

#[tokio::test]
async fn a_trusted_proxy_is_believed_and_a_stranger_is_not() {
    let said = "X-Forwarded-For: 6.6.6.6, 192.0.2.7\r\nX-Forwarded-Host: app.example\r\n\
                X-Forwarded-Proto: gopher\r\nX-Forwarded-Prefix: /a\r\nX-Real-IP: 192.0.2.7\r\n\
                Forwarded: for=6.6.6.6\r\nX-Original-URL: /admin\r\n";
    for (proxies, client, host, prefix) in [
        ("[\"127.0.0.1\"]", "192.0.2.7", "app.example", &["/a"][..]),
        ("[\"10.0.0.0/8\"]", "127.0.0.1", "localhost:5001", &[]),
    ] {
        let more = format!("[server]\ntrusted_proxies = {proxies}\n{PUBLIC}");
        let stage = Stage::new("", &more).await;
        assert_eq!(status(&stage.get("/public/x", said).await), 200);
        let head = stage.app.only();
        // One address, the one that limits count by: what stands left of it anybody may have written.
        assert_eq!(values(&head, "x-forwarded-for"), [client], "{proxies}");
        assert_eq!(values(&head, "x-forwarded-host"), [host], "{proxies}");
        assert_eq!(values(&head, "x-forwarded-prefix"), prefix, "{proxies}");
        assert_eq!(values(&head, "x-real-ip").len(), prefix.len(), "{proxies}");
        assert_eq!(values(&head, "x-forwarded-proto"), ["http"], "{proxies}");
        assert!(!head.contains("6.6.6.6") && !head.contains("/admin"), "{head}");
    }
}
