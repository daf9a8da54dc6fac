//! `[i18n]`: the languages of the pages.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The languages of the pages and the mails.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema)]
#[serde(default)]
pub(crate) struct I18nTable {
    /// The language for whoever asks for none of `locales`. Default: the first of `locales`.
    pub default: Option<String>,
    /// The languages that visitors can choose from, as tags such as `"de"` or `"pt-BR"`. Default: `["en"]`.
    pub locales: Vec<String>,
    /// Sentences that win over the theme's, by language and key: `{ de = { "title.login" = "…" } }`.
    pub texts: BTreeMap<String, BTreeMap<String, String>>,
}
