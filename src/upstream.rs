//! Apps behind the door: one pool of connections each, bodies streamed, time limits without a total.
//!
//! The path of a request is sent as it was judged, byte for byte: hyper writes what it is given, where
//! reqwest would resolve dot segments (docs/adr/0015).

pub(crate) mod body;
pub(crate) mod connect;
pub(crate) mod hygiene;
pub(crate) mod lease;
pub(crate) mod tunnel;

use std::borrow::Cow;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::uri::{Authority, PathAndQuery, Scheme};
use http::{HeaderName, Request, Response, Uri};
use http_body_util::BodyExt as _;
use http_body_util::combinators::BoxBody;
use hyper::body::Incoming;
use hyper_util::client::legacy::{self, Client};
use hyper_util::rt::{TokioExecutor, TokioTimer};

use self::body::{Answer, Exchange, Watched};
use self::connect::{ConnectError, Connector};
use self::lease::Lease;
use crate::config::plan::UpstreamPlan;
use crate::path::CanonicalPath;

/// A body on its way through, in either direction.
pub(crate) type Body = BoxBody<Bytes, std::io::Error>;

/// Servers written for Node or Python close idle connections after five seconds; a request on a
/// connection that is being closed would fail.
const POOL_IDLE: Duration = Duration::from_secs(4);

/// Bytes read at once: where a client does not read, several times as much is held on its behalf.
const BUFFER: usize = 48 * 1024;

/// An app behind the door.
pub(crate) struct Upstream {
    pub(crate) plan: UpstreamPlan,
    client: Client<Connector, Body>,
    scheme: Scheme,
    authority: Authority,
}

/// The beginning of an app's answer.
pub(crate) struct Answered {
    pub(crate) answer: Response<Incoming>,
    /// How far both bodies have come.
    pub(crate) exchange: Arc<Exchange>,
}

/// Why an app gave no answer.
#[derive(Debug, thiserror::Error)]
pub(crate) enum UpstreamError {
    /// There is no connection.
    #[error("no connection to {0}; start the app, or correct the upstream's url")]
    Unreachable(String),
    /// It did not connect or begin its answer in time.
    #[error("{0}")]
    TimedOut(&'static str),
    /// The connection broke, or what came is not HTTP.
    #[error("the app's answer cannot be used: {0}")]
    Broken(String),
    /// The client sends more than the upstream's `max_body_size`.
    #[error("the body is larger than the upstream's max_body_size")]
    TooLarge,
    /// The client did not go on sending.
    #[error("the client stopped sending")]
    ClientStalled,
    /// The request that would have to be sent is none.
    #[error("the request cannot be sent on: {0}")]
    Unsendable(&'static str),
}

impl Upstream {
    /// `tls` is how `https` is spoken; it may be left out for `http`.
    pub(crate) fn new(
        plan: UpstreamPlan,
        tls: Option<rustls::ClientConfig>,
    ) -> Result<Self, &'static str> {
        let uri: Uri = plan.url.as_str().parse().map_err(|_| "an upstream's address is no URI")?;
        let (Some(scheme), Some(authority)) = (uri.scheme().cloned(), uri.authority().cloned())
        else {
            return Err("an upstream's address has no host");
        };
        let client = Client::builder(TokioExecutor::new())
            .pool_idle_timeout(POOL_IDLE)
            .pool_timer(TokioTimer::new())
            .timer(TokioTimer::new())
            .http1_max_buf_size(BUFFER)
            .set_host(false)
            .build(Connector::new(plan.connect_timeout, tls));
        Ok(Self { plan, client, scheme, authority })
    }

    /// The `Host` of the app's own address.
    pub(crate) fn authority(&self) -> &Authority {
        &self.authority
    }

    /// What is sent on of a target: all of it, or what is left behind the prefix.
    pub(crate) fn target(
        &self,
        path: &CanonicalPath,
        target: &PathAndQuery,
    ) -> Result<PathAndQuery, UpstreamError> {
        if !self.plan.strip_prefix || self.plan.prefix.is_empty() {
            return Ok(target.clone());
        }
        let rest = path.as_str().strip_prefix(&self.plan.prefix).unwrap_or_default();
        let rest = if rest.is_empty() { "/" } else { rest };
        // What is left is a path of its own: `/app//x` would become a host.
        if CanonicalPath::parse(rest).is_err() {
            return Err(UpstreamError::Unsendable("what is left behind the prefix is no path"));
        }
        let text = match target.query() {
            Some(query) => format!("{rest}?{query}"),
            None => rest.to_owned(),
        };
        PathAndQuery::try_from(text).map_err(|_| UpstreamError::Unsendable("no target is left"))
    }

    /// Sends a request whose URI is its target alone. The answer's body comes as the app sends it.
    pub(crate) async fn send(&self, mut request: Request<Body>) -> Result<Answered, UpstreamError> {
        let mut parts = http::uri::Parts::default();
        parts.scheme = Some(self.scheme.clone());
        parts.authority = Some(self.authority.clone());
        parts.path_and_query = request.uri().path_and_query().cloned();
        *request.uri_mut() =
            Uri::from_parts(parts).map_err(|_| UpstreamError::Unsendable("no URI"))?;
        let exchange = Arc::new(Exchange::default());
        let watch = Arc::clone(&exchange);
        let (limit, idle) = (self.plan.max_body_size, self.plan.idle_timeout);
        let request = request.map(|body| Watched::new(body, watch, limit, idle).boxed());
        let answer = self.client.request(request);
        tokio::pin!(answer);
        let mut seen = exchange.sent();
        loop {
            tokio::select! {
                answer = &mut answer => {
                    let answer = answer.map_err(|error| self.judge(&error, &exchange))?;
                    return Ok(Answered { answer, exchange });
                }
                // As long as the client goes on sending, the app need not have answered.
                () = tokio::time::sleep(self.plan.response_timeout) => {
                    let count = exchange.sent();
                    if count != seen {
                        seen = count;
                        continue;
                    }
                    return Err(if exchange.waits_for_client() {
                        UpstreamError::ClientStalled
                    } else {
                        UpstreamError::TimedOut("no answer began within the upstream's response_timeout")
                    });
                }
            }
        }
    }

    /// An answer's body, cut off where either side is silent for too long, or the lease ends.
    pub(crate) fn limited(&self, body: Incoming, exchange: Arc<Exchange>, lease: Lease) -> Body {
        Answer::new(body, exchange, lease, self.plan.idle_timeout).boxed()
    }

    fn judge(&self, error: &legacy::Error, exchange: &Exchange) -> UpstreamError {
        if exchange.is_too_large() {
            return UpstreamError::TooLarge;
        }
        if exchange.has_stalled() {
            return UpstreamError::ClientStalled;
        }
        let mut innermost: &dyn std::error::Error = error;
        while let Some(cause) = innermost.source() {
            if matches!(cause.downcast_ref(), Some(ConnectError::TimedOut)) {
                return UpstreamError::TimedOut(
                    "no connection within the upstream's connect_timeout",
                );
            }
            innermost = cause;
        }
        if error.is_connect() {
            return UpstreamError::Unreachable(format!("{} ({innermost})", self.authority));
        }
        UpstreamError::Broken(innermost.to_string())
    }
}

/// The upstream that a path belongs to: the longest prefix, which ends where a segment does. Every
/// reading of the path must lead to the same one, or two programs would disagree about whose it is.
pub(crate) fn route<'a>(
    upstreams: &'a [Upstream],
    path: &CanonicalPath,
) -> Result<Option<&'a Upstream>, Ambiguous> {
    let find = |text: &str| {
        upstreams.iter().position(|upstream| {
            let rest = text.strip_prefix(upstream.plan.prefix.as_str());
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        })
    };
    let found = find(path.as_str());
    if path.readings().any(|reading| find(reading) != found) {
        return Err(Ambiguous);
    }
    Ok(found.and_then(|index| upstreams.get(index)))
}

/// A path that is one upstream's as it stands and another's once it is decoded.
#[derive(Debug)]
pub(crate) struct Ambiguous;

/// A name as the worst reader sees it: CGI and its heirs make one sign of all that is no letter or digit.
fn folded(name: &HeaderName) -> Cow<'_, str> {
    let is_kept = |byte: u8| byte == b'-' || byte.is_ascii_lowercase() || byte.is_ascii_digit();
    if name.as_str().bytes().all(is_kept) {
        return Cow::Borrowed(name.as_str());
    }
    let fold = |c: char| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' };
    Cow::Owned(name.as_str().chars().map(fold).collect())
}
