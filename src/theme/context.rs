//! What a template is given: contract version 1.
//!
//! Every key is always there, empty rather than missing, so that a typing mistake in a template is
//! an error and never a blank. Nothing secret has a field here.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::Serialize;

/// What is the same on every page of a running site. Templates see its fields at the top level.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct SiteContext {
    /// The version of this contract.
    pub contract: u32,
    pub brand: Brand,
    pub theme: ThemeInfo,
    /// BCP 47 tag of the page's language.
    pub lang: String,
    /// `ltr` or `rtl`.
    pub dir: &'static str,
    pub urls: Urls,
    pub features: Features,
    pub meta: Meta,
}

#[derive(Clone, Debug, Serialize)]
pub(crate) struct Brand {
    pub name: String,
    /// A line under the name; empty for none.
    pub tagline: String,
    pub logo: Option<Logo>,
    /// Address of the small picture in the browser's tab; empty for none.
    pub favicon: String,
    /// Pages about the site, for the foot of every page.
    pub links: Vec<BrandLink>,
}

#[derive(Clone, Debug, Serialize)]
pub(crate) struct Logo {
    /// Address of the picture on light ground.
    pub light: String,
    /// Address of the picture on dark ground; often the same.
    pub dark: String,
    /// What it says to those who do not see it: the name of the site.
    pub alt: String,
    /// In pixels, as the file says, so that the page keeps the place free; 0 where it does not say.
    pub width: u32,
    pub height: u32,
}

#[derive(Clone, Debug, Serialize)]
pub(crate) struct BrandLink {
    /// `privacy`, `terms`, `imprint` or `support`.
    pub id: &'static str,
    pub label: String,
    pub url: String,
}

#[derive(Clone, Debug, Serialize)]
pub(crate) struct ThemeInfo {
    pub name: String,
    pub version: String,
    /// `auto`, `light` or `dark`.
    pub mode: &'static str,
    /// For the attribute `data-theme`; empty where the visitor's system decides.
    pub data_theme: &'static str,
    /// Options by name: as set in `[theme.options]`, or else their defaults. A colour has `light` and `dark`.
    pub options: BTreeMap<String, serde_json::Value>,
}

/// Where things are. `None` where the site does not have it; a theme never builds an address.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Urls {
    pub login: String,
    pub register: Option<String>,
    /// Of the declared form for a forgotten password.
    pub forgot: Option<String>,
    pub logout: String,
    pub home: String,
    pub session: String,
    pub docs: Option<String>,
}

#[derive(Clone, Debug, Serialize)]
pub(crate) struct Features {
    pub register: bool,
}

#[derive(Clone, Debug, Serialize)]
pub(crate) struct Meta {
    pub version: &'static str,
    /// True in the theme gallery and nowhere else.
    pub preview: bool,
}

/// What is particular to one answer.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct PageContext {
    /// The template, where it is not that of the page's id.
    #[serde(skip)]
    pub template: Option<String>,
    pub page: Page,
    pub csrf: Csrf,
    pub form: Option<Form>,
    pub notices: Vec<Notice>,
    pub next: Option<Next>,
    pub user: Option<UserView>,
    pub session: Option<SessionView>,
    pub retry: Option<Retry>,
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
}

/// Which page, in which state. `id.state` names the sample.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Page {
    /// `login`, `register`, `welcome`, `logout`, `error`, or the id of what was declared.
    pub id: Cow<'static, str>,
    /// For example `idle`, `invalid_credentials`, `rate_limited`.
    pub state: &'static str,
    pub status: u16,
    /// Without the "Error: " that the theme puts before it.
    pub title: String,
}

/// The fallback for browsers that send neither `Origin` nor `Sec-Fetch-Site`.
#[derive(Clone, Debug, Default, Serialize)]
pub(crate) struct Csrf {
    pub name: &'static str,
    /// Empty where the browser proves its origin by itself.
    pub token: String,
}

#[derive(Clone, Debug, Serialize)]
pub(crate) struct Form {
    pub id: String,
    /// Where it posts to, with `next` in its query where there is one.
    pub action: String,
    /// A sentence between the heading and the fields; empty for none.
    pub intro: String,
    /// Text of the button.
    pub submit: String,
    /// Whether HTMX sends it.
    pub htmx: bool,
    /// In the order of the page.
    pub fields: Vec<Field>,
    /// Errors of the form as a whole.
    pub errors: Vec<Message>,
    /// Form errors, then field errors in the order of the fields; what the summary lists.
    pub summary: Vec<SummaryItem>,
    pub valid: bool,
}

#[derive(Clone, Debug, Serialize)]
#[expect(clippy::struct_excessive_bools, reason = "each is an attribute of the input")]
pub(crate) struct Field {
    pub id: String,
    pub name: String,
    /// The `type` of the input: `text`, `email`, `password`, `checkbox` and so on.
    #[serde(rename = "type")]
    pub kind: &'static str,
    /// What it is: as `type`, or `textarea`, `select`, `switch`, `static`.
    pub widget: &'static str,
    pub label: String,
    /// Empty for none.
    pub hint: String,
    /// An example inside the empty input; empty for none.
    pub placeholder: String,
    /// What was typed before; always empty for a password.
    pub value: String,
    /// Of what is yes or no: whether it is yes.
    pub checked: bool,
    pub required: bool,
    pub readonly: bool,
    pub autocomplete: Cow<'static, str>,
    /// Empty for the default.
    pub inputmode: Cow<'static, str>,
    /// 0 for no bound.
    pub minlength: usize,
    /// 0 for no bound.
    pub maxlength: usize,
    /// The least number or first day; empty for no bound.
    pub min: String,
    /// The largest number or last day; empty for no bound.
    pub max: String,
    /// Lines of a textarea.
    pub rows: u32,
    /// What can be chosen.
    pub options: Vec<ChoiceView>,
    /// Where HTMX asks about this field alone; empty for nowhere.
    pub check_url: String,
    pub errors: Vec<Message>,
    pub invalid: bool,
    pub hint_id: String,
    pub error_id: String,
    /// Ready for `aria-describedby`; empty for none.
    pub describedby: String,
}

#[derive(Clone, Debug, Serialize)]
pub(crate) struct ChoiceView {
    /// Of the input of this choice, where it has one of its own.
    pub id: String,
    pub value: String,
    pub label: String,
    pub selected: bool,
}

/// A link to a declared page or form.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct NavLink {
    pub label: String,
    pub url: String,
    /// Whether it is this page.
    pub current: bool,
}

/// This page in one of the languages of the site.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct LocaleLink {
    /// BCP 47.
    pub tag: String,
    /// The language's name in its own words.
    pub label: String,
    /// `ltr` or `rtl`, of the label.
    pub dir: &'static str,
    pub url: String,
    /// Whether this page is in it.
    pub current: bool,
}

/// What a declared page has read from the backend.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Fetched {
    /// Whether it was there.
    pub ok: bool,
    /// The JSON; null where it was not.
    pub data: serde_json::Value,
    /// What the visitor reads where it was not; empty otherwise.
    pub error: String,
}

#[derive(Clone, Debug, Serialize)]
pub(crate) struct Message {
    pub code: String,
    pub text: String,
}

#[derive(Clone, Debug, Serialize)]
pub(crate) struct SummaryItem {
    /// `#id` of the input; empty for an error of the whole form.
    pub href: String,
    pub code: String,
    pub text: String,
}

#[derive(Clone, Debug, Serialize)]
pub(crate) struct Notice {
    pub code: Cow<'static, str>,
    /// `info`, `success`, `warning` or `error`.
    pub level: &'static str,
    pub text: String,
}

/// Where the visitor goes afterwards; already checked.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Next {
    pub url: String,
}

#[derive(Clone, Debug, Serialize)]
pub(crate) struct UserView {
    pub id: String,
    /// Empty where the backend has none.
    pub email: String,
    /// Empty where the backend has none.
    pub name: String,
    pub claims: BTreeMap<String, serde_json::Value>,
}

#[derive(Clone, Debug, Serialize)]
pub(crate) struct SessionView {
    /// Seconds until the access token ends; none where its life is unknown.
    pub expires_in: Option<u64>,
    /// Whether it is renewed before that.
    pub renews: bool,
}

/// When to try again.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Retry {
    pub after_s: u64,
    /// "in 40 seconds": said by the server, so that it needs no script.
    pub text: String,
}

#[derive(Clone, Debug, Serialize)]
pub(crate) struct ErrorView {
    pub status: u16,
    pub code: String,
    pub title: String,
    pub detail: String,
    /// The same id as in the log.
    pub request_id: String,
    /// The page to try again; empty for none.
    pub retry_url: String,
}
