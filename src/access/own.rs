//! The pages that are vestibule's own.

/// What a site answers itself, whatever the whitelist says.
#[derive(Clone, Debug, Default)]
pub(crate) struct OwnPaths {
    /// Open to everybody; compared whole, byte for byte.
    pub(crate) exact: Vec<String>,
    /// Folders that are open to everybody; each ends with `/`.
    pub(crate) folders: Vec<String>,
    /// Never public: about who is signed in, or for users only. What ends with `/` is a folder, but
    /// for the front page.
    pub(crate) guarded: Vec<String>,
    /// Whether the front page was declared, and so is ours whatever is behind the door.
    pub(crate) front: bool,
}

impl OwnPaths {
    pub(super) fn is_open(&self, path: &str) -> bool {
        self.exact.iter().any(|own| own == path)
            || self.folders.iter().any(|folder| path.starts_with(folder.as_str()))
    }

    pub(super) fn is_guarded(&self, path: &str) -> bool {
        self.guarded.iter().any(|own| {
            own == path || own != "/" && own.ends_with('/') && path.starts_with(own.as_str())
        })
    }
}
