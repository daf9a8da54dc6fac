//! The forms that are there without being declared: their fields are the placeholders of the calls that
//! they end in.

use std::borrow::Cow;

use super::FormSpec;
use super::field::{FieldKind, FieldSpec};

/// The path and id of the login form.
pub(crate) const LOGIN: &str = "login";
/// The same of the registration form.
pub(crate) const REGISTER: &str = "register";
/// The id of the declared form that `/.well-known/change-password` leads to.
pub(crate) const CHANGE_PASSWORD: &str = "change-password";
/// The id of the declared form that the login page links to.
pub(crate) const FORGOT_PASSWORD: &str = "forgot-password";

impl FormSpec {
    /// The login form: the given placeholders of the login call, identifier first.
    pub(crate) fn login(placeholders: &[String]) -> Self {
        Self { fields: fields(placeholders, "current-password", 0), ..Self::new(LOGIN, "/login") }
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
        Self { fields, ..Self::new(REGISTER, "/register") }
    }
}

fn fields(placeholders: &[String], password_token: &'static str, min: usize) -> Vec<FieldSpec> {
    let mut fields: Vec<FieldSpec> =
        placeholders.iter().map(|name| field(name, password_token, min)).collect();
    // The identifier is what the visitor thinks of first, the password last.
    fields.sort_by_key(|field| match field.kind {
        _ if is_identifier(&field.name) => 0,
        FieldKind::Password => 2,
        _ => 1,
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
        required: true,
        min_length: if kind == FieldKind::Password { min } else { 0 },
        autocomplete: Cow::Borrowed(autocomplete),
        ..FieldSpec::new(name, kind)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_identifier_comes_first_and_the_password_last() {
        let spec = FormSpec::login(&["password".into(), "tenant".into(), "username".into()]);
        let names: Vec<_> = spec.fields.iter().map(|field| field.name.as_str()).collect();
        assert_eq!(names, ["username", "tenant", "password"]);
    }
}
