//! What a designer sees, in a real browser.

use serde_json::{Value, json};

use super::stage::Dev;
use crate::support::chromium::{Chromium, Scripts};
use crate::support::eventually;

const COLOUR: &str = "return getComputedStyle(document.querySelector('h1')).color";
const REPORT: &str = "return document.querySelector('vestibule-report')?.shadowRoot.querySelector('section').innerText ?? ''";
const BADGE: &str = "return document.querySelector('vestibule-changed')?.shadowRoot.querySelector('div').innerText ?? ''";
const WELCOME: &str =
    "{% extends \"page/login.html\" %}\n{% block main %}<p>NEWS</p>{{ super() }}{% endblock %}\n";

async fn comes_to(browser: &Chromium, script: &str, fits: impl Fn(&str) -> bool) -> String {
    eventually(script, async || {
        let value = browser.evaluate(script).await;
        value.as_str().filter(|text| fits(text)).map(str::to_owned)
    })
    .await
}

#[tokio::test]
#[ignore = "needs chromium and chromedriver; run by tests/run"]
async fn a_designer_sees_edits_and_mistakes_without_a_hand_at_the_browser() {
    let dev = Dev::start("", &[("acme/theme.css", "h1{color:rgb(1,2,3)}")]).await;
    let browser = Chromium::start(Scripts::On).await;
    browser.open(&format!("{}/login", dev.url)).await;
    comes_to(&browser, COLOUR, |colour| colour == "rgb(1, 2, 3)").await;
    browser.evaluate("window.isTheSame = true").await;

    // Typed text stays, and so does the page.
    browser.type_into("email", "half an addr").await;
    dev.write("acme/theme.css", "h1{color:rgb(4,5,6)}");
    comes_to(&browser, COLOUR, |colour| colour == "rgb(4, 5, 6)").await;
    assert_eq!(browser.value_of("email").await, "half an addr");
    assert_eq!(browser.evaluate("return window.isTheSame").await, json!(true));
    let links = "return String(document.querySelectorAll('link[rel=stylesheet]').length)";
    comes_to(&browser, links, |count| count == "1").await;

    // A new page is offered, not forced, while something is typed in.
    dev.write("acme/page/login.html", &WELCOME.replace("NEWS", "first"));
    comes_to(&browser, BADGE, |badge| badge.contains("loses what you have typed")).await;
    assert_eq!(browser.value_of("email").await, "half an addr");
    browser
        .evaluate(
            "document.querySelector('vestibule-changed').shadowRoot.querySelector('button').click()",
        )
        .await;
    browser.reads("first").await;

    // A mistake is laid over the page, with its place, until it is mended.
    dev.write("acme/page/login.html", &WELCOME.replace("NEWS", "{{ <b>vale</b> }}"));
    let report = comes_to(&browser, REPORT, |text| text.contains("V160")).await;
    assert!(report.contains("page/login.html:2:23"), "{report}");
    assert!(report.contains("{{ <b>vale</b> }}") && report.contains('^'), "{report}");
    browser.looks_right("dev-report").await;
    dev.write("acme/page/login.html", &WELCOME.replace("NEWS", "mended"));
    browser.reads("mended").await;
    comes_to(&browser, REPORT, str::is_empty).await;

    // It goes away for whoever has read it, too.
    dev.write("acme/page/login.html", &WELCOME.replace("NEWS", "{{ nothing }}"));
    comes_to(&browser, REPORT, |text| text.contains("nothing")).await;
    browser.press(thirtyfour::Key::Escape + "").await;
    comes_to(&browser, REPORT, str::is_empty).await;
    dev.write("acme/page/login.html", &WELCOME.replace("NEWS", "again"));
    browser.reads("again").await;

    // The answer to a form is not sent again by itself.
    browser.type_into("email", "x").await;
    browser.send_form("/login").await;
    browser.element("main [role=\"alert\"]").await;
    dev.write("acme/page/login.html", &WELCOME.replace("NEWS", "after the form"));
    comes_to(&browser, BADGE, |badge| badge.contains("answer to a form")).await;
    browser.looks_right("dev-changed").await;
    browser.console_is_quiet("all of it").await;
    dev.stop().await;
}

#[tokio::test]
#[ignore = "needs chromium and chromedriver; run by tests/run"]
async fn notes_wait_behind_a_button_until_they_are_asked_for_or_hidden() {
    const NOTED: &str = "return document.querySelector('vestibule-badge')?.shadowRoot.querySelector('button').innerText ?? ''";
    const PANEL: &str = "return document.querySelector('vestibule-notes')?.shadowRoot.querySelector('section').innerText ?? ''";
    let sheet = ".a{boder-width:2px}\n";
    let dev = Dev::start("", &[("acme/theme.css", sheet)]).await;
    let browser = Chromium::start(Scripts::On).await;
    browser.open(&format!("{}/login", dev.url)).await;
    comes_to(&browser, NOTED, |text| text == "1 warning").await;
    browser.looks_right("dev-badge").await;
    // From the keyboard, and back to where it was opened.
    browser
        .evaluate(
            "document.querySelector('vestibule-badge').shadowRoot.querySelector('button').focus()",
        )
        .await;
    browser.press(thirtyfour::Key::Enter + "").await;
    let panel = comes_to(&browser, PANEL, |text| text.contains("boder-width")).await;
    assert!(panel.contains("acme/theme.css:1:4") && panel.contains('^'), "{panel}");
    browser.looks_right("dev-notes").await;
    dev.write("acme/theme.css", &[sheet, ".b{colour:red}\n"].concat());
    comes_to(&browser, PANEL, |text| text.contains("2 warnings") && text.contains("colour")).await;
    browser.press(thirtyfour::Key::Escape + "").await;
    comes_to(&browser, PANEL, str::is_empty).await;
    comes_to(&browser, NOTED, |text| text == "2 warnings").await;
    let focused = "return document.activeElement.localName";
    comes_to(&browser, focused, |name| name == "vestibule-badge").await;
    // Hidden, it comes again when something else is to be told.
    browser.press(thirtyfour::Key::Enter + "").await;
    comes_to(&browser, PANEL, |text| text.contains("colour")).await;
    browser
        .evaluate(
            "document.querySelector('vestibule-notes').shadowRoot.querySelector('button').click()",
        )
        .await;
    comes_to(&browser, NOTED, str::is_empty).await;
    dev.write("acme/page/login.html", &WELCOME.replace("NEWS", "loaded anew"));
    browser.reads("loaded anew").await;
    dev.write("acme/theme.css", &["\n", sheet, ".b{colour:red}\n"].concat());
    let is_told = |state: &Value| state["notes"][0]["place"].as_str().unwrap().contains(":2:");
    dev.events().await.until(is_told).await;
    assert_eq!(browser.evaluate(NOTED).await, json!(""));
    dev.write("acme/theme.css", sheet);
    comes_to(&browser, NOTED, |text| text == "1 warning").await;
    browser.console_is_quiet("all of it").await;
    dev.stop().await;
}

#[tokio::test]
#[ignore = "needs chromium and chromedriver; run by tests/run"]
async fn a_site_that_is_broken_from_the_start_comes_up_by_itself() {
    let broken = WELCOME.replace("NEWS", "{{ vale }}");
    let files = [("acme/theme.css", ""), ("acme/page/login.html", &*broken)];
    let dev = Dev::start("", &files).await;
    let browser = Chromium::start(Scripts::On).await;
    browser.open(&format!("{}/login", dev.url)).await;
    browser.reads("page/login.html:2:23").await;
    browser.looks_right("dev-nothing-yet").await;
    dev.write("acme/page/login.html", &WELCOME.replace("NEWS", "it is up"));
    browser.reads("it is up").await;
    dev.stop().await;
}
