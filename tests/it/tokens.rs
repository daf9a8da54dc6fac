//! Tokens that the backend signs with a pair of keys: shown behind an address, or given as a file.

use std::fs;

use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::json;
use vestibule::Clock;

use crate::support::binary::Vestibule;
use crate::support::scripted::{EMAIL, PASSWORD, Reply, Scripted, TOKEN_SECRET};
use crate::support::signer::Signer;
use crate::support::site::{HOME, NOW, Site, build, config};

const JWKS: &str = "jwks_url = \"/keys/jwks.json\"";
const FILE: &str = "public_key_file = \"public.pem\"";
/// Access tokens live half an hour and are renewed in the last five minutes.
const DUE: u64 = 1800 - 299;
/// The pause between two fetches of the keys.
const COOL_DOWN: u64 = 30;

/// A site whose `[token]` has this in place of the secret. Its backend signs with `signer` and shows it.
fn site(token: &str, signer: &Signer) -> Site {
    let clock = Clock::manual(NOW);
    let backend = Scripted::start(&clock);
    backend.sign_with(signer);
    backend.show_keys(&[signer]);
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("public.pem"), &signer.public_pem).unwrap();
    let sealed = "[session]\nsecret = \"session-key-0123456789-0123456789-0123456789\"\n";
    let usual = format!("secret = \"{TOKEN_SECRET}\"");
    let toml = config(&backend, sealed).replacen(&usual, token, 1);
    assert!(toml.contains(token), "{toml}");
    let vestibule = build(&toml, &folder, &clock);
    Site { vestibule, backend, clock, folder }
}

fn signer(algorithm: Algorithm, kid: &str) -> Signer {
    Signer::new(algorithm).named(kid)
}

#[tokio::test]
async fn a_token_of_each_kind_of_key_signs_in_and_is_renewed() {
    let rsa = signer(Algorithm::RS256, "one");
    for (algorithm, signer) in [
        (Algorithm::RS256, rsa.clone()),
        (Algorithm::PS256, rsa.with(Algorithm::PS256)),
        (Algorithm::ES256, signer(Algorithm::ES256, "one")),
        (Algorithm::EdDSA, signer(Algorithm::EdDSA, "one")),
    ] {
        for token in [JWKS, FILE] {
            let site = site(token, &signer);
            let browser = site.browser();
            assert_eq!(browser.log_in().await.status, 303, "{algorithm:?} {token}");
            browser.open(HOME).await.expect(200).shows(EMAIL);
            site.pass(DUE);
            browser.open(HOME).await.expect(200).shows(EMAIL);
            assert_eq!((site.backend.count("refresh"), site.backend.reuses()), (1, 0));
            let session = browser.call("GET", "/_vestibule/session", None).await;
            assert_eq!(session.json()["expires_in"], 1800, "{algorithm:?} {token}");
            assert!(site.backend.count("jwks.json") <= 2, "{}", site.backend.count("jwks.json"));
        }
    }
}

#[tokio::test]
async fn a_token_signed_with_a_key_that_is_not_the_backends_signs_nobody_in() {
    for token in [JWKS, FILE] {
        let site = site(token, &signer(Algorithm::ES256, "one"));
        site.backend.sign_with(&signer(Algorithm::ES256, "one"));
        let browser = site.browser();
        browser.log_in().await.expect(502);
        assert!(!browser.is_signed_in().await);
        assert!(browser.cookies().is_empty());
    }
}

#[tokio::test]
async fn the_public_key_is_no_secret_to_sign_with() {
    for token in [JWKS, FILE] {
        let signer = signer(Algorithm::RS256, "one");
        let site = site(token, &signer);
        let claims = json!({"sub": "1", "iat": NOW, "exp": NOW + 600});
        let secret = EncodingKey::from_secret(signer.public_pem.as_bytes());
        let header = Header { kid: Some("one".to_owned()), ..Header::new(Algorithm::HS256) };
        let forged = jsonwebtoken::encode(&header, &claims, &secret).unwrap();
        site.backend.script("login", Reply::Json(200, json!({ "access_token": forged })));
        site.backend.script("me", Reply::Json(200, json!({"id": 1, "email": EMAIL})));
        let browser = site.browser();
        browser.log_in().await.expect(502);
        assert!(!browser.is_signed_in().await);
        // Such a token is refused before anybody is asked for keys.
        assert_eq!(site.backend.count("jwks.json"), 0);
        let honest = Reply::Json(200, json!({ "access_token": signer.sign(&claims) }));
        site.backend.script("login", honest);
        browser.log_in().await.expect(303);
    }
}

#[tokio::test]
async fn a_rotation_of_the_keys_is_followed() {
    let (old, new) = (signer(Algorithm::ES256, "old"), signer(Algorithm::ES256, "new"));
    let site = site(JWKS, &old);
    let browser = site.signed_in().await;
    site.backend.sign_with(&new);
    // Shown a moment later than used, and asked for no more often than the cool-down allows.
    for _ in 0..3 {
        site.browser().log_in().await.expect(502);
    }
    assert_eq!(site.backend.count("jwks.json"), 1);
    site.backend.show_keys(&[&new, &old]);
    site.pass(COOL_DOWN);
    site.browser().log_in().await.expect(303);
    assert_eq!(site.backend.count("jwks.json"), 2);
    browser.open(HOME).await.expect(200).shows(EMAIL);
    site.backend.sign_with(&old);
    site.browser().log_in().await.expect(303);
}

#[tokio::test]
async fn an_outage_of_the_keys_at_a_login_is_an_outage_and_passes() {
    for (reply, status) in [
        (Reply::HangUp, 503),
        (Reply::Silence, 504),
        (Reply::Json(500, json!({})), 502),
        (Reply::Text(200, "<html>"), 502),
        (Reply::Huge, 502),
        (Reply::With(302, ("location", "/me".into()), json!({})), 502),
    ] {
        let site = site(JWKS, &signer(Algorithm::EdDSA, "one"));
        site.backend.script("jwks.json", reply.clone());
        let browser = site.browser();
        let answer = browser.log_in().await;
        assert_eq!(answer.status, status, "{reply:?}");
        assert_eq!(site.backend.count("jwks.json"), 1, "{reply:?}");
        assert_eq!(site.backend.count("me"), 0, "a redirect is not followed");
        site.backend.script("jwks.json", Reply::Honest);
        site.pass(5);
        browser.log_in().await.expect(303);
    }
}

#[tokio::test]
async fn an_outage_of_the_keys_at_a_refresh_keeps_the_session() {
    let (old, new) = (signer(Algorithm::ES256, "old"), signer(Algorithm::ES256, "new"));
    let site = site(JWKS, &old);
    let browser = site.signed_in().await;
    site.pass(DUE);
    site.backend.sign_with(&new);
    site.backend.show_keys(&[&new]);
    site.backend.script("jwks.json", Reply::HangUp);
    browser.open(HOME).await.expect(200).shows(EMAIL);
    assert_eq!(site.backend.count("refresh"), 1);
    // The old token is dead, and nobody can tell whether the new one is good.
    site.pass(300);
    browser.open(HOME).await.expect(503);
    assert!(!browser.cookies().is_empty());
    site.backend.script("jwks.json", Reply::Honest);
    site.pass(COOL_DOWN);
    browser.open(HOME).await.expect(200).shows(EMAIL);
    // What the backend gave is used, since its old refresh token is spent.
    assert_eq!((site.backend.count("refresh"), site.backend.reuses()), (1, 0));
    let session = browser.call("GET", "/_vestibule/session", None).await;
    assert_eq!(session.json()["expires_in"], 1800 - 300 - COOL_DOWN, "from when it came");
}

#[tokio::test]
async fn a_key_that_is_shown_late_at_a_refresh_keeps_the_session() {
    let (old, new) = (signer(Algorithm::ES256, "old"), signer(Algorithm::ES256, "new"));
    let site = site(JWKS, &old);
    let browser = site.signed_in().await;
    site.pass(DUE);
    site.backend.sign_with(&new);
    browser.open(HOME).await.expect(200).shows(EMAIL);
    site.backend.show_keys(&[&new]);
    site.pass(300 + COOL_DOWN);
    browser.open(HOME).await.expect(200).shows(EMAIL);
    assert_eq!((site.backend.count("refresh"), site.backend.reuses()), (1, 0));
}

#[tokio::test]
async fn a_key_that_never_comes_at_a_refresh_is_not_waited_for() {
    let (old, new) = (signer(Algorithm::ES256, "old"), signer(Algorithm::ES256, "new"));
    let site = site(JWKS, &old);
    site.backend.keep_refresh_tokens();
    let browser = site.signed_in().await;
    site.pass(DUE);
    site.backend.sign_with(&new);
    for _ in 0..3 {
        browser.open(HOME).await.expect(200);
        site.pass(COOL_DOWN + 1);
    }
    assert_eq!(site.backend.count("refresh"), 1);
    site.backend.sign_with(&old);
    browser.open(HOME).await.expect(200);
    assert_eq!(site.backend.count("refresh"), 2);
    let session = browser.call("GET", "/_vestibule/session", None).await;
    assert_eq!(session.json()["expires_in"], 1800);
}

#[tokio::test]
async fn a_wrong_key_is_a_calm_page_and_one_clear_line() {
    let backend = Scripted::start(&Clock::system());
    let table = format!(
        "[backend]\nurl = \"{}\"\n[session]\nsecret = \"session-key-0123456789-0123456789-0123456789\"\n[token]\n",
        backend.url()
    );
    let shown = signer(Algorithm::EdDSA, "one");
    backend.show_keys(&[&shown]);
    let fields = [("email", EMAIL), ("password", PASSWORD)];
    for (token, used, words) in [
        (JWKS, signer(Algorithm::EdDSA, "one"), "no key behind `token.jwks_url` belongs"),
        (JWKS, signer(Algorithm::EdDSA, "two"), "signed with the key `two`"),
        (
            "secret = \"another-key-0123456789-0123456789\"",
            shown,
            "set jwks_url or public_key_file",
        ),
    ] {
        backend.sign_with(&used);
        let mut vestibule = Vestibule::start(&format!("{table}{token}\n")).await;
        let visitor = vestibule.visitor();
        let page = visitor.post_form("/login", &fields).await;
        page.expect(502);
        assert!(!page.body.contains("jwks") && !page.body.contains("signed"), "{}", page.body);
        let request = page.headers["x-request-id"].to_str().unwrap();
        vestibule.log_line(&[words, request]).await;
        vestibule.stop();
        let log = vestibule.log();
        assert_eq!(log.lines().filter(|line| line.contains(words)).count(), 1, "{log}");
        assert!(!log.contains("eyJ"), "{log}");
    }
}
