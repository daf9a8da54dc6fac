//! The words of a theme: a flat catalog from key to sentence, with `{name}` for what varies.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::files::SourceFile;
use super::layers::ThemeFiles;
use crate::finding::{Code, Finding, Place};
use crate::form::Msg;

const CATALOG: &str = "locales/en.toml";

/// Every sentence of the site, by key.
#[derive(Debug)]
pub(crate) struct Texts {
    sentences: BTreeMap<String, String>,
}

/// A sentence with its gaps filled, and the first gap that nothing was given for.
pub(crate) struct Filled {
    pub text: String,
    pub missing: Option<String>,
}

impl Texts {
    /// Reads the catalog of every layer; the sentences of a higher one win one by one.
    pub(crate) fn load(files: &ThemeFiles) -> Result<Self, Box<Finding>> {
        let mut sentences = BTreeMap::new();
        for file in files.bottom_up(CATALOG) {
            sentences.extend(parse(file)?);
        }
        Ok(Self { sentences })
    }

    /// The sentence of `key` for these parameters, or none where the catalog lacks it.
    ///
    /// Where a parameter is 1 and there is a `key.one`, that is taken.
    pub(crate) fn fill(&self, key: &str, params: &[(&str, &str)]) -> Option<Filled> {
        fill(&self.sentences, key, params)
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

    #[cfg(test)]
    pub(crate) fn keys(&self) -> impl Iterator<Item = &str> {
        self.sentences.keys().map(String::as_str)
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
        fill(self.own, key, params)
            .or_else(|| self.texts.fill(key, params))
            .map(|filled| filled.text)
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
            return text.clone();
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

/// Where a parameter is 1 and there is a `key.one`, that is taken.
fn fill(
    sentences: &BTreeMap<String, String>,
    key: &str,
    params: &[(&str, &str)],
) -> Option<Filled> {
    let singular = params
        .iter()
        .any(|(_, value)| *value == "1")
        .then(|| sentences.get(&format!("{key}.one")))
        .flatten();
    let sentence = singular.or_else(|| sentences.get(key))?;
    Some(fill_gaps(sentence, params))
}

fn parse(file: &SourceFile) -> Result<BTreeMap<String, String>, Box<Finding>> {
    let source: Arc<str> = String::from_utf8_lossy(&file.bytes).into();
    toml::from_str(&source).map_err(|error| {
        let place = Place::in_file(&file.shown_as, &source, error.span().unwrap_or(0..0));
        Finding::error(Code::ThemeTexts, format!("the texts cannot be used: {}", error.message()))
            .at(Some(place))
            .help("each line is a key in quotes and a sentence: \"title.login\" = \"Sign in\"")
            .into()
    })
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
mod tests {
    use super::*;

    #[test]
    fn gaps_are_filled_and_lone_braces_stay() {
        let filled = fill_gaps("{a} and {b} {", &[("a", "{b}"), ("b", "2")]);
        assert_eq!(filled.text, "{b} and 2 {");
        assert!(filled.missing.is_none());
        assert_eq!(fill_gaps("x {y} z", &[]).missing.as_deref(), Some("y"));
    }

    #[test]
    fn unknown_labels_become_words() {
        assert_eq!(stand_in("label.tenant_id"), "Tenant id");
        assert_eq!(stand_in("label.été"), "Été");
        assert_eq!(stand_in("label."), "label.");
        assert_eq!(stand_in("other.key"), "other.key");
    }
}
