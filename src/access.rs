//! Who may pass: one decision for every way into the house.
//!
//! It is asked in two steps: [`AccessRules::decide`] with the method and the path, and, where a session is
//! needed, [`Decision::allows`] with who has it. Whoever explains or tests an answer asks the same two.

pub(crate) mod explain;
mod outcome;
mod own;
pub(crate) mod requirement;
pub(crate) mod trial;

use std::borrow::Cow;

use http::Method;
use regex::RegexSet;

pub(crate) use self::outcome::Outcome;
pub(crate) use self::own::OwnPaths;
pub(crate) use self::requirement::{AccessRule, Denial, OnDeny, Requirement};
use crate::path::{CanonicalPath, PathError};
use crate::user::User;

/// One whitelist entry of `[access] public`: a regular expression that must match the whole path.
#[derive(Clone, Debug)]
pub(crate) struct PublicPattern {
    /// As written.
    pub(crate) pattern: String,
    /// Empty for every method.
    pub(crate) methods: Vec<Method>,
    /// The line of auth.toml, for the log; 0 where there is none.
    pub(crate) line: usize,
    /// File and line, or the variable that it came from, for whoever asks why.
    pub(crate) source: String,
}

/// The compiled rules.
#[derive(Clone, Debug)]
pub(crate) struct AccessRules {
    /// Paths of our own.
    own: OwnPaths,
    patterns: Vec<PublicPattern>,
    set: RegexSet,
    rules: Vec<AccessRule>,
    rule_set: RegexSet,
}

/// What is decided about a request, and why.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Decision<'a> {
    pub(crate) verdict: Verdict,
    pub(crate) rule: Rule<'a>,
    /// The rule of each reading of the path that has one: every one of them has to let the user pass.
    demands: Vec<&'a AccessRule>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// Goes in whoever it is.
    Public,
    /// Goes in with a session of somebody whom [`Decision::allows`].
    Protected,
}

/// What decided.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Rule<'a> {
    /// A page or endpoint of vestibule's own.
    Own,
    /// An entry of `[access] public`.
    Public(&'a PublicPattern),
    /// An `[[access.rule]]`.
    Required(&'a AccessRule),
    /// No entry matched.
    Default,
}

impl Rule<'_> {
    /// The rule as the log names it: `own`, `default`, or `public:` or `rule:` and the line of auth.toml.
    pub(crate) fn name(self) -> Cow<'static, str> {
        match self {
            Self::Own => Cow::Borrowed("own"),
            Self::Public(entry) => Cow::Owned(format!("public:{}", entry.line)),
            Self::Required(rule) => Cow::Owned(rule.name()),
            Self::Default => Cow::Borrowed("default"),
        }
    }
}

impl PartialEq for PublicPattern {
    fn eq(&self, other: &Self) -> bool {
        (&self.pattern, &self.methods, self.line) == (&other.pattern, &other.methods, other.line)
    }
}

impl<'a> Decision<'a> {
    fn new(verdict: Verdict, rule: Rule<'a>) -> Self {
        Self { verdict, rule, demands: Vec::new() }
    }

    /// The second half of the decision, once it is known who asks: whether the rules let this user pass.
    pub(crate) fn allows(&self, user: &User) -> Result<(), Denial<'a>> {
        self.demands.iter().try_for_each(|rule| rule.allows(user))
    }
}

impl AccessRules {
    /// Compiles the whitelist. Patterns are anchored at both ends here, so that nobody can forget to.
    pub(crate) fn new(own: OwnPaths, patterns: Vec<PublicPattern>) -> Result<Self, regex::Error> {
        let set = RegexSet::new(patterns.iter().map(|entry| anchored(&entry.pattern)))?;
        Ok(Self { own, patterns, set, rules: Vec::new(), rule_set: RegexSet::empty() })
    }

    /// Compiles the rules for those who are signed in. The first one that matches counts.
    pub(crate) fn with_rules(self, rules: Vec<AccessRule>) -> Result<Self, regex::Error> {
        let rule_set = RegexSet::new(rules.iter().map(|rule| anchored(&rule.pattern)))?;
        Ok(Self { rules, rule_set, ..self })
    }

    /// The same rules where a page of ours gives way to somebody else's, which patterns may open.
    pub(crate) fn without_page(&self, path: &str) -> Self {
        let mut rules = self.clone();
        if path == "/" && rules.own.front {
            return rules;
        }
        rules.own.guarded.retain(|own| own != path);
        rules.own.exact.retain(|own| own != path);
        rules
    }

    /// What is ours, whatever the rules say.
    pub(crate) fn own(&self) -> &OwnPaths {
        &self.own
    }

    /// Decides about a request. A path that can be read in more than one way is public only if
    /// every reading is, and otherwise the rules of every reading count.
    pub(crate) fn decide(&self, method: &Method, path: &CanonicalPath) -> Decision<'_> {
        if self.own.is_open(path.as_str()) {
            return Decision::new(Verdict::Public, Rule::Own);
        }
        self.decide_unless_open(method, path, self.own.is_guarded(path.as_str()))
    }

    /// As [`AccessRules::decide`], about a request that another proxy will take to the app: the front
    /// page is the app's. None where the path is our own, so that the proxy should not have asked.
    pub(crate) fn decide_for_app(
        &self,
        method: &Method,
        path: &CanonicalPath,
    ) -> Option<Decision<'_>> {
        let text = path.as_str();
        let is_apps = text == "/" && !self.own.front;
        let is_own = self.own.is_open(text) || (!is_apps && self.own.is_guarded(text));
        (!is_own).then(|| self.decide_unless_open(method, path, false))
    }

    fn decide_unless_open(
        &self,
        method: &Method,
        path: &CanonicalPath,
        is_guarded: bool,
    ) -> Decision<'_> {
        if !is_guarded && let Some(entry) = self.opening(method, path) {
            return Decision::new(Verdict::Public, Rule::Public(entry));
        }
        let mut demands: Vec<&AccessRule> = Vec::new();
        for reading in path.readings() {
            let first =
                first_match(&self.rule_set, reading, &self.rules, |rule| rule.is_about(method));
            demands.extend(first.filter(|rule| !demands.contains(rule)));
        }
        let rule = demands.first().map_or(Rule::Default, |rule| Rule::Required(rule));
        Decision { demands, ..Decision::new(Verdict::Protected, rule) }
    }

    /// The whole decision at once, for whoever knows who asks before there is a request.
    pub(crate) fn outcome(
        &self,
        method: &Method,
        path: Result<&CanonicalPath, PathError>,
        user: Option<&User>,
    ) -> Outcome {
        let Ok(path) = path else { return Outcome::Refused };
        let decision = self.decide(method, path);
        match (decision.verdict, user) {
            (Verdict::Public, _) => Outcome::Public,
            (Verdict::Protected, None) => Outcome::Login,
            (Verdict::Protected, Some(user)) => match decision.allows(user) {
                Ok(()) => Outcome::Allowed,
                Err(denial) => Outcome::Denied(denial.rule.on_deny),
            },
        }
    }

    /// The entry that opens the last of the readings, if each of them is opened by one.
    fn opening(&self, method: &Method, path: &CanonicalPath) -> Option<&PublicPattern> {
        let mut deciding = None;
        for reading in path.readings() {
            let first = first_match(&self.set, reading, &self.patterns, |entry| {
                opens_for(&entry.methods, method)
            });
            deciding = Some(first?);
        }
        deciding
    }
}

/// The first of the entries behind a set that matches the path and is of use.
fn first_match<'a, T>(
    set: &RegexSet,
    path: &str,
    entries: &'a [T],
    is_of_use: impl Fn(&T) -> bool,
) -> Option<&'a T> {
    // Which entries matched needs room for every entry; most requests match none.
    if !set.is_match(path) {
        return None;
    }
    set.matches(path).iter().filter_map(|index| entries.get(index)).find(|entry| is_of_use(entry))
}

/// Whether an entry for these methods opens a path for this one. Who may `GET` may ask for the head
/// alone; `OPTIONS` has to be named.
fn opens_for(methods: &[Method], method: &Method) -> bool {
    methods.is_empty()
        || methods.contains(method)
        || *method == Method::HEAD && methods.contains(&Method::GET)
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
        let own = OwnPaths {
            exact: vec!["/login".into()],
            folders: vec!["/_vestibule/assets/".into()],
            guarded: vec!["/".into(), "/_vestibule/docs/".into()],
            front: false,
        };
        let patterns = patterns
            .iter()
            .map(|pattern| PublicPattern {
                pattern: (*pattern).into(),
                methods: Vec::new(),
                line: 7,
                source: "auth.toml:7".into(),
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
        let entry = PublicPattern {
            pattern: "/health".into(),
            methods: vec![Method::GET],
            line: 3,
            source: "auth.toml:3".into(),
        };
        let rules = AccessRules::new(OwnPaths::default(), vec![entry]).unwrap();
        let path = CanonicalPath::parse("/health").unwrap();
        let decision = rules.decide(&Method::GET, &path);
        assert_eq!(decision.rule.name(), "public:3");
        assert_eq!(rules.decide(&Method::HEAD, &path).verdict, Verdict::Public);
        for method in [Method::POST, Method::OPTIONS, Method::from_bytes(b"get").unwrap()] {
            assert_eq!(rules.decide(&method, &path).verdict, Verdict::Protected, "{method}");
        }
    }

    #[test]
    fn a_path_with_two_readings_is_public_only_if_both_are() {
        let rules = rules(&["/public/[^/]*", "/open/.*"]);
        assert_eq!(verdict(&rules, "/public/a%2Fb"), Verdict::Protected);
        assert_eq!(verdict(&rules, "/open/a%2Fb"), Verdict::Public);
    }

    #[test]
    fn a_guarded_path_is_opened_by_no_pattern() {
        let rules = rules(&["/.*"]);
        assert_eq!(verdict(&rules, "/"), Verdict::Protected);
        assert_eq!(verdict(&rules, "/_vestibule/docs/page.css"), Verdict::Protected);
        assert_eq!(verdict(&rules, "/x"), Verdict::Public);
    }

    fn rule(pattern: &str, methods: &[Method], role: &str) -> AccessRule {
        AccessRule {
            pattern: pattern.into(),
            methods: methods.to_vec(),
            require: vec![Requirement { claim: "roles".into(), wanted: vec![role.into()] }],
            on_deny: OnDeny::Forbidden,
            line: 9,
            source: "auth.toml:9".into(),
        }
    }

    fn user(roles: &[&str]) -> User {
        let mut user = User::default();
        user.claims.insert("roles".into(), roles.into());
        user
    }

    fn passes(access: &AccessRules, method: &str, path: &str, roles: &[&str]) -> bool {
        let method = Method::from_bytes(method.as_bytes()).unwrap();
        let path = CanonicalPath::parse(path).unwrap();
        access.decide(&method, &path).allows(&user(roles)).is_ok()
    }

    #[test]
    fn the_first_rule_that_matches_counts() {
        let rules = rules(&[])
            .with_rules(vec![
                rule("/admin/reports/.*", &[], "auditor"),
                rule("/admin/.*", &[], "admin"),
            ])
            .unwrap();
        assert!(passes(&rules, "GET", "/admin/reports/1", &["auditor"]));
        assert!(!passes(&rules, "GET", "/admin/reports/1", &["admin"]));
        assert!(passes(&rules, "GET", "/admin/users", &["admin"]));
        assert!(!passes(&rules, "GET", "/admin/users", &["auditor"]));
        assert!(passes(&rules, "GET", "/elsewhere", &[]));
    }

    #[test]
    fn a_path_with_two_readings_needs_the_leave_of_both() {
        let rules = rules(&[])
            .with_rules(vec![rule("/files/[^/]*", &[], "clerk"), rule("/files/.*", &[], "boss")])
            .unwrap();
        for roles in [&["clerk"][..], &["boss"]] {
            assert!(!passes(&rules, "GET", "/files/a%2Fb", roles), "{roles:?}");
        }
        assert!(passes(&rules, "GET", "/files/a%2Fb", &["clerk", "boss"]));
        assert!(passes(&rules, "GET", "/files/a", &["clerk"]));
    }

    #[test]
    fn a_rule_for_some_methods_holds_for_every_way_of_writing_them() {
        let rules = rules(&[]).with_rules(vec![rule("/a", &[Method::GET], "admin")]).unwrap();
        for method in ["GET", "get", "HEAD", "Head"] {
            assert!(!passes(&rules, method, "/a", &[]), "{method}");
        }
        assert!(passes(&rules, "POST", "/a", &[]));
    }
}
