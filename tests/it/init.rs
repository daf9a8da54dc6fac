//! `vestibule init`: the first files, and `vestibule config show` on them.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Command;

use regex::Regex;
use serde_json::Value;
use tempfile::TempDir;
use vestibule::{Evidence, Vestibule, presets};

fn empty() -> TempDir {
    tempfile::tempdir().unwrap()
}

#[track_caller]
fn run(folder: &Path, arguments: &[&str]) -> (i32, String, String) {
    run_with(folder, arguments, &[])
}

#[track_caller]
fn run_with(folder: &Path, arguments: &[&str], env: &[(&str, &str)]) -> (i32, String, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_vestibule"));
    command.args(arguments).current_dir(folder).env_clear().envs(env.iter().copied());
    let output = command.output().unwrap();
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    (output.status.code().unwrap(), text(&output.stdout), text(&output.stderr))
}

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

#[test]
fn without_a_backend_the_built_in_one_is_ready_to_serve() {
    let folder = empty();
    let (code, stdout, stderr) = run(folder.path(), &["init"]);
    assert_eq!((code, stdout.as_str()), (0, ""), "{stderr}");
    assert_eq!(names(folder.path()), ["auth.schema.json", "auth.toml", "jwt.secret"]);
    let mode = fs::metadata(folder.path().join("jwt.secret")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let secret = fs::read_to_string(folder.path().join("jwt.secret")).unwrap();
    assert!(secret.trim().len() >= 32);
    assert!(!stderr.contains(secret.trim()));
    let schema = fs::read_to_string(folder.path().join("auth.schema.json")).unwrap();
    assert_eq!(serde_json::from_str::<Value>(&schema).unwrap(), vestibule::schema());
    let text = fs::read_to_string(folder.path().join("auth.toml")).unwrap();
    assert!(text.starts_with("#:schema ./auth.schema.json\n"), "{text}");
    assert!(stderr.contains("vestibule check") && stderr.contains("vestibule serve"), "{stderr}");
    assert!(!stderr.contains("doctor"), "there is nobody to talk to: {stderr}");
    let (code, stdout, _) = run(folder.path(), &["check"]);
    assert_eq!((code, stdout.as_str()), (0, ""));

    // The next one gets another secret.
    let other = empty();
    run(other.path(), &["init"]);
    assert_ne!(fs::read_to_string(other.path().join("jwt.secret")).unwrap(), secret);
}

#[test]
fn a_backend_gets_the_five_lines_and_a_secret_for_the_cookies() {
    let folder = empty();
    let (code, _, stderr) = run(folder.path(), &["init", "--backend", "http://localhost:8000/v1"]);
    assert_eq!(code, 0, "{stderr}");
    assert_eq!(names(folder.path()), ["auth.schema.json", "auth.toml", "session.secret"]);
    let text = fs::read_to_string(folder.path().join("auth.toml")).unwrap();
    for line in [
        "url = \"http://localhost:8000/v1\"\n",
        "secret_file = \"session.secret\" ",
        "refresh_threshold = \"5m\" ",
        "public = ['/about', '/contact', '/api/.*']\n",
        "name = \"daisy\"\n",
    ] {
        assert!(text.contains(&format!("\n{line}")), "{line}:\n{text}");
    }
    assert!(stderr.contains("vestibule doctor"), "{stderr}");
    assert_eq!(
        run(folder.path(), &["check"]),
        (0, String::new(), "auth.toml: nothing to find fault with\n".into())
    );
}

#[test]
fn every_preset_begins_without_a_finding() {
    for preset in presets() {
        let folder = empty();
        let (code, _, stderr) = run(folder.path(), &["init", "--preset", preset.name]);
        assert_eq!(code, 0, "{}: {stderr}", preset.name);
        let file = folder.path().join("auth.toml");
        let findings = Vestibule::builder().file(&file).check().unwrap();
        assert!(findings.is_empty(), "{}: {findings:?}", preset.name);
        // What the user has to fill in is there, and fits once it is filled in.
        let text = fs::read_to_string(&file).unwrap();
        let short = preset.toml.contains("refresh_threshold = \"1m\"");
        let threshold =
            if short { "\nrefresh_threshold = \"1m\" " } else { "\nrefresh_threshold = \"5m\" " };
        assert!(text.contains(threshold), "{}: {text}", preset.name);
        let mut filled = text.clone();
        for line in &preset.to_add {
            assert!(text.contains(&format!("\n# {line}\n")), "{}: {line}\n{text}", preset.name);
            filled = filled.replace(&format!("\n# {line}\n"), &format!("\n{line}\n"));
        }
        let headers = folder.path().join("headers.secret");
        fs::write(&headers, "Authorization: Basic eDp5\n").unwrap();
        fs::set_permissions(&headers, fs::Permissions::from_mode(0o600)).unwrap();
        fs::write(&file, filled).unwrap();
        let findings = Vestibule::builder().file(&file).check().unwrap();
        assert!(findings.is_empty(), "{}: {findings:?}", preset.name);
    }
}

#[test]
fn every_option_that_is_commented_out_can_be_used() {
    let option = Regex::new(r"(?m)^# (\[server\]|[a-z_.]+ = .*)$").unwrap();
    for arguments in [&["init"][..], &["init", "--backend", "http://localhost:8000"]] {
        let folder = empty();
        assert_eq!(run(folder.path(), arguments).0, 0);
        let file = folder.path().join("auth.toml");
        let text = fs::read_to_string(&file).unwrap();
        let mut seen = 0;
        let used = option.replace_all(&text, |found: &regex::Captures<'_>| {
            // A second secret needs its file, and keys published at an address are another way than that.
            if found[1].starts_with("secret_file") || found[1].starts_with("jwks_url") {
                return found[0].to_owned();
            }
            seen += 1;
            found[1].to_owned()
        });
        assert!(seen >= 7, "{seen}: {text}");
        fs::write(&file, used.as_ref()).unwrap();
        let findings = Vestibule::builder().file(&file).check();
        assert!(findings.is_ok_and(|findings| findings.is_empty()), "{used}");
    }
}

#[test]
fn nothing_that_exists_is_overwritten() {
    for there in ["auth.toml", "auth.schema.json", "session.secret"] {
        let folder = empty();
        fs::write(folder.path().join(there), "mine").unwrap();
        let (code, _, stderr) = run(folder.path(), &["init", "--backend", "http://localhost:8000"]);
        assert_eq!(code, 1, "{stderr}");
        assert!(stderr.contains(&format!("{there} is there already")), "{stderr}");
        assert_eq!(names(folder.path()), [there]);
        assert_eq!(fs::read_to_string(folder.path().join(there)).unwrap(), "mine");
    }
}

#[test]
fn the_files_lie_beside_the_one_that_is_named() {
    let folder = empty();
    fs::create_dir(folder.path().join("shop")).unwrap();
    let (code, _, stderr) = run(folder.path(), &["-c", "shop/login.toml", "init"]);
    assert_eq!(code, 0, "{stderr}");
    assert_eq!(
        names(&folder.path().join("shop")),
        ["auth.schema.json", "jwt.secret", "login.toml"]
    );
    assert!(stderr.contains("vestibule -c shop/login.toml check"), "{stderr}");
    assert_eq!(run(folder.path(), &["-c", "shop/login.toml", "check"]).0, 0);
}

#[test]
fn in_a_git_work_tree_secrets_are_ignored() {
    let folder = empty();
    fs::create_dir(folder.path().join(".git")).unwrap();
    fs::write(folder.path().join(".gitignore"), "target").unwrap();
    let below = folder.path().join("login");
    fs::create_dir(&below).unwrap();
    for (at, ignored) in [
        (folder.path(), "target\n*.secret\nusers.db*\n"),
        (below.as_path(), "*.secret\nusers.db*\n"),
    ] {
        assert_eq!(run(at, &["init"]).0, 0);
        assert_eq!(fs::read_to_string(at.join(".gitignore")).unwrap(), ignored);
        // Once is enough.
        for name in ["auth.toml", "auth.schema.json", "jwt.secret"] {
            fs::remove_file(at.join(name)).unwrap();
        }
        assert_eq!(run(at, &["init"]).0, 0);
        assert_eq!(fs::read_to_string(at.join(".gitignore")).unwrap(), ignored);
    }
}

#[test]
fn what_cannot_be_right_is_a_usage_mistake_and_writes_nothing() {
    let folder = empty();
    for (arguments, words) in [
        (["init", "--backend", "localhost:8000"], "http://localhost:8000"),
        (["init", "--backend", "http://x:hunter2@localhost"], "headers"),
        (["init", "--backend", "http://localhost:5001"], "own"),
        (["init", "--preset", "fastapi-user"], "fastapi-users"),
    ] {
        let (code, stdout, stderr) = run(folder.path(), &arguments);
        assert_eq!((code, stdout.as_str()), (2, ""), "{stderr}");
        assert!(stderr.contains(words), "{stderr}");
        assert!(!stderr.contains("hunter2"), "{stderr}");
    }
    assert_eq!(names(folder.path()), Vec::<String>::new());
}

#[test]
fn the_presets_are_listed_with_what_is_known_of_them() {
    let folder = empty();
    let (code, stdout, stderr) = run(folder.path(), &["init", "--list-presets"]);
    assert_eq!((code, stderr.as_str()), (0, ""));
    assert_eq!(names(folder.path()), Vec::<String>::new());
    let lines: Vec<&str> = stdout.lines().collect();
    assert_eq!(lines.len(), presets().len());
    for (line, preset) in lines.iter().zip(presets()) {
        assert!(line.starts_with(preset.name) && line.contains(preset.backend), "{line}");
        match preset.evidence {
            Evidence::Tested(package) => assert!(line.contains(package), "{line}"),
            Evidence::Documented(_) => assert!(line.ends_with("not tested"), "{line}"),
        }
    }
}

#[test]
fn config_show_prints_what_applies_and_keeps_secrets() {
    let folder = empty();
    run(folder.path(), &["init", "--preset", "fastapi-users"]);
    let secret = fs::read_to_string(folder.path().join("session.secret")).unwrap();
    let (code, stdout, stderr) = run(folder.path(), &["config", "show"]);
    assert_eq!((code, stderr.as_str()), (0, ""));
    assert!(stdout.contains("send = \"POST /auth/jwt/login\"\n"), "{stdout}");
    assert!(
        stdout.contains("secret_file = \"session.secret\"  # «secret, 44 bytes, fingerprint "),
        "{stdout}"
    );
    assert!(!stdout.contains(secret.trim()), "{stdout}");

    let env = [
        ("VESTIBULE_SESSION__IDLE_TIMEOUT", "1h"),
        ("VESTIBULE_BACKEND__HEADERS__X_KEY", "hunter2"),
    ];
    let (code, stdout, _) = run_with(folder.path(), &["config", "show", "--origin"], &env);
    assert_eq!(code, 0);
    for line in [
        "send = \"POST /auth/jwt/login\"  # preset fastapi-users\n",
        "idle_timeout = \"1h\"  # VESTIBULE_SESSION__IDLE_TIMEOUT\n",
        "max_lifetime = \"7d\"  # default\n",
    ] {
        assert!(stdout.contains(line), "{line}\n{stdout}");
    }
    assert!(
        Regex::new("(?m)^url = \"http://localhost:8000\"  # auth.toml:\\d+$")
            .unwrap()
            .is_match(&stdout)
    );
    assert!(!stdout.contains("hunter2"), "{stdout}");

    let arguments = ["config", "show", "--origin", "--format", "json"];
    let (code, stdout, _) = run_with(folder.path(), &arguments, &env);
    let report: Value = serde_json::from_str(&stdout).unwrap();
    assert_eq!((code, &report["version"]), (0, &Value::from(1)));
    assert_eq!(report["origins"]["session.idle_timeout"], "VESTIBULE_SESSION__IDLE_TIMEOUT");
    assert!(!stdout.contains("hunter2"), "{stdout}");
}

#[test]
fn config_show_of_a_file_that_cannot_be_used_tells_why() {
    let folder = empty();
    fs::write(folder.path().join("auth.toml"), "[backend]\npreset = \"strappi\"\n").unwrap();
    let (code, stdout, stderr) = run(folder.path(), &["config", "show"]);
    assert_eq!((code, stdout.as_str()), (78, ""));
    assert!(
        stderr.contains("did you mean \"strapi\"?") && stderr.contains("no backend is named"),
        "{stderr}"
    );
    // What is only worth knowing does not stand in the way.
    let text =
        "[backend]\nurl = \"http://localhost:8000\"\n[token]\nsecret = \"jwt-secret-to-change\"\n";
    fs::write(folder.path().join("auth.toml"), text).unwrap();
    assert_eq!(run(folder.path(), &["config", "show"]).0, 0);
}
