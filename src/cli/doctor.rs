//! `vestibule doctor`: what does not fit between this configuration and its backend.

use std::collections::BTreeMap;
use std::io::{self, BufRead as _, IsTerminal as _};
use std::process::ExitCode;

use clap::{Args, ValueEnum};
use vestibule::{Builder, Diagnosis, DoctorOptions, Secret};

use super::{BUG, FINDINGS, UNAVAILABLE, fail, print, say};

pub(crate) const HELP: &str = "Examples:
  vestibule doctor                                is the backend there, are the paths and fields right
  vestibule doctor --user me@my.site              everything; asks for the password
  vestibule doctor --user me@my.site < password   the same, with the password from a file

Nothing is registered and nothing is changed; a sign-in made here is signed out again.
Exit codes: 0 fine, 1 something is broken, 69 the backend cannot be reached, 78 the
configuration cannot be used.";

#[derive(Args)]
pub(crate) struct Flags {
    /// Sign in as this account of the backend; the password is asked for, or read from standard input
    #[arg(long, value_name = "NAME")]
    user: Option<String>,
    /// What else the login form asks for; may be repeated
    #[arg(long, value_name = "NAME=VALUE", value_parser = pair)]
    input: Vec<(String, String)>,
    /// How to write the report
    #[arg(long, value_enum, default_value_t = Format::Human)]
    format: Format,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// A line for each check, for a terminal
    Human,
    /// One object, for programs
    Json,
}

/// Examines, reports, and says by the exit code how it went.
pub(crate) fn run(builder: &Builder, flags: Flags) -> ExitCode {
    // A password is not asked for in vain.
    if let Err(error) = builder.check() {
        return fail(&error);
    }
    let account = match flags.user.map(|user| password(&user).map(|it| (user, it))).transpose() {
        Ok(account) => account,
        Err(error) => {
            say(&format!("error: the password cannot be read: {error}\n"));
            return ExitCode::from(UNAVAILABLE);
        }
    };
    let inputs: BTreeMap<_, _> = flags.input.into_iter().collect();
    let runtime = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            say(&format!("error: the runtime cannot be started: {error}\n"));
            return ExitCode::from(BUG);
        }
    };
    match runtime.block_on(builder.doctor(DoctorOptions { account, inputs })) {
        Ok(diagnosis) => {
            match flags.format {
                Format::Human => print(&diagnosis.human(io::stdout().is_terminal())),
                Format::Json => print(&diagnosis.json()),
            }
            verdict(&diagnosis)
        }
        Err(error) => fail(&error),
    }
}

fn verdict(diagnosis: &Diagnosis) -> ExitCode {
    if diagnosis.is_unreachable() {
        ExitCode::from(UNAVAILABLE)
    } else if diagnosis.is_ok() {
        ExitCode::SUCCESS
    } else {
        ExitCode::from(FINDINGS)
    }
}

/// Without echo on a terminal, else the first line of standard input.
fn password(user: &str) -> io::Result<Secret> {
    if io::stdin().is_terminal() {
        say(&format!("password of {user}: "));
        return rpassword::read_password().map(Secret::new);
    }
    let mut line = String::new();
    io::stdin().lock().read_line(&mut line)?;
    Ok(Secret::new(line.trim_end_matches(['\r', '\n'])))
}

fn pair(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once('=').ok_or("write name=value, for example tenant=acme")?;
    Ok((name.to_owned(), value.to_owned()))
}
