//! Which sentences the program itself asks for on a page: its title, its fields, its button, what goes wrong there.
//!
//! Templates get them as finished words, so that reading the templates does not tell. Here the pages are made with
//! every sentence saying its own key, and whatever key is on a page is one that the program asked for.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde_json::Value;

use super::Workshop;
use crate::config::plan::ThemePlan;
use crate::finding::Finding;
use crate::theme::check::{Declared, site_with_everything};
use crate::theme::layers::ThemeFiles;
use crate::theme::texts::catalog::{catalogs, written};
use crate::theme::texts::{Speech, english};
use crate::theme::{Look, Theme, template_of};

/// Stands before and after a key; nobody types it.
const MARK: char = '\u{1}';

impl Workshop {
    /// The keys of the sentences that the program asks for on the page of that template, in any of its states.
    /// Which they are depends on forms and not on the looks, so the lowest theme stands in for this one:
    /// that one can always be used.
    pub(super) fn asked_for(
        &self,
        files: &ThemeFiles,
        template: &str,
        declared: Declared<'_>,
    ) -> Result<BTreeSet<String>, Vec<Finding>> {
        let lowest = files.lowest();
        let plan = ThemePlan { options: BTreeMap::new(), ..self.plan.clone() };
        let look = Arc::new(Look::of(lowest, &plan)?);
        let site = site_with_everything();
        let urls = site.urls.clone();
        let theme = Theme::compile(&look, site, &saying_its_keys(files, &self.language()))?;
        let samples = theme.samples(&urls);
        let of_site = declared(&theme, &samples);
        let pages = samples.iter().chain(&of_site).filter(|page| template_of(page) == template);
        let mut keys = BTreeSet::new();
        for page in pages {
            note_keys(&serde_json::to_value(page).unwrap_or_default(), &mut keys);
        }
        // What a backend says is no sentence of the page; the samples have one of many.
        keys.retain(|key| !key.starts_with("said-"));
        Ok(keys)
    }
}

/// A language in which every sentence of these files says its key.
fn saying_its_keys(files: &ThemeFiles, language: &unic_langid::LanguageIdentifier) -> Speech {
    let mut sentences = BTreeMap::new();
    for (_, file) in [&english(), language].into_iter().flat_map(|it| catalogs(files, it)) {
        for said in written(&file.text()) {
            sentences.insert(said.id.to_owned(), format!("{MARK}{}{MARK}", said.id));
        }
    }
    Speech { own: Arc::new([(english(), sentences)].into()), ..Speech::default() }
}

/// The keys that are said anywhere in a value.
fn note_keys(value: &Value, keys: &mut BTreeSet<String>) {
    match value {
        Value::String(text) => {
            let parts = text.split(MARK).skip(1).step_by(2);
            keys.extend(parts.map(str::to_owned));
        }
        Value::Array(items) => items.iter().for_each(|item| note_keys(item, keys)),
        Value::Object(entries) => entries.values().for_each(|entry| note_keys(entry, keys)),
        _ => {}
    }
}
