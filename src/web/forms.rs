//! Signing in, registering, signing out: each reads top to bottom as the request goes.

use http::HeaderMap;
use http::StatusCode;
use poem::Response;
use serde_json::{Value, json};

use super::App;
use super::answer::json_answer;
use super::cookies::Presented;
use super::csrf::{self, CrossSite};
use super::declared::{notice_of, with_notice};
use super::error::{Failure, decorate};
use super::openapi::schemas::{LoginInput, LogoutInput, RegisterInput, user_body};
use super::shown::{Shown, forbidden};
use super::submission::Submission;
use super::visit::{Prefer, Visit};
use crate::auth::login::{Applicant, Registered, SignedIn};
use crate::auth::resolve::Resolved;
use crate::form::{FormSpec, FormState, Msg};
use crate::session::Ticket;
use crate::theme::form_view::with_next;

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
            let mut response = self.redirect(visit, &Self::after(visit, spec));
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
        let form = spec.untouched(|given| Self::given(visit, None, given));
        self.form_answer(visit, headers, Shown::new(spec, form))
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
        let values = match spec.check(submission.input()) {
            Ok(values) => self.with_language(visit, values),
            Err(form) => return self.form_answer(visit, headers, Shown::invalid(spec, form)),
        };
        let old_ticket = self.old_ticket(headers);
        let applicant = applicant(visit, headers, old_ticket.as_ref());
        let account = spec.fields.first().and_then(|field| values.get(&field.name));
        let account = account.and_then(Value::as_str).unwrap_or_default();
        match self.auth.login(&values, account, &applicant).await {
            Ok(signed_in) => self.signed_in(visit, headers, spec, &signed_in),
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
        let values = match spec.check(submission.input()) {
            Ok(values) => self.with_language(visit, values),
            Err(form) => return self.form_answer(visit, headers, Shown::invalid(spec, form)),
        };
        let old_ticket = self.old_ticket(headers);
        let applicant = applicant(visit, headers, old_ticket.as_ref());
        match self.auth.register(&values, &applicant).await {
            Ok(Registered::SignedIn(signed_in)) => self.signed_in(visit, headers, spec, &signed_in),
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
        let mut page = self.page(
            visit,
            "logout".into(),
            state,
            status,
            self.theme(visit).sentence("title.logout"),
        );
        let form = FormState {
            errors: refused.iter().map(|_| Msg::new("csrf.expired")).collect(),
            ..FormState::default()
        };
        let spec = FormSpec::new("logout", "/logout");
        page.form = Some(self.theme(visit).form_view(&spec, &form, None));
        let mut own = HeaderMap::new();
        page.csrf.token = self.csrf.prepare(headers, &mut own);
        let mut response = self.render(visit, &page);
        response.headers_mut().extend(own);
        if let Some(cross_site) = refused {
            decorate(&mut response, forbidden(cross_site));
        }
        response
    }

    pub(super) fn signed_in(
        &self,
        visit: &Visit,
        headers: &HeaderMap,
        spec: &FormSpec,
        signed_in: &SignedIn,
    ) -> Response {
        let next = Self::after(visit, spec);
        let declared = self.declared.form(&spec.id);
        let mut response = match visit.prefer {
            Prefer::Json => {
                let mut body = json!({"user": user_body(&signed_in.session.user), "next": next});
                if let Some(form) = declared {
                    body["message"] = self.success_message(visit, form).into();
                }
                json_answer(StatusCode::OK, &body)
            }
            Prefer::Page | Prefer::Partial => {
                self.arrivals.expect(visit, headers, &next);
                let says = declared.filter(|form| form.success.message.is_some());
                let to = says.map(|form| with_notice(&next, &notice_of(form)));
                self.redirect(visit, to.as_deref().unwrap_or(&next))
            }
        };
        self.cookies.set(&signed_in.ticket, headers, response.headers_mut());
        response.extensions_mut().insert(signed_in.session.id.clone());
        response
    }

    pub(super) fn to_login(&self, visit: &Visit, notice: &str) -> Response {
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

    /// Where to go once signed in: where the visitor was going, else where the form says.
    pub(super) fn after(visit: &Visit, spec: &FormSpec) -> String {
        let next = visit.next().or_else(|| spec.after.clone());
        next.map_or_else(|| "/".to_owned(), |next| next.as_str().to_owned())
    }

    pub(super) fn old_ticket(&self, headers: &HeaderMap) -> Option<Ticket> {
        match self.cookies.read(headers) {
            Presented::Ticket(ticket) => Some(ticket),
            Presented::None | Presented::Unreadable => None,
        }
    }
}

/// What is known of the browser that asks.
fn applicant<'a>(
    visit: &Visit,
    headers: &'a HeaderMap,
    old_ticket: Option<&'a Ticket>,
) -> Applicant<'a> {
    Applicant { address: visit.client, agent: agent(headers), old_ticket }
}

/// What the browser says of itself; empty where it says nothing that can be read.
pub(super) fn agent(headers: &HeaderMap) -> &str {
    headers.get("user-agent").and_then(|value| value.to_str().ok()).unwrap_or_default()
}
