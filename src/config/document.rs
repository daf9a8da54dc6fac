//! The file as it was read: its values, where each stands, and everything wrong with its form.

mod twice;

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::sync::Arc;

use figment::value::Dict;
use toml::de::DeTable;

use self::twice::Twice;
use super::blot::{blot, ranges_in_broken_text};
use super::shape::Shape;
use super::walk::Walk;
use crate::finding::toml_words::{OPEN_LIST, not_toml};
use crate::finding::{Finding, Place};

/// Where a value and its key stand in the text.
#[derive(Clone, Debug)]
pub(crate) struct Spans {
    pub(crate) key: Range<usize>,
    pub(crate) value: Range<usize>,
}

/// A file that was read and looked through.
#[derive(Debug)]
pub(crate) struct Document {
    /// As the user named it.
    pub(crate) name: String,
    /// The text with every secret blotted out.
    pub(crate) shown: Arc<str>,
    /// The text itself, for the places inside of literals.
    pub(crate) text: String,
    /// What is right in form, for figment.
    pub(crate) values: Dict,
    /// By dotted path; items of lists by their number.
    pub(crate) spans: BTreeMap<String, Spans>,
    /// Paths about which something has been said already.
    pub(crate) spoiled: BTreeSet<String>,
    pub(crate) findings: Vec<Finding>,
    /// The text is not TOML, so that nothing can be said about its content.
    pub(crate) broken: bool,
}

impl Document {
    /// Reads a text and holds it against the shape of the whole file.
    pub(crate) fn read(name: &str, text: &str, root: &Shape) -> Self {
        let (table, errors) = DeTable::parse_recoverable(text);
        if !errors.is_empty() {
            return Self::broken(name, text, root, &errors);
        }
        let mut walk = Walk::new(text, root);
        let values = walk.file(table.get_ref());
        let shown: Arc<str> = blot(text, &walk.hidden).into();
        let findings = walk
            .findings
            .into_iter()
            .map(|(span, finding)| finding.at(Some(Place::in_file(name, &shown, span))))
            .collect();
        Self {
            name: name.to_owned(),
            shown,
            text: text.to_owned(),
            values,
            spans: walk.spans,
            spoiled: walk.spoiled,
            findings,
            broken: false,
        }
    }

    fn broken(name: &str, text: &str, root: &Shape, errors: &[toml::de::Error]) -> Self {
        let shown: Arc<str> = blot(text, &ranges_in_broken_text(text, root)).into();
        let twice = Twice::of(text, &shown, errors);
        let told = errors.iter().filter_map(|error| {
            let span = error.span().unwrap_or(0..0);
            let finding = not_toml(error.message(), &shown, &span);
            let place = Place::in_file(name, &shown, span.clone());
            Some(twice.explain(&span, finding)?.at(Some(place)))
        });
        let mut findings: Vec<Finding> = told.collect();
        drop_echoes(&mut findings);
        Self {
            name: name.to_owned(),
            shown,
            text: text.to_owned(),
            values: Dict::new(),
            spans: BTreeMap::new(),
            spoiled: BTreeSet::new(),
            findings,
            broken: true,
        }
    }

    /// Where a value stands.
    pub(crate) fn value(&self, path: &str) -> Option<Place> {
        self.spans.get(path).map(|spans| self.at(spans.value.clone()))
    }

    /// Where a key stands.
    pub(crate) fn key(&self, path: &str) -> Option<Place> {
        self.spans.get(path).map(|spans| self.at(spans.key.clone()))
    }

    pub(crate) fn at(&self, span: Range<usize>) -> Place {
        Place::in_file(self.name.as_str(), &self.shown, span)
    }

    /// The place of a part of a text value: `part` counts bytes of the text as it is meant, without
    /// quotes and escapes.
    pub(crate) fn inside(&self, path: &str, part: Range<usize>) -> Option<Place> {
        let span = self.spans.get(path)?.value.clone();
        let raw = self.text.get(span.clone())?;
        let start = span.start + raw_offset(raw, part.start);
        let end = span.start + raw_offset(raw, part.end);
        Some(self.at(start..end.max(start)))
    }
}

/// Leaves out what is most likely an earlier mistake once more: what follows on the same line, and,
/// after a list that is not closed, what is on the lines right after it.
fn drop_echoes(findings: &mut Vec<Finding>) {
    let line = |finding: &Finding| finding.place.as_ref().map_or(0, |place| place.line);
    findings.sort_by_key(line);
    let mut last = 0;
    let mut list_is_open = false;
    findings.retain(|finding| {
        let line = line(finding);
        let echo = line == last || list_is_open && line == last + 1;
        list_is_open = finding.message == OPEN_LIST || list_is_open && echo;
        last = line;
        !echo
    });
}

/// The offset in a TOML string literal, quotes included, of the byte `meant` of what it stands for.
fn raw_offset(raw: &str, meant: usize) -> usize {
    let quote = raw.get(..1).unwrap_or_default();
    let fence = if raw.len() >= 6 && raw.starts_with(&quote.repeat(3)) { 3 } else { 1 };
    let mut at = fence;
    if fence == 3 {
        // The line break right after the opening quotes is not part of the text.
        let rest = raw.get(at..).unwrap_or_default();
        at += if rest.starts_with("\r\n") { 2 } else { usize::from(rest.starts_with('\n')) };
    }
    if quote == "'" {
        return (at + meant).min(raw.len() - fence.min(raw.len()));
    }
    let mut seen = 0;
    while seen < meant {
        let rest = raw.get(at..).unwrap_or_default();
        let Some(c) = rest.chars().next() else { break };
        if c != '\\' {
            at += c.len_utf8();
            seen += c.len_utf8();
            continue;
        }
        let digits = match rest.as_bytes().get(1) {
            Some(b'u') => 4,
            Some(b'U') => 8,
            Some(b'x') => 2,
            _ => 0,
        };
        let code = rest.get(2..2 + digits).and_then(|hex| u32::from_str_radix(hex, 16).ok());
        at += 2 + digits;
        seen +=
            if digits == 0 { 1 } else { code.and_then(char::from_u32).map_or(1, char::len_utf8) };
    }
    at.min(raw.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_inside_of_literals_follow_the_escapes() {
        assert_eq!(raw_offset("'/a(b'", 2), 3);
        assert_eq!(raw_offset(r#""/\\d(b""#, 3), 5);
        assert_eq!(raw_offset(r#""\u00e9(""#, 2), 7);
        assert_eq!(raw_offset("'''\n/a('''", 2), 6);
    }
}
