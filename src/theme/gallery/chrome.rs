//! What is around the specimens: the page that lists and shows them, and the manifest for programs.

use bytes::Bytes;
use minijinja::value::Serde;
use minijinja::{AutoEscape, Environment, UndefinedBehavior, context};
use serde::Serialize;
use serde_json::{Value, json};

use super::{Exhibit, ExhibitKind, Gallery, Group, Mode, PAGES, Specimen, Voice};
use crate::theme::brand;
use crate::theme::engine::{compact_blocks, print_escaped};

/// The list of all specimens, for programs. It marks a folder as a gallery of ours.
pub(super) const MANIFEST: &str = "manifest.json";
/// The gallery's own files.
pub(super) const FILES: [&str; 4] = ["index.html", "gallery.css", "gallery.js", "mail.css"];

const MARK: &str = "vestibule theme gallery";
/// Changes when a field of the manifest changes its meaning.
const FORMAT: u32 = 1;

/// Whether a manifest is that of a gallery.
pub(super) fn is_ours(manifest: &[u8]) -> bool {
    let manifest: Value = serde_json::from_slice(manifest).unwrap_or_default();
    manifest.get("generator").is_some_and(|generator| generator == MARK)
}

pub(super) fn file(gallery: &Gallery, path: &str) -> Option<Exhibit> {
    let css = "text/css; charset=utf-8";
    let (content_type, body) = match path {
        "index.html" => ("text/html; charset=utf-8", Bytes::from(index(gallery))),
        "gallery.css" => (css, Bytes::from_static(include_bytes!("chrome/gallery.css"))),
        "gallery.js" => {
            let script = include_bytes!("chrome/gallery.js");
            ("text/javascript; charset=utf-8", Bytes::from_static(script))
        }
        "mail.css" => (css, Bytes::from_static(include_bytes!("chrome/mail.css"))),
        MANIFEST => ("application/json", Bytes::from(format!("{:#}\n", manifest(gallery)))),
        _ => return None,
    };
    Some(Exhibit { kind: ExhibitKind::Chrome, content_type, body })
}

fn manifest(gallery: &Gallery) -> Value {
    let theme = brand::theme_info(&gallery.look.files, &gallery.look.options);
    let mut entries = Vec::new();
    for specimen in &gallery.specimens {
        for voice in &gallery.voices {
            let title = voice.title(&specimen.id, specimen.mail);
            entries.extend(specimen.modes().iter().map(|mode| Entry {
                specimen,
                title: title.clone(),
                locale: &voice.tag,
                dir: voice.dir,
                mode: *mode,
                file: file_of(voice, *mode, specimen),
            }));
        }
    }
    json!({
        "generator": MARK,
        "format": FORMAT,
        "version": env!("CARGO_PKG_VERSION"),
        "theme": { "name": theme.name, "version": theme.version },
        "specimens": entries,
    })
}

fn file_of(voice: &Voice, mode: Mode, specimen: &Specimen) -> String {
    format!("{PAGES}/{}/{}/{}", voice.tag, mode.name(), specimen.file())
}

/// A specimen in one language and mode.
#[derive(Serialize)]
struct Entry<'a> {
    #[serde(flatten)]
    specimen: &'a Specimen,
    title: String,
    locale: &'a str,
    dir: &'a str,
    mode: Mode,
    file: String,
}

/// What the list shows of a page.
#[derive(Serialize)]
struct Listed<'a> {
    page: &'a str,
    specimens: Vec<Linked<'a>>,
}

#[derive(Serialize)]
struct Linked<'a> {
    #[serde(flatten)]
    specimen: &'a Specimen,
    title: String,
    file: String,
    /// Whether it is there for each mode.
    has_modes: bool,
}

fn index(gallery: &Gallery) -> String {
    let Some(first) = gallery.voices.first() else { return String::new() };
    let mut groups: Vec<(Group, Vec<Listed<'_>>)> = Vec::new();
    for specimen in &gallery.specimens {
        if groups.last().is_none_or(|(group, _)| *group != specimen.group) {
            groups.push((specimen.group, Vec::new()));
        }
        let Some((_, pages)) = groups.last_mut() else { continue };
        let linked = Linked {
            specimen,
            title: first.title(&specimen.id, specimen.mail),
            file: file_of(first, Mode::Auto, specimen),
            has_modes: specimen.mail.is_none(),
        };
        match pages.iter_mut().find(|listed| listed.page == specimen.page) {
            Some(listed) => listed.specimens.push(linked),
            None => pages.push(Listed { page: &specimen.page, specimens: vec![linked] }),
        }
    }
    let groups: Vec<Value> = groups
        .into_iter()
        .map(|(group, pages)| json!({ "name": heading(group), "pages": pages }))
        .collect();
    let locales: Vec<Value> = gallery
        .voices
        .iter()
        .map(|voice| json!({ "tag": voice.tag, "label": voice.label, "dir": voice.dir }))
        .collect();
    let theme = brand::theme_info(&gallery.look.files, &gallery.look.options);
    let mut env = Environment::new();
    env.set_syntax(compact_blocks());
    env.set_undefined_behavior(UndefinedBehavior::Strict);
    env.set_auto_escape_callback(|_| AutoEscape::Html);
    env.set_formatter(print_escaped);
    let values = context! {
        groups => minijinja::Value::from(Serde(groups)),
        locales => minijinja::Value::from(Serde(locales)),
        live => gallery.addresses.is_live,
        theme => context! { name => theme.name, version => theme.version },
        version => env!("CARGO_PKG_VERSION"),
        count => gallery.specimens.len(),
    };
    // The template is our own, and a test renders it.
    env.render_named_str("index.html", include_str!("chrome/index.html"), values)
        .unwrap_or_default()
}

fn heading(group: Group) -> &'static str {
    match group {
        Group::Pages => "Pages",
        Group::Declared => "Declared in auth.toml",
        Group::Samples => "Sample forms and pages",
        Group::Errors => "Errors",
        Group::Mails => "Mails",
    }
}
