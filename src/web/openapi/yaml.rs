//! A JSON value as YAML 1.2, in block style.
//!
//! Every text is quoted as in JSON, which YAML reads the same way (YAML 1.2, section 1.3), so no text
//! can turn into a number, a date or a boolean.

use std::fmt::Write as _;

use serde_json::Value;

/// The value as a YAML document.
pub(crate) fn document(value: &Value) -> String {
    let mut out = String::new();
    block(value, 0, &mut out);
    out
}

fn block(value: &Value, depth: usize, out: &mut String) {
    match value {
        Value::Object(map) if !map.is_empty() => {
            for (key, value) in map {
                entry(&format!("{}:", plain_key(key)), value, depth, out);
            }
        }
        Value::Array(items) if !items.is_empty() => {
            for item in items {
                entry("-", item, depth, out);
            }
        }
        scalar => {
            let _ = writeln!(out, "{:depth$}{scalar}", "");
        }
    }
}

/// A key or a dash, and what belongs to it: on the same line, or indented below.
fn entry(head: &str, value: &Value, depth: usize, out: &mut String) {
    let is_nested = match value {
        Value::Object(map) => !map.is_empty(),
        Value::Array(items) => !items.is_empty(),
        _ => false,
    };
    // Writing into a string cannot fail.
    if is_nested {
        let _ = writeln!(out, "{:depth$}{head}", "");
        block(value, depth + 2, out);
    } else {
        let _ = writeln!(out, "{:depth$}{head} {value}", "");
    }
}

/// Keys that look like plain words go without quotes; all others are quoted.
fn plain_key(key: &str) -> String {
    let is_word = key.starts_with(|c: char| c.is_ascii_alphabetic())
        && key.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
        && !matches!(
            key.to_ascii_lowercase().as_str(),
            "null" | "true" | "false" | "yes" | "no" | "on" | "off" | "y" | "n"
        );
    if is_word { key.to_owned() } else { Value::from(key).to_string() }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn nesting_becomes_indentation_and_texts_stay_texts() {
        let value = json!({"a": {"b": [1, "no", {"c": []}], "200": null}, "on": "x: y\n"});
        let expected = "a:\n  b:\n    - 1\n    - \"no\"\n    -\n      c: []\n  \"200\": null\n\"on\": \"x: y\\n\"\n";
        assert_eq!(document(&value), expected);
    }
}
