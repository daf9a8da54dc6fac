//! The registration.

use super::{EMAIL, HOSTILE, LONG_EMAIL, Typed, Writer, brands, field, locales};
use crate::form::field::{FieldKind, FieldSpec};
use crate::form::{FormSpec, Msg};
use crate::theme::context::PageContext;

/// The usual: as with `{{email}}` and `{{password}}` in the call.
fn spec() -> FormSpec {
    FormSpec::register(&["email".to_owned(), "password".to_owned()], 12)
}

/// With what else sites ask for.
fn whole_spec() -> FormSpec {
    let mut spec = spec();
    spec.intro = Some("Thirty days for nothing.".to_owned());
    spec.fields.insert(0, field("name", FieldKind::Text, "name"));
    let company = FieldSpec {
        label: Some("Where do you work?".to_owned()),
        required: false,
        ..field("company", FieldKind::Text, "organization")
    };
    let terms = FieldSpec {
        label: Some("I have read the terms".to_owned()),
        ..field("terms", FieldKind::Checkbox, "off")
    };
    spec.fields.extend([company, terms]);
    spec
}

impl Writer<'_> {
    pub(super) fn register(&self) -> Vec<PageContext> {
        let (spec, whole) = (spec(), whole_spec());
        let typed: Typed<'_> = &[("email", EMAIL)];
        let wrong = |sample, field, msg| self.wrong(&spec, sample, typed, vec![(field, msg)]);
        let said = |text: &str| Msg::new("input.refused").saying(Some(text.to_owned()));
        let taken = |sample, typed, msg| {
            let page = self.wrong(&spec, sample, typed, vec![("email", msg)]);
            let page_of = crate::theme::context::Page {
                state: "identifier_taken",
                status: 409,
                ..page.page.clone()
            };
            PageContext { page: page_of, ..page }
        };
        let required = || Msg::new("field.required");
        let mut all = vec![
            self.idle(&spec, "idle", &[]),
            self.idle(&spec, "prefilled", typed),
            self.wrong(
                &spec,
                "field_required",
                &[],
                vec![
                    ("email", required()),
                    ("password", required()),
                    ("password_confirm", required()),
                ],
            ),
            self.wrong(
                &spec,
                "field_errors",
                &[("email", "ada")],
                vec![
                    ("email", Msg::new("field.email")),
                    ("password", Msg::new("field.too_short").with("min", 12)),
                    ("password_confirm", Msg::new("field.mismatch")),
                ],
            ),
            wrong("weak_password", "password", Msg::new("password.weak")),
            wrong("common_password", "password", said(COMMON)),
            taken("identifier_taken", typed, Msg::new("identifier.taken")),
            taken(
                "hostile_input",
                &[("email", HOSTILE)],
                Msg::new("identifier.taken").saying(Some(HOSTILE.to_owned())),
            ),
            taken("long_input", &[("email", LONG_EMAIL)], Msg::new("identifier.taken")),
            self.refused(&spec, "refused", ("field_errors", 422), typed, said(CLOSED)),
            self.going_on(&spec, "next_present"),
            self.idle(&whole, "whole", &[]),
            self.wrong(
                &whole,
                "terms_unaccepted",
                &[("name", "Ada Lovelace"), ("email", EMAIL), ("company", "Acme")],
                vec![("terms", Msg::new("field.not_accepted"))],
            ),
            PageContext {
                brand: Some(brands::whole()),
                locales: locales("/register"),
                ..self.idle(&spec, "branded", &[])
            },
        ];
        all.extend(self.troubles(&spec, typed));
        all
    }
}

/// As the built-in backend says it.
const COMMON: &str = "This password is one of the most common ones.";
/// As some backend might say it.
const CLOSED: &str = "There are no new accounts at the moment.";
