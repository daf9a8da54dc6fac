//! The contract with themes: what production gives to templates fits the published schema, and has nothing secret.

mod documents;
mod probe;
mod samples;

use std::path::Path;

use serde_json::json;
use vestibule::Clock;

use self::probe::{Seen, THEME, probe_theme};
use crate::accounts::House;
use crate::support::scripted::{EMAIL, PASSWORD, Reply, TOKEN_SECRET, WRONG_PASSWORD};
use crate::support::site::{Browser, NOW, Site, build};
use crate::support::visitor::Answer;

const SESSION_SECRET: &str = "session-key-0123456789-0123456789-0123456789";

const WHOLE: &str = r#"[server]
max_body_size = "4KiB"
[backend]
me.claims = { roles = "/roles" }
[session]
secret = "session-key-0123456789-0123456789-0123456789"
[access]
public = ['/open.*', '/shop.*']
[i18n]
locales = ["en", "de", "ar"]
[rate_limit.login]
limit = 60
per = "10m"

[[access.rule]]
path = '/admin'
require = { roles = "admin" }

[[upstream]]
id = "shop"
path = "/shop"
url = "http://127.0.0.1:9"

[[page]]
path = "/about"
access = "public"
title = "About us"
nav = "About"
data = { text = "We make things.", deep = [{ limit = 3 }] }

[[page]]
path = "/dashboard"
nav = "Dashboard"
template = "page/plain.html"
fetch = { orders = { send = "GET /orders" }, news = { send = "GET /news" } }

[[form]]
id = "contact"
access = "public"
nav = "Contact"
rate_limit = { limit = 20, per = "1m" }
submit = { send = "POST /contact", body = { from = "{{email}}", text = "{{message}}", size = "{{size}}", count = "{{count}}", until = "{{until}}", gift = "{{gift}}" } }

[[form.field]]
name = "email"
required = true

[[form.field]]
name = "message"
type = "textarea"
max_length = 100

[[form.field]]
name = "size"
type = "select"
options = ["s", { value = "m", label = "Medium" }]

[[form.field]]
name = "count"
type = "number"
min = 1
max = 10

[[form.field]]
name = "until"
type = "date"

[[form.field]]
name = "gift"
type = "checkbox"

[[form]]
id = "short"
access = "public"
rate_limit = { limit = 1, per = "1m" }
htmx = true
submit = { send = "POST /short", body = { text = "{{text}}" } }
field = [{ name = "text", required = true }]
"#;

/// A connection from before may be cut in the middle of the first try, which is another trouble.
async fn sent_to_nobody(browser: &Browser, fields: &[(&str, &str)]) -> Answer {
    let first = browser.post("/login", fields).await;
    if first.status == 502 { browser.post("/login", fields).await } else { first }
}

/// A site with a backend that does as it is told, whose pages say what they were given.
async fn visit_a_site(seen: &mut Seen) {
    let themes = probe_theme();
    let path = themes.path().display();
    let options = "options = { brand = \"Acme\", accent = \"#0b5fff\", logo = \"logo.svg\", privacy = \"/privacy\" }";
    let more = format!("{WHOLE}{THEME}path = \"{path}\"\n{options}\n");
    let mut site = Site::new(&more);
    let browser = site.browser();
    let right = [("email", EMAIL), ("password", PASSWORD)];
    let wrong = [("email", EMAIL), ("password", WRONG_PASSWORD)];

    for target in [
        "/login",
        "/login?lang=de",
        "/login?lang=ar",
        "/login?lang=en&next=%2Fdashboard&notice=session.expired",
        "/login?notice=form.contact",
        "/register",
        "/about",
        "/contact",
        "/_vestibule/problems/credentials.invalid",
    ] {
        seen.page(browser.open(target).await.expect(200));
    }
    // Without a word of where it comes from, a browser needs the token.
    let plain = browser.ask("GET", "/login").header("accept", "text/html").send().await;
    let given = seen.page(plain.expect(200));
    assert!(given["csrf"]["token"].as_str().unwrap().len() > 20);

    seen.page(browser.post("/login", &wrong).await.expect(401));
    seen.page(browser.post("/login", &[("email", "")]).await.expect(422));
    let ask = browser.ask("POST", "/login").navigating("cross-site").form(&right);
    seen.page(ask.send().await.expect(403));
    for (reply, status) in [
        (Reply::With(429, ("retry-after", "17".into()), json!({})), 429),
        (Reply::Json(500, json!({})), 502),
        (Reply::Text(200, "no JSON"), 502),
        (Reply::Silence, 504),
        (Reply::Json(422, json!({"detail": [{"loc": ["body", "email"], "msg": "no"}]})), 422),
    ] {
        site.backend.script("login", reply);
        seen.page(browser.post("/login", &right).await.expect(status));
    }
    site.backend.script("login", Reply::Honest);
    seen.page(browser.htmx("/login", &wrong).await.expect(401));

    let taken = [("email", EMAIL), ("password", PASSWORD), ("password_confirm", PASSWORD)];
    seen.page(browser.post("/register", &taken).await.expect(409));
    seen.page(browser.post("/register", &wrong).await.expect(422));
    site.backend.script("register", Reply::Json(422, json!({"detail": "Closed"})));
    seen.page(browser.post("/register", &taken).await.expect(422));

    let letter = [("email", EMAIL), ("message", "Hello"), ("size", "m"), ("count", "2")];
    seen.page(browser.post("/contact", &[("email", "ada"), ("count", "99")]).await.expect(422));
    for (reply, status) in [
        (Reply::Json(400, json!({"detail": "Not now"})), 422),
        (Reply::Json(409, json!({})), 409),
        (Reply::Json(503, json!({})), 502),
    ] {
        site.backend.script("contact", reply);
        seen.page(browser.post("/contact", &letter).await.expect(status));
    }
    site.backend.script("contact", Reply::Json(200, json!({})));
    let sent = browser.post("/contact", &letter).await;
    seen.page(browser.open(sent.expect(303).location()).await.expect(200));
    site.backend.script("short", Reply::Json(200, json!({})));
    seen.page(browser.htmx("/short", &[("text", "a")]).await.expect(200));
    seen.page(browser.htmx("/short", &[("text", "a")]).await.expect(429));

    seen.page(browser.open("/a/../b").await.expect(400));
    seen.page(browser.open("/open").await.expect(404));
    seen.page(browser.open("/shop/").await.expect(503));
    let put = browser.ask("PUT", "/login").navigating("same-origin").send().await;
    seen.page(put.expect(405));
    let body = "a".repeat(5000);
    seen.page(browser.post("/login", &[("email", &body)]).await.expect(413));
    let text = browser.ask("POST", "/login").navigating("same-origin").body("text/plain", "x");
    seen.page(text.send().await.expect(415));

    browser.log_in().await.expect(303);
    for target in ["/", "/welcome", "/welcome?notice=form.contact", "/logout", "/contact", "/about"]
    {
        seen.page(browser.open(target).await.expect(200));
    }
    seen.page(browser.ask("GET", "/welcome").by_htmx().send().await.expect(200));
    site.backend.script("orders", Reply::Json(200, json!([{"id": 1, "deep": {"a": null}}])));
    seen.page(browser.open("/dashboard").await.expect(200));
    seen.page(browser.open("/admin").await.expect(403));
    seen.page(browser.open("/nothing-here").await.expect(404));
    let ask = browser.ask("POST", "/logout").navigating("cross-site").form(&[]);
    seen.page(ask.send().await.expect(403));

    site.backend.close();
    seen.page(sent_to_nobody(&site.browser(), &right).await.expect(503));
    site.pass(3600);
    seen.page(browser.open("/welcome").await.expect(503));
    site.backend.open_again();

    let secrets = site.backend.issued();
    assert!(secrets.len() >= 2, "tokens were issued");
    let cookies = browser.cookies();
    assert!(cookies.values().any(|value| value.len() > 40), "somebody is signed in");
    seen.has_none_of(secrets.iter());
    seen.has_none_of(cookies.values().filter(|value| value.len() > 5));
    seen.has_none_of(
        [PASSWORD, WRONG_PASSWORD, TOKEN_SECRET, SESSION_SECRET].map(str::to_owned).iter(),
    );
}

/// The same for what people do with an account, as `examples/accounts.toml` has it.
async fn visit_accounts(seen: &mut Seen) {
    let (clock, folder) = (Clock::manual(NOW), tempfile::tempdir().unwrap());
    let secret = folder.path().join("jwt.secret");
    std::fs::write(&secret, TOKEN_SECRET).unwrap();
    std::fs::set_permissions(&secret, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/accounts.toml");
    let themes = probe_theme();
    let toml = std::fs::read_to_string(file).unwrap();
    let toml = format!("{toml}\n{THEME}path = \"{}\"\n", themes.path().display());
    let house = House { vestibule: build(&toml, &folder, &clock), clock, folder };
    let browser = house.browser();
    let new = [("email", EMAIL), ("password", PASSWORD), ("password_confirm", PASSWORD)];
    browser.post("/register", &new).await.expect(303);

    for target in ["/forgot-password", "/reset-password?token=x", "/verify-email?token=x"] {
        seen.page(browser.open(target).await.expect(200));
    }
    let news = "/forgot-password?notice=form.forgot-password";
    seen.page(browser.open(news).await.expect(200));
    let bad = [("token", "x"), ("password", PASSWORD), ("again", PASSWORD)];
    seen.page(browser.post("/reset-password", &bad).await.expect(422));
    seen.page(browser.post("/verify-email", &[("token", "x")]).await.expect(422));
    for target in ["/profile", "/profile?notice=form.profile", "/change-password", "/sessions"] {
        seen.page(browser.open(target).await.expect(200));
    }
    let wrong = [
        ("current_password", WRONG_PASSWORD),
        ("password", "An0ther-horse-battery"),
        ("again", "An0ther-horse-battery"),
    ];
    seen.page(browser.post("/change-password", &wrong).await.expect(422));
    seen.page(browser.post("/change-password", &[("password", "short")]).await.expect(422));
    seen.page(browser.post("/end-session", &[("id", "none")]).await.expect(422));
    seen.page(browser.post("/delete-account", &[("password", WRONG_PASSWORD)]).await.expect(422));

    let cookies = browser.cookies();
    assert!(cookies.values().any(|value| value.len() > 40), "somebody is signed in");
    seen.has_none_of(cookies.values());
    seen.has_none_of(
        ["An0ther-horse-battery", PASSWORD, TOKEN_SECRET, "eyJ"].map(str::to_owned).iter(),
    );
}

#[tokio::test]
async fn what_templates_are_given_fits_the_published_schema_and_has_nothing_secret() {
    let mut seen = Seen::default();
    visit_a_site(&mut seen).await;
    visit_accounts(&mut seen).await;
    let states = seen.states();
    assert!(seen.contexts.len() >= 60, "only {} pages", seen.contexts.len());
    // Of the others, 401, 408, 422, 429 and 500 stand for what a test cannot bring about, or no page is shown for.
    for state in [
        "idle",
        "field_errors",
        "form_error",
        "invalid_credentials",
        "identifier_taken",
        "csrf_expired",
        "rate_limited",
        "backend_unreachable",
        "backend_timeout",
        "backend_error",
        "success",
        "confirm",
        "default",
        "400",
        "403",
        "404",
        "405",
        "413",
        "415",
        "503",
        "upstream_unreachable",
    ] {
        assert!(states.contains(state), "{state} was not seen: {states:?}");
    }
    assert!(seen.contexts.iter().any(|it| it["partial"] == true && it["form"].is_object()));
    let languages: Vec<_> = seen.contexts.iter().map(|it| it["lang"].as_str().unwrap()).collect();
    assert!(["en", "de", "ar"].iter().all(|tag| languages.contains(tag)), "{languages:?}");
}

#[tokio::test]
async fn a_page_that_is_kept_does_not_keep_its_year() {
    let themes = probe_theme();
    let site = Site::new(&format!("{THEME}path = \"{}\"\n", themes.path().display()));
    let browser = site.browser();
    for year in [2027, 2027, 2028] {
        let page = browser.open("/login").await;
        assert_eq!(probe::context_of(&page)["year"], year);
        site.pass(if year == 2027 { 180 * 86_400 } else { 0 });
    }
}
