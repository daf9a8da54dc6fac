//! Finds a backend's description of itself at the usual places.

use std::time::Duration;

use http::header::ACCEPT;
use http::{HeaderMap, HeaderValue, Method};
use serde_json::Value;

use super::openapi::Api;
use crate::backend::Backend;
use crate::call::{CallAnswer, CallRequest};

/// Where frameworks put it: `FastAPI`, `NestJS`, ASP.NET, Spring, drf-spectacular, Directus, Go's swag.
const PLACES: [&str; 18] = [
    "/openapi.json",
    "/api/openapi.json",
    "/swagger.json",
    "/swagger/v1/swagger.json",
    "/v3/api-docs",
    "/api-docs",
    "/docs-json",
    "/api/docs-json",
    "/api-json",
    "/api/schema/?format=json",
    "/api/schema/",
    "/schema/?format=json",
    "/api/swagger.json",
    "/server/specs/oas",
    "/openapi",
    "/doc.json",
    "/swagger/doc.json",
    "/api/v1/openapi.json",
];

/// A description is a courtesy: nobody waits long for it.
const PATIENCE: Duration = Duration::from_secs(20);

/// A description that was found.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Discovered {
    pub(crate) api: Api,
    /// Where, for the report.
    pub(crate) place: String,
}

/// Asks at each place in turn. None where no place has a description in JSON.
pub(crate) async fn discover(backend: &dyn Backend) -> Option<Discovered> {
    let search = async {
        for place in PLACES {
            let Some(document) = document_at(backend, place).await else { continue };
            if let Some(api) = Api::read(&document) {
                return Some(Discovered { api, place: place.to_owned() });
            }
        }
        None
    };
    tokio::time::timeout(PATIENCE, search).await.ok().flatten()
}

async fn document_at(backend: &dyn Backend, place: &str) -> Option<Value> {
    let answer = ask(backend, Method::GET, place).await?;
    if !answer.status.is_success() {
        return None;
    }
    serde_json::from_slice(&answer.body).ok()
}

/// A request that changes nothing and proves nothing about anybody.
pub(super) async fn ask(backend: &dyn Backend, method: Method, target: &str) -> Option<CallAnswer> {
    let mut headers = HeaderMap::new();
    let json = "application/json, application/vnd.oai.openapi+json;q=0.9";
    headers.insert(ACCEPT, HeaderValue::from_static(json));
    let request = CallRequest { method, target: target.to_owned(), headers, body: None };
    backend.send(request).await.ok()
}
