//! `theme check`: what is wrong with a theme, or could be better, by rules with stable ids.

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
        let help = self.help.unwrap_or_else(|| self.rule.cure.to_owned());
        let code = Code::ThemeRule(self.rule.id);
        let finding = Finding::error(code, self.message).at(self.place).help(help);
        Finding { severity: self.rule.severity, ..finding }
    }
}
