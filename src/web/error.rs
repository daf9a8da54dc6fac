//! The only place where something that went wrong becomes an answer.
//!
//! Outside goes a short true sentence with a stable code and the request id; the cause goes to the
//! log under the same id.

use std::time::Duration;

use http::header::{ALLOW, HeaderValue, RETRY_AFTER, WWW_AUTHENTICATE};
use http::{HeaderName, StatusCode};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use poem::Response;
use poem::error::MethodNotAllowedError;
use serde_json::{Value, json};

use super::App;
use super::problems;
use super::submission::SubmissionError;
use super::visit::{Prefer, Visit};
use crate::auth::login::SignInError;
use crate::backend::{BackendError, Outage};
use crate::session::StoreError;
use crate::theme::context::{ERROR_STATES, ErrorView};

/// What went wrong, as far as the visitor may know, and for the log what is behind it.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) status: StatusCode,
    /// Stable, for programs.
    pub(crate) code: &'static str,
    pub(crate) retry_after: Option<Duration>,
    /// What is wrong, in words for the sender; otherwise the status has a sentence.
    pub(crate) detail: Option<String>,
    /// For `Allow`, where the method was wrong.
    pub(crate) allow: Option<&'static str>,
    /// For the operator; never leaves the house.
    pub(crate) cause: Option<String>,
}

/// The cause of a failure, on its way to the log line in the extensions of the answer.
#[derive(Clone, Debug)]
pub(crate) struct Cause(pub(crate) String);

/// One field's error in a problem document.
pub(crate) struct FieldProblem {
    pub(crate) field: String,
    pub(crate) code: String,
    pub(crate) detail: String,
}

/// Where the login page is, told to scripts with every 401.
const LOGIN_LOCATION: HeaderName = HeaderName::from_static("x-vestibule-location");

impl Failure {
    pub(crate) fn new(status: StatusCode, code: &'static str) -> Self {
        Self { status, code, retry_after: None, detail: None, allow: None, cause: None }
    }

    #[must_use]
    pub(crate) fn because(mut self, cause: impl Into<String>) -> Self {
        self.cause = Some(cause.into());
        self
    }

    #[must_use]
    pub(crate) fn retry_after(mut self, wait: Option<Duration>) -> Self {
        self.retry_after = wait;
        self
    }

    pub(crate) fn not_found() -> Self {
        Self::new(StatusCode::NOT_FOUND, "not_found")
    }

    pub(crate) fn method_not_allowed(allow: &'static str) -> Self {
        Self {
            allow: Some(allow),
            ..Self::new(StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed")
        }
    }

    pub(crate) fn internal(cause: impl std::fmt::Display) -> Self {
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "internal").because(cause.to_string())
    }
}

impl From<poem::Error> for Failure {
    fn from(error: poem::Error) -> Self {
        if let Some(submission) = error.downcast_ref::<SubmissionError>() {
            return Self::from(submission);
        }
        if error.is::<MethodNotAllowedError>() {
            return Self::method_not_allowed("GET, HEAD, POST");
        }
        let status = error.status();
        let code = match status {
            StatusCode::NOT_FOUND => return Self::not_found(),
            status if status.is_client_error() => "bad_request",
            _ => return Self::internal(error.to_string()),
        };
        Self::new(status, code).because(error.to_string())
    }
}

impl From<&SubmissionError> for Failure {
    fn from(error: &SubmissionError) -> Self {
        let (status, code) = match error {
            SubmissionError::TooLarge { .. } => (StatusCode::PAYLOAD_TOO_LARGE, "body.too_large"),
            SubmissionError::UnsupportedType => {
                (StatusCode::UNSUPPORTED_MEDIA_TYPE, "body.unsupported_type")
            }
            SubmissionError::Malformed(_) => (StatusCode::BAD_REQUEST, "body.malformed"),
        };
        let detail = Some(error.to_string());
        Self { detail, ..Self::new(status, code).because(error.to_string()) }
    }
}

impl From<BackendError> for Failure {
    fn from(error: BackendError) -> Self {
        let cause = error.to_string();
        match error {
            BackendError::Unavailable { kind, retry_after, .. } => {
                let (status, code) = match kind {
                    Outage::Unreachable => (StatusCode::SERVICE_UNAVAILABLE, "backend.unreachable"),
                    Outage::TimedOut => (StatusCode::GATEWAY_TIMEOUT, "backend.timeout"),
                    Outage::Busy => (StatusCode::TOO_MANY_REQUESTS, "rate_limited"),
                    Outage::Failing => (StatusCode::BAD_GATEWAY, "backend.error"),
                };
                // A backend that asks for hours would be obeyed by every client of ours.
                let wait = retry_after.unwrap_or(RETRY).min(LONGEST_RETRY);
                Self::new(status, code).because(cause).retry_after(Some(wait))
            }
            BackendError::Rejected(_)
            | BackendError::Unauthorized(_)
            | BackendError::Protocol(_) => {
                Self::new(StatusCode::BAD_GATEWAY, "backend.protocol").because(cause)
            }
        }
    }
}

impl From<&StoreError> for Failure {
    fn from(error: &StoreError) -> Self {
        let code = match error {
            StoreError::TooLarge { .. } => "session.too_large",
            StoreError::Unavailable(_) => {
                return Self::new(StatusCode::SERVICE_UNAVAILABLE, "session.unavailable")
                    .because(error.to_string())
                    .retry_after(Some(RETRY));
            }
            StoreError::Crypto(_) | StoreError::Internal(_) => "internal",
        };
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, code).because(error.to_string())
    }
}

/// What a visitor is told to wait where nobody knows better.
pub(crate) const RETRY: Duration = Duration::from_secs(5);
/// The longest wait that is passed on from the backend.
const LONGEST_RETRY: Duration = Duration::from_mins(5);

impl From<SignInError> for Failure {
    fn from(error: SignInError) -> Self {
        match error {
            SignInError::Limited { retry_after } => {
                Self::new(StatusCode::TOO_MANY_REQUESTS, "rate_limited")
                    .retry_after(Some(retry_after))
            }
            SignInError::Refused { .. } => {
                Self::new(StatusCode::UNAUTHORIZED, "credentials.invalid")
            }
            SignInError::Backend(error) => error.into(),
            SignInError::Token(_) => {
                Self::new(StatusCode::BAD_GATEWAY, "backend.protocol").because(error.to_string())
            }
            SignInError::Store(error) => Self::from(&error),
        }
    }
}

impl App {
    /// Answers a failure in the caller's language: a themed page, a part of one, or a problem document.
    pub(crate) fn fail(&self, visit: &Visit, failure: Failure) -> Response {
        let mut response = match visit.prefer {
            Prefer::Json => problem_answer(
                failure.status,
                &self.problem(visit, failure.status, failure.code, failure.detail.clone(), &[]),
            ),
            Prefer::Page | Prefer::Partial => self.error_page(visit, &failure),
        };
        decorate(&mut response, failure);
        response
    }

    /// 401 for a caller that is not a browser loading a page.
    pub(crate) fn unauthenticated(&self, visit: &Visit, login_url: &str) -> Response {
        let status = StatusCode::UNAUTHORIZED;
        let mut body = self.problem(visit, status, "session.required", None, &[]);
        body["login_url"] = Value::String(login_url.to_owned());
        let mut response = problem_answer(status, &body);
        let headers = response.headers_mut();
        // A scheme of its own, since 401 must name one (RFC 9110, 11.6.1) and no browser may open
        // its password box for it.
        headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static("Cookie realm=\"vestibule\""));
        if let Ok(location) = HeaderValue::try_from(login_url) {
            headers.insert(LOGIN_LOCATION, location);
        }
        response
    }

    /// A problem document (RFC 9457).
    pub(crate) fn problem(
        &self,
        visit: &Visit,
        status: StatusCode,
        code: &str,
        detail: Option<String>,
        fields: &[FieldProblem],
    ) -> Value {
        let mut problem = json!({
            "type": problems::address(&self.origin, code),
            "title": self.failure_sentence(visit, status, code, "title"),
            "status": status.as_u16(),
            "code": code,
            "detail": detail.unwrap_or_else(|| self.failure_sentence(visit, status, code, "detail")),
            "request_id": visit.request_id,
        });
        if !fields.is_empty() {
            problem["errors"] = fields
                .iter()
                .map(|problem| {
                    json!({
                        "pointer": pointer(&problem.field),
                        "code": problem.code,
                        "detail": problem.detail,
                    })
                })
                .collect();
        }
        problem
    }

    fn error_page(&self, visit: &Visit, failure: &Failure) -> Response {
        let title = self.failure_sentence(visit, failure.status, failure.code, "title");
        let state = state_of(failure.status, failure.code);
        let mut page = self.page(visit, "error".into(), state, failure.status, title.clone());
        page.retry = failure.retry_after.map(|wait| self.retry(visit, wait));
        page.error = Some(ErrorView {
            status: failure.status.as_u16(),
            code: failure.code.to_owned(),
            title,
            detail: self.failure_sentence(visit, failure.status, failure.code, "detail"),
            request_id: visit.request_id.clone(),
            retry_url: if failure.status.is_server_error() {
                visit.as_return_to().map_or_else(String::new, |to| to.as_str().to_owned())
            } else {
                String::new()
            },
        });
        self.render(visit, &page)
    }

    /// Some codes have words of their own, all others those of their status.
    fn failure_sentence(
        &self,
        visit: &Visit,
        status: StatusCode,
        code: &str,
        part: &str,
    ) -> String {
        let spoken = spoken(status);
        let own = self.theme(visit).own_sentence(&format!("error.{code}.{part}"));
        own.unwrap_or_else(|| self.theme(visit).sentence(&format!("error.{spoken}.{part}")))
    }
}

/// The status whose words are said: rare ones borrow those of their class.
fn spoken(status: StatusCode) -> &'static str {
    let own = ERROR_STATES.into_iter().find(|own| *own == status.as_str());
    own.unwrap_or(if status.is_client_error() { "400" } else { "500" })
}

/// The state of the error page: the fault of an app by itself, all others by the status.
fn state_of(status: StatusCode, code: &str) -> &'static str {
    match code {
        "upstream.unreachable" => "upstream_unreachable",
        "upstream.timeout" => "upstream_timeout",
        "upstream.error" => "upstream_error",
        "upstream.loop" => "upstream_loop",
        _ => spoken(status),
    }
}

/// Puts what belongs into headers there, and the cause into the extensions for the log.
pub(crate) fn decorate(response: &mut Response, failure: Failure) {
    if let Some(wait) = failure.retry_after {
        response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(whole_seconds(wait)));
    }
    if let Some(allow) = failure.allow {
        response.headers_mut().insert(ALLOW, HeaderValue::from_static(allow));
    }
    if let Some(cause) = failure.cause {
        response.extensions_mut().insert(Cause(cause));
    }
}

/// Rounded up: who waits that long is not sent away again.
pub(crate) fn whole_seconds(wait: Duration) -> u64 {
    wait.as_millis().div_ceil(1000).max(1).try_into().unwrap_or(u64::MAX)
}

/// A JSON pointer to a member of the body, as a URI fragment (RFC 6901, sections 3 and 6).
fn pointer(name: &str) -> String {
    let escaped = name.replace('~', "~0").replace('/', "~1");
    format!("#/{}", utf8_percent_encode(&escaped, NOT_IN_A_FRAGMENT))
}

/// Of what a fragment may hold as it is (RFC 3986, 3.5), everything that names are made of.
const NOT_IN_A_FRAGMENT: &AsciiSet =
    &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

pub(crate) fn problem_answer(status: StatusCode, body: &Value) -> Response {
    Response::builder()
        .status(status)
        .content_type("application/problem+json")
        .body(body.to_string())
}

#[cfg(test)]
mod tests {
    use super::pointer;

    #[test]
    fn pointers_lead_to_the_field_whatever_it_is_called() {
        assert_eq!(pointer("email"), "#/email");
        assert_eq!(pointer("a/b~c"), "#/a~1b~0c");
        assert_eq!(pointer("\u{fc} \"%"), "#/%C3%BC%20%22%25");
    }
}
