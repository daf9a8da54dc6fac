//! Upgraded connections: bytes both ways, until either side ends, falls silent, or the session does.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::io::{
    AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _, ReadHalf, WriteHalf,
};
use tokio::sync::watch;
use tokio::time::{Instant, sleep_until, timeout};

use crate::clock::Clock;

/// How often sessions are looked at that may have run out.
const LOOK: Duration = Duration::from_secs(1);
/// Bytes on their way per direction.
const BUFFER: usize = 16 * 1024;

/// The live tunnels of a site, by session.
pub(crate) struct Tunnels {
    table: Mutex<Table>,
    /// For all at once.
    shutdown: watch::Sender<bool>,
    clock: Clock,
}

#[derive(Default)]
struct Table {
    /// By the session's id.
    sessions: HashMap<String, Entry>,
    /// Somebody is looking for sessions that have run out.
    is_swept: bool,
}

struct Entry {
    ends_at: u64,
    close: watch::Sender<bool>,
}

/// A place in the table for as long as a tunnel lives.
pub(crate) struct Lease {
    tunnels: Arc<Tunnels>,
    session: Option<String>,
    closed: Option<watch::Receiver<bool>>,
    shutdown: watch::Receiver<bool>,
}

impl Tunnels {
    pub(crate) fn new(clock: Clock) -> Arc<Self> {
        Arc::new(Self { table: Mutex::default(), shutdown: watch::Sender::new(false), clock })
    }

    /// Enters a tunnel of a session that ends by itself at `ends_at`, in Unix seconds.
    pub(crate) fn open(self: &Arc<Self>, session: Option<(&str, u64)>) -> Lease {
        let closed = session.map(|(id, ends_at)| {
            let mut table = self.lock();
            let first = !std::mem::replace(&mut table.is_swept, true);
            let entry = table
                .sessions
                .entry(id.to_owned())
                .or_insert_with(|| Entry { ends_at, close: watch::Sender::new(false) });
            entry.ends_at = entry.ends_at.max(ends_at);
            let closed = entry.close.subscribe();
            if first {
                tokio::spawn(Arc::clone(self).sweep());
            }
            closed
        });
        Lease {
            tunnels: Arc::clone(self),
            session: session.map(|(id, _)| id.to_owned()),
            closed,
            shutdown: self.shutdown.subscribe(),
        }
    }

    /// The session goes on until then, since a request came with it.
    pub(crate) fn seen(&self, session: &str, ends_at: impl FnOnce() -> u64) {
        if let Some(entry) = self.lock().sessions.get_mut(session) {
            entry.ends_at = ends_at();
        }
    }

    /// Ends the tunnels of a session.
    pub(crate) fn close(&self, session: &str) {
        if let Some(entry) = self.lock().sessions.remove(session) {
            entry.close.send_replace(true);
        }
    }

    /// Ends all of them.
    pub(crate) fn shut_down(&self) {
        self.shutdown.send_replace(true);
    }

    /// Closes what has run out, for as long as there is anything.
    async fn sweep(self: Arc<Self>) {
        loop {
            tokio::time::sleep(LOOK).await;
            let now = self.clock.unix_seconds();
            let mut table = self.lock();
            table.sessions.retain(|_, entry| {
                if entry.ends_at <= now {
                    entry.close.send_replace(true);
                }
                entry.ends_at > now
            });
            if table.sessions.is_empty() {
                table.is_swept = false;
                return;
            }
        }
    }

    /// A panic while the lock was held left a plain map behind, which is as good as before.
    fn lock(&self) -> MutexGuard<'_, Table> {
        self.table.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Lease {
    /// Done when the session has ended or everything is shut down.
    pub(crate) async fn ended(&mut self) {
        let session = async {
            match &mut self.closed {
                // An error means that nobody can tell any more.
                Some(closed) => drop(closed.wait_for(|closed| *closed).await),
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            () = session => {}
            _ = self.shutdown.wait_for(|shutdown| *shutdown) => {}
        }
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        self.closed = None;
        let Some(session) = &self.session else { return };
        let mut table = self.tunnels.lock();
        if table.sessions.get(session).is_some_and(|entry| entry.close.receiver_count() == 0) {
            table.sessions.remove(session);
        }
    }
}

/// Copies between a client and an app until one of them is done, both are silent for longer than
/// `idle`, or the lease ends.
pub(crate) async fn copy<A, B>(client: A, app: B, idle: Duration, mut lease: Lease)
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
        () = lease.ended() => {}
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
