//! Access tokens: are they the backend's, how long do they live, is it time for new ones.

mod error;
mod key;

use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::errors::ErrorKind;
use jsonwebtoken::{Algorithm, Validation};
use serde_json::Value;

pub(crate) use self::error::{KeySource, TokenError, WrongAlgorithm};
pub(crate) use self::key::{ASYMMETRIC, PemError, SYMMETRIC, VerifyingKey, read_key_set};
use crate::secret::Secret;

/// Judges access tokens by the `[token]` table, with keys that it is given.
///
/// The algorithms come from the configuration, never from the token (RFC 8725, section 3.1): the
/// token's own word only chooses among them, and a key is used with what its type can do.
pub(crate) struct TokenVerifier {
    source: Option<KeySource>,
    algorithms: Vec<Algorithm>,
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
    pub(crate) source: Option<KeySource>,
    pub(crate) algorithms: &'a [Algorithm],
    pub(crate) issuer: Option<&'a str>,
    pub(crate) audience: &'a [String],
    pub(crate) leeway: Duration,
    pub(crate) shape: TokenShape,
}

/// The key that a token asks for. Nothing of it is proven.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Wanted {
    pub(crate) algorithm: Algorithm,
    pub(crate) kid: Option<String>,
}

/// How long a token lives according to the answer that brought it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum StatedLife {
    /// Seconds from now.
    In(u64),
    /// Seconds since 1970.
    At(u64),
}

impl TokenVerifier {
    pub(crate) fn new(rules: &TokenRules<'_>) -> Self {
        let mut validation = Validation::new(Algorithm::default());
        // Time is judged below, by our own clock.
        validation.validate_exp = false;
        validation.validate_nbf = false;
        validation.validate_aud = !rules.audience.is_empty();
        validation.required_spec_claims.clear();
        if !rules.audience.is_empty() {
            validation.set_audience(rules.audience);
            validation.required_spec_claims.insert("aud".to_owned());
        }
        if let Some(issuer) = rules.issuer {
            validation.set_issuer(&[issuer]);
            validation.required_spec_claims.insert("iss".to_owned());
        }
        Self {
            source: rules.source,
            algorithms: rules.algorithms.to_vec(),
            validation,
            leeway: rules.leeway.as_secs(),
            shape: rules.shape,
        }
    }

    /// Which key has to be found for a token. None where its signature is not judged.
    pub(crate) fn wanted(&self, token: &Secret) -> Result<Option<Wanted>, TokenError> {
        let token = &Secret::new(without_scheme(token.expose()));
        let Some(source) = self.source.filter(|_| self.is_jwt(token)) else { return Ok(None) };
        let header = token.expose().split('.').next().and_then(decode_json);
        let header = header.ok_or(TokenError::Malformed)?;
        let text = |name: &str| header.get(name).and_then(Value::as_str);
        let named = text("alg").ok_or(TokenError::Malformed)?;
        match named.parse() {
            Ok(algorithm) if self.algorithms.contains(&algorithm) => {
                Ok(Some(Wanted { algorithm, kid: text("kid").map(str::to_owned) }))
            }
            _ => Err(TokenError::Algorithm(WrongAlgorithm {
                found: presentable(named),
                allowed: self.algorithms.clone(),
                source,
            })),
        }
    }

    /// Judges a token that has just arrived and says when it ends (seconds since 1970), if that can be
    /// known. `keys` are tried one after the other; without any, a token that needs one is refused.
    ///
    /// The lifetime is `exp - iat` where the token has both, so that a backend whose clock is behind
    /// still gives tokens of the right length; but `exp` itself, where that comes first and has not
    /// passed: there are backends that copy `iat` from the refresh token.
    pub(crate) fn judge(
        &self,
        token: &Secret,
        keys: &[Arc<VerifyingKey>],
        stated: Option<StatedLife>,
        now: u64,
    ) -> Result<Option<u64>, TokenError> {
        let token = &Secret::new(without_scheme(token.expose()));
        let stated = stated.map(|life| match life {
            StatedLife::In(seconds) => now.saturating_add(seconds),
            StatedLife::At(time) => time,
        });
        if !self.is_jwt(token) {
            return if self.shape == TokenShape::Jwt {
                Err(TokenError::Malformed)
            } else {
                Ok(stated)
            };
        }
        let claims = match (self.wanted(token)?, self.source) {
            (Some(wanted), Some(source)) => {
                let claims = self.verify(token, &wanted, keys, source)?;
                self.judge_times(&claims, stated.is_some(), now)?;
                claims
            }
            _ => read_unverified(token.expose()).ok_or(TokenError::Malformed)?,
        };
        let own = time_claim(&claims, "exp").map(|exp| match time_claim(&claims, "iat") {
            Some(iat) if iat < exp => {
                let full = now.saturating_add(exp - iat);
                if exp > now { full.min(exp) } else { full }
            }
            _ => exp,
        });
        Ok(stated.or(own))
    }

    fn is_jwt(&self, token: &Secret) -> bool {
        self.shape != TokenShape::Opaque && looks_like_jwt(token.expose())
    }

    fn verify(
        &self,
        token: &Secret,
        wanted: &Wanted,
        keys: &[Arc<VerifyingKey>],
        source: KeySource,
    ) -> Result<Value, TokenError> {
        let mut validation = self.validation.clone();
        validation.algorithms = vec![wanted.algorithm];
        let mut verdict = TokenError::UnknownKey(wanted.kid.as_deref().map(presentable));
        for key in keys.iter().filter(|key| key.can(wanted.algorithm)) {
            match jsonwebtoken::decode::<Value>(token.expose(), &key.key, &validation) {
                Ok(data) => return Ok(data.claims),
                Err(error) => match error.into_kind() {
                    ErrorKind::InvalidSignature => verdict = TokenError::Signature(source),
                    ErrorKind::InvalidIssuer => return Err(TokenError::Claim("iss".to_owned())),
                    ErrorKind::InvalidAudience => return Err(TokenError::Claim("aud".to_owned())),
                    ErrorKind::MissingRequiredClaim(claim) => return Err(TokenError::Claim(claim)),
                    _ => return Err(TokenError::Malformed),
                },
            }
        }
        Err(verdict)
    }

    /// A stated life may stand in for an `exp` that is not there, but not for one that says something else.
    ///
    /// A token that says when it was issued is measured by that: it comes from the backend at this
    /// moment, so whatever our clock says, it was issued now.
    fn judge_times(&self, claims: &Value, is_stated: bool, now: u64) -> Result<(), TokenError> {
        let read = |name: &str| match (time_claim(claims, name), claims.get(name)) {
            (None, Some(_)) => Err(TokenError::Claim(name.to_owned())),
            (time, _) => Ok(time),
        };
        let exp = read("exp")?;
        let issued = time_claim(claims, "iat").filter(|iat| exp.is_none_or(|exp| *iat < exp));
        let now = issued.unwrap_or(now);
        match exp {
            Some(exp) if exp.saturating_add(self.leeway) <= now => {
                return Err(TokenError::Expired(now - exp));
            }
            None if !is_stated => return Err(TokenError::NoEnd),
            _ => {}
        }
        match read("nbf")? {
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

/// A token without the `Bearer` that some backends put before it, also in a body.
pub(crate) fn without_scheme(token: &str) -> &str {
    match token.split_at_checked(7) {
        Some((scheme, bare)) if scheme.eq_ignore_ascii_case("bearer ") => bare,
        _ => token,
    }
}

fn looks_like_jwt(token: &str) -> bool {
    // Also one whose signature is empty: it must be judged, not taken for opaque.
    let mut parts = token.split('.');
    let header = parts.next().and_then(decode_json);
    parts.count() == 2 && header.is_some_and(|header| header.get("alg").is_some())
}

/// What a token says of itself, fit for one line of a log.
fn presentable(text: &str) -> String {
    text.chars().filter(|letter| !letter.is_control()).take(64).collect()
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
pub(crate) mod tests;
