//! What vestibule answers a proxy that asks, in the shapes in which nginx, Caddy and Traefik ask.

use crate::support::front::{Front, Heard, NAVIGATION};
use crate::support::scripted::EMAIL;

const PUBLIC: &str =
    "[access]\npublic = ['/', '/open/.*']\n[backend.me]\nclaims = { groups = \"/roles\" }\n";

/// A question about `method` and `uri` as this proxy puts it.
fn question(front: &Front, proxy: &str, method: &str, uri: &str) -> String {
    let host = front.host();
    match proxy {
        "nginx" => format!("X-Original-Method: {method}\r\nX-Original-URL: http://{host}{uri}\r\n"),
        // As `writeHeader` of Traefik 3.7.9 (pkg/middlewares/auth/forward.go) does it with the block that we
        // print: what the client forwards is gone, and nothing else of the kind is added.
        "traefik" => format!(
            "Accept-Encoding: gzip\r\nX-Forwarded-For: 192.0.2.7\r\nX-Forwarded-Host: {host}\r\n\
             X-Forwarded-Method: {method}\r\nX-Forwarded-Port: {}\r\nX-Forwarded-Proto: http\r\n\
             X-Forwarded-Uri: {uri}\r\n",
            front.port
        ),
        // Before 3.6.14 and 2.11.43 the headers of its entry point were still there.
        OLDER_TRAEFIK => format!(
            "{}X-Forwarded-Server: edge\r\nX-Real-Ip: 192.0.2.7\r\nX-Forwarded-Prefix: /open\r\n",
            question(front, "traefik", method, uri)
        ),
        _ => format!(
            "X-Forwarded-For: 192.0.2.7\r\nX-Forwarded-Host: {host}\r\nX-Forwarded-Method: {method}\r\n\
             X-Forwarded-Proto: http\r\nX-Forwarded-Uri: {uri}\r\nUpgrade: websocket\r\n"
        ),
    }
}

async fn judge(front: &Front, proxy: &str, method: &str, uri: &str, more: &str) -> Heard {
    let headers = format!("{}{more}", question(front, proxy, method, uri));
    front.ask(&format!("GET {}", endpoint(proxy)), &headers).await
}

fn endpoint(proxy: &str) -> String {
    let name = if proxy == OLDER_TRAEFIK { "traefik" } else { proxy };
    format!("/_vestibule/verify/{name}")
}

const OLDER_TRAEFIK: &str = "traefik before 3.6.14";
const PROXIES: [&str; 4] = ["nginx", "caddy", "traefik", OLDER_TRAEFIK];

#[tokio::test(flavor = "multi_thread")]
async fn a_session_passes_with_every_header_about_the_user_and_others_do_not() {
    let front = Front::new(PUBLIC).await;
    let (_, cookie) = front.sign_in_at(front.vestibule, "/login").await;
    for proxy in PROXIES {
        let heard = judge(&front, proxy, "POST", "/admin?x=/open/y", &cookie).await;
        assert_eq!(heard.status, 200, "{proxy} {heard:?}");
        assert_eq!(heard.header("remote-email"), Some(EMAIL), "{proxy}");
        assert_eq!(heard.header("cache-control"), Some("no-store"), "{proxy}");
        assert!(heard.header("authorization").unwrap().starts_with("Bearer "), "{proxy}");
        assert!(heard.header("remote-groups").is_some(), "{proxy}");
        assert!(heard.header("set-cookie").is_none(), "{proxy}");
        assert!(heard.head.len() < 3500, "{} bytes", heard.head.len());

        // Public: nobody needs a session, and who has one is known.
        for uri in ["/", "/open/x"] {
            let heard = judge(&front, proxy, "GET", uri, "").await;
            assert_eq!((heard.status, heard.header("remote-user")), (200, Some("")), "{proxy}");
            assert_eq!(heard.header("authorization"), Some(""), "{proxy}");
            let heard = judge(&front, proxy, "GET", uri, &cookie).await;
            assert_eq!((heard.status, heard.header("remote-email")), (200, Some(EMAIL)), "{proxy}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_is_sent_to_login_by_the_absolute_way_that_each_proxy_takes() {
    let front = Front::new(PUBLIC).await;
    for proxy in PROXIES {
        let heard = judge(&front, proxy, "GET", "/a/b?c=d&e=/f", NAVIGATION).await;
        let login = format!("http://{}/login?next=%2Fa%2Fb%3Fc%3Dd%26e%3D%2Ff", front.host());
        assert_eq!(heard.header("location"), Some(&*login), "{proxy}");
        assert_eq!(heard.status, if proxy == "nginx" { 401 } else { 303 }, "{proxy}");
        assert_eq!(heard.header("cache-control"), Some("no-store"));

        // A form that is sent, and a script, are told and not sent away.
        for (method, more) in [("POST", NAVIGATION), ("GET", "Accept: */*\r\n")] {
            let heard = judge(&front, proxy, method, "/a", more).await;
            assert_eq!((heard.status, heard.header("location")), (401, None), "{proxy} {heard:?}");
            assert!(heard.header("x-vestibule-location").unwrap().starts_with("http://localhost"));
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_is_missing_malformed_or_of_another_family_is_refused() {
    let front = Front::new(PUBLIC).await;
    let (_, cookie) = front.sign_in_at(front.vestibule, "/login").await;
    for proxy in PROXIES {
        let ask = async |headers: &str| {
            front.ask(&format!("GET {}", endpoint(proxy)), &format!("{headers}{cookie}")).await
        };
        let refused = if proxy == "nginx" { 403 } else { 400 };
        assert_eq!(ask("").await.status, refused, "{proxy}");
        let other = if proxy == "nginx" { "caddy" } else { "nginx" };
        assert_eq!(
            ask(&question(&front, other, "GET", "/open/x")).await.status,
            refused,
            "{proxy}"
        );
        // Both at once: only its own counts.
        let both = format!(
            "{}{}",
            question(&front, other, "GET", "/open/x"),
            question(&front, proxy, "GET", "/admin")
        );
        let heard = front.ask(&format!("GET {}", endpoint(proxy)), &both).await;
        assert_eq!(heard.status, 401, "{proxy} {heard:?}");
        for uri in [
            "/open/../admin",
            "/open/%2e%2e/admin",
            "/open/%2E%2e/admin",
            "/open/..%2fadmin",
            "//admin",
            "/open/..;/admin",
            "/open\\..\\admin",
            "/open/%00",
            "/admin#/open/x",
            "/%ff",
            "*",
            "http://evil/open/x",
        ] {
            let heard = ask(&question(&front, proxy, "GET", uri)).await;
            assert_eq!(heard.status, refused, "{proxy} {uri} {heard:?}");
        }
        let heard = ask(&question(&front, proxy, "GETz", "/open/x")).await;
        assert_eq!(heard.status, refused, "{proxy}");
        // Public or not, with or without a session.
        if proxy != "caddy" {
            let heard = ask(&question(&front, proxy, "CONNECT", "/")).await;
            assert_eq!(heard.status, refused, "{proxy}");
        }
        let elsewhere =
            question(&front, proxy, "GET", "/open/x").replace("localhost", "evil.example");
        let heard = ask(&elsewhere).await;
        assert_eq!(heard.status, if proxy == "nginx" { 403 } else { 421 }, "{proxy}");
        // Our own paths are brought, not asked about; what only looks like them is the app's.
        for uri in ["/login", "/_vestibule/session", "/_vestibule/assets/x", "/welcome"] {
            assert_eq!(
                ask(&question(&front, proxy, "GET", uri)).await.status,
                403,
                "{proxy} {uri}"
            );
        }
        for uri in ["/_vestibulex", "/_vestibule../admin", "/loginx", "/admin%23/open/"] {
            let heard = judge(&front, proxy, "GET", uri, "").await;
            assert_eq!(heard.status, 401, "{proxy} {uri}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn only_trusted_proxies_that_are_named_get_an_answer() {
    let front = Front::new(PUBLIC).await;
    assert_eq!(front.ask("GET /_vestibule/verify/haproxy", "").await.status, 404);
    assert_eq!(front.ask("GET /_vestibule/verify/nginx/", "").await.status, 404);
    assert_eq!(front.ask("GET /_vestibule/verify/", "").await.status, 404);

    // The same question with the same session, by the trusted proxy and by somebody beside it.
    let (_, cookie) = front.sign_in_at(front.vestibule, "/login").await;
    for proxy in PROXIES {
        let line = format!("GET {}", endpoint(proxy));
        for uri in ["/", "/open/x", "/admin"] {
            let headers = format!("{}{cookie}", question(&front, proxy, "GET", uri));
            assert_eq!(front.ask(&line, &headers).await.status, 200, "{proxy} {uri}");
            let heard = front.ask_from([127, 0, 0, 2], &line, &headers).await;
            assert_eq!(heard.status, 403, "{proxy} {uri} {heard:?}");
            for name in ["authorization", "remote-user", "location"] {
                assert_eq!(heard.header(name), None, "{proxy} {uri}");
            }
            // Neither does it help to say that the proxy was there.
            let claimed =
                format!("{headers}X-Forwarded-For: 127.0.0.1\r\nForwarded: for=127.0.0.1\r\n");
            let heard = front.ask_from([127, 0, 0, 2], &line, &claimed).await;
            assert_eq!(heard.status, 403, "{proxy} {uri} {heard:?}");
        }
    }
}

#[tokio::test]
async fn a_proxy_that_is_not_named_gets_no_answer() {
    let site = crate::support::site::Site::new(
        "[server]\ntrusted_proxies = [\"127.0.0.1\"]\n[session]\nstore = \"memory\"\n\
         [access]\npublic = ['/open/.*']\n[forward_auth]\nproxies = [\"caddy\"]",
    );
    let browser = site.signed_in().await;
    let ask = |proxy: &str| {
        browser
            .ask("GET", &format!("/_vestibule/verify/{proxy}"))
            .header("x-forwarded-method", "GET")
            .header("x-forwarded-proto", "http")
            .header("x-forwarded-host", "localhost:5001")
            .header("x-forwarded-uri", "/open/x")
            .header("x-original-method", "GET")
            .header("x-original-url", "http://localhost:5001/open/x")
    };
    // In this process nobody has an address, so nobody is trusted.
    ask("caddy").send().await.expect(403);
    for proxy in ["nginx", "traefik"] {
        ask(proxy).send().await.expect(404);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_that_htmx_loads_is_no_permission() {
    let front = Front::new(PUBLIC).await;
    for proxy in PROXIES {
        let more = format!("HX-Request: true\r\nHX-Current-URL: http://{}/a\r\n", front.host());
        for method in ["GET", "POST"] {
            let heard = judge(&front, proxy, method, "/admin", &more).await;
            assert_eq!(heard.status, 401, "{proxy} {heard:?}");
            let login = format!("http://{}/login?next=%2Fa", front.host());
            assert_eq!(heard.header("hx-redirect"), Some(&*login), "{proxy}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_outage_is_told_in_the_way_that_each_proxy_takes() {
    let mut front = Front::new(PUBLIC).await;
    let (_, cookie) = front.sign_in_at(front.vestibule, "/login").await;
    front.backend.close();
    front.clock.advance(std::time::Duration::from_hours(2));
    for proxy in PROXIES {
        let heard = judge(&front, proxy, "GET", "/a", &cookie).await;
        assert_eq!(heard.status, if proxy == "nginx" { 403 } else { 503 }, "{proxy} {heard:?}");
        if proxy == "nginx" {
            assert_eq!(heard.header("x-vestibule-status"), Some("503"));
        }
        // What is public stays so.
        assert_eq!(judge(&front, proxy, "GET", "/open/x", &cookie).await.status, 200, "{proxy}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_head_that_proxies_cannot_take_is_told_and_not_sent() {
    let front = Front::new(PUBLIC).await;
    front.backend.pad_tokens(3300);
    let (_, cookie) = front.sign_in_at(front.vestibule, "/login").await;
    for proxy in PROXIES {
        let heard = judge(&front, proxy, "GET", "/a", &cookie).await;
        assert_eq!(heard.status, if proxy == "nginx" { 403 } else { 500 }, "{proxy} {heard:?}");
        assert!(heard.header("authorization").is_none(), "{proxy}");
    }
    // Without the token there is room enough.
    let front = Front::new(&format!("{PUBLIC}[identity]\nbearer = false\n")).await;
    front.backend.pad_tokens(3300);
    let (_, cookie) = front.sign_in_at(front.vestibule, "/login").await;
    let heard = judge(&front, "nginx", "GET", "/a", &cookie).await;
    assert_eq!((heard.status, heard.header("authorization")), (200, None), "{heard:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cookie_that_is_no_session_is_nobody() {
    let front = Front::new(PUBLIC).await;
    let junk = "x".repeat(7000);
    let two = format!("{0}; vestibule={0}", "A".repeat(43));
    for value in
        ["", ";", "null", "v2.00000000.AAAA", &junk, "c3.x", "A", &two, "AAAA; vestibule.999999=x"]
    {
        for proxy in PROXIES {
            let cookie = format!("Cookie: vestibule={value}\r\n");
            let heard = judge(&front, proxy, "GET", "/a", &cookie).await;
            assert_eq!(heard.status, 401, "{proxy} {value} {heard:?}");
            let heard = judge(&front, proxy, "GET", "/open/x", &cookie).await;
            assert_eq!((heard.status, heard.header("remote-user")), (200, Some("")), "{proxy}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rule_denies_behind_a_proxy_as_at_the_door() {
    let front = Front::new(&format!(
        "{PUBLIC}[[access.rule]]\npath = '/admin(/.*)?'\nrequire = {{ groups = \"nobody-is-in-it\" }}\n"
    ))
    .await;
    let (_, cookie) = front.sign_in_at(front.vestibule, "/login").await;
    for proxy in PROXIES {
        for (path, status) in [("/admin", 403), ("/admin/x", 403), ("/other", 200)] {
            let heard = judge(&front, proxy, "GET", path, &cookie).await;
            assert_eq!(heard.status, status, "{proxy} {path} {heard:?}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_front_page_is_the_apps_and_what_is_explained_and_tested_is_that() {
    let rules = "[access]\npublic = [{ path = '/', methods = [\"GET\"] }]\n\
                 [[test]]\nrequest = \"GET /\"\nexpect = { access = \"public\" }\n\
                 [[test]]\nrequest = \"POST /\"\nexpect = { access = \"login\" }\n\
                 [[test]]\nrequest = \"GET /welcome\"\nexpect = { access = \"login\" }\n";
    let front = Front::new(rules).await;
    let findings = front.builder.check().unwrap();
    assert!(findings.is_empty(), "{findings:#?}");
    for (method, status, said) in [("GET", 200, "public"), ("POST", 401, "login")] {
        for proxy in PROXIES {
            assert_eq!(judge(&front, proxy, method, "/", "").await.status, status, "{proxy}");
        }
        let why = front.builder.why(&method.parse().unwrap(), "/", None).unwrap().json();
        assert_eq!(why["nobody"]["access"], said, "{method} {why:#}");
    }
    // Without a proxy that asks, the page there is ours.
    let heard = front.ask("GET /", NAVIGATION).await;
    assert_eq!((heard.status, heard.header("location")), (303, Some("/login")), "{heard:?}");
}

/// What Traefik 3.7.9 reads of a dynamic configuration, as far as our block goes; a star is a name of ours.
/// From `HTTPConfiguration`, `Router`, `Service`, `Middleware`, `Headers` and `ForwardAuth` in
/// pkg/config/dynamic: it refuses a file with any other key.
const TRAEFIK_READS: &[&str] = &[
    "http",
    "http.routers",
    "http.routers.*",
    "http.routers.*.rule",
    "http.routers.*.priority",
    "http.routers.*.middlewares",
    "http.routers.*.service",
    "http.routers.*.tls",
    "http.middlewares",
    "http.middlewares.*",
    "http.middlewares.*.headers",
    "http.middlewares.*.headers.customRequestHeaders",
    "http.middlewares.*.headers.customRequestHeaders.*",
    "http.middlewares.*.forwardAuth",
    "http.middlewares.*.forwardAuth.address",
    "http.middlewares.*.forwardAuth.trustForwardHeader",
    "http.middlewares.*.forwardAuth.authResponseHeaders",
    "http.services",
    "http.services.*",
    "http.services.*.loadBalancer",
    "http.services.*.loadBalancer.servers",
    "http.services.*.loadBalancer.servers.url",
];

#[tokio::test]
async fn the_block_for_traefik_says_what_traefik_reads_and_names_all_that_it_uses() {
    let front = Front::new(PUBLIC).await;
    let block = front.snippet("traefik");
    let mut open: Vec<(usize, String)> = Vec::new();
    let mut entries = Vec::new();
    for line in block.lines().filter(|line| !line.trim_start().starts_with('#')) {
        let bare = line.trim_start().trim_start_matches("- ");
        let depth = line.len() - bare.len();
        open.retain(|(other, _)| *other < depth);
        // An entry of a list of texts has no key.
        let Some((key, value)) =
            bare.split_once(": ").or(bare.strip_suffix(':').map(|it| (it, "")))
        else {
            continue;
        };
        open.push((depth, key.to_owned()));
        let path = open.iter().map(|it| it.1.as_str()).collect::<Vec<_>>().join(".");
        entries.push((path, value.to_owned()));
    }
    let mut names = Vec::new();
    for (path, _) in &entries {
        let mut parts: Vec<&str> = path.split('.').collect();
        if parts.len() > 2 {
            names.push((parts[1].to_owned(), parts[2].to_owned()));
            parts[2] = "*";
        }
        if parts.len() == 6 && parts[4] == "customRequestHeaders" {
            parts[5] = "*";
        }
        assert!(TRAEFIK_READS.contains(&parts.join(".").as_str()), "{path}\n{block}");
    }
    let mut used = 0;
    for (path, value) in &entries {
        let kind = match path.rsplit('.').next().unwrap() {
            "service" => "services",
            "middlewares" if !value.is_empty() => "middlewares",
            _ => continue,
        };
        for name in value.trim_matches(['[', ']']).split(", ") {
            used += 1;
            assert!(names.contains(&(kind.to_owned(), name.to_owned())), "{name}\n{block}");
        }
    }
    assert_eq!(used, 8, "{block}");
    let says = |path: &str, value: &str| {
        assert!(entries.contains(&(path.to_owned(), value.to_owned())), "{path} {value}\n{block}");
    };
    // Whoever asks for an upgrade that is no WebSocket comes to the other router, which takes it away.
    says("http.routers.app.middlewares", "[vestibule-clear, vestibule-plain, vestibule-ask]");
    says("http.middlewares.vestibule-plain.headers.customRequestHeaders.Upgrade", "\"\"");
    says("http.routers.app-websocket.middlewares", "[vestibule-clear, vestibule-ask]");
    says(
        "http.routers.app-websocket.rule",
        "\"Host(`localhost`) && HeaderRegexp(`Upgrade`, `(?i)^websocket$`)\"",
    );
    says("http.middlewares.vestibule-ask.forwardAuth.trustForwardHeader", "false");
    for name in ["authorization", "remote_user", "remote-user", "remote_groups"] {
        let path = format!("http.middlewares.vestibule-clear.headers.customRequestHeaders.{name}");
        says(&path, "\"\"");
    }
    for name in ["authorization", "remote-user", "remote-email", "remote-name", "remote-groups"] {
        assert!(block.contains(&format!("          - {name}\n")), "{block}");
    }
}
