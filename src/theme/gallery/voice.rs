//! The pages of the gallery in one language.

use std::sync::{Arc, OnceLock};

use super::addresses::Addresses;
use super::mails::{self, MailSpecimen};
use super::{Gallery, Mode, PAGES, Pages, UP};
use crate::finding::{Code, Finding};
use crate::theme::context::{LocaleLink, Meta, SessionView, SiteContext};
use crate::theme::engine::Engine;
use crate::theme::fallback::Beneath;
use crate::theme::letters::Letters;
use crate::theme::texts::Texts;
use crate::theme::{Look, Theme, ThemeError, brand};

pub(super) struct Voice {
    pub(super) tag: String,
    pub(super) label: String,
    pub(super) dir: &'static str,
    /// Whether nobody speaks it.
    pub(super) is_pseudo: bool,
    pub(super) pages: Pages,
    look: Arc<Look>,
    site: SiteContext,
    texts: Arc<Texts>,
    letters: Arc<Letters>,
    /// The theme for each mode, compiled when it is looked at for the first time.
    staged: [OnceLock<Result<Theme, Vec<Finding>>>; 3],
}

impl Voice {
    pub(super) fn new(theme: &Theme, is_pseudo: bool, pages: Pages) -> Self {
        Self {
            tag: theme.texts.lang(),
            label: theme.texts.label(),
            dir: theme.texts.dir(),
            is_pseudo,
            pages,
            look: Arc::clone(&theme.look),
            site: theme.beneath.site().clone(),
            texts: Arc::clone(&theme.texts),
            letters: Arc::clone(&theme.letters),
            staged: Default::default(),
        }
    }

    /// The title of a page, or the subject of a mail.
    pub(super) fn title(&self, id: &str, mail: Option<MailSpecimen>) -> String {
        match mail {
            Some(mail) => mails::subject(&self.letters, mail),
            None => self.pages.get(id).map(|page| page.page.title.clone()).unwrap_or_default(),
        }
    }

    /// A page by the renderer of production; none where it is not there in this language.
    pub(super) fn page(
        &self,
        mode: Mode,
        id: &str,
        addresses: &Addresses,
        locales: Vec<LocaleLink>,
    ) -> Result<Option<String>, Vec<Finding>> {
        let Some(page) = self.pages.get(id) else { return Ok(None) };
        let mut page = page.clone();
        addresses.lead(&mut page, &format!("{id}.html"));
        if !locales.is_empty() {
            page.locales = locales;
        }
        let theme = self.staged(mode, addresses)?;
        theme.render(&page).map(Some).map_err(|error| told(theme, &error))
    }

    /// What HTMX puts in the place of the session panel.
    pub(super) fn session_panel(
        &self,
        mode: Mode,
        addresses: &Addresses,
    ) -> Result<String, Vec<Finding>> {
        let theme = self.staged(mode, addresses)?;
        let session = SessionView { expires_in: Some(1740), renews: true };
        theme.render_session(Some(&session)).map_err(|error| told(theme, &error))
    }

    pub(super) fn mail(&self, mail: MailSpecimen, look: &Look) -> Result<String, Vec<Finding>> {
        mails::write(&self.letters, mail, look, (&self.tag, self.dir))
    }

    /// The same theme, with addresses that lead through the gallery and perhaps a mode that it does not choose itself.
    fn staged(&self, mode: Mode, addresses: &Addresses) -> Result<&Theme, Vec<Finding>> {
        let [auto, light, dark] = &self.staged;
        let place = match mode {
            Mode::Auto => auto,
            Mode::Light => light,
            Mode::Dark => dark,
        };
        place.get_or_init(|| self.stage(mode, addresses)).as_ref().map_err(Clone::clone)
    }

    fn stage(&self, mode: Mode, addresses: &Addresses) -> Result<Theme, Vec<Finding>> {
        let mut site = self.site.clone();
        site.meta = Meta { preview: true, ..site.meta };
        addresses.lead_site(&mut site);
        match mode {
            Mode::Auto => {}
            Mode::Light => brand::force(&mut site.theme, "light"),
            Mode::Dark => brand::force(&mut site.theme, "dark"),
        }
        let mut assets = self.look.assets.addresses();
        for address in assets.values_mut() {
            *address = addresses.asset(address);
        }
        if let Some(logo) = &mut site.brand.logo {
            logo.light = addresses.asset(&logo.light);
            logo.dark = addresses.asset(&logo.dark);
        }
        site.brand.favicon = addresses.asset(&site.brand.favicon);
        Ok(Theme {
            engine: Engine::compile(&self.look.files, &site, &self.texts, assets)?,
            beneath: Beneath::new(&self.look.files, site),
            texts: Arc::clone(&self.texts),
            letters: Arc::clone(&self.letters),
            look: Arc::clone(&self.look),
        })
    }
}

fn told(theme: &Theme, error: &ThemeError) -> Vec<Finding> {
    vec![theme.engine.finding(Code::TemplateRender, &error.cause)]
}

impl Gallery {
    /// The same page in the other languages of the site. In a pseudo-language the visitor would never choose.
    pub(super) fn locale_links(&self, shown: &Voice, mode: Mode, file: &str) -> Vec<LocaleLink> {
        let own = || self.voices.iter().filter(|voice| !voice.is_pseudo);
        if own().count() < 2 {
            return Vec::new();
        }
        own()
            .map(|voice| LocaleLink {
                tag: voice.tag.clone(),
                label: voice.label.clone(),
                dir: voice.dir,
                url: format!("{UP}{PAGES}/{}/{}/{file}", voice.tag, mode.name()),
                current: voice.tag == shown.tag,
            })
            .collect()
    }
}
