//! Which files have changed.
//!
//! Files are looked at again and again rather than watched by events of the system: editors replace files, mounts of
//! containers and of the network have no events, and a folder that is not there yet cannot be watched at all. A look
//! is a few dozen calls of `stat`; a file is read only when something about it is new.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::hash::{DefaultHasher, Hasher as _};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use crate::theme::is_cut_off;

/// So long after something about a file was new its content is compared at every look: clocks of file
/// systems may tick once in two seconds.
const DISTRUST: Duration = Duration::from_secs(3);

/// What the files hold, as far as can be compared. A file that is not there is not in it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Snapshot(BTreeMap<PathBuf, Content>);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Content {
    hash: u64,
    /// Looks as if somebody was still writing it.
    is_unfinished: bool,
}

/// Looks at files.
#[derive(Default)]
pub(crate) struct Watch {
    seen: BTreeMap<PathBuf, Seen>,
}

struct Seen {
    state: State,
    since: Instant,
    content: Content,
}

/// What tells a file that changed from one that did not: time, size, and which file it is.
#[derive(Clone, Copy, PartialEq, Eq)]
struct State {
    modified: (i64, i64),
    changed: (i64, i64),
    size: u64,
    inode: u64,
}

impl Snapshot {
    /// The files that differ, or are in only one of the two.
    pub(crate) fn differing<'a>(&'a self, other: &'a Self) -> BTreeSet<&'a Path> {
        let all = self.0.keys().chain(other.0.keys());
        all.filter(|path| self.0.get(*path) != other.0.get(*path)).map(PathBuf::as_path).collect()
    }

    /// Whether a file that differs looks as if somebody was still writing it.
    pub(crate) fn is_unfinished(&self, before: &Self) -> bool {
        let differs = |(path, content): &(&PathBuf, &Content)| before.0.get(*path) != Some(content);
        self.0.iter().filter(differs).any(|(_, content)| content.is_unfinished)
    }
}

impl Watch {
    /// What the files hold now.
    pub(crate) fn look(&mut self, files: BTreeSet<PathBuf>) -> Snapshot {
        self.seen.retain(|path, _| files.contains(path));
        let look = |path: PathBuf| self.content(&path).map(|content| (path, content));
        Snapshot(files.into_iter().filter_map(look).collect())
    }

    fn content(&mut self, path: &Path) -> Option<Content> {
        let Some(state) = state(path) else {
            self.seen.remove(path);
            return None;
        };
        let known = self.seen.get(path).filter(|seen| seen.state == state);
        if let Some(seen) = known.filter(|seen| seen.since.elapsed() > DISTRUST) {
            return Some(seen.content);
        }
        let since = known.map_or_else(Instant::now, |seen| seen.since);
        let bytes = fs::read(path).ok()?;
        let mut hasher = DefaultHasher::new();
        hasher.write(&bytes);
        let hash = hasher.finish();
        let same = known.map(|seen| seen.content).filter(|content| content.hash == hash);
        let content =
            same.unwrap_or_else(|| Content { hash, is_unfinished: is_unfinished(path, &bytes) });
        self.seen.insert(path.to_owned(), Seen { state, since, content });
        Some(content)
    }
}

fn state(path: &Path) -> Option<State> {
    let data = fs::metadata(path).ok().filter(fs::Metadata::is_file)?;
    Some(State {
        modified: (data.mtime(), data.mtime_nsec()),
        changed: (data.ctime(), data.ctime_nsec()),
        size: data.size(),
        inode: data.ino(),
    })
}

/// Whoever writes in place empties the file first, and what is there a moment later is a part of it.
fn is_unfinished(path: &Path, bytes: &[u8]) -> bool {
    let is_sheet = path.extension().is_some_and(|it| it == "css");
    bytes.is_empty() || is_sheet && is_cut_off(&String::from_utf8_lossy(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn look(watch: &mut Watch, folder: &Path, names: &[&str]) -> Snapshot {
        watch.look(names.iter().map(|name| folder.join(name)).collect())
    }

    #[test]
    fn only_another_content_is_a_change() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("theme.css");
        let mut watch = Watch::default();
        let nothing = look(&mut watch, folder.path(), &["theme.css"]);
        fs::write(&file, "a {}").unwrap();
        let one = look(&mut watch, folder.path(), &["theme.css"]);
        assert_eq!(one.differing(&nothing), BTreeSet::from([&*file]));
        // As an editor does that writes beside the file and renames.
        fs::write(folder.path().join("new"), "a {}").unwrap();
        fs::rename(folder.path().join("new"), &file).unwrap();
        assert_eq!(look(&mut watch, folder.path(), &["theme.css"]), one);
        // The same length, in the same tick of a coarse clock.
        let time = fs::metadata(&file).unwrap().modified().unwrap();
        fs::write(&file, "b {}").unwrap();
        fs::File::options().write(true).open(&file).unwrap().set_modified(time).unwrap();
        assert_ne!(look(&mut watch, folder.path(), &["theme.css"]), one);
        fs::remove_file(&file).unwrap();
        assert_eq!(look(&mut watch, folder.path(), &["theme.css"]), nothing);
    }

    #[test]
    fn what_is_half_written_is_told_by_what_is_open() {
        for (name, text, unfinished) in [
            ("theme.css", "", true),
            ("theme.css", "a { color: red", true),
            ("theme.css", "a { color: red } /* and", true),
            ("theme.css", "a { color: red }", false),
            ("theme.css", "a { content: \"{\" }", false),
            ("login.html", "{% block main %}", false),
            ("login.html", "", true),
        ] {
            assert_eq!(is_unfinished(Path::new(name), text.as_bytes()), unfinished, "{text}");
        }
    }
}
