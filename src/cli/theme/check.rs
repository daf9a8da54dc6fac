//! `vestibule theme check`: findings by the rules for themes, and the rules themselves.

use std::fmt::Write as _;
use std::io::{self, IsTerminal as _};
use std::process::ExitCode;

use clap::{Args, ValueEnum};
use vestibule::{Error, Finding, Severity, ThemeRule, Themes, report};

use super::super::{FINDINGS, ReportFormat, print, say};
use super::table::aligned;

pub(crate) const HELP: &str = "A comment in a file of the theme spares it a rule, at that line or the next: {# check: ignore T013 #} in
templates, # check: ignore M008 in theme.toml and catalogs, /* check: ignore C005 */ in style sheets.
`ignore-file` spares the whole file.";

#[derive(Args)]
pub(crate) struct Flags {
    /// The theme, if it is not that of auth.toml
    name: Option<String>,
    /// How to write the findings
    #[arg(long, value_enum, default_value_t = ReportFormat::Human)]
    format: ReportFormat,
    /// List every rule
    #[arg(long, conflicts_with_all = ["name", "explain"])]
    list: bool,
    /// Say why a rule is there, and how it is kept
    #[arg(long, value_name = "ID", conflicts_with = "name")]
    explain: Option<String>,
    /// From where on findings make the exit code 1
    #[arg(long, value_enum, value_name = "LEVEL", default_value_t = FailLevel::Warning)]
    fail_level: FailLevel,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum FailLevel {
    /// Only what keeps pages from being shown
    Error,
    /// What visitors would stumble over too
    Warning,
    /// Everything that could be better
    Hint,
}

pub(crate) fn run(themes: &Themes, flags: &Flags) -> Result<ExitCode, Error> {
    if flags.list {
        print(&listed(&Themes::rules()));
        return Ok(ExitCode::SUCCESS);
    }
    if let Some(id) = &flags.explain {
        return Ok(explain(id));
    }
    let findings = themes.check(flags.name.as_deref())?;
    tell(&findings, flags.format);
    let fails = match flags.fail_level {
        FailLevel::Error => Severity::Error,
        FailLevel::Warning => Severity::Warning,
        FailLevel::Hint => Severity::Hint,
    };
    let has_failed = findings.iter().any(|finding| finding.severity >= fails);
    Ok(if has_failed { ExitCode::from(FINDINGS) } else { ExitCode::SUCCESS })
}

fn tell(findings: &[Finding], format: ReportFormat) {
    match format {
        ReportFormat::Human if findings.is_empty() => say("nothing to find fault with\n"),
        ReportFormat::Human => print(&report::human(findings, io::stdout().is_terminal())),
        ReportFormat::Json => print(&report::json(findings)),
        ReportFormat::Github => print(&report::github(findings)),
    }
}

fn listed(rules: &[&ThemeRule]) -> String {
    let row = |rule: &&ThemeRule| {
        vec![rule.id.to_owned(), word_for(rule.severity).to_owned(), rule.title.to_owned()]
    };
    aligned(&rules.iter().map(row).collect::<Vec<_>>())
}

fn word_for(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Hint => "hint",
    }
}

fn explain(id: &str) -> ExitCode {
    let rules = Themes::rules();
    let Some(rule) = rules.iter().find(|rule| rule.id.eq_ignore_ascii_case(id)) else {
        let where_else = match id.strip_prefix(['V', 'v']) {
            Some(rest) if rest.parse::<u32>().is_ok() => {
                "it is a code of `vestibule check`, and docs/reference/codes.md has those"
            }
            _ => "`vestibule theme check --list` prints them all",
        };
        say(&format!("error: there is no rule {id}; {where_else}\n"));
        return ExitCode::from(FINDINGS);
    };
    let mut text =
        format!("{} ({}): {}\n\n{}\n\n", rule.id, word_for(rule.severity), rule.title, rule.why);
    let _ = writeln!(text, "Cure: {}", rule.cure);
    if let Some(example) = rule.example() {
        let both = [("Wrong", example.wrong), ("Right", example.right)];
        for (what, code) in both.into_iter().filter(|(_, code)| !code.is_empty()) {
            let _ = writeln!(text, "\n{what}, in {}:\n", example.file);
            for line in code.lines() {
                let _ = writeln!(text, "    {line}");
            }
        }
    }
    print(&text);
    ExitCode::SUCCESS
}
