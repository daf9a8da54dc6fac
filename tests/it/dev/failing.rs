//! Edits that cannot be served.

use std::fs;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use serde_json::{Value, json};

use super::stage::{Dev, config, sheet_of, write};
use crate::cli::{folder, run};
use crate::support::binary::Vestibule;
use crate::support::visitor::Visitor;
use crate::support::{eventually, free_port};

const GOOD: &str =
    "{% extends \"page/login.html\" %}\n{% block main %}<p>good</p>{{ super() }}{% endblock %}\n";
const BROKEN: &str =
    "{% extends \"page/login.html\" %}\n{% block main %}<p>{{ <vale> }}</p>{% endblock %}\n";

#[tokio::test]
async fn a_broken_template_keeps_the_old_page_and_is_told_with_its_place() {
    let dev = Dev::start("", &[("acme/theme.css", ""), ("acme/page/login.html", GOOD)]).await;
    let visitor = dev.visitor();
    let mut events = dev.events().await;
    let before = events.next().await;
    assert_eq!(before["findings"], json!([]));

    dev.write("acme/page/login.html", BROKEN);
    let broken = events.until(|state| state["findings"] != json!([])).await;
    assert_eq!(broken["edition"], before["edition"], "the old one is still served");
    let finding = &broken["findings"][0];
    assert_eq!(finding["code"], "V1603");
    let place = finding["place"].as_str().unwrap();
    assert!(place.ends_with("themes/acme/page/login.html:2:23"), "{place}");
    let frame = finding["frame"].as_str().unwrap();
    assert!(
        frame.contains("2 | {% block main %}<p>{{ <vale> }}") && frame.contains('^'),
        "{frame}"
    );
    visitor.open("/login").await.expect(200).shows("<p>good</p>");
    assert!(dev.told().await.starts_with("refused"));
    // Whoever opens a page now is told too.
    assert_eq!(dev.events().await.next().await["findings"], broken["findings"]);

    dev.write("acme/page/login.html", &GOOD.replace("good", "mended"));
    let mended = events.until(|state| state["findings"] == json!([])).await;
    assert_eq!(mended["pages"], mended["edition"]);
    visitor.open("/login").await.expect(200).shows("<p>mended</p>");

    // Undone is as good as mended, and no page has to be loaded for it.
    dev.write("acme/page/login.html", BROKEN);
    events.until(|state| state["findings"] != json!([])).await;
    dev.write("acme/page/login.html", &GOOD.replace("good", "mended"));
    let undone = events.until(|state| state["findings"] == json!([])).await;
    assert_eq!(undone["edition"], mended["edition"]);
    dev.stop().await;
}

/// Trying a theme reads all of its languages; those of others are no concern of this site.
#[tokio::test]
async fn what_is_not_translated_is_told_once_and_only_of_languages_of_the_site() {
    let themes = tempfile::tempdir().unwrap();
    let page = |name: &str| {
        format!(
            "{{% extends \"page/login.html\" %}}\n{{% block main %}}<p>{{{{ t(\"claim\") }}}}</p>\
             {{{{ form.{name} }}}}{{{{ super() }}}}{{% endblock %}}\n"
        )
    };
    let write = |path: &str, text: &str| {
        let path = themes.path().join("acme").join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    };
    write("page/login.html", &page("submit"));
    write("locales/en.ftl", "claim = For everyone\n");
    write("theme.css", "");
    let site = format!(
        "[backend]\nbuiltin = {{ database = \"users.db\" }}\n\
         [token]\nsecret = \"token-key-0123456789-0123456789-0123456789\"\n\
         [i18n]\nlocales = [\"en\", \"de\"]\n[theme]\nname = \"acme\"\npath = {:?}\n",
        themes.path().display().to_string()
    );
    let dev = Vestibule::start_dev(&site).await;
    dev.log_line(&["texts are not translated", "de", "claim"]).await;
    write("page/login.html", &page("sumbit"));
    dev.log_line(&["error[V1604]: form has no sumbit"]).await;
    write("page/login.html", &page("submit"));
    dev.log_line(&["mended"]).await;
    let log = dev.log();
    assert_eq!(log.matches("not translated").count(), 1, "{log}");
}

#[tokio::test]
async fn a_sheet_that_is_not_whole_is_never_served_and_told_with_its_place() {
    let own = "/* check */ .lead { color: red }\n";
    let dev = Dev::start("", &[("acme/theme.css", own)]).await;
    let visitor = dev.visitor();
    let mut events = dev.events().await;
    let before = events.next().await;
    let good = sheet_of(&visitor.open("/login").await);
    for (sheet, line, message) in [
        (".a { content: \"→\n  color: red;\n}\n", 1, "this text is not closed on its line"),
        (".a {\n  color: red;\n.b { top: 0; }\n", 1, "this { is never closed"),
        (".a { top: 0; }\n}\n.b { top: 0; }\n", 2, "this } closes nothing"),
        (".a {\n  width: calc(1px;\n}\n", 2, "this ( is never closed"),
        (".a { top: 0; }\n/* to be done\n", 2, "this comment is never closed"),
    ] {
        dev.write("acme/theme.css", sheet);
        let is_told = |finding: &Value| finding["message"] == message;
        let broken =
            events.until(|state| state["findings"].as_array().unwrap().iter().any(is_told)).await;
        assert_eq!(broken["edition"], before["edition"], "the old one is still served");
        let finding = &broken["findings"][0];
        assert_eq!(finding["code"], "V1609");
        let place = finding["place"].as_str().unwrap();
        assert!(place.contains(&format!("themes/acme/theme.css:{line}:")), "{place}");
        assert!(finding["frame"].as_str().unwrap().contains('^'), "{finding}");
        assert_eq!(sheet_of(&visitor.open("/login").await), good);
    }
    dev.write("acme/theme.css", own);
    let mended = events.until(|state| state["findings"] == json!([])).await;
    assert_eq!(mended["edition"], before["edition"]);
    dev.stop().await;
}

#[tokio::test]
async fn every_mistake_of_the_configuration_is_told_and_the_site_goes_on() {
    let dev = Dev::start("", &[("acme/theme.css", "")]).await;
    let mut events = dev.events().await;
    events.next().await;
    dev.configure("session.refresh_treshold = \"5m\"\nsession.same_site = \"sometimes\"\n");
    let broken = events.until(|state| state["findings"] != json!([])).await;
    let codes: Vec<_> =
        broken["findings"].as_array().unwrap().iter().map(|it| &it["code"]).collect();
    assert_eq!(codes, ["V1101", "V1203"]);
    assert!(broken["findings"][0]["help"].as_str().unwrap().contains("refresh_threshold"));
    assert!(!broken.to_string().contains("a-secret-of-more"), "{broken}");
    dev.visitor().open("/login").await.expect(200);
    fs::remove_file(dev.folder.path().join("auth.toml")).unwrap();
    let gone = events.until(|state| state["findings"][0]["code"] == "V1001").await;
    assert_eq!(gone["edition"], broken["edition"]);
    dev.visitor().open("/login").await.expect(200);
    dev.configure("");
    events.until(|state| state["findings"] == json!([])).await;
    dev.stop().await;
}

#[tokio::test]
async fn a_site_that_is_broken_from_the_start_says_so_everywhere_until_it_is_mended() {
    let folder = tempfile::tempdir().unwrap();
    let port = free_port();
    fs::write(folder.path().join("auth.toml"), config(port, "")).unwrap();
    write(folder.path(), "acme/theme.css", "");
    write(folder.path(), "acme/page/login.html", BROKEN);
    let dev = Dev::on(folder, port).await;
    let visitor = dev.visitor();
    for path in ["/", "/login", "/_vestibule/session", "/anything?x=1"] {
        let page = visitor.open(path).await;
        page.expect(503).shows("acme/page/login.html:2:23").shows("{{ &lt;vale&gt; }}");
        page.shows("data-report=\"1\"").hides("<vale>");
        assert!(page.header("content-security-policy").unwrap().contains("default-src 'none'"));
    }
    visitor.open("/_vestibule/live/style.css").await.expect(200);
    let mut events = dev.events().await;
    assert_eq!(events.next().await["edition"], 0);
    dev.write("acme/page/login.html", GOOD);
    events.until(|state| state["edition"] == 1).await;
    visitor.open("/login").await.expect(200).shows("<p>good</p>");
    dev.stop().await;
}

#[test]
fn where_nothing_says_where_to_listen_it_ends_as_serve_does() {
    let empty = tempfile::tempdir().unwrap();
    let missing = run(&empty, &["dev"]);
    assert_eq!(missing, run(&empty, &["serve"]));
    assert_eq!(missing.0, 78);
    assert!(missing.2.contains("vestibule init"), "{}", missing.2);
    for text in ["[server]\nlisten = \n", "[server]\nlisten = \"nowhere\"\n"] {
        assert_eq!(run(&folder(text), &["dev"]).0, 78);
    }
}

#[tokio::test]
async fn a_flag_may_say_where_to_listen_when_the_file_is_no_toml() {
    let folder = folder("[server\n");
    let listen = format!("127.0.0.1:{}", free_port());
    let builder = vestibule::Vestibule::builder().file(folder.path().join("auth.toml"));
    let mut site = builder.flag("server.listen", &listen, "--listen").develop().await.unwrap();
    assert_eq!(site.listens_on(), [listen]);
    assert!(site.first().unwrap().outcome.unwrap_err().to_string().contains("unclosed table"));
}

/// Writes a text in two steps, with a moment between them.
async fn write_slowly(dev: &Dev, path: &str, text: &str) {
    let (first, _) = text.split_at(text.len() / 2);
    dev.write(path, first);
    tokio::time::sleep(Duration::from_millis(40)).await;
    dev.write(path, text);
}

fn sheet(number: usize) -> String {
    format!(".begin-{number}{{color:red;{}content:\"end-{number}\"}}\n", "top:0;".repeat(2000))
}

fn page(number: usize) -> String {
    let filler = "<p>filler</p>\n".repeat(1000);
    format!(
        "{{% extends \"page/login.html\" %}}{{% block main %}}<p>begin-{number}</p>{filler}\
         {{{{ super() }}}}<p>end-{number}</p>{{% endblock %}}\n"
    )
}

/// The numbers after a word.
fn numbers(text: &str, word: &str) -> Vec<usize> {
    let number = regex::Regex::new(&format!(r"{word}-(\d+)")).unwrap();
    number.captures_iter(text).map(|found| found[1].parse().unwrap()).collect()
}

/// What a page and its style sheet are made of: which number, in each.
async fn look(visitor: &Visitor) -> (usize, usize) {
    let page = visitor.open("/login").await;
    page.expect(200);
    let sheet = visitor.open(&sheet_of(&page)).await;
    sheet.expect(200);
    let numbers = |text: &str| {
        let (begin, end) = (numbers(text, "begin"), numbers(text, "end"));
        assert_eq!((begin.len(), &begin), (1, &end), "one that is whole");
        begin[0]
    };
    (numbers(&page.body), numbers(&sheet.body))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn under_load_every_answer_is_wholly_old_or_wholly_new() {
    const EDITS: usize = 4;
    let (style, template) = (sheet(0), page(0));
    let files = [("acme/theme.css", &*style), ("acme/page/login.html", &*template)];
    let dev = Dev::start("", &files).await;
    let over = Arc::new(AtomicBool::new(false));
    let readers: Vec<_> = (0..3)
        .map(|_| {
            let (visitor, over) = (dev.visitor(), Arc::clone(&over));
            tokio::spawn(async move {
                let mut seen = Vec::new();
                while !over.load(Ordering::Relaxed) {
                    seen.push(look(&visitor).await);
                }
                seen
            })
        })
        .collect();
    let visitor = dev.visitor();
    for number in 1..=EDITS {
        write_slowly(&dev, "acme/page/login.html", &page(number)).await;
        write_slowly(&dev, "acme/theme.css", &sheet(number)).await;
        eventually("the edit is served", async || {
            (look(&visitor).await == (number, number)).then_some(())
        })
        .await;
    }
    over.store(true, Ordering::Relaxed);
    let mut total = 0;
    for reader in readers {
        let seen = reader.await.unwrap();
        total += seen.len();
        // Nothing older comes after anything newer, in either file.
        assert!(seen.is_sorted_by(|a, b| a.0 <= b.0 && a.1 <= b.1), "{seen:?}");
    }
    assert!(total > EDITS, "{total} looks");
    dev.stop().await;
}
