//! A backend's own description of itself, `OpenAPI` 3 or 2, reduced to what a declared call needs.

use serde_json::Value;

/// The operations of a backend.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Api {
    pub(crate) operations: Vec<Operation>,
}

/// One operation.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Operation {
    /// In capitals.
    pub(crate) method: String,
    /// From the root of the host, base path included.
    pub(crate) path: String,
    /// `operationId`; often tells more than the path.
    pub(crate) name: String,
    /// None: nothing is said about a body.
    pub(crate) body: Option<BodyShape>,
    /// JSON pointers to the leaves of a good answer.
    pub(crate) answer: Vec<String>,
}

/// What a body is made of.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct BodyShape {
    /// A form rather than JSON.
    pub(crate) as_form: bool,
    pub(crate) fields: Vec<Field>,
}

/// A field at the top of a body.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Field {
    pub(crate) name: String,
    pub(crate) required: bool,
    /// The one value that it may have.
    pub(crate) constant: Option<Value>,
}

const METHODS: [&str; 5] = ["get", "post", "put", "patch", "delete"];
/// `$ref` may lead in circles.
const DEEPEST: usize = 8;
/// Tokens and users lie no deeper.
const DEEPEST_ANSWER: usize = 4;

impl Api {
    /// None where the document is something else.
    pub(crate) fn read(document: &Value) -> Option<Self> {
        document.get("openapi").or_else(|| document.get("swagger"))?;
        let prefix = prefix(document);
        let mut operations = Vec::new();
        for (path, item) in document.get("paths")?.as_object()? {
            for method in METHODS {
                let Some(operation) = item.get(method) else { continue };
                let name = operation.get("operationId").and_then(Value::as_str);
                operations.push(Operation {
                    method: method.to_ascii_uppercase(),
                    path: format!("{prefix}{path}"),
                    name: name.unwrap_or_default().to_owned(),
                    body: body(document, operation),
                    answer: answer(document, operation),
                });
            }
        }
        Some(Self { operations })
    }
}

impl Operation {
    /// Whether a request for this path means this operation: a `{name}` stands for any segment.
    pub(crate) fn is_at(&self, path: &str) -> bool {
        let path = path.split('?').next().unwrap_or_default();
        let (mut ours, mut theirs) = (self.path.split('/'), path.split('/'));
        loop {
            match (ours.next(), theirs.next()) {
                (None, None) => return true,
                (Some(one), Some(other)) if one == other || one.starts_with('{') => {}
                _ => return false,
            }
        }
    }
}

/// `basePath` of version 2, or the path of the first server.
fn prefix(document: &Value) -> String {
    let base = document.get("basePath").and_then(Value::as_str);
    let server = document.pointer("/servers/0/url").and_then(Value::as_str);
    let path = match (base, server) {
        (Some(base), _) => base.to_owned(),
        (None, Some(server)) if server.starts_with('/') => server.to_owned(),
        (None, Some(server)) => {
            url::Url::parse(server).map(|url| url.path().to_owned()).unwrap_or_default()
        }
        (None, None) => String::new(),
    };
    path.trim_end_matches('/').to_owned()
}

fn body(root: &Value, operation: &Value) -> Option<BodyShape> {
    if let Some(content) = operation.get("requestBody") {
        let content = resolve(root, content).get("content")?.as_object()?;
        let json = content.iter().find(|(kind, _)| kind.contains("json"));
        let form = content.iter().find(|(kind, _)| kind.contains("urlencoded"));
        // Where both are taken, JSON is what vestibule sends if nothing is said.
        let (as_form, schema) = match (json, form) {
            (Some((_, media)), _) => (false, media.get("schema")?),
            (None, Some((_, media))) => (true, media.get("schema")?),
            (None, None) => return None,
        };
        return Some(BodyShape { as_form, fields: fields(root, schema) });
    }
    let parameters = operation.get("parameters")?.as_array()?;
    let parameters: Vec<&Value> = parameters.iter().map(|one| resolve(root, one)).collect();
    let is_in = |one: &&&Value, place: &str| one.get("in").and_then(Value::as_str) == Some(place);
    if let Some(body) = parameters.iter().find(|one| is_in(one, "body")) {
        return Some(BodyShape { as_form: false, fields: fields(root, body.get("schema")?) });
    }
    let fields: Vec<Field> = parameters
        .iter()
        .filter(|one| is_in(one, "formData"))
        .filter_map(|one| {
            Some(Field {
                name: one.get("name")?.as_str()?.to_owned(),
                required: one.get("required").and_then(Value::as_bool).unwrap_or_default(),
                constant: constant(root, one),
            })
        })
        .collect();
    (!fields.is_empty()).then_some(BodyShape { as_form: true, fields })
}

fn fields(root: &Value, schema: &Value) -> Vec<Field> {
    properties(root, schema, 0)
        .into_iter()
        .filter(|(_, schema, _)| !says(schema, "readOnly"))
        .map(|(name, schema, required)| Field {
            name: name.to_owned(),
            required,
            constant: constant(root, schema),
        })
        .collect()
}

/// The pointers of the first good answer that says what it holds.
fn answer(root: &Value, operation: &Value) -> Vec<String> {
    let Some(responses) = operation.get("responses").and_then(Value::as_object) else {
        return Vec::new();
    };
    responses
        .iter()
        .filter(|(status, _)| status.starts_with('2'))
        .filter_map(|(_, response)| {
            let response = resolve(root, response);
            let in_content = response.get("content").and_then(Value::as_object).and_then(|kinds| {
                kinds.iter().find(|(kind, _)| kind.contains("json"))?.1.get("schema")
            });
            let mut found = Vec::new();
            leaves(root, in_content.or_else(|| response.get("schema"))?, "", 0, &mut found);
            Some(found)
        })
        .find(|found| !found.is_empty())
        .unwrap_or_default()
}

fn leaves(root: &Value, schema: &Value, at: &str, depth: usize, found: &mut Vec<String>) {
    let mut inner = properties(root, schema, 0);
    inner.retain(|(_, schema, _)| !says(schema, "writeOnly"));
    if depth > 0 && (inner.is_empty() || depth == DEEPEST_ANSWER) {
        found.push(at.to_owned());
        return;
    }
    for (name, schema, _) in inner {
        let name = name.replace('~', "~0").replace('/', "~1");
        leaves(root, schema, &format!("{at}/{name}"), depth + 1, found);
    }
}

/// Name, schema and whether it is required, of everything that an object of this schema may have.
fn properties<'a>(
    root: &'a Value,
    schema: &'a Value,
    depth: usize,
) -> Vec<(&'a str, &'a Value, bool)> {
    if depth > DEEPEST {
        return Vec::new();
    }
    let schema = resolve(root, schema);
    let required: Vec<&str> = schema
        .get("required")
        .and_then(Value::as_array)
        .map(|names| names.iter().filter_map(Value::as_str).collect())
        .unwrap_or_default();
    let own = schema.get("properties").and_then(Value::as_object);
    let mut all: Vec<_> = own
        .into_iter()
        .flatten()
        .map(|(name, schema)| (name.as_str(), schema, required.contains(&name.as_str())))
        .collect();
    let parts = |key: &str| schema.get(key).and_then(Value::as_array);
    for part in parts("allOf").into_iter().flatten() {
        all.extend(properties(root, part, depth + 1));
    }
    if all.is_empty() {
        let choices = parts("oneOf").or_else(|| parts("anyOf")).into_iter().flatten();
        let chosen = choices.map(|choice| properties(root, choice, depth + 1));
        all = chosen.into_iter().find(|found| !found.is_empty()).unwrap_or_default();
    }
    all
}

fn says(schema: &Value, what: &str) -> bool {
    schema.get(what).and_then(Value::as_bool).unwrap_or_default()
}

fn resolve<'a>(root: &'a Value, value: &'a Value) -> &'a Value {
    let mut value = value;
    for _ in 0..DEEPEST {
        let Some(target) = value.get("$ref").and_then(Value::as_str) else { return value };
        match target.strip_prefix('#').and_then(|pointer| root.pointer(pointer)) {
            Some(found) => value = found,
            None => return value,
        }
    }
    value
}

/// The one value that a schema allows, if it allows but one.
fn constant(root: &Value, schema: &Value) -> Option<Value> {
    let schema = resolve(root, schema);
    let choices = ["anyOf", "oneOf"].iter().find_map(|key| schema.get(key)?.as_array());
    if let Some(choices) = choices {
        return choices.iter().find_map(|choice| constant(root, choice));
    }
    if let Some(only) = schema.get("const") {
        return Some(only.clone());
    }
    if let Some([only]) = schema.get("enum").and_then(Value::as_array).map(Vec::as_slice) {
        return Some(only.clone());
    }
    // FastAPI writes `grant_type` so.
    let pattern = schema.get("pattern")?.as_str()?;
    let only = pattern.strip_prefix('^')?.strip_suffix('$')?;
    let is_word = !only.is_empty() && only.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    is_word.then(|| Value::from(only))
}

#[cfg(test)]
mod tests;
