//! One theme in every language of the site.

use std::collections::BTreeMap;
use std::sync::Arc;

use unic_langid::LanguageIdentifier;

use super::context::{PageContext, SiteContext};
use super::keys::Keys;
use super::layers::ThemeFiles;
use super::letters::Letters;
use super::texts::{self, Speech, english, pseudo, tag};
use super::{Look, SiteSettings, Theme};
#[cfg(test)]
use crate::config::plan::ThemeOption;
use crate::config::plan::{I18nPlan, LocalePlan, OwnText, ThemePlan};
use crate::finding::{Code, Finding, Place};

/// One of the languages of the site.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Locale(pub(crate) usize);

/// The theme in the languages of the site, in the order that they were said in.
pub(crate) struct Languages {
    spoken: Vec<Spoken>,
    default: Locale,
}

struct Spoken {
    theme: Theme,
    tag: String,
    label: String,
}

impl Languages {
    /// Loads a theme in the languages of the site.
    pub(crate) fn open(
        theme: &ThemePlan,
        site: &SiteSettings,
        plan: &I18nPlan,
    ) -> Result<Self, Vec<Finding>> {
        let look = Arc::new(Look::open(theme)?);
        let found = texts::languages(&look.files);
        let mut findings = Vec::new();
        for locale in &plan.locales {
            let own = texts::with_parents(&locale.language);
            let is_pseudo = pseudo::of(&locale.language).is_some();
            if !is_pseudo && !own.iter().any(|it| found.contains(it)) {
                let list = found.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
                let message = format!("the theme has no texts in \"{}\"", locale.language);
                let help = format!(
                    "it has {list}; another language is a file locales/{}.ftl in a theme of your own",
                    locale.language
                );
                let finding = Finding::error(Code::LocaleUnknown, message).help(help);
                findings.push(finding.at(Some(locale.place.clone())));
            }
        }
        if !findings.is_empty() {
            return Err(findings);
        }
        let own = Arc::new(own_texts(&plan.texts));
        let mut spoken: Vec<Spoken> = Vec::new();
        for locale in &plan.locales {
            let speech = Speech {
                language: locale.language.clone(),
                default: plan.default.clone(),
                own: Arc::clone(&own),
            };
            let theme = Theme::speaking(&look, site.clone(), &speech)?;
            let (tag, label) = (theme.texts.lang(), theme.texts.label());
            spoken.push(Spoken { theme, tag, label });
        }
        let at = plan.locales.iter().position(|it| it.language == plan.default);
        let languages = Self { spoken, default: Locale(at.unwrap_or_default()) };
        let lost = languages.lost(&plan.texts);
        if lost.is_empty() { Ok(languages) } else { Err(lost) }
    }

    /// The theme in one language.
    pub(crate) fn get(&self, locale: Locale) -> &Theme {
        let spoken = self.spoken.get(locale.0).or_else(|| self.spoken.get(self.default.0));
        // There is always one: a plan without languages is in English.
        spoken.map_or_else(|| unreachable!(), |spoken| &spoken.theme)
    }

    /// The theme in the site's default language.
    pub(crate) fn in_default(&self) -> &Theme {
        self.get(self.default)
    }

    /// The theme in each of the languages.
    pub(crate) fn themes(&self) -> impl Iterator<Item = &Theme> {
        self.spoken.iter().map(|spoken| &spoken.theme)
    }

    /// The theme in those pseudo-languages that the site does not have anyway.
    pub(super) fn pseudo(&self, plan: &I18nPlan) -> Result<Vec<Theme>, Vec<Finding>> {
        let own = Arc::new(own_texts(&plan.texts));
        let theme = self.in_default();
        let SiteContext { urls, features, brand, .. } = theme.beneath.site().clone();
        let brand = Some(brand.name).filter(|name| !name.is_empty());
        let site = SiteSettings { urls, register: features.register, brand };
        let missing =
            pseudo::TAGS.iter().filter(|tag| !self.spoken.iter().any(|it| it.tag == **tag));
        missing
            .map(|pseudo| {
                let speech = Speech {
                    language: tag(pseudo),
                    default: plan.default.clone(),
                    own: Arc::clone(&own),
                };
                Theme::compile(&theme.look, site.clone(), &speech)
            })
            .collect()
    }

    /// The mails in every language.
    pub(crate) fn letters(&self) -> Arc<Letters> {
        let letters = |spoken: &Spoken| (spoken.tag.clone(), spoken.theme.letters());
        Arc::new(self.in_default().letters().with_translations(self.spoken.iter().map(letters)))
    }

    pub(crate) fn default_locale(&self) -> Locale {
        self.default
    }

    /// Every language with its tag, its name in its own words and its direction.
    pub(crate) fn all(&self) -> impl Iterator<Item = (Locale, &str, &str, &'static str)> {
        self.spoken.iter().enumerate().map(|(index, spoken)| {
            (Locale(index), &*spoken.tag, &*spoken.label, spoken.theme.texts.dir())
        })
    }

    pub(crate) fn len(&self) -> usize {
        self.spoken.len()
    }

    /// Says in the log which languages of the site lack sentences.
    pub(crate) fn tell_untranslated(&self) {
        self.themes().for_each(|theme| theme.texts.tell_untranslated());
    }

    /// Sentences of the site that nothing asks for: their keys are typing mistakes.
    fn lost(&self, own: &[OwnText]) -> Vec<Finding> {
        let keys = Keys::new(self.in_default().texts.catalog_keys().collect());
        let lost = own.iter().filter(|text| !keys.may_be_asked_for(&with_dashes(text)));
        lost.map(|text| {
            let finding = nobody_asks_for(text);
            match keys.nearest(&with_dashes(text)) {
                Some(near) => finding.help(format!("did you mean \"{near}\"?")),
                None => finding.help("the keys are those of the theme's locales/en.ftl"),
            }
        })
        .collect()
    }

    /// The same of keys that end in a name, which only the pages of the site tell.
    pub(crate) fn misspelt(&self, own: &[OwnText], pages: &[PageContext]) -> Vec<Finding> {
        if own.is_empty() {
            return Vec::new();
        }
        let theme = self.in_default();
        let samples = theme.samples(&theme.beneath.site().urls);
        let known = theme.texts.catalog_keys().collect();
        let keys = Keys::new(known).with_names_of(samples.iter().chain(pages));
        let told = |text: &OwnText| {
            let key = with_dashes(text);
            let meant = keys.meant_by(&key).or_else(|| keys.meant_of_declared(&key))?;
            Some(nobody_asks_for(text).help(format!("did you mean \"{meant}\"?")))
        };
        own.iter().filter_map(told).collect()
    }
}

fn with_dashes(text: &OwnText) -> String {
    text.key.replace('.', "-")
}

fn nobody_asks_for(text: &OwnText) -> Finding {
    let message = format!("there is no text \"{}\"", text.key);
    Finding::error(Code::ThemeTexts, message).at(Some(text.place.clone()))
}

/// Every language that a theme speaks, English first.
pub(crate) fn every_language(theme: &ThemePlan) -> Result<I18nPlan, Vec<Finding>> {
    let files = ThemeFiles::collect(&theme.path, &theme.name)?;
    let mut found = texts::languages(&files);
    found.sort_by_key(|language| (*language != english(), language.to_string()));
    let place = Place::named(theme.name.clone());
    let locale = |language| LocalePlan { language, place: place.clone() };
    let locales = found.into_iter().map(locale).collect();
    Ok(I18nPlan { default: english(), locales, texts: Vec::new() })
}

fn own_texts(texts: &[OwnText]) -> BTreeMap<LanguageIdentifier, BTreeMap<String, String>> {
    let mut own: BTreeMap<LanguageIdentifier, BTreeMap<String, String>> = BTreeMap::new();
    for text in texts {
        let sentences = own.entry(text.language.clone()).or_default();
        sentences.insert(text.key.clone(), text.sentence.clone());
    }
    own
}

#[cfg(test)]
impl Theme {
    /// Loads a theme in English alone, which is enough for most tests.
    pub(crate) fn open(plan: &ThemePlan, site: SiteSettings) -> Result<Self, Vec<Finding>> {
        Self::speaking(&Arc::new(Look::open(plan)?), site, &Speech::default())
    }

    /// The same with options that nobody wrote in a file.
    pub(crate) fn load(
        root: &std::path::Path,
        name: &str,
        options: &BTreeMap<String, serde_json::Value>,
        site: SiteSettings,
    ) -> Result<Self, Vec<Finding>> {
        let option = |(name, value): (&String, &serde_json::Value)| {
            let place = Place::named(format!("theme.options.{name}"));
            (name.clone(), ThemeOption { value: value.clone(), place })
        };
        let options = options.iter().map(option).collect();
        let plan = ThemePlan { name: name.to_owned(), path: root.to_owned(), options };
        Self::open(&plan, site)
    }
}
