//! `vestibule check`: every finding that needs no network.

use std::io::{self, IsTerminal as _};
use std::path::Path;
use std::process::ExitCode;

use vestibule::{Builder, Severity, report};

use super::{FINDINGS, ReportFormat, fail, print, say};

/// Prints the findings. Errors make the exit code 1; warnings alone do not.
pub(crate) fn run(builder: &Builder, format: ReportFormat, file: &Path) -> ExitCode {
    let findings = match builder.check() {
        Ok(warnings) => warnings,
        Err(error) if error.is_invalid() => error.findings().to_vec(),
        Err(error) => return fail(&error),
    };
    match format {
        ReportFormat::Human if findings.is_empty() => {
            say(&format!("{}: nothing to find fault with\n", file.display()));
        }
        ReportFormat::Human => print(&report::human(&findings, io::stdout().is_terminal())),
        ReportFormat::Json => print(&report::json(&findings)),
        ReportFormat::Github => print(&report::github(&findings)),
    }
    let is_error = |severity: Severity| severity == Severity::Error;
    if findings.iter().any(|finding| is_error(finding.severity)) {
        ExitCode::from(FINDINGS)
    } else {
        ExitCode::SUCCESS
    }
}
