//! `vestibule why`, `test` and `routes`: the decision told, tested and listed.

use std::fmt::Write as _;

use serde_json::{Value, json};
use vestibule::Vestibule;

use crate::cli::{folder, run};
use crate::support::site::Site;

const FILE: &str = "[server]\npublic_url = \"http://localhost:5001\"\n\
[backend]\nurl = \"http://127.0.0.1:9\"\nme.claims = { roles = \"/roles\", plan = \"/plan\" }\n\
[token]\nsecret = \"token-key-0123456789-0123456789-0123456789\"\n\
[access]\npublic = [\n  '/about',\n  { path = '/api/.*', methods = [\"GET\"] },\n]\n\
[[access.rule]]\npath = '/admin/reports/.*'\nrequire = { roles = [\"auditor\", \"admin\"] }\n\
[[access.rule]]\npath = '/admin(/.*)?'\nrequire = { roles = \"admin\", plan = \"pro\" }\n\
[[access.rule]]\npath = '/secret'\nmethods = [\"POST\"]\nrequire = { roles = \"admin\" }\non_deny = 404\n";

#[track_caller]
fn why(arguments: &[&str]) -> String {
    let (code, stdout, stderr) = run(&folder(FILE), &[&["why"], arguments].concat());
    assert_eq!((code, stderr.as_str()), (0, ""), "{stdout}");
    stdout
}

#[test]
fn why_tells_every_step_of_the_decision() {
    let mut told = String::new();
    for arguments in [
        &["GET", "/about?x=1"][..],
        &["POST", "/api/x"],
        &["GET", "/login"],
        &["GET", "/"],
        &["GET", "/elsewhere", "--as", "roles=user"],
        &["GET", "/admin/users", "--as", "roles=user", "--as", "roles=admin"],
        &["GET", "/admin/reports/1", "--as", "roles=auditor"],
        &["GET", "/admin/reports%2F1", "--as", "roles=auditor"],
        &["POST", "/secret", "--as", "id=7"],
        &["GET", "/admin/%2e%2e/about"],
    ] {
        let _ = writeln!(told, "$ vestibule why {}\n{}", arguments.join(" "), why(arguments));
    }
    insta::assert_snapshot!(told);
}

#[test]
fn why_tells_programs_the_same() {
    let answer: Value = serde_json::from_str(&why(&[
        "GET",
        "/admin",
        "--as",
        "roles=admin",
        "--as",
        "plan=free",
        "--format",
        "json",
    ]))
    .unwrap();
    assert_eq!(answer["decided_by"], json!({"kind": "rule", "source": "auth.toml:17"}));
    assert_eq!(answer["nobody"], json!({"access": "login", "status": 303}));
    assert_eq!(
        answer["as"],
        json!({"access": "denied", "status": 403, "unmet": ["plan = \"pro\""]})
    );
    let results: Vec<_> =
        answer["steps"].as_array().unwrap().iter().map(|step| &step["result"]).collect();
    assert_eq!(results, ["miss", "miss", "miss", "hit", "miss"]);
}

#[test]
fn why_ends_with_2_for_what_it_cannot_read_and_with_78_for_a_bad_file() {
    let good = folder(FILE);
    for arguments in [
        &["why"][..],
        &["why", "GET"],
        &["why", "get", "/"],
        &["why", "GET", "/", "--as", "admin"],
        &["why", "GET", "/", "--as", "=x"],
    ] {
        let (code, stdout, stderr) = run(&good, arguments);
        assert_eq!((code, stdout.as_str()), (2, ""), "{arguments:?} {stderr}");
    }
    let bad = folder(&FILE.replace("path = '/secret'", "path = 'secret'"));
    for arguments in [&["why", "GET", "/"][..], &["test"], &["routes"]] {
        let (code, stdout, stderr) = run(&bad, arguments);
        assert_eq!((code, stdout.as_str()), (78, ""), "{arguments:?}");
        assert!(stderr.contains("auth.toml:20:"), "{stderr}");
    }
    // A path that is refused is an answer too.
    assert_eq!(run(&good, &["why", "GET", "admin"]).0, 0);
}

#[test]
fn a_variable_that_opens_a_path_is_named() {
    let folder = folder(FILE);
    let env = [("VESTIBULE_ACCESS__PUBLIC".to_owned(), "/open".to_owned())];
    let builder = Vestibule::builder().file(folder.path().join("auth.toml")).env(env);
    let why = builder.why(&http::Method::GET, "/open", None).unwrap();
    assert_eq!(why.json()["decided_by"]["source"], "VESTIBULE_ACCESS__PUBLIC");
}

const RIGHT: &str = "[[test]]\nrequest = \"GET /about\"\nexpect = { status = 200, access = \"public\" }\n\
[[test]]\nrequest = \"GET /admin\"\nexpect = { status = 303 }\n\
[[test]]\nrequest = \"GET /admin\"\nas = { roles = [\"user\"] }\nexpect = { status = 403 }\n\
[[test]]\nrequest = \"HEAD /admin/reports/1?q\"\nas = { roles = [\"auditor\"] }\nexpect = { access = \"allowed\" }\n\
[[test]]\nrequest = \"POST /secret\"\nas = {}\nexpect = { status = 404, access = \"denied\" }\n\
[[test]]\nrequest = \"GET /x/../y\"\nexpect = { status = 400 }\n";
const WRONG: &str = "[[test]]\nrequest = \"GET /admin/x\"\nas = { roles = \"auditor\" }\nexpect = { status = 200, access = \"allowed\" }\n";

#[test]
fn tests_that_hold_end_with_0() {
    let folder = folder(&format!("{FILE}{RIGHT}"));
    let (code, stdout, stderr) = run(&folder, &["test"]);
    assert_eq!((code, stderr.as_str()), (0, ""), "{stdout}");
    assert!(stdout.ends_with("6 passed, 0 failed\n"), "{stdout}");
    assert_eq!(run(&folder, &["check"]).0, 0);
    let (code, stdout, _) = run(&folder, &["test", "--filter", "/secret"]);
    assert_eq!((code, stdout.ends_with("1 passed, 0 failed\n")), (0, true), "{stdout}");
    let (code, _, stderr) = run(&folder, &["test", "--filter", "nothing like that"]);
    assert_eq!(code, 0);
    assert!(stderr.contains("no test was run"), "{stderr}");
}

#[test]
fn a_test_that_fails_ends_with_1_and_says_why() {
    let folder = folder(&format!("{FILE}{RIGHT}{WRONG}"));
    let (code, stdout, _) = run(&folder, &["test"]);
    assert_eq!(code, 1);
    insta::assert_snapshot!("a_test_that_fails", stdout);
    let (code, stdout, _) = run(&folder, &["test", "--format", "json", "--filter", "/admin/x"]);
    assert_eq!(code, 1);
    let report: Value = serde_json::from_str(&stdout).unwrap();
    assert_eq!((&report["passed"], &report["failed"]), (&json!(0), &json!(1)));
    assert_eq!(report["tests"][0]["place"]["line"], 46);
    assert_eq!(report["tests"][0]["why"]["as"]["access"], "denied");

    let (code, stdout, _) = run(&folder, &["check"]);
    assert_eq!(code, 1);
    insta::assert_snapshot!("a_test_that_fails_in_check", stdout);
    assert_eq!(run(&folder, &["test", "--filter", "/about"]).0, 0);
}

#[test]
fn routes_lists_everything_and_to_whom() {
    let folder = folder(&FILE.replace("'/secret'", "'/welcome'").replace("[\"POST\"]", "[]"));
    let (code, stdout, stderr) = run(&folder, &["routes"]);
    assert_eq!((code, stderr.as_str()), (0, ""));
    insta::assert_snapshot!("routes", stdout);
    let (code, stdout, _) = run(&folder, &["routes", "--format", "json"]);
    assert_eq!(code, 0);
    let routes: Value = serde_json::from_str(&stdout).unwrap();
    let routes = routes["routes"].as_array().unwrap();
    let welcome = routes.iter().find(|row| row["path"] == "/welcome").unwrap();
    assert_eq!((&welcome["access"], &welcome["rule"]), (&json!("rule"), &json!("auth.toml:20")));
}

#[test]
fn check_tells_of_rules_that_do_not_do_what_they_seem_to() {
    let rule =
        |path: &str| format!("[[access.rule]]\npath = '{path}'\nrequire = {{ roles = \"x\" }}\n");
    for (path, words) in [
        ("/(login|settings)", "covers /login, which answers to everybody"),
        ("/_vestibule/docs/.*", "covers /_vestibule/docs/, which answers"),
        ("/about", "makes all of it public"),
        ("/admin/users", "comes first and matches all of it"),
    ] {
        let folder = folder(&format!("{FILE}{}", rule(path)));
        let (code, stdout, _) = run(&folder, &["check"]);
        assert_eq!(code, 0, "{stdout}");
        assert!(stdout.contains("warning[V1404]") && stdout.contains(words), "{path}: {stdout}");
    }
    for path in ["/.*", "/settings", "/welcome", "/"] {
        let folder = folder(&format!("{FILE}{}", rule(path)));
        let (_, stdout, _) = run(&folder, &["check"]);
        assert_eq!(stdout, "", "{path}");
    }
}

/// What is listed answers, by each of its methods and to whom it says, and what is not listed does not.
#[tokio::test]
async fn routes_lists_what_really_answers() {
    for more in [
        "",
        "[docs]\naccess = \"user\"\n",
        "[docs]\naccess = \"off\"\n[backend]\nregister = false\n",
    ] {
        let site = Site::new(more);
        let toml = crate::support::site::config(&site.backend, more);
        let builder = Vestibule::builder().toml(toml, site.folder.path());
        let listed = builder.routes().unwrap().json();
        let mut paths = Vec::new();
        for row in listed["routes"].as_array().unwrap() {
            let path = row["path"].as_str().unwrap();
            let path = match path {
                "/_vestibule/docs/*" => "/_vestibule/docs/start.js".to_owned(),
                "/_vestibule/problems/*" => "/_vestibule/problems/internal".to_owned(),
                "/_vestibule/assets/*" => {
                    let page = site.browser().open("/login").await.body;
                    let at = page.find("/_vestibule/assets/").unwrap();
                    page[at..].split('"').next().unwrap().to_owned()
                }
                path => path.to_owned(),
            };
            paths.push(path.clone());
            let user = site.signed_in().await;
            for method in row["methods"].as_array().unwrap() {
                let method = method.as_str().unwrap();
                let ask = user.ask(method, &path).navigating("same-origin");
                let status = ask.form(&[]).send().await.status;
                assert!(![401, 403, 404, 405].contains(&status), "{method} {path}: {status}");
            }
            let nobody = site.browser().ask("GET", &path).by_script().send().await.status;
            assert_eq!(nobody == 401, row["access"] == "user", "{path}: {nobody}");
        }
        let user = site.signed_in().await;
        for path in [
            "/login",
            "/register",
            "/logout",
            "/welcome",
            "/",
            "/_vestibule/session",
            "/_vestibule/docs",
            "/_vestibule/docs/start.js",
            "/_vestibule/openapi.json",
            "/_vestibule/openapi.yaml",
            "/_vestibule/livez",
            "/_vestibule/readyz",
            "/auth/login",
        ] {
            let status = user.open(path).await.status;
            assert_eq!(status != 404, paths.iter().any(|it| it == path), "{path}: {status}");
        }
    }
}

#[tokio::test]
async fn the_builtin_backends_endpoints_are_listed_as_they_answer() {
    let toml = "[backend]\nbuiltin = { database = \"users.db\" }\n[token]\nsecret = \"token-key-0123456789-0123456789-0123456789\"\n";
    let folder = tempfile::tempdir().unwrap();
    let builder = Vestibule::builder().toml(toml, folder.path());
    let listed = builder.routes().unwrap().json();
    let site = std::sync::Arc::new(builder.build().unwrap());
    let browser = crate::support::site::Browser::of(&site);
    let rows: Vec<_> = listed["routes"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|row| row["path"].as_str().unwrap().starts_with("/auth/"))
        .collect();
    assert_eq!(rows.len(), 15);
    for row in rows {
        assert_eq!(row["access"], "public", "{row}");
        let path = row["path"].as_str().unwrap().replace("{id}", &"0".repeat(32));
        for method in row["methods"].as_array().unwrap() {
            let status = browser.call(method.as_str().unwrap(), &path, None).await.status;
            assert!(![404, 405].contains(&status), "{method} {row}: {status}");
        }
    }
}

#[test]
fn routes_name_the_apps_behind_the_door_and_where_they_are_declared() {
    let text = "[backend]\nbuiltin = {}\n[token]\nsecret = \"0123456789abcdef0123456789abcdef\"\n\
        [[upstream]]\nurl = \"http://127.0.0.1:3000\"\n[[upstream]]\npath = \"/api\"\nurl = \"http://127.0.0.1:3001\"\n";
    let builder = Vestibule::builder().toml(text, "");
    let routes = builder.routes().unwrap().human();
    let lines: Vec<&str> = routes.lines().filter(|line| line.contains("upstream")).collect();
    assert_eq!(lines.len(), 2, "{routes}");
    assert!(lines.iter().any(|line| line.starts_with("/* ") && line.contains("auth.toml:6")));
    assert!(lines.iter().any(|line| line.starts_with("/api/* ") && line.contains("auth.toml:9")));
    assert!(!routes.lines().any(|line| line.starts_with("/ ")), "the front page is the app's");
}
