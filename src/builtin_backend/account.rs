//! Accounts in the database.

use rusqlite::{Connection, ErrorCode, OptionalExtension, Row, params};
use serde_json::{Value, json};

use super::sql_time;

/// Who has an account.
#[derive(Clone)]
pub(super) struct Account {
    pub(super) id: i64,
    pub(super) email: String,
    pub(super) name: String,
    /// As in `2026-11-23T16:47:22Z`.
    pub(super) created_at: String,
    /// Whether somebody opened a link that was sent to the e-mail.
    pub(super) verified: bool,
}

impl Account {
    /// The columns that [`Account::from_row`] reads, in its order.
    pub(super) const COLUMNS: &str = "account.id, account.email, account.name, \
         strftime('%Y-%m-%dT%H:%M:%SZ', account.created, 'unixepoch'), account.verified";
    /// How many they are.
    pub(super) const WIDTH: usize = 5;

    pub(super) fn from_row(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            id: row.get(0)?,
            email: row.get(1)?,
            name: row.get(2)?,
            created_at: row.get(3)?,
            verified: row.get(4)?,
        })
    }

    /// What others may know.
    pub(super) fn to_json(&self) -> Value {
        json!({
            "id": self.id,
            "email": self.email,
            "name": self.name,
            "verified": self.verified,
            "created_at": self.created_at,
        })
    }
}

/// Adds an account; none where the e-mail has one already.
pub(super) fn create(
    connection: &Connection,
    email: &str,
    name: &str,
    password_hash: &str,
    now: u64,
) -> rusqlite::Result<Option<Account>> {
    let inserted = connection.query_row(
        &format!(
            "INSERT INTO account (email, email_key, name, password_hash, created) \
             VALUES (?1, ?2, ?3, ?4, ?5) RETURNING {}",
            // A RETURNING clause names columns without their table.
            Account::COLUMNS.replace("account.", "")
        ),
        params![email, email_key(email), name, password_hash, sql_time(now)],
        Account::from_row,
    );
    unless_taken(inserted)
}

/// The account of an e-mail, and the hash of its password.
pub(super) fn by_email(
    connection: &Connection,
    email: &str,
) -> rusqlite::Result<Option<(Account, String)>> {
    find(connection, "email_key = ?1", &email_key(email))
}

/// The account with an id, and the hash of its password.
pub(super) fn by_id(
    connection: &Connection,
    id: i64,
) -> rusqlite::Result<Option<(Account, String)>> {
    find(connection, "id = ?1", &id)
}

fn find(
    connection: &Connection,
    condition: &str,
    value: &dyn rusqlite::ToSql,
) -> rusqlite::Result<Option<(Account, String)>> {
    connection
        .query_row(
            &format!("SELECT {}, password_hash FROM account WHERE {condition}", Account::COLUMNS),
            [value],
            |row| Ok((Account::from_row(row)?, row.get(Account::WIDTH)?)),
        )
        .optional()
}

pub(super) fn set_password(connection: &Connection, id: i64, hash: &str) -> rusqlite::Result<()> {
    let set = "UPDATE account SET password_hash = ?2 WHERE id = ?1";
    connection.execute(set, params![id, hash]).map(drop)
}

pub(super) fn set_name(connection: &Connection, id: i64, name: &str) -> rusqlite::Result<()> {
    connection.execute("UPDATE account SET name = ?2 WHERE id = ?1", params![id, name]).map(drop)
}

/// Gives an account an e-mail, which may be the one that it has. False where another account has it.
pub(super) fn set_email(
    connection: &Connection,
    id: i64,
    email: &str,
    verified: bool,
) -> rusqlite::Result<bool> {
    let set = "UPDATE account SET email = ?2, email_key = ?3, verified = ?4 WHERE id = ?1";
    let changed = connection.execute(set, params![id, email, email_key(email), verified]);
    Ok(unless_taken(changed)?.is_some())
}

pub(super) fn delete(connection: &Connection, id: i64) -> rusqlite::Result<()> {
    connection.execute("DELETE FROM account WHERE id = ?1", [id]).map(drop)
}

/// Whether two spellings are one e-mail.
pub(super) fn is_same_email(one: &str, other: &str) -> bool {
    email_key(one) == email_key(other)
}

fn unless_taken<T>(outcome: rusqlite::Result<T>) -> rusqlite::Result<Option<T>> {
    match outcome {
        Ok(value) => Ok(Some(value)),
        Err(error) if error.sqlite_error_code() == Some(ErrorCode::ConstraintViolation) => Ok(None),
        Err(error) => Err(error),
    }
}

/// Under which an e-mail is found however it is capitalised.
fn email_key(email: &str) -> String {
    email.to_lowercase()
}
