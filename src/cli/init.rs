//! `vestibule init`: the first auth.toml, with what belongs to it.

mod draft;

use std::fs::{self, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use clap::Args;
use clap::builder::{PossibleValuesParser, TypedValueParser as _};
use vestibule::{Evidence, Preset, Vestibule, presets, report};

use self::draft::Draft;
use super::{BUG, FINDINGS, UNAVAILABLE, print, say};

const SCHEMA: &str = "auth.schema.json";
/// A mistake on the command line, as clap ends with it.
const USAGE: u8 = 2;

#[derive(Args)]
pub(crate) struct Options {
    /// Fill in the calls of this backend; --list-presets says which there are
    #[arg(long, value_name = "NAME", value_parser = preset_parser(), hide_possible_values = true)]
    preset: Option<Preset>,
    /// Where your backend is; without it and without a preset the built-in one is used
    #[arg(long, value_name = "URL")]
    backend: Option<String>,
    /// Print the presets and write nothing
    #[arg(long)]
    list_presets: bool,
}

fn preset_parser() -> impl clap::builder::TypedValueParser<Value = Preset> {
    let names = PossibleValuesParser::new(presets().into_iter().map(|preset| preset.name));
    names.try_map(|name| {
        presets().into_iter().find(|preset| preset.name == name).ok_or("there is no such preset")
    })
}

/// Writes the files beside `config`. Where one of them is there already, nothing is written.
pub(crate) fn run(options: &Options, config: &Path) -> ExitCode {
    if options.list_presets {
        print(&list());
        return ExitCode::SUCCESS;
    }
    let folder = config.parent().unwrap_or(Path::new(""));
    if let Some(url) = &options.backend
        && let Err(error) = address(url, folder)
    {
        say(&error);
        return ExitCode::from(USAGE);
    }
    let draft = Draft { preset: options.preset.as_ref(), backend: options.backend.as_deref() };
    let secret = folder.join(draft.secret_file());
    let schema = folder.join(SCHEMA);
    let there: Vec<_> =
        [config, &schema, &secret].into_iter().filter(|file| file.exists()).collect();
    if !there.is_empty() {
        for file in there {
            say(&format!("error: {} is there already\n", file.display()));
        }
        say("Nothing was written. Move it away, or name another file with -c FILE.\n");
        return ExitCode::from(FINDINGS);
    }
    let Ok(key) = key() else {
        say("error: this machine gives no random numbers\n");
        return ExitCode::from(BUG);
    };
    let files = [
        (&secret, key, 0o600),
        (&schema, format!("{:#}\n", vestibule::schema()), 0o644),
        (&config.to_path_buf(), draft.text(), 0o644),
    ];
    for (file, text, mode) in files {
        if let Err(error) = write(file, &text, mode) {
            say(&format!("error: {} cannot be written: {error}\n", file.display()));
            return ExitCode::from(UNAVAILABLE);
        }
        say(&format!("wrote {}\n", file.display()));
    }
    match ignore(folder, draft.ignored()) {
        Ok(Some(file)) => {
            say(&format!("added to {}: {}\n", file.display(), draft.ignored().join(" ")));
        }
        Ok(None) => {}
        Err(error) => {
            say(&format!("warning: .gitignore cannot be written: {error}\n"));
        }
    }
    say(&next(&draft, config));
    ExitCode::SUCCESS
}

/// One line a preset: its name, what it is, and how it is known that it fits.
fn list() -> String {
    let presets = presets();
    let width = presets.iter().map(|preset| preset.name.len()).max().unwrap_or(0);
    let line = |preset: &Preset| {
        let evidence = match preset.evidence {
            Evidence::Tested(package) => format!("tested with {package}"),
            Evidence::Documented(_) => "from documentation, not tested".to_owned(),
        };
        format!("{:width$}  {}; {evidence}\n", preset.name, preset.backend)
    };
    presets.iter().map(line).collect()
}

/// Holds the address against the rules of auth.toml before it is written into one.
fn address(url: &str, folder: &Path) -> Result<(), String> {
    let check = Vestibule::builder()
        .toml("[session]\nstore = \"memory\"\n", folder)
        .flag("backend.url", url, "--backend")
        .check();
    match check {
        Err(error) if error.is_invalid() => Err(report::human(error.findings(), false)),
        Err(error) => Err(format!("error: {error}\n")),
        Ok(_) => Ok(()),
    }
}

/// As many bytes as HS256 wants, in letters that survive every shell.
fn key() -> Result<String, getrandom::Error> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes)?;
    Ok(format!("{}\n", STANDARD.encode(bytes)))
}

fn write(file: &Path, text: &str, mode: u32) -> io::Result<()> {
    let mut file = OpenOptions::new().write(true).create_new(true).mode(mode).open(file)?;
    file.write_all(text.as_bytes())
}

/// Adds lines to the .gitignore of a folder that is in a git work tree, unless they are there.
fn ignore(folder: &Path, patterns: &[&str]) -> io::Result<Option<PathBuf>> {
    let here = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    if !fs::canonicalize(here)?.ancestors().any(|above| above.join(".git").exists()) {
        return Ok(None);
    }
    let file = folder.join(".gitignore");
    let text = match fs::read_to_string(&file) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => String::new(),
        Err(error) => return Err(error),
    };
    let is_missing = |pattern: &&&str| !text.lines().any(|line| line.trim() == **pattern);
    let missing: Vec<_> = patterns.iter().filter(is_missing).copied().collect();
    if missing.is_empty() {
        return Ok(None);
    }
    let gap = if text.is_empty() || text.ends_with('\n') { "" } else { "\n" };
    let mut open = OpenOptions::new().append(true).create(true).open(&file)?;
    open.write_all(format!("{gap}{}\n", missing.join("\n")).as_bytes())?;
    Ok(Some(file))
}

fn next(draft: &Draft<'_>, config: &Path) -> String {
    let option = match config.to_str() {
        Some("auth.toml") => String::new(),
        _ => format!(" -c {}", config.display()),
    };
    let mut commands = vec![("check", "find mistakes, without a network")];
    if !draft.is_builtin() {
        commands.push(("doctor", "talk to the backend and tell what does not fit"));
    }
    commands.push((
        "dev",
        "run the site here, see every change at once, and every page in every state",
    ));
    commands.push(("serve", "run the site"));
    let line = |(command, what): (&str, &str)| {
        format!("  {:28}{what}\n", format!("vestibule{option} {command}"))
    };
    format!("\nNext:\n{}", commands.into_iter().map(line).collect::<String>())
}
