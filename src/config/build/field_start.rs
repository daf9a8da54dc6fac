//! What a field starts with: a value of its type, or something that is known of the query or the user.

use serde_json::Value;

use super::Builder;
use super::declared::{Told, map_claim};
use crate::config::fill::fill;
use crate::config::form::{ChoiceEntry, FieldTable};
use crate::config::suggest::nearest;
use crate::finding::{Code, Finding};
use crate::form::FieldKind;
use crate::form::check::is_day;
use crate::form::field::{Given, Start};

impl Builder<'_> {
    /// What the field starts with.
    pub(super) fn start(
        &mut self,
        path: &str,
        said: &FieldTable,
        kind: FieldKind,
    ) -> Result<Option<Start>, Told> {
        let Some(value) = &said.default else { return Ok(None) };
        // Told where types are looked at, and not to be repeated.
        if !kind.may_be_echoed() {
            return Ok(None);
        }
        let path = format!("{path}.default");
        let wrong =
            |message: String, help: &str| Finding::error(Code::BadValue, message).help(help);
        let finding = match value {
            Value::String(text) if text.contains("{{") => match given(text) {
                Some(given) => return self.known_start(&path, given),
                None => wrong(
                    format!("\"{text}\" is nothing that a field can start with"),
                    "write {{user.name}}, {{user.email}}, {{claims.NAME}} or {{query.NAME}}, and nothing around it",
                ),
            },
            Value::String(text) if kind == FieldKind::Date && !is_day(text) => {
                wrong(format!("\"{text}\" is no day"), "write for example default = \"2026-01-31\"")
            }
            Value::Bool(_) if kind.is_yes_or_no() => {
                return Ok(Some(Start::Constant(value.clone())));
            }
            Value::Number(_) if kind == FieldKind::Number => {
                return Ok(Some(Start::Constant(value.clone())));
            }
            Value::String(text) if kind.is_choice() => {
                let values = said.options.iter().map(|entry| match entry {
                    ChoiceEntry::Word(word) => word,
                    ChoiceEntry::Labelled { value, .. } => value,
                });
                if values.into_iter().any(|value| value == text) {
                    return Ok(Some(Start::Constant(value.clone())));
                }
                wrong(format!("\"{text}\" is none of the options"), "take the value of one of them")
            }
            Value::String(_) if !kind.is_yes_or_no() && kind != FieldKind::Number => {
                return Ok(Some(Start::Constant(value.clone())));
            }
            _ => {
                let help = match kind {
                    FieldKind::Checkbox | FieldKind::Switch => "write default = true",
                    FieldKind::Number => "write default = 1",
                    _ => "write a text in quotes",
                };
                wrong(format!("a field of type {} cannot start with this", kind.name()), help)
            }
        };
        self.find(&path, finding);
        Err(Told)
    }

    /// What a field starts with has to be known of the user; queries may hold anything.
    fn known_start(&mut self, path: &str, given: Given) -> Result<Option<Start>, Told> {
        let Given::User(name) = &given else { return Ok(Some(Start::Given(given))) };
        let claims = fill(&self.said.backend).me.claims;
        let own = ["id", "email", "name"].map(|name| format!("user.{name}"));
        let known: Vec<String> =
            own.into_iter().chain(claims.keys().map(|claim| format!("claims.{claim}"))).collect();
        let claim = name.strip_prefix("claims.");
        let full = if claim.is_some() { name.clone() } else { format!("user.{name}") };
        if known.contains(&full) {
            return Ok(Some(Start::Given(given)));
        }
        let message = format!("nothing is known for `{{{{{full}}}}}`");
        let near = nearest(&full, known.iter().map(String::as_str));
        let help = match (near, claim) {
            (Some(near), _) => format!("did you mean {{{{{near}}}}}?"),
            (None, Some(claim)) => map_claim(claim),
            (None, None) => format!("of a user {} are known", known.join(", ")),
        };
        self.find(path, Finding::error(Code::BadValue, message).help(help));
        Err(Told)
    }
}

/// `{{user.name}}`, `{{claims.plan}}` or `{{query.token}}`, and nothing around it.
fn given(text: &str) -> Option<Given> {
    let name = text.trim().strip_prefix("{{")?.strip_suffix("}}")?.trim();
    let (from, name) = name.split_once('.')?;
    let is_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
    if name.is_empty() || !name.chars().all(is_name) {
        return None;
    }
    match from {
        "query" => Some(Given::Query(name.to_owned())),
        "user" => Some(Given::User(name.to_owned())),
        "claims" => Some(Given::User(format!("claims.{name}"))),
        _ => None,
    }
}
