//! Where pages are rendered to be looked at: as they are, filled with what must and must not come through,
//! and full of hostile text.

use minijinja::value::{Serde, Value};

use super::marks::{Mark, Marks};
use super::tree::{Tree, parse};
use crate::finding::{Code, Finding, Place};
use crate::theme::context::{Csrf, LocaleLink, Next, PageContext, Urls};
use crate::theme::engine::Engine;
use crate::theme::{Theme, ThemeError, template_of};

/// One theme in one language, with templates that say where each element was written.
pub(crate) struct Studio<'a> {
    pub(super) theme: &'a Theme,
    pub(super) urls: &'a Urls,
    pub(super) marks: Marks,
    engine: Engine,
}

/// What a form that proves its origin must carry.
pub(super) const TOKEN: &str = "vb-token-of-the-form";

/// A password that somebody typed, which no page may show.
pub(super) const SECRET: &str = "vb-typed-secret";

/// Breaks out of text, of attributes in either quote and of those without.
pub(super) const HOSTILE: &str = "\"><vb-x vb-y=1>' vb-z=1 x='";

/// Where the visitor was going, and how an address carries that.
const NEXT: &str = "/reports?year=2026";
pub(super) const CARRIED: &str = "next=%2Freports%3Fyear%3D2026";

/// A page that was rendered for the rules.
pub(super) struct Page<'a> {
    pub studio: &'a Studio<'a>,
    /// What the template was given.
    pub context: &'a PageContext,
    pub tree: Tree,
    /// Steps that the template took.
    pub steps: u64,
    /// How large the page is for a visitor.
    pub bytes: usize,
    /// The same page for somebody who has typed a password and was going somewhere.
    pub filled: Option<(PageContext, Tree)>,
    /// The same page with a hostile text for every text.
    pub hostile: Option<Tree>,
}

impl<'a> Studio<'a> {
    pub(crate) fn new(theme: &'a Theme, urls: &'a Urls) -> Result<Self, Vec<Finding>> {
        let (files, marks) = Marks::write(&theme.look.files);
        let addresses = theme.look.assets.addresses();
        let engine = Engine::compile(&files, theme.beneath.site(), &theme.texts, addresses)?;
        Ok(Self { theme, urls, marks, engine })
    }

    /// Renders a page in every way that the rules want, and what failed.
    pub(super) fn page(&'a self, context: &'a PageContext) -> (Option<Page<'a>>, Vec<Finding>) {
        let template = template_of(context);
        let render = |values: Value| self.engine.render_counting(&template, values);
        let mut faults = Vec::new();
        let mut note = |outcome: Result<(String, u64), ThemeError>, values: &dyn Fn() -> Value| {
            // Told from the templates as their author wrote them.
            let fault = |_| self.theme.engine.render(&template, values()).err();
            outcome.map_err(|error| faults.extend(fault(error))).ok()
        };
        let plain = || Value::from(Serde(context));
        let Some((html, steps)) = note(render(plain()), &plain) else {
            return (None, self.told(faults));
        };
        let other = filled(context);
        let values = || Value::from(Serde(&other));
        let filled = note(render(values()), &values).map(|(html, _)| parse(&html));
        let json = hostile(context);
        let values = || Value::from(Serde(&json));
        let hostile = note(render(values()), &values).map(|(html, _)| parse(&html));
        let part = PageContext { partial: true, ..context.clone() };
        if let Err(error) = self.theme.render_partial(&part) {
            faults.push(error);
        }
        let tree = parse(&html);
        let page = Page {
            studio: self,
            context,
            steps,
            bytes: html.len().saturating_sub(tree.mark_bytes),
            tree,
            filled: filled.map(|tree| (other, tree)),
            hostile,
        };
        (Some(page), self.told(faults))
    }

    fn told(&self, faults: Vec<ThemeError>) -> Vec<Finding> {
        let finding =
            |error: ThemeError| self.theme.engine.finding(Code::TemplateRender, &error.cause);
        faults.into_iter().map(finding).collect()
    }

    /// The tag that was marked; the page's own template where there is none.
    pub(super) fn place(&self, mark: Option<Mark>, context: &PageContext) -> Option<Place> {
        mark.and_then(|mark| self.marks.place(mark)).or_else(|| {
            let file = self.theme.look.files.find(&template_of(context))?;
            Some(Place::named(file.shown_as.clone()))
        })
    }
}

/// A visitor who was on the way to somewhere, has typed passwords and may choose a language.
pub(super) fn filled(context: &PageContext) -> PageContext {
    let mut page = context.clone();
    page.csrf = Csrf { name: "csrf", token: TOKEN.to_owned() };
    page.next = Some(Next { url: NEXT.to_owned() });
    let locale = |tag: &str, label: &str, dir, current| LocaleLink {
        tag: tag.to_owned(),
        label: label.to_owned(),
        dir,
        url: format!("/locale?to={tag}"),
        current,
    };
    page.locales =
        vec![locale("en", "English", "ltr", true), locale("ar", "العربية", "rtl", false)];
    if let Some(form) = &mut page.form {
        let mark = if form.action.contains('?') { "&" } else { "?" };
        form.action.extend([mark, CARRIED]);
        for field in form.fields.iter_mut().filter(|field| field.kind == "password") {
            SECRET.clone_into(&mut field.value);
        }
    }
    page
}

/// What people read, by its key in the context; addresses, ids and codes are not theirs to write.
const WORDS: [&str; 11] = [
    "label",
    "hint",
    "placeholder",
    "text",
    "title",
    "detail",
    "intro",
    "submit",
    "email",
    "value",
    "error",
];

/// The page as its template sees it, with hostile text wherever somebody may have written something.
pub(super) fn hostile(context: &PageContext) -> serde_json::Value {
    let mut page = serde_json::to_value(context).unwrap_or_default();
    if let Some(name) = page.pointer_mut("/user/name") {
        *name = HOSTILE.into();
    }
    soil(&mut page, false);
    page
}

fn soil(value: &mut serde_json::Value, is_foreign: bool) {
    match value {
        serde_json::Value::String(text) if is_foreign => HOSTILE.clone_into(text),
        serde_json::Value::Array(items) => items.iter_mut().for_each(|it| soil(it, is_foreign)),
        serde_json::Value::Object(members) => {
            for (key, it) in members {
                let free = ["data", "fetched", "claims"].contains(&key.as_str());
                let is_word = WORDS.contains(&key.as_str()) && it.is_string() && *it != "";
                soil(it, is_foreign || free || is_word);
            }
        }
        _ => {}
    }
}
