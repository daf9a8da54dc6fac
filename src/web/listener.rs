//! The accept loop: hyper around a poem endpoint.
//!
//! poem's own server has no time limit for request heads, spins when the process is out of file
//! descriptors and sets no `TCP_NODELAY` (docs/adr/0005).

use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use futures_util::StreamExt as _;
use http::HeaderValue;
use http::header::CONTENT_TYPE;
use http::uri::Scheme;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use hyper_util::server::graceful::{GracefulShutdown, Watcher};
use poem::web::{LocalAddr, RemoteAddr};
use poem::{Addr, Body, Endpoint, Request, Response};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream, UnixListener, UnixStream};
use tokio::sync::watch;
use tokio_rustls::TlsAcceptor;
use tracing::{debug, warn};

/// A client that has not shaken hands, or has not sent its request head, by then is cut off.
const HEADER_TIMEOUT: Duration = Duration::from_secs(10);
/// Bytes buffered per direction and connection: enough for fast uploads, little enough for stalled ones.
const BUFFER: usize = 128 * 1024;
/// The pause after an accept that failed, most often for want of file descriptors.
const ACCEPT_PAUSE: Duration = Duration::from_millis(20);

/// Something that clients connect to.
pub(crate) enum Listener {
    Tcp(TcpListener),
    Unix(UnixListener),
}

enum Stream {
    Tcp(TcpStream, SocketAddr),
    /// Whoever connects to a file has no address.
    Unix(UnixStream),
}

impl Listener {
    /// None for a socket file.
    pub(crate) fn address(&self) -> Option<SocketAddr> {
        match self {
            Self::Tcp(listener) => listener.local_addr().ok(),
            Self::Unix(_) => None,
        }
    }

    async fn accept(&self) -> io::Result<Stream> {
        match self {
            Self::Tcp(listener) => {
                listener.accept().await.map(|(stream, peer)| Stream::Tcp(stream, peer))
            }
            Self::Unix(listener) => listener.accept().await.map(|(stream, _)| Stream::Unix(stream)),
        }
    }
}

/// Accepts and serves until `stop` turns true, then finishes what is under way for as long as `grace`.
pub(crate) async fn serve<E>(
    listener: Listener,
    tls: Option<TlsAcceptor>,
    endpoint: Arc<E>,
    mut stop: watch::Receiver<bool>,
    grace: Duration,
) where
    E: Endpoint<Output = Response> + 'static,
{
    let graceful = GracefulShutdown::new();
    let mut builder = Builder::new(TokioExecutor::new());
    builder
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(HEADER_TIMEOUT)
        .max_buf_size(BUFFER);
    builder.http2().timer(TokioTimer::new()).max_send_buf_size(BUFFER);
    let here = listener.address();
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            _ = stop.wait_for(|stop| *stop) => break,
        };
        let stream = match accepted {
            Ok(stream) => stream,
            Err(error) => {
                warn!(%error, "a connection could not be accepted");
                tokio::time::sleep(ACCEPT_PAUSE).await;
                continue;
            }
        };
        let connection = Connection {
            builder: builder.clone(),
            watcher: graceful.watcher(),
            stop: stop.clone(),
            local: LocalAddr(here.map_or_else(nowhere, Addr::from)),
            remote: RemoteAddr(nowhere()),
            scheme: Scheme::HTTP,
            endpoint: Arc::clone(&endpoint),
        };
        match (stream, tls.clone()) {
            (Stream::Unix(stream), _) => tokio::spawn(connection.serve(stream)),
            (Stream::Tcp(stream, peer), tls) => {
                // Small answers must not wait for the client's acknowledgement of earlier ones.
                if let Err(error) = stream.set_nodelay(true) {
                    debug!(%error, "TCP_NODELAY could not be set");
                }
                let connection = Connection { remote: RemoteAddr(peer.into()), ..connection };
                match tls {
                    Some(tls) => tokio::spawn(connection.shake_hands(tls, stream)),
                    None => tokio::spawn(connection.serve(stream)),
                }
            }
        };
    }
    drop(listener);
    if tokio::time::timeout(grace, graceful.shutdown()).await.is_err() {
        warn!("some requests were not finished within [server] shutdown_grace");
    }
}

/// Where there is no address; see `docs/adr/0017`.
fn nowhere() -> Addr {
    Addr::Custom("unix", "socket".into())
}

/// Events would be awaited until the grace is over, while nobody new gets in: such an answer has no end
/// of its own. It gets one, and the browser comes back by itself.
fn end_with_server(response: &mut Response, mut stop: watch::Receiver<bool>) {
    let is_events = |kind: &HeaderValue| kind.as_bytes().starts_with(b"text/event-stream");
    if !response.headers().get(CONTENT_TYPE).is_some_and(is_events) {
        return;
    }
    let stopped = async move { drop(stop.wait_for(|stop| *stop).await) };
    let events = response.take_body().into_bytes_stream();
    response.set_body(Body::from_bytes_stream(events.take_until(Box::pin(stopped))));
}

/// One connection, in a task of its own.
struct Connection<E> {
    builder: Builder<TokioExecutor>,
    watcher: Watcher,
    stop: watch::Receiver<bool>,
    local: LocalAddr,
    remote: RemoteAddr,
    scheme: Scheme,
    endpoint: Arc<E>,
}

impl<E: Endpoint<Output = Response> + 'static> Connection<E> {
    async fn shake_hands(mut self, tls: TlsAcceptor, stream: TcpStream) {
        let shaken = tokio::select! {
            shaken = tokio::time::timeout(HEADER_TIMEOUT, tls.accept(stream)) => shaken,
            _ = self.stop.wait_for(|stop| *stop) => return,
        };
        match shaken {
            Ok(Ok(stream)) => {
                self.scheme = Scheme::HTTPS;
                self.serve(stream).await;
            }
            Ok(Err(error)) => debug!(%error, "a TLS handshake failed"),
            Err(_) => debug!("a TLS handshake took too long"),
        }
    }

    async fn serve<S>(self, stream: S)
    where
        S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
    {
        let Self { builder, watcher, stop, local, remote, scheme, endpoint } = self;
        let asked = Arc::new(AtomicBool::new(false));
        let asks = Arc::clone(&asked);
        let service = service_fn(move |request: hyper::Request<Incoming>| {
            asks.store(true, Ordering::Relaxed);
            let endpoint = Arc::clone(&endpoint);
            let request: Request = (request, local.clone(), remote.clone(), scheme.clone()).into();
            let stop = stop.clone();
            async move {
                let mut response = endpoint.get_response(request).await;
                end_with_server(&mut response, stop);
                Ok::<_, Infallible>(hyper::Response::from(response))
            }
        });
        // Which version of HTTP it is hyper sees for itself. Its time limit for heads only begins then, and
        // for HTTP/2 never, so a client that stays silent is looked after here.
        let silent = async {
            tokio::time::sleep(HEADER_TIMEOUT).await;
            if asked.load(Ordering::Relaxed) {
                std::future::pending::<()>().await;
            }
        };
        let connection = builder.serve_connection_with_upgrades(TokioIo::new(stream), service);
        tokio::select! {
            ended = watcher.watch(connection.into_owned()) => {
                if let Err(error) = ended {
                    debug!(%error, "a connection ended early");
                }
            }
            () = silent => debug!("a client asked for nothing in time"),
        }
    }
}
