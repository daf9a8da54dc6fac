//! `[theme]`: whether there is such a theme. What is in it is the theme's own check.

use std::collections::BTreeSet;
use std::path::Path;

use super::Builder;
use crate::config::plan::{ThemeOption, ThemePlan};
use crate::config::suggest::did_you_mean;
use crate::finding::{Code, Finding};

impl Builder<'_> {
    pub(super) fn theme(&mut self) -> Option<ThemePlan> {
        let said = &self.said.theme;
        let folder = self.beside_the_file(&said.path);
        if said.name.is_empty() || said.name.contains(['/', '\\']) || said.name.starts_with('.') {
            let finding =
                Finding::error(Code::BadValue, "a theme's name is the name of its folder")
                    .help("write name = \"daisy\"; the folder around it is `path`");
            self.find("theme.name", finding);
            return None;
        }
        let embedded = self.around.embedded_themes;
        if !embedded.contains(&said.name.as_str()) && !is_theme(&folder.join(&said.name)) {
            let mut found: BTreeSet<String> =
                embedded.iter().map(|name| (*name).to_owned()).collect();
            let entries = std::fs::read_dir(&folder).into_iter().flatten().flatten();
            found.extend(
                entries
                    .filter(|entry| is_theme(&entry.path()))
                    .map(|entry| entry.file_name().to_string_lossy().into_owned()),
            );
            let list = found.iter().cloned().collect::<Vec<_>>().join(", ");
            let finding =
                Finding::error(Code::ThemeUnknown, format!("there is no theme \"{}\"", said.name));
            let mut listed = format!("found: {list} (built in, or in {})", folder.display());
            if folder.join(&said.name).is_dir() {
                listed = format!(
                    "the folder is there, but it has neither theme.toml nor theme.css\n{listed}"
                );
            }
            let help = match did_you_mean(&said.name, found.iter().map(String::as_str)) {
                Some(question) => format!("{question}\n{listed}"),
                None => listed,
            };
            self.find("theme.name", finding.help(help));
            return None;
        }
        let option = |(name, value): (&String, &serde_json::Value)| {
            let place = self.origins.place(&format!("theme.options.{name}"));
            (name.clone(), ThemeOption { value: value.clone(), place })
        };
        let options = said.options.iter().map(option).collect();
        Some(ThemePlan { name: said.name.clone(), path: folder, options })
    }
}

/// Whether a folder is a theme: it says who it is, or at least how it looks.
fn is_theme(folder: &Path) -> bool {
    folder.file_name().is_some_and(|name| name != "overrides")
        && ["theme.toml", "theme.css"].iter().any(|file| folder.join(file).is_file())
}
