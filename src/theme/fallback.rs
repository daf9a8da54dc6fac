//! What a visitor gets when a template fails although every sample passed: the page of the layers
//! beneath, down to the one that is part of the program. What is left after that is the last resort.

use std::collections::BTreeSet;
use std::sync::{Mutex, OnceLock, PoisonError};

use minijinja::context;
use minijinja::value::{Serde, Value};

use super::context::{Field, PageContext, SessionView, SiteContext};
use super::engine::Engine;
use super::layers::ThemeFiles;
use super::{FIELD, SESSION_PANEL, Theme, ThemeError, template_of};
use crate::finding::Code;

/// The same site by fewer layers. Compiled when it is needed for the first time.
pub(super) struct Beneath {
    levels: Vec<Level>,
    site: SiteContext,
    /// Faults that have been told; the same one is not told for every visitor.
    told: Mutex<BTreeSet<String>>,
}

struct Level {
    files: ThemeFiles,
    engine: OnceLock<Option<Engine>>,
}

/// A page, and what failed on the way to it.
#[derive(Debug)]
pub(crate) struct Rendered {
    pub html: String,
    /// For the log, the first time that it happens.
    pub fault: Option<String>,
}

impl Beneath {
    /// What is the same on every page.
    pub(super) fn site(&self) -> &SiteContext {
        &self.site
    }

    pub(super) fn new(files: &ThemeFiles, site: SiteContext) -> Self {
        let rests =
            std::iter::successors(files.without_the_highest(), ThemeFiles::without_the_highest);
        let levels = rests.map(|files| Level { files, engine: OnceLock::new() }).collect();
        Self { levels, site, told: Mutex::default() }
    }
}

impl Theme {
    /// A page, or for HTMX the part of it that is swapped in.
    pub(crate) fn page(&self, page: &PageContext, partial: bool) -> Result<Rendered, ThemeError> {
        let template = template_of(page);
        self.by_any_layer(|engine| {
            let values = Value::from(Serde(page));
            if partial {
                engine.render_block(&template, "main", values)
            } else {
                engine.render(&template, values)
            }
        })
    }

    /// The session panel of the welcome page, as HTMX asks for it; none when nobody is signed in.
    pub(crate) fn session_panel(
        &self,
        session: Option<&SessionView>,
    ) -> Result<Rendered, ThemeError> {
        self.by_any_layer(|engine| {
            engine.render(SESSION_PANEL, context! { session => Value::from(Serde(session)) })
        })
    }

    /// One field of a form, as HTMX swaps it in.
    pub(crate) fn field(&self, field: &Field) -> Result<Rendered, ThemeError> {
        self.by_any_layer(|engine| {
            engine.render(FIELD, context! { field => Value::from(Serde(field)) })
        })
    }

    fn by_any_layer(
        &self,
        render: impl Fn(&Engine) -> Result<String, ThemeError>,
    ) -> Result<Rendered, ThemeError> {
        let error = match render(&self.engine) {
            Ok(html) => return Ok(Rendered { html, fault: None }),
            Err(error) => error,
        };
        let beneath = self.beneath.levels.iter().find_map(|level| {
            let compile = || {
                let addresses = self.look.assets.addresses();
                Engine::compile(&level.files, &self.beneath.site, &self.texts, addresses).ok()
            };
            render(level.engine.get_or_init(compile).as_ref()?).ok()
        });
        match beneath {
            Some(html) => Ok(Rendered { html, fault: self.untold(&error) }),
            None => Err(error),
        }
    }

    /// What to log of a fault; nothing where that has been said.
    fn untold(&self, error: &ThemeError) -> Option<String> {
        let place = self.engine.finding(Code::TemplateRender, &error.cause).place;
        let place = place.map(|place| format!("{place}: ")).unwrap_or_default();
        let fault = format!("{place}{error}; a lower layer's page was shown");
        let mut told = self.beneath.told.lock().unwrap_or_else(PoisonError::into_inner);
        told.insert(fault.clone()).then_some(fault)
    }
}
