//! What a value in a template may be: read from the schema of the contract, followed through expressions.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::theme::manifest::OptionKind;
use crate::theme::options::Options;

/// What is known of a value before any page is made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    /// Nothing is known, and anything may be in it.
    Any,
    Text,
    Number,
    /// Yes or no.
    Flag,
    /// With exactly these keys.
    Record(BTreeMap<String, Shape>),
    /// With keys that the site chooses.
    Map(Box<Shape>),
    List(Box<Shape>),
    /// A name, and what belongs to it.
    Pair(Box<Shape>),
    /// That, or nothing.
    Maybe(Box<Shape>),
    /// Something to call.
    Callable,
}

impl Shape {
    /// What the schema says.
    pub(super) fn of_schema(schema: &Value) -> Self {
        Self::read(schema, &schema["$defs"], 0)
    }

    fn read(schema: &Value, definitions: &Value, depth: usize) -> Self {
        // Nothing in the contract is that deep; a definition that mentions itself would be.
        if depth > 20 {
            return Self::Any;
        }
        let read = |schema: &Value| Self::read(schema, definitions, depth + 1);
        if let Some(name) = schema["$ref"].as_str().and_then(|it| it.strip_prefix("#/$defs/")) {
            return read(&definitions[name]);
        }
        if let Some(ways) = schema["anyOf"].as_array() {
            return ways.iter().map(read).reduce(Self::or).unwrap_or(Self::Any);
        }
        if let Some(keys) = schema["properties"].as_object() {
            return Self::Record(keys.iter().map(|(key, it)| (key.clone(), read(it))).collect());
        }
        let of_type = |name: &str| match name {
            "string" => Self::Text,
            "integer" | "number" => Self::Number,
            "boolean" => Self::Flag,
            "null" => Self::Maybe(Box::new(Self::Any)),
            "array" => Self::List(Box::new(read(&schema["items"]))),
            "object" => Self::Map(Box::new(read(&schema["additionalProperties"]))),
            _ => Self::Any,
        };
        match &schema["type"] {
            Value::String(name) => of_type(name),
            Value::Array(names) => {
                let shapes = names.iter().filter_map(Value::as_str).map(of_type);
                shapes.reduce(Self::or).unwrap_or(Self::Any)
            }
            _ => Self::Any,
        }
    }

    /// The options of a theme.
    pub(super) fn of_options(options: &Options) -> Self {
        let kind = |kind: OptionKind| match kind {
            OptionKind::Range => Self::Number,
            OptionKind::Bool => Self::Flag,
            OptionKind::Color => Self::record([("light", Self::Text), ("dark", Self::Text)]),
            OptionKind::Text
            | OptionKind::Url
            | OptionKind::Select
            | OptionKind::Image
            | OptionKind::Font => Self::Text,
        };
        Self::Record(options.iter().map(|(name, it)| (name.clone(), kind(it.spec.kind))).collect())
    }

    pub(super) fn record<const N: usize>(keys: [(&str, Self); N]) -> Self {
        Self::Record(keys.into_iter().map(|(key, shape)| (key.to_owned(), shape)).collect())
    }

    pub(super) fn list(of: Self) -> Self {
        Self::List(Box::new(of))
    }

    /// What is known of a value that is one or the other.
    pub(super) fn or(self, other: Self) -> Self {
        match (self, other) {
            (one, other) if one == other => one,
            (Self::Maybe(one), Self::Maybe(other)) => Self::maybe(one.beside(*other)),
            (Self::Maybe(one), other) | (other, Self::Maybe(one)) => Self::maybe(one.beside(other)),
            _ => Self::Any,
        }
    }

    /// Nothing is known of what is missing.
    fn beside(self, other: Self) -> Self {
        match (self, other) {
            (Self::Any, other) | (other, Self::Any) => other,
            (one, other) => one.or(other),
        }
    }

    fn maybe(of: Self) -> Self {
        match of {
            Self::Maybe(_) => of,
            other => Self::Maybe(Box::new(other)),
        }
    }

    /// Once it is known to be there.
    pub(super) fn there(&self) -> &Self {
        match self {
            Self::Maybe(shape) => shape.there(),
            other => other,
        }
    }

    /// What is at a key; none where there is no such key, with the keys that there are.
    pub(super) fn at(&self, key: &str) -> Result<Self, Vec<&str>> {
        match self.there() {
            Self::Record(keys) => {
                keys.get(key).cloned().ok_or_else(|| keys.keys().map(String::as_str).collect())
            }
            Self::Map(value) => Ok((**value).clone()),
            Self::Text | Self::Number | Self::Flag | Self::List(_) => Err(Vec::new()),
            _ => Ok(Self::Any),
        }
    }

    /// What a loop over it sees.
    pub(super) fn item(&self) -> Self {
        match self.there() {
            Self::List(item) => (**item).clone(),
            Self::Record(_) | Self::Map(_) => Self::Text,
            _ => Self::Any,
        }
    }

    /// What stands on the page if it is printed there, where that is not what anybody wants.
    pub(super) fn misprinted(&self) -> Option<&'static str> {
        match self {
            Self::Flag => Some("true or false"),
            Self::Maybe(_) => Some("nothing, where it is not there"),
            Self::List(_) | Self::Record(_) | Self::Map(_) | Self::Pair(_) => {
                Some("brackets and quotes")
            }
            Self::Any | Self::Text | Self::Number | Self::Callable => None,
        }
    }

    /// What a filter makes of it.
    pub(super) fn filtered(&self, filter: &str) -> Self {
        match filter {
            "list" | "sort" | "reverse" | "select" | "reject" | "selectattr" | "rejectattr"
            | "unique" => Self::list(self.item()),
            "first" | "last" | "min" | "max" | "random" => self.item(),
            "items" | "dictsort" => match self.there() {
                Self::Map(value) => Self::list(Self::Pair(value.clone())),
                _ => Self::list(Self::Pair(Box::new(Self::Any))),
            },
            "length" | "count" | "int" | "float" | "round" | "abs" | "sum" => Self::Number,
            "upper" | "lower" | "title" | "capitalize" | "trim" | "replace" | "join"
            | "urlencode" | "escape" | "e" | "string" | "indent" | "format" => Self::Text,
            "bool" => Self::Flag,
            "default" | "d" => match self {
                Self::Maybe(shape) => Self::maybe(shape.there().clone()),
                other => other.clone(),
            },
            _ => Self::Any,
        }
    }
}
