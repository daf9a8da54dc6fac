//! The files that a theme is made of, as they lie there now: what has to be looked at to see it change.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::files::{belongs_to_a_theme, embedded, is_folder_of_a_theme, is_theme_name};
use super::layers::OVERRIDES;
use crate::config::plan::ThemePlan;

/// Every file of every layer. Folders that are not there are looked for each time: one that comes may take the place
/// of a theme that is part of the program.
pub(crate) fn files_of(plan: &ThemePlan) -> BTreeSet<PathBuf> {
    let mut files = BTreeSet::new();
    gather(&plan.path.join(OVERRIDES), &mut files);
    let mut seen = BTreeMap::new();
    let mut next = Some(plan.name.clone());
    while let Some(name) = next.take().filter(|name| is_theme_name(name)) {
        let folder = plan.path.join(&name);
        gather(&folder, &mut files);
        // The second time, the embedded theme of that name is meant.
        let times: &mut u32 = seen.entry(name.clone()).or_default();
        *times += 1;
        let in_folder = (*times == 1).then(|| fs::read_to_string(folder.join(MANIFEST)).ok());
        next = match in_folder.flatten() {
            Some(manifest) => extended(&manifest),
            None if *times <= 2 => {
                embedded(&name).get(MANIFEST).and_then(|manifest| extended(&manifest.text()))
            }
            None => None,
        };
    }
    files
}

const MANIFEST: &str = "theme.toml";

fn extended(manifest: &str) -> Option<String> {
    #[derive(Deserialize)]
    struct Extends {
        extends: Option<String>,
    }
    toml::from_str::<Extends>(manifest).ok()?.extends
}

/// The files of one folder that belong to a theme.
fn gather(folder: &Path, files: &mut BTreeSet<PathBuf>) {
    let mut open = vec![folder.to_owned()];
    while let Some(at) = open.pop() {
        for entry in fs::read_dir(at).into_iter().flatten().flatten() {
            let path = entry.path();
            let inside = path.strip_prefix(folder).ok().and_then(Path::to_str);
            let Some(inside) = inside.filter(|inside| !inside.split('/').any(is_hidden)) else {
                continue;
            };
            if belongs_to_a_theme(inside) && !path.is_dir() {
                files.insert(path);
            } else if is_folder_of_a_theme(inside) && path.is_dir() && !path.is_symlink() {
                open.push(path);
            }
        }
    }
}

fn is_hidden(part: &str) -> bool {
    part.starts_with('.')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn write(root: &Path, file: &str, text: &str) {
        let path = root.join(file);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    #[test]
    fn every_layer_is_looked_at_and_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        let plan =
            ThemePlan { name: "acme".to_owned(), path: root.to_owned(), options: BTreeMap::new() };
        assert!(files_of(&plan).is_empty());
        write(root, "acme/theme.toml", "name = \"acme\"\nextends = \"house\"\n");
        write(root, "acme/page/login.html", "");
        write(root, "acme/page/.login.html.swp", "");
        write(root, "acme/build/node_modules/x.css", "");
        write(root, "acme/notes.txt", "");
        write(root, "house/assets/logo.svg", "");
        write(root, "daisy/theme.css", "");
        write(root, "other/theme.css", "");
        write(root, "overrides/element/field.html", "");
        let seen = files_of(&plan);
        let seen: Vec<_> =
            seen.iter().map(|path| path.strip_prefix(root).unwrap().to_str().unwrap()).collect();
        assert_eq!(
            seen,
            [
                "acme/page/login.html",
                "acme/theme.toml",
                "house/assets/logo.svg",
                "overrides/element/field.html"
            ]
        );
        // Beneath stands the embedded daisy, unless the folder is chosen.
        let daisy = ThemePlan { name: "daisy".to_owned(), ..plan };
        assert!(files_of(&daisy).contains(&root.join("daisy/theme.css")));
    }

    #[test]
    fn themes_that_extend_each_other_in_a_circle_come_to_an_end() {
        let folder = tempfile::tempdir().unwrap();
        write(folder.path(), "a/theme.toml", "extends = \"b\"");
        write(folder.path(), "b/theme.toml", "extends = \"a\"");
        let path = folder.path().to_owned();
        let plan = ThemePlan { name: "a".to_owned(), path, options: BTreeMap::new() };
        assert_eq!(files_of(&plan).len(), 2);
    }
}
