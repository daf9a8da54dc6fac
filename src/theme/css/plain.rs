//! A sheet without what only looks like a part of it: comments, texts, addresses without quotes.

use std::ops::Range;

use super::{Half, Kind};

/// Blanks for comments, for what stands in quotes and for what would be read wrongly in an address; offsets stay. And
/// which comments and texts are not closed: a text with all that was taken for it.
pub(super) fn plain(source: &str) -> (String, Vec<Half>) {
    let mut out: Vec<u8> = source.as_bytes().to_vec();
    let mut halves = Vec::new();
    let bytes = source.as_bytes();
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        let end = match byte {
            b'/' if bytes.get(at + 1) == Some(&b'*') => {
                let end = source.get(at + 2..).and_then(|rest| rest.find("*/"));
                if end.is_none() {
                    halves.push(Half { kind: Kind::Comment, at: at..at + 2 });
                }
                end.map_or(bytes.len(), |it| at + it + 4)
            }
            b'"' | b'\'' => match end_of_text(bytes, at) {
                Ok(end) => end,
                Err(end) => {
                    halves.push(Half { kind: Kind::Text, at: at..end });
                    end
                }
            },
            b'\\' => {
                at += 2;
                continue;
            }
            b'u' | b'U' => {
                let address = bare_address(source, at);
                at = address.as_ref().map_or(at + 1, |address| address.end);
                for byte in out.get_mut(address.unwrap_or_default()).unwrap_or_default() {
                    if b"{}()[]\"'\\".contains(byte) {
                        *byte = b' ';
                    }
                }
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
    (String::from_utf8(out).unwrap_or_default(), halves)
}

/// A text ends at its quote; it should not, but does at the end of its line.
fn end_of_text(bytes: &[u8], start: usize) -> Result<usize, usize> {
    let mut at = start + 1;
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'\\' if bytes.get(at + 1..at + 3) == Some(b"\r\n") => at += 2,
            b'\\' => at += 1,
            b'\n' | b'\r' | b'\x0c' => return Err(at),
            _ if *byte == bytes[start] => return Ok(at + 1),
            _ => {}
        }
        at += 1;
    }
    Err(bytes.len())
}

/// The address in `url(…)` without quotes, in which nothing has a meaning until the bracket that closes. None where
/// that is not on the line of the address, and probably forgotten.
fn bare_address(source: &str, at: usize) -> Option<Range<usize>> {
    let is_name = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'\\');
    let before = at.checked_sub(1).and_then(|before| source.as_bytes().get(before));
    let start = source.get(at..at + 4).filter(|start| start.eq_ignore_ascii_case("url("));
    if start.is_none() || before.is_some_and(|before| is_name(*before)) {
        return None;
    }
    let rest = source.get(at + 4..)?;
    let mut is_escaped = false;
    let end = rest.find(|letter| {
        let ends = letter == ')' && !is_escaped;
        is_escaped = letter == '\\' && !is_escaped;
        ends
    })?;
    let address = rest.get(..end)?.trim();
    let is_bare = !address.starts_with(['"', '\'']) && !address.contains('\n');
    is_bare.then_some(at + 4..at + 4 + end)
}
