//! Links in mails: 256 random bits each, stored as hashes, good for one use and not for long.

use rusqlite::{Connection, OptionalExtension, params};

use super::account::{self, Account};
use super::refresh_token::Hash;
use super::sql_time;

/// For how long after its end a link is still known, so that whoever opens it is told what is wrong.
const REMEMBERED: u64 = 7 * 24 * 3600;

/// What a link is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Purpose {
    /// Setting a new password.
    Reset,
    /// Showing that an address is one's own: the account's, or the one that it is to have.
    Verify,
}

impl Purpose {
    fn name(self) -> &'static str {
        match self {
            Self::Reset => "reset",
            Self::Verify => "verify",
        }
    }
}

/// What a link opens.
pub(super) struct Opened {
    pub(super) account: Account,
    /// Where it was sent.
    pub(super) email: String,
}

/// What a token from a link is worth.
pub(super) enum Found {
    Good(Opened),
    Unknown,
    Expired,
    Used,
}

/// Stores a link in the place of all earlier ones for the same purpose. False where the account has caused
/// `limit` mails within the last hour, or is gone.
pub(super) fn store(
    connection: &Connection,
    link: &NewLink<'_>,
    now: u64,
    limit: u32,
) -> rusqlite::Result<bool> {
    let recent: u32 = connection.query_row(
        "SELECT count(*) FROM link WHERE account = ?1 AND created > ?2",
        params![link.account, sql_time(now) - 3600],
        |row| row.get(0),
    )?;
    if recent >= limit {
        return Ok(false);
    }
    expire(connection, link.account, Some(link.purpose), now)?;
    let rows = connection.execute(
        "INSERT INTO link (hash, account, purpose, email, created, expires) \
         SELECT ?1, id, ?3, ?4, ?5, ?6 FROM account WHERE id = ?2",
        params![
            link.hash,
            link.account,
            link.purpose.name(),
            link.email,
            sql_time(now),
            sql_time(link.expires)
        ],
    )?;
    Ok(rows == 1)
}

/// A link that is to be mailed.
pub(super) struct NewLink<'a> {
    pub(super) hash: Hash,
    pub(super) account: i64,
    pub(super) purpose: Purpose,
    pub(super) email: &'a str,
    pub(super) expires: u64,
}

/// Looks a token up, by its hash: how long that takes tells nothing about other tokens.
pub(super) fn find(
    connection: &Connection,
    hash: &Hash,
    purpose: Purpose,
    now: u64,
) -> rusqlite::Result<Found> {
    let found: Option<(i64, String, i64, bool)> = connection
        .query_row(
            "SELECT account, email, expires, used FROM link WHERE hash = ?1 AND purpose = ?2",
            params![hash, purpose.name()],
            |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)),
        )
        .optional()?;
    let Some((id, email, expires, used)) = found else { return Ok(Found::Unknown) };
    if used {
        return Ok(Found::Used);
    }
    if expires <= sql_time(now) {
        return Ok(Found::Expired);
    }
    Ok(match account::by_id(connection, id)? {
        Some((account, _)) => Found::Good(Opened { account, email }),
        None => Found::Unknown,
    })
}

/// Marks a link as used.
pub(super) fn spend(connection: &Connection, hash: &Hash) -> rusqlite::Result<()> {
    connection.execute("UPDATE link SET used = 1 WHERE hash = ?1", [hash]).map(drop)
}

/// Ends the links of an account, those for one purpose or all.
pub(super) fn expire(
    connection: &Connection,
    account: i64,
    purpose: Option<Purpose>,
    now: u64,
) -> rusqlite::Result<()> {
    connection
        .execute(
            "UPDATE link SET expires = min(expires, ?3) \
             WHERE account = ?1 AND (?2 IS NULL OR purpose = ?2)",
            params![account, purpose.map(Purpose::name), sql_time(now)],
        )
        .map(drop)
}

/// Removes what nobody will ask about any more.
pub(super) fn sweep(connection: &Connection, now: u64) -> rusqlite::Result<()> {
    let end = sql_time(now).saturating_sub(sql_time(REMEMBERED));
    connection.execute("DELETE FROM link WHERE expires <= ?1", [end]).map(drop)
}
