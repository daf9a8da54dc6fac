//! Passwords that are forgotten, and passwords that are changed.

use serde_json::{Value, json};

use super::{House, house, house_with, text};
use crate::support::scripted::{EMAIL, PASSWORD, WRONG_PASSWORD};
use crate::support::visitor::Answer;

const NEW: &str = "another-horse-battery";

impl House {
    async fn forgot(&self, email: &str) -> Answer {
        self.post("/auth/forgot-password", &json!({"email": email})).await
    }

    async fn reset(&self, token: &str, password: &str) -> Answer {
        self.post("/auth/reset-password", &json!({"token": token, "password": password})).await
    }

    async fn change(&self, tokens: &Value, current: &str, password: &str) -> Answer {
        let body = json!({"current_password": current, "password": password});
        self.call("POST", "/auth/change-password", Some(&text(tokens, "access_token")), &body).await
    }

    async fn signs_in_with(&self, password: &str) -> bool {
        let account = json!({"email": EMAIL, "password": password});
        self.post("/auth/login", &account).await.status == 200
    }
}

#[tokio::test]
async fn a_forgotten_password_is_set_anew_by_the_link_in_the_mail() {
    let house = house();
    let tokens = house.registered_and_signed_in().await;
    house.forgot(" ALICE@example.com ").await.expect(202);
    let mail = house.mails("reset", 1).await.remove(0);
    assert!(mail.contains("To: alice@example.com") && mail.contains("30 minutes"), "{mail}");

    let token = house.token("reset", 1).await;
    house.reset(&token, NEW).await.expect(200);
    assert!(house.signs_in_with(NEW).await && !house.signs_in_with(PASSWORD).await);
    // Whoever was signed in is not any more, with either token.
    house.refresh(&tokens).await.expect(401);
    house.me(&text(&tokens, "access_token")).await.expect(401);
}

#[tokio::test]
async fn a_link_is_good_once_and_not_for_long_and_only_the_newest() {
    let house = house();
    house.register().await;
    let code = |answer: Answer| (answer.status, text(&answer.json(), "code"));

    house.forgot(EMAIL).await.expect(202);
    let first = house.token("reset", 1).await;
    house.forgot(EMAIL).await.expect(202);
    let second = house.token("reset", 2).await;
    assert_eq!(code(house.reset(&first, NEW).await), (410, "link_expired".to_owned()));
    house.reset(&second, NEW).await.expect(200);
    assert_eq!(code(house.reset(&second, NEW).await), (410, "link_used".to_owned()));

    house.forgot(EMAIL).await.expect(202);
    let third = house.token("reset", 3).await;
    house.pass(30 * 60 - 1);
    let mut changed = third.clone();
    changed.replace_range(..1, if third.starts_with('A') { "B" } else { "A" });
    for wrong in [changed.as_str(), "", "x", &third[..42]] {
        assert_eq!(
            code(house.reset(wrong, NEW).await),
            (400, "link_invalid".to_owned()),
            "{wrong}"
        );
    }
    house.pass(1);
    assert_eq!(code(house.reset(&third, NEW).await), (410, "link_expired".to_owned()));
    // What a link was for cannot be changed.
    let verify = house.token("verify", 1).await;
    assert_eq!(code(house.reset(&verify, NEW).await), (400, "link_invalid".to_owned()));
    assert!(house.signs_in_with(NEW).await);
}

#[tokio::test]
async fn a_weak_password_is_told_at_its_field_and_leaves_the_link_good() {
    let house = house();
    house.register().await;
    house.forgot(EMAIL).await.expect(202);
    let token = house.token("reset", 1).await;
    for (weak, kind) in [
        ("short", "string_too_short"),
        ("password123", "password_common"),
        (EMAIL, "password_is_email"),
    ] {
        let answer = house.reset(&token, weak).await.expect(422).json();
        assert_eq!(answer["detail"][0]["loc"], json!(["body", "password"]), "{answer}");
        assert_eq!(answer["detail"][0]["type"], kind, "{answer}");
    }
    let missing = house.post("/auth/reset-password", &json!({})).await.expect(422).json();
    assert_eq!(missing["detail"].as_array().unwrap().len(), 2, "{missing}");
    house.reset(&token, NEW).await.expect(200);
}

#[tokio::test]
async fn one_link_sets_one_password_however_many_try_at_once() {
    let house = house();
    house.register().await;
    house.forgot(EMAIL).await.expect(202);
    let token = house.token("reset", 1).await;
    let tries = (0..4).map(|index| {
        let (house, token) = (&house, &token);
        async move { house.reset(token, &format!("{NEW}-{index}")).await.status }
    });
    let mut statuses = futures_util::future::join_all(tries).await;
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 410, 410, 410]);
}

#[tokio::test]
async fn an_account_causes_only_so_many_mails_an_hour() {
    let mail = "[mail]\nfrom = \"no-reply@example.com\"\nfolder = \"mail\"\n";
    let house = house_with("mails_per_hour = 3", mail);
    house.register().await;
    house.mails("verify", 1).await;
    for _ in 0..2 {
        house.forgot(EMAIL).await.expect(202);
    }
    house.mails("reset", 2).await;
    house.forgot(EMAIL).await.expect(202);
    house.settled("bob@example.com").await;
    house.mails("reset", 2).await;
    house.pass(3600);
    house.forgot(EMAIL).await.expect(202);
    house.mails("reset", 3).await;
}

#[tokio::test]
async fn a_changed_password_ends_the_other_sessions_and_not_ones_own() {
    let house = house();
    let own = house.registered_and_signed_in().await;
    let other = house.log_in().await;
    house.forgot(EMAIL).await.expect(202);
    let link = house.token("reset", 1).await;

    let answer = house.change(&own, WRONG_PASSWORD, NEW).await.expect(422).json();
    assert_eq!(answer["detail"][0]["loc"], json!(["body", "current_password"]));
    assert_eq!(answer["detail"][0]["type"], "password_wrong");
    let answer = house.change(&own, PASSWORD, "short").await.expect(422).json();
    assert_eq!(answer["detail"][0]["loc"], json!(["body", "password"]));
    house.me(&text(&other, "access_token")).await.expect(200);

    let changed = house.change(&own, PASSWORD, NEW).await.expect(200).json();
    assert_eq!(changed["ended"], 1);
    house.me(&text(&other, "access_token")).await.expect(401);
    house.refresh(&other).await.expect(401);
    house.me(&text(&own, "access_token")).await.expect(200);
    house.refresh(&own).await.expect(200);
    assert!(house.signs_in_with(NEW).await && !house.signs_in_with(PASSWORD).await);
    // A link that still waits in a mailbox would undo it.
    house.reset(&link, PASSWORD).await.expect(410);
}

#[tokio::test]
async fn who_finds_an_open_browser_does_not_get_to_guess_for_long() {
    let house = house();
    let tokens = house.registered_and_signed_in().await;
    for _ in 0..5 {
        house.change(&tokens, WRONG_PASSWORD, NEW).await.expect(422);
    }
    let limited = house.change(&tokens, PASSWORD, NEW).await;
    assert_eq!(limited.expect(429).header("retry-after"), Some("300"));
    let body = json!({"password": PASSWORD});
    let access = text(&tokens, "access_token");
    house.call("POST", "/auth/delete-account", Some(&access), &body).await.expect(429);
    house.pass(300);
    house.change(&tokens, PASSWORD, NEW).await.expect(200);
}

#[tokio::test]
async fn without_a_session_nothing_is_changed() {
    let house = house();
    house.register().await;
    for (method, path) in [
        ("POST", "/auth/change-password"),
        ("PATCH", "/auth/me"),
        ("DELETE", "/auth/me"),
        ("POST", "/auth/delete-account"),
        ("GET", "/auth/sessions"),
        ("POST", "/auth/sessions/end-others"),
        ("DELETE", "/auth/sessions/00000000000000000000000000000000"),
    ] {
        let answer = house.call(method, path, None, &json!({})).await.expect(401).json();
        assert_eq!(answer["detail"], "Not authenticated", "{method} {path}");
        house.call(method, path, Some("nonsense"), &json!({})).await.expect(401);
    }
}

#[tokio::test]
async fn without_mail_nobody_is_promised_one() {
    let house = house_with("", "");
    let tokens = house.registered_and_signed_in().await;
    for email in [EMAIL, "nobody@example.com"] {
        let answer = house.forgot(email).await.expect(503).json();
        assert_eq!(answer["code"], "mail_not_set_up");
    }
    house.change(&tokens, PASSWORD, NEW).await.expect(200);
}
