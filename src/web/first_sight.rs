//! The forms as most visitors first see them: rendered once, then sent as they are.

use std::sync::OnceLock;

use http::{HeaderMap, StatusCode};
use poem::Response;

use super::App;
use super::answer::{html_answer, html_of};
use super::error::Failure;
use super::visit::{Prefer, Visit};
use crate::form::FormSpec;

/// Pages that are the same for everybody, or differ in nothing but the form's token.
#[derive(Default)]
pub(crate) struct FirstSight {
    login: [OnceLock<String>; 2],
    register: [OnceLock<String>; 2],
}

/// Stands for the token in a page that is kept. No escaping changes it, and no sentence holds it.
const TOKEN_PLACE: &str = "__vestibule_form_token__";

impl FirstSight {
    /// The page of a form, without a token or with the place for one.
    fn of(&self, form: &FormSpec, with_token: bool) -> &OnceLock<String> {
        let pages = if form.id == "login" { &self.login } else { &self.register };
        &pages[usize::from(with_token)]
    }
}

impl App {
    /// The form before anything was typed. Without a query it is the same for everybody but for the
    /// token, so it is rendered once and the token is put into its place.
    pub(crate) fn first_sight(
        &self,
        visit: &Visit,
        headers: &HeaderMap,
        spec: &FormSpec,
    ) -> Response {
        if visit.query.is_some() || visit.prefer != Prefer::Page {
            return self.idle_form(visit, headers, spec);
        }
        let mut own = HeaderMap::new();
        let token = self.csrf.prepare(headers, &mut own);
        let kept = self.forms.first_sight.of(spec, !token.is_empty());
        let html = match kept.get() {
            Some(html) => html,
            None => match self.render_first_sight(visit, spec, !token.is_empty()) {
                Ok(html) => kept.get_or_init(|| html),
                Err(failed) => return *failed,
            },
        };
        let html = if token.is_empty() { html.clone() } else { html.replace(TOKEN_PLACE, &token) };
        let mut response = html_answer(StatusCode::OK, html);
        response.headers_mut().extend(own);
        response
    }

    /// The page of a form as it is kept, or the answer that says why there is none.
    fn render_first_sight(
        &self,
        visit: &Visit,
        spec: &FormSpec,
        with_token: bool,
    ) -> Result<String, Box<Response>> {
        let mut page =
            self.page(visit, spec.id.clone(), "idle", StatusCode::OK, self.theme.title(spec));
        page.form = Some(self.theme.form_view(spec, &spec.untouched(|_| None), None));
        if with_token {
            TOKEN_PLACE.clone_into(&mut page.csrf.token);
        }
        match self.theme.page(&page, false) {
            Ok(rendered) => Ok(html_of(visit, rendered)),
            Err(error) => Err(Box::new(
                self.fail(visit, Failure::internal(format!("the theme failed: {error}"))),
            )),
        }
    }
}
