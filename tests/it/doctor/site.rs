//! The way through `public_url`, the command line, and the list of troubles of the package it replaces.

use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::{Value, json};
use vestibule::{CheckStatus, Clock};

use super::{Patient, broken, says};
use crate::support::process::Process;
use crate::support::scripted::{EMAIL, PASSWORD, Reply, Scripted, TOKEN_SECRET};
use crate::support::{eventually, free_port, http_client};

/// A folder with an auth.toml, and a backend on the clock of the machine.
fn folder(backend: &Scripted, port: u16, scheme: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let toml = format!(
        "[server]\nlisten = \"127.0.0.1:{port}\"\npublic_url = \"{scheme}://127.0.0.1:{port}\"\n\
         [backend]\nurl = \"{}\"\n[token]\nsecret = \"{TOKEN_SECRET}\"\n",
        backend.url()
    );
    fs::write(folder.path().join("auth.toml"), toml).unwrap();
    folder
}

async fn serve(folder: &Path, port: u16) -> Process {
    let mut command = Command::new(env!("CARGO_BIN_EXE_vestibule"));
    command.arg("serve").current_dir(folder).env_clear();
    let process = Process::start(&mut command);
    let probe = format!("http://127.0.0.1:{port}/_vestibule/livez");
    eventually("vestibule alive", async || http_client().get(&probe).send().await.ok()).await;
    process
}

/// Runs `vestibule doctor` and gives it this on standard input.
fn doctor(folder: &Path, arguments: &[&str], input: &str) -> (i32, String, String) {
    let mut child = Command::new(env!("CARGO_BIN_EXE_vestibule"))
        .arg("doctor")
        .args(arguments)
        .current_dir(folder)
        .env_clear()
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
}

fn check<'a>(report: &'a Value, id: &str) -> &'a Value {
    report["checks"].as_array().unwrap().iter().find(|check| check["id"] == id).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_running_site_is_signed_in_to_and_out_of() {
    let (backend, port) = (Scripted::start(&Clock::system()), free_port());
    let folder = folder(&backend, port, "http");
    let mut site = serve(folder.path(), port).await;
    let input = format!("{PASSWORD}\nnot this\n");
    let arguments = ["--user", EMAIL, "--format", "json"];
    let (code, stdout, stderr) = doctor(folder.path(), &arguments, &input);
    assert_eq!(code, 0, "{stdout}{stderr}");
    assert!(!stdout.contains(PASSWORD) && !stderr.contains(PASSWORD));
    let report: Value = serde_json::from_str(&stdout).unwrap();
    assert_eq!((&report["version"], &report["ok"]), (&json!(1), &json!(true)));
    assert_eq!(check(&report, "cookie.site")["status"], "ok");
    assert_eq!(check(&report, "cookie.kept")["status"], "ok", "{report:#}");
    assert_eq!(backend.count("logout"), 2, "the session through public_url is ended too");
    site.stop();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cookie_for_https_that_comes_over_http_is_dropped() {
    let (backend, port) = (Scripted::start(&Clock::system()), free_port());
    let folder = folder(&backend, port, "https");
    let mut site = serve(folder.path(), port).await;
    let (code, stdout, _) = doctor(folder.path(), &["--user", EMAIL], &format!("{PASSWORD}\n"));
    assert_eq!(code, 1, "{stdout}");
    assert!(stdout.contains("the site answers in plain http there"), "{stdout}");
    assert!(stdout.contains("is Secure and comes over http"), "{stdout}");
    assert!(stdout.contains("browsers drop the session's cookie"), "{stdout}");
    site.stop();
}

#[test]
fn the_exit_code_says_how_it_went() {
    let backend = Scripted::start(&Clock::system());
    let folder = folder(&backend, free_port(), "http");
    assert_eq!(doctor(folder.path(), &[], "").0, 0, "worth knowing is not broken");
    backend.script("login", Reply::Json(404, json!({})));
    assert_eq!(doctor(folder.path(), &[], "").0, 1);
    assert_eq!(doctor(folder.path(), &["--input", "tenant"], "").0, 2);
    let toml = fs::read_to_string(folder.path().join("auth.toml")).unwrap();
    fs::write(folder.path().join("auth.toml"), toml.replace("[backend]", "[bakcend]")).unwrap();
    let (code, stdout, stderr) = doctor(folder.path(), &["--user", EMAIL], "");
    assert_eq!((code, stdout.as_str()), (78, ""));
    assert!(stderr.contains("bakcend"), "{stderr}");
}

#[test]
fn what_else_the_login_form_asks_for_is_asked_for_and_given() {
    let backend = Scripted::start(&Clock::system());
    let folder = folder(&backend, free_port(), "http");
    let toml = fs::read_to_string(folder.path().join("auth.toml")).unwrap();
    let body = "[backend.login]\nbody = { email = \"{{email}}\", password = \"{{password}}\", t = \"{{tenant}}\" }\n";
    fs::write(folder.path().join("auth.toml"), format!("{toml}{body}")).unwrap();
    let input = format!("{PASSWORD}\n");
    let (code, stdout, _) = doctor(folder.path(), &["--user", EMAIL], &input);
    assert_eq!(code, 1);
    assert!(
        stdout.contains("also asks for tenant") && stdout.contains("--input tenant="),
        "{stdout}"
    );
    let arguments = ["--user", EMAIL, "--input", "tenant=acme"];
    assert_eq!(doctor(folder.path(), &arguments, &input).0, 0);
    let sent = backend.calls("login");
    assert_eq!(sent.last().unwrap().json()["t"], "acme");
}

/// "Troubleshooting" of the package that this one replaces, point by point.
#[tokio::test]
async fn the_whole_troubleshooting_list_of_the_original_is_diagnosed() {
    // "Connection refused": API_BASE_URL does not match, the backend is not running.
    let mut patient = Patient::new();
    patient.backend.close();
    let diagnosis = patient.examine("").await;
    assert!(diagnosis.is_unreachable());
    broken(&diagnosis, "reachable", &["connection refused"]);
    // "Connection refused": the /auth endpoints are not mounted.
    let patient = Patient::with("login", Reply::Json(404, json!({"detail": "Not Found"})));
    broken(&patient.examine("").await, "login.call", &["not there (404)"]);
    // "Token refresh not working": JWT_SECRET does not match.
    let more = "[token]\nsecret = \"another-key-0123456789-0123456789-012345\"\n";
    broken(&Patient::new().examine(more).await, "token.signature", &["different secrets"]);
    // "Token refresh not working": /auth/refresh does not work.
    let patient = Patient::with("refresh", Reply::Json(500, json!({})));
    broken(&patient.examine("").await, "refresh.call", &["fails at POST /auth/refresh"]);
    // "Token refresh not working": the refresh token is not stored.
    let patient = Patient::new();
    patient.backend.issue_no_refresh_tokens();
    let diagnosis = patient.examine("").await;
    says(&diagnosis, "refresh.call", CheckStatus::Warning, &["no refresh_token"]);
    // "Infinite redirect loop": the login does not return access_token and refresh_token. That /login
    // itself is protected cannot be said here: it is public whatever the rules are.
    let patient = Patient::with("login", Reply::Json(200, json!({"token": "tok-in-the-clear-x"})));
    broken(&patient.examine("").await, "login.tokens", &["access_token = \"/token\""]);
}
