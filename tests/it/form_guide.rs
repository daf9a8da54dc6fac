//! Every block of the guide "Add a form in five lines" is run, and does what the guide says.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};
use vestibule::Clock;

use crate::accounts::House;
use crate::support::scripted::{EMAIL, PASSWORD, Reply, TOKEN_SECRET};
use crate::support::site::{Browser, NOW, ORIGIN, Site, build};

/// The blocks of a chapter that are still to be run: what the fence says, and the text.
struct Chapter(Vec<(String, String)>);

impl Chapter {
    /// The next block, which must be of this kind.
    #[track_caller]
    fn next(&mut self, kind: &str) -> String {
        assert!(!self.0.is_empty(), "there is no block of {kind} any more");
        let (fence, text) = self.0.remove(0);
        assert_eq!(fence, kind, "{text}");
        text
    }

    #[track_caller]
    fn json(&mut self) -> Value {
        serde_json::from_str(&self.next("json")).unwrap()
    }
}

/// The chapters of the guide by their headings.
fn guide() -> Vec<(String, Chapter)> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/guide/forms.md");
    let mut chapters: Vec<(String, Chapter)> = Vec::new();
    let mut open: Option<(String, String)> = None;
    for line in fs::read_to_string(path).unwrap().lines() {
        match (line.strip_prefix("```"), &mut open) {
            (Some(_), Some(_)) => chapters.last_mut().unwrap().1.0.extend(open.take()),
            (Some(fence), None) => open = Some((fence.to_owned(), String::new())),
            (None, Some((_, text))) => text.extend([line, "\n"]),
            (None, None) => {
                let heading = line.strip_prefix("# ").or(line.strip_prefix("## "));
                chapters.extend(heading.map(|it| (it.to_owned(), Chapter(Vec::new()))));
            }
        }
    }
    chapters
}

#[tokio::test]
async fn every_block_of_the_guide_does_what_it_says() {
    let chapters = guide();
    assert!(chapters.len() >= 9, "{}", chapters.len());
    let contact = chapters[0].1.0[0].1.clone();
    for (heading, mut chapter) in chapters {
        match heading.as_str() {
            "Add a form in five lines" => five_lines(&mut chapter).await,
            "Fields" => fields(&mut chapter).await,
            "What follows, and what visitors read" => words(&mut chapter).await,
            "Change the registration" => registration(&mut chapter).await,
            "A profile" => profile(&mut chapter).await,
            "A new password by a link in a mail" => new_password(&mut chapter).await,
            "A page that shows what the backend knows" => page(&mut chapter).await,
            "HTMX, and questions about one field" => htmx(&mut chapter).await,
            "Programs" => programs(&mut chapter, &contact).await,
            _ => panic!("nobody tries the chapter \"{heading}\""),
        }
        let left: Vec<_> = chapter.0.iter().map(|(_, text)| text).collect();
        assert!(left.is_empty(), "{heading}: nobody tries {left:?}");
    }
}

/// A site with the scripted backend, which accepts what comes to these endpoints.
fn site(toml: &str, endpoints: &[&str]) -> Site {
    let site = Site::new(toml);
    for endpoint in endpoints {
        site.backend.script(endpoint, Reply::Json(200, json!({})));
    }
    site
}

/// A site with the built-in backend.
fn house(toml: &str) -> House {
    let clock = Clock::manual(NOW);
    let folder = tempfile::tempdir().unwrap();
    let toml = format!(
        "[server]\npublic_url = \"{ORIGIN}\"\n[token]\nsecret = \"{TOKEN_SECRET}\"\n{toml}"
    );
    House { vestibule: build(&toml, &folder, &clock), clock, folder }
}

async fn five_lines(chapter: &mut Chapter) {
    let toml = chapter.next("toml");
    assert_eq!(toml.lines().count(), 5, "the title says so");
    let site = site(&toml, &["contact"]);
    let browser = site.browser();
    browser.open("/contact").await.expect(200).shows("name=\"email\"").shows("<textarea");
    let kept = browser.post("/contact", &[("email", "ann"), ("message", "Hello")]).await;
    kept.expect(422).shows("value=\"ann\"").shows("\nHello</textarea>");
    browser
        .post("/contact", &[("email", "ann@example.com"), ("message", "Hello")])
        .await
        .expect(303);
    assert_eq!(site.backend.calls("contact")[0].json(), chapter.json());
    assert!(site.vestibule.openapi()["paths"]["/contact"]["post"].is_object());
}

async fn fields(chapter: &mut Chapter) {
    let site = site(&chapter.next("toml"), &["orders"]);
    let browser = site.browser();
    let page = browser.open("/order").await;
    page.expect(200)
        .shows("Order a shirt")
        .shows("Medium")
        .shows("value=\"1\"")
        .shows("It is a gift");
    page.shows("Leave it empty if there is no hurry.");
    let sent = [("size", "m"), ("count", "2"), ("gift", "on"), ("until", "")];
    browser.post("/order", &sent).await.expect(303);
    assert_eq!(site.backend.calls("orders")[0].json(), chapter.json());
    browser.post("/order", &[("size", "XL"), ("count", "11")]).await.expect(422);
}

async fn words(chapter: &mut Chapter) {
    let site = site(&chapter.next("toml"), &["invitations"]);
    let browser = site.browser();
    let page = browser.open("/invite").await;
    page.expect(200).shows("Ask for an invitation").shows("within a day").shows("Ask</");
    browser.post("/invite", &[]).await.expect(422).shows("Where do we write to?");
    let sent = browser.post("/invite", &[("email", EMAIL)]).await;
    let thanks = browser.open(sent.expect(303).location()).await;
    thanks.expect(200).shows("Thank you. Look into your mailbox tomorrow.");
    for (status, body, text) in [
        (409, json!({}), "This address has an invitation already."),
        (400, json!({"code": "CLOSED"}), "There are no invitations at the moment."),
    ] {
        site.backend.script("invitations", Reply::Json(status, body));
        let page = browser.post("/invite", &[("email", EMAIL)]).await;
        assert!((400..500).contains(&page.status));
        page.shows(text).shows(EMAIL);
    }
    for _ in 0..3 {
        browser.post("/invite", &[("email", EMAIL)]).await;
    }
    browser.post("/invite", &[("email", EMAIL)]).await.expect(429);
}

async fn registration(chapter: &mut Chapter) {
    let site = site(&chapter.next("toml"), &[]);
    let browser = site.browser();
    let page = browser.open("/register").await;
    page.expect(200)
        .shows("Thirty days for nothing.")
        .shows("Where do you work?")
        .shows("the terms");
    let mut account = vec![
        ("email", "ann@example.com"),
        ("password", PASSWORD),
        ("password_confirm", PASSWORD),
        ("company", "Acme"),
    ];
    browser.post("/register", &account).await.expect(422).shows("ann@example.com").shows("Acme");
    account.push(("terms", "on"));
    let sent = browser.post("/register", &account).await;
    assert_eq!(sent.expect(303).location(), "/welcome");
    assert_eq!(
        site.backend.calls("register")[0].json(),
        json!({"email": "ann@example.com", "password": PASSWORD, "company": "Acme"})
    );
}

async fn profile(chapter: &mut Chapter) {
    let house = house(&chapter.next("toml"));
    house.register().await;
    let browser = Browser::of(&house.vestibule);
    browser.log_in().await.expect(303);
    browser.open("/profile").await.expect(200).shows("value=\"Alice\"");
    let sent = browser.post("/profile", &[("name", "Alice Newname")]).await;
    let page = browser.open(sent.expect(303).location()).await;
    page.expect(200).shows("Saved.").shows("value=\"Alice Newname\"");
    browser.open("/welcome").await.expect(200).shows("Alice Newname").shows("href=\"/profile\"");
}

async fn new_password(chapter: &mut Chapter) {
    let house = house(&chapter.next("toml"));
    house.register().await;
    let browser = Browser::of(&house.vestibule);
    let sent = browser.post("/forgot-password", &[("email", EMAIL)]).await;
    browser.open(sent.expect(303).location()).await.shows("a mail is on its way");
    let token = house.token("reset", 1).await;
    let page = browser.open(&format!("/reset-password?token={token}")).await;
    page.expect(200).shows(&token).hides("type=\"text\"");
    let new = "a-new-password-of-alice";
    let mut fields = [("token", token.as_str()), ("password", new), ("again", "another")];
    browser.post("/reset-password", &fields).await.expect(422).hides(new).hides("another\"");
    fields[2].1 = new;
    let sent = browser.post("/reset-password", &fields).await;
    let page = browser.open(sent.expect(303).location()).await;
    page.expect(200).shows("Sign in with the new password.");
    browser.post("/login", &[("email", EMAIL), ("password", new)]).await.expect(303);
    browser.post("/reset-password", &fields).await.expect(422);
}

async fn page(chapter: &mut Chapter) {
    let (toml, template) = (chapter.next("toml,ignore"), chapter.next("html"));
    let clock = Clock::manual(NOW);
    let folder = tempfile::tempdir().unwrap();
    let theme = folder.path().join("themes/acme");
    fs::create_dir_all(theme.join("page")).unwrap();
    fs::write(
        theme.join("theme.toml"),
        "name = \"acme\"\nversion = \"1.0.0\"\nlicense = \"MIT\"\ncontract = 1\n",
    )
    .unwrap();
    fs::write(theme.join("page/orders.html"), template).unwrap();
    let backend = crate::support::scripted::Scripted::start(&clock);
    backend.script("orders", Reply::Json(200, json!([{"title": "A <shirt>"}])));
    let toml = crate::support::site::config(&backend, &toml);
    let browser = Browser::of(&build(&toml, &folder, &clock));
    browser.log_in().await.expect(303);
    let page = browser.open("/orders").await;
    page.expect(200)
        .shows("Your orders")
        .shows("<li>A &lt;shirt&gt;</li>")
        .shows("href=\"/orders\"");
    backend.script("orders", Reply::Json(500, json!({})));
    browser.open("/orders").await.expect(200).shows("role=\"status\"").hides("<li>A");
}

async fn htmx(chapter: &mut Chapter) {
    let site = site(&chapter.next("toml"), &["list"]);
    let browser = site.browser();
    browser.open("/waiting-list").await.expect(200).shows("hx-");
    site.backend.script("free", Reply::Json(200, json!({"free": false})));
    let field = browser.htmx("/waiting-list?check=email", &[("email", EMAIL)]).await;
    field.expect(200).hides("<form").shows("cannot be used");
    browser.htmx("/waiting-list", &[("email", EMAIL)]).await.expect(422).hides("<html");
    browser.post("/waiting-list", &[("email", EMAIL)]).await.expect(422).shows("<html");
    assert_eq!(site.backend.count("list"), 0);
    site.backend.script("free", Reply::Json(200, json!({"free": true})));
    browser.htmx("/waiting-list", &[("email", EMAIL)]).await.expect(200).hides("<html");
    browser.post("/waiting-list", &[("email", EMAIL)]).await.expect(303);
}

/// Sends what `curl --json BODY URL` sends, and holds what is printed against the answer.
async fn programs(chapter: &mut Chapter, contact: &str) {
    let site = site(contact, &["contact"]);
    for _ in 0..2 {
        let block = chapter.next("console");
        let (command, printed) = block.split_once('\n').unwrap();
        let rest = command.strip_prefix("$ curl --json '").unwrap();
        let (body, url) = rest.split_once("' ").unwrap();
        let path = url.strip_prefix(ORIGIN).unwrap();
        let ask = site.browser().ask("POST", path).header("accept", "application/json");
        let answer =
            ask.header("user-agent", "curl/8.5.0").body("application/json", body).send().await;
        holds(&answer.json(), &serde_json::from_str(printed).unwrap());
    }
}

/// All that is printed is in the answer, too.
#[track_caller]
fn holds(answer: &Value, printed: &Value) {
    match (answer, printed) {
        (Value::Object(answer), Value::Object(printed)) => {
            for (key, value) in printed {
                holds(&answer[key], value);
            }
        }
        (Value::Array(answer), Value::Array(printed)) => {
            assert_eq!(answer.len(), printed.len(), "{answer:?}");
            for (answer, printed) in answer.iter().zip(printed) {
                holds(answer, printed);
            }
        }
        _ => assert_eq!(answer, printed),
    }
}
