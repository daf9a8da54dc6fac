//! The look at the files, and what comes of it.
//!
//! Nothing is read before the files have been quiet for a moment, and what was read counts only if they have not
//! changed meanwhile: a file that is half written, or a template beside the style sheet of a moment before, is never
//! served. What the checker has to say comes after that, when nobody waits any more.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::{Duration, Instant};

use unic_langid::LanguageIdentifier;

use super::super::{Builder, LogSettings};
use super::{Reload, as_findings};
use crate::config::plan::{ServerPlan, ThemePlan};
use crate::config::{self, Loaded};
use crate::error::Error;
use crate::finding::{Code, Finding};
use crate::site::reload::{Fixed, Successor};
use crate::site::watch::{Snapshot, Watch};
use crate::site::{Foundation, Site};
use crate::theme::{check, watched};
use crate::web::entrance::Entrance;
use crate::web::live::Reach;

/// Between two looks at the files.
const PACE: Duration = Duration::from_millis(30);
/// What has not changed for so long is taken as meant.
const QUIET: Duration = Duration::from_millis(50);
/// The same for a file that looks as if somebody was still writing it.
const UNFINISHED: Duration = Duration::from_secs(1);

/// Follows the files of one configuration.
pub(super) struct Follower {
    builder: Builder,
    foundation: Foundation,
    entrance: Arc<Entrance>,
    /// What is served; none before the first good load.
    site: Option<Site>,
    fixed: Option<Fixed>,
    /// The themes that were looked for: that of the last plan, and that of a file that makes no plan.
    themes: Vec<ThemePlan>,
    /// Those of the last plan, the default first.
    languages: Vec<LanguageIdentifier>,
    /// What is worth knowing about the site that is served.
    warnings: Vec<Finding>,
    /// Whether the checker has not looked at what is served yet.
    is_unchecked: bool,
    watch: Watch,
    /// The files as they were when the site was built that is served.
    served: Snapshot,
    /// The files as they were when they were last read.
    judged: Snapshot,
}

impl Follower {
    pub(super) fn new(builder: Builder, foundation: Foundation) -> Self {
        let themes = vec![config::theme_alone(&builder.dated_sources())];
        Self {
            builder,
            entrance: Arc::new(Entrance::to_come(foundation.live().cloned())),
            foundation,
            site: None,
            fixed: None,
            themes,
            languages: Vec::new(),
            warnings: Vec::new(),
            is_unchecked: false,
            watch: Watch::default(),
            served: Snapshot::default(),
            judged: Snapshot::default(),
        }
    }

    /// Serves the files as they are found, if that can be done.
    pub(super) fn follow_first(&mut self) -> Reload {
        let now = self.look();
        let outcome = self.load().map(|(site, warnings)| {
            self.serve(site, warnings, now.clone());
            self.warnings.clone()
        });
        self.judged = now;
        self.tell_pages(&outcome);
        Reload { files: Vec::new(), outcome, checked: false }
    }

    /// By what the listeners are opened, if that is known; it may be although there is no site yet.
    pub(super) fn listens_by(&mut self) -> Option<Arc<ServerPlan>> {
        if let Some(site) = &self.site {
            return Some(Arc::clone(&site.server));
        }
        let plan = Arc::new(config::server_alone(&self.builder.dated_sources())?);
        self.fixed = Some(Fixed::listening(Arc::clone(&plan)));
        Some(plan)
    }

    pub(super) fn entrance(&self) -> Arc<Entrance> {
        Arc::clone(&self.entrance)
    }

    pub(super) fn has_docs(&self) -> bool {
        self.site.as_ref().is_none_or(Site::has_docs)
    }

    pub(super) fn log(&self) -> Option<LogSettings> {
        self.site.as_ref().map(|site| LogSettings::of(site.log()))
    }

    /// Says in the log which languages of the first site lack sentences.
    pub(super) fn tell_untranslated(&self) {
        if let Some(site) = &self.site {
            site.door.tell_untranslated();
        }
    }

    /// Follows the files until nobody holds the other end.
    pub(super) fn follow(mut self, end: &Receiver<()>, mut tell: impl FnMut(&Reload)) {
        let mut last = (self.judged.clone(), Instant::now());
        while end.recv_timeout(PACE) == Err(RecvTimeoutError::Timeout) {
            let now = self.look();
            if now != last.0 {
                last = (now, Instant::now());
                continue;
            }
            let is_unfinished = now.is_unfinished(&self.served);
            let wait = if is_unfinished { UNFINISHED } else { QUIET };
            let reload = match now {
                now if now == self.judged => self.check(),
                _ if last.1.elapsed() < wait => None,
                now => self.take(now),
            };
            if let Some(reload) = reload {
                tell(&reload);
            }
        }
    }

    /// Reads the files, and serves them if they are good. None where they changed meanwhile.
    fn take(&mut self, now: Snapshot) -> Option<Reload> {
        if now == self.served {
            // The edit was undone: what is served is right again.
            self.judged = now;
            let outcome = Ok(self.warnings.clone());
            self.tell_pages(&outcome);
            return Some(Reload { files: Vec::new(), outcome, checked: false });
        }
        let loaded = self.load();
        if self.look() != now {
            return None;
        }
        self.judged = now.clone();
        let files: Vec<PathBuf> =
            now.differing(&self.served).into_iter().map(Path::to_path_buf).collect();
        let is_first = self.site.is_none();
        let outcome = loaded.map(|(site, warnings)| {
            self.serve(site, warnings, now);
            self.warnings.clone()
        });
        if is_first {
            self.tell_untranslated();
        }
        self.tell_pages(&outcome);
        Some(Reload { files, outcome, checked: false })
    }

    /// Looks closer at what is served, once. None where that was done, and where the files have changed meanwhile:
    /// what they are then is looked at in its turn.
    fn check(&mut self) -> Option<Reload> {
        if !self.is_unchecked || self.judged != self.served {
            return None;
        }
        let findings = check::warnings_about_files(self.themes.first()?, &self.languages);
        if self.look() != self.served {
            return None;
        }
        self.is_unchecked = false;
        if let Some(live) = self.foundation.live() {
            live.note(self.warnings.iter().chain(&findings));
        }
        Some(Reload { files: Vec::new(), outcome: Ok(findings), checked: true })
    }

    fn serve(&mut self, site: Site, warnings: Vec<Finding>, now: Snapshot) {
        let reach = match &self.site {
            Some(_) => self.reach(&now.differing(&self.served)),
            None => Reach::Site,
        };
        self.entrance.lead_to(Arc::clone(&site.door));
        site.publish(reach);
        self.fixed = Some(Fixed::of(&site));
        self.site = Some(site);
        self.warnings = warnings;
        self.is_unchecked = true;
        self.served = now;
    }

    /// How far a change of these files can be seen.
    fn reach(&self, files: &BTreeSet<&Path>) -> Reach {
        let of_site = config::named_files(&self.builder.sources);
        let one = |path: &&Path| match path.extension() {
            _ if of_site.contains(*path) => Reach::Site,
            Some(extension) if extension == "css" => Reach::Sheets,
            _ => Reach::Pages,
        };
        files.iter().map(one).max().unwrap_or(Reach::Sheets)
    }

    fn tell_pages(&self, outcome: &Result<Vec<Finding>, Error>) {
        let Some(live) = self.foundation.live() else { return };
        match outcome {
            Ok(_) => live.settle(),
            Err(error) => live.complain(&as_findings(error)),
        }
    }

    fn look(&mut self) -> Snapshot {
        let mut files = config::named_files(&self.builder.sources);
        for theme in &self.themes {
            files.extend(watched::files_of(theme));
        }
        self.watch.look(files)
    }

    /// The site that the files describe now, with what is worth knowing about it.
    fn load(&mut self) -> Result<(Site, Vec<Finding>), Error> {
        let loaded = match self.builder.load_all() {
            Ok(loaded) => loaded,
            Err(error) => {
                // What it says of the theme may be what is to be mended.
                self.themes.truncate(1);
                self.themes.push(config::theme_alone(&self.builder.dated_sources()));
                return Err(error);
            }
        };
        let Loaded { plan, said, origins, mut warnings } = loaded;
        self.themes = vec![plan.theme.clone()];
        self.languages = plan.i18n.languages();
        let parts = (&self.builder.clock, &self.builder.parts);
        let is_derived = said.server.public_url.is_none();
        let Successor { site, held_back } = Successor::build(
            plan,
            is_derived,
            parts,
            &self.foundation,
            self.fixed.as_ref(),
            self.site.as_ref(),
        )?;
        warnings.extend(held_back.into_iter().map(|key| {
            let message = format!("`{key}` has changed, which takes effect at a restart");
            let finding = Finding::warning(Code::NeedsRestart, message);
            finding.at(Some(origins.place(key))).help("everything else is in effect")
        }));
        warnings.extend_from_slice(&site.warnings);
        Ok((site, warnings))
    }
}
