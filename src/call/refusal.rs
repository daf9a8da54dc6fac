//! Where a backend that says no has put its reasons. Two lists of places fit every backend studied
//! (docs/adr/0003), so there is no setting for it.

use serde_json::Value;

use super::CallAnswer;
use super::template::Call;

/// What a refusing answer says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Reasons {
    /// For the form as a whole.
    pub(crate) message: Option<String>,
    /// (input as our form calls it, sentence).
    pub(crate) fields: Vec<(String, String)>,
}

const MESSAGES: [&str; 10] = [
    "/detail",
    "/detail/reason",
    "/error_description",
    "/error/message",
    "/message",
    "/msg",
    "/errors/0/message",
    "/response/errors/0",
    "/non_field_errors/0",
    "/error",
];
const FIELD_LISTS: [&str; 4] =
    ["/detail", "/error/details/errors", "/errors/0/data/errors", "/errors"];
const FIELD_MAPS: [&str; 4] = ["/response/field_errors", "/message", "/errors", ""];
/// Longer texts are not sentences for a visitor.
const MAX_SENTENCE: usize = 300;

/// Reads the reasons from an answer, whatever its content type says.
pub(crate) fn reasons(call: &Call, answer: &CallAnswer) -> Reasons {
    let Ok(json) = serde_json::from_slice::<Value>(&answer.body) else {
        return Reasons::default();
    };
    let fields: Vec<(String, String)> = field_errors(&json)
        .into_iter()
        .filter_map(|(field, text)| Some((call.input_of(&field)?.to_owned(), text)))
        .collect();
    let message = MESSAGES
        .iter()
        .find_map(|pointer| sentence(json.pointer(pointer)?))
        .or_else(|| sentence(&json));
    Reasons { message, fields }
}

fn field_errors(json: &Value) -> Vec<(String, String)> {
    let from_lists = FIELD_LISTS
        .iter()
        .filter_map(|pointer| json.pointer(pointer)?.as_array())
        .map(|list| list.iter().filter_map(list_entry).collect::<Vec<_>>())
        .find(|found| !found.is_empty());
    if let Some(found) = from_lists {
        return found;
    }
    FIELD_MAPS
        .iter()
        .filter_map(|pointer| json.pointer(pointer)?.as_object())
        .map(|map| {
            map.iter()
                .filter_map(|(field, texts)| {
                    Some((field.clone(), sentence(texts.as_array()?.first()?)?))
                })
                .collect::<Vec<_>>()
        })
        .find(|found| !found.is_empty())
        .unwrap_or_default()
}

/// `{loc: ["body", "email"], msg}` and its relatives.
fn list_entry(entry: &Value) -> Option<(String, String)> {
    let text = entry.get("msg").or_else(|| entry.get("message")).and_then(sentence)?;
    let name = match entry.get("loc").or_else(|| entry.get("path")) {
        Some(Value::Array(path)) => path.iter().rev().find_map(Value::as_str),
        Some(Value::String(name)) => Some(name.as_str()),
        _ => entry
            .get("param")
            .or_else(|| entry.get("field"))
            .or_else(|| entry.pointer("/extensions/field"))
            .and_then(Value::as_str),
    }?;
    Some((name.to_owned(), text))
}

fn sentence(value: &Value) -> Option<String> {
    let text = value.as_str()?.trim();
    let fits = !text.is_empty() && text.len() <= MAX_SENTENCE && !text.contains('<');
    fits.then(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use http::{HeaderMap, StatusCode};
    use serde_json::json;

    use super::super::template::CallSpec;
    use super::*;

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
        assert_eq!(
            read(&json!({"detail": "", "message": "There"})).message.as_deref(),
            Some("There")
        );
        assert_eq!(read(&json!("plain")).message.as_deref(), Some("plain"));
        assert_eq!(read(&json!({"detail": "<html>"})).message, None);
    }
}
