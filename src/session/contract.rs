//! What every session store promises, as one test that is run on each of them.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::json;

use super::{Lifetimes, Session, SessionId, SessionStore, Ticket, Tokens, User};
use crate::clock::Clock;
use crate::secret::Secret;

pub(crate) const NOW: u64 = 1_800_000_000;

pub(crate) const LIFETIMES: Lifetimes =
    Lifetimes { idle: Duration::from_mins(10), max: Duration::from_hours(1) };

/// A session with something in every field.
pub(crate) fn session() -> Session {
    Session {
        id: SessionId::random().unwrap(),
        tokens: Tokens {
            access: Secret::new("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl"),
            refresh: Some(Secret::new("opaque-refresh-token")),
            expires_at: Some(NOW + 300),
        },
        user: User {
            id: "7".to_owned(),
            email: "alice@example.com".to_owned(),
            name: "Alice Ünal".to_owned(),
            claims: BTreeMap::from([
                ("roles".to_owned(), json!(["admin", {"deep": [1, 2.5, null, true]}])),
                ("big".to_owned(), json!(u64::MAX)),
            ]),
        },
        kept: BTreeMap::from([("csrf".to_owned(), "kept-value".into())]),
        created: NOW,
        last_seen: NOW,
        checked: NOW - 5,
    }
}

/// Runs the contract on new stores of one kind.
pub(crate) async fn holds_for(open: impl Fn(Lifetimes, Clock) -> Box<dyn SessionStore>) {
    let new = || {
        let clock = Clock::manual(NOW);
        (open(LIFETIMES, clock.clone()), clock)
    };
    let (store, _) = new();
    every_field_comes_back(&*store).await;
    tickets_are_never_reused(&*store).await;
    a_late_write_never_revives(&*store).await;
    replace_keeps_what_a_session_is(&*store).await;
    destroy_is_idempotent(&*store).await;
    garbage_is_nobody(&*store).await;
    debug_output_shows_nothing(&*store).await;
    the_others_of_a_user_end_and_nobody_elses(&*store).await;
    let (store, clock) = new();
    touch_moves_only_last_seen(&*store, &clock).await;
    let (store, clock) = new();
    an_idle_session_ends(&*store, &clock).await;
    let (store, clock) = new();
    a_busy_session_ends_at_its_maximal_lifetime(&*store, &clock).await;
}

async fn every_field_comes_back(store: &dyn SessionStore) {
    let full = session();
    let bare = Session {
        tokens: Tokens { access: Secret::new(""), refresh: None, expires_at: None },
        user: User::default(),
        kept: BTreeMap::new(),
        ..session()
    };
    for session in [full, bare] {
        let ticket = store.create(&session).await.unwrap();
        let loaded = store.load(&ticket).await.unwrap().unwrap();
        assert_same(&loaded, &session);
    }
}

async fn tickets_are_never_reused(store: &dyn SessionStore) {
    let session = session();
    let first = store.create(&session).await.unwrap();
    let second = store.create(&session).await.unwrap();
    assert_ne!(first, second);
    store.destroy(&first).await.unwrap();
    assert_ne!(store.create(&session).await.unwrap(), first);
}

async fn a_late_write_never_revives(store: &dyn SessionStore) {
    let session = session();
    let ticket = store.create(&session).await.unwrap();
    store.destroy(&ticket).await.unwrap();
    assert_eq!(store.replace(&ticket, &session).await.unwrap(), None);
    assert_eq!(store.touch(&ticket, &session, NOW).await.unwrap(), None);
    assert!(store.load(&ticket).await.unwrap().is_none());
}

async fn replace_keeps_what_a_session_is(store: &dyn SessionStore) {
    let old = session();
    let ticket = store.create(&old).await.unwrap();
    let new = Session { created: NOW + 1000, checked: NOW + 1, ..renewed(&session()) };
    let next = store.replace(&ticket, &new).await.unwrap().unwrap();
    assert_eq!(next != ticket, store.ticket_changes());
    let loaded = store.load(&next).await.unwrap().unwrap();
    assert_same(&loaded, &Session { id: old.id, created: old.created, ..new });
}

async fn touch_moves_only_last_seen(store: &dyn SessionStore, clock: &Clock) {
    let old = session();
    let ticket = store.create(&old).await.unwrap();
    let new = renewed(&old);
    let ticket = store.replace(&ticket, &new).await.unwrap().unwrap();

    clock.advance(Duration::from_mins(2));
    // A request that loaded the session before it was renewed.
    let ticket = store.touch(&ticket, &old, NOW + 120).await.unwrap().unwrap();
    let loaded = store.load(&ticket).await.unwrap().unwrap();
    assert_same(&loaded, &Session { last_seen: NOW + 120, ..new.clone() });

    // A request that was slower than the one above.
    let ticket = store.touch(&ticket, &old, NOW + 60).await.unwrap().unwrap();
    let loaded = store.load(&ticket).await.unwrap().unwrap();
    assert_same(&loaded, &Session { last_seen: NOW + 120, ..new });
}

async fn an_idle_session_ends(store: &dyn SessionStore, clock: &Clock) {
    let session = session();
    let ticket = store.create(&session).await.unwrap();
    clock.advance(LIFETIMES.idle.checked_sub(Duration::from_secs(1)).unwrap());
    assert!(store.load(&ticket).await.unwrap().is_some());
    clock.advance(Duration::from_secs(1));
    assert!(store.load(&ticket).await.unwrap().is_none());
    assert_eq!(store.touch(&ticket, &session, clock.unix_seconds()).await.unwrap(), None);
    assert_eq!(store.replace(&ticket, &session).await.unwrap(), None);
}

async fn a_busy_session_ends_at_its_maximal_lifetime(store: &dyn SessionStore, clock: &Clock) {
    let session = session();
    let mut ticket = store.create(&session).await.unwrap();
    for _ in 0..11 {
        clock.advance(Duration::from_mins(5));
        let now = clock.unix_seconds();
        ticket = store.touch(&ticket, &session, now).await.unwrap().unwrap();
    }
    clock.advance(Duration::from_secs(5 * 60 - 1));
    assert!(store.load(&ticket).await.unwrap().is_some());
    clock.advance(Duration::from_secs(1));
    assert!(store.load(&ticket).await.unwrap().is_none());
}

async fn destroy_is_idempotent(store: &dyn SessionStore) {
    let ticket = store.create(&session()).await.unwrap();
    for _ in 0..2 {
        store.destroy(&ticket).await.unwrap();
    }
    store.destroy(&Ticket::new("never was one")).await.unwrap();
}

async fn garbage_is_nobody(store: &dyn SessionStore) {
    let session = session();
    let ticket = store.create(&session).await.unwrap();
    let good = ticket.as_str();
    let mut garbage: Vec<String> =
        ["", ".", "..", "v1..", "v1.", "null", "ä", "\0", "v1.00000000."]
            .map(str::to_owned)
            .to_vec();
    garbage.push("x".repeat(10 * 1024));
    garbage.push(format!("v1.{}", ".".repeat(10 * 1024)));
    garbage.push("A".repeat(43));
    garbage.push(format!("{good}A"));
    garbage.push(format!("{good}="));
    garbage.push(format!(" {good}"));
    garbage.push(good.replacen("v2.", "v3.", 1) + "!");
    garbage.extend((0..good.len()).map(|length| good[..length].to_owned()));
    if let [version, kid, body] = good.split('.').collect::<Vec<_>>()[..] {
        garbage.push(format!("v3.{kid}.{body}"));
        garbage.push(format!("{version}.00000000.{body}"));
        garbage.push(format!("{version}.{kid}.{}", "A".repeat(200)));
        garbage.push(format!("{version}.{kid}.!!!"));
        garbage.push(format!("{version}.{kid}.AAAA"));
    }
    for text in garbage {
        let ticket = Ticket::new(text);
        assert!(store.load(&ticket).await.unwrap().is_none());
        assert_eq!(store.replace(&ticket, &session).await.unwrap(), None);
        assert_eq!(store.touch(&ticket, &session, NOW).await.unwrap(), None);
        store.destroy(&ticket).await.unwrap();
    }
    assert!(store.load(&ticket).await.unwrap().is_some());
}

async fn the_others_of_a_user_end_and_nobody_elses(store: &dyn SessionStore) {
    let of = |id: &str, email: &str| {
        let user = User { id: id.to_owned(), email: email.to_owned(), ..User::default() };
        Session { user, ..session() }
    };
    let (mine, other) = (of("u1", "a@b.example"), of("u1", "a@b.example"));
    // Of a backend that gives no ids, and so may have nothing but an address.
    let (stranger, nameless) = (of("u2", "a@b.example"), of("", "u1@b.example"));
    let mut tickets = Vec::new();
    for session in [&mine, &other, &stranger, &nameless] {
        tickets.push(store.create(session).await.unwrap());
    }
    store.end_others(mine.owner(), &mine.id).await.unwrap();
    let goes_on = async |at: usize| store.load(&tickets[at]).await.unwrap().is_some();
    assert!(goes_on(0).await && goes_on(2).await && goes_on(3).await);
    assert!(!goes_on(1).await);
    assert_eq!(store.replace(&tickets[1], &other).await.unwrap(), None);
    assert_eq!(store.touch(&tickets[1], &other, NOW).await.unwrap(), None);
    let renewed = store.replace(&tickets[0], &renewed(&mine)).await.unwrap().unwrap();
    // Who signs in afterwards is in, in the same second too.
    let next = of("u1", "a@b.example");
    let after = store.create(&next).await.unwrap();
    assert!(store.load(&after).await.unwrap().is_some());
    store.end_others("u1", &next.id).await.unwrap();
    assert!(store.load(&renewed).await.unwrap().is_none());
    assert!(store.load(&after).await.unwrap().is_some());
    store.end_others("", &next.id).await.unwrap();
    assert!(goes_on(2).await && goes_on(3).await);
}

async fn debug_output_shows_nothing(store: &dyn SessionStore) {
    let session = session();
    let ticket = store.create(&session).await.unwrap();
    let shown = format!("{session:?} {ticket:?}");
    let refresh = session.tokens.refresh.as_ref().unwrap().expose();
    let access = session.tokens.access.expose();
    for hidden in [session.id.as_str(), ticket.as_str(), access, refresh, "kept-value", "alice@"] {
        assert!(!shown.contains(hidden), "{shown}");
    }
    assert!(shown.contains(session.id.fingerprint()));
}

fn renewed(session: &Session) -> Session {
    let tokens = Tokens {
        access: Secret::new("second access"),
        refresh: Some(Secret::new("second refresh")),
        expires_at: Some(NOW + 900),
    };
    Session { tokens, ..session.clone() }
}

#[track_caller]
fn assert_same(left: &Session, right: &Session) {
    let parts = |session: &Session| {
        (
            session.id.clone(),
            session.tokens.access.expose().to_owned(),
            session.tokens.refresh.as_ref().map(|token| token.expose().to_owned()),
            session.tokens.expires_at,
            (session.user.id.clone(), session.user.email.clone(), session.user.name.clone()),
            session.user.claims.clone(),
            session.kept.clone(),
            (session.created, session.last_seen, session.checked),
        )
    };
    assert_eq!(parts(left), parts(right));
}
