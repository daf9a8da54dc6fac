//! What to write where a template does not compile, for the mistakes that everybody makes.

use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

/// What begins something in a template, and what ends it.
const MARKS: [(&str, &str); 3] = [("{{", "}}"), ("{%", "%}"), ("{#", "#}")];

/// The statements that have an end of their own.
const PAIRS: [&str; 8] = ["if", "for", "block", "with", "macro", "filter", "autoescape", "call"];

/// What to do about a fault, as far as the engine's words and the text before it tell.
pub(in crate::theme) fn cure(detail: &str, source: &str, at: &Range<usize>) -> Option<String> {
    let before = source.get(..at.start.min(source.len())).unwrap_or_default();
    let after = source.get(before.len()..).unwrap_or_default();
    let (mark, end, inside) = last_mark(before)?;
    let says = |words: &str| detail.contains(words);
    if says("end of string") {
        return Some("close the text with the quote that it was opened with".to_owned());
    }
    if says("end of comment") {
        return Some("close the comment with #}".to_owned());
    }
    if says("end of raw block") {
        return Some("end it with {% endraw %}".to_owned());
    }
    if let Some((open, close)) = open_bracket(inside) {
        return Some(format!("close the {open} before it with {close}"));
    }
    if let Some(word) = operator(after, inside) {
        return Some(word);
    }
    if let Some(name) = detail.strip_prefix("unknown statement ") {
        return of_statement(name, before);
    }
    if says("end of input") && inside.contains(end) {
        return left_open(before);
    }
    let is_cut_short =
        ["unexpected `}`", "unexpected `%`", "unexpected end of", "unexpected start of"];
    let runs_into_markup = after.starts_with('/') && inside.ends_with('<');
    let is_cut_short = runs_into_markup || is_cut_short.iter().any(|it| detail.starts_with(it));
    if is_cut_short && !inside.trim().is_empty() {
        return Some(format!("close it with {end}: what begins with {mark} ends so"));
    }
    if says("expected end of variable block") {
        return Some("one value stands between {{ and }}; a ~ joins two of them".to_owned());
    }
    None
}

/// The mark that was opened last before the fault, its end, and what stands behind it.
fn last_mark(before: &str) -> Option<(&'static str, &'static str, &str)> {
    let found = MARKS.into_iter().filter_map(|(mark, end)| Some((before.rfind(mark)?, mark, end)));
    let (at, mark, end) = found.max()?;
    Some((mark, end, before.get(at + mark.len()..).unwrap_or_default()))
}

/// The bracket that is still open at the end of a text, and what closes it.
fn open_bracket(inside: &str) -> Option<(char, char)> {
    let mut open = Vec::new();
    let mut quote = None;
    for c in inside.chars() {
        match (quote, c) {
            (Some(opened), _) => quote = Some(opened).filter(|opened| *opened != c),
            (None, '"' | '\'') => quote = Some(c),
            (None, '(') => open.push((c, ')')),
            (None, '[') => open.push((c, ']')),
            (None, ')' | ']') => {
                open.pop();
            }
            _ => {}
        }
    }
    open.pop()
}

/// What other languages write and templates do not.
fn operator(after: &str, inside: &str) -> Option<String> {
    let is_at = |sign: &str| after.starts_with(sign);
    if is_at("&&") || is_at("&") {
        return Some("write `and`".to_owned());
    }
    if is_at("||") || is_at("|") && inside.trim_end().ends_with('|') {
        return Some("write `or`".to_owned());
    }
    if is_at("!") && !is_at("!=") {
        return Some("write `not`".to_owned());
    }
    let is_test = ["if", "elif"].iter().any(|word| inside.trim_start().starts_with(word));
    (is_test && is_at("=") && !is_at("==")).then(|| "compare with ==".to_owned())
}

static STATEMENT: LazyLock<Regex> = LazyLock::new(|| {
    // The pattern is a constant, and the tests of this module use it.
    Regex::new(r"\{%[-+]?\s*(\w+)([^%]*)").unwrap_or_else(|_| unreachable!())
});

/// The statements that are still open at the end of a text, the innermost last, each with its line.
fn open_statements(before: &str) -> Vec<(&str, usize)> {
    let mut open: Vec<(&str, usize)> = Vec::new();
    for found in STATEMENT.captures_iter(before) {
        let Some(word) = found.get(1) else { continue };
        let line = before.get(..word.start()).unwrap_or_default().matches('\n').count() + 1;
        if let Some(ended) = word.as_str().strip_prefix("end") {
            if let Some(at) = open.iter().rposition(|(name, _)| *name == ended) {
                open.truncate(at);
            }
        } else if PAIRS.contains(&word.as_str()) {
            open.push((word.as_str(), line));
        } else if word.as_str() == "set" && !found[2].contains('=') {
            open.push(("set", line));
        }
    }
    open
}

fn left_open(before: &str) -> Option<String> {
    let (name, line) = open_statements(before).pop()?;
    Some(format!("end the {{% {name} %}} of line {line} with {{% end{name} %}}"))
}

fn of_statement(name: &str, before: &str) -> Option<String> {
    let start = before.rfind("{%").and_then(|at| before.get(..at)).unwrap_or(before);
    if name.starts_with("end") || matches!(name, "else" | "elif") {
        return Some(match left_open(start) {
            Some(end) => format!("{end} before it"),
            None => "nothing is open here that it could belong to: take it out".to_owned(),
        });
    }
    let others = ["extends", "include", "import", "from", "set", "raw", "do", "else", "elif"];
    let ends = PAIRS.map(|name| format!("end{name}"));
    let known = PAIRS.into_iter().chain(others).chain(ends.iter().map(String::as_str));
    let near = super::super::files::nearest(name, known)?;
    Some(format!("did you mean {{% {near} %}}?"))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is said about a template, as the engine stumbles over it.
    fn told(source: &str) -> (String, Option<String>) {
        let mut env = minijinja::Environment::new();
        let error = env.add_template_owned("t", source.to_owned()).unwrap_err();
        let detail = error.detail().unwrap_or_default().to_owned();
        let help = cure(&detail, source, &error.range().unwrap_or(source.len()..source.len()));
        (detail, help)
    }

    #[test]
    fn mistakes_that_everybody_makes_are_answered_with_what_to_write() {
        let mut wrong = Vec::new();
        for (source, help) in [
            ("<p>{{ x }</p>", "close it with }}: what begins with {{ ends so"),
            ("<p>{{ x %}</p>", "close it with }}: what begins with {{ ends so"),
            ("<p>{{ x </p>\n", "close it with }}: what begins with {{ ends so"),
            ("{% if x }}a{% endif %}", "close it with %}: what begins with {% ends so"),
            ("{% if x }a{% endif %}", "close it with %}: what begins with {% ends so"),
            ("{{ super( }}", "close the ( before it with )"),
            ("{{ a[1 }}", "close the [ before it with ]"),
            ("{{ t(\"a.b) }}", "close the text with the quote that it was opened with"),
            ("{# note", "close the comment with #}"),
            ("{% raw %}x", "end it with {% endraw %}"),
            ("{% if a = 1 %}x{% endif %}", "compare with =="),
            ("{% if a && b %}x{% endif %}", "write `and`"),
            ("{% if a || b %}x{% endif %}", "write `or`"),
            ("{% if !a %}x{% endif %}", "write `not`"),
            ("\n{% if a %}x", "end the {% if %} of line 2 with {% endif %}"),
            (
                "{% block a %}\n{% if b %}x{% endblock %}",
                "end the {% if %} of line 2 with {% endif %} before it",
            ),
            ("x{% endif %}", "nothing is open here that it could belong to: take it out"),
            ("{% blok a %}x{% endblock %}", "did you mean {% block %}?"),
            ("{{ a b }}", "one value stands between {{ and }}; a ~ joins two of them"),
        ] {
            let (detail, told) = told(source);
            if told.as_deref() != Some(help) {
                wrong.push(format!("{source:?}: {detail}: {told:?}"));
            }
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }
}
