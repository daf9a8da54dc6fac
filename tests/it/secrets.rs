//! Nothing secret leaves the house: not in a page, not in a log, at no level and in no format.

use reqwest::Method;
use serde_json::json;
use vestibule::Clock;

use crate::support::binary::Vestibule;
use crate::support::http_client;
use crate::support::scripted::{
    EMAIL, PASSWORD, Reply, Scripted, TOKEN_MARK, TOKEN_SECRET, WRONG_PASSWORD,
};
use crate::support::visitor::Answer;

const SESSION_SECRET: &str = "session-key-0123456789-0123456789-0123456789";
const HEADER_SECRET: &str = "header-key-for-the-backend";
const NEW: [(&str, &str); 3] =
    [("email", "bob@example.com"), ("password", PASSWORD), ("password_confirm", PASSWORD)];

/// Everything that was said, and everything that must not have been.
#[derive(Default)]
struct Watch {
    pages: Vec<String>,
    cookies: Vec<String>,
}

impl Watch {
    fn saw(&mut self, answer: &Answer) {
        let mut page = answer.body.clone();
        for (name, value) in &answer.headers {
            let value = String::from_utf8_lossy(value.as_bytes()).into_owned();
            if name == "set-cookie" {
                let value = value.split_once('=').unwrap().1.split(';').next().unwrap().to_owned();
                self.cookies.extend((!value.is_empty()).then_some(value));
            } else {
                page = format!("{page}\n{name}: {value}");
            }
        }
        self.pages.push(page);
    }
}

async fn a_whole_session(store: &str, format: &str) {
    let backend = Scripted::start(&Clock::system());
    let url = backend.url();
    // Tokens that are due as soon as they arrive: each request refreshes.
    backend.access_life(std::time::Duration::from_mins(1));
    let mut vestibule = Vestibule::start(&format!(
        "[backend]\nurl = \"{url}\"\ntimeout = \"1s\"\nheaders = {{ X-Key = \"{HEADER_SECRET}\" }}\n\
         [token]\nsecret = \"{TOKEN_SECRET}\"\n\
         [session]\nstore = \"{store}\"\nsecret = \"{SESSION_SECRET}\"\nrefresh_threshold = \"5m\"\n\
         [rate_limit]\nlogin = {{ limit = 1000, per = \"1m\" }}\n\
         [log]\nlevel = \"trace\"\nformat = \"{format}\"\n"
    ))
    .await;
    let mut watch = Watch::default();
    let visitor = vestibule.visitor();
    watch.saw(&visitor.fill_in("/register", &NEW).await);
    watch.saw(&visitor.open("/welcome").await);
    let fields = [("email", EMAIL), ("password", PASSWORD)];
    let wrong = [("email", EMAIL), ("password", WRONG_PASSWORD)];
    watch.saw(&visitor.post_form("/logout", &[]).await);
    watch.saw(&visitor.post_form("/login", &wrong).await);
    watch.saw(&visitor.post_form("/login", &fields).await);
    for _ in 0..3 {
        let page = visitor.open("/welcome?password=Corr3ct-horse-battery").await;
        page.expect(200).shows(EMAIL);
        watch.saw(&page);
    }
    watch.saw(&visitor.fetch(Method::GET, "/_vestibule/session", None).await);
    assert!(backend.count("refresh") >= 3, "{}", backend.count("refresh"));

    // A backend that repeats what it was sent, as validation errors like to do.
    let echo = json!({"detail": [
        {"loc": ["body", "password"], "msg": "Too weak.", "input": PASSWORD},
    ], "token": TOKEN_SECRET});
    let thief = visitor.copy();
    for reply in [
        Reply::Json(422, echo.clone()),
        Reply::Json(500, echo.clone()),
        Reply::Json(200, echo),
        Reply::Text(200, "Corr3ct-horse-battery"),
        Reply::HangUp,
        Reply::Half,
        Reply::Silence,
    ] {
        for endpoint in ["login", "register", "refresh", "me", "logout"] {
            backend.script(endpoint, reply.clone());
        }
        watch.saw(&visitor.post_form("/login", &fields).await);
        watch.saw(&visitor.post_form("/register", &NEW).await);
        watch.saw(&visitor.copy().open("/welcome").await);
        watch.saw(
            &visitor
                .fetch(Method::POST, "/login", Some(json!({"email": EMAIL, "password": PASSWORD})))
                .await,
        );
        watch.saw(&visitor.fetch(Method::POST, "/login", Some(json!([PASSWORD]))).await);
        watch.saw(&visitor.post_form_from_elsewhere("/login", &fields).await);
    }
    // A backend whose tokens are signed by somebody else.
    let foreign = backend.issued()[0].replace("ey", "eyX");
    backend.script("login", Reply::Json(200, json!({"access_token": foreign})));
    watch.saw(&visitor.post_form("/login", &fields).await);
    watch.saw(&thief.post_form("/logout", &[]).await);
    watch.saw(&thief.open("/welcome").await);

    // A browser that needs the token of the form.
    let page =
        http_client().get(format!("{}/login", vestibule.url())).header("accept", "text/html");
    let page = page.send().await.unwrap();
    let form_cookie = page.headers()["set-cookie"].to_str().unwrap().to_owned();
    let page = page.text().await.unwrap();
    let form_token =
        page.split("name=\"csrf\" value=\"").nth(1).unwrap().split('"').next().unwrap();
    let form_seed = form_cookie.split_once('=').unwrap().1.split(';').next().unwrap();
    for token in [form_token, "wrong"] {
        let body = format!("email=alice%40example.com&password=Corr3ct-horse-battery&csrf={token}");
        let request = http_client().post(format!("{}/login", vestibule.url())).body(body);
        let request = request.header("content-type", "application/x-www-form-urlencoded");
        let cookie = format!("vestibule-form={form_seed}");
        request.header("cookie", cookie).send().await.unwrap();
    }

    vestibule.stop();
    watch.cookies.extend([form_token.to_owned(), form_seed.to_owned()]);
    let mut tokens = backend.issued();
    tokens.push(foreign);
    watch.nothing_secret_went_out(&vestibule.log(), format, tokens);
}

impl Watch {
    #[track_caller]
    fn nothing_secret_went_out(self, log: &str, format: &str, mut secrets: Vec<String>) {
        assert!(log.contains("/welcome") && log.lines().count() > 30, "no log to look at:\n{log}");
        let json = log
            .lines()
            .filter(|line| serde_json::from_str::<serde_json::Value>(line).is_ok())
            .count();
        assert_eq!(json == log.lines().count(), format == "json", "{log}");

        assert!(secrets.len() > 8);
        secrets.extend(
            [PASSWORD, WRONG_PASSWORD, TOKEN_SECRET, SESSION_SECRET, HEADER_SECRET, TOKEN_MARK]
                .map(str::to_owned),
        );
        for secret in &secrets {
            for page in &self.pages {
                assert!(!page.contains(secret.as_str()), "{secret} is on a page:\n{page}");
            }
        }
        assert!(self.cookies.len() > 5);
        secrets.extend(self.cookies);
        for secret in &secrets {
            let line = log.lines().find(|line| line.contains(secret.as_str()));
            assert!(line.is_none(), "{secret} is in the log:\n{line:?}");
            // Nor a part of it that is long enough to be of use.
            let part = &secret[..secret.len().min(40)];
            let part = if part.starts_with("ey") { &secret[secret.len() - 30..] } else { part };
            assert!(!log.contains(part), "{part} of {secret} is in the log");
        }
        assert!(!log.contains(EMAIL), "an address is nobody's business in a log");
    }
}

#[tokio::test]
async fn a_whole_session_leaves_no_secret_in_a_json_log_or_on_a_page() {
    a_whole_session("cookie", "json").await;
}

#[tokio::test]
async fn a_whole_session_leaves_no_secret_in_a_pretty_log_or_on_a_page() {
    a_whole_session("sqlite", "pretty").await;
}
