//! Every page in every state, with made-up visitors: what a theme is tried on before it is used.
//!
//! Forms are shown by the same code as to visitors, from a specification and what was typed; only who they
//! are and what the backend says is made up. A sample is named after its page, `login.rate_limited`; its
//! state is the one that visitors would see.

mod accounts;
mod brands;
mod declared;
mod login;
mod people;
mod register;
mod welcome;
mod widgets;

use std::borrow::Cow;
use std::collections::BTreeMap;

use super::Theme;
use super::context::{Csrf, ErrorView, LocaleLink, NavLink, Next, Notice, Page, PageContext, Urls};
use crate::form::field::{FieldKind, FieldSpec};
use crate::form::{FormSpec, FormState, Msg};
use crate::return_to::ReturnTo;

/// A name that breaks out of markup wherever it is not escaped.
pub(crate) const HOSTILE: &str = "\"><script>alert(1)</script><b x='";
/// When all of it happens: 2026-11-24, half past nine.
pub(crate) const NOW: u64 = 1_795_512_600;

const YEAR: i32 = 2026;
const REQUEST_ID: &str = "01JD5W0Z8K4Q";
const EMAIL: &str = "ada@example.com";
const LONG_EMAIL: &str = "hubert.blaine.wolfeschlegelsteinhausenbergerdorff.senior@postmaster.some-very-long-department.example.com";
const NEXT: &str = "/reports?year=2026";

/// All of them, in the order of a visit.
pub(crate) fn samples(theme: &Theme, urls: &Urls) -> Vec<PageContext> {
    let writer = Writer { theme, urls };
    let mut all = writer.login();
    all.extend(writer.register());
    all.extend(writer.welcome());
    all.extend(writer.logout());
    all.extend(writer.errors());
    all.extend(writer.widgets());
    all.extend(writer.declared_forms());
    all.extend(writer.recovery());
    all.extend(writer.account());
    all.extend(writer.declared_pages());
    all
}

pub(crate) use self::welcome::sessions;

struct Writer<'a> {
    theme: &'a Theme,
    urls: &'a Urls,
}

/// What was typed, by the names of the fields.
type Typed<'a> = &'a [(&'a str, &'a str)];

impl Writer<'_> {
    /// A form as it is shown.
    fn shown(
        &self,
        spec: &FormSpec,
        sample: &'static str,
        (state, status): (&'static str, u16),
        form: &FormState,
    ) -> PageContext {
        let title = self.theme.title(spec);
        PageContext {
            form: Some(self.theme.form_view(spec, form, None)),
            ..named(blank(spec.id.clone(), state, status, title), sample)
        }
    }

    /// Before anything was sent.
    fn idle(&self, spec: &FormSpec, sample: &'static str, typed: Typed<'_>) -> PageContext {
        self.shown(spec, sample, ("idle", 200), &echo(spec, typed))
    }

    /// With something wrong at fields.
    fn wrong(
        &self,
        spec: &FormSpec,
        sample: &'static str,
        typed: Typed<'_>,
        errors: Vec<(&str, Msg)>,
    ) -> PageContext {
        let mut form = echo(spec, typed);
        for (name, msg) in errors {
            form.field_errors.entry(name.to_owned()).or_default().push(msg);
        }
        self.shown(spec, sample, ("field_errors", 422), &form)
    }

    /// With something wrong with all of it.
    fn refused(
        &self,
        spec: &FormSpec,
        sample: &'static str,
        answer: (&'static str, u16),
        typed: Typed<'_>,
        msg: Msg,
    ) -> PageContext {
        self.shown(spec, sample, answer, &echo(spec, typed).with_error(msg))
    }

    /// What can come of every form: too many attempts, another site, and each fault of the backend.
    fn troubles(&self, spec: &FormSpec, typed: Typed<'_>) -> Vec<PageContext> {
        let down = |sample, state, status, code| {
            let page = self.refused(spec, sample, (state, status), typed, Msg::new(code));
            PageContext { error: Some(fault(status, code)), ..page }
        };
        vec![
            self.limited(spec, "rate_limited", typed, 40),
            self.cross_site(spec, typed),
            self.later(
                down("backend_unreachable", "backend_unreachable", 503, "backend.unreachable"),
                5,
            ),
            self.later(down("backend_timeout", "backend_timeout", 504, "backend.timeout"), 5),
            self.later(down("backend_error", "backend_error", 502, "backend.error"), 5),
            down("backend_protocol", "backend_error", 502, "backend.protocol"),
        ]
    }

    fn limited(
        &self,
        spec: &FormSpec,
        sample: &'static str,
        typed: Typed<'_>,
        wait: u64,
    ) -> PageContext {
        let msg = Msg::new("rate_limited").with("seconds", wait);
        self.later(self.refused(spec, sample, ("rate_limited", 429), typed, msg), wait)
    }

    /// The form with its token, as browsers get it that do not say where they come from.
    fn cross_site(&self, spec: &FormSpec, typed: Typed<'_>) -> PageContext {
        let answer = ("csrf_expired", 403);
        PageContext {
            csrf: Csrf { token: "sample-token".to_owned(), ..Csrf::default() },
            ..self.refused(spec, "csrf_expired", answer, typed, Msg::new("csrf.expired"))
        }
    }

    /// To be tried again.
    fn later(&self, page: PageContext, wait: u64) -> PageContext {
        PageContext { retry: Some(self.theme.retry(wait, NOW)), ..page }
    }

    /// A form on the way to a page.
    fn going_on(&self, spec: &FormSpec, sample: &'static str) -> PageContext {
        let next = ReturnTo::parse(NEXT);
        PageContext {
            form: Some(self.theme.form_view(spec, &echo(spec, &[]), next.as_ref())),
            next: next.map(|next| Next { url: next.as_str().to_owned() }),
            ..self.idle(spec, sample, &[])
        }
    }

    fn notice(&self, code: &'static str, level: &'static str) -> Notice {
        Notice::new(code, level, self.theme.sentence(code))
    }
}

/// A page with nothing particular on it.
pub(crate) fn blank(
    id: impl Into<Cow<'static, str>>,
    state: &'static str,
    status: u16,
    title: String,
) -> PageContext {
    PageContext {
        template: None,
        sample: Cow::Borrowed(""),
        brand: None,
        page: Page::new(id, state, status, title),
        csrf: Csrf::default(),
        form: None,
        notices: Vec::new(),
        next: None,
        user: None,
        session: None,
        retry: None,
        error: None,
        nav: Vec::new(),
        locales: Vec::new(),
        data: BTreeMap::new(),
        fetched: BTreeMap::new(),
        partial: false,
        year: YEAR,
    }
}

fn named(page: PageContext, sample: &'static str) -> PageContext {
    PageContext { sample: Cow::Borrowed(sample), ..page }
}

fn told(page: PageContext, notice: Notice) -> PageContext {
    PageContext { notices: vec![notice], ..page }
}

/// What may be shown again of what was typed.
fn echo(spec: &FormSpec, typed: Typed<'_>) -> FormState {
    let typed = typed.iter().map(|(name, value)| ((*name).to_owned(), (*value).into())).collect();
    spec.echo(&typed)
}

/// On the page of a form, where the server is at fault.
fn fault(status: u16, code: &str) -> ErrorView {
    ErrorView {
        status,
        code: code.to_owned(),
        title: String::new(),
        detail: String::new(),
        request_id: REQUEST_ID.to_owned(),
        retry_url: String::new(),
    }
}

/// As a site declares it.
fn declared(id: &'static str, title: &str, button: &str, fields: Vec<FieldSpec>) -> FormSpec {
    FormSpec {
        title: Some(title.to_owned()),
        button: Some(button.to_owned()).filter(|button| !button.is_empty()),
        fields,
        ..FormSpec::new(id, format!("/{id}"))
    }
}

fn field(name: &str, kind: FieldKind, autocomplete: &'static str) -> FieldSpec {
    FieldSpec { required: true, autocomplete: autocomplete.into(), ..FieldSpec::new(name, kind) }
}

/// Links as sites have them that declare some pages.
fn nav() -> Vec<NavLink> {
    let link = |label: &str, url: &str, current| NavLink {
        label: label.to_owned(),
        url: url.to_owned(),
        current,
    };
    vec![
        link("Sample page", "/sample", true),
        link("Contact", "/contact", false),
        link("Reports of the year", "/reports", false),
    ]
}

/// The five languages of the program, of which this page is in English.
fn locales(path: &str) -> Vec<LocaleLink> {
    let languages = [
        ("en", "English", "ltr"),
        ("de", "Deutsch", "ltr"),
        ("fr", "Français", "ltr"),
        ("es", "Español", "ltr"),
        ("ar", "العربية", "rtl"),
    ];
    let link = |(tag, label, dir): (&str, &str, &'static str)| LocaleLink {
        tag: tag.to_owned(),
        label: label.to_owned(),
        dir,
        url: format!("{path}?lang={tag}"),
        current: tag == "en",
    };
    languages.map(link).into()
}
