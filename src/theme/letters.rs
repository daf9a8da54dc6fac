//! The mails of a theme: `mail/KIND.txt`, whose first line is the subject, and `mail/KIND.html`.

use std::collections::BTreeMap;
use std::sync::Arc;

use minijinja::value::{Serde, Value};
use minijinja::{AutoEscape, Environment, Output, State, UndefinedBehavior, context};

use super::context::SiteContext;
use super::engine::{self, FUEL, RECURSION, compact_blocks, print_escaped, translate};
use super::files::SourceFile;
use super::layers::ThemeFiles;
use super::texts::Texts;
use crate::finding::{Code, Finding, Place};

/// What a mail is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LetterKind {
    /// A link to set a new password.
    Reset,
    /// A link that shows that an address is somebody's own.
    Verify,
}

/// What a mail says besides the theme's words.
#[derive(Clone, Debug)]
pub(crate) struct LetterValues {
    /// Who it is to; may be empty.
    pub name: String,
    pub link: String,
    pub lifetime_s: u64,
    /// The tag of the language that whoever caused it reads; the site's default for any that it does not have.
    pub language: String,
}

/// What the templates of mails are given by name besides `brand` and `theme`, and whether it is a number.
pub(super) const NAMES: [(&str, bool); 6] = [
    ("site", false),
    ("name", false),
    ("link", false),
    ("lifetime_s", true),
    ("lang", false),
    ("dir", false),
];

/// A mail as it is sent.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Letter {
    /// One line.
    pub subject: String,
    pub text: String,
    pub html: String,
}

/// The templates of all mails.
#[derive(Clone)]
pub(crate) struct Letters {
    /// Two of them, so that what one includes from the other is written as its own kind is.
    html: Environment<'static>,
    plain: Environment<'static>,
    /// What the site calls itself; empty where nobody said.
    brand: String,
    /// The same in other languages, by their tags.
    translations: BTreeMap<String, Arc<Letters>>,
}

impl LetterKind {
    pub(crate) const ALL: [Self; 2] = [Self::Reset, Self::Verify];

    /// As the templates are called.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Reset => "reset",
            Self::Verify => "verify",
        }
    }
}

impl Letters {
    /// Compiles the templates, and writes each mail once, so that none fails for the first time on its way.
    pub(super) fn load(
        files: &ThemeFiles,
        site: &SiteContext,
        texts: &Arc<Texts>,
    ) -> Result<Self, Vec<Finding>> {
        let mut letters = Self {
            html: environment(texts, files, site, AutoEscape::Html),
            plain: environment(texts, files, site, AutoEscape::None),
            brand: site.brand.name.clone(),
            translations: BTreeMap::new(),
        };
        let mut findings = Vec::new();
        for (name, file) in files.templates(|path| path.starts_with("mail/")) {
            findings.extend(letters.add(name, file).err().map(|finding| *finding));
        }
        if !findings.is_empty() {
            return Err(findings);
        }
        for kind in LetterKind::ALL {
            let values = LetterValues {
                name: "Alice <Example>".to_owned(),
                link: "https://example.com/page?token=x".to_owned(),
                lifetime_s: 1800,
                language: String::new(),
            };
            for values in [LetterValues { name: String::new(), ..values.clone() }, values] {
                if let Err(error) = letters.write(kind, &values, "example.com") {
                    findings.push(finding(files, Code::TemplateRender, &error));
                    break;
                }
            }
        }
        if findings.is_empty() { Ok(letters) } else { Err(findings) }
    }

    fn add(&mut self, name: String, file: &SourceFile) -> Result<(), Box<Finding>> {
        let source = std::str::from_utf8(&file.bytes).map_err(|_| {
            Finding::error(Code::TemplateSyntax, "a template that is not UTF-8 text")
                .at(Some(Place::named(file.shown_as.clone())))
        })?;
        self.plain
            .add_template_owned(name.clone(), source.to_owned())
            .and_then(|()| self.html.add_template_owned(name, source.to_owned()))
            .map_err(|error| at_line(file, Code::TemplateSyntax, &error).into())
    }

    /// The same mails in these languages as well.
    pub(super) fn with_translations(
        &self,
        translations: impl Iterator<Item = (String, Arc<Self>)>,
    ) -> Self {
        Self { translations: translations.collect(), ..self.clone() }
    }

    /// Writes a mail; `host` is the site's name where the theme has none.
    pub(crate) fn write(
        &self,
        kind: LetterKind,
        values: &LetterValues,
        host: &str,
    ) -> Result<Letter, minijinja::Error> {
        if let Some(translated) = self.translations.get(&values.language) {
            return translated.write(kind, values, host);
        }
        let site = if self.brand.is_empty() { host } else { &self.brand };
        let values = context! {
            site => one_line(site),
            name => one_line(&values.name),
            link => values.link.clone(),
            lifetime_s => values.lifetime_s,
        };
        let text = self.plain.get_template(&text_of(kind))?.render(values.clone())?;
        let (subject, text) = text.trim_start().split_once('\n').unwrap_or((&text, ""));
        Ok(Letter {
            subject: one_line(subject.trim()),
            text: format!("{}\n", text.trim()),
            html: self.html.get_template(&html_of(kind))?.render(values)?,
        })
    }
}

fn text_of(kind: LetterKind) -> String {
    format!("mail/{}.txt", kind.name())
}

fn html_of(kind: LetterKind) -> String {
    format!("mail/{}.html", kind.name())
}

/// Names come from strangers: none of them begins a line of its own, in a header least of all.
fn one_line(text: &str) -> String {
    text.chars()
        .map(|c| if c.is_control() || matches!(c, '\u{2028}' | '\u{2029}') { ' ' } else { c })
        .collect()
}

/// What is the same in every mail: the words, and whose site it is and how it looks.
fn environment(
    texts: &Arc<Texts>,
    files: &ThemeFiles,
    site: &SiteContext,
    escape: AutoEscape,
) -> Environment<'static> {
    let mut env = Environment::new();
    env.set_syntax(compact_blocks());
    env.set_undefined_behavior(UndefinedBehavior::Strict);
    env.set_formatter(if escape == AutoEscape::None { print_plain } else { print_escaped });
    env.set_auto_escape_callback(move |_| escape.clone());
    let names = files.names();
    env.set_path_join_callback(move |name, from| names.meant(name, from).into());
    env.remove_filter("safe");
    env.set_fuel(Some(FUEL));
    env.set_recursion_limit(RECURSION);
    env.add_global("lang", texts.lang());
    env.add_global("dir", texts.dir());
    env.add_global("brand", Value::from(Serde(&site.brand)));
    env.add_global("theme", Value::from(Serde(&site.theme)));
    let words = Arc::clone(texts);
    env.add_function("t", move |key: &str, params: minijinja::value::Kwargs| {
        translate(&words, key, &params)
    });
    let words = Arc::clone(texts);
    env.add_function("duration", move |seconds: u64| words.duration(seconds));
    env
}

/// In a text there is nothing to escape.
fn print_plain(out: &mut Output, _: &mut State, value: &Value) -> Result<(), minijinja::Error> {
    match value.as_str() {
        Some(text) => out.write_str(text),
        None if value.is_none() || value.is_undefined() => Ok(()),
        None => out.write_str(&value.to_string()),
    }
    .map_err(minijinja::Error::from)
}

fn finding(files: &ThemeFiles, code: Code, error: &minijinja::Error) -> Finding {
    // A name with `parent:` before it is of a lower layer.
    let named = error.name().and_then(|name| {
        let path = name.trim_start_matches("parent:");
        let depth = name.matches("parent:").count();
        files.versions(path).nth(depth).map(|(_, file)| file)
    });
    match named {
        Some(file) => at_line(file, code, error),
        None => Finding::error(code, error.to_string()),
    }
}

fn at_line(file: &SourceFile, code: Code, error: &minijinja::Error) -> Finding {
    engine::at_place(&file.shown_as, &file.text().into(), code, error)
}

#[cfg(test)]
mod tests;
