//! Copies of what is beneath, which remember what they were copied from.

use std::fmt::Write as _;
use std::fs;
use std::path::PathBuf;

use aws_lc_rs::digest::{SHA256, digest};
use serde::Serialize;
use similar::TextDiff;

use super::{Workshop, cannot_write, meant_path, own_layer, write_new};
use crate::finding::{Code, Finding};
use crate::theme::assets::hex;
use crate::theme::files::SourceFile;
use crate::theme::layers::{Layer, OVERRIDES, ThemeFiles};

/// What has become of the original of a copied file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum EjectedState {
    /// It is what was copied.
    Same,
    /// It has changed since.
    Changed,
    /// No lower layer has it any more.
    Gone,
}

/// A file that was copied from a lower layer.
#[derive(Clone, Debug, Serialize)]
pub struct EjectedFile {
    /// Its path inside the theme.
    pub path: String,
    /// The file as the user knows it.
    pub file: String,
    /// What it was copied from, with the version of that theme.
    pub from: String,
    /// The theme that has the original now, with its version; empty where none has.
    pub now: String,
    /// What has become of the original.
    pub state: EjectedState,
}

/// What the first line of a copy says.
struct Mark {
    from: String,
    hash: String,
}

const WORDS: &str = "ejected from ";

impl Workshop {
    /// Copies a file into the theme, or with `overrides` into the folder above it. Says where it is and
    /// which layer it came from.
    pub(crate) fn eject(
        &self,
        asked: &str,
        overrides: bool,
    ) -> Result<(PathBuf, String), Vec<Finding>> {
        let files = self.files()?;
        let path = meant_path(&files, asked)?;
        let refuse =
            |message: String, help: &str| vec![Finding::error(Code::Conflict, message).help(help)];
        if matches!(path.as_str(), "theme.toml" | "theme.css") {
            let message = format!("{path} is each theme's own and not copied");
            return Err(refuse(message, "write one; `vestibule theme new` shows how"));
        }
        let chosen = files.theme().filter(|layer| layer.folder.is_some() && !overrides);
        let into = chosen.map_or(OVERRIDES, |layer| layer.name.as_str());
        let folder = self.plan.path.join(into);
        if own_layer(&files, into).is_some_and(|layer| layer.files.contains_key(&path)) {
            let message = format!("{into} has its own {path} already");
            return Err(refuse(message, "`vestibule theme diff` compares it with the one beneath"));
        }
        let versions = || files.versions(&path).filter(|(layer, _)| layer.name != into);
        let beneath = versions().find(|(layer, _)| overrides || layer.name != OVERRIDES);
        let Some((layer, original)) = beneath.or_else(|| versions().next()) else {
            return Err(refuse(format!("no lower layer has {path}"), "there is nothing to copy"));
        };
        let target = folder.join(&path);
        let from = version_of(layer);
        match comment_of(&path, &mark_of(&from, &path, original)) {
            Some(mark) => {
                let text = without_mark(&original.text());
                write_new(&target, format!("{mark}\n{text}").as_bytes())?;
            }
            None => write_new(&target, &original.bytes)?,
        }
        Ok((target, from))
    }

    /// Own files against those that they stand for, as a unified diff: one, or all of them.
    pub(crate) fn diff(&self, asked: Option<&str>) -> Result<String, Vec<Finding>> {
        let files = self.files()?;
        let wanted = asked.map(|asked| meant_path(&files, asked)).transpose()?;
        let mut all = String::new();
        for (layer, path, own) in own_files(&files) {
            // A catalog only holds what differs, so it differs in every line; it is compared when asked for.
            let is_wanted =
                wanted.as_deref().map_or(!path.starts_with("locales/"), |it| it == path);
            if !is_wanted {
                continue;
            }
            let Some((lower, original)) = below(&files, layer, path) else { continue };
            let (old, new) = (without_mark(&original.text()), without_mark(&own.text()));
            let diff = TextDiff::from_lines(&old, &new);
            let _ = write!(
                all,
                "{}",
                diff.unified_diff().header(&format!("{}/{path}", lower.name), &own.shown_as)
            );
        }
        Ok(all)
    }

    /// Every copied file, with what has become of its original.
    pub(crate) fn ejected(&self) -> Result<Vec<EjectedFile>, Vec<Finding>> {
        Ok(ejected(&self.files()?))
    }

    /// Notes that an own file is up to date with its original.
    pub(crate) fn accept(&self, asked: &str) -> Result<PathBuf, Vec<Finding>> {
        let files = self.files()?;
        let path = meant_path(&files, asked)?;
        let own = own_files(&files).into_iter().find(|(_, own, _)| *own == path);
        let marked = own.filter(|(_, _, file)| read_mark(&file.text()).is_some());
        let (Some((layer, _, file)), true) = (marked, marked.is_some()) else {
            let finding =
                Finding::error(Code::Conflict, format!("{path} is no copy that was ejected"));
            return Err(vec![finding.help("`vestibule theme upgrade` lists those that were")]);
        };
        let Some((lower, original)) = below(&files, layer, &path) else {
            let message = format!("no lower layer has {path} any more");
            return Err(vec![
                Finding::error(Code::Conflict, message)
                    .help("take its first line away, and it is all yours"),
            ]);
        };
        let target = layer.folder.clone().unwrap_or_default().join(&path);
        let mark =
            comment_of(&path, &mark_of(&version_of(lower), &path, original)).unwrap_or_default();
        let text = format!("{mark}\n{}", without_mark(&file.text()));
        fs::write(&target, text)
            .map_err(|error| vec![cannot_write(&target, &error.to_string())])?;
        Ok(target)
    }
}

/// Every copied file of a theme and of the overrides, with what has become of its original.
pub(crate) fn ejected(files: &ThemeFiles) -> Vec<EjectedFile> {
    let look = |(layer, path, own): (&Layer, &str, &SourceFile)| {
        let mark = read_mark(&own.text())?;
        let lower = below(files, layer, path);
        let state = match &lower {
            None => EjectedState::Gone,
            Some((_, original)) if hash_of(original) == mark.hash => EjectedState::Same,
            Some(_) => EjectedState::Changed,
        };
        let now = lower.map(|(lower, _)| version_of(lower)).unwrap_or_default();
        let (path, file) = (path.to_owned(), own.shown_as.clone());
        Some(EjectedFile { path, file, from: mark.from, now, state })
    };
    own_files(files).into_iter().filter_map(look).collect()
}

/// The files of the theme and of the overrides that are text and may stand for one beneath. Those of a
/// theme beneath are that theme's business.
fn own_files(files: &ThemeFiles) -> Vec<(&Layer, &str, &SourceFile)> {
    let theme = files.theme().map(|layer| layer.name.as_str());
    let is_own = |layer: &&Layer| layer.name == OVERRIDES || Some(layer.name.as_str()) == theme;
    let own = files.layers().filter(is_own).filter(|layer| layer.folder.is_some());
    own.flat_map(|layer| {
        let is_text = |(path, _): &(&String, &SourceFile)| comment_of(path, "").is_some();
        let files = layer.files.iter().filter(is_text);
        files.map(move |(path, file)| (layer, path.as_str(), file))
    })
    .filter(|(_, path, _)| !matches!(*path, "theme.toml" | "theme.css"))
    .collect()
}

/// The file that `layer`'s own stands for.
fn below<'a>(
    files: &'a ThemeFiles,
    layer: &Layer,
    path: &'a str,
) -> Option<(&'a Layer, &'a SourceFile)> {
    let mut versions = files.versions(path).skip_while(move |(own, _)| !std::ptr::eq(*own, layer));
    versions.nth(1)
}

fn version_of(layer: &Layer) -> String {
    match &layer.manifest {
        Some(manifest) => format!("{} {}", layer.name, manifest.version),
        None => layer.name.clone(),
    }
}

fn mark_of(from: &str, path: &str, original: &SourceFile) -> String {
    format!("{WORDS}{from}, {path}, sha256 {}", hash_of(original))
}

/// Of what the file says; a mark of its own is not part of that.
fn hash_of(file: &SourceFile) -> String {
    hex(digest(&SHA256, without_mark(&file.text()).as_bytes()).as_ref())
}

/// A comment in the language of the file; none for what has no comments.
fn comment_of(path: &str, words: &str) -> Option<String> {
    Some(match path.rsplit_once('.')?.1 {
        "html" => format!("{{# {words} #}}"),
        "txt" if path.starts_with("mail/") => format!("{{# {words} #}}"),
        "toml" => format!("# {words}"),
        "css" | "js" => format!("/* {words} */"),
        _ => return None,
    })
}

fn read_mark(text: &str) -> Option<Mark> {
    let first = text.lines().next()?;
    let said = first.split_once(WORDS)?.1;
    let (rest, hash) = said.split_once(", sha256 ")?;
    let hash: String = hash.chars().take_while(char::is_ascii_hexdigit).collect();
    let (from, _) = rest.split_once(", ")?;
    Some(Mark { from: from.to_owned(), hash })
}

fn without_mark(text: &str) -> String {
    match (read_mark(text), text.split_once('\n')) {
        (Some(_), Some((_, rest))) => rest.to_owned(),
        _ => text.to_owned(),
    }
}
