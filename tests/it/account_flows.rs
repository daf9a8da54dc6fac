//! `examples/accounts.toml`, exactly as it is: everything that people do with an account, through the pages and as JSON.

mod elsewhere;
mod leaving;
mod links;
mod outcomes;
mod recovery;
mod sessions;

use std::path::Path;
use std::time::Duration;

use serde_json::{Value, json};
use vestibule::Clock;

use crate::accounts::House;
use crate::support::scripted::{EMAIL, PASSWORD, TOKEN_SECRET};
use crate::support::site::{Browser, NOW, build};
use crate::support::visitor::Answer;

const FIREFOX: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";
const CHROME: &str = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36";
const NEW_PASSWORD: &str = "An0ther-horse-battery";
const STORE: &str = "store = \"sqlite\"\ndatabase = \"sessions.db\"\n";

/// A site on the example.
fn house() -> House {
    house_with(STORE)
}

/// The same with its sessions elsewhere.
fn house_with(store: &str) -> House {
    let (clock, folder) = (Clock::manual(NOW), tempfile::tempdir().unwrap());
    let secret = folder.path().join("jwt.secret");
    std::fs::write(&secret, TOKEN_SECRET).unwrap();
    std::fs::set_permissions(&secret, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/accounts.toml");
    let toml = std::fs::read_to_string(file).unwrap();
    assert!(toml.contains(STORE));
    let vestibule = build(&toml.replace(STORE, store), &folder, &clock);
    assert!(vestibule.warnings().is_empty(), "{:?}", vestibule.warnings());
    House { vestibule, clock, folder }
}

impl House {
    pub(crate) fn browser(&self) -> Browser {
        Browser::of(&self.vestibule)
    }

    /// A browser whose user has just registered, and is signed in.
    async fn newcomer(&self) -> Browser {
        let browser = self.browser();
        let new = [("email", EMAIL), ("password", PASSWORD), ("password_confirm", PASSWORD)];
        sent_by(&browser, FIREFOX, "/register", &new).await.expect(303);
        assert!(browser.is_signed_in().await);
        browser
    }

    /// Another one of the same user.
    async fn second(&self) -> Browser {
        self.clock.advance(Duration::from_secs(1));
        let browser = self.browser();
        let fields = [("email", EMAIL), ("password", PASSWORD)];
        sent_by(&browser, CHROME, "/login", &fields).await.expect(303);
        browser
    }
}

/// A form as a certain browser sends it.
async fn sent_by(browser: &Browser, agent: &str, path: &str, fields: &[(&str, &str)]) -> Answer {
    let ask = browser.ask("POST", path).navigating("same-origin").header("user-agent", agent);
    ask.form(fields).send().await
}

async fn signs_in(house: &House, email: &str, password: &str) -> bool {
    let browser = house.browser();
    let answer = browser.post("/login", &[("email", email), ("password", password)]).await;
    assert!([303, 401].contains(&answer.status), "{answer:?}");
    browser.is_signed_in().await
}

async fn user(browser: &Browser) -> Value {
    browser.call("GET", "/_vestibule/session", None).await.expect(200).json()["user"].clone()
}

#[tokio::test]
async fn everything_is_linked_to_and_each_page_renders() {
    let house = house();
    let stranger = house.browser();
    stranger.open("/login").await.expect(200).shows("href=\"/forgot-password\"");
    for path in ["/forgot-password", "/reset-password?token=x", "/verify-email?token=x"] {
        stranger.open(path).await.expect(200);
    }
    stranger.open("/resend-verification").await.expect(200);
    let login = stranger.open("/sessions").await;
    assert_eq!(login.expect(303).location(), "/login?next=%2Fsessions");
    let browser = house.newcomer().await;
    let home = browser.open("/").await;
    let linked = ["/profile", "/change-email", "/change-password", "/sessions", "/delete-account"];
    for path in linked {
        home.shows(&format!("href=\"{path}\""));
        browser.open(path).await.expect(200);
    }
    let asked = browser.open("/.well-known/change-password").await;
    assert_eq!(asked.expect(303).location(), "/change-password");
}

#[tokio::test]
async fn a_profile_shows_what_the_backend_has_and_pages_show_what_was_saved() {
    let house = house();
    let browser = house.newcomer().await;
    browser.open("/profile").await.expect(200).hides("Ada");
    let saved = browser.post("/profile", &[("name", "Ada")]).await;
    assert_eq!(saved.expect(303).location(), "/profile?notice=form.profile");
    let page = browser.open("/profile?notice=form.profile").await;
    page.expect(200).shows("Saved.").shows("value=\"Ada\"");
    browser.open("/").await.shows("Welcome, Ada");
    let answer = browser.call("POST", "/profile", Some(json!({"name": "Grace"}))).await;
    assert_eq!(answer.expect(200).json()["user"]["name"], "Grace");
    let problem = browser.call("POST", "/profile", Some(json!({"name": ""}))).await;
    assert_eq!(problem.expect(422).json()["errors"][0]["pointer"], "#/name");
}

#[tokio::test]
async fn a_new_address_counts_once_its_link_was_opened() {
    let house = house();
    let browser = house.newcomer().await;
    house.token("verify", 1).await;
    let new = "ada@example.com";
    let wrong = [("email", new), ("current_password", "Wr0ng-horse-battery")];
    let page = browser.post("/change-email", &wrong).await;
    page.expect(422).shows("This is not your password.").shows("href=\"#field-current_password\"");
    let right = json!({"email": new, "current_password": PASSWORD});
    let answer = browser.call("POST", "/change-email", Some(right)).await.expect(200).json();
    assert!(answer["message"].as_str().unwrap().contains("mailbox"), "{answer}");
    assert_eq!(user(&browser).await["email"], EMAIL);
    let token = house.token("verify", 2).await;
    browser.post("/verify-email", &[("token", &token)]).await.expect(303);
    browser.post("/profile", &[("name", "Ada")]).await.expect(303);
    assert_eq!(user(&browser).await["email"], new);
    assert!(signs_in(&house, new, PASSWORD).await && !signs_in(&house, EMAIL, PASSWORD).await);
}
