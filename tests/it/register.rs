//! Creating an account.

use serde_json::json;

use crate::support::scripted::{EMAIL, PASSWORD, Reply};
use crate::support::site::{HOME, STORES, Site, leads_to_login, store};

const NEW: &str = "bob@example.com";
const FIELDS: [(&str, &str); 3] =
    [("email", NEW), ("password", PASSWORD), ("password_confirm", PASSWORD)];

#[tokio::test]
async fn registering_signs_in() {
    for name in STORES {
        let site = Site::new(&store(name, ""));
        let browser = site.browser();
        browser.open("/register").await.expect(200).shows("name=\"password_confirm\"");
        assert_eq!(browser.post("/register", &FIELDS).await.expect(303).location(), HOME);
        browser.open(HOME).await.expect(200).shows(NEW);
        let call = &site.backend.calls("register")[0];
        assert_eq!(call.line, "POST /auth/register HTTP/1.1");
        assert_eq!(call.json(), json!({"email": NEW, "password": PASSWORD}), "no confirmation");
        assert_eq!(site.backend.count("login"), 1);
    }
}

#[tokio::test]
async fn registering_leads_to_where_the_visitor_wanted_to_go() {
    let site = Site::new("");
    let done = site.browser().post("/register?next=/reports", &FIELDS).await;
    assert_eq!(done.expect(303).location(), "/reports");
    let fields = [("email", "c@example.com"), FIELDS[1], FIELDS[2]];
    let done = site.browser().post("/register?next=//evil.example", &fields).await;
    assert_eq!(done.expect(303).location(), HOME);
    let fields = [("email", "d@example.com"), FIELDS[1], FIELDS[2]];
    let done = site.browser().htmx("/register?next=/reports", &fields).await;
    assert_eq!(done.expect(200).header("hx-redirect"), Some("/reports"));
}

#[tokio::test]
async fn json_callers_may_leave_the_confirmation_out() {
    let site = Site::new("");
    let body = json!({"email": NEW, "password": PASSWORD});
    let browser = site.browser();
    let done = browser.call("POST", "/register", Some(body)).await;
    assert_eq!(done.expect(200).json()["user"]["email"], NEW);
    assert_eq!(done.json()["next"], HOME);
    assert!(browser.is_signed_in().await);

    let body = json!({"email": "c@d.example", "password": PASSWORD, "password_confirm": "other"});
    let problem = site.browser().call("POST", "/register", Some(body)).await;
    assert_eq!(problem.expect(422).json()["errors"][0]["code"], "field.mismatch");
}

#[tokio::test]
async fn two_different_passwords_are_refused_before_the_backend_is_asked() {
    let site = Site::new("");
    for confirm in [Some("another-Corr3ct-one"), Some(""), None] {
        let mut fields = vec![("email", NEW), ("password", PASSWORD)];
        fields.extend(confirm.map(|confirm| ("password_confirm", confirm)));
        let page = site.browser().post("/register", &fields).await;
        page.expect(422)
            .shows("The two passwords are not the same")
            .shows(&format!("value=\"{NEW}\""));
        page.shows("href=\"#field-password_confirm\"").hides("another-Corr3ct-one");
    }
    assert_eq!(site.backend.count("register"), 0);
}

#[tokio::test]
async fn an_email_that_is_taken_is_told_at_its_field() {
    let site = Site::new("");
    let fields = [("email", EMAIL), FIELDS[1], FIELDS[2]];
    let browser = site.browser();
    let page = browser.post("/register", &fields).await;
    page.expect(409).shows(&format!("value=\"{EMAIL}\"")).shows("href=\"#field-email\"");
    assert!(!browser.is_signed_in().await);
    let body = json!({"email": EMAIL, "password": PASSWORD});
    let problem = site.browser().call("POST", "/register", Some(body)).await;
    assert_eq!(problem.expect(409).json()["code"], "identifier.taken");
    assert_eq!(problem.json()["errors"][0]["pointer"], "#/email");
    site.browser().htmx("/register", &fields).await.expect(409).hides("<html").shows("<form");
}

#[tokio::test]
async fn the_backends_word_on_a_weak_password_is_shown() {
    let site = Site::new("");
    let body = json!({"detail": [{"loc": ["body", "password"], "msg": "Use a digit as well."}]});
    site.backend.script("register", Reply::Json(422, body));
    let page = site.browser().post("/register", &FIELDS).await;
    page.expect(422).shows("Use a digit as well.").shows("href=\"#field-password\"");
    page.shows(&format!("value=\"{NEW}\""));

    site.backend.script("register", Reply::Json(400, json!({"detail": "Not today."})));
    site.browser().post("/register", &FIELDS).await.expect(422).shows("Not today.");
    // A page of a broken proxy is no sentence for a visitor.
    site.backend.script("register", Reply::Json(400, json!({"detail": "<h1>oops</h1>"})));
    site.browser().post("/register", &FIELDS).await.expect(422).hides("oops");
}

#[tokio::test]
async fn field_errors_of_the_backend_find_our_inputs_through_a_renamed_body() {
    let site = Site::new(
        "[backend.register]\nsend = \"POST /auth/register\"\n\
         body = { user = { login_name = \"{{email}}\", secret = \"{{password}}\" }, terms = true }",
    );
    let body = json!({"errors": [
        {"field": "login_name", "message": "No such domain."},
        {"field": "secret", "message": "Too common."},
        {"field": "terms", "message": "not ours"},
    ]});
    site.backend.script("register", Reply::Json(422, body));
    let body = json!({"email": NEW, "password": PASSWORD});
    let problem = site.browser().call("POST", "/register", Some(body)).await;
    let errors = problem.expect(422).json()["errors"].clone();
    assert_eq!(errors[0]["pointer"], "#/email");
    assert_eq!(errors[0]["detail"], "No such domain.");
    assert_eq!(errors[1]["pointer"], "#/password");
    assert_eq!(errors.as_array().unwrap().len(), 2);
    let sent = site.backend.calls("register")[0].json();
    assert_eq!(sent, json!({"user": {"login_name": NEW, "secret": PASSWORD}, "terms": true}));
}

#[tokio::test]
async fn more_placeholders_are_more_inputs() {
    let site = Site::new(
        "[backend.register]\nsend = \"POST /auth/register\"\n\
         body = { email = \"{{email}}\", password = \"{{password}}\", name = \"{{name}}\" }",
    );
    site.browser().open("/register").await.expect(200).shows("name=\"name\"");
    let page = site.browser().post("/register", &FIELDS).await;
    page.expect(422).shows("href=\"#field-name\"");
}

#[tokio::test]
async fn where_a_mail_comes_first_nobody_is_signed_in() {
    let site = Site::new("[backend.register]\nsend = \"POST /auth/register\"\nthen = \"notice\"");
    let browser = site.browser();
    let done = browser.post("/register?next=/reports", &FIELDS).await;
    leads_to_login(&done);
    assert!(done.location().contains("next=%2Freports"), "{}", done.location());
    browser.open(done.location()).await.expect(200).shows("Look into your mailbox");
    assert!(!browser.is_signed_in().await);
    assert_eq!(site.backend.count("login"), 0);

    let body = json!({"email": "c@example.com", "password": PASSWORD});
    let done = site.browser().call("POST", "/register", Some(body)).await;
    assert_eq!(done.expect(200).json()["user"], json!(null));
}

#[tokio::test]
async fn an_account_that_is_there_is_no_failure_even_if_signing_in_fails() {
    let site = Site::new("");
    site.backend.script("login", Reply::Json(500, json!({})));
    let browser = site.browser();
    let done = browser.post("/register", &FIELDS).await;
    leads_to_login(&done);
    browser.open(done.location()).await.expect(200).shows("Your account is ready");
}

#[tokio::test]
async fn without_registration_there_is_no_page_and_no_link() {
    let site = Site::new("[backend]\nregister = false");
    let browser = site.browser();
    browser.open("/register").await.expect(404);
    browser.post("/register", &FIELDS).await.expect(404);
    let answer = browser.call("POST", "/register", Some(json!({}))).await;
    assert_eq!(answer.expect(404).json()["code"], "not_found");
    browser.open("/login").await.expect(200).hides("/register");
    assert_eq!(site.backend.count("register"), 0);
    Site::new("").browser().open("/login").await.shows("href=\"/register\"");
}

#[tokio::test]
async fn an_outage_at_registration_keeps_the_form() {
    let mut site = Site::new("");
    site.backend.script("register", Reply::Json(503, json!({})));
    site.browser().post("/register", &FIELDS).await.expect(502).shows(&format!("value=\"{NEW}\""));
    site.backend.script("register", Reply::Silence);
    site.browser().post("/register", &FIELDS).await.expect(504).shows("<form");
    site.backend.close();
    let page = site.browser().post("/register", &FIELDS).await;
    page.expect(503).shows("<form").shows(&format!("value=\"{NEW}\""));
}
