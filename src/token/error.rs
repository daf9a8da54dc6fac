//! Why a token is not accepted, with what to do about it.

use jsonwebtoken::Algorithm;

use super::key::SYMMETRIC;

/// Where the key comes from that signatures are judged with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum KeySource {
    /// `token.secret` or `token.secret_file`.
    Secret,
    /// `token.public_key_file`.
    File,
    /// `token.jwks_url`.
    Set,
}

/// Why a token is not accepted. Shown to the operator, not to visitors.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum TokenError {
    /// The key is there and did not make this signature.
    #[error("its signature does not verify: {}", .0.other_key())]
    Signature(KeySource),
    /// Signed with what is not allowed, or cannot be verified here.
    #[error("{}", .0.describe())]
    Algorithm(WrongAlgorithm),
    /// No key in the set is the one that the token names, or fits it.
    #[error("{}", unknown_key(.0.as_deref()))]
    UnknownKey(Option<String>),
    /// Seconds since its end.
    #[error(
        "it had expired {0} s ago when it arrived: one of the two clocks is wrong, or the backend issues dead tokens"
    )]
    Expired(u64),
    /// Seconds until its beginning.
    #[error("it becomes valid only in {0} s: one of the two clocks is wrong")]
    NotYet(u64),
    /// `iss`, `aud`, `exp` or `nbf`.
    #[error("its claim `{0}` is missing or not as [token] demands")]
    Claim(String),
    /// Neither the token nor the answer says how long it lives.
    #[error(
        "it has no `exp`, and no lifetime is taken from the answer: let the backend set `exp`, or add expires_in or expires_at to `take`"
    )]
    NoEnd,
    /// It was to be a JWT.
    #[error(
        "it is not a JWT; if your backend issues other tokens, take `format = \"jwt\"` out of [token]"
    )]
    Malformed,
}

/// An algorithm that is not accepted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct WrongAlgorithm {
    /// What the token says of itself, fit to be shown.
    pub(crate) found: String,
    pub(crate) allowed: Vec<Algorithm>,
    pub(crate) source: KeySource,
}

impl TokenError {
    /// Whether the same token may be accepted later, when the backend shows other keys.
    pub(crate) fn may_pass(&self) -> bool {
        matches!(self, Self::UnknownKey(_) | Self::Signature(KeySource::Set))
    }
}

impl KeySource {
    /// The key that it is named by.
    pub(crate) fn key(self) -> &'static str {
        match self {
            Self::Secret => "secret",
            Self::File => "public_key_file",
            Self::Set => "jwks_url",
        }
    }

    fn other_key(self) -> &'static str {
        match self {
            Self::Secret => "`token.secret` is not the secret that the backend signs with",
            Self::File => {
                "the key in `token.public_key_file` does not belong to the one that the backend signs with"
            }
            Self::Set => {
                "no key behind `token.jwks_url` belongs to the one that the backend signs with"
            }
        }
    }
}

impl WrongAlgorithm {
    fn describe(&self) -> String {
        let Self { found, source, .. } = self;
        let key = source.key();
        let known: Option<Algorithm> = found.parse().ok();
        match known {
            None if found.eq_ignore_ascii_case("none") => {
                "it is not signed at all (`alg` is none): let the backend sign its tokens"
                    .to_owned()
            }
            None => format!(
                "it is signed with {found}, which vestibule cannot verify: let the backend sign with RS256, ES256 or EdDSA, or take `{key}` out of [token]; then signatures are not judged"
            ),
            Some(algorithm) => match (SYMMETRIC.contains(&algorithm), source) {
                (false, KeySource::Secret) => format!(
                    "it is signed with {found}, which needs a public key, and [token] has a secret: set jwks_url or public_key_file instead"
                ),
                (true, KeySource::File | KeySource::Set) => format!(
                    "it is signed with {found}, which needs the secret that the backend signs with, and [token] has {key}: set secret_file instead"
                ),
                _ => format!(
                    "it is signed with {found}, and [token] accepts {}: if that is what the backend shall sign with, write algorithms = [\"{found}\"], with {}",
                    names(&self.allowed),
                    if *source == KeySource::File {
                        "a public_key_file that fits"
                    } else {
                        "the same key"
                    }
                ),
            },
        }
    }
}

fn unknown_key(kid: Option<&str>) -> String {
    match kid {
        Some(kid) => format!(
            "it is signed with the key `{kid}`, which is not behind `token.jwks_url`: is that the address of the backend's own keys?"
        ),
        None => "no key behind `token.jwks_url` fits its algorithm: is that the address of the backend's own keys?".to_owned(),
    }
}

fn names(algorithms: &[Algorithm]) -> String {
    algorithms.iter().map(|algorithm| format!("{algorithm:?}")).collect::<Vec<_>>().join(", ")
}
