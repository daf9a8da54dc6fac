//! `[token]` and `[session]`: keys, algorithms and lifetimes.

use std::time::Duration;

use jsonwebtoken::Algorithm;

use super::Builder;
use crate::config::plan::{SameSite, SessionPlan, StorePlan, TokenFormat, TokenPlan};
use crate::config::scalar::write_period;
use crate::config::session::{SameSiteName, StoreName};
use crate::config::suggest::did_you_mean;
use crate::config::token::TokenFormatName;
use crate::finding::{Code, Finding};

/// How long the access tokens of the built-in backend live.
const BUILTIN_LIFETIME: Duration = Duration::from_mins(30);

const LATER_ALGORITHMS: [&str; 10] =
    ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "EdDSA", "ES512"];

impl Builder<'_> {
    pub(super) fn token(&mut self) -> Option<TokenPlan> {
        let said = &self.said.token;
        let algorithms = self.algorithms();
        let secret = self.secret("token", said.secret.as_ref(), said.secret_file.as_deref());
        let builtin = self.said.backend.builtin.is_some() && self.said.backend.url.is_none();
        let asked = ["token.secret", "token.secret_file"];
        if builtin
            && secret.is_none()
            && !asked.iter().any(|path| self.origins.is_said(path) || self.origins.is_spoiled(path))
        {
            let finding = Finding::error(
                Code::SecretMissing,
                "the built-in backend needs a secret to sign its tokens with",
            )
            .help("make one: head -c 32 /dev/urandom | base64 > jwt.secret, then add\n[token]\nsecret_file = \"jwt.secret\"");
            self.findings.push(finding.at(self.origins.key_place("token.secret")));
        }
        Some(TokenPlan {
            secret,
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

    fn algorithms(&mut self) -> Option<Vec<Algorithm>> {
        let names = &self.said.token.algorithms;
        if names.is_empty() {
            let finding =
                Finding::error(Code::BadValue, "no algorithm means that no token is accepted")
                    .help("write algorithms = [\"HS256\"]");
            self.find("token.algorithms", finding);
            return None;
        }
        let mut all = Some(Vec::new());
        for (index, name) in names.iter().enumerate() {
            let algorithm = match name.as_str() {
                "HS256" => Algorithm::HS256,
                "HS384" => Algorithm::HS384,
                "HS512" => Algorithm::HS512,
                other => {
                    self.find(&format!("token.algorithms.{index}"), no_algorithm(other));
                    all = None;
                    continue;
                }
            };
            if let Some(list) = all.as_mut() {
                list.push(algorithm);
            }
        }
        all
    }

    pub(super) fn session(&mut self, token: Option<&TokenPlan>) -> SessionPlan {
        let said = &self.said.session;
        let secret = self.secret("session", said.secret.as_ref(), said.secret_file.as_deref());
        let previous = self.previous_secrets();
        self.lifetimes();
        self.cookie_name();
        let store = match said.store {
            StoreName::Memory => StorePlan::Memory,
            StoreName::Cookie => {
                let first = secret.or_else(|| token.and_then(|token| token.secret.clone()));
                if first.is_none() && self.said.backend.builtin.is_none() {
                    self.no_session_secret();
                }
                StorePlan::Cookie { keys: first.into_iter().chain(previous).collect() }
            }
        };
        if said.same_site == SameSiteName::None
            && self
                .said
                .server
                .public_url
                .as_deref()
                .is_none_or(|url| !url.trim_start().to_ascii_lowercase().starts_with("https:"))
        {
            let finding = Finding::error(
                Code::Conflict,
                "browsers drop a cookie with same_site = \"none\" that did not come over https",
            )
            .help("write same_site = \"lax\", or an https `public_url`");
            self.find("session.same_site", finding);
        }
        SessionPlan {
            store,
            cookie_name: said.cookie_name.clone(),
            same_site: match said.same_site {
                SameSiteName::Strict => SameSite::Strict,
                SameSiteName::Lax => SameSite::Lax,
                SameSiteName::None => SameSite::None,
            },
            idle_timeout: said.idle_timeout.0,
            max_lifetime: said.max_lifetime.0,
            refresh_threshold: said.refresh_threshold.0,
        }
    }

    fn lifetimes(&mut self) {
        let said = &self.said.session;
        let (idle, longest) = (said.idle_timeout.0, said.max_lifetime.0);
        let threshold = said.refresh_threshold.0;
        self.not_zero("session.idle_timeout", idle, "12h");
        self.not_zero("session.max_lifetime", longest, "7d");
        let path = |wanted: &'static str, other: &'static str| {
            if self.origins.is_said(wanted) { wanted } else { other }
        };
        let at_threshold = path("session.refresh_threshold", "session.max_lifetime");
        let at_idle = path("session.idle_timeout", "session.max_lifetime");
        let builtin = self.said.backend.builtin.is_some();
        if builtin && threshold >= BUILTIN_LIFETIME {
            let finding = Finding::error(
                Code::RefreshThreshold,
                format!(
                    "the built-in backend's tokens live for {}; with a threshold of {} every request would renew them",
                    write_period(BUILTIN_LIFETIME),
                    write_period(threshold)
                ),
            )
            .help("write refresh_threshold = \"5m\"");
            self.find("session.refresh_threshold", finding);
        } else if threshold >= longest && !longest.is_zero() {
            let finding = Finding::error(
                Code::RefreshThreshold,
                format!(
                    "a session ends after {}, so a threshold of {} would renew tokens on every request",
                    write_period(longest),
                    write_period(threshold)
                ),
            )
            .help(format!("write refresh_threshold = \"{}\", or a longer max_lifetime", write_period(longest / 4)));
            self.find(at_threshold, finding);
        }
        if idle > longest {
            let finding = Finding::warning(
                Code::RefreshThreshold,
                format!(
                    "an idle_timeout of {} never comes: the session ends after {} anyway",
                    write_period(idle),
                    write_period(longest)
                ),
            )
            .help("make max_lifetime longer or idle_timeout shorter");
            self.find(at_idle, finding);
        }
    }

    fn cookie_name(&mut self) {
        let name = &self.said.session.cookie_name;
        let path = "session.cookie_name";
        if let Some(bare) =
            ["__Host-", "__Secure-"].iter().find_map(|prefix| name.strip_prefix(prefix))
        {
            let finding = Finding::error(
                Code::BadValue,
                "the prefix of the cookie's name is added by vestibule",
            )
            .help(format!("write cookie_name = \"{bare}\""));
            self.find(path, finding);
        } else if name.is_empty()
            || !name
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.'))
        {
            let finding = Finding::error(
                Code::BadValue,
                "a cookie's name has letters, digits, `-`, `_` and `.`",
            )
            .help("write cookie_name = \"vestibule\"");
            self.find(path, finding);
        }
    }
}

fn no_algorithm(name: &str) -> Finding {
    if LATER_ALGORITHMS.contains(&name) {
        let message = format!("the algorithm {name} is not in this version yet");
        return Finding::error(Code::NotYetSupported, message)
            .help("HS256, HS384 and HS512 are; without `[token] secret` the signature is not judged at all");
    }
    if name.eq_ignore_ascii_case("none") {
        return Finding::error(
            Code::BadValue,
            "\"none\" would let everybody write their own token",
        )
        .help("write algorithms = [\"HS256\"]");
    }
    let finding = Finding::error(Code::BadValue, format!("\"{name}\" is not an algorithm"));
    let known = ["HS256", "HS384", "HS512"].into_iter().chain(LATER_ALGORITHMS);
    finding.help(
        did_you_mean(name, known)
            .unwrap_or_else(|| "the algorithms are HS256, HS384 and HS512".to_owned()),
    )
}
