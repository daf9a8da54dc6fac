//! What a site has open: the sessions, the way to the backend, the keys. The site that takes its place when
//! the configuration is read anew takes these over, as far as it means the same.

use std::sync::Arc;
use std::time::Duration;

use aws_lc_rs::hmac::{self, HMAC_SHA256};
use url::Url;

use super::{Foundation, Parts, carrier::Carrier, random};
use crate::auth::Lasting;
use crate::auth::keys::TokenKeys;
use crate::auth::limiter::{Limit, LoginLimiter};
use crate::backend::http;
use crate::builtin_backend::Post;
use crate::clock::Clock;
use crate::config::plan::{
    BackendPlan, CarrierPlan, LimitPlan, Plan, PublicKeyPlan, SessionPlan, StorePlan, TokenPlan,
};
use crate::error::Error;
use crate::jwks::KeySet;
use crate::secret::Secret;
use crate::session::cookie::CookieStore;
use crate::session::memory::MemoryStore;
use crate::session::sqlite::SqliteStore;
use crate::session::{Lifetimes, SessionStore};
use crate::token::VerifyingKey;

/// How long the backend's keys may take where no backend over HTTP says how patient to be.
const KEYS_TIMEOUT: Duration = Duration::from_secs(5);

/// What a site has open. Copies share it.
#[derive(Clone)]
pub(crate) struct Rooms {
    /// What they were opened for.
    pub(super) meant: Meant,
    pub(super) lasting: Lasting,
    pub(super) carrier: Carrier,
    /// The key of form tokens.
    pub(super) form_key: [u8; 32],
    cookies: Option<Arc<CookieStore>>,
}

/// The part of a plan that says which rooms there are.
#[derive(Clone)]
pub(super) struct Meant {
    pub(super) store: StorePlan,
    pub(super) lifetimes: Lifetimes,
    pub(super) carrier: CarrierPlan,
    key_set: Option<Url>,
    login_limit: LimitPlan,
}

impl Meant {
    fn by(plan: &Plan) -> Self {
        let key_set = match &plan.token.public {
            Some(PublicKeyPlan::Set(url)) => Some(url.clone()),
            Some(PublicKeyPlan::File(_)) | None => None,
        };
        Self {
            store: plan.session.store.clone(),
            lifetimes: lifetimes(&plan.session),
            carrier: plan.backend.carrier.clone(),
            key_set,
            login_limit: plan.login_limit,
        }
    }
}

pub(super) fn lifetimes(session: &SessionPlan) -> Lifetimes {
    Lifetimes { idle: session.idle_timeout, max: session.max_lifetime }
}

impl Rooms {
    /// Opens what the plan says and the site before has not open.
    pub(super) fn open(
        plan: &Plan,
        post: Post,
        clock: &Clock,
        parts: &Parts,
        foundation: &Foundation,
        before: Option<&Self>,
    ) -> Result<Self, Error> {
        let meant = Meant::by(plan);
        let carrier = match before {
            Some(before) => {
                before.carrier.followed_by(&before.meant.carrier, plan, clock, parts, post)?
            }
            None => Carrier::open(&plan.backend, &plan.token, clock, parts, post)?,
        };
        let (store, cookies) = store(&meant, clock, parts, before)?;
        let same_keys = before
            .filter(|before| meant.key_set.is_some() && before.meant.key_set == meant.key_set);
        let keys = match same_keys {
            Some(before) => Arc::clone(&before.lasting.keys),
            None => Arc::new(keys(&plan.backend, &plan.token, clock)?),
        };
        let same_limit = before.filter(|before| before.meant.login_limit == meant.login_limit);
        let limiter = same_limit.map(|before| Arc::clone(&before.lasting.limiter));
        let limiter = limiter.unwrap_or_else(|| {
            let LimitPlan { limit, per } = meant.login_limit;
            Arc::new(LoginLimiter::new(Limit { attempts: limit, per }, clock.clone()))
        });
        let form_key = match (form_secret(&meant.store), before) {
            (Some(secret), _) => derived_form_key(secret),
            (None, Some(before)) if form_secret(&before.meant.store).is_none() => before.form_key,
            (None, _) => random()?,
        };
        let Foundation { refreshes, leases, .. } = foundation.clone();
        let lasting = Lasting { store, keys, limiter, refreshes, leases };
        Ok(Self { meant, lasting, carrier, form_key, cookies })
    }
}

type Store = (Arc<dyn SessionStore>, Option<Arc<CookieStore>>);

/// Where the sessions are kept. Those that are there stay there: what would move them was held back.
fn store(
    meant: &Meant,
    clock: &Clock,
    parts: &Parts,
    before: Option<&Rooms>,
) -> Result<Store, Error> {
    let lifetimes = meant.lifetimes;
    if let Some(before) = before.filter(|before| before.meant.store == meant.store) {
        return Ok((Arc::clone(&before.lasting.store), before.cookies.clone()));
    }
    Ok(match &meant.store {
        StorePlan::Cookie { keys } => {
            let opened = match before.and_then(|before| before.cookies.as_ref()) {
                Some(before) => before.with_keys(keys),
                None => CookieStore::new(keys, lifetimes, clock.clone()),
            };
            let opened = Arc::new(opened.map_err(Error::internal)?);
            (Arc::clone(&opened) as Arc<dyn SessionStore>, Some(opened))
        }
        StorePlan::Memory => (Arc::new(MemoryStore::new(lifetimes, clock.clone())), None),
        StorePlan::Sqlite { database, keys } => {
            let opened = SqliteStore::open(database, lifetimes, clock.clone());
            let opened = opened.map_err(|error| Error::unavailable(error.to_string()))?;
            (Arc::new(opened.keyed(keys)), None)
        }
        StorePlan::Program => {
            let brought = parts.store.clone();
            let missing = || Error::internal("a plan for a store that nobody brought");
            (brought.ok_or_else(missing)?, None)
        }
    })
}

/// Where the keys come from that tokens are judged with. Nothing is fetched here.
pub(crate) fn keys(
    backend: &BackendPlan,
    token: &TokenPlan,
    clock: &Clock,
) -> Result<TokenKeys, Error> {
    Ok(match (&token.public, &token.secret) {
        (Some(PublicKeyPlan::Set(url)), _) => {
            let timeout = match &backend.carrier {
                CarrierPlan::Http { timeout, .. } => *timeout,
                CarrierPlan::Builtin { .. } | CarrierPlan::Program => KEYS_TIMEOUT,
            };
            let client = http::client(url, timeout).map_err(Error::internal)?;
            TokenKeys::Set(KeySet::new(client, url.clone(), clock.clone()))
        }
        (Some(PublicKeyPlan::File(key)), _) => TokenKeys::Fixed(Arc::new(key.clone())),
        (None, Some(secret)) => TokenKeys::Fixed(Arc::new(VerifyingKey::from_secret(secret))),
        (None, None) => TokenKeys::Unjudged,
    })
}

/// What form tokens are made with, so that a form survives a restart. None: something random.
fn form_secret(store: &StorePlan) -> Option<&Secret> {
    match store {
        StorePlan::Cookie { keys } | StorePlan::Sqlite { keys, .. } => keys.first(),
        StorePlan::Memory | StorePlan::Program => None,
    }
}

fn derived_form_key(secret: &Secret) -> [u8; 32] {
    let key = hmac::Key::new(HMAC_SHA256, secret.expose().as_bytes());
    let mut derived = [0; 32];
    derived.copy_from_slice(hmac::sign(&key, b"vestibule form token").as_ref());
    derived
}
