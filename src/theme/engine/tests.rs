//! A theme that means harm: it gets no file, no endless loop, and nothing past the escaping.

use std::fs;

use crate::finding::{Code, Finding};
use crate::theme::layers::tests::{open, opened, sample, themes};
use crate::theme::letters::{LetterKind, LetterValues};

const EVIL: &str = "<script>alert('x')</script>";

/// What is said of a theme whose error page is this.
#[track_caller]
fn refused(template: &str) -> Finding {
    let page = format!("{{% block main %}}{template}{{% endblock %}}");
    let root = themes(&[("evil/page/error.html", &page)]);
    let findings = open(&root, "evil").err();
    let findings = findings.unwrap_or_else(|| panic!("{template} was accepted"));
    findings.into_iter().next().unwrap()
}

#[test]
fn nothing_outside_of_the_theme_can_be_reached_by_any_name() {
    let root = themes(&[("secret.html", "SECRET"), ("other/page/error.html", "SECRET")]);
    let absolute = root.path().join("secret.html").display().to_string();
    let mut names = [
        "../secret.html",
        "../../secret.html",
        "page/../../secret.html",
        "/etc/passwd",
        "file:///etc/passwd",
        "parent:../secret.html",
        "parent:parent:parent:page/error.html",
        "other:page/error.html",
        "other/page/error.html",
        "theme.toml",
        "locales/en.ftl",
        "assets/theme.css",
        "page/error.html\0",
        "",
    ]
    .map(str::to_owned)
    .to_vec();
    names.push(absolute);
    for name in names {
        for tag in ["include NAME", "import NAME as x", "from NAME import x"] {
            let tag = tag.replace("NAME", &format!("{name:?}"));
            let finding = refused(&format!("{{% {tag} %}}"));
            assert_eq!(finding.code, Code::TemplateRender, "{tag}: {finding:?}");
            assert!(!format!("{finding:?}").contains("SECRET"), "{tag}");
        }
    }
    for function in
        ["open('/etc/passwd')", "read('x')", "env('HOME')", "include('x')", "load('x')", "get('x')"]
    {
        assert_eq!(
            refused(&format!("{{{{ {function} }}}}")).code,
            Code::TemplateRender,
            "{function}"
        );
    }
}

#[test]
fn what_never_ends_is_ended() {
    for (template, expected) in [
        ("{% for a in range(9999) %}{% for b in range(9999) %}x{% endfor %}{% endfor %}", "fuel"),
        ("{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}", "recursion"),
        (
            "{% macro m(n) %}{% for i in range(9) %}{{ m(n) }}{% endfor %}{% endmacro %}{{ m(1) }}",
            "recursion",
        ),
        ("{% for a in [1] recursive %}{{ loop([1]) }}{% endfor %}", "recursion"),
        ("{{ range(999999999) }}", "range"),
    ] {
        let finding = refused(template);
        assert!(finding.message.contains(expected), "{template}: {finding:?}");
    }
    let around = [
        ("evil/element/nav.html", "{% include \"element/circle.html\" %}"),
        ("evil/element/circle.html", "{% include \"element/nav.html\" %}"),
    ];
    assert!(open(&themes(&around), "evil").err().unwrap()[0].message.contains("recursion"));
}

#[test]
fn nothing_gets_past_the_escaping() {
    // Every way to make markup of a text: each is refused, or escaped all the same.
    let ways = [
        "{{ evil }}",
        "{{ evil|safe }}",
        "{% autoescape false %}{{ evil }}{% endautoescape %}",
        "{% autoescape 'none' %}{{ evil }}{% endautoescape %}",
        "{% autoescape 'json' %}{{ evil }}{% endautoescape %}",
        "{% set x %}{{ evil }}{% endset %}{{ x }}",
        "{% macro m(v) %}{{ v }}{% endmacro %}{{ m(evil) }}",
        "{% filter upper|lower %}{{ evil }}{% endfilter %}",
        "{{ ('<b>'|escape)|replace('&lt;b&gt;', evil) }}",
        "{{ ('x'|escape) ~ evil }}",
        "{{ ('x'|escape) + evil }}",
        "{{ evil ~ ('x'|escape) }}",
        "{{ [evil, 'x'|escape]|join('y'|escape) }}",
        "{{ ['x'|escape, 'y'|escape]|join(evil) }}",
        "{{ ('%s'|escape)|format(evil) }}",
        "{{ ('x'|escape)|default(evil) }}{{ evil|default('x') }}",
        "{{ evil|escape|upper|lower }}",
        "{{ evil|trim }}{{ evil|title|lower }}{{ evil|capitalize }}",
        "{{ evil|indent(2) }}{{ evil|escape|indent(2) }}",
        "{{ evil|list|join }}",
        "{{ evil|tojson }}",
        "{{ evil|pprint }}",
        "{{ evil|string }}",
        "{{ {evil: evil} }}",
        "{{ {evil: evil}|items }}",
        "{{ {evil: evil}|tojson }}",
        "{{ [evil]|first }}{{ [evil]|last }}",
        "{{ evil|reverse|reverse }}",
        "{{ evil|split('x')|join('x') }}",
        "{{ [evil]|map('escape')|join }}",
        "{{ [evil]|map('safe')|join }}",
        "{{ t('title.with_error', title=evil) }}",
    ];
    let mut shown = 0;
    for way in ways {
        let page = way.replace("evil", "error.title");
        let page = format!(
            "{{% extends \"layout/entrance.html\" %}}{{% block main %}}{page}{{% endblock %}}"
        );
        let root = themes(&[("evil/page/error.html", &page)]);
        let Ok(theme) = open(&root, "evil") else { continue };
        let mut page = sample(&theme, "error", "404");
        page.page.title = "quiet".to_owned();
        page.error.as_mut().unwrap().title = EVIL.to_owned();
        for partial in [false, true] {
            if let Ok(html) =
                if partial { theme.render_partial(&page) } else { theme.render(&page) }
            {
                shown += 1;
                let lower = html.to_ascii_lowercase();
                assert!(
                    !lower.contains("<script>") && !lower.contains("alert('x')"),
                    "{way}: {html}"
                );
            }
        }
    }
    assert!(shown >= 30, "only {shown} of them were rendered");
}

#[test]
fn a_mail_in_html_escapes_also_what_it_takes_from_the_text() {
    let root = themes(&[
        ("evil/mail/reset.html", "<p>{% include \"mail/reset.txt\" %}</p>"),
        ("evil/mail/reset.txt", "Subject\n\n{{ name }} {{ link }}\n"),
        ("evil/mail/verify.txt", "{% extends \"mail/verify.txt\" %}"),
    ]);
    let letters = opened(&root, "evil").letters();
    let values = LetterValues {
        name: EVIL.to_owned(),
        link: "https://x/?a=1&b=2".to_owned(),
        lifetime_s: 60,
        language: String::new(),
    };
    let letter = letters.write(LetterKind::Reset, &values, "example.com").unwrap();
    assert!(
        letter.html.contains("&lt;script&gt;") && !letter.html.contains("<script>"),
        "{}",
        letter.html
    );
    assert!(letter.text.contains("https://x/?a=1&b=2"), "{}", letter.text);
    // The mail of the layer beneath, by its own name.
    assert!(!letters.write(LetterKind::Verify, &values, "example.com").unwrap().text.is_empty());
    for template in ["{{ name|safe }}", "{% autoescape false %}{{ name }}{% endautoescape %}"] {
        let root = themes(&[("evil/mail/reset.html", template)]);
        assert!(open(&root, "evil").is_err(), "{template}");
    }
}

#[test]
fn links_that_leave_the_folder_are_refused_in_every_layer() {
    for place in ["evil/assets", "evil/locales", "overrides/page", "house/element"] {
        let root = themes(&[
            ("evil/theme.toml", &crate::theme::layers::tests::extending("evil", "house")),
            ("house/theme.css", ""),
            ("secret", "a = \"SECRET\"\n"),
        ]);
        let folder = root.path().join(place);
        fs::create_dir_all(&folder).unwrap();
        let name = if place.ends_with("assets") {
            "x.txt"
        } else if place.ends_with("locales") {
            "en.ftl"
        } else {
            "x.html"
        };
        std::os::unix::fs::symlink(root.path().join("secret"), folder.join(name)).unwrap();
        let findings = open(&root, "evil").err().unwrap();
        assert!(findings[0].message.contains("leaves the theme's folder"), "{place}: {findings:?}");
    }
    // A link to a folder elsewhere is not followed.
    let root = themes(&[("evil/theme.css", ""), ("secrets/x.txt", "SECRET")]);
    std::os::unix::fs::symlink(root.path().join("secrets"), root.path().join("evil/assets"))
        .unwrap();
    assert!(!opened(&root, "evil").look.assets.addresses().contains_key("x.txt"));
}
