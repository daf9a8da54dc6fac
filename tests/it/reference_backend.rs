//! The real binary in front of a real backend, one that misbehaves on request.

use std::time::{Duration, Instant};

use futures_util::future::join_all;
use reqwest::Method;
use serde_json::json;

use crate::support::binary::Vestibule;
use crate::support::eventually;
use crate::support::reference::Reference;
use crate::support::visitor::{Answer, Visitor};

const EMAIL: &str = "alice@example.com";
const PASSWORD: &str = "Corr3ct-horse-battery";
const WRONG_PASSWORD: &str = "Wr0ng-horse-battery";
const SECRET: &str = "jwt-secret-to-change";

/// How long access tokens live in the tests that cross their end. Whole seconds, as JWTs count in them.
const SHORT: Duration = Duration::from_secs(4);

fn config(backend: &Reference, more: &str) -> String {
    let url = backend.url();
    format!(
        "[backend]\nurl = \"{url}\"\ntimeout = \"2s\"\n[token]\nsecret = \"{SECRET}\"\nleeway = \"0s\"\n\
         [rate_limit]\nlogin = {{ limit = 1000, per = \"1m\" }}\n[session]\nrefresh_threshold = \"2s\"\n{more}"
    )
}

async fn start(environment: &[(&str, &str)]) -> (Reference, Vestibule) {
    let backend = Reference::start(environment).await;
    let vestibule = Vestibule::start(&config(&backend, "")).await;
    (backend, vestibule)
}

async fn start_with_short_tokens() -> (Reference, Vestibule) {
    start(&[("LAB_ACCESS_TTL", "4")]).await
}

async fn register(visitor: &Visitor) {
    let fields = [("email", EMAIL), ("password", PASSWORD), ("password_confirm", PASSWORD)];
    visitor.fill_in("/register", &fields).await.expect(303);
}

async fn log_in(visitor: &Visitor) -> Answer {
    visitor.fill_in("/login", &[("email", EMAIL), ("password", PASSWORD)]).await
}

/// A visitor who is signed in, and when that was at the latest.
async fn signed_in(vestibule: &Vestibule) -> (Visitor, Instant) {
    register(&vestibule.visitor()).await;
    let visitor = vestibule.visitor();
    log_in(&visitor).await.expect(303);
    (visitor, Instant::now())
}

/// Waits until the tokens of that moment are past their end. They end by the clock of the machine, so does this.
async fn after_the_end_of_tokens_of(moment: Instant) {
    let end = moment + SHORT + Duration::from_secs(1);
    tokio::time::sleep_until(end.into()).await;
}

#[track_caller]
fn leads_to_login(answer: &Answer) {
    assert!(answer.expect(303).location().starts_with("/login"), "{}", answer.location());
}

#[tokio::test]
#[ignore = "needs the Python reference backend; run by tests/run"]
async fn a_visitor_registers_logs_in_and_is_welcomed() {
    let (_backend, vestibule) = start(&[]).await;
    register(&vestibule.visitor()).await;

    let visitor = vestibule.visitor();
    leads_to_login(&visitor.open("/welcome").await);
    let done = log_in(&visitor).await;
    assert_eq!(done.expect(303).location(), "/");
    visitor.follow(&done).await.expect(200).shows(EMAIL);
}

#[tokio::test]
#[ignore = "needs the Python reference backend; run by tests/run"]
async fn an_email_that_is_taken_is_answered_with_409_on_the_same_page() {
    let (_backend, vestibule) = start(&[]).await;
    register(&vestibule.visitor()).await;
    let fields = [("email", EMAIL), ("password", PASSWORD), ("password_confirm", PASSWORD)];
    let again = vestibule.visitor().fill_in("/register", &fields).await;
    again.expect(409).shows(EMAIL).hides(PASSWORD);
}

#[tokio::test]
#[ignore = "needs the Python reference backend; run by tests/run"]
async fn login_with_a_wrong_password_keeps_the_email_and_drops_the_password() {
    let (_backend, vestibule) = start(&[]).await;
    let visitor = vestibule.visitor();
    register(&vestibule.visitor()).await;
    let fields = [("email", EMAIL), ("password", WRONG_PASSWORD)];
    visitor.fill_in("/login", &fields).await.expect(401).shows(EMAIL).hides(WRONG_PASSWORD);
    leads_to_login(&visitor.open("/welcome").await);
}

#[tokio::test]
#[ignore = "needs the Python reference backend; run by tests/run"]
async fn login_leads_back_to_where_the_visitor_wanted_to_go() {
    let (_backend, vestibule) = start(&[]).await;
    register(&vestibule.visitor()).await;

    let visitor = vestibule.visitor();
    let turned_away = visitor.open("/welcome?tab=a%20b&x=1").await;
    leads_to_login(&turned_away);
    let fields = [("email", EMAIL), ("password", PASSWORD)];
    let done = visitor.fill_in(turned_away.location(), &fields).await;
    assert_eq!(done.expect(303).location(), "/welcome?tab=a%20b&x=1");

    for elsewhere in ["//evil.example", "https://evil.example/", "/\\evil.example", "evil"] {
        let visitor = vestibule.visitor();
        let query =
            form_urlencoded::Serializer::new(String::new()).append_pair("next", elsewhere).finish();
        let done = visitor.fill_in(&format!("/login?{query}"), &fields).await;
        assert_eq!(done.expect(303).location(), "/", "next={elsewhere}");
    }
}

#[tokio::test]
#[ignore = "needs the Python reference backend; run by tests/run"]
async fn a_form_that_another_site_sends_is_refused() {
    let (backend, vestibule) = start(&[]).await;
    register(&vestibule.visitor()).await;
    backend.reset_stats().await;
    let visitor = vestibule.visitor();
    let fields = [("email", EMAIL), ("password", PASSWORD)];
    visitor.post_form_from_elsewhere("/login", &fields).await.expect(403);
    assert_eq!(backend.stats().await.calls("login"), 0);
}

#[tokio::test]
#[ignore = "needs the Python reference backend; run by tests/run"]
async fn scripts_and_htmx_are_answered_in_their_own_language() {
    let (_backend, vestibule) = start(&[]).await;
    let visitor = vestibule.visitor();
    let user = json!({ "email": EMAIL, "password": PASSWORD });
    let done = visitor.fetch(Method::POST, "/register", Some(user.clone())).await;
    assert!((200..300).contains(&done.status), "{done:?}");

    let visitor = vestibule.visitor();
    let session = visitor.fetch(Method::GET, "/_vestibule/session", None).await;
    assert_eq!(session.expect(200).json(), json!({ "authenticated": false }));
    let refused = visitor.fetch(Method::GET, "/welcome", None).await;
    refused.expect(401);
    assert_eq!(refused.header("content-type"), Some("application/problem+json"));
    assert!(refused.json()["login_url"].as_str().unwrap().contains("/login"));

    let wrong = json!({ "email": EMAIL, "password": WRONG_PASSWORD });
    let refused = visitor.fetch(Method::POST, "/login", Some(wrong)).await;
    assert!(refused.expect(401).json()["code"].is_string(), "{refused:?}");
    let missing = visitor.fetch(Method::POST, "/login", Some(json!({}))).await;
    assert_eq!(missing.expect(422).json()["errors"].as_array().unwrap().len(), 2, "{missing:?}");

    let done = visitor.fetch(Method::POST, "/login", Some(user)).await;
    assert_eq!(done.expect(200).json()["user"]["email"], EMAIL);
    assert_eq!(done.json()["next"], "/");
    let session = visitor.fetch(Method::GET, "/_vestibule/session", None).await;
    assert_eq!(session.expect(200).json()["authenticated"], true);

    let htmx = vestibule.visitor();
    let done = htmx.htmx("/login", &[("email", EMAIL), ("password", PASSWORD)]).await;
    assert_eq!(done.header("hx-redirect"), Some("/"), "{done:?}");
}

#[tokio::test]
#[ignore = "needs the Python reference backend; run by tests/run"]
async fn a_session_crosses_the_end_of_its_token_unnoticed() {
    let (backend, vestibule) = start_with_short_tokens().await;
    let (visitor, _) = signed_in(&vestibule).await;
    eventually("two refreshes", async || {
        visitor.open("/welcome").await.expect(200).shows(EMAIL);
        (backend.stats().await.refresh("ok") >= 2).then_some(())
    })
    .await;
    let stats = backend.stats().await;
    assert_eq!((stats.refresh("duplicate_presentations"), stats.refresh("reused")), (0, 0));
}

#[tokio::test]
#[ignore = "needs the Python reference backend; run by tests/run"]
async fn fifty_requests_at_expiry_cause_one_refresh_and_get_fifty_good_answers() {
    let (backend, vestibule) = start_with_short_tokens().await;
    let (visitor, mut moment) = signed_in(&vestibule).await;
    for round in 1..=2 {
        after_the_end_of_tokens_of(moment).await;
        // Slow enough that all of them meet the refresh under way.
        backend.faults(json!({ "on": "refresh", "latency_ms": 300 })).await;
        // Each with the cookies of before: a browser sends them at once.
        let tabs: Vec<_> = (0..50).map(|_| visitor.copy()).collect();
        moment = Instant::now();
        for answer in join_all(tabs.iter().map(|tab| tab.open("/welcome"))).await {
            answer.expect(200).shows(EMAIL);
        }
        let stats = backend.stats().await;
        assert_eq!((stats.calls("refresh"), stats.refresh("ok")), (round, round));
        assert_eq!(stats.refresh("duplicate_presentations"), 0);
        // The latecomer with the old cookie gets the successor, and goes on with it.
        visitor.open("/welcome").await.expect(200).shows(EMAIL);
        assert_eq!(backend.stats().await.calls("refresh"), round);
    }
}

#[tokio::test]
#[ignore = "needs the Python reference backend; run by tests/run"]
async fn a_visitor_who_leaves_during_the_refresh_strands_nobody() {
    let (backend, vestibule) = start_with_short_tokens().await;
    let (visitor, moment) = signed_in(&vestibule).await;
    after_the_end_of_tokens_of(moment).await;
    backend.faults(json!({ "on": "refresh", "latency_ms": 1000 })).await;

    let (hasty, patient) = (visitor.copy(), visitor.copy());
    let leaving = tokio::spawn(async move { hasty.open("/welcome").await });
    eventually("the refresh under way", async || {
        (backend.stats().await.calls("refresh") == 1).then_some(())
    })
    .await;
    let staying = tokio::spawn(async move { patient.open("/welcome").await });
    leaving.abort();
    staying.await.unwrap().expect(200).shows(EMAIL);
    let stats = backend.stats().await;
    assert_eq!((stats.calls("refresh"), stats.refresh("duplicate_presentations")), (1, 0));
}

#[tokio::test]
#[ignore = "needs the Python reference backend; run by tests/run"]
async fn logout_revokes_the_refresh_token_at_the_backend() {
    let (backend, vestibule) = start_with_short_tokens().await;
    let (visitor, moment) = signed_in(&vestibule).await;
    let thief = visitor.copy();

    visitor.open("/logout").await.expect(200);
    leads_to_login(&visitor.fill_in("/logout", &[]).await);
    leads_to_login(&visitor.open("/welcome").await);
    assert_eq!(backend.stats().await.calls("logout"), 1);

    after_the_end_of_tokens_of(moment).await;
    leads_to_login(&thief.open("/welcome").await);
    assert_eq!(backend.stats().await.refresh("ok"), 0);
}

#[tokio::test]
#[ignore = "needs the Python reference backend; run by tests/run"]
async fn pages_are_served_without_the_backend_while_the_token_lives() {
    let (mut backend, vestibule) = start(&[]).await;
    let (visitor, _) = signed_in(&vestibule).await;
    backend.stop();
    visitor.open("/welcome").await.expect(200).shows(EMAIL);
}

#[tokio::test]
#[ignore = "needs the Python reference backend; run by tests/run"]
async fn a_session_survives_an_outage_that_outlasts_its_token() {
    let (mut backend, vestibule) = start_with_short_tokens().await;
    let (visitor, moment) = signed_in(&vestibule).await;
    backend.stop();
    after_the_end_of_tokens_of(moment).await;

    let sorry = visitor.open("/welcome").await;
    let wait: u64 = sorry.expect(503).header("retry-after").unwrap().parse().unwrap();
    assert!((1..=300).contains(&wait), "Retry-After: {wait}");
    visitor.fetch(Method::GET, "/welcome", None).await.expect(503);

    backend.start_again().await;
    let back = eventually("the session back", async || {
        let answer = visitor.open("/welcome").await;
        assert!([200, 503].contains(&answer.status), "logged out by an outage: {answer:?}");
        (answer.status == 200).then_some(answer)
    })
    .await;
    back.shows(EMAIL);
    assert_eq!(backend.stats().await.calls("login"), 0);
}

#[tokio::test]
#[ignore = "needs the Python reference backend; run by tests/run"]
async fn a_failing_refresh_goes_unnoticed_while_the_token_lives() {
    let (backend, vestibule) = start_with_short_tokens().await;
    let (visitor, _) = signed_in(&vestibule).await;
    backend.faults(json!({ "refresh_fail": "error", "refresh_fail_times": 1 })).await;
    eventually("a refresh after the failed one", async || {
        visitor.open("/welcome").await.expect(200);
        let stats = backend.stats().await;
        (stats.calls("refresh") >= 2 && stats.refresh("ok") >= 1).then_some(())
    })
    .await;
}

#[tokio::test]
#[ignore = "needs the Python reference backend; run by tests/run"]
async fn a_refused_refresh_ends_the_session_with_a_notice_and_the_way_back() {
    let (backend, vestibule) = start_with_short_tokens().await;
    let (visitor, moment) = signed_in(&vestibule).await;
    backend.faults(json!({ "refresh_fail": "401", "refresh_fail_times": 1000 })).await;
    after_the_end_of_tokens_of(moment).await;

    let never_in = vestibule.visitor().open("/login?next=%2Fwelcome").await;
    let ended = visitor.open("/welcome").await;
    leads_to_login(&ended);
    assert!(ended.location().contains("next=%2Fwelcome"), "{}", ended.location());
    let login = visitor.follow(&ended).await;
    let main = |page: &Answer| page.body.split("<main").nth(1).unwrap().len();
    assert!(main(login.expect(200)) > main(&never_in), "no notice: {}", login.body);

    let done = visitor.fill_in(ended.location(), &[("email", EMAIL), ("password", PASSWORD)]).await;
    assert_eq!(done.expect(303).location(), "/welcome");
}

#[tokio::test]
#[ignore = "needs the Python reference backend; run by tests/run"]
async fn whatever_the_backend_does_at_login_ends_in_a_page_that_the_log_explains() {
    let (backend, vestibule) = start(&[]).await;
    register(&vestibule.visitor()).await;
    for (faults, statuses) in [
        (json!({ "malformed_rate": 1 }), &[502][..]),
        (json!({ "wrong_type_rate": 1 }), &[502]),
        (json!({ "truncate_rate": 1 }), &[502, 503]),
        (json!({ "huge_body_bytes": 50_000_000 }), &[502]),
        (json!({ "reset_rate": 1 }), &[502, 503]),
        (json!({ "error_rate": 1, "error_status": 500 }), &[502, 503]),
        (json!({ "error_rate": 1, "error_status": 502, "error_body": "html" }), &[502, 503]),
        (json!({ "error_rate": 1, "error_status": 503, "error_body": "empty" }), &[502, 503]),
        (json!({ "slow_body_ms": 30_000 }), &[503, 504]),
        (json!({ "hang_rate": 1 }), &[503, 504]),
    ] {
        backend.faults(json!({})).await;
        backend.faults(faults.clone()).await;
        backend.faults(json!({ "on": "login" })).await;
        let visitor = vestibule.visitor();
        let sorry = log_in(&visitor).await;
        assert!(statuses.contains(&sorry.status), "{faults}: {sorry:?}");
        let id = sorry.header("x-request-id").expect("x-request-id").to_owned();
        sorry.shows(&id).hides(PASSWORD);
        vestibule.log_line(&[&id, "POST /auth/login"]).await;
        assert!(!vestibule.log().contains(PASSWORD));
        leads_to_login(&visitor.open("/welcome").await);
    }
    backend.faults(json!({})).await;
    log_in(&vestibule.visitor()).await.expect(303);
}

#[tokio::test]
#[ignore = "needs the Python reference backend; run by tests/run"]
async fn a_secret_that_differs_from_the_backends_is_said_without_being_told() {
    let theirs = "the-secret-that-the-backend-signs-with";
    let backend = Reference::start(&[("REF_SECRET", theirs)]).await;
    let vestibule = Vestibule::start(&config(&backend, "")).await;
    let fields = [("email", EMAIL), ("password", PASSWORD), ("password_confirm", PASSWORD)];
    // It may have logged in at once, and failed at that.
    vestibule.visitor().fill_in("/register", &fields).await;

    let refused = log_in(&vestibule.visitor()).await;
    let id = refused.expect(502).header("x-request-id").expect("x-request-id").to_owned();
    refused.shows(&id).hides("secret");
    vestibule.log_line(&[&id, "token.secret"]).await;
    let log = vestibule.log();
    assert!(!log.contains(theirs) && !log.contains(SECRET), "{log}");
}

#[tokio::test]
#[ignore = "needs the Python reference backend; run by tests/run"]
async fn no_secret_reaches_the_log_however_much_is_logged() {
    let backend = Reference::start(&[("LAB_ACCESS_TTL", "4")]).await;
    let toml = config(&backend, "[log]\nlevel = \"trace\"\n");
    let vestibule = Vestibule::start(&toml).await;
    let (visitor, moment) = signed_in(&vestibule).await;
    let mut secrets: Vec<String> =
        [PASSWORD, WRONG_PASSWORD, SECRET, "f0rged-value"].map(str::to_owned).into();
    let mut remember = |visitor: &Visitor| secrets.extend(visitor.cookies().into_values());
    remember(&visitor);

    let guesser = vestibule.visitor();
    guesser.fill_in("/login", &[("email", EMAIL), ("password", WRONG_PASSWORD)]).await;
    let forger = vestibule.visitor();
    for name in visitor.cookies().keys() {
        forger.set_cookie(name, "f0rged-value");
    }
    leads_to_login(&forger.open("/welcome").await);
    after_the_end_of_tokens_of(moment).await;
    visitor.open("/welcome").await.expect(200);
    remember(&visitor);
    for fault in [json!({ "malformed_rate": 1 }), json!({ "error_rate": 1 })] {
        backend.faults(fault).await;
        log_in(&vestibule.visitor()).await;
    }
    backend.faults(json!({})).await;
    visitor.fill_in("/logout", &[]).await.expect(303);

    let tokens = backend.issued_tokens().await;
    assert!(tokens.len() >= 4, "only {} tokens", tokens.len());
    secrets.extend(tokens);
    let log = vestibule.log();
    assert!(log.contains("/welcome"), "nothing was logged:\n{log}");
    for secret in secrets.iter().filter(|it| it.len() >= 8) {
        assert!(!log.contains(secret.as_str()), "`{secret}` is in the log:\n{log}");
    }
}

#[tokio::test]
#[ignore = "needs the Python reference backend; run by tests/run"]
async fn a_session_survives_a_restart_which_ends_cleanly() {
    let (_backend, mut vestibule) = start(&[]).await;
    let (visitor, _) = signed_in(&vestibule).await;
    assert_eq!(vestibule.stop(), Some(0), "{}", vestibule.log());
    vestibule.start_again().await;
    visitor.open("/welcome").await.expect(200).shows(EMAIL);
}
