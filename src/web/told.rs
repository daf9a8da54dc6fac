//! What an app behind the door is told about a session: the headers about its user and, where it gets it, the
//! access token. Rendered once per form of a session, since most requests come with one that has not changed.

use std::sync::Arc;
use std::time::Duration;

use http::header::AUTHORIZATION;
use http::{HeaderMap, HeaderName, HeaderValue};
use moka::sync::Cache;

use super::error::Failure;
use crate::identity::IdentityHeaders;
use crate::session::{Session, SessionId};
use crate::token::without_scheme;

/// For so many sessions the headers are remembered, for so long at most.
const REMEMBERED: u64 = 2000;
const REMEMBERED_FOR: Duration = Duration::from_mins(1);

/// So many headers are added to those of a verdict.
const MORE: usize = 4;

/// Headers about a visitor, for one reader.
#[derive(Debug)]
pub(crate) struct Told {
    identity: IdentityHeaders,
    /// Whether the access token is among them.
    bearer: bool,
    rendered: Cache<SessionId, Rendered>,
}

/// Headers, and all that they were made of.
#[derive(Clone, Debug)]
struct Rendered {
    from: Arc<Session>,
    headers: HeaderMap,
}

impl Rendered {
    /// Whether they are the headers of this session as it is now, and not merely of one by its name.
    fn is_of(&self, session: &Arc<Session>) -> bool {
        Arc::ptr_eq(&self.from, session)
            || (self.from.user == session.user && self.from.tokens.access == session.tokens.access)
    }
}

impl Told {
    pub(crate) fn new(identity: IdentityHeaders, bearer: bool) -> Self {
        let rendered =
            Cache::builder().max_capacity(REMEMBERED).time_to_live(REMEMBERED_FOR).build();
        Self { identity, bearer, rendered }
    }

    /// Whether a header tells about the user: a client's copy of it reaches nobody.
    pub(crate) fn is_ours(&self, name: &HeaderName) -> bool {
        self.identity.is_ours(name)
    }

    /// Every header about the user, empty where there is nothing to say.
    pub(crate) fn about(&self, session: &Arc<Session>) -> Result<HeaderMap, Failure> {
        if let Some(known) = self.rendered.get(&session.id).filter(|known| known.is_of(session)) {
            return Ok(known.headers);
        }
        let mut headers = self.identity.render(&session.user).map_err(Failure::internal)?;
        if self.bearer {
            let token = without_scheme(session.tokens.access.expose());
            headers.insert(AUTHORIZATION, bearer(&format!("Bearer {token}"))?);
        }
        // What is added to each copy must not make it lay itself out anew.
        headers.reserve(MORE);
        let rendered = Rendered { from: Arc::clone(session), headers: headers.clone() };
        self.rendered.insert(session.id.clone(), rendered);
        Ok(headers)
    }

    /// The same headers where there is nobody, each of them empty.
    pub(crate) fn about_nobody(&self) -> Result<HeaderMap, Failure> {
        let empty = |name: &HeaderName| (name.clone(), HeaderValue::from_static(""));
        let mut headers: HeaderMap = self.identity.names().iter().map(empty).collect();
        if self.bearer {
            headers.insert(AUTHORIZATION, bearer("")?);
        }
        Ok(headers)
    }
}

fn bearer(text: &str) -> Result<HeaderValue, Failure> {
    let mut value = HeaderValue::try_from(text)
        .map_err(|_| Failure::internal("the access token is no header value"))?;
    value.set_sensitive(true);
    Ok(value)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::plan::HeaderPlan;
    use crate::secret::Secret;
    use crate::session::contract;

    fn told() -> Told {
        let plan = HeaderPlan {
            name: HeaderName::from_static("x-email"),
            template: "{{ user.email }}".to_owned(),
            place: crate::finding::Place::named("auth.toml"),
        };
        Told::new(IdentityHeaders::compile([&plan]).unwrap(), true)
    }

    fn texts(told: &Told, session: &Arc<Session>) -> [String; 2] {
        let headers = told.about(session).unwrap_or_else(|_| panic!("no headers"));
        let text = |name: &str| headers[name].to_str().unwrap().to_owned();
        [text("x-email"), text("authorization")]
    }

    #[test]
    fn what_was_rendered_serves_only_the_very_session_that_it_was_made_of() {
        let told = told();
        let first = Arc::new(contract::session());
        let before = texts(&told, &first);
        assert_eq!(texts(&told, &first), before);

        // The same session after a refresh, and after its user was read anew.
        let mut session = Session::clone(&first);
        session.tokens.access = Secret::new("renewed");
        let renewed = Arc::new(session.clone());
        assert_eq!(texts(&told, &renewed), [before[0].as_str(), "Bearer renewed"]);
        session.user.email = "eve@example.com".to_owned();
        assert_eq!(texts(&told, &Arc::new(session)), ["eve@example.com", "Bearer renewed"]);
        assert_eq!(texts(&told, &first), before);

        // Another session.
        let mut other = contract::session();
        other.user.email = "bob@example.com".to_owned();
        assert_eq!(texts(&told, &Arc::new(other))[0], "bob@example.com");
    }
}
