//! Where to go afterwards: the only way into a `Location` that a request can influence.

use crate::path::CanonicalPath;

/// A path with query on this origin, checked by one rule and emitted as it came.
///
/// Accepted is what begins with exactly one slash, has only visible ASCII, no backslash, and whose
/// path is canonical. Emitting verbatim what was checked leaves no room for a parser that reads the
/// emitted form differently.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ReturnTo(String);

/// Longer targets are dropped: they would not fit the query of the login page everywhere.
const MAX_LENGTH: usize = 2048;

impl ReturnTo {
    /// Checks a target; anything doubtful is none.
    pub(crate) fn parse(target: &str) -> Option<Self> {
        let is_clean = target.len() <= MAX_LENGTH
            && target.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\');
        let path = target.split(['?', '#']).next().unwrap_or_default();
        (is_clean && CanonicalPath::parse(path).is_ok()).then(|| Self(target.to_owned()))
    }

    /// The target, byte for byte.
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn targets_on_this_origin_are_kept_verbatim() {
        for target in
            ["/", "/a?b=c&d=%2F%2Fx", "/a#top", "/docs/%C3%BC", "/x?u=http://evil.example/"]
        {
            assert_eq!(ReturnTo::parse(target).unwrap().as_str(), target);
        }
    }

    #[test]
    fn whatever_could_leave_this_origin_is_dropped() {
        let long = format!("/{}", "a".repeat(3000));
        for target in [
            "",
            "a",
            "//evil.example",
            "///evil.example",
            "/\\evil.example",
            "\\/evil",
            "/\t/evil.example",
            "/\n/evil",
            "https://evil.example",
            "http:evil",
            "javascript:alert(1)",
            "/%5cevil.example",
            "/..//evil.example",
            "/.//evil.example",
            "/a/..//evil.example",
            "/%2e//evil.example",
            "/ü",
            " /a",
            "/a b",
            "%",
            "http://[",
            &long,
            "@evil.example",
            "/%",
            "?x",
            "#",
        ] {
            assert_eq!(ReturnTo::parse(target), None, "{target}");
        }
    }
}
