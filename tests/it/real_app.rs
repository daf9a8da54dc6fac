//! A small app with a WebSocket, an event stream and a form, as operators run it: behind vestibule alone, and behind
//! nginx or Caddy that ask vestibule. Backend, app and vestibule are killed and started again in turn, under the eyes
//! of a real browser, and nobody loses a session.

mod stage;

use self::stage::{Before, EMAIL, Stage};

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs chromium, chromedriver and the Python reference backend; run by tests/run"]
async fn behind_vestibule_alone_nobody_loses_a_session() {
    walk(Before::Vestibule).await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs chromium, chromedriver, nginx and the Python reference backend; run by tests/run"]
async fn behind_nginx_and_vestibule_nobody_loses_a_session() {
    walk(Before::Nginx).await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs chromium, chromedriver, caddy and the Python reference backend; run by tests/run"]
async fn behind_caddy_and_vestibule_nobody_loses_a_session() {
    walk(Before::Caddy).await;
}

async fn walk(before: Before) {
    let mut stage = Stage::new(before).await;
    arrives_by_a_deep_link(&stage).await;
    let session = stage.browser.cookies().await;
    assert!(!session.is_empty(), "{before:?}");
    sends_a_form(&stage).await;
    streams_outlive_a_token(&stage).await;
    the_backend_dies(&mut stage).await;
    the_app_dies(&mut stage).await;
    vestibule_dies(&mut stage).await;
    vestibule_is_restarted(&mut stage).await;
    assert_eq!(stage.browser.cookies().await, session, "{before:?}: another session");
    assert_eq!(stage.backend.stats().await.calls("login"), 0, "{before:?}: signed in again");
    signs_out(&stage).await;
}

async fn arrives_by_a_deep_link(stage: &Stage) {
    let link = "/deep/link?a=b&c=%2Fd";
    stage.open(link).await;
    stage.browser.arrives(|path| path.starts_with("/login?next=")).await;
    stage.sign_in().await;
    stage.browser.arrives(|path| path == link).await;
    stage.shows_the_user().await;
    assert_eq!(stage.browser.data("#path").await["text"], link);
    stage.streams_live().await;
    stage.browser.picture("app-signed-in").await;
}

async fn sends_a_form(stage: &Stage) {
    stage.browser.type_into("note", "milk & honey").await;
    stage.browser.send_form("/notes").await;
    stage.browser.arrives(|path| path == "/notes").await;
    stage.browser.reads(&format!("{EMAIL}: milk & honey")).await;
}

async fn streams_outlive_a_token(stage: &Stage) {
    stage.streams_live().await;
    // The first is due before the first token ends, the second before the token ends that came with it.
    stage.next_refresh().await;
    stage.next_refresh().await;
    stage.requests_get(|status| status == "200").await;
    stage.streams_live().await;
    assert_eq!(stage.opened().await, [1, 1]);
}

async fn the_backend_dies(stage: &mut Stage) {
    stage.has_just_renewed().await;
    stage.backend.kill();
    stage.open("/meanwhile").await;
    stage.shows_the_user().await;
    stage.streams_live().await;

    stage.requests_get(|status| status == "503").await;
    // They were judged when they were opened.
    stage.streams_live().await;
    assert_eq!(stage.opened().await, [1, 1]);
    stage.is_told("/without-backend", 503).await;
    stage.backend.start_again().await;
    stage.comes_back("/with-backend").await;
    stage.streams_live().await;
}

async fn the_app_dies(stage: &mut Stage) {
    stage.app.kill();
    stage.streams_end().await;
    stage.requests_get(|status| status != "200").await;
    stage.app.start_again().await;
    // The page comes to itself, with the very session.
    stage.streams_live().await;
    assert_eq!(stage.opened().await, [2, 2]);
    stage.requests_get(|status| status == "200").await;

    stage.app.kill();
    stage.is_told("/without-app", if stage.carries_streams() { 503 } else { 502 }).await;
    stage.app.start_again().await;
    stage.comes_back("/with-app").await;
    stage.streams_live().await;
}

async fn vestibule_dies(stage: &mut Stage) {
    stage.has_just_renewed().await;
    stage.vestibule.kill();
    if stage.carries_streams() {
        stage.streams_end().await;
        stage.requests_get(|status| status == "lost").await;
    } else {
        let status = if stage.before == Before::Nginx { 503 } else { 502 };
        stage.requests_get(|got| got == status.to_string()).await;
        stage.streams_live().await;
    }
    stage.vestibule.start_again().await;
    stage.requests_get(|status| status == "200").await;
    stage.streams_live().await;
    let times = if stage.carries_streams() { 2 } else { 1 };
    assert_eq!(stage.opened().await, [times, times]);
    stage.comes_back("/with-vestibule").await;
    stage.streams_live().await;
}

/// As a service manager does it.
async fn vestibule_is_restarted(stage: &mut Stage) {
    // Streams that go on do not hold it up.
    assert_eq!(stage.vestibule.stop(), Some(0), "{}", stage.vestibule.log());
    match stage.before {
        Before::Vestibule => {}
        Before::Nginx => stage.is_told("/without-vestibule", 503).await,
        Before::Caddy => stage.is_told("/without-vestibule", 502).await,
    }
    stage.vestibule.start_again().await;
    stage.comes_back("/with-vestibule-again").await;
    stage.streams_live().await;
}

async fn signs_out(stage: &Stage) {
    stage.browser.other_tab().await;
    stage.open("/other-tab").await;
    stage.browser.send_form("/logout").await;
    stage.browser.arrives(|path| path.starts_with("/login")).await;
    stage.browser.reads("You have signed out").await;
    stage.browser.first_tab().await;
    stage.requests_get(|status| status == "401").await;
    if stage.carries_streams() {
        stage.streams_end().await;
    } else {
        // The proxy asked when they were opened, and nobody can tell it to close them.
        stage.streams_live().await;
    }
    stage.open("/signed-out").await;
    stage.browser.arrives(|path| path == "/login?next=%2Fsigned-out").await;
}
