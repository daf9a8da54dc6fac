//! Addresses that are verified.

use serde_json::{Value, json};

use super::{House, house, house_with, text};
use crate::support::scripted::{EMAIL, PASSWORD, WRONG_PASSWORD};
use crate::support::site::{Browser, HOME};
use crate::support::visitor::Answer;

impl House {
    async fn verify(&self, token: &str) -> Answer {
        self.post("/auth/verify-email", &json!({"token": token})).await
    }

    async fn resend(&self, email: &str) -> Answer {
        self.post("/auth/resend-verification", &json!({"email": email})).await
    }
}

fn strict() -> House {
    let mail = "[mail]\nfrom = \"no-reply@example.com\"\nfolder = \"mail\"\n";
    house_with("require_verified_email = true", mail)
}

#[tokio::test]
async fn the_link_that_follows_a_registration_verifies_the_address() {
    let house = house();
    let tokens = house.registered_and_signed_in().await;
    let access = text(&tokens, "access_token");
    assert_eq!(house.me(&access).await.expect(200).json()["verified"], false);
    let token = house.token("verify", 1).await;
    let account = house.verify(&token).await.expect(200).json();
    assert_eq!((&account["email"], &account["verified"]), (&json!(EMAIL), &json!(true)));
    assert_eq!(house.me(&access).await.expect(200).json()["verified"], true);
    assert_eq!(house.verify(&token).await.expect(410).json()["code"], "link_used");
    assert_eq!(house.verify("nonsense").await.expect(400).json()["code"], "link_invalid");
}

#[tokio::test]
async fn a_link_to_verify_is_good_for_a_day() {
    let house = house();
    house.register().await;
    let token = house.token("verify", 1).await;
    house.pass(24 * 3600);
    assert_eq!(house.verify(&token).await.expect(410).json()["code"], "link_expired");
    house.resend(EMAIL).await.expect(202);
    house.verify(&house.token("verify", 2).await).await.expect(200);
}

#[tokio::test]
async fn where_it_is_required_nobody_signs_in_before_and_only_the_owner_is_told_why() {
    let house = strict();
    house.register().await;
    let login = |password: &str| {
        let body = json!({"email": EMAIL, "password": password});
        let house = &house;
        async move { house.post("/auth/login", &body).await }
    };
    assert_eq!(login(PASSWORD).await.expect(403).json()["code"], "EMAIL_NOT_VERIFIED");
    assert!(login(WRONG_PASSWORD).await.expect(401).json().get("code").is_none());
    house.verify(&house.token("verify", 1).await).await.expect(200);
    login(PASSWORD).await.expect(200);
}

#[tokio::test]
async fn a_new_password_from_the_mailbox_verifies_its_address_too() {
    let house = strict();
    house.register().await;
    house.post("/auth/forgot-password", &json!({"email": EMAIL})).await.expect(202);
    let token = house.token("reset", 1).await;
    let body = json!({"token": token, "password": PASSWORD});
    house.post("/auth/reset-password", &body).await.expect(200);
    assert_eq!(house.log_in().await["token_type"], "bearer");
}

#[tokio::test]
async fn the_forms_of_the_site_say_that_a_mail_comes_first() {
    let house = strict();
    let browser = Browser::of(&house.vestibule);
    let new = [("email", EMAIL), ("password", PASSWORD), ("password_confirm", PASSWORD)];
    let answer = browser.post("/register", &new).await;
    let page = if answer.status == 303 { browser.open(answer.location()).await } else { answer };
    page.shows("Look into your mailbox");
    browser.log_in().await.shows("not verified");
    assert!(!browser.is_signed_in().await);
    house.verify(&house.token("verify", 1).await).await.expect(200);
    assert_eq!(browser.log_in().await.expect(303).location(), HOME);
}

#[tokio::test]
async fn a_verified_address_gets_no_more_links() {
    let house = house();
    let tokens = house.registered_and_signed_in().await;
    let access = text(&tokens, "access_token");
    let resend = || house.call("POST", "/auth/resend-verification", Some(&access), &Value::Null);
    resend().await.expect(202);
    house.verify(&house.token("verify", 2).await).await.expect(200);
    assert_eq!(resend().await.expect(200).json()["message"], "The e-mail is verified already");
    house.resend(EMAIL).await.expect(202);
    house.resend("nobody@example.com").await.expect(202);
    house.settled("bob@example.com").await;
    house.mails("verify", 3).await;
}

#[tokio::test]
async fn whoever_asks_for_too_many_links_is_told_when_signed_in() {
    let house = house();
    let tokens = house.registered_and_signed_in().await;
    house.mails("verify", 1).await;
    let access = text(&tokens, "access_token");
    for left in [4, 3, 2, 1, 0] {
        let path = "/auth/resend-verification";
        let answer = house.call("POST", path, Some(&access), &Value::Null).await;
        answer.expect(if left > 0 { 202 } else { 429 });
    }
    house.mails("verify", 5).await;
}
