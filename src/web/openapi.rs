//! The specification of forms and pages, and the explorer that shows it.

pub(crate) mod answers;
pub(crate) mod endpoints;
pub(crate) mod inputs;
pub(crate) mod operations;
pub(crate) mod schemas;
pub(crate) mod yaml;

use std::collections::BTreeSet;
use std::io::Read as _;

use bytes::Bytes;
use flate2::read::GzDecoder;
use http::HeaderMap;
use http::header::{CONTENT_LANGUAGE, HeaderValue};
use poem::Response;
use poem_openapi::OpenApiService;
use serde_json::{Map, Value, json};

use self::answers::{
    FormPage, LoginStatuses, LogoutStatuses, RegisterStatuses, SessionStatuses, Statuses,
};
use self::operations::{Names, next_parameter, pascal, request_body};
use super::files::{File, accepts_gzip, fingerprint, send};
use super::{LOGIN, LOGOUT, REGISTER, SESSION, csrf};
use crate::config::plan::{FormsPlan, PagePlan};
use crate::form::FormSpec;

/// The service that routes the endpoints that are built in, and says how they are called.
pub(crate) fn service() -> OpenApiService<endpoints::FormEndpoints, ()> {
    OpenApiService::new(
        endpoints::FormEndpoints,
        "Forms and pages of this site",
        env!("CARGO_PKG_VERSION"),
    )
}

/// What of a plan the document is about.
pub(crate) struct Described<'a> {
    pub(crate) forms: &'a FormsPlan,
    pub(crate) pages: &'a [PagePlan],
    /// Without a slash at its end.
    pub(crate) public_url: &'a str,
    /// The cookie of the session, as browsers know it.
    pub(crate) session_cookie: String,
}

const ABOUT: &str = "Signing in and out, the session, and the forms and pages that this site declares.

Send JSON and `Accept: application/json`, and keep the cookies that come back. What goes wrong is a problem document \
(RFC 9457): `code` is stable, `type` leads to a page about it, and `errors` has each field with a JSON pointer.

Forms are only taken from this site. JSON needs nothing more for that, since no other site can send it unasked; a \
browser says where it comes from by `Origin` or `Sec-Fetch-Site`; and one that says neither sends the token of the \
page along, as the field `csrf`.";

/// The document (`OpenAPI` 3.1), made from the configuration: what is switched off is not in it. The names and words of
/// what is built in are those of [`endpoints`]; all else is written here, since poem-openapi knows neither 3.1 nor
/// what is only declared at run time.
pub(crate) fn document(described: &Described<'_>) -> Value {
    let Described { forms, pages, public_url, session_cookie } = described;
    let said: Value = serde_json::from_str(&service().spec()).unwrap_or_default();
    let mut names = Names::default();
    let mut schemas = schemas::answers();
    let mut paths = Map::new();
    paths.insert(LOGIN.to_owned(), built_in(&said, LOGIN, &mut names));
    add_inputs(&mut schemas, "Login", &forms.login);
    if let Some(register) = &forms.register {
        paths.insert(REGISTER.to_owned(), built_in(&said, REGISTER, &mut names));
        add_inputs(&mut schemas, "Register", register);
    }
    paths.insert(LOGOUT.to_owned(), built_in(&said, LOGOUT, &mut names));
    add_inputs(&mut schemas, "Logout", &FormSpec::new("logout", LOGOUT));
    paths.insert(SESSION.to_owned(), built_in(&said, SESSION, &mut names));
    let mut bases = Names::default();
    for taken in ["Login", "Register", "Logout"] {
        bases.take(taken);
    }
    for form in &forms.declared {
        let name = bases.take(&pascal(&form.spec.id));
        add_inputs(&mut schemas, &name, &form.spec);
        let operations = operations::form(form, &name, &mut names);
        paths.insert(form.spec.path.to_string(), operations);
    }
    for page in *pages {
        let name = bases.take(&pascal(&page.id));
        schemas[format!("{name}Page")] = operations::page_schema(page);
        paths.insert(page.path.clone(), operations::page(page, &name, &mut names));
    }
    for done in ["Done", "Sent"] {
        let either = [schemas::reference(done), schemas::reference("Checked")];
        schemas[format!("{done}OrChecked")] = json!({
            "description": "What became of the form, or of the field that was asked about.",
            "anyOf": either,
        });
    }
    let tag = |name: &str, description: &str| json!({"name": name, "description": description});
    let mut tags = vec![tag("account", "Signing in and out, and the session.")];
    if !forms.declared.is_empty() {
        tags.push(tag("forms", "The forms that this site declares."));
    }
    if !pages.is_empty() {
        tags.push(tag("pages", "The pages that this site declares."));
    }
    let mut document = json!({
        "openapi": "3.1.0",
        "info": {
            "title": said["info"]["title"],
            "version": said["info"]["version"],
            "description": ABOUT,
            "contact": {"name": "Whoever runs this site", "url": public_url},
        },
        "servers": [{"url": public_url}],
        "tags": tags,
        "paths": paths,
        "components": {
            "schemas": schemas,
            "headers": answers::shared_headers(),
            "securitySchemes": {
                "session": {
                    "type": "apiKey",
                    "in": "cookie",
                    "name": session_cookie,
                    "description": "The session, as `login` and `register` set it. A long one goes on in further cookies.",
                },
                "formToken": {
                    "type": "apiKey",
                    "in": "cookie",
                    "name": csrf::COOKIE_NAME,
                    "description": "Only for browsers that send neither `Origin` nor `Sec-Fetch-Site`: the page with the form sets it, and the field `csrf` has the token that belongs to it. Without both, such a browser gets 403 `csrf.expired`. JSON needs neither.",
                },
            },
        },
    });
    leave_out_what_nobody_needs(&mut document);
    document
}

fn add_inputs(schemas: &mut Value, name: &str, form: &FormSpec) {
    schemas[format!("{name}Input")] = inputs::json(form);
    schemas[format!("{name}Form")] = inputs::urlencoded(form);
}

/// The operations at a path that is built in.
fn built_in(said: &Value, path: &str, names: &mut Names) -> Value {
    let mut operations = Map::new();
    for method in ["get", "post"] {
        let told = &said["paths"][path][method];
        let Some(id) = told["operationId"].as_str() else { continue };
        let summary = told["summary"].as_str().unwrap_or_default();
        let mut operation = json!({
            "operationId": names.take(id),
            "tags": ["account"],
            "summary": summary,
            "description": told["description"].as_str().map_or_else(|| format!("{summary}."), str::to_owned),
            "security": [],
            "x-vestibule-access": "public",
        });
        let list = match id {
            "login" => LoginStatuses::LIST,
            "register" => RegisterStatuses::LIST,
            "logout" => LogoutStatuses::LIST,
            "session" => SessionStatuses::LIST,
            _ => FormPage::LIST,
        };
        if path == LOGIN || path == REGISTER {
            operation["parameters"] = json!([next_parameter()]);
        }
        if method == "post" {
            operation["requestBody"] = request_body(&pascal(id));
        }
        operation["responses"] = answers::responses(list);
        operations.insert(method.to_owned(), operation);
    }
    Value::Object(operations)
}

/// Schemas that nothing refers to, not even by way of others.
fn leave_out_what_nobody_needs(document: &mut Value) {
    let mut needed = BTreeSet::new();
    let mut open = references(&document["paths"]);
    while let Some(name) = open.pop() {
        if needed.insert(name.clone()) {
            open.extend(references(&document["components"]["schemas"][&name]));
        }
    }
    if let Some(schemas) = document["components"]["schemas"].as_object_mut() {
        schemas.retain(|name, _| needed.contains(name));
    }
}

fn references(value: &Value) -> Vec<String> {
    match value {
        Value::Object(map) => {
            let own = map.get("$ref").and_then(Value::as_str);
            let own = own.and_then(|it| it.strip_prefix("#/components/schemas/"));
            let below = map.values().flat_map(references);
            own.map(str::to_owned).into_iter().chain(below).collect()
        }
        Value::Array(items) => items.iter().flat_map(references).collect(),
        _ => Vec::new(),
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
