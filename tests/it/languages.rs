//! The language of a visitor: found, remembered, and spoken by pages, problems and mails.

use serde_json::json;

use crate::accounts::house_with;
use crate::support::scripted::{EMAIL, PASSWORD, Reply, WRONG_PASSWORD};
use crate::support::site::{Browser, Site, cookie_lines};
use crate::support::visitor::Answer;

const FIVE: &str = "[i18n]\nlocales = [\"en\", \"de\", \"fr\", \"es\", \"ar\"]\n";

/// Loads a page as a browser does that prefers these languages.
async fn open(browser: &Browser, target: &str, wishes: &str) -> Answer {
    browser.ask("GET", target).navigating("none").header("accept-language", wishes).send().await
}

#[track_caller]
fn is_in(answer: &Answer, tag: &str) {
    let dir = if tag == "ar" { "rtl" } else { "ltr" };
    answer.shows(&format!("<html lang=\"{tag}\" dir=\"{dir}\">"));
    assert_eq!(answer.header("content-language"), Some(tag));
}

#[tokio::test]
async fn a_page_is_in_the_language_that_the_browser_prefers() {
    let site = Site::new(FIVE);
    let browser = site.browser();
    for (wishes, tag, heading) in [
        ("de-CH,de;q=0.9,en;q=0.5", "de", "<h1>Anmelden</h1>"),
        ("fr", "fr", "<h1>Se connecter</h1>"),
        ("ja, es;q=0.3", "es", "<h1>Iniciar sesión</h1>"),
        ("ar-EG", "ar", "<h1>تسجيل الدخول</h1>"),
        ("ja", "en", "<h1>Sign in</h1>"),
        ("de", "de", "<h1>Anmelden</h1>"),
    ] {
        // Twice, because the page is kept after the first time.
        for _ in 0..2 {
            let page = open(&browser, "/login", wishes).await;
            is_in(page.expect(200).shows(heading), tag);
            assert!(page.header("vary").unwrap().contains("Accept-Language"));
            assert!(cookie_lines(&page.headers).iter().all(|line| !line.contains("lang")));
        }
    }
}

#[tokio::test]
async fn a_language_that_was_chosen_is_kept_and_so_is_where_the_visitor_was_going() {
    let site = Site::new(FIVE);
    let browser = site.browser();
    let page = open(&browser, "/login?next=%2Fwelcome", "en").await;
    page.shows("href=\"/login?next=%2Fwelcome&amp;lang=de\" hreflang=\"de\" lang=\"de\" dir=\"ltr\">Deutsch<");
    page.shows("aria-current=\"true\">English<").shows("dir=\"rtl\">العربية<");
    let page = open(&browser, "/login?next=%2Fwelcome&lang=de", "en").await;
    is_in(page.shows("action=\"/login?next=%2Fwelcome\""), "de");
    let cookie = cookie_lines(&page.headers).into_iter().find(|it| it.contains("lang")).unwrap();
    assert!(cookie.starts_with("vestibule_lang=de; Path=/; Max-Age="), "{cookie}");
    let fields = [("email", EMAIL), ("password", WRONG_PASSWORD)];
    let refused = browser.post("/login?next=%2Fwelcome", &fields).await;
    is_in(refused.expect(401).shows("Fehler: Anmelden").shows("Passwort stimmt nicht"), "de");
    let fields = [("email", EMAIL), ("password", PASSWORD)];
    let gone = browser.post("/login?next=%2Fwelcome", &fields).await;
    assert_eq!(gone.expect(303).location(), "/welcome");
    is_in(open(&browser, "/welcome", "en").await.shows("Sie sind angemeldet."), "de");
    is_in(&open(&browser, "/welcome?lang=ar", "en").await, "ar");
    is_in(&open(&browser, "/welcome?lang=xx", "en").await, "ar");
}

#[tokio::test]
async fn what_goes_wrong_is_told_in_the_visitors_language() {
    let site = Site::new(FIVE);
    let browser = site.signed_in().await;
    let lost = open(&browser, "/nothing-here", "fr").await;
    is_in(lost.expect(404).shows("Page introuvable"), "fr");
    let ask = site.browser().ask("POST", "/login").by_script().header("accept-language", "de");
    let problem = ask.json(&json!({"email": "", "password": "x"})).send().await;
    assert_eq!(problem.expect(422).header("content-language"), Some("de"));
    assert_eq!(problem.json()["title"], "Das konnte nicht angenommen werden");
    assert_eq!(problem.json()["errors"][0]["detail"], "Geben Sie Ihre E-Mail-Adresse ein");
    let ask = site.browser().ask("GET", "/welcome").by_script().header("accept-language", "es");
    let problem = ask.send().await;
    assert_eq!(problem.expect(401).json()["title"], "Inicie sesión");
    let docs = open(&site.browser(), "/_vestibule/docs", "de").await;
    assert_eq!(docs.expect(200).header("content-language"), Some("en"));
    let plain = site.browser().ask("GET", "/welcome").by_script().send().await;
    assert_eq!(plain.expect(401).json()["title"], "Please sign in");
}

#[tokio::test]
async fn a_site_of_one_language_speaks_it_and_offers_no_choice() {
    let site = Site::new("[i18n]\ndefault = \"de\"\n");
    let page = open(&site.browser(), "/login?lang=en", "en").await;
    is_in(page.expect(200).shows("Anmelden").hides("hreflang"), "de");
    assert!(!page.header("vary").unwrap().contains("Language"));
    assert!(cookie_lines(&page.headers).iter().all(|line| !line.contains("lang")));
    let english = Site::new("");
    is_in(open(&english.browser(), "/login", "de").await.hides("hreflang"), "en");
}

#[tokio::test]
async fn what_auth_toml_declares_is_translated_there_too() {
    let site = Site::new(
        r#"
[i18n]
locales = ["en", "de"]
[i18n.texts.de]
"title.login" = "Herein"
"form.contact.title" = "Schreiben Sie uns"
"form.contact.label.message" = "Nachricht"
"form.contact.message" = "Danke!"
"form.contact.nav" = "Kontakt"
"field.required.message" = "Schreiben Sie etwas"
"page.about.title" = "Über uns"
[[page]]
id = "about"
path = "/about"
access = "public"
title = "About us"
[[form]]
id = "contact"
access = "public"
title = "Write to us"
nav = "Contact"
submit = { send = "POST /contact", body = { message = "{{message}}" } }
on_success = { message = "Thank you!" }
[[form.field]]
name = "message"
label = "Message"
required = true
"#,
    );
    let browser = site.browser();
    let english = open(&browser, "/contact", "en").await;
    english.expect(200).shows("<h1>Write to us</h1>").shows(">Message<").shows(">Contact<");
    let german = open(&browser, "/contact", "de").await;
    german.expect(200).shows("<h1>Schreiben Sie uns</h1>").shows(">Nachricht<").shows(">Kontakt<");
    open(&browser, "/login", "de").await.shows("<h1>Herein</h1>");
    open(&browser, "/about", "de").await.expect(200).shows("<h1>Über uns</h1>");
    let post = |message: &'static str| {
        let ask = browser.ask("POST", "/contact").by_script().header("accept-language", "de");
        ask.json(&json!({ "message": message })).send()
    };
    assert_eq!(post("").await.expect(422).json()["errors"][0]["detail"], "Schreiben Sie etwas");
    site.backend.script("contact", Reply::Json(200, json!({})));
    assert_eq!(post("hi").await.expect(200).json()["message"], "Danke!");
    let call = &site.backend.calls("contact")[0];
    assert_eq!(call.headers["accept-language"], "de", "the backend may answer in it");
}

#[tokio::test]
async fn an_app_behind_the_door_keeps_its_own_parameter_and_its_own_headers() {
    let more = "[i18n]\nlocales = [\"en\", \"de\"]\n";
    let site = Site::new(more);
    let sent = open(&site.browser(), "/anything?lang=de", "en").await;
    // The parameter is the app's: it comes back after the sign-in, and nothing is remembered of it.
    assert_eq!(sent.expect(303).location(), "/login?next=%2Fanything%3Flang%3Dde");
    assert!(cookie_lines(&sent.headers).is_empty());
}

#[tokio::test]
async fn a_mail_is_in_the_language_of_whoever_caused_it() {
    let more = format!("[mail]\nfrom = \"Acme <no-reply@example.com>\"\nfolder = \"mail\"\n{FIVE}");
    let house = house_with("", &more);
    let browser = Browser::of(&house.vestibule);
    let account = [("email", EMAIL), ("password", PASSWORD), ("password_confirm", PASSWORD)];
    browser.set_cookie("vestibule_lang", "de");
    browser.post("/register", &account).await.expect(303);
    let verify = house.mails("verify", 1).await.remove(0);
    assert!(verify.contains("Guten Tag") && verify.contains("<html lang=\"de\""), "{verify}");
    assert!(verify.contains("24 Stunden"), "{verify}");
    let ask = Browser::of(&house.vestibule).ask("POST", "/auth/forgot-password");
    let ask = ask.header("accept-language", "ja, fr;q=0.5").json(&json!({ "email": EMAIL }));
    ask.send().await.expect(202);
    let reset = house.mails("reset", 1).await.remove(0);
    assert!(reset.contains("Bonjour") && reset.contains("30 minutes"), "{reset}");
    let refused = browser.post("/register", &account).await;
    refused.expect(409).shows("Mit dieser E-Mail-Adresse gibt es schon ein Konto");
}
