//! How a session is written down in a cookie or a file: short, because browsers take only so much.

use std::borrow::Cow;
use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::secret::Secret;
use crate::session::{Session, SessionId, StoreError, Tokens, User};

/// A change of this is a change of the format: raise the key ring's version with it.
#[derive(Serialize, Deserialize)]
struct Wire<'a> {
    id: [u8; 16],
    #[serde(borrow)]
    access: Token<'a>,
    #[serde(borrow)]
    refresh: Option<Token<'a>>,
    expires_at: Option<u64>,
    user_id: &'a str,
    email: &'a str,
    name: &'a str,
    /// JSON, since the binary format cannot hold values of unknown type. Empty for no claims.
    #[serde(borrow)]
    claims: Cow<'a, str>,
    /// JSON like the claims, since a kept value goes back to the backend with the type that it had.
    #[serde(borrow)]
    kept: Cow<'a, str>,
    created: u64,
    last_seen: u64,
    checked: u64,
}

/// A JWT is base64 already, and sealing would wrap it in base64 once more: decoded it is a quarter shorter.
#[derive(Serialize, Deserialize)]
enum Token<'a> {
    #[serde(borrow)]
    Text(&'a str),
    Jwt(
        #[serde(borrow)] Cow<'a, [u8]>,
        #[serde(borrow)] Cow<'a, [u8]>,
        #[serde(borrow)] Cow<'a, [u8]>,
    ),
}

impl<'a> Token<'a> {
    fn pack(text: &'a str) -> Self {
        let mut segments = text.split('.').map(|segment| URL_SAFE_NO_PAD.decode(segment));
        let parts = (segments.next(), segments.next(), segments.next(), segments.next());
        if let (Some(Ok(head)), Some(Ok(claims)), Some(Ok(signature)), None) = parts {
            let jwt = Self::Jwt(head.into(), claims.into(), signature.into());
            // The backend signed the text, so what does not come back byte for byte stays text.
            if jwt.unpack() == text {
                return jwt;
            }
        }
        Self::Text(text)
    }

    fn unpack(&self) -> String {
        match self {
            Self::Text(text) => (*text).to_owned(),
            Self::Jwt(head, claims, signature) => {
                let mut text = String::new();
                URL_SAFE_NO_PAD.encode_string(head, &mut text);
                text.push('.');
                URL_SAFE_NO_PAD.encode_string(claims, &mut text);
                text.push('.');
                URL_SAFE_NO_PAD.encode_string(signature, &mut text);
                text
            }
        }
    }
}

/// Writes a session down.
pub(super) fn encode(session: &Session) -> Result<Vec<u8>, StoreError> {
    let wire = Wire {
        id: session.id.to_bytes(),
        access: Token::pack(session.tokens.access.expose()),
        refresh: session.tokens.refresh.as_ref().map(|token| Token::pack(token.expose())),
        expires_at: session.tokens.expires_at,
        user_id: &session.user.id,
        email: &session.user.email,
        name: &session.user.name,
        claims: as_json(&session.user.claims)?.into(),
        kept: as_json(&session.kept)?.into(),
        created: session.created,
        last_seen: session.last_seen,
        checked: session.checked,
    };
    postcard::to_stdvec(&wire).map_err(|error| StoreError::Internal(error.to_string()))
}

/// Reads what [`encode`] wrote; none where it is something else.
pub(super) fn decode(bytes: &[u8]) -> Option<Session> {
    let wire: Wire<'_> = postcard::from_bytes(bytes).ok()?;
    Some(Session {
        id: SessionId::from_bytes(wire.id),
        tokens: Tokens {
            access: Secret::new(wire.access.unpack()),
            refresh: wire.refresh.map(|token| Secret::new(token.unpack())),
            expires_at: wire.expires_at,
        },
        user: User {
            id: wire.user_id.to_owned(),
            email: wire.email.to_owned(),
            name: wire.name.to_owned(),
            claims: from_json(&wire.claims)?,
        },
        kept: from_json(&wire.kept)?,
        created: wire.created,
        last_seen: wire.last_seen,
        checked: wire.checked,
    })
}

/// Which part of the session takes up most room.
pub(super) fn largest(session: &Session) -> &'static str {
    let user = &session.user;
    let claims = as_json(&user.claims).map_or(0, |json| json.len());
    let kept = as_json(&session.kept).map_or(0, |json| json.len());
    let refresh = session.tokens.refresh.as_ref().map_or(0, |token| token.expose().len());
    let parts: [(usize, &'static str); 4] = [
        (session.tokens.access.expose().len(), "access token"),
        (refresh, "refresh token"),
        (user.id.len() + user.email.len() + user.name.len() + claims, "user claims"),
        (kept, "kept values"),
    ];
    parts.into_iter().max_by_key(|(bytes, _)| *bytes).map_or("content", |(_, part)| part)
}

fn as_json(values: &BTreeMap<String, Value>) -> Result<String, StoreError> {
    if values.is_empty() {
        return Ok(String::new());
    }
    serde_json::to_string(values).map_err(|error| StoreError::Internal(error.to_string()))
}

fn from_json(text: &str) -> Option<BTreeMap<String, Value>> {
    if text.is_empty() { Some(BTreeMap::new()) } else { serde_json::from_str(text).ok() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_token_comes_back_byte_for_byte() {
        let jwt = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl";
        // The last but one ends in bits that a decoder would drop.
        for text in [jwt, "opaque", "", ".", "..", "a.b.c", "a.b.c.d", "YQ.YQ.YR", "ä.ö.ü"] {
            assert_eq!(Token::pack(text).unpack(), text);
        }
        assert!(matches!(Token::pack(jwt), Token::Jwt(..)));
        assert!(matches!(Token::pack("YQ.YQ.YR"), Token::Text(_)));
    }
}
