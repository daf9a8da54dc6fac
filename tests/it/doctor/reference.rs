//! The reference backend, which is a real `FastAPI` application with a description of its own.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::{Value, json};

use crate::support::http_client;
use crate::support::reference::Reference;

const EMAIL: &str = "alice@example.com";
const PASSWORD: &str = "Corr3ct-horse-battery";
const SECRET: &str = "jwt-secret-to-change";

/// `vestibule doctor --user alice@example.com --format json` in this folder.
fn doctor(folder: &Path) -> Value {
    fs::write(folder.join("password"), PASSWORD).unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_vestibule"))
        .args(["doctor", "--user", EMAIL, "--format", "json"])
        .current_dir(folder)
        .env_clear()
        .stdin(Stdio::from(fs::File::open(folder.join("password")).unwrap()))
        .output()
        .unwrap();
    let report = String::from_utf8(output.stdout).unwrap();
    assert!(!report.contains(PASSWORD) && !report.contains("eyJ"), "{report}");
    serde_json::from_str(&report).unwrap()
}

fn status<'a>(report: &'a Value, id: &str) -> (&'a str, &'a Value) {
    let checks = report["checks"].as_array().unwrap();
    let check = checks.iter().find(|check| check["id"] == id).unwrap();
    (check["status"].as_str().unwrap(), check)
}

#[ignore = "needs the reference backend (Python); run by tests/run"]
#[tokio::test(flavor = "multi_thread")]
async fn a_real_backend_is_fine_by_default_and_its_paths_are_found_when_they_are_wrong() {
    let backend = Reference::start(&[]).await;
    let account = json!({"email": EMAIL, "password": PASSWORD}).to_string();
    let request = http_client().post(format!("{}/auth/register", backend.url()));
    let answer = request.header("content-type", "application/json").body(account).send();
    assert_eq!(answer.await.unwrap().status(), 201);
    let folder = tempfile::tempdir().unwrap();
    let toml = format!(
        "[server]\npublic_url = \"http://localhost:9\"\n[backend]\nurl = \"{}\"\n[token]\nsecret = \"{SECRET}\"\n",
        backend.url()
    );
    fs::write(folder.path().join("auth.toml"), &toml).unwrap();
    let report = doctor(folder.path());
    assert_eq!(report["ok"], true, "{report:#}");
    for id in
        ["clock", "register.call", "token.signature", "me.user", "refresh.call", "logout.effect"]
    {
        assert_eq!(status(&report, id).0, "ok", "{report:#}");
    }
    assert_eq!(backend.stats().await.refresh("duplicate_presentations"), 0);

    let wrong = toml.replace("[token]", "login = { send = \"POST /login\" }\n[token]");
    fs::write(folder.path().join("auth.toml"), wrong).unwrap();
    let report = doctor(folder.path());
    let (verdict, check) = status(&report, "login.call");
    assert_eq!(verdict, "error", "{report:#}");
    let lines = check["fix"]["auth_toml"].as_str().unwrap();
    assert!(lines.contains("send = \"POST /auth/login\""), "{lines}");
}
