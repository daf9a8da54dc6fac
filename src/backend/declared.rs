//! The calls of declared forms and pages: what a visitor sends, and what a page is given to show.

use serde_json::Value;

use super::client::{BackendClient, Grant, grant, without_secrets};
use super::judge::{Asked, Step};
use super::{BackendError, Refusal};
use crate::call::meaning::Meaning;
use crate::call::refusal::reasons;
use crate::call::take::Taken;
use crate::call::template::Call;
use crate::call::{CallAnswer, Values};

/// An answer that the backend gave to a form, and that is a success.
pub(crate) struct Accepted<'a> {
    asked: Asked<'a>,
    answer: CallAnswer,
}

impl Accepted<'_> {
    /// The tokens that it brought, for a form that signs in.
    pub(crate) fn grant(&self) -> Result<Grant, BackendError> {
        grant(self.asked, &self.answer)
    }

    /// The tokens that it brought, where the form takes any.
    pub(crate) fn new_tokens(&self) -> Result<Option<Grant>, BackendError> {
        let takes_tokens = self.asked.call.take.iter().any(|take| take.name == "access_token");
        takes_tokens.then(|| self.grant()).transpose()
    }

    /// What it brought besides.
    pub(crate) fn taken(&self) -> Result<Taken, BackendError> {
        self.asked.take(&self.answer, &[])
    }
}

impl BackendClient {
    /// Sends what was typed. Refusals mean what the form says, else what they mean everywhere.
    pub(crate) async fn submit<'a>(
        &self,
        call: &'a Call,
        meanings: &[Meaning],
        values: &Values,
        secrets: &[&str],
    ) -> Result<Accepted<'a>, BackendError> {
        let asked = Asked { step: Step::Form, call };
        let answer = match self.carry(asked, values).await {
            Ok(answer) => answer,
            Err(error) => return Err(without_secrets(error, values, secrets)),
        };
        if let Some(meaning) = meanings.iter().find(|meaning| meaning.fits(&answer)) {
            let refused = BackendError::Rejected(meant(asked, meaning, &answer));
            return Err(without_secrets(refused, values, secrets));
        }
        match asked.judge(answer) {
            Ok(answer) => Ok(Accepted { asked, answer }),
            Err(error) => Err(without_secrets(error, values, secrets)),
        }
    }

    /// Reads something for a page or a form.
    pub(crate) async fn read(&self, call: &Call, values: &Values) -> Result<Value, BackendError> {
        let asked = Asked { step: Step::Read, call };
        let answer = self.perform(asked, values).await?;
        serde_json::from_slice(&answer.body)
            .map_err(|_| asked.protocol(&answer, "the answer is not JSON"))
    }

    /// What a call takes out of an answer that was read, by the names of fields.
    pub(crate) async fn fill(&self, call: &Call, values: &Values) -> Result<Values, BackendError> {
        let asked = Asked { step: Step::Read, call };
        let answer = self.perform(asked, values).await?;
        asked.take(&answer, &[]).map(|taken| taken.values)
    }

    /// Asks whether one value can be used. None where it can; otherwise what the backend says.
    pub(crate) async fn check(
        &self,
        call: &Call,
        values: &Values,
    ) -> Result<Option<Refusal>, BackendError> {
        let asked = Asked { step: Step::Form, call };
        match self.perform(asked, values).await {
            Ok(answer) => asked.take(&answer, &[]).map(|_| None),
            Err(error) => Err(error),
        }
        .or_else(|error| match without_secrets(error, values, &[]) {
            BackendError::Rejected(refusal) | BackendError::Unauthorized(refusal) => {
                Ok(Some(refusal))
            }
            other => Err(other),
        })
    }
}

/// The refusal as the form's `[[form.error]]` reads it.
fn meant(asked: Asked<'_>, meaning: &Meaning, answer: &CallAnswer) -> Refusal {
    let said = || reasons(asked.call, answer).message;
    let text = meaning.text.clone().or_else(said);
    let mut refusal = Refusal {
        status: answer.status.as_u16(),
        described: asked.described(answer),
        ..Refusal::default()
    };
    match &meaning.field {
        Some(field) => refusal.fields.push((field.clone(), text.unwrap_or_default())),
        None => refusal.message = text,
    }
    refusal
}
