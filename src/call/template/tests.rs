use serde_json::json;

use super::*;

fn spec(send: &str, body: Value) -> CallSpec<'_> {
    CallSpec { send, body: Some(body), ..CallSpec::default() }
}

fn values(pairs: &[(&str, Value)]) -> Values {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect()
}

#[test]
fn a_lone_placeholder_keeps_its_type_and_a_mixed_one_becomes_text() {
    let body =
        json!({"id": "{{id}}", "text": "no {{id}}", "list": [1, "{{ id }}"], "constant": true});
    let call = Call::compile(&spec("POST /x", body)).unwrap();
    let request = call.render(&values(&[("id", json!(7))])).unwrap();
    let sent: Value = serde_json::from_slice(&request.body.unwrap()).unwrap();
    assert_eq!(sent, json!({"id": 7, "text": "no 7", "list": [1, 7], "constant": true}));
}

#[test]
fn a_value_can_add_neither_a_path_segment_nor_a_parameter() {
    let call = Call::compile(&spec("GET /users/{{id}}?q={{id}}", json!({}))).unwrap();
    let request = call.render(&values(&[("id", json!("../a?b=c&d"))])).unwrap();
    assert_eq!(request.target, "/users/..%2Fa%3Fb%3Dc%26d?q=..%2Fa%3Fb%3Dc%26d");
}

#[test]
fn a_value_can_add_no_header_line() {
    let headers = BTreeMap::from([("X-Name".to_owned(), "{{name}}".to_owned())]);
    let call = Call::compile(&CallSpec { send: "GET /", headers, ..CallSpec::default() }).unwrap();
    assert!(call.render(&values(&[("name", json!("a\r\nX-Admin: 1"))])).is_err());
}

#[test]
fn a_form_is_encoded_as_one() {
    let mut spec = spec("POST /token", json!({"grant_type": "password", "username": "{{email}}"}));
    spec.as_form = true;
    let request =
        Call::compile(&spec).unwrap().render(&values(&[("email", json!("a+b@c.d"))])).unwrap();
    assert_eq!(request.headers[CONTENT_TYPE], "application/x-www-form-urlencoded");
    assert_eq!(request.body.unwrap(), "grant_type=password&username=a%2Bb%40c.d");
}

#[test]
fn a_missing_value_is_named_and_nothing_is_sent() {
    let call = Call::compile(&spec("POST /x", json!({"a": "{{refresh_token}}"}))).unwrap();
    assert!(call.render(&Values::new()).unwrap_err().to_string().contains("refresh_token"));
}

#[test]
fn every_mistake_of_a_declaration_is_reported() {
    let spec = CallSpec {
        send: "login",
        headers: BTreeMap::from([("bad name".to_owned(), "x".to_owned())]),
        body: Some(json!({"a": "{{open"})),
        take: BTreeMap::from([("access_token".to_owned(), "access".to_owned())]),
        ok: "ok",
        ..CallSpec::default()
    };
    let keys: Vec<_> = Call::compile(&spec).unwrap_err().into_iter().map(|m| m.key).collect();
    assert_eq!(keys, ["send", "headers.bad name", "body", "take.access_token", "ok"]);
}

#[test]
fn single_braces_are_left_alone() {
    let body = json!({"query": "mutation { login(e: \"x\") { token } }"});
    let call = Call::compile(&spec("POST /graphql", body.clone())).unwrap();
    let sent: Value =
        serde_json::from_slice(&call.render(&Values::new()).unwrap().body.unwrap()).unwrap();
    assert_eq!(sent, body);
}

#[test]
fn the_template_is_read_backwards() {
    let call = Call::compile(&spec(
        "POST /x",
        json!({"user": {"mail": "{{email}}"}, "p2": "{{password}}"}),
    ))
    .unwrap();
    assert_eq!(call.input_of("mail"), Some("email"));
    assert_eq!(call.input_of("p2"), Some("password"));
    assert_eq!(call.input_of("other"), None);
    assert_eq!(call.placeholders(), ["email", "password"]);
}
