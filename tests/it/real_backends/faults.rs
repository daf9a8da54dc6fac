//! The reference backend with each of its fault switches: nothing but a refusal ends a session.

use std::time::{Duration, Instant};

use futures_util::future::join_all;
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::binary::Vestibule;
use crate::support::eventually;
use crate::support::reference::Reference;
use crate::support::visitor::{Answer, Visitor};

const EMAIL: &str = "alice@example.com";
const PASSWORD: &str = "Corr3ct-horse-battery";
/// As `LAB_ACCESS_TTL` below, and a second more.
const PAST_THE_END: Duration = Duration::from_secs(4);

struct Stage {
    backend: Reference,
    vestibule: Vestibule,
}

/// With access tokens of three seconds.
async fn stage(more: &[(&str, &str)]) -> Stage {
    let environment = [&[("LAB_ACCESS_TTL", "3")], more].concat();
    let backend = Reference::start(&environment).await;
    let vestibule = Vestibule::start(&format!(
        "[backend]\nurl = \"{}\"\ntimeout = \"3s\"\n[token]\nsecret = \"jwt-secret-to-change\"\nleeway = \"0s\"\n\
         [rate_limit]\nlogin = {{ limit = 1000, per = \"1m\" }}\n[session]\nrefresh_threshold = \"1s\"\n",
        backend.url()
    ))
    .await;
    let fields = [("email", EMAIL), ("password", PASSWORD), ("password_confirm", PASSWORD)];
    vestibule.visitor().fill_in("/register", &fields).await.expect(303);
    Stage { backend, vestibule }
}

impl Stage {
    /// This many visitors with a session each, all past the end of their access tokens.
    async fn overdue(&self, count: usize) -> Vec<Visitor> {
        let mut visitors = Vec::new();
        for _ in 0..count {
            let visitor = self.vestibule.visitor();
            let fields = [("email", EMAIL), ("password", PASSWORD)];
            visitor.fill_in("/login", &fields).await.expect(303);
            visitors.push(visitor);
        }
        tokio::time::sleep_until((Instant::now() + PAST_THE_END).into()).await;
        self.backend.reset_stats().await;
        visitors
    }

    /// Lets the backend misbehave, and shows what five simultaneous requests of one visitor get.
    async fn during(&self, fault: &Value, visitor: &Visitor) -> Vec<Answer> {
        self.backend.faults(fault.clone()).await;
        let tabs: Vec<_> = (0..5).map(|_| visitor.copy()).collect();
        let answers = join_all(tabs.iter().map(|tab| tab.open("/welcome"))).await;
        self.backend.faults(json!({})).await;
        answers
    }

    /// Stops the test unless all of them come back without having to sign in again.
    async fn all_come_back(&self, visitors: &[Visitor]) {
        join_all(visitors.iter().map(|visitor| {
            eventually("the session back", async || {
                let answer = visitor.open("/welcome").await;
                assert!([200, 503].contains(&answer.status), "signed out by a fault: {answer:?}");
                (answer.status == 200).then_some(())
            })
        }))
        .await;
        assert_eq!(self.backend.stats().await.calls("login"), 0);
    }
}

#[track_caller]
fn is_calm(fault: &Value, answer: &Answer) {
    assert_eq!(answer.status, 503, "{fault}: {answer:?}");
    let wait: u64 = answer.header("retry-after").unwrap().parse().unwrap();
    assert!((1..=300).contains(&wait), "{fault}: Retry-After: {wait}");
}

/// What keeps a refresh from being done.
fn faults_before() -> Vec<Value> {
    let mut faults = vec![
        json!({ "reset_rate": 1 }),
        json!({ "hang_rate": 1 }),
        json!({ "error_rate": 1, "error_retry_after": "1" }),
    ];
    for status in [500, 502, 503, 504, 429, 408, 425] {
        faults.push(json!({ "error_rate": 1, "error_status": status }));
    }
    for body in ["html", "empty", "json"] {
        faults.push(json!({ "error_rate": 1, "error_status": 503, "error_body": body }));
    }
    for kind in ["error", "reset", "hang"] {
        faults.push(json!({ "refresh_fail": kind, "refresh_fail_times": 1000 }));
    }
    faults
}

/// What lets a refresh be done and spoils its answer.
fn faults_after() -> Vec<Value> {
    let mut faults = vec![
        json!({ "lost_rate": 1 }),
        json!({ "malformed_rate": 1 }),
        json!({ "truncate_rate": 1 }),
        json!({ "wrong_type_rate": 1 }),
        json!({ "slow_body_ms": 30_000 }),
        json!({ "huge_body_bytes": 50_000_000 }),
    ];
    for kind in ["lost", "malformed"] {
        faults.push(json!({ "refresh_fail": kind, "refresh_fail_times": 1000 }));
    }
    faults
}

#[tokio::test]
#[ignore = "needs the Python reference backend; run by tests/run"]
async fn no_fault_that_keeps_a_refresh_from_being_done_ends_a_session() {
    let (stage, faults) = (stage(&[]).await, faults_before());
    let visitors = stage.overdue(faults.len()).await;
    for (fault, visitor) in faults.iter().zip(&visitors) {
        for answer in stage.during(fault, visitor).await {
            is_calm(fault, &answer);
        }
    }
    stage.all_come_back(&visitors).await;
    let stats = stage.backend.stats().await;
    assert_eq!((stats.refresh("duplicate_presentations"), stats.refresh("reused")), (0, 0));
}

/// A token whose successor got lost can only be presented again; here the backend takes it once more.
#[tokio::test]
#[ignore = "needs the Python reference backend; run by tests/run"]
async fn no_spoiled_answer_to_a_refresh_ends_a_session() {
    let (stage, faults) = (stage(&[("REF_REUSE_GRACE_S", "600")]).await, faults_after());
    let visitors = stage.overdue(faults.len()).await;
    for (fault, visitor) in faults.iter().zip(&visitors) {
        let before = stage.backend.stats().await.calls("refresh");
        for answer in stage.during(fault, visitor).await {
            is_calm(fault, &answer);
        }
        let calls = stage.backend.stats().await.calls("refresh") - before;
        assert_eq!(calls, 1, "{fault}: one refresh for five requests, and no blind repetition");
    }
    stage.all_come_back(&visitors).await;
    let stats = stage.backend.stats().await;
    assert_eq!((stats.refresh("reused"), stats.refresh("families_revoked")), (0, 0));
}

#[tokio::test]
#[ignore = "needs the Python reference backend; run by tests/run"]
async fn slow_and_long_answers_go_unnoticed() {
    let faults = [
        json!({ "latency_ms": 300, "latency_jitter_ms": 200 }),
        json!({ "slow_body_ms": 500 }),
        json!({ "huge_body_bytes": 10_000 }),
    ];
    let stage = stage(&[]).await;
    let visitors = stage.overdue(faults.len()).await;
    for (fault, visitor) in faults.iter().zip(&visitors) {
        for answer in stage.during(fault, visitor).await {
            assert_eq!(answer.status, 200, "{fault}: {answer:?}\n{}", stage.vestibule.log());
            answer.shows(EMAIL);
        }
    }
    stage.all_come_back(&visitors).await;
    let stats = stage.backend.stats().await;
    assert_eq!((stats.refresh("duplicate_presentations"), stats.refresh("reused")), (0, 0));
    assert!(stats.refresh("ok") >= faults.len() as u64);
}

/// Signs in and renews while the backend's clock is that far ahead of ours.
async fn goes_unnoticed(clock_skew: i64) {
    let stage = stage(&[]).await;
    stage.backend.faults(json!({ "clock_skew_s": clock_skew })).await;
    let visitors = stage.overdue(1).await;
    let fault = json!({ "clock_skew_s": clock_skew });
    for answer in stage.during(&fault, &visitors[0]).await {
        assert_eq!(answer.status, 200, "{answer:?}\n{}", stage.vestibule.log());
        answer.shows(EMAIL);
    }
    let session = visitors[0].copy().fetch(Method::GET, "/_vestibule/session", None).await;
    assert!(session.expect(200).json()["expires_in"].as_u64().is_some_and(|life| life <= 3));
    let stats = stage.backend.stats().await;
    assert_eq!((stats.refresh("duplicate_presentations"), stats.refresh("reused")), (0, 0));
}

#[tokio::test]
#[ignore = "needs the Python reference backend; run by tests/run"]
async fn a_backend_whose_clock_is_an_hour_ahead_goes_unnoticed() {
    goes_unnoticed(3600).await;
}

#[tokio::test]
#[ignore = "needs the Python reference backend; run by tests/run"]
async fn a_backend_whose_clock_is_an_hour_behind_goes_unnoticed() {
    goes_unnoticed(-3600).await;
}

#[tokio::test]
#[ignore = "needs the Python reference backend; run by tests/run"]
async fn a_refusal_ends_a_session_and_only_that_one() {
    let faults = [
        json!({ "refresh_fail": "401", "refresh_fail_times": 1000 }),
        json!({ "on": "refresh", "error_rate": 1, "error_status": 400 }),
        json!({ "on": "refresh", "error_rate": 1, "error_status": 403, "error_body": "html" }),
        json!({ "on": "refresh", "error_rate": 1, "error_status": 422, "error_body": "empty" }),
    ];
    let stage = stage(&[]).await;
    let visitors = stage.overdue(faults.len() + 1).await;
    for (fault, visitor) in faults.iter().zip(&visitors) {
        for answer in stage.during(fault, visitor).await {
            let location = answer.expect(303).location();
            assert!(location.starts_with("/login?next=%2Fwelcome"), "{fault}: {location}");
        }
        let after = visitor.open("/welcome").await;
        assert!(after.expect(303).location().starts_with("/login"), "{fault}: it came back");
    }
    stage.all_come_back(&visitors[faults.len()..]).await;
    assert_eq!(stage.backend.stats().await.refresh("duplicate_presentations"), 0);
}
