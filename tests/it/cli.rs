//! The command line: exit codes, what goes to standard output and what to standard error.

use std::fs;
use std::net::TcpListener;
use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;
use tempfile::TempDir;

use crate::support::binary::Vestibule;
use crate::support::process::Process;
use crate::support::{eventually, free_port, http_client};

const GOOD: &str = "[server]\nlisten = \"127.0.0.1:0\"\npublic_url = \"http://localhost:5001\"\n\
                    [backend]\nurl = \"http://127.0.0.1:9\"\n\
                    [token]\nsecret = \"token-key-0123456789-0123456789-0123456789\"\n";
const BUILTIN: &str = "[server]\nlisten = \"127.0.0.1:0\"\npublic_url = \"http://localhost:5001\"\n\
                       [backend]\nbuiltin = { database = \"users.db\" }\n\
                       [token]\nsecret = \"token-key-0123456789-0123456789-0123456789\"\n";
const BAD: &str = "[sever]\nlisten = 1\n[backend]\nurl = \"http://127.0.0.1:9\"\n\
                   [token]\nsecret = \"token-key-0123456789-0123456789-0123456789\"\n\
                   [session]\nrefresh_threshold = 5\n[access]\npublic = ['about']\n";

/// A folder with this auth.toml.
pub(crate) fn folder(auth_toml: &str) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("auth.toml"), auth_toml).unwrap();
    folder
}

fn command(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_vestibule"));
    command.args(arguments).current_dir(folder).env_clear();
    command
}

/// Runs something that ends by itself.
#[track_caller]
pub(crate) fn run(folder: &TempDir, arguments: &[&str]) -> (i32, String, String) {
    ended(&command(folder.path(), arguments).output().unwrap())
}

fn ended(output: &Output) -> (i32, String, String) {
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    (output.status.code().unwrap(), text(&output.stdout), text(&output.stderr))
}

#[test]
fn check_has_nothing_to_say_about_a_good_file() {
    let folder = folder(GOOD);
    let (code, stdout, stderr) = run(&folder, &["check"]);
    assert_eq!((code, stdout.as_str()), (0, ""), "{stderr}");
    assert!(stderr.contains("auth.toml"), "{stderr}");
    let (code, stdout, _) = run(&folder, &["check", "--format", "json"]);
    assert_eq!(code, 0);
    serde_json::from_str::<Value>(&stdout).unwrap();
}

#[test]
fn check_finds_every_mistake_at_once() {
    let folder = folder(BAD);
    let (code, stdout, stderr) = run(&folder, &["check"]);
    assert_eq!((code, stderr.as_str()), (1, ""));
    for place in ["auth.toml:1:", "auth.toml:8:", "auth.toml:10:"] {
        assert!(stdout.contains(place), "{place} is missing:\n{stdout}");
    }
    assert!(stdout.contains("server"), "the nearest right name:\n{stdout}");
    assert!(!stdout.contains("token-key-0123456789"), "{stdout}");

    let (code, stdout, _) = run(&folder, &["check", "--format", "json"]);
    assert_eq!(code, 1);
    let report: Value = serde_json::from_str(&stdout).unwrap();
    assert!(report.to_string().matches("\"line\"").count() >= 3, "{report:#}");

    let (code, stdout, _) = run(&folder, &["check", "--format", "github"]);
    assert_eq!(code, 1);
    assert!(
        stdout.lines().filter(|line| line.starts_with("::error file=")).count() >= 3,
        "{stdout}"
    );
}

#[test]
fn check_touches_neither_database_nor_network() {
    let folder = folder(BUILTIN);
    assert_eq!(run(&folder, &["check"]).0, 0);
    assert!(!folder.path().join("users.db").exists());
}

#[test]
fn serve_does_not_start_on_a_bad_file_and_says_everything() {
    let folder = folder(BAD);
    let (code, stdout, stderr) = run(&folder, &["serve"]);
    assert_eq!((code, stdout.as_str()), (78, ""));
    for place in ["auth.toml:1:", "auth.toml:8:", "auth.toml:10:"] {
        assert!(stderr.contains(place), "{place} is missing:\n{stderr}");
    }
    for arguments in [["openapi"], ["check"]] {
        let code = run(&folder, &arguments).0;
        assert_eq!(code, if arguments == ["check"] { 1 } else { 78 });
    }
}

#[test]
fn a_file_that_is_not_there_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let (code, _, stderr) = run(&folder, &["-c", "shop.toml", "serve"]);
    assert_eq!(code, 78);
    assert!(stderr.contains("shop.toml"), "{stderr}");
    // Not even in the folder above.
    fs::write(folder.path().join("auth.toml"), GOOD).unwrap();
    fs::create_dir(folder.path().join("below")).unwrap();
    let output = command(&folder.path().join("below"), &["check"]).output().unwrap();
    assert_eq!(ended(&output).0, 1);
}

#[test]
fn a_port_that_is_taken_is_named() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let folder = folder(GOOD);
    let (code, stdout, stderr) = run(&folder, &["serve", "--listen", &address]);
    assert_eq!((code, stdout.as_str()), (69, ""), "{stderr}");
    assert!(stderr.contains(&address), "{stderr}");
}

#[test]
fn a_database_that_cannot_be_used_is_named() {
    // No permissions: whoever runs this may be root, to whom everything is readable. A folder is read by nobody.
    let unreadable = folder(BUILTIN);
    fs::create_dir(unreadable.path().join("users.db")).unwrap();
    let no_database = folder(BUILTIN);
    fs::write(no_database.path().join("users.db"), "a shopping list, ".repeat(1000)).unwrap();
    let no_folder = folder(&BUILTIN.replace("users.db", "data/users.db"));
    let foreign = folder(BUILTIN);
    let other = rusqlite::Connection::open(foreign.path().join("users.db")).unwrap();
    other.execute_batch("CREATE TABLE recipes (name TEXT)").unwrap();
    let locked = folder(BUILTIN);
    let lock = rusqlite::Connection::open(locked.path().join("users.db")).unwrap();
    lock.execute_batch("BEGIN EXCLUSIVE; CREATE TABLE t (x)").unwrap();

    for (folder, words) in [
        (&unreadable, "cannot open"),
        (&no_database, "not an SQLite database"),
        (&no_folder, "does not exist"),
        (&foreign, "another program"),
        (&locked, "locked"),
    ] {
        let (code, stdout, stderr) = run(folder, &["serve"]);
        assert_eq!((code, stdout.as_str()), (69, ""), "{words}: {stderr}");
        assert!(stderr.contains("users.db") && stderr.contains(words), "{words}: {stderr}");
        assert!(!stderr.contains("panicked"), "{stderr}");
    }
}

#[test]
fn usage_mistakes_end_with_2() {
    let folder = folder(GOOD);
    for arguments in [
        &[][..],
        &["srve"],
        &["serve", "--prot", "1"],
        &["check", "--format", "xml"],
        &["serve", "x"],
    ] {
        let (code, stdout, stderr) = run(&folder, arguments);
        assert_eq!((code, stdout.as_str()), (2, ""), "{arguments:?}");
        assert!(!stderr.is_empty());
    }
    assert_eq!(run(&folder, &["--help"]).0, 0);
    let (code, stdout, _) = run(&folder, &["--version"]);
    assert_eq!((code, stdout.trim()), (0, concat!("vestibule ", env!("CARGO_PKG_VERSION"))));
}

#[test]
fn a_broken_template_is_named_with_its_line() {
    let folder = folder(&format!("{GOOD}[theme]\nname = \"mine\"\n"));
    let page = folder.path().join("themes/mine/page");
    fs::create_dir_all(&page).unwrap();
    let manifest = "name = \"mine\"\nversion = \"1.0.0\"\nlicense = \"MIT\"\ncontract = 1\n";
    fs::write(folder.path().join("themes/mine/theme.toml"), manifest).unwrap();
    fs::write(page.join("login.html"), "<h1>Hello</h1>\n<p>\n{% if form %}\n").unwrap();
    let (code, _, stderr) = run(&folder, &["serve"]);
    assert_eq!(code, 78, "{stderr}");
    let named = stderr.lines().any(|line| {
        let rest = line.split("page/login.html:").nth(1);
        rest.is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()))
    });
    assert!(named, "{stderr}");
    assert_eq!(run(&folder, &["check"]).0, 1);
}

#[test]
fn documents_go_to_standard_output() {
    let folder = folder(BUILTIN);
    let (code, stdout, stderr) = run(&folder, &["openapi"]);
    assert_eq!((code, stderr.as_str()), (0, ""));
    let document: Value = serde_json::from_str(&stdout).unwrap();
    assert!(document["paths"]["/login"]["post"].is_object());
    let (code, yaml, stderr) = run(&folder, &["openapi", "--format", "yaml"]);
    assert_eq!((code, stderr.as_str()), (0, ""));
    assert!(yaml.starts_with("openapi: \"3.1.0\"\ninfo:\n"), "{yaml}");
    assert!(!folder.path().join("users.db").exists(), "no database is opened for that");

    // Of no file at all.
    let (code, stdout, stderr) = run(&tempfile::tempdir().unwrap(), &["schema"]);
    assert_eq!((code, stderr.as_str()), (0, ""));
    let schema: Value = serde_json::from_str(&stdout).unwrap();
    assert!(schema["properties"]["backend"].is_object());
}

#[test]
fn a_snippet_for_an_app_with_a_path_is_not_printed() {
    let folder = folder(GOOD);
    let snippet = |app| run(&folder, &["snippet", "nginx", "--app", app]);
    let (code, stdout, _) = snippet("http://127.0.0.1:3000/");
    assert_eq!(code, 0);
    assert!(stdout.contains("proxy_pass http://127.0.0.1:3000;"), "{stdout}");
    // With a path, nginx decodes what it sends on, which is then not what was judged.
    for app in ["http://127.0.0.1:3000/app", "127.0.0.1:3000", "http://app:pass@host"] {
        let (code, stdout, stderr) = snippet(app);
        assert_eq!((code, stdout.as_str()), (78, ""), "{app} {stderr}");
        assert!(stderr.contains("http://127.0.0.1:3000\n"), "{app} {stderr}");
        assert!(!stderr.contains("pass@"), "{stderr}");
    }
}

#[test]
fn the_environment_wins_over_the_file() {
    let folder = folder(&GOOD.replace("token-key-0123456789-0123456789-0123456789", "short"));
    let check = |variables: &[(&str, &str)]| {
        let mut command = command(folder.path(), &["openapi"]);
        ended(&command.envs(variables.iter().copied()).output().unwrap())
    };
    let (code, stdout, stderr) =
        check(&[("VESTIBULE_SERVER__PUBLIC_URL", "http://localhost:7777")]);
    assert_eq!(code, 0, "{stderr}");
    assert!(stdout.contains("http://localhost:7777"), "{stdout}");

    // Two sources for one secret.
    fs::write(folder.path().join("jwt.secret"), "another-key-0123456789-0123456789\n").unwrap();
    let (code, _, stderr) = check(&[("VESTIBULE_TOKEN__SECRET_FILE", "jwt.secret")]);
    assert_eq!(code, 78);
    assert!(stderr.contains("VESTIBULE_TOKEN__SECRET_FILE"), "{stderr}");
    assert!(stderr.contains("auth.toml:7:"), "{stderr}");

    let (code, _, stderr) = check(&[("VESTIBULE_TOKEN__SECERT", "x")]);
    assert_eq!(code, 78);
    assert!(stderr.contains("VESTIBULE_TOKEN__SECERT"), "{stderr}");
    let (code, _, stderr) = check(&[("VESTIBULE_SESSION__IDLE_TIMEOUT", "soon")]);
    assert_eq!(code, 78);
    assert!(stderr.contains("VESTIBULE_SESSION__IDLE_TIMEOUT"), "{stderr}");
}

#[test]
fn a_secret_may_come_from_a_file_named_by_the_environment() {
    let folder = folder(
        "[server]\npublic_url = \"http://localhost:5001\"\n\
                         [backend]\nbuiltin = { database = \"users.db\" }\n",
    );
    assert_eq!(run(&folder, &["check"]).0, 1, "the built-in backend needs a secret");
    fs::write(folder.path().join("jwt.secret"), "a-key-from-a-file-0123456789-0123456789\n")
        .unwrap();
    let check = |file: &str| {
        let mut command = command(folder.path(), &["check"]);
        ended(&command.env("VESTIBULE_TOKEN__SECRET_FILE", file).output().unwrap())
    };
    let (code, stdout, stderr) = check("jwt.secret");
    assert_eq!(code, 0, "{stdout}{stderr}");
    let (code, stdout, _) = check("none.secret");
    assert_eq!(code, 1);
    assert!(stdout.contains("none.secret"), "{stdout}");
}

#[tokio::test]
async fn sigterm_ends_a_server_cleanly() {
    let mut vestibule = Vestibule::start("[backend]\nbuiltin = { database = \"users.db\" }\n[token]\nsecret = \"jwt-secret-to-change\"\n").await;
    vestibule.visitor().open("/login").await.expect(200);
    assert_eq!(vestibule.stop(), Some(0));
    assert!(vestibule.log().contains("stopped"), "{}", vestibule.log());
}

#[tokio::test]
async fn a_request_under_way_is_finished_before_the_end() {
    use crate::support::scripted::{EMAIL, PASSWORD, Scripted, TOKEN_SECRET};
    let backend = Scripted::start(&vestibule::Clock::system());
    let url = backend.url();
    let mut vestibule = Vestibule::start(&format!(
        "[backend]\nurl = \"{url}\"\n[token]\nsecret = \"{TOKEN_SECRET}\"\n"
    ))
    .await;
    backend.hold("login");
    let visitor = vestibule.visitor();
    let under_way = tokio::spawn(async move {
        visitor.post_form("/login", &[("email", EMAIL), ("password", PASSWORD)]).await
    });
    backend.called("login", 1).await;
    let stopping = tokio::task::spawn_blocking(move || (vestibule.stop(), vestibule.log()));
    // The signal has arrived once nobody is taken in any more; the answer may come then.
    tokio::task::yield_now().await;
    backend.let_go("login");
    under_way.await.unwrap().expect(303);
    assert_eq!(stopping.await.unwrap().0, Some(0));
}

#[tokio::test]
async fn the_flag_for_the_address_wins_over_everything() {
    let folder = folder(GOOD);
    let port = free_port();
    let address = format!("127.0.0.1:{port}");
    let mut command = command(folder.path(), &["serve", "--listen", &address]);
    command.env("VESTIBULE_SERVER__LISTEN", "127.0.0.1:1");
    let mut process = Process::start(&mut command);
    let probe = format!("http://{address}/_vestibule/livez");
    eventually("vestibule at the address of the flag", async || {
        assert!(process.ended().is_none(), "{}", process.said());
        http_client().get(&probe).send().await.ok()
    })
    .await;
    assert_eq!(process.stop(), Some(0));
}
