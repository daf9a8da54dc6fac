//! What a visitor sees and does, in a real browser on the real binary.

use crate::support::binary::Vestibule;
use crate::support::chromium::{Chromium, Scripts};
use crate::support::eventually;
use crate::support::reference::Reference;

const EMAIL: &str = "alice@example.com";
const PASSWORD: &str = "Corr3ct-horse-battery";

const BUILTIN: &str = "[backend]\nbuiltin = { database = \"users.db\" }\n\
    [token]\nsecret = \"a-secret-of-more-than-thirty-two-bytes\"\n";

async fn register(browser: &Chromium, vestibule: &Vestibule) {
    browser.open(&format!("{}/register", vestibule.url())).await;
    browser.type_into("email", EMAIL).await;
    browser.type_into("password", PASSWORD).await;
    browser.type_into("password_confirm", PASSWORD).await;
    browser.send_form("/register").await;
    // Registering signs in, or leads to the page that does.
    let next = browser.arrives(|path| !path.starts_with("/register")).await;
    if next.starts_with("/login") {
        log_in(browser, PASSWORD).await;
    }
    browser.arrives(|path| path == "/").await;
}

/// On the login page.
async fn log_in(browser: &Chromium, password: &str) {
    browser.type_into("email", EMAIL).await;
    browser.type_into("password", password).await;
    browser.send_form("/login").await;
}

/// Registers, is welcomed, logs out, is turned away, fails to log in, logs in.
async fn walk_through(scripts: Scripts, name: &str) {
    let vestibule = Vestibule::start(BUILTIN).await;
    let browser = Chromium::start(scripts).await;
    browser.open(&format!("{}/register", vestibule.url())).await;
    browser.looks_right(&format!("{name}-register")).await;
    register(&browser, &vestibule).await;
    browser.reads(EMAIL).await;
    browser.looks_right(&format!("{name}-welcome")).await;

    browser.open(&format!("{}/logout", vestibule.url())).await;
    browser.looks_right(&format!("{name}-logout")).await;
    browser.send_form("/logout").await;
    browser.arrives(|path| path.starts_with("/login")).await;
    browser.open(&format!("{}/welcome", vestibule.url())).await;
    browser.arrives(|path| path == "/login?next=%2Fwelcome").await;
    browser.looks_right(&format!("{name}-login")).await;

    log_in(&browser, "Wr0ng-horse-battery").await;
    let summary = browser.element("main [role=\"alert\"]").await;
    assert!(!summary.text().await.unwrap().is_empty());
    browser.looks_right(&format!("{name}-login-refused")).await;

    log_in(&browser, PASSWORD).await;
    browser.arrives(|path| path == "/welcome").await;
    browser.reads(EMAIL).await;
    browser.console_is_quiet("the whole walk").await;
}

#[tokio::test]
#[ignore = "needs chromium and chromedriver; run by tests/run"]
async fn a_visitor_registers_is_welcomed_logs_out_and_logs_in() {
    walk_through(Scripts::On, "scripts").await;
}

#[tokio::test]
#[ignore = "needs chromium and chromedriver; run by tests/run"]
async fn all_of_it_works_without_javascript() {
    walk_through(Scripts::Off, "plain").await;
}

#[tokio::test]
#[ignore = "needs chromium and chromedriver; run by tests/run"]
async fn the_error_summary_has_the_focus_after_a_wrong_password() {
    let vestibule = Vestibule::start(BUILTIN).await;
    let browser = Chromium::start(Scripts::On).await;
    browser.open(&format!("{}/login", vestibule.url())).await;
    log_in(&browser, PASSWORD).await;
    browser.element("main [role=\"alert\"]").await;
    eventually("focus on the error summary", async || {
        browser.has_focus("main [role=\"alert\"]").await.then_some(())
    })
    .await;
    assert_eq!(browser.value_of("email").await, EMAIL);
    assert_eq!(browser.value_of("password").await, "");
}

#[tokio::test]
#[ignore = "needs chromium, chromedriver and the Python reference backend; run by tests/run"]
async fn a_visitor_stays_signed_in_across_the_end_of_a_token() {
    let backend = Reference::start(&[("LAB_ACCESS_TTL", "4")]).await;
    let vestibule = Vestibule::start(&format!(
        "[backend]\nurl = \"{}\"\n[token]\nsecret = \"jwt-secret-to-change\"\nleeway = \"0s\"\n\
         [session]\nrefresh_threshold = \"2s\"\n",
        backend.url()
    ))
    .await;
    let browser = Chromium::start(Scripts::On).await;
    register(&browser, &vestibule).await;
    let welcome = format!("{}/welcome", vestibule.url());
    eventually("two refreshes", async || {
        browser.open(&welcome).await;
        assert_eq!(browser.path().await, "/welcome");
        (backend.stats().await.refresh("ok") >= 2).then_some(())
    })
    .await;
    assert_eq!(backend.stats().await.refresh("duplicate_presentations"), 0);
    browser.reads(EMAIL).await;
    browser.console_is_quiet("welcome across refreshes").await;
}

#[tokio::test]
#[ignore = "needs chromium and chromedriver; run by tests/run"]
async fn the_forms_look_right_whatever_goes_wrong() {
    let vestibule = Vestibule::start(BUILTIN).await;
    let browser = Chromium::start(Scripts::On).await;
    browser.open(&format!("{}/register", vestibule.url())).await;
    browser.type_into("email", "not an address").await;
    browser.type_into("password", "short").await;
    browser.type_into("password_confirm", "different").await;
    browser.send_form("/register").await;
    browser.reads("at least 8 characters").await;
    browser.looks_right("register-errors").await;

    browser.open(&format!("{}/login?notice=session.expired", vestibule.url())).await;
    browser.looks_right("login-session-expired").await;
    for _ in 0..6 {
        browser.open(&format!("{}/login", vestibule.url())).await;
        log_in(&browser, "Wr0ng-horse-battery").await;
        browser.element("main [role=\"alert\"]").await;
    }
    browser.reads("You can try again in").await;
    assert_eq!(browser.value_of("email").await, EMAIL);
    browser.looks_right("login-rate-limited").await;

    // Nothing listens on the discard port.
    let alone = Vestibule::start(
        "[backend]\nurl = \"http://127.0.0.1:9\"\n[token]\nsecret = \"a-secret-of-more-than-thirty-two-bytes\"\n",
    )
    .await;
    browser.open(&format!("{}/login", alone.url())).await;
    log_in(&browser, PASSWORD).await;
    browser.reads("cannot be reached").await;
    browser.looks_right("login-backend-down").await;
    browser.open(&format!("{}/a%2e%2e/../x", alone.url())).await;
    browser.open(&format!("{}/_vestibule/assets/none.css", alone.url())).await;
    browser.looks_right("error-404").await;
}

#[tokio::test]
#[ignore = "needs chromium and chromedriver; run by tests/run"]
async fn the_explorer_works_offline_under_the_strict_policy() {
    let vestibule = Vestibule::start(&format!("{BUILTIN}{PROFILE}")).await;
    let browser = Chromium::start(Scripts::On).await;
    register(&browser, &vestibule).await;
    browser.open(&format!("{}/_vestibule/docs", vestibule.url())).await;
    browser.element("#operations-account-login .opblock-summary").await;
    try_out(&browser, "#operations-account-session").await;
    // The answer of the site itself, to a request that carried the cookie.
    browser.reads("\"authenticated\"").await;
    browser.reads(EMAIL).await;
    // A declared form, sent with the example that the document gives.
    try_out(&browser, "#operations-forms-sendProfile").await;
    browser.reads("\"Saved.\"").await;
    browser.reads("\"Ada\"").await;
    browser.console_is_quiet("the explorer").await;
}

const PROFILE: &str = "[[form]]\nid = \"profile\"\n\
    submit = { send = \"PATCH /auth/me\", body = { name = \"{{name}}\" } }\n\
    on_success = { message = \"Saved.\", reload_user = true }\n\
    [[form.field]]\nname = \"name\"\nrequired = true\n";

/// Opens an operation of the explorer and sends its example.
async fn try_out(browser: &Chromium, operation: &str) {
    for next in [".opblock-summary-control", ".try-out__btn", ".execute"] {
        let button = format!("{operation} {next}");
        browser.element(&button).await.click().await.unwrap();
    }
    browser.element(&format!("{operation} .live-responses-table")).await;
}

#[tokio::test]
#[ignore = "needs chromium and chromedriver; run by tests/run"]
async fn htmx_refreshes_the_session_panel_and_signs_out() {
    let vestibule = Vestibule::start(BUILTIN).await;
    let browser = Chromium::start(Scripts::On).await;
    register(&browser, &vestibule).await;
    browser.element("form[hx-get] button").await.click().await.unwrap();
    vestibule.log_line(&["/_vestibule/session", "\"status\":200"]).await;
    // The page is still the same: only the panel was swapped.
    assert_eq!(browser.path().await, "/");
    browser.reads("It renews by itself").await;
    browser.element("form[hx-post] button").await.click().await.unwrap();
    browser.arrives(|path| path == "/login?notice=session.logged_out").await;
    browser.reads("You have signed out").await;
    browser.console_is_quiet("signing out by htmx").await;
}
