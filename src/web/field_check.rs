//! One field of a declared form, looked at while the form is being filled in.

use http::{HeaderMap, StatusCode};
use poem::Response;
use serde_json::{Value, json};
use tracing::warn;

use super::App;
use super::answer::{html_answer, html_of, json_answer};
use super::csrf;
use super::error::{Failure, decorate, problem_answer};
use super::submission::Submission;
use super::visit::{Prefer, Visit};
use crate::auth::Auth;
use crate::auth::resolve::Signed;
use crate::call::Values;
use crate::config::plan::FormPlan;
use crate::form::{FieldSpec, FormState, Msg};

impl App {
    /// `POST ?check=FIELD`: the field with what is wrong with it, or that nothing is.
    pub(super) async fn check_field(
        &self,
        visit: &Visit,
        headers: &HeaderMap,
        form: &FormPlan,
        name: &str,
        sent: &Submission<()>,
        signed: Option<Box<Signed>>,
    ) -> Response {
        let spec = &form.spec;
        let field = spec.field(name).filter(|it| it.is_checked_early || it.strength > 0);
        let Some(field) = field else { return self.fail(visit, Failure::not_found()) };
        if let Err(cross_site) = self.csrf.judge(headers, sent.text(csrf::FIELD)) {
            return self.fail(visit, super::shown::forbidden(cross_site));
        }
        if let Err(wait) = self.declared.check_limit(&spec.id, visit.client) {
            let failure = Failure::new(StatusCode::TOO_MANY_REQUESTS, "rate_limited");
            return self.fail(visit, failure.retry_after(Some(wait)));
        }
        let mut state = spec.echo(&sent.values);
        let error = match spec.check_field(field, sent.input()) {
            Err(msg) => Some(msg),
            Ok(value) => self.ask_about(form, field, &value, signed.as_deref()).await,
        };
        let is_fine = error.is_none();
        state.field_errors.extend(error.map(|msg| (field.name.clone(), vec![msg])));
        match visit.prefer {
            Prefer::Json if is_fine => json_answer(StatusCode::OK, &json!({"ok": true})),
            Prefer::Json => {
                let status = StatusCode::UNPROCESSABLE_ENTITY;
                let fields = self.theme(visit).field_problems(spec, &state);
                let problem = self.problem(visit, status, "input.invalid", None, &fields);
                let mut response = problem_answer(status, &problem);
                decorate(&mut response, Failure::new(status, "input.invalid"));
                response
            }
            Prefer::Page | Prefer::Partial => {
                let theme = self.theme(visit);
                match theme.field(&theme.field_view(spec, field, &state)) {
                    Ok(rendered) => html_answer(StatusCode::OK, html_of(visit, rendered)),
                    Err(error) => {
                        self.fail(visit, Failure::internal(format!("the theme failed: {error}")))
                    }
                }
            }
        }
    }

    /// Asks the backend about every field that wants it. None where nothing is wrong.
    pub(super) async fn checked(
        &self,
        form: &FormPlan,
        inputs: &Values,
        mut state: FormState,
        signed: Option<&Signed>,
    ) -> Option<FormState> {
        for field in form.spec.fields.iter().filter(|field| field.is_checked_early) {
            let value = inputs.get(&field.name).cloned().unwrap_or_default();
            if let Some(msg) = self.ask_about(form, field, &value, signed).await {
                state.field_errors.insert(field.name.clone(), vec![msg]);
            }
        }
        (!state.is_valid()).then_some(state)
    }

    async fn ask_about(
        &self,
        form: &FormPlan,
        field: &FieldSpec,
        value: &Value,
        signed: Option<&Signed>,
    ) -> Option<Msg> {
        let call = form.checks.get(&field.name)?;
        if value.is_null() || value.as_str().is_some_and(str::is_empty) {
            return None;
        }
        let mut values = Values::from([(field.name.clone(), value.clone())]);
        values.extend(Auth::values_for(signed.filter(|_| form.needs_user)));
        match self.auth.check_value(call, &values).await {
            Ok(None) => None,
            Ok(Some((_, text))) => Some(Msg::new("field.refused").saying(text)),
            // What cannot be asked now is judged when the form is sent.
            Err(error) => {
                warn!(form = %form.spec.id, field = field.name, %error, "a field could not be checked");
                None
            }
        }
    }
}
