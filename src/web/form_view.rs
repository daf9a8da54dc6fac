//! From a form's specification and state to what a template shows.

use super::App;
use super::error::FieldProblem;
use crate::form::{FieldKind, FieldSpec, FormSpec, FormState, Msg};
use crate::return_to::ReturnTo;
use crate::theme::context::{Field, Form, Message, SummaryItem};

impl App {
    /// The form as the page shows it. The summary lists the errors of the form, then those of the
    /// fields in the order of the page, in the same words as at the fields.
    pub(crate) fn form_view(
        &self,
        spec: &FormSpec,
        state: &FormState,
        next: Option<&ReturnTo>,
    ) -> Form {
        let fields: Vec<Field> =
            spec.fields.iter().map(|field| self.field_view(field, state)).collect();
        let errors: Vec<Message> = state.errors.iter().map(|msg| self.message(msg)).collect();
        let of_form = errors.iter().map(|error| summary_item(String::new(), error));
        let of_fields = fields.iter().flat_map(|field| {
            field.errors.iter().map(|error| summary_item(format!("#{}", field.id), error))
        });
        Form {
            id: spec.id.to_owned(),
            action: with_next(&format!("/{}", spec.id), next),
            submit: self.theme.sentence(&format!("submit.{}", spec.id)),
            summary: of_form.chain(of_fields).collect(),
            valid: state.is_valid(),
            fields,
            errors,
        }
    }

    fn field_view(&self, spec: &FieldSpec, state: &FormState) -> Field {
        let id = format!("field-{}", spec.name);
        let label = self.theme.sentence(&format!("label.{}", spec.name));
        let message = |msg: &Msg| Message {
            code: msg.code.to_string(),
            text: self.theme.field_text(msg, &spec.name, &label),
        };
        let errors: Vec<Message> = state
            .field_errors
            .get(&spec.name)
            .map(|errors| errors.iter().map(message).collect())
            .unwrap_or_default();
        let hint = if spec.autocomplete == "new-password"
            && spec.must_equal.is_none()
            && spec.min_length > 0
        {
            let min = spec.min_length.to_string();
            self.theme.sentence_with("hint.new_password", &[("min", &min)])
        } else {
            String::new()
        };
        let (hint_id, error_id) = (format!("{id}-hint"), format!("{id}-error"));
        let mut described = Vec::new();
        if !hint.is_empty() {
            described.push(hint_id.as_str());
        }
        if !errors.is_empty() {
            described.push(error_id.as_str());
        }
        Field {
            describedby: described.join(" "),
            name: spec.name.clone(),
            kind: spec.kind.input_type(),
            label,
            hint,
            // Only what may be echoed is in the state; a password has no value by construction.
            value: state.values.get(&spec.name).cloned().unwrap_or_default(),
            required: spec.required,
            autocomplete: spec.autocomplete,
            inputmode: if spec.kind == FieldKind::Email { "email" } else { "" },
            minlength: spec.min_length,
            invalid: !errors.is_empty(),
            errors,
            hint_id,
            error_id,
            id,
        }
    }

    fn message(&self, msg: &Msg) -> Message {
        Message { code: msg.code.to_string(), text: self.theme.text(msg) }
    }
}

/// The field errors of a state in the order of the form, for a problem document.
pub(crate) fn field_problems(spec: &FormSpec, state: &FormState) -> Vec<FieldProblem> {
    spec.fields
        .iter()
        .filter_map(|field| Some((field, state.field_errors.get(&field.name)?)))
        .flat_map(|(field, errors)| {
            errors.iter().map(|msg| FieldProblem { field: field.name.clone(), msg: msg.clone() })
        })
        .collect()
}

/// `/login?next=…`, or without the query where there is nowhere to go on to.
pub(crate) fn with_next(path: &str, next: Option<&ReturnTo>) -> String {
    match next {
        None => path.to_owned(),
        Some(next) => {
            let start = path.len() + 1;
            let mut query = form_urlencoded::Serializer::for_suffix(format!("{path}?"), start);
            query.append_pair("next", next.as_str());
            query.finish()
        }
    }
}

fn summary_item(href: String, error: &Message) -> SummaryItem {
    SummaryItem { href, code: error.code.clone(), text: error.text.clone() }
}
