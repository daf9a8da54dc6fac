//! What vestibule knows of backends: one file each, a part of an auth.toml under a head that says what it is.

use std::borrow::Cow;
use std::collections::BTreeSet;

use figment::value::{Dict, Value};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};

use super::document::Document;
use super::shape::Shape;
use super::suggest::join;

macro_rules! files {
    ($($name:literal,)*) => {
        &[$(($name, include_str!(concat!("presets/", $name, ".toml"))),)*]
    };
}

/// Name and text, the default first, then by name.
const FILES: &[(&str, &str)] = files![
    "default",
    "allauth-headless",
    "better-auth",
    "devise-jwt",
    "directus",
    "dj-rest-auth",
    "dj-rest-auth-body",
    "django-oauth-toolkit",
    "djoser-jwt",
    "fastapi-users",
    "fastapi-users-cookie",
    "fastapi-users-opaque",
    "feathers",
    "hasura-auth",
    "json-server-auth",
    "keycloak",
    "matrix-synapse",
    "parse-server",
    "payload",
    "pocketbase",
    "simplejwt",
    "strapi",
    "supabase",
];

/// A backend whose calls vestibule knows: `[backend] preset = "NAME"`.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Preset {
    /// What `preset` says.
    pub name: &'static str,
    /// Which backend it is, in a few words.
    pub backend: &'static str,
    /// How it is known that it fits.
    pub evidence: Evidence,
    /// Where such a backend usually is.
    pub address: &'static str,
    /// What is worth knowing before it is used.
    pub notes: Vec<&'static str>,
    /// Lines of `[backend]` that only the user can fill in.
    pub to_add: Vec<&'static str>,
    /// The part of an auth.toml that it stands for: how the backend is asked, and what is usual for its tokens.
    pub toml: &'static str,
}

/// How it is known that a preset fits its backend.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Evidence {
    /// It was used with this package at this version.
    Tested(&'static str),
    /// Nobody has tried it; its documentation at this address says so.
    Documented(&'static str),
}

/// Every preset there is.
pub fn presets() -> Vec<Preset> {
    FILES.iter().map(|(name, text)| read_head(name, text)).collect()
}

/// The head is lines of `# key: value`; what it does not say stays empty, which a test does not let pass.
fn read_head(name: &'static str, text: &'static str) -> Preset {
    let mut preset = Preset {
        name,
        backend: "",
        evidence: Evidence::Documented(""),
        address: "",
        notes: Vec::new(),
        to_add: Vec::new(),
        toml: text,
    };
    for line in text.lines().map_while(|line| line.strip_prefix("# ")) {
        let Some((key, value)) = line.split_once(": ") else { continue };
        match key {
            "backend" => preset.backend = value,
            "tested with" => preset.evidence = Evidence::Tested(value),
            "from documentation" => {
                let address = value.strip_suffix(", not tested").unwrap_or(value);
                preset.evidence = Evidence::Documented(address);
            }
            "address" => preset.address = value,
            "note" => preset.notes.push(value),
            "add" => preset.to_add.push(value),
            _ => {}
        }
    }
    preset
}

/// A preset as a layer of values.
#[derive(Debug)]
pub(crate) struct PresetLayer {
    pub(crate) name: &'static str,
    pub(crate) values: Dict,
}

impl PresetLayer {
    /// The layer of this name; nothing if there is none, which the name's own layer has been told by then.
    pub(crate) fn named(name: &str, root: &Shape) -> Option<Self> {
        let (name, text) = FILES.iter().find(|(known, _)| *known == name)?;
        let mut document = Document::read(name, text, root);
        Some(Self { name, values: std::mem::take(&mut document.values) })
    }

    /// The dotted path of everything that it says.
    pub(crate) fn paths(&self) -> BTreeSet<String> {
        let mut paths = BTreeSet::new();
        for (key, value) in &self.values {
            collect(key.clone(), value, &mut paths);
        }
        paths
    }
}

fn collect(path: String, value: &Value, paths: &mut BTreeSet<String>) {
    match value {
        Value::Dict(_, dict) => {
            for (key, value) in dict {
                collect(join(&path, key), value, paths);
            }
        }
        Value::Array(_, items) => {
            for (index, value) in items.iter().enumerate() {
                collect(format!("{path}.{index}"), value, paths);
            }
        }
        _ => {}
    }
    paths.insert(path);
}

/// Stands in the schema for the name of a preset.
pub(crate) struct PresetName;

impl JsonSchema for PresetName {
    fn schema_name() -> Cow<'static, str> {
        "PresetName".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let names: Vec<&str> = FILES.iter().map(|(name, _)| *name).collect();
        json_schema!({ "type": "string", "enum": names })
    }
}

#[cfg(test)]
mod tests;
