//! Who may pass: the whitelist, the paths that two programs could read differently, and what those
//! are told who may not. Numbers are those of the advisories that each test is about (docs/adr/0002).

use std::time::{Duration, Instant};

use serde_json::json;

use crate::support::scripted::EMAIL;
use crate::support::site::{HOME, Site, leads_to_login};
use crate::support::visitor::Answer;

const WHITELIST: &str = "[access]\npublic = ['/public/.*', '/api/.*/status', '/about', \
                         { path = '/hook', methods = [\"POST\"] }, '/caf\u{e9}']";

fn site() -> Site {
    Site::new(WHITELIST)
}

/// What is on the whitelist has nothing behind it here, so it answers 404; what is protected sends away.
#[track_caller]
fn is_public(answer: &Answer) {
    answer.expect(404).shows("Page not found");
}

#[track_caller]
fn is_closed(answer: &Answer) {
    match answer.status {
        400 => {
            answer.hides("Page not found");
        }
        _ => leads_to_login(answer),
    }
}

#[tokio::test]
async fn a_pattern_matches_the_whole_path_or_nothing() {
    let site = site();
    let browser = site.browser();
    for path in ["/about", "/about?x=1", "/public/", "/public/a/b", "/api/x/status", "/caf%C3%A9"] {
        is_public(&browser.open(path).await);
    }
    for path in [
        "/",
        "/about/",
        "/aboutx",
        "/x/about",
        "/About",
        "/public",
        "/api/x/status/x",
        "/caf%C3%A8",
    ] {
        leads_to_login(&browser.open(path).await);
    }
}

#[tokio::test]
async fn alternatives_of_a_pattern_are_anchored_too() {
    let site = Site::new("[access]\npublic = ['/a|/b', '(?m)^/c$']");
    let browser = site.browser();
    is_public(&browser.open("/a").await);
    is_public(&browser.open("/b").await);
    for path in ["/ax", "/x/b", "/a/secret", "/secret/b", "/c%0a/secret", "/secret%0A/c"] {
        is_closed(&browser.open(path).await);
    }
}

#[tokio::test]
async fn a_method_that_is_not_named_is_not_public() {
    let site = site();
    leads_to_login(&site.browser().open("/hook").await);
    let answer = site.browser().ask("POST", "/hook").by_script().send().await;
    assert!(matches!(answer.status, 404 | 405), "{answer:?}");
    site.browser().ask("PUT", "/hook").by_script().send().await.expect(401);
    site.browser().ask("GETz", "/hook").by_script().send().await.expect(401);
}

#[tokio::test]
async fn a_query_opens_nothing() {
    // 1: the rule matched path and query.
    let browser = site().browser();
    for path in [
        "/api/private/x?path=/status",
        "/admin?x=/public/",
        "/admin?/public/x",
        "/admin?/api/x/status",
    ] {
        leads_to_login(&browser.open(path).await);
    }
}

#[tokio::test]
async fn headers_that_name_another_path_are_not_believed() {
    // 2 and 12: the path of a header was judged instead of the path that was asked for.
    let site = site();
    for header in [
        "x-forwarded-uri",
        "x-original-url",
        "x-original-uri",
        "x-rewrite-url",
        "x-forwarded-path",
        "x-forwarded-prefix",
        "x-http-method-override",
        "forwarded",
    ] {
        for value in ["/public/x", "/admin#/public/", "/public/\t", "POST", "for=127.0.0.1"] {
            let ask = site.browser().ask("GET", "/admin").navigating("none");
            leads_to_login(&ask.header(header, value).send().await);
        }
    }
}

#[tokio::test]
async fn no_user_agent_opens_anything() {
    // 3: whoever called itself a health check was let in.
    let site = site();
    for agent in ["GoogleHC/1.0", "kube-probe/1.30", "ELB-HealthChecker/2.0"] {
        let answer = site.browser().ask("GET", "/admin").header("user-agent", agent).send().await;
        answer.expect(401);
    }
    for path in ["/_vestibule/livez", "/_vestibule/readyz"] {
        site.browser().ask("GET", path).send().await.expect(200);
        for longer in [format!("{path}/"), format!("{path}/x"), format!("{path}x")] {
            site.browser().ask("GET", &longer).send().await.expect(401);
        }
    }
}

#[tokio::test]
async fn a_fragment_does_not_hide_the_rest_of_the_path() {
    // 4: `#` cut the path for matching only.
    let browser = site().browser();
    for path in
        ["/admin%23/public/", "/admin%23/public/x", "/about%23/admin", "/about%3f", "/about%3F"]
    {
        is_closed(&browser.open(path).await);
    }
}

#[tokio::test]
async fn a_path_that_could_be_read_as_another_is_refused() {
    // 9 and 10: dot segments raw, encoded, half-encoded, double-encoded; backslashes; parameters; NUL and
    // controls; overlong and %u forms. Each in upper and lower case.
    let site = site();
    let paths = [
        "/public/../admin",
        "/public/./../admin",
        "/public/%2e%2e/admin",
        "/public/.%2e/admin",
        "/public/%2e./admin",
        "/public/%252e%252e/admin",
        "/public/%25252e%25252e/admin",
        "/public/%2e%2e%2fadmin",
        "/public/..%2fadmin",
        "/public/..%252fadmin",
        "/public/..%5cadmin",
        "/public/%5c../admin",
        "/public/..\\admin",
        "/public/..;/admin",
        "/public/..;a=b/admin",
        "/public/%2e%2e;/admin",
        "/public/..%3b/admin",
        "/public/..%00/admin",
        "/public/%00",
        "/public/%0a",
        "/public/%0d%0ax",
        "/public/%7f",
        "/public/\\x",
        "/public/%5cx",
        "/public/%255cx",
        "/public/%c0%ae%c0%ae/admin",
        "/public/%c0%af../admin",
        "/public/%e0%80%ae/x",
        "/public/%u002e%u002e/admin",
        "/public/%",
        "/public/%2",
        "/public/%zz",
        "/public/%ff",
        "/public/.",
        "/public/..",
        "/./admin",
        "/../admin",
        "/.",
        "/api/..;/status",
        "/_vestibule/../admin",
        "/_vestibule/assets/../../admin",
        "/_vestibule/assets/%2e%2e/%2e%2e/admin",
        "/auth/..%2f../admin",
        "/login/../admin",
    ];
    for path in paths {
        for path in [path.to_owned(), upper_hex(path)] {
            let answer = site.browser().open(&path).await;
            answer.expect(400).shows("That request was not understood").hides("Page not found");
            // Nor with a session.
            let problem = site.browser().call("GET", &path, None).await;
            assert_eq!(problem.expect(400).json()["code"], "path.refused", "{path}");
        }
    }
    assert_eq!(paths.len(), 44);
    let browser = site.signed_in().await;
    browser.open("/public/../admin").await.expect(400).hides(EMAIL);
    assert!(browser.is_signed_in().await, "a bad path is no reason to sign anybody out");
}

fn upper_hex(path: &str) -> String {
    let mut upper = String::new();
    let mut hex = 0;
    for character in path.chars() {
        upper.push(if hex > 0 { character.to_ascii_uppercase() } else { character });
        hex = if character == '%' { 2 } else { hex.max(1) - 1 };
    }
    upper
}

#[tokio::test]
async fn an_encoded_slash_is_public_only_where_every_reading_is() {
    // 10: one policy for both cases of the hexadecimal digits.
    let browser = site().browser();
    for path in ["/public/a%2fb", "/public/a%2Fb"] {
        is_public(&browser.open(path).await);
    }
    for path in
        ["/public%2fa", "/public%2Fa", "/%2fpublic/a", "/api%2fx/status", "/about%2f", "/about%2F"]
    {
        is_closed(&browser.open(path).await);
    }
}

#[tokio::test]
async fn harmless_neighbours_go_through() {
    let browser = site().browser();
    for path in [
        "/public/foo..baz",
        "/public/...",
        "/public/.well-known",
        "/public/a:b",
        "/public/a;b=c",
        "/public/%C3%BCber",
        "/public/a%20b",
        "/public/a+b",
        "/public/x?from=http://other.example/../y",
        "/public/x?q=%2e%2e%2f%00",
        "/public/100%25",
    ] {
        is_public(&browser.open(path).await);
    }
}

#[tokio::test]
async fn slashes_and_absolute_targets_name_no_other_host() {
    // 11: `//admin/x` was taken for a host.
    let site = site();
    for path in ["//admin/x", "///admin", "//public/x", "//about", "/public//../admin"] {
        is_closed(&site.browser().open(path).await);
    }
    for path in ["/admin//public/x", "/x//about"] {
        leads_to_login(&site.browser().open(path).await);
    }
    for target in
        ["http://evil.example/public/x", "http://evil.example/about", "http://evil.example/admin"]
    {
        site.browser().open(target).await.expect(400);
    }
    leads_to_login(&site.browser().open("http://localhost:5001/admin").await);
    is_public(&site.browser().open("http://LOCALHOST:5001/about").await);
    site.browser().ask("OPTIONS", "*").send().await.expect(400);
}

#[tokio::test]
async fn the_host_changes_nothing_about_the_decision() {
    // 16: a host in other letters skipped a rule.
    let site = site();
    for host in ["LOCALHOST:5001", "localhost.:5001", "localhost", "evil.example", ""] {
        let ask = site.browser().ask("GET", "/admin").navigating("none").header("host", host);
        leads_to_login(&ask.send().await);
        let ask = site.browser().ask("GET", "/admin").navigating("none");
        let answer = ask.header("x-forwarded-host", host).send().await;
        leads_to_login(&answer);
        assert!(answer.location().starts_with("/login?"), "never another origin");
    }
}

#[tokio::test]
async fn paths_that_only_look_like_ours_are_protected() {
    // 31: whatever began with the gateway's own prefix was let through.
    let browser = site().browser();
    for path in [
        "/_vestibule../admin",
        "/_vestibule",
        "/_vestibule/",
        "/_vestibulex",
        "/_vestibule/assetsx/a",
        "/_vestibule/assets",
        "/_vestibule/session/",
        "/_vestibule/sessionx",
        "/_vestibule/verify",
        "/_vestibule/preview/login",
        "/_vestibule/docsx",
        "/_VESTIBULE/livez",
        "/loginx",
        "/login/",
        "/login/x",
        "/Login",
        "/register/x",
        "/logout/",
        "/%6cogin",
        "/_vestibule%2fassets/x",
        "/_vestibule%2Fassets%2Fx",
        "//login",
    ] {
        is_closed(&browser.open(path).await);
    }
}

#[tokio::test]
async fn our_own_pages_answer_whatever_the_whitelist_says() {
    let site = Site::new("[access]\npublic = []");
    let browser = site.browser();
    for path in
        ["/login", "/register", "/_vestibule/session", "/_vestibule/livez", "/_vestibule/docs"]
    {
        browser.open(path).await.expect(200);
    }
    let page = browser.open("/login").await;
    let css =
        page.body.split("href=\"/_vestibule/assets/").nth(1).unwrap().split('"').next().unwrap();
    browser.open(&format!("/_vestibule/assets/{css}")).await.expect(200);
    browser.open("/_vestibule/assets/none.css").await.expect(404);
}

#[tokio::test]
async fn the_whitelist_does_not_open_the_welcome_page() {
    let site = Site::new("[access]\npublic = ['/', '/welcome', '/about']");
    leads_to_login(&site.browser().open("/").await);
    leads_to_login(&site.browser().open("/welcome").await);
    is_public(&site.browser().open("/about").await);
}

#[tokio::test]
async fn a_page_load_is_sent_to_login_with_the_way_back() {
    let browser = site().browser();
    let answer = browser.open("/reports/2026?tab=a%20b&x=1").await;
    assert_eq!(
        answer.expect(303).location(),
        "/login?next=%2Freports%2F2026%3Ftab%3Da%2520b%26x%3D1"
    );
    assert_eq!(browser.open("/").await.expect(303).location(), "/login");
    // An older browser says nothing about itself, but takes HTML.
    let answer =
        browser.ask("GET", "/reports").header("accept", "text/html,*/*;q=0.8").send().await;
    assert_eq!(answer.expect(303).location(), "/login?next=%2Freports");
    // What was sent cannot be sent again by following a link.
    let answer = browser.post("/reports", &[("a", "b")]).await;
    assert_eq!(answer.expect(303).location(), "/login");
    let head = browser.ask("HEAD", "/reports").navigating("none").send().await;
    assert_eq!(head.expect(303).location(), "/login?next=%2Freports");
}

#[tokio::test]
async fn a_script_is_told_where_the_login_page_is() {
    let browser = site().browser();
    let answer = browser.call("GET", "/api/orders?page=2", None).await;
    assert_eq!(answer.expect(401).header("content-type"), Some("application/problem+json"));
    assert_eq!(answer.json()["code"], "session.required");
    assert_eq!(answer.json()["login_url"], "/login?next=%2Fapi%2Forders%3Fpage%3D2");
    assert_eq!(answer.json()["status"], 401);
    let scheme = answer.header("www-authenticate").unwrap();
    assert!(!scheme.starts_with("Basic"), "{scheme}: a browser would open its password box");
    // A command line, an image, a POST of a script.
    browser.ask("GET", "/x").header("accept", "*/*").send().await.expect(401);
    let image = browser.ask("GET", "/x.png").header("sec-fetch-mode", "no-cors");
    image.header("accept", "image/avif,*/*").send().await.expect(401);
    browser.call("DELETE", "/api/orders/1", Some(json!({}))).await.expect(401);
    let ajax = browser.ask("GET", "/x").header("accept", "text/html, */*");
    ajax.header("x-requested-with", "XMLHttpRequest").send().await.expect(401);
    let socket = browser.ask("GET", "/socket").header("connection", "Upgrade");
    socket
        .header("upgrade", "websocket")
        .header("sec-fetch-mode", "websocket")
        .send()
        .await
        .expect(401);
}

#[tokio::test]
async fn htmx_is_sent_to_login_and_back_to_the_page_it_was_on() {
    let browser = site().browser();
    let ask = browser.ask("GET", "/part").by_htmx();
    let answer = ask.header("hx-current-url", "http://localhost:5001/board?tab=1").send().await;
    answer.expect(401);
    assert_eq!(answer.header("hx-redirect"), Some("/login?next=%2Fboard%3Ftab%3D1"));
    let ask = browser.ask("GET", "/part").by_htmx();
    let answer = ask.header("hx-current-url", "https://evil.example//evil").send().await;
    assert_eq!(answer.expect(401).header("hx-redirect"), Some("/login"));
}

#[tokio::test]
async fn a_cookie_that_is_none_of_ours_makes_nobody_of_its_bearer_and_is_taken_back() {
    // 13 and 25: a malformed cookie let requests through; another token was taken for a session.
    let site = site();
    let signed_in = site.signed_in().await;
    let good = signed_in.cookies()["vestibule"].clone();
    let half = &good[..good.len() / 2];
    let jwt = site.backend.issued()[0].clone();
    let refresh = site.backend.issued()[1].clone();
    let junk = "x".repeat(10_240);
    for value in [
        String::new(),
        ";".to_owned(),
        junk,
        "%%%".to_owned(),
        "v1.".to_owned(),
        "v1..".to_owned(),
        "v2.aaaaaaaa.AAAA".to_owned(),
        "c2.".to_owned(),
        "c3.abc".to_owned(),
        "c9.abc".to_owned(),
        half.to_owned(),
        format!("{good}x"),
        good.to_uppercase(),
        format!("c2.{good}"),
        "0123456789abcdef0123456789abcdef".to_owned(),
        "eyJhdXRoIjp0cnVlfQ==".to_owned(),
        jwt,
        refresh,
        "\"quoted\"".to_owned(),
        "caf\u{e9}".to_owned(),
    ] {
        let line = format!("vestibule={value}");
        let browser = site.browser();
        browser.set_cookie("vestibule", "stale");
        let ask = browser.ask("GET", "/admin").navigating("none").header("cookie", &line);
        let answer = ask.send().await;
        leads_to_login(&answer);
        if value.is_ascii() {
            assert!(browser.cookies().is_empty(), "not taken back: {value:?}: {answer:?}");
        }
        let ask = browser.ask("GET", "/_vestibule/session").by_script().header("cookie", &line);
        assert_eq!(ask.send().await.expect(200).json()["authenticated"], false, "{value:?}");
        let ask = browser.ask("GET", "/login").navigating("none").header("cookie", &line);
        ask.send().await.expect(200).shows("<form");
        let ask = browser.ask("POST", "/logout").navigating("same-origin").header("cookie", &line);
        ask.form(&[]).send().await.expect(303);
    }
    // Two of one name: nobody knows which is meant.
    for line in [
        format!("vestibule={good}; vestibule={good}"),
        format!("vestibule=x; vestibule={good}"),
        format!("vestibule={good}; vestibule=x"),
    ] {
        let browser = site.browser();
        let answer =
            browser.ask("GET", HOME).navigating("none").header("cookie", &line).send().await;
        leads_to_login(&answer);
    }
    // Pieces: missing, doubled, alone.
    for line in [
        format!("vestibule=c2.{half}"),
        format!("vestibule=c2.{half}; vestibule.1=x; vestibule.1=y"),
        "vestibule.1=x; vestibule.2=y".to_owned(),
    ] {
        let ask = site.browser().ask("GET", HOME).navigating("none").header("cookie", &line);
        leads_to_login(&ask.send().await);
    }
    signed_in.open(HOME).await.expect(200).shows(EMAIL);
}

#[tokio::test]
async fn cookies_in_great_number_cost_nothing() {
    // 14: a cookie announced how many pieces to look for.
    let site = site();
    let good = site.signed_in().await.cookies()["vestibule"].clone();
    let many: Vec<_> =
        (0..200).map(|index| format!("vestibule.{index}={}", "x".repeat(50))).collect();
    let started = Instant::now();
    for line in [
        "vestibule=c99999999.x".to_owned(),
        "vestibule_chunks=99999999".to_owned(),
        "vestibule.999999=x".to_owned(),
        many.join("; "),
        format!("vestibule={}", "A".repeat(60_000)),
        vec!["vestibule=x"; 2000].join("; "),
        "=;".repeat(5000),
    ] {
        let ask = site.browser().ask("GET", "/admin").navigating("none").header("cookie", &line);
        leads_to_login(&ask.send().await);
    }
    // Not a measurement: work that grows with what a cookie says would take minutes.
    assert!(started.elapsed() < Duration::from_secs(10));

    // Foreign cookies beside ours do no harm.
    let line = format!("a=b; vestibule={good}; vestibule.999999=x; vestibules=1; =; ;; x");
    let ask = site.browser().ask("GET", HOME).navigating("none").header("cookie", &line);
    ask.send().await.expect(200).shows(EMAIL);
}

#[tokio::test]
async fn nothing_of_a_session_decides_about_the_next_request() {
    // 27: an answer of one visitor served another.
    let site = site();
    let browser = site.signed_in().await;
    browser.open(HOME).await.expect(200).shows(EMAIL);
    leads_to_login(&site.browser().open(HOME).await);
    site.browser().call("GET", HOME, None).await.expect(401).hides(EMAIL);
    let answer = browser.open(HOME).await;
    assert_eq!(answer.header("cache-control"), Some("no-store"));
}

/// What the server answers to these very bytes.
fn exchange(address: std::net::SocketAddr, line: &str) -> String {
    use std::io::{Read as _, Write as _};
    let mut stream = std::net::TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
    let request = format!(
        "{line} HTTP/1.1\r\nHost: localhost:5001\r\nAccept: text/html\r\nConnection: close\r\n\r\n"
    );
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer);
    String::from_utf8_lossy(&answer).into_owned()
}

#[tokio::test]
async fn on_the_wire_no_way_of_writing_a_path_opens_anything() {
    let site = site();
    let clock = site.clock.clone();
    let folder = tempfile::tempdir().unwrap();
    let toml = crate::support::site::config(&site.backend, WHITELIST);
    let builder = vestibule::Vestibule::builder().toml(toml, folder.path()).clock(clock);
    let server = builder.build().unwrap().listen().await.unwrap();
    let address = server.addresses()[0];
    let running = tokio::spawn(server.run(std::future::pending()));
    let ask = async |line: &str| {
        let line = line.to_owned();
        tokio::task::spawn_blocking(move || exchange(address, &line)).await.unwrap()
    };
    assert!(ask("GET /about").await.starts_with("HTTP/1.1 404"));
    for line in [
        "GET /admin",
        "GET //public/x",
        "GET ///about",
        "GET /public/../admin",
        "GET /public/..\\admin",
        "GET /admin#/public/x",
        "GET /admin#/../about",
        "GET /adm\tin",
        "GET /public/\u{1}x",
        "GET /public/\u{7f}x",
        "GET about",
        "GET *",
        "GET http://evil.example/about",
        "GET http://evil.example/../about",
        "GET http:///about",
        "GETz /admin",
        "HEAD /admin",
        "OPTIONS /admin",
        "CONNECT localhost:5001",
    ] {
        let answer = ask(line).await;
        let status = answer.get(9..12).unwrap_or("none");
        let closed = matches!(status, "400" | "401" | "none")
            || (status == "303" && answer.contains("location: /login"));
        assert!(closed, "{line:?}:\n{answer}");
        assert!(!answer.contains("Page not found"), "{line:?}");
    }
    running.abort();
}
