//! What is declared stands before every app, and whatever explains or lists paths knows it.

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

#[tokio::test]
async fn nothing_of_what_is_declared_reaches_an_app_at_the_root() {
    let app = Scripted::start(&Clock::manual(NOW));
    for endpoint in ["", "inside", "contact", "change-password", "other"] {
        app.script(endpoint, Reply::Json(200, json!("the app")));
    }
    let upstream = format!("[[upstream]]\npath = \"/\"\nurl = \"{}\"\n", app.url());
    let site = Site::new(&format!("{upstream}{DECLARED}[access]\npublic = ['/.*']\n"));
    site.backend.script("sent", Reply::Json(200, json!({})));
    let stranger = site.browser();
    stranger.open("/").await.expect(200).shows("Our front");
    stranger.open("/inside").await.expect(303);
    stranger.post("/contact", &[("text", "x")]).await.expect(303);
    stranger.ask("DELETE", "/contact").by_script().send().await.expect(405);
    let asked = stranger.open("/.well-known/change-password").await;
    assert_eq!(asked.expect(303).location(), "/change-password");
    let browser = site.signed_in().await;
    browser.open("/inside").await.expect(200).shows("Our inside");
    for endpoint in ["", "inside", "contact", "change-password"] {
        assert_eq!(app.count(endpoint), 0, "{endpoint}");
    }
    browser.open("/other").await.expect(200).shows("the app");
    assert_eq!(app.count("other"), 1);
}

#[tokio::test]
async fn where_password_managers_ask_is_the_apps_unless_there_is_something_to_tell() {
    let app = Scripted::start(&Clock::manual(NOW));
    app.script("change-password", Reply::Json(200, json!("the app")));
    let upstream = format!("[[upstream]]\npath = \"/\"\nurl = \"{}\"\n", app.url());
    let open = "[access]\npublic = ['/.well-known/.*']\n";
    let site = Site::new(&format!("{upstream}{open}"));
    site.browser().open("/.well-known/change-password").await.expect(200).shows("the app");
    let alone = Site::new("");
    alone.browser().open("/.well-known/change-password").await.expect(404);
    let form = Site::new(
        "[[form]]\nid = \"change-password\"\npath = \"/me/password\"\nsubmit = { send = \"POST /x\" }\n",
    );
    let answer = form.browser().ask("HEAD", "/.well-known/change-password").send().await;
    assert_eq!(answer.expect(303).location(), "/me/password");
    form.browser().post("/.well-known/change-password", &[]).await.expect(405);
}

#[handler]
fn theirs() -> &'static str {
    "the app"
}

#[tokio::test]
async fn an_embedded_app_gets_what_is_left() {
    let clock = Clock::manual(NOW);
    let backend = Scripted::start(&clock);
    backend.script("sent", Reply::Json(200, json!({})));
    let visitor = async |declared: &str| {
        let (port, folder) = (free_port(), tempfile::tempdir().unwrap());
        let here = format!(
            "[server]\nlisten = \"127.0.0.1:{port}\"\npublic_url = \"http://127.0.0.1:{port}\"\n\
             {declared}[access]\npublic = ['/.*']\n"
        );
        let toml = config(&backend, &here);
        let builder = Vestibule::builder().toml(toml, folder.path()).clock(clock.clone());
        let routes = ["/", "/inside", "/contact", "/.well-known/change-password", "/other"];
        let app = routes
            .into_iter()
            .fold(Route::new(), |app, path| app.at(path, get(theirs).post(theirs)));
        let server = builder.build().unwrap().protect(app).listen().await.unwrap();
        tokio::spawn(server.run(std::future::pending()));
        Visitor::new(&format!("http://127.0.0.1:{port}"))
    };
    let stranger = visitor(DECLARED).await;
    stranger.open("/").await.expect(200).shows("Our front").hides("the app");
    stranger.open("/inside").await.expect(303);
    stranger.post_form("/contact", &[("text", "x")]).await.expect(303);
    stranger.open("/.well-known/change-password").await.expect(303);
    stranger.open("/other").await.expect(200).shows("the app");
    stranger.post_form("/login", &[("email", EMAIL), ("password", PASSWORD)]).await.expect(303);
    stranger.open("/inside").await.expect(200).shows("Our inside");
    // A front page for users stays one, whatever a pattern opens.
    let declared = DECLARED.replacen("access = \"public\"\n", "", 1);
    let closed = visitor(&declared).await;
    assert_eq!(closed.open("/").await.expect(303).location(), "/login");
    let bare = visitor("").await;
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
        let why = builder.why(&http::Method::GET, path, None).unwrap().json();
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
