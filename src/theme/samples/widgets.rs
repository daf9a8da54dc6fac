//! What a form may be made of: each kind of field alone, and many at once.

use super::{HOSTILE, Typed, Writer, echo};
use crate::form::field::{Bound, Choice, FieldKind, FieldSpec};
use crate::form::{FormSpec, Msg};
use crate::theme::context::PageContext;

/// A kind of field, the samples of a form with it alone, and what is typed: first right, then wrong.
struct Widget {
    kind: FieldKind,
    samples: [&'static str; 3],
    right: &'static str,
    wrong: &'static str,
    error: &'static str,
}

macro_rules! widget {
    ($kind:ident, $name:literal, $right:literal, $wrong:literal, $error:literal) => {
        Widget {
            kind: FieldKind::$kind,
            samples: [concat!($name, "_idle"), concat!($name, "_filled"), concat!($name, "_error")],
            right: $right,
            wrong: $wrong,
            error: $error,
        }
    };
}

const WIDGETS: [Widget; 14] = [
    widget!(Text, "text", "Ada", "A\u{1F600}a", "field.pattern"),
    widget!(Email, "email", "ada@example.com", "ada", "field.email"),
    widget!(Tel, "tel", "+49 30 123456", "call me", "field.tel"),
    widget!(Url, "url", "https://example.com", "example", "field.url"),
    widget!(Number, "number", "2", "9", "field.too_large"),
    widget!(Password, "password", "", "", "password.weak"),
    widget!(Textarea, "textarea", "Two\nlines", "", "field.required"),
    widget!(Select, "select", "m", "", "field.required"),
    widget!(Radio, "radio", "m", "", "field.choice"),
    widget!(Checkbox, "checkbox", "on", "", "field.not_accepted"),
    widget!(Switch, "switch", "on", "", "field.not_accepted"),
    widget!(Date, "date", "2026-11-24", "1999-12-31", "field.too_early"),
    widget!(Hidden, "hidden", "abc", "", "field.required"),
    widget!(Static, "static", "", "", ""),
];

impl Widget {
    /// A field of this kind, as somebody may declare it.
    fn spec(&self, name: &str) -> FieldSpec {
        let kind = self.kind;
        let sizes = [("s", "Small"), ("m", "Medium, for most"), ("l", "Large")];
        let choice = |(value, label): (&str, &str)| Choice {
            value: value.to_owned(),
            label: label.to_owned(),
        };
        let bounds = match kind {
            FieldKind::Number => [Some(Bound::Number(0.0)), Some(Bound::Number(3.0))],
            FieldKind::Date => [Some(Bound::Date("2000-01-01".to_owned())), None],
            _ => [None, None],
        };
        let [min, max] = bounds;
        let is_silent = matches!(kind, FieldKind::Hidden | FieldKind::Static);
        FieldSpec {
            hint: Some("A sentence that helps.".to_owned()).filter(|_| !is_silent),
            placeholder: if kind == FieldKind::Text { "Like this" } else { "" }.to_owned(),
            required: !matches!(kind, FieldKind::Tel | FieldKind::Static),
            choices: if kind.is_choice() { sizes.map(choice).into() } else { Vec::new() },
            min,
            max,
            max_length: if kind == FieldKind::Textarea { 200 } else { 1024 },
            autocomplete: "off".into(),
            ..FieldSpec::new(name, kind)
        }
    }
}

/// A form that somebody may declare.
pub(super) fn form(fields: Vec<FieldSpec>) -> FormSpec {
    FormSpec {
        title: Some("Sample form".to_owned()),
        intro: Some("A sentence that says what this is for.".to_owned()),
        fields,
        ..FormSpec::new("form", "/sample")
    }
}

/// Every kind of field, with a value that fits where it is `filled`.
fn each() -> FormSpec {
    form(WIDGETS.iter().map(|it| it.spec(it.kind.name())).collect())
}

fn filled() -> Vec<(&'static str, &'static str)> {
    WIDGETS.iter().map(|it| (it.kind.name(), it.right)).collect()
}

impl Writer<'_> {
    pub(super) fn widgets(&self) -> Vec<PageContext> {
        let mut all = Vec::new();
        for widget in &WIDGETS {
            let name = widget.kind.name();
            let spec = form(vec![widget.spec(name)]);
            let [idle, filled, wrong] = widget.samples;
            all.push(self.idle(&spec, idle, &[]));
            if widget.kind == FieldKind::Static {
                continue;
            }
            // Nothing of a password is ever filled in.
            if widget.kind.may_be_echoed() {
                all.push(self.idle(&spec, filled, &[(name, widget.right)]));
            }
            let msg = Msg::new(widget.error).with("min", "2000-01-01").with("max", 3);
            all.push(self.wrong(&spec, wrong, &[(name, widget.wrong)], vec![(name, msg)]));
        }
        all.extend(self.several());
        all
    }

    fn several(&self) -> Vec<PageContext> {
        let mut readonly = each();
        readonly.fields.iter_mut().for_each(|field| field.readonly = true);
        let twenty = |name: fn(usize) -> String| {
            let fields = (0..20).map(|at| FieldSpec {
                required: at % 2 == 0,
                ..WIDGETS[at % WIDGETS.len()].spec(&name(at))
            });
            form(fields.collect())
        };
        let twenty = twenty(|at| format!("{}_{at}", WIDGETS[at % WIDGETS.len()].kind.name()));
        let wrong = twenty.fields.iter().filter(|field| field.kind.is_input());
        let wrong: Vec<(&str, Msg)> =
            wrong.map(|field| (&*field.name, Msg::new("field.required"))).collect();
        let checked = form(vec![
            FieldSpec { is_checked_early: true, ..WIDGETS[0].spec("user_name") },
            FieldSpec {
                strength: 3,
                min_length: 12,
                hint: None,
                autocomplete: "new-password".into(),
                ..WIDGETS[5].spec("password")
            },
        ]);
        let typed: Typed<'_> = &[("user_name", "ada")];
        let strange = |words: &str| {
            form(vec![FieldSpec {
                label: Some(words.to_owned()),
                hint: Some(words.to_owned()),
                placeholder: words.to_owned(),
                ..WIDGETS[0].spec("strange")
            }])
        };
        let hostile = FormSpec {
            title: Some(HOSTILE.to_owned()),
            intro: Some(HOSTILE.to_owned()),
            button: Some(HOSTILE.to_owned()),
            ..strange(HOSTILE)
        };
        let long = FormSpec {
            title: Some(LONG.to_owned()),
            intro: Some(LONG.to_owned()),
            ..strange(LONG)
        };
        let rtl = FormSpec { title: Some(RTL.to_owned()), ..strange(RTL) };
        let said = Msg::new("input.refused").saying(Some(LONG.to_owned()));
        vec![
            self.idle(&form(Vec::new()), "no_fields", &[]),
            self.idle(&twenty, "twenty_fields", &[]),
            self.wrong(&twenty, "twenty_errors", &[], wrong),
            self.idle(&readonly, "readonly", &filled()),
            self.idle(&each(), "prefilled", &filled()),
            self.idle(&checked, "checked", typed),
            self.wrong(
                &checked,
                "checked_error",
                typed,
                vec![
                    ("user_name", Msg::new("field.refused")),
                    ("password", Msg::new("password.weak")),
                ],
            ),
            self.idle(&hostile, "hostile_words", &[("strange", HOSTILE)]),
            self.wrong(&long, "long_words", &[("strange", LONG)], vec![("strange", said)]),
            self.idle(&rtl, "rtl_words", &[("strange", RTL)]),
            self.shown(&form(Vec::new()), "unknown_field", ("field_errors", 422), &{
                let mut state = echo(&form(Vec::new()), &[]);
                state.field_errors.insert("nothing".to_owned(), vec![Msg::new("field.unknown")]);
                state
            }),
        ]
    }
}

const LONG: &str = "Rindfleischetikettierungsüberwachungsaufgabenübertragungsgesetz and everything that one has to know \
    about it before one may send this form, with as many words as people write who have never seen the page";
const RTL: &str = "الاسم الكامل كما هو مكتوب في جواز السفر";
