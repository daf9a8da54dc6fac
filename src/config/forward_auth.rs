//! `[forward_auth]`: other proxies that ask vestibule who may pass.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Other proxies that ask vestibule who may pass. Needs a session store on the server,
/// `server.trusted_proxies` and `server.public_url`.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema)]
#[serde(default)]
pub(crate) struct ForwardAuthTable {
    /// Which proxies may ask, each at `/_vestibule/verify/NAME`. Default: none.
    pub proxies: Vec<ProxyName>,
}

/// A proxy that can ask.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum ProxyName {
    /// nginx, by `auth_request`.
    Nginx,
    /// Caddy, by `forward_auth`.
    Caddy,
    /// Traefik, by `ForwardAuth`.
    Traefik,
}
