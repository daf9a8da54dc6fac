//! A form that is answered: the page with all that may be kept, or a problem document with the same errors.

use std::time::Duration;

use http::{HeaderMap, StatusCode};
use poem::Response;

use super::App;
use super::csrf::CrossSite;
use super::error::{Failure, decorate, problem_answer};
use super::visit::{Prefer, Visit};
use crate::auth::login::SignInError;
use crate::backend::Refusal;
use crate::form::{FormSpec, FormState, Msg};
use crate::theme::context::{ErrorView, NavLink, Notice, UserView};

/// What the visitor is told, if the query names one of them.
const NOTICES: [(&str, &str); 5] = [
    ("session.expired", "warning"),
    ("session.not_kept", "error"),
    ("session.logged_out", "success"),
    ("account.registered", "success"),
    ("account.verify_mail", "info"),
];

/// A form that is shown, again or for the first time.
pub(super) struct Shown<'a> {
    pub(super) spec: &'a FormSpec,
    /// Where it is not that of the form's id.
    pub(super) template: Option<String>,
    /// The name of the page's state in the theme's contract.
    pub(super) state: &'static str,
    pub(super) form: FormState,
    pub(super) failure: Option<Failure>,
    /// Who is signed in, where the form is about that.
    pub(super) user: Option<UserView>,
    /// Links for that user; those for everybody where it is none.
    pub(super) nav: Option<Vec<NavLink>>,
    /// Whether only the notices are shown, since the form has done its work.
    pub(super) hides_form: bool,
    /// Told above the form.
    pub(super) trouble: Option<Notice>,
}

impl App {
    /// What the query says to tell: one of our own notices, or that a declared form has been accepted.
    pub(super) fn notices(&self, visit: &Visit) -> Vec<Notice> {
        let Some(named) = visit.query_param("notice") else { return Vec::new() };
        if let Some((code, level)) = NOTICES.iter().find(|(code, _)| *code == named) {
            return vec![self.notice(visit, code, level)];
        }
        let form = named.strip_prefix("form.").and_then(|id| self.declared.form(id));
        form.map(|form| Notice::new(named.clone(), "success", self.success_message(visit, form)))
            .into_iter()
            .collect()
    }

    /// A form in the caller's language: the page with everything kept that may be kept, or a
    /// problem document that lists the same errors.
    pub(super) fn form_answer(
        &self,
        visit: &Visit,
        headers: &HeaderMap,
        shown: Shown<'_>,
    ) -> Response {
        let Shown { spec, template, state, form, failure, user, nav, hides_form, trouble } = shown;
        let status = failure.as_ref().map_or(StatusCode::OK, |failure| failure.status);
        let mut response = if let (Some(failure), Prefer::Json) = (&failure, visit.prefer) {
            let words = self.theme(visit).words(&spec.texts);
            let detail = form.errors.first().map(|msg| words.message(msg, None));
            let fields = self.theme(visit).field_problems(spec, &form);
            problem_answer(status, &self.problem(visit, status, failure.code, detail, &fields))
        } else {
            let mut page =
                self.page(visit, spec.id.clone(), state, status, self.theme(visit).title(spec));
            page.template = template;
            page.user = user;
            if let Some(nav) = nav {
                page.nav = nav;
            }
            let next = visit.next();
            page.form =
                (!hides_form).then(|| self.theme(visit).form_view(spec, &form, next.as_ref()));
            page.next =
                next.map(|next| crate::theme::context::Next { url: next.as_str().to_owned() });
            if failure.is_none() {
                page.notices = self.notices(visit);
            }
            page.notices.extend(trouble);
            page.retry = failure
                .as_ref()
                .and_then(|failure| failure.retry_after)
                .map(|wait| self.retry(visit, wait));
            page.error = failure.as_ref().filter(|failure| failure.status.is_server_error()).map(
                |failure| ErrorView {
                    status: status.as_u16(),
                    code: failure.code.to_owned(),
                    title: String::new(),
                    detail: String::new(),
                    request_id: visit.request_id.clone(),
                    retry_url: String::new(),
                },
            );
            let mut own = HeaderMap::new();
            page.csrf.token = self.csrf.prepare(headers, &mut own);
            let mut response = self.render(visit, &page);
            response.headers_mut().extend(own);
            response
        };
        if let Some(failure) = failure {
            decorate(&mut response, failure);
        }
        response
    }
}

impl<'a> Shown<'a> {
    /// The form as it is before anything was sent.
    pub(super) fn new(spec: &'a FormSpec, form: FormState) -> Self {
        Self {
            spec,
            template: None,
            state: "idle",
            form,
            failure: None,
            user: None,
            nav: None,
            hides_form: false,
            trouble: None,
        }
    }

    pub(super) fn invalid(spec: &'a FormSpec, form: FormState) -> Self {
        let failure = Failure::new(StatusCode::UNPROCESSABLE_ENTITY, "input.invalid");
        Self { state: "field_errors", failure: Some(failure), ..Self::new(spec, form) }
    }

    pub(super) fn cross_site(spec: &'a FormSpec, form: FormState, cause: CrossSite) -> Self {
        let form = form.with_error(Msg::new("csrf.expired"));
        Self { state: "csrf_expired", failure: Some(forbidden(cause)), ..Self::new(spec, form) }
    }

    pub(super) fn login_refused(spec: &'a FormSpec, form: FormState, error: SignInError) -> Self {
        match error {
            SignInError::Refused { refusal, text } if refusal.fields.is_empty() => {
                // Of the backend's own words only those are here that tell nobody who has an account.
                let form = form.with_error(Msg::new("credentials.invalid").saying(text));
                let failure = Failure::new(StatusCode::UNAUTHORIZED, "credentials.invalid")
                    .because(refusal.described);
                Self {
                    state: "invalid_credentials",
                    failure: Some(failure),
                    ..Self::new(spec, form)
                }
            }
            SignInError::Refused { refusal, .. } => Self::fields_refused(spec, form, refusal),
            error => Self::not_asked(spec, form, error),
        }
    }

    pub(super) fn register_refused(
        spec: &'a FormSpec,
        mut form: FormState,
        error: SignInError,
    ) -> Self {
        match error {
            SignInError::Refused { refusal, text } if refusal.status == 409 => {
                let msg = Msg::new("identifier.taken").saying(text);
                match spec.fields.first() {
                    Some(field) => drop(form.field_errors.insert(field.name.clone(), vec![msg])),
                    None => form.errors.push(msg),
                }
                let failure = Failure::new(StatusCode::CONFLICT, "identifier.taken")
                    .because(refusal.described);
                Self { state: "identifier_taken", failure: Some(failure), ..Self::new(spec, form) }
            }
            SignInError::Refused { refusal, text } if refusal.fields.is_empty() => {
                let said = text.or_else(|| refusal.message.clone());
                let form = form.with_error(Msg::new("input.refused").saying(said));
                let failure = Failure::new(StatusCode::UNPROCESSABLE_ENTITY, "input.refused")
                    .because(refusal.described);
                Self { state: "field_errors", failure: Some(failure), ..Self::new(spec, form) }
            }
            SignInError::Refused { refusal, .. } => Self::fields_refused(spec, form, refusal),
            error => Self::not_asked(spec, form, error),
        }
    }

    pub(super) fn fields_refused(
        spec: &'a FormSpec,
        mut form: FormState,
        refusal: Refusal,
    ) -> Self {
        for (field, text) in refusal.fields {
            let msg = Msg::new("input.refused").saying(Some(text));
            form.field_errors.entry(field).or_default().push(msg);
        }
        let failure = Failure::new(StatusCode::UNPROCESSABLE_ENTITY, "input.invalid")
            .because(refusal.described);
        Self { state: "field_errors", failure: Some(failure), ..Self::new(spec, form) }
    }

    /// Nobody said no: too many attempts, or the backend could not be asked. The form stays as it is.
    pub(super) fn limited(spec: &'a FormSpec, form: FormState, wait: Duration) -> Self {
        Self::not_asked(spec, form, SignInError::Limited { retry_after: wait })
    }

    pub(super) fn not_asked(spec: &'a FormSpec, form: FormState, error: SignInError) -> Self {
        let failure = Failure::from(error);
        let (state, msg) = match failure.code {
            "rate_limited" => {
                let seconds = failure.retry_after.map_or(0, super::error::whole_seconds);
                ("rate_limited", Msg::new("rate_limited").with("seconds", seconds))
            }
            "backend.unreachable" => ("backend_unreachable", Msg::new("backend.unreachable")),
            "backend.timeout" => ("backend_timeout", Msg::new("backend.timeout")),
            "session.too_large" => ("backend_error", Msg::new("session.too_large")),
            "backend.protocol" => ("backend_error", Msg::new("backend.protocol")),
            _ => ("backend_error", Msg::new("backend.error")),
        };
        Self { state, failure: Some(failure), ..Self::new(spec, form.with_error(msg)) }
    }

    /// What a backend makes of a declared form that it does not accept.
    pub(super) fn submit_refused(
        spec: &'a FormSpec,
        mut form: FormState,
        error: SignInError,
    ) -> Self {
        let SignInError::Refused { refusal, text } = error else {
            return Self::not_asked(spec, form, error);
        };
        let (fields, others): (Vec<_>, Vec<_>) =
            refusal.fields.into_iter().partition(|(field, _)| spec.field(field).is_some());
        let refused = |text: Option<String>| {
            Msg::new("input.refused").saying(text.filter(|text| !text.is_empty()))
        };
        let (status, code) = match refusal.status {
            409 => (StatusCode::CONFLICT, "input.conflict"),
            _ if fields.is_empty() => (StatusCode::UNPROCESSABLE_ENTITY, "input.refused"),
            _ => (StatusCode::UNPROCESSABLE_ENTITY, "input.invalid"),
        };
        let state = if fields.is_empty() { "form_error" } else { "field_errors" };
        if fields.is_empty() {
            let said =
                text.or(refusal.message).or_else(|| others.into_iter().next().map(|it| it.1));
            form.errors.push(refused(said));
        }
        for (field, said) in fields {
            form.field_errors.entry(field).or_default().push(refused(Some(said)));
        }
        let failure = Failure::new(status, code).because(refusal.described);
        Self { state, failure: Some(failure), ..Self::new(spec, form) }
    }
}

pub(super) fn forbidden(cause: CrossSite) -> Failure {
    Failure::new(StatusCode::FORBIDDEN, "csrf.expired").because(cause.to_string())
}
