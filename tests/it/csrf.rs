//! Forms are only taken from our own pages.

use serde_json::json;

use crate::support::scripted::{EMAIL, PASSWORD};
use crate::support::site::{Ask, Browser, HOME, ORIGIN, Site, leads_to_login};

const RIGHT: [(&str, &str); 2] = [("email", EMAIL), ("password", PASSWORD)];
const NEW: [(&str, &str); 3] =
    [("email", "bob@example.com"), ("password", PASSWORD), ("password_confirm", PASSWORD)];

/// A form as an old browser sends it, which says nothing of where it comes from.
fn silent(browser: &Browser, path: &str, fields: &[(&str, &str)]) -> Ask {
    browser.ask("POST", path).header("accept", "text/html").form(fields)
}

/// What a foreign page makes a browser send: (header, value).
const FOREIGN: [&[(&str, &str)]; 8] = [
    &[("sec-fetch-site", "cross-site")],
    &[("sec-fetch-site", "cross-site"), ("origin", "https://evil.example")],
    &[("sec-fetch-site", "same-site"), ("origin", "http://other.localhost:5001")],
    &[("origin", "https://evil.example")],
    &[("origin", "http://localhost:5001.evil.example")],
    &[("origin", "https://localhost:5002")],
    &[("origin", "null")],
    &[("referer", "https://evil.example/?http://localhost:5001/")],
];

fn with(mut ask: Ask, headers: &[(&str, &str)]) -> Ask {
    for (name, value) in headers {
        ask = ask.header(name, value);
    }
    ask
}

#[tokio::test]
async fn a_form_of_another_site_signs_nobody_in() {
    let site = Site::new("");
    for headers in FOREIGN {
        let browser = site.browser();
        let answer = with(silent(&browser, "/login", &RIGHT), headers).send().await;
        answer.expect(403).shows("<form").shows(&format!("value=\"{EMAIL}\""));
        assert!(!browser.is_signed_in().await, "{headers:?}");

        let answer = with(silent(&browser, "/register", &NEW), headers).send().await;
        answer.expect(403).shows("<form").shows("value=\"bob@example.com\"");
    }
    assert_eq!(site.backend.count("login") + site.backend.count("register"), 0);
}

#[tokio::test]
async fn a_form_of_another_site_signs_nobody_out() {
    let site = Site::new("");
    let browser = site.signed_in().await;
    for headers in FOREIGN {
        let answer = with(silent(&browser, "/logout", &[]), headers).send().await;
        answer.expect(403);
        assert!(browser.is_signed_in().await, "{headers:?}");
        let ask = browser.ask("POST", "/logout").header("accept", "application/json");
        let answer = with(ask.json(&json!({})), headers).send().await;
        assert_eq!(answer.expect(403).json()["code"], "csrf.expired");
    }
    assert!(browser.is_signed_in().await);
    assert_eq!(site.backend.count("logout"), 0);
}

#[tokio::test]
async fn a_logout_that_is_refused_shows_its_form_again() {
    let site = Site::new("");
    let browser = site.signed_in().await;
    let answer = with(silent(&browser, "/logout", &[]), FOREIGN[1]).send().await;
    answer.expect(403).shows("<form").shows("action=\"/logout\"").shows("role=\"alert\"");
}

#[tokio::test]
async fn a_refused_form_comes_back_in_the_callers_language() {
    let site = Site::new("");
    let ask = site.browser().ask("POST", "/login").by_script().json(&json!({"email": EMAIL}));
    let answer = ask.header("sec-fetch-site", "cross-site").send().await;
    assert_eq!(answer.expect(403).json()["code"], "csrf.expired");
    let ask = site.browser().ask("POST", "/login").by_htmx().form(&RIGHT);
    let answer = ask.header("sec-fetch-site", "cross-site").send().await;
    answer.expect(403).hides("<html").shows("<form").shows(EMAIL);
    // The way back is kept.
    let ask = silent(&site.browser(), "/login?next=/reports", &RIGHT);
    let answer = ask.header("sec-fetch-site", "cross-site").send().await;
    answer.expect(403).shows("next=");
}

#[tokio::test]
async fn our_own_pages_may_lie_open_for_ever() {
    let mut site = Site::new("");
    let browser = site.browser();
    browser.open("/login").await.expect(200);
    site.pass(30 * 24 * 3600);
    site.restart("[session]\nsecret = \"another-session-key-0123456789-0123456789\"");
    let browser = browser.at(&site);
    browser.post("/login", &RIGHT).await.expect(303);

    for headers in [
        &[("origin", ORIGIN)][..],
        &[("referer", "http://localhost:5001/login?next=/a")],
        &[("sec-fetch-site", "same-origin")],
        &[("sec-fetch-site", "none")],
    ] {
        let browser = site.browser();
        browser.set_cookie("theme", "dark");
        with(silent(&browser, "/login", &RIGHT), headers).send().await.expect(303);
        with(silent(&browser, "/logout", &[]), headers).send().await.expect(303);
        assert!(!browser.is_signed_in().await);
    }
}

#[tokio::test]
async fn a_browser_that_says_nothing_proves_itself_by_the_token_of_the_form() {
    let site = Site::new("");
    let browser = site.browser();
    let page = browser.ask("GET", "/login").header("accept", "text/html").send().await;
    let hidden = page.expect(200).hidden_inputs();
    let (name, token) = hidden.first().expect("a token for a browser that says nothing");
    assert!(!token.is_empty());

    // Without the token, or with another one, nothing happens.
    silent(&browser, "/login", &RIGHT).send().await.expect(403).shows(EMAIL);
    let other = site.browser();
    let theirs = other.ask("GET", "/login").header("accept", "text/html").send().await;
    let theirs = theirs.hidden_inputs()[0].1.clone();
    assert_ne!(*token, theirs, "each browser has its own");
    let fields = [RIGHT[0], RIGHT[1], (name.as_str(), theirs.as_str())];
    silent(&browser, "/login", &fields).send().await.expect(403);
    assert_eq!(site.backend.count("login"), 0);

    let fields = [RIGHT[0], RIGHT[1], (name.as_str(), token.as_str())];
    silent(&browser, "/login", &fields).send().await.expect(303);
    silent(&browser, "/logout", &[]).send().await.expect(403);
    assert!(browser.is_signed_in().await);
    leads_to_login(&silent(&browser, "/logout", &[(name.as_str(), token.as_str())]).send().await);
    assert!(!browser.is_signed_in().await);
}

#[tokio::test]
async fn the_page_that_comes_back_has_a_token_that_works() {
    let site = Site::new("");
    let browser = site.browser();
    browser.set_cookie("theme", "dark");
    let refused = silent(&browser, "/login", &RIGHT).send().await;
    let (name, token) = refused.expect(403).hidden_inputs().remove(0);
    let fields = [RIGHT[0], RIGHT[1], (name.as_str(), token.as_str())];
    silent(&browser, "/login", &fields).send().await.expect(303);
}

#[tokio::test]
async fn form_tokens_survive_a_restart_with_the_same_secret() {
    let mut site = Site::new("");
    let browser = site.browser();
    let page = browser.ask("GET", "/login").header("accept", "text/html").send().await;
    let (name, token) = page.hidden_inputs().remove(0);
    site.restart("");
    let fields = [RIGHT[0], RIGHT[1], (name.as_str(), token.as_str())];
    silent(&browser.at(&site), "/login", &fields).send().await.expect(303);
}

#[tokio::test]
async fn command_lines_need_no_ceremony() {
    let site = Site::new("");
    let browser = site.browser();
    let ask = browser.ask("POST", "/login").header("accept", "*/*").form(&RIGHT);
    ask.send().await.expect(303);
    browser.ask("GET", HOME).header("accept", "text/html").send().await.expect(200);
    // JSON cannot be sent by a foreign page without asking first.
    let ask = browser.ask("POST", "/logout").json(&json!({}));
    ask.header("accept", "application/json").send().await.expect(200);
}

#[tokio::test]
async fn modern_browsers_get_no_token_and_no_cookie_for_it() {
    let site = Site::new("");
    let browser = site.browser();
    let page = browser.open("/login").await;
    assert!(page.hidden_inputs().is_empty() && browser.cookies().is_empty(), "{page:?}");
}
