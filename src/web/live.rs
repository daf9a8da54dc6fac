//! What development adds to the pages: a script that shows a change of the theme or of auth.toml in the
//! browser, without being asked to.
//!
//! `serve` has none of this: neither the addresses below [`FOLDER`] nor the script in the pages.

mod report;

use std::sync::Arc;

use bytes::Bytes;
use futures_util::stream;
use http::header::{CACHE_CONTROL, CONTENT_ENCODING, CONTENT_TYPE, RETRY_AFTER};
use http::{HeaderMap, HeaderValue, Method, StatusCode};
use poem::{Body, Response};
use serde_json::{Value, json};
use tokio::sync::watch;

use self::report::shown;
use super::App;
use super::answer::html_answer;
use super::files::{File, fingerprint, send};
use super::guard::is_read;
use super::headers;
use super::openapi;
use super::visit::Visit;
use crate::finding::{Finding, report as finding_report};
use crate::theme::escape;

/// Everything of the live script is below.
pub(crate) const FOLDER: &str = "/_vestibule/live/";
const EVENTS: &str = "/_vestibule/live/events";
const SCRIPT: &str = "/_vestibule/live/script.js";
const STYLE: &str = "/_vestibule/live/style.css";

/// What all open pages of a site in development are told. Copies share it, and it outlives every edition.
#[derive(Clone)]
pub(crate) struct Live(Arc<Inner>);

struct Inner {
    /// Tells this process from the one before, whose pages may still be open.
    run: String,
    told: watch::Sender<Arc<Told>>,
}

/// How things stand.
#[derive(Clone, Debug, Default)]
struct Told {
    /// Counts whatever was told.
    stamp: u64,
    /// The number of the edition that is served; 0 while there is none.
    edition: u64,
    /// The edition since which pages are as they are.
    pages: u64,
    /// The edition since which auth.toml is as it is.
    site: u64,
    /// The addresses of the style sheets.
    sheets: Vec<String>,
    /// Why the newest edit is not served.
    findings: Vec<Finding>,
    /// What is worth knowing about the one that is served, as browsers show it.
    notes: Vec<Value>,
}

/// How far an edit reaches.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Reach {
    /// Style sheets alone: a page can take them without being loaded anew.
    Sheets,
    /// The look of pages.
    Pages,
    /// What pages there are, and what they do.
    Site,
}

/// On an answer in which no script runs: it is marked all the same, for the page around it.
#[derive(Clone, Copy)]
pub(crate) struct Scriptless;

/// One of the sites that follow each other in development, as its pages know it.
#[derive(Clone)]
pub(crate) struct Edition {
    pub(crate) live: Live,
    pub(crate) number: u64,
}

impl Live {
    /// Nothing is served yet. `run` is another one in every process.
    pub(crate) fn new(run: u64) -> Self {
        Self(Arc::new(Inner { run: format!("{run:016x}"), told: watch::Sender::default() }))
    }

    /// Whether the newest edit is served.
    pub(crate) fn is_content(&self) -> bool {
        self.0.told.borrow().findings.is_empty()
    }

    /// The edition that would be served next.
    pub(crate) fn next(&self) -> Edition {
        Edition { live: self.clone(), number: self.0.told.borrow().edition + 1 }
    }

    /// An edition is served, and nothing is wrong with it.
    pub(crate) fn publish(&self, edition: &Edition, sheets: Vec<String>, reach: Reach) {
        self.tell(|told| {
            told.edition = edition.number;
            if reach >= Reach::Pages {
                told.pages = edition.number;
            }
            if reach >= Reach::Site {
                told.site = edition.number;
            }
            told.sheets = sheets;
            told.findings.clear();
        });
    }

    /// The newest edit cannot be served.
    pub(crate) fn complain(&self, findings: &[Finding]) {
        self.tell(|told| findings.clone_into(&mut told.findings));
    }

    /// What is worth knowing about the edition that is served, although it is.
    pub(crate) fn note<'f>(&self, findings: impl Iterator<Item = &'f Finding>) {
        let notes: Vec<Value> = findings.map(shown).collect();
        if self.0.told.borrow().notes != notes {
            self.tell(|told| told.notes = notes);
        }
    }

    /// The newest edit is what is served already: whatever was wrong is undone.
    pub(crate) fn settle(&self) {
        if !self.is_content() {
            self.tell(|told| told.findings.clear());
        }
    }

    fn tell(&self, change: impl FnOnce(&mut Told)) {
        self.0.told.send_modify(|told| {
            let told = Arc::make_mut(told);
            told.stamp += 1;
            change(told);
        });
    }

    /// What is below [`FOLDER`].
    fn answer(&self, path: &str, headers: &HeaderMap) -> Option<Response> {
        let file = |content_type, content: &'static str| {
            let etag = fingerprint(content.as_bytes());
            let body = Bytes::from_static(content.as_bytes());
            send(File { content_type, etag, body, gzipped: false, immutable: false }, headers)
        };
        match path {
            EVENTS => Some(self.events()),
            SCRIPT => Some(file("text/javascript; charset=utf-8", include_str!("live/script.js"))),
            STYLE => Some(file("text/css; charset=utf-8", include_str!("live/style.css"))),
            _ => None,
        }
    }

    /// How things stand, now and whenever that changes.
    fn events(&self) -> Response {
        let mut told = self.0.told.subscribe();
        told.mark_changed();
        let run = self.0.run.clone();
        let events = stream::unfold((told, run), async |(mut told, run)| {
            told.changed().await.ok()?;
            let event = told.borrow_and_update().event(&run);
            Some((Ok::<_, std::io::Error>(Bytes::from(event)), (told, run)))
        });
        Response::builder()
            .header(CONTENT_TYPE, "text/event-stream")
            .header(CACHE_CONTROL, "no-store")
            .body(Body::from_bytes_stream(events))
    }

    /// The answer to everything while there is no site yet: what is wrong, until that is mended.
    pub(crate) fn in_place_of_a_site(&self, path: &str, headers: &HeaderMap) -> Response {
        let mut response = self.answer(path, headers).unwrap_or_else(|| {
            let told = self.0.told.borrow().clone();
            let tag = self.tag(0, &format!(" data-report=\"{}\"", told.stamp));
            let report = escape(&finding_report::human(&told.findings, false));
            let mut page =
                html_answer(StatusCode::SERVICE_UNAVAILABLE, report::page(&tag, STYLE, &report));
            page.headers_mut().insert(RETRY_AFTER, HeaderValue::from_static("1"));
            page
        });
        headers::secure(response.headers_mut(), false);
        response
    }

    fn tag(&self, edition: u64, more: &str) -> String {
        let run = &self.0.run;
        format!(
            "<script src=\"{SCRIPT}\" data-vestibule-live=\"{run}\" data-edition=\"{edition}\"{more} defer></script>\n"
        )
    }
}

impl Told {
    fn event(&self, run: &str) -> String {
        let state = json!({
            "run": run,
            "stamp": self.stamp,
            "edition": self.edition,
            "pages": self.pages,
            "site": self.site,
            "sheets": self.sheets,
            "findings": self.findings.iter().map(shown).collect::<Vec<Value>>(),
            "notes": self.notes,
        });
        // The browser comes back by itself after so many milliseconds, for example after a restart.
        format!("retry: 500\ndata: {state}\n\n")
    }
}

impl Edition {
    /// Puts the script into a page of the theme; parts of pages, files and whatever else stay as they are.
    pub(crate) async fn sign(&self, visit: &Visit, mut response: Response) -> Response {
        let is_html = |kind: &HeaderValue| kind.as_bytes().starts_with(b"text/html");
        let is_page = response.headers().get(CONTENT_TYPE).is_some_and(is_html)
            && !response.headers().contains_key(CONTENT_ENCODING)
            && !visit.path_str().starts_with(openapi::DOCS);
        if !is_page {
            return response;
        }
        let Ok(html) = response.take_body().into_bytes().await else { return response };
        let end = b"</head>";
        let place = html.windows(end.len()).position(|window| window == end);
        let Some((head, rest)) = place.and_then(|at| html.split_at_checked(at)) else {
            response.set_body(html);
            return response;
        };
        let is_scriptless = response.extensions().get::<Scriptless>().is_some();
        let more = match visit.method {
            _ if is_scriptless => " type=\"application/json\"",
            Method::POST => " data-posted",
            _ => "",
        };
        let tag = self.live.tag(self.number, more);
        response.set_body([head, tag.as_bytes(), rest].concat());
        response
    }
}

impl App {
    /// What only a site in development answers.
    pub(crate) fn dev_answer(&self, visit: &Visit, headers: &HeaderMap) -> Option<Response> {
        let live = &self.dev.as_ref()?.live;
        let read = is_read(&visit.method).then(|| live.answer(visit.path_str(), headers));
        read.flatten().or_else(|| self.preview(visit, headers))
    }
}
