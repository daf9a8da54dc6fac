//! Passwords: Argon2id, a few at a time, away from the threads that answer requests.

use std::sync::Arc;

use argon2::password_hash::Error;
use argon2::{Argon2, PasswordHash, PasswordHasher, PasswordVerifier};
use tokio::sync::Semaphore;

use super::{BuiltinError, random};
use crate::secret::Secret;

/// Each hash takes 19 MiB, so this bounds what a flood of logins costs.
const AT_A_TIME: usize = 2;

/// What the password of an unknown account is compared with: no password has this hash, since it
/// was not computed from one.
const NOBODY: &str = "$argon2id$v=19$m=19456,t=2,p=1$dmVzdGlidWxlL25vYm9keQ$\
     bm90IHRoZSBoYXNoIG9mIGFueSBwYXNzd29yZCBhdCE";

/// Hashes passwords.
pub(super) struct Passwords(Arc<Semaphore>);

impl Passwords {
    pub(super) fn new() -> Self {
        Self(Arc::new(Semaphore::new(AT_A_TIME)))
    }

    /// A PHC string, which holds salt and cost as well.
    pub(super) async fn hash(&self, password: Secret) -> Result<String, BuiltinError> {
        let salt = random::<16>()?;
        self.work(move || {
            let hash: PasswordHash = Argon2::default()
                .hash_password_with_salt(password.expose().as_bytes(), &salt)
                .map_err(BuiltinError::Hashing)?;
            Ok(hash.to_string())
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
            let bytes = password.expose().as_bytes();
            match Argon2::default().verify_password(bytes, hash.as_str()) {
                Ok(()) => Ok(known),
                Err(Error::PasswordInvalid) => Ok(false),
                Err(error) => Err(BuiltinError::Hashing(error)),
            }
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

#[cfg(test)]
mod tests {
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
