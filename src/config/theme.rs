//! `[theme]`: how the pages look.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// How the pages look.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(default)]
pub(crate) struct ThemeTable {
    /// A built-in theme, or a folder in `path`. Default: `"daisy"`.
    pub name: String,
    /// The folder that holds your theme folders. Default: `"themes"`.
    pub path: String,
    /// What the theme lets you change, for example `{ brand = "Acme" }`.
    pub options: BTreeMap<String, Value>,
}

impl Default for ThemeTable {
    fn default() -> Self {
        Self { name: "daisy".to_owned(), path: "themes".to_owned(), options: BTreeMap::new() }
    }
}
