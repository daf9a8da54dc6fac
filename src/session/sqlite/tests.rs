use std::time::Duration;

use tempfile::TempDir;

use super::*;
use crate::session::contract::{self, LIFETIMES, NOW};

/// A store in a file, as one process has it.
fn open(folder: &TempDir, clock: &Clock) -> SqliteStore {
    SqliteStore::open(&folder.path().join("sessions.db"), LIFETIMES, clock.clone()).unwrap()
}

fn rows(store: &SqliteStore) -> i64 {
    let count = |connection: &mut Connection| {
        connection.query_row("SELECT count(*) FROM session", [], |row| row.get(0))
    };
    store.reader.now(count).unwrap()
}

#[tokio::test]
async fn keeps_the_contract_of_a_session_store() {
    let folders = std::cell::RefCell::new(Vec::new());
    contract::holds_for(|lifetimes, clock| {
        let folder = tempfile::tempdir().unwrap();
        let store = SqliteStore::open(&folder.path().join("sessions.db"), lifetimes, clock);
        folders.borrow_mut().push(folder);
        Box::new(store.unwrap())
    })
    .await;
}

#[tokio::test]
async fn a_session_survives_a_restart_and_keeps_its_ticket() {
    let (folder, clock) = (tempfile::tempdir().unwrap(), Clock::manual(NOW));
    let store = open(&folder, &clock);
    let session = contract::session();
    let ticket = store.create(&session).await.unwrap();
    assert_eq!(store.replace(&ticket, &session).await.unwrap().as_ref(), Some(&ticket));
    drop(store);
    let loaded = open(&folder, &clock).load(&ticket).await.unwrap().unwrap();
    assert_eq!(loaded.id, session.id);
    assert_eq!(loaded.tokens.access.expose(), session.tokens.access.expose());
}

/// Lets pass for how long a process may not have noticed what another one wrote.
fn notice(clock: &Clock) {
    clock.advance(Duration::from_millis(watch::ASK_EVERY));
}

#[tokio::test]
async fn two_processes_see_each_others_sessions_renewals_and_ends() {
    let (folder, clock) = (tempfile::tempdir().unwrap(), Clock::manual(NOW));
    let (one, two) = (open(&folder, &clock), open(&folder, &clock));
    let mut session = contract::session();
    let ticket = one.create(&session).await.unwrap();
    assert!(two.load(&ticket).await.unwrap().is_some());

    session.tokens.access = Secret::new("renewed");
    two.replace(&ticket, &session).await.unwrap().unwrap();
    notice(&clock);
    let loaded = one.load(&ticket).await.unwrap().unwrap();
    assert_eq!(loaded.tokens.access.expose(), "renewed");

    two.destroy(&ticket).await.unwrap();
    notice(&clock);
    assert!(one.load(&ticket).await.unwrap().is_none());
    assert_eq!(one.replace(&ticket, &session).await.unwrap(), None);
    assert_eq!(one.touch(&ticket, &session, NOW).await.unwrap(), None);
}

async fn access(store: &SqliteStore, ticket: &Ticket) -> Option<String> {
    let loaded = store.load(ticket).await.unwrap();
    loaded.map(|session| session.tokens.access.expose().to_owned())
}

/// What was read before is used again only while nobody has written anything.
#[tokio::test]
async fn what_is_remembered_is_worth_nothing_after_any_change() {
    let (folder, clock) = (tempfile::tempdir().unwrap(), Clock::manual(NOW));
    let (one, two) = (open(&folder, &clock), open(&folder, &clock));
    let mut session = contract::session();
    let ticket = one.create(&session).await.unwrap();
    let other = one.create(&session).await.unwrap();
    for (round, (writer, reader)) in
        [(&one, &two), (&two, &one), (&one, &two), (&two, &one)].into_iter().enumerate()
    {
        // Read twice, so that the second time is from memory.
        for store in [&one, &two, &one, &two] {
            assert!(access(store, &ticket).await.is_some());
        }
        assert!(one.recent.get(&ticket.key().unwrap()).is_some(), "it is remembered");
        let renewed = format!("renewed-{round}");
        session.tokens.access = Secret::new(renewed.as_str());
        writer.replace(&ticket, &session).await.unwrap().unwrap();
        // Who wrote it knows at once.
        assert_eq!(access(writer, &ticket).await.as_deref(), Some(renewed.as_str()));
        notice(&clock);
        assert_eq!(access(reader, &ticket).await.as_deref(), Some(renewed.as_str()));
    }
    // The end of another session is a change as well, and time passes for what is remembered too.
    two.destroy(&other).await.unwrap();
    notice(&clock);
    assert!(access(&one, &ticket).await.is_some() && access(&one, &ticket).await.is_some());
    clock.advance(LIFETIMES.idle);
    assert_eq!(access(&one, &ticket).await, None);
    two.destroy(&ticket).await.unwrap();
    assert_eq!(access(&one, &ticket).await, None);
}

#[tokio::test]
async fn an_end_in_this_process_counts_at_once_though_the_file_is_not_asked() {
    let (folder, clock) = (tempfile::tempdir().unwrap(), Clock::manual(NOW));
    let store = open(&folder, &clock);
    let ticket = store.create(&contract::session()).await.unwrap();
    assert!(store.load(&ticket).await.unwrap().is_some());
    assert!(store.load(&ticket).await.unwrap().is_some());
    store.destroy(&ticket).await.unwrap();
    assert!(store.load(&ticket).await.unwrap().is_none());
}

#[tokio::test]
async fn an_end_in_another_process_counts_after_a_moment_and_at_once_for_who_asks_for_the_newest() {
    let (folder, clock) = (tempfile::tempdir().unwrap(), Clock::manual(NOW));
    let (one, two) = (open(&folder, &clock), open(&folder, &clock));
    let ticket = one.create(&contract::session()).await.unwrap();
    let other = one.create(&contract::session()).await.unwrap();
    for ticket in [&ticket, &other] {
        assert!(one.load(ticket).await.unwrap().is_some());
    }
    two.destroy(&ticket).await.unwrap();
    two.destroy(&other).await.unwrap();
    clock.advance(Duration::from_millis(watch::ASK_EVERY - 1));
    assert!(one.load(&other).await.unwrap().is_some(), "nothing was asked yet");
    assert!(one.load_newest(&ticket).await.unwrap().is_none());
    clock.advance(Duration::from_millis(1));
    assert!(one.load(&ticket).await.unwrap().is_none());
    assert!(one.load(&other).await.unwrap().is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_that_nobody_waits_for_counts_as_well() {
    let (folder, clock) = (tempfile::tempdir().unwrap(), Clock::manual(NOW));
    let store = open(&folder, &clock);
    let ticket = store.create(&contract::session()).await.unwrap();
    assert!(store.load(&ticket).await.unwrap().is_some());
    // Polled once, so that the work has begun, and dropped like the request of a client that went away.
    assert!(store.destroy(&ticket).now_or_never().is_none());
    while rows(&store) > 0 {
        tokio::task::yield_now().await;
    }
    // The connection is free again when that work is over.
    store.writer.now(|_| Ok(())).unwrap();
    assert!(store.load(&ticket).await.unwrap().is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_that_ends_during_a_change_stays_ended() {
    let (folder, clock) = (tempfile::tempdir().unwrap(), Clock::manual(NOW));
    let (one, two) = (open(&folder, &clock), open(&folder, &clock));
    let session = contract::session();
    for _ in 0..50 {
        let ticket = one.create(&session).await.unwrap();
        let (replaced, ended) =
            futures_util::join!(one.replace(&ticket, &session), two.destroy(&ticket));
        replaced.unwrap();
        ended.unwrap();
        notice(&clock);
        assert!(one.load(&ticket).await.unwrap().is_none());
    }
}

#[tokio::test]
async fn the_file_shows_neither_tickets_nor_tokens_nor_users() {
    let (folder, clock) = (tempfile::tempdir().unwrap(), Clock::manual(NOW));
    let store = open(&folder, &clock);
    let session = contract::session();
    let ticket = store.create(&session).await.unwrap();
    let mut seen = 0;
    for entry in std::fs::read_dir(folder.path()).unwrap() {
        let bytes = std::fs::read(entry.unwrap().path()).unwrap();
        seen += bytes.len();
        let text = String::from_utf8_lossy(&bytes);
        let access = session.tokens.access.expose();
        for hidden in [ticket.as_str(), access, "opaque-refresh", "kept-value", "alice@"] {
            assert!(!text.contains(hidden), "{hidden}");
        }
    }
    assert!(seen > 4096);
}

#[tokio::test]
async fn a_row_that_was_moved_or_changed_opens_nothing() {
    let (folder, clock) = (tempfile::tempdir().unwrap(), Clock::manual(NOW));
    let store = open(&folder, &clock);
    let mine = store.create(&contract::session()).await.unwrap();
    let other = store.create(&contract::session()).await.unwrap();
    let (from, to) = (other.hash(), mine.hash());
    let swap = move |connection: &mut Connection| {
        connection.execute(
            "UPDATE session SET sealed = (SELECT sealed FROM session WHERE ticket = ?1) WHERE ticket = ?2",
            [from, to],
        )
    };
    assert_eq!(store.writer.now(swap).unwrap(), 1);
    assert!(store.load(&mine).await.unwrap().is_none());
    assert!(store.load(&other).await.unwrap().is_some());
}

#[tokio::test]
async fn sessions_that_ended_by_themselves_are_removed_a_bounded_number_at_a_time() {
    let (folder, clock) = (tempfile::tempdir().unwrap(), Clock::manual(NOW));
    let store = open(&folder, &clock);
    let session = contract::session();
    let ticket = store.create(&session).await.unwrap();
    let many = |connection: &mut Connection| {
        connection.execute_batch(
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1200)
             INSERT INTO session SELECT randomblob(32), id, sealed, created, last_seen, checked, owner
             FROM session, n",
        )
    };
    store.writer.now(many).unwrap();
    assert_eq!(rows(&store), 1201);
    // The sweep of the first write is over, and nothing had ended.
    clock.advance(Duration::from_mins(9));
    store.touch(&ticket, &session, clock.unix_seconds()).await.unwrap().unwrap();
    assert_eq!(rows(&store), 1201);
    clock.advance(Duration::from_mins(2));
    for left in [701, 201, 1, 1] {
        let now = clock.unix_seconds();
        store.touch(&ticket, &session, now).await.unwrap().unwrap();
        assert_eq!(rows(&store), left);
        clock.advance(Duration::from_mins(1));
    }
}

#[tokio::test]
async fn a_file_that_cannot_be_used_is_told_with_its_key() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("missing").join("sessions.db");
    let error = SqliteStore::open(&file, LIFETIMES, Clock::manual(NOW)).err().unwrap();
    assert!(error.to_string().contains("session.database"), "{error}");

    let store = open(&folder, &Clock::manual(NOW));
    store.writer.now(|connection| connection.execute_batch("DROP TABLE session")).unwrap();
    let error = store.load(&Ticket::random().unwrap()).await.unwrap_err();
    assert!(matches!(error, StoreError::Unavailable(_)), "{error}");
}

#[tokio::test]
async fn whose_a_session_is_cannot_be_read_from_the_file_and_is_found_after_a_change_of_keys() {
    let (folder, clock) = (tempfile::tempdir().unwrap(), Clock::manual(NOW));
    let keyed = |keys: &[&str]| {
        let keys: Vec<Secret> = keys.iter().map(|key| Secret::new(*key)).collect();
        open(&folder, &clock).keyed(&keys)
    };
    let owner = |store: &SqliteStore| {
        let find = |connection: &mut Connection| {
            connection.query_row("SELECT owner FROM session", [], |row| row.get::<_, Vec<u8>>(0))
        };
        store.reader.now(find).unwrap()
    };
    let mine = contract::session();
    for (before, now) in [(&[][..], &["a"][..]), (&["a"], &["b", "a"]), (&["b"], &["b"])] {
        let store = keyed(before);
        let ticket = store.create(&contract::session()).await.unwrap();
        assert_eq!(owner(&store), store.tags.of("7"));
        assert_ne!(owner(&store), keyed(&["other"]).tags.of("7"));
        let later = keyed(now);
        later.end_others("70", &mine.id).await.unwrap();
        assert!(later.load(&ticket).await.unwrap().is_some());
        later.end_others("7", &mine.id).await.unwrap();
        assert!(later.load(&ticket).await.unwrap().is_none());
    }
}

/// A file of the first version, as it is found after an update.
#[tokio::test]
async fn sessions_from_before_owners_were_noted_go_on_and_end_with_the_others() {
    let (folder, clock) = (tempfile::tempdir().unwrap(), Clock::manual(NOW));
    let store = open(&folder, &clock);
    let (mine, other) = (contract::session(), contract::session());
    let mut stranger = contract::session();
    stranger.user.id = "8".to_owned();
    let tickets = [
        store.create(&mine).await.unwrap(),
        store.create(&other).await.unwrap(),
        store.create(&stranger).await.unwrap(),
    ];
    let back = |connection: &mut Connection| {
        connection.execute_batch(
            "DROP INDEX session_owner; ALTER TABLE session DROP COLUMN owner; DROP TABLE salt;
             PRAGMA user_version = 1",
        )
    };
    store.writer.now(back).unwrap();
    drop(store);
    let store = open(&folder, &clock);
    for ticket in &tickets {
        assert!(store.load(ticket).await.unwrap().is_some());
    }
    // With a visit, it is noted whose it is.
    store.touch(&tickets[2], &stranger, NOW + 1).await.unwrap().unwrap();
    store.end_others("7", &mine.id).await.unwrap();
    let goes_on = async |at: usize| store.load(&tickets[at]).await.unwrap().is_some();
    assert_eq!((goes_on(0).await, goes_on(1).await, goes_on(2).await), (true, false, true));
}
