//! `vestibule test`: the `[[test]]`s of the configuration.

use std::process::ExitCode;

use clap::Args;
use vestibule::Builder;

use super::{FINDINGS, TextFormat, fail, print, say};

#[derive(Args)]
pub(crate) struct Options {
    /// Only the tests whose request holds this text
    #[arg(long, value_name = "TEXT")]
    filter: Option<String>,
    /// How to write it
    #[arg(long, value_enum, default_value_t = TextFormat::Human)]
    format: TextFormat,
}

/// Runs the tests; one that fails makes the exit code 1.
pub(crate) fn run(builder: &Builder, options: &Options) -> ExitCode {
    let report = match builder.test(options.filter.as_deref()) {
        Ok(report) => report,
        Err(error) => return fail(&error),
    };
    if report.is_empty() {
        say("no test was run: there is no [[test]] with this text in its request\n");
    }
    print(&match options.format {
        TextFormat::Human => report.human(),
        TextFormat::Json => format!("{:#}\n", report.json()),
    });
    if report.failures() > 0 { ExitCode::from(FINDINGS) } else { ExitCode::SUCCESS }
}
