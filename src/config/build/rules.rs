//! `[[access.rule]]` and `[[test]]`: what they name exists, and each of them can count.

use std::collections::BTreeMap;

use http::Method;
use serde_json::Value;

use super::Builder;
use super::access::compiled;
use super::cover::Scope;
use super::pattern::matches_every_probe;
use crate::access::requirement::USER_FIELDS;
use crate::access::trial::Trial;
use crate::access::{AccessRule, OnDeny, OwnPaths, PublicPattern, Requirement};
use crate::config::access::RuleTable;
use crate::config::plan::{BackendPlan, MePlan};
use crate::config::suggest::nearest;
use crate::config::test::{AccessName, TestTable};
use crate::finding::{Code, Finding};

/// What a page load can come to.
const STATUSES: [u32; 5] = [200, 303, 400, 403, 404];

impl Builder<'_> {
    /// The rules, if every one of them can be used.
    pub(super) fn rules(&mut self, backend: Option<&BackendPlan>) -> Option<Vec<AccessRule>> {
        let mut all = Some(Vec::new());
        for (index, table) in self.said.access.rule.iter().enumerate() {
            let rule = self.rule(&format!("access.rule.{index}"), table, backend);
            all = all.zip(rule).map(|(mut list, rule)| {
                list.push(rule);
                list
            });
        }
        all
    }

    fn rule(
        &mut self,
        item: &str,
        table: &RuleTable,
        backend: Option<&BackendPlan>,
    ) -> Option<AccessRule> {
        if self.origins.spoiled.contains(item) {
            return None;
        }
        let path = format!("{item}.path");
        let fine = self.pattern(&path, &table.path, false);
        let methods = self.methods(item, &table.methods);
        let on_deny = match table.on_deny {
            403 => Some(OnDeny::Forbidden),
            404 => Some(OnDeny::NotFound),
            other => {
                let message = format!("`on_deny` is 403 or 404, not {other}");
                let finding = Finding::error(Code::BadValue, message)
                    .help("403 says that it is not allowed, 404 does as if there were nothing");
                self.find(&format!("{item}.on_deny"), finding);
                None
            }
        };
        let require_at = format!("{item}.require");
        if table.require.is_empty() {
            let message = "a rule that requires nothing lets everybody pass who is signed in";
            let finding = Finding::error(Code::BadValue, message)
                .help("name a claim: require = { roles = \"admin\" }");
            self.find(&require_at, finding);
        }
        let mut require = Vec::new();
        for (claim, value) in &table.require {
            let place = format!("{require_at}.{claim}");
            self.known_claim(&place, claim, backend.map(|backend| &backend.calls.me));
            if let Some(wanted) = self.wanted(&place, claim, value) {
                require.push(Requirement { claim: claim.clone(), wanted });
            }
        }
        let whole = fine && !require.is_empty() && require.len() == table.require.len();
        let (methods, on_deny) = methods.zip(on_deny).filter(|_| whole)?;
        let (line, source) = self.line_of(&path);
        Some(AccessRule { pattern: table.path.clone(), methods, require, on_deny, line, source })
    }

    /// The values of which one is wanted.
    fn wanted(&mut self, place: &str, claim: &str, value: &Value) -> Option<Vec<Value>> {
        let items = match value {
            Value::Array(items) => items.clone(),
            one => vec![one.clone()],
        };
        let is_usable = |item: &Value| match item {
            Value::String(text) => !text.is_empty(),
            Value::Number(_) | Value::Bool(_) => true,
            _ => false,
        };
        if items.is_empty() || !items.iter().all(is_usable) {
            let message = format!("nobody can have what is required of `{claim}`");
            let finding = Finding::error(Code::BadValue, message).help(format!(
                "write a text, a number, true or false, or a list of which one is enough: {claim} = [\"a\", \"b\"]"
            ));
            self.find(place, finding);
            return None;
        }
        // Ids are numbers at one backend and texts at the next; a session has them as text.
        let is_text = USER_FIELDS.contains(&claim);
        let as_held = |item: Value| match item {
            Value::Number(number) if is_text => Value::String(number.to_string()),
            other => other,
        };
        Some(items.into_iter().map(as_held).collect())
    }

    /// Tells of a claim that no session has.
    fn known_claim(&mut self, place: &str, claim: &str, me: Option<&MePlan>) {
        let Some(me) = me else { return };
        let field = match claim {
            "id" => Some(&me.id),
            "email" => Some(&me.email),
            "name" => Some(&me.name),
            _ => None,
        };
        if field.map_or(me.claims.contains_key(claim), |pointer| !pointer.is_empty()) {
            return;
        }
        let message = format!("no session has `{claim}`: [backend.me] does not map it");
        let mut claims: BTreeMap<&str, &str> =
            me.claims.iter().map(|(name, at)| (name.as_str(), at.as_str())).collect();
        let meant = nearest(claim, claims.keys().copied().chain(USER_FIELDS));
        let help = match (meant, field) {
            (Some(meant), None) => format!("did you mean `{meant}`?"),
            (_, Some(_)) => {
                format!("say where the answer has it:\n[backend.me]\n{claim} = \"/{claim}\"")
            }
            (None, None) => {
                let own = format!("/{claim}");
                claims.insert(claim, &own);
                let pairs: Vec<_> =
                    claims.iter().map(|(name, at)| format!("{name} = \"{at}\"")).collect();
                let pairs = pairs.join(", ");
                format!("say where the answer has it:\n[backend.me]\nclaims = {{ {pairs} }}")
            }
        };
        self.find(place, Finding::error(Code::ClaimUnknown, message).help(help));
    }

    /// Tells of rules that can never count, or not where they seem to.
    pub(super) fn rules_that_count(
        &mut self,
        own: &OwnPaths,
        patterns: &[PublicPattern],
        rules: &[AccessRule],
    ) {
        for (index, rule) in rules.iter().enumerate() {
            let path = format!("access.rule.{index}.path");
            let scope = Scope { pattern: &rule.pattern, methods: &rule.methods };
            let earlier = rules
                .iter()
                .take(index)
                .find(|one| Scope { pattern: &one.pattern, methods: &one.methods }.covers(&scope));
            let opened = patterns
                .iter()
                .find(|one| Scope { pattern: &one.pattern, methods: &one.methods }.covers(&scope));
            if let Some(earlier) = earlier {
                let message = format!(
                    "this rule never counts: the one at {} comes first and matches all of it",
                    earlier.source
                );
                let finding = Finding::warning(Code::RuleWithoutEffect, message);
                self.find(&path, finding.help("put the narrower rule first"));
            } else if let Some(opened) = opened.filter(|_| !is_about(&own.guarded, rule)) {
                let message = format!(
                    "this rule never counts: `{}` ({}) makes all of it public",
                    opened.pattern, opened.source
                );
                let help = "take the path out of `public`, or the rule out of the file";
                self.find(&path, Finding::warning(Code::RuleWithoutEffect, message).help(help));
            } else if let Some(page) = own_page(own, rule) {
                let message =
                    format!("this rule covers {page}, which answers to everybody all the same");
                let help = "vestibule's own pages stay reachable, or nobody could sign in; narrow the pattern";
                self.find(&path, Finding::warning(Code::RuleWithoutEffect, message).help(help));
            }
        }
    }

    /// The tests, without those that cannot be run.
    pub(super) fn trials(&mut self, backend: Option<&BackendPlan>) -> Vec<Trial> {
        let tables = self.said.test.iter().enumerate();
        tables
            .filter_map(|(index, table)| self.trial(&format!("test.{index}"), table, backend))
            .collect()
    }

    fn trial(
        &mut self,
        item: &str,
        table: &TestTable,
        backend: Option<&BackendPlan>,
    ) -> Option<Trial> {
        if self.origins.spoiled.contains(item) {
            return None;
        }
        let parts = table.request.split_once(' ');
        let parsed = parts.and_then(|(method, target)| {
            let capitals = method.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'-');
            let method = Method::from_bytes(method.as_bytes()).ok().filter(|_| capitals)?;
            target.starts_with('/').then(|| (method, target.to_owned()))
        });
        if parsed.is_none() {
            let message = "a request is a method and a path";
            let finding = Finding::error(Code::BadValue, message);
            self.find(&format!("{item}.request"), finding.help("write request = \"GET /admin\""));
        }
        for claim in table.who.iter().flat_map(BTreeMap::keys) {
            let me = backend.map(|backend| &backend.calls.me);
            self.known_claim(&format!("{item}.as.{claim}"), claim, me);
        }
        let expect = &table.expect;
        if expect.status.is_none() && expect.access.is_none() {
            let finding = Finding::error(Code::MissingKey, "this test expects nothing");
            let help = "write expect = { status = 403 } or expect = { access = \"denied\" }";
            self.find(&format!("{item}.expect"), finding.help(help));
        }
        if let Some(status) = expect.status.filter(|status| !STATUSES.contains(status)) {
            let message = format!("a page load never comes to {status} here");
            let finding = Finding::error(Code::BadValue, message).help(
                "200 goes through, 303 leads to the login page, 403 and 404 are denied, 400 is a path that is refused",
            );
            self.find(&format!("{item}.expect.status"), finding);
        }
        let (method, target) = parsed?;
        let access = expect.access.map(|access| match access {
            AccessName::Public => "public",
            AccessName::Login => "login",
            AccessName::Allowed => "allowed",
            AccessName::Denied => "denied",
        });
        Some(Trial {
            request: table.request.clone(),
            method,
            target,
            claims: table.who.clone(),
            status: expect.status.and_then(|status| u16::try_from(status).ok()),
            access: access.map(str::to_owned),
            place: self.origins.place(&format!("{item}.request")),
        })
    }
}

fn is_about(paths: &[String], rule: &AccessRule) -> bool {
    compiled(&rule.pattern).is_ok_and(|regex| paths.iter().any(|path| regex.is_match(path)))
}

/// A page of our own that is open to everybody and that the rule is about. Who writes a rule for the whole house
/// does not mean the login page.
fn own_page<'a>(own: &'a OwnPaths, rule: &AccessRule) -> Option<&'a String> {
    if matches_every_probe(&rule.pattern) {
        return None;
    }
    let regex = compiled(&rule.pattern).ok()?;
    let is_in = |folder: &&String| regex.is_match(folder) || regex.is_match(&format!("{folder}x"));
    let page = own.exact.iter().find(|page| regex.is_match(page));
    page.or_else(|| own.folders.iter().find(is_in))
}
