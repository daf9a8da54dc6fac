//! `theme check`: what is wrong with a theme, or could be better, by rules with stable ids.
//!
//! Rules about files read them once, as far as they can be read ([`reading`]). Each part of the checker is a list
//! of rules and a function that says where they are broken; what is said twice, and what an own file wants to
//! be spared, is taken out at the end.

mod assets;
mod classes;
mod declarations;
mod examples;
mod folder;
mod ignoring;
mod loading;
mod manifest;
mod markup;
mod merging;
mod names;
mod properties;
mod reading;
mod rendered;
mod shape;
mod sheets;
mod styles;
mod subject;
mod templates;
mod texts;
mod tree;
mod wording;

use std::slice;

use unic_langid::LanguageIdentifier;

use self::reading::Reading;
pub(crate) use self::subject::{Subject, site_with_everything};
use crate::config::plan::ThemePlan;
use crate::finding::{Code, Finding, Place, Severity};
use crate::theme::Theme;
use crate::theme::context::PageContext;

/// One thing that a theme can do wrong.
#[derive(Debug)]
pub struct Rule {
    /// `T002`: a letter for the family, and a number that is never given to another rule.
    pub id: &'static str,
    /// How bad it is.
    pub severity: Severity,
    /// What is wrong, in a few words: "an input without a label".
    pub title: &'static str,
    /// Who is hurt by it, and which standard says so.
    pub why: &'static str,
    /// What to do.
    pub cure: &'static str,
}

/// How a rule is broken, and how it is kept: for those who ask what is meant, and for the tests that find
/// exactly this rule in the one and nothing in the other.
#[derive(Clone, Copy, Debug)]
pub struct Example {
    /// The id of the rule.
    pub rule: &'static str,
    /// The file of a theme that both are the text of.
    pub file: &'static str,
    /// What breaks the rule, and no other.
    pub wrong: &'static str,
    /// What to write instead; empty where it is to be left out.
    pub right: &'static str,
    /// What else the theme has in both cases: path and text.
    pub beside: &'static [(&'static str, &'static str)],
}

/// A rule that is broken somewhere.
#[derive(Clone, Debug)]
pub(crate) struct Violation {
    pub rule: &'static Rule,
    /// What is wrong here, in lower case and without a full stop.
    pub message: String,
    pub place: Option<Place>,
    /// The cure for this case, where it is better than that of the rule.
    pub help: Option<String>,
    /// Samples that it was seen on, `login.idle`; empty where no page was rendered.
    pub seen_on: Vec<String>,
}

impl Rule {
    /// Says that this rule is broken.
    pub(crate) fn broken(&'static self, message: impl Into<String>) -> Violation {
        let message = message.into();
        Violation { rule: self, message, place: None, help: None, seen_on: Vec::new() }
    }

    /// How it is broken, and how it is kept.
    pub fn example(&self) -> Option<Example> {
        examples::of_files().chain(rendered::examples()).find(|example| example.rule == self.id)
    }
}

impl Violation {
    pub(crate) fn at(self, place: Place) -> Self {
        Self { place: Some(place), ..self }
    }

    pub(crate) fn help(self, help: impl Into<String>) -> Self {
        Self { help: Some(help.into()), ..self }
    }

    pub(crate) fn finding(self) -> Finding {
        let mut help = self.help.unwrap_or_else(|| self.rule.cure.to_owned());
        if let Some(seen) = seen_on(&self.seen_on) {
            help.extend([if help.ends_with('?') { " " } else { "; " }, &seen]);
        }
        let code = Code::ThemeRule(self.rule.id);
        let finding = Finding::error(code, self.message).at(self.place).help(help);
        Finding { severity: self.rule.severity, ..finding }
    }
}

/// "seen on login.idle, login.prefilled, logout.confirm and 3 more"; none where it was seen on none.
fn seen_on(samples: &[String]) -> Option<String> {
    let first = samples.get(..3).unwrap_or(samples);
    match samples.len().saturating_sub(first.len()) {
        _ if samples.is_empty() => None,
        0 => Some(format!("seen on {}", first.join(", "))),
        more => Some(format!("seen on {} and {more} more", first.join(", "))),
    }
}

/// Rules that belong together, and what finds where they are broken.
struct Part {
    rules: fn() -> Vec<&'static Rule>,
    look: fn(&Reading<'_>) -> Vec<Violation>,
}

/// Every part about files.
const ABOUT_FILES: &[Part] = &[
    Part { rules: || manifest::RULES.to_vec(), look: manifest::look },
    Part { rules: || loading::RULES.to_vec(), look: loading::look },
    Part { rules: || templates::RULES.to_vec(), look: templates::look },
    Part { rules: || names::RULES.to_vec(), look: names::look },
    Part { rules: || wording::RULES.to_vec(), look: wording::look },
    Part { rules: || texts::RULES.to_vec(), look: texts::look },
    Part { rules: || assets::RULES.to_vec(), look: assets::look },
    Part { rules: || classes::RULES.to_vec(), look: classes::look },
    Part { rules: || styles::RULES.to_vec(), look: styles::look },
    Part { rules: || declarations::RULES.to_vec(), look: declarations::look },
    Part { rules: || ignoring::RULES.to_vec(), look: |_| Vec::new() },
];

/// The part about pages, which are rendered for it: that takes longer than all others.
const ABOUT_PAGES: Part =
    Part { rules: || rendered::rules().collect(), look: |reading| rendered::look(reading.subject) };

/// Every part of the checker.
fn parts() -> impl Iterator<Item = &'static Part> {
    ABOUT_FILES.iter().chain([&ABOUT_PAGES])
}

/// Every rule, by its id.
pub(crate) fn rules() -> Vec<&'static Rule> {
    let mut rules: Vec<_> = parts().flat_map(|part| (part.rules)()).collect();
    rules.sort_by_key(|rule| (family(rule.id), rule.id));
    rules
}

/// The families in the order of the documentation: what a theme is made of, then what comes out of it.
const FAMILIES: &str = "MTLFCRHAPSXI";

fn family(id: &str) -> usize {
    id.chars().next().and_then(|letter| FAMILIES.find(letter)).unwrap_or(FAMILIES.len())
}

/// What a site declares beside the pages of the program, in every state: given a theme and its samples.
pub(crate) type Declared<'a> = &'a dyn Fn(&Theme, &[PageContext]) -> Vec<PageContext>;

/// Everything that is wrong with a theme, or could be better, by place. A theme that is not there is an error.
pub(crate) fn check(
    theme: &ThemePlan,
    languages: &[LanguageIdentifier],
    declared: Declared<'_>,
) -> Result<Vec<Finding>, Vec<Finding>> {
    let mut subject = Subject::open(theme, languages)?;
    subject.declare(declared);
    let reading = Reading::of(&subject);
    Ok(told(&subject, parts().flat_map(|part| (part.look)(&reading)).collect()))
}

/// The same by the rules about files alone, and without what could only be better. A theme that is not there has
/// nothing to be found.
pub(crate) fn warnings_about_files(
    theme: &ThemePlan,
    languages: &[LanguageIdentifier],
) -> Vec<Finding> {
    let Ok(subject) = Subject::open(theme, languages) else { return Vec::new() };
    let reading = Reading::of(&subject);
    let violations = ABOUT_FILES.iter().flat_map(|part| (part.look)(&reading)).collect();
    let mut findings = told(&subject, violations);
    // A comment may well ignore something on a page.
    let is_in_vain = |finding: &Finding| finding.code.id() == ignoring::IN_VAIN.id;
    findings.retain(|finding| finding.severity >= Severity::Warning && !is_in_vain(finding));
    findings
}

/// What a trial of a theme has found, and where it only stumbled over a mistake, the words of the rule that names it.
pub(crate) fn in_words_of_rules(
    theme: &ThemePlan,
    language: &LanguageIdentifier,
    mut findings: Vec<Finding>,
) -> Vec<Finding> {
    let has_stumbled = |finding: &Finding| finding.code == Code::TemplateRender;
    if !findings.iter().any(has_stumbled) {
        return findings;
    }
    let Ok(subject) = Subject::open(theme, slice::from_ref(language)) else { return findings };
    let reading = Reading::of(&subject);
    let mut mistakes = [names::look(&reading), texts::asked_in_vain(&reading)].concat();
    mistakes.retain(|it| it.rule.severity == Severity::Error);
    for finding in findings.iter_mut().filter(|it| has_stumbled(it)) {
        let Some(place) = &finding.place else { continue };
        let at = |it: &&Violation| {
            it.place.as_ref().is_some_and(|it| it.file == place.file && it.line == place.line)
        };
        let Some(mistake) = mistakes.iter().find(at) else { continue };
        let mut help = mistake.help.clone().unwrap_or_else(|| mistake.rule.cure.to_owned());
        if let Some(seen) = finding.help.take() {
            help.extend([if help.ends_with('?') { " " } else { "; " }, &seen]);
        }
        finding.help = Some(help);
        finding.message.clone_from(&mistake.message);
        finding.place.clone_from(&mistake.place);
    }
    // What fails in two ways is one mistake.
    let place = |it: &Finding| it.place.as_ref().map(ToString::to_string);
    findings.dedup_by(|later, first| {
        later.message == first.message && later.code == first.code && place(later) == place(first)
    });
    findings
}

/// What is left to be told of what was found.
fn told(subject: &Subject, violations: Vec<Violation>) -> Vec<Finding> {
    let violations = ignoring::apply(subject, merging::merged(violations));
    violations.into_iter().map(Violation::finding).collect()
}

#[cfg(test)]
mod tests;
