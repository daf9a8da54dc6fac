//! The declared backend calls: what was left out is filled in, headers are merged, all are compiled.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use super::Builder;
use crate::call::template::{Call, CallSpec};
use crate::config::backend::{AfterRegister, CallTable, Encoding, RegisterTable, Switchable};
use crate::config::plan::{Calls, MePlan, RegisterPlan};
use crate::finding::{Code, Finding};

/// What a step is if nothing is said about it.
struct Step {
    send: &'static str,
    body: Option<Value>,
    takes_tokens: bool,
    auth: bool,
}

/// What is known in every call of a session, beside what `take` brings.
const KNOWN: [&str; 4] = ["access_token", "refresh_token", "user.id", "user.email"];

impl Builder<'_> {
    pub(super) fn calls(&mut self) -> Option<Calls> {
        let said = &self.said.backend;
        let credentials = json!({ "email": "{{email}}", "password": "{{password}}" });
        let token = json!({ "refresh_token": "{{refresh_token}}" });
        let step = |send, body, takes_tokens, auth| Step { send, body, takes_tokens, auth };

        let login_step = step("POST /auth/login", Some(credentials.clone()), true, false);
        let login = self.call("backend.login", &said.login, &login_step);
        self.refuse_tokens("backend.login", &said.login, login.as_ref());

        let register_default = RegisterTable::default();
        let register = switched(&said.register, &register_default).map(|table| {
            let step = step("POST /auth/register", Some(credentials), false, false);
            let call = self.call("backend.register", &table.call, &step);
            self.refuse_tokens("backend.register", &table.call, call.as_ref());
            call.map(|call| RegisterPlan { call, then_login: table.then == AfterRegister::Login })
        });

        let refresh_default = CallTable::default();
        let refresh = switched(&said.refresh, &refresh_default).map(|table| {
            let step = step("POST /auth/refresh", Some(token.clone()), true, false);
            self.call("backend.refresh", table, &step)
        });

        let me = self.me();
        let mut logout = Some(Vec::new());
        let logout_step = step("POST /auth/logout", Some(token), false, true);
        for (index, table) in said.logout.iter().enumerate() {
            let call = self.call(&format!("backend.logout.{index}"), table, &logout_step);
            logout = logout.zip(call).map(|(mut calls, call)| {
                calls.push(call);
                calls
            });
        }
        let refresh_table = switched(&said.refresh, &refresh_default);
        let known = known_names(&[Some(&said.login), refresh_table]);
        if let (Some(table), Some(Some(call))) = (refresh_table, &refresh) {
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

    fn me(&mut self) -> Option<MePlan> {
        let said = &self.said.backend.me;
        let step = Step { send: "GET /auth/me", body: None, takes_tokens: false, auth: true };
        let call = self.call("backend.me", &said.call, &step);
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

    /// Compiles one call; each mistake is told at its own key.
    fn call(&mut self, path: &str, said: &CallTable, step: &Step) -> Option<Call> {
        let send = said.send.as_deref().unwrap_or(step.send);
        let bodiless = ["GET ", "HEAD ", "DELETE "].iter().any(|method| send.starts_with(method));
        let body = match &said.body {
            Some(body) => Some(Value::Object(body.clone().into_iter().collect::<Map<_, _>>())),
            None if bodiless => None,
            None => step.body.clone(),
        };
        let take = said.take.clone().unwrap_or_else(|| {
            let names =
                if step.takes_tokens { &["access_token", "refresh_token"][..] } else { &[] };
            names.iter().map(|name| ((*name).to_owned(), format!("/{name}"))).collect()
        });
        if step.takes_tokens && !take.contains_key("access_token") {
            let finding = Finding::error(
                Code::BackendCall,
                "nothing says where the answer has the access token",
            )
            .help("add access_token = \"/access_token\" to `take`");
            self.find(&format!("{path}.take"), finding);
        }
        let spec = CallSpec {
            send,
            as_form: said.encoding == Encoding::Form,
            headers: self.headers(said, step),
            body,
            take,
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
    fn headers(&self, said: &CallTable, step: &Step) -> BTreeMap<String, String> {
        let backend = &self.said.backend;
        let auth = said.auth.unwrap_or(step.auth).then_some(&backend.auth);
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
    fn home_of_placeholder(&self, path: &str, said: &CallTable, name: &str) -> String {
        let has = |text: &str| text.contains("{{") && text.contains(name);
        let among = |headers: &BTreeMap<String, String>| {
            headers.iter().find(|(_, text)| has(text)).map(|(header, _)| header.clone())
        };
        let in_body =
            said.body.iter().flat_map(BTreeMap::values).any(|value| has(&value.to_string()));
        let backend = &self.said.backend;
        if said.send.as_deref().is_some_and(has) {
            format!("{path}.send")
        } else if in_body {
            format!("{path}.body")
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
fn switched<'a, T>(said: &'a Switchable<T>, default: &'a T) -> Option<&'a T> {
    match said {
        Switchable::Switch(false) => None,
        Switchable::Switch(true) => Some(default),
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
