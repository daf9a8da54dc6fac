//! `[theme]`: how the pages look.

use std::collections::BTreeMap;
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use toml::Spanned;
use toml::de::DeTable;

use super::load::Sources;
use super::plan::{ThemeOption, ThemePlan};
use crate::finding::Place;

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

/// What `[theme]` says in a file that need not be right otherwise, nor be there. What cannot be read is
/// as if it were not said: whoever makes a theme is told about it by `check`.
pub(crate) fn theme_alone(sources: &Sources) -> ThemePlan {
    let read = || std::fs::read_to_string(&sources.file).unwrap_or_default();
    let text: Arc<str> = sources.text.clone().unwrap_or_else(read).into();
    let file: FileAlone = toml::from_str(&text).unwrap_or_default();
    let defaults = ThemeTable::default();
    let folder = sources.file.parent().unwrap_or(Path::new(""));
    let name = sources.file.display().to_string();
    let mut said = file.theme;
    for (key, value, _) in &sources.overrides {
        match key.as_str() {
            "theme.name" => said.name = Some(value.clone()),
            "theme.path" => said.path = Some(value.clone()),
            _ => {}
        }
    }
    let option = |(key, value): (String, Spanned<Value>)| {
        let place = Place::in_file(&name, &blot(&text, value.span()), value.span());
        (key, ThemeOption { value: value.into_inner(), place })
    };
    ThemePlan {
        name: said.name.unwrap_or(defaults.name),
        path: folder.join(said.path.unwrap_or(defaults.path)),
        options: said.options.into_iter().map(option).collect(),
    }
}

/// Where a file says which theme it is: the line of `name`, and that of the table that it belongs into.
pub(crate) fn theme_lines(sources: &Sources) -> (Option<usize>, Option<usize>) {
    let read = || std::fs::read_to_string(&sources.file).unwrap_or_default();
    let text = sources.text.clone().unwrap_or_else(read);
    let (document, _) = DeTable::parse_recoverable(&text);
    let found = document.get_ref().iter().find(|(key, _)| key.get_ref() == "theme");
    let Some((table, value)) = found else { return (None, None) };
    let mut keys = value.get_ref().as_table().into_iter().flat_map(|table| table.keys());
    let name = keys.find(|key| key.get_ref() == "name");
    let line = |at: usize| text.get(..at).unwrap_or_default().matches('\n').count() + 1;
    let table = line(table.span().start);
    // What [theme.options] stands in has no lines of its own yet.
    let head = text.lines().nth(table - 1).unwrap_or_default().trim_start();
    let is_of_a_part = head.starts_with('[') && !head.replace(' ', "").starts_with("[theme]");
    (name.map(|name| line(name.span().start)), Some(table).filter(|_| !is_of_a_part))
}

/// Only the part that counts stays in the text of a place: the rest may hold secrets.
fn blot(text: &str, keep: Range<usize>) -> Arc<str> {
    let hide =
        |(at, byte): (usize, u8)| if byte == b'\n' || keep.contains(&at) { byte } else { b' ' };
    // By bytes, so that offsets stay true.
    let hidden: Vec<u8> = text.bytes().enumerate().map(hide).collect();
    String::from_utf8_lossy(&hidden).into()
}

#[derive(Default, Deserialize)]
struct FileAlone {
    #[serde(default)]
    theme: TableAlone,
}

#[derive(Default, Deserialize)]
struct TableAlone {
    name: Option<String>,
    path: Option<String>,
    #[serde(default)]
    options: BTreeMap<String, Spanned<Value>>,
}
