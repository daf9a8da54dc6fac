//! What becomes of a declared form, and declared pages.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::people::ada;
use super::widgets::form;
use super::{EMAIL, HOSTILE, Typed, Writer, blank, field, locales, named, nav, told};
use crate::form::field::FieldKind;
use crate::form::{FormSpec, Msg};
use crate::theme::context::{Fetched, Notice, PageContext, SessionView};

impl Writer<'_> {
    pub(super) fn declared_forms(&self) -> Vec<PageContext> {
        let spec = form(vec![
            field("email", FieldKind::Email, "email"),
            field("message", FieldKind::Textarea, "off"),
        ]);
        let by_htmx = FormSpec { htmx: true, ..spec.clone() };
        let typed: Typed<'_> = &[("email", EMAIL), ("message", "Hello")];
        let news = || Notice::new("form.form", "success", self.theme.sentence("form.done"));
        let done = |sample| self.shown(&spec, sample, ("success", 200), &super::echo(&spec, &[]));
        let refused =
            |sample, answer, code| self.refused(&spec, sample, answer, typed, Msg::new(code));
        let mut all = vec![
            self.idle(&by_htmx, "htmx", &[]),
            self.wrong(
                &by_htmx,
                "field_errors",
                &[("email", "ada")],
                vec![("email", Msg::new("field.email")), ("message", Msg::new("field.required"))],
            ),
            refused("form_error", ("form_error", 422), "input.refused"),
            refused("conflict", ("form_error", 409), "input.conflict"),
            PageContext { form: None, ..told(done("success"), news()) },
            told(done("success_with_form"), news()),
            told(self.idle(&spec, "prefill_failed", &[]), self.notice("page.not_there", "warning")),
            PageContext {
                user: Some(ada()),
                nav: nav(),
                locales: locales("/sample"),
                ..self.idle(&spec, "signed_in", typed)
            },
        ];
        all.extend(self.troubles(&by_htmx, typed));
        all
    }

    pub(super) fn declared_pages(&self) -> Vec<PageContext> {
        let page = |sample, said: &str| {
            let mut page = named(blank("plain", "default", 200, "Sample page".to_owned()), sample);
            page.page.kind = "page";
            page.nav = nav();
            page.data = BTreeMap::from([("text".to_owned(), json!(said))]);
            page
        };
        let missing = || Fetched {
            ok: false,
            data: Value::Null,
            error: self.theme.sentence("page.not_there"),
        };
        let there = Fetched { ok: true, data: json!([{"id": 1}]), error: String::new() };
        let orders = |answer| BTreeMap::from([("orders".to_owned(), answer)]);
        let session = || Some(SessionView { expires_in: Some(1740), renews: true });
        let title = |title: &str, mut page: PageContext| {
            title.clone_into(&mut page.page.title);
            page
        };
        let mut code = page(
            "code",
            "The sign-in details are wrong; nobody says which. Ask for them again. (401)",
        );
        code.page.id = "problem".into();
        code.template = Some("page/plain.html".to_owned());
        vec![
            page("default", "We make things.\n\nAnd we like it."),
            PageContext { data: BTreeMap::new(), nav: Vec::new(), ..page("bare", "") },
            PageContext {
                user: Some(ada()),
                session: session(),
                fetched: orders(there),
                ..page("fetched", "Your orders")
            },
            PageContext {
                user: Some(ada()),
                session: session(),
                fetched: orders(missing()),
                ..page("fetch_failed", "Your orders")
            },
            told(page("notice", "We make things."), self.notice("session.logged_out", "success")),
            title(HOSTILE, page("hostile_text", HOSTILE)),
            page("long_text", &"We make things, and we like it. ".repeat(60)),
            PageContext { locales: locales("/sample"), ..page("locales", "We make things.") },
            title("credentials.invalid", code),
        ]
    }
}
