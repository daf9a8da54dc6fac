//! What a declared form does: the backend is asked, and the session follows from its answer.

use std::net::IpAddr;
use std::sync::Arc;

use tracing::warn;

use super::login::{Applicant, SignInError, SignedIn, client_values};
use super::resolve::{AfterRefusal, NewTicket, Signed};
use super::{Auth, values_of};
use crate::backend::BackendError;
use crate::backend::client::Grant;
use crate::backend::declared::Accepted;
use crate::call::template::Call;
use crate::call::{LANGUAGE, Values};
use crate::config::plan::FormPlan;
use crate::form::FieldKind;
use crate::session::{Session, StoreError, Ticket};

/// Who sends a form.
pub(crate) struct Sender<'a> {
    pub(crate) address: IpAddr,
    /// What the browser says of itself.
    pub(crate) agent: &'a str,
    /// The tag of the language that the page is in.
    pub(crate) language: &'a str,
    /// The session that the browser has, whoever may send the form.
    pub(crate) ticket: Option<&'a Ticket>,
    /// The same, where there is somebody behind it.
    pub(crate) signed: Option<Box<Signed>>,
}

/// What came of a form that the backend has accepted.
#[derive(Debug)]
pub(crate) enum Submitted {
    /// Nothing but what the backend did. The session may have new tokens.
    Done(Option<Box<Signed>>),
    SignedIn(Box<SignedIn>),
    SignedOut,
}

/// Why a form was not accepted.
#[derive(Debug)]
pub(crate) enum SubmitError {
    /// As at a login: refused, or nobody could be asked. The session, which may have new tokens, stays.
    Refused(SignInError, Option<Box<Signed>>),
    /// The session has ended meanwhile.
    Ended,
}

impl Auth {
    /// Sends a form with its checked inputs.
    pub(crate) async fn submit(
        self: &Arc<Self>,
        form: &FormPlan,
        inputs: &Values,
        sender: Sender<'_>,
    ) -> Result<Submitted, SubmitError> {
        let Sender { address, agent, language, ticket, mut signed } = sender;
        let values = |signed: Option<&Signed>| {
            let mut values = inputs.clone();
            values.extend(client_values(address, agent));
            values.insert(LANGUAGE.to_owned(), language.into());
            // Last, so that nothing that was typed passes for what the session knows.
            values.extend(signed.map(|signed| values_of(&signed.session)).unwrap_or_default());
            values
        };
        let of_user = |signed: &Option<Box<Signed>>| {
            if form.needs_user { values(signed.as_deref()) } else { values(None) }
        };
        let mut answer = self.ask(form, &of_user(&signed)).await;
        // A token that the backend does not take any more is renewed once; what was typed is still here.
        if let (Err(BackendError::Unauthorized(_)), true, Some(ticket)) =
            (&answer, form.needs_user, ticket)
            && let Some(before) = signed.take()
        {
            match self.after_refusal(ticket, before).await {
                AfterRefusal::Renewed(renewed) => {
                    signed = Some(renewed);
                    answer = self.ask(form, &of_user(&signed)).await;
                }
                AfterRefusal::Unchanged(same) => signed = Some(same),
                AfterRefusal::Ended => return Err(SubmitError::Ended),
            }
        }
        let accepted = match answer {
            Ok(accepted) => accepted,
            Err(error) => return Err(SubmitError::Refused(self.refused(error), signed)),
        };
        match self.follow(form, &accepted, (address, agent), ticket, &mut signed).await {
            Ok(Some(other)) => Ok(other),
            Ok(None) => Ok(Submitted::Done(signed)),
            Err(error) => Err(SubmitError::Refused(error, signed)),
        }
    }

    async fn ask<'a>(
        &self,
        form: &'a FormPlan,
        values: &Values,
    ) -> Result<Accepted<'a>, BackendError> {
        let secrets = form.spec.fields.iter().filter(|field| field.kind == FieldKind::Password);
        let secrets: Vec<&str> = secrets.map(|field| field.name.as_str()).collect();
        let accepted = self.client.submit(&form.submit, &form.meanings, values, &secrets).await?;
        // What is declared to be taken has to be there, or the form has not succeeded.
        accepted.taken().map(|_| accepted)
    }

    /// What the backend's yes means for the session.
    async fn follow(
        self: &Arc<Self>,
        form: &FormPlan,
        accepted: &Accepted<'_>,
        (address, agent): (IpAddr, &str),
        ticket: Option<&Ticket>,
        signed: &mut Option<Box<Signed>>,
    ) -> Result<Option<Submitted>, SignInError> {
        let success = &form.success;
        if success.login {
            let grant = accepted.grant().map_err(SignInError::Backend)?;
            let applicant = Applicant { address, agent, old_ticket: ticket };
            let signed_in = self.begin_session(&grant, &applicant).await?;
            return Ok(Some(Submitted::SignedIn(Box::new(signed_in))));
        }
        let (Some(now), Some(ticket)) = (signed.take(), ticket) else { return Ok(None) };
        if success.logout {
            self.logout(ticket).await;
            return Ok(Some(Submitted::SignedOut));
        }
        let owner = now.session.owner().to_owned();
        let session_id = now.session.id.clone();
        let grant = match accepted.new_tokens() {
            Ok(grant) => grant,
            Err(error) => {
                warn!(form = %form.spec.id, %error, "the backend accepted, but its new tokens cannot be read; the old ones stay");
                None
            }
        };
        let changed = if grant.is_some() || success.reload_user {
            self.changed(ticket, now, grant).await?
        } else {
            now
        };
        *signed = Some(changed);
        if success.end_other_sessions {
            if let Err(error) = self.store.end_others(&owner, &session_id).await {
                warn!(%error, "the other sessions of a user could not be ended; they end with their tokens");
            }
            self.leases.close_others(&owner, session_id.as_str());
        }
        Ok(None)
    }

    /// The session with what the backend has changed: its tokens, or what is known of the user.
    async fn changed(
        self: &Arc<Self>,
        ticket: &Ticket,
        mut signed: Box<Signed>,
        grant: Option<Grant>,
    ) -> Result<Box<Signed>, SignInError> {
        let newest = signed.new_ticket.as_ref().map_or(ticket, |new| &new.ticket);
        let before = signed.session.clone();
        let mut session = Session::clone(&before);
        let arrived = self.clock.unix_seconds();
        if let Some(grant) = grant {
            match self.accept(&grant, arrived).await {
                Ok(mut tokens) => {
                    tokens.refresh = tokens.refresh.or(session.tokens.refresh);
                    session.tokens = tokens;
                    session.kept.extend(grant.kept);
                }
                // The form has done its work, and the old tokens may still be good.
                Err(error) => {
                    warn!(error = %SignInError::from(error), "the tokens that a form brought are not accepted");
                }
            }
        }
        match self.client.me(&values_of(&session)).await {
            Ok(user) => session.user = user,
            Err(error) => warn!(%error, "the user was not read again; what was known stays"),
        }
        if let Some(ticket) = self.adopt(newest, &before, &session).await? {
            signed.new_ticket = Some(NewTicket::renewed(ticket, arrived));
        }
        signed.session = Arc::new(session);
        Ok(signed)
    }

    /// Writes a session down that has changed outside of a refresh. None where it is gone.
    async fn adopt(
        &self,
        ticket: &Ticket,
        before: &Session,
        session: &Session,
    ) -> Result<Option<Ticket>, StoreError> {
        let stored = self.store.replace(ticket, session).await?;
        if let Some(ticket) = &stored {
            self.note_successor(before, ticket, session);
        }
        Ok(stored)
    }

    /// The values of a call that a page or a form makes before it is shown.
    pub(crate) fn values_for(signed: Option<&Signed>) -> Values {
        signed.map(|signed| values_of(&signed.session)).unwrap_or_default()
    }

    /// Asks whether one value can be used. None where it can.
    pub(crate) async fn check_value(
        &self,
        call: &Call,
        values: &Values,
    ) -> Result<Option<(String, Option<String>)>, BackendError> {
        let refusal = self.client.check(call, values).await?;
        Ok(refusal.map(|refusal| {
            let said = refusal.fields.first().map(|(_, said)| self.client.field_text(said));
            let text = self.client.text_for(&refusal).or(said).or(refusal.message);
            (refusal.described, text)
        }))
    }
}
