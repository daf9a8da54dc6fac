//! A socket file: made so that nobody else can connect for a moment, and taken away at the end.

use std::fs::{self, Permissions};
use std::io;
use std::os::unix::fs::{FileTypeExt as _, MetadataExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use tokio::net::{UnixListener, UnixStream};

/// The owner and the group may connect: the group is how a proxy is let in.
const MODE: u32 = 0o660;

/// A socket file that is listened on. It goes when this goes.
pub(super) struct SocketFile {
    path: PathBuf,
    /// Device and number: another process may have put its own in the same place by then.
    identity: Option<(u64, u64)>,
}

impl SocketFile {
    /// Listens on a socket file. One that a dead process has left behind is replaced; one that somebody
    /// listens on, and whatever else may be there, is not.
    pub(super) async fn bind(path: &Path) -> io::Result<(UnixListener, Self)> {
        match fs::symlink_metadata(path) {
            Ok(found) if !found.file_type().is_socket() => {
                return Err(io::Error::other("there is a file of this name that is no socket"));
            }
            Ok(_) if UnixStream::connect(path).await.is_ok() => {
                return Err(io::Error::other("somebody listens there already"));
            }
            _ => {}
        }
        // Made under another name and renamed, so that it is never there with another mode, and so that
        // the old one is replaced in one step.
        let mut fresh = path.as_os_str().to_owned();
        fresh.push(".new");
        let fresh = PathBuf::from(fresh);
        match fs::remove_file(&fresh) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        let listener = UnixListener::bind(&fresh)?;
        fs::set_permissions(&fresh, Permissions::from_mode(MODE))?;
        fs::rename(&fresh, path)?;
        Ok((listener, Self { path: path.to_path_buf(), identity: identity(path) }))
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }
}

impl Drop for SocketFile {
    fn drop(&mut self) {
        if self.identity.is_some() && identity(&self.path) == self.identity {
            // What cannot be removed is replaced at the next start.
            let _ = fs::remove_file(&self.path);
        }
    }
}

fn identity(path: &Path) -> Option<(u64, u64)> {
    fs::symlink_metadata(path).ok().map(|data| (data.dev(), data.ino()))
}
