//! Declared forms and pages: found by their path, shown and sent as login and registration are.

use std::collections::HashMap;
use std::net::IpAddr;
use std::time::Duration;

use http::{HeaderMap, Method, StatusCode};
use poem::{Request, Response};
use serde_json::{Value, json};

use super::App;
use super::answer::{json_answer, user_view};
use super::cookies::Presented;
use super::csrf;
use super::error::Failure;
use super::forms::agent;
use super::guard::is_read;
use super::openapi::schemas::user_body;
use super::shown::Shown;
use super::submission::{BodyLimit, Submission};
use super::visit::{Prefer, Visit};
use crate::auth::Auth;
use crate::auth::limiter::FormLimiter;
use crate::auth::resolve::Signed;
use crate::auth::submit::{Sender, SubmitError, Submitted};
use crate::call::Values;
use crate::config::plan::{FormPlan, PagePlan, Unauthenticated};
use crate::form::field::Given;
use crate::form::{FormState, Msg};
use crate::return_to::ReturnTo;
use crate::theme::context::{NavLink, Notice};
use crate::user::User;

/// What `auth.toml` declares beside login and registration.
pub(crate) struct Declared {
    forms: Vec<DeclaredForm>,
    pages: Vec<PagePlan>,
    by_path: HashMap<String, Index>,
}

struct DeclaredForm {
    plan: FormPlan,
    limiter: Option<FormLimiter>,
    /// Counts questions about single fields.
    checks: FormLimiter,
}

#[derive(Clone, Copy)]
enum Index {
    Form(usize),
    Page(usize),
}

/// What is at a path.
#[derive(Clone, Copy)]
pub(crate) enum Found<'a> {
    Form(&'a FormPlan),
    Page(&'a PagePlan),
}

impl Declared {
    /// `limiter` makes the counter of a form, and that of its checks where it is given nothing.
    pub(crate) fn new(
        forms: Vec<FormPlan>,
        pages: Vec<PagePlan>,
        limiter: impl Fn(Option<&FormPlan>) -> FormLimiter,
    ) -> Self {
        let paths =
            forms.iter().enumerate().map(|(i, it)| (it.spec.path.to_string(), Index::Form(i)));
        let paths =
            paths.chain(pages.iter().enumerate().map(|(i, it)| (it.path.clone(), Index::Page(i))));
        let by_path = paths.collect();
        let forms = forms.into_iter().map(|plan| DeclaredForm {
            limiter: plan.limit.is_some().then(|| limiter(Some(&plan))),
            checks: limiter(None),
            plan,
        });
        Self { forms: forms.collect(), pages, by_path }
    }

    /// What is at this path.
    pub(crate) fn at(&self, path: &str) -> Option<Found<'_>> {
        match self.by_path.get(path)? {
            Index::Form(index) => self.forms.get(*index).map(|form| Found::Form(&form.plan)),
            Index::Page(index) => self.pages.get(*index).map(Found::Page),
        }
    }

    /// A form by its id.
    pub(crate) fn form(&self, id: &str) -> Option<&FormPlan> {
        self.forms.iter().map(|form| &form.plan).find(|plan| plan.spec.id == id)
    }

    /// Counts a question about a single field.
    pub(super) fn check_limit(&self, id: &str, client: IpAddr) -> Result<(), Duration> {
        self.counters(id).map_or(Ok(()), |form| form.checks.take(client))
    }

    fn counters(&self, id: &str) -> Option<&DeclaredForm> {
        self.forms.iter().find(|form| form.plan.spec.id == id)
    }
}

impl App {
    /// Answers for what was declared. `signed` is who is signed in, whether that is needed or not.
    pub(crate) async fn declared(
        &self,
        visit: &Visit,
        found: Found<'_>,
        request: Request,
        signed: Option<Box<Signed>>,
    ) -> Response {
        let headers = request.headers().clone();
        match found {
            Found::Page(page) if is_read(&visit.method) => {
                self.show_page(visit, &headers, page, signed).await
            }
            Found::Page(_) => self.fail(visit, Failure::method_not_allowed("GET, HEAD")),
            Found::Form(form) if is_read(&visit.method) => {
                self.show_declared(visit, &headers, form, signed).await
            }
            Found::Form(form) if visit.method == Method::POST => {
                let (mut request, mut body) = request.split();
                request.extensions_mut().insert(BodyLimit(self.limits.max_body));
                match Submission::<()>::read(&request, &mut body).await {
                    Err(error) => self.fail(visit, Failure::from(&error)),
                    Ok(sent) => match visit.query_param("check") {
                        Some(field) => {
                            self.check_field(visit, &headers, form, &field, &sent, signed).await
                        }
                        None => self.submit(visit, &headers, form, &sent, signed).await,
                    },
                }
            }
            Found::Form(_) => self.fail(visit, Failure::method_not_allowed("GET, HEAD, POST")),
        }
    }

    /// The form before anything was typed, or the news that it was accepted.
    async fn show_declared(
        &self,
        visit: &Visit,
        headers: &HeaderMap,
        form: &FormPlan,
        mut signed: Option<Box<Signed>>,
    ) -> Response {
        let spec = &form.spec;
        let user = signed.as_ref().map(|signed| signed.session.user.clone());
        let mut state = spec.untouched(|given| Self::given(visit, user.as_ref(), given));
        let mut trouble = None;
        if let Some(call) = &form.prefill {
            let values = Self::reading_values(visit, signed.as_deref());
            match self.prefill(headers, &mut signed, call, values).await {
                Ok(filled) => {
                    let filled =
                        filled.into_iter().filter(|(name, _)| state.values.contains_key(name));
                    let filled: Vec<_> =
                        filled.map(|(name, value)| (name, crate::form::as_text(&value))).collect();
                    state.values.extend(filled);
                }
                Err(failure) => trouble = Some(failure),
            }
        }
        let done = visit.query_param("notice").is_some_and(|it| it == notice_of(form));
        let mut shown = Shown::new(spec, state);
        shown.template = Some(form.template.clone());
        shown.user = user.as_ref().map(user_view);
        shown.nav = Some(self.nav(visit, user.as_ref()));
        shown.hides_form = done && !form.success.keep_form;
        if done {
            shown.state = "success";
        }
        shown.trouble = trouble.map(|failure| self.notice_of_failure(visit, &failure));
        let mut response = self.form_answer(visit, headers, shown);
        if let Some(signed) = &signed {
            self.attach(signed, headers, &mut response);
        }
        response
    }

    /// `POST`: limits, origin, inputs, the backend, and what follows.
    async fn submit(
        &self,
        visit: &Visit,
        headers: &HeaderMap,
        form: &FormPlan,
        sent: &Submission<()>,
        signed: Option<Box<Signed>>,
    ) -> Response {
        let spec = &form.spec;
        let user = signed.as_ref().map(|signed| signed.session.user.clone());
        let answer = |mut shown: Shown<'_>, signed: Option<&Signed>| {
            shown.user = user.as_ref().map(user_view);
            shown.nav = Some(self.nav(visit, user.as_ref()));
            shown.template = Some(form.template.clone());
            let mut response = self.form_answer(visit, headers, shown);
            if let Some(signed) = signed {
                self.attach(signed, headers, &mut response);
            }
            response
        };
        let echo = || spec.echo(&sent.values);
        if let Err(cross_site) = self.csrf.judge(headers, sent.text(csrf::FIELD)) {
            return answer(Shown::cross_site(spec, echo(), cross_site), signed.as_deref());
        }
        let limiter = self.declared.counters(&spec.id).and_then(|form| form.limiter.as_ref());
        if let Some(Err(wait)) = limiter.map(|limiter| limiter.take(visit.client)) {
            return answer(Shown::limited(spec, echo(), wait), signed.as_deref());
        }
        let inputs = match spec.check(sent.input()) {
            Ok(inputs) => inputs,
            Err(state) => return answer(Shown::invalid(spec, state), signed.as_deref()),
        };
        if let Some(state) = self.checked(form, &inputs, echo(), signed.as_deref()).await {
            return answer(Shown::invalid(spec, state), signed.as_deref());
        }
        let ticket = self.ticket_of(headers, signed.as_deref());
        let sender = Sender {
            address: visit.client,
            agent: agent(headers),
            language: self.offer.tag(visit.language),
            ticket: ticket.as_ref(),
            signed,
        };
        match self.auth.submit(form, &inputs, sender).await {
            Ok(Submitted::SignedIn(signed_in)) => self.signed_in(visit, headers, spec, &signed_in),
            Ok(Submitted::SignedOut) => {
                let mut response = self.submitted(visit, headers, form, None);
                self.cookies.clear(headers, response.headers_mut());
                response
            }
            Ok(Submitted::Done(signed)) => {
                let mut response = self.submitted(visit, headers, form, signed.as_deref());
                if let Some(signed) = &signed {
                    self.attach(signed, headers, &mut response);
                }
                response
            }
            Err(SubmitError::Ended) => self.session_ended(visit, headers, Unauthenticated::Auto),
            Err(SubmitError::Refused(error, signed)) => {
                answer(Shown::submit_refused(spec, echo(), error), signed.as_deref())
            }
        }
    }

    /// The form was accepted.
    fn submitted(
        &self,
        visit: &Visit,
        headers: &HeaderMap,
        form: &FormPlan,
        signed: Option<&Signed>,
    ) -> Response {
        let success = &form.success;
        let message = self.success_message(visit, form);
        let target = match &success.redirect {
            Some(target) => Some(target.clone()),
            None if success.logout => ReturnTo::parse("/login"),
            None => None,
        };
        let user = signed.map(|signed| &signed.session.user);
        match visit.prefer {
            Prefer::Json => {
                let next = target.as_ref().map(ReturnTo::as_str);
                let body = json!({"message": message, "next": next, "user": user.map(user_body)});
                json_answer(StatusCode::OK, &body)
            }
            Prefer::Partial if target.is_none() => {
                let mut shown = Shown::new(&form.spec, Self::fresh(visit, form, user));
                shown.state = "success";
                shown.template = Some(form.template.clone());
                shown.user = user.map(user_view);
                shown.nav = Some(self.nav(visit, user));
                shown.hides_form = !success.keep_form;
                shown.trouble = Some(self.success_notice(visit, form));
                self.form_answer(visit, headers, shown)
            }
            Prefer::Page | Prefer::Partial => {
                // Sent on, so that loading the page again sends nothing twice.
                let own = form.spec.path.to_string();
                let says = target.is_none() || success.message.is_some();
                let to = target.map_or(own, |target| target.as_str().to_owned());
                let to = if says { with_notice(&to, &notice_of(form)) } else { to };
                self.redirect(visit, &to)
            }
        }
    }

    fn fresh(visit: &Visit, form: &FormPlan, user: Option<&User>) -> FormState {
        form.spec.untouched(|given| Self::given(visit, user, given))
    }

    /// What the visitor reads when a form was accepted.
    pub(super) fn success_message(&self, visit: &Visit, form: &FormPlan) -> String {
        let words = self.theme(visit).words(&form.spec.texts);
        let catalog = || words.find(&format!("form.done.{}", form.spec.id), &[]);
        let own = self.theme(visit).declared(|| format!("form.{}.message", form.spec.id));
        let said = own.or_else(|| form.success.message.clone()).or_else(catalog);
        said.unwrap_or_else(|| words.sentence("form.done", &[]))
    }

    fn success_notice(&self, visit: &Visit, form: &FormPlan) -> Notice {
        Notice::new(notice_of(form), "success", self.success_message(visit, form))
    }

    pub(super) fn notice_of_failure(&self, visit: &Visit, failure: &Failure) -> Notice {
        Notice::new(failure.code, "warning", self.theme(visit).text(&Msg::new(failure.code)))
    }

    /// What a field starts with that follows from the query or the user.
    pub(super) fn given(visit: &Visit, user: Option<&User>, given: &Given) -> Option<String> {
        match given {
            Given::Query(name) => visit.query_param(name),
            Given::User(name) => {
                let user = user?;
                match name.strip_prefix("claims.") {
                    Some(claim) => user.claims.get(claim).map(crate::form::as_text),
                    None => Some(match name.as_str() {
                        "id" => user.id.clone(),
                        "email" => user.email.clone(),
                        _ => user.name.clone(),
                    }),
                }
            }
        }
    }

    /// What the calls of a page may mention: the session, and the page's query.
    pub(super) fn reading_values(visit: &Visit, signed: Option<&Signed>) -> Values {
        let mut values = Auth::values_for(signed);
        let query = visit.query.as_deref().unwrap_or_default();
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            let name = format!("query.{name}");
            values.entry(name).or_insert_with(|| Value::String(value.into_owned()));
        }
        values
    }

    /// The ticket of who is signed in: the one that the session has now.
    pub(super) fn ticket_of(
        &self,
        headers: &HeaderMap,
        signed: Option<&Signed>,
    ) -> Option<crate::session::Ticket> {
        let newest = signed.and_then(|signed| signed.new_ticket.as_ref());
        newest.map(|new| new.ticket.clone()).or_else(|| match self.cookies.read(headers) {
            Presented::Ticket(ticket) => Some(ticket),
            Presented::None | Presented::Unreadable => None,
        })
    }

    /// Links to what was declared, as far as somebody may see it.
    pub(crate) fn nav(&self, visit: &Visit, user: Option<&User>) -> Vec<NavLink> {
        let forms = self.declared.forms.iter().map(|form| &form.plan);
        let forms = forms.map(|form| {
            let label = self.link_words(visit, "form", &form.spec.id, form.nav.as_ref());
            (label, form.needs_user, form.spec.path.as_ref())
        });
        let pages = self.declared.pages.iter().map(|page| {
            let label = self.link_words(visit, "page", &page.id, page.nav.as_ref());
            (label, page.needs_user, page.path.as_str())
        });
        let may_see = |needs_user: bool, path: &str| {
            let Some(user) = user else { return !needs_user };
            crate::path::CanonicalPath::parse(path)
                .is_ok_and(|path| self.access.decide(&Method::GET, &path).allows(user).is_ok())
        };
        pages
            .chain(forms)
            .filter_map(|(label, needs_user, path)| Some((label?, needs_user, path)))
            .filter(|(_, needs_user, path)| may_see(*needs_user, path))
            .map(|(label, _, path)| NavLink {
                label,
                url: path.to_owned(),
                current: visit.path_str() == path,
            })
            .collect()
    }
}

/// The name of the notice that a form was accepted.
pub(super) fn notice_of(form: &FormPlan) -> String {
    format!("form.{}", form.spec.id)
}

/// A target that tells the visitor something.
pub(super) fn with_notice(target: &str, notice: &str) -> String {
    let (target, fragment) = target.split_once('#').unwrap_or((target, ""));
    let joint = if target.contains('?') { '&' } else { '?' };
    let fragment = if fragment.is_empty() { String::new() } else { format!("#{fragment}") };
    format!("{target}{joint}notice={notice}{fragment}")
}
