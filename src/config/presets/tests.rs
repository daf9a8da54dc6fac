//! What holds for every preset, and how one makes way for what the user says.

use std::path::Path;

use serde_json::Value;

use super::*;
use crate::access::OwnPaths;
use crate::config::load::{Loaded, Sources, load_all};
use crate::config::show::Shown;
use crate::finding::{Code, Finding, report};

const REST: &str = "[session]\nstore = \"memory\"\n";

fn sources(text: &str) -> Sources {
    Sources { file: "auth.toml".into(), text: Some(text.to_owned()), ..Sources::default() }
}

fn run(sources: &Sources) -> Result<Loaded, Vec<Finding>> {
    load_all(sources, &["daisy"], |_, _| OwnPaths::default())
}

#[track_caller]
fn backend(text: &str) -> Value {
    let loaded = run(&sources(&format!("{text}\n{REST}")))
        .unwrap_or_else(|findings| panic!("{}", report::human(&findings, false)));
    Shown::of(&loaded, Path::new("")).json(true)["config"]["backend"].clone()
}

fn with(preset: &str, more: &str) -> String {
    format!("[backend]\nurl = \"http://localhost:8000\"\npreset = \"{preset}\"\n{more}")
}

#[test]
fn every_file_is_a_preset_with_a_whole_head() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/config/presets");
    let mut files: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|it| it == "toml"))
        .map(|path| path.file_stem().unwrap().to_str().unwrap().to_owned())
        .collect();
    files.sort();
    let mut names: Vec<_> = presets().iter().map(|preset| preset.name.to_owned()).collect();
    assert_eq!(names[0], "default");
    assert!(names[1..].is_sorted(), "{names:?}");
    names.sort();
    assert_eq!(names, files);
    for preset in presets() {
        let name = preset.name;
        assert!(
            !preset.backend.is_empty() && preset.address.starts_with("http://localhost:"),
            "{name}"
        );
        assert!(!preset.notes.is_empty(), "{name}: what should people know?");
        match preset.evidence {
            Evidence::Tested(package) => {
                let (package, version) = package.split_once(' ').unwrap();
                assert!(
                    !package.is_empty() && version.starts_with(|c: char| c.is_ascii_digit()),
                    "{name}"
                );
            }
            Evidence::Documented(url) => assert!(url.starts_with("https://"), "{name}"),
        }
        let head = preset.toml.split_once("\n\n").unwrap().0;
        let keys = [
            "# backend: ",
            "# tested with: ",
            "# from documentation: ",
            "# address: ",
            "# note: ",
            "# add: ",
        ];
        for line in head.lines() {
            assert!(keys.iter().any(|key| line.starts_with(key)), "{name}: {line}");
        }
    }
}

#[test]
fn every_preset_says_only_how_the_backend_is_asked_and_makes_a_plan() {
    assert!(presets().len() >= 20);
    for preset in presets() {
        let name = preset.name;
        let document = Document::read(name, preset.toml, Shape::root());
        assert!(document.findings.is_empty(), "{}", report::human(&document.findings, false));
        let values = PresetLayer::named(name, Shape::root()).unwrap().values;
        for table in values.keys() {
            assert!(["backend", "token", "session"].contains(&table.as_str()), "{name}: [{table}]");
        }
        for path in PresetLayer::named(name, Shape::root()).unwrap().paths() {
            let own = [
                "backend.url",
                "backend.builtin",
                "backend.preset",
                "backend.headers_file",
                "backend.timeout",
            ];
            assert!(!own.contains(&path.as_str()) && !path.contains("secret"), "{name}: {path}");
            let of_session = ["session", "session.refresh_threshold"].contains(&path.as_str());
            assert!(of_session || !path.starts_with("session"), "{name}: {path}");
        }
        let loaded = run(&sources(&format!("{}{REST}", with(name, ""))))
            .unwrap_or_else(|findings| panic!("{name}: {}", report::human(&findings, false)));
        assert_eq!(loaded.warnings.len(), 0, "{name}");
        // What a preset leaves to the user passes once it is there.
        for line in preset.to_add {
            if !line.starts_with("headers_file") {
                backend(&with(name, line));
            }
        }
    }
}

#[test]
fn the_default_preset_is_what_applies_without_one() {
    let mut named = backend(&with("default", ""));
    assert_eq!(named.as_object_mut().unwrap().shift_remove("preset"), Some("default".into()));
    let mut none = backend("[backend]\nurl = \"http://localhost:8000\"");
    assert_eq!(named, none);
    none["login"]["send"] = "POST /x".into();
    assert_ne!(named, none);
}

#[test]
fn what_the_user_says_wins_key_by_key_and_for_whole_bodies() {
    let more = "auth = { X-Token = \"{{access_token}}\" }\ntexts = { LOGIN_BAD_CREDENTIALS = \"No.\" }\n\
                login.body = { user = \"{{email}}\", password = \"{{password}}\" }\n\
                [[backend.logout]]\nsend = \"POST /bye\"\n";
    let shown = backend(&with("fastapi-users", more));
    assert_eq!(shown["auth"], serde_json::json!({ "X-Token": "{{access_token}}" }));
    assert_eq!(shown["login"]["body"].as_object().unwrap().len(), 2);
    assert_eq!(shown["login"]["body"]["user"], "{{email}}");
    assert_eq!(shown["login"]["send"], "POST /auth/jwt/login");
    assert_eq!(shown["login"]["as"], "form");
    assert_eq!(shown["texts"]["LOGIN_BAD_CREDENTIALS"], "No.");
    assert_eq!(shown["texts"].as_object().unwrap().len(), 3);
    assert_eq!(shown["logout"].as_array().unwrap().len(), 1);
    assert_eq!(shown["logout"][0]["send"], "POST /bye");
}

#[test]
fn a_variable_adds_to_a_preset_s_body_and_the_file_replaces_it() {
    let variables = [
        ("VESTIBULE_BACKEND__LOGIN__BODY__CLIENT_SECRET", "hunter2"),
        ("VESTIBULE_BACKEND__AUTH__AUTHORIZATION", "Token {{access_token}}"),
    ];
    let env = variables.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec();
    let of_file = "login.body = { username = \"{{username}}\", password = \"{{password}}\" }";
    for (more, count) in [("", 5), (of_file, 3)] {
        let text = format!("{}\n{REST}", with("keycloak", more));
        let loaded = run(&Sources { env: env.clone(), ..sources(&text) }).unwrap();
        let shown = Shown::of(&loaded, Path::new(""));
        let backend = &shown.json(false)["config"]["backend"];
        let body = backend["login"]["body"].as_object().unwrap();
        assert_eq!(body.len(), count, "{body:?}");
        assert!(body["client_secret"].as_str().unwrap().starts_with('«'), "{body:?}");
        // A header is the same in any spelling.
        let auth = serde_json::json!({ "authorization": "Token {{access_token}}" });
        assert_eq!(backend["auth"], auth);
    }
}

#[test]
fn a_call_is_switched_off_and_on_over_a_preset() {
    assert_eq!(backend(&with("directus", "register = false"))["register"], false);
    assert_eq!(
        backend(&with("directus", "refresh = true"))["refresh"]["send"],
        "POST /auth/refresh"
    );
    assert_eq!(
        backend(&with("directus", "refresh = true"))["refresh"]["body"]["mode"],
        "json",
        "on is as the preset has it"
    );
    let on = backend(&with(
        "strapi",
        "refresh = true\nlogin.take = { access_token = \"/jwt\", refresh_token = \"/r\" }",
    ));
    assert_eq!(on["refresh"]["send"], "POST /auth/refresh");
}

#[test]
fn a_header_in_another_spelling_replaces_the_preset_s() {
    let more = "refresh.headers = { COOKIE = \"mine={{refresh_token}}\" }";
    let shown = backend(&with("dj-rest-auth", more));
    let headers = serde_json::json!({ "COOKIE": "mine={{refresh_token}}" });
    assert_eq!(shown["refresh"]["headers"], headers, "{shown:#}");
}

#[test]
fn the_name_may_come_from_a_variable_or_a_flag() {
    let text = format!("{}{REST}", with("strapi", ""));
    let env = vec![("VESTIBULE_BACKEND__PRESET".to_owned(), "directus".to_owned())];
    let by_env = Sources { env, ..sources(&text) };
    let flag = ("backend.preset".to_owned(), "payload".to_owned(), "--preset".to_owned());
    let by_flag = Sources { overrides: vec![flag], ..by_env.clone() };
    for (sources, send) in [(&by_env, "POST /auth/login"), (&by_flag, "POST /api/users/login")] {
        let loaded = run(sources).unwrap();
        assert_eq!(loaded.plan.backend.calls.login.describe(), send);
    }
    let env = vec![("VESTIBULE_BACKEND__PRESET".to_owned(), "directsu".to_owned())];
    let findings = run(&Sources { env, ..sources(&text) }).unwrap_err();
    assert!(findings[0].help.as_ref().unwrap().starts_with("did you mean \"directus\"?"));
    assert_eq!(findings[0].place.as_ref().unwrap().file, "VESTIBULE_BACKEND__PRESET");
}

#[test]
fn what_is_wrong_with_a_preset_s_value_says_so() {
    // The user's `take` no longer brings what the preset's `me` sends.
    let text = with("feathers", "login.take = { access_token = \"/accessToken\" }");
    let findings = run(&sources(&format!("{text}\n{REST}"))).unwrap_err();
    assert_eq!(findings[0].code, Code::BackendCall);
    assert_eq!(findings[0].place.as_ref().unwrap().to_string(), "preset feathers");
}

#[test]
fn headers_come_from_a_file_and_never_into_a_finding() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("headers.secret");
    let load = |more: &str, content: &str| {
        std::fs::write(&file, content).unwrap();
        let text = with("supabase", &format!("headers_file = \"headers.secret\"\n{more}\n{REST}"));
        run(&Sources { file: folder.path().join("auth.toml"), ..sources(&text) })
    };
    let loaded = load("", "# the key\n\napikey: hunter2hunter2\r\n").unwrap();
    let values = [("email", "a"), ("password", "b")];
    let values = values.into_iter().map(|(k, v)| (k.to_owned(), v.into())).collect();
    let login = loaded.plan.backend.calls.login.render(&values).unwrap();
    assert_eq!(login.headers["apikey"], "hunter2hunter2");
    let toml = Shown::of(&loaded, folder.path()).toml(true);
    assert!(toml.contains("apikey: «secret, 14 bytes, fingerprint "), "{toml}");
    assert!(!toml.contains("hunter2"), "{toml}");
    for (more, content, code, words) in [
        ("", "apikey hunter2", Code::BadValue, "line 1"),
        ("", "ok: 1\napikey: hunter2{{hunter2}}", Code::BadValue, "line 2"),
        ("", "hunter2 x: hunter2", Code::BadValue, "line 1"),
        ("", "apikey: hünter2", Code::BadValue, "line 1"),
        ("headers = { ApiKey = \"hunter2\" }", "apikey: hunter2", Code::SecretTwice, "twice"),
    ] {
        let findings = load(more, content).unwrap_err();
        let error = findings.iter().find(|finding| finding.code == code).unwrap();
        assert!(error.message.contains(words), "{}", error.message);
        assert!(!report::human(&findings, false).contains("hunter2"), "{content}");
    }
    std::fs::remove_file(&file).unwrap();
    std::fs::create_dir(&file).unwrap();
    let text = with("supabase", "headers_file = \"headers.secret\"\n");
    let findings = run(&Sources {
        file: folder.path().join("auth.toml"),
        ..sources(&format!("{text}{REST}"))
    });
    assert_eq!(findings.unwrap_err()[0].code, Code::SecretFile);
}
