//! An `SQLite` file: opening it, bringing its schema up to date, and work on threads that may wait.
//!
//! What two rooms share: the built-in backend's users and the sessions of the session store.

#[cfg(test)]
mod tests;

use std::fmt::Display;
use std::fs::{self, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use rusqlite::{Connection, ErrorCode, OpenFlags, TransactionBehavior};

/// How long a statement waits for another program that writes.
const BUSY: Duration = Duration::from_secs(5);

/// What a database of ours holds.
#[derive(Debug)]
pub(crate) struct Schema {
    /// Marks the file as ours, so that the database of another program is never migrated.
    pub(crate) application: i64,
    /// Each brings the schema from its index to the next version. Never change one that was released.
    pub(crate) migrations: &'static [&'static str],
    /// The key of auth.toml that names the file, for messages.
    pub(crate) key: &'static str,
}

/// Why a database cannot be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum DatabaseError {
    /// The file cannot be where it should be.
    #[error(
        "cannot create the database {}: the folder {} does not exist; create it, or change {key}",
        .file.display(), .folder.display()
    )]
    FolderMissing { file: PathBuf, folder: PathBuf, key: &'static str },
    /// We may not read or write the file, or it is none.
    #[error(
        "cannot open the database {} for reading and writing: {reason}; check that it is a file \
         whose owner and mode let this program in, and its folder too", .file.display()
    )]
    Unreadable { file: PathBuf, reason: String },
    /// The file holds something else than `SQLite` pages, or damaged ones.
    #[error(
        "{} is not an SQLite database, or it is damaged; restore a copy, move it away so that a new \
         one is created, or change {key}", .file.display()
    )]
    NotADatabase { file: PathBuf, key: &'static str },
    /// The file is a database of another program.
    #[error(
        "{} is a database of another program, and nothing was changed in it; name a file of its own \
         in {key}", .file.display()
    )]
    Foreign { file: PathBuf, key: &'static str },
    /// A newer vestibule has written the file.
    #[error(
        "the database {} has schema version {found}, and this vestibule knows versions up to {known}; \
         use the newer vestibule that wrote it, or restore an older copy", .file.display()
    )]
    NewerSchema { file: PathBuf, found: i64, known: i64 },
    /// Another program holds the file.
    #[error(
        "the database {} is locked by another program; stop that program (a backup, an SQLite shell, \
         another vestibule?) and try again", .file.display()
    )]
    Locked { file: PathBuf },
    /// Any other failure of the database.
    #[error("the database {} failed: {source}", .file.display())]
    Other { file: PathBuf, source: rusqlite::Error },
    /// Work on a thread of its own did not come to its end.
    #[error("work in the background was broken off")]
    BrokenOff,
}

/// An open database.
#[derive(Clone)]
pub(crate) struct Database {
    connection: Arc<Mutex<Connection>>,
    file: Arc<Path>,
    key: &'static str,
}

impl Database {
    /// Opens the file, or creates it, and brings its schema up to date.
    pub(crate) fn open(file: &Path, schema: &Schema) -> Result<Self, DatabaseError> {
        Self::open_within(file, schema, BUSY)
    }

    /// As [`Database::open`], waiting so long for another program that writes.
    pub(crate) fn open_within(
        file: &Path,
        schema: &Schema,
        busy: Duration,
    ) -> Result<Self, DatabaseError> {
        let key = schema.key;
        create_if_missing(file, key)?;
        // Not SQLITE_OPEN_URI: a file name that begins with `file:` is a file name.
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let mut connection =
            Connection::open_with_flags(file, flags).map_err(|error| explain(file, key, error))?;
        prepare(&mut connection, schema, busy)
            .map_err(|error| explain(file, key, error))?
            .map_err(|problem| problem.at(file, schema))?;
        Ok(Self { connection: Arc::new(Mutex::new(connection)), file: file.into(), key })
    }

    /// Does work on a thread that may wait. It is done to its end even if nobody waits for it.
    pub(crate) async fn run<T, F>(&self, work: F) -> Result<T, DatabaseError>
    where
        T: Send + 'static,
        F: FnOnce(&mut Connection) -> rusqlite::Result<T> + Send + 'static,
    {
        let database = self.clone();
        tokio::task::spawn_blocking(move || database.now(work))
            .await
            .map_err(|_| DatabaseError::BrokenOff)?
    }

    /// Does work on this thread.
    pub(crate) fn now<T>(
        &self,
        work: impl FnOnce(&mut Connection) -> rusqlite::Result<T>,
    ) -> Result<T, DatabaseError> {
        // A panic elsewhere has rolled its transaction back, so the connection is as good as before.
        let mut connection = self.connection.lock().unwrap_or_else(PoisonError::into_inner);
        work(&mut connection).map_err(|error| explain(&self.file, self.key, error))
    }
}

/// What can be wrong with a database that `SQLite` itself reads.
enum Problem {
    Foreign,
    Newer(i64),
}

impl Problem {
    fn at(self, file: &Path, schema: &Schema) -> DatabaseError {
        let file = file.to_owned();
        match self {
            Self::Foreign => DatabaseError::Foreign { file, key: schema.key },
            Self::Newer(found) => DatabaseError::NewerSchema { file, found, known: newest(schema) },
        }
    }
}

fn newest(schema: &Schema) -> i64 {
    i64::try_from(schema.migrations.len()).unwrap_or(i64::MAX)
}

fn prepare(
    connection: &mut Connection,
    schema: &Schema,
    busy: Duration,
) -> rusqlite::Result<Result<(), Problem>> {
    connection.busy_timeout(busy)?;
    connection.pragma_update(None, "foreign_keys", true)?;
    if let Err(problem) = migrate(connection, schema)? {
        return Ok(Err(problem));
    }
    // After the look at whose file it is: this changes the file. Readers then do not wait for the writer.
    connection.pragma_update(None, "journal_mode", "wal")?;
    Ok(Ok(()))
}

fn migrate(connection: &mut Connection, schema: &Schema) -> rusqlite::Result<Result<(), Problem>> {
    let tx = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let version: i64 = tx.pragma_query_value(None, "user_version", |row| row.get(0))?;
    let application: i64 = tx.pragma_query_value(None, "application_id", |row| row.get(0))?;
    let empty: bool =
        tx.query_row("SELECT NOT EXISTS (SELECT 1 FROM sqlite_master)", [], |row| row.get(0))?;
    if application != schema.application && (version != 0 || !empty) {
        return Ok(Err(Problem::Foreign));
    }
    let Some(pending) =
        usize::try_from(version).ok().and_then(|done| schema.migrations.get(done..))
    else {
        return Ok(Err(Problem::Newer(version)));
    };
    if !pending.is_empty() {
        for migration in pending {
            tx.execute_batch(migration)?;
        }
        tx.pragma_update(None, "application_id", schema.application)?;
        tx.pragma_update(None, "user_version", newest(schema))?;
    }
    tx.commit()?;
    Ok(Ok(()))
}

/// `SQLite` would create the file with whatever mode the umask leaves, and give its side files the same.
fn create_if_missing(file: &Path, key: &'static str) -> Result<(), DatabaseError> {
    let folder = match file.parent() {
        Some(folder) if folder != Path::new("") => folder,
        _ => Path::new("."),
    };
    if matches!(fs::metadata(folder), Err(error) if error.kind() == io::ErrorKind::NotFound) {
        return Err(DatabaseError::FolderMissing {
            file: file.to_owned(),
            folder: folder.to_owned(),
            key,
        });
    }
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    match options.open(file) {
        Ok(_) => Ok(()),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => match fs::metadata(file) {
            Ok(found) if found.is_dir() => Err(unreadable(file, &"it is a folder")),
            Ok(_) => Ok(()),
            Err(error) => Err(unreadable(file, &error)),
        },
        Err(error) => Err(unreadable(file, &error)),
    }
}

fn unreadable(file: &Path, reason: &dyn Display) -> DatabaseError {
    DatabaseError::Unreadable { file: file.to_owned(), reason: reason.to_string() }
}

/// Says what an error of `SQLite` means for whoever runs the program.
fn explain(file: &Path, key: &'static str, error: rusqlite::Error) -> DatabaseError {
    let path: PathBuf = file.to_owned();
    match error.sqlite_error_code() {
        Some(ErrorCode::NotADatabase | ErrorCode::DatabaseCorrupt) => {
            DatabaseError::NotADatabase { file: path, key }
        }
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => {
            DatabaseError::Locked { file: path }
        }
        Some(ErrorCode::CannotOpen | ErrorCode::PermissionDenied | ErrorCode::ReadOnly) => {
            unreadable(file, &error)
        }
        _ => DatabaseError::Other { file: path, source: error },
    }
}
