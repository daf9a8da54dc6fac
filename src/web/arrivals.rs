//! Whether a sign-in arrives: who has just signed in and comes back without a session would sign in
//! for ever. That is noticed once, told to the visitor in a sentence and to the operator with its cause.

use std::collections::VecDeque;
use std::net::IpAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use http::HeaderMap;
use http::header::{HOST, ORIGIN, REFERER, USER_AGENT};
use url::Url;

use super::cookies::Presented;
use super::visit::Visit;
use crate::clock::Clock;

/// Seconds within which a browser follows a redirect.
const EXPECTED_WITHIN: u64 = 10;
/// So many sign-ins are remembered; with more in ten seconds the oldest go unwatched.
const MOST: usize = 256;

/// The sign-ins of the last seconds that have not been seen to arrive.
pub(crate) struct Arrivals {
    expected: Mutex<VecDeque<Expected>>,
    /// How many there are, so that usually nobody waits for the lock.
    count: AtomicUsize,
    clock: Clock,
    public_url: Url,
}

struct Expected {
    client: IpAddr,
    browser: String,
    target: String,
    until: u64,
    /// What about the sign-in itself explains a lost cookie.
    cause: Option<String>,
}

impl Arrivals {
    pub(crate) fn new(public_url: &Url, clock: Clock) -> Self {
        let public_url = public_url.clone();
        Self { expected: Mutex::default(), count: AtomicUsize::new(0), clock, public_url }
    }

    /// A browser has been sent on to `target` with a session.
    pub(crate) fn expect(&self, visit: &Visit, headers: &HeaderMap, target: &str) {
        let expected = Expected {
            client: visit.client,
            browser: text(headers, &USER_AGENT).to_owned(),
            target: target.to_owned(),
            until: self.clock.unix_seconds() + EXPECTED_WITHIN,
            cause: self.foreseeable(headers),
        };
        let mut all = self.expected.lock().unwrap_or_else(PoisonError::into_inner);
        if all.len() == MOST {
            all.pop_front();
        }
        all.push_back(expected);
        self.count.store(all.len(), Ordering::Relaxed);
    }

    /// Somebody with a session asks for a page: the sign-in has arrived.
    pub(crate) fn arrived(&self, visit: &Visit, headers: &HeaderMap) {
        if self.count.load(Ordering::Relaxed) > 0 {
            self.find(visit, headers);
        }
    }

    /// Somebody without a session asks for a page. If that is where a sign-in of this very browser was
    /// to arrive, the answer is why it did not, as far as can be told.
    pub(crate) fn failed(
        &self,
        visit: &Visit,
        headers: &HeaderMap,
        presented: &Presented,
    ) -> Option<String> {
        if self.count.load(Ordering::Relaxed) == 0 || !comes_from_our_page(headers) {
            return None;
        }
        let cause = self.find(visit, headers)?.cause;
        Some(cause.unwrap_or_else(|| {
            let seen = match presented {
                Presented::None => "the browser sent no cookie back: it refuses cookies, or something in between drops the Set-Cookie or Cookie header",
                Presented::Unreadable => "the browser sent two cookies of our name, or only a part of one: an old one may be set for a parent domain",
                Presented::Ticket(_) => "the cookie came back, but this instance does not know the session: replicas need the same [session] secret and a store that they share",
            };
            format!("{seen}{}", self.other_host(headers))
        }))
    }

    /// Takes out the sign-in that leads to this request.
    fn find(&self, visit: &Visit, headers: &HeaderMap) -> Option<Expected> {
        let now = self.clock.unix_seconds();
        let target = visit.as_return_to()?;
        let mut all = self.expected.lock().unwrap_or_else(PoisonError::into_inner);
        all.retain(|expected| expected.until >= now);
        let at = all.iter().position(|expected| {
            expected.client == visit.client
                && expected.target == target.as_str()
                && expected.browser == text(headers, &USER_AGENT)
        });
        let found = at.and_then(|at| all.remove(at));
        self.count.store(all.len(), Ordering::Relaxed);
        found
    }

    /// Cookies that cannot come back, seen from the sign-in.
    fn foreseeable(&self, headers: &HeaderMap) -> Option<String> {
        let public = self.public_url.as_str().trim_end_matches('/');
        let origin = text(headers, &ORIGIN);
        if self.public_url.scheme() == "https" && origin.starts_with("http://") {
            return Some(format!(
                "the browser is at {origin} and drops the Secure cookie; open {public}, or correct [server] public_url"
            ));
        }
        None
    }

    fn other_host(&self, headers: &HeaderMap) -> String {
        let public = self.public_url.as_str().trim_end_matches('/');
        let expected = public.split_once("://").map_or(public, |(_, host)| host);
        let host = text(headers, &HOST);
        if host.is_empty() || host.eq_ignore_ascii_case(expected) {
            return String::new();
        }
        format!("; besides, the request came for {host} and [server] public_url says {public}")
    }
}

/// Whether a browser says that one of our pages led here, as after our redirect. Without this, somebody
/// else behind the same address could be taken for the one who signed in.
fn comes_from_our_page(headers: &HeaderMap) -> bool {
    match headers.get("sec-fetch-site") {
        Some(site) => site == "same-origin",
        None => headers.contains_key(REFERER),
    }
}

fn text<'a>(headers: &'a HeaderMap, name: &http::HeaderName) -> &'a str {
    headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn arrivals(public_url: &str) -> Arrivals {
        Arrivals::new(&public_url.parse().unwrap(), Clock::manual(1_800_000_000))
    }

    fn headers(pairs: &[(http::HeaderName, &str)]) -> HeaderMap {
        pairs.iter().map(|(name, value)| (name.clone(), value.parse().unwrap())).collect()
    }

    #[test]
    fn a_secure_cookie_over_http_is_foreseen() {
        let https = arrivals("https://app.example.com");
        let cause = https.foreseeable(&headers(&[(ORIGIN, "http://app.example.com")])).unwrap();
        assert!(cause.contains("open https://app.example.com"), "{cause}");
        assert_eq!(https.foreseeable(&headers(&[(ORIGIN, "https://app.example.com")])), None);
        let http = arrivals("http://localhost:5001");
        assert_eq!(http.foreseeable(&headers(&[(ORIGIN, "http://localhost:5001")])), None);
    }

    #[test]
    fn another_host_is_mentioned_beside_the_cause() {
        let site = arrivals("http://localhost:5001");
        assert_eq!(site.other_host(&headers(&[(HOST, "localhost:5001")])), "");
        let told = site.other_host(&headers(&[(HOST, "127.0.0.1:5001")]));
        assert!(told.contains("127.0.0.1:5001") && told.contains("localhost:5001"), "{told}");
    }
}
