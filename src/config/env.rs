//! Variables of the environment and flags of the command line: texts, read by the type of their target.

use figment::value::{Dict, Value};
use toml::de::{DeTable, DeValue};

use super::by_id;
use super::scalar::{Period, Size, UnitMistake};
use super::shape::Shape;
use super::suggest::{self, nearest};
use super::walk::not_a_choice;
use crate::finding::{Code, Finding, Place};

const PREFIX: &str = "VESTIBULE_";

/// What a layer of named texts says.
#[derive(Debug, Default)]
pub(crate) struct Named {
    pub(crate) values: Dict,
    /// Dotted path and the name as typed.
    pub(crate) names: Vec<(String, String)>,
    pub(crate) spoiled: Vec<String>,
    pub(crate) findings: Vec<Finding>,
}

/// Reads the variables `VESTIBULE_SECTION__KEY`.
///
/// A name without `__` is none of ours: Kubernetes sets `VESTIBULE_PORT` and its like for a service
/// called vestibule, and `VESTIBULE_CONFIG` belongs to the command line.
pub(crate) fn read_environment(variables: &[(String, String)], root: &Shape) -> Named {
    let mut named = Named::default();
    for (name, text) in variables {
        let Some(rest) = name.strip_prefix(PREFIX) else { continue };
        if !rest.contains("__") {
            let meant = all_names(root).into_iter().find(|known| known.replace("__", "_") == *name);
            if let Some(known) = meant {
                let finding =
                    Finding::error(Code::UnknownVariable, format!("{name} matches no key"));
                let help = format!("tables and keys are joined by two underscores: {known}");
                named.findings.push(finding.at(Some(Place::named(name))).help(help));
            }
            continue;
        }
        let parts: Vec<&str> = rest.split("__").collect();
        match path_of(&parts, root) {
            Ok((path, shape)) => named.put(name, &path, shape, text),
            Err(finding) => named.findings.push(finding_for(name, finding, root)),
        }
    }
    named
}

/// Reads what flags of the command line say about keys: dotted key, text, flag.
pub(crate) fn read_flags(overrides: &[(String, String, String)], root: &Shape) -> Named {
    let mut named = Named::default();
    for (path, text, flag) in overrides {
        match path.split('.').try_fold(root, |shape, key| shape.child(key)) {
            Some(shape) => {
                let path: Vec<String> = path.split('.').map(str::to_owned).collect();
                named.put(flag, &path, shape, text);
            }
            None => named.findings.push(
                Finding::error(Code::UnknownKey, format!("`{path}` is no key"))
                    .at(Some(Place::named(flag))),
            ),
        }
    }
    named
}

enum Unmatched {
    Unknown,
    Later(String),
    InList,
}

/// Follows the parts of a name into the shape.
fn path_of<'s>(parts: &[&str], root: &'s Shape) -> Result<(Vec<String>, &'s Shape), Unmatched> {
    let mut shape = root;
    let mut path: Vec<String> = Vec::new();
    for part in parts {
        if part.is_empty() {
            return Err(Unmatched::Unknown);
        }
        if let Some(item) = by_id::entry(shape) {
            path.push(by_id::folded(part));
            shape = item;
            continue;
        }
        let key = match shape {
            Shape::Map(_) => free_key(path.last().map_or("", String::as_str), part),
            _ => part.to_lowercase(),
        };
        path.push(key);
        let key = path.last().map_or("", String::as_str);
        shape = match shape.child(key) {
            Some(child) => child,
            None if suggest::later(&path.join(".")).is_some() => {
                return Err(Unmatched::Later(path.join(".")));
            }
            None if matches!(shape, Shape::List(_)) => return Err(Unmatched::InList),
            None => return Err(Unmatched::Unknown),
        };
    }
    // The entry itself is no value; a variable names one of its keys.
    let ends_in_entry = parts.len() == 2
        && root.child(&parts[0].to_lowercase()).is_some_and(|it| by_id::entry(it).is_some());
    if ends_in_entry {
        return Err(Unmatched::Unknown);
    }
    Ok((path, shape))
}

/// How a key that the user chooses is spelled: variables have neither dashes nor, usually, small letters.
fn free_key(table: &str, part: &str) -> String {
    match table {
        "headers" | "auth" => part.to_lowercase().replace('_', "-"),
        "texts" => part.to_owned(),
        _ => part.to_lowercase(),
    }
}

fn finding_for(name: &str, unmatched: Unmatched, root: &Shape) -> Finding {
    let finding = match unmatched {
        Unmatched::Later(path) => Finding::error(
            Code::NotYetSupported,
            format!("{name}: `{path}` is not in this version yet"),
        )
        .help("unset it for now"),
        Unmatched::InList => Finding::error(
            Code::UnknownVariable,
            format!("{name} reaches into a list of tables, which a variable cannot"),
        )
        .help("say it in the file"),
        Unmatched::Unknown => {
            let finding = Finding::error(Code::UnknownVariable, format!("{name} matches no key"));
            let names = all_names(root);
            match nearest(name, names.iter().map(String::as_str)) {
                Some(known) => finding.help(format!("did you mean {known}?")),
                None => finding.help("a name is VESTIBULE_, the table, two underscores, the key: VESTIBULE_BACKEND__URL"),
            }
        }
    };
    finding.at(Some(Place::named(name)))
}

/// The names of all variables that reach a value.
fn all_names(root: &Shape) -> Vec<String> {
    let mut names = Vec::new();
    let mut rest = vec![(String::new(), root)];
    while let Some((path, shape)) = rest.pop() {
        for (key, child) in shape.keys() {
            let path = if path.is_empty() { key.to_owned() } else { format!("{path}__{key}") };
            if !matches!(child, Shape::Table { .. }) {
                names.push(format!("{PREFIX}{}", path.to_uppercase()));
            }
            rest.push((path, child));
        }
    }
    names.sort();
    names
}

impl Named {
    fn put(&mut self, name: &str, path: &[String], shape: &Shape, text: &str) {
        let dotted = path.join(".");
        match read(name, &dotted, shape, text) {
            Ok(value) => {
                insert(&mut self.values, path, value);
                self.names.push((dotted, name.to_owned()));
            }
            Err(finding) => {
                self.findings.push(finding.at(Some(Place::named(name))));
                self.spoiled.push(dotted);
            }
        }
    }
}

fn insert(dict: &mut Dict, path: &[String], value: Value) {
    match path {
        [] => {}
        [key] => {
            dict.insert(key.clone(), value);
        }
        [key, rest @ ..] => {
            let entry = dict.entry(key.clone()).or_insert_with(|| Dict::new().into());
            if !matches!(entry, Value::Dict(..)) {
                *entry = Dict::new().into();
            }
            if let Value::Dict(_, inner) = entry {
                insert(inner, rest, value);
            }
        }
    }
}

/// Reads a text as what its target is. The text itself is only repeated where the target is no secret.
fn read(name: &str, path: &str, shape: &Shape, text: &str) -> Result<Value, Box<Finding>> {
    let wrong = |expected: &str| {
        Box::new(Finding::error(Code::WrongType, format!("{name} must be {expected}")))
    };
    let unit = |mistake: UnitMistake| {
        let message = format!("{name}: {}", mistake.message);
        Box::new(Finding::error(Code::BadUnit, message).help(mistake.help))
    };
    match shape {
        Shape::Text | Shape::Secret | Shape::Any => Ok(Value::from(text)),
        Shape::Choice(names) => {
            if names.iter().any(|name| name == text) {
                Ok(Value::from(text))
            } else {
                Err(Box::new(not_a_choice(path, name, text, shape, names)))
            }
        }
        Shape::Duration => Period::parse(text).map(|_| Value::from(text)).map_err(unit),
        Shape::Size => Size::parse(text).map(|_| Value::from(text)).map_err(unit),
        Shape::Count => {
            text.trim().parse::<u32>().map(Value::from).map_err(|_| wrong("a whole number"))
        }
        Shape::Switch => {
            text.trim().parse::<bool>().map(Value::from).map_err(|_| wrong("true or false"))
        }
        Shape::List(item) => {
            let items = split(text).into_iter().map(|part| read(name, path, item, &part));
            Ok(Value::from(items.collect::<Result<Vec<_>, _>>()?))
        }
        Shape::Either(shapes) => {
            let listed = text.contains(',');
            shapes
                .iter()
                .filter(|one| !listed || matches!(one, Shape::List(_)) || !has_list(shapes))
                .find_map(|one| read(name, path, one, text).ok())
                .ok_or_else(|| wrong(&shape.expected()))
        }
        Shape::Table { .. } | Shape::Map(_) => {
            let finding = *wrong("a table, which is set key by key");
            Err(Box::new(finding.help(format!("for example {name}__KEY"))))
        }
    }
}

fn has_list(shapes: &[Shape]) -> bool {
    shapes.iter().any(|shape| matches!(shape, Shape::List(_)))
}

/// Splits at commas; a list written as in TOML is read as one, for texts that have commas.
fn split(text: &str) -> Vec<String> {
    let text = text.trim();
    if text.starts_with('[') && text.ends_with(']') {
        let line = format!("list = {text}");
        let parsed = DeTable::parse(&line);
        let items = parsed.ok().and_then(|table| {
            let DeValue::Array(items) = table.get_ref().get("list")?.get_ref() else { return None };
            items
                .iter()
                .map(|item| item.get_ref().as_str().map(str::to_owned))
                .collect::<Option<Vec<_>>>()
        });
        if let Some(items) = items {
            return items;
        }
    }
    text.split(',').map(str::trim).filter(|part| !part.is_empty()).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests;
