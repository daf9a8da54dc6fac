//! Where each effective value came from, so that what is found later can point at it.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use super::document::Document;
use crate::finding::Place;

/// Where values came from.
#[derive(Debug)]
pub(crate) struct Origins {
    pub(crate) document: Document,
    /// Path to the variable or flag, as typed. Later layers have overwritten earlier ones.
    pub(crate) named: BTreeMap<String, String>,
    /// Name of the preset and the paths that it alone has said.
    pub(crate) preset: Option<(&'static str, BTreeSet<String>)>,
    /// Headers of the backend that came from a file, with the file's name.
    pub(crate) from_headers_file: BTreeMap<String, String>,
    /// Paths of which something has been said already and that are therefore not looked at again.
    pub(crate) spoiled: BTreeSet<String>,
}

impl Origins {
    /// Where the effective value of `path` was said; where its table is, if it was not said.
    pub(crate) fn place(&self, path: &str) -> Place {
        // A list that a variable gives takes the place of the whole list in the file.
        if let Some(name) = ancestors(path).find_map(|path| self.named.get(path)) {
            return Place::named(name);
        }
        let said =
            |path: &str| self.named_below(path).map(Place::named).or_else(|| self.unnamed(path));
        ancestors(path).find_map(said).unwrap_or_else(|| Place::named(&self.document.name))
    }

    /// Where exactly this value was said; nowhere if it is a default.
    pub(crate) fn exact(&self, path: &str) -> Option<Place> {
        self.named.get(path).map(Place::named).or_else(|| self.unnamed(path))
    }

    /// Where the key of `path`, or the nearest table around it, stands in the file.
    pub(crate) fn key_place(&self, path: &str) -> Option<Place> {
        if self.named.contains_key(path) {
            return Some(self.place(path));
        }
        ancestors(path)
            .find_map(|path| self.document.key(path).or_else(|| self.preset_place(path)))
            .or_else(|| Some(Place::named(&self.document.name)))
    }

    /// A part of the text at `path`; the variable's name, if it came from there.
    pub(crate) fn inside(&self, path: &str, part: Range<usize>) -> Option<Place> {
        if ancestors(path).any(|path| self.named.contains_key(path)) {
            return Some(self.place(path));
        }
        self.document.inside(path, part).or_else(|| Some(self.place(path)))
    }

    /// Whether anybody said something about `path`.
    pub(crate) fn is_said(&self, path: &str) -> bool {
        self.is_said_by_hand(path) || self.unnamed(path).is_some()
    }

    /// Whether the user said something about `path` in the file, a variable or a flag.
    pub(crate) fn is_said_by_hand(&self, path: &str) -> bool {
        self.named.contains_key(path)
            || self.named_below(path).is_some()
            || self.document.spans.contains_key(path)
    }

    /// Whether the value of `path` is printed in a preset, so that it is no secret.
    pub(crate) fn is_from_preset(&self, path: &str) -> bool {
        !self.is_said_by_hand(path) && self.preset_place(path).is_some()
    }

    /// What a file says: the user's own, the one with headers, the preset's.
    fn unnamed(&self, path: &str) -> Option<Place> {
        self.document
            .value(path)
            .or_else(|| self.from_headers_file.get(path).map(Place::named))
            .or_else(|| self.preset_place(path))
    }

    fn preset_place(&self, path: &str) -> Option<Place> {
        let (name, paths) = self.preset.as_ref()?;
        paths.contains(path).then(|| Place::named(format!("preset {name}")))
    }

    /// Every place where `path` itself is said, the file's first.
    pub(crate) fn all(&self, path: &str) -> Vec<Place> {
        let named = self.named.get(path).map(Place::named);
        self.document.value(path).into_iter().chain(named).collect()
    }

    /// Whether something about `path`, its table or a part of it has been said already.
    pub(crate) fn is_spoiled(&self, path: &str) -> bool {
        ancestors(path).any(|path| self.spoiled.contains(path))
            || self.spoiled.iter().any(|spoiled| is_below(spoiled, path))
    }

    fn named_below(&self, path: &str) -> Option<&String> {
        self.named.iter().find(|(named, _)| is_below(named, path)).map(|(_, name)| name)
    }
}

fn is_below(path: &str, table: &str) -> bool {
    path.strip_prefix(table).is_some_and(|rest| rest.starts_with('.'))
}

/// The path itself, then the tables around it.
fn ancestors(path: &str) -> impl Iterator<Item = &str> {
    std::iter::successors(Some(path), |path| path.rsplit_once('.').map(|(table, _)| table))
}
