//! Event streams, which have no end of their own, end with the server.

use futures_util::StreamExt as _;
use http::HeaderValue;
use http::header::CONTENT_TYPE;
use poem::{Body, Response};
use tokio::sync::watch;

/// Events would be awaited until the grace is over, while nobody new gets in: such an answer has no end
/// of its own. It gets one, and the browser comes back by itself.
pub(super) fn end_with_server(response: &mut Response, mut stop: watch::Receiver<bool>) {
    let is_events = |kind: &HeaderValue| kind.as_bytes().starts_with(b"text/event-stream");
    if !response.headers().get(CONTENT_TYPE).is_some_and(is_events) {
        return;
    }
    let stopped = async move { drop(stop.wait_for(|stop| *stop).await) };
    let events = response.take_body().into_bytes_stream();
    response.set_body(Body::from_bytes_stream(events.take_until(Box::pin(stopped))));
}
