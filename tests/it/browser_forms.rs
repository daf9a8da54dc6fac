//! Declared forms as a visitor fills them in: each kind of field, with and without scripts, by keyboard, by HTMX.

use serde_json::{Value, json};
use thirtyfour::Key;
use vestibule::Clock;

use crate::support::binary::Vestibule;
use crate::support::chromium::{Chromium, Scripts};
use crate::support::eventually;
use crate::support::scripted::{Reply, Scripted, TOKEN_SECRET};

const PASSWORD: &str = "Corr3ct-horse-battery";

const EVERYTHING: &str = r#"
[[form]]
id = "everything"
access = "public"
title = "Everything at once"
intro = "One field of each kind."
nav = "Everything"
submit = { send = "POST /everything", body = { text = "{{text}}", email = "{{email}}", tel = "{{tel}}", url = "{{url}}", number = "{{number}}", password = "{{password}}", lines = "{{lines}}", size = "{{size}}", plan = "{{plan}}", terms = "{{terms}}", news = "{{news}}", day = "{{day}}", token = "{{token}}" } }
on_success = { message = "It has arrived." }
[[form.field]]
name = "text"
required = true
hint = "As it is in your passport."
[[form.field]]
name = "email"
type = "email"
required = true
[[form.field]]
name = "tel"
type = "tel"
[[form.field]]
name = "url"
type = "url"
placeholder = "https://example.com"
[[form.field]]
name = "number"
type = "number"
min = 1
max = 3
[[form.field]]
name = "password"
required = true
[[form.field]]
name = "note"
type = "static"
label = "What follows is about the order."
[[form.field]]
name = "lines"
type = "textarea"
[[form.field]]
name = "size"
type = "select"
options = [{ value = "s", label = "Small" }, { value = "m", label = "Medium" }]
required = true
[[form.field]]
name = "plan"
type = "radio"
options = ["basic", "large", "huge"]
required = true
[[form.field]]
name = "terms"
type = "checkbox"
label = "I have read the terms"
required = true
[[form.field]]
name = "news"
type = "switch"
label = "Send me the news"
[[form.field]]
name = "day"
type = "date"
min = "2020-01-01"
[[form.field]]
name = "token"
type = "hidden"
default = "{{query.token}}"
"#;

/// The same without the password, since a form with one is not sent by a script.
fn by_htmx() -> String {
    EVERYTHING
        .replace("[[form.field]]\nname = \"password\"\nrequired = true\n", "")
        .replace(", password = \"{{password}}\"", "")
        .replace("access = ", "htmx = true\naccess = ")
}

/// vestibule with these forms, in front of a backend that takes what they send.
async fn start(forms: &str) -> (Vestibule, Scripted) {
    let backend = Scripted::start(&Clock::system());
    for endpoint in ["everything", "contact", "account"] {
        backend.script(endpoint, Reply::Json(200, json!({"ok": true})));
    }
    let config = format!(
        "[backend]\nurl = \"{}\"\ntimeout = \"2s\"\n[token]\nsecret = \"{TOKEN_SECRET}\"\n{forms}",
        backend.url()
    );
    (Vestibule::start(&config).await, backend)
}

async fn click(browser: &Chromium, css: &str) {
    browser.element(css).await.click().await.unwrap();
}

/// What the backend must have got, with the type of each value.
fn expected() -> Value {
    json!({
        "text": "Ada \u{1F980}", "email": "ada@example.com", "tel": "+49 30 123456",
        "url": "https://example.com/a?b=c", "number": 2, "password": PASSWORD,
        "lines": "Two\nlines", "size": "m", "plan": "large", "terms": true, "news": true,
        "day": "2026-11-24", "token": "a\"b",
    })
}

/// Makes every mistake, reads about it, mends it and is told that it has arrived.
async fn fill_in_everything(scripts: Scripts, forms: &str, name: &str) {
    let (vestibule, backend) = start(forms).await;
    let browser = Chromium::start(scripts).await;
    let has_password = forms.contains("name = \"password\"");
    browser.open(&format!("{}/everything?token=a%22b", vestibule.url())).await;
    browser.looks_right(&format!("{name}-idle")).await;
    browser.type_into("text", "Ada X").await;
    browser.type_into("email", "ada at example").await;
    browser.type_into("number", "9").await;
    browser.type_into("lines", "Two\nlines").await;
    click(&browser, "#field-size option[value=m]").await;
    click(&browser, "[name=plan][value=large]").await;
    click(&browser, "[name=news]").await;
    if has_password {
        browser.type_into("password", PASSWORD).await;
    }
    browser.send_form("/everything").await;

    browser.reads("Enter an email address like").await;
    browser.reads("must be at most 3").await;
    browser.reads("This has to be checked").await;
    assert!(browser.title().await.starts_with("Error: Everything at once"));
    assert_eq!(backend.count("everything"), 0);
    browser.looks_right(&format!("{name}-errors")).await;
    for (field, kept) in [
        ("text", "Ada X"),
        ("email", "ada at example"),
        ("number", "9"),
        ("lines", "Two\nlines"),
        ("size", "m"),
        ("token", "a\"b"),
    ] {
        assert_eq!(browser.value_of(field).await, kept, "{field}");
    }
    for (css, is_on) in [
        ("[name=plan][value=large]", true),
        ("[name=plan][value=basic]", false),
        ("[name=news]", true),
        ("[name=terms]", false),
    ] {
        let is_checked = browser.element(css).await.is_selected().await.unwrap();
        assert_eq!(is_checked, is_on, "{css}");
    }
    // The summary leads to what is wrong.
    click(&browser, "main [role=alert] a[href=\"#field-email\"]").await;
    eventually("focus on the email", async || {
        browser.has_focus("[name=email]").await.then_some(())
    })
    .await;

    browser.type_into("text", "Ada ").await;
    browser.type_into("email", " ada@example.com ").await;
    browser.type_into("tel", "+49 30 123456").await;
    browser.type_into("url", "https://example.com/a?b=c").await;
    browser.type_into("number", "2").await;
    if has_password {
        assert_eq!(browser.value_of("password").await, "");
        browser.type_into("password", PASSWORD).await;
    }
    click(&browser, "[name=terms]").await;
    browser.element("[name=day]").await.send_keys("11242026").await.unwrap();
    browser.send_form("/everything").await;
    browser.reads("It has arrived.").await;
    let path = browser.path().await;
    if forms.contains("htmx = true") {
        assert_eq!(path, "/everything?token=a%22b#field-email", "nothing was loaded anew");
        eventually("focus on the news", async || {
            browser.has_focus("main [role=status]").await.then_some(())
        })
        .await;
    } else {
        assert_eq!(path, "/everything?notice=form.everything");
    }
    assert!(browser.title().await.starts_with("Everything at once"));
    browser.looks_right(&format!("{name}-success")).await;

    let mut wanted = expected();
    wanted["text"] = json!("Ada");
    if !has_password {
        wanted.as_object_mut().unwrap().remove("password");
    }
    assert_eq!(backend.calls("everything")[0].json(), wanted);
    assert_eq!(backend.count("everything"), 1);
}

#[tokio::test]
#[ignore = "needs chromium and chromedriver; run by tests/run"]
async fn every_kind_of_field_arrives_with_its_type() {
    fill_in_everything(Scripts::On, EVERYTHING, "everything").await;
}

#[tokio::test]
#[ignore = "needs chromium and chromedriver; run by tests/run"]
async fn every_kind_of_field_arrives_without_javascript() {
    fill_in_everything(Scripts::Off, EVERYTHING, "everything-plain").await;
}

#[tokio::test]
#[ignore = "needs chromium and chromedriver; run by tests/run"]
async fn every_kind_of_field_arrives_by_htmx() {
    fill_in_everything(Scripts::On, &by_htmx(), "everything-htmx").await;
}

#[tokio::test]
#[ignore = "needs chromium and chromedriver; run by tests/run"]
async fn a_form_for_htmx_is_a_form_where_there_are_no_scripts() {
    let (vestibule, backend) = start(CONTACT).await;
    let browser = Chromium::start(Scripts::Off).await;
    browser.open(&format!("{}/contact", vestibule.url())).await;
    browser.type_into("message", "Hello").await;
    browser.send_form("/contact").await;
    browser.arrives(|path| path == "/contact?notice=form.contact").await;
    assert_eq!(backend.calls("contact")[0].json(), json!({"text": "Hello"}));
}

#[tokio::test]
#[ignore = "needs chromium and chromedriver; run by tests/run"]
async fn a_form_can_be_filled_in_and_sent_with_the_keyboard_alone() {
    let (vestibule, backend) = start(EVERYTHING).await;
    let browser = Chromium::start(Scripts::On).await;
    browser.open(&format!("{}/everything?token=a%22b", vestibule.url())).await;
    for (name, keys) in [
        ("text", "Ada"),
        ("email", "ada@example.com"),
        ("tel", "+49 30 123456"),
        ("url", "https://example.com/a?b=c"),
        ("number", "2"),
        ("password", PASSWORD),
        ("lines", "Two\nlines"),
        ("size", "Med"),
        ("plan", " "),
        ("terms", " "),
        ("news", " "),
        ("day", "11242026"),
    ] {
        browser.tab_to(&format!("main [name={name}]")).await;
        browser.press(keys).await;
        if name == "plan" {
            browser.press(Key::Down + "").await;
        }
    }
    browser.tab_to("main [type=submit]").await;
    browser.press(Key::Enter + "").await;
    browser.reads("It has arrived.").await;
    let mut wanted = expected();
    wanted["text"] = json!("Ada");
    assert_eq!(backend.calls("everything")[0].json(), wanted);
}

const CONTACT: &str = r#"
[[form]]
id = "contact"
access = "public"
htmx = true
rate_limit = { limit = 5, per = "1m" }
submit = { send = "POST /contact", body = { text = "{{message}}" } }
[[form.field]]
name = "message"
type = "textarea"
required = true
[[form]]
id = "account"
access = "public"
htmx = true
submit = { send = "POST /account", body = { name = "{{name}}" } }
on_success = { redirect = "/login", message = "Your account is ready." }
[[form.field]]
name = "name"
required = true
"#;

/// Waits for what a swap brings: the summary with this sentence, and the focus on it.
async fn is_told(browser: &Chromium, sentence: &str) {
    browser.reads(sentence).await;
    eventually("focus on the error summary", async || {
        browser.has_focus("main [role=alert]").await.then_some(())
    })
    .await;
}

#[tokio::test]
#[ignore = "needs chromium and chromedriver; run by tests/run"]
async fn htmx_shows_whatever_the_answer_is_and_keeps_what_was_typed() {
    let (vestibule, mut backend) = start(CONTACT).await;
    let browser = Chromium::start(Scripts::On).await;
    let contact = format!("{}/contact", vestibule.url());
    browser.open(&contact).await;
    browser.send_form("/contact").await;
    is_told(&browser, "must not be empty").await;

    browser.type_into("message", "Hello <b> there").await;
    backend.script("contact", Reply::Json(409, json!({"detail": "Somebody was quicker."})));
    browser.send_form("/contact").await;
    is_told(&browser, "Somebody was quicker.").await;
    backend.script("contact", Reply::Json(500, json!({})));
    browser.send_form("/contact").await;
    is_told(&browser, "had a problem").await;
    backend.close();
    browser.send_form("/contact").await;
    is_told(&browser, "cannot be reached").await;
    browser.looks_right("htmx-backend-down").await;
    backend.open_again();
    backend.script("contact", Reply::Json(403, json!({"detail": "Not for you."})));
    browser.send_form("/contact").await;
    is_told(&browser, "Not for you.").await;
    browser.send_form("/contact").await;
    is_told(&browser, "You can try again in").await;
    assert_eq!(browser.value_of("message").await, "Hello <b> there");
    assert_eq!(browser.path().await, "/contact");
    browser.console_is_quiet("a form by htmx").await;
}

#[tokio::test]
#[ignore = "needs chromium and chromedriver; run by tests/run"]
async fn htmx_follows_to_where_an_accepted_form_leads() {
    let (vestibule, backend) = start(CONTACT).await;
    let browser = Chromium::start(Scripts::On).await;
    browser.open(&format!("{}/account", vestibule.url())).await;
    browser.type_into("name", "Ada").await;
    browser.press(Key::Enter + "").await;
    browser.arrives(|path| path == "/login?notice=form.account").await;
    browser.reads("Your account is ready.").await;
    assert_eq!(backend.count("account"), 1);
}

const JOIN: &str = r#"
[[form]]
id = "join"
access = "public"
submit = { send = "POST /join", body = { email = "{{email}}", password = "{{password}}" } }
[[form.field]]
name = "email"
required = true
check = { send = "GET /free?email={{email}}", ok = "/free" }
[[form.field]]
name = "password"
required = true
autocomplete = "new-password"
strength = 3
[[form.field]]
name = "again"
type = "password"
equals = "password"
"#;

#[tokio::test]
#[ignore = "needs chromium and chromedriver; run by tests/run"]
async fn a_field_is_checked_where_it_is_and_nothing_typed_is_lost() {
    let (vestibule, mut backend) = start(JOIN).await;
    let taken = json!({"free": false, "detail": "This address is taken."});
    backend.script("free", Reply::Json(200, taken));
    let browser = Chromium::start(Scripts::On).await;
    browser.open(&format!("{}/join", vestibule.url())).await;
    browser.type_into("email", "grzegorzbrzecz@example.com").await;
    browser.press(Key::Tab + "").await;
    browser.reads("This address is taken.").await;
    let email = "[name=email][aria-invalid=true][aria-describedby~=field-email-error]";
    assert_eq!(browser.data(email).await["text"], "");
    assert!(browser.has_focus("[name=password]").await);
    assert_eq!(browser.value_of("email").await, "grzegorzbrzecz@example.com");

    // While it is typed, and the visitor goes on typing.
    browser.press("GrzegorzBrzecz").await;
    browser.reads("easy to guess").await;
    assert!(browser.has_focus("[name=password]").await);
    assert_eq!(browser.value_of("password").await, "GrzegorzBrzecz");
    browser.looks_right("join-checked").await;
    browser.press(" walks over blue hills").await;
    eventually("the password is good enough", async || {
        (!browser.text().await.contains("easy to guess")).then_some(())
    })
    .await;
    assert!(browser.data("[name=password][aria-invalid]").await.is_null());
    assert_eq!(browser.value_of("password").await, "GrzegorzBrzecz walks over blue hills");

    // What cannot be asked now changes nothing.
    backend.close();
    browser.type_into("email", "ada@example.com").await;
    browser.press(Key::Tab + "").await;
    vestibule.log_line(&["could not be checked"]).await;
    assert_eq!(browser.value_of("email").await, "ada@example.com");
    assert_eq!(browser.path().await, "/join");
    browser.console_is_quiet("checks of fields").await;
}

#[tokio::test]
#[ignore = "needs chromium and chromedriver; run by tests/run"]
async fn too_many_questions_about_a_field_leave_the_form_as_it_is() {
    let (vestibule, _backend) = start(JOIN).await;
    let browser = Chromium::start(Scripts::On).await;
    let page = format!("{}/join", vestibule.url());
    browser.open(&page).await;
    let visitor = vestibule.visitor();
    let ask = async || {
        let field = [("password", "password")];
        visitor.htmx("/join?check=password", &field).await.status
    };
    // Somebody behind the same address asks without end, so that there is never a turn left.
    let flood = async {
        loop {
            ask().await;
        }
    };
    let fill_in = async {
        eventually("the limit", async || (ask().await == 429).then_some(())).await;
        browser.type_into("password", "password").await;
        eventually("a refused question", async || {
            (browser.answered("?check=password").await == Some(429)).then_some(())
        })
        .await;
    };
    tokio::select! {
        () = flood => {}
        () = fill_in => {}
    }
    browser.type_into("email", "ada@example.com").await;
    browser.press(Key::Tab + "").await;
    assert!(browser.has_focus("[name=password]").await);
    assert_eq!(browser.value_of("password").await, "password");
    assert!(!browser.text().await.contains("Too many"));
}
