//! `vestibule doctor`: each thing is broken, and the report names it with its cure.

mod contract;
mod reach;
mod reference;
mod session;
mod site;

use std::collections::BTreeMap;
use std::fs;

use regex::Regex;
use tempfile::TempDir;
use vestibule::{Check, CheckStatus, Clock, Diagnosis, DoctorOptions, Secret, Vestibule};

use crate::support::scripted::{EMAIL, PASSWORD, Reply, Scripted, TOKEN_MARK, TOKEN_SECRET};
use crate::support::site::{NOW, config};

/// A backend, and a configuration of it, for a doctor.
struct Patient {
    backend: Scripted,
    clock: Clock,
    folder: TempDir,
}

impl Patient {
    fn new() -> Self {
        let clock = Clock::manual(NOW);
        let backend = Scripted::start(&clock);
        Self { backend, clock, folder: tempfile::tempdir().unwrap() }
    }

    /// A backend one of whose endpoints answers so.
    fn with(endpoint: &str, reply: Reply) -> Self {
        let patient = Self::new();
        patient.backend.script(endpoint, reply);
        patient
    }

    /// Examined with Alice's account; `more` is what else is in auth.toml.
    async fn examine(&self, more: &str) -> Diagnosis {
        self.examine_as(more, Some((EMAIL.to_owned(), Secret::new(PASSWORD)))).await
    }

    async fn examine_as(&self, more: &str, account: Option<(String, Secret)>) -> Diagnosis {
        // Nobody listens on the discard port, so that no site of another test is met.
        let more = format!("[server]\npublic_url = \"http://localhost:9\"\n{more}");
        let options = DoctorOptions { account, inputs: BTreeMap::new() };
        let builder = Vestibule::builder()
            .toml(config(&self.backend, &more), self.folder.path())
            .clock(self.clock.clone());
        let diagnosis = builder.doctor(options).await.unwrap_or_else(|error| panic!("{error}"));
        keeps_quiet(&diagnosis, &self.backend);
        diagnosis
    }
}

/// What every report must hold: each check once and in order, a cure in TOML, and nothing secret.
#[track_caller]
fn keeps_quiet(diagnosis: &Diagnosis, backend: &Scripted) {
    let ids: Vec<&str> = diagnosis.checks.iter().map(|check| check.id).collect();
    assert_eq!(ids, Check::IDS);
    for lines in diagnosis.checks.iter().filter_map(|check| check.fix.as_ref()?.auth_toml.as_ref())
    {
        let read = toml::from_str::<toml::Table>(lines);
        assert!(read.is_ok(), "{lines}: {read:?}");
    }
    let mut secrets = backend.issued();
    secrets.extend([PASSWORD, TOKEN_SECRET, TOKEN_MARK, "eyJhbGci", "eyJ0eXAi"].map(str::to_owned));
    for report in [diagnosis.human(false), diagnosis.human(true), diagnosis.json()] {
        for secret in &secrets {
            assert!(!report.contains(secret.as_str()), "{secret} is in the report:\n{report}");
        }
    }
}

/// Stops the test unless this check went so, and its words and cure have all of these.
#[track_caller]
fn says(diagnosis: &Diagnosis, id: &str, status: CheckStatus, words: &[&str]) {
    let check = diagnosis.check(id).unwrap();
    let fix = check.fix.clone().unwrap_or_default();
    let cure = [fix.auth_toml, fix.backend].map(Option::unwrap_or_default).join("\n");
    let all = format!("{}\n{}\n{cure}", check.title, check.detail);
    assert_eq!(check.status, status, "{all}\n{}", diagnosis.human(false));
    for word in words {
        assert!(all.contains(word), "{word} is missing: {all}");
    }
}

#[track_caller]
fn broken(diagnosis: &Diagnosis, id: &str, words: &[&str]) {
    says(diagnosis, id, CheckStatus::Error, words);
    assert!(!diagnosis.is_ok());
}

/// The report for eyes, with what differs from run to run replaced.
fn report(diagnosis: &Diagnosis) -> String {
    let port = Regex::new(r"127\.0\.0\.1:\d+").unwrap();
    port.replace_all(&diagnosis.human(false), "127.0.0.1:PORT").into_owned()
}

#[tokio::test]
async fn a_pair_that_fits_is_fine_from_the_door_to_the_sign_out() {
    let patient = Patient::new();
    let diagnosis = patient.examine("").await;
    assert!(diagnosis.is_ok());
    insta::assert_snapshot!(report(&diagnosis));
    assert_eq!(patient.backend.count("register"), 2, "asked for with OPTIONS and GET alone");
    for call in patient.backend.calls("register") {
        assert!(!call.line.starts_with("POST"), "{}", call.line);
    }
    assert_eq!(patient.backend.reuses(), 0, "no spent refresh token is ever sent");
}

#[tokio::test]
async fn without_an_account_a_made_up_one_is_refused_once() {
    let patient = Patient::new();
    let diagnosis = patient.examine_as("", None).await;
    assert!(diagnosis.is_ok());
    insta::assert_snapshot!(report(&diagnosis));
    let calls = patient.backend.calls("login");
    let posts: Vec<_> = calls.iter().filter(|call| call.line.starts_with("POST")).collect();
    assert_eq!(posts.len(), 1);
    let email = posts[0].json()["email"].as_str().unwrap().to_owned();
    assert!(email.starts_with("doctor-") && email.ends_with("@vestibule.invalid"), "{email}");
}

#[tokio::test]
async fn the_built_in_backend_is_examined_in_this_process() {
    let folder = tempfile::tempdir().unwrap();
    let toml = format!(
        "[server]\nlisten = \"127.0.0.1:0\"\npublic_url = \"http://localhost:9\"\n\
         [backend]\nbuiltin = {{ database = \"users.db\" }}\n[token]\nsecret = \"{TOKEN_SECRET}\"\n"
    );
    let site = Vestibule::from_toml(&toml, folder.path()).unwrap();
    let request = poem::Request::builder()
        .method(http::Method::POST)
        .uri("/auth/register".parse().unwrap())
        .header("content-type", "application/json")
        .body(format!("{{\"email\": \"{EMAIL}\", \"password\": \"{PASSWORD}\"}}"));
    assert_eq!(site.answer(request).await.status(), 201);
    let account = Some((EMAIL.to_owned(), Secret::new(PASSWORD)));
    let builder = Vestibule::builder().toml(&toml, folder.path());
    let options = DoctorOptions { account, inputs: BTreeMap::new() };
    let diagnosis = builder.doctor(options).await.unwrap();
    assert!(diagnosis.is_ok(), "{}", diagnosis.human(false));
    says(&diagnosis, "refresh.call", CheckStatus::Ok, &["new refresh token"]);
    says(&diagnosis, "logout.effect", CheckStatus::Ok, &["ends the refresh token"]);
}

#[test]
fn every_check_is_in_the_manual_and_the_other_way_round() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/reference/doctor.md");
    let manual = fs::read_to_string(path).unwrap();
    let row = Regex::new(r"(?m)^\| `([a-z]+(?:\.[a-z]+)?)` \|").unwrap();
    let named: Vec<String> = row.captures_iter(&manual).map(|found| found[1].to_owned()).collect();
    assert_eq!(named, Check::IDS);
}
