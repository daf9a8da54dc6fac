//! What is shown is what applies, it can be read back, and it keeps secrets.

use super::*;
use crate::access::OwnPaths;
use crate::config::load::{Sources, load_all};
use crate::config::presets::presets;
use crate::finding::report;

const FULL: &str = include_str!("../../../tests/fixtures/config/valid/full.toml");

fn shown(text: &str, env: &[(&str, &str)]) -> Shown {
    let env = env.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    let overrides =
        vec![("server.listen".to_owned(), "127.0.0.1:0".to_owned(), "--listen".to_owned())];
    let text = Some(text.to_owned());
    let file = "auth.toml".into();
    let sources = Sources { file, text, env, overrides, dev: true, ..Sources::default() };
    let loaded = load_all(&sources, &["daisy"], |_, _| OwnPaths::default())
        .unwrap_or_else(|findings| panic!("{}", report::human(&findings, false)));
    Shown::of(&loaded, Path::new(""))
}

/// Secrets are shown by a fingerprint, and that of a fingerprint is another one.
fn without_secrets(text: &str) -> String {
    regex::Regex::new("«[^»]*»").unwrap().replace_all(text, "«»").into_owned()
}

#[test]
fn what_is_shown_can_be_read_back_and_is_the_same() {
    let presets = presets().into_iter().map(|preset| {
        format!("[backend]\nurl = \"http://localhost:8000\"\npreset = \"{}\"\n[session]\nstore = \"memory\"\n", preset.name)
    });
    let odd = "[backend]\nurl = \"http://localhost:8000\"\nregister = false\nlogout = []\n\
               texts = { \"Bad \\\"password\\\".\\u0007\\n\" = \"It's \\\"so\\\"\", 401 = \"a.b\" }\n\
               login.body = { a = [1, 2.5, true, { b = \"{{email}}\" }], password = \"{{password}}\" }\n\
               [session]\nstore = \"memory\"\n[access]\npublic = ['/v\\d+', { path = '/x', methods = [\"GET\"] }]\n"
        .to_owned();
    let builtin = "[backend.builtin]\n[token]\nsecret = \"jwt-secret-to-change\"\n".to_owned();
    let mut seen = 0;
    for text in presets.chain([FULL.to_owned(), odd, builtin]) {
        let first = shown(&text, &[]);
        for origins in [false, true] {
            let toml = first.toml(origins);
            let again = shown(&toml, &[]).toml(false);
            assert_eq!(without_secrets(&again), without_secrets(&first.toml(false)), "{toml}");
        }
        seen += 1;
    }
    assert!(seen > 20);
}

#[test]
fn each_value_says_where_it_came_from() {
    let text = "[backend]\nurl = \"http://localhost:8000\"\npreset = \"fastapi-users\"\n\
                headers = { X-App = \"hunter2\" }\nlogin.send = \"POST /in?api_key=hunter2&x=1\"\n\
                login.body = { email = \"{{email}}\", client_secret = \"hunter2\", scope = \"web\" }\n\
                [token]\nsecret = \"hunter2hunter2\"\n";
    let shown = shown(text, &[("VESTIBULE_SESSION__IDLE_TIMEOUT", "1h")]);
    let toml = shown.toml(true);
    assert!(!toml.contains("hunter2"), "{toml}");
    insta::assert_snapshot!("with_origins", toml);
    let json = shown.json(true);
    assert_eq!(json["origins"]["backend.url"], "auth.toml:2");
    assert_eq!(json["origins"]["backend.me.send"], "preset fastapi-users");
    assert_eq!(json["origins"]["session.idle_timeout"], "VESTIBULE_SESSION__IDLE_TIMEOUT");
    assert_eq!(json["origins"]["server.listen"], "--listen");
    assert_eq!(json["origins"]["theme.name"], Value::Null, "a default");
    assert_eq!(json["config"]["theme"]["name"], "daisy");
    assert!(!json.to_string().contains("hunter2"), "{json:#}");
    assert_eq!(shown.json(false)["origins"], Value::Null);
}

#[test]
fn a_table_from_several_places_is_written_key_by_key() {
    let text = "[backend]\nurl = \"http://localhost:8000\"\n[backend.headers]\nX-App = \"shop\"\n[session]\nstore = \"memory\"\n";
    let shown = shown(text, &[("VESTIBULE_BACKEND__HEADERS__X_KEY", "hunter2")]);
    let toml = shown.toml(true);
    assert!(toml.contains("headers.X-App = \"«secret, 4 bytes, fingerprint "), "{toml}");
    assert!(toml.contains("»\"  # auth.toml:4\nheaders.x-key = "), "{toml}");
    assert!(toml.contains("# VESTIBULE_BACKEND__HEADERS__X_KEY"), "{toml}");
}

#[test]
fn the_secret_in_a_file_is_shown_as_a_fingerprint_beside_its_name() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("jwt.secret"), "jwt-secret-to-change\n").unwrap();
    let text =
        "[backend]\nurl = \"http://localhost:8000\"\n[token]\nsecret_file = \"jwt.secret\"\n";
    let file = folder.path().join("auth.toml");
    std::fs::write(&file, text).unwrap();
    let sources = Sources { file, ..Sources::default() };
    let loaded = load_all(&sources, &["daisy"], |_, _| OwnPaths::default()).unwrap();
    let toml = Shown::of(&loaded, folder.path()).toml(false);
    let line = toml.lines().find(|line| line.starts_with("secret_file")).unwrap();
    assert_eq!(
        line,
        format!("secret_file = \"jwt.secret\"  # {}", shown_secret("jwt-secret-to-change"))
    );
}

fn shown_secret(text: &str) -> String {
    crate::config::fingerprint::shown(text)
}
