//! Writes values as TOML, with a comment behind each.

use std::fmt::Write as _;

use serde_json::{Map, Value};

use crate::config::shape::Shape;
use crate::config::suggest::join;

/// Writes a tree; `comment` is asked what to say behind the value of a dotted path.
pub(super) fn write(tree: &Value, root: &Shape, comment: impl Fn(&str) -> String) -> String {
    let mut pen = Pen { text: String::new(), comment };
    if let Value::Object(map) = tree {
        pen.table("", "", root, map, false);
    }
    pen.text
}

/// Whether a list is written as `[[table]]`s.
pub(super) fn is_list_of_tables(shape: &Shape, items: &[Value]) -> bool {
    let Shape::List(item) = shape else { return false };
    matches!(item.as_ref(), Shape::Table { .. }) && !items.is_empty()
}

struct Pen<C> {
    text: String,
    comment: C,
}

impl<C: Fn(&str) -> String> Pen<C> {
    /// `header` is the path without the numbers of list items. Plain keys come before tables, as TOML wants it.
    fn table(
        &mut self,
        path: &str,
        header: &str,
        shape: &Shape,
        map: &Map<String, Value>,
        item: bool,
    ) {
        let is_below = |key: &str, value: &Value| {
            let shape = shape.child(key);
            match value {
                Value::Object(_) => !shape.is_some_and(is_map),
                Value::Array(items) => shape.is_some_and(|shape| is_list_of_tables(shape, items)),
                _ => false,
            }
        };
        let (below, plain): (Vec<_>, Vec<_>) =
            map.iter().partition(|(key, value)| is_below(key, value));
        if item || !plain.is_empty() && !path.is_empty() {
            let gap = if self.text.is_empty() { "" } else { "\n" };
            let (open, close) = if item { ("[[", "]]") } else { ("[", "]") };
            let _ = writeln!(self.text, "{gap}{open}{header}{close}");
        }
        for (key, value) in plain {
            self.entry(&join(path, key), key, value);
        }
        for (key, value) in below {
            let (path, header) = (join(path, key), join(header, key));
            let Some(shape) = shape.child(key) else { continue };
            match (value, shape) {
                (Value::Object(map), _) => self.table(&path, &header, shape, map, false),
                (Value::Array(items), Shape::List(one)) => {
                    for (index, value) in items.iter().enumerate() {
                        if let Value::Object(map) = value {
                            self.table(&format!("{path}.{index}"), &header, one, map, true);
                        }
                    }
                }
                _ => {}
            }
        }
    }

    /// A table whose keys came from several places is written key by key, so that each can say so.
    fn entry(&mut self, path: &str, name: &str, value: &Value) {
        if let Value::Object(map) = value {
            let comments: Vec<_> = map.keys().map(|key| (self.comment)(&join(path, key))).collect();
            match comments.as_slice() {
                [] => self.line(name, value, &(self.comment)(path)),
                [first, rest @ ..] if rest.iter().all(|other| other == first) => {
                    self.line(name, value, &first.clone());
                }
                _ => {
                    for ((key, value), comment) in map.iter().zip(&comments) {
                        self.line(&format!("{name}.{}", quoted_key(key)), value, comment);
                    }
                }
            }
        } else {
            let comment = (self.comment)(path);
            self.line(name, value, &comment);
        }
    }

    fn line(&mut self, name: &str, value: &Value, comment: &str) {
        let gap = if comment.is_empty() { "" } else { "  # " };
        let _ = writeln!(self.text, "{name} = {}{gap}{comment}", inline(value));
    }
}

fn is_map(shape: &Shape) -> bool {
    match shape {
        Shape::Map(_) | Shape::Any => true,
        Shape::Either(shapes) => shapes.iter().any(is_map),
        _ => false,
    }
}

fn inline(value: &Value) -> String {
    match value {
        Value::String(text) => quoted(text),
        Value::Array(items) => {
            format!("[{}]", items.iter().map(inline).collect::<Vec<_>>().join(", "))
        }
        Value::Object(map) if map.is_empty() => "{}".to_owned(),
        Value::Object(map) => {
            let entries = map.iter().filter(|(_, value)| !value.is_null());
            let entries =
                entries.map(|(key, value)| format!("{} = {}", quoted_key(key), inline(value)));
            format!("{{ {} }}", entries.collect::<Vec<_>>().join(", "))
        }
        other => other.to_string(),
    }
}

fn quoted_key(key: &str) -> String {
    let bare = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    if !key.is_empty() && key.bytes().all(bare) { key.to_owned() } else { quoted(key) }
}

/// In single quotes where that saves the backslashes of a pattern.
fn quoted(text: &str) -> String {
    if text.contains('\\') && !text.contains('\'') && !text.contains(char::is_control) {
        return format!("'{text}'");
    }
    let mut out = String::from('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            c if c.is_control() => {
                let _ = write!(out, "\\u{:04X}", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out.push('"');
    out
}
