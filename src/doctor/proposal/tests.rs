use serde_json::json;

use super::super::openapi::{BodyShape, Field};
use super::*;

/// An API of these operations, without bodies.
fn api(operations: &[&str]) -> Api {
    let operations = operations.iter().map(|text| {
        let (method, path) = text.split_once(' ').unwrap();
        Operation { method: method.to_owned(), path: path.to_owned(), ..Operation::default() }
    });
    Api { operations: operations.collect() }
}

#[track_caller]
fn steps(operations: &[&str], expected: [Option<&str>; 5]) {
    let api = api(operations);
    let steps = [Step::Login, Step::Register, Step::Refresh, Step::Me, Step::Logout];
    let found = steps.map(|step| {
        api.propose(step).map(|proposal| format!("{} {}", proposal.method, proposal.path))
    });
    assert_eq!(found, expected.map(|text| text.map(str::to_owned)));
}

#[test]
fn the_steps_are_found_among_the_paths_of_many_kinds_of_backend() {
    // fastapi-users
    steps(
        &[
            "POST /auth/cookie/login",
            "POST /auth/jwt/login",
            "POST /auth/jwt/logout",
            "POST /auth/register",
            "POST /auth/forgot-password",
            "POST /auth/reset-password",
            "POST /auth/request-verify-token",
            "GET /users/me",
            "PATCH /users/me",
            "GET /users/{id}",
        ],
        [
            Some("POST /auth/jwt/login"),
            Some("POST /auth/register"),
            None,
            Some("GET /users/me"),
            Some("POST /auth/jwt/logout"),
        ],
    );
    // djoser with simplejwt, as drf-spectacular writes it
    steps(
        &[
            "POST /api/auth/jwt/create/",
            "POST /api/auth/jwt/refresh/",
            "POST /api/auth/jwt/verify/",
            "POST /api/auth/users/",
            "GET /api/auth/users/me/",
            "POST /api/auth/users/reset_password/",
            "POST /api/auth/users/resend_activation/",
            "GET /api/auth/users/{id}/",
        ],
        [None, None, Some("POST /api/auth/jwt/refresh/"), Some("GET /api/auth/users/me/"), None],
    );
    // NestJS
    steps(
        &[
            "POST /auth/signUp",
            "POST /auth/signIn",
            "POST /auth/refresh-token",
            "GET /auth/profile",
            "POST /auth/signOut",
        ],
        [
            Some("POST /auth/signIn"),
            Some("POST /auth/signUp"),
            Some("POST /auth/refresh-token"),
            Some("GET /auth/profile"),
            Some("POST /auth/signOut"),
        ],
    );
    // better-auth
    steps(
        &[
            "POST /api/auth/sign-in/social",
            "POST /api/auth/sign-in/email",
            "POST /api/auth/sign-up/email",
            "GET /api/auth/get-session",
            "POST /api/auth/sign-out",
            "GET /api/auth/list-sessions",
        ],
        [
            Some("POST /api/auth/sign-in/email"),
            Some("POST /api/auth/sign-up/email"),
            None,
            Some("GET /api/auth/get-session"),
            Some("POST /api/auth/sign-out"),
        ],
    );
    // dj-rest-auth
    steps(
        &[
            "POST /dj-rest-auth/login/",
            "POST /dj-rest-auth/logout/",
            "POST /dj-rest-auth/password/change/",
            "POST /dj-rest-auth/registration/",
            "POST /dj-rest-auth/registration/verify-email/",
            "POST /dj-rest-auth/token/refresh/",
            "POST /dj-rest-auth/token/verify/",
            "GET /dj-rest-auth/user/",
        ],
        [
            Some("POST /dj-rest-auth/login/"),
            Some("POST /dj-rest-auth/registration/"),
            Some("POST /dj-rest-auth/token/refresh/"),
            Some("GET /dj-rest-auth/user/"),
            Some("POST /dj-rest-auth/logout/"),
        ],
    );
    // A shop without accounts has none of it.
    steps(&["GET /items", "POST /items", "DELETE /items/{id}"], [None; 5]);
}

#[test]
fn what_stands_beside_the_login_is_preferred_and_user_names_are_asked_for_where_there_are_some() {
    let field = |name: &str| Field { name: name.to_owned(), required: true, constant: None };
    let body = |names: &[&str]| {
        Some(BodyShape { as_form: false, fields: names.iter().map(|name| field(name)).collect() })
    };
    let mut api = api(&[
        "GET /users/api/v1/user",
        "GET /api/v1/auth",
        "POST /api/v1/auth",
        "POST /api/v1/auth/register",
    ]);
    api.operations[2].body = body(&["username", "password"]);
    api.operations[2].answer = vec!["/access_token".to_owned()];
    api.operations[3].body = body(&["username", "email", "password", "password_repeat"]);
    assert_eq!(api.propose(Step::Me).unwrap().path, "/api/v1/auth");
    let login = api.propose(Step::Login).unwrap().lines("POST /api/v1/auth", false);
    assert!(login.contains("username = \"{{username}}\""), "{login}");
    // Where only an address is asked for, the name is one.
    api.operations[3].body = body(&["email", "password"]);
    let login = api.propose(Step::Login).unwrap().lines("POST /api/v1/auth", false);
    assert!(login.contains("username = \"{{email}}\""), "{login}");
}

/// With bodies the rest of djoser is found as well.
#[test]
fn bodies_and_answers_tell_what_paths_do_not() {
    let field = |name: &str| Field { name: name.to_owned(), required: true, constant: None };
    let body = |names: &[&str]| {
        Some(BodyShape { as_form: false, fields: names.iter().map(|name| field(name)).collect() })
    };
    let mut api = api(&["POST /auth/jwt/verify/", "POST /auth/jwt/create/", "POST /auth/users/"]);
    api.operations[0].body = body(&["token"]);
    api.operations[1].body = body(&["email", "password"]);
    api.operations[1].answer = vec!["/access".to_owned(), "/refresh".to_owned()];
    api.operations[2].body = body(&["email", "password", "re_password", "tenant"]);
    let login = api.propose(Step::Login).unwrap();
    assert_eq!(
        login.lines("POST /jwt/create/", true),
        "[backend.login]\nsend = \"POST /jwt/create/\"\nas = \"json\"\n\
         body = { email = \"{{email}}\", password = \"{{password}}\" }\n\
         take = { access_token = \"/access\", refresh_token = \"/refresh\" }"
    );
    let register = api.propose(Step::Register).unwrap();
    let fields: serde_json::Map<_, _> = register.body.unwrap().fields.into_iter().collect();
    assert_eq!(
        Value::Object(fields),
        json!({"email": "{{email}}", "password": "{{password}}", "re_password": "{{password}}", "tenant": "{{tenant}}"})
    );
}
