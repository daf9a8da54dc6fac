//! The tools of those who make themes, for programs.

use std::fmt;
use std::path::{Path, PathBuf};

use super::Builder;
use crate::config;
use crate::config::plan::Plan;
use crate::error::Error;
use crate::finding::Finding;
use crate::site;
use crate::theme::check::{self, Rule as ThemeRule};
use crate::theme::context::PageContext;
use crate::theme::workshop::{EjectedFile, ThemeEntry, ThemeExplanation, ThemeFixture, Workshop};
use crate::theme::{Theme, contract, english, gallery};

/// The themes that a site can have, and the tools to make more of them. See [`Builder::themes`].
pub struct Themes {
    workshop: Workshop,
    /// What is declared beside the theme; none where something is wrong with it.
    site: Option<Plan>,
    choice: ThemeChoice,
}

/// Where the configuration says which theme the site has: what to change for another one.
#[derive(Clone, Debug)]
pub struct ThemeChoice {
    /// The file, as it was named.
    pub file: PathBuf,
    /// The line of the theme's name, if it is there.
    pub name: Option<usize>,
    /// The line of the table `[theme]`, if it is there.
    pub table: Option<usize>,
}

impl Builder {
    /// The themes of the configuration. Only its `[theme]` is looked at: a theme can be made before
    /// there is a site, and while something else is wrong with it.
    pub fn themes(&self) -> Themes {
        let sources = self.dated_sources();
        let (name, table) = config::theme_lines(&sources);
        let choice = ThemeChoice { file: sources.file.clone(), name, table };
        let Ok((plan, _)) = self.plan() else {
            let theme = config::theme_alone(&sources);
            return Themes { workshop: Workshop::new(theme, vec![english()]), site: None, choice };
        };
        let workshop = Workshop::new(plan.theme.clone(), plan.i18n.languages());
        Themes { workshop, site: Some(plan), choice }
    }

    /// Writes every page in every state, language and mode into a folder: a site that needs no server. With the
    /// forms, pages and options of the configuration, or those of the theme alone where there is no such
    /// file. A folder with anything else in it than such a site is refused.
    pub fn write_gallery(&self, folder: impl AsRef<Path>) -> Result<WrittenGallery, Error> {
        let has_site = self.sources.text.is_some() || self.sources.file.exists();
        let gallery = if has_site {
            let (plan, _) = self.plan()?;
            site::languages(&plan).and_then(|languages| site::gallery(&plan, &languages))
        } else {
            site::gallery_alone(&config::theme_alone(&self.dated_sources()))
        };
        let gallery = gallery.map_err(Error::invalid)?;
        let files = gallery::write(&gallery, folder.as_ref()).map_err(Error::invalid)?;
        Ok(WrittenGallery { specimens: gallery.len(), files, has_site })
    }
}

/// What is in the folder of a gallery.
#[derive(Clone, Copy, Debug)]
pub struct WrittenGallery {
    /// Pages and mails by their states, each counted once for all languages and modes.
    pub specimens: usize,
    /// How many files were written.
    pub files: usize,
    /// Whether the site of the configuration is shown, and not a theme alone.
    pub has_site: bool,
}

// By hand: a plan holds secrets.
impl fmt::Debug for Themes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Themes").field("workshop", &self.workshop).finish_non_exhaustive()
    }
}

impl Themes {
    /// The JSON schema (draft 2020-12) of everything that a template is given, as one object.
    pub fn schema() -> serde_json::Value {
        contract::schema()
    }

    /// Every page in every state, with made-up visitors: what themes are tried on before they are used.
    pub fn fixtures(&self) -> Result<Vec<ThemeFixture>, Error> {
        self.workshop.fixtures().map_err(Error::invalid)
    }

    /// One of them, by a name such as `login.rate_limited`.
    pub fn fixture(&self, id: &str) -> Result<ThemeFixture, Error> {
        self.workshop.fixture(id).map_err(Error::invalid)
    }

    /// Every theme that can be chosen: folders, and those of the program.
    pub fn list(&self) -> Vec<ThemeEntry> {
        self.workshop.list()
    }

    /// Writes a small theme of that name that can be used as it is, and says which files it has. `from` is
    /// a layout to begin with, or a theme to stand on.
    pub fn create(&self, name: &str, from: Option<&str>) -> Result<Vec<PathBuf>, Error> {
        self.workshop.create(name, from).map_err(Error::invalid)
    }

    /// Where the configuration says which theme the site has.
    pub fn choice(&self) -> &ThemeChoice {
        &self.choice
    }

    /// Copies a file from the layer beneath into the chosen theme, or into the folder `overrides`: with
    /// `overrides`, and where the theme is part of the program. Says where it is, and the theme and
    /// version that it is from.
    pub fn eject(&self, file: &str, overrides: bool) -> Result<(PathBuf, String), Error> {
        self.workshop.eject(file, overrides).map_err(Error::invalid)
    }

    /// How own files differ from those that they stand for, as a unified diff: one file, or all.
    pub fn diff(&self, file: Option<&str>) -> Result<String, Error> {
        self.workshop.diff(file).map_err(Error::invalid)
    }

    /// Every file that was ejected, with what has become of its original.
    pub fn ejected(&self) -> Result<Vec<EjectedFile>, Error> {
        self.workshop.ejected().map_err(Error::invalid)
    }

    /// Notes in an ejected file that it is up to date with its original.
    pub fn accept(&self, file: &str) -> Result<PathBuf, Error> {
        self.workshop.accept(file).map_err(Error::invalid)
    }

    /// What is wrong with the chosen theme or the one of that name, and what could be better: for each
    /// finding the rule, the place and the cure. A broken theme is looked at as far as it can be read.
    /// The forms and pages that the site declares are looked at too.
    pub fn check(&self, name: Option<&str>) -> Result<Vec<Finding>, Error> {
        self.workshop
            .check(name, &|theme, samples| self.declared(theme, samples))
            .map_err(Error::invalid)
    }

    /// What the site has of its own, in every state.
    fn declared(&self, theme: &Theme, samples: &[PageContext]) -> Vec<PageContext> {
        let site = self.site.as_ref();
        site.map(|plan| site::own_pages(plan, theme, samples)).unwrap_or_default()
    }

    /// Every rule of [`Themes::check`], in the order of the documentation.
    pub fn rules() -> Vec<&'static ThemeRule> {
        check::rules()
    }

    /// Which layer everything comes from: what one page is made of, or the whole theme.
    pub fn explain(&self, page: Option<&str>) -> Result<ThemeExplanation, Error> {
        self.workshop
            .explain(page, &|theme, samples| self.declared(theme, samples))
            .map_err(Error::invalid)
    }
}
