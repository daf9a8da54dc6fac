//! Templates of one's own for declared forms and pages are tried before the start, with the fields that they get.

use std::fs;

use serde_json::json;
use vestibule::Clock;

use crate::support::scripted::{Reply, Scripted};
use crate::support::site::{NOW, Site, build, config};

const DECLARED: &str = r#"
[theme]
name = "acme"
[backend.me]
claims = { plan = "/plan" }
[[form]]
id = "contact"
access = "public"
template = "page/contact.html"
submit = { send = "POST /contact", body = { text = "{{message}}" } }
[[form.field]]
name = "message"
type = "textarea"
[[page]]
path = "/orders"
title = "Your orders"
template = "page/orders.html"
fetch = { orders = { send = "GET /orders" } }
"#;

const FORM: &str =
    "{% extends \"page/form.html\" %}{% block main %}<p>Mine</p>{{ super() }}{% endblock %}\n";
const PAGE: &str = "{% extends \"layout/entrance.html\" %}{% block main %}<h1>{{ page.title }}</h1>\
    <p>{{ user.name }} has {{ user.claims.plan }}</p>\
    {% if fetched.orders.ok %}{{ fetched.orders.data.total }} orders{% endif %}{% endblock %}\n";

/// A folder with a theme of these two templates, and the auth.toml that wants them.
fn folder(form: &str, page: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let pages = folder.path().join("themes/acme/page");
    fs::create_dir_all(&pages).unwrap();
    let manifest = "name = \"acme\"\nversion = \"1.0.0\"\nlicense = \"MIT\"\ncontract = 1\n";
    fs::write(folder.path().join("themes/acme/theme.toml"), manifest).unwrap();
    fs::write(pages.join("contact.html"), form).unwrap();
    fs::write(pages.join("orders.html"), page).unwrap();
    folder
}

/// What is said about these templates when the site should start.
fn refusal(form: &str, page: &str) -> String {
    let folder = folder(form, page);
    let clock = Clock::manual(NOW);
    let backend = Scripted::start(&clock);
    let toml = config(&backend, DECLARED);
    let builder = vestibule::Vestibule::builder().toml(toml, folder.path()).clock(clock);
    match builder.build() {
        Ok(_) => panic!("the templates were accepted"),
        Err(error) => {
            let said = |finding: &vestibule::Finding| {
                let place = finding.place.as_ref().map(ToString::to_string).unwrap_or_default();
                format!(
                    "{place} {} {}\n",
                    finding.message,
                    finding.help.as_deref().unwrap_or_default()
                )
            };
            error.findings().iter().map(said).collect()
        }
    }
}

#[tokio::test]
async fn templates_of_ones_own_are_used() {
    let clock = Clock::manual(NOW);
    let backend = Scripted::start(&clock);
    backend.script("orders", Reply::Json(200, json!({"total": 7})));
    let folder = folder(FORM, PAGE);
    let vestibule = build(&config(&backend, DECLARED), &folder, &clock);
    let site = Site { vestibule, backend, clock, folder };
    site.browser().open("/contact").await.expect(200).shows("<p>Mine</p>").shows("<textarea");
    site.backend.script(
        "me",
        Reply::Json(200, json!({"id": 1, "email": "a@b.example", "name": "Ada", "plan": "gold"})),
    );
    let browser = site.signed_in().await;
    browser.open("/orders").await.expect(200).shows("Ada has gold").shows("7 orders");
}

#[test]
fn a_mistake_in_the_template_of_a_form_is_found_at_the_start() {
    let form = FORM.replace("<p>Mine</p>", "{{ form.fields[0].lable }}");
    let said = refusal(&form, PAGE);
    assert_eq!(said.matches("contact.html:1").count(), 1, "{said}");
    assert!(said.contains("no lable") && said.contains("did you mean \"label\"?"), "{said}");
    assert!(said.contains("contact.idle"), "{said}");
}

#[test]
fn a_template_that_counts_on_a_field_is_found_where_the_form_is_done() {
    let form = FORM.replace("<p>Mine</p>", "{{ form.fields[0].label }}");
    assert!(refusal(&form, PAGE).contains("seen on contact.success"));
}

#[test]
fn a_template_that_counts_on_an_answer_of_the_backend_is_found_at_the_start() {
    let page = PAGE.replace("{% if fetched.orders.ok %}", "{% if true %}");
    let said = refusal(FORM, &page);
    assert!(said.contains("orders.html:1"), "{said}");
    assert!(said.contains("orders.fetch_failed"), "{said}");
}
