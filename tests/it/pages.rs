//! What visitors see.

use regex::Regex;

use crate::support::scripted::{EMAIL, Reply};
use crate::support::site::{Browser, HOME, Site, leads_to_login};
use crate::support::visitor::Answer;

/// Stops the test unless this is a page of the theme that says so of itself.
#[track_caller]
fn is_themed(answer: &Answer, status: u16) {
    answer.expect(status).shows("<html lang=\"en\"").shows("/_vestibule/assets/theme.");
    answer.shows("data-page=\"error\"").shows(&format!(">{status}</p>"));
    answer.shows(&format!("<code>{}</code>", answer.header("x-request-id").unwrap()));
    assert_eq!(answer.header("content-type"), Some("text/html; charset=utf-8"));
}

#[tokio::test]
async fn errors_are_pages_of_the_theme_with_the_request_id() {
    let site = Site::new("[server]\nmax_body_size = \"4KiB\"\n[access]\npublic = ['/about']");
    let browser = site.browser();
    is_themed(&browser.open("/a/../b").await, 400);
    is_themed(&browser.open("/about").await, 404);
    is_themed(&browser.ask("PUT", "/login").navigating("same-origin").send().await, 405);
    let body = "a".repeat(5000);
    is_themed(&browser.post("/login", &[("email", &body)]).await, 413);
    let ask = browser.ask("POST", "/login").navigating("same-origin").body("text/plain", "x");
    let answer = ask.send().await;
    answer.expect(415).shows("data-page=\"error\"");
}

#[tokio::test]
async fn an_address_where_nothing_is_is_a_page_only_for_whoever_is_signed_in() {
    let site = Site::new("");
    leads_to_login(&site.browser().open("/nothing-here").await);
    let browser = site.signed_in().await;
    is_themed(&browser.open("/nothing-here").await, 404);
    browser.open("/nothing-here").await.hides("nothing-here");
    let problem = browser.call("GET", "/nothing-here", None).await;
    assert_eq!(problem.expect(404).json()["code"], "not_found");
    assert_eq!(problem.json()["request_id"], problem.header("x-request-id").unwrap());
}

#[tokio::test]
async fn a_backend_that_is_away_is_a_page_that_offers_to_try_again() {
    let mut site = Site::new("");
    let browser = site.signed_in().await;
    site.pass(1800);
    site.backend.close();
    let page = browser.open("/welcome").await;
    is_themed(&page, 503);
    page.shows("href=\"/welcome\"").shows("you still are").shows("in 5 seconds");
}

#[tokio::test]
async fn a_request_that_takes_too_long_is_a_page_too() {
    let site = Site::new("[server]\nrequest_timeout = \"200ms\"\n[backend]\ntimeout = \"20s\"");
    site.backend.script("login", Reply::Silence);
    is_themed(&site.browser().log_in().await, 504);
}

#[tokio::test]
async fn the_welcome_page_shows_who_is_signed_in() {
    let site = Site::new("");
    let browser = site.signed_in().await;
    for path in [HOME, "/welcome"] {
        let page = browser.open(path).await;
        page.expect(200).shows(EMAIL).shows("Welcome, Alice Example").shows("Good for another");
        page.shows("action=\"/logout\"").shows("method=\"post\"");
    }
    let session = browser.call("GET", "/welcome", None).await;
    assert_eq!(session.expect(200).json()["user"]["email"], EMAIL);
    let part = browser.ask("GET", "/_vestibule/session").by_htmx().send().await;
    part.expect(200).shows("Good for another").hides("<html");
}

#[tokio::test]
async fn a_hostile_name_is_only_text() {
    let site = Site::new("");
    let hostile = "<script>alert(1)</script><img src=x onerror=alert(2)>\"'&{{ user.id }}";
    site.backend.rename(EMAIL, hostile);
    let browser = site.signed_in().await;
    let page = browser.open(HOME).await;
    page.expect(200).hides("<script>alert").hides("<img").shows("&lt;script&gt;alert(1)");
    page.shows("{{ user.id }}");
    nothing_inline(&page);
    // In an attribute, and in the field that keeps what was typed.
    let typed = "\"><script>alert(1)</script>@x";
    let page = site.browser().post("/login", &[("email", typed), ("password", "x")]).await;
    page.hides("<script>alert").shows("&quot;&gt;&lt;script");
    let page = site.browser().open("/login?next=/%22%3E%3Cscript%3Ealert(1)%3C/script%3E").await;
    page.hides("<script>alert");
}

#[tokio::test]
async fn head_is_answered_as_get_is() {
    let site = Site::new("");
    let anybody = site.browser();
    let alice = site.signed_in().await;
    let head = async |browser: &Browser, path: &str| {
        browser.ask("HEAD", path).navigating("none").send().await
    };
    let asset = asset_path(&anybody.open("/login").await);
    for path in ["/login", "/register", "/_vestibule/livez", "/_vestibule/docs", &asset, "/reports"]
    {
        let get = anybody.open(path).await;
        let answer = head(&anybody, path).await;
        assert_eq!(answer.status, get.status, "{path}");
        assert_eq!(answer.header("content-type"), get.header("content-type"), "{path}");
    }
    head(&alice, HOME).await.expect(200);
    head(&alice, "/nothing").await.expect(404);
}

/// The address of the style sheet.
#[track_caller]
fn asset_path(page: &Answer) -> String {
    let name = page.body.split("href=\"/_vestibule/assets/").nth(1).unwrap();
    format!("/_vestibule/assets/{}", name.split('"').next().unwrap())
}

#[tokio::test]
async fn assets_are_compressed_and_asked_for_once() {
    let site = Site::new("");
    let browser = site.browser();
    let path = asset_path(&browser.open("/login").await);
    let plain = browser.ask("GET", &path).send().await;
    assert_eq!(plain.expect(200).header("content-type"), Some("text/css; charset=utf-8"));
    assert!(plain.header("content-encoding").is_none());
    assert!(plain.header("vary").unwrap().contains("Accept-Encoding"));
    assert!(plain.header("cache-control").unwrap().contains("immutable"));
    plain.shows("{");

    let packed = browser.ask("GET", &path).header("accept-encoding", "br, gzip").send().await;
    assert_eq!(packed.expect(200).header("content-encoding"), Some("gzip"));
    assert!(packed.body.starts_with('\u{1f}'));
    let refused = browser.ask("GET", &path).header("accept-encoding", "gzip;q=0").send().await;
    assert!(refused.header("content-encoding").is_none());

    let etag = plain.header("etag").unwrap();
    for known in [etag.to_owned(), format!("W/{etag}"), format!("\"other\", {etag}")] {
        let same = browser.ask("GET", &path).header("if-none-match", &known).send().await;
        assert!(same.expect(304).body.is_empty());
        assert_eq!(same.header("etag"), Some(etag));
    }
    browser.ask("GET", &path).header("if-none-match", "\"other\"").send().await.expect(200);
    browser.ask("POST", &path).by_script().send().await.expect(405);
}

/// Nothing that a strict policy would stop, and nothing from elsewhere.
#[track_caller]
fn nothing_inline(page: &Answer) {
    let script = Regex::new(r"<script\b([^>]*)>([^<]*)").unwrap();
    for found in script.captures_iter(&page.body) {
        assert!(found[1].contains("src=\"/_vestibule/") && found[2].trim().is_empty(), "{found:?}");
    }
    for forbidden in
        [r"<style\b", r"<[^>]*\sstyle=", r"<[^>]*\son[a-z]+=", "javascript:", "<iframe", "<base\\b"]
    {
        let found = Regex::new(forbidden).unwrap().find(&page.body);
        assert!(found.is_none(), "{forbidden}: {found:?} in {}", page.asked);
    }
    let address = Regex::new(r#"(?:src|href|action)="([^"]*)""#).unwrap();
    for found in address.captures_iter(&page.body) {
        let ours = found[1].starts_with('/') && !found[1].starts_with("//");
        assert!(ours || found[1].starts_with('#') || &found[1] == "data:,", "{}", &found[1]);
    }
}

#[tokio::test]
async fn no_page_has_anything_inline_or_from_elsewhere() {
    let site = Site::new("");
    let browser = site.browser();
    let alice = site.signed_in().await;
    let mut pages = vec![
        browser.open("/login?next=/a&notice=session.expired").await,
        browser.post("/login", &[]).await,
        browser.post("/login", &[("email", EMAIL), ("password", "x")]).await,
        browser.open("/register").await,
        browser.post("/register", &[]).await,
        browser.open("/a/../b").await,
        browser.open("/_vestibule/docs").await,
        alice.open(HOME).await,
        alice.open("/nothing").await,
        alice.open("/logout").await,
    ];
    site.backend.script("login", Reply::Text(200, "?"));
    pages.push(browser.log_in().await);
    for page in &pages {
        nothing_inline(page);
        page.shows("<title>").shows("lang=\"en\"").shows("name=\"viewport\"");
    }
}

#[tokio::test]
async fn forms_tell_password_managers_what_is_what() {
    let browser = Site::new("").browser();
    let login = browser.open("/login").await;
    login.shows("autocomplete=\"username\"").shows("autocomplete=\"current-password\"");
    login.shows("<label for=\"field-email\"").shows("<label for=\"field-password\"");
    let register = browser.open("/register").await;
    assert_eq!(register.body.matches("autocomplete=\"new-password\"").count(), 2);
}

#[tokio::test]
async fn a_page_with_an_error_says_so_in_its_title() {
    let site = Site::new("");
    site.browser().open("/login").await.shows("<title>Sign in");
    site.browser().post("/login", &[]).await.shows("<title>Error: Sign in");
}

#[tokio::test]
async fn the_explorer_loads_whole() {
    let site = Site::new("");
    let browser = site.browser();
    let page = browser.open("/_vestibule/docs").await;
    let address = Regex::new(r#"(?:src|href)="(/[^"]*)""#).unwrap();
    let files: Vec<_> =
        address.captures_iter(&page.expect(200).body).map(|it| it[1].to_owned()).collect();
    assert!(files.len() >= 5, "{files:?}");
    for file in files {
        let answer = browser.open(&file).await;
        answer.expect(200);
        assert_eq!(answer.header("x-content-type-options"), Some("nosniff"));
        let etag = answer.header("etag");
        if let Some(etag) = etag {
            browser.ask("GET", &file).header("if-none-match", etag).send().await.expect(304);
        }
    }
    let document = browser.open("/_vestibule/openapi.json").await;
    assert_eq!(document.json(), *site.vestibule.openapi());
}

const DOCS: [&str; 4] = [
    "/_vestibule/docs",
    "/_vestibule/docs/start.js",
    "/_vestibule/docs/swagger-ui.css",
    "/_vestibule/openapi.json",
];

#[tokio::test]
async fn the_explorer_can_be_for_users_only() {
    let site = Site::new("[docs]\naccess = \"user\"");
    let alice = site.signed_in().await;
    for path in DOCS {
        leads_to_login(&site.browser().open(path).await);
        alice.open(path).await.expect(200);
    }
    alice.open("/_vestibule/docs/none.js").await.expect(404);
}

#[tokio::test]
async fn the_explorer_can_be_switched_off() {
    let site = Site::new("[docs]\naccess = \"off\"");
    let alice = site.signed_in().await;
    for path in DOCS {
        leads_to_login(&site.browser().open(path).await);
        alice.open(path).await.expect(404);
    }
}

#[tokio::test]
async fn the_specification_is_there_as_yaml_too() {
    let site = Site::new("");
    site.browser().open("/_vestibule/openapi.yaml").await.expect(200).shows("openapi: \"3.1");
}
