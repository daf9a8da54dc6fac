//! A poem app behind the door.

use poem::endpoint::EndpointExt as _;
use poem::{Endpoint, IntoEndpoint, Middleware, Request, Response};

use super::Vestibule;
use crate::error::Error;
use crate::site::{Server, Site};

/// An app with vestibule in front of it; a poem [`Endpoint`] itself.
///
/// See [`Vestibule::protect`].
#[derive(Clone)]
pub struct Protected {
    site: Site,
}

/// The door, as a poem [`Middleware`].
///
/// See [`Vestibule::protection`].
#[derive(Clone)]
pub struct Protection {
    site: Site,
}

impl Vestibule {
    /// Puts the door in front of an app.
    ///
    /// vestibule keeps its own addresses: the login and its like, `/welcome`, what is below `/_vestibule/`,
    /// and `/auth/` where the built-in backend is the backend. Everything else is the app's, the front page
    /// included. Every request is judged before the app sees it, by the same rules as everywhere: what
    /// is public goes through, what is not goes through with a session. Handlers ask who it is by taking
    /// an [`Identity`](crate::Identity).
    ///
    /// ```no_run
    /// use poem::{Route, get, handler};
    /// use vestibule::{Identity, Vestibule};
    ///
    /// #[handler]
    /// fn dashboard(identity: &Identity) -> String {
    ///     format!("Dashboard for {}", identity.user().email)
    /// }
    ///
    /// # async fn run() -> Result<(), vestibule::Error> {
    /// let app = Route::new().at("/dashboard", get(dashboard));
    /// let server = Vestibule::from_file("auth.toml")?.protect(app).listen().await?;
    /// server.run(async { tokio::signal::ctrl_c().await.unwrap_or_default() }).await;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// The door belongs on the outside: it does not see the prefix of a `Route::nest` around it. Only what
    /// rewrites paths, such as `NormalizePath`, belongs in front of it; otherwise the app would see another
    /// path than the one that was judged.
    #[must_use]
    pub fn protect<E>(self, app: E) -> Protected
    where
        E: IntoEndpoint,
        E::Endpoint: 'static,
    {
        self.protection().transform(app.into_endpoint())
    }

    /// The door as a middleware, for apps that are put together by [`EndpointExt::with`](poem::EndpointExt::with).
    ///
    /// ```
    /// use poem::{EndpointExt, Route, get, handler};
    /// use vestibule::Vestibule;
    ///
    /// #[handler]
    /// fn about() -> &'static str {
    ///     "About us"
    /// }
    ///
    /// # fn run(vestibule: &Vestibule) {
    /// let app = Route::new().at("/about", get(about)).with(vestibule.protection());
    /// # }
    /// ```
    pub fn protection(&self) -> Protection {
        Protection { site: self.site.clone() }
    }
}

impl<E: Endpoint + 'static> Middleware<E> for Protection {
    type Output = Protected;

    fn transform(&self, app: E) -> Protected {
        Protected { site: self.site.in_front_of(app.map_to_response().boxed()) }
    }
}

impl Protected {
    /// Opens the listeners of `[server] listen`. They are better than poem's own: heads have a time limit,
    /// a lack of file descriptors is survived, and stopping waits for requests that are under way.
    pub async fn listen(self) -> Result<Server, Error> {
        Server::bind(self.site).await
    }
}

impl Endpoint for Protected {
    type Output = Response;

    /// Never an error: the door has made an answer of whatever went wrong.
    async fn call(&self, request: Request) -> poem::Result<Response> {
        self.site.door.call(request).await
    }
}
