//! A diagnosis for eyes.

use std::fmt::Write as _;

use super::diagnosis::{Check, CheckStatus};

const GREEN: &str = "\x1b[32m";
const YELLOW: &str = "\x1b[33m";
const RED: &str = "\x1b[31m";

pub(super) fn human(checks: &[Check], colour: bool) -> String {
    let mut out = String::new();
    let mut said: Vec<&str> = Vec::new();
    for check in checks {
        match check.status {
            CheckStatus::Ok => line(&mut out, "✓", GREEN, check, colour),
            CheckStatus::Warning => line(&mut out, "!", YELLOW, check, colour),
            CheckStatus::Error => line(&mut out, "✗", RED, check, colour),
            // Each reason once, with all that it keeps from being asked.
            CheckStatus::Skipped if !said.contains(&check.detail.as_str()) => {
                said.push(&check.detail);
                let names: Vec<&str> = checks
                    .iter()
                    .filter(|other| {
                        other.status == CheckStatus::Skipped && other.detail == check.detail
                    })
                    .map(|other| other.id)
                    .collect();
                let title = format!("not asked: {}", names.join(", "));
                let skipped = Check { title, ..check.clone() };
                line(&mut out, "!", YELLOW, &skipped, colour);
            }
            CheckStatus::Skipped => {}
        }
    }
    let count = |status| checks.iter().filter(|check| check.status == status).count();
    let skipped = count(CheckStatus::Skipped);
    let _ = write!(
        out,
        "\n{} fine, {} worth knowing, {} broken",
        count(CheckStatus::Ok),
        count(CheckStatus::Warning),
        count(CheckStatus::Error)
    );
    if skipped > 0 {
        let _ = write!(out, ", {skipped} not asked");
    }
    out.push('\n');
    out
}

fn line(out: &mut String, sign: &str, ansi: &str, check: &Check, colour: bool) {
    let title = harmless(&check.title);
    let _ = if colour {
        writeln!(out, "{ansi}{sign}\x1b[0m {title}")
    } else {
        writeln!(out, "{sign} {title}")
    };
    if !check.detail.is_empty() {
        indented(out, "    ", &check.detail);
    }
    let Some(fix) = &check.fix else { return };
    if let Some(lines) = &fix.auth_toml {
        out.push_str("    in auth.toml:\n");
        indented(out, "        ", lines);
    }
    if let Some(what) = &fix.backend {
        out.push_str("    on the other side:\n");
        indented(out, "        ", what);
    }
}

fn indented(out: &mut String, by: &str, text: &str) {
    for line in text.lines() {
        let _ = writeln!(out, "{by}{}", harmless(line));
    }
}

/// A backend's words must not steer the terminal.
fn harmless(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { '�' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_not_asked_is_said_once() {
        let checks = [
            Check::ok("reachable", "it answers"),
            Check::skipped("me.call", "there are no tokens"),
            Check::skipped("me.user", "there are no tokens"),
        ];
        let report = human(&checks, false);
        assert_eq!(
            report,
            "✓ it answers\n! not asked: me.call, me.user\n    there are no tokens\n\n\
             1 fine, 0 worth knowing, 0 broken, 2 not asked\n"
        );
    }

    #[test]
    fn the_backend_cannot_steer_the_terminal() {
        let check = Check::error("me.call", "says \x1b[2J").because("a\x07b");
        let report = human(&[check], false);
        assert!(!report.contains('\x1b') && !report.contains('\x07'), "{report:?}");
    }
}
