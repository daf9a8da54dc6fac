//! What options may be, who sets them, and what becomes of them.

use serde_json::json;

use super::*;
use crate::config::plan::{ThemeOption, ThemePlan};
use crate::theme::Theme;
use crate::theme::layers::tests::{extending, sample, themes};
use crate::theme::tests::site;

/// A theme `acme` of these files with these options of the site.
fn with(files: &[(&str, &str)], options: &Value) -> Result<Theme, Vec<Finding>> {
    let root = themes(files);
    let option = |(name, value): (&String, &Value)| {
        let place = Place::named(format!("theme.options.{name}"));
        (name.clone(), ThemeOption { value: value.clone(), place })
    };
    let options = options.as_object().unwrap().iter().map(option).collect();
    let name = if files.is_empty() { "daisy" } else { "acme" };
    Theme::open(&ThemePlan { name: name.into(), path: root.path().into(), options }, site())
}

#[track_caller]
fn fine(files: &[(&str, &str)], options: &Value) -> Theme {
    with(files, options).unwrap_or_else(|findings| panic!("{findings:#?}"))
}

/// The style sheet as it is served.
fn sheet(theme: &Theme) -> String {
    let address = theme.look.assets.addresses()["theme.css"].clone();
    let asset = theme.asset(address.rsplit('/').next().unwrap()).unwrap();
    String::from_utf8(asset.bytes().to_vec()).unwrap()
}

#[test]
fn every_type_says_what_it_wants() {
    for (name, wrong, expected) in [
        ("brand", json!(7), "must be a text"),
        ("privacy", json!("javascript:alert(1)"), "must be an address"),
        ("privacy", json!("//evil.example/x"), "must be an address"),
        ("privacy", json!("data:text/html,x"), "must be an address"),
        ("accent", json!("red"), "must be a colour"),
        ("accent", json!("#fff;}body{display:none"), "must be a colour"),
        ("accent", json!({ "light": "#fff" }), "must be a colour"),
        ("layout", json!("spilt"), "must be one of centered, split"),
        ("radius", json!(3), "must be a number from 0 to 2"),
        ("radius", json!("1"), "must be a number"),
        ("logo", json!("../../etc/passwd"), "must be the name of a picture"),
        ("logo", json!("logo.svg"), "there is no asset \"logo.svg\""),
        ("logo", json!("theme.css"), "must end in .svg"),
        (
            "font",
            json!("fancy"),
            "must be sans, serif, mono, or a file in assets/ that ends in .woff2",
        ),
    ] {
        let findings = with(&[], &json!({ name: wrong })).err().unwrap();
        let [finding] = findings.as_slice() else { panic!("{findings:#?}") };
        assert!(finding.message.contains(expected), "{name}: {}", finding.message);
        assert_eq!(finding.place.as_ref().unwrap().file, format!("theme.options.{name}"));
    }
}

#[test]
fn a_value_that_does_not_fit_is_answered_with_what_was_meant() {
    for (name, wrong, help) in [
        (
            "radius",
            json!("0.9rem"),
            "write radius = 0.9, without quotes and without a unit; it is counted in rem",
        ),
        (
            "radius",
            json!("0,5"),
            "write radius = 0.5, without quotes and without a unit; it is counted in rem",
        ),
        (
            "radius",
            json!("round"),
            "write a number, without quotes and without a unit; it is counted in rem",
        ),
        ("radius", json!(16), "the number is counted in rem"),
        ("layout", json!("Centred"), "did you mean \"centered\"?"),
        ("kit", json!("true"), "write kit = true, without quotes"),
        ("font", json!("sans-serif"), "did you mean \"sans\"?"),
    ] {
        let findings = with(&[], &json!({ name: wrong })).err().unwrap();
        assert_eq!(findings[0].help.as_deref(), Some(help), "{name} = {wrong}");
    }
}

#[test]
fn a_colour_becomes_a_variable_in_both_modes_and_its_text_follows() {
    let plain = sheet(&fine(&[], &json!({})));
    assert!(!plain.contains(":root:root{"), "nothing is added where nothing is set");
    let theme =
        fine(&[], &json!({ "accent": { "light": "#004488", "dark": "#ffee00" }, "radius": 1 }));
    let sheet = sheet(&theme);
    let added = sheet.strip_prefix(&plain).unwrap();
    let (light, dark) = added.split_once("@media (prefers-color-scheme:dark)").unwrap();
    for (part, expected) in [
        (light, "--color-primary:#004488;"),
        (light, "--color-primary-content:#ffffff;"),
        (light, "--radius-field:1rem;"),
        (dark, ":root:not([data-theme]){"),
        (dark, ":root[data-theme$=\"dark\"]{"),
        (dark, "--color-primary:#ffee00;"),
        (dark, "--color-primary-content:#000000;"),
    ] {
        assert!(part.contains(expected), "{expected}: {added}");
    }
    assert!(!dark.contains("--radius-field"), "what is the same is said once: {dark}");
    assert!(theme.warnings().is_empty(), "{:#?}", theme.warnings());
}

#[test]
fn the_text_on_an_accent_follows_it_in_a_theme_that_declares_both_anew_as_well() {
    let manifest = "name = \"acme\"\nversion = \"1.0.0\"\ncontract = 1\n\
                    [options.accent]\ntype = \"color\"\ndefault = \"#222222\"\ncss_vars = [\"--a\"]\n\
                    [options.accent_text]\ntype = \"color\"\ndefault = \"#eeeeee\"\n\
                    css_vars = [\"--b\"]\nreadable_on = \"accent\"\n";
    let files = [("acme/theme.toml", manifest)];
    let declared = sheet(&fine(&files, &json!({})));
    assert!(declared.contains("--a:#222222;--b:#eeeeee;"), "they were chosen for each other");
    let said = sheet(&fine(&files, &json!({ "accent": "#ffee00" })));
    assert!(said.contains("--a:#ffee00;--b:#000000;"), "{said}");
    let both = json!({ "accent": "#ffee00", "accent_text": "#333333" });
    assert!(sheet(&fine(&files, &both)).contains("--a:#ffee00;--b:#333333;"));
}

#[test]
fn a_pair_that_is_hard_to_read_is_named_with_its_mode_and_contrast() {
    let theme = fine(&[], &json!({ "accent": { "light": "#ffee00", "dark": "#ffee00" } }));
    let warning = &theme.warnings()[0];
    assert_eq!(warning.code, Code::ThemeContrast);
    assert_eq!(
        warning.message,
        "links on the card are hard to read in light mode: \"accent\" #ffee00 on \"surface\" #ffffff has a \
         contrast of 1.20:1, and 4.5:1 is needed"
    );
    assert_eq!(warning.place.as_ref().unwrap().file, "theme.options.accent");
    assert!(!theme.warnings().iter().any(|it| it.message.contains("dark mode")));
    assert!(fine(&[], &json!({})).warnings().is_empty());
}

#[test]
fn the_colours_of_daisy_are_those_of_its_style_sheet() {
    let theme = fine(&[], &json!({}));
    let sheet = sheet(&theme);
    let root = themes(&[]);
    let files = ThemeFiles::collect(root.path(), "daisy").unwrap();
    let options = settle(&files, &BTreeMap::new()).unwrap();
    let mut seen = 0;
    for option in options.values() {
        let Some(colours) = Colours::parse(&option.value) else { continue };
        for (_, colour) in colours.modes() {
            let hex = colour.to_string();
            // Minifiers write #ffffff as #fff.
            let short: String = hex
                .char_indices()
                .filter(|(at, _)| at % 2 == 1 || *at == 0)
                .map(|(_, c)| c)
                .collect();
            for variable in option.spec.css_vars.iter().filter(|it| it.starts_with("--color")) {
                seen += 1;
                let is_there =
                    [&hex, &short].iter().any(|hex| sheet.contains(&format!("{variable}:{hex}")));
                assert!(is_there, "{variable}: {hex}");
            }
        }
    }
    assert!(seen >= 10, "{seen}");
}

#[test]
fn a_theme_sets_what_those_beneath_it_take_and_the_site_has_the_last_word() {
    let manifest = format!(
        "{}\n[defaults]\nbrand = \"House\"\nradius = 0\ntagline = \"of cards\"\n\n[options.claim]\ntype = \"color\"\n\
         default = \"#123456\"\ncss_vars = [\"--claim\"]\n",
        extending("acme", "daisy")
    );
    let files =
        [("acme/theme.toml", manifest.as_str()), ("acme/theme.css", ".x{color:var(--claim)}")];
    let theme = fine(&files, &json!({ "brand": "Mine", "claim": "#654321" }));
    let page = theme.render(&sample(&theme, "login", "idle")).unwrap();
    assert!(page.contains("· Mine</title>") && page.contains("of cards"), "{page}");
    let sheet = sheet(&theme);
    let at = |text: &str| sheet.find(text).unwrap_or_else(|| panic!("{text}"));
    assert!(
        at("--claim:#654321") < at(".x{color:var(--claim)}"),
        "the theme's own rules come last"
    );
    assert!(sheet.contains("--radius-field:0rem"));
    let wrong = format!("{}[defaults]\nbrnad = \"x\"\n", extending("acme", "daisy"));
    let findings = with(&[("acme/theme.toml", &wrong)], &json!({})).err().unwrap();
    assert!(
        findings[0].place.as_ref().unwrap().to_string().ends_with("acme/theme.toml:6:9"),
        "{findings:#?}"
    );
    assert_eq!(findings[0].help.as_deref(), Some("did you mean \"brand\"?"));
}

#[test]
fn an_option_that_is_badly_declared_is_a_finding_at_its_place() {
    for (declared, expected) in [
        ("type = \"color\"\ndefault = \"blue\"", "its default must be a colour"),
        ("type = \"range\"\ndefault = 1", "needs `min` and `max`"),
        ("type = \"select\"\ndefault = \"a\"", "needs `values`"),
        ("type = \"text\"\ndefault = \"\"\ncss_vars = [\"--a\"]", "gets no css_vars"),
        (
            "type = \"color\"\ndefault = \"#fff\"\ncss_vars = [\"--a:red;}x{\"]",
            "no name of a variable",
        ),
        (
            "type = \"select\"\nvalues = [\"a;}\"]\ndefault = \"a;}\"\ncss_vars = [\"--a\"]",
            "plain words",
        ),
        ("type = \"range\"\nmin = 0\nmax = 1\ndefault = 0\nunit = \"px;}\"", "no unit"),
        ("type = \"colour\"\ndefault = \"#fff\"", "unknown variant"),
        ("type = \"bool\"\ndefault = true\nlabal = \"x\"", "unknown field"),
    ] {
        let manifest = format!("{}\n[options.x]\n{declared}\n", extending("acme", "daisy"));
        let findings = with(&[("acme/theme.toml", &manifest)], &json!({})).err().unwrap();
        assert_eq!(findings.len(), 1, "{findings:#?}");
        assert!(findings[0].message.contains(expected), "{declared}: {}", findings[0].message);
        assert!(findings[0].place.as_ref().unwrap().line >= 6, "{:?}", findings[0].place);
    }
}

#[test]
fn a_style_sheet_and_a_logo_are_a_theme() {
    let svg = "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 120 32\"/>";
    let theme = fine(
        &[
            ("acme/theme.css", "body{background:url(assets/logo.svg)}"),
            ("acme/assets/logo.svg", svg),
            ("acme/assets/logo-dark.svg", &svg.replace("120", "121")),
            ("acme/assets/favicon.svg", svg),
        ],
        &json!({ "privacy": "/privacy", "support": "mailto:help@acme.example" }),
    );
    let page = theme.render(&sample(&theme, "login", "idle")).unwrap();
    let addresses = theme.look.assets.addresses();
    assert!(
        page.contains(&format!(
            "<img src=\"{}\" alt=\"Acme\" width=\"120\" height=\"32\">",
            addresses["logo.svg"]
        )),
        "{page}"
    );
    assert!(
        page.contains(&format!("<source srcset=\"{}\" media=", addresses["logo-dark.svg"])),
        "{page}"
    );
    assert!(
        page.contains(&format!("<link rel=\"icon\" href=\"{}\">", addresses["favicon.svg"])),
        "{page}"
    );
    assert!(
        page.contains("href=\"/privacy\">Privacy</a>")
            && page.contains("href=\"mailto:help@acme.example\">Support</a>")
    );
    let hashed = addresses["logo.svg"].rsplit('/').next().unwrap();
    assert!(sheet(&theme).ends_with(&format!("body{{background:url({hashed})}}")));
    assert_eq!(page.matches("<link rel=\"stylesheet\"").count(), 1, "not a request more");
}

#[test]
fn mode_layout_and_font_reach_the_page() {
    let woff = [("acme/assets/acme.woff2", "wOF2")];
    let theme = fine(&woff, &json!({ "mode": "dark", "layout": "split", "font": "acme.woff2" }));
    let page = theme.render(&sample(&theme, "login", "idle")).unwrap();
    assert!(
        page.contains(" data-theme=\"vestibule-dark\">") && page.contains("content=\"dark\""),
        "{page}"
    );
    assert!(page.contains(" data-layout=\"split\""), "{page}");
    let sheet = sheet(&theme);
    assert!(
        sheet.contains("@font-face{font-family:\"theme acme\";src:url(acme."),
        "{}",
        &sheet[sheet.len() - 400..]
    );
    assert!(sheet.contains("--font-sans:\"theme acme\", system-ui, sans-serif;"));
}
