//! Probes. They answer by exact path only and know nothing secret.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use http::StatusCode;
use poem::Response;
use serde_json::json;

use super::answer::json_answer;

/// Whether new requests should still be sent here. Clones share the switch.
#[derive(Clone, Debug, Default)]
pub(crate) struct Readiness(Arc<AtomicBool>);

impl Readiness {
    /// From now on, load balancers should look elsewhere; requests are still served.
    pub(crate) fn drain(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    pub(crate) fn is_ready(&self) -> bool {
        !self.0.load(Ordering::Relaxed)
    }
}

/// `/_vestibule/livez`: the process answers.
pub(crate) fn livez() -> Response {
    json_answer(StatusCode::OK, &json!({"live": true}))
}

/// `/_vestibule/readyz`: 503 once the server is shutting down. A backend that is away does not make
/// this unready: taking the login page away as well would help nobody.
pub(crate) fn readyz(readiness: &Readiness) -> Response {
    let ready = readiness.is_ready();
    let status = if ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    json_answer(status, &json!({"ready": ready}))
}
