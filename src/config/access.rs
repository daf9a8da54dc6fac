//! `[access]`: who may pass without signing in, and what those have to be who have signed in.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Who may pass without signing in. Everything that is not listed needs a session.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema)]
#[serde(default)]
pub(crate) struct AccessTable {
    /// The whitelist: regular expressions, each of which must match the whole path.
    pub public: Vec<PublicEntry>,
    /// What a user has to be to see a path. The first rule that matches counts.
    pub rule: Vec<RuleTable>,
}

/// One entry of the whitelist.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(untagged)]
pub(crate) enum PublicEntry {
    /// For every method.
    Pattern(String),
    /// For some methods.
    Limited(LimitedEntry),
}

/// An entry of the whitelist for some methods.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
pub(crate) struct LimitedEntry {
    /// The regular expression.
    pub path: String,
    /// The methods, for example `["GET", "POST"]`; `HEAD` goes with `GET`. Default: every method.
    #[serde(default)]
    pub methods: Vec<String>,
}

/// What a user has to be to see a path.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[schemars(extend("required" = ["path", "require"]))]
pub(crate) struct RuleTable {
    /// A regular expression that must match the whole path.
    #[serde(default)]
    pub path: String,
    /// The methods that it is about; `HEAD` goes with `GET`. Default: every method.
    #[serde(default)]
    pub methods: Vec<String>,
    /// What each of these claims has to be, or hold where it is a list: `{ roles = "admin" }`. Of a list of values
    /// one is enough. Besides the claims of `[backend.me]` there are `id`, `email` and `name`.
    #[serde(default)]
    pub require: BTreeMap<String, Value>,
    /// What others are answered: 403, or 404 as if there were nothing. Default: 403.
    #[serde(default = "forbidden")]
    #[schemars(range(min = 403, max = 404))]
    pub on_deny: u32,
}

fn forbidden() -> u32 {
    403
}

impl PublicEntry {
    /// The pattern.
    pub(crate) fn pattern(&self) -> &str {
        match self {
            Self::Pattern(pattern) => pattern,
            Self::Limited(entry) => &entry.path,
        }
    }

    /// The methods; none for every method.
    pub(crate) fn methods(&self) -> &[String] {
        match self {
            Self::Pattern(_) => &[],
            Self::Limited(entry) => &entry.methods,
        }
    }
}
