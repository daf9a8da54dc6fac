//! Sessions in the database: one for each login, with the refresh tokens that descend from it.

use rusqlite::{Connection, OptionalExtension, Row, params};
use serde_json::{Value, json};

use super::refresh_token::{Family, Hash};
use super::sql_time;

/// What a login says about where it came from.
#[derive(Clone, Debug, Default)]
pub(super) struct Origin {
    pub(super) agent: Option<String>,
    pub(super) address: Option<String>,
}

/// A session, as its owner sees it.
pub(super) struct Session {
    family: Family,
    created_at: String,
    last_used_at: String,
    expires_at: String,
    origin: Origin,
}

impl Session {
    fn from_row(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            family: row.get(0)?,
            created_at: row.get(1)?,
            last_used_at: row.get(2)?,
            expires_at: row.get(3)?,
            origin: Origin { agent: row.get(4)?, address: row.get(5)? },
        })
    }

    pub(super) fn to_json(&self, current: Option<Family>) -> Value {
        json!({
            "id": id_of(self.family),
            "created_at": self.created_at,
            "last_used_at": self.last_used_at,
            "expires_at": self.expires_at,
            "current": current == Some(self.family),
            "user_agent": self.origin.agent,
            "address": self.origin.address,
        })
    }
}

/// How a session is named to its owner and in access tokens. Nobody gets in with it.
pub(super) fn id_of(family: Family) -> String {
    format!("{:032x}", u128::from_be_bytes(family))
}

/// The inverse of [`id_of`].
pub(super) fn family_of(id: &str) -> Option<Family> {
    let is_one = id.len() == 32 && id.bytes().all(|byte| byte.is_ascii_hexdigit());
    let number = u128::from_str_radix(id, 16).ok().filter(|_| is_one)?;
    Some(number.to_be_bytes())
}

/// Stores a session and the first refresh token of it. False where the account is gone.
pub(super) fn begin(
    connection: &mut Connection,
    account: i64,
    family: &Family,
    origin: &Origin,
    token: &Hash,
    now: u64,
    expires: u64,
) -> rusqlite::Result<bool> {
    let tx = connection.transaction()?;
    let rows = tx.execute(
        "INSERT INTO session (family, account, created, used, agent, address) \
         SELECT ?1, id, ?3, ?3, ?4, ?5 FROM account WHERE id = ?2",
        params![family, account, sql_time(now), origin.agent, origin.address],
    )?;
    if rows == 0 {
        return Ok(false);
    }
    tx.execute(
        "INSERT INTO refresh_token (hash, family, account, expires) VALUES (?1, ?2, ?3, ?4)",
        params![token, family, account, sql_time(expires)],
    )?;
    tx.commit()?;
    Ok(true)
}

/// The sessions of an account, the one that was used last first.
pub(super) fn list(connection: &Connection, account: i64) -> rusqlite::Result<Vec<Session>> {
    let iso = |column: &str| format!("strftime('%Y-%m-%dT%H:%M:%SZ', {column}, 'unixepoch')");
    let (created, used, expires) = (iso("created"), iso("used"), iso("max(expires)"));
    let mut statement = connection.prepare(&format!(
        "SELECT session.family, {created}, {used}, {expires}, agent, address FROM session \
         JOIN refresh_token ON refresh_token.family = session.family \
         WHERE session.account = ?1 GROUP BY session.family \
         ORDER BY used DESC, created DESC, session.family"
    ))?;
    statement.query_map([account], Session::from_row)?.collect()
}

/// Whether a session of this account goes on.
pub(super) fn is_open(
    connection: &Connection,
    account: i64,
    family: Family,
) -> rusqlite::Result<bool> {
    let find = "SELECT 1 FROM session WHERE family = ?1 AND account = ?2";
    let found = connection.query_row(find, params![family, account], |_| Ok(())).optional()?;
    Ok(found.is_some())
}

/// Ends one session of an account. False where it has none like that.
pub(super) fn end(
    connection: &mut Connection,
    account: i64,
    family: Family,
) -> rusqlite::Result<bool> {
    let tx = connection.transaction()?;
    let this = params![family, account];
    tx.execute("DELETE FROM refresh_token WHERE family = ?1 AND account = ?2", this)?;
    let rows = tx.execute("DELETE FROM session WHERE family = ?1 AND account = ?2", this)?;
    tx.commit()?;
    Ok(rows == 1)
}

/// Ends every session of an account but one, and says how many. Belongs into a transaction.
pub(super) fn end_others(
    connection: &Connection,
    account: i64,
    but: Option<Family>,
) -> rusqlite::Result<usize> {
    let these = params![account, but];
    let others = "account = ?1 AND family IS NOT ?2";
    connection.execute(&format!("DELETE FROM refresh_token WHERE {others}"), these)?;
    connection.execute(&format!("DELETE FROM session WHERE {others}"), these)
}
