//! nginx and Caddy in front of an app, with the very blocks that `vestibule snippet` prints.

use std::fmt::Write as _;
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::support::front::{Front, NAVIGATION};
use crate::support::process::Process;
use crate::support::real_proxy;
use crate::support::scripted::EMAIL;

const PUBLIC: &str =
    "[access]\npublic = ['/open/.*']\n[backend.me]\nclaims = { groups = \"/roles\" }\n";
const PROXIES: [&str; 2] = ["nginx", "caddy"];

/// The proxy on the port where browsers come in.
async fn started(front: &Front, proxy: &str) -> Process {
    real_proxy::start(proxy, &front.snippet(proxy), front.port, front.folder.path()).await
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs nginx and caddy; run by tests/run"]
async fn a_deep_link_survives_the_login_and_a_sign_out_counts_at_once() {
    for proxy in PROXIES {
        let front = Front::new(PUBLIC).await;
        let _running = started(&front, proxy).await;
        let heard = front.open("/deep/link?a=b&c=%2Fd", "").await;
        assert!(matches!(heard.status, 302 | 303), "{proxy} {heard:?}");
        let login = heard.header("location").unwrap().to_owned();
        let origin = format!("http://{}", front.host());
        let path = login.strip_prefix(&origin).unwrap_or_else(|| panic!("{proxy} {login}"));
        assert_eq!(front.open(path, "").await.status, 200, "{proxy}");
        assert!(front.app.take().is_empty(), "{proxy}: the app was asked");

        let (next, cookie) = front.sign_in_at(front.port, path).await;
        assert_eq!(next, "/deep/link?a=b&c=%2Fd", "{proxy}");
        let heard = front.open(&next, &format!("Cookie: theirs=1; {}", &cookie[8..])).await;
        assert_eq!(heard.status, 200, "{proxy} {heard:?}");
        let got = front.app.take();
        assert!(got[0].starts_with("GET /deep/link?a=b&c=%2Fd HTTP/1."), "{proxy} {got:?}");
        let seen = got[0].to_ascii_lowercase();
        assert!(seen.contains(&format!("remote-email: {EMAIL}\r\n")), "{proxy} {seen}");
        assert!(seen.contains("authorization: bearer "), "{proxy} {seen}");
        assert!(!seen.contains("vestibule="), "{proxy} {seen}");
        assert!(seen.contains("theirs=1"), "{proxy} {seen}");

        // A script is told, and no script gets a verdict.
        let heard = front.visit("GET /api", "Accept: */*\r\n").await;
        assert_eq!((heard.status, heard.header("location")), (401, None), "{proxy} {heard:?}");
        assert!(heard.header("x-vestibule-location").is_some(), "{proxy} {heard:?}");
        let verdict = format!("GET /_vestibule/verify/{proxy}");
        assert_eq!(front.visit(&verdict, &cookie).await.status, 404, "{proxy}");

        assert_eq!(front.post_at(front.port, "/logout", &cookie, "").await.status, 303, "{proxy}");
        let heard = front.open("/deep", &cookie).await;
        assert!(matches!(heard.status, 302 | 303), "{proxy} {heard:?}");
        assert!(heard.header("set-cookie").unwrap().contains("Max-Age=0"), "{proxy} {heard:?}");
        assert!(front.app.take().is_empty(), "{proxy}");
    }
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs nginx and caddy; run by tests/run"]
async fn twenty_requests_across_a_refresh_pass_with_the_old_cookie() {
    for proxy in PROXIES {
        let front = Front::new(PUBLIC).await;
        let _running = started(&front, proxy).await;
        let (_, cookie) = front.sign_in_at(front.port, "/login").await;
        front.clock.advance(Duration::from_mins(29));
        let all: Vec<_> = (0..20).map(|_| front.open("/page", &cookie)).collect();
        for heard in futures_util::future::join_all(all).await {
            assert_eq!(heard.status, 200, "{proxy} {heard:?}");
        }
        assert_eq!(front.backend.count("refresh"), 1, "{proxy}");
        assert_eq!(front.open("/page", &cookie).await.status, 200, "{proxy}");
    }
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs nginx and caddy; run by tests/run"]
async fn no_identity_that_the_client_claims_reaches_the_app() {
    for proxy in PROXIES {
        let front = Front::new(PUBLIC).await;
        let _running = started(&front, proxy).await;
        let (_, cookie) = front.sign_in_at(front.port, "/login").await;
        let mut forged = String::new();
        for name in ["Remote-User", "Remote-Email", "Remote-Groups", "Remote-Name"] {
            for spelling in [name.to_owned(), name.to_lowercase(), name.replace('-', "_")] {
                let _ = write!(forged, "{spelling}: root\r\n{spelling}: root\r\n");
            }
        }
        forged += "Authorization: Bearer root\r\nX-Original-URL: http://localhost/open/x\r\n\
                   X-Original-Method: GET\r\nX-Forwarded-Uri: /open/x\r\nX-Forwarded-Method: GET\r\n";
        for connection in
            ["close", "close, Remote-User, Remote-Email, Authorization, Cookie, X-Original-URL"]
        {
            let headers = format!("{forged}Connection: {connection}\r\n");
            let heard = front.visit("GET /admin", &headers).await;
            assert_eq!(heard.status, 401, "{proxy} {heard:?}");
            assert!(front.app.take().is_empty(), "{proxy}");
            for (path, who) in [("/open/x", ""), ("/open/x", &*cookie), ("/admin", &*cookie)] {
                let heard = front.visit(&format!("GET {path}"), &format!("{headers}{who}")).await;
                assert_eq!(heard.status, 200, "{proxy} {heard:?}");
                let seen = front.app.take().remove(0).to_ascii_lowercase();
                assert!(!seen.contains("root"), "{proxy} {path}: {seen}");
                let told = seen.contains(&format!("remote-email: {EMAIL}\r\n"));
                assert_eq!(told, !who.is_empty(), "{proxy} {path}: {seen}");
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs nginx and caddy; run by tests/run"]
async fn the_app_gets_the_path_that_was_judged_or_nothing() {
    for proxy in PROXIES {
        let front = Front::new(PUBLIC).await;
        let _running = started(&front, proxy).await;
        for path in [
            "/open/x",
            "/open/a%20b",
            "/open/%C3%BC",
            "/open/foo..baz",
            "/open/a:b",
            "/open/x?y=/../z",
            "/open/a;x=1",
        ] {
            assert_eq!(front.visit(&format!("GET {path}"), "").await.status, 200, "{proxy} {path}");
            let got = front.app.take();
            assert!(got[0].starts_with(&format!("GET {path} HTTP/1.")), "{proxy} {got:?}");
        }
        for path in [
            "/open/../admin",
            "/open/%2e%2e/admin",
            "/open/%2E%2E/admin",
            "/open/.%2e/admin",
            "/open/..%2fadmin",
            "/open/..%2Fadmin",
            "/open/..%5cadmin",
            "/open/..\\admin",
            "/open/..;/admin",
            "//admin",
            "//open/x",
            "/open/%252e%252e/admin",
            "/admin",
            "/admin%23/open/x",
            "/admin#/open/x",
            "/admin?x=/open/x",
            "/_vestibule/../admin",
            "/_vestibule%2f..%2fadmin",
            "/_vestibule../admin",
            "/login/../admin",
            "/%00/open/x",
        ] {
            let answer = front.visit(&format!("GET {path}"), "").await;
            assert!((300..500).contains(&answer.status), "{proxy} {path} {answer:?}");
            let got = front.app.take();
            assert!(got.is_empty(), "{proxy} {path} {got:?}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs nginx and caddy; run by tests/run"]
async fn a_websocket_is_judged_before_it_opens() {
    for proxy in PROXIES {
        let front = Front::new(PUBLIC).await;
        let _running = started(&front, proxy).await;
        let (_, cookie) = front.sign_in_at(front.port, "/login").await;
        let open = async |cookie: &str| {
            let mut stream = TcpStream::connect(("127.0.0.1", front.port)).await.unwrap();
            let head = format!(
                "GET /socket HTTP/1.1\r\nHost: {}\r\nConnection: keep-alive, Upgrade\r\nUpgrade: websocket\r\n\
                 Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n{cookie}\r\n",
                front.host()
            );
            stream.write_all(head.as_bytes()).await.unwrap();
            let mut piece = [0; 4096];
            let length = stream.read(&mut piece).await.unwrap();
            (String::from_utf8_lossy(&piece[..length]).into_owned(), stream)
        };
        let (refused, _) = open("").await;
        assert!(refused.starts_with("HTTP/1.1 401"), "{proxy} {refused}");
        assert!(front.app.take().is_empty(), "{proxy}");
        let (opened, mut stream) = open(&cookie).await;
        assert!(opened.starts_with("HTTP/1.1 101"), "{proxy} {opened}");
        stream.write_all(b"hello").await.unwrap();
        let mut echo = [0; 5];
        stream.read_exact(&mut echo).await.unwrap();
        assert_eq!(&echo, b"hello", "{proxy}");
        let head = front.app.take().remove(0).to_ascii_lowercase();
        assert!(head.contains(&format!("remote-email: {EMAIL}\r\n")), "{proxy} {head}");

        // What is sent after any other upgrade would never be judged.
        let h2c = "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA\r\n";
        // The answer ends when the proxy gives up waiting, so only what the app got is looked at.
        let _ = tokio::time::timeout(Duration::from_secs(2), front.visit("GET /open/x", h2c)).await;
        let head = front.app.take().remove(0).to_ascii_lowercase();
        assert!(!head.contains("upgrade: h2c"), "{proxy} {head}");
    }
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs nginx and caddy; run by tests/run"]
async fn an_outage_of_the_backend_is_a_503_and_not_a_sign_out() {
    for proxy in PROXIES {
        let mut front = Front::new(PUBLIC).await;
        let _running = started(&front, proxy).await;
        let (_, cookie) = front.sign_in_at(front.port, "/login").await;
        front.backend.close();
        front.clock.advance(Duration::from_hours(1));
        let heard = front.visit("GET /a", &format!("{NAVIGATION}{cookie}")).await;
        assert_eq!(heard.status, 503, "{proxy} {heard:?}");
        assert!(heard.header("retry-after").is_some(), "{proxy}");
        assert!(front.app.take().is_empty(), "{proxy}");
        front.backend.open_again();
        front.clock.advance(Duration::from_mins(5));
        assert_eq!(front.open("/a", &cookie).await.status, 200, "{proxy}");
    }
}
