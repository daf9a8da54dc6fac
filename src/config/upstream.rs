//! `[[upstream]]`: an app behind the door.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::scalar::{Period, Size};

/// An app behind the door. Of several, the one with the longest `path` that fits gets a request.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(default)]
pub(crate) struct UpstreamTable {
    /// Its name in the log and in variables of the environment. Default: from `path`; `"root"` for `/`.
    pub id: Option<String>,
    /// Where it begins on this site: this path and all below it. Default: `"/"`.
    pub path: String,
    /// Scheme, host and port of the app, for example `"http://127.0.0.1:3000"`.
    pub url: Option<String>,
    /// Takes `path` off before a request is sent on. Default: `false`.
    pub strip_prefix: bool,
    /// Headers for this app alone, beside those of `[identity]`.
    pub headers: BTreeMap<String, String>,
    /// What somebody without a session is answered. Default: `"auto"`.
    pub unauthenticated: UnauthenticatedName,
    /// Which `Host` the app sees: the one that the client asked for, or its own of `url`. Default: `"client"`.
    pub host: HostName,
    /// Turns a `Location` with the app's own address into one on this site. Default: `false`.
    pub rewrite_location: bool,
    /// The largest body that is passed on. Default: no limit.
    pub max_body_size: Option<Size>,
    /// How long a connection may take to be made, TLS included. Default: `"5s"`.
    pub connect_timeout: Period,
    /// How long the app may take to begin its answer, counted from the last byte of the request. Default: `"60s"`.
    pub response_timeout: Period,
    /// How long an answer or an upgraded connection may be silent, or a client take or send nothing. Default: `"5m"`.
    pub idle_timeout: Period,
}

impl Default for UpstreamTable {
    fn default() -> Self {
        Self {
            id: None,
            path: "/".to_owned(),
            url: None,
            strip_prefix: false,
            headers: BTreeMap::new(),
            unauthenticated: UnauthenticatedName::default(),
            host: HostName::default(),
            rewrite_location: false,
            max_body_size: None,
            connect_timeout: Period::seconds(5),
            response_timeout: Period::seconds(60),
            idle_timeout: Period::seconds(300),
        }
    }
}

/// What somebody without a session is answered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
pub(crate) enum UnauthenticatedName {
    /// A browser that loads a page is sent to the login page, everybody else gets a 401.
    #[default]
    #[serde(rename = "auto")]
    Auto,
    /// Everybody is sent to the login page, but for upgrades.
    #[serde(rename = "login")]
    Login,
    /// Everybody gets a 401.
    #[serde(rename = "401")]
    Unauthorized,
}

/// Which `Host` an app sees.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum HostName {
    /// The one that the client asked for.
    #[default]
    Client,
    /// Its own.
    Upstream,
}
