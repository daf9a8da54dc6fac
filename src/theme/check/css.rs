//! A light reader of style sheets: rules, declarations, classes and variables, with their places.
//!
//! It knows comments, texts, brackets and braces, which is all that the rules need. What a browser
//! makes of the values is none of its business.

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
    /// Braces and brackets without their other half.
    pub loose: Vec<usize>,
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
        let mut css = Self { plain: plain(source), ..Self::default() };
        let plain = std::mem::take(&mut css.plain);
        css.take_apart(&plain);
        css.plain = plain;
        css
    }

    fn take_apart(&mut self, plain: &str) {
        let mut open: Vec<(usize, usize)> = Vec::new();
        let mut brackets: Vec<usize> = Vec::new();
        let mut start = 0;
        for (at, byte) in plain.bytes().enumerate() {
            let inside = open.last().map(|(block, _)| *block);
            match byte {
                b'(' => brackets.push(at),
                b')' if brackets.pop().is_none() => self.loose.push(at),
                b'{' => {
                    self.loose.append(&mut brackets);
                    open.push((self.rules.len(), at));
                    self.rules.push(Block { prelude: trimmed(plain, start..at), inside });
                    start = at + 1;
                }
                b'}' => {
                    self.loose.append(&mut brackets);
                    self.declare(plain, start..at, inside);
                    if open.pop().is_none() {
                        self.loose.push(at);
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
        self.loose.append(&mut brackets);
        self.loose.extend(open.into_iter().map(|(_, at)| at));
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
            _ => {}
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

/// Blanks for comments and for what stands in quotes; offsets stay.
fn plain(source: &str) -> String {
    let mut out: Vec<u8> = source.as_bytes().to_vec();
    let bytes = source.as_bytes();
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        let end = match byte {
            b'/' if bytes.get(at + 1) == Some(&b'*') => source
                .get(at + 2..)
                .and_then(|rest| rest.find("*/"))
                .map_or(bytes.len(), |it| at + it + 4),
            b'"' | b'\'' => end_of_text(bytes, at),
            b'\\' => {
                at += 2;
                continue;
            }
            _ => {
                at += 1;
                continue;
            }
        };
        for blank in out.iter_mut().take(end).skip(at).filter(|it| **it != b'\n') {
            *blank = b' ';
        }
        at = end;
    }
    String::from_utf8(out).unwrap_or_default()
}

/// A text ends at its quote, or at the end of its line.
fn end_of_text(bytes: &[u8], start: usize) -> usize {
    let mut at = start + 1;
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'\\' => at += 1,
            b'\n' => return at,
            _ if *byte == bytes[start] => return at + 1,
            _ => {}
        }
        at += 1;
    }
    bytes.len()
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
mod tests {
    use super::*;

    #[test]
    fn rules_and_declarations_are_found_whatever_is_around_them() {
        let source = "/* a{b:c} */@import \"x.css\";\n@media print{.a, .b\\:c:hover{margin-left : 1px;background:url(data:image/png;base64,AA==)}}\n.\\32xl{--y:1;color:var(--y);fill:var( --z , red)}";
        let css = Css::read(source);
        let classes: Vec<_> = css.classes().into_iter().map(|(name, _)| name).collect();
        assert_eq!(classes, ["a", "b:c", "2xl"]);
        let declared: Vec<_> = css
            .declarations
            .iter()
            .map(|it| (css.text(&it.property), css.text(&it.value)))
            .collect();
        assert_eq!(declared[0], ("margin-left", "1px"));
        assert_eq!(declared[1].1, "url(data:image/png;base64,AA==)");
        assert_eq!(css.statements.len(), 1);
        assert_eq!(css.around(1).collect::<Vec<_>>(), [".a, .b\\:c:hover", "@media print"]);
        assert_eq!(css.variables(), BTreeSet::from(["--y"]));
        let reads: Vec<_> = css.reads().map(|(name, _, safe)| (name, safe)).collect();
        assert_eq!(reads, [("--y", false), ("--z", true)]);
        let addresses: Vec<_> = css.addresses(source).into_iter().map(|(it, _)| it).collect();
        assert_eq!(addresses, ["x.css", "data:image/png;base64,AA=="]);
        assert!(css.loose.is_empty());
    }

    #[test]
    fn what_is_not_closed_is_noticed_where_it_opens() {
        assert_eq!(Css::read("a{b:c").loose, [1]);
        assert_eq!(Css::read("a{b:c}}").loose, [6]);
        assert_eq!(Css::read("a{b:calc(1px}").loose, [8]);
        assert!(Css::read("a::before{content:\"}\"}/*{*/").loose.is_empty());
    }
}
