//! The rules that are the same for every backend (docs/adr/0003 and 0013), each through the door.

use serde_json::{Value, json};

use crate::support::scripted::{EMAIL, PASSWORD, Reply};
use crate::support::site::{Browser, HOME, Site, leads_to_login};
use crate::support::visitor::Answer;

const LOGIN: [(&str, &str); 2] = [("email", EMAIL), ("password", PASSWORD)];

fn me() -> Reply {
    Reply::Json(200, json!({"id": 7, "email": EMAIL, "name": "Alice Example"}))
}

/// A site whose backend answers a login like this.
fn answering(contract: &str, login: Reply) -> Site {
    let site = Site::new(contract);
    site.backend.script("login", login);
    site.backend.script("me", me());
    site
}

async fn register(site: &Site, reply: Reply) -> Answer {
    site.backend.script("register", reply);
    let fields =
        [("email", "new@example.com"), ("password", PASSWORD), ("password_confirm", PASSWORD)];
    site.browser().post("/register", &fields).await
}

async fn seconds_left(browser: &Browser) -> Value {
    browser.call("GET", "/_vestibule/session", None).await.json()["expires_in"].clone()
}

#[tokio::test]
async fn success_is_2xx_with_everything_that_must_be_taken() {
    let cookie = "[backend.login]\ntake = { access_token = \"cookie:at\" }";
    let deleted = |value: &str| Reply::With(200, ("set-cookie", value.into()), json!({}));
    for (contract, login) in [
        ("", Reply::Json(200, json!({}))),
        ("", Reply::Json(200, json!({"access_token": ""}))),
        ("", Reply::Json(200, json!({"access_token": null}))),
        ("", Reply::Json(200, json!({"access_token": {"value": "x"}}))),
        (cookie, Reply::Json(200, json!({"access_token": "at"}))),
        (cookie, deleted("at=; Path=/; Max-Age=600")),
        (cookie, deleted("at=old; Path=/; Max-Age=0")),
    ] {
        let what = format!("{login:?}");
        let site = answering(contract, login);
        let browser = site.browser();
        assert_eq!(browser.post("/login", &LOGIN).await.status, 502, "{what}");
        assert!(!browser.is_signed_in().await, "{what}");
    }
    for login in [
        Reply::Json(200, json!({"access_token": "at", "refresh_token": ""})),
        Reply::Json(201, json!({"access_token": "at", "refresh_token": null})),
        Reply::Json(200, json!({"access_token": "Bearer at"})),
    ] {
        let site = answering("", login);
        assert!(site.signed_in().await.is_signed_in().await);
        assert_eq!(site.backend.calls("me")[0].headers["authorization"], "Bearer at");
    }
    let site = answering(
        cookie,
        Reply::Raw(204, vec![("set-cookie", "at=a=b; Path=/".into())], String::new()),
    );
    assert!(site.signed_in().await.is_signed_in().await);
}

#[tokio::test]
async fn a_200_that_says_no_is_a_refusal() {
    let said = "Please, enter valid credentials";
    for body in [
        json!({"errors": [{"message": said, "path": ["login"], "locations": []}], "data": {"login": null}}),
        json!({"success": false, "message": said}),
        json!({"ok": false, "access_token": "", "message": said}),
        json!({"status": "fail", "message": said}),
        json!({"access_token": null, "message": said}),
    ] {
        let site = answering("", Reply::Json(200, body.clone()));
        site.browser().post("/login", &LOGIN).await.expect(401).shows(said);
        let answer = register(&Site::new(""), Reply::Json(200, body.clone())).await;
        if body.get("access_token") != Some(&Value::Null) {
            answer.expect(422).shows(said);
        }
    }
    // A refresh that is refused this way ends the session, like any other refusal.
    let site = Site::new("");
    let browser = site.signed_in().await;
    let refused = json!({"errors": [{"message": "Refresh token is expired"}], "data": null});
    site.backend.script("refresh", Reply::Json(200, refused));
    site.pass(1800);
    leads_to_login(&browser.open(HOME).await);
    // Unless the server only says that something broke.
    let site = Site::new("");
    let browser = site.signed_in().await;
    let broken =
        json!({"errors": [{"message": "x", "extensions": {"code": "INTERNAL_SERVER_ERROR"}}]});
    site.backend.script("refresh", Reply::Json(200, broken));
    site.pass(1800);
    browser.open(HOME).await.expect(503);
}

#[tokio::test]
async fn ok_decides_alone_where_it_is_set() {
    let contract = "[backend.register]\nok = \"/data/flows/0/is_pending\"\nthen = \"notice\"";
    let pending =
        json!({"status": 401, "data": {"flows": [{"id": "verify_email", "is_pending": true}]}});
    let answer = register(&Site::new(contract), Reply::Json(401, pending)).await;
    assert!(answer.expect(303).location().contains("notice=account.verify_mail"));
    let not = json!({"data": {"flows": [{"is_pending": false}]}, "message": "Not that way."});
    for status in [200, 400] {
        register(&Site::new(contract), Reply::Json(status, not.clone()))
            .await
            .expect(422)
            .shows("Not that way.");
    }
    register(&Site::new(contract), Reply::Json(500, not)).await.expect(502);
}

#[tokio::test]
async fn what_a_refresh_does_not_return_stays() {
    let site = answering(
        "[backend.login]\ntake = { access_token = \"/a\", refresh_token = \"/r\", csrf = \"/csrf\", number = \"/n\", expires_in = \"/e\" }\n\
         [backend.refresh]\nbody = { r = \"{{refresh_token}}\", csrf = \"{{csrf}}\", n = \"{{number}}\" }",
        Reply::Json(200, json!({"a": "a1", "r": "r1", "csrf": "c1", "n": 7, "e": 600})),
    );
    let browser = site.signed_in().await;
    site.backend.script("refresh", Reply::Json(200, json!({"a": "a2", "e": 600})));
    for _ in 0..2 {
        site.pass(600);
        browser.open(HOME).await.expect(200);
    }
    let calls = site.backend.calls("refresh");
    assert_eq!(calls.len(), 2);
    for call in calls {
        assert_eq!(call.json(), json!({"r": "r1", "csrf": "c1", "n": 7}), "a number stays one");
    }
}

#[tokio::test]
async fn the_life_of_a_token_is_what_the_answer_says() {
    let now = 1_800_000_000_u64;
    for (name, value, left) in [
        ("expires_in", json!(600), json!(600)),
        ("expires_in", json!("600"), json!(600)),
        ("expires_in_ms", json!(599_964), json!(599)),
        ("expires_at", json!(now + 600), json!(600)),
        ("expires_at", json!((now + 600) * 1000), json!(600)),
        ("expires_at", json!("2027-01-15T08:10:00Z"), json!(600)),
        ("expires_at", json!("2027-01-15T02:10:00.123-06:00"), json!(600)),
        ("expires_at", json!("soon"), json!(null)),
        ("other", json!(600), json!(null)),
    ] {
        let contract =
            format!("[backend.login]\ntake = {{ access_token = \"/t\", {name} = \"/life\" }}");
        let site = answering(&contract, Reply::Json(200, json!({"t": "opaque", "life": value})));
        assert_eq!(seconds_left(&site.signed_in().await).await, left, "{name} {value}");
    }
}

#[tokio::test]
async fn me_is_refused_by_any_4xx_or_by_a_missing_user() {
    let wrapped = "[backend.me]\nuser = \"/user\"";
    let statuses = [400, 401, 403, 404, 410, 422].map(|status| Reply::Json(status, json!({})));
    let missing =
        [json!(null), json!({"user": null}), json!({})].map(|body| Reply::Json(200, body));
    for reply in statuses.into_iter().chain(missing) {
        let what = format!("{reply:?}");
        let site = answering(wrapped, Reply::Json(200, json!({"access_token": "opaque"})));
        site.backend.script("me", Reply::Json(200, json!({"user": {"id": 1}})));
        let browser = site.signed_in().await;
        site.backend.script("me", reply);
        site.pass(600);
        let answer = browser.open("/welcome?tab=1").await;
        leads_to_login(&answer);
        assert!(answer.location().contains("notice=session.expired"), "{what}");
    }
}

#[tokio::test]
async fn messages_are_found_wherever_backends_put_them() {
    for body in [
        json!({"detail": "That is taken."}),
        json!({"detail": {"code": "X_Y", "reason": "That is taken."}}),
        json!({"error": "x_y", "error_description": "That is taken."}),
        json!({"error": {"status": 400, "message": "That is taken."}}),
        json!({"message": "That is taken.", "code": "X_Y"}),
        json!({"msg": "That is taken."}),
        json!({"errors": [{"message": "That is taken."}]}),
        json!({"response": {"errors": ["That is taken."]}}),
        json!({"non_field_errors": ["That is taken."]}),
        json!({"error": "That is taken."}),
        json!("That is taken."),
        json!({"nickname": ["That is taken."]}),
    ] {
        register(&Site::new(""), Reply::Json(400, body)).await.expect(422).shows("That is taken.");
    }
    register(&Site::new(""), Reply::Text(400, "That is taken."))
        .await
        .expect(422)
        .shows("That is taken.");
    // A name for programs is no sentence, but it can be given one.
    let code = Reply::Json(400, json!({"detail": "REGISTER_USER_ALREADY_EXISTS"}));
    register(&Site::new(""), code.clone()).await.expect(422).hides("REGISTER_USER");
    let texts = "[backend]\ntexts = { REGISTER_USER_ALREADY_EXISTS = \"You are here already.\", 418 = \"No coffee.\" }";
    register(&Site::new(texts), code).await.expect(422).shows("You are here already.");
    register(&Site::new(texts), Reply::Json(418, json!({}))).await.expect(422).shows("No coffee.");
}

#[tokio::test]
async fn field_errors_come_back_to_the_inputs_that_filled_the_fields() {
    let contract = "[backend.register]\nbody = { user = { mail = \"{{email}}\", password1 = \"{{password}}\", password2 = \"{{password}}\" } }\nthen = \"notice\"";
    for body in [
        json!({"detail": [{"loc": ["body", "mail"], "msg": "Not nice."}, {"loc": ["body", "password1"], "msg": "Too weak."}]}),
        json!({"mail": ["Not nice."], "password1": ["Too weak."]}),
        json!({"errors": {"mail": "Not nice.", "password1": ["Too weak."]}}),
        json!({"errors": [{"param": "mail", "message": "Not nice."}, {"param": "password1", "message": "Too weak."}]}),
    ] {
        let answer = register(&Site::new(contract), Reply::Json(422, body)).await;
        answer.expect(422).shows("field-email-error").shows("Not nice.");
        answer.shows("field-password-error").shows("Too weak.");
    }
}

#[tokio::test]
async fn a_redirect_is_never_followed_and_said_to_the_visitor_as_our_fault() {
    for status in [301, 302, 307, 308] {
        let moved = Reply::With(status, ("location", "/auth/login/".into()), json!({}));
        let site = answering("", moved);
        site.browser().post("/login", &LOGIN).await.expect(502);
        assert_eq!(site.backend.calls("login").len(), 1);
    }
}

#[tokio::test]
async fn answers_are_parsed_by_trying_and_not_by_their_type() {
    let html = |status, body: Value| {
        Reply::Raw(status, vec![("X-Type", "text/html".into())], body.to_string())
    };
    let site = answering("", html(200, json!({"access_token": "at"})));
    assert!(site.signed_in().await.is_signed_in().await);
    let said = json!({"detail": "Invalid credentials given."});
    answering("", html(400, said))
        .browser()
        .post("/login", &LOGIN)
        .await
        .expect(401)
        .shows("Invalid credentials given.");
}

#[tokio::test]
async fn a_404_is_a_refusal_only_where_the_application_speaks() {
    for (body, status) in [
        (json!({"detail": "Not Found"}), 502),
        (json!({"message": "Cannot POST /auth/login", "statusCode": 404}), 502),
        (json!({"errors": [{"message": "Route /auth/login doesn't exist."}]}), 502),
        (json!({}), 502),
        (json!({"message": "No account with these credentials"}), 401),
        (json!({"message": "User not found"}), 401),
    ] {
        let answer =
            answering("", Reply::Json(404, body.clone())).browser().post("/login", &LOGIN).await;
        assert_eq!(answer.status, status, "{body}");
    }
    answering("", Reply::Text(404, "<h1>Not Found</h1>"))
        .browser()
        .post("/login", &LOGIN)
        .await
        .expect(502);
}
