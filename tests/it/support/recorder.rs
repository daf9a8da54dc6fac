//! Stands between vestibule and a backend and writes down what they say to each other.

use std::sync::{Arc, Mutex};

use poem::endpoint::make;
use poem::http::HeaderMap;
use poem::listener::TcpAcceptor;
use poem::{Request, Response, Server};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use super::http_client;

/// One call and its answer.
#[derive(Clone, Debug)]
pub(crate) struct Exchange {
    /// Method and path with the query, as `send` has it.
    pub(crate) line: String,
    pub(crate) question: String,
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
}

/// Listens on a port of its own until it is dropped.
pub(crate) struct Recorder {
    port: u16,
    exchanges: Arc<Mutex<Vec<Exchange>>>,
    listening: JoinHandle<()>,
}

/// Headers that belong to a connection and not to what is carried.
const OF_THE_CONNECTION: [&str; 5] =
    ["connection", "content-length", "host", "keep-alive", "transfer-encoding"];

impl Recorder {
    /// Passes everything on to the backend there.
    pub(crate) async fn before(backend: &str) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let exchanges = Arc::<Mutex<Vec<Exchange>>>::default();
        let (book, backend) = (Arc::clone(&exchanges), backend.to_owned());
        let endpoint = make(move |request| pass_on(request, backend.clone(), Arc::clone(&book)));
        let server = Server::new_with_acceptor(TcpAcceptor::from_tokio(listener).unwrap());
        let listening = tokio::spawn(async move { server.run(endpoint).await.unwrap() });
        Self { port, exchanges, listening }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Everything so far.
    pub(crate) fn all(&self) -> Vec<Exchange> {
        self.exchanges.lock().unwrap().clone()
    }
}

impl Drop for Recorder {
    fn drop(&mut self) {
        self.listening.abort();
    }
}

async fn pass_on(
    mut request: Request,
    backend: String,
    book: Arc<Mutex<Vec<Exchange>>>,
) -> poem::Result<Response> {
    let target = request.uri().path_and_query().unwrap().to_string();
    let line = format!("{} {target}", request.method());
    let asked = without_the_connection(request.headers());
    let question = request.take_body().into_string().await.unwrap();
    let call = http_client().request(request.method().clone(), format!("{backend}{target}"));
    let call = call.headers(asked).body(question.clone());
    // What the backend does to the connection is not for this place: see the faults of the reference backend.
    let answer = call.send().await.unwrap_or_else(|error| panic!("{line}: {error}"));
    let (status, headers) = (answer.status(), without_the_connection(answer.headers()));
    let body = answer.text().await.unwrap();
    let mut response = Response::builder().status(status).body(body.clone());
    *response.headers_mut() = headers.clone();
    let status = status.as_u16();
    book.lock().unwrap().push(Exchange { line, question, status, headers, body });
    Ok(response)
}

fn without_the_connection(headers: &HeaderMap) -> HeaderMap {
    let mut headers = headers.clone();
    for name in OF_THE_CONNECTION {
        headers.remove(name);
    }
    headers
}
