//! Programs of others that read the document: a linter, generated clients, and one that tries everything.

use std::path::Path;
use std::process::Command;

use tempfile::TempDir;

use crate::support::binary::Vestibule;

const CONFIG: &str = include_str!("../clients/auth.toml");

/// The document as the site gives it to everybody.
async fn document_of(site: &Vestibule, folder: &TempDir) -> String {
    let answer = site.visitor().open("/_vestibule/openapi.json").await;
    let file = folder.path().join("openapi.json");
    std::fs::write(&file, &answer.expect(200).body).unwrap();
    file.to_str().unwrap().to_owned()
}

/// Runs a script of `tests/clients`; what it says if it fails.
async fn run(script: &str, arguments: &[&str]) -> String {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/clients").join(script);
    let mut command = Command::new(&script);
    command.args(arguments);
    let output = tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap();
    let said = [output.stdout, output.stderr].concat();
    let said = String::from_utf8_lossy(&said).into_owned();
    assert!(output.status.success(), "{}: {}\n{said}", script.display(), output.status);
    said
}

#[tokio::test]
#[ignore = "needs Spectral from npm; run by tests/run"]
async fn a_linter_finds_nothing_in_the_document_in_either_format() {
    let (site, folder) = (Vestibule::start(CONFIG).await, tempfile::tempdir().unwrap());
    let document = document_of(&site, &folder).await;
    run("typescript/run.sh", &["lint", &document]).await;
    let yaml = site.visitor().open("/_vestibule/openapi.yaml").await;
    std::fs::write(&document, &yaml.expect(200).body).unwrap();
    run("typescript/run.sh", &["lint", &document]).await;
}

#[tokio::test]
#[ignore = "needs a generator and a compiler from npm; run by tests/run"]
async fn a_generated_typescript_client_registers_signs_in_and_sends_forms() {
    let (site, folder) = (Vestibule::start(CONFIG).await, tempfile::tempdir().unwrap());
    let document = document_of(&site, &folder).await;
    let said = run("typescript/run.sh", &["walk", &document, &site.url()]).await;
    assert!(said.contains("walked"), "{said}");
}

#[tokio::test]
#[ignore = "needs a generator from PyPI; run by tests/run"]
async fn a_generated_python_client_registers_signs_in_and_sends_forms() {
    let (site, folder) = (Vestibule::start(CONFIG).await, tempfile::tempdir().unwrap());
    let document = document_of(&site, &folder).await;
    let said = run("python/run.sh", &["walk", &document, &site.url()]).await;
    assert!(said.contains("walked"), "{said}");
}

#[tokio::test]
#[ignore = "needs schemathesis from PyPI; run by tests/run"]
async fn whatever_is_sent_the_answers_are_those_of_the_document() {
    let (site, folder) = (Vestibule::start(CONFIG).await, tempfile::tempdir().unwrap());
    let document = document_of(&site, &folder).await;
    run("python/run.sh", &["try", &document, &site.url()]).await;
    // Once more as somebody who is signed in, where that makes a difference.
    let somebody = site.visitor();
    let account = [
        ("email", "schema@example.com"),
        ("password", "Corr3ct-horse-battery"),
        ("password_confirm", "Corr3ct-horse-battery"),
    ];
    somebody.fill_in("/register", &account).await;
    let cookies = somebody.cookies();
    let cookies: Vec<String> =
        cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
    let said = run(
        "python/run.sh",
        &[
            "try",
            &document,
            &site.url(),
            &cookies.join("; "),
            "--include-tag",
            "forms",
            "--include-tag",
            "pages",
        ],
    )
    .await;
    assert!(!said.contains("401 Unauthorized"), "{said}");
}
