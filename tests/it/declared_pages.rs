//! Declared pages: a template, data, and what the backend was asked for, from auth.toml alone.

mod behind;

use std::time::{Duration, Instant};

use serde_json::json;

use crate::support::scripted::{EMAIL, Reply};
use crate::support::site::{Browser, Site};

const PAGES: &str = r#"
[[page]]
path = "/about"
access = "public"
title = "About us"
nav = "About"
data = { text = "We make things." }
[[page]]
path = "/dashboard"
nav = "Dashboard"
template = "page/plain.html"
data = { text = "Your numbers" }
fetch = { orders = { send = "GET /orders?user={{user.id}}&page={{query.page}}" } }
"#;

#[tokio::test]
async fn a_declared_page_is_shown_to_whom_it_is_for() {
    let site = Site::new(PAGES);
    site.backend.script("orders", Reply::Json(200, json!([{"id": 1}])));
    let stranger = site.browser();
    let about = stranger.open("/about").await;
    about.expect(200).shows("About us").shows("We make things.").hides("/dashboard");
    assert_eq!(
        stranger.open("/dashboard").await.expect(303).location(),
        "/login?next=%2Fdashboard"
    );
    stranger.open("/about/").await.expect(303);
    let browser = site.signed_in().await;
    let page = browser.open("/dashboard?page=2").await;
    page.expect(200).shows("Your numbers").shows("aria-current=\"page\"").shows("href=\"/about\"");
    let call = &site.backend.calls("orders")[0];
    assert!(call.line.contains("&page=2"), "{}", call.line);
    assert!(call.headers["authorization"].starts_with("Bearer "));
    let json = browser.call("GET", "/dashboard", None).await;
    assert_eq!(json.expect(200).json()["fetched"]["orders"]["data"], json!([{"id": 1}]));
}

#[tokio::test]
async fn a_page_is_shown_also_where_the_backend_has_nothing_for_it() {
    let site = Site::new(PAGES);
    let browser = site.signed_in().await;
    for reply in [
        Reply::Json(500, json!({})),
        Reply::Json(404, json!({})),
        Reply::Text(200, "no JSON"),
        Reply::HangUp,
    ] {
        site.backend.script("orders", reply.clone());
        let page = browser.open("/dashboard").await;
        page.expect(200).shows("Your numbers").shows("role=\"status\"");
    }
    assert!(browser.is_signed_in().await);
}

const TWO: &str = r#"
[[page]]
path = "/overview"
title = "Overview"
data = { text = "All of it", limit = 3, tags = ["a", "b"] }
fetch = { orders = { send = "GET /orders" }, news = { send = "GET /news" } }
"#;

#[tokio::test]
async fn what_a_page_reads_is_asked_for_at_once_and_each_part_stands_by_itself() {
    let site = Site::new(TWO);
    let browser = site.signed_in().await;
    site.backend.script("orders", Reply::Json(200, json!([{"id": 1}])));
    site.backend.script("news", Reply::Json(500, json!({})));
    for endpoint in ["orders", "news"] {
        site.backend.hold(endpoint);
    }
    // Each is under way before the other is answered.
    let (page, ()) = futures_util::join!(browser.call("GET", "/overview", None), async {
        site.backend.called("orders", 1).await;
        site.backend.called("news", 1).await;
        site.backend.let_go("orders");
        site.backend.let_go("news");
    });
    let page = page.expect(200).json();
    assert_eq!(page["fetched"]["orders"], json!({"ok": true, "data": [{"id": 1}], "error": ""}));
    let news = &page["fetched"]["news"];
    assert_eq!((&news["ok"], &news["data"]), (&json!(false), &json!(null)));
    assert!(news["error"].as_str().unwrap().contains("had a problem"), "{news}");
    assert_eq!(page["data"], json!({"text": "All of it", "limit": 3, "tags": ["a", "b"]}));
}

#[tokio::test]
async fn a_page_waits_for_its_backend_no_longer_than_a_call_may_take() {
    let site = Site::new(TWO);
    let browser = site.signed_in().await;
    site.backend.script("orders", Reply::Silence);
    site.backend.script("news", Reply::Silence);
    let begun = Instant::now();
    let page = browser.open("/overview").await;
    page.expect(200).shows("All of it").shows("took too long");
    // One time-out of a second and not one after the other, with room for a machine that does other things.
    assert!(begun.elapsed() < Duration::from_millis(1900), "{:?}", begun.elapsed());
}

#[tokio::test]
async fn a_token_that_is_refused_to_a_page_is_renewed_once_for_all_of_it() {
    let site = Site::new(TWO);
    let browser = site.signed_in().await;
    for endpoint in ["orders", "news"] {
        site.backend.script(endpoint, Reply::Json(401, json!({})));
    }
    browser.open("/overview").await.expect(200).shows("cannot be shown right now");
    assert_eq!((site.backend.count("refresh"), site.backend.count("orders")), (1, 2));
    // Also where only one part of it was refused.
    site.pass(60);
    site.backend.script("news", Reply::Json(200, json!({})));
    browser.open("/overview").await.expect(200).shows("cannot be shown right now");
    assert_eq!((site.backend.count("refresh"), site.backend.count("news")), (2, 3));
    assert!(browser.is_signed_in().await);
    assert_eq!(site.backend.reuses(), 0);
}

const RULED: &str = r#"
[backend]
me.claims = { roles = "/roles" }
[[page]]
path = "/reports"
nav = "Reports"
data = { text = "Numbers" }
[[form]]
id = "close-month"
nav = "Close the month"
submit = { send = "POST /close" }
[[access.rule]]
path = '/(reports|close-month)'
require = { roles = "accountant" }
"#;

async fn with_roles(site: &Site, roles: &[&str]) -> Browser {
    let me = json!({"id": 7, "email": EMAIL, "name": "Alice", "roles": roles});
    site.backend.script("me", Reply::Json(200, me));
    site.signed_in().await
}

#[tokio::test]
async fn a_rule_about_a_page_denies_it_and_hides_its_link() {
    let site = Site::new(RULED);
    site.backend.script("close", Reply::Json(200, json!({})));
    let other = with_roles(&site, &["sales"]).await;
    other.open("/welcome").await.expect(200).hides("/reports").hides("/close-month");
    other.open("/reports").await.expect(403).hides("Numbers");
    other.open("/close-month").await.expect(403);
    other.post("/close-month", &[]).await.expect(403);
    assert_eq!(site.backend.count("close"), 0);
    let accountant = with_roles(&site, &["sales", "accountant"]).await;
    let home = accountant.open("/welcome").await;
    home.expect(200).shows("href=\"/reports\"").shows("href=\"/close-month\"");
    accountant.open("/reports").await.expect(200).shows("Numbers");
    accountant.post("/close-month", &[]).await.expect(303);
    assert_eq!(site.backend.count("close"), 1);
}

const FRONT: &str =
    "[[page]]\npath = \"/\"\ntitle = \"The front\"\ndata = { text = \"Come in\" }\n";

#[tokio::test]
async fn a_page_at_the_root_is_the_front_page() {
    let public = Site::new(&format!("{FRONT}access = \"public\"\n"));
    let stranger = public.browser();
    stranger.open("/").await.expect(200).shows("Come in");
    public
        .signed_in()
        .await
        .open("/")
        .await
        .expect(200)
        .shows("Come in")
        .hides("You are signed in");
    let site = Site::new(FRONT);
    assert_eq!(site.browser().open("/").await.expect(303).location(), "/login");
    let browser = site.signed_in().await;
    browser.open("/").await.expect(200).shows("Come in");
    browser.open("/welcome").await.expect(200).shows("You are signed in");
    // A pattern does not open what is for users.
    let site = Site::new(&format!("[access]\npublic = ['/(other)?']\n{FRONT}"));
    site.browser().open("/").await.expect(303);
}
