//! Upgraded connections: bytes both ways, until either side ends, falls silent, or the session does.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::io::{
    AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _, ReadHalf, WriteHalf,
};
use tokio::time::{Instant, sleep_until, timeout};

use super::lease::Lease;

/// Bytes on their way per direction.
const BUFFER: usize = 16 * 1024;

/// Copies between a client and an app until one of them is done, both are silent for longer than
/// `idle`, or the lease ends.
pub(crate) async fn copy<A, B>(client: A, app: B, idle: Duration, lease: Lease)
where
    A: AsyncRead + AsyncWrite + Send + 'static,
    B: AsyncRead + AsyncWrite + Send + 'static,
{
    let (client_read, client_write) = tokio::io::split(client);
    let (app_read, app_write) = tokio::io::split(app);
    let last = Arc::new(Mutex::new(Instant::now()));
    let up = one_way(client_read, app_write, Arc::clone(&last), idle);
    let down = one_way(app_read, client_write, Arc::clone(&last), idle);
    let silence = async {
        loop {
            let until = *last.lock().unwrap_or_else(PoisonError::into_inner) + idle;
            if until <= Instant::now() {
                return;
            }
            sleep_until(until).await;
        }
    };
    let both = async { tokio::join!(up, down) };
    tokio::select! {
        _ = both => {}
        () = silence => {}
        () = lease.over() => {}
    }
}

async fn one_way<A, B>(
    mut from: ReadHalf<A>,
    mut to: WriteHalf<B>,
    last: Arc<Mutex<Instant>>,
    idle: Duration,
) where
    A: AsyncRead,
    B: AsyncWrite,
{
    let mut buffer = vec![0; BUFFER];
    while let Ok(length @ 1..) = from.read(&mut buffer).await {
        *last.lock().unwrap_or_else(PoisonError::into_inner) = Instant::now();
        let Some(read) = buffer.get(..length) else { break };
        let written = async {
            to.write_all(read).await?;
            to.flush().await
        };
        if !matches!(timeout(idle, written).await, Ok(Ok(()))) {
            break;
        }
    }
    // The other direction may have something to say yet.
    let _ = to.shutdown().await;
}
