//! Every page in every state, with made-up visitors: what a theme is tried on before it is used.

mod declared;

use std::borrow::Cow;
use std::collections::BTreeMap;

use super::context::{
    Csrf, ErrorView, Field, Form, Message, Next, Notice, Page, PageContext, Retry, SessionView,
    SummaryItem, Urls, UserView,
};
use super::texts::Texts;
use crate::form::Msg;

/// A name that breaks out of markup wherever it is not escaped.
pub(crate) const HOSTILE: &str = "\"><script>alert(1)</script><b x='";

const REQUEST_ID: &str = "01JD5W0Z8K4Q";
const EMAIL: &str = "ada@example.com";

/// The statuses that have a page.
pub(crate) const STATUSES: [u16; 14] =
    [400, 401, 403, 404, 405, 408, 413, 415, 422, 429, 500, 502, 503, 504];

/// All of them, in the order of a visit.
pub(crate) fn samples(texts: &Texts, urls: &Urls) -> Vec<PageContext> {
    let writer = Writer { texts, urls };
    let mut all = writer.login();
    all.extend(writer.register());
    all.extend(writer.welcome());
    all.extend(writer.logout());
    all.extend(STATUSES.map(|status| writer.error(status)));
    all.extend(writer.declared_forms());
    all.extend(writer.declared_pages());
    all
}

/// What the session panel may have to show.
pub(crate) fn sessions() -> [Option<SessionView>; 5] {
    let view = |expires_in, renews| Some(SessionView { expires_in, renews });
    [None, view(Some(1740), true), view(Some(45), false), view(None, true), view(None, false)]
}

struct Writer<'a> {
    texts: &'a Texts,
    urls: &'a Urls,
}

impl Writer<'_> {
    fn login(&self) -> Vec<PageContext> {
        let idle = || self.form_page("login", "idle", 200, self.login_form(""));
        let typed = |state, status| self.form_page("login", state, status, self.login_form(EMAIL));
        let refused = |state, status, code| self.refuse(typed(state, status), &Msg::new(code));
        let notified = |state, code, level| PageContext {
            notices: vec![self.notice(code, level)],
            ..self.form_page("login", state, 200, self.login_form(""))
        };
        let retry = |page, after_s| PageContext {
            retry: Some(Retry { after_s, text: self.texts.retry(after_s) }),
            ..page
        };
        vec![
            idle(),
            typed("prefilled", 200),
            self.mark(
                self.form_page("login", "field_required", 422, self.login_form("")),
                &[("email", Msg::new("field.required")), ("password", Msg::new("field.required"))],
            ),
            refused("invalid_credentials", 401, "credentials.invalid"),
            retry(
                self.refuse(
                    typed("rate_limited", 429),
                    &Msg::new("rate_limited").with("seconds", 40),
                ),
                40,
            ),
            notified("session_expired", "session.expired", "warning"),
            notified("session_not_kept", "session.not_kept", "error"),
            notified("logged_out", "session.logged_out", "success"),
            notified("registered", "account.registered", "success"),
            PageContext {
                page: Page { state: "next_present", ..idle().page },
                next: Some(Next { url: "/reports?year=2026".to_owned() }),
                ..idle()
            },
            PageContext {
                csrf: Csrf { name: "csrf", token: "sample-token".to_owned() },
                ..refused("csrf_expired", 403, "csrf.expired")
            },
            retry(refused("backend_unreachable", 503, "backend.unreachable"), 5),
            refused("backend_timeout", 504, "backend.timeout"),
            refused("backend_error", 502, "backend.error"),
            self.refuse(
                self.form_page("login", "hostile_input", 401, self.login_form(HOSTILE)),
                &Msg::new("credentials.invalid").saying(Some(HOSTILE.to_owned())),
            ),
        ]
    }

    fn register(&self) -> Vec<PageContext> {
        let page =
            |state, status| self.form_page("register", state, status, self.register_form(EMAIL));
        let short = Msg::new("field.too_short").with("min", 12);
        vec![
            self.form_page("register", "idle", 200, self.register_form("")),
            self.mark(
                page("field_errors", 422),
                &[
                    ("email", Msg::new("field.email")),
                    ("password", short),
                    ("password_confirm", Msg::new("field.mismatch")),
                ],
            ),
            self.mark(page("identifier_taken", 409), &[("email", Msg::new("identifier.taken"))]),
            self.mark(page("weak_password", 422), &[("password", Msg::new("password.weak"))]),
            self.refuse(page("backend_unreachable", 503), &Msg::new("backend.unreachable")),
        ]
    }

    fn welcome(&self) -> Vec<PageContext> {
        let page = |state, email: &str, name: &str| PageContext {
            user: Some(UserView {
                id: "42".to_owned(),
                email: email.to_owned(),
                name: name.to_owned(),
                claims: BTreeMap::from([("roles".to_owned(), serde_json::json!(["admin", "dev"]))]),
            }),
            session: Some(SessionView { expires_in: Some(1740), renews: true }),
            ..blank("welcome", state, 200, self.texts.sentence("title.welcome", &[]))
        };
        vec![
            page("default", EMAIL, "Ada Lovelace"),
            PageContext {
                session: Some(SessionView { expires_in: None, renews: false }),
                ..page("minimal_claims", "", "")
            },
            page("email_only", EMAIL, ""),
            page("hostile_name", HOSTILE, HOSTILE),
            page("rtl_name", EMAIL, "عائشة بنت أحمد"),
        ]
    }

    fn logout(&self) -> Vec<PageContext> {
        let page = |state, status| {
            let form = self.form("logout", &self.urls.logout, Vec::new());
            self.form_page("logout", state, status, form)
        };
        vec![
            page("confirm", 200),
            PageContext {
                csrf: Csrf { name: "csrf", token: "sample-token".to_owned() },
                ..self.refuse(page("csrf_expired", 403), &Msg::new("csrf.expired"))
            },
        ]
    }

    fn error(&self, status: u16) -> PageContext {
        let title = self.texts.sentence(&format!("error.{status}.title"), &[]);
        let detail = self.texts.sentence(&format!("error.{status}.detail"), &[]);
        let again = matches!(status, 502..=504);
        PageContext {
            retry: matches!(status, 429 | 503)
                .then(|| Retry { after_s: 90, text: self.texts.retry(90) }),
            error: Some(ErrorView {
                status,
                code: "sample".to_owned(),
                title: title.clone(),
                detail,
                request_id: REQUEST_ID.to_owned(),
                retry_url: if again { "/reports?year=2026".to_owned() } else { String::new() },
            }),
            ..blank("error", state_of(status), status, title)
        }
    }

    fn form_page(
        &self,
        id: &'static str,
        state: &'static str,
        status: u16,
        form: Form,
    ) -> PageContext {
        let title = self.texts.sentence(&format!("title.{id}"), &[]);
        PageContext { form: Some(form), ..blank(id, state, status, title) }
    }

    fn login_form(&self, email: &str) -> Form {
        let fields = vec![
            self.field("email", "email", "username", email, ""),
            self.field("password", "password", "current-password", "", ""),
        ];
        self.form("login", &self.urls.login, fields)
    }

    fn register_form(&self, email: &str) -> Form {
        let rule = self.texts.sentence("hint.new_password", &[("min", "12")]);
        let fields = vec![
            self.field("email", "email", "username", email, ""),
            self.field("password", "password", "new-password", "", &rule),
            self.field("password_confirm", "password", "new-password", "", ""),
        ];
        self.form("register", self.urls.register.as_deref().unwrap_or("/register"), fields)
    }

    fn form(&self, id: &str, action: &str, fields: Vec<Field>) -> Form {
        Form {
            id: id.to_owned(),
            action: action.to_owned(),
            intro: String::new(),
            submit: self.texts.sentence(&format!("submit.{id}"), &[]),
            htmx: false,
            fields,
            errors: Vec::new(),
            summary: Vec::new(),
            valid: true,
        }
    }

    fn field(
        &self,
        name: &str,
        kind: &'static str,
        autocomplete: &'static str,
        value: &str,
        hint: &str,
    ) -> Field {
        let hint_id = format!("{name}-hint");
        Field {
            id: name.to_owned(),
            name: name.to_owned(),
            kind,
            widget: kind,
            label: self.texts.sentence(&format!("label.{name}"), &[]),
            hint: hint.to_owned(),
            placeholder: String::new(),
            value: value.to_owned(),
            checked: false,
            required: true,
            readonly: false,
            autocomplete: autocomplete.into(),
            inputmode: if kind == "email" { "email" } else { "" }.into(),
            minlength: 0,
            maxlength: 0,
            min: String::new(),
            max: String::new(),
            rows: 0,
            options: Vec::new(),
            check_url: String::new(),
            errors: Vec::new(),
            invalid: false,
            describedby: if hint.is_empty() { String::new() } else { hint_id.clone() },
            hint_id,
            error_id: format!("{name}-error"),
        }
    }

    /// Puts errors at fields, and their words into the summary.
    fn mark(&self, mut page: PageContext, errors: &[(&str, Msg)]) -> PageContext {
        let Some(form) = &mut page.form else { return page };
        for field in &mut form.fields {
            let mine = errors.iter().filter(|(name, _)| *name == field.name);
            field.errors = mine
                .map(|(name, msg)| Message {
                    code: msg.code.to_string(),
                    text: self.texts.message(msg, Some((name, &field.label))),
                })
                .collect();
            if !field.errors.is_empty() {
                field.invalid = true;
                field.describedby = format!("{} {}", field.describedby, field.error_id);
                field.describedby = field.describedby.trim().to_owned();
            }
            form.summary.extend(field.errors.iter().map(|error| SummaryItem {
                href: if field.widget == "hidden" {
                    String::new()
                } else {
                    format!("#{}", field.id)
                },
                code: error.code.clone(),
                text: error.text.clone(),
            }));
        }
        form.valid = false;
        page
    }

    /// Puts an error at the form as a whole.
    fn refuse(&self, mut page: PageContext, msg: &Msg) -> PageContext {
        let Some(form) = &mut page.form else { return page };
        let (code, text) = (msg.code.to_string(), self.texts.message(msg, None));
        form.summary.push(SummaryItem {
            href: String::new(),
            code: code.clone(),
            text: text.clone(),
        });
        form.errors.push(Message { code, text });
        form.valid = false;
        page
    }

    fn notice(&self, code: &'static str, level: &'static str) -> Notice {
        Notice { code: code.into(), level, text: self.texts.sentence(code, &[]) }
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
        page: Page { id: id.into(), state, status, title },
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
    }
}

fn state_of(status: u16) -> &'static str {
    match status {
        400 => "400",
        401 => "401",
        403 => "403",
        404 => "404",
        405 => "405",
        408 => "408",
        413 => "413",
        415 => "415",
        422 => "422",
        429 => "429",
        500 => "500",
        502 => "502",
        503 => "503",
        _ => "504",
    }
}
