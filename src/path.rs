//! The canonical path: made once or refused, judged by `access`, and sent on byte for byte.

use std::borrow::Cow;

use percent_encoding::percent_decode_str;

/// A request path that means one thing.
///
/// Refused are paths that two programs could read differently (dot segments in any encoding,
/// backslashes, control characters, malformed escapes): each has been a whitelist bypass somewhere
/// (see docs/adr/0002). What is left is never rewritten.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct CanonicalPath {
    raw: String,
    /// What rules are matched against, where that is not the path as it came. More than one where
    /// decoders may differ.
    readings: Vec<String>,
}

/// Why a path is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum PathError {
    /// It does not begin with exactly one `/`.
    #[error("a path begins with exactly one slash")]
    NotAbsolute,
    /// `.` or `..` as a segment, plain or encoded, with or without `;parameters`.
    #[error("dot segments are not accepted")]
    DotSegment,
    /// A backslash or a control character, plain or encoded.
    #[error("backslashes and control characters are not accepted")]
    Forbidden,
    /// A `%` without two hexadecimal digits, or bytes that are not UTF-8.
    #[error("malformed percent-encoding")]
    Encoding,
}

/// How often a path is decoded in the search for hidden dot segments. Encodings nested deeper are refused.
const MAX_NESTING: usize = 4;

impl CanonicalPath {
    /// Takes the path of a request target, without the query.
    pub(crate) fn parse(raw: &str) -> Result<Self, PathError> {
        if !raw.starts_with('/') || raw.starts_with("//") {
            return Err(PathError::NotAbsolute);
        }
        refuse_dangerous(raw)?;
        if !raw.contains('%') && !raw.contains("//") {
            return Ok(Self { raw: raw.to_owned(), readings: Vec::new() });
        }
        refuse_nested(raw)?;
        Ok(Self { raw: raw.to_owned(), readings: readings(raw)? })
    }

    /// The path as it came: this is what is sent on.
    pub(crate) fn as_str(&self) -> &str {
        &self.raw
    }

    /// The decoded path, in every way in which it can reasonably be read.
    pub(crate) fn readings(&self) -> impl Iterator<Item = &str> {
        let as_it_came = self.readings.is_empty().then_some(self.raw.as_str());
        as_it_came.into_iter().chain(self.readings.iter().map(String::as_str))
    }
}

fn refuse_dangerous(text: &str) -> Result<(), PathError> {
    // Bytes are looked through faster than characters, and most paths are nothing but ASCII.
    let forbidden = if text.is_ascii() {
        text.bytes().any(|byte| byte.is_ascii_control() || byte == b'\\')
    } else {
        text.chars().any(|c| c.is_control() || c == '\\')
    };
    if forbidden {
        return Err(PathError::Forbidden);
    }
    // Only a segment that begins with a dot can be one of dots.
    if !text.starts_with('.') && !text.contains("/.") {
        return Ok(());
    }
    let is_dots = |segment: &str| {
        let name = segment.split(';').next().unwrap_or_default();
        name == "." || name == ".."
    };
    if text.split('/').any(is_dots) {
        return Err(PathError::DotSegment);
    }
    Ok(())
}

/// Decodes again and again: what only appears after the second decoding is refused as well, since
/// some servers decode twice.
fn refuse_nested(raw: &str) -> Result<(), PathError> {
    if !has_only_whole_escapes(raw) {
        return Err(PathError::Encoding);
    }
    let mut text = Cow::Borrowed(raw);
    for _ in 0..MAX_NESTING {
        let next = decode(&text)?;
        refuse_dangerous(&next)?;
        if next == text {
            return Ok(());
        }
        text = Cow::Owned(next);
    }
    Err(PathError::Encoding)
}

fn has_only_whole_escapes(text: &str) -> bool {
    text.split('%').skip(1).all(|after| {
        let mut digits = after.bytes().take(2);
        let mut hex = || digits.next().is_some_and(|byte| byte.is_ascii_hexdigit());
        hex() && hex()
    })
}

fn decode(text: &str) -> Result<String, PathError> {
    match percent_decode_str(text).decode_utf8() {
        Ok(decoded) => Ok(decoded.into_owned()),
        Err(_) => Err(PathError::Encoding),
    }
}

/// The decoded path; where it has encoded slashes, also with these left alone; where it has empty
/// segments, also without these.
fn readings(raw: &str) -> Result<Vec<String>, PathError> {
    let decoded = decode(raw)?;
    let mut all = vec![decoded];
    let lower = raw.to_ascii_lowercase();
    if lower.contains("%2f") {
        let kept = raw.replace("%2f", "%252F").replace("%2F", "%252F");
        all.push(decode(&kept)?);
    }
    for index in 0..all.len() {
        if all[index].contains("//") {
            let mut merged = all[index].clone();
            while merged.contains("//") {
                merged = merged.replace("//", "/");
            }
            all.push(merged);
        }
    }
    Ok(all)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn harmless_paths_are_kept_byte_for_byte() {
        for path in [
            "/",
            "/foo..baz",
            "/foo%2Fbar",
            "/a:b",
            "/%C3%BC",
            "/a//b",
            "/...",
            "/a;x=1",
            "/100%25",
            "/.well-known/x",
        ] {
            assert_eq!(CanonicalPath::parse(path).map(|p| p.raw), Ok(path.to_owned()), "{path}");
        }
    }

    #[test]
    fn everything_that_can_be_read_in_two_ways_is_refused() {
        let classes = [
            "",
            "admin",
            "*",
            "//admin",
            "///admin",
            "/public/../admin",
            "/public/./admin",
            "/..",
            "/.",
            "/public/%2e%2e/admin",
            "/public/%2E%2E/admin",
            "/public/.%2e/admin",
            "/public/%2e./admin",
            "/public/%252e%252e/admin",
            "/public/%25252e%25252e/admin",
            "/public/..%2fadmin",
            "/public/..%2Fadmin",
            "/public/..%5cadmin",
            "/public\\..\\admin",
            "/public/%5Cadmin",
            "/public/..;/admin",
            "/public/..;x=y/admin",
            "/public/%2e%2e;/admin",
            "/public/..%3b/admin",
            "/a%00b",
            "/a%0ab",
            "/a%7f",
            "/a%",
            "/a%2",
            "/a%zz",
            "/%u002e%u002e/admin",
            "/%c0%ae%c0%ae/admin",
            "/%ff",
            "/a%2525252525x",
        ];
        for path in classes {
            assert!(CanonicalPath::parse(path).is_err(), "{path}");
        }
    }

    #[test]
    fn an_encoded_slash_is_read_both_ways() {
        let path = CanonicalPath::parse("/a%2Fb").unwrap();
        assert_eq!(path.readings().collect::<Vec<_>>(), ["/a/b", "/a%2Fb"]);
    }

    #[test]
    fn empty_segments_are_read_both_ways() {
        let path = CanonicalPath::parse("/a//b").unwrap();
        assert_eq!(path.readings().collect::<Vec<_>>(), ["/a//b", "/a/b"]);
    }
}
