//! The theme's gallery, while a site is in development: what a visitor would have to cause to see it.
//!
//! `serve` has none of this. Everybody in it is made up, and nothing that is typed into it goes anywhere.

use http::header::{
    CACHE_CONTROL, CONTENT_LANGUAGE, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderMap, HeaderValue,
    REFERER, X_FRAME_OPTIONS,
};
use http::{HeaderName, StatusCode};
use poem::Response;

use super::App;
use super::answer::html_answer;
use super::error::Failure;
use super::guard::is_read;
use super::live::Scriptless;
use super::visit::{Prefer, Visit};
use crate::theme::escape;
use crate::theme::gallery::{Exhibit, ExhibitKind, Gallery};

/// Where the gallery is.
pub(crate) const PLACE: &str = "/_vestibule/preview";
/// Everything of it is below.
pub(crate) const FOLDER: &str = "/_vestibule/preview/";

/// Of the gallery's own page: as that of every page, and frames of our own.
const CHROME: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; \
     font-src 'self'; connect-src 'self'; frame-src 'self'; form-action 'self'; \
     frame-ancestors 'none'; base-uri 'none'";
/// Of a page in a frame: as in production, but that the gallery may frame it.
const PAGE: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; \
     font-src 'self'; connect-src 'self'; form-action 'self'; frame-ancestors 'self'; \
     base-uri 'none'";
/// Of a mail, which brings its styles along as mails must, and in which no program runs a script.
const MAIL: &str = "default-src 'none'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; \
     form-action 'none'; frame-ancestors 'self'; base-uri 'none'";

impl App {
    /// The answer to whatever is about the gallery, or comes from a page of it.
    pub(super) fn preview(&self, visit: &Visit, headers: &HeaderMap) -> Option<Response> {
        let gallery = self.gallery.as_ref()?;
        let path = visit.path_str();
        if !is_read(&visit.method) {
            let is_meant = path.starts_with(FOLDER) || comes_from_gallery(headers);
            return is_meant.then(|| nothing_sent(visit, headers));
        }
        if path == PLACE {
            return Some(self.redirect(visit, FOLDER));
        }
        let name = match path.strip_prefix(FOLDER)? {
            "" => "index.html",
            name => name,
        };
        Some(match gallery.file(name) {
            Ok(Some(exhibit)) => shown(gallery, exhibit),
            Ok(None) => self.fail(visit, Failure::not_found()),
            Err(findings) => {
                let told = findings.iter().map(|it| match &it.place {
                    Some(place) => format!("{place}: {}", it.message),
                    None => it.message.clone(),
                });
                let failure = Failure::internal("a page of the gallery failed");
                self.fail(visit, failure.because(told.collect::<Vec<_>>().join("; ")))
            }
        })
    }
}

fn shown(gallery: &Gallery, exhibit: Exhibit) -> Response {
    let (policy, voice) = match exhibit.kind {
        ExhibitKind::Chrome => (CHROME, None),
        ExhibitKind::Page { voice } => (PAGE, Some(voice)),
        ExhibitKind::Mail { voice } => (MAIL, Some(voice)),
        ExhibitKind::Asset => (PAGE, None),
    };
    let mut response = Response::builder()
        .header(CONTENT_TYPE, HeaderValue::from_static(exhibit.content_type))
        .header(CONTENT_SECURITY_POLICY, HeaderValue::from_static(policy))
        .header(CACHE_CONTROL, HeaderValue::from_static("no-store"))
        .body(exhibit.body);
    if exhibit.kind != ExhibitKind::Chrome {
        let framed = HeaderValue::from_static("SAMEORIGIN");
        response.headers_mut().insert(X_FRAME_OPTIONS, framed);
    }
    if matches!(exhibit.kind, ExhibitKind::Mail { .. }) {
        response.extensions_mut().insert(Scriptless);
    }
    let tag = voice.map_or("en", |voice| gallery.tag(voice));
    if let Ok(tag) = HeaderValue::try_from(tag) {
        response.headers_mut().insert(CONTENT_LANGUAGE, tag);
    }
    response
}

/// Addresses of a specimen lead to specimens, but a template may have one of its own.
fn comes_from_gallery(headers: &HeaderMap) -> bool {
    let referer = headers.get(REFERER).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let after = referer.split_once("://").map_or("", |(_, rest)| rest);
    after.find('/').and_then(|at| after.get(at..)).is_some_and(|path| path.starts_with(FOLDER))
}

/// What is sent from a specimen is not looked at, and says so: as a page, or where HTMX swaps it in.
fn nothing_sent(visit: &Visit, headers: &HeaderMap) -> Response {
    let said = "<p role=\"status\">This is a preview: nothing was sent.";
    let back = headers.get(REFERER).and_then(|value| value.to_str().ok()).unwrap_or(FOLDER);
    let note = format!("{said} <a href=\"{}\">Back</a></p>\n", escape(back));
    let html = if visit.prefer == Prefer::Partial {
        note
    } else {
        format!(
            "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
             <title>Preview</title>\n<link rel=\"stylesheet\" href=\"{FOLDER}mail.css\">\n</head>\n\
             <body>\n<main>\n{note}</main>\n</body>\n</html>\n"
        )
    };
    let mut response = html_answer(StatusCode::FORBIDDEN, html);
    let own: [(HeaderName, &'static str); 3] = [
        (CONTENT_LANGUAGE, "en"),
        (CONTENT_SECURITY_POLICY, PAGE),
        (X_FRAME_OPTIONS, "SAMEORIGIN"),
    ];
    for (name, value) in own {
        response.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::web::headers::POLICY;

    #[test]
    fn a_page_in_the_gallery_may_do_what_it_may_in_production() {
        let production = POLICY;
        let production = production.to_str().unwrap();
        assert_eq!(PAGE, production.replace("frame-ancestors 'none'", "frame-ancestors 'self'"));
        assert_eq!(
            CHROME,
            production.replace("form-action", "frame-src 'self'; form-action"),
            "the gallery itself may frame our own pages, and no more"
        );
        assert!(!MAIL.contains("script"), "no script runs in a mail");
    }

    #[test]
    fn what_comes_from_the_gallery_is_known_by_its_referer() {
        let from = |referer: &str| {
            comes_from_gallery(&HeaderMap::from_iter([(REFERER, referer.parse().unwrap())]))
        };
        assert!(from("http://localhost:8080/_vestibule/preview/pages/en/auto/login.idle.html"));
        assert!(!from("http://localhost:8080/login?next=/_vestibule/preview/"));
        assert!(!from("http://localhost:8080/login"));
        assert!(!from("/_vestibule/preview/"));
        assert!(!comes_from_gallery(&HeaderMap::new()));
    }
}
