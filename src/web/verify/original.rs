//! The request that a proxy asks about, from the one family of headers that this proxy sets.

use http::{HeaderMap, HeaderName, Method};
use url::Url;

use crate::config::plan::ProxyKind;

const ORIGINAL_METHOD: HeaderName = HeaderName::from_static("x-original-method");
const ORIGINAL_URL: HeaderName = HeaderName::from_static("x-original-url");
const FORWARDED_METHOD: HeaderName = HeaderName::from_static("x-forwarded-method");
const FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");
const FORWARDED_HOST: HeaderName = HeaderName::from_static("x-forwarded-host");
const FORWARDED_URI: HeaderName = HeaderName::from_static("x-forwarded-uri");

/// The request as the client made it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Original {
    pub(super) method: Method,
    /// Host and port, as in the `Host` header.
    pub(super) host: String,
    /// Byte for byte.
    pub(super) path: String,
    pub(super) query: Option<String>,
}

impl Original {
    /// Reads it, or says what is wrong with it.
    pub(super) fn read(proxy: ProxyKind, headers: &HeaderMap) -> Result<Self, String> {
        let (method, scheme, host, target) = match proxy {
            ProxyKind::Nginx => {
                let url = one(headers, &ORIGINAL_URL)?;
                let (scheme, rest) =
                    url.split_once("://").ok_or("X-Original-URL is not an absolute address")?;
                let slash = rest.find('/').ok_or("X-Original-URL has no path")?;
                let (host, target) = rest.split_at(slash);
                (one(headers, &ORIGINAL_METHOD)?, scheme, host, target)
            }
            ProxyKind::Caddy | ProxyKind::Traefik => (
                one(headers, &FORWARDED_METHOD)?,
                one(headers, &FORWARDED_PROTO)?,
                one(headers, &FORWARDED_HOST)?,
                one(headers, &FORWARDED_URI)?,
            ),
        };
        if !matches!(scheme, "http" | "https" | "ws" | "wss") {
            return Err("the scheme of the request is neither http nor https".to_owned());
        }
        let is_method = method.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'-');
        let method = Method::from_bytes(method.as_bytes()).ok().filter(|_| is_method);
        let method = method.ok_or("the method of the request is none")?;
        // Traefik makes a tunnel of it, and asks about `/`. Caddy turns WebSockets that come by CONNECT
        // (RFC 8441) into upgrades, about the path that they are for; nginx knows no CONNECT.
        if method == Method::CONNECT && proxy != ProxyKind::Caddy {
            return Err("what is sent through a tunnel would not be judged".to_owned());
        }
        let is_host = !host.is_empty()
            && host.bytes().all(|byte| {
                byte.is_ascii_alphanumeric()
                    || matches!(byte, b'.' | b'-' | b'_' | b':' | b'[' | b']')
            });
        if !is_host {
            return Err("the host of the request is none".to_owned());
        }
        // Servers differ in where such a path ends: one judges more of it than another serves.
        if target.contains('#') {
            return Err("the path of the request has a fragment".to_owned());
        }
        let (path, query) = match target.split_once('?') {
            Some((path, query)) => (path, Some(query.to_owned())),
            None => (target, None),
        };
        Ok(Self { method, host: host.to_owned(), path: path.to_owned(), query })
    }

    /// Whether the request is for this host, however it is spelt.
    pub(super) fn is_for(&self, public_url: &Url) -> bool {
        // As it mostly is spelt; reading it as an address costs more than all else here.
        let authority = &public_url[url::Position::BeforeHost..url::Position::AfterPort];
        if self.host.eq_ignore_ascii_case(authority) {
            return true;
        }
        let Ok(url) = Url::parse(&format!("{}://{}/", public_url.scheme(), self.host)) else {
            return false;
        };
        let name = |url: &Url| url.host_str().map(|host| host.trim_end_matches('.').to_owned());
        name(&url) == name(public_url)
            && url.port_or_known_default() == public_url.port_or_known_default()
    }
}

/// The only value of a header, in visible ASCII.
fn one<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Result<&'a str, String> {
    let mut values = headers.get_all(name).iter();
    let value = values.next().ok_or_else(|| format!("the proxy does not say {name}"))?;
    if values.next().is_some() {
        return Err(format!("{name} is there more than once"));
    }
    let is_visible =
        |text: &&str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_graphic());
    value.to_str().ok().filter(is_visible).ok_or_else(|| format!("{name} is empty or malformed"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, value) in pairs {
            headers.append(*name, http::HeaderValue::from_bytes(value.as_bytes()).unwrap());
        }
        headers
    }

    fn nginx(url: &str) -> Result<Original, String> {
        Original::read(
            ProxyKind::Nginx,
            &headers(&[("x-original-method", "GET"), ("x-original-url", url)]),
        )
    }

    #[test]
    fn the_path_is_taken_byte_for_byte() {
        let original = nginx("https://app.example/a/%2e%2e/b//c%2Fd?x=/y?z=http://e/").unwrap();
        assert_eq!(original.path, "/a/%2e%2e/b//c%2Fd");
        assert_eq!(original.query.as_deref(), Some("x=/y?z=http://e/"));
        assert_eq!(original.host, "app.example");
    }

    #[test]
    fn whatever_is_malformed_is_refused() {
        for url in [
            "",
            "/a",
            "app.example/a",
            "ftp://app.example/a",
            "https:///a",
            "https://app.example",
            "https://app.example?x=/a",
            "https://a@app.example/a",
            "https://app.example/a#/b",
            "https://app.example/a b",
            "https://app.example/\u{fc}",
            "https://app example/a",
            "https://app.example\\@evil/a",
            "https://a,b/a",
        ] {
            assert!(nginx(url).is_err(), "{url}");
        }
        for method in ["", "GETz", "GET,POST", "GET POST", "get"] {
            let pairs = [("x-original-method", method), ("x-original-url", "https://a/a")];
            assert!(Original::read(ProxyKind::Nginx, &headers(&pairs)).is_err(), "{method}");
        }
    }

    #[test]
    fn a_tunnel_gets_no_verdict() {
        let question = [
            ("x-forwarded-method", "CONNECT"),
            ("x-forwarded-proto", "https"),
            ("x-forwarded-host", "app.example"),
            ("x-forwarded-uri", "/"),
            ("x-original-method", "CONNECT"),
            ("x-original-url", "https://app.example/"),
        ];
        for proxy in [ProxyKind::Nginx, ProxyKind::Traefik] {
            assert!(Original::read(proxy, &headers(&question)).is_err(), "{proxy:?}");
        }
        assert!(Original::read(ProxyKind::Caddy, &headers(&question)).is_ok());
    }

    #[test]
    fn a_header_that_is_missing_or_doubled_is_never_replaced_by_another_family() {
        let forwarded = [
            ("x-forwarded-method", "GET"),
            ("x-forwarded-proto", "https"),
            ("x-forwarded-host", "app.example"),
            ("x-forwarded-uri", "/a"),
        ];
        let original = [("x-original-method", "GET"), ("x-original-url", "https://app.example/b")];
        let both: Vec<_> = forwarded.iter().chain(&original).copied().collect();
        for (proxy, own, path) in [
            (ProxyKind::Nginx, &original[..], "/b"),
            (ProxyKind::Caddy, &forwarded[..], "/a"),
            (ProxyKind::Traefik, &forwarded[..], "/a"),
        ] {
            assert_eq!(Original::read(proxy, &headers(&both)).unwrap().path, path);
            for (name, value) in own {
                let without: Vec<_> =
                    both.iter().filter(|(other, _)| other != name).copied().collect();
                assert!(Original::read(proxy, &headers(&without)).is_err(), "{name}");
                let doubled: Vec<_> = both.iter().copied().chain([(*name, *value)]).collect();
                assert!(Original::read(proxy, &headers(&doubled)).is_err(), "{name}");
            }
        }
    }

    #[test]
    fn a_host_is_known_in_every_spelling_and_no_other_is() {
        let is_for = |host: &str, public: &str| {
            nginx(&format!("https://{host}/a")).unwrap().is_for(&Url::parse(public).unwrap())
        };
        for host in ["app.example", "APP.Example", "app.example.", "app.example:443"] {
            assert!(is_for(host, "https://app.example"), "{host}");
        }
        for host in
            ["example", "xapp.example", "app.example.evil", "app.example:80", "app.example:444"]
        {
            assert!(!is_for(host, "https://app.example"), "{host}");
        }
        assert!(is_for("[::1]:5001", "http://[::1]:5001"));
        assert!(is_for("localhost:5001", "http://localhost:5001"));
        assert!(!is_for("localhost", "http://localhost:5001"));
    }
}
