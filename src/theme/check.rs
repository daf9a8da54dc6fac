//! `theme check`: what is wrong with a theme, or could be better, by rules with stable ids.

mod rendered;
mod subject;

use unic_langid::LanguageIdentifier;

pub(crate) use self::subject::Subject;
use crate::config::plan::ThemePlan;
use crate::finding::{Code, Finding, Place, Severity};

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

/// A rule that is broken somewhere.
#[derive(Debug)]
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

impl Violation {
    pub(crate) fn finding(self) -> Finding {
        let mut help = self.help.unwrap_or_else(|| self.rule.cure.to_owned());
        if let Some(seen) = seen_on(&self.seen_on) {
            help.extend(["; ", &seen]);
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
    rules: &'static [Rule],
    look: fn(&Subject) -> Vec<Violation>,
}

/// Every part of the checker, in the order of their ids in the documentation.
const PARTS: &[Part] = &[];

/// Every rule, in the order of the documentation.
pub(crate) fn rules() -> impl Iterator<Item = &'static Rule> {
    PARTS.iter().flat_map(|part| part.rules).chain(rendered::rules())
}

/// Everything that is wrong with a theme, or could be better. A theme that is not there is an error.
pub(crate) fn check(
    theme: &ThemePlan,
    languages: &[LanguageIdentifier],
) -> Result<Vec<Finding>, Vec<Finding>> {
    let subject = Subject::open(theme, languages)?;
    let violations = PARTS.iter().flat_map(|part| (part.look)(&subject));
    let violations = violations.chain(rendered::look(&subject));
    Ok(violations.map(Violation::finding).collect())
}
