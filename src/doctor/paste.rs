//! Lines to paste into `auth.toml`.

use std::fmt::Write as _;

use serde_json::Value;

/// Puts tables together: a heading, and under it lines.
#[derive(Debug, Default)]
pub(crate) struct Paste(String);

impl Paste {
    pub(crate) fn table(heading: &str) -> Self {
        Self(format!("{heading}\n"))
    }

    #[must_use]
    pub(crate) fn text(self, key: &str, value: &str) -> Self {
        self.raw(key, &quoted(value))
    }

    #[must_use]
    pub(crate) fn raw(mut self, key: &str, value: &str) -> Self {
        let _ = writeln!(self.0, "{} = {value}", bare(key));
        self
    }

    /// An inline table, in the order given.
    #[must_use]
    pub(crate) fn map(self, key: &str, pairs: &[(String, Value)]) -> Self {
        let inner: Vec<String> =
            pairs.iter().map(|(name, value)| format!("{} = {}", bare(name), toml(value))).collect();
        let text =
            if inner.is_empty() { "{}".to_owned() } else { format!("{{ {} }}", inner.join(", ")) };
        self.raw(key, &text)
    }

    pub(crate) fn lines(self) -> String {
        self.0.trim_end().to_owned()
    }
}

fn toml(value: &Value) -> String {
    match value {
        Value::String(text) => quoted(text),
        Value::Null => "\"\"".to_owned(),
        Value::Bool(_) | Value::Number(_) => value.to_string(),
        Value::Array(items) => {
            format!("[{}]", items.iter().map(toml).collect::<Vec<_>>().join(", "))
        }
        Value::Object(map) => {
            let inner: Vec<String> =
                map.iter().map(|(key, value)| format!("{} = {}", bare(key), toml(value))).collect();
            format!("{{ {} }}", inner.join(", "))
        }
    }
}

/// JSON's strings are TOML's basic strings, but for the delete character.
fn quoted(text: &str) -> String {
    Value::from(text).to_string().replace('\u{7f}', "\\u007f")
}

fn bare(key: &str) -> String {
    let is_bare =
        !key.is_empty() && key.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-'));
    if is_bare { key.to_owned() } else { quoted(key) }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_pasted_is_toml_with_the_same_meaning() {
        let body = json!({"user": {"e mail": "{{email}}", "n": [1, true]}, "q": "a\"b\u{7f}"});
        let pairs: Vec<_> = body.as_object().unwrap().clone().into_iter().collect();
        let lines = Paste::table("[x]").text("send", "POST /\"").map("body", &pairs).lines();
        let read: Value = toml::from_str(&lines).unwrap();
        assert_eq!(read, json!({"x": {"send": "POST /\"", "body": body}}));
    }
}
