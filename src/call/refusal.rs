//! Where a backend that says no has put its reasons. Two lists of places fit every backend studied
//! (docs/adr/0003), so there is no setting for it.

mod words;

use serde_json::Value;

use super::CallAnswer;
use super::template::Call;

use words::says_nothing;
pub(crate) use words::{is_code, speaks_of_what_was_typed, tells_nothing_about_accounts};

/// What a refusing answer says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Reasons {
    /// For the form as a whole.
    pub(crate) message: Option<String>,
    /// The backend's own names for what is wrong, the most telling first.
    pub(crate) codes: Vec<String>,
    /// (input as our form calls it, sentence).
    pub(crate) fields: Vec<(String, String)>,
    /// What it misses and our form does not ask for.
    pub(crate) unknown_fields: Vec<String>,
}

const MESSAGES: [&str; 23] = [
    "/detail",
    "/detail/reason",
    "/error_description",
    "/error/message",
    "/message",
    "/msg",
    "/errors/0/message",
    "/response/errors/0",
    "/non_field_errors/0",
    "/detail/message",
    "/detail/msg",
    "/message/0",
    "/errors/0/detail",
    "/errors/0/msg",
    "/errors/0",
    "/errors/full_messages/0",
    "/error",
    "/errors",
    "/error_message",
    "/errorMessage",
    "/description",
    "/reason",
    "/title",
];
const CODES: [&str; 14] = [
    "/code",
    "/error_code",
    "/errcode",
    "/error/code",
    "/detail/code",
    "/errors/0/code",
    "/errors/0/extensions/code",
    "/error",
    "/detail",
    "/message",
    "/msg",
    "/error/message",
    "/name",
    "/error/name",
];
const FIELD_LISTS: [&str; 10] = [
    "/detail",
    "/error/details/errors",
    "/errors/0/data/errors",
    "/errors",
    "/issues",
    "/error/issues",
    "/details",
    "/message",
    "/data",
    "/extra",
];
const FIELD_MAPS: [&str; 8] = [
    "/response/field_errors",
    "/message",
    "/errors",
    "/data",
    "/fields",
    "/details",
    "/error/details",
    "",
];
/// Where an entry of a list names its field.
const FIELD_NAMES: [&str; 9] = [
    "/loc",
    "/path",
    "/param",
    "/field",
    "/extensions/field",
    "/key",
    "/property",
    "/instancePath",
    "/source/pointer",
];
/// Where an entry of a list has its sentence.
const FIELD_TEXTS: [&str; 5] = ["msg", "message", "defaultMessage", "detail", "title"];
/// What backends call the whole of a form in a map of its fields.
const WHOLE_FORM: [&str; 7] =
    ["non_field_errors", "nonFieldErrors", "__all__", "base", "general", "form", "_form"];
/// At the top level these hold errors and are no fields themselves.
const CONTAINERS: [&str; 7] =
    ["detail", "details", "error", "errors", "issues", "message", "messages"];
/// Where a sentence hides that is in none of the places above.
const HIDING_PLACES: [&str; 6] =
    ["message", "detail", "msg", "error_description", "non_field_errors", "nonFieldErrors"];
/// Longer texts are not sentences for a visitor.
const MAX_SENTENCE: usize = 300;

/// Reads the reasons from an answer, whatever its content type says.
pub(crate) fn reasons(call: &Call, answer: &CallAnswer) -> Reasons {
    let Ok(json) = serde_json::from_slice::<Value>(&answer.body) else {
        let text = std::str::from_utf8(&answer.body).ok().and_then(as_sentence);
        return Reasons { message: text, ..Reasons::default() };
    };
    let mut fields = Vec::new();
    let mut unknown_fields = Vec::new();
    let mut of_form = None;
    let mut of_unknown = None;
    for (field, text) in field_errors(call, &json) {
        if WHOLE_FORM.contains(&field.as_str()) {
            of_form.get_or_insert(text);
        } else if let Some(input) = input_of(call, &field) {
            fields.push((input.to_owned(), text));
        } else {
            if is_missing(&text) {
                unknown_fields.push(field);
            }
            of_unknown.get_or_insert(text);
        }
    }
    let message = MESSAGES
        .iter()
        .filter_map(|pointer| sentence(json.pointer(pointer)?))
        .find(|text| !(is_code(text) || of_unknown.is_some() && says_nothing(text)))
        .or(of_form)
        .or_else(|| sentence(&json))
        .or_else(|| if fields.is_empty() { of_unknown.or_else(|| hidden(&json, 0)) } else { None })
        .filter(|text| !is_code(text));
    let codes = CODES
        .iter()
        .filter_map(|pointer| json.pointer(pointer)?.as_str())
        .filter(|text| is_code(text) && text.len() <= MAX_SENTENCE)
        .map(str::to_owned)
        .collect();
    Reasons { message, codes, fields, unknown_fields }
}

/// Whether an answer of 2xx says that it is a failure, as GraphQL does and many home-made endpoints.
pub(crate) fn says_no(json: &Value) -> bool {
    let is_full = |value: &Value| match value {
        Value::String(text) => !text.is_empty(),
        Value::Array(list) => !list.is_empty(),
        Value::Object(map) => !map.is_empty(),
        Value::Bool(yes) => *yes,
        Value::Null | Value::Number(_) => false,
    };
    ["error", "errors"].iter().any(|key| json.get(key).is_some_and(is_full))
        || ["success", "ok"].iter().any(|key| json.get(key) == Some(&Value::Bool(false)))
        || json.get("status").and_then(Value::as_str).is_some_and(|status| {
            ["error", "fail", "failed", "failure"].contains(&status.to_ascii_lowercase().as_str())
        })
}

/// The input that fills a field of the body. Fields may be named by their whole way down to them.
fn input_of<'a>(call: &'a Call, field: &str) -> Option<&'a str> {
    let last = field.rsplit(['.', '/']).next().unwrap_or_default();
    call.input_of(field).or_else(|| call.input_of(last))
}

/// Whether a sentence misses something, rather than judging it.
fn is_missing(sentence: &str) -> bool {
    let lower = sentence.to_lowercase();
    ["required", "missing", "expected", "must be provided"].iter().any(|word| lower.contains(word))
}

fn field_errors(call: &Call, json: &Value) -> Vec<(String, String)> {
    let from_lists = FIELD_LISTS
        .iter()
        .filter_map(|pointer| json.pointer(pointer)?.as_array())
        .map(|list| list.iter().filter_map(|entry| list_entry(call, entry)).collect::<Vec<_>>())
        .find(|found| !found.is_empty());
    if let Some(found) = from_lists {
        return found;
    }
    FIELD_MAPS
        .iter()
        .filter_map(|pointer| Some((*pointer, json.pointer(pointer)?.as_object()?)))
        .map(|(pointer, map)| {
            map.iter()
                .filter(|(field, _)| !pointer.is_empty() || !CONTAINERS.contains(&field.as_str()))
                .filter_map(|(field, texts)| Some((field.clone(), map_entry(texts, pointer)?)))
                .collect::<Vec<_>>()
        })
        .find(|found| !found.is_empty())
        .unwrap_or_default()
}

/// `{loc: ["body", "email"], msg}` and its relatives, or a sentence that begins with a field's name.
fn list_entry(call: &Call, entry: &Value) -> Option<(String, String)> {
    if let Some(text) = sentence(entry) {
        let name = text.split(' ').next().unwrap_or_default();
        return call.input_of(name).map(|_| (name.to_owned(), text.clone()));
    }
    let text = FIELD_TEXTS.iter().find_map(|key| sentence(entry.get(*key)?))?;
    // In GraphQL `path` is where in the query, which is no input of ours.
    if entry.get("locations").is_some() {
        return None;
    }
    let name = FIELD_NAMES.iter().find_map(|pointer| match entry.pointer(pointer)? {
        Value::Array(path) => path.iter().rev().find_map(Value::as_str),
        Value::String(name) => name.rsplit('/').next(),
        _ => None,
    })?;
    Some((name.to_owned(), text))
}

/// A list of sentences; in a map that is there for nothing but errors also one sentence or an object
/// with one. At the top level anything else than a list could be part of the answer proper.
fn map_entry(texts: &Value, pointer: &str) -> Option<String> {
    match texts {
        Value::Array(list) => {
            let first = list.first()?;
            sentence(first).or_else(|| sentence(first.get("message")?))
        }
        Value::Object(entry) if !pointer.is_empty() => {
            sentence(entry.get("message").or_else(|| entry.get("msg"))?)
        }
        Value::String(_) if !pointer.is_empty() => sentence(texts),
        _ => None,
    }
}

/// The first sentence under a telling name, however deep; GraphQL mutations report that way.
fn hidden(json: &Value, depth: usize) -> Option<String> {
    if depth > 5 {
        return None;
    }
    match json {
        Value::Object(map) => {
            let here = HIDING_PLACES.iter().find_map(|name| match map.get(*name)? {
                Value::Array(list) => sentence(list.first()?),
                value => sentence(value),
            });
            here.or_else(|| map.values().find_map(|value| hidden(value, depth + 1)))
        }
        Value::Array(list) => list.iter().take(5).find_map(|value| hidden(value, depth + 1)),
        _ => None,
    }
}

fn sentence(value: &Value) -> Option<String> {
    as_sentence(value.as_str()?)
}

fn as_sentence(text: &str) -> Option<String> {
    let text = text.trim();
    let fits = !text.is_empty()
        && text.len() <= MAX_SENTENCE
        && !text.contains(['<', '{'])
        && !text.chars().any(char::is_control);
    fits.then(|| text.to_owned())
}

#[cfg(test)]
mod tests;
