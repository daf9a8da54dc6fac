//! Secrets as they are shown: how long they are, and a few digits by which two of them can be compared.

use std::num::NonZeroU32;

use aws_lc_rs::pbkdf2;
use serde::{Serialize, Serializer};

use crate::secret::Secret;

/// Slow enough that guessing passwords from 24 bits is no bargain, fast enough for a command.
const ROUNDS: NonZeroU32 = NonZeroU32::new(100_000).unwrap();

/// Six digits that are the same for the same secret, on any machine.
pub(crate) fn fingerprint(secret: &str) -> String {
    let mut digest = [0; 3];
    pbkdf2::derive(
        pbkdf2::PBKDF2_HMAC_SHA256,
        ROUNDS,
        b"vestibule",
        secret.as_bytes(),
        &mut digest,
    );
    let [first, second, third] = digest;
    format!("{first:02x}{second:02x}{third:02x}")
}

/// What is shown instead of a secret.
pub(crate) fn shown(secret: &str) -> String {
    let bytes = secret.len();
    format!("«secret, {bytes} bytes, fingerprint {}»", fingerprint(secret))
}

/// For the derived `Serialize` of a table.
#[expect(clippy::ref_option, reason = "serde passes a reference to the field")]
pub(crate) fn one<S: Serializer>(
    secret: &Option<Secret>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    secret.as_ref().map(|secret| shown(secret.expose())).serialize(serializer)
}

/// For the derived `Serialize` of a table.
pub(crate) fn several<S: Serializer>(secrets: &[Secret], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(secrets.iter().map(|secret| shown(secret.expose())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fingerprint_is_the_same_everywhere_and_tells_secrets_apart() {
        // python3 -c 'import hashlib; print(hashlib.pbkdf2_hmac("sha256", b"jwt-secret-to-change", b"vestibule", 100000).hex()[:6])'
        assert_eq!(fingerprint("jwt-secret-to-change"), "d55b70");
        assert_ne!(fingerprint("jwt-secret-to-changf"), "d55b70");
        assert_eq!(shown("jwt-secret-to-change"), "«secret, 20 bytes, fingerprint d55b70»");
    }
}
