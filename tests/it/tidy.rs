//! Who may know whom. The floors of the house are modules of one crate, so the compiler does not hold them
//! apart; this does, together with a few habits that no lint knows.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

/// A storey of the house: which modules of `src/` stand on it, what they may name of our own, and what of others.
struct Floor {
    name: &'static str,
    /// Top-level modules, each with all that is below it.
    modules: &'static [&'static str],
    /// What of this crate they may name, besides themselves. `*` is everything.
    own: &'static [&'static str],
    /// Which packages they may not name.
    not: &'static [&'static str],
    /// Which paths of the standard library they may not name.
    not_std: &'static [&'static str],
}

const GROUND: &[&str] =
    &["access", "call", "clock", "finding", "form", "path", "return_to", "secret", "token", "user"];
const GROUND_AND_PLAN: &[&str] = &[
    "access",
    "call",
    "clock",
    "finding",
    "form",
    "path",
    "return_to",
    "secret",
    "token",
    "user",
    "config::plan",
];
const GROUND_ROOMS_AND_PLAN: &[&str] = &[
    "access",
    "call",
    "clock",
    "finding",
    "form",
    "path",
    "return_to",
    "secret",
    "token",
    "user",
    "config::plan",
    "session",
    "backend",
    "builtin_backend",
    "jwks",
    "mail",
    "theme",
    "upstream",
];

const FLOORS: &[Floor] = &[
    Floor {
        name: "ground (pure: no I/O, no async, no framework)",
        modules: GROUND,
        own: GROUND,
        not: &[
            "aws_lc_rs",
            "clap",
            "figment",
            "futures_util",
            "hyper",
            "hyper_util",
            "minijinja",
            "moka",
            "poem",
            "poem_openapi",
            "redis",
            "reqwest",
            "rusqlite",
            "rustls",
            "tokio",
            "toml",
            "tracing",
            "tracing_subscriber",
        ],
        not_std: &[
            "fs",
            "env",
            "process",
            "thread",
            "io::stdin",
            "net::TcpStream",
            "net::TcpListener",
        ],
    },
    Floor {
        name: "config (reads files, opens nothing)",
        modules: &["config"],
        own: GROUND,
        not: &[
            "clap",
            "hyper",
            "hyper_util",
            "minijinja",
            "poem",
            "poem_openapi",
            "redis",
            "reqwest",
            "rusqlite",
            "tokio",
            "tracing_subscriber",
        ],
        not_std: &["process", "thread", "net::TcpStream", "net::TcpListener"],
    },
    Floor {
        name: "sqlite (what two rooms share: the driver and nothing of ours)",
        modules: &["sqlite"],
        own: &[],
        not: &[
            "clap",
            "figment",
            "hyper",
            "hyper_util",
            "minijinja",
            "poem",
            "poem_openapi",
            "reqwest",
        ],
        not_std: &["env", "process"],
    },
    Floor {
        name: "session (a room: ground, Plan, its own driver)",
        modules: &["session"],
        own: &[
            "access",
            "call",
            "clock",
            "finding",
            "form",
            "path",
            "return_to",
            "secret",
            "token",
            "user",
            "config::plan",
            "sqlite",
        ],
        not: &[
            "clap",
            "figment",
            "hyper",
            "hyper_util",
            "minijinja",
            "poem",
            "poem_openapi",
            "reqwest",
        ],
        not_std: &["env", "process"],
    },
    Floor {
        name: "backend (a room: ground, Plan, its own driver)",
        modules: &["backend"],
        own: GROUND_AND_PLAN,
        not: &[
            "clap",
            "figment",
            "hyper",
            "hyper_util",
            "minijinja",
            "poem",
            "poem_openapi",
            "redis",
            "rusqlite",
        ],
        not_std: &["fs", "env", "process"],
    },
    Floor {
        name: "jwks (a room: ground, Plan, its own driver)",
        modules: &["jwks"],
        own: GROUND_AND_PLAN,
        not: &[
            "clap",
            "figment",
            "hyper",
            "hyper_util",
            "minijinja",
            "poem",
            "poem_openapi",
            "redis",
            "rusqlite",
        ],
        not_std: &["fs", "env", "process"],
    },
    Floor {
        name: "mail (a room: ground, Plan, its own driver, the theme's words for mails)",
        modules: &["mail"],
        own: &[
            "access",
            "call",
            "clock",
            "finding",
            "form",
            "path",
            "return_to",
            "secret",
            "token",
            "user",
            "config::plan",
            "theme::letters",
        ],
        not: &[
            "clap",
            "figment",
            "hyper",
            "hyper_util",
            "minijinja",
            "poem",
            "poem_openapi",
            "redis",
            "reqwest",
            "rusqlite",
        ],
        not_std: &["env", "process"],
    },
    Floor {
        // It implements the trait of the room next door, and is the only one that may look over there.
        name: "builtin_backend (a room: ground, Plan, its own driver, the Backend trait, mails)",
        modules: &["builtin_backend"],
        own: &[
            "access",
            "call",
            "clock",
            "finding",
            "form",
            "path",
            "return_to",
            "secret",
            "token",
            "user",
            "config::plan",
            "backend::Backend",
            "backend::BackendError",
            "backend::Outage",
            "backend::Refusal",
            "mail::Mailer",
            "theme::letters",
            "sqlite",
        ],
        not: &[
            "clap",
            "figment",
            "hyper",
            "hyper_util",
            "minijinja",
            "poem",
            "poem_openapi",
            "redis",
            "reqwest",
        ],
        not_std: &["env", "process"],
    },
    Floor {
        name: "theme (a room: ground, Plan, its own driver)",
        modules: &["theme"],
        own: GROUND_AND_PLAN,
        not: &[
            "clap",
            "figment",
            "hyper",
            "hyper_util",
            "poem",
            "poem_openapi",
            "redis",
            "reqwest",
            "rusqlite",
            "tokio",
        ],
        not_std: &["env", "process"],
    },
    Floor {
        name: "identity (a room: ground, Plan, the template engine)",
        modules: &["identity"],
        own: GROUND_AND_PLAN,
        not: &[
            "clap",
            "figment",
            "hyper",
            "hyper_util",
            "poem",
            "poem_openapi",
            "redis",
            "reqwest",
            "rusqlite",
            "tokio",
        ],
        not_std: &["fs", "env", "process"],
    },
    Floor {
        name: "upstream (a room: ground, Plan, its own driver)",
        modules: &["upstream"],
        own: GROUND_AND_PLAN,
        not: &[
            "clap",
            "figment",
            "minijinja",
            "poem",
            "poem_openapi",
            "redis",
            "reqwest",
            "rusqlite",
        ],
        not_std: &["fs", "env", "process"],
    },
    Floor {
        name: "auth (what the product means: no framework, no driver)",
        modules: &["auth"],
        own: GROUND_ROOMS_AND_PLAN,
        not: &[
            "clap",
            "figment",
            "hyper",
            "hyper_util",
            "minijinja",
            "poem",
            "poem_openapi",
            "redis",
            "reqwest",
            "rusqlite",
        ],
        not_std: &["fs", "env", "process"],
    },
    Floor {
        name: "web (the only floor that names poem; no driver, no files)",
        modules: &["web"],
        own: &[
            "access",
            "call",
            "clock",
            "finding",
            "form",
            "path",
            "return_to",
            "secret",
            "token",
            "user",
            "config::plan",
            "session",
            "backend",
            "builtin_backend",
            "theme",
            "identity",
            "upstream",
            "auth",
        ],
        not: &["clap", "figment", "minijinja", "redis", "reqwest", "rusqlite"],
        not_std: &["fs", "env", "process"],
    },
    Floor {
        name: "site, doctor and reload (assembly: everything below, but not poem)",
        modules: &["site", "doctor", "reload", "error"],
        own: &["*"],
        not: &["clap", "minijinja", "poem", "poem_openapi", "redis", "reqwest", "rusqlite"],
        not_std: &["env", "process"],
    },
    Floor {
        // An embedder gives a poem app and gets one back, so the front door has to know poem's name.
        name: "the front door (the public interface, and what benches need)",
        modules: &["lib", "vestibule", "bench_support"],
        own: &["*"],
        not: &["clap", "figment", "minijinja", "redis", "reqwest", "rusqlite"],
        not_std: &["env", "process"],
    },
    Floor {
        // A crate of its own: `crate` is the binary there, so the compiler keeps it to the public API.
        name: "the binary (main and cli: the public API of the library only)",
        modules: &["main", "cli"],
        own: &["cli"],
        not: &["figment", "minijinja", "poem", "poem_openapi", "redis", "reqwest", "rusqlite"],
        not_std: &[],
    },
];

#[test]
fn every_floor_names_only_what_stands_below_it() {
    let mut faults = String::new();
    for source in sources() {
        let Some(floor) = FLOORS.iter().find(|it| it.modules.contains(&source.top())) else {
            let _ = writeln!(
                faults,
                "{}: stands on no floor; say on which in {}",
                source.name,
                file!()
            );
            continue;
        };
        for (line, path) in source.paths() {
            if let Some(fault) = floor.objects_to(source.top(), &path) {
                let _ =
                    writeln!(faults, "src/{}:{line}: {fault}; floor: {}", source.name, floor.name);
            }
        }
    }
    assert!(faults.is_empty(), "\n{faults}");
}

#[test]
fn no_source_file_is_longer_than_a_reader_can_hold() {
    let long: Vec<_> = sources()
        .filter(|source| !source.is_test())
        .filter_map(|source| {
            let lines = source.text.lines().count();
            (lines > 400).then(|| format!("src/{}: {lines} lines, of 400", source.name))
        })
        .collect();
    assert!(long.is_empty(), "{long:#?}");
}

#[test]
fn no_file_is_named_after_nothing() {
    for source in sources() {
        for part in &Path::new(&source.name).with_extension("") {
            let part = part.to_str().unwrap();
            let empty = ["mod", "utils", "util", "common", "types", "misc", "helpers", "helper"];
            assert!(!empty.contains(&part), "src/{}: `{part}` says nothing", source.name);
        }
    }
}

#[test]
fn nothing_is_left_unwritten() {
    for source in sources() {
        for (number, line) in source.code().lines().enumerate() {
            for left in ["todo!", "unimplemented!"] {
                assert!(!line.contains(left), "src/{}:{}: {left}", source.name, number + 1);
            }
        }
    }
}

#[test]
fn decisions_are_numbered_without_gaps() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/adr");
    if !folder.exists() {
        return;
    }
    let numbers: BTreeSet<_> = fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| Path::new(name).extension().is_some_and(|it| it == "md"))
        .map(|name| {
            let number = name.split_once('-').and_then(|(number, _)| number.parse::<usize>().ok());
            number.unwrap_or_else(|| panic!("docs/adr/{name}: the name is NNNN-title.md"))
        })
        .collect();
    assert!(!numbers.is_empty(), "{} holds no decision", folder.display());
    let first = *numbers.first().unwrap();
    let expected: BTreeSet<_> = (first..first + numbers.len()).collect();
    assert!(first <= 1 && numbers == expected, "docs/adr has gaps or doubles: {numbers:?}");
}

impl Floor {
    /// What is wrong with naming this path on this floor, if anything is.
    fn objects_to(&self, top: &str, path: &[String]) -> Option<String> {
        let named = path.join("::");
        match path[0].as_str() {
            "crate" => {
                // Items of lib.rs itself have no module that could stand anywhere.
                let module = path.get(1).filter(|it| module_exists(it))?;
                let allowed = module == top
                    || self.own.contains(&"*")
                    || self.own.iter().any(|it| begins_with(&path[1..], it));
                (!allowed).then(|| format!("may not name `{named}`"))
            }
            "std" => {
                let banned = self.not_std.iter().any(|it| begins_with(&path[1..], it));
                banned.then(|| format!("may not name `{named}`"))
            }
            package => {
                self.not.contains(&package).then(|| format!("may not name the package `{package}`"))
            }
        }
    }
}

fn begins_with(path: &[String], start: &str) -> bool {
    let mut segments = path.iter();
    start.split("::").all(|it| segments.next().is_some_and(|segment| segment == it))
}

fn module_exists(name: &str) -> bool {
    FLOORS.iter().any(|floor| floor.modules.contains(&name))
        || src().join(format!("{name}.rs")).exists()
}

struct Source {
    /// Relative to `src/`.
    name: String,
    text: String,
}

fn src() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}

/// Every file of `src/`.
fn sources() -> impl Iterator<Item = Source> {
    let mut folders = vec![src()];
    let mut found = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|it| it == "rs") {
                let name = path.strip_prefix(src()).unwrap().to_str().unwrap().to_owned();
                found.push(Source { name, text: fs::read_to_string(&path).unwrap() });
            }
        }
    }
    assert!(found.len() >= 15, "only {} files in {}", found.len(), src().display());
    found.sort_by(|a, b| a.name.cmp(&b.name));
    found.into_iter()
}

impl Source {
    /// The module directly under the crate's root that this file is or belongs to.
    fn top(&self) -> &str {
        let first = self.name.split('/').next().unwrap();
        first.strip_suffix(".rs").unwrap_or(first)
    }

    fn is_test(&self) -> bool {
        self.name.ends_with("/tests.rs") || self.name.contains("/tests/")
    }

    /// The segments of this file's module path.
    fn module(&self) -> Vec<String> {
        let path = self.name.strip_suffix(".rs").unwrap();
        match path {
            "lib" | "main" => Vec::new(),
            _ => path.split('/').map(str::to_owned).collect(),
        }
    }

    /// The text with comments, strings and unit tests blanked out; lines stay where they are. Unit tests may use
    /// what they like.
    fn code(&self) -> String {
        if self.is_test() { String::new() } else { without_tests(&blanked(&self.text)) }
    }

    /// Every path that the code names, with its line; `use` groups are unfolded, `super` and `self` resolved.
    fn paths(&self) -> Vec<(usize, Vec<String>)> {
        let code = self.code();
        let mut reader = Reader { tokens: tokens(&code), at: 0, found: Vec::new() };
        reader.read();
        let module = self.module();
        reader
            .found
            .into_iter()
            .filter_map(|(line, path)| Some((line, absolute(path, &module)?)))
            .collect()
    }
}

/// Resolves `super` and `self`. None where that leads nowhere, in a module within a file for example.
fn absolute(path: Vec<String>, module: &[String]) -> Option<Vec<String>> {
    let up = match path[0].as_str() {
        "self" => 0,
        "super" => path.iter().take_while(|it| *it == "super").count(),
        _ => return Some(path),
    };
    let base = &module[..module.len().checked_sub(up)?];
    let rest = path.into_iter().skip(up.max(1));
    let mut whole = vec!["crate".to_owned()];
    whole.extend(base.iter().cloned().chain(rest));
    Some(whole)
}

/// Replaces comments, strings and characters by spaces, line breaks excepted.
fn blanked(text: &str) -> String {
    let pattern = r##"(?s)//[^\n]*|/\*.*?\*/|\bb?r#+".*?"#+|\bb?r"[^"]*"|b?"(?:\\.|[^"\\])*"|'(?:\\[^\n]{1,8}?|[^\\'\n])'"##;
    let dull = regex::Regex::new(pattern).unwrap();
    let blank = |found: &regex::Captures<'_>| -> String {
        found[0].chars().map(|it| if it == '\n' { '\n' } else { ' ' }).collect()
    };
    dull.replace_all(text, blank).into_owned()
}

/// Blanks out `#[cfg(test)] mod … { … }`.
fn without_tests(code: &str) -> String {
    let mut rest = code;
    let mut kept = String::new();
    while let Some(start) = rest.find("#[cfg(test)]") {
        kept += &rest[..start];
        let tail = &rest[start..];
        let mut depth = 0;
        let mut end = tail.len();
        for (index, character) in tail.char_indices() {
            match character {
                '{' => depth += 1,
                '}' => depth -= 1,
                ';' if depth == 0 => {}
                _ => continue,
            }
            if depth == 0 {
                end = index + 1;
                break;
            }
        }
        kept.extend(tail[..end].chars().filter(|it| *it == '\n'));
        rest = &tail[end..];
    }
    kept + rest
}

type Token<'a> = (usize, &'a str);

/// Words, `::`, and single characters, with their lines.
fn tokens(code: &str) -> Vec<Token<'_>> {
    let token = regex::Regex::new(r"[A-Za-z_][A-Za-z0-9_]*|::|\S").unwrap();
    let mut tokens = Vec::new();
    for (number, line) in code.lines().enumerate() {
        tokens.extend(token.find_iter(line).map(|it| (number + 1, it.as_str())));
    }
    tokens
}

struct Reader<'a> {
    tokens: Vec<Token<'a>>,
    at: usize,
    found: Vec<(usize, Vec<String>)>,
}

impl Reader<'_> {
    fn read(&mut self) {
        while self.at < self.tokens.len() {
            let before = self.at.checked_sub(1).map(|it| self.tokens[it].1);
            let imports = before == Some("use");
            let starts = is_word(self.tokens[self.at].1)
                && !matches!(before, Some("." | "::" | "mod" | "fn"));
            if starts {
                self.path(&[], imports);
            } else {
                self.at += 1;
            }
        }
    }

    /// Reads one path, or a group of them. A single word is a path only where it is imported.
    fn path(&mut self, start: &[String], imports: bool) {
        let line = self.tokens[self.at].0;
        let mut path = start.to_vec();
        loop {
            match self.peek(0) {
                Some("{") if path.len() > start.len() || !start.is_empty() => {
                    self.at += 1;
                    while let Some(next) = self.peek(0) {
                        match next {
                            "}" => {
                                self.at += 1;
                                return;
                            }
                            word if is_word(word) && word != "as" => self.path(&path, true),
                            _ => self.at += 1,
                        }
                    }
                    return;
                }
                Some(word) if is_word(word) => {
                    path.push(word.to_owned());
                    self.at += 1;
                }
                _ => break,
            }
            let goes_on = self.peek(0) == Some("::")
                && self.peek(1).is_some_and(|next| is_word(next) || (imports && next == "{"));
            if !goes_on {
                break;
            }
            self.at += 1;
        }
        if path.len() > 1 || imports {
            if path.last().is_some_and(|it| it == "self") && path.len() > 1 {
                path.pop();
            }
            self.found.push((line, path));
        }
        if imports && self.peek(0) == Some("as") {
            self.at += 2;
        }
    }

    fn peek(&self, ahead: usize) -> Option<&str> {
        self.tokens.get(self.at + ahead).map(|it| it.1)
    }
}

fn is_word(token: &str) -> bool {
    token.starts_with(|it: char| it.is_ascii_alphabetic() || it == '_')
}

#[track_caller]
fn named(name: &str, text: &str) -> Vec<String> {
    let source = Source { name: name.into(), text: text.into() };
    source.paths().into_iter().map(|(line, path)| format!("{line} {}", path.join("::"))).collect()
}

#[test]
fn every_way_of_naming_a_module_is_seen() {
    let text = "use crate::{web::{self, guard as door}, theme::Theme};\nuse super::take;\n\
                pub(crate) use poem;\nfn f() -> tokio::Result<crate::path::X> { self::y::g::<std::fs::File>() }\n";
    assert_eq!(
        named("call/template.rs", text),
        [
            "1 crate::web",
            "1 crate::web::guard",
            "1 crate::theme::Theme",
            "2 crate::call::take",
            "3 poem",
            "4 tokio::Result",
            "4 crate::path::X",
            "4 crate::call::template::y::g",
            "4 std::fs::File",
        ]
    );
}

#[test]
fn what_is_only_talked_about_or_tested_is_not_named() {
    let text = "// poem::a\nconst A: &str = \"poem::b \\\" { poem::c\";\nconst B: char = '\"'; /* poem::d\n */\n\
                fn f<'a>(x: &'a str) -> char { '{' }\n#[cfg(test)]\nmod tests {\n    use poem::e;\n}\nuse http::Method;\n";
    assert_eq!(named("form.rs", text), ["10 http::Method"]);
}

#[test]
fn a_floor_objects_to_what_is_not_below_it() {
    let object = |module: &str, path: &str| {
        let floor = FLOORS.iter().find(|it| it.modules.contains(&module)).unwrap();
        let path: Vec<_> = path.split("::").map(str::to_owned).collect();
        floor.objects_to(module, &path)
    };
    for (module, path) in [
        ("path", "std::fs::read"),
        ("form", "crate::theme::Theme"),
        ("token", "tokio::spawn"),
        ("config", "reqwest::Client"),
        ("theme", "crate::backend::Backend"),
        ("session", "crate::config::document"),
        ("builtin_backend", "crate::backend::http"),
        ("jwks", "crate::backend::http"),
        ("auth", "poem::Request"),
        ("web", "std::fs::read"),
        ("web", "crate::site::Site"),
        ("site", "poem::Route"),
        ("main", "figment::Figment"),
    ] {
        assert!(object(module, path).is_some(), "{module} may name {path}");
    }
    for (module, path) in [
        ("path", "percent_encoding::percent_decode_str"),
        ("config", "crate::config::plan::Plan"),
        ("backend", "reqwest::Client"),
        ("builtin_backend", "crate::backend::BackendError"),
        ("auth", "crate::session::Ticket"),
        ("web", "poem::Request"),
        ("site", "crate::web::routes"),
    ] {
        assert_eq!(object(module, path), None, "{module} may not name {path}");
    }
}
