//! The least that could answer: what the load bench measures vestibule against.
//!
//! `peer hyper PORT` is hyper alone; `peer poem PORT` is poem's own server with one route.

use std::convert::Infallible;

use bytes::Bytes;
use http::{Request, Response};
use hyper::body::{Body, Frame, Incoming, SizeHint};
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto::Builder;
use poem::listener::TcpListener;
use poem::{Route, Server, handler};

const HELLO: &str = "Hello, world!";

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().collect();
    let [_, kind, port] = &arguments[..] else {
        return Err("usage: peer hyper|poem PORT".into());
    };
    let address = format!("127.0.0.1:{port}");
    match kind.as_str() {
        "hyper" => with_hyper(&address).await,
        "poem" => {
            Ok(Server::new(TcpListener::bind(address)).run(Route::new().at("/", hello)).await?)
        }
        _ => Err("usage: peer hyper|poem PORT".into()),
    }
}

#[handler]
fn hello() -> &'static str {
    HELLO
}

async fn with_hyper(address: &str) -> Result<(), Box<dyn std::error::Error>> {
    let listener = tokio::net::TcpListener::bind(address).await?;
    loop {
        let (stream, _) = listener.accept().await?;
        stream.set_nodelay(true)?;
        tokio::task::spawn(async move {
            let answer = service_fn(async |_: Request<Incoming>| {
                Ok::<_, Infallible>(Response::new(Once(Some(Bytes::from_static(HELLO.as_bytes())))))
            });
            // A connection that breaks is of no interest here.
            let _ = Builder::new(TokioExecutor::new())
                .serve_connection(TokioIo::new(stream), answer)
                .await;
        });
    }
}

/// A body of one piece.
struct Once(Option<Bytes>);

impl Body for Once {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: std::pin::Pin<&mut Self>,
        _: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        std::task::Poll::Ready(self.0.take().map(|piece| Ok(Frame::data(piece))))
    }

    fn is_end_stream(&self) -> bool {
        self.0.is_none()
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.0.as_ref().map_or(0, |piece| piece.len() as u64))
    }
}
