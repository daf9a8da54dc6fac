//! Declared forms: a page with fields and the backend call that it ends in, from auth.toml alone.

use serde_json::{Value, json};

use crate::support::scripted::Reply;
use crate::support::site::Site;

const CONTACT: &str = r#"
[[form]]
id = "contact"
access = "public"
title = "Write to us"
button = "Send it"
submit = { send = "POST /contact", body = { from = "{{email}}", text = "{{message}}", kind = "web", copies = "{{copies}}", newsletter = "{{newsletter}}" } }
on_success = { message = "We have your message." }
[[form.field]]
name = "email"
required = true
[[form.field]]
name = "message"
type = "textarea"
label = "Your message"
required = true
max_length = 200
[[form.field]]
name = "copies"
type = "number"
min = 0
max = 3
[[form.field]]
name = "newsletter"
type = "checkbox"
"#;

const PROFILE: &str = r#"
[backend.me]
claims = { plan = "/plan" }
[[form]]
id = "profile"
submit = { send = "PATCH /users/{{user.id}}", body = { name = "{{name}}" } }
on_success = { message = "Saved.", reload_user = true }
error = [{ status = 400, at = "/code", is = "NAME_TAKEN", field = "name", text = "Somebody has that name." }]
[[form.field]]
name = "name"
default = "{{user.name}}"
required = true
"#;

fn ok() -> Reply {
    Reply::Json(200, json!({"ok": true}))
}

#[tokio::test]
async fn a_declared_form_is_a_page_and_its_inputs_reach_the_backend_with_their_types() {
    let site = Site::new(CONTACT);
    site.backend.script("contact", ok());
    let browser = site.browser();
    let page = browser.open("/contact").await;
    page.expect(200).shows("Write to us").shows("Your message").shows("Send it").shows("<textarea");
    let fields = [
        ("email", "a@b.example"),
        ("message", "Hello\r\nthere"),
        ("copies", "2"),
        ("newsletter", "on"),
    ];
    let sent = browser.post("/contact", &fields).await;
    assert_eq!(sent.expect(303).location(), "/contact?notice=form.contact");
    let call = &site.backend.calls("contact")[0];
    assert_eq!(
        call.json(),
        json!({"from": "a@b.example", "text": "Hello\nthere", "kind": "web", "copies": 2, "newsletter": true})
    );
    assert!(!call.headers.contains_key("authorization"));
    let done = browser.open("/contact?notice=form.contact").await;
    done.expect(200).shows("We have your message.").hides("<textarea");
}

#[tokio::test]
async fn json_callers_and_htmx_get_the_same_in_their_language() {
    let site = Site::new(CONTACT);
    site.backend.script("contact", ok());
    let browser = site.browser();
    let body = json!({"email": "a@b.example", "message": "Hello", "copies": 1});
    let sent = browser.call("POST", "/contact", Some(body)).await;
    assert_eq!(
        sent.expect(200).json(),
        json!({"message": "We have your message.", "next": null, "user": null})
    );
    let part = browser.htmx("/contact", &[("email", "a@b.example"), ("message", "Hi")]).await;
    part.expect(200).shows("We have your message.").hides("<html");
}

#[tokio::test]
async fn every_mistake_is_told_at_once_and_what_was_typed_is_kept() {
    let site = Site::new(CONTACT);
    let browser = site.browser();
    let long = "x".repeat(201);
    let page =
        browser.post("/contact", &[("email", "nope"), ("message", &long), ("copies", "9")]).await;
    page.expect(422).shows("value=\"nope\"").shows(&long).shows("value=\"9\"");
    page.shows("at most 200 characters").shows("at most 3");
    let problem = browser.call("POST", "/contact", Some(json!({"copies": true}))).await;
    let problem = problem.expect(422).json();
    let codes: Vec<_> = problem["errors"]
        .as_array()
        .unwrap()
        .iter()
        .map(|error| (error["pointer"].as_str().unwrap(), error["code"].as_str().unwrap()))
        .collect();
    assert_eq!(
        codes,
        [
            ("#/email", "field.required"),
            ("#/message", "field.required"),
            ("#/copies", "field.number")
        ]
    );
    assert_eq!(site.backend.count("contact"), 0);
}

#[tokio::test]
async fn a_form_for_users_sends_who_asks_and_the_page_shows_the_news() {
    let site = Site::new(PROFILE);
    let stranger = site.browser().open("/profile").await;
    assert_eq!(stranger.expect(303).location(), "/login?next=%2Fprofile");
    let browser = site.signed_in().await;
    browser.open("/profile").await.expect(200).shows("value=\"Alice Example\"");
    let id = browser.call("GET", "/_vestibule/session", None).await.json()["user"]["id"].clone();
    let path = id.as_str().unwrap().to_owned();
    site.backend.script(&path, ok());
    site.backend.rename(crate::support::scripted::EMAIL, "Alice Newname");
    let sent = browser.post("/profile", &[("name", "Alice Newname")]).await;
    assert_eq!(sent.expect(303).location(), "/profile?notice=form.profile");
    let call = &site.backend.calls(&path)[0];
    assert!(call.line.starts_with("PATCH "), "{}", call.line);
    assert!(call.headers["authorization"].starts_with("Bearer "));
    assert_eq!(call.json(), json!({"name": "Alice Newname"}));
    let page = browser.open("/profile?notice=form.profile").await;
    page.expect(200).shows("Saved.").shows("value=\"Alice Newname\"");
    browser.open("/welcome").await.expect(200).shows("Alice Newname");
}

#[tokio::test]
async fn a_refusal_of_the_backend_means_what_the_form_says() {
    let site = Site::new(PROFILE);
    let browser = site.signed_in().await;
    let session = browser.call("GET", "/_vestibule/session", None).await.json();
    let path = session["user"]["id"].as_str().unwrap().to_owned();
    site.backend.script(&path, Reply::Json(400, json!({"code": "NAME_TAKEN"})));
    let page = browser.post("/profile", &[("name", "Bob")]).await;
    page.expect(422)
        .shows("Somebody has that name.")
        .shows("value=\"Bob\"")
        .shows("href=\"#field-name\"");
    let answer = browser.call("POST", "/profile", Some(json!({"name": "Bob"}))).await;
    assert_eq!(answer.expect(422).json()["errors"][0]["detail"], "Somebody has that name.");
    site.backend.script(&path, Reply::Json(409, json!({"detail": "Somebody else was quicker."})));
    let problem = browser.call("POST", "/profile", Some(json!({"name": "Bob"}))).await;
    let problem: Value = problem.expect(409).json();
    assert_eq!(
        (&problem["code"], &problem["detail"]),
        (&json!("input.conflict"), &json!("Somebody else was quicker."))
    );
    site.backend.script(&path, Reply::Json(500, json!({})));
    browser.post("/profile", &[("name", "Bob")]).await.expect(502).shows("value=\"Bob\"");
    assert!(browser.is_signed_in().await);
}

#[tokio::test]
async fn a_token_that_the_backend_does_not_take_any_more_is_renewed_once_and_nothing_typed_is_lost()
{
    let site = Site::new(PROFILE);
    let browser = site.signed_in().await;
    let session = browser.call("GET", "/_vestibule/session", None).await.json();
    let path = session["user"]["id"].as_str().unwrap().to_owned();
    site.backend.script(&path, Reply::Json(401, json!({"detail": "expired"})));
    browser.post("/profile", &[("name", "Bob")]).await.expect(422).shows("value=\"Bob\"");
    assert_eq!(site.backend.count("refresh"), 1);
    assert_eq!(site.backend.count(&path), 2);
    assert!(browser.is_signed_in().await);
}

#[tokio::test]
async fn a_form_that_signs_in_begins_a_session_and_one_that_signs_out_ends_it() {
    let site = Site::new(
        r#"
[[form]]
id = "invite"
path = "/join"
access = "public"
submit = { send = "POST /auth/login", body = { email = "{{email}}", password = "{{password}}" } }
on_success = { login = true, redirect = "/welcome" }
[[form.field]]
name = "email"
[[form.field]]
name = "password"
[[form]]
id = "delete-account"
submit = { send = "POST /account/delete", body = { password = "{{password}}" } }
on_success = { logout = true, message = "Your account is gone." }
[[form.field]]
name = "password"
autocomplete = "current-password"
required = true
"#,
    );
    let browser = site.browser();
    let (email, password) = (crate::support::scripted::EMAIL, crate::support::scripted::PASSWORD);
    let sent = browser.post("/join", &[("email", email), ("password", password)]).await;
    assert_eq!(sent.expect(303).location(), "/welcome");
    assert!(browser.is_signed_in().await);
    site.backend.script("delete", ok());
    let gone = browser.post("/delete-account", &[("password", password)]).await;
    assert_eq!(gone.expect(303).location(), "/login?notice=form.delete-account");
    assert!(!browser.is_signed_in().await);
    browser.open("/login?notice=form.delete-account").await.shows("Your account is gone.");
}

#[tokio::test]
async fn login_and_registration_are_changed_by_declaring_them() {
    let site = Site::new(
        r#"
[backend.register]
body = { email = "{{email}}", password = "{{password}}", name = "{{name}}", terms = "{{terms}}" }
[[form]]
id = "register"
title = "Join us"
on_success = { redirect = "/welcome" }
[[form.field]]
name = "name"
label = "What shall we call you?"
[[form.field]]
name = "terms"
type = "checkbox"
label = "I have read the terms"
required = true
[[form]]
id = "login"
button = "Let me in"
texts = { "field.required.password" = "No password, no entry" }
[[form.field]]
name = "email"
label = "Your mail"
hint = "The one that you signed up with"
"#,
    );
    let browser = site.browser();
    let login = browser.open("/login").await;
    login
        .expect(200)
        .shows("Let me in")
        .shows("Your mail")
        .shows("The one that you signed up with");
    let refused = browser.post("/login", &[("email", "a@b.example")]).await;
    refused.expect(422).shows("No password, no entry");
    let page = browser.open("/register").await;
    page.expect(200)
        .shows("Join us")
        .shows("What shall we call you?")
        .shows("I have read the terms");
    let new = [
        ("email", "new@example.com"),
        ("password", "Corr3ct-horse-battery"),
        ("password_confirm", "Corr3ct-horse-battery"),
        ("name", "New"),
    ];
    browser.post("/register", &new).await.expect(422).shows("This has to be checked");
    let with_terms = [new.as_slice(), &[("terms", "on")]].concat();
    let sent = browser.post("/register", &with_terms).await;
    assert_eq!(sent.expect(303).location(), "/welcome");
    assert_eq!(site.backend.calls("register")[0].json()["terms"], json!(true));
}

#[tokio::test]
async fn a_parameter_of_the_page_becomes_a_hidden_value() {
    let site = Site::new(
        r#"
[[form]]
id = "reset-password"
access = "public"
submit = { send = "POST /auth/reset", body = { token = "{{token}}", password = "{{password}}" } }
on_success = { redirect = "/login", message = "Sign in with the new password." }
[[form.field]]
name = "token"
type = "hidden"
default = "{{query.token}}"
required = true
[[form.field]]
name = "password"
min_length = 8
required = true
[[form.field]]
name = "again"
type = "password"
equals = "password"
required = true
"#,
    );
    site.backend.script("reset", ok());
    let browser = site.browser();
    let page = browser.open("/reset-password?token=abc%22%3E123").await;
    page.expect(200).shows("value=\"abc&quot;&gt;123\"");
    let fields = [("token", "abc"), ("password", "long enough"), ("again", "other")];
    let page = browser.post("/reset-password", &fields).await;
    page.expect(422).shows("value=\"abc\"").hides("long enough");
    let fields = [("token", "abc"), ("password", "long enough"), ("again", "long enough")];
    let sent = browser.post("/reset-password", &fields).await;
    assert_eq!(sent.expect(303).location(), "/login?notice=form.reset-password");
    browser.open("/login?notice=form.reset-password").await.shows("Sign in with the new password.");
    assert_eq!(
        site.backend.calls("reset")[0].json(),
        json!({"token": "abc", "password": "long enough"})
    );
}

#[tokio::test]
async fn a_field_is_checked_while_the_form_is_filled_in() {
    let site = Site::new(
        r#"
[[form]]
id = "waiting-list"
access = "public"
submit = { send = "POST /list", body = { email = "{{email}}" } }
[[form.field]]
name = "email"
required = true
check = { send = "GET /free?email={{email}}", ok = "/free" }
"#,
    );
    site.backend.script(
        "free",
        Reply::Json(200, json!({"free": false, "detail": "This address is on the list."})),
    );
    site.backend.script("list", ok());
    let browser = site.browser();
    let part = browser.htmx("/waiting-list?check=email", &[("email", "a@b.example")]).await;
    part.expect(200)
        .shows("This address is on the list.")
        .shows("value=\"a@b.example\"")
        .hides("<form");
    let refused = browser.post("/waiting-list", &[("email", "a@b.example")]).await;
    refused.expect(422).shows("This address is on the list.");
    site.backend.script("free", Reply::Json(200, json!({"free": true})));
    let fine = browser
        .call("POST", "/waiting-list?check=email", Some(json!({"email": "a@b.example"})))
        .await;
    assert_eq!(fine.expect(200).json(), json!({"ok": true}));
    browser.post("/waiting-list", &[("email", "a@b.example")]).await.expect(303);
    browser.htmx("/waiting-list?check=nothing", &[]).await.expect(404);
}

#[tokio::test]
async fn a_limited_form_says_when_to_try_again() {
    let site = Site::new(
        &CONTACT.replace("title = ", "rate_limit = { limit = 2, per = \"1m\" }\ntitle = "),
    );
    site.backend.script("contact", ok());
    let browser = site.browser();
    let fields = [("email", "a@b.example"), ("message", "Hello")];
    browser.post("/contact", &fields).await.expect(303);
    browser.post("/contact", &fields).await.expect(303);
    let limited = browser.post("/contact", &fields).await;
    limited.expect(429).shows("value=\"a@b.example\"");
    assert!(limited.header("retry-after").is_some());
    site.pass(60);
    browser.post("/contact", &fields).await.expect(303);
}

#[tokio::test]
async fn a_form_of_another_site_is_not_taken() {
    let site = Site::new(CONTACT);
    let browser = site.browser();
    let sent = browser
        .ask("POST", "/contact")
        .navigating("cross-site")
        .form(&[("email", "a@b.example"), ("message", "Hello")])
        .send()
        .await;
    sent.expect(403).shows("value=\"a@b.example\"");
    assert_eq!(site.backend.count("contact"), 0);
}
