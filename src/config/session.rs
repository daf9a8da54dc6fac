//! `[session]`: how long visitors stay signed in, and where that is kept.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::fingerprint;
use super::scalar::{Period, SecretText};
use crate::secret::Secret;

/// How long visitors stay signed in, and where that is kept.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(default)]
pub(crate) struct SessionTable {
    /// Where sessions are kept. Default: `"cookie"`.
    pub store: StoreName,
    /// The `SQLite` file of `store = "sqlite"`; made if it is not there. Default: `"sessions.db"`.
    pub database: Option<String>,
    /// Seals the cookies. Default: derived from `token.secret`.
    #[serde(serialize_with = "fingerprint::one")]
    #[schemars(with = "Option<SecretText>")]
    pub secret: Option<Secret>,
    /// A file that holds the secret, instead of `secret`.
    pub secret_file: Option<String>,
    /// Secrets that still open cookies but never seal one: for changing the secret.
    #[serde(serialize_with = "fingerprint::several")]
    #[schemars(with = "Vec<SecretText>")]
    pub previous_secrets: Vec<Secret>,
    /// Files that hold previous secrets.
    pub previous_secret_files: Vec<String>,
    /// The cookie's name; `__Host-` is put before it where the browser allows. Default: `"vestibule"`.
    pub cookie_name: String,
    /// The cookie's `SameSite`. Default: `"lax"`.
    pub same_site: SameSiteName,
    /// A session that is not used for so long ends. Default: `"12h"`.
    pub idle_timeout: Period,
    /// A session never lives longer than this. Default: `"7d"`.
    pub max_lifetime: Period,
    /// The access token is renewed when it has less than this left. Default: `"5m"`.
    pub refresh_threshold: Period,
}

impl Default for SessionTable {
    fn default() -> Self {
        Self {
            store: StoreName::default(),
            database: None,
            secret: None,
            secret_file: None,
            previous_secrets: Vec::new(),
            previous_secret_files: Vec::new(),
            cookie_name: "vestibule".to_owned(),
            same_site: SameSiteName::default(),
            idle_timeout: Period::seconds(12 * 3600),
            max_lifetime: Period::seconds(7 * 24 * 3600),
            refresh_threshold: Period::seconds(5 * 60),
        }
    }
}

/// Where sessions are kept.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum StoreName {
    /// In the visitor's sealed cookies: nothing to run, survives restarts.
    #[default]
    Cookie,
    /// In this process: gone at a restart.
    Memory,
    /// In an `SQLite` file: survives restarts, and processes on one machine share it.
    Sqlite,
}

/// When the browser sends the cookie from another site.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum SameSiteName {
    /// Never.
    Strict,
    /// When a link is followed.
    #[default]
    Lax,
    /// Always; needs https.
    None,
}
