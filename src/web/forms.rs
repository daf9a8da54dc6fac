//! Signing in, registering, signing out: each reads top to bottom as the request goes.

use http::HeaderMap;
use http::StatusCode;
use poem::Response;
use serde_json::json;

use super::App;
use super::answer::json_answer;
use super::cookies::Presented;
use super::csrf::{self, CrossSite};
use super::error::{Failure, decorate, problem_answer};
use super::form_view::{field_problems, with_next};
use super::openapi::schemas::{LoginInput, LogoutInput, RegisterInput, user_body};
use super::submission::Submission;
use super::visit::{Prefer, Visit};
use crate::auth::login::{Applicant, Registered, SignInError, SignedIn};
use crate::auth::resolve::Resolved;
use crate::backend::Refusal;
use crate::form::{FormSpec, FormState, Msg};
use crate::session::Ticket;
use crate::theme::context::ErrorView;

/// What the visitor is told on the login page, if the query names one of them.
const NOTICES: [(&str, &str); 5] = [
    ("session.expired", "warning"),
    ("session.not_kept", "error"),
    ("session.logged_out", "success"),
    ("account.registered", "success"),
    ("account.verify_mail", "info"),
];

/// A form that is shown, again or for the first time.
struct Shown<'a> {
    spec: &'a FormSpec,
    /// The name of the page's state in the theme's contract.
    state: &'static str,
    form: FormState,
    failure: Option<Failure>,
}

impl App {
    /// `GET /login`. Who is signed in already goes on.
    pub(crate) async fn show_login(&self, visit: &Visit, headers: &HeaderMap) -> Response {
        self.show_form(visit, headers, &self.forms.login).await
    }

    /// `GET /register`.
    pub(crate) async fn show_register(&self, visit: &Visit, headers: &HeaderMap) -> Response {
        match &self.forms.register {
            Some(spec) => self.show_form(visit, headers, spec).await,
            None => self.fail(visit, Failure::not_found()),
        }
    }

    async fn show_form(&self, visit: &Visit, headers: &HeaderMap, spec: &FormSpec) -> Response {
        let resolved = match self.cookies.read(headers) {
            Presented::Ticket(ticket) => self.auth.resolve(&ticket).await,
            Presented::None | Presented::Unreadable => Resolved::Nobody,
        };
        if let Resolved::Signed(signed) = resolved {
            let mut response = self.redirect(visit, &Self::after(visit));
            self.attach(&signed, headers, &mut response);
            return response;
        }
        let mut response = self.first_sight(visit, headers, spec);
        // A cookie that leads nowhere is taken back.
        if matches!(resolved, Resolved::Nobody | Resolved::Ended) {
            self.cookies.clear(headers, response.headers_mut());
        }
        response
    }

    /// A form that nothing was typed into, with what its query says.
    pub(crate) fn idle_form(
        &self,
        visit: &Visit,
        headers: &HeaderMap,
        spec: &FormSpec,
    ) -> Response {
        let form = spec.echo(&serde_json::Map::new());
        self.form_answer(visit, headers, Shown { spec, state: "idle", form, failure: None })
    }

    /// `POST /login`.
    pub(crate) async fn login(
        &self,
        visit: &Visit,
        headers: &HeaderMap,
        submission: &Submission<LoginInput>,
    ) -> Response {
        let spec = &self.forms.login;
        if let Err(cross_site) = self.csrf.judge(headers, submission.text(csrf::FIELD)) {
            let form = spec.echo(&submission.values);
            return self.form_answer(visit, headers, Shown::cross_site(spec, form, cross_site));
        }
        let values = match spec.check(&submission.values, submission.is_json) {
            Ok(values) => values,
            Err(form) => return self.form_answer(visit, headers, Shown::invalid(spec, form)),
        };
        let old_ticket = self.old_ticket(headers);
        let applicant = Applicant { address: visit.client, old_ticket: old_ticket.as_ref() };
        let account = spec.fields.first().and_then(|field| values.get(&field.name));
        let account = account.map_or("", String::as_str);
        match self.auth.login(&values, account, &applicant).await {
            Ok(signed_in) => self.signed_in(visit, headers, &signed_in),
            Err(error) => {
                let form = spec.echo(&submission.values);
                self.form_answer(visit, headers, Shown::login_refused(spec, form, error))
            }
        }
    }

    /// `POST /register`.
    pub(crate) async fn register(
        &self,
        visit: &Visit,
        headers: &HeaderMap,
        submission: &Submission<RegisterInput>,
    ) -> Response {
        let Some(spec) = &self.forms.register else {
            return self.fail(visit, Failure::not_found());
        };
        if let Err(cross_site) = self.csrf.judge(headers, submission.text(csrf::FIELD)) {
            let form = spec.echo(&submission.values);
            return self.form_answer(visit, headers, Shown::cross_site(spec, form, cross_site));
        }
        let values = match spec.check(&submission.values, submission.is_json) {
            Ok(values) => values,
            Err(form) => return self.form_answer(visit, headers, Shown::invalid(spec, form)),
        };
        let old_ticket = self.old_ticket(headers);
        let applicant = Applicant { address: visit.client, old_ticket: old_ticket.as_ref() };
        match self.auth.register(&values, &applicant).await {
            Ok(Registered::SignedIn(signed_in)) => self.signed_in(visit, headers, &signed_in),
            Ok(Registered::SignInByHand) => self.to_login(visit, "account.registered"),
            Ok(Registered::LookIntoMailbox) => self.to_login(visit, "account.verify_mail"),
            Err(error) => {
                let form = spec.echo(&submission.values);
                self.form_answer(visit, headers, Shown::register_refused(spec, form, error))
            }
        }
    }

    /// `GET /logout` only asks: a link or an image must not sign anybody out.
    pub(crate) async fn show_logout(&self, visit: &Visit, headers: &HeaderMap) -> Response {
        let Presented::Ticket(ticket) = self.cookies.read(headers) else {
            return self.redirect(visit, "/login");
        };
        match self.auth.resolve(&ticket).await {
            Resolved::Signed(signed) => {
                let mut response = self.logout_page(visit, headers, None);
                self.attach(&signed, headers, &mut response);
                response
            }
            // There is something to end, even if nobody can say now what.
            Resolved::Waiting { .. } | Resolved::StoreDown(_) => {
                self.logout_page(visit, headers, None)
            }
            Resolved::Nobody | Resolved::Ended => self.redirect(visit, "/login"),
        }
    }

    /// `POST /logout`.
    pub(crate) async fn logout(
        &self,
        visit: &Visit,
        headers: &HeaderMap,
        submission: &Submission<LogoutInput>,
    ) -> Response {
        if let Err(cross_site) = self.csrf.judge(headers, submission.text(csrf::FIELD)) {
            return match visit.prefer {
                Prefer::Json => self.fail(visit, forbidden(cross_site)),
                Prefer::Page | Prefer::Partial => {
                    self.logout_page(visit, headers, Some(cross_site))
                }
            };
        }
        if let Presented::Ticket(ticket) = self.cookies.read(headers) {
            self.auth.logout(&ticket).await;
        }
        let mut response = self.to_login(visit, "session.logged_out");
        self.cookies.clear(headers, response.headers_mut());
        response
    }

    fn logout_page(
        &self,
        visit: &Visit,
        headers: &HeaderMap,
        refused: Option<CrossSite>,
    ) -> Response {
        let (state, status) = match refused {
            None => ("confirm", StatusCode::OK),
            Some(_) => ("csrf_expired", StatusCode::FORBIDDEN),
        };
        let mut page =
            Self::page(visit, "logout", state, status, self.theme.sentence("title.logout"));
        let form = FormState {
            errors: refused.iter().map(|_| Msg::new("csrf.expired")).collect(),
            ..FormState::default()
        };
        let spec = FormSpec { id: "logout", fields: Vec::new() };
        page.form = Some(self.form_view(&spec, &form, None));
        let mut own = HeaderMap::new();
        page.csrf.token = self.csrf.prepare(headers, &mut own);
        let mut response = self.render(visit, &page);
        response.headers_mut().extend(own);
        if let Some(cross_site) = refused {
            decorate(&mut response, forbidden(cross_site));
        }
        response
    }

    fn signed_in(&self, visit: &Visit, headers: &HeaderMap, signed_in: &SignedIn) -> Response {
        let next = Self::after(visit);
        let mut response = match visit.prefer {
            Prefer::Json => {
                let body = json!({"user": user_body(&signed_in.session.user), "next": next});
                json_answer(StatusCode::OK, &body)
            }
            Prefer::Page | Prefer::Partial => {
                self.arrivals.expect(visit, headers, &next);
                self.redirect(visit, &next)
            }
        };
        self.cookies.set(&signed_in.ticket, headers, response.headers_mut());
        response.extensions_mut().insert(signed_in.session.id.clone());
        response
    }

    fn to_login(&self, visit: &Visit, notice: &str) -> Response {
        let next = visit.next();
        match visit.prefer {
            Prefer::Json => json_answer(
                StatusCode::OK,
                &json!({"user": null, "next": with_next("/login", next.as_ref())}),
            ),
            Prefer::Page | Prefer::Partial => {
                let login = with_next("/login", next.as_ref());
                let joint = if login.contains('?') { '&' } else { '?' };
                self.redirect(visit, &format!("{login}{joint}notice={notice}"))
            }
        }
    }

    /// Where to go once signed in.
    fn after(visit: &Visit) -> String {
        visit.next().map_or_else(|| "/".to_owned(), |next| next.as_str().to_owned())
    }

    fn old_ticket(&self, headers: &HeaderMap) -> Option<Ticket> {
        match self.cookies.read(headers) {
            Presented::Ticket(ticket) => Some(ticket),
            Presented::None | Presented::Unreadable => None,
        }
    }

    /// A form in the caller's language: the page with everything kept that may be kept, or a
    /// problem document that lists the same errors.
    fn form_answer(&self, visit: &Visit, headers: &HeaderMap, shown: Shown<'_>) -> Response {
        let Shown { spec, state, form, failure } = shown;
        let status = failure.as_ref().map_or(StatusCode::OK, |failure| failure.status);
        let mut response = if let (Some(failure), Prefer::Json) = (&failure, visit.prefer) {
            let detail = form.errors.first().map(|msg| self.theme.text(msg));
            let fields = field_problems(spec, &form);
            problem_answer(status, &self.problem(visit, status, failure.code, detail, &fields))
        } else {
            let title = self.theme.sentence(&format!("title.{}", spec.id));
            let mut page = Self::page(visit, spec.id, state, status, title);
            let next = visit.next();
            page.form = Some(self.form_view(spec, &form, next.as_ref()));
            page.next =
                next.map(|next| crate::theme::context::Next { url: next.as_str().to_owned() });
            if failure.is_none() {
                let named = visit.query_param("notice");
                let known = NOTICES.iter().find(|(code, _)| Some(*code) == named.as_deref());
                page.notices.extend(known.map(|(code, level)| self.notice(code, level)));
            }
            page.retry = failure
                .as_ref()
                .and_then(|failure| failure.retry_after)
                .map(|wait| self.retry(wait));
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
    fn invalid(spec: &'a FormSpec, form: FormState) -> Self {
        let failure = Failure::new(StatusCode::UNPROCESSABLE_ENTITY, "input.invalid");
        Self { spec, state: "field_errors", form, failure: Some(failure) }
    }

    fn cross_site(spec: &'a FormSpec, form: FormState, cause: CrossSite) -> Self {
        let form = form.with_error(Msg::new("csrf.expired"));
        Self { spec, state: "csrf_expired", form, failure: Some(forbidden(cause)) }
    }

    fn login_refused(spec: &'a FormSpec, form: FormState, error: SignInError) -> Self {
        match error {
            SignInError::Refused { refusal, text } if refusal.fields.is_empty() => {
                // Of the backend's own words only those are here that tell nobody who has an account.
                let form = form.with_error(Msg::new("credentials.invalid").saying(text));
                let failure = Failure::new(StatusCode::UNAUTHORIZED, "credentials.invalid")
                    .because(refusal.described);
                Self { spec, state: "invalid_credentials", form, failure: Some(failure) }
            }
            SignInError::Refused { refusal, .. } => Self::fields_refused(spec, form, refusal),
            error => Self::not_asked(spec, form, error),
        }
    }

    fn register_refused(spec: &'a FormSpec, mut form: FormState, error: SignInError) -> Self {
        match error {
            SignInError::Refused { refusal, text } if refusal.status == 409 => {
                let msg = Msg::new("identifier.taken").saying(text);
                match spec.fields.first() {
                    Some(field) => drop(form.field_errors.insert(field.name.clone(), vec![msg])),
                    None => form.errors.push(msg),
                }
                let failure = Failure::new(StatusCode::CONFLICT, "identifier.taken")
                    .because(refusal.described);
                Self { spec, state: "identifier_taken", form, failure: Some(failure) }
            }
            SignInError::Refused { refusal, text } if refusal.fields.is_empty() => {
                let said = text.or_else(|| refusal.message.clone());
                let form = form.with_error(Msg::new("input.refused").saying(said));
                let failure = Failure::new(StatusCode::UNPROCESSABLE_ENTITY, "input.refused")
                    .because(refusal.described);
                Self { spec, state: "field_errors", form, failure: Some(failure) }
            }
            SignInError::Refused { refusal, .. } => Self::fields_refused(spec, form, refusal),
            error => Self::not_asked(spec, form, error),
        }
    }

    fn fields_refused(spec: &'a FormSpec, mut form: FormState, refusal: Refusal) -> Self {
        for (field, text) in refusal.fields {
            let msg = Msg::new("input.refused").saying(Some(text));
            form.field_errors.entry(field).or_default().push(msg);
        }
        let failure = Failure::new(StatusCode::UNPROCESSABLE_ENTITY, "input.invalid")
            .because(refusal.described);
        Self { spec, state: "field_errors", form, failure: Some(failure) }
    }

    /// Nobody said no: too many attempts, or the backend could not be asked. The form stays as it is.
    fn not_asked(spec: &'a FormSpec, form: FormState, error: SignInError) -> Self {
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
        Self { spec, state, form: form.with_error(msg), failure: Some(failure) }
    }
}

fn forbidden(cause: CrossSite) -> Failure {
    Failure::new(StatusCode::FORBIDDEN, "csrf.expired").because(cause.to_string())
}
