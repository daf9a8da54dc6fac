//! Themes in a real browser, judged by programs that others wrote: axe, Lighthouse, and what Chromium itself says.

use std::path::Path;
use std::process::Command;

use crate::support::binary::Vestibule;

/// The themes of the program.
const THEMES: [&str; 3] = ["daisy", "plain", "high-contrast"];

/// The layouts of daisy beside the one that it has by itself.
const LAYOUTS: [&str; 3] = ["split", "hero", "minimal"];

/// Of how many pages one is looked at; 1 in `tests/run --full`.
fn step() -> usize {
    std::env::var_os("VESTIBULE_SWEEP_STEP")
        .and_then(|step| step.to_str()?.parse().ok())
        .unwrap_or(11)
}

/// The same of another layout, which is the same pages in another frame.
fn step_of_a_layout() -> usize {
    if step() == 1 { 4 } else { 37 }
}

const EMAIL: &str = "alice@example.com";
const PASSWORD: &str = "Corr3ct-horse-battery";

fn config(theme: &str) -> String {
    format!(
        "[backend]\nbuiltin = {{ database = \"users.db\" }}\n\
         [token]\nsecret = \"a-secret-of-more-than-thirty-two-bytes\"\n\
         [theme]\nname = \"{theme}\"\n[theme.options]\nbrand = \"Acme\"\n\
         [i18n]\nlocales = [\"en\", \"ar\"]\n"
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
        let account = [("email", EMAIL), ("password", PASSWORD), ("password_confirm", PASSWORD)];
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

#[tokio::test]
#[ignore = "needs Chromium, axe and playwright-core from npm; run by tests/run"]
async fn pages_of_the_gallery_have_no_fault_in_either_mode_and_direction() {
    for theme in THEMES {
        let site = Vestibule::start_dev(&config(theme)).await;
        let said = run("sweep.mjs", &[&site.url(), theme, &step().to_string()]).await;
        println!("{said}");
        assert!(said.contains(" 0 faults"), "{said}");
    }
}

#[tokio::test]
#[ignore = "needs Chromium, axe and playwright-core from npm; run by tests/run"]
async fn neither_have_the_other_layouts() {
    for layout in LAYOUTS {
        let toml = config("daisy")
            .replace("[theme.options]\n", &format!("[theme.options]\nlayout = \"{layout}\"\n"));
        let site = Vestibule::start_dev(&toml).await;
        let said = run("sweep.mjs", &[&site.url(), layout, &step_of_a_layout().to_string()]).await;
        println!("{said}");
        assert!(said.contains(" 0 faults"), "{said}");
    }
}

#[test]
fn every_theme_of_the_program_is_swept() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("themes");
    let mut found: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    let mut swept = THEMES.map(str::to_owned).to_vec();
    found.sort();
    swept.sort();
    assert_eq!(found, swept);
}
