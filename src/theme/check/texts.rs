//! Rules about sentences.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use regex::Regex;
use unic_langid::LanguageIdentifier;

use super::loading::PARAMETER;
use super::reading::{Reading, TextCall};
use super::{Rule, Subject, Violation};
use crate::finding::{Code, Place, Severity};
use crate::theme::files::{SourceFile, nearest};
use crate::theme::keys::Keys;
use crate::theme::layers::Layer;
use crate::theme::texts::catalog::{Written, catalogs, language_of, written};
use crate::theme::texts::{english, with_parents};

pub(super) static RULES: [&Rule; 6] =
    [&NO_SENTENCE, &UNTRANSLATED, &UNUSED, &MARKUP, &NO_CATALOG, &NO_LANGUAGE];

static NO_SENTENCE: Rule = Rule {
    id: "L001",
    severity: Severity::Error,
    title: "a sentence that no catalog has",
    why: "The page fails as soon as it is shown.",
    cure: "write it into locales/en.ftl, or take the right key",
};

static UNTRANSLATED: Rule = Rule {
    id: "L002",
    severity: Severity::Warning,
    title: "sentences that a language lacks",
    why: "English stands in for them, and visitors read a page in two languages.",
    cure: "translate them",
};

static UNUSED: Rule = Rule {
    id: "L003",
    severity: Severity::Warning,
    title: "a sentence that nothing asks for",
    why: "It is never shown; often the key is not quite that of the sentence it should replace.",
    cure: "take the right key, or take it out",
};

static MARKUP: Rule = Rule {
    id: "L005",
    severity: Severity::Warning,
    title: "markup in a sentence",
    why: "Sentences are escaped, so that visitors read the tags.",
    cure: "write plain words; markup belongs into the template, around t()",
};

static NO_CATALOG: Rule = Rule {
    id: "L006",
    severity: Severity::Warning,
    title: "a language that is promised and has no catalog",
    why: "`theme list` shows it, and a site that takes it does not start.",
    cure: "write its catalog, or take it out of `locales`",
};

static NO_LANGUAGE: Rule = Rule {
    id: "L008",
    severity: Severity::Warning,
    title: "a catalog whose name is no language",
    why: "Nobody can choose it, so that it is never read.",
    cure: "name it after the language, such as locales/pt-BR.ftl",
};

pub(super) fn look(reading: &Reading<'_>) -> Vec<Violation> {
    let subject = reading.subject;
    let mut violations = Vec::new();
    let is_whole = has_whole_catalogs(subject);
    violations.extend(asked_in_vain(reading));
    let unused = unused(reading);
    if is_whole {
        // What nobody reads need not be translated.
        let ids: BTreeSet<&str> = unused.iter().map(|(id, _)| id.as_str()).collect();
        violations.extend(untranslated(subject, &ids));
    }
    violations.extend(unused.into_iter().map(|(_, violation)| violation));
    for layer in subject.own_layers() {
        for (path, file) in layer.files.iter().filter(|(path, _)| path.starts_with("locales/")) {
            violations.extend(markup(file));
            if !language_of(path).is_some_and(|it| is_real(&it)) {
                let message = format!("{path} is named after no language");
                violations.push(NO_LANGUAGE.broken(message).at(Place::named(&file.shown_as)));
            }
        }
        violations.extend(no_catalogs(subject, layer));
    }
    violations
}

/// What a broken catalog holds is not known.
fn has_whole_catalogs(subject: &Subject) -> bool {
    !subject.findings.iter().any(|finding| finding.code == Code::ThemeTexts)
}

/// Sentences that templates ask for and that are not there, or are not given what they need.
pub(super) fn asked_in_vain(reading: &Reading<'_>) -> Vec<Violation> {
    let subject = reading.subject;
    if !has_whole_catalogs(subject) {
        return Vec::new();
    }
    let mut violations = Vec::new();
    let own = reading.own().flat_map(|it| it.mentions.texts.iter().map(move |call| (it, call)));
    for (template, call) in own {
        let place = template.place(call.key.at.clone());
        violations.extend(no_sentence(subject, call, &place));
        violations.extend(missing_parameter(subject, call, &place));
    }
    violations
}

fn no_sentence(subject: &Subject, call: &TextCall, place: &Place) -> Option<Violation> {
    let first = subject.languages.first()?;
    if subject.languages.iter().any(|theme| theme.texts.has(&call.key.name)) {
        return None;
    }
    let violation =
        NO_SENTENCE.broken(format!("there is no text {:?}", call.key.name)).at(place.clone());
    let keys: Vec<String> = first.texts.catalog_keys().collect();
    let asked = call.key.name.replace('.', "-");
    Some(match nearest(&asked, keys.iter().map(String::as_str)) {
        Some(near) => {
            violation.help(format!("did you mean {near:?}? Otherwise write it into locales/en.ftl"))
        }
        None => violation,
    })
}

fn missing_parameter(subject: &Subject, call: &TextCall, place: &Place) -> Option<Violation> {
    let given = call.parameters.as_ref()?;
    let gaps = subject.languages.iter().find_map(|theme| theme.texts.parameters(&call.key.name))?;
    let gap = gaps.iter().find(|gap| !given.contains(gap))?;
    let message = format!("the text {:?} needs the parameter {gap:?}", call.key.name);
    let help = format!("write t({:?}, {gap}=…)", call.key.name);
    Some(PARAMETER.broken(message).at(place.clone()).help(help))
}

/// The sentences of a language, of all layers.
fn sentences(subject: &Subject, language: &LanguageIdentifier) -> BTreeSet<String> {
    let steps = with_parents(language);
    let files = steps.iter().flat_map(|step| catalogs(&subject.files, step));
    let ids = files.flat_map(|(_, file)| ids(file));
    ids.collect()
}

fn ids(file: &SourceFile) -> Vec<String> {
    written(&file.text()).into_iter().map(|it| it.id.to_owned()).collect()
}

/// The languages that the theme speaks, by its own word.
fn promised(subject: &Subject) -> BTreeSet<LanguageIdentifier> {
    let mut promised = BTreeSet::new();
    for layer in subject.own_layers() {
        promised.extend(layer.files.keys().filter_map(|path| language_of(path)).filter(is_real));
        let locales = layer.manifest.iter().flat_map(|manifest| &manifest.locales);
        promised.extend(locales.filter_map(|tag| tag.parse::<LanguageIdentifier>().ok()));
    }
    promised
}

/// Languages have two letters, or three; `german` is none.
fn is_real(language: &LanguageIdentifier) -> bool {
    language.language.as_str().len() <= 3
}

fn untranslated(subject: &Subject, unused: &BTreeSet<&str>) -> Vec<Violation> {
    let mut all = sentences(subject, &english());
    all.retain(|id| !unused.contains(id.as_str()));
    let mut violations = Vec::new();
    for language in promised(subject) {
        let there = sentences(subject, &language);
        let missing: Vec<&str> = all.difference(&there).map(String::as_str).collect();
        // What has no catalog at all is told otherwise.
        let Some(first) = missing.first().filter(|_| !there.is_empty()) else { continue };
        let own = subject.own_layers().flat_map(|layer| &layer.files);
        let own = own
            .filter(|(path, _)| language_of(path).as_ref() == Some(&language))
            .map(|(_, file)| file);
        let place =
            own.map(|file| file.place(0..0)).next().or_else(|| english_place(subject, first));
        let some = missing.iter().take(3).copied().collect::<Vec<_>>().join(", ");
        let message = match missing.len() {
            1 => format!("a text is missing in \"{language}\": {some}"),
            2 | 3 => format!("{} texts are missing in \"{language}\": {some}", missing.len()),
            more => format!("{more} texts are missing in \"{language}\": {some} and others"),
        };
        violations.push(Violation { place, ..UNTRANSLATED.broken(message) });
    }
    violations
}

fn english_place(subject: &Subject, id: &str) -> Option<Place> {
    let english = english();
    let catalogs = catalogs(&subject.files, &english);
    let mut places = catalogs.filter_map(|(_, file)| {
        let text = file.text();
        let at = written(&text).into_iter().find(|it| it.id == id)?.span;
        Some(file.place(at))
    });
    places.next()
}

/// Sentences of the theme that neither a template nor the program asks for, by their keys.
fn unused(reading: &Reading<'_>) -> Vec<(String, Violation)> {
    let subject = reading.subject;
    let own: Vec<*const Layer> = subject.own_layers().map(std::ptr::from_ref).collect();
    let beneath: Vec<&Layer> =
        subject.files.layers().filter(|layer| !own.contains(&std::ptr::from_ref(*layer))).collect();
    if beneath.is_empty() {
        // What the program asks for is in the lowest layer; that one is held against the program itself.
        return Vec::new();
    }
    let catalogs = beneath
        .iter()
        .flat_map(|layer| &layer.files)
        .filter(|(path, _)| path.starts_with("locales/"));
    let known: Vec<String> =
        catalogs.flat_map(|(_, file)| ids(file)).collect::<BTreeSet<_>>().into_iter().collect();
    let keys = keys(subject, known);
    let literals = reading.templates.values().flat_map(|template| &template.mentions.literals);
    let asked: BTreeSet<String> = literals.map(|it| it.name.replace('.', "-")).collect();
    let mut violations = Vec::new();
    for layer in subject.own_layers() {
        for (_, file) in layer.files.iter().filter(|(path, _)| path.starts_with("locales/")) {
            let text = file.text();
            let all = written(&text);
            // A sentence may be a part of another.
            let is_part = |id: &str| all.iter().any(|it| it.id != id && mentions(&it.text, id));
            let may_be_lost = |it: &&Written<'_>| !asked.contains(it.id) && !is_part(it.id);
            for it in all.iter().filter(may_be_lost) {
                let meant = keys.meant_by(it.id);
                if meant.is_none() && keys.may_be_asked_for(it.id) {
                    continue;
                }
                let violation = UNUSED
                    .broken(format!("nothing asks for the text {:?}", it.id))
                    .at(file.place(it.span.clone()));
                let near = meant.or_else(|| keys.nearest(it.id).map(str::to_owned));
                let violation = match near {
                    Some(near) => violation.help(format!("did you mean {near:?}?")),
                    None => violation,
                };
                violations.push((it.id.to_owned(), violation));
            }
        }
    }
    violations
}

/// What can be asked for on this site, and on those that the samples stand for.
fn keys(subject: &Subject, known: Vec<String>) -> Keys {
    let samples = subject.languages.first().map(|theme| subject.samples(theme));
    let samples = samples.unwrap_or_default();
    Keys::new(known).with_names_of(samples.iter().chain(subject.declared(0)))
}

fn mentions(text: &str, id: &str) -> bool {
    text.split(|c: char| !c.is_ascii_alphanumeric() && !matches!(c, '-' | '_'))
        .any(|word| word == id)
}

static TAG: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"</?[a-zA-Z][^<>]*>|&(?:[a-zA-Z]+|#[0-9]+);").unwrap_or_else(|_| unreachable!())
});

fn markup(file: &SourceFile) -> Vec<Violation> {
    let text = file.text();
    let comments: BTreeMap<usize, &str> = text
        .split_inclusive('\n')
        .scan(0, |at, line| {
            let start = *at;
            *at += line.len();
            Some((start, line))
        })
        .filter(|(_, line)| line.starts_with('#'))
        .collect();
    let in_comment =
        |at: usize| comments.iter().any(|(start, line)| (*start..start + line.len()).contains(&at));
    let found = TAG.find_iter(&text).filter(|found| !in_comment(found.start()));
    found
        .map(|found| {
            let message = format!("visitors would read {} as it stands here", found.as_str());
            MARKUP.broken(message).at(file.place(found.range()))
        })
        .collect()
}

fn no_catalogs(subject: &Subject, layer: &Layer) -> Vec<Violation> {
    let (Some(manifest), Some(file)) = (&layer.manifest, layer.files.get("theme.toml")) else {
        return Vec::new();
    };
    let lacks = |tag: &&String| {
        let language = tag.parse::<LanguageIdentifier>().ok();
        language.is_none_or(|language| {
            with_parents(&language)
                .iter()
                .all(|step| catalogs(&subject.files, step).next().is_none())
        })
    };
    let lacking = manifest.locales.iter().filter(lacks);
    lacking
        .map(|tag| {
            let text = file.text();
            let at = text.find("locales").unwrap_or_default();
            let at =
                text.get(at..).and_then(|rest| rest.find(tag.as_str())).map_or(at, |it| at + it);
            let message = format!("there is no catalog locales/{tag}.ftl");
            NO_CATALOG.broken(message).at(file.place(at..at + tag.len()))
        })
        .collect()
}
