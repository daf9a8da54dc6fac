//! What the documents say about presets is what their files say.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use vestibule::{Evidence, Preset, presets};

#[track_caller]
fn assert_holds(document: &str, part: &str) {
    let text = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(document)).unwrap();
    assert!(text.contains(part), "{document} should have:\n{part}");
}

fn row(preset: &Preset, name: &str, documented: &str) -> String {
    let evidence = match preset.evidence {
        Evidence::Tested(package) => format!("tested with {package}"),
        Evidence::Documented(url) => documented.replace("URL", url),
    };
    format!("| {name} | {} | {evidence} |\n", preset.backend)
}

const HEAD: &str = "| preset | backend | how it is known |\n|---|---|---|\n";

#[test]
fn the_readme_has_every_preset_and_how_it_is_known() {
    let mut table = HEAD.to_owned();
    for preset in presets() {
        table += &row(&preset, &format!("`{}`", preset.name), "from documentation");
    }
    table.push('\n');
    assert_holds("README.md", &table);
}

#[test]
fn the_reference_has_every_preset_with_its_notes() {
    let mut rest = HEAD.to_owned();
    for preset in presets() {
        let link = format!("[{0}](#{0})", preset.name);
        rest += &row(&preset, &link, "[from documentation](URL)");
    }
    for preset in presets() {
        let name = preset.name;
        let _ = write!(rest, "\n## {name}\n\n[Its file](../../src/config/presets/{name}.toml).");
        for note in preset.notes {
            let _ = write!(rest, " {note}");
        }
        rest.push('\n');
        if !preset.to_add.is_empty() {
            let _ = write!(rest, "\nLeft to you, in `[backend]`:");
            for line in preset.to_add {
                let _ = write!(rest, " `{line}`");
            }
            rest.push('\n');
        }
    }
    assert_holds("docs/reference/presets.md", &rest);
}
