//! What the app behind the proxy is told about the user.

use http::{HeaderName, HeaderValue};
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};

use crate::session::Session;

/// Nothing but visible ASCII goes into a header as it is; `%` because it marks the rest.
const ENCODED: &AsciiSet = &CONTROLS.add(b'%');

/// Every header, empty where nothing is known.
pub(super) fn headers(session: Option<&Session>) -> Vec<(HeaderName, HeaderValue)> {
    let user = session.map(|session| &session.user);
    let groups =
        user.and_then(|user| user.claims.get("groups").or_else(|| user.claims.get("roles")));
    let groups: Vec<&str> = match groups {
        Some(serde_json::Value::Array(all)) => all.iter().filter_map(|one| one.as_str()).collect(),
        Some(serde_json::Value::String(one)) => vec![one],
        _ => Vec::new(),
    };
    let of =
        |part: fn(&crate::session::User) -> &str| user.map(part).unwrap_or_default().to_owned();
    [
        ("remote-user", of(|user| &user.id)),
        ("remote-email", of(|user| &user.email)),
        ("remote-name", of(|user| &user.name)),
        ("remote-groups", groups.join(",")),
    ]
    .into_iter()
    .map(|(name, value)| {
        let value = utf8_percent_encode(value.trim(), ENCODED).to_string();
        let value = HeaderValue::try_from(value).unwrap_or(HeaderValue::from_static(""));
        (HeaderName::from_static(name), value)
    })
    .collect()
}
