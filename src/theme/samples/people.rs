//! Who is signed in on samples.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::EMAIL;
use crate::theme::context::UserView;

/// Ada, with or without an address and a name.
pub(super) fn somebody(email: &str, name: &str) -> UserView {
    let roles = BTreeMap::from([("roles".to_owned(), json!(["admin", "dev"]))]);
    UserView { id: "42".to_owned(), email: email.to_owned(), name: name.to_owned(), claims: roles }
}

pub(super) fn ada() -> UserView {
    somebody(EMAIL, "Ada Lovelace")
}

/// Claims of every kind, as backends have them.
pub(super) fn claims() -> BTreeMap<String, Value> {
    let all = [
        ("plan", json!("enterprise")),
        ("seats", json!(12)),
        ("verified", json!(true)),
        ("score", json!(0.5)),
        ("manager", Value::Null),
        ("teams", json!(["red", "blue"])),
        ("address", json!({"city": "London", "street": "St James's Square 12"})),
    ];
    all.map(|(name, value)| (name.to_owned(), value)).into()
}
