//! What can be said of an answer without repeating anything that may be private.

use http::header::CONTENT_TYPE;
use serde_json::Value;

use crate::call::CallAnswer;
use crate::call::refusal::reasons;
use crate::call::template::Call;

pub(super) fn json(answer: &CallAnswer) -> Option<Value> {
    serde_json::from_slice(&answer.body).ok()
}

/// A page for people where data was expected.
pub(super) fn is_page(answer: &CallAnswer) -> bool {
    let kind = answer.headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    kind.is_some_and(|kind| kind.starts_with("text/html")) && json(answer).is_none()
}

/// `401: "Bad credentials"`, or the status alone.
pub(super) fn words(call: &Call, answer: &CallAnswer) -> String {
    let status = answer.status.as_u16();
    let reasons = reasons(call, answer);
    let message = reasons
        .message
        .or_else(|| reasons.fields.first().map(|(input, text)| format!("{input}: {text}")));
    match message {
        Some(message) => format!("{status}: “{message}”"),
        None => status.to_string(),
    }
}

/// JSON pointers to everything in an answer that is neither a table nor a list, as deep as tokens lie.
pub(super) fn leaves(json: &Value) -> Vec<(String, &Value)> {
    let mut found = Vec::new();
    collect(json, "", 0, &mut found);
    found
}

fn collect<'a>(json: &'a Value, at: &str, depth: usize, found: &mut Vec<(String, &'a Value)>) {
    match json {
        Value::Object(map) if depth < 4 => {
            for (name, value) in map {
                let name = name.replace('~', "~0").replace('/', "~1");
                collect(value, &format!("{at}/{name}"), depth + 1, found);
            }
        }
        Value::Array(items) if depth < 4 => {
            if let Some(first) = items.first() {
                collect(first, &format!("{at}/0"), depth + 1, found);
            }
        }
        _ if depth > 0 => found.push((at.to_owned(), json)),
        _ => {}
    }
}
