//! What may stand where in auth.toml: the JSON schema, reduced to what a walk over a document asks.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde_json::Value;

/// What a value must look like.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Shape {
    /// A table with known keys.
    Table {
        keys: BTreeMap<String, Shape>,
        required: Vec<String>,
    },
    /// A table whose keys the user chooses.
    Map(Box<Shape>),
    List(Box<Shape>),
    Text,
    /// One of these texts.
    Choice(Vec<String>),
    /// A text that must not be seen.
    Secret,
    Duration,
    Size,
    /// A whole number, not below zero.
    Count,
    Switch,
    /// Anything that TOML can say.
    Any,
    Either(Vec<Shape>),
}

impl Shape {
    /// The shape of the whole file. It cannot change while the program runs.
    pub(crate) fn root() -> &'static Self {
        static ROOT: LazyLock<Shape> = LazyLock::new(|| Shape::of(&super::schema()));
        &ROOT
    }

    /// Reads the schema of the whole file.
    pub(crate) fn of(schema: &Value) -> Self {
        read(schema, schema)
    }

    /// What an operator would call it.
    pub(crate) fn expected(&self) -> String {
        match self {
            Self::Table { .. } | Self::Map(_) => "a table".to_owned(),
            Self::List(item) => match item.as_ref() {
                Self::Text => "a list of texts".to_owned(),
                Self::Secret => "a list of secrets".to_owned(),
                Self::Table { .. } => "a list of tables".to_owned(),
                _ => "a list".to_owned(),
            },
            Self::Text | Self::Secret => "a text in quotes".to_owned(),
            Self::Choice(names) => match quoted(names).as_slice() {
                [one] => one.clone(),
                [first, second] => format!("{first} or {second}"),
                [rest @ .., last] => format!("{} or {last}", rest.join(", ")),
                [] => "nothing".to_owned(),
            },
            Self::Duration => "a duration such as \"5m\"".to_owned(),
            Self::Size => "a size such as \"1MiB\"".to_owned(),
            Self::Count => "a whole number".to_owned(),
            Self::Switch => "true or false".to_owned(),
            Self::Any => "anything".to_owned(),
            Self::Either(shapes) => {
                shapes.iter().map(Self::expected).collect::<Vec<_>>().join(" or ")
            }
        }
    }

    /// The shape of `key` in a table of this shape; also through the switch of a table that can be off.
    pub(crate) fn child(&self, key: &str) -> Option<&Self> {
        match self {
            Self::Table { keys, .. } => keys.get(key),
            Self::Map(value) => Some(value),
            Self::Any => Some(self),
            Self::Either(shapes) => shapes.iter().find_map(|shape| shape.child(key)),
            _ => None,
        }
    }

    /// The known keys, also of a table that can be off.
    pub(crate) fn keys(&self) -> Vec<(&str, &Self)> {
        match self {
            Self::Table { keys, .. } => keys.iter().map(|(k, v)| (k.as_str(), v)).collect(),
            Self::Either(shapes) => shapes.iter().flat_map(Self::keys).collect(),
            _ => Vec::new(),
        }
    }

    /// Whether it or anything that it is a list of must not be seen.
    pub(crate) fn is_secret(&self) -> bool {
        match self {
            Self::Secret => true,
            Self::List(item) => item.is_secret(),
            Self::Either(shapes) => shapes.iter().any(Self::is_secret),
            _ => false,
        }
    }
}

pub(crate) fn quoted(names: &[String]) -> Vec<String> {
    names.iter().map(|name| format!("\"{name}\"")).collect()
}

fn read(schema: &Value, root: &Value) -> Shape {
    if let Some(name) = schema["$ref"].as_str().and_then(|r| r.strip_prefix("#/$defs/")) {
        return read(&root["$defs"][name], root);
    }
    // Draft 7 keeps a reference apart from its description this way.
    if let Some([only]) = schema["allOf"].as_array().map(Vec::as_slice) {
        return read(only, root);
    }
    for union in ["anyOf", "oneOf"] {
        if let Some(parts) = schema[union].as_array() {
            return either(parts.iter().filter(|part| part["type"] != "null"), root);
        }
    }
    if let Some(names) = schema["enum"].as_array() {
        return Shape::Choice(names.iter().filter_map(Value::as_str).map(str::to_owned).collect());
    }
    if let Some(name) = schema["const"].as_str() {
        return Shape::Choice(vec![name.to_owned()]);
    }
    let kind = match &schema["type"] {
        Value::Array(kinds) => kinds.iter().filter_map(Value::as_str).find(|kind| *kind != "null"),
        other => other.as_str(),
    };
    match kind {
        Some("string") => match schema["format"].as_str() {
            Some("secret") => Shape::Secret,
            Some("period") => Shape::Duration,
            Some("size") => Shape::Size,
            _ => Shape::Text,
        },
        Some("integer") => Shape::Count,
        Some("boolean") => Shape::Switch,
        Some("array") => Shape::List(Box::new(read(&schema["items"], root))),
        Some("object") => object(schema, root),
        _ => Shape::Any,
    }
}

fn object(schema: &Value, root: &Value) -> Shape {
    if let Some(properties) = schema["properties"].as_object() {
        let required = schema["required"].as_array().map_or_else(Vec::new, |names| {
            names.iter().filter_map(Value::as_str).map(str::to_owned).collect()
        });
        let keys = properties.iter().map(|(key, value)| (key.clone(), read(value, root))).collect();
        return Shape::Table { keys, required };
    }
    match &schema["additionalProperties"] {
        Value::Object(_) => Shape::Map(Box::new(read(&schema["additionalProperties"], root))),
        _ => Shape::Map(Box::new(Shape::Any)),
    }
}

fn either<'a>(parts: impl Iterator<Item = &'a Value>, root: &Value) -> Shape {
    let mut shapes = Vec::new();
    let mut names = Vec::new();
    for part in parts {
        match read(part, root) {
            Shape::Choice(more) => names.extend(more),
            shape => shapes.push(shape),
        }
    }
    if !names.is_empty() {
        shapes.push(Shape::Choice(names));
    }
    if shapes.len() == 1 { shapes.remove(0) } else { Shape::Either(shapes) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at<'a>(shape: &'a Shape, path: &str) -> &'a Shape {
        path.split('.').fold(shape, |shape, key| shape.child(key).unwrap())
    }

    #[test]
    fn every_kind_of_key_is_read_from_the_derived_schema() {
        let root = Shape::of(&crate::config::schema());
        assert_eq!(at(&root, "token.secret"), &Shape::Secret);
        assert_eq!(at(&root, "session.idle_timeout"), &Shape::Duration);
        assert_eq!(at(&root, "server.max_body_size"), &Shape::Size);
        assert_eq!(at(&root, "rate_limit.login.limit"), &Shape::Count);
        assert_eq!(
            at(&root, "session.store"),
            &Shape::Choice(vec!["cookie".into(), "memory".into(), "sqlite".into()])
        );
        assert_eq!(at(&root, "backend.register.then").expected(), "\"login\" or \"notice\"");
        assert_eq!(at(&root, "backend.me.send"), &Shape::Text);
        assert_eq!(at(&root, "backend.login.body"), &Shape::Map(Box::new(Shape::Any)));
        assert_eq!(at(&root, "backend.headers"), &Shape::Map(Box::new(Shape::Text)));
        assert!(at(&root, "session.previous_secrets").is_secret());
        assert_eq!(at(&root, "server.listen").expected(), "a text in quotes or a list of texts");
        assert_eq!(at(&root, "token.audience").expected(), "a text in quotes or a list of texts");
        let Shape::Table { keys, .. } = &root else { panic!("{root:?}") };
        assert_eq!(keys.len(), 17);
    }
}
