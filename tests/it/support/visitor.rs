//! Someone who visits over HTTP, with the headers and the cookies that a browser would send.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use regex::Regex;
use reqwest::header::{
    ACCEPT, CONTENT_TYPE, COOKIE, HeaderMap, HeaderName, HeaderValue, LOCATION, ORIGIN, SET_COOKIE,
};
use reqwest::{Client, Method};
use serde_json::Value;

use super::http_client;

/// Clones share their cookies, as the tabs of one browser do.
#[derive(Clone)]
pub(crate) struct Visitor {
    client: Client,
    origin: String,
    cookies: Arc<Mutex<BTreeMap<String, String>>>,
}

impl Visitor {
    /// A visitor of this origin, without any cookie.
    pub(crate) fn new(origin: &str) -> Self {
        Self { client: http_client(), origin: origin.to_owned(), cookies: Arc::default() }
    }

    /// Someone who has a copy of the cookies as they are now: a thief, or a second device.
    pub(crate) fn copy(&self) -> Self {
        let cookies = self.cookies();
        Self { cookies: Arc::new(Mutex::new(cookies)), ..self.clone() }
    }

    pub(crate) fn cookies(&self) -> BTreeMap<String, String> {
        self.cookies.lock().unwrap().clone()
    }

    pub(crate) fn set_cookie(&self, name: &str, value: &str) {
        self.cookies.lock().unwrap().insert(name.to_owned(), value.to_owned());
    }

    /// Types an address: `GET` as Chromium navigates.
    pub(crate) async fn open(&self, path: &str) -> Answer {
        let headers = [("sec-fetch-site", "none"), ("sec-fetch-user", "?1")];
        self.send(Method::GET, path, &[&NAVIGATION, &headers[..]], None).await
    }

    /// Follows a redirect within the site, as a navigation.
    #[track_caller]
    pub(crate) fn follow(&self, answer: &Answer) -> impl Future<Output = Answer> {
        let location = answer.location().to_owned();
        async move {
            let path = location.strip_prefix(&self.origin).unwrap_or(&location);
            self.send(Method::GET, path, &[&NAVIGATION, &SAME_ORIGIN], None).await
        }
    }

    /// Opens a page, fills in its form and sends it with the hidden inputs that were there.
    pub(crate) async fn fill_in(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let page = self.open(path).await;
        page.expect(200);
        let hidden = page.hidden_inputs();
        let mut all: Vec<(&str, &str)> =
            hidden.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        all.extend_from_slice(fields);
        self.post_form(path, &all).await
    }

    /// Sends a form as Chromium does, without looking at the page first.
    pub(crate) async fn post_form(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let headers = [("sec-fetch-user", "?1")];
        let body = Some((FORM, urlencoded(fields)));
        self.send(Method::POST, path, &[&NAVIGATION, &SAME_ORIGIN, &headers[..]], body).await
    }

    /// Sends a form as a page of another site would make the browser do.
    pub(crate) async fn post_form_from_elsewhere(
        &self,
        path: &str,
        fields: &[(&str, &str)],
    ) -> Answer {
        let headers = [("sec-fetch-site", "cross-site"), ("origin", "https://evil.example")];
        let body = Some((FORM, urlencoded(fields)));
        self.send(Method::POST, path, &[&NAVIGATION, &headers[..]], body).await
    }

    /// Calls as an integrator's script in a page does: `Accept: application/json`.
    pub(crate) async fn fetch(&self, method: Method, path: &str, body: Option<Value>) -> Answer {
        let headers = [("accept", JSON), ("sec-fetch-mode", "cors"), ("sec-fetch-dest", "empty")];
        let body = body.map(|value| (JSON, value.to_string()));
        self.send(method, path, &[&headers[..], &SAME_ORIGIN], body).await
    }

    /// Sends a form as HTMX does.
    pub(crate) async fn htmx(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let headers = [
            ("accept", "*/*"),
            ("hx-request", "true"),
            ("sec-fetch-mode", "cors"),
            ("sec-fetch-dest", "empty"),
        ];
        let body = Some((FORM, urlencoded(fields)));
        self.send(Method::POST, path, &[&headers[..], &SAME_ORIGIN], body).await
    }

    async fn send(
        &self,
        method: Method,
        path: &str,
        headers: &[&[(&str, &str)]],
        body: Option<(&str, String)>,
    ) -> Answer {
        let mut request = HeaderMap::new();
        // A browser names the origin wherever the method may change something.
        if method != Method::GET {
            request.insert(ORIGIN, self.origin.parse().unwrap());
        }
        for (name, value) in headers.iter().copied().flatten() {
            request.insert(name.parse::<HeaderName>().unwrap(), value.parse().unwrap());
        }
        request.entry(ACCEPT).or_insert(HeaderValue::from_static("*/*"));
        let cookies: Vec<_> =
            self.cookies().iter().map(|(name, value)| format!("{name}={value}")).collect();
        if !cookies.is_empty() {
            request.insert(COOKIE, cookies.join("; ").parse().unwrap());
        }
        let mut call = self.client.request(method.clone(), format!("{}{path}", self.origin));
        let mut sent = path.to_owned();
        if let Some((content_type, body)) = body {
            sent.push_str(&body);
            request.insert(CONTENT_TYPE, content_type.parse().unwrap());
            call = call.body(body);
        }
        let answer = call.headers(request).send().await.unwrap();
        let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
        for line in headers.get_all(SET_COOKIE) {
            self.take_cookie(line.to_str().unwrap());
        }
        let body = String::from_utf8_lossy(&answer.bytes().await.unwrap()).into_owned();
        let answer = Answer { asked: format!("{method} {path}"), status, headers, body };
        answer.holds_what_every_answer_must(&sent);
        answer
    }

    fn take_cookie(&self, line: &str) {
        let (pair, attributes) = line.split_once(';').unwrap_or((line, ""));
        let (name, value) = pair.split_once('=').unwrap();
        let gone = attributes.split(';').any(|attribute| {
            let attribute = attribute.trim().to_ascii_lowercase();
            match attribute.split_once('=') {
                Some(("max-age", seconds)) => seconds.parse::<i64>().unwrap() <= 0,
                Some(("expires", date)) => date.contains("1970"),
                _ => false,
            }
        });
        let mut cookies = self.cookies.lock().unwrap();
        if gone {
            cookies.remove(name.trim());
        } else {
            cookies.insert(name.trim().to_owned(), value.trim().to_owned());
        }
    }
}

const JSON: &str = "application/json";
const FORM: &str = "application/x-www-form-urlencoded";
const SAME_ORIGIN: [(&str, &str); 1] = [("sec-fetch-site", "same-origin")];
const NAVIGATION: [(&str, &str); 4] = [
    ("accept", "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8"),
    ("sec-fetch-mode", "navigate"),
    ("sec-fetch-dest", "document"),
    ("upgrade-insecure-requests", "1"),
];

fn urlencoded(fields: &[(&str, &str)]) -> String {
    form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish()
}

/// What came back.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    pub(crate) asked: String,
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
}

impl Answer {
    /// Stops the test, with the whole answer, unless this is the status.
    #[track_caller]
    pub(crate) fn expect(&self, status: u16) -> &Self {
        assert_eq!(self.status, status, "{}", self.whole());
        self
    }

    /// Stops the test unless the body holds this.
    #[track_caller]
    pub(crate) fn shows(&self, text: &str) -> &Self {
        assert!(self.body.contains(text), "`{text}` is missing: {}", self.whole());
        self
    }

    /// Stops the test if the body holds this.
    #[track_caller]
    pub(crate) fn hides(&self, text: &str) -> &Self {
        assert!(!self.body.contains(text), "`{text}` must not be shown: {}", self.whole());
        self
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }

    #[track_caller]
    pub(crate) fn location(&self) -> &str {
        let location = self.headers.get(LOCATION);
        location.unwrap_or_else(|| panic!("no Location: {}", self.whole())).to_str().unwrap()
    }

    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {}", self.whole()))
    }

    /// Name and value of the hidden inputs of the page.
    pub(crate) fn hidden_inputs(&self) -> Vec<(String, String)> {
        let input = Regex::new(r#"<input\b[^>]*\btype="?hidden\b[^>]*>"#).unwrap();
        let attribute = Regex::new(r#"\b(name|value)="([^"]*)""#).unwrap();
        input
            .find_iter(&self.body)
            .map(|tag| {
                let mut found: BTreeMap<_, _> = attribute
                    .captures_iter(tag.as_str())
                    .map(|it| (it[1].to_owned(), unescaped(&it[2])))
                    .collect();
                let name = found.remove("name").expect("a hidden input has a name");
                (name, found.remove("value").unwrap_or_default())
            })
            .collect()
    }

    fn whole(&self) -> String {
        let mut headers = String::new();
        for (name, value) in &self.headers {
            headers.extend(["\n", name.as_str(), ": ", &String::from_utf8_lossy(value.as_bytes())]);
        }
        format!("{} answered {}{headers}\n\n{}", self.asked, self.status, self.body)
    }

    /// No header that nobody thought about, and no token in the clear, in any answer that a test sees, but for
    /// one that the visitor has sent: links in mails may hold JWTs.
    #[track_caller]
    fn holds_what_every_answer_must(&self, sent: &str) {
        for name in self.headers.keys() {
            let known = KNOWN_HEADERS.contains(&name.as_str());
            assert!(known, "{name} is not in KNOWN_HEADERS: {}", self.whole());
        }
        let token = Regex::new(r"eyJ[\w.-]+").unwrap();
        let known = token.find_iter(sent);
        let whole = known.fold(self.whole(), |whole, known| whole.replace(known.as_str(), ""));
        // How each JWT begins: `{"alg":` or `{"typ":`, in base64.
        for start in ["eyJhbGciOi", "eyJ0eXAiOi"] {
            assert!(!whole.contains(start), "a token went out: {}", self.whole());
        }
    }
}

const KNOWN_HEADERS: &[&str] = &[
    "accept-ranges",
    "allow",
    "cache-control",
    "connection",
    "content-language",
    "content-length",
    "content-security-policy",
    "content-type",
    "cross-origin-opener-policy",
    "cross-origin-resource-policy",
    "date",
    "etag",
    "hx-redirect",
    "hx-refresh",
    "hx-reswap",
    "hx-retarget",
    "location",
    "permissions-policy",
    "referrer-policy",
    "retry-after",
    "set-cookie",
    "strict-transport-security",
    "transfer-encoding",
    "vary",
    "www-authenticate",
    "x-vestibule-location",
    "x-content-type-options",
    "x-frame-options",
    "x-request-id",
    "x-robots-tag",
];

fn unescaped(html: &str) -> String {
    let mut text = html.to_owned();
    for (escape, character) in [
        ("&#x2f;", "/"),
        ("&quot;", "\""),
        ("&#x27;", "'"),
        ("&#39;", "'"),
        ("&lt;", "<"),
        ("&gt;", ">"),
    ] {
        text = text.replace(escape, character);
    }
    text.replace("&amp;", "&")
}

#[test]
fn the_visitor_keeps_and_drops_cookies_as_a_browser_does() {
    let visitor = Visitor::new("http://127.0.0.1:1");
    visitor.take_cookie("a=1; Path=/; HttpOnly");
    visitor.take_cookie("b=2; Max-Age=60");
    visitor.take_cookie("a=; Max-Age=0; Path=/");
    assert_eq!(visitor.cookies().into_iter().collect::<Vec<_>>(), [("b".into(), "2".into())]);
    let copy = visitor.copy();
    copy.take_cookie("b=; Expires=Thu, 01 Jan 1970 00:00:00 GMT");
    assert!(copy.cookies().is_empty() && visitor.cookies().len() == 1);
}

#[test]
fn hidden_inputs_are_found_in_any_order_of_their_attributes() {
    let body = r#"<input type="hidden" name="next" value="/a?b=1&amp;c"><input name="x" type=hidden>
        <input name="email" type="email" value="shown">"#;
    let page =
        Answer { asked: "GET /".into(), status: 200, headers: HeaderMap::new(), body: body.into() };
    assert_eq!(
        page.hidden_inputs(),
        [("next".into(), "/a?b=1&c".into()), ("x".into(), String::new())]
    );
}
