//! Themes as designers make them: folders beside auth.toml, and the tools that write them.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::cli::{folder, run};
use crate::support::binary::Vestibule;
use crate::support::scripted::EMAIL;
use crate::support::site::Site;

const BASE: &str = "[server]\npublic_url = \"http://localhost:5001\"\n\
                    [backend]\nbuiltin = { database = \"users.db\" }\n\
                    [token]\nsecret = \"token-key-0123456789-0123456789-0123456789\"\n";
const ACME: &str = "[theme]\nname = \"acme\"\n";

/// Writes files into `themes/` of a folder.
fn write(folder: &Path, files: &[(&str, &str)]) {
    for (path, text) in files {
        let path = folder.join("themes").join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
}

fn read(folder: &Path, path: &str) -> String {
    fs::read_to_string(folder.join("themes").join(path)).unwrap()
}

#[tokio::test]
async fn a_style_sheet_and_a_logo_make_a_theme_with_no_request_more() {
    let mut site = Site::new("");
    let svg = "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"120\" height=\"32\"/>";
    write(
        site.folder.path(),
        &[("acme/theme.css", ".entrance-card{border:0}"), ("acme/assets/logo.svg", svg)],
    );
    site.restart(
        "[theme]\nname = \"acme\"\noptions = { brand = \"Acme & Sons\", accent = \"#0b5fff\" }\n",
    );
    let browser = site.browser();
    let page = browser.open("/login").await;
    page.expect(200).shows("alt=\"Acme &amp; Sons\" width=\"120\" height=\"32\"");
    assert_eq!(page.body.matches("<link rel=\"stylesheet\"").count(), 1);
    let address = page.body.split("rel=\"stylesheet\" href=\"").nth(1).unwrap();
    let sheet = browser.open(address.split('"').next().unwrap()).await;
    sheet.expect(200).shows("--color-primary:#0b5fff;").shows(".entrance-card{border:0}");
    let logo = page.body.split("<img src=\"").nth(1).unwrap();
    browser.open(logo.split('"').next().unwrap()).await.expect(200).shows("<svg");
}

#[tokio::test]
async fn a_picture_a_name_beside_the_logo_and_a_tagline_in_each_language_need_no_template() {
    let mut site = Site::new("");
    let picture = "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"8\" height=\"8\"/>\n";
    let files = [
        (
            "acme/theme.toml",
            "name = \"acme\"\nversion = \"1.0.0\"\ncontract = 1\n[defaults]\nlayout = \"split\"\n\
             picture = \"hills.svg\"\nname_beside_logo = true\ntagline = \"For coyotes\"\n",
        ),
        ("acme/assets/hills.svg", picture),
        ("acme/assets/logo.svg", picture),
        ("acme/locales/de.ftl", "brand-tagline = Für Kojoten\n"),
        ("acme/locales/es.ftl", "title-login = Hola\n"),
    ];
    write(site.folder.path(), &files);
    site.restart(
        "[theme]\nname = \"acme\"\noptions = { brand = \"Acme\" }\n\
         [i18n]\nlocales = [\"en\", \"de\", \"es\"]\n",
    );
    let browser = site.browser();
    let page = browser.open("/login").await;
    page.expect(200).shows("data-picture").shows("alt=\"\"").shows("<span>Acme</span>");
    page.shows("<p class=\"tagline\">For coyotes</p>");
    // A square logo is the favicon too.
    page.shows("<link rel=\"icon\" href=\"/_vestibule/assets/logo.");
    let sheet = page.body.split("href=\"").find(|it| it.contains("/theme.")).unwrap();
    let sheet = browser.open(sheet.split('"').next().unwrap()).await.body;
    let at = sheet.split("--vb-picture:url(").nth(1).unwrap();
    let address = format!("/_vestibule/assets/{}", at.split(')').next().unwrap());
    assert!(address.contains("hills.") && address != "/_vestibule/assets/hills.svg", "{address}");
    browser.open(&address).await.expect(200);
    browser.open("/login?lang=de").await.shows("<p class=\"tagline\">Für Kojoten</p>");
    // A language without the sentence has the option's.
    browser.open("/login?lang=es").await.shows("<p class=\"tagline\">For coyotes</p>");
}

#[tokio::test]
async fn a_sheet_that_is_not_whole_stops_the_start_and_one_that_browsers_understand_does_not() {
    // What copied sheets may have: ways around old browsers, a bracket too many, a property of nobody's.
    let copied = "a{*zoom:1;_top:0;filter:progid:DXImageTransform.Microsoft.gradient(a='b')}\n\
                  a{color:red);boder:0;top 0}a{--x:{a:b};background:url(data:image/svg+xml,it's)}\n";
    let mut site = Site::new("");
    write(
        site.folder.path(),
        &[("acme/theme.css", ".entrance-card{border:0}"), ("acme/assets/copied.css", copied)],
    );
    site.restart("[theme]\nname = \"acme\"\n");
    site.browser().open("/login").await.expect(200);
    let folder = folder(&[BASE, ACME].concat());
    let broken = ("acme/assets/copied.css", ".a{top:0}\n.b{top:0");
    write(folder.path(), &[("acme/theme.css", ""), broken]);
    for command in ["check", "serve"] {
        let (code, stdout, stderr) = run(&folder, &[command]);
        let told = [stdout, stderr].concat();
        assert!(code != 0 && told.contains("error[V1609]"), "{command} {told}");
        assert!(told.contains("acme/assets/copied.css:2:3"), "{told}");
    }
}

#[tokio::test]
async fn the_themes_of_the_program_need_no_folder_and_look_like_themselves() {
    let mut site = Site::new("");
    for (name, layout, sheet, markup) in [
        ("plain", "margin", "vestibule plain", "class=\"masthead\""),
        ("high-contrast", "column", "vestibule high-contrast", "class=\"masthead\""),
        ("daisy", "hero", "vestibule daisy", "class=\"entrance-brand\""),
    ] {
        site.restart(&format!(
            "[theme]\nname = \"{name}\"\noptions = {{ brand = \"Acme\", layout = \"{layout}\" }}\n"
        ));
        let browser = site.browser();
        let page = browser.open("/login").await;
        page.expect(200).shows(markup).shows(&format!("data-layout=\"{layout}\""));
        assert_eq!(page.body.matches("<link rel=\"stylesheet\"").count(), 1);
        let address = page.body.split("rel=\"stylesheet\" href=\"").nth(1).unwrap();
        browser.open(address.split('"').next().unwrap()).await.expect(200).shows(sheet);
    }
}

#[tokio::test]
async fn overrides_win_over_the_theme_and_change_one_block() {
    let mut site = Site::new("");
    write(
        site.folder.path(),
        &[
            ("acme/theme.css", ""),
            ("acme/locales/en.ftl", "title-login = Come in\n"),
            (
                "overrides/page/login.html",
                "{% extends \"page/login.html\" %}{% block main %}<p>Maintenance on Sunday</p>{{ super() }}{% endblock %}",
            ),
        ],
    );
    site.restart(ACME);
    let page = site.browser().open("/login").await;
    page.expect(200)
        .shows("Maintenance on Sunday")
        .shows("<h1>Come in</h1>")
        .shows("name=\"password\"");
    // They are the site's and not the theme's.
    site.restart("");
    site.browser()
        .open("/login")
        .await
        .expect(200)
        .shows("Maintenance on Sunday")
        .shows("<h1>Sign in</h1>");
}

#[tokio::test]
async fn a_template_that_fails_for_a_visitor_is_stood_in_for_and_logged_once() {
    let themes = tempfile::tempdir().unwrap();
    write(
        themes.path(),
        &[
            ("acme/theme.css", ""),
            (
                "acme/page/login.html",
                "{% extends \"page/login.html\" %}{% block main %}{% if next and next.url == \"/trap\" %}{{ next.nothing }}{% endif %}<p>acme</p>{{ super() }}{% endblock %}",
            ),
        ],
    );
    let path = themes.path().join("themes");
    let vestibule = Vestibule::start(&format!("{BASE}{ACME}path = {path:?}\n")).await;
    let visitor = vestibule.visitor();
    visitor.open("/login").await.expect(200).shows("<p>acme</p>");
    for _ in 0..2 {
        let page = visitor.open("/login?next=/trap").await;
        page.expect(200).shows("name=\"password\"").hides("<p>acme</p>");
    }
    let line = vestibule.log_line(&["a template failed", "acme/page/login.html:1:"]).await;
    assert!(line.contains("request_id"), "{line}");
    assert_eq!(vestibule.log().matches("a template failed").count(), 1, "{}", vestibule.log());
}

#[tokio::test]
async fn below_a_theme_that_fails_stand_its_parent_then_the_built_in_one_and_then_one_page() {
    let trap = |name: &str, trap: &str| {
        format!(
            "{{% extends \"page/login.html\" %}}{{% block main %}}{{% if next and next.url in {trap} %}}\
             {{{{ next.nothing }}}}{{% endif %}}<p>{name}</p>{{{{ super() }}}}{{% endblock %}}"
        )
    };
    let mut site = Site::new("");
    write(
        site.folder.path(),
        &[
            ("house/theme.toml", "name = \"house\"\nversion = \"1\"\ncontract = 1\n"),
            ("house/page/login.html", &trap("house", "[\"/deep\"]")),
            (
                "acme/theme.toml",
                "name = \"acme\"\nversion = \"1\"\ncontract = 1\nextends = \"house\"\n",
            ),
            ("acme/page/login.html", &trap("acme", "[\"/trap\", \"/deep\"]")),
        ],
    );
    // No theme can spoil the built-in one, but a sentence of the site can: this one is for people whose name is a
    // number, which nobody is in the samples.
    let texts = "[i18n.texts.en]\n\"welcome.hello_name-other\" = \"Hello {nobody}\"\n";
    site.restart(&format!("{ACME}{texts}"));
    let browser = site.browser();
    browser.open("/login").await.expect(200).shows("<p>acme</p>").shows("<p>house</p>");
    let parent = browser.open("/login?next=/trap").await;
    parent.expect(200).shows("<p>house</p>").hides("<p>acme</p>").shows("name=\"password\"");
    let built_in = browser.open("/login?next=/deep").await;
    built_in.expect(200).hides("<p>house</p>").hides("<p>acme</p>").shows("name=\"password\"");

    site.backend.rename(EMAIL, "7");
    let browser = site.signed_in().await;
    let page = browser.open("/welcome").await;
    let id = page.expect(500).header("x-request-id").unwrap();
    page.shows("This page could not be shown").shows(&format!("<code>{id}</code>"));
    page.hides("<link rel=\"stylesheet\"").hides("nobody");
}

#[test]
fn a_misspelt_name_is_told_in_the_words_of_the_checker_before_the_start() {
    let folder = folder(&format!("{BASE}{ACME}"));
    let files = [
        ("acme/theme.toml", "name = \"acme\"\nversion = \"1.0.0\"\ncontract = 1\n"),
        ("acme/element/button.html", "<button type=\"submit\">{{ form.sumbit }}</button>\n"),
    ];
    write(folder.path(), &files);
    let (code, stdout, stderr) = run(&folder, &["check"]);
    assert_eq!(code, 1, "{stdout}{stderr}");
    assert!(stdout.contains("V1604") && stdout.contains("button.html:1:"), "{stdout}");
    assert!(stdout.contains("did you mean") && stdout.contains("submit"), "{stdout}");
    assert!(stdout.contains("seen on login.idle"), "{stdout}");
}

#[test]
fn a_sentence_that_is_missing_is_told_with_what_to_do_before_the_start() {
    let page = "{% extends \"page/login.html\" %}\n{% block main %}{{ t(\"KEY\") }}{{ super() }}{% endblock %}\n";
    for (key, help) in [
        ("brand.tagline", "help: write it into locales/en.ftl, or take the right key; seen on"),
        ("welcome.helo", "help: did you mean \"welcome-hello\"? Otherwise write it into"),
    ] {
        let folder = folder(&format!("{BASE}{ACME}"));
        let page = page.replace("KEY", key);
        write(folder.path(), &[("acme/theme.css", ""), ("acme/page/login.html", &page)]);
        let (code, stdout, stderr) = run(&folder, &["check"]);
        assert_eq!(code, 1, "{stderr}");
        assert!(stdout.contains(&format!("V1604]: there is no text \"{key}\"\n")), "{stdout}");
        assert!(stdout.contains(help) && stdout.contains("page/login.html:2:22"), "{stdout}");
        assert!(!stdout.contains("invalid operation"), "{stdout}");
    }
}

#[test]
fn an_option_that_nobody_takes_is_a_finding_at_its_line() {
    let folder = folder(&format!("{BASE}[theme.options]\nbrand = \"x\"\nacent = \"#fff\"\n"));
    let (code, stdout, _) = run(&folder, &["check"]);
    assert_eq!(code, 1, "{stdout}");
    assert!(
        stdout.contains("auth.toml:9:9") && stdout.contains("did you mean \"accent\"?"),
        "{stdout}"
    );
}

#[test]
fn colours_that_are_hard_to_read_are_a_warning_that_lets_the_site_start() {
    let folder = folder(&format!("{BASE}[theme.options]\naccent = \"#ffee00\"\n"));
    let (code, stdout, _) = run(&folder, &["check"]);
    assert_eq!(code, 0, "{stdout}");
    assert!(stdout.contains("warning[V1607]") && stdout.contains("1.20:1"), "{stdout}");
    assert!(stdout.contains("auth.toml:8:10"), "{stdout}");
}

#[test]
fn a_new_theme_has_nothing_to_find_fault_with_whatever_it_begins_with() {
    for from in [&[][..], &["--from", "split"], &["--from", "minimal"], &["--from", "plain"]] {
        let folder = folder(&format!("{BASE}{ACME}"));
        let (code, stdout, stderr) = run(&folder, &[&["theme", "new", "acme"], from].concat());
        assert_eq!(code, 0, "{stderr}");
        for file in ["theme.toml", "theme.css", "assets/logo.svg", "locales/en.ftl"] {
            assert!(stdout.contains(&format!("themes/acme/{file}\n")), "{stdout}");
        }
        let (code, stdout, stderr) = run(&folder, &["check"]);
        assert_eq!((code, stdout.as_str()), (0, ""), "{stderr}");
        assert!(stderr.contains("nothing to find fault with"), "{stderr}");
        // What is commented out can be used as well.
        let manifest = read(folder.path(), "acme/theme.toml");
        let all: Vec<&str> = manifest
            .lines()
            .map(|line| {
                line.strip_prefix("# ")
                    .filter(|rest| {
                        rest.contains(" = ") || rest.starts_with('[') && rest.ends_with(']')
                    })
                    .unwrap_or(line)
            })
            .collect();
        write(folder.path(), &[("acme/theme.toml", &all.join("\n"))]);
        let (code, stdout, _) = run(&folder, &["check"]);
        assert_eq!(code, 0, "{stdout}{}", all.join("\n"));
    }
}

/// A second table [theme] would be a mistake.
#[test]
fn a_new_theme_says_what_to_change_in_the_file_as_it_is() {
    let lines = BASE.lines().count();
    for (file, told) in [
        (format!("{BASE}{ACME}"), format!("change the name in line {} of auth.toml", lines + 2)),
        (
            format!("{BASE}[theme]\noptions.brand = \"A\"\n"),
            format!("add to [theme], which is in line {} of auth.toml", lines + 1),
        ),
        (
            format!("theme = {{ name = \"daisy\" }}\n{BASE}"),
            "change the name in line 1 of auth.toml".into(),
        ),
        (format!("{BASE}[theme.options]\nbrand = \"A\"\n"), "write in auth.toml".into()),
        (BASE.to_owned(), "write in auth.toml:\n\n[theme]\nname = \"new\"\n".into()),
    ] {
        let folder = folder(&file);
        let (code, _, stderr) = run(&folder, &["theme", "new", "new"]);
        assert!(code == 0 && stderr.contains(&told), "{told}: {stderr}");
        assert!(stderr.contains("\nname = \"new\"\n"), "{stderr}");
        assert_eq!(stderr.contains("\n[theme]\n"), told.starts_with("write"), "{stderr}");
    }
}

#[test]
fn a_new_theme_needs_a_name_of_its_own_and_a_layout_that_is_there() {
    let folder = folder(BASE);
    run(&folder, &["theme", "new", "acme"]);
    for (arguments, expected) in [
        (&["theme", "new", "acme"][..], "there is a theme \"acme\" already"),
        (&["theme", "new", "daisy"], "there is a theme \"daisy\" already"),
        (&["theme", "new", "../x"], "is no name for a theme"),
        (&["theme", "new", "overrides"], "is no name for a theme"),
        (&["theme", "new", "b", "--from", "splt"], "did you mean \"split\"?"),
    ] {
        let (code, stdout, stderr) = run(&folder, arguments);
        assert_eq!((code, stdout.as_str()), (78, ""), "{arguments:?}");
        assert!(stderr.contains(expected), "{stderr}");
    }
    assert!(!folder.path().join("x").exists());
}

#[test]
fn themes_can_be_made_before_there_is_a_site() {
    let folder = tempfile::tempdir().unwrap();
    assert_eq!(run(&folder, &["theme", "new", "acme"]).0, 0);
    let (code, stdout, _) = run(&folder, &["theme", "list"]);
    assert_eq!(code, 0);
    insta::assert_snapshot!(stdout, @"
      acme           0.1.0  themes/acme  over daisy
    * daisy          1.0.0  built in     DaisyUI 5 in light and dark: accessible, strict, working without JavaScript
      high-contrast  1.0.0  built in     A poster: contrast of 7:1 and more, large type, thick lines, big targets; over plain, daisy
      plain          1.0.0  built in     A well set page: serif headings, paper and ink, no framework at all; over daisy
    ");
    // Nor need the rest of the file be right.
    fs::write(folder.path().join("auth.toml"), "[sever]\n[theme]\nname = \"acme\"\n").unwrap();
    write(folder.path(), &[("broken/theme.toml", "name = 1\n")]);
    let (_, stdout, _) = run(&folder, &["theme", "list", "--format", "json"]);
    let list: Value = serde_json::from_str(&stdout).unwrap();
    assert_eq!(list[0]["name"], "acme");
    assert_eq!(list[0]["chosen"], true);
    assert_eq!(list[0]["extends"][0], "daisy");
    assert!(list[1]["fault"].as_str().unwrap().contains("broken/theme.toml:1:8"), "{list:#}");
}

#[test]
fn an_ejected_file_remembers_its_original_and_says_when_that_has_changed() {
    let manifest = "name = \"house\"\nversion = \"1.0.0\"\ncontract = 1\n";
    let folder = folder(&format!("{BASE}{ACME}"));
    write(
        folder.path(),
        &[
            ("house/theme.toml", manifest),
            ("house/element/button.html", "<button type=\"submit\">One</button>\n"),
            (
                "acme/theme.toml",
                "name = \"acme\"\nversion = \"1\"\ncontract = 1\nextends = \"house\"\n",
            ),
        ],
    );
    for file in ["button", "base.html", "mail/reset.txt", "assets/theme.css"] {
        let (code, _, stderr) = run(&folder, &["theme", "eject", file]);
        assert_eq!(code, 0, "{file}: {stderr}");
    }
    let copy = read(folder.path(), "acme/element/button.html");
    assert!(
        copy.starts_with("{# ejected from house 1.0.0, element/button.html, sha256 "),
        "{copy}"
    );
    let (code, stdout, stderr) = run(&folder, &["check"]);
    assert_eq!((code, stdout.as_str()), (0, ""), "a copy is as good as its original: {stderr}");
    assert_eq!(run(&folder, &["theme", "diff"]), (0, String::new(), "nothing differs\n".into()));
    assert_eq!(run(&folder, &["theme", "upgrade"]).0, 0);

    // One's own changes are no upgrade.
    write(folder.path(), &[("acme/element/button.html", &copy.replace("One", "Mine"))]);
    assert_eq!(run(&folder, &["theme", "upgrade"]).0, 0);
    let (code, stdout, _) = run(&folder, &["theme", "diff", "button"]);
    assert_eq!(code, 0);
    assert!(stdout.starts_with("--- house/element/button.html\n+++ "), "{stdout}");
    assert!(
        stdout.contains(
            "\n-<button type=\"submit\">One</button>\n+<button type=\"submit\">Mine</button>\n"
        ),
        "{stdout}"
    );
    assert!(!stdout.contains("ejected from"), "{stdout}");

    write(
        folder.path(),
        &[
            ("house/theme.toml", &manifest.replace("1.0.0", "1.1.0")),
            ("house/element/button.html", "<button type=\"submit\">Two</button>\n"),
        ],
    );
    let (code, stdout, stderr) = run(&folder, &["theme", "upgrade"]);
    assert_eq!(code, 1, "{stdout}");
    insta::assert_snapshot!(stdout, @"
    assets/theme.css     up to date
    base.html            up to date
    element/button.html  changed: copied from house 1.0.0, now house 1.1.0
    mail/reset.txt       up to date
    ");
    assert!(stderr.contains("theme upgrade --accept FILE"), "{stderr}");
    assert_eq!(run(&folder, &["theme", "upgrade", "--accept", "button"]).0, 0);
    assert_eq!(run(&folder, &["theme", "upgrade"]).0, 0);
    let accepted = read(folder.path(), "acme/element/button.html");
    assert!(accepted.contains("house 1.1.0") && accepted.contains("Mine"), "{accepted}");
    assert_eq!(accepted.matches("ejected from").count(), 1);

    fs::remove_file(folder.path().join("themes/house/element/button.html")).unwrap();
    let (_, stdout, _) = run(&folder, &["theme", "upgrade"]);
    assert!(stdout.contains("changed: copied from house 1.1.0, now daisy 1.0.0"), "{stdout}");
}

#[test]
fn what_is_ejected_twice_or_from_nowhere_is_refused() {
    let folder = folder(BASE);
    // The theme is part of the program, so the copy goes above it.
    let (code, stdout, _) = run(&folder, &["theme", "eject", "login"]);
    assert_eq!((code, stdout.as_str()), (0, "themes/overrides/page/login.html\n"));
    for (file, expected) in [
        ("login", "overrides has its own page/login.html already"),
        ("lgoin.html", "did you mean"),
        ("theme.toml", "each theme's own"),
        ("reset", "name one of mail/reset.html, mail/reset.txt"),
        ("../auth.toml", "there is no file"),
    ] {
        let (code, stdout, stderr) = run(&folder, &["theme", "eject", file]);
        assert_eq!((code, stdout.as_str()), (78, ""), "{file}: {stderr}");
        assert!(stderr.contains(expected), "{stderr}");
    }
}

#[test]
fn explain_says_which_layer_everything_of_a_page_comes_from() {
    let folder = folder(&format!("{BASE}{ACME}[theme.options]\naccent = \"#0b5fff\"\n"));
    write(
        folder.path(),
        &[
            (
                "acme/theme.toml",
                "name = \"acme\"\nversion = \"1.2.0\"\ncontract = 1\n[defaults]\nradius = 1\n",
            ),
            ("acme/theme.css", "a{}"),
            (
                "acme/page/login.html",
                "{% extends \"page/login.html\" %}\n{% block title %}x{% endblock %}\n",
            ),
            ("acme/element/button.html", "<button type=\"submit\">{{ form.submit }}</button>\n"),
            ("acme/locales/en.ftl", "login-no_account = New?\n"),
            ("overrides/locales/en.ftl", "login-no_account = Newer?\n"),
        ],
    );
    let (code, stdout, stderr) = run(&folder, &["theme", "explain", "login"]);
    assert_eq!((code, stderr.as_str()), (0, ""));
    insta::assert_snapshot!("theme_explain_login", stdout);
    let (_, stdout, _) = run(&folder, &["theme", "explain", "--format", "json"]);
    let all: Value = serde_json::from_str(&stdout).unwrap();
    assert_eq!(all["texts"].as_array().unwrap().len(), 1, "only what differs: {}", all["texts"]);
    assert_eq!(all["texts"][0]["layer"], "overrides");
    let options = all["options"].as_array().unwrap();
    let accent = options.iter().find(|it| it["name"] == "accent").unwrap();
    assert_eq!(accent["place"], "auth.toml:10:10");
    let radius = options.iter().find(|it| it["name"] == "radius").unwrap();
    assert_eq!(radius["place"], "themes/acme/theme.toml:5:10");
}

#[test]
fn explain_lists_what_the_program_asks_for_on_a_page_too() {
    let site = "[[form]]\nid = \"contact\"\npath = \"/contact\"\ntemplate = \"page/contact.html\"\n\
                submit = { send = \"POST /contact\" }\n[[form.field]]\nname = \"topic\"\n";
    let folder = folder(&format!("{BASE}{ACME}{site}"));
    let page = "{% extends \"page/form.html\" %}\n";
    let texts =
        "title-contact = Write to us\nlabel-topic = What about?\nlabel-email = Your address\n";
    let files =
        [("acme/theme.css", ""), ("acme/page/contact.html", page), ("acme/locales/en.ftl", texts)];
    write(folder.path(), &files);
    let texts = |page: &str| -> Vec<(String, String)> {
        let (code, stdout, stderr) = run(&folder, &["theme", "explain", page, "--format", "json"]);
        assert_eq!(code, 0, "{stderr}");
        let explained: Value = serde_json::from_str(&stdout).unwrap();
        let word = |text: &Value, key: &str| text[key].as_str().unwrap().to_owned();
        let texts = explained["texts"].as_array().unwrap().iter();
        texts.map(|text| (word(text, "key"), word(text, "layer"))).collect()
    };
    for (page, keys) in [
        ("login", &["title-login daisy", "label-email acme", "submit-login daisy"][..]),
        ("register", &["label-password_confirm daisy", "hint-new_password daisy"]),
        ("contact", &["title-contact acme", "label-topic acme", "submit-other daisy"]),
        ("error", &["error-404-title daisy"]),
    ] {
        let said: Vec<_> =
            texts(page).into_iter().map(|(key, layer)| format!("{key} {layer}")).collect();
        for key in keys {
            assert!(said.iter().any(|it| it == key), "{page} lacks {key}: {said:?}");
        }
    }
    let login = texts("login");
    assert!(!login.iter().any(|(key, _)| key == "label-password_confirm"), "{login:?}");
}

#[test]
fn the_help_of_the_designers_tools_is_as_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let mut told = String::new();
    for command in ["", "list", "new", "eject", "diff", "upgrade", "schema", "fixture", "explain"] {
        let arguments: Vec<&str> =
            ["theme", command, "--help"].into_iter().filter(|it| !it.is_empty()).collect();
        let (code, stdout, _) = run(&folder, &arguments);
        assert_eq!(code, 0, "{command}");
        writeln!(told, "$ vestibule {}\n{stdout}", arguments.join(" ")).unwrap();
    }
    insta::assert_snapshot!("theme_help", told);
}
