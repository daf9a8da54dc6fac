//! The app of the program that embeds us: what it is given, and what becomes of its answer.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use http::StatusCode;
use http::header::{CACHE_CONTROL, HeaderMap, HeaderValue, SET_COOKIE, UPGRADE};
use poem::endpoint::BoxEndpoint;
use poem::error::{NotFoundError, ResponseError};
use poem::{Endpoint as _, FromRequest, Request, RequestBody, Response};
use serde_json::Value;

use super::cookies::Presented;
use super::error::Failure;
use super::headers::Foreign;
use super::visit::Visit;
use super::{App, CHANGE_PASSWORD, Door, FOLDER, HOME, WELCOME};
use crate::access::{AccessRules, Rule};
use crate::auth::resolve::{Resolved, Signed};
use crate::config::plan::Unauthenticated;
use crate::form::builtin as builtin_form;
use crate::secret::Secret;
use crate::session::{Session, User};
use crate::upstream::hygiene;

/// What an embedded app answers with.
pub(crate) type Endpoint = BoxEndpoint<'static, Response>;

/// The app of the program that embeds us, which has everything that is not ours, the front page included.
pub(crate) struct Behind {
    endpoint: Arc<Endpoint>,
    /// The site's rules, with those of our pages given up that the app may have itself.
    pub(super) access: AccessRules,
}

impl Door {
    /// The same door with an app behind it.
    pub(crate) fn in_front_of(&self, endpoint: Endpoint) -> Self {
        self.before(Arc::new(endpoint))
    }

    /// The same door with the app of another one behind it, if that has any.
    pub(crate) fn in_place_of(self, other: &Self) -> Self {
        match &other.embedded {
            Some(behind) => self.before(Arc::clone(&behind.endpoint)),
            None => self,
        }
    }

    fn before(&self, endpoint: Arc<Endpoint>) -> Self {
        let mut access = self.app.access.without_page(HOME);
        if self.app.declared.form(builtin_form::CHANGE_PASSWORD).is_none() {
            access = access.without_page(CHANGE_PASSWORD);
        }
        Self { embedded: Some(Arc::new(Behind { endpoint, access })), ..self.clone() }
    }

    /// Who answers in our place: everything but our own pages belongs to what is behind the door.
    pub(super) fn behind(&self, path: &str, rule: Rule<'_>) -> Option<&Endpoint> {
        let ours = rule == Rule::Own
            || path == WELCOME
            || path.starts_with(FOLDER)
            || self.app.declared.at(path).is_some();
        self.embedded.as_deref().filter(|_| !ours).map(|embedded| &*embedded.endpoint)
    }
}

/// Who makes a request, for the handlers of an embedded app.
///
/// It is the session that vestibule found behind the request, never something that the client says, so
/// a handler can rely on it. Where nobody is signed in, asking for it ends the request: a browser that
/// loads a page is sent to the login page, everybody else gets 401. `Option<&Identity>` asks without
/// demanding, on a public page for example. Both can be taken by value as well.
///
/// ```
/// use poem::handler;
/// use vestibule::Identity;
///
/// #[handler]
/// fn dashboard(identity: &Identity) -> String {
///     format!("Dashboard for {}", identity.user().email)
/// }
///
/// #[handler]
/// fn about(identity: Option<&Identity>) -> &'static str {
///     if identity.is_some() { "Welcome back." } else { "Welcome." }
/// }
/// ```
#[derive(Clone)]
pub struct Identity(Arc<Known>);

struct Known {
    user: User,
    session: String,
    access_token: Secret,
    expires_in: Option<Duration>,
}

impl Identity {
    fn of(session: &Session, now: u64) -> Self {
        let left = |end: u64| Duration::from_secs(end.saturating_sub(now));
        Self(Arc::new(Known {
            user: session.user.clone(),
            session: session.id.fingerprint().to_owned(),
            access_token: session.tokens.access.clone(),
            expires_in: session.tokens.expires_at.map(left),
        }))
    }

    /// The user, as `[backend.me]` maps them.
    pub fn user(&self) -> &User {
        &self.0.user
    }

    /// One of the claims that `[backend.me] claims` names.
    pub fn claim(&self, name: &str) -> Option<&Value> {
        self.0.user.claims.get(name)
    }

    /// Eight digits that tell sessions apart in a log and open nothing; the same as in vestibule's own.
    pub fn session(&self) -> &str {
        &self.0.session
    }

    /// How long the access token is still good for, as of the beginning of the request; none where its
    /// life is unknown. The session goes on after that, with a new one.
    pub fn expires_in(&self) -> Option<Duration> {
        self.0.expires_in
    }

    /// The access token, for calls to the backend in the user's name.
    ///
    /// It is a secret: whoever has it is the user. Send it to the backend and nowhere else, and keep it
    /// for no longer than the request, since the next one may come with another.
    ///
    /// ```
    /// # fn of(identity: &vestibule::Identity) -> String {
    /// format!("Bearer {}", identity.access_token().expose())
    /// # }
    /// ```
    pub fn access_token(&self) -> &Secret {
        &self.0.access_token
    }
}

// By hand: who somebody is belongs on their page and not in a log.
impl fmt::Debug for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Identity")
            .field("user", &self.0.user)
            .field("session", &self.0.session)
            .finish_non_exhaustive()
    }
}

impl<'a> FromRequest<'a> for &'a Identity {
    async fn from_request(request: &'a Request, _: &mut RequestBody) -> poem::Result<Self> {
        // Only the door puts one there, and it takes out whatever was there before.
        request.extensions().get::<Identity>().ok_or_else(|| NotSignedIn.into())
    }
}

impl<'a> FromRequest<'a> for Identity {
    async fn from_request(request: &'a Request, body: &mut RequestBody) -> poem::Result<Self> {
        <&Self>::from_request(request, body).await.cloned()
    }
}

/// A handler asked for an [`Identity`] and nobody is signed in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("nobody is signed in")]
pub struct NotSignedIn;

impl ResponseError for NotSignedIn {
    fn status(&self) -> StatusCode {
        StatusCode::UNAUTHORIZED
    }
}

impl App {
    /// Hands a public request to the app, with who is signed in, if somebody is. A session that cannot
    /// be used now is no reason to refuse what is open to everybody.
    pub(crate) async fn hand_on(&self, visit: &Visit, to: &Endpoint, request: Request) -> Response {
        let resolved = match self.cookies.read(request.headers()) {
            Presented::Ticket(ticket) => self.auth.resolve(&ticket).await,
            Presented::None | Presented::Unreadable => Resolved::Nobody,
        };
        match resolved {
            Resolved::Signed(signed) => self.hand_over(visit, to, request, Some(&signed)).await,
            _ => self.hand_over(visit, to, request, None).await,
        }
    }

    /// Hands a request to the app, and the session's new ticket to the browser with the app's answer.
    pub(crate) async fn hand_over(
        &self,
        visit: &Visit,
        to: &Endpoint,
        mut request: Request,
        signed: Option<&Signed>,
    ) -> Response {
        let asked = request.headers().clone();
        // Browsers let every page open a WebSocket to every site.
        if signed.is_some()
            && asked.contains_key(UPGRADE)
            && hygiene::strip_hop_by_hop(&mut asked.clone())
            && self.csrf.is_from_elsewhere(&asked)
        {
            let failure = Failure::new(StatusCode::FORBIDDEN, "cross_site");
            let failure = failure.because("a page of another site asked for a WebSocket");
            return self.fail(visit, failure);
        }
        // Whoever holds the ticket is the visitor, and an app has no use for it.
        self.cookies.take_out(request.headers_mut());
        hygiene::retain(request.headers_mut(), |name| !self.verdicts.is_ours(name));
        request.extensions_mut().remove::<Identity>();
        if let Some(signed) = signed {
            let identity = Identity::of(&signed.session, self.clock.unix_seconds());
            request.extensions_mut().insert(identity);
        }
        let foreign = |mut response: Response| {
            response.extensions_mut().insert(Foreign { private: signed.is_some() });
            response
        };
        let mut response = match to.call(request).await {
            Ok(response) => foreign(response),
            Err(error) if error.is::<NotSignedIn>() => {
                self.send_to_login(visit, &asked, None, Unauthenticated::Auto)
            }
            Err(error) if error.is::<NotFoundError>() => self.fail(visit, Failure::not_found()),
            Err(error) => foreign(error.into_response()),
        };
        if let Some(signed) = signed {
            self.attach_to_foreign(signed, &asked, &mut response);
        }
        response
    }

    /// A ticket must not end up in a cache that others read from, whatever the app thinks of its answer.
    fn attach_to_foreign(&self, signed: &Signed, asked: &HeaderMap, response: &mut Response) {
        let before = response.headers().get_all(SET_COOKIE).iter().count();
        self.attach(signed, asked, response);
        if response.headers().get_all(SET_COOKIE).iter().count() > before {
            response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        }
    }
}
