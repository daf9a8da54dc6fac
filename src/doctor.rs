//! `vestibule doctor`: talks to the real backend as a visitor's sign-in would, and says of each step
//! whether it works and, where it does not, what to write on which side.
//!
//! The order is that of a session's life, and each part is a file. A part that fails says so once;
//! what depends on it is not asked.

mod answers;
mod clock_skew;
mod cookie;
mod diagnosis;
pub(crate) mod discovery;
mod encoding;
mod login;
mod logout;
mod me;
mod names;
pub(crate) mod openapi;
mod paste;
pub(crate) mod proposal;
mod reachable;
mod refresh;
mod register;
mod report;
mod sightings;
mod slips;
mod token;
mod usual_paths;
mod wrong_call;

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::Value;
use url::Url;

pub use self::diagnosis::{Check, CheckStatus, Diagnosis, Fix};
use self::discovery::Discovered;
use crate::auth::keys::TokenKeys;
use crate::backend::Backend;
use crate::backend::http::HttpBackend;
use crate::call::Values;
use crate::clock::Clock;
use crate::config::plan::{Calls, CarrierPlan, Plan, TokenPlan};
use crate::error::Error;
use crate::secret::Secret;
use crate::site;
use crate::token::TokenVerifier;

/// Whom a doctor signs in as.
#[derive(Clone, Debug, Default)]
pub struct DoctorOptions {
    /// An account of the backend: the first input of the login form, and its password. Without it, a
    /// made-up account is refused by the backend once, and what needs tokens is not asked.
    pub account: Option<(String, Secret)>,
    /// What else the login form asks for, by the input's name.
    pub inputs: BTreeMap<String, String>,
}

/// What the parts of an examination share.
struct Doctor {
    backend: Arc<dyn Backend>,
    /// The backend over HTTP; None for the built-in one.
    http: Option<Reached>,
    calls: Calls,
    token: TokenPlan,
    verifier: TokenVerifier,
    keys: TokenKeys,
    refresh_threshold: std::time::Duration,
    public_url: Url,
    options: DoctorOptions,
    clock: Clock,
    /// The backend's description of itself, if it was found; looked for once.
    api: Option<Discovered>,
    looked_for_api: bool,
    /// What a session would know: tokens, and what was taken beside them.
    values: Values,
    /// Where the login's answer has what looks like tokens: `take` as it could be.
    login_places: Vec<(String, Value)>,
    checks: Vec<Check>,
    /// Never to be shown, whoever repeats it.
    secrets: Vec<String>,
    /// Why the rest is not asked.
    because: String,
}

/// A backend that is reached over HTTP.
struct Reached {
    url: Url,
    carrier: HttpBackend,
    /// The root of the host, where `url` has a path.
    root: Option<HttpBackend>,
}

/// Examines the pair: everything in order, and what could not be asked at the end of it.
pub(crate) async fn examine(
    plan: Plan,
    options: DoctorOptions,
    clock: &Clock,
    parts: &site::Parts,
) -> Result<Diagnosis, Error> {
    let http = match &plan.backend.carrier {
        CarrierPlan::Http { url, timeout } => {
            let mut root = url.clone();
            root.set_path("");
            let deeper = url.path() != "/";
            Some(Reached {
                url: url.clone(),
                carrier: HttpBackend::new(url, *timeout).map_err(Error::internal)?,
                root: deeper
                    .then(|| HttpBackend::new(&root, *timeout))
                    .transpose()
                    .map_err(Error::internal)?,
            })
        }
        CarrierPlan::Builtin { .. } | CarrierPlan::Program => None,
    };
    let secret = plan.token.secret.as_ref().map(|secret| secret.expose().to_owned());
    let password = options.account.as_ref().map(|(_, password)| password.expose().to_owned());
    let keys = site::keys(&plan.backend, &plan.token, clock)?;
    let mut doctor = Doctor {
        backend: site::carrier(&plan.backend, &plan.token, clock, parts)?,
        http,
        calls: plan.backend.calls,
        verifier: site::verifier(&plan.token),
        keys,
        token: plan.token,
        refresh_threshold: plan.session.refresh_threshold,
        public_url: plan.server.public_url,
        options,
        clock: clock.clone(),
        api: None,
        looked_for_api: false,
        values: Values::new(),
        login_places: Vec::new(),
        checks: Vec::new(),
        secrets: secret.into_iter().chain(password).collect(),
        because: String::new(),
    };
    doctor.examine().await;
    Ok(doctor.finish())
}

impl Doctor {
    async fn examine(&mut self) {
        if !self.reachable().await {
            "the backend has to be reached first".clone_into(&mut self.because);
            return;
        }
        let granted = self.login().await;
        self.register().await;
        if let Some(granted) = granted {
            if self.token(&granted).await {
                self.me().await;
                self.refresh().await;
                self.logout().await;
            } else {
                "the access token has to be accepted first".clone_into(&mut self.because);
                self.logout_quietly().await;
            }
        } else {
            self.paths_without_tokens().await;
        }
        self.skip_the_rest(|id| !id.starts_with("cookie."));
        self.cookie().await;
    }

    /// What has not been asked so far will not be; the reason is the one that is known now.
    fn skip_the_rest(&mut self, among: impl Fn(&str) -> bool) {
        for id in Check::IDS.iter().copied().filter(|id| among(id)) {
            if !self.has(id) {
                self.checks.push(Check::skipped(id, self.because.clone()));
            }
        }
    }

    /// Whether [token] names a key, so that signatures are judged.
    fn has_key(&self) -> bool {
        self.token.secret.is_some() || self.token.public.is_some()
    }

    fn note(&mut self, check: Check) {
        self.checks.push(check);
    }

    fn has(&self, id: &str) -> bool {
        self.checks.iter().any(|check| check.id == id)
    }

    /// What nobody may read in a report.
    fn keep_secret(&mut self, text: impl Into<String>) {
        self.secrets.push(text.into());
    }

    /// Where the backend is, for a sentence.
    fn backend_name(&self) -> String {
        self.http.as_ref().map_or_else(
            || "the built-in backend".to_owned(),
            |http| http.url.as_str().trim_end_matches('/').to_owned(),
        )
    }

    /// The backend's description of itself, if it has one.
    async fn api(&mut self) -> Option<Discovered> {
        if !self.looked_for_api {
            self.looked_for_api = true;
            let mut found = discovery::discover(self.backend.as_ref()).await;
            let root = self.http.as_ref().and_then(|http| http.root.as_ref());
            if let Some(found) = &mut found {
                self.beneath(found);
            } else if let Some(root) = root {
                found = discovery::discover(root).await;
            }
            self.api = found;
        }
        self.api.clone()
    }

    /// A description that lies beneath the path of `[backend] url` and names paths without it means
    /// them beneath it: a proxy has cut it off.
    fn beneath(&self, found: &mut Discovered) {
        let base = self.base_path();
        for operation in &mut found.api.operations {
            if !operation.path.starts_with(&format!("{base}/")) {
                operation.path = format!("{base}{}", operation.path);
            }
        }
    }

    /// The path of `[backend] url`, without a slash at its end.
    fn base_path(&self) -> String {
        let path = self.http.as_ref().map(|http| http.url.path()).unwrap_or_default();
        path.trim_end_matches('/').to_owned()
    }

    fn finish(mut self) -> Diagnosis {
        self.skip_the_rest(|_| true);
        let place = |id: &str| Check::IDS.iter().position(|other| *other == id);
        self.checks.sort_by_key(|check| place(check.id));
        self.checks.dedup_by_key(|check| check.id);
        // Whatever a backend repeated: it is not shown here. The longest first, since one may be
        // part of another; what is shorter than a word would blot out innocent text.
        for value in self.values.values().filter_map(Value::as_str) {
            self.secrets.push(value.to_owned());
        }
        self.secrets.retain(|secret| secret.len() >= 4);
        self.secrets.sort_by_key(|secret| std::cmp::Reverse(secret.len()));
        let secrets = self.secrets;
        for check in &mut self.checks {
            check.map_texts(|text| {
                secrets.iter().fold(text.to_owned(), |text, secret| text.replace(secret, "…"))
            });
        }
        Diagnosis { checks: self.checks }
    }
}
