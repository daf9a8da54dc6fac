//! Random declared forms and hostile texts: a browser and a program always get the same verdict, and the backend the
//! same values.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::fmt::Write as _;

use proptest::prelude::*;
use proptest::sample::select;
use proptest::test_runner::{Config, TestRunner};
use serde_json::{Map, Value, json};

use crate::support::scripted::Reply;
use crate::support::site::Site;
use crate::support::visitor::Answer;

/// How every password of these tests begins, so that one that is shown is found.
const MARK: &str = "s3cr3t-";

const KINDS: [&str; 14] = [
    "text", "email", "tel", "url", "number", "password", "textarea", "select", "radio", "checkbox",
    "switch", "date", "hidden", "static",
];

/// What has broken programs, and what fits some type.
const TEXTS: [&str; 48] = [
    "",
    " ",
    "\t",
    "\r\n",
    "a\r\nb",
    "\0",
    "a\0b",
    "\u{7f}",
    "\u{85}",
    "\u{2028}",
    "\u{202e}abc",
    "\u{feff}x",
    "\u{fffd}",
    "null",
    "true",
    "false",
    "on",
    "off",
    "yes",
    "no",
    "0",
    "1",
    "-0",
    "007",
    "+5",
    "1.0",
    "1e5",
    "1e400",
    "-1e-400",
    "9223372036854775808",
    "18446744073709551616",
    "0.1",
    "NaN",
    "1,5",
    "a",
    "abc",
    "b",
    "<script>",
    "\"'><&",
    "{{access_token}}",
    "__proto__",
    "a@b.example",
    "https://b.example/?a=1#b",
    "+49 30 1",
    "2026-02-28",
    "2026-02-30",
    "👩‍👩‍👧",
    "שלום",
];

#[derive(Clone, Debug)]
struct Field {
    kind: &'static str,
    required: bool,
    lengths: Option<(u32, u32)>,
    bounds: Option<(i32, i32)>,
    pattern: Option<&'static str>,
    repeats: Option<prop::sample::Index>,
}

impl Field {
    fn is_text(&self) -> bool {
        ["text", "email", "tel", "url", "password", "textarea"].contains(&self.kind)
    }
}

fn field() -> impl Strategy<Value = Field> {
    let lengths =
        prop::option::weighted(0.3, (0u32..4, 0u32..8).prop_map(|(min, more)| (min, min + more)));
    let bounds =
        prop::option::weighted(0.4, (-3i32..3, 0i32..5).prop_map(|(min, more)| (min, min + more)));
    let pattern =
        prop::option::weighted(0.2, select(vec!["[a-c]*", ".", "\\\\d+|x", "(?s).*\\\\p{L}.*"]));
    let repeats = prop::option::weighted(0.2, any::<prop::sample::Index>());
    (select(KINDS.to_vec()), prop::bool::weighted(0.4), lengths, bounds, pattern, repeats).prop_map(
        |(kind, required, lengths, bounds, pattern, repeats)| Field {
            kind,
            required,
            lengths,
            bounds,
            pattern,
            repeats,
        },
    )
}

/// What is sent for a field: nothing, or a text.
fn input() -> impl Strategy<Value = Option<String>> {
    let text = prop_oneof![
        6 => select(TEXTS.to_vec()).prop_map(str::to_owned),
        1 => any::<String>(),
        2 => "[a-c]{0,6}",
        1 => "-?[0-9]{1,3}(\\.[0-9]{1,2})?",
        1 => "[0-9]{4}-[0-9]{2}-[0-9]{2}",
    ];
    prop::option::weighted(0.9, text)
}

/// What mostly is right for a field of this type.
fn fitting(kind: &'static str) -> impl Strategy<Value = Option<String>> {
    let texts: &[&str] = match kind {
        "email" => &["a@b", "a@b.ex"],
        "tel" => &["123", "+49 30"],
        "url" => &["http://b", "https://b.example/"],
        "number" => &["0", "1", "2", "1.5"],
        "select" | "radio" => &["a", "b", "1", "שלום"],
        "checkbox" | "switch" => &["on", "true"],
        "date" => &["2024-02-29", "2025-06-01"],
        _ => &["abc", "a", "bca", "שלום", "👍", "<b>", "1 2"],
    };
    select(texts.to_vec()).prop_map(|text| Some(text.to_owned()))
}

/// A form, and what is typed into it again and again.
fn case() -> impl Strategy<Value = (Vec<Field>, Vec<Vec<Option<String>>>)> {
    prop::collection::vec(field(), 1..6).prop_flat_map(|fields| {
        let one = |field: &Field| prop_oneof![4 => fitting(field.kind), 1 => input()];
        let all: Vec<_> = fields.iter().map(one).collect();
        let inputs = prop::collection::vec(all, 6);
        (Just(fields), inputs)
    })
}

/// The field that this one repeats: one before it, of any type that can be typed.
fn first_of(fields: &[Field], at: usize) -> Option<usize> {
    let others = &fields[..at];
    let index = fields[at].repeats.filter(|_| !others.is_empty())?.index(others.len());
    (others[index].kind != "static" && first_of(fields, index).is_none()).then_some(index)
}

/// The types as they come to be: a field that repeats another is of its type.
fn settled(mut fields: Vec<Field>) -> Vec<Field> {
    for at in 0..fields.len() {
        match first_of(&fields, at) {
            Some(first) => {
                fields[at] = Field { repeats: fields[at].repeats, ..fields[first].clone() }
            }
            None => fields[at].repeats = None,
        }
    }
    fields
}

fn declared(fields: &[Field]) -> String {
    let sent = (0..fields.len())
        .filter(|at| fields[*at].kind != "static" && first_of(fields, *at).is_none());
    let body: Vec<String> = sent.map(|at| format!("f{at} = \"{{{{f{at}}}}}\"")).collect();
    let mut toml = format!(
        "[backend]\ntimeout = \"20s\"\n[[form]]\nid = \"any\"\naccess = \"public\"\nsubmit = {{ send = \"POST /any\", body = {{ {} }} }}\n",
        body.join(", ")
    );
    for (at, field) in fields.iter().enumerate() {
        let _ = write!(toml, "[[form.field]]\nname = \"f{at}\"\ntype = \"{}\"\n", field.kind);
        if field.required {
            toml += "required = true\n";
        }
        if ["select", "radio"].contains(&field.kind) {
            toml += "options = [\"a\", { value = \"b\", label = \"Bee\" }, \"שלום\", \"1\"]\n";
        }
        if let (true, Some((min, max))) = (field.is_text(), field.lengths) {
            let _ = write!(toml, "min_length = {min}\nmax_length = {max}\n");
        }
        match field.bounds {
            Some((min, max)) if field.kind == "number" => {
                let _ = write!(toml, "min = {min}\nmax = {max}\n");
            }
            Some((min, max)) if field.kind == "date" => {
                let _ = write!(
                    toml,
                    "min = \"20{}-01-01\"\nmax = \"20{}-12-31\"\n",
                    24 + min,
                    24 + max
                );
            }
            _ => {}
        }
        if let (true, Some(pattern)) = (field.is_text(), field.pattern) {
            let _ = writeln!(toml, "pattern = \"{pattern}\"");
        }
        if let Some(first) = first_of(fields, at) {
            let _ = writeln!(toml, "equals = \"f{first}\"");
        }
    }
    toml
}

/// The text as a program has it in the type of the field, where there is such a value.
fn native(kind: &str, text: &str) -> Value {
    match kind {
        "number" => serde_json::from_str(text).ok().filter(Value::is_number),
        "checkbox" | "switch" => match text {
            "on" | "true" | "1" | "yes" => Some(Value::Bool(true)),
            "off" | "false" | "0" | "no" | "" => Some(Value::Bool(false)),
            _ => None,
        },
        _ => None,
    }
    .unwrap_or_else(|| Value::String(text.to_owned()))
}

/// The status, and the codes by field.
fn verdict(answer: &Answer) -> (u16, BTreeMap<String, String>) {
    let errors = answer.json()["errors"].as_array().cloned().unwrap_or_default();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let codes = errors.iter().map(|error| (text(&error["pointer"]), text(&error["code"])));
    (answer.status, codes.collect())
}

#[test]
fn html_and_json_always_agree_and_the_backend_gets_the_same() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let site = Site::new("");
    site.backend.script("any", Reply::Json(200, json!({})));
    let site = RefCell::new(site);
    let (accepted, refused) = (Cell::new(0), Cell::new(0));
    let mut runner =
        TestRunner::new(Config { cases: 40, failure_persistence: None, ..Config::default() });
    let outcome = runner.run(&case(), |(fields, inputs)| {
        let fields = settled(fields);
        let mut site = site.borrow_mut();
        site.restart(&declared(&fields));
        let browser = site.browser();
        for input in inputs {
            let mut pairs: Vec<(String, String)> = Vec::new();
            for (at, text) in input.into_iter().enumerate() {
                // What has to be repeated is, mostly; a browser sends every text field, be it empty.
                let first = first_of(&fields, at);
                let before = first.and_then(|first| {
                    let name = format!("f{first}");
                    pairs.iter().find(|(other, _)| *other == name).map(|(_, text)| text.clone())
                });
                let text = match (before, text) {
                    (Some(before), Some(text)) if text.len() % 4 != 0 => Some(before),
                    (_, None) if first.is_some() => Some(String::new()),
                    (_, text) if fields[at].kind == "password" => text
                        .map(|text| if text.is_empty() { text } else { format!("{MARK}{text}") }),
                    (_, text) => text,
                };
                pairs.extend(text.map(|text| (format!("f{at}"), text)));
            }
            let form: Vec<(&str, &str)> =
                pairs.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
            let texts: Map<String, Value> =
                pairs.iter().map(|(name, text)| (name.clone(), json!(text))).collect();
            let natives: Map<String, Value> = pairs
                .iter()
                .map(|(name, text)| {
                    (name.clone(), native(fields[name[1..].parse::<usize>().unwrap()].kind, text))
                })
                .collect();
            let before = site.backend.count("any");
            let (urlencoded, as_texts, as_natives, page) = runtime.block_on(async {
                (
                    browser.ask("POST", "/any").by_script().form(&form).send().await,
                    browser.call("POST", "/any", Some(texts.into())).await,
                    browser.call("POST", "/any", Some(natives.into())).await,
                    browser.post("/any", &form).await,
                )
            });
            let expected = verdict(&urlencoded);
            prop_assert_eq!(&verdict(&as_texts), &expected, "{:?} {:?}", fields, pairs);
            prop_assert_eq!(&verdict(&as_natives), &expected, "{:?} {:?}", fields, pairs);
            let valid = expected.0 == 200;
            prop_assert!(valid || expected.0 == 422, "{:?}", urlencoded);
            prop_assert_eq!(page.status, if valid { 303 } else { 422 }, "{:?} {:?}", fields, pairs);
            for answer in [&urlencoded, &as_texts, &as_natives, &page] {
                prop_assert!(!answer.body.contains(MARK), "a password is shown: {:?}", answer);
            }
            let calls = site.backend.calls("any").split_off(before);
            prop_assert_eq!(calls.len(), if valid { 4 } else { 0 });
            for call in &calls {
                prop_assert_eq!(call.json(), calls[0].json(), "{:?} {:?}", fields, pairs);
            }
            let counter = if valid { &accepted } else { &refused };
            counter.set(counter.get() + 1);
        }
        Ok(())
    });
    outcome.unwrap_or_else(|error| panic!("{error}"));
    let counted = (accepted.get(), refused.get());
    assert!(counted.0 >= 30 && counted.1 >= 30, "accepted and refused: {counted:?}");
}
