//! What is promised, whatever the backend.

use futures_util::future::join_all;
use reqwest::Method;
use serde_json::json;

use super::stage::{PASSWORD, Stage, WRONG_PASSWORD};
use super::{Said, Variant};
use crate::support::eventually;
use crate::support::visitor::{Answer, Visitor};

#[track_caller]
fn leads_to_login(answer: &Answer) {
    assert!(answer.expect(303).location().starts_with("/login"), "{}", answer.location());
}

/// Stops the test unless this sentence, and no code of the backend, is at the right place of the page.
#[track_caller]
fn says(page: &Answer, said: &Said) {
    page.expect(said.status).shows(said.words).hides("REGISTER_").hides(PASSWORD);
    match said.input {
        Some(input) => page.shows(&format!("href=\"#field-{input}\"")),
        None => page.hides("href=\"#field-"),
    };
}

async fn session_of(visitor: &Visitor) -> serde_json::Value {
    visitor.fetch(Method::GET, "/_vestibule/session", None).await.expect(200).json()
}

pub(super) async fn registering_signs_in(variant: &'static Variant) {
    let stage = Stage::of(variant).await;
    let visitor = stage.vestibule.visitor();
    let page = visitor.open("/register").await;
    for input in variant.registration.as_ref().unwrap().inputs {
        page.expect(200).shows(&format!("name=\"{input}\""));
    }
    let done = stage.register_in(&visitor, PASSWORD).await;
    assert_eq!(done.expect(303).location(), "/");
    visitor.follow(&done).await.expect(200).shows(&stage.person.email);
    assert_eq!(session_of(&visitor).await["user"]["email"], stage.person.email.as_str());
    assert_eq!((stage.exchanges("register").len(), stage.exchanges("login").len()), (1, 1));
    stage.keeps_its_secrets().await;
}

pub(super) async fn there_is_no_registration(variant: &'static Variant) {
    let stage = Stage::of(variant).await;
    let visitor = stage.vestibule.visitor();
    visitor.open("/register").await.expect(404);
    visitor.open("/login").await.expect(200).hides("/register");
}

pub(super) async fn a_duplicate_is_refused(variant: &'static Variant) {
    let stage = Stage::of(variant).await;
    stage.register(PASSWORD).await.expect(303);
    let visitor = stage.vestibule.visitor();
    let again = stage.register_in(&visitor, PASSWORD).await;
    says(&again, &variant.registration.as_ref().unwrap().duplicate);
    again.shows(&stage.person.email);
    leads_to_login(&visitor.open("/welcome").await);
    stage.keeps_its_secrets().await;
}

pub(super) async fn a_weak_password_is_refused(variant: &'static Variant) {
    let stage = Stage::of(variant).await;
    let visitor = stage.vestibule.visitor();
    let refused = stage.register_in(&visitor, "123").await;
    says(&refused, &variant.registration.as_ref().unwrap().weak);
    refused.shows(&stage.person.email).hides("value=\"123\"");
    assert_eq!(stage.exchanges("register").len(), 1, "the backend was to say so");
    leads_to_login(&visitor.open("/welcome").await);
    stage.register_in(&visitor, PASSWORD).await.expect(303);
    stage.keeps_its_secrets().await;
}

pub(super) async fn a_wrong_password_is_refused(variant: &'static Variant) {
    let stage = Stage::of(variant).await;
    stage.registered().await;
    let visitor = stage.vestibule.visitor();
    let refused = stage.log_in(&visitor, "/login", WRONG_PASSWORD).await;
    refused.expect(401).shows(variant.wrong_password).shows(stage.typed(variant.login));
    refused.hides(WRONG_PASSWORD).hides("LOGIN_");
    leads_to_login(&visitor.open("/welcome").await);

    let body = json!({ variant.login: stage.typed(variant.login), "password": WRONG_PASSWORD });
    let problem = visitor.fetch(Method::POST, "/login", Some(body)).await;
    assert_eq!(problem.expect(401).json()["code"], "credentials.invalid");
    problem.shows(variant.wrong_password);
    stage.log_in(&visitor, "/login", PASSWORD).await.expect(303);
    stage.keeps_its_secrets().await;
}

pub(super) async fn signing_in_opens_the_site(variant: &'static Variant) {
    let stage = Stage::of(variant).await;
    stage.registered().await;
    let visitor = stage.vestibule.visitor();
    assert_eq!(session_of(&visitor).await, json!({ "authenticated": false }));
    let turned_away = visitor.open("/welcome?x=1").await;
    leads_to_login(&turned_away);
    let done = stage.log_in(&visitor, turned_away.location(), PASSWORD).await;
    assert_eq!(done.expect(303).location(), "/welcome?x=1");
    visitor.follow(&done).await.expect(200).shows(&stage.person.email);

    let session = session_of(&visitor).await;
    assert_eq!(session["authenticated"], true);
    assert_eq!(session["user"]["email"], stage.person.email.as_str());
    assert!(session["user"]["id"].as_str().is_some_and(|id| !id.is_empty()), "{session}");
    let me = stage.exchanges("me").len();
    visitor.open("/welcome").await.expect(200).shows(&stage.person.email);
    if session["expires_in"].is_u64() {
        assert_eq!(stage.exchanges("me").len(), me, "a page needs no call while the token lives");
    }
    stage.keeps_its_secrets().await;
}

pub(super) async fn signing_out_is_known_to_the_backend(variant: &'static Variant) {
    let stage = Stage::of(variant).await;
    let (visitor, _) = stage.signed_in().await;
    let tokens = stage.tokens();
    assert!(stage.contract.knows(&tokens).await, "not known before either");

    leads_to_login(&visitor.fill_in("/logout", &[]).await);
    leads_to_login(&visitor.open("/welcome").await);
    assert_eq!(session_of(&visitor).await, json!({ "authenticated": false }));
    let [logout] = &stage.exchanges("logout")[..] else { panic!("one call, no more") };
    assert!((200..300).contains(&logout.status), "{logout:?}");

    let achieved = &variant.after_logout;
    assert_eq!(stage.contract.knows(&tokens).await, achieved.access_token_lives, "access token");
    if let Some(lives) = achieved.refresh_token_lives {
        assert_eq!(stage.contract.renews(&tokens).await, lives, "refresh token");
    }
    stage.keeps_its_secrets().await;
}

pub(super) async fn twenty_requests_across_the_end_of_the_token_all_succeed(
    variant: &'static Variant,
) {
    let stage = Stage::with_short_tokens(variant).await;
    let (visitor, mut moment) = stage.signed_in().await;
    for round in 1..=2 {
        stage.after_the_end_of_tokens_of(moment).await;
        // Each with the cookies of before: a browser sends them at once.
        let tabs: Vec<_> = (0..20).map(|_| visitor.copy()).collect();
        for answer in join_all(tabs.iter().map(|tab| tab.open("/welcome"))).await {
            answer.expect(200).shows(&stage.person.email);
        }
        moment = std::time::Instant::now();
        // The latecomer with the old cookie gets the successor, and goes on with it.
        visitor.open("/welcome").await.expect(200).shows(&stage.person.email);

        let refreshes = stage.exchanges("refresh");
        assert!(refreshes.len() >= round, "{} refreshes after {round} ends", refreshes.len());
        let refused: Vec<_> = refreshes.iter().filter(|it| it.status != 200).collect();
        assert!(refused.is_empty(), "{refused:?}");
    }
    assert!(stage.contract.knows(&stage.tokens()).await, "the newest token is not the live one");
    assert!(stage.contract.renews(&stage.tokens()).await, "the newest refresh token is dead");
    stage.keeps_its_secrets().await;
}

pub(super) async fn a_refused_refresh_ends_the_session(variant: &'static Variant) {
    let stage = Stage::with_short_tokens(variant).await;
    let (visitor, moment) = stage.signed_in().await;
    stage.contract.sign_out(&stage.tokens()).await;
    stage.after_the_end_of_tokens_of(moment).await;
    let answer = visitor.open("/welcome").await;
    let [.., refresh] = &stage.exchanges("refresh")[..] else { panic!("no refresh: {answer:?}") };
    assert!((400..500).contains(&refresh.status), "{refresh:?}");
    stage.has_ended(&visitor, &answer).await;
    stage.keeps_its_secrets().await;
}

pub(super) async fn without_refresh_the_session_ends_with_its_token(variant: &'static Variant) {
    let stage = Stage::with_short_tokens(variant).await;
    let (visitor, moment) = stage.signed_in().await;
    stage.after_the_end_of_tokens_of(moment).await;
    let answer = visitor.open("/welcome").await;
    stage.has_ended(&visitor, &answer).await;
    stage.keeps_its_secrets().await;
}

/// Where nobody told how long a token lives, `me` is asked now and then.
pub(super) async fn a_token_that_dies_early_ends_the_session(variant: &'static Variant) {
    let stage = Stage::of(variant).await;
    let (visitor, _) = stage.signed_in().await;
    visitor.open("/welcome").await.expect(200);
    stage.contract.sign_out(&stage.tokens()).await;
    let answer = eventually("the end of the session", async || {
        let answer = visitor.open("/welcome").await;
        (answer.status != 200).then_some(answer)
    })
    .await;
    stage.has_ended(&visitor, &answer).await;
    stage.keeps_its_secrets().await;
}

pub(super) async fn who_is_not_verified_is_told_so(variant: &'static Variant) {
    let stage = Stage::with_verification(variant).await;
    let visitor = stage.vestibule.visitor();
    let done = stage.register_in(&visitor, PASSWORD).await;
    leads_to_login(&done);
    visitor.follow(&done).await.expect(200).shows("Look into your mailbox");
    assert_eq!(stage.exchanges("login").len(), 0, "nobody asked to be signed in");

    let refused = stage.log_in(&visitor, "/login", PASSWORD).await;
    refused.expect(401).shows(variant.unverified.as_ref().unwrap().words).hides("LOGIN_");
    leads_to_login(&visitor.open("/welcome").await);
    stage.keeps_its_secrets().await;
}
