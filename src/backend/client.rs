//! The steps with the backend, each a declared call: rendered, carried, judged, read.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use http::StatusCode;
use http::header::{LOCATION, RETRY_AFTER};
use serde_json::Value;
use tracing::warn;

use super::{Backend, BackendError, Outage, Refusal};
use crate::call::refusal::reasons;
use crate::call::take::{TakeError, Taken, shape};
use crate::call::template::Call;
use crate::call::{CallAnswer, Values};
use crate::config::plan::{BackendPlan, Calls};
use crate::secret::Secret;
use crate::token::StatedLife;
use crate::user::{User, UserPlaces};

/// Speaks with the backend in the declared calls.
pub(crate) struct BackendClient {
    backend: Arc<dyn Backend>,
    calls: Calls,
    texts: BTreeMap<String, String>,
}

/// Tokens, as an answer brought them; nothing is verified yet.
#[derive(Debug)]
pub(crate) struct Grant {
    pub(crate) access: Secret,
    pub(crate) refresh: Option<Secret>,
    pub(crate) life: Option<StatedLife>,
    /// Other names taken, which stay with the session.
    pub(crate) kept: BTreeMap<String, String>,
}

const RESERVED: [&str; 5] =
    ["access_token", "refresh_token", "expires_in", "expires_in_ms", "expires_at"];

impl BackendClient {
    pub(crate) fn new(backend: Arc<dyn Backend>, plan: BackendPlan) -> Self {
        Self { backend, calls: plan.calls, texts: plan.texts }
    }

    /// Whether registering is followed by signing in.
    pub(crate) fn signs_in_after_registering(&self) -> bool {
        self.calls.register.as_ref().is_some_and(|register| register.then_login)
    }

    /// Whether there is a refresh call for a session that knows `values`.
    pub(crate) fn can_refresh(&self, values: &Values) -> bool {
        self.calls
            .refresh
            .as_ref()
            .is_some_and(|call| call.placeholders().iter().all(|name| values.contains_key(name)))
    }

    /// Whether the user has to be asked for a live access token before signing out.
    pub(crate) fn logout_needs_access_token(&self) -> bool {
        self.calls.logout.iter().any(|call| call.uses("access_token"))
    }

    pub(crate) async fn login(&self, inputs: &Values) -> Result<Grant, BackendError> {
        let answer = self.perform("login", &self.calls.login, inputs).await?;
        grant("login", &self.calls.login, &answer)
    }

    pub(crate) async fn register(&self, inputs: &Values) -> Result<(), BackendError> {
        let Some(register) = &self.calls.register else {
            return Err(BackendError::Protocol("registration is switched off".to_owned()));
        };
        let answer = self.perform("register", &register.call, inputs).await?;
        take("register", &register.call, &answer, &[]).map(|_| ())
    }

    pub(crate) async fn refresh(&self, values: &Values) -> Result<Grant, BackendError> {
        let Some(call) = &self.calls.refresh else {
            return Err(BackendError::Protocol("there is no refresh call".to_owned()));
        };
        let answer = self.perform("refresh", call, values).await?;
        grant("refresh", call, &answer)
    }

    /// Who the user is. A missing user is a refusal, whatever the status says.
    pub(crate) async fn me(&self, values: &Values) -> Result<User, BackendError> {
        let me = &self.calls.me;
        let answer = self.perform("me", &me.call, values).await?;
        let json: Value = serde_json::from_slice(&answer.body)
            .map_err(|_| protocol("me", &me.call, &answer, "the answer is not JSON"))?;
        let places = UserPlaces {
            user: &me.user,
            id: &me.id,
            email: &me.email,
            name: &me.name,
            claims: &me.claims,
        };
        User::read(&json, &places).ok_or_else(|| {
            BackendError::Unauthorized(Refusal {
                status: answer.status.as_u16(),
                ..Refusal::default()
            })
        })
    }

    /// Signs out at the backend. Whatever it answers, the local session ends; failures are logged here.
    pub(crate) async fn logout(&self, values: &Values) {
        for call in &self.calls.logout {
            if !call.placeholders().iter().all(|name| values.contains_key(name)) {
                continue;
            }
            if let Err(error) = self.perform("logout", call, values).await {
                warn!(call = call.describe(), %error, "the backend did not confirm the sign-out; the session here has ended all the same");
            }
        }
    }

    /// The configured sentence for a refusal: by the backend's text or code, else by its status.
    pub(crate) fn text_for(&self, refusal: &Refusal) -> Option<String> {
        let by_message = refusal.message.as_ref().and_then(|message| self.texts.get(message));
        by_message.or_else(|| self.texts.get(&refusal.status.to_string())).cloned()
    }

    /// Renders, carries and judges a call. What comes back is an answer of 2xx.
    async fn perform(
        &self,
        step: &str,
        call: &Call,
        values: &Values,
    ) -> Result<CallAnswer, BackendError> {
        let request = call
            .render(values)
            .map_err(|error| BackendError::Protocol(format!("{step} cannot be asked: {error}")))?;
        let answer = self.backend.send(request).await.map_err(|error| named(step, call, error))?;
        judge(step, call, answer)
    }
}

/// Adds to what the carrier says which call it was.
fn named(step: &str, call: &Call, error: BackendError) -> BackendError {
    let which = format!("{step} ({})", call.describe());
    match error {
        BackendError::Unavailable { reason, kind, retry_after } => {
            BackendError::Unavailable { reason: format!("{which}: {reason}"), kind, retry_after }
        }
        BackendError::Protocol(what) => BackendError::Protocol(format!("{which}: {what}")),
        refused => refused,
    }
}

/// What a status means, the same for every backend (docs/adr/0003).
fn judge(step: &str, call: &Call, answer: CallAnswer) -> Result<CallAnswer, BackendError> {
    let status = answer.status;
    if status.is_success() {
        return Ok(answer);
    }
    if status.is_redirection() {
        let to =
            answer.headers.get(LOCATION).and_then(|value| value.to_str().ok()).unwrap_or("nowhere");
        let path = to.split('?').next().unwrap_or_default();
        let advice = format!(
            "a redirect to {path}; redirects are not followed, so put the final path into `send`"
        );
        return Err(protocol(step, call, &answer, &advice));
    }
    let passing = status.is_server_error()
        || matches!(
            status,
            StatusCode::REQUEST_TIMEOUT | StatusCode::TOO_EARLY | StatusCode::TOO_MANY_REQUESTS
        );
    if passing {
        let retry_after = answer
            .headers
            .get(RETRY_AFTER)
            .and_then(|value| value.to_str().ok()?.parse().ok())
            .map(Duration::from_secs);
        let kind =
            if status == StatusCode::TOO_MANY_REQUESTS { Outage::Busy } else { Outage::Failing };
        let reason = format!("{step} ({}) answered {status}", call.describe());
        return Err(BackendError::Unavailable { reason, kind, retry_after });
    }
    if matches!(
        status,
        StatusCode::METHOD_NOT_ALLOWED
            | StatusCode::UNSUPPORTED_MEDIA_TYPE
            | StatusCode::NOT_ACCEPTABLE
    ) {
        return Err(protocol(
            step,
            call,
            &answer,
            "the backend does not know this call; check `send` and `as`",
        ));
    }
    let reasons = reasons(call, &answer);
    let refusal =
        Refusal { status: status.as_u16(), message: reasons.message, fields: reasons.fields };
    if status == StatusCode::UNAUTHORIZED {
        Err(BackendError::Unauthorized(refusal))
    } else {
        Err(BackendError::Rejected(refusal))
    }
}

fn take(
    step: &str,
    call: &Call,
    answer: &CallAnswer,
    required: &[&str],
) -> Result<Taken, BackendError> {
    call.take_from(answer, required).map_err(|error| match error {
        TakeError::NotOk(_) => {
            let reasons = reasons(call, answer);
            BackendError::Rejected(Refusal {
                status: answer.status.as_u16(),
                message: reasons.message,
                fields: reasons.fields,
            })
        }
        error => protocol(step, call, answer, &error.to_string()),
    })
}

fn grant(step: &str, call: &Call, answer: &CallAnswer) -> Result<Grant, BackendError> {
    let taken = take(step, call, answer, &["access_token"])?;
    let access = taken
        .text("access_token")
        .ok_or_else(|| protocol(step, call, answer, "no `access_token` is taken from it"))?;
    let kept = taken
        .values
        .keys()
        .filter(|name| !RESERVED.contains(&name.as_str()))
        .filter_map(|name| Some((name.clone(), taken.text(name)?)))
        .collect();
    Ok(Grant {
        access: Secret::new(access),
        refresh: taken.text("refresh_token").map(Secret::new),
        life: stated_life(&taken),
        kept,
    })
}

fn stated_life(taken: &Taken) -> Option<StatedLife> {
    let number =
        |name: &str| taken.text(name)?.parse::<f64>().ok().filter(|n| *n >= 0.0 && *n < 1e15);
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "bounded above")]
    let whole = |number: f64| number as u64;
    number("expires_in")
        .map(|seconds| StatedLife::In(whole(seconds)))
        .or_else(|| number("expires_in_ms").map(|millis| StatedLife::In(whole(millis / 1000.0))))
        .or_else(|| number("expires_at").map(|time| StatedLife::At(whole(time))))
}

/// One line for the operator: the call, the status, the keys of the answer and never its values.
fn protocol(step: &str, call: &Call, answer: &CallAnswer, what: &str) -> BackendError {
    let found = serde_json::from_slice::<Value>(&answer.body)
        .map_or_else(|_| "no JSON".to_owned(), |json| shape(&json));
    BackendError::Protocol(format!(
        "{step} ({}) answered {}: {what} (the answer has {found})",
        call.describe(),
        answer.status.as_u16()
    ))
}
