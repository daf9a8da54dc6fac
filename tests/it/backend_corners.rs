//! Odd corners of real backends. Each was met at one of them.

use serde_json::json;

use crate::support::scripted::{EMAIL, PASSWORD, Reply};
use crate::support::site::{HOME, Site, leads_to_login};

const LOGIN: [(&str, &str); 2] = [("email", EMAIL), ("password", PASSWORD)];

fn opaque(more: &str) -> Site {
    let site = Site::new(more);
    site.backend
        .script("login", Reply::Json(200, json!({"access_token": "at", "refresh_token": "rt"})));
    site.backend.script("me", Reply::Json(200, json!({"id": 7, "email": EMAIL})));
    site
}

#[tokio::test]
async fn validation_errors_that_repeat_the_password_show_it_to_nobody() {
    let secret = "Sp1lled-horse-battery";
    for body in [
        json!({"detail": [{"loc": ["body", "password"], "msg": "too weak", "input": secret}]}),
        json!({"error": {"details": {"errors": [{"path": ["password"], "message": format!("{secret} is too weak"), "value": secret}]}}}),
        json!({"errors": [{"message": format!("Value \"{secret}\" is not allowed"), "extensions": {"field": "password", "invalid": secret}}]}),
        json!({"message": format!("weak: {secret}")}),
    ] {
        let site = Site::new("");
        site.backend.script("register", Reply::Json(422, body));
        let fields = [("email", EMAIL), ("password", secret), ("password_confirm", secret)];
        site.browser().post("/register", &fields).await.expect(422).hides(secret);
        let input = json!({"email": EMAIL, "password": secret});
        site.browser().call("POST", "/register", Some(input)).await.expect(422).hides(secret);
    }
}

#[tokio::test]
async fn of_what_me_returns_only_what_is_mapped_is_kept() {
    let site = Site::new("[backend.me]\nclaims = { roles = \"/roles\" }");
    let user = json!({"id": 7, "email": EMAIL, "roles": ["a"], "password": "$2b$10$hash", "token": "s3cret"});
    site.backend.script("me", Reply::Json(200, user));
    let browser = site.signed_in().await;
    let session = browser.call("GET", "/_vestibule/session", None).await;
    session.expect(200).hides("$2b$").hides("s3cret");
    assert_eq!(session.json()["user"]["id"], "7");
    browser.open(HOME).await.expect(200).hides("$2b$").hides("s3cret");
}

#[tokio::test]
async fn the_same_token_again_is_no_error_and_lives_no_longer() {
    let contract = "[backend.login]\ntake = { access_token = \"/access_token\", refresh_token = \"/refresh_token\", expires_in = \"/expires_in\" }";
    let site = opaque(contract);
    let same = json!({"access_token": "at", "refresh_token": "rt", "expires_in": 400});
    site.backend.script("login", Reply::Json(200, same.clone()));
    site.backend.script("refresh", Reply::Json(200, same));
    let browser = site.signed_in().await;
    for round in 1..4 {
        site.pass(200);
        browser.open(HOME).await.expect(200);
        assert_eq!(site.backend.count("refresh"), round);
    }
    // The very JWT again, without a word about its life: it ends when it always did.
    let site = Site::new("");
    let browser = site.signed_in().await;
    let token = site.backend.issued().into_iter().find(|token| token.starts_with("ey")).unwrap();
    site.backend.script("refresh", Reply::Json(200, json!({"access_token": token})));
    site.pass(1700);
    browser.open(HOME).await.expect(200);
    let left = browser.call("GET", "/_vestibule/session", None).await.json();
    assert_eq!(left["expires_in"], 100);
    // It is asked for again only after a while, and at its end the backend's refusal counts.
    browser.open(HOME).await.expect(200);
    assert_eq!(site.backend.count("refresh"), 1);
    site.backend.script("refresh", Reply::Json(401, json!({})));
    site.pass(101);
    leads_to_login(&browser.open(HOME).await);
}

#[tokio::test]
async fn a_refresh_that_is_the_access_token_itself_works_while_that_lives() {
    let contract = "[backend.login]\ntake = { access_token = \"/access_token\", expires_in = \"/e\" }\n\
        [backend.refresh]\nauth = true\ntake = { access_token = \"/refreshedToken\", expires_in = \"/e\" }";
    let site = opaque(contract);
    site.backend.script("login", Reply::Json(200, json!({"access_token": "a1", "e": 600})));
    site.backend.script("refresh", Reply::Json(200, json!({"refreshedToken": "a2", "e": 600})));
    let browser = site.signed_in().await;
    site.pass(400);
    browser.open(HOME).await.expect(200);
    let call = &site.backend.calls("refresh")[0];
    assert_eq!((call.headers["authorization"].as_str(), call.body.as_str()), ("Bearer a1", ""));
    // Who comes back after its end is refused, for good.
    site.backend.script("refresh", Reply::Json(403, json!({})));
    site.pass(700);
    leads_to_login(&browser.open(HOME).await);
}

#[tokio::test]
async fn only_cookies_that_a_template_names_are_sent_back() {
    let contract = "[backend]\nauth = { Cookie = \"at={{access_token}}\" }\n[backend.login]\n\
        take = { access_token = \"cookie:at\", refresh_token = \"cookie:rt\" }\n\
        [backend.refresh]\nheaders = { Cookie = \"rt={{refresh_token}}\" }";
    let site = opaque(contract);
    let cookies = ["at=a1; Path=/", "rt=r1; Path=/refresh", "sessionid=s1", "messages=m1"];
    let cookies = cookies.map(|cookie| ("Set-Cookie", cookie.to_owned())).to_vec();
    site.backend.script("login", Reply::Raw(204, cookies, String::new()));
    let renewed = vec![("Set-Cookie", "at=a2; Path=/".to_owned())];
    site.backend.script("refresh", Reply::Raw(200, renewed, "{}".to_owned()));
    let browser = site.signed_in().await;
    assert_eq!(site.backend.calls("me")[0].headers["cookie"], "at=a1");
    site.pass(300);
    site.backend.script("me", Reply::Json(401, json!({})));
    browser.open(HOME).await;
    let refresh = &site.backend.calls("refresh")[0];
    assert_eq!((refresh.headers["cookie"].as_str(), refresh.body.as_str()), ("rt=r1", ""));
}

#[tokio::test]
async fn a_401_about_the_client_is_not_told_as_a_wrong_password() {
    let site = opaque("");
    site.backend.script("login", Reply::Json(401, json!({"error": "invalid_client"})));
    site.browser().post("/login", &LOGIN).await.expect(502);
    // Nor does it end a session.
    let site = Site::new("");
    let browser = site.signed_in().await;
    site.backend.script("refresh", Reply::Json(401, json!({"error": "invalid_client"})));
    site.pass(1600);
    browser.open(HOME).await.expect(200);
}

#[tokio::test]
async fn no_such_user_and_wrong_password_look_the_same_whatever_the_backend_says() {
    let mut pages = Vec::new();
    for body in [
        json!({"response": {"errors": ["Specified user does not exist"], "field_errors": {"email": ["Specified user does not exist"]}}}),
        json!({"response": {"errors": ["Invalid password"], "field_errors": {"password": ["Invalid password"]}}}),
        json!("Cannot find user"),
        json!("Incorrect password"),
        json!({"error": "invalid_grant"}),
        json!({"detail": "LOGIN_BAD_CREDENTIALS"}),
    ] {
        let site = Site::new("");
        site.backend.script("login", Reply::Json(400, body));
        let answer = site.browser().post("/login", &LOGIN).await;
        answer.expect(401);
        pages.push(answer.body);
    }
    pages.dedup();
    assert_eq!(pages.len(), 1, "{pages:?}");
    let site = Site::new("");
    let said = "Incorrect email or password";
    site.backend.script("login", Reply::Json(401, json!({"detail": said})));
    site.browser().post("/login", &LOGIN).await.expect(401).shows(said);
}

#[tokio::test]
async fn who_has_to_verify_the_address_first_is_told_so() {
    for (status, body) in [
        (400, json!({"non_field_errors": ["E-mail is not verified."]})),
        (403, json!({"message": "Email not verified", "code": "EMAIL_NOT_VERIFIED"})),
    ] {
        let site = Site::new("");
        site.backend.script("login", Reply::Json(status, body));
        site.browser().post("/login", &LOGIN).await.expect(401).shows("not verified");
    }
}

#[tokio::test]
async fn messages_that_are_now_a_text_and_now_a_map_are_both_read() {
    for (body, said) in [
        (json!({"message": "Not so, please"}), "Not so, please"),
        (
            json!({"message": {"password": ["Missing data for required field."]}}),
            "Missing data for required field.",
        ),
        (json!({"msg": "Token, bad"}), "Token, bad"),
    ] {
        let site = Site::new("");
        site.backend.script("register", Reply::Json(400, body));
        let fields = [("email", EMAIL), ("password", PASSWORD), ("password_confirm", PASSWORD)];
        site.browser().post("/register", &fields).await.expect(422).shows(said);
    }
}

#[tokio::test]
async fn an_access_token_goes_only_where_the_contract_says_so() {
    let site = Site::new(
        "[[backend.logout]]\nsend = \"POST /auth/logout\"\nbody = { refresh_token = \"{{refresh_token}}\" }",
    );
    let browser = site.signed_in().await;
    site.pass(1600);
    browser.open(HOME).await.expect(200);
    browser.post("/logout", &[]).await.expect(303);
    for endpoint in ["login", "refresh", "logout"] {
        let call = &site.backend.calls(endpoint)[0];
        assert!(!call.headers.contains_key("authorization"), "{endpoint}");
    }
    assert!(site.backend.calls("me")[0].headers.contains_key("authorization"));
}

#[tokio::test]
async fn signing_out_with_a_dead_access_token_renews_it_first_where_it_is_needed() {
    let site = Site::new("");
    let browser = site.signed_in().await;
    site.pass(1900);
    browser.post("/logout", &[]).await.expect(303);
    assert_eq!((site.backend.count("refresh"), site.backend.count("logout")), (1, 1));
    // Without need it is left alone.
    let site = Site::new(
        "[[backend.logout]]\nsend = \"POST /auth/logout\"\nbody = { refresh_token = \"{{refresh_token}}\" }",
    );
    let browser = site.signed_in().await;
    site.pass(1900);
    browser.post("/logout", &[]).await.expect(303);
    assert_eq!((site.backend.count("refresh"), site.backend.count("logout")), (0, 1));
}

#[tokio::test]
async fn signing_out_ends_the_session_here_whatever_the_backend_answers() {
    for reply in [
        Reply::Json(401, json!({})),
        Reply::Json(410, json!({})),
        Reply::Json(500, json!({})),
        Reply::Text(200, ""),
        Reply::With(302, ("location", "/".into()), json!({})),
        Reply::HangUp,
    ] {
        let site = Site::new("");
        let browser = site.signed_in().await;
        site.backend.script("logout", reply);
        leads_to_login(&browser.post("/logout", &[]).await);
        assert!(!browser.is_signed_in().await);
    }
}

#[tokio::test]
async fn a_sign_out_that_needs_no_refresh_token_is_sent_without_one() {
    let contract = "[backend]\nrefresh = false\n[backend.login]\ntake = { access_token = \"/access_token\" }\n\
        [[backend.logout]]\nsend = \"POST /auth/logout\"\nauth = true\n[[backend.logout]]\nsend = \"DELETE /auth/logout\"";
    let site = opaque(contract);
    site.signed_in().await.post("/logout", &[]).await.expect(303);
    let calls = site.backend.calls("logout");
    assert_eq!(calls.len(), 2);
    for call in calls {
        assert_eq!((call.headers["authorization"].as_str(), call.body.as_str()), ("Bearer at", ""));
    }
}

#[tokio::test]
async fn a_token_that_brings_its_scheme_along_gets_no_second_one() {
    for auth in ["Bearer {{access_token}}", "{{access_token}}"] {
        let site = Site::new(&format!("[backend]\nauth = {{ Authorization = \"{auth}\" }}"));
        site.backend.script("me", Reply::Json(200, json!({"id": 1, "email": EMAIL})));
        site.signed_in().await;
        let token =
            site.backend.issued().into_iter().find(|token| token.starts_with("ey")).unwrap();
        let with_scheme = json!({"access_token": format!("Bearer {token}")});
        site.backend.script("login", Reply::Json(200, with_scheme));
        let browser = site.signed_in().await;
        let call = site.backend.calls("me").pop().unwrap();
        assert_eq!(call.headers["authorization"], format!("Bearer {token}"), "{auth}");
        let session = browser.call("GET", "/_vestibule/session", None).await.json();
        assert_eq!(session["expires_in"], 1800, "it is verified and read all the same");
    }
}

#[tokio::test]
async fn a_sign_out_goes_without_its_body_where_there_was_never_a_refresh_token() {
    let site = Site::new("");
    site.backend.issue_no_refresh_tokens();
    site.signed_in().await.post("/logout", &[]).await.expect(303);
    let call = &site.backend.calls("logout")[0];
    assert!(call.headers["authorization"].starts_with("Bearer ey"));
    assert_eq!(call.body, "");
}

#[tokio::test]
async fn an_address_without_any_name_is_still_somebody() {
    let site = opaque("[backend.me]\nid = \"/user_id\"");
    site.backend.script(
        "me",
        Reply::Json(200, json!({"user_id": "@alice:example.com", "is_guest": false})),
    );
    site.signed_in().await.open(HOME).await.expect(200).shows("@alice:example.com");
    // Whoever cannot be told apart from everybody else is not signed in.
    let site = opaque("");
    site.backend.script("me", Reply::Json(200, json!({"pk": 7})));
    site.browser().post("/login", &LOGIN).await.expect(502);
}

#[tokio::test]
async fn requests_beside_the_one_that_ended_the_session_are_told_too() {
    let site = Site::new("");
    let browser = site.signed_in().await;
    let others: Vec<_> = (0..5).map(|_| browser.copy()).collect();
    site.backend.script("refresh", Reply::Json(401, json!({})));
    site.pass(1800);
    for tab in [browser].iter().chain(&others) {
        let answer = tab.open("/welcome?tab=1").await;
        assert!(answer.location().contains("notice=session.expired"), "{}", answer.location());
    }
}
