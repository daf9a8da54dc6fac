//! `[[form]]`: each has a path of its own, and a backend call that knows all that it sends.

use std::collections::{BTreeMap, BTreeSet};

use super::Builder;
use super::declared::{Taken, Told};
use crate::call::LANGUAGE;
use crate::call::meaning::Meaning;
use crate::call::template::Call;
use crate::config::backend::CallTable;
use crate::config::form::{AccessWord, FormTable, SuccessTable, UnknownWord};
use crate::config::plan::{BackendPlan, CarrierPlan, FormPlan, FormsPlan, LimitPlan, SuccessPlan};
use crate::config::suggest::nearest;
use crate::finding::{Code, Finding};
use crate::form::FormSpec;
use crate::form::builtin::{LOGIN, REGISTER};
use crate::return_to::ReturnTo;

/// The shortest password that the built-in backend takes; other backends tell their own rules when
/// they refuse.
const BUILTIN_MIN_PASSWORD: usize = 8;

impl Builder<'_> {
    /// Every form of the site.
    pub(super) fn forms(&mut self, backend: &BackendPlan, taken: &mut Taken) -> Option<FormsPlan> {
        let is_builtin = matches!(backend.carrier, CarrierPlan::Builtin { .. });
        let min_password = if is_builtin { BUILTIN_MIN_PASSWORD } else { 0 };
        let mut login = FormSpec::login(&backend.calls.login.placeholders());
        let register = backend.calls.register.as_ref();
        let mut register =
            register.map(|it| FormSpec::register(&it.call.placeholders(), min_password));
        let mut declared = Some(Vec::new());
        let mut seen: BTreeSet<String> = BTreeSet::new();
        for (index, said) in self.said.form.iter().enumerate() {
            let item = format!("form.{index}");
            if self.origins.spoiled.contains(&item) || !self.form_id(&item, said, &mut seen) {
                declared = None;
                continue;
            }
            let builtin = match said.id.as_str() {
                LOGIN => Some(&mut login),
                REGISTER => register.as_mut(),
                _ => None,
            };
            let form = if let Some(spec) = builtin {
                self.redeclare(&item, said, spec).map(|()| None)
            } else if said.id == REGISTER {
                self.no_registration(&item);
                None
            } else {
                self.form(&item, said, backend, taken).map(Some)
            };
            declared = declared.zip(form).map(|(mut list, form)| {
                list.extend(form);
                list
            });
        }
        Some(FormsPlan { login, register, declared: declared? })
    }

    fn no_registration(&mut self, item: &str) {
        let finding = Finding::error(Code::Conflict, "there is no registration to change")
            .help("take register = false out of [backend], or this form out of the file");
        self.find(&format!("{item}.id"), finding);
    }

    fn form_id(&mut self, item: &str, said: &FormTable, seen: &mut BTreeSet<String>) -> bool {
        let path = format!("{item}.id");
        let is_fine = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        if said.id.is_empty() {
            if !self.origins.is_spoiled(&path) {
                let finding = Finding::error(Code::MissingKey, "a form needs an id")
                    .help("add id = \"contact\"");
                self.findings.push(finding.at(self.origins.key_place(&path)));
            }
            return false;
        }
        let finding = if !said.id.chars().all(is_fine) || said.id.starts_with('-') {
            Finding::error(Code::BadValue, format!("\"{}\" cannot be the id of a form", said.id))
                .help("small letters, digits and dashes; what is read is its `title`")
        } else if said.id == "logout" {
            Finding::error(Code::Conflict, "signing out is not a form to be changed")
                .help("its calls are [[backend.logout]]")
        } else if !seen.insert(said.id.clone()) {
            Finding::error(Code::Conflict, format!("two forms have the id \"{}\"", said.id))
                .help("give one of them another")
        } else {
            return true;
        };
        self.find(&path, finding);
        false
    }

    /// Changes the login or the registration form.
    fn redeclare(&mut self, item: &str, said: &FormTable, spec: &mut FormSpec) -> Option<()> {
        let call = format!("[backend.{}]", spec.id);
        let elsewhere = [
            ("submit", said.submit.is_some(), format!("its call is {call}")),
            ("path", said.path.is_some(), format!("it is at {}", spec.path)),
            ("access", said.access == AccessWord::Public, "everybody may see it".to_owned()),
            ("template", said.template.is_some(), format!("its template is page/{}.html", spec.id)),
            ("prefill", said.prefill.is_some(), "nobody is signed in yet".to_owned()),
            ("nav", said.nav.is_some(), "the theme links to it".to_owned()),
            ("error", !said.error.is_empty(), "see `texts` in [backend]".to_owned()),
            ("rate_limit", said.rate_limit.is_some(), "see [rate_limit] login".to_owned()),
            ("htmx", said.htmx, "a password is sent without a script".to_owned()),
        ];
        let mut fine = true;
        for (key, _, why) in elsewhere.into_iter().filter(|(_, is_there, _)| *is_there) {
            let message = format!("the form \"{}\" cannot be given `{key}`", spec.id);
            let path = format!("{item}.{key}");
            self.find(&path, Finding::error(Code::Conflict, message).help(why));
            fine = false;
        }
        let success = &said.on_success;
        if success.login
            || success.logout
            || success.reload_user
            || success.end_other_sessions
            || success.message.is_some()
        {
            let message = format!("what follows the form \"{}\" can only be `redirect`", spec.id);
            let finding = Finding::error(Code::Conflict, message);
            self.find(&format!("{item}.on_success"), finding.help("it signs in by itself"));
            fine = false;
        }
        let redirect = self.redirect(item, success.redirect.as_deref());
        let fields = self.fields(item, &said.field, std::mem::take(&mut spec.fields));
        spec.fields = fields?;
        spec.after = redirect.ok()?;
        Self::words(spec, said);
        fine.then_some(())
    }

    fn words(spec: &mut FormSpec, said: &FormTable) {
        spec.title.clone_from(&said.title);
        spec.intro.clone_from(&said.intro);
        spec.button.clone_from(&said.button);
        spec.texts.clone_from(&said.texts);
        spec.refuse_unknown = said.unknown_fields == UnknownWord::Refuse;
    }

    fn form(
        &mut self,
        item: &str,
        said: &FormTable,
        backend: &BackendPlan,
        taken: &mut Taken,
    ) -> Option<FormPlan> {
        let needs_user = said.access == AccessWord::User;
        let default = format!("/{}", said.id);
        let path = said.path.as_deref().unwrap_or(&default);
        let path = self.declared_path(&format!("{item}.path"), path, needs_user, taken);
        let fields = self.fields(item, &said.field, Vec::new());
        let success = self.success(item, said);
        let template = format!("{item}.template");
        let template = self.template(&template, said.template.as_deref(), "page/form.html");
        let Some(call) = &said.submit else {
            if !self.origins.is_spoiled(&format!("{item}.submit")) {
                let finding = Finding::error(Code::MissingKey, "nothing says where the form goes")
                    .help(
                        "add submit = { send = \"POST /path\", body = { email = \"{{email}}\" } }",
                    );
                self.findings.push(finding.at(self.origins.key_place(&format!("{item}.submit"))));
            }
            return None;
        };
        let call = self.with_tokens(call, said.on_success.login);
        let submit = self.declared_call(&format!("{item}.submit"), &call, needs_user);
        let prefill = said.prefill.as_ref().map(|call| {
            let path = format!("{item}.prefill");
            let compiled = self.declared_call(&path, call, needs_user);
            compiled.map(|compiled| (path, call, compiled))
        });
        let (path, fields, success, submit) = (path?, fields?, success?, submit?);
        let known = self.known_to_calls(backend, needs_user);
        let inputs = fields.iter().filter(|field| field.kind.is_input());
        let inputs: BTreeSet<String> = inputs.map(|field| field.name.clone()).collect();
        let sent: BTreeSet<String> =
            known.iter().chain(&inputs).cloned().chain(client_names()).collect();
        self.refuse_unknown_in_form(&format!("{item}.submit"), &call, &submit, &sent, needs_user);
        self.note_unsent(item, said, &fields, &submit);
        self.login_takes_a_token(item, said, &call);
        let prefill = match prefill {
            None => None,
            Some(compiled) => {
                let (path, call, compiled) = compiled?;
                self.refuse_unknown_in_form(&path, call, &compiled, &known, needs_user);
                self.fills_fields(&path, call, &inputs);
                Some(compiled)
            }
        };
        let checks = self.checks(item, said, &known, needs_user)?;
        let meanings = self.meanings(item, said, &inputs)?;
        let limit = self.form_limit(item, said).ok()?;
        let mut spec = FormSpec::new(said.id.clone(), path);
        spec.fields = fields;
        spec.htmx = said.htmx;
        spec.after.clone_from(&success.redirect);
        Self::words(&mut spec, said);
        if spec.htmx && spec.has_secrets() {
            let finding =
                Finding::error(Code::Conflict, "a form with a password is not sent by a script")
                    .help("leave out `htmx`, so that password managers see what was sent");
            self.find(&format!("{item}.htmx"), finding);
            return None;
        }
        Some(FormPlan {
            template: template?,
            needs_user,
            submit,
            prefill,
            checks,
            success,
            meanings,
            limit,
            nav: said.nav.clone(),
            place: self.origins.place(&format!("{item}.id")),
            spec,
        })
    }

    /// A form that signs in takes from the answer what the login does, unless it says otherwise.
    fn with_tokens(&self, call: &CallTable, signs_in: bool) -> CallTable {
        let mut call = call.clone();
        if signs_in && call.take.is_none() {
            call.take = crate::config::fill::fill(&self.said.backend).login.take;
        }
        call
    }

    fn login_takes_a_token(&mut self, item: &str, said: &FormTable, call: &CallTable) {
        let takes = call.take.as_ref().is_some_and(|take| take.contains_key("access_token"));
        if said.on_success.login && !takes {
            let finding = Finding::error(
                Code::BackendCall,
                "nothing says where the answer has the access token",
            )
            .help("add access_token = \"/access_token\" to `take`");
            self.find(&format!("{item}.submit"), finding);
        }
    }

    fn success(&mut self, item: &str, said: &FormTable) -> Option<SuccessPlan> {
        let SuccessTable {
            message,
            redirect,
            login,
            logout,
            end_other_sessions,
            reload_user,
            keep_form,
        } = said.on_success.clone();
        let redirect = self.redirect(item, redirect.as_deref());
        let needs_user = said.access == AccessWord::User;
        let of_user = [
            ("logout", logout),
            ("reload_user", reload_user),
            ("end_other_sessions", end_other_sessions),
        ];
        let path = format!("{item}.on_success");
        let mut fine = true;
        if let Some((key, _)) = of_user.iter().find(|(_, said)| *said && !needs_user) {
            let message = format!("`{key}` is about a session, and this form is for everybody");
            let finding = Finding::error(Code::Conflict, message).help("write access = \"user\"");
            self.find(&format!("{path}.{key}"), finding);
            fine = false;
        }
        if login && logout {
            let finding = Finding::error(Code::Conflict, "a form cannot sign in and sign out");
            self.find(&format!("{path}.logout"), finding.help("keep one of them"));
            fine = false;
        }
        let keep_form = keep_form.unwrap_or(said.prefill.is_some() || reload_user);
        let redirect = redirect.ok()?;
        fine.then_some(SuccessPlan {
            message,
            redirect,
            login,
            logout,
            end_other_sessions,
            reload_user,
            keep_form,
        })
    }

    fn redirect(&mut self, item: &str, said: Option<&str>) -> Result<Option<ReturnTo>, Told> {
        let Some(target) = said else { return Ok(None) };
        let parsed = ReturnTo::parse(target);
        if parsed.is_none() {
            let message = format!("\"{target}\" is no path on this site");
            let finding = Finding::error(Code::BadValue, message)
                .help("write for example redirect = \"/welcome\"");
            self.find(&format!("{item}.on_success.redirect"), finding);
        }
        parsed.map(Some).ok_or(Told)
    }

    fn checks(
        &mut self,
        item: &str,
        said: &FormTable,
        known: &BTreeSet<String>,
        needs_user: bool,
    ) -> Option<BTreeMap<String, Call>> {
        let mut checks = Some(BTreeMap::new());
        for (index, field) in said.field.iter().enumerate() {
            let Some(call) = &field.check else { continue };
            let path = format!("{item}.field.{index}.check");
            let compiled = self.declared_call(&path, call, needs_user);
            if let Some(compiled) = &compiled {
                let mut names = known.clone();
                names.insert(field.name.clone());
                self.refuse_unknown_in_form(&path, call, compiled, &names, needs_user);
            }
            checks = checks.zip(compiled).map(|(mut all, call)| {
                all.insert(field.name.clone(), call);
                all
            });
        }
        checks
    }

    fn meanings(
        &mut self,
        item: &str,
        said: &FormTable,
        inputs: &BTreeSet<String>,
    ) -> Option<Vec<Meaning>> {
        let mut fine = true;
        for (index, meaning) in said.error.iter().enumerate() {
            let path = format!("{item}.error.{index}");
            if let Some(field) = meaning.field.as_ref().filter(|field| !inputs.contains(*field)) {
                let finding =
                    Finding::error(Code::BadValue, format!("the form has no field \"{field}\""));
                let finding = match nearest(field, inputs.iter().map(String::as_str)) {
                    Some(near) => finding.help(format!("did you mean \"{near}\"?")),
                    None => finding.help("leave `field` out for an error of the whole form"),
                };
                self.find(&format!("{path}.field"), finding);
                fine = false;
            }
            if let Some(at) = meaning.at.as_ref().filter(|at| !at.starts_with('/')) {
                let finding = Finding::error(Code::BadValue, "a JSON pointer begins with `/`")
                    .help(format!("write \"/{at}\""));
                self.find(&format!("{path}.at"), finding);
                fine = false;
            }
            if meaning.is.is_some() && meaning.at.is_none() {
                let finding = Finding::error(Code::MissingKey, "`is` needs `at`, which says where")
                    .help("add at = \"/detail\"");
                self.find(&format!("{path}.is"), finding);
                fine = false;
            }
        }
        let meaning = |table: &crate::config::form::RefusalTable| Meaning {
            status: table.status,
            at: table.at.clone(),
            is: table.is.clone(),
            field: table.field.clone(),
            text: table.text.clone(),
        };
        fine.then(|| said.error.iter().map(meaning).collect())
    }

    fn form_limit(&mut self, item: &str, said: &FormTable) -> Result<Option<LimitPlan>, Told> {
        let Some(limit) = &said.rate_limit else { return Ok(None) };
        if limit.limit == 0 || limit.per.0.is_zero() {
            let finding =
                Finding::error(Code::BadValue, "with this limit nobody can send the form")
                    .help("write rate_limit = { limit = 5, per = \"1m\" }");
            self.find(&format!("{item}.rate_limit"), finding);
            return Err(Told);
        }
        Ok(Some(LimitPlan { limit: limit.limit, per: limit.per.0 }))
    }
}

/// What every call of a form may mention about who sends it.
fn client_names() -> impl Iterator<Item = String> {
    ["client.address", "client.agent", LANGUAGE].into_iter().map(str::to_owned)
}
