//! What forms and pages have in common: a path that nobody else has, and calls that know what they send.

use std::collections::{BTreeMap, BTreeSet};

use super::Builder;
use crate::access::OwnPaths;
use crate::call::template::Call;
use crate::config::backend::CallTable;
use crate::config::form::FormTable;
use crate::config::plan::BackendPlan;
use crate::config::suggest::{last, nearest};
use crate::finding::{Code, Finding};
use crate::form::FieldSpec;
use crate::path::CanonicalPath;

/// The paths that are somebody's already.
pub(super) struct Taken {
    pub(super) own: OwnPaths,
    /// Path to the key that has it.
    declared: BTreeMap<String, String>,
}

/// What is known in a call of a page, by what comes before the dot.
const QUERY: &str = "query.";

/// A mistake that has been told already.
pub(super) struct Told;

/// What a call that is no form's end may mention.
fn known_here(which: &str, known: &BTreeSet<String>) -> String {
    // Tokens are known as well, but nobody means them who is told this.
    let names = known.iter().filter(|name| !name.ends_with("_token"));
    let mut names: Vec<_> = names.map(|name| format!("{{{{{name}}}}}")).collect();
    if which != "check" {
        names.push("{{query.NAME}}".to_owned());
    }
    format!("known here: {}", names.join(", "))
}

/// The lines that make a claim known.
pub(super) fn map_claim(claim: &str) -> String {
    format!("map it:\n[backend.me]\nclaims = {{ {claim} = \"/{claim}\" }}")
}

impl Taken {
    pub(super) fn new(own: OwnPaths) -> Self {
        Self { own, declared: BTreeMap::new() }
    }
}

impl Builder<'_> {
    /// A path of its own, which from now on is one of ours.
    pub(super) fn declared_path(
        &mut self,
        at: &str,
        text: &str,
        needs_user: bool,
        taken: &mut Taken,
    ) -> Option<String> {
        if self.origins.is_spoiled(at) {
            return None;
        }
        let flaw = match CanonicalPath::parse(text) {
            Err(error) => Some(error.to_string()),
            Ok(_) if text.contains(['?', '#', '*', ' ', '{']) => {
                Some("it is a path, without a query or a pattern".to_owned())
            }
            Ok(_) if text.len() > 1 && text.ends_with('/') => {
                Some("it ends with a slash".to_owned())
            }
            Ok(_) if text.contains('%') || !text.is_ascii() => {
                Some("letters, digits and dashes are enough".to_owned())
            }
            Ok(_) => None,
        };
        let place = self.declared_at(at);
        if let Some(flaw) = flaw {
            let finding =
                Finding::error(Code::BadValue, format!("\"{text}\" cannot be a path: {flaw}"))
                    .help("write for example path = \"/contact\"");
            self.findings.push(finding.at(Some(place)));
            return None;
        }
        if let Some(other) = taken.declared.get(text) {
            let other = self.declared_at(&other.clone());
            let finding = Finding::error(Code::Conflict, format!("two things are at {text}"))
                .help(format!("give one of them another path; the other is at {other}"));
            self.findings.push(finding.at(Some(place)));
            return None;
        }
        let own = &mut taken.own;
        let inside = |folder: &String| {
            folder.ends_with('/') && folder != "/" && text.starts_with(folder.as_str())
        };
        let is_ours = text.starts_with("/_vestibule")
            || text == "/welcome"
            || own.exact.iter().any(|exact| exact == text)
            || own.folders.iter().any(inside)
            || own.guarded.iter().any(|guarded| guarded == text && text != "/" || inside(guarded));
        if is_ours {
            let finding = Finding::error(Code::Conflict, format!("{text} is vestibule's own"));
            let finding = if self.origins.is_said(at) {
                finding.help("choose another path")
            } else {
                finding
                    .help("its path follows from its id; add one, for example path = \"/contact\"")
            };
            self.findings.push(finding.at(Some(place)));
            return None;
        }
        let is_apps = |upstream: &crate::config::upstream::UpstreamTable| {
            upstream.path != "/" && upstream.path.trim_end_matches('/') == text
        };
        if let Some(index) = self.said.upstream.iter().position(is_apps) {
            let other = self.origins.place(&format!("upstream.{index}.path"));
            let finding =
                Finding::error(Code::Conflict, format!("{text} is where an upstream begins"))
                    .help(format!("give one of them another path; the upstream is at {other}"));
            self.findings.push(finding.at(Some(place)));
            return None;
        }
        taken.declared.insert(text.to_owned(), at.to_owned());
        own.guarded.retain(|guarded| guarded != text);
        own.front |= text == "/";
        let list = if needs_user { &mut own.guarded } else { &mut own.exact };
        list.push(text.to_owned());
        Some(text.to_owned())
    }

    /// Where a path was said, or the id or table that it follows from.
    fn declared_at(&self, at: &str) -> crate::finding::Place {
        let id = at.strip_suffix(".path").map(|item| format!("{item}.id"));
        match id {
            Some(id) if !self.origins.is_said(at) => self.origins.place(&id),
            _ => self.origins.place(at),
        }
    }

    /// A call of a form or a page. Where a user is needed, it says who asks.
    pub(super) fn declared_call(
        &mut self,
        path: &str,
        said: &CallTable,
        needs_user: bool,
    ) -> Option<Call> {
        if said.send.is_none() {
            if !self.origins.is_spoiled(path) {
                let method = if last(path) == "submit" { "POST" } else { "GET" };
                let finding = Finding::error(Code::MissingKey, "a call needs a method and a path")
                    .help(format!("add send = \"{method} /path\""));
                self.findings.push(finding.at(self.origins.key_place(&format!("{path}.send"))));
            }
            return None;
        }
        let mut call = said.clone();
        call.auth.get_or_insert(needs_user);
        self.call(path, &call)
    }

    /// What a call may mention of the session, if there is one.
    pub(super) fn known_to_calls(
        &self,
        backend: &BackendPlan,
        needs_user: bool,
    ) -> BTreeSet<String> {
        if !needs_user {
            return BTreeSet::new();
        }
        let mut known = self.known_of_a_session();
        known.insert("user.name".to_owned());
        known.extend(backend.calls.me.claims.keys().map(|claim| format!("claims.{claim}")));
        known
    }

    /// What nothing brings cannot be sent.
    pub(super) fn refuse_unknown_in_form(
        &mut self,
        path: &str,
        said: &CallTable,
        call: &Call,
        known: &BTreeSet<String>,
        needs_user: bool,
    ) {
        let which = last(path);
        let is_submit = ["submit", "check"].contains(&which);
        for name in call.placeholders() {
            if known.contains(&name) || !is_submit && name.starts_with(QUERY) {
                continue;
            }
            let message = format!("nothing is known for `{{{{{name}}}}}` in this call");
            let near = nearest(&name, known.iter().map(String::as_str));
            let help = match (near, name.split_once('.')) {
                (_, Some(("query", parameter))) => format!(
                    "take it through a field: name = \"{parameter}\", type = \"hidden\", default = \"{{{{query.{parameter}}}}}\""
                ),
                (Some(near), _) => format!("did you mean {{{{{near}}}}}?"),
                (None, Some(("user" | "claims", _)) | None)
                    if name.contains('.') && !needs_user =>
                {
                    "nobody is signed in here; write access = \"user\"".to_owned()
                }
                (None, Some(("claims", claim))) => map_claim(claim),
                _ if name.ends_with("_token") && !needs_user => {
                    "nobody is signed in here; write access = \"user\"".to_owned()
                }
                _ if which == "submit" => format!("add a field with name = \"{name}\""),
                _ => known_here(which, known),
            };
            let at = self.home_of_placeholder(path, said, &name);
            self.find(&at, Finding::error(Code::BackendCall, message).help(help));
        }
    }

    /// What is typed and goes nowhere may well be a slip; what is sent twice as well.
    pub(super) fn note_unsent(
        &mut self,
        item: &str,
        said: &FormTable,
        fields: &[FieldSpec],
        submit: &Call,
        whose: &str,
    ) {
        for (index, table) in said.field.iter().enumerate() {
            let Some(field) = fields.iter().find(|field| field.name == table.name) else {
                continue;
            };
            let is_meant =
                !field.kind.is_input() || field.kind.is_yes_or_no() || field.must_equal.is_some();
            let path = format!("{item}.field.{index}.name");
            if !is_meant && !submit.uses(&field.name) {
                let message = format!("\"{}\" is asked for and never sent", field.name);
                let help = format!("use {{{{{}}}}} in {whose}, or leave the field out", field.name);
                self.find(&path, Finding::warning(Code::BackendCall, message).help(help));
            }
            if submit.times_in_body(&field.name) > 1 {
                let message = format!("\"{}\" is sent more than once", field.name);
                let help = format!(
                    "{{{{{}}}}} stands in {whose} in several places; is one of them another field?",
                    field.name
                );
                self.find(&path, Finding::warning(Code::BackendCall, message).help(help));
            }
        }
    }

    /// What a prefill takes goes into fields.
    pub(super) fn fills_fields(&mut self, path: &str, said: &CallTable, inputs: &BTreeSet<String>) {
        let taken = said.take.clone().unwrap_or_default();
        if taken.is_empty() {
            let finding =
                Finding::error(Code::MissingKey, "nothing says what is taken from the answer")
                    .help("add take = { name = \"/name\" }, with the names of fields");
            self.find(path, finding);
        }
        for name in taken.keys().filter(|name| !inputs.contains(*name)) {
            let finding =
                Finding::error(Code::BadValue, format!("the form has no field \"{name}\""));
            let finding = match nearest(name, inputs.iter().map(String::as_str)) {
                Some(near) => finding.help(format!("did you mean \"{near}\"?")),
                None => finding.help("what is taken here fills the field of that name"),
            };
            self.find(&format!("{path}.take.{name}"), finding);
        }
    }
}
