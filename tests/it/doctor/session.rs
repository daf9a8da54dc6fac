//! After the sign-in: the token, who it is, renewing, signing out.

use std::time::Duration;

use jsonwebtoken::{EncodingKey, Header};
use serde_json::{Value, json};
use vestibule::CheckStatus;

use super::{Patient, broken, report, says};
use crate::support::scripted::{Reply, TOKEN_SECRET};
use crate::support::site::NOW;

fn signed(key: &[u8], claims: &Value) -> Reply {
    let token =
        jsonwebtoken::encode(&Header::default(), claims, &EncodingKey::from_secret(key)).unwrap();
    Reply::Json(200, json!({"access_token": token, "refresh_token": "tok-in-the-clear-r"}))
}

#[tokio::test]
async fn two_different_secrets_are_told_by_their_fingerprints() {
    let more = "[token]\nsecret = \"another-key-0123456789-0123456789-012345\"\n";
    let diagnosis = Patient::new().examine(more).await;
    broken(&diagnosis, "token.signature", &["different secrets", "fingerprint", "pbkdf2_hmac"]);
    assert!(!diagnosis.human(false).contains("another-key-0123456789"));
    says(&diagnosis, "me.call", CheckStatus::Skipped, &[]);
    insta::assert_snapshot!(report(&diagnosis));
}

#[tokio::test]
async fn the_usual_slips_with_a_secret_are_named() {
    let claims = json!({"exp": NOW + 900, "iat": NOW});
    for (key, words) in [
        (format!("{TOKEN_SECRET}\n"), "line break"),
        (format!("\"{TOKEN_SECRET}\""), "quotation marks"),
        ("jwt-secret-to-change".to_owned(), "printed in documentation"),
    ] {
        let diagnosis = Patient::with("login", signed(key.as_bytes(), &claims)).examine("").await;
        broken(&diagnosis, "token.signature", &[words]);
    }
}

#[tokio::test]
async fn another_algorithm_is_named_and_where_the_keys_are() {
    let diagnosis = Patient::new().examine("[token]\nalgorithms = [\"HS512\"]\n").await;
    broken(&diagnosis, "token.algorithm", &["HS256", "algorithms = [\"HS256\"]"]);

    // {"alg":"RS256"} . {"exp":1800000900}
    let token = "eyJhbGciOiJSUzI1NiJ9.eyJleHAiOjE4MDAwMDA5MDB9.c2lnbmF0dXJl";
    let patient = Patient::with("login", Reply::Json(200, json!({"access_token": token})));
    patient.backend.script("jwks.json", Reply::Json(404, json!({})));
    let diagnosis = patient.examine("").await;
    broken(&diagnosis, "token.algorithm", &["RS256", "public_key_file"]);
    patient.backend.script("jwks.json", Reply::Json(200, json!({"keys": []})));
    let diagnosis = patient.examine("").await;
    let url = format!("jwks_url = \"{}/.well-known/jwks.json\"", patient.backend.url());
    broken(&diagnosis, "token.algorithm", &[&url, "algorithms = [\"RS256\"]"]);
}

#[tokio::test]
async fn claims_that_do_not_fit_are_named() {
    let key = TOKEN_SECRET.as_bytes();
    let claims = json!({"exp": NOW + 900, "iat": NOW, "aud": ["fastapi-users:auth"]});
    let more = "[token]\naudience = \"shop\"\n";
    let diagnosis = Patient::with("login", signed(key, &claims)).examine(more).await;
    broken(&diagnosis, "token.claims", &["aud", "audience = [\"fastapi-users:auth\"]"]);
    let dead = json!({"exp": NOW - 3600});
    let diagnosis = Patient::with("login", signed(key, &dead)).examine("").await;
    broken(&diagnosis, "token.claims", &["3600 s ago", "clock"]);
    let early = json!({"exp": NOW + 900, "iat": NOW, "nbf": NOW + 60});
    let diagnosis = Patient::with("login", signed(key, &early)).examine("").await;
    broken(&diagnosis, "token.claims", &["60 s (nbf)", "leeway = \"1m5s\""]);
}

#[tokio::test]
async fn a_threshold_beyond_the_life_of_a_token_is_cut_to_a_quarter() {
    let patient = Patient::new();
    patient.backend.access_life(Duration::from_mins(5));
    let diagnosis = patient.examine("[session]\nrefresh_threshold = \"10m\"\n").await;
    broken(
        &diagnosis,
        "refresh.threshold",
        &["refresh_threshold is 10m, and access tokens live 5m", "refresh_threshold = \"1m15s\""],
    );
}

/// The doctor reads a life as the site does, dates included.
#[tokio::test]
async fn a_life_that_is_told_as_a_date_is_measured() {
    // 600 seconds after the beginning of the test.
    let tokens = json!({"access_token": "tok-in-the-clear-a", "refresh_token": "tok-in-the-clear-r",
        "until": "2027-01-15T02:10:00-06:00"});
    let patient = Patient::with("login", Reply::Json(200, tokens));
    patient.backend.script("me", Reply::Json(200, json!({"id": 1, "email": "a@b.c"})));
    let take = "{ access_token = \"/access_token\", refresh_token = \"/refresh_token\", expires_at = \"/until\" }";
    let diagnosis = patient.examine(&format!("[backend.login]\ntake = {take}\n")).await;
    says(&diagnosis, "token.life", CheckStatus::Ok, &["access tokens live 10m"]);
}

#[tokio::test]
async fn an_opaque_token_of_unknown_life_is_worth_a_word() {
    let patient = Patient::new();
    patient.backend.issue_opaque_tokens();
    let diagnosis = patient.examine("").await;
    assert!(diagnosis.is_ok(), "{}", diagnosis.human(false));
    says(&diagnosis, "token.life", CheckStatus::Warning, &["expires_in"]);
}

#[tokio::test]
async fn a_backend_that_sends_the_time_is_compared_by_it() {
    let date = httpdate::fmt_http_date(std::time::UNIX_EPOCH + Duration::from_secs(NOW + 252));
    let patient = Patient::with("", Reply::With(200, ("Date", date), json!({})));
    let diagnosis = patient.examine("[token]\nleeway = \"30s\"\n").await;
    broken(
        &diagnosis,
        "clock",
        &["252 s ahead of ours", "GMT", "leeway is 30s".trim_end_matches('s')],
    );
    let date = httpdate::fmt_http_date(std::time::UNIX_EPOCH + Duration::from_secs(NOW - 20));
    let patient = Patient::with("", Reply::With(200, ("Date", date), json!({})));
    let diagnosis = patient.examine("[token]\nleeway = \"30s\"\n").await;
    says(&diagnosis, "clock", CheckStatus::Ok, &[]);
}

#[tokio::test]
async fn a_me_of_another_shape_is_listed_and_mapped() {
    let body = json!({"user": {"pk": 7, "emailAddress": "alice@example.com", "username": "alice"}});
    let patient = Patient::with("me", Reply::Json(200, body));
    let diagnosis = patient.examine("").await;
    broken(&diagnosis, "me.user", &["/user/pk", "user = \"/user\"\nid = \"/pk\""]);
    let diagnosis = patient.examine("[backend.me]\nuser = \"/user\"\n").await;
    broken(
        &diagnosis,
        "me.user",
        &["id = \"/pk\"", "email = \"/emailAddress\"", "name = \"/username\""],
    );
    let diagnosis = patient.examine("[backend.me]\nuser = \"/account\"\n").await;
    broken(&diagnosis, "me.user", &["no user at /account"]);
}

#[tokio::test]
async fn a_claim_that_hits_nothing_is_a_warning() {
    let diagnosis = Patient::new().examine("[backend.me]\nclaims = { teams = \"/teams\" }\n").await;
    says(&diagnosis, "me.user", CheckStatus::Warning, &["claims.teams (/teams)", "/roles/0"]);
    assert!(diagnosis.is_ok());
}

#[tokio::test]
async fn a_token_of_another_scheme_is_sent_in_that_scheme() {
    let reply = Reply::With(401, ("WWW-Authenticate", "JWT realm=\"api\"".to_owned()), json!({}));
    let diagnosis = Patient::with("me", reply).examine("").await;
    broken(&diagnosis, "me.call", &["auth = { Authorization = \"JWT {{access_token}}\" }"]);
}

#[tokio::test]
async fn every_way_in_which_a_refresh_fails_is_told_apart() {
    for (reply, words) in [
        (Reply::Json(401, json!({"detail": "Invalid refresh token"})), "Invalid refresh token"),
        (Reply::Json(404, json!({})), "POST /auth/refresh is not there"),
        (Reply::Json(500, json!({})), "fails at POST /auth/refresh"),
        (Reply::Json(200, json!({"access": "tok-in-the-clear-new"})), "access_token = \"/access\""),
        (Reply::HangUp, "no whole answer"),
    ] {
        let diagnosis = Patient::with("refresh", reply).examine("").await;
        broken(&diagnosis, "refresh.call", &[words]);
    }
}

#[tokio::test]
async fn a_refresh_token_that_is_wanted_elsewhere_is_put_there() {
    let reply = Reply::Json(400, json!({"refresh": ["This field is required."]}));
    let diagnosis = Patient::with("refresh", reply).examine("").await;
    broken(&diagnosis, "refresh.call", &["body = { refresh = \"{{refresh_token}}\" }"]);
    let reply = Reply::Json(400, json!({"message": "token is required"}));
    let diagnosis = Patient::with("logout", reply).examine("").await;
    says(&diagnosis, "logout.call", CheckStatus::Error, &[]);

    let cookie = ("Set-Cookie", "shop-refresh=tok-in-the-clear-c; Path=/refresh".to_owned());
    let body = json!({"access_token": "tok-in-the-clear-a"});
    let patient = Patient::with("login", Reply::With(200, cookie, body));
    let more = "[backend.login]\ntake = { access_token = \"/access_token\", refresh_token = \"cookie:shop-refresh\" }\n";
    let diagnosis = patient.examine(more).await;
    let header = "headers = { Cookie = \"shop-refresh={{refresh_token}}\" }";
    broken(&diagnosis, "refresh.call", &[header]);
}

#[tokio::test]
async fn a_login_without_a_refresh_token_is_worth_a_word() {
    let patient = Patient::new();
    patient.backend.issue_no_refresh_tokens();
    let diagnosis = patient.examine("").await;
    says(&diagnosis, "refresh.call", CheckStatus::Warning, &["refresh = false"]);
    let body = json!({"access_token": "tok-in-the-clear-a", "refresh": "tok-in-the-clear-r"});
    let diagnosis = Patient::with("login", Reply::Json(200, body)).examine("").await;
    says(&diagnosis, "refresh.call", CheckStatus::Warning, &["refresh_token = \"/refresh\""]);
}

#[tokio::test]
async fn a_refresh_token_that_stays_is_told_from_one_that_changes() {
    let patient = Patient::new();
    patient.backend.keep_refresh_tokens();
    let diagnosis = patient.examine("").await;
    says(&diagnosis, "refresh.call", CheckStatus::Ok, &["stays the same"]);
}

#[tokio::test]
async fn a_refused_logout_is_broken_and_one_without_effect_worth_a_word() {
    let patient = Patient::with("logout", Reply::Json(403, json!({"detail": "not you"})));
    let diagnosis = patient.examine("").await;
    broken(&diagnosis, "logout.call", &["not accepted", "not you"]);
    says(&diagnosis, "logout.effect", CheckStatus::Warning, &["still works", "revoke"]);
    let patient = Patient::with("logout", Reply::Json(200, json!({})));
    let diagnosis = patient.examine("").await;
    says(&diagnosis, "logout.call", CheckStatus::Ok, &[]);
    says(&diagnosis, "logout.effect", CheckStatus::Warning, &["still works"]);
}
