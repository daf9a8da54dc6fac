//! What strangers, files and logs learn: nothing.

use std::time::Instant;

use serde_json::json;

use super::{house, text};
use crate::support::binary::Vestibule;
use crate::support::http_client;
use crate::support::scripted::{EMAIL, PASSWORD, TOKEN_SECRET};

#[tokio::test]
async fn a_forgotten_password_does_not_tell_who_has_an_account() {
    let house = house();
    house.register().await;
    for path in ["/auth/forgot-password", "/auth/resend-verification"] {
        let known = house.post(path, &json!({"email": EMAIL})).await;
        let unknown = house.post(path, &json!({"email": "nobody@example.com"})).await;
        assert_eq!((known.status, &known.body), (202, &unknown.body));
        assert_eq!(known.status, unknown.status);
        let names = |answer: &crate::support::visitor::Answer| {
            let but_id = |name: &&str| *name != "x-request-id";
            answer
                .headers
                .keys()
                .map(|name| name.as_str().to_owned())
                .filter(|it| but_id(&it.as_str()))
                .collect::<Vec<_>>()
        };
        assert_eq!(names(&known), names(&unknown));
    }
    house.settled("bob@example.com").await;
    // The account's two, and Bob's; nobody's got none.
    assert_eq!((house.mails_now("reset").len(), house.mails_now("verify").len()), (1, 3));
}

#[tokio::test]
async fn the_answer_does_not_wait_for_what_is_done_about_an_account() {
    let house = house();
    house.register().await;
    house.mails("verify", 1).await;
    // Whoever holds the database keeps every look at it waiting.
    let file = house.folder.path().join("users.db");
    let mut other = rusqlite::Connection::open(file).unwrap();
    let tx = other.transaction_with_behavior(rusqlite::TransactionBehavior::Exclusive).unwrap();
    let begun = Instant::now();
    for email in [EMAIL, "nobody@example.com"] {
        house.post("/auth/forgot-password", &json!({"email": email})).await.expect(202);
    }
    // A waiting database takes seconds.
    assert!(begun.elapsed().as_millis() < 1500, "{:?}", begun.elapsed());
    assert_eq!(house.mails_now("reset").len(), 0);
    drop(tx);
    house.mails("reset", 1).await;
}

#[tokio::test]
async fn only_the_hash_of_a_link_is_in_the_database() {
    let house = house();
    house.register().await;
    house.post("/auth/forgot-password", &json!({"email": EMAIL})).await.expect(202);
    let tokens = [house.token("verify", 1).await, house.token("reset", 1).await];
    let mut bytes = Vec::new();
    for entry in std::fs::read_dir(house.folder.path()).unwrap() {
        let path = entry.unwrap().path();
        if path.is_file() {
            bytes.extend(std::fs::read(path).unwrap());
        }
    }
    let contains = |text: &[u8]| bytes.windows(text.len()).any(|window| window == text);
    assert!(contains(EMAIL.as_bytes()) && contains(b"reset"));
    for token in tokens {
        assert!(!contains(token.as_bytes()) && !contains(&token.as_bytes()[..16]));
    }
}

#[tokio::test]
async fn no_link_and_no_password_reaches_the_log_however_much_is_logged() {
    // A mail server that is not there: each try is logged, with its reason.
    for mail in [
        "folder = \"mail\"",
        "smtp = \"smtp://user@127.0.0.1:1\"\npassword = \"hunter2-of-the-mail-server\"",
    ] {
        let mut vestibule = Vestibule::start(&format!(
            "[backend.builtin]\n[token]\nsecret = \"{TOKEN_SECRET}\"\n\
             [mail]\nfrom = \"no-reply@example.com\"\n{mail}\n[log]\nlevel = \"trace\"\nformat = \"json\"\n"
        ))
        .await;
        let client = http_client();
        let post = async |path: &str, body: serde_json::Value| {
            let url = format!("{}{path}", vestibule.url());
            let sent = client.post(url).body(body.to_string()).send().await.unwrap();
            (sent.status().as_u16(), sent.json::<serde_json::Value>().await.unwrap())
        };
        let account = json!({"email": EMAIL, "password": PASSWORD});
        assert_eq!(post("/auth/register", account.clone()).await.0, 201);
        let (status, tokens) = post("/auth/login", account).await;
        assert_eq!(status, 200);
        assert_eq!(post("/auth/forgot-password", json!({"email": EMAIL})).await.0, 202);
        let wrong = json!({"token": "a-token-that-is-wrong", "password": PASSWORD});
        assert_eq!(post("/auth/reset-password", wrong).await.0, 400);
        let what =
            if mail.starts_with("folder") { "a mail was sent" } else { "a mail was not sent yet" };
        vestibule.log_line(&[what, "reset"]).await;
        vestibule.stop();
        let log = vestibule.log();
        for secret in [
            PASSWORD,
            "?token=",
            "token=",
            "a-token-that-is-wrong",
            "hunter2",
            TOKEN_SECRET,
            EMAIL,
            &text(&tokens, "refresh_token"),
            &text(&tokens, "access_token"),
        ] {
            assert!(!log.contains(secret), "{secret} is in the log:\n{log}");
        }
    }
}
