//! What a theme promises, tried on the embedded one and on small broken ones.

mod look;
mod markup;
mod pages;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::LazyLock;

use serde_json::json;
use tempfile::TempDir;

use super::*;
use crate::form::Msg;

pub(crate) fn urls() -> Urls {
    Urls { change_password: None, docs: None, ..Urls::everywhere() }
}

pub(crate) fn site() -> SiteSettings {
    SiteSettings { urls: urls(), register: true, brand: Some("Acme".into()) }
}

fn load(root: &Path, name: &str) -> Result<Theme, Vec<Finding>> {
    Theme::load(root, name, &BTreeMap::new(), site())
}

#[track_caller]
fn daisy() -> Theme {
    match load(Path::new("/nowhere"), "daisy") {
        Ok(theme) => theme,
        Err(findings) => panic!("{findings:#?}"),
    }
}

/// Every theme that is part of the program, loaded once: what holds of one holds of all. Names itself where a
/// test fails.
fn shipped() -> impl Iterator<Item = &'static Theme> {
    static SHIPPED: LazyLock<Vec<Theme>> = LazyLock::new(|| {
        let load = |name: &String| load(Path::new("/nowhere"), name);
        let loaded: Result<_, _> = Theme::embedded_names().iter().map(load).collect();
        loaded.unwrap_or_else(|findings| panic!("{findings:#?}"))
    });
    SHIPPED.iter().inspect(|theme| println!("the theme {}:", theme.name()))
}

impl Theme {
    fn name(&self) -> &str {
        self.look.files.theme().map(|layer| layer.name.as_str()).unwrap_or_default()
    }
}

/// A themes folder with one theme, `acme`, of these files.
fn folder(files: &[(&str, &str)]) -> TempDir {
    let root = TempDir::new().unwrap();
    for (path, text) in files {
        let path = root.path().join("acme").join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    root
}

/// What is wrong with a theme `acme` of these files.
#[track_caller]
fn findings(files: &[(&str, &str)]) -> Vec<Finding> {
    let root = folder(files);
    match load(root.path(), "acme") {
        Ok(_) => panic!("the theme was accepted"),
        Err(findings) => findings,
    }
}

/// The one thing that is wrong: its code, its place inside the theme, its message and its help.
#[track_caller]
fn the_finding(files: &[(&str, &str)]) -> (Code, String, String, String) {
    let findings = findings(files);
    let [finding] = findings.as_slice() else { panic!("{findings:#?}") };
    let place = finding.place.as_ref().map(ToString::to_string).unwrap_or_default();
    let place = place.split_once("/acme/").map_or(place.clone(), |(_, inside)| inside.to_owned());
    (finding.code, place, finding.message.clone(), finding.help.clone().unwrap_or_default())
}

fn sample(theme: &Theme, id: &str, sample: &str) -> PageContext {
    let mut samples = theme.samples(&urls()).into_iter();
    samples.find(|page| page.page.id == id && page.sample == sample).unwrap()
}

#[test]
fn every_page_has_samples_and_all_of_them_render() {
    assert_eq!(Theme::embedded_names(), ["daisy", "high-contrast", "plain"]);
    for theme in shipped() {
        let samples = theme.samples(&urls());
        for id in ["login", "register", "welcome", "logout", "error", "form", "plain"] {
            assert!(samples.iter().filter(|page| page.page.id == id).count() >= 2, "{id}");
        }
        for page in samples {
            assert!(theme.render(&page).unwrap().starts_with("<!doctype html>"), "{:?}", page.page);
            assert!(!theme.render_partial(&page).unwrap().contains("<html"), "{:?}", page.page);
        }
        assert!(theme.warnings().is_empty(), "{:#?}", theme.warnings());
    }
}

#[test]
fn the_theme_of_the_guide_is_as_the_guide_shows_it_and_can_be_used() {
    let guide = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/guide");
    let theme =
        load(&guide.join("themes"), "acme").unwrap_or_else(|findings| panic!("{findings:#?}"));
    assert!(theme.warnings().is_empty(), "{:#?}", theme.warnings());
    let html = theme.render(&sample(&theme, "login", "idle")).unwrap();
    for shown in [
        "<h1>Welcome back</h1>",
        "New at Acme?",
        "data-layout=\"split\"",
        "class=\"arrow\"",
        "logo.",
    ] {
        assert!(html.contains(shown), "{shown}: {html}");
    }
    let text = fs::read_to_string(guide.join("themes.md")).unwrap();
    let folder = guide.join("themes/acme");
    for (file, from) in [
        ("theme.toml", "[defaults]"),
        ("theme.css", ".arrow"),
        ("locales/en.ftl", "title-login"),
        ("element/button.html", "<button"),
    ] {
        let whole = fs::read_to_string(folder.join(file)).unwrap();
        let shown = &whole[whole.find(from).unwrap()..];
        let shown = shown.split("\n\nh1").next().unwrap().trim_end();
        assert!(text.contains(&format!("```{}\n{shown}\n```", fence(file))), "{file}:\n{shown}");
    }
}

fn fence(file: &str) -> &str {
    match file.rsplit('.').next() {
        Some("toml") => "toml,ignore",
        Some("ftl") => "text",
        other => other.unwrap_or_default(),
    }
}

#[test]
fn two_renders_are_the_same() {
    for theme in shipped() {
        for page in theme.samples(&urls()) {
            assert_eq!(theme.render(&page).unwrap(), theme.render(&page).unwrap());
        }
    }
}

#[test]
fn a_folder_theme_takes_what_it_lacks_from_daisy() {
    let root = folder(&[
        ("element/button.html", "<button class=\"mine\">{{ form.submit }}</button>\n"),
        ("locales/en.ftl", "title-login = Come in\n"),
        ("assets/logo.svg", "<svg xmlns=\"http://www.w3.org/2000/svg\"/>"),
        (
            "page/welcome.html",
            "{% extends \"parent:page/welcome.html\" %}{% block main %}<img src=\"{{ asset(\"logo.svg\") }}\" alt=\"\">{{ super() }}{% endblock %}",
        ),
        ("build/notes.html", "{{ this is not a template"),
        (".page.html.swp", "{{"),
    ]);
    let theme = load(root.path(), "acme").map_err(|findings| format!("{findings:#?}")).unwrap();
    let login = theme.render(&sample(&theme, "login", "idle")).unwrap();
    assert!(login.contains("<button class=\"mine\">Sign in</button>"), "{login}");
    assert!(login.contains("<h1>Come in</h1>"), "{login}");
    let welcome = theme.render(&sample(&theme, "welcome", "default")).unwrap();
    let address = welcome.split_once("img src=\"/_vestibule/assets/").unwrap().1;
    let logo = theme.asset(address.split('"').next().unwrap()).unwrap();
    assert_eq!(logo.content_type, "image/svg+xml");
    assert!(welcome.contains("Welcome, Ada Lovelace"));
}

#[test]
fn links_to_a_page_do_not_say_what_its_title_was_changed_to() {
    let root = folder(&[("locales/en.ftl", "title-login = Come in\ntitle-register = Join us\n")]);
    let theme = load(root.path(), "acme").map_err(|findings| format!("{findings:#?}")).unwrap();
    let login = theme.render(&sample(&theme, "login", "idle")).unwrap();
    assert!(login.contains("<h1>Come in</h1>") && login.contains(">Create an account</a>"));
    let register = theme.render(&sample(&theme, "register", "idle")).unwrap();
    assert!(register.contains("<h1>Join us</h1>") && register.contains(">Sign in</a>"));
}

#[test]
fn a_template_that_does_not_compile_is_a_finding_at_its_line() {
    let (code, place, ..) =
        the_finding(&[("page/login.html", "<p>\n{% if form %}\n<b>\n{% endfor %}\n")]);
    assert_eq!((code, place.as_str()), (Code::TemplateSyntax, "page/login.html:4:4"));
}

#[test]
fn a_mistyped_name_is_a_finding_that_says_where_and_on_which_samples() {
    let (code, place, message, help) = the_finding(&[(
        "element/field.html",
        "<label for=\"{{ field.id }}\">{{ field.lable }}</label>\n",
    )]);
    assert_eq!((code, place.as_str()), (Code::TemplateRender, "element/field.html:1:32"));
    assert!(message.contains("undefined"), "{message}");
    assert!(help.starts_with("seen on login.idle, login.prefilled"), "{help}");
}

#[test]
fn a_fault_that_only_one_state_shows_is_found_before_the_start() {
    let (code, place, _, help) = the_finding(&[(
        "page/login.html",
        "{% extends \"parent:page/login.html\" %}\n{% block head %}{% if retry %}{{ retry.time }}{% endif %}{% endblock %}",
    )]);
    assert_eq!((code, place.as_str()), (Code::TemplateRender, "page/login.html:2:34"));
    assert_eq!(
        help,
        "seen on login.rate_limited_long, login.rate_limited, login.backend_unreachable and 2 more"
    );
}

#[test]
fn unknown_assets_texts_functions_and_loops_without_end_are_findings() {
    let block = |inside: &str| format!("{{% block main %}}{inside}{{% endblock %}}");
    for (inside, expected) in [
        ("{{ asset('theme.cs') }}", "did you mean \"theme.css\"?"),
        ("{{ asset(page.nothing) }}", "not a string"),
        ("{{ t('title.lgoin') }}", "no text \"title.lgoin\""),
        ("{{ t('retry.line') }}", "needs the parameter \"when\""),
        ("{{ t('retry.line', when=page.nothing) }}", "undefined"),
        ("{{ nothing() }}", "unknown"),
        ("{{ error.title|safe }}", "filter"),
        ("{% autoescape false %}{{ error.title }}{% endautoescape %}", "escaping"),
        ("{% for a in range(9999) %}{% for b in range(9999) %}x{% endfor %}{% endfor %}", "fuel"),
        ("{% macro again() %}{{ again() }}{% endmacro %}{{ again() }}", "recursion"),
        ("{% include '../../secret' %}", "non-existing"),
        ("{% include '/etc/passwd' %}", "non-existing"),
    ] {
        let (code, place, message, _) = the_finding(&[("page/error.html", &block(inside))]);
        assert_eq!(code, Code::TemplateRender, "{inside}");
        assert!(place.starts_with("page/error.html:1:"), "{inside}: {place}");
        assert!(message.contains(expected), "{inside}: {message}");
    }
}

#[test]
fn a_page_without_the_block_main_is_refused() {
    let (code, ..) = the_finding(&[("page/error.html", "<h1>{{ error.title }}</h1>")]);
    assert_eq!(code, Code::TemplateRender);
}

#[test]
fn files_that_leave_the_folder_are_refused() {
    let root = folder(&[("page/login.html", "")]);
    let secret = root.path().join("secret.html");
    fs::write(&secret, "secret").unwrap();
    fs::remove_file(root.path().join("acme/page/login.html")).unwrap();
    std::os::unix::fs::symlink(&secret, root.path().join("acme/page/login.html")).unwrap();
    let findings = load(root.path(), "acme").err().unwrap();
    assert_eq!(findings[0].code, Code::FileUnreadable);
    assert!(findings[0].message.contains("leaves the theme's folder"));
    for name in ["../acme", "", ".", "acme/../acme"] {
        let findings = load(root.path(), name).err().unwrap();
        assert_eq!(findings[0].code, Code::ThemeUnknown, "{name:?}");
    }
}

#[test]
fn an_unknown_theme_is_answered_with_the_nearest() {
    let findings = load(Path::new("/nowhere"), "dasiy").err().unwrap();
    assert_eq!(findings[0].code, Code::ThemeUnknown);
    assert_eq!(findings[0].help.as_deref(), Some("did you mean \"daisy\"?"));
}

#[test]
fn options_are_checked_against_the_manifest() {
    let with = |name: &str, value| {
        let options = BTreeMap::from([(name.to_owned(), value)]);
        Theme::load(Path::new("/nowhere"), "daisy", &options, site())
    };
    let theme = with("brand", json!("Fish & Chips")).map_err(drop).unwrap();
    let page = theme.render(&sample(&theme, "login", "idle")).unwrap();
    assert!(page.contains("<title>Sign in · Fish &amp; Chips</title>"), "{page}");
    let unknown = &with("brnad", json!("x")).err().unwrap()[0];
    assert_eq!(unknown.code, Code::ThemeManifest);
    assert_eq!(unknown.help.as_deref(), Some("did you mean \"brand\"?"));
    assert!(with("brand", json!(7)).err().unwrap()[0].message.contains("must be a text"));
}

#[test]
fn manifests_and_catalogs_with_mistakes_are_findings_at_their_line() {
    let manifest = "name = \"acme\"\nversion = \"1\"\ncontract = 2\n";
    let (code, place, message, _) = the_finding(&[("theme.toml", manifest)]);
    assert_eq!((code, place.as_str()), (Code::ThemeManifest, "theme.toml:3:1"));
    assert!(message.contains("contract 2"));
    let manifest = "name = \"acme\"\nversion = \"1\"\ncontract = 1\nauthor = \"x\"\n";
    let (code, place, ..) = the_finding(&[("theme.toml", manifest)]);
    assert_eq!((code, place.as_str()), (Code::ThemeManifest, "theme.toml:4:1"));
    let (code, place, ..) = the_finding(&[("locales/en.ftl", "a = b\nc d = 1\n")]);
    assert_eq!((code, place.as_str()), (Code::ThemeTexts, "locales/en.ftl:2:3"));
    let (code, ..) = the_finding(&[("assets/page.php", "x")]);
    assert_eq!(code, Code::ThemeManifest);
}

#[test]
fn every_code_of_the_program_has_a_sentence() {
    let theme = daisy();
    let plain = [
        "field.required",
        "field.email",
        "field.mismatch",
        "field.not_text",
        "credentials.invalid",
        "identifier.taken",
        "password.weak",
        "csrf.expired",
        "backend.unreachable",
        "backend.timeout",
        "backend.error",
        "backend.protocol",
        "session.expired",
        "session.not_kept",
        "session.signed_out",
        "session.logged_out",
        "account.registered",
        "account.verify_mail",
        "input.refused",
        "input.conflict",
        "page.not_there",
        "session.too_large",
        "field.pattern",
        "field.url",
        "field.tel",
        "field.number",
        "field.date",
        "field.choice",
        "field.not_yes_or_no",
        "field.not_accepted",
        "field.control",
        "field.repeated",
        "field.unknown",
        "field.refused",
    ];
    let mut messages: Vec<Msg> = plain.into_iter().map(Msg::new).collect();
    messages.push(Msg::new("field.too_short").with("min", 8));
    messages.push(Msg::new("field.too_long").with("max", 64));
    messages.push(Msg::new("field.too_small").with("min", 0.5));
    messages.push(Msg::new("field.too_large").with("max", 64));
    messages.push(Msg::new("field.too_early").with("min", "2026-01-31"));
    messages.push(Msg::new("field.too_late").with("max", "2026-01-31"));
    messages.push(Msg::new("rate_limited").with("seconds", 40));
    for msg in messages {
        let text = theme.text(&msg);
        assert!(!text.contains(['{', '}']), "{}: {text}", msg.code);
        assert!(!text.contains(&*msg.code), "{}: {text}", msg.code);
    }
    let mut keys: Vec<String> = [
        "label.email",
        "label.password",
        "label.password_confirm",
        "label.name",
        "label.username",
        "title.login",
        "title.register",
        "title.welcome",
        "title.logout",
        "submit.login",
        "submit.register",
        "submit.logout",
        "hint.new_password",
        "retry.seconds",
        "retry.minutes",
    ]
    .map(str::to_owned)
    .into();
    for status in context::ERROR_STATES {
        keys.extend([format!("error.{status}.title"), format!("error.{status}.detail")]);
    }
    for code in ["unreachable", "timeout", "error", "loop"] {
        keys.extend(["title", "detail"].map(|part| format!("error.upstream.{code}.{part}")));
    }
    for key in keys {
        assert_ne!(theme.sentence(&key), key);
        assert!(theme.texts.has(&key), "{key}");
    }
}

#[test]
fn the_backends_words_win_and_unknown_codes_are_said_aloud() {
    let theme = daisy();
    let msg = Msg::new("credentials.invalid").saying(Some("Nope.".into()));
    assert_eq!(theme.text(&msg), "Nope.");
    assert!(theme.text(&Msg::new("moon.full")).contains("moon.full"));
    assert_eq!(theme.sentence("label.tenant_id"), "Tenant id");
    assert_eq!(
        theme.words(&BTreeMap::new()).sentence("retry.seconds", &[("seconds", "1")]),
        "in 1 second"
    );
    assert_eq!(theme.retry(40, 0).text, "in 40 seconds");
    assert_eq!(theme.retry(61, 0).text, "in 2 minutes");
    let required = Msg::new("field.required");
    assert_eq!(theme.text(&required), "This field must not be empty");
    assert_eq!(
        theme.words(&BTreeMap::new()).message(&required, Some(("email", "Mail"))),
        "Enter your email address"
    );
    assert_eq!(
        theme.words(&BTreeMap::new()).message(&required, Some(("tenant", "Tenant"))),
        "Tenant must not be empty"
    );
}

#[test]
fn the_session_panel_says_how_long_and_whether_it_renews() {
    let theme = daisy();
    let panel = |expires_in, renews| {
        theme.render_session(Some(&SessionView { expires_in, renews })).unwrap()
    };
    assert!(panel(Some(1740), true).contains("another 29 minutes. It renews by itself"));
    assert!(panel(Some(60), false).contains("another 1 minute. Sign in again"));
    assert!(panel(None, true).contains("stays open while you use the site"));
    assert!(theme.render_session(None).unwrap().contains("href=\"/login\""));
}

#[test]
fn the_last_resort_escapes() {
    let page = last_resort(500, samples::HOSTILE, "<id>");
    assert!(!page.contains("<script") && page.contains("&lt;script"));
    assert!(page.contains("&lt;id&gt;") && page.contains("500"));
}

/// Writes every sample to `target/theme-samples`, for eyes and browsers.
#[test]
#[ignore = "writes files that only a person looks at"]
fn write_samples() {
    let theme = daisy();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/theme-samples");
    let assets = folder.join("_vestibule/assets");
    fs::create_dir_all(&assets).unwrap();
    for address in theme.look.assets.addresses().values() {
        let name = address.rsplit('/').next().unwrap();
        fs::write(assets.join(name), theme.asset(name).unwrap().bytes()).unwrap();
    }
    for page in theme.samples(&urls()) {
        let name = format!("{}.html", page.name());
        fs::write(folder.join(name), theme.render(&page).unwrap()).unwrap();
    }
    let panel = theme.render_session(Some(&SessionView { expires_in: Some(60), renews: true }));
    fs::write(folder.join("session-panel"), panel.unwrap()).unwrap();
}
