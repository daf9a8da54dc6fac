//! The hot paths for `benches/`, which see only the public interface. Not part of it.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use crate::access::{AccessRules, OwnPaths, PublicPattern, Verdict};
use crate::clock::Clock;
use crate::config::plan::{I18nPlan, LocalePlan, ThemePlan};
use crate::finding::Place;
use crate::path::CanonicalPath;
use crate::secret::Secret;
use crate::session::cookie::CookieStore;
use crate::session::{Lifetimes, Session, SessionId, SessionStore as _, Ticket, Tokens, User};
use crate::theme::SiteSettings;
use crate::theme::context::{PageContext, Urls};
use crate::theme::languages::Languages;
use futures_util::FutureExt as _;
use unic_langid::LanguageIdentifier;

/// The whitelist decision with a number of patterns.
pub struct Decider(AccessRules);

impl Decider {
    /// Rules with so many patterns.
    pub fn new(patterns: usize) -> Self {
        let patterns = (0..patterns)
            .map(|number| PublicPattern {
                pattern: format!("/section-{number}/.*"),
                methods: Vec::new(),
                line: number,
                source: String::new(),
            })
            .collect();
        Self(AccessRules::new(OwnPaths::default(), patterns).unwrap_or_else(|_| unreachable!()))
    }

    /// Parses a path and decides about it.
    pub fn decide(&self, path: &str) -> bool {
        CanonicalPath::parse(path)
            .is_ok_and(|path| self.0.decide(&http::Method::GET, &path).verdict == Verdict::Public)
    }
}

/// A sealed session.
pub struct SealedTicket {
    store: CookieStore,
    ticket: Ticket,
}

impl SealedTicket {
    /// Seals a session of the usual size.
    #[expect(clippy::new_without_default, reason = "a benchmark's fixture is no default")]
    pub fn new() -> Self {
        let lifetimes = Lifetimes { idle: Duration::from_hours(1), max: Duration::from_hours(2) };
        let clock = Clock::manual(1_800_000_000);
        let keys = [Secret::new("a key that is only used for measuring")];
        let store = CookieStore::new(&keys, lifetimes, clock).unwrap_or_else(|_| unreachable!());
        let session = Session {
            id: SessionId::random().unwrap_or_else(|_| unreachable!()),
            tokens: Tokens {
                access: Secret::new(format!(
                    "{}.{}.{}",
                    "a".repeat(36),
                    "b".repeat(200),
                    "c".repeat(43)
                )),
                refresh: Some(Secret::new("r".repeat(43))),
                expires_at: Some(1_800_001_800),
            },
            user: User {
                id: "17".to_owned(),
                email: "ada@example.com".to_owned(),
                ..User::default()
            },
            kept: BTreeMap::new(),
            created: 1_800_000_000,
            last_seen: 1_800_000_000,
            checked: 1_800_000_000,
        };
        let ticket = store
            .create(&session)
            .now_or_never()
            .and_then(Result::ok)
            .unwrap_or_else(|| unreachable!());
        Self { store, ticket }
    }

    /// Opens it.
    pub fn open(&self) -> bool {
        matches!(self.store.load(&self.ticket).now_or_never(), Some(Ok(Some(_))))
    }
}

/// The login page of the built-in theme.
pub struct LoginPage {
    languages: Languages,
    page: PageContext,
}

impl LoginPage {
    /// Loads the theme in a language and prepares the page.
    pub fn new(language: &str) -> Self {
        let urls = Urls {
            login: "/login".to_owned(),
            register: Some("/register".to_owned()),
            forgot: None,
            change_password: None,
            logout: "/logout".to_owned(),
            home: "/".to_owned(),
            session: "/_vestibule/session".to_owned(),
            docs: None,
        };
        let site = SiteSettings { urls: urls.clone(), register: true, brand: None };
        let language: LanguageIdentifier = language.parse().unwrap_or_default();
        let place = Place::named("benches");
        let plan = I18nPlan {
            default: language.clone(),
            locales: vec![LocalePlan { language, place }],
            texts: Vec::new(),
        };
        let nowhere = Path::new("no such folder");
        let theme = ThemePlan {
            name: "daisy".to_owned(),
            path: nowhere.to_owned(),
            options: BTreeMap::new(),
        };
        let loaded = Languages::open(&theme, &site, &plan);
        let languages = loaded.unwrap_or_else(|_| unreachable!());
        let is_login = |page: &PageContext| page.page.id == "login" && page.page.state == "idle";
        let mut samples = languages.in_default().samples(&urls).into_iter();
        let page = samples.find(is_login).unwrap_or_else(|| unreachable!());
        Self { languages, page }
    }

    /// Renders it.
    pub fn render(&self) -> String {
        self.languages.in_default().render(&self.page).unwrap_or_default()
    }
}
