//! Whose sessions are whose, so that all of one user's can be ended: a column that nobody can read backwards.

use aws_lc_rs::hmac::{self, HMAC_SHA256};
use rusqlite::{Connection, params};

use crate::secret::Secret;

/// The second version of the schema. Sessions from before have no owner in it until their next visit.
pub(super) const COLUMN: &str = "
    -- HMAC-SHA-256 of the user's id, with a key made from the salt and, where there is one, session.secret.
    ALTER TABLE session ADD COLUMN owner BLOB;
    CREATE INDEX session_owner ON session (owner);
    CREATE TABLE salt (value BLOB NOT NULL) STRICT;
    INSERT INTO salt VALUES (randomblob(32));
";

/// How the file names an owner.
pub(super) type OwnerTag = [u8; 32];

/// Makes the names. The first key is used for new ones; all of them are looked for. Without a key but the
/// salt, who has a copy of the file cannot read a user from it, but can try whether it has a certain one.
pub(super) struct OwnerTags {
    salt: Vec<u8>,
    keys: Vec<hmac::Key>,
}

impl OwnerTags {
    pub(super) fn new(salt: Vec<u8>) -> Self {
        let keys = vec![key(&salt, &[])];
        Self { salt, keys }
    }

    /// The same with keys of the site before that of the salt alone.
    pub(super) fn keyed(mut self, secrets: &[Secret]) -> Self {
        let own = secrets.iter().map(|secret| key(&self.salt, secret.expose().as_bytes()));
        self.keys.splice(0..0, own.collect::<Vec<_>>());
        self
    }

    /// The name of an owner.
    pub(super) fn of(&self, owner: &str) -> OwnerTag {
        self.keys.first().map_or([0; 32], |key| tag(key, owner))
    }

    /// Every name that an owner may have in the file.
    pub(super) fn all(&self, owner: &str) -> Vec<OwnerTag> {
        self.keys.iter().map(|key| tag(key, owner)).collect()
    }
}

fn key(salt: &[u8], secret: &[u8]) -> hmac::Key {
    let mut purpose = b"vestibule owner of a session".to_vec();
    purpose.extend_from_slice(salt);
    let derived = hmac::sign(&hmac::Key::new(HMAC_SHA256, secret), &purpose);
    hmac::Key::new(HMAC_SHA256, derived.as_ref())
}

fn tag(key: &hmac::Key, owner: &str) -> OwnerTag {
    let mut tag = OwnerTag::default();
    tag.copy_from_slice(hmac::sign(key, owner.as_bytes()).as_ref());
    tag
}

/// The file's own random bytes.
pub(super) fn salt(connection: &Connection) -> rusqlite::Result<Vec<u8>> {
    connection.query_row("SELECT value FROM salt", [], |row| row.get(0))
}

/// Ends what has one of these names, but for one session. One from before there were names, with no visit
/// since, may be anybody's and so ends too: somebody signs in again, and nobody keeps what should be over.
pub(super) fn end_others(
    connection: &Connection,
    tags: &[OwnerTag],
    keep: &str,
) -> rusqlite::Result<()> {
    let mut delete = connection
        .prepare_cached("DELETE FROM session WHERE (owner = ?1 OR owner IS NULL) AND id <> ?2")?;
    for tag in tags {
        delete.execute(params![tag, keep])?;
    }
    Ok(())
}
