//! A headless Chromium, driven through chromedriver.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::PathBuf;
use std::process::Command;

use serde_json::{Value, json};
use tempfile::TempDir;
use thirtyfour::common::log::LoggingPrefsLogLevel;
use thirtyfour::{
    By, ChromiumLikeCapabilities, DesiredCapabilities, Key, TypingData, WebDriver, WebElement,
};

use super::process::Process;
use super::{eventually, free_port, http_client};

/// Whether pages may run scripts.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Scripts {
    On,
    Off,
}

/// One browser with a profile of its own. Dropping it ends the browser and its driver.
///
/// The fields are dropped in this order: the driver must be there to end the browser.
pub(crate) struct Chromium {
    session: Session,
    driver: WebDriver,
    _chromedriver: Process,
    _profile: TempDir,
}

impl Chromium {
    pub(crate) async fn start(scripts: Scripts) -> Self {
        let port = free_port();
        let mut command = Command::new(program("VESTIBULE_TEST_CHROMEDRIVER", "chromedriver"));
        let mut chromedriver = Process::start(command.arg(format!("--port={port}")));
        let url = format!("http://127.0.0.1:{port}");
        eventually("chromedriver ready", async || {
            assert!(chromedriver.ended().is_none(), "chromedriver: {}", chromedriver.said());
            let answer = http_client().get(format!("{url}/status")).send().await.ok()?;
            answer.text().await.ok().filter(|text| text.contains("\"ready\":true"))
        })
        .await;

        let profile = tempfile::tempdir().unwrap();
        let mut wanted = DesiredCapabilities::chrome();
        wanted
            .set_binary(program("VESTIBULE_TEST_CHROMIUM", "/usr/bin/chromium").to_str().unwrap())
            .unwrap();
        for flag in FLAGS {
            wanted.add_arg(flag).unwrap();
        }
        wanted.add_arg(&format!("--user-data-dir={}", profile.path().display())).unwrap();
        wanted.set_browser_log_level(LoggingPrefsLogLevel::All).unwrap();
        if scripts == Scripts::Off {
            let off = json!({ "profile.managed_default_content_settings.javascript": 2 });
            wanted.add_experimental_option("prefs", off).unwrap();
        }
        let driver = WebDriver::new(&url, wanted).await.unwrap();
        // It would end the browser with a blocking call of its own, which waits for the runtime that it blocks.
        driver.clone().leak().unwrap();
        let session = Session { port, id: driver.handle().session_id().to_string() };
        Self { session, driver, _chromedriver: chromedriver, _profile: profile }
    }

    pub(crate) async fn open(&self, url: &str) {
        self.driver.goto(url).await.unwrap();
    }

    /// The path and query of the page that is shown.
    pub(crate) async fn path(&self) -> String {
        let url = self.driver.current_url().await.unwrap();
        url[url::Position::BeforePath..].to_owned()
    }

    /// The first element that matches, as soon as there is one.
    pub(crate) async fn element(&self, css: &str) -> WebElement {
        eventually(css, async || self.driver.find(By::Css(css)).await.ok()).await
    }

    /// What a visitor reads on the page.
    pub(crate) async fn text(&self) -> String {
        self.element("body").await.text().await.unwrap()
    }

    /// Waits until the page shows this.
    pub(crate) async fn reads(&self, text: &str) {
        eventually(&format!("a page with `{text}`"), async || {
            // Between two pages there may be no body.
            let body = self.driver.find(By::Css("body")).await.ok()?;
            body.text().await.ok().filter(|it| it.contains(text))
        })
        .await;
    }

    /// Waits until the path and query of the page fit.
    pub(crate) async fn arrives(&self, fits: impl Fn(&str) -> bool) -> String {
        eventually("the next page", async || Some(self.path().await).filter(|path| fits(path)))
            .await
    }

    /// Types into the input of this name.
    pub(crate) async fn type_into(&self, name: &str, text: &str) {
        let input = self.element(&format!("main [name=\"{name}\"]")).await;
        input.clear().await.unwrap();
        input.send_keys(text).await.unwrap();
    }

    /// What the input of this name holds.
    pub(crate) async fn value_of(&self, name: &str) -> String {
        let input = self.element(&format!("main [name=\"{name}\"]")).await;
        input.value().await.unwrap().unwrap_or_default()
    }

    /// Presses the button that sends the form with this action.
    pub(crate) async fn send_form(&self, action: &str) {
        let button = format!("form[action^=\"{action}\"] [type=\"submit\"]");
        self.element(&button).await.click().await.unwrap();
    }

    /// Whether the element that has the focus is this one or is within it.
    pub(crate) async fn has_focus(&self, css: &str) -> bool {
        let script = "return !!document.activeElement.closest(arguments[0])";
        let answer = self.driver.execute(script, vec![json!(css)]).await.unwrap();
        answer.convert().unwrap()
    }

    /// Presses keys where the focus is.
    pub(crate) async fn press(&self, keys: impl Into<TypingData>) {
        self.driver.active_element().await.unwrap().send_keys(keys).await.unwrap();
    }

    /// Presses Tab until this element has the focus, as who has no mouse does.
    pub(crate) async fn tab_to(&self, css: &str) {
        for _ in 0..40 {
            if self.has_focus(css).await {
                return;
            }
            self.press(Key::Tab + "").await;
        }
        panic!("{css} cannot be reached by the keyboard");
    }

    /// What a script comes to that is run in the page; null while a page is being exchanged for another.
    pub(crate) async fn evaluate(&self, script: &str) -> Value {
        let answer = self.driver.execute(script, vec![]).await;
        answer.ok().and_then(|answer| answer.convert().ok()).unwrap_or_default()
    }

    /// The title of the window.
    pub(crate) async fn title(&self) -> String {
        self.driver.title().await.unwrap()
    }

    /// The window's width, and whether the visitor prefers dark.
    pub(crate) async fn appear(&self, width: u32, dark: bool) {
        let scheme = if dark { "dark" } else { "light" };
        let features = json!([{ "name": "prefers-color-scheme", "value": scheme }]);
        self.cdp("Emulation.setEmulatedMedia", json!({ "features": features })).await;
        let screen =
            json!({ "width": width, "height": 800, "deviceScaleFactor": 1, "mobile": width < 500 });
        self.cdp("Emulation.setDeviceMetricsOverride", screen).await;
    }

    /// Opens another tab, with the same cookies, and goes on in it.
    pub(crate) async fn other_tab(&self) {
        let tab = self.driver.new_tab().await.unwrap();
        self.driver.switch_to_window(tab).await.unwrap();
    }

    /// Goes back to the tab that was there first. The other ones stay.
    pub(crate) async fn first_tab(&self) {
        let tabs = self.driver.windows().await.unwrap();
        self.driver.switch_to_window(tabs[0].clone()).await.unwrap();
    }

    /// The `data-…` attributes of an element, and what it shows as `text`.
    pub(crate) async fn data(&self, css: &str) -> Value {
        let script = "const it = document.querySelector(arguments[0]); \
                      return it && { ...it.dataset, text: it.textContent }";
        self.driver.execute(script, vec![json!(css)]).await.unwrap().convert().unwrap()
    }

    /// The status with which the page came.
    pub(crate) async fn status(&self) -> u64 {
        let script = "return performance.getEntriesByType('navigation')[0].responseStatus";
        self.driver.execute(script, vec![]).await.unwrap().convert().unwrap()
    }

    /// The status of the last answer that a script of the page got from an address with this in it.
    pub(crate) async fn answered(&self, address: &str) -> Option<u64> {
        let script = "return performance.getEntriesByType('resource') \
                      .findLast(it => it.name.includes(arguments[0]))?.responseStatus";
        self.driver.execute(script, vec![json!(address)]).await.unwrap().convert().unwrap()
    }

    /// The names and values of all cookies that the page is sent.
    pub(crate) async fn cookies(&self) -> Vec<(String, String)> {
        let cookies = self.driver.get_all_cookies().await.unwrap();
        cookies.into_iter().map(|it| (it.name, it.value)).collect()
    }

    /// A picture of the page, for the folder `VESTIBULE_SHOTS`, if it is set.
    pub(crate) async fn picture(&self, name: &str) {
        let Some(folder) = std::env::var_os("VESTIBULE_SHOTS").map(PathBuf::from) else { return };
        let picture = self.driver.screenshot_as_png().await.unwrap();
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join(format!("{name}.png")), picture).unwrap();
    }

    /// What every page must fulfil, at each width and in each scheme: no refused resource, no sideways
    /// scrolling. Pictures go to the folder `VESTIBULE_SHOTS`, if it is set.
    pub(crate) async fn looks_right(&self, name: &str) {
        for width in [360, 1280] {
            for dark in [false, true] {
                self.appear(width, dark).await;
                let scheme = if dark { "dark" } else { "light" };
                self.picture(&format!("{name}-{width}-{scheme}")).await;
                let metrics = self.cdp("Page.getLayoutMetrics", json!({})).await;
                let content = metrics["cssContentSize"]["width"].as_f64().unwrap();
                assert!(content <= f64::from(width), "{name} is {content} px wide at {width} px");
            }
        }
        self.console_is_quiet(name).await;
    }

    /// Stops the test if the page broke its content security policy, or wrote an error to the console.
    pub(crate) async fn console_is_quiet(&self, name: &str) {
        let lines = self.console().await;
        assert!(lines.is_empty(), "{name} complains: {lines:#?}");
    }

    /// Refused resources and errors of the console since the last look. The answer of the page itself may
    /// be an error: a refused login is one.
    pub(crate) async fn console(&self) -> Vec<String> {
        let entries = self.driver.get_log("browser").await.unwrap();
        entries
            .into_iter()
            .filter(|it| it.level == "SEVERE" || it.message.contains("Content Security Policy"))
            .filter(|it| !it.message.contains("responded with a status of"))
            .map(|it| it.message)
            .collect()
    }

    /// A command of Chromium's debugging protocol.
    async fn cdp(&self, command: &str, parameters: Value) -> Value {
        let Session { port, id } = &self.session;
        let url = format!("http://127.0.0.1:{port}/session/{id}/goog/cdp/execute");
        let body = json!({ "cmd": command, "params": parameters }).to_string();
        let answer = http_client().post(url).body(body).send().await.unwrap();
        let mut answer: Value = serde_json::from_str(&answer.text().await.unwrap()).unwrap();
        assert!(answer["value"]["error"].is_null(), "{command}: {answer}");
        answer["value"].take()
    }
}

const FLAGS: &[&str] = &[
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--window-size=1280,800",
];

/// The browser as chromedriver knows it. Dropping it ends the browser; a drop cannot wait for a future, so it
/// speaks HTTP by hand.
struct Session {
    port: u16,
    id: String,
}

impl Drop for Session {
    fn drop(&mut self) {
        let Ok(mut stream) = TcpStream::connect(("127.0.0.1", self.port)) else { return };
        let (port, id) = (self.port, &self.id);
        let _ = write!(
            stream,
            "DELETE /session/{id} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: close\r\n\r\n"
        );
        let _ = stream.read(&mut [0; 256]);
    }
}

fn program(variable: &str, default: &str) -> PathBuf {
    std::env::var_os(variable).unwrap_or_else(|| default.into()).into()
}

mod tests {
    use std::io::{Read, Write};
    use std::net::TcpListener;
    use std::thread;

    use super::{Chromium, Scripts};

    /// Serves one page, again and again, for as long as the test process lives.
    fn serve(policy: &'static str, body: &'static str) -> String {
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let url = format!("http://{}/page?q=1", listener.local_addr().unwrap());
        thread::spawn(move || {
            for mut stream in listener.incoming().flatten() {
                // Chromium opens connections in advance, and then says nothing on them for a while.
                thread::spawn(move || {
                    let _ = stream.read(&mut [0; 8192]);
                    let _ = write!(
                        stream,
                        "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: {}\r\n\
                         Content-Security-Policy: {policy}\r\nConnection: close\r\n\r\n{body}",
                        body.len()
                    );
                });
            }
        });
        url
    }

    const PAGE: &str = "<!doctype html><meta name=viewport content=\"width=device-width\"><link rel=icon href=data:,><title>t</title>\
        <main><p id=p>still</p><input name=email autofocus></main>\
        <script>p.textContent = matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light'</script>";

    #[tokio::test]
    #[ignore = "needs chromium and chromedriver; run by tests/run"]
    async fn the_browser_shows_a_page_as_it_is_told_to() {
        let url = serve("default-src 'self' data:; script-src 'unsafe-inline'", PAGE);
        let browser = Chromium::start(Scripts::On).await;
        browser.appear(360, true).await;
        browser.open(&url).await;
        browser.reads("dark").await;
        assert_eq!(browser.arrives(|path| path.starts_with("/page")).await, "/page?q=1");
        assert!(browser.has_focus("main [name=email]").await);
        browser.type_into("email", "a@example.com").await;
        browser.looks_right("trivial").await;
    }

    #[tokio::test]
    #[ignore = "needs chromium and chromedriver; run by tests/run"]
    async fn a_page_that_breaks_its_policy_is_found_out() {
        let url = serve("default-src 'self' data:", PAGE);
        let browser = Chromium::start(Scripts::On).await;
        browser.open(&url).await;
        assert!(browser.text().await.contains("still"));
        let complaints = browser.console().await;
        assert!(
            complaints.iter().any(|it| it.contains("Content Security Policy")),
            "{complaints:?}"
        );
    }

    #[tokio::test]
    #[ignore = "needs chromium and chromedriver; run by tests/run"]
    async fn a_browser_without_scripts_runs_none() {
        let url = serve("default-src 'self' data:; script-src 'unsafe-inline'", PAGE);
        let browser = Chromium::start(Scripts::Off).await;
        browser.open(&url).await;
        assert!(browser.text().await.contains("still"));
    }
}
