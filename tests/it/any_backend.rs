//! Whatever a backend answers to whatever contract: no panic, and nothing that was taken or typed in
//! secret shows on a page or in the log.

use std::io::{self, Write};
use std::sync::{Arc, Mutex};

use proptest::prelude::*;
use proptest::sample::select;
use proptest::test_runner::{Config, TestRunner};
use serde_json::{Value, json};
use tracing_subscriber::fmt::MakeWriter;

use crate::support::scripted::{EMAIL, Reply};
use crate::support::site::{HOME, Site};
use crate::support::visitor::Answer;

/// Typed into the form; backends repeat it in their errors.
const TYPED: &str = "hunter2-typed-in-secret";
/// How every value begins that could be a token.
const MARK: &str = "taken-";

const KEYS: [&str; 20] = [
    "access_token",
    "refresh_token",
    "token",
    "data",
    "user",
    "id",
    "email",
    "name",
    "detail",
    "message",
    "errors",
    "error",
    "loc",
    "path",
    "msg",
    "extensions",
    "expires_at",
    "success",
    "password",
    "code",
];
const PLACES: [&str; 12] = [
    "/access_token",
    "/token",
    "/data/token",
    "/data/access_token",
    "/detail",
    "/message",
    "/errors/0/message",
    "/error",
    "header:x-token",
    "header:authorization",
    "cookie:sid",
    "/user",
];

#[derive(Clone, Debug)]
struct Contract {
    take: Vec<(&'static str, &'static str)>,
    text: String,
}

fn contract() -> impl Strategy<Value = Contract> {
    let names = vec!["refresh_token", "expires_at", "expires_in", "csrf"];
    let more = prop::collection::btree_map(select(names), select(&PLACES[..]), 0..4);
    let ok = select(&["", "/success", "/data"][..]);
    let user = select(&["", "/user", "/data/user"][..]);
    (
        select(&PLACES[..]),
        more,
        ok,
        user,
        any::<bool>(),
        any::<bool>(),
        select(&["login", "notice"][..]),
    )
        .prop_map(|(access, more, ok, user, form, auth, then)| {
            let mut take: Vec<_> = more.into_iter().collect();
            take.push(("access_token", access));
            let entries: Vec<_> =
                take.iter().map(|(name, place)| format!("{name} = {place:?}")).collect();
            let entries = entries.join(", ");
            let encoding = if form { "form" } else { "json" };
            let text = format!(
                "[backend.login]\nas = {encoding:?}\nok = {ok:?}\ntake = {{ {entries} }}\n\
                 [backend.register]\nok = {ok:?}\nthen = {then:?}\n\
                 [backend.refresh]\nauth = {auth}\nbody = {{ token = \"{{{{access_token}}}}\" }}\n\
                 [backend.me]\nuser = {user:?}\n[[backend.logout]]\nauth = {auth}\n"
            );
            Contract { take, text }
        })
}

fn leaf() -> impl Strategy<Value = Value> {
    prop_oneof![
        3 => "[a-z0-9]{8}".prop_map(|tail| json!(format!("{MARK}{tail}"))),
        2 => select(vec![
            json!(TYPED), json!("It is wrong."), json!(format!("Value {TYPED} is too short")),
            json!("email must be an email"), json!("LOGIN_BAD"), json!("2026-11-23T10:13:50-06:00"),
            json!("<b>x</b>"), json!(""), json!("{{password}}"), json!("email"), json!("password"),
        ]),
        2 => select(vec![
            json!(null), json!(true), json!(false), json!(0), json!(-1), json!(1e300),
            json!(1_900_000_000_u64), json!(u64::MAX), json!(3.5),
        ]),
        1 => any::<String>().prop_map(Value::String),
    ]
}

fn body() -> impl Strategy<Value = String> {
    let tree = leaf().prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            3 => prop::collection::vec((select(&KEYS[..]), inner.clone()), 0..5).prop_map(|pairs| {
                Value::Object(pairs.into_iter().map(|(key, value)| (key.to_owned(), value)).collect())
            }),
            1 => prop::collection::vec(inner, 0..4).prop_map(Value::Array),
        ]
    });
    prop_oneof![
        8 => tree.prop_map(|json| json.to_string()),
        1 => any::<String>(),
        1 => select(vec![String::new(), "<html>".to_owned(), format!("wrong: {TYPED}"), "[[[[".to_owned()]),
    ]
}

fn reply() -> impl Strategy<Value = Reply> {
    let status = prop_oneof![
        4 => Just(200_u16),
        2 => select(vec![201, 204, 302, 400, 401, 403, 404, 405, 409, 415, 422, 429, 500, 503]),
        1 => 200_u16..600,
    ];
    let header = prop_oneof![
        "[a-z0-9]{8}".prop_map(|tail| ("Set-Cookie", format!("sid={MARK}{tail}; Path=/"))),
        "[a-z0-9]{8}".prop_map(|tail| ("X-Token", format!("{MARK}{tail}"))),
        "[a-z0-9]{8}".prop_map(|tail| ("Authorization", format!("Bearer {MARK}{tail}"))),
        select(vec!["0", "-1", "soon", "999999999999999999999"])
            .prop_map(|wait| ("Retry-After", wait.to_owned())),
        select(vec!["/elsewhere", "https://evil.example/?t=x", "%%%"])
            .prop_map(|to| ("Location", to.to_owned())),
    ];
    (status, prop::collection::vec(header, 0..3), body())
        .prop_map(|(status, headers, body)| Reply::Raw(status, headers, body))
}

/// What the contract takes from an answer, as far as it is a token.
fn taken(contract: &Contract, reply: &Reply) -> Vec<String> {
    let Reply::Raw(_, headers, body) = reply else { return Vec::new() };
    let json: Value = serde_json::from_str(body).unwrap_or_default();
    let pointers = contract.take.iter().filter(|(_, place)| place.starts_with('/'));
    let from_body =
        pointers.filter_map(|(_, place)| json.pointer(place)?.as_str().map(str::to_owned));
    let from_headers = headers.iter().filter_map(|(_, value)| {
        value
            .contains(MARK)
            .then(|| value[value.find(MARK)?..].split(';').next().map(str::to_owned))?
    });
    from_body.chain(from_headers).filter(|text| text.starts_with(MARK)).collect()
}

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Log {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

async fn visit(contract: &Contract, replies: &[Reply; 5]) -> Vec<Answer> {
    let site = Site::new(&contract.text);
    let [login, me, register, refresh, logout] = replies;
    for (endpoint, reply) in [
        ("login", login),
        ("me", me),
        ("register", register),
        ("refresh", refresh),
        ("logout", logout),
    ] {
        site.backend.script(endpoint, reply.clone());
    }
    let browser = site.browser();
    let account = [("email", EMAIL), ("password", TYPED), ("password_confirm", TYPED)];
    let mut answers = vec![browser.post("/register", &account).await];
    answers.push(browser.post("/login", &account[..2]).await);
    let json = json!({"email": EMAIL, "password": TYPED});
    answers.push(browser.copy().call("POST", "/login", Some(json)).await);
    answers.push(browser.open(HOME).await);
    site.pass(1700);
    answers.push(browser.open(HOME).await);
    answers.push(browser.call("GET", "/_vestibule/session", None).await);
    answers.push(browser.post("/logout", &[]).await);
    answers
}

#[test]
fn no_answer_of_a_backend_panics_or_shows_what_it_brought() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let mut runner =
        TestRunner::new(Config { cases: 150, failure_persistence: None, ..Config::default() });
    let replies =
        [reply().boxed(), reply().boxed(), reply().boxed(), reply().boxed(), reply().boxed()];
    runner
        .run(&(contract(), replies), |(contract, replies)| {
            let log = Log::default();
            let subscriber =
                tracing_subscriber::fmt().with_max_level(tracing::Level::TRACE).with_ansi(false);
            let subscriber = subscriber.with_writer(log.clone()).finish();
            let answers = tracing::subscriber::with_default(subscriber, || {
                runtime.block_on(visit(&contract, &replies))
            });
            let log = String::from_utf8_lossy(&log.0.lock().unwrap()).into_owned();
            prop_assert!(log.contains("POST"), "the log is listened to");
            let mut secrets: Vec<String> =
                [0, 3].iter().flat_map(|step| taken(&contract, &replies[*step])).collect();
            // Who the user is is there to be shown.
            let Reply::Raw(_, _, me) = &replies[1] else { unreachable!() };
            secrets.retain(|secret| !me.contains(secret.as_str()));
            if !me.contains(TYPED) {
                secrets.push(TYPED.to_owned());
            }
            for secret in &secrets {
                prop_assert!(!log.contains(secret.as_str()), "{secret} in the log:\n{log}");
                for answer in &answers {
                    prop_assert!(answer.status != 500, "{answer:?}\n{log}");
                    let shown = format!("{answer:?}");
                    prop_assert!(!shown.contains(secret.as_str()), "{secret} in {shown}");
                }
            }
            Ok(())
        })
        .unwrap_or_else(|failure| panic!("{failure}"));
}
