//! The access token: is it the backend's, by which algorithm, how long does it live.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::Method;
use serde_json::Value;

use super::login::Granted;
use super::paste::Paste;
use super::{Check, Doctor, discovery, slips};
use crate::auth::keys::AcceptError;
use crate::config::fingerprint::fingerprint;
use crate::config::plan::TokenFormat;
use crate::config::write_period;
use crate::secret::Secret;
use crate::token::TokenError;

/// A JWT as it lies there, unverified.
struct Opened {
    algorithm: String,
    claims: Value,
}

/// Prints the fingerprint of the backend's secret, where Python is and the backend's environment.
const COMMAND: &str = "python3 -c 'import hashlib,os; print(hashlib.pbkdf2_hmac(\"sha256\", os.environ[\"JWT_SECRET\"].encode(), b\"vestibule\", 100000).hex()[:6])'";

const OPAQUE: &str = "the access token is no JWT; only the backend understands it";

impl Doctor {
    /// Judges the token. False where nobody could sign in with it.
    pub(super) async fn token(&mut self, granted: &Granted) -> bool {
        let now = self.clock.unix_seconds();
        let opened = open(granted.access.expose());
        let judged = self.judge(granted, now).await;
        let fine = match (&opened, &judged) {
            (None, _) if self.token.format == TokenFormat::Jwt => {
                let check = Check::error("token.algorithm", "the access token is no JWT")
                    .because("[token] format = \"jwt\" demands one.")
                    .paste("[token]\nformat = \"auto\"");
                self.note(check);
                false
            }
            (None, _) => {
                for id in ["token.algorithm", "token.signature", "token.claims"] {
                    self.note(Check::ok(id, OPAQUE));
                }
                true
            }
            (Some(opened), judged) => self.jwt(granted, opened, judged).await,
        };
        if !fine {
            return false;
        }
        let life = judged.ok().flatten().map(|end| end.saturating_sub(now));
        self.lifetime(life, opened.is_some());
        true
    }

    /// The one place that asks the verifier and the keys of the running site.
    pub(super) async fn judge(
        &self,
        granted: &Granted,
        now: u64,
    ) -> Result<Option<u64>, AcceptError> {
        let token = &granted.access;
        let judge = |keys: &[_]| self.verifier.judge(token, keys, granted.life, now);
        let keys = match self.verifier.wanted(token)? {
            Some(wanted) => self.keys.for_token(&wanted).await?,
            None => Vec::new(),
        };
        Ok(judge(&keys)?)
    }

    async fn jwt(
        &mut self,
        granted: &Granted,
        opened: &Opened,
        judged: &Result<Option<u64>, AcceptError>,
    ) -> bool {
        let algorithm = &opened.algorithm;
        if !self.has_key() {
            self.note(Check::ok(
                "token.algorithm",
                format!("the token is signed with {algorithm}"),
            ));
            let check = Check::warning("token.signature", "the signature is not judged")
                .because("[token] names no key, so the backend's word is taken for it.");
            let lines = if algorithm.starts_with("HS") {
                "[token]\nsecret_file = \"jwt.secret\"   # the secret that the backend signs with"
                    .to_owned()
            } else {
                self.key_lines(algorithm).await
            };
            self.note(check.paste(lines));
            self.note(Check::ok("token.claims", "the claims are read, and not judged"));
            return true;
        }
        let error = match judged {
            Ok(_) => None,
            Err(AcceptError::Token(error)) => Some(error),
            Err(AcceptError::Backend(error)) => {
                let check =
                    Check::error("token.signature", "the backend's public keys are not to be had");
                self.note(
                    check
                        .because(super::login::in_words(error))
                        .backend("the address in [token] jwks_url has to answer with the key set"),
                );
                return false;
            }
        };
        if matches!(error, Some(TokenError::Algorithm(_))) {
            let check = self.other_algorithm(algorithm).await;
            self.note(check);
            return false;
        }
        self.note(Check::ok("token.algorithm", format!("the token is signed with {algorithm}")));
        if let Some(error @ (TokenError::Signature(_) | TokenError::UnknownKey(_))) = error {
            let check = self.other_key(granted, algorithm, error);
            self.note(check);
            return false;
        }
        self.note(Check::ok(
            "token.signature",
            "the signature verifies: both sides have the same key",
        ));
        let check = match error {
            None => Check::ok("token.claims", "the claims are as [token] demands"),
            Some(error) => bad_claim(error, &opened.claims),
        };
        self.note(check);
        judged.is_ok()
    }

    async fn other_algorithm(&self, algorithm: &str) -> Check {
        let allowed: Vec<String> =
            self.token.algorithms.iter().map(|one| format!("{one:?}")).collect();
        let title = format!(
            "the token is signed with {algorithm}, and [token] takes {}",
            allowed.join(", ")
        );
        let check = Check::error("token.algorithm", title);
        if algorithm.starts_with("HS") {
            return check
                .because(
                    "The algorithm is never taken from the token: who can choose it can forge one.",
                )
                .paste(
                    Paste::table("[token]")
                        .raw("algorithms", &format!("[\"{algorithm}\"]"))
                        .lines(),
                );
        }
        if algorithm == "none" {
            return check
                .because("A token without a signature can be written by anybody.")
                .backend("sign the tokens");
        }
        check
            .because("The backend signs with a private key, so there is no secret to share: its public key is what is needed here.")
            .paste(self.key_lines(algorithm).await)
    }

    /// Where the public keys are, if the backend publishes them.
    async fn key_lines(&self, algorithm: &str) -> String {
        let jwks = match self.jwks_url().await {
            Some(url) => Paste::table("[token]").text("jwks_url", &url),
            None => Paste::table("[token]")
                .raw("public_key_file", "\"backend.pem\"   # the backend's public key, as PEM"),
        };
        jwks.raw("algorithms", &format!("[\"{algorithm}\"]")).lines()
    }

    async fn jwks_url(&self) -> Option<String> {
        let http = self.http.as_ref()?;
        for carrier in [Some(&http.carrier), http.root.as_ref()].into_iter().flatten() {
            let base = if std::ptr::eq(carrier, &raw const http.carrier) {
                self.backend_name()
            } else {
                http.url.origin().ascii_serialization()
            };
            for place in
                ["/.well-known/jwks.json", "/.well-known/openid-configuration", "/api/auth/jwks"]
            {
                let Some(answer) = discovery::ask(carrier, Method::GET, place).await else {
                    continue;
                };
                let Some(json) =
                    super::answers::json(&answer).filter(|_| answer.status.is_success())
                else {
                    continue;
                };
                if json.get("keys").is_some_and(Value::is_array) {
                    return Some(format!("{base}{place}"));
                }
                if let Some(url) = json.get("jwks_uri").and_then(Value::as_str) {
                    return Some(url.to_owned());
                }
            }
        }
        None
    }

    fn other_key(&self, granted: &Granted, algorithm: &str, error: &TokenError) -> Check {
        if self.token.public.is_some() {
            return Check::error(
                "token.signature",
                "the token's signature does not verify with the backend's public key",
            )
            .because(format!("Of the token: {error}."))
            .backend("the key that signs has to be among those that are shown");
        }
        let secret = self.token.secret.as_ref().map(Secret::expose).unwrap_or_default();
        let check = Check::error(
            "token.signature",
            "the token's signature does not verify: the two sides have different secrets",
        );
        if let Some(slip) = slips::find(granted.access.expose(), algorithm, secret) {
            return check.because(format!("It fits if {}.", slip.what)).backend(slip.cure);
        }
        let print = fingerprint(secret);
        check
            .because(format!("Ours has the fingerprint {print}. Nobody could sign in: the session would end as it begins."))
            .paste("[token]\nsecret_file = \"jwt.secret\"   # the secret that the backend signs with")
            .backend(format!(
                "this prints the fingerprint of the backend's secret; put the name of its variable in place of JWT_SECRET. It has to be {print}:\n{COMMAND}"
            ))
    }

    fn lifetime(&mut self, life: Option<u64>, is_jwt: bool) {
        let Some(life) = life else {
            let check = Check::warning("token.life", "nobody says how long the access token lives")
                .because(
                    "It is renewed only after a call was refused with 401, never ahead of time.",
                );
            let check = if is_jwt {
                check.backend("put exp into the tokens")
            } else {
                check.paste("[backend.login]\ntake = { access_token = \"/access_token\", expires_in = \"/expires_in\" }   # if the answer says it")
            };
            self.note(check);
            self.note(Check::ok(
                "refresh.threshold",
                "without a known life there is nothing to be early for",
            ));
            return;
        };
        let shown = write_period(Duration::from_secs(life));
        self.note(Check::ok("token.life", format!("access tokens live {shown}")));
        let threshold = self.refresh_threshold.as_secs();
        let id = "refresh.threshold";
        if self.calls.refresh.is_none() {
            self.note(Check::ok(id, "nothing is refreshed (refresh = false)"));
        } else if threshold < life {
            let title = format!(
                "tokens are renewed {} before their end",
                write_period(self.refresh_threshold)
            );
            self.note(Check::ok(id, title));
        } else {
            let quarter = write_period(Duration::from_secs((life / 4).max(1)));
            let title = format!(
                "refresh_threshold is {}, and access tokens live {shown}",
                write_period(self.refresh_threshold)
            );
            let check = Check::error(id, title)
                .because("Every request would renew the token.")
                .paste(Paste::table("[session]").text("refresh_threshold", &quarter).lines());
            self.note(check);
        }
    }
}

/// What is wrong with a claim, and on which side it is put right.
fn bad_claim(error: &TokenError, claims: &Value) -> Check {
    let id = "token.claims";
    match error {
            TokenError::Claim(name) if name == "aud" || name == "iss" => {
                let key = if name == "aud" { "audience" } else { "issuer" };
                let check = Check::error(id, format!("the token's {name} is not what [token] {key} demands"));
                match claims.get(name.as_str()) {
                    Some(found) => check
                        .because(format!("The token has {found}."))
                        .paste(Paste::table("[token]").raw(key, &found.to_string()).lines()),
                    None => check
                        .because(format!("The token has no {name}."))
                        .backend(format!("put {name} into the tokens, or take `{key}` out of [token]")),
                }
            }
            TokenError::Expired(ago) => Check::error(id, format!("the token had expired {ago} s ago when it arrived"))
                .because("One of the two clocks is wrong, or the backend issues tokens that are dead already.")
                .backend("compare the clocks; in Python, datetime.now(timezone.utc), never utcnow() with a local time"),
            TokenError::NotYet(ahead) => Check::error(id, format!("the token becomes valid only in {ahead} s (nbf)"))
                .because("The backend's clock is ahead of ours, or it issues tokens for later.")
                .paste(Paste::table("[token]").text("leeway", &write_period(Duration::from_secs(ahead + 5))).lines())
                .backend("set the clocks"),
            TokenError::Claim(name) => Check::error(id, format!("the token's claim {name} is missing or no time"))
                .because(format!("It has {}. Without a lifetime nobody knows when to renew it.", keys(claims)))
                .backend(format!("put {name} into the tokens, as seconds since 1970")),
            TokenError::NoEnd => Check::error(id, "nobody says when the token ends")
                .because("It has no exp, and no lifetime is taken from the answer.")
                .paste("[backend.login]\ntake = { access_token = \"/access_token\", expires_in = \"/expires_in\" }   # if the answer says it")
                .backend("put exp into the tokens, as seconds since 1970"),
            other => {
                Check::error(id, "the token is not accepted").because(format!("{other}."))
            }
        }
}

fn keys(claims: &Value) -> String {
    let keys = claims.as_object().into_iter().flatten().map(|(key, _)| key.as_str());
    keys.collect::<Vec<_>>().join(", ")
}

fn open(token: &str) -> Option<Opened> {
    let mut parts = token.split('.');
    let mut part = || -> Option<Value> {
        serde_json::from_slice(&URL_SAFE_NO_PAD.decode(parts.next()?).ok()?).ok()
    };
    let (header, claims) = (part()?, part()?);
    let algorithm = header.get("alg")?.as_str()?.to_owned();
    parts.next().filter(|_| parts.next().is_none())?;
    claims.is_object().then_some(Opened { algorithm, claims })
}
