//! `[access]`: every pattern compiles, can match a path, and does not open the whole house.

use std::ops::Range;

use http::Method;
use regex::Regex;

use super::Builder;
use super::pattern::{Flaw, examine};
use crate::access::{AccessRule, AccessRules, OwnPaths, PublicPattern};
use crate::config::load::BUILDER_PUBLIC;
use crate::config::upstream::UpstreamTable;
use crate::finding::{Code, Finding, Place};

impl Builder<'_> {
    /// The whitelist, if every pattern of it can be used.
    pub(super) fn patterns(&mut self) -> Option<Vec<PublicPattern>> {
        let mut all = Some(Vec::new());
        for (index, entry) in self.said.access.public.iter().enumerate() {
            let item = format!("access.public.{index}");
            let nested = format!("{item}.path");
            let path = if self.origins.is_said(&nested) { nested } else { item.clone() };
            if self.origins.is_spoiled(&item) {
                all = None;
                continue;
            }
            let fine = self.pattern(&path, entry.pattern(), true);
            let methods = self.methods(&item, entry.methods());
            let (line, source) = self.line_of(&path);
            all = all.zip(methods.filter(|_| fine)).map(|(mut list, methods)| {
                list.push(PublicPattern {
                    pattern: entry.pattern().to_owned(),
                    methods,
                    line,
                    source,
                });
                list
            });
        }
        for pattern in &self.around.code.public {
            let fine = self.pattern_at(pattern, true, |_| Some(Place::named(BUILDER_PUBLIC)));
            all = all.filter(|_| fine).map(|mut list| {
                list.push(PublicPattern {
                    pattern: pattern.clone(),
                    methods: Vec::new(),
                    line: 0,
                    source: BUILDER_PUBLIC.to_owned(),
                });
                list
            });
        }
        all
    }

    /// The line where a value stands, and the same with the file, or the variable, for people.
    pub(super) fn line_of(&self, path: &str) -> (usize, String) {
        let place = self.origins.place(path);
        let source = match place.line {
            0 => place.file,
            line => format!("{}:{line}", place.file),
        };
        (place.line, source)
    }

    /// Tells what is wrong with one pattern; true if it can be used. What matches everything opens the
    /// house, but may well be what a rule is about.
    pub(super) fn pattern(&mut self, path: &str, pattern: &str, opens: bool) -> bool {
        let origins = self.origins;
        let usable = self.pattern_at(pattern, opens, |span| match span {
            Some(span) => origins.inside(path, span),
            None => Some(origins.place(path)),
        });
        let is_root = |upstream: &UpstreamTable| upstream.path == "/";
        let is_behind_proxy = !self.said.forward_auth.proxies.is_empty();
        let is_apps = pattern == "/" && (is_behind_proxy || self.said.upstream.iter().any(is_root));
        if opens && matches!(pattern, "/" | "/welcome") && !is_apps {
            let finding = Finding::warning(
                Code::PatternDead,
                format!("`{pattern}` is the page about who is signed in, so it stays protected"),
            );
            self.findings.push(finding.help("leave it out").at(Some(self.origins.place(path))));
        }
        usable
    }

    /// `place` tells where the pattern, or a part of it, stands.
    fn pattern_at(
        &mut self,
        pattern: &str,
        opens: bool,
        place: impl Fn(Option<Range<usize>>) -> Option<Place>,
    ) -> bool {
        let mut flaws = examine(pattern);
        flaws.retain(|flaw| opens || *flaw != Flaw::OpensEverything);
        let usable = !flaws.iter().any(Flaw::is_fatal);
        for flaw in flaws {
            let part = match &flaw {
                Flaw::Syntax { span, .. } => Some(span.clone()),
                _ => None,
            };
            self.findings.push(flaw.finding(pattern).at(place(part)));
        }
        usable
    }

    pub(super) fn methods(&mut self, item: &str, names: &[String]) -> Option<Vec<Method>> {
        let mut all = Some(Vec::new());
        for (index, name) in names.iter().enumerate() {
            let method = Method::from_bytes(name.as_bytes())
                .ok()
                .filter(|_| name.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'-'));
            if method.is_none() {
                let finding = Finding::error(Code::BadValue, format!("\"{name}\" is not a method"));
                let upper = name.to_uppercase();
                let known = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];
                let finding = if known.contains(&upper.as_str()) {
                    finding.help(format!("methods are written in capitals: \"{upper}\""))
                } else {
                    finding.help("write for example methods = [\"GET\", \"HEAD\"]")
                };
                self.find(&format!("{item}.methods.{index}"), finding);
            }
            all = all.zip(method).map(|(mut list, method)| {
                list.push(method);
                list
            });
        }
        all
    }

    /// The compiled rules. Each pattern compiles alone by now; together they may still be too large.
    pub(super) fn access(
        &mut self,
        own: OwnPaths,
        patterns: Vec<PublicPattern>,
        rules: Vec<AccessRule>,
    ) -> Option<AccessRules> {
        self.rules_that_count(&own, &patterns, &rules);
        let rules = AccessRules::new(own, patterns).and_then(|open| open.with_rules(rules)).ok();
        if rules.is_none() {
            let message = "the patterns together are too large to compile";
            let finding = Finding::error(Code::PatternInvalid, message)
                .help("avoid counted repetitions such as {1,1000}");
            self.find("access.public", finding);
        }
        rules
    }
}

/// Whether the pattern, anchored as it will be, matches a path.
pub(super) fn compiled(pattern: &str) -> Result<Regex, regex::Error> {
    Regex::new(&crate::access::anchored(pattern))
}
