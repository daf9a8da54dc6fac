//! What an app behind the door is told about the visitor: headers from templates over `user` and `claims`.
//!
//! Values are encoded where they are printed, so that no name, whatever is in it, can end a header,
//! begin another or pass for a second entry of a list (docs/adr/0015).

use std::borrow::Cow;
use std::collections::BTreeSet;

use http::{HeaderMap, HeaderName, HeaderValue};
use minijinja::value::{Serde, Value, ValueKind};
use minijinja::{Environment, Error, Output, State, UndefinedBehavior};
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
use serde::Serialize;

use crate::config::plan::HeaderPlan;
use crate::finding::{Code, Finding};
use crate::user::User;

/// Steps that one header may take; a name in a header takes a dozen.
const FUEL: u64 = 10_000;
/// What is not visible ASCII, and the sign of the encoding itself. A space stays, but at the ends.
const ENCODED: &AsciiSet = &CONTROLS.add(b'%');
/// Within a list also what separates its entries.
const ENCODED_IN_LIST: &AsciiSet = &ENCODED.add(b',');

/// Compiled header templates.
#[derive(Debug)]
pub(crate) struct IdentityHeaders {
    env: Environment<'static>,
    names: Vec<HeaderName>,
    /// The names as [`folded`].
    folded: BTreeSet<String>,
}

/// A header that could not be made for a user. Without the value, which is nobody's business in a log.
#[derive(Debug, thiserror::Error)]
#[error("the header {name} cannot be made: {reason}")]
pub(crate) struct IdentityError {
    name: HeaderName,
    reason: String,
}

/// What templates see.
#[derive(Serialize)]
struct Seen<'a> {
    user: SeenUser<'a>,
    claims: &'a std::collections::BTreeMap<String, serde_json::Value>,
}

#[derive(Serialize)]
struct SeenUser<'a> {
    id: &'a str,
    email: &'a str,
    name: &'a str,
}

impl IdentityHeaders {
    /// Compiles the templates; each that does not compile or names what is never there is a finding.
    pub(crate) fn compile<'a>(
        headers: impl IntoIterator<Item = &'a HeaderPlan>,
    ) -> Result<Self, Vec<Finding>> {
        let mut env = Environment::new();
        env.set_undefined_behavior(UndefinedBehavior::Lenient);
        env.set_formatter(print_encoded);
        env.set_fuel(Some(FUEL));
        let mut compiled = Self { env, names: Vec::new(), folded: BTreeSet::new() };
        let mut findings = Vec::new();
        for header in headers {
            let name = header.name.as_str().to_owned();
            match compiled.env.add_template_owned(name, header.template.clone()) {
                Ok(()) => findings.extend(compiled.unknown_names(header)),
                Err(error) => {
                    let detail = error.detail().unwrap_or("it is not complete").to_owned();
                    let message = format!("this expression does not compile: {detail}");
                    let finding = Finding::error(Code::BadValue, message);
                    findings.push(
                        finding
                            .help(
                                "write for example \"{{ user.email }}\" or \"{{ claims.roles }}\"",
                            )
                            .at(Some(header.place.clone())),
                    );
                }
            }
            compiled.folded.insert(folded(&header.name).into_owned());
            compiled.names.push(header.name.clone());
        }
        if findings.is_empty() { Ok(compiled) } else { Err(findings) }
    }

    /// The headers for this user: every one of them, empty where there is nothing to say, so that a
    /// copy from elsewhere cannot take its place.
    pub(crate) fn render(&self, user: &User) -> Result<HeaderMap, IdentityError> {
        let seen = Seen {
            user: SeenUser { id: &user.id, email: &user.email, name: &user.name },
            claims: &user.claims,
        };
        let seen = Value::from(Serde(&seen));
        let mut headers = HeaderMap::with_capacity(self.names.len());
        for name in &self.names {
            let failed = |reason: String| IdentityError { name: name.clone(), reason };
            let text = self
                .env
                .get_template(name.as_str())
                .and_then(|template| template.render(seen.clone()))
                .map_err(|error| failed(error.kind().to_string()))?;
            let value = HeaderValue::from_str(text.trim())
                .map_err(|_| failed("its constant part is not visible ASCII".to_owned()))?;
            headers.insert(name.clone(), value);
        }
        Ok(headers)
    }

    /// The names of the headers.
    pub(crate) fn names(&self) -> &[HeaderName] {
        &self.names
    }

    /// Whether a header has one of these names, in any spelling that an app could take for it.
    pub(crate) fn is_ours(&self, name: &HeaderName) -> bool {
        self.folded.contains(&*folded(name))
    }

    /// Besides `user` and `claims` nothing is ever there, so another name is a slip.
    fn unknown_names(&self, header: &HeaderPlan) -> Option<Finding> {
        let template = self.env.get_template(header.name.as_str()).ok()?;
        let known = ["user", "user.id", "user.email", "user.name", "claims"];
        let is_builtin = |name: &str| self.env.globals().any(|(global, _)| global == name);
        let mut names: Vec<String> = template.undeclared_variables(true).into_iter().collect();
        names.sort();
        let wrong = names.into_iter().find(|name| {
            !known.contains(&name.as_str()) && !name.starts_with("claims.") && !is_builtin(name)
        })?;
        let message = format!("`{wrong}` is not known here");
        let finding = Finding::error(Code::BadValue, message)
            .help("known are user.id, user.email, user.name and claims.NAME with the names of [backend.me] claims");
        Some(finding.at(Some(header.place.clone())))
    }
}

/// A name as the worst reader sees it: CGI and its heirs make one sign of all that is no letter or digit.
pub(crate) fn folded(name: &HeaderName) -> Cow<'_, str> {
    let is_kept = |byte: u8| byte == b'-' || byte.is_ascii_lowercase() || byte.is_ascii_digit();
    if name.as_str().bytes().all(is_kept) {
        return Cow::Borrowed(name.as_str());
    }
    let fold = |c: char| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' };
    Cow::Owned(name.as_str().chars().map(fold).collect())
}

/// Prints a value as a part of a header: nothing for nothing, lists with commas, tables as JSON.
fn print_encoded(out: &mut Output, _: &mut State, value: &Value) -> Result<(), Error> {
    let text = match value.kind() {
        ValueKind::None | ValueKind::Undefined => return Ok(()),
        ValueKind::Seq | ValueKind::Iterable => {
            let entries = value.try_iter()?.filter(|entry| !entry.is_none());
            let encode = |entry: Value| encoded(&plain(&entry), ENCODED_IN_LIST);
            entries.map(encode).collect::<Vec<_>>().join(",")
        }
        _ => encoded(&plain(value), ENCODED),
    };
    out.write_str(&text).map_err(Error::from)
}

fn plain(value: &Value) -> String {
    match (value.as_str(), value.kind()) {
        (Some(text), _) => text.to_owned(),
        (None, ValueKind::Map | ValueKind::Seq) => serde_json::to_string(value).unwrap_or_default(),
        (None, _) => value.to_string(),
    }
}

/// Percent-encoded, with the spaces at both ends, which a reader of headers would take away.
fn encoded(text: &str, set: &'static AsciiSet) -> String {
    let inner = text.trim_matches(' ');
    let leading = text.len() - text.trim_start_matches(' ').len();
    let trailing = if inner.is_empty() { 0 } else { text.len() - leading - inner.len() };
    let body = utf8_percent_encode(inner, set);
    format!("{}{body}{}", "%20".repeat(leading), "%20".repeat(trailing))
}

#[cfg(test)]
mod tests;
