//! What somebody who is signed in does with the account: look, change, leave; and with its sessions.

use http::{HeaderMap, StatusCode};
use rusqlite::TransactionBehavior;
use serde_json::json;

use super::access_token::Refused;
use super::account::{self, Account};
use super::input::{Faults, Kept, PasswordChange, ProfileChange, Proof};
use super::link::{self, Purpose};
use super::post::{Posted, language_of};
use super::refresh_token::{self, Family, RefreshToken};
use super::stop::Stop;
use super::{BuiltinBackend, answer, session};
use crate::call::CallAnswer;
use crate::secret::Secret;

/// Who asks, by a bearer token whose session goes on.
pub(super) struct Caller {
    pub(super) account: Account,
    password_hash: String,
    family: Option<Family>,
}

impl BuiltinBackend {
    /// Who asks; an answer where nobody does, or somebody whose session is over.
    pub(super) async fn caller(&self, headers: &HeaderMap) -> Result<Caller, Stop> {
        let invalid = "Could not validate credentials";
        let bearer = self.access_tokens.check(headers, self.clock.unix_seconds());
        let bearer = bearer.map_err(|refused| {
            answer::unauthorized(match refused {
                Refused::Missing => "Not authenticated",
                Refused::Expired => "Token has expired",
                Refused::Invalid => invalid,
            })
        })?;
        let (id, family) = (bearer.account, bearer.family);
        let found = self
            .database
            .run(move |connection| {
                let is_open = match family {
                    Some(family) => session::is_open(connection, id, family)?,
                    None => true,
                };
                Ok(account::by_id(connection, id)?.filter(|_| is_open))
            })
            .await?;
        let (account, password_hash) = found.ok_or_else(|| answer::unauthorized(invalid))?;
        Ok(Caller { account, password_hash, family })
    }

    /// `GET /auth/me`: 200 with the account.
    pub(super) async fn me(&self, headers: &HeaderMap) -> Result<CallAnswer, Stop> {
        let caller = self.caller(headers).await?;
        Ok(answer::json(StatusCode::OK, &caller.account.to_json()))
    }

    /// `PATCH /auth/me` with `name`, `email` or both: 200 with the account. A new e-mail needs
    /// `current_password`; where mails are sent it is `pending_email` until its link was opened.
    pub(super) async fn change_me(
        &self,
        body: &[u8],
        headers: &HeaderMap,
    ) -> Result<CallAnswer, Stop> {
        let Caller { mut account, password_hash, .. } = self.caller(headers).await?;
        let ProfileChange { name, email, current } = ProfileChange::read(body)?;
        let id = account.id;
        let mut pending = None;
        if let Some(email) = email.filter(|email| *email != account.email) {
            let Some(current) = current else {
                let reason = "The current password is needed to change the e-mail.";
                return Err(Faults::one("current_password", "missing", reason).into());
            };
            self.prove("current_password", &account, current, password_hash).await?;
            if account::is_same_email(&email, &account.email) {
                // Only its spelling: it leads to the same mailbox.
                self.set_email(&mut account, email, None).await?;
            } else if let Some(mailer) = self.links.mailer() {
                let wanted = email.clone();
                let find = move |connection: &mut _| account::by_email(connection, &wanted);
                if self.database.run(find).await?.is_some() {
                    return Err(taken());
                }
                let posted = self
                    .links
                    .mail(mailer, Purpose::Verify, &account, &email, language_of(headers))
                    .await?;
                if posted == Posted::TooMany {
                    return Ok(answer::too_many(3600));
                }
                pending = Some(email);
            } else {
                self.set_email(&mut account, email, Some(false)).await?;
            }
        }
        if let Some(name) = name {
            account.name.clone_from(&name);
            self.database.run(move |connection| account::set_name(connection, id, &name)).await?;
        }
        let mut json = account.to_json();
        if let Some(email) = pending {
            json["pending_email"] = email.into();
        }
        Ok(answer::json(StatusCode::OK, &json))
    }

    async fn set_email(
        &self,
        account: &mut Account,
        email: String,
        verified: Option<bool>,
    ) -> Result<(), Stop> {
        let (id, verified, now) =
            (account.id, verified.unwrap_or(account.verified), self.clock.unix_seconds());
        account.email.clone_from(&email);
        account.verified = verified;
        let changed = self
            .database
            .run(move |connection| {
                let tx = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
                let changed = account::set_email(&tx, id, &email, verified)?;
                link::expire(&tx, id, None, now)?;
                tx.commit()?;
                Ok(changed)
            })
            .await?;
        if changed { Ok(()) } else { Err(taken()) }
    }

    /// `POST /auth/change-password` with `current_password` and the new `password`: 200, and every other session
    /// of the account is over. `refresh_token` tells which is the caller's own, if the bearer token does not.
    pub(super) async fn change_password(
        &self,
        body: &[u8],
        headers: &HeaderMap,
    ) -> Result<CallAnswer, Stop> {
        let Caller { account, password_hash, family } = self.caller(headers).await?;
        let PasswordChange { current, password, kept } =
            PasswordChange::read(body, &account.email)?;
        self.prove("current_password", &account, current, password_hash).await?;
        let hash = self.passwords.hash(password).await?;
        let (id, now) = (account.id, self.clock.unix_seconds());
        let ended = self
            .database
            .run(move |connection| {
                let tx = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
                let own = own_family(&tx, id, family, kept.as_ref())?;
                account::set_password(&tx, id, &hash)?;
                link::expire(&tx, id, Some(Purpose::Reset), now)?;
                let ended = session::end_others(&tx, id, own)?;
                tx.commit()?;
                Ok(ended)
            })
            .await?;
        let message = "The password is changed; other sessions were ended";
        Ok(answer::json(StatusCode::OK, &json!({ "message": message, "ended": ended })))
    }

    /// `DELETE /auth/me` or `POST /auth/delete-account` with `password`: 200, and the account is gone with all
    /// that belongs to it.
    pub(super) async fn delete_account(
        &self,
        body: &[u8],
        headers: &HeaderMap,
    ) -> Result<CallAnswer, Stop> {
        let Caller { account, password_hash, .. } = self.caller(headers).await?;
        let Proof(password) = Proof::read(body)?;
        self.prove("password", &account, password, password_hash).await?;
        let id = account.id;
        self.database.run(move |connection| account::delete(connection, id)).await?;
        Ok(answer::done("The account is deleted"))
    }

    /// `GET /auth/sessions`: 200 with `sessions`, the one that was used last first.
    pub(super) async fn list_sessions(&self, headers: &HeaderMap) -> Result<CallAnswer, Stop> {
        let Caller { account, family, .. } = self.caller(headers).await?;
        let now = self.clock.unix_seconds();
        let list = self
            .database
            .run(move |connection| {
                // One that has run out is none.
                refresh_token::sweep(connection, now)?;
                session::list(connection, account.id)
            })
            .await?;
        let list: Vec<_> = list.iter().map(|session| session.to_json(family)).collect();
        Ok(answer::json(StatusCode::OK, &json!({ "sessions": list })))
    }

    /// `DELETE /auth/sessions/{id}`: 200, and that session is over; the caller's own is no exception.
    pub(super) async fn end_session(
        &self,
        id: &str,
        headers: &HeaderMap,
    ) -> Result<CallAnswer, Stop> {
        let account = self.caller(headers).await?.account.id;
        let Some(family) = session::family_of(id) else { return Ok(no_session()) };
        let end = move |connection: &mut _| session::end(connection, account, family);
        let ended = self.database.run(end).await?;
        Ok(if ended { answer::done("The session is ended") } else { no_session() })
    }

    /// `POST /auth/sessions/end-others`: 200 with how many `ended`. `refresh_token` tells which session is the
    /// caller's own, if the bearer token does not.
    pub(super) async fn end_other_sessions(
        &self,
        body: &[u8],
        headers: &HeaderMap,
    ) -> Result<CallAnswer, Stop> {
        let Caller { account, family, .. } = self.caller(headers).await?;
        let Kept(kept) = Kept::read(body)?;
        let ended = self
            .database
            .run(move |connection| {
                let tx = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
                let own = own_family(&tx, account.id, family, kept.as_ref())?;
                let ended = session::end_others(&tx, account.id, own)?;
                tx.commit()?;
                Ok(ended)
            })
            .await?;
        let message = "Other sessions were ended";
        Ok(answer::json(StatusCode::OK, &json!({ "message": message, "ended": ended })))
    }

    /// Compares a password with the caller's. A 401 would speak of the bearer token, so a wrong one is a
    /// mistake in its field; somebody who found an open browser does not get to guess for long.
    async fn prove(
        &self,
        field: &str,
        account: &Account,
        password: Secret,
        hash: String,
    ) -> Result<(), Stop> {
        let key = account.id.to_string();
        self.guesses.take(&key).map_err(answer::too_many)?;
        if self.passwords.match_hash(password, Some(hash)).await? {
            self.guesses.give_back(&key);
            return Ok(());
        }
        Err(Faults::one(field, "password_wrong", "This is not your password.").into())
    }
}

/// The session that the caller speaks from.
fn own_family(
    connection: &rusqlite::Connection,
    account: i64,
    family: Option<Family>,
    kept: Option<&RefreshToken>,
) -> rusqlite::Result<Option<Family>> {
    match (family, kept) {
        (Some(family), _) => Ok(Some(family)),
        (None, Some(token)) => refresh_token::family_of(connection, &token.hash(), account),
        (None, None) => Ok(None),
    }
}

fn taken() -> Stop {
    answer::refused(StatusCode::CONFLICT, "Email already registered").into()
}

fn no_session() -> CallAnswer {
    answer::refused(StatusCode::NOT_FOUND, "There is no such session")
}
