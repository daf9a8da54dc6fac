//! What templates are given, to be looked at: the samples that a theme is tried on, as JSON.

use std::sync::Arc;

use serde::Serialize;
use serde_json::Value;

use super::Workshop;
use crate::finding::{Code, Finding};
use crate::theme::context::Urls;
use crate::theme::files::nearest;
use crate::theme::texts::Speech;
use crate::theme::{Look, SiteSettings, Theme, template_of};

/// A page in one of its states, with a made-up visitor.
#[derive(Clone, Debug, Serialize)]
pub struct ThemeFixture {
    /// Its page, and what it is called there: `login.rate_limited`.
    pub id: String,
    /// The state that the page is in.
    pub state: String,
    /// The HTTP status that it comes with.
    pub status: u16,
    /// The template that renders it.
    pub template: String,
    /// All that the template is given.
    pub context: Value,
}

impl Workshop {
    /// Every sample, in the order of a visit, by the chosen theme and in the site's own language. The site
    /// has all that a site can have.
    pub(crate) fn fixtures(&self) -> Result<Vec<ThemeFixture>, Vec<Finding>> {
        let urls = Urls::everywhere();
        let site = SiteSettings { urls: urls.clone(), register: true, brand: None };
        let speech =
            Speech { language: self.language(), default: self.language(), ..Speech::default() };
        let theme = Theme::compile(&Arc::new(Look::open(&self.plan)?), site, &speech)?;
        let fixture = |page| ThemeFixture {
            context: theme.given(&page),
            id: page.name(),
            state: page.page.state.to_owned(),
            status: page.page.status,
            template: template_of(&page),
        };
        Ok(theme.samples(&urls).into_iter().map(fixture).collect())
    }

    /// One of them.
    pub(crate) fn fixture(&self, id: &str) -> Result<ThemeFixture, Vec<Finding>> {
        let mut all = self.fixtures()?;
        if let Some(at) = all.iter().position(|it| it.id == id) {
            return Ok(all.swap_remove(at));
        }
        let near = nearest(id, all.iter().map(|it| it.id.as_str()));
        let finding = Finding::error(Code::BadValue, format!("there is no sample {id:?}"));
        Err(vec![match near {
            Some(near) => finding.help(format!("did you mean {near:?}?")),
            None => finding.help("`vestibule theme fixture` lists them"),
        }])
    }
}
