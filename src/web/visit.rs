//! One request, as far as every part of the web floor wants to know it.

use std::net::IpAddr;
use std::sync::atomic::{AtomicU32, Ordering};

use http::header::{ACCEPT, CONTENT_TYPE, HOST, HeaderMap, HeaderName};
use http::{Method, Uri};
use poem::Request;

use super::client::TrustedProxies;
use super::language::{Choice, Offer};
use crate::path::{CanonicalPath, PathError};
use crate::return_to::ReturnTo;

const HX_REQUEST: HeaderName = HeaderName::from_static("hx-request");
const HX_BOOSTED: HeaderName = HeaderName::from_static("hx-boosted");
const FETCH_MODE: HeaderName = HeaderName::from_static("sec-fetch-mode");
const REQUESTED_WITH: HeaderName = HeaderName::from_static("x-requested-with");

/// What is known about a request before anything is decided.
#[derive(Debug)]
pub(crate) struct Visit {
    /// On the answer, in the log and on error pages.
    pub(crate) request_id: String,
    pub(crate) method: Method,
    pub(crate) path: Result<CanonicalPath, PathError>,
    /// A path that was refused, as it came: the operator has to see what it was.
    refused_path: String,
    pub(crate) query: Option<String>,
    /// The language to answer in.
    pub(crate) language: Choice,
    /// The address that limits and logs count by.
    pub(crate) client: IpAddr,
    pub(crate) prefer: Prefer,
    /// Whether a trusted proxy brings the request, so that it may say for whom it asks.
    pub(crate) from_proxy: bool,
    /// What goes before links to our pages where the answer is given elsewhere; usually nothing.
    pub(crate) origin: String,
    /// A browser loading a page, as opposed to a script, a command line or another server.
    pub(crate) is_navigation: bool,
}

/// The caller's language.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Prefer {
    /// A whole page.
    Page,
    /// The part of the page that HTMX swaps in.
    Partial,
    Json,
}

/// Makes request ids: a random start per process, then counted, so that an id costs nothing.
pub(crate) struct RequestIds {
    /// The ten digits that every id begins with.
    start: String,
    next: AtomicU32,
}

impl RequestIds {
    /// `start` is random, so that ids of two processes do not meet.
    pub(crate) fn new(start: u64) -> Self {
        Self { start: format!("{:010x}", start >> 24), next: AtomicU32::new(0) }
    }

    fn make(&self) -> String {
        let count = self.next.fetch_add(1, Ordering::Relaxed);
        let mut id = String::with_capacity(self.start.len() + 8);
        id.push_str(&self.start);
        let digits = if count >> 24 == 0 { 6 } else { 8 };
        for place in (0..digits).rev() {
            id.extend(char::from_digit((count >> (place * 4)) & 0xf, 16));
        }
        id
    }
}

impl Visit {
    pub(crate) fn new(
        request: &Request,
        proxies: &TrustedProxies,
        ids: &RequestIds,
        offer: &Offer,
    ) -> Self {
        let headers = request.headers();
        let peer = request.remote_addr().as_socket_addr().map(std::net::SocketAddr::ip);
        let path = canonical(request.uri(), headers);
        let refused_path = match &path {
            Ok(_) => String::new(),
            Err(_) => request.uri().path().to_owned(),
        };
        Self {
            refused_path,
            request_id: proxies.request_id(peer, headers).unwrap_or_else(|| ids.make()),
            method: request.method().clone(),
            path,
            query: request.uri().query().map(str::to_owned),
            language: offer.choose(request.uri().query(), headers),
            client: proxies.client(peer, headers),
            from_proxy: peer.is_some_and(|peer| proxies.trusts(peer)),
            origin: String::new(),
            prefer: Prefer::of(headers),
            is_navigation: is_navigation(headers),
        }
    }

    /// The visit that a proxy asks about, by the one who asks: what the browser says of itself is the
    /// same, and nobody but a browser that loads a page can be sent elsewhere.
    pub(crate) fn asked_about(
        &self,
        method: Method,
        path: CanonicalPath,
        query: Option<String>,
        origin: &str,
    ) -> Self {
        let is_read = matches!(method, Method::GET | Method::HEAD);
        Self {
            request_id: self.request_id.clone(),
            refused_path: String::new(),
            method,
            path: Ok(path),
            query,
            language: Choice { is_said: false, ..self.language },
            client: self.client,
            from_proxy: self.from_proxy,
            origin: origin.to_owned(),
            prefer: self.prefer,
            is_navigation: self.is_navigation && is_read,
        }
    }

    /// A parameter of the query, decoded; the first of its name.
    pub(crate) fn query_param(&self, name: &str) -> Option<String> {
        form_urlencoded::parse(self.query.as_deref()?.as_bytes())
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.into_owned())
    }

    /// Where the visitor goes afterwards, if the request says so and the rule allows it.
    pub(crate) fn next(&self) -> Option<ReturnTo> {
        ReturnTo::parse(&self.query_param("next")?)
    }

    /// This very page, as a place to come back to. Only what a browser can load again by itself.
    pub(crate) fn as_return_to(&self) -> Option<ReturnTo> {
        let path = self.path.as_ref().ok()?.as_str();
        if !matches!(self.method, Method::GET | Method::HEAD) {
            return None;
        }
        match &self.query {
            Some(query) => ReturnTo::parse(&format!("{path}?{query}")),
            None => ReturnTo::parse(path),
        }
    }

    /// The path, for the log and for what only looks at it once it was accepted.
    pub(crate) fn path_str(&self) -> &str {
        self.path.as_ref().map_or(&self.refused_path, CanonicalPath::as_str)
    }
}

impl Prefer {
    fn of(headers: &HeaderMap) -> Self {
        let is = |name: HeaderName| headers.get(name).is_some_and(|value| value == "true");
        if is(HX_REQUEST) && !is(HX_BOOSTED) {
            return Self::Partial;
        }
        let accept = text(headers, ACCEPT);
        let sends = text(headers, CONTENT_TYPE);
        let wants_json =
            accept.contains("application/json") || accept.contains("application/problem+json");
        if accept.contains("text/html") {
            Self::Page
        } else if wants_json || sends.starts_with("application/json") {
            Self::Json
        } else {
            Self::Page
        }
    }
}

/// Fetch metadata says it (W3C Fetch Metadata); browsers without it still ask for HTML.
fn is_navigation(headers: &HeaderMap) -> bool {
    match headers.get(FETCH_MODE) {
        Some(mode) => mode == "navigate",
        None => {
            text(headers, ACCEPT).contains("text/html")
                && !headers.contains_key(REQUESTED_WITH)
                && !headers.contains_key(HX_REQUEST)
        }
    }
}

/// An absolute-form target must not name another host than the `Host` header does: what is judged
/// and what is sent on would differ.
fn canonical(uri: &Uri, headers: &HeaderMap) -> Result<CanonicalPath, PathError> {
    let host = headers.get(HOST).and_then(|value| value.to_str().ok());
    if let (Some(authority), Some(host)) = (uri.authority(), host)
        && !authority.as_str().eq_ignore_ascii_case(host)
    {
        return Err(PathError::NotAbsolute);
    }
    CanonicalPath::parse(uri.path())
}

fn text(headers: &HeaderMap, name: HeaderName) -> &str {
    headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        pairs.iter().map(|(n, v)| (n.parse().unwrap(), v.parse().unwrap())).collect()
    }

    #[test]
    fn the_callers_language_is_heard() {
        let of = |pairs: &[_]| Prefer::of(&headers(pairs));
        assert_eq!(of(&[("accept", "text/html,application/xhtml+xml,*/*;q=0.8")]), Prefer::Page);
        assert_eq!(of(&[("accept", "application/json")]), Prefer::Json);
        assert_eq!(of(&[("accept", "*/*"), ("content-type", "application/json")]), Prefer::Json);
        assert_eq!(of(&[("accept", "*/*")]), Prefer::Page);
        assert_eq!(of(&[("hx-request", "true"), ("accept", "text/html, */*")]), Prefer::Partial);
        assert_eq!(
            of(&[("hx-request", "true"), ("hx-boosted", "true"), ("accept", "text/html")]),
            Prefer::Page
        );
    }

    #[test]
    fn only_a_browser_loading_a_page_navigates() {
        assert!(is_navigation(&headers(&[("sec-fetch-mode", "navigate"), ("accept", "*/*")])));
        assert!(is_navigation(&headers(&[("accept", "text/html")])));
        assert!(!is_navigation(&headers(&[("sec-fetch-mode", "cors"), ("accept", "text/html")])));
        assert!(!is_navigation(&headers(&[("accept", "*/*")])));
        assert!(!is_navigation(&headers(&[
            ("accept", "text/html"),
            ("x-requested-with", "XMLHttpRequest")
        ])));
    }

    #[test]
    fn an_absolute_target_with_another_host_is_refused() {
        let host = headers(&[("host", "app.example")]);
        assert!(canonical(&"http://evil.example/a".parse().unwrap(), &host).is_err());
        assert!(canonical(&"http://APP.example/a".parse().unwrap(), &host).is_ok());
        assert!(canonical(&"*".parse().unwrap(), &host).is_err());
    }
}
