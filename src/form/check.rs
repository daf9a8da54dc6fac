//! What was typed, held against the form: every mistake at once, and the values with their types.

use std::collections::BTreeMap;

use serde_json::{Map, Number, Value};

use super::field::{Bound, FieldKind, FieldSpec};
use super::{FormSpec, FormState, Msg};

/// What was submitted, and what is peculiar about it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Input<'a> {
    pub values: &'a Map<String, Value>,
    /// Names that came more than once.
    pub repeated: &'a [String],
    /// JSON callers may leave confirmations out.
    pub is_json: bool,
    /// Names that belong to the request and not to the form.
    pub besides: &'a [&'a str],
}

/// How many names that are no fields are told. A body has room for thousands of them, and an answer that names
/// each would be larger than the body.
const MOST_UNKNOWN: usize = 10;

impl FormSpec {
    /// Checks `input` against the form and collects every mistake, field by field.
    ///
    /// The values that come back are complete and typed: one for each field but confirmations and
    /// paragraphs; a number is a number, yes or no a boolean, and what was left empty is null where
    /// an empty text would be no value of its kind.
    pub(crate) fn check(&self, input: Input<'_>) -> Result<BTreeMap<String, Value>, FormState> {
        let mut state = self.echo(input.values);
        let mut values = BTreeMap::new();
        for field in self.fields.iter().filter(|field| field.kind.is_input()) {
            match self.value(field, input) {
                Err(error) => drop(state.field_errors.insert(field.name.clone(), vec![error])),
                Ok(value) if field.must_equal.is_none() => {
                    values.insert(field.name.clone(), value);
                }
                Ok(_) => {}
            }
        }
        if self.refuse_unknown {
            let unknown = input.values.keys().filter(|name| {
                !input.besides.contains(&name.as_str())
                    && self.field(name).is_none_or(|field| !field.kind.is_input())
            });
            for name in unknown.take(MOST_UNKNOWN) {
                state.field_errors.insert(name.clone(), vec![Msg::new("field.unknown")]);
            }
        }
        if state.is_valid() { Ok(values) } else { Err(state) }
    }

    /// What is wrong with one field alone.
    pub(crate) fn check_field(&self, field: &FieldSpec, input: Input<'_>) -> Result<Value, Msg> {
        self.value(field, input)
    }

    fn value(&self, field: &FieldSpec, input: Input<'_>) -> Result<Value, Msg> {
        if input.repeated.contains(&field.name) {
            return Err(Msg::new("field.repeated"));
        }
        let sent = input.values.get(&field.name);
        if let Some(other) = &field.must_equal {
            if input.is_json && sent.is_none() {
                return Ok(Value::Null);
            }
            let first = self.field(other).map(|field| typed(field, input.values));
            let same = first.as_deref() == Some(&typed(field, input.values));
            return if same { Ok(Value::Null) } else { Err(Msg::new("field.mismatch")) };
        }
        if field.kind.is_yes_or_no() {
            return yes_or_no(field, sent);
        }
        if field.kind == FieldKind::Number {
            return number(field, sent);
        }
        if !matches!(sent, None | Some(Value::Null | Value::String(_))) {
            return Err(Msg::new("field.not_text"));
        }
        let value = text(field, typed(field, input.values))?;
        let password = value.as_str().unwrap_or_default();
        if !self.is_hard_to_guess(field, password, input.values) {
            return Err(Msg::new("password.weak"));
        }
        Ok(value)
    }
}

/// What was typed into a field. Blanks around an address are the phone keyboard's, not the visitor's;
/// blanks around a password are the visitor's.
pub(crate) fn typed(field: &FieldSpec, input: &Map<String, Value>) -> String {
    let value = input.get(&field.name);
    if field.kind.is_yes_or_no() {
        return if is_yes(value) == Some(true) { "on".to_owned() } else { String::new() };
    }
    match value {
        Some(Value::String(text)) if field.kind == FieldKind::Password => text.clone(),
        // A browser ends lines with two characters, and nobody typed the first of them.
        Some(Value::String(text)) if field.kind == FieldKind::Textarea => {
            text.replace("\r\n", "\n").trim().to_owned()
        }
        Some(Value::String(text)) => text.trim().to_owned(),
        Some(Value::Number(number)) if field.kind == FieldKind::Number => number.to_string(),
        _ => String::new(),
    }
}

fn yes_or_no(field: &FieldSpec, sent: Option<&Value>) -> Result<Value, Msg> {
    match is_yes(sent) {
        None => Err(Msg::new("field.not_yes_or_no")),
        Some(false) if field.required => Err(Msg::new("field.not_accepted")),
        Some(yes) => Ok(Value::Bool(yes)),
    }
}

/// Browsers send `on` or nothing. None where it is neither yes nor no.
fn is_yes(sent: Option<&Value>) -> Option<bool> {
    match sent {
        None | Some(Value::Null) => Some(false),
        Some(Value::Bool(yes)) => Some(*yes),
        Some(Value::String(text)) => match text.as_str() {
            "on" | "true" | "1" | "yes" => Some(true),
            "" | "off" | "false" | "0" | "no" => Some(false),
            _ => None,
        },
        Some(_) => None,
    }
}

fn number(field: &FieldSpec, sent: Option<&Value>) -> Result<Value, Msg> {
    let number = match sent {
        None | Some(Value::Null) => None,
        Some(Value::Number(number)) => Some(number.clone()),
        Some(Value::String(text)) if text.trim().is_empty() => None,
        Some(Value::String(text)) => Some(parse_number(text).ok_or(Msg::new("field.number"))?),
        Some(_) => return Err(Msg::new("field.number")),
    };
    let Some(number) = number else {
        return if field.required { Err(Msg::new("field.required")) } else { Ok(Value::Null) };
    };
    let size = number.as_f64().filter(|size| size.is_finite()).ok_or(Msg::new("field.number"))?;
    if let Some(Bound::Number(min)) = field.min
        && size < min
    {
        return Err(Msg::new("field.too_small").with("min", min));
    }
    if let Some(Bound::Number(max)) = field.max
        && size > max
    {
        return Err(Msg::new("field.too_large").with("max", max));
    }
    Ok(Value::Number(number))
}

/// As HTML has numbers ("valid floating-point number"): a point and no other separators.
fn parse_number(text: &str) -> Option<Number> {
    let text = text.trim();
    let looks_right =
        text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'-' | b'+' | b'.' | b'e' | b'E'))
            && text.bytes().any(|byte| byte.is_ascii_digit());
    if !looks_right {
        return None;
    }
    // Read as JSON is where it is JSON, so that a browser's number and a program's are the same to the backend.
    serde_json::from_str(text)
        .ok()
        .or_else(|| text.parse::<i64>().ok().map(Number::from))
        .or_else(|| text.parse::<f64>().ok().and_then(Number::from_f64))
}

fn text(field: &FieldSpec, value: String) -> Result<Value, Msg> {
    if value.is_empty() {
        if field.required {
            return Err(Msg::new("field.required"));
        }
        // An empty text is no address, no day and no choice; to a backend that would be a mistake.
        let is_free =
            matches!(field.kind, FieldKind::Text | FieldKind::Textarea | FieldKind::Password);
        return Ok(if is_free { Value::String(value) } else { Value::Null });
    }
    let allows_lines = field.kind == FieldKind::Textarea;
    // The replacement character stands for bytes that were no text.
    let is_odd = |c: char| {
        c == char::REPLACEMENT_CHARACTER
            || c.is_control() && !(allows_lines && matches!(c, '\n' | '\t'))
    };
    if value.chars().any(is_odd) {
        return Err(Msg::new("field.control"));
    }
    let length = value.chars().count();
    if length > field.max_length {
        return Err(Msg::new("field.too_long").with("max", field.max_length));
    }
    let is_well_formed = match field.kind {
        FieldKind::Email => looks_like_email(&value).then_some(()).ok_or("field.email"),
        FieldKind::Url => looks_like_url(&value).then_some(()).ok_or("field.url"),
        FieldKind::Tel => looks_like_tel(&value).then_some(()).ok_or("field.tel"),
        FieldKind::Date => is_day(&value).then_some(()).ok_or("field.date"),
        FieldKind::Select | FieldKind::Radio => {
            let is_there = field.choices.iter().any(|choice| choice.value == value);
            is_there.then_some(()).ok_or("field.choice")
        }
        _ => Ok(()),
    };
    is_well_formed.map_err(Msg::new)?;
    if length < field.min_length {
        return Err(Msg::new("field.too_short").with("min", field.min_length));
    }
    if let Some(Bound::Date(min)) = &field.min
        && value < *min
    {
        return Err(Msg::new("field.too_early").with("min", min));
    }
    if let Some(Bound::Date(max)) = &field.max
        && value > *max
    {
        return Err(Msg::new("field.too_late").with("max", max));
    }
    if field.pattern.as_ref().is_some_and(|pattern| !pattern.regex.is_match(&value)) {
        return Err(Msg::new("field.pattern"));
    }
    Ok(Value::String(value))
}

/// One `@` with something on either side, a dot in the domain or a bare host, no blanks or controls.
/// Whether the address exists only a mail can tell, so this refuses typing mistakes and no more.
pub(crate) fn looks_like_email(text: &str) -> bool {
    let Some((local, domain)) = text.rsplit_once('@') else { return false };
    !local.is_empty()
        && !local.contains('@')
        && !domain.is_empty()
        && domain.split('.').all(|label| !label.is_empty())
        && text.chars().all(|c| !c.is_whitespace() && !c.is_control())
        && text.len() <= 254
}

/// An absolute address of the web: other schemes lead nowhere or, as `javascript:` does, do harm where
/// somebody makes a link of them.
fn looks_like_url(text: &str) -> bool {
    url::Url::parse(text).is_ok_and(|url| {
        matches!(url.scheme(), "http" | "https")
            && url.has_host()
            && !text.contains(char::is_whitespace)
    })
}

/// Digits with what people put between them. Which of them is a telephone only a call can tell.
fn looks_like_tel(text: &str) -> bool {
    let digits = text.chars().filter(char::is_ascii_digit).count();
    (2..=20).contains(&digits)
        && text.chars().all(|c| c.is_ascii_digit() || " +-()./#*".contains(c))
}

/// A day of the Gregorian calendar as `2026-11-24`.
pub(crate) fn is_day(text: &str) -> bool {
    let parts: Vec<&str> = text.split('-').collect();
    let [year, month, day] = parts.as_slice() else { return false };
    let digits = |part: &str, count: usize| {
        (part.len() == count && part.bytes().all(|byte| byte.is_ascii_digit()))
            .then(|| part.parse::<u32>().ok())
            .flatten()
    };
    let (Some(year), Some(month), Some(day)) = (digits(year, 4), digits(month, 2), digits(day, 2))
    else {
        return false;
    };
    let is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let days = match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 if is_leap => 29,
        2 => 28,
        _ => return false,
    };
    year > 0 && (1..=days).contains(&day)
}

#[cfg(test)]
mod tests;
