//! What is taken from an answer: by JSON pointer, from a header, or from a cookie.

use std::collections::BTreeMap;

use http::HeaderName;
use http::header::SET_COOKIE;
use serde_json::Value;

use super::CallAnswer;
use super::template::Call;
use crate::token::without_scheme;

/// One thing to take.
#[derive(Clone, Debug)]
pub(crate) struct Take {
    /// A reserved name or one that is kept with the session.
    pub(crate) name: String,
    from: Source,
}

#[derive(Clone, Debug)]
enum Source {
    /// RFC 6901.
    Pointer(String),
    Header(HeaderName),
    Cookie(String),
}

/// The names that hold a secret text.
const TOKENS: [&str; 2] = ["access_token", "refresh_token"];

/// What a call brought.
#[derive(Clone, Debug, Default)]
pub(crate) struct Taken {
    /// By name; only what was there and not empty.
    pub(crate) values: BTreeMap<String, Value>,
}

/// Why an answer of 2xx was not a success after all.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum TakeError {
    #[error("the answer has no `{name}` at {place}; it has {found}")]
    Missing { name: String, place: String, found: String },
    /// The place is there, or would be if something on the way to it were not null.
    #[error("the answer has an empty `{name}` at {place}; it has {found}")]
    Empty { name: String, place: String, found: String },
    #[error("the answer is not JSON")]
    NotJson,
    #[error("`{0}` in the answer says that it did not succeed")]
    NotOk(String),
}

impl Take {
    pub(crate) fn parse(name: &str, source: &str) -> Result<Self, String> {
        let from = if let Some(header) = source.strip_prefix("header:") {
            Source::Header(
                HeaderName::try_from(header)
                    .map_err(|_| format!("`{header}` is not a header name"))?,
            )
        } else if let Some(cookie) = source.strip_prefix("cookie:") {
            Source::Cookie(cookie.to_owned())
        } else if source.starts_with('/') {
            Source::Pointer(source.to_owned())
        } else {
            return Err(format!(
                "`{source}` is not a place in an answer; write a JSON pointer such as \"/{name}\", \"header:Name\" or \"cookie:name\""
            ));
        };
        Ok(Self { name: name.to_owned(), from })
    }

    /// How the place is written in auth.toml.
    fn place(&self) -> String {
        match &self.from {
            Source::Pointer(pointer) => pointer.clone(),
            Source::Header(name) => format!("header:{name}"),
            Source::Cookie(name) => format!("cookie:{name}"),
        }
    }

    /// The value if it is one: not null, not empty, and where a token belongs nothing but a token.
    fn something(&self, value: Value) -> Option<Value> {
        let is_token = TOKENS.contains(&self.name.as_str());
        match value {
            Value::String(text) if is_token => {
                // Some backends send the scheme along. It stays: `auth` may count on it.
                let is_empty = without_scheme(text.trim_start()).trim().is_empty();
                (!is_empty).then(|| Value::String(text.trim().to_owned()))
            }
            Value::Number(_) => Some(value),
            Value::String(ref text) => (!text.is_empty()).then_some(value),
            Value::Null => None,
            other => (!is_token).then_some(other),
        }
    }

    /// Whether the answer has the place and left it empty: null, an empty text, or null on the way there.
    fn is_left_empty(&self, json: Option<&Value>) -> bool {
        let (Source::Pointer(pointer), Some(json)) = (&self.from, json) else { return false };
        let ways = pointer.match_indices('/').map(|(at, _)| &pointer[..at]).skip(1);
        ways.chain([pointer.as_str()]).any(|way| match json.pointer(way) {
            Some(Value::Null) => true,
            Some(Value::String(text)) => text.is_empty(),
            _ => false,
        })
    }

    fn find(&self, answer: &CallAnswer, json: Option<&Value>) -> Option<Value> {
        match &self.from {
            Source::Pointer(pointer) => json.and_then(|json| json.pointer(pointer)).cloned(),
            Source::Header(name) => {
                let value = answer.headers.get(name)?.to_str().ok()?;
                Some(Value::String(value.to_owned()))
            }
            Source::Cookie(name) => answer
                .headers
                .get_all(SET_COOKIE)
                .iter()
                .filter_map(|header| header.to_str().ok())
                .filter_map(set_cookie)
                .rfind(|(cookie, _)| cookie == name)
                .map(|(_, value)| Value::String(value.to_owned())),
        }
    }
}

impl Call {
    /// Takes what was declared from an answer of 2xx.
    ///
    /// `required` are the names without which the call has not succeeded; an empty string counts as
    /// not there (docs/adr/0003).
    pub(crate) fn take_from(
        &self,
        answer: &CallAnswer,
        required: &[&str],
    ) -> Result<Taken, TakeError> {
        let json: Option<Value> = serde_json::from_slice(&answer.body).ok();
        if let (Some(pointer), Some(false)) = (&self.ok, self.is_ok(answer)) {
            return Err(TakeError::NotOk(pointer.clone()));
        }
        let mut taken = Taken::default();
        for take in &self.take {
            match take.find(answer, json.as_ref()).and_then(|value| take.something(value)) {
                Some(value) => {
                    taken.values.insert(take.name.clone(), value);
                }
                None if required.contains(&take.name.as_str()) => {
                    if json.is_none() && matches!(take.from, Source::Pointer(_)) {
                        return Err(TakeError::NotJson);
                    }
                    let (name, place) = (take.name.clone(), take.place());
                    let found = json.as_ref().map_or_else(|| "no JSON".to_owned(), shape);
                    return Err(if take.is_left_empty(json.as_ref()) {
                        TakeError::Empty { name, place, found }
                    } else {
                        TakeError::Missing { name, place, found }
                    });
                }
                None => {}
            }
        }
        Ok(taken)
    }
}

impl Call {
    /// The verdict of `ok`; none where the call has no such pointer.
    pub(crate) fn is_ok(&self, answer: &CallAnswer) -> Option<bool> {
        let pointer = self.ok.as_ref()?;
        let json: Option<Value> = serde_json::from_slice(&answer.body).ok();
        let verdict = json.as_ref().and_then(|json| json.pointer(pointer));
        Some(!matches!(verdict, None | Some(Value::Null | Value::Bool(false))))
    }

    /// Every text that is at one of the declared places, whether or not the answer is a success.
    pub(crate) fn all_taken(&self, answer: &CallAnswer) -> Vec<String> {
        let json: Option<Value> = serde_json::from_slice(&answer.body).ok();
        let found = self.take.iter().filter_map(|take| {
            take.find(answer, json.as_ref()).and_then(|value| take.something(value))
        });
        found.filter_map(|value| value.as_str().map(str::to_owned)).collect()
    }
}

/// Name and value of a `Set-Cookie` header (RFC 6265). One that expires at once takes the cookie away.
fn set_cookie(header: &str) -> Option<(&str, &str)> {
    let mut parts = header.split(';').map(str::trim);
    let (name, value) = parts.next()?.split_once('=')?;
    let is_taken_away = parts
        .filter_map(|attribute| attribute.split_once('='))
        .filter(|(attribute, _)| attribute.eq_ignore_ascii_case("max-age"))
        .any(|(_, age)| age.parse::<i64>().is_ok_and(|age| age <= 0));
    Some((name.trim(), if is_taken_away { "" } else { value.trim() }))
}

/// The keys of an answer, never its values: this goes into the log. Three levels are enough to find a token.
pub(crate) fn shape(json: &Value) -> String {
    match json {
        Value::Object(map) if map.is_empty() => "an empty object".to_owned(),
        Value::Object(_) => {
            let mut pointers = Vec::new();
            pointers_of(json, "", 3, &mut pointers);
            if pointers.len() > MAX_POINTERS {
                pointers.truncate(MAX_POINTERS);
                pointers.push("…".to_owned());
            }
            pointers.join(", ")
        }
        Value::Array(_) => "a list".to_owned(),
        Value::String(_) => "a string".to_owned(),
        Value::Number(_) => "a number".to_owned(),
        Value::Bool(_) => "a boolean".to_owned(),
        Value::Null => "null".to_owned(),
    }
}

const MAX_POINTERS: usize = 30;

fn pointers_of(json: &Value, at: &str, levels: usize, out: &mut Vec<String>) {
    match json {
        Value::Object(map) if !map.is_empty() && levels > 0 => {
            for (key, value) in map.iter().take(MAX_POINTERS) {
                let key = key.replace('~', "~0").replace('/', "~1");
                pointers_of(value, &format!("{at}/{key}"), levels - 1, out);
            }
        }
        // What one entry has, all have.
        Value::Array(list) if levels > 0 && list.first().is_some_and(Value::is_object) => {
            pointers_of(&list[0], &format!("{at}/0"), levels - 1, out);
        }
        _ => out.push(at.to_owned()),
    }
}

impl Taken {
    /// A value as text; numbers and booleans as they are written.
    pub(crate) fn text(&self, name: &str) -> Option<String> {
        match self.values.get(name)? {
            Value::String(text) => Some(text.clone()),
            other => Some(other.to_string()),
        }
    }
}

#[cfg(test)]
mod tests {
    use http::{HeaderMap, StatusCode};
    use serde_json::json;

    use super::super::template::CallSpec;
    use super::*;

    fn call(take: &[(&str, &str)], ok: &str) -> Call {
        let take = take.iter().map(|(n, s)| ((*n).to_owned(), (*s).to_owned())).collect();
        Call::compile(&CallSpec { send: "POST /login", take, ok, ..CallSpec::default() }).unwrap()
    }

    fn answer(body: &Value, headers: &[(HeaderName, &str)]) -> CallAnswer {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.append(name, value.parse().unwrap());
        }
        CallAnswer { status: StatusCode::OK, headers: map, body: body.to_string().into() }
    }

    #[test]
    fn an_empty_token_is_no_token_and_the_message_lists_keys_but_no_values() {
        let call = call(&[("access_token", "/access_token")], "");
        let answer = answer(&json!({"access_token": "", "access": "s3cret"}), &[]);
        let error = call.take_from(&answer, &["access_token"]).unwrap_err().to_string();
        assert!(error.contains("/access_token, /access"), "{error}");
        assert!(!error.contains("s3cret"));
    }

    #[test]
    fn a_place_that_is_left_empty_is_told_from_one_that_is_not_there() {
        let call = call(&[("access_token", "/data/login/token")], "");
        let error =
            |body: Value| call.take_from(&answer(&body, &[]), &["access_token"]).unwrap_err();
        for empty in [
            json!({"data": null}),
            json!({"data": {"login": null}}),
            json!({"data": {"login": {"token": ""}}}),
        ] {
            assert!(matches!(error(empty.clone()), TakeError::Empty { .. }), "{empty}");
        }
        for missing in [json!({}), json!({"data": {"login": {}}}), json!([]), json!({"data": 1})] {
            assert!(matches!(error(missing.clone()), TakeError::Missing { .. }), "{missing}");
        }
    }

    #[test]
    fn headers_and_cookies_are_places_too() {
        let call =
            call(&[("access_token", "header:authorization"), ("refresh_token", "cookie:r")], "");
        let answer = answer(
            &json!({}),
            &[
                (http::header::AUTHORIZATION, "Bearer abc"),
                (SET_COOKIE, "x=1; Path=/"),
                (SET_COOKIE, "r=one=two; HttpOnly"),
            ],
        );
        let taken = call.take_from(&answer, &["access_token"]).unwrap();
        assert_eq!(taken.text("access_token").unwrap(), "Bearer abc");
        assert_eq!(taken.text("refresh_token").unwrap(), "one=two");
    }

    #[test]
    fn an_emptied_cookie_is_a_deleted_one() {
        let call = call(&[("refresh_token", "cookie:r")], "");
        let taken =
            call.take_from(&answer(&json!({}), &[(SET_COOKIE, "r=; Max-Age=600")]), &[]).unwrap();
        assert!(taken.values.is_empty());
    }

    #[test]
    fn a_cookie_that_expires_at_once_is_a_deleted_one() {
        let call = call(&[("refresh_token", "cookie:r")], "");
        for gone in ["r=old; Max-Age=0", "r=old; Path=/; max-age=-1"] {
            let taken = call.take_from(&answer(&json!({}), &[(SET_COOKIE, gone)]), &[]).unwrap();
            assert!(taken.values.is_empty(), "{gone}");
        }
        let moved = [(SET_COOKIE, "r=; Max-Age=0; Path=/old"), (SET_COOKIE, "r=new; Path=/")];
        assert_eq!(call.take_from(&answer(&json!({}), &moved), &[]).unwrap().text("r"), None);
        let taken = call.take_from(&answer(&json!({}), &moved), &[]).unwrap();
        assert_eq!(taken.text("refresh_token").unwrap(), "new");
    }

    #[test]
    fn a_token_is_a_text_and_stays_as_it_came() {
        let call = call(&[("access_token", "/token"), ("csrf", "/csrf")], "");
        let take = |token: Value| {
            let answer = answer(&json!({"token": token, "csrf": {"a": 1}}), &[]);
            call.take_from(&answer, &[]).unwrap()
        };
        assert_eq!(take(json!(" Bearer abc")).text("access_token").unwrap(), "Bearer abc");
        assert_eq!(take(json!("abc")).values["csrf"], json!({"a": 1}));
        for no in
            [json!({"value": "abc"}), json!(["abc"]), json!(true), json!("Bearer "), json!(null)]
        {
            assert_eq!(take(no.clone()).text("access_token"), None, "{no}");
        }
    }

    #[test]
    fn the_shape_names_what_is_deep_inside() {
        let json = json!({"data": {"user": {"id": 1, "a/b": {"deep": {"er": 1}}}, "token": "t"}});
        assert_eq!(shape(&json), "/data/user/id, /data/user/a~1b, /data/token");
        let json = json!({"errors": [{"field": "a", "defaultMessage": "b"}, {"field": "c"}], "tags": ["x"]});
        assert_eq!(shape(&json), "/errors/0/field, /errors/0/defaultMessage, /tags");
    }

    #[test]
    fn the_ok_pointer_decides_when_there_is_one() {
        let call = call(&[], "/data/ok");
        assert!(call.take_from(&answer(&json!({"data": {"ok": 1}}), &[]), &[]).is_ok());
        for bad in [json!({}), json!({"data": {"ok": null}}), json!({"data": {"ok": false}})] {
            assert!(call.take_from(&answer(&bad, &[]), &[]).is_err());
        }
    }
}
