//! A page as a browser would read it: a tree of elements, each with the place that wrote it, and what
//! was wrong on the way.

mod build;

use std::cell::OnceCell;
use std::collections::HashMap;

pub(super) use self::build::parse;
use super::marks::Mark;

/// A parsed page.
pub(super) struct Tree {
    nodes: Vec<Node>,
    /// The elements as they stand in the page.
    order: Vec<usize>,
    by_id: HashMap<String, usize>,
    /// What a browser has to mend, and where.
    pub faults: Vec<Fault>,
    /// Whether the page has a doctype that browsers take for HTML.
    pub is_standard: bool,
    /// How many bytes of the page are marks.
    pub mark_bytes: usize,
    /// Collected when it is asked for.
    text: OnceCell<String>,
}

/// Markup that no specification allows.
pub(super) struct Fault {
    pub message: String,
    pub mark: Option<Mark>,
}

#[derive(Default)]
struct Node {
    parent: Option<usize>,
    children: Vec<usize>,
    content: Content,
}

#[derive(Default)]
enum Content {
    /// The document, or what has no meaning here.
    #[default]
    Nothing,
    Element(Data),
    Text(String),
    Comment(String),
}

struct Data {
    name: String,
    attributes: Vec<(String, String)>,
    mark: Option<Mark>,
}

/// One element of a tree.
#[derive(Clone, Copy)]
pub(super) struct Element<'a> {
    tree: &'a Tree,
    at: usize,
    data: &'a Data,
}

impl PartialEq for Element<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.at == other.at
    }
}

impl Tree {
    fn element(&self, at: usize) -> Option<Element<'_>> {
        match &self.nodes.get(at)?.content {
            Content::Element(data) => Some(Element { tree: self, at, data }),
            _ => None,
        }
    }

    /// Every element, in the order of the page.
    pub(super) fn elements(&self) -> impl DoubleEndedIterator<Item = Element<'_>> {
        self.order.iter().filter_map(|at| self.element(*at))
    }

    /// The elements of these names.
    pub(super) fn named<'a>(&'a self, names: &'a [&str]) -> impl Iterator<Item = Element<'a>> {
        self.elements().filter(move |element| element.is(names))
    }

    pub(super) fn first(&self, name: &str) -> Option<Element<'_>> {
        self.elements().find(|element| element.data.name == name)
    }

    /// The element with this id; the first where there are more.
    pub(super) fn by_id(&self, id: &str) -> Option<Element<'_>> {
        self.by_id.get(id).and_then(|at| self.element(*at))
    }

    /// What a visitor can read on the page, blanks made one.
    pub(super) fn visible_text(&self) -> &str {
        self.text.get_or_init(|| self.first("body").map(Element::visible_text).unwrap_or_default())
    }

    /// Comments with the element that they stand in.
    pub(super) fn comments(&self) -> impl Iterator<Item = (&str, Option<Element<'_>>)> {
        self.nodes.iter().filter_map(|node| match &node.content {
            Content::Comment(text) => {
                Some((text.as_str(), node.parent.and_then(|at| self.element(at))))
            }
            _ => None,
        })
    }

    /// Texts with the element that they stand in, as they are.
    pub(super) fn texts(&self) -> impl Iterator<Item = (&str, Element<'_>)> {
        self.nodes.iter().filter_map(|node| match &node.content {
            Content::Text(text) => Some((text.as_str(), self.element(node.parent?)?)),
            _ => None,
        })
    }
}

/// What has a text that nobody sees.
const UNSEEN: [&str; 5] = ["script", "style", "template", "title", "head"];

impl<'a> Element<'a> {
    pub(super) fn name(self) -> &'a str {
        &self.data.name
    }

    pub(super) fn is(self, names: &[&str]) -> bool {
        names.contains(&self.name())
    }

    pub(super) fn mark(self) -> Option<Mark> {
        self.data.mark
    }

    pub(super) fn get(self, attribute: &str) -> Option<&'a str> {
        let mut attributes = self.data.attributes.iter();
        attributes.find(|(name, _)| name == attribute).map(|(_, value)| value.as_str())
    }

    pub(super) fn has(self, attribute: &str) -> bool {
        self.get(attribute).is_some()
    }

    /// Whether an attribute has this value, in any case of letters.
    pub(super) fn says(self, attribute: &str, value: &str) -> bool {
        self.get(attribute).is_some_and(|it| it.trim().eq_ignore_ascii_case(value))
    }

    /// The words of an attribute: ids, tokens, classes.
    pub(super) fn words(self, attribute: &str) -> impl Iterator<Item = &'a str> {
        self.get(attribute).unwrap_or_default().split_ascii_whitespace()
    }

    pub(super) fn attributes(self) -> impl Iterator<Item = (&'a str, &'a str)> {
        self.data.attributes.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// `<button type="submit">` without its attributes' values, to name it in a message.
    pub(super) fn shown(self) -> String {
        let name = self.name();
        let known = ["id", "name", "type", "class"].into_iter();
        match known.into_iter().find_map(|key| Some((key, self.get(key)?))) {
            Some((key, value)) if !value.contains(['<', '>', '"']) => {
                format!("<{name} {key}=\"{value}\">")
            }
            _ => format!("<{name}>"),
        }
    }

    pub(super) fn parent(self) -> Option<Self> {
        self.tree.nodes.get(self.at)?.parent.and_then(|at| self.tree.element(at))
    }

    /// The elements around it, the nearest first.
    pub(super) fn ancestors(self) -> impl Iterator<Item = Self> {
        std::iter::successors(self.parent(), |element| element.parent())
    }

    /// It, and the elements around it.
    pub(super) fn with_ancestors(self) -> impl Iterator<Item = Self> {
        std::iter::successors(Some(self), |element| element.parent())
    }

    /// The nearest element of this name around it.
    pub(super) fn inside(self, name: &str) -> Option<Self> {
        self.ancestors().find(|element| element.name() == name)
    }

    fn child_nodes(self) -> &'a [usize] {
        self.tree.nodes.get(self.at).map_or(&[], |node| node.children.as_slice())
    }

    pub(super) fn children(self) -> impl Iterator<Item = Self> {
        self.child_nodes().iter().filter_map(move |at| self.tree.element(*at))
    }

    /// The elements inside of it, in the order of the page.
    pub(super) fn descendants(self) -> Vec<Self> {
        let mut found = Vec::new();
        for child in self.children() {
            found.push(child);
            found.extend(child.descendants());
        }
        found
    }

    /// Whether nobody gets to see it.
    pub(super) fn is_hidden(self) -> bool {
        let is_input = self.name() == "input" && self.says("type", "hidden");
        is_input || self.with_ancestors().any(Self::hides)
    }

    fn hides(self) -> bool {
        self.has("hidden") || self.is(&UNSEEN)
    }

    /// What can be read in it, blanks made one.
    pub(super) fn visible_text(self) -> String {
        let mut text = String::new();
        self.collect(&mut text, &Self::hides, false);
        one_blank(&text)
    }

    /// What is read out of it: pictures by their words, without what is hidden from screen readers.
    pub(super) fn spoken_text(self) -> String {
        let mut text = String::new();
        self.collect(&mut text, &|it| it.hides() || it.says("aria-hidden", "true"), true);
        one_blank(&text)
    }

    fn collect(self, text: &mut String, is_left_out: &dyn Fn(Self) -> bool, is_spoken: bool) {
        for at in self.child_nodes() {
            match self.tree.nodes.get(*at).map(|node| &node.content) {
                Some(Content::Text(more)) => text.push_str(more),
                Some(Content::Element(data)) => {
                    let child = Self { tree: self.tree, at: *at, data };
                    if is_left_out(child) {
                        continue;
                    }
                    let is_inline = child.is(&INLINE);
                    text.push_str(if is_inline { "" } else { " " });
                    let label = child.get("aria-label").or_else(|| child.get("alt"));
                    match label.filter(|label| is_spoken && !label.trim().is_empty()) {
                        Some(label) => text.extend([" ", label, " "]),
                        None => child.collect(text, is_left_out, is_spoken),
                    }
                    text.push_str(if is_inline { "" } else { " " });
                }
                _ => {}
            }
        }
    }
}

/// What stands within a line, so that a word may go on behind it.
const INLINE: [&str; 14] = [
    "a", "abbr", "b", "bdi", "bdo", "cite", "code", "em", "i", "mark", "small", "span", "strong",
    "wbr",
];

/// The same with every row of blanks made one.
pub(super) fn one_blank(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[track_caller]
    fn faults(inside: &str) -> Vec<String> {
        let html = format!(
            "<!doctype html><html><head><title>x</title></head><body>{inside}</body></html>"
        );
        parse(&html).faults.into_iter().map(|fault| fault.message).collect()
    }

    #[test]
    fn what_browsers_mend_is_told_in_plain_words() {
        for (markup, said) in [
            ("<main><div><p>x</p></main>", "<div> is not closed where </main> stands"),
            ("<p>x</section>", "</section> closes nothing that is open"),
            ("<p class=a class=b>x</p>", "an attribute stands twice in one tag"),
            ("<div/>x</div>", "<div> cannot close itself with a slash"),
            ("<form><form></form></form>", "a <form> stands inside of another"),
            ("<p title=\"a\"b>x</p>", "the character 'b' stands where it may not, in a tag"),
            ("<b><i>x</b></i>", "<i> is not closed where </b> stands"),
        ] {
            let faults = faults(markup);
            assert!(faults.contains(&said.to_owned()), "{markup}: {faults:?}");
        }
    }

    #[test]
    fn what_html_allows_is_no_fault() {
        for markup in [
            "<ul><li>x<li>y</ul><p>x<p>y<br><br/><input/>",
            "<svg viewBox=\"0 0 1 1\"><path d=\"M0 0\"/><g><circle r=\"1\"/></g></svg>",
            "<table><tr><td>x<td>y</table><select><option>x<option>y</select>",
            "<textarea>\n<b></textarea><picture><source srcset=x><img src=y alt></picture>",
        ] {
            assert!(faults(markup).is_empty(), "{markup}: {:?}", faults(markup));
        }
    }

    #[test]
    fn text_that_can_be_read_is_told_from_what_cannot() {
        let tree = parse(
            "<title>t</title><p>a<b>b</b> c<span hidden>d</span></p><p>e</p><script>f</script>",
        );
        assert_eq!(tree.visible_text(), "ab c e");
        let tree = parse("<h1>x<img alt='y' src=z> <i aria-hidden=true>i</i></h1>");
        assert_eq!(tree.first("h1").unwrap().spoken_text(), "x y");
    }
}
