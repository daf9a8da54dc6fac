//! The declared calls do not fit: path, method, encoding, fields, tokens.

use serde_json::{Value, json};
use vestibule::CheckStatus;

use super::{Patient, broken, report, says};
use crate::support::scripted::Reply;

/// A `FastAPI` application as it describes itself.
fn fastapi() -> Value {
    json!({
        "openapi": "3.1.0",
        "paths": {
            "/api/v1/auth/jwt/login": {"post": {
                "operationId": "auth:jwt.login",
                "requestBody": {"content": {"application/x-www-form-urlencoded": {"schema": {"$ref": "#/components/schemas/Login"}}}},
                "responses": {"200": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Bearer"}}}}}
            }},
            "/api/v1/auth/cookie/login": {"post": {"operationId": "auth:cookie.login"}},
            "/api/v1/auth/register": {"post": {"requestBody": {"content": {"application/json": {"schema": {
                "properties": {"email": {}, "password": {}}, "required": ["email", "password"]}}}}}},
            "/api/v1/users/me": {"get": {}, "patch": {}},
            "/api/v1/users/{id}": {"get": {}},
            "/api/v1/auth/jwt/logout": {"post": {}}
        },
        "components": {"schemas": {
            "Login": {"properties": {
                "grant_type": {"anyOf": [{"type": "string", "pattern": "^password$"}, {"type": "null"}]},
                "username": {"type": "string"}, "password": {"type": "string"}, "scope": {"type": "string"}},
                "required": ["username", "password"]},
            "Bearer": {"properties": {"access_token": {}, "token_type": {}}}
        }}
    })
}

#[tokio::test]
async fn a_wrong_prefix_is_named_by_the_backends_own_description() {
    let patient = Patient::with("login", Reply::Json(404, json!({"detail": "Not Found"})));
    patient.backend.script("openapi.json", Reply::Json(200, fastapi()));
    let diagnosis = patient.examine_as("", None).await;
    broken(&diagnosis, "login.call", &["POST /auth/login is not there (404)", "/openapi.json"]);
    let lines = diagnosis.check("login.call").unwrap().fix.clone().unwrap().auth_toml.unwrap();
    assert_eq!(
        lines,
        "[backend.login]\nsend = \"POST /api/v1/auth/jwt/login\"\nas = \"form\"\n\
         body = { grant_type = \"password\", username = \"{{email}}\", password = \"{{password}}\" }\n\
         take = { access_token = \"/access_token\" }"
    );
    broken(&diagnosis, "register.call", &["send = \"POST /api/v1/auth/register\""]);
    broken(&diagnosis, "refresh.call", &["refresh = false"]);
    broken(&diagnosis, "logout.call", &["send = \"POST /api/v1/auth/jwt/logout\""]);
    insta::assert_snapshot!(report(&diagnosis));
}

#[tokio::test]
async fn a_wrong_method_is_cured_by_what_is_allowed() {
    let reply =
        Reply::With(405, ("Allow", "PUT".to_owned()), json!({"detail": "Method Not Allowed"}));
    let patient = Patient::with("login", reply);
    let diagnosis = patient.examine_as("", None).await;
    broken(&diagnosis, "login.call", &["wrong method (405)", "send = \"PUT /auth/login\""]);
}

#[tokio::test]
async fn without_a_description_a_usual_path_is_looked_for_with_get() {
    let patient = Patient::with("login", Reply::Json(404, json!({})));
    patient.backend.script("token", Reply::Json(405, json!({})));
    let diagnosis = patient.examine_as("", None).await;
    broken(&diagnosis, "login.call", &["no OpenAPI document", "send = \"POST /auth/token\""]);
    assert!(patient.backend.calls("token").iter().all(|call| call.line.starts_with("GET")));
}

#[tokio::test]
async fn a_page_for_people_is_no_login() {
    let patient = Patient::with(
        "login",
        Reply::With(302, ("Location", "/accounts/login/".to_owned()), json!({})),
    );
    let diagnosis = patient.examine("").await;
    broken(&diagnosis, "login.call", &["redirect (302)", "a site for people"]);
}

#[tokio::test]
async fn a_missing_slash_is_put_where_it_belongs() {
    let reply = Reply::With(301, ("Location", "/auth/login/".to_owned()), json!({}));
    let diagnosis = Patient::with("login", reply).examine("").await;
    broken(&diagnosis, "login.call", &["redirect (301)", "send = \"POST /auth/login/\""]);
}

#[tokio::test]
async fn json_where_a_form_is_read_is_named_with_the_fields() {
    let missing = |field: &str| {
        json!({"type": "missing", "loc": ["body", field], "msg": "Field required",
               "input": {"email": "x", "password": "Corr3ct-horse-battery"}})
    };
    let detail = json!({"detail": [missing("username"), missing("password")]});
    let diagnosis = Patient::with("login", Reply::Json(422, detail)).examine("").await;
    broken(
        &diagnosis,
        "login.encoding",
        &[
            "reads a form, and JSON is sent",
            "as = \"form\"",
            "username = \"{{email}}\", password = \"{{password}}\"",
        ],
    );
    insta::assert_snapshot!(report(&diagnosis));
}

#[tokio::test]
async fn a_form_where_json_is_read_is_named() {
    let replies = [
        Reply::Json(415, json!({"detail": "Unsupported Media Type"})),
        Reply::Json(
            422,
            json!({"detail": [{"type": "model_attributes_type", "loc": ["body"], "msg": "Input should be a valid dictionary"}]}),
        ),
    ];
    for reply in replies {
        let more = "[backend.login]\nas = \"form\"\n";
        let diagnosis = Patient::with("login", reply).examine(more).await;
        broken(&diagnosis, "login.encoding", &["reads JSON, and a form is sent", "as = \"json\""]);
    }
}

#[tokio::test]
async fn another_name_for_the_email_is_named_and_the_encoding_kept() {
    let replies = [
        Reply::Json(400, json!({"username": ["This field is required."]})),
        Reply::Json(400, json!({"message": "Missing username"})),
        Reply::Json(
            400,
            json!({"statusCode": 400, "message": ["username should not be empty"], "error": "Bad Request"}),
        ),
    ];
    for reply in replies {
        let diagnosis = Patient::with("login", reply).examine("").await;
        broken(
            &diagnosis,
            "login.encoding",
            &["other fields", "body = { username = \"{{email}}\", password = \"{{password}}\" }"],
        );
    }
}

#[tokio::test]
async fn an_oauth_server_is_given_its_grant_type() {
    let reply = Reply::Json(400, json!({"error": "unsupported_grant_type"}));
    let diagnosis = Patient::with("login", reply).examine("").await;
    broken(&diagnosis, "login.encoding", &["as = \"form\"", "grant_type = \"password\", username"]);
    let reply = Reply::Json(401, json!({"error": "invalid_client"}));
    let diagnosis = Patient::with("login", reply).examine("").await;
    broken(&diagnosis, "login.credentials", &["which client", "Authorization = \"Basic"]);
}

#[tokio::test]
async fn an_answer_without_the_tokens_is_listed_by_its_places() {
    let body = json!({"data": {"access": "eyJhbGci.eyJzdWIi.c2lnbmF0dXJl", "refresh": "tok-in-the-clear-r", "user": {"email": "alice@example.com"}}});
    let diagnosis = Patient::with("login", Reply::Json(200, body)).examine("").await;
    broken(
        &diagnosis,
        "login.tokens",
        &[
            "/data/access, /data/refresh, /data/user/email",
            "take = { access_token = \"/data/access\", refresh_token = \"/data/refresh\" }",
        ],
    );
    let cookie = ("Set-Cookie", "jwt=tok-in-the-clear-c; Path=/; HttpOnly".to_owned());
    let diagnosis =
        Patient::with("login", Reply::With(200, cookie, json!({"ok": true}))).examine("").await;
    broken(&diagnosis, "login.tokens", &["cookie:jwt", "take = { access_token = \"cookie:jwt\" }"]);
}

#[tokio::test]
async fn a_wrong_password_is_no_fault_of_the_pair() {
    let patient = Patient::new();
    let account =
        Some(("alice@example.com".to_owned(), vestibule::Secret::new("Wr0ng-horse-battery")));
    let diagnosis = patient.examine_as("", account).await;
    says(&diagnosis, "login.call", CheckStatus::Ok, &[]);
    broken(
        &diagnosis,
        "login.credentials",
        &["refuses this account", "Incorrect email or password"],
    );
    assert!(!diagnosis.human(false).contains("Wr0ng-horse"));
    assert!(!diagnosis.json().contains("Wr0ng-horse"));
}

#[tokio::test]
async fn a_backend_that_fails_may_miss_a_constant() {
    let diagnosis = Patient::with("login", Reply::Json(500, json!({}))).examine("").await;
    broken(&diagnosis, "login.call", &["fails at POST /auth/login (500)", "provider", "log"]);
}

#[tokio::test]
async fn a_backend_that_repeats_what_was_typed_is_not_repeated() {
    let reply =
        Reply::Json(400, json!({"message": "alice@example.com / Corr3ct-horse-battery is wrong"}));
    let diagnosis = Patient::with("login", reply).examine("").await;
    broken(&diagnosis, "login.credentials", &["alice@example.com / … is wrong"]);
}

#[tokio::test]
async fn a_backend_that_signs_in_anybody_is_called_one() {
    let reply = Reply::Json(200, json!({"access_token": "tok-in-the-clear-anybody"}));
    let diagnosis = Patient::with("login", reply).examine_as("", None).await;
    broken(&diagnosis, "login.credentials", &["an account that does not exist"]);
}
