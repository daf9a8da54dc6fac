//! Bodies on their way through: nothing is kept, trailers stay, and what stands still is noticed.

use std::io;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use hyper::body::Incoming;
use tokio::task::AbortHandle;
use tokio::time::{Instant, Sleep};

use super::Body as Boxed;
use super::lease::Lease;

/// What fits into buffers on the way to a client; only a larger answer can get stuck there.
const FITS_BUFFERS: u64 = 64 * 1024;

/// How far a request and its answer have come.
#[derive(Debug, Default)]
pub(crate) struct Exchange {
    sent: AtomicU64,
    answered: AtomicU64,
    waits_for_client: AtomicBool,
    has_stalled: AtomicBool,
    too_large: AtomicBool,
}

impl Exchange {
    /// How often the client has sent anything.
    pub(crate) fn sent(&self) -> u64 {
        self.sent.load(Ordering::Relaxed)
    }

    /// Whether the app would take more and the client sends nothing.
    pub(crate) fn waits_for_client(&self) -> bool {
        self.waits_for_client.load(Ordering::Relaxed)
    }

    /// Whether the client was given up.
    pub(crate) fn has_stalled(&self) -> bool {
        self.has_stalled.load(Ordering::Relaxed)
    }

    pub(crate) fn is_too_large(&self) -> bool {
        self.too_large.load(Ordering::Relaxed)
    }
}

/// The end of a silence.
struct Silence {
    limit: Duration,
    /// Made when somebody is first waited for: most bodies come at once.
    sleep: Option<Pin<Box<Sleep>>>,
    /// The limit has begun to count.
    armed: bool,
    /// How far the other direction was then: who is busy there may be silent here.
    other: u64,
}

impl Silence {
    fn new(limit: Duration) -> Self {
        Self { limit, sleep: None, armed: false, other: 0 }
    }

    fn broken(&mut self) {
        self.armed = false;
    }

    /// Ready when neither direction has moved for the limit.
    fn poll_too_long(&mut self, context: &mut Context<'_>, other: &AtomicU64) -> Poll<()> {
        let limit = self.limit;
        let sleep = self.sleep.get_or_insert_with(|| Box::pin(tokio::time::sleep(limit)));
        if !std::mem::replace(&mut self.armed, true) {
            self.other = other.load(Ordering::Relaxed);
            sleep.as_mut().reset(Instant::now() + limit);
        }
        loop {
            ready!(sleep.as_mut().poll(context));
            let now = other.load(Ordering::Relaxed);
            if now == self.other {
                return Poll::Ready(());
            }
            self.other = now;
            sleep.as_mut().reset(Instant::now() + limit);
        }
    }
}

/// A request's body that tells its progress, and ends at a limit of size or of silence.
pub(crate) struct Watched {
    inner: Boxed,
    exchange: Arc<Exchange>,
    left: Option<u64>,
    silence: Silence,
}

impl Watched {
    pub(crate) fn new(
        inner: Boxed,
        exchange: Arc<Exchange>,
        limit: Option<usize>,
        idle: Duration,
    ) -> Self {
        let left = limit.map(|limit| u64::try_from(limit).unwrap_or(u64::MAX));
        Self { inner, exchange, left, silence: Silence::new(idle) }
    }
}

impl Body for Watched {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        let this = &mut *self;
        let polled = Pin::new(&mut this.inner).poll_frame(context);
        this.exchange.waits_for_client.store(polled.is_pending(), Ordering::Relaxed);
        let Poll::Ready(frame) = polled else {
            ready!(this.silence.poll_too_long(context, &this.exchange.answered));
            this.exchange.has_stalled.store(true, Ordering::Relaxed);
            tracing::info!("a client stopped sending for longer than the upstream's idle_timeout");
            return Poll::Ready(Some(Err(timed_out("the client stopped sending"))));
        };
        this.silence.broken();
        this.exchange.sent.fetch_add(1, Ordering::Relaxed);
        if let (Some(Ok(frame)), Some(left)) = (&frame, this.left)
            && let Some(data) = frame.data_ref()
        {
            let Some(left) = left.checked_sub(length_of(data)) else {
                this.exchange.too_large.store(true, Ordering::Relaxed);
                let error = io::Error::other("the body is larger than max_body_size");
                return Poll::Ready(Some(Err(error)));
            };
            this.left = Some(left);
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}

/// An answer's body: it ends with the session, neither the app may be silent for too long nor the client
/// take nothing.
pub(crate) struct Answer {
    source: Arc<Source>,
    exchange: Arc<Exchange>,
    lease: Lease,
    silence: Silence,
    /// Bytes so far, until somebody watches whether the client takes them.
    length: u64,
    watch: Option<AbortHandle>,
}

/// Where an answer comes from.
struct Source {
    /// None once the client was given up.
    body: Mutex<Option<Incoming>>,
    /// How much the client's side has taken.
    taken: AtomicU64,
    waits_for_app: AtomicBool,
}

impl Source {
    /// A panic while the lock was held left a body behind that tells itself whether it is broken.
    fn body(&self) -> MutexGuard<'_, Option<Incoming>> {
        self.body.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Answer {
    pub(crate) fn new(
        body: Incoming,
        exchange: Arc<Exchange>,
        lease: Lease,
        idle: Duration,
    ) -> Self {
        let source = Arc::new(Source {
            body: Mutex::new(Some(body)),
            taken: AtomicU64::new(0),
            waits_for_app: AtomicBool::new(false),
        });
        Self { source, exchange, lease, silence: Silence::new(idle), length: 0, watch: None }
    }

    fn note(&mut self, frame: &Frame<Bytes>) {
        self.exchange.answered.fetch_add(1, Ordering::Relaxed);
        self.source.taken.fetch_add(1, Ordering::Relaxed);
        if self.watch.is_none() {
            self.length += frame.data_ref().map_or(0, length_of);
            if self.length > FITS_BUFFERS {
                let watch = let_go_of_stalled(Arc::downgrade(&self.source), self.silence.limit);
                self.watch = Some(tokio::spawn(watch).abort_handle());
            }
        }
    }
}

/// Nobody asks a body for more while the client takes nothing, so it cannot notice that itself. The app is
/// let go; the connection to the client has a limit of its own.
async fn let_go_of_stalled(source: Weak<Source>, idle: Duration) {
    let mut before = None;
    loop {
        tokio::time::sleep(idle).await;
        let Some(source) = source.upgrade() else { return };
        let taken = source.taken.load(Ordering::Relaxed);
        if before == Some(taken) && !source.waits_for_app.load(Ordering::Relaxed) {
            tracing::info!("a client took nothing for longer than the upstream's idle_timeout");
            drop(source.body().take());
            return;
        }
        before = Some(taken);
    }
}

impl Body for Answer {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        let this = &mut *self;
        if this.lease.has_ended() {
            return Poll::Ready(Some(Err(io::Error::other("the session has ended"))));
        }
        let polled = match &mut *this.source.body() {
            Some(body) => Pin::new(body).poll_frame(context),
            None => return Poll::Ready(Some(Err(timed_out("the client took nothing")))),
        };
        this.source.waits_for_app.store(polled.is_pending(), Ordering::Relaxed);
        let Poll::Ready(frame) = polled else {
            if this.lease.poll_ended(context).is_ready() {
                return Poll::Ready(Some(Err(io::Error::other("the session has ended"))));
            }
            ready!(this.silence.poll_too_long(context, &this.exchange.sent));
            tracing::warn!(
                "an app's answer was silent for longer than the upstream's idle_timeout"
            );
            return Poll::Ready(Some(Err(timed_out("the app fell silent"))));
        };
        this.silence.broken();
        match &frame {
            Some(Ok(frame)) => this.note(frame),
            Some(Err(error)) => tracing::warn!(%error, "an app's answer broke off"),
            None => {}
        }
        Poll::Ready(frame.map(|frame| frame.map_err(io::Error::other)))
    }

    fn is_end_stream(&self) -> bool {
        self.source.body().as_ref().is_some_and(Incoming::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        self.source.body().as_ref().map_or_else(SizeHint::default, Incoming::size_hint)
    }
}

impl Drop for Answer {
    fn drop(&mut self) {
        if let Some(watch) = &self.watch {
            watch.abort();
        }
    }
}

fn length_of(data: &Bytes) -> u64 {
    u64::try_from(data.len()).unwrap_or(u64::MAX)
}

fn timed_out(what: &'static str) -> io::Error {
    io::Error::new(io::ErrorKind::TimedOut, what)
}
