//! `[[access.rule]]`: what somebody who is signed in has to be. Pages of our own stand behind the rules here, so
//! that going through can be told from being denied.

use std::fmt::Write as _;

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use serde_json::{Value, json};
use vestibule::Vestibule as Library;

use crate::support::binary::Vestibule;
use crate::support::scripted::{EMAIL, PASSWORD, Reply, Scripted, TOKEN_SECRET};
use crate::support::site::{Browser, Site, config, leads_to_login};

const CLAIMS: &str = "[backend]\nme.claims = { roles = \"/roles\", plan = \"/plan\" }\n";

fn site(rules: &str) -> Site {
    Site::new(&format!("{CLAIMS}{rules}"))
}

async fn signed_in_with(site: &Site, more: Value) -> Browser {
    let mut me = json!({"id": 7, "email": EMAIL, "name": "Alice"});
    me.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    site.backend.script("me", Reply::Json(200, me));
    site.signed_in().await
}

const ADMINS: &str = "[[access.rule]]\npath = '/(welcome)?'\nrequire = { roles = \"admin\" }\n";

#[tokio::test]
async fn a_rule_lets_in_who_has_the_claim_and_nobody_else() {
    let site = site(ADMINS);
    for roles in [json!("admin"), json!(["user", "admin"])] {
        let admin = signed_in_with(&site, json!({"roles": roles})).await;
        admin.open("/welcome").await.expect(200);
        admin.open("/").await.expect(200);
    }
    for roles in [json!("user"), json!(["user", "administrator"]), json!([]), Value::Null] {
        let user = signed_in_with(&site, json!({"roles": roles})).await;
        user.open("/welcome").await.expect(403).shows("That is not allowed").hides("Alice");
        // The rule is about these two pages and no other.
        user.open("/elsewhere").await.expect(404);
    }
    leads_to_login(&site.browser().open("/welcome").await);
}

#[tokio::test]
async fn a_role_that_was_taken_away_closes_with_the_next_refresh() {
    let site = site(ADMINS);
    let browser = signed_in_with(&site, json!({"roles": ["admin"]})).await;
    browser.open("/welcome").await.expect(200);
    let me = json!({"id": 7, "email": EMAIL, "name": "Alice", "roles": ["user"]});
    site.backend.script("me", Reply::Json(200, me));
    site.pass(1600);
    browser.open("/welcome").await.expect(403);
    assert_eq!(site.backend.count("refresh"), 1);
}

#[tokio::test]
async fn several_claims_are_all_needed_and_of_several_values_one() {
    let site = site(
        "[[access.rule]]\npath = '/welcome'\nrequire = { roles = [\"admin\", \"staff\"], plan = \"pro\" }\n",
    );
    for (more, status) in [
        (json!({"roles": ["staff"], "plan": "pro"}), 200),
        (json!({"roles": "admin", "plan": ["pro", "x"]}), 200),
        (json!({"roles": ["staff"], "plan": "free"}), 403),
        (json!({"roles": ["user"], "plan": "pro"}), 403),
        (json!({"plan": "pro"}), 403),
    ] {
        signed_in_with(&site, more).await.open("/welcome").await.expect(status);
    }
}

#[tokio::test]
async fn id_email_and_name_can_be_required_too() {
    for (require, status) in [
        ("id = 7", 200),
        ("id = \"7\"", 200),
        ("id = 8", 403),
        ("email = \"alice@example.com\"", 200),
        ("email = \"bob@example.com\"", 403),
        ("name = [\"Bob\", \"Alice\"]", 200),
    ] {
        let site =
            site(&format!("[[access.rule]]\npath = '/welcome'\nrequire = {{ {require} }}\n"));
        signed_in_with(&site, json!({})).await.open("/welcome").await.expect(status);
    }
}

#[tokio::test]
async fn a_denial_can_look_as_if_there_were_nothing() {
    let site = site(&format!("{ADMINS}on_deny = 404\n"));
    let user = signed_in_with(&site, json!({"roles": "user"})).await;
    let denied = user.open("/welcome").await;
    let nothing = user.open("/nothing").await;
    denied.expect(404).shows("Page not found");
    let id = |answer: &crate::support::visitor::Answer| {
        answer.header("x-request-id").unwrap().to_owned()
    };
    assert_eq!(denied.body.replace(&id(&denied), ""), nothing.body.replace(&id(&nothing), ""));
    let script = user.call("GET", "/welcome", None).await;
    assert_eq!(script.expect(404).json()["code"], "not_found");
    leads_to_login(&site.browser().open("/welcome").await);
}

#[tokio::test]
async fn a_script_is_told_by_a_problem_document() {
    let site = site(ADMINS);
    let user = signed_in_with(&site, json!({"roles": "user"})).await;
    let denied = user.call("GET", "/welcome", None).await;
    assert_eq!(denied.expect(403).header("content-type"), Some("application/problem+json"));
    assert_eq!(denied.json()["code"], "access.denied");
    denied.hides("roles").hides("admin");
    site.browser().call("GET", "/welcome", None).await.expect(401);
    user.ask("GET", "/welcome").by_htmx().send().await.expect(403);
}

#[tokio::test]
async fn a_rule_for_some_methods_is_about_no_other() {
    let site = site(&format!("{ADMINS}methods = [\"GET\"]\n"));
    let user = signed_in_with(&site, json!({"roles": "user"})).await;
    for (method, status) in
        [("GET", 403), ("HEAD", 403), ("get", 403), ("POST", 405), ("OPTIONS", 405)]
    {
        let ask = user.ask(method, "/welcome").navigating("same-origin");
        ask.send().await.expect(status);
    }
}

#[tokio::test]
async fn a_public_pattern_for_get_opens_head_and_not_options() {
    let site = site("[access]\npublic = [{ path = '/a', methods = [\"GET\"] }]\n");
    for (method, status) in
        [("GET", 404), ("HEAD", 404), ("OPTIONS", 401), ("POST", 401), ("get", 401)]
    {
        site.browser().ask(method, "/a").by_script().send().await.expect(status);
    }
}

#[tokio::test]
async fn the_first_rule_that_matches_counts() {
    let rule = |path: &str, role: &str| {
        format!("[[access.rule]]\npath = '{path}'\nrequire = {{ roles = \"{role}\" }}\n")
    };
    let site = site(&format!("{}{}", rule("/welcome", "guest"), rule("/.*", "member")));
    let guest = signed_in_with(&site, json!({"roles": "guest"})).await;
    guest.open("/welcome").await.expect(200);
    guest.open("/").await.expect(403);
    let member = signed_in_with(&site, json!({"roles": "member"})).await;
    member.open("/welcome").await.expect(403);
    member.open("/").await.expect(200);
}

#[tokio::test]
async fn a_path_with_two_readings_needs_the_leave_of_both() {
    let rule = |path: &str, role: &str| {
        format!("[[access.rule]]\npath = '{path}'\nrequire = {{ roles = \"{role}\" }}\n")
    };
    let site = site(&format!("{}{}", rule("/files/[^/]*", "clerk"), rule("/files/.*", "boss")));
    for (roles, status) in [(&["clerk"][..], 403), (&["boss"], 403), (&["boss", "clerk"], 404)] {
        let user = signed_in_with(&site, json!({"roles": roles})).await;
        user.open("/files/a%2Fb").await.expect(status);
    }
}

#[tokio::test]
async fn a_rule_for_everything_closes_none_of_our_own_pages() {
    let site = site(
        "[access]\npublic = ['/about']\n[[access.rule]]\npath = '/.*'\nrequire = { roles = \"admin\" }\n",
    );
    let user = signed_in_with(&site, json!({"roles": "user"})).await;
    for path in ["/logout", "/_vestibule/session", "/_vestibule/livez", "/_vestibule/docs"] {
        user.open(path).await.expect(200);
    }
    site.browser().open("/login").await.expect(200);
    user.open("/about").await.expect(404);
    user.open("/").await.expect(403);
}

#[tokio::test]
async fn no_pattern_opens_what_is_for_users_only() {
    let site =
        site("[docs]\naccess = \"user\"\n[access]\npublic = ['/_vestibule/.*', '/welcome']\n");
    for path in
        ["/_vestibule/docs", "/_vestibule/docs/start.js", "/_vestibule/openapi.json", "/welcome"]
    {
        leads_to_login(&site.browser().open(path).await);
        signed_in_with(&site, json!({})).await.open(path).await.expect(200);
    }
}

#[tokio::test]
async fn a_refresh_reaches_the_browser_of_somebody_who_is_denied() {
    let site = site(ADMINS);
    let user = signed_in_with(&site, json!({"roles": "user"})).await;
    site.pass(27 * 60);
    let denied = user.open("/welcome").await;
    assert_eq!(site.backend.count("refresh"), 1);
    assert!(denied.expect(403).headers.contains_key("set-cookie"), "{denied:?}");
    site.pass(10 * 60);
    assert!(user.is_signed_in().await);
}

#[tokio::test]
async fn the_log_names_the_rule_that_denied_and_nobodys_values() {
    let backend = Scripted::start(&vestibule::Clock::system());
    let mut door = Vestibule::start(&format!(
        "[backend]\nurl = \"{}\"\n[token]\nsecret = \"{TOKEN_SECRET}\"\n\
         [[access.rule]]\npath = '/welcome'\nrequire = {{ email = \"boss@example.com\" }}\n",
        backend.url()
    ))
    .await;
    let visitor = door.visitor();
    visitor.post_form("/login", &[("email", EMAIL), ("password", PASSWORD)]).await.expect(303);
    visitor.open("/welcome").await.expect(403);
    let line = door.log_line(&["\"path\":\"/welcome\"", "\"status\":403"]).await;
    let line: Value = serde_json::from_str(&line).unwrap();
    assert_eq!(line["rule"], "rule:6", "{line}");
    assert_eq!(line["level"], "WARN");
    let cause = line["cause"].as_str().unwrap();
    assert!(cause.contains("`email`") && cause.contains("auth.toml:6"), "{cause}");
    assert!(!line.to_string().contains("example.com"), "{line}");
    door.stop();
}

/// Rules, claims and requests of any kind.
#[derive(Clone, Debug)]
struct Case {
    public: Vec<(usize, usize)>,
    rules: Vec<(usize, usize, usize)>,
    role: usize,
    requests: Vec<(usize, Vec<usize>)>,
}

const PATTERNS: [&str; 9] = [
    "/admin",
    "/admin/.*",
    "/admin(/.*)?",
    "/[^/]*",
    "/a/b",
    "/(?i:LOGIN|b).*",
    "/caf\u{e9}|/a.*",
    "/_vestibule/.*",
    "/",
];
const METHODS: [&str; 4] = ["", "\"GET\"", "\"POST\", \"OPTIONS\"", "\"HEAD\""];
const ROLES: [&str; 3] = ["x", "y", "z"];
const ASKED: [&str; 6] = ["GET", "HEAD", "POST", "OPTIONS", "DELETE", "get"];
const SEGMENTS: [&str; 12] = [
    "admin",
    "a",
    "b",
    "login",
    "%61dmin",
    "a%2Fb",
    "%2e%2e",
    "",
    "_vestibule",
    "docs",
    "caf%C3%A9",
    "welcome",
];

fn case() -> impl Strategy<Value = Case> {
    let methods = 0..METHODS.len();
    (
        prop::collection::vec((0..PATTERNS.len(), methods.clone()), 0..3),
        prop::collection::vec((0..PATTERNS.len(), methods, 0..ROLES.len()), 0..4),
        0..ROLES.len(),
        prop::collection::vec((0..ASKED.len(), prop::collection::vec(0..SEGMENTS.len(), 1..4)), 16),
    )
        .prop_map(|(public, rules, role, requests)| Case { public, rules, role, requests })
}

impl Case {
    fn toml(&self) -> String {
        let public: Vec<_> = self
            .public
            .iter()
            .map(|(path, methods)| {
                format!("{{ path = '{}', methods = [{}] }}", PATTERNS[*path], METHODS[*methods])
            })
            .collect();
        let mut text = format!("{CLAIMS}[access]\npublic = [{}]\n", public.join(", "));
        for (path, methods, role) in &self.rules {
            let _ = writeln!(
                text,
                "[[access.rule]]\npath = '{}'\nmethods = [{}]\nrequire = {{ roles = \"{}\" }}",
                PATTERNS[*path], METHODS[*methods], ROLES[*role]
            );
        }
        text
    }
}

#[test]
fn why_and_the_door_agree_about_every_request() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let (site, users) = runtime.block_on(async {
        let site = site("");
        let mut users = Vec::new();
        for role in ROLES {
            users.push(signed_in_with(&site, json!({"roles": [role]})).await);
        }
        (std::cell::RefCell::new(site), users)
    });
    let mut seen = std::collections::BTreeSet::new();
    let seen = std::cell::RefCell::new(&mut seen);
    let mut runner =
        TestRunner::new(Config { cases: 24, failure_persistence: None, ..Config::default() });
    let outcome = runner.run(&case(), |case| {
        let mut site = site.borrow_mut();
        site.restart(&case.toml());
        let toml = config(&site.backend, &case.toml());
        let builder = Library::builder().toml(toml, site.folder.path());
        let claims = [("roles".to_owned(), json!([ROLES[case.role]]))].into();
        for (method, segments) in &case.requests {
            let method = ASKED[*method];
            let names: Vec<_> = segments.iter().map(|it| SEGMENTS[*it]).collect();
            let path = format!("/{}", names.join("/"));
            // `//a` names another host in a URI.
            if path.starts_with("//") {
                continue;
            }
            let parsed = method.parse().unwrap();
            let why = builder.why(&parsed, &path, Some(&claims)).unwrap().json();
            for (who, browser) in [("nobody", site.browser()), ("as", users[case.role].at(&site))] {
                let said = why[who]["access"].as_str().unwrap();
                let ask = browser.ask(method, &path).navigating("same-origin");
                let status = runtime.block_on(ask.send()).status;
                let agrees = match said {
                    "refused" => status == 400,
                    "login" => status == 303,
                    "denied" => status == 403,
                    // Whoever is signed in is sent on from the login page.
                    "public" if who == "as" => ![400, 403].contains(&status),
                    _ => ![303, 400, 403].contains(&status),
                };
                seen.borrow_mut().insert(format!("{who} {said}"));
                prop_assert!(agrees, "{who} {method} {path}: {said}, and got {status}\n{why:#}");
            }
        }
        Ok(())
    });
    outcome.unwrap_or_else(|error| panic!("{error}"));
    let seen = seen.into_inner();
    for expected in ["nobody public", "nobody login", "as allowed", "as denied", "nobody refused"] {
        assert!(seen.contains(expected), "{expected} never came up: {seen:?}");
    }
}
