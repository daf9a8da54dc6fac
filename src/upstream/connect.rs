//! Connections to an app: TCP without delay, TLS where the address says so, within one time limit.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use http::Uri;
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder, MaybeHttpsStream};
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tower_service::Service;

/// Makes connections.
#[derive(Clone)]
pub(crate) struct Connector {
    inner: Inner,
    limit: Duration,
}

#[derive(Clone)]
enum Inner {
    Plain(HttpConnector),
    Tls(HttpsConnector<HttpConnector>),
}

type Stream = MaybeHttpsStream<TokioIo<TcpStream>>;

/// Why there is no connection.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ConnectError {
    #[error("no connection in time")]
    TimedOut,
    #[error(transparent)]
    Failed(Box<dyn std::error::Error + Send + Sync>),
}

impl Connector {
    pub(crate) fn new(limit: Duration, tls: Option<rustls::ClientConfig>) -> Self {
        let mut tcp = HttpConnector::new();
        tcp.enforce_http(false);
        tcp.set_nodelay(true);
        let inner = match tls {
            None => Inner::Plain(tcp),
            // HTTP/1.1 alone is offered, since an upgrade needs it.
            Some(tls) => Inner::Tls(
                HttpsConnectorBuilder::new()
                    .with_tls_config(tls)
                    .https_or_http()
                    .enable_http1()
                    .wrap_connector(tcp),
            ),
        };
        Self { inner, limit }
    }
}

impl Service<Uri> for Connector {
    type Response = Stream;
    type Error = ConnectError;
    type Future = Pin<Box<dyn Future<Output = Result<Stream, ConnectError>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), ConnectError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, uri: Uri) -> Self::Future {
        let (mut inner, limit) = (self.inner.clone(), self.limit);
        Box::pin(async move {
            let connecting = async {
                match &mut inner {
                    Inner::Plain(tcp) => tcp
                        .call(uri)
                        .await
                        .map(MaybeHttpsStream::Http)
                        .map_err(|error| ConnectError::Failed(error.into())),
                    Inner::Tls(tls) => tls.call(uri).await.map_err(ConnectError::Failed),
                }
            };
            tokio::time::timeout(limit, connecting).await.unwrap_or(Err(ConnectError::TimedOut))
        })
    }
}
