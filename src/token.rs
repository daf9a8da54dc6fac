//! Access tokens: are they the backend's, how long do they live, is it time for new ones.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::errors::ErrorKind;
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use serde_json::Value;

use crate::secret::Secret;

/// Judges access tokens by the `[token]` table.
///
/// The algorithm comes from the configuration, never from the token (RFC 8725, section 3.1).
pub(crate) struct TokenVerifier {
    key: Option<DecodingKey>,
    validation: Validation,
    leeway: u64,
    shape: TokenShape,
}

/// What kind of token the backend issues.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TokenShape {
    /// A JWT where it looks like one, else opaque.
    Either,
    Jwt,
    Opaque,
}

/// What a verifier is made from.
pub(crate) struct TokenRules<'a> {
    /// None: signatures are not judged, only lifetimes are read.
    pub(crate) secret: Option<&'a Secret>,
    pub(crate) algorithms: &'a [Algorithm],
    pub(crate) issuer: Option<&'a str>,
    pub(crate) audience: &'a [String],
    pub(crate) leeway: Duration,
    pub(crate) shape: TokenShape,
}

/// How long a token lives according to the answer that brought it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum StatedLife {
    /// Seconds from now.
    In(u64),
    /// Seconds since 1970.
    At(u64),
}

/// Why a token is not accepted. Shown to the operator, not to visitors.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum TokenError {
    #[error(
        "its signature does not verify: `token.secret` is not the secret that the backend signs with"
    )]
    Signature,
    #[error("it is signed with {found}, but `token.algorithms` allows {allowed}")]
    Algorithm { found: String, allowed: String },
    #[error(
        "it had expired {0} s ago when it arrived: one of the two clocks is wrong, or the backend issues dead tokens"
    )]
    Expired(u64),
    #[error("it becomes valid only in {0} s: one of the two clocks is wrong")]
    NotYet(u64),
    #[error("its claim `{0}` is missing or not as [token] demands")]
    Claim(String),
    #[error("it is not a JWT")]
    Malformed,
}

impl TokenVerifier {
    pub(crate) fn new(rules: &TokenRules<'_>) -> Self {
        let mut validation =
            Validation::new(rules.algorithms.first().copied().unwrap_or(Algorithm::HS256));
        validation.algorithms = rules.algorithms.to_vec();
        // Time is judged below, by our own clock; the claim itself stays required.
        validation.validate_exp = false;
        validation.validate_nbf = false;
        validation.validate_aud = !rules.audience.is_empty();
        validation.set_required_spec_claims(&["exp"]);
        if !rules.audience.is_empty() {
            validation.set_audience(rules.audience);
            validation.required_spec_claims.insert("aud".to_owned());
        }
        if let Some(issuer) = rules.issuer {
            validation.set_issuer(&[issuer]);
            validation.required_spec_claims.insert("iss".to_owned());
        }
        Self {
            key: rules.secret.map(|secret| DecodingKey::from_secret(secret.expose().as_bytes())),
            validation,
            leeway: rules.leeway.as_secs(),
            shape: rules.shape,
        }
    }

    /// Judges a token that has just arrived and says when it ends (seconds since 1970), if that can be known.
    ///
    /// The lifetime is `exp - iat` where the token has both, so that a backend whose clock is a
    /// little off still gives tokens of the right length.
    pub(crate) fn judge(
        &self,
        token: &Secret,
        stated: Option<StatedLife>,
        now: u64,
    ) -> Result<Option<u64>, TokenError> {
        let stated = stated.map(|life| match life {
            StatedLife::In(seconds) => now.saturating_add(seconds),
            StatedLife::At(time) => time,
        });
        let is_jwt = self.shape != TokenShape::Opaque && looks_like_jwt(token.expose());
        if !is_jwt {
            return if self.shape == TokenShape::Jwt {
                Err(TokenError::Malformed)
            } else {
                Ok(stated)
            };
        }
        let claims = match &self.key {
            Some(key) => self.verify(token, key)?,
            None => read_unverified(token.expose()).ok_or(TokenError::Malformed)?,
        };
        let exp = time_claim(&claims, "exp");
        if self.key.is_some() {
            let nbf = time_claim(&claims, "nbf");
            if nbf.is_none() && claims.get("nbf").is_some() {
                return Err(TokenError::Claim("nbf".to_owned()));
            }
            self.judge_times(exp, nbf, now)?;
        }
        let own = exp.map(|exp| match time_claim(&claims, "iat") {
            Some(iat) if iat < exp => now.saturating_add(exp - iat),
            _ => exp,
        });
        Ok(stated.or(own))
    }

    fn verify(&self, token: &Secret, key: &DecodingKey) -> Result<Value, TokenError> {
        let decoded = jsonwebtoken::decode::<Value>(token.expose(), key, &self.validation);
        match decoded {
            Ok(data) => Ok(data.claims),
            Err(error) => Err(match error.kind() {
                ErrorKind::InvalidSignature => TokenError::Signature,
                ErrorKind::InvalidAlgorithm => TokenError::Algorithm {
                    found: jsonwebtoken::decode_header(token.expose()).map_or_else(
                        |_| "an unknown algorithm".to_owned(),
                        |h| format!("{:?}", h.alg),
                    ),
                    allowed: format!("{:?}", self.validation.algorithms),
                },
                ErrorKind::InvalidIssuer => TokenError::Claim("iss".to_owned()),
                ErrorKind::InvalidAudience => TokenError::Claim("aud".to_owned()),
                ErrorKind::MissingRequiredClaim(claim) => TokenError::Claim(claim.clone()),
                _ => TokenError::Malformed,
            }),
        }
    }

    fn judge_times(&self, exp: Option<u64>, nbf: Option<u64>, now: u64) -> Result<(), TokenError> {
        let exp = exp.ok_or_else(|| TokenError::Claim("exp".to_owned()))?;
        if exp.saturating_add(self.leeway) <= now {
            return Err(TokenError::Expired(now - exp));
        }
        match nbf {
            Some(nbf) if nbf > now.saturating_add(self.leeway) => {
                Err(TokenError::NotYet(nbf - now))
            }
            _ => Ok(()),
        }
    }
}

/// How an access token stands to the clock (design, section 4).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Freshness {
    /// More than the threshold left.
    Fresh,
    /// Lives, but within the threshold.
    Due,
    /// Dead.
    Expired,
    /// Nobody can tell.
    Unknown,
}

impl Freshness {
    pub(crate) fn of(expires_at: Option<u64>, threshold: Duration, now: u64) -> Self {
        match expires_at {
            None => Self::Unknown,
            Some(end) if end <= now => Self::Expired,
            Some(end) if end - now <= threshold.as_secs() => Self::Due,
            Some(_) => Self::Fresh,
        }
    }
}

fn looks_like_jwt(token: &str) -> bool {
    // Also one whose signature is empty: it must be judged, not taken for opaque.
    let mut parts = token.split('.');
    let header = parts.next().and_then(decode_json);
    parts.count() == 2 && header.is_some_and(|header| header.get("alg").is_some())
}

fn read_unverified(token: &str) -> Option<Value> {
    decode_json(token.split('.').nth(1)?)
}

fn decode_json(part: &str) -> Option<Value> {
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).ok()?).ok().filter(Value::is_object)
}

/// A `NumericDate` (RFC 7519, section 2): a number, maybe with a fraction. Anything else is not there.
fn time_claim(claims: &Value, name: &str) -> Option<u64> {
    let value = claims.get(name)?;
    value.as_u64().or_else(|| {
        let float =
            value.as_f64().filter(|time| time.is_finite() && *time >= 0.0 && *time < 1e15)?;
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "bounded above"
        )]
        Some(float as u64)
    })
}

#[cfg(test)]
mod tests;
