//! Pages, parts of pages and redirects, in the caller's language.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::time::Duration;

use http::header::{HeaderValue, LOCATION};
use http::{HeaderName, StatusCode};
use poem::Response;
use serde_json::Value;
use tracing::error;

use super::App;
use super::error::{Cause, whole_seconds};
use super::visit::{Prefer, Visit};
use crate::session::{Session, User};
use crate::theme::context::{Csrf, Notice, Page, PageContext, Retry, SessionView, UserView};
use crate::theme::{Rendered, last_resort, moment};

const HX_REDIRECT: HeaderName = HeaderName::from_static("hx-redirect");

impl App {
    /// The context of a page with nothing particular on it.
    pub(crate) fn page(
        &self,
        visit: &Visit,
        id: Cow<'static, str>,
        state: &'static str,
        status: StatusCode,
        title: String,
    ) -> PageContext {
        PageContext {
            template: None,
            sample: Cow::Borrowed(""),
            brand: None,
            nav: self.nav(visit, None),
            locales: self.locales(visit),
            data: BTreeMap::new(),
            fetched: BTreeMap::new(),
            page: Page::new(id, state, status.as_u16(), title),
            csrf: Csrf::default(),
            form: None,
            notices: Vec::new(),
            next: None,
            user: None,
            session: None,
            retry: None,
            error: None,
            partial: visit.prefer == Prefer::Partial,
            year: self.year(),
        }
    }

    /// Renders a page, or for HTMX the part that is swapped in. Should a template fail, that of
    /// the layer beneath stands in; should all of them, a page that needs no theme.
    pub(crate) fn render(&self, visit: &Visit, page: &PageContext) -> Response {
        let rendered = self.theme(visit).page(page, visit.prefer == Prefer::Partial);
        let status =
            StatusCode::from_u16(page.page.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        match rendered {
            Ok(rendered) => html_answer(status, html_of(visit, rendered)),
            Err(error) => {
                let status =
                    if status.is_success() { StatusCode::INTERNAL_SERVER_ERROR } else { status };
                let html = last_resort(status.as_u16(), &page.page.title, &visit.request_id);
                let mut response = html_answer(status, html);
                response.extensions_mut().insert(Cause(format!("the theme failed: {error}")));
                response
            }
        }
    }

    /// Sends the visitor elsewhere: a browser by 303, HTMX by its own header, since it would
    /// follow a 303 itself and swap a whole page into a part.
    pub(crate) fn redirect(&self, visit: &Visit, to: &str) -> Response {
        let Ok(location) = HeaderValue::try_from(to) else {
            return self.fail(
                visit,
                super::error::Failure::internal("a redirect target is no header value"),
            );
        };
        match visit.prefer {
            Prefer::Partial => {
                Response::builder().status(StatusCode::OK).header(HX_REDIRECT, location).finish()
            }
            Prefer::Page | Prefer::Json => Response::builder()
                .status(StatusCode::SEE_OTHER)
                .header(LOCATION, location)
                .finish(),
        }
    }

    /// The year that it is.
    pub(crate) fn year(&self) -> i32 {
        moment::year(self.clock.unix_seconds())
    }

    /// When to try again, in words.
    pub(crate) fn retry(&self, visit: &Visit, wait: Duration) -> Retry {
        self.theme(visit).retry(whole_seconds(wait), self.clock.unix_seconds())
    }

    /// A notice with the sentence of its code.
    pub(crate) fn notice(&self, visit: &Visit, code: &'static str, level: &'static str) -> Notice {
        Notice::new(code, level, self.theme(visit).sentence(code))
    }

    /// What pages may show of a session.
    pub(crate) fn session_view(&self, session: &Session) -> SessionView {
        let now = self.clock.unix_seconds();
        SessionView {
            expires_in: session.tokens.expires_at.map(|end| end.saturating_sub(now)),
            renews: session.tokens.refresh.is_some(),
        }
    }
}

/// What pages may show of a user.
pub(crate) fn user_view(user: &User) -> UserView {
    UserView {
        id: user.id.clone(),
        email: user.email.clone(),
        name: user.name.clone(),
        claims: user.claims.clone(),
    }
}

/// The markup to send. Where a template failed on the way to it, the log is told, once for each fault.
pub(crate) fn html_of(visit: &Visit, rendered: Rendered) -> String {
    if let Some(fault) = rendered.fault {
        error!(target: "vestibule::theme", request_id = visit.request_id, fault, "a template failed");
    }
    rendered.html
}

pub(crate) fn html_answer(status: StatusCode, html: impl Into<poem::Body>) -> Response {
    Response::builder().status(status).content_type("text/html; charset=utf-8").body(html)
}

pub(crate) fn json_answer(status: StatusCode, body: &Value) -> Response {
    Response::builder().status(status).content_type("application/json").body(body.to_string())
}
