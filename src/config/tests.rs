//! What operators see: the whole report for every wrong file, the plan for every right one, and the
//! order of precedence.

use crate::finding::report;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::load::{Sources, load_all};
use super::plan::{
    CarrierPlan, ListenPlan, MailCarrierPlan, MailTls, Plan, PublicKeyPlan, StorePlan,
};
use super::schema;
use crate::access::OwnPaths;
use crate::finding::{Code, Finding, Severity};
use crate::token::tests::signer::Signer;
use jsonwebtoken::Algorithm;

fn fixtures(folder: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/config").join(folder);
    let mut files: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "toml"))
        .collect();
    files.sort();
    files
}

/// As if the file were called auth.toml and lay in a folder without anything else.
fn sources(text: &str) -> Sources {
    Sources { file: "auth.toml".into(), text: Some(text.to_owned()), ..Sources::default() }
}

fn run(sources: &Sources) -> Result<(Plan, Vec<Finding>), Vec<Finding>> {
    let loaded = load_all(sources, &["daisy", "plain"], |_, _| OwnPaths::default());
    loaded.map(|loaded| (loaded.plan, loaded.warnings))
}

fn with_env(text: &str, env: &[(&str, &str)]) -> Sources {
    let env = env.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    Sources { env, ..sources(text) }
}

#[track_caller]
fn plan(sources: &Sources) -> Plan {
    run(sources).unwrap_or_else(|findings| panic!("{}", report::human(&findings, false))).0
}

#[track_caller]
fn findings(sources: &Sources) -> Vec<Finding> {
    run(sources).map_or_else(|findings| findings, |(_, warnings)| warnings)
}

const SMALL: &str = "[backend]\nurl = \"http://localhost:5003\"\n[token]\nsecret = \"0123456789abcdef0123456789abcdef\"\n";

#[test]
fn every_wrong_file_gets_its_report() {
    let files = fixtures("invalid");
    assert_eq!(files.len(), 82);
    for file in files {
        let text = std::fs::read_to_string(&file).unwrap();
        let findings = run(&sources(&text)).expect_err(&file.display().to_string());
        let shown = report::human(&findings, false);
        for format in [&shown, &report::json(&findings), &report::github(&findings)] {
            assert!(!format.contains("hunter2"), "{format}");
            assert!(!format.contains("0123456789abcdef"), "{format}");
        }
        let name = file.file_stem().unwrap().to_str().unwrap().to_owned();
        insta::assert_snapshot!(name, shown);
    }
}

/// One key pressed too often or not at all, anywhere: it may break anything, but it shows no secret.
#[test]
fn no_slip_of_a_finger_shows_a_secret() {
    let text = "token.secret = 'hunter2hunter2'\n[backend]\nurl = \"http://localhost\"\nheaders = { X-Key = \"hunter2hunter2\" }\n\
        login.body = { client_secret = \"hunter2hunter2\", password = \"{{password}}\" }\n[session]\nsecret = \"hunter2hunter2\"\n\
        previous_secrets = [\n  \"hunter2hunter2\",\n  'hunter2hunter2',\n]\n[theme]\nname = \"daisy\"\n";
    let mut slips = 0;
    for at in 0..text.len() {
        let (before, after) = text.split_at(at);
        let without = format!("{before}{}", &after[1..]);
        let additions = ["\"", "'", "=", "[", "]", "x", "\n", "#", "{", "."];
        let more = additions.into_iter().map(|key| format!("{before}{key}{after}"));
        for slip in more.chain([before.to_owned(), without]) {
            let findings = findings(&sources(&slip));
            for shown in [
                report::human(&findings, false),
                report::json(&findings),
                report::github(&findings),
            ] {
                assert!(!shown.contains("hunter"), "{slip}\n----\n{shown}");
            }
            slips += 1;
        }
    }
    assert!(slips > 3000, "{slips}");
}

#[test]
fn every_right_file_makes_a_plan_without_errors() {
    let files = fixtures("valid");
    assert_eq!(files.len(), 3);
    for file in files {
        plan(&sources(&std::fs::read_to_string(file).unwrap()));
    }
}

#[test]
fn the_worked_example_is_right_in_development() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("auth.toml");
    let sources = Sources { file, ..Sources::default() };
    let (plan, warnings) = run(&sources).unwrap();
    assert!(plan.server.development);
    assert_eq!(plan.server.public_url.as_str(), "http://localhost:5001/");
    assert!(
        matches!(&plan.backend.carrier, CarrierPlan::Builtin { database, .. } if database.ends_with("users.db"))
    );
    let codes: Vec<_> = warnings.iter().map(|warning| warning.code).collect();
    assert_eq!(codes, [Code::SecretPublished]);
}

#[test]
fn machines_get_the_same_findings() {
    let text = std::fs::read_to_string(&fixtures("invalid")[0]).unwrap();
    let findings = findings(&sources(&text));
    insta::assert_snapshot!("report_json", report::json(&findings));
    insta::assert_snapshot!("report_github", report::github(&findings));
    assert!(report::human(&findings, true).contains("\u{1b}["));
    assert_eq!(report::human(&[], false), "nothing to report\n");
}

#[test]
fn the_last_layer_that_speaks_wins() {
    let file = format!("{SMALL}[session]\nidle_timeout = \"1h\"\n");
    let env = [("VESTIBULE_SESSION__IDLE_TIMEOUT", "2h")];
    let flag = ("session.idle_timeout".to_owned(), "3h".to_owned(), "--idle".to_owned());
    // (file, environment, command line, hours)
    let table = [
        (false, false, false, 12),
        (true, false, false, 1),
        (false, true, false, 2),
        (true, true, false, 2),
        (true, false, true, 3),
        (true, true, true, 3),
    ];
    for (in_file, in_env, in_flags, hours) in table {
        let text = if in_file { file.as_str() } else { SMALL };
        let mut sources = with_env(text, if in_env { &env } else { &[] });
        if in_flags {
            sources.overrides.push(flag.clone());
        }
        let plan = plan(&sources);
        assert_eq!(
            plan.session.idle_timeout,
            Duration::from_secs(hours * 3600),
            "{in_file} {in_env} {in_flags}"
        );
    }
}

#[test]
fn defaults_are_those_of_the_design() {
    let plan = plan(&sources(SMALL));
    assert_eq!(plan.server.listen, [ListenPlan::Tcp("127.0.0.1:5001".parse().unwrap())]);
    assert_eq!(plan.server.max_body_size, 1024 * 1024);
    assert_eq!(plan.session.max_lifetime, Duration::from_hours(7 * 24));
    assert_eq!(plan.backend.calls.login.describe(), "POST /auth/login");
    assert_eq!(plan.backend.calls.login.placeholders(), ["email", "password"]);
    assert!(plan.backend.calls.register.unwrap().then_login);
    assert_eq!(plan.backend.calls.refresh.unwrap().placeholders(), ["refresh_token"]);
    assert_eq!(plan.backend.calls.me.call.placeholders(), ["access_token"]);
    assert_eq!(plan.backend.calls.logout[0].placeholders(), ["access_token", "refresh_token"]);
    assert_eq!((plan.login_limit.limit, plan.login_limit.per), (5, Duration::from_mins(1)));
    let StorePlan::Cookie { keys } = plan.session.store else { panic!() };
    assert_eq!(keys.len(), 1);
}

#[test]
fn the_full_file_keeps_every_value() {
    let text = std::fs::read_to_string(&fixtures("valid")[1]).unwrap();
    let plan = plan(&sources(&text));
    assert!(!plan.server.development);
    assert_eq!(plan.server.listen.len(), 2);
    assert_eq!(plan.backend.calls.logout.len(), 2);
    assert_eq!(plan.backend.calls.logout[1].placeholders(), ["access_token"]);
    assert!(!plan.backend.calls.register.unwrap().then_login);
    assert_eq!(plan.backend.calls.me.claims["roles"], "/roles");
    assert_eq!(plan.token.audience, ["app"]);
    let StorePlan::Cookie { keys } = plan.session.store else { panic!() };
    assert_eq!(keys.len(), 2);
    assert_eq!(plan.session.refresh_threshold, Duration::from_secs(90));
}

#[test]
fn a_call_s_own_header_wins_over_the_backend_s_in_any_spelling() {
    let text = format!(
        "{SMALL}[backend.headers]\nX-App = \"shop\"\n[backend.login]\nheaders = {{ x-app = \"login\" }}\n"
    );
    let plan = plan(&sources(&text));
    let values = [("email", "a"), ("password", "b"), ("access_token", "c")];
    let values = values.into_iter().map(|(k, v)| (k.to_owned(), v.into())).collect();
    let login = plan.backend.calls.login.render(&values).unwrap();
    assert_eq!(login.headers["x-app"], "login");
    assert!(!login.headers.contains_key("authorization"));
    let me = plan.backend.calls.me.call.render(&values).unwrap();
    assert_eq!(me.headers["x-app"], "shop");
    assert_eq!(me.headers["authorization"], "Bearer c");
}

#[test]
fn secrets_come_from_files_beside_the_configuration() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("auth.toml");
    std::fs::write(folder.path().join("jwt.secret"), "0123456789abcdef0123456789abcdef\n").unwrap();
    std::fs::write(
        &file,
        "[backend]\nurl = \"http://localhost:5003\"\n[token]\nsecret_file = \"jwt.secret\"\n",
    )
    .unwrap();
    let (plan, warnings) = run(&Sources { file, ..Sources::default() }).unwrap();
    assert_eq!(plan.token.secret.unwrap().expose(), "0123456789abcdef0123456789abcdef");
    assert!(warnings.iter().all(|warning| warning.code == Code::SecretReadable), "{warnings:?}");
}

#[test]
fn a_path_of_keys_is_one_of_the_backend() {
    let keys = |url: &str| {
        let text = format!(
            "[backend]\nurl = \"https://a.example/v1/\"\n[session]\nsecret = \"0123456789abcdef0123456789abcdef\"\n[token]\njwks_url = \"{url}\"\n"
        );
        match plan(&sources(&text)).token.public {
            Some(PublicKeyPlan::Set(url)) => url.to_string(),
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(keys("/keys?p=1"), "https://a.example/v1/keys?p=1");
    assert_eq!(keys("https://id.example/keys"), "https://id.example/keys");
}

#[test]
fn a_variable_changes_the_address_of_the_keys_and_adds_no_second_key() {
    let text = "[backend]\nurl = \"http://localhost:5003\"\n[session]\nsecret = \"0123456789abcdef0123456789abcdef\"\n[token]\njwks_url = \"/keys\"\n";
    let plan = plan(&with_env(text, &[("VESTIBULE_TOKEN__JWKS_URL", "https://id.example/keys")]));
    assert!(
        matches!(plan.token.public, Some(PublicKeyPlan::Set(url)) if url.as_str() == "https://id.example/keys")
    );
    let env = [("VESTIBULE_TOKEN__SECRET", "0123456789abcdef0123456789abcdef")];
    let found = findings(&with_env(text, &env));
    assert_eq!(found[0].code, Code::Conflict);
    assert!(found[0].message.contains("VESTIBULE_TOKEN__SECRET"), "{}", found[0].message);
}

#[test]
fn what_is_accepted_follows_from_the_kind_of_key() {
    let folder = tempfile::tempdir().unwrap();
    let accepted = |more: &str| {
        let text = format!(
            "[backend]\nurl = \"http://localhost:5003\"\n[session]\nsecret = \"0123456789abcdef0123456789abcdef\"\n[token]\n{more}\n"
        );
        let file = folder.path().join("auth.toml");
        let plan = plan(&Sources { file, ..sources(&text) });
        plan.token.algorithms.iter().map(|it| format!("{it:?}")).collect::<Vec<_>>().join(" ")
    };
    let every_rsa = "RS256 RS384 RS512 PS256 PS384 PS512";
    for (algorithm, expected) in [
        (Algorithm::RS256, every_rsa),
        (Algorithm::ES256, "ES256"),
        (Algorithm::ES384, "ES384"),
        (Algorithm::EdDSA, "EdDSA"),
    ] {
        std::fs::write(folder.path().join("key.pem"), Signer::new(algorithm).public_pem).unwrap();
        assert_eq!(accepted("public_key_file = \"key.pem\""), expected);
    }
    assert_eq!(accepted("secret = \"0123456789abcdef0123456789abcdef\""), "HS256");
    assert_eq!(accepted("jwks_url = \"/keys\""), format!("{every_rsa} ES256 ES384 EdDSA"));
    assert_eq!(accepted("jwks_url = \"/keys\"\nalgorithms = [\"ES256\"]"), "ES256");
}

#[test]
fn a_file_that_holds_no_public_key_is_answered_with_what_makes_one() {
    let folder = tempfile::tempdir().unwrap();
    let signer = Signer::new(Algorithm::ES256);
    for (content, more, words) in [
        (signer.private_pem.as_str(), "", "openssl pkey -pubout"),
        ("hello", "", "openssl x509 -pubkey -noout"),
        (signer.public_pem.as_str(), "algorithms = [\"RS256\"]", "algorithms = [\"ES256\"]"),
    ] {
        std::fs::write(folder.path().join("key.pem"), content).unwrap();
        let text = format!(
            "[backend]\nurl = \"http://localhost:5003\"\n[session]\nsecret = \"0123456789abcdef0123456789abcdef\"\n[token]\npublic_key_file = \"key.pem\"\n{more}\n"
        );
        let file = folder.path().join("auth.toml");
        let found = findings(&Sources { file, ..sources(&text) });
        assert_eq!(found.len(), 1, "{found:?}");
        assert_eq!(found[0].severity, Severity::Error);
        let help = found[0].help.as_deref().unwrap();
        assert!(help.contains(words), "{help}");
    }
}

#[test]
fn a_secret_in_file_and_environment_names_both_places() {
    let findings = findings(&with_env(SMALL, &[("VESTIBULE_TOKEN__SECRET", "hunter2")]));
    assert_eq!(findings[0].code, Code::SecretTwice);
    assert!(findings[0].message.contains("auth.toml:4:10"), "{}", findings[0].message);
    assert!(findings[0].message.contains("VESTIBULE_TOKEN__SECRET"));
}

#[test]
fn a_missing_file_is_looked_for_further_up_but_not_read() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("auth.toml"), SMALL).unwrap();
    let deep = folder.path().join("a/b");
    std::fs::create_dir_all(&deep).unwrap();
    let findings = findings(&Sources { file: deep.join("auth.toml"), ..Sources::default() });
    assert_eq!(findings[0].code, Code::FileUnreadable);
    assert!(findings[0].help.as_ref().unwrap().starts_with("one exists 2 folders up: -c "));
}

#[test]
fn development_only_warns_of_what_production_refuses() {
    let text = "[backend]\nurl = \"http://localhost:5003\"\n[token]\nsecret = \"short\"\n[server]\npublic_url = \"https://a.example\"\n";
    let strict = findings(&sources(text));
    assert_eq!((strict[0].code, strict[0].severity), (Code::SecretTooShort, Severity::Error));
    let (plan, warnings) = run(&Sources { dev: true, ..sources(text) }).unwrap();
    assert!(plan.server.development);
    assert_eq!((warnings[0].code, warnings[0].severity), (Code::SecretTooShort, Severity::Warning));
}

#[test]
fn the_schema_is_closed_and_documented() {
    let schema = schema();
    assert_eq!(schema["additionalProperties"], false);
    insta::assert_snapshot!("schema", serde_json::to_string_pretty(&schema).unwrap());
}

#[test]
fn how_the_mail_server_is_spoken_to_follows_from_its_address() {
    let mail = |line: &str| {
        let text = format!(
            "[backend]\nbuiltin = {{}}\n[token]\nsecret = \"0123456789abcdef0123456789abcdef\"\n\
             [mail]\nfrom = \"Acme <no-reply@example.com>\"\n{line}\n"
        );
        plan(&sources(&text)).mail.unwrap().carrier
    };
    for (line, host, port, tls) in [
        ("smtp = \"smtp://mx.example.com\"", "mx.example.com", None, MailTls::StartTls),
        ("smtp = \"smtps://mx.example.com:4650\"", "mx.example.com", Some(4650), MailTls::Implicit),
        ("smtp = \"smtp://localhost:25\"", "localhost", Some(25), MailTls::None),
        ("smtp = \"smtp://[::1]:25\"", "::1", Some(25), MailTls::None),
        ("smtp = \"smtp://127.0.0.1\"\ntls = \"starttls\"", "127.0.0.1", None, MailTls::StartTls),
        (
            "smtp = \"smtp://mx.example.com:465\"\ntls = \"implicit\"",
            "mx.example.com",
            Some(465),
            MailTls::Implicit,
        ),
    ] {
        let MailCarrierPlan::Smtp(smtp) = mail(line) else { panic!("{line}") };
        assert_eq!((smtp.host.as_str(), smtp.port, smtp.tls), (host, port, tls), "{line}");
        assert!(smtp.credentials.is_none());
    }
    let with_user = "smtp = \"smtp://us%40er@mx.example.com\"\npassword = \"hunter2\"";
    let MailCarrierPlan::Smtp(smtp) = mail(with_user) else { panic!() };
    let (user, password) = smtp.credentials.unwrap();
    assert_eq!((user.as_str(), password.expose()), ("us@er", "hunter2"));
    assert!(
        matches!(mail("folder = \"out\""), MailCarrierPlan::Folder(path) if path.ends_with("out"))
    );
}
