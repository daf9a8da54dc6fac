//! What clients send: read whole, with every mistake reported at once, and never repeated to them.

use serde_json::{Map, Value, json};

use super::refresh_token::RefreshToken;
use super::rules::{NAME_CHARACTERS, is_email, password_fault};
use crate::secret::Secret;

/// Everything that was wrong with a body, ready to be sent.
pub(super) struct Faults(pub(super) Vec<Value>);

impl Faults {
    /// One mistake, found after the body was read.
    pub(super) fn one(name: &str, kind: &str, reason: &str) -> Self {
        Self(vec![fault(name, kind, reason)])
    }
}

/// A request for an account.
pub(super) struct NewAccount {
    pub(super) email: String,
    pub(super) name: String,
    pub(super) password: Secret,
}

/// Who somebody claims to be, and the proof.
pub(super) struct Credentials {
    pub(super) email: String,
    pub(super) password: Secret,
}

/// A refresh token that somebody presents.
pub(super) struct PresentedToken(pub(super) RefreshToken);

/// An e-mail that somebody says is theirs.
pub(super) struct Address(pub(super) String);

/// The token of a link that was mailed.
pub(super) struct LinkToken(pub(super) RefreshToken);

/// The token of a link, and the password that is to be.
pub(super) struct NewPassword {
    pub(super) token: RefreshToken,
    pub(super) password: Secret,
}

/// The password that is, and the one that is to be.
pub(super) struct PasswordChange {
    pub(super) current: Secret,
    pub(super) password: Secret,
    /// Tells which session is the caller's own where the access token does not.
    pub(super) kept: Option<RefreshToken>,
}

/// What an account is to have; what is left out stays.
pub(super) struct ProfileChange {
    pub(super) name: Option<String>,
    pub(super) email: Option<String>,
    pub(super) current: Option<Secret>,
}

/// A password that shows that it is really the owner who asks.
pub(super) struct Proof(pub(super) Secret);

/// The session that is to stay, for callers whose access token does not tell.
pub(super) struct Kept(pub(super) Option<RefreshToken>);

impl NewAccount {
    pub(super) fn read(body: &[u8]) -> Result<Self, Faults> {
        let mut input = Input::read(body)?;
        let email = input.text("email").map(|email| input.email(&email));
        let password = input.new_password(email.as_deref());
        let name = input.name();
        match (email, password) {
            (Some(email), Some(password)) if input.faults.is_empty() => {
                Ok(Self { email, name: name.unwrap_or_default(), password })
            }
            _ => Err(Faults(input.faults)),
        }
    }
}

impl Address {
    pub(super) fn read(body: &[u8]) -> Result<Self, Faults> {
        let mut input = Input::read(body)?;
        let email = input.text("email").map(|email| input.email(&email));
        email.filter(|_| input.faults.is_empty()).map(Self).ok_or(Faults(input.faults))
    }
}

impl LinkToken {
    pub(super) fn read(body: &[u8]) -> Result<Self, Faults> {
        let mut input = Input::read(body)?;
        let token = input.text("token");
        token.map(|token| Self(RefreshToken::presented(&token))).ok_or(Faults(input.faults))
    }
}

impl NewPassword {
    pub(super) fn read(body: &[u8]) -> Result<Self, Faults> {
        let mut input = Input::read(body)?;
        match (input.text("token"), input.new_password(None)) {
            (Some(token), Some(password)) if input.faults.is_empty() => {
                Ok(Self { token: RefreshToken::presented(&token), password })
            }
            _ => Err(Faults(input.faults)),
        }
    }
}

impl PasswordChange {
    pub(super) fn read(body: &[u8], email: &str) -> Result<Self, Faults> {
        let mut input = Input::read(body)?;
        let current = input.text("current_password").map(Secret::new);
        let password = input.new_password(Some(email));
        let kept = input.optional_text("refresh_token");
        match (current, password) {
            (Some(current), Some(password)) if input.faults.is_empty() => {
                let kept = kept.map(|token| RefreshToken::presented(&token));
                Ok(Self { current, password, kept })
            }
            _ => Err(Faults(input.faults)),
        }
    }
}

impl ProfileChange {
    pub(super) fn read(body: &[u8]) -> Result<Self, Faults> {
        let mut input = Input::read(body)?;
        let name = input.name();
        let email = input.optional_text("email").map(|email| input.email(&email));
        let current = input.optional_text("current_password").map(Secret::new);
        if input.faults.is_empty() {
            Ok(Self { name, email, current })
        } else {
            Err(Faults(input.faults))
        }
    }
}

impl Proof {
    pub(super) fn read(body: &[u8]) -> Result<Self, Faults> {
        let mut input = Input::read(body)?;
        input.text("password").map(|it| Self(Secret::new(it))).ok_or(Faults(input.faults))
    }
}

impl Kept {
    pub(super) fn read(body: &[u8]) -> Result<Self, Faults> {
        if body.is_empty() {
            return Ok(Self(None));
        }
        let mut input = Input::read(body)?;
        let token = input.optional_text("refresh_token");
        if input.faults.is_empty() {
            Ok(Self(token.map(|token| RefreshToken::presented(&token))))
        } else {
            Err(Faults(input.faults))
        }
    }
}

impl Credentials {
    pub(super) fn read(body: &[u8]) -> Result<Self, Faults> {
        let mut input = Input::read(body)?;
        match (input.text("email"), input.text("password")) {
            (Some(email), Some(password)) => {
                Ok(Self { email: email.trim().to_owned(), password: Secret::new(password) })
            }
            _ => Err(Faults(input.faults)),
        }
    }
}

impl PresentedToken {
    pub(super) fn read(body: &[u8]) -> Result<Self, Faults> {
        let mut input = Input::read(body)?;
        match input.text("refresh_token") {
            Some(token) => Ok(Self(RefreshToken::presented(&token))),
            None => Err(Faults(input.faults)),
        }
    }
}

/// A body that is being read, and what was wrong with it so far.
struct Input {
    fields: Map<String, Value>,
    faults: Vec<Value>,
}

impl Input {
    fn read(body: &[u8]) -> Result<Self, Faults> {
        let whole = |kind: &str, reason: &str| {
            Faults(vec![json!({"type": kind, "loc": ["body"], "msg": reason})])
        };
        if body.is_empty() {
            return Err(whole("missing", "A JSON body is required."));
        }
        match serde_json::from_slice(body) {
            Ok(Value::Object(fields)) => Ok(Self { fields, faults: Vec::new() }),
            Ok(_) => Err(whole("model_attributes_type", "The body must be a JSON object.")),
            Err(_) => Err(whole("json_invalid", "The body is not valid JSON.")),
        }
    }

    fn text(&mut self, name: &str) -> Option<String> {
        if !self.fields.contains_key(name) {
            self.fault(name, "missing", "This field is required.");
            return None;
        }
        self.optional_text(name)
    }

    fn optional_text(&mut self, name: &str) -> Option<String> {
        let value = self.fields.remove(name)?;
        let text = value.as_str().map(str::to_owned);
        if text.is_none() {
            self.fault(name, "string_type", "This field must be a text.");
        }
        text
    }

    /// Looks at an e-mail; blanks around it are none of it.
    fn email(&mut self, text: &str) -> String {
        let email = text.trim().to_owned();
        if !is_email(&email) {
            self.fault("email", "value_error", "This is not a valid e-mail address.");
        }
        email
    }

    fn new_password(&mut self, email: Option<&str>) -> Option<Secret> {
        let password = self.text("password")?;
        if let Some((kind, reason)) = password_fault(&password, email) {
            self.fault("password", kind, reason);
        }
        Some(Secret::new(password))
    }

    fn name(&mut self) -> Option<String> {
        let name = self.optional_text("name")?.trim().to_owned();
        if name.chars().count() > NAME_CHARACTERS {
            self.fault("name", "string_too_long", "The name may have at most 200 characters.");
        }
        Some(name)
    }

    fn fault(&mut self, name: &str, kind: &str, reason: &str) {
        self.faults.push(fault(name, kind, reason));
    }
}

fn fault(name: &str, kind: &str, reason: &str) -> Value {
    json!({"type": kind, "loc": ["body", name], "msg": reason})
}
