//! The contract with themes, as others read it: the JSON schema of what a template is given. It follows from the types
//! in [`super::context`], and is strict: each key is there, and no other.

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

#[cfg(test)]
mod tests;
