//! Declared backend calls: a request template, and pointers into the answer.
//!
//! Pure: a call renders to a [`CallRequest`] and reads a [`CallAnswer`]; who carries them is the
//! business of a [`Backend`](crate::backend::Backend).

pub(crate) mod life;
pub(crate) mod meaning;
pub(crate) mod refusal;
pub(crate) mod take;
pub(crate) mod template;

use std::collections::BTreeMap;

use bytes::Bytes;
use http::{HeaderMap, Method, StatusCode};
use serde_json::Value;

/// A request to the backend, ready to be carried.
#[derive(Clone, Debug)]
pub struct CallRequest {
    /// The method.
    pub method: Method,
    /// Path and query, beginning with `/`.
    pub target: String,
    /// All headers but `Host` and `Content-Length`.
    pub headers: HeaderMap,
    /// The body; its type is among the headers.
    pub body: Option<Bytes>,
}

/// What the backend answered, whole.
#[derive(Clone, Debug)]
pub struct CallAnswer {
    /// The status, whatever it is.
    pub status: StatusCode,
    /// The headers, `Set-Cookie` included.
    pub headers: HeaderMap,
    /// The body; never larger than the carrier's limit.
    pub body: Bytes,
}

/// What placeholders stand for: form inputs, tokens, and what was kept with the session.
pub(crate) type Values = BTreeMap<String, Value>;

/// The value that says which language the visitor reads, as one tag; every call with it has `Accept-Language`.
pub(crate) const LANGUAGE: &str = "client.language";
