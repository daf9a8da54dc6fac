//! Mails: written in the theme's words, and sent in the background.
//!
//! Whoever causes a mail does not wait for it, so that no answer tells whether one was sent. A mail holds a
//! link that opens an account: neither the link nor what a mail server says about it reaches the log whole.

mod carrier;
#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::time::{Duration, UNIX_EPOCH};

use lettre::message::header::{HeaderName, HeaderValue};
use lettre::message::{Mailbox, MultiPart};
use lettre::{Address, Message};
use tokio::sync::Semaphore;

use self::carrier::{Carrier, Failure};
use crate::clock::Clock;
use crate::config::plan::MailPlan;
use crate::theme::letters::{LetterKind, LetterValues, Letters};

/// How long to wait before each try. A mail server that asks to come back later (greylisting) means minutes.
const PAUSES: [Duration; 4] =
    [Duration::ZERO, Duration::from_secs(2), Duration::from_secs(20), Duration::from_mins(3)];

/// Mails that are on their way or wait for another try. A flood is dropped and told, and never piles up.
const AT_A_TIME: usize = 256;

/// So much of a token in a reason is no coincidence.
const PIECE: usize = 8;

/// Why no mails can be sent.
#[derive(Debug, thiserror::Error)]
pub(crate) enum MailError {
    /// The folder for mails cannot be made.
    #[error("cannot make the folder {folder} for mails: {source}; change [mail] folder")]
    Folder {
        /// Where it should be.
        folder: String,
        /// Why not.
        source: std::io::Error,
    },
    /// The certificates that a mail server is judged by cannot be used.
    #[error("cannot set up TLS for the mail server: {0}")]
    Tls(lettre::transport::smtp::Error),
}

/// Sends mails. Copies share everything.
#[derive(Clone)]
pub(crate) struct Mailer(Arc<Inner>);

struct Inner {
    from: Mailbox,
    carrier: Carrier,
    letters: Arc<Letters>,
    /// The site's own name on the net.
    host: String,
    pauses: Vec<Duration>,
    places: Arc<Semaphore>,
    clock: Clock,
}

impl Mailer {
    /// Makes what the plan says. `host` is that of the site; nothing is connected to yet.
    pub(crate) fn open(
        plan: MailPlan,
        letters: Arc<Letters>,
        host: &str,
        clock: Clock,
    ) -> Result<Self, MailError> {
        Ok(Self(Arc::new(Inner {
            from: plan.from,
            carrier: Carrier::open(plan.carrier, plan.timeout, host)?,
            letters,
            host: host.to_owned(),
            pauses: PAUSES.to_vec(),
            places: Arc::new(Semaphore::new(AT_A_TIME)),
            clock,
        })))
    }

    /// Sends a mail in the background. What becomes of it is in the log.
    pub(crate) fn send(&self, kind: LetterKind, to: &str, values: LetterValues) {
        let Ok(place) = Arc::clone(&self.0.places).try_acquire_owned() else {
            tracing::error!(mail = kind.name(), "too many mails wait to be sent; one was dropped");
            return;
        };
        let (inner, to) = (Arc::clone(&self.0), to.to_owned());
        tokio::spawn(async move {
            let _place = place;
            inner.deliver(kind, &to, &values).await;
        });
    }
}

impl Inner {
    async fn deliver(&self, kind: LetterKind, to: &str, values: &LetterValues) {
        let mail = kind.name();
        let message = match self.message(kind, to, values) {
            Ok(message) => message,
            Err(reason) => {
                tracing::error!(mail, %reason, "a mail could not be written");
                return;
            }
        };
        for (index, pause) in self.pauses.iter().enumerate() {
            tokio::time::sleep(*pause).await;
            let Failure { reason, is_final } = match self.carrier.carry(kind, &message).await {
                Ok(()) => {
                    tracing::info!(mail, tries = index + 1, "a mail was sent");
                    return;
                }
                Err(failure) => failure,
            };
            let reason = without_link(&reason, &values.link);
            if is_final || index + 1 == self.pauses.len() {
                tracing::error!(mail, tries = index + 1, reason, "a mail could not be sent");
                return;
            }
            tracing::warn!(mail, tries = index + 1, reason, "a mail was not sent yet");
        }
    }

    fn message(
        &self,
        kind: LetterKind,
        to: &str,
        values: &LetterValues,
    ) -> Result<Message, String> {
        let address: Address =
            to.parse().map_err(|_| "the account's address is not one of mail".to_owned())?;
        let letter = self
            .letters
            .write(kind, values, &self.host)
            .map_err(|error| format!("the template failed: {error:#}"))?;
        let mut id = [0; 16];
        getrandom::fill(&mut id).map_err(|_| "there is no randomness".to_owned())?;
        let id = format!("<{:032x}@{}>", u128::from_be_bytes(id), self.from.email.domain());
        Message::builder()
            .from(self.from.clone())
            .to(Mailbox::new(None, address))
            .subject(letter.subject)
            .date(UNIX_EPOCH + Duration::from_secs(self.clock.unix_seconds()))
            .message_id(Some(id))
            // RFC 3834: no absence note answers a program.
            .raw_header(HeaderValue::new(
                HeaderName::new_from_ascii_str("Auto-Submitted"),
                "auto-generated".to_owned(),
            ))
            .multipart(MultiPart::alternative_plain_html(letter.text, letter.html))
            .map_err(|error| error.to_string())
    }
}

/// A mail server may quote what it does not like, links above all.
fn without_link(reason: &str, link: &str) -> String {
    let token = link.rsplit('=').next().unwrap_or(link);
    // A piece of the token is told as little as the whole.
    let quotes = |piece: &[u8]| reason.as_bytes().windows(PIECE).any(|it| it == piece);
    if token.as_bytes().windows(PIECE).any(quotes) {
        return "the mail server refused it, and quoted the link that must not be told".to_owned();
    }
    reason.to_owned()
}
