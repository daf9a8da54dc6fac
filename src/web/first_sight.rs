//! The forms as most visitors first see them: rendered once, then sent as they are.

use std::sync::OnceLock;

use http::{HeaderMap, StatusCode};
use poem::Response;

use super::App;
use super::answer::{html_answer, html_of};
use super::error::Failure;
use super::visit::{Prefer, Visit};
use crate::form::FormSpec;
use crate::theme::languages::Locale;

/// Pages that are the same for everybody, or differ in nothing but the form's token.
pub(crate) struct FirstSight {
    /// By language.
    pages: Vec<Pages>,
}

#[derive(Default)]
struct Pages {
    login: [OnceLock<Kept>; 2],
    register: [OnceLock<Kept>; 2],
}

/// A page, and the year that stands in it.
struct Kept {
    html: String,
    year: i32,
}

/// Stands for the token in a page that is kept. No escaping changes it, and no sentence holds it.
const TOKEN_PLACE: &str = "__vestibule_form_token__";

impl FirstSight {
    /// A place for each of so many languages.
    pub(crate) fn new(languages: usize) -> Self {
        Self { pages: std::iter::repeat_with(Pages::default).take(languages).collect() }
    }

    /// The page of a form, without a token or with the place for one.
    fn of(&self, locale: Locale, form: &FormSpec, with_token: bool) -> Option<&OnceLock<Kept>> {
        let pages = self.pages.get(locale.0)?;
        let pages = if form.id == "login" { &pages.login } else { &pages.register };
        pages.get(usize::from(with_token))
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
        let Some(kept) = self.forms.first_sight.of(visit.language.locale, spec, !token.is_empty())
        else {
            return self.idle_form(visit, headers, spec);
        };
        let this_year = self.year();
        let Kept { html, year } = match kept.get() {
            Some(kept) => kept,
            None => match self.render_first_sight(visit, spec, !token.is_empty()) {
                Ok(html) => kept.get_or_init(|| Kept { html, year: this_year }),
                Err(failed) => return *failed,
            },
        };
        if *year != this_year {
            return self.idle_form(visit, headers, spec);
        }
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
        let theme = self.theme(visit);
        let mut page = self.page(visit, spec.id.clone(), "idle", StatusCode::OK, theme.title(spec));
        page.form = Some(theme.form_view(spec, &spec.untouched(|_| None), None));
        if with_token {
            TOKEN_PLACE.clone_into(&mut page.csrf.token);
        }
        match theme.page(&page, false) {
            Ok(rendered) => Ok(html_of(visit, rendered)),
            Err(error) => Err(Box::new(
                self.fail(visit, Failure::internal(format!("the theme failed: {error}"))),
            )),
        }
    }
}
