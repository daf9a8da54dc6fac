//! `check: ignore T013` in a comment: what the file itself wants to be spared.
//!
//! Behind something, the comment is about its own line; alone on a line, about the next one. With `ignore-file` it
//! is about the whole file. What follows the ids is a reason, for those who read it.

use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

use super::{Rule, Subject, Violation, rules};
use crate::finding::Severity;
use crate::theme::files::SourceFile;

pub(super) static RULES: [&Rule; 2] = [&IN_VAIN, &UNKNOWN];

pub(super) static IN_VAIN: Rule = Rule {
    id: "I001",
    severity: Severity::Warning,
    title: "a comment that ignores nothing",
    why: "What it once hid is gone, or it stands at the wrong line; the next fault there would be hidden unseen.",
    cure: "take the comment away, or put it on the line before the fault",
};

static UNKNOWN: Rule = Rule {
    id: "I002",
    severity: Severity::Warning,
    title: "a comment that ignores an unknown rule",
    why: "Nothing is ignored by it, although its author believes so.",
    cure: "write `check: ignore` and the ids of rules, as `vestibule theme check --list` prints them",
};

/// A comment that asks for something to be ignored.
struct Wish {
    /// One of the ids in it.
    id: String,
    /// Of the id.
    span: Range<usize>,
    /// None for the whole file.
    line: Option<usize>,
}

/// What is left when the wishes of the files are granted, and what is wrong with those.
pub(super) fn apply(subject: &Subject, mut violations: Vec<Violation>) -> Vec<Violation> {
    let known: Vec<&str> = rules().iter().map(|rule| rule.id).collect();
    for layer in subject.own_layers() {
        for (path, file) in &layer.files {
            let Some(comment) = comments_of(path) else { continue };
            for wish in wishes(&file.text(), comment) {
                let place = file.place(wish.span.clone());
                if !known.contains(&wish.id.as_str()) {
                    let message = match &*wish.id {
                        "" => "this comment does not say what to ignore".to_owned(),
                        id => format!("there is no rule {id}"),
                    };
                    violations.push(UNKNOWN.broken(message).at(place));
                    continue;
                }
                let before = violations.len();
                violations.retain(|violation| !is_meant(&wish, file, violation));
                if violations.len() == before {
                    let message = format!("nothing here breaks {}", wish.id);
                    violations.push(IN_VAIN.broken(message).at(place));
                }
            }
        }
    }
    violations
}

fn is_meant(wish: &Wish, file: &SourceFile, violation: &Violation) -> bool {
    let Some(place) = &violation.place else { return false };
    violation.rule.id == wish.id
        && place.file == file.shown_as
        && wish.line.is_none_or(|line| line == place.line)
}

fn pattern(text: &str) -> Regex {
    // The patterns are constants, and a test compiles them all.
    Regex::new(text).unwrap_or_else(|_| unreachable!())
}

static IN_TEMPLATES: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"(?s)\{#-?\s*check:(?<wish>.*?)-?#\}"));
static IN_LINES: LazyLock<Regex> = LazyLock::new(|| pattern(r"(?m)#[ \t]*check:(?<wish>.*)$"));
// With a `!`, minifiers keep it.
static IN_SHEETS: LazyLock<Regex> = LazyLock::new(|| pattern(r"(?s)/\*!?\s*check:(?<wish>.*?)\*/"));

/// How comments of a file are written; none where they are not read.
fn comments_of(path: &str) -> Option<&'static Regex> {
    match path.rsplit_once('.')?.1 {
        "html" | "txt" => Some(&IN_TEMPLATES),
        "toml" | "ftl" => Some(&IN_LINES),
        "css" => Some(&IN_SHEETS),
        _ => None,
    }
}

fn wishes(source: &str, comment: &Regex) -> Vec<Wish> {
    let mut all = Vec::new();
    for found in comment.captures_iter(source) {
        let (Some(whole), Some(wish)) = (found.get(0), found.name("wish")) else { continue };
        let mut words = wish.as_str().split([' ', '\t', ',', '\n']).filter(|word| !word.is_empty());
        let verb = words.next();
        let line = match verb {
            Some("ignore") => Some(line_meant(source, &whole.range())),
            Some("ignore-file") => None,
            _ => {
                all.push(Wish { id: String::new(), span: whole.range(), line: None });
                continue;
            }
        };
        let ids: Vec<&str> = words.take_while(|word| is_id(word)).collect();
        if ids.is_empty() {
            all.push(Wish { id: String::new(), span: whole.range(), line: None });
        }
        for id in ids {
            let span = super::tree::place_of(source, id);
            all.push(Wish { id: id.to_owned(), span, line });
        }
    }
    all
}

/// A capital letter and digits.
fn is_id(word: &str) -> bool {
    let mut letters = word.chars();
    letters.next().is_some_and(|letter| letter.is_ascii_uppercase())
        && word.len() > 1
        && letters.all(|letter| letter.is_ascii_digit())
}

/// The line that a comment is about, counted from 1.
fn line_meant(source: &str, comment: &Range<usize>) -> usize {
    let before = source.get(..comment.start).unwrap_or_default();
    let after = source.get(comment.end..).unwrap_or_default();
    let line = source.get(..comment.end).unwrap_or_default().matches('\n').count() + 1;
    let stands_alone = before.rsplit('\n').next().unwrap_or_default().trim().is_empty()
        && after.split('\n').next().unwrap_or_default().trim().is_empty();
    if stands_alone { line + 1 } else { line }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_comment_is_about_its_own_line_or_the_next() {
        let source = "{# check: ignore T013 #}\n<p>a</p>{# check: ignore T012, T013 names #}\n{#- check: ignore-file F005 -#}";
        let read: Vec<_> = wishes(source, &IN_TEMPLATES)
            .into_iter()
            .map(|wish| (source[wish.span].to_owned(), wish.line))
            .collect();
        let expected = [("T013", Some(2)), ("T012", Some(2)), ("T013", Some(2)), ("F005", None)];
        assert_eq!(read, expected.map(|(id, line)| (id.to_owned(), line)));
        assert_eq!(wishes("a = 1 # check: ignore M008\n", &IN_LINES)[0].line, Some(1));
        assert_eq!(wishes("/* check: ignore C005\n*/\na{}", &IN_SHEETS)[0].line, Some(3));
        assert_eq!(wishes("a{}/*! check: ignore-file F003 */", &IN_SHEETS)[0].line, None);
        assert_eq!(wishes("# check: skip M008", &IN_LINES)[0].id, "");
        assert_eq!(wishes("# check: ignore", &IN_LINES)[0].id, "");
    }
}
