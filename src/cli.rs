//! The command line: what to do, and with which exit code it ends.
//!
//! Data goes to standard output, talk to standard error. This module belongs to the binary, so the
//! compiler itself keeps it to the library's public interface.

mod check;
mod config;
mod dev;
mod doctor;
mod init;
mod logging;
mod routes;
mod serve;
mod snippet;
mod test;
mod theme;
mod why;

use std::io::{self, IsTerminal as _, Write as _};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand, ValueEnum};
use vestibule::{Builder, Error, Vestibule, report};

/// A login page, sessions and protected routes in front of your backend, from one auth.toml.
#[derive(Parser)]
#[command(version, arg_required_else_help = true, propagate_version = true)]
#[command(after_help = "Examples:
  vestibule serve                     run the site that ./auth.toml describes
  vestibule dev                       the same, and every change of theme or file shows at once
  vestibule init --backend http://localhost:8000 --preset fastapi-users
                                      write a first auth.toml for that backend
  vestibule check --format github     find every mistake in it, for a pull request
  vestibule doctor --user me@my.site  ask the backend what does not fit, and how to cure it
  vestibule why GET /admin --as roles=user
                                      who may see that page, and which line of the file says so
  vestibule test --filter /admin      run the [[test]]s of the file that are about it
  vestibule routes                    everything that is served, and to whom
  vestibule theme new acme            write a small theme of your own, to be changed
  vestibule -c shop.toml openapi      print the OpenAPI document of its forms and pages

Exit codes: 0 fine, 1 findings, 2 usage, 69 something needed is unavailable,
70 a bug of ours, 78 the configuration cannot be used.")]
struct Arguments {
    /// The configuration; never searched for in other folders
    #[arg(
        short,
        long,
        value_name = "FILE",
        default_value = "auth.toml",
        global = true,
        env = "VESTIBULE_CONFIG"
    )]
    config: PathBuf,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Run the site
    Serve {
        /// Listen here instead of at [server] listen; port 0 takes a free one
        #[arg(long, value_name = "ADDRESS")]
        listen: Option<String>,
    },
    /// Run the site for those who make it: changes of theme and configuration show at once, mistakes too
    Dev {
        /// Listen here instead of at [server] listen
        #[arg(long, value_name = "ADDRESS")]
        listen: Option<String>,
    },
    /// Write a first auth.toml with its schema and a secret; nothing that exists is overwritten
    Init(init::Options),
    /// Find every mistake in the configuration and the theme, without a network
    Check {
        /// How to write the findings
        #[arg(long, value_enum, default_value_t = ReportFormat::Human)]
        format: ReportFormat,
    },
    /// Talk to the backend and say what does not fit, with the lines that cure it
    #[command(after_help = doctor::HELP)]
    Doctor(doctor::Flags),
    /// Explain who may make a request, and which line of the file says so
    Why(why::Options),
    /// Run the [[test]]s of the configuration
    Test(test::Options),
    /// List everything that is served, and to whom
    Routes {
        /// How to write it
        #[arg(long, value_enum, default_value_t = TextFormat::Human)]
        format: TextFormat,
    },
    /// Print the configuration that applies
    #[command(subcommand)]
    Config(config::Action),
    /// The designer's tools: what there is, a first theme, copies, where everything comes from
    #[command(subcommand)]
    Theme(theme::Action),
    /// Print the `OpenAPI` document of forms and pages
    Openapi {
        /// How to write it
        #[arg(long, value_enum, default_value_t = DocumentFormat::Json)]
        format: DocumentFormat,
    },
    /// Print the block for nginx, Caddy or Traefik in front of your app
    Snippet(snippet::Options),
    /// Print the JSON Schema of auth.toml
    Schema,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum ReportFormat {
    /// With the lines and carets, for a terminal
    Human,
    /// One object, for programs
    Json,
    /// Annotations for a pull request
    Github,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum TextFormat {
    /// For a terminal
    Human,
    /// One object, for programs
    Json,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum DocumentFormat {
    /// One object
    Json,
    /// The same in lines
    Yaml,
}

/// Findings, or a test that failed.
const FINDINGS: u8 = 1;
/// Something that is needed is not to be had (`EX_UNAVAILABLE`).
const UNAVAILABLE: u8 = 69;
/// Our fault (`EX_SOFTWARE`).
const BUG: u8 = 70;
/// The configuration cannot be used (`EX_CONFIG`).
const INVALID: u8 = 78;

pub(crate) fn run() -> ExitCode {
    let arguments = Arguments::parse();
    let builder = Vestibule::builder().file(&arguments.config).env(environment());
    match arguments.command {
        Command::Serve { listen } => serve::run(&listening(builder, listen)),
        Command::Dev { listen } => dev::run(&listening(builder, listen)),
        Command::Init(options) => init::run(&options, &arguments.config),
        Command::Config(action) => config::run(&builder, &action),
        Command::Check { format } => check::run(&builder, format, &arguments.config),
        Command::Doctor(flags) => doctor::run(&builder, flags),
        Command::Why(options) => why::run(&builder, &options),
        Command::Test(options) => test::run(&builder, &options),
        Command::Routes { format } => routes::run(&builder, format),
        Command::Snippet(options) => snippet::run(&builder, &options),
        Command::Theme(action) => theme::run(&builder, &action),
        Command::Openapi { format } => openapi(&builder, format),
        Command::Schema => {
            print(&format!("{:#}\n", vestibule::schema()));
            ExitCode::SUCCESS
        }
    }
}

fn listening(builder: Builder, at: Option<String>) -> Builder {
    match at {
        Some(address) => builder.flag("server.listen", &address, "--listen"),
        None => builder,
    }
}

fn openapi(builder: &Builder, format: DocumentFormat) -> ExitCode {
    let written = match format {
        DocumentFormat::Json => builder.openapi().map(|document| format!("{document:#}\n")),
        DocumentFormat::Yaml => builder.openapi_yaml(),
    };
    match written {
        Ok(text) => {
            print(&text);
            ExitCode::SUCCESS
        }
        Err(error) => fail(&error),
    }
}

/// Tells an error and gives its exit code.
fn fail(error: &Error) -> ExitCode {
    if error.is_invalid() {
        say(&report::human(error.findings(), io::stderr().is_terminal()));
        return ExitCode::from(INVALID);
    }
    say(&format!("error: {error}\n"));
    ExitCode::from(if error.is_unavailable() { UNAVAILABLE } else { BUG })
}

/// The one place where the environment is read; the library is told.
#[expect(
    clippy::disallowed_methods,
    reason = "the environment comes in by the door, and this is the door"
)]
fn environment() -> Vec<(String, String)> {
    // Variables that are not UTF-8 are not ours: all of our names and values are.
    std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
        .collect()
}

/// Data. Nobody is left to be told when the pipe is closed.
fn print(text: &str) {
    let _ = io::stdout().lock().write_all(text.as_bytes());
}

/// Talk.
fn say(text: &str) {
    let _ = io::stderr().lock().write_all(text.as_bytes());
}
