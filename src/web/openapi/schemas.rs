//! The types of the endpoints, as the specification shows them.

use poem_openapi::Object;
use serde_json::{Value, json};

use crate::session::User;
use crate::web::codes;

/// What the login form takes. Its fields are those of the form; this only tells poem-openapi that there is a body.
#[derive(Object)]
pub(crate) struct LoginInput {
    /// The identifier.
    email: String,
    /// The password.
    password: String,
}

/// What the registration form takes. Its fields are those of the form, as with [`LoginInput`].
#[derive(Object)]
pub(crate) struct RegisterInput {
    /// The identifier.
    email: String,
    /// The password.
    password: String,
}

/// What signing out takes: nothing.
#[derive(Object)]
pub(crate) struct LogoutInput {
    /// Only for browsers that send neither `Origin` nor `Sec-Fetch-Site`: the token of the form.
    csrf: Option<String>,
}

/// A user as JSON, as `User` in [`answers`] describes it.
pub(crate) fn user_body(user: &User) -> Value {
    json!({"id": user.id, "email": user.email, "name": user.name, "claims": user.claims})
}

/// Leads to a schema of the document.
pub(crate) fn reference(schema: &str) -> Value {
    json!({"$ref": format!("#/components/schemas/{schema}")})
}

fn or_null(schema: &str) -> Value {
    json!({"anyOf": [reference(schema), {"type": "null"}]})
}

fn text(description: &str) -> Value {
    json!({"type": "string", "description": description})
}

/// The schemas of what is answered. Those that no operation refers to are left out afterwards.
pub(crate) fn answers() -> Value {
    let mut all = successes();
    if let (Some(all), Value::Object(more)) = (all.as_object_mut(), problems()) {
        all.extend(more);
    }
    all
}

fn successes() -> Value {
    let user = json!({"id": "17", "email": "ada@example.com", "name": "Ada", "claims": {}});
    json!({
        "User": {
            "type": "object",
            "description": "Who is signed in.",
            "required": ["id", "email", "name", "claims"],
            "properties": {
                "id": text("The backend's id, as text."),
                "email": text("Empty where the backend has none."),
                "name": text("Empty where the backend has none."),
                "claims": {
                    "type": "object",
                    "description": "What `[backend.me] claims` names.",
                    "additionalProperties": true,
                },
            },
            "example": user,
        },
        "Done": {
            "type": "object",
            "description": "The form has done its work.",
            "required": ["user", "next"],
            "properties": {
                "user": or_null("User"),
                "next": text("Where a browser would go next."),
            },
            "example": {"user": user, "next": "/"},
        },
        "Sent": {
            "type": "object",
            "description": "A declared form was accepted.",
            "required": ["message", "next", "user"],
            "properties": {
                "message": text("What the visitor reads."),
                "next": {
                    "type": ["string", "null"],
                    "description": "Where a browser would go next; null where it stays.",
                },
                "user": or_null("User"),
            },
            "example": {"message": "We have your message.", "next": null, "user": null},
        },
        "Checked": {
            "type": "object",
            "description": "Nothing is wrong with the field that was asked about.",
            "required": ["ok"],
            "properties": {"ok": {"type": "boolean"}},
            "example": {"ok": true},
        },
        "SessionState": {
            "type": "object",
            "description": "The state of the session.",
            "required": ["authenticated"],
            "properties": {
                "authenticated": {
                    "type": "boolean",
                    "description": "Whether somebody is signed in. The other fields are only there if so.",
                },
                "user": reference("User"),
                "expires_in": {
                    "type": ["integer", "null"],
                    "description": "Seconds until the access token ends; null where its life is unknown.",
                },
            },
            "example": {"authenticated": true, "user": user, "expires_in": 1740},
        },
        "Fetched": {
            "type": "object",
            "description": "What the backend was asked for.",
            "required": ["ok", "data", "error"],
            "properties": {
                "ok": {"type": "boolean", "description": "Whether it answered."},
                "data": {"description": "The JSON that it answered with; null where it did not."},
                "error": text("A sentence for people where it did not; else empty."),
            },
            "example": {"ok": true, "data": [1, 2], "error": ""},
        },
    })
}

fn problems() -> Value {
    json!({
        "Problem": {
            "type": "object",
            "description": "What went wrong (RFC 9457).",
            "required": ["type", "title", "status", "code", "detail", "request_id"],
            "properties": {
                "type": {
                    "type": "string",
                    "format": "uri",
                    "description": "The page about the code: what it means, and what to do.",
                },
                "title": text("What kind of problem it is, for people."),
                "status": {"type": "integer", "description": "The status of this answer."},
                "code": text("Stable name of the problem, for programs."),
                "detail": text("A sentence for people."),
                "request_id": text("The id under which the log knows this request."),
                "errors": {
                    "type": "array",
                    "description": "What is wrong with single fields.",
                    "items": reference("FieldError"),
                },
                "login_url": text("Where to sign in; only with `session.required`."),
            },
        },
        "FieldError": {
            "type": "object",
            "description": "What is wrong with one field.",
            "required": ["pointer", "code", "detail"],
            "properties": {
                "pointer": text("Which field: a JSON pointer (RFC 6901) as a URI fragment."),
                "code": {
                    "type": "string",
                    "description": "Stable name of the mistake.",
                    "enum": codes::of_fields().collect::<Vec<_>>(),
                },
                "detail": text("A sentence for people."),
            },
            "example": {
                "pointer": "#/password",
                "code": "field.too_short",
                "detail": "Use at least 8 characters.",
            },
        },
    })
}
