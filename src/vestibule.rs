//! The way in for programs: from `auth.toml` to a site.

mod dev;
mod parts;
mod protect;
mod themes;

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::path::Path;

use poem::Endpoint as _;
use serde_json::Value;

use crate::access::explain::Explanation;
use crate::access::trial::TestReport;
use crate::access::{AccessRules, OwnPaths};
use crate::clock::Clock;
use crate::config::plan::{
    BackendPlan, CarrierPlan, DocsAccess, LogFormat as PlannedFormat, LogPlan, Plan,
};
use crate::config::{self, Loaded, Sources};
use crate::doctor::{self, Diagnosis, DoctorOptions};
use crate::error::Error;
use crate::finding::Finding;
use crate::site::{self, Foundation, Parts, ProxySnippet, Server, Site};
use crate::theme::Theme;
use crate::web::live::Reach;
use crate::web::routes::{Routes, own_paths};

pub use self::dev::{Development, Reload};
pub use self::protect::{Protected, Protection};
pub use self::themes::{ThemeChoice, Themes, WrittenGallery};

/// A site made from an `auth.toml`.
///
/// ```no_run
/// # async fn run() -> Result<(), vestibule::Error> {
/// let site = vestibule::Vestibule::from_file("auth.toml")?;
/// let server = site.listen().await?;
/// server.run(async { tokio::signal::ctrl_c().await.unwrap_or_default() }).await;
/// # Ok(())
/// # }
/// ```
pub struct Vestibule {
    site: Site,
    warnings: Vec<Finding>,
    log: LogSettings,
}

/// How `[log]` wants the log.
#[derive(Clone, Debug)]
pub struct LogSettings {
    /// A `tracing` filter: a level, or `level,target=level`.
    pub level: String,
    /// The form of a line.
    pub format: LogFormat,
}

/// The form of a log line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogFormat {
    /// Pretty on a terminal, JSON elsewhere.
    Auto,
    /// For eyes.
    Pretty,
    /// One object a line.
    Json,
}

/// Where the configuration comes from. Nothing is ambient: who wants the environment passes it.
#[derive(Clone)]
pub struct Builder {
    sources: Sources,
    clock: Clock,
    parts: Parts,
}

/// The configuration that applies.
#[derive(Debug)]
pub struct Settings {
    shown: config::Shown,
    warnings: Vec<Finding>,
}

impl Vestibule {
    /// A site from a file and nothing else.
    pub fn from_file(file: impl AsRef<Path>) -> Result<Self, Error> {
        Self::builder().file(file).build()
    }

    /// A site from text. Paths in it are relative to `folder`.
    pub fn from_toml(text: impl Into<String>, folder: impl AsRef<Path>) -> Result<Self, Error> {
        Self::builder().toml(text, folder).build()
    }

    /// Says one by one where the configuration comes from.
    pub fn builder() -> Builder {
        let sources = Sources { file: "auth.toml".into(), ..Sources::default() };
        Builder { sources, clock: Clock::system(), parts: Parts::default() }
    }

    /// What is worth knowing about the configuration although it can be used.
    pub fn warnings(&self) -> &[Finding] {
        &self.warnings
    }

    /// How `[log]` wants the log; setting it up is left to the program.
    pub fn log(&self) -> &LogSettings {
        &self.log
    }

    /// The address of the site as the browser sees it.
    pub fn public_url(&self) -> &str {
        self.site.server.public_url.as_str()
    }

    /// Whether what is unsafe elsewhere is only warned of, because only this machine can come in.
    pub fn is_development(&self) -> bool {
        self.site.server.development
    }

    /// The `OpenAPI` document of the forms.
    pub fn openapi(&self) -> &Value {
        self.site.door.document()
    }

    /// Answers one request without a listener.
    pub async fn answer(&self, request: poem::Request) -> poem::Response {
        self.site.door.get_response(request).await
    }

    /// Opens the listeners of `[server] listen`.
    pub async fn listen(self) -> Result<Server, Error> {
        Server::bind(self.site).await
    }
}

impl Builder {
    /// Reads the configuration from a file. It is never searched for in other folders.
    #[must_use]
    pub fn file(mut self, file: impl AsRef<Path>) -> Self {
        self.sources.file = file.as_ref().to_path_buf();
        self.sources.text = None;
        self
    }

    /// Takes the configuration as text. Paths in it are relative to `folder`.
    #[must_use]
    pub fn toml(mut self, text: impl Into<String>, folder: impl AsRef<Path>) -> Self {
        self.sources.file = folder.as_ref().join("auth.toml");
        self.sources.text = Some(text.into());
        self
    }

    /// Lets `VESTIBULE_SECTION__KEY` variables win over the file. Other variables are ignored.
    #[must_use]
    pub fn env(mut self, variables: impl IntoIterator<Item = (String, String)>) -> Self {
        self.sources.env = variables.into_iter().collect();
        self
    }

    /// Lets a flag of the command line win over everything: dotted key, value, the flag's name.
    #[must_use]
    pub fn flag(mut self, key: &str, value: &str, flag: &str) -> Self {
        self.sources.overrides.push((key.to_owned(), value.to_owned(), flag.to_owned()));
        self
    }

    /// Makes it a site in development, as `vestibule dev` does: whatever is unsafe elsewhere is only warned
    /// of, and its pages have the script that shows changes.
    #[must_use]
    pub fn development(mut self, on: bool) -> Self {
        self.sources.dev = on;
        self
    }

    /// Uses another clock than the system's.
    #[must_use]
    pub fn clock(mut self, clock: Clock) -> Self {
        self.clock = clock;
        self
    }

    /// Everything that can be found without a network: configuration, rules, tests, theme. Only findings
    /// that stop the program make it an error; the others come back.
    pub fn check(&self) -> Result<Vec<Finding>, Error> {
        let (plan, warnings) = self.plan()?;
        let mut findings = rules_for_visitors(&plan).run(&plan.tests, None).findings();
        findings
            .extend(site::identities(&plan.upstreams, &plan.identity).err().into_iter().flatten());
        let mut warnings = warnings;
        match site::languages(&plan) {
            Ok(languages) => warnings.extend(languages.in_default().warnings()),
            Err(faults) => findings.extend(faults),
        }
        if findings.is_empty() {
            return Ok(warnings);
        }
        Err(Error::invalid(warnings.into_iter().chain(findings).collect()))
    }

    /// Makes the site. The built-in backend and the session store open their databases here; nothing else
    /// is opened.
    pub fn build(&self) -> Result<Vestibule, Error> {
        let (plan, mut warnings) = self.plan()?;
        let log = LogSettings::of(&plan.log);
        let foundation = Foundation::new(plan.dev)?;
        let site = Site::build(plan, &self.clock, &self.parts, &foundation, None)?;
        site.publish(Reach::Site);
        warnings.extend_from_slice(&site.warnings);
        Ok(Vestibule { site, warnings, log })
    }

    /// The `OpenAPI` document of forms and pages, without opening a database.
    pub fn openapi(&self) -> Result<Value, Error> {
        let (plan, _) = self.plan()?;
        Ok(site::document(&plan))
    }

    /// The same as YAML.
    pub fn openapi_yaml(&self) -> Result<String, Error> {
        let (plan, _) = self.plan()?;
        Ok(site::document_yaml(&plan))
    }

    /// Talks to the backend and says of each step whether it works, and what to write where it does
    /// not. Signs in once or twice, and out again; never registers anybody.
    pub async fn doctor(&self, options: DoctorOptions) -> Result<Diagnosis, Error> {
        let (plan, _) = self.plan()?;
        doctor::examine(plan, options, &self.clock, &self.parts).await
    }

    /// Why a request is answered as it is: without a session, and where there are claims also by a user
    /// who has them.
    pub fn why(
        &self,
        method: &http::Method,
        path: &str,
        claims: Option<&BTreeMap<String, Value>>,
    ) -> Result<Explanation, Error> {
        let (plan, _) = self.plan()?;
        Ok(rules_for_visitors(&plan).explain(method, path, claims))
    }

    /// Runs the `[[test]]`s whose request holds the text, or all of them.
    pub fn test(&self, filter: Option<&str>) -> Result<TestReport, Error> {
        let (plan, _) = self.plan()?;
        Ok(rules_for_visitors(&plan).run(&plan.tests, filter))
    }

    /// Everything that is served.
    pub fn routes(&self) -> Result<Routes, Error> {
        let (plan, _) = self.plan()?;
        Ok(site::routes(&plan))
    }

    /// The block of a proxy's configuration that puts vestibule before `app`. The proxy is one of those
    /// that `[forward_auth] proxies` takes, whether it is named there or not.
    pub fn snippet(&self, proxy: &str, app: &str) -> Result<ProxySnippet, Error> {
        let (plan, _) = self.plan()?;
        let own = plan.access.own().clone();
        site::snippet(&plan, own, proxy, app)
    }

    /// The configuration that applies, with the origin of every value. Secrets are fingerprints in it.
    pub fn settings(&self) -> Result<Settings, Error> {
        let loaded = self.load_all()?;
        let base = self.sources.file.parent().unwrap_or(Path::new(""));
        let shown = config::Shown::of(&loaded, base);
        Ok(Settings { shown, warnings: loaded.warnings })
    }

    fn plan(&self) -> Result<(Plan, Vec<Finding>), Error> {
        self.load_all().map(|loaded| (loaded.plan, loaded.warnings))
    }

    fn load_all(&self) -> Result<Loaded, Error> {
        let themes = Theme::embedded_names();
        let themes: Vec<&str> = themes.iter().map(String::as_str).collect();
        config::load_all(&self.dated_sources(), &themes, own_paths_of(self.sources.dev))
            .map_err(Error::invalid)
    }

    fn dated_sources(&self) -> Sources {
        Sources { now: self.clock.unix_seconds(), ..self.sources.clone() }
    }
}

impl LogSettings {
    fn of(plan: &LogPlan) -> Self {
        let format = match plan.format {
            PlannedFormat::Auto => LogFormat::Auto,
            PlannedFormat::Pretty => LogFormat::Pretty,
            PlannedFormat::Json => LogFormat::Json,
        };
        Self { level: plan.level.clone(), format }
    }
}

impl Settings {
    /// As TOML, in the order in which the keys are documented; with the origin behind each value.
    pub fn toml(&self, origins: bool) -> String {
        self.shown.toml(origins)
    }

    /// For programs: `version`, `config`, and `origins` by dotted path, where a default is not listed.
    pub fn json(&self, origins: bool) -> Value {
        self.shown.json(origins)
    }

    /// What is worth knowing about the configuration although it can be used.
    pub fn warnings(&self) -> &[Finding] {
        &self.warnings
    }
}

/// The rules as visitors meet them: behind a proxy that asks, the front page is the app's.
fn rules_for_visitors(plan: &Plan) -> Cow<'_, AccessRules> {
    if plan.verify.is_empty() {
        Cow::Borrowed(&plan.access)
    } else {
        Cow::Owned(plan.access.without_page("/"))
    }
}

fn own_paths_of(dev: bool) -> impl FnOnce(&BackendPlan, DocsAccess) -> OwnPaths {
    move |backend, docs| {
        let builtin = matches!(backend.carrier, CarrierPlan::Builtin { .. });
        own_paths(builtin, docs, dev)
    }
}
