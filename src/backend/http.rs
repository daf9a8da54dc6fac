//! The backend as a server reached over HTTP.

use std::sync::Arc;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use futures_util::future::BoxFuture;
use reqwest::redirect::Policy;
use rustls::RootCertStore;
use url::Url;

use super::fault::Fault;
use super::{Backend, BackendError};
use crate::call::{CallAnswer, CallRequest};

/// More than any login answer has; a backend that sends more is broken or not the backend.
const MAX_ANSWER: usize = 1024 * 1024;

/// One pool of connections to one backend.
pub(crate) struct HttpBackend {
    client: reqwest::Client,
    /// Scheme, authority and base path, without a slash at the end.
    base: String,
}

/// Why the client could not be made.
#[derive(Debug, thiserror::Error)]
pub(crate) enum HttpBackendError {
    #[error("TLS cannot be set up for the backend")]
    Tls(#[from] rustls::Error),
    #[error("the client for the backend cannot be set up")]
    Client(#[from] reqwest::Error),
}

impl HttpBackend {
    /// `timeout` bounds a whole exchange, the last byte of the answer included.
    pub(crate) fn new(url: &Url, timeout: Duration) -> Result<Self, HttpBackendError> {
        let base = url.as_str().trim_end_matches('/').to_owned();
        Ok(Self { client: client(url, timeout)?, base })
    }

    async fn exchange(&self, request: CallRequest) -> Result<CallAnswer, BackendError> {
        let url = format!("{}{}", self.base, request.target);
        let mut builder = self.client.request(request.method, url).headers(request.headers);
        if let Some(body) = request.body {
            builder = builder.body(body);
        }
        let mut response = builder.send().await.map_err(|error| self.outage(&error))?;
        let (status, headers) = (response.status(), std::mem::take(response.headers_mut()));
        let body = self.read_body(response).await?;
        Ok(CallAnswer { status, headers, body })
    }

    async fn read_body(&self, mut response: reqwest::Response) -> Result<Bytes, BackendError> {
        let mut body = BytesMut::new();
        while let Some(chunk) = response.chunk().await.map_err(|error| self.outage(&error))? {
            if body.len() + chunk.len() > MAX_ANSWER {
                return Err(BackendError::Protocol(format!(
                    "the answer is larger than {MAX_ANSWER} bytes"
                )));
            }
            body.extend_from_slice(&chunk);
        }
        Ok(body.freeze())
    }

    /// Whether anything answers at all, whatever it answers; for those who want to know why not.
    pub(crate) async fn reach(&self) -> Result<CallAnswer, Fault> {
        let sent = self.client.get(format!("{}/", self.base)).send().await;
        let mut response = sent.map_err(|error| Fault::of(&error))?;
        let (status, headers) = (response.status(), std::mem::take(response.headers_mut()));
        // The body does not matter, and a page may be large.
        Ok(CallAnswer { status, headers, body: Bytes::new() })
    }

    /// What went wrong, and what the operator can do. Of reqwest's words only the innermost cause is
    /// used: the others repeat the address with its query, which could hold something private.
    fn outage(&self, error: &reqwest::Error) -> BackendError {
        let fault = Fault::of(error);
        let mut reason = fault.words(&self.base);
        let mut source = std::error::Error::source(error);
        while let Some(cause) = source {
            source = cause.source();
            if source.is_none() {
                reason = format!("{reason} ({cause})");
            }
        }
        BackendError::Unavailable { reason, kind: fault.outage(), retry_after: None }
    }
}

impl Backend for HttpBackend {
    fn send(&self, request: CallRequest) -> BoxFuture<'_, Result<CallAnswer, BackendError>> {
        Box::pin(self.exchange(request))
    }
}

/// A client for one address: its time-out bounds a whole exchange, and it follows no redirects.
pub(crate) fn client(url: &Url, timeout: Duration) -> Result<reqwest::Client, HttpBackendError> {
    let mut builder = reqwest::Client::builder()
        .timeout(timeout)
        .redirect(Policy::none())
        .no_proxy()
        .tcp_nodelay(true)
        .pool_idle_timeout(Duration::from_secs(30));
    // Reading the machine's certificates takes longer than all the rest of a start.
    if url.scheme() == "https" {
        builder = builder.tls_backend_preconfigured(tls()?);
    }
    Ok(builder.build()?)
}

/// The machine's certificates, or Mozilla's where it has none (an image from scratch).
fn tls() -> Result<rustls::ClientConfig, rustls::Error> {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    if roots.is_empty() {
        roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
    }
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    Ok(rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_root_certificates(roots)
        .with_no_client_auth())
}
