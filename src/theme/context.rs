//! What a template is given: contract version 1.
//!
//! Every key is always there, empty rather than missing, so that a typing mistake in a template is
//! an error and never a blank. Nothing secret has a field here. The comments are what the published
//! schema and reference say; `super::contract` makes both of them.

mod form;
mod site;

use std::borrow::Cow;
use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Serialize;

pub(crate) use self::form::{ChoiceView, Field, Form, Message, PasswordPolicy, SummaryItem};
pub(crate) use self::site::{Brand, BrandLink, Features, Logo, Meta, SiteContext, ThemeInfo, Urls};

/// What is particular to one answer.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(crate) struct PageContext {
    /// The template, where it is not that of the page's id.
    #[serde(skip)]
    pub template: Option<String>,
    /// Of a sample: what it is called after its page. Empty for visitors.
    #[serde(skip)]
    pub sample: Cow<'static, str>,
    /// Of a sample: another brand than the site's.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(skip)]
    pub brand: Option<Brand>,
    /// Which page, in which state.
    pub page: Page,
    /// What shows that a form comes from this site.
    pub csrf: Csrf,
    /// Null where the page has none, or the form has done its work.
    pub form: Option<Form>,
    /// What the visitor is told above everything else.
    pub notices: Vec<Notice>,
    /// Where the visitor goes afterwards; null where that is the usual place.
    pub next: Option<Next>,
    /// Who is signed in; null where nobody is, or the page is not about that.
    pub user: Option<UserView>,
    /// Of the welcome page and of declared pages: how long the visitor is signed in.
    pub session: Option<SessionView>,
    /// When to try again; null where that makes no difference.
    pub retry: Option<Retry>,
    /// What went wrong. Of a form that is shown again only where the fault is the server's.
    pub error: Option<ErrorView>,
    /// Declared pages and forms that the visitor may see.
    pub nav: Vec<NavLink>,
    /// The languages of the site, for a choice; empty where there is only one.
    pub locales: Vec<LocaleLink>,
    /// What a declared page says in `data`.
    pub data: BTreeMap<String, serde_json::Value>,
    /// What a declared page has read, by name.
    pub fetched: BTreeMap<String, Fetched>,
    /// True when HTMX asked and only a part of the page is wanted.
    pub partial: bool,
    /// Of the answer, in UTC: for the foot of a page.
    pub year: i32,
}

impl PageContext {
    /// What the page is called where it is talked about: `login.rate_limited`.
    pub(crate) fn name(&self) -> String {
        let state = if self.sample.is_empty() { self.page.state } else { &self.sample };
        format!("{}.{state}", self.page.id)
    }
}

/// Which page, in which state.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(crate) struct Page {
    /// `login`, `register`, `welcome`, `logout`, `error`, or the id of what was declared.
    pub id: Cow<'static, str>,
    /// What it is: one of the same five, or `form` and `page` for what was declared.
    #[schemars(extend("enum" = [
        "login", "register", "welcome", "logout", "error", "form", "page"
    ]))]
    pub kind: &'static str,
    /// What has become of it: `idle` until something was sent, `invalid_credentials`, `rate_limited` and so on.
    /// What is told besides is in `notices`, `next` and `user`.
    #[schemars(extend("enum" = STATES))]
    pub state: &'static str,
    /// The HTTP status.
    #[schemars(range(min = 200, max = 599))]
    pub status: u16,
    /// Without the "Error: " that the theme puts before it.
    pub title: String,
}

/// The states of the error page that are a status: each has words of its own.
pub(crate) const ERROR_STATES: [&str; 14] = [
    "400", "401", "403", "404", "405", "408", "413", "415", "422", "429", "500", "502", "503",
    "504",
];

/// Every state that a page can be in. Those of the error page are the status, or the fault of an app.
pub(crate) const STATES: [&str; 31] = [
    "idle",
    "field_errors",
    "form_error",
    "invalid_credentials",
    "identifier_taken",
    "csrf_expired",
    "rate_limited",
    "backend_unreachable",
    "backend_timeout",
    "backend_error",
    "success",
    "confirm",
    "default",
    "400",
    "401",
    "403",
    "404",
    "405",
    "408",
    "413",
    "415",
    "422",
    "429",
    "500",
    "502",
    "503",
    "504",
    "upstream_unreachable",
    "upstream_timeout",
    "upstream_error",
    "upstream_loop",
];

impl Page {
    pub(crate) fn new(
        id: impl Into<Cow<'static, str>>,
        state: &'static str,
        status: u16,
        title: String,
    ) -> Self {
        let id = id.into();
        let own = ["login", "register", "welcome", "logout", "error"];
        let kind = own.into_iter().find(|own| *own == id).unwrap_or("form");
        debug_assert!(STATES.contains(&state), "{state} is no state of the contract");
        Self { id, kind, state, status, title }
    }
}

/// The fallback for browsers that send neither `Origin` nor `Sec-Fetch-Site`.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(crate) struct Csrf {
    /// Of the hidden field.
    pub name: &'static str,
    /// Its value; empty where the browser proves its origin by itself, and the field is not needed.
    pub token: String,
}

impl Csrf {
    /// The name of the field.
    pub(crate) const FIELD: &'static str = "csrf";
}

impl Default for Csrf {
    fn default() -> Self {
        Self { name: Self::FIELD, token: String::new() }
    }
}

/// A link to a declared page or form.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(crate) struct NavLink {
    /// As `nav` says it.
    pub label: String,
    /// Its path.
    pub url: String,
    /// Whether it is this page.
    pub current: bool,
}

/// This page in one of the languages of the site.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(crate) struct LocaleLink {
    /// BCP 47.
    pub tag: String,
    /// The language's name in its own words.
    pub label: String,
    /// `ltr` or `rtl`, of the label.
    #[schemars(extend("enum" = ["ltr", "rtl"]))]
    pub dir: &'static str,
    /// This very page in it.
    pub url: String,
    /// Whether this page is in it.
    pub current: bool,
}

/// What a declared page has read from the backend.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(crate) struct Fetched {
    /// Whether it was there.
    pub ok: bool,
    /// The JSON; null where it was not.
    pub data: serde_json::Value,
    /// What the visitor reads where it was not; empty otherwise.
    pub error: String,
}

/// Something that the visitor is told.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(crate) struct Notice {
    /// Stable: one of the codes below, or `form.ID` of a declared form that was accepted.
    pub code: Cow<'static, str>,
    /// `info`, `success`, `warning` or `error`.
    #[schemars(extend("enum" = ["info", "success", "warning", "error"]))]
    pub level: &'static str,
    /// The sentence, in the language of the page.
    pub text: String,
    /// For `aria-live`: `polite`, and `assertive` for an error.
    #[schemars(extend("enum" = ["polite", "assertive"]))]
    pub live: &'static str,
}

impl Notice {
    pub(crate) fn new(
        code: impl Into<Cow<'static, str>>,
        level: &'static str,
        text: String,
    ) -> Self {
        let live = if level == "error" { "assertive" } else { "polite" };
        Self { code: code.into(), level, text, live }
    }
}

/// Where the visitor goes afterwards; already checked.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(crate) struct Next {
    /// A path of this site.
    pub url: String,
}

/// Who is signed in.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(crate) struct UserView {
    /// As the backend has it.
    pub id: String,
    /// Empty where the backend has none.
    pub email: String,
    /// Empty where the backend has none.
    pub name: String,
    /// What `[backend.me] claims` names, and nothing else of the account.
    pub claims: BTreeMap<String, serde_json::Value>,
}

/// How long the visitor is signed in.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(crate) struct SessionView {
    /// Seconds until the access token ends; null where its life is unknown.
    pub expires_in: Option<u64>,
    /// Whether it is renewed before that.
    pub renews: bool,
}

/// When to try again.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(crate) struct Retry {
    /// In so many seconds.
    pub after_s: u64,
    /// At this moment, as `2026-11-24T09:30:00Z`: for `datetime` of a `time`.
    pub at: String,
    /// "in 40 seconds": said by the server, so that it needs no script.
    pub text: String,
}

/// What went wrong.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(crate) struct ErrorView {
    /// The HTTP status.
    #[schemars(range(min = 400, max = 599))]
    pub status: u16,
    /// Stable: one of the codes below.
    pub code: String,
    /// The heading; empty on the page of a form, which has its own.
    pub title: String,
    /// One sentence; empty on the page of a form, where the summary says it.
    pub detail: String,
    /// The same id as in the log.
    pub request_id: String,
    /// The page to try again; empty for none.
    pub retry_url: String,
}
