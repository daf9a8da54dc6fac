//! `vestibule theme check`, as those who make themes use it.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use serde_json::Value;
use vestibule::{Severity, ThemeRule, Themes, Vestibule, report};

use crate::cli::run;

const MANIFEST: &str = "name = \"acme\"\nversion = \"1.0.0\"\nlicense = \"MIT\"\ncontract = 1\n";

/// A folder whose site has the theme `acme` with these files, and nothing else that would be needed.
fn acme(files: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("auth.toml"), "[theme]\nname = \"acme\"\n").unwrap();
    for (path, text) in [("theme.toml", MANIFEST)].iter().chain(files) {
        let path = folder.path().join("themes/acme").join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    folder
}

/// The folder of this run has another name next time.
fn told(folder: &tempfile::TempDir, text: &str) -> String {
    text.replace(&folder.path().display().to_string(), "").replace("/themes/", "themes/")
}

const BROKEN: [(&str, &str); 5] = [
    ("theme.css", ".lead {\n  margin-left: 1rem;\n  color: var(--color-primry);\n}\n"),
    (
        "page/login.html",
        "{% extends \"page/login.html\" %}\n{% block main %}\n<p class=\"leed\">{{ form.sumbit }}</p>\n{{ super() }}\n{% endblock %}\n",
    ),
    ("page/welcome.html", "{% extends \"page/welcome.html\" %}\n{% block main %}{{ super( }}\n"),
    ("locales/en.ftl", "titel-login = Come in\n"),
    ("locales/de.ftl", "title-login Willkommen\n"),
];

#[test]
fn a_broken_theme_is_told_everything_at_once_with_places_and_cures() {
    let folder = acme(&BROKEN);
    let (code, stdout, stderr) = run(&folder, &["theme", "check"]);
    assert_eq!(code, 1, "{stdout}{stderr}");
    insta::assert_snapshot!(told(&folder, &stdout));
}

#[test]
fn pages_that_the_site_declares_are_looked_at_too() {
    let page = "{% extends \"layout/entrance.html\" %}\n{% block main %}\n<p>{{ data.text }}</p>\n{% endblock %}\n";
    let folder = acme(&[("page/about.html", page)]);
    let alone = run(&folder, &["theme", "check"]);
    assert_eq!(alone.0, 0, "{alone:?}");
    let site = "[backend]\nbuiltin = { database = \"users.db\" }\n\
                [token]\nsecret = \"token-key-0123456789-0123456789-0123456789\"\n\
                [theme]\nname = \"acme\"\n\
                [[page]]\npath = \"/about\"\ntemplate = \"page/about.html\"\ntitle = \"About us\"\n\
                data = { text = \"We make things.\" }\n";
    fs::write(folder.path().join("auth.toml"), site).unwrap();
    let (code, stdout, stderr) = run(&folder, &["theme", "check"]);
    assert_eq!(code, 1, "{stdout}{stderr}");
    assert!(stdout.contains("seen on about.default"), "{stdout}");
}

/// Of one language the misspelt key is not told as one that the other lacks.
#[test]
fn a_misspelt_name_behind_a_key_is_told_and_one_of_another_site_is_not() {
    let other_site =
        "title-survey = What do you think?\nlabel-topic = Topic\nsubmit-survey = Tell us\n";
    let misspelt = "title-lgoin = Come in\nlabel-emial = Your address\nfield-required-emial = Your address, please\n";
    let folder = acme(&[
        ("locales/en.ftl", &[other_site, misspelt].concat()),
        ("locales/de.ftl", other_site),
    ]);
    let (code, stdout, _) = run(&folder, &["theme", "check"]);
    assert_eq!(code, 1, "{stdout}");
    for key in ["title-login", "label-email", "field-required-email"] {
        assert!(stdout.contains(&format!("did you mean \"{key}\"?")), "{key}: {stdout}");
    }
    assert_eq!(stdout.matches("warning[L003]").count(), 3, "{stdout}");
    assert!(stdout.ends_with("\n3 warnings\n"), "{stdout}");
}

#[test]
fn what_the_site_declares_is_no_misspelt_name() {
    let texts = "title-contacts = Write to us\nlabel-emails = Your addresses\n";
    let folder = acme(&[("locales/en.ftl", texts)]);
    assert_eq!(run(&folder, &["theme", "check"]).0, 1, "names of no site");
    let site = "[backend]\nurl = \"http://127.0.0.1:9\"\n\
                [token]\nsecret = \"token-key-0123456789-0123456789-0123456789\"\n\
                [theme]\nname = \"acme\"\n\
                [[form]]\nid = \"contacts\"\nsubmit = { send = \"POST /contacts\" }\n\
                [[form.field]]\nname = \"emails\"\n";
    fs::write(folder.path().join("auth.toml"), site).unwrap();
    let (code, stdout, stderr) = run(&folder, &["theme", "check"]);
    assert_eq!((code, stdout.as_str()), (0, ""), "{stderr}");
}

#[test]
fn a_misspelt_name_in_the_texts_of_the_site_is_told_at_its_line() {
    let site = |texts: &str| {
        let folder = acme(&[]);
        let text = format!(
            "[backend]\nurl = \"http://127.0.0.1:9\"\n\
             [token]\nsecret = \"token-key-0123456789-0123456789-0123456789\"\n\
             [[form]]\nid = \"survey\"\nsubmit = {{ send = \"POST /survey\", body = {{ a = \"{{{{topic}}}}\" }} }}\n\
             [[form.field]]\nname = \"topic\"\n[i18n.texts.en]\n{texts}"
        );
        fs::write(folder.path().join("auth.toml"), text).unwrap();
        run(&folder, &["check"])
    };
    for (text, meant) in [
        ("\"title.lgoin\" = \"Come in\"", "title-login"),
        ("label-toipc = \"What about?\"", "label-topic"),
        ("\"field.required.emial\" = \"Please\"", "field-required-email"),
        ("\"form.survye.title\" = \"What do you think?\"", "form-survey-title"),
        ("\"form.survey.label.tpoic\" = \"Topic\"", "form-survey-label-topic"),
    ] {
        let (code, stdout, _) = site(text);
        assert_eq!(code, 1, "{text}: {stdout}");
        let told = format!("did you mean \"{meant}\"?");
        assert!(stdout.contains("auth.toml:11:") && stdout.contains(&told), "{stdout}");
    }
    let (code, stdout, stderr) = site(
        "\"title.login\" = \"Come in\"\n\"form.survey.title\" = \"x\"\n\"title.contract\" = \"x\"\n\
         \"form.survey.label.topic\" = \"x\"\n\"label.topic\" = \"x\"\n\"field.required.topic\" = \"x\"\n\
         \"retry.seconds.one\" = \"x\"\n\"form.other.title\" = \"x\"\n",
    );
    assert_eq!((code, stdout.as_str()), (0, ""), "{stderr}");
}

#[test]
fn a_manifest_that_is_no_toml_is_told_with_what_to_write() {
    let folder = acme(&[("theme.toml", &[MANIFEST, "[defaults]\nradius = 0,9\n"].concat())]);
    let (_, stdout, stderr) = run(&folder, &["theme", "check"]);
    assert!(stdout.contains("error[M001]: theme.toml cannot be used: a number is"), "{stderr}");
    assert!(stdout.contains("help: write radius = 0.9"), "{stdout}");
}

/// Nobody can tell what is in it, so nothing else is held to be there in vain.
#[test]
fn a_template_that_does_not_compile_is_told_once_and_with_a_cure() {
    let page = "{% extends \"page/login.html\" %}\n{% block main %}\n<p class=\"lead\">{{ t(\"claim\") }</p>\n\
                <img src=\"{{ asset(\"tree.svg\") }}\" alt=\"\">{% include \"part/more.html\" %}\n\
                {% if theme.options.extra %}{% endif %}{{ super() }}\n{% endblock %}\n";
    let option = "[options.extra]\ntype = \"bool\"\ndefault = false\n";
    let folder = acme(&[
        ("theme.toml", &[MANIFEST, option].concat()),
        ("theme.css", ".lead { color: var(--color-primary); }\n"),
        ("locales/en.ftl", "claim = For everyone\n"),
        ("assets/tree.svg", "<svg xmlns=\"http://www.w3.org/2000/svg\"/>"),
        ("part/more.html", "<hr>\n"),
        ("page/login.html", page),
    ]);
    let (code, stdout, _) = run(&folder, &["theme", "check"]);
    assert_eq!(code, 1);
    assert!(stdout.contains("page/login.html:3:31") && stdout.ends_with("\n1 error\n"), "{stdout}");
    assert!(stdout.contains("help: close it with }}: what begins with {{ ends so"), "{stdout}");
}

#[test]
fn programs_and_code_hosts_get_the_same_findings() {
    let folder = acme(&BROKEN);
    let (code, stdout, _) = run(&folder, &["theme", "check", "--format", "json"]);
    let report: Value = serde_json::from_str(&stdout).unwrap();
    let findings = report["findings"].as_array().unwrap();
    assert_eq!(code, 1);
    assert_eq!(report["hints"], 1);
    let is_named = |it: &&Value| it["code"] == "T002";
    let name = findings.iter().find(is_named).unwrap();
    assert_eq!((&name["place"]["line"], &name["place"]["column"]), (&3.into(), &25.into()));
    assert!(name["help"].as_str().unwrap().starts_with("did you mean \"submit\"?"), "{name:#}");
    let (_, stdout, _) = run(&folder, &["theme", "check", "acme", "--format", "github"]);
    assert!(
        stdout.contains("/page/login.html,line=3,col=25,title=T002::form has no sumbit"),
        "{stdout}"
    );
    assert!(stdout.contains("::notice file="), "{stdout}");
}

#[test]
fn hints_alone_are_told_and_let_a_pipeline_pass() {
    let sheet = ".lead {\n  margin-left: 1rem;\n}\n";
    let folder = acme(&[("theme.css", sheet)]);
    let (code, stdout, _) = run(&folder, &["theme", "check"]);
    assert!(code == 0 && stdout.contains("note[C003]") && stdout.contains("1 hint"), "{stdout}");
    assert_eq!(run(&folder, &["theme", "check", "--fail-level", "hint"]).0, 1);
    let spared = "/* check: ignore-file C003 the picture is on the left everywhere */\n";
    let folder = acme(&[("theme.css", &[spared, sheet].concat())]);
    let (code, stdout, stderr) = run(&folder, &["theme", "check", "--fail-level", "hint"]);
    assert_eq!((code, stdout.as_str()), (0, ""), "{stderr}");
    assert!(stderr.contains("nothing to find fault with"), "{stderr}");
}

#[test]
fn a_warning_fails_unless_only_errors_should() {
    let folder = acme(&[("assets/old.svg", "<svg xmlns=\"http://www.w3.org/2000/svg\"/>")]);
    assert_eq!(run(&folder, &["theme", "check"]).0, 1);
    assert_eq!(run(&folder, &["theme", "check", "--fail-level", "error"]).0, 0);
}

#[test]
fn a_theme_can_be_named_and_one_that_is_not_there_is_no_finding() {
    let folder = acme(&BROKEN);
    let (code, stdout, stderr) = run(&folder, &["theme", "check", "daisy"]);
    assert_eq!((code, stdout.as_str()), (0, ""), "{stderr}");
    let (code, stdout, stderr) = run(&folder, &["theme", "check", "acne"]);
    assert_eq!((code, stdout.as_str()), (78, ""));
    assert!(stderr.contains("did you mean \"acme\"?"), "{stderr}");
}

#[test]
fn what_a_new_theme_is_told_is_only_that_it_has_no_licence() {
    let folder = tempfile::tempdir().unwrap();
    run(&folder, &["theme", "new", "acme"]);
    let (code, stdout, _) = run(&folder, &["theme", "check", "acme"]);
    assert_eq!(code, 0, "{stdout}");
    assert!(stdout.contains("note[M008]") && stdout.ends_with("\n1 hint\n"), "{stdout}");
    assert!(stdout.contains("\"UNLICENSED\" if nobody else may use it"), "{stdout}");
    let manifest = folder.path().join("themes/acme/theme.toml");
    let text = fs::read_to_string(&manifest).unwrap();
    let text = text.replace("license = \"\"", "license = \"UNLICENSED\"");
    fs::write(&manifest, text).unwrap();
    let (code, stdout, stderr) = run(&folder, &["theme", "check", "acme"]);
    assert_eq!((code, stdout.as_str()), (0, ""), "{stderr}");
}

#[test]
fn an_example_of_a_theme_in_the_guide_reads_its_own_option() {
    let options =
        "[options.claim]\ntype = \"color\"\ndefault = \"#123456\"\ncss_vars = [\"--claim\"]\n";
    let sheet = ".lead { color: var(--claim); }\n";
    let folder = acme(&[("theme.toml", &[MANIFEST, options].concat()), ("theme.css", sheet)]);
    let (code, stdout, stderr) = run(&folder, &["theme", "check", "--fail-level", "hint"]);
    assert_eq!((code, stdout.as_str()), (0, ""), "{stderr}");
}

#[test]
fn every_rule_is_listed_and_explained() {
    let folder = tempfile::tempdir().unwrap();
    let (code, listed, _) = run(&folder, &["theme", "check", "--list"]);
    assert_eq!((code, listed.lines().count()), (0, Themes::rules().len()));
    insta::assert_snapshot!("rules", listed);
    let (code, explained, _) = run(&folder, &["theme", "check", "--explain", "t002"]);
    assert_eq!(code, 0);
    insta::assert_snapshot!("explained", explained);
    let (code, _, stderr) = run(&folder, &["theme", "check", "--explain", "T999"]);
    assert!(code == 1 && stderr.contains("there is no rule T999"), "{stderr}");
}

#[test]
#[ignore = "renders every page a hundred times: minutes; run by tests/run"]
fn rules_about_files_are_the_only_ones_that_their_examples_break() {
    let made_by_hand = ["F003", "F006", "F007", "F008"];
    let about_files = |rule: &&ThemeRule| "MTLFCI".contains(&rule.id[..1]) || rule.id == "A012";
    let rules = Themes::rules().into_iter().filter(about_files);
    let rules: Vec<_> = rules.filter(|rule| !made_by_hand.contains(&rule.id)).collect();
    assert!(rules.len() > 40, "only {}", rules.len());
    let halves = rules.split_at(rules.len() / 2);
    let wrong = std::thread::scope(|scope| {
        let other = scope.spawn(|| broken_by_examples(halves.1));
        broken_by_examples(halves.0) + other.join().unwrap().as_str()
    });
    assert!(wrong.is_empty(), "{wrong}");
}

/// What examples of rules break besides, or do not break.
fn broken_by_examples(rules: &[&ThemeRule]) -> String {
    let mut wrong = String::new();
    for rule in rules {
        let Some(example) = rule.example() else { continue };
        for (text, expected) in
            [(example.wrong, BTreeSet::from([rule.id])), (example.right, BTreeSet::new())]
        {
            let folder = acme(&[example.beside, &[(example.file, text)]].concat());
            if text.is_empty() {
                fs::remove_file(folder.path().join("themes/acme").join(example.file)).unwrap();
            }
            let builder = Vestibule::builder().file(folder.path().join("auth.toml"));
            let findings = builder.themes().check(None).unwrap();
            let ids: BTreeSet<&str> = findings.iter().map(|finding| finding.code.id()).collect();
            if ids != expected {
                let _ = writeln!(wrong, "{} {ids:?}\n{}", rule.id, report::human(&findings, false));
            }
        }
    }
    wrong
}

/// What each family is about, by its letter.
const FAMILIES: [(char, &str); 12] = [
    ('M', "The manifest"),
    ('T', "Templates"),
    ('L', "Sentences"),
    ('F', "Files"),
    ('C', "Style sheets"),
    ('R', "What pages have to hold"),
    ('H', "HTML"),
    ('A', "Accessibility"),
    ('P', "Password managers"),
    ('S', "Security"),
    ('X', "HTMX"),
    ('I', "Comments that ignore rules"),
];

fn severity(rule: &ThemeRule) -> &'static str {
    match rule.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Hint => "hint",
    }
}

/// The text of docs/reference/theme-rules.md.
fn reference() -> String {
    let rules = Themes::rules();
    let mut text = format!(
        "# Rules for themes\n\n\
         `vestibule theme check` holds a theme against these {} rules. They are made for those who design: each\n\
         finding has its place, its cure, and the pages that it was seen on. Errors and warnings end in exit code 1;\n\
         hints are told. `vestibule theme check --explain T002` shows what is here, with an example; a comment\n\
         `{{# check: ignore T013 #}}` spares one place. An id keeps its meaning for ever.\n\n\
         <!-- Made from the rules themselves: UPDATE=1 cargo test --test it -- theme_check -->\n",
        rules.len()
    );
    for (letter, title) in FAMILIES {
        let _ = write!(
            text,
            "\n## {letter}: {title}\n\n| id | severity | what is wrong | why | cure |\n|---|---|---|---|---|\n"
        );
        for rule in rules.iter().filter(|rule| rule.id.starts_with(letter)) {
            let plain = |text: &str| text.replace('|', "\\|").replace('<', "&lt;");
            let _ = writeln!(
                text,
                "| {} | {} | {} | {} | {} |",
                rule.id,
                severity(rule),
                plain(rule.title),
                plain(rule.why),
                plain(rule.cure)
            );
        }
    }
    text
}

#[test]
fn the_reference_of_rules_is_made_from_the_rules() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/reference/theme-rules.md");
    let text = reference();
    if std::env::var_os("UPDATE").is_some() {
        fs::write(&path, &text).unwrap();
    }
    let known = fs::read_to_string(&path).unwrap_or_default();
    assert!(
        known == text,
        "docs/reference/theme-rules.md is old: UPDATE=1 cargo test --test it -- theme_check"
    );
    let rows =
        text.lines().filter(|line| line.starts_with("| ") && !line.starts_with("| id")).count();
    assert_eq!(rows, Themes::rules().len(), "a family has no heading");
}
