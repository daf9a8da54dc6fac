//! Pages of our own behind the door.

use http::{HeaderMap, StatusCode};
use poem::Response;
use serde_json::json;

use super::App;
use super::answer::{html_answer, html_of, json_answer, user_view};
use super::cookies::Presented;
use super::error::Failure;
use super::openapi::schemas::user_body;
use super::visit::{Prefer, Visit};
use crate::auth::resolve::{Resolved, Signed};
use crate::session::Session;

impl App {
    /// The page after signing in.
    pub(crate) fn welcome(&self, visit: &Visit, headers: &HeaderMap, signed: &Signed) -> Response {
        let session = &signed.session;
        if visit.prefer == Prefer::Json {
            return json_answer(StatusCode::OK, &self.session_body(Some(session)));
        }
        let title = self.theme(visit).sentence("title.welcome");
        let mut page = self.page(visit, "welcome".into(), "default", StatusCode::OK, title);
        page.notices = self.notices(visit);
        page.nav = self.nav(visit, Some(&session.user));
        page.user = Some(user_view(&session.user));
        page.session = Some(self.session_view(session));
        let mut own = HeaderMap::new();
        page.csrf.token = self.csrf.prepare(headers, &mut own);
        let mut response = self.render(visit, &page);
        response.headers_mut().extend(own);
        response
    }

    /// `GET /_vestibule/session`: who is signed in and for how long; for HTMX the part of the page
    /// that says so.
    pub(crate) async fn session(&self, visit: &Visit, headers: &HeaderMap) -> Response {
        let resolved = match self.cookies.read(headers) {
            Presented::Ticket(ticket) => self.auth.resolve(&ticket).await,
            Presented::None | Presented::Unreadable => Resolved::Nobody,
        };
        let session = match &resolved {
            Resolved::Signed(signed) => Some(&*signed.session),
            Resolved::Nobody | Resolved::Ended => None,
            Resolved::Waiting { retry_after } => {
                let failure = Failure::new(StatusCode::SERVICE_UNAVAILABLE, "backend.unreachable")
                    .retry_after(Some(*retry_after));
                return self.fail(visit, failure);
            }
            Resolved::StoreDown(error) => return self.fail(visit, error.into()),
        };
        let mut response = match visit.prefer {
            Prefer::Partial => {
                let view = session.map(|session| self.session_view(session));
                match self.theme(visit).session_panel(view.as_ref()) {
                    Ok(rendered) => html_answer(StatusCode::OK, html_of(visit, rendered)),
                    Err(error) => {
                        return self
                            .fail(visit, Failure::internal(format!("the theme failed: {error}")));
                    }
                }
            }
            Prefer::Json | Prefer::Page => json_answer(StatusCode::OK, &self.session_body(session)),
        };
        match &resolved {
            Resolved::Signed(signed) => self.attach(signed, headers, &mut response),
            // A cookie that leads nowhere is taken back.
            Resolved::Nobody
            | Resolved::Ended
            | Resolved::Waiting { .. }
            | Resolved::StoreDown(_) => self.cookies.clear(headers, response.headers_mut()),
        }
        response
    }

    fn session_body(&self, session: Option<&Session>) -> serde_json::Value {
        match session {
            None => json!({"authenticated": false}),
            Some(session) => json!({
                "authenticated": true,
                "user": user_body(&session.user),
                "expires_in": self.session_view(session).expires_in,
            }),
        }
    }
}
