//! What is wrong with an edit that is served all the same.

use std::fs;
use std::process::Command;

use serde_json::{Value, json};

use super::stage::{Dev, STYLE, config, write};
use crate::support::process::Process;
use crate::support::{eventually, free_port};

/// The codes of what open pages are told, with the line of each.
fn notes(state: &Value) -> Vec<String> {
    let note = |it: &Value| {
        let place = it["place"].as_str().unwrap_or_default().to_owned();
        let line = place.split("theme.css:").nth(1).and_then(|rest| rest.split(':').next());
        format!("{} {}", it["code"].as_str().unwrap(), line.unwrap_or_default())
    };
    state["notes"].as_array().unwrap().iter().map(note).collect()
}

#[tokio::test]
async fn what_the_checker_finds_in_files_is_told_after_they_are_served() {
    let dev = Dev::start("", &[("acme/theme.css", STYLE)]).await;
    let mut events = dev.events().await;
    let first = events.next().await;
    assert_eq!((&first["notes"], dev.checked(1).await.len()), (&json!([]), 1));

    let sheet = ".a {\n  boder-width: 2px;\n  background: url(hils.svg);\n  color: red\n  margin: 0;\n  fill: var(--color-primry);\n}\n";
    dev.write("acme/theme.css", sheet);
    let served = events.next().await;
    assert_eq!((&served["notes"], served["edition"] != first["edition"]), (&json!([]), true));
    let noted = events.next().await;
    assert_eq!(noted["edition"], served["edition"]);
    assert_eq!(notes(&noted), ["C011 2", "F001 3", "C010 5", "C007 6"]);
    let unknown = &noted["notes"][0];
    assert_eq!(unknown["help"], "did you mean border-width?");
    assert!(unknown["frame"].as_str().unwrap().contains("2 |   boder-width"), "{unknown}");
    let told = dev.checked(2).await;
    assert!(told[1].contains("there is no semicolon before margin"), "{told:?}");

    // Whoever opens a page later is told as well, and a broken edit does not hide what was known.
    dev.write("acme/theme.css", &sheet.replace('}', ""));
    let broken = events.until(|state| state["findings"] != json!([])).await;
    assert_eq!(notes(&broken).len(), 4);
    assert_eq!(notes(&dev.events().await.next().await).len(), 4);
    dev.write("acme/theme.css", ".a { margin: 0; }\n");
    events.until(|state| state["notes"] == json!([])).await;
    dev.stop().await;
}

#[tokio::test]
async fn what_loading_warns_of_is_told_to_pages_too_and_hints_are_not() {
    let pale = "theme.options = { accent = \"#ffff00\" }\n";
    let dev = Dev::start(pale, &[("acme/theme.css", ".a { margin-left: 0; }\n")]).await;
    let told = dev.events().await.until(|state| state["notes"] != json!([])).await;
    let codes: Vec<_> = told["notes"].as_array().unwrap().iter().map(|it| &it["code"]).collect();
    assert!(!codes.is_empty() && codes.iter().all(|code| *code == "V1607"), "{told}");
    dev.stop().await;
}

#[tokio::test]
async fn the_terminal_repeats_nothing_that_was_told_before() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("auth.toml"), config(free_port(), "")).unwrap();
    write(folder.path(), "acme/theme.css", ".a { boder-width: 2px; }\n");
    let mut dev = Command::new(env!("CARGO_BIN_EXE_vestibule"));
    let dev = Process::start(dev.arg("dev").env_clear().current_dir(folder.path()));
    let told = async |wanted: &str, times: usize| {
        eventually(wanted, async || {
            let text = dev.said();
            (text.matches(&format!("no property {wanted}")).count() == times).then_some(text)
        })
        .await
    };
    let (boder, colour) = (".a { boder-width: 2px; }\n", ".b { colour: red; }\n");
    told("boder-width", 1).await;
    write(folder.path(), "acme/theme.css", &["\n", boder, colour].concat());
    told("colour", 1).await;
    // Mended and made again, it is new.
    write(folder.path(), "acme/theme.css", &[colour, ".c { widht: 1px; }\n"].concat());
    told("widht", 1).await;
    write(folder.path(), "acme/theme.css", &[boder, colour].concat());
    let text = told("boder-width", 2).await;
    assert_eq!(text.matches("there is no property colour").count(), 1, "{text}");
}
