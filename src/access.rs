//! Who may pass: one decision for every way into the house.

use std::borrow::Cow;

use http::Method;
use regex::RegexSet;

use crate::path::CanonicalPath;

/// One whitelist entry of `[access] public`: a regular expression that must match the whole path.
#[derive(Clone, Debug)]
pub(crate) struct PublicPattern {
    /// As written.
    pub(crate) pattern: String,
    /// Empty for every method.
    pub(crate) methods: Vec<Method>,
    /// The line of auth.toml, for `vestibule why` and the log; 0 where there is none.
    pub(crate) line: usize,
}

/// The compiled rules.
#[derive(Debug)]
pub(crate) struct AccessRules {
    /// Paths of our own that answer without a session.
    own: OwnPaths,
    patterns: Vec<PublicPattern>,
    set: RegexSet,
}

/// What a site answers itself and to everybody, whatever the whitelist says.
#[derive(Clone, Debug, Default)]
pub(crate) struct OwnPaths {
    /// Compared whole, byte for byte.
    pub(crate) exact: Vec<String>,
    /// Folders; each ends with `/`.
    pub(crate) folders: Vec<String>,
}

/// What is decided about a request, and why.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Decision<'a> {
    pub(crate) verdict: Verdict,
    pub(crate) rule: Rule<'a>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// Goes in whoever it is.
    Public,
    /// Goes in with a session.
    Protected,
}

/// What decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Rule<'a> {
    /// A page or endpoint of vestibule's own.
    Own,
    /// An entry of `[access] public`.
    Public { pattern: &'a str, line: usize },
    /// No entry matched.
    Default,
}

impl Rule<'_> {
    /// The rule as the log names it: `own`, `default`, or `public:` and the line of auth.toml.
    pub(crate) fn name(self) -> Cow<'static, str> {
        match self {
            Self::Own => Cow::Borrowed("own"),
            Self::Public { line, .. } => Cow::Owned(format!("public:{line}")),
            Self::Default => Cow::Borrowed("default"),
        }
    }
}

impl AccessRules {
    /// Compiles the whitelist. Patterns are anchored at both ends here, so that nobody can forget to.
    pub(crate) fn new(own: OwnPaths, patterns: Vec<PublicPattern>) -> Result<Self, regex::Error> {
        let set = RegexSet::new(patterns.iter().map(|entry| anchored(&entry.pattern)))?;
        Ok(Self { own, patterns, set })
    }

    /// Decides about a request. A path that can be read in more than one way is public only if
    /// every reading is.
    pub(crate) fn decide(&self, method: &Method, path: &CanonicalPath) -> Decision<'_> {
        if self.is_own(path.as_str()) {
            return Decision { verdict: Verdict::Public, rule: Rule::Own };
        }
        let mut deciding = None;
        for reading in path.readings() {
            match self.first_match(method, reading) {
                Some(entry) => deciding = Some(entry),
                None => return Decision { verdict: Verdict::Protected, rule: Rule::Default },
            }
        }
        match deciding {
            Some(entry) => Decision {
                verdict: Verdict::Public,
                rule: Rule::Public { pattern: &entry.pattern, line: entry.line },
            },
            None => Decision { verdict: Verdict::Protected, rule: Rule::Default },
        }
    }

    fn first_match(&self, method: &Method, path: &str) -> Option<&PublicPattern> {
        // Which entries matched needs room for every entry; most requests match none.
        if !self.set.is_match(path) {
            return None;
        }
        self.set
            .matches(path)
            .iter()
            .filter_map(|index| self.patterns.get(index))
            .find(|entry| entry.methods.is_empty() || entry.methods.contains(method))
    }

    fn is_own(&self, path: &str) -> bool {
        self.own.exact.iter().any(|own| own == path)
            || self.own.folders.iter().any(|folder| path.starts_with(folder.as_str()))
    }
}

/// The pattern as it is compiled: the whole path or nothing. `\A` and `\z` rather than `^` and `$`,
/// which a flag inside the pattern could turn into line anchors.
pub(crate) fn anchored(pattern: &str) -> String {
    format!(r"\A(?:{pattern})\z")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rules(patterns: &[&str]) -> AccessRules {
        let own =
            OwnPaths { exact: vec!["/login".into()], folders: vec!["/_vestibule/assets/".into()] };
        let patterns = patterns
            .iter()
            .map(|pattern| PublicPattern {
                pattern: (*pattern).into(),
                methods: Vec::new(),
                line: 7,
            })
            .collect();
        AccessRules::new(own, patterns).unwrap()
    }

    fn verdict(rules: &AccessRules, path: &str) -> Verdict {
        rules.decide(&Method::GET, &CanonicalPath::parse(path).unwrap()).verdict
    }

    #[test]
    fn a_pattern_must_match_the_whole_path() {
        let rules = rules(&["/about", "/api/.*", "/a|/b"]);
        for public in
            ["/about", "/api/", "/api/x/y", "/a", "/b", "/login", "/_vestibule/assets/x.css"]
        {
            assert_eq!(verdict(&rules, public), Verdict::Public, "{public}");
        }
        for protected in [
            "/about/x",
            "/x/about",
            "/api",
            "/xapi/1",
            "/a/b",
            "/login/",
            "/loginx",
            "/_vestibule/assetsx",
        ] {
            assert_eq!(verdict(&rules, protected), Verdict::Protected, "{protected}");
        }
    }

    #[test]
    fn a_multi_line_flag_does_not_loosen_the_anchors() {
        assert_eq!(verdict(&rules(&["(?m)^/about$"]), "/about/%20x"), Verdict::Protected);
    }

    #[test]
    fn a_pattern_for_one_method_opens_no_other() {
        let entry =
            PublicPattern { pattern: "/health".into(), methods: vec![Method::GET], line: 3 };
        let rules = AccessRules::new(OwnPaths::default(), vec![entry]).unwrap();
        let path = CanonicalPath::parse("/health").unwrap();
        let decision = rules.decide(&Method::GET, &path);
        assert_eq!(decision.rule, Rule::Public { pattern: "/health", line: 3 });
        assert_eq!(rules.decide(&Method::POST, &path).verdict, Verdict::Protected);
    }

    #[test]
    fn a_path_with_two_readings_is_public_only_if_both_are() {
        let rules = rules(&["/public/[^/]*", "/open/.*"]);
        assert_eq!(verdict(&rules, "/public/a%2Fb"), Verdict::Protected);
        assert_eq!(verdict(&rules, "/open/a%2Fb"), Verdict::Public);
    }
}
