//! Refresh tokens: spent once, and ended together.

use super::*;

#[tokio::test]
async fn each_refresh_spends_its_token_and_gives_a_new_pair() {
    let (house, first) = House::signed_in().await;
    let mut tokens = vec![first.refresh().to_owned()];
    for _ in 0..3 {
        house.clock.advance(Duration::from_hours(6 * 24));
        let next = house.refresh(tokens.last().unwrap()).await;
        assert_eq!(next.status, 200);
        assert_eq!(house.me(next.access()).await.status, 200);
        assert!(!tokens.contains(&next.refresh().to_owned()));
        tokens.push(next.refresh().to_owned());
    }
    house.refresh("garbage").await.assert_unauthorized("Invalid refresh token");
    let missing = house.post("/auth/refresh", json!({})).await;
    assert_eq!(missing.faults(), [("refresh_token", "missing")]);
}

#[tokio::test]
async fn a_spent_refresh_token_ends_its_whole_family_and_no_other() {
    let (house, first) = House::signed_in().await;
    let other = house.login("alice@example.com", PASSWORD).await;
    let second = house.refresh(first.refresh()).await;
    let third = house.refresh(second.refresh()).await;

    house.refresh(first.refresh()).await.assert_unauthorized("Refresh token reuse detected");
    for token in [&first, &second, &third] {
        house.refresh(token.refresh()).await.assert_unauthorized("Invalid refresh token");
    }
    assert_eq!(house.refresh(other.refresh()).await.status, 200);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_two_refreshes_at_once_exactly_one_succeeds() {
    let (house, tokens) = House::signed_in().await;
    // A second process on the same file, as it were.
    let twin = BuiltinBackend::open(&house.file(), settings(), house.clock.clone()).unwrap();
    let twin = House { backend: twin, clock: house.clock.clone(), folder: house.folder };
    let house = House { folder: tempfile::tempdir().unwrap(), ..house };
    let mut statuses: Vec<u16> = futures_util::future::join_all([
        house.refresh(tokens.refresh()),
        house.refresh(tokens.refresh()),
        twin.refresh(tokens.refresh()),
    ])
    .await
    .into_iter()
    .map(|answer| answer.status)
    .collect();
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 401, 401]);
}

#[tokio::test]
async fn an_expired_refresh_token_is_refused_and_then_swept() {
    let (house, tokens) = House::signed_in().await;
    house.clock.advance(Duration::from_secs(7 * 24 * 3600 - 1));
    assert!(!house.backend.sweep_is_due(NOW + 10));
    house.clock.advance(Duration::from_secs(1));
    house.refresh(tokens.refresh()).await.assert_unauthorized("Refresh token expired");

    house.login("alice@example.com", PASSWORD).await;
    house.refresh(tokens.refresh()).await.assert_unauthorized("Invalid refresh token");

    house.clock.advance(Duration::from_hours(8 * 24));
    let backend = BuiltinBackend::open(&house.file(), settings(), house.clock.clone()).unwrap();
    let count = |connection: &mut rusqlite::Connection| {
        connection.query_row("SELECT count(*) FROM refresh_token", [], |row| row.get::<_, i64>(0))
    };
    assert_eq!(backend.database.now(count).unwrap(), 0, "swept at open");
}

#[tokio::test]
async fn logout_ends_the_family_and_may_be_repeated() {
    let (house, first) = House::signed_in().await;
    let second = house.refresh(first.refresh()).await;
    for token in [first.refresh(), second.refresh(), "never was one"] {
        let answer = house.logout(token).await;
        assert_eq!((answer.status, answer.json), (200, json!({"message": "Logged out"})));
    }
    house.refresh(second.refresh()).await.assert_unauthorized("Invalid refresh token");
    // Whoever verifies a JWT alone takes it until it expires; here its session is over.
    house.me(second.access()).await.assert_unauthorized("Could not validate credentials");
}
