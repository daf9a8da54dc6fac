//! What people change about their account, and leaving.

use serde_json::{Value, json};

use super::{House, house, house_with, text};
use crate::support::scripted::{EMAIL, PASSWORD, WRONG_PASSWORD};
use crate::support::visitor::Answer;

const OTHER: &str = "alice@new.example";

impl House {
    async fn patch(&self, tokens: &Value, body: &Value) -> Answer {
        self.call("PATCH", "/auth/me", Some(&text(tokens, "access_token")), body).await
    }

    async fn bob(&self) {
        let bob = json!({"email": "bob@example.com", "password": PASSWORD});
        self.post("/auth/register", &bob).await.expect(201);
    }
}

#[tokio::test]
async fn a_name_is_changed_and_everything_else_stays() {
    let house = house();
    let tokens = house.registered_and_signed_in().await;
    let before = house.me(&text(&tokens, "access_token")).await.expect(200).json();
    let after = house.patch(&tokens, &json!({"name": " Ålice 😀 "})).await.expect(200).json();
    let mut expected = before.clone();
    expected["name"] = json!("Ålice 😀");
    assert_eq!(after, expected);
    assert_eq!(house.me(&text(&tokens, "access_token")).await.json(), expected);
    assert_eq!(house.patch(&tokens, &json!({})).await.expect(200).json(), expected);
    let long = house.patch(&tokens, &json!({"name": "x".repeat(201)})).await.expect(422).json();
    assert_eq!(long["detail"][0]["loc"], json!(["body", "name"]));
}

#[tokio::test]
async fn a_new_address_is_the_accounts_when_its_link_was_opened() {
    let house = house();
    let tokens = house.registered_and_signed_in().await;
    let old_link = house.token("verify", 1).await;
    let wanted = json!({"email": OTHER, "current_password": PASSWORD});
    let answer = house.patch(&tokens, &wanted).await.expect(200).json();
    assert_eq!((&answer["email"], &answer["pending_email"]), (&json!(EMAIL), &json!(OTHER)));
    let mails = house.mails("verify", 2).await;
    assert!(mails[1].contains(&format!("To: {OTHER}")), "{}", mails[1]);

    let token = house.token("verify", 2).await;
    let answer = house.post("/auth/verify-email", &json!({"token": token})).await;
    let account = answer.expect(200).json();
    assert_eq!((&account["email"], &account["verified"]), (&json!(OTHER), &json!(true)));
    let logins = (house_login(&house, OTHER).await, house_login(&house, EMAIL).await);
    assert_eq!(logins, (200, 401));
    // The old mailbox has no say any more.
    house.post("/auth/verify-email", &json!({"token": old_link})).await.expect(410);
}

async fn house_login(house: &House, email: &str) -> u16 {
    house.post("/auth/login", &json!({"email": email, "password": PASSWORD})).await.status
}

#[tokio::test]
async fn a_new_address_needs_the_password_and_must_be_free() {
    let house = house();
    let tokens = house.registered_and_signed_in().await;
    house.bob().await;
    for (body, kind) in [
        (json!({"email": OTHER}), "missing"),
        (json!({"email": OTHER, "current_password": WRONG_PASSWORD}), "password_wrong"),
    ] {
        let answer = house.patch(&tokens, &body).await.expect(422).json();
        assert_eq!(answer["detail"][0]["loc"], json!(["body", "current_password"]), "{answer}");
        assert_eq!(answer["detail"][0]["type"], kind);
    }
    let taken = json!({"email": "BOB@example.com", "current_password": PASSWORD});
    let answer = house.patch(&tokens, &taken).await.expect(409).json();
    assert_eq!(answer["detail"], "Email already registered");
    let none = house.patch(&tokens, &json!({"email": "nope"})).await.expect(422).json();
    assert_eq!(none["detail"][0]["loc"], json!(["body", "email"]));
}

#[tokio::test]
async fn an_address_that_was_taken_in_the_meantime_stays_with_its_owner() {
    let house = house();
    let tokens = house.registered_and_signed_in().await;
    let wanted = json!({"email": "bob@example.com", "current_password": PASSWORD});
    house.patch(&tokens, &wanted).await.expect(200);
    let token = house.token("verify", 2).await;
    house.bob().await;
    house.post("/auth/verify-email", &json!({"token": token})).await.expect(409);
    let me = house.me(&text(&tokens, "access_token")).await.expect(200).json();
    assert_eq!((&me["email"], &me["verified"]), (&json!(EMAIL), &json!(false)));
}

#[tokio::test]
async fn without_mail_a_new_address_counts_at_once_and_is_not_verified() {
    let house = house_with("", "");
    let tokens = house.registered_and_signed_in().await;
    let wanted = json!({"email": OTHER, "name": "A", "current_password": PASSWORD});
    let answer = house.patch(&tokens, &wanted).await.expect(200).json();
    assert_eq!((&answer["email"], &answer["verified"]), (&json!(OTHER), &json!(false)));
    assert_eq!((&answer["name"], answer.get("pending_email")), (&json!("A"), None));
    assert_eq!(house_login(&house, OTHER).await, 200);
}

#[tokio::test]
async fn whoever_leaves_takes_everything_along() {
    for (method, path) in [("DELETE", "/auth/me"), ("POST", "/auth/delete-account")] {
        let house = house();
        let tokens = house.registered_and_signed_in().await;
        let access = text(&tokens, "access_token");
        let leave = |password: &str| {
            let body = json!({"password": password});
            let (house, access) = (&house, &access);
            async move { house.call(method, path, Some(access), &body).await }
        };
        let wrong = leave(WRONG_PASSWORD).await.expect(422).json();
        assert_eq!(wrong["detail"][0]["loc"], json!(["body", "password"]));
        let link = house.token("verify", 1).await;
        leave(PASSWORD).await.expect(200);
        house.me(&access).await.expect(401);
        house.refresh(&tokens).await.expect(401);
        assert_eq!(house_login(&house, EMAIL).await, 401);
        house.post("/auth/verify-email", &json!({"token": link})).await.expect(400);
        house.register().await;
    }
}

#[tokio::test]
async fn a_form_can_ask_whether_an_address_is_free() {
    let house = house();
    house.register().await;
    let ask = |email: &str| {
        let path = format!("/auth/email-free?email={email}");
        let house = &house;
        async move { house.call("GET", &path, None, &Value::Null).await }
    };
    assert_eq!(ask("ALICE%40example.com").await.expect(200).json(), json!({"free": false}));
    assert_eq!(ask("new%2Btag%40example.com").await.expect(200).json(), json!({"free": true}));
    let posted = house.post("/auth/email-free", &json!({"email": EMAIL})).await;
    assert_eq!(posted.expect(200).json(), json!({"free": false}));
    let answer = ask("nope").await.expect(422).json();
    assert_eq!(answer["detail"][0]["loc"], json!(["body", "email"]));
    for _ in 0..27 {
        ask("x%40example.com").await.expect(200);
    }
    assert_eq!(ask("x%40example.com").await.expect(429).header("retry-after"), Some("300"));
    house.pass(300);
    ask("x%40example.com").await.expect(200);
}
