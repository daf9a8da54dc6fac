//! From a form's specification and state to what a template shows.

use std::borrow::Cow;

use super::Theme;
use super::context::{ChoiceView, Field, Form, Message, PasswordPolicy, SummaryItem};
use crate::form::field::{Bound, MAX_LENGTH};
use crate::form::{FieldKind, FieldSpec, FormSpec, FormState, Msg};
use crate::return_to::ReturnTo;

impl Theme {
    /// The form as the page shows it. The summary lists the errors of the form, then those of the
    /// fields in the order of the page, in the same words as at the fields.
    pub(crate) fn form_view(
        &self,
        spec: &FormSpec,
        state: &FormState,
        next: Option<&ReturnTo>,
    ) -> Form {
        let words = self.words(&spec.texts);
        let fields: Vec<Field> =
            spec.fields.iter().map(|field| self.field_view(spec, field, state)).collect();
        let errors: Vec<Message> =
            state.errors.iter().map(|msg| message(msg, words.message(msg, None))).collect();
        let of_form = errors.iter().map(|error| summary_item("", String::new(), error));
        let of_fields = fields.iter().flat_map(|field| {
            // Nobody can go to what is not shown.
            let is_shown = field.widget != "hidden";
            let href = if is_shown { format!("#{}", field.id) } else { String::new() };
            field.errors.iter().map(move |error| summary_item(&field.name, href.clone(), error))
        });
        // What the form does not have is at no field.
        let of_others = state.field_errors.iter().filter(|(name, _)| spec.field(name).is_none());
        let of_others = of_others.flat_map(|(name, errors)| {
            errors.iter().map(|msg| {
                let error = message(msg, words.message(msg, Some((name, name))));
                summary_item(name, String::new(), &error)
            })
        });
        let submit = format!("submit.{}", spec.id);
        let known = self.declared(|| format!("form.{}.button", spec.id));
        let known = known.or_else(|| spec.button.clone()).or_else(|| words.find(&submit, &[]));
        Form {
            id: spec.id.to_string(),
            action: with_next(&spec.path, next),
            method: Form::METHOD,
            enctype: Form::ENCTYPE,
            novalidate: true,
            intro: self
                .declared(|| format!("form.{}.intro", spec.id))
                .or_else(|| spec.intro.clone())
                .unwrap_or_default(),
            submit: known.unwrap_or_else(|| words.sentence("submit.other", &[])),
            htmx: spec.htmx,
            summary: of_form.chain(of_fields).chain(of_others).collect(),
            valid: state.is_valid(),
            password_policy: password_policy(spec, &fields),
            by_name: Form::named(&fields),
            fields,
            errors,
        }
    }

    /// The heading of a form's page.
    pub(crate) fn title(&self, spec: &FormSpec) -> String {
        let catalog = || self.words(&spec.texts).sentence(&format!("title.{}", spec.id), &[]);
        let own = self.declared(|| format!("form.{}.title", spec.id));
        own.or_else(|| spec.title.clone()).unwrap_or_else(catalog)
    }

    /// What is written at a field.
    pub(crate) fn label(&self, spec: &FormSpec, field: &FieldSpec) -> String {
        let catalog = || self.words(&spec.texts).sentence(&format!("label.{}", field.name), &[]);
        let own = self.own_of_field(spec, field, "label");
        own.or_else(|| field.label.clone()).unwrap_or_else(catalog)
    }

    /// The site's own words for a part of a field, in this language.
    fn own_of_field(&self, form: &FormSpec, field: &FieldSpec, part: &str) -> Option<String> {
        self.declared(|| format!("form.{}.{part}.{}", form.id, field.name))
    }

    /// One field as it is shown.
    pub(crate) fn field_view(&self, form: &FormSpec, spec: &FieldSpec, state: &FormState) -> Field {
        let words = self.words(&form.texts);
        let id = format!("field-{}", spec.name);
        let label = self.label(form, spec);
        let said = |msg: &Msg| {
            // What nobody sees nobody can fill in: it comes with the link that led here.
            if spec.kind == FieldKind::Hidden && msg.code == "field.required" {
                let own = words.find(&format!("field.required.{}", spec.name), &[]);
                let text = || words.sentence("field.required_hidden", &[]);
                return message(msg, own.unwrap_or_else(text));
            }
            message(msg, words.message(msg, Some((&spec.name, &label))))
        };
        let errors: Vec<Message> = state
            .field_errors
            .get(&spec.name)
            .map(|errors| errors.iter().map(said).collect())
            .unwrap_or_default();
        let own = |part: &str| self.own_of_field(form, spec, part);
        let hint = match own("hint").or_else(|| spec.hint.clone()) {
            Some(hint) => hint,
            None if spec.autocomplete == "new-password"
                && spec.must_equal.is_none()
                && spec.min_length > 0 =>
            {
                let min = spec.min_length.to_string();
                words.sentence("hint.new_password", &[("min", &min)])
            }
            None => String::new(),
        };
        let (hint_id, error_id) = (format!("{id}-hint"), format!("{id}-error"));
        let mut described = Vec::new();
        if !hint.is_empty() {
            described.push(hint_id.as_str());
        }
        if !errors.is_empty() {
            described.push(error_id.as_str());
        }
        // Only what may be echoed is in the state; a password has no value by construction.
        let value = state.values.get(&spec.name).cloned().unwrap_or_default();
        let bound = |bound: &Option<Bound>| bound.as_ref().map_or_else(String::new, Bound::text);
        Field {
            describedby: described.join(" "),
            name: spec.name.clone(),
            kind: input_type(spec.kind),
            widget: spec.kind.name(),
            label,
            hint,
            placeholder: own("placeholder").unwrap_or_else(|| spec.placeholder.clone()),
            checked: spec.kind.is_yes_or_no() && value == "on",
            options: spec
                .choices
                .iter()
                .enumerate()
                .map(|(index, choice)| ChoiceView {
                    // The first one has the field's own id, which the summary links to.
                    id: if index == 0 { id.clone() } else { format!("{id}-{index}") },
                    value: choice.value.clone(),
                    label: self
                        .declared(|| {
                            format!("form.{}.option.{}.{}", form.id, spec.name, choice.value)
                        })
                        .unwrap_or_else(|| choice.label.clone()),
                    selected: choice.value == value,
                })
                .collect(),
            value,
            required: is_required(form, spec),
            readonly: spec.readonly,
            autocomplete: spec.autocomplete.clone(),
            inputmode: match spec.kind {
                FieldKind::Email if spec.inputmode.is_empty() => Cow::Borrowed("email"),
                _ => spec.inputmode.clone(),
            },
            enterkeyhint: enter_key(form, spec),
            autocapitalize: if is_spelled(spec) { "" } else { "none" },
            spellcheck: is_spelled(spec),
            minlength: spec.min_length,
            maxlength: if spec.kind.is_text() && spec.max_length < MAX_LENGTH {
                spec.max_length
            } else {
                0
            },
            min: bound(&spec.min),
            max: bound(&spec.max),
            step: if spec.kind == FieldKind::Number { "any" } else { "" },
            rows: spec.rows,
            check_url: if spec.is_checked_early || spec.strength > 0 {
                format!("{}?check={}", form.path, spec.name)
            } else {
                String::new()
            },
            invalid: !errors.is_empty(),
            errors,
            hint_id,
            error_id,
            id,
        }
    }
}

/// What repeats something that must be there must be there as well.
fn is_required(form: &FormSpec, spec: &FieldSpec) -> bool {
    let repeated = spec.must_equal.as_ref().and_then(|name| form.field(name));
    spec.required || repeated.is_some_and(|field| field.required)
}

/// The `type` of an input; what has none of its own is of no concern to it.
fn input_type(kind: FieldKind) -> &'static str {
    match kind {
        FieldKind::Switch => "checkbox",
        FieldKind::Textarea | FieldKind::Select | FieldKind::Static => "text",
        other => other.name(),
    }
}

/// What is typed there is a sentence, a name or the like, and no address and no secret.
fn is_spelled(spec: &FieldSpec) -> bool {
    let is_literal = matches!(spec.kind, FieldKind::Email | FieldKind::Url | FieldKind::Password);
    !is_literal && spec.autocomplete != "username"
}

/// What the key of a keyboard on the screen does: on to the next field, or off with the form.
fn enter_key(form: &FormSpec, spec: &FieldSpec) -> &'static str {
    let is_line = spec.kind.is_text() && spec.kind != FieldKind::Textarea;
    if !is_line && spec.kind != FieldKind::Number {
        return "";
    }
    let is_seen = |kind: FieldKind| kind.is_input() && kind != FieldKind::Hidden;
    let last = form.fields.iter().rfind(|field| is_seen(field.kind));
    if last.is_some_and(|last| last.name == spec.name) { "go" } else { "next" }
}

/// What the first new password of a form has to be.
fn password_policy(form: &FormSpec, fields: &[Field]) -> Option<PasswordPolicy> {
    let is_new =
        |spec: &&FieldSpec| spec.autocomplete == "new-password" && spec.must_equal.is_none();
    let spec = form.fields.iter().find(is_new)?;
    let shown = fields.iter().find(|field| field.name == spec.name)?;
    Some(PasswordPolicy {
        field: spec.name.clone(),
        min: spec.min_length,
        max: spec.max_length,
        strength: spec.strength,
        text: shown.hint.clone(),
    })
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

fn message(msg: &Msg, text: String) -> Message {
    Message { code: msg.code.to_string(), text, params: msg.params.clone() }
}

fn summary_item(field: &str, href: String, error: &Message) -> SummaryItem {
    SummaryItem {
        href,
        field: field.to_owned(),
        code: error.code.clone(),
        text: error.text.clone(),
    }
}
