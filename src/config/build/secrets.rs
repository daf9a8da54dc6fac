//! Secrets: from one place each, from a file if it is to be one, and long enough.

use std::fs;
use std::path::Path;

use super::Builder;
use crate::finding::{Code, Finding, Place};
use crate::secret::Secret;

/// Secrets that are printed in documentation: ours, the original package's, and the usual ones.
pub(crate) const PUBLISHED: [&str; 14] = [
    "jwt-secret-to-change",
    "change-me",
    "changeme",
    "change_me",
    "secret",
    "secret-key",
    "mysecret",
    "my-secret",
    "supersecret",
    "super-secret",
    "password",
    "your-secret-key",
    "your-256-bit-secret",
    "a-string-secret-at-least-256-bits-long",
];

/// HS256 needs a key as long as its hash (RFC 7518, section 3.2).
const SHORTEST: usize = 32;

impl Builder<'_> {
    /// The secret `key` of `table`, or of the file that `key_file` names. None if neither is there or
    /// it cannot be read.
    pub(super) fn secret(
        &mut self,
        table: &str,
        said: Option<&Secret>,
        file: Option<&str>,
    ) -> Option<Secret> {
        let (path, file_path) = (format!("{table}.secret"), format!("{table}.secret_file"));
        self.once(&format!("the secret of [{table}]"), &path, &file_path)?;
        if let Some(secret) = said {
            self.judge(&path, secret);
            return Some(secret.clone());
        }
        let secret = self.secret_file(&file_path, file?)?;
        self.judge(&file_path, &secret);
        Some(secret)
    }

    /// None, and a finding, where a secret is given in more than one place.
    pub(super) fn once(&mut self, what: &str, path: &str, file_path: &str) -> Option<()> {
        let mut places = self.origins.all(path);
        places.extend(self.origins.all(file_path));
        let [first, .., last] = places.as_slice() else { return Some(()) };
        let message = format!("{what} is given twice: at {first} and at {last}");
        let finding = Finding::error(Code::SecretTwice, message).help("keep one of them");
        self.findings.push(finding.at(Some(last.clone())));
        None
    }

    /// Secrets that still open and never seal: given themselves, then in files.
    pub(super) fn previous_secrets(&mut self) -> Vec<Secret> {
        let session = &self.said.session;
        let mut secrets = session.previous_secrets.clone();
        for (index, secret) in session.previous_secrets.iter().enumerate() {
            self.judge(&format!("session.previous_secrets.{index}"), secret);
        }
        for (index, file) in session.previous_secret_files.iter().enumerate() {
            let path = format!("session.previous_secret_files.{index}");
            if let Some(secret) = self.secret_file(&path, file) {
                self.judge(&path, &secret);
                secrets.push(secret);
            }
        }
        secrets
    }

    pub(super) fn secret_file(&mut self, path: &str, file: &str) -> Option<Secret> {
        let full = self.beside_the_file(file);
        let text = match fs::read_to_string(&full) {
            Ok(text) => text,
            Err(error) => {
                let finding = unreadable(&full, &error);
                self.find(path, finding);
                return None;
            }
        };
        if readable_by_others(&full) {
            let finding = Finding::warning(
                Code::SecretReadable,
                format!("everybody on this machine may read {}", full.display()),
            )
            .help(format!("chmod 600 {}", full.display()));
            self.find(path, finding);
        }
        // Editors and `echo` end a file with a line break that nobody means.
        Some(Secret::new(text.trim_end_matches(['\r', '\n'])))
    }

    fn judge(&mut self, path: &str, secret: &Secret) {
        let length = secret.expose().len();
        let fresh = if path.starts_with("token.") {
            "make one: head -c 32 /dev/urandom | base64 > jwt.secret, then say secret_file = \"jwt.secret\"; your backend needs the same one"
        } else {
            "make one: head -c 32 /dev/urandom | base64 > session.secret, then say secret_file = \"session.secret\""
        };
        let finding = if length == 0 {
            Finding::error(Code::SecretTooShort, "the secret is empty").help(fresh)
        } else if PUBLISHED.contains(&secret.expose().to_lowercase().as_str()) {
            self.unsafe_here(
                Code::SecretPublished,
                "this secret is printed in documentation: everybody can forge a session with it",
            )
            .help(fresh)
        } else if length < SHORTEST {
            let message =
                format!("the secret has {length} bytes; {SHORTEST} are needed to resist guessing");
            self.unsafe_here(Code::SecretTooShort, message).help(fresh)
        } else {
            return;
        };
        self.find(path, finding);
    }

    /// What to say if there is nothing to seal cookies with.
    pub(super) fn no_session_secret(&mut self) {
        let spoiled =
            ["token.secret", "token.secret_file", "session.secret", "session.secret_file"];
        if spoiled.iter().any(|path| self.origins.is_spoiled(path) || self.origins.is_said(path)) {
            return;
        }
        let public = ["token.jwks_url", "token.public_key_file"]
            .iter()
            .any(|path| self.origins.is_said(path));
        let finding = Finding::error(
            Code::SecretMissing,
            if public {
                "there is no secret to seal the session cookies with; a public key cannot do that"
            } else {
                "there is no secret to seal the session cookies with"
            },
        )
        .help("make one: head -c 32 /dev/urandom | base64 > session.secret, then add\n[session]\nsecret_file = \"session.secret\"");
        let place: Option<Place> = self.origins.key_place("session.secret");
        self.findings.push(finding.at(place));
    }
}

pub(in crate::config) fn unreadable(file: &Path, error: &std::io::Error) -> Finding {
    let shown = file.display();
    let message = match error.kind() {
        std::io::ErrorKind::NotFound => format!("there is no file {shown}"),
        std::io::ErrorKind::InvalidData => format!("{shown} is not text"),
        _ => format!("{shown} cannot be read: {error}"),
    };
    let finding = Finding::error(Code::SecretFile, message);
    if error.kind() == std::io::ErrorKind::NotFound {
        return finding.help(format!(
            "paths are relative to the configuration file; make one: head -c 32 /dev/urandom | base64 > {shown}"
        ));
    }
    finding
}

#[cfg(unix)]
pub(in crate::config) fn readable_by_others(file: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    fs::metadata(file).is_ok_and(|data| data.permissions().mode() & 0o004 != 0)
}

#[cfg(not(unix))]
pub(in crate::config) fn readable_by_others(_: &Path) -> bool {
    false
}
