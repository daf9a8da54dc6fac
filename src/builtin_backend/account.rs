//! Accounts in the database.

use rusqlite::{Connection, ErrorCode, OptionalExtension, Row, params};
use serde_json::{Value, json};

use super::sql_time;

/// Who has an account.
pub(super) struct Account {
    pub(super) id: i64,
    pub(super) email: String,
    pub(super) name: String,
    /// As in `2026-11-23T16:47:22Z`.
    pub(super) created_at: String,
}

impl Account {
    /// The columns that [`Account::from_row`] reads, in its order.
    pub(super) const COLUMNS: &str = "account.id, account.email, account.name, \
         strftime('%Y-%m-%dT%H:%M:%SZ', account.created, 'unixepoch')";

    pub(super) fn from_row(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self { id: row.get(0)?, email: row.get(1)?, name: row.get(2)?, created_at: row.get(3)? })
    }

    /// What others may know.
    pub(super) fn to_json(&self) -> Value {
        json!({
            "id": self.id,
            "email": self.email,
            "name": self.name,
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
    match inserted {
        Ok(account) => Ok(Some(account)),
        Err(error) if error.sqlite_error_code() == Some(ErrorCode::ConstraintViolation) => Ok(None),
        Err(error) => Err(error),
    }
}

/// The account of an e-mail, and the hash of its password.
pub(super) fn by_email(
    connection: &Connection,
    email: &str,
) -> rusqlite::Result<Option<(Account, String)>> {
    connection
        .query_row(
            &format!(
                "SELECT {}, password_hash FROM account WHERE email_key = ?1",
                Account::COLUMNS
            ),
            [email_key(email)],
            |row| Ok((Account::from_row(row)?, row.get(4)?)),
        )
        .optional()
}

/// The account with an id.
pub(super) fn by_id(connection: &Connection, id: i64) -> rusqlite::Result<Option<Account>> {
    connection
        .query_row(
            &format!("SELECT {} FROM account WHERE id = ?1", Account::COLUMNS),
            [id],
            Account::from_row,
        )
        .optional()
}

/// Under which an e-mail is found however it is capitalised.
fn email_key(email: &str) -> String {
    email.to_lowercase()
}
