use http::HeaderMap;
use serde_json::json;

use super::*;

#[track_caller]
fn reads(status: u16, body: &Value, missing: &[&str], whole: bool) {
    let answer = CallAnswer {
        status: StatusCode::from_u16(status).unwrap(),
        headers: HeaderMap::new(),
        body: body.to_string().into(),
    };
    let missing = missing.iter().map(|name| (*name).to_owned()).collect();
    assert_eq!(Complaint::read(&answer), Complaint { missing, whole }, "{body}");
}

#[test]
fn what_is_missing_is_read_from_the_answers_of_many_kinds_of_backend() {
    let fastapi = json!({"detail": [{"type": "missing", "loc": ["body", "username"], "msg": "Field required"}]});
    reads(422, &fastapi, &["username"], false);
    reads(400, &json!({"username": ["This field is required."]}), &["username"], false);
    let nest = json!({"message": ["username should not be empty", "password must be longer"], "error": "Bad Request"});
    reads(400, &nest, &["username"], false);
    let express = json!({"errors": [{"type": "field", "msg": "required", "path": "login"}]});
    reads(400, &express, &["login"], false);
    reads(400, &json!({"message": "Missing email"}), &["email"], false);
    let oauth = json!({"error": "invalid_request", "error_description": "Missing form parameter: grant_type"});
    reads(400, &oauth, &["grant_type"], false);
    reads(400, &json!({"detail": "JSON parse error - Expecting value"}), &[], true);
}

#[test]
fn a_refused_account_is_no_complaint_about_the_body() {
    reads(401, &json!({"detail": "Incorrect email or password"}), &[], false);
    reads(400, &json!({"detail": "LOGIN_BAD_CREDENTIALS"}), &[], false);
    reads(
        400,
        &json!({"non_field_errors": ["Unable to log in with provided credentials."]}),
        &[],
        false,
    );
    let reserved = json!({"detail": [{"type": "value_error", "loc": ["body", "email"], "msg": "value is not a valid email address"}]});
    reads(422, &reserved, &[], false);
}

#[test]
fn what_was_right_is_kept_beside_what_is_asked_for() {
    let sent = ["email", "password", "tenant"].map(str::to_owned).into();
    let fields: serde_json::Map<_, _> =
        fields(&["username".to_owned()], &sent).into_iter().collect();
    assert_eq!(
        Value::Object(fields),
        json!({"username": "{{email}}", "password": "{{password}}", "tenant": "{{tenant}}"})
    );
}
