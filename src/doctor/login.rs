//! Signing in: the path, the encoding, the fields, the account, and the tokens in the answer.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::StatusCode;
use http::header::{AUTHORIZATION, SET_COOKIE};
use serde_json::Value;

use super::proposal::Step;
use super::{Check, Doctor, answers, sightings};
use crate::backend::BackendError;
use crate::call::life::stated_life;
use crate::call::take::{TakeError, Taken};
use crate::call::template::Call;
use crate::call::{CallAnswer, CallRequest, Values};
use crate::form::{FieldKind, FormSpec};
use crate::secret::Secret;
use crate::token::StatedLife;

/// What a sign-in brought.
pub(super) struct Granted {
    pub(super) access: Secret,
    pub(super) life: Option<StatedLife>,
}

const RUN_WITH_USER: &str = "these need tokens; run doctor --user you@example.com";
const FIRST_LOGIN: &str = "the login has to work first";

impl Doctor {
    /// Signs in. Without an account it lets the backend refuse one that does not exist.
    pub(super) async fn login(&mut self) -> Option<Granted> {
        FIRST_LOGIN.clone_into(&mut self.because);
        let call = self.calls.login.clone();
        let inputs = self.inputs(&call)?;
        let request = match call.render(&inputs) {
            Ok(request) => request,
            Err(error) => {
                self.note(Check::error(
                    "login.call",
                    format!("the login cannot be asked: {error}"),
                ));
                return None;
            }
        };
        let describe = call.describe();
        match self.backend.send(request.clone()).await {
            Ok(answer) => {
                self.hide(&answer);
                self.read_login(&call, &request, &answer).await
            }
            Err(error) => {
                let check = Check::error("login.call", format!("{describe} got no whole answer"));
                self.note(
                    check
                        .because(in_words(&error))
                        .backend("look into the backend's log for what happened to this request"),
                );
                None
            }
        }
    }

    /// What the login form would hold. None, and a word about it, where something is missing.
    pub(super) fn inputs(&mut self, call: &Call) -> Option<Values> {
        let form = FormSpec::login(&call.placeholders());
        let mut values = Values::new();
        let mut missing = Vec::new();
        let mut account_is_in = false;
        let made_up = made_up_account();
        for field in &form.fields {
            let given = self.options.inputs.get(&field.name).cloned();
            let value = match (&self.options.account, field.kind) {
                (_, _) if given.is_some() => given,
                (Some((_, password)), FieldKind::Password) => Some(password.expose().to_owned()),
                (None, FieldKind::Password) => Some(made_up.1.clone()),
                (account, _) if !account_is_in => {
                    account_is_in = true;
                    let is_address = field.kind == FieldKind::Email;
                    let invented = if is_address { made_up.0.clone() } else { made_up.2.clone() };
                    Some(account.as_ref().map_or(invented, |(user, _)| user.clone()))
                }
                (None, _) => Some("vestibule-doctor".to_owned()),
                (Some(_), _) => None,
            };
            match value {
                Some(value) => {
                    values.insert(field.name.clone(), value.into());
                }
                None => missing.push(field.name.clone()),
            }
        }
        if let Some(first) = missing.first() {
            let check = Check::error(
                "login.call",
                format!("the login form also asks for {}", missing.join(" and ")),
            );
            let help = format!("Say what it is: vestibule doctor --user … --input {first}=…");
            self.note(check.because(help));
            return None;
        }
        Some(values)
    }

    async fn read_login(
        &mut self,
        call: &Call,
        request: &CallRequest,
        answer: &CallAnswer,
    ) -> Option<Granted> {
        let describe = call.describe();
        let status = answer.status;
        if status.is_server_error() && status != StatusCode::NOT_IMPLEMENTED {
            let check = self.failing(call, answer).await;
            self.note(check);
            return None;
        }
        if !(status == StatusCode::NOT_FOUND && refuses_an_account(call, answer))
            && let Some(check) = self.wrong_call("login.call", Step::Login, call, answer).await
        {
            self.note(check);
            return None;
        }
        self.note(Check::ok("login.call", format!("{describe} is there")));
        if status.is_success() {
            self.note(Check::ok("login.encoding", "the backend reads what is sent"));
            return self.take_tokens(call, answer);
        }
        if let Some(check) = self.misread(call, request, answer).await {
            self.note(check);
            return None;
        }
        self.note(Check::ok("login.encoding", "the backend reads what is sent"));
        let check = self.refused_login(call, answer);
        self.note(check);
        if self.options.account.is_none() {
            RUN_WITH_USER.clone_into(&mut self.because);
        }
        None
    }

    /// 5xx may be the backend's own trouble, or a declaration that it does not expect.
    async fn failing(&mut self, call: &Call, answer: &CallAnswer) -> Check {
        let status = answer.status.as_u16();
        let title = format!("the backend fails at {} ({status})", call.describe());
        let check = Check::error("login.call", title);
        if matches!(status, 502..=504) {
            return check
                .because("A proxy in front of the backend answers that the backend is not there.")
                .backend("start the backend, and look into the proxy's log");
        }
        let detail = "It may be in trouble of its own. It may also be a mistake in the declaration: some backends fail where a field or a constant is missing from the body (`provider`, `grant_type`, `strategy`).";
        let check = check.because(detail).backend("the backend's log says what it stumbled over");
        let described = self.described(call).await;
        match described {
            Some(lines) => check.paste(lines),
            None => check,
        }
    }

    /// The lines that the backend's description has for the login, if it has this very call.
    pub(super) async fn described(&mut self, call: &Call) -> Option<String> {
        let found = self.api().await?;
        let (method, target) = super::wrong_call::split(&call.describe());
        let operation = found.api.at(&method, &format!("{}{target}", self.base_path()))?;
        Some(self.lines(&operation.proposal(Step::Login), call))
    }

    fn refused_login(&self, call: &Call, answer: &CallAnswer) -> Check {
        let id = "login.credentials";
        let words = answers::words(call, answer);
        let lower = words.to_lowercase();
        let error = json_error(answer);
        if answer.status == StatusCode::TOO_MANY_REQUESTS {
            return Check::warning(id, "the backend asks for fewer attempts (429)")
                .because("Wait a minute, then run doctor again.");
        }
        if error == "invalid_client" || error == "unauthorized_client" {
            return Check::error(id, "the backend wants to know which client asks (OAuth 2)")
                .because("It has a client id, and maybe a client secret, beside the user's password.")
                .paste("[backend.login]\nheaders = { Authorization = \"Basic …\" }   # base64 of client_id:client_secret")
                .backend("register a confidential client that may use the password grant");
        }
        if lower.contains("origin") && answer.status == StatusCode::FORBIDDEN {
            let origin = self.public_url.origin().ascii_serialization();
            return Check::error(
                id,
                format!("the backend refuses a request without an origin ({words})"),
            )
            .because("It protects forms of browsers; the site in front says whose form it is.")
            .paste(format!("[backend]\nheaders = {{ Origin = \"{origin}\" }}"))
            .backend(format!("trust the origin {origin}"));
        }
        if lower.contains("csrf") {
            return Check::error(id, format!("the backend wants a CSRF token ({words})"))
                .because("This endpoint is made for the backend's own pages.")
                .backend("use the API's login, or exempt this endpoint: without cookies there is nothing to forge");
        }
        if self.options.account.is_none() {
            return Check::ok(id, format!("an account that does not exist is refused ({words})"));
        }
        Check::error(id, format!("the backend refuses this account ({words})"))
            .because("Path and fields fit; the e-mail or the password does not, or the account may not sign in yet.")
            .backend("try the same account at the backend itself; it may have to be confirmed first")
    }

    fn take_tokens(&mut self, call: &Call, answer: &CallAnswer) -> Option<Granted> {
        let taken = call.take_from(answer, &["access_token"]);
        let real = self.options.account.is_some();
        match taken {
            Ok(taken) if real => {
                self.remember_places(answer);
                self.note(Check::ok("login.credentials", "the backend signs this account in"));
                let granted = self.keep(&taken)?;
                let brought: Vec<&str> = taken.values.keys().map(String::as_str).collect();
                let title = format!("the answer has {}", brought.join(", "));
                self.note(Check::ok("login.tokens", title));
                Some(granted)
            }
            Ok(_) => {
                let check = Check::error(
                    "login.credentials",
                    "the backend signs in an account that does not exist",
                );
                self.note(check.because("A made-up name and a random password brought a token: anybody can sign in.").backend("find out why; a debug switch, a mock, or a login that never looks at the password"));
                RUN_WITH_USER.clone_into(&mut self.because);
                None
            }
            Err(_) if !real => {
                let title = format!(
                    "an account that does not exist gets no token ({})",
                    answer.status.as_u16()
                );
                self.note(Check::ok("login.credentials", title));
                RUN_WITH_USER.clone_into(&mut self.because);
                None
            }
            Err(TakeError::NotOk(pointer)) => {
                let check = Check::error("login.credentials", "the backend refuses this account");
                let detail = format!("{pointer} in its answer says so, whatever the status is.");
                self.note(check.because(detail));
                None
            }
            Err(TakeError::Missing { .. } | TakeError::Empty { .. } | TakeError::NotJson) => {
                self.note(Check::ok("login.credentials", "the backend signs this account in"));
                let check = sightings::no_tokens("login.tokens", Step::Login, call, answer);
                self.note(check);
                None
            }
        }
    }

    /// Keeps what was taken as a session would.
    pub(super) fn keep(&mut self, taken: &Taken) -> Option<Granted> {
        for name in taken.values.keys() {
            if let Some(text) = taken.text(name) {
                // An old token stays secret after it has been replaced.
                if !name.starts_with("expires_") {
                    self.keep_secret(text.clone());
                    self.values.insert(name.clone(), Value::String(text));
                }
            }
        }
        Some(Granted { access: Secret::new(taken.text("access_token")?), life: stated_life(taken) })
    }

    /// Whatever looks like a credential in an answer is never shown, taken or not.
    pub(super) fn hide(&mut self, answer: &CallAnswer) {
        // A refusal has no tokens, and may well repeat the path.
        if let Some(json) = answers::json(answer).filter(|_| answer.status.is_success()) {
            let texts = answers::leaves(&json).into_iter().filter_map(|(_, value)| value.as_str());
            self.secrets.extend(texts.filter(|text| is_opaque(text)).map(str::to_owned));
        }
        let values = answer
            .headers
            .get_all(SET_COOKIE)
            .iter()
            .filter_map(|cookie| cookie.to_str().ok()?.split(';').next()?.split_once('='))
            .map(|(_, value)| value.trim().to_owned());
        let header = answer.headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok());
        let header = header.map(|value| value.trim_start_matches("Bearer ").to_owned());
        self.secrets.extend(values.chain(header).filter(|value| !value.is_empty()));
    }
}

/// One long word with no blank in it: a token, a hash, an id.
fn is_opaque(text: &str) -> bool {
    text.len() >= 16 && !text.contains(char::is_whitespace) && !text.starts_with('/')
}

fn json_error(answer: &CallAnswer) -> String {
    let json = answers::json(answer).unwrap_or_default();
    json.get("error").and_then(Value::as_str).unwrap_or_default().to_owned()
}

/// Some backends say 404 for an account that they do not know.
fn refuses_an_account(call: &Call, answer: &CallAnswer) -> bool {
    let words = answers::words(call, answer).to_lowercase();
    ["user", "account", "credential", "password", "email"].iter().any(|word| words.contains(word))
}

/// An address that can belong to nobody (RFC 2606), a password that any rule takes, and a plain name.
fn made_up_account() -> (String, String, String) {
    let mut bytes = [0; 24];
    // A made-up account that can be guessed is still made up.
    let _ = getrandom::fill(&mut bytes);
    let text = URL_SAFE_NO_PAD.encode(bytes);
    let [first, second, third, fourth, ..] = bytes;
    let name = format!("{first:02x}{second:02x}{third:02x}{fourth:02x}");
    (format!("doctor-{name}@vestibule.invalid"), format!("{text}aA1!"), format!("doctor-{name}"))
}

/// What the carrier says, in a sentence.
pub(super) fn in_words(error: &BackendError) -> String {
    match error {
        BackendError::Unavailable { reason, .. } => reason.clone(),
        BackendError::Protocol(what) => what.clone(),
        refused => refused.to_string(),
    }
}
