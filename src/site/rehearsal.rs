//! What is declared, as pages that the theme is tried on before there is a visitor.
//!
//! The theme's own samples cannot know which template a form has, nor how many fields. What a backend will
//! answer cannot be made up either, so that is rehearsed only as missing: a template that looks at it without
//! asking whether it is there would fail on a bad day.

use std::collections::BTreeMap;

use super::declared_pages;
use crate::config::plan::{FormPlan, PagePlan, Plan};
use crate::form::{FormSpec, FormState, Msg};
use crate::theme::Theme;
use crate::theme::context::{Fetched, NavLink, Notice, PageContext, SessionView, UserView};
use crate::theme::samples::{HOSTILE, NOW, blank};

/// Every declared form and page in its states, as far as the plan tells.
pub(super) fn pages(plan: &Plan, theme: &Theme) -> Vec<PageContext> {
    let user = made_up_user(plan);
    let mut all = Vec::new();
    for spec in std::iter::once(&plan.forms.login).chain(&plan.forms.register) {
        all.extend(states(theme, spec));
    }
    for form in &plan.forms.declared {
        let user = form.needs_user.then_some(&user);
        let pages = states(theme, &form.spec).into_iter().chain([accepted(theme, form)]);
        all.extend(pages.map(|page| PageContext {
            template: Some(form.template.clone()),
            user: user.cloned(),
            ..page
        }));
    }
    for page in &plan.pages {
        let user = page.needs_user.then_some(&user);
        all.push(PageContext { user: user.cloned(), ..without_answers(theme, page) });
    }
    let nav = vec![NavLink { label: "Sample".to_owned(), url: "/".to_owned(), current: true }];
    all.into_iter().map(|page| PageContext { nav: nav.clone(), ..page }).collect()
}

/// What a site has of its own: what it declares, and its entrances where their fields are not those of the samples.
pub(crate) fn own_pages(plan: &Plan, theme: &Theme, samples: &[PageContext]) -> Vec<PageContext> {
    let entrances = std::iter::once(&plan.forms.login).chain(&plan.forms.register);
    let is_usual = |spec: &FormSpec| {
        let of_form = samples.iter().filter(|page| page.page.id == spec.id);
        of_form.filter_map(|page| page.form.as_ref()).any(|form| {
            form.fields.iter().map(|it| &it.name).eq(spec.fields.iter().map(|it| &it.name))
        })
    };
    let unusual = entrances.filter(|spec| !is_usual(spec)).flat_map(|spec| states(theme, spec));
    unusual.chain(declared_pages(plan, theme, samples)).collect()
}

/// Somebody who has every claim that the plan takes over.
pub(super) fn made_up_user(plan: &Plan) -> UserView {
    let claims = plan.backend.calls.me.claims.keys();
    UserView {
        id: "42".to_owned(),
        email: "ada@example.com".to_owned(),
        name: "Ada Lovelace".to_owned(),
        claims: claims.map(|name| (name.clone(), "sample".into())).collect(),
    }
}

/// Before anything was typed, with something wrong everywhere, and with nobody to ask.
fn states(theme: &Theme, spec: &FormSpec) -> [PageContext; 3] {
    let show = |state, status, form: &FormState| PageContext {
        form: Some(theme.form_view(spec, form, None)),
        ..blank(spec.id.clone(), state, status, theme.title(spec))
    };
    let names = spec.fields.iter().map(|field| field.name.clone());
    let echoed = spec.fields.iter().filter(|field| field.kind.may_be_echoed());
    let wrong = FormState {
        values: echoed.map(|field| (field.name.clone(), HOSTILE.to_owned())).collect(),
        errors: vec![Msg::new("input.refused").saying(Some(HOSTILE.to_owned()))],
        field_errors: names.map(|name| (name, vec![Msg::new("field.required")])).collect(),
    };
    let down = spec.untouched(|_| None).with_error(Msg::new("backend.unreachable"));
    let waiting = theme.retry(5, NOW);
    [
        show("idle", 200, &spec.untouched(|_| None)),
        show("field_errors", 422, &wrong),
        PageContext { retry: Some(waiting), ..show("backend_unreachable", 503, &down) },
    ]
}

/// The form has done its work: the news, and the form itself only if it stays.
pub(super) fn accepted(theme: &Theme, form: &FormPlan) -> PageContext {
    let spec = &form.spec;
    let text = form.success.message.clone().unwrap_or_else(|| theme.sentence("form.done"));
    let notice = Notice::new(format!("form.{}", spec.id), "success", text);
    let again = theme.form_view(spec, &spec.untouched(|_| None), None);
    PageContext {
        notices: vec![notice],
        form: form.success.keep_form.then_some(again),
        ..blank(spec.id.clone(), "success", 200, theme.title(spec))
    }
}

/// A page whose backend has nothing for it.
pub(super) fn without_answers(theme: &Theme, page: &PagePlan) -> PageContext {
    let missing = || Fetched {
        ok: false,
        data: serde_json::Value::Null,
        error: theme.text(&Msg::new("page.not_there")),
    };
    let fetched: BTreeMap<_, _> = page.fetch.keys().map(|name| (name.clone(), missing())).collect();
    let sample = if fetched.is_empty() { "default" } else { "fetch_failed" };
    PageContext {
        template: Some(page.template.clone()),
        session: page.needs_user.then_some(SessionView { expires_in: Some(60), renews: true }),
        data: page.data.clone(),
        fetched,
        sample: sample.into(),
        ..blank(page.id.clone(), "default", 200, page.title.clone())
    }
}
