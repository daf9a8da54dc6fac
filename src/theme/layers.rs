//! The layers of a theme: the site's `overrides`, the theme, the themes that it extends, and `daisy`
//! beneath them all.
//!
//! A file is taken from the highest layer that has it. A template that names its own path means the file
//! of that path in the next layer that has one: so a theme changes one block of a page, and the page
//! stays the parent's.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::assets::ADDED_SHEET;
use super::files::{
    Files, SourceFile, embedded, embedded_names, has_extension, is_theme_name, nearest, read_folder,
};
use super::manifest::Manifest;
use crate::finding::{Code, Finding, Place};

/// The theme that fills the gaps of every other one.
pub(crate) const BASE: &str = "daisy";

/// The folder beside the themes whose files win over those of any theme.
pub(crate) const OVERRIDES: &str = "overrides";

/// How a template names the file that it stands above, as the files of its own path do without it.
const PARENT: &str = "parent:";

/// One layer.
#[derive(Clone, Debug)]
pub(crate) struct Layer {
    /// The theme's name, or `overrides`.
    pub name: String,
    /// Where it was read; none for a theme that is part of the program.
    pub folder: Option<PathBuf>,
    pub files: Files,
    /// What its `theme.toml` says, where it has one.
    pub manifest: Option<Manifest>,
}

/// The files of the chosen theme and of all that lies beneath it.
#[derive(Clone, Debug)]
pub(crate) struct ThemeFiles {
    /// The highest first.
    layers: Vec<Arc<Layer>>,
}

impl ThemeFiles {
    /// Reads `root/NAME`, or the embedded theme of that name where there is no such folder, with
    /// everything that it stands on.
    pub(crate) fn collect(root: &Path, name: &str) -> Result<Self, Vec<Finding>> {
        let (files, findings) = Self::collect_leniently(root, name);
        if findings.is_empty() { Ok(files) } else { Err(findings) }
    }

    /// As much as can be read, and what cannot. A theme that is not there leaves its layer out.
    pub(crate) fn collect_leniently(root: &Path, name: &str) -> (Self, Vec<Finding>) {
        let mut findings = Vec::new();
        let mut layers = Vec::new();
        layers.extend(overrides(root, &mut findings));
        let (mut next, mut named_at) = (Some(name.to_owned()), None);
        while let Some(name) = next.take() {
            let layer = match layer(root, &name, &layers, &mut findings) {
                Ok(layer) => layer,
                Err(finding) => {
                    findings.push(finding.at(named_at));
                    break;
                }
            };
            if let Some(extends) = layer.manifest.as_ref().and_then(|it| it.extends.as_ref()) {
                next = Some(extends.get_ref().clone());
                named_at = layer.files.get(MANIFEST).map(|file| file.place(extends.span()));
            }
            layers.push(Arc::new(layer));
        }
        if layers.last().is_none_or(|last| last.name != BASE || last.folder.is_some()) {
            let above = with_folder_taken(BASE, &layers);
            layers.extend(layer(root, BASE, &above, &mut findings).map(Arc::new));
        }
        (Self { layers }, findings)
    }

    /// The layers, the highest first.
    pub(crate) fn layers(&self) -> impl DoubleEndedIterator<Item = &Layer> {
        self.layers.iter().map(AsRef::as_ref)
    }

    /// The layer that gives the theme its name.
    pub(crate) fn theme(&self) -> Option<&Layer> {
        self.layers().find(|layer| layer.name != OVERRIDES)
    }

    /// The same without its highest layer; none where that is the only one.
    pub(crate) fn without_the_highest(&self) -> Option<Self> {
        let layers = self.layers.get(1..).filter(|rest| !rest.is_empty())?.to_vec();
        Some(Self { layers })
    }

    /// The lowest layer alone: it is part of the program and stands on nothing.
    pub(crate) fn lowest(&self) -> Self {
        Self { layers: self.layers.last().cloned().into_iter().collect() }
    }

    /// The same without some files, by what findings call them. Where no lower layer has the path, an empty
    /// file takes the place.
    pub(crate) fn without(&self, unusable: &BTreeSet<String>) -> Self {
        let mut kept: Vec<Arc<Layer>> = Vec::new();
        for layer in self.layers.iter().rev() {
            let mut layer = Layer::clone(layer);
            for (path, file) in &mut layer.files {
                if unusable.contains(&file.shown_as)
                    && !kept.iter().any(|it| it.files.contains_key(path))
                {
                    file.bytes = Cow::Borrowed(b"");
                }
            }
            layer
                .files
                .retain(|_, file| file.bytes.is_empty() || !unusable.contains(&file.shown_as));
            kept.push(Arc::new(layer));
        }
        kept.reverse();
        Self { layers: kept }
    }

    /// The same with other text in some files: `text` is given the layer's name, the path and the file.
    pub(super) fn rewritten(
        &self,
        mut text: impl FnMut(&str, &str, &SourceFile) -> Option<String>,
    ) -> Self {
        let mut layers = Vec::new();
        for layer in &self.layers {
            let mut layer = Layer::clone(layer);
            for (path, file) in &mut layer.files {
                if let Some(text) = text(&layer.name, path, file) {
                    file.bytes = Cow::Owned(text.into_bytes());
                }
            }
            layers.push(Arc::new(layer));
        }
        Self { layers }
    }

    /// The file at `path`, of the highest layer that has one.
    pub(crate) fn find(&self, path: &str) -> Option<&SourceFile> {
        self.layers().find_map(|layer| layer.files.get(path))
    }

    /// Every layer's file at `path`, the highest first.
    pub(crate) fn versions<'a>(
        &'a self,
        path: &'a str,
    ) -> impl DoubleEndedIterator<Item = (&'a Layer, &'a SourceFile)> {
        self.layers().filter_map(move |layer| Some((layer, layer.files.get(path)?)))
    }

    /// Every layer's file at `path`, the lowest first.
    pub(crate) fn bottom_up<'a>(&'a self, path: &'a str) -> impl Iterator<Item = &'a SourceFile> {
        self.versions(path).rev().map(|(_, file)| file)
    }

    /// Every style sheet that a browser may get, with its path. All that are added count; of the others, the highest.
    pub(super) fn sheets(&self) -> impl Iterator<Item = (&str, &Layer, &SourceFile)> {
        let paths = self.paths().into_iter().filter(|path| has_extension(path, "css"));
        paths.flat_map(|path| {
            let counts = if path == ADDED_SHEET { usize::MAX } else { 1 };
            self.versions(path).take(counts).map(move |(layer, file)| (path, layer, file))
        })
    }

    /// Every path that any layer has, once.
    pub(crate) fn paths(&self) -> BTreeSet<&str> {
        self.layers().flat_map(|layer| layer.files.keys()).map(String::as_str).collect()
    }

    /// Every version of the files that are meant, under the name by which templates reach it.
    pub(crate) fn templates(&self, is_meant: impl Fn(&str) -> bool) -> Vec<(String, &SourceFile)> {
        let mut named = Vec::new();
        for path in self.paths().into_iter().filter(|path| is_meant(path)) {
            let versions = self.versions(path).enumerate();
            named.extend(versions.map(|(depth, (_, file))| (template_name(path, depth), file)));
        }
        named
    }

    /// What the templates of this theme mean by a name.
    pub(crate) fn names(&self) -> Names {
        let mut layers_of: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        for (index, layer) in self.layers().enumerate() {
            for path in layer.files.keys() {
                layers_of.entry(path.clone()).or_default().push(index);
            }
        }
        Names { layers_of }
    }
}

/// Which layers have which path, to tell what a template means by a name.
#[derive(Debug)]
pub(crate) struct Names {
    layers_of: BTreeMap<String, Vec<usize>>,
}

impl Names {
    /// The template that `from` means by `name`: the highest of that path; for its own path, and after
    /// `parent:`, the highest below the layer that `from` is in.
    pub(crate) fn meant(&self, name: &str, from: &str) -> String {
        let (own_path, depth) = path_and_depth(from);
        let (path, asked) = path_and_depth(name);
        if asked == 0 && path != own_path {
            return name.to_owned();
        }
        let layers = self.layers_of.get(path).map(Vec::as_slice).unwrap_or_default();
        let nothing = || template_name(path, layers.len());
        if asked > 1 {
            return nothing();
        }
        let own_layer = self.layers_of.get(own_path).and_then(|layers| layers.get(depth)).copied();
        let below = |index: &usize| own_layer.is_some_and(|own| *index > own);
        match layers.iter().position(below) {
            Some(lower) => template_name(path, lower),
            // The lowest one may include itself; with `parent:` it names nothing.
            None if asked == 0 => from.to_owned(),
            None => nothing(),
        }
    }
}

/// `parent:` for every layer that has the same path above it.
pub(crate) fn template_name(path: &str, depth: usize) -> String {
    [PARENT.repeat(depth).as_str(), path].concat()
}

fn path_and_depth(name: &str) -> (&str, usize) {
    let path = name.trim_start_matches(PARENT);
    (path, (name.len() - path.len()) / PARENT.len())
}

const MANIFEST: &str = "theme.toml";

/// The layer beneath those `above`: a theme that they have as a folder is meant as the embedded one.
fn layer(
    root: &Path,
    name: &str,
    above: &[Arc<Layer>],
    findings: &mut Vec<Finding>,
) -> Result<Layer, Box<Finding>> {
    let is_above = |in_folder: bool| {
        let mut themes = above.iter().filter(|layer| layer.name != OVERRIDES);
        themes.any(|layer| layer.name == name && layer.folder.is_some() == in_folder)
    };
    let folder = root.join(name);
    let in_folder = is_theme_name(name) && name != OVERRIDES && folder.is_dir();
    let is_embedded = embedded_names().iter().any(|known| known == name);
    let (folder, files) = if in_folder && !is_above(true) {
        let files = read_folder(&folder, findings);
        (Some(folder), files)
    } else if is_embedded && !is_above(false) {
        (None, embedded(name))
    } else if is_above(true) || is_above(false) {
        let themes = above.iter().filter(|layer| layer.name != OVERRIDES);
        let mut chain: Vec<&str> = themes.map(|layer| layer.name.as_str()).collect();
        chain.push(name);
        let message = format!("themes extend each other in a circle: {}", chain.join(" → "));
        let finding = Finding::error(Code::ThemeManifest, message);
        let finding = finding.help("leave out one `extends`; daisy is beneath every theme anyway");
        return Err(finding.into());
    } else {
        return Err(unknown_theme(root, name).into());
    };
    let manifest = files.get(MANIFEST).map(Manifest::parse).transpose();
    let manifest = manifest.unwrap_or_else(|finding| {
        findings.push(*finding);
        None
    });
    Ok(Layer { name: name.to_owned(), folder, files, manifest })
}

/// As if a folder of that name were above already, so that the embedded theme is meant.
fn with_folder_taken(name: &str, above: &[Arc<Layer>]) -> Vec<Arc<Layer>> {
    let taken = Layer {
        name: name.to_owned(),
        folder: Some(PathBuf::new()),
        files: Files::new(),
        manifest: None,
    };
    above.iter().cloned().chain([Arc::new(taken)]).filter(|it| it.folder.is_some()).collect()
}

fn overrides(root: &Path, findings: &mut Vec<Finding>) -> Option<Arc<Layer>> {
    let folder = root.join(OVERRIDES);
    if !folder.is_dir() {
        return None;
    }
    let files = read_folder(&folder, findings);
    if let Some(file) = files.get(MANIFEST) {
        let message = "the folder \"overrides\" is no theme and has no manifest";
        let finding = Finding::error(Code::ThemeManifest, message)
            .at(Some(Place::named(file.shown_as.clone())))
            .help("set options in [theme.options] of auth.toml, or give the folder another name");
        findings.push(finding);
    }
    let layer = Layer { name: OVERRIDES.to_owned(), folder: Some(folder), files, manifest: None };
    Some(Arc::new(layer))
}

/// The themes that can be chosen, by name: the folders in `root` and the embedded ones.
pub(crate) fn known_themes(root: &Path) -> BTreeSet<String> {
    let mut known: BTreeSet<String> = embedded_names().into_iter().collect();
    if let Ok(entries) = fs::read_dir(root) {
        known.extend(
            entries
                .flatten()
                .filter(|entry| entry.path().is_dir())
                .filter_map(|entry| entry.file_name().into_string().ok())
                .filter(|folder| is_theme_name(folder) && folder != OVERRIDES),
        );
    }
    known
}

/// What to say about a theme that is not there.
pub(super) fn unknown_theme(root: &Path, name: &str) -> Finding {
    let known = known_themes(root);
    let finding = Finding::error(Code::ThemeUnknown, format!("there is no theme {name:?}"));
    match nearest(name, known.iter().map(String::as_str)) {
        Some(near) => finding.help(format!("did you mean {near:?}?")),
        None => finding.help(format!(
            "the themes are {}; a theme of your own is a folder in {}",
            known.into_iter().collect::<Vec<_>>().join(", "),
            root.display()
        )),
    }
}

#[cfg(test)]
pub(super) mod tests;
