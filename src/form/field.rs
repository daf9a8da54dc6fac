//! One field of a form: what it holds, and what may be typed into it.

use std::borrow::Cow;

use regex::Regex;
use serde_json::Value;

/// What kind of thing a field holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FieldKind {
    /// One line of text.
    Text,
    /// An e-mail address.
    Email,
    /// A telephone number.
    Tel,
    /// A web address.
    Url,
    /// A number.
    Number,
    /// A secret: never shown again, never trimmed.
    Password,
    /// Several lines of text.
    Textarea,
    /// One of several, from a list that opens.
    Select,
    /// One of several, all in sight.
    Radio,
    /// Yes or no.
    Checkbox,
    /// Yes or no, shown as a switch.
    Switch,
    /// A day, as `2026-11-24` (ISO 8601).
    Date,
    /// Not shown.
    Hidden,
    /// No input at all: a paragraph between the fields.
    Static,
}

/// Parts of a name that say that what is typed there is a secret.
const SECRET_NAMES: [&str; 6] = ["password", "passwd", "passphrase", "passcode", "pwd", "secret"];

impl FieldKind {
    /// What an input holds, as far as its name tells.
    pub(crate) fn of(name: &str) -> Self {
        let lower = name.to_ascii_lowercase();
        if SECRET_NAMES.iter().any(|part| lower.contains(part)) || lower == "pin" {
            Self::Password
        } else if lower == "email" {
            Self::Email
        } else {
            Self::Text
        }
    }

    /// As it is written in auth.toml, and as themes know it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Email => "email",
            Self::Tel => "tel",
            Self::Url => "url",
            Self::Number => "number",
            Self::Password => "password",
            Self::Textarea => "textarea",
            Self::Select => "select",
            Self::Radio => "radio",
            Self::Checkbox => "checkbox",
            Self::Switch => "switch",
            Self::Date => "date",
            Self::Hidden => "hidden",
            Self::Static => "static",
        }
    }

    /// Whether what was typed may be sent back to the browser.
    pub(crate) fn may_be_echoed(self) -> bool {
        self != Self::Password
    }

    /// Whether anything can be typed or chosen.
    pub(crate) fn is_input(self) -> bool {
        self != Self::Static
    }

    /// Whether the answer is yes or no.
    pub(crate) fn is_yes_or_no(self) -> bool {
        matches!(self, Self::Checkbox | Self::Switch)
    }

    /// Whether it is one of the field's choices.
    pub(crate) fn is_choice(self) -> bool {
        matches!(self, Self::Select | Self::Radio)
    }

    /// Whether its length is counted.
    pub(crate) fn is_text(self) -> bool {
        matches!(
            self,
            Self::Text | Self::Email | Self::Tel | Self::Url | Self::Password | Self::Textarea
        )
    }
}

/// The least or the most that a number or a day may be.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Bound {
    Number(f64),
    /// As `2026-11-24`, so that texts compare as the days do.
    Date(String),
}

impl Bound {
    /// As it is shown, and as HTML has it.
    pub(crate) fn text(&self) -> String {
        match self {
            Self::Number(number) => number.to_string(),
            Self::Date(date) => date.clone(),
        }
    }
}

/// One of the things that can be chosen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Choice {
    /// What is sent.
    pub value: String,
    /// What is read.
    pub label: String,
}

/// What a field starts with. Both come from a template, whose placeholders are filled when the form is shown.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Given {
    /// A parameter of the page's query.
    Query(String),
    /// Something that is known of the user: `id`, `email`, `name` or a claim.
    User(String),
}

/// A piece of what a field starts with.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Start {
    /// As it stands in auth.toml.
    Constant(Value),
    Given(Given),
}

/// A pattern that must match the whole of what was typed.
#[derive(Clone, Debug)]
pub(crate) struct Pattern {
    /// Anchored at both ends.
    pub regex: Regex,
    /// As written, for who reads the specification.
    pub text: String,
}

/// One field of a form.
#[derive(Clone, Debug)]
pub(crate) struct FieldSpec {
    /// The input's name, which is also the placeholder's name in the backend call.
    pub name: String,
    /// What it holds.
    pub kind: FieldKind,
    /// What is written at it; the catalog knows `label.NAME` where nothing was declared.
    pub label: Option<String>,
    /// A sentence below the label.
    pub hint: Option<String>,
    /// An example inside the empty input.
    pub placeholder: String,
    /// What it starts with.
    pub start: Option<Start>,
    /// Whether it must be filled, or, where it is yes or no, be yes.
    pub required: bool,
    /// Shown and sent, and not changed by the visitor.
    pub readonly: bool,
    /// Fewest characters, 0 for no bound.
    pub min_length: usize,
    /// Most characters.
    pub max_length: usize,
    /// Least number, or first day.
    pub min: Option<Bound>,
    /// Most, or last day.
    pub max: Option<Bound>,
    /// What the whole of it must match.
    pub pattern: Option<Pattern>,
    /// What can be chosen.
    pub choices: Vec<Choice>,
    /// How hard a password must be to guess, 1 to 4; 0 for any.
    pub strength: u8,
    /// The `autocomplete` token (HTML standard, "autofill field name").
    pub autocomplete: Cow<'static, str>,
    /// The `inputmode` attribute; empty for what follows from the kind.
    pub inputmode: Cow<'static, str>,
    /// The field that it must repeat. A JSON caller may leave such a field out.
    pub must_equal: Option<String>,
    /// Lines of a textarea, 0 for the theme's default.
    pub rows: u32,
    /// Whether somebody may ask about this field alone while the form is being filled in.
    pub is_checked_early: bool,
}

/// The longest input that any field takes where nothing else is said. Bounds the work that a hostile body
/// can ask for; a password of this length is still hashed whole.
pub(crate) const MAX_LENGTH: usize = 1024;
/// The same for several lines.
pub(crate) const MAX_TEXTAREA: usize = 10_000;

impl FieldSpec {
    /// A field with nothing particular about it.
    pub(crate) fn new(name: impl Into<String>, kind: FieldKind) -> Self {
        Self {
            name: name.into(),
            kind,
            label: None,
            hint: None,
            placeholder: String::new(),
            start: None,
            required: false,
            readonly: false,
            min_length: 0,
            max_length: if kind == FieldKind::Textarea { MAX_TEXTAREA } else { MAX_LENGTH },
            min: None,
            max: None,
            pattern: None,
            choices: Vec::new(),
            strength: 0,
            autocomplete: Cow::Borrowed(""),
            inputmode: Cow::Borrowed(""),
            must_equal: None,
            rows: 0,
            is_checked_early: false,
        }
    }
}
