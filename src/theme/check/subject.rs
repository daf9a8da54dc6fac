//! What the rules look at: a theme as far as it can be read.

use std::collections::BTreeSet;
use std::sync::Arc;

use unic_langid::LanguageIdentifier;

use super::Declared;
use crate::config::plan::ThemePlan;
use crate::finding::{Code, Finding};
use crate::theme::assets::Assets;
use crate::theme::context::{PageContext, Urls};
use crate::theme::layers::{Layer, ThemeFiles};
use crate::theme::options::{self, Options, Said};
use crate::theme::texts::{self, Speech, Texts};
use crate::theme::{Look, SiteSettings, Theme, template_of, variables};

/// A theme as far as it can be read.
pub(crate) struct Subject {
    /// Every layer as it is on the disk.
    pub files: ThemeFiles,
    /// The options with their values on this site.
    pub options: Options,
    /// A site that has everything: registration, a forgotten password, a page of documentation.
    pub site: SiteSettings,
    /// The theme in each language that it is checked in, the site's default first. Where a file cannot be
    /// used, the one beneath it stands in; empty where even that does not help.
    pub languages: Vec<Theme>,
    /// What was found while it was read.
    pub findings: Vec<Finding>,
    /// What the site declares, in each of the `languages`.
    declared: Vec<Vec<PageContext>>,
}

impl Subject {
    /// Reads a theme. Only one that is not there is an error.
    pub(crate) fn open(
        plan: &ThemePlan,
        languages: &[LanguageIdentifier],
    ) -> Result<Self, Vec<Finding>> {
        let (files, mut findings) = ThemeFiles::collect_leniently(&plan.path, &plan.name);
        if files.theme().is_none_or(|theme| theme.name != plan.name) {
            findings.retain(|finding| finding.code == Code::ThemeUnknown);
            return Err(findings);
        }
        let said = plan.options.iter().map(|(name, option)| {
            (name.as_str(), Said { value: &option.value, place: option.place.clone() })
        });
        let (options, faults) = options::settle_leniently(&files, &said.collect());
        findings.extend(faults);
        let (assets, faults) = Assets::load_leniently(&files, &variables::style_sheet(&options));
        findings.extend(faults);
        let site = site_with_everything();
        let mut look = Arc::new(Look {
            files: files.clone(),
            options: options.clone(),
            assets: assets.into(),
        });
        let mut compiled = Vec::new();
        for language in languages {
            let default = languages.first().unwrap_or(language).clone();
            let speech = Speech { language: language.clone(), default, ..Speech::default() };
            let (theme, faults) = compile(&mut look, &site, &speech);
            compiled.extend(theme);
            findings.extend(faults);
        }
        // The other catalogs are not spoken here, but have to be right all the same.
        for language in texts::languages(&files).iter().filter(|it| !languages.contains(it)) {
            let speech = Speech { language: language.clone(), ..Speech::default() };
            findings.extend(Texts::load(&files, &speech).err().unwrap_or_default());
        }
        Ok(Self { files, options, site, languages: compiled, findings, declared: Vec::new() })
    }

    /// Adds what a site declares, as far as the theme has templates for it.
    pub(crate) fn declare(&mut self, declared: Declared<'_>) {
        let pages = |theme: &Theme| {
            let pages = declared(theme, &self.samples(theme)).into_iter();
            pages.filter(|page| theme.has_template(&template_of(page))).collect()
        };
        self.declared = self.languages.iter().map(pages).collect();
    }

    /// The pages of the site in the language of that number.
    pub(crate) fn declared(&self, language: usize) -> &[PageContext] {
        self.declared.get(language).map_or(&[], Vec::as_slice)
    }

    /// The layers whose files are reported on: those in folders, and the theme itself.
    pub(crate) fn own_layers(&self) -> impl Iterator<Item = &Layer> {
        let theme = self.files.theme().map(|layer| layer.name.as_str());
        let is_own = move |layer: &&Layer| layer.folder.is_some() || Some(&*layer.name) == theme;
        self.files.layers().filter(is_own)
    }

    /// Whether every theme.toml could be read: otherwise nobody knows which layers and options there are.
    pub(crate) fn has_whole_manifests(&self) -> bool {
        let mut layers = self.files.layers();
        layers.all(|layer| layer.manifest.is_some() || !layer.files.contains_key("theme.toml"))
    }

    /// Every page in every state, in the words of one of the `languages`.
    pub(crate) fn samples(&self, theme: &Theme) -> Vec<PageContext> {
        theme.samples(&self.site.urls)
    }
}

/// Compiles a theme without the files that cannot be used, and says what is wrong with those.
fn compile(
    look: &mut Arc<Look>,
    site: &SiteSettings,
    speech: &Speech,
) -> (Option<Theme>, Vec<Finding>) {
    let mut all = Vec::new();
    loop {
        let findings = match Theme::compile(look, site.clone(), speech) {
            Ok(theme) => return (Some(theme), all),
            Err(findings) => findings,
        };
        let unusable: BTreeSet<String> = findings
            .iter()
            .filter_map(|finding| Some(finding.place.as_ref()?.file.clone()))
            .collect();
        all.extend(findings);
        let files = look.files.without(&unusable);
        let before: usize = look.files.layers().map(usable).sum();
        if files.layers().map(usable).sum::<usize>() == before {
            return (None, all);
        }
        let (assets, _) = Assets::load_leniently(&files, &variables::style_sheet(&look.options));
        *look = Arc::new(Look { files, options: look.options.clone(), assets: assets.into() });
    }
}

/// How many files have anything in them.
fn usable(layer: &Layer) -> usize {
    layer.files.values().filter(|file| !file.bytes.is_empty()).count()
}

/// Whatever is not there could not be looked at.
pub(crate) fn site_with_everything() -> SiteSettings {
    let urls = Urls {
        login: "/login".to_owned(),
        register: Some("/register".to_owned()),
        forgot: Some("/forgot-password".to_owned()),
        change_password: Some("/change-password".to_owned()),
        logout: "/logout".to_owned(),
        home: "/".to_owned(),
        session: "/_vestibule/session".to_owned(),
        docs: Some("/_vestibule/docs".to_owned()),
    };
    SiteSettings { urls, register: true, brand: Some("Example".to_owned()) }
}
