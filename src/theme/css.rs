//! A light reader of style sheets: rules, declarations, classes and variables, with their places.
//!
//! It knows comments, texts, brackets and braces, which is all that is needed here: to tell whether a sheet is whole
//! when a theme is loaded, and for the rules of the checker. What a browser makes of the values is none of its business.

mod plain;

use std::collections::BTreeSet;
use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

/// A style sheet that was read.
#[derive(Default)]
pub(super) struct Css {
    /// The source with blanks for comments and texts; of the same length.
    plain: String,
    pub rules: Vec<Block>,
    pub declarations: Vec<Declaration>,
    /// `@import …;` and the like.
    pub statements: Vec<Range<usize>>,
    /// What stands in a block like a declaration and has no colon, with the block.
    pub without_colon: Vec<(Range<usize>, usize)>,
    /// In the order of the sheet.
    pub halves: Vec<Half>,
}

/// One half of something whose other half is not there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Half {
    pub kind: Kind,
    pub at: Range<usize>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A text that does not end on its line, with all that is taken for it.
    Text,
    Comment,
    /// A brace or bracket that is never closed, and what would close it.
    Opening(char, char),
    /// One that closes nothing, and what would open it.
    Closing(char, char),
}

impl Half {
    /// What is wrong, and what to do.
    pub(super) fn told(&self) -> (String, String) {
        match self.kind {
            Kind::Text => (
                "this text is not closed on its line".to_owned(),
                "write the quote that ends it; a line break in a text is written \\a".to_owned(),
            ),
            Kind::Comment => {
                ("this comment is never closed".to_owned(), "write */ where it ends".to_owned())
            }
            Kind::Opening(open, close) => (
                format!("this {open} is never closed"),
                format!("write the {close} that closes it"),
            ),
            Kind::Closing(close, open) => (
                format!("this {close} closes nothing"),
                format!("take it out, or write the {open} that it should close"),
            ),
        }
    }

    /// Whether more is lost by it than the declaration that it is in.
    pub(super) fn breaks_what_follows(&self) -> bool {
        !matches!(self.kind, Kind::Closing(')' | ']', _))
    }
}

/// Something with braces behind it.
pub(super) struct Block {
    pub prelude: Range<usize>,
    /// The block that it is in.
    pub inside: Option<usize>,
}

pub(super) struct Declaration {
    pub property: Range<usize>,
    pub value: Range<usize>,
    /// The block that it is in.
    pub block: usize,
}

fn pattern(text: &str) -> Regex {
    // The patterns are constants, and a test uses them all.
    Regex::new(text).unwrap_or_else(|_| unreachable!())
}

static CLASS: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"\.((?:[_a-zA-Z-]|[^\x00-\x7F]|\\[0-9a-fA-F]{1,6} ?|\\.)(?:[\w-]|[^\x00-\x7F]|\\[0-9a-fA-F]{1,6} ?|\\.)*)",
    )
});
static ESCAPE: LazyLock<Regex> = LazyLock::new(|| pattern(r"\\(?:([0-9a-fA-F]{1,6}) ?|(.))"));
static VARIABLE: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"var\(\s*(?<name>--[\w-]+)\s*(?<next>[,)])"));
static ADDRESS: LazyLock<Regex> =
    LazyLock::new(|| pattern(r#"(?:url\(\s*["']?|@import\s+["'])(?<address>[^"')\s]*)"#));

impl Css {
    pub(super) fn read(source: &str) -> Self {
        let (plain, halves) = plain::plain(source);
        let hides_braces = halves.iter().any(|half| match half.kind {
            Kind::Text => source.get(half.at.clone()).is_some_and(|text| text.contains(BRACES)),
            _ => true,
        });
        let mut css = Self { halves, ..Self::default() };
        let loose = css.take_apart(&plain);
        // What is missing may stand in the text or comment that is not closed.
        if !hides_braces {
            css.halves.extend(loose);
            css.halves.sort_by_key(|half| half.at.start);
        }
        css.plain = plain;
        css
    }

    /// Whether it ends in the middle of something, as one does that is being written.
    pub(super) fn is_cut_off(&self) -> bool {
        self.halves.iter().any(|half| match half.kind {
            Kind::Text => half.at.end == self.plain.len(),
            Kind::Comment | Kind::Opening(..) => true,
            Kind::Closing(..) => false,
        })
    }

    /// Says which braces and brackets lack their other half.
    fn take_apart(&mut self, plain: &str) -> Vec<Half> {
        let mut loose: Vec<Half> = Vec::new();
        let mut open: Vec<(usize, usize)> = Vec::new();
        let mut brackets: Vec<(u8, usize)> = Vec::new();
        let mut start = 0;
        let mut bytes = plain.bytes().enumerate();
        while let Some((at, byte)) = bytes.next() {
            let inside = open.last().map(|(block, _)| *block);
            if matches!(byte, b'{' | b'}') {
                loose.extend(brackets.drain(..).map(|(bracket, at)| opening(bracket, at)));
            }
            match byte {
                b'\\' => {
                    bytes.next();
                }
                b'(' | b'[' => brackets.push((byte, at)),
                b')' | b']' => {
                    let is_meant =
                        |(bracket, _): &mut (u8, usize)| (*bracket == b'(') == (byte == b')');
                    if brackets.pop_if(is_meant).is_none() {
                        loose.push(closing(byte, at));
                    }
                }
                b'{' => {
                    open.push((self.rules.len(), at));
                    self.rules.push(Block { prelude: trimmed(plain, start..at), inside });
                    start = at + 1;
                }
                b'}' => {
                    self.declare(plain, start..at, inside);
                    if open.pop().is_none() {
                        loose.push(closing(byte, at));
                    }
                    start = at + 1;
                }
                b';' if brackets.is_empty() => {
                    self.declare(plain, start..at, inside);
                    start = at + 1;
                }
                _ => {}
            }
        }
        loose.extend(brackets.into_iter().map(|(bracket, at)| opening(bracket, at)));
        loose.extend(open.into_iter().map(|(_, at)| opening(b'{', at)));
        loose
    }

    fn declare(&mut self, plain: &str, part: Range<usize>, inside: Option<usize>) {
        let end = part.end;
        let part = trimmed(plain, part);
        let text = &plain[part.clone()];
        match (text.split_once(':'), inside) {
            _ if text.is_empty() => {}
            _ if text.starts_with('@') => self.statements.push(part.start..end),
            (Some((property, _)), Some(block)) => {
                let colon = part.start + property.len();
                let property = trimmed(plain, part.start..colon);
                let value = trimmed(plain, colon + 1..part.end);
                self.declarations.push(Declaration { property, value, block });
            }
            (None, Some(block)) => self.without_colon.push((part, block)),
            (_, None) => {}
        }
    }

    /// The text of a place, with blanks for comments and texts.
    pub(super) fn text(&self, at: &Range<usize>) -> &str {
        self.plain.get(at.clone()).unwrap_or_default()
    }

    /// The preludes around a block, the inner ones first.
    pub(super) fn around(&self, block: usize) -> impl Iterator<Item = &str> {
        let next = |inner: &usize| self.rules.get(*inner).and_then(|rule| rule.inside);
        let blocks = std::iter::successors(Some(block), next);
        blocks.filter_map(|block| self.rules.get(block)).map(|rule| self.text(&rule.prelude))
    }

    /// The classes that it has rules for, with the place of each mention.
    pub(super) fn classes(&self) -> Vec<(String, Range<usize>)> {
        let selectors = self.rules.iter().filter(|rule| !self.text(&rule.prelude).starts_with('@'));
        let found = selectors.flat_map(|rule| {
            CLASS.captures_iter(self.text(&rule.prelude)).filter_map(|found| {
                let name = found.get(1)?;
                let start = rule.prelude.start + name.start();
                Some((unescaped(name.as_str()), start..start + name.len()))
            })
        });
        found.collect()
    }

    /// The variables that it gives a value.
    pub(super) fn variables(&self) -> BTreeSet<&str> {
        let properties = self.declarations.iter().map(|it| self.text(&it.property));
        let registered = self
            .rules
            .iter()
            .filter_map(|it| self.text(&it.prelude).strip_prefix("@property").map(str::trim));
        properties.chain(registered).filter(|name| name.starts_with("--")).collect()
    }

    /// The variables that it reads, and whether something else is said for where they are not there.
    pub(super) fn reads(&self) -> impl Iterator<Item = (&str, Range<usize>, bool)> {
        VARIABLE.captures_iter(&self.plain).filter_map(|found| {
            let name = found.name("name")?;
            Some((name.as_str(), name.range(), &found["next"] == ","))
        })
    }

    /// The addresses that it names: of pictures, fonts and other sheets.
    pub(super) fn addresses<'s>(&self, source: &'s str) -> Vec<(&'s str, Range<usize>)> {
        let all = ADDRESS.captures_iter(source).filter_map(|found| found.name("address"));
        // What is in a comment has become blank.
        let is_there = |at: &Range<usize>| {
            let before = self.plain.get(..at.start).unwrap_or_default().trim_end();
            before.ends_with('(') || before.ends_with("@import")
        };
        all.map(|it| (it.as_str(), it.range())).filter(|(_, at)| is_there(at)).collect()
    }
}

const BRACES: [char; 6] = ['{', '}', '(', ')', '[', ']'];

fn opening(byte: u8, at: usize) -> Half {
    let other = match byte {
        b'{' => '}',
        b'[' => ']',
        _ => ')',
    };
    Half { kind: Kind::Opening(byte.into(), other), at: at..at + 1 }
}

fn closing(byte: u8, at: usize) -> Half {
    let other = match byte {
        b'}' => '{',
        b']' => '[',
        _ => '(',
    };
    Half { kind: Kind::Closing(byte.into(), other), at: at..at + 1 }
}

fn trimmed(text: &str, part: Range<usize>) -> Range<usize> {
    let inner = text.get(part.clone()).unwrap_or_default();
    let start = part.start + (inner.len() - inner.trim_start().len());
    start..start + inner.trim().len()
}

/// `md\:flex` is the class `md:flex`.
fn unescaped(name: &str) -> String {
    let plain = ESCAPE.replace_all(name, |found: &regex::Captures<'_>| {
        let code = found.get(1).and_then(|it| u32::from_str_radix(it.as_str(), 16).ok());
        match code.and_then(char::from_u32) {
            Some(letter) => letter.to_string(),
            None => found.get(2).map(|it| it.as_str().to_owned()).unwrap_or_default(),
        }
    });
    plain.into_owned()
}

#[cfg(test)]
mod tests;
