//! A request on its way to an app behind the door.

mod answer;

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use http::header::{
    AUTHORIZATION, CACHE_CONTROL, CONNECTION, CONTENT_LENGTH, HOST, HeaderMap, HeaderName,
    HeaderValue, SET_COOKIE, UPGRADE, VIA,
};
use http::uri::PathAndQuery;
use http::{Method, StatusCode, Uri};
use http_body::Body as _;
use http_body_util::BodyExt as _;
use http_body_util::Empty;
use poem::{Request, Response};

use super::App;
use super::cookies::Presented;
use super::error::Failure;
use super::guard::is_read;
use super::headers::REQUEST_ID;
use super::request_log;
use super::told::Told;
use super::visit::Visit;
use crate::auth::resolve::{AfterRefusal, Signed};
use crate::path::CanonicalPath;
use crate::session::Ticket;
use crate::upstream::lease::Lease;
use crate::upstream::{Ambiguous, Answered, Body, Upstream, UpstreamError, hygiene, route};

/// The apps behind the door of a site.
pub(crate) struct Apps {
    /// Longest path first, each with what it is told about the visitor.
    pub(crate) upstreams: Vec<Upstream>,
    pub(crate) told: Vec<Told>,
    /// What `Via` calls this process.
    pub(crate) pseudonym: String,
    /// Sessions whose fresh token an app refused as well, until when it is not renewed on a 401.
    pub(crate) refused: Mutex<HashMap<String, u64>>,
}

/// A request that may go in, and to whom.
pub(crate) struct Passage {
    pub(crate) request: Request,
    /// Which of the apps.
    pub(crate) app: usize,
    pub(crate) signed: Option<Box<Signed>>,
    /// There is a session, but nobody can tell whose: what the client says of itself does not count.
    pub(crate) in_doubt: bool,
}

/// After a fresh token was refused as well: so long no 401 of an app renews another.
const REFUSED_FOR: u64 = 60;

impl Apps {
    /// Whose a path is, if it is not vestibule's own.
    pub(crate) fn find(&self, path: &CanonicalPath) -> Result<Option<usize>, Ambiguous> {
        let text = path.as_str();
        if text == "/welcome" || text == "/_vestibule" || text.starts_with("/_vestibule/") {
            return Ok(None);
        }
        let found = route(&self.upstreams, path)?;
        Ok(found.and_then(|found| self.upstreams.iter().position(|it| std::ptr::eq(it, found))))
    }

    /// The headers of a request as an app may see them, without anything about who it is.
    fn cleaned(&self, app: &App, visit: &Visit, passage: &Passage, upstream: &Upstream) -> Cleaned {
        let mut headers = passage.request.headers().clone();
        let authority = passage.request.uri().authority();
        let asked_host =
            headers.get(HOST).cloned().or_else(|| HeaderValue::try_from(authority?.as_str()).ok());
        let proxied_host = headers.get("x-forwarded-host").cloned().filter(|_| visit.from_proxy);
        let wants_socket = hygiene::strip_hop_by_hop(&mut headers);
        let socket = wants_socket && visit.method == Method::GET;
        hygiene::strip_forwarded(&mut headers, visit.from_proxy);
        hygiene::strip_cookies(&mut headers, |name| app.cookies.owns(name));
        let no_session = passage.signed.is_none();
        hygiene::retain(&mut headers, |name| {
            let ours = self.told.iter().any(|told| told.is_ours(name));
            let overrides = no_session && hygiene::OVERRIDES_METHOD.contains(&name.as_str());
            !ours && !overrides
        });
        let own_host = HeaderValue::try_from(upstream.authority().as_str()).ok();
        let host = if upstream.plan.own_host { own_host } else { asked_host.clone().or(own_host) };
        let mut put = |name: HeaderName, value: Option<HeaderValue>| {
            if let Some(value) = value {
                headers.insert(name, value);
            }
        };
        put(HOST, host);
        put("x-forwarded-host".parse().unwrap_or(HOST), proxied_host.or(asked_host));
        let proto = if app.https { "https" } else { "http" };
        put(FORWARDED_PROTO, Some(HeaderValue::from_static(proto)));
        put(FORWARDED_FOR, HeaderValue::try_from(visit.client.to_string()).ok());
        put(REQUEST_ID, HeaderValue::try_from(&visit.request_id).ok());
        if let Ok(via) = HeaderValue::try_from(format!("1.1 {}", self.pseudonym)) {
            headers.append(VIA, via);
        }
        if socket {
            headers.insert(CONNECTION, HeaderValue::from_static("Upgrade"));
            headers.insert(UPGRADE, HeaderValue::from_static("websocket"));
        }
        Cleaned { headers, socket }
    }

    fn was_refused(&self, signed: &Signed, now: u64) -> bool {
        let refused = self.refused.lock().unwrap_or_else(PoisonError::into_inner);
        refused.get(signed.session.id.as_str()).is_some_and(|until| *until > now)
    }

    fn note_refusal(&self, signed: &Signed, now: u64) {
        let mut refused = self.refused.lock().unwrap_or_else(PoisonError::into_inner);
        refused.retain(|_, until| *until > now);
        refused.insert(signed.session.id.as_str().to_owned(), now + REFUSED_FOR);
    }
}

struct Cleaned {
    headers: HeaderMap,
    /// A WebSocket is asked for.
    socket: bool,
}

const FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");
const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

impl App {
    /// Sends a request on and brings the answer back.
    pub(crate) async fn forward(&self, visit: &Visit, mut passage: Passage) -> Response {
        let Some(upstream) = self.apps.upstreams.get(passage.app) else {
            return self.fail(visit, Failure::internal("an app that there is not"));
        };
        let log = |response: &mut Response, status: Option<StatusCode>| {
            let id = upstream.plan.id.clone();
            response.extensions_mut().insert(request_log::Upstream { id, status });
        };
        let target = match self.judge(visit, &passage, upstream) {
            Ok(target) => target,
            Err(failure) => {
                let mut response = self.fail(visit, failure);
                log(&mut response, None);
                return response;
            }
        };
        let cleaned = self.apps.cleaned(self, visit, &passage, upstream);
        let from_elsewhere =
            cleaned.socket && self.csrf.is_from_elsewhere(passage.request.headers());
        if from_elsewhere && passage.signed.is_some() {
            let failure = Failure::new(StatusCode::FORBIDDEN, "cross_site")
                .because("a page of another site asked for a WebSocket");
            return self.fail(visit, failure);
        }
        let client = if cleaned.socket { passage.request.take_upgrade().ok() } else { None };
        let body: Body = passage.request.take_body().into();
        let bodiless = is_read(&visit.method) && body.is_end_stream();
        let ours = std::mem::take(passage.request.headers_mut());
        let way = Way { upstream, target: &target, cleaned: &cleaned, in_doubt: passage.in_doubt };

        let mut signed = passage.signed;
        let lease = self.lease(signed.as_deref(), &ours);
        let exchange = self.exchange(visit, &way, &mut signed, body, bodiless.then_some(&ours));
        let answer = tokio::select! {
            answer = exchange => answer,
            // An app that is waited for must not answer a session that is over.
            () = lease.ended() => Exchanged::Ended(None),
        };
        let (mut response, status) = match answer {
            Exchanged::Answered(answered) => {
                let status = answered.answer.status();
                (self.bring_back(visit, &way, answered, client, lease), Some(status))
            }
            Exchanged::Failed(failure) => (self.fail(visit, failure), None),
            Exchanged::Ended(status) => {
                let otherwise = upstream.plan.unauthenticated;
                let mut response = self.session_ended(visit, &ours, otherwise);
                log(&mut response, status);
                return response;
            }
        };
        if let Some(signed) = &signed {
            let before = response.headers().get_all(SET_COOKIE).iter().count();
            self.attach(signed, &ours, &mut response);
            // A ticket in an answer that a cache keeps would sign in whoever gets it next.
            if response.headers().get_all(SET_COOKIE).iter().count() > before {
                response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
            }
        }
        log(&mut response, status);
        response
    }

    /// Leave for the answer to go on as long as the session does; for ever where there is none.
    fn lease(&self, signed: Option<&Signed>, headers: &HeaderMap) -> Lease {
        let held = signed.map(|signed| {
            let ticket = match self.auth.has_lasting_tickets().then(|| self.cookies.read(headers)) {
                Some(Presented::Ticket(ticket)) => Some(ticket),
                _ => None,
            };
            (&*signed.session, ticket)
        });
        self.auth.lease(held)
    }

    /// Asks the app, and once more with another token if it refuses a read without a body: that is what
    /// `repeatable` says, the client's headers.
    async fn exchange(
        &self,
        visit: &Visit,
        way: &Way<'_>,
        signed: &mut Option<Box<Signed>>,
        body: Body,
        repeatable: Option<&HeaderMap>,
    ) -> Exchanged {
        let is_refusal = |answer: &Result<Answered, Failure>| matches!(answer, Ok(it) if it.answer.status() == StatusCode::UNAUTHORIZED);
        let mut answer = self.ask(visit, way, signed.as_deref(), body).await;
        if is_refusal(&answer)
            && let Some(headers) = repeatable
            && let Some(refused) = signed.take()
        {
            match self.renew(headers, refused).await {
                AfterRefusal::Unchanged(same) => *signed = Some(same),
                AfterRefusal::Ended => return Exchanged::Ended(Some(StatusCode::UNAUTHORIZED)),
                AfterRefusal::Renewed(renewed) => {
                    answer = self.ask(visit, way, Some(&renewed), nothing()).await;
                    if is_refusal(&answer) {
                        self.apps.note_refusal(&renewed, self.clock.unix_seconds());
                    }
                    *signed = Some(renewed);
                }
            }
        }
        answer.map_or_else(Exchanged::Failed, Exchanged::Answered)
    }

    /// What can be said against sending it before anything is sent, or else where to.
    fn judge(
        &self,
        visit: &Visit,
        passage: &Passage,
        upstream: &Upstream,
    ) -> Result<PathAndQuery, Failure> {
        // The answer to TRACE is the request, with the token that we put into it.
        if matches!(visit.method, Method::TRACE | Method::CONNECT) {
            return Err(Failure::method_not_allowed(
                "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS",
            ));
        }
        let headers = passage.request.headers();
        if hygiene::went_round(headers, &self.apps.pseudonym) {
            let failure = Failure::new(StatusCode::LOOP_DETECTED, "upstream.loop");
            return Err(failure.because("the upstream's address leads back to vestibule"));
        }
        let length =
            headers.get(CONTENT_LENGTH).and_then(|it| it.to_str().ok()?.parse::<u64>().ok());
        if let (Some(length), Some(limit)) = (length, upstream.plan.max_body_size)
            && length > u64::try_from(limit).unwrap_or(u64::MAX)
        {
            return Err(failure_of(&UpstreamError::TooLarge));
        }
        let path = visit.path.as_ref().map_err(Failure::internal)?;
        let target = passage.request.uri().path_and_query();
        let target = target.ok_or_else(|| Failure::internal("a request without a path"))?;
        upstream.target(path, target).map_err(|error| failure_of(&error))
    }

    async fn ask(
        &self,
        visit: &Visit,
        way: &Way<'_>,
        signed: Option<&Signed>,
        body: Body,
    ) -> Result<Answered, Failure> {
        let mut headers = way.cleaned.headers.clone();
        if let Some(signed) = signed {
            let index = self.apps.upstreams.iter().position(|it| std::ptr::eq(it, way.upstream));
            if let Some(told) = index.and_then(|index| self.apps.told.get(index)) {
                headers.extend(told.about(&signed.session)?);
            }
        } else if way.in_doubt {
            headers.remove(AUTHORIZATION);
        }
        let mut request = http::Request::new(body);
        *request.method_mut() = visit.method.clone();
        *request.uri_mut() = Uri::from(way.target.clone());
        *request.headers_mut() = headers;
        way.upstream.send(request).await.map_err(|error| failure_of(&error))
    }

    /// After an app's 401: a token that it may take, unless one was refused a moment ago.
    async fn renew(&self, headers: &HeaderMap, signed: Box<Signed>) -> AfterRefusal {
        let Presented::Ticket(ticket) = self.cookies.read(headers) else {
            return AfterRefusal::Unchanged(signed);
        };
        if self.apps.was_refused(&signed, self.clock.unix_seconds()) {
            return AfterRefusal::Unchanged(signed);
        }
        let ticket: Ticket = signed.new_ticket.as_ref().map_or(ticket, |new| new.ticket.clone());
        self.auth.after_refusal(&ticket, signed).await
    }
}

/// What stays the same when a request is sent a second time.
struct Way<'a> {
    upstream: &'a Upstream,
    target: &'a PathAndQuery,
    cleaned: &'a Cleaned,
    in_doubt: bool,
}

/// What became of a request that was sent on.
enum Exchanged {
    Answered(Answered),
    Failed(Failure),
    /// The session has ended; with the status of the app, where it was the reason.
    Ended(Option<StatusCode>),
}

fn nothing() -> Body {
    Empty::new().map_err(|never| match never {}).boxed()
}

fn failure_of(error: &UpstreamError) -> Failure {
    let (status, code) = match error {
        UpstreamError::Unreachable(_) => (StatusCode::SERVICE_UNAVAILABLE, "upstream.unreachable"),
        UpstreamError::TimedOut(_) => (StatusCode::GATEWAY_TIMEOUT, "upstream.timeout"),
        UpstreamError::Broken(_) => (StatusCode::BAD_GATEWAY, "upstream.error"),
        UpstreamError::TooLarge => (StatusCode::PAYLOAD_TOO_LARGE, "body.too_large"),
        UpstreamError::ClientStalled => (StatusCode::REQUEST_TIMEOUT, "request.timeout"),
        UpstreamError::Unsendable(_) => (StatusCode::BAD_REQUEST, "path.refused"),
    };
    let wait = matches!(error, UpstreamError::Unreachable(_)).then_some(super::error::RETRY);
    Failure::new(status, code).because(error.to_string()).retry_after(wait)
}
