//! What a declaration restricts is obeyed, whoever sends it in whichever encoding.

use serde_json::json;

use super::{CONTACT, JSON, by_script, codes};
use crate::support::scripted::Reply;
use crate::support::site::Site;

#[tokio::test]
async fn what_a_field_restricts_is_obeyed_in_either_encoding() {
    // Type and bounds, what is refused with which code, what is taken.
    let table: [(&str, &[&str], &str, &[&str]); 15] = [
        ("required = true", &["", "   "], "field.required", &["x"]),
        ("min_length = 3", &["ab"], "field.too_short", &["abc", "äöü", ""]),
        ("max_length = 3", &["abcd"], "field.too_long", &["abc", "äöü", "👍👍👍"]),
        ("pattern = '[a-c]+|x'", &["abcd", "xa", "a b"], "field.pattern", &["abc", "x"]),
        ("type = \"email\"", &["a", "a@", "a b@c"], "field.email", &["a@b.example"]),
        (
            "type = \"url\"",
            &["a", "javascript:alert(1)", "//x", "ftp://x"],
            "field.url",
            &["https://b.example/?a=1"],
        ),
        ("type = \"tel\"", &["abc", "1"], "field.tel", &["+49 30 123456"]),
        ("type = \"date\"", &["2026-02-30", "1.2.2026", "2026-1-1"], "field.date", &["2028-02-29"]),
        (
            "type = \"date\"\nmin = \"2026-01-02\"",
            &["2026-01-01"],
            "field.too_early",
            &["2026-01-02"],
        ),
        (
            "type = \"date\"\nmax = \"2026-01-02\"",
            &["2026-01-03"],
            "field.too_late",
            &["2026-01-02"],
        ),
        (
            "type = \"number\"",
            &["a", "0x1", "1,5", "Infinity", "NaN", "1e999"],
            "field.number",
            &["1.5", "-2"],
        ),
        ("type = \"number\"\nmin = 2", &["1.999", "-3"], "field.too_small", &["2"]),
        ("type = \"number\"\nmax = 2", &["2.001", "1e300"], "field.too_large", &["2"]),
        (
            "type = \"select\"\noptions = [\"S\", { value = \"m\", label = \"M\" }]",
            &["M", "s", "L"],
            "field.choice",
            &["S", "m", ""],
        ),
        ("type = \"checkbox\"\nrequired = true", &["", "off"], "field.not_accepted", &["on"]),
    ];
    for (field, wrong, code, right) in table {
        let site = Site::new(&format!(
            "[backend]\ntimeout = \"20s\"\n[[form]]\nid = \"x\"\naccess = \"public\"\n\
             submit = {{ send = \"POST /x\", body = {{ it = \"{{{{it}}}}\" }} }}\n[[form.field]]\nname = \"it\"\n{field}\n"
        ));
        site.backend.script("x", Reply::Json(200, json!({})));
        let browser = site.browser();
        for text in wrong {
            let expected = [("#/it".to_owned(), code.to_owned())];
            let answer = by_script(&browser, "/x").form(&[("it", text)]).send().await;
            assert_eq!(codes(answer.expect(422)), expected, "{field}: {text}");
            let answer = browser.call("POST", "/x", Some(json!({"it": text}))).await;
            assert_eq!(codes(answer.expect(422)), expected, "{field}: {text}");
            browser.post("/x", &[("it", text)]).await.expect(422);
        }
        assert_eq!(site.backend.count("x"), 0, "{field}");
        for text in right {
            browser.post("/x", &[("it", text)]).await.expect(303);
            browser.call("POST", "/x", Some(json!({"it": text}))).await.expect(200);
        }
        assert_eq!(site.backend.count("x"), 2 * right.len(), "{field}");
    }
}

#[tokio::test]
async fn a_number_is_the_same_to_the_backend_however_it_was_sent() {
    let site = Site::new(
        "[[form]]\nid = \"x\"\naccess = \"public\"\nsubmit = { send = \"POST /x\", body = { it = \"{{it}}\" } }\n\
         [[form.field]]\nname = \"it\"\ntype = \"number\"\n",
    );
    site.backend.script("x", Reply::Json(200, json!({})));
    let browser = site.browser();
    for text in ["7", "-0", "1.0", "1e5", "0.1", "9223372036854775808", "18446744073709551616"] {
        browser.post("/x", &[("it", text)]).await.expect(303);
        let body = format!("{{\"it\": {text}}}");
        by_script(&browser, "/x").body(JSON, body).send().await.expect(200);
        let calls = site.backend.calls("x");
        let [.., typed, sent] = calls.as_slice() else { panic!("{calls:?}") };
        assert_eq!(typed.body, sent.body, "{text}");
    }
}

#[tokio::test]
async fn a_field_that_repeats_another_must_be_the_same_and_is_as_secret() {
    let site = Site::new(
        r#"
[[form]]
id = "new-password"
access = "public"
submit = { send = "POST /new", body = { password = "{{password}}" } }
[[form.field]]
name = "password"
required = true
[[form.field]]
name = "again"
equals = "password"
"#,
    );
    site.backend.script("new", Reply::Json(200, json!({})));
    let browser = site.browser();
    browser.open("/new-password").await.expect(200).hides("type=\"text\"");
    let wrong = [("password", "first-words"), ("again", "other-words")];
    let page = browser.post("/new-password", &wrong).await;
    page.expect(422).hides("first-words").hides("other-words");
    let body = json!({"password": "first-words", "again": "other-words"});
    let answer = browser.call("POST", "/new-password", Some(body)).await;
    assert_eq!(codes(answer.expect(422)), [("#/again".to_owned(), "field.mismatch".to_owned())]);
    browser.post("/new-password", &[("password", "words"), ("again", "words")]).await.expect(303);
    assert_eq!(site.backend.calls("new")[0].json(), json!({"password": "words"}));
}

#[tokio::test]
async fn no_value_leads_a_call_to_another_path() {
    let site = Site::new(
        r#"
[[form]]
id = "rename"
access = "public"
submit = { send = "POST /teams/{{team}}/name?from={{from}}", headers = { X-Note = "{{note}}" } }
[[form.field]]
name = "team"
[[form.field]]
name = "from"
type = "number"
[[form.field]]
name = "note"
type = "textarea"
"#,
    );
    site.backend.script("name", Reply::Json(200, json!({})));
    let browser = site.browser();
    for team in ["..", ".", "", " .. "] {
        let answer = browser.call("POST", "/rename", Some(json!({"team": team}))).await;
        assert_eq!(codes(answer.expect(422)), [("#/team".to_owned(), "input.refused".to_owned())]);
        browser.post("/rename", &[("team", team)]).await.expect(422);
    }
    let note = json!({"team": "a", "note": "a\nX-Admin: 1"});
    browser.call("POST", "/rename", Some(note)).await.expect(422);
    for (team, sent) in [
        ("../x", "..%2Fx"),
        ("a/b?c#d", "a%2Fb%3Fc%23d"),
        ("%2e%2e", "%252e%252e"),
        ("..;", "..%3B"),
        ("...", "..."),
        ("\\..\\", "%5C..%5C"),
    ] {
        browser.post("/rename", &[("team", team)]).await.expect(303);
        let calls = site.backend.calls("name");
        assert_eq!(calls.last().unwrap().line, format!("POST /teams/{sent}/name?from= HTTP/1.1"));
    }
}

#[tokio::test]
async fn a_form_for_users_takes_nothing_from_anybody_else() {
    let site = Site::new(&CONTACT.replace("access = \"public\"", "access = \"user\""));
    site.backend.script("contact", Reply::Json(200, json!({})));
    let stranger = site.browser();
    stranger.post("/contact", &[("email", "a@b.example")]).await.expect(303);
    let body = Some(json!({"email": "a@b.example"}));
    stranger.call("POST", "/contact", body.clone()).await.expect(401);
    stranger.htmx("/contact?check=email", &[("email", "a@b.example")]).await.expect(401);
    assert_eq!(site.backend.count("contact"), 0);
    site.signed_in().await.call("POST", "/contact", body).await.expect(200);
}

#[tokio::test]
async fn only_forms_for_users_send_the_access_token() {
    let check = "check = { send = \"GET /free?email={{email}}\" }\nrequired = true";
    let user = CONTACT
        .replace(
            "access = \"public\"",
            "prefill = { send = \"GET /mine\", take = { message = \"/text\" } }",
        )
        .replace("required = true", check);
    for (toml, expected) in [
        (user.clone(), true),
        (user.replace("send =", "auth = false, send ="), false),
        (user.replace("id = \"contact\"", "id = \"contact\"\naccess = \"public\""), false),
    ] {
        let site = Site::new(&toml);
        for endpoint in ["contact", "free", "mine"] {
            site.backend.script(endpoint, Reply::Json(200, json!({"text": "mine"})));
        }
        let browser = site.signed_in().await;
        browser.open("/contact").await.expect(200).shows("mine");
        browser.post("/contact", &[("email", "a@b.example")]).await.expect(303);
        for endpoint in ["contact", "free", "mine"] {
            let calls = site.backend.calls(endpoint);
            assert_eq!(calls.len(), 1, "{endpoint}");
            assert_eq!(calls[0].headers.contains_key("authorization"), expected, "{endpoint}");
        }
    }
}

#[tokio::test]
async fn an_answer_that_says_no_is_no_success() {
    let site = Site::new(&CONTACT.replace("submit = {", "submit = { ok = \"/accepted\","));
    let browser = site.browser();
    let body = json!({"email": "a@b.example"});
    for answer in [json!({"accepted": false}), json!({"accepted": null}), json!({})] {
        site.backend.script("contact", Reply::Json(200, answer));
        browser.call("POST", "/contact", Some(body.clone())).await.expect(422);
        browser
            .post("/contact", &[("email", "a@b.example")])
            .await
            .expect(422)
            .shows("a@b.example");
    }
    site.backend.script("contact", Reply::Json(200, json!({"accepted": true})));
    browser.call("POST", "/contact", Some(body)).await.expect(200);
}
