//! A backend that answers as it is told, over real HTTP, by the clock of the test.
//!
//! It is honest by default: it signs HS256 access tokens, spends a refresh token when it is used, and
//! revokes the whole login when one comes again. Each endpoint can be told to answer otherwise.

use std::collections::{BTreeMap, HashMap};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard};
use std::thread;
use std::time::Duration;

use jsonwebtoken::{EncodingKey, Header};
use serde_json::{Value, json};
use vestibule::Clock;

use super::eventually;
use super::signer::Signer;

pub(crate) const EMAIL: &str = "alice@example.com";
pub(crate) const PASSWORD: &str = "Corr3ct-horse-battery";
pub(crate) const WRONG_PASSWORD: &str = "Wr0ng-horse-battery";
/// What the tokens are signed with.
pub(crate) const TOKEN_SECRET: &str = "token-key-0123456789-0123456789-0123456789";
/// How every opaque token of this backend begins, so that one in the clear is found.
pub(crate) const TOKEN_MARK: &str = "tok-in-the-clear-";

/// What an endpoint does with a call.
#[derive(Clone, Debug)]
pub(crate) enum Reply {
    /// What it is there for.
    Honest,
    /// This status with this body.
    Json(u16, Value),
    /// The same with a header more.
    With(u16, (&'static str, String), Value),
    /// This status with a body that need not be JSON.
    Text(u16, &'static str),
    /// This status with these headers and this body, whatever they are.
    Raw(u16, Vec<(&'static str, String)>, String),
    /// Nothing, with the connection open.
    Silence,
    /// The connection is closed before any answer.
    HangUp,
    /// 200 and half of what was announced.
    Half,
    /// 200 and several megabytes.
    Huge,
}

/// A call as it came.
#[derive(Clone, Debug)]
pub(crate) struct Call {
    pub(crate) line: String,
    pub(crate) headers: BTreeMap<String, String>,
    pub(crate) body: String,
}

impl Call {
    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }
}

/// Listens on a port of its own until it is dropped.
pub(crate) struct Scripted {
    shared: Arc<Shared>,
    port: u16,
    listening: Option<Arc<AtomicBool>>,
}

struct Shared {
    state: Mutex<State>,
    changed: Condvar,
    clock: Clock,
}

struct State {
    script: HashMap<String, Reply>,
    held: HashMap<String, bool>,
    calls: Vec<(String, Call)>,
    users: BTreeMap<String, User>,
    access: HashMap<String, (String, u64)>,
    refresh: HashMap<String, Grant>,
    revoked: Vec<u64>,
    reuses: usize,
    issued: Vec<String>,
    counter: u64,
    life: u64,
    opaque: bool,
    with_refresh: bool,
    rotates: bool,
    padding: usize,
    signer: Option<Signer>,
    keys: Vec<Value>,
}

#[derive(Clone)]
struct User {
    password: String,
    name: String,
}

struct Grant {
    email: String,
    family: u64,
    spent: bool,
}

impl Scripted {
    /// Knows Alice. Its access tokens live half an hour.
    pub(crate) fn start(clock: &Clock) -> Self {
        let alice = User { password: PASSWORD.to_owned(), name: "Alice Example".to_owned() };
        let state = State {
            script: HashMap::new(),
            held: HashMap::new(),
            calls: Vec::new(),
            users: BTreeMap::from([(EMAIL.to_owned(), alice)]),
            access: HashMap::new(),
            refresh: HashMap::new(),
            revoked: Vec::new(),
            reuses: 0,
            issued: Vec::new(),
            counter: 0,
            life: 1800,
            opaque: false,
            with_refresh: true,
            rotates: true,
            padding: 0,
            signer: None,
            keys: Vec::new(),
        };
        let shared = Arc::new(Shared {
            state: Mutex::new(state),
            changed: Condvar::new(),
            clock: clock.clone(),
        });
        let mut backend = Self { shared, port: 0, listening: None };
        backend.open_again();
        backend
    }

    pub(crate) fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// From now on this endpoint (the last part of its path, such as `login`) answers so.
    pub(crate) fn script(&self, endpoint: &str, reply: Reply) {
        self.state().script.insert(endpoint.to_owned(), reply);
    }

    /// How often an endpoint was called.
    pub(crate) fn count(&self, endpoint: &str) -> usize {
        self.calls(endpoint).len()
    }

    pub(crate) fn calls(&self, endpoint: &str) -> Vec<Call> {
        let state = self.state();
        state.calls.iter().filter(|(name, _)| name == endpoint).map(|it| it.1.clone()).collect()
    }

    /// How often a refresh token came that was spent already.
    pub(crate) fn reuses(&self) -> usize {
        self.state().reuses
    }

    /// Every token that went out.
    pub(crate) fn issued(&self) -> Vec<String> {
        self.state().issued.clone()
    }

    /// How long access tokens live that are issued from now on.
    pub(crate) fn access_life(&self, life: Duration) {
        self.state().life = life.as_secs();
    }

    /// Access tokens are random texts from now on, and nobody says how long they live.
    pub(crate) fn issue_opaque_tokens(&self) {
        self.state().opaque = true;
    }

    pub(crate) fn issue_no_refresh_tokens(&self) {
        self.state().with_refresh = false;
    }

    /// A refresh returns an access token alone, and the refresh token stays good.
    pub(crate) fn keep_refresh_tokens(&self) {
        self.state().rotates = false;
    }

    /// Access tokens carry so many more bytes, which do not compress.
    pub(crate) fn pad_tokens(&self, bytes: usize) {
        self.state().padding = bytes;
    }

    /// Access tokens are signed with this pair from now on. It is not shown by that alone.
    pub(crate) fn sign_with(&self, signer: &Signer) {
        self.state().signer = Some(signer.clone());
    }

    /// These are the keys at `/keys/jwks.json`.
    pub(crate) fn show_keys(&self, signers: &[&Signer]) {
        self.state().keys = signers.iter().map(|signer| signer.jwk()).collect();
    }

    pub(crate) fn rename(&self, email: &str, name: &str) {
        name.clone_into(&mut self.state().users.get_mut(email).unwrap().name);
    }

    /// Access tokens that are out are worth nothing from now on.
    pub(crate) fn forget_access_tokens(&self) {
        self.state().access.clear();
    }

    /// Calls of this endpoint wait until they are let go.
    pub(crate) fn hold(&self, endpoint: &str) {
        self.state().held.insert(endpoint.to_owned(), true);
    }

    pub(crate) fn let_go(&self, endpoint: &str) {
        self.state().held.insert(endpoint.to_owned(), false);
        self.shared.changed.notify_all();
    }

    /// Waits until an endpoint was called so often.
    pub(crate) async fn called(&self, endpoint: &str, times: usize) {
        let what = format!("{times} calls of {endpoint}");
        eventually(&what, async || (self.count(endpoint) >= times).then_some(())).await;
    }

    /// Nobody listens any more: connections are refused.
    pub(crate) fn close(&mut self) {
        if let Some(listening) = self.listening.take() {
            listening.store(false, Ordering::SeqCst);
            // Wakes the thread that accepts; it drops the listener before it lets go of this connection.
            if let Ok(mut stream) = TcpStream::connect(("127.0.0.1", self.port)) {
                let _ = stream.read(&mut [0]);
            }
        }
    }

    /// Listens (again) on the same port.
    pub(crate) fn open_again(&mut self) {
        let listener = TcpListener::bind(("127.0.0.1", self.port)).unwrap();
        self.port = listener.local_addr().unwrap().port();
        let open = Arc::new(AtomicBool::new(true));
        self.listening = Some(Arc::clone(&open));
        let shared = Arc::clone(&self.shared);
        thread::spawn(move || {
            loop {
                let Ok((stream, _)) = listener.accept() else { continue };
                if !open.load(Ordering::SeqCst) {
                    drop(listener);
                    drop(stream);
                    return;
                }
                let shared = Arc::clone(&shared);
                thread::spawn(move || serve(&shared, stream));
            }
        });
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.shared.state.lock().unwrap()
    }
}

impl Drop for Scripted {
    fn drop(&mut self) {
        self.close();
    }
}

/// One connection, one call.
fn serve(shared: &Shared, stream: TcpStream) -> Option<()> {
    let mut reader = BufReader::new(stream);
    let call = read(&mut reader)?;
    let mut stream = reader.into_inner();
    let path = call.line.split(' ').nth(1)?.split('?').next()?.to_owned();
    let endpoint = path.rsplit('/').next()?.to_owned();
    let reply = {
        let mut state = shared.state.lock().unwrap();
        state.calls.push((endpoint.clone(), call.clone()));
        while state.held.get(&endpoint) == Some(&true) {
            state = shared.changed.wait(state).unwrap();
        }
        match state.script.get(&endpoint).cloned().unwrap_or(Reply::Honest) {
            Reply::Honest => {
                let (status, body) = state.honest(&endpoint, &call, shared.clock.unix_seconds());
                Reply::Json(status, body)
            }
            scripted => scripted,
        }
    };
    let mut send = |status: u16, header: &str, length: usize, body: &str| {
        let head = format!(
            "HTTP/1.1 {status} Scripted\r\nContent-Type: application/json\r\n{header}\
             Content-Length: {length}\r\nConnection: close\r\n\r\n"
        );
        stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(body.as_bytes())).ok()
    };
    match reply {
        Reply::Honest | Reply::HangUp => Some(()),
        Reply::Json(status, body) => {
            let body = body.to_string();
            send(status, "", body.len(), &body)
        }
        Reply::With(status, (name, value), body) => {
            let body = body.to_string();
            send(status, &format!("{name}: {value}\r\n"), body.len(), &body)
        }
        Reply::Text(status, body) => send(status, "", body.len(), body),
        Reply::Raw(status, headers, body) => {
            let lines = headers.iter().map(|(name, value)| format!("{name}: {value}\r\n"));
            send(status, &lines.collect::<String>(), body.len(), &body)
        }
        Reply::Half => send(200, "", 1000, "{\"access_token\": \"ab"),
        Reply::Huge => {
            let body = format!("{{\"access_token\": \"{}\"}}", "x".repeat(4 * 1024 * 1024));
            send(200, "", body.len(), &body)
        }
        // Until the other side has enough of waiting.
        Reply::Silence => stream.read(&mut [0]).map(|_| ()).ok(),
    }
}

fn read(reader: &mut impl BufRead) -> Option<Call> {
    let mut line = String::new();
    reader.read_line(&mut line).ok().filter(|length| *length > 0)?;
    let mut headers = BTreeMap::new();
    loop {
        let mut header = String::new();
        reader.read_line(&mut header).ok()?;
        let Some((name, value)) = header.trim_end().split_once(':') else { break };
        headers.insert(name.to_ascii_lowercase(), value.trim().to_owned());
    }
    let length = headers.get("content-length").and_then(|it| it.parse().ok()).unwrap_or(0);
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    let body = String::from_utf8_lossy(&body).into_owned();
    Some(Call { line: line.trim_end().to_owned(), headers, body })
}

impl State {
    fn honest(&mut self, endpoint: &str, call: &Call, now: u64) -> (u16, Value) {
        let input: Value = serde_json::from_str(&call.body).unwrap_or_default();
        let text = |name: &str| input[name].as_str().unwrap_or_default().to_owned();
        let refused = |status: u16, detail: &str| (status, json!({ "detail": detail }));
        match endpoint {
            "login" => match self.users.get(&text("email")) {
                Some(user) if user.password == text("password") => {
                    self.counter += 1;
                    (200, self.tokens(&text("email"), self.counter, now))
                }
                _ => refused(401, "Incorrect email or password"),
            },
            "register" => {
                if self.users.contains_key(&text("email")) {
                    return refused(409, "Email already registered");
                }
                let user = User { password: text("password"), name: String::new() };
                self.users.insert(text("email"), user);
                (201, json!({"id": 2, "email": text("email")}))
            }
            "refresh" => {
                let token = text("refresh_token");
                let rotates = self.rotates;
                let Some(grant) = self.refresh.get_mut(&token) else {
                    return refused(401, "Invalid refresh token");
                };
                let (email, family) = (grant.email.clone(), grant.family);
                if grant.spent {
                    self.reuses += 1;
                    self.revoked.push(family);
                }
                grant.spent = rotates;
                if self.revoked.contains(&family) {
                    return refused(401, "Invalid refresh token");
                }
                (200, self.tokens(&email, family, now))
            }
            "me" => {
                let bearer = call.headers.get("authorization").map(String::as_str);
                let token = bearer.and_then(|it| it.strip_prefix("Bearer ")).unwrap_or_default();
                match self.access.get(token) {
                    Some((email, end)) if *end > now => {
                        let name = &self.users[email].name;
                        (200, json!({"id": 1, "email": email, "name": name, "roles": ["user"]}))
                    }
                    _ => refused(401, "Could not validate credentials"),
                }
            }
            "logout" => {
                if let Some(grant) = self.refresh.get(&text("refresh_token")) {
                    self.revoked.push(grant.family);
                }
                (200, json!({"message": "Logged out"}))
            }
            "jwks.json" => (200, json!({ "keys": self.keys })),
            _ => refused(404, "Not Found"),
        }
    }

    fn tokens(&mut self, email: &str, family: u64, now: u64) -> Value {
        self.counter += 1;
        let number = self.counter;
        let end = if self.opaque { u64::MAX } else { now + self.life };
        let access = if self.opaque {
            format!("{TOKEN_MARK}access-{number}")
        } else {
            let claims = json!({
                "sub": "1", "jti": number, "iat": now, "exp": end, "pad": noise(self.padding),
            });
            let key = EncodingKey::from_secret(TOKEN_SECRET.as_bytes());
            let by_secret = || jsonwebtoken::encode(&Header::default(), &claims, &key).unwrap();
            self.signer.as_ref().map_or_else(by_secret, |signer| signer.sign(&claims))
        };
        self.access.insert(access.clone(), (email.to_owned(), end));
        self.issued.push(access.clone());
        let mut answer = json!({"access_token": access, "token_type": "bearer"});
        let first = !self.refresh.values().any(|grant| grant.family == family);
        if self.with_refresh && (self.rotates || first) {
            let refresh = format!("{TOKEN_MARK}refresh-{number}");
            let grant = Grant { email: email.to_owned(), family, spent: false };
            self.refresh.insert(refresh.clone(), grant);
            self.issued.push(refresh.clone());
            answer["refresh_token"] = refresh.into();
        }
        answer
    }
}

/// Letters without a pattern.
fn noise(length: usize) -> String {
    let mut seed = 0x9e37_79b9_7f4a_7c15_u64;
    let letter = |_| {
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        char::from(b'a' + u8::try_from((seed >> 32) % 26).unwrap())
    };
    (0..length).map(letter).collect()
}
