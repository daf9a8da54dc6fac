//! `vestibule config`: what applies, and why.

use std::process::ExitCode;

use clap::{Subcommand, ValueEnum};
use vestibule::Builder;

use super::{fail, print};

#[derive(Subcommand)]
pub(crate) enum Action {
    /// Print the configuration that applies, secrets as fingerprints
    Show {
        /// Say where each value came from
        #[arg(long)]
        origin: bool,
        /// How to write it
        #[arg(long, value_enum, default_value_t = Format::Toml)]
        format: Format,
    },
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// A file that says the same
    Toml,
    /// One object, for programs
    Json,
}

/// Prints it, or everything that is wrong with it.
pub(crate) fn run(builder: &Builder, action: &Action) -> ExitCode {
    let Action::Show { origin, format } = action;
    match builder.settings() {
        Ok(settings) => {
            print(&match format {
                Format::Toml => settings.toml(*origin),
                Format::Json => format!("{:#}\n", settings.json(*origin)),
            });
            ExitCode::SUCCESS
        }
        Err(error) => fail(&error),
    }
}
