//! `[token]`: the key that tokens are judged with, and what goes with it.

use std::fs;

use jsonwebtoken::Algorithm;
use url::Url;

use super::Builder;
use super::server::is_loopback;
use crate::config::plan::{BackendPlan, CarrierPlan, PublicKeyPlan, TokenFormat, TokenPlan};
use crate::config::suggest::did_you_mean;
use crate::config::token::TokenFormatName;
use crate::finding::{Code, Finding};
use crate::token::{ASYMMETRIC, KeySource, PemError, SYMMETRIC, VerifyingKey};

/// Real algorithms that nothing here can verify.
const NOT_HERE: [&str; 4] = ["ES512", "ES256K", "Ed448", "Ed25519"];

const SECRETS: [&str; 2] = ["token.secret", "token.secret_file"];
const PUBLIC: [&str; 2] = ["token.jwks_url", "token.public_key_file"];

impl Builder<'_> {
    pub(super) fn token(&mut self, backend: Option<&BackendPlan>) -> Option<TokenPlan> {
        let said = &self.said.token;
        self.one_key();
        self.builtin_signs_with_a_secret();
        let secret = self.secret("token", said.secret.as_ref(), said.secret_file.as_deref());
        let source = self.key_source();
        let public = match source {
            Some(KeySource::Set) => self.jwks_url(backend).map(PublicKeyPlan::Set),
            Some(KeySource::File) => self.public_key_file().map(PublicKeyPlan::File),
            Some(KeySource::Secret) | None => None,
        };
        let algorithms = self.algorithms(source, public.as_ref());
        Some(TokenPlan {
            secret,
            public,
            algorithms: algorithms?,
            issuer: said.issuer.clone(),
            audience: said.audience.as_ref().map_or_else(Vec::new, |audience| {
                audience.entries().into_iter().map(|(_, text)| text.to_owned()).collect()
            }),
            leeway: said.leeway.0,
            format: match said.format {
                TokenFormatName::Auto => TokenFormat::Auto,
                TokenFormatName::Jwt => TokenFormat::Jwt,
                TokenFormatName::Opaque => TokenFormat::Opaque,
            },
        })
    }

    /// A secret, an address or a file: whichever stands second is one too many.
    fn one_key(&mut self) {
        let of = |paths: [&'static str; 2]| {
            let said = paths.into_iter().filter(|path| self.origins.is_said_by_hand(path));
            said.map(|path| self.origins.place(path)).collect::<Vec<_>>()
        };
        let mut places = of(PUBLIC);
        // Two secrets are told about where secrets are read.
        places.extend(of(SECRETS).into_iter().next());
        // Variables and flags come after the file.
        places.sort_by_key(|place| (place.line == 0, place.line, place.column));
        if let [first, second, ..] = places.as_slice() {
            let message = format!(
                "the key of [token] is named twice: at {first} and at {second}; tokens are verified with one"
            );
            let finding = Finding::error(Code::Conflict, message).help(
                "keep secret_file if your backend signs with HS256, else jwks_url or public_key_file",
            );
            self.findings.push(finding.at(Some(second.clone())));
        }
    }

    /// Which key tokens are verified with. What the user says wins over what only a preset has.
    fn key_source(&self) -> Option<KeySource> {
        let said = &self.said.token;
        let keys = [
            ("token.jwks_url", said.jwks_url.is_some(), KeySource::Set),
            ("token.public_key_file", said.public_key_file.is_some(), KeySource::File),
            ("token.secret", said.secret.is_some(), KeySource::Secret),
            ("token.secret_file", said.secret_file.is_some(), KeySource::Secret),
        ];
        let by_user = keys.iter().find(|(path, ..)| self.is_mentioned(path));
        by_user.or_else(|| keys.iter().find(|key| key.1)).map(|key| key.2)
    }

    /// Said, well or badly.
    fn is_mentioned(&self, path: &str) -> bool {
        self.origins.is_said_by_hand(path) || self.origins.is_spoiled(path)
    }

    fn builtin_signs_with_a_secret(&mut self) {
        if !self.is_builtin() || self.said.backend.url.is_some() {
            return;
        }
        if let Some(path) = PUBLIC.into_iter().find(|path| self.is_mentioned(path)) {
            let finding = Finding::error(
                Code::Conflict,
                "the built-in backend signs with a secret and has no public key",
            )
            .help("take this line out, and give [token] a secret: head -c 32 /dev/urandom | base64 > jwt.secret, then\nsecret_file = \"jwt.secret\"");
            self.find(path, finding);
        } else if !SECRETS.into_iter().any(|path| self.is_mentioned(path)) {
            let finding = Finding::error(
                Code::SecretMissing,
                "the built-in backend needs a secret to sign its tokens with",
            )
            .help("make one: head -c 32 /dev/urandom | base64 > jwt.secret, then add\n[token]\nsecret_file = \"jwt.secret\"");
            self.findings.push(finding.at(self.origins.key_place("token.secret")));
        }
    }

    fn public_key_file(&mut self) -> Option<VerifyingKey> {
        let full = self.beside_the_file(self.said.token.public_key_file.as_ref()?);
        let shown = full.display();
        let path = "token.public_key_file";
        let text = match fs::read(&full) {
            Ok(bytes) => String::from_utf8_lossy(&bytes).into_owned(),
            Err(error) => {
                let message = match error.kind() {
                    std::io::ErrorKind::NotFound => format!("there is no file {shown}"),
                    _ => format!("{shown} cannot be read: {error}"),
                };
                let finding = Finding::error(Code::FileUnreadable, message)
                    .help("paths are relative to the configuration file; if your backend shows its keys, write jwks_url instead");
                self.find(path, finding);
                return None;
            }
        };
        match VerifyingKey::from_pem(&text) {
            Ok(key) => Some(key),
            Err(error) => {
                self.find(path, no_public_key(error, &shown.to_string()));
                None
            }
        }
    }

    fn jwks_url(&mut self, backend: Option<&BackendPlan>) -> Option<Url> {
        let text = self.said.token.jwks_url.as_ref()?;
        let path = "token.jwks_url";
        let example = "write the address of your backend's keys, for example \"https://id.example.com/.well-known/jwks.json\", or a path of the backend";
        let bad = |message: &str| Finding::error(Code::BadValue, message).help(example);
        // First of all, since nothing that could hold a password is repeated.
        if text.split(['/', '?']).nth(2).is_some_and(|authority| authority.contains('@')) {
            self.find(path, bad("a user name or password in the address of the keys is not sent"));
            return None;
        }
        if text.starts_with('/') && !text.starts_with("//") {
            if self.around.code.backend {
                self.find(
                    path,
                    bad("the program's own backend has no address that a path could be of"),
                );
                return None;
            }
            // Without a usable backend there is no plan, and a finding says so.
            let CarrierPlan::Http { url, .. } = &backend?.carrier else { return None };
            let whole = format!("{}{text}", url.as_str().trim_end_matches('/'));
            if let Ok(url) = Url::parse(&whole) {
                return Some(url);
            }
        }
        match Url::parse(text) {
            Ok(url) if matches!(url.scheme(), "http" | "https") && url.has_host() => {
                if url.scheme() == "http" && !is_loopback(&url) && !self.development {
                    let finding = Finding::warning(
                        Code::InsecureScheme,
                        "the keys that tokens are verified with come over plain http",
                    )
                    .help("use https, or make sure that nobody else is on that network");
                    self.find(path, finding);
                }
                Some(url)
            }
            _ => {
                self.find(path, bad("this is neither an http address nor a path"));
                None
            }
        }
    }

    /// What is accepted: what is said, if the key can do it, else all that the key can do.
    fn algorithms(
        &mut self,
        source: Option<KeySource>,
        public: Option<&PublicKeyPlan>,
    ) -> Option<Vec<Algorithm>> {
        let able = match (source, public) {
            (Some(KeySource::Secret), _) => &SYMMETRIC[..],
            (Some(_), Some(PublicKeyPlan::File(key))) => key.algorithms(),
            (Some(_), _) => &ASYMMETRIC,
            (None, _) => &[],
        };
        let names = &self.said.token.algorithms;
        if names.is_empty() && !self.is_mentioned("token.algorithms") {
            let is_public = matches!(source, Some(KeySource::File | KeySource::Set));
            return Some(if is_public { able.to_vec() } else { vec![Algorithm::HS256] });
        }
        if names.is_empty() {
            let finding =
                Finding::error(Code::BadValue, "no algorithm means that no token is accepted")
                    .help("take the line out, or write for example algorithms = [\"HS256\"]");
            self.find("token.algorithms", finding);
            return None;
        }
        let mut all = Some(Vec::new());
        for (index, name) in names.iter().enumerate() {
            let judged = match name.parse::<Algorithm>() {
                Ok(algorithm) => misfit(algorithm, source, able).map_or(Ok(algorithm), Err),
                Err(_) => Err(no_algorithm(name)),
            };
            match judged {
                Ok(algorithm) => all.iter_mut().for_each(|all| all.push(algorithm)),
                Err(finding) => {
                    self.find(&format!("token.algorithms.{index}"), finding);
                    all = None;
                }
            }
        }
        if source.is_none() && all.is_some() {
            let finding = Finding::warning(
                Code::Conflict,
                "no key is named, so signatures are not judged and `algorithms` changes nothing",
            )
            .help("add secret_file, jwks_url or public_key_file");
            self.find("token.algorithms", finding);
        }
        all
    }
}

/// What is wrong with an algorithm beside this kind of key, if anything is.
fn misfit(algorithm: Algorithm, source: Option<KeySource>, able: &[Algorithm]) -> Option<Finding> {
    let source = source.filter(|_| !able.contains(&algorithm))?;
    let conflict = |message: String| Finding::error(Code::Conflict, message);
    let list = able.iter().map(|able| format!("\"{able:?}\"")).collect::<Vec<_>>().join(", ");
    let list = format!("write algorithms = [{list}], or take the line out");
    Some(match (SYMMETRIC.contains(&algorithm), source) {
        (true, KeySource::File | KeySource::Set) => conflict(format!(
            "{algorithm:?} signs with a secret, and `{}` is public: who has read the key could sign tokens with it",
            source.key()
        ))
        .help("take it out; if your backend really signs with a secret, write secret_file instead"),
        (false, KeySource::Secret) => conflict(format!(
            "{algorithm:?} is verified with a public key, and [token] has a secret"
        ))
        .help("write jwks_url or public_key_file instead of the secret, or algorithms = [\"HS256\"] if your backend signs with the secret"),
        _ => conflict(format!("the key in `{}` cannot verify {algorithm:?}", source.key())).help(list),
    })
}

fn no_algorithm(name: &str) -> Finding {
    let known = || SYMMETRIC.iter().chain(&ASYMMETRIC).map(|known| format!("{known:?}"));
    let all = known().collect::<Vec<_>>();
    if name == "Ed25519" {
        return Finding::error(Code::BadValue, "\"Ed25519\" is called EdDSA here")
            .help("write algorithms = [\"EdDSA\"]");
    }
    if NOT_HERE.contains(&name) {
        return Finding::error(Code::BadValue, format!("{name} cannot be verified here")).help(format!(
            "let the backend sign with another: {}; without a key in [token] signatures are not judged at all",
            all.join(", ")
        ));
    }
    if name.eq_ignore_ascii_case("none") {
        return Finding::error(
            Code::BadValue,
            "\"none\" would let everybody write their own token",
        )
        .help("write algorithms = [\"HS256\"]");
    }
    let finding = Finding::error(Code::BadValue, format!("\"{name}\" is not an algorithm"));
    finding.help(
        did_you_mean(name, all.iter().map(String::as_str))
            .unwrap_or_else(|| format!("the algorithms are {}", all.join(", "))),
    )
}

fn no_public_key(error: PemError, file: &str) -> Finding {
    let (message, help) = match error {
        PemError::Private => (
            format!("{file} is a private key: it signs, and only the backend may have it"),
            format!("make the public half, and take the private one away from here: openssl pkey -pubout -in {file} -out public.pem"),
        ),
        PemError::NotPem => (
            format!("{file} is not a public key in PEM"),
            format!("such a file begins with -----BEGIN PUBLIC KEY-----; of a certificate it is made by: openssl x509 -pubkey -noout -in {file} > public.pem"),
        ),
        PemError::Kind => (
            format!("{file} is a public key of a kind that cannot be used here"),
            "RSA, P-256, P-384 and Ed25519 can; let the backend sign with one of these".to_owned(),
        ),
        PemError::Weak => (
            format!("{file} is an RSA key of less than 2048 bits, which can be broken"),
            "let the backend make a new pair: openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:3072 -out private.pem".to_owned(),
        ),
    };
    Finding::error(Code::BadValue, message).help(help)
}
