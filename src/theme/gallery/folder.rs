//! The gallery as a folder that any web server can serve, and that opens without one.

use std::fs;
use std::path::Path;

use super::{ASSETS, Gallery, PAGES, chrome};
use crate::finding::{Code, Finding, Place};

/// Writes every file into a folder, and says how many there are. Nothing but a gallery is ever replaced.
pub(crate) fn write(gallery: &Gallery, folder: &Path) -> Result<usize, Vec<Finding>> {
    make_room(folder)?;
    let paths = gallery.paths();
    for path in &paths {
        let target = folder.join(path);
        let refuse = |error: std::io::Error| vec![cannot_write(&target, &error.to_string())];
        if let Some(parent) = target.parent() {
            fs::create_dir_all(parent).map_err(refuse)?;
        }
        if let Some(exhibit) = gallery.file(path)? {
            fs::write(&target, &exhibit.body).map_err(refuse)?;
        }
    }
    Ok(paths.len())
}

/// Makes the folder, or takes what an earlier gallery has left out of it.
fn make_room(folder: &Path) -> Result<(), Vec<Finding>> {
    let refuse = |error: std::io::Error| vec![cannot_write(folder, &error.to_string())];
    let mut entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            return fs::create_dir_all(folder).map_err(refuse);
        }
        Err(error) => return Err(refuse(error)),
    };
    if entries.next().is_none() {
        return Ok(());
    }
    let manifest = fs::read(folder.join(chrome::MANIFEST)).unwrap_or_default();
    if !chrome::is_ours(&manifest) {
        let finding = cannot_write(folder, "it is not empty and holds no gallery");
        return Err(vec![
            finding.help("take a new folder; a gallery replaces nothing but a gallery"),
        ]);
    }
    // The manifest stays until it is written anew: what is interrupted can be begun again.
    for name in [PAGES, ASSETS] {
        let old = folder.join(name);
        let removed = match fs::symlink_metadata(&old) {
            // A link may lead anywhere, so it goes and what it leads to stays.
            Ok(found) if found.is_dir() => fs::remove_dir_all(&old),
            Ok(_) => fs::remove_file(&old),
            Err(_) => Ok(()),
        };
        removed.map_err(refuse)?;
    }
    for name in std::iter::once(chrome::MANIFEST).chain(chrome::FILES) {
        let old = folder.join(name);
        if fs::symlink_metadata(&old).is_ok_and(|found| found.is_symlink()) {
            fs::remove_file(&old).map_err(refuse)?;
        }
    }
    Ok(())
}

fn cannot_write(path: &Path, reason: &str) -> Finding {
    Finding::error(Code::FileUnreadable, format!("the gallery cannot be written: {reason}"))
        .at(Some(Place::named(path.display().to_string())))
}
