//! What `auth.toml` declares beside login and registration.

use std::collections::BTreeMap;

use serde_json::Value;

use super::LimitPlan;
use crate::call::meaning::Meaning;
use crate::call::template::Call;
use crate::finding::Place;
use crate::form::FormSpec;
use crate::return_to::ReturnTo;

/// Every form of the site.
#[derive(Debug)]
pub(crate) struct FormsPlan {
    pub login: FormSpec,
    /// None where there is no registration.
    pub register: Option<FormSpec>,
    /// In the order of the file.
    pub declared: Vec<FormPlan>,
}

/// A declared form.
#[derive(Clone, Debug)]
pub(crate) struct FormPlan {
    pub spec: FormSpec,
    pub template: String,
    /// Whether only somebody who is signed in may see and send it.
    pub needs_user: bool,
    pub submit: Call,
    /// What fills the fields before they are shown.
    pub prefill: Option<Call>,
    /// By field: the call that says whether its value can be used.
    pub checks: BTreeMap<String, Call>,
    pub success: SuccessPlan,
    /// What refusals mean; the first that fits counts.
    pub meanings: Vec<Meaning>,
    /// Per client address.
    pub limit: Option<LimitPlan>,
    /// The words of a link to it on other pages.
    pub nav: Option<String>,
    /// Where it was said.
    pub place: Place,
    /// Where its template was said, or the table that says none.
    pub template_place: Place,
}

/// What follows when the backend has accepted a form.
#[expect(clippy::struct_excessive_bools, reason = "each is said by itself")]
#[derive(Clone, Debug, Default)]
pub(crate) struct SuccessPlan {
    pub message: Option<String>,
    pub redirect: Option<ReturnTo>,
    pub login: bool,
    pub logout: bool,
    pub end_other_sessions: bool,
    pub reload_user: bool,
    pub keep_form: bool,
}

/// A declared page.
#[derive(Clone, Debug)]
pub(crate) struct PagePlan {
    pub id: String,
    pub path: String,
    pub template: String,
    pub title: String,
    pub needs_user: bool,
    pub data: BTreeMap<String, Value>,
    /// By name: the calls whose answers the template is given.
    pub fetch: BTreeMap<String, Call>,
    pub nav: Option<String>,
    pub place: Place,
    /// Where its template was said, or the table that says none.
    pub template_place: Place,
}
