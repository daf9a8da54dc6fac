use tempfile::TempDir;

use super::*;

const SCHEMA: Schema =
    Schema { application: 7, migrations: &["CREATE TABLE account (x)"], key: "some.key" };

fn folder() -> TempDir {
    tempfile::tempdir().unwrap()
}

/// Opens the file, which must fail with an error that names it.
#[track_caller]
fn refused(file: &Path) -> DatabaseError {
    let Err(error) = Database::open_within(file, &SCHEMA, Duration::ZERO) else {
        panic!("was opened");
    };
    assert!(error.to_string().contains(&file.display().to_string()), "{error}");
    error
}

#[test]
fn a_missing_folder_is_named() {
    let folder = folder();
    let missing = folder.path().join("missing");
    let error = refused(&missing.join("users.db"));
    assert!(matches!(&error, DatabaseError::FolderMissing { folder, .. } if *folder == missing));
}

#[test]
fn a_folder_is_no_database() {
    assert!(matches!(refused(folder().path()), DatabaseError::Unreadable { .. }));
}

#[test]
fn a_file_in_a_file_is_no_database() {
    let folder = folder();
    let file = folder.path().join("file");
    fs::write(&file, "").unwrap();
    assert!(matches!(refused(&file.join("users.db")), DatabaseError::Unreadable { .. }));
}

#[test]
fn a_file_of_another_kind_is_left_as_it_is() {
    let folder = folder();
    let file = folder.path().join("notes.txt");
    let text = "not a database ".repeat(1000);
    fs::write(&file, &text).unwrap();
    assert!(matches!(refused(&file), DatabaseError::NotADatabase { .. }));
    assert_eq!(fs::read_to_string(&file).unwrap(), text);
}

#[test]
fn a_database_of_another_program_is_left_as_it_is() {
    let folder = folder();
    let file = folder.path().join("shop.db");
    Connection::open(&file).unwrap().execute_batch("CREATE TABLE account (x)").unwrap();
    let before = fs::read(&file).unwrap();
    assert!(matches!(refused(&file), DatabaseError::Foreign { .. }));
    assert_eq!(fs::read(&file).unwrap(), before);
}

#[test]
fn a_newer_schema_is_refused_with_both_versions() {
    let folder = folder();
    let file = folder.path().join("users.db");
    let database = Database::open(&file, &SCHEMA).unwrap();
    database.now(|connection| connection.pragma_update(None, "user_version", 99)).unwrap();
    drop(database);
    let error = refused(&file);
    assert!(matches!(error, DatabaseError::NewerSchema { found: 99, known: 1, .. }), "{error}");
}

#[test]
fn a_database_that_somebody_holds_is_locked() {
    let folder = folder();
    let file = folder.path().join("users.db");
    let holder = Database::open(&file, &SCHEMA).unwrap();
    holder.now(|connection| connection.execute_batch("BEGIN EXCLUSIVE")).unwrap();
    assert!(matches!(refused(&file), DatabaseError::Locked { .. }));
    holder.now(|connection| connection.execute_batch("COMMIT")).unwrap();
    Database::open(&file, &SCHEMA).unwrap();
}

#[test]
fn a_database_in_two_hands_serves_both() {
    let folder = folder();
    let file = folder.path().join("users.db");
    let (one, two) =
        (Database::open(&file, &SCHEMA).unwrap(), Database::open(&file, &SCHEMA).unwrap());
    for database in [one, two] {
        let mode = |connection: &mut Connection| {
            connection.pragma_query_value(None, "journal_mode", |row| row.get::<_, String>(0))
        };
        assert_eq!(database.now(mode).unwrap(), "wal");
    }
}

#[cfg(unix)]
#[test]
fn only_the_owner_may_read_the_files() {
    use std::os::unix::fs::PermissionsExt;

    let folder = folder();
    let database = Database::open(&folder.path().join("users.db"), &SCHEMA).unwrap();
    database.now(|connection| connection.execute_batch("DELETE FROM account")).unwrap();
    let files: Vec<_> = fs::read_dir(folder.path()).unwrap().map(Result::unwrap).collect();
    assert!(files.len() > 1, "the side files as well");
    for file in files {
        let mode = file.metadata().unwrap().permissions().mode() & 0o777;
        assert_eq!(mode, 0o600, "{}", file.path().display());
    }
}
