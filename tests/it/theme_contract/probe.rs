//! A theme whose pages say in JSON what they were given, and what was seen of it.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;

use jsonschema::Validator;
use serde_json::Value;
use tempfile::TempDir;

#[path = "../../../src/theme/contract/tests/faults.rs"]
mod faults;

use self::faults::faults;
use crate::support::visitor::Answer;

pub(super) const THEME: &str = "[theme]\nname = \"probe\"\n";

const START: &str = "<pre class=\"context\">";

/// The schema as it is published.
pub(super) fn published() -> Value {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/reference/theme-contract.schema.json");
    serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap()
}

/// Every page includes the element `messages`, also where HTMX asks for a part of it.
pub(super) fn probe_theme() -> TempDir {
    let schema = published();
    let mut all = String::new();
    for key in schema["properties"].as_object().unwrap().keys() {
        let _ = write!(all, "\"{key}\": {key}, ");
    }
    let element = format!(
        "{START}{{{{ {{{all}}}|tojson }}}}</pre>\n{{% include \"element/messages.html\" %}}\n"
    );
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().join("probe");
    for (path, text) in [
        ("theme.css", ""),
        ("assets/logo.svg", "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"9\" height=\"3\"/>"),
        ("element/messages.html", &element),
    ] {
        fs::create_dir_all(root.join(path).parent().unwrap()).unwrap();
        fs::write(root.join(path), text).unwrap();
    }
    folder
}

/// What a page says that it was given.
#[track_caller]
pub(super) fn context_of(answer: &Answer) -> Value {
    let told = answer.body.split_once(START).and_then(|(_, rest)| rest.split_once("</pre>"));
    let (json, _) = told.unwrap_or_else(|| panic!("a page that says nothing: {answer:?}"));
    serde_json::from_str(json).unwrap_or_else(|error| panic!("{error}: {json}"))
}

/// Every context so far, each of which fits the schema.
pub(super) struct Seen {
    validator: Validator,
    pub(super) contexts: Vec<Value>,
}

impl Default for Seen {
    fn default() -> Self {
        let validator = jsonschema::draft202012::new(&published()).unwrap();
        Self { validator, contexts: Vec::new() }
    }
}

impl Seen {
    #[track_caller]
    pub(super) fn page(&mut self, answer: &Answer) -> &Value {
        let context = context_of(answer);
        let faults = faults(&self.validator, &context);
        assert!(faults.is_empty(), "{}: {faults:#?}", answer.asked);
        assert_eq!(context["page"]["status"], answer.status, "{}", answer.asked);
        self.contexts.push(context);
        &self.contexts[self.contexts.len() - 1]
    }

    pub(super) fn states(&self) -> BTreeSet<&str> {
        self.contexts.iter().map(|it| it["page"]["state"].as_str().unwrap()).collect()
    }

    #[track_caller]
    pub(super) fn has_none_of<'a>(&self, secrets: impl Iterator<Item = &'a String>) {
        let all = Value::from(self.contexts.clone()).to_string();
        let mut asked = 0;
        for secret in secrets {
            assert!(!secret.is_empty() && !all.contains(secret.as_str()), "{secret} is in a page");
            asked += 1;
        }
        assert!(asked > 0);
    }
}
