//! Signing in.

use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::{Value, json};
use url::Url;

use crate::support::scripted::{EMAIL, PASSWORD, Reply, TOKEN_SECRET, WRONG_PASSWORD};
use crate::support::site::{Browser, HOME, NOW, ORIGIN, STORES, Site, cookie_lines, store};
use crate::support::visitor::Answer;

const RIGHT: [(&str, &str); 2] = [("email", EMAIL), ("password", PASSWORD)];
const WRONG: [(&str, &str); 2] = [("email", EMAIL), ("password", WRONG_PASSWORD)];

fn query(pairs: &[(&str, &str)]) -> String {
    form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish()
}

/// The page without what differs from request to request.
fn without_request_id(answer: &Answer) -> String {
    answer.body.replace(answer.header("x-request-id").unwrap(), "ID")
}

async fn fail(browser: &Browser, times: usize) {
    for _ in 0..times {
        browser.post("/login", &WRONG).await.expect(401);
    }
}

#[tokio::test]
async fn the_right_password_signs_in_and_leads_home() {
    for name in STORES {
        let site = Site::new(&store(name, ""));
        let browser = site.browser();
        assert_eq!(browser.post("/login", &RIGHT).await.expect(303).location(), HOME);
        browser.open(HOME).await.expect(200).shows(EMAIL).shows("Alice Example");
        assert!(browser.is_signed_in().await);
        let call = &site.backend.calls("login")[0];
        assert_eq!(call.line, "POST /auth/login HTTP/1.1");
        assert_eq!(call.json(), json!({"email": EMAIL, "password": PASSWORD}));
    }
}

#[tokio::test]
async fn a_wrong_password_keeps_the_email_and_drops_the_password() {
    let site = Site::new("");
    let browser = site.browser();
    let answer = browser.post("/login", &WRONG).await;
    answer.expect(401).shows(&format!("value=\"{EMAIL}\"")).shows("role=\"alert\"");
    answer.shows("<form").hides(WRONG_PASSWORD);
    assert!(!browser.is_signed_in().await);
    assert!(browser.cookies().is_empty(), "{:?}", browser.cookies());
}

#[tokio::test]
async fn an_unknown_user_gets_the_very_answer_of_a_wrong_password() {
    let site = Site::new("");
    site.backend.script("login", Reply::Json(401, json!({"detail": "No such user"})));
    let unknown = site.browser().post("/login", &RIGHT).await;
    site.backend.script("login", Reply::Json(401, json!({"detail": "Wrong password"})));
    let wrong = site.browser().post("/login", &RIGHT).await;
    assert_eq!(without_request_id(unknown.expect(401)), without_request_id(wrong.expect(401)));
    unknown.hides("No such user");

    let body = json!({"email": EMAIL, "password": PASSWORD});
    site.backend.script("login", Reply::Json(400, json!({"detail": "LOGIN_BAD_CREDENTIALS"})));
    let problem = site.browser().call("POST", "/login", Some(body)).await;
    assert_eq!(problem.expect(401).json()["code"], "credentials.invalid");
    problem.hides("LOGIN_BAD_CREDENTIALS");
}

#[tokio::test]
async fn a_text_of_the_configuration_replaces_the_backends_words() {
    let site =
        Site::new("[backend]\ntexts = { LOCKED = \"Ask the help desk.\", 403 = \"Not you.\" }");
    site.backend.script("login", Reply::Json(400, json!({"detail": "LOCKED"})));
    site.browser().post("/login", &RIGHT).await.expect(401).shows("Ask the help desk.");
    site.backend.script("login", Reply::Json(403, json!({"detail": "whatever"})));
    site.browser().post("/login", &RIGHT).await.expect(401).shows("Not you.").hides("whatever");
}

#[tokio::test]
async fn every_field_that_is_wrong_is_told_at_once() {
    let site = Site::new("");
    let page =
        site.browser().post("/login", &[("email", "not an address"), ("password", "")]).await;
    page.expect(422).shows("value=\"not an address\"").shows("Enter an email address like");
    page.shows("href=\"#field-email\"").shows("href=\"#field-password\"");
    page.shows("aria-invalid=\"true\"").shows("aria-describedby=\"field-email-error\"");

    let problem = site.browser().call("POST", "/login", Some(json!({"email": "nobody"}))).await;
    assert_eq!(problem.expect(422).header("content-type"), Some("application/problem+json"));
    let body = problem.json();
    assert_eq!(body["status"], 422);
    assert_eq!(body["code"], "input.invalid");
    assert_eq!(body["request_id"], problem.header("x-request-id").unwrap());
    let errors = body["errors"].as_array().unwrap();
    let codes: Vec<_> = errors
        .iter()
        .map(|it| (it["pointer"].as_str().unwrap(), it["code"].as_str().unwrap()))
        .collect();
    assert_eq!(codes, [("#/email", "field.email"), ("#/password", "field.required")]);
    assert!(errors.iter().all(|error| !error["detail"].as_str().unwrap().is_empty()));
    assert_eq!(site.backend.count("login"), 0, "the backend is not asked with broken input");
}

#[tokio::test]
async fn an_error_names_the_field_that_it_is_about() {
    let site = Site::new("");
    let page = site.browser().post("/login", &[]).await;
    page.expect(422).shows("Enter your email address").shows("Enter your password");
    page.hides("This field");
    let problem = site.browser().call("POST", "/login", Some(json!({}))).await;
    assert_eq!(problem.expect(422).json()["errors"][1]["detail"], "Enter your password");
}

#[tokio::test]
async fn values_that_are_no_text_are_told_as_such() {
    let site = Site::new("");
    let body = json!({"email": 7, "password": [PASSWORD]});
    let problem = site.browser().call("POST", "/login", Some(body)).await;
    let body = problem.expect(422).json();
    assert_eq!(body["errors"][0]["code"], "field.not_text");
    assert_eq!(body["errors"][1]["code"], "field.not_text");
}

#[tokio::test]
async fn field_errors_of_the_backend_are_shown_at_the_fields() {
    let site = Site::new("");
    let detail = json!({"detail": [{"loc": ["body", "email"], "msg": "This address is blocked."}]});
    site.backend.script("login", Reply::Json(422, detail));
    let page = site.browser().post("/login", &RIGHT).await;
    page.expect(422).shows("id=\"field-email-error\"").shows("This address is blocked.");
}

#[tokio::test]
async fn json_callers_get_the_user_and_where_to_go() {
    let site = Site::new("[backend.me]\nsend = \"GET /auth/me\"\nclaims = { roles = \"/roles\" }");
    let browser = site.browser();
    let body = json!({"email": EMAIL, "password": PASSWORD});
    let done = browser.call("POST", "/login?next=/reports", Some(body)).await;
    assert_eq!(done.expect(200).header("content-type"), Some("application/json"));
    let user =
        json!({"id": "1", "email": EMAIL, "name": "Alice Example", "claims": {"roles": ["user"]}});
    assert_eq!(done.json(), json!({"user": user, "next": "/reports"}));
    assert!(browser.is_signed_in().await);
    let session = browser.call("GET", "/_vestibule/session", None).await.json();
    assert_eq!(session, json!({"authenticated": true, "user": user, "expires_in": 1800}));
}

#[tokio::test]
async fn whoever_is_not_signed_in_is_told_so_by_the_session_endpoint() {
    let site = Site::new("");
    let answer = site.browser().call("GET", "/_vestibule/session", None).await;
    assert_eq!(answer.expect(200).json(), json!({"authenticated": false}));
}

#[tokio::test]
async fn next_is_honoured_byte_for_byte() {
    let site = Site::new("");
    for next in [
        "/welcome?tab=a%20b&x=1",
        "/reports/2026?from=http://other.example/",
        "/foo..baz",
        "/foo%2Fbar",
        "/a:b",
        "/%C3%BCber?q=%2F%2F",
        "/a?next=//evil.example",
        "/page#part",
    ] {
        let path = format!("/login?{}", query(&[("next", next)]));
        let browser = site.browser();
        let page = browser.open(&path).await;
        let form = page.expect(200).body.split("<form").nth(1).unwrap();
        let action = form.split("action=\"").nth(1).unwrap().split('"').next().unwrap();
        let action = action.replace("&#x2f;", "/").replace("&amp;", "&");
        assert_eq!(browser.post(&action, &RIGHT).await.expect(303).location(), next);
        // Who is signed in already goes there as well.
        assert_eq!(browser.open(&path).await.expect(303).location(), next);
    }
}

#[tokio::test]
async fn targets_that_could_lead_elsewhere_are_dropped() {
    let site = Site::new("");
    let long = format!("/{}", "a".repeat(20_000));
    let targets = [
        "//evil.example",
        "///evil.example",
        "////evil.example/%2f..",
        "/\\evil.example",
        "\\\\evil.example",
        "/\\/evil.example",
        "\\/evil.example",
        "https://evil.example/",
        "https:evil.example",
        "https:/evil.example",
        "HTTPS://evil.example",
        "http://localhost:5001@evil.example/",
        "http://localhost:5001.evil.example/",
        "javascript:alert(1)",
        "data:text/html,x",
        "evil.example",
        "@evil.example",
        ".evil.example",
        "",
        "%",
        "/%",
        "http://[",
        "/\t/evil.example",
        "/\n/evil.example",
        "/\r\n/evil.example",
        "\t//evil.example",
        " //evil.example",
        "/ /evil.example",
        "/\u{a0}/evil.example",
        "/\u{0}/evil.example",
        "/%09/evil.example",
        "/%0a/evil.example",
        "/%0d%0aLocation:%20https://evil.example",
        "/%5cevil.example",
        "/%5Cevil.example",
        "/.//evil.example",
        "/..//evil.example",
        "/a/..//evil.example",
        "/a/../..//evil.example",
        "/%2e//evil.example",
        "/%2e%2e//evil.example",
        "/.%2E//evil.example",
        "/%252e%252e//evil.example",
        "/;/../../evil.example",
        "/..;//evil.example",
        "/\u{ff0f}evil.example",
        "/ü",
        long.as_str(),
    ];
    for next in targets {
        let browser = site.browser();
        let path = format!("/login?{}", query(&[("next", next)]));
        let browser_form = browser.post(&path, &RIGHT).await;
        let location = browser_form.expect(303).location();
        let resolved = Url::parse(ORIGIN).unwrap().join(location).unwrap();
        assert_eq!(resolved.origin().ascii_serialization(), ORIGIN, "{next:?} → {location:?}");
        assert!(!resolved.path().starts_with("//"), "{next:?} → {location:?}");
        assert_eq!(location, HOME, "{next:?}");
        assert_eq!(browser.open(&path).await.expect(303).location(), HOME, "{next:?}");

        let body = json!({"email": EMAIL, "password": PASSWORD});
        let done = site.browser().call("POST", &path, Some(body)).await;
        assert_eq!(done.expect(200).json()["next"], HOME, "{next:?}");
        let htmx = site.browser().htmx(&path, &RIGHT).await;
        assert_eq!(htmx.expect(200).header("hx-redirect"), Some(HOME), "{next:?}");
    }
    assert_eq!(targets.len(), 48);
}

#[tokio::test]
async fn a_target_that_is_dropped_is_not_on_the_page_either() {
    let site = Site::new("");
    let page = site.browser().open("/login?next=https%3A%2F%2Fevil.example%2F").await;
    page.expect(200).hides("evil.example");
    // A malformed query is no reason to refuse the page, and a target given twice counts once.
    site.browser().open("/login?next=%&next=%ff&&=").await.expect(200);
    let done = site.browser().post("/login?next=/a&next=//evil.example", &RIGHT).await;
    assert_eq!(done.expect(303).location(), "/a");
}

#[tokio::test]
async fn signing_in_makes_a_new_session_and_ends_the_one_that_was_there() {
    for name in STORES {
        let site = Site::new(&store(name, ""));
        let browser = site.signed_in().await;
        let planted = browser.copy();
        site.pass(1);
        browser.log_in().await.expect(303);
        assert_ne!(browser.cookies(), planted.cookies(), "{name}");
        assert!(browser.is_signed_in().await, "{name}");
        assert!(!planted.is_signed_in().await, "{name}: the old ticket is still good");
    }
}

#[tokio::test]
async fn a_cookie_that_was_planted_is_never_adopted() {
    for name in STORES {
        let site = Site::new(&store(name, ""));
        let browser = site.browser();
        browser.set_cookie("vestibule", "0123456789abcdef0123456789abcdef");
        browser.log_in().await.expect(303);
        assert_ne!(browser.cookies()["vestibule"], "0123456789abcdef0123456789abcdef");
        assert!(browser.is_signed_in().await);
    }
}

#[tokio::test]
async fn the_sixth_wrong_password_has_to_wait_and_the_page_stays_usable() {
    let site = Site::new("");
    let browser = site.browser();
    fail(&browser, 5).await;
    let limited = browser.post("/login?next=/reports", &WRONG).await;
    assert_eq!(limited.expect(429).header("retry-after"), Some("12"));
    limited.shows("<form").shows(&format!("value=\"{EMAIL}\"")).shows("in 12 seconds");
    limited.shows("next=").hides(WRONG_PASSWORD);
    assert_eq!(site.backend.count("login"), 5, "the backend hears nothing of the sixth");

    // Not even the right password tells whether it is right.
    browser.post("/login", &RIGHT).await.expect(429);
    let body = json!({"email": EMAIL, "password": PASSWORD});
    let problem = browser.call("POST", "/login", Some(body)).await;
    assert_eq!(problem.expect(429).json()["code"], "rate_limited");
    assert_eq!(problem.header("retry-after"), Some("12"));

    site.pass(12);
    browser.post("/login", &RIGHT).await.expect(303);
}

#[tokio::test]
async fn an_account_spelled_differently_is_the_same_account() {
    let site = Site::new("[server]\ntrusted_proxies = [\"127.0.0.1\"]");
    let spellings =
        ["alice@example.com", "Alice@Example.com", " alice@example.com ", "ALICE@EXAMPLE.COM"];
    for index in 0..6 {
        let fields = [("email", spellings[index % 4]), ("password", WRONG_PASSWORD)];
        let ask = site.browser().ask("POST", "/login").navigating("same-origin").form(&fields);
        let answer = ask.header("x-forwarded-for", &format!("192.0.2.{index}")).send().await;
        answer.expect(if index < 5 { 401 } else { 429 });
    }
}

#[tokio::test]
async fn one_address_that_tries_many_accounts_has_to_wait() {
    let site = Site::new("");
    for index in 0..6 {
        let email = format!("user{index}@example.com");
        let fields = [("email", email.as_str()), ("password", WRONG_PASSWORD)];
        let answer = site.browser().post("/login", &fields).await;
        answer.expect(if index < 5 { 401 } else { 429 });
    }
}

#[tokio::test]
async fn a_stranger_cannot_choose_the_address_that_is_counted() {
    let site = Site::new("");
    for index in 0..6 {
        let email = format!("user{index}@example.com");
        let fields = [("email", email.as_str()), ("password", WRONG_PASSWORD)];
        let ask = site.browser().ask("POST", "/login").navigating("same-origin").form(&fields);
        let answer = ask.header("x-forwarded-for", &format!("192.0.2.{index}")).send().await;
        answer.expect(if index < 5 { 401 } else { 429 });
    }
}

#[tokio::test]
async fn behind_a_trusted_proxy_each_client_is_counted_by_itself() {
    let site = Site::new("[server]\ntrusted_proxies = [\"127.0.0.0/8\"]");
    let attempt = async |index: usize, forwarded: &str| {
        let email = format!("user{index}@example.com");
        let fields = [("email", email.as_str()), ("password", WRONG_PASSWORD)];
        let ask = site.browser().ask("POST", "/login").navigating("same-origin").form(&fields);
        ask.header("x-forwarded-for", forwarded).send().await.status
    };
    for index in 0..10 {
        assert_eq!(attempt(index, &format!("192.0.2.{index}")).await, 401);
    }
    // What stands left of the rightmost address anybody may have written.
    for index in 10..14 {
        assert_eq!(attempt(index, &format!("198.51.100.{index}, 192.0.2.0")).await, 401);
    }
    assert_eq!(attempt(14, "198.51.100.99, 192.0.2.0").await, 429);
}

#[tokio::test]
async fn successes_do_not_count() {
    let site = Site::new("");
    for _ in 0..20 {
        site.browser().post("/login", &RIGHT).await.expect(303);
    }
    fail(&site.browser(), 4).await;
    site.browser().post("/login", &RIGHT).await.expect(303);
}

#[tokio::test]
async fn an_outage_of_the_backend_does_not_count() {
    let site = Site::new("");
    site.backend.script("login", Reply::Json(500, json!({})));
    for _ in 0..10 {
        site.browser().post("/login", &RIGHT).await.expect(502);
    }
    site.backend.script("login", Reply::Honest);
    site.browser().post("/login", &RIGHT).await.expect(303);
}

#[tokio::test]
async fn each_trouble_of_the_backend_has_its_own_answer_and_keeps_the_email() {
    let mut site = Site::new("");
    let unusable = json!({"token": "misnamed"});
    let foreign =
        "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiIxIiwiZXhwIjoxOTAwMDAwMDAwfQ.c2lnbmF0dXJl";
    for (reply, status, code) in [
        (Reply::Json(500, json!({"detail": "Traceback"})), 502, "backend.error"),
        (Reply::Json(503, json!({})), 502, "backend.error"),
        (Reply::HangUp, 502, "backend.error"),
        (Reply::Half, 502, "backend.error"),
        (Reply::Silence, 504, "backend.timeout"),
        (Reply::Text(200, "<html>"), 502, "backend.protocol"),
        (Reply::Json(200, unusable), 502, "backend.protocol"),
        (Reply::Json(200, json!({"access_token": foreign})), 502, "backend.protocol"),
        (Reply::Huge, 502, "backend.protocol"),
        (Reply::Json(405, json!({})), 502, "backend.protocol"),
        (Reply::With(302, ("location", "/elsewhere".into()), json!({})), 502, "backend.protocol"),
        (Reply::With(429, ("retry-after", "17".into()), json!({})), 429, "rate_limited"),
    ] {
        let what = format!("{reply:?}");
        site.backend.script("login", reply);
        let page = site.browser().post("/login", &RIGHT).await;
        assert_eq!(page.status, status, "{what}: {page:?}");
        page.shows(&format!("value=\"{EMAIL}\"")).shows("<form").hides("Traceback");
        let body = json!({"email": EMAIL, "password": PASSWORD});
        let problem = site.browser().call("POST", "/login", Some(body)).await;
        assert_eq!(problem.json()["code"], code, "{what}");
        if status == 429 {
            assert_eq!(page.header("retry-after"), Some("17"));
        }
    }
    site.backend.close();
    let page = site.browser().post("/login", &RIGHT).await;
    page.expect(503).shows("<form").shows(&format!("value=\"{EMAIL}\""));
    assert!(page.header("retry-after").is_some());
}

#[tokio::test]
async fn a_token_that_the_backend_signed_with_another_secret_signs_nobody_in() {
    let site = Site::new("[token]\nsecret = \"another-key-0123456789-0123456789-0123456789\"");
    let browser = site.browser();
    browser.log_in().await.expect(502);
    assert!(!browser.is_signed_in().await);
    assert!(browser.cookies().is_empty());
}

fn signed(algorithm: Algorithm, claims: &Value) -> String {
    let key = EncodingKey::from_secret(TOKEN_SECRET.as_bytes());
    jsonwebtoken::encode(&Header::new(algorithm), claims, &key).unwrap()
}

/// Signs in with an access token that the backend gives out, and says whether that is accepted.
async fn accepts(site: &Site, token: &str) -> bool {
    site.backend.script("login", Reply::Json(200, json!({"access_token": token})));
    site.backend.script("me", Reply::Json(200, json!({"id": 1, "email": EMAIL})));
    let browser = site.browser();
    let answer = browser.log_in().await;
    assert!(matches!(answer.status, 303 | 502), "{answer:?}");
    assert_eq!(browser.is_signed_in().await, answer.status == 303);
    answer.status == 303
}

#[tokio::test]
async fn a_token_that_does_not_say_plainly_when_it_ends_signs_nobody_in() {
    // Advisory 26: an `exp` that was no number counted as none.
    let site = Site::new("");
    assert!(accepts(&site, &signed(Algorithm::HS256, &json!({"exp": NOW + 60}))).await);
    assert!(accepts(&site, &signed(Algorithm::HS256, &json!({"exp": NOW + 60, "nbf": NOW}))).await);
    for claims in [
        json!({}),
        json!({"exp": null}),
        json!({"exp": (NOW + 60).to_string()}),
        json!({"exp": -1}),
        json!({"exp": 1e308}),
        json!({"exp": true}),
        json!({"exp": [NOW + 60]}),
        json!({"exp": 0}),
        json!({"exp": NOW}),
        json!({"exp": NOW + 60, "nbf": NOW + 50}),
    ] {
        let token = signed(Algorithm::HS256, &claims);
        assert!(!accepts(&site, &token).await, "{claims}");
    }
}

#[tokio::test]
async fn a_token_whose_beginning_is_no_number_signs_nobody_in() {
    let site = Site::new("");
    for nbf in [json!("tomorrow"), json!((NOW + 50).to_string()), json!(1e308)] {
        let token = signed(Algorithm::HS256, &json!({"exp": NOW + 60, "nbf": nbf}));
        assert!(!accepts(&site, &token).await, "{nbf}");
    }
}

#[tokio::test]
async fn a_token_of_another_algorithm_signs_nobody_in() {
    let site = Site::new("");
    let good = signed(Algorithm::HS256, &json!({"exp": NOW + 60}));
    let parts: Vec<&str> = good.split('.').collect();
    // {"alg":"none"}
    let none = "eyJhbGciOiJub25lIn0";
    for token in [
        signed(Algorithm::HS512, &json!({"exp": NOW + 60})),
        format!("{none}.{}.{}", parts[1], parts[2]),
        format!("{}.{}.AAAA", parts[0], parts[1]),
    ] {
        assert!(!accepts(&site, &token).await, "{token}");
    }
}

#[tokio::test]
async fn a_token_without_a_signature_signs_nobody_in() {
    let site = Site::new("");
    let good = signed(Algorithm::HS256, &json!({"exp": NOW + 60}));
    let parts: Vec<&str> = good.split('.').collect();
    for token in
        [format!("eyJhbGciOiJub25lIn0.{}.", parts[1]), format!("{}.{}.", parts[0], parts[1])]
    {
        assert!(!accepts(&site, &token).await, "{token}");
    }
}

#[tokio::test]
async fn where_only_jwts_are_taken_anything_else_signs_nobody_in() {
    let site = Site::new("[token]\nformat = \"jwt\"");
    let good = signed(Algorithm::HS256, &json!({"exp": NOW + 60}));
    assert!(accepts(&site, &good).await);
    let parts: Vec<&str> = good.split('.').collect();
    for token in ["opaque".to_owned(), format!("{}.{}.", parts[0], parts[1]), format!("{good}.x")] {
        assert!(!accepts(&site, &token).await, "{token}");
    }
}

#[tokio::test]
async fn issuer_and_audience_are_demanded_where_they_are_configured() {
    let site = Site::new("[token]\nissuer = \"https://id.example\"\naudience = [\"app\"]");
    let token = |iss: &str, aud: Value| {
        signed(Algorithm::HS256, &json!({"exp": NOW + 60, "iss": iss, "aud": aud}))
    };
    assert!(accepts(&site, &token("https://id.example", json!(["app", "b"]))).await);
    assert!(!accepts(&site, &token("https://evil.example", json!("app"))).await);
    assert!(!accepts(&site, &token("https://id.example", json!("other"))).await);
    assert!(!accepts(&site, &signed(Algorithm::HS256, &json!({"exp": NOW + 60}))).await);
}

#[tokio::test]
async fn a_body_that_announces_too_much_is_not_even_read() {
    let site = Site::new("[server]\nmax_body_size = \"4KiB\"");
    let ask = site.browser().ask("POST", "/login").by_script().json(&json!({}));
    ask.header("content-length", "999999999999").send().await.expect(413);
}

#[tokio::test]
async fn bodies_that_are_no_form_are_refused() {
    let site = Site::new("[server]\nmax_body_size = \"4KiB\"");
    let send = async |content_type: &str, body: &[u8]| {
        let ask = site.browser().ask("POST", "/login").by_script().body(content_type, body);
        ask.send().await
    };
    let answer = send("multipart/form-data; boundary=x", b"--x--").await;
    assert_eq!(answer.expect(415).json()["code"], "body.unsupported_type");
    send("text/plain", b"email=a").await.expect(415);
    send("application/xml", b"<a/>").await.expect(415);
    assert_eq!(
        send("application/json", b"{\"email\": ").await.expect(400).json()["code"],
        "body.malformed"
    );
    send("application/json", b"[1]").await.expect(400);
    send("application/json", b"\xff\xfe").await.expect(400);
    let large = format!("{{\"email\": \"{}\"}}", "a".repeat(5000));
    assert_eq!(
        send("application/json", large.as_bytes()).await.expect(413).json()["code"],
        "body.too_large"
    );
    send("application/x-www-form-urlencoded", &[b'a'; 5000]).await.expect(413);
    // An encoding or a charset beside the type is fine.
    send("application/json; charset=utf-8", b"{}").await.expect(422);
    send("application/x-www-form-urlencoded; charset=UTF-8", b"email=%ff&password")
        .await
        .expect(422);
    assert_eq!(site.backend.count("login"), 0);

    let page = site.browser().ask("POST", "/login").navigating("same-origin");
    page.body("text/plain", "x").send().await.expect(415).shows("<html");
}

#[tokio::test]
async fn methods_that_a_form_does_not_take_are_named() {
    let site = Site::new("");
    for method in ["PUT", "DELETE", "PATCH"] {
        let answer = site.browser().ask(method, "/login").by_script().send().await;
        assert_eq!(answer.expect(405).header("allow"), Some("GET, HEAD, POST"), "{method}");
        assert_eq!(answer.json()["code"], "method_not_allowed");
    }
    site.browser()
        .ask("PUT", "/login")
        .navigating("same-origin")
        .send()
        .await
        .expect(405)
        .shows("<html");
}

#[tokio::test]
async fn methods_that_the_session_endpoint_does_not_take_are_named() {
    let site = Site::new("");
    let answer = site.browser().ask("POST", "/_vestibule/session").by_script().send().await;
    let allow = answer.expect(405).header("allow").unwrap();
    assert!(allow.contains("GET") && !allow.contains("POST"), "{allow}");
}

#[tokio::test]
async fn htmx_gets_the_part_of_the_page_and_a_redirect_of_its_own() {
    let site = Site::new("");
    let browser = site.browser();
    let part = browser.htmx("/login", &WRONG).await;
    part.expect(401)
        .hides("<html")
        .hides("<head")
        .shows("<form")
        .shows(&format!("value=\"{EMAIL}\""));
    let part = browser.htmx("/login", &[("email", EMAIL)]).await;
    part.expect(422).hides("<html").shows("href=\"#field-password\"");

    let done = browser.htmx("/login?next=/reports", &RIGHT).await;
    assert_eq!(done.expect(200).header("hx-redirect"), Some("/reports"));
    assert!(done.header("location").is_none());
    assert!(browser.is_signed_in().await);
}

#[tokio::test]
async fn who_is_signed_in_already_goes_on() {
    let site = Site::new("");
    let browser = site.signed_in().await;
    assert_eq!(browser.open("/login").await.expect(303).location(), HOME);
    assert_eq!(browser.open("/register").await.expect(303).location(), HOME);
}

#[tokio::test]
async fn a_notice_is_only_shown_where_its_name_is_known() {
    let site = Site::new("");
    site.browser().open("/login?notice=session.expired").await.shows("because your session ended");
    let page = site.browser().open("/login?notice=%3Cb%3Eevil").await;
    page.expect(200).hides("evil");
}

#[tokio::test]
async fn the_session_cookie_is_closed_to_scripts_and_other_sites() {
    let site = Site::new("");
    let done = site.browser().log_in().await;
    let lines = cookie_lines(&done.headers);
    assert_eq!(lines.len(), 1);
    assert!(lines[0].starts_with("vestibule="), "{lines:?}");
    for attribute in ["; Path=/", "; HttpOnly", "; SameSite=Lax"] {
        assert!(lines[0].contains(attribute), "{lines:?}");
    }
    assert!(!lines[0].contains("Secure") && !lines[0].contains("Domain"), "{lines:?}");
}

#[tokio::test]
async fn guesses_made_all_at_once_are_counted_one_by_one() {
    let site = Site::new("");
    let browser = site.browser();
    let guesses = futures_util::future::join_all((0..30).map(|_| browser.post("/login", &WRONG)));
    let answers = guesses.await;
    assert_eq!(answers.iter().filter(|answer| answer.status == 401).count(), 5);
    assert_eq!(answers.iter().filter(|answer| answer.status == 429).count(), 25);
    assert_eq!(site.backend.count("login"), 5);
}
