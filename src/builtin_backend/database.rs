//! The `SQLite` file: opening it, its schema, and the one connection that all work goes through.

#[cfg(test)]
mod tests;

use std::fmt::Display;
use std::fs::{self, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use rusqlite::{Connection, ErrorCode, OpenFlags, TransactionBehavior};

use super::BuiltinError;

/// How long a statement waits for another program that writes.
const BUSY: Duration = Duration::from_secs(5);

/// Marks the file as ours ("vstb"), so that the database of another program is never migrated.
const APPLICATION: i64 = 0x7673_7462;

/// Each brings the schema from its index to the next version. Never change one that was released.
const MIGRATIONS: [&str; 1] = ["
    CREATE TABLE account (
        -- AUTOINCREMENT: the id of a deleted account, which a token may still carry, is not given out again.
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        email TEXT NOT NULL,
        -- The e-mail in lower case.
        email_key TEXT NOT NULL UNIQUE,
        name TEXT NOT NULL,
        password_hash TEXT NOT NULL,
        created INTEGER NOT NULL
    ) STRICT;
    CREATE TABLE refresh_token (
        -- SHA-256 of the token.
        hash BLOB PRIMARY KEY,
        -- The same for all tokens that descend from one login.
        family BLOB NOT NULL,
        account INTEGER NOT NULL REFERENCES account (id) ON DELETE CASCADE,
        expires INTEGER NOT NULL,
        -- Spent tokens stay until they expire, so that a second use is noticed.
        spent INTEGER NOT NULL DEFAULT 0
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX refresh_token_family ON refresh_token (family);
    CREATE INDEX refresh_token_account ON refresh_token (account);
    CREATE INDEX refresh_token_expires ON refresh_token (expires);
"];

/// An open database.
#[derive(Clone)]
pub(super) struct Database {
    connection: Arc<Mutex<Connection>>,
    file: Arc<Path>,
}

impl Database {
    /// Opens the file, or creates it, and brings its schema up to date.
    pub(super) fn open(file: &Path) -> Result<Self, BuiltinError> {
        Self::open_within(file, BUSY)
    }

    /// As [`Database::open`], waiting so long for another program that writes.
    pub(super) fn open_within(file: &Path, busy: Duration) -> Result<Self, BuiltinError> {
        create_if_missing(file)?;
        // Not SQLITE_OPEN_URI: a file name that begins with `file:` is a file name.
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let mut connection =
            Connection::open_with_flags(file, flags).map_err(|error| explain(file, error))?;
        prepare(&mut connection, busy)
            .map_err(|error| explain(file, error))?
            .map_err(|problem| problem.at(file))?;
        Ok(Self { connection: Arc::new(Mutex::new(connection)), file: file.into() })
    }

    /// Does work on a thread that may wait. It is done to its end even if nobody waits for it.
    pub(super) async fn run<T, F>(&self, work: F) -> Result<T, BuiltinError>
    where
        T: Send + 'static,
        F: FnOnce(&mut Connection) -> rusqlite::Result<T> + Send + 'static,
    {
        let database = self.clone();
        tokio::task::spawn_blocking(move || database.now(work))
            .await
            .map_err(|_| BuiltinError::BrokenOff)?
    }

    /// Does work on this thread.
    pub(super) fn now<T>(
        &self,
        work: impl FnOnce(&mut Connection) -> rusqlite::Result<T>,
    ) -> Result<T, BuiltinError> {
        // A panic elsewhere has rolled its transaction back, so the connection is as good as before.
        let mut connection = self.connection.lock().unwrap_or_else(PoisonError::into_inner);
        work(&mut connection).map_err(|error| explain(&self.file, error))
    }
}

/// What can be wrong with a database that `SQLite` itself reads.
enum Problem {
    Foreign,
    Newer(i64),
}

impl Problem {
    fn at(self, file: &Path) -> BuiltinError {
        let file = file.to_owned();
        match self {
            Self::Foreign => BuiltinError::Foreign { file },
            Self::Newer(found) => BuiltinError::NewerSchema { file, found, known: newest() },
        }
    }
}

fn newest() -> i64 {
    i64::try_from(MIGRATIONS.len()).unwrap_or(i64::MAX)
}

fn prepare(connection: &mut Connection, busy: Duration) -> rusqlite::Result<Result<(), Problem>> {
    connection.busy_timeout(busy)?;
    connection.pragma_update(None, "foreign_keys", true)?;
    if let Err(problem) = migrate(connection)? {
        return Ok(Err(problem));
    }
    // After the look at whose file it is: this changes the file. Readers then do not wait for the writer.
    connection.pragma_update(None, "journal_mode", "wal")?;
    Ok(Ok(()))
}

fn migrate(connection: &mut Connection) -> rusqlite::Result<Result<(), Problem>> {
    let tx = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let version: i64 = tx.pragma_query_value(None, "user_version", |row| row.get(0))?;
    let application: i64 = tx.pragma_query_value(None, "application_id", |row| row.get(0))?;
    let empty: bool =
        tx.query_row("SELECT NOT EXISTS (SELECT 1 FROM sqlite_master)", [], |row| row.get(0))?;
    if application != APPLICATION && (version != 0 || !empty) {
        return Ok(Err(Problem::Foreign));
    }
    let Some(pending) = usize::try_from(version).ok().and_then(|done| MIGRATIONS.get(done..))
    else {
        return Ok(Err(Problem::Newer(version)));
    };
    if !pending.is_empty() {
        for migration in pending {
            tx.execute_batch(migration)?;
        }
        tx.pragma_update(None, "application_id", APPLICATION)?;
        tx.pragma_update(None, "user_version", newest())?;
    }
    tx.commit()?;
    Ok(Ok(()))
}

/// `SQLite` would create the file with whatever mode the umask leaves, and give its side files the same.
fn create_if_missing(file: &Path) -> Result<(), BuiltinError> {
    let folder = match file.parent() {
        Some(folder) if folder != Path::new("") => folder,
        _ => Path::new("."),
    };
    if matches!(fs::metadata(folder), Err(error) if error.kind() == io::ErrorKind::NotFound) {
        return Err(BuiltinError::FolderMissing {
            file: file.to_owned(),
            folder: folder.to_owned(),
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

fn unreadable(file: &Path, reason: &dyn Display) -> BuiltinError {
    BuiltinError::Unreadable { file: file.to_owned(), reason: reason.to_string() }
}

/// Says what an error of `SQLite` means for whoever runs the program.
fn explain(file: &Path, error: rusqlite::Error) -> BuiltinError {
    let path: PathBuf = file.to_owned();
    match error.sqlite_error_code() {
        Some(ErrorCode::NotADatabase | ErrorCode::DatabaseCorrupt) => {
            BuiltinError::NotADatabase { file: path }
        }
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => {
            BuiltinError::Locked { file: path }
        }
        Some(ErrorCode::CannotOpen | ErrorCode::PermissionDenied | ErrorCode::ReadOnly) => {
            unreadable(file, &error)
        }
        _ => BuiltinError::Database { file: path, source: error },
    }
}
