use std::sync::atomic::{AtomicUsize, Ordering};

use jsonwebtoken::Algorithm;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio::sync::watch;

use super::*;
use crate::token::tests::signer::Signer;

const NOW: u64 = 1_800_000_000;

/// What the address answers: a status, headers and a body. None: the connection is closed.
type Reply = Option<(u16, String, String)>;

/// An address that shows keys, and the set that is made of it.
struct Place {
    set: Arc<KeySet>,
    clock: Clock,
    shared: Arc<Answering>,
}

struct Answering {
    reply: Mutex<Reply>,
    calls: AtomicUsize,
    open: watch::Sender<bool>,
}

impl Place {
    async fn showing(keys: &[Value]) -> Self {
        let place = Self::empty().await;
        place.show(keys);
        place
    }

    async fn empty() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let shared = Arc::new(Answering {
            reply: Mutex::new(None),
            calls: AtomicUsize::new(0),
            open: watch::channel(true).0,
        });
        tokio::spawn(serve(listener, Arc::clone(&shared)));
        let client = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .timeout(Duration::from_secs(20))
            .build()
            .unwrap();
        let clock = Clock::manual(NOW);
        let url = Url::parse(&format!("http://{address}/keys?private=hunter2")).unwrap();
        let set = Arc::new(KeySet::new(client, url, clock.clone()));
        Self { set, clock, shared }
    }

    fn show(&self, keys: &[Value]) {
        self.answer(200, "", &json!({ "keys": keys }).to_string());
    }

    fn answer(&self, status: u16, header: &str, body: &str) {
        *self.shared.reply.lock().unwrap() = Some((status, header.to_owned(), body.to_owned()));
    }

    fn hang_up(&self) {
        *self.shared.reply.lock().unwrap() = None;
    }

    fn calls(&self) -> usize {
        self.shared.calls.load(Ordering::SeqCst)
    }

    fn pass(&self, duration: Duration) {
        self.clock.advance(duration);
    }

    /// How many keys there are for this name.
    async fn find(&self, kid: &str) -> Result<usize, KeySetError> {
        let wanted = Wanted { algorithm: Algorithm::EdDSA, kid: Some(kid.to_owned()) };
        self.set.keys_for(&wanted).await.map(|keys| keys.len())
    }

    /// Waits for what runs in the background.
    async fn settle(&self) {
        let flight = self.set.0.lock().flight.clone();
        if let Some(flight) = flight {
            flight.await;
        }
    }
}

async fn serve(listener: TcpListener, shared: Arc<Answering>) {
    loop {
        let (mut stream, _) = listener.accept().await.unwrap();
        let shared = Arc::clone(&shared);
        tokio::spawn(async move {
            let _ = stream.read(&mut [0; 4096]).await;
            shared.calls.fetch_add(1, Ordering::SeqCst);
            shared.open.subscribe().wait_for(|open| *open).await.unwrap();
            let reply = shared.reply.lock().unwrap().clone();
            if let Some((status, header, body)) = reply {
                let head = format!(
                    "HTTP/1.1 {status} X\r\n{header}content-length: {}\r\nconnection: close\r\n\r\n",
                    body.len()
                );
                let _ = stream.write_all(format!("{head}{body}").as_bytes()).await;
            }
        });
    }
}

fn key(kid: &str) -> Value {
    Signer::new(Algorithm::EdDSA).named(kid).jwk()
}

#[tokio::test]
async fn keys_are_fetched_when_the_first_token_asks_and_then_kept() {
    let place = Place::showing(&[key("a")]).await;
    assert_eq!(place.calls(), 0);
    for _ in 0..3 {
        assert_eq!(place.find("a").await, Ok(1));
    }
    assert_eq!(place.calls(), 1);
}

#[tokio::test]
async fn after_a_rotation_the_old_and_the_new_key_serve() {
    let (old, new) = (key("old"), key("new"));
    let place = Place::showing(std::slice::from_ref(&old)).await;
    assert_eq!(place.find("old").await, Ok(1));
    place.show(&[new, old]);
    place.pass(COOL_DOWN);
    assert_eq!(place.find("new").await, Ok(1));
    assert_eq!(place.find("old").await, Ok(1));
    assert_eq!(place.calls(), 2);
}

#[tokio::test]
async fn an_unknown_key_is_asked_for_once_per_cool_down() {
    let place = Place::showing(&[key("a")]).await;
    assert_eq!(place.find("x").await, Ok(0));
    assert_eq!(place.calls(), 1);
    place.pass(COOL_DOWN.saturating_sub(Duration::from_millis(1)));
    for kid in ["x", "y", "z"] {
        assert_eq!(place.find(kid).await, Ok(0));
    }
    assert_eq!(place.calls(), 1);
    place.pass(Duration::from_millis(1));
    assert_eq!(place.find("x").await, Ok(0));
    assert_eq!(place.calls(), 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn many_tokens_at_once_cause_one_fetch() {
    let place = Arc::new(Place::showing(&[key("a")]).await);
    place.shared.open.send_replace(false);
    let asking: Vec<_> = (0..50)
        .map(|_| {
            let place = Arc::clone(&place);
            tokio::spawn(async move { place.find("a").await })
        })
        .collect();
    while place.calls() == 0 {
        tokio::task::yield_now().await;
    }
    place.shared.open.send_replace(true);
    for asked in asking {
        assert_eq!(asked.await.unwrap(), Ok(1));
    }
    assert_eq!(place.calls(), 1);
}

#[tokio::test]
async fn who_stops_waiting_strands_nobody() {
    let place = Place::showing(&[key("a")]).await;
    place.shared.open.send_replace(false);
    let mut first = Box::pin(place.find("a"));
    assert!(futures_util::poll!(&mut first).is_pending());
    drop(first);
    place.shared.open.send_replace(true);
    assert_eq!(place.find("a").await, Ok(1));
    assert_eq!(place.calls(), 1);
}

#[tokio::test]
async fn known_keys_serve_while_the_set_cannot_be_fetched() {
    let place = Place::showing(&[key("a")]).await;
    assert_eq!(place.find("a").await, Ok(1));
    for round in 1..4 {
        place.pass(MAX_AGE);
        match round {
            1 => place.hang_up(),
            2 => place.answer(500, "", "{}"),
            _ => place.answer(200, "", "{\"keys\": []}"),
        }
        assert_eq!(place.find("a").await, Ok(1));
        place.settle().await;
        assert_eq!(place.calls(), 1 + round);
        assert_eq!(place.find("a").await, Ok(1));
    }
    // What is not known is not wrong: nobody could tell.
    assert!(place.find("b").await.is_err());
}

#[tokio::test]
async fn an_old_set_is_fetched_again_in_the_background_and_withdrawn_keys_go() {
    let place = Place::showing(&[key("a")]).await;
    assert_eq!(place.find("a").await, Ok(1));
    place.pass(MAX_AGE.saturating_sub(Duration::from_millis(1)));
    assert_eq!(place.find("a").await, Ok(1));
    place.settle().await;
    assert_eq!(place.calls(), 1);
    place.show(&[key("b")]);
    place.pass(Duration::from_millis(1));
    assert_eq!(place.find("a").await, Ok(1), "nobody waits");
    place.settle().await;
    assert_eq!(place.calls(), 2);
    assert_eq!(place.find("a").await, Ok(0));
    assert_eq!(place.find("b").await, Ok(1));
}

#[tokio::test]
async fn a_fetch_that_failed_is_repeated_after_a_short_pause() {
    let place = Place::empty().await;
    let error = place.find("a").await.unwrap_err();
    assert_eq!(error.kind, KeySetTrouble::Unreachable);
    place.show(&[key("a")]);
    assert!(place.find("a").await.is_err());
    assert_eq!(place.calls(), 1);
    place.pass(RETRY);
    assert_eq!(place.find("a").await, Ok(1));
}

#[tokio::test]
async fn what_is_no_set_of_keys_is_told_with_the_cure_and_without_the_query() {
    let big = format!("{{\"keys\": [], \"x\": \"{}\"}}", "x".repeat(MAX_SET));
    for (status, header, body, words) in [
        (302, "location: /elsewhere?token=hunter2\r\n", "", "a redirect to /elsewhere;"),
        (404, "", "{}", "answered 404"),
        (200, "", big.as_str(), "sends more than"),
        (200, "", "<html>hunter2</html>", "has no JSON"),
        (200, "", "{\"hunter2\": 1}", "without a list `keys`"),
    ] {
        let place = Place::empty().await;
        place.answer(status, header, body);
        let error = place.find("a").await.unwrap_err();
        assert_eq!(error.kind, KeySetTrouble::Unusable);
        let shown = error.to_string();
        assert!(shown.contains(words), "{shown}");
        assert!(!shown.contains("hunter2"), "{shown}");
        assert_eq!(place.calls(), 1, "a redirect is not followed");
    }
}

#[tokio::test]
async fn nobody_listening_and_nobody_answering_are_told_apart() {
    let client = |timeout| reqwest::Client::builder().no_proxy().timeout(timeout).build().unwrap();
    let wanted = Wanted { algorithm: Algorithm::EdDSA, kid: None };
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = Url::parse(&format!("http://{}/", listener.local_addr().unwrap())).unwrap();
    let silent = KeySet::new(client(Duration::from_millis(50)), url.clone(), Clock::manual(NOW));
    let error = silent.keys_for(&wanted).await.unwrap_err();
    assert_eq!(error.kind, KeySetTrouble::TimedOut, "{error}");
    drop(listener);
    let closed = KeySet::new(client(Duration::from_secs(20)), url, Clock::manual(NOW));
    let error = closed.keys_for(&wanted).await.unwrap_err();
    assert_eq!(error.kind, KeySetTrouble::Unreachable, "{error}");
}

#[tokio::test]
async fn tokens_and_keys_without_a_name_find_each_other() {
    let nameless = Signer::new(Algorithm::EdDSA).jwk();
    let other = Signer::new(Algorithm::ES256).jwk();
    let place = Place::showing(&[key("a"), nameless, other]).await;
    let wanted =
        |kid: Option<&str>| Wanted { algorithm: Algorithm::EdDSA, kid: kid.map(str::to_owned) };
    let count = async |kid| place.set.keys_for(&wanted(kid)).await.unwrap().len();
    assert_eq!(count(None).await, 2, "all that fit the algorithm");
    assert_eq!(count(Some("a")).await, 1);
    assert_eq!(count(Some("b")).await, 1, "the one without a name");
}

#[tokio::test]
async fn a_new_key_under_an_old_name_is_found() {
    let place = Place::showing(&[key("a")]).await;
    assert_eq!(place.find("a").await, Ok(1));
    let wanted = Wanted { algorithm: Algorithm::EdDSA, kid: Some("a".to_owned()) };
    let anew = async || place.set.keys_anew(&wanted).await.map(|keys| keys.len());
    assert_eq!(anew().await, None, "the set has just been fetched");
    place.pass(COOL_DOWN);
    assert_eq!(anew().await, Some(1));
    assert_eq!(place.calls(), 2);
    place.pass(COOL_DOWN);
    place.hang_up();
    assert_eq!(anew().await, None);
}
