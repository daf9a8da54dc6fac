//! `[i18n]`: whether these are languages. Whether the theme speaks them is the theme's own check.

use unic_langid::LanguageIdentifier;

use super::Builder;
use crate::config::plan::{I18nPlan, LocalePlan, OwnText};
use crate::finding::{Code, Finding, has_errors};

impl Builder<'_> {
    pub(super) fn i18n(&mut self) -> Option<I18nPlan> {
        let said = &self.said.i18n;
        let before = self.findings.len();
        let mut locales: Vec<LocalePlan> = Vec::new();
        for (index, tag) in said.locales.iter().enumerate() {
            let path = format!("i18n.locales.{index}");
            let Some(language) = self.language(&path, tag) else { continue };
            if locales.iter().any(|it| it.language == language) {
                let message = format!("\"{tag}\" is in `locales` twice");
                self.find(&path, Finding::error(Code::BadValue, message).help("leave one out"));
            }
            locales.push(LocalePlan { language, place: self.origins.place(&path) });
        }
        let default = match &said.default {
            Some(tag) => self.language("i18n.default", tag),
            None => locales.first().map(|it| it.language.clone()),
        };
        let default = default.or_else(|| "en".parse().ok())?;
        if said.locales.is_empty() {
            let place = self.origins.place("i18n.default");
            locales.push(LocalePlan { language: default.clone(), place });
        } else if before == self.findings.len() && !locales.iter().any(|it| it.language == default)
        {
            let message = format!("`default` is \"{default}\", which is not one of `locales`");
            let finding = Finding::error(Code::Conflict, message)
                .help(format!("add \"{default}\" to `locales`, or take one of them"));
            self.find("i18n.default", finding);
        }
        let mut texts = Vec::new();
        for (tag, sentences) in &said.texts {
            let path = format!("i18n.texts.{tag}");
            let Some(language) = self.language(&path, tag) else { continue };
            let is_read = |it: &LocalePlan| it.language.language == language.language;
            if !locales.iter().any(is_read) && language.language.as_str() != "en" {
                let message = format!("nobody reads texts in \"{tag}\"");
                let finding = Finding::warning(Code::Conflict, message)
                    .help(format!("add \"{tag}\" to `locales`, or leave them out"));
                self.find(&path, finding);
            }
            for (key, sentence) in sentences {
                texts.push(OwnText {
                    language: language.clone(),
                    key: key.clone(),
                    sentence: sentence.clone(),
                    place: self.origins.place(&format!("{path}.{key}")),
                });
            }
        }
        let is_sound = !has_errors(self.findings.get(before..).unwrap_or_default());
        is_sound.then_some(I18nPlan { default, locales, texts })
    }

    fn language(&mut self, path: &str, tag: &str) -> Option<LanguageIdentifier> {
        let language = tag.parse::<LanguageIdentifier>().ok().filter(|it| !it.language.is_empty());
        if language.is_none() {
            let finding = Finding::error(Code::BadValue, format!("\"{tag}\" is not a language"))
                .help("write a tag such as \"en\", \"de\" or \"pt-BR\"");
            self.find(path, finding);
        }
        language
    }
}

impl I18nPlan {
    /// Every language of the site, its default first.
    pub(crate) fn languages(&self) -> Vec<LanguageIdentifier> {
        let others = self.locales.iter().map(|locale| &locale.language);
        let others = others.filter(|language| **language != self.default);
        std::iter::once(&self.default).chain(others).cloned().collect()
    }
}
