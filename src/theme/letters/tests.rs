use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use super::*;
use crate::theme::Theme;
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
