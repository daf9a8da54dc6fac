//! Headers that every answer has, and those that only some may have.

use std::collections::BTreeSet;

use crate::support::scripted::{EMAIL, PASSWORD, Reply, Scripted};
use crate::support::site::{Browser, HOME, NOW, Site, build, config, cookie_lines};
use crate::support::visitor::Answer;
use vestibule::Clock;

const HTTPS: &str = "[server]\npublic_url = \"https://app.example.com\"\n[session]\n\
                     secret = \"0123456789-session-key-0123456789-0123456789\"";

/// One answer of every kind, each with its name.
async fn every_kind(site: &Site) -> Vec<(&'static str, Answer)> {
    let browser = site.browser();
    let page = browser.open("/login").await;
    let asset = page.body.split("href=\"/_vestibule/assets/").nth(1).unwrap();
    let asset = format!("/_vestibule/assets/{}", asset.split('"').next().unwrap());
    let mut answers = vec![
        ("page", page),
        ("json", browser.call("GET", "/_vestibule/session", None).await),
        ("asset", browser.open(&asset).await),
        ("no asset", browser.open("/_vestibule/assets/none.js").await),
        ("probe", browser.open("/_vestibule/livez").await),
        ("redirect", browser.open("/reports").await),
        ("401", browser.call("GET", "/reports", None).await),
        ("400", browser.open("/a/../b").await),
        ("405", browser.ask("PUT", "/login").send().await),
        ("422", browser.post("/login", &[]).await),
        ("403", browser.ask("POST", "/login").navigating("cross-site").form(&[]).send().await),
        ("415", browser.ask("POST", "/login").body("text/plain", "x").send().await),
        ("docs", browser.open("/_vestibule/docs").await),
        ("document", browser.open("/_vestibule/openapi.json").await),
        ("part", browser.htmx("/login", &[]).await),
    ];
    let signed_in = site.signed_in().await;
    answers.push(("404", signed_in.open("/nothing-here").await));
    answers.push(("welcome", signed_in.open(HOME).await));
    site.backend.script("refresh", Reply::Json(500, serde_json::json!({})));
    site.pass(1800);
    answers.push(("503", signed_in.open(HOME).await));
    site.backend.script("refresh", Reply::Honest);
    answers.push(("signed out", signed_in.post("/logout", &[]).await));
    for (kind, answer) in &answers {
        if let Ok(status) = kind.parse::<u16>() {
            answer.expect(status);
        }
    }
    assert_eq!(answers.len(), 19);
    answers
}

#[tokio::test]
async fn every_answer_has_the_security_headers() {
    for (kind, answer) in every_kind(&Site::new("")).await {
        for (name, value) in [
            ("x-content-type-options", "nosniff"),
            ("x-frame-options", "DENY"),
            ("referrer-policy", "same-origin"),
            ("cross-origin-opener-policy", "same-origin"),
        ] {
            assert_eq!(answer.header(name), Some(value), "{kind}");
        }
        assert!(answer.header("strict-transport-security").is_none(), "{kind}: over http");
        assert!(answer.header("content-type").is_some() || answer.body.is_empty(), "{kind}");
    }
}

#[tokio::test]
async fn the_content_security_policy_allows_nothing_inline_and_nothing_foreign() {
    for (kind, answer) in every_kind(&Site::new("")).await {
        let policy = answer.header("content-security-policy").unwrap();
        assert!(!policy.contains("unsafe") && !policy.contains('*'), "{kind}: {policy}");
        assert!(!policy.contains("http"), "{kind}: {policy}");
        for directive in [
            "default-src 'none'",
            "frame-ancestors 'none'",
            "base-uri 'none'",
            "form-action 'self'",
        ] {
            assert!(policy.contains(directive), "{kind}: {policy}");
        }
    }
}

#[tokio::test]
async fn only_files_may_be_kept_by_anybody() {
    for (kind, answer) in every_kind(&Site::new("")).await {
        let caching = answer.header("cache-control").unwrap();
        match kind {
            "asset" => {
                assert!(caching.contains("immutable") && caching.contains("public"), "{caching}");
            }
            "docs" | "document" => assert_eq!(caching, "no-cache", "{kind}"),
            _ => assert_eq!(caching, "no-store", "{kind}"),
        }
    }
}

#[tokio::test]
async fn each_answer_has_a_request_id_of_its_own() {
    let answers = every_kind(&Site::new("")).await;
    let ids: BTreeSet<_> = answers.iter().map(|it| it.1.header("x-request-id").unwrap()).collect();
    assert_eq!(ids.len(), answers.len());
}

#[tokio::test]
async fn over_https_cookies_are_secure_and_the_browser_is_told_to_stay_there() {
    let clock = Clock::manual(NOW);
    let site = Site::with(Scripted::start(&clock), clock, HTTPS);
    let browser = site.browser();
    let done = browser
        .ask("POST", "/login")
        .navigating("same-origin")
        .header("origin", "https://app.example.com")
        .form(&[("email", EMAIL), ("password", PASSWORD)])
        .send()
        .await;
    assert!(done.expect(303).header("strict-transport-security").unwrap().contains("max-age="));
    let lines = cookie_lines(&done.headers);
    assert!(lines[0].starts_with("__Host-vestibule="), "{lines:?}");
    assert!(lines[0].contains("; Secure") && lines[0].contains("; Path=/;"), "{lines:?}");
    assert!(!lines[0].contains("Domain"), "{lines:?}");
    browser.open(HOME).await.expect(200);

    // The name without the prefix can be planted by a neighbour, so it is nobody's.
    let value = browser.cookies()["__Host-vestibule"].clone();
    let ask = site.browser().ask("GET", HOME).navigating("none");
    ask.header("cookie", &format!("vestibule={value}")).send().await.expect(303);

    for path in ["/login", "/_vestibule/livez", "/a/../b", "/nothing"] {
        let answer = site.browser().open(path).await;
        assert!(answer.header("strict-transport-security").is_some(), "{path}");
    }
    // The cookie of the form is secure as well.
    let page = site.browser().ask("GET", "/login").header("accept", "text/html").send().await;
    assert!(cookie_lines(&page.headers).iter().all(|line| line.contains("; Secure")));
}

#[tokio::test]
async fn a_stranger_cannot_choose_the_request_id() {
    let site = Site::new("");
    let ask = site.browser().ask("GET", "/login").header("x-request-id", "chosen-by-a-stranger");
    assert_ne!(ask.send().await.header("x-request-id"), Some("chosen-by-a-stranger"));
}

#[tokio::test]
async fn a_trusted_proxy_gives_the_request_id() {
    for (trusted, believed) in [("127.0.0.1", true), ("192.0.2.0/24", false)] {
        let clock = Clock::manual(NOW);
        let backend = Scripted::start(&clock);
        let more = format!("[server]\ntrusted_proxies = [\"{trusted}\"]");
        let folder = tempfile::tempdir().unwrap();
        let toml = config(&backend, &more);
        let builder = vestibule::Vestibule::builder().toml(toml, folder.path()).clock(clock);
        let server = builder.build().unwrap().listen().await.unwrap();
        let url = format!("http://{}/login", server.addresses()[0]);
        let running = tokio::spawn(server.run(std::future::pending()));
        let id = async |id: &str| {
            let request = crate::support::http_client().get(&url).header("x-request-id", id);
            let answer = request.send().await.unwrap();
            answer.headers()["x-request-id"].to_str().unwrap().to_owned()
        };
        assert_eq!(id("0123456789abcdef").await == "0123456789abcdef", believed);
        // What is not fit for a log line is not taken from anybody.
        for unfit in ["short", "with blanks in it", "a\"b{c}d;e'f", &"x".repeat(65)] {
            assert_ne!(id(unfit).await, unfit);
        }
        running.abort();
    }
}

#[tokio::test]
async fn the_cookie_is_called_and_sent_as_the_configuration_says() {
    let site = Site::new("[session]\ncookie_name = \"shop\"\nsame_site = \"strict\"");
    let done = site.browser().log_in().await;
    let lines = cookie_lines(&done.headers);
    assert!(lines[0].starts_with("shop=") && lines[0].contains("; SameSite=Strict"), "{lines:?}");
}

#[tokio::test]
async fn two_sites_on_one_host_do_not_open_each_others_cookies() {
    let clock = Clock::manual(NOW);
    let folder = tempfile::tempdir().unwrap();
    let site = Site::new("");
    let browser = site.signed_in().await;
    let key = "[session]\nsecret = \"a-session-key-of-its-own-0123456789-0123456789\"";
    let other = Browser::of(&build(&config(&site.backend, key), &folder, &clock));
    other.set_cookie("vestibule", &browser.cookies()["vestibule"]);
    assert!(!other.is_signed_in().await);
}
