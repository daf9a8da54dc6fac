//! The theme of a plan, tried on everything that the site shows before there is a visitor.

use super::rehearsal;
use crate::config::plan::{DocsAccess, Plan};
use crate::finding::Finding;
use crate::form::builtin::{CHANGE_PASSWORD, FORGOT_PASSWORD};
use crate::theme::context::Urls;
use crate::theme::languages::Languages;
use crate::theme::{SiteSettings, check};

/// Loads the theme of a plan in its languages. Also what `check` does about themes, so it touches nothing but files.
pub(crate) fn languages(plan: &Plan) -> Result<Languages, Vec<Finding>> {
    try_on(plan)
        .map_err(|findings| check::in_words_of_rules(&plan.theme, &plan.i18n.default, findings))
}

fn try_on(plan: &Plan) -> Result<Languages, Vec<Finding>> {
    let has_registration = plan.backend.calls.register.is_some();
    let declared = |id: &str| plan.forms.declared.iter().find(|form| form.spec.id == id);
    let urls = Urls {
        login: "/login".to_owned(),
        register: has_registration.then(|| "/register".to_owned()),
        forgot: declared(FORGOT_PASSWORD).map(|form| form.spec.path.to_string()),
        change_password: declared(CHANGE_PASSWORD).map(|form| form.spec.path.to_string()),
        logout: "/logout".to_owned(),
        home: "/".to_owned(),
        session: "/_vestibule/session".to_owned(),
        docs: (plan.docs != DocsAccess::Off).then(|| "/_vestibule/docs".to_owned()),
    };
    let site = SiteSettings { urls, register: has_registration, brand: None };
    let languages = Languages::open(&plan.theme, &site, &plan.i18n)?;
    let theme = languages.in_default();
    let forms = plan.forms.declared.iter().map(|form| (&form.template, &form.template_place));
    let pages = plan.pages.iter().map(|page| (&page.template, &page.template_place));
    let missing: Vec<Finding> = pages
        .chain(forms)
        .filter(|(template, _)| !theme.has_template(template))
        .map(|(template, place)| theme.lacks(template).at(Some(place.clone())))
        .collect();
    if !missing.is_empty() {
        return Err(missing);
    }
    for theme in languages.themes() {
        theme.rehearse_declared(rehearsal::pages(plan, theme))?;
    }
    let misspelt = languages.misspelt(&plan.i18n.texts, &rehearsal::pages(plan, theme));
    if misspelt.is_empty() { Ok(languages) } else { Err(misspelt) }
}
