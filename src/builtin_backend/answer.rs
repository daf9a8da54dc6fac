//! The answers, as a server would send them: a status and a JSON object.

use http::header::{ALLOW, CACHE_CONTROL, CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE};
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use serde_json::{Value, json};

use super::input::Faults;
use crate::call::CallAnswer;

/// Any JSON. Most of it is about one person, so nobody on the way may keep it.
pub(super) fn json(status: StatusCode, body: &Value) -> CallAnswer {
    let mut headers = HeaderMap::new();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    CallAnswer { status, headers, body: body.to_string().into() }
}

/// One sentence that says why not.
pub(super) fn refused(status: StatusCode, detail: &str) -> CallAnswer {
    json(status, &json!({ "detail": detail }))
}

pub(super) fn unauthorized(detail: &str) -> CallAnswer {
    with_header(
        refused(StatusCode::UNAUTHORIZED, detail),
        WWW_AUTHENTICATE,
        HeaderValue::from_static("Bearer"),
    )
}

/// A list of what is wrong with the input.
pub(super) fn invalid(faults: Faults) -> CallAnswer {
    json(StatusCode::UNPROCESSABLE_ENTITY, &json!({ "detail": Value::Array(faults.0) }))
}

pub(super) fn not_found() -> CallAnswer {
    refused(StatusCode::NOT_FOUND, "Not Found")
}

pub(super) fn method_not_allowed(allowed: &Method) -> CallAnswer {
    let answer = refused(StatusCode::METHOD_NOT_ALLOWED, "Method Not Allowed");
    match HeaderValue::from_str(allowed.as_str()) {
        Ok(allowed) => with_header(answer, ALLOW, allowed),
        Err(_) => answer,
    }
}

/// What happened is in the log; it is nobody's business outside.
pub(super) fn broken() -> CallAnswer {
    refused(StatusCode::INTERNAL_SERVER_ERROR, "Internal Server Error")
}

pub(super) fn unavailable() -> CallAnswer {
    with_header(
        refused(StatusCode::SERVICE_UNAVAILABLE, "The database is busy"),
        RETRY_AFTER,
        HeaderValue::from_static("1"),
    )
}

fn with_header(mut answer: CallAnswer, name: HeaderName, value: HeaderValue) -> CallAnswer {
    answer.headers.insert(name, value);
    answer
}
