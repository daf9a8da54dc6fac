//! Which template wrote an element: every opening tag that stands in a template is given its place as an
//! attribute, in copies of the templates that no visitor sees.

use std::sync::Arc;

use crate::finding::Place;
use crate::theme::engine::is_template;
use crate::theme::layers::ThemeFiles;

/// The attribute that says where a tag stands.
pub(super) const ATTRIBUTE: &str = "data-vb-at";

/// Where a tag stands: which file, and the byte that it begins at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Mark {
    file: usize,
    at: usize,
}

impl Mark {
    pub(super) fn read(value: &str) -> Option<Self> {
        let (file, at) = value.split_once(':')?;
        Some(Self { file: file.parse().ok()?, at: at.parse().ok()? })
    }
}

/// The files that marks speak of.
#[derive(Default)]
pub(super) struct Marks {
    files: Vec<Marked>,
}

struct Marked {
    shown_as: String,
    source: Arc<str>,
    /// The name of its layer.
    layer: String,
}

impl Marks {
    /// The same files with a mark in every opening tag of a template.
    pub(super) fn write(files: &ThemeFiles) -> (ThemeFiles, Self) {
        let mut marks = Self::default();
        let marked = files.rewritten(|layer, path, file| {
            let source = std::str::from_utf8(&file.bytes).ok().filter(|_| is_template(path))?;
            let (shown_as, layer) = (file.shown_as.clone(), layer.to_owned());
            marks.files.push(Marked { shown_as, source: source.into(), layer });
            Some(with_marks(source, marks.files.len() - 1))
        });
        (marked, marks)
    }

    /// The tag in its template.
    pub(super) fn place(&self, mark: Mark) -> Option<Place> {
        let file = self.files.get(mark.file)?;
        let name = file.source.get(mark.at + 1..)?;
        let length = name.find(|it: char| !it.is_ascii_alphanumeric()).unwrap_or(name.len());
        let span = mark.at..mark.at + 1 + length;
        Some(Place::in_file(file.shown_as.clone(), &file.source, span))
    }

    /// The layer whose template wrote it.
    pub(super) fn layer(&self, mark: Mark) -> Option<&str> {
        self.files.get(mark.file).map(|file| file.layer.as_str())
    }
}

/// What the text of such an element is not markup.
const RAW: [&str; 4] = ["script", "style", "textarea", "title"];

/// The source with a mark in every opening tag.
fn with_marks(source: &str, file: usize) -> String {
    let mut out = String::with_capacity(source.len() * 2);
    let mut at = 0;
    while let Some(rest) = source.get(at..).filter(|rest| !rest.is_empty()) {
        let taken = if let Some(length) = not_text(rest) {
            push(&mut out, rest, length)
        } else if let Some(name) = opened(rest) {
            push(&mut out, rest, 1 + name.len());
            out.extend([" ", ATTRIBUTE, "=\"", &format!("{file}:{at}"), "\""]);
            let end = 1 + name.len();
            let tag = rest.get(end..).map_or(0, tag_length);
            let inside = rest.get(end + tag..).unwrap_or_default();
            let raw = raw_length(&name.to_ascii_lowercase(), inside);
            push(&mut out, rest.get(end..).unwrap_or_default(), tag + raw) + end
        } else {
            push(&mut out, rest, rest.chars().next().map_or(1, char::len_utf8))
        };
        at += taken;
    }
    out
}

fn push(out: &mut String, text: &str, length: usize) -> usize {
    let length = length.min(text.len());
    out.push_str(text.get(..length).unwrap_or_default());
    length
}

/// How long what stands here is, where it is no text of the page: a tag of the template language, an
/// expression, a comment of either language.
fn not_text(rest: &str) -> Option<usize> {
    if rest.starts_with("{%") && is_raw_block(rest) {
        return Some(rest.find("endraw").unwrap_or(rest.len()));
    }
    let pairs = [("{{", "}}"), ("{%", "%}"), ("{#", "#}"), ("<!--", "-->")];
    let (open, close) = pairs.into_iter().find(|(open, _)| rest.starts_with(open))?;
    let end = match open {
        "{{" | "{%" => end_of_code(rest, close),
        _ => rest.find(close).map(|at| at + close.len()),
    };
    Some(end.unwrap_or(rest.len()))
}

fn is_raw_block(rest: &str) -> bool {
    let inside = rest.get(2..).unwrap_or_default().trim_start_matches(['-', '+']).trim_start();
    inside.strip_prefix("raw").is_some_and(|it| it.trim_start().starts_with(['-', '%', '+']))
}

/// Where code ends: `}}` inside of a string does not end it.
fn end_of_code(rest: &str, close: &str) -> Option<usize> {
    let mut quote = None;
    let mut escaped = false;
    for (at, it) in rest.char_indices().skip(2) {
        match quote {
            Some(_) if escaped => escaped = false,
            Some(_) if it == '\\' => escaped = true,
            Some(open) if it == open => quote = None,
            None if matches!(it, '"' | '\'') => quote = Some(it),
            None if rest.get(at..).is_some_and(|it| it.starts_with(close)) => {
                return Some(at + close.len());
            }
            _ => {}
        }
    }
    None
}

/// The name of the tag that is opened here, where it is written out.
fn opened(rest: &str) -> Option<&str> {
    let inside = rest.strip_prefix('<')?;
    let end = inside.find(|it: char| !(it.is_ascii_alphanumeric() || it == '-'))?;
    let (name, after) = inside.split_at_checked(end)?;
    let starts = name.starts_with(|it: char| it.is_ascii_alphabetic());
    // What comes from an expression would go on with the name.
    (starts && !after.starts_with("{{")).then_some(name)
}

/// How far it is to the end of the tag, with the bracket.
fn tag_length(rest: &str) -> usize {
    let mut at = 0;
    let mut quote = None;
    while let Some(here) = rest.get(at..).filter(|here| !here.is_empty()) {
        if let Some(length) = not_text(here).filter(|_| !here.starts_with('<')) {
            at += length;
            continue;
        }
        let Some(it) = here.chars().next() else { break };
        at += it.len_utf8();
        match quote {
            Some(open) if open == it => quote = None,
            None if matches!(it, '"' | '\'') => quote = Some(it),
            None if it == '>' => return at,
            _ => {}
        }
    }
    // A tag that ends in another file, or a quote that an `if` leaves open: nothing is skipped.
    0
}

/// How long the text of an element is in which `<` opens nothing.
fn raw_length(name: &str, inside: &str) -> usize {
    if !RAW.contains(&name) {
        return 0;
    }
    let close = ["</", name].concat();
    inside.to_ascii_lowercase().find(&close).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::with_marks;

    #[test]
    fn tags_of_the_page_are_marked_and_nothing_else_is_touched() {
        let short = regex::Regex::new(" data-vb-at=\"7:([0-9]+)\"").unwrap();
        for (source, marked) in [
            ("<p>", "<p @0>"),
            ("ü<p class=\"a\">x</p><br/>", "ü<p @2 class=\"a\">x</p><br @20/>"),
            ("{{ \"<p>}}\" }}<b>", "{{ \"<p>}}\" }}<b @13>"),
            ("{% if a < b %}<b>{% endif %}", "{% if a < b %}<b @14>{% endif %}"),
            ("{# <p> #}<!-- <p> --><i>", "{# <p> #}<!-- <p> --><i @21>"),
            ("{% raw %}<p>{{{% endraw %}<i>", "{% raw %}<p>{{{% endraw %}<i @26>"),
            ("<h{{ n }}>", "<h{{ n }}>"),
            (
                "<a title=\"<b>\" {% if x > 1 %}x{% endif %}><i>",
                "<a @0 title=\"<b>\" {% if x > 1 %}x{% endif %}><i @42>",
            ),
            ("<title>a <b> c</title><b>", "<title @0>a <b> c</title><b @22>"),
            ("<input\n{%- if a %} b{% endif %}>", "<input @0\n{%- if a %} b{% endif %}>"),
            ("a < b <", "a < b <"),
        ] {
            let out = with_marks(source, 7);
            assert_eq!(short.replace_all(&out, " @$1"), marked, "{source}");
        }
    }
}
