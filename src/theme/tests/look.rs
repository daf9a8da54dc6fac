//! The style sheet: light enough, and readable in both themes.

use std::collections::{BTreeMap, BTreeSet};

use regex::Regex;

use super::*;

const SOURCE: &str = include_str!("../../../themes/daisy/build/in.css");

/// The published weight of the login page without its markup, in bytes as sent.
const BUDGET: usize = 26_000;

fn asset<'a>(theme: &'a Theme, name: &str) -> &'a Asset {
    let address = &theme.look.assets.addresses()[name];
    theme.asset(address.rsplit('/').next().unwrap()).unwrap()
}

#[test]
fn the_login_page_stays_within_its_budget() {
    for theme in shipped() {
        let html = theme.render(&sample(theme, "login", "idle")).unwrap();
        let addresses = theme.look.assets.addresses();
        let requested = addresses.into_iter().filter(|(_, url)| html.contains(url));
        let mut weight = 0;
        let mut requests = 1;
        for (name, _) in requested {
            weight += asset(theme, &name).gzip().unwrap().len();
            requests += 1;
        }
        assert!(requests <= 3 && weight <= BUDGET, "{requests} requests, {weight} bytes");
        // Even a theme that puts htmx on every page stays within it.
        let all: usize = ["theme.css", "htmx-4.0.1.min.js"]
            .map(|name| asset(theme, name).gzip().unwrap().len())
            .iter()
            .sum();
        assert!(all <= BUDGET, "{all} bytes");
    }
}

#[test]
fn assets_are_named_by_their_content_and_packed_only_where_it_helps() {
    let theme = daisy();
    let css = asset(&theme, "theme.css");
    assert_eq!(css.content_type, "text/css; charset=utf-8");
    assert!(css.etag.starts_with('"') && css.etag.len() == 34);
    let packed = css.gzip().unwrap();
    assert_eq!(packed[..2], [0x1f, 0x8b]);
    assert!(packed.len() * 3 < css.bytes().len());
    assert!(theme.asset("theme.css").is_none(), "only the hashed name is served");
    assert!(theme.asset("../theme.toml").is_none());
}

#[test]
fn a_style_sheet_may_name_its_neighbours() {
    let root = folder(&[
        ("assets/logo.svg", "<svg xmlns=\"http://www.w3.org/2000/svg\"/>"),
        ("assets/theme.css", "a{b:url(logo.svg) url( './logo.svg' ) url(data:,x) url(#id)}"),
    ]);
    let theme = load(root.path(), "acme").map_err(|findings| format!("{findings:#?}")).unwrap();
    let address = theme.look.assets.addresses()["logo.svg"].clone();
    let logo = address.rsplit('/').next().unwrap();
    let css = asset(&theme, "theme.css").bytes();
    assert_eq!(css, format!("a{{b:url({logo}) url({logo}) url(data:,x) url(#id)}}"));
}

#[test]
fn the_style_sheets_ask_nobody_for_anything() {
    let named = Regex::new(r#"url\(["']?([^)]*)"#).unwrap();
    for theme in shipped() {
        for sheet in ["theme.css", "kit.css"] {
            let css = asset(theme, sheet).bytes();
            let css = std::str::from_utf8(&css).unwrap();
            assert!(!css.contains("@import"));
            for address in named.captures_iter(css) {
                assert!(address[1].starts_with("data:"), "{sheet}: {}", &address[1]);
            }
        }
    }
}

#[test]
fn the_kit_is_an_option_that_the_login_page_does_not_pay_for() {
    let theme = daisy();
    let html = theme.render(&sample(&theme, "login", "idle")).unwrap();
    assert!(!html.contains("kit."), "{html}");
    let options = BTreeMap::from([("kit".to_owned(), json!(true))]);
    let theme =
        Theme::load(Path::new("/nowhere"), "daisy", &options, site()).map_err(drop).unwrap();
    let html = theme.render(&sample(&theme, "login", "idle")).unwrap();
    let linked = |name: &str| {
        html.find(&format!(
            "<link rel=\"stylesheet\" href=\"{}\">",
            theme.look.assets.addresses()[name]
        ))
    };
    assert!(linked("theme.css").unwrap() < linked("kit.css").unwrap(), "{html}");
    let kit = asset(&theme, "kit.css").bytes();
    let kit = std::str::from_utf8(&kit).unwrap();
    for class in [
        "card",
        "card-body",
        "badge",
        "badge-outline",
        "alert",
        "alert-soft",
        "join",
        "navbar",
        "menu",
        "steps",
        "table",
        "tabs",
        "hero",
        "modal",
        "dropdown",
        "stat-value",
        "btn-ghost",
        "grid-cols-2",
        "gap-4",
        "mx-auto",
        "text-4xl",
        "font-bold",
        "bg-base-200",
        "text-primary",
        "rounded-box",
        "max-w-md",
        "md\\:grid-cols-3",
    ] {
        assert!(
            Regex::new(&format!(r"\.{}[^a-z0-9-]", regex::escape(class))).unwrap().is_match(kit),
            ".{class}"
        );
    }
    assert!(
        kit.starts_with("/*! tailwindcss v4") && kit[..300].contains("daisyUI 5.8.1 | MIT License")
    );
}

/// Layers in the style sheet are a promise: what a theme adds is in none of them, and wins.
#[test]
fn the_rules_of_the_style_sheets_are_in_layers_so_that_what_a_theme_adds_wins() {
    let theme = daisy();
    for sheet in ["theme.css", "kit.css"] {
        let css = asset(&theme, sheet).bytes();
        let css = std::str::from_utf8(&css).unwrap();
        let (mut depth, mut start, mut outside) = (0, 0, Vec::new());
        for (at, c) in css.char_indices() {
            match c {
                '{' => {
                    if depth == 0 {
                        outside.push(css[start..at].rsplit([';', '/']).next().unwrap().trim());
                    }
                    depth += 1;
                }
                '}' => {
                    depth -= 1;
                    start = at + 1;
                }
                _ => {}
            }
        }
        assert!(outside.len() > 3, "{outside:?}");
        for rule in outside {
            let allowed =
                ["@layer", "@property", "@keyframes"].iter().any(|it| rule.starts_with(it));
            assert!(allowed, "{sheet}: {rule} is in no layer");
        }
    }
}

#[test]
fn every_class_of_the_templates_has_a_rule_in_the_style_sheet() {
    for theme in shipped() {
        let css = asset(theme, "theme.css").bytes();
        let css = std::str::from_utf8(&css).unwrap();
        let classes = classes(theme);
        assert!(classes.len() > 20, "{classes:?}");
        for class in classes {
            let rule = Regex::new(&format!(r"\.{}[^a-z0-9-]", regex::escape(&class))).unwrap();
            assert!(rule.is_match(css), "no rule for .{class}: write one, or build in.css");
        }
    }
}

#[test]
fn only_daisy_needs_daisyui() {
    let daisyui: Vec<&str> =
        include_str!("../../../themes/daisy/build/kit-classes.txt").lines().collect();
    for theme in shipped() {
        let used = classes(theme).into_iter().filter(|class| daisyui.contains(&class.as_str()));
        assert_eq!(used.count() > 0, theme.name() == "daisy");
    }
}

/// The classes of all pages in all states.
fn classes(theme: &Theme) -> BTreeSet<String> {
    let attribute = Regex::new(r#"class="([^"]*)""#).unwrap();
    let mut classes = BTreeSet::new();
    for page in theme.samples(&urls()) {
        let html = theme.render(&page).unwrap();
        for found in attribute.captures_iter(&html) {
            classes.extend(found[1].split_whitespace().map(str::to_owned));
        }
    }
    classes
}

/// The hex colours of one theme in `in.css`.
fn colours(theme: &str) -> BTreeMap<String, [f64; 3]> {
    let start = SOURCE.find(&format!("name: \"{theme}\"")).unwrap();
    colours_in(&SOURCE[start..start + SOURCE[start..].find('}').unwrap()])
}

fn colours_in(block: &str) -> BTreeMap<String, [f64; 3]> {
    let colour = Regex::new(r"--([a-z0-9-]+): #([0-9a-f]{6});").unwrap();
    let channel = |hex: &str, at: usize| {
        let value = f64::from(u8::from_str_radix(&hex[at..at + 2], 16).unwrap()) / 255.0;
        if value <= 0.04045 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
    };
    colour
        .captures_iter(block)
        .map(|found| {
            let hex = &found[2];
            (found[1].to_owned(), [channel(hex, 0), channel(hex, 2), channel(hex, 4)])
        })
        .collect()
}

/// The contrast ratio of WCAG 2.2.
fn contrast(a: [f64; 3], b: [f64; 3]) -> f64 {
    let luminance = |c: [f64; 3]| 0.2126 * c[0] + 0.7152 * c[1] + 0.0722 * c[2];
    let (a, b) = (luminance(a), luminance(b));
    (a.max(b) + 0.05) / (a.min(b) + 0.05)
}

#[test]
fn text_has_at_least_4_5_and_controls_at_least_3_in_both_themes() {
    let text = [
        ("color-base-content", "color-base-100"),
        ("color-base-content", "color-base-200"),
        ("color-primary-content", "color-primary"),
        ("vb-link", "color-base-100"),
        ("vb-link", "color-base-200"),
        ("vb-quiet", "color-base-100"),
        ("vb-quiet", "color-base-200"),
        ("color-error", "color-base-100"),
        ("color-error", "color-base-200"),
    ];
    let controls = [
        ("vb-control", "color-base-100"),
        ("vb-control", "color-base-200"),
        ("vb-focus", "color-base-100"),
        ("vb-focus", "color-base-200"),
        ("color-primary", "color-base-100"),
        ("color-info", "color-base-200"),
        ("color-success", "color-base-200"),
        ("color-warning", "color-base-200"),
    ];
    for theme in ["vestibule-light", "vestibule-dark"] {
        let colours = colours(theme);
        for (pairs, least) in [(&text[..], 4.5), (&controls[..], 3.0)] {
            for (front, back) in pairs {
                let ratio = contrast(colours[*front], colours[*back]);
                assert!(ratio >= least, "{theme}: {front} on {back} has {ratio:.2}");
            }
        }
    }
}

/// What is written by hand has its colours in three blocks: light, and dark twice.
#[test]
fn the_colours_of_plain_and_high_contrast_can_be_told_apart_and_are_those_of_their_options() {
    let block = |css: &str, start: &str| {
        let from = css.find(start).unwrap() + start.len();
        css[from..from + css[from..].find('}').unwrap()].to_owned()
    };
    for theme in shipped().filter(|theme| theme.name() != "daisy") {
        let css = theme.look.files.find("assets/theme.css").unwrap().text().into_owned();
        let light = block(&css, ":root {");
        let dark = block(&css, ":root[data-theme$=\"dark\"] {");
        let by_system = block(&css, ":root:not([data-theme]) {");
        let words = |block: &str| block.split_whitespace().collect::<Vec<_>>().join(" ");
        assert_eq!(words(&dark), words(&by_system));
        let least = if theme.name() == "high-contrast" { 7.0 } else { 4.5 };
        for (block, mode) in [(light, "light"), (dark, "dark")] {
            let colours = colours_in(&block);
            let grounds =
                if theme.name() == "plain" { &["paper", "tint"][..] } else { &["paper"][..] };
            for ground in grounds {
                for front in ["ink", "soft", "accent", "wrong", "good", "warn", "note"] {
                    let ratio = contrast(colours[front], colours[*ground]);
                    assert!(ratio >= least, "{mode}: {front} on {ground} has {ratio:.2}");
                }
            }
            let ratio = contrast(colours["on-accent"], colours["accent"]);
            assert!(ratio >= least, "{mode}: on-accent on accent has {ratio:.2}");
            if let Some(edge) = colours.get("edge") {
                for ground in grounds {
                    let ratio = contrast(*edge, colours[*ground]);
                    assert!(ratio >= 3.0, "{mode}: edge on {ground} has {ratio:.2}");
                }
            }
            let mut seen = 0;
            for option in theme.look.options.values() {
                for variable in &option.spec.css_vars {
                    let said = option.value[mode].as_str();
                    if let (Some(said), Some(_)) =
                        (said, colours.get(variable.trim_start_matches("--")))
                    {
                        assert!(
                            block.contains(&format!("{variable}: {said};")),
                            "{mode}: {variable} {said}"
                        );
                        seen += 1;
                    }
                }
            }
            assert!(seen >= 6, "{seen}");
        }
    }
}

#[test]
fn the_built_style_sheet_has_the_colours_of_its_source() {
    let theme = daisy();
    let css = asset(&theme, "theme.css").bytes();
    let css = std::str::from_utf8(&css).unwrap();
    let mut count = 0;
    for found in Regex::new(r"--([a-z0-9-]+): #([0-9a-f]{6});").unwrap().captures_iter(SOURCE) {
        let (name, hex) = (&found[1], &found[2]);
        let doubled = hex.as_bytes().chunks(2).all(|pair| pair[0] == pair[1]);
        let short: String = hex.chars().step_by(2).collect();
        let built = css.contains(&format!("--{name}:#{hex}"))
            || (doubled && css.contains(&format!("--{name}:#{short}")));
        assert!(built, "--{name}: #{hex} is not in assets/theme.css: build in.css");
        count += 1;
    }
    assert!(count > 20);
}

#[test]
fn the_contrast_of_black_on_white_is_21() {
    assert!((contrast([0.0; 3], [1.0; 3]) - 21.0).abs() < 1e-9);
}
