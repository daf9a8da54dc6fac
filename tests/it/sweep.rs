//! Themes in a real browser, judged by programs that others wrote: axe, Lighthouse, and what Chromium itself says.

use std::path::Path;
use std::process::Command;

use crate::support::binary::Vestibule;

/// Themes of the program. One that is missing here is noticed by `every_theme_of_the_program_is_swept`.
const THEMES: [&str; 1] = ["daisy"];

const EMAIL: &str = "alice@example.com";
const PASSWORD: &str = "Corr3ct-horse-battery";

fn config(theme: &str) -> String {
    format!(
        "[backend]\nbuiltin = {{ database = \"users.db\" }}\n\
         [token]\nsecret = \"a-secret-of-more-than-thirty-two-bytes\"\n\
         [theme]\nname = \"{theme}\"\n[theme.options]\nbrand = \"Acme\"\n"
    )
}

/// Runs a script of `tests/sweep`; what it says.
async fn run(script: &str, arguments: &[&str]) -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/sweep");
    let mut command = Command::new(folder.join("run.sh"));
    command.arg(script).args(arguments);
    let output = tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap();
    let said = [output.stdout, output.stderr].concat();
    let said = String::from_utf8_lossy(&said).into_owned();
    assert!(output.status.success(), "{script} {arguments:?}: {}\n{said}", output.status);
    said
}

#[tokio::test]
#[ignore = "needs Chromium, and playwright-core from npm; run by tests/run"]
async fn people_sign_in_by_keyboard_with_and_without_scripts_on_a_light_page() {
    for theme in THEMES {
        let site = Vestibule::start(&config(theme)).await;
        let account =
            [("email", EMAIL), ("password", PASSWORD), ("password_confirm", PASSWORD)];
        site.visitor().fill_in("/register", &account).await;
        let said = run("login.mjs", &[&site.url(), EMAIL, PASSWORD]).await;
        assert!(said.contains("without scripts: signed in by keyboard"), "{said}");
        assert!(said.contains("the summary leads to the inputs"), "{said}");
        assert!(said.contains("login page: 2 requests"), "{said}");
    }
}

#[tokio::test]
#[ignore = "needs Chromium, and Lighthouse from npm; run by tests/run"]
async fn lighthouse_finds_nothing_on_the_login_page() {
    for theme in THEMES {
        let site = Vestibule::start(&config(theme)).await;
        let said = run("lighthouse.mjs", &[&format!("{}/login", site.url())]).await;
        assert!(said.contains("Accessibility: 100"), "{said}");
        assert!(said.contains("Best Practices: 100"), "{said}");
    }
}
