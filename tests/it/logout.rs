//! Signing out.

use serde_json::json;

use crate::support::scripted::{Reply, TOKEN_MARK};
use crate::support::site::{HOME, STORES, Site, cookie_lines, leads_to_login, store};

#[tokio::test]
async fn the_page_only_asks() {
    let site = Site::new("");
    let browser = site.signed_in().await;
    let page = browser.open("/logout").await;
    page.expect(200).shows("Do you want to sign out?").shows("action=\"/logout\"");
    page.shows("method=\"post\"");
    assert!(browser.is_signed_in().await);
    assert_eq!(site.backend.count("logout"), 0);
    // Who is not signed in has nothing to be asked.
    leads_to_login(&site.browser().open("/logout").await);
}

#[tokio::test]
async fn signing_out_ends_the_session_here_and_at_the_backend() {
    for name in STORES {
        let site = Site::new(&store(name, ""));
        let browser = site.signed_in().await;
        let thief = browser.copy();
        let done = browser.post("/logout", &[]).await;
        leads_to_login(&done);
        assert!(browser.cookies().is_empty(), "{name}: {:?}", cookie_lines(&done.headers));
        browser.open(done.location()).await.expect(200).shows("You have signed out.");
        leads_to_login(&browser.open(HOME).await);

        let calls = site.backend.calls("logout");
        assert_eq!(calls.len(), 1);
        assert_eq!(calls[0].line, "POST /auth/logout HTTP/1.1");
        assert!(calls[0].json()["refresh_token"].as_str().unwrap().starts_with(TOKEN_MARK));
        assert!(calls[0].headers["authorization"].starts_with("Bearer ey"));

        // The cookie as it was before is worth nothing any more.
        leads_to_login(&thief.open(HOME).await);
        assert!(!thief.copy().is_signed_in().await, "{name}");
    }
}

#[tokio::test]
async fn every_ticket_of_the_session_ends_with_it() {
    for name in STORES {
        let site = Site::new(&store(name, "idle_timeout = \"1h\""));
        let browser = site.signed_in().await;
        let old = browser.copy();
        site.pass(600);
        browser.open(HOME).await.expect(200);
        browser.post("/logout", &[]).await.expect(303);
        assert!(!old.is_signed_in().await, "{name}");
    }
}

#[tokio::test]
async fn a_backend_that_is_down_keeps_nobody_signed_in() {
    for name in STORES {
        let mut site = Site::new(&store(name, ""));
        for reply in [Reply::Json(500, json!({})), Reply::Silence, Reply::Json(401, json!({}))] {
            site.backend.script("logout", reply);
            let browser = site.signed_in().await;
            let thief = browser.copy();
            leads_to_login(&browser.post("/logout", &[]).await);
            assert!(browser.cookies().is_empty());
            assert!(!thief.is_signed_in().await, "{name}");
        }
        let browser = site.signed_in().await;
        let thief = browser.copy();
        site.backend.close();
        leads_to_login(&browser.post("/logout", &[]).await);
        assert!(browser.cookies().is_empty());
        assert!(!thief.is_signed_in().await, "{name}");
    }
}

#[tokio::test]
async fn signing_out_twice_is_fine() {
    for name in STORES {
        let site = Site::new(&store(name, ""));
        let browser = site.signed_in().await;
        let other_tab = browser.copy();
        leads_to_login(&browser.post("/logout", &[]).await);
        leads_to_login(&browser.post("/logout", &[]).await);
        leads_to_login(&other_tab.post("/logout", &[]).await);
        assert!(other_tab.cookies().is_empty());
        assert_eq!(site.backend.count("logout"), 1, "{name}");
    }
}

#[tokio::test]
async fn with_a_dead_access_token_the_refresh_token_is_still_revoked() {
    for name in STORES {
        let site = Site::new(&store(name, ""));
        let browser = site.signed_in().await;
        site.pass(1801);
        leads_to_login(&browser.post("/logout", &[]).await);
        assert_eq!(site.backend.count("refresh"), 1);
        let calls = site.backend.calls("logout");
        assert_eq!(calls.len(), 1, "{name}");
        assert_eq!(site.backend.reuses(), 0);
    }
}

#[tokio::test]
async fn several_calls_are_all_made_and_none_where_there_is_none() {
    let two = "[[backend.logout]]\nsend = \"POST /auth/logout\"\n\
               body = { refresh_token = \"{{refresh_token}}\" }\n\
               [[backend.logout]]\nsend = \"DELETE /sessions/current\"\nauth = true";
    let site = Site::new(two);
    site.backend.script("logout", Reply::Json(500, json!({})));
    site.signed_in().await.post("/logout", &[]).await.expect(303);
    assert_eq!(site.backend.count("logout"), 1);
    assert_eq!(site.backend.calls("current")[0].line, "DELETE /sessions/current HTTP/1.1");

    let site = Site::new("[backend]\nlogout = []");
    let browser = site.signed_in().await;
    leads_to_login(&browser.post("/logout", &[]).await);
    assert_eq!(site.backend.count("logout"), 0);
    assert!(browser.cookies().is_empty());
}

#[tokio::test]
async fn scripts_and_htmx_are_answered_in_their_language() {
    let site = Site::new("");
    let browser = site.signed_in().await;
    let done = browser.call("POST", "/logout", Some(json!({}))).await;
    assert_eq!(done.expect(200).json(), json!({"user": null, "next": "/login"}));
    assert!(browser.cookies().is_empty() && !browser.is_signed_in().await);

    // A script need not send a body.
    let browser = site.signed_in().await;
    browser.call("POST", "/logout", None).await.expect(200);
    assert!(!browser.is_signed_in().await);

    let browser = site.signed_in().await;
    let done = browser.htmx("/logout", &[]).await;
    let target = done.expect(200).header("hx-redirect").unwrap();
    assert!(target.starts_with("/login?notice="), "{target}");
}
