//! What a site may declare: a form of each kind of field and of each length, and pages.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::{Csrf, EMAIL, HOSTILE, Notice, PageContext, Retry, UserView, Writer, blank};
use crate::form::Msg;
use crate::theme::context::{ChoiceView, Fetched, Field, Form, NavLink};

/// A kind of field, the states of a form with it alone, and what is typed: first right, then wrong.
struct Widget {
    name: &'static str,
    states: [&'static str; 3],
    right: &'static str,
    wrong: &'static str,
    error: &'static str,
}

macro_rules! widget {
    ($name:literal, $right:literal, $wrong:literal, $error:literal) => {
        Widget {
            name: $name,
            states: [concat!($name, "_idle"), concat!($name, "_filled"), concat!($name, "_error")],
            right: $right,
            wrong: $wrong,
            error: $error,
        }
    };
}

const WIDGETS: [Widget; 14] = [
    widget!("text", "Ada", "A\u{1F600}a", "field.pattern"),
    widget!("email", "ada@example.com", "ada", "field.email"),
    widget!("tel", "+49 30 123456", "call me", "field.tel"),
    widget!("url", "https://example.com", "example", "field.url"),
    widget!("number", "2", "9", "field.too_large"),
    widget!("password", "", "", "password.weak"),
    widget!("textarea", "Two\nlines", "", "field.required"),
    widget!("select", "m", "", "field.required"),
    widget!("radio", "m", "", "field.choice"),
    widget!("checkbox", "on", "", "field.not_accepted"),
    widget!("switch", "on", "", "field.not_accepted"),
    widget!("date", "2026-11-24", "1999-12-31", "field.too_early"),
    widget!("hidden", "abc", "", "field.required"),
    widget!("static", "", "", ""),
];

impl Writer<'_> {
    pub(super) fn declared_forms(&self) -> Vec<PageContext> {
        let mut all = Vec::new();
        for widget in &WIDGETS {
            let [idle, filled, wrong] = widget.states;
            let page = |state, value: &str, status| {
                let fields = vec![self.widget(widget.name, widget.name, value)];
                self.declared_form(state, status, fields)
            };
            all.push(page(idle, "", 200));
            if widget.name != "static" {
                all.push(page(filled, widget.right, 200));
                let msg = Msg::new(widget.error).with("min", "2000-01-01").with("max", 3);
                all.push(self.mark(page(wrong, widget.wrong, 422), &[(widget.name, msg)]));
            }
        }
        all.extend(self.lengths());
        all.extend(self.outcomes());
        all
    }

    fn lengths(&self) -> Vec<PageContext> {
        let each = |filled: bool| -> Vec<Field> {
            let value = |it: &Widget| if filled { it.right } else { "" };
            WIDGETS.iter().map(|it| self.widget(it.name, it.name, value(it))).collect()
        };
        let readonly = each(true).into_iter().map(|field| Field { readonly: true, ..field });
        let twenty: Vec<Field> = (0..20)
            .map(|at| {
                let widget = &WIDGETS[at % WIDGETS.len()];
                let field = self.widget(widget.name, &format!("{}_{at}", widget.name), "");
                Field { required: at % 2 == 0, ..field }
            })
            .collect();
        let checked = |value: &str| {
            let text = self.widget("text", "user_name", value);
            let password = self.widget("password", "password", "");
            [text, password]
                .map(|field| Field { check_url: format!("/sample?check={}", field.name), ..field })
        };
        let strange = Field {
            label: HOSTILE.to_owned(),
            hint: HOSTILE.to_owned(),
            placeholder: HOSTILE.to_owned(),
            ..self.widget("text", "strange", HOSTILE)
        };
        let empty = self.declared_form("no_fields", 200, Vec::new());
        vec![
            empty,
            self.declared_form("twenty_fields", 200, twenty),
            self.declared_form("readonly", 200, readonly.collect()),
            self.declared_form("prefilled", 200, each(true)),
            self.declared_form("checked", 200, checked("ada").into()),
            self.mark(
                self.declared_form("checked_error", 422, checked("ada").into()),
                &[
                    ("user_name", Msg::new("field.refused")),
                    ("password", Msg::new("password.weak")),
                ],
            ),
            self.declared_form("hostile_words", 200, vec![strange]),
        ]
    }

    fn outcomes(&self) -> Vec<PageContext> {
        let page = |state, status| {
            let fields = vec![
                self.widget("email", "email", EMAIL),
                self.widget("textarea", "message", "Hello"),
            ];
            self.declared_form(state, status, fields)
        };
        let by_htmx = |mut page: PageContext| {
            if let Some(form) = &mut page.form {
                form.htmx = true;
            }
            page
        };
        let refused = |state, status, code| self.refuse(page(state, status), &Msg::new(code));
        let retry = |page, after_s| PageContext {
            retry: Some(Retry { after_s, text: self.texts.retry(after_s) }),
            ..page
        };
        let news = || Notice {
            code: "form.sample".into(),
            level: "success",
            text: self.texts.sentence("form.done", &[]),
        };
        vec![
            by_htmx(page("htmx", 200)),
            by_htmx(self.mark(
                page("field_errors", 422),
                &[("email", Msg::new("field.email")), ("message", Msg::new("field.required"))],
            )),
            by_htmx(refused("form_error", 422, "input.refused")),
            refused("conflict", 409, "input.conflict"),
            by_htmx(retry(refused("rate_limited", 429, "rate_limited"), 40)),
            by_htmx(retry(refused("backend_unreachable", 503, "backend.unreachable"), 5)),
            refused("backend_timeout", 504, "backend.timeout"),
            refused("backend_error", 502, "backend.error"),
            PageContext {
                csrf: Csrf { name: "csrf", token: "sample-token".to_owned() },
                ..refused("csrf_expired", 403, "csrf.expired")
            },
            PageContext { form: None, notices: vec![news()], ..page("success", 200) },
            PageContext { notices: vec![news()], ..page("success_with_form", 200) },
            PageContext {
                notices: vec![self.notice("page.not_there", "warning")],
                ..page("prefill_failed", 200)
            },
        ]
    }

    pub(super) fn declared_pages(&self) -> Vec<PageContext> {
        let link = |label: &str, url: &str, current| NavLink {
            label: label.to_owned(),
            url: url.to_owned(),
            current,
        };
        let text = |text: &str| BTreeMap::from([("text".to_owned(), json!(text))]);
        let page = |state, said: &str| PageContext {
            nav: vec![
                link("Sample page", "/sample", true),
                link("Contact", "/contact", false),
                link("Reports of the year", "/reports", false),
            ],
            data: text(said),
            ..blank("plain", state, 200, "Sample page".to_owned())
        };
        let missing = Fetched {
            ok: false,
            data: Value::Null,
            error: self.texts.sentence("page.not_there", &[]),
        };
        let there = Fetched { ok: true, data: json!([{"id": 1}]), error: String::new() };
        let user = UserView {
            id: "42".to_owned(),
            email: EMAIL.to_owned(),
            name: "Ada Lovelace".to_owned(),
            claims: BTreeMap::new(),
        };
        vec![
            page("default", "We make things.\n\nAnd we like it."),
            PageContext { data: BTreeMap::new(), nav: Vec::new(), ..page("bare", "") },
            PageContext {
                user: Some(user),
                fetched: BTreeMap::from([("orders".to_owned(), there)]),
                ..page("fetched", "Your orders")
            },
            PageContext {
                fetched: BTreeMap::from([("orders".to_owned(), missing)]),
                ..page("fetch_failed", "Your orders")
            },
            PageContext {
                notices: vec![self.notice("session.logged_out", "success")],
                ..page("notice", "We make things.")
            },
            page("hostile_text", HOSTILE),
        ]
    }

    fn declared_form(&self, state: &'static str, status: u16, fields: Vec<Field>) -> PageContext {
        let form = Form {
            intro: "A sentence that says what this is for.".to_owned(),
            submit: self.texts.sentence("submit.other", &[]),
            ..self.form("sample", "/sample", fields)
        };
        PageContext { form: Some(form), ..blank("form", state, status, "Sample form".to_owned()) }
    }

    /// A field of this kind, as the form's specification would make it.
    fn widget(&self, widget: &'static str, name: &str, value: &str) -> Field {
        let kind = match widget {
            "switch" => "checkbox",
            "textarea" | "select" | "static" => "text",
            other => other,
        };
        let hint =
            if matches!(widget, "hidden" | "static") { "" } else { "A sentence that helps." };
        let choice = |(at, (value_of, label)): (usize, (&str, &str))| ChoiceView {
            id: if at == 0 { name.to_owned() } else { format!("{name}-{at}") },
            value: value_of.to_owned(),
            label: label.to_owned(),
            selected: value_of == value,
        };
        let sizes = [("s", "Small"), ("m", "Medium, for most"), ("l", "Large")];
        let is_choice = matches!(widget, "select" | "radio");
        let is_bounded =
            |bound: &str| if widget == "number" { bound.to_owned() } else { String::new() };
        Field {
            widget,
            checked: kind == "checkbox" && value == "on",
            options: if is_choice {
                sizes.into_iter().enumerate().map(choice).collect()
            } else {
                Vec::new()
            },
            placeholder: if widget == "text" { "Like this".to_owned() } else { String::new() },
            min: is_bounded("0"),
            max: is_bounded("3"),
            required: widget != "tel",
            maxlength: if widget == "textarea" { 200 } else { 0 },
            ..self.field(name, kind, "off", value, hint)
        }
    }
}
