//! `[token]`: how the backend's tokens are judged.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::fingerprint;
use super::scalar::{Period, SecretText};
use super::server::OneOrMore;
use crate::secret::Secret;

/// How the backend's tokens are judged. Without a secret only their lifetime is read.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(default)]
pub(crate) struct TokenTable {
    /// The secret with which the backend signs its tokens; at least 32 bytes outside development.
    #[serde(serialize_with = "fingerprint::one")]
    #[schemars(with = "Option<SecretText>")]
    pub secret: Option<Secret>,
    /// A file that holds the secret, instead of `secret`.
    pub secret_file: Option<String>,
    /// The algorithms that are accepted: HS256, HS384, HS512. Never taken from the token. Default: `["HS256"]`.
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
            algorithms: vec!["HS256".to_owned()],
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
