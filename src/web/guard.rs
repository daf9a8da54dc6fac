//! Who may go in, and what the others are told.

use http::header::UPGRADE;
use http::{HeaderMap, HeaderValue, Method, StatusCode};
use poem::Response;
use tracing::warn;

use super::cookies::Presented;
use super::error::Failure;
use super::visit::{Prefer, Visit};
use super::{App, request_log};
use crate::access::{Decision, Denial, OnDeny};
use crate::auth::resolve::{Resolved, Signed};
use crate::config::plan::Unauthenticated;
use crate::return_to::ReturnTo;
use crate::theme::form_view::with_next;

/// What became of a request for something protected.
pub(crate) enum Admission {
    /// With a session; [`App::attach`] has to see the answer.
    Admitted(Box<Signed>),
    Denied(Box<Response>),
}

impl App {
    /// Lets in who has a session and is whom the rules want, and answers everybody else.
    pub(crate) async fn admit(
        &self,
        visit: &Visit,
        headers: &HeaderMap,
        decision: &Decision<'_>,
        otherwise: Unauthenticated,
    ) -> Admission {
        let presented = self.cookies.read(headers);
        let resolved = match &presented {
            Presented::Ticket(ticket) => self.auth.resolve(ticket).await,
            Presented::None | Presented::Unreadable => Resolved::Nobody,
        };
        let mut response = match resolved {
            Resolved::Signed(signed) => {
                self.arrivals.arrived(visit, headers);
                return match decision.allows(&signed.session.user) {
                    Ok(()) => Admission::Admitted(signed),
                    Err(denial) => {
                        let mut response = self.deny(visit, &denial);
                        // Whatever became of the session has to reach the browser all the same.
                        self.attach(&signed, headers, &mut response);
                        Admission::Denied(Box::new(response))
                    }
                };
            }
            Resolved::Nobody => {
                let notice = self.not_kept(visit, headers, &presented);
                self.send_to_login(visit, headers, notice, otherwise)
            }
            Resolved::Ended => {
                self.send_to_login(visit, headers, Some("session.expired"), otherwise)
            }
            // The session is kept in both cases, and so is the cookie.
            Resolved::Waiting { retry_after } => {
                let failure = Failure::new(StatusCode::SERVICE_UNAVAILABLE, "backend.unreachable")
                    .because("the access token is dead and the backend cannot renew it now")
                    .retry_after(Some(retry_after));
                return Admission::Denied(Box::new(self.fail(visit, failure)));
            }
            Resolved::StoreDown(error) => {
                return Admission::Denied(Box::new(self.fail(visit, Failure::from(&error))));
            }
        };
        if !matches!(presented, Presented::None) {
            self.cookies.clear(headers, response.headers_mut());
        }
        Admission::Denied(Box::new(response))
    }

    /// Answers somebody whom a rule does not let pass. A 404 looks like any other.
    fn deny(&self, visit: &Visit, denial: &Denial<'_>) -> Response {
        let failure = match denial.rule.on_deny {
            OnDeny::Forbidden => Failure::new(StatusCode::FORBIDDEN, "access.denied"),
            OnDeny::NotFound => Failure::not_found(),
        };
        let mut response = self.fail(visit, failure.because(denial.cause()));
        response.extensions_mut().insert(request_log::Rule(denial.rule.name().into()));
        response
    }

    /// Who comes with a request that may pass in any case; true where there is a session and nobody can
    /// tell whose.
    pub(crate) async fn recognize(&self, headers: &HeaderMap) -> (Option<Box<Signed>>, bool) {
        match self.cookies.read(headers) {
            Presented::None => (None, false),
            Presented::Unreadable => (None, true),
            Presented::Ticket(ticket) => match self.auth.resolve(&ticket).await {
                Resolved::Signed(signed) => (Some(signed), false),
                Resolved::Nobody | Resolved::Ended => (None, false),
                Resolved::Waiting { .. } | Resolved::StoreDown(_) => (None, true),
            },
        }
    }

    /// The session has ended while its request was under way.
    pub(crate) fn session_ended(
        &self,
        visit: &Visit,
        headers: &HeaderMap,
        otherwise: Unauthenticated,
    ) -> Response {
        let mut response = self.send_to_login(visit, headers, Some("session.expired"), otherwise);
        self.cookies.clear(headers, response.headers_mut());
        response
    }

    /// Gives the browser the session's new ticket, where it has one, and tells the log whose it was.
    pub(crate) fn attach(&self, signed: &Signed, request: &HeaderMap, response: &mut Response) {
        if let Some(ticket) = self.auth.ticket_to_send(signed) {
            self.cookies.set(&ticket, request, response.headers_mut());
        }
        response.extensions_mut().insert(signed.session.id.clone());
    }

    /// What to tell somebody who signed in a moment ago and has no session now.
    fn not_kept(
        &self,
        visit: &Visit,
        headers: &HeaderMap,
        presented: &Presented,
    ) -> Option<&'static str> {
        let cause = self.arrivals.failed(visit, headers, presented)?;
        warn!(client = %visit.client, cause, "somebody signed in and came back without the session");
        Some("session.not_kept")
    }

    /// A browser goes to the login page and comes back afterwards; a script is told where it is.
    pub(super) fn send_to_login(
        &self,
        visit: &Visit,
        headers: &HeaderMap,
        notice: Option<&str>,
        otherwise: Unauthenticated,
    ) -> Response {
        let next = match visit.prefer {
            Prefer::Partial => current_page(headers),
            Prefer::Page | Prefer::Json => visit.as_return_to(),
        };
        // The front page is where one goes anyway.
        let next = next.filter(|next| next.as_str() != "/");
        let mut login = with_next(&format!("{}/login", visit.origin), next.as_ref());
        if let Some(notice) = notice {
            let joint = if login.contains('?') { '&' } else { '?' };
            login = format!("{login}{joint}notice={notice}");
        }
        if visit.prefer == Prefer::Partial {
            let mut response = self.unauthenticated(visit, &login);
            if let Ok(location) = HeaderValue::try_from(&login) {
                response.headers_mut().insert("hx-redirect", location);
            }
            return response;
        }
        let to_login = match otherwise {
            Unauthenticated::Auto => visit.is_navigation,
            Unauthenticated::Login => !headers.contains_key(UPGRADE),
            Unauthenticated::Unauthorized => false,
        };
        if to_login {
            return self.redirect(visit, &login);
        }
        self.unauthenticated(visit, &login)
    }
}

/// The page on which HTMX made its request. Only path and query are read, so it cannot lead elsewhere.
fn current_page(headers: &HeaderMap) -> Option<ReturnTo> {
    let url = url::Url::parse(headers.get("hx-current-url")?.to_str().ok()?).ok()?;
    match url.query() {
        Some(query) => ReturnTo::parse(&format!("{}?{query}", url.path())),
        None => ReturnTo::parse(url.path()),
    }
}

/// Whether a request is one that may be answered with a page at all.
pub(crate) fn is_read(method: &Method) -> bool {
    matches!(*method, Method::GET | Method::HEAD)
}
