//! The gallery: every page in every state, in every language and mode, as files that name each other.
//!
//! The same files are served while a theme is made and written as a site of their own. A page of it is made by the
//! renderer of production from what production gives it; only its addresses are others, so that they lead from one
//! specimen to the next.

mod addresses;
mod chrome;
mod folder;
mod mails;
mod voice;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use bytes::Bytes;
use serde::Serialize;

pub(crate) use self::addresses::Addresses;
pub(crate) use self::folder::write;
use self::mails::MailSpecimen;
use self::voice::Voice;
use super::context::PageContext;
use super::languages::Languages;
use super::{Look, Theme, template_of};
use crate::config::plan::I18nPlan;
use crate::finding::Finding;

/// The folder of the pages: one for every language in it, and in that one for every mode.
const PAGES: &str = "pages";
/// The folder of the theme's assets.
const ASSETS: &str = "assets";
/// From a page to the folder that all of it is in.
const UP: &str = "../../../";
/// What HTMX asks for on the welcome page; a part of a page and no specimen.
const SESSION: &str = "session.html";

/// The pages of one theme on one site, ready to be shown.
pub(crate) struct Gallery {
    look: Arc<Look>,
    specimens: Vec<Specimen>,
    /// The languages of the site, and behind them the pseudo-languages.
    voices: Vec<Voice>,
    addresses: Addresses,
}

/// One page in one state, whatever its language.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Specimen {
    /// The page and the state; unique.
    pub id: String,
    pub page: String,
    pub state: String,
    /// With which production answers; 0 for a mail.
    pub status: u16,
    pub group: Group,
    /// The template, and the layer that it comes from.
    pub template: String,
    pub layer: String,
    /// Of a mail, which form of which kind.
    #[serde(skip)]
    mail: Option<MailSpecimen>,
}

/// Where a specimen stands in the list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Group {
    /// Of the program.
    Pages,
    /// What `auth.toml` declares.
    Declared,
    /// Forms and pages as somebody might declare them.
    Samples,
    Errors,
    Mails,
}

/// Light or dark.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Mode {
    /// As the site has it; usually as the visitor's system has it.
    Auto,
    Light,
    Dark,
}

/// A file of the gallery.
pub(crate) struct Exhibit {
    pub kind: ExhibitKind,
    pub content_type: &'static str,
    pub body: Bytes,
}

/// What a file is, which says what it may do in a browser.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ExhibitKind {
    /// The gallery's own page and its files.
    Chrome,
    /// A page of the theme, in the language of this tag.
    Page { voice: usize },
    /// A mail. Mails bring their styles along, and run no script.
    Mail { voice: usize },
    /// An asset of the theme; its name changes with its content.
    Asset,
}

impl Mode {
    pub(crate) const ALL: [Self; 3] = [Self::Auto, Self::Light, Self::Dark];

    /// As addresses and the manifest call it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }
}

impl Specimen {
    fn file(&self) -> String {
        format!("{}.html", self.id)
    }

    /// A mail is as the program that shows it wants it.
    fn modes(&self) -> &'static [Mode] {
        if self.mail.is_some() { &[Mode::Auto] } else { &Mode::ALL }
    }
}

impl Gallery {
    /// Hangs up every page of a theme. `arranged` is given the samples of the theme and says what is shown on this
    /// site, in a language; `addresses` are those that lead to one of the pages.
    pub(crate) fn open(
        languages: &Languages,
        i18n: &I18nPlan,
        addresses: Addresses,
        arranged: impl Fn(&Theme, &[PageContext]) -> Vec<PageContext>,
    ) -> Result<Self, Vec<Finding>> {
        let default = languages.in_default();
        let urls = &default.beneath.site().urls;
        let pages = |theme: &Theme| unique(arranged(theme, &theme.samples(urls)));
        let mut specimens = Vec::new();
        for (id, page) in pages(default) {
            specimens.push(Specimen::of(id, &page, &default.look, &addresses));
        }
        specimens.extend(mails::specimens(&default.look));
        // Stable, so that within a group the order of a visit is kept.
        specimens.sort_by_key(|specimen| specimen.group);
        let pseudo = languages.pseudo(i18n)?;
        let own = languages.themes().map(|theme| Voice::new(theme, false, pages(theme).collect()));
        let made = pseudo.iter().map(|theme| Voice::new(theme, true, pages(theme).collect()));
        let voices: Vec<Voice> = own.chain(made).collect();
        let addresses = addresses.leading_to(&specimens);
        Ok(Self { look: Arc::clone(&default.look), specimens, voices, addresses })
    }

    /// The same for the site itself: it has the assets, and answers what a form sends.
    #[must_use]
    pub(crate) fn live(mut self) -> Self {
        self.addresses.is_live = true;
        self
    }

    /// The number of specimens, whatever their language.
    pub(crate) fn len(&self) -> usize {
        self.specimens.len()
    }

    /// The tag of a language.
    pub(crate) fn tag(&self, voice: usize) -> &str {
        self.voices.get(voice).map_or("", |voice| &voice.tag)
    }

    /// The path of every file, the manifest first.
    pub(crate) fn paths(&self) -> Vec<String> {
        let mut paths: Vec<String> =
            std::iter::once(chrome::MANIFEST).chain(chrome::FILES).map(str::to_owned).collect();
        paths.extend(self.look.assets.served_names().map(|name| format!("{ASSETS}/{name}")));
        for voice in &self.voices {
            for mode in Mode::ALL {
                let folder = format!("{PAGES}/{}/{}", voice.tag, mode.name());
                let shown = self.specimens.iter().filter(|it| it.modes().contains(&mode));
                paths.extend(shown.map(|it| format!("{folder}/{}", it.file())));
                paths.push(format!("{folder}/{SESSION}"));
            }
        }
        paths
    }

    /// The file at a path below the gallery; none where there is none. A page is made anew each time.
    pub(crate) fn file(&self, path: &str) -> Result<Option<Exhibit>, Vec<Finding>> {
        if let Some(exhibit) = chrome::file(self, path) {
            return Ok(Some(exhibit));
        }
        let parts: Vec<&str> = path.split('/').collect();
        match parts.as_slice() {
            [ASSETS, name] => Ok(self.look.assets.get(name).map(|asset| Exhibit {
                kind: ExhibitKind::Asset,
                content_type: asset.content_type,
                body: asset.bytes(),
            })),
            [PAGES, tag, mode, file] => {
                let mode = Mode::ALL.into_iter().find(|it| it.name() == *mode);
                let voice = self.voices.iter().position(|voice| voice.tag == *tag);
                match (voice, mode) {
                    (Some(voice), Some(mode)) => self.page(voice, mode, file),
                    _ => Ok(None),
                }
            }
            _ => Ok(None),
        }
    }

    fn page(&self, index: usize, mode: Mode, file: &str) -> Result<Option<Exhibit>, Vec<Finding>> {
        let Some(voice) = self.voices.get(index) else { return Ok(None) };
        let html = |kind, text: String| {
            let content_type = "text/html; charset=utf-8";
            Ok(Some(Exhibit { kind, content_type, body: Bytes::from(text) }))
        };
        let page = ExhibitKind::Page { voice: index };
        if file == SESSION {
            return html(page, voice.session_panel(mode, &self.addresses)?);
        }
        let specimen = self.specimens.iter().find(|it| it.file() == file);
        let Some(specimen) = specimen.filter(|it| it.modes().contains(&mode)) else {
            return Ok(None);
        };
        if let Some(mail) = specimen.mail {
            let text = voice.mail(mail, &self.look)?;
            return html(ExhibitKind::Mail { voice: index }, text);
        }
        let links = self.locale_links(voice, mode, file);
        match voice.page(mode, &specimen.id, &self.addresses, links)? {
            Some(text) => html(page, text),
            None => Ok(None),
        }
    }
}

impl Specimen {
    fn of(id: String, page: &PageContext, look: &Look, addresses: &Addresses) -> Self {
        let template = template_of(page);
        let name: &str = &page.page.id;
        let group = match name {
            _ if addresses.is_declared(name) => Group::Declared,
            "error" => Group::Errors,
            "login" | "register" | "welcome" | "logout" => Group::Pages,
            _ => Group::Samples,
        };
        Self {
            page: name.to_owned(),
            state: id.split_once('.').map_or("", |(_, state)| state).to_owned(),
            status: page.page.status,
            group,
            layer: layer_of(look, &template),
            template,
            id,
            mail: None,
        }
    }
}

/// The name of the layer that a file comes from.
fn layer_of(look: &Look, path: &str) -> String {
    look.files.versions(path).next().map(|(layer, _)| layer.name.clone()).unwrap_or_default()
}

/// The pages by what they are called in the gallery. Two of one name are told apart by a number.
fn unique(pages: Vec<PageContext>) -> impl Iterator<Item = (String, PageContext)> {
    let mut taken = BTreeSet::new();
    pages.into_iter().map(move |page| {
        let plain = |text: &str| text.replace(|c: char| !(c.is_alphanumeric() || c == '_'), "-");
        let name = page.name();
        let (of, state) = name.split_once('.').unwrap_or((&name, ""));
        let name = format!("{}.{}", plain(of), plain(state));
        let mut numbers = (2..).map(|number| format!("{name}-{number}"));
        let id = if taken.contains(&name) {
            numbers.find(|it| !taken.contains(it)).unwrap_or_default()
        } else {
            name
        };
        taken.insert(id.clone());
        (id, page)
    })
}

/// The pages of a language, by the ids of their specimens.
type Pages = BTreeMap<String, PageContext>;
