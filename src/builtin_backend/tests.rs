//! The built-in backend as a client sees it: through [`Backend::send`].

mod migration;
mod refresh;

use std::fs;
use std::path::PathBuf;

use bytes::Bytes;
use http::HeaderMap;
use http::header::{ALLOW, AUTHORIZATION, CONTENT_TYPE, WWW_AUTHENTICATE};
use serde_json::{Value, json};
use tempfile::TempDir;

use super::*;
use crate::secret::Secret;

const NOW: u64 = 1_800_000_000;
const PASSWORD: &str = "Corr3ct-horse";

/// A backend with a database of its own.
struct House {
    backend: BuiltinBackend,
    clock: Clock,
    folder: TempDir,
}

impl House {
    fn new() -> Self {
        Self::with(settings())
    }

    fn with(settings: Settings) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let clock = Clock::manual(NOW);
        let file = folder.path().join("users.db");
        let backend = BuiltinBackend::open(&file, settings, clock.clone()).unwrap();
        Self { backend, clock, folder }
    }

    fn file(&self) -> PathBuf {
        self.folder.path().join("users.db")
    }

    async fn send(&self, method: &str, target: &str, body: &str, bearer: Option<&str>) -> Answer {
        let mut headers = HeaderMap::new();
        if let Some(token) = bearer {
            headers.insert(AUTHORIZATION, format!("Bearer {token}").parse().unwrap());
        }
        let request = CallRequest {
            method: method.parse().unwrap(),
            target: target.to_owned(),
            headers,
            body: (!body.is_empty()).then(|| Bytes::copy_from_slice(body.as_bytes())),
        };
        let answer = self.backend.send(request).await.unwrap();
        assert_eq!(answer.headers[CONTENT_TYPE], "application/json");
        let json = serde_json::from_slice(&answer.body).unwrap();
        Answer { status: answer.status.as_u16(), headers: answer.headers, json }
    }

    async fn post(&self, target: &str, body: Value) -> Answer {
        self.send("POST", target, &body.to_string(), None).await
    }

    async fn register(&self, email: &str) -> Answer {
        let body = json!({"email": email, "password": PASSWORD, "name": "Alice"});
        self.post("/auth/register", body).await
    }

    async fn login(&self, email: &str, password: &str) -> Answer {
        self.post("/auth/login", json!({"email": email, "password": password})).await
    }

    async fn refresh(&self, token: &str) -> Answer {
        self.post("/auth/refresh", json!({"refresh_token": token})).await
    }

    async fn logout(&self, token: &str) -> Answer {
        self.post("/auth/logout", json!({"refresh_token": token})).await
    }

    async fn me(&self, token: &str) -> Answer {
        self.send("GET", "/auth/me", "", Some(token)).await
    }

    async fn signed_in() -> (Self, Answer) {
        let house = Self::new();
        house.register("alice@example.com").await;
        let tokens = house.login("alice@example.com", PASSWORD).await;
        assert_eq!(tokens.status, 200);
        (house, tokens)
    }
}

struct Answer {
    status: u16,
    headers: HeaderMap,
    json: Value,
}

impl Answer {
    fn access(&self) -> &str {
        self.json["access_token"].as_str().unwrap()
    }

    fn refresh(&self) -> &str {
        self.json["refresh_token"].as_str().unwrap()
    }

    #[track_caller]
    fn assert_unauthorized(&self, detail: &str) {
        assert_eq!((self.status, &self.json), (401, &json!({"detail": detail})));
        assert_eq!(self.headers[WWW_AUTHENTICATE], "Bearer");
    }

    /// The inputs that were refused, with the codes of their reasons.
    #[track_caller]
    fn faults(&self) -> Vec<(&str, &str)> {
        assert_eq!(self.status, 422, "{}", self.json);
        let faults = self.json["detail"].as_array().unwrap();
        faults
            .iter()
            .map(|fault| {
                assert!(!fault["msg"].as_str().unwrap().is_empty());
                assert_eq!(fault["loc"][0], "body");
                (fault["loc"][1].as_str().unwrap_or("body"), fault["type"].as_str().unwrap())
            })
            .collect()
    }
}

fn settings() -> Settings {
    Settings::new(Secret::new("a secret that is long enough for HS256"))
}

fn signed_by_hand(claims: &Value) -> String {
    let key = jsonwebtoken::EncodingKey::from_secret(settings().secret.expose().as_bytes());
    jsonwebtoken::encode(&jsonwebtoken::Header::default(), claims, &key).unwrap()
}

fn claims(token: &str) -> Value {
    jsonwebtoken::dangerous::insecure_decode::<Value>(token).unwrap().claims
}

#[tokio::test]
async fn a_new_account_is_told_back_without_its_password() {
    let house = House::new();
    let answer = house.register(" Alice@Example.com ").await;
    assert_eq!(answer.status, 201);
    let expected = json!({
        "id": 1, "email": "Alice@Example.com", "name": "Alice", "verified": false,
        "created_at": "2027-01-15T08:00:00Z",
    });
    assert_eq!(answer.json, expected);
}

#[tokio::test]
async fn an_email_has_one_account_however_it_is_capitalised() {
    let house = House::new();
    house.register("alice@example.com").await;
    let again = house.register("ALICE@Example.com").await;
    assert_eq!(again.status, 409);
    assert_eq!(again.json, json!({"detail": "Email already registered"}));
    assert_eq!(house.login("Alice@EXAMPLE.com", PASSWORD).await.status, 200);
}

#[tokio::test]
async fn every_mistake_in_a_registration_is_told_at_once_and_nothing_is_echoed() {
    let house = House::new();
    let register = |body| house.post("/auth/register", body);

    let answer = register(json!({"email": "nope-nope", "password": "zq7", "name": 5})).await;
    let faults =
        [("email", "value_error"), ("password", "string_too_short"), ("name", "string_type")];
    assert_eq!(answer.faults(), faults);
    let text = answer.json.to_string();
    assert!(!text.contains("nope-nope") && !text.contains("zq7"), "{text}");

    let missing = [("email", "missing"), ("password", "missing")];
    assert_eq!(register(json!({})).await.faults(), missing);
    let password = |password: &str| json!({"email": "a@example.com", "password": password});
    let weak = register(password("Password1")).await;
    assert_eq!(weak.faults(), [("password", "password_common")]);
    let same = register(password("A@Example.com")).await;
    assert_eq!(same.faults(), [("password", "password_is_email")]);
    let long = register(password(&"x".repeat(1025))).await;
    assert_eq!(long.faults(), [("password", "string_too_long")]);
}

#[tokio::test]
async fn a_login_gives_a_pair_whose_access_token_names_the_account() {
    let settings = Settings {
        issuer: Some("vestibule".to_owned()),
        audience: vec!["shop".to_owned()],
        ..settings()
    };
    let house = House::with(settings);
    house.register("alice@example.com").await;
    let answer = house.login("alice@example.com", PASSWORD).await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.json["token_type"], "bearer");
    assert_eq!(answer.json["expires_in"], 1800);
    assert_eq!(answer.refresh().len(), 43);

    let mut claims = claims(answer.access());
    let jti = claims.as_object_mut().unwrap().shift_remove("jti").unwrap();
    assert_eq!(jti.as_str().unwrap().len(), 32);
    let sid = claims["sid"].clone();
    assert_eq!(sid.as_str().unwrap().len(), 32);
    let expected = json!({
        "sub": "1", "email": "alice@example.com", "type": "access",
        "iat": NOW, "exp": NOW + 1800, "sid": sid, "iss": "vestibule", "aud": "shop",
    });
    assert_eq!(claims, expected);
    assert_eq!(house.me(answer.access()).await.status, 200);
    for (claim, other) in [("iss", "somebody"), ("aud", "bank")] {
        let mut changed = expected.clone();
        changed[claim] = json!(other);
        assert_eq!(house.me(&signed_by_hand(&changed)).await.status, 401);
        changed.as_object_mut().unwrap().shift_remove(claim);
        assert_eq!(house.me(&signed_by_hand(&changed)).await.status, 401, "without {claim}");
    }
}

#[test]
fn a_backend_without_a_secret_does_not_open() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("users.db");
    let opened = BuiltinBackend::open(&file, Settings::new(Secret::new("")), Clock::manual(NOW));
    assert!(matches!(opened, Err(BuiltinError::NoSecret)));
}

#[tokio::test]
async fn a_wrong_password_and_an_unknown_account_are_answered_alike() {
    let (house, _) = House::signed_in().await;
    let wrong = house.login("alice@example.com", "wrong").await;
    let unknown = house.login("nobody@example.com", PASSWORD).await;
    wrong.assert_unauthorized("Incorrect email or password");
    unknown.assert_unauthorized("Incorrect email or password");
    assert_eq!(wrong.headers, unknown.headers);

    let missing = house.post("/auth/login", json!({"email": "alice@example.com"})).await;
    assert_eq!(missing.faults(), [("password", "missing")]);
}

#[tokio::test]
async fn me_knows_the_account_of_a_good_token_only() {
    let (house, tokens) = House::signed_in().await;
    let me = house.me(tokens.access()).await;
    assert_eq!(me.status, 200);
    assert_eq!((&me.json["id"], &me.json["email"]), (&json!(1), &json!("alice@example.com")));

    house.send("GET", "/auth/me", "", None).await.assert_unauthorized("Not authenticated");
    let invalid = "Could not validate credentials";
    house.me("garbage").await.assert_unauthorized(invalid);
    house.me(tokens.refresh()).await.assert_unauthorized(invalid);
    let good = json!({"sub": "1", "type": "access", "exp": NOW + 60});
    assert_eq!(house.me(&signed_by_hand(&good)).await.status, 200);
    for (claim, value) in [("type", json!("refresh")), ("sub", json!("x")), ("sub", json!("99"))] {
        let mut claims = good.clone();
        claims[claim] = value;
        house.me(&signed_by_hand(&claims)).await.assert_unauthorized(invalid);
    }
    let mut unending = good.clone();
    unending.as_object_mut().unwrap().shift_remove("exp");
    house.me(&signed_by_hand(&unending)).await.assert_unauthorized(invalid);
    let unsigned = format!("eyJhbGciOiJub25lIn0.{}.", tokens.access().split('.').nth(1).unwrap());
    house.me(&unsigned).await.assert_unauthorized(invalid);

    house.clock.advance(Duration::from_secs(1799));
    assert_eq!(house.me(tokens.access()).await.status, 200);
    house.clock.advance(Duration::from_secs(1));
    house.me(tokens.access()).await.assert_unauthorized("Token has expired");
}

#[tokio::test]
async fn the_tokens_of_a_deleted_account_are_worth_nothing() {
    let (house, tokens) = House::signed_in().await;
    let delete =
        |connection: &mut rusqlite::Connection| connection.execute("DELETE FROM account", []);
    house.backend.database.now(delete).unwrap();
    house.me(tokens.access()).await.assert_unauthorized("Could not validate credentials");
    house.refresh(tokens.refresh()).await.assert_unauthorized("Invalid refresh token");
    // Nor does the next account inherit them.
    assert_eq!(house.register("bob@example.com").await.json["id"], 2);
    house.me(tokens.access()).await.assert_unauthorized("Could not validate credentials");
}

#[tokio::test]
async fn what_is_not_an_endpoint_is_refused_as_a_server_would() {
    let house = House::new();
    for (path, methods) in BuiltinBackend::ENDPOINTS {
        let path = &path.replace("{id}", &"0".repeat(32));
        for method in ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD"] {
            let answer = house.send(method, path, "", None).await;
            if methods.split(", ").any(|it| it == method) {
                assert!(![404, 405, 500].contains(&answer.status), "{method} {path}");
                continue;
            }
            assert_eq!((answer.status, answer.headers[ALLOW].to_str().unwrap()), (405, methods));
            assert!(answer.json["detail"].is_string());
        }
        if ["/auth/register", "/auth/login", "/auth/refresh", "/auth/reset-password"]
            .contains(&path.as_str())
        {
            let faults = |body: &'static str| house.send("POST", path, body, None);
            assert_eq!(faults("").await.faults(), [("body", "missing")]);
            assert_eq!(faults("{\"email\":").await.faults(), [("body", "json_invalid")]);
            assert_eq!(faults("[1]").await.faults(), [("body", "model_attributes_type")]);
        }
    }
    for path in [
        "/",
        "/auth",
        "/auth/",
        "/auth/login/",
        "/auth/Login",
        "//auth/login",
        "/auth/x",
        "/auth/sessions/",
        "/auth/sessions/a/b",
    ] {
        let answer = house.send("POST", path, "{}", None).await;
        assert_eq!((answer.status, answer.json), (404, json!({"detail": "Not Found"})));
    }
    let with_query = house.send("GET", "/auth/me?verbose=1", "", None).await;
    with_query.assert_unauthorized("Not authenticated");
}

#[tokio::test]
async fn nothing_secret_is_in_the_files() {
    let (house, first) = House::signed_in().await;
    let second = house.refresh(first.refresh()).await;
    let mut bytes = Vec::new();
    for entry in fs::read_dir(house.folder.path()).unwrap() {
        bytes.extend(fs::read(entry.unwrap().path()).unwrap());
    }
    let contains = |text: &str| bytes.windows(text.len()).any(|window| window == text.as_bytes());
    assert!(contains("alice@example.com") && contains("$argon2id$v=19$m=19456,t=2,p=1$"));
    for secret in
        [PASSWORD, first.refresh(), second.refresh(), first.access(), settings().secret.expose()]
    {
        assert!(!contains(secret), "{secret}");
    }
}

#[tokio::test]
async fn what_was_stored_is_there_after_a_restart() {
    let (house, tokens) = House::signed_in().await;
    let House { backend, clock, folder } = house;
    drop(backend);
    let backend = BuiltinBackend::open(&folder.path().join("users.db"), settings(), clock.clone());
    let house = House { backend: backend.unwrap(), clock, folder };
    assert_eq!(house.me(tokens.access()).await.status, 200);
    assert_eq!(house.refresh(tokens.refresh()).await.status, 200);
}
