//! A text with placeholders, as it stands in paths, headers and bodies.

use std::collections::BTreeSet;

use serde_json::Value;

use super::RenderError;
use crate::call::Values;
use crate::token::without_scheme;

/// Text with placeholders.
#[derive(Clone, Debug)]
pub(super) struct Text(pub(super) Vec<Piece>);

#[derive(Clone, Debug)]
pub(super) enum Piece {
    Literal(String),
    Placeholder(String),
}

impl Text {
    pub(super) fn parse(source: &str) -> Result<Self, String> {
        let mut pieces = Vec::new();
        let mut rest = source;
        while let Some((literal, after)) = rest.split_once("{{") {
            if !literal.is_empty() {
                pieces.push(Piece::Literal(literal.to_owned()));
            }
            let (name, after) = after.split_once("}}").ok_or_else(|| {
                "a placeholder is opened with `{{` and not closed with `}}`".to_owned()
            })?;
            let name = name.trim();
            let is_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.');
            if name.is_empty() || !name.chars().all(is_name) {
                return Err(format!(
                    "`{{{{{name}}}}}` is not a placeholder; a name has letters, digits, `_`, `-` and `.`"
                ));
            }
            pieces.push(Piece::Placeholder(name.to_owned()));
            rest = after;
        }
        if !rest.is_empty() {
            pieces.push(Piece::Literal(rest.to_owned()));
        }
        Ok(Self(pieces))
    }

    pub(super) fn render(
        &self,
        values: &Values,
        encode: impl Fn(&str) -> String,
    ) -> Result<String, RenderError> {
        let mut out = String::new();
        for piece in &self.0 {
            match piece {
                Piece::Literal(text) => out.push_str(text),
                Piece::Placeholder(name) => match look_up(values, name)? {
                    // A token that brings its scheme along does not get a second one.
                    Value::String(text) if ends_with_scheme(&out) => {
                        out.push_str(&encode(without_scheme(text)));
                    }
                    Value::String(text) => out.push_str(&encode(text)),
                    // What was left empty is nothing, and not the word for it.
                    Value::Null => {}
                    other => out.push_str(&encode(&other.to_string())),
                },
            }
        }
        Ok(out)
    }

    pub(super) fn collect(&self, names: &mut BTreeSet<String>) {
        names.extend(self.0.iter().filter_map(|piece| match piece {
            Piece::Placeholder(name) => Some(name.clone()),
            Piece::Literal(_) => None,
        }));
    }

    pub(super) fn first(&self) -> Option<&str> {
        self.0.iter().find_map(|piece| match piece {
            Piece::Placeholder(name) => Some(name.as_str()),
            Piece::Literal(_) => None,
        })
    }

    pub(super) fn source(&self) -> String {
        self.0
            .iter()
            .map(|piece| match piece {
                Piece::Literal(text) => text.clone(),
                Piece::Placeholder(name) => format!("{{{{{name}}}}}"),
            })
            .collect()
    }
}

fn ends_with_scheme(text: &str) -> bool {
    text.len() >= 7
        && text.is_char_boundary(text.len() - 7)
        && without_scheme(&text[text.len() - 7..]).is_empty()
}

pub(super) fn look_up<'a>(values: &'a Values, name: &str) -> Result<&'a Value, RenderError> {
    values.get(name).ok_or_else(|| RenderError::MissingValue(name.to_owned()))
}
