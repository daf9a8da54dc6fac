//! Changing a password, and the list of sessions.

use serde_json::json;

use super::{CHROME, NEW_PASSWORD, STORE, house, house_with, signs_in};
use crate::support::scripted::{EMAIL, PASSWORD};

#[tokio::test]
async fn a_new_password_ends_every_other_session_at_once_in_every_store() {
    for store in [STORE, "store = \"memory\"\n", "store = \"cookie\"\n"] {
        let house = house_with(store);
        let (mine, other) = (house.newcomer().await, house.second().await);
        let copy = other.copy();
        house.pass(1);
        let fields = |current| {
            [("current_password", current), ("password", NEW_PASSWORD), ("again", NEW_PASSWORD)]
        };
        let wrong = mine.post("/change-password", &fields("Wr0ng-horse-battery")).await;
        wrong.expect(422).shows("This is not your password.").shows("#field-current_password");
        assert!(other.is_signed_in().await, "{store}");
        let sent = mine.post("/change-password", &fields(PASSWORD)).await;
        assert_eq!(sent.expect(303).location(), "/change-password?notice=form.change-password");
        mine.open("/change-password?notice=form.change-password").await.shows("is changed");
        assert!(mine.is_signed_in().await, "{store}");
        assert!(!other.is_signed_in().await && !copy.is_signed_in().await, "{store}");
        assert!(signs_in(&house, EMAIL, NEW_PASSWORD).await, "{store}");
        assert!(!signs_in(&house, EMAIL, PASSWORD).await, "{store}");
        // It goes on as before, also once its token has to be renewed.
        house.pass(29 * 60);
        mine.open("/profile").await.expect(200);
    }
}

#[tokio::test]
async fn the_same_as_json() {
    let house = house();
    let (mine, other) = (house.newcomer().await, house.second().await);
    let body = |again: &str| json!({"current_password": PASSWORD, "password": NEW_PASSWORD, "again": again});
    let problem = mine.call("POST", "/change-password", Some(body("other"))).await;
    assert_eq!(problem.expect(422).json()["errors"][0]["pointer"], "#/again");
    let done = mine.call("POST", "/change-password", Some(body(NEW_PASSWORD))).await;
    assert_eq!(done.expect(200).json()["user"]["email"], EMAIL);
    let refused = other.call("POST", "/profile", Some(json!({"name": "x"}))).await;
    assert_eq!(refused.expect(401).json()["code"], "session.required");
}

#[tokio::test]
async fn sessions_are_listed_by_browser_and_each_can_be_ended() {
    let house = house();
    let mine = house.newcomer().await;
    let other = house.second().await;
    let page = mine.open("/sessions").await;
    page.expect(200).shows("Firefox · Linux").shows("Chrome · Windows").shows(CHROME);
    page.shows("This is the browser that you are using now.").shows("2027-01-15 08:00 UTC");
    let hidden = page.hidden_inputs();
    let ids: Vec<&str> =
        hidden.iter().filter(|(name, _)| name.as_str() == "id").map(|it| it.1.as_str()).collect();
    let [id] = ids[..] else { panic!("one can be ended, and not this one: {ids:?}") };
    assert!(other.is_signed_in().await);
    let sent = mine.post("/end-session", &[("id", id)]).await;
    assert_eq!(sent.expect(303).location(), "/sessions?notice=form.end-session");
    // The browser whose session it was is out within a minute, though its token would be good for longer.
    house.pass(60);
    assert!(!other.is_signed_in().await && mine.is_signed_in().await);
    let page = mine.open("/sessions?notice=form.end-session").await;
    page.expect(200).shows("That session is over.").shows("Firefox · Linux").hides("Chrome");
    let again = mine.post("/end-session", &[("id", id)]).await;
    again.expect(422).shows("That session is over already.");
}

#[tokio::test]
async fn the_list_as_json_and_an_end_for_all_others() {
    let house = house();
    let (mine, other) = (house.newcomer().await, house.second().await);
    let list = async || {
        let answer = mine.call("GET", "/sessions", None).await.expect(200).json();
        assert_eq!(answer["fetched"]["list"]["ok"], true, "{answer}");
        answer["fetched"]["list"]["data"]["sessions"].as_array().unwrap().clone()
    };
    let all = list().await;
    assert_eq!(all.len(), 2);
    let theirs = all.iter().find(|it| it["current"] == false).unwrap();
    assert_eq!((&theirs["user_agent"], theirs["address"].is_string()), (&json!(CHROME), true));
    let end = mine.call("POST", "/end-session", Some(json!({"id": theirs["id"]}))).await;
    assert_eq!(end.expect(200).json()["next"], "/sessions");
    assert_eq!(list().await.len(), 1);
    house.second().await;
    let end = mine.call("POST", "/end-other-sessions", Some(json!({}))).await;
    end.expect(200);
    assert_eq!(list().await.len(), 1);
    assert!(!other.is_signed_in().await && mine.is_signed_in().await);
}
