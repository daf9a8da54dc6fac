//! Small files from memory: theme assets and the explorer.

use std::sync::Arc;

use bytes::Bytes;
use http::StatusCode;
use http::header::{
    ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, ETAG, HeaderMap, HeaderValue, IF_NONE_MATCH,
    VARY,
};
use poem::Response;

use super::error::Failure;
use super::visit::Visit;
use super::{App, Door};
use crate::theme::Assets;

/// The folder of theme assets; names in it carry a hash of their content.
pub(crate) const ASSETS: &str = "/_vestibule/assets/";

/// So many generations of assets are kept beside those of the site itself.
const EARLIER: usize = 4;

/// A file ready to be sent.
pub(crate) struct File {
    pub(crate) content_type: &'static str,
    pub(crate) etag: String,
    pub(crate) body: Bytes,
    pub(crate) gzipped: bool,
    /// The name changes with the content, so it never has to be asked for again.
    pub(crate) immutable: bool,
}

impl App {
    /// A theme asset by its hashed name.
    pub(crate) fn asset(&self, visit: &Visit, name: &str, headers: &HeaderMap) -> Response {
        // The name tells the content, so one that is no longer used can mean nothing else.
        let earlier = || self.earlier_assets.iter().find_map(|assets| assets.get(name));
        let Some(asset) = self.languages.in_default().asset(name).or_else(earlier) else {
            return self.fail(visit, Failure::not_found());
        };
        let gzip = if accepts_gzip(headers) { asset.gzip() } else { None };
        let gzipped = gzip.is_some();
        send(
            File {
                content_type: asset.content_type,
                etag: asset.etag.clone(),
                body: gzip.unwrap_or_else(|| asset.bytes()),
                gzipped,
                immutable: true,
            },
            headers,
        )
    }
}

impl Door {
    /// The assets of its site, and of a few before it.
    pub(crate) fn assets(&self) -> Vec<Arc<Assets>> {
        let own = self.app.languages.in_default().assets();
        let earlier = self.app.earlier_assets.iter().filter(|it| !Arc::ptr_eq(it, &own)).cloned();
        [Arc::clone(&own)].into_iter().chain(earlier).take(EARLIER).collect()
    }
}

/// A name for a content: sixteen digits of its hash.
pub(crate) fn fingerprint(content: &[u8]) -> String {
    use std::fmt::Write as _;
    let hash = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, content);
    hash.as_ref().iter().take(8).fold(String::new(), |mut text, byte| {
        // Writing into a string cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

pub(crate) fn send(file: File, request: &HeaderMap) -> Response {
    let etag = format!("\"{}\"", file.etag);
    let fresh = request
        .get_all(IF_NONE_MATCH)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .any(|candidate| candidate.trim().trim_start_matches("W/") == etag);
    let caching = if file.immutable { "public, max-age=31536000, immutable" } else { "no-cache" };
    let mut builder = Response::builder()
        .content_type(file.content_type)
        .header(CACHE_CONTROL, caching)
        .header(VARY, HeaderValue::from_static("Accept-Encoding"));
    if let Ok(etag) = HeaderValue::try_from(etag) {
        builder = builder.header(ETAG, etag);
    }
    if fresh {
        return builder.status(StatusCode::NOT_MODIFIED).finish();
    }
    if file.gzipped {
        builder = builder.header(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    }
    builder.body(file.body)
}

pub(crate) fn accepts_gzip(headers: &HeaderMap) -> bool {
    headers
        .get_all(ACCEPT_ENCODING)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .any(|coding| {
            let mut parts = coding.split(';');
            parts.next().is_some_and(|name| name.trim().eq_ignore_ascii_case("gzip"))
                && !parts.any(|weight| matches!(weight.trim(), "q=0" | "q=0.0"))
        })
}
