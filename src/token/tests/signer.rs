//! Keys of backends that exist in tests only. They are made anew each time, so none lies in the repository.

use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der, PublicKeyX509Der};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{KeyPair as RsaKeyPair, KeySize};
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, ECDSA_P384_SHA384_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair,
    KeyPair as _,
};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jsonwebtoken::jwk::Jwk;
use jsonwebtoken::{Algorithm, AlgorithmFamily, EncodingKey, Header};
use serde_json::Value;

/// A pair of keys and what it is used for.
#[derive(Clone)]
pub(crate) struct Signer {
    algorithm: Algorithm,
    /// The public half, as a file has it.
    pub(crate) public_pem: String,
    /// The private half, as a file has it.
    pub(crate) private_pem: String,
    kid: Option<String>,
}

impl Signer {
    /// With a new pair of keys.
    pub(crate) fn new(algorithm: Algorithm) -> Self {
        let random = SystemRandom::new();
        let (private, public) = match algorithm.family() {
            AlgorithmFamily::Hmac => panic!("{algorithm:?} has no pair of keys"),
            AlgorithmFamily::Rsa => {
                let pair = RsaKeyPair::generate(KeySize::Rsa2048).unwrap();
                let private = AsDer::<Pkcs8V1Der<'_>>::as_der(&pair).unwrap();
                (private.as_ref().to_vec(), x509(pair.public_key()))
            }
            AlgorithmFamily::Ec => {
                let curve = match algorithm {
                    Algorithm::ES256 => &ECDSA_P256_SHA256_FIXED_SIGNING,
                    _ => &ECDSA_P384_SHA384_FIXED_SIGNING,
                };
                let private = EcdsaKeyPair::generate_pkcs8(curve, &random).unwrap();
                let pair = EcdsaKeyPair::from_pkcs8(curve, private.as_ref()).unwrap();
                (private.as_ref().to_vec(), x509(pair.public_key()))
            }
            AlgorithmFamily::Ed => {
                let private = Ed25519KeyPair::generate_pkcs8v1(&random).unwrap();
                let pair = Ed25519KeyPair::from_pkcs8(private.as_ref()).unwrap();
                (private.as_ref().to_vec(), x509(pair.public_key()))
            }
        };
        let (public_pem, private_pem) = (pem("PUBLIC KEY", &public), pem("PRIVATE KEY", &private));
        Self { algorithm, public_pem, private_pem, kid: None }
    }

    fn key(&self) -> EncodingKey {
        let pem = self.private_pem.as_bytes();
        let key = match self.algorithm.family() {
            AlgorithmFamily::Rsa => EncodingKey::from_rsa_pem(pem),
            AlgorithmFamily::Ec => EncodingKey::from_ec_pem(pem),
            _ => EncodingKey::from_ed_pem(pem),
        };
        key.unwrap()
    }

    /// The same pair under a name.
    pub(crate) fn named(mut self, kid: &str) -> Self {
        self.kid = Some(kid.to_owned());
        self
    }

    /// The same pair, used with another algorithm of its family.
    pub(crate) fn with(mut self, algorithm: Algorithm) -> Self {
        self.algorithm = algorithm;
        self
    }

    pub(crate) fn sign(&self, claims: &Value) -> String {
        let header = Header { kid: self.kid.clone(), ..Header::new(self.algorithm) };
        jsonwebtoken::encode(&header, claims, &self.key()).unwrap()
    }

    /// The public half as a set has it, with its name if it has one.
    pub(crate) fn jwk(&self) -> Value {
        let jwk = Jwk::from_encoding_key(&self.key(), self.algorithm).unwrap();
        let mut jwk = serde_json::to_value(jwk).unwrap();
        let members = jwk.as_object_mut().unwrap();
        members.insert("use".to_owned(), "sig".into());
        if let Some(kid) = &self.kid {
            members.insert("kid".to_owned(), kid.clone().into());
        }
        jwk
    }
}

fn x509<'a>(key: &impl AsDer<PublicKeyX509Der<'a>>) -> Vec<u8> {
    key.as_der().unwrap().as_ref().to_vec()
}

fn pem(label: &str, der: &[u8]) -> String {
    let body = STANDARD.encode(der);
    let lines: Vec<_> =
        body.as_bytes().chunks(64).map(|line| String::from_utf8_lossy(line)).collect();
    format!("-----BEGIN {label}-----\n{}\n-----END {label}-----\n", lines.join("\n"))
}
