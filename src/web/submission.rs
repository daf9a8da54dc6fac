//! One extractor for everything that is submitted: urlencoded and JSON become the same values.

use std::marker::PhantomData;

use http::header::CONTENT_TYPE;
use poem::error::ReadBodyError;
use poem::{Request, RequestBody};
use poem_openapi::registry::{MetaMediaType, MetaRequest, Registry};
use poem_openapi::types::Type;
use poem_openapi::{ApiExtractor, ApiExtractorType, ExtractParamOptions};
use serde_json::{Map, Value};

/// What was submitted; `T` is the type that the specification shows for it.
pub(crate) struct Submission<T> {
    pub(crate) values: Map<String, Value>,
    pub(crate) is_json: bool,
    schema: PhantomData<T>,
}

/// The largest body that is read, in bytes; travels in the request's extensions.
#[derive(Clone, Copy, Debug)]
pub(crate) struct BodyLimit(pub(crate) usize);

/// Why a body could not be taken.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SubmissionError {
    #[error("the body is larger than [server] max_body_size ({limit} bytes)")]
    TooLarge { limit: usize },
    #[error("the body is neither application/x-www-form-urlencoded nor application/json")]
    UnsupportedType,
    #[error("the body cannot be read: {0}")]
    Malformed(String),
}

impl<T> Submission<T> {
    /// A value as text.
    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        self.values.get(name).and_then(Value::as_str)
    }

    async fn read(request: &Request, body: &mut RequestBody) -> Result<Self, SubmissionError> {
        let BodyLimit(limit) = request.extensions().get().copied().unwrap_or(BodyLimit(0));
        let announced =
            request.header("content-length").and_then(|length| length.parse::<u64>().ok());
        if announced.is_some_and(|length| length > limit as u64) {
            return Err(SubmissionError::TooLarge { limit });
        }
        let kind = request.headers().get(CONTENT_TYPE).map(|value| value.to_str().unwrap_or("?"));
        let essence =
            kind.map(|kind| kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase());
        let is_json = match essence.as_deref() {
            Some("application/json") => true,
            // A sign-out button has no fields, so some callers send no body and no type.
            Some("application/x-www-form-urlencoded") | None => false,
            Some(_) => return Err(SubmissionError::UnsupportedType),
        };
        let body = body.take().map_err(|error| SubmissionError::Malformed(error.to_string()))?;
        let bytes = body.into_bytes_limit(limit).await.map_err(|error| match error {
            ReadBodyError::PayloadTooLarge => SubmissionError::TooLarge { limit },
            error => SubmissionError::Malformed(error.to_string()),
        })?;
        let values = if is_json { from_json(&bytes)? } else { from_form(&bytes) };
        Ok(Self { values, is_json, schema: PhantomData })
    }
}

fn from_json(bytes: &[u8]) -> Result<Map<String, Value>, SubmissionError> {
    if bytes.is_empty() {
        return Ok(Map::new());
    }
    match serde_json::from_slice(bytes) {
        Ok(Value::Object(map)) => Ok(map),
        Ok(_) => Err(SubmissionError::Malformed("the JSON is not an object".to_owned())),
        // The error's own text may quote what was sent.
        Err(error) => Err(SubmissionError::Malformed(format!(
            "no JSON at line {} column {}",
            error.line(),
            error.column()
        ))),
    }
}

/// Of a name given twice the first value counts: the later one may have been added behind a visitor's back.
fn from_form(bytes: &[u8]) -> Map<String, Value> {
    let mut map = Map::new();
    for (name, value) in form_urlencoded::parse(bytes) {
        map.entry(name.into_owned()).or_insert_with(|| Value::String(value.into_owned()));
    }
    map
}

impl<'a, T: Type> ApiExtractor<'a> for Submission<T> {
    const TYPES: &'static [ApiExtractorType] = &[ApiExtractorType::RequestObject];
    const PARAM_IS_REQUIRED: bool = true;
    type ParamType = ();
    type ParamRawType = ();

    fn register(registry: &mut Registry) {
        T::register(registry);
    }

    fn request_meta() -> Option<MetaRequest> {
        let media = |content_type| MetaMediaType { content_type, schema: T::schema_ref() };
        Some(MetaRequest {
            description: Some("The same fields in either encoding."),
            content: vec![media("application/x-www-form-urlencoded"), media("application/json")],
            required: true,
        })
    }

    async fn from_request(
        request: &'a Request,
        body: &mut RequestBody,
        _options: ExtractParamOptions<()>,
    ) -> poem::Result<Self> {
        Self::read(request, body)
            .await
            .map_err(|error| poem::Error::new(error, http::StatusCode::BAD_REQUEST))
    }
}
