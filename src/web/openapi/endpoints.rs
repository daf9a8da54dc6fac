//! The form endpoints as poem-openapi knows them: each hands over to the flow in `web/forms.rs`.

use std::sync::Arc;

use poem::Request;
use poem::web::Data;
use poem_openapi::OpenApi;

use super::answers::{
    Answer, FormPage, LoginStatuses, LogoutStatuses, RegisterStatuses, SessionStatuses,
};
use super::schemas::{LoginInput, LogoutInput, RegisterInput};
use crate::web::App;
use crate::web::submission::Submission;
use crate::web::visit::Visit;

/// Signing in, registering, signing out, and the session.
pub(crate) struct FormEndpoints;

/// Who asks whom; the door puts it into the request.
#[derive(Clone)]
pub(crate) struct Asked {
    pub(crate) app: Arc<App>,
    pub(crate) visit: Arc<Visit>,
}

#[OpenApi]
impl FormEndpoints {
    /// The login page
    ///
    /// `next` in the query is where to go after signing in: a path on this site.
    #[oai(path = "/login", method = "get", operation_id = "showLogin")]
    async fn show_login(&self, asked: Data<&Asked>, request: &Request) -> Answer<FormPage> {
        asked.app.show_login(&asked.visit, request.headers()).await.into()
    }

    /// Sign in
    ///
    /// Sets the session cookie. Attempts are limited per account and per client address.
    #[oai(path = "/login", method = "post", operation_id = "login")]
    async fn login(
        &self,
        asked: Data<&Asked>,
        request: &Request,
        submission: Submission<LoginInput>,
    ) -> Answer<LoginStatuses> {
        asked.app.login(&asked.visit, request.headers(), &submission).await.into()
    }

    /// The registration page
    #[oai(path = "/register", method = "get", operation_id = "showRegister")]
    async fn show_register(&self, asked: Data<&Asked>, request: &Request) -> Answer<FormPage> {
        asked.app.show_register(&asked.visit, request.headers()).await.into()
    }

    /// Register
    ///
    /// Signs in as well, where the backend allows it.
    #[oai(path = "/register", method = "post", operation_id = "register")]
    async fn register(
        &self,
        asked: Data<&Asked>,
        request: &Request,
        submission: Submission<RegisterInput>,
    ) -> Answer<RegisterStatuses> {
        asked.app.register(&asked.visit, request.headers(), &submission).await.into()
    }

    /// Ask before signing out
    #[oai(path = "/logout", method = "get", operation_id = "showLogout")]
    async fn show_logout(&self, asked: Data<&Asked>, request: &Request) -> Answer<FormPage> {
        asked.app.show_logout(&asked.visit, request.headers()).await.into()
    }

    /// Sign out
    ///
    /// Ends the session here and at the backend. The session here ends whatever the backend says.
    #[oai(path = "/logout", method = "post", operation_id = "logout")]
    async fn logout(
        &self,
        asked: Data<&Asked>,
        request: &Request,
        submission: Submission<LogoutInput>,
    ) -> Answer<LogoutStatuses> {
        asked.app.logout(&asked.visit, request.headers(), &submission).await.into()
    }

    /// The session
    ///
    /// Who is signed in and how long the access token still lives.
    #[oai(path = "/_vestibule/session", method = "get", operation_id = "session")]
    async fn session(&self, asked: Data<&Asked>, request: &Request) -> Answer<SessionStatuses> {
        asked.app.session(&asked.visit, request.headers()).await.into()
    }
}
