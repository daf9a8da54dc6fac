//! Findings as the browser shows them.

use std::fmt::Write as _;

use serde_json::{Value, json};

use crate::finding::{Excerpt, Finding, Place};

/// Lines shown before and after the one that is meant.
const AROUND: usize = 2;

/// A finding with its frame, for the script.
pub(super) fn shown(finding: &Finding) -> Value {
    json!({
        "code": finding.code,
        "severity": finding.severity,
        "message": finding.message,
        "place": finding.place.as_ref().map(ToString::to_string),
        "frame": finding.place.as_ref().and_then(frame),
        "help": finding.help,
    })
}

/// The lines around a place, numbered, with a caret under what is meant.
fn frame(place: &Place) -> Option<String> {
    let Excerpt { source, span } = place.excerpt.as_ref()?;
    let at = place.line.checked_sub(1)?;
    let first = at.saturating_sub(AROUND);
    let width = (at + 1 + AROUND).to_string().len();
    let mut frame = String::new();
    for (index, line) in source.lines().enumerate().skip(first).take(at - first + 1 + AROUND) {
        // A tab has another width in the browser than the blank that stands in for it below.
        let line = line.replace('\t', " ");
        let _ = writeln!(frame, "{:>width$} | {line}", index + 1);
        if index == at {
            let rest = line.chars().count().saturating_sub(place.column - 1);
            let meant = source.get(span.clone()).unwrap_or_default();
            let meant = meant.lines().next().unwrap_or_default().chars().count();
            let carets = "^".repeat(meant.clamp(1, rest.max(1)));
            let _ = writeln!(frame, "{:>width$} | {}{carets}", "", " ".repeat(place.column - 1));
        }
    }
    Some(frame)
}

/// The page that says why there is none. `report` is safe to stand in it.
pub(super) fn page(script: &str, style: &str, report: &str) -> String {
    format!(
        "<!doctype html>\n<html lang=\"en\" dir=\"ltr\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <title>Nothing to show yet</title>\n<link rel=\"icon\" href=\"data:,\">\n\
         <link rel=\"stylesheet\" href=\"{style}\">\n{script}</head>\n<body>\n<main class=\"report\">\n\
         <h1>Nothing to show yet</h1>\n<p>This site cannot be served as its files are now. \
         It comes up by itself when they are mended.</p>\n<pre>{report}</pre>\n</main>\n</body>\n</html>\n"
    )
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::finding::Code;

    fn place(source: &str, meant: &str) -> Place {
        let source: Arc<str> = source.into();
        let at = source.find(meant).unwrap();
        Place::in_file("page/login.html", &source, at..at + meant.len())
    }

    #[test]
    fn the_caret_stands_under_what_is_meant() {
        let source = "one\ntwo\n\tthree {{ vale }}\nfour\nfive\nsix\n";
        let frame = frame(&place(source, "vale")).unwrap();
        assert_eq!(
            frame,
            "1 | one\n2 | two\n3 |  three {{ vale }}\n  |           ^^^^\n4 | four\n5 | five\n"
        );
    }

    #[test]
    fn a_place_at_the_very_end_and_one_over_several_lines_have_a_frame_too() {
        assert!(frame(&place("a\nb", "b")).unwrap().ends_with("2 | b\n  | ^\n"));
        let frame = frame(&place("x {% if\ny %}\n", "{% if\ny")).unwrap();
        assert_eq!(frame, "1 | x {% if\n  |   ^^^^^\n2 | y %}\n");
    }

    #[test]
    fn what_has_no_lines_has_no_frame() {
        let finding = Finding::error(Code::FileUnreadable, "gone").at(Some(Place::named("a.toml")));
        let shown = shown(&finding);
        assert_eq!((&shown["place"], &shown["frame"]), (&json!("a.toml"), &Value::Null));
    }
}
