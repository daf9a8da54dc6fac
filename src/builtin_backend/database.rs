//! The schema of the built-in backend's database.

use crate::sqlite::Schema;

/// What the file holds; its mark is "vstb".
pub(super) const SCHEMA: Schema = Schema {
    application: 0x7673_7462,
    migrations: &[ACCOUNTS, SESSIONS_AND_LINKS],
    key: "backend.builtin.database",
};

/// The first version of the schema.
const ACCOUNTS: &str = "
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
";

/// Sessions that people can look at and end, addresses that are verified, and links in mails.
const SESSIONS_AND_LINKS: &str = "
    ALTER TABLE account ADD COLUMN verified INTEGER NOT NULL DEFAULT 0;
    CREATE TABLE session (
        -- The family of its refresh tokens.
        family BLOB PRIMARY KEY,
        account INTEGER NOT NULL REFERENCES account (id) ON DELETE CASCADE,
        created INTEGER NOT NULL,
        used INTEGER NOT NULL,
        -- What the login said about the program and the address that it came from.
        agent TEXT,
        address TEXT
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX session_account ON session (account);
    -- Until now refresh tokens were good for 7 days, so their ends tell their beginnings.
    INSERT INTO session (family, account, created, used)
        SELECT family, account, min(expires) - 604800, max(expires) - 604800
        FROM refresh_token GROUP BY family, account;
    CREATE TABLE link (
        -- SHA-256 of the token in the link.
        hash BLOB PRIMARY KEY,
        account INTEGER NOT NULL REFERENCES account (id) ON DELETE CASCADE,
        -- What it is for: 'reset' or 'verify'.
        purpose TEXT NOT NULL,
        -- Where it was sent.
        email TEXT NOT NULL,
        created INTEGER NOT NULL,
        expires INTEGER NOT NULL,
        used INTEGER NOT NULL DEFAULT 0
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX link_account ON link (account, created);
";
