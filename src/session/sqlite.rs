//! The store in an `SQLite` file: survives restarts, and several processes on one machine share it.
//!
//! The ticket is a random number that stays the same as long as the session lives. The file holds its
//! hash, and the session sealed with a key that is made from the ticket itself (see docs/adr/0016): a
//! copy of the file opens nothing and shows no token.

mod owners;
mod watch;

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use moka::sync::Cache;
use rusqlite::{Connection, OptionalExtension as _, Row, params};

use self::owners::{OwnerTag, OwnerTags};
use self::watch::{State, Watch};
use super::key_ring::KeyRing;
use super::{
    Lifetimes, Loaded, Session, SessionId, SessionStore, StoreError, Ticket, TicketHash, wire,
};
use crate::clock::Clock;
use crate::secret::Secret;
use crate::sqlite::{Database, DatabaseError, Schema};

/// What the file holds; its mark is "vsts".
const SCHEMA: Schema = Schema {
    application: 0x7673_7473,
    migrations: &[SESSIONS, owners::COLUMN],
    key: "session.database",
};

/// The first version of the schema.
const SESSIONS: &str = "
    CREATE TABLE session (
        -- SHA-256 of the ticket.
        ticket BLOB PRIMARY KEY,
        -- Which session this is; opens nothing.
        id TEXT NOT NULL,
        -- Tokens, user and kept values, sealed with a key that is made from the ticket.
        sealed TEXT NOT NULL,
        -- In Unix seconds, outside of what is sealed, because a visit changes nothing else.
        created INTEGER NOT NULL,
        last_seen INTEGER NOT NULL,
        checked INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX session_created ON session (created);
    CREATE INDEX session_last_seen ON session (last_seen);
";

/// What the keys are for, and nothing else.
const PURPOSE: &str = "session in a database";

/// How often sessions that have ended by themselves are removed, in seconds.
const SWEEP_EVERY: u64 = 60;

/// So many sessions are remembered as they were last read, for so long at most.
const RECENT: u64 = 10_000;
const RECENT_FOR: Duration = Duration::from_mins(5);

/// So many are removed at once, so that no visitor waits for it.
const SWEPT_AT_ONCE: i64 = 500;

/// Keeps sessions in an `SQLite` file.
pub(crate) struct SqliteStore {
    /// Requests read all the time, and would otherwise wait for the few that write.
    reader: Database,
    writer: Database,
    watch: Watch,
    /// Sessions as they were at one state of the file; worth nothing at another.
    recent: Cache<TicketHash, (State, Arc<Session>)>,
    /// Whose sessions are whose, for whoever knows whom to look for.
    tags: OwnerTags,
    last_sweep: AtomicU64,
    lifetimes: Lifetimes,
    clock: Clock,
}

impl SqliteStore {
    /// Opens the file, or creates it. The folder must be there.
    pub(crate) fn open(
        file: &Path,
        lifetimes: Lifetimes,
        clock: Clock,
    ) -> Result<Self, DatabaseError> {
        let writer = Database::open(file, &SCHEMA)?;
        let reader = Database::open(file, &SCHEMA)?;
        let watch = Watch::new(Database::open(file, &SCHEMA)?, clock.clone())?;
        let recent = Cache::builder().max_capacity(RECENT).time_to_live(RECENT_FOR).build();
        let tags = OwnerTags::new(writer.now(|connection| owners::salt(connection))?);
        let last_sweep = AtomicU64::new(0);
        Ok(Self { reader, writer, watch, recent, tags, last_sweep, lifetimes, clock })
    }

    /// The same store, with owners named in a way that only who has one of these keys can follow.
    pub(crate) fn keyed(self, keys: &[Secret]) -> Self {
        Self { tags: self.tags.keyed(keys), ..self }
    }

    fn limits(&self) -> Limits {
        let now = sql(self.clock.unix_seconds());
        Limits {
            seen_after: now - sql(self.lifetimes.idle.as_secs()),
            created_after: now - sql(self.lifetimes.max.as_secs()),
        }
    }

    /// Does work that changes something, and now and then removes what has ended by itself.
    async fn write<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Connection) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T, StoreError> {
        let sweep = self.is_sweep_due().then(|| self.limits());
        let changes = self.watch.changes();
        let done = self.writer.run(move |connection| {
            // When this is over, however it ends and even if nobody waits for it any more.
            let _change = changes;
            let done = work(connection)?;
            if let Some(limits) = sweep {
                limits.sweep(connection)?;
            }
            Ok(done)
        });
        done.await.map_err(unavailable)
    }

    fn is_sweep_due(&self) -> bool {
        let now = self.clock.unix_seconds();
        let last = self.last_sweep.load(Ordering::Relaxed);
        // Of those who see it at once, one does it.
        now.saturating_sub(last) >= SWEEP_EVERY
            && self
                .last_sweep
                .compare_exchange(last, now, Ordering::Relaxed, Ordering::Relaxed)
                .is_ok()
    }

    async fn find(&self, ticket: &Ticket) -> Loaded {
        let Some(key) = ticket.key() else { return Ok(None) };
        if let Some((seen, session)) = self.recent.get(&key)
            && Some(seen) == self.watch.state()
            && self.lifetimes.allow(&session, self.clock.unix_seconds())
        {
            return Ok(Some(session));
        }
        self.read(ticket, key).await
    }

    /// From the file itself.
    async fn read(&self, ticket: &Ticket, key: TicketHash) -> Loaded {
        // Asked before reading: what is written meanwhile belongs to a later state.
        let state = self.watch.state_now();
        let limits = self.limits();
        let found = self.reader.run(move |connection| limits.find(connection, &key)).await;
        let Some(stored) = found.map_err(unavailable)? else { return Ok(None) };
        let session = stored.open(&ring(ticket)?).map(Arc::new);
        if let (Some(state), Some(session)) = (state, &session) {
            self.recent.insert(key, (state, Arc::clone(session)));
        }
        Ok(session)
    }
}

impl SessionStore for SqliteStore {
    fn create<'a>(&'a self, session: &'a Session) -> BoxFuture<'a, Result<Ticket, StoreError>> {
        async {
            let ticket = Ticket::random()?;
            let (key, stored) = (ticket.hash(), Stored::seal(session, &ring(&ticket)?)?);
            let owner = self.tags.of(session.owner());
            self.write(move |connection| stored.insert(connection, &key, &owner)).await?;
            Ok(ticket)
        }
        .boxed()
    }

    fn load<'a>(&'a self, ticket: &'a Ticket) -> BoxFuture<'a, Loaded> {
        self.find(ticket).boxed()
    }

    fn load_newest<'a>(&'a self, ticket: &'a Ticket) -> BoxFuture<'a, Loaded> {
        async {
            let Some(key) = ticket.key() else { return Ok(None) };
            self.read(ticket, key).await
        }
        .boxed()
    }

    fn replace<'a>(
        &'a self,
        ticket: &'a Ticket,
        session: &'a Session,
    ) -> BoxFuture<'a, Result<Option<Ticket>, StoreError>> {
        async {
            let Some(key) = ticket.key() else { return Ok(None) };
            let (limits, stored) = (self.limits(), Stored::seal(session, &ring(ticket)?)?);
            let owner = self.tags.of(session.owner());
            let replaced =
                self.write(move |file| stored.replace(file, &key, &owner, &limits)).await?;
            Ok(replaced.then(|| ticket.clone()))
        }
        .boxed()
    }

    fn touch<'a>(
        &'a self,
        ticket: &'a Ticket,
        session: &'a Session,
        now: u64,
    ) -> BoxFuture<'a, Result<Option<Ticket>, StoreError>> {
        async move {
            let Some(key) = ticket.key() else { return Ok(None) };
            let (limits, checked) = (self.limits(), sql(session.checked));
            let owner = self.tags.of(session.owner());
            let touch =
                move |file: &Connection| limits.touch(file, &key, &owner, sql(now), checked);
            Ok(self.write(touch).await?.then(|| ticket.clone()))
        }
        .boxed()
    }

    fn destroy<'a>(&'a self, ticket: &'a Ticket) -> BoxFuture<'a, Result<(), StoreError>> {
        async {
            let Some(key) = ticket.key() else { return Ok(()) };
            self.write(move |connection| {
                let mut delete =
                    connection.prepare_cached("DELETE FROM session WHERE ticket = ?1")?;
                delete.execute([key]).map(drop)
            })
            .await
        }
        .boxed()
    }

    fn end_others<'a>(
        &'a self,
        owner: &'a str,
        keep: &'a SessionId,
    ) -> BoxFuture<'a, Result<(), StoreError>> {
        async {
            let (tags, keep) = (self.tags.all(owner), keep.as_str().to_owned());
            self.write(move |connection| owners::end_others(connection, &tags, &keep)).await
        }
        .boxed()
    }

    fn ticket_changes(&self) -> bool {
        false
    }
}

/// A session as the file holds it.
struct Stored {
    id: String,
    sealed: String,
    created: i64,
    last_seen: i64,
    checked: i64,
}

impl Stored {
    fn seal(session: &Session, ring: &KeyRing) -> Result<Self, StoreError> {
        Ok(Self {
            id: session.id.as_str().to_owned(),
            sealed: ring.seal(&wire::encode(session)?)?,
            created: sql(session.created),
            last_seen: sql(session.last_seen),
            checked: sql(session.checked),
        })
    }

    /// The session; none where somebody has changed the file.
    fn open(self, ring: &KeyRing) -> Option<Session> {
        let session = wire::decode(&ring.open(&self.sealed)?)?;
        let seconds = |seconds: i64| u64::try_from(seconds).ok();
        Some(Session {
            id: SessionId::parse(&self.id)?,
            created: seconds(self.created)?,
            last_seen: seconds(self.last_seen)?,
            checked: seconds(self.checked)?,
            ..session
        })
    }

    fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            id: row.get(0)?,
            sealed: row.get(1)?,
            created: row.get(2)?,
            last_seen: row.get(3)?,
            checked: row.get(4)?,
        })
    }

    fn insert(
        &self,
        connection: &Connection,
        key: &TicketHash,
        owner: &OwnerTag,
    ) -> rusqlite::Result<()> {
        let mut insert = connection.prepare_cached(
            "INSERT INTO session (ticket, id, sealed, created, last_seen, checked, owner)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        )?;
        let Self { id, sealed, created, last_seen, checked } = self;
        insert.execute(params![key, id, sealed, created, last_seen, checked, owner]).map(drop)
    }

    /// Which session it is and when it began stay. False where there is none to replace.
    fn replace(
        &self,
        connection: &Connection,
        key: &TicketHash,
        owner: &OwnerTag,
        limits: &Limits,
    ) -> rusqlite::Result<bool> {
        let mut update = connection.prepare_cached(
            "UPDATE session SET sealed = ?2, last_seen = max(last_seen, ?3), checked = ?4, owner = ?7
             WHERE ticket = ?1 AND last_seen > ?5 AND created > ?6",
        )?;
        let Self { sealed, last_seen, checked, .. } = self;
        let Limits { seen_after, created_after } = limits;
        let values = params![key, sealed, last_seen, checked, seen_after, created_after, owner];
        Ok(update.execute(values)? == 1)
    }
}

/// Sessions that were seen and created after these times go on; the others have ended.
#[derive(Clone, Copy)]
struct Limits {
    seen_after: i64,
    created_after: i64,
}

impl Limits {
    fn find(&self, connection: &Connection, key: &TicketHash) -> rusqlite::Result<Option<Stored>> {
        let mut select = connection.prepare_cached(
            "SELECT id, sealed, created, last_seen, checked FROM session
             WHERE ticket = ?1 AND last_seen > ?2 AND created > ?3",
        )?;
        let values = params![key, self.seen_after, self.created_after];
        select.query_row(values, Stored::read).optional()
    }

    fn touch(
        &self,
        connection: &Connection,
        key: &TicketHash,
        owner: &OwnerTag,
        now: i64,
        checked: i64,
    ) -> rusqlite::Result<bool> {
        let mut update = connection.prepare_cached(
            "UPDATE session SET last_seen = max(last_seen, ?2), checked = max(checked, ?3),
                                owner = coalesce(owner, ?6)
             WHERE ticket = ?1 AND last_seen > ?4 AND created > ?5",
        )?;
        let values = params![key, now, checked, self.seen_after, self.created_after, owner];
        Ok(update.execute(values)? == 1)
    }

    /// Removes some of the sessions that have ended by themselves.
    fn sweep(&self, connection: &Connection) -> rusqlite::Result<()> {
        for (column, limit) in [("last_seen", self.seen_after), ("created", self.created_after)] {
            let mut delete = connection.prepare_cached(&format!(
                "DELETE FROM session WHERE ticket IN
                 (SELECT ticket FROM session WHERE {column} <= ?1 LIMIT ?2)"
            ))?;
            delete.execute([limit, SWEPT_AT_ONCE])?;
        }
        Ok(())
    }
}

/// The key that seals the session of one ticket: whoever has the ticket has the session anyway.
fn ring(ticket: &Ticket) -> Result<KeyRing, StoreError> {
    KeyRing::new(&[Secret::new(ticket.as_str())], PURPOSE)
}

/// Seconds as `SQLite` counts them; what is beyond is as good as for ever.
fn sql(seconds: u64) -> i64 {
    i64::try_from(seconds).unwrap_or(i64::MAX)
}

#[expect(clippy::needless_pass_by_value, reason = "it is handed to `map_err`")]
fn unavailable(error: DatabaseError) -> StoreError {
    StoreError::Unavailable(error.to_string())
}

#[cfg(test)]
mod tests;
