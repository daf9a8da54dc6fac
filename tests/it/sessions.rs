//! How long a session lives, and what it survives.

use serde_json::json;

use crate::support::scripted::{EMAIL, PASSWORD};
use crate::support::site::{HOME, STORES, Site, leads_to_login, store};

const KEY: &str = "secret = \"first-session-key-0123456789-0123456789\"";
const NEW_KEY: &str = "secret = \"second-session-key-0123456789-0123456789\"";

#[tokio::test]
async fn a_session_that_is_not_used_ends() {
    for name in STORES {
        let site = Site::new(&store(name, "idle_timeout = \"1h\""));
        let browser = site.signed_in().await;
        site.pass(3599);
        browser.open(HOME).await.expect(200);
        // Each visit begins the hour anew.
        for _ in 0..5 {
            site.pass(3000);
            browser.open(HOME).await.expect(200);
        }
        site.pass(3601);
        leads_to_login(&browser.open(HOME).await);
        assert!(browser.cookies().is_empty(), "{name}");
    }
}

#[tokio::test]
async fn a_script_that_asks_for_the_session_counts_as_a_visit() {
    for name in STORES {
        let site = Site::new(&store(name, "idle_timeout = \"1h\""));
        let browser = site.signed_in().await;
        for _ in 0..5 {
            site.pass(3000);
            assert!(browser.is_signed_in().await, "{name}");
        }
    }
}

#[tokio::test]
async fn no_session_outlives_its_longest_life() {
    for name in STORES {
        let site = Site::new(&store(name, "max_lifetime = \"2h\"\nidle_timeout = \"1h\""));
        let browser = site.signed_in().await;
        for _ in 0..7 {
            site.pass(1000);
            browser.open(HOME).await.expect(200);
        }
        site.pass(200);
        leads_to_login(&browser.open(HOME).await);
        assert!(!browser.is_signed_in().await, "{name}");
    }
}

#[tokio::test]
async fn a_session_in_the_cookie_or_a_file_survives_a_restart() {
    let mut site = Site::new("");
    let browser = site.signed_in().await;
    site.restart("");
    browser.at(&site).open(HOME).await.expect(200).shows(EMAIL);
    // Also one that has to be refreshed.
    site.pass(1800);
    browser.at(&site).open(HOME).await.expect(200);

    // In a file, no secret is needed for that.
    let mut site = Site::new(&store("sqlite", ""));
    let browser = site.signed_in().await;
    site.restart(&store("sqlite", NEW_KEY));
    browser.at(&site).open(HOME).await.expect(200).shows(EMAIL);
    site.pass(1800);
    browser.at(&site).open(HOME).await.expect(200);

    let mut site = Site::new(&store("memory", ""));
    let browser = site.signed_in().await;
    site.restart(&store("memory", ""));
    let browser = browser.at(&site);
    leads_to_login(&browser.open(HOME).await);
    assert!(browser.cookies().is_empty());
}

#[tokio::test]
async fn processes_that_share_a_file_share_sessions_and_sign_outs() {
    let mut site = Site::new(&store("sqlite", ""));
    let one = site.signed_in().await;
    // The other process, on the same file.
    site.restart(&store("sqlite", ""));
    let two = one.at(&site);
    two.open(HOME).await.expect(200).shows(EMAIL);

    site.pass(1800);
    two.open(HOME).await.expect(200);
    one.open(HOME).await.expect(200);
    assert_eq!(site.backend.calls("refresh").len(), 1, "the renewed tokens are seen");

    two.post("/logout", &[]).await.expect(303);
    leads_to_login(&two.open(HOME).await);
    // What another process did is known within a tenth of a second.
    site.pass(1);
    leads_to_login(&one.open(HOME).await);
}

#[tokio::test]
async fn a_key_is_changed_without_signing_anybody_out() {
    let mut site = Site::new(&store("cookie", KEY));
    let browser = site.signed_in().await;
    let previous = "previous_secrets = [\"first-session-key-0123456789-0123456789\"]";
    site.restart(&store("cookie", &format!("{NEW_KEY}\n{previous}")));
    let rotated = browser.at(&site);
    site.pass(1800);
    rotated.open(HOME).await.expect(200).shows(EMAIL);

    // What was sealed anew needs the old key no more; what was not is closed without it.
    site.restart(&store("cookie", NEW_KEY));
    rotated.at(&site).open(HOME).await.expect(200);
    leads_to_login(&browser.at(&site).open(HOME).await);
}

#[tokio::test]
async fn another_token_secret_does_not_touch_sessions_that_have_their_own_key() {
    let mut site = Site::new(&store("cookie", KEY));
    let browser = site.signed_in().await;
    site.restart(&format!(
        "{}[token]\nsecret = \"rotated-token-key-0123456789-0123456789\"",
        store("cookie", KEY)
    ));
    browser.at(&site).open(HOME).await.expect(200);
}

#[tokio::test]
async fn a_big_session_is_split_over_several_cookies() {
    let site = Site::new("");
    // Past 3800 bytes, past 7600 bytes, and small again.
    for (padding, cookies) in [(3500, 2), (6500, 3), (0, 1)] {
        site.backend.pad_tokens(padding);
        let browser = site.signed_in().await;
        assert_eq!(browser.cookies().len(), cookies, "{padding}");
        browser.open(HOME).await.expect(200).shows(EMAIL);
        site.pass(1800);
        browser.open(HOME).await.expect(200);
        assert_eq!(browser.cookies().len(), cookies);
        // Pieces of the longer one are taken back when the session gets smaller.
        site.backend.pad_tokens(0);
        site.pass(1800);
        browser.open(HOME).await.expect(200);
        assert_eq!(browser.cookies().len(), 1, "{padding}");
        site.backend.pad_tokens(padding);
        site.pass(1800);
        browser.open(HOME).await.expect(200);
        leads_to_login(&browser.post("/logout", &[]).await);
        assert!(browser.cookies().is_empty(), "{:?}", browser.cookies());
    }
}

#[tokio::test]
async fn a_session_that_does_not_fit_into_cookies_is_a_clear_error() {
    let site = Site::new("");
    site.backend.pad_tokens(20_000);
    let browser = site.browser();
    let page = browser.log_in().await;
    page.expect(500).shows("your account has more details than fit").shows("<form");
    page.shows(page.header("x-request-id").unwrap());
    assert!(browser.cookies().is_empty());
    let body = json!({"email": EMAIL, "password": PASSWORD});
    let problem = browser.call("POST", "/login", Some(body)).await;
    assert_eq!(problem.expect(500).json()["code"], "session.too_large");

    // A store on the server has room.
    let site = Site::new(&store("memory", ""));
    site.backend.pad_tokens(20_000);
    site.signed_in().await.open(HOME).await.expect(200);
}

#[tokio::test]
async fn the_ticket_of_the_memory_store_tells_nothing() {
    let site = Site::new(&store("memory", ""));
    let first = site.signed_in().await.cookies()["vestibule"].clone();
    let second = site.signed_in().await.cookies()["vestibule"].clone();
    assert_ne!(first, second);
    assert!(first.len() >= 32 && !first.contains('.'), "{first}");
}

#[tokio::test]
async fn several_sessions_of_one_visitor_end_one_by_one() {
    for name in STORES {
        let site = Site::new(&store(name, ""));
        let (phone, laptop) = (site.signed_in().await, site.signed_in().await);
        phone.post("/logout", &[]).await.expect(303);
        assert!(!phone.is_signed_in().await, "{name}");
        assert!(laptop.is_signed_in().await, "{name}");
    }
}
