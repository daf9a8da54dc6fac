//! Every rule on its example, and what the checker promises besides.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use tempfile::TempDir;

use super::*;
use crate::finding::report;
use crate::theme::Theme;

const MANIFEST: (&str, &str) =
    ("theme.toml", "name = \"acme\"\nversion = \"1.0.0\"\nlicense = \"MIT\"\ncontract = 1\n");

/// A themes folder with one theme, `acme`, of these files. Nothing as a text stands for no file.
fn folder(files: &[(&str, &[u8])]) -> TempDir {
    let root = TempDir::new().unwrap();
    fs::create_dir(root.path().join("acme")).unwrap();
    for (path, bytes) in files.iter().filter(|(_, bytes)| !bytes.is_empty()) {
        let path = root.path().join("acme").join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }
    root
}

fn languages() -> Vec<LanguageIdentifier> {
    ["en", "ar"].map(|tag| tag.parse().unwrap()).into()
}

fn check_named(root: &Path, name: &str) -> Result<Vec<Finding>, Vec<Finding>> {
    let plan = ThemePlan { name: name.to_owned(), path: root.to_owned(), options: BTreeMap::new() };
    check(&plan, &languages(), &|_, _| Vec::new())
}

/// By the rules about files alone: those about pages have tests of their own, and all together are tried by the
/// command line.
fn check_in(root: &TempDir) -> Vec<Finding> {
    let plan = ThemePlan {
        name: "acme".to_owned(),
        path: root.path().to_owned(),
        options: BTreeMap::new(),
    };
    let subject = Subject::open(&plan, &languages()).unwrap();
    let reading = Reading::of(&subject);
    let (of_files, _) = parts();
    told(&subject, of_files.flat_map(|part| (part.look)(&reading)).collect())
}

fn parts() -> (impl Iterator<Item = &'static Part>, &'static Part) {
    let is_of_pages = |part: &&Part| (part.rules)().iter().any(|rule| rule.id == "R001");
    let of_pages = PARTS.iter().find(is_of_pages).unwrap();
    (PARTS.iter().filter(move |part| !is_of_pages(part)), of_pages)
}

fn rules_about_files() -> Vec<&'static Rule> {
    parts().0.flat_map(|part| (part.rules)()).collect()
}

fn ids(findings: &[Finding]) -> BTreeSet<&'static str> {
    findings.iter().map(|finding| finding.code.id()).collect()
}

/// As people read it, without the folder of this run.
fn shown(findings: &[Finding]) -> String {
    let text = report::human(findings, false);
    let lines = text.lines().map(|line| match line.split_once("/acme") {
        Some((before, after)) => {
            let start = before.rfind(' ').map_or(0, |at| at + 1);
            format!("{}acme{after}", &before[..start])
        }
        None => line.to_owned(),
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// Files that are too large or too strange to be written down as a text.
fn made(rule: &str) -> Option<[TempDir; 2]> {
    // A picture of 40 × 40 that cannot be packed any further.
    let picture = |length: usize| {
        let mut bytes = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x28\0\0\0\x28".to_vec();
        let mut state = 1_u32;
        bytes.extend((0..length).map(|_| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            state.to_be_bytes()[0]
        }));
        bytes
    };
    let manifest = (MANIFEST.0, MANIFEST.1.as_bytes());
    let logo = |bytes: &[u8]| folder(&[manifest, ("assets/logo.png", bytes)]);
    let svg = b"<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"4\" height=\"4\"/>";
    let linked = |target: &str| {
        let root = folder(&[manifest, ("theme.css", b"\n")]);
        fs::write(root.path().join("logo.svg"), svg).unwrap();
        fs::create_dir(root.path().join("acme/assets")).unwrap();
        std::os::unix::fs::symlink(target, root.path().join("acme/assets/logo.svg")).unwrap();
        root
    };
    let copied = || folder(&[manifest, ("assets/logo.svg", svg)]);
    Some(match rule {
        "F003" => {
            let fonts = |length: usize| {
                folder(&[
                    manifest,
                    ("theme.css", b"@font-face { font-family: x; src: url(x.woff2); }\n"),
                    ("assets/x.woff2", &picture(length)),
                ])
            };
            [fonts(120_000), fonts(60_000)]
        }
        "F006" => [logo(&picture(190_000)), logo(&picture(20_000))],
        "F007" => [linked("../../logo.svg"), copied()],
        "F008" => [linked("../nothing.svg"), copied()],
        _ => return None,
    })
}

#[test]
fn every_rule_is_found_in_its_example_alone_and_not_in_the_cured_one() {
    let mut wrong = String::new();
    for rule in rules_about_files() {
        let Some(example) = examples::of_files().find(|example| example.rule == rule.id) else {
            let _ = writeln!(wrong, "{}: no example", rule.id);
            continue;
        };
        let roots = made(rule.id).unwrap_or_else(|| {
            [example.wrong, example.right].map(|text| {
                let mut files: BTreeMap<&str, &[u8]> = BTreeMap::new();
                files.insert(MANIFEST.0, MANIFEST.1.as_bytes());
                files.extend(example.beside.iter().map(|(path, text)| (*path, text.as_bytes())));
                files.insert(example.file, text.as_bytes());
                folder(&files.into_iter().collect::<Vec<_>>())
            })
        });
        let [bad, good] = roots.map(|root| check_in(&root));
        if ids(&bad) != BTreeSet::from([rule.id]) {
            let _ = write!(wrong, "{}: {:?}\n{}", rule.id, ids(&bad), shown(&bad));
        }
        if !good.is_empty() {
            let _ = write!(wrong, "{} cured: {:?}\n{}", rule.id, ids(&good), shown(&good));
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

#[test]
fn ids_are_given_once_and_every_example_is_one_of_a_rule() {
    let rules = rules();
    let ids: BTreeSet<&str> = rules.iter().map(|rule| rule.id).collect();
    assert_eq!(ids.len(), rules.len());
    assert!(ids.len() >= 45, "{}", ids.len());
    for example in examples::of_files() {
        assert!(ids.contains(example.rule), "{}", example.rule);
    }
    assert!(rules.iter().all(|rule| rule.example().is_some()));
    for rule in rules {
        let is_title = rule.title.starts_with(char::is_lowercase) || rule.title.starts_with("HTML");
        assert!(is_title && !rule.title.ends_with('.'), "{}", rule.title);
        assert!(
            rule.why.ends_with('.') && rule.why.starts_with(|c: char| !c.is_lowercase()),
            "{}",
            rule.why
        );
        assert!(!rule.cure.ends_with('.'), "{}", rule.cure);
    }
}

#[test]
fn every_theme_of_the_program_has_nothing_to_find_fault_with() {
    for name in Theme::embedded_names() {
        let findings = check_named(Path::new("/nowhere"), &name).unwrap();
        assert!(findings.is_empty(), "{name}\n{}", shown(&findings));
    }
}
