//! What an answer means, the same for every backend (docs/adr/0003, docs/adr/0013).

use std::time::{Duration, SystemTime};

use http::StatusCode;
use http::header::{LOCATION, RETRY_AFTER};
use serde_json::Value;

use super::{BackendError, Outage, Refusal};
use crate::call::CallAnswer;
use crate::call::refusal::{reasons, says_no};
use crate::call::take::{TakeError, Taken, shape};
use crate::call::template::{Call, RenderError};

/// The step of a contract that a call belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    Login,
    Register,
    Refresh,
    Me,
    Logout,
    /// A declared form is sent.
    Form,
    /// Something is read for a page.
    Read,
}

/// A call and the step that it belongs to: what messages for the operator begin with.
#[derive(Clone, Copy)]
pub(crate) struct Asked<'a> {
    pub(crate) step: Step,
    pub(crate) call: &'a Call,
}

/// Errors of RFC 6749, section 5.2, that speak of the client and not of the user: a mistake in auth.toml.
const OAUTH_CLIENT_ERRORS: [&str; 4] =
    ["invalid_client", "unauthorized_client", "unsupported_grant_type", "invalid_scope"];
/// What routers say, in small letters, where there is nothing.
const NO_ROUTE: [&str; 6] =
    ["not found", "not found.", "page not found", "cannot ", "no route", "unrecognized request"];

impl Step {
    /// As the table is called in auth.toml.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Login => "login",
            Self::Register => "register",
            Self::Refresh => "refresh",
            Self::Me => "me",
            Self::Logout => "logout",
            Self::Form => "form",
            Self::Read => "fetch",
        }
    }

    /// The heading of its table in auth.toml.
    pub(crate) fn heading(self) -> &'static str {
        match self {
            Self::Login => "[backend.login]",
            Self::Register => "[backend.register]",
            Self::Refresh => "[backend.refresh]",
            Self::Me => "[backend.me]",
            Self::Logout => "[[backend.logout]]",
            Self::Form => "[[form]]",
            Self::Read => "[[page]]",
        }
    }

    /// Whether the visitor typed what is sent, so that a refusal is an answer to them. Everywhere
    /// else nobody could mend it, and every 4xx means that the session is not accepted any more.
    fn answers_a_visitor(self) -> bool {
        matches!(self, Self::Login | Self::Register | Self::Form)
    }
}

impl Asked<'_> {
    pub(crate) fn name(&self) -> String {
        format!("{} ({})", self.step.name(), self.call.describe())
    }

    /// Adds to what the carrier says which call it was.
    pub(crate) fn failed(&self, error: BackendError) -> BackendError {
        let which = self.name();
        match error {
            BackendError::Unavailable { reason, kind, retry_after } => {
                let reason = format!("{which}: {reason}");
                BackendError::Unavailable { reason, kind, retry_after }
            }
            BackendError::Protocol(what) => BackendError::Protocol(format!("{which}: {what}")),
            refused => refused,
        }
    }

    /// A call that cannot be made with these values. Where a visitor typed them, they are refused: nothing is wrong
    /// with the backend.
    pub(crate) fn not_sendable(&self, error: &RenderError) -> BackendError {
        let described = format!("{} cannot be asked: {error}", self.name());
        let field = match error {
            RenderError::PathSegment(name) => Some((name.clone(), String::new())),
            RenderError::HeaderValue(_) => None,
            RenderError::MissingValue(_) => return BackendError::Protocol(described),
        };
        if !self.step.answers_a_visitor() {
            return BackendError::Protocol(described);
        }
        BackendError::Rejected(Refusal {
            status: StatusCode::UNPROCESSABLE_ENTITY.as_u16(),
            described,
            message: None,
            codes: Vec::new(),
            fields: field.into_iter().collect(),
        })
    }

    /// Judges an answer by its status. What comes back is an answer of 2xx that means success, unless
    /// something is missing in it.
    pub(crate) fn judge(&self, answer: CallAnswer) -> Result<CallAnswer, BackendError> {
        let status = answer.status;
        // Where the contract names a verdict, it is the verdict, unless nothing was judged at all.
        if let Some(verdict) = self.call.is_ok(&answer).filter(|_| !is_passing(status)) {
            if verdict {
                return Ok(answer);
            }
            if status.is_success() {
                return Err(self.refused(&answer));
            }
        }
        if status.is_success() {
            // Where nothing is to be taken, only the answer itself can say that it is a failure.
            return match self.step {
                Step::Register | Step::Form if body_says_no(&answer) => Err(self.refused(&answer)),
                _ => Ok(answer),
            };
        }
        // Signed out is signed out: a way on to the front page, or a session that was over already.
        if self.step == Step::Logout
            && (status.is_redirection()
                || matches!(status, StatusCode::UNAUTHORIZED | StatusCode::GONE))
        {
            return Ok(answer);
        }
        if status.is_redirection() {
            return Err(self.redirected(&answer));
        }
        if is_passing(status) {
            let kind = if status == StatusCode::TOO_MANY_REQUESTS {
                Outage::Busy
            } else {
                Outage::Failing
            };
            let hint = if status.is_server_error() && self.step == Step::Login {
                "; if it does so at every login, `body` may lack something that the backend counts on"
            } else {
                ""
            };
            let reason = format!("{} answered {status}{hint}", self.name());
            return Err(BackendError::Unavailable {
                reason,
                kind,
                retry_after: retry_after(&answer),
            });
        }
        if let Some(mistake) = self.contract_mistake(&answer) {
            return Err(self.protocol(&answer, &mistake));
        }
        Err(self.refused(&answer))
    }

    /// A refusal that no visitor can do anything about, in words for the operator.
    fn contract_mistake(&self, answer: &CallAnswer) -> Option<String> {
        let reasons = reasons(self.call, answer);
        let oauth = reasons.codes.iter().find(|code| OAUTH_CLIENT_ERRORS.contains(&code.as_str()));
        if let Some(code) = oauth {
            return Some(format!(
                "`{code}` speaks of this client and not of the user; correct the client's credentials, `grant_type` or `scope` in the call"
            ));
        }
        if !self.step.answers_a_visitor() {
            return None;
        }
        match answer.status {
            StatusCode::METHOD_NOT_ALLOWED => {
                Some("the path takes another method; correct `send`".to_owned())
            }
            StatusCode::UNSUPPORTED_MEDIA_TYPE | StatusCode::NOT_ACCEPTABLE => {
                Some("the backend reads another encoding; correct `as`".to_owned())
            }
            StatusCode::NOT_FOUND if is_no_route(reasons.message.as_deref(), answer) => {
                Some("there is nothing at this path; correct `send`, or [backend] url".to_owned())
            }
            _ if reasons.fields.is_empty() && !reasons.unknown_fields.is_empty() => {
                // At registration a rule of the backend may still concern the visitor.
                let fields = reasons.unknown_fields.join("`, `");
                (self.step == Step::Login).then(|| {
                    format!("the backend complains about `{fields}`, which the form does not ask for; correct `body`, or `as` if the backend reads a form")
                })
            }
            _ => None,
        }
    }

    fn redirected(&self, answer: &CallAnswer) -> BackendError {
        let to = answer.headers.get(LOCATION).and_then(|value| value.to_str().ok());
        let path = to.unwrap_or("nowhere").split('?').next().unwrap_or_default();
        self.protocol(
            answer,
            &format!("a redirect to {path}; redirects are not followed, so put the final path into `send`"),
        )
    }

    /// Takes what was declared. Without `required` an answer of 2xx is no success: a refusal where it
    /// says so itself, a mistake in the contract otherwise.
    pub(crate) fn take(
        &self,
        answer: &CallAnswer,
        required: &[&str],
    ) -> Result<Taken, BackendError> {
        self.call.take_from(answer, required).map_err(|error| match error {
            TakeError::NotOk(_) => self.refused(answer),
            _ if body_says_no(answer) => self.refused(answer),
            // Nothing where the token would be, and a sentence that says why.
            TakeError::Empty { .. } if reasons(self.call, answer).message.is_some() => {
                self.refused(answer)
            }
            error @ TakeError::Missing { .. } => self.protocol(
                answer,
                &format!("{error}; `vestibule doctor` proposes the line for `take`"),
            ),
            error @ (TakeError::NotJson | TakeError::Empty { .. }) => {
                self.protocol(answer, &error.to_string())
            }
        })
    }

    fn refused(&self, answer: &CallAnswer) -> BackendError {
        let reasons = reasons(self.call, answer);
        // What a server thrown off its track says through GraphQL is no verdict on anybody.
        if answer.status.is_success()
            && !self.step.answers_a_visitor()
            && reasons.codes.iter().any(|code| code == "INTERNAL_SERVER_ERROR")
        {
            let reason = format!("{} answered an internal error", self.name());
            return BackendError::Unavailable { reason, kind: Outage::Failing, retry_after: None };
        }
        // Whatever the contract takes is a secret, also where a refusal has it in the place of a sentence.
        let taken = self.call.all_taken(answer);
        let harmless = |text: &String| !taken.iter().any(|secret| text.contains(secret.as_str()));
        let refusal = Refusal {
            status: answer.status.as_u16(),
            described: self.described(answer),
            message: reasons.message.filter(harmless),
            codes: reasons.codes.into_iter().filter(harmless).collect(),
            fields: reasons.fields.into_iter().filter(|(_, text)| harmless(text)).collect(),
        };
        if answer.status == StatusCode::UNAUTHORIZED {
            BackendError::Unauthorized(refusal)
        } else {
            BackendError::Rejected(refusal)
        }
    }

    /// One line for the operator: the call, the status, the keys of the answer and never its values.
    pub(crate) fn protocol(&self, answer: &CallAnswer, what: &str) -> BackendError {
        BackendError::Protocol(format!("{}: {what}", self.described(answer)))
    }

    pub(crate) fn described(&self, answer: &CallAnswer) -> String {
        let found = serde_json::from_slice::<Value>(&answer.body)
            .map_or_else(|_| "no JSON".to_owned(), |json| shape(&json));
        format!("{} answered {} with {found}", self.name(), answer.status.as_u16())
    }
}

/// Statuses that say nothing about what was asked.
fn is_passing(status: StatusCode) -> bool {
    status.is_server_error()
        || matches!(
            status,
            StatusCode::REQUEST_TIMEOUT | StatusCode::TOO_EARLY | StatusCode::TOO_MANY_REQUESTS
        )
}

/// A 404 can be the router's ("nothing here") or the application's ("no such user").
fn is_no_route(message: Option<&str>, answer: &CallAnswer) -> bool {
    if serde_json::from_slice::<Value>(&answer.body).is_err() {
        return true;
    }
    message.is_none_or(|message| {
        let lower = message.to_lowercase();
        NO_ROUTE
            .iter()
            .any(|words| lower == *words || words.ends_with(' ') && lower.starts_with(words))
            || lower.contains(" route ")
            || lower.starts_with("route ")
    })
}

fn body_says_no(answer: &CallAnswer) -> bool {
    serde_json::from_slice::<Value>(&answer.body).is_ok_and(|json| says_no(&json))
}

/// `Retry-After` in seconds or as a date (RFC 9110, section 10.2.3), or its unofficial relative.
fn retry_after(answer: &CallAnswer) -> Option<Duration> {
    let text = [RETRY_AFTER.as_str(), "x-retry-after"]
        .iter()
        .find_map(|name| answer.headers.get(*name)?.to_str().ok())?;
    if let Ok(seconds) = text.trim().parse::<f64>() {
        return Duration::try_from_secs_f64(seconds.ceil()).ok();
    }
    // The backend's own clock says how far away its date is; ours may be off.
    let date =
        |name: &str| httpdate::parse_http_date(answer.headers.get(name)?.to_str().ok()?).ok();
    let now: SystemTime = date("date")?;
    date(RETRY_AFTER.as_str())?.duration_since(now).ok()
}
