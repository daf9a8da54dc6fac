//! Where visitors are sent: to this site and nowhere else, whatever a request says.

use proptest::prelude::*;
use proptest::sample::select;
use proptest::test_runner::{Config, TestRunner};
use serde_json::json;
use tokio::runtime::{Builder, Runtime};
use url::Url;

use crate::support::front::{Front, NAVIGATION};
use crate::support::scripted::{EMAIL, PASSWORD};
use crate::support::site::{Browser, ORIGIN, Site};
use crate::support::visitor::Answer;

/// What open redirects have been made of.
const PIECES: &[&str] = &[
    "/",
    "//",
    "\\",
    "/\\",
    ".",
    "..",
    "/..",
    "%2e",
    "%2E%2e",
    "%2f",
    "%2F%2f",
    "%5c",
    "%09",
    "%0d%0a",
    "%00",
    "%",
    "%25",
    "%252f",
    "\t",
    "\n",
    "\r",
    " ",
    "\u{a0}",
    "\u{0}",
    "\u{7f}",
    "@",
    ":",
    "::",
    ";",
    "?",
    "#",
    "&",
    "=",
    "next=",
    "http:",
    "https://",
    "HTTPS:",
    "javascript:",
    "data:,",
    "ws://",
    "file:///",
    "evil.example",
    "localhost:5001",
    "localhost",
    ".evil.example",
    "[::1]",
    "[",
    "]",
    ",",
    "*",
    "ü",
    "\u{ff0f}",
    "\u{2215}",
    "\u{202e}",
    "%c3%bc",
    "%ff",
    "login",
    "logout",
    "welcome",
    "_vestibule/",
    "a",
];

fn hostile() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        9 => select(PIECES).prop_map(str::to_owned),
        1 => any::<char>().prop_map(String::from),
    ];
    let pieces = prop::collection::vec(piece, 0..7).prop_map(|pieces| pieces.concat());
    prop_oneof![3 => pieces.clone().prop_map(|text| format!("/{text}")), 1 => pieces]
}

fn runner(cases: u32) -> (Runtime, TestRunner) {
    let runtime = Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let config = Config { cases, failure_persistence: None, ..Config::default() };
    (runtime, TestRunner::new(config))
}

/// Where a browser ends up that is at `page` and is told this; an error unless that is on this site, also
/// after the sign-in that the target may be about.
fn stays(origin: &str, page: &str, location: &str) -> Result<(), TestCaseError> {
    let page = Url::parse(origin).unwrap().join(page).unwrap();
    let Ok(target) = page.join(location) else {
        return Err(TestCaseError::fail(format!("{location:?} is no address")));
    };
    prop_assert_eq!(target.origin().ascii_serialization(), origin, "{:?}", location);
    prop_assert!(!target.path().starts_with("//"), "{location:?}");
    prop_assert!(target.username().is_empty() && target.password().is_none(), "{location:?}");
    // What was meant is what every parser reads: nothing is left for it to repair.
    prop_assert!(
        location.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\'),
        "{location:?}"
    );
    if target.path() == "/login" {
        for (name, next) in target.query_pairs() {
            if name == "next" {
                stays(origin, "/login", &next)?;
            }
        }
    }
    Ok(())
}

fn all_stay(page: &str, answer: &Answer) -> Result<usize, TestCaseError> {
    let mut seen = 0;
    for name in ["location", "hx-redirect", "x-vestibule-location"] {
        for value in answer.headers.get_all(name) {
            seen += 1;
            stays(ORIGIN, page, value.to_str().unwrap())?;
        }
    }
    if answer.header("content-type").is_some_and(|it| it.contains("json")) {
        for key in ["next", "login_url"] {
            if let Some(target) = answer.json()[key].as_str() {
                seen += 1;
                stays(ORIGIN, page, target)?;
            }
        }
    }
    Ok(seen)
}

/// Every way in which a request can say where somebody wants to go.
async fn try_all(site: &Site, signed_in: &Browser, wanted: &str) -> Result<usize, TestCaseError> {
    let query =
        form_urlencoded::Serializer::new(String::new()).append_pair("next", wanted).finish();
    let (login, register) = (format!("/login?{query}"), format!("/register?{query}"));
    let right = [("email", EMAIL), ("password", PASSWORD)];
    let mut seen = 0;
    let mut look = |page: &str, answer: &Answer| -> Result<(), TestCaseError> {
        prop_assert!(answer.status < 500, "{wanted:?} {answer:?}");
        seen += all_stay(page, answer)?;
        Ok(())
    };
    look(&login, &site.browser().post(&login, &right).await)?;
    look(&login, &site.browser().htmx(&login, &right).await)?;
    let body = json!({"email": EMAIL, "password": PASSWORD});
    look(&login, &site.browser().call("POST", &login, Some(body)).await)?;
    look(&login, &signed_in.open(&login).await)?;
    look(&register, &signed_in.open(&register).await)?;
    let leaving = signed_in.copy();
    look("/logout", &leaving.post(&format!("/logout?{query}"), &[]).await)?;
    // The page that a part of was loaded for, and the host that was asked for.
    let mut visible = wanted.replace(|sign: char| sign.is_control(), "");
    visible.truncate(visible.floor_char_boundary(200));
    for current in [visible.clone(), format!("{ORIGIN}{visible}"), format!("https://e{visible}")] {
        let ask = site.browser().ask("GET", "/reports").by_htmx();
        look("/reports", &ask.header("hx-current-url", &current).send().await)?;
    }
    for name in ["host", "x-forwarded-host", "x-forwarded-prefix", "referer", "origin", "forwarded"]
    {
        let ask = site.browser().ask("GET", "/reports").navigating("none");
        look("/reports", &ask.header(name, &visible).send().await)?;
    }
    Ok(seen)
}

#[test]
fn wherever_we_send_somebody_is_on_this_site() {
    let (runtime, mut runner) = runner(200);
    let site = Site::new("[server]\ntrusted_proxies = [\"127.0.0.1\"]");
    let signed_in = runtime.block_on(site.signed_in());
    let total = std::cell::Cell::new(0);
    let outcome = runner.run(&hostile(), |wanted| {
        total.set(total.get() + runtime.block_on(try_all(&site, &signed_in.copy(), &wanted))?);
        Ok(())
    });
    outcome.unwrap_or_else(|failure| panic!("{failure}"));
    assert!(total.get() > 1000, "only {} targets were looked at", total.get());
}

#[test]
fn a_page_that_is_protected_is_the_way_back_to_itself_and_nothing_else() {
    let (runtime, mut runner) = runner(300);
    let front = runtime.block_on(Front::new(""));
    let origin = format!("http://{}", front.host());
    let sent = std::cell::Cell::new(0);
    let outcome = runner.run(&hostile(), |wanted| {
        let target = on_one_line(&wanted);
        for headers in
            [NAVIGATION.to_owned(), format!("{NAVIGATION}X-Forwarded-Host: {target}\r\n")]
        {
            let heard = runtime.block_on(front.ask(&format!("GET {target}"), &headers));
            prop_assert!(heard.status < 500, "{target:?} {heard:?}");
            if let Some(location) = heard.header("location") {
                sent.set(sent.get() + 1);
                prop_assert!(location.starts_with("/login"), "{location}");
                stays(&origin, "/", location)?;
            }
        }
        Ok(())
    });
    outcome.unwrap_or_else(|failure| panic!("{failure}"));
    assert!(sent.get() > 30, "only {} were sent anywhere", sent.get());
}

#[test]
fn a_proxy_is_only_told_to_send_people_to_the_address_of_this_site() {
    let (runtime, mut runner) = runner(300);
    let front = runtime.block_on(Front::new(""));
    let origin = format!("http://{}", front.host());
    let (host, port) = (front.host(), front.port);
    // Whole, as a part of another, in other spellings, and with what a parser may take for the end of it.
    let mut odd = vec![
        format!("evil.example:{port}"),
        format!("LOCALHOST:{port}"),
        format!("localhost.:{port}"),
    ];
    odd.extend([
        format!("127.0.0.1:{port}"),
        format!("[::1]:{port}"),
        format!("2130706433:{port}"),
    ]);
    odd.extend(["evil.example", "localhost", "localhost:1", ":", "[", "xn--"].map(str::to_owned));
    for end in [
        "evil.example",
        ".evil.example",
        "@evil.example",
        "_evil",
        "-",
        ":",
        ":80",
        "[",
        "\\@e",
        ",",
    ] {
        odd.extend([format!("{host}{end}"), format!("{end}{host}"), format!("{end}.{host}")]);
    }
    let hosts = prop_oneof![4 => Just(host), 2 => select(odd), 1 => hostile()];
    let sent = std::cell::Cell::new(0);
    let schemes = select(&["http", "https", "ws", "javascript", "http://evil.example", ""][..]);
    let outcome = runner.run(&(hostile(), hosts, schemes), |(wanted, host, scheme)| {
        let (uri, host) = (on_one_line(&wanted), on_one_line(&host));
        for proxy in ["nginx", "caddy", "traefik"] {
            let question = if proxy == "nginx" {
                format!("X-Original-Method: GET\r\nX-Original-URL: {scheme}://{host}{uri}\r\n")
            } else {
                format!(
                    "X-Forwarded-Method: GET\r\nX-Forwarded-Proto: {scheme}\r\n\
                     X-Forwarded-Host: {host}\r\nX-Forwarded-Uri: {uri}\r\n"
                )
            };
            for more in
                [NAVIGATION, "HX-Request: true\r\nHX-Current-URL: http://evil.example//e\r\n"]
            {
                let line = format!("GET /_vestibule/verify/{proxy}");
                let heard = runtime.block_on(front.ask(&line, &format!("{question}{more}")));
                prop_assert!((300..500).contains(&heard.status), "{proxy} {wanted:?} {heard:?}");
                for name in ["location", "hx-redirect", "x-vestibule-location"] {
                    if let Some(location) = heard.header(name) {
                        sent.set(sent.get() + 1);
                        // Absolute, so that it does not matter whose answer a proxy makes of it.
                        prop_assert!(
                            location.starts_with(&format!("{origin}/login")),
                            "{location}"
                        );
                        stays(&origin, "/", location)?;
                    }
                }
            }
        }
        Ok(())
    });
    outcome.unwrap_or_else(|failure| panic!("{failure}"));
    assert!(sent.get() > 60, "only {} were sent anywhere", sent.get());
}

/// What can be written into one line of a head.
fn on_one_line(text: &str) -> String {
    text.replace(['\r', '\n', '\0'], "")
}
