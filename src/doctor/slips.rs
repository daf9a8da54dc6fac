//! A signature that does not verify: which usual slip with the secret would explain it.

use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD};

use crate::config::PUBLISHED_SECRETS;

/// What happened to the secret on its way, and what to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Slip {
    pub(super) what: &'static str,
    pub(super) cure: &'static str,
}

/// The slip with which the token's signature verifies, if there is one.
pub(super) fn find(token: &str, algorithm: &str, secret: &str) -> Option<Slip> {
    let slip = |what, cure| Slip { what, cure };
    let quoted = ["\"", "'"].map(|quote| format!("{quote}{secret}{quote}"));
    let bare = secret.trim().trim_matches(['"', '\'']).trim().to_owned();
    let mut candidates: Vec<(Vec<u8>, Slip)> = Vec::new();
    let mut add = |text: &str, slip| candidates.push((text.as_bytes().to_vec(), slip));
    let line_break = slip(
        "the backend's secret ends with a line break",
        "read the secret without the line break at its end: .strip() in Python, .trim() in JavaScript",
    );
    add(&format!("{secret}\n"), line_break);
    add(&format!("{secret}\r\n"), line_break);
    for text in &quoted {
        add(
            text,
            slip(
                "the backend's secret has quotation marks around it",
                "take the quotation marks out of the backend's environment file; they are part of the value there",
            ),
        );
    }
    add(
        &bare,
        slip(
            "our secret has blanks or quotation marks around it that the backend's has not",
            "write the secret here without them",
        ),
    );
    for text in [format!("{secret} "), format!(" {secret}")] {
        add(
            &text,
            slip(
                "the backend's secret has a blank at its end or beginning",
                "take the blank out of the backend's environment",
            ),
        );
    }
    let encodings = [&STANDARD, &STANDARD_NO_PAD, &URL_SAFE, &URL_SAFE_NO_PAD];
    for engine in encodings {
        if let Ok(bytes) = engine.decode(secret) {
            candidates.push((
                bytes,
                slip(
                    "the backend decodes the secret from Base64 before it signs",
                    "let both sides use the text as it is: drop the decoding in the backend",
                ),
            ));
        }
        candidates.push((
            engine.encode(secret).into_bytes(),
            slip(
                "the backend has the Base64 form of our secret",
                "put the same text on both sides",
            ),
        ));
    }
    if let Some(bytes) = from_hex(secret) {
        candidates.push((
            bytes,
            slip(
                "the backend decodes the secret from hexadecimal digits before it signs",
                "let both sides use the text as it is: drop the decoding in the backend",
            ),
        ));
    }
    for published in PUBLISHED_SECRETS {
        candidates.push((published.as_bytes().to_vec(), slip(
            "the backend signs with a sample secret that is printed in documentation",
            "set the backend's secret: its variable is probably not set where it runs. Until then everybody can forge a session",
        )));
    }
    candidates.into_iter().find(|(key, _)| verifies(token, algorithm, key)).map(|(_, slip)| slip)
}

/// Whether a key is the one that a token of this algorithm was signed with.
pub(super) fn verifies(token: &str, algorithm: &str, key: &[u8]) -> bool {
    let algorithm = match algorithm {
        "HS256" => hmac::HMAC_SHA256,
        "HS384" => hmac::HMAC_SHA384,
        "HS512" => hmac::HMAC_SHA512,
        _ => return false,
    };
    let Some((signed, signature)) = token.rsplit_once('.') else { return false };
    let Ok(signature) = URL_SAFE_NO_PAD.decode(signature) else { return false };
    hmac::verify(&hmac::Key::new(algorithm, key), signed.as_bytes(), &signature).is_ok()
}

fn from_hex(text: &str) -> Option<Vec<u8>> {
    if text.is_empty() || !text.len().is_multiple_of(2) || !text.is_ascii() {
        return None;
    }
    (0..text.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(text.get(at..at + 2)?, 16).ok())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn signed_with(key: &[u8]) -> String {
        let signature = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key), b"e30.e30");
        format!("e30.e30.{}", URL_SAFE_NO_PAD.encode(signature))
    }

    fn slip(ours: &str, theirs: &[u8]) -> &'static str {
        find(&signed_with(theirs), "HS256", ours).map_or("none", |slip| slip.what)
    }

    #[test]
    fn the_usual_slips_are_told_apart() {
        assert!(slip("abc", b"abc\n").contains("line break"));
        assert!(slip("abc", b"\"abc\"").contains("quotation marks around it"));
        assert!(slip("'abc '", b"abc").contains("our secret"));
        assert!(slip("YWJj", b"abc").contains("Base64"));
        assert!(slip("616263", b"abc").contains("hexadecimal"));
        assert!(slip("abc", b"jwt-secret-to-change").contains("sample secret"));
        assert_eq!(slip("abc", b"something else"), "none");
    }
}
