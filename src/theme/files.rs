//! The files of one layer of a theme: a folder of the user's, or a theme that is part of the program.
//!
//! Everything is read once, when the theme is loaded. What is not in a place where a theme keeps
//! things (notes, build folders, editors' copies) is left alone.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::ops::Range;
use std::path::{Path, PathBuf};

use rust_embed::RustEmbed;

use crate::finding::{Code, Finding, Place};

/// A theme is text and a few pictures; what is larger is there by mistake.
const MAX_FILE_BYTES: u64 = 2 * 1024 * 1024;

#[derive(RustEmbed)]
#[folder = "themes/"]
#[exclude = "*/build/*"]
struct EmbeddedThemes;

/// One file as it was when the theme was loaded.
#[derive(Clone, Debug)]
pub(crate) struct SourceFile {
    /// How a finding names it.
    pub shown_as: String,
    pub bytes: Cow<'static, [u8]>,
}

impl SourceFile {
    /// Its text, with a mark in place of what is no UTF-8.
    pub(crate) fn text(&self) -> Cow<'_, str> {
        String::from_utf8_lossy(&self.bytes)
    }

    /// A place inside of it.
    pub(crate) fn place(&self, span: Range<usize>) -> Place {
        Place::in_file(&self.shown_as, &self.text().into(), span)
    }
}

/// The files of one layer by their path inside it, with `/` between the parts.
pub(crate) type Files = BTreeMap<String, SourceFile>;

/// The themes that are part of the program.
pub(crate) fn embedded_names() -> Vec<String> {
    let names: BTreeSet<String> = EmbeddedThemes::iter()
        .filter_map(|path| path.split_once('/').map(|(theme, _)| theme.to_owned()))
        .collect();
    names.into_iter().collect()
}

/// The files of a theme that is part of the program.
pub(super) fn embedded(theme: &str) -> Files {
    EmbeddedThemes::iter()
        .filter_map(|path| {
            let inside = path.strip_prefix(theme)?.strip_prefix('/')?;
            let file = EmbeddedThemes::get(&path).filter(|_| belongs_to_a_theme(inside))?;
            let shown_as = format!("built-in theme {theme}: {inside}");
            Some((inside.to_owned(), SourceFile { shown_as, bytes: file.data }))
        })
        .collect()
}

/// A name that is one folder inside the themes folder, whatever else it says.
pub(super) fn is_theme_name(name: &str) -> bool {
    !name.is_empty()
        && !name.starts_with('.')
        && name.chars().all(|c| c.is_alphanumeric() || matches!(c, '-' | '_' | '.'))
}

/// What a theme keeps its files in: templates, mails, catalogs, and whatever pages link to.
pub(super) const FOLDERS: [&str; 7] =
    ["layout", "page", "element", "part", "mail", "locales", "assets"];

/// Whether a folder, by its path in a theme, is one of those or inside one.
pub(super) fn is_folder_of_a_theme(inside: &str) -> bool {
    inside.split('/').next().is_some_and(|top| FOLDERS.contains(&top))
}

/// Whether a theme has such a file; everything else in its folder is left alone.
pub(super) fn belongs_to_a_theme(path: &str) -> bool {
    match path.split_once('/') {
        None => matches!(path, "theme.toml" | "theme.css" | "base.html"),
        Some(("layout" | "page" | "element" | "part", rest)) => has_extension(rest, "html"),
        Some(("mail", rest)) => has_extension(rest, "html") || has_extension(rest, "txt"),
        Some(("locales", rest)) => has_extension(rest, "ftl"),
        Some(("assets", _)) => true,
        Some(_) => false,
    }
}

pub(super) fn has_extension(path: &str, wanted: &str) -> bool {
    Path::new(path).extension().is_some_and(|extension| extension == wanted)
}

/// The candidate that `word` was probably meant to be.
pub(crate) fn nearest<'a>(
    word: &str,
    candidates: impl Iterator<Item = &'a str>,
) -> Option<&'a str> {
    candidates
        .map(|candidate| (strsim::jaro_winkler(word, candidate), candidate))
        .filter(|(likeness, _)| *likeness > 0.8)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, candidate)| candidate)
}

/// Reads what it can of a folder. Links that leave it are refused, and so is what is too large.
pub(super) fn read_folder(folder: &Path, findings: &mut Vec<Finding>) -> Files {
    let mut reader = FolderReader { folder, real: folder.to_owned(), files: Files::new() };
    match fs::canonicalize(folder) {
        Ok(real) => {
            reader.real = real;
            reader.walk(folder, findings);
        }
        Err(error) => findings.push(unreadable(folder, &error.to_string())),
    }
    reader.files
}

struct FolderReader<'a> {
    folder: &'a Path,
    /// The folder without symbolic links; what lies outside of it is not the theme's to show.
    real: PathBuf,
    files: Files,
}

impl FolderReader<'_> {
    fn walk(&mut self, at: &Path, findings: &mut Vec<Finding>) {
        let entries = match fs::read_dir(at) {
            Ok(entries) => entries,
            Err(error) => return findings.push(unreadable(at, &error.to_string())),
        };
        for entry in entries.flatten() {
            let path = entry.path();
            let Some(inside) = self.inside(&path) else { continue };
            if path.is_dir() {
                // Links to folders are not followed: a circle of them would never end.
                if is_folder_of_a_theme(&inside) && !path.is_symlink() {
                    self.walk(&path, findings);
                }
            } else if belongs_to_a_theme(&inside) {
                match self.read(&path) {
                    Ok(bytes) => {
                        let shown_as = path.display().to_string();
                        let file = SourceFile { shown_as, bytes: Cow::Owned(bytes) };
                        self.files.insert(inside, file);
                    }
                    Err(reason) => findings.push(unreadable(&path, &reason)),
                }
            }
        }
    }

    /// The path inside the theme; none for what is hidden or has a name that is not text.
    fn inside(&self, path: &Path) -> Option<String> {
        let parts: Option<Vec<&str>> =
            path.strip_prefix(self.folder).ok()?.iter().map(|part| part.to_str()).collect();
        let parts = parts?;
        (!parts.iter().any(|part| part.starts_with('.'))).then(|| parts.join("/"))
    }

    fn read(&self, path: &Path) -> Result<Vec<u8>, String> {
        let real = fs::canonicalize(path).map_err(|error| error.to_string())?;
        if !real.starts_with(&self.real) {
            return Err("it is a link that leaves the theme's folder".to_owned());
        }
        let size = fs::metadata(&real).map_err(|error| error.to_string())?.len();
        if size > MAX_FILE_BYTES {
            return Err(format!("it has {size} bytes; a theme's file may have {MAX_FILE_BYTES}"));
        }
        fs::read(&real).map_err(|error| error.to_string())
    }
}

fn unreadable(path: &Path, reason: &str) -> Finding {
    Finding::error(Code::FileUnreadable, format!("a file of the theme cannot be used: {reason}"))
        .at(Some(Place::named(path.display().to_string())))
}
