//! The contract as it is published: made from the program, never by hand. `UPDATE=1` writes it anew.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use regex::Regex;
use serde_json::Value;
use vestibule::{ThemeFixture, Themes, Vestibule};

use crate::cli::{folder, run};
use crate::support::site::Site;

/// Compares a document with what it has to be, or writes it where `UPDATE` is set.
#[track_caller]
fn assert_published(name: &str, text: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/reference").join(name);
    if std::env::var_os("UPDATE").is_some() {
        fs::write(&path, text).unwrap();
    }
    let there = fs::read_to_string(&path).unwrap_or_default();
    assert!(
        there == text,
        "docs/reference/{name} is not up to date: UPDATE=1 cargo test --test it"
    );
}

fn fixtures() -> Vec<ThemeFixture> {
    let nowhere = tempfile::tempdir().unwrap();
    Vestibule::builder().toml("", nowhere.path()).themes().fixtures().unwrap()
}

#[test]
fn the_published_schema_is_that_of_the_program() {
    let schema = Themes::schema();
    assert_eq!(schema["$schema"], "https://json-schema.org/draft/2020-12/schema");
    assert_published("theme-contract.schema.json", &format!("{schema:#}\n"));
}

#[tokio::test]
async fn the_published_reference_is_that_of_the_program() {
    let schema = Themes::schema();
    let mut text = BEGIN.to_owned();
    text += "\n## At the top level\n\n";
    table(&mut text, &schema);
    for (name, definition) in schema["$defs"].as_object().unwrap() {
        let about = definition["description"].as_str().unwrap();
        let _ = write!(text, "\n## {name}\n\n{about}\n\n");
        table(&mut text, definition);
    }
    text += FUNCTIONS;
    text += CODES;
    for code in codes().await {
        let name = code["code"].as_str().unwrap();
        let params = params_of(name).join(", ");
        let _ = writeln!(text, "| `{name}` | {params} | {} |", code["meaning"].as_str().unwrap());
    }
    for (notice, meaning) in NOTICES {
        let _ = writeln!(text, "| `{notice}` |  | {meaning} |");
    }
    text += STATES;
    for it in fixtures() {
        let ThemeFixture { id, state, status, template, .. } = it;
        let _ = writeln!(text, "| `{id}` | `{state}` | {status} | `{template}` |");
    }
    assert_published("theme-contract.md", &text);
}

/// The keys of one object.
fn table(text: &mut String, schema: &Value) {
    text.push_str("| key | type | what |\n|---|---|---|\n");
    for (key, value) in schema["properties"].as_object().unwrap() {
        let about = value["description"].as_str().unwrap_or_else(|| panic!("{key} has no words"));
        assert!(about.ends_with(['.', ':']), "{key}: {about}");
        let _ = writeln!(text, "| `{key}` | {} | {about} |", kind(value));
    }
}

/// A type as a designer reads it.
fn kind(schema: &Value) -> String {
    if let Some(name) = schema["$ref"].as_str().and_then(|it| it.strip_prefix("#/$defs/")) {
        return format!("[{name}](#{})", name.to_lowercase());
    }
    if let Some(parts) = schema["anyOf"].as_array() {
        return parts.iter().map(kind).collect::<Vec<_>>().join(" or ");
    }
    if let Some(kinds) = schema["type"].as_array() {
        let one = |it: &Value| kind(&serde_json::json!({ "type": it }));
        return kinds.iter().map(one).collect::<Vec<_>>().join(" or ");
    }
    match schema["type"].as_str() {
        Some("string") => "text".to_owned(),
        Some("integer") => "number".to_owned(),
        Some("boolean") => "yes or no".to_owned(),
        Some("null") => "null".to_owned(),
        Some("array") => format!("list of {}", kind(&schema["items"])),
        Some("object") => format!("map to {}", kind(&schema["additionalProperties"])),
        other => {
            assert_eq!(other, None);
            "anything".to_owned()
        }
    }
}

/// What a site tells of its codes.
async fn codes() -> Vec<Value> {
    let site = Site::new("");
    let ask = site.browser().ask("GET", "/_vestibule/problems/");
    let told = ask.header("accept", "application/json").send().await.expect(200).json();
    told["codes"].as_array().unwrap().clone()
}

/// What a message has in `params`, as the sources say it.
fn params_of(code: &str) -> Vec<String> {
    let raised = Regex::new(&format!(r#"Msg::new\("{code}"\)(?:\s*\.with\("(\w+)")?"#)).unwrap();
    let mut params = BTreeSet::new();
    for folder in ["src/form", "src/web", "src/auth"] {
        for text in sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join(folder)) {
            let found = raised.captures_iter(&text).filter_map(|it| it.get(1));
            params.extend(found.map(|it| format!("`{}`", it.as_str())).collect::<Vec<_>>());
        }
    }
    params.into_iter().collect()
}

fn sources(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries
        .flat_map(|path| match path.extension() {
            _ if path.is_dir() => sources(&path),
            Some(ending) if ending == "rs" => vec![fs::read_to_string(&path).unwrap()],
            _ => Vec::new(),
        })
        .collect()
}

#[test]
fn the_binary_prints_the_schema_and_the_samples() {
    let folder = folder("");
    let (code, stdout, stderr) = run(&folder, &["theme", "schema"]);
    assert_eq!((code, stderr.as_str()), (0, ""));
    assert_eq!(serde_json::from_str::<Value>(&stdout).unwrap(), Themes::schema());

    let (code, listed, _) = run(&folder, &["theme", "fixture"]);
    assert_eq!(code, 0);
    let first = listed.lines().next().unwrap();
    let words: Vec<&str> = first.split_whitespace().collect();
    assert_eq!(words, ["login.idle", "200", "idle", "page/login.html"]);
    let (_, all, _) = run(&folder, &["theme", "fixture", "--format", "json"]);
    let all: Vec<Value> = serde_json::from_str(&all).unwrap();
    assert_eq!(all.len(), listed.lines().count());

    let (code, one, _) = run(&folder, &["theme", "fixture", "login.rate_limited"]);
    let one: Value = serde_json::from_str(&one).unwrap();
    assert_eq!((code, &one["page"]["state"]), (0, &Value::from("rate_limited")));
    assert_eq!(one["retry"]["at"], "2026-11-24T09:30:40Z");
    let (code, stdout, stderr) = run(&folder, &["theme", "fixture", "login.rate_limitd"]);
    assert_eq!((code, stdout.as_str()), (78, ""));
    assert!(stderr.contains("did you mean \"login.rate_limited\"?"), "{stderr}");
}

#[test]
fn samples_are_in_the_language_and_the_look_of_the_site() {
    let folder = folder(
        "[theme.options]\nbrand = \"Acme\"\n[i18n]\ndefault = \"ar\"\nlocales = [\"ar\"]\n\
         [server]\npublic_url = \"http://localhost:5001\"\n[backend]\nbuiltin = {}\n\
         [token]\nsecret = \"token-key-0123456789-0123456789-0123456789\"\n",
    );
    let (code, stdout, stderr) = run(&folder, &["theme", "fixture", "login.idle"]);
    assert_eq!((code, stderr.as_str()), (0, ""));
    let context: Value = serde_json::from_str(&stdout).unwrap();
    assert_eq!(context["dir"], "rtl");
    assert_eq!(context["brand"]["name"], "Acme");
    assert_eq!(context["page"]["title"], "تسجيل الدخول");
}

#[test]
fn every_state_that_the_web_floor_can_show_has_a_sample() {
    let shown: BTreeSet<String> = fixtures().into_iter().map(|it| it.state).collect();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/web");
    // Wherever a page is begun, or a form is shown again, the state is a literal in one of these places.
    let places = [
        r#"\bstate: "(\w+)""#,
        r#"\bstate = "(\w+)""#,
        r#"\("(\w+)", (?:Msg::new|StatusCode::)"#,
        r#"let state = if [^{]*\{ "(\w+)" \}"#,
        r#"let state = if [^{]*\{ "\w+" \} else \{ "(\w+)" \}"#,
        r#"self\.page\([^;]*?\.(?:into|clone)\(\),\s*"(\w+)""#,
        r#"=> "(upstream_\w+)""#,
    ];
    let mut said = BTreeSet::new();
    for file in SHOWING {
        let text = fs::read_to_string(folder.join(file)).unwrap();
        for place in places {
            let place = Regex::new(place).unwrap();
            said.extend(place.captures_iter(&text).map(|found| found[1].to_owned()));
        }
    }
    let without: Vec<_> = said.difference(&shown).collect();
    assert!(without.is_empty(), "no sample is in the state {without:?}");
    // The others are statuses, which the error page has as they are.
    let unsaid = shown.difference(&said).filter(|it| it.parse::<u16>().is_err());
    assert_eq!(unsaid.collect::<Vec<_>>(), Vec::<&String>::new(), "nothing shows these");
    // Nobody else begins a page.
    for entry in fs::read_dir(&folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        if path.is_file() && !SHOWING.contains(&name.as_str()) {
            let text = fs::read_to_string(&path).unwrap();
            let begins = text.contains(".page(visit") || text.contains("Shown {");
            assert!(!begins, "{name} shows pages: look at the states there");
        }
    }
}

/// The files of the web floor that begin pages.
const SHOWING: [&str; 8] = [
    "shown.rs",
    "forms.rs",
    "declared.rs",
    "declared_pages.rs",
    "pages.rs",
    "problems.rs",
    "error.rs",
    "first_sight.rs",
];

const BEGIN: &str = "# The contract with themes

What templates are given, version 1: `contract = 1` in `theme.toml`. Made by `UPDATE=1 cargo test --test it theme_contract` from the
program itself, never by hand. [The schema](theme-contract.schema.json) says the same for programs, and is what `vestibule theme
schema` prints; `vestibule theme fixture login.rate_limited` prints all of it for one page.

- Every key is always there: empty, 0 or null rather than missing. A name that is not here is an error, and never a blank.
- Within a version keys are added, and none is renamed, removed or given another meaning. What the codes and states below mean
  stays as well.
- Nothing secret is here: no token, no password, no cookie, no answer of the backend but what a site says it shows.
- An element that HTMX asks for by itself (`element/field.html`, `element/session.html`) has `field` or `session`, and what is
  the same on every page: `contract`, `brand`, `theme`, `lang`, `dir`, `urls`, `features`, `meta`.
";

const FUNCTIONS: &str = "
## Functions

| function | what |
|---|---|
| `t(\"title.login\")`, `t(\"welcome.hello_name\", name=user.name)` | A sentence of the catalog. Its gaps are given by name; a gap that nothing was given for, and a key that no catalog has, is an error. |
| `asset(\"logo.svg\")` | The address of a file in `assets/`, which changes with its content. A file that is not there is an error. |
| `duration(session.expires_in)` | A number of seconds in words: \"29 minutes\". |

Beside these there are the filters, tests and statements of MiniJinja, but for `safe`: everything is escaped, and nothing turns that off.
";

const CODES: &str = "
## Codes of messages

In `code` of a [Message](#message), a [SummaryItem](#summaryitem), a [Notice](#notice) and an [ErrorView](#errorview). `params` has what the
sentence mentions; a message in the backend's own words has the code `input.refused`, `credentials.invalid`, `identifier.taken` or `field.refused`.

| code | params | what |
|---|---|---|
";

const NOTICES: [(&str, &str); 6] = [
    ("session.expired", "A notice: the session has ended."),
    (
        "session.not_kept",
        "A notice: somebody signed in, and the browser came back without the session.",
    ),
    ("session.logged_out", "A notice: somebody has signed out."),
    ("account.registered", "A notice: the account is there, and can be signed in to."),
    ("account.verify_mail", "A notice: a link was sent to the address of the new account."),
    ("form.ID", "A notice: the declared form of this id was accepted."),
];

const STATES: &str = "
## Pages and states

What a theme is tried on before it is used: every page in every state, with people and words that are hard to lay out. A sample is named
after its page. `page.state` is what visitors get as well, so `body[data-state=\"rate_limited\"]` is a hook that one can rely on.
`form`, `plain` and the rest from there on stand for what sites declare under names of their own.

| sample | `page.state` | status | template |
|---|---|---|---|
";
