//! Rules that hold templates and style sheets against each other.

use std::collections::{BTreeMap, BTreeSet};

use super::markup::{self, Word};
use super::reading::Reading;
use super::sheets::Sheet;
use super::{Rule, Violation};
use crate::finding::Severity;
use crate::theme::assets::ADDED_SHEET;
use crate::theme::files::nearest;

pub(super) static RULES: [&Rule; 2] = [&NO_RULE, &NO_ELEMENT];

static NO_RULE: Rule = Rule {
    id: "F005",
    severity: Severity::Warning,
    title: "a class that no style sheet has a rule for",
    why: "It looks as if the class were not there. The style sheet is built; classes that it does not hold do nothing.",
    cure: "write a rule for it in theme.css, or take a class that is there",
};

static NO_ELEMENT: Rule = Rule {
    id: "C008",
    severity: Severity::Hint,
    title: "a rule for a class that no page has",
    why: "It is a typing mistake, or left over from markup that is gone.",
    cure: "take the right name, or take the rule out",
};

/// Classes that scripts look for, and those that HTMX sets itself.
const NOT_FOR_SHEETS: [&str; 2] = ["js-", "htmx-"];

pub(super) fn look(reading: &Reading<'_>) -> Vec<Violation> {
    let used = Used::of(reading);
    let linked = linked(reading);
    let is_linked = |sheet: &&Sheet<'_>| linked.is_empty() || linked.contains(sheet.path);
    let styled = classes(reading.sheets.all.iter().filter(is_linked));
    let elsewhere = classes(reading.sheets.all.iter().filter(|sheet| !is_linked(sheet)));
    let mut violations = Vec::new();
    for template in reading.own() {
        for word in used.by_template.get(&*template.name).into_iter().flatten() {
            if !has_rule(word, &styled) {
                let message = format!("no style sheet has a rule for the class {:?}", word.text);
                let violation = NO_RULE.broken(message).at(template.place(word.at.clone()));
                violations.push(match elsewhere.get(&*word.text) {
                    Some(path) => violation.help(format!(
                        "{path} has one: link it in the block `head`, <link rel=\"stylesheet\" href=\"{{{{ asset(\"{}\") }}}}\">",
                        path.trim_start_matches("assets/")
                    )),
                    None => match nearest(&word.text, styled.keys().copied()) {
                        Some(near) => violation.help(format!("did you mean {near:?}? Otherwise write a rule for it in theme.css")),
                        None => violation,
                    },
                });
            }
        }
    }
    violations.extend(rules_in_vain(reading, &used));
    violations
}

fn has_rule(word: &Word, styled: &BTreeMap<&str, &str>) -> bool {
    if NOT_FOR_SHEETS.iter().any(|start| word.text.starts_with(start)) || word.goes_on_before {
        return true;
    }
    if word.goes_on_after {
        return styled.keys().any(|known| known.starts_with(&*word.text));
    }
    styled.contains_key(&*word.text)
}

/// Rules in sheets that are written by hand, for classes that no template of any layer mentions.
fn rules_in_vain(reading: &Reading<'_>, used: &Used) -> Vec<Violation> {
    let mut violations = Vec::new();
    let by_hand = |sheet: &&Sheet<'_>| sheet.path == ADDED_SHEET && !sheet.is_generated;
    for sheet in reading.sheets.own().filter(by_hand) {
        let mut told = BTreeSet::new();
        for (class, at) in sheet.css.classes() {
            let is_meant =
                NOT_FOR_SHEETS.iter().any(|start| class.starts_with(start)) || used.may_be(&class);
            if is_meant || !told.insert(class.clone()) {
                continue;
            }
            let message = format!("no page has the class {class:?}");
            let violation = NO_ELEMENT.broken(message).at(sheet.place(&at));
            violations.push(match nearest(&class, used.whole.iter().map(String::as_str)) {
                Some(near) => violation.help(format!("did you mean {near:?}?")),
                None => violation,
            });
        }
    }
    violations
}

/// The classes that templates mention.
struct Used {
    by_template: BTreeMap<String, Vec<Word>>,
    whole: BTreeSet<String>,
    beginnings: Vec<String>,
}

impl Used {
    fn of(reading: &Reading<'_>) -> Self {
        let mut used =
            Self { by_template: BTreeMap::new(), whole: BTreeSet::new(), beginnings: Vec::new() };
        for template in reading.pages() {
            let classes = template
                .markup
                .attributes
                .iter()
                .filter(|it| it.name.eq_ignore_ascii_case("class"));
            let words: Vec<Word> =
                classes.flat_map(|it| markup::words(template.source, &it.value)).collect();
            // What is put together otherwise, as by `set`, is a literal somewhere.
            for literal in &template.mentions.literals {
                used.whole.extend(literal.name.split_ascii_whitespace().map(str::to_owned));
            }
            for word in &words {
                if word.goes_on_after {
                    used.beginnings.push(word.text.clone());
                } else {
                    used.whole.insert(word.text.clone());
                }
            }
            used.by_template.insert(template.name.clone(), words);
        }
        used
    }

    fn may_be(&self, class: &str) -> bool {
        self.whole.contains(class) || self.beginnings.iter().any(|start| class.starts_with(start))
    }
}

/// The sheets that templates link, and what is added to one of them.
fn linked<'r>(reading: &'r Reading<'_>) -> BTreeSet<&'r str> {
    let mut linked = BTreeSet::new();
    for template in reading.pages() {
        for asset in &template.mentions.assets {
            let sheet = reading.sheets.all.iter().find(|sheet| {
                sheet.path.strip_prefix("assets/").is_some_and(|name| name == asset.name)
            });
            linked.extend(sheet.map(|sheet| sheet.path));
        }
    }
    if linked.contains(["assets/", ADDED_SHEET].concat().as_str()) {
        linked.insert(ADDED_SHEET);
    }
    linked
}

/// The classes of sheets, each with the path of one that has a rule for it.
fn classes<'r>(sheets: impl Iterator<Item = &'r Sheet<'r>>) -> BTreeMap<&'r str, &'r str> {
    sheets
        .flat_map(|sheet| sheet.classes.iter().map(|class| (class.as_str(), sheet.path)))
        .collect()
}
