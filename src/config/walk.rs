//! One walk over a parsed document along the shape of the file: collects what is wrong in form,
//! leaves it out, and goes on.

mod choice;
mod hiding;

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use figment::value::{Dict, Value};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

pub(crate) use choice::not_a_choice;

use super::blot::sounds_secret;
use super::document::Spans;
use super::scalar::{Period, Size, no_unit};
use super::shape::Shape;
use super::suggest::{self, join};
use crate::finding::{Code, Finding};

pub(crate) struct Walk<'a> {
    text: &'a str,
    root: &'a Shape,
    pub(crate) spans: BTreeMap<String, Spans>,
    pub(crate) spoiled: BTreeSet<String>,
    /// What must not be shown.
    pub(crate) hidden: Vec<Range<usize>>,
    pub(crate) findings: Vec<(Range<usize>, Finding)>,
}

type Entry<'d> = Spanned<DeValue<'d>>;

impl<'a> Walk<'a> {
    pub(crate) fn new(text: &'a str, root: &'a Shape) -> Self {
        Self {
            text,
            root,
            spans: BTreeMap::new(),
            spoiled: BTreeSet::new(),
            hidden: Vec::new(),
            findings: Vec::new(),
        }
    }

    /// Walks the whole file and returns what is right in form.
    pub(crate) fn file(&mut self, table: &DeTable<'_>) -> Dict {
        self.table("", self.root, table)
    }

    fn table(&mut self, path: &str, shape: &Shape, table: &DeTable<'_>) -> Dict {
        let mut values = Dict::new();
        self.hide_default_of_a_password(table);
        for (key, value) in table {
            let name = key.get_ref().as_ref();
            let child = join(path, name);
            if suggest::later(&child).is_some() && shape.child(name).is_none() {
                self.later(&child, key.span());
                self.hide_telltales(name, value);
            } else if let Some(expected) = shape.child(name) {
                self.spans.insert(child.clone(), Spans { key: key.span(), value: value.span() });
                if let Some(value) = self.value(&child, name, expected, value) {
                    values.insert(name.to_owned(), value);
                } else {
                    self.spoiled.insert(child);
                }
            } else {
                self.unknown(path, shape, name, key.span(), value);
            }
        }
        values
    }

    fn later(&mut self, path: &str, span: Range<usize>) {
        let what = match path.rsplit_once('.') {
            None => format!("[{path}] is not in this version yet"),
            Some((table, key)) => format!("`{key}` in [{table}] is not in this version yet"),
        };
        let finding = Finding::error(Code::NotYetSupported, what);
        let help = suggest::later(path).filter(|help| !help.is_empty());
        self.findings.push((
            span,
            match help {
                Some(help) => finding.help(help),
                None => finding.help("take it out for now"),
            },
        ));
        self.spoiled.insert(path.to_owned());
        // What such a key would have given is not missing as well.
        match path {
            "token.jwks_url" | "token.public_key_file" => {
                self.spoiled.insert("token.secret".to_owned())
            }
            _ => false,
        };
    }

    fn unknown(
        &mut self,
        table: &str,
        shape: &Shape,
        name: &str,
        span: Range<usize>,
        value: &Entry<'_>,
    ) {
        let is_table = matches!(value.get_ref(), DeValue::Table(_));
        let suggestion = suggest::for_key(self.root, table, shape, name, is_table);
        let what = match (table, is_table) {
            ("", true) => format!("unknown table [{name}]"),
            ("", false) => format!("unknown key `{name}` outside of any table"),
            (_, _) => format!("unknown key `{name}` in [{}]", table_name(table)),
        };
        self.findings.push((span, Finding::error(Code::UnknownKey, what).help(suggestion.help)));
        let meant = suggestion
            .path
            .as_deref()
            .and_then(|path| path.split('.').try_fold(self.root, |shape, key| shape.child(key)));
        // A guess is not enough to show what may be a secret under a mistyped name.
        if is_table || !suggestion.exact || meant.is_none_or(is_or_has_secret) {
            self.hide(value);
        } else {
            self.hide_telltales("", value);
        }
        // What is probably meant by it is not missing as well.
        self.spoiled.extend(suggestion.path);
    }

    fn value(&mut self, path: &str, name: &str, shape: &Shape, value: &Entry<'_>) -> Option<Value> {
        if shape.is_secret() {
            self.hide(value);
        }
        match (shape, value.get_ref()) {
            (Shape::Either(shapes), given) => match shapes.iter().find(|one| accepts(one, given)) {
                Some(one) => self.value(path, name, one, value),
                None => self.wrong_type(path, name, shape, value),
            },
            (Shape::Table { required, .. }, DeValue::Table(table)) => {
                let values = self.table(path, shape, table);
                let missing: Vec<_> =
                    required.iter().filter(|key| !values.contains_key(*key)).collect();
                for key in &missing {
                    if !self.spoiled.contains(&join(path, key)) {
                        let message = format!("`{key}` is missing here");
                        let help = format!("add {key} = {}", example(path, key));
                        let finding = Finding::error(Code::MissingKey, message).help(help);
                        self.findings.push((value.span(), finding));
                    }
                }
                if !missing.is_empty() {
                    return None;
                }
                Some(values.into())
            }
            (Shape::Map(item), DeValue::Table(table)) => {
                let mut values = Dict::new();
                for (key, entry) in table {
                    let name = key.get_ref().as_ref();
                    let child = join(path, name);
                    let spans = Spans { key: key.span(), value: entry.span() };
                    self.spans.insert(child.clone(), spans);
                    if hides_constants(path) || (**item == Shape::Any && sounds_secret(name)) {
                        self.hide_constant(entry);
                    }
                    if let Some(value) = self.value(&child, name, item, entry) {
                        values.insert(name.to_owned(), value);
                    } else {
                        self.spoiled.insert(child);
                    }
                }
                Some(values.into())
            }
            (Shape::List(item), DeValue::Array(items)) => {
                let mut values = Vec::new();
                for (index, entry) in items.iter().enumerate() {
                    let child = format!("{path}.{index}");
                    let spans = Spans { key: entry.span(), value: entry.span() };
                    self.spans.insert(child.clone(), spans);
                    let value = self.value(&child, name, item, entry).unwrap_or_else(|| {
                        // The items after it must keep their numbers, so something harmless takes its place.
                        self.spoiled.insert(child);
                        if accepts_text(item) { Value::from("") } else { Dict::new().into() }
                    });
                    values.push(value);
                }
                Some(values.into())
            }
            (Shape::Text | Shape::Secret, DeValue::String(text)) => {
                self.hide_credentials(value, text);
                Some(Value::from(text.as_ref()))
            }
            (Shape::Choice(names), DeValue::String(text)) => {
                if names.iter().any(|name| name == text) {
                    return Some(Value::from(text.as_ref()));
                }
                let finding = not_a_choice(path, name, text, shape, names);
                self.findings.push((value.span(), finding));
                None
            }
            (Shape::Duration, DeValue::String(text)) => {
                self.with_unit(value, name, Period::parse(text).map(|_| ()), text)
            }
            (Shape::Size, DeValue::String(text)) => {
                self.with_unit(value, name, Size::parse(text).map(|_| ()), text)
            }
            (Shape::Duration | Shape::Size, DeValue::Integer(_) | DeValue::Float(_)) => {
                let what = if *shape == Shape::Size { "size" } else { "duration" };
                let number = self.raw(value).replace('_', "");
                let mistake = no_unit(&number, what);
                let finding =
                    Finding::error(Code::BadUnit, format!("`{name}`: {}", mistake.message));
                let pasted = match mistake.help.strip_prefix("write ") {
                    Some(values) => format!("write {name} = {values}"),
                    None => mistake.help,
                };
                self.findings.push((value.span(), finding.help(pasted)));
                None
            }
            (Shape::Count, DeValue::Integer(number)) => {
                let parsed = u32::from_str_radix(number.as_str(), number.radix());
                if parsed.is_err() {
                    let message = format!("`{name}` must be a whole number from 0 to {}", u32::MAX);
                    self.findings.push((value.span(), Finding::error(Code::BadValue, message)));
                }
                parsed.ok().map(Value::from)
            }
            (Shape::Switch, DeValue::Boolean(on)) => Some(Value::from(*on)),
            (Shape::Any, _) => Some(self.anything(value)),
            _ => self.wrong_type(path, name, shape, value),
        }
    }

    fn with_unit(
        &mut self,
        value: &Entry<'_>,
        name: &str,
        parsed: Result<(), super::scalar::UnitMistake>,
        text: &str,
    ) -> Option<Value> {
        match parsed {
            Ok(()) => Some(Value::from(text)),
            Err(mistake) => {
                let message = format!("`{name}`: {}", mistake.message);
                let finding = Finding::error(Code::BadUnit, message).help(mistake.help);
                self.findings.push((value.span(), finding));
                None
            }
        }
    }

    fn wrong_type(
        &mut self,
        path: &str,
        name: &str,
        shape: &Shape,
        value: &Entry<'_>,
    ) -> Option<Value> {
        let given = match value.get_ref() {
            DeValue::String(_) => "a text",
            DeValue::Integer(_) | DeValue::Float(_) => "a number",
            DeValue::Boolean(_) => "true or false",
            DeValue::Datetime(_) => "a date",
            DeValue::Array(_) => "a list",
            DeValue::Table(_) => "a table",
        };
        let in_list = path.rsplit('.').next().is_some_and(is_number);
        let what = if in_list { format!("an item of `{name}`") } else { format!("`{name}`") };
        let message = format!("{what} must be {}, not {given}", shape.expected());
        let finding = Finding::error(Code::WrongType, message);
        let finding = match corrected(shape, value.get_ref(), self.raw(value)) {
            Some(right) => {
                let hidden = match (shape.is_secret(), right.starts_with('[')) {
                    (true, true) => "[\"…\"]".to_owned(),
                    (true, false) => "\"…\"".to_owned(),
                    (false, _) => right,
                };
                // A header lacks brackets, and not a list around it.
                let is_header =
                    hidden.starts_with("[[") && matches!(value.get_ref(), DeValue::Table(_));
                let key = if in_list || is_header { String::new() } else { format!("{name} = ") };
                finding.help(format!("write {key}{hidden}"))
            }
            None => finding,
        };
        self.findings.push((value.span(), finding));
        None
    }

    fn anything(&mut self, value: &Entry<'_>) -> Value {
        match value.get_ref() {
            DeValue::String(text) => Value::from(text.as_ref()),
            DeValue::Integer(number) => {
                match i64::from_str_radix(number.as_str(), number.radix()) {
                    Ok(number) => Value::from(number),
                    Err(_) => Value::from(number.as_str()),
                }
            }
            DeValue::Float(number) => match number.as_str().parse::<f64>() {
                Ok(number) => Value::from(number),
                Err(_) => Value::from(number.as_str()),
            },
            DeValue::Boolean(on) => Value::from(*on),
            DeValue::Datetime(date) => Value::from(date.to_string()),
            DeValue::Array(items) => {
                Value::from(items.iter().map(|item| self.anything(item)).collect::<Vec<_>>())
            }
            DeValue::Table(table) => {
                let mut values = Dict::new();
                for (key, entry) in table {
                    if sounds_secret(key.get_ref()) {
                        self.hide_constant(entry);
                    }
                    values.insert(key.get_ref().to_string(), self.anything(entry));
                }
                values.into()
            }
        }
    }

    fn raw(&self, value: &Entry<'_>) -> &'a str {
        self.text.get(value.span()).unwrap_or_default()
    }
}

/// Maps whose constants may be secrets: headers carry API keys.
fn hides_constants(path: &str) -> bool {
    path.ends_with(".headers") || path == "backend.auth"
}

/// What may stand behind a key that is needed.
fn example(table: &str, key: &str) -> &'static str {
    match key {
        "id" => "\"contact\"",
        "name" => "\"email\"",
        "path" if table.starts_with("page.") => "\"/dashboard\"",
        "require" => "{ roles = \"admin\" }",
        "request" => "\"GET /admin\"",
        "expect" => "{ status = 403 }",
        _ => "'…'",
    }
}

fn is_or_has_secret(shape: &Shape) -> bool {
    shape.is_secret() || shape.keys().iter().any(|(_, child)| child.is_secret())
}

fn is_number(part: &str) -> bool {
    part.bytes().all(|byte| byte.is_ascii_digit())
}

/// A path as a table's header is written: without the numbers of list items.
fn table_name(path: &str) -> String {
    path.split('.').filter(|part| !is_number(part)).collect::<Vec<_>>().join(".")
}

fn accepts(shape: &Shape, value: &DeValue<'_>) -> bool {
    if let Shape::Either(shapes) = shape {
        return shapes.iter().any(|one| accepts(one, value));
    }
    matches!(
        (shape, value),
        (Shape::Table { .. } | Shape::Map(_), DeValue::Table(_))
            | (Shape::List(_), DeValue::Array(_))
            | (
                Shape::Text | Shape::Secret | Shape::Choice(_) | Shape::Duration | Shape::Size,
                DeValue::String(_)
            )
            | (Shape::Count, DeValue::Integer(_))
            | (Shape::Switch, DeValue::Boolean(_))
            | (Shape::Any, _)
    )
}

fn accepts_text(shape: &Shape) -> bool {
    match shape {
        Shape::Either(shapes) => shapes.iter().any(accepts_text),
        _ => matches!(shape, Shape::Text | Shape::Secret),
    }
}

/// The value as it should have been written, where that is clear.
fn corrected(shape: &Shape, value: &DeValue<'_>, raw: &str) -> Option<String> {
    match (shape, value) {
        (
            Shape::Text | Shape::Secret,
            DeValue::Integer(_) | DeValue::Float(_) | DeValue::Boolean(_),
        ) => Some(format!("\"{raw}\"")),
        (Shape::Switch, DeValue::String(text)) => match text.to_lowercase().as_str() {
            "true" | "yes" | "on" => Some("true".to_owned()),
            "false" | "no" | "off" => Some("false".to_owned()),
            _ => None,
        },
        (Shape::Count, DeValue::String(text)) => text.parse::<u32>().ok().map(|n| n.to_string()),
        (Shape::List(item), value) if accepts(item, value) => Some(format!("[{raw}]")),
        (Shape::Either(shapes), value) => shapes.iter().find_map(|one| corrected(one, value, raw)),
        _ => None,
    }
}
