//! Headers that every answer has.

use http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, HeaderMap, HeaderName, HeaderValue, REFERRER_POLICY,
    STRICT_TRANSPORT_SECURITY, VARY, X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};

/// Nothing but our own files, no inline script or style, no frame around us.
pub(crate) const POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; \
     connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
);
/// The header that carries the request id.
pub(crate) const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// An answer that is not ours, on its way through the door: its headers are its author's business.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Foreign {
    /// Made for somebody who is signed in.
    pub(crate) private: bool,
}

/// Adds to an answer of somebody else what keeps sessions safe. A policy of ours could break their pages.
pub(crate) fn secure_foreign(headers: &mut HeaderMap, foreign: Foreign, https: bool) {
    if foreign.private {
        headers.entry(CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    }
    if https {
        headers
            .entry(STRICT_TRANSPORT_SECURITY)
            .or_insert(HeaderValue::from_static("max-age=31536000"));
    }
}

/// Adds the security headers, where the answer has not set its own.
pub(crate) fn secure(headers: &mut HeaderMap, https: bool) {
    // Grown once: the map would otherwise be laid out anew while the headers go in.
    headers.reserve(16);
    let mut add = |name: HeaderName, value: HeaderValue| {
        headers.entry(name).or_insert(value);
    };
    add(CONTENT_SECURITY_POLICY, POLICY);
    add(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    add(X_FRAME_OPTIONS, HeaderValue::from_static("DENY"));
    // Not `no-referrer`: that would turn the Origin of our own forms into `null` (Fetch, 3.2).
    add(REFERRER_POLICY, HeaderValue::from_static("same-origin"));
    add(
        HeaderName::from_static("cross-origin-opener-policy"),
        HeaderValue::from_static("same-origin"),
    );
    add(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    add(VARY, HeaderValue::from_static("Accept, Cookie, HX-Request"));
    if https {
        add(STRICT_TRANSPORT_SECURITY, HeaderValue::from_static("max-age=31536000"));
    }
}
