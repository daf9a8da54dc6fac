//! What each operation can answer, for the specification: one list per kind of operation. What is really sent is
//! made elsewhere, in the caller's language, so the type of an endpoint carries a finished response.

use std::marker::PhantomData;

use http::StatusCode;
use poem::{IntoResponse, Response};
use poem_openapi::ApiResponse;
use poem_openapi::registry::{MetaResponse, MetaResponses, Registry};
use serde_json::{Map, Value, json};

use super::schemas::reference;
use crate::web::codes;

/// A response together with the list of statuses that its endpoint can give.
pub(crate) struct Answer<S>(Response, PhantomData<S>);

/// The statuses of one endpoint.
pub(crate) trait Statuses: Send {
    /// In the order of the specification.
    const LIST: &'static [Documented];
}

/// A status, what it means here, and what its body is.
pub(crate) type Documented = (u16, &'static str, Body);

/// What a documented answer has in it.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Body {
    /// A page, or for HTMX a part of one.
    Page,
    /// JSON of this schema for programs, else a page.
    Json(&'static str),
    /// A problem with one of these codes for programs, else a page.
    Problem(&'static [&'static str]),
    /// Nothing, but `Location`.
    Redirect,
}

impl<S> From<Response> for Answer<S> {
    fn from(response: Response) -> Self {
        Self(response, PhantomData)
    }
}

impl<S: Statuses> IntoResponse for Answer<S> {
    fn into_response(self) -> Response {
        self.0
    }
}

impl<S: Statuses> ApiResponse for Answer<S> {
    /// Statuses only: what is in them is the same for what is built in and what is declared, so
    /// [`responses`] says it for both.
    fn meta() -> MetaResponses {
        let response = |(status, description, _): &Documented| MetaResponse {
            description,
            status: Some(*status),
            status_range: None,
            content: Vec::new(),
            headers: Vec::new(),
        };
        MetaResponses { responses: S::LIST.iter().map(response).collect() }
    }

    fn register(_registry: &mut Registry) {}
}

/// The `responses` of an operation.
pub(crate) fn responses(list: &[Documented]) -> Value {
    let mut responses = Map::new();
    for (status, description, body) in list {
        let mut response = json!({"description": description, "headers": headers(*status, *body)});
        let content = match body {
            Body::Page => json!({"text/html": html()}),
            Body::Json(schema) => json!({
                "application/json": {"schema": reference(schema)},
                "text/html": html(),
            }),
            Body::Problem(codes) => json!({
                "application/problem+json": problem(*status, codes),
                "text/html": html(),
            }),
            Body::Redirect => Value::Null,
        };
        if !content.is_null() {
            response["content"] = content;
        }
        responses.insert(status.to_string(), response);
    }
    Value::Object(responses)
}

fn html() -> Value {
    json!({"schema": {"type": "string"}})
}

/// The document of a problem, with an example for each of its codes.
fn problem(status: u16, codes: &[&str]) -> Value {
    let examples: Map<String, Value> = codes
        .iter()
        .map(|code| ((*code).to_owned(), json!({"value": example(status, code)})))
        .collect();
    json!({
        "schema": {"allOf": [
            reference("Problem"),
            {"type": "object", "properties": {"code": {"type": "string", "enum": codes}}},
        ]},
        "examples": examples,
    })
}

fn example(status: u16, code: &str) -> Value {
    let title = StatusCode::from_u16(status).ok().and_then(|status| status.canonical_reason());
    let mut example = json!({
        "type": format!("https://app.example.com{}{code}", super::super::problems::FOLDER),
        "title": title.unwrap_or("Problem"),
        "status": status,
        "code": code,
        "detail": codes::find(code).map_or("", |known| known.meaning),
        "request_id": "5f0c9a1b2e000007",
    });
    match code {
        "input.invalid" => {
            let errors = [("email", "field.required"), ("password", "field.too_short")];
            example["errors"] = errors
                .iter()
                .map(|(field, code)| {
                    let detail = codes::find(code).map_or("", |known| known.meaning);
                    json!({"pointer": format!("#/{field}"), "code": code, "detail": detail})
                })
                .collect();
        }
        "session.required" => example["login_url"] = json!("/login?next=%2Fprofile"),
        _ => {}
    }
    example
}

fn headers(status: u16, body: Body) -> Value {
    let mut headers = json!({"X-Request-Id": {"$ref": "#/components/headers/RequestId"}});
    if matches!(body, Body::Redirect) {
        headers["Location"] = json!({"$ref": "#/components/headers/Location"});
    }
    match status {
        200 if matches!(body, Body::Json(_)) => {
            headers["HX-Redirect"] = json!({"$ref": "#/components/headers/HtmxRedirect"});
        }
        429 => headers["Retry-After"] = json!({"$ref": "#/components/headers/RetryAfter"}),
        502..=504 => headers["Retry-After"] = json!({"$ref": "#/components/headers/MayRetry"}),
        _ => {}
    }
    headers
}

/// The headers that answers share.
pub(crate) fn shared_headers() -> Value {
    let text =
        |description: &str| json!({"description": description, "schema": {"type": "string"}});
    let seconds = |description: &str, required: bool| {
        let schema = json!({"type": "integer", "minimum": 1});
        json!({"description": description, "required": required, "schema": schema})
    };
    json!({
        "RequestId": text("The id under which the log knows this request."),
        "Location": {
            "description": "Where to go on: a path on this site.",
            "required": true,
            "schema": {"type": "string"},
        },
        "HtmxRedirect": text("For HTMX, in place of 303 and `Location`."),
        "RetryAfter": seconds("Seconds until it is worth trying again.", true),
        "MayRetry": seconds("Seconds until it is worth trying again, where that is known.", false),
    })
}

/// A page with a form.
pub(crate) struct FormPage;
/// Signing in.
pub(crate) struct LoginStatuses;
/// Registering.
pub(crate) struct RegisterStatuses;
/// Signing out.
pub(crate) struct LogoutStatuses;
/// Asking about the session.
pub(crate) struct SessionStatuses;

const PAGE: Documented = (200, "The page.", Body::Page);
const SIGNED_IN: Documented = (200, "Done.", Body::Json("Done"));
const GO_ON: Documented = (303, "Done; browsers go on to `Location`.", Body::Redirect);
const NOTHING_TO_DO: Documented = (303, "Nothing to do here; go on to `Location`.", Body::Redirect);
const MALFORMED: Documented =
    (400, "The body cannot be read; `detail` says where.", Body::Problem(&["body.malformed"]));
const NOBODY: Documented = (
    401,
    "Nobody is signed in; `login_url` says where to. Browsers that load a page are sent there by 303.",
    Body::Problem(&["session.required"]),
);
const CROSS_SITE: Documented = (403, "Sent from another site.", Body::Problem(&["csrf.expired"]));
const TOO_LARGE: Documented = (413, "The body is too large.", Body::Problem(&["body.too_large"]));
const UNSUPPORTED: Documented =
    (415, "Neither urlencoded nor JSON.", Body::Problem(&["body.unsupported_type"]));
const INVALID: Documented = (
    422,
    "Every field that has something wrong with it, at once; or the backend refused.",
    Body::Problem(&["input.invalid", "input.refused"]),
);
const LIMITED: Documented = (
    429,
    "Too many attempts; `Retry-After` says when to try again.",
    Body::Problem(&["rate_limited"]),
);
const FAILED: Documented = (
    500,
    "This site failed, or the session does not fit into cookies.",
    Body::Problem(&["internal", "session.too_large"]),
);
const BACKEND: Documented = (
    502,
    "The backend failed or answered what cannot be used.",
    Body::Problem(&["backend.error", "backend.protocol"]),
);
const UNREACHABLE: Documented = (
    503,
    "The backend or the session store cannot be reached; `Retry-After` says when to try again.",
    Body::Problem(&["backend.unreachable", "session.unavailable"]),
);
const TIMEOUT: Documented = (
    504,
    "The backend did not answer in time.",
    Body::Problem(&["backend.timeout", "request.timeout"]),
);

impl Statuses for FormPage {
    const LIST: &'static [Documented] = &[PAGE, NOTHING_TO_DO, FAILED, TIMEOUT];
}

impl Statuses for LoginStatuses {
    const LIST: &'static [Documented] = &[
        SIGNED_IN,
        GO_ON,
        MALFORMED,
        (
            401,
            "The credentials are not right. Which of them is not said.",
            Body::Problem(&["credentials.invalid"]),
        ),
        CROSS_SITE,
        TOO_LARGE,
        UNSUPPORTED,
        INVALID,
        LIMITED,
        FAILED,
        BACKEND,
        UNREACHABLE,
        TIMEOUT,
    ];
}

impl Statuses for RegisterStatuses {
    const LIST: &'static [Documented] = &[
        SIGNED_IN,
        GO_ON,
        MALFORMED,
        CROSS_SITE,
        (409, "Somebody has that identifier already.", Body::Problem(&["identifier.taken"])),
        TOO_LARGE,
        UNSUPPORTED,
        INVALID,
        LIMITED,
        FAILED,
        BACKEND,
        UNREACHABLE,
        TIMEOUT,
    ];
}

impl Statuses for LogoutStatuses {
    const LIST: &'static [Documented] =
        &[SIGNED_IN, GO_ON, MALFORMED, CROSS_SITE, TOO_LARGE, UNSUPPORTED, FAILED, TIMEOUT];
}

impl Statuses for SessionStatuses {
    const LIST: &'static [Documented] = &[
        (
            200,
            "The state of the session; for HTMX the part of the page that shows it.",
            Body::Json("SessionState"),
        ),
        FAILED,
        UNREACHABLE,
        TIMEOUT,
    ];
}

/// Of what somebody must be signed in for.
const DENIED: Documented =
    (403, "A rule does not let this user pass.", Body::Problem(&["access.denied"]));
const DENIED_OR_CROSS_SITE: Documented = (
    403,
    "Sent from another site, or a rule does not let this user pass.",
    Body::Problem(&["csrf.expired", "access.denied"]),
);
const HIDDEN: Documented =
    (404, "A rule hides this from this user.", Body::Problem(&["not_found"]));
const TO_LOGIN: Documented =
    (303, "Nobody is signed in; browsers go on to `Location`.", Body::Redirect);
const UNKNOWN_FIELD: Documented =
    (404, "`check` names no field that can be asked about.", Body::Problem(&["not_found"]));
const CONFLICT: Documented =
    (409, "Changed or taken by somebody else meanwhile.", Body::Problem(&["input.conflict"]));

/// What a declared form or page answers to `GET`.
pub(crate) fn of_reading(done: Body, needs_user: bool) -> Vec<Documented> {
    let mut list = vec![(200, "The page.", done)];
    if needs_user {
        list.extend([TO_LOGIN, NOBODY, DENIED, HIDDEN]);
    }
    list.extend([FAILED, UNREACHABLE, TIMEOUT]);
    list
}

/// What a declared form answers when it is sent.
pub(crate) fn of_sending(done: Body, needs_user: bool, has_checks: bool) -> Vec<Documented> {
    let mut list = vec![(200, "Done.", done), GO_ON, MALFORMED];
    list.extend(if needs_user { vec![NOBODY, DENIED_OR_CROSS_SITE] } else { vec![CROSS_SITE] });
    list.extend(match (needs_user, has_checks) {
        (true, _) => Some(HIDDEN),
        (false, true) => Some(UNKNOWN_FIELD),
        (false, false) => None,
    });
    list.extend([CONFLICT, TOO_LARGE, UNSUPPORTED, INVALID, LIMITED]);
    list.extend([FAILED, BACKEND, UNREACHABLE, TIMEOUT]);
    list
}
