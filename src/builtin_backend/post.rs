//! Links that are mailed, in the background: no answer waits for them, or tells whether there was one.

use std::sync::Arc;

use http::HeaderMap;
use http::header::ACCEPT_LANGUAGE;
use rusqlite::TransactionBehavior;
use tokio::sync::Semaphore;

use super::account::{self, Account};
use super::link::{self, NewLink, Purpose};
use super::refresh_token::RefreshToken;
use super::settings::Post;
use super::{BuiltinError, Settings};
use crate::clock::Clock;
use crate::config::plan::AccountsPlan;
use crate::mail::Mailer;
use crate::sqlite::Database;
use crate::theme::letters::{LetterKind, LetterValues};

/// Requests for links that are looked into at a time. Those of a flood are dropped, whoever they are for.
const AT_A_TIME: usize = 256;

/// Makes links and has them mailed. Copies share everything.
#[derive(Clone)]
pub(super) struct Links {
    database: Database,
    plan: Arc<AccountsPlan>,
    post: Post,
    places: Arc<Semaphore>,
    clock: Clock,
}

/// Who wants a link.
pub(super) enum Whom {
    Account(Account),
    /// Somebody who says that this is theirs; there may be no account of it.
    Email(String),
}

/// What came of a wish for a mail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Posted {
    /// It is on its way.
    Sent,
    /// The account has caused too many, or is gone.
    TooMany,
}

impl Links {
    pub(super) fn new(database: Database, settings: &Settings, clock: Clock) -> Self {
        Self {
            database,
            plan: Arc::new(settings.accounts.clone()),
            post: settings.post.clone(),
            places: Arc::new(Semaphore::new(AT_A_TIME)),
            clock,
        }
    }

    /// Looks in the background for whom a mail is, and mails a link. Without a way to send mails nothing happens.
    pub(super) fn mail_soon(&self, purpose: Purpose, whom: Whom, headers: &HeaderMap) {
        let Some(mailer) = self.post.mailer.clone() else { return };
        let Ok(place) = Arc::clone(&self.places).try_acquire_owned() else {
            tracing::warn!("too many requests for links at once; one was dropped");
            return;
        };
        let links = self.clone();
        let language = language_of(headers);
        tokio::spawn(async move {
            let _place = place;
            if let Err(error) = links.look_and_mail(&mailer, purpose, whom, language).await {
                tracing::error!(%error, "a link could not be made");
            }
        });
    }

    async fn look_and_mail(
        &self,
        mailer: &Mailer,
        purpose: Purpose,
        whom: Whom,
        language: String,
    ) -> Result<(), BuiltinError> {
        let account = match whom {
            Whom::Account(account) => Some(account),
            Whom::Email(email) => {
                let find = move |connection: &mut _| account::by_email(connection, &email);
                self.database.run(find).await?.map(|(account, _)| account)
            }
        };
        let needs = |account: &Account| purpose == Purpose::Reset || !account.verified;
        if let Some(account) = account.filter(needs) {
            let email = account.email.clone();
            self.mail(mailer, purpose, &account, &email, language).await?;
        }
        Ok(())
    }

    /// Stores a link and hands the mail over.
    pub(super) async fn mail(
        &self,
        mailer: &Mailer,
        purpose: Purpose,
        account: &Account,
        email: &str,
        language: String,
    ) -> Result<Posted, BuiltinError> {
        let token = RefreshToken::random()?;
        let (now, limit) = (self.clock.unix_seconds(), self.plan.mails_per_hour);
        let (kind, page, lifetime) = match purpose {
            Purpose::Reset => (LetterKind::Reset, &self.plan.reset_page, self.plan.reset_lifetime),
            Purpose::Verify => {
                (LetterKind::Verify, &self.plan.verify_page, self.plan.verify_lifetime)
            }
        };
        let (id, hash, to) = (account.id, token.hash(), email.to_owned());
        let expires = now + lifetime.as_secs();
        let stored = self
            .database
            .run(move |connection| {
                let tx = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
                let new = NewLink { hash, account: id, purpose, email: &to, expires };
                let stored = link::store(&tx, &new, now, limit)?;
                tx.commit()?;
                Ok(stored)
            })
            .await?;
        if !stored {
            tracing::warn!(
                account = id,
                mail = kind.name(),
                "an account asked for too many mails within an hour; none was sent"
            );
            return Ok(Posted::TooMany);
        }
        let link = format!("{}{page}?token={}", self.post.origin, token.expose());
        let name = account.name.clone();
        let lifetime_s = lifetime.as_secs();
        mailer.send(kind, email, LetterValues { name, link, lifetime_s, language });
        Ok(Posted::Sent)
    }

    /// The way to send mails, if there is one.
    pub(super) fn mailer(&self) -> Option<&Mailer> {
        self.post.mailer.as_ref()
    }
}

/// The language of whoever causes a mail. The pages have settled it, and say one tag.
pub(super) fn language_of(headers: &HeaderMap) -> String {
    let said = headers.get(ACCEPT_LANGUAGE).and_then(|tag| tag.to_str().ok());
    said.unwrap_or_default().to_owned()
}
