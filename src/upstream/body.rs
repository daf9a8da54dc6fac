//! Bodies on their way through: nothing is kept, trailers stay, and what stands still is noticed.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use tokio::time::{Instant, Sleep};

use super::Body as Boxed;

/// How far a request's body has come.
#[derive(Debug, Default)]
pub(crate) struct Progress {
    frames: AtomicU64,
    waits: AtomicBool,
    too_large: AtomicBool,
}

impl Progress {
    pub(crate) fn count(&self) -> u64 {
        self.frames.load(Ordering::Relaxed)
    }

    /// Whether the app would take more and the client sends nothing.
    pub(crate) fn waits_for_client(&self) -> bool {
        self.waits.load(Ordering::Relaxed)
    }

    pub(crate) fn is_too_large(&self) -> bool {
        self.too_large.load(Ordering::Relaxed)
    }
}

/// A request's body that tells its progress and ends at a limit.
pub(crate) struct Watched {
    inner: Boxed,
    progress: Arc<Progress>,
    left: Option<u64>,
}

impl Watched {
    pub(crate) fn new(inner: Boxed, progress: Arc<Progress>, limit: Option<usize>) -> Self {
        let left = limit.map(|limit| u64::try_from(limit).unwrap_or(u64::MAX));
        Self { inner, progress, left }
    }
}

impl Body for Watched {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        let polled = Pin::new(&mut self.inner).poll_frame(context);
        self.progress.waits.store(polled.is_pending(), Ordering::Relaxed);
        let frame = ready!(polled);
        self.progress.frames.fetch_add(1, Ordering::Relaxed);
        if let (Some(Ok(frame)), Some(left)) = (&frame, self.left)
            && let Some(data) = frame.data_ref()
        {
            let length = u64::try_from(data.len()).unwrap_or(u64::MAX);
            let Some(left) = left.checked_sub(length) else {
                self.progress.too_large.store(true, Ordering::Relaxed);
                let error = io::Error::other("the body is larger than max_body_size");
                return Poll::Ready(Some(Err(error)));
            };
            self.left = Some(left);
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

/// An answer's body that may not be silent for longer than a limit.
pub(crate) struct Quiet {
    inner: hyper::body::Incoming,
    limit: Duration,
    /// Made when the app is first waited for: most bodies come at once.
    sleep: Option<Pin<Box<Sleep>>>,
    /// The limit has begun to count.
    armed: bool,
}

impl Quiet {
    pub(crate) fn new(inner: hyper::body::Incoming, limit: Duration) -> Self {
        Self { inner, limit, sleep: None, armed: false }
    }
}

impl Body for Quiet {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        if let Poll::Ready(frame) = Pin::new(&mut self.inner).poll_frame(context) {
            self.armed = false;
            if let Some(Err(error)) = &frame {
                tracing::warn!(%error, "an app's answer broke off");
            }
            return Poll::Ready(frame.map(|frame| frame.map_err(io::Error::other)));
        }
        let limit = self.limit;
        let fresh = !std::mem::replace(&mut self.armed, true);
        let sleep = self.sleep.get_or_insert_with(|| Box::pin(tokio::time::sleep(limit)));
        if fresh {
            sleep.as_mut().reset(Instant::now() + limit);
        }
        ready!(sleep.as_mut().poll(context));
        tracing::warn!("an app's answer was silent for longer than the upstream's idle_timeout");
        Poll::Ready(Some(Err(io::Error::new(io::ErrorKind::TimedOut, "the app fell silent"))))
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}
