//! One extractor for everything that is submitted: urlencoded and JSON become the same values.

use std::fmt;
use std::marker::PhantomData;

use http::header::CONTENT_TYPE;
use poem::error::ReadBodyError;
use poem::{Request, RequestBody};
use poem_openapi::registry::{MetaMediaType, MetaRequest, Registry};
use poem_openapi::types::Type;
use poem_openapi::{ApiExtractor, ApiExtractorType, ExtractParamOptions};
use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::error::Category;
use serde_json::{Map, Value};

use crate::form::check::Input;

/// What was submitted; `T` is the type that the specification shows for it.
pub(crate) struct Submission<T> {
    pub(crate) values: Map<String, Value>,
    /// Names that came more than once; the first value is the one that is here.
    pub(crate) repeated: Vec<String>,
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

    /// The same for the check of a form.
    pub(crate) fn input(&self) -> Input<'_> {
        Input {
            values: &self.values,
            repeated: &self.repeated,
            is_json: self.is_json,
            besides: &[super::csrf::FIELD],
        }
    }

    pub(crate) async fn read(
        request: &Request,
        body: &mut RequestBody,
    ) -> Result<Self, SubmissionError> {
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
        let Pairs { values, repeated } =
            if is_json { from_json(&bytes)? } else { from_form(&bytes) };
        Ok(Self { values, repeated, is_json, schema: PhantomData })
    }
}

/// Names and values as they were sent. Of a name given twice the first value counts: the later one may have
/// been added behind a visitor's back.
#[derive(Default)]
struct Pairs {
    values: Map<String, Value>,
    repeated: Vec<String>,
}

impl Pairs {
    fn add(&mut self, name: String, value: Value) {
        if self.values.contains_key(&name) {
            self.repeated.push(name);
        } else {
            self.values.insert(name, value);
        }
    }
}

/// By hand, because a map of JSON forgets that a name came twice.
impl<'de> Deserialize<'de> for Pairs {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Object;

        impl<'de> Visitor<'de> for Object {
            type Value = Pairs;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Pairs, A::Error> {
                let mut pairs = Pairs::default();
                while let Some((name, value)) = map.next_entry()? {
                    pairs.add(name, value);
                }
                Ok(pairs)
            }
        }

        deserializer.deserialize_map(Object)
    }
}

fn from_json(bytes: &[u8]) -> Result<Pairs, SubmissionError> {
    if bytes.is_empty() {
        return Ok(Pairs::default());
    }
    serde_json::from_slice(bytes).map_err(|error| {
        // The error's own text may quote what was sent.
        let place = format!("line {} column {}", error.line(), error.column());
        SubmissionError::Malformed(match error.classify() {
            Category::Data => format!("the JSON is not an object, seen at {place}"),
            _ => format!("no JSON at {place}"),
        })
    })
}

/// What is not UTF-8 becomes the replacement character, which no field takes: so the visitor is told at which
/// field, and keeps the rest.
fn from_form(bytes: &[u8]) -> Pairs {
    let mut pairs = Pairs::default();
    for (name, value) in form_urlencoded::parse(bytes) {
        pairs.add(name.into_owned(), Value::String(value.into_owned()));
    }
    pairs
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
