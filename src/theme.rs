//! Themes: templates, texts and assets of one look.
//!
//! A theme is loaded whole or not at all. Loading renders every page in every sample state, so that
//! what could fail before a visitor has failed before the start.

mod assets;
mod brand;
pub(crate) mod check;
mod colour;
pub(crate) mod context;
pub(crate) mod contract;
mod css;
mod engine;
mod fallback;
mod files;
pub(crate) mod form_view;
pub(crate) mod gallery;
mod keys;
pub(crate) mod languages;
mod last_resort;
mod layers;
pub(crate) mod letters;
mod manifest;
pub(crate) mod moment;
mod options;
mod picture;
pub(crate) mod samples;
mod texts;
mod variables;
pub(crate) mod watched;
pub(crate) mod workshop;

#[cfg(test)]
pub(crate) mod tests;

use std::collections::BTreeMap;
use std::sync::Arc;

use minijinja::context;
use minijinja::value::{Serde, Value};

pub(crate) use assets::{Asset, Assets};
use context::{Features, Field, Meta, PageContext, Retry, SessionView, SiteContext, Urls};
use css::Css;
use engine::Engine;
use fallback::Beneath;
pub(crate) use fallback::Rendered;
pub(crate) use last_resort::escape;
use layers::ThemeFiles;
use letters::Letters;
use manifest::CONTRACT;
use options::{Options, Said};
use texts::{Speech, Texts};
pub(crate) use texts::{Words, english};

use crate::config::plan::ThemePlan;
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
    beneath: Beneath,
    texts: Arc<Texts>,
    letters: Arc<Letters>,
    look: Arc<Look>,
}

/// What a theme is in every language: its files, what its options are on this site, and its assets.
struct Look {
    files: ThemeFiles,
    options: Options,
    assets: Arc<Assets>,
}

impl Look {
    /// Reads the folder of the theme's name where there is one, else the embedded theme, with the site's
    /// overrides above it and everything that it extends beneath. The lowest layer is the embedded `daisy`.
    fn open(plan: &ThemePlan) -> Result<Self, Vec<Finding>> {
        Self::of(ThemeFiles::collect(&plan.path, &plan.name)?, plan)
    }

    /// The same of files that are read already.
    fn of(files: ThemeFiles, plan: &ThemePlan) -> Result<Self, Vec<Finding>> {
        let mut findings = Vec::new();
        let options = keep(&mut findings, settled(&files, plan));
        let variables = options.as_ref().map(variables::style_sheet).unwrap_or_default();
        let assets = keep(&mut findings, Assets::load(&files, &variables));
        let (Some(options), Some(assets)) = (options, assets) else {
            return Err(findings);
        };
        Ok(Self { files, options, assets: Arc::new(assets) })
    }
}

impl Theme {
    /// The theme of these files in one language.
    fn speaking(
        look: &Arc<Look>,
        site: SiteSettings,
        speech: &Speech,
    ) -> Result<Self, Vec<Finding>> {
        let urls = site.urls.clone();
        let theme = Self::compile(look, site, speech)?;
        theme.rehearse(&urls)?;
        Ok(theme)
    }

    /// The same before any page of it was tried.
    fn compile(
        look: &Arc<Look>,
        site: SiteSettings,
        speech: &Speech,
    ) -> Result<Self, Vec<Finding>> {
        let texts = Arc::new(Texts::load(&look.files, speech)?);
        let features = Features::of(&site.urls, site.register);
        let addresses = look.assets.addresses();
        let site = SiteContext {
            contract: CONTRACT,
            brand: brand::brand(&look.files, &look.options, &addresses, &texts, site.brand),
            theme: brand::theme_info(&look.files, &look.options),
            lang: texts.lang(),
            dir: texts.dir(),
            urls: site.urls,
            features,
            meta: Meta { version: env!("CARGO_PKG_VERSION"), preview: false },
        };
        let letters = Letters::load(&look.files, &site, &texts);
        let engine = Engine::compile(&look.files, &site, &texts, addresses)?;
        Ok(Self {
            engine,
            beneath: Beneath::new(&look.files, site),
            texts,
            letters: Arc::new(letters?),
            look: Arc::clone(look),
        })
    }

    /// What is worth knowing although the theme can be used.
    pub(crate) fn warnings(&self) -> Vec<Finding> {
        options::contrast_warnings(&self.look.options)
    }

    /// The themes that are part of the program.
    pub(crate) fn embedded_names() -> Vec<String> {
        files::embedded_names()
    }

    /// The whole page, by this theme's own templates or not at all.
    pub(crate) fn render(&self, page: &PageContext) -> Result<String, ThemeError> {
        self.engine.render(&template_of(page), Value::from(Serde(page)))
    }

    /// The page without its frame, for HTMX: the block `main` of the same template.
    pub(crate) fn render_partial(&self, page: &PageContext) -> Result<String, ThemeError> {
        self.engine.render_block(&template_of(page), "main", Value::from(Serde(page)))
    }

    /// One field of a form by itself.
    fn render_field(&self, field: &Field) -> Result<String, ThemeError> {
        self.engine.render(FIELD, context! { field => Value::from(Serde(field)) })
    }

    /// The session panel of the welcome page, by this theme's own template.
    fn render_session(&self, session: Option<&SessionView>) -> Result<String, ThemeError> {
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

    /// When to try again, in words, and by the clock, which shows `now`.
    pub(crate) fn retry(&self, after_s: u64, now: u64) -> Retry {
        let at = moment::written(now.saturating_add(after_s));
        Retry { after_s, at, text: self.texts.retry(after_s) }
    }

    /// The mails in this theme's words.
    pub(crate) fn letters(&self) -> Arc<Letters> {
        Arc::clone(&self.letters)
    }

    /// The asset that a browser asks for, for example `theme.3f9a12cd.css`.
    pub(crate) fn asset(&self, hashed_name: &str) -> Option<&Asset> {
        self.look.assets.get(hashed_name)
    }

    /// All of them, for whoever needs them longer than the theme.
    pub(crate) fn assets(&self) -> Arc<Assets> {
        Arc::clone(&self.look.assets)
    }

    /// Every page × state that this program can show, with made-up people and the theme's own words.
    pub(crate) fn samples(&self, urls: &Urls) -> Vec<PageContext> {
        samples::samples(self, urls)
    }

    /// What the templates of a page are given, as one object.
    fn given(&self, page: &PageContext) -> serde_json::Value {
        let parts = [serde_json::to_value(self.beneath.site()), serde_json::to_value(page)];
        let mut whole = serde_json::Map::new();
        for part in parts {
            if let Ok(serde_json::Value::Object(part)) = part {
                whole.extend(part);
            }
        }
        whole.into()
    }

    /// Renders every sample, whole and in part, and reports each fault once.
    fn rehearse(&self, urls: &Urls) -> Result<(), Vec<Finding>> {
        let mut faults = Faults::new(&self.engine);
        for session in samples::sessions() {
            faults.note(self.render_session(session.as_ref()), "session");
        }
        self.try_on(self.samples(urls), faults)
    }

    /// The same with pages that are declared, as far as they can be made up.
    pub(crate) fn rehearse_declared(&self, pages: Vec<PageContext>) -> Result<(), Vec<Finding>> {
        self.try_on(pages, Faults::new(&self.engine))
    }

    fn try_on(&self, pages: Vec<PageContext>, mut faults: Faults<'_>) -> Result<(), Vec<Finding>> {
        for page in pages {
            let sample = page.name();
            faults.note(self.render(&page), &sample);
            for field in page.form.iter().flat_map(|form| &form.fields) {
                // As HTMX asks for it; what else the page knows is not there then.
                if !field.check_url.is_empty() {
                    faults.note(self.render_field(field), &sample);
                }
            }
            faults.note(self.render_partial(&PageContext { partial: true, ..page }), &sample);
        }
        faults.told()
    }
}

/// What went wrong on samples: each fault once, with the samples that it was seen on.
struct Faults<'a> {
    engine: &'a Engine,
    seen: BTreeMap<String, (Finding, Vec<String>)>,
}

impl<'a> Faults<'a> {
    fn new(engine: &'a Engine) -> Self {
        Self { engine, seen: BTreeMap::new() }
    }

    fn note(&mut self, outcome: Result<String, ThemeError>, sample: &str) {
        let Err(error) = outcome else { return };
        let finding = self.engine.finding(Code::TemplateRender, &error.cause);
        let place = finding.place.as_ref().map(ToString::to_string).unwrap_or_default();
        let key = format!("{place} {}", finding.message);
        let seen = &mut self.seen.entry(key).or_insert_with(|| (finding, Vec::new())).1;
        if seen.last().is_none_or(|last| last != sample) {
            seen.push(sample.to_owned());
        }
    }

    fn told(self) -> Result<(), Vec<Finding>> {
        let seen_on = |(finding, seen): (Finding, Vec<String>)| {
            let more = seen.len().saturating_sub(3);
            let first = seen.iter().take(3).cloned().collect::<Vec<_>>().join(", ");
            let rest = if more == 0 { String::new() } else { format!(" and {more} more") };
            finding.help(format!("seen on {first}{rest}"))
        };
        if self.seen.is_empty() {
            Ok(())
        } else {
            Err(self.seen.into_values().map(seen_on).collect())
        }
    }
}

/// Whether a style sheet ends in the middle of something, as one does that is being written.
pub(crate) fn is_cut_off(sheet: &str) -> bool {
    Css::read(sheet).is_cut_off()
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

/// What the options of a theme are on this site.
fn settled(files: &ThemeFiles, plan: &ThemePlan) -> Result<Options, Vec<Finding>> {
    let site = plan.options.iter().map(|(name, option)| {
        (name.as_str(), Said { value: &option.value, place: option.place.clone() })
    });
    options::settle(files, &site.collect())
}
