//! A site in this process, without a listener, and browsers that visit it.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use poem::http::{HeaderMap, HeaderName, HeaderValue, Method, Uri};
use poem::{Request, RequestBuilder};
use serde_json::Value;
use tempfile::TempDir;
use vestibule::{Clock, Vestibule};

use super::scripted::{EMAIL, PASSWORD, Scripted, TOKEN_MARK, TOKEN_SECRET};
use super::visitor::Answer;

/// Where sites of tests stand in time.
pub(crate) const NOW: u64 = 1_800_000_000;
/// Where a visitor goes who is signed in and wanted nothing in particular.
pub(crate) const HOME: &str = "/";
/// How browsers address the site of a test.
pub(crate) const ORIGIN: &str = "http://localhost:5001";

/// A site with the backend that it speaks with.
pub(crate) struct Site {
    pub(crate) vestibule: Arc<Vestibule>,
    pub(crate) backend: Scripted,
    pub(crate) clock: Clock,
    pub(crate) folder: TempDir,
}

impl Site {
    /// A site in front of a backend that answers as it is told; `more` is what else is in its auth.toml.
    #[track_caller]
    pub(crate) fn new(more: &str) -> Self {
        let clock = Clock::manual(NOW);
        let backend = Scripted::start(&clock);
        Self::with(backend, clock, more)
    }

    #[track_caller]
    pub(crate) fn with(backend: Scripted, clock: Clock, more: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let vestibule = build(&config(&backend, more), &folder, &clock);
        Self { vestibule, backend, clock, folder }
    }

    /// Starts anew with this in its auth.toml, as after a restart. Browsers from before go on visiting
    /// the site that was.
    #[track_caller]
    pub(crate) fn restart(&mut self, more: &str) {
        self.vestibule = build(&config(&self.backend, more), &self.folder, &self.clock);
    }

    pub(crate) fn browser(&self) -> Browser {
        Browser::of(&self.vestibule)
    }

    /// A browser that is signed in as Alice.
    pub(crate) async fn signed_in(&self) -> Browser {
        let browser = self.browser();
        browser.log_in().await.expect(303);
        browser
    }

    pub(crate) fn pass(&self, seconds: u64) {
        self.clock.advance(Duration::from_secs(seconds));
    }
}

/// A site on this auth.toml.
#[track_caller]
pub(crate) fn build(toml: &str, folder: &TempDir, clock: &Clock) -> Arc<Vestibule> {
    let builder = Vestibule::builder().toml(toml, folder.path()).clock(clock.clone());
    Arc::new(builder.build().unwrap_or_else(|error| panic!("{error}\n{toml}")))
}

/// The auth.toml of [`Site::new`]: tables that `more` has as well are put together.
pub(crate) fn config(backend: &Scripted, more: &str) -> String {
    let mut tables = BTreeMap::from([
        ("server", "listen = \"127.0.0.1:0\"\npublic_url = \"http://localhost:5001\"\n".to_owned()),
        ("backend", format!("url = \"{}\"\ntimeout = \"1s\"\n", backend.url())),
        ("token", format!("secret = \"{TOKEN_SECRET}\"\nleeway = \"0s\"\n")),
    ]);
    let mut rest = String::new();
    let mut table = None;
    for line in more.lines() {
        let name = line.strip_prefix('[').and_then(|line| line.strip_suffix(']'));
        if let Some(name) = name {
            table = tables.contains_key(name).then(|| name.to_owned());
            if table.is_some() {
                continue;
            }
        }
        let place = table.as_deref().and_then(|name| tables.get_mut(name)).unwrap_or(&mut rest);
        let key = line.split('=').next().unwrap_or_default().trim().to_owned();
        // What the test says wins over the usual.
        if !key.is_empty() && line.contains('=') && table.is_some() {
            let others =
                place.lines().filter(|other| other.split('=').next().unwrap().trim() != key);
            *place = others.fold(String::new(), |text, other| format!("{text}{other}\n"));
        }
        let _ = writeln!(place, "{line}");
    }
    let tables =
        tables.iter().fold(String::new(), |text, (name, lines)| format!("{text}[{name}]\n{lines}"));
    format!("{tables}{rest}")
}

/// A browser with its cookies. Clones share them, as tabs do.
#[derive(Clone)]
pub(crate) struct Browser {
    vestibule: Arc<Vestibule>,
    cookies: Arc<Mutex<BTreeMap<String, String>>>,
}

/// A request that is being put together.
pub(crate) struct Ask {
    browser: Browser,
    method: Method,
    target: String,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
}

impl Browser {
    pub(crate) fn of(vestibule: &Arc<Vestibule>) -> Self {
        Self { vestibule: Arc::clone(vestibule), cookies: Arc::default() }
    }

    /// Someone who has a copy of the cookies as they are now.
    pub(crate) fn copy(&self) -> Self {
        Self { cookies: Arc::new(Mutex::new(self.cookies())), ..self.clone() }
    }

    /// The same cookies at another site, as after a restart.
    pub(crate) fn at(&self, site: &Site) -> Self {
        Self { vestibule: Arc::clone(&site.vestibule), cookies: self.copy().cookies }
    }

    pub(crate) fn cookies(&self) -> BTreeMap<String, String> {
        self.cookies.lock().unwrap().clone()
    }

    pub(crate) fn set_cookie(&self, name: &str, value: &str) {
        self.cookies.lock().unwrap().insert(name.to_owned(), value.to_owned());
    }

    /// A request with nothing but cookies.
    pub(crate) fn ask(&self, method: &str, target: &str) -> Ask {
        Ask {
            browser: self.clone(),
            method: method.parse().unwrap(),
            target: target.to_owned(),
            headers: vec![("host".to_owned(), "localhost:5001".to_owned())],
            body: Vec::new(),
        }
    }

    /// Types an address.
    pub(crate) async fn open(&self, target: &str) -> Answer {
        self.ask("GET", target).navigating("none").send().await
    }

    /// Sends a form of one of our pages.
    pub(crate) async fn post(&self, target: &str, fields: &[(&str, &str)]) -> Answer {
        self.ask("POST", target).navigating("same-origin").form(fields).send().await
    }

    /// Sends a form as HTMX does.
    pub(crate) async fn htmx(&self, target: &str, fields: &[(&str, &str)]) -> Answer {
        self.ask("POST", target).by_htmx().form(fields).send().await
    }

    /// Calls as a script does that speaks JSON.
    pub(crate) async fn call(&self, method: &str, target: &str, body: Option<Value>) -> Answer {
        let ask = self.ask(method, target).by_script();
        match body {
            Some(body) => ask.json(&body).send().await,
            None => ask.send().await,
        }
    }

    pub(crate) async fn log_in(&self) -> Answer {
        self.post("/login", &[("email", EMAIL), ("password", PASSWORD)]).await
    }

    /// What `/_vestibule/session` says.
    pub(crate) async fn is_signed_in(&self) -> bool {
        let answer = self.call("GET", "/_vestibule/session", None).await;
        answer.expect(200).json()["authenticated"].as_bool().unwrap()
    }

    fn take_cookie(&self, line: &str) {
        let (pair, attributes) = line.split_once(';').unwrap();
        let (name, value) = pair.split_once('=').unwrap();
        assert!(line.len() <= 4096, "browsers drop a cookie of {} bytes", line.len());
        let mut cookies = self.cookies.lock().unwrap();
        if attributes.to_ascii_lowercase().contains("max-age=0") {
            cookies.remove(name);
        } else {
            cookies.insert(name.to_owned(), value.to_owned());
        }
    }
}

impl Ask {
    pub(crate) fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.retain(|(other, _)| other != name);
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// As Chromium loads a page that was asked for from there: `none`, `same-origin`, `cross-site`.
    pub(crate) fn navigating(self, site: &str) -> Self {
        let ask = self
            .header("accept", "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8")
            .header("sec-fetch-mode", "navigate")
            .header("sec-fetch-dest", "document")
            .header("sec-fetch-site", site);
        match site {
            "none" => ask,
            "cross-site" => ask.header("origin", "https://evil.example"),
            _ => ask.header("origin", ORIGIN),
        }
    }

    /// As a script of one of our pages fetches.
    pub(crate) fn by_script(self) -> Self {
        self.header("accept", "application/json")
            .header("sec-fetch-mode", "cors")
            .header("sec-fetch-site", "same-origin")
    }

    pub(crate) fn by_htmx(self) -> Self {
        self.header("accept", "text/html, */*")
            .header("hx-request", "true")
            .header("sec-fetch-mode", "cors")
            .header("sec-fetch-site", "same-origin")
    }

    pub(crate) fn form(self, fields: &[(&str, &str)]) -> Self {
        let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        self.body("application/x-www-form-urlencoded", body)
    }

    pub(crate) fn json(self, body: &Value) -> Self {
        self.body("application/json", body.to_string())
    }

    pub(crate) fn body(mut self, content_type: &str, body: impl Into<Vec<u8>>) -> Self {
        self.body = body.into();
        self.header("content-type", content_type)
    }

    /// The answer, after the look that every answer gets: no header that nobody thought about, and
    /// nothing secret in the clear.
    pub(crate) async fn send(self) -> Answer {
        let (browser, method, target) =
            (self.browser.clone(), self.method.clone(), self.target.clone());
        let response = browser.vestibule.answer(self.request()).await;
        let status = response.status().as_u16();
        let headers = response.headers().clone();
        for line in headers.get_all("set-cookie") {
            browser.take_cookie(line.to_str().unwrap());
        }
        let body = response.into_body().into_vec().await.unwrap();
        let body = String::from_utf8_lossy(&body).into_owned();
        let answer = Answer { asked: format!("{method} {target}"), status, headers, body };
        inspect(&answer);
        is_documented(browser.vestibule.openapi(), &method, &target, &answer);
        answer
    }

    fn request(self) -> Request {
        let uri: Uri =
            self.target.parse().unwrap_or_else(|error| panic!("{}: {error}", self.target));
        let mut builder: RequestBuilder = Request::builder().method(self.method).uri(uri);
        for (name, value) in &self.headers {
            let name: HeaderName = name.parse().unwrap();
            builder = builder.header(name, HeaderValue::from_bytes(value.as_bytes()).unwrap());
        }
        let named = self.headers.iter().any(|(name, _)| name == "cookie");
        let cookies: Vec<_> =
            self.browser.cookies().iter().map(|(name, value)| format!("{name}={value}")).collect();
        if !named && !cookies.is_empty() {
            builder = builder.header("cookie", cookies.join("; "));
        }
        builder.body(self.body)
    }
}

/// What every answer must hold.
#[track_caller]
fn inspect(answer: &Answer) {
    for name in answer.headers.keys() {
        assert!(
            KNOWN_HEADERS.contains(&name.as_str()),
            "{name} is not in KNOWN_HEADERS: {answer:?}"
        );
    }
    for name in ["x-content-type-options", "content-security-policy", "x-request-id"] {
        assert!(answer.headers.contains_key(name), "{name} is missing: {answer:?}");
    }
    let mut whole = answer.body.clone();
    for value in answer.headers.values() {
        whole.push_str(&String::from_utf8_lossy(value.as_bytes()));
    }
    for secret in ["eyJhbGciOi", "eyJ0eXAiOi", TOKEN_MARK, TOKEN_SECRET, "horse-battery"] {
        // The built-in backend's own endpoints are there to give out tokens.
        let allowed = answer.asked.contains(" /auth/") && secret.starts_with("eyJ");
        assert!(allowed || !whole.contains(secret), "{secret} went out: {answer:?}");
    }
}

/// What a form answers must be in the specification of this very site.
#[track_caller]
fn is_documented(document: &Value, method: &Method, target: &str, answer: &Answer) {
    // Methods in the wrong case are none of the specification's.
    if method.as_str().bytes().any(|byte| byte.is_ascii_lowercase()) {
        return;
    }
    let path = target.split('?').next().unwrap_or_default();
    let method = if method == Method::HEAD { "get".into() } else { method.as_str().to_lowercase() };
    // Where there is no such operation, the answer is 404 or 405, as everywhere.
    if let Some(responses) = document["paths"][path][method.as_str()]["responses"].as_object() {
        // 500 is looked at by a test of its own.
        let documented = answer.status == 500 || responses.contains_key(&answer.status.to_string());
        assert!(documented, "{} is not in the specification: {answer:?}", answer.status);
    }
}

const KNOWN_HEADERS: &[&str] = &[
    "allow",
    "cache-control",
    "content-encoding",
    "content-language",
    "content-security-policy",
    "content-type",
    "cross-origin-opener-policy",
    "etag",
    "hx-redirect",
    "location",
    "referrer-policy",
    "retry-after",
    "set-cookie",
    "strict-transport-security",
    "vary",
    "www-authenticate",
    "x-content-type-options",
    "x-frame-options",
    "x-request-id",
    "x-vestibule-location",
];

/// The lines of `Set-Cookie`.
pub(crate) fn cookie_lines(headers: &HeaderMap) -> Vec<String> {
    headers.get_all("set-cookie").iter().map(|it| it.to_str().unwrap().to_owned()).collect()
}

/// Stops the test unless the visitor is sent to the login page.
#[track_caller]
pub(crate) fn leads_to_login(answer: &Answer) {
    let location = answer.expect(303).location();
    assert!(location == "/login" || location.starts_with("/login?"), "{location}");
}

/// `[session]` with the store named, for tests that hold for every store.
pub(crate) fn store(name: &str, more: &str) -> String {
    format!("[session]\nstore = \"{name}\"\n{more}\n")
}

pub(crate) const STORES: [&str; 3] = ["cookie", "memory", "sqlite"];
