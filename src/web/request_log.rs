//! One line per request. Its fields are documented in docs/reference/request-log.md.
//!
//! Nothing a visitor typed is in it: no query, no body, no cookie, no address of a person.

use std::borrow::Cow;
use std::time::Duration;

use http::StatusCode;
use poem::Response;
use tracing::{error, info, warn};

use super::error::Cause;
use super::visit::Visit;
use crate::session::SessionId;

/// Which rule decided, on its way to the log line in the extensions of the answer.
#[derive(Clone, Debug)]
pub(crate) struct Rule(pub(crate) Cow<'static, str>);

/// Which app answered and how, on its way to the log line. No status: it did not answer.
#[derive(Clone, Debug)]
pub(crate) struct Upstream {
    pub(crate) id: String,
    pub(crate) status: Option<StatusCode>,
}

/// Method and path of the request that a proxy asked about, on its way to the log line.
#[derive(Clone, Debug)]
pub(crate) struct AskedAbout(pub(crate) String);

/// Writes the line; its level follows from the status.
pub(crate) fn write(visit: &Visit, response: &Response, took: Duration) {
    let extensions = response.extensions();
    let status = response.status().as_u16();
    let rule = extensions.get::<Rule>().map(|rule| &*rule.0);
    let cause = extensions.get::<Cause>().map(|cause| cause.0.as_str());
    let asked_about = extensions.get::<AskedAbout>().map(|asked| asked.0.as_str());
    let session = extensions.get::<SessionId>().map(SessionId::fingerprint);
    let app = extensions.get::<Upstream>();
    let upstream = app.map(|app| app.id.as_str());
    let upstream_status = app.and_then(|app| app.status).map(|status| status.as_u16());
    macro_rules! line {
        ($level:ident) => {
            $level!(
                target: "vestibule::request",
                request_id = visit.request_id,
                method = visit.method.as_str(),
                path = visit.path_str(),
                status,
                took_us = u64::try_from(took.as_micros()).unwrap_or(u64::MAX),
                client = %visit.client,
                asked_about,
                rule,
                session,
                upstream,
                upstream_status,
                cause,
                "request"
            )
        };
    }
    match status {
        500.. => line!(error),
        // A refusal that has a cause is one that the operator may have to mend.
        400..500 if cause.is_some() => line!(warn),
        _ => line!(info),
    }
}
