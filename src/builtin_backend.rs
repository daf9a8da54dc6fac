//! The built-in backend: users in an `SQLite` file, for teams that have no backend yet.
//!
//! It answers the calls of [`BuiltinBackend::ENDPOINTS`] as a server would, in this process. Refresh tokens
//! are spent when they are used; one that comes a second time was stolen or copied, and ends the session
//! that it belongs to. An access token is worth nothing here once its session is over.

mod access_token;
mod account;
mod answer;
mod database;
mod input;
mod link;
mod password;
mod post;
mod profile;
mod recovery;
mod refresh_token;
mod rules;
mod session;
mod settings;
mod sign_in;
mod stop;
#[cfg(test)]
mod tests;
mod throttle;

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;

use self::access_token::AccessTokens;
use self::database::SCHEMA;
use self::password::Passwords;
use self::post::Links;
pub(crate) use self::settings::{Post, Settings};
use self::stop::Stop;
use self::throttle::Throttle;
use crate::backend::{Backend, BackendError};
use crate::call::{CallAnswer, CallRequest};
use crate::clock::Clock;
use crate::sqlite::{Database, DatabaseError};

/// How often what has expired is removed, in seconds.
const SWEEP_EVERY: u64 = 3600;

/// Wrong passwords of somebody who is signed in.
const GUESSES: (u32, Duration) = (5, Duration::from_mins(5));

/// Questions of one address that need no account: which e-mails are free, and links for forgotten passwords.
const QUESTIONS: (u32, Duration) = (30, Duration::from_mins(5));

/// Why the built-in backend cannot work.
#[derive(Debug, thiserror::Error)]
pub(crate) enum BuiltinError {
    /// There is nothing to sign tokens with.
    #[error("the built-in backend needs a secret to sign its tokens; set token.secret")]
    NoSecret,
    /// The database cannot be used.
    #[error(transparent)]
    Database(#[from] DatabaseError),
    /// A password could not be hashed.
    #[error("hashing a password failed: {0}")]
    Hashing(argon2::Error),
    /// What is stored for an account is no Argon2 hash.
    #[error("the password hash of an account cannot be read; let the account set a new password")]
    StoredHash,
    /// An access token could not be signed.
    #[error("signing an access token failed: {0}")]
    Signing(jsonwebtoken::errors::Error),
    /// The machine gave no random bytes.
    #[error("there is no randomness")]
    Randomness,
    /// Work on a thread of its own did not come to its end.
    #[error("work in the background was broken off")]
    BrokenOff,
}

/// The built-in backend.
pub(crate) struct BuiltinBackend {
    database: Database,
    passwords: Passwords,
    access_tokens: AccessTokens,
    refresh_lifetime: u64,
    require_verified_email: bool,
    links: Links,
    guesses: Arc<Throttle>,
    questions: Arc<Throttle>,
    last_sweep: AtomicU64,
    clock: Clock,
}

impl BuiltinBackend {
    /// Every path that answers, with its methods. What each takes and gives is said at its handler.
    pub(crate) const ENDPOINTS: [(&str, &str); 15] = [
        ("/auth/register", "POST"),
        ("/auth/login", "POST"),
        ("/auth/refresh", "POST"),
        ("/auth/logout", "POST"),
        ("/auth/me", "GET, PATCH, DELETE"),
        ("/auth/delete-account", "POST"),
        ("/auth/change-password", "POST"),
        ("/auth/forgot-password", "POST"),
        ("/auth/reset-password", "POST"),
        ("/auth/verify-email", "POST"),
        ("/auth/resend-verification", "POST"),
        ("/auth/email-free", "GET, POST"),
        ("/auth/sessions", "GET"),
        ("/auth/sessions/end-others", "POST"),
        ("/auth/sessions/{id}", "DELETE"),
    ];

    async fn route(&self, request: &CallRequest) -> Result<CallAnswer, Stop> {
        let (path, query) = request.target.split_once('?').unwrap_or((&request.target, ""));
        let body = request.body.as_deref().unwrap_or_default();
        let headers = &request.headers;
        match (path, request.method.as_str()) {
            ("/auth/register", "POST") => self.register(body, headers).await,
            ("/auth/login", "POST") => self.login(body, headers).await,
            ("/auth/refresh", "POST") => self.refresh(body).await,
            ("/auth/logout", "POST") => self.logout(body).await,
            ("/auth/me", "GET") => self.me(headers).await,
            ("/auth/me", "PATCH") => self.change_me(body, headers).await,
            ("/auth/me", "DELETE") | ("/auth/delete-account", "POST") => {
                self.delete_account(body, headers).await
            }
            ("/auth/change-password", "POST") => self.change_password(body, headers).await,
            ("/auth/forgot-password", "POST") => self.forgot_password(body, headers),
            ("/auth/reset-password", "POST") => self.reset_password(body).await,
            ("/auth/verify-email", "POST") => self.verify_email(body).await,
            ("/auth/resend-verification", "POST") => self.resend_verification(body, headers).await,
            ("/auth/email-free", "GET" | "POST") => self.email_free(query, body, headers).await,
            ("/auth/sessions", "GET") => self.list_sessions(headers).await,
            ("/auth/sessions/end-others", "POST") => self.end_other_sessions(body, headers).await,
            (path, method) => match (methods_of(path), path.strip_prefix(ONE_SESSION)) {
                (None, _) => Ok(answer::not_found()),
                (Some("DELETE"), Some(id)) if method == "DELETE" => {
                    self.end_session(id, headers).await
                }
                (Some(methods), _) => Ok(answer::method_not_allowed(methods)),
            },
        }
    }

    /// Opens the database, or creates it. The folder must be there.
    pub(crate) fn open(
        path: &Path,
        settings: Settings,
        clock: Clock,
    ) -> Result<Self, BuiltinError> {
        let database = Database::open(path, &SCHEMA)?;
        let now = clock.unix_seconds();
        database.now(|connection| {
            refresh_token::sweep(connection, now)?;
            link::sweep(connection, now)
        })?;
        let throttle = |(limit, length)| Arc::new(Throttle::new(limit, length, clock.clone()));
        Ok(Self {
            links: Links::new(database.clone(), &settings, clock.clone()),
            database,
            passwords: Passwords::new(),
            refresh_lifetime: settings.refresh_lifetime.as_secs(),
            require_verified_email: settings.accounts.require_verified_email,
            guesses: throttle(GUESSES),
            questions: throttle(QUESTIONS),
            access_tokens: AccessTokens::new(settings)?,
            last_sweep: AtomicU64::new(now),
            clock,
        })
    }

    /// The same backend with other settings. The database stays open, and what was counted stays counted.
    pub(crate) fn with_settings(&self, settings: Settings) -> Result<Self, BuiltinError> {
        let clock = self.clock.clone();
        Ok(Self {
            links: Links::new(self.database.clone(), &settings, clock.clone()),
            database: self.database.clone(),
            passwords: self.passwords.clone(),
            refresh_lifetime: settings.refresh_lifetime.as_secs(),
            require_verified_email: settings.accounts.require_verified_email,
            guesses: Arc::clone(&self.guesses),
            questions: Arc::clone(&self.questions),
            access_tokens: AccessTokens::new(settings)?,
            last_sweep: AtomicU64::new(self.last_sweep.load(Ordering::Relaxed)),
            clock,
        })
    }

    async fn answer(&self, request: CallRequest) -> CallAnswer {
        match self.route(&request).await {
            Ok(answer) => answer,
            Err(Stop::Answer(answer)) => *answer,
            Err(Stop::Broken(error)) => {
                let path = request.target.split('?').next().unwrap_or_default();
                tracing::error!(path, error = %error, "the built-in backend failed");
                match error {
                    BuiltinError::Database(DatabaseError::Locked { .. }) => answer::unavailable(),
                    _ => answer::broken(),
                }
            }
        }
    }

    fn sweep_is_due(&self, now: u64) -> bool {
        let last = self.last_sweep.load(Ordering::Relaxed);
        now >= last.saturating_add(SWEEP_EVERY)
            && self
                .last_sweep
                .compare_exchange(last, now, Ordering::Relaxed, Ordering::Relaxed)
                .is_ok()
    }
}

impl Backend for BuiltinBackend {
    fn send(&self, request: CallRequest) -> BoxFuture<'_, Result<CallAnswer, BackendError>> {
        self.answer(request).map(Ok).boxed()
    }
}

/// What the path of one session begins with.
const ONE_SESSION: &str = "/auth/sessions/";

/// The methods that a path answers to, if there is anything at it.
fn methods_of(path: &str) -> Option<&'static str> {
    let is_at = |pattern: &str| match pattern.strip_suffix("{id}") {
        Some(folder) => {
            path.strip_prefix(folder).is_some_and(|id| !id.is_empty() && !id.contains('/'))
        }
        None => path == pattern,
    };
    BuiltinBackend::ENDPOINTS
        .iter()
        .find(|(pattern, _)| is_at(pattern))
        .map(|(_, methods)| *methods)
}

/// Random bytes that nobody can guess.
fn random<const N: usize>() -> Result<[u8; N], BuiltinError> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|_| BuiltinError::Randomness)?;
    Ok(bytes)
}

/// A time as `SQLite` holds it.
fn sql_time(unix_seconds: u64) -> i64 {
    i64::try_from(unix_seconds).unwrap_or(i64::MAX)
}
