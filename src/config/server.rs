//! `[server]`: where vestibule listens and how the browser sees it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::scalar::{Period, Size};

/// Where vestibule listens and how the browser sees it.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(default)]
pub(crate) struct ServerTable {
    /// Address and port to listen on, `"unix:PATH"` for a socket file, or a list of them.
    /// Default: `"127.0.0.1:5001"`.
    pub listen: OneOrMore,
    /// Scheme, host and port as the browser sees them, for example `"https://app.example.com"`. It
    /// decides the cookies' flags and every absolute redirect. Default: `http://localhost` with the
    /// port of `listen`, if that is a loopback address.
    pub public_url: Option<String>,
    /// Networks whose forwarded headers are believed, for example `["10.0.0.0/8"]`. Default: nobody.
    pub trusted_proxies: Vec<String>,
    /// Speaks TLS on every address and port, with a certificate that is read again when it changes.
    pub tls: Option<TlsTable>,
    /// The largest form that is accepted. Default: `"1MiB"`.
    pub max_body_size: Size,
    /// How long a request may take. Default: `"30s"`.
    pub request_timeout: Period,
    /// How long, after SIGTERM, vestibule still serves while it already says that it is not ready.
    /// Default: `"0s"`.
    pub drain_delay: Period,
    /// How long running requests may take to finish at shutdown. Default: `"20s"`.
    pub shutdown_grace: Period,
}

impl Default for ServerTable {
    fn default() -> Self {
        Self {
            listen: OneOrMore::One("127.0.0.1:5001".to_owned()),
            public_url: None,
            trusted_proxies: Vec::new(),
            tls: None,
            max_body_size: Size(1024 * 1024),
            request_timeout: Period::seconds(30),
            drain_delay: Period::seconds(0),
            shutdown_grace: Period::seconds(20),
        }
    }
}

/// A certificate and its key.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
pub(crate) struct TlsTable {
    /// PEM: the certificate, then those that vouch for it.
    pub cert_file: String,
    /// PEM: the private key, without a passphrase.
    pub key_file: String,
}

/// One text or a list of them.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(untagged)]
pub(crate) enum OneOrMore {
    /// One.
    One(String),
    /// Several.
    More(Vec<String>),
}

impl OneOrMore {
    /// All of them, each with what is added to its key's path to find its place.
    pub(crate) fn entries(&self) -> Vec<(String, &str)> {
        match self {
            Self::One(text) => vec![(String::new(), text.as_str())],
            Self::More(texts) => texts
                .iter()
                .enumerate()
                .map(|(index, text)| (format!(".{index}"), text.as_str()))
                .collect(),
        }
    }
}
