//! What follows a form: where the visitor goes, and what a refusal of the backend means.

use std::collections::BTreeSet;

use super::Builder;
use super::declared::Told;
use crate::call::meaning::Meaning;
use crate::config::form::{AccessWord, FormTable, SuccessTable};
use crate::config::plan::SuccessPlan;
use crate::config::suggest::nearest;
use crate::finding::{Code, Finding};
use crate::return_to::ReturnTo;

impl Builder<'_> {
    pub(super) fn success(&mut self, item: &str, said: &FormTable) -> Option<SuccessPlan> {
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
        for (key, _) in of_user.iter().filter(|(_, said)| *said && !needs_user) {
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

    pub(super) fn redirect(
        &mut self,
        item: &str,
        said: Option<&str>,
    ) -> Result<Option<ReturnTo>, Told> {
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

    pub(super) fn meanings(
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
            if let Some(status) = meaning.status.filter(|status| !(200..=499).contains(status)) {
                let message = format!("{status} is no refusal");
                let finding = Finding::error(Code::BadValue, message).help(
                    "a backend refuses with 400 to 499, or with a 2xx that says no; 500 and above are outages",
                );
                self.find(&format!("{path}.status"), finding);
                fine = false;
            }
            if let Some(status) =
                meaning.status.filter(|it| (200..=299).contains(it) && meaning.at.is_none())
            {
                let message = format!("{status} is no refusal unless the body says so");
                let finding = Finding::error(Code::MissingKey, message)
                    .help("add at = \"/error\", the place in the body that says no");
                self.find(&format!("{path}.status"), finding);
                fine = false;
            } else if meaning.is.is_some() && meaning.at.is_none() {
                let finding = Finding::error(Code::MissingKey, "`is` needs `at`, which says where")
                    .help("add at = \"/detail\"");
                self.find(&format!("{path}.is"), finding);
                fine = false;
            }
        }
        let meaning = |table: &crate::config::form::RefusalTable| Meaning {
            status: table.status.and_then(|status| u16::try_from(status).ok()),
            at: table.at.clone(),
            is: table.is.clone(),
            field: table.field.clone(),
            text: table.text.clone(),
        };
        fine.then(|| said.error.iter().map(meaning).collect())
    }
}
