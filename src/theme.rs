//! Themes: templates, texts and assets of one look.
//!
//! A theme is loaded whole or not at all. Loading renders every page in every sample state, so that
//! what could fail before a visitor has failed before the start.

mod assets;
pub(crate) mod context;
mod engine;
mod files;
pub(crate) mod languages;
mod last_resort;
pub(crate) mod letters;
mod manifest;
mod samples;
mod texts;

#[cfg(test)]
pub(crate) mod tests;

use std::collections::BTreeMap;
use std::sync::Arc;

use minijinja::context;
use minijinja::value::{Serde, Value};

pub(crate) use assets::Asset;
use assets::Assets;
use context::{
    Brand, Features, Field, Meta, PageContext, Retry, SessionView, SiteContext, ThemeInfo, Urls,
};
use engine::Engine;
use files::ThemeFiles;
use letters::Letters;
use manifest::{CONTRACT, Manifest};
pub(crate) use texts::Words;
use texts::{Speech, Texts};

use crate::finding::{Code, Finding};
use crate::form::Msg;

/// What the pages know of the site that they belong to.
#[derive(Clone, Debug)]
pub(crate) struct SiteSettings {
    pub urls: Urls,
    /// Whether visitors may register.
    pub register: bool,
    /// The site's name; the theme's option `brand` wins over it.
    pub brand: Option<String>,
}

/// A template that failed while a page was made.
#[derive(Debug, thiserror::Error)]
#[error("the template {template} failed: {cause:#}")]
pub(crate) struct ThemeError {
    /// The page's template; the cause names the file that the fault is in.
    template: String,
    #[source]
    cause: minijinja::Error,
}

/// One look, ready to render. Immutable: a change of any file is a new theme.
pub(crate) struct Theme {
    engine: Engine,
    texts: Arc<Texts>,
    assets: Arc<Assets>,
    letters: Arc<Letters>,
}

impl Theme {
    /// The theme of these files in one language. A file that the theme lacks is taken from the embedded `daisy`. `assets` are those of the same theme in another one.
    fn speaking(
        files: &ThemeFiles,
        assets: Option<&Arc<Assets>>,
        name: &str,
        options: &BTreeMap<String, serde_json::Value>,
        site: SiteSettings,
        speech: &Speech,
    ) -> Result<Self, Vec<Finding>> {
        let mut findings = Vec::new();
        let info = keep(&mut findings, theme_info(files, name, options));
        let texts = keep(&mut findings, Texts::load(files, speech));
        let assets = match assets {
            Some(assets) => Some(Arc::clone(assets)),
            None => keep(&mut findings, Assets::load(files).map(Arc::new)),
        };
        let (Some(info), Some(texts), Some(assets)) = (info, texts, assets) else {
            return Err(findings);
        };
        let (texts, urls) = (Arc::new(texts), site.urls.clone());
        let site = site_context(site, info, &texts);
        let letters = Letters::load(files, site.brand.name.clone(), &texts);
        let engine = Engine::compile(files, &site, &texts, assets.addresses())?;
        let theme = Self { engine, texts, assets, letters: Arc::new(letters?) };
        theme.rehearse(&urls)?;
        Ok(theme)
    }

    /// The themes that are part of the program.
    pub(crate) fn embedded_names() -> Vec<String> {
        files::embedded_names()
    }

    /// The whole page.
    pub(crate) fn render(&self, page: &PageContext) -> Result<String, ThemeError> {
        self.engine.render(&template_of(page), Value::from(Serde(page)))
    }

    /// The page without its frame, for HTMX: the block `main` of the same template.
    pub(crate) fn render_partial(&self, page: &PageContext) -> Result<String, ThemeError> {
        self.engine.render_block(&template_of(page), "main", Value::from(Serde(page)))
    }

    /// The session panel of the welcome page, as HTMX asks for it; none when nobody is signed in.
    pub(crate) fn render_session(
        &self,
        session: Option<&SessionView>,
    ) -> Result<String, ThemeError> {
        self.engine.render(SESSION_PANEL, context! { session => Value::from(Serde(session)) })
    }

    /// What a message says: the backend's words if it has them, else the catalog's.
    pub(crate) fn text(&self, msg: &Msg) -> String {
        self.texts.message(msg, None)
    }

    /// The catalog under the sentences of one form.
    pub(crate) fn words<'a>(&'a self, own: &'a BTreeMap<String, String>) -> Words<'a> {
        Words { texts: &self.texts, own }
    }

    /// Whether the theme, or the one that it falls back on, has a template.
    pub(crate) fn has_template(&self, name: &str) -> bool {
        self.engine.has(name)
    }

    /// What to say of a template that it has not.
    pub(crate) fn lacks(&self, name: &str) -> Finding {
        let pages: Vec<&str> =
            self.engine.names().filter(|name| name.starts_with("page/")).collect();
        let finding =
            Finding::error(Code::TemplateMissing, format!("the theme has no template \"{name}\""));
        finding.help(format!("add the file, or take one of {}", pages.join(", ")))
    }

    /// One field of a form, as HTMX swaps it in.
    pub(crate) fn render_field(&self, field: &Field) -> Result<String, ThemeError> {
        self.engine.render(FIELD, context! { field => Value::from(Serde(field)) })
    }

    /// The catalog's sentence; an unknown `label.tenant_id` becomes "Tenant id".
    pub(crate) fn sentence(&self, key: &str) -> String {
        self.texts.sentence(key, &[])
    }

    /// The catalog's sentence, if it has one.
    pub(crate) fn own_sentence(&self, key: &str) -> Option<String> {
        self.texts.fill(key, &[]).map(|filled| filled.text)
    }

    /// The site's own sentence for something that it declares, where it has one in this language.
    pub(crate) fn declared(&self, key: impl FnOnce() -> String) -> Option<String> {
        self.texts.own(key)
    }

    /// When to try again, in words.
    pub(crate) fn retry(&self, after_s: u64) -> Retry {
        Retry { after_s, text: self.texts.retry(after_s) }
    }

    /// The mails in this theme's words.
    pub(crate) fn letters(&self) -> Arc<Letters> {
        Arc::clone(&self.letters)
    }

    /// The asset that a browser asks for, for example `theme.3f9a12cd.css`.
    pub(crate) fn asset(&self, hashed_name: &str) -> Option<&Asset> {
        self.assets.get(hashed_name)
    }

    /// Every page × state that this program can show, with made-up people and the theme's own words.
    pub(crate) fn samples(&self, urls: &Urls) -> Vec<PageContext> {
        samples::samples(&self.texts, urls)
    }

    /// Renders every sample, whole and in part, and reports each fault once.
    fn rehearse(&self, urls: &Urls) -> Result<(), Vec<Finding>> {
        let mut faults: BTreeMap<String, (Finding, Vec<String>)> = BTreeMap::new();
        let mut note = |outcome: Result<String, ThemeError>, sample: String| {
            let Err(error) = outcome else { return };
            let finding = self.engine.finding(Code::TemplateRender, &error.cause);
            let place = finding.place.as_ref().map(ToString::to_string).unwrap_or_default();
            let key = format!("{place} {}", finding.message);
            let seen = &mut faults.entry(key).or_insert_with(|| (finding, Vec::new())).1;
            if seen.last() != Some(&sample) {
                seen.push(sample);
            }
        };
        for page in self.samples(urls) {
            let sample = format!("{}.{}", page.page.id, page.page.state);
            note(self.render(&page), sample.clone());
            note(self.render_partial(&PageContext { partial: true, ..page }), sample);
        }
        for session in samples::sessions() {
            note(self.render_session(session.as_ref()), "session".to_owned());
        }
        let seen_on = |(finding, seen): (Finding, Vec<String>)| {
            let more = seen.len().saturating_sub(3);
            let first = seen.iter().take(3).cloned().collect::<Vec<_>>().join(", ");
            let rest = if more == 0 { String::new() } else { format!(" and {more} more") };
            finding.help(format!("seen on {first}{rest}"))
        };
        if faults.is_empty() { Ok(()) } else { Err(faults.into_values().map(seen_on).collect()) }
    }
}

/// The page for when rendering itself fails: compiled in, without a template, a text or an asset.
pub(crate) fn last_resort(status: u16, title: &str, request_id: &str) -> String {
    last_resort::page(status, title, request_id)
}

const SESSION_PANEL: &str = "element/session.html";
const FIELD: &str = "element/field.html";

fn template_of(page: &PageContext) -> String {
    page.template.clone().unwrap_or_else(|| ["page/", &page.page.id, ".html"].concat())
}

fn keep<T>(findings: &mut Vec<Finding>, outcome: Result<T, Vec<Finding>>) -> Option<T> {
    outcome.map_err(|mut more| findings.append(&mut more)).ok()
}

fn theme_info(
    files: &ThemeFiles,
    name: &str,
    options: &BTreeMap<String, serde_json::Value>,
) -> Result<ThemeInfo, Vec<Finding>> {
    let Some(file) = files.find("theme.toml") else {
        return Err(vec![Finding::error(Code::ThemeManifest, "the theme has no theme.toml")]);
    };
    let manifest = Manifest::parse(file).map_err(|finding| vec![*finding])?;
    let options = manifest.settle(options)?;
    Ok(ThemeInfo { name: name.to_owned(), version: manifest.version, options })
}

fn site_context(site: SiteSettings, theme: ThemeInfo, texts: &Texts) -> SiteContext {
    let option = theme.options.get("brand").and_then(serde_json::Value::as_str).unwrap_or_default();
    let brand = match option.trim() {
        "" => site.brand.unwrap_or_default(),
        chosen => chosen.to_owned(),
    };
    SiteContext {
        contract: CONTRACT,
        brand: Brand { name: brand },
        theme,
        lang: texts.lang(),
        dir: texts.dir(),
        urls: site.urls,
        features: Features { register: site.register },
        meta: Meta { version: env!("CARGO_PKG_VERSION"), preview: false },
    }
}
