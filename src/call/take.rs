//! What is taken from an answer: by JSON pointer, from a header, or from a cookie.

use std::collections::BTreeMap;

use http::HeaderName;
use http::header::SET_COOKIE;
use serde_json::Value;

use super::CallAnswer;
use super::template::Call;

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

    fn find(&self, answer: &CallAnswer, json: Option<&Value>) -> Option<Value> {
        match &self.from {
            Source::Pointer(pointer) => json.and_then(|json| json.pointer(pointer)).cloned(),
            Source::Header(name) => {
                let value = answer.headers.get(name)?.to_str().ok()?;
                // A token in the Authorization header comes with its scheme.
                let bare = value.strip_prefix("Bearer ").unwrap_or(value);
                Some(Value::String(bare.to_owned()))
            }
            Source::Cookie(name) => answer
                .headers
                .get_all(SET_COOKIE)
                .iter()
                .filter_map(|header| header.to_str().ok())
                .filter_map(|cookie| cookie.split(';').next()?.split_once('='))
                .rfind(|(cookie, _)| cookie.trim() == name)
                .map(|(_, value)| Value::String(value.trim().to_owned())),
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
        if let Some(pointer) = &self.ok {
            let verdict = json.as_ref().and_then(|json| json.pointer(pointer));
            if matches!(verdict, None | Some(Value::Null | Value::Bool(false))) {
                return Err(TakeError::NotOk(pointer.clone()));
            }
        }
        let mut taken = Taken::default();
        for take in &self.take {
            match take.find(answer, json.as_ref()).filter(is_something) {
                Some(value) => {
                    taken.values.insert(take.name.clone(), value);
                }
                None if required.contains(&take.name.as_str()) => {
                    if json.is_none() && matches!(take.from, Source::Pointer(_)) {
                        return Err(TakeError::NotJson);
                    }
                    return Err(TakeError::Missing {
                        name: take.name.clone(),
                        place: take.place(),
                        found: json.as_ref().map_or_else(|| "no JSON".to_owned(), shape),
                    });
                }
                None => {}
            }
        }
        Ok(taken)
    }
}

fn is_something(value: &Value) -> bool {
    !matches!(value, Value::Null) && value.as_str() != Some("")
}

/// The keys of an answer, never its values: this goes into the log.
pub(crate) fn shape(json: &Value) -> String {
    match json {
        Value::Object(map) if map.is_empty() => "an empty object".to_owned(),
        Value::Object(map) => {
            map.keys().take(20).map(|key| format!("/{key}")).collect::<Vec<_>>().join(", ")
        }
        Value::Array(_) => "a list".to_owned(),
        Value::String(_) => "a string".to_owned(),
        Value::Number(_) => "a number".to_owned(),
        Value::Bool(_) => "a boolean".to_owned(),
        Value::Null => "null".to_owned(),
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
        assert_eq!(taken.text("access_token").unwrap(), "abc");
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
    fn the_ok_pointer_decides_when_there_is_one() {
        let call = call(&[], "/data/ok");
        assert!(call.take_from(&answer(&json!({"data": {"ok": 1}}), &[]), &[]).is_ok());
        for bad in [json!({}), json!({"data": {"ok": null}}), json!({"data": {"ok": false}})] {
            assert!(call.take_from(&answer(&bad, &[]), &[]).is_err());
        }
    }
}
