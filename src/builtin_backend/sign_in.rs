//! Registering, signing in, staying signed in and signing out.

use http::{HeaderMap, StatusCode};
use serde_json::json;

use super::account::{self, Account};
use super::input::{Credentials, NewAccount, PresentedToken};
use super::link::Purpose;
use super::post::Whom;
use super::refresh_token::{self, Family, RefreshToken, Rotation};
use super::session::Origin;
use super::stop::Stop;
use super::{BuiltinBackend, answer, link, session};
use crate::call::CallAnswer;

/// What a caller says about the browser that signs in, for the list of sessions.
const AGENT: &str = "x-client-agent";
/// What a caller says about the address of the browser.
pub(super) const ADDRESS: &str = "x-client-address";
/// Longer names of browsers tell nobody more.
const AGENT_CHARACTERS: usize = 300;

impl BuiltinBackend {
    /// `POST /auth/register` with `email`, `password` and, if wanted, `name`: 201 with the account, 409 where
    /// the e-mail has one. Where mails are sent, one with a link to verify the e-mail follows.
    pub(super) async fn register(
        &self,
        body: &[u8],
        headers: &HeaderMap,
    ) -> Result<CallAnswer, Stop> {
        let NewAccount { email, name, password } = NewAccount::read(body)?;
        let hash = self.passwords.hash(password).await?;
        let now = self.clock.unix_seconds();
        let created = self
            .database
            .run(move |connection| account::create(connection, &email, &name, &hash, now))
            .await?;
        let Some(account) = created else {
            return Ok(answer::refused(StatusCode::CONFLICT, "Email already registered"));
        };
        let answer = answer::json(StatusCode::CREATED, &account.to_json());
        self.links.mail_soon(Purpose::Verify, Whom::Account(account), headers);
        Ok(answer)
    }

    /// `POST /auth/login` with `email` and `password`: 200 with a pair of tokens. Headers `X-Client-Agent` and
    /// `X-Client-Address` say for the list of sessions what signs in, and from where.
    pub(super) async fn login(&self, body: &[u8], headers: &HeaderMap) -> Result<CallAnswer, Stop> {
        let Credentials { email, password } = Credentials::read(body)?;
        let refused = || answer::unauthorized("Incorrect email or password");
        let found =
            self.database.run(move |connection| account::by_email(connection, &email)).await?;
        let (account, hash) = found.unzip();
        // Hashes for an unknown account as well, so that the time does not tell which ones exist.
        let matches = self.passwords.match_hash(password, hash).await?;
        let Some(account) = account.filter(|_| matches) else {
            return Ok(refused());
        };
        if self.require_verified_email && !account.verified {
            // Only whoever knows the password gets to read this.
            return Ok(answer::coded(
                StatusCode::FORBIDDEN,
                "EMAIL_NOT_VERIFIED",
                "The e-mail address is not verified yet; open the link in the mail that was sent to it",
            ));
        }
        let now = self.clock.unix_seconds();
        let sweep = self.sweep_is_due(now);
        let token = RefreshToken::random()?;
        let family = refresh_token::random_family()?;
        let (id, hash, expires) = (account.id, token.hash(), now + self.refresh_lifetime);
        let origin = origin(headers);
        let begun = self
            .database
            .run(move |connection| {
                if sweep {
                    refresh_token::sweep(connection, now)?;
                    link::sweep(connection, now)?;
                }
                session::begin(connection, id, &family, &origin, &hash, now, expires)
            })
            .await?;
        if begun { self.tokens(&account, family, &token, now) } else { Ok(refused()) }
    }

    /// `POST /auth/refresh` with `refresh_token`: 200 with the next pair; the old token is spent.
    pub(super) async fn refresh(&self, body: &[u8]) -> Result<CallAnswer, Stop> {
        let PresentedToken(presented) = PresentedToken::read(body)?;
        let now = self.clock.unix_seconds();
        let next = RefreshToken::random()?;
        let (old, new, expires) = (presented.hash(), next.hash(), now + self.refresh_lifetime);
        let rotation = self
            .database
            .run(move |connection| refresh_token::rotate(connection, &old, &new, now, expires))
            .await?;
        match rotation {
            Rotation::Done(account, family) => self.tokens(&account, family, &next, now),
            Rotation::Unknown => Ok(answer::unauthorized("Invalid refresh token")),
            Rotation::Expired => Ok(answer::unauthorized("Refresh token expired")),
            Rotation::Reused => {
                tracing::warn!("a spent refresh token came again; its login was revoked");
                Ok(answer::unauthorized("Refresh token reuse detected"))
            }
        }
    }

    /// `POST /auth/logout` with `refresh_token`: 200, and the session of that token is over.
    pub(super) async fn logout(&self, body: &[u8]) -> Result<CallAnswer, Stop> {
        let PresentedToken(presented) = PresentedToken::read(body)?;
        let hash = presented.hash();
        self.database.run(move |connection| refresh_token::revoke(connection, &hash)).await?;
        Ok(answer::done("Logged out"))
    }

    fn tokens(
        &self,
        account: &Account,
        family: Family,
        refresh: &RefreshToken,
        now: u64,
    ) -> Result<CallAnswer, Stop> {
        let tokens = json!({
            "access_token": self.access_tokens.sign(account, family, now)?,
            "refresh_token": refresh.expose(),
            "token_type": "bearer",
            "expires_in": self.access_tokens.lifetime(),
        });
        Ok(answer::json(StatusCode::OK, &tokens))
    }
}

/// What the headers say about the client. It is shown to its owner and decides nothing.
fn origin(headers: &HeaderMap) -> Origin {
    let text = |name: &str| {
        let text = String::from_utf8_lossy(headers.get(name)?.as_bytes()).trim().to_owned();
        (!text.is_empty()).then_some(text)
    };
    Origin {
        agent: text(AGENT).map(|agent| {
            agent.chars().filter(|c| !c.is_control()).take(AGENT_CHARACTERS).collect()
        }),
        address: text(ADDRESS).filter(|it| it.parse::<std::net::IpAddr>().is_ok()),
    }
}
