//! A backend, a recorder before it, vestibule before that, and somebody with an account.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use super::Variant;
use crate::support::binary::Vestibule;
use crate::support::contract::{Contract, Taken};
use crate::support::eventually;
use crate::support::real_backend::RealBackend;
use crate::support::recorder::{Exchange, Recorder};
use crate::support::visitor::{Answer, Visitor};

pub(crate) const PASSWORD: &str = "Corr3ct-horse";
pub(crate) const WRONG_PASSWORD: &str = "Wr0ng-horse-battery";
/// Shown on the login page after a session that ended by itself.
const ENDED: &str = "You were signed out because your session ended";

/// How long access tokens live in tests that cross their end. Whole seconds, as JWTs count in them.
const SHORT: (Duration, &str) = (Duration::from_secs(3), "3");

pub(crate) struct Stage {
    pub(crate) variant: &'static Variant,
    pub(crate) vestibule: Vestibule,
    pub(crate) contract: Contract,
    pub(crate) person: Person,
    recorder: Recorder,
    _backend: Arc<RealBackend>,
}

/// A user of the backend that no other test knows.
pub(crate) struct Person {
    pub(crate) username: String,
    pub(crate) email: String,
}

impl Stage {
    pub(crate) async fn of(variant: &'static Variant) -> Self {
        Self::with(variant, variant.environment.to_vec(), |toml| toml).await
    }

    /// With access tokens that live for [`SHORT`].
    pub(crate) async fn with_short_tokens(variant: &'static Variant) -> Self {
        let mut environment = variant.environment.to_vec();
        environment.push(("LAB_ACCESS_TTL", SHORT.1));
        Self::with(variant, environment, |toml| toml).await
    }

    /// With a backend that wants addresses confirmed, and a registration that knows it.
    pub(crate) async fn with_verification(variant: &'static Variant) -> Self {
        let environment = variant.unverified.as_ref().unwrap().environment.to_vec();
        let register = "[backend.register]\n";
        let noticing =
            |toml: String| toml.replace(register, &format!("{register}then = \"notice\"\n"));
        Self::with(variant, environment, noticing).await
    }

    async fn with(
        variant: &'static Variant,
        environment: Vec<(&str, &str)>,
        change: impl FnOnce(String) -> String,
    ) -> Self {
        static PEOPLE: AtomicUsize = AtomicUsize::new(1);
        let backend = RealBackend::shared(variant.kind, &environment).await;
        let recorder = Recorder::before(&backend.url()).await;
        let file = Path::new("tests/backends").join(variant.kind.folder).join(variant.config);
        let toml = change(std::fs::read_to_string(&file).unwrap());
        let contract = Contract::read(&toml, &backend.url());
        let here = toml.replace("http://127.0.0.1:8000", &recorder.url());
        assert_ne!(here, toml, "{} has no url to replace", file.display());
        // Every test comes from the same address.
        let limit = "[rate_limit]\nlogin = { limit = 1000, per = \"1m\" }\n";
        let vestibule = Vestibule::start(&format!("{here}\n{limit}")).await;
        // Where nobody can register, there is Alice.
        let username = match variant.registration {
            Some(_) => format!("alice-{}", PEOPLE.fetch_add(1, Ordering::Relaxed)),
            None => "alice".to_owned(),
        };
        let person = Person { email: format!("{username}@example.com"), username };
        Self { variant, vestibule, contract, person, recorder, _backend: backend }
    }

    /// What somebody types into an input of this name.
    pub(crate) fn typed(&self, input: &str) -> &str {
        match input {
            "email" => &self.person.email,
            "username" => &self.person.username,
            "name" => "Alice Example",
            _ => panic!("nobody knows what to type into {input}"),
        }
    }

    /// Registers in a browser of its own.
    pub(crate) async fn register(&self, password: &str) -> Answer {
        self.register_in(&self.vestibule.visitor(), password).await
    }

    pub(crate) async fn register_in(&self, visitor: &Visitor, password: &str) -> Answer {
        let inputs = self.variant.registration.as_ref().unwrap().inputs;
        let mut fields: Vec<_> = inputs.iter().map(|input| (*input, self.typed(input))).collect();
        fields.extend([("password", password), ("password_confirm", password)]);
        visitor.fill_in("/register", &fields).await
    }

    pub(crate) async fn log_in(&self, visitor: &Visitor, page: &str, password: &str) -> Answer {
        let input = self.variant.login;
        visitor.fill_in(page, &[(input, self.typed(input)), ("password", password)]).await
    }

    /// Somebody with an account, where it takes one to be made.
    pub(crate) async fn registered(&self) {
        if self.variant.registration.is_some() {
            self.register(PASSWORD).await.expect(303);
        }
    }

    /// A visitor who has just signed in.
    pub(crate) async fn signed_in(&self) -> (Visitor, Instant) {
        self.registered().await;
        let visitor = self.vestibule.visitor();
        self.log_in(&visitor, "/login", PASSWORD).await.expect(303);
        (visitor, Instant::now())
    }

    /// Waits until the tokens of that moment are past their end. They end by the clock of the machine, so does this.
    pub(crate) async fn after_the_end_of_tokens_of(&self, moment: Instant) {
        tokio::time::sleep_until((moment + SHORT.0 + Duration::from_secs(1)).into()).await;
    }

    /// The answers of the backend to a step so far.
    pub(crate) fn exchanges(&self, step: &str) -> Vec<Exchange> {
        self.contract.of(step, &self.recorder.all()).into_iter().cloned().collect()
    }

    /// The tokens of the session that was begun or renewed last.
    pub(crate) fn tokens(&self) -> Taken {
        self.contract.taken(&self.recorder.all())
    }

    /// Stops the test unless the session is over, the visitor is told why, and the way back works.
    pub(crate) async fn has_ended(&self, visitor: &Visitor, answer: &Answer) {
        let login = answer.expect(303).location().to_owned();
        assert!(login.starts_with("/login?") && login.contains("next=%2Fwelcome"), "{login}");
        visitor.follow(answer).await.expect(200).shows(ENDED);
        let back = self.log_in(visitor, &login, PASSWORD).await;
        assert_eq!(back.expect(303).location(), "/welcome");
    }

    /// Stops the test if anything that was taken from an answer, or typed as a password, is in the log.
    pub(crate) async fn keeps_its_secrets(&self) {
        // The log is written beside the answers, and may come a moment after them.
        let log = eventually("a request in the log", async || {
            let log = self.vestibule.log();
            (log.contains("/login") || log.contains("/register")).then_some(log)
        })
        .await;
        let all = self.recorder.all();
        let mut secrets: Vec<String> = vec![PASSWORD.to_owned(), WRONG_PASSWORD.to_owned()];
        for end in 1..=all.len() {
            let taken = self.contract.taken(&all[..end]);
            secrets
                .extend(taken.into_iter().filter(|(n, _)| n.ends_with("_token")).map(|(_, v)| v));
        }
        for secret in secrets.iter().filter(|it| it.len() >= 8) {
            assert!(!log.contains(secret.as_str()), "`{secret}` is in the log:\n{log}");
        }
    }
}
