//! An app of a program behind the door: who reaches it, what it is told, and what becomes of its answers.

mod sockets;

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures_util::future::BoxFuture;
use poem::http::{HeaderMap, Method, StatusCode};
use poem::web::Json;
use poem::{Body, EndpointExt as _, Response, Route, get, handler, post};
use serde_json::{Value, json};
use vestibule::{
    Backend, BackendError, Builder, CallAnswer, CallRequest, Clock, Identity, Loaded, Protected,
    Session, SessionStore, Severity, StoreError, Ticket, Vestibule,
};

use crate::support::scripted::{EMAIL, PASSWORD, Scripted};
use crate::support::site::{NOW, config};
use crate::support::visitor::Visitor;
use crate::support::{free_port, http_client};

#[expect(dead_code, reason = "the example's own main")]
#[path = "../../examples/embed.rs"]
mod example;

/// A backend, and a builder whose site stands at the visitor's address.
struct Stage {
    backend: Scripted,
    clock: Clock,
    port: u16,
    _folder: tempfile::TempDir,
    builder: Builder,
}

fn stage(more: &str) -> Stage {
    let clock = Clock::manual(NOW);
    let backend = Scripted::start(&clock);
    let port = free_port();
    let here = format!(
        "[server]\nlisten = \"127.0.0.1:{port}\"\npublic_url = \"http://127.0.0.1:{port}\"\n{more}"
    );
    let folder = tempfile::tempdir().unwrap();
    let toml = config(&backend, &here);
    let builder = Vestibule::builder().toml(toml, folder.path()).clock(clock.clone());
    Stage { backend, clock, port, _folder: folder, builder }
}

/// Serves for as long as the test runs.
async fn visitor(stage_port: u16, site: Protected) -> Visitor {
    let server = site.listen().await.unwrap();
    tokio::spawn(server.run(std::future::pending()));
    Visitor::new(&format!("http://127.0.0.1:{stage_port}"))
}

async fn log_in(visitor: &Visitor) {
    visitor.post_form("/login", &[("email", EMAIL), ("password", PASSWORD)]).await.expect(303);
}

/// Tells what a handler gets to see.
#[handler]
fn mirror(identity: Option<Identity>, headers: &HeaderMap) -> Json<Value> {
    let told = identity.map(|it| {
        json!({
            "email": it.user().email,
            "session": it.session(),
            "left": it.expires_in().map(|left| left.as_secs()),
            "token": it.access_token().expose().len(),
            "debug": format!("{it:?}"),
        })
    });
    let mut told = told.unwrap_or_else(|| json!({}));
    told["cookie"] = headers.get("cookie").map(|value| value.to_str().unwrap()).into();
    Json(told)
}

#[handler]
fn demanding(identity: &Identity) -> String {
    identity.user().email.clone()
}

#[handler]
fn cacheable() -> Response {
    Response::builder()
        .header("cache-control", "public, max-age=60")
        .header("content-security-policy", "default-src 'self' cdn.example")
        .body("cacheable")
}

#[handler]
fn failing() -> String {
    panic!("in the app")
}

#[handler]
async fn echo(body: Body) -> Vec<u8> {
    body.into_vec().await.unwrap()
}

fn app() -> Route {
    Route::new()
        .at("/open", get(mirror))
        .at("/open/demanding", get(demanding))
        .at("/open/cacheable", get(cacheable))
        .at("/open/failing", get(failing))
        .at("/mirror", get(mirror))
        .at("/echo", post(echo))
        .at("/login", get(cacheable))
        .at("/_vestibule/mine", get(cacheable))
}

#[tokio::test]
async fn the_example_signs_in_shows_the_user_and_signs_out() {
    let stage = stage("");
    let visitor = visitor(stage.port, example::site(stage.builder).unwrap()).await;
    visitor.open("/").await.expect(200).shows("Welcome").hides(EMAIL);
    visitor.open("/about").await.expect(200).shows("About us");

    let asked = visitor.open("/dashboard").await;
    assert_eq!(asked.expect(303).location(), "/login?next=%2Fdashboard");
    let fields = [("email", EMAIL), ("password", PASSWORD)];
    let sent = visitor.fill_in("/login?next=/dashboard", &fields).await;
    assert_eq!(sent.expect(303).location(), "/dashboard");
    visitor.follow(&sent).await.expect(200).shows(&format!("Dashboard for {EMAIL}"));
    visitor.open("/").await.expect(200).shows(&format!("Welcome back, {EMAIL}"));
    visitor.open("/welcome").await.expect(200).shows(EMAIL);

    visitor.fill_in("/logout", &[]).await.expect(303);
    visitor.open("/dashboard").await.expect(303);
    visitor.open("/").await.expect(200).hides(EMAIL);
}

#[tokio::test]
async fn a_handler_is_told_who_it_is_and_never_sees_the_ticket() {
    let stage = stage("[access]\npublic = ['/open.*']\n");
    let site = stage.builder.build().unwrap().protect(app());
    let visitor = visitor(stage.port, site).await;
    log_in(&visitor).await;
    visitor.set_cookie("theirs", "1");
    for path in ["/mirror", "/open"] {
        let told = visitor.fetch(Method::GET, path, None).await.expect(200).json();
        assert_eq!(told["email"], EMAIL, "{path}");
        assert_eq!(told["session"].as_str().unwrap().len(), 8, "{path}");
        assert!(told["left"].as_u64().unwrap() > 0, "{path}: {told}");
        assert!(told["token"].as_u64().unwrap() > 20, "{path}: {told}");
        assert_eq!(told["cookie"], "theirs=1", "{path}");
        let shown = told["debug"].as_str().unwrap();
        assert!(!shown.contains(EMAIL) && !shown.contains("eyJ"), "{shown}");
    }
}

#[tokio::test]
async fn nothing_that_a_client_says_makes_an_identity() {
    let stage = stage("[access]\npublic = ['/open']\n");
    let site = stage.builder.build().unwrap().protect(app());
    let visitor = visitor(stage.port, site).await;
    let url = |path: &str| format!("http://127.0.0.1:{}{path}", stage.port);
    let forged = |path: &str| {
        http_client()
            .get(url(path))
            .header("identity", EMAIL)
            .header("remote-user", EMAIL)
            .header("authorization", "Bearer forged")
            .header("cookie", "vestibule=forged")
    };
    let told: Value =
        serde_json::from_str(&forged("/open").send().await.unwrap().text().await.unwrap()).unwrap();
    assert_eq!((&told["email"], &told["cookie"]), (&Value::Null, &Value::Null));
    assert_eq!(forged("/mirror").send().await.unwrap().status(), 401);
    // The same answer as for anybody else who is not signed in.
    visitor.fetch(Method::GET, "/mirror", None).await.expect(401);
}

#[tokio::test]
async fn asking_for_an_identity_where_nobody_is_signed_in_is_answered_with_the_way_to_login() {
    let stage = stage("[access]\npublic = ['/open/.*']\n");
    let site = stage.builder.build().unwrap().protect(app());
    let visitor = visitor(stage.port, site).await;
    let refused = visitor.fetch(Method::GET, "/open/demanding", None).await;
    assert_eq!(refused.expect(401).json()["login_url"], "/login?next=%2Fopen%2Fdemanding");
    let sent = visitor.open("/open/demanding").await;
    assert_eq!(sent.expect(303).location(), "/login?next=%2Fopen%2Fdemanding");
    log_in(&visitor).await;
    visitor.open("/open/demanding").await.expect(200).shows(EMAIL);
}

#[tokio::test]
async fn the_app_has_what_is_not_vestibules_own() {
    let stage = stage("[access]\npublic = ['/open.*', '/_vestibule/mine', '/echo']\n");
    let site = stage.builder.build().unwrap().protect(app());
    let visitor = visitor(stage.port, site).await;
    visitor.open("/login").await.expect(200).hides("cacheable").shows("password");
    visitor.open("/_vestibule/mine").await.expect(404).hides("cacheable");
    // Ours, because an app without an answer leaves it to us, in the visitor's language.
    visitor.open("/open-but-missing").await.expect(404).shows("<html");
    let missing = visitor.fetch(Method::GET, "/open-but-missing", None).await;
    assert_eq!(missing.expect(404).json()["code"], "not_found");
    visitor.open("/open/failing").await.expect(500).hides("in the app");
    let body = json!({"any": "thing"});
    let echoed = visitor.fetch(Method::POST, "/echo", Some(body.clone())).await;
    assert_eq!(echoed.expect(200).json(), body);
}

#[tokio::test]
async fn the_front_page_of_the_app_is_protected_unless_it_is_public() {
    let stage = stage("");
    let front = Route::new().at("/", get(mirror));
    let site = stage.builder.build().unwrap().protect(front);
    let visitor = visitor(stage.port, site).await;
    visitor.open("/").await.expect(303);
    log_in(&visitor).await;
    assert_eq!(visitor.open("/").await.expect(200).json()["email"], EMAIL);
}

#[tokio::test]
async fn a_refresh_reaches_the_browser_with_the_apps_answer_and_no_cache() {
    let stage = stage("[access]\npublic = ['/open.*']\n");
    let site = stage.builder.clone().build().unwrap().protect(app());
    let visitor = visitor(stage.port, site).await;
    log_in(&visitor).await;
    let before = visitor.cookies();
    let quiet = visitor.open("/open/cacheable").await;
    assert_eq!(quiet.expect(200).header("cache-control"), Some("public, max-age=60"));
    stage.clock.advance(Duration::from_secs(1600));
    let renewed = visitor.open("/open/cacheable").await;
    assert_eq!(renewed.expect(200).header("cache-control"), Some("no-store"));
    assert!(renewed.header("set-cookie").is_some());
    assert_ne!(visitor.cookies(), before);
    assert_eq!(stage.backend.count("refresh"), 1);
    visitor.open("/mirror").await.expect(200).shows(EMAIL);
    assert_eq!(stage.backend.count("refresh"), 1);
}

#[tokio::test]
async fn a_public_page_answers_although_the_session_cannot_be_renewed() {
    let mut stage = stage("[access]\npublic = ['/open.*']\n");
    let site = stage.builder.clone().build().unwrap().protect(app());
    let visitor = visitor(stage.port, site).await;
    log_in(&visitor).await;
    stage.backend.close();
    stage.clock.advance(Duration::from_hours(1));
    assert_eq!(visitor.open("/open").await.expect(200).json()["email"], Value::Null);
    visitor.open("/mirror").await.expect(503);
    stage.backend.open_again();
    stage.clock.advance(Duration::from_mins(1));
    assert_eq!(visitor.open("/open").await.expect(200).json()["email"], EMAIL);
}

#[tokio::test]
async fn an_answer_of_the_app_keeps_its_headers_and_is_not_cached_by_default() {
    let stage = stage("[access]\npublic = ['/open.*']\n");
    let site = stage.builder.build().unwrap().protect(app());
    let visitor = visitor(stage.port, site).await;
    let theirs = visitor.open("/open/cacheable").await;
    let policy = theirs.expect(200).header("content-security-policy");
    assert_eq!(policy, Some("default-src 'self' cdn.example"));
    let open = visitor.open("/open").await;
    assert_eq!(
        (open.header("cache-control"), open.header("content-security-policy")),
        (None, None)
    );
    assert!(open.header("x-request-id").is_some());
    log_in(&visitor).await;
    let private = visitor.open("/mirror").await;
    assert_eq!(private.expect(200).header("cache-control"), Some("no-store"));
}

#[tokio::test]
async fn a_rule_holds_for_the_app_as_for_everything_else() {
    let stage = stage(
        "[[access.rule]]\npath = '/mirror'\nrequire = { email = \"nobody@example.com\" }\non_deny = 404\n",
    );
    let site = stage.builder.build().unwrap().protect(app());
    let visitor = visitor(stage.port, site).await;
    log_in(&visitor).await;
    visitor.open("/mirror").await.expect(404).hides("session");
    visitor.open("/open").await.expect(200);
}

#[tokio::test]
async fn the_door_is_a_middleware_too() {
    let stage = stage("[access]\npublic = ['/open']\n");
    let site = app().with(stage.builder.build().unwrap().protection());
    let visitor = visitor(stage.port, site).await;
    visitor.open("/open").await.expect(200);
    visitor.open("/mirror").await.expect(303);
    log_in(&visitor).await;
    visitor.open("/mirror").await.expect(200);
}

#[test]
fn patterns_from_code_are_looked_at_like_those_of_the_file() {
    let stage = stage("[access]\npublic = ['/about']\n");
    assert!(
        stage.builder.clone().public(["/", "/contact", r"/api/.*"]).check().unwrap().is_empty()
    );
    let builder = stage.builder.public(["about", "/a(", "/.*"]);
    let findings = builder.check().unwrap_err().findings().to_vec();
    let codes: Vec<_> = findings.iter().map(|finding| finding.code.id()).collect();
    assert_eq!(codes, ["V1402", "V1401", "V1403"], "{findings:#?}");
    for finding in findings {
        assert_eq!(finding.place.unwrap().to_string(), "Builder::public");
    }
}

/// A backend without a network.
struct Users;

impl Backend for Users {
    fn send(&self, request: CallRequest) -> BoxFuture<'_, Result<CallAnswer, BackendError>> {
        Box::pin(async move {
            let (status, body) = match request.target.as_str() {
                "/auth/me" => (StatusCode::OK, json!({"id": 1, "email": EMAIL})),
                "/auth/login" => {
                    (StatusCode::OK, json!({"access_token": "tok", "refresh_token": "r"}))
                }
                _ => (StatusCode::NOT_FOUND, json!({})),
            };
            Ok(CallAnswer { status, headers: HeaderMap::new(), body: body.to_string().into() })
        })
    }
}

/// A store that knows nothing of time.
#[derive(Default)]
struct Drawer(Mutex<HashMap<String, Session>>);

impl SessionStore for Drawer {
    fn create<'a>(&'a self, session: &'a Session) -> BoxFuture<'a, Result<Ticket, StoreError>> {
        let mut drawer = self.0.lock().unwrap();
        let ticket = format!("drawer-{}", drawer.len());
        drawer.insert(ticket.clone(), session.clone());
        Box::pin(async { Ok(Ticket::new(ticket)) })
    }

    fn load<'a>(&'a self, ticket: &'a Ticket) -> BoxFuture<'a, Loaded> {
        let found = self.0.lock().unwrap().get(ticket.as_str()).cloned();
        Box::pin(async { Ok(found.map(Arc::new)) })
    }

    fn replace<'a>(
        &'a self,
        ticket: &'a Ticket,
        session: &'a Session,
    ) -> BoxFuture<'a, Result<Option<Ticket>, StoreError>> {
        let mut drawer = self.0.lock().unwrap();
        let known = drawer.get_mut(ticket.as_str()).map(|kept| *kept = session.clone());
        Box::pin(async move { Ok(known.map(|()| ticket.clone())) })
    }

    fn touch<'a>(
        &'a self,
        ticket: &'a Ticket,
        _: &'a Session,
        _: u64,
    ) -> BoxFuture<'a, Result<Option<Ticket>, StoreError>> {
        Box::pin(async { Ok(Some(ticket.clone())) })
    }

    fn destroy<'a>(&'a self, ticket: &'a Ticket) -> BoxFuture<'a, Result<(), StoreError>> {
        self.0.lock().unwrap().remove(ticket.as_str());
        Box::pin(async { Ok(()) })
    }

    fn ticket_changes(&self) -> bool {
        false
    }
}

#[tokio::test]
async fn a_program_brings_its_own_backend_and_store() {
    let port = free_port();
    let toml = format!("server.listen = \"127.0.0.1:{port}\"\ntoken.format = \"opaque\"\n");
    let builder = Vestibule::builder().toml(toml, ".").backend(Users);
    // The cookie store needs a key; one of the program's own does not.
    assert_eq!(builder.check().unwrap_err().findings()[0].code.id(), "V1305");
    let vestibule = builder.session_store(Drawer::default()).build().unwrap();
    assert!(vestibule.warnings().is_empty(), "{:#?}", vestibule.warnings());
    let origin = vestibule.public_url().trim_end_matches('/').to_owned();
    let server = vestibule.protect(app()).listen().await.unwrap();
    tokio::spawn(server.run(std::future::pending()));
    let visitor = Visitor::new(&origin);
    log_in(&visitor).await;
    assert_eq!(visitor.cookies()["vestibule"], "drawer-0");
    assert_eq!(visitor.open("/mirror").await.expect(200).json()["email"], EMAIL);
    visitor.fill_in("/logout", &[]).await.expect(303);
    visitor.set_cookie("vestibule", "drawer-0");
    visitor.open("/mirror").await.expect(303);
}

#[test]
fn what_the_program_brings_itself_is_not_read_from_the_file() {
    let stage = stage("[session]\nstore = \"memory\"\n");
    let builder = stage.builder.backend(Users).session_store(Drawer::default());
    let findings = builder.check().unwrap();
    let told: Vec<_> =
        findings.iter().map(|it| (it.severity, it.code.id(), it.message.as_str())).collect();
    assert_eq!(
        told,
        [
            (
                Severity::Warning,
                "V1205",
                "the program brings its own backend, so `url` is not used"
            ),
            (
                Severity::Warning,
                "V1205",
                "the program brings its own session store, so `store` is not used"
            ),
        ]
    );
}
