//! The list of sessions, and ending them.

use serde_json::{Value, json};

use super::{House, house, text};
use crate::support::scripted::{EMAIL, PASSWORD};
use crate::support::site::Browser;
use crate::support::visitor::Answer;

impl House {
    async fn sessions(&self, tokens: &Value) -> Vec<Value> {
        let access = text(tokens, "access_token");
        let answer = self.call("GET", "/auth/sessions", Some(&access), &Value::Null).await;
        answer.expect(200).json()["sessions"].as_array().unwrap().clone()
    }

    async fn end(&self, tokens: &Value, id: &str) -> Answer {
        let (access, path) = (text(tokens, "access_token"), format!("/auth/sessions/{id}"));
        self.call("DELETE", &path, Some(&access), &Value::Null).await
    }

    async fn log_in_from(&self, agent: &str) -> Value {
        let ask =
            Browser::of(&self.vestibule).ask("POST", "/auth/login").header("user-agent", agent);
        let account = json!({"email": EMAIL, "password": PASSWORD});
        ask.header("x-client-address", "203.0.113.9").json(&account).send().await.expect(200).json()
    }
}

#[tokio::test]
async fn each_login_is_a_session_that_its_owner_can_tell_apart() {
    let house = house();
    house.register().await;
    let phone = house.log_in_from("Phone/1.0").await;
    house.pass(60);
    let desk = house.log_in_from(&"x".repeat(1000)).await;
    house.pass(60);
    let phone = house.refresh(&phone).await.expect(200).json();

    let sessions = house.sessions(&desk).await;
    assert_eq!(sessions.len(), 2);
    let first = &sessions[0];
    assert_eq!(first["user_agent"], "Phone/1.0", "the one that was used last comes first");
    assert_eq!((&first["current"], &sessions[1]["current"]), (&json!(false), &json!(true)));
    assert_eq!(first["created_at"], "2027-01-15T08:00:00Z");
    assert_eq!(first["last_used_at"], "2027-01-15T08:02:00Z");
    assert_eq!(first["expires_at"], "2027-01-22T08:02:00Z");
    assert_eq!(sessions[1]["user_agent"].as_str().unwrap().len(), 300);
    // What a client says about its address is not believed.
    assert_ne!(first["address"], "203.0.113.9");
    assert!(first["address"].as_str().unwrap().parse::<std::net::IpAddr>().is_ok(), "{first}");
    assert_eq!(house.sessions(&phone).await[0]["current"], true);
}

#[tokio::test]
async fn an_ended_session_is_over_at_once_for_both_of_its_tokens() {
    let house = house();
    house.register().await;
    let (own, other) = (house.log_in().await, house.log_in().await);
    let list = house.sessions(&own).await;
    let other_id = list.iter().find(|it| it["current"] == false).unwrap()["id"].as_str().unwrap();
    house.end(&own, other_id).await.expect(200);
    house.me(&text(&other, "access_token")).await.expect(401);
    house.refresh(&other).await.expect(401);
    house.end(&own, other_id).await.expect(404);
    assert_eq!(house.sessions(&own).await.len(), 1);
    // One's own is no exception.
    let own_id = text(&house.sessions(&own).await[0], "id");
    house.end(&own, &own_id).await.expect(200);
    house.me(&text(&own, "access_token")).await.expect(401);
}

#[tokio::test]
async fn nobody_ends_the_sessions_of_others() {
    let house = house();
    let alice = house.registered_and_signed_in().await;
    let bob = json!({"email": "bob@example.com", "password": PASSWORD});
    house.post("/auth/register", &bob).await.expect(201);
    let bob = house.post("/auth/login", &bob).await.expect(200).json();
    let id = text(&house.sessions(&alice).await[0], "id");
    house.end(&bob, &id).await.expect(404);
    for wrong in ["x", "%2e%2e", "+0000000000000000000000000000000", "0"] {
        let status = house.end(&bob, wrong).await.status;
        assert!([400, 404].contains(&status), "{wrong}: {status}");
    }
    house.me(&text(&alice, "access_token")).await.expect(200);
    assert_eq!(house.sessions(&bob).await.len(), 1);
}

#[tokio::test]
async fn every_other_session_is_ended_at_once() {
    let house = house();
    house.register().await;
    let (first, own, third) = (house.log_in().await, house.log_in().await, house.log_in().await);
    let access = text(&own, "access_token");
    let path = "/auth/sessions/end-others";
    let answer = house.call("POST", path, Some(&access), &Value::Null).await.expect(200).json();
    assert_eq!(answer["ended"], 2);
    for other in [&first, &third] {
        house.me(&text(other, "access_token")).await.expect(401);
        house.refresh(other).await.expect(401);
    }
    house.refresh(&own).await.expect(200);
}

#[tokio::test]
async fn a_session_that_has_run_out_is_not_listed() {
    let house = house();
    let old = house.registered_and_signed_in().await;
    house.pass(7 * 24 * 3600);
    let new = house.log_in().await;
    assert_eq!(house.sessions(&new).await.len(), 1);
    house.refresh(&old).await.expect(401);
}

#[tokio::test]
async fn a_session_of_the_site_is_in_the_list_and_ends_with_it() {
    let house = house();
    house.register().await;
    let browser = Browser::of(&house.vestibule);
    browser.log_in().await.expect(303);
    let own = house.log_in().await;
    let list = house.sessions(&own).await;
    assert_eq!(list.len(), 2);
    browser.post("/logout", &[]).await;
    assert_eq!(house.sessions(&own).await.len(), 1);
}
