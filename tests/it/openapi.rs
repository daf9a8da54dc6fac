//! The specification of the forms.

use std::collections::BTreeSet;

use serde_json::{Value, json};

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
async fn users_inputs_and_every_error_have_examples() {
    let site = Site::new(SURVEY);
    let document = site.vestibule.openapi();
    let schemas = &document["components"]["schemas"];
    for name in
        ["LoginInput", "RegisterForm", "SurveyInput", "Done", "Sent", "SessionState", "User"]
    {
        assert!(schemas[name]["example"].is_object(), "{name}: {}", schemas[name]);
    }
    let mut seen = 0;
    for operation in operations(document) {
        for (status, response) in operation["responses"].as_object().unwrap() {
            let problem = &response["content"]["application/problem+json"];
            assert_eq!(problem.is_object(), status.as_str() >= "400", "{operation}");
            let codes = problem["schema"]["allOf"][1]["properties"]["code"]["enum"].as_array();
            for code in codes.into_iter().flatten() {
                seen += 1;
                let example = &problem["examples"][code.as_str().unwrap()]["value"];
                assert_eq!(example["code"], *code);
                assert_eq!(example["status"].to_string(), *status);
            }
        }
    }
    assert!(seen >= 50, "only {seen} examples");
}

const SURVEY: &str = r#"
[[form]]
id = "survey-2"
path = "/survey"
access = "public"
title = "A survey"
intro = "It takes a minute."
unknown_fields = "refuse"
submit = { send = "POST /survey", body = { age = "{{age}}", size = "{{size}}", day = "{{day}}", code = "{{code}}", agrees = "{{agrees}}", word = "{{word}}", from = "{{campaign}}" } }
[[form.field]]
name = "age"
type = "number"
label = "Your age"
min = 18
max = 99.5
required = true
[[form.field]]
name = "note"
type = "static"
label = "Nothing to fill in."
[[form.field]]
name = "size"
type = "select"
options = [{ value = "s", label = "Small" }, { value = "l", label = "Large" }]
[[form.field]]
name = "day"
type = "date"
[[form.field]]
name = "code"
pattern = "[A-Z]{3}"
hint = "Three letters."
[[form.field]]
name = "agrees"
type = "checkbox"
required = true
[[form.field]]
name = "word"
type = "password"
required = true
min_length = 4
[[form.field]]
name = "word_again"
type = "password"
required = true
equals = "word"
[[form.field]]
name = "campaign"
type = "hidden"
default = "{{query.campaign}}"
[[form]]
id = "survey"
path = "/mine"
submit = { send = "POST /mine" }
[[page]]
path = "/overview"
title = "Overview"
fetch = { news = { send = "GET /news?about={{query.topic}}" } }
"#;

fn operations(document: &Value) -> Vec<&Value> {
    let paths = document["paths"].as_object().unwrap().values();
    paths.flat_map(|path| path.as_object().unwrap().values()).collect()
}

#[tokio::test]
async fn every_type_of_field_is_a_schema() {
    let site = Site::new(SURVEY);
    let schemas = &site.vestibule.openapi()["components"]["schemas"];
    assert_eq!(
        schemas["Survey2Input"],
        json!({
            "type": "object",
            "properties": {
                "age": {"type": "number", "minimum": 18, "maximum": 99.5, "description": "Your age."},
                "size": {"type": "string", "enum": ["s", "l", ""], "description": "`s`: Small; `l`: Large."},
                "day": {"type": "string", "format": "date"},
                "code": {"type": "string", "maxLength": 1024, "pattern": "^(?:[A-Z]{3})$", "description": "Three letters."},
                "agrees": {"type": "boolean", "const": true},
                "word": {"type": "string", "format": "password", "minLength": 4, "maxLength": 1024},
                "word_again": {
                    "type": "string",
                    "format": "password",
                    "maxLength": 1024,
                    "description": "The same as `word`; JSON callers may leave it out.",
                },
                "campaign": {
                    "type": "string",
                    "maxLength": 1024,
                    "description": "Not shown on the page. The page fills it from `campaign` in its query.",
                },
            },
            "required": ["age", "agrees", "word"],
            "additionalProperties": false,
        })
    );
    let form = &schemas["Survey2Form"];
    assert_eq!(form["required"], json!(["age", "agrees", "word", "word_again"]));
    assert_eq!(form["properties"]["agrees"], json!({"type": "string", "enum": ["on"]}));
    assert!(form["properties"]["csrf"].is_object());
}

#[tokio::test]
async fn operations_have_names_of_which_clients_can_make_methods() {
    let site = Site::new(SURVEY);
    let document = site.vestibule.openapi();
    let names: Vec<&str> =
        operations(document).iter().map(|it| it["operationId"].as_str().unwrap()).collect();
    assert_eq!(
        names,
        [
            "showLogin",
            "login",
            "showRegister",
            "register",
            "showLogout",
            "logout",
            "session",
            "showSurvey2",
            "sendSurvey2",
            "showSurvey",
            "sendSurvey",
            "showOverview"
        ]
    );
    let paths = &document["paths"];
    assert_eq!(paths["/survey"]["post"]["security"], json!([]));
    assert_eq!(paths["/survey"]["post"]["description"], "It takes a minute.\n\nSends the form.");
    assert_eq!(paths["/survey"]["get"]["parameters"][0]["name"], "campaign");
    assert_eq!(paths["/overview"]["get"]["parameters"][0]["name"], "topic");
    assert_eq!(paths["/overview"]["get"]["security"], json!([{"session": []}]));
    assert!(paths["/mine"]["post"]["responses"]["401"].is_object());
    assert!(paths["/survey"]["post"]["responses"].get("401").is_none());
}

#[tokio::test]
async fn the_session_cookie_is_called_as_browsers_know_it() {
    let name = |more: &str| {
        let site = Site::new(more);
        site.vestibule.openapi()["components"]["securitySchemes"]["session"]["name"].clone()
    };
    assert_eq!(name("[session]\ncookie_name = \"sid\""), "sid");
    let secure = "[server]\npublic_url = \"https://app.example\"\n\
        [session]\nsecret = \"another-secret-of-more-than-thirty-two-bytes\"";
    assert_eq!(name(secure), "__Host-vestibule");
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
