//! The answers, as a server would send them: a status and a JSON object.

use http::header::{ALLOW, CACHE_CONTROL, CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
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

/// As [`refused`], with a name for programs.
pub(super) fn coded(status: StatusCode, code: &str, detail: &str) -> CallAnswer {
    json(status, &json!({ "detail": detail, "code": code }))
}

/// It is done, and there is nothing to tell but that.
pub(super) fn done(message: &str) -> CallAnswer {
    json(StatusCode::OK, &json!({ "message": message }))
}

/// Too often; `after` is in seconds.
pub(super) fn too_many(after: u64) -> CallAnswer {
    let answer = coded(StatusCode::TOO_MANY_REQUESTS, "too_many", "Too many attempts");
    with_header(answer, RETRY_AFTER, HeaderValue::from(after))
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

pub(super) fn method_not_allowed(allowed: &'static str) -> CallAnswer {
    let answer = refused(StatusCode::METHOD_NOT_ALLOWED, "Method Not Allowed");
    with_header(answer, ALLOW, HeaderValue::from_static(allowed))
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
