//! The gallery of a site: what the theme shows by itself, with the forms, pages and links of `auth.toml` in it.

use std::borrow::Cow;
use std::collections::BTreeMap;

use super::rehearsal;
use crate::config::plan::{FormPlan, PagePlan, Plan, ThemePlan};
use crate::finding::Finding;
use crate::form::{FieldKind, FieldSpec, FormSpec, FormState, Msg};
use crate::return_to::ReturnTo;
use crate::theme::context::{
    Field, Message, NavLink, Notice, Page, PageContext, SessionView, Urls, UserView,
};
use crate::theme::gallery::{Addresses, Gallery};
use crate::theme::languages::{Languages, every_language};
use crate::theme::samples::{HOSTILE, blank};
use crate::theme::{SiteSettings, Theme};

/// The gallery of a plan whose theme is loaded.
pub(crate) fn gallery(plan: &Plan, languages: &Languages) -> Result<Gallery, Vec<Finding>> {
    let register = plan.forms.register.as_ref().map(|spec| spec.path.as_ref());
    let mut addresses = Addresses::own(register);
    for page in &plan.pages {
        addresses = addresses.declare(&page.path, &page.id);
    }
    for form in &plan.forms.declared {
        addresses = addresses.declare(&form.spec.path, &form.spec.id);
    }
    Gallery::open(languages, &plan.i18n, addresses, |theme, samples| arranged(plan, theme, samples))
}

/// The gallery of a theme before there is a site, in every language that it speaks.
pub(crate) fn gallery_alone(plan: &ThemePlan) -> Result<Gallery, Vec<Finding>> {
    let urls = Urls {
        login: "/login".to_owned(),
        register: Some("/register".to_owned()),
        forgot: Some("/forgot-password".to_owned()),
        change_password: Some("/change-password".to_owned()),
        logout: "/logout".to_owned(),
        home: "/".to_owned(),
        session: "/_vestibule/session".to_owned(),
        docs: None,
    };
    let addresses = Addresses::own(urls.register.as_deref());
    let site = SiteSettings { urls, register: true, brand: None };
    let i18n = every_language(plan)?;
    let languages = Languages::open(plan, &site, &i18n)?;
    Gallery::open(&languages, &i18n, addresses, |_, samples| samples.to_vec())
}

/// What there is to see in one language.
fn arranged(plan: &Plan, theme: &Theme, samples: &[PageContext]) -> Vec<PageContext> {
    let declared = |id: &str| plan.forms.declared.iter().find(|form| form.spec.id == id);
    let mut all = Vec::new();
    for page in samples {
        let id: &str = &page.page.id;
        let page = match (id, &plan.forms.register) {
            ("login" | "register", _) if has_a_form_of_its_own(page, samples) => page.clone(),
            ("login", _) => dressed(theme, &plan.forms.login, page),
            ("register", Some(spec)) => dressed(theme, spec, page),
            ("register", None) => continue,
            ("welcome" | "logout" | "error", _) => page.clone(),
            _ => {
                // What the site declares under that name is shown as it is there.
                if declared(id).is_none() && !plan.pages.iter().any(|page| page.id == id) {
                    all.push(page.clone());
                }
                continue;
            }
        };
        let nav = nav(plan, theme, page.user.is_some(), "");
        // A site without links still shows how the theme has them.
        all.push(if nav.is_empty() { page } else { PageContext { nav, ..page } });
    }
    all.extend(declared_pages(plan, theme, samples));
    all
}

/// The forms and pages of `auth.toml` in every state.
pub(super) fn declared_pages(
    plan: &Plan,
    theme: &Theme,
    samples: &[PageContext],
) -> Vec<PageContext> {
    let user = rehearsal::made_up_user(plan);
    let mut all = Vec::new();
    for form in &plan.forms.declared {
        let user = form.needs_user.then_some(&user);
        let nav = nav(plan, theme, form.needs_user, &form.spec.path);
        all.extend(states(theme, form, samples).into_iter().map(|page| PageContext {
            template: Some(form.template.clone()),
            user: user.cloned(),
            nav: nav.clone(),
            ..page
        }));
    }
    for page in &plan.pages {
        let nav = nav(plan, theme, page.needs_user, &page.path);
        let mut shown = rehearsal::without_answers(theme, page);
        let title = theme.declared(|| format!("page.{}.title", page.id));
        shown.page.title = title.unwrap_or_else(|| page.title.clone());
        shown.nav = nav;
        let told = vec![said(theme, "session.logged_out", "success")];
        let notice = PageContext { sample: "notice".into(), notices: told, ..shown.clone() };
        all.extend([of_page(page, &user, shown), of_page(page, &user, notice)]);
    }
    all
}

fn of_page(page: &PagePlan, user: &UserView, mut shown: PageContext) -> PageContext {
    shown.page.kind = "page";
    PageContext {
        user: page.needs_user.then(|| user.clone()),
        session: page.needs_user.then_some(SessionView { expires_in: Some(1740), renews: true }),
        ..shown
    }
}

/// The links that a visitor sees on a page at `here`; what rules require of a user is not asked.
fn nav(plan: &Plan, theme: &Theme, signed_in: bool, here: &str) -> Vec<NavLink> {
    let pages = plan.pages.iter().map(|page| {
        ("page", page.id.as_str(), page.nav.as_ref(), page.needs_user, page.path.as_str())
    });
    let forms = plan.forms.declared.iter().map(|form| {
        let spec = &form.spec;
        ("form", spec.id.as_ref(), form.nav.as_ref(), form.needs_user, spec.path.as_ref())
    });
    let shown = pages.chain(forms).filter(|(.., needs_user, _)| signed_in || !needs_user);
    shown
        .filter_map(|(kind, id, label, _, path)| {
            let label = label?;
            let translated = theme.declared(|| format!("{kind}.{id}.nav"));
            Some(NavLink {
                label: translated.unwrap_or_else(|| label.clone()),
                url: path.to_owned(),
                current: path == here,
            })
        })
        .collect()
}

/// Whether a sample is about a form with other fields than the page usually has: the form of this site would not
/// show what it is there for.
fn has_a_form_of_its_own(sample: &PageContext, samples: &[PageContext]) -> bool {
    let names = |page: &PageContext| -> Option<Vec<String>> {
        Some(page.form.as_ref()?.fields.iter().map(|field| field.name.clone()).collect())
    };
    let usual = samples.iter().find(|page| page.page.id == sample.page.id);
    usual.is_some_and(|usual| names(usual) != names(sample))
}

/// A sample of a form, with a form of this site in it.
fn dressed(theme: &Theme, spec: &FormSpec, sample: &PageContext) -> PageContext {
    let Page { state, status, .. } = sample.page;
    let page = Page::new(spec.id.clone(), state, status, theme.title(spec));
    let Some(form) = &sample.form else { return PageContext { page, ..sample.clone() } };
    let typed = form.fields.first().map_or("", |field| field.value.as_str());
    let mut state = spec.untouched(|_| None);
    if !typed.is_empty() {
        let in_sample = |field: &FieldSpec| form.fields.iter().find(|it| it.name == field.name);
        state = filled(spec, |field| match in_sample(field) {
            _ if typed == HOSTILE => HOSTILE.to_owned(),
            Some(typed) => typed.value.clone(),
            None => plausible(field),
        });
    }
    let again = |message: &Message| Msg {
        code: Cow::Owned(message.code.clone()),
        params: BTreeMap::new(),
        // Words of this form win over those of the catalog, which the sample has.
        text: Some(message.text.clone()).filter(|_| !spec.texts.contains_key(&message.code)),
    };
    state.errors = form.errors.iter().map(again).collect();
    for (at, field) in form.fields.iter().enumerate().filter(|(_, field)| field.invalid) {
        if let Some(own) = counterpart(spec, at, field) {
            let errors = field.errors.iter().map(|message| match &*message.code {
                // The hint at the field says how many there have to be here.
                "field.too_short" => Msg::new("field.too_short").with("min", own.min_length),
                _ => again(message),
            });
            state.field_errors.entry(own.name.clone()).or_default().extend(errors);
        }
    }
    let next = sample.next.as_ref().and_then(|next| ReturnTo::parse(&next.url));
    let form = theme.form_view(spec, &state, next.as_ref());
    PageContext { page, form: Some(form), ..sample.clone() }
}

fn filled(spec: &FormSpec, value: impl Fn(&FieldSpec) -> String) -> FormState {
    let echoed = spec.fields.iter().filter(|field| field.kind.may_be_echoed());
    let values = echoed.map(|field| (field.name.clone(), value(field))).collect();
    FormState { values, ..FormState::default() }
}

/// The field of the site's form that stands where the sample has this one.
fn counterpart<'a>(spec: &'a FormSpec, at: usize, field: &Field) -> Option<&'a FieldSpec> {
    spec.field(&field.name).or_else(|| spec.fields.get(at)).or(spec.fields.first())
}

/// What may become of any form; the samples have it.
const OUTCOMES: [&str; 8] = [
    "form_error",
    "conflict",
    "rate_limited",
    "csrf_expired",
    "backend_unreachable",
    "backend_timeout",
    "backend_error",
    "backend_protocol",
];

/// A declared form from the first look to the last word.
fn states(theme: &Theme, form: &FormPlan, samples: &[PageContext]) -> Vec<PageContext> {
    let spec = &form.spec;
    let show = |sample: &'static str, state, status, typed: &FormState| PageContext {
        form: Some(theme.form_view(spec, typed, None)),
        sample: sample.into(),
        ..blank(spec.id.clone(), state, status, theme.title(spec))
    };
    let wrong = |sample, mut state: FormState, msg: &Msg| {
        let asked = spec.fields.iter().filter(|field| field.kind != FieldKind::Static);
        state.field_errors = asked.map(|field| (field.name.clone(), vec![msg.clone()])).collect();
        show(sample, "field_errors", 422, &state)
    };
    let untouched = || spec.untouched(|_| None);
    let hostile = Msg::new("input.refused").saying(Some(HOSTILE.to_owned()));
    let mut all = vec![
        show("idle", "idle", 200, &untouched()),
        show("filled", "idle", 200, &filled(spec, plausible)),
        wrong("field_required", filled(spec, |_| String::new()), &Msg::new("field.required")),
        wrong("field_errors", filled(spec, plausible), &Msg::new("field.refused")),
    ];
    let outcome = |name| samples.iter().find(|it| it.page.id == "form" && it.sample == name);
    all.extend(OUTCOMES.into_iter().filter_map(outcome).map(|it| dressed(theme, spec, it)));
    if form.prefill.is_some() {
        let notice = said(theme, "page.not_there", "warning");
        let page = show("prefill_failed", "idle", 200, &untouched());
        all.push(PageContext { notices: vec![notice], ..page });
    }
    // The program knows more about some forms by their names.
    let own = samples.iter().filter(|it| it.page.id == spec.id && it.form.is_some());
    for sample in own {
        if !all.iter().any(|it| it.name() == sample.name()) {
            all.push(dressed(theme, spec, sample));
        }
    }
    all.push(wrong("hostile_input", filled(spec, |_| HOSTILE.to_owned()), &hostile));
    all.push(rehearsal::accepted(theme, form));
    all
}

fn said(theme: &Theme, code: &'static str, level: &'static str) -> Notice {
    Notice::new(code, level, theme.sentence(code))
}

/// What somebody might have typed.
fn plausible(field: &FieldSpec) -> String {
    let text = match field.kind {
        FieldKind::Email => "ada@example.com",
        FieldKind::Tel => "+44 20 7946 0958",
        FieldKind::Url => "https://ada.example",
        FieldKind::Number => "3",
        FieldKind::Date => "2026-12-10",
        FieldKind::Textarea => "A few words,\nand a few more.",
        FieldKind::Checkbox | FieldKind::Switch => "on",
        FieldKind::Select | FieldKind::Radio => {
            field.choices.first().map_or("", |choice| &choice.value)
        }
        FieldKind::Text => match &*field.autocomplete {
            "username" => "ada",
            "given-name" => "Ada",
            "family-name" => "Lovelace",
            "one-time-code" => "123456",
            _ => "Ada Lovelace",
        },
        FieldKind::Password | FieldKind::Hidden | FieldKind::Static => "",
    };
    text.to_owned()
}
