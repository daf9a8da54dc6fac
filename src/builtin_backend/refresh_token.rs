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
    Done(Account, Family),
    Unknown,
    Expired,
    /// It had been spent before; its family is revoked.
    Reused,
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
            |row| {
                let at = Account::WIDTH;
                Ok((row.get(at)?, row.get(at + 1)?, row.get(at + 2)?, Account::from_row(row)?))
            },
        )
        .optional()?;
    let Some((family, expires, spent, account)) = found else {
        return Ok(Rotation::Unknown);
    };
    if spent {
        end(&tx, family)?;
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
    tx.execute("UPDATE session SET used = ?2 WHERE family = ?1", params![family, sql_time(now)])?;
    tx.commit()?;
    Ok(Rotation::Done(account, family))
}

/// The session that a token belongs to, whether it can still be used or not.
pub(super) fn family_of(
    connection: &Connection,
    presented: &Hash,
    account: i64,
) -> rusqlite::Result<Option<Family>> {
    let find = "SELECT family FROM refresh_token WHERE hash = ?1 AND account = ?2";
    connection.query_row(find, params![presented, account], |row| row.get(0)).optional()
}

/// Ends the login that a token descends from.
pub(super) fn revoke(connection: &mut Connection, presented: &Hash) -> rusqlite::Result<()> {
    let tx = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let find = "SELECT family FROM refresh_token WHERE hash = ?1";
    let family = tx.query_row(find, [presented], |row| row.get(0)).optional()?;
    if let Some(family) = family {
        end(&tx, family)?;
        tx.commit()?;
    }
    Ok(())
}

fn end(connection: &Connection, family: Family) -> rusqlite::Result<()> {
    connection.execute("DELETE FROM refresh_token WHERE family = ?1", [family])?;
    connection.execute("DELETE FROM session WHERE family = ?1", [family]).map(drop)
}

/// Removes what has expired.
pub(super) fn sweep(connection: &Connection, now: u64) -> rusqlite::Result<()> {
    connection.execute("DELETE FROM refresh_token WHERE expires <= ?1", [sql_time(now)])?;
    connection
        .execute("DELETE FROM session WHERE family NOT IN (SELECT family FROM refresh_token)", [])
        .map(drop)
}
