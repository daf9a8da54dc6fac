//! Forms as data: which fields, what was typed, what is wrong with it. Codes only; the theme has the words.

pub(crate) mod builtin;
pub(crate) mod check;
pub(crate) mod field;
mod strength;

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::{Map, Value};

pub(crate) use self::field::{FieldKind, FieldSpec};
use crate::return_to::ReturnTo;

/// What can be said to a visitor: a stable code, its parameters and, if the backend said it, its words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Msg {
    /// Stable name, for example `field.required`. The theme's catalog has the sentence.
    pub code: Cow<'static, str>,
    /// Values that the sentence may mention, for example `min`.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub params: BTreeMap<&'static str, String>,
    /// The backend's own sentence, which wins over the catalog's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
}

impl Msg {
    /// A message known by its code alone.
    pub(crate) fn new(code: &'static str) -> Self {
        Self { code: Cow::Borrowed(code), params: BTreeMap::new(), text: None }
    }

    /// Adds a parameter.
    #[must_use]
    pub(crate) fn with(mut self, name: &'static str, value: impl std::fmt::Display) -> Self {
        self.params.insert(name, value.to_string());
        self
    }

    /// Uses the backend's words.
    #[must_use]
    pub(crate) fn saying(mut self, text: Option<String>) -> Self {
        self.text = text;
        self
    }
}

/// A form: its fields in the order in which they are shown, and the words that are its own.
#[derive(Clone, Debug)]
pub(crate) struct FormSpec {
    /// `login`, `register`, or the id of a declared form.
    pub id: Cow<'static, str>,
    /// Where it is.
    pub path: Cow<'static, str>,
    /// Instead of the catalog's `title.ID`.
    pub title: Option<String>,
    /// A sentence between the title and the fields.
    pub intro: Option<String>,
    /// Instead of the catalog's `submit.ID`.
    pub button: Option<String>,
    /// Sentences of this form that win over the catalog's, by the same keys.
    pub texts: BTreeMap<String, String>,
    /// In the order of the page.
    pub fields: Vec<FieldSpec>,
    /// Whether a name that is no field is a mistake; otherwise it is not looked at.
    pub refuse_unknown: bool,
    /// Where to go afterwards, unless the visitor was on the way to somewhere else.
    pub after: Option<ReturnTo>,
    /// Sent by HTMX, which puts the answer in the place of the form.
    pub htmx: bool,
}

/// What was typed, and what is wrong with it.
#[derive(Clone, Debug, Default)]
pub(crate) struct FormState {
    /// Only what may be shown again, as it was typed; `on` for yes.
    pub values: BTreeMap<String, String>,
    /// Errors of the form as a whole.
    pub errors: Vec<Msg>,
    /// Errors by field.
    pub field_errors: BTreeMap<String, Vec<Msg>>,
}

impl FormState {
    /// Whether nothing is wrong.
    pub(crate) fn is_valid(&self) -> bool {
        self.errors.is_empty() && self.field_errors.is_empty()
    }

    /// Adds an error of the form as a whole.
    #[must_use]
    pub(crate) fn with_error(mut self, msg: Msg) -> Self {
        self.errors.push(msg);
        self
    }
}

impl FormSpec {
    /// A form without fields.
    pub(crate) fn new(
        id: impl Into<Cow<'static, str>>,
        path: impl Into<Cow<'static, str>>,
    ) -> Self {
        Self {
            id: id.into(),
            path: path.into(),
            title: None,
            intro: None,
            button: None,
            texts: BTreeMap::new(),
            fields: Vec::new(),
            refuse_unknown: false,
            after: None,
            htmx: false,
        }
    }

    /// A field by its name.
    pub(crate) fn field(&self, name: &str) -> Option<&FieldSpec> {
        self.fields.iter().find(|field| field.name == name)
    }

    /// The form before anything was typed. `given` has what is known of the query and the user.
    pub(crate) fn untouched(&self, given: impl Fn(&field::Given) -> Option<String>) -> FormState {
        let mut state = FormState::default();
        for field in self.fields.iter().filter(|field| field.kind.may_be_echoed()) {
            let value = match &field.start {
                None => None,
                Some(field::Start::Constant(value)) => Some(as_text(value)),
                Some(field::Start::Given(what)) => given(what),
            };
            state.values.insert(field.name.clone(), value.unwrap_or_default());
        }
        state
    }

    /// What may be shown again of `input`, with no error yet.
    pub(crate) fn echo(&self, input: &Map<String, Value>) -> FormState {
        let values = self
            .fields
            .iter()
            .filter(|field| field.kind.may_be_echoed())
            .map(|field| (field.name.clone(), check::typed(field, input)))
            .collect();
        FormState { values, ..FormState::default() }
    }
}

/// A value as an input shows it; `on` for yes.
pub(crate) fn as_text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Bool(true) => "on".to_owned(),
        Value::Null | Value::Bool(false) => String::new(),
        other => other.to_string(),
    }
}
