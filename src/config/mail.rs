//! `[mail]`: how mails leave the house.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::fingerprint;
use super::scalar::{Period, SecretText};
use crate::secret::Secret;

/// How the built-in backend sends mails: with `smtp`, or into a `folder` while you develop. Without this
/// table it sends none.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(default)]
pub(crate) struct MailTable {
    /// Who the mails are from, for example `"Acme <no-reply@example.com>"`.
    pub from: Option<String>,
    /// The mail server, for example `"smtp://user@smtp.example.com:587"`; `smtps://` speaks TLS from the first byte on.
    pub smtp: Option<String>,
    /// The password of the user in `smtp`.
    #[serde(serialize_with = "fingerprint::one")]
    #[schemars(with = "Option<SecretText>")]
    pub password: Option<Secret>,
    /// A file that holds it, instead of `password`.
    pub password_file: Option<String>,
    /// How the connection is secured. Default: `"implicit"` with `smtps://`, `"none"` with a server on this
    /// machine, else `"starttls"`.
    pub tls: Option<MailTlsName>,
    /// Instead of `smtp`: a folder for files that mail programs open, for example `"mail"`. Made if it is not there.
    pub folder: Option<String>,
    /// How long the mail server may take for each step. Default: `"10s"`.
    pub timeout: Period,
}

impl Default for MailTable {
    fn default() -> Self {
        Self {
            from: None,
            smtp: None,
            password: None,
            password_file: None,
            tls: None,
            folder: None,
            timeout: Period::seconds(10),
        }
    }
}

/// How a connection to a mail server is secured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum MailTlsName {
    /// It begins in the clear and must become TLS before anything is said.
    StartTls,
    /// TLS from the first byte on.
    Implicit,
    /// In the clear.
    None,
}
