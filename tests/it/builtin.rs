//! The built-in backend, in use by the site and at its own endpoints.

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use tempfile::TempDir;
use vestibule::{Clock, Vestibule};

use crate::support::scripted::{EMAIL, PASSWORD, TOKEN_SECRET, WRONG_PASSWORD};
use crate::support::site::{Browser, HOME, NOW, Site, build, leads_to_login};
use crate::support::visitor::Answer;

const NEW: [(&str, &str); 3] =
    [("email", EMAIL), ("password", PASSWORD), ("password_confirm", PASSWORD)];

struct House {
    vestibule: Arc<Vestibule>,
    clock: Clock,
    folder: TempDir,
}

fn house() -> House {
    let clock = Clock::manual(NOW);
    let folder = tempfile::tempdir().unwrap();
    let vestibule = build(&toml(), &folder, &clock);
    House { vestibule, clock, folder }
}

fn toml() -> String {
    format!(
        "[server]\npublic_url = \"http://localhost:5001\"\n\
         [backend]\nbuiltin = {{ database = \"users.db\" }}\n[token]\nsecret = \"{TOKEN_SECRET}\"\n"
    )
}

impl House {
    fn browser(&self) -> Browser {
        Browser::of(&self.vestibule)
    }

    /// A client that speaks with the backend itself.
    async fn call(&self, path: &str, body: &Value) -> Answer {
        self.browser().ask("POST", path).json(body).send().await
    }

    async fn me(&self, access_token: &str) -> Answer {
        let ask = self.browser().ask("GET", "/auth/me");
        ask.header("authorization", &format!("Bearer {access_token}")).send().await
    }
}

#[tokio::test]
async fn the_whole_way_works_without_anything_else_installed() {
    let house = house();
    let browser = house.browser();
    assert_eq!(browser.post("/register", &NEW).await.expect(303).location(), HOME);
    browser.open(HOME).await.expect(200).shows(EMAIL);
    leads_to_login(&browser.post("/logout", &[]).await);
    assert_eq!(browser.log_in().await.expect(303).location(), HOME);

    // Across the end of access tokens, again and again, and over a restart.
    for _ in 0..3 {
        house.clock.advance(Duration::from_mins(30));
        browser.open(HOME).await.expect(200).shows(EMAIL);
    }
    let again = Browser::of(&build(&toml(), &house.folder, &house.clock));
    again.log_in().await.expect(303);
    again.post("/register", &NEW).await.expect(409).shows("href=\"#field-email\"");
    again.post("/login", &[("email", EMAIL), ("password", WRONG_PASSWORD)]).await.expect(401);
}

#[tokio::test]
async fn what_is_wrong_with_a_new_account_is_told_at_its_fields() {
    let house = house();
    let answer =
        house.browser().post("/register", &[("email", "a@b"), ("password", "short")]).await;
    answer.expect(422).shows("href=\"#field-password\"").shows("at least 8 characters");
    let common =
        [("email", EMAIL), ("password", "password123"), ("password_confirm", "password123")];
    let answer = house.browser().post("/register", &common).await;
    answer.expect(422).shows("href=\"#field-password\"").shows("most common");
    let nowhere = [("email", "alice@localhost"), NEW[1], NEW[2]];
    let answer = house.browser().post("/register", &nowhere).await;
    answer.expect(422).shows("href=\"#field-email\"").shows("value=\"alice@localhost\"");
}

#[tokio::test]
async fn the_five_endpoints_are_served() {
    let house = house();
    let account = json!({"email": EMAIL, "password": PASSWORD});
    let created = house.call("/auth/register", &account).await;
    assert_eq!(created.expect(201).json()["email"], EMAIL);
    house.call("/auth/register", &account).await.expect(409);

    let tokens = house.call("/auth/login", &account).await.expect(200).json();
    assert_eq!((&tokens["token_type"], &tokens["expires_in"]), (&json!("bearer"), &json!(1800)));
    let text = |tokens: &Value, name: &str| tokens[name].as_str().unwrap().to_owned();
    let me = house.me(&text(&tokens, "access_token")).await;
    assert_eq!(me.expect(200).json()["email"], EMAIL);
    house.me("nonsense").await.expect(401);

    let presented = json!({"refresh_token": tokens["refresh_token"]});
    let renewed = house.call("/auth/refresh", &presented).await.expect(200).json();
    assert_ne!(renewed["refresh_token"], tokens["refresh_token"]);
    // One that comes again was copied: the whole login is revoked.
    house.call("/auth/refresh", &presented).await.expect(401);
    let presented = json!({"refresh_token": renewed["refresh_token"]});
    house.call("/auth/refresh", &presented).await.expect(401);

    let tokens = house.call("/auth/login", &account).await.expect(200).json();
    let presented = json!({"refresh_token": tokens["refresh_token"]});
    house.call("/auth/logout", &presented).await.expect(200);
    house.call("/auth/refresh", &presented).await.expect(401);

    house.clock.advance(Duration::from_secs(1801));
    house.me(&text(&tokens, "access_token")).await.expect(401);
}

#[tokio::test]
async fn what_is_no_endpoint_or_no_body_is_told() {
    let house = house();
    house.call("/auth/none", &json!({})).await.expect(404);
    house.call("/auth/me", &json!({})).await.expect(405);
    let answer = house.browser().ask("GET", "/auth/login").send().await;
    assert_eq!(answer.expect(405).header("allow"), Some("POST"));
    let answer = house.call("/auth/login", &json!({})).await;
    assert_eq!(answer.expect(422).json()["detail"].as_array().unwrap().len(), 2);
    house
        .browser()
        .ask("POST", "/auth/login")
        .body("application/json", "{")
        .send()
        .await
        .expect(422);
    let large = json!({"email": "a".repeat(2 * 1024 * 1024)});
    house.call("/auth/register", &large).await.expect(413);
}

#[tokio::test]
async fn guessing_is_limited_at_both_doors_by_one_count() {
    let house = house();
    house.browser().post("/register", &NEW).await.expect(303);
    let wrong = json!({"email": EMAIL, "password": WRONG_PASSWORD});
    for _ in 0..3 {
        house.call("/auth/login", &wrong).await.expect(401);
    }
    for _ in 0..2 {
        let fields = [("email", EMAIL), ("password", WRONG_PASSWORD)];
        house.browser().post("/login", &fields).await.expect(401);
    }
    let limited = house.call("/auth/login", &json!({"email": EMAIL, "password": PASSWORD})).await;
    assert_eq!(limited.expect(429).header("retry-after"), Some("12"));
    house.browser().log_in().await.expect(429);
    house.clock.advance(Duration::from_secs(12));
    house.browser().log_in().await.expect(303);
}

#[tokio::test]
async fn guesses_at_the_endpoint_count_however_the_address_is_written() {
    let house = house();
    for index in 0..6 {
        let email = ["alice@example.com", "ALICE@example.com", " alice@example.com"][index % 3];
        let body = json!({"email": email, "password": WRONG_PASSWORD});
        let answer = house.call("/auth/login", &body).await;
        answer.expect(if index < 5 { 401 } else { 429 });
    }
}

#[tokio::test]
async fn with_a_backend_elsewhere_the_endpoints_are_not_served() {
    let site = Site::new("");
    for path in ["/auth/login", "/auth/me", "/auth/register", "/auth/refresh", "/auth/logout"] {
        let answer = site.browser().ask("POST", path).by_script().json(&json!({})).send().await;
        answer.expect(401);
        leads_to_login(&site.browser().open(path).await);
        site.signed_in().await.open(path).await.expect(404);
    }
}
