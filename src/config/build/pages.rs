//! `[[page]]`: each has a path of its own and a template.

use std::collections::{BTreeMap, BTreeSet};

use super::Builder;
use super::declared::Taken;
use crate::config::by_id::id_of;
use crate::config::form::AccessWord;
use crate::config::page::PageTable;
use crate::config::plan::{BackendPlan, PagePlan};
use crate::finding::{Code, Finding};

/// Where the templates of pages are.
const FOLDER: &str = "page/";

impl Builder<'_> {
    /// The declared pages in the order of the file.
    pub(super) fn pages(
        &mut self,
        backend: &BackendPlan,
        taken: &mut Taken,
    ) -> Option<Vec<PagePlan>> {
        let mut all = Some(Vec::new());
        let mut seen = BTreeSet::new();
        for (index, said) in self.said.page.iter().enumerate() {
            let item = format!("page.{index}");
            let page = self.page(&item, said, backend, taken, &mut seen);
            all = all.zip(page).map(|(mut list, page)| {
                list.push(page);
                list
            });
        }
        all
    }

    fn page(
        &mut self,
        item: &str,
        said: &PageTable,
        backend: &BackendPlan,
        taken: &mut Taken,
        seen: &mut BTreeSet<String>,
    ) -> Option<PagePlan> {
        if self.origins.spoiled.contains(item) {
            return None;
        }
        let at = format!("{item}.path");
        if said.path.is_empty() {
            if !self.origins.is_spoiled(&at) {
                let finding = Finding::error(Code::MissingKey, "a page needs its path")
                    .help("add path = \"/dashboard\"");
                self.findings.push(finding.at(self.origins.key_place(&at)));
            }
            return None;
        }
        let needs_user = said.access == AccessWord::User;
        let path = self.declared_path(&at, &said.path, needs_user, taken);
        let id = said.id.clone().unwrap_or_else(|| id_of(&said.path));
        if !seen.insert(id.clone()) {
            let finding = Finding::error(Code::Conflict, format!("two pages have the id \"{id}\""))
                .help("give one of them another id");
            self.find(&format!("{item}.id"), finding);
            return None;
        }
        let template =
            self.template(&format!("{item}.template"), said.template.as_deref(), "page/plain.html");
        let known = self.known_to_calls(backend, needs_user);
        let mut fetch = Some(BTreeMap::new());
        for (name, call) in &said.fetch {
            let path = format!("{item}.fetch.{name}");
            let is_get = call.send.as_deref().is_none_or(|send| send.starts_with("GET "));
            if !is_get {
                let finding = Finding::error(Code::BackendCall, "a page only reads")
                    .help("write send = \"GET /path\"; what changes something is a [[form]]");
                self.find(&format!("{path}.send"), finding);
                fetch = None;
                continue;
            }
            let compiled = self.declared_call(&path, call, needs_user);
            if let Some(compiled) = &compiled {
                self.refuse_unknown_in_form(&path, call, compiled, &known, needs_user);
            }
            fetch = fetch.zip(compiled).map(|(mut all, call)| {
                all.insert(name.clone(), call);
                all
            });
        }
        Some(PagePlan {
            title: said.title.clone().unwrap_or_else(|| title_of(&id)),
            id,
            path: path?,
            template: template?,
            needs_user,
            data: said.data.clone(),
            fetch: fetch?,
            nav: said.nav.clone(),
            place: self.origins.place(&at),
            template_place: self.origins.place(&format!("{item}.template")),
        })
    }

    /// The name of a template; whether the theme has it is the theme's own check.
    pub(super) fn template(
        &mut self,
        at: &str,
        said: Option<&str>,
        default: &str,
    ) -> Option<String> {
        let Some(name) = said else { return Some(default.to_owned()) };
        let is_fine = name.starts_with(FOLDER)
            && name.strip_suffix(".html").is_some()
            && !name.contains("..")
            && !name.contains(['\\', ':']);
        if !is_fine {
            let file = name.rsplit('/').next().unwrap_or(name).trim_end_matches(".html");
            let finding =
                Finding::error(Code::BadValue, format!("\"{name}\" is no page of a theme")).help(
                    format!(
                        "pages are in the theme's folder `page`: template = \"page/{file}.html\""
                    ),
                );
            self.find(at, finding);
        }
        is_fine.then(|| name.to_owned())
    }
}

/// `monthly-report` becomes "Monthly report".
fn title_of(id: &str) -> String {
    let words = id.replace(['-', '_'], " ");
    let mut letters = words.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}
