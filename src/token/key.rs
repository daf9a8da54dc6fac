//! Keys that signatures are verified with: a secret, a public key from a file, the keys of a set.

use std::sync::Arc;

use jsonwebtoken::{Algorithm, AlgorithmFamily, DecodingKey, DecodingKeyKind};
use serde_json::Value;

use crate::secret::Secret;

/// What a shared secret can verify.
pub(crate) const SYMMETRIC: [Algorithm; 3] = [Algorithm::HS256, Algorithm::HS384, Algorithm::HS512];
/// What public keys can verify, all kinds of them together.
pub(crate) const ASYMMETRIC: [Algorithm; 9] = [
    Algorithm::RS256,
    Algorithm::RS384,
    Algorithm::RS512,
    Algorithm::PS256,
    Algorithm::PS384,
    Algorithm::PS512,
    Algorithm::ES256,
    Algorithm::ES384,
    Algorithm::EdDSA,
];

/// The shortest RSA modulus that signatures are verified with, in bytes (RFC 7518, section 3.3).
const SHORTEST_RSA: usize = 256;

/// A key, and the algorithms that it may be used with: never more than its type can do, so that a
/// public key is never taken for a secret (RFC 8725, section 3.1).
#[derive(Clone, Debug)]
pub(crate) struct VerifyingKey {
    pub(super) key: DecodingKey,
    algorithms: Vec<Algorithm>,
    id: Option<String>,
}

/// Why a text is not a public key that can be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PemError {
    /// It is the half that only the backend may have.
    Private,
    /// Nothing in it is a public key in PEM.
    NotPem,
    /// Of a kind that no known algorithm verifies with: P-521, secp256k1, Ed448.
    Kind,
    /// An RSA key of less than 2048 bits.
    Weak,
}

impl VerifyingKey {
    pub(crate) fn from_secret(secret: &Secret) -> Self {
        let key = DecodingKey::from_secret(secret.expose().as_bytes());
        Self { key, algorithms: SYMMETRIC.to_vec(), id: None }
    }

    /// Reads a public key, or the one in a certificate.
    pub(crate) fn from_pem(text: &str) -> Result<Self, PemError> {
        // Of a private key the library would take the public half without a word.
        if text.contains("PRIVATE KEY") {
            return Err(PemError::Private);
        }
        if !text.contains("-----BEGIN ") {
            return Err(PemError::NotPem);
        }
        let bytes = text.as_bytes();
        let key = DecodingKey::from_rsa_pem(bytes)
            .or_else(|_| DecodingKey::from_ec_pem(bytes))
            .or_else(|_| DecodingKey::from_ed_pem(bytes));
        // What has the frame of a public key and is none of these is of another kind.
        let framed = text.contains("-----BEGIN PUBLIC KEY-----") && text.contains("-----END ");
        let key = key.map_err(|_| if framed { PemError::Kind } else { PemError::NotPem })?;
        let length = match key.kind() {
            DecodingKeyKind::SecretOrDer(bytes) => bytes.len(),
            DecodingKeyKind::RsaModulusExponent { n, .. } => n.len(),
        };
        let algorithms: &[Algorithm] = match (key.family(), length) {
            (AlgorithmFamily::Rsa, ..SHORTEST_RSA) => return Err(PemError::Weak),
            (AlgorithmFamily::Rsa, _) => AlgorithmFamily::Rsa.algorithms(),
            // A point is a byte and two coordinates.
            (AlgorithmFamily::Ec, 65) => &[Algorithm::ES256],
            (AlgorithmFamily::Ec, 97) => &[Algorithm::ES384],
            (AlgorithmFamily::Ed, 32) => &[Algorithm::EdDSA],
            _ => return Err(PemError::Kind),
        };
        Ok(Self { algorithms: algorithms.to_vec(), key, id: None })
    }

    /// A key of a set. None for one that is not meant for signatures, or not usable here.
    fn from_jwk(jwk: &Value) -> Option<Self> {
        let text = |name: &str| jwk.get(name).and_then(Value::as_str);
        if text("use").is_some_and(|purpose| purpose != "sig") {
            return None;
        }
        if let Some(operations) = jwk.get("key_ops").and_then(Value::as_array)
            && !operations.iter().any(|operation| operation == "verify")
        {
            return None;
        }
        // A secret (`oct`) in a set that everybody can read is no secret.
        let (key, algorithms): (_, &[Algorithm]) = match (text("kty")?, text("crv")) {
            ("RSA", _) => {
                let key = DecodingKey::from_rsa_components(text("n")?, text("e")?).ok()?;
                if matches!(key.kind(), DecodingKeyKind::RsaModulusExponent { n, .. } if n.len() < SHORTEST_RSA)
                {
                    return None;
                }
                (key, AlgorithmFamily::Rsa.algorithms())
            }
            ("EC", Some("P-256")) => {
                (DecodingKey::from_ec_components(text("x")?, text("y")?).ok()?, &[Algorithm::ES256])
            }
            ("EC", Some("P-384")) => {
                (DecodingKey::from_ec_components(text("x")?, text("y")?).ok()?, &[Algorithm::ES384])
            }
            ("OKP", Some("Ed25519")) => {
                (DecodingKey::from_ed_components(text("x")?).ok()?, &[Algorithm::EdDSA])
            }
            _ => return None,
        };
        let mut algorithms = algorithms.to_vec();
        if let Some(only) = text("alg") {
            // The newer name of the same algorithm (RFC 9864).
            let only = if only == "Ed25519" { "EdDSA" } else { only };
            algorithms.retain(|algorithm| only.parse() == Ok(*algorithm));
        }
        let id = text("kid").map(str::to_owned);
        (!algorithms.is_empty()).then_some(Self { key, algorithms, id })
    }

    /// What it can be used with.
    pub(crate) fn algorithms(&self) -> &[Algorithm] {
        &self.algorithms
    }

    pub(crate) fn can(&self, algorithm: Algorithm) -> bool {
        self.algorithms.contains(&algorithm)
    }

    /// Its name in the set that it came from.
    pub(crate) fn id(&self) -> Option<&str> {
        self.id.as_deref()
    }
}

/// Reads the keys of a set (RFC 7517, section 5) that can verify signatures here. The others are left
/// out, as the standard wants it; a lone key counts as a set of one. The error says what is there instead.
pub(crate) fn read_key_set(body: &[u8]) -> Result<Vec<Arc<VerifyingKey>>, &'static str> {
    let set: Value = serde_json::from_slice(body).map_err(|_| "no JSON")?;
    let lone = set.get("kty").is_some().then(|| std::slice::from_ref(&set));
    let keys = lone.or_else(|| set.get("keys")?.as_array().map(Vec::as_slice));
    let keys = keys.ok_or("JSON without a list `keys`")?;
    let usable: Vec<_> = keys.iter().filter_map(VerifyingKey::from_jwk).map(Arc::new).collect();
    match (usable.is_empty(), keys.is_empty()) {
        (false, _) => Ok(usable),
        (true, true) => Err("a set without a key"),
        (true, false) => {
            Err("a set without a public key for signatures (RSA, P-256, P-384 or Ed25519)")
        }
    }
}
