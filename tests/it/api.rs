//! What a program meets that speaks JSON: problems that explain themselves, and bodies that cannot be read.

use serde_json::{Value, json};

use crate::support::site::{Browser, ORIGIN, Site};

const STRICT: &str = r#"
[[form]]
id = "contact"
access = "public"
unknown_fields = "refuse"
submit = { send = "POST /contact", body = { text = "{{text}}" } }
[[form.field]]
name = "text"
required = true
"#;

async fn send(browser: &Browser, path: &str, content_type: &str, body: &[u8]) -> (u16, Value) {
    let ask = browser.ask("POST", path).header("accept", "application/json");
    let answer = ask.body(content_type, body).send().await;
    (answer.status, answer.json())
}

#[tokio::test]
async fn the_type_of_a_problem_leads_to_a_page_that_explains_it() {
    let site = Site::new(STRICT);
    let nobody = site.browser();
    let problem = nobody.call("POST", "/contact", Some(json!({}))).await;
    let problem = problem.expect(422).json();
    assert_eq!(problem["type"], format!("{ORIGIN}/_vestibule/problems/input.invalid"));
    let path = problem["type"].as_str().unwrap().strip_prefix(ORIGIN).unwrap();
    let told = nobody.ask("GET", path).header("accept", "application/json").send().await;
    let told = told.expect(200).json();
    assert_eq!((&told["code"], &told["statuses"]), (&json!("input.invalid"), &json!([422])));
    assert_eq!(told["type"], problem["type"]);
    let meaning = told["meaning"].as_str().unwrap();
    nobody.open(path).await.expect(200).shows("<h1>input.invalid</h1>").shows(meaning);
    nobody.open("/_vestibule/problems/").await.expect(200).shows("session.required");
    nobody.open("/_vestibule/problems/none.such").await.expect(404);
}

#[tokio::test]
async fn every_code_has_a_page_for_everybody() {
    let site = Site::new("[docs]\naccess = \"off\"");
    let nobody = site.browser();
    let list = nobody.ask("GET", "/_vestibule/problems/").header("accept", "application/json");
    let list = list.send().await.expect(200).json();
    let list = list["codes"].as_array().unwrap();
    assert!(list.len() >= 50, "only {} codes", list.len());
    for known in list {
        let path = known["type"].as_str().unwrap().strip_prefix(ORIGIN).unwrap();
        nobody.open(path).await.expect(200).shows(known["code"].as_str().unwrap());
    }
}

#[tokio::test]
async fn a_pointer_leads_to_the_field_whatever_it_is_called() {
    let site = Site::new(STRICT);
    let body = json!({"text": "x", "a/b~c": 1, "ü %": 2, "csrf": "x"});
    let problem = site.browser().call("POST", "/contact", Some(body)).await.expect(422).json();
    let mut pointers: Vec<&str> = problem["errors"]
        .as_array()
        .unwrap()
        .iter()
        .map(|error| error["pointer"].as_str().unwrap())
        .collect();
    pointers.sort_unstable();
    assert_eq!(pointers, ["#/%C3%BC%20%25", "#/a~1b~0c"]);
}

#[tokio::test]
async fn a_body_that_cannot_be_read_is_told_at_its_place_on_every_form() {
    let site = Site::new(&format!("[server]\nmax_body_size = \"1KiB\"\n{STRICT}"));
    let nobody = site.browser();
    let long = [b"{\"text\": \"", vec![b'x'; 2000].as_slice(), b"\"}"].concat();
    for path in ["/login", "/register", "/logout", "/contact"] {
        let (status, problem) = send(&nobody, path, "application/json", b"{\n  \"text\": }").await;
        assert_eq!((status, &problem["code"]), (400, &json!("body.malformed")), "{path}");
        let detail = problem["detail"].as_str().unwrap();
        assert!(detail.contains("line 2 column 11"), "{path}: {detail}");
        for other in [&b"[1]"[..], b"\"text\"", b"{\"text\": \"\xff\"}", b"{\"a\": 1} x"] {
            let (status, problem) = send(&nobody, path, "application/json", other).await;
            assert_eq!((status, &problem["code"]), (400, &json!("body.malformed")), "{path}");
        }
        let (status, problem) = send(&nobody, path, "text/xml", b"<a/>").await;
        assert_eq!((status, &problem["code"]), (415, &json!("body.unsupported_type")), "{path}");
        let (status, problem) = send(&nobody, path, "application/json", &long).await;
        assert_eq!((status, &problem["code"]), (413, &json!("body.too_large")), "{path}");
    }
    assert_eq!(site.backend.count("contact"), 0);
}
