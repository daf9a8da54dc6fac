//! Several layers, one over the other, and what comes from which.

use std::fs;

use tempfile::TempDir;

use super::*;
use crate::theme::context::PageContext;
use crate::theme::tests::site;
use crate::theme::{Theme, ThemePlan};

/// A themes folder with these files; each path begins with the theme's name.
pub(in crate::theme) fn themes(files: &[(&str, &str)]) -> TempDir {
    let root = TempDir::new().unwrap();
    for (path, text) in files {
        let path = root.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    root
}

pub(in crate::theme) fn open(root: &TempDir, name: &str) -> Result<Theme, Vec<Finding>> {
    let plan =
        ThemePlan { name: name.to_owned(), path: root.path().to_owned(), options: BTreeMap::new() };
    Theme::open(&plan, site())
}

#[track_caller]
pub(in crate::theme) fn opened(root: &TempDir, name: &str) -> Theme {
    open(root, name).unwrap_or_else(|findings| panic!("{findings:#?}"))
}

pub(in crate::theme) fn sample(theme: &Theme, id: &str, state: &str) -> PageContext {
    let mut samples = theme.samples(&site().urls).into_iter();
    samples.find(|page| page.page.id == id && page.sample == state).unwrap()
}

/// The theme's login page.
#[track_caller]
fn login(root: &TempDir, name: &str) -> String {
    let theme = opened(root, name);
    theme.render(&sample(&theme, "login", "idle")).unwrap()
}

/// A manifest that stands on another theme.
pub(in crate::theme) fn extending(name: &str, parent: &str) -> String {
    format!("name = \"{name}\"\nversion = \"1.0.0\"\ncontract = 1\nextends = \"{parent}\"\n")
}

#[test]
fn a_file_comes_from_the_highest_layer_that_has_one() {
    let root = themes(&[
        ("acme/theme.toml", &extending("acme", "house")),
        ("house/theme.toml", &extending("house", "daisy")),
        ("house/element/button.html", "<button>house</button>"),
        ("house/element/nav.html", "<p>nav of the house</p>"),
        ("acme/element/button.html", "<button>acme</button>"),
        ("acme/locales/en.ftl", "title-login = Acme\nlogin-no_account = Acme?\n"),
        ("overrides/locales/en.ftl", "title-login = Mine\n"),
    ]);
    let page = login(&root, "acme");
    for expected in
        ["<button>acme</button>", "nav of the house", "<h1>Mine</h1>", "Acme?", "<!doctype html>"]
    {
        assert!(page.contains(expected), "{expected}: {page}");
    }
    let page = login(&root, "house");
    assert!(page.contains("<button>house</button>") && page.contains("<h1>Mine</h1>"), "{page}");
}

#[test]
fn a_template_that_extends_its_own_name_changes_one_block_of_the_layer_beneath() {
    let page = |who: &str| {
        format!(
            "{{% extends \"page/login.html\" %}}\n{{% block main %}}[{who}]{{{{ super() }}}}{{% endblock %}}"
        )
    };
    let root = themes(&[
        ("acme/theme.toml", &extending("acme", "house")),
        ("acme/page/login.html", &page("acme")),
        ("house/theme.toml", &extending("house", "daisy")),
        ("house/page/login.html", &page("house")),
        ("overrides/page/login.html", &page("mine")),
    ]);
    let html = login(&root, "acme");
    let order: Vec<usize> = ["[mine]", "[acme]", "[house]", "<h1>Sign in"]
        .iter()
        .map(|it| html.find(it).unwrap())
        .collect();
    assert!(order.is_sorted(), "{html}");
    let theme = opened(&root, "acme");
    let part = theme.render_partial(&sample(&theme, "login", "idle")).unwrap();
    assert!(
        part.contains("[mine]") && part.contains("[house]") && !part.contains("<html"),
        "{part}"
    );
}

#[test]
fn an_element_may_wrap_the_one_beneath() {
    let root = themes(&[
        ("acme/theme.css", ""),
        (
            "acme/element/field.html",
            "<div class=\"wrap\">{% include \"element/field.html\" %}</div>",
        ),
        (
            "acme/element/button.html",
            "{% include \"parent:element/button.html\" %}<i>{% include \"parent:part/csrf.html\" %}</i>",
        ),
    ]);
    let page = login(&root, "acme");
    assert_eq!(page.matches("<div class=\"wrap\">").count(), page.matches("<label for=").count());
    assert!(page.contains("type=\"submit\">Sign in</button>"), "{page}");
}

#[test]
fn the_lowest_layer_has_nothing_beneath_it() {
    for (text, expected) in [
        ("{% extends \"page/own.html\" %}", "cycle"),
        ("{% extends \"parent:page/own.html\" %}", "does not exist"),
    ] {
        let root = themes(&[
            ("acme/page/own.html", text),
            (
                "acme/page/error.html",
                "{% extends \"page/own.html\" %}{% block main %}{% endblock %}",
            ),
        ]);
        let findings = open(&root, "acme").err().unwrap();
        assert!(findings[0].message.contains(expected), "{text}: {findings:#?}");
        assert_eq!(findings[0].place.as_ref().unwrap().line, 1);
    }
}

#[test]
fn themes_that_extend_each_other_in_a_circle_are_refused_at_their_line() {
    let root = themes(&[
        ("acme/theme.toml", &extending("acme", "house")),
        ("house/theme.toml", &extending("house", "acme")),
    ]);
    let findings = open(&root, "acme").err().unwrap();
    let [finding] = findings.as_slice() else { panic!("{findings:#?}") };
    assert!(finding.message.ends_with("acme → house → acme"), "{}", finding.message);
    let place = finding.place.as_ref().unwrap();
    assert!(place.to_string().ends_with("house/theme.toml:4:11"), "{place}");

    let root = themes(&[("acme/theme.toml", &extending("acme", "dasiy"))]);
    let findings = open(&root, "acme").err().unwrap();
    assert_eq!(findings[0].code, Code::ThemeUnknown);
    assert_eq!(findings[0].help.as_deref(), Some("did you mean \"daisy\"?"));
    assert!(findings[0].place.as_ref().unwrap().to_string().ends_with("acme/theme.toml:4:11"));
    // Neither the folder of overrides nor a path is a theme.
    for parent in ["overrides", "../acme", "/etc", ""] {
        let root =
            themes(&[("acme/theme.toml", &extending("acme", parent)), ("overrides/theme.css", "")]);
        assert_eq!(open(&root, "acme").err().unwrap()[0].code, Code::ThemeUnknown, "{parent}");
    }
}

#[test]
fn a_folder_of_the_name_of_a_theme_of_the_program_stands_on_that() {
    for manifest in
        [extending("daisy", "daisy"), extending("daisy", "daisy").replace("extends", "# extends")]
    {
        let root = themes(&[
            ("daisy/theme.toml", &manifest),
            ("daisy/element/button.html", "<b>mine</b>"),
            ("acme/theme.toml", &extending("acme", "daisy")),
        ]);
        for name in ["daisy", "acme"] {
            let page = login(&root, name);
            assert!(page.contains("<b>mine</b>") && page.contains("<h1>Sign in</h1>"), "{page}");
        }
    }
}

#[test]
fn the_folder_of_overrides_is_no_theme() {
    let root = themes(&[("overrides/theme.toml", "contract = 1\n"), ("acme/theme.css", "")]);
    let findings = open(&root, "acme").err().unwrap();
    assert!(findings[0].message.contains("no theme"), "{findings:#?}");
}

#[test]
fn a_template_that_fails_only_for_a_visitor_is_stood_in_for_by_the_layer_beneath() {
    let trap = "{% extends \"page/login.html\" %}{% block main %}{% if next and next.url == \"/trap\" %}{{ next.nothing }}{% endif %}<p>NAME</p>{{ super() }}{% endblock %}";
    let root = themes(&[
        ("acme/theme.toml", &extending("acme", "house")),
        ("acme/page/login.html", &trap.replace("NAME", "acme")),
        ("house/theme.toml", &extending("house", "daisy")),
        (
            "house/page/login.html",
            "{% extends \"page/login.html\" %}{% block main %}<p>house</p>{{ super() }}{% endblock %}",
        ),
        (
            "acme/page/only.html",
            "{% extends \"base.html\" %}{% block body %}{{ nothing }}{% endblock %}",
        ),
    ]);
    let theme = opened(&root, "acme");
    let mut page = sample(&theme, "login", "idle");
    assert!(theme.page(&page, false).unwrap().html.contains("<p>acme</p>"));
    page.next = Some(crate::theme::context::Next { url: "/trap".into() });
    for partial in [false, true] {
        let rendered = theme.page(&page, partial).unwrap();
        assert!(
            rendered.html.contains("<p>house</p><div") || rendered.html.contains("<p>house</p>")
        );
        assert!(!rendered.html.contains("<p>acme</p>"), "{}", rendered.html);
        assert_eq!(rendered.html.contains("<html"), !partial);
        // The log is told once, with the place of the fault.
        assert_eq!(rendered.fault.is_some(), !partial, "{:?}", rendered.fault);
        if let Some(fault) = rendered.fault {
            assert!(fault.contains("acme/page/login.html:1:"), "{fault}");
        }
    }
    // Where no layer beneath has the template, the caller has its last resort.
    page.template = Some("page/only.html".into());
    assert!(theme.page(&page, false).unwrap_err().to_string().contains("page/only.html"));
}
