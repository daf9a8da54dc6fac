//! Makes secrets unreadable in the text that findings show, without moving anything else.

use std::collections::BTreeSet;
use std::ops::Range;

use super::shape::Shape;

/// Words that make a key's value a secret, whatever table it is in.
const TELLTALES: [&str; 6] = ["secret", "password", "passwd", "token", "credential", "api_key"];

/// Whether a key of this name probably holds something that must not be seen.
pub(crate) fn sounds_secret(key: &str) -> bool {
    let key = key.to_lowercase().replace('-', "_");
    !key.ends_with("_file")
        && !key.ends_with("_files")
        && TELLTALES.iter().any(|word| key.contains(word))
}

/// The text with every byte in the ranges replaced, but for quotes at the ends, so that all places stay the same.
pub(crate) fn blot(text: &str, ranges: &[Range<usize>]) -> String {
    let hidden = |at: usize| ranges.iter().any(|range| range.contains(&at));
    let mut out = String::with_capacity(text.len());
    for (at, c) in text.char_indices() {
        if !hidden(at) || matches!(c, '"' | '\'' | '\n' | '\r') {
            out.push(c);
        } else {
            out.extend(std::iter::repeat_n('*', c.len_utf8()));
        }
    }
    out
}

/// What to hide in a text that is not TOML, where nobody knows what is a value: on every line whose key is not
/// known to be harmless, all that follows the `=`, and what that value's following lines hold.
pub(crate) fn ranges_in_broken_text(text: &str, root: &Shape) -> Vec<Range<usize>> {
    let harmless = harmless_keys(root);
    let mut ranges = Vec::new();
    let mut start = 0;
    let mut hiding = false;
    let mut fence: Option<&str> = None;
    for line in text.split_inclusive('\n') {
        let end = start + line.len();
        let trimmed = line.trim_start();
        if let Some((before, rest)) = line.split_once("://")
            && rest.contains('@')
        {
            ranges.push(start + before.len()..end);
        }
        if let Some(mark) = fence {
            if hiding {
                ranges.push(start..end);
            }
            if line.contains(mark) {
                fence = None;
                hiding = false;
            }
        } else if trimmed.is_empty() || trimmed.starts_with('#') {
            // A comment and an empty line do not end a list.
        } else if !begins_with_a_key(trimmed)
            && (hiding || !trimmed.starts_with(['{', '\'', '"', '[', ']', '}', ',']))
        {
            // Either the list of a secret goes on, or the line is no TOML at all and might be anything.
            ranges.push(start..end);
        } else if let Some(secret_from) = first_secret(line, &harmless) {
            hiding = true;
            ranges.push(start + secret_from..end);
            fence = open_fence(line);
        } else if line.contains(['=', ':']) || is_header(trimmed) {
            hiding = false;
            fence = open_fence(line);
        }
        start = end;
    }
    ranges
}

/// Whether a line begins as one with a key or a header does.
fn begins_with_a_key(line: &str) -> bool {
    let key = line.split(['=', ':']).next().unwrap_or_default();
    is_header(line)
        || key.len() < line.len()
            && key.trim_end().chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | '.'))
}

fn is_header(line: &str) -> bool {
    line.trim_end().starts_with('[')
        && line.contains(char::is_alphanumeric)
        && !line.contains(['"', '\'', ','])
}

/// Whether a multi-line string is opened on this line and goes on.
fn open_fence(line: &str) -> Option<&'static str> {
    ["\"\"\"", "'''"].into_iter().find(|mark| line.matches(mark).count() % 2 == 1)
}

/// Where, on this line, the value of a key begins that may be a secret.
fn first_secret(line: &str, harmless: &BTreeSet<String>) -> Option<usize> {
    let mut from = 0;
    // Who writes YAML gets the same protection.
    let sign = if line.contains('=') { '=' } else { ':' };
    while let Some(at) = line.get(from..)?.find(sign).map(|at| from + at) {
        let before = line.get(from..at)?;
        let key: String = before
            .trim_end()
            .trim_end_matches(['"', '\''])
            .chars()
            .rev()
            .take_while(|c| c.is_alphanumeric() || matches!(c, '_' | '-'))
            .collect::<Vec<_>>()
            .into_iter()
            .rev()
            .collect();
        if sounds_secret(&key) || !harmless.contains(&key.to_lowercase()) {
            let value = line.get(at + 1..)?;
            return Some(at + 1 + value.len() - value.trim_start().len());
        }
        from = at + 1;
    }
    None
}

/// Whether nothing in such a value can be a secret. In a table with a secret everything can, as soon as a
/// key is mistyped.
fn is_harmless(shape: &Shape) -> bool {
    match shape {
        Shape::Secret | Shape::Any | Shape::Map(_) => false,
        Shape::Table { keys, .. } => keys.values().all(is_harmless),
        Shape::List(item) => is_harmless(item),
        Shape::Either(shapes) => shapes.iter().all(is_harmless),
        _ => true,
    }
}

/// The names of all keys that hold no secret.
fn harmless_keys(root: &Shape) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    let mut rest = vec![root];
    while let Some(shape) = rest.pop() {
        for (name, child) in shape.keys() {
            if is_harmless(child) {
                names.insert(name.to_owned());
            }
            rest.push(child);
        }
        if let Shape::List(item) = shape {
            rest.push(item);
        }
    }
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_stay_where_they_are() {
        let text = "secret = \"grün\" # x";
        let blotted = blot(text, std::slice::from_ref(&(9..16)));
        assert_eq!(blotted, "secret = \"*****\" # x");
        assert_eq!(blotted.len(), text.len());
    }

    #[test]
    fn in_broken_text_no_secret_is_left_whatever_is_broken() {
        let root = Shape::of(&crate::config::schema());
        for text in [
            "[token]\nsecret = \"hunter2\n",
            "[token]\nsecret = hunter2\n",
            "[token]\nsecert = \"hunter2\n",
            "token = { secret = \"hunter2 }\n",
            "token.secret = \"hunter2\n",
            "[session]\nprevious_secrets = [\n  \"a\",\n  # old\n  \"hunter2\n]\n",
            "[token]\nsecret = \"\"\"\nurl = hunter2\n\"\"\"\nx = = 1\n",
            "[backend]\nheaders = { X-Key = \"hunter2 }\n",
            "secret: hunter2\n",
        ] {
            let blotted = blot(text, &ranges_in_broken_text(text, &root));
            assert!(!blotted.contains("hunter2"), "{blotted}");
            assert_eq!(blotted.len(), text.len());
        }
        let plain = "[backend]\nurl = http://localhost\n[server]\nlisten = \"x\n";
        assert_eq!(blot(plain, &ranges_in_broken_text(plain, &root)), plain);
    }
}
