//! A site in development in this process, on files that the test edits.

use std::fs;
use std::path::Path;
use std::sync::{Arc, Mutex};

use reqwest::Response;
use serde_json::Value;
use tempfile::TempDir;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use vestibule::{Reload, Vestibule};

use crate::support::visitor::{Answer, Visitor};
use crate::support::{PATIENCE, eventually, free_port};

pub(super) const STYLE: &str = ".some{color:red}";

pub(super) struct Dev {
    pub(super) url: String,
    pub(super) folder: TempDir,
    port: u16,
    told: Arc<Mutex<Vec<String>>>,
    /// What the checker found, each time.
    checked: Arc<Mutex<Vec<String>>>,
    stop: oneshot::Sender<()>,
    task: JoinHandle<()>,
}

impl Dev {
    /// A site with the built-in backend, its theme in the folder `acme`, and sessions in memory.
    pub(super) async fn start(more: &str, files: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let port = free_port();
        fs::write(folder.path().join("auth.toml"), config(port, more)).unwrap();
        for (path, text) in files {
            write(folder.path(), path, text);
        }
        Self::on(folder, port).await
    }

    pub(super) async fn on(folder: TempDir, port: u16) -> Self {
        let builder = Vestibule::builder().file(folder.path().join("auth.toml"));
        let mut site = builder.develop().await.unwrap();
        let told: Arc<Mutex<Vec<String>>> = Arc::default();
        told.lock().unwrap().push(said(&site.first().unwrap()));
        let checked: Arc<Mutex<Vec<String>>> = Arc::default();
        let (stop, stopped) = oneshot::channel();
        let (changes, checks) = (Arc::clone(&told), Arc::clone(&checked));
        let task = tokio::spawn(async move {
            let stopped = async {
                let _ = stopped.await;
            };
            let tell = move |reload: &Reload| {
                let list = if reload.checked { &checks } else { &changes };
                list.lock().unwrap().push(said(reload));
            };
            site.run(stopped, tell).await;
        });
        Self { url: format!("http://127.0.0.1:{port}"), folder, port, told, checked, stop, task }
    }

    /// Writes a file of a theme.
    pub(super) fn write(&self, path: &str, text: &str) {
        write(self.folder.path(), path, text);
    }

    pub(super) fn remove(&self, path: &str) {
        let path = self.folder.path().join("themes").join(path);
        if path.is_dir() { fs::remove_dir_all(path) } else { fs::remove_file(path) }.unwrap();
    }

    /// Writes another auth.toml, as an editor does that renames.
    pub(super) fn configure(&self, more: &str) {
        self.write_config(&config(self.port, more));
    }

    pub(super) fn write_config(&self, text: &str) {
        let path = self.folder.path().join("auth.toml");
        fs::write(path.with_extension("new"), text).unwrap();
        fs::rename(path.with_extension("new"), path).unwrap();
    }

    pub(super) fn visitor(&self) -> Visitor {
        Visitor::new(&self.url)
    }

    pub(super) async fn events(&self) -> Events {
        let client = reqwest::Client::builder().no_proxy().build().unwrap();
        let url = format!("{}/_vestibule/live/events", self.url);
        let answer = client.get(url).send().await.unwrap();
        assert_eq!(answer.status(), 200);
        assert_eq!(answer.headers()["content-type"], "text/event-stream");
        Events { answer, rest: String::new() }
    }

    /// What was told on the terminal last, once there was anything since the start.
    pub(super) async fn told(&self) -> String {
        eventually("a change is told", async || {
            let told = self.told.lock().unwrap();
            (told.len() > 1).then(|| told.last().cloned()).flatten()
        })
        .await
    }

    /// What the checker has told each time, once it has so often.
    pub(super) async fn checked(&self, times: usize) -> Vec<String> {
        eventually("the checker has looked", async || {
            let checked = self.checked.lock().unwrap();
            (checked.len() >= times).then(|| checked.clone())
        })
        .await
    }

    /// How often anything was told.
    pub(super) fn tellings(&self) -> usize {
        self.told.lock().unwrap().len()
    }

    /// Asks it to stop and waits until it has.
    pub(super) async fn stop(self) {
        self.stop.send(()).unwrap();
        tokio::time::timeout(PATIENCE, self.task).await.expect("it stops").unwrap();
    }
}

/// What open pages hear.
pub(super) struct Events {
    answer: Response,
    rest: String,
}

impl Events {
    /// How things stand, as it is told next.
    pub(super) async fn next(&mut self) -> Value {
        self.until(|_| true).await
    }

    /// The next state that is meant.
    pub(super) async fn until(&mut self, is_meant: impl Fn(&Value) -> bool) -> Value {
        let next = async {
            loop {
                while let Some((event, rest)) = self.rest.split_once("\n\n") {
                    let data = event.lines().find_map(|line| line.strip_prefix("data: "));
                    let state: Value = serde_json::from_str(data.unwrap()).unwrap();
                    let rest = rest.to_owned();
                    self.rest = rest;
                    if is_meant(&state) {
                        return state;
                    }
                }
                let more = self.answer.chunk().await.unwrap().expect("the stream goes on");
                self.rest.push_str(std::str::from_utf8(&more).unwrap());
            }
        };
        tokio::time::timeout(PATIENCE, next).await.expect("such a state is told")
    }

    pub(super) async fn has_ended(&mut self) -> bool {
        let end = async { while let Ok(Some(_)) = self.answer.chunk().await {} };
        tokio::time::timeout(PATIENCE, end).await.is_ok()
    }
}

pub(super) fn write(folder: &Path, path: &str, text: &str) {
    let path = folder.join("themes").join(path);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

/// `more` is what else is in it; keys of tables are written with dots before it.
pub(super) fn config(port: u16, more: &str) -> String {
    let theme = if more.contains("theme.name") { "" } else { "theme.name = \"acme\"\n" };
    let store = if more.contains("session.store") { "" } else { "session.store = \"memory\"\n" };
    let listen = if more.contains("server.listen") {
        String::new()
    } else {
        format!("server.listen = \"127.0.0.1:{port}\"\n")
    };
    format!(
        "server.public_url = \"http://127.0.0.1:{port}\"\n{listen}{theme}{store}\
         backend.builtin = {{ database = \"users.db\" }}\n\
         token.secret = \"a-secret-of-more-than-thirty-two-bytes\"\n{more}"
    )
}

fn said(reload: &Reload) -> String {
    let files: Vec<_> = reload.files.iter().map(|file| file.display().to_string()).collect();
    match &reload.outcome {
        Ok(warnings) => {
            let warnings: Vec<_> = warnings.iter().map(|it| it.message.clone()).collect();
            format!("changed {}; {}", files.join(", "), warnings.join("; "))
        }
        Err(error) => format!("refused {}: {error}", files.join(", ")),
    }
}

/// The address of the page's style sheet.
pub(super) fn sheet_of(page: &Answer) -> String {
    let after = page.body.split("rel=\"stylesheet\" href=\"").nth(1).expect("a style sheet");
    after.split('"').next().unwrap().to_owned()
}

/// An app that answers every request with a page of its own.
pub(super) async fn app() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        loop {
            let (mut stream, _) = listener.accept().await.unwrap();
            let _ = stream.read(&mut [0; 4096]).await;
            let page = "<html><head><title>App</title></head></html>";
            let head = "HTTP/1.1 200 OK\r\ncontent-type: text/html\r\nconnection: close\r\n";
            let answer = format!("{head}content-length: {}\r\n\r\n{page}", page.len());
            let _ = stream.write_all(answer.as_bytes()).await;
        }
    });
    format!("http://{address}")
}
