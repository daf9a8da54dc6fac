//! Access tokens: JWTs that name an account for half an hour.

use http::HeaderMap;
use http::header::AUTHORIZATION;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use serde::{Deserialize, Serialize};

use super::account::Account;
use super::refresh_token::Family;
use super::{BuiltinError, Settings, random, session};

const TYPE: &str = "access";

/// Signs access tokens, and checks them.
pub(super) struct AccessTokens {
    signing: EncodingKey,
    checking: DecodingKey,
    validation: Validation,
    issuer: Option<String>,
    audience: Option<Audience>,
    lifetime: u64,
}

/// Why a request carries no account.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Refused {
    /// There is no bearer token.
    Missing,
    /// It was good once.
    Expired,
    /// It is not ours, or not for this.
    Invalid,
}

#[derive(Serialize)]
struct Claims<'a> {
    sub: String,
    email: &'a str,
    #[serde(rename = "type")]
    kind: &'static str,
    iat: u64,
    exp: u64,
    jti: String,
    /// The session that it belongs to.
    sid: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    iss: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    aud: Option<&'a Audience>,
}

/// RFC 7519 allows both, and many readers expect a single audience to be a plain string.
#[derive(Serialize)]
#[serde(untagged)]
enum Audience {
    One(String),
    Many(Vec<String>),
}

#[derive(Deserialize)]
struct Checked {
    sub: String,
    #[serde(rename = "type")]
    kind: String,
    exp: u64,
    sid: Option<String>,
}

/// Whom an access token speaks for.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Bearer {
    pub(super) account: i64,
    /// Tokens that were signed before there were sessions to look at name none.
    pub(super) family: Option<Family>,
}

impl AccessTokens {
    pub(super) fn new(settings: Settings) -> Result<Self, BuiltinError> {
        let secret = settings.secret.expose().as_bytes();
        if secret.is_empty() {
            return Err(BuiltinError::NoSecret);
        }
        let mut validation = Validation::new(Algorithm::HS256);
        // The time is ours to judge, since the library reads the machine's clock.
        validation.validate_exp = false;
        let mut required = vec!["exp", "sub"];
        validation.validate_aud = !settings.audience.is_empty();
        if validation.validate_aud {
            validation.set_audience(&settings.audience);
            required.push("aud");
        }
        if let Some(issuer) = &settings.issuer {
            validation.set_issuer(&[issuer]);
            required.push("iss");
        }
        validation.set_required_spec_claims(&required);
        let mut audience = settings.audience;
        Ok(Self {
            signing: EncodingKey::from_secret(secret),
            checking: DecodingKey::from_secret(secret),
            validation,
            issuer: settings.issuer,
            audience: match audience.len() {
                0 => None,
                1 => audience.pop().map(Audience::One),
                _ => Some(Audience::Many(audience)),
            },
            lifetime: settings.access_lifetime.as_secs(),
        })
    }

    /// Seconds from signing until a token is refused.
    pub(super) fn lifetime(&self) -> u64 {
        self.lifetime
    }

    pub(super) fn sign(
        &self,
        account: &Account,
        family: Family,
        now: u64,
    ) -> Result<String, BuiltinError> {
        let claims = Claims {
            sub: account.id.to_string(),
            email: &account.email,
            kind: TYPE,
            iat: now,
            exp: now.saturating_add(self.lifetime),
            jti: format!("{:032x}", u128::from_be_bytes(random()?)),
            sid: session::id_of(family),
            iss: self.issuer.as_deref(),
            aud: self.audience.as_ref(),
        };
        jsonwebtoken::encode(&Header::new(Algorithm::HS256), &claims, &self.signing)
            .map_err(BuiltinError::Signing)
    }

    /// Whom a request's bearer token speaks for. Whether the session goes on is another question.
    pub(super) fn check(&self, headers: &HeaderMap, now: u64) -> Result<Bearer, Refused> {
        let token = bearer(headers).ok_or(Refused::Missing)?;
        let claims = jsonwebtoken::decode::<Checked>(token, &self.checking, &self.validation)
            .map_err(|_| Refused::Invalid)?
            .claims;
        if claims.kind != TYPE {
            return Err(Refused::Invalid);
        }
        if claims.exp <= now {
            return Err(Refused::Expired);
        }
        let family = match claims.sid {
            Some(sid) => Some(session::family_of(&sid).ok_or(Refused::Invalid)?),
            None => None,
        };
        let account = claims.sub.parse().map_err(|_| Refused::Invalid)?;
        Ok(Bearer { account, family })
    }
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    let (scheme, token) = headers.get(AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    let token = token.trim();
    (scheme.eq_ignore_ascii_case("bearer") && !token.is_empty()).then_some(token)
}
