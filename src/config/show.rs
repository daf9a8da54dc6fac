//! `vestibule config show`: the configuration that applies, as TOML that can be read back, and where each value
//! came from.

mod toml;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde_json::{Map, Value, json};

use super::Config;
use super::blot::sounds_secret;
use super::fill::fill;
use super::fingerprint::shown;
use super::load::Loaded;
use super::origins::Origins;
use super::shape::Shape;
use super::suggest::{join, last};

/// The configuration that applies. Secrets are fingerprints in it.
#[derive(Debug)]
pub(crate) struct Shown {
    tree: Value,
    /// Where the value of a dotted path came from.
    origins: BTreeMap<String, String>,
    /// What is worth knowing about a value, by its dotted path: a secret in the file that it names.
    remarks: BTreeMap<String, String>,
}

impl Shown {
    /// What was loaded, with every default filled in. Files are relative to `base`.
    pub(crate) fn of(loaded: &Loaded, base: &Path) -> Self {
        let said = &loaded.said;
        let mut full = Config { backend: fill(&said.backend), ..said.clone() };
        let public_url = loaded.plan.server.public_url.origin().ascii_serialization();
        full.server.public_url.get_or_insert(public_url);
        // Without a key no algorithm is asked for, and naming one would be a mistake.
        let token = &loaded.plan.token;
        if token.secret.is_some() || token.public.is_some() {
            full.token.algorithms = token.algorithms.iter().map(|one| format!("{one:?}")).collect();
        }
        let mut hand = Hand {
            origins: &loaded.origins,
            base: base.to_path_buf(),
            labels: BTreeMap::new(),
            remarks: BTreeMap::new(),
        };
        let mut tree = serde_json::to_value(&full).unwrap_or_default();
        if full.token.algorithms.is_empty()
            && let Some(table) = tree["token"].as_object_mut()
        {
            table.shift_remove("algorithms");
        }
        let tree = hand.hide("", Shape::root(), tree).unwrap_or_default();
        Self { tree, origins: hand.labels, remarks: hand.remarks }
    }

    /// As TOML, in the order in which the keys are documented.
    pub(crate) fn toml(&self, origins: bool) -> String {
        toml::write(&self.tree, Shape::root(), |path| {
            let origin = origins.then(|| self.origin(path));
            let parts = self.remarks.get(path).map(String::as_str).into_iter().chain(origin);
            parts.collect::<Vec<_>>().join(", ")
        })
    }

    /// For programs. `version` changes when a field changes its meaning.
    pub(crate) fn json(&self, origins: bool) -> Value {
        let mut report = json!({ "version": 1, "config": self.tree });
        if origins {
            report["origins"] = json!(self.origins);
        }
        report
    }

    fn origin(&self, path: &str) -> &str {
        self.origins.get(path).map_or(DEFAULT, String::as_str)
    }
}

const DEFAULT: &str = "default";

/// Goes over the values, hides what is secret and notes where each came from.
struct Hand<'a> {
    origins: &'a Origins,
    base: PathBuf,
    labels: BTreeMap<String, String>,
    remarks: BTreeMap<String, String>,
}

impl Hand<'_> {
    fn hide(&mut self, path: &str, shape: &Shape, value: Value) -> Option<Value> {
        match value {
            Value::Null => None,
            Value::Object(map) if matches!(of_table(shape), Some(Shape::Map(_))) => {
                Some(self.hide_map(path, shape, map))
            }
            Value::Object(map) if !path.is_empty() || matches!(shape, Shape::Table { .. }) => {
                let keep = |(key, value): (String, Value)| {
                    let child = join(path, &key);
                    let shape = shape.child(&key)?;
                    Some((key, self.hide(&child, shape, value)?))
                };
                Some(Value::Object(map.into_iter().filter_map(keep).collect()))
            }
            Value::Array(items) if toml::is_list_of_tables(shape, &items) => {
                let Shape::List(item) = shape else { return None };
                let hide = |(index, value)| self.hide(&format!("{path}.{index}"), item, value);
                Some(items.into_iter().enumerate().filter_map(hide).collect())
            }
            value => Some(self.leaf(path, value)),
        }
    }

    fn leaf(&mut self, path: &str, value: Value) -> Value {
        self.label(path);
        if let Some(name) = value.as_str()
            && path.ends_with(".secret_file")
            && let Ok(text) = std::fs::read_to_string(self.base.join(name))
        {
            // The same bytes as those that are used: without the line break at the end.
            self.remarks.insert(path.to_owned(), shown(text.trim_end_matches(['\r', '\n'])));
        }
        match value {
            Value::String(text) if last(path) == "send" && !self.is_public(path) => {
                Value::String(without_secret_parameters(&text))
            }
            value => value,
        }
    }

    fn hide_map(&mut self, path: &str, shape: &Shape, map: Map<String, Value>) -> Value {
        let headers = path.ends_with(".headers") || path == "backend.auth";
        let free = matches!(shape.child(""), Some(Shape::Any));
        let mut kept = Map::new();
        let mut from_file = Vec::new();
        self.label(path);
        for (key, value) in map {
            let child = join(path, &key);
            self.label(&child);
            let value = match value {
                Value::String(text)
                    if headers && !text.contains("{{") && !self.is_public(&child) =>
                {
                    Value::String(shown(&text))
                }
                value if free && !self.is_public(&child) => hide_telltales(&key, value),
                value => value,
            };
            if self.origins.from_headers_file.contains_key(&child) {
                from_file.push(format!("{key}: {}", value.as_str().unwrap_or_default()));
            } else {
                kept.insert(key, value);
            }
        }
        if !from_file.is_empty() {
            self.remarks.insert("backend.headers_file".to_owned(), from_file.join(", "));
        }
        Value::Object(kept)
    }

    fn label(&mut self, path: &str) {
        if let Some(place) = self.origins.exact(path) {
            let label = match place.line {
                0 => place.file,
                line => format!("{}:{line}", place.file),
            };
            self.labels.insert(path.to_owned(), label);
        }
    }

    /// Whether this very value is printed in a preset or is a default.
    fn is_public(&self, path: &str) -> bool {
        self.origins.is_from_preset(path) || self.origins.exact(path).is_none()
    }
}

/// The shape of a table, also of one that can be off.
fn of_table(shape: &Shape) -> Option<&Shape> {
    match shape {
        Shape::Table { .. } | Shape::Map(_) => Some(shape),
        Shape::Either(shapes) => shapes.iter().find_map(of_table),
        _ => None,
    }
}

/// Hides constants under a name that sounds like a secret, at any depth.
fn hide_telltales(key: &str, value: Value) -> Value {
    let lower = key.to_lowercase().replace('-', "_");
    let telltale = sounds_secret(key)
        || lower == "key"
        || lower.ends_with("_key")
        || lower.ends_with("apikey");
    match value {
        Value::Object(map) => Value::Object(
            map.into_iter()
                .map(|(key, value)| (key.clone(), hide_telltales(&key, value)))
                .collect(),
        ),
        Value::Array(items) => items.into_iter().map(|item| hide_telltales(key, item)).collect(),
        Value::String(text) if telltale && !is_known_word(&text) => Value::String(shown(&text)),
        Value::Number(number) if telltale => Value::String(shown(&number.to_string())),
        value => value,
    }
}

/// A template, or what OAuth calls a kind of token.
fn is_known_word(text: &str) -> bool {
    text.contains("{{") || matches!(text, "access_token" | "refresh_token")
}

/// A key in the query of a call is as secret as one in its body.
fn without_secret_parameters(send: &str) -> String {
    let Some((path, query)) = send.split_once('?') else { return send.to_owned() };
    let parameters = query.split('&').map(|parameter| match parameter.split_once('=') {
        Some((name, value)) => match hide_telltales(name, Value::from(value)) {
            Value::String(value) => format!("{name}={value}"),
            _ => parameter.to_owned(),
        },
        None => parameter.to_owned(),
    });
    format!("{path}?{}", parameters.collect::<Vec<_>>().join("&"))
}

#[cfg(test)]
mod tests;
