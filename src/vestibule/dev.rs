//! A site in development: it is served as its files are.

mod follow;

use std::path::PathBuf;
use std::sync::mpsc;
use std::thread;

use self::follow::Follower;
use super::{Builder, LogSettings};
use crate::error::Error;
use crate::finding::{Code, Finding};
use crate::site::{Foundation, Server};

/// A site that is served as its files are. See [`Builder::develop`].
pub struct Development {
    server: Server,
    follower: Follower,
    public_url: String,
    first: Option<Reload>,
}

/// The files have changed, and this came of it.
#[derive(Debug)]
#[non_exhaustive]
pub struct Reload {
    /// The files that differ from those that are served; none where an edit was undone, and at the start.
    pub files: Vec<PathBuf>,
    /// What is worth knowing about the site as it is served from now on; or why the edit is not served, and
    /// what was before goes on.
    pub outcome: Result<Vec<Finding>, Error>,
    /// Whether this is what the checker finds in the files of the theme, a moment after they are served: errors and
    /// warnings by the rules of [`Themes::check`](crate::Themes::check) about files. Nothing has changed then.
    pub checked: bool,
}

impl Builder {
    /// Opens the listeners of a site in development. It may be broken: then every address says what is wrong,
    /// until it is mended. An error only where nothing says where to listen, or where that cannot be done.
    pub async fn develop(&self) -> Result<Development, Error> {
        let builder = self.clone().development(true);
        if builder.sources.text.is_none() && !builder.sources.file.exists() {
            // There is nothing to mend yet.
            builder.plan()?;
        }
        let foundation = Foundation::new(true)?;
        let mut follower = Follower::new(builder, foundation.clone());
        let first = follower.follow_first();
        let Some(plan) = follower.listens_by() else {
            let unknown = || Error::internal("a site that listens nowhere");
            return Err(first.outcome.err().unwrap_or_else(unknown));
        };
        let public_url = plan.public_url.as_str().trim_end_matches('/').to_owned();
        let entrance = follower.entrance();
        let server = Server::open(entrance, plan, foundation, &self.clock).await?;
        Ok(Development { server, follower, public_url, first: Some(first) })
    }
}

impl Development {
    /// Everything that is listened on, in the words of `[server] listen`.
    pub fn listens_on(&self) -> Vec<String> {
        self.server.listens_on()
    }

    /// Where a browser finds what, with a name for each.
    pub fn links(&self) -> Vec<(&'static str, String)> {
        let link = |(name, path)| (name, format!("{}{path}", self.public_url));
        let mut links =
            vec![("site", "/"), ("sign in", "/login"), ("gallery", "/_vestibule/preview/")];
        if self.follower.has_docs() {
            links.push(("API docs", "/_vestibule/docs"));
        }
        links.into_iter().map(link).collect()
    }

    /// How `[log]` wants the log; none where that is not known, since the site is broken.
    pub fn log(&self) -> Option<LogSettings> {
        self.follower.log()
    }

    /// What came of the files as they were found.
    pub fn first(&mut self) -> Option<Reload> {
        self.first.take()
    }

    /// Serves until `stop` is done, and tells whatever comes of changes. Those who are signed in stay so, and
    /// requests that are under way finish at the site that they came to.
    pub async fn run(
        self,
        stop: impl Future<Output = ()>,
        tell: impl FnMut(&Reload) + Send + 'static,
    ) {
        let Self { server, follower, .. } = self;
        follower.tell_untranslated();
        // Reading a theme and trying it on takes a processor for a while, so it has a thread of its own.
        let (ended, end) = mpsc::channel();
        let thread = thread::Builder::new().name("files".to_owned());
        let thread = thread.spawn(move || follower.follow(&end, tell));
        server.run(stop).await;
        drop(ended);
        if let Ok(thread) = thread {
            let _ = thread.join();
        }
    }
}

/// What to say of an error that is no mistake in a file.
fn as_findings(error: &Error) -> Vec<Finding> {
    if error.is_invalid() {
        return error.findings().to_vec();
    }
    vec![Finding::error(Code::Unavailable, error.to_string())]
}
