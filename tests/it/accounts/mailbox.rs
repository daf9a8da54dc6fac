//! A site with the built-in backend, and the mails that it sends.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use tempfile::TempDir;
use vestibule::{Clock, Vestibule};

use crate::support::eventually;
use crate::support::scripted::{EMAIL, PASSWORD, TOKEN_SECRET};
use crate::support::site::{Browser, NOW, ORIGIN, build};
use crate::support::visitor::Answer;

pub(crate) struct House {
    pub(crate) vestibule: Arc<Vestibule>,
    pub(crate) clock: Clock,
    pub(crate) folder: TempDir,
}

/// A site that sends mails into a folder.
pub(crate) fn house() -> House {
    house_with("", "[mail]\nfrom = \"Acme <no-reply@example.com>\"\nfolder = \"mail\"\n")
}

/// A site with this in `[backend.builtin]`, and this besides.
pub(crate) fn house_with(builtin: &str, more: &str) -> House {
    let clock = Clock::manual(NOW);
    let folder = tempfile::tempdir().unwrap();
    let toml = format!(
        "[server]\npublic_url = \"{ORIGIN}\"\n[backend.builtin]\ndatabase = \"users.db\"\n{builtin}\n\
         [token]\nsecret = \"{TOKEN_SECRET}\"\n{more}"
    );
    let vestibule = build(&toml, &folder, &clock);
    House { vestibule, clock, folder }
}

/// A text in an answer.
pub(crate) fn text(json: &Value, name: &str) -> String {
    json[name].as_str().unwrap_or_else(|| panic!("no {name}")).to_owned()
}

impl House {
    /// A call with a body and, where there is one, a bearer token.
    pub(crate) async fn call(
        &self,
        method: &str,
        path: &str,
        bearer: Option<&str>,
        body: &Value,
    ) -> Answer {
        let mut ask = Browser::of(&self.vestibule).ask(method, path);
        if let Some(token) = bearer {
            ask = ask.header("authorization", &format!("Bearer {token}"));
        }
        if body.is_null() { ask.send().await } else { ask.json(body).send().await }
    }

    pub(crate) async fn post(&self, path: &str, body: &Value) -> Answer {
        self.call("POST", path, None, body).await
    }

    pub(crate) async fn me(&self, bearer: &str) -> Answer {
        self.call("GET", "/auth/me", Some(bearer), &Value::Null).await
    }

    /// An account for the usual address.
    pub(crate) async fn register(&self) {
        let account = json!({"email": EMAIL, "password": PASSWORD, "name": "Alice"});
        self.post("/auth/register", &account).await.expect(201);
    }

    /// The tokens of a new session of the usual account.
    pub(crate) async fn log_in(&self) -> Value {
        let account = json!({"email": EMAIL, "password": PASSWORD});
        self.post("/auth/login", &account).await.expect(200).json()
    }

    pub(crate) async fn registered_and_signed_in(&self) -> Value {
        self.register().await;
        self.log_in().await
    }

    pub(crate) async fn refresh(&self, tokens: &Value) -> Answer {
        self.post("/auth/refresh", &json!({"refresh_token": tokens["refresh_token"]})).await
    }

    pub(crate) fn pass(&self, seconds: u64) {
        self.clock.advance(Duration::from_secs(seconds));
    }

    /// The mails of one kind so far, the oldest first, with their lines whole again.
    pub(crate) fn mails_now(&self, kind: &str) -> Vec<String> {
        let Ok(entries) = std::fs::read_dir(self.folder.path().join("mail")) else {
            return Vec::new();
        };
        let mut files: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
        files.sort();
        let is_kind = |file: &&PathBuf| {
            file.file_name().unwrap().to_str().unwrap().contains(&format!("-{kind}-"))
        };
        let read = |file: &PathBuf| {
            let raw = std::fs::read_to_string(file).unwrap();
            raw.replace("\r\n", "\n").replace("=\n", "").replace("=3D", "=")
        };
        files.iter().filter(is_kind).map(read).collect()
    }

    /// The mails of one kind, once there are so many. They are written in the background.
    pub(crate) async fn mails(&self, kind: &str, count: usize) -> Vec<String> {
        let mails = eventually(&format!("{count} mails of kind {kind}"), async || {
            Some(self.mails_now(kind)).filter(|mails| mails.len() >= count)
        })
        .await;
        assert_eq!(mails.len(), count, "more mails than expected");
        mails
    }

    /// The token in the link of the newest of so many mails.
    pub(crate) async fn token(&self, kind: &str, count: usize) -> String {
        let mails = self.mails(kind, count).await;
        let mail = mails.last().unwrap();
        let page = if kind == "reset" { "/reset-password" } else { "/verify-email" };
        let start = format!("{ORIGIN}{page}?token=");
        let (_, rest) = mail.split_once(&start).unwrap_or_else(|| panic!("no link: {mail}"));
        let end = rest.find(|c: char| c.is_whitespace() || c == '"').unwrap();
        assert!(end == 43, "a token of 256 bits: {mail}");
        rest[..end].to_owned()
    }

    /// Lets what is done in the background come to its end: the mail of a new account leaves after all that was
    /// asked for before.
    pub(crate) async fn settled(&self, email: &str) {
        let account = json!({"email": email, "password": PASSWORD});
        self.post("/auth/register", &account).await.expect(201);
        eventually("the mail of the new account", async || {
            let mails = self.mails_now("verify");
            mails.iter().any(|mail| mail.contains(&format!("To: {email}"))).then_some(())
        })
        .await;
    }
}
