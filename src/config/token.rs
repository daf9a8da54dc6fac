//! `[token]`: how the backend's tokens are judged.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::fingerprint;
use super::scalar::{Period, SecretText};
use super::server::OneOrMore;
use crate::secret::Secret;

/// How the backend's tokens are judged: with `secret`, `jwks_url` or `public_key_file`. Without any of them
/// only their lifetime is read.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(default)]
pub(crate) struct TokenTable {
    /// The secret with which the backend signs its tokens; at least 32 bytes outside development.
    #[serde(serialize_with = "fingerprint::one")]
    #[schemars(with = "Option<SecretText>")]
    pub secret: Option<Secret>,
    /// A file that holds the secret, instead of `secret`.
    pub secret_file: Option<String>,
    /// Where the backend shows its public keys (JWKS): an address, or a path of the backend.
    pub jwks_url: Option<String>,
    /// A file with the backend's public key in PEM: RSA, P-256, P-384 or Ed25519.
    pub public_key_file: Option<String>,
    /// The algorithms that are accepted, never taken from the token. Default: `["HS256"]` with a secret,
    /// else all that the public key can do: RS256, RS384, RS512, PS256, PS384, PS512; ES256; ES384; `EdDSA`.
    pub algorithms: Vec<String>,
    /// What the token's `iss` must be, if set.
    pub issuer: Option<String>,
    /// What the token's `aud` must be or contain, if set; a text or a list.
    pub audience: Option<OneOrMore>,
    /// By how much the backend's clock may differ from ours. Default: `"30s"`.
    pub leeway: Period,
    /// What the access token is. Default: `"auto"`.
    pub format: TokenFormatName,
}

impl Default for TokenTable {
    fn default() -> Self {
        Self {
            secret: None,
            secret_file: None,
            jwks_url: None,
            public_key_file: None,
            algorithms: Vec::new(),
            issuer: None,
            audience: None,
            leeway: Period::seconds(30),
            format: TokenFormatName::default(),
        }
    }
}

/// What an access token is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum TokenFormatName {
    /// A JWT if it looks like one.
    #[default]
    Auto,
    /// Always a JWT.
    Jwt,
    /// Text that only the backend understands.
    Opaque,
}
