//! `vestibule why`: the decision about a request, step by step.

use std::collections::BTreeMap;
use std::process::ExitCode;

use clap::Args;
use http::Method;
use serde_json::Value;
use vestibule::Builder;

use super::{TextFormat, fail, print};

#[derive(Args)]
pub(crate) struct Options {
    /// The method, in capitals
    #[arg(value_parser = method)]
    method: Method,
    /// The path; a query is not part of the decision
    path: String,
    /// A claim of who asks: roles=admin, id=7; a key that comes again makes a list
    #[arg(long = "as", value_name = "KEY=VALUE", value_parser = claim)]
    claims: Vec<(String, Value)>,
    /// How to write it
    #[arg(long, value_enum, default_value_t = TextFormat::Human)]
    format: TextFormat,
}

/// Explains. Whatever is decided, it is an answer.
pub(crate) fn run(builder: &Builder, options: &Options) -> ExitCode {
    let claims = (!options.claims.is_empty()).then(|| gathered(&options.claims));
    match builder.why(&options.method, &options.path, claims.as_ref()) {
        Ok(explanation) => {
            print(&match options.format {
                TextFormat::Human => explanation.human(),
                TextFormat::Json => format!("{:#}\n", explanation.json()),
            });
            ExitCode::SUCCESS
        }
        Err(error) => fail(&error),
    }
}

fn method(text: &str) -> Result<Method, String> {
    let capitals = text.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'-');
    let method = Method::from_bytes(text.as_bytes()).ok().filter(|_| capitals);
    method.ok_or_else(|| "a method is written in capitals, for example GET".to_owned())
}

/// What reads as a number, true or false is one, as in the backend's answer; `"7"` in quotes is a text.
fn claim(text: &str) -> Result<(String, Value), String> {
    let (name, value) = text
        .split_once('=')
        .filter(|(name, _)| !name.is_empty())
        .ok_or_else(|| "a claim is written KEY=VALUE, for example roles=admin".to_owned())?;
    let value = match serde_json::from_str(value) {
        Ok(scalar @ (Value::Number(_) | Value::Bool(_) | Value::String(_))) => scalar,
        _ => Value::String(value.to_owned()),
    };
    Ok((name.to_owned(), value))
}

fn gathered(claims: &[(String, Value)]) -> BTreeMap<String, Value> {
    let mut all: BTreeMap<String, Value> = BTreeMap::new();
    for (name, value) in claims {
        match all.get_mut(name) {
            None => {
                all.insert(name.clone(), value.clone());
            }
            Some(Value::Array(items)) => items.push(value.clone()),
            Some(first) => *first = Value::Array(vec![first.clone(), value.clone()]),
        }
    }
    all
}
