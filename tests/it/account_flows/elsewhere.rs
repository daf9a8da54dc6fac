//! The same forms in front of fastapi-users, as the guide maps them.

use std::path::Path;

use reqwest::Method;
use serde_json::Value;

use crate::support::binary::Vestibule;
use crate::support::http_client;
use crate::support::real_backend::{Kind, RealBackend};

const FASTAPI_USERS: Kind = Kind { folder: "fastapi-users", ready: "/openapi.json" };
const PASSWORD: &str = "Corr3ct-horse";
const NEW_PASSWORD: &str = "An0ther-horse";

/// The block of the guide that is about fastapi-users.
fn forms() -> String {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let guide = std::fs::read_to_string(here.join("docs/guide/accounts.md")).unwrap();
    let (_, rest) = guide.split_once("```toml\n").unwrap();
    rest.split_once("```").unwrap().0.to_owned()
}

/// What fastapi-users would have mailed.
async fn mailed(backend: &RealBackend, email: &str) -> String {
    let url = format!("{}/_lab/token?email={email}", backend.url());
    let answer = http_client().get(url).send().await.unwrap().text().await.unwrap();
    let answer: Value = serde_json::from_str(&answer).unwrap();
    answer["token"].as_str().unwrap().to_owned()
}

#[tokio::test]
#[ignore = "needs a real backend; run by tests/run"]
async fn the_flows_of_the_guide_work_with_fastapi_users() {
    let backend = RealBackend::shared(FASTAPI_USERS, &[]).await;
    let file = Path::new("tests/backends/fastapi-users/auth.jwt.toml");
    let toml = std::fs::read_to_string(file).unwrap();
    let here = toml.replace("http://127.0.0.1:8000", &backend.url());
    let vestibule = Vestibule::start(&format!("{here}\n{}", forms())).await;
    let (email, new_email) = ("ada-flows@example.com", "ada-flows-new@example.com");
    let account = [("email", email), ("password", PASSWORD), ("password_confirm", PASSWORD)];
    let (mine, other) = (vestibule.visitor(), vestibule.visitor());
    mine.fill_in("/register", &account).await.expect(303);

    // Forgot, the link of the mail, reset, login.
    other.open("/login").await.expect(200).shows("href=\"/forgot-password\"");
    for address in [email, "nobody@example.com"] {
        let sent = other.fill_in("/forgot-password", &[("email", address)]).await;
        other.follow(&sent).await.expect(200).shows("If there is an account");
    }
    let reset = format!("/reset-password?token={}", mailed(&backend, email).await);
    let weak = other.fill_in(&reset, &[("password", "short")]).await;
    weak.expect(422).shows("Password should be at least 8 characters").shows("#field-password");
    let bad = other.fill_in("/reset-password?token=nonsense", &[("password", NEW_PASSWORD)]).await;
    bad.expect(422).shows("This link is too old, or was used already.");
    let sent = other.fill_in(&reset, &[("password", NEW_PASSWORD)]).await;
    other.follow(&sent).await.expect(200).shows("Your new password is set.");
    other.fill_in("/login", &[("email", email), ("password", PASSWORD)]).await.expect(401);
    other.fill_in("/login", &[("email", email), ("password", NEW_PASSWORD)]).await.expect(303);

    // The address.
    let sent = other.fill_in("/resend-verification", &[("email", email)]).await;
    sent.expect(303);
    let verify = format!("/verify-email?token={}", mailed(&backend, email).await);
    let sent = other.fill_in(&verify, &[]).await;
    other.follow(&sent).await.expect(200).shows("your email address is confirmed");
    other.fill_in(&verify, &[]).await.expect(422).shows("This link is too old");

    // The profile.
    mine.open("/profile").await.expect(200).shows(&format!("value=\"{email}\""));
    mine.fill_in("/profile", &[("email", new_email)]).await.expect(303);
    mine.open("/profile").await.expect(200).shows(&format!("value=\"{new_email}\""));
    mine.open("/welcome").await.expect(200).shows(new_email);

    // Another password, and the other browser is out.
    let weak = mine.fill_in("/change-password", &[("password", "short")]).await;
    weak.expect(422).shows("Password should be at least 8 characters");
    mine.fill_in("/change-password", &[("password", PASSWORD)]).await.expect(303);
    let session = async |visitor: &crate::support::visitor::Visitor| {
        let answer = visitor.fetch(Method::GET, "/_vestibule/session", None).await;
        answer.expect(200).json()["authenticated"].as_bool().unwrap()
    };
    assert!(session(&mine).await && !session(&other).await);
}
