//! The contract with themes, as others read it: the JSON schema of what a template is given, and every path in it.
//!
//! Both follow from the types in [`super::context`]. The schema is strict: each key is there, and no other.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use schemars::generate::SchemaSettings;
use schemars::transform::{RecursiveTransform, Transform};
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde_json::{Map, Value, json};

use super::context::{PageContext, SiteContext};

/// The JSON schema (draft 2020-12) of everything that a template is given, as one object.
pub(crate) fn schema() -> Value {
    let mut generator = SchemaSettings::draft2020_12().for_serialize().into_generator();
    let parts = [members::<SiteContext>(&mut generator), members::<PageContext>(&mut generator)];
    let properties: Map<String, Value> = parts.into_iter().flatten().collect();
    let mut schema: Schema = generator.root_schema_for::<()>();
    schema.remove("type");
    schema.insert("title".to_owned(), "What a template is given".into());
    schema.insert("description".to_owned(), ABOUT.into());
    schema.insert("properties".to_owned(), properties.into());
    schema.insert("$defs".to_owned(), generator.take_definitions(true).into());
    RecursiveTransform(strict).transform(&mut schema);
    schema.to_value()
}

const ABOUT: &str = "Contract version 1 between vestibule and its themes. Every key is always there; keys are only added within a version.";

/// The keys that every template has, also one that is shown by itself.
pub(crate) fn keys_of_the_site() -> Vec<String> {
    let mut generator = SchemaSettings::draft2020_12().for_serialize().into_generator();
    members::<SiteContext>(&mut generator).into_iter().map(|(key, _)| key).collect()
}

/// The keys of a type, each with its schema.
fn members<T: JsonSchema>(generator: &mut SchemaGenerator) -> Map<String, Value> {
    let mut schema = T::json_schema(generator).to_value();
    match schema.get_mut("properties").map(Value::take) {
        Some(Value::Object(members)) => members,
        _ => Map::new(),
    }
}

/// An object has all of its keys and no other. Bounds of Rust's numbers are none of a theme's business.
fn strict(schema: &mut Schema) {
    if schema.get("format").and_then(Value::as_str).is_some_and(|it| it.contains("int")) {
        schema.remove("format");
    }
    let keys = schema.get("properties").and_then(Value::as_object);
    let Some(keys) = keys.map(|all| all.keys().cloned().collect::<Vec<_>>()) else { return };
    schema.insert("type".to_owned(), "object".into());
    schema.insert("required".to_owned(), json!(keys));
    schema.insert("additionalProperties".to_owned(), false.into());
}

/// Every path that a template may ask for, with `[]` for what is in a list and `{}` for what is in a map
/// whose keys are free: `brand.name`, `form.fields[].label`, `fetched{}.error`. A path that goes on without
/// limits, such as that of a claim, is named by its beginning: see [`is_free`].
pub(crate) fn paths() -> &'static BTreeSet<String> {
    &KNOWN.all
}

/// Whether anything may follow after this path: it is JSON of the site or of the backend.
pub(crate) fn is_free(path: &str) -> bool {
    KNOWN.free.contains(path)
}

static KNOWN: LazyLock<Known> = LazyLock::new(|| {
    let schema = schema();
    let mut known = Known::default();
    known.read(&schema, &schema["$defs"], "");
    known
});

#[derive(Default)]
struct Known {
    all: BTreeSet<String>,
    free: BTreeSet<String>,
}

impl Known {
    /// Notes what is at `path` and below it.
    fn read(&mut self, schema: &Value, definitions: &Value, path: &str) {
        if !path.is_empty() {
            self.all.insert(path.to_owned());
        }
        if let Some(name) = schema["$ref"].as_str().and_then(|it| it.strip_prefix("#/$defs/")) {
            return self.read(&definitions[name], definitions, path);
        }
        for part in schema["anyOf"].as_array().into_iter().flatten() {
            self.read(part, definitions, path);
        }
        for (key, value) in schema["properties"].as_object().into_iter().flatten() {
            let path = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
            self.read(value, definitions, &path);
        }
        if let Some(item) = schema.get("items") {
            self.read(item, definitions, &format!("{path}[]"));
        }
        if let Some(value) = schema.get("additionalProperties").filter(|it| **it != false) {
            self.read(value, definitions, &format!("{path}{{}}"));
        }
        let says_nothing = ["type", "anyOf", "$ref", "enum", "const"];
        if says_nothing.iter().all(|key| schema.get(key).is_none()) {
            self.free.insert(path.to_owned());
        }
    }
}

#[cfg(test)]
mod tests;
