//! The types of the form endpoints, as the specification shows them.

use poem_openapi::Object;
use poem_openapi::types::Example;
use serde_json::{Value, json};

use crate::session::User;

/// What the login form takes. The names of the fields follow from `[backend.login] body`.
#[derive(Object)]
#[oai(example)]
pub(crate) struct LoginInput {
    /// The identifier.
    email: String,
    /// The password.
    password: String,
}

/// What the registration form takes. The names of the fields follow from `[backend.register] body`.
#[derive(Object)]
#[oai(example)]
pub(crate) struct RegisterInput {
    /// The identifier.
    email: String,
    /// The password.
    password: String,
    /// The password again; JSON callers may leave it out.
    password_confirm: Option<String>,
}

/// What signing out takes: nothing.
#[derive(Object)]
#[oai(example)]
pub(crate) struct LogoutInput {
    /// Only for browsers that send neither `Origin` nor `Sec-Fetch-Site`: the token of the form.
    csrf: Option<String>,
}

/// Who is signed in.
#[derive(Object)]
#[oai(example)]
pub(crate) struct UserBody {
    /// The backend's id, as text.
    id: String,
    /// Empty where the backend has none.
    email: String,
    /// Empty where the backend has none.
    name: String,
    /// What `[backend.me] claims` names.
    claims: Value,
}

/// A form has done its work.
#[derive(Object)]
#[oai(example)]
pub(crate) struct Done {
    /// Who is signed in now; null where nobody is.
    user: Option<UserBody>,
    /// Where a browser would go next.
    next: String,
}

/// The state of the session.
#[derive(Object)]
#[oai(example)]
pub(crate) struct SessionBody {
    /// Whether somebody is signed in. The other fields are only there if so.
    authenticated: bool,
    /// Who.
    user: Option<UserBody>,
    /// Seconds until the access token ends; null where its life is unknown.
    expires_in: Option<u64>,
}

/// What went wrong (RFC 9457).
#[derive(Object)]
#[oai(example)]
pub(crate) struct Problem {
    /// The kind of problem; `about:blank` says that the status and `code` are all there is to it.
    #[oai(rename = "type")]
    kind: String,
    /// The status in words.
    title: String,
    /// The status of this answer.
    status: u16,
    /// Stable name of the problem, for programs.
    code: String,
    /// A sentence for people.
    detail: String,
    /// The id under which the log knows this request.
    request_id: String,
    /// What is wrong with single fields.
    errors: Option<Vec<FieldError>>,
    /// Where to sign in; only with 401 on a protected path.
    login_url: Option<String>,
}

/// What is wrong with one field.
#[derive(Object)]
#[oai(example)]
pub(crate) struct FieldError {
    /// Which field: a JSON pointer (RFC 6901) as a URI fragment.
    pointer: String,
    /// Stable name of the mistake.
    code: String,
    /// A sentence for people.
    detail: String,
}

/// A user as JSON, as [`UserBody`] describes it.
pub(crate) fn user_body(user: &User) -> Value {
    json!({"id": user.id, "email": user.email, "name": user.name, "claims": user.claims})
}

impl Example for LoginInput {
    fn example() -> Self {
        Self { email: "ada@example.com".into(), password: "correct horse battery".into() }
    }
}

impl Example for RegisterInput {
    fn example() -> Self {
        let password = "correct horse battery";
        Self {
            email: "ada@example.com".into(),
            password: password.into(),
            password_confirm: Some(password.into()),
        }
    }
}

impl Example for LogoutInput {
    fn example() -> Self {
        Self { csrf: None }
    }
}

impl Example for UserBody {
    fn example() -> Self {
        Self {
            id: "17".into(),
            email: "ada@example.com".into(),
            name: "Ada".into(),
            claims: json!({}),
        }
    }
}

impl Example for Done {
    fn example() -> Self {
        Self { user: Some(UserBody::example()), next: "/".into() }
    }
}

impl Example for SessionBody {
    fn example() -> Self {
        Self { authenticated: true, user: Some(UserBody::example()), expires_in: Some(1740) }
    }
}

impl Example for FieldError {
    fn example() -> Self {
        Self {
            pointer: "#/password".into(),
            code: "field.too_short".into(),
            detail: "Use at least 8 characters.".into(),
        }
    }
}

impl Example for Problem {
    fn example() -> Self {
        Self {
            kind: "about:blank".into(),
            title: "Check what you entered".into(),
            status: 422,
            code: "input.invalid".into(),
            detail: "Some of what was sent cannot be used.".into(),
            request_id: "5f0c9a1b2e000007".into(),
            errors: Some(vec![FieldError::example()]),
            login_url: None,
        }
    }
}
