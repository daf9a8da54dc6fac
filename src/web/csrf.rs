//! Forms are only taken from our own pages.
//!
//! Browsers say where a request comes from (`Sec-Fetch-Site`, `Origin`), which needs nothing on the
//! page: a login page that lay open overnight, or in three tabs, still works. A token in the form is
//! the fallback for browsers that say neither.

use aws_lc_rs::constant_time::verify_slices_are_equal;
use aws_lc_rs::hmac::{self, HMAC_SHA256};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::HeaderMap;
use http::header::{CONTENT_TYPE, COOKIE, HOST, HeaderValue, ORIGIN, REFERER, SET_COOKIE};
use url::Url;

use super::cookies::cookies;
use crate::theme::context::Csrf;

/// The name of the hidden input.
pub(crate) const FIELD: &str = Csrf::FIELD;
pub(crate) const COOKIE_NAME: &str = "vestibule-form";

/// Tells our own pages from others.
pub(crate) struct CsrfGuard {
    /// `https://app.example.com`, as browsers write it.
    origin: String,
    key: hmac::Key,
    secure: bool,
}

/// A request that does not come from one of our pages, or cannot show that it does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum CrossSite {
    #[error("the browser says that the form was sent from another site")]
    OtherSite,
    #[error(
        "the request carries cookies but neither Origin nor Sec-Fetch-Site nor the token of the form"
    )]
    Unproven,
}

impl CsrfGuard {
    pub(crate) fn new(public_url: &Url, key: &[u8; 32]) -> Self {
        Self {
            origin: public_url.origin().ascii_serialization(),
            key: hmac::Key::new(HMAC_SHA256, key),
            secure: public_url.scheme() == "https",
        }
    }

    /// Judges a request that changes something.
    pub(crate) fn judge(&self, headers: &HeaderMap, token: Option<&str>) -> Result<(), CrossSite> {
        if let Some(site) = headers.get("sec-fetch-site") {
            // `none` is the visitor's own doing: an address typed, a bookmark.
            let ours = site == "same-origin" || site == "none" || self.is_ours(headers);
            return if ours { Ok(()) } else { Err(CrossSite::OtherSite) };
        }
        if headers.contains_key(ORIGIN) || headers.contains_key(REFERER) {
            return if self.is_ours(headers) { Ok(()) } else { Err(CrossSite::OtherSite) };
        }
        // Another site cannot send JSON without asking first (CORS), and without cookies there is
        // nothing that a request could ride on: neither is a browser.
        let is_json = headers
            .get(CONTENT_TYPE)
            .and_then(|value| value.to_str().ok())
            .is_some_and(|value| value.starts_with("application/json"));
        if is_json || !headers.contains_key(COOKIE) || self.token_fits(headers, token) {
            Ok(())
        } else {
            Err(CrossSite::Unproven)
        }
    }

    /// Whether a page of another site asks: browsers name the origin of every WebSocket.
    pub(crate) fn is_from_elsewhere(&self, headers: &HeaderMap) -> bool {
        headers.contains_key(ORIGIN) && !self.is_ours(headers)
    }

    /// `Origin`, or `Referer` where there is none, is this site: as configured, or as the browser
    /// itself addressed it.
    fn is_ours(&self, headers: &HeaderMap) -> bool {
        let text = |name| headers.get(name).and_then(|value: &HeaderValue| value.to_str().ok());
        let Some(source) = text(ORIGIN).or_else(|| text(REFERER)) else { return false };
        let Ok(url) = Url::parse(source) else { return false };
        if url.origin().ascii_serialization() == self.origin {
            return true;
        }
        let authority = match (url.host_str(), url.port()) {
            (Some(host), Some(port)) => format!("{host}:{port}"),
            (Some(host), None) => host.to_owned(),
            (None, _) => return false,
        };
        text(HOST).is_some_and(|host| host.eq_ignore_ascii_case(&authority))
    }

    fn token_fits(&self, headers: &HeaderMap, token: Option<&str>) -> bool {
        let seed = cookies(headers).find(|(name, _)| *name == COOKIE_NAME).map(|(_, value)| value);
        match (seed, token) {
            (Some(seed), Some(token)) => {
                verify_slices_are_equal(self.token(seed).as_bytes(), token.as_bytes()).is_ok()
            }
            _ => false,
        }
    }

    fn token(&self, seed: &str) -> String {
        URL_SAFE_NO_PAD.encode(hmac::sign(&self.key, seed.as_bytes()))
    }

    /// Whether the browser is one that cannot show where its requests come from.
    #[expect(clippy::unused_self, reason = "what a browser needs is this guard's to say")]
    pub(crate) fn needs_token(&self, request: &HeaderMap) -> bool {
        !request.contains_key("sec-fetch-site")
    }

    /// The token for a page with a form; empty for browsers that do without. `answer` gets the
    /// cookie that the token belongs to.
    pub(crate) fn prepare(&self, request: &HeaderMap, answer: &mut HeaderMap) -> String {
        if !self.needs_token(request) {
            return String::new();
        }
        let present =
            cookies(request).find(|(name, value)| *name == COOKIE_NAME && value.len() == 22);
        if let Some((_, seed)) = present {
            return self.token(seed);
        }
        let mut bytes = [0; 16];
        if getrandom::fill(&mut bytes).is_err() {
            return String::new();
        }
        let seed = URL_SAFE_NO_PAD.encode(bytes);
        let secure = if self.secure { "; Secure" } else { "" };
        let cookie = format!("{COOKIE_NAME}={seed}; Path=/; HttpOnly; SameSite=Lax{secure}");
        if let Ok(value) = HeaderValue::try_from(cookie) {
            answer.append(SET_COOKIE, value);
        }
        self.token(&seed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn guard() -> CsrfGuard {
        CsrfGuard::new(&"https://app.example".parse().unwrap(), &[7; 32])
    }

    fn judge(pairs: &[(&'static str, &str)], token: Option<&str>) -> Result<(), CrossSite> {
        let headers = pairs.iter().map(|(n, v)| (n.parse().unwrap(), v.parse().unwrap())).collect();
        guard().judge(&headers, token)
    }

    #[test]
    fn our_own_pages_pass_without_a_token_however_old_they_are() {
        assert!(judge(&[("sec-fetch-site", "same-origin"), ("cookie", "a=b")], None).is_ok());
        assert!(judge(&[("origin", "https://app.example"), ("cookie", "a=b")], None).is_ok());
        assert!(
            judge(&[("origin", "http://10.0.0.5:5001"), ("host", "10.0.0.5:5001")], None).is_ok()
        );
        assert!(
            judge(&[("referer", "https://app.example/login"), ("cookie", "a=b")], None).is_ok()
        );
    }

    #[test]
    fn other_sites_do_not_pass() {
        for headers in [
            &[("sec-fetch-site", "cross-site"), ("origin", "https://evil.example")][..],
            &[("sec-fetch-site", "same-site"), ("origin", "https://other.app.example")],
            &[("sec-fetch-site", "cross-site")],
            &[("origin", "https://evil.example"), ("host", "app.example")],
            &[("origin", "https://app.example.evil"), ("host", "app.example")],
            &[("origin", "http://app.example"), ("host", "other")],
            &[("origin", "null"), ("host", "app.example")],
            &[("referer", "https://evil.example/https://app.example")],
        ] {
            assert_eq!(judge(headers, None), Err(CrossSite::OtherSite), "{headers:?}");
        }
    }

    #[test]
    fn a_browser_that_says_nothing_needs_the_token_of_its_form() {
        let guard = guard();
        let mut answer = HeaderMap::new();
        let token = guard.prepare(&HeaderMap::new(), &mut answer);
        let cookie = answer[SET_COOKIE].to_str().unwrap().split(';').next().unwrap().to_owned();
        let judge = |cookie: &str, token: Option<&str>| {
            let mut headers = HeaderMap::new();
            headers.insert(COOKIE, cookie.parse().unwrap());
            guard.judge(&headers, token)
        };
        assert!(judge(&cookie, Some(&token)).is_ok());
        assert_eq!(judge(&cookie, None), Err(CrossSite::Unproven));
        assert_eq!(judge(&cookie, Some("x")), Err(CrossSite::Unproven));
        assert_eq!(judge("vestibule-form=another", Some(&token)), Err(CrossSite::Unproven));
    }

    #[test]
    fn command_lines_and_json_clients_need_no_ceremony() {
        assert!(judge(&[], None).is_ok());
        assert!(judge(&[("content-type", "application/json"), ("cookie", "a=b")], None).is_ok());
    }

    #[test]
    fn modern_browsers_get_no_extra_cookie() {
        let mut request = HeaderMap::new();
        request.insert("sec-fetch-site", HeaderValue::from_static("none"));
        let mut answer = HeaderMap::new();
        assert_eq!(guard().prepare(&request, &mut answer), "");
        assert!(answer.is_empty());
    }
}
