//! Sessions: what is remembered about a visitor who signed in, and where it is kept.
//!
//! A [`Ticket`] is what the browser's cookie holds. For the cookie store it is the sealed session
//! itself, for every other store a random number. Stores differ in that alone: the contract in
//! `session/contract.rs` is run on each of them.

#[cfg(test)]
pub(crate) mod contract;
pub(crate) mod cookie;
mod key_ring;
pub(crate) mod memory;
pub(crate) mod sqlite;
mod wire;

use std::collections::BTreeMap;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use aws_lc_rs::digest;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use futures_util::future::BoxFuture;
use serde_json::Value;

use crate::secret::Secret;
pub use crate::user::User;

/// What is remembered about a visitor who signed in.
#[derive(Clone)]
pub struct Session {
    /// Which session this is; stays the same while tickets and tokens change.
    pub id: SessionId,
    /// What the backend gave out.
    pub tokens: Tokens,
    /// Who it is.
    pub user: User,
    /// Other values taken from the backend's answers, for later calls: name to value.
    pub kept: BTreeMap<String, Value>,
    /// When the visitor signed in, in Unix seconds.
    pub created: u64,
    /// When a request last came with it, in Unix seconds.
    pub last_seen: u64,
    /// When the backend last confirmed it, in Unix seconds.
    pub checked: u64,
}

impl Session {
    /// Whose it is, in one word: the user's id, or what stands for it where the backend gives none.
    pub fn owner(&self) -> &str {
        let User { id, email, name, .. } = &self.user;
        [id, email, name].into_iter().find(|it| !it.is_empty()).map_or("", String::as_str)
    }

    /// This session with all that a newer form of it brings; which one it is and when it began stay.
    fn replaced_by(self, newer: &Self) -> Self {
        let last_seen = self.last_seen.max(newer.last_seen);
        Self { id: self.id, created: self.created, last_seen, ..newer.clone() }
    }

    /// This session after a visit at `now`, which found it as `seen`.
    fn touched(self, seen: &Self, now: u64) -> Self {
        let last_seen = self.last_seen.max(now);
        Self { last_seen, checked: self.checked.max(seen.checked), ..self }
    }
}

// By hand, because what is kept may be as secret as a token, and a user is nobody's business in a log.
impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session")
            .field("id", &self.id)
            .field("tokens", &self.tokens)
            .field("user", &self.user)
            .field("kept", &self.kept.keys())
            .field("created", &self.created)
            .field("last_seen", &self.last_seen)
            .field("checked", &self.checked)
            .finish()
    }
}

/// The tokens of a session.
#[derive(Clone, Debug)]
pub struct Tokens {
    /// Proves to the backend who the visitor is.
    pub access: Secret,
    /// Buys a new access token.
    pub refresh: Option<Secret>,
    /// When the access token ends, in Unix seconds; none where its life is unknown.
    pub expires_at: Option<u64>,
}

/// The name of a session: 128 random bits as 32 hexadecimal digits.
#[derive(Clone)]
pub struct SessionId(Arc<Id>);

struct Id {
    text: String,
    /// Made when it is first asked for, which is with every line of the log.
    fingerprint: OnceLock<String>,
}

impl SessionId {
    /// A new id that nobody can guess.
    pub fn random() -> Result<Self, StoreError> {
        random::<16>().map(Self::from_bytes)
    }

    /// The id that [`SessionId::as_str`] gave, or none where the text is something else.
    pub fn parse(text: &str) -> Option<Self> {
        let hexadecimal = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
        (text.len() == 32 && text.bytes().all(hexadecimal)).then(|| Self::new(text.to_owned()))
    }

    /// The id as text.
    pub fn as_str(&self) -> &str {
        &self.0.text
    }

    /// Eight digits that tell sessions apart in a log and open nothing.
    pub fn fingerprint(&self) -> &str {
        self.0.fingerprint.get_or_init(|| {
            let hash = digest::digest(&digest::SHA256, self.0.text.as_bytes());
            let first = hash.as_ref().first_chunk::<4>().copied().unwrap_or_default();
            format!("{:08x}", u32::from_be_bytes(first))
        })
    }

    fn new(text: String) -> Self {
        Self(Arc::new(Id { text, fingerprint: OnceLock::new() }))
    }

    fn from_bytes(bytes: [u8; 16]) -> Self {
        Self::new(format!("{:032x}", u128::from_be_bytes(bytes)))
    }

    fn to_bytes(&self) -> [u8; 16] {
        // Every constructor made 32 digits, so zero stands for nothing that exists.
        u128::from_str_radix(&self.0.text, 16).unwrap_or_default().to_be_bytes()
    }
}

impl PartialEq for SessionId {
    fn eq(&self, other: &Self) -> bool {
        self.0.text == other.0.text
    }
}

impl Eq for SessionId {}

impl Hash for SessionId {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.text.hash(state);
    }
}

impl fmt::Debug for SessionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SessionId({})", self.fingerprint())
    }
}

/// What the cookie holds. Whoever has it is the visitor, so `Debug` hides it.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Ticket(String);

impl Ticket {
    /// Wraps what a cookie held; whether it is a ticket is for the store to say.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// What to put into the cookie.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// A ticket that is nothing but a number that nobody can guess.
    fn random() -> Result<Self, StoreError> {
        random::<32>().map(|bytes| Self(URL_SAFE_NO_PAD.encode(bytes)))
    }

    /// Where a store keeps the session of a random ticket. Whatever has another length is none.
    fn key(&self) -> Option<TicketHash> {
        (self.0.len() == RANDOM_TICKET).then(|| self.hash())
    }

    fn hash(&self) -> TicketHash {
        let mut hash = TicketHash::default();
        hash.copy_from_slice(digest::digest(&digest::SHA256, self.0.as_bytes()).as_ref());
        hash
    }
}

/// 256 bits as base64url.
const RANDOM_TICKET: usize = 43;

/// Stores find sessions by the hash of their ticket, so that a copy of the store gives away no ticket.
type TicketHash = [u8; 32];

impl fmt::Debug for Ticket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[ticket]")
    }
}

/// How long sessions live. Stores refuse a session past either limit when it is loaded.
#[derive(Clone, Copy, Debug)]
pub struct Lifetimes {
    /// Without any request.
    pub idle: Duration,
    /// From signing in, whatever happens.
    pub max: Duration,
}

impl Lifetimes {
    /// Whether the session is within both limits.
    pub fn allow(&self, session: &Session, now: u64) -> bool {
        now < session.last_seen.saturating_add(self.idle.as_secs())
            && now < session.created.saturating_add(self.max.as_secs())
    }
}

/// Where sessions are kept.
///
/// There is no upsert: a write that comes after [`SessionStore::destroy`] finds the session gone and
/// says so, so that a late refresh never signs a visitor in again who has signed out.
pub trait SessionStore: Send + Sync {
    /// Keeps a new session. The ticket is always a fresh one.
    fn create<'a>(&'a self, session: &'a Session) -> BoxFuture<'a, Result<Ticket, StoreError>>;

    /// The session of a ticket. None where there is none (any more), whatever the ticket looks like. Shared,
    /// so that a store that remembers sessions copies none of them for a request.
    fn load<'a>(&'a self, ticket: &'a Ticket) -> BoxFuture<'a, Loaded>;

    /// As [`SessionStore::load`], but never from what this process remembers of a place that others write to:
    /// asked before a refresh token is spent. A store that remembers nothing has nothing to add.
    fn load_newest<'a>(&'a self, ticket: &'a Ticket) -> BoxFuture<'a, Loaded> {
        self.load(ticket)
    }

    /// Puts new tokens, user and kept values into a session; its id and the time it was created stay.
    /// Gives the ticket to use from now on, or none where the session is gone.
    fn replace<'a>(
        &'a self,
        ticket: &'a Ticket,
        session: &'a Session,
    ) -> BoxFuture<'a, Result<Option<Ticket>, StoreError>>;

    /// Notes that a request came with the session and when the backend last confirmed it (`checked` of
    /// `session`), and changes nothing else: what is stored stays, though `session`, as the caller
    /// loaded it, may be older. None where the session is gone.
    fn touch<'a>(
        &'a self,
        ticket: &'a Ticket,
        session: &'a Session,
        now: u64,
    ) -> BoxFuture<'a, Result<Option<Ticket>, StoreError>>;

    /// Ends a session. Ending one that is gone is fine.
    fn destroy<'a>(&'a self, ticket: &'a Ticket) -> BoxFuture<'a, Result<(), StoreError>>;

    /// Ends every session of an owner, as [`Session::owner`] says it, that has begun until now, but for one.
    /// A store that cannot find sessions by their owner says so, which is what happens here unless it is
    /// written.
    fn end_others<'a>(
        &'a self,
        _owner: &'a str,
        _keep: &'a SessionId,
    ) -> BoxFuture<'a, Result<(), StoreError>> {
        let reason = "this store cannot find the other sessions of a user";
        Box::pin(std::future::ready(Err(StoreError::Internal(reason.to_owned()))))
    }

    /// Whether `replace` and `touch` give other tickets than they took, so that the browser must be told.
    fn ticket_changes(&self) -> bool;
}

/// What a store says about a ticket.
pub type Loaded = Result<Option<Arc<Session>>, StoreError>;

/// Why a store could not do its work.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The session does not fit into cookies.
    #[error(
        "the session needs {bytes} bytes of cookies and may have {limit}; the biggest part is its {largest}. \
         Use a server-side store, or keep less"
    )]
    TooLarge {
        /// How long the ticket would be.
        bytes: usize,
        /// How long it may be.
        limit: usize,
        /// What takes up most of it.
        largest: &'static str,
    },
    /// The store was not reached.
    #[error("the session store is unavailable: {0}")]
    Unavailable(String),
    /// A key, the random generator or the cipher failed.
    #[error("session cryptography failed: {0}")]
    Crypto(&'static str),
    /// What should have been possible to write down was not.
    #[error("the session could not be written down: {0}")]
    Internal(String),
}

/// Random bytes that nobody can guess.
fn random<const N: usize>() -> Result<[u8; N], StoreError> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|_| StoreError::Crypto("no randomness"))?;
    Ok(bytes)
}
