//! The built-in backend: users in an `SQLite` file, for teams that have no backend yet.
//!
//! It answers the five calls of [`BuiltinBackend::PATHS`] as a server would, in this process. Refresh
//! tokens are spent when they are used; one that comes a second time was stolen or copied, and ends
//! every session that descends from the same login.

mod access_token;
mod account;
mod answer;
mod database;
mod input;
mod password;
mod refresh_token;
#[cfg(test)]
mod tests;

use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use http::{Method, StatusCode};

use self::access_token::{AccessTokens, Refused};
use self::account::Account;
use self::database::SCHEMA;
use self::input::{Credentials, NewAccount, PresentedToken};
use self::password::Passwords;
use self::refresh_token::{RefreshToken, Rotation};
use crate::backend::{Backend, BackendError};
use crate::call::{CallAnswer, CallRequest};
use crate::clock::Clock;
use crate::secret::Secret;
use crate::sqlite::{Database, DatabaseError};

/// How often refresh tokens that have expired are removed, in seconds.
const SWEEP_EVERY: u64 = 3600;

/// How the backend signs, and how long its tokens live.
#[derive(Clone, Debug)]
pub(crate) struct Settings {
    /// Signs access tokens (HS256).
    pub(crate) secret: Secret,
    /// The `iss` of access tokens.
    pub(crate) issuer: Option<String>,
    /// The `aud` of access tokens.
    pub(crate) audience: Vec<String>,
    /// How long an access token is good.
    pub(crate) access_lifetime: Duration,
    /// How long a refresh token is good, if it is not used before.
    pub(crate) refresh_lifetime: Duration,
}

impl Settings {
    /// The usual lifetimes, no issuer and no audience.
    pub(crate) fn new(secret: Secret) -> Self {
        Self {
            secret,
            issuer: None,
            audience: Vec::new(),
            access_lifetime: Duration::from_mins(30),
            refresh_lifetime: Duration::from_hours(7 * 24),
        }
    }
}

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
    last_sweep: AtomicU64,
    clock: Clock,
}

impl BuiltinBackend {
    /// Every path that answers.
    pub(crate) const PATHS: [&str; 5] =
        ["/auth/register", "/auth/login", "/auth/refresh", "/auth/me", "/auth/logout"];

    /// Opens the database, or creates it. The folder must be there.
    pub(crate) fn open(
        path: &Path,
        settings: Settings,
        clock: Clock,
    ) -> Result<Self, BuiltinError> {
        let database = Database::open(path, &SCHEMA)?;
        let now = clock.unix_seconds();
        database.now(|connection| refresh_token::sweep(connection, now))?;
        Ok(Self {
            database,
            passwords: Passwords::new(),
            refresh_lifetime: settings.refresh_lifetime.as_secs(),
            access_tokens: AccessTokens::new(settings)?,
            last_sweep: AtomicU64::new(now),
            clock,
        })
    }

    async fn answer(&self, request: CallRequest) -> CallAnswer {
        let path = request.target.split('?').next().unwrap_or_default();
        let allowed = match path {
            "/auth/me" => Method::GET,
            known if Self::PATHS.contains(&known) => Method::POST,
            _ => return answer::not_found(),
        };
        if request.method != allowed {
            return answer::method_not_allowed(&allowed);
        }
        let body = request.body.as_deref().unwrap_or_default();
        let answered = match path {
            "/auth/register" => self.register(body).await,
            "/auth/login" => self.login(body).await,
            "/auth/refresh" => self.refresh(body).await,
            "/auth/logout" => self.logout(body).await,
            _ => self.me(&request).await,
        };
        answered.unwrap_or_else(|error| {
            tracing::error!(path, error = %error, "the built-in backend failed");
            match error {
                BuiltinError::Database(DatabaseError::Locked { .. }) => answer::unavailable(),
                _ => answer::broken(),
            }
        })
    }

    async fn register(&self, body: &[u8]) -> Result<CallAnswer, BuiltinError> {
        let NewAccount { email, name, password } = match NewAccount::read(body) {
            Ok(account) => account,
            Err(faults) => return Ok(answer::invalid(faults)),
        };
        let hash = self.passwords.hash(password).await?;
        let now = self.clock.unix_seconds();
        let created = self
            .database
            .run(move |connection| account::create(connection, &email, &name, &hash, now))
            .await?;
        Ok(match created {
            Some(account) => answer::json(StatusCode::CREATED, &account.to_json()),
            None => answer::refused(StatusCode::CONFLICT, "Email already registered"),
        })
    }

    async fn login(&self, body: &[u8]) -> Result<CallAnswer, BuiltinError> {
        let Credentials { email, password } = match Credentials::read(body) {
            Ok(credentials) => credentials,
            Err(faults) => return Ok(answer::invalid(faults)),
        };
        let refused = || answer::unauthorized("Incorrect email or password");
        let found =
            self.database.run(move |connection| account::by_email(connection, &email)).await?;
        let (account, hash) = found.unzip();
        // Hashes for an unknown account as well, so that the time does not tell which ones exist.
        let matches = self.passwords.match_hash(password, hash).await?;
        let Some(account) = account.filter(|_| matches) else {
            return Ok(refused());
        };
        let now = self.clock.unix_seconds();
        let sweep = self.sweep_is_due(now);
        let token = RefreshToken::random()?;
        let family = refresh_token::random_family()?;
        let (id, hash, expires) = (account.id, token.hash(), now + self.refresh_lifetime);
        let begun = self
            .database
            .run(move |connection| {
                if sweep {
                    refresh_token::sweep(connection, now)?;
                }
                refresh_token::begin(connection, id, &family, &hash, expires)
            })
            .await?;
        if begun { self.tokens(&account, &token, now) } else { Ok(refused()) }
    }

    async fn refresh(&self, body: &[u8]) -> Result<CallAnswer, BuiltinError> {
        let PresentedToken(presented) = match PresentedToken::read(body) {
            Ok(token) => token,
            Err(faults) => return Ok(answer::invalid(faults)),
        };
        let now = self.clock.unix_seconds();
        let next = RefreshToken::random()?;
        let (old, new, expires) = (presented.hash(), next.hash(), now + self.refresh_lifetime);
        let rotation = self
            .database
            .run(move |connection| refresh_token::rotate(connection, &old, &new, now, expires))
            .await?;
        match rotation {
            Rotation::Done(account) => self.tokens(&account, &next, now),
            Rotation::Unknown => Ok(answer::unauthorized("Invalid refresh token")),
            Rotation::Expired => Ok(answer::unauthorized("Refresh token expired")),
            Rotation::Reused => {
                tracing::warn!("a spent refresh token came again; its login was revoked");
                Ok(answer::unauthorized("Refresh token reuse detected"))
            }
        }
    }

    async fn me(&self, request: &CallRequest) -> Result<CallAnswer, BuiltinError> {
        let invalid = "Could not validate credentials";
        let id = match self.access_tokens.check(&request.headers, self.clock.unix_seconds()) {
            Ok(id) => id,
            Err(Refused::Missing) => return Ok(answer::unauthorized("Not authenticated")),
            Err(Refused::Expired) => return Ok(answer::unauthorized("Token has expired")),
            Err(Refused::Invalid) => return Ok(answer::unauthorized(invalid)),
        };
        let account = self.database.run(move |connection| account::by_id(connection, id)).await?;
        Ok(match account {
            Some(account) => answer::json(StatusCode::OK, &account.to_json()),
            None => answer::unauthorized(invalid),
        })
    }

    async fn logout(&self, body: &[u8]) -> Result<CallAnswer, BuiltinError> {
        let PresentedToken(presented) = match PresentedToken::read(body) {
            Ok(token) => token,
            Err(faults) => return Ok(answer::invalid(faults)),
        };
        let hash = presented.hash();
        self.database.run(move |connection| refresh_token::revoke(connection, &hash)).await?;
        Ok(answer::json(StatusCode::OK, &serde_json::json!({"message": "Logged out"})))
    }

    fn tokens(
        &self,
        account: &Account,
        refresh: &RefreshToken,
        now: u64,
    ) -> Result<CallAnswer, BuiltinError> {
        let tokens = serde_json::json!({
            "access_token": self.access_tokens.sign(account, now)?,
            "refresh_token": refresh.expose(),
            "token_type": "bearer",
            "expires_in": self.access_tokens.lifetime(),
        });
        Ok(answer::json(StatusCode::OK, &tokens))
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
