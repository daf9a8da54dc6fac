//! From what the user said to what the program needs; every mistake of meaning is found here.

mod access;
mod backend;
mod calls;
mod cover;
mod declared;
mod field_start;
mod fields;
mod forms;
mod forward_auth;
mod i18n;
mod identity;
mod links;
mod log;
mod mail;
mod outcome;
mod pages;
mod pattern;
mod rules;
pub(super) mod secrets;
mod server;
mod session;
mod theme;
mod tls;
mod token;
pub(super) mod upstream;

pub(super) use secrets::{readable_by_others, unreadable};

use std::path::{Path, PathBuf};

use self::declared::Taken;
use super::Config;
use super::docs::DocsAccessName;
use super::load::FromCode;
use super::origins::Origins;
use super::plan::{BackendPlan, DocsAccess, LimitPlan, Plan, ServerPlan};
use crate::access::OwnPaths;
use crate::finding::{Code, Finding, Severity};
use crate::form::builtin::CHANGE_PASSWORD;

/// What is not in the file and decides all the same.
pub(crate) struct Surroundings<'a> {
    /// The folder that paths are relative to.
    pub(crate) base: &'a Path,
    /// `vestibule dev`.
    pub(crate) dev: bool,
    /// The names of the themes in the program.
    pub(crate) embedded_themes: &'a [&'a str],
    /// What the program says and brings besides.
    pub(crate) code: &'a FromCode,
    /// In seconds since 1970.
    pub(crate) now: u64,
}

/// One pass over the said, with what has been found so far.
struct Builder<'a> {
    said: &'a Config,
    origins: &'a Origins,
    around: &'a Surroundings<'a>,
    /// Warnings of an unsafe setting are errors where this is false.
    development: bool,
    findings: &'a mut Vec<Finding>,
}

/// Builds the plan, or finds out why there can be none. All findings go to `findings`; whether there
/// is an error among them is for the caller to see.
pub(crate) fn build(
    said: &Config,
    origins: &Origins,
    around: &Surroundings<'_>,
    own: impl FnOnce(&BackendPlan, DocsAccess) -> OwnPaths,
    findings: &mut Vec<Finding>,
) -> Option<Plan> {
    let mut builder = Builder { said, origins, around, development: around.dev, findings };
    let server = builder.server();
    let backend = builder.backend(server.as_ref());
    let token = builder.token(backend.as_ref());
    let session = builder.session(token.as_ref());
    let patterns = builder.patterns();
    let rules = builder.rules(backend.as_ref());
    let tests = builder.trials(backend.as_ref());
    let theme = builder.theme();
    let i18n = builder.i18n();
    let login_limit = builder.login_limit();
    let docs = match said.docs.access {
        DocsAccessName::Public => DocsAccess::Public,
        DocsAccessName::User => DocsAccess::User,
        DocsAccessName::Off => DocsAccess::Off,
    };
    let verify = builder.forward_auth();
    let mail = builder.mail();
    builder.accounts(mail.is_some());
    let log = builder.log();
    let mut backend = backend?;
    let mut own = own(&backend, docs);
    // Whoever has an app at the root has its front page there.
    let has_app_at_root = said.upstream.iter().any(|upstream| upstream.path == "/");
    if has_app_at_root {
        own.guarded.retain(|path| path != "/");
    }
    // Where password managers ask is the app's too, unless we have something to tell them.
    let is_ours = said.form.iter().any(|form| form.id == CHANGE_PASSWORD);
    if !is_ours && (has_app_at_root || !verify.is_empty()) {
        own.exact.retain(|path| path != "/.well-known/change-password");
    }
    let upstreams = builder.upstreams(&own, server.as_ref());
    let identity = builder.identity();
    let mut paths = Taken::new(own);
    let pages = builder.pages(&backend, &mut paths);
    let forms = builder.forms(&backend, &mut paths);
    builder.links(&mut backend, mail.is_some());
    let access = builder.access(paths.own, patterns?, rules?)?;
    Some(Plan {
        server: server?,
        backend,
        token: token?,
        session,
        access,
        tests,
        upstreams: upstreams?,
        identity: identity?,
        forms: forms?,
        pages: pages?,
        theme: theme?,
        i18n: i18n?,
        mail,
        login_limit,
        docs,
        verify,
        log,
        dev: builder.around.dev,
    })
}

/// Builds the part that says where to listen; what is wrong is said by whoever builds the whole.
pub(crate) fn build_server(
    said: &Config,
    origins: &Origins,
    around: &Surroundings<'_>,
) -> Option<ServerPlan> {
    let mut findings = Vec::new();
    let development = around.dev;
    Builder { said, origins, around, development, findings: &mut findings }.server()
}

impl Builder<'_> {
    /// Adds a finding at the value of `path`, unless something has been said about it already.
    fn find(&mut self, path: &str, finding: Finding) {
        if !self.origins.is_spoiled(path) {
            self.findings.push(finding.at(Some(self.origins.place(path))));
        }
    }

    /// What development lives with and production does not.
    fn unsafe_here(&self, code: Code, message: impl Into<String>) -> Finding {
        let severity = if self.development { Severity::Warning } else { Severity::Error };
        Finding { severity, ..Finding::error(code, message) }
    }

    /// Whether the built-in backend is the backend.
    fn is_builtin(&self) -> bool {
        self.said.backend.builtin.is_some() && !self.around.code.backend
    }

    /// What the file says and the program does in its place.
    fn in_vain(&mut self, path: &str, what: &str) {
        if self.origins.is_said_by_hand(path) {
            let key = path.rsplit('.').next().unwrap_or(path);
            let message = format!("the program brings its own {what}, so `{key}` is not used");
            self.find(path, Finding::warning(Code::Conflict, message).help("leave it out"));
        }
    }

    /// A path of the file, seen from the working folder.
    fn beside_the_file(&self, path: &str) -> PathBuf {
        self.around.base.join(path)
    }

    fn login_limit(&mut self) -> LimitPlan {
        let login = &self.said.rate_limit.login;
        if login.limit == 0 {
            let message = "a limit of 0 lets nobody sign in";
            self.find("rate_limit.login.limit", Finding::error(Code::BadValue, message));
        }
        if login.per.0.is_zero() {
            let finding = Finding::error(Code::BadValue, "no time at all is no limit")
                .help("write per = \"1m\"");
            self.find("rate_limit.login.per", finding);
        }
        LimitPlan { limit: login.limit, per: login.per.0 }
    }

    fn not_zero(&mut self, path: &str, duration: std::time::Duration, suggestion: &str) {
        if duration.is_zero() {
            let key = path.rsplit('.').next().unwrap_or(path);
            let finding = Finding::error(Code::BadValue, format!("`{key}` cannot be zero"))
                .help(format!("write {key} = \"{suggestion}\""));
            self.find(path, finding);
        }
    }
}
