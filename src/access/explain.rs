//! Why a request is answered as it is: the decision of [`AccessRules`], with every entry that was looked at.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use http::Method;
use serde_json::{Value, json};

use super::requirement::held;
use super::{AccessRule, AccessRules, Outcome, Rule, opens_for};
use crate::path::CanonicalPath;
use crate::user::User;

/// The decision about one request, step by step.
#[derive(Clone, Debug)]
pub struct Explanation {
    method: Method,
    path: String,
    /// The query, which is not looked at, was left out.
    query_left_out: bool,
    /// Why the path is refused.
    refused: Option<String>,
    /// It is a page of vestibule's own that no pattern opens.
    guarded: bool,
    /// How the path is read.
    readings: Vec<String>,
    steps: Vec<Step>,
    decided_by: Decider,
    nobody: Outcome,
    somebody: Option<Somebody>,
}

/// One entry that was looked at.
#[derive(Clone, Debug)]
struct Step {
    kind: &'static str,
    source: String,
    pattern: String,
    methods: Vec<String>,
    result: &'static str,
    /// What a rule requires.
    requires: Option<String>,
}

#[derive(Clone, Debug)]
struct Decider {
    kind: &'static str,
    source: Option<String>,
    words: String,
}

/// The user whom it was asked about.
#[derive(Clone, Debug)]
struct Somebody {
    who: String,
    outcome: Outcome,
    unmet: Vec<String>,
}

const HIT: &str = "hit";
const MISS: &str = "miss";
/// It matches the path, and is not for this method.
const METHOD: &str = "method";
/// It matches, and another entry came first.
const LATER: &str = "later";
/// It matches one way of reading the path and not the other.
const PARTLY: &str = "partly";

impl AccessRules {
    /// Explains the decision about a request without a session and, where there are claims, about one by
    /// a user who has them.
    pub(crate) fn explain(
        &self,
        method: &Method,
        target: &str,
        claims: Option<&BTreeMap<String, Value>>,
    ) -> Explanation {
        let end = target.find(['?', '#']).unwrap_or(target.len());
        let (path, rest) = target.split_at(end);
        let parsed = CanonicalPath::parse(path);
        let canonical = parsed.as_ref().map_err(|error| *error);
        let user = claims.map(user_with);
        let outcome = |user| self.outcome(method, canonical, user);
        let (mut readings, mut steps, mut unmet) = (Vec::new(), Vec::new(), Vec::new());
        let mut decided_by = Decider {
            kind: "refused",
            source: None,
            words: "the path, which could mean two things".to_owned(),
        };
        if let Ok(path) = canonical {
            let decision = self.decide(method, path);
            decided_by = Decider::of(decision.rule);
            if let Some(Err(denial)) = user.as_ref().map(|user| decision.allows(user)) {
                decided_by = Decider::of(Rule::Required(denial.rule));
                unmet = denial.unmet.iter().map(|one| one.in_words()).collect();
            }
            readings = path.readings().map(str::to_owned).collect();
            steps = self.steps(method, path, decision.rule);
        }
        Explanation {
            method: method.clone(),
            path: path.to_owned(),
            query_left_out: !rest.is_empty(),
            refused: canonical.err().map(|error| error.to_string()),
            guarded: canonical.is_ok_and(|path| self.own.is_guarded(path.as_str())),
            readings,
            steps,
            decided_by,
            nobody: outcome(None),
            somebody: claims.zip(user.as_ref()).map(|(claims, user)| Somebody {
                who: in_words(claims),
                outcome: outcome(Some(user)),
                unmet,
            }),
        }
    }

    /// Every entry that counts for this path, in the order in which they are looked at.
    fn steps(&self, method: &Method, path: &CanonicalPath, decider: Rule<'_>) -> Vec<Step> {
        if decider == Rule::Own {
            return Vec::new();
        }
        let matched = |set: &regex::RegexSet, index: usize| -> Vec<bool> {
            path.readings().map(|reading| set.matches(reading).matched(index)).collect()
        };
        let mut steps = Vec::new();
        if !self.own.is_guarded(path.as_str()) {
            for (index, entry) in self.patterns.iter().enumerate() {
                let hits = matched(&self.set, index);
                let result = match hits.iter().filter(|hit| **hit).count() {
                    0 => MISS,
                    _ if !opens_for(&entry.methods, method) => METHOD,
                    _ if decider == Rule::Public(entry) => HIT,
                    count if count == hits.len() => LATER,
                    _ => PARTLY,
                };
                steps.push(Step {
                    kind: "public",
                    source: entry.source.clone(),
                    pattern: entry.pattern.clone(),
                    methods: names(&entry.methods),
                    result,
                    requires: None,
                });
            }
        }
        if matches!(decider, Rule::Public(_)) {
            return steps;
        }
        let demands = self.decide(method, path).demands;
        for (index, rule) in self.rules.iter().enumerate() {
            let result = if !matched(&self.rule_set, index).contains(&true) {
                MISS
            } else if !rule.is_about(method) {
                METHOD
            } else if demands.iter().any(|one| std::ptr::eq(*one, rule)) {
                HIT
            } else {
                LATER
            };
            steps.push(Step::of_rule(rule, result));
        }
        steps
    }
}

impl Step {
    fn of_rule(rule: &AccessRule, result: &'static str) -> Self {
        Self {
            kind: "rule",
            source: rule.source.clone(),
            pattern: rule.pattern.clone(),
            methods: names(&rule.methods),
            result,
            requires: Some(rule.requirements()),
        }
    }

    /// What to say of it, besides what it is.
    fn remark(&self) -> String {
        let methods = self.methods.join(", ");
        match (self.result, &self.requires) {
            (HIT, Some(requires)) => format!("hit, requires {requires}"),
            (METHOD, _) => format!("only for {methods}"),
            (LATER, _) => "an earlier one counts".to_owned(),
            (PARTLY, _) => "not in every reading".to_owned(),
            (result, _) => result.to_owned(),
        }
    }
}

impl Decider {
    fn of(rule: Rule<'_>) -> Self {
        let (kind, source, words) = match rule {
            Rule::Own => ("own", None, "a page of vestibule's own, open to everybody".to_owned()),
            Rule::Public(entry) => ("public", Some(&entry.source), entry.source.clone()),
            Rule::Required(rule) => ("rule", Some(&rule.source), rule.source.clone()),
            Rule::Default => ("default", None, "no entry: a session is enough".to_owned()),
        };
        Self { kind, source: source.cloned(), words }
    }
}

impl Explanation {
    /// For a terminal.
    pub fn human(&self) -> String {
        let mut text = format!("{} {}\n\n", self.method, self.path);
        if self.query_left_out {
            text.push_str("the query is not part of the decision\n");
        }
        if let Some(reason) = &self.refused {
            let _ = writeln!(text, "refused: {reason}");
        }
        if self.readings.iter().any(|reading| *reading != self.path) {
            let joint = if self.readings.len() > 1 { ", and each counts" } else { "" };
            let _ = writeln!(text, "read as {}{joint}", self.readings.join(" and "));
        }
        if self.guarded {
            text.push_str("a page of vestibule's own that no public pattern opens\n");
        }
        let width = |of: fn(&Step) -> &str| {
            self.steps.iter().map(|step| of(step).chars().count()).max().unwrap_or_default()
        };
        let (sources, patterns) = (width(|step| &step.source), width(|step| &step.pattern));
        for step in &self.steps {
            let (kind, source, pattern) = (step.kind, &step.source, &step.pattern);
            let remark = step.remark();
            let _ = writeln!(text, "{kind:<6}  {source:<sources$}  {pattern:<patterns$}  {remark}");
        }
        let _ = writeln!(text, "decided by {}\n", self.decided_by.words);
        let _ = writeln!(text, "nobody signed in: {}", sentence(self.nobody));
        if let Some(somebody) = &self.somebody {
            let _ = writeln!(text, "{}: {}", somebody.who, sentence(somebody.outcome));
            for unmet in &somebody.unmet {
                let _ = writeln!(text, "  not met: {unmet}");
            }
        }
        text
    }

    /// For programs. `version` changes when a field changes its meaning.
    pub fn json(&self) -> Value {
        let answer =
            |outcome: Outcome| json!({"access": outcome.name(), "status": outcome.status()});
        let steps: Vec<_> = self.steps.iter().map(|step| {
            let mut shown = json!({"kind": step.kind, "source": step.source, "pattern": step.pattern, "result": step.result});
            if !step.methods.is_empty() {
                shown["methods"] = json!(step.methods);
            }
            if let Some(requires) = &step.requires {
                shown["requires"] = json!(requires);
            }
            shown
        }).collect();
        let mut report = json!({
            "version": 1,
            "request": {"method": self.method.as_str(), "path": self.path},
            "refused": self.refused,
            "guarded": self.guarded,
            "readings": self.readings,
            "steps": steps,
            "decided_by": {"kind": self.decided_by.kind, "source": self.decided_by.source},
            "nobody": answer(self.nobody),
        });
        if let Some(somebody) = &self.somebody {
            report["as"] = answer(somebody.outcome);
            report["as"]["unmet"] = json!(somebody.unmet);
        }
        report
    }
}

/// A user who has these claims and nothing else.
pub(super) fn user_with(claims: &BTreeMap<String, Value>) -> User {
    let text = |name: &str| match claims.get(name) {
        Some(Value::String(text)) => text.clone(),
        Some(Value::Number(number)) => number.to_string(),
        _ => String::new(),
    };
    let mut user =
        User { id: text("id"), email: text("email"), name: text("name"), ..User::default() };
    user.claims = claims.clone();
    user
}

/// Claims as one would say them.
fn in_words(claims: &BTreeMap<String, Value>) -> String {
    if claims.is_empty() {
        return "signed in without any claim".to_owned();
    }
    let user = user_with(claims);
    let one = |name: &String| Some(format!("{name} = {}", held(&user, name)?));
    format!("signed in with {}", claims.keys().filter_map(one).collect::<Vec<_>>().join(", "))
}

fn names(methods: &[Method]) -> Vec<String> {
    methods.iter().map(Method::to_string).collect()
}

fn sentence(outcome: Outcome) -> String {
    let status = outcome.status();
    match outcome {
        Outcome::Refused => format!("{status}, refused"),
        Outcome::Public | Outcome::Allowed => "goes through".to_owned(),
        Outcome::Login => format!("{status} to the login page; 401 for a script"),
        Outcome::Denied(_) => format!("{status}, denied"),
    }
}
