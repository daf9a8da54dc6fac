//! The answers of the form endpoints, as the specification lists them. What is really sent is made
//! elsewhere, in the caller's language, so these types carry a finished response.

use std::marker::PhantomData;

use poem::{IntoResponse, Response};
use poem_openapi::ApiResponse;
use poem_openapi::registry::{MetaMediaType, MetaResponse, MetaResponses, MetaSchemaRef, Registry};
use poem_openapi::types::Type;

use super::schemas::{Done, Problem, SessionBody};

/// A response together with the list of statuses that its endpoint can give.
pub(crate) struct Answer<S>(Response, PhantomData<S>);

/// The statuses of one endpoint.
pub(crate) trait Statuses: Send {
    /// Status, description, and what its body is.
    const LIST: &'static [(u16, &'static str, Body)];
}

/// What a documented answer has in it.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Body {
    Page,
    Done,
    Session,
    Problem,
    Empty,
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
    fn meta() -> MetaResponses {
        let responses = S::LIST
            .iter()
            .map(|(status, description, body)| MetaResponse {
                description,
                status: Some(*status),
                status_range: None,
                content: body.media_types(),
                headers: Vec::new(),
            })
            .collect();
        MetaResponses { responses }
    }

    fn register(registry: &mut Registry) {
        Done::register(registry);
        SessionBody::register(registry);
        Problem::register(registry);
    }
}

impl Body {
    fn media_types(self) -> Vec<MetaMediaType> {
        let html = || MetaMediaType { content_type: "text/html", schema: String::schema_ref() };
        let json = |content_type, schema: MetaSchemaRef| MetaMediaType { content_type, schema };
        match self {
            Self::Empty => Vec::new(),
            Self::Page => vec![html()],
            Self::Done => vec![json("application/json", Done::schema_ref())],
            Self::Session => vec![json("application/json", SessionBody::schema_ref()), html()],
            Self::Problem => vec![json("application/problem+json", Problem::schema_ref()), html()],
        }
    }
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

const DONE: (u16, &str, Body) =
    (200, "Done; for JSON callers. HTMX gets an empty answer with `HX-Redirect`.", Body::Done);
const REDIRECT: (u16, &str, Body) = (303, "Done; browsers go on to `Location`.", Body::Empty);
const MALFORMED: (u16, &str, Body) = (400, "The body cannot be read.", Body::Problem);
const CROSS_SITE: (u16, &str, Body) = (403, "Sent from another site.", Body::Problem);
const TOO_LARGE: (u16, &str, Body) = (413, "The body is too large.", Body::Problem);
const UNSUPPORTED: (u16, &str, Body) = (415, "Neither urlencoded nor JSON.", Body::Problem);
const INVALID: (u16, &str, Body) =
    (422, "Every field that has something wrong with it, at once.", Body::Problem);
const LIMITED: (u16, &str, Body) =
    (429, "Too many attempts; `Retry-After` says when to try again.", Body::Problem);
const FAILED: (u16, &str, Body) =
    (500, "This site failed, or the session does not fit into cookies.", Body::Problem);
const BACKEND: (u16, &str, Body) =
    (502, "The backend failed or answered what cannot be used.", Body::Problem);
const UNREACHABLE: (u16, &str, Body) =
    (503, "The backend cannot be reached; `Retry-After` says when to try again.", Body::Problem);
const TIMEOUT: (u16, &str, Body) = (504, "The backend did not answer in time.", Body::Problem);

impl Statuses for FormPage {
    const LIST: &'static [(u16, &'static str, Body)] = &[
        (200, "The page.", Body::Page),
        (303, "Nothing to do here; go on to `Location`.", Body::Empty),
    ];
}

impl Statuses for LoginStatuses {
    const LIST: &'static [(u16, &'static str, Body)] = &[
        DONE,
        REDIRECT,
        MALFORMED,
        (401, "The credentials are not right. Which of them is not said.", Body::Problem),
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
    const LIST: &'static [(u16, &'static str, Body)] = &[
        DONE,
        REDIRECT,
        MALFORMED,
        CROSS_SITE,
        (404, "There is no registration here.", Body::Problem),
        (409, "Somebody has that identifier already.", Body::Problem),
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
    const LIST: &'static [(u16, &'static str, Body)] =
        &[DONE, REDIRECT, MALFORMED, CROSS_SITE, TOO_LARGE, UNSUPPORTED];
}

impl Statuses for SessionStatuses {
    const LIST: &'static [(u16, &'static str, Body)] = &[
        (
            200,
            "The state of the session; for HTMX the part of the page that shows it.",
            Body::Session,
        ),
        UNREACHABLE,
    ];
}
