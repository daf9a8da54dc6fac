//! Seals bytes into text that only we can open, and that nobody can change.
//!
//! `v1.<kid>.<base64url(nonce ‖ ciphertext ‖ tag)>`: AES-256-GCM under a key of its own for every
//! text, made by HKDF from the ring's key and a random nonce of 24 bytes. With that many bits no two
//! texts ever share a key, which is where a random 12-byte nonce under one key has its limit.

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use aws_lc_rs::hkdf::{self, HKDF_SHA256, Prk, Salt};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::secret::Secret;
use crate::session::{StoreError, random};

const VERSION: &str = "v2";
const NONCE: usize = 24;
const TAG: usize = 16;
/// Length of `v1.` and `<kid>.`.
const HEAD: usize = 3 + KID + 1;
const KID: usize = 8;

/// What keys are made for besides sealing; part of the key, so no output serves two ends.
const NAME_LABEL: &[u8] = b"key name";
const SEAL_LABEL: &[u8] = b"seal";

/// Keys of which the first seals and all open.
pub(crate) struct KeyRing {
    purpose: &'static str,
    first: Key,
    previous: Vec<Key>,
}

/// The half of HKDF that is done once, and what the key is called in a sealed text.
struct Key {
    prk: Prk,
    kid: String,
}

impl KeyRing {
    /// Derives the keys. The purpose is part of each, so the same secret may serve elsewhere as
    /// well: neither a token signed with it nor a text sealed for another purpose ever opens here.
    pub(crate) fn new(secrets: &[Secret], purpose: &'static str) -> Result<Self, StoreError> {
        let mut keys = secrets.iter().map(|secret| Key::derive(secret, purpose));
        let first =
            keys.next().unwrap_or(Err(StoreError::Crypto("there is no key to seal with")))?;
        Ok(Self { purpose, first, previous: keys.collect::<Result<_, _>>()? })
    }

    /// How long the text around so many bytes is.
    pub(crate) fn sealed_length(plain: usize) -> usize {
        HEAD + (NONCE + plain + TAG).saturating_mul(4).div_ceil(3)
    }

    /// Seals with the first key.
    pub(crate) fn seal(&self, plain: &[u8]) -> Result<String, StoreError> {
        let nonce = random::<NONCE>()?;
        let mut sealed = plain.to_vec();
        let tag = self
            .first
            .for_text(&nonce)
            .and_then(|key| {
                let aad = Aad::from(self.bound_to(&self.first));
                key.seal_in_place_separate_tag(one_time(), aad, &mut sealed).ok()
            })
            .ok_or(StoreError::Crypto("sealing"))?;
        let bytes = [&nonce, sealed.as_slice(), tag.as_ref()].concat();
        Ok(format!("{VERSION}.{}.{}", self.first.kid, URL_SAFE_NO_PAD.encode(bytes)))
    }

    /// What was sealed; none where we did not seal the text, or not with a key of this ring.
    pub(crate) fn open(&self, text: &str) -> Option<Vec<u8>> {
        let (version, rest) = text.split_once('.')?;
        let (kid, body) = rest.split_once('.')?;
        if version != VERSION {
            return None;
        }
        let mut keys = std::iter::once(&self.first).chain(&self.previous);
        let key = keys.find(|key| key.kid == kid)?;
        let mut bytes = URL_SAFE_NO_PAD.decode(body).ok()?;
        let (nonce, sealed) = bytes.split_first_chunk_mut::<NONCE>()?;
        let aad = Aad::from(self.bound_to(key));
        let length = key.for_text(nonce)?.open_in_place(one_time(), aad, sealed).ok()?.len();
        bytes.drain(..NONCE);
        bytes.truncate(length);
        Some(bytes)
    }

    /// What a sealed text is bound to besides its content.
    fn bound_to(&self, key: &Key) -> Vec<u8> {
        [VERSION, &key.kid, self.purpose].join(".").into_bytes()
    }
}

impl Key {
    fn derive(secret: &Secret, purpose: &str) -> Result<Self, StoreError> {
        let salt = format!("vestibule {VERSION} {purpose}");
        let prk = Salt::new(HKDF_SHA256, salt.as_bytes()).extract(secret.expose().as_bytes());
        let name = expand::<4>(&prk, &[NAME_LABEL]).ok_or(StoreError::Crypto("deriving a key"))?;
        Ok(Self { prk, kid: format!("{:08x}", u32::from_be_bytes(name)) })
    }

    /// The key for the one text with this nonce.
    fn for_text(&self, nonce: &[u8; NONCE]) -> Option<LessSafeKey> {
        let key = expand::<32>(&self.prk, &[SEAL_LABEL, nonce])?;
        Some(LessSafeKey::new(UnboundKey::new(&AES_256_GCM, &key).ok()?))
    }
}

/// A key that seals only one text has no use for a nonce that changes.
fn one_time() -> Nonce {
    Nonce::assume_unique_for_key([0; NONCE_LEN])
}

fn expand<const N: usize>(prk: &Prk, info: &[&[u8]]) -> Option<[u8; N]> {
    struct Length(usize);
    impl hkdf::KeyType for Length {
        fn len(&self) -> usize {
            self.0
        }
    }
    let mut bytes = [0; N];
    prk.expand(info, Length(N)).and_then(|key| key.fill(&mut bytes)).ok()?;
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ring(secrets: &[&str], purpose: &'static str) -> KeyRing {
        let secrets: Vec<Secret> = secrets.iter().map(|text| Secret::new(*text)).collect();
        KeyRing::new(&secrets, purpose).unwrap()
    }

    #[test]
    fn what_was_sealed_is_opened_and_the_length_is_known_before() {
        let ring = ring(&["one"], "test");
        for length in [0, 1, 2, 3, 100, 9000] {
            let plain = vec![7; length];
            let text = ring.seal(&plain).unwrap();
            assert_eq!(text.len(), KeyRing::sealed_length(length));
            assert_eq!(ring.open(&text), Some(plain));
        }
    }

    #[test]
    fn the_same_text_is_never_sealed_alike() {
        let ring = ring(&["one"], "test");
        assert_ne!(ring.seal(b"same").unwrap(), ring.seal(b"same").unwrap());
    }

    #[test]
    fn a_text_for_another_purpose_is_refused() {
        let text = ring(&["one"], "form").seal(b"plain").unwrap();
        let session = ring(&["one"], "session");
        assert_eq!(session.open(&text), None);
        // Nor when it claims to be sealed with our key.
        let renamed = format!("{VERSION}.{}.{}", session.first.kid, &text[HEAD..]);
        assert_eq!(session.open(&renamed), None);
    }

    #[test]
    fn a_ring_without_a_key_is_refused() {
        assert!(matches!(KeyRing::new(&[], "test"), Err(StoreError::Crypto(_))));
    }
}
