//! `[[form]]`: each has a path of its own, and a backend call that knows all that it sends.

use std::collections::{BTreeMap, BTreeSet};

use super::Builder;
use super::declared::{Taken, Told};
use crate::call::LANGUAGE;
use crate::call::template::Call;
use crate::config::backend::CallTable;
use crate::config::form::{AccessWord, FormTable, KindWord, UnknownWord};
use crate::config::plan::{BackendPlan, CarrierPlan, FormPlan, FormsPlan, LimitPlan};
use crate::finding::{Code, Finding};
use crate::form::builtin::{LOGIN, REGISTER};
use crate::form::{FieldKind, FormSpec};

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
                let call = match (said.id.as_str(), &backend.calls.register) {
                    (REGISTER, Some(register)) => &register.call,
                    _ => &backend.calls.login,
                };
                self.redeclare(&item, said, spec, call).map(|()| None)
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
    fn redeclare(
        &mut self,
        item: &str,
        said: &FormTable,
        spec: &mut FormSpec,
        call: &Call,
    ) -> Option<()> {
        let table = format!("[backend.{}]", spec.id);
        let elsewhere = [
            ("submit", said.submit.is_some(), format!("its call is {table}")),
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
        for (index, _) in said.field.iter().enumerate().filter(|(_, field)| field.check.is_some()) {
            let message = format!("the form \"{}\" cannot ask about a single field", spec.id);
            let finding = Finding::error(Code::Conflict, message)
                .help("leave `check` out; the backend says what it thinks when the form is sent");
            self.find(&format!("{item}.field.{index}.check"), finding);
            fine = false;
        }
        let redirect = self.redirect(item, success.redirect.as_deref());
        let fields = self.fields(item, &said.field, std::mem::take(&mut spec.fields));
        spec.fields = fields?;
        self.note_unsent(item, said, &spec.fields, call, &table);
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
            (path, call, compiled)
        });
        let known = self.known_to_calls(backend, needs_user);
        // As they were named, so that a mistake in one of them is not told at every place that names it.
        let inputs = said.field.iter().filter(|field| field.kind != Some(KindWord::Static));
        let inputs: BTreeSet<String> = inputs.map(|field| field.name.clone()).collect();
        if let Some(submit) = &submit {
            let sent: BTreeSet<String> =
                known.iter().chain(&inputs).cloned().chain(client_names()).collect();
            let path = format!("{item}.submit");
            self.refuse_unknown_in_form(&path, &call, submit, &sent, needs_user);
            self.note_unsent(item, said, fields.as_deref().unwrap_or_default(), submit, "`submit`");
        }
        self.login_takes_a_token(item, said, &call);
        if let Some((path, call, compiled)) = &prefill {
            if let Some(compiled) = compiled {
                self.refuse_unknown_in_form(path, call, compiled, &known, needs_user);
            }
            self.fills_fields(path, call, &inputs);
        }
        let checks = self.checks(item, said, &known, needs_user);
        let meanings = self.meanings(item, said, &inputs);
        let limit = self.form_limit(item, said);
        let has_secrets = fields.iter().flatten().any(|field| field.kind == FieldKind::Password);
        if said.htmx && has_secrets {
            let finding =
                Finding::error(Code::Conflict, "a form with a password is not sent by a script")
                    .help("leave out `htmx`, so that password managers see what was sent");
            self.find(&format!("{item}.htmx"), finding);
            return None;
        }
        let (path, fields, success, submit) = (path?, fields?, success?, submit?);
        let (checks, meanings, limit) = (checks?, meanings?, limit.ok()?);
        let prefill = match prefill {
            None => None,
            Some((_, _, compiled)) => Some(compiled?),
        };
        let mut spec = FormSpec::new(said.id.clone(), path);
        spec.fields = fields;
        spec.htmx = said.htmx;
        spec.after.clone_from(&success.redirect);
        Self::words(&mut spec, said);
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
            template_place: self.origins.place(&format!("{item}.template")),
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
