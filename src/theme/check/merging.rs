//! What several parts of the checker say about the same mistake is told once.

use std::collections::BTreeMap;

use super::Violation;
use crate::finding::Severity;

/// Rules that tell the outcome of a mistake. Where another rule names the mistake itself, that is enough.
const OUTCOMES: [&str; 3] = ["R001", "R021", "T016"];

/// Each mistake once, by place.
pub(super) fn merged(mut violations: Vec<Violation>) -> Vec<Violation> {
    violations.sort_by_cached_key(|it| {
        let place = it.place.as_ref();
        let place = place.map(|place| (place.file.clone(), place.line, place.column));
        (place, OUTCOMES.contains(&it.rule.id), it.rule.id, it.message.clone())
    });
    violations.dedup_by(|later, first| {
        let same = first.rule.id == later.rule.id
            && first.message == later.message
            && line_of(first) == line_of(later)
            && first.place.as_ref().map(|it| it.column) == later.place.as_ref().map(|it| it.column);
        if same {
            first.seen_on.append(&mut later.seen_on);
        }
        same
    });
    let mut outcomes: BTreeMap<_, Vec<String>> = BTreeMap::new();
    let mistakes: Vec<_> = violations.iter().filter(|it| is_mistake(it)).map(line_of).collect();
    violations.retain_mut(|it| {
        let line = line_of(it);
        let is_told = OUTCOMES.contains(&it.rule.id) && line.is_some() && mistakes.contains(&line);
        if is_told {
            outcomes.entry(line).or_default().append(&mut it.seen_on);
        }
        !is_told
    });
    for violation in violations.iter_mut().filter(|it| is_mistake(it)) {
        if let Some(mut seen) = outcomes.remove(&line_of(violation)) {
            violation.seen_on.append(&mut seen);
        }
    }
    violations
}

fn is_mistake(violation: &Violation) -> bool {
    let names_it = violation.rule.severity == Severity::Error || violation.rule.id == "T014";
    names_it && !OUTCOMES.contains(&violation.rule.id)
}

fn line_of(violation: &Violation) -> Option<(String, usize)> {
    violation.place.as_ref().map(|place| (place.file.clone(), place.line))
}
