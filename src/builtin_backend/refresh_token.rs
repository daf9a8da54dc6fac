//! Refresh tokens: random, stored as hashes, good for one use.

use aws_lc_rs::digest;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rusqlite::{Connection, OptionalExtension, TransactionBehavior, params};

use super::account::Account;
use super::{BuiltinError, random, sql_time};
use crate::secret::Secret;

/// A refresh token, as the client holds it.
pub(super) struct RefreshToken(Secret);

/// What the database holds of a token.
pub(super) type Hash = [u8; 32];

/// All tokens that descend from one login.
pub(super) type Family = [u8; 16];

impl RefreshToken {
    pub(super) fn random() -> Result<Self, BuiltinError> {
        random::<32>().map(|bytes| Self(Secret::new(URL_SAFE_NO_PAD.encode(bytes))))
    }

    /// What a client presents as one.
    pub(super) fn presented(text: &str) -> Self {
        Self(Secret::new(text))
    }

    pub(super) fn expose(&self) -> &str {
        self.0.expose()
    }

    pub(super) fn hash(&self) -> Hash {
        let mut hash = Hash::default();
        hash.copy_from_slice(digest::digest(&digest::SHA256, self.expose().as_bytes()).as_ref());
        hash
    }
}

pub(super) fn random_family() -> Result<Family, BuiltinError> {
    random()
}

/// What came of presenting a token.
pub(super) enum Rotation {
    /// It is spent, and the next one is good.
    Done(Account),
    Unknown,
    Expired,
    /// It had been spent before; its family is revoked.
    Reused,
}

/// Stores the first token of a login. False where the account is gone.
pub(super) fn begin(
    connection: &Connection,
    account: i64,
    family: &Family,
    hash: &Hash,
    expires: u64,
) -> rusqlite::Result<bool> {
    let rows = connection.execute(
        "INSERT INTO refresh_token (hash, family, account, expires) \
         SELECT ?1, ?2, id, ?4 FROM account WHERE id = ?3",
        params![hash, family, account, sql_time(expires)],
    )?;
    Ok(rows == 1)
}

/// Spends a token and stores its successor, both or neither.
pub(super) fn rotate(
    connection: &mut Connection,
    presented: &Hash,
    next: &Hash,
    now: u64,
    next_expires: u64,
) -> rusqlite::Result<Rotation> {
    // Immediate: a second presentation, from another process too, waits here until this one is through.
    let tx = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let found: Option<(Family, i64, bool, Account)> = tx
        .query_row(
            &format!(
                "SELECT {}, family, expires, spent FROM refresh_token \
                 JOIN account ON account.id = refresh_token.account WHERE hash = ?1",
                Account::COLUMNS
            ),
            [presented],
            |row| Ok((row.get(4)?, row.get(5)?, row.get(6)?, Account::from_row(row)?)),
        )
        .optional()?;
    let Some((family, expires, spent, account)) = found else {
        return Ok(Rotation::Unknown);
    };
    if spent {
        tx.execute("DELETE FROM refresh_token WHERE family = ?1", [family])?;
        tx.commit()?;
        return Ok(Rotation::Reused);
    }
    if expires <= sql_time(now) {
        return Ok(Rotation::Expired);
    }
    tx.execute("UPDATE refresh_token SET spent = 1 WHERE hash = ?1", [presented])?;
    tx.execute(
        "INSERT INTO refresh_token (hash, family, account, expires) VALUES (?1, ?2, ?3, ?4)",
        params![next, family, account.id, sql_time(next_expires)],
    )?;
    tx.commit()?;
    Ok(Rotation::Done(account))
}

/// Ends the login that a token descends from.
pub(super) fn revoke(connection: &Connection, presented: &Hash) -> rusqlite::Result<()> {
    connection
        .execute(
            "DELETE FROM refresh_token WHERE family = \
             (SELECT family FROM refresh_token WHERE hash = ?1)",
            [presented],
        )
        .map(drop)
}

/// Removes what has expired.
pub(super) fn sweep(connection: &Connection, now: u64) -> rusqlite::Result<()> {
    connection.execute("DELETE FROM refresh_token WHERE expires <= ?1", [sql_time(now)]).map(drop)
}
