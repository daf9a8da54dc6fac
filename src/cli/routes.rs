//! `vestibule routes`: everything that is served.

use std::process::ExitCode;

use vestibule::Builder;

use super::{TextFormat, fail, print};

/// Prints the table.
pub(crate) fn run(builder: &Builder, format: TextFormat) -> ExitCode {
    match builder.routes() {
        Ok(routes) => {
            print(&match format {
                TextFormat::Human => routes.human(),
                TextFormat::Json => format!("{:#}\n", routes.json()),
            });
            ExitCode::SUCCESS
        }
        Err(error) => fail(&error),
    }
}
