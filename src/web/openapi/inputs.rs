//! The inputs of a form as schemas: one for JSON, one for urlencoded bodies, where everything is text.

use serde_json::{Map, Value, json};

use crate::form::field::{Bound, Start};
use crate::form::{FieldKind, FieldSpec, FormSpec};
use crate::web::csrf;

/// What a program sends. Confirmations are the visitor's, so it may leave them out.
pub(crate) fn json(form: &FormSpec) -> Value {
    object(form, as_json, |field| field.required && field.must_equal.is_none())
}

/// What a browser sends.
pub(crate) fn urlencoded(form: &FormSpec) -> Value {
    let mut schema = object(form, as_text, |field| field.required);
    schema["properties"][csrf::FIELD] = csrf_field();
    schema
}

/// The token of the form.
pub(crate) fn csrf_field() -> Value {
    json!({
        "type": "string",
        "description": "Only for browsers that send neither `Origin` nor `Sec-Fetch-Site`: the token of the page with the form.",
    })
}

fn inputs(form: &FormSpec) -> impl Iterator<Item = &FieldSpec> {
    form.fields.iter().filter(|field| field.kind.is_input())
}

fn object(
    form: &FormSpec,
    schema: impl Fn(&FieldSpec) -> Value,
    is_required: impl Fn(&FieldSpec) -> bool,
) -> Value {
    let mut properties = Map::new();
    let mut example = Map::new();
    for field in inputs(form) {
        let property = schema(field);
        let same = field.must_equal.as_ref().and_then(|other| form.field(other));
        example.insert(field.name.clone(), sample(same.unwrap_or(field), &property));
        properties.insert(field.name.clone(), property);
    }
    // An example that some pattern may refuse would teach the wrong thing.
    let is_sure = inputs(form).all(|field| field.pattern.is_none());
    let mut object = json!({"type": "object", "properties": properties});
    let required: Vec<&str> =
        inputs(form).filter(|field| is_required(field)).map(|field| field.name.as_str()).collect();
    if !required.is_empty() {
        object["required"] = json!(required);
    }
    if form.refuse_unknown {
        object["additionalProperties"] = json!(false);
    }
    if is_sure {
        object["example"] = Value::Object(example);
    }
    object
}

fn as_json(field: &FieldSpec) -> Value {
    let mut schema = match field.kind {
        FieldKind::Number => number(field),
        FieldKind::Checkbox | FieldKind::Switch if field.required => {
            json!({"type": "boolean", "const": true})
        }
        FieldKind::Checkbox | FieldKind::Switch => json!({"type": "boolean"}),
        _ => text(field),
    };
    describe(field, &mut schema);
    if let Some(Start::Constant(value)) = &field.start
        && fits(&schema, value)
    {
        schema["default"] = value.clone();
    }
    schema
}

fn as_text(field: &FieldSpec) -> Value {
    let mut schema = match field.kind {
        FieldKind::Number => json!({"type": "string", "description": "A number."}),
        FieldKind::Checkbox | FieldKind::Switch if field.required => {
            json!({"type": "string", "enum": ["on"]})
        }
        FieldKind::Checkbox | FieldKind::Switch => {
            json!({"type": "string", "enum": ["on", ""]})
        }
        _ => text(field),
    };
    describe(field, &mut schema);
    schema
}

fn number(field: &FieldSpec) -> Value {
    let mut schema = json!({"type": "number"});
    if let Some(Bound::Number(min)) = field.min {
        schema["minimum"] = plain(min);
    }
    if let Some(Bound::Number(max)) = field.max {
        schema["maximum"] = plain(max);
    }
    schema
}

/// `3` rather than `3.0`.
fn plain(number: f64) -> Value {
    serde_json::from_str(&number.to_string()).unwrap_or_else(|_| json!(number))
}

fn text(field: &FieldSpec) -> Value {
    let mut schema = json!({"type": "string"});
    match field.kind {
        FieldKind::Email => schema["format"] = json!("email"),
        FieldKind::Url => schema["format"] = json!("uri"),
        FieldKind::Password => schema["format"] = json!("password"),
        FieldKind::Date => schema["format"] = json!("date"),
        FieldKind::Select | FieldKind::Radio => {
            let mut values: Vec<&str> = field.choices.iter().map(|it| it.value.as_str()).collect();
            if !field.required && !values.contains(&"") {
                values.push("");
            }
            schema["enum"] = json!(values);
        }
        _ => {}
    }
    if field.kind.is_text() && field.must_equal.is_none() {
        let least = field.min_length.max(usize::from(field.required));
        if least > 0 {
            schema["minLength"] = json!(least);
        }
    }
    if field.kind.is_text() || field.kind == FieldKind::Hidden {
        schema["maxLength"] = json!(field.max_length);
    }
    if let Some(pattern) = &field.pattern
        && is_portable(&pattern.text)
    {
        schema["pattern"] = json!(format!("^(?:{})$", pattern.text));
    }
    schema
}

/// Whether a regular expression means the same to JavaScript, in which JSON Schema has its patterns.
fn is_portable(pattern: &str) -> bool {
    let without_groups = pattern.replace("(?:", "(");
    let foreign =
        ["(?", "[[", "&&", "--", "~~", "\\A", "\\z", "\\p", "\\P", "\\x{", "\\u", "\\U", "\\a"];
    !foreign.iter().any(|part| without_groups.contains(part))
}

fn describe(field: &FieldSpec, schema: &mut Value) {
    let mut said: Vec<String> = Vec::new();
    said.extend(field.label.clone());
    said.extend(field.hint.clone());
    said.extend(schema["description"].as_str().map(str::to_owned));
    if let Some(other) = &field.must_equal {
        said.push(format!("The same as `{other}`; JSON callers may leave it out."));
    }
    if field.kind == FieldKind::Tel {
        said.push("2 to 20 digits, with what people put between them.".to_owned());
    }
    match (&field.min, &field.max) {
        (Some(Bound::Date(min)), Some(Bound::Date(max))) => {
            said.push(format!("From {min} to {max}."));
        }
        (Some(Bound::Date(min)), _) => said.push(format!("{min} or later.")),
        (_, Some(Bound::Date(max))) => said.push(format!("{max} or earlier.")),
        _ => {}
    }
    if field.choices.iter().any(|choice| choice.label != choice.value) {
        let words = field.choices.iter().map(|it| format!("`{}`: {}", it.value, it.label));
        said.push(words.collect::<Vec<_>>().join("; "));
    }
    if let Some(pattern) = &field.pattern
        && schema.get("pattern").is_none()
    {
        said.push(format!("The whole must match `{}`.", pattern.text));
    }
    if field.strength > 0 {
        said.push("Refused where it is too easy to guess.".to_owned());
    }
    if field.kind == FieldKind::Hidden {
        said.push("Not shown on the page.".to_owned());
    }
    if field.readonly {
        said.push("Shown on the page, and not changed there.".to_owned());
    }
    if let Some(Start::Given(given)) = &field.start {
        use crate::form::field::Given;
        said.push(match given {
            Given::Query(name) => format!("The page fills it from `{name}` in its query."),
            Given::User(name) => format!("The page fills it with the user's `{name}`."),
        });
    }
    let said: Vec<String> = said
        .into_iter()
        .map(|text| if text.ends_with(['.', '!', '?']) { text } else { format!("{text}.") })
        .collect();
    if said.is_empty() {
        if let Some(schema) = schema.as_object_mut() {
            schema.remove("description");
        }
    } else {
        schema["description"] = json!(said.join(" "));
    }
}

fn fits(schema: &Value, value: &Value) -> bool {
    match value {
        Value::String(_) if schema["enum"].is_array() => {
            schema["enum"].as_array().is_some_and(|choices| choices.contains(value))
        }
        Value::String(text) => schema["type"] == "string" && !text.is_empty(),
        Value::Number(_) => schema["type"] == "number",
        Value::Bool(_) => schema["type"] == "boolean" && schema.get("const").is_none(),
        _ => false,
    }
}

/// A value that the schema takes.
fn sample(field: &FieldSpec, schema: &Value) -> Value {
    if let Some(default) = schema.get("default") {
        return default.clone();
    }
    if let Some(constant) = schema.get("const") {
        return constant.clone();
    }
    if let Some(first) = schema["enum"].as_array().and_then(|choices| choices.first()) {
        return first.clone();
    }
    if schema["type"] == "boolean" {
        return json!(true);
    }
    let number = match (&field.min, &field.max) {
        (Some(Bound::Number(bound)), _) | (None, Some(Bound::Number(bound))) => *bound,
        _ => 1.0,
    };
    let text = match field.kind {
        FieldKind::Number if schema["type"] == "number" => return plain(number),
        FieldKind::Number => number.to_string(),
        FieldKind::Email => "ada@example.com".to_owned(),
        FieldKind::Password => "correct horse battery".to_owned(),
        FieldKind::Url => "https://example.com/".to_owned(),
        FieldKind::Tel => "+49 30 123456".to_owned(),
        FieldKind::Date => match (&field.min, &field.max) {
            (Some(Bound::Date(bound)), _) | (None, Some(Bound::Date(bound))) => bound.clone(),
            _ => "2026-01-31".to_owned(),
        },
        _ if !field.placeholder.is_empty() => field.placeholder.clone(),
        _ => "Ada".to_owned(),
    };
    let length = text.chars().count();
    let padded = if length < field.min_length {
        format!("{text}{}", "a".repeat(field.min_length - length))
    } else {
        text
    };
    json!(padded.chars().take(field.max_length.max(1)).collect::<String>())
}
