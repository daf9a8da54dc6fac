//! The specification of the form endpoints, and the explorer that shows it.

pub(crate) mod answers;
pub(crate) mod endpoints;
pub(crate) mod schemas;
pub(crate) mod yaml;

use std::io::Read as _;

use bytes::Bytes;
use flate2::read::GzDecoder;
use http::HeaderMap;
use poem::Response;
use poem_openapi::OpenApiService;
use serde_json::{Map, Value, json};

use super::Forms;
use super::files::{File, accepts_gzip, fingerprint, send};
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
pub(crate) fn document(forms: &Forms, public_url: &str) -> Value {
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
    trim_charsets(&mut document);
    document
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
            FieldKind::Text => {}
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
            FieldKind::Text => "text",
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
    Some(send(File { content_type, etag, body, gzipped, immutable: false }, headers))
}
