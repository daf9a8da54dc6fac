//! Where the links in mails of the built-in backend lead: to the forms that take them.

use super::Builder;
use crate::config::form::FormTable;
use crate::config::plan::{BackendPlan, CarrierPlan};
use crate::finding::{Code, Finding};

/// An endpoint that mails a link, the one that takes what the link brings, and the key of the page between them.
const JOURNEYS: [(&str, &str, &str); 2] = [
    ("/auth/forgot-password", "/auth/reset-password", "reset_page"),
    ("/auth/resend-verification", "/auth/verify-email", "verify_page"),
];

impl Builder<'_> {
    /// A link leads to the form that sends what it brings, unless its page is named.
    pub(super) fn links(&mut self, backend: &mut BackendPlan, has_mail: bool) {
        let CarrierPlan::Builtin { accounts, .. } = &mut backend.carrier else { return };
        let said = self.said;
        for (asks, takes, key) in JOURNEYS {
            let is_named = self.origins.is_said(&format!("backend.builtin.{key}"));
            let taker = said.form.iter().find(|form| sends_to(form, takes));
            if let (Some(form), false) = (taker, is_named) {
                let path = form.path.clone().unwrap_or_else(|| format!("/{}", form.id));
                match key {
                    "reset_page" => accounts.reset_page = path,
                    _ => accounts.verify_page = path,
                }
            }
            let Some(asking) = said.form.iter().position(|form| sends_to(form, asks)) else {
                continue;
            };
            let at = format!("form.{asking}.id");
            if taker.is_none() && !is_named {
                let id = takes.trim_start_matches("/auth/");
                let message =
                    format!("a link is mailed, and no form takes it: none sends to POST {takes}");
                let finding = Finding::warning(Code::Conflict, message).help(format!(
                    "declare one:\n[[form]]\nid = \"{id}\"\naccess = \"public\"\nsubmit = {{ send = \"POST {takes}\", body = {{ token = \"{{{{token}}}}\" }} }}\n# with a hidden field token, default = \"{{{{query.token}}}}\"; or say where links lead: {key} = \"/path\" in [backend.builtin]"
                ));
                self.find(&at, finding);
            }
            if !has_mail && !self.origins.is_said_by_hand("mail") {
                let message = "this form asks for a mail, and there is no [mail]: everybody is told that none can be sent";
                let finding = Finding::warning(Code::Conflict, message)
                    .help("add [mail], while you develop with a folder:\n[mail]\nfrom = \"no-reply@example.com\"\nfolder = \"mail\"");
                self.find(&at, finding);
            }
        }
    }
}

fn sends_to(form: &FormTable, path: &str) -> bool {
    let send = form.submit.as_ref().and_then(|call| call.send.as_deref()).unwrap_or_default();
    send.split_once(' ').is_some_and(|(method, to)| method == "POST" && to.trim() == path)
}
