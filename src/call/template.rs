//! A call's template: compiled once, rendered for every call.

mod text;

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use http::header::{ACCEPT, ACCEPT_LANGUAGE, CONTENT_TYPE};
use http::{HeaderMap, HeaderName, HeaderValue, Method};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Map, Value};

use self::text::{Piece, Text, look_up};
use super::take::Take;
use super::{CallRequest, LANGUAGE, Values};

/// A compiled backend call.
#[derive(Clone, Debug)]
pub(crate) struct Call {
    method: Method,
    target: Text,
    headers: Vec<(HeaderName, Text)>,
    body: Option<Body>,
    /// What is taken from the answer.
    pub(crate) take: Vec<Take>,
    /// A pointer that must be neither null nor false for the call to have succeeded.
    pub(crate) ok: Option<String>,
}

/// A call as it is declared in `auth.toml`, headers of the backend and `auth` already merged in.
#[derive(Clone, Debug, Default)]
pub(crate) struct CallSpec<'a> {
    /// `METHOD /path?query`.
    pub(crate) send: &'a str,
    /// Sends the body as a form instead of JSON.
    pub(crate) as_form: bool,
    pub(crate) headers: BTreeMap<String, String>,
    pub(crate) body: Option<Value>,
    pub(crate) take: BTreeMap<String, String>,
    pub(crate) ok: &'a str,
}

/// Why a declared call cannot be compiled: which part, and what is wrong with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct CallMistake {
    /// `send`, `headers.NAME`, `body`, `take.NAME` or `ok`: the key to point at.
    pub(crate) key: String,
    pub(crate) message: String,
}

/// Why a call cannot be rendered.
#[derive(Debug, thiserror::Error)]
pub(crate) enum RenderError {
    #[error("nothing is known for the placeholder `{0}`")]
    MissingValue(String),
    #[error("the value for header `{0}` has characters that no header may have")]
    HeaderValue(HeaderName),
    #[error("the value of `{0}` would make the path another one")]
    PathSegment(String),
}

#[derive(Clone, Debug)]
enum Body {
    Json(Shape),
    Form(Vec<(String, Text)>),
}

/// A JSON value with placeholders in its strings.
#[derive(Clone, Debug)]
enum Shape {
    Constant(Value),
    /// A lone placeholder keeps its type.
    Lone(String),
    Text(Text),
    List(Vec<Shape>),
    Map(Vec<(String, Shape)>),
}

/// Everything but what RFC 3986 calls unreserved: a value can never add a segment or a parameter.
const UNRESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

impl Call {
    /// Compiles a declared call, or says everything that is wrong with it.
    pub(crate) fn compile(spec: &CallSpec<'_>) -> Result<Self, Vec<CallMistake>> {
        let mut mistakes = Vec::new();
        let mut note = |key: &str, message: String| {
            mistakes.push(CallMistake { key: key.to_owned(), message });
        };
        let (method, target) = match parse_send(spec.send) {
            Ok((method, target)) => (method, target),
            Err(message) => {
                note("send", message);
                (Method::POST, Text(Vec::new()))
            }
        };
        let mut headers = Vec::new();
        for (name, value) in &spec.headers {
            match (HeaderName::try_from(name.as_str()), Text::parse(value)) {
                (Ok(header), Ok(text)) => headers.push((header, text)),
                (Err(_), _) => {
                    note(&format!("headers.{name}"), format!("`{name}` is not a header name"));
                }
                (_, Err(message)) => note(&format!("headers.{name}"), message),
            }
        }
        let body = match spec.body.as_ref().map(|body| Body::parse(body, spec.as_form)) {
            None => None,
            Some(Ok(body)) => Some(body),
            Some(Err(message)) => {
                note("body", message);
                None
            }
        };
        let mut take = Vec::new();
        for (name, source) in &spec.take {
            match Take::parse(name, source) {
                Ok(one) => take.push(one),
                Err(message) => note(&format!("take.{name}"), message),
            }
        }
        if !spec.ok.is_empty() && !spec.ok.starts_with('/') {
            note("ok", format!("a JSON pointer begins with `/`; write \"/{}\"", spec.ok));
        }
        if mistakes.is_empty() {
            let ok = (!spec.ok.is_empty()).then(|| spec.ok.to_owned());
            Ok(Self { method, target, headers, body, take, ok })
        } else {
            Err(mistakes)
        }
    }

    /// The names of the placeholders, each once, in the order of their names.
    pub(crate) fn placeholders(&self) -> Vec<String> {
        let mut names = BTreeSet::new();
        self.target.collect(&mut names);
        for (_, text) in &self.headers {
            text.collect(&mut names);
        }
        match &self.body {
            Some(Body::Json(shape)) => shape.collect(&mut names),
            Some(Body::Form(pairs)) => pairs.iter().for_each(|(_, text)| text.collect(&mut names)),
            None => {}
        }
        names.into_iter().collect()
    }

    /// Whether any placeholder is called `name`.
    pub(crate) fn uses(&self, name: &str) -> bool {
        self.placeholders().iter().any(|placeholder| placeholder == name)
    }

    /// In how many places of the body a placeholder stands.
    pub(crate) fn times_in_body(&self, name: &str) -> usize {
        match &self.body {
            Some(Body::Json(shape)) => shape.times(name),
            Some(Body::Form(pairs)) => {
                pairs.iter().filter(|(_, text)| text.first() == Some(name)).count()
            }
            None => 0,
        }
    }

    /// The call as it can be made with these values: whole, or without its body where only the body lacks
    /// something and the rest still says who asks. None where it cannot be made.
    pub(crate) fn sendable(&self, values: &Values) -> Option<Cow<'_, Self>> {
        let known = |call: &Self| call.placeholders().iter().all(|name| values.contains_key(name));
        if known(self) {
            return Some(Cow::Borrowed(self));
        }
        let bare = Self { body: None, ..self.clone() };
        let says_who_asks = !bare.placeholders().is_empty();
        (says_who_asks && known(&bare)).then_some(Cow::Owned(bare))
    }

    /// The placeholder that the backend's field `field` is filled from: the template read backwards.
    pub(crate) fn input_of(&self, field: &str) -> Option<&str> {
        match &self.body {
            Some(Body::Json(shape)) => shape.input_of(field),
            Some(Body::Form(pairs)) => {
                let pair = pairs.iter().find(|(name, _)| name.eq_ignore_ascii_case(field));
                pair.and_then(|(_, text)| text.first())
            }
            None => None,
        }
    }

    /// `METHOD /path`, for logs and messages; placeholders stay as they are, so that it has no secret.
    pub(crate) fn describe(&self) -> String {
        format!("{} {}", self.method, self.target.source())
    }

    /// Fills in the values.
    pub(crate) fn render(&self, values: &Values) -> Result<CallRequest, RenderError> {
        let mut headers = HeaderMap::new();
        headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
        let body = match &self.body {
            None => None,
            Some(Body::Json(shape)) => {
                headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
                Some(shape.render(values)?.to_string().into())
            }
            Some(Body::Form(pairs)) => {
                headers.insert(
                    CONTENT_TYPE,
                    HeaderValue::from_static("application/x-www-form-urlencoded"),
                );
                let mut form = form_urlencoded::Serializer::new(String::new());
                for (name, text) in pairs {
                    form.append_pair(name, &text.render(values, str::to_owned)?);
                }
                Some(form.finish().into())
            }
        };
        // For the backend's own words and mails.
        if let Some(language) = values.get(LANGUAGE).and_then(Value::as_str)
            && let Ok(language) = HeaderValue::from_str(language)
        {
            headers.insert(ACCEPT_LANGUAGE, language);
        }
        for (name, text) in &self.headers {
            let value = HeaderValue::try_from(text.render(values, str::to_owned)?)
                .map_err(|_| RenderError::HeaderValue(name.clone()))?;
            headers.insert(name.clone(), value);
        }
        let target =
            self.target.render(values, |text| utf8_percent_encode(text, UNRESERVED).to_string())?;
        match self.lost_segment(&target) {
            Some(name) => Err(RenderError::PathSegment(name)),
            None => Ok(CallRequest { method: self.method.clone(), target, headers, body }),
        }
    }

    /// The placeholder whose value is no segment of a path, but steps out of it or leaves it empty: such a path is
    /// that of another endpoint, and no encoding helps, since `%2e%2e` is the parent folder as well (URL standard,
    /// "double-dot URL path segment").
    fn lost_segment(&self, target: &str) -> Option<String> {
        let source = self.target.source();
        let path = |text: &str| text.split('?').next().unwrap_or_default().to_owned();
        let (declared, rendered) = (path(&source), path(target));
        let pairs = declared.split('/').zip(rendered.split('/'));
        let lost = |(declared, rendered): &(&str, &str)| {
            declared.contains("{{") && matches!(*rendered, "" | "." | "..")
        };
        let (segment, _) = pairs.into_iter().find(lost)?;
        let (_, name) = segment.split_once("{{")?;
        Some(name.split("}}").next().unwrap_or_default().trim().to_owned())
    }
}

fn parse_send(send: &str) -> Result<(Method, Text), String> {
    let advice = "write a method and a path, for example \"POST /auth/login\"";
    let (method, target) = send.split_once(' ').ok_or(advice)?;
    let method = Method::from_bytes(method.as_bytes())
        .ok()
        .filter(|_| method.bytes().all(|byte| byte.is_ascii_uppercase()))
        .ok_or_else(|| format!("`{method}` is not a method; {advice}"))?;
    let target = target.trim();
    if !target.starts_with('/') || target.starts_with("//") {
        return Err(format!("the path must begin with one `/`; {advice}"));
    }
    if target.contains('#')
        || target.chars().any(|c| c.is_control() || c == ' ' && !target.contains("{{"))
    {
        return Err("a path has no blanks and no fragment".to_owned());
    }
    Ok((method, Text::parse(target)?))
}

impl Body {
    fn parse(body: &Value, as_form: bool) -> Result<Self, String> {
        if !as_form {
            return Shape::parse(body).map(Self::Json);
        }
        let Value::Object(map) = body else {
            return Err("a form's body is a table of names and values".to_owned());
        };
        let pairs = map
            .iter()
            .map(|(name, value)| {
                let text = match value {
                    Value::String(text) => Text::parse(text)?,
                    Value::Number(_) | Value::Bool(_) => {
                        Text(vec![Piece::Literal(value.to_string())])
                    }
                    _ => {
                        return Err(format!(
                            "`{name}` is nested, which a form cannot be; use as = \"json\""
                        ));
                    }
                };
                Ok((name.clone(), text))
            })
            .collect::<Result<_, _>>()?;
        Ok(Self::Form(pairs))
    }
}

impl Shape {
    fn parse(value: &Value) -> Result<Self, String> {
        Ok(match value {
            Value::String(text) => {
                let mut text = Text::parse(text)?;
                match text.0.as_mut_slice() {
                    [Piece::Placeholder(name)] => Self::Lone(std::mem::take(name)),
                    [] | [Piece::Literal(_)] => Self::Constant(value.clone()),
                    _ => Self::Text(text),
                }
            }
            Value::Array(items) => {
                Self::List(items.iter().map(Self::parse).collect::<Result<_, _>>()?)
            }
            Value::Object(map) => Self::Map(
                map.iter()
                    .map(|(key, value)| Ok((key.clone(), Self::parse(value)?)))
                    .collect::<Result<_, String>>()?,
            ),
            Value::Null | Value::Bool(_) | Value::Number(_) => Self::Constant(value.clone()),
        })
    }

    fn render(&self, values: &Values) -> Result<Value, RenderError> {
        Ok(match self {
            Self::Constant(value) => value.clone(),
            Self::Lone(name) => look_up(values, name)?.clone(),
            Self::Text(text) => Value::String(text.render(values, str::to_owned)?),
            Self::List(items) => Value::Array(
                items.iter().map(|item| item.render(values)).collect::<Result<_, _>>()?,
            ),
            Self::Map(entries) => {
                let mut map = Map::new();
                for (key, shape) in entries {
                    map.insert(key.clone(), shape.render(values)?);
                }
                Value::Object(map)
            }
        })
    }

    fn collect(&self, names: &mut BTreeSet<String>) {
        match self {
            Self::Constant(_) => {}
            Self::Lone(name) => {
                names.insert(name.clone());
            }
            Self::Text(text) => text.collect(names),
            Self::List(items) => items.iter().for_each(|item| item.collect(names)),
            Self::Map(entries) => entries.iter().for_each(|(_, shape)| shape.collect(names)),
        }
    }

    fn times(&self, wanted: &str) -> usize {
        match self {
            Self::Lone(name) => usize::from(name == wanted),
            Self::Text(text) => usize::from(text.first() == Some(wanted)),
            Self::List(items) => items.iter().map(|item| item.times(wanted)).sum(),
            Self::Map(entries) => entries.iter().map(|(_, shape)| shape.times(wanted)).sum(),
            Self::Constant(_) => 0,
        }
    }

    fn input_of(&self, field: &str) -> Option<&str> {
        match self {
            Self::Map(entries) => entries.iter().find_map(|(key, shape)| match shape {
                Self::Lone(name) if key.eq_ignore_ascii_case(field) => Some(name.as_str()),
                Self::Text(text) if key.eq_ignore_ascii_case(field) => text.first(),
                _ => shape.input_of(field),
            }),
            Self::List(items) => items.iter().find_map(|item| item.input_of(field)),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests;
