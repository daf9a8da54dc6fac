//! The built-in backend's endpoints at `/auth/*`, for clients that speak with it directly.

use http::header::{ACCEPT_LANGUAGE, CONTENT_TYPE, RETRY_AFTER, USER_AGENT};
use http::{HeaderMap, HeaderValue, StatusCode};
use poem::{Request, Response};
use serde_json::{Value, json};

use super::App;
use super::answer::json_answer;
use super::error::{Failure, whole_seconds};
use super::visit::Visit;
use crate::backend::Backend;
use crate::call::CallRequest;

/// Where the endpoints are.
pub(crate) const FOLDER: &str = "/auth/";

impl App {
    /// Passes a request on to the built-in backend. Guessing passwords here is as limited as on the
    /// login page, by the same counters.
    pub(crate) async fn builtin(
        &self,
        visit: &Visit,
        backend: &dyn Backend,
        mut request: Request,
    ) -> Response {
        let body = match request.take_body().into_bytes_limit(self.limits.max_body).await {
            Ok(body) => body,
            Err(error) => {
                let failure = Failure::new(StatusCode::PAYLOAD_TOO_LARGE, "body.too_large");
                return self.fail(visit, failure.because(error.to_string()));
            }
        };
        let attempt = if visit.path_str() == "/auth/login" {
            let json: Value = serde_json::from_slice(&body).unwrap_or_default();
            let account = json.get("email").and_then(Value::as_str).unwrap_or_default();
            match self.auth.attempt(account, visit.client) {
                Ok(attempt) => Some(attempt),
                Err(wait) => {
                    let body = json!({"detail": "Too many attempts"});
                    let mut response = json_answer(StatusCode::TOO_MANY_REQUESTS, &body);
                    response
                        .headers_mut()
                        .insert(RETRY_AFTER, HeaderValue::from(whole_seconds(wait)));
                    return response;
                }
            }
        } else {
            None
        };
        let target = match request.uri().query() {
            Some(query) => format!("{}?{query}", visit.path_str()),
            None => visit.path_str().to_owned(),
        };
        let call = CallRequest {
            method: visit.method.clone(),
            target,
            headers: self.about_the_client(std::mem::take(request.headers_mut()), visit),
            body: Some(body),
        };
        let answer = match backend.send(call).await {
            Ok(answer) => answer,
            Err(error) => return self.fail(visit, error.into()),
        };
        if let Some(attempt) = attempt.filter(|_| answer.status != StatusCode::UNAUTHORIZED) {
            attempt.give_back();
        }
        let mut response = Response::builder().status(answer.status).body(answer.body);
        for (name, value) in &answer.headers {
            response.headers_mut().append(name, value.clone());
        }
        response
            .headers_mut()
            .entry(CONTENT_TYPE)
            .or_insert(HeaderValue::from_static("application/json"));
        response
    }

    /// Says which browser asks and from where, for the list of sessions. What is known here wins over what a
    /// client says of its address.
    fn about_the_client(&self, mut headers: HeaderMap, visit: &Visit) -> HeaderMap {
        headers.remove("x-client-address");
        if let Ok(address) = HeaderValue::from_str(&visit.client.to_string()) {
            headers.insert("x-client-address", address);
        }
        if let Ok(language) = HeaderValue::from_str(self.offer.tag(visit.language)) {
            headers.insert(ACCEPT_LANGUAGE, language);
        }
        if let Some(agent) = headers.get(USER_AGENT).cloned() {
            headers.entry("x-client-agent").or_insert(agent);
        }
        headers
    }
}
