//! `[identity]`: what an app behind the door is told about the visitor.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What an app behind the door is told about the visitor. Copies that a client sends are always removed.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(default)]
pub(crate) struct IdentityTable {
    /// Sends `Authorization: Bearer` with the access token. Default: `true`.
    pub bearer: bool,
    /// Headers by name: templates over `user.id`, `user.email`, `user.name` and `claims`. They replace the
    /// default, which is `Remote-User`, `Remote-Email`, `Remote-Name` and `Remote-Groups`.
    pub headers: BTreeMap<String, String>,
}

impl Default for IdentityTable {
    fn default() -> Self {
        let headers = [
            ("Remote-User", "{{ user.id }}"),
            ("Remote-Email", "{{ user.email }}"),
            ("Remote-Name", "{{ user.name }}"),
            ("Remote-Groups", "{{ claims.groups }}"),
        ];
        let owned = |(name, template): (&str, &str)| (name.to_owned(), template.to_owned());
        Self { bearer: true, headers: headers.into_iter().map(owned).collect() }
    }
}
