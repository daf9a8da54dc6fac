//! The steps with the backend, each a declared call: rendered, carried, judged, read.

use std::collections::BTreeMap;
use std::sync::Arc;

use http::{HeaderName, HeaderValue};
use serde_json::Value;
use tracing::warn;

use super::judge::{Asked, Step};
use super::{Backend, BackendError, Refusal};
use crate::call::life::stated_life;
use crate::call::template::Call;
use crate::call::{CallAnswer, Values};
use crate::config::plan::{BackendPlan, Calls, CarrierPlan};
use crate::form::FieldKind;
use crate::secret::Secret;
use crate::token::StatedLife;
use crate::user::{User, UserPlaces};

/// Speaks with the backend in the declared calls.
pub(crate) struct BackendClient {
    backend: Arc<dyn Backend>,
    calls: Calls,
    /// What the refresh call has to be given; none where there is no such call.
    refresh_needs: Option<Vec<String>>,
    texts: BTreeMap<String, String>,
    /// Whether every call says who the browser is that it is made for, as far as that is known.
    tells_client: bool,
}

/// What a call says about the browser, by what it is called among the values.
const CLIENT: [(&str, HeaderName); 2] = [
    ("client.agent", HeaderName::from_static("x-client-agent")),
    ("client.address", HeaderName::from_static("x-client-address")),
];

/// Tokens, as an answer brought them; nothing is verified yet.
#[derive(Debug)]
pub(crate) struct Grant {
    pub(crate) access: Secret,
    pub(crate) refresh: Option<Secret>,
    pub(crate) life: Option<StatedLife>,
    /// Other names taken, which stay with the session.
    pub(crate) kept: Values,
}

const RESERVED: [&str; 5] =
    ["access_token", "refresh_token", "expires_in", "expires_in_ms", "expires_at"];

impl BackendClient {
    pub(crate) fn new(backend: Arc<dyn Backend>, plan: BackendPlan) -> Self {
        let refresh_needs = plan.calls.refresh.as_ref().map(Call::placeholders);
        // Only the built-in backend: what others are told is for their calls to say.
        let tells_client = matches!(plan.carrier, CarrierPlan::Builtin { .. });
        Self { backend, calls: plan.calls, refresh_needs, texts: plan.texts, tells_client }
    }

    /// Whether registering is followed by signing in.
    pub(crate) fn signs_in_after_registering(&self) -> bool {
        self.calls.register.as_ref().is_some_and(|register| register.then_login)
    }

    /// Whether there is a refresh call for a session that knows certain values.
    pub(crate) fn can_refresh(&self, knows: impl Fn(&str) -> bool) -> bool {
        self.refresh_needs.as_ref().is_some_and(|needs| needs.iter().all(|name| knows(name)))
    }

    /// Whether the user has to be asked for a live access token before signing out.
    pub(crate) fn logout_needs_access_token(&self) -> bool {
        self.calls.logout.iter().any(|call| call.uses("access_token"))
    }

    pub(crate) async fn login(&self, inputs: &Values) -> Result<Grant, BackendError> {
        let asked = Asked { step: Step::Login, call: &self.calls.login };
        let granted = match self.perform(asked, inputs).await {
            Ok(answer) => grant(asked, &answer),
            Err(error) => Err(error),
        };
        granted.map_err(|error| without_secrets(error, inputs, &[]))
    }

    pub(crate) async fn register(&self, inputs: &Values) -> Result<(), BackendError> {
        let Some(register) = &self.calls.register else {
            return Err(BackendError::Protocol("registration is switched off".to_owned()));
        };
        let asked = Asked { step: Step::Register, call: &register.call };
        let done = match self.perform(asked, inputs).await {
            Ok(answer) => asked.take(&answer, &[]).map(|_| ()),
            Err(error) => Err(error),
        };
        done.map_err(|error| without_secrets(error, inputs, &[]))
    }

    pub(crate) async fn refresh(&self, values: &Values) -> Result<Grant, BackendError> {
        let Some(call) = &self.calls.refresh else {
            return Err(BackendError::Protocol("there is no refresh call".to_owned()));
        };
        let asked = Asked { step: Step::Refresh, call };
        grant(asked, &self.perform(asked, values).await?)
    }

    /// Who the user is. A missing user is a refusal, whatever the status says.
    pub(crate) async fn me(&self, values: &Values) -> Result<User, BackendError> {
        let me = &self.calls.me;
        let asked = Asked { step: Step::Me, call: &me.call };
        let answer = self.perform(asked, values).await?;
        let json: Value = serde_json::from_slice(&answer.body)
            .map_err(|_| asked.protocol(&answer, "the answer is not JSON"))?;
        let places = UserPlaces {
            user: &me.user,
            id: &me.id,
            email: &me.email,
            name: &me.name,
            claims: &me.claims,
        };
        let user = User::read(&json, &places).ok_or_else(|| {
            BackendError::Unauthorized(Refusal {
                status: answer.status.as_u16(),
                described: asked.described(&answer),
                ..Refusal::default()
            })
        })?;
        if user.id.is_empty() && user.email.is_empty() && user.name.is_empty() {
            // Everybody would be the same nobody to the app behind the door.
            let what = "the user has neither id nor e-mail nor name there; correct `user`, `id`, `email` and `name`";
            return Err(asked.protocol(&answer, what));
        }
        Ok(user)
    }

    /// Signs out at the backend. Whatever it answers, the local session ends; failures are logged here.
    pub(crate) async fn logout(&self, values: &Values) {
        for call in &self.calls.logout {
            let Some(call) = call.sendable(values) else { continue };
            let asked = Asked { step: Step::Logout, call: &call };
            if let Err(error) = self.perform(asked, values).await {
                warn!(call = call.describe(), %error, "the backend did not confirm the sign-out; the session here has ended all the same");
            }
        }
    }

    /// The configured sentence for a refusal: by the backend's text or code, else by its status.
    pub(crate) fn text_for(&self, refusal: &Refusal) -> Option<String> {
        let mut said = refusal.message.iter().chain(&refusal.codes);
        let by_words = said.find_map(|said| self.texts.get(said));
        by_words.or_else(|| self.texts.get(&refusal.status.to_string())).cloned()
    }

    /// The configured sentence for what the backend says about one input, or the backend's own.
    pub(crate) fn field_text(&self, said: &str) -> String {
        self.texts.get(said).map_or(said, String::as_str).to_owned()
    }

    /// Renders, carries and judges a call. What comes back is an answer of 2xx.
    pub(super) async fn perform(
        &self,
        asked: Asked<'_>,
        values: &Values,
    ) -> Result<CallAnswer, BackendError> {
        asked.judge(self.carry(asked, values).await?)
    }

    /// Renders and carries a call. What comes back is any answer.
    pub(super) async fn carry(
        &self,
        asked: Asked<'_>,
        values: &Values,
    ) -> Result<CallAnswer, BackendError> {
        let mut request = asked.call.render(values).map_err(|error| asked.not_sendable(&error))?;
        if self.tells_client {
            for (name, header) in CLIENT {
                let value = values.get(name).and_then(Value::as_str).filter(|it| !it.is_empty());
                if let Some(Ok(value)) = value.map(HeaderValue::from_str) {
                    request.headers.entry(header).or_insert(value);
                }
            }
        }
        self.backend.send(request).await.map_err(|error| asked.failed(error))
    }
}

pub(super) fn grant(asked: Asked<'_>, answer: &CallAnswer) -> Result<Grant, BackendError> {
    let mut taken = asked.take(answer, &["access_token"])?;
    let access = taken
        .text("access_token")
        .ok_or_else(|| asked.protocol(answer, "no `access_token` is taken from it"))?;
    let refresh = taken.text("refresh_token").map(Secret::new);
    let life = stated_life(&taken);
    taken.values.retain(|name, _| !RESERVED.contains(&name.as_str()));
    Ok(Grant { access: Secret::new(access), refresh, life, kept: taken.values })
}

/// No sentence of the backend repeats a secret that was sent: validation errors do, at some. `secrets` names
/// what a form knows to be one.
pub(super) fn without_secrets(
    mut error: BackendError,
    values: &Values,
    secrets: &[&str],
) -> BackendError {
    let is_secret = |name: &str| {
        FieldKind::of(name) == FieldKind::Password
            || name.ends_with("_token")
            || secrets.contains(&name)
    };
    if let BackendError::Rejected(refusal) | BackendError::Unauthorized(refusal) = &mut error {
        let secrets: Vec<&str> = values
            .iter()
            .filter(|(name, _)| is_secret(name))
            .filter_map(|(_, value)| value.as_str().filter(|text| is_telling(text)))
            .collect();
        let texts = refusal.fields.iter_mut().map(|(_, text)| text);
        for text in texts.chain(&mut refusal.message) {
            for secret in &secrets {
                *text = text.replace(secret, "…");
            }
        }
        refusal.codes.retain(|code| !secrets.iter().any(|secret| code.contains(secret)));
    }
    error
}

/// Whether it would give something away: not the very word that a sentence about passwords has.
fn is_telling(secret: &str) -> bool {
    secret.len() >= 4 && !secret.eq_ignore_ascii_case("password")
}
