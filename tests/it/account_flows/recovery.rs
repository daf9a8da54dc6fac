//! Forgotten passwords, and addresses that are confirmed.

use serde_json::json;

use super::{NEW_PASSWORD, house, signs_in, user};
use crate::support::scripted::{EMAIL, PASSWORD};

#[tokio::test]
async fn a_forgotten_password_is_replaced_through_the_mailbox() {
    let house = house();
    house.newcomer().await;
    let browser = house.browser();
    for email in ["nobody@example.com", EMAIL] {
        let sent = browser.post("/forgot-password", &[("email", email)]).await;
        assert_eq!(sent.expect(303).location(), "/forgot-password?notice=form.forgot-password");
    }
    let page = browser.open("/forgot-password?notice=form.forgot-password").await;
    page.expect(200)
        .shows("If there is an account with this address")
        .hides("<input type=\"email\"");
    let token = house.token("reset", 1).await;
    let page = browser.open(&format!("/reset-password?token={token}")).await;
    page.expect(200).shows(&format!("value=\"{token}\""));
    let other = [("token", &*token), ("password", NEW_PASSWORD), ("again", "something else")];
    let page = browser.post("/reset-password", &other).await;
    page.expect(422).shows("This is not the same as what you entered before").shows(&token);
    let good = [("token", &*token), ("password", NEW_PASSWORD), ("again", NEW_PASSWORD)];
    let sent = browser.post("/reset-password", &good).await;
    assert_eq!(sent.expect(303).location(), "/login?notice=form.reset-password");
    browser.open("/login?notice=form.reset-password").await.shows("Your new password is set.");
    assert!(!signs_in(&house, EMAIL, PASSWORD).await);
    assert!(signs_in(&house, EMAIL, NEW_PASSWORD).await);
    let again = browser.post("/reset-password", &good).await;
    again.expect(422).shows("This link was used already").shows(&token);
}

#[tokio::test]
async fn the_same_as_json_and_a_link_that_is_too_old_says_so() {
    let house = house();
    house.newcomer().await;
    let script = house.browser();
    let ask = || script.call("POST", "/forgot-password", Some(json!({"email": EMAIL})));
    assert!(ask().await.expect(200).json()["message"].as_str().unwrap().starts_with("If there is"));
    let token = house.token("reset", 1).await;
    house.pass(30 * 60);
    let body =
        |token: &str| json!({"token": token, "password": NEW_PASSWORD, "again": NEW_PASSWORD});
    let problem =
        script.call("POST", "/reset-password", Some(body(&token))).await.expect(422).json();
    assert_eq!(problem["code"], "input.refused", "{problem}");
    assert!(problem["detail"].as_str().unwrap().contains("too old"), "{problem}");
    let weak = json!({"token": token, "password": "short", "again": "short"});
    let problem = script.call("POST", "/reset-password", Some(weak)).await.expect(422).json();
    assert_eq!(problem["errors"][0]["code"], "field.too_short", "{problem}");
    ask().await.expect(200);
    let token = house.token("reset", 2).await;
    let common = json!({"token": token, "password": "password", "again": "password"});
    let problem = script.call("POST", "/reset-password", Some(common)).await.expect(422).json();
    assert_eq!(problem["errors"][0]["pointer"], "#/password", "{problem}");
    let done = script.call("POST", "/reset-password", Some(body(&token))).await.expect(200).json();
    assert_eq!((&done["next"], &done["user"]), (&json!("/login"), &json!(null)));
    assert!(signs_in(&house, EMAIL, NEW_PASSWORD).await);
}

#[tokio::test]
async fn whoever_only_looks_at_a_link_does_not_use_it_up() {
    let house = house();
    let browser = house.newcomer().await;
    let token = house.token("verify", 1).await;
    let link = format!("/verify-email?token={token}");
    // As mail programs do that look for what is dangerous.
    let scanner = house.browser();
    for method in ["GET", "HEAD", "GET"] {
        scanner.ask(method, &link).send().await.expect(200);
    }
    assert_eq!(user(&browser).await["claims"]["verified"], false);
    let page = browser.open(&link).await;
    page.expect(200).shows("Confirm your email address").shows(&format!("value=\"{token}\""));
    let sent = browser.post("/verify-email", &[("token", &token)]).await;
    assert_eq!(sent.expect(303).location(), "/verify-email?notice=form.verify-email");
    let page = browser.open("/verify-email?notice=form.verify-email").await;
    page.expect(200).shows("your email address is confirmed").hides("name=\"token\"");
    browser.post("/profile", &[("name", "Ada")]).await.expect(303);
    assert_eq!(user(&browser).await["claims"]["verified"], true);
    let again = browser.post("/verify-email", &[("token", &token)]).await;
    again.expect(422).shows("This link was used already");
}

#[tokio::test]
async fn another_link_can_be_asked_for_and_ends_the_one_before() {
    let house = house();
    house.newcomer().await;
    let first = house.token("verify", 1).await;
    let browser = house.browser();
    let sent = browser.post("/resend-verification", &[("email", EMAIL)]).await;
    assert_eq!(sent.expect(303).location(), "/resend-verification?notice=form.resend-verification");
    let second = house.token("verify", 2).await;
    let verify = |token: &str| browser.call("POST", "/verify-email", Some(json!({"token": token})));
    let problem = verify(&first).await.expect(422).json();
    assert!(problem["detail"].as_str().unwrap().contains("there is a newer one"), "{problem}");
    let done = verify(&second).await.expect(200).json();
    assert_eq!(done["message"], "Thank you, your email address is confirmed.");
    let resend = browser.call("POST", "/resend-verification", Some(json!({"email": EMAIL}))).await;
    resend.expect(200);
    house.settled("bob@example.com").await;
    house.mails("verify", 3).await;
}
