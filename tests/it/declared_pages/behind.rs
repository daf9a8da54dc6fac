//! What is declared stands before every app, and whatever explains or lists paths knows it.

use poem::http::Method;
use poem::{Route, get, handler};
use serde_json::{Value, json};
use vestibule::{Clock, Vestibule};

use crate::support::free_port;
use crate::support::front::Front;
use crate::support::scripted::{EMAIL, PASSWORD, Reply, Scripted};
use crate::support::site::{NOW, Site, config};
use crate::support::visitor::Visitor;

const DECLARED: &str = "[[page]]\npath = \"/\"\naccess = \"public\"\ndata = { text = \"Our front\" }\n\
    [[page]]\npath = \"/inside\"\ndata = { text = \"Our inside\" }\n\
    [[form]]\nid = \"contact\"\naccess = \"public\"\n\
    submit = { send = \"POST /sent\", body = { text = \"{{text}}\" } }\n[[form.field]]\nname = \"text\"\n\
    [[form]]\nid = \"change-password\"\nsubmit = { send = \"POST /sent\" }\n";

/// What an app that is asked anything opens to everybody.
const OPEN: &str =
    "[access]\npublic = ['/(inside|contact|other|change-password)?', '/.well-known/.*']\n";

/// Somebody who visits a site that really listens: answers of apps go through it as they are.
async fn visitor(backend: &Scripted, more: &str, app: Option<Route>) -> Visitor {
    let (port, folder) = (free_port(), tempfile::tempdir().unwrap());
    let toml = config(
        backend,
        &format!(
            "[server]\nlisten = \"127.0.0.1:{port}\"\npublic_url = \"http://127.0.0.1:{port}\"\n{OPEN}{more}"
        ),
    );
    let builder = Vestibule::builder().toml(toml, folder.path()).clock(Clock::manual(NOW));
    let site = builder.build().unwrap_or_else(|error| panic!("{error}"));
    let server = match app {
        Some(app) => site.protect(app).listen().await.unwrap(),
        None => site.listen().await.unwrap(),
    };
    tokio::spawn(server.run(std::future::pending()));
    Visitor::new(&format!("http://127.0.0.1:{port}"))
}

async fn log_in(visitor: &Visitor) {
    visitor.post_form("/login", &[("email", EMAIL), ("password", PASSWORD)]).await.expect(303);
}

fn stage() -> (Scripted, Scripted, String) {
    let clock = Clock::manual(NOW);
    let (backend, app) = (Scripted::start(&clock), Scripted::start(&clock));
    backend.script("sent", Reply::Json(200, json!({})));
    for endpoint in ["", "inside", "contact", "change-password", "other"] {
        app.script(endpoint, Reply::Json(200, json!("the app")));
    }
    let upstream = format!("[[upstream]]\npath = \"/\"\nurl = \"{}\"\n", app.url());
    (backend, app, upstream)
}

#[tokio::test]
async fn nothing_of_what_is_declared_reaches_an_app_at_the_root() {
    let (backend, app, upstream) = stage();
    let browser = visitor(&backend, &format!("{upstream}{DECLARED}"), None).await;
    browser.open("/").await.expect(200).shows("Our front");
    browser.open("/inside").await.expect(303);
    browser.post_form("/contact", &[("text", "x")]).await.expect(303);
    browser.fetch(Method::DELETE, "/contact", None).await.expect(405);
    let asked = browser.open("/.well-known/change-password").await;
    assert_eq!(asked.expect(303).location(), "/change-password");
    log_in(&browser).await;
    browser.open("/inside").await.expect(200).shows("Our inside");
    for endpoint in ["", "inside", "contact", "change-password"] {
        assert_eq!(app.count(endpoint), 0, "{endpoint}");
    }
    browser.open("/other").await.expect(200).shows("the app");
    assert_eq!(app.count("other"), 1);
}

#[tokio::test]
async fn where_password_managers_ask_is_the_apps_unless_there_is_something_to_tell() {
    let (backend, _app, upstream) = stage();
    let path = "/.well-known/change-password";
    let behind = visitor(&backend, &upstream, None).await;
    behind.open(path).await.expect(200).shows("the app");
    Site::new("").browser().open(path).await.expect(404);
    let form = "[[form]]\nid = \"change-password\"\npath = \"/me/password\"\nsubmit = { send = \"POST /x\" }\n";
    let site = Site::new(form);
    let answer = site.browser().ask("HEAD", path).send().await;
    assert_eq!(answer.expect(303).location(), "/me/password");
    site.browser().post(path, &[]).await.expect(405);
}

#[handler]
fn theirs() -> &'static str {
    "the app"
}

fn app() -> Route {
    let paths = ["/", "/inside", "/contact", "/.well-known/change-password", "/other"];
    paths.into_iter().fold(Route::new(), |app, path| app.at(path, get(theirs).post(theirs)))
}

#[tokio::test]
async fn an_embedded_app_gets_what_is_left() {
    let (backend, _app, _) = stage();
    let browser = visitor(&backend, DECLARED, Some(app())).await;
    browser.open("/").await.expect(200).shows("Our front").hides("the app");
    browser.open("/inside").await.expect(303);
    browser.post_form("/contact", &[("text", "x")]).await.expect(303);
    browser.open("/.well-known/change-password").await.expect(303);
    browser.open("/other").await.expect(200).shows("the app");
    log_in(&browser).await;
    browser.open("/inside").await.expect(200).shows("Our inside");
    // A front page for users stays one, whatever a pattern opens.
    let declared = DECLARED.replacen("access = \"public\"\n", "", 1);
    let closed = visitor(&backend, &declared, Some(app())).await;
    assert_eq!(closed.open("/").await.expect(303).location(), "/login");
    let bare = visitor(&backend, "", Some(app())).await;
    for path in ["/", "/inside", "/.well-known/change-password"] {
        bare.open(path).await.expect(200).shows("the app");
    }
}

#[test]
fn what_lists_and_explains_paths_knows_what_is_declared() {
    let clock = Clock::manual(NOW);
    let backend = Scripted::start(&clock);
    let more = "[[access.rule]]\npath = '/inside'\nrequire = { email = \"a@b.example\" }\n\
        [[test]]\nrequest = \"GET /\"\nexpect = { access = \"public\" }\n\
        [[test]]\nrequest = \"GET /contact\"\nexpect = { access = \"public\" }\n\
        [[test]]\nrequest = \"GET /inside\"\nexpect = { access = \"login\" }\n\
        [[test]]\nrequest = \"GET /inside\"\nas = { email = \"c@d.example\" }\nexpect = { access = \"denied\" }\n\
        [[test]]\nrequest = \"GET /.well-known/change-password\"\nexpect = { access = \"public\" }\n\
        [[test]]\nrequest = \"GET /change-password\"\nas = {}\nexpect = { access = \"allowed\" }\n";
    let toml = config(&backend, &format!("{DECLARED}{more}"));
    let folder = tempfile::tempdir().unwrap();
    let builder = Vestibule::builder().toml(toml, folder.path()).clock(clock);
    let report = builder.test(None).unwrap();
    assert_eq!(builder.check().unwrap().len(), 0, "{:?}", builder.check());
    assert!(report.human().contains("6 passed"), "{}", report.human());
    let routes = builder.routes().unwrap().json();
    let row = |path: &str| {
        let rows: Vec<&Value> =
            routes["routes"].as_array().unwrap().iter().filter(|row| row["path"] == path).collect();
        assert_eq!(rows.len(), 1, "{path}: {rows:?}");
        (rows[0]["kind"].as_str().unwrap(), rows[0]["access"].as_str().unwrap())
    };
    assert_eq!(row("/"), ("page", "public"));
    assert_eq!(row("/inside"), ("page", "rule"));
    assert_eq!(row("/contact"), ("form", "public"));
    assert_eq!(row("/change-password"), ("form", "user"));
    assert_eq!(row("/.well-known/change-password"), ("own", "public"));
    for (path, access) in [("/", "public"), ("/contact", "public"), ("/inside", "login")] {
        let why = builder.why(&Method::GET, path, None).unwrap().json();
        assert_eq!(why["nobody"]["access"], access, "{why:#}");
    }
}

#[tokio::test]
async fn behind_a_proxy_that_asks_the_block_brings_what_is_declared() {
    let front = Front::new(DECLARED).await;
    let nginx = front.snippet("nginx");
    let own = nginx.lines().find(|line| line.starts_with("location ~ ^(?:")).unwrap();
    for path in ["/$", "/inside$", "/contact$", "/change\\-password$"] {
        assert!(own.split(['|', ':', ')']).any(|one| one == path), "{path}: {own}");
    }
    let caddy = front.snippet("caddy");
    assert!(caddy.contains(" /contact ") && caddy.contains(" / "), "{caddy}");
    let traefik = front.snippet("traefik");
    assert!(traefik.contains("Path(`/`)") && traefik.contains("Path(`/contact`)"), "{traefik}");
    let plain = Front::new("").await;
    assert!(!plain.snippet("traefik").contains("Path(`/`)"));
    assert!(!plain.snippet("nginx").contains("change"), "it is the app's");
}
