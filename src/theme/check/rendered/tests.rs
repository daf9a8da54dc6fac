//! Each rule on a theme that breaks it and nothing else, and all of them on those that are shipped.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Instant;
use std::{fs, thread};

use minijinja::value::{Serde, Value};
use tempfile::TempDir;
use unic_langid::LanguageIdentifier;

use super::broken::Change;
use super::*;
use crate::config::plan::ThemePlan;
use crate::theme::files::embedded;

fn languages(tags: &[&str]) -> Vec<LanguageIdentifier> {
    tags.iter().map(|tag| tag.parse().unwrap()).collect()
}

fn subject(root: &TempDir, name: &str, tags: &[&str]) -> Subject {
    let plan =
        ThemePlan { path: root.path().to_owned(), name: name.to_owned(), options: BTreeMap::new() };
    let subject = Subject::open(&plan, &languages(tags)).unwrap();
    assert!(subject.findings.is_empty(), "{:#?}", subject.findings);
    subject
}

/// A themes folder with a theme `acme` that changes these things.
fn changed(changes: &[Change]) -> TempDir {
    let root = TempDir::new().unwrap();
    let daisy = embedded("daisy");
    for change in changes {
        let (path, text) = match change {
            Change::File(path, text) => (*path, (*text).to_owned()),
            Change::Edit(path, from, to) => {
                let known = root.path().join("acme").join(path);
                let text = fs::read_to_string(&known)
                    .unwrap_or_else(|_| daisy.get(*path).unwrap().text().into_owned());
                assert!(text.contains(from), "daisy's {path} has no {from:?} any more");
                (*path, text.replace(from, to))
            }
            Change::More(path, more) => {
                let block =
                    format!("{{% block main %}}{{{{ super() }}}}\n{more}\n{{% endblock %}}");
                (*path, format!("{{% extends \"parent:{path}\" %}}\n{block}\n"))
            }
            Change::Head(path, head) => {
                let block = format!("{{% block head %}}\n{head}\n{{% endblock %}}");
                (*path, format!("{{% extends \"parent:{path}\" %}}\n{block}\n"))
            }
        };
        let file = root.path().join("acme").join(path);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, text).unwrap();
    }
    root
}

fn told(violation: &Violation) -> String {
    let place = violation.place.as_ref().map(ToString::to_string).unwrap_or_default();
    format!("{} {place} {} {:?}", violation.rule.id, violation.message, violation.seen_on)
}

/// A page in all the ways that the rules look at.
fn outputs(theme: &Theme, page: &PageContext) -> Vec<Option<String>> {
    let template = template_of(page);
    let render = |values: Value| theme.engine.render(&template, values).ok();
    vec![
        render(Value::from(Serde(page))),
        render(Value::from(Serde(&studio::filled(page)))),
        render(Value::from(Serde(&studio::hostile(page)))),
    ]
}

/// What a theme of these changes breaks. Pages that come out as daisy's are left out: those break nothing.
fn broken_by(changes: &[Change], daisy: &[Vec<Option<String>>]) -> Vec<Violation> {
    let root = changed(changes);
    let mut subject = subject(&root, "acme", &["en"]);
    let theme = subject.languages.remove(0);
    let mut pages = subject.samples(&theme);
    let known = |page: &PageContext, known: &Vec<_>| outputs(&theme, page) == *known;
    // A frame of its own is told of on the pages that have another.
    if changes.iter().all(|change| !matches!(change, Change::File("page/login.html", _))) {
        let mut daisy = daisy.iter();
        pages.retain(|page| !daisy.next().is_some_and(|it| known(page, it)));
    }
    // Of themes and not of pages.
    let mut violations = look(&subject);
    let mut seen = Seen::default();
    seen.look_at_all(&theme, &pages, &subject.site.urls);
    violations.extend(seen.told());
    violations
}

#[test]
fn each_rule_is_broken_by_its_theme_and_by_no_other() {
    let root = TempDir::new().unwrap();
    let subject = subject(&root, "daisy", &["en"]);
    let daisy = &subject.languages[0];
    let daisy: Vec<_> = subject.samples(daisy).iter().map(|page| outputs(daisy, page)).collect();
    let judge = |(id, changes): &(&str, &[Change])| {
        let violations = broken_by(changes, &daisy);
        let ids: BTreeSet<&str> = violations.iter().map(|it| it.rule.id).collect();
        let said: Vec<String> = violations.iter().map(told).collect();
        for violation in violations {
            assert!(violation.place.is_some(), "{id} says no place");
            assert!(!violation.message.ends_with('.'), "{id}: {}", violation.message);
        }
        (ids != BTreeSet::from([*id])).then(|| format!("{id}: {ids:?}\n{}", said.join("\n")))
    };
    let (front, back) = broken::CASES.split_at(broken::CASES.len() / 2);
    let wrong: Vec<String> = thread::scope(|scope| {
        let other = scope.spawn(|| back.iter().filter_map(judge).collect::<Vec<_>>());
        let mut wrong: Vec<String> = front.iter().filter_map(judge).collect();
        wrong.extend(other.join().unwrap());
        wrong
    });
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

#[test]
fn every_rule_has_a_theme_that_breaks_it_and_words_of_its_own() {
    let tried: Vec<&str> = broken::CASES.iter().map(|(id, _)| *id).collect();
    let known: BTreeSet<&str> = rules().map(|rule| rule.id).collect();
    assert_eq!(known, tried.iter().copied().collect());
    assert_eq!(known.len(), tried.len(), "a rule is tried twice");
    assert_eq!(known.len(), rules().count(), "an id is used twice");
    for rule in rules() {
        assert!(rule.title.starts_with(char::is_lowercase), "{}", rule.title);
        assert!(rule.why.starts_with(char::is_uppercase) || rule.why.starts_with('1'));
        assert!(rule.why.ends_with('.') && !rule.cure.ends_with('.'), "{}", rule.id);
    }
}

#[test]
fn one_page_can_be_looked_at_and_a_finding_leads_to_the_tag_in_its_template() {
    let root = changed(&[Change::More(
        "page/welcome.html",
        "{% for name in [user.name] %}\n  <input value={{ name }}>\n{% endfor %}",
    )]);
    let subject = subject(&root, "acme", &["en"]);
    let theme = &subject.languages[0];
    let studio = Studio::new(theme, &subject.site.urls).map_err(drop).unwrap();
    let samples = subject.samples(theme);
    let page = samples.iter().find(|it| it.page.id == "welcome").unwrap();
    let violations = studio.look_at(page);
    let escape = violations.iter().find(|it| it.rule.id == "R010").unwrap();
    let place = escape.place.as_ref().unwrap();
    assert!(place.to_string().ends_with("acme/page/welcome.html:4:3"), "{place}");
    let excerpt = place.excerpt.as_ref().unwrap();
    assert_eq!(&excerpt.source[excerpt.span.clone()], "<input");
    assert_eq!(escape.seen_on, ["welcome.default"]);
    assert!(violations.iter().any(|it| it.rule.id == "A001"));
    let login = samples.iter().find(|it| it.page.id == "login").unwrap();
    assert!(studio.look_at(login).is_empty());
}

#[test]
fn the_default_theme_breaks_no_rule() {
    let root = TempDir::new().unwrap();
    let violations = look(&subject(&root, "daisy", &["en", "ar"]));
    let said: Vec<String> = violations.iter().map(told).collect();
    assert!(said.is_empty(), "{}", said.join("\n"));
}

#[test]
#[ignore = "measures; tell it to --nocapture, and take --release"]
fn how_long_it_takes() {
    let root = TempDir::new().unwrap();
    let subject = subject(&root, "daisy", &["en", "ar"]);
    let start = Instant::now();
    look(&subject);
    let whole = start.elapsed();
    let theme = &subject.languages[0];
    let (samples, mut seen) = (subject.samples(theme), Seen::default());
    let studio = Studio::new(theme, &subject.site.urls).map_err(drop).unwrap();
    let start = Instant::now();
    let pages: Vec<_> = samples.iter().map(|it| studio.page(it).0.unwrap()).collect();
    eprintln!("{} samples in 2 languages: {whole:?}", samples.len());
    eprintln!("to render and read those of one: {:?}", start.elapsed());
    let mut took: Vec<_> = FAMILIES
        .into_iter()
        .flatten()
        .map(|check| {
            let start = Instant::now();
            for page in &pages {
                (check.look)(page, &mut Found { rule: &check.rule, page, seen: &mut seen });
            }
            (start.elapsed(), check.rule.id)
        })
        .collect();
    took.sort();
    eprintln!("the slowest rules: {:?}", took.iter().rev().take(8).collect::<Vec<_>>());
}
