//! Keys and tables that are in a file twice: where the first of them is.

use std::ops::Range;

use toml::de::{DeTable, DeValue};

use crate::finding::Finding;

/// What the parser calls it.
const DUPLICATE: &str = "duplicate key";

/// What is there twice, by where the parser stumbled over it.
pub(super) struct Twice {
    all: Vec<Again>,
}

/// One thing that is there again.
struct Again {
    at: Range<usize>,
    /// `[theme]`, where it is a whole table.
    table: Option<String>,
    /// The line of the first one, where it was found.
    first: Option<usize>,
    /// As far as the keys of that table go, which are only there again because it is.
    reach: Range<usize>,
}

impl Twice {
    /// `shown` is the text with every secret blotted out, of which parts are repeated.
    pub(super) fn of(text: &str, shown: &str, errors: &[toml::de::Error]) -> Self {
        let duplicates = errors.iter().filter(|error| error.message().contains(DUPLICATE));
        let spans = duplicates.filter_map(toml::de::Error::span);
        Self { all: spans.map(|at| Again::at(text, shown, at)).collect() }
    }

    /// The finding with where the first one is; none where it is only an echo of a table that is there twice.
    pub(super) fn explain(&self, at: &Range<usize>, finding: Finding) -> Option<Finding> {
        let Some(again) = self.all.iter().find(|again| again.at == *at) else {
            return Some(finding);
        };
        let is_echo = |other: &Again| {
            other.table.is_some() && other.at != *at && other.reach.contains(&at.start)
        };
        if self.all.iter().any(is_echo) {
            return None;
        }
        Some(match (&again.table, again.first) {
            (Some(table), first) => {
                let message = format!("the table {table} is there twice");
                let first = first.map_or_else(
                    || "the first one".to_owned(),
                    |line| format!("the first one, in line {line}"),
                );
                let help = format!("put the keys below under {first}, and take this line out");
                Finding { message, ..finding }.help(help)
            }
            (None, Some(line)) => {
                finding.help(format!("the first one is in line {line}; keep one of the two"))
            }
            (None, None) => finding,
        })
    }
}

impl Again {
    fn at(text: &str, shown: &str, at: Range<usize>) -> Self {
        let start = text.get(..at.start).and_then(|s| s.rfind('\n')).map_or(0, |at| at + 1);
        let rest = text.get(start..).unwrap_or_default();
        let line = rest.lines().next().unwrap_or_default();
        let before = text.get(..start).unwrap_or_default();
        let table = head(line).filter(|_| !line.trim_start().starts_with("[["));
        let path = if let Some(path) = &table {
            path.clone()
        } else {
            let around = before.lines().rev().find_map(head).unwrap_or_default();
            let key = line.split_once('=').map(|(key, _)| [key, "= 0"].concat());
            let own = key.and_then(|key| path_of(&key)).unwrap_or_default();
            [around, own].concat()
        };
        let (document, _) = DeTable::parse_recoverable(before);
        let first = place_of(document.get_ref(), &path);
        let next = rest.match_indices('\n').map(|(at, _)| at + 1).find(|at| {
            rest.get(*at..).is_some_and(|rest| rest.lines().next().and_then(head).is_some())
        });
        Self {
            at,
            table: table.map(|_| head_alone(shown.get(start..).unwrap_or_default()).to_owned()),
            first: first.map(|at| before.get(..at).unwrap_or_default().matches('\n').count() + 1),
            reach: start..next.map_or(text.len(), |at| start + at),
        }
    }
}

/// The path of a line that is the head of a table.
fn head(line: &str) -> Option<Vec<String>> {
    let head = head_alone(line);
    head.starts_with('[').then(|| path_of(head)).flatten()
}

/// The first line without what is said about it.
fn head_alone(text: &str) -> &str {
    text.lines().next().unwrap_or_default().split('#').next().unwrap_or_default().trim()
}

/// The path that a line makes, whether it is a head or a key.
fn path_of(line: &str) -> Option<Vec<String>> {
    let (document, errors) = DeTable::parse_recoverable(line);
    let mut path = Vec::new();
    let mut table = Some(document.get_ref());
    while let Some((key, value)) = table.and_then(|table| table.iter().next()) {
        path.push(key.get_ref().to_string());
        table = value.get_ref().as_table();
    }
    (errors.is_empty() && !path.is_empty()).then_some(path)
}

/// Where the last key of a path stands. Of several tables of one name, the last one counts.
fn place_of(table: &DeTable<'_>, path: &[String]) -> Option<usize> {
    let (name, rest) = path.split_first()?;
    let (key, value) = table.iter().find(|(key, _)| key.get_ref() == name.as_str())?;
    if rest.is_empty() {
        return Some(key.span().start);
    }
    match value.get_ref() {
        DeValue::Table(table) => place_of(table, rest),
        DeValue::Array(items) => place_of(items.iter().last()?.get_ref().as_table()?, rest),
        _ => None,
    }
}
