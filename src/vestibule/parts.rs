//! What a program adds in code, or brings of its own.

use std::fmt;
use std::sync::Arc;

use super::Builder;
use crate::backend::Backend;
use crate::session::SessionStore;

impl Builder {
    /// Adds to the whitelist of `[access] public`: regular expressions, each of which must match the whole
    /// path. They are looked at as closely as those of the file, and findings name this method.
    ///
    /// ```no_run
    /// # fn run() -> Result<(), vestibule::Error> {
    /// let vestibule = vestibule::Vestibule::builder()
    ///     .file("auth.toml")
    ///     .public(["/about", "/contact", r"/api/.*"])
    ///     .build()?;
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn public(mut self, patterns: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.sources.code.public.extend(patterns.into_iter().map(Into::into));
        self
    }

    /// Asks this backend instead of one over HTTP. `[backend] url` is not needed then; the calls are
    /// declared as for any other backend, and this one is asked to carry them.
    ///
    /// ```
    /// use futures_util::future::BoxFuture;
    /// use poem::http::{HeaderMap, StatusCode};
    /// use vestibule::{Backend, BackendError, CallAnswer, CallRequest, Vestibule};
    ///
    /// struct Users;
    ///
    /// impl Backend for Users {
    ///     fn send(&self, request: CallRequest) -> BoxFuture<'_, Result<CallAnswer, BackendError>> {
    ///         Box::pin(async move {
    ///             let (status, body) = match request.target.as_str() {
    ///                 "/auth/me" => (StatusCode::OK, r#"{"id": 1, "email": "ada@example.com"}"#),
    ///                 "/auth/login" => (StatusCode::OK, r#"{"access_token": "opaque"}"#),
    ///                 _ => (StatusCode::NOT_FOUND, "{}"),
    ///             };
    ///             Ok(CallAnswer { status, headers: HeaderMap::new(), body: body.into() })
    ///         })
    ///     }
    /// }
    ///
    /// let toml = "token.format = 'opaque'\nsession.store = 'memory'";
    /// let vestibule = Vestibule::builder().toml(toml, ".").backend(Users).build()?;
    /// # Ok::<(), vestibule::Error>(())
    /// ```
    #[must_use]
    pub fn backend(mut self, backend: impl Backend + 'static) -> Self {
        self.sources.code.backend = true;
        self.parts.backend = Some(Arc::new(backend));
        self
    }

    /// Keeps sessions here instead of where `[session] store` says. The store has to hold sessions to
    /// their [`Lifetimes`](crate::Lifetimes) itself.
    #[must_use]
    pub fn session_store(mut self, store: impl SessionStore + 'static) -> Self {
        self.sources.code.store = true;
        self.parts.store = Some(Arc::new(store));
        self
    }
}

// By hand: parts that a program brings need not be able to describe themselves, and the text of the
// configuration and the environment hold secrets.
impl fmt::Debug for Builder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Builder").field("file", &self.sources.file).finish_non_exhaustive()
    }
}
