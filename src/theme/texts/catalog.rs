//! The catalog of one language: the Fluent files of every layer, read together.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::sync::Arc;

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::resolver::ResolverError;
use fluent_bundle::resolver::errors::ReferenceKind;
use fluent_bundle::{FluentArgs, FluentError, FluentResource, FluentValue};
use fluent_syntax::ast::{Entry, Pattern, PatternElement};
use unic_langid::LanguageIdentifier;

use super::mentions::Mentions;
use super::{Filled, pseudo, tag};
use crate::finding::{Code, Finding, Place};
use crate::theme::files::SourceFile;
use crate::theme::layers::{Layer, ThemeFiles};

/// What the program gives to every message about a field, whether English mentions it or not.
const ALWAYS_GIVEN: &str = "label";

/// The sentences of one language.
pub(super) struct Catalog {
    bundle: FluentBundle<FluentResource>,
    /// What each message says and mentions.
    messages: BTreeMap<String, Message>,
    terms: BTreeSet<String>,
}

struct Message {
    /// The whole sentence, where nothing in it varies.
    plain: Option<String>,
    mentions: Mentions,
    /// Of the layer that has the last word.
    file: SourceFile,
}

impl Catalog {
    /// Reads a language from all layers; none where no layer has it. A pseudo-language is made of English.
    pub(super) fn read(
        files: &ThemeFiles,
        language: &LanguageIdentifier,
    ) -> Result<Option<Self>, Vec<Finding>> {
        let pseudo = pseudo::of(language);
        let source = if pseudo.is_some() { &tag("en") } else { language };
        let mut bundle = FluentBundle::new_concurrent(vec![source.clone()]);
        // Values of the other direction would pull the punctuation around them over to their side.
        bundle.set_use_isolating(super::direction(language) == "rtl");
        bundle.set_transform(pseudo);
        let mut catalog = Self { bundle, messages: BTreeMap::new(), terms: BTreeSet::new() };
        let mut findings = Vec::new();
        let mut is_there = false;
        for (_, file) in catalogs(files, source) {
            is_there = true;
            findings.extend(catalog.add(file, pseudo).err().unwrap_or_default());
        }
        findings.extend(catalog.loose_ends());
        if !findings.is_empty() {
            return Err(findings);
        }
        Ok(is_there.then_some(catalog))
    }

    fn add(
        &mut self,
        file: &SourceFile,
        transform: Option<pseudo::Transform>,
    ) -> Result<(), Vec<Finding>> {
        let Ok(text) = std::str::from_utf8(&file.bytes) else {
            let finding = Finding::error(Code::ThemeTexts, "a catalog that is not UTF-8 text")
                .at(Some(Place::named(file.shown_as.clone())));
            return Err(vec![finding]);
        };
        let resource = FluentResource::try_new(text.to_owned()).map_err(|(_, errors)| {
            let told = errors.into_iter().map(|error| {
                fault(file, error.pos, format!("the texts cannot be used: {}", error.kind))
                    .help("each message is a key and a sentence: title-login = Sign in")
            });
            told.collect::<Vec<_>>()
        })?;
        let mut findings = Vec::new();
        let mut seen = BTreeSet::new();
        for entry in resource.entries() {
            match entry {
                Entry::Message(message) => {
                    let Some(pattern) = &message.value else { continue };
                    let id = message.id.name;
                    if !seen.insert(id.to_owned()) {
                        let place = last_line_of(text, id);
                        findings.push(fault(
                            file,
                            place,
                            format!("the text \"{id}\" is here twice"),
                        ));
                    }
                    let message = Message {
                        plain: plain(pattern).map(|text| match transform {
                            Some(transform) => transform(text).into_owned(),
                            None => text.to_owned(),
                        }),
                        mentions: Mentions::of(pattern),
                        file: file.clone(),
                    };
                    self.messages.insert(id.to_owned(), message);
                }
                Entry::Term(term) => {
                    self.terms.insert(term.id.name.to_owned());
                }
                Entry::Comment(_)
                | Entry::GroupComment(_)
                | Entry::ResourceComment(_)
                | Entry::Junk { .. } => {}
            }
        }
        self.bundle.add_resource_overriding(resource);
        if findings.is_empty() { Ok(()) } else { Err(findings) }
    }

    /// What a sentence mentions and the catalog lacks.
    fn loose_ends(&self) -> Vec<Finding> {
        let mut findings = Vec::new();
        for (id, message) in &self.messages {
            let Mentions { messages, terms, functions, .. } = &message.mentions;
            let missing = messages
                .iter()
                .find(|name| !self.messages.contains_key(*name))
                .map(|name| format!("the text \"{id}\" mentions \"{name}\", which is not there"))
                .or_else(|| {
                    let term = terms.iter().find(|name| !self.terms.contains(*name))?;
                    Some(format!("the text \"{id}\" mentions \"-{term}\", which is not there"))
                })
                .or_else(|| {
                    let name = functions.first()?;
                    Some(format!("the text \"{id}\" calls {name}(), which is not there"))
                });
            if let Some(missing) = missing {
                findings.push(message.fault(id, missing));
            }
        }
        findings
    }

    /// Sentences with parameters that English is not given either. Such a gap would never be filled.
    pub(super) fn strange_parameters(&self, english: &Self) -> Vec<Finding> {
        let mut findings = Vec::new();
        for (id, message) in &self.messages {
            let Some(model) = english.messages.get(id) else { continue };
            let given = &model.mentions.parameters;
            let strange = message
                .mentions
                .parameters
                .iter()
                .find(|name| *name != ALWAYS_GIVEN && !given.contains(*name));
            let Some(name) = strange else { continue };
            let known = given.iter().map(|name| format!("${name}")).collect::<Vec<_>>().join(", ");
            let help = if known.is_empty() {
                "nothing is given to this text".to_owned()
            } else {
                format!("this text is given {known}")
            };
            let message = message.fault(id, format!("the text \"{id}\" has no parameter ${name}"));
            findings.push(message.help(help));
        }
        findings
    }

    pub(super) fn ids(&self) -> impl Iterator<Item = &String> {
        self.messages.keys()
    }

    pub(super) fn parameters(&self, id: &str) -> Option<&BTreeSet<String>> {
        self.messages.get(id).map(|message| &message.mentions.parameters)
    }

    /// Says a sentence; none where it is not there.
    pub(super) fn say(&self, id: &str, params: &[(&str, &str)]) -> Option<Filled> {
        if let Some(plain) = &self.messages.get(id)?.plain {
            return Some(Filled { text: plain.clone(), missing: None });
        }
        let message = self.bundle.get_message(id)?;
        let args: FluentArgs<'_> =
            params.iter().map(|(name, value)| (*name, argument(value))).collect();
        let mut errors = Vec::new();
        let text = self.bundle.format_pattern(message.value()?, Some(&args), &mut errors);
        let missing = errors.into_iter().find_map(|error| match error {
            FluentError::ResolverError(ResolverError::Reference(ReferenceKind::Variable {
                id,
            })) => Some(id),
            _ => None,
        });
        Some(Filled { text: text.into_owned(), missing })
    }
}

impl Message {
    fn fault(&self, id: &str, message: String) -> Finding {
        let text = String::from_utf8_lossy(&self.file.bytes);
        fault(&self.file, last_line_of(&text, id), message)
    }
}

/// The languages that a theme and those beneath it have catalogs of.
pub(super) fn languages(files: &ThemeFiles) -> Vec<LanguageIdentifier> {
    let found: BTreeSet<LanguageIdentifier> =
        files.paths().into_iter().filter_map(language_of).collect();
    found.into_iter().collect()
}

/// A sentence as it is written in one file.
pub(crate) struct Written<'a> {
    pub id: &'a str,
    /// Of its name.
    pub span: Range<usize>,
    /// What follows the name, in one line.
    pub text: String,
}

/// The sentences of a catalog as they are written, in their order.
pub(crate) fn written(source: &str) -> Vec<Written<'_>> {
    let mut found: Vec<Written<'_>> = Vec::new();
    let mut at = 0;
    for line in source.split_inclusive('\n') {
        let start = at;
        at += line.len();
        let goes_on = line.starts_with([' ', '}']) && !line.trim().is_empty();
        if goes_on && let Some(last) = found.last_mut() {
            let space = if last.text.is_empty() { "" } else { " " };
            last.text.extend([space, line.trim()]);
        } else if line.starts_with(|c: char| c.is_ascii_alphabetic())
            && let Some((id, text)) = line.split_once('=')
        {
            let (id, text) = (id.trim_end(), text.trim().to_owned());
            found.push(Written { id, span: start..start + id.len(), text });
        }
    }
    found
}

/// The catalogs of a language with the layers that they belong to, the lowest first.
pub(crate) fn catalogs<'a>(
    files: &'a ThemeFiles,
    language: &LanguageIdentifier,
) -> impl Iterator<Item = (&'a Layer, &'a SourceFile)> {
    files.layers().rev().filter_map(move |layer| {
        let mut files = layer.files.iter();
        let found = files.find(|(path, _)| language_of(path).as_ref() == Some(language))?;
        Some((layer, found.1))
    })
}

/// `locales/de.ftl` is German.
pub(crate) fn language_of(path: &str) -> Option<LanguageIdentifier> {
    path.strip_prefix("locales/")?.strip_suffix(".ftl")?.parse().ok()
}

fn plain<'a>(pattern: &Pattern<&'a str>) -> Option<&'a str> {
    match pattern.elements.as_slice() {
        [PatternElement::TextElement { value }] => Some(value),
        _ => None,
    }
}

/// A number decides about plurals; everything else is text. What is not written as Fluent writes numbers stays as it is.
fn argument(value: &str) -> FluentValue<'_> {
    let is_count = !value.is_empty()
        && value.len() <= 15
        && value.bytes().all(|byte| byte.is_ascii_digit())
        && (value == "0" || !value.starts_with('0'));
    match value.parse::<f64>() {
        Ok(number) if is_count => number.into(),
        _ => FluentValue::String(Cow::Borrowed(value)),
    }
}

/// The last place where a message is written; an earlier one of the same name does not count.
fn last_line_of(text: &str, id: &str) -> Range<usize> {
    let starts = |line: &str| {
        line.strip_prefix(id).is_some_and(|rest| rest.trim_start_matches(' ').starts_with('='))
    };
    let mut at = 0;
    let mut found = 0..0;
    for line in text.split_inclusive('\n') {
        if starts(line) {
            found = at..at + id.len();
        }
        at += line.len();
    }
    found
}

fn fault(file: &SourceFile, span: Range<usize>, message: String) -> Finding {
    let source: Arc<str> = String::from_utf8_lossy(&file.bytes).into();
    let place = Place::in_file(&file.shown_as, &source, span);
    Finding::error(Code::ThemeTexts, message).at(Some(place))
}
