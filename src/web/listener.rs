//! The accept loop: hyper around a poem endpoint.
//!
//! poem's own server has no time limit for request heads, spins when the process is out of file
//! descriptors and sets no `TCP_NODELAY` (docs/adr/0005).

use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use http::uri::Scheme;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use hyper_util::server::graceful::{GracefulShutdown, Watcher};
use poem::web::{LocalAddr, RemoteAddr};
use poem::{Endpoint, Request, Response};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tracing::{debug, warn};

/// A client that has not sent its request head by then is cut off.
const HEADER_TIMEOUT: Duration = Duration::from_secs(10);
/// Bytes buffered per direction and connection: enough for fast uploads, little enough for stalled ones.
const BUFFER: usize = 128 * 1024;
/// The pause after an accept that failed, most often for want of file descriptors.
const ACCEPT_PAUSE: Duration = Duration::from_millis(20);

/// Why a listener could not be opened.
#[derive(Debug, thiserror::Error)]
#[error("cannot listen on {address}: {source}")]
pub(crate) struct ListenError {
    /// The address as configured.
    pub address: SocketAddr,
    /// What the system said.
    pub source: io::Error,
}

/// Opens a listener. Port 0 takes any free port.
pub(crate) async fn listen(address: SocketAddr) -> Result<TcpListener, ListenError> {
    TcpListener::bind(address).await.map_err(|source| ListenError { address, source })
}

/// Accepts and serves until `stop` turns true, then finishes what is under way for as long as `grace`.
pub(crate) async fn serve<E>(
    listener: TcpListener,
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
    let local = listener.local_addr().ok();
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            _ = stop.wait_for(|stop| *stop) => break,
        };
        match accepted {
            Ok((stream, peer)) => {
                let addresses = (local.unwrap_or(peer), peer);
                let (watcher, stop) = (graceful.watcher(), stop.clone());
                accept(&builder, watcher, stop, stream, addresses, Arc::clone(&endpoint));
            }
            Err(error) => {
                warn!(%error, "a connection could not be accepted");
                tokio::time::sleep(ACCEPT_PAUSE).await;
            }
        }
    }
    drop(listener);
    if tokio::time::timeout(grace, graceful.shutdown()).await.is_err() {
        warn!("some requests were not finished within [server] shutdown_grace");
    }
}

/// Serves one connection in a task of its own. `addresses` are ours and the client's.
fn accept<E>(
    builder: &Builder<TokioExecutor>,
    watcher: Watcher,
    mut stop: watch::Receiver<bool>,
    stream: TcpStream,
    addresses: (SocketAddr, SocketAddr),
    endpoint: Arc<E>,
) where
    E: Endpoint<Output = Response> + 'static,
{
    // Small answers must not wait for the client's acknowledgement of earlier ones.
    if let Err(error) = stream.set_nodelay(true) {
        debug!(%error, "TCP_NODELAY could not be set");
    }
    let (local, remote) = (LocalAddr(addresses.0.into()), RemoteAddr(addresses.1.into()));
    let service = service_fn(move |request: hyper::Request<Incoming>| {
        let endpoint = Arc::clone(&endpoint);
        let request: Request = (request, local.clone(), remote.clone(), Scheme::HTTP).into();
        async move { Ok::<_, Infallible>(hyper::Response::from(endpoint.get_response(request).await)) }
    });
    let builder = builder.clone();
    tokio::spawn(async move {
        let version = tokio::select! {
            version = tokio::time::timeout(HEADER_TIMEOUT, version_of(&stream)) => version,
            _ = stop.wait_for(|stop| *stop) => return,
        };
        let builder = match version {
            Ok(Ok(Version::Http1)) => builder.http1_only(),
            Ok(Ok(Version::Http2)) => builder.http2_only(),
            // Nothing was asked, so there is nobody to answer.
            Ok(Err(_)) | Err(_) => return,
        };
        let connection =
            builder.serve_connection_with_upgrades(TokioIo::new(stream), service).into_owned();
        if let Err(error) = watcher.watch(connection).await {
            debug!(%error, "a connection ended early");
        }
    });
}

#[derive(Clone, Copy)]
enum Version {
    Http1,
    Http2,
}

/// What HTTP/2 begins with (RFC 9113, section 3.4).
const PREFACE: &[u8; 24] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
/// Between two looks at a preface that comes in pieces, which only somebody who stalls sends.
const PREFACE_PAUSE: Duration = Duration::from_millis(20);

/// Looks which version a client speaks and takes nothing from the stream. hyper can tell as well, but
/// its time limit for heads only begins once it has told, so a silent client would stay for ever.
async fn version_of(stream: &TcpStream) -> io::Result<Version> {
    let mut start = [0; PREFACE.len()];
    loop {
        let length = stream.peek(&mut start).await?;
        let seen = start.get(..length).unwrap_or_default();
        if seen.is_empty() {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        if !PREFACE.starts_with(seen) {
            return Ok(Version::Http1);
        }
        if length == PREFACE.len() {
            return Ok(Version::Http2);
        }
        tokio::time::sleep(PREFACE_PAUSE).await;
    }
}
