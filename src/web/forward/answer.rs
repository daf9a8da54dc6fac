//! An app's answer on its way back.

use http::StatusCode;
use http::header::{CONNECTION, HeaderMap, HeaderValue, LOCATION, SET_COOKIE, UPGRADE};
use poem::Response;
use tracing::{debug, warn};

use super::{Way, failure_of};
use crate::config::plan::UpstreamPlan;
use crate::upstream::lease::Lease;
use crate::upstream::{Answered, Upstream, UpstreamError, hygiene, tunnel};
use crate::web::App;
use crate::web::visit::Visit;

impl App {
    /// The app's answer, without what belongs to its connection or would pass for ours.
    pub(super) fn bring_back(
        &self,
        visit: &Visit,
        way: &Way<'_>,
        answered: Answered,
        client: Option<poem::OnUpgrade>,
        lease: Lease,
    ) -> Response {
        let Answered { mut answer, exchange } = answered;
        let switches = answer.status() == StatusCode::SWITCHING_PROTOCOLS;
        let app_side = switches.then(|| hyper::upgrade::on(&mut answer));
        let (mut parts, body) = answer.into_parts();
        let agreed = hygiene::strip_hop_by_hop(&mut parts.headers);
        self.drop_our_cookies(&mut parts.headers, &way.upstream.plan);
        if way.upstream.plan.rewrite_location {
            rewrite_location(&mut parts.headers, way.upstream);
        }
        let mut response = Response::builder().status(parts.status).finish();
        match (app_side, client) {
            (None, _) => response.set_body(way.upstream.limited(body, exchange, lease)),
            (Some(app_side), Some(client)) if agreed => {
                parts.headers.insert(CONNECTION, HeaderValue::from_static("Upgrade"));
                parts.headers.insert(UPGRADE, HeaderValue::from_static("websocket"));
                let idle = way.upstream.plan.idle_timeout;
                let request_id = visit.request_id.clone();
                tokio::spawn(async move {
                    if let (Ok(client), Ok(app)) = tokio::join!(client, app_side) {
                        let app = hyper_util::rt::TokioIo::new(app);
                        tunnel::copy(client, app, idle, lease).await;
                    } else {
                        debug!(request_id, "an upgrade was not finished");
                    }
                });
            }
            (Some(_), _) => {
                let error = UpstreamError::Broken("it switches protocols unasked".to_owned());
                return self.fail(visit, failure_of(&error));
            }
        }
        *response.headers_mut() = parts.headers;
        response
    }

    /// An app that sets a cookie under our name would sign the visitor out, or in as somebody else.
    fn drop_our_cookies(&self, headers: &mut HeaderMap, upstream: &UpstreamPlan) {
        let is_ours = |value: &HeaderValue| {
            let name = value.as_bytes().split(|byte| matches!(byte, b'=' | b';')).next();
            self.cookies.owns(name.unwrap_or_default().trim_ascii())
        };
        if !headers.get_all(SET_COOKIE).iter().any(is_ours) {
            return;
        }
        warn!(
            upstream = upstream.id,
            "the app sets a cookie under the name of the session's; it was dropped"
        );
        let kept: Vec<_> =
            headers.get_all(SET_COOKIE).iter().filter(|it| !is_ours(it)).cloned().collect();
        headers.remove(SET_COOKIE);
        for value in kept {
            headers.append(SET_COOKIE, value);
        }
    }
}

/// An address of the app's own becomes one on this site; with `strip_prefix`, a path too.
fn rewrite_location(headers: &mut HeaderMap, upstream: &Upstream) {
    let Some(location) = headers.get(LOCATION).and_then(|it| it.to_str().ok()) else { return };
    let origin = upstream.plan.url.origin().ascii_serialization();
    let prefix = if upstream.plan.strip_prefix { upstream.plan.prefix.as_str() } else { "" };
    let rest = match location.strip_prefix(&origin) {
        Some("") => "/",
        Some(rest) => rest,
        None => location,
    };
    // Two slashes, or one and a backslash, would lead to another host.
    if rest.starts_with('/')
        && !rest.starts_with("//")
        && !rest.starts_with("/\\")
        && let Ok(value) = HeaderValue::try_from(format!("{prefix}{rest}"))
    {
        headers.insert(LOCATION, value);
    }
}
