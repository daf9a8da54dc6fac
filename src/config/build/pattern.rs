//! What can be wrong with one pattern of the whitelist.

use std::ops::Range;

use regex_syntax::hir::{Class, Hir, HirKind};

use super::access::compiled;
use crate::finding::{Code, Finding};

/// One thing that is wrong with a pattern.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Flaw {
    /// It does not compile; where in the pattern, in bytes.
    Syntax { span: Range<usize>, message: String },
    /// No path begins as it does.
    Dead,
    /// It matches whatever path there is.
    OpensEverything,
    /// It was meant for something that matches file names.
    Glob,
    /// It speaks of the query, which is not looked at.
    Query,
}

/// As different as paths can be: a pattern that matches all of them was not written to tell them apart.
const PROBES: [&str; 14] = [
    "/",
    "/admin",
    "/admin/users/17/edit",
    "/account/settings/",
    "/api/v1/items.json",
    "/q7ZtV0fK",
    "/x_9-w~2/Ub.4cH/0",
    "/ärger/straße",
    "/.env",
    "/a b",
    "/UPPER/Case",
    "/%2e;v=1,2/@me:x!$&'()*+=",
    "/static/js/app.83b1.min.js",
    "/1",
];

/// Whether a pattern is about everything there is.
pub(super) fn matches_every_probe(pattern: &str) -> bool {
    compiled(pattern).is_ok_and(|regex| PROBES.iter().all(|path| regex.is_match(path)))
}

/// Everything that is wrong with a pattern.
pub(super) fn examine(pattern: &str) -> Vec<Flaw> {
    let hir = match regex_syntax::parse(pattern) {
        Ok(hir) => hir,
        Err(error) => return vec![syntax(pattern, &error)],
    };
    let regex = match compiled(pattern) {
        Ok(regex) => regex,
        Err(error) => {
            let message = match error {
                regex::Error::CompiledTooBig(_) => "it is too large to compile".to_owned(),
                _ => "it cannot be held against a whole path".to_owned(),
            };
            return vec![Flaw::Syntax { span: 0..pattern.len(), message }];
        }
    };
    let mut flaws = Vec::new();
    if !beginning(&hir).with_slash {
        flaws.push(Flaw::Dead);
    } else if PROBES.iter().all(|path| regex.is_match(path)) {
        flaws.push(Flaw::OpensEverything);
    } else if pattern.contains("/**") || pattern.ends_with("/*") {
        flaws.push(Flaw::Glob);
    }
    if pattern.contains(r"\?") {
        flaws.push(Flaw::Query);
    }
    flaws
}

impl Flaw {
    /// Whether the pattern cannot be used.
    pub(super) fn is_fatal(&self) -> bool {
        matches!(self, Self::Syntax { .. } | Self::Dead | Self::OpensEverything)
    }

    pub(super) fn finding(&self, pattern: &str) -> Finding {
        match self {
            Self::Syntax { message, .. } => {
                let finding = Finding::error(
                    Code::PatternInvalid,
                    format!("not a regular expression: {message}"),
                );
                if pattern.starts_with('*') || pattern.contains("/**") {
                    finding.help(format!(
                        "patterns are regular expressions, not globs: write '{}'",
                        from_glob(pattern)
                    ))
                } else if message.contains("group") {
                    finding.help(r"write `\(` or `\)` for the character itself")
                } else {
                    finding
                }
            }
            Self::Dead => Finding::error(
                Code::PatternDead,
                "no path can match this pattern: every path begins with `/`",
            )
            .help(format!("write '{}'", with_slash(pattern))),
            Self::OpensEverything => Finding::error(
                Code::PatternOpensEverything,
                "this pattern makes every path public, /admin included",
            )
            .help("name what is public, for example '/static/.*'"),
            Self::Glob => Finding::warning(
                Code::PatternDead,
                "this looks like a glob; in a regular expression `/*` is any number of slashes",
            )
            .help(format!("write '{}'", from_glob(pattern))),
            Self::Query => Finding::warning(
                Code::PatternDead,
                "patterns are held against the path alone, the query after `?` is not part of it",
            )
            .help("leave out `\\?` and what follows"),
        }
    }
}

fn syntax(pattern: &str, error: &regex_syntax::Error) -> Flaw {
    let (span, message) = match error {
        regex_syntax::Error::Parse(error) => (error.span(), error.kind().to_string()),
        regex_syntax::Error::Translate(error) => (error.span(), error.kind().to_string()),
        _ => return Flaw::Syntax { span: 0..pattern.len(), message: error.to_string() },
    };
    Flaw::Syntax { span: span.start.offset..span.end.offset, message }
}

fn with_slash(pattern: &str) -> String {
    if pattern.contains("**") || pattern.ends_with("/*") {
        return from_glob(pattern);
    }
    match pattern.strip_prefix('^') {
        Some(rest) => format!("^/{rest}"),
        None => format!("/{pattern}"),
    }
}

fn from_glob(pattern: &str) -> String {
    let open = pattern.replace("**", "*");
    let mut out = String::new();
    let mut last = ' ';
    for c in open.chars() {
        if c == '*' && last != '.' && last != ']' && last != ')' {
            out.push('.');
        } else if c == '.' && last != '\\' {
            out.push('\\');
        }
        out.push(c);
        last = c;
    }
    if out.starts_with('/') { out } else { format!("/{out}") }
}

/// How matches of an expression can begin. Look-arounds are taken to hold, so `with_slash` is never
/// false for a pattern that has a match.
#[derive(Clone, Copy)]
struct Beginning {
    with_slash: bool,
    /// It can match nothing at all, so that what follows it begins.
    empty: bool,
}

fn beginning(hir: &Hir) -> Beginning {
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => Beginning { with_slash: false, empty: true },
        HirKind::Literal(literal) => {
            Beginning { with_slash: literal.0.first() == Some(&b'/'), empty: false }
        }
        HirKind::Class(class) => {
            let with_slash = match class {
                Class::Unicode(class) => {
                    class.iter().any(|range| range.start() <= '/' && '/' <= range.end())
                }
                Class::Bytes(class) => {
                    class.iter().any(|range| range.start() <= b'/' && b'/' <= range.end())
                }
            };
            Beginning { with_slash, empty: false }
        }
        HirKind::Repetition(repetition) => {
            let inner = beginning(&repetition.sub);
            Beginning {
                with_slash: inner.with_slash && repetition.max != Some(0),
                empty: inner.empty || repetition.min == 0,
            }
        }
        HirKind::Capture(capture) => beginning(&capture.sub),
        HirKind::Concat(parts) => {
            let mut all = Beginning { with_slash: false, empty: true };
            for part in parts {
                let next = beginning(part);
                all.with_slash |= all.empty && next.with_slash;
                all.empty &= next.empty;
            }
            all
        }
        HirKind::Alternation(parts) => {
            let parts = parts.iter().map(beginning);
            parts.fold(Beginning { with_slash: false, empty: false }, |all, next| Beginning {
                with_slash: all.with_slash || next.with_slash,
                empty: all.empty || next.empty,
            })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_begin_with_a_slash_is_dead() {
        for pattern in ["about", "^about", "(a|b)/c", "a*b", "[a-z]+", "", "x?y", r"\w+/.*"] {
            assert!(examine(pattern).contains(&Flaw::Dead), "{pattern}");
        }
        for pattern in ["/about", "^/about$", "(?i)/A", "a*/b", "(x|/y)", ".about", "[^a]b", r"\W"]
        {
            assert_eq!(examine(pattern), [], "{pattern}");
        }
    }

    #[test]
    fn what_matches_every_probe_opens_everything() {
        for pattern in [
            ".*",
            "/.*",
            "(?s).*",
            "(?s:.)+",
            "/?.*",
            "^/.*$",
            "/([^/]*/?)*",
            ".*|/about",
            "/[^?]*",
        ] {
            assert_eq!(examine(pattern), [Flaw::OpensEverything], "{pattern}");
        }
        for pattern in ["/api/.*", "/[a-z]*", "/[^/]+", "/admin|/"] {
            assert_eq!(examine(pattern), [], "{pattern}");
        }
    }

    #[test]
    fn globs_get_the_expression_that_was_meant() {
        assert_eq!(from_glob("/static/**"), "/static/.*");
        assert_eq!(from_glob("/static/*"), "/static/.*");
        assert_eq!(from_glob("*.css"), r"/.*\.css");
        assert_eq!(with_slash("static/**"), "/static/.*");
    }

    #[test]
    fn a_mistake_is_found_where_it_is() {
        let Flaw::Syntax { span, .. } = &examine("/a(b")[0] else { panic!() };
        assert_eq!(span, &(2..3));
        assert!(matches!(examine("/a)|(/b")[0], Flaw::Syntax { .. }));
    }
}
