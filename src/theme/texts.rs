//! The words of a theme in one language.
//!
//! Every layer of a theme has a Fluent catalog for each language that it speaks, `locales/TAG.ftl`. A sentence that
//! a language lacks is taken from the next one of its chain: `de-AT`, `de`, the site's default, English. The code
//! and the templates name a sentence by a key with dots, `title.login`; as Fluent's names have none, the catalog
//! has dashes there: `title-login`.

pub(super) mod catalog;
mod mentions;
pub(super) mod pseudo;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use intl_pluralrules::{PluralCategory, PluralRuleType, PluralRules};
use unic_langid::{CharacterDirection, LanguageIdentifier};

use self::catalog::Catalog;
use super::layers::ThemeFiles;
use crate::finding::Finding;
use crate::form::Msg;

/// Which language to speak, and what the site itself words otherwise than the theme.
#[derive(Clone, Debug)]
pub(crate) struct Speech {
    pub language: LanguageIdentifier,
    /// The language for what this one lacks.
    pub default: LanguageIdentifier,
    /// Sentences of the site by language and key.
    pub own: Arc<BTreeMap<LanguageIdentifier, BTreeMap<String, String>>>,
}

/// Every sentence of the site in one language, by key.
pub(crate) struct Texts {
    language: LanguageIdentifier,
    sentences: BTreeMap<String, Sentence>,
    plurals: Option<PluralRules>,
    /// What is only there in another language.
    borrowed: Vec<String>,
    /// Whether the site words anything itself.
    has_own: bool,
}

enum Sentence {
    /// Of the catalog of some language.
    Of(Arc<Catalog>),
    /// The site's own.
    Own(String),
}

/// A sentence with its gaps filled, and the first gap that nothing was given for.
pub(crate) struct Filled {
    pub text: String,
    pub missing: Option<String>,
}

impl Default for Speech {
    /// English, and nothing of the site's own.
    fn default() -> Self {
        Self { language: tag("en"), default: tag("en"), own: Arc::default() }
    }
}

impl Texts {
    /// Reads the catalogs of a language and of those that stand in for it.
    pub(crate) fn load(files: &ThemeFiles, speech: &Speech) -> Result<Self, Vec<Finding>> {
        let mut findings = Vec::new();
        let mut sentences = BTreeMap::new();
        let mut borrowed = Vec::new();
        let mut read = Vec::new();
        for language in chain(speech) {
            match Catalog::read(files, &language) {
                Ok(catalog) => read.push((language, catalog.map(Arc::new))),
                Err(mut more) => findings.append(&mut more),
            }
        }
        let english = read.iter().find(|(language, _)| *language == tag("en"));
        let english = english.and_then(|(_, catalog)| catalog.clone());
        for (language, catalog) in read {
            let is_own = language.language == speech.language.language;
            for (key, text) in speech.own.get(&language).into_iter().flatten() {
                let own = || Sentence::Own(text.clone());
                sentences.entry(id_of(key)).or_insert_with(own);
            }
            let Some(catalog) = catalog else { continue };
            if let Some(english) = &english {
                findings.extend(catalog.strange_parameters(english));
            }
            for id in catalog.ids() {
                if !sentences.contains_key(id) {
                    if !is_own {
                        borrowed.push(id.clone());
                    }
                    sentences.insert(id.clone(), Sentence::Of(Arc::clone(&catalog)));
                }
            }
        }
        if !findings.is_empty() {
            return Err(findings);
        }
        let language = speech.language.clone();
        let plain = LanguageIdentifier::from_parts(language.language, None, None, &[]);
        let plurals = PluralRules::create(plain, PluralRuleType::CARDINAL).ok();
        let has_own = !speech.own.is_empty();
        Ok(Self { language, sentences, plurals, borrowed, has_own })
    }

    /// Says in the log that another language stands in for this one, and how often.
    pub(super) fn tell_untranslated(&self) {
        let [first, ..] = self.borrowed.as_slice() else { return };
        // A pseudo-language is made of English anyway.
        if pseudo::of(&self.language).is_none() {
            let (language, number) = (self.lang(), self.borrowed.len());
            tracing::warn!(
                language,
                number,
                first,
                "texts are not translated; those of another language stand in"
            );
        }
    }

    /// The tag of the language, as in `lang`.
    pub(crate) fn lang(&self) -> String {
        self.language.to_string()
    }

    /// `ltr` or `rtl`.
    pub(crate) fn dir(&self) -> &'static str {
        direction(&self.language)
    }

    /// The language in its own words.
    pub(crate) fn label(&self) -> String {
        let named = self
            .fill("locale.name", &[])
            .filter(|_| !self.borrowed.iter().any(|it| it == "locale-name"));
        let tag = self.lang();
        match (named, self.language.region) {
            (None, _) => tag,
            (Some(_), _) if pseudo::TAGS.contains(&tag.as_str()) => tag,
            (Some(named), None) => named.text,
            (Some(named), Some(region)) => format!("{} ({region})", named.text),
        }
    }

    /// The sentence of `key` for these parameters, or none where the catalog lacks it.
    pub(crate) fn fill(&self, key: &str, params: &[(&str, &str)]) -> Option<Filled> {
        let id = id_of(key);
        if self.has_own
            && let Some(category) = self.category(params)
            && let Some(Sentence::Own(text)) = self.sentences.get(&format!("{id}-{category}"))
        {
            return Some(fill_gaps(text, params));
        }
        match self.sentences.get(&id)? {
            Sentence::Own(text) => Some(fill_gaps(text, params)),
            Sentence::Of(catalog) => catalog.say(&id, params),
        }
    }

    /// The plural category of the first parameter that is a number, by the rules of the language (CLDR).
    fn category(&self, params: &[(&str, &str)]) -> Option<&'static str> {
        let number = params.iter().find_map(|(_, value)| value.parse::<u64>().ok())?;
        Some(match self.plurals.as_ref()?.select(number).ok()? {
            PluralCategory::ZERO => "zero",
            PluralCategory::ONE => "one",
            PluralCategory::TWO => "two",
            PluralCategory::FEW => "few",
            PluralCategory::MANY => "many",
            PluralCategory::OTHER => "other",
        })
    }

    /// The sentence of `key`; a readable stand-in where the catalog lacks it.
    pub(crate) fn sentence(&self, key: &str, params: &[(&str, &str)]) -> String {
        self.fill(key, params).map_or_else(|| stand_in(key), |filled| filled.text)
    }

    /// What a message says. `field` is the name and the label of the field that it is about.
    pub(crate) fn message(&self, msg: &Msg, field: Option<(&str, &str)>) -> String {
        Words { texts: self, own: &BTreeMap::new() }.message(msg, field)
    }

    /// A length of time in the largest unit that fits, rounded up: nobody is sent away too early.
    pub(crate) fn duration(&self, seconds: u64) -> String {
        let (unit, length) = match seconds {
            0..60 => ("seconds", 1),
            60..5_400 => ("minutes", 60),
            5_400..129_600 => ("hours", 3_600),
            _ => ("days", 86_400),
        };
        let count = seconds.div_ceil(length).to_string();
        self.sentence(&format!("duration.{unit}"), &[("count", &count)])
    }

    /// When to try again, for example "in 40 seconds".
    pub(crate) fn retry(&self, seconds: u64) -> String {
        if seconds < 60 {
            self.sentence("retry.seconds", &[("seconds", &seconds.max(1).to_string())])
        } else {
            self.sentence("retry.minutes", &[("minutes", &seconds.div_ceil(60).to_string())])
        }
    }

    /// The site's own sentence for a key of what it declares itself.
    pub(crate) fn own(&self, key: impl FnOnce() -> String) -> Option<String> {
        if !self.has_own {
            return None;
        }
        match self.sentences.get(&id_of(&key()))? {
            Sentence::Own(text) => Some(text.clone()),
            Sentence::Of(_) => None,
        }
    }

    /// What a sentence mentions, where it is one of a catalog.
    pub(crate) fn parameters(&self, key: &str) -> Option<&BTreeSet<String>> {
        match self.sentences.get(&id_of(key))? {
            Sentence::Of(catalog) => catalog.parameters(&id_of(key)),
            Sentence::Own(_) => None,
        }
    }

    /// Whether a key has a sentence in any of the languages.
    pub(crate) fn has(&self, key: &str) -> bool {
        self.sentences.contains_key(&id_of(key))
    }

    /// The messages of the catalogs, with dashes.
    pub(super) fn catalog_keys(&self) -> impl Iterator<Item = String> {
        let mut catalogs: Vec<&Arc<Catalog>> = Vec::new();
        for sentence in self.sentences.values() {
            if let Sentence::Of(catalog) = sentence
                && !catalogs.iter().any(|known| Arc::ptr_eq(known, catalog))
            {
                catalogs.push(catalog);
            }
        }
        catalogs.into_iter().flat_map(|catalog| catalog.ids().cloned())
    }
}

/// The catalog under the sentences of one form, which win over it.
#[derive(Clone, Copy)]
pub(crate) struct Words<'a> {
    pub(super) texts: &'a Texts,
    pub(super) own: &'a BTreeMap<String, String>,
}

impl Words<'_> {
    /// The sentence of `key`, or none where neither has it.
    pub(crate) fn find(&self, key: &str, params: &[(&str, &str)]) -> Option<String> {
        self.own_sentence(key, params)
            .or_else(|| self.texts.fill(key, params))
            .map(|filled| filled.text)
    }

    /// Where a parameter is a number, `key.one`, `key.few` and so on win where they are there.
    fn own_sentence(&self, key: &str, params: &[(&str, &str)]) -> Option<Filled> {
        if self.own.is_empty() {
            return None;
        }
        let category = self.texts.category(params);
        let plural = category.and_then(|category| self.own.get(&format!("{key}.{category}")));
        Some(fill_gaps(plural.or_else(|| self.own.get(key))?, params))
    }

    /// The sentence of `key`; a readable stand-in where neither has it.
    pub(crate) fn sentence(&self, key: &str, params: &[(&str, &str)]) -> String {
        self.find(key, params).unwrap_or_else(|| stand_in(key))
    }

    /// What a message says: the backend's words if it has them, else the catalog's. `field` is the name
    /// and the label of the field that it is about: the catalog may have a sentence for the name
    /// (`field.required.email`), and any sentence may mention its `{label}`.
    pub(crate) fn message(&self, msg: &Msg, field: Option<(&str, &str)>) -> String {
        if let Some(text) = &msg.text {
            let translated = said_id(text).and_then(|id| self.find(&id, &[]));
            return translated.unwrap_or_else(|| text.clone());
        }
        let this_field = self.sentence("label.this_field", &[]);
        let label = field.map_or(this_field.as_str(), |(_, label)| label);
        let mut params: Vec<(&str, &str)> =
            msg.params.iter().map(|(name, value)| (*name, value.as_str())).collect();
        params.push(("label", label));
        field
            .and_then(|(name, _)| self.find(&format!("{}.{name}", msg.code), &params))
            .or_else(|| self.find(&msg.code, &params))
            .unwrap_or_else(|| self.sentence("unknown", &[("code", &msg.code)]))
    }
}

/// The name of a key in a catalog.
fn id_of(key: &str) -> String {
    key.replace('.', "-")
}

/// The key for a sentence of the backend: "Bad login!" is `said.bad-login`. None where it has no words of Latin letters.
fn said_id(text: &str) -> Option<String> {
    const LONGEST: usize = 200;
    let mut id = "said".to_owned();
    let words = text.split(|letter: char| !letter.is_ascii_alphanumeric());
    for word in words.filter(|word| !word.is_empty()) {
        id.push('-');
        id.push_str(&word.to_ascii_lowercase());
    }
    (text.len() <= LONGEST && text.is_ascii() && id.len() > "said".len()).then_some(id)
}

/// The language of the program's own texts.
pub(crate) fn english() -> LanguageIdentifier {
    tag("en")
}

/// A tag of the program's own.
pub(super) fn tag(text: &str) -> LanguageIdentifier {
    text.parse().unwrap_or_default()
}

/// `ltr` or `rtl`.
pub(super) fn direction(language: &LanguageIdentifier) -> &'static str {
    match language.character_direction() {
        CharacterDirection::RTL => "rtl",
        CharacterDirection::LTR | CharacterDirection::TTB => "ltr",
    }
}

/// The languages that a theme and those beneath it have catalogs of, by their tags.
pub(super) fn languages(files: &ThemeFiles) -> Vec<LanguageIdentifier> {
    catalog::languages(files)
}

/// A language and what stands in for it.
fn chain(speech: &Speech) -> Vec<LanguageIdentifier> {
    let mut chain: Vec<LanguageIdentifier> = Vec::new();
    for language in [&speech.language, &speech.default, &tag("en")] {
        for step in with_parents(language) {
            if !chain.contains(&step) {
                chain.push(step);
            }
        }
    }
    chain
}

/// `zh-Hant-TW`, `zh-Hant`, `zh`. A pseudo-language has no parents: it is made of English.
pub(super) fn with_parents(language: &LanguageIdentifier) -> Vec<LanguageIdentifier> {
    let mut all = vec![language.clone()];
    if pseudo::of(language).is_some() {
        return all;
    }
    let base = language.language;
    for script in [language.script, None] {
        let parent = LanguageIdentifier::from_parts(base, script, None, &[]);
        if !all.contains(&parent) {
            all.push(parent);
        }
    }
    all
}

/// Puts the parameters into the gaps. A brace that opens no gap stands for itself.
fn fill_gaps(sentence: &str, params: &[(&str, &str)]) -> Filled {
    let mut filled = Filled { text: String::with_capacity(sentence.len() + 16), missing: None };
    let mut rest = sentence;
    while let Some((before, after)) = rest.split_once('{') {
        filled.text.push_str(before);
        let Some((name, tail)) = after.split_once('}') else {
            filled.text.push('{');
            rest = after;
            continue;
        };
        if let Some((_, value)) = params.iter().find(|(given, _)| *given == name) {
            filled.text.push_str(value);
        } else {
            filled.text.extend(["{", name, "}"]);
            filled.missing.get_or_insert_with(|| name.to_owned());
        }
        rest = tail;
    }
    filled.text.push_str(rest);
    filled
}

/// `label.tenant_id` becomes "Tenant id", `title.contact-us` "Contact us"; any other key is shown as it is, so that it is noticed.
fn stand_in(key: &str) -> String {
    let name = ["label.", "title."].iter().find_map(|prefix| key.strip_prefix(prefix));
    let Some(name) = name else { return key.to_owned() };
    let words = name.replace(['_', '-'], " ");
    let mut letters = words.trim().chars();
    letters.next().map_or_else(
        || key.to_owned(),
        |first| first.to_uppercase().chain(letters).collect::<String>(),
    )
}

#[cfg(test)]
mod tests;
