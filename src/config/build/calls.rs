//! The declared backend calls: what was left out is filled in, headers are merged, all are compiled.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use super::Builder;
use crate::call::template::{Call, CallSpec};
use crate::config::backend::{AfterRegister, BackendTable, CallTable, Encoding, Switchable};
use crate::config::fill::fill;
use crate::config::plan::{Calls, MePlan, RegisterPlan};
use crate::finding::{Code, Finding};

/// What is known in every call of a session, beside what `take` brings.
const KNOWN: [&str; 4] = ["access_token", "refresh_token", "user.id", "user.email"];

impl Builder<'_> {
    pub(super) fn calls(&mut self) -> Option<Calls> {
        let said = fill(&self.said.backend);
        let login = self.call("backend.login", &said.login);
        self.refuse_no_token("backend.login", &said.login);
        self.refuse_tokens("backend.login", &said.login, login.as_ref());

        let register = on(&said.register).map(|table| {
            let call = self.call("backend.register", &table.call);
            self.refuse_tokens("backend.register", &table.call, call.as_ref());
            // Where an address is verified first, signing in at once cannot succeed.
            let builtin = self.said.backend.builtin.as_ref().filter(|_| self.is_builtin());
            let mail_first = builtin.is_some_and(|builtin| builtin.require_verified_email);
            let then_login = table.then == AfterRegister::Login && !mail_first;
            if let (true, Some(login), Some(call)) = (then_login, &login, &call) {
                self.refuse_unasked(login, call);
            }
            call.map(|call| RegisterPlan { call, then_login })
        });
        let refresh = on(&said.refresh).map(|table| {
            self.refuse_no_token("backend.refresh", table);
            self.call("backend.refresh", table)
        });
        let me = self.me(&said);
        let mut logout = Some(Vec::new());
        for (index, table) in said.logout.iter().enumerate() {
            let call = self.call(&format!("backend.logout.{index}"), table);
            logout = logout.zip(call).map(|(mut calls, call)| {
                calls.push(call);
                calls
            });
        }
        let known = known_names(&[Some(&said.login), on(&said.refresh)]);
        if let (Some(table), Some(Some(call))) = (on(&said.refresh), &refresh) {
            self.refuse_unknown("backend.refresh", table, call, &known);
        }
        if let Some(me) = &me {
            self.refuse_unknown("backend.me", &said.me.call, &me.call, &known);
        }
        for (index, (table, call)) in said.logout.iter().zip(logout.iter().flatten()).enumerate() {
            self.refuse_unknown(&format!("backend.logout.{index}"), table, call, &known);
        }
        Some(Calls {
            login: login?,
            // Off stays off; what failed fails the whole.
            register: register.map_or(Some(None), |plan| plan.map(Some))?,
            refresh: refresh.map_or(Some(None), |call| call.map(Some))?,
            me: me?,
            logout: logout?,
        })
    }

    fn me(&mut self, backend: &BackendTable) -> Option<MePlan> {
        let said = &backend.me;
        let call = self.call("backend.me", &said.call);
        let own =
            [("user", &said.user), ("id", &said.id), ("email", &said.email), ("name", &said.name)];
        let claims = said.claims.iter().map(|(name, pointer)| (format!("claims.{name}"), pointer));
        for (key, pointer) in own.into_iter().map(|(key, p)| (key.to_owned(), p)).chain(claims) {
            if !pointer.is_empty() && !pointer.starts_with('/') {
                let finding = Finding::error(Code::BackendCall, "a JSON pointer begins with `/`")
                    .help(format!("write \"/{pointer}\""));
                self.find(&format!("backend.me.{key}"), finding);
            }
        }
        Some(MePlan {
            call: call?,
            user: said.user.clone(),
            id: said.id.clone(),
            email: said.email.clone(),
            name: said.name.clone(),
            claims: said.claims.clone(),
        })
    }

    /// The placeholders that every call of a session may have.
    pub(super) fn known_of_a_session(&self) -> BTreeSet<String> {
        let said = fill(&self.said.backend);
        known_names(&[Some(&said.login), on(&said.refresh)])
    }

    /// Compiles one call; each mistake is told at its own key.
    pub(super) fn call(&mut self, path: &str, said: &CallTable) -> Option<Call> {
        let body = said.body.clone();
        let spec = CallSpec {
            send: said.send.as_deref().unwrap_or_default(),
            as_form: said.encoding == Encoding::Form,
            headers: self.headers(said),
            body: body.map(|body| Value::Object(body.into_iter().collect::<Map<_, _>>())),
            take: said.take.clone().unwrap_or_default(),
            ok: &said.ok,
        };
        match Call::compile(&spec) {
            Ok(call) => Some(call),
            Err(mistakes) => {
                for mistake in mistakes {
                    let at = self.home_of(path, &mistake.key);
                    self.find(&at, Finding::error(Code::BackendCall, mistake.message));
                }
                None
            }
        }
    }

    /// The call's own headers over `auth` over those of the backend. Names are compared as HTTP does.
    fn headers(&self, said: &CallTable) -> BTreeMap<String, String> {
        let backend = &self.said.backend;
        let auth = said.auth.unwrap_or_default().then_some(&backend.auth);
        let layers = [Some(&backend.headers), auth, Some(&said.headers)];
        // Of two spellings in one table the one in small letters comes last and wins: that is the variable's.
        layers
            .into_iter()
            .flatten()
            .flatten()
            .map(|(name, value)| (name.to_ascii_lowercase(), value.clone()))
            .collect()
    }

    /// Where the key of a mistake stands: a header may have come from the backend's tables, under any spelling.
    fn home_of(&self, path: &str, key: &str) -> String {
        let Some(header) = key.strip_prefix("headers.") else { return format!("{path}.{key}") };
        let backend = &self.said.backend;
        [
            (format!("{path}.headers"), None),
            ("backend.auth".to_owned(), Some(&backend.auth)),
            ("backend.headers".to_owned(), Some(&backend.headers)),
        ]
        .into_iter()
        .find_map(|(table, names)| {
            let spelled = names.and_then(|names| {
                names.keys().find(|name| name.eq_ignore_ascii_case(header)).cloned()
            });
            let paths = [spelled.unwrap_or_default(), header.to_owned()];
            let mut paths = paths.into_iter().map(|name| format!("{table}.{name}"));
            paths.find(|path| self.origins.is_said(path))
        })
        .unwrap_or_else(|| format!("{path}.headers"))
    }

    /// Without an access token nobody has signed in.
    fn refuse_no_token(&mut self, path: &str, said: &CallTable) {
        if said.take.as_ref().is_some_and(|take| !take.contains_key("access_token")) {
            let finding = Finding::error(
                Code::BackendCall,
                "nothing says where the answer has the access token",
            )
            .help("add access_token = \"/access_token\" to `take`");
            self.find(&format!("{path}.take"), finding);
        }
    }

    /// Who is to be signed in right after registering must have been asked for all that it takes.
    fn refuse_unasked(&mut self, login: &Call, register: &Call) {
        let asked = register.placeholders();
        let wanted: Vec<_> = login
            .placeholders()
            .into_iter()
            .filter(|name| !asked.contains(name) && !KNOWN.contains(&name.as_str()))
            .collect();
        if let Some(name) = wanted.first() {
            let finding = Finding::warning(
                Code::BackendCall,
                format!("registering does not ask for `{{{{{name}}}}}`, so nobody can be signed in right after it"),
            )
            .help("use the same placeholder in [backend.login] and [backend.register], or write then = \"notice\"");
            self.find("backend.register", finding);
        }
    }

    /// Before somebody has signed in there are no tokens to send.
    fn refuse_tokens(&mut self, path: &str, said: &CallTable, call: Option<&Call>) {
        for name in KNOWN {
            if call.is_some_and(|call| call.uses(name)) {
                let finding = Finding::error(
                    Code::BackendCall,
                    format!("`{{{{{name}}}}}` is sent before anybody has signed in"),
                )
                .help("the placeholders of this call are the inputs of its form, for example {{email}}");
                let at = self.home_of_placeholder(path, said, name);
                self.find(&at, finding);
            }
        }
    }

    /// What no call has brought cannot be sent.
    fn refuse_unknown(
        &mut self,
        path: &str,
        said: &CallTable,
        call: &Call,
        known: &BTreeSet<String>,
    ) {
        for name in call.placeholders() {
            if !known.contains(&name) {
                let finding = Finding::error(
                    Code::BackendCall,
                    format!("nothing is known for `{{{{{name}}}}}` in this call"),
                );
                let nearest =
                    crate::config::suggest::nearest(&name, known.iter().map(String::as_str));
                let finding = finding.help(match nearest {
                    Some(nearest) => format!("did you mean {{{{{nearest}}}}}?"),
                    None => format!("take it from the login's answer: [backend.login] take = {{ …, {name} = \"/{name}\" }}"),
                });
                let at = self.home_of_placeholder(path, said, &name);
                self.find(&at, finding);
            }
        }
    }

    /// Where a placeholder was written.
    pub(super) fn home_of_placeholder(&self, path: &str, said: &CallTable, name: &str) -> String {
        let placeholder = format!("{{{{{name}}}}}");
        let has = |text: &str| text.replace(' ', "").contains(&placeholder);
        let among = |headers: &BTreeMap<String, String>| {
            headers.iter().find(|(_, text)| has(text)).map(|(header, _)| header.clone())
        };
        let mut body = said.body.iter().flatten();
        let in_body = body.find(|(_, value)| has(&value.to_string()));
        let backend = &self.said.backend;
        if said.send.as_deref().is_some_and(has) {
            format!("{path}.send")
        } else if let Some((key, _)) = in_body {
            format!("{path}.body.{key}")
        } else if let Some(header) = among(&said.headers) {
            format!("{path}.headers.{header}")
        } else if let Some(header) = among(&backend.headers) {
            format!("backend.headers.{header}")
        } else if let Some(header) = among(&backend.auth) {
            format!("backend.auth.{header}")
        } else {
            path.to_owned()
        }
    }
}

/// The table of a call that is on.
fn on<T>(filled: &Switchable<T>) -> Option<&T> {
    match filled {
        Switchable::Switch(_) => None,
        Switchable::Table(table) => Some(table),
    }
}

fn known_names(tables: &[Option<&CallTable>]) -> BTreeSet<String> {
    let taken = tables.iter().flatten().filter_map(|table| table.take.as_ref());
    // A lifetime is turned into a time and not kept as it came.
    let taken =
        taken.flat_map(|take| take.keys().cloned()).filter(|name| !name.starts_with("expires_"));
    KNOWN.iter().map(|name| (*name).to_owned()).chain(taken).collect()
}
