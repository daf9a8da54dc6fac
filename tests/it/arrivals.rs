//! Signing in and coming back without the session: explained once, instead of the form again and again.

use crate::support::site::{HOME, Site};
use crate::support::visitor::Answer;

const NOTICE: &str = "notice=session.not_kept";

async fn follow(site: &Site, target: &str, from: &str) -> Answer {
    site.browser().ask("GET", target).navigating(from).send().await
}

#[tokio::test]
async fn a_browser_that_sends_no_cookie_back_is_told_so() {
    let site = Site::new("");
    site.signed_in().await;
    let answer = follow(&site, HOME, "same-origin").await;
    assert!(answer.location().contains(NOTICE), "{}", answer.location());
    let shown = site.browser().open(answer.location()).await;
    shown.expect(200).shows("your browser came back without the session");
    // Told once: the next visit is a visit like any other.
    assert!(!follow(&site, HOME, "same-origin").await.location().contains(NOTICE));
}

#[tokio::test]
async fn who_only_opens_the_same_page_is_not_taken_for_the_one_who_signed_in() {
    let site = Site::new("");
    site.signed_in().await;
    for from in ["none", "cross-site"] {
        assert!(!follow(&site, HOME, from).await.location().contains(NOTICE), "{from}");
    }
    assert!(!follow(&site, "/elsewhere", "same-origin").await.location().contains(NOTICE));
    site.pass(11);
    assert!(!follow(&site, HOME, "same-origin").await.location().contains(NOTICE), "too late");
}

#[tokio::test]
async fn a_sign_in_that_arrives_is_forgotten() {
    let site = Site::new("");
    let browser = site.signed_in().await;
    browser.open(HOME).await.expect(200);
    assert!(!follow(&site, HOME, "same-origin").await.location().contains(NOTICE));
}
