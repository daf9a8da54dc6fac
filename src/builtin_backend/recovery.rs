//! What links in mails do: a new password for whoever forgot theirs, and addresses that are verified.

use http::{HeaderMap, StatusCode};
use rusqlite::TransactionBehavior;
use serde_json::json;

use super::input::{Address, Faults, LinkToken, NewPassword};
use super::link::{self, Found, Opened, Purpose};
use super::post::{Posted, Whom, language_of};
use super::refresh_token::Hash;
use super::rules::password_fault;
use super::stop::Stop;
use super::{BuiltinBackend, account, answer, session, sign_in};
use crate::call::CallAnswer;

impl BuiltinBackend {
    /// `POST /auth/forgot-password` with `email`: 202 whether or not there is such an account. The mail with a
    /// link for a new password is a matter of later.
    pub(super) fn forgot_password(
        &self,
        body: &[u8],
        headers: &HeaderMap,
    ) -> Result<CallAnswer, Stop> {
        self.needs_mail()?;
        let Address(email) = Address::read(body)?;
        self.not_too_often(headers)?;
        self.links.mail_soon(Purpose::Reset, Whom::Email(email), headers);
        Ok(answer::json(
            StatusCode::ACCEPTED,
            &json!({ "message": "If there is an account with this e-mail, a link is on its way to it" }),
        ))
    }

    /// `POST /auth/reset-password` with the link's `token` and a new `password`: 200, and every session of the
    /// account is over. 400 or 410 where the link is not good, 422 where the password is not.
    pub(super) async fn reset_password(&self, body: &[u8]) -> Result<CallAnswer, Stop> {
        let NewPassword { token, password } = NewPassword::read(body)?;
        let (hash, now) = (token.hash(), self.clock.unix_seconds());
        let opened = self.opened(hash, Purpose::Reset).await?;
        if let Some((kind, reason)) = password_fault(password.expose(), Some(&opened.account.email))
        {
            return Err(Faults::one("password", kind, reason).into());
        }
        let password_hash = self.passwords.hash(password).await?;
        let found = self
            .database
            .run(move |connection| {
                let tx = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
                let found = link::find(&tx, &hash, Purpose::Reset, now)?;
                if let Found::Good(Opened { account, email }) = &found {
                    link::spend(&tx, &hash)?;
                    link::expire(&tx, account.id, Some(Purpose::Reset), now)?;
                    account::set_password(&tx, account.id, &password_hash)?;
                    session::end_others(&tx, account.id, None)?;
                    // The link came to this address, and was read there.
                    if account::is_same_email(email, &account.email) {
                        account::set_email(&tx, account.id, &account.email, true)?;
                    }
                    tx.commit()?;
                }
                Ok(found)
            })
            .await?;
        good(found)?;
        Ok(answer::done("The password is set; every session was ended"))
    }

    /// `POST /auth/verify-email` with the link's `token`: 200 with the account, whose e-mail is now the one that
    /// the link was sent to. 400 or 410 where the link is not good, 409 where another account has that e-mail.
    pub(super) async fn verify_email(&self, body: &[u8]) -> Result<CallAnswer, Stop> {
        let LinkToken(token) = LinkToken::read(body)?;
        let (hash, now) = (token.hash(), self.clock.unix_seconds());
        let (found, is_free) = self
            .database
            .run(move |connection| {
                let tx = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
                let mut found = link::find(&tx, &hash, Purpose::Verify, now)?;
                let mut is_free = true;
                if let Found::Good(Opened { account, email }) = &mut found {
                    is_free = account::set_email(&tx, account.id, email, true)?;
                    if is_free {
                        link::spend(&tx, &hash)?;
                        if !account::is_same_email(email, &account.email) {
                            // A link that waits in the old mailbox must not open the account any more.
                            link::expire(&tx, account.id, None, now)?;
                        }
                        account.email.clone_from(email);
                        account.verified = true;
                        tx.commit()?;
                    }
                }
                Ok((found, is_free))
            })
            .await?;
        let Opened { account, .. } = good(found)?;
        Ok(if is_free {
            answer::json(StatusCode::OK, &account.to_json())
        } else {
            answer::refused(StatusCode::CONFLICT, "Email already registered")
        })
    }

    /// `POST /auth/resend-verification`: with a bearer token for its account; with `email` for whoever cannot
    /// sign in, and then 202 whether or not there is such an account.
    pub(super) async fn resend_verification(
        &self,
        body: &[u8],
        headers: &HeaderMap,
    ) -> Result<CallAnswer, Stop> {
        let mailer = self.needs_mail()?;
        let accepted =
            |message: &str| answer::json(StatusCode::ACCEPTED, &json!({ "message": message }));
        if headers.contains_key(http::header::AUTHORIZATION) {
            let account = self.caller(headers).await?.account;
            if account.verified {
                return Ok(answer::done("The e-mail is verified already"));
            }
            let email = account.email.clone();
            return match self
                .links
                .mail(mailer, Purpose::Verify, &account, &email, language_of(headers))
                .await?
            {
                Posted::Sent => Ok(accepted("A link is on its way")),
                Posted::TooMany => Ok(answer::too_many(3600)),
            };
        }
        let Address(email) = Address::read(body)?;
        self.not_too_often(headers)?;
        self.links.mail_soon(Purpose::Verify, Whom::Email(email), headers);
        Ok(accepted(
            "If there is an account with this e-mail to be verified, a link is on its way to it",
        ))
    }

    /// `GET /auth/email-free?email=…`, or `POST` with `email`: 200 with `free`. It tells no more than
    /// registering does with its 409, and is limited by address where that is known.
    pub(super) async fn email_free(
        &self,
        query: &str,
        body: &[u8],
        headers: &HeaderMap,
    ) -> Result<CallAnswer, Stop> {
        let asked = form_urlencoded::parse(query.as_bytes()).find(|(name, _)| name == "email");
        let Address(email) = match asked {
            Some((_, email)) => Address::read(json!({ "email": email }).to_string().as_bytes())?,
            None => Address::read(if body.is_empty() { b"{}" } else { body })?,
        };
        self.not_too_often(headers)?;
        let find = move |connection: &mut _| account::by_email(connection, &email);
        let free = self.database.run(find).await?.is_none();
        Ok(answer::json(StatusCode::OK, &json!({ "free": free })))
    }

    async fn opened(&self, hash: Hash, purpose: Purpose) -> Result<Opened, Stop> {
        let now = self.clock.unix_seconds();
        let find = move |connection: &mut _| link::find(connection, &hash, purpose, now);
        good(self.database.run(find).await?)
    }

    /// The way to send mails; an answer where there is none, the same for everybody.
    pub(super) fn needs_mail(&self) -> Result<&crate::mail::Mailer, Stop> {
        self.links.mailer().ok_or_else(|| {
            let reason = "This site sends no mails; its operator has to set up [mail]";
            answer::coded(StatusCode::SERVICE_UNAVAILABLE, "mail_not_set_up", reason).into()
        })
    }

    /// Limits, for one address, questions that anybody may ask. In-process callers without an address have
    /// limits of their own.
    fn not_too_often(&self, headers: &HeaderMap) -> Result<(), Stop> {
        let address = headers.get(sign_in::ADDRESS).and_then(|it| it.to_str().ok());
        let taken = address.map_or(Ok(()), |address| self.questions.take(address));
        taken.map_err(|after| answer::too_many(after).into())
    }
}

/// What a link opens, or the answer that says what is wrong with it.
fn good(found: Found) -> Result<Opened, Stop> {
    let (status, code, reason) = match found {
        Found::Good(opened) => return Ok(opened),
        Found::Unknown => (
            StatusCode::BAD_REQUEST,
            "link_invalid",
            "This link is not complete, or not one of ours",
        ),
        Found::Expired => {
            (StatusCode::GONE, "link_expired", "This link is too old, or there is a newer one")
        }
        Found::Used => (StatusCode::GONE, "link_used", "This link was used already"),
    };
    Err(answer::coded(status, code, reason).into())
}
