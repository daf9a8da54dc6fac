//! Passwords: Argon2id, a few at a time, away from the threads that answer requests.

use std::sync::Arc;

use argon2::{Algorithm, Argon2, Block, Params, PasswordHash, Version};
use aws_lc_rs::constant_time::verify_slices_are_equal;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use tokio::sync::Semaphore;

use super::{BuiltinError, random};
use crate::secret::Secret;

/// Each hash takes 19 MiB, so this bounds what a flood of logins costs.
const AT_A_TIME: usize = 2;

/// Bytes of a hash.
const OUTPUT: usize = 32;

/// More than glibc's largest threshold for memory that it keeps (32 MiB).
const KEPT_BY_NOBODY: usize = 34 * 1024 * 1024;

/// What the password of an unknown account is compared with: no password has this hash, since it
/// was not computed from one.
const NOBODY: &str = "$argon2id$v=19$m=19456,t=2,p=1$dmVzdGlidWxlL25vYm9keQ$\
     bm90IHRoZSBoYXNoIG9mIGFueSBwYXNzd29yZCBhdCE";

/// Hashes passwords.
#[derive(Clone)]
pub(super) struct Passwords(Arc<Semaphore>);

impl Passwords {
    pub(super) fn new() -> Self {
        Self(Arc::new(Semaphore::new(AT_A_TIME)))
    }

    /// A PHC string, which holds salt and cost as well.
    pub(super) async fn hash(&self, password: Secret) -> Result<String, BuiltinError> {
        let salt = random::<16>()?;
        self.work(move || {
            let params = Params::default();
            let hash = digest(&params, password.expose().as_bytes(), &salt)?;
            Ok(format!(
                "$argon2id$v=19$m={},t={},p={}${}${}",
                params.m_cost(),
                params.t_cost(),
                params.p_cost(),
                STANDARD_NO_PAD.encode(salt),
                STANDARD_NO_PAD.encode(hash)
            ))
        })
        .await
    }

    /// Whether this is the password of a hash. Without a hash it is not, and takes as long to say so.
    pub(super) async fn match_hash(
        &self,
        password: Secret,
        hash: Option<String>,
    ) -> Result<bool, BuiltinError> {
        self.work(move || {
            let known = hash.is_some();
            let hash = hash.unwrap_or_else(|| NOBODY.to_owned());
            let stored = PasswordHash::new(&hash).map_err(|_| BuiltinError::StoredHash)?;
            let params = Params::try_from(&stored).map_err(|_| BuiltinError::StoredHash)?;
            let (Some(salt), Some(expected)) = (&stored.salt, &stored.hash) else {
                return Err(BuiltinError::StoredHash);
            };
            let found = digest(&params, password.expose().as_bytes(), salt.as_ref())?;
            let is_same = verify_slices_are_equal(&found, expected.as_ref()).is_ok();
            Ok(known && is_same)
        })
        .await
    }

    async fn work<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T, BuiltinError> + Send + 'static,
    ) -> Result<T, BuiltinError> {
        let permit =
            Arc::clone(&self.0).acquire_owned().await.map_err(|_| BuiltinError::BrokenOff)?;
        let job = move || {
            // Kept by the work itself: it goes on when the request that asked for it is dropped.
            let _permit = permit;
            work()
        };
        tokio::task::spawn_blocking(job).await.map_err(|_| BuiltinError::BrokenOff)?
    }
}

/// Argon2id with the given cost.
///
/// The working memory is asked for in a piece larger than any that the C library would keep for the
/// next time: glibc takes what is above 32 MiB from the system and gives it back. Only the part that
/// is used is ever touched. Without this, each thread that hashes would hold on to its 19 MiB.
fn digest(params: &Params, password: &[u8], salt: &[u8]) -> Result<[u8; OUTPUT], BuiltinError> {
    let blocks = params.block_count();
    let mut memory: Vec<Block> = Vec::with_capacity(blocks.max(KEPT_BY_NOBODY / Block::SIZE));
    memory.resize(blocks, Block::default());
    let mut output = [0; OUTPUT];
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params.clone())
        .hash_password_into_with_memory(password, salt, &mut output, &mut memory)
        .map_err(BuiltinError::Hashing)?;
    Ok(output)
}

#[cfg(test)]
mod tests {
    use argon2::PasswordVerifier as _;

    use super::*;

    #[tokio::test]
    async fn an_unknown_account_costs_as_much_as_a_known_one() {
        let hash = Passwords::new().hash(Secret::new("password")).await.unwrap();
        let cost = |hash: &str| {
            let parsed = PasswordHash::new(hash).unwrap();
            let lengths =
                (parsed.salt.map(|salt| salt.len()), parsed.hash.map(|hash| hash.as_ref().len()));
            (hash.split('$').take(4).collect::<Vec<_>>().join("$"), lengths)
        };
        assert_eq!(cost(NOBODY), cost(&hash));
    }

    #[tokio::test]
    async fn a_hash_is_a_phc_string_that_other_programs_read() {
        let hash = Passwords::new().hash(Secret::new("password")).await.unwrap();
        assert!(Argon2::default().verify_password(b"password", hash.as_str()).is_ok());
        assert!(Argon2::default().verify_password(b"Password", hash.as_str()).is_err());
    }

    #[tokio::test]
    async fn a_password_matches_only_its_own_hash() {
        let passwords = Passwords::new();
        let hash = passwords.hash(Secret::new("password")).await.unwrap();
        let matches = |text, hash| passwords.match_hash(Secret::new(text), hash);
        assert!(matches("password", Some(hash.clone())).await.unwrap());
        assert!(!matches("Password", Some(hash.clone())).await.unwrap());
        assert!(!matches("password", None).await.unwrap());
        assert!(matches("password", Some("broken".to_owned())).await.is_err());
        assert_ne!(passwords.hash(Secret::new("password")).await.unwrap(), hash, "salted");
    }
}
