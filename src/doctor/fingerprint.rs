//! A secret's fingerprint: two sides can compare it without showing the secret.

use std::num::NonZeroU32;

use aws_lc_rs::pbkdf2;

/// So slow that the few digits do not help in guessing, so few that guessing would find many.
const ROUNDS: NonZeroU32 = NonZeroU32::new(100_000).unwrap();

/// The first six digits of PBKDF2-HMAC-SHA256.
pub(super) fn of(secret: &str) -> String {
    let mut key = [0; 32];
    pbkdf2::derive(pbkdf2::PBKDF2_HMAC_SHA256, ROUNDS, b"vestibule", secret.as_bytes(), &mut key);
    let [first, second, third, ..] = key;
    format!("{first:02x}{second:02x}{third:02x}")
}

/// Prints the fingerprint of the backend's secret, where Python is and the backend's environment.
pub(super) const COMMAND: &str = "python3 -c 'import hashlib,os; print(hashlib.pbkdf2_hmac(\"sha256\", os.environ[\"JWT_SECRET\"].encode(), b\"vestibule\", 100000).hex()[:6])'";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fingerprint_is_what_the_command_prints() {
        assert_eq!(of("token-key-0123456789-0123456789-0123456789"), "9a504f");
    }
}
