//! The HTML in templates before it is rendered: what is said literally, and what stands in attributes.

use std::ops::Range;

use minijinja::machinery::ast::{Expr, Stmt};

use super::tree::{own_texts, parts};

/// What was found in the statements of a template.
#[derive(Default)]
pub(super) struct Markup<'s> {
    /// Text between tags, in pieces of the source.
    pub texts: Vec<&'s str>,
    pub attributes: Vec<Attribute<'s>>,
    /// What it includes inside of a tag.
    pub in_tags: Vec<String>,
    /// What it includes inside of a value.
    pub in_values: Vec<String>,
}

/// Where the template that includes another is at that moment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Start {
    #[default]
    Text,
    InTag,
    InValue,
}

pub(super) struct Attribute<'s> {
    /// In lower case; the name of the element.
    pub element: String,
    pub name: &'s str,
    pub value: Vec<Piece<'s>>,
}

/// A part of a value.
pub(super) enum Piece<'s> {
    /// Of the source.
    Text(&'s str),
    /// One of several texts of an expression, with the place of each.
    OneOf(Vec<(String, Range<usize>)>),
    /// The ways through an `if`.
    Either(Vec<Vec<Piece<'s>>>),
    /// Whatever an expression comes to.
    Unknown,
}

/// One word of a value.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Word {
    pub text: String,
    pub at: Range<usize>,
    /// Whether something unknown stands directly before it.
    pub goes_on_before: bool,
    /// Whether something unknown stands directly after it.
    pub goes_on_after: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Text,
    Element,
    InTag,
    Name,
    AfterName,
    /// Until this byte; 0 for a value without quotes.
    Value(u8),
    Comment,
    /// Inside `script` and `style`.
    Raw,
    /// A part of a value that began in another template.
    Elsewhere,
}

struct Scanner<'s> {
    state: State,
    element: String,
    name: &'s str,
    value: Vec<Piece<'s>>,
    found: Markup<'s>,
}

/// Reads the markup of a whole template.
pub(super) fn read<'s>(tree: &[Stmt<'s>], start: Start) -> Markup<'s> {
    let mut scanner = Scanner {
        state: match start {
            Start::Text => State::Text,
            Start::InTag => State::InTag,
            Start::InValue => State::Elsewhere,
        },
        element: String::new(),
        name: "",
        value: Vec::new(),
        found: Markup::default(),
    };
    scanner.walk(tree);
    scanner.found
}

impl<'s> Scanner<'s> {
    fn walk(&mut self, statements: &[Stmt<'s>]) {
        for stmt in statements {
            match stmt {
                Stmt::EmitRaw(raw) => self.feed(raw.raw),
                Stmt::EmitExpr(it) => self.fill(&it.expr),
                Stmt::IfCond(it) => self.choose(&it.true_body, &it.false_body),
                Stmt::ForLoop(it) => self.choose(&it.body, &it.else_body),
                Stmt::Include(it) => self.include(&it.name),
                Stmt::Macro(it) => self.aside(&it.body),
                Stmt::SetBlock(it) => self.aside(&it.body),
                other => parts(other).1.into_iter().for_each(|body| self.walk(body)),
            }
        }
    }

    fn include(&mut self, name: &Expr<'_>) {
        let names = own_texts(name).unwrap_or_default().into_iter().map(|(name, _)| name);
        match self.state {
            State::InTag => self.found.in_tags.extend(names),
            State::Value(_) => {
                self.found.in_values.extend(names);
                self.value.push(Piece::Unknown);
            }
            _ => {}
        }
    }

    /// What is kept for later does not stand here.
    fn aside(&mut self, body: &[Stmt<'s>]) {
        let state = std::mem::replace(&mut self.state, State::Text);
        let value = std::mem::take(&mut self.value);
        self.walk(body);
        (self.state, self.value) = (state, value);
    }

    fn fill(&mut self, expr: &Expr<'_>) {
        match self.state {
            State::AfterName => self.state = State::Value(0),
            State::Value(_) => {}
            _ => return,
        }
        self.value.push(own_texts(expr).map_or(Piece::Unknown, Piece::OneOf));
    }

    /// Both bodies begin in the same place of the markup, and are expected to end in the same.
    fn choose(&mut self, first: &[Stmt<'s>], second: &[Stmt<'s>]) {
        let (state, element, name) = (self.state, self.element.clone(), self.name);
        let before = std::mem::take(&mut self.value);
        let was_in_value = matches!(state, State::Value(_));
        if !was_in_value {
            self.value = before;
            self.walk(first);
            let after = (self.state, self.element.clone(), self.name);
            (self.state, self.element, self.name) = (state, element, name);
            self.walk(second);
            (self.state, self.element, self.name) = after;
            return;
        }
        self.walk(first);
        let one = std::mem::take(&mut self.value);
        let after = self.state;
        self.state = state;
        self.walk(second);
        let other = std::mem::take(&mut self.value);
        self.state = after;
        self.value = before;
        self.value.push(Piece::Either(vec![one, other]));
    }

    fn feed(&mut self, raw: &'s str) {
        let mut start = 0;
        let mut at = 0;
        while at < raw.len() {
            let (rest, byte) = (&raw[at..], raw.as_bytes()[at]);
            let state = self.state;
            match state {
                State::Text if rest.starts_with("<!--") => self.state = State::Comment,
                State::Text if byte == b'<' && opens(rest) => self.state = State::Element,
                State::Comment if rest.starts_with("-->") => self.state = State::Text,
                State::Raw if self.closes_raw(rest) => self.state = State::Element,
                State::Element
                    if at > start + 1
                        && (byte.is_ascii_whitespace() || matches!(byte, b'>' | b'/')) =>
                {
                    // The name of an end tag keeps its slash: nothing is inside of that.
                    self.element = raw[start + 1..at].to_ascii_lowercase();
                    self.state = if byte == b'>' { self.after_tag() } else { State::InTag };
                }
                State::InTag | State::Name | State::AfterName if byte == b'>' => {
                    self.state = self.after_tag();
                }
                State::InTag if !byte.is_ascii_whitespace() && byte != b'/' => {
                    self.state = State::Name;
                }
                State::Name if byte == b'=' || byte.is_ascii_whitespace() => {
                    self.name = &raw[start..at];
                    self.state = if byte == b'=' { State::AfterName } else { State::InTag };
                }
                State::AfterName if matches!(byte, b'"' | b'\'') => {
                    self.state = State::Value(byte);
                    at += 1;
                    start = at;
                    continue;
                }
                State::AfterName if !byte.is_ascii_whitespace() => self.state = State::Value(0),
                State::Value(0) if byte.is_ascii_whitespace() || byte == b'>' => {
                    self.keep(&raw[start..at]);
                    self.finish();
                    self.state = if byte == b'>' { self.after_tag() } else { State::InTag };
                }
                State::Value(quote) if byte == quote && quote != 0 => {
                    self.keep(&raw[start..at]);
                    self.finish();
                    self.state = State::InTag;
                }
                _ => {}
            }
            if self.state != state {
                if state == State::Text {
                    self.found.texts.push(&raw[start..at]);
                }
                start = if matches!(self.state, State::Element | State::Name | State::Value(0)) {
                    at
                } else {
                    at + 1
                };
            }
            at += raw[at..].chars().next().map_or(1, char::len_utf8);
        }
        let rest = raw.get(start..).unwrap_or_default();
        match self.state {
            State::Text => self.found.texts.push(rest),
            State::Value(_) => self.keep(rest),
            State::Element => self.element = rest.trim_start_matches('<').to_ascii_lowercase(),
            State::Name => self.name = rest,
            _ => {}
        }
        if matches!(self.state, State::Element | State::Name) {
            self.state = State::InTag;
        }
    }

    fn closes_raw(&self, rest: &str) -> bool {
        rest.strip_prefix("</").is_some_and(|rest| {
            rest.get(..self.element.len())
                .is_some_and(|name| name.eq_ignore_ascii_case(&self.element))
        })
    }

    fn after_tag(&self) -> State {
        if matches!(&*self.element, "script" | "style") { State::Raw } else { State::Text }
    }

    fn keep(&mut self, text: &'s str) {
        if !text.is_empty() {
            self.value.push(Piece::Text(text));
        }
    }

    fn finish(&mut self) {
        let value = std::mem::take(&mut self.value);
        let (element, name) = (self.element.clone(), self.name);
        self.found.attributes.push(Attribute { element, name, value });
    }
}

/// Whether a `<` begins a tag.
fn opens(rest: &str) -> bool {
    let next = rest.as_bytes().get(1);
    next.is_none_or(|next| next.is_ascii_alphabetic() || matches!(next, b'/' | b'!'))
}

/// The words of a value, as of `class`.
pub(super) fn words(source: &str, value: &[Piece<'_>]) -> Vec<Word> {
    let mut words = Vec::new();
    collect(source, value, false, false, &mut words);
    words
}

fn collect(
    source: &str,
    value: &[Piece<'_>],
    mut before: bool,
    after: bool,
    words: &mut Vec<Word>,
) {
    for (index, piece) in value.iter().enumerate() {
        let next = begins(&value[index + 1..], after);
        match piece {
            Piece::Text(text) => {
                split(text, super::tree::place_of(source, text).start, before, next, words);
            }
            Piece::OneOf(texts) => {
                for (text, at) in texts {
                    // Behind the quote.
                    split(text, at.start + 1, before, next, words);
                }
            }
            Piece::Either(ways) => {
                for way in ways {
                    collect(source, way, before, next, words);
                }
            }
            Piece::Unknown => {}
        }
        before = ends(piece, before);
    }
}

fn split(text: &str, start: usize, before: bool, after: bool, words: &mut Vec<Word>) {
    for word in text.split_ascii_whitespace() {
        let at = super::tree::place_of(text, word);
        words.push(Word {
            text: word.to_owned(),
            goes_on_before: before && at.start == 0,
            goes_on_after: after && at.end == text.len(),
            at: start + at.start..start + at.end,
        });
    }
}

/// Whether what follows goes on without a blank.
fn begins(pieces: &[Piece<'_>], otherwise: bool) -> bool {
    let Some((first, rest)) = pieces.split_first() else { return otherwise };
    match first {
        Piece::Text(text) => !text.starts_with(|c: char| c.is_ascii_whitespace()),
        Piece::OneOf(texts) => {
            texts.iter().any(|(text, _)| !text.is_empty() && !text.starts_with(' '))
        }
        Piece::Either(ways) => ways.iter().any(|way| begins(way, begins(rest, otherwise))),
        Piece::Unknown => true,
    }
}

/// Whether a piece ends without a blank.
fn ends(piece: &Piece<'_>, before: bool) -> bool {
    match piece {
        Piece::Text(text) => !text.ends_with(|c: char| c.is_ascii_whitespace()),
        Piece::OneOf(texts) => {
            texts.iter().any(|(text, _)| !text.is_empty() && !text.ends_with(' '))
        }
        Piece::Either(ways) => {
            ways.iter().any(|way| way.iter().fold(before, |before, piece| ends(piece, before)))
        }
        Piece::Unknown => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn classes(source: &str) -> Vec<String> {
        let tree = vec![super::super::tree::parse(source).unwrap()];
        let markup = read(&tree, Start::Text);
        let class = markup.attributes.iter().find(|it| it.name == "class").unwrap();
        let shown = |word: Word| {
            assert_eq!(&source[word.at.clone()], word.text);
            let dots = |on: bool| if on { "…" } else { "" };
            format!("{}{}{}", dots(word.goes_on_before), word.text, dots(word.goes_on_after))
        };
        words(source, &class.value).into_iter().map(shown).collect()
    }

    #[test]
    fn words_of_a_class_are_told_from_parts_of_words() {
        for (source, expected) in [
            ("<p class=\"a b\">x", "a b"),
            ("<p class='field{% if x %} field-choice{% endif %}'>", "field field-choice"),
            ("<p class=\"{% if x %}a{% else %}b{% endif %}\">", "a b"),
            ("<p class=\"{% if x %}a{% else %}b{% endif %} c\">", "a b c"),
            ("<p class=\"btn-{% if x %}a{% else %}b{% endif %}\">", "btn-… …a …b"),
            ("<p class=\"notice notice-{{ level }}\">", "notice notice-…"),
            ("<p class=\"{{ 'toggle' if x else 'checkbox' }} in\">", "toggle checkbox in"),
            ("<p {% if x %}id=\"x\"{% endif %} class=plain>", "plain"),
            ("<script>if (a < b) { '<p class=\"no\">' }</script><p class=\"yes\">", "yes"),
            ("<!-- <p class=\"no\"> --><p class=\"yes\">", "yes"),
        ] {
            assert_eq!(classes(source).join(" "), expected, "{source}");
        }
    }

    #[test]
    fn texts_are_what_stands_between_tags() {
        let source = "{% macro m() %}<i>in {{ a }}</i>{% endmacro %}<p title=\"no\">Hello {{ name }}!</p><style>b{}</style>";
        let tree = vec![super::super::tree::parse(source).unwrap()];
        let mut texts = read(&tree, Start::Text).texts;
        texts.retain(|text| !text.is_empty());
        assert_eq!(texts, ["in ", "Hello ", "!"]);
    }
}
