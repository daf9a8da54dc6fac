//! The specification of the forms.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::support::site::Site;

#[tokio::test]
async fn the_document_is_as_it_was() {
    let site = Site::new("");
    let mut document = site.vestibule.openapi().clone();
    document["info"]["version"] = "[version]".into();
    insta::assert_snapshot!(format!("{document:#}"));
}

#[tokio::test]
async fn every_operation_has_its_statuses_described() {
    let site = Site::new("");
    let document = site.vestibule.openapi();
    let statuses = |path: &str, method: &str| {
        let responses = document["paths"][path][method]["responses"].as_object().unwrap();
        assert!(responses.values().all(|it| !it["description"].as_str().unwrap().is_empty()));
        responses.keys().cloned().collect::<BTreeSet<_>>()
    };
    let has = |path: &str, method: &str, wanted: &[&str]| {
        let found = statuses(path, method);
        for status in wanted {
            assert!(found.contains(*status), "{method} {path} lacks {status}: {found:?}");
        }
    };
    let form = ["200", "303", "400", "403", "413", "415", "422", "429", "502", "503", "504"];
    has("/login", "post", &form);
    has("/login", "post", &["401"]);
    has("/register", "post", &form);
    has("/register", "post", &["409"]);
    has("/logout", "post", &["200", "303", "400", "403", "413", "415"]);
    has("/_vestibule/session", "get", &["200", "503"]);
    for path in ["/login", "/register", "/logout"] {
        has(path, "get", &["200", "303"]);
    }
    assert_eq!(document["paths"].as_object().unwrap().len(), 4);
    assert!(document["openapi"].as_str().unwrap().starts_with("3."));
}

#[tokio::test]
async fn problems_users_and_inputs_have_examples() {
    let site = Site::new("");
    let schemas = &site.vestibule.openapi()["components"]["schemas"];
    for name in
        ["LoginInput", "RegisterInput", "Done", "SessionBody", "Problem", "FieldError", "UserBody"]
    {
        assert!(schemas[name]["example"].is_object(), "{name}: {}", schemas[name]);
    }
}

#[tokio::test]
async fn no_reference_leads_nowhere() {
    let site = Site::new("[backend]\nregister = false");
    let document = site.vestibule.openapi();
    let mut open = vec![document];
    let mut count = 0;
    while let Some(value) = open.pop() {
        match value {
            Value::Object(map) => {
                if let Some(target) = map.get("$ref").and_then(Value::as_str) {
                    count += 1;
                    let found = document.pointer(target.trim_start_matches('#'));
                    assert!(found.is_some(), "{target}");
                }
                open.extend(map.values());
            }
            Value::Array(items) => open.extend(items),
            _ => {}
        }
    }
    assert!(count > 10);
}

#[tokio::test]
async fn the_inputs_are_those_of_the_declared_calls() {
    let site = Site::new(
        "[backend.login]\nsend = \"POST /auth/login\"\n\
         body = { login = \"{{username}}\", secret = \"{{password}}\" }\n\
         [backend.register]\nsend = \"POST /auth/register\"\n\
         body = { email = \"{{email}}\", password = \"{{password}}\", name = \"{{name}}\", terms = true }",
    );
    let schemas = &site.vestibule.openapi()["components"]["schemas"];
    let inputs = |name: &str| {
        let properties = schemas[name]["properties"].as_object().unwrap();
        properties.keys().cloned().collect::<Vec<_>>()
    };
    assert_eq!(inputs("LoginInput"), ["username", "password"]);
    assert_eq!(inputs("RegisterInput"), ["email", "name", "password", "password_confirm"]);
    assert_eq!(
        schemas["RegisterInput"]["required"],
        serde_json::json!(["email", "name", "password"])
    );
    assert_eq!(schemas["LoginInput"]["properties"]["password"]["format"], "password");
}

#[tokio::test]
async fn without_registration_it_is_not_in_the_document() {
    let site = Site::new("[backend]\nregister = false");
    assert!(site.vestibule.openapi()["paths"].get("/register").is_none());
}

#[tokio::test]
async fn the_document_names_the_address_of_the_site() {
    let site = Site::new("");
    assert_eq!(site.vestibule.openapi()["servers"][0]["url"], "http://localhost:5001");
}

#[tokio::test]
async fn the_document_is_of_version_3_1() {
    let site = Site::new("");
    assert!(site.vestibule.openapi()["openapi"].as_str().unwrap().starts_with("3.1"));
}

#[tokio::test]
async fn the_error_of_a_session_that_does_not_fit_is_documented() {
    let site = Site::new("");
    for path in ["/login", "/register"] {
        let responses = &site.vestibule.openapi()["paths"][path]["post"]["responses"];
        assert!(responses["500"].is_object(), "{path}");
    }
}
