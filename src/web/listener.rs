//! The accept loop: hyper around a poem endpoint.
//!
//! poem's own server has no time limit for request heads, spins when the process is out of file
//! descriptors and sets no `TCP_NODELAY` (docs/adr/0005).

mod events;
mod taking;

use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http::uri::Scheme;
use http_body::{Body, Frame, SizeHint};
use http_body_util::combinators::BoxBody;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use hyper_util::server::graceful::{GracefulShutdown, Watcher};
use poem::web::{LocalAddr, RemoteAddr};
use poem::{Addr, Endpoint, Request, Response};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream, UnixListener, UnixStream};
use tokio::sync::watch;
use tokio_rustls::TlsAcceptor;
use tracing::{debug, warn};

use self::events::end_with_server;
use self::taking::Taking;

/// A client that has not shaken hands, or has not sent its first request head, by then is cut off.
const HEADER_TIMEOUT: Duration = Duration::from_secs(10);
/// A connection on which nothing was asked for so long is closed; a later request head may take as
/// long. Proxies and load balancers keep theirs for 60 seconds as a rule, and they must be the first
/// to close: their next request would meet a closed door.
const IDLE_TIMEOUT: Duration = Duration::from_secs(75);
/// A client that takes nothing of what it is sent for so long is cut off. Slow ones are not: whatever
/// they take begins the time anew.
const WRITE_TIMEOUT: Duration = Duration::from_mins(5);
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
    let builders = Arc::new(Builders::new());
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
            builders: Arc::clone(&builders),
            watcher: graceful.watcher(),
            stop: stop.clone(),
            local: LocalAddr(here.map_or_else(nowhere, Addr::from)),
            remote: RemoteAddr(nowhere()),
            scheme: Scheme::HTTP,
            endpoint: Arc::clone(&endpoint),
        };
        match (stream, tls.clone()) {
            (Stream::Unix(stream), _) => tokio::spawn(connection.serve(stream, Known::Not)),
            (Stream::Tcp(stream, peer), tls) => {
                // Small answers must not wait for the client's acknowledgement of earlier ones.
                if let Err(error) = stream.set_nodelay(true) {
                    debug!(%error, "TCP_NODELAY could not be set");
                }
                let connection = Connection { remote: RemoteAddr(peer.into()), ..connection };
                match tls {
                    Some(tls) => tokio::spawn(connection.shake_hands(tls, stream)),
                    None => tokio::spawn(connection.look(stream)),
                }
            }
        };
    }
    drop(listener);
    if tokio::time::timeout(grace, graceful.shutdown()).await.is_err() {
        warn!("some requests were not finished within [server] shutdown_grace");
    }
}

/// How HTTP is spoken, by version.
struct Builders {
    http_1: Builder<TokioExecutor>,
    http_2: Builder<TokioExecutor>,
    either: Builder<TokioExecutor>,
}

impl Builders {
    fn new() -> Self {
        let mut either = Builder::new(TokioExecutor::new());
        either
            .http1()
            .timer(TokioTimer::new())
            .header_read_timeout(IDLE_TIMEOUT)
            .max_buf_size(BUFFER);
        either.http2().timer(TokioTimer::new()).max_send_buf_size(BUFFER);
        let (http_1, http_2) = (either.clone().http1_only(), either.clone().http2_only());
        Self { http_1, http_2, either }
    }

    /// What hyper has to find out for itself it reads piece by piece, which leaves it with a buffer of
    /// twice the size.
    fn of(&self, version: Known) -> &Builder<TokioExecutor> {
        match version {
            Known::Http1 => &self.http_1,
            Known::Http2 => &self.http_2,
            Known::Not => &self.either,
        }
    }
}

/// The version of HTTP that a client speaks.
#[derive(Clone, Copy)]
enum Known {
    Http1,
    Http2,
    Not,
}

impl Known {
    /// By the first bytes, none of which means that nothing comes any more.
    fn by_start(start: &[u8]) -> Self {
        const PREFACE: &[u8] = b"PRI ";
        match start {
            PREFACE => Self::Http2,
            start if PREFACE.starts_with(start) => Self::Not,
            _ => Self::Http1,
        }
    }

    /// By what was agreed on in the TLS handshake.
    fn by_protocol(protocol: Option<&[u8]>) -> Self {
        match protocol {
            Some(b"h2") => Self::Http2,
            Some(b"http/1.1") => Self::Http1,
            _ => Self::Not,
        }
    }
}

/// Where there is no address; see `docs/adr/0017`.
fn nowhere() -> Addr {
    Addr::Custom("unix", "socket".into())
}

/// One connection, in a task of its own.
struct Connection<E> {
    builders: Arc<Builders>,
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
                let known = Known::by_protocol(stream.get_ref().1.alpn_protocol());
                self.serve(stream, known).await;
            }
            Ok(Err(error)) => debug!(%error, "a TLS handshake failed"),
            Err(_) => debug!("a TLS handshake took too long"),
        }
    }

    /// Waits for the first bytes and leaves them where they are.
    async fn look(mut self, stream: TcpStream) {
        let mut start = [0; 4];
        let seen = tokio::select! {
            seen = tokio::time::timeout(HEADER_TIMEOUT, stream.peek(&mut start)) => seen,
            _ = self.stop.wait_for(|stop| *stop) => return,
        };
        match seen {
            Ok(Ok(length)) => {
                let known = Known::by_start(start.get(..length).unwrap_or_default());
                self.serve(stream, known).await;
            }
            Ok(Err(error)) => debug!(%error, "a connection ended early"),
            Err(_) => debug!("a client asked for nothing in time"),
        }
    }

    async fn serve<S>(self, stream: S, version: Known)
    where
        S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
    {
        let Self { builders, watcher, mut stop, local, remote, scheme, endpoint } = self;
        // Held until the end, which is what a stop waits for.
        let _watcher = watcher;
        let activity = Arc::new(Activity::default());
        let asked = Arc::clone(&activity);
        let stopping = stop.clone();
        let service = service_fn(move |request: hyper::Request<Incoming>| {
            let open = asked.begin();
            let endpoint = Arc::clone(&endpoint);
            let request: Request = (request, local.clone(), remote.clone(), scheme.clone()).into();
            let stopping = stopping.clone();
            // In a box, since hyper keeps room for it while nothing is asked.
            Box::pin(async move {
                let mut response = endpoint.get_response(request).await;
                end_with_server(&mut response, stopping);
                let response = hyper::Response::from(response);
                Ok::<_, Infallible>(response.map(|body| Counted { body, _open: open }))
            })
        });
        let stream = TokioIo::new(Taking::new(stream, WRITE_TIMEOUT));
        let builder = builders.of(version);
        let connection = builder.serve_connection_with_upgrades(stream, service);
        let connection = connection.into_owned();
        drop(builders);
        let mut connection = pin!(connection);
        tokio::select! {
            ended = connection.as_mut() => return tell(ended),
            _ = stop.wait_for(|stop| *stop) => {}
            is_used = activity.silence() => if !is_used {
                return debug!("a client asked for nothing in time");
            },
        }
        connection.as_mut().graceful_shutdown();
        // HTTP/2 waits for the client to agree, which one that is gone never does.
        loop {
            tokio::select! {
                ended = connection.as_mut() => return tell(ended),
                () = tokio::time::sleep(HEADER_TIMEOUT) => if activity.is_idle() {
                    return;
                },
            }
        }
    }
}

fn tell(ended: Result<(), Box<dyn std::error::Error + Send + Sync>>) {
    if let Err(error) = ended {
        debug!(%error, "a connection ended early");
    }
}

/// How many requests a connection has seen begin and end. hyper has no time limit for HTTP/2, and one
/// for heads only once it knows which version it is, so silence is looked after here.
#[derive(Default)]
struct Activity {
    begun: AtomicU64,
    ended: AtomicU64,
}

/// A request that is under way, until the last byte of its answer has been taken.
struct Open(Arc<Activity>);

impl Activity {
    fn begin(self: &Arc<Self>) -> Open {
        self.begun.fetch_add(1, Ordering::Relaxed);
        Open(Arc::clone(self))
    }

    fn count(&self) -> (u64, u64) {
        (self.begun.load(Ordering::Relaxed), self.ended.load(Ordering::Relaxed))
    }

    fn is_idle(&self) -> bool {
        let (begun, ended) = self.count();
        begun == ended
    }

    /// Done when nothing was asked in time, with false, or when nothing has been asked for a long
    /// time, with true.
    async fn silence(&self) -> bool {
        tokio::time::sleep(HEADER_TIMEOUT).await;
        if self.count() == (0, 0) {
            return false;
        }
        loop {
            let seen = self.count();
            tokio::time::sleep(IDLE_TIMEOUT).await;
            if self.count() == seen && self.is_idle() {
                return true;
            }
        }
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        self.0.ended.fetch_add(1, Ordering::Relaxed);
    }
}

/// An answer's body that counts as under way for as long as it is there.
struct Counted {
    body: BoxBody<Bytes, io::Error>,
    _open: Open,
}

impl Body for Counted {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        Pin::new(&mut self.body).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

#[cfg(test)]
mod tests;
