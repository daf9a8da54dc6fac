//! `[[page]]`: a page of the theme at an address of its own.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::backend::CallTable;
use super::form::AccessWord;

/// A page of the theme at an address of its own.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema)]
#[serde(default)]
#[schemars(extend("required" = ["path"]))]
pub(crate) struct PageTable {
    /// Its name in variables and in the log. Default: from `path`.
    pub id: Option<String>,
    /// Where it is.
    pub path: String,
    /// The template, for example `"page/dashboard.html"`. Default: `"page/plain.html"`, which shows the title and `data.text`.
    pub template: Option<String>,
    /// The heading. Default: from the path.
    pub title: Option<String>,
    /// Who may see it: `"public"` for everybody, `"user"` for who is signed in. Default: `"user"`.
    pub access: AccessWord,
    /// The words of a link to it on other pages. Default: no link.
    pub nav: Option<String>,
    /// What the template finds under `data`.
    pub data: BTreeMap<String, Value>,
    /// Backend calls whose JSON the template finds under `fetched`, by name.
    pub fetch: BTreeMap<String, CallTable>,
}
