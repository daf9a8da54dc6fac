//! What themes are tried on is what visitors get.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};
use vestibule::Vestibule;

use super::probe::{THEME, context_of, probe_theme};
use crate::support::scripted::Reply;
use crate::support::site::Site;
use crate::support::visitor::Answer;

const ADA: &str = "ada@example.com";

/// What is of the site or of the moment, and so cannot be the same.
const OF_THE_MOMENT: [&str; 11] = [
    "/brand",
    "/theme",
    "/urls",
    "/features",
    "/nav",
    "/year",
    "/retry/at",
    "/error/request_id",
    "/error/retry_url",
    "/csrf/token",
    "/user/claims",
];

fn without_the_moment(mut context: Value) -> Value {
    for pointer in OF_THE_MOMENT {
        if let Some(place) = context.pointer_mut(pointer) {
            *place = if place.is_null() { Value::Null } else { json!("…") };
        }
    }
    context
}

/// Every place where two contexts differ, with what is there for visitors and in the sample.
fn differences(given: &Value, sample: &Value, at: &str, all: &mut Vec<String>) {
    match (given, sample) {
        (Value::Object(one), Value::Object(other)) => {
            for key in one.keys().chain(other.keys()).collect::<BTreeSet<_>>() {
                let part = |of: &Map<String, Value>| of.get(key).cloned().unwrap_or(json!("?"));
                differences(&part(one), &part(other), &format!("{at}/{key}"), all);
            }
        }
        (Value::Array(one), Value::Array(other)) if one.len() == other.len() => {
            for (index, (one, other)) in one.iter().zip(other).enumerate() {
                differences(one, other, &format!("{at}/{index}"), all);
            }
        }
        _ if given == sample => {}
        _ => all.push(format!("{at}: {given}, and in the sample {sample}")),
    }
}

#[tokio::test]
async fn samples_are_what_visitors_get() {
    let themes = probe_theme();
    let builder = Vestibule::builder().toml("[theme]\nname = \"daisy\"\n", themes.path());
    let samples: BTreeMap<String, Value> =
        builder.themes().fixtures().unwrap().into_iter().map(|it| (it.id, it.context)).collect();
    let path = themes.path().display();
    let mut site = Site::new(&format!(
        "[backend]\nregister = {{ then = \"notice\" }}\n[token]\nsecret = \"{}\"\n{THEME}path = \"{path}\"\n",
        crate::support::scripted::TOKEN_SECRET,
    ));
    let mut compared = 0;
    let mut same = |name: &str, answer: &Answer| {
        let sample = without_the_moment(samples[name].clone());
        let given = without_the_moment(context_of(answer));
        let mut differing = Vec::new();
        differences(&given, &sample, "", &mut differing);
        assert!(differing.is_empty(), "{name}: {differing:#?}");
        compared += 1;
    };
    let browser = site.browser();
    let typed = [("email", ADA), ("password", "Wr0ng-horse-battery")];
    same("login.idle", &browser.open("/login").await);
    same("login.session_expired", &browser.open("/login?notice=session.expired").await);
    same("login.session_not_kept", &browser.open("/login?notice=session.not_kept").await);
    same("login.next_present", &browser.open("/login?next=%2Freports%3Fyear%3D2026").await);
    same("login.field_required", &browser.post("/login", &[]).await);
    same(
        "login.field_format",
        &browser.post("/login", &[("email", "ada"), ("password", "x")]).await,
    );
    site.backend.script("login", Reply::Json(401, json!({})));
    same("login.invalid_credentials", &browser.post("/login", &typed).await);
    let ask = browser.ask("POST", "/login").navigating("cross-site").form(&typed);
    same("login.csrf_expired", &ask.send().await);
    for (name, reply) in [
        ("login.rate_limited", Reply::With(429, ("retry-after", "40".into()), json!({}))),
        ("login.backend_timeout", Reply::Silence),
        ("login.backend_error", Reply::Json(500, json!({}))),
        ("login.backend_protocol", Reply::Text(200, "no JSON")),
    ] {
        site.backend.script("login", reply);
        same(name, &browser.post("/login", &typed).await);
    }
    site.backend.script("login", Reply::Honest);
    same("error.404", &site.signed_in().await.open("/nothing-here").await);
    same("error.400", &browser.open("/a/../b").await);
    same("error.405", &browser.ask("PUT", "/login").navigating("none").send().await);
    let signed_in = site.signed_in().await;
    same("logout.confirm", &signed_in.open("/logout").await);
    let me = json!({"id": 42, "email": ADA, "name": "Ada Lovelace"});
    site.backend.script("me", Reply::Json(200, me));
    let ada = site.signed_in().await;
    site.pass(60);
    same("welcome.default", &ada.open("/welcome").await);
    site.backend.close();
    same("login.backend_unreachable", &browser.post("/login", &typed).await);
    assert!(compared >= 18);
}
