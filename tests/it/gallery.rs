//! The gallery: every page in every state, below /_vestibule/preview/ in development and as a folder.

mod in_browser;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::Arc;

use regex::Regex;
use serde_json::Value;
use vestibule::Vestibule;

use crate::cli::{folder, run};
use crate::support::site::{Browser, Site, config};
use crate::support::visitor::Answer;

const PREVIEW: &str = "/_vestibule/preview/";

const DECLARED: &str = r#"
[[form]]
id = "contact"
access = "public"
nav = "Contact"
submit = { send = "POST /contact", body = { text = "{{message}}", from = "{{email}}" } }
[[form.field]]
name = "email"
type = "email"
required = true
[[form.field]]
name = "message"
type = "textarea"
required = true
[[page]]
path = "/about"
access = "public"
title = "About us"
nav = "About"
data = { text = "We make things.", write_to = "/contact" }
"#;

/// The same site as `vestibule dev` would run it.
fn in_development(site: &Site, more: &str) -> Browser {
    let toml = config(&site.backend, more);
    let builder = Vestibule::builder().toml(toml, site.folder.path()).clock(site.clock.clone());
    Browser::of(&Arc::new(builder.development(true).build().unwrap()))
}

async fn manifest(browser: &Browser) -> Vec<Value> {
    let answer = browser.open(&format!("{PREVIEW}manifest.json")).await;
    let manifest = answer.expect(200).json();
    assert_eq!(manifest["generator"], "vestibule theme gallery");
    manifest["specimens"].as_array().unwrap().clone()
}

fn header<'a>(answer: &'a Answer, name: &str) -> &'a str {
    answer.header(name).unwrap_or_else(|| panic!("no {name}"))
}

fn said<'a>(entry: &'a Value, key: &str) -> &'a str {
    entry[key].as_str().unwrap()
}

#[tokio::test]
async fn every_specimen_is_a_page_in_its_language_and_mode_under_a_strict_policy() {
    let site = Site::new("");
    let browser = in_development(&site, &format!("[i18n]\nlocales = [\"en\", \"ar\"]\n{DECLARED}"));
    let entries = manifest(&browser).await;
    assert!(entries.len() > 1000, "{} specimens", entries.len());
    // Every one of them twice: the other languages and modes are made in the same way.
    let looked_at = |entry: &&Value| {
        let variant = (said(entry, "locale"), said(entry, "mode"));
        matches!(variant, ("en", "light") | ("ar", "dark"))
            || said(entry, "group") == "mails"
            || entry["page"] == "login"
    };
    for entry in entries.iter().filter(looked_at) {
        let page = browser.open(&format!("{PREVIEW}{}", said(entry, "file"))).await;
        page.expect(200);
        assert_eq!(header(&page, "content-type"), "text/html; charset=utf-8");
        assert_eq!(header(&page, "x-frame-options"), "SAMEORIGIN");
        assert_eq!(header(&page, "cache-control"), "no-store");
        assert_eq!(header(&page, "content-language"), said(entry, "locale"));
        let policy = header(&page, "content-security-policy");
        assert!(policy.contains("frame-ancestors 'self'"), "{policy}");
        let is_mail = said(entry, "group") == "mails";
        assert_eq!(policy.contains("script-src 'self'"), !is_mail, "{policy}");
        assert_eq!(policy.contains("unsafe"), is_mail, "{policy}");
        let html = page.body.lines().find(|line| line.starts_with("<html")).unwrap();
        let (locale, dir) = (said(entry, "locale"), said(entry, "dir"));
        assert!(html.contains(&format!("lang=\"{locale}\" dir=\"{dir}\"")), "{html}");
        assert_eq!(dir == "rtl", locale.starts_with("ar"), "{html}");
        match said(entry, "mode") {
            "auto" => assert!(!html.contains("data-theme"), "{html}"),
            mode => assert!(html.contains(&format!("data-theme=\"vestibule-{mode}\"")), "{html}"),
        }
    }
    let locales: Vec<&str> = entries.iter().map(|entry| said(entry, "locale")).collect();
    for locale in ["en", "ar", "en-XA", "ar-XB"] {
        assert!(locales.contains(&locale), "{locale}");
    }
}

#[tokio::test]
async fn what_is_declared_is_shown_in_all_its_states_and_linked() {
    let site = Site::new("");
    let browser = in_development(&site, DECLARED);
    let entries = manifest(&browser).await;
    let states = |page: &str| -> Vec<&str> {
        let of_page = entries.iter().filter(|entry| entry["page"] == page);
        let shown = of_page.filter(|it| it["locale"] == "en" && it["mode"] == "auto");
        shown.map(|entry| said(entry, "state")).collect()
    };
    let contact = states("contact");
    for state in ["idle", "field_required", "rate_limited", "backend_unreachable", "success"] {
        assert!(contact.contains(&state), "{contact:?}");
    }
    let about = entries.iter().find(|entry| entry["id"] == "about.default").unwrap();
    assert_eq!((said(about, "title"), said(about, "group")), ("About us", "declared"));
    let open = |name: &'static str| browser.open(name);
    let wrong = open("/_vestibule/preview/pages/en/auto/contact.field_required.html").await;
    wrong.shows("href=\"#field-message\"").shows("action=\"contact.field_required.html\"");
    wrong.shows("href=\"about.default.html\"");
    let page = open("/_vestibule/preview/pages/en/auto/about.default.html").await;
    page.shows("We make things.").shows("href=\"contact.idle.html\"");
    // Their links are on the pages of the program as well.
    let login = open("/_vestibule/preview/pages/en/auto/login.idle.html").await;
    login.shows("href=\"contact.idle.html\">Contact");
    browser.open(&format!("{PREVIEW}index.html")).await.shows("data-id=\"contact.idle\"");
}

#[tokio::test]
async fn samples_of_other_fields_and_links_show_them_whatever_the_site_has() {
    let site = Site::new("");
    let browser = in_development(&site, "");
    let open =
        async |id: &str| browser.open(&format!("{PREVIEW}pages/en/auto/{id}.html")).await.body;
    let idle = open("login.idle").await;
    assert_eq!(idle.matches("<label for=").count(), 2, "{idle}");
    let three = open("login.three_fields").await;
    assert_eq!(three.matches("<label for=").count(), 3, "{three}");
    let terms = open("register.terms_unaccepted").await;
    let at = |text: &str| terms.find(text).unwrap_or_else(|| panic!("no {text} in {terms}"));
    let error = at("id=\"field-terms-error\"");
    assert!(at("id=\"field-terms-field\"") < error && error < at("type=\"checkbox\""), "{terms}");
    assert!(open("login.nav").await.contains("Reports of the year") && !idle.contains("Reports"));
}

#[tokio::test]
async fn the_list_has_every_specimen_once_with_its_status_and_template() {
    let site = Site::new("");
    let browser = in_development(&site, DECLARED);
    let index = browser.open(PREVIEW).await;
    index.expect(200);
    assert_eq!(header(&index, "content-type"), "text/html; charset=utf-8");
    assert_eq!(header(&index, "x-frame-options"), "DENY");
    assert_eq!(header(&index, "content-language"), "en");
    let policy = header(&index, "content-security-policy");
    assert!(policy.contains("frame-ancestors 'none'") && !policy.contains("unsafe"), "{policy}");
    let entries = manifest(&browser).await;
    for entry in entries.iter().filter(|it| it["locale"] == "en" && it["mode"] == "auto") {
        let (id, file) = (said(entry, "id"), said(entry, "file"));
        let link = format!("<a href=\"{file}\" data-id=\"{id}\"");
        assert_eq!(index.body.matches(&link).count(), 1, "{link}");
        let data = |name: &str| entry[name].to_string().replace('"', "");
        let facts = format!(
            "data-status=\"{}\" data-template=\"{}\" data-layer=\"{}\"",
            data("status"),
            data("template"),
            data("layer"),
        );
        index.shows(&facts);
    }
    assert_eq!(browser.open("/_vestibule/preview").await.expect(303).location(), PREVIEW);
    browser.open(&format!("{PREVIEW}pages/en/auto/none.html")).await.expect(404);
    browser.open(&format!("{PREVIEW}pages/tlh/auto/login.idle.html")).await.expect(404);
}

#[tokio::test]
async fn a_specimen_is_to_the_letter_what_a_visitor_gets() {
    let site = Site::new(DECLARED);
    let browser = in_development(&site, DECLARED);
    let own_script = Regex::new("<script src=\"/_vestibule/live/[^\n]*\n").unwrap();
    let request_id = Regex::new("<code>[0-9a-zA-Z]+</code>").unwrap();
    let shown = async |id: &str| {
        let page = browser.open(&format!("{PREVIEW}pages/en/auto/{id}.html")).await;
        request_id.replace(&own_script.replace(&page.body, ""), "<code/>").into_owned()
    };
    let led = |html: &str, links: &[(&str, &str)]| {
        let html = request_id.replace(html, "<code/>").into_owned();
        links.iter().fold(html, |html, (from, to)| {
            assert!(html.contains(&format!("\"{from}\"")), "{from} in {html}");
            html.replace(&format!("\"{from}\""), &format!("\"{to}\""))
        })
    };
    let nav = [("/about", "about.default.html"), ("/contact", "contact.idle.html")];
    let missing = site.browser().open("/_vestibule/assets/none.css").await;
    let links = [&nav[..], &[("/", "welcome.default.html")]].concat();
    assert_eq!(shown("error.404").await, led(&missing.expect(404).body, &links));
    let login = site.browser().open("/login").await;
    let links =
        [&nav[..], &[("/login", "login.idle.html"), ("/register", "register.idle.html")]].concat();
    assert_eq!(shown("login.idle").await, led(&login.body, &links));
    let wrong = site.browser().post("/contact", &[]).await;
    let links = [("/about", "about.default.html"), ("/contact", "contact.field_required.html")];
    assert_eq!(shown("contact.field_required").await, led(&wrong.expect(422).body, &links));
}

#[tokio::test]
async fn serve_has_no_gallery() {
    let site = Site::new("");
    let (stranger, user) = (site.browser(), site.signed_in().await);
    for path in ["", "index.html", "manifest.json", "pages/en/auto/login.idle.html"] {
        let path = format!("{PREVIEW}{path}");
        assert!(stranger.open(&path).await.expect(303).location().starts_with("/login?next="));
        user.open(&path).await.expect(404);
    }
    user.open("/_vestibule/preview").await.expect(404);
    user.post("/_vestibule/preview/pages/en/auto/login.idle.html", &[]).await.hides("preview");
}

#[tokio::test]
async fn what_a_form_of_a_specimen_sends_goes_nowhere() {
    let site = Site::new("");
    let browser = in_development(&site, DECLARED);
    let page = format!("{PREVIEW}pages/en/auto/login.invalid_credentials.html");
    let fields = [("email", "alice@example.com"), ("password", "Corr3ct-horse-battery")];
    let note = browser.post(&page, &fields).await;
    note.expect(403).shows("nothing was sent");
    let part = browser.htmx(&page, &fields).await;
    part.expect(403).shows("nothing was sent").hides("<html");
    // Also where a template has an address of its own, and whoever is signed in.
    let referer = format!("http://localhost:5001{page}");
    for path in ["/login", "/contact", "/logout", "/anything"] {
        let ask = browser.ask("POST", path).navigating("same-origin").form(&fields);
        ask.header("referer", &referer).send().await.expect(403).shows("nothing was sent");
    }
    assert!(site.backend.calls("login").is_empty() && site.backend.calls("contact").is_empty());
    assert!(browser.cookies().is_empty());
    browser.post("/login", &fields).await.expect(303);
}

/// Every file below a folder, by its path inside.
fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut all = BTreeMap::new();
    let mut open = vec![folder.to_owned()];
    while let Some(next) = open.pop() {
        for entry in fs::read_dir(next).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
            } else {
                let name = path.strip_prefix(folder).unwrap().to_str().unwrap().to_owned();
                all.insert(name, fs::read(path).unwrap());
            }
        }
    }
    all
}

const SITE: &str = "[server]\npublic_url = \"http://localhost:5001\"\n\
                    [backend]\nbuiltin = { database = \"users.db\" }\n\
                    [token]\nsecret = \"token-key-0123456789-0123456789-0123456789\"\n\
                    [theme.options]\nbrand = \"Acme & Sons\"\nprivacy = \"/privacy\"\n\
                    [i18n]\nlocales = [\"en\", \"ar\"]\n";

#[test]
fn the_folder_needs_no_server_and_is_the_same_each_time() {
    let folder = folder(&format!("{SITE}{DECLARED}"));
    let (code, stdout, stderr) = run(&folder, &["theme", "gallery", "--out", "a/b"]);
    assert_eq!((code, stdout.trim()), (0, "a/b/index.html"), "{stderr}");
    let first = files(&folder.path().join("a/b"));
    let (code, ..) = run(&folder, &["theme", "gallery", "--out", "c"]);
    assert_eq!(code, 0);
    assert_eq!(first, files(&folder.path().join("c")), "two runs differ");
    let beside: Vec<String> = files(folder.path())
        .into_keys()
        .filter(|name| !name.starts_with("a/b/") && !name.starts_with("c/"))
        .collect();
    assert_eq!(beside, ["auth.toml"], "nothing is written elsewhere, and no database opened");

    let manifest: Value = serde_json::from_slice(&first["manifest.json"]).unwrap();
    let entries = manifest["specimens"].as_array().unwrap();
    for entry in entries {
        assert!(first.contains_key(said(entry, "file")), "{entry}");
    }
    let names: Vec<&str> = entries.iter().map(|entry| said(entry, "id")).collect();
    for id in ["login.idle", "contact.success", "about.default", "error.503", "mail-reset.text"] {
        assert!(names.contains(&id), "{id}");
    }
    let page = String::from_utf8_lossy(&first["pages/ar/dark/login.idle.html"]);
    assert!(page.contains("Acme &amp; Sons") && page.contains("dir=\"rtl\""), "{page}");
}

/// What an address in a file leads to; none where it stays on the page or leaves the site by a click.
fn target(file: &str, address: &str) -> Option<String> {
    let address = address.split(['?', '#']).next().unwrap();
    if address.is_empty() || address.starts_with("data:") || address.starts_with("https:") {
        return None;
    }
    assert!(!address.starts_with('/') && !address.contains(':'), "{address} in {file}");
    let mut parts: Vec<&str> = file.split('/').collect();
    parts.pop();
    for part in address.split('/') {
        match part {
            ".." => assert!(parts.pop().is_some(), "{address} in {file} leaves the folder"),
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

#[test]
fn every_address_in_the_folder_is_relative_and_leads_to_a_file_of_it() {
    let folder = folder(&format!("{SITE}{DECLARED}"));
    run(&folder, &["theme", "gallery", "--out", "out"]);
    let all = files(&folder.path().join("out"));
    let named = Regex::new(r#"\b(?:href|src|srcset|action|hx-get|hx-post)="([^"]*)""#).unwrap();
    let in_sheet = Regex::new(r#"url\(["']?([^)"']*)"#).unwrap();
    let (mut followed, mut loaded) = (0, 0);
    for (file, bytes) in &all {
        let text = String::from_utf8_lossy(bytes);
        let pattern = match file.rsplit('.').next().unwrap() {
            "html" => &named,
            "css" => &in_sheet,
            _ => continue,
        };
        for found in pattern.captures_iter(&text) {
            let Some(target) = target(file, &found[1]) else {
                // Nothing is loaded from elsewhere: what is not of the folder is a link.
                let is_link = found[0].starts_with("href") || !found[1].starts_with("https:");
                assert!(is_link, "{} in {file}", &found[0]);
                continue;
            };
            assert!(all.contains_key(&target), "{target}, named in {file}, is not there");
            followed += 1;
            loaded += usize::from(target.starts_with("assets/"));
        }
    }
    assert!(followed > 5000 && loaded > 1000, "{followed} addresses, {loaded} of assets");
}

#[test]
fn nothing_but_a_gallery_is_replaced() {
    let folder = folder(SITE);
    let out = folder.path().join("out");
    fs::create_dir(&out).unwrap();
    fs::write(out.join("thesis.md"), "years of work").unwrap();
    let (code, stdout, stderr) = run(&folder, &["theme", "gallery", "--out", "out"]);
    assert_eq!((code, stdout.as_str()), (78, ""));
    assert!(stderr.contains("holds no gallery"), "{stderr}");
    fs::write(out.join("manifest.json"), "{\"name\": \"an app\"}").unwrap();
    assert_eq!(run(&folder, &["theme", "gallery", "--out", "out"]).0, 78);
    assert_eq!(files(&out).len(), 2, "what was there is as it was");
    let (code, _, stderr) = run(&folder, &["theme", "gallery", "--out", "auth.toml"]);
    assert_eq!(code, 78, "{stderr}");

    let (code, ..) = run(&folder, &["theme", "gallery", "--out", "new"]);
    assert_eq!(code, 0);
    let new = folder.path().join("new");
    let before = files(&new);
    fs::write(new.join("pages/en/auto/gone.html"), "of an earlier theme").unwrap();
    fs::write(new.join("index.html"), "changed").unwrap();
    fs::write(new.join("CNAME"), "gallery.acme.example").unwrap();
    #[cfg(unix)]
    {
        // Where a link leads, nothing is deleted and nothing is written.
        fs::remove_dir_all(new.join("assets")).unwrap();
        std::os::unix::fs::symlink(&out, new.join("assets")).unwrap();
        fs::remove_file(new.join("gallery.js")).unwrap();
        std::os::unix::fs::symlink(out.join("thesis.md"), new.join("gallery.js")).unwrap();
    }
    assert_eq!(run(&folder, &["theme", "gallery", "--out", "new"]).0, 0);
    let mut after = files(&new);
    assert_eq!(after.remove("CNAME").unwrap(), b"gallery.acme.example", "what is not ours stays");
    assert_eq!(after, before);
    assert_eq!(fs::read_to_string(out.join("thesis.md")).unwrap(), "years of work");
    assert_eq!(files(&out).len(), 2);
}

#[test]
fn a_theme_is_shown_without_a_site_and_in_every_language_it_speaks() {
    let folder = tempfile::tempdir().unwrap();
    let acme = folder.path().join("themes/acme");
    fs::create_dir_all(acme.join("page")).unwrap();
    fs::write(acme.join("theme.css"), ".entrance-card{border:0}").unwrap();
    let page = "{% extends \"page/login.html\" %}{% block main %}\
                {% if meta.preview %}<p>Only a preview</p>{% endif %}{{ super() }}{% endblock %}";
    fs::write(acme.join("page/login.html"), page).unwrap();
    let (code, _, stderr) = run(&folder, &["theme", "gallery", "--out", "out", "--theme", "acme"]);
    assert_eq!(code, 0, "{stderr}");
    assert!(stderr.contains("the theme alone"), "{stderr}");
    let all = files(&folder.path().join("out"));
    let manifest: Value = serde_json::from_slice(&all["manifest.json"]).unwrap();
    assert_eq!(manifest["theme"]["name"], "acme");
    let entries = manifest["specimens"].as_array().unwrap();
    let idle = entries.iter().find(|entry| entry["id"] == "login.idle").unwrap();
    assert_eq!((said(idle, "layer"), said(idle, "template")), ("acme", "page/login.html"));
    let error = entries.iter().find(|entry| entry["id"] == "error.404").unwrap();
    assert_eq!(said(error, "layer"), "daisy");
    for locale in ["en", "de", "fr", "es", "ar", "en-XA", "ar-XB"] {
        let page = &all[&format!("pages/{locale}/auto/login.idle.html")];
        assert!(String::from_utf8_lossy(page).contains("Only a preview"));
    }
    let (code, _, stderr) = run(&folder, &["theme", "gallery", "--out", "x", "--theme", "acne"]);
    assert_eq!(code, 78);
    assert!(stderr.contains("did you mean \"acme\""), "{stderr}");
    assert!(!folder.path().join("x").exists());
}
