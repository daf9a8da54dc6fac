//! Forward-auth: verdicts for a proxy that asks before it passes a request on.
//!
//! Each proxy has an endpoint of its own with one family of headers, and nothing is read from another
//! family: what one proxy sets, another lets through from the client. Whatever is missing, doubled or
//! malformed is refused. The decision is the door's own, on the path as the app will get it.

mod original;
pub(crate) mod snippet;

use std::net::IpAddr;
use std::sync::Arc;

use http::header::{CACHE_CONTROL, LOCATION};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use poem::Response;
use url::Url;

use self::original::Original;
use super::App;
use super::cookies::Presented;
use super::error::Failure;
use super::guard::Admission;
use super::request_log::{AskedAbout, Rule};
use super::told::Told;
use super::visit::Visit;
use crate::access::Verdict;
use crate::auth::resolve::Resolved;
use crate::config::plan::{ProxyKind, Unauthenticated};
use crate::path::CanonicalPath;
use crate::session::Session;

/// Where proxies ask.
pub(crate) const FOLDER: &str = "/_vestibule/verify/";

/// What nginx is to answer where it can only be told 401 or 403.
const STATUS: HeaderName = HeaderName::from_static("x-vestibule-status");

/// nginx reads the head of an answer into 4 KiB, and makes a 500 of what is longer. So many bytes the
/// headers about the user may have.
const BUDGET: usize = 3200;

/// Marks the answer that lets a request pass.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Passed;

/// Who may ask, and about which host.
#[derive(Debug)]
pub(crate) struct Verdicts {
    proxies: Vec<ProxyKind>,
    public_url: Url,
    told: Told,
}

impl Verdicts {
    pub(crate) fn new(proxies: Vec<ProxyKind>, public_url: &Url, told: Told) -> Self {
        Self { proxies, public_url: public_url.clone(), told }
    }

    /// Whether a header tells about the user: a client's copy of it reaches nobody.
    pub(crate) fn is_ours(&self, name: &HeaderName) -> bool {
        self.told.is_ours(name)
    }

    fn proxy(&self, name: &str) -> Option<ProxyKind> {
        self.proxies.iter().copied().find(|proxy| proxy.name() == name)
    }

    fn origin(&self) -> &str {
        self.public_url.as_str().trim_end_matches('/')
    }
}

impl App {
    /// Answers a proxy that asks whether a request may pass.
    pub(crate) async fn verify(&self, visit: &Visit, name: &str, headers: &HeaderMap) -> Response {
        let Some(proxy) = self.verdicts.proxy(name) else {
            return self.fail(visit, Failure::not_found());
        };
        let mut response = match self.judge_question(visit, proxy, headers).await {
            Ok(response) => response,
            Err(failure) => self.fail(visit, failure),
        };
        if proxy == ProxyKind::Nginx {
            speak_nginx(&mut response);
        }
        response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        response
    }

    async fn judge_question(
        &self,
        visit: &Visit,
        proxy: ProxyKind,
        headers: &HeaderMap,
    ) -> Result<Response, Failure> {
        if !visit.from_proxy {
            return Err(untrusted(visit.client));
        }
        let original = Original::read(proxy, headers).map_err(|cause| {
            Failure::new(StatusCode::BAD_REQUEST, "forward_auth.malformed").because(cause)
        })?;
        if !original.is_for(&self.verdicts.public_url) {
            let cause = format!(
                "the request is for {}, and [server] public_url says {}",
                original.host,
                self.verdicts.origin()
            );
            let status = StatusCode::MISDIRECTED_REQUEST;
            return Err(Failure::new(status, "forward_auth.host").because(cause));
        }
        let path = CanonicalPath::parse(&original.path).map_err(|error| {
            Failure::new(StatusCode::BAD_REQUEST, "path.refused").because(error.to_string())
        })?;
        let asked = AskedAbout([original.method.as_str(), " ", path.as_str()].concat());
        let Some(decision) = self.access.decide_for_app(&original.method, &path) else {
            let cause = format!(
                "{} is vestibule's own: the proxy should not ask but bring it",
                path.as_str()
            );
            return Err(Failure::new(StatusCode::FORBIDDEN, "forward_auth.own_path").because(cause));
        };
        let Original { method, query, .. } = original;
        let about = visit.asked_about(method, path.clone(), query, self.verdicts.origin());
        let mut response = match decision.verdict {
            Verdict::Public => self.pass(self.session_if_any(headers).await.as_ref())?,
            Verdict::Protected => {
                match self.admit(&about, headers, &decision, Unauthenticated::Auto).await {
                    Admission::Denied(response) => *response,
                    Admission::Admitted(signed) => self.pass(Some(&signed.session))?,
                }
            }
        };
        let extensions = response.extensions_mut();
        extensions.insert(asked);
        extensions.get_or_insert(Rule(decision.rule.name()));
        Ok(response)
    }

    /// Whoever asks for something public is told apart where that is possible, and never turned away.
    async fn session_if_any(&self, headers: &HeaderMap) -> Option<Arc<Session>> {
        let Presented::Ticket(ticket) = self.cookies.read(headers) else { return None };
        match self.auth.resolve(&ticket).await {
            Resolved::Signed(signed) => Some(signed.session),
            _ => None,
        }
    }

    /// Lets the request pass, with every header about the user: an absent one would let the client's
    /// own through some proxies.
    fn pass(&self, session: Option<&Arc<Session>>) -> Result<Response, Failure> {
        let told = &self.verdicts.told;
        let headers = session.map_or_else(|| told.about_nobody(), |session| told.about(session))?;
        let length =
            |(name, value): (&HeaderName, &HeaderValue)| name.as_str().len() + value.len() + 4;
        let bytes: usize = headers.iter().map(length).sum();
        if bytes > BUDGET {
            let largest = headers.iter().max_by_key(|header| length(*header));
            let cause = format!(
                "the headers about the user have {bytes} bytes, and {BUDGET} is what proxies take; the biggest is {}",
                largest.map_or("none", |(name, _)| name.as_str())
            );
            let status = StatusCode::INTERNAL_SERVER_ERROR;
            return Err(Failure::new(status, "forward_auth.too_large").because(cause));
        }
        let mut response = Response::builder().status(StatusCode::OK).finish();
        *response.headers_mut() = headers;
        let extensions = response.extensions_mut();
        extensions.insert(Passed);
        if let Some(session) = session {
            extensions.insert(session.id.clone());
        }
        Ok(response)
    }
}

fn untrusted(client: IpAddr) -> Failure {
    let cause =
        format!("a verdict was asked for by {client}, who is not among [server] trusted_proxies");
    Failure::new(StatusCode::FORBIDDEN, "forward_auth.untrusted").because(cause)
}

/// nginx takes 2xx, 401 and 403, and makes a 500 of all else: what is not one of these goes into a header.
fn speak_nginx(response: &mut Response) {
    let status = response.status();
    if status.is_success() && response.extensions().get::<Passed>().is_some() {
        return;
    }
    // For HTMX, a redirect is a 200 with a header of its own; it must not pass for a permission.
    let to_login = status == StatusCode::UNAUTHORIZED || response.headers().contains_key(LOCATION);
    response.set_status(if to_login { StatusCode::UNAUTHORIZED } else { StatusCode::FORBIDDEN });
    if !to_login {
        response.headers_mut().insert(STATUS, HeaderValue::from(status.as_u16()));
    }
}
