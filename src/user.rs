//! Who somebody is, as far as the backend told.

use std::collections::BTreeMap;
use std::fmt;

use serde_json::Value;

/// The user behind a session: what `[backend.me]` maps and nothing else of the backend's answer.
#[derive(Clone, Default, PartialEq)]
pub struct User {
    /// The backend's id, as text.
    pub id: String,
    /// Empty where the backend gives none.
    pub email: String,
    /// Empty where the backend gives none.
    pub name: String,
    /// What `[backend.me] claims` names.
    pub claims: BTreeMap<String, Value>,
}

// By hand: who somebody is belongs on their page and not in a log.
impl fmt::Debug for User {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("User").field("id", &self.id).finish_non_exhaustive()
    }
}

impl User {
    /// Reads a user from the answer of the `me` call. The pointers (RFC 6901) for id, email, name and
    /// claims start at the user object. None where there is no such object or it is null.
    pub(crate) fn read(answer: &Value, places: &UserPlaces<'_>) -> Option<Self> {
        let user = answer.pointer(places.user).filter(|user| user.is_object())?;
        Some(Self {
            id: text_at(user, places.id),
            email: text_at(user, places.email),
            name: text_at(user, places.name),
            claims: places
                .claims
                .iter()
                .filter_map(|(name, pointer)| Some((name.clone(), user.pointer(pointer)?.clone())))
                .collect(),
        })
    }
}

/// Where in the answer of the `me` call things are.
pub(crate) struct UserPlaces<'a> {
    pub(crate) user: &'a str,
    pub(crate) id: &'a str,
    pub(crate) email: &'a str,
    pub(crate) name: &'a str,
    pub(crate) claims: &'a BTreeMap<String, String>,
}

/// Ids are numbers at one backend and UUIDs at the next; both become text. An empty pointer maps nothing.
fn text_at(user: &Value, pointer: &str) -> String {
    match user.pointer(pointer) {
        _ if pointer.is_empty() => String::new(),
        Some(Value::String(text)) => text.clone(),
        Some(Value::Number(number)) => number.to_string(),
        _ => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(answer: &Value, user: &str) -> Option<User> {
        let claims = BTreeMap::from([("roles".to_owned(), "/roles".to_owned())]);
        let places =
            UserPlaces { user, id: "/id", email: "/email", name: "/name", claims: &claims };
        User::read(answer, &places)
    }

    #[test]
    fn only_what_is_mapped_is_kept() {
        let answer =
            json!({"id": 7, "email": "a@b.c", "name": null, "password": "hash", "roles": ["x"]});
        let user = read(&answer, "").unwrap();
        assert_eq!((user.id.as_str(), user.email.as_str(), user.name.as_str()), ("7", "a@b.c", ""));
        assert_eq!(user.claims, BTreeMap::from([("roles".to_owned(), json!(["x"]))]));
    }

    #[test]
    fn a_missing_user_is_nobody() {
        assert_eq!(read(&json!({"user": null}), "/user"), None);
        assert_eq!(read(&json!([]), ""), None);
    }
}
