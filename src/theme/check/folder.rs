//! What lies in a theme's folder and is not read.

use std::fs;

use super::Subject;
use crate::finding::Place;
use crate::theme::files::{FOLDERS, belongs_to_a_theme};

/// Files beside templates and catalogs that do not count. What is hidden is an editor's.
pub(super) fn unread(subject: &Subject) -> Vec<Place> {
    let mut unread = Vec::new();
    for folder in subject.own_layers().filter_map(|layer| layer.folder.as_ref()) {
        // Whatever lies in `assets` can be linked to.
        for inside in FOLDERS.into_iter().filter(|inside| *inside != "assets") {
            let Ok(entries) = fs::read_dir(folder.join(inside)) else { continue };
            for entry in entries.flatten().filter(|entry| entry.path().is_file()) {
                let name = entry.file_name().to_string_lossy().into_owned();
                let is_hidden = name.starts_with('.') || name.ends_with('~');
                if !is_hidden && !belongs_to_a_theme(&format!("{inside}/{name}")) {
                    unread.push(Place::named(entry.path().display().to_string()));
                }
            }
        }
    }
    unread
}
