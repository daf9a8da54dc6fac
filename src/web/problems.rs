//! The pages that the `type` of a problem document leads to: what a code means, and what to do.

use http::StatusCode;
use poem::Response;
use serde_json::{Value, json};

use super::App;
use super::answer::json_answer;
use super::codes::{self, AnswerCode};
use super::error::{Failure, FieldProblem};
use super::visit::{Prefer, Visit};
use crate::form::{FormSpec, FormState};
use crate::theme::Theme;

/// The folder of the pages; itself the list of all codes.
pub(crate) const FOLDER: &str = "/_vestibule/problems/";

/// Where the page of a code is.
pub(crate) fn address(origin: &str, code: &str) -> String {
    format!("{origin}{FOLDER}{code}")
}

impl App {
    /// The page of one code, or of all of them.
    pub(super) fn explain_code(&self, visit: &Visit, code: &str) -> Response {
        if code.is_empty() {
            let all: Vec<Value> = codes::ALL.iter().map(|known| self.explained(known)).collect();
            return match visit.prefer {
                Prefer::Json => json_answer(StatusCode::OK, &json!({"codes": all})),
                Prefer::Page | Prefer::Partial => {
                    let list: Vec<&str> = codes::ALL.iter().map(|known| known.code).collect();
                    self.explaining_page(visit, "Codes", &list.join(", "))
                }
            };
        }
        let Some(known) = codes::find(code) else { return self.fail(visit, Failure::not_found()) };
        match visit.prefer {
            Prefer::Json => json_answer(StatusCode::OK, &self.explained(known)),
            Prefer::Page | Prefer::Partial => {
                let statuses: Vec<String> = known.statuses.iter().map(u16::to_string).collect();
                let status = match statuses.as_slice() {
                    [] => "a field in `errors`".to_owned(),
                    some => some.join(", "),
                };
                let text = format!("{} {} ({status})", known.meaning, known.cure);
                self.explaining_page(visit, known.code, &text)
            }
        }
    }

    fn explained(&self, known: &AnswerCode) -> Value {
        json!({
            "type": address(&self.origin, known.code),
            "code": known.code,
            "statuses": known.statuses,
            "meaning": known.meaning,
            "what_to_do": known.cure,
        })
    }

    fn explaining_page(&self, visit: &Visit, title: &str, text: &str) -> Response {
        let status = StatusCode::OK;
        let mut page = self.page(visit, "problem".into(), "default", status, title.to_owned());
        page.template = Some("page/plain.html".to_owned());
        page.page.kind = "page";
        page.data.insert("text".to_owned(), json!(text));
        self.render(visit, &page)
    }
}

impl Theme {
    /// The field errors of a state in the order of the form, for a problem document.
    pub(crate) fn field_problems(&self, spec: &FormSpec, state: &FormState) -> Vec<FieldProblem> {
        let words = self.words(&spec.texts);
        let known = spec.fields.iter().map(|field| (field.name.as_str(), self.label(spec, field)));
        let others = state.field_errors.keys().filter(|name| spec.field(name).is_none());
        known
            .chain(others.map(|name| (name.as_str(), name.clone())))
            .filter_map(|(name, label)| Some((name, label, state.field_errors.get(name)?)))
            .flat_map(|(name, label, errors)| {
                errors.iter().map(move |msg| FieldProblem {
                    field: name.to_owned(),
                    code: msg.code.to_string(),
                    detail: words.message(msg, Some((name, &label))),
                })
            })
            .collect()
    }
}
