//! A connection to a client that has to take what it is sent: one that takes nothing for too long is
//! given up, however slow it may be otherwise.

use std::future::Future as _;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Instant, Sleep};

pub(super) struct Taking<S> {
    inner: S,
    limit: Duration,
    /// Made when the client is first waited for.
    sleep: Option<Pin<Box<Sleep>>>,
    /// The limit has begun to count.
    armed: bool,
}

impl<S> Taking<S> {
    pub(super) fn new(inner: S, limit: Duration) -> Self {
        Self { inner, limit, sleep: None, armed: false }
    }

    /// What came of a write; an error where the client has been waited for too long.
    fn judge<T>(
        &mut self,
        context: &mut Context<'_>,
        polled: Poll<io::Result<T>>,
    ) -> Poll<io::Result<T>> {
        if polled.is_ready() {
            self.armed = false;
            return polled;
        }
        let limit = self.limit;
        let sleep = self.sleep.get_or_insert_with(|| Box::pin(tokio::time::sleep(limit)));
        if !std::mem::replace(&mut self.armed, true) {
            sleep.as_mut().reset(Instant::now() + limit);
        }
        sleep.as_mut().poll(context).map(|()| {
            Err(io::Error::new(io::ErrorKind::TimedOut, "the client took nothing for too long"))
        })
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Taking<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_read(context, buffer)
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Taking<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let polled = Pin::new(&mut self.inner).poll_write(context, bytes);
        self.judge(context, polled)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let polled = Pin::new(&mut self.inner).poll_write_vectored(context, slices);
        self.judge(context, polled)
    }

    fn is_write_vectored(&self) -> bool {
        self.inner.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        // Nothing to flush is no progress of a write that waits.
        match Pin::new(&mut self.inner).poll_flush(context) {
            Poll::Pending => self.judge(context, Poll::Pending),
            ready @ Poll::Ready(_) => ready,
        }
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let polled = Pin::new(&mut self.inner).poll_shutdown(context);
        self.judge(context, polled)
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, duplex};

    use super::*;

    #[tokio::test]
    async fn who_takes_nothing_is_given_up() {
        let (server, client) = duplex(16);
        let mut server = Taking::new(server, Duration::from_millis(50));
        let error = server.write_all(&[0; 64]).await.unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::TimedOut);
        drop(client);
    }

    #[tokio::test]
    async fn who_is_slow_and_steady_gets_everything() {
        let (server, mut client) = duplex(16);
        let limit = Duration::from_millis(600);
        let mut server = Taking::new(server, limit);
        let started = Instant::now();
        let sending = tokio::spawn(async move { server.write_all(&[0; 256]).await });
        for _ in 0..16 {
            tokio::time::sleep(Duration::from_millis(60)).await;
            client.read_exact(&mut [0; 16]).await.unwrap();
        }
        sending.await.unwrap().unwrap();
        assert!(started.elapsed() > limit, "it has to take longer than the limit altogether");
    }
}
