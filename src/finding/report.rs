//! Findings as people, machines and code hosts read them.

use std::fmt::Write as _;

use annotate_snippets::renderer::DecorStyle;
use annotate_snippets::{AnnotationKind, Element, Level, Origin, Renderer, Snippet};
use serde_json::json;

use super::{Finding, Severity};

/// With frames and carets, for a terminal.
pub fn human(findings: &[Finding], colour: bool) -> String {
    let renderer = if colour { Renderer::styled() } else { Renderer::plain() };
    let renderer = renderer.decor_style(DecorStyle::Ascii);
    let mut out = String::new();
    for finding in findings {
        let level = match finding.severity {
            Severity::Error => Level::ERROR,
            Severity::Warning => Level::WARNING,
            Severity::Hint => Level::NOTE,
        };
        let mut elements: Vec<Element<'_>> = Vec::new();
        if let Some(place) = &finding.place {
            match &place.excerpt {
                Some(excerpt) => {
                    let span = within(&excerpt.source, excerpt.span.clone());
                    let caret = AnnotationKind::Primary.span(span);
                    let frame =
                        Snippet::source(&*excerpt.source).path(&*place.file).annotation(caret);
                    elements.push(frame.into());
                }
                None => elements.push(Origin::path(&*place.file).into()),
            }
        }
        if let Some(help) = &finding.help {
            elements.push(Level::HELP.message(help).into());
        }
        let title = level.primary_title(&finding.message).id(finding.code.id());
        out.push_str(&renderer.render(&[title.elements(elements)]));
        out.push_str("\n\n");
    }
    out.push_str(&counts(findings));
    out.push('\n');
    out
}

/// One object, for programs. `version` changes when a field changes its meaning.
pub fn json(findings: &[Finding]) -> String {
    let [errors, warnings, hints] = numbers(findings);
    let report = json!({
        "version": 1,
        "errors": errors,
        "warnings": warnings,
        "hints": hints,
        "findings": findings,
    });
    format!("{report:#}\n")
}

/// Workflow commands, which GitHub shows at the lines of a change.
pub fn github(findings: &[Finding]) -> String {
    let mut out = String::new();
    for finding in findings {
        let command = match finding.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Hint => "notice",
        };
        let mut properties = String::new();
        if let Some(place) = &finding.place {
            let _ = write!(properties, "file={},", escape_property(&place.file));
            if place.line > 0 {
                let _ = write!(properties, "line={},col={},", place.line, place.column);
            }
        }
        let help =
            finding.help.as_deref().map(|help| format!("\nhelp: {help}")).unwrap_or_default();
        let text = escape(&format!("{}{help}", finding.message));
        let _ = writeln!(out, "::{command} {properties}title={}::{text}", finding.code);
    }
    out.push_str(&counts(findings));
    out.push('\n');
    out
}

/// How many of each, for the last line.
fn counts(findings: &[Finding]) -> String {
    let plural = |count: usize, what: &str| match count {
        1 => format!("1 {what}"),
        _ => format!("{count} {what}s"),
    };
    let numbers = numbers(findings).into_iter().zip(["error", "warning", "hint"]);
    let told: Vec<String> =
        numbers.filter(|(count, _)| *count > 0).map(|(count, what)| plural(count, what)).collect();
    if told.is_empty() { "nothing to report".to_owned() } else { told.join(", ") }
}

/// Errors, warnings and hints.
fn numbers(findings: &[Finding]) -> [usize; 3] {
    [Severity::Error, Severity::Warning, Severity::Hint]
        .map(|severity| findings.iter().filter(|finding| finding.severity == severity).count())
}

/// The span, kept inside of the text and to its first line: a caret under ten lines points at nothing.
fn within(source: &str, span: std::ops::Range<usize>) -> std::ops::Range<usize> {
    let mut start = span.start.min(source.len());
    if start == source.len() && source.ends_with('\n') && start > 0 {
        start -= 1;
    }
    let end = span.end.clamp(start, source.len());
    let first_line = source.get(start..end).and_then(|text| text.find('\n'));
    start..first_line.map_or(end, |at| start + at.max(1))
}

fn escape(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

fn escape_property(text: &str) -> String {
    escape(text).replace(':', "%3A").replace(',', "%2C")
}
