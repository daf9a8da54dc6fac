//! What is wrong with a context by the published schema, and where: for the tests inside and those from outside.

use jsonschema::error::ValidationErrorKind;
use jsonschema::{ValidationError, Validator};
use serde_json::Value;

/// Every fault with its place, down to the part of what may be null that it is about.
pub(crate) fn faults(validator: &Validator, context: &Value) -> Vec<String> {
    let mut all = Vec::new();
    for error in validator.iter_errors(context) {
        tell(&error, &mut all);
    }
    all
}

fn tell(error: &ValidationError<'_>, all: &mut Vec<String>) {
    if let ValidationErrorKind::AnyOf { context } = error.kind() {
        context.iter().flatten().for_each(|inner| tell(inner, all));
        return;
    }
    let said = error.to_string();
    let said = if said.len() > 300 { error.masked().to_string() } else { said };
    all.push(format!("{said} at {}", error.instance_path()));
}
