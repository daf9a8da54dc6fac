//! Streams that a session has open, and whether it still goes on: an answer may last longer than the
//! session it was given to.

use std::sync::Arc;
use std::time::Duration;

use tracing::{info, warn};

use super::Auth;
use crate::secret::Secret;
use crate::session::{Session, Ticket};
use crate::upstream::lease::{Doubt, Held, Lease};

/// How often sessions are looked at that have a stream open. Their store is asked every third time.
const LOOK: Duration = Duration::from_secs(1);

impl Auth {
    /// Whether a session's ticket stays the same, so that its store can be asked with it later.
    pub(crate) fn has_lasting_tickets(&self) -> bool {
        !self.store.ticket_changes()
    }

    /// Leave for a stream to go on as long as the session does. No stream keeps a session alive: a tab
    /// that was forgotten would otherwise outlast every `idle_timeout`.
    pub(crate) fn lease(self: &Arc<Self>, held: Option<(&Session, Option<Ticket>)>) -> Lease {
        let held = held.map(|(session, ticket)| Held {
            id: session.id.as_str(),
            owner: session.owner(),
            ends_at: self.ends_at(session),
            ticket: ticket
                .filter(|_| self.has_lasting_tickets())
                .map(|ticket| Secret::new(ticket.as_str())),
        });
        let (lease, is_first) = self.leases.open(held);
        if is_first {
            tokio::spawn(Arc::clone(self).watch());
        }
        lease
    }

    /// Looks at the sessions with open streams, all in one task, for as long as there are any.
    async fn watch(self: Arc<Self>) {
        loop {
            tokio::time::sleep(LOOK).await;
            let Some(doubts) = self.leases.look(self.clock.unix_seconds()) else { return };
            for doubt in doubts {
                if !self.goes_on(&doubt).await {
                    self.leases.close(&doubt.id);
                }
            }
        }
    }

    /// What the store says of a session. Another process may have ended it, or been visited with it.
    async fn goes_on(&self, doubt: &Doubt) -> bool {
        match self.store.load(&Ticket::new(doubt.ticket.expose())).await {
            Ok(Some(session)) => {
                let ends_at = self.end_after(&session, session.last_seen);
                self.leases.extend(&doubt.id, ends_at);
                !doubt.is_due || ends_at > self.clock.unix_seconds()
            }
            Ok(None) => {
                info!("a session with open streams has ended; so do they");
                false
            }
            Err(error) => {
                warn!(%error, "the session store could not be asked about open streams");
                !doubt.is_due
            }
        }
    }
}
