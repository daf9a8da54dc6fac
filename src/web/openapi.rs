//! The specification of the form endpoints, and the explorer that shows it.

pub(crate) mod answers;
pub(crate) mod endpoints;
pub(crate) mod schemas;
pub(crate) mod yaml;

use std::io::Read as _;

use bytes::Bytes;
use flate2::read::GzDecoder;
use http::HeaderMap;
use http::header::{CONTENT_LANGUAGE, HeaderValue};
use poem::Response;
use poem_openapi::OpenApiService;
use serde_json::{Map, Value, json};

use super::files::{File, accepts_gzip, fingerprint, send};
use crate::config::plan::FormsPlan;
use crate::form::{FieldKind, FormSpec};

/// The service that routes and documents the form endpoints.
pub(crate) fn service() -> OpenApiService<endpoints::FormEndpoints, ()> {
    OpenApiService::new(
        endpoints::FormEndpoints,
        "vestibule: the forms of this site",
        env!("CARGO_PKG_VERSION"),
    )
}

/// The document, made to fit the configuration: the inputs are those of the forms, and what is
/// switched off is not in it.
pub(crate) fn document(forms: &FormsPlan, public_url: &str) -> Value {
    let spec = service().spec();
    let mut document: Value = serde_json::from_str(&spec).unwrap_or_default();
    // poem-openapi writes 3.0; nothing in the document differs between the two.
    document["openapi"] = json!("3.1.0");
    document["servers"] = json!([{ "url": public_url }]);
    document["components"]["schemas"]["LoginInput"] = input_schema(&forms.login);
    match &forms.register {
        Some(register) => {
            document["components"]["schemas"]["RegisterInput"] = input_schema(register);
        }
        None => {
            if let Some(paths) = document["paths"].as_object_mut() {
                paths.remove("/register");
            }
        }
    }
    if !forms.declared.is_empty() {
        document["components"]["schemas"]["Sent"] = json!({
            "type": "object",
            "required": ["message", "next", "user"],
            "properties": {
                "message": {"type": "string", "description": "What the visitor reads."},
                "next": {"type": ["string", "null"], "description": "Where a browser would go next."},
                "user": {"anyOf": [{"$ref": "#/components/schemas/UserBody"}, {"type": "null"}]},
            },
        });
    }
    for form in &forms.declared {
        let schema = format!("form.{}", form.spec.id);
        document["components"]["schemas"][&schema] = input_schema(&form.spec);
        document["paths"][form.spec.path.as_ref()] = declared(&form.spec, &schema);
    }
    trim_charsets(&mut document);
    document
}

/// The operations of a declared form.
fn declared(form: &FormSpec, schema: &str) -> Value {
    let title = form.title.clone().unwrap_or_else(|| form.id.replace('-', " "));
    let schema = json!({"schema": {"$ref": format!("#/components/schemas/{schema}")}});
    let problem = json!({
        "application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}},
        "text/html": {"schema": {"type": "string"}},
    });
    let done = json!({
        "application/json": {"schema": {"$ref": "#/components/schemas/Sent"}},
        "text/html": {"schema": {"type": "string"}},
    });
    let mut responses = json!({
        "200": {"description": "Done; for JSON callers.", "content": done},
        "303": {"description": "Done; browsers go on to `Location`."},
    });
    let failures = [
        (400, "The body cannot be read."),
        (401, "Nobody is signed in."),
        (403, "Sent from another site, or a rule does not let this user pass."),
        (404, "There is no such field to check, or a rule does not let this user pass."),
        (409, "Changed or taken by somebody else meanwhile."),
        (413, "The body is too large."),
        (415, "Neither urlencoded nor JSON."),
        (422, "Every field that has something wrong with it, at once."),
        (429, "Sent too often; `Retry-After` says when to try again."),
        (500, "This site failed."),
        (502, "The backend failed or answered what cannot be used."),
        (503, "The backend cannot be reached; `Retry-After` says when to try again."),
        (504, "The backend did not answer in time."),
    ];
    for (status, description) in failures {
        responses[status.to_string()] = json!({"description": description, "content": problem});
    }
    let shown: Map<String, Value> = responses
        .as_object()
        .into_iter()
        .flatten()
        .filter(|(status, _)| !matches!(status.as_str(), "409" | "413" | "415" | "422"))
        .map(|(status, response)| (status.clone(), response.clone()))
        .collect();
    json!({
        "get": {
            "operationId": format!("show.{}", form.id),
            "summary": format!("The page: {title}"),
            "responses": shown,
        },
        "post": {
            "operationId": format!("send.{}", form.id),
            "summary": title,
            "requestBody": {"required": true, "content": {
                "application/json": schema,
                "application/x-www-form-urlencoded": schema,
            }},
            "responses": responses,
        },
    })
}

/// A form's inputs as a schema.
fn input_schema(form: &FormSpec) -> Value {
    let mut properties = Map::new();
    let mut example = Map::new();
    for field in &form.fields {
        let mut property = json!({"type": "string", "maxLength": field.max_length});
        match field.kind {
            FieldKind::Email => property["format"] = json!("email"),
            FieldKind::Password => property["format"] = json!("password"),
            _ => {}
        }
        if let Some(pattern) = &field.pattern {
            property["pattern"] = json!(pattern.text);
        }
        if field.min_length > 0 {
            property["minLength"] = json!(field.min_length);
        }
        if let Some(other) = &field.must_equal {
            property["description"] =
                json!(format!("The same as `{other}`; JSON callers may leave it out."));
        }
        let sample = match field.kind {
            FieldKind::Email => "ada@example.com",
            FieldKind::Password => "correct horse battery",
            _ => "text",
        };
        example.insert(field.name.clone(), json!(sample));
        properties.insert(field.name.clone(), property);
    }
    let required: Vec<&str> = form
        .fields
        .iter()
        .filter(|field| field.required && field.must_equal.is_none())
        .map(|field| field.name.as_str())
        .collect();
    json!({"type": "object", "required": required, "properties": properties, "example": example})
}

/// `application/json; charset=utf-8` is not a media type that clients look for in a specification.
fn trim_charsets(value: &mut Value) {
    match value {
        Value::Object(map) => {
            let long: Vec<String> =
                map.keys().filter(|key| key.contains("; charset=")).cloned().collect();
            for key in long {
                if let Some(content) = map.remove(&key) {
                    let short = key.split(';').next().unwrap_or_default().to_owned();
                    map.insert(short, content);
                }
            }
            map.values_mut().for_each(trim_charsets);
        }
        Value::Array(items) => items.iter_mut().for_each(trim_charsets),
        _ => {}
    }
}

/// The explorer's page.
pub(crate) const DOCS: &str = "/_vestibule/docs";
/// The folder of its files.
pub(crate) const DOCS_FILES: &str = "/_vestibule/docs/";
/// The document.
pub(crate) const DOCUMENT: &str = "/_vestibule/openapi.json";

/// The same as YAML.
pub(crate) const DOCUMENT_YAML: &str = "/_vestibule/openapi.yaml";

/// The document, written down in one of its forms.
pub(crate) struct Written {
    content_type: &'static str,
    body: Bytes,
    etag: String,
}

impl Written {
    pub(crate) fn json(document: &Value) -> Self {
        Self::new("application/json", document.to_string())
    }

    /// YAML has a media type since RFC 9512.
    pub(crate) fn yaml(document: &Value) -> Self {
        Self::new("application/yaml", yaml::document(document))
    }

    fn new(content_type: &'static str, text: String) -> Self {
        let body = Bytes::from(text);
        Self { content_type, etag: fingerprint(&body), body }
    }
}

/// The document as an answer.
pub(crate) fn document_answer(written: &Written, headers: &HeaderMap) -> Response {
    let (etag, body) = (written.etag.clone(), written.body.clone());
    let content_type = written.content_type;
    send(File { content_type, etag, body, gzipped: false, immutable: false }, headers)
}

/// A file of the explorer; none where there is no such file. Swagger UI is kept compressed and only
/// unpacked for the rare client that cannot do that itself.
pub(crate) fn explorer_file(path: &str, headers: &HeaderMap) -> Option<Response> {
    let (content_type, bytes, packed): (_, &'static [u8], _) = match path {
        DOCS => ("text/html; charset=utf-8", include_bytes!("explorer/index.html"), false),
        "/_vestibule/docs/start.js" => {
            ("text/javascript; charset=utf-8", include_bytes!("explorer/start.js"), false)
        }
        "/_vestibule/docs/page.css" => {
            ("text/css; charset=utf-8", include_bytes!("explorer/page.css"), false)
        }
        "/_vestibule/docs/swagger-ui-bundle.js" => (
            "text/javascript; charset=utf-8",
            include_bytes!("explorer/swagger-ui-bundle.js.gz"),
            true,
        ),
        "/_vestibule/docs/swagger-ui.css" => {
            ("text/css; charset=utf-8", include_bytes!("explorer/swagger-ui.css.gz"), true)
        }
        _ => return None,
    };
    let gzipped = packed && accepts_gzip(headers);
    let body = if packed && !gzipped {
        let mut unpacked = Vec::new();
        GzDecoder::new(bytes).read_to_end(&mut unpacked).ok()?;
        Bytes::from(unpacked)
    } else {
        Bytes::from_static(bytes)
    };
    let etag = format!("explorer-{}-{}", env!("CARGO_PKG_VERSION"), bytes.len());
    let mut response = send(File { content_type, etag, body, gzipped, immutable: false }, headers);
    if path == DOCS {
        // Whatever the visitor reads, this page is only there in English.
        response.headers_mut().insert(CONTENT_LANGUAGE, HeaderValue::from_static("en"));
    }
    Some(response)
}
