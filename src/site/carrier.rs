//! Who carries the calls of a plan, and how the built-in backend reaches people.

use std::sync::Arc;

use super::Parts;
use crate::backend::Backend;
use crate::backend::http::HttpBackend;
use crate::builtin_backend::{BuiltinBackend, BuiltinError, Post, Settings};
use crate::clock::Clock;
use crate::config::plan::{
    AccountsPlan, BackendPlan, CarrierPlan, MailPlan, Plan, ServerPlan, TokenPlan,
};
use crate::error::Error;
use crate::mail::Mailer;
use crate::theme::languages::Languages;

/// Who carries the calls. Copies share it.
#[derive(Clone)]
pub(super) enum Carrier {
    Builtin(Arc<BuiltinBackend>),
    Other(Arc<dyn Backend>),
}

impl Carrier {
    pub(super) fn open(
        backend: &BackendPlan,
        token: &TokenPlan,
        clock: &Clock,
        parts: &Parts,
        post: Post,
    ) -> Result<Self, Error> {
        Ok(match &backend.carrier {
            CarrierPlan::Http { url, timeout } => {
                Self::Other(Arc::new(HttpBackend::new(url, *timeout).map_err(Error::internal)?))
            }
            CarrierPlan::Builtin { database, accounts } => {
                let settings = settings(accounts, token, post)?;
                let opened = BuiltinBackend::open(database, settings, clock.clone());
                Self::Builtin(Arc::new(opened.map_err(|error| unavailable(&error))?))
            }
            CarrierPlan::Program => {
                let missing = || Error::internal("a plan for a backend that nobody brought");
                Self::Other(parts.backend.clone().ok_or_else(missing)?)
            }
        })
    }

    /// The one that a new plan means: this one, where it was opened for the same.
    pub(super) fn followed_by(
        &self,
        meant: &CarrierPlan,
        plan: &Plan,
        clock: &Clock,
        parts: &Parts,
        post: Post,
    ) -> Result<Self, Error> {
        Ok(match (self, meant, &plan.backend.carrier) {
            (
                Self::Builtin(before),
                CarrierPlan::Builtin { database, .. },
                CarrierPlan::Builtin { database: same, accounts },
            ) if database == same => {
                let settings = settings(accounts, &plan.token, post)?;
                Self::Builtin(Arc::new(
                    before.with_settings(settings).map_err(|error| unavailable(&error))?,
                ))
            }
            (Self::Other(_), meant, now) if meant == now => self.clone(),
            _ => Self::open(&plan.backend, &plan.token, clock, parts, post)?,
        })
    }

    pub(super) fn backend(&self) -> Arc<dyn Backend> {
        match self {
            Self::Builtin(backend) => Arc::clone(backend) as Arc<dyn Backend>,
            Self::Other(backend) => Arc::clone(backend),
        }
    }
}

/// Who carries the calls of a plan, for whoever only asks. The built-in backend sends no mails then.
pub(crate) fn carrier(
    backend: &BackendPlan,
    token: &TokenPlan,
    clock: &Clock,
    parts: &Parts,
) -> Result<Arc<dyn Backend>, Error> {
    Ok(Carrier::open(backend, token, clock, parts, Post::default())?.backend())
}

fn settings(accounts: &AccountsPlan, token: &TokenPlan, post: Post) -> Result<Settings, Error> {
    let secret = token.secret.clone().ok_or_else(|| Error::internal("a plan without a secret"))?;
    Ok(Settings {
        issuer: token.issuer.clone(),
        audience: token.audience.clone(),
        accounts: accounts.clone(),
        post,
        ..Settings::new(secret)
    })
}

fn unavailable(error: &BuiltinError) -> Error {
    Error::unavailable(error.to_string())
}

/// How the built-in backend reaches people.
pub(super) fn post(
    mail: Option<MailPlan>,
    languages: &Languages,
    server: &ServerPlan,
    clock: &Clock,
) -> Result<Post, Error> {
    let origin = server.public_url.as_str().trim_end_matches('/').to_owned();
    let host = server.public_url.host_str().unwrap_or_default();
    let open = |plan| Mailer::open(plan, languages.letters(), host, clock.clone());
    let mailer =
        mail.map(open).transpose().map_err(|error| Error::unavailable(error.to_string()))?;
    Ok(Post { mailer, origin })
}
