//! Bad input at every form: a clear 4xx, what was typed is kept, and nothing of it is believed.

mod obeyed;

use serde_json::{Value, json};

use crate::support::scripted::{EMAIL, PASSWORD, Reply};
use crate::support::site::{Ask, Browser, Site};
use crate::support::visitor::Answer;

const CONTACT: &str = r#"
[[form]]
id = "contact"
access = "public"
submit = { send = "POST /contact", body = { email = "{{email}}", message = "{{message}}", code = "{{code}}" } }
[[form.field]]
name = "email"
required = true
[[form.field]]
name = "message"
type = "textarea"
[[form.field]]
name = "code"
type = "password"
"#;

const FORMS: [&str; 3] = ["/login", "/register", "/contact"];
const URLENCODED: &str = "application/x-www-form-urlencoded";
const JSON: &str = "application/json";

fn site() -> Site {
    let site = Site::new(CONTACT);
    site.backend.script("contact", Reply::Json(200, json!({})));
    site
}

fn by_script(browser: &Browser, form: &str) -> Ask {
    browser.ask("POST", form).by_script()
}

fn by_page(browser: &Browser, form: &str) -> Ask {
    browser.ask("POST", form).navigating("same-origin")
}

/// The codes of a problem document, by field.
#[track_caller]
fn codes(problem: &Answer) -> Vec<(String, String)> {
    let problem = problem.json();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let errors = problem["errors"].as_array().unwrap();
    errors.iter().map(|error| (text(&error["pointer"]), text(&error["code"]))).collect()
}

#[tokio::test]
async fn a_body_of_another_type_is_a_415() {
    let site = site();
    let browser = site.browser();
    for form in FORMS {
        for kind in
            ["text/plain", "application/xml", "multipart/form-data; boundary=x", "json", "\u{ff}"]
        {
            let answer = by_script(&browser, form).body(kind, "email=a").send().await;
            assert_eq!(answer.expect(415).json()["code"], "body.unsupported_type", "{kind}");
            by_page(&browser, form).body(kind, "email=a").send().await.expect(415).shows("<html");
        }
        // A type may have parameters and capitals.
        let body = "{\"email\": 1}";
        let kind = "Application/JSON; charset=utf-8";
        by_script(&browser, form).body(kind, body).send().await.expect(422);
    }
}

#[tokio::test]
async fn a_body_that_is_too_large_is_a_413_in_either_encoding() {
    let site = Site::new(&format!("[server]\nmax_body_size = \"2KiB\"\n{CONTACT}"));
    let browser = site.browser();
    let long = "x".repeat(3000);
    for form in FORMS {
        for (kind, body) in [(URLENCODED, format!("email={long}")), (JSON, format!("\"{long}\""))] {
            let answer = by_script(&browser, form).body(kind, body.clone()).send().await;
            let problem = answer.expect(413).hides("xxx").json();
            assert_eq!(problem["code"], "body.too_large");
            assert!(problem["detail"].as_str().unwrap().contains("2048 bytes"), "{problem}");
            by_page(&browser, form).body(kind, body).send().await.expect(413).hides("xxx");
        }
    }
}

#[tokio::test]
async fn json_that_is_none_is_a_400_with_its_place_and_without_its_text() {
    let site = site();
    let browser = site.browser();
    let deep = format!("{{\"email\": {}1{}}}", "[".repeat(100_000), "]".repeat(100_000));
    let table: [(&[u8], &str); 14] = [
        (b"{\"email\": \"mine\",\n oops}", "line 2 column 2"),
        (b"{\"email\": \"mine\"", "line 1 column 16"),
        (b"{\"email\": \"mine\"} x", "line 1 column 19"),
        (b"{\"email\": \"mine\"}{}", "line 1 column 18"),
        (b"{'email': 'mine'}", "line 1 column 2"),
        (b"{\"email\": NaN}", "line 1 column 11"),
        (b"{\"email\": 1e999}", "line 1 column 15"),
        (b"{\"email\": \"\\ud800\"}", "line 1 column"),
        (b"{\"email\": \"\xff\"}", "line 1 column"),
        (b"\xef\xbb\xbf{\"email\": \"mine\"}", "line 1 column 1"),
        (b"[\"mine\"]", "not an object"),
        (b"\"mine\"", "not an object"),
        (b"null", "not an object"),
        (deep.as_bytes(), "line 1 column"),
    ];
    for form in FORMS {
        for (body, place) in &table {
            let answer = by_script(&browser, form).body(JSON, *body).send().await;
            let problem = answer.expect(400).hides("mine").json();
            assert_eq!(problem["code"], "body.malformed");
            let detail = problem["detail"].as_str().unwrap();
            assert!(detail.contains(place), "{}: {detail}", String::from_utf8_lossy(body));
            by_page(&browser, form).body(JSON, *body).send().await.expect(400).hides("mine");
        }
    }
    assert_eq!(site.backend.count("contact"), 0);
}

#[tokio::test]
async fn what_is_no_text_is_an_error_of_its_field() {
    let site = site();
    let browser = site.browser();
    let wrong = [
        json!([]),
        json!(["a@b.example"]),
        json!({"a": 1}),
        json!(7),
        json!(true),
        json!({
            "__proto__": {"isAdmin": true}
        }),
    ];
    for form in FORMS {
        for value in &wrong {
            let body = json!({"email": value, "password": "long enough", "__proto__": value});
            let answer = browser.call("POST", form, Some(body)).await;
            answer.expect(422).hides("long enough");
            let found = codes(&answer);
            assert_eq!(found, [("#/email".into(), "field.not_text".into())], "{form} {value}");
        }
    }
}

#[tokio::test]
async fn a_field_that_came_twice_is_told_and_never_guessed() {
    let site = site();
    let browser = site.browser();
    for form in FORMS {
        let pairs =
            [("email", "a@b.example"), ("email", "other@b.example"), ("password", "longenough")];
        let page = browser.post(form, &pairs).await;
        page.expect(422).shows("was sent more than once").hides("longenough");
        for body in [
            "{\"email\": \"a@b.example\", \"email\": \"a@b.example\", \"password\": \"longenough\"}",
            "{\"email\": \"a@b.example\", \"\\u0065mail\": null, \"password\": \"longenough\"}",
        ] {
            let answer = by_script(&browser, form).body(JSON, body).send().await;
            assert_eq!(codes(answer.expect(422)), [("#/email".into(), "field.repeated".into())]);
        }
        let pairs = [
            ("email", EMAIL),
            ("password", "longenough"),
            ("password", PASSWORD),
            ("code", "1"),
            ("code", "2"),
        ];
        browser.post(form, &pairs).await.expect(422).shows(EMAIL).shows("more than once");
    }
    assert_eq!(site.backend.count("login") + site.backend.count("contact"), 0);
}

#[tokio::test]
async fn bytes_that_are_no_text_are_told_at_their_field_and_the_others_are_kept() {
    let site = site();
    let browser = site.browser();
    for bad in ["%ff%fe", "%00", "a%00b", "%1b[31m", "%ed%a0%80", "%0d%0aSet-Cookie:x", "%c2%85"] {
        let body = format!("email=kept%40b.example&message=a{bad}x&code=hidden-code");
        let page = by_page(&browser, "/contact").body(URLENCODED, body).send().await;
        // Line ends belong into a text of several lines, and only there.
        if bad.starts_with("%0d") {
            page.expect(303);
        } else {
            page.expect(422).shows("kept@b.example").shows("cannot be used").hides("hidden-code");
        }
        let body = format!("email=a{bad}x%40b.example&message=kept+words&password=longenough");
        for form in ["/contact", "/login"] {
            let answer = by_script(&browser, form).body(URLENCODED, body.clone()).send().await;
            assert_eq!(codes(answer.expect(422))[0], ("#/email".into(), "field.control".into()));
        }
        let page = by_page(&browser, "/contact").body(URLENCODED, body).send().await;
        page.expect(422).shows("kept words");
    }
    let raw = [b"email=\xff&message=kept".as_slice(), b"email=\xc3\x28&message=kept"];
    for body in raw {
        by_page(&browser, "/contact").body(URLENCODED, body).send().await.expect(422).shows("kept");
    }
}

#[tokio::test]
async fn every_script_and_every_sign_that_is_text_arrives_as_it_was_typed() {
    let site = site();
    let browser = site.browser();
    let texts = [
        "שלום עולם",
        "مرحبا \u{202e}abc",
        "👩‍👩‍👧‍👦 🏳️‍🌈",
        "Ź̸͖̈́a̷lgo",
        "{{access_token}} {{email}} {% raise %} {{ 7 * 7 }}",
        "'; DROP TABLE users; --",
        "${jndi:ldap://x}",
        "<script>alert(1)</script>",
        "null",
        "\\u0000 \\ud800",
        "a\nb\tc",
    ];
    for (index, text) in texts.into_iter().enumerate() {
        let fields = [("email", "a@b.example"), ("message", text)];
        browser.post("/contact", &fields).await.expect(303);
        let body = json!({"email": "a@b.example", "message": text});
        browser.call("POST", "/contact", Some(body)).await.expect(200);
        let calls = site.backend.calls("contact");
        for call in &calls[2 * index..] {
            assert_eq!(call.json()["message"], text);
        }
    }
}

#[tokio::test]
async fn nothing_is_shown_again_that_a_browser_would_take_for_markup() {
    let site = site();
    let browser = site.browser();
    let hostile = [
        "\"><script>alert(1)</script>",
        "' onfocus=alert(1) autofocus x='",
        "</textarea><img src=x onerror=alert(1)>",
        "<!--",
        "{{ 7 * 7 }}",
        "{% include 'x' %}",
        "javascript:alert(1)",
    ];
    for text in hostile {
        for form in FORMS {
            let fields = [("email", text), ("message", text), ("password", text), (text, text)];
            for page in [browser.post(form, &fields).await, browser.htmx(form, &fields).await] {
                page.expect(422)
                    .hides("<script>alert")
                    .hides("<img src=x")
                    .hides("<!--")
                    .hides(">49<");
                page.hides("\"49\"").hides("x='");
            }
            let body = json!({"email": text, text: text});
            browser.call("POST", form, Some(body)).await.expect(422);
        }
    }
}

#[tokio::test]
async fn a_megabyte_in_one_field_is_refused_and_shown_again_but_never_a_password() {
    let site = site();
    let browser = site.browser();
    let long = "ab".repeat(450_000);
    let half = "ab".repeat(225_000);
    for form in FORMS {
        let page = browser.post(form, &[("email", &long), ("password", "x")]).await;
        page.expect(422).shows("at most 1024").shows(&long);
        let page = browser
            .post(form, &[("email", "kept@b.example"), ("password", &half), ("code", &half)])
            .await;
        page.expect(422).shows("kept@b.example").hides("abababab");
        let body = json!({"email": "a@b.example", "password": half, "code": half});
        browser.call("POST", form, Some(body)).await.expect(422).hides("abababab");
    }
}

#[tokio::test]
async fn ten_thousand_fields_are_no_trouble() {
    let site = site();
    let browser = site.browser();
    let names: Vec<String> = (0..10_000).map(|number| format!("field{number}")).collect();
    let mut fields: Vec<(&str, &str)> = names.iter().map(|name| (name.as_str(), "x")).collect();
    for form in FORMS {
        browser.post(form, &fields).await.expect(422).hides("field9999");
    }
    fields.push(("email", "a@b.example"));
    browser.post("/contact", &fields).await.expect(303);
    let body: Value =
        fields.iter().map(|(name, value)| ((*name).to_owned(), json!(value))).collect();
    browser.call("POST", "/contact", Some(body.clone())).await.expect(200);
    assert_eq!(
        site.backend.calls("contact")[1].json(),
        json!({"email": "a@b.example", "message": "", "code": ""})
    );
    let strict = Site::new(&CONTACT.replace("access =", "unknown_fields = \"refuse\"\naccess ="));
    let answer = strict.browser().call("POST", "/contact", Some(body)).await;
    assert!(codes(answer.expect(422)).len() <= 10, "an answer is not larger than the question");
}

#[tokio::test]
async fn a_field_that_the_form_does_not_have_is_ignored_or_refused_as_configured() {
    let site = site();
    let body = json!({"email": "a@b.example", "is_admin": true, "__proto__": {"is_admin": true}});
    site.browser().call("POST", "/contact", Some(body.clone())).await.expect(200);
    assert_eq!(
        site.backend.calls("contact")[0].json(),
        json!({"email": "a@b.example", "message": "", "code": ""})
    );
    let strict = CONTACT.replace("access =", "unknown_fields = \"refuse\"\naccess =");
    let strict = strict + "[[form]]\nid = \"login\"\nunknown_fields = \"refuse\"\n";
    let site = Site::new(&strict);
    let browser = site.browser();
    let answer = browser.call("POST", "/contact", Some(body)).await;
    let expected =
        ["#/__proto__", "#/is_admin"].map(|at| (at.to_owned(), "field.unknown".to_owned()));
    assert_eq!(codes(answer.expect(422)), expected);
    let page = browser.post("/contact", &[("email", "a@b.example"), ("a/b~c<i>", "1")]).await;
    page.expect(422).shows("There is no field").hides("<i>").shows("a@b.example");
    let body = json!({"email": "a@b.example", "a/b~c": 1});
    let answer = browser.call("POST", "/contact", Some(body)).await;
    assert_eq!(codes(answer.expect(422)), [("#/a~1b~0c".to_owned(), "field.unknown".to_owned())]);
    let body = json!({"email": EMAIL, "password": PASSWORD, "remember": true});
    browser.call("POST", "/login", Some(body)).await.expect(422);
    assert_eq!(site.backend.count("contact") + site.backend.count("login"), 0);
    browser.log_in().await.expect(303);
}
