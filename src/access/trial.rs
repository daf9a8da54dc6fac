//! `[[test]]`: what a request shall come to, held against what it comes to.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use http::Method;
use serde_json::{Value, json};

use super::AccessRules;
use super::explain::{Explanation, user_with};
use crate::finding::{Code, Finding, Place};
use crate::path::CanonicalPath;

/// One `[[test]]`.
#[derive(Clone, Debug)]
pub(crate) struct Trial {
    /// Method and path, as written.
    pub(crate) request: String,
    pub(crate) method: Method,
    pub(crate) target: String,
    /// The claims of who asks; none for nobody.
    pub(crate) claims: Option<BTreeMap<String, Value>>,
    /// What a browser gets that loads the page, if that is expected.
    pub(crate) status: Option<u16>,
    /// The outcome in a word, if that is expected.
    pub(crate) access: Option<String>,
    pub(crate) place: Place,
}

/// What came of the tests of a configuration.
#[derive(Clone, Debug)]
pub struct TestReport {
    results: Vec<TestResult>,
}

#[derive(Clone, Debug)]
struct TestResult {
    request: String,
    place: Place,
    /// What was expected and what came, where they differ.
    failure: Option<String>,
    explanation: Explanation,
}

impl AccessRules {
    /// Runs the tests whose request holds the text, in their order.
    pub(crate) fn run(&self, trials: &[Trial], filter: Option<&str>) -> TestReport {
        let wanted = |trial: &&Trial| filter.is_none_or(|text| trial.request.contains(text));
        let results = trials.iter().filter(wanted).map(|trial| self.run_one(trial)).collect();
        TestReport { results }
    }

    fn run_one(&self, trial: &Trial) -> TestResult {
        let end = trial.target.find(['?', '#']).unwrap_or(trial.target.len());
        let path = CanonicalPath::parse(trial.target.get(..end).unwrap_or_default());
        let user = trial.claims.as_ref().map(user_with);
        let path = path.as_ref().map_err(|error| *error);
        let outcome = self.outcome(&trial.method, path, user.as_ref());
        let mut failure = String::new();
        let mut hold = |what: &str, expected: String, came: String| {
            if expected != came {
                let joint = if failure.is_empty() { "" } else { ", " };
                let _ = write!(failure, "{joint}expected {what} {expected}, got {came}");
            }
        };
        if let Some(status) = trial.status {
            hold("status", status.to_string(), outcome.status().to_string());
        }
        if let Some(access) = &trial.access {
            hold("access", format!("\"{access}\""), format!("\"{}\"", outcome.name()));
        }
        TestResult {
            request: trial.request.clone(),
            place: trial.place.clone(),
            failure: Some(failure).filter(|text| !text.is_empty()),
            explanation: self.explain(&trial.method, &trial.target, trial.claims.as_ref()),
        }
    }
}

impl TestReport {
    /// How many tests were run.
    pub fn len(&self) -> usize {
        self.results.len()
    }

    /// Whether no test was run: there is none, or none with the text that was asked for.
    pub fn is_empty(&self) -> bool {
        self.results.is_empty()
    }

    /// How many failed.
    pub fn failures(&self) -> usize {
        self.results.iter().filter(|result| result.failure.is_some()).count()
    }

    /// A finding at the line of every test that failed.
    pub(crate) fn findings(&self) -> Vec<Finding> {
        let finding = |result: &TestResult| {
            let message = format!("{}: {}", result.request, result.failure.as_ref()?);
            let finding = Finding::error(Code::TestFailed, message);
            Some(finding.help(result.explanation.human().trim_end()).at(Some(result.place.clone())))
        };
        self.results.iter().filter_map(finding).collect()
    }

    /// For a terminal: a line for every test, and the whole decision behind those that failed.
    pub fn human(&self) -> String {
        let mut text = String::new();
        for result in &self.results {
            let verdict = if result.failure.is_some() { "FAILED" } else { "ok" };
            let _ = writeln!(text, "{verdict:<6}  {}  ({})", result.request, result.place);
            if let Some(failure) = &result.failure {
                let _ = writeln!(text, "        {failure}\n");
                for line in result.explanation.human().lines() {
                    let _ = writeln!(text, "{}", format!("        {line}").trim_end());
                }
                text.push('\n');
            }
        }
        let (all, failed) = (self.len(), self.failures());
        let _ = writeln!(text, "{} passed, {failed} failed", all - failed);
        text
    }

    /// For programs. `version` changes when a field changes its meaning.
    pub fn json(&self) -> Value {
        let one = |result: &TestResult| {
            json!({
                "request": result.request,
                "place": result.place,
                "passed": result.failure.is_none(),
                "failure": result.failure,
                "why": result.explanation.json(),
            })
        };
        json!({
            "version": 1,
            "passed": self.len() - self.failures(),
            "failed": self.failures(),
            "tests": self.results.iter().map(one).collect::<Vec<_>>(),
        })
    }
}
