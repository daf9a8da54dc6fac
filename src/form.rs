//! Forms as data: which fields, what was typed, what is wrong with it. Codes only; the theme has the words.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::{Map, Value};

/// What can be said to a visitor: a stable code, its parameters and, if the backend said it, its words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Msg {
    /// Stable name, for example `field.required`. The theme's catalog has the sentence.
    pub code: Cow<'static, str>,
    /// Values that the sentence may mention, for example `min`.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub params: BTreeMap<&'static str, u64>,
    /// The backend's own sentence, which wins over the catalog's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
}

impl Msg {
    /// A message known by its code alone.
    pub(crate) fn new(code: &'static str) -> Self {
        Self { code: Cow::Borrowed(code), params: BTreeMap::new(), text: None }
    }

    /// Adds a parameter.
    #[must_use]
    pub(crate) fn with(mut self, name: &'static str, value: u64) -> Self {
        self.params.insert(name, value);
        self
    }

    /// Uses the backend's words.
    #[must_use]
    pub(crate) fn saying(mut self, text: Option<String>) -> Self {
        self.text = text;
        self
    }
}

/// What kind of thing a field holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FieldKind {
    /// An e-mail address.
    Email,
    /// A secret: never shown again, never trimmed.
    Password,
    /// One line of text.
    Text,
}

/// Parts of a name that say that what is typed there is a secret.
const SECRET_NAMES: [&str; 6] = ["password", "passwd", "passphrase", "passcode", "pwd", "secret"];

impl FieldKind {
    /// What an input holds, as far as its name tells.
    pub(crate) fn of(name: &str) -> Self {
        let lower = name.to_ascii_lowercase();
        if SECRET_NAMES.iter().any(|part| lower.contains(part)) || lower == "pin" {
            Self::Password
        } else if lower == "email" {
            Self::Email
        } else {
            Self::Text
        }
    }

    /// The `type` attribute of the input.
    pub(crate) fn input_type(self) -> &'static str {
        match self {
            Self::Email => "email",
            Self::Password => "password",
            Self::Text => "text",
        }
    }

    /// Whether what was typed may be sent back to the browser.
    pub(crate) fn may_be_echoed(self) -> bool {
        self != Self::Password
    }
}

/// One field of a form.
#[derive(Clone, Debug)]
pub(crate) struct FieldSpec {
    /// The input's name, which is also the placeholder's name in the backend call.
    pub name: String,
    /// What it holds.
    pub kind: FieldKind,
    /// Whether it must be filled.
    pub required: bool,
    /// Fewest characters, 0 for no bound.
    pub min_length: usize,
    /// Most characters.
    pub max_length: usize,
    /// The `autocomplete` token (HTML standard, "autofill field name").
    pub autocomplete: &'static str,
    /// The field that it must repeat. A JSON caller may leave such a field out.
    pub must_equal: Option<String>,
}

/// A form: its fields in the order in which they are shown.
#[derive(Clone, Debug)]
pub(crate) struct FormSpec {
    /// `login`, `register`, or the id of a declared form.
    pub id: &'static str,
    /// In the order of the page.
    pub fields: Vec<FieldSpec>,
}

/// What was typed, and what is wrong with it.
#[derive(Clone, Debug, Default)]
pub(crate) struct FormState {
    /// Only what may be shown again.
    pub values: BTreeMap<String, String>,
    /// Errors of the form as a whole.
    pub errors: Vec<Msg>,
    /// Errors by field.
    pub field_errors: BTreeMap<String, Vec<Msg>>,
}

impl FormState {
    /// Whether nothing is wrong.
    pub(crate) fn is_valid(&self) -> bool {
        self.errors.is_empty() && self.field_errors.is_empty()
    }

    /// Adds an error of the form as a whole.
    #[must_use]
    pub(crate) fn with_error(mut self, msg: Msg) -> Self {
        self.errors.push(msg);
        self
    }
}

/// The longest input that any field takes. Bounds the work that a hostile body can ask for; a
/// password of this length is still hashed whole.
const MAX_LENGTH: usize = 1024;

impl FormSpec {
    /// The login form: the given placeholders of the login call, identifier first.
    pub(crate) fn login(placeholders: &[String]) -> Self {
        Self { id: "login", fields: fields(placeholders, "current-password", 0) }
    }

    /// The registration form. After a password comes its confirmation.
    pub(crate) fn register(placeholders: &[String], min_password: usize) -> Self {
        let mut fields = fields(placeholders, "new-password", min_password);
        if let Some(at) = fields.iter().position(|field| field.kind == FieldKind::Password) {
            let confirm = FieldSpec {
                name: format!("{}_confirm", fields[at].name),
                min_length: 0,
                must_equal: Some(fields[at].name.clone()),
                ..fields[at].clone()
            };
            fields.insert(at + 1, confirm);
        }
        Self { id: "register", fields }
    }

    /// What may be shown again of `input`, with no error yet.
    pub(crate) fn echo(&self, input: &Map<String, Value>) -> FormState {
        let values = self
            .fields
            .iter()
            .filter(|field| field.kind.may_be_echoed())
            .map(|field| (field.name.clone(), typed(field, input)))
            .collect();
        FormState { values, ..FormState::default() }
    }

    /// Checks `input` against the form and collects every mistake, field by field.
    ///
    /// The values that come back are complete: one for each field but the confirmations.
    /// A confirmation may only be absent where `confirmations_optional` (JSON callers) says so.
    pub(crate) fn check(
        &self,
        input: &Map<String, Value>,
        confirmations_optional: bool,
    ) -> Result<BTreeMap<String, String>, FormState> {
        let mut state = self.echo(input);
        let mut values = BTreeMap::new();
        for field in &self.fields {
            let value = typed(field, input);
            if let Some(error) = self.mistake(field, &value, input, confirmations_optional) {
                state.field_errors.insert(field.name.clone(), vec![error]);
            } else if field.must_equal.is_none() {
                values.insert(field.name.clone(), value);
            }
        }
        if state.is_valid() { Ok(values) } else { Err(state) }
    }

    fn mistake(
        &self,
        field: &FieldSpec,
        value: &str,
        input: &Map<String, Value>,
        confirmations_optional: bool,
    ) -> Option<Msg> {
        if let Some(other) = &field.must_equal {
            if confirmations_optional && !input.contains_key(&field.name) {
                return None;
            }
            let expected = self
                .fields
                .iter()
                .find(|candidate| candidate.name == *other)
                .map(|field| typed(field, input));
            return (expected.as_deref() != Some(value)).then(|| Msg::new("field.mismatch"));
        }
        let length = value.chars().count();
        if !matches!(input.get(&field.name), None | Some(Value::Null | Value::String(_))) {
            return Some(Msg::new("field.not_text"));
        }
        if length == 0 {
            return field.required.then(|| Msg::new("field.required"));
        }
        if field.kind == FieldKind::Email && !looks_like_email(value) {
            return Some(Msg::new("field.email"));
        }
        if length < field.min_length {
            return Some(Msg::new("field.too_short").with("min", field.min_length as u64));
        }
        if length > field.max_length {
            return Some(Msg::new("field.too_long").with("max", field.max_length as u64));
        }
        None
    }
}

/// What was typed into a field. Blanks around an address are the phone keyboard's, not the visitor's;
/// blanks around a password are the visitor's.
fn typed(field: &FieldSpec, input: &Map<String, Value>) -> String {
    let text = input.get(&field.name).and_then(Value::as_str).unwrap_or_default();
    if field.kind == FieldKind::Password { text } else { text.trim() }.to_owned()
}

/// One `@` with something on either side, a dot in the domain or a bare host, no blanks or controls.
/// Whether the address exists only a mail can tell, so this refuses typing mistakes and no more.
pub(crate) fn looks_like_email(text: &str) -> bool {
    let Some((local, domain)) = text.rsplit_once('@') else { return false };
    !local.is_empty()
        && !local.contains('@')
        && !domain.is_empty()
        && domain.split('.').all(|label| !label.is_empty())
        && text.chars().all(|c| !c.is_whitespace() && !c.is_control())
        && text.len() <= 254
}

fn fields(placeholders: &[String], password_token: &'static str, min: usize) -> Vec<FieldSpec> {
    let mut fields: Vec<FieldSpec> =
        placeholders.iter().map(|name| field(name, password_token, min)).collect();
    // The identifier is what the visitor thinks of first, the password last.
    fields.sort_by_key(|field| match field.kind {
        _ if is_identifier(&field.name) => 0,
        FieldKind::Password => 2,
        FieldKind::Email | FieldKind::Text => 1,
    });
    fields
}

fn is_identifier(name: &str) -> bool {
    matches!(name, "email" | "username" | "identifier" | "login")
}

fn field(name: &str, password_token: &'static str, min: usize) -> FieldSpec {
    let kind = FieldKind::of(name);
    let autocomplete = match (kind, name) {
        (FieldKind::Password, _) => password_token,
        _ if is_identifier(name) => "username",
        (_, "name") => "name",
        _ => "off",
    };
    FieldSpec {
        name: name.to_owned(),
        kind,
        required: true,
        min_length: if kind == FieldKind::Password { min } else { 0 },
        max_length: MAX_LENGTH,
        autocomplete,
        must_equal: None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn register() -> FormSpec {
        FormSpec::register(&["email".into(), "password".into()], 8)
    }

    fn map(value: &Value) -> Map<String, Value> {
        value.as_object().cloned().unwrap()
    }

    #[test]
    fn every_mistake_is_reported_at_once_and_passwords_are_not_kept() {
        let input =
            map(&json!({"email": "nope", "password": "short", "password_confirm": "other"}));
        let state = register().check(&input, false).unwrap_err();
        let codes: Vec<_> =
            state.field_errors.iter().map(|(n, e)| (n.as_str(), &*e[0].code)).collect();
        assert_eq!(
            codes,
            [
                ("email", "field.email"),
                ("password", "field.too_short"),
                ("password_confirm", "field.mismatch")
            ]
        );
        assert_eq!(state.values.len(), 1);
        assert_eq!(state.values["email"], "nope");
    }

    #[test]
    fn json_callers_may_leave_the_confirmation_out_but_not_get_it_wrong() {
        let input = map(&json!({"email": "a@b.c", "password": "longenough"}));
        assert!(register().check(&input, true).is_ok());
        assert!(register().check(&input, false).is_err());
        let wrong =
            map(&json!({"email": "a@b.c", "password": "longenough", "password_confirm": "x"}));
        assert!(register().check(&wrong, true).is_err());
    }

    #[test]
    fn a_number_where_text_belongs_is_an_error_of_that_field() {
        let input = map(&json!({"email": 7, "password": "longenough"}));
        let state = register().check(&input, true).unwrap_err();
        assert_eq!(state.field_errors["email"][0].code, "field.not_text");
    }

    #[test]
    fn addresses_are_trimmed_and_passwords_are_not() {
        let input = map(&json!({"email": " a@b.c ", "password": " longenough "}));
        let values = register().check(&input, true).unwrap();
        assert_eq!(values["email"], "a@b.c");
        assert_eq!(values["password"], " longenough ");
    }

    #[test]
    fn typing_mistakes_in_addresses_are_seen() {
        for good in ["a@b", "first.last+tag@example.co.uk", "ü@example.com"] {
            assert!(looks_like_email(good), "{good}");
        }
        for bad in ["", "a", "@b", "a@", "a@b..c", "a b@c", "a@b@c", "a@b\n"] {
            assert!(!looks_like_email(bad), "{bad}");
        }
    }

    #[test]
    fn the_identifier_comes_first_and_the_password_last() {
        let spec = FormSpec::login(&["password".into(), "tenant".into(), "username".into()]);
        let names: Vec<_> = spec.fields.iter().map(|field| field.name.as_str()).collect();
        assert_eq!(names, ["username", "tenant", "password"]);
    }
}
