//! Files that an earlier vestibule has written.

use super::*;

/// The first schema, as it was released; never to be changed.
const FIRST: &str = "
    CREATE TABLE account (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        email TEXT NOT NULL,
        email_key TEXT NOT NULL UNIQUE,
        name TEXT NOT NULL,
        password_hash TEXT NOT NULL,
        created INTEGER NOT NULL
    ) STRICT;
    CREATE TABLE refresh_token (
        hash BLOB PRIMARY KEY,
        family BLOB NOT NULL,
        account INTEGER NOT NULL REFERENCES account (id) ON DELETE CASCADE,
        expires INTEGER NOT NULL,
        spent INTEGER NOT NULL DEFAULT 0
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX refresh_token_family ON refresh_token (family);
    CREATE INDEX refresh_token_account ON refresh_token (account);
    CREATE INDEX refresh_token_expires ON refresh_token (expires);
    PRAGMA application_id = 1987277922;
    PRAGMA user_version = 1;
";

#[tokio::test]
async fn accounts_and_sessions_of_the_first_schema_go_on() {
    let token = refresh_token::RefreshToken::presented("a refresh token of before");
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("users.db");
    let hash = Passwords::new().hash(Secret::new(PASSWORD)).await.unwrap();
    let old = rusqlite::Connection::open(&file).unwrap();
    old.execute_batch(FIRST).unwrap();
    old.execute(
        "INSERT INTO account VALUES (7, 'Alice@example.com', 'alice@example.com', 'Alice', ?1, ?2)",
        rusqlite::params![hash, i64::try_from(NOW - 100_000).unwrap()],
    )
    .unwrap();
    let family: [u8; 16] = [9; 16];
    for (hash, expires, spent) in [([1_u8; 32], NOW + 500_000, 1), (token.hash(), NOW + 600_000, 0)]
    {
        old.execute(
            "INSERT INTO refresh_token VALUES (?1, ?2, 7, ?3, ?4)",
            rusqlite::params![hash, family, i64::try_from(expires).unwrap(), spent],
        )
        .unwrap();
    }
    drop(old);

    let clock = Clock::manual(NOW);
    let backend = BuiltinBackend::open(&file, settings(), clock.clone()).unwrap();
    let house = House { backend, clock, folder };
    // An access token of before names no session.
    let before = signed_by_hand(&json!({"sub": "7", "type": "access", "exp": NOW + 60}));
    let me = house.me(&before).await;
    assert_eq!((me.status, &me.json["email"]), (200, &json!("Alice@example.com")));
    assert_eq!(me.json["verified"], false);

    let renewed = house.refresh(token.expose()).await;
    assert_eq!(renewed.status, 200);
    assert_eq!(house.login("alice@example.com", PASSWORD).await.status, 200);
    let sessions = house.send("GET", "/auth/sessions", "", Some(renewed.access())).await;
    let sessions = sessions.json["sessions"].as_array().unwrap().clone();
    assert_eq!(sessions.len(), 2);
    let old = sessions.iter().find(|it| it["current"] == true).unwrap();
    assert_eq!(old["id"], "09".repeat(16));
    // Seven days before its oldest token would have ended.
    assert_eq!(old["created_at"], "2027-01-14T02:53:20Z");
    assert_eq!((&old["user_agent"], &old["address"]), (&json!(null), &json!(null)));
}
