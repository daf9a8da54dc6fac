//! The documents stay true: what they show loads, what they link to and name exists, what they list is complete.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use regex::Regex;
use serde_json::Value;
use vestibule::{Code, Severity, Vestibule};

/// Under this heading of the README, every row names tests, unless it says that it is not there yet.
const FEATURES: &str = "## Every feature of the package it replaces";
const NOT_YET: &str = "**not yet**";

#[test]
fn every_configuration_that_is_shown_can_be_used() {
    let folder = tempfile::tempdir().unwrap();
    for (index, name) in ["jwt.secret", "session.secret"].iter().enumerate() {
        fs::write(folder.path().join(name), format!("{index}").repeat(40)).unwrap();
    }
    let mut seen = 0;
    for document in documents() {
        for (line, fence, text) in document.blocks() {
            if fence != "toml" {
                continue;
            }
            seen += 1;
            let whole = completed(&text);
            let place = format!("{}:{line}", document.name);
            let shown = Vestibule::builder().toml(&whole, folder.path()).check();
            let findings = shown.unwrap_or_else(|error| panic!("{place}: {error}\n{whole}"));
            let errors = findings.iter().filter(|finding| finding.severity == Severity::Error);
            assert_eq!(errors.count(), 0, "{place}: {findings:#?}");
        }
    }
    assert!(seen >= 10, "only {seen} blocks of TOML in the documents");
}

#[test]
fn every_link_leads_to_a_file_and_a_heading() {
    let link = Regex::new(r"\]\(([^)\s]+)\)").unwrap();
    let mut seen = 0;
    for document in documents() {
        for found in link.captures_iter(&document.prose()) {
            let target = &found[1];
            if target.contains("://") {
                continue;
            }
            seen += 1;
            let (file, heading) = target.split_once('#').unwrap_or((target, ""));
            let path = if file.is_empty() {
                document.path.clone()
            } else {
                document.path.parent().unwrap().join(file)
            };
            assert!(path.exists(), "{}: {target} leads nowhere", document.name);
            if !heading.is_empty() {
                let headings = anchors(&fs::read_to_string(&path).unwrap());
                assert!(headings.contains(heading), "{}: {target}: no such heading", document.name);
            }
        }
    }
    assert!(seen >= 30, "only {seen} links in the documents");
}

#[test]
fn decisions_are_numbered_from_one_and_keep_their_form() {
    let folder = root().join("docs/adr");
    let mut names: Vec<String> = fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    assert!(names.len() >= 11, "{names:?}");
    for (index, name) in names.iter().enumerate() {
        let number = format!("{:04}", index + 1);
        assert!(name.starts_with(&format!("{number}-")), "{name} should be {number}");
        let text = fs::read_to_string(folder.join(name)).unwrap();
        assert!(text.starts_with(&format!("# {number}: ")), "{name}: the title has the number");
        let headings: Vec<&str> = text.lines().filter(|line| line.starts_with("## ")).collect();
        assert_eq!(headings, ["## Context", "## Decision", "## Consequences"], "{name}");
    }
    // The sources refer to decisions by number.
    let mention = Regex::new(r"docs/adr/(\d{4})").unwrap();
    let mut seen = 0;
    for (file, text) in sources("src") {
        for found in mention.captures_iter(&text) {
            seen += 1;
            assert!(
                names.iter().any(|name| name.starts_with(&found[1])),
                "{file}: there is no decision {}",
                &found[1]
            );
        }
    }
    assert!(seen >= 3, "only {seen} mentions of decisions in the sources");
}

#[test]
fn every_feature_of_the_readme_is_shown_by_tests_that_exist() {
    let text = read("README.md");
    let table = text.split_once(FEATURES).unwrap().1.split("\n## ").next().unwrap();
    let rows: Vec<&str> = rows(table).collect();
    assert!(rows.len() >= 25, "only {} features in the README", rows.len());
    for row in rows {
        let tests = tests_named(row.rsplit_once(" | ").unwrap().1);
        assert_eq!(tests.is_empty(), row.contains(NOT_YET), "tests or {NOT_YET}: {row}");
        for (file, name) in tests {
            assert_test_exists("README.md", &file, &name);
        }
    }
}

#[test]
fn every_promise_of_the_architecture_names_tests_that_exist() {
    let text = read("docs/ARCHITECTURE.md");
    assert!(text.lines().count() < 150, "a map has to fit on a table");
    let table = text.split_once("## What always holds").unwrap().1.split("\n## ").next().unwrap();
    let mut seen = 0;
    for row in rows(table) {
        for (file, name) in tests_named(row.rsplit_once(" | ").unwrap().1) {
            seen += 1;
            assert_test_exists("docs/ARCHITECTURE.md", &file, &name);
        }
    }
    assert!(seen >= 15, "only {seen} tests are named in docs/ARCHITECTURE.md");
}

#[test]
fn every_file_that_is_named_exists() {
    let file = Regex::new(r"`((?:src|tests|themes|benches|docs)/[\w./-]+)`").unwrap();
    let mut seen = 0;
    for document in documents() {
        for found in file.captures_iter(&document.prose()) {
            // `config/TABLE.rs` stands for one file per table.
            if found[1].contains("TABLE") {
                continue;
            }
            seen += 1;
            assert!(
                root().join(&found[1]).exists(),
                "{}: there is no {}",
                document.name,
                &found[1]
            );
        }
    }
    assert!(seen >= 40, "only {seen} files are named in the documents");
}

#[test]
fn the_reference_has_every_key_and_no_other() {
    let schema = vestibule::schema();
    let mut keys = BTreeSet::new();
    collect(&schema, &schema, "", &mut keys);
    assert!(keys.len() >= 80, "{keys:?}");
    let text = read("docs/reference/configuration.md");
    let key = Regex::new(r"`([a-z][a-z0-9_]*(?:\.[a-z_]+)+)`").unwrap();
    // The first column only: elsewhere keys are merely mentioned.
    let listed: BTreeSet<String> = rows(&text)
        .flat_map(|row| {
            let first = row.trim_start_matches('|').split(" | ").next().unwrap();
            key.captures_iter(first).map(|found| found[1].to_owned()).collect::<Vec<_>>()
        })
        .collect();
    assert_eq!(keys.difference(&listed).collect::<Vec<_>>(), Vec::<&String>::new(), "missing");
    assert_eq!(listed.difference(&keys).collect::<Vec<_>>(), Vec::<&String>::new(), "invented");
}

#[test]
fn every_key_protects_by_a_test_or_restricts_nobody() {
    let schema = vestibule::schema();
    let mut keys = BTreeSet::new();
    collect(&schema, &schema, "", &mut keys);
    let name = "docs/reference/protections.md";
    let text = read(name);
    let (protecting, others) = text.split_once("## Options that restrict nobody").unwrap();
    let key = Regex::new(r"`([a-z][a-z0-9_]*(?:\.[a-z_]+)+)`").unwrap();
    let mut listed = BTreeSet::new();
    let mut list = |row: &str| {
        let first = row.trim_start_matches('|').split(" | ").next().unwrap();
        let mut named = 0;
        for found in key.captures_iter(first) {
            named += 1;
            assert!(listed.insert(found[1].to_owned()), "{name}: {} is there twice", &found[1]);
        }
        assert!(named > 0, "{name}: no key in {row}");
        named
    };
    let mut protected = 0;
    for row in rows(protecting) {
        protected += list(row);
        let tests = tests_named(row.rsplit_once(" | ").unwrap().1);
        assert!(!tests.is_empty(), "{name}: no test in {row}");
        for (file, test) in tests {
            assert_test_exists(name, &file, &test);
        }
    }
    assert!(protected >= 50, "only {protected} options are said to protect");
    for row in rows(others) {
        list(row);
    }
    let forgotten: Vec<_> = keys.difference(&listed).collect();
    assert!(forgotten.is_empty(), "say in {name} whether they restrict anybody: {forgotten:?}");
    let invented: Vec<_> = listed.difference(&keys).collect();
    assert!(invented.is_empty(), "{name}: no such keys: {invented:?}");
}

#[test]
fn every_advisory_names_tests_that_exist_or_a_reason() {
    let name = "docs/reference/advisories.md";
    let text = read(name);
    let mut numbers: Vec<u32> = Vec::new();
    for row in rows(&text) {
        let (rest, here) = row.rsplit_once(" | ").unwrap();
        numbers.push(rest.trim_start_matches("| ").split(' ').next().unwrap().parse().unwrap());
        let tests = tests_named(here);
        let has_reason = here.contains("cannot be") || here.contains("as 2");
        assert!(!tests.is_empty() || has_reason, "neither a test nor a reason: {row}");
        for (file, test) in tests {
            assert_test_exists(name, &file, &test);
        }
    }
    assert_eq!(numbers, (1..=32).collect::<Vec<_>>());
}

#[test]
fn the_reference_has_every_code_and_no_other() {
    let text = read("docs/reference/codes.md");
    let (findings, answers) = text.split_once("## Codes of answers").unwrap();
    let entry = Regex::new(r"(?m)^\| (V\d{4}) \| (\w+) \|").unwrap();
    let listed: Vec<(String, String)> = entry
        .captures_iter(findings)
        .map(|found| (found[1].to_owned(), found[2].to_owned()))
        .collect();
    let codes: Vec<(String, String)> =
        Code::ALL.iter().map(|code| (code.id().to_owned(), format!("{code:?}"))).collect();
    assert!(codes.len() >= 20);
    assert_eq!(listed, codes);

    // The site itself tells the same, word for word, and nothing answers with what it does not know.
    let told = told_codes();
    let rows_of = |text: &str| rows(text).map(str::to_owned).collect::<Vec<_>>();
    let (answers, fields) = answers.split_once("## Codes of fields").unwrap();
    let row = |known: &Value| {
        let part = |name: &str| known[name].as_str().unwrap().to_owned();
        let statuses: Vec<String> =
            known["statuses"].as_array().unwrap().iter().map(ToString::to_string).collect();
        let status =
            if statuses.is_empty() { String::new() } else { format!("{} | ", statuses.join(", ")) };
        format!("| `{}` | {status}{} | {} |", part("code"), part("meaning"), part("what_to_do"))
    };
    let (about_answers, about_fields): (Vec<&Value>, Vec<&Value>) =
        told.iter().partition(|known| known["statuses"][0].is_u64());
    assert_eq!(rows_of(answers), about_answers.into_iter().map(row).collect::<Vec<_>>());
    assert_eq!(rows_of(fields), about_fields.into_iter().map(row).collect::<Vec<_>>());

    let told: BTreeSet<&str> = told.iter().map(|known| known["code"].as_str().unwrap()).collect();
    let web: String = sources("src").into_iter().map(|(_, text)| text).collect();
    for code in &told {
        let named = web.matches(&format!("\"{code}\"")).count();
        assert!(named >= 2, "nothing answers with `{code}`");
    }
    let raised = Regex::new(
        r#"(?:StatusCode::\w+,\s*|Msg::new\(|ok_or\()"((?:field\.)?[a-z_]+(?:\.[a-z_]+)*)""#,
    )
    .unwrap();
    let web: String =
        ["src/web", "src/form"].iter().flat_map(|it| sources(it)).map(|it| it.1).collect();
    let mut seen = 0;
    for found in raised.captures_iter(&web) {
        seen += 1;
        assert!(told.contains(&found[1]), "no page explains `{}`", &found[1]);
    }
    assert!(seen >= 30, "only {seen} answers in the sources");
}

/// What a site tells of its codes.
fn told_codes() -> Vec<Value> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let site = crate::support::site::Site::new("");
        let ask = site.browser().ask("GET", "/_vestibule/problems/");
        let told = ask.header("accept", "application/json").send().await.expect(200).json();
        told["codes"].as_array().unwrap().clone()
    })
}

#[test]
fn the_reference_has_every_field_of_the_request_line() {
    let source = read("src/web/request_log.rs");
    let line = source.split_once("$level!(").unwrap().1.split_once("\"request\"").unwrap().0;
    let field = Regex::new(r"(?m)^\s+([a-z_]+)(?: = [^\n]*)?,$").unwrap();
    let written: BTreeSet<String> =
        field.captures_iter(line).map(|found| found[1].to_owned()).collect();
    assert!(written.len() >= 9, "{written:?}");
    let text = read("docs/reference/request-log.md");
    let name = Regex::new(r"`([a-z_]+)`").unwrap();
    let mut told: BTreeSet<String> = rows(&text)
        .flat_map(|row| {
            let first = row.trim_start_matches('|').split(" | ").next().unwrap();
            name.captures_iter(first).map(|found| found[1].to_owned()).collect::<Vec<_>>()
        })
        .collect();
    for of_every_line in ["timestamp", "level", "target", "message"] {
        assert!(told.remove(of_every_line), "{of_every_line}");
    }
    assert_eq!(told, written);
}

struct Document {
    /// Seen from the root.
    name: String,
    path: PathBuf,
    text: String,
}

impl Document {
    /// Every fenced block: the line of its fence, what the fence says, its text.
    fn blocks(&self) -> Vec<(usize, String, String)> {
        let mut blocks = Vec::new();
        let mut open: Option<(usize, String, String)> = None;
        for (index, line) in self.text.lines().enumerate() {
            match (line.strip_prefix("```"), &mut open) {
                (Some(_), Some(_)) => blocks.extend(open.take()),
                (Some(fence), None) => open = Some((index + 1, fence.to_owned(), String::new())),
                (None, Some((_, _, text))) => {
                    text.push_str(line);
                    text.push('\n');
                }
                (None, None) => {}
            }
        }
        assert!(open.is_none(), "{}: a fence is not closed", self.name);
        blocks
    }

    /// The text without fenced blocks.
    fn prose(&self) -> String {
        let mut inside = false;
        let outside = |line: &&str| {
            let fence = line.starts_with("```");
            inside ^= fence;
            !inside && !fence
        };
        self.text.lines().filter(outside).collect::<Vec<_>>().join("\n")
    }
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

#[track_caller]
fn read(name: &str) -> String {
    fs::read_to_string(root().join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// README, CHANGELOG and all of `docs/`.
fn documents() -> Vec<Document> {
    let mut paths = vec![root().join("README.md"), root().join("CHANGELOG.md")];
    paths.extend(files(&root().join("docs"), "md"));
    assert!(paths.len() >= 20, "{paths:?}");
    paths
        .into_iter()
        .map(|path| Document {
            name: path.strip_prefix(root()).unwrap().display().to_string(),
            text: fs::read_to_string(&path).unwrap(),
            path,
        })
        .collect()
}

/// Every Rust file of a folder with its text.
fn sources(folder: &str) -> Vec<(String, String)> {
    let found = files(&root().join(folder), "rs");
    assert!(!found.is_empty(), "{folder}");
    found
        .into_iter()
        .map(|path| (path.display().to_string(), fs::read_to_string(&path).unwrap()))
        .collect()
}

fn files(folder: &Path, extension: &str) -> Vec<PathBuf> {
    let mut folders = vec![folder.to_path_buf()];
    let mut found = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|it| it == extension) {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

/// A part of a file, with what every file must have: a backend and a secret.
fn completed(part: &str) -> String {
    let has = |pattern: &str| Regex::new(pattern).unwrap().is_match(part);
    let mut whole = part.to_owned();
    if !has(r"(?m)^(backend\.)?(url|builtin) = ") {
        let url = "url = \"http://localhost:5003\"\n";
        match whole.split_once("[backend]\n") {
            Some((before, after)) => whole = format!("{before}[backend]\n{url}{after}"),
            None => whole = format!("{whole}\n[backend]\n{url}"),
        }
    }
    if !has(r"(?m)^(\[token\]|token\.)") {
        whole += "\n[token]\nsecret_file = \"jwt.secret\"\n";
    }
    whole
}

/// The rows of all tables, without heads and rulers.
fn rows(text: &str) -> impl Iterator<Item = &str> {
    let lines: Vec<&str> = text.lines().collect();
    let is_ruler = |line: &str| line.starts_with("|--");
    (0..lines.len())
        .filter(move |index| {
            let is_head = lines.get(index + 1).is_some_and(|next| is_ruler(next));
            lines[*index].starts_with('|') && !is_ruler(lines[*index]) && !is_head
        })
        .map(|index| text.lines().nth(index).unwrap())
}

/// The tests that a cell names: a file, then the names of functions in it.
fn tests_named(cell: &str) -> Vec<(String, String)> {
    let quoted = Regex::new(r"`([^`]+)`").unwrap();
    let mut files: Vec<String> = Vec::new();
    let mut named = Vec::new();
    let mut after_file = false;
    for found in quoted.captures_iter(cell) {
        if found[1].contains('/') {
            // "`a.rs` and `b.rs` `test`" names the test of both.
            if !after_file {
                files.clear();
            }
            files.push(found[1].to_owned());
            after_file = true;
        } else {
            after_file = false;
            named.extend(files.iter().map(|file| (file.clone(), found[1].to_owned())));
        }
    }
    named
}

#[track_caller]
fn assert_test_exists(document: &str, file: &str, name: &str) {
    let text = read(file);
    let lines: Vec<&str> = text.lines().map(str::trim).collect();
    let at = lines
        .iter()
        .position(|line| line.contains(&format!("fn {name}(")))
        .unwrap_or_else(|| panic!("{document}: {file} has no test `{name}`"));
    let is_test = lines[at.saturating_sub(4)..at]
        .iter()
        .any(|line| *line == "#[test]" || line.starts_with("#[tokio::test"));
    assert!(is_test, "{document}: `{name}` in {file} is no test");
}

/// What a link to a heading is called.
fn anchors(text: &str) -> BTreeSet<String> {
    text.lines()
        .filter(|line| line.starts_with('#'))
        .map(|line| {
            let title = line.trim_start_matches('#').trim().to_lowercase();
            title
                .chars()
                .filter(|it| it.is_alphanumeric() || matches!(it, ' ' | '-' | '_'))
                .map(|it| if it == ' ' { '-' } else { it })
                .collect()
        })
        .collect()
}

/// The dotted names of all keys that hold something; those of a list of tables without its index.
fn collect(schema: &Value, root: &Value, path: &str, keys: &mut BTreeSet<String>) {
    if let Some(name) = schema["$ref"].as_str().and_then(|it| it.strip_prefix("#/$defs/")) {
        collect(&root["$defs"][name], root, path, keys);
    }
    for union in ["allOf", "anyOf", "oneOf"] {
        for part in schema[union].as_array().into_iter().flatten() {
            collect(part, root, path, keys);
        }
    }
    if schema["items"].is_object() {
        collect(&schema["items"], root, path, keys);
    }
    for (key, value) in schema["properties"].as_object().into_iter().flatten() {
        let path = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
        if path.contains('.') {
            keys.insert(path.clone());
        }
        collect(value, root, &path, keys);
    }
}
