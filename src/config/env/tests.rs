use crate::access::OwnPaths;
use crate::config::load::{Sources, load_all};
use crate::config::plan::{Plan, StorePlan};
use crate::finding::{Code, Finding};

const SMALL: &str = "[backend]\nurl = \"http://localhost:5003\"\n";
const SECRET: (&str, &str) = ("VESTIBULE_TOKEN__SECRET", "01234567890123456789012345678901");

fn run(env: &[(&str, &str)]) -> Result<(Plan, Vec<Finding>), Vec<Finding>> {
    run_with("", env)
}

fn run_with(more: &str, env: &[(&str, &str)]) -> Result<(Plan, Vec<Finding>), Vec<Finding>> {
    let env = env.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    let sources = Sources {
        file: "auth.toml".into(),
        text: Some(format!("{SMALL}{more}")),
        env,
        ..Sources::default()
    };
    let loaded = load_all(&sources, &["daisy"], |_, _| OwnPaths::default());
    loaded.map(|loaded| (loaded.plan, loaded.warnings))
}

#[test]
fn a_variable_is_read_as_what_its_target_is() {
    let (plan, _) = run(&[
        SECRET,
        ("VESTIBULE_TOKEN__ISSUER", "0123"),
        ("VESTIBULE_SESSION__COOKIE_NAME", "true"),
        ("VESTIBULE_TOKEN__AUDIENCE", "a, b"),
        ("VESTIBULE_ACCESS__PUBLIC", "/about,/api/.*"),
        ("VESTIBULE_RATE_LIMIT__LOGIN__LIMIT", "7"),
        ("VESTIBULE_BACKEND__REGISTER", "false"),
        ("VESTIBULE_BACKEND__LOGIN__SEND", "POST /login"),
        ("VESTIBULE_BACKEND__HEADERS__X_API_KEY", "k"),
        ("VESTIBULE_BACKEND__TEXTS__BAD_LOGIN", "No."),
        ("VESTIBULE_SERVER__LISTEN", "127.0.0.1:1,127.0.0.1:2"),
    ])
    .unwrap();
    assert_eq!(plan.token.issuer.as_deref(), Some("0123"));
    assert_eq!(plan.session.cookie_name, "true");
    assert_eq!(plan.token.audience, ["a", "b"]);
    assert_eq!(plan.login_limit.limit, 7);
    assert!(plan.backend.calls.register.is_none());
    assert_eq!(plan.backend.calls.login.describe(), "POST /login");
    assert_eq!(plan.backend.texts["BAD_LOGIN"], "No.");
    assert_eq!(plan.server.listen.len(), 2);
    let StorePlan::Cookie { keys } = plan.session.store else { panic!() };
    assert_eq!(keys.len(), 1);
}

#[test]
fn patterns_with_commas_can_be_written_as_a_toml_list() {
    assert_eq!(super::split(r"['/a{1,2}', '/b']"), ["/a{1,2}", "/b"]);
    assert_eq!(super::split("/a, /b,"), ["/a", "/b"]);
}

#[test]
fn what_kubernetes_and_the_command_line_set_is_left_alone() {
    let names = [
        "VESTIBULE_PORT",
        "VESTIBULE_SERVICE_HOST",
        "VESTIBULE_PORT_80_TCP",
        "VESTIBULE_PORT_80_TCP_ADDR",
        "VESTIBULE_CONFIG",
        "PATH",
    ];
    let mut env = names.map(|name| (name, "tcp://10.0.0.1:80")).to_vec();
    env.push(SECRET);
    let (_, findings) = run(&env).unwrap();
    assert!(findings.is_empty(), "{findings:?}");
}

#[test]
fn findings_name_the_variable_as_typed_and_never_a_secret() {
    let findings = run(&[
        ("VESTIBULE_TOKEN__SECERT", "hunter2"),
        ("VESTIBULE_TOKEN_SECRET", "hunter2"),
        ("VESTIBULE_SERVER__REQUEST_TIMEOUT", "30"),
        ("VESTIBULE_RATE_LIMIT__LOGIN__LIMIT", "many"),
        ("VESTIBULE_BACKEND__LOGOUT__0__SEND", "POST /x"),
        ("VESTIBULE_UPSTREAM__APP__URL", "http://x"),
        ("VESTIBULE_SESSION__STORE", "redis"),
        ("VESTIBULE_BACKEND__URL", "localhost:1"),
        ("VESTIBULE_ACCESS__PUBLIC", "/a(b"),
        ("VESTIBULE_SESSION__SECRET", "hunter2"),
        ("VESTIBULE_TOKEN__LEEWAY__X", "1"),
    ])
    .unwrap_err();
    let told: Vec<String> = findings
        .iter()
        .map(|finding| {
            let place = finding.place.as_ref().map(ToString::to_string).unwrap_or_default();
            let help = finding.help.as_deref().unwrap_or_default();
            format!("{place} {} {} | {help}", finding.code, finding.message)
        })
        .collect();
    let told = told.join("\n");
    assert!(!told.contains("hunter2"), "{told}");
    assert!(findings.iter().any(|finding| finding.code == Code::UnknownVariable));
    insta::assert_snapshot!("findings_from_the_environment", told);
}

#[test]
fn a_variable_changes_one_key_of_the_entry_with_that_id() {
    let file = "[[upstream]]\nid = \"My-App\"\nurl = \"http://127.0.0.1:1\"\n[[upstream]]\npath = \"/docs\"\n";
    let plan = run_with(
        file,
        &[
            SECRET,
            ("VESTIBULE_UPSTREAM__MY_APP__IDLE_TIMEOUT", "7s"),
            ("VESTIBULE_UPSTREAM__DOCS__URL", "http://127.0.0.1:2"),
            ("VESTIBULE_UPSTREAM__DOCS__HEADERS__X_MAIL", "{{ user.email }}"),
        ],
    )
    .unwrap()
    .0;
    let [docs, app] = &plan.upstreams[..] else { panic!("{:?}", plan.upstreams) };
    assert_eq!((app.id.as_str(), app.idle_timeout.as_secs()), ("My-App", 7));
    assert_eq!((docs.id.as_str(), docs.url.port()), ("docs", Some(2)));
    assert_eq!(docs.headers[0].name, "x-mail");
    let findings =
        run_with(file, &[SECRET, ("VESTIBULE_UPSTREAM__OTHER__URL", "http://x")]).unwrap_err();
    assert!(
        findings.iter().any(|it| it.message == "no upstream has the id \"other\""),
        "{findings:?}"
    );
}

#[test]
fn a_variable_changes_one_key_of_a_form_or_a_page() {
    let file = "[[form]]\nid = \"contact-us\"\nsubmit = { send = \"POST /contact\" }\n\
                [[form]]\nid = \"login\"\n[[page]]\npath = \"/about/us\"\n";
    let plan = run_with(
        file,
        &[
            SECRET,
            ("VESTIBULE_FORM__CONTACT_US__TITLE", "Write to us"),
            ("VESTIBULE_FORM__CONTACT_US__SUBMIT__SEND", "PUT /other"),
            ("VESTIBULE_FORM__CONTACT_US__RATE_LIMIT__LIMIT", "3"),
            ("VESTIBULE_FORM__LOGIN__INTRO", "Welcome back"),
            ("VESTIBULE_PAGE__ABOUT_US__ACCESS", "public"),
        ],
    )
    .unwrap()
    .0;
    let form = &plan.forms.declared[0];
    assert_eq!(form.spec.title.as_deref(), Some("Write to us"));
    assert_eq!(form.submit.describe(), "PUT /other");
    assert_eq!(form.limit.as_ref().map(|limit| limit.limit), Some(3));
    assert_eq!(plan.forms.login.intro.as_deref(), Some("Welcome back"));
    assert!(!plan.pages[0].needs_user);
    let wrong = [
        ("VESTIBULE_FORM__CONTACT__TITLE", "no form has the id \"contact\""),
        ("VESTIBULE_FORM__CONTACT_US__TITEL", "TITEL"),
        ("VESTIBULE_FORM__CONTACT_US__ACCESS", "must be \"public\" or \"user\""),
    ];
    for (name, message) in wrong {
        let findings = run_with(file, &[SECRET, (name, "x")]).unwrap_err();
        let told = findings.iter().map(|it| format!("{} {:?}\n", it.message, it.help));
        let told: String = told.collect();
        let at = findings.iter().any(|it| it.place.as_ref().is_some_and(|it| it.file == name));
        assert!(at && told.contains(message), "{told}");
    }
}
