//! The template engine: set up once, then read by every request.

pub(super) mod cures;

use std::collections::BTreeMap;
use std::sync::Arc;

use minijinja::value::{Kwargs, Serde, Value, ValueKind};
use minijinja::{AutoEscape, Environment, Error, ErrorKind, Output, State, UndefinedBehavior};

use super::ThemeError;
use super::assets::unknown_asset;
use super::context::SiteContext;
use super::files::SourceFile;
use super::last_resort::escape;
use super::layers::ThemeFiles;
use super::texts::Texts;
use crate::finding::{Code, Finding, Place};

/// Steps that one page may take: a page of a hundred fields takes a tenth of it, a runaway loop all.
pub(super) const FUEL: u64 = 200_000;
pub(super) const RECURSION: usize = 150;

/// Compiled templates, and their sources for findings.
pub(crate) struct Engine {
    env: Environment<'static>,
    /// Template name to the file as findings name it, and its text.
    sources: BTreeMap<String, (String, Arc<str>)>,
}

impl Engine {
    /// Compiles every template of every layer: one that another replaces may still be extended.
    pub(crate) fn compile(
        files: &ThemeFiles,
        site: &SiteContext,
        texts: &Arc<Texts>,
        addresses: BTreeMap<String, String>,
    ) -> Result<Self, Vec<Finding>> {
        let mut env = environment(site, texts, addresses);
        let names = files.names();
        env.set_path_join_callback(move |name, from| names.meant(name, from).into());
        let mut engine = Self { env, sources: BTreeMap::new() };
        let mut findings = Vec::new();
        for (name, file) in files.templates(is_template) {
            findings.extend(engine.add(name, file).err().map(|finding| *finding));
        }
        if findings.is_empty() { Ok(engine) } else { Err(findings) }
    }

    fn add(&mut self, name: String, file: &SourceFile) -> Result<(), Box<Finding>> {
        let Ok(source) = std::str::from_utf8(&file.bytes) else {
            return Err(Finding::error(Code::TemplateSyntax, "a template that is not UTF-8 text")
                .at(Some(Place::named(file.shown_as.clone())))
                .into());
        };
        self.sources.insert(name.clone(), (file.shown_as.clone(), source.into()));
        self.env
            .add_template_owned(name, source.to_owned())
            .map_err(|error| self.finding(Code::TemplateSyntax, &error).into())
    }

    /// Every template by its name.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.sources.keys().map(String::as_str)
    }

    /// Whether there is such a template.
    pub(crate) fn has(&self, template: &str) -> bool {
        self.env.get_template(template).is_ok()
    }

    /// Renders a whole template.
    pub(crate) fn render(&self, template: &str, context: Value) -> Result<String, ThemeError> {
        self.env
            .get_template(template)
            .and_then(|compiled| compiled.render(context))
            .map_err(|cause| ThemeError { template: template.to_owned(), cause })
    }

    /// Renders a whole template, and counts the steps that it took of its `FUEL`.
    pub(super) fn render_counting(
        &self,
        template: &str,
        context: Value,
    ) -> Result<(String, u64), ThemeError> {
        self.env
            .get_template(template)
            .and_then(|compiled| compiled.render_captured(context))
            .map(|page| {
                let steps = page.state().fuel_levels().map_or(0, |(used, _)| used);
                (page.into_output(), steps)
            })
            .map_err(|cause| ThemeError { template: template.to_owned(), cause })
    }

    /// Renders one block of a template, as the templates that it extends have left it.
    pub(crate) fn render_block(
        &self,
        template: &str,
        block: &str,
        context: Value,
    ) -> Result<String, ThemeError> {
        self.env
            .get_template(template)
            .and_then(|compiled| compiled.render_captured(context))
            .and_then(|mut page| page.with_state_mut(|state| state.render_block(block)))
            .map_err(|cause| ThemeError { template: template.to_owned(), cause })
    }

    /// What to tell the theme's author about an error, with the line that made it.
    pub(crate) fn finding(&self, code: Code, error: &Error) -> Finding {
        let error = innermost(error);
        let source = error.name().and_then(|name| self.sources.get(name));
        match (source, error.name()) {
            (Some((file, source)), _) => at_place(file, source, code, error),
            (None, name) => Finding::error(code, in_words(error)).at(name.map(Place::named)),
        }
    }
}

/// The finding about an error in a text, with the line that made it and what to do, where that is easy to know.
pub(super) fn at_place(file: &str, source: &Arc<str>, code: Code, error: &Error) -> Finding {
    let line = || line_span(source, error.line().unwrap_or(1));
    let at = error.range().unwrap_or_else(line);
    let detail = error.detail().filter(|_| error.kind() == ErrorKind::SyntaxError);
    let help = detail.and_then(|detail| cures::cure(detail, source, &at));
    let finding = Finding::error(code, in_words(error)).at(Some(Place::in_file(file, source, at)));
    Finding { help, ..finding }
}

/// The engine's words. That an operation is invalid says nothing that our own words do not say.
fn in_words(error: &Error) -> String {
    match error.detail() {
        Some(detail) if error.kind() == ErrorKind::InvalidOperation => detail.to_owned(),
        Some(detail) => format!("{}: {detail}", error.kind()),
        None => error.kind().to_string(),
    }
}

/// The error at the bottom of the chain: an include reports its own line, the fault is further in.
fn innermost(error: &Error) -> &Error {
    let mut deepest = error;
    let mut source = std::error::Error::source(error);
    while let Some(next) = source {
        if let Some(inner) = next.downcast_ref::<Error>().filter(|inner| inner.name().is_some()) {
            deepest = inner;
        }
        source = next.source();
    }
    deepest
}

fn line_span(source: &str, line: usize) -> std::ops::Range<usize> {
    let start = source.split_inclusive('\n').take(line.saturating_sub(1)).map(str::len).sum();
    let length = source.get(start..).and_then(|rest| rest.lines().next()).map_or(0, str::len);
    start..start + length
}

pub(super) fn is_template(path: &str) -> bool {
    path == "base.html"
        || ["layout/", "page/", "element/", "part/"].iter().any(|top| path.starts_with(top))
}

fn environment(
    site: &SiteContext,
    texts: &Arc<Texts>,
    addresses: BTreeMap<String, String>,
) -> Environment<'static> {
    let mut env = Environment::new();
    env.set_syntax(compact_blocks());
    env.set_undefined_behavior(UndefinedBehavior::Strict);
    env.set_auto_escape_callback(|_| AutoEscape::Html);
    env.set_formatter(print_escaped);
    env.remove_filter("safe");
    env.set_fuel(Some(FUEL));
    env.set_recursion_limit(RECURSION);

    let known = Value::from(Serde(site));
    if let Ok(names) = known.try_iter() {
        for name in names {
            if let (Some(key), Ok(value)) = (name.as_str(), known.get_item(&name)) {
                env.add_global(key.to_owned(), value);
            }
        }
    }
    env.add_function("asset", move |name: &str| {
        addresses
            .get(name)
            .map(|address| Value::from(address.as_str()))
            .ok_or_else(|| Error::new(ErrorKind::InvalidOperation, unknown_asset(name, &addresses)))
    });
    let words = Arc::clone(texts);
    env.add_function("t", move |key: &str, params: Kwargs| translate(&words, key, &params));
    let words = Arc::clone(texts);
    env.add_function("duration", move |seconds: u64| words.duration(seconds));
    env
}

/// Tags on a line of their own leave no empty line behind: a third of a page would be blanks.
pub(super) fn compact_blocks() -> minijinja::syntax::SyntaxConfig {
    let mut config = minijinja::syntax::SyntaxConfig::builder();
    config.trim_blocks(true).lstrip_blocks(true);
    config.build().unwrap_or_default()
}

pub(super) fn translate(texts: &Texts, key: &str, params: &Kwargs) -> Result<String, Error> {
    let wrong = |reason: String| Error::new(ErrorKind::InvalidOperation, reason);
    let mut given = Vec::new();
    for name in params.args() {
        let value: Value = params.get(name)?;
        if value.is_undefined() {
            return Err(Error::new(
                ErrorKind::UndefinedError,
                format!("the parameter {name:?} of the text {key:?} is undefined"),
            ));
        }
        given.push((name, if value.is_none() { String::new() } else { value.to_string() }));
    }
    let params: Vec<(&str, &str)> =
        given.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let filled = texts
        .fill(key, &params)
        .ok_or_else(|| wrong(format!("there is no text {key:?} in the catalog")))?;
    match filled.missing {
        None => Ok(filled.text),
        Some(gap) => Err(wrong(format!("the text {key:?} needs the parameter {gap:?}"))),
    }
}

/// Prints a value as HTML text. Nothing but markup that a template itself wrote goes out unescaped,
/// and `none` is nothing, where the engine would print a word.
pub(super) fn print_escaped(
    out: &mut Output,
    state: &mut State,
    value: &Value,
) -> Result<(), Error> {
    if !matches!(state.auto_escape(), AutoEscape::Html) {
        return Err(Error::new(ErrorKind::InvalidOperation, "escaping cannot be turned off"));
    }
    match (value.kind(), value.as_str()) {
        (ValueKind::None | ValueKind::Undefined, _) => return Ok(()),
        (_, Some(text)) if value.is_safe() || !text.contains(NEEDS_ESCAPE) => out.write_str(text),
        (_, Some(text)) => out.write_str(&escape(text)),
        (ValueKind::Number | ValueKind::Bool, None) => write!(out, "{value}"),
        _ => out.write_str(&escape(&value.to_string())),
    }
    .map_err(Error::from)
}

const NEEDS_ESCAPE: [char; 5] = ['&', '<', '>', '"', '\''];

#[cfg(test)]
mod tests;
