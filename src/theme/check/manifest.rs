//! Rules about `theme.toml`.

use std::ops::Range;

use toml::de::{DeTable, DeValue};

use super::reading::Reading;
use super::{Rule, Violation};
use crate::finding::{Place, Severity};
use crate::theme::files::{SourceFile, nearest};
use crate::theme::layers::{Layer, OVERRIDES};

pub(super) static RULES: [&Rule; 4] = [&UNKNOWN_KEY, &UNUSED_OPTION, &NO_LICENCE, &NO_MANIFEST];

static UNKNOWN_KEY: Rule = Rule {
    id: "M003",
    severity: Severity::Error,
    title: "a key of theme.toml that nobody reads",
    why: "It is a typing mistake more often than not, and what it should have set is not set.",
    cure: "take the right name, or leave it out",
};

static UNUSED_OPTION: Rule = Rule {
    id: "M006",
    severity: Severity::Warning,
    title: "an option that nothing uses",
    why: "Sites set it and nothing happens.",
    cure: "read it in a template as theme.options.NAME, use its variable in a style sheet, or take it out",
};

static NO_LICENCE: Rule = Rule {
    id: "M008",
    severity: Severity::Hint,
    title: "a theme without a licence",
    why: "Whoever finds the theme does not know whether they may use it.",
    cure: "write license = \"MIT\", or another name of https://spdx.org/licenses; license = \"UNLICENSED\" if nobody else may use it",
};

static NO_MANIFEST: Rule = Rule {
    id: "M009",
    severity: Severity::Hint,
    title: "a theme without theme.toml",
    why: "It works, but has no version, and nothing says which contract its templates were written for.",
    cure: "write a theme.toml; `vestibule theme new` shows a small one",
};

/// What `theme.toml` may hold.
const KEYS: [&str; 11] = [
    "name",
    "version",
    "license",
    "licence",
    "authors",
    "description",
    "extends",
    "locales",
    "contract",
    "options",
    "defaults",
];

/// What a table of an option may hold.
const OPTION_KEYS: [&str; 12] = [
    "type",
    "default",
    "label",
    "help",
    "css_vars",
    "values",
    "min",
    "max",
    "step",
    "unit",
    "readable_on",
    "contrast",
];

/// What an entry of `contrast` may hold.
const CONTRAST_KEYS: [&str; 3] = ["with", "at_least", "what"];

pub(super) fn look(reading: &Reading<'_>) -> Vec<Violation> {
    let mut violations = Vec::new();
    for layer in reading.subject.own_layers().filter(|layer| layer.name != OVERRIDES) {
        let Some(file) = layer.files.get("theme.toml") else {
            let folder = layer.folder.as_ref().map(|folder| folder.display().to_string());
            let place = Place::named(folder.unwrap_or_else(|| layer.name.clone()));
            violations.push(NO_MANIFEST.broken("the theme has no theme.toml").at(place));
            continue;
        };
        violations.extend(unknown_keys(file));
        violations.extend(no_licence(layer, file));
        violations.extend(unused_options(layer, file, reading));
    }
    violations
}

fn unknown_keys(file: &SourceFile) -> Vec<Violation> {
    let text = file.text();
    let (document, _) = DeTable::parse_recoverable(&text);
    let mut found: Vec<(String, Range<usize>, &[&str])> = Vec::new();
    unknown_in(document.get_ref(), &KEYS, &mut found);
    let options = document.get_ref().iter().filter(|(key, _)| key.get_ref() == "options");
    for option in options.flat_map(|(_, options)| tables(options.get_ref())) {
        unknown_in(option, &OPTION_KEYS, &mut found);
        let contrast = option.iter().filter(|(key, _)| key.get_ref() == "contrast");
        for (_, pairs) in contrast {
            for pair in pairs.get_ref().as_array().into_iter().flatten() {
                pair.get_ref()
                    .as_table()
                    .into_iter()
                    .for_each(|pair| unknown_in(pair, &CONTRAST_KEYS, &mut found));
            }
        }
    }
    let told = |(key, span, known): (String, Range<usize>, &[&str])| {
        let violation =
            UNKNOWN_KEY.broken(format!("theme.toml has no key {key:?}")).at(file.place(span));
        match nearest(&key, known.iter().copied()) {
            Some(near) => violation.help(format!("did you mean {near:?}?")),
            None => violation.help(format!("the keys here are {}", known.join(", "))),
        }
    };
    found.into_iter().map(told).collect()
}

fn unknown_in<'k>(
    table: &DeTable<'_>,
    known: &'k [&'k str],
    found: &mut Vec<(String, Range<usize>, &'k [&'k str])>,
) {
    let unknown = table.keys().filter(|key| !known.contains(&key.get_ref().as_ref()));
    found.extend(unknown.map(|key| (key.get_ref().to_string(), key.span(), known)));
}

fn tables<'v>(value: &'v DeValue<'v>) -> impl Iterator<Item = &'v DeTable<'v>> {
    value
        .as_table()
        .into_iter()
        .flat_map(|table| table.values())
        .filter_map(|it| it.get_ref().as_table())
}

fn no_licence(layer: &Layer, file: &SourceFile) -> Option<Violation> {
    layer.manifest.as_ref().filter(|manifest| manifest.license.trim().is_empty())?;
    let text = file.text();
    let at = ["license", "licence", "name"].into_iter().find_map(|key| line_of_key(&text, key));
    let message = format!("the theme {:?} does not say under which licence it is", layer.name);
    Some(NO_LICENCE.broken(message).at(file.place(at.unwrap_or(0..0))))
}

/// Where a key of the top level stands.
fn line_of_key(text: &str, key: &str) -> Option<Range<usize>> {
    let (document, _) = DeTable::parse_recoverable(text);
    let mut keys = document.get_ref().keys();
    keys.find(|it| it.get_ref() == key).map(toml::Spanned::span)
}

fn unused_options(layer: &Layer, file: &SourceFile, reading: &Reading<'_>) -> Vec<Violation> {
    let Some(manifest) = &layer.manifest else { return Vec::new() };
    let asked: Vec<&str> = reading
        .templates
        .values()
        .flat_map(|it| &it.mentions.options)
        .map(|it| it.name.as_str())
        .collect();
    let is_used = |name: &str, variables: &[String]| {
        crate::theme::brand::OPTIONS.contains(&name)
            || asked.contains(&name)
            || variables.iter().any(|variable| reading.sheets.reads(variable))
    };
    let unused =
        manifest.options.iter().filter(|(name, spec)| !is_used(name, &spec.get_ref().css_vars));
    unused
        .map(|(name, spec)| {
            let message = match spec.get_ref().css_vars.first() {
                Some(variable) => format!("no style sheet reads {variable} of the option {name:?}"),
                None => format!("nothing uses the option {name:?}"),
            };
            UNUSED_OPTION.broken(message).at(file.place(spec.span()))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::theme::manifest::Manifest;

    #[test]
    fn every_key_that_is_known_here_is_one_that_a_manifest_takes() {
        let whole = |keys: &[&str]| format!("{}_ = 0\n", keys.join("_ = 0\n"));
        for (keys, before) in [
            (&KEYS[..], ""),
            (&OPTION_KEYS, "[options.x]\n"),
            (&CONTRAST_KEYS, "[[options.x.contrast]]\n"),
        ] {
            let text = format!("{before}{}", whole(keys));
            let file =
                SourceFile { shown_as: "theme.toml".into(), bytes: text.into_bytes().into() };
            // An unknown key is answered with all that are known.
            let told = Manifest::parse(&file).unwrap_err().message;
            for key in keys.iter().filter(|key| **key != "licence") {
                assert!(told.contains(&format!("`{key}`")), "{key}: {told}");
            }
        }
    }
}
