//! What follows when a backend has accepted a form, in every combination that makes sense.

use serde_json::{Value, json};

use crate::support::scripted::{EMAIL, PASSWORD, Reply};
use crate::support::site::{Browser, Site};

const ABOUT: &str = "[[page]]\npath = \"/about\"\naccess = \"public\"\ntitle = \"About us\"\n";

/// A form without fields for who is signed in, with this in it.
fn form(more: &str) -> String {
    format!("[[form]]\nid = \"press\"\nsubmit = {{ send = \"POST /press\" }}\n{more}\n{ABOUT}")
}

fn pressed(more: &str) -> Site {
    let site = Site::new(&form(more));
    site.backend.script("press", Reply::Json(200, json!({"ok": true})));
    site
}

async fn as_json(browser: &Browser) -> Value {
    browser.call("POST", "/press", Some(json!({}))).await.expect(200).json()
}

#[tokio::test]
async fn a_message_is_read_where_the_form_leads() {
    let site = pressed("on_success = { message = \"Pressed.\", redirect = \"/about#end\" }");
    let browser = site.signed_in().await;
    let sent = browser.post("/press", &[]).await;
    assert_eq!(sent.expect(303).location(), "/about?notice=form.press#end");
    browser.open("/about?notice=form.press").await.expect(200).shows("Pressed.");
    let answer = as_json(&browser).await;
    assert_eq!((&answer["message"], &answer["next"]), (&json!("Pressed."), &json!("/about#end")));
    let silent = pressed("on_success = { redirect = \"/about\" }");
    let sent = silent.signed_in().await.post("/press", &[]).await;
    assert_eq!(sent.expect(303).location(), "/about");
}

#[tokio::test]
async fn a_form_that_was_accepted_goes_or_stays() {
    for (more, stays) in [
        ("", false),
        ("on_success = { keep_form = true }", true),
        ("on_success = { reload_user = true }", true),
        ("on_success = { reload_user = true, keep_form = false }", false),
    ] {
        let site = pressed(more);
        let browser = site.signed_in().await;
        browser.open("/press").await.expect(200).shows("action=\"/press\"");
        let sent = browser.post("/press", &[]).await;
        let page = browser.open(sent.expect(303).location()).await;
        page.expect(200).shows("Done.");
        if stays {
            page.shows("action=\"/press\"")
        } else {
            page.hides("action=\"/press\"")
        };
    }
}

#[tokio::test]
async fn a_form_that_signs_in_leads_on_with_its_message_and_to_where_somebody_was_going() {
    let site = Site::new(&format!(
        "[[form]]\nid = \"join\"\naccess = \"public\"\n\
         submit = {{ send = \"POST /auth/login\", body = {{ email = \"{{{{email}}}}\", password = \"{{{{password}}}}\" }} }}\n\
         on_success = {{ login = true, redirect = \"/about\", message = \"You are one of us.\" }}\n\
         [[form.field]]\nname = \"email\"\n[[form.field]]\nname = \"password\"\n{ABOUT}"
    ));
    let fields = [("email", EMAIL), ("password", PASSWORD)];
    let browser = site.browser();
    let sent = browser.post("/join", &fields).await;
    assert_eq!(sent.expect(303).location(), "/about?notice=form.join");
    browser.open("/about?notice=form.join").await.shows("You are one of us.");
    assert!(browser.is_signed_in().await);
    let browser = site.browser();
    let sent = browser.post("/join?next=%2Fwelcome", &fields).await;
    assert_eq!(sent.expect(303).location(), "/welcome?notice=form.join");
    let body = json!({"email": EMAIL, "password": PASSWORD});
    let answer = site.browser().call("POST", "/join", Some(body)).await.expect(200).json();
    assert_eq!(answer["message"], "You are one of us.");
    assert_eq!((&answer["next"], &answer["user"]["email"]), (&json!("/about"), &json!(EMAIL)));
}

#[tokio::test]
async fn a_form_that_signs_out_leads_on_too() {
    let site = pressed("on_success = { logout = true, redirect = \"/about\", message = \"Bye.\" }");
    let browser = site.signed_in().await;
    let (copy, sent) = (browser.copy(), browser.post("/press", &[]).await);
    assert_eq!(sent.expect(303).location(), "/about?notice=form.press");
    assert!(!browser.is_signed_in().await && !copy.is_signed_in().await);
    assert_eq!(site.backend.count("logout"), 1);
    browser.open("/about?notice=form.press").await.shows("Bye.");
}

#[tokio::test]
async fn the_user_is_read_again_and_every_page_knows() {
    let site = pressed("on_success = { reload_user = true }");
    let browser = site.signed_in().await;
    site.backend.rename(EMAIL, "Alice Newname");
    browser.open("/welcome").await.hides("Newname");
    assert_eq!(as_json(&browser).await["user"]["name"], "Alice Newname");
    browser.open("/welcome").await.shows("Alice Newname");
    // That it cannot be read is no reason to say that the form failed.
    site.backend.script("me", Reply::Json(500, json!({})));
    assert_eq!(as_json(&browser).await["user"]["name"], "Alice Newname");
    assert!(browser.is_signed_in().await);
}

#[tokio::test]
async fn the_others_end_together_with_whatever_else_follows() {
    let more =
        "on_success = { end_other_sessions = true, reload_user = true, redirect = \"/about\" }";
    let site = pressed(more);
    let (mine, other) = (site.signed_in().await, site.signed_in().await);
    site.pass(1);
    site.backend.script("press", Reply::Json(400, json!({"detail": "No."})));
    mine.post("/press", &[]).await.expect(422).shows("No.");
    assert!(other.is_signed_in().await, "nothing follows a refusal");
    site.backend.script("press", Reply::Json(200, json!({})));
    assert_eq!(mine.post("/press", &[]).await.expect(303).location(), "/about");
    assert!(mine.is_signed_in().await && !other.is_signed_in().await);
}

/// A change of password that brings new tokens, at a backend that ends the old ones by it.
const TAKES: &str = "[[form]]\nid = \"change\"\n\
    submit = { send = \"POST /auth/login\", body = { email = \"{{user.email}}\", password = \"{{password}}\" }, \
    take = { access_token = \"/access_token\", refresh_token = \"/refresh_token\" } }\n\
    on_success = { end_other_sessions = true }\n\
    [[form.field]]\nname = \"password\"\n\
    [[page]]\npath = \"/seen\"\nfetch = { seen = { send = \"GET /seen\" } }\n";

#[tokio::test]
async fn new_tokens_that_an_answer_brings_are_those_of_the_session_from_then_on() {
    for store in ["cookie", "memory", "sqlite"] {
        let site = Site::new(&format!("[session]\nstore = \"{store}\"\n{TAKES}"));
        site.backend.script("seen", Reply::Json(200, json!({})));
        let browser = site.signed_in().await;
        let seen = async |count: usize| {
            browser.open("/seen").await.expect(200);
            site.backend.calls("seen")[count].headers["authorization"].clone()
        };
        let before = seen(0).await;
        site.pass(1);
        browser.post("/change", &[("password", PASSWORD)]).await.expect(303);
        let after = seen(1).await;
        assert_ne!(before, after, "{store}");
        let issued = site.backend.issued();
        assert!(issued.iter().any(|token| after.ends_with(token.as_str())), "{store}");
        // The new refresh token is there as well, and the old one is never sent again.
        site.pass(1800);
        browser.open("/welcome").await.expect(200);
        assert_eq!((site.backend.count("refresh"), site.backend.reuses()), (1, 0), "{store}");
    }
}

#[tokio::test]
async fn tokens_that_cannot_be_accepted_leave_the_session_as_it_was() {
    let site = Site::new(TAKES);
    site.backend.script("seen", Reply::Json(200, json!({})));
    let browser = site.signed_in().await;
    let forged = json!({"access_token": "eyJhbGciOiJub25lIn0.e30.", "refresh_token": "x"});
    site.backend.script("login", Reply::Json(200, forged));
    browser.post("/change", &[("password", PASSWORD)]).await.expect(303);
    browser.open("/seen").await.expect(200);
    let sent = site.backend.calls("seen")[0].headers["authorization"].clone();
    assert!(site.backend.issued().iter().any(|token| sent.ends_with(token.as_str())));
    assert!(browser.is_signed_in().await);
}

const PREFILLED: &str = "[[form]]\nid = \"settings\"\nsubmit = { send = \"PUT /settings\", body = { color = \"{{color}}\" } }\n\
    prefill = { send = \"GET /stored?of={{user.id}}\", take = { color = \"/look/color\" } }\n\
    [[form.field]]\nname = \"color\"\n";

#[tokio::test]
async fn a_form_is_filled_from_the_backend_and_shown_without_it_where_it_has_nothing() {
    let site = Site::new(PREFILLED);
    let browser = site.signed_in().await;
    site.backend.script("stored", Reply::Json(200, json!({"look": {"color": "<green>"}})));
    browser.open("/settings").await.expect(200).shows("value=\"&lt;green&gt;\"");
    let call = &site.backend.calls("stored")[0];
    assert!(call.line.contains("?of=") && !call.line.contains("?of= "), "{}", call.line);
    // What is not set is no trouble.
    site.backend.script("stored", Reply::Json(200, json!({"look": {}})));
    browser.open("/settings").await.expect(200).shows("name=\"color\"").hides("notice-warning");
    for reply in
        [Reply::Json(500, json!({})), Reply::Json(404, json!({})), Reply::HangUp, Reply::Silence]
    {
        site.backend.script("stored", reply.clone());
        let page = browser.open("/settings").await;
        page.expect(200).shows("name=\"color\"").shows("notice-warning").hides("green");
    }
    assert!(browser.is_signed_in().await);
}

#[tokio::test]
async fn a_token_that_is_refused_to_a_prefill_is_renewed_once() {
    let site = Site::new(PREFILLED);
    let browser = site.signed_in().await;
    site.backend.script("stored", Reply::Json(401, json!({"detail": "expired"})));
    site.backend.hold("refresh");
    let (page, ()) = futures_util::join!(browser.open("/settings"), async {
        site.backend.called("refresh", 1).await;
        site.backend.script("stored", Reply::Json(200, json!({"look": {"color": "green"}})));
        site.backend.let_go("refresh");
    });
    page.expect(200).shows("value=\"green\"").hides("notice-warning");
    let tokens: Vec<_> =
        site.backend.calls("stored").iter().map(|it| it.headers["authorization"].clone()).collect();
    assert!(tokens.len() == 2 && tokens[0] != tokens[1], "{tokens:?}");
    // The new ticket has gone out with the page.
    assert!(browser.is_signed_in().await);
    site.backend.script("stored", Reply::Json(401, json!({})));
    site.pass(60);
    browser.open("/settings").await.expect(200).shows("notice-warning");
    assert_eq!(site.backend.reuses(), 0);
}
