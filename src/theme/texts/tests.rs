use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use regex::Regex;

use super::*;
use crate::config::plan::{I18nPlan, LocalePlan, OwnText, ThemePlan};
use crate::finding::{Code, Place};
use crate::theme::Theme;
use crate::theme::languages::Languages;
use crate::theme::tests::site;

const ALL: [&str; 5] = ["en", "de", "fr", "es", "ar"];

/// A plan with these languages, of which the first is the default, and sentences of the site.
fn plan_of(languages: &[&str], own: &[(&str, &str, &str)]) -> I18nPlan {
    let place = || Place::named("auth.toml");
    I18nPlan {
        default: tag(languages[0]),
        locales: languages
            .iter()
            .map(|it| LocalePlan { language: tag(it), place: place() })
            .collect(),
        texts: own
            .iter()
            .map(|(language, key, sentence)| OwnText {
                language: tag(language),
                key: (*key).to_owned(),
                sentence: (*sentence).to_owned(),
                place: place(),
            })
            .collect(),
    }
}

fn embedded() -> ThemeFiles {
    ThemeFiles::collect(Path::new("/nowhere"), "daisy").unwrap()
}

#[track_caller]
fn texts(files: &ThemeFiles, language: &str, default: &str, own: &[(&str, &str, &str)]) -> Texts {
    let mut all: BTreeMap<LanguageIdentifier, BTreeMap<String, String>> = BTreeMap::new();
    for (language, key, text) in own {
        all.entry(tag(language)).or_default().insert((*key).into(), (*text).into());
    }
    let speech = Speech { language: tag(language), default: tag(default), own: Arc::new(all) };
    Texts::load(files, &speech).unwrap_or_else(|findings| panic!("{findings:#?}"))
}

/// The embedded theme under a theme with one catalog more.
fn with_catalog(path: &str, text: &str) -> ThemeFiles {
    let root = tempfile::TempDir::new().unwrap();
    let folder = root.path().join("acme");
    fs::create_dir_all(folder.join("locales")).unwrap();
    fs::write(folder.join(path), text).unwrap();
    ThemeFiles::collect(root.path(), "acme").unwrap()
}

fn say(texts: &Texts, key: &str, params: &[(&str, &str)]) -> String {
    texts.sentence(key, params)
}

#[test]
fn every_language_has_every_sentence_with_the_same_parameters() {
    let files = embedded();
    let catalog = |language: &str| Catalog::read(&files, &tag(language)).unwrap().unwrap();
    let english = catalog("en");
    let keys: BTreeSet<&String> = english.ids().collect();
    assert!(keys.len() > 150, "only {} texts", keys.len());
    for language in ALL {
        let other = catalog(language);
        assert_eq!(other.ids().collect::<BTreeSet<_>>(), keys, "{language}");
        for key in &keys {
            assert_eq!(other.parameters(key), english.parameters(key), "{language}: {key}");
        }
    }
    assert_eq!(languages(&files).len(), ALL.len());
}

/// Everything in `src` and in the templates that may ask for a text.
fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if path.is_dir() && !["tests", "build", "locales", "assets"].contains(&name.as_str()) {
            sources(&path, found);
        } else if ["rs", "html", "txt"].iter().any(|it| path.extension().is_some_and(|e| e == *it))
            && name != "tests.rs"
        {
            found.push(path);
        }
    }
}

fn all_sources() -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files = Vec::new();
    for folder in ["src", "themes/daisy"] {
        sources(&root.join(folder), &mut files);
    }
    files.iter().map(|file| fs::read_to_string(file).unwrap()).collect()
}

#[test]
fn every_text_that_is_asked_for_is_there_and_none_is_there_in_vain() {
    let texts = texts(&embedded(), "en", "en", &[]);
    let source = all_sources();
    let asked = Regex::new(r#"(?:\bt\(|\bsentence\(|Msg::new\(|notice\(visit, )"([a-z_.]+)""#);
    let asked: BTreeSet<String> =
        asked.unwrap().captures_iter(&source).map(|it| it[1].to_owned()).collect();
    assert!(asked.len() > 60, "{asked:?}");
    let unknown: Vec<_> = asked.iter().filter(|key| !texts.has(key)).collect();
    assert_eq!(unknown, Vec::<&String>::new(), "asked for and not there");
    // A text is asked for by its whole key, or by the beginning of it with a name after that.
    let quoted = Regex::new(r#""([a-z_][a-z0-9_.{}-]*)"#).unwrap();
    let quoted: BTreeSet<String> =
        quoted.captures_iter(&source).map(|it| it[1].replace('.', "-")).collect();
    let made = [
        "link-",
        "label-",
        "title-",
        "submit-",
        "error-",
        "duration-",
        "retry-",
        "said-",
        "field-",
    ];
    let in_vain: Vec<String> = texts
        .catalog_keys()
        .filter(|id| {
            !quoted.contains(id)
                && !made.iter().any(|start| id.starts_with(start))
                && !quoted.iter().any(|known| {
                    known.len() > 5
                        && id.starts_with(known.as_str())
                        && id[known.len()..].starts_with('-')
                })
        })
        .collect();
    assert_eq!(in_vain, Vec::<String>::new(), "there and never asked for");
}

#[test]
fn what_the_built_in_backend_says_is_translated() {
    let texts = texts(&embedded(), "de", "en", &[]);
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/builtin_backend");
    let mut files = Vec::new();
    sources(&folder, &mut files);
    let source: String = files.iter().map(|file| fs::read_to_string(file).unwrap()).collect();
    let keys: Vec<String> = texts.catalog_keys().filter(|id| id.starts_with("said-")).collect();
    assert!(keys.len() > 15);
    let sentence = Regex::new(r#""([A-Z][^"]+)""#).unwrap();
    let said: BTreeSet<String> =
        sentence.captures_iter(&source).filter_map(|it| said_id(&it[1])).collect();
    let gone: Vec<_> = keys.iter().filter(|key| !said.contains(*key)).collect();
    assert_eq!(gone, Vec::<&String>::new(), "translated, and no longer said");
    let msg = Msg::new("credentials.invalid").saying(Some("Incorrect email or password".into()));
    assert_eq!(texts.message(&msg, None), "E-Mail-Adresse oder Passwort stimmt nicht");
    let msg = Msg::new("credentials.invalid").saying(Some("Nobody knows.".into()));
    assert_eq!(texts.message(&msg, None), "Nobody knows.");
}

#[test]
fn plurals_follow_the_language() {
    let files = embedded();
    let of = |language: &str, seconds: u64| texts(&files, language, "en", &[]).duration(seconds);
    assert_eq!(
        (of("en", 60), of("en", 120)),
        ("60 seconds".replace("60 seconds", "1 minute"), "2 minutes".into())
    );
    assert_eq!((of("de", 86_400 * 2), of("fr", 1)), ("2 Tage".into(), "1 seconde".into()));
    let arabic = [1, 2, 3, 11, 100].map(|days| {
        texts(&files, "ar", "en", &[]).sentence("duration.days", &[("count", &days.to_string())])
    });
    let plain = arabic.map(|text| text.replace(['\u{2068}', '\u{2069}'], ""));
    assert_eq!(plain, ["يوم واحد", "يومين", "3 أيام", "11 يومًا", "100 يوم"]);
}

#[test]
fn a_value_keeps_to_itself_on_a_page_from_right_to_left() {
    let files = embedded();
    let greet = |language: &str| {
        say(&texts(&files, language, "en", &[]), "welcome.hello_name", &[("name", "Ada!")])
    };
    assert_eq!(greet("ar"), "مرحبًا، \u{2068}Ada!\u{2069}");
    assert_eq!(greet("en"), "Welcome, Ada!");
}

#[test]
fn a_language_borrows_from_its_parent_the_default_and_english_in_this_order() {
    let files = with_catalog("locales/de-AT.ftl", "title-login = Servus\n");
    let austrian = texts(&files, "de-AT", "fr", &[]);
    assert_eq!(say(&austrian, "title.login", &[]), "Servus");
    assert_eq!(say(&austrian, "title.logout", &[]), "Abmelden");
    assert_eq!((austrian.lang().as_str(), austrian.label().as_str()), ("de-AT", "Deutsch (AT)"));
    let files = with_catalog("locales/it.ftl", "title-login = Accedi\n");
    let italian = texts(&files, "it", "fr", &[]);
    assert_eq!(say(&italian, "title.login", &[]), "Accedi");
    assert_eq!(say(&italian, "title.logout", &[]), "Se déconnecter");
    assert_eq!(italian.label(), "it");
    let files = with_catalog("locales/en.ftl", "only-here = Hello\n");
    assert_eq!(say(&texts(&files, "de", "fr", &[]), "only.here", &[]), "Hello");
}

#[test]
fn one_sentence_can_be_worded_by_a_theme_or_by_the_site() {
    let files = with_catalog("locales/de.ftl", "title-login = Herein\n");
    let own = [
        ("de", "title.logout", "Und tschüss"),
        ("de", "retry.seconds", "in {seconds} Sekündchen"),
        ("de", "retry-seconds-one", "gleich"),
        ("en", "title.welcome", "Hi"),
    ];
    let german = texts(&files, "de", "en", &own);
    assert_eq!(say(&german, "title.login", &[]), "Herein");
    assert_eq!(say(&german, "title.logout", &[]), "Und tschüss");
    assert_eq!(say(&german, "title.welcome", &[]), "Willkommen");
    assert_eq!((german.retry(5), german.retry(1)), ("in 5 Sekündchen".into(), "gleich".into()));
    let form = BTreeMap::from([
        ("field.too_short".to_owned(), "Mehr als {min}, bitte".to_owned()),
        ("field.too_short.one".to_owned(), "Eines reicht".to_owned()),
    ]);
    let words = Words { texts: &german, own: &form };
    let short = |min| words.message(&Msg::new("field.too_short").with("min", min), None);
    assert_eq!((short(8), short(1)), ("Mehr als 8, bitte".into(), "Eines reicht".into()));
}

#[test]
fn mistakes_in_a_catalog_are_findings_at_their_line_and_column() {
    for (text, place, message) in [
        ("title-login = A\n\ntitle logout = B\n", ":3:7", "Expected"),
        ("title-login = { $\n", ":1:18", "cannot be used"),
        ("a = 1\nb = { nothing }\n", ":2:1", "mentions \"nothing\""),
        ("a = { -brand }\n", ":1:1", "mentions \"-brand\""),
        ("a = { DATE($x) }\n", ":1:1", "calls DATE()"),
        ("a = 1\na = 2\n", ":2:1", "here twice"),
        ("a = 1\nretry-line = { $wehn }\n", ":2:1", "no parameter $wehn"),
    ] {
        let files = with_catalog("locales/de.ftl", text);
        let speech = Speech { language: tag("de"), ..Speech::default() };
        let findings = Texts::load(&files, &speech).err().unwrap();
        let finding = &findings[0];
        assert_eq!((findings.len(), finding.code), (1, Code::ThemeTexts), "{findings:#?}");
        let at = finding.place.as_ref().unwrap().to_string();
        assert!(at.ends_with(&format!("acme/locales/de.ftl{place}")), "{text}: {at}");
        assert!(finding.message.contains(message), "{text}: {}", finding.message);
    }
}

#[test]
fn a_language_that_the_theme_does_not_speak_is_a_finding_that_says_which_it_does() {
    let plan = plan_of(&["en", "xx"], &[]);
    let load = |plan| Languages::open(&daisy(), &site(), &plan).err();
    let findings = load(plan).unwrap();
    assert_eq!((findings.len(), findings[0].code), (1, Code::LocaleUnknown));
    assert!(findings[0].help.as_ref().unwrap().contains("ar, de, en, es, fr"), "{findings:?}");
    let findings = load(plan_of(&["en"], &[("en", "titel.login", "x")])).unwrap();
    assert_eq!(findings[0].help.as_deref(), Some("did you mean \"title-login\"?"));
    for own in ["form.contact.title", "retry.seconds.few", "field.required.city", "label.city"] {
        assert!(load(plan_of(&["en", "de-AT"], &[("de", own, "x")])).is_none(), "{own}");
    }
}

#[test]
fn a_pseudo_language_is_made_of_english_and_mirrors_where_it_says_so() {
    let theme = |language: &str| {
        let plan = plan_of(&[language], &[]);
        Languages::open(&daisy(), &site(), &plan).unwrap()
    };
    let page = |language: &str| login_page(theme(language).in_default());
    let longer = page("en-XA");
    assert!(
        longer.contains("<h1>Šîîĝñ îîñ</h1>")
            && longer.contains("<html lang=\"en-XA\" dir=\"ltr\">")
    );
    let mirrored = page("ar-XB");
    assert!(mirrored.contains("dir=\"rtl\"") && mirrored.contains("\u{202e}Sign\u{202c}"));
    assert_eq!(theme("en-XA").all().next().unwrap().2, "en-XA");
}

fn daisy() -> ThemePlan {
    ThemePlan { name: "daisy".into(), path: "/nowhere".into(), options: BTreeMap::new() }
}

fn login_page(theme: &Theme) -> String {
    let urls = site().urls;
    let samples = theme.samples(&urls);
    let is_login = |page: &&crate::theme::context::PageContext| page.page.id == "login";
    theme.render(samples.iter().find(is_login).unwrap()).unwrap()
}

#[test]
fn the_login_page_and_an_error_read_well_in_every_language() {
    let plan = plan_of(&ALL, &[]);
    let languages = Languages::open(&daisy(), &site(), &plan).unwrap();
    let tags = Regex::new("<[^>]*>").unwrap();
    for (locale, language, ..) in languages.all() {
        let theme = languages.get(locale);
        let mut shown = String::new();
        for page in theme.samples(&site().urls) {
            let name = page.name();
            if name != "login.idle"
                && name != "login.rate_limited"
                && name != "login.invalid_credentials"
            {
                continue;
            }
            let html = theme.render(&page).unwrap();
            let dir = if language == "ar" { "rtl" } else { "ltr" };
            assert!(html.contains(&format!("<html lang=\"{language}\" dir=\"{dir}\">")), "{html}");
            let main = html.split_once("<main").unwrap().1.split_once("</main>").unwrap().0;
            let text = tags.replace_all(main.split_once('>').unwrap().1, "");
            let lines: Vec<&str> =
                text.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
            write!(shown, "== {name}\n{}\n\n", lines.join("\n")).unwrap();
        }
        insta::assert_snapshot!(format!("login_in_{language}"), shown);
    }
}

#[test]
fn values_stay_escaped_in_every_language() {
    let hostile = "\"><script>alert(1)</script>{ $x }\u{2069}\u{202e}";
    let plan = plan_of(&ALL, &[]);
    let languages = Languages::open(&daisy(), &site(), &plan).unwrap();
    for (locale, language, ..) in languages.all() {
        let theme = languages.get(locale);
        let mut page = theme
            .samples(&site().urls)
            .into_iter()
            .find(|page| page.page.id == "welcome" && page.user.is_some())
            .unwrap();
        page.user.as_mut().unwrap().name = hostile.to_owned();
        let html = theme.render(&page).unwrap();
        assert!(!html.contains("<script>") && html.contains("&lt;script&gt;"), "{language}");
        assert!(html.contains("{ $x }"), "{language}: a value is not a sentence");
        let words = theme
            .words(&BTreeMap::new())
            .message(&Msg::new("field.required"), Some(("city", hostile)));
        assert!(words.contains(hostile), "{language}: escaping is the page's business");
    }
}

#[test]
fn gaps_are_filled_and_lone_braces_stay() {
    let filled = fill_gaps("{a} and {b} {", &[("a", "{b}"), ("b", "2")]);
    assert_eq!(filled.text, "{b} and 2 {");
    assert!(filled.missing.is_none());
    assert_eq!(fill_gaps("x {y} z", &[]).missing.as_deref(), Some("y"));
}

#[test]
fn unknown_labels_become_words() {
    assert_eq!(stand_in("label.tenant_id"), "Tenant id");
    assert_eq!(stand_in("label.été"), "Été");
    assert_eq!(stand_in("label."), "label.");
    assert_eq!(stand_in("other.key"), "other.key");
}
