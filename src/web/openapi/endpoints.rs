//! The form endpoints as poem-openapi knows them: each hands over to the flow in `web/forms.rs`.

use std::sync::Arc;

use poem::Request;
use poem::web::Data;
use poem_openapi::OpenApi;

use super::answers::{Answer, FormPage, LoginStatuses, LogoutStatuses, RegisterStatuses, SessionStatuses};
use super::types::{LoginInput, LogoutInput, RegisterInput};
use crate::web::App;
use crate::web::submission::Submission;
use crate::web::visit::Visit;

/// Signing in, registering, signing out, and the session.
pub(crate) struct FormEndpoints {
    pub(crate) app: Arc<App>,
}

/// What every endpoint is told about its request.
type Asked<'a> = Data<&'a Arc<Visit>>;

#[OpenApi]
impl FormEndpoints {
    /// The login page
    ///
    /// `next` in the query is where to go after signing in: a path on this site.
    #[oai(path = "/login", method = "get", operation_id = "showLogin")]
    async fn show_login(&self, visit: Asked<'_>, request: &Request) -> Answer<FormPage> {
        self.app.show_login(&visit, request.headers()).await.into()
    }

    /// Sign in
    ///
    /// Sets the session cookie. Attempts are limited per account and per client address.
    #[oai(path = "/login", method = "post", operation_id = "login")]
    async fn login(
        &self,
        visit: Asked<'_>,
        request: &Request,
        submission: Submission<LoginInput>,
    ) -> Answer<LoginStatuses> {
        self.app.login(&visit, request.headers(), &submission).await.into()
    }

    /// The registration page
    #[oai(path = "/register", method = "get", operation_id = "showRegister")]
    async fn show_register(&self, visit: Asked<'_>, request: &Request) -> Answer<FormPage> {
        self.app.show_register(&visit, request.headers()).await.into()
    }

    /// Register
    ///
    /// Signs in as well, where the backend allows it.
    #[oai(path = "/register", method = "post", operation_id = "register")]
    async fn register(
        &self,
        visit: Asked<'_>,
        request: &Request,
        submission: Submission<RegisterInput>,
    ) -> Answer<RegisterStatuses> {
        self.app.register(&visit, request.headers(), &submission).await.into()
    }

    /// Ask before signing out
    #[oai(path = "/logout", method = "get", operation_id = "showLogout")]
    async fn show_logout(&self, visit: Asked<'_>, request: &Request) -> Answer<FormPage> {
        self.app.show_logout(&visit, request.headers()).await.into()
    }

    /// Sign out
    ///
    /// Ends the session here and at the backend. The session here ends whatever the backend says.
    #[oai(path = "/logout", method = "post", operation_id = "logout")]
    async fn logout(
        &self,
        visit: Asked<'_>,
        request: &Request,
        submission: Submission<LogoutInput>,
    ) -> Answer<LogoutStatuses> {
        self.app.logout(&visit, request.headers(), &submission).await.into()
    }

    /// The session
    ///
    /// Who is signed in and how long the access token still lives.
    #[oai(path = "/_vestibule/session", method = "get", operation_id = "session")]
    async fn session(&self, visit: Asked<'_>, request: &Request) -> Answer<SessionStatuses> {
        self.app.session(&visit, request.headers()).await.into()
    }
}
