//! Rules about declarations that count for nothing: browsers pass over them without a word.

use std::ops::Range;

use super::properties::{Holds, is_property};
use super::reading::Reading;
use super::sheets::Sheet;
use super::{Rule, Violation};
use crate::finding::Severity;
use crate::theme::css::{Block, Declaration, Kind};

pub(super) static RULES: [&Rule; 2] = [&SKIPPED, &UNKNOWN];

static SKIPPED: Rule = Rule {
    id: "C010",
    severity: Severity::Error,
    title: "a declaration without its colon or semicolon",
    why: "Browsers pass over it without a word, and over the next one where both run into each other.",
    cure: "write `property: value;`",
};

static UNKNOWN: Rule = Rule {
    id: "C011",
    severity: Severity::Warning,
    title: "a property that no browser knows",
    why: "The declaration does not count, without a word from the browser.",
    cure: "take the right name; a variable of your own begins with `--`",
};

pub(super) fn look(reading: &Reading<'_>) -> Vec<Violation> {
    let mut violations = Vec::new();
    for sheet in reading.sheets.own().filter(|sheet| !sheet.is_generated) {
        let css = &sheet.css;
        for (at, block) in &css.without_colon {
            violations.extend(no_colon(sheet, at, *block));
        }
        for declaration in &css.declarations {
            violations.extend(no_colon(sheet, &declaration.property, declaration.block));
            violations.extend(no_semicolons(sheet, declaration));
            violations.extend(unknown(sheet, declaration));
        }
        violations.extend(css.rules.iter().filter_map(|rule| no_semicolon_before(sheet, rule)));
    }
    violations
}

/// Whether there is a text in it that is not closed, which is told already.
fn has_open_text(sheet: &Sheet<'_>, at: &Range<usize>) -> bool {
    let mut texts = sheet.css.halves.iter().filter(|half| half.kind == Kind::Text);
    texts.any(|text| at.start < text.at.end && text.at.start < at.end)
}

/// What stands where a declaration begins, up to its colon if there is one: more than a name.
fn no_colon(sheet: &Sheet<'_>, at: &Range<usize>, block: usize) -> Option<Violation> {
    let text = sheet.css.text(at);
    let has_colon = sheet.css.declarations.iter().any(|it| it.property == *at);
    let has_blank = text.contains(char::is_whitespace);
    if has_colon && !has_blank || has_open_text(sheet, at) {
        return None;
    }
    if matches!(Holds::of(&sheet.css, block), Holds::Anything) {
        return None;
    }
    let line = text.lines().next().unwrap_or_default();
    let place = sheet.place(&(at.start..at.start + line.trim_end().len()));
    if line.starts_with("//") {
        let message = "// begins no comment, and what follows is skipped up to the next semicolon";
        return Some(SKIPPED.broken(message).at(place).help("write /* … */"));
    }
    let first = line.split(char::is_whitespace).next().unwrap_or_default();
    let message = match first {
        _ if has_colon && !text.contains('\n') => format!("`{line}` is no name of a property"),
        name if is_property(name) => format!("there is no colon behind {name}"),
        _ => "this is no declaration: it has no colon".to_owned(),
    };
    Some(SKIPPED.broken(message).at(place))
}

/// Each declaration in the value of the one before it.
fn no_semicolons(sheet: &Sheet<'_>, declaration: &Declaration) -> Vec<Violation> {
    let css = &sheet.css;
    let whole = declaration.property.start..declaration.value.end;
    if has_open_text(sheet, &whole) || matches!(Holds::of(css, declaration.block), Holds::Anything)
    {
        return Vec::new();
    }
    let value = css.text(&declaration.value);
    // A variable can have anything as its value, but hardly means a property on a line of its own.
    let is_variable = css.text(&declaration.property).starts_with("--");
    let is_meant = |name: &Range<usize>| {
        let before = value.get(..name.start).unwrap_or_default().trim_end_matches([' ', '\t']);
        !is_variable
            || before.ends_with('\n') && is_property(value.get(name.clone()).unwrap_or_default())
    };
    let names = names_before_colons(value).into_iter().filter(is_meant);
    let told = names.map(|name| {
        let message = format!("there is no semicolon before {}", &value[name.clone()]);
        let start = declaration.value.start;
        let place = sheet.place(&(start + name.start..start + name.end));
        SKIPPED.broken(message).at(place).help("write ; at the end of the line before it")
    });
    told.collect()
}

/// The words with a colon behind them and something before them, outside of brackets.
fn names_before_colons(value: &str) -> Vec<Range<usize>> {
    let mut depth = 0_usize;
    let mut names = Vec::new();
    for (at, byte) in value.bytes().enumerate() {
        match byte {
            b'(' | b'[' => depth += 1,
            b')' | b']' => depth = depth.saturating_sub(1),
            b':' if depth == 0 => {
                let before = value.get(..at).unwrap_or_default().trim_end();
                let rest = before.trim_end_matches(|letter: char| {
                    letter.is_ascii_alphanumeric() || matches!(letter, '-' | '_')
                });
                let name = rest.len()..before.len();
                // An old way of the Internet Explorer, which nobody else reads.
                let is_filter = before.ends_with("progid");
                if !name.is_empty() && rest.ends_with(char::is_whitespace) && !is_filter {
                    names.push(name);
                }
            }
            _ => {}
        }
    }
    names
}

/// A rule inside of another, with a declaration in front of its selector.
fn no_semicolon_before(sheet: &Sheet<'_>, rule: &Block) -> Option<Violation> {
    let css = &sheet.css;
    if !matches!(Holds::of(css, rule.inside?), Holds::Properties { .. }) {
        return None;
    }
    let (line, _) = css.text(&rule.prelude).split_once('\n')?;
    let (name, _) = line.split_once(':')?;
    let line = line.trim_end();
    let is_declaration = is_property(name.trim_end()) || name.starts_with("--");
    let place = sheet.place(&(rule.prelude.start..rule.prelude.start + line.len()));
    (is_declaration && !line.ends_with(',')).then(|| {
        let message =
            "there is no semicolon behind this, so that the rule below does not count either";
        SKIPPED.broken(message).at(place).help("write ; at the end of the line")
    })
}

fn unknown(sheet: &Sheet<'_>, declaration: &Declaration) -> Option<Violation> {
    let name = sheet.css.text(&declaration.property);
    // Variables, what single browsers had before the others, and ways around old browsers.
    let is_name = name.starts_with(|letter: char| letter.is_ascii_alphabetic())
        && name.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '-');
    if !is_name {
        return None;
    }
    let near = Holds::of(&sheet.css, declaration.block).judge(name).err()?;
    let violation = UNKNOWN.broken(format!("there is no property {name}"));
    let violation = violation.at(sheet.place(&declaration.property));
    let has_lost_its_hyphen = ["webkit-", "moz-"].iter().any(|it| name.starts_with(it));
    Some(match near {
        _ if has_lost_its_hyphen => violation.help(format!("did you mean -{name}?")),
        Some(near) => violation.help(format!("did you mean {near}?")),
        None => violation,
    })
}
