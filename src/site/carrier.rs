//! Who carries the calls of a plan, and how the built-in backend reaches people.

use std::sync::Arc;

use super::Parts;
use crate::backend::Backend;
use crate::backend::http::HttpBackend;
use crate::builtin_backend::{BuiltinBackend, Post, Settings};
use crate::clock::Clock;
use crate::config::plan::{BackendPlan, CarrierPlan, MailPlan, ServerPlan, TokenPlan};
use crate::error::Error;
use crate::mail::Mailer;
use crate::theme::languages::Languages;

/// Who carries the calls of a plan. Without `post` the built-in backend sends no mails.
pub(crate) fn carrier(
    backend: &BackendPlan,
    token: &TokenPlan,
    clock: &Clock,
    parts: &Parts,
    post: Option<Post>,
) -> Result<Arc<dyn Backend>, Error> {
    Ok(match &backend.carrier {
        CarrierPlan::Http { url, timeout } => {
            Arc::new(HttpBackend::new(url, *timeout).map_err(Error::internal)?)
        }
        CarrierPlan::Builtin { database, accounts } => {
            let secret =
                token.secret.clone().ok_or_else(|| Error::internal("a plan without a secret"))?;
            let settings = Settings {
                issuer: token.issuer.clone(),
                audience: token.audience.clone(),
                accounts: accounts.clone(),
                post: post.unwrap_or_default(),
                ..Settings::new(secret)
            };
            let opened = BuiltinBackend::open(database, settings, clock.clone());
            Arc::new(opened.map_err(|error| Error::unavailable(error.to_string()))?)
        }
        CarrierPlan::Program => parts
            .backend
            .clone()
            .ok_or_else(|| Error::internal("a plan for a backend that nobody brought"))?,
    })
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
