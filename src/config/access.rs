//! `[access]`: who may pass without signing in.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Who may pass without signing in. Everything that is not listed needs a session.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema)]
#[serde(default)]
pub(crate) struct AccessTable {
    /// The whitelist: regular expressions, each of which must match the whole path.
    pub public: Vec<PublicEntry>,
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
    /// The methods, for example `["GET", "HEAD"]`. Default: every method.
    #[serde(default)]
    pub methods: Vec<String>,
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
