//! One word for everything that can be wrong in a file the user wrote.

pub mod report;
pub(crate) mod toml_words;

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use serde::{Serialize, Serializer};

/// How bad a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Could be better.
    Hint,
    /// Worth knowing; the program runs.
    Warning,
    /// The program refuses to start.
    Error,
}

/// Something wrong with the configuration or the theme, and what to do about it.
///
/// A message never contains a secret, and neither does the excerpt of its place.
#[derive(Clone, Debug, Serialize)]
pub struct Finding {
    /// The stable name of this kind of finding.
    pub code: Code,
    /// Whether it stops the program.
    pub severity: Severity,
    /// One sentence: what is wrong, in lower case and without a full stop.
    pub message: String,
    /// Where it is, if it is in a file or a variable.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub place: Option<Place>,
    /// What to do; often a line to paste.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub help: Option<String>,
}

impl Finding {
    /// A finding that stops the program.
    pub fn error(code: Code, message: impl Into<String>) -> Self {
        Self { code, severity: Severity::Error, message: message.into(), place: None, help: None }
    }

    /// A finding that is told and lived with.
    pub fn warning(code: Code, message: impl Into<String>) -> Self {
        Self { severity: Severity::Warning, ..Self::error(code, message) }
    }

    /// Says where it is.
    #[must_use]
    pub fn at(mut self, place: Option<Place>) -> Self {
        self.place = place;
        self
    }

    /// Says what to do.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}

/// Where a finding is.
#[derive(Clone, Debug, Serialize)]
pub struct Place {
    /// The file as the user named it, the environment variable, or the command-line flag.
    pub file: String,
    /// Counted from 1; 0 where there are no lines (a variable, a flag).
    pub line: usize,
    /// Counted in characters from 1; 0 where there are no lines.
    pub column: usize,
    /// The text around it, for a frame with a caret.
    #[serde(skip)]
    pub excerpt: Option<Excerpt>,
}

impl Place {
    /// A place in a text file. `source` is the file's text with every secret blotted out.
    pub fn in_file(file: impl Into<String>, source: &Arc<str>, span: Range<usize>) -> Self {
        let start = span.start.min(source.len());
        let before = source.get(..start).unwrap_or_default();
        let line_start = before.rfind('\n').map_or(0, |at| at + 1);
        Self {
            file: file.into(),
            line: before.matches('\n').count() + 1,
            column: before.get(line_start..).unwrap_or_default().chars().count() + 1,
            excerpt: Some(Excerpt { source: Arc::clone(source), span }),
        }
    }

    /// A place without lines: a variable of the environment, a flag, a whole file.
    pub fn named(name: impl Into<String>) -> Self {
        Self { file: name.into(), line: 0, column: 0, excerpt: None }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.line == 0 {
            f.write_str(&self.file)
        } else {
            write!(f, "{}:{}:{}", self.file, self.line, self.column)
        }
    }
}

/// The text that a finding points into.
#[derive(Clone, Debug)]
pub struct Excerpt {
    /// The whole file, secrets blotted out.
    pub source: Arc<str>,
    /// The bytes meant.
    pub span: Range<usize>,
}

/// Declares the codes once: name, number, and the title that `--help` and the docs list.
macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident = $id:literal,)*) => {
        /// The kinds of finding. A code keeps its meaning for ever; a new meaning gets a new code.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum Code {
            $($(#[$doc])* $name,)*
            /// A rule of `theme check`, by its id.
            ThemeRule(&'static str),
        }

        impl Code {
            /// Every code there is, but for the rules of `theme check`.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// The code as it is printed, for example `V1101`.
            pub fn id(self) -> &'static str {
                match self {
                    $(Self::$name => $id,)*
                    Self::ThemeRule(id) => id,
                }
            }
        }
    };
}

codes! {
    /// The configuration file, or a file that it names, is not there or cannot be read.
    FileUnreadable = "V1001",
    /// The file is not TOML.
    TomlSyntax = "V1002",
    /// A key or table that nobody reads.
    UnknownKey = "V1101",
    /// A table of the design that this version does not do yet.
    NotYetSupported = "V1102",
    /// A required key is not there.
    MissingKey = "V1103",
    /// A value of the wrong type.
    WrongType = "V1201",
    /// A duration or size without its unit, or with one that is not known.
    BadUnit = "V1202",
    /// A value of the right type that cannot be used.
    BadValue = "V1203",
    /// A variable of the environment that matches no key.
    UnknownVariable = "V1204",
    /// Two keys that exclude each other.
    Conflict = "V1205",
    /// A secret given twice, in the file, as a file or in the environment.
    SecretTwice = "V1301",
    /// A secret's file is not there or cannot be read.
    SecretFile = "V1302",
    /// A secret too short to resist guessing (RFC 7518, section 3.2: at least 256 bits for HS256).
    SecretTooShort = "V1303",
    /// A secret that is printed in our own documentation.
    SecretPublished = "V1304",
    /// A secret that is needed and not given.
    SecretMissing = "V1305",
    /// A secret's file that others on the machine may read.
    SecretReadable = "V1306",
    /// A regular expression that does not compile.
    PatternInvalid = "V1401",
    /// A pattern that no path can match.
    PatternDead = "V1402",
    /// A pattern that makes everything public.
    PatternOpensEverything = "V1403",
    /// A rule that never counts, or not where it seems to.
    RuleWithoutEffect = "V1404",
    /// A claim that no session has.
    ClaimUnknown = "V1405",
    /// A session setting that works against another.
    RefreshThreshold = "V1501",
    /// A backend or upstream address that is vestibule's own.
    OwnAddress = "V1502",
    /// A declared backend call that cannot be made.
    BackendCall = "V1503",
    /// Plain http where only https is safe.
    InsecureScheme = "V1504",
    /// A theme that is not there.
    ThemeUnknown = "V1601",
    /// A theme's manifest that cannot be used.
    ThemeManifest = "V1602",
    /// A template that does not compile.
    TemplateSyntax = "V1603",
    /// A template that fails on one of its sample pages.
    TemplateRender = "V1604",
    /// A text catalog that cannot be used.
    ThemeTexts = "V1605",
    /// A template that a page or a form names and the theme has not.
    TemplateMissing = "V1606",
    /// Two colours of the theme that are hard to tell apart.
    ThemeContrast = "V1607",
    /// A language that the theme has no texts in.
    LocaleUnknown = "V1608",
    /// A style sheet of which browsers would drop a part.
    SheetSyntax = "V1609",
    /// A `[[test]]` that fails.
    TestFailed = "V1701",
    /// A certificate that browsers would not accept, or that does not fit its key.
    Certificate = "V1801",
    /// A change that takes effect when the program is started again.
    NeedsRestart = "V1901",
    /// Something that the site needs is not to be had: a database, a folder.
    Unavailable = "V1902",
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.id())
    }
}

impl Serialize for Code {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.id())
    }
}

/// Whether any of them stops the program.
pub(crate) fn has_errors(findings: &[Finding]) -> bool {
    findings.iter().any(|finding| finding.severity == Severity::Error)
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn codes_are_unique() {
        let ids: HashSet<_> = Code::ALL.iter().map(|code| code.id()).collect();
        assert_eq!(ids.len(), Code::ALL.len());
    }

    #[test]
    fn a_place_counts_lines_and_characters_from_one() {
        let source: Arc<str> = "a = 1\nü = 2\n".into();
        let at = source.find('2').unwrap();
        let place = Place::in_file("auth.toml", &source, at..at + 1);
        assert_eq!(place.to_string(), "auth.toml:2:5");
    }
}
