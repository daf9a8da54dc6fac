//! Which headers pass the door, in either direction.
//!
//! What belongs to one connection stays on it, and what says who somebody is or where a request came
//! from is never taken from a client.

use http::header::{
    CONNECTION, COOKIE, EXPECT, FORWARDED, HOST, HeaderMap, HeaderName, HeaderValue, TE,
    TRANSFER_ENCODING, UPGRADE, VIA,
};

/// Of one connection (RFC 9110, 7.6.1), besides what `Connection` names.
const HOP_BY_HOP: [HeaderName; 4] = [CONNECTION, TE, TRANSFER_ENCODING, UPGRADE];
const HOP_BY_HOP_OLD: [&str; 4] =
    ["keep-alive", "proxy-connection", "proxy-authenticate", "proxy-authorization"];
/// What some frameworks read in place of the path that was judged.
const OVERRIDES_PATH: [&str; 4] =
    ["x-original-url", "x-original-uri", "x-original-method", "x-rewrite-url"];
/// What some frameworks read in place of the method that was judged.
pub(crate) const OVERRIDES_METHOD: [&str; 3] =
    ["x-http-method-override", "x-http-method", "x-method-override"];

/// Takes away what belongs to one connection. Tells whether a WebSocket was asked for, or agreed to:
/// nothing else may be upgraded, since the bytes that follow are not looked at.
pub(crate) fn strip_hop_by_hop(headers: &mut HeaderMap) -> bool {
    let mut named = Vec::new();
    let mut upgrades = false;
    for value in headers.get_all(CONNECTION) {
        for name in value.as_bytes().split(|byte| *byte == b',') {
            let name = name.trim_ascii();
            upgrades |= name.eq_ignore_ascii_case(b"upgrade");
            named.extend(HeaderName::from_bytes(name).ok());
        }
    }
    let mut asked = headers.get_all(UPGRADE).iter();
    let websocket = asked.next().is_some_and(|it| it.as_bytes().eq_ignore_ascii_case(b"websocket"));
    let websocket = upgrades && websocket && asked.next().is_none();
    let trailers = headers
        .get_all(TE)
        .iter()
        .any(|value| value.as_bytes().to_ascii_lowercase().starts_with(b"trailers"));
    for name in named {
        headers.remove(name);
    }
    for name in HOP_BY_HOP {
        headers.remove(name);
    }
    for name in HOP_BY_HOP_OLD {
        headers.remove(name);
    }
    if trailers {
        headers.insert(TE, HeaderValue::from_static("trailers"));
    }
    websocket
}

/// Takes away what a client says about where it comes from and what it really wants. Of a trusted proxy
/// stays what vestibule does not say itself.
pub(crate) fn strip_forwarded(headers: &mut HeaderMap, trusted: bool) {
    let doubtful = |name: &HeaderName| {
        let name = super::folded(name);
        let name = &*name;
        let ours = ["x-forwarded-for", "x-forwarded-proto", "x-forwarded-host"].contains(&name);
        let origin = name.starts_with("x-forwarded") || name == "x-real-ip";
        ours || name == "forwarded" || OVERRIDES_PATH.contains(&name) || (origin && !trusted)
    };
    retain(headers, |name| !doubtful(name));
    headers.remove(FORWARDED);
    // The body is asked for when the app reads it, so the promise is kept here.
    headers.remove(EXPECT);
    headers.remove(HOST);
}

/// Keeps the headers whose name may stay.
pub(crate) fn retain(headers: &mut HeaderMap, may_stay: impl Fn(&HeaderName) -> bool) {
    let gone: Vec<HeaderName> = headers.keys().filter(|name| !may_stay(name)).cloned().collect();
    for name in gone {
        headers.remove(name);
    }
}

/// Takes cookies out; the others stay byte for byte. Several headers become one, since HTTP/2 clients
/// split them and HTTP/1.1 servers read the first (RFC 9113, 8.2.3).
pub(crate) fn strip_cookies(headers: &mut HeaderMap, is_ours: impl Fn(&[u8]) -> bool) {
    if !headers.contains_key(COOKIE) {
        return;
    }
    let mut kept: Vec<&[u8]> = Vec::new();
    for header in headers.get_all(COOKIE) {
        for pair in header.as_bytes().split(|byte| *byte == b';') {
            let pair = pair.trim_ascii_start();
            let name = pair.split(|byte| *byte == b'=').next().unwrap_or_default();
            if !pair.is_empty() && !is_ours(name.trim_ascii()) {
                kept.push(pair);
            }
        }
    }
    let joined = HeaderValue::from_bytes(&kept.join(&b"; "[..])).ok();
    headers.remove(COOKIE);
    if let Some(joined) = joined.filter(|joined| !joined.is_empty()) {
        headers.insert(COOKIE, joined);
    }
}

/// Whether a request has been here before: `Via` names this very process.
pub(crate) fn went_round(headers: &HeaderMap, pseudonym: &str) -> bool {
    headers
        .get_all(VIA)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .any(|value| value.split(',').any(|hop| hop.split_whitespace().nth(1) == Some(pseudonym)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, value) in pairs {
            headers.append(*name, value.parse().unwrap());
        }
        headers
    }

    fn names(headers: &HeaderMap) -> Vec<&str> {
        let mut names: Vec<_> = headers.keys().map(HeaderName::as_str).collect();
        names.sort_unstable();
        names
    }

    #[test]
    fn what_belongs_to_a_connection_and_what_it_names_stays_behind() {
        let mut all = headers(&[
            ("connection", "close, X-Secret , cookie"),
            ("connection", "Remote-User"),
            ("keep-alive", "timeout=5"),
            ("proxy-connection", "keep-alive"),
            ("proxy-authorization", "Basic x"),
            ("te", "trailers, deflate"),
            ("transfer-encoding", "chunked"),
            ("upgrade", "h2c"),
            ("x-secret", "1"),
            ("cookie", "a=b"),
            ("remote-user", "root"),
            ("accept", "*/*"),
        ]);
        assert!(!strip_hop_by_hop(&mut all));
        assert_eq!(names(&all), ["accept", "te"]);
        assert_eq!(all[TE], "trailers");
    }

    #[test]
    fn only_a_websocket_is_an_upgrade() {
        let asks = |connection, upgrade| {
            strip_hop_by_hop(&mut headers(&[("connection", connection), ("upgrade", upgrade)]))
        };
        assert!(asks("keep-alive, Upgrade", "WebSocket"));
        for (connection, upgrade) in
            [("upgrade", "h2c"), ("upgrade", "websocket, h2c"), ("close", "websocket")]
        {
            assert!(!asks(connection, upgrade), "{connection} {upgrade}");
        }
        let two = [("connection", "upgrade"), ("upgrade", "websocket"), ("upgrade", "h2c")];
        assert!(!strip_hop_by_hop(&mut headers(&two)));
    }

    #[test]
    fn forwarded_headers_of_strangers_vanish_listed_or_not_in_any_spelling() {
        let all = [
            ("x-forwarded-for", "127.0.0.1"),
            ("X_Forwarded_Proto", "https"),
            ("x-forwarded-prefix", "/a"),
            ("x-forwarded-anything", "x"),
            ("x-forwarded", "x"),
            ("forwarded", "for=1.2.3.4"),
            ("x-real-ip", "1.2.3.4"),
            ("x-real_ip", "1.2.3.4"),
            ("x-original-url", "/admin"),
            ("x_rewrite_url", "/admin"),
            ("host", "x"),
            ("expect", "100-continue"),
            ("accept", "*/*"),
        ];
        let all: Vec<_> = all.iter().map(|(n, v)| (*n, *v)).collect();
        let mut map = HeaderMap::new();
        for (name, value) in &all {
            map.append(name.parse::<HeaderName>().unwrap(), value.parse().unwrap());
        }
        let mut trusted = map.clone();
        strip_forwarded(&mut map, false);
        assert_eq!(names(&map), ["accept"]);
        strip_forwarded(&mut trusted, true);
        assert!(trusted.contains_key("x-forwarded-prefix"));
        assert!(
            !trusted.contains_key("x-forwarded-for") && !trusted.contains_key("x-original-url")
        );
    }

    #[test]
    fn other_cookies_stay_byte_for_byte() {
        let strip = |pairs: &[(&'static str, &'static str)]| {
            let mut map = headers(pairs);
            strip_cookies(&mut map, |name| name == b"v" || name == b"v.1");
            map.get(COOKIE).map(|value| value.to_str().unwrap().to_owned())
        };
        let odd = "a=\"x y\"; b==;c; d=1=2; vv=3; v2=4";
        assert_eq!(strip(&[("cookie", odd)]).unwrap(), "a=\"x y\"; b==; c; d=1=2; vv=3; v2=4");
        assert_eq!(strip(&[("cookie", "v=secret; a=1;v.1=more")]).unwrap(), "a=1");
        assert_eq!(
            strip(&[("cookie", "a=1"), ("cookie", "v=s"), ("cookie", "b=2")]).unwrap(),
            "a=1; b=2"
        );
        assert_eq!(strip(&[("cookie", "v=s; v =t")]), None);
    }

    #[test]
    fn a_request_that_comes_round_again_is_known() {
        let via = headers(&[("via", "1.1 proxy.example, 1.1 vestibule-1 (x)")]);
        assert!(went_round(&via, "vestibule-1"));
        assert!(!went_round(&via, "vestibule-2"));
    }
}
