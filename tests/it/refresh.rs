//! Staying signed in: every row of the table of the design, for each store.

use std::time::Duration;

use futures_util::future::join_all;
use serde_json::json;

use crate::support::scripted::{EMAIL, Reply, Scripted};
use crate::support::site::{Browser, HOME, STORES, Site, leads_to_login, store};
use crate::support::visitor::Answer;

/// Access tokens live half an hour and are renewed in the last five minutes.
const DUE: u64 = 1800 - 299;
const EXPIRED: u64 = 1800;

/// How a refresh can fail without anybody having refused.
fn outages() -> Vec<Reply> {
    vec![
        Reply::Json(500, json!({"detail": "oops"})),
        Reply::Json(502, json!({})),
        Reply::Json(503, json!({})),
        Reply::Json(504, json!({})),
        Reply::Json(408, json!({})),
        Reply::Json(425, json!({})),
        Reply::Json(429, json!({"detail": "slow down"})),
        Reply::Silence,
        Reply::HangUp,
        Reply::Half,
        Reply::Huge,
        Reply::Text(200, "<html>"),
        Reply::Text(200, ""),
        Reply::Json(200, json!({"token": "misnamed"})),
        Reply::Json(200, json!({"access_token": null})),
        Reply::With(302, ("location", "/login".into()), json!({})),
    ]
}

/// The notice and the target that whoever is sent away at the end of a session gets.
#[track_caller]
fn ended(answer: &Answer, browser: &Browser) {
    leads_to_login(answer);
    let location = answer.location();
    assert!(location.contains("notice=session.expired"), "{location}");
    assert!(location.contains("next=%2Fwelcome%3Ftab%3D1"), "{location}");
    assert!(browser.cookies().is_empty(), "{:?}", browser.cookies());
}

#[tokio::test]
async fn a_fresh_token_needs_no_call() {
    for name in STORES {
        let site = Site::new(&store(name, ""));
        let browser = site.signed_in().await;
        let calls = site.backend.count("me");
        site.pass(1800 - 301);
        for _ in 0..3 {
            browser.open(HOME).await.expect(200).shows(EMAIL);
        }
        assert_eq!(site.backend.count("refresh"), 0);
        assert_eq!(site.backend.count("me"), calls, "a protected request costs no call");
    }
}

#[tokio::test]
async fn a_token_that_is_due_is_renewed_and_the_request_goes_on() {
    for name in STORES {
        let site = Site::new(&store(name, ""));
        let browser = site.signed_in().await;
        let before = browser.cookies();
        site.pass(DUE);
        browser.open(HOME).await.expect(200).shows(EMAIL);
        assert_eq!(site.backend.count("refresh"), 1, "{name}");
        assert_eq!(browser.cookies() != before, name == "cookie", "{name}");
        let session = browser.call("GET", "/_vestibule/session", None).await;
        assert_eq!(session.json()["expires_in"], 1800, "{name}: the new token is in use");
        browser.open(HOME).await.expect(200);
        assert_eq!(site.backend.count("refresh"), 1);
        assert_eq!(site.backend.reuses(), 0);

        // And the next one as well.
        site.pass(DUE);
        browser.open(HOME).await.expect(200);
        assert_eq!((site.backend.count("refresh"), site.backend.reuses()), (2, 0), "{name}");
    }
}

#[tokio::test]
async fn an_expired_token_is_renewed_and_the_request_goes_on() {
    for name in STORES {
        let site = Site::new(&store(name, ""));
        let browser = site.signed_in().await;
        site.pass(EXPIRED + 3600);
        browser.open(HOME).await.expect(200).shows(EMAIL);
        assert_eq!((site.backend.count("refresh"), site.backend.reuses()), (1, 0), "{name}");
        browser.call("GET", HOME, None).await.expect(200);
        browser.htmx("/logout", &[]).await.expect(200);
    }
}

#[tokio::test]
async fn a_trouble_while_the_old_token_lives_is_not_noticed_and_tried_again_later() {
    for name in STORES {
        let site = Site::new(&store(name, ""));
        for reply in outages() {
            let what = format!("{name}: {reply:?}");
            site.backend.script("refresh", reply);
            let browser = site.signed_in().await;
            site.pass(DUE);
            let before = site.backend.count("refresh");
            assert_eq!(browser.open(HOME).await.status, 200, "{what}");
            assert_eq!(site.backend.count("refresh"), before + 1, "{what}");
            // Not at once.
            for _ in 0..3 {
                assert_eq!(browser.open(HOME).await.status, 200, "{what}");
            }
            assert_eq!(site.backend.count("refresh"), before + 1, "{what}");
            // Later, with the backend well again.
            site.backend.script("refresh", Reply::Honest);
            site.pass(31);
            assert_eq!(browser.open(HOME).await.status, 200, "{what}");
            assert_eq!(site.backend.count("refresh"), before + 2, "{what}");
            let session = browser.call("GET", "/_vestibule/session", None).await;
            assert_eq!(session.json()["expires_in"], 1800, "{what}");
        }
        assert_eq!(site.backend.reuses(), 0);
    }
}

#[tokio::test]
async fn a_connection_that_is_refused_is_an_outage_too() {
    for name in STORES {
        let mut site = Site::new(&store(name, ""));
        let browser = site.signed_in().await;
        site.pass(DUE);
        site.backend.close();
        browser.open(HOME).await.expect(200).shows(EMAIL);
        site.pass(299);
        let waiting = browser.open(HOME).await;
        assert!(waiting.expect(503).header("retry-after").is_some());
        site.backend.open_again();
        browser.open(HOME).await.expect(200).shows(EMAIL);
        assert_eq!((site.backend.count("refresh"), site.backend.reuses()), (1, 0), "{name}");
    }
}

#[tokio::test]
async fn attempts_get_rarer_while_the_trouble_lasts() {
    let site = Site::new("");
    let browser = site.signed_in().await;
    site.backend.script("refresh", Reply::Json(500, json!({})));
    site.pass(DUE);
    for _ in 0..120 {
        browser.open(HOME).await.expect(200);
        site.pass(1);
    }
    let attempts = site.backend.count("refresh");
    assert!((4..=10).contains(&attempts), "{attempts} attempts in two minutes");
}

#[tokio::test]
async fn the_backend_may_say_how_long_to_leave_it_alone() {
    let site = Site::new("");
    let browser = site.signed_in().await;
    let reply = Reply::With(429, ("retry-after", "20".into()), json!({}));
    site.backend.script("refresh", reply);
    site.pass(DUE);
    browser.open(HOME).await.expect(200);
    site.pass(19);
    browser.open(HOME).await.expect(200);
    assert_eq!(site.backend.count("refresh"), 1);
    site.pass(1);
    browser.open(HOME).await.expect(200);
    assert_eq!(site.backend.count("refresh"), 2);
    // With a dead token it is what the visitor is told.
    site.pass(300);
    assert_eq!(browser.open(HOME).await.expect(503).header("retry-after"), Some("20"));
}

#[tokio::test]
async fn a_trouble_with_a_dead_token_is_a_503_that_ends_nothing() {
    for name in STORES {
        let site = Site::new(&store(name, ""));
        for reply in outages() {
            let what = format!("{name}: {reply:?}");
            let browser = site.signed_in().await;
            let cookies = browser.cookies();
            site.backend.script("refresh", reply);
            site.pass(EXPIRED);
            let waiting = browser.open("/welcome?tab=1").await;
            assert_eq!(waiting.status, 503, "{what}: {waiting:?}");
            assert!(waiting.header("retry-after").unwrap().parse::<u64>().unwrap() > 0, "{what}");
            waiting.shows("<html").shows("href=\"/welcome?tab=1\"").hides(EMAIL);
            assert_eq!(browser.cookies(), cookies, "{what}: the session is kept");
            let problem = browser.call("GET", "/welcome", None).await;
            assert_eq!(problem.expect(503).json()["code"], "backend.unreachable");
            assert!(problem.header("retry-after").is_some());
            browser.call("GET", "/_vestibule/session", None).await.expect(503);

            site.backend.script("refresh", Reply::Honest);
            assert_eq!(browser.open(HOME).await.status, 200, "{what}: working again at once");
        }
        assert_eq!(site.backend.reuses(), 0);
    }
}

#[tokio::test]
async fn a_refusal_ends_the_session_and_says_so() {
    for name in STORES {
        for passed in [DUE, EXPIRED] {
            let site = Site::new(&store(name, ""));
            for status in [400, 401, 403, 404, 405, 409, 410, 415, 422] {
                let browser = site.signed_in().await;
                let other_tab = browser.copy();
                site.backend.script("refresh", Reply::Json(status, json!({"detail": "no"})));
                site.pass(passed);
                ended(&browser.open("/welcome?tab=1").await, &browser);
                // What was there is worth nothing any more.
                assert!(!other_tab.copy().is_signed_in().await, "{name} {status}");
                leads_to_login(&other_tab.open(HOME).await);
                site.backend.script("refresh", Reply::Honest);
                leads_to_login(&browser.open(HOME).await);
            }
            assert_eq!(site.backend.count("refresh"), 9, "{name}: one attempt each");
        }
    }
}

#[tokio::test]
async fn a_script_is_told_of_the_end_in_its_language() {
    let site = Site::new("");
    let browser = site.signed_in().await;
    site.backend.script("refresh", Reply::Json(401, json!({})));
    site.pass(EXPIRED);
    let problem = browser.call("GET", "/reports", None).await;
    let url = problem.expect(401).json()["login_url"].as_str().unwrap().to_owned();
    assert!(url.contains("notice=session.expired"), "{url}");
    assert!(browser.cookies().is_empty());

    site.backend.script("refresh", Reply::Honest);
    let browser = site.signed_in().await;
    site.backend.script("refresh", Reply::Json(401, json!({})));
    site.pass(EXPIRED);
    assert!(!browser.is_signed_in().await);
}

#[tokio::test]
async fn the_session_endpoint_takes_back_the_cookie_of_a_session_that_has_ended() {
    let site = Site::new("");
    let browser = site.signed_in().await;
    site.backend.script("refresh", Reply::Json(401, json!({})));
    site.pass(EXPIRED);
    assert!(!browser.is_signed_in().await);
    assert!(browser.cookies().is_empty(), "{:?}", browser.cookies());
}

#[tokio::test]
async fn the_page_of_a_login_after_the_end_shows_why() {
    let site = Site::new("");
    let browser = site.signed_in().await;
    site.backend.script("refresh", Reply::Json(401, json!({})));
    site.pass(EXPIRED);
    let away = browser.open("/welcome?tab=1").await;
    browser.open(away.location()).await.expect(200).shows("because your session ended");
    let done = browser.post("/login?next=/welcome?tab=1", &[("email", EMAIL)]).await;
    done.expect(422);
}

#[tokio::test]
async fn without_a_refresh_token_the_session_lives_as_long_as_its_token() {
    for name in STORES {
        let site = Site::new(&store(name, ""));
        site.backend.issue_no_refresh_tokens();
        let browser = site.signed_in().await;
        site.pass(DUE);
        browser.open(HOME).await.expect(200);
        site.pass(298);
        browser.open(HOME).await.expect(200);
        site.pass(1);
        ended(&browser.open("/welcome?tab=1").await, &browser);
        assert_eq!(site.backend.count("refresh"), 0);
    }
}

#[tokio::test]
async fn without_a_refresh_call_the_session_lives_as_long_as_its_token() {
    for name in STORES {
        let site = Site::new(&(store(name, "") + "[backend]\nrefresh = false"));
        let browser = site.signed_in().await;
        site.pass(EXPIRED - 1);
        browser.open(HOME).await.expect(200);
        site.pass(1);
        ended(&browser.open("/welcome?tab=1").await, &browser);
        assert_eq!(site.backend.count("refresh"), 0);
    }
}

#[tokio::test]
async fn a_token_of_unknown_life_is_good_until_me_refuses_it() {
    for name in STORES {
        let site = Site::new(&store(name, ""));
        site.backend.issue_opaque_tokens();
        let browser = site.signed_in().await;
        let session = browser.call("GET", "/_vestibule/session", None).await.json();
        assert_eq!(session["expires_in"], json!(null));
        for _ in 0..5 {
            site.pass(3000);
            browser.open(HOME).await.expect(200).shows(EMAIL);
        }
        assert_eq!(site.backend.count("refresh"), 0, "{name}");

        // The backend forgets the token: one refresh, and on it goes.
        site.backend.forget_access_tokens();
        site.pass(3000);
        browser.open(HOME).await.expect(200).shows(EMAIL);
        assert_eq!(site.backend.count("refresh"), 1, "{name}");
        browser.open(HOME).await.expect(200);
        assert_eq!(site.backend.count("refresh"), 1);

        // It forgets the token and refuses to renew it.
        site.backend.forget_access_tokens();
        site.backend.script("refresh", Reply::Json(401, json!({})));
        site.pass(3000);
        ended(&browser.open("/welcome?tab=1").await, &browser);
        assert_eq!(site.backend.count("refresh"), 2);
    }
}

#[tokio::test]
async fn a_token_of_unknown_life_is_kept_while_nobody_can_tell() {
    for name in STORES {
        let site = Site::new(&store(name, ""));
        site.backend.issue_opaque_tokens();
        let browser = site.signed_in().await;
        for reply in [Reply::Json(500, json!({})), Reply::Silence, Reply::Json(429, json!({}))] {
            site.backend.script("me", reply);
            site.pass(3000);
            browser.open(HOME).await.expect(200);
        }
        assert_eq!(site.backend.count("refresh"), 0, "{name}");
    }
}

#[tokio::test]
async fn a_token_of_unknown_life_without_a_refresh_token_ends_with_the_401() {
    for name in STORES {
        let site = Site::new(&store(name, ""));
        site.backend.issue_opaque_tokens();
        site.backend.issue_no_refresh_tokens();
        let browser = site.signed_in().await;
        site.pass(3000);
        browser.open(HOME).await.expect(200);
        site.backend.forget_access_tokens();
        site.pass(3000);
        ended(&browser.open("/welcome?tab=1").await, &browser);
        assert_eq!(site.backend.count("refresh"), 0);
    }
}

#[tokio::test]
async fn the_life_that_the_answer_states_counts_for_a_token_that_tells_none() {
    let take = "{ access_token = \"/access_token\", refresh_token = \"/refresh_token\", \
                expires_in = \"/expires_in\" }";
    let site = Site::new(&format!(
        "[backend.login]\nsend = \"POST /auth/login\"\n\
         body = {{ email = \"{{{{email}}}}\", password = \"{{{{password}}}}\" }}\ntake = {take}"
    ));
    let tokens = json!({"access_token": "at", "refresh_token": "rt", "expires_in": 600});
    site.backend.script("login", Reply::Json(200, tokens));
    site.backend.script("me", Reply::Json(200, json!({"id": 1, "email": EMAIL})));
    let browser = site.signed_in().await;
    let session = browser.call("GET", "/_vestibule/session", None).await.json();
    assert_eq!(session["expires_in"], 600);
    site.backend.script("refresh", Reply::Json(500, json!({})));
    site.pass(299);
    browser.open(HOME).await.expect(200);
    assert_eq!(site.backend.count("refresh"), 0);
    site.pass(1);
    browser.open(HOME).await.expect(200);
    assert_eq!(site.backend.count("refresh"), 1);
}

#[tokio::test]
async fn what_a_refresh_does_not_return_stays() {
    for name in STORES {
        let site = Site::new(&store(name, ""));
        site.backend.keep_refresh_tokens();
        let browser = site.signed_in().await;
        for round in 1..=3 {
            site.pass(DUE);
            browser.open(HOME).await.expect(200).shows(EMAIL);
            assert_eq!(site.backend.count("refresh"), round, "{name}");
        }
        let sent: Vec<_> = site.backend.calls("refresh").iter().map(|call| call.json()).collect();
        assert_eq!(sent[0], sent[2]);
    }
}

#[tokio::test]
async fn a_refresh_token_that_stays_the_same_buys_new_tokens_each_time() {
    for name in STORES {
        let site = Site::new(&store(name, "refresh_threshold = \"5s\""));
        site.backend.keep_refresh_tokens();
        site.backend.access_life(Duration::from_secs(30));
        let browser = site.signed_in().await;
        // Twice within the minute for which the first successor is remembered.
        for round in 1..=3 {
            site.pass(26);
            browser.open(HOME).await.expect(200).shows(EMAIL);
            assert_eq!(site.backend.count("refresh"), round, "{name}");
        }
    }
}

#[tokio::test]
async fn what_was_taken_at_login_stays_for_later_calls() {
    let site = Site::new(
        "[backend.login]\nsend = \"POST /auth/login\"\n\
         body = { email = \"{{email}}\", password = \"{{password}}\" }\n\
         take = { access_token = \"/access_token\", refresh_token = \"/refresh_token\", kind = \"/token_type\" }\n\
         [backend.refresh]\nsend = \"POST /auth/refresh\"\nheaders = { X-Kind = \"{{kind}}\" }\n\
         body = { refresh_token = \"{{refresh_token}}\" }",
    );
    let browser = site.signed_in().await;
    for _ in 0..2 {
        site.pass(DUE);
        browser.open(HOME).await.expect(200);
    }
    assert_eq!(site.backend.calls("refresh")[1].headers["x-kind"], "bearer");
}

#[tokio::test]
async fn the_user_is_read_again_with_the_new_token() {
    for name in STORES {
        let site = Site::new(&store(name, ""));
        let browser = site.signed_in().await;
        site.backend.rename(EMAIL, "Alice Married");
        browser.open(HOME).await.expect(200).hides("Alice Married");
        site.pass(DUE);
        browser.open(HOME).await.expect(200).shows("Alice Married");
        browser.open(HOME).await.expect(200).shows("Alice Married");

        // A backend that cannot say it now makes nobody nameless.
        site.backend.script("me", Reply::Json(500, json!({})));
        site.pass(DUE);
        browser.open(HOME).await.expect(200).shows("Alice Married");
        site.backend.script("me", Reply::Honest);
    }
}

#[tokio::test]
async fn fifty_requests_at_the_end_make_one_refresh_and_all_go_on() {
    for name in STORES {
        for passed in [DUE, EXPIRED] {
            let site = Site::new(&store(name, ""));
            let browser = site.signed_in().await;
            site.pass(passed);
            // Each with the cookie of before, as they are under way already.
            let tabs: Vec<_> = (0..50).map(|_| browser.copy()).collect();
            let answers = join_all(tabs.iter().map(|tab| tab.open(HOME))).await;
            for answer in &answers {
                answer.expect(200).shows(EMAIL);
            }
            assert_eq!(answers.len(), 50);
            assert_eq!((site.backend.count("refresh"), site.backend.reuses()), (1, 0), "{name}");
            for tab in &tabs {
                tab.open(HOME).await.expect(200);
            }
            assert_eq!(site.backend.count("refresh"), 1);
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn fifty_requests_on_several_threads_make_one_refresh() {
    for name in STORES {
        let site = Site::new(&store(name, ""));
        let browser = site.signed_in().await;
        site.pass(EXPIRED);
        let tasks: Vec<_> = (0..50)
            .map(|_| {
                let tab = browser.copy();
                tokio::spawn(async move { tab.open(HOME).await.status })
            })
            .collect();
        for task in tasks {
            assert_eq!(task.await.unwrap(), 200);
        }
        assert_eq!((site.backend.count("refresh"), site.backend.reuses()), (1, 0), "{name}");
    }
}

#[tokio::test]
async fn two_visitors_do_not_wait_for_each_other() {
    let site = Site::new("[backend]\ntimeout = \"20s\"");
    let first = site.signed_in().await;
    site.pass(1000);
    let second = site.signed_in().await;
    site.pass(DUE - 1000);
    site.backend.hold("refresh");
    let waiting = tokio::spawn({
        let first = first.clone();
        async move { first.open(HOME).await.status }
    });
    site.backend.called("refresh", 1).await;
    second.open(HOME).await.expect(200);
    assert!(!waiting.is_finished());
    site.backend.let_go("refresh");
    assert_eq!(waiting.await.unwrap(), 200);
}

#[tokio::test]
async fn late_arrivals_get_the_successor_for_a_minute_and_not_longer() {
    for name in STORES {
        let site = Site::new(&store(name, ""));
        let browser = site.signed_in().await;
        let (soon, late) = (browser.copy(), browser.copy());
        site.pass(EXPIRED);
        browser.open(HOME).await.expect(200);
        site.pass(59);
        soon.open(HOME).await.expect(200).shows(EMAIL);
        assert_eq!(soon.cookies(), browser.cookies(), "{name}: the newest cookie");
        assert_eq!((site.backend.count("refresh"), site.backend.reuses()), (1, 0), "{name}");
        if name == "cookie" {
            site.pass(1);
            late.open("/welcome?tab=1").await.expect(303);
            assert!(late.cookies().is_empty());
            assert_eq!(site.backend.reuses(), 1, "it was asked with the spent token");
        } else {
            // The cookie is only a name here, and the session behind it was renewed.
            site.pass(600);
            late.open(HOME).await.expect(200);
            assert_eq!((site.backend.count("refresh"), site.backend.reuses()), (1, 0));
        }
    }
}

#[tokio::test]
async fn a_request_that_is_dropped_strands_nobody() {
    for name in STORES {
        let site = Site::new(&(store(name, "") + "[backend]\ntimeout = \"20s\""));
        let browser = site.signed_in().await;
        site.pass(EXPIRED);
        site.backend.hold("refresh");
        let tab = browser.copy();
        let leader = tokio::spawn(async move { tab.open(HOME).await.status });
        site.backend.called("refresh", 1).await;
        leader.abort();
        assert!(leader.await.unwrap_err().is_cancelled());
        let tab = browser.copy();
        let follower = tokio::spawn(async move { tab.open(HOME).await.status });
        tokio::task::yield_now().await;
        site.backend.let_go("refresh");
        assert_eq!(follower.await.unwrap(), 200, "{name}");
        browser.open(HOME).await.expect(200);
        assert_eq!((site.backend.count("refresh"), site.backend.reuses()), (1, 0), "{name}");
    }
}

#[tokio::test]
async fn the_tokens_of_a_dropped_request_are_not_lost() {
    for name in STORES {
        let site = Site::new(&(store(name, "") + "[backend]\ntimeout = \"20s\""));
        let browser = site.signed_in().await;
        site.pass(EXPIRED);
        site.backend.hold("refresh");
        let tab = browser.copy();
        let only = tokio::spawn(async move { tab.open(HOME).await.status });
        site.backend.called("refresh", 1).await;
        only.abort();
        site.backend.let_go("refresh");
        // The browser never saw the new cookie, and comes again with the old one.
        browser.open(HOME).await.expect(200).shows(EMAIL);
        assert_eq!((site.backend.count("refresh"), site.backend.reuses()), (1, 0), "{name}");
    }
}

#[tokio::test]
async fn signing_out_during_a_refresh_wins() {
    for name in STORES {
        let site = Site::new(&(store(name, "") + "[backend]\ntimeout = \"20s\""));
        let browser = site.signed_in().await;
        site.pass(DUE);
        site.backend.hold("refresh");
        let tab = browser.copy();
        let under_way = tokio::spawn({
            let tab = tab.clone();
            async move { tab.open(HOME).await }
        });
        site.backend.called("refresh", 1).await;
        leads_to_login(&browser.post("/logout", &[]).await);
        site.backend.let_go("refresh");
        leads_to_login(&under_way.await.unwrap());
        assert!(!tab.is_signed_in().await, "{name}: signed in again by a late refresh");
        assert!(!browser.is_signed_in().await);
    }
}

#[tokio::test]
async fn a_token_that_is_due_as_soon_as_it_arrives_makes_one_refresh_a_request() {
    for name in STORES {
        let site = Site::new(&store(name, ""));
        site.backend.access_life(Duration::from_mins(1));
        let browser = site.signed_in().await;
        for round in 1..=3 {
            browser.open(HOME).await.expect(200).shows(EMAIL);
            assert!(site.backend.count("refresh") <= round, "{name}");
            site.pass(1);
        }
        assert_eq!(site.backend.reuses(), 0);
    }
}

#[tokio::test]
async fn a_refresh_that_brings_another_backends_token_ends_nothing() {
    for name in STORES {
        let site = Site::new(&store(name, ""));
        let browser = site.signed_in().await;
        let foreign =
            "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiIxIiwiZXhwIjoxOTAwMDAwMDAwfQ.c2ln";
        site.backend.script("refresh", Reply::Json(200, json!({"access_token": foreign})));
        site.pass(DUE);
        browser.open(HOME).await.expect(200);
        site.pass(300);
        browser.open(HOME).await.expect(503);
        site.backend.script("refresh", Reply::Honest);
        browser.open(HOME).await.expect(200);
        assert_eq!(site.backend.reuses(), 0, "{name}");
    }
}

#[tokio::test]
async fn the_login_page_of_somebody_with_a_dead_token_renews_it_first() {
    let site = Site::new("");
    let browser = site.signed_in().await;
    site.pass(EXPIRED);
    assert_eq!(browser.open("/login").await.expect(303).location(), HOME);
    assert_eq!(site.backend.count("refresh"), 1);
    browser.open(HOME).await.expect(200);
    assert_eq!((site.backend.count("refresh"), site.backend.reuses()), (1, 0));
}

#[tokio::test]
async fn two_sites_behind_one_backend_do_not_share_successors() {
    let site = Site::new("");
    let browser = site.signed_in().await;
    let clock = site.clock.clone();
    let other = Site::with(Scripted::start(&clock), clock, "");
    // Sealed with the same secret, so the cookie opens; its tokens are unknown to the other backend.
    site.pass(EXPIRED);
    leads_to_login(&browser.at(&other).open(HOME).await);
    browser.open(HOME).await.expect(200);
}
