//! The tools of those who make themes: what there is, a first theme, copies of what is beneath, and what has
//! become of that since.

mod asked;
mod create;
mod eject;
mod explain;
mod fixture;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use serde::Serialize;
use unic_langid::LanguageIdentifier;

use super::check;
use super::files::is_theme_name;
use super::layers::{Layer, OVERRIDES, ThemeFiles, known_themes};
use super::options::{self, Said};
use super::texts::{english, tag};
use crate::config::plan::ThemePlan;
use crate::finding::{Code, Finding, Place};

pub(crate) use self::eject::ejected;
pub use self::eject::{EjectedFile, EjectedState};
pub use self::explain::{
    BlockOrigin, FileOrigin, LayerOrigin, OptionOrigin, TextOrigin, ThemeExplanation,
};
pub use self::fixture::ThemeFixture;

/// A theme that can be chosen.
#[derive(Clone, Debug, Serialize)]
pub struct ThemeEntry {
    /// What `[theme] name` says to choose it.
    pub name: String,
    /// Empty where it does not say.
    pub version: String,
    /// SPDX; empty where it does not say.
    pub license: String,
    /// Who made it.
    pub authors: Vec<String>,
    /// One line about it; empty where it does not say.
    pub description: String,
    /// The languages that its texts are in, where it says so.
    pub locales: Vec<String>,
    /// The themes that it stands on, the next one first.
    pub extends: Vec<String>,
    /// Its folder; none for a theme that is part of the program.
    pub folder: Option<PathBuf>,
    /// Whether the site uses it.
    pub chosen: bool,
    /// Why it cannot be used, if so.
    pub fault: Option<String>,
}

/// The themes of one site.
#[derive(Debug)]
pub(crate) struct Workshop {
    plan: ThemePlan,
    /// Those of the site, its own first.
    languages: Vec<LanguageIdentifier>,
}

impl Workshop {
    pub(crate) fn new(plan: ThemePlan, languages: Vec<LanguageIdentifier>) -> Self {
        Self { plan, languages }
    }

    /// The site's own.
    fn language(&self) -> LanguageIdentifier {
        self.languages.first().cloned().unwrap_or_else(english)
    }

    /// What is wrong with the chosen theme, or with another one, or could be better.
    pub(crate) fn check(
        &self,
        name: Option<&str>,
        declared: check::Declared<'_>,
    ) -> Result<Vec<Finding>, Vec<Finding>> {
        let mut plan = self.plan.clone();
        if let Some(name) = name.filter(|name| *name != plan.name) {
            name.clone_into(&mut plan.name);
            // They are those of the chosen one.
            plan.options.clear();
        }
        check::check(&plan, &two_or_more(&self.languages), declared)
    }

    /// Every theme that can be chosen.
    pub(crate) fn list(&self) -> Vec<ThemeEntry> {
        known_themes(&self.plan.path).iter().map(|name| self.entry(name)).collect()
    }

    fn entry(&self, name: &str) -> ThemeEntry {
        let chosen = name == self.plan.name;
        let folder = Some(self.plan.path.join(name)).filter(|folder| folder.is_dir());
        let mut entry = ThemeEntry {
            name: name.to_owned(),
            version: String::new(),
            license: String::new(),
            authors: Vec::new(),
            description: String::new(),
            locales: Vec::new(),
            extends: Vec::new(),
            folder,
            chosen,
            fault: None,
        };
        let settled = ThemeFiles::collect(&self.plan.path, name)
            .and_then(|files| options::settle(&files, &BTreeMap::new()).map(|_| files));
        match settled {
            Ok(files) => {
                let manifest = files.theme().and_then(|layer| layer.manifest.as_ref());
                if let Some(manifest) = manifest {
                    entry.version.clone_from(&manifest.version);
                    entry.license.clone_from(&manifest.license);
                    entry.authors.clone_from(&manifest.authors);
                    entry.description.clone_from(&manifest.description);
                    entry.locales.clone_from(&manifest.locales);
                }
                let beneath = files.layers().filter(|layer| layer.name != OVERRIDES).skip(1);
                entry.extends = beneath.map(|layer| layer.name.clone()).collect();
            }
            Err(findings) => {
                entry.fault = findings.first().map(|finding| match &finding.place {
                    Some(place) => format!("{place}: {}", finding.message),
                    None => finding.message.clone(),
                });
            }
        }
        entry
    }

    /// The chosen theme with all of its layers.
    fn files(&self) -> Result<ThemeFiles, Vec<Finding>> {
        ThemeFiles::collect(&self.plan.path, &self.plan.name)
    }

    /// The options with their values on this site.
    fn options(&self, files: &ThemeFiles) -> Result<options::Options, Vec<Finding>> {
        let said = self.plan.options.iter().map(|(name, option)| {
            (name.as_str(), Said { value: &option.value, place: option.place.clone() })
        });
        options::settle(files, &said.collect())
    }
}

/// The languages to try a theme in. One alone shows little: the other direction comes to it.
fn two_or_more(languages: &[LanguageIdentifier]) -> Vec<LanguageIdentifier> {
    let mut all = languages.to_vec();
    if all.len() < 2 {
        let others = ["en", "ar"].map(tag).into_iter().rev();
        all.extend(
            others.filter(|other| languages.iter().all(|it| it.language != other.language)).take(1),
        );
    }
    all
}

/// The file that `asked` means: its path, or the last part of it without the ending.
fn meant_path(files: &ThemeFiles, asked: &str) -> Result<String, Vec<Finding>> {
    let paths = files.paths();
    if paths.contains(asked) {
        return Ok(asked.to_owned());
    }
    let is_short_for = |path: &&str| {
        let name = path.rsplit('/').next().unwrap_or(path);
        name == asked || name.rsplit_once('.').is_some_and(|(stem, _)| stem == asked)
    };
    let mut meant: Vec<&str> = paths.iter().copied().filter(is_short_for).collect();
    // `login` is the page, whatever else is called so; `reset` stays open between two mails.
    meant.sort_by_key(|path| !path.starts_with("page/"));
    match meant.as_slice() {
        [only] => Ok((*only).to_owned()),
        [page, other, ..] if page.starts_with("page/") && !other.starts_with("page/") => {
            Ok((*page).to_owned())
        }
        [] => {
            let finding = Finding::error(
                Code::TemplateMissing,
                format!("there is no file {asked:?} in any layer"),
            );
            let near = super::files::nearest(asked, paths.into_iter());
            Err(vec![match near {
                Some(near) => finding.help(format!("did you mean {near:?}?")),
                None => finding.help("`vestibule theme explain` lists them"),
            }])
        }
        several => {
            let message = format!("{asked:?} may be several files");
            let help = format!("name one of {}", several.join(", "));
            Err(vec![Finding::error(Code::TemplateMissing, message).help(help)])
        }
    }
}

/// A theme of the user's own, which tools may write into.
fn own_layer<'a>(files: &'a ThemeFiles, name: &str) -> Option<&'a Layer> {
    files.layers().find(|layer| layer.name == name && layer.folder.is_some())
}

/// Writes a file that must not be there yet.
fn write_new(path: &Path, bytes: &[u8]) -> Result<(), Vec<Finding>> {
    let refuse = |reason: &str| vec![cannot_write(path, reason)];
    if path.exists() {
        return Err(refuse("it is there already"));
    }
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).map_err(|error| refuse(&error.to_string()))?;
    }
    fs::write(path, bytes).map_err(|error| refuse(&error.to_string()))
}

fn cannot_write(path: &Path, reason: &str) -> Finding {
    Finding::error(Code::FileUnreadable, format!("the file cannot be written: {reason}"))
        .at(Some(Place::named(path.display().to_string())))
}

/// A name that a new theme may have.
fn check_name(name: &str) -> Result<(), Vec<Finding>> {
    if is_theme_name(name) && name != OVERRIDES {
        return Ok(());
    }
    let finding = Finding::error(Code::BadValue, format!("{name:?} is no name for a theme"));
    Err(vec![finding.help("take letters, digits, '-' and '_'; it becomes the name of its folder")])
}
