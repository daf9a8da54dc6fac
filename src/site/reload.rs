//! From one site to the next: the configuration and the theme are read anew, and what they say now takes
//! the place of what they said, whole.
//!
//! Requests in flight finish at the site that they came to. What it has open (the sessions, refreshes under
//! way, streams) is the next one's as well, so nobody is signed out by it. What only a restart can change is left as
//! it is, and named.

use std::sync::Arc;

use super::rooms::{Meant, lifetimes};
use super::{Foundation, Parts, Site};
use crate::clock::Clock;
use crate::config::plan::{CarrierPlan, LogPlan, Plan, ServerPlan, StorePlan, TlsPlan};
use crate::error::Error;

/// What stays as it is until a restart.
#[derive(Clone)]
pub(crate) struct Fixed {
    server: Arc<ServerPlan>,
    /// None where there was no site yet that any of it belonged to.
    rest: Option<(LogPlan, Meant)>,
}

/// A site to come, and the keys of its configuration that wait for a restart.
pub(crate) struct Successor {
    pub(crate) site: Site,
    pub(crate) held_back: Vec<&'static str>,
}

impl Fixed {
    /// The part that listeners are opened by.
    pub(crate) fn listening(server: Arc<ServerPlan>) -> Self {
        Self { server, rest: None }
    }

    pub(crate) fn of(site: &Site) -> Self {
        let rest = Some((site.log.clone(), site.rooms.meant.clone()));
        Self { server: Arc::clone(&site.server), rest }
    }

    /// Leaves in the plan what cannot change now as it was, and names it. `is_derived` says that the public
    /// address follows from where we listen.
    fn hold_back(&self, plan: &mut Plan, is_derived: bool) -> Vec<&'static str> {
        let mut waiting = Vec::new();
        let mut hold = |key, differs: bool| {
            if differs {
                waiting.push(key);
            }
            differs
        };
        let (before, now) = (&self.server, &mut plan.server);
        if hold("server.listen", now.listen != before.listen) {
            now.listen.clone_from(&before.listen);
            if is_derived {
                now.public_url = before.public_url.clone();
            }
        }
        let files = |tls: &TlsPlan| (tls.cert_file.clone(), tls.key_file.clone());
        if hold("server.tls", now.tls.as_ref().map(files) != before.tls.as_ref().map(files)) {
            now.tls.clone_from(&before.tls);
        }
        let times = (now.drain_delay, now.shutdown_grace);
        if hold("server.drain_delay", times.0 != before.drain_delay) {
            now.drain_delay = before.drain_delay;
        }
        if hold("server.shutdown_grace", times.1 != before.shutdown_grace) {
            now.shutdown_grace = before.shutdown_grace;
        }
        let Some((log, before)) = &self.rest else { return waiting };
        if hold("log", plan.log != *log) {
            plan.log.clone_from(log);
        }
        let (session, lasting) = (&mut plan.session, before.lifetimes);
        match where_kept(&session.store, &before.store) {
            Kept::Here => {}
            Kept::Elsewhere(key) => {
                hold(key, true);
                session.store.clone_from(&before.store);
            }
        }
        if hold("session.idle_timeout", lifetimes(session).idle != lasting.idle) {
            session.idle_timeout = lasting.idle;
        }
        if hold("session.max_lifetime", lifetimes(session).max != lasting.max) {
            session.max_lifetime = lasting.max;
        }
        if let (
            CarrierPlan::Builtin { database, .. },
            CarrierPlan::Builtin { database: before, .. },
        ) = (&mut plan.backend.carrier, &before.carrier)
            && hold("backend.builtin", database != before)
        {
            database.clone_from(before);
        }
        waiting
    }
}

/// Whether sessions would still be where they are.
enum Kept {
    Here,
    Elsewhere(&'static str),
}

fn where_kept(now: &StorePlan, before: &StorePlan) -> Kept {
    match (now, before) {
        (StorePlan::Sqlite { database, .. }, StorePlan::Sqlite { database: before, .. })
            if database != before =>
        {
            Kept::Elsewhere("session.database")
        }
        (StorePlan::Cookie { .. }, StorePlan::Cookie { .. })
        | (StorePlan::Memory, StorePlan::Memory)
        | (StorePlan::Sqlite { .. }, StorePlan::Sqlite { .. })
        | (StorePlan::Program, StorePlan::Program) => Kept::Here,
        _ => Kept::Elsewhere("session.store"),
    }
}

impl Successor {
    /// Builds the site that takes the place of `before`, or the first one where there is none yet. `fixed` is what
    /// was there before either way.
    pub(crate) fn build(
        mut plan: Plan,
        is_derived: bool,
        (clock, parts): (&Clock, &Parts),
        foundation: &Foundation,
        fixed: Option<&Fixed>,
        before: Option<&Site>,
    ) -> Result<Self, Error> {
        let held_back = match fixed {
            Some(fixed) => fixed.hold_back(&mut plan, is_derived),
            None => Vec::new(),
        };
        let site = Site::build(plan, clock, parts, foundation, before)?;
        Ok(Self { site, held_back })
    }
}
