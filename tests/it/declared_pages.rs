//! Declared pages: a template, data, and what the backend was asked for, from auth.toml alone.

use serde_json::json;

use crate::support::scripted::Reply;
use crate::support::site::Site;

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
