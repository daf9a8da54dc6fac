//! `vestibule theme`: the designer's tools.

mod check;
mod table;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Subcommand;
use vestibule::{Builder, EjectedState, Error, ThemeFixture, Themes};

use self::table::{aligned, explained, listed};
use super::{FINDINGS, TextFormat, fail, print, say};

#[derive(Subcommand)]
pub(crate) enum Action {
    /// List the themes that can be chosen
    List {
        /// How to write it
        #[arg(long, value_enum, default_value_t = TextFormat::Human)]
        format: TextFormat,
    },
    /// Write a small theme of your own that works as it is, and says in comments what can be changed
    New {
        /// What to call it, and its folder
        name: String,
        /// The layout to begin with (centered, split, hero, minimal), or a theme to stand on
        #[arg(long, value_name = "LAYOUT")]
        from: Option<String>,
    },
    /// Copy a file of the theme beneath into yours, to change it
    #[command(
        after_help = "A copy no longer follows its original: `theme upgrade` says when that has changed.
To change one block of a page, write a file that begins with {% extends \"page/login.html\" %} instead."
    )]
    Eject {
        /// The file: page/login.html, or login for short
        file: String,
        /// Into the folder `overrides`, which stands above every theme
        #[arg(long)]
        overrides: bool,
    },
    /// Compare your files with those that they stand for
    Diff {
        /// Only this file
        file: Option<String>,
    },
    /// Say which ejected files have changed in the theme beneath since
    Upgrade {
        /// Note that this file is up to date
        #[arg(long, value_name = "FILE")]
        accept: Option<String>,
    },
    /// Write every page in every state, language and mode into a folder, to be looked at without a server
    #[command(
        after_help = "Open index.html of the folder in a browser, or let any web server serve it.
With an auth.toml its forms, pages and options are shown; without one the theme alone.
manifest.json lists every file, for programs that compare pictures."
    )]
    Gallery {
        /// The folder: new, empty, or an earlier gallery
        #[arg(long, value_name = "DIR")]
        out: PathBuf,
        /// This theme instead of the one that is chosen
        #[arg(long, value_name = "NAME")]
        theme: Option<String>,
    },
    /// Find what is wrong with a theme, and what could be better
    #[command(after_help = check::HELP)]
    Check(check::Flags),
    /// Print the JSON schema of everything that a template is given
    Schema,
    /// List the pages and states that a theme is tried on, or print what the template of one is given
    Fixture {
        /// One of the list, to print what its template is given
        id: Option<String>,
        /// How to write the list
        #[arg(long, value_enum, default_value_t = TextFormat::Human)]
        format: TextFormat,
    },
    /// Say which layer each file, block, text and option comes from
    Explain {
        /// Of this page alone: page/login.html, or login for short
        page: Option<String>,
        /// How to write it
        #[arg(long, value_enum, default_value_t = TextFormat::Human)]
        format: TextFormat,
    },
}

pub(crate) fn run(builder: &Builder, action: &Action) -> ExitCode {
    let themes = builder.themes();
    let done = match action {
        Action::List { format } => Ok(list(&themes, *format)),
        Action::New { name, from } => create(&themes, name, from.as_deref()),
        Action::Eject { file, overrides } => eject(&themes, file, *overrides),
        Action::Diff { file } => themes.diff(file.as_deref()).map(|diff| {
            if diff.is_empty() {
                say("nothing differs\n");
            }
            print(&diff);
            ExitCode::SUCCESS
        }),
        Action::Upgrade { accept: Some(file) } => themes.accept(file).map(|path| {
            say(&format!("{} is up to date\n", path.display()));
            ExitCode::SUCCESS
        }),
        Action::Upgrade { accept: None } => upgrade(&themes),
        Action::Gallery { out, theme } => gallery(builder, out, theme.as_deref()),
        Action::Check(flags) => check::run(&themes, flags),
        Action::Schema => {
            print(&json(&Themes::schema()));
            Ok(ExitCode::SUCCESS)
        }
        Action::Fixture { id: Some(id), .. } => themes.fixture(id).map(|fixture| {
            print(&json(&fixture.context));
            ExitCode::SUCCESS
        }),
        Action::Fixture { id: None, format } => fixtures(&themes, *format),
        Action::Explain { page, format } => explain(&themes, page.as_deref(), *format),
    };
    done.unwrap_or_else(|error| fail(&error))
}

fn list(themes: &Themes, format: TextFormat) -> ExitCode {
    let entries = themes.list();
    print(&match format {
        TextFormat::Human => listed(&entries),
        TextFormat::Json => json(&entries),
    });
    ExitCode::SUCCESS
}

fn create(themes: &Themes, name: &str, from: Option<&str>) -> Result<ExitCode, Error> {
    for path in themes.create(name, from)? {
        print(&format!("{}\n", path.display()));
    }
    let choice = themes.choice();
    let file = choice.file.display();
    let way = match (choice.name, choice.table) {
        (Some(line), _) => format!("change the name in line {line} of {file}, under [theme]:\n\n"),
        (None, Some(line)) => format!("add to [theme], which is in line {line} of {file}:\n\n"),
        (None, None) => format!("write in {file}:\n\n[theme]\n"),
    };
    say(&format!(
        "\nTo use it, {way}name = \"{name}\"\n\n\
         Then change theme.toml and theme.css. `vestibule theme explain` lists what can be changed.\n"
    ));
    Ok(ExitCode::SUCCESS)
}

fn eject(themes: &Themes, file: &str, overrides: bool) -> Result<ExitCode, Error> {
    let (path, from) = themes.eject(file, overrides)?;
    print(&format!("{}\n", path.display()));
    say(&format!("copied from {from}; `vestibule theme upgrade` says when that has changed\n"));
    Ok(ExitCode::SUCCESS)
}

fn upgrade(themes: &Themes) -> Result<ExitCode, Error> {
    let files = themes.ejected()?;
    if files.is_empty() {
        say("no file was ejected\n");
    }
    let rows: Vec<Vec<String>> = files
        .iter()
        .map(|file| {
            let state = match file.state {
                EjectedState::Same => "up to date".to_owned(),
                EjectedState::Changed => {
                    format!("changed: copied from {}, now {}", file.from, file.now)
                }
                EjectedState::Gone => {
                    format!("gone: copied from {}, no layer has it now", file.from)
                }
            };
            vec![file.path.clone(), state]
        })
        .collect();
    print(&aligned(&rows));
    if files.iter().all(|file| file.state == EjectedState::Same) {
        return Ok(ExitCode::SUCCESS);
    }
    say(
        "\n`vestibule theme diff FILE` compares; `vestibule theme upgrade --accept FILE` notes that it is done\n",
    );
    Ok(ExitCode::from(FINDINGS))
}

fn gallery(builder: &Builder, out: &Path, theme: Option<&str>) -> Result<ExitCode, Error> {
    let builder = builder.clone();
    let builder = match theme {
        Some(name) => builder.flag("theme.name", name, "--theme"),
        None => builder,
    };
    let written = builder.write_gallery(out)?;
    print(&format!("{}\n", out.join("index.html").display()));
    let alone =
        if written.has_site { "" } else { "; the theme alone, since there is no auth.toml" };
    say(&format!("{} specimens in {} files{alone}\n", written.specimens, written.files));
    Ok(ExitCode::SUCCESS)
}

fn fixtures(themes: &Themes, format: TextFormat) -> Result<ExitCode, Error> {
    let fixtures = themes.fixtures()?;
    let row = |it: &ThemeFixture| {
        vec![it.id.clone(), it.status.to_string(), it.state.clone(), it.template.clone()]
    };
    print(&match format {
        TextFormat::Human => aligned(&fixtures.iter().map(row).collect::<Vec<_>>()),
        TextFormat::Json => json(&fixtures),
    });
    Ok(ExitCode::SUCCESS)
}

fn explain(themes: &Themes, page: Option<&str>, format: TextFormat) -> Result<ExitCode, Error> {
    let explanation = themes.explain(page)?;
    print(&match format {
        TextFormat::Human => explained(&explanation),
        TextFormat::Json => json(&explanation),
    });
    Ok(ExitCode::SUCCESS)
}

fn json(value: &impl serde::Serialize) -> String {
    serde_json::to_value(value).map(|value| format!("{value:#}\n")).unwrap_or_default()
}
