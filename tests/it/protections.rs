//! Options that restrict somebody: each of these tests fails where its option does nothing. Most options have
//! theirs elsewhere; docs/reference/protections.md tells where.

use std::fs;
use std::time::{Duration, Instant};

use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use vestibule::Vestibule;

use crate::support::free_port;
use crate::support::scripted::{EMAIL, Reply, TOKEN_SECRET, WRONG_PASSWORD};
use crate::support::site::{Browser, HOME, Site, build, config, leads_to_login, store};

const OTHER_SECRET: &str = "other-key-0123456789-0123456789-0123456789";

fn signed(algorithm: Algorithm, claims: &Value) -> String {
    let key = EncodingKey::from_secret(TOKEN_SECRET.as_bytes());
    jsonwebtoken::encode(&Header::new(algorithm), claims, &key).unwrap()
}

/// Whether an access token that the backend gives out signs in.
async fn accepts(site: &Site, token: &str) -> bool {
    site.backend.script("login", Reply::Json(200, json!({"access_token": token})));
    site.backend.script("me", Reply::Json(200, json!({"id": 1, "email": EMAIL})));
    let answer = site.browser().log_in().await;
    assert!(matches!(answer.status, 303 | 502), "{answer:?}");
    answer.status == 303
}

/// The site with this in place of the secret of its `[token]`.
#[track_caller]
fn with_token(site: &mut Site, token: &str) {
    let usual = format!("secret = \"{TOKEN_SECRET}\"");
    let toml = config(&site.backend, "").replacen(&usual, token, 1);
    assert!(toml.contains(token), "{toml}");
    site.vestibule = build(&toml, &site.folder, &site.clock);
}

#[tokio::test]
async fn a_secret_in_a_file_judges_tokens() {
    let mut site = Site::new("");
    for (secret, status) in [(TOKEN_SECRET, 303), (OTHER_SECRET, 502)] {
        fs::write(site.folder.path().join("token.key"), format!("{secret}\n")).unwrap();
        with_token(&mut site, "secret_file = \"token.key\"");
        let browser = site.browser();
        browser.log_in().await.expect(status);
        assert_eq!(browser.is_signed_in().await, status == 303);
    }
}

#[tokio::test]
async fn a_secret_in_a_file_seals_sessions_and_one_that_is_gone_opens_none() {
    let mut site = Site::new("");
    for (file, secret) in [("one.key", "first"), ("two.key", "second")] {
        let text = format!("{secret}-session-key-0123456789-0123456789");
        fs::write(site.folder.path().join(file), text).unwrap();
    }
    let one = store("cookie", "secret_file = \"one.key\"");
    let two = store("cookie", "secret_file = \"two.key\"");
    let both = format!("{two}previous_secret_files = [\"one.key\"]\n");
    site.restart(&one);
    let browser = site.signed_in().await;
    for (more, opens) in [(&one, true), (&two, false), (&both, true)] {
        site.restart(more);
        let answer = browser.copy().at(&site).open(HOME).await;
        if opens {
            answer.expect(200).shows(EMAIL);
        } else {
            leads_to_login(&answer);
        }
    }
}

#[tokio::test]
async fn no_algorithm_is_taken_but_those_that_are_listed() {
    let site = Site::new("[token]\nalgorithms = [\"HS512\", \"HS384\"]");
    for (algorithm, taken) in
        [(Algorithm::HS256, false), (Algorithm::HS384, true), (Algorithm::HS512, true)]
    {
        let token = signed(algorithm, &json!({"exp": site.clock.unix_seconds() + 60}));
        assert_eq!(accepts(&site, &token).await, taken, "{algorithm:?}");
    }
}

#[tokio::test]
async fn a_clock_that_differs_by_more_than_the_leeway_signs_nobody_in() {
    for (leeway, seconds, taken) in
        [("0s", 1, false), ("10s", 9, true), ("10s", 11, false), ("30s", 29, true)]
    {
        let site = Site::new(&format!("[token]\nleeway = \"{leeway}\""));
        let now = site.clock.unix_seconds();
        let early = json!({"exp": now + 600, "nbf": now + seconds});
        assert_eq!(accepts(&site, &signed(Algorithm::HS256, &early)).await, taken, "{leeway}");
        let late = json!({"exp": now - seconds});
        assert_eq!(accepts(&site, &signed(Algorithm::HS256, &late)).await, taken, "{leeway}");
    }
}

#[tokio::test]
async fn so_many_attempts_are_had_in_that_time_and_no_more() {
    let site = Site::new("[rate_limit.login]\nlimit = 2\nper = \"10m\"");
    let browser = site.browser();
    let attempt =
        async || browser.post("/login", &[("email", EMAIL), ("password", WRONG_PASSWORD)]).await;
    attempt().await.expect(401);
    attempt().await.expect(401);
    assert_eq!(attempt().await.expect(429).header("retry-after"), Some("300"));
    // One of two comes back in half of the time.
    site.pass(299);
    attempt().await.expect(429);
    site.pass(1);
    attempt().await.expect(401);
    attempt().await.expect(429);
}

#[tokio::test]
async fn a_form_is_as_large_as_the_configuration_says() {
    let site = Site::new("[server]\nmax_body_size = \"300B\"");
    let fields = |padding: usize| vec![("email", "x".repeat(padding)), ("password", "x".into())];
    let send = async |browser: &Browser, padding: usize| {
        let fields = fields(padding);
        let fields: Vec<_> = fields.iter().map(|(name, text)| (*name, text.as_str())).collect();
        browser.post("/login", &fields).await.status
    };
    // The names and what is between them take 17 bytes.
    assert_ne!(send(&site.browser(), 283).await, 413);
    assert_eq!(send(&site.browser(), 284).await, 413);
    let json = json!({"email": "x".repeat(300), "password": "x"});
    site.browser().call("POST", "/login", Some(json)).await.expect(413);
    assert_eq!(site.backend.count("login"), 0);
}

#[tokio::test]
async fn a_backend_that_is_slow_is_waited_for_as_long_as_it_is_said() {
    let site = Site::new("[backend]\ntimeout = \"200ms\"");
    site.backend.script("login", Reply::Silence);
    let began = Instant::now();
    site.browser().log_in().await.expect(504);
    assert!(began.elapsed() < Duration::from_secs(4), "{:?}", began.elapsed());
}

#[tokio::test]
async fn what_ok_points_to_signs_nobody_in_where_it_says_no() {
    let token = |ok: bool| {
        let token = signed(Algorithm::HS256, &json!({"exp": 1_800_000_600_u64}));
        Reply::Json(200, json!({"ok": ok, "access_token": token, "refresh_token": "r"}))
    };
    let me = |ok: bool| Reply::Json(200, json!({"ok": ok, "id": 1, "email": EMAIL}));
    let contract = "[backend]\nlogin.ok = \"/ok\"\nme.ok = \"/ok\"\nrefresh.ok = \"/ok\"\n";
    let site = Site::new(contract);
    for (login, user, status) in [(true, true, 303), (false, true, 401), (true, false, 502)] {
        site.backend.script("login", token(login));
        site.backend.script("me", me(user));
        let browser = site.browser();
        let answer = browser.log_in().await;
        assert_eq!(answer.status == 303, status == 303, "{login} {user} {answer:?}");
        assert_eq!(browser.is_signed_in().await, status == 303, "{login} {user}");
    }
    // A refresh that says no ends the session, although a token came along.
    for ok in [true, false] {
        let site = Site::new(contract);
        site.backend.script("login", token(true));
        site.backend.script("me", me(true));
        let browser = site.signed_in().await;
        site.backend.script("refresh", token(ok));
        site.pass(400);
        assert_eq!(browser.is_signed_in().await, ok);
    }
}

#[tokio::test]
async fn the_access_token_goes_in_the_headers_that_are_named_and_nowhere_without_them() {
    let token = signed(Algorithm::HS256, &json!({"exp": 1_800_000_600_u64}));
    for (auth, proof) in [(true, Some(format!("t={token}"))), (false, None)] {
        let site = Site::new(&format!(
            "[backend]\nauth = {{ X-Proof = \"t={{{{access_token}}}}\" }}\nme.auth = {auth}\n\
             logout = [{{ send = \"POST /auth/logout\", auth = {auth} }}]\n"
        ));
        site.backend.script("login", Reply::Json(200, json!({"access_token": token})));
        site.backend.script("me", Reply::Json(200, json!({"id": 1, "email": EMAIL})));
        site.signed_in().await.post("/logout", &[]).await.expect(303);
        for endpoint in ["me", "logout"] {
            let call = &site.backend.calls(endpoint)[0];
            assert_eq!(call.headers.get("x-proof"), proof.as_ref(), "{endpoint}");
            assert!(!call.headers.contains_key("authorization"), "{endpoint}");
            let shown = format!("{} {}", call.line, call.body);
            assert!(!shown.contains(&token), "{endpoint} {shown}");
        }
    }
}

#[tokio::test]
async fn only_the_address_that_is_named_is_listened_on() {
    let site = Site::new("");
    let port = free_port();
    let usual = "listen = \"127.0.0.1:0\"";
    let toml =
        config(&site.backend, "").replacen(usual, &format!("listen = \"127.0.0.3:{port}\""), 1);
    let folder = tempfile::tempdir().unwrap();
    let server = Vestibule::builder().toml(toml, folder.path()).build().unwrap();
    let server = server.listen().await.unwrap();
    let running = tokio::spawn(server.run(std::future::pending()));
    assert!(TcpStream::connect(("127.0.0.3", port)).await.is_ok());
    for other in ["127.0.0.1", "127.0.0.2"] {
        assert!(TcpStream::connect((other, port)).await.is_err(), "{other}");
    }
    running.abort();
}
