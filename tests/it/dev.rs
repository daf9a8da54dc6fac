//! `vestibule dev`: the site follows its files, and the browser the site.

mod browser;
mod failing;
mod keeping;
mod noting;
mod stage;

use std::process::Command;

use reqwest::Method;
use serde_json::Value;

use self::stage::{Dev, STYLE, sheet_of};
use crate::support::process::Process;
use crate::support::site::Site;
use crate::support::visitor::Visitor;
use crate::support::{eventually, free_port, http_client};

fn lists(sheets: &Value, wanted: &str) -> bool {
    sheets.as_array().unwrap().iter().any(|sheet| sheet == wanted)
}

#[tokio::test]
async fn an_edit_of_the_style_sheet_is_served_without_a_new_page() {
    let dev = Dev::start("", &[("acme/theme.css", ".first{color:red}")]).await;
    let visitor = dev.visitor();
    let old = visitor.open("/login").await;
    let mut events = dev.events().await;
    let before = events.next().await;
    assert!(old.body.contains(&format!("data-edition=\"{}\"", before["edition"])));
    assert!(lists(&before["sheets"], &sheet_of(&old)), "{before}");

    dev.write("acme/theme.css", ".second{color:blue}");
    let after = events.until(|state| state["sheets"] != before["sheets"]).await;
    assert_eq!(after["pages"], before["pages"], "no page has to be loaded anew");
    let new = visitor.open("/login").await;
    assert!(lists(&after["sheets"], &sheet_of(&new)), "{after}");
    let sheet = visitor.open(&sheet_of(&new)).await;
    sheet.expect(200).shows(".second{color:blue}").hides(".first");
    // A page from before may only now ask for its style sheet.
    visitor.open(&sheet_of(&old)).await.expect(200).shows(".first{color:red}");
    dev.stop().await;
}

#[tokio::test]
async fn files_and_folders_that_come_later_are_seen() {
    let dev = Dev::start("", &[("acme/theme.css", "")]).await;
    let visitor = dev.visitor();
    let mut events = dev.events().await;
    let first = events.next().await;
    let extended =
        "{% extends \"page/login.html\" %}{% block main %}<p>Sunday</p>{{ super() }}{% endblock %}";
    dev.write("overrides/page/login.html", extended);
    let second = events.until(|state| state["edition"] != first["edition"]).await;
    assert_eq!(second["pages"], second["edition"]);
    assert_eq!(second["site"], first["site"], "auth.toml is as it was");
    visitor.open("/login").await.expect(200).shows("<p>Sunday</p>");
    dev.remove("overrides");
    events.until(|state| state["edition"] != second["edition"]).await;
    visitor.open("/login").await.expect(200).hides("<p>Sunday</p>");
    dev.stop().await;
}

#[tokio::test]
async fn another_theme_and_a_new_form_in_the_configuration_appear() {
    let dev = Dev::start("", &[("acme/theme.css", ""), ("other/theme.css", ".other{top:0}")]).await;
    let visitor = dev.visitor();
    let mut events = dev.events().await;
    let first = events.next().await;
    visitor.open("/newsletter").await.expect(303);
    let form = "[[form]]\nid = \"newsletter\"\npath = \"/newsletter\"\naccess = \"public\"\n\
                submit = { send = \"POST /auth/forgot-password\", body = { email = \"{{email}}\" } }\n\
                on_success = { message = \"Done.\" }\n\
                [[form.field]]\nname = \"email\"\ntype = \"email\"\n";
    dev.configure(&format!("theme.name = \"other\"\n{form}"));
    let second = events.until(|state| state["edition"] != first["edition"]).await;
    assert_eq!(second["site"], second["edition"]);
    let page = visitor.open("/newsletter").await;
    page.expect(200).shows("name=\"email\"");
    visitor.open(&sheet_of(&page)).await.expect(200).shows(".other{top:0}");
    // And the theme that is in use now is the one that is followed.
    dev.write("other/theme.css", ".more{top:0}");
    events.until(|state| state["edition"] != second["edition"]).await;
    let page = visitor.open("/newsletter").await;
    visitor.open(&sheet_of(&page)).await.expect(200).shows(".more{top:0}");
    dev.stop().await;
}

#[tokio::test]
async fn touching_a_file_changes_nothing() {
    let dev = Dev::start("", &[("acme/theme.css", STYLE)]).await;
    let mut events = dev.events().await;
    events.next().await;
    dev.write("acme/theme.css", STYLE);
    // What comes next is the edit after it.
    dev.write("acme/notes.txt", "not of a theme");
    dev.write("acme/page/imprint.html", "{% extends \"base.html\" %}");
    let state = events.next().await;
    assert_eq!(state["edition"], 2);
    let changed = dev.told().await;
    assert!(changed.contains("page/imprint.html") && !changed.contains("theme.css"), "{changed}");
    dev.stop().await;
}

#[tokio::test]
async fn the_script_is_in_pages_of_the_theme_and_nowhere_else() {
    let app = stage::app().await;
    let upstream = format!("[[upstream]]\nid = \"app\"\npath = \"/app\"\nurl = \"{app}\"\n");
    let public = "[access]\npublic = [\"/app/.*\"]\n";
    let dev = Dev::start(&format!("{public}{upstream}"), &[("acme/theme.css", STYLE)]).await;
    let visitor = dev.visitor();
    let tag = "<script src=\"/_vestibule/live/script.js\"";
    let page = visitor.open("/login").await;
    page.expect(200).shows(&format!("{tag} data-vestibule-live=")).hides("data-posted");
    assert_eq!(page.header("content-length").unwrap(), page.body.len().to_string());
    assert!(page.body.find(tag).unwrap() < page.body.find("</head>").unwrap());
    visitor.open("/%2").await.expect(400).shows(tag);
    let posted = visitor.post_form("/login", &[("email", "a@example.com"), ("password", "")]).await;
    posted.expect(422).shows("data-posted");
    visitor.htmx("/login", &[("email", "a"), ("password", "")]).await.expect(422).hides(tag);
    visitor.fetch(Method::GET, "/_vestibule/session", None).await.expect(200).hides(tag);
    visitor.open("/_vestibule/docs").await.expect(200).hides(tag);
    visitor.open("/app/").await.expect(200).shows("<title>App</title>").hides(tag);
    for (path, kind) in [("script.js", "text/javascript"), ("style.css", "text/css")] {
        let file = visitor.open(&format!("/_vestibule/live/{path}")).await;
        file.expect(200);
        assert!(file.header("content-type").unwrap().starts_with(kind));
    }
    visitor.open("/_vestibule/live/other").await.expect(404);
    dev.stop().await;
}

#[tokio::test]
async fn serve_has_none_of_it() {
    let site = Site::new("");
    let browser = site.browser();
    browser.open("/login").await.expect(200).hides("live");
    for path in ["/_vestibule/live/events", "/_vestibule/live/script.js", "/_vestibule/live/"] {
        let answer = browser.open(path).await;
        answer.hides("EventSource");
        assert!(matches!(answer.status, 303 | 404), "{answer:?}");
    }
    site.signed_in().await.open("/_vestibule/live/events").await.expect(404);
}

#[tokio::test]
async fn serve_looks_at_no_file_after_its_start() {
    let dev = Dev::start("", &[("acme/theme.css", STYLE)]).await;
    let port = free_port();
    let mut serve = Command::new(env!("CARGO_BIN_EXE_vestibule"));
    serve.args(["serve", "--listen", &format!("127.0.0.1:{port}")]).env_clear();
    let _serve = Process::start(serve.current_dir(dev.folder.path()));
    let url = format!("http://127.0.0.1:{port}/login");
    let sheet = async || {
        let page = http_client().get(&url).send().await.ok()?.text().await.ok()?;
        page.split_once("/_vestibule/assets/theme.").map(|(_, rest)| rest[..8].to_owned())
    };
    let before = eventually("serve is there", sheet).await;
    let mut events = dev.events().await;
    let first = events.next().await;
    assert!(first["sheets"].to_string().contains(&format!("theme.{before}.css")), "{first}");
    dev.write("acme/theme.css", ".other{top:0}");
    events.until(|state| state["edition"] != first["edition"]).await;
    assert_eq!(sheet().await.unwrap(), before);
    dev.stop().await;
}

#[tokio::test]
async fn stopping_does_not_wait_for_open_pages() {
    let dev = Dev::start("server.shutdown_grace = \"1h\"\n", &[("acme/theme.css", STYLE)]).await;
    let mut events = dev.events().await;
    events.next().await;
    dev.stop().await;
    assert!(events.has_ended().await);
}

#[tokio::test]
async fn another_site_is_told_nothing() {
    let dev = Dev::start("", &[("acme/theme.css", STYLE)]).await;
    let answer = Visitor::new(&dev.url).open("/_vestibule/live/script.js").await;
    for name in ["access-control-allow-origin", "cross-origin-resource-policy"] {
        assert!(!answer.headers.contains_key(name));
    }
    assert_eq!(answer.header("x-content-type-options"), Some("nosniff"));
    dev.stop().await;
}
