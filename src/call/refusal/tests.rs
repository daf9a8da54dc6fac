use http::{HeaderMap, StatusCode};
use serde_json::json;

use super::*;
use crate::call::template::CallSpec;

fn read(body: &Value) -> Reasons {
    let spec = CallSpec {
        send: "POST /auth/register",
        body: Some(json!({"user": {"mail": "{{email}}", "password1": "{{password}}"}})),
        ..CallSpec::default()
    };
    let answer = CallAnswer {
        status: StatusCode::UNPROCESSABLE_ENTITY,
        headers: HeaderMap::new(),
        body: body.to_string().into(),
    };
    reasons(&Call::compile(&spec).unwrap(), &answer)
}

#[test]
fn a_list_of_locations_is_mapped_back_to_our_inputs_without_what_was_typed() {
    let reasons = read(&json!({"detail": [
        {"loc": ["body", "mail"], "msg": "not an address", "input": "hunter2"},
        {"loc": ["body", "password1"], "msg": "too short", "input": "hunter2"},
        {"loc": ["body", "unknown"], "msg": "whatever"}
    ]}));
    let expected = [("email", "not an address"), ("password", "too short")];
    assert_eq!(reasons.fields, expected.map(|(f, t)| (f.to_owned(), t.to_owned())));
    assert_eq!(reasons.message, None);
}

#[test]
fn a_map_of_lists_is_read_too() {
    let reasons = read(&json!({"password1": ["This password is too common."], "code": "x"}));
    assert_eq!(
        reasons.fields,
        [("password".to_owned(), "This password is too common.".to_owned())]
    );
}

#[test]
fn the_first_sentence_found_is_the_message() {
    assert_eq!(read(&json!({"detail": "No"})).message.as_deref(), Some("No"));
    assert_eq!(read(&json!({"error": {"message": "Bad"}})).message.as_deref(), Some("Bad"));
    assert_eq!(read(&json!({"detail": "", "message": "There"})).message.as_deref(), Some("There"));
    assert_eq!(read(&json!("plain")).message.as_deref(), Some("plain"));
    assert_eq!(read(&json!({"detail": "<html>"})).message, None);
}

#[test]
fn plain_text_and_unusual_places_are_read_too() {
    for (body, message) in [
        (
            json!({"statusCode": 400, "message": ["email must be an email"], "error": "Bad Request"}),
            "email must be an email",
        ),
        (json!({"errors": ["Invalid e-mail or password."]}), "Invalid e-mail or password."),
        (json!({"errors": [{"detail": "Not so."}]}), "Not so."),
        (json!({"title": "It went wrong", "status": 400}), "It went wrong"),
        (
            json!({"data": {"create": {"errors": {"nonFieldErrors": [{"message": "Too short, please."}]}}}}),
            "Too short, please.",
        ),
        (json!({"errors": {"__all__": ["Not both."]}}), "Not both."),
    ] {
        assert_eq!(read(&body).message.as_deref(), Some(message), "{body}");
    }
    let call = Call::compile(&CallSpec { send: "POST /x", ..CallSpec::default() }).unwrap();
    let answer = |body: &'static str| CallAnswer {
        status: StatusCode::BAD_REQUEST,
        headers: HeaderMap::new(),
        body: body.into(),
    };
    assert_eq!(
        reasons(&call, &answer("Email already exists")).message.unwrap(),
        "Email already exists"
    );
    for page in ["<!DOCTYPE html><p>Bad</p>", "{broken json", ""] {
        assert_eq!(reasons(&call, &answer(page)), Reasons::default(), "{page}");
    }
}

#[test]
fn codes_are_kept_apart_from_sentences() {
    let reasons = read(&json!({"detail": "REGISTER_USER_ALREADY_EXISTS"}));
    assert_eq!(
        (reasons.message, reasons.codes),
        (None, vec!["REGISTER_USER_ALREADY_EXISTS".to_owned()])
    );
    let reasons = read(
        &json!({"detail": {"code": "REGISTER_INVALID_PASSWORD", "reason": "Too short, this is."}}),
    );
    assert_eq!(reasons.message.as_deref(), Some("Too short, this is."));
    assert_eq!(reasons.codes, ["REGISTER_INVALID_PASSWORD"]);
    let reasons = read(&json!({"error": "invalid_grant"}));
    assert_eq!((reasons.message, reasons.codes), (None, vec!["invalid_grant".to_owned()]));
    let reasons = read(
        &json!({"errors": [{"message": "No way.", "extensions": {"code": "INVALID_CREDENTIALS"}}]}),
    );
    assert_eq!(reasons.codes, ["INVALID_CREDENTIALS"]);
}

#[test]
fn every_map_of_fields_that_was_seen_is_mapped_back() {
    let expected = [("email".to_owned(), "Taken, sorry".to_owned())];
    for body in [
        json!({"message": {"mail": "Taken, sorry"}}),
        json!({"message": {"mail": ["Taken, sorry"]}}),
        json!({"errors": {"mail": {"message": "Taken, sorry", "kind": "unique"}}}),
        json!({"errors": {"Mail": ["Taken, sorry"]}, "title": "One or more validation errors"}),
        json!({"code": 400, "data": {"mail": {"code": "validation_not_unique", "message": "Taken, sorry"}}}),
        json!({"errors": {"user.mail": ["Taken, sorry"]}}),
        json!({"mail": [{"message": "Taken, sorry", "code": "unique"}]}),
        json!({"error": {"details": {"errors": [{"path": ["mail"], "message": "Taken, sorry"}]}}}),
        json!({"errors": [{"type": "field", "path": "mail", "msg": "Taken, sorry", "value": "x"}]}),
        json!({"error": {"issues": [{"path": ["mail"], "message": "Taken, sorry"}]}}),
        json!({"errors": [{"message": "Taken, sorry", "extensions": {"field": "mail"}}]}),
        json!({"message": "validation failed", "data": [{"instancePath": "/mail", "message": "Taken, sorry"}]}),
        json!({"detail": "Validation failed", "extra": [{"message": "Taken, sorry", "key": "mail", "source": "body"}]}),
        json!({"errors": [{"message": "Taken, sorry", "source": {"pointer": "/data/mail"}}]}),
        json!({"message": "Bad", "fields": {"mail": "Taken, sorry"}}),
        json!({"status": 400, "error": "Bad Request", "errors": [{"field": "mail", "defaultMessage": "Taken, sorry", "rejectedValue": "x"}]}),
        json!({"errors": [{"status": "422", "source": {"pointer": "/data/attributes/mail"}, "title": "Invalid", "detail": "Taken, sorry"}]}),
    ] {
        assert_eq!(read(&body).fields, expected, "{body}");
    }
}

#[test]
fn a_sentence_of_a_list_that_begins_with_a_field_s_name_is_about_that_field() {
    let reasons = read(&json!({"statusCode": 400, "error": "Bad Request", "message": [
        "mail must be an email", "password1 must be longer than 8 characters"
    ]}));
    let inputs: Vec<_> = reasons.fields.iter().map(|(input, _)| input.as_str()).collect();
    assert_eq!(inputs, ["email", "password"]);
}

#[test]
fn what_the_form_does_not_ask_for_is_told_apart() {
    let reasons =
        read(&json!({"detail": [{"loc": ["body", "username"], "msg": "Field required"}]}));
    assert_eq!(reasons.unknown_fields, ["username"]);
    assert_eq!(reasons.message.as_deref(), Some("Field required"));
    let graphql = read(
        &json!({"errors": [{"message": "Wrong, sorry", "path": ["login"], "locations": [{"line": 1}]}]}),
    );
    assert_eq!(
        (graphql.unknown_fields.len(), graphql.message.as_deref()),
        (0, Some("Wrong, sorry"))
    );
}

#[test]
fn what_is_missing_says_more_than_that_something_is_wrong() {
    let missing = json!({"message": "validation failed", "data": [{"path": "name", "message": "name is required"}]});
    assert_eq!(read(&missing).message.as_deref(), Some("name is required"));
    let aspnet = json!({"title": "One or more validation errors occurred.", "errors": {"PasswordTooShort": ["Six at least."]}});
    assert_eq!(read(&aspnet).message.as_deref(), Some("Six at least."));
}

#[test]
fn an_answer_of_200_can_say_no() {
    for no in [
        json!({"errors": [{"message": "x"}], "data": null}),
        json!({"success": false, "message": "x"}),
        json!({"error": "x"}),
        json!({"ok": false}),
        json!({"status": "fail", "data": {}}),
    ] {
        assert!(says_no(&no), "{no}");
    }
    for yes in [
        json!({"errors": [], "data": {}}),
        json!({"success": true}),
        json!({"error": null, "data": {}}),
        json!({"error": "", "errors": {}}),
        json!({"status": "ok"}),
        json!([]),
        json!(null),
    ] {
        assert!(!says_no(&yes), "{yes}");
    }
}
