use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use serde_json::json;

use super::*;
use crate::config::plan::{I18nPlan, LocalePlan, ThemePlan};
use crate::theme::Theme;
use crate::theme::languages::Languages;
use crate::theme::tests::site;

fn letters() -> Arc<Letters> {
    let theme = Theme::load(Path::new("/nowhere"), "daisy", &BTreeMap::new(), site());
    theme.unwrap_or_else(|findings| panic!("{findings:?}")).letters()
}

fn values(name: &str) -> LetterValues {
    LetterValues {
        name: name.to_owned(),
        link: "https://example.com/reset-password?token=abc".to_owned(),
        lifetime_s: 1800,
        language: String::new(),
    }
}

#[test]
fn a_letter_names_the_site_the_link_and_how_long_it_is_good() {
    for kind in LetterKind::ALL {
        let letter = letters().write(kind, &values("Alice"), "example.com").unwrap();
        assert!(letter.subject.contains("Acme"), "{}", letter.subject);
        for part in [&letter.text, &letter.html] {
            assert!(part.contains("https://example.com/reset-password?token=abc"), "{part}");
            assert!(part.contains("30 minutes") && part.contains("Alice"), "{part}");
        }
    }
}

/// The letters of a theme with these options.
fn letters_of(theme: &str, options: serde_json::Value) -> Arc<Letters> {
    let options: BTreeMap<String, serde_json::Value> = serde_json::from_value(options).unwrap();
    let theme = Theme::load(Path::new("/nowhere"), theme, &options, site());
    theme.unwrap_or_else(|findings| panic!("{findings:?}")).letters()
}

#[test]
fn the_letters_of_every_theme_wear_its_colours_in_both_modes_and_ask_nobody_for_anything() {
    for theme in Theme::embedded_names() {
        let accent = json!({ "light": "#123456", "dark": "#fedcba" });
        let letters = letters_of(&theme, json!({ "accent": accent, "brand": "Fish & Chips" }));
        for kind in LetterKind::ALL {
            let Letter { html, text, subject } = letters.write(kind, &values(""), "host").unwrap();
            assert!(subject.contains("Fish & Chips") && text.ends_with("Fish & Chips\n"), "{text}");
            assert!(html.contains("<title>") && html.contains("Fish &amp; Chips"), "{html}");
            let (light, dark) = html.split_once("prefers-color-scheme: dark").unwrap();
            assert!(!light.contains("#fedcba") && dark.contains("background: #fedcba"), "{html}");
            assert!(dark.contains("bgcolor=\"#123456\""), "{html}");
            assert!(
                dark.contains("color: #ffffff; text-decoration: none"),
                "white reads on it: {html}"
            );
            let links =
                html.matches("href=\"https://example.com/reset-password?token=abc\"").count();
            assert_eq!(links, 2, "a button, and the address for where there are none");
            assert_eq!(html.matches("http").count(), 3, "nothing else is linked or loaded: {html}");
            for banned in ["<img", "<script", "<link", "url(", "@import", "@font-face"] {
                assert!(!html.contains(banned), "{banned}");
            }
        }
        for (mode, shown, other) in
            [("light", "#123456", "#fedcba"), ("dark", "#fedcba", "#123456")]
        {
            let letters = letters_of(&theme, json!({ "accent": accent, "mode": mode }));
            let html = letters.write(LetterKind::Reset, &values(""), "host").unwrap().html;
            assert!(html.contains(shown) && !html.contains(other), "{mode}: {html}");
        }
    }
}

#[test]
fn a_letter_is_laid_out_for_its_language_where_the_head_of_a_page_is_taken_away() {
    let locale =
        |tag: &str| LocalePlan { language: tag.parse().unwrap(), place: Place::named("x") };
    let locales = vec![locale("en"), locale("ar")];
    let spoken = I18nPlan { default: locales[0].language.clone(), locales, texts: Vec::new() };
    for name in Theme::embedded_names() {
        let plan = ThemePlan { name, path: "/nowhere".into(), options: BTreeMap::new() };
        let languages = Languages::open(&plan, &site(), &spoken);
        let letters = languages.unwrap_or_else(|findings| panic!("{findings:?}")).letters();
        for (lang, dir, side, other) in
            [("en", "ltr", "left", "right"), ("ar", "rtl", "right", "left")]
        {
            let values = LetterValues { language: lang.to_owned(), ..values("Ada") };
            let html = letters.write(LetterKind::Verify, &values, "host").unwrap().html;
            let body = html.split_once("<body").unwrap().1;
            assert!(body.contains(&format!("lang=\"{lang}\" dir=\"{dir}\"")), "{body}");
            assert!(body.contains(&format!("align=\"{side}\"")), "{body}");
            assert!(!body.contains(&format!("align=\"{other}\"")), "{body}");
            assert!(body.contains("dir=\"ltr\" style"), "an address is read from the left: {body}");
        }
    }
}

#[test]
fn a_name_is_neither_markup_nor_a_line_of_its_own() {
    let hostile = "<b>Eve</b>\r\nBcc: everybody@example.com\u{2028}\0 & \"co\"";
    let letter = letters().write(LetterKind::Reset, &values(hostile), "example.com").unwrap();
    assert!(letter.text.contains("<b>Eve</b>  Bcc: everybody@example.com"), "{}", letter.text);
    assert!(letter.html.contains("&lt;b&gt;Eve&lt;/b&gt;"), "{}", letter.html);
    assert!(letter.html.contains("&quot;co&quot;") && !letter.html.contains("<b>"));
    assert!(!letter.text.lines().any(|line| line.starts_with("Bcc:")), "{}", letter.text);
    assert!(!letter.subject.contains(['\r', '\n']));
}

#[test]
fn a_theme_has_its_own_letters_and_a_fault_in_one_is_found_at_its_line() {
    let folder = tempfile::tempdir().unwrap();
    let theme = folder.path().join("acme");
    fs::create_dir_all(theme.join("mail")).unwrap();
    fs::write(theme.join("theme.toml"), "contract = 1\nname = \"acme\"\nversion = \"1.0.0\"\n")
        .unwrap();
    fs::write(theme.join("mail/reset.txt"), "Hi {{ name }}\nWith a break\n\n{{ link }}\n").unwrap();
    let load = || Theme::load(folder.path(), "acme", &BTreeMap::new(), site());
    let letters = load().unwrap_or_else(|findings| panic!("{findings:?}")).letters();
    let letter = letters.write(LetterKind::Reset, &values("Bob\nBcc: x"), "example.com").unwrap();
    assert_eq!(letter.subject, "Hi Bob Bcc: x");
    assert!(letter.text.starts_with("With a break"), "{}", letter.text);

    for (text, code) in [
        ("S\n{{ nothing }}\n", Code::TemplateRender),
        ("S\n{% if %}\n", Code::TemplateSyntax),
        ("S\n{{ link | safe }}\n", Code::TemplateRender),
    ] {
        fs::write(theme.join("mail/reset.txt"), text).unwrap();
        let Err(findings) = load() else { panic!("{text} was taken") };
        let place = findings[0].place.clone().unwrap();
        assert_eq!((findings.len(), findings[0].code, place.line), (1, code, 2), "{findings:?}");
        assert!(place.file.ends_with("mail/reset.txt"), "{place}");
    }
}
