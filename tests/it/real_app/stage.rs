//! Backend, app, vestibule, proxy and browser, each a process of its own.

use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::net::TcpStream;

use crate::support::binary::Vestibule;
use crate::support::chromium::{Chromium, Scripts};
use crate::support::process::Process;
use crate::support::reference::Reference;
use crate::support::{eventually, free_port, http_client, real_proxy};

pub(super) const EMAIL: &str = "alice@example.com";
const PASSWORD: &str = "Corr3ct-horse-battery";
/// The id of the backend's first user.
const USER: &str = "1";

/// What passes between the browser and the app.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Before {
    Vestibule,
    Nginx,
    Caddy,
}

/// All of it, running. The browser is dropped first: it holds connections to everybody else.
pub(super) struct Stage {
    pub(super) browser: Chromium,
    _proxy: Option<Process>,
    pub(super) vestibule: Vestibule,
    pub(super) app: SmallApp,
    pub(super) backend: Reference,
    pub(super) before: Before,
    origin: String,
    _folder: TempDir,
}

impl Stage {
    /// Access tokens live for twelve seconds, and are renewed in the second half of them.
    pub(super) async fn new(before: Before) -> Self {
        let secret = "a-secret-of-more-than-thirty-two-bytes";
        let backend = Reference::start(&[("LAB_ACCESS_TTL", "12"), ("REF_SECRET", secret)]).await;
        let account = json!({ "email": EMAIL, "password": PASSWORD }).to_string();
        let request = http_client().post(format!("{}/auth/register", backend.url()));
        let request = request.header("content-type", "application/json").body(account);
        assert_eq!(request.send().await.unwrap().status(), 201);
        let app = SmallApp::start().await;

        let toml = format!(
            "[backend]\nurl = \"{}\"\n[token]\nsecret = \"{secret}\"\nleeway = \"0s\"\n\
             [session]\nstore = \"sqlite\"\nrefresh_threshold = \"6s\"\n",
            backend.url()
        );
        let (folder, port) = (tempfile::tempdir().unwrap(), free_port());
        let name = match before {
            Before::Vestibule => None,
            Before::Nginx => Some("nginx"),
            Before::Caddy => Some("caddy"),
        };
        let door = match name {
            None => format!("[[upstream]]\nurl = \"{}\"\n", app.url()),
            Some(name) => format!(
                "[forward_auth]\nproxies = [\"{name}\"]\n[server]\n\
                 public_url = \"http://127.0.0.1:{port}\"\ntrusted_proxies = [\"127.0.0.1\"]\n"
            ),
        };
        let vestibule = Vestibule::start(&format!("{toml}{door}")).await;
        let (origin, proxy) = match name {
            None => (vestibule.url(), None),
            Some(name) => {
                let block = vestibule.snippet(name, &app.url());
                let proxy = real_proxy::start(name, &block, port, folder.path()).await;
                (format!("http://127.0.0.1:{port}"), Some(proxy))
            }
        };
        let browser = Chromium::start(Scripts::On).await;
        Self { browser, _proxy: proxy, vestibule, app, backend, before, origin, _folder: folder }
    }

    /// Whether streams end at vestibule, or pass it by.
    pub(super) fn carries_streams(&self) -> bool {
        self.before == Before::Vestibule
    }

    /// Loads a page.
    pub(super) async fn open(&self, path: &str) {
        self.browser.open(&format!("{}{path}", self.origin)).await;
    }

    /// Fills in the login page that is shown.
    pub(super) async fn sign_in(&self) {
        self.browser.type_into("email", EMAIL).await;
        self.browser.type_into("password", PASSWORD).await;
        self.browser.send_form("/login").await;
    }

    /// Loads a page of the app until it comes, and never the login page.
    pub(super) async fn comes_back(&self, path: &str) {
        eventually(&format!("{path} from the app"), async || {
            self.open(path).await;
            assert_eq!(self.browser.path().await, path);
            (self.browser.status().await == 200).then_some(())
        })
        .await;
        self.shows_the_user().await;
    }

    /// The page that is shown is the app's, which was told who is signed in.
    pub(super) async fn shows_the_user(&self) {
        self.browser.element("h1").await;
        let (status, text) = (self.browser.status().await, self.browser.text().await);
        let (before, log) = (self.before, self.vestibule.log());
        assert_eq!(status, 200, "{before:?}: {text}\n{log}");
        assert!(text.contains(EMAIL), "{before:?}: {text}\n{log}");
        assert_eq!(self.browser.data("#user").await["text"], USER);
    }

    /// Loads a page that cannot come now; that it is not the login page is looked at, too.
    pub(super) async fn is_told(&self, path: &str, status: u64) {
        self.open(path).await;
        assert_eq!(self.browser.path().await, path);
        let picture = format!("app-{:?}-{status}{}", self.before, path.replace('/', "-"));
        self.browser.picture(&picture).await;
        let text = self.browser.text().await;
        assert_eq!(self.browser.status().await, status, "{:?} {path}: {text}", self.before);
    }

    /// Waits until both streams are the user's, come from this process of the app and go on counting.
    pub(super) async fn streams_live(&self) {
        let process = self.app.process().to_string();
        for stream in ["#socket", "#events"] {
            let mut first = None;
            eventually(&format!("{:?}: {stream} live", self.before), async || {
                let now = self.browser.data(stream).await;
                let fits =
                    now["state"] == "open" && now["user"] == USER && now["process"] == process;
                let count = number(&now["text"]);
                let first = *first.get_or_insert(count);
                (fits && count > first).then_some(())
            })
            .await;
        }
    }

    /// How often the page has opened its WebSocket and its event stream.
    pub(super) async fn opened(&self) -> [u64; 2] {
        let socket = self.browser.data("#socket").await;
        let events = self.browser.data("#events").await;
        [number(&socket["opened"]), number(&events["opened"])]
    }

    /// Waits until both streams have been lost.
    pub(super) async fn streams_end(&self) {
        for stream in ["#socket", "#events"] {
            eventually(&format!("{:?}: {stream} closed", self.before), async || {
                (self.browser.data(stream).await["state"] == "closed").then_some(())
            })
            .await;
        }
    }

    /// Waits until the requests that the page makes all the time end so.
    pub(super) async fn requests_get(&self, fits: impl Fn(&str) -> bool) -> String {
        eventually(
            &format!("{:?}: another answer to the page's requests", self.before),
            async || {
                let now = self.browser.data("#requests").await;
                now["state"].as_str().filter(|state| fits(state)).map(str::to_owned)
            },
        )
        .await
    }

    /// Waits for the next renewal; the page's own requests are what makes one due.
    pub(super) async fn next_refresh(&self) {
        let before = self.backend.stats().await.refresh("ok");
        eventually("a refresh", async || {
            (self.backend.stats().await.refresh("ok") > before).then_some(())
        })
        .await;
    }

    /// Waits until the token has most of its life before it, and no renewal is under way: who is killed in the very
    /// moment between the backend's renewal and the storing of it has spent a token without a successor.
    pub(super) async fn has_just_renewed(&self) {
        self.next_refresh().await;
        // The backend counts before it answers, and this waits for that answer.
        self.comes_back("/renewed").await;
        self.streams_live().await;
    }
}

fn number(text: &Value) -> u64 {
    text.as_str().and_then(|text| text.parse().ok()).unwrap_or(0)
}

/// `tests/fixtures/app/app.py`.
pub(super) struct SmallApp {
    running: Process,
    port: u16,
}

impl SmallApp {
    async fn start() -> Self {
        let port = free_port();
        let mut app = Self { running: launch(port), port };
        app.wait_until_ready().await;
        app
    }

    pub(super) fn kill(&mut self) {
        self.running.kill();
    }

    pub(super) async fn start_again(&mut self) {
        self.running = launch(self.port);
        self.wait_until_ready().await;
    }

    fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Which process it is at present.
    fn process(&self) -> u32 {
        self.running.id()
    }

    async fn wait_until_ready(&mut self) {
        eventually("the small app on its port", async || {
            assert!(self.running.ended().is_none(), "{}", self.running.said());
            TcpStream::connect(("127.0.0.1", self.port)).await.ok()
        })
        .await;
    }
}

fn launch(port: u16) -> Process {
    let program = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/app/app.py");
    Process::start(Command::new("python3").arg(program).arg(port.to_string()))
}
