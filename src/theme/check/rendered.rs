//! The rules about pages as a browser gets them: every sample is rendered, parsed and looked at.
//!
//! A rule is a few words and one function. The function says where the page breaks it; the same fault at
//! the same place is told once, with the samples that it was seen on.

/// A rule in one breath: id, severity, function, then title, why and cure.
macro_rules! check {
    ($id:literal $severity:ident $look:ident, $title:literal, $why:literal, $cure:literal) => {
        Check {
            rule: Rule { id: $id, severity: $severity, title: $title, why: $why, cure: $cure },
            look: $look,
        }
    };
}

mod access;
mod address;
mod broken;
mod frame;
mod html;
mod htmx;
mod marks;
mod names;
mod page;
mod passwords;
mod policy;
mod render;
mod shape;
mod shown;
mod studio;
mod tree;

use std::collections::BTreeMap;

use self::studio::Page;
pub(crate) use self::studio::Studio;
use self::tree::Element;
use super::{Rule, Subject, Violation};
use crate::finding::{Finding, Place};
use crate::theme::context::PageContext;
use crate::theme::{Theme, template_of};

pub(super) use self::broken::examples;

/// A rule about pages, and what finds where one breaks it.
pub(super) struct Check {
    rule: Rule,
    look: fn(&Page<'_>, &mut Found<'_>),
}

/// The families, in the order of their ids.
const FAMILIES: [&[Check]; 9] = [
    render::CHECKS,
    shown::CHECKS,
    html::CHECKS,
    access::CHECKS,
    names::CHECKS,
    shape::CHECKS,
    passwords::CHECKS,
    policy::CHECKS,
    htmx::CHECKS,
];

/// Every rule about pages.
pub(super) fn rules() -> impl Iterator<Item = &'static Rule> {
    let checked = FAMILIES.into_iter().flatten().map(|check| &check.rule);
    checked.chain([&frame::FAILS, &frame::MIXED, &access::CONTRAST, &policy::PICTURE])
}

/// Looks at every sample of a theme in every language that it is checked in.
pub(super) fn look(subject: &Subject) -> Vec<Violation> {
    let mut seen = Seen::default();
    for (number, theme) in subject.languages.iter().enumerate() {
        seen.language = (number > 0).then(|| theme.texts.lang());
        let pages = [subject.samples(theme), subject.declared(number).to_vec()].concat();
        seen.look_at_all(theme, &pages, &subject.site.urls);
    }
    access::look_at_colours(&subject.options, &mut seen);
    policy::look_at_pictures(subject, &mut seen);
    seen.told()
}

impl Studio<'_> {
    /// What is wrong with one page.
    #[cfg_attr(not(test), expect(dead_code, reason = "the gallery asks about one page at a time"))]
    pub(crate) fn look_at(&self, page: &PageContext) -> Vec<Violation> {
        let mut seen = Seen::default();
        seen.look_at(self, page);
        seen.told()
    }
}

/// What was found so far: each fault once.
#[derive(Default)]
struct Seen {
    violations: BTreeMap<Key, Violation>,
    /// The language of the samples, where it is not the first.
    language: Option<String>,
}

/// The rule, the place with line and column as numbers, and the message.
type Key = (&'static str, String, usize, usize, String);

impl Seen {
    fn look_at_all(&mut self, theme: &Theme, pages: &[PageContext], urls: &crate::theme::Urls) {
        // A template that does not compile has been told of.
        let Ok(studio) = Studio::new(theme, urls) else { return };
        let mut bodies = frame::Bodies::default();
        for context in pages {
            if let Some(page) = self.look_at(&studio, context) {
                bodies.note(&page);
            }
        }
        bodies.tell(&studio, self);
    }

    fn look_at<'a>(
        &mut self,
        studio: &'a Studio<'a>,
        context: &'a PageContext,
    ) -> Option<Page<'a>> {
        let (page, faults) = studio.page(context);
        for fault in faults {
            let Finding { message, place, .. } = fault;
            // Of a block that is not there the engine knows no place.
            let file = || studio.theme.look.files.find(&template_of(context));
            let named = || Some(Place::named(file()?.shown_as.clone()));
            let place = place.filter(|place| !place.file.is_empty()).or_else(named);
            self.note(&frame::FAILS, message, place, Some(context));
        }
        let page = page?;
        for check in FAMILIES.into_iter().flatten() {
            (check.look)(&page, &mut Found { rule: &check.rule, page: &page, seen: self });
        }
        Some(page)
    }

    fn note(
        &mut self,
        rule: &'static Rule,
        message: String,
        place: Option<Place>,
        context: Option<&PageContext>,
    ) {
        let at = place.as_ref().map(|it| (it.file.clone(), it.line, it.column)).unwrap_or_default();
        let key = (rule.id, at.0, at.1, at.2, message.clone());
        let is_known = self.violations.contains_key(&key);
        let violation = self.violations.entry(key).or_insert_with(|| Violation {
            rule,
            message,
            place,
            help: None,
            seen_on: Vec::new(),
        });
        let Some(page) = context.map(|context| &context.page) else { return };
        let mut sample = format!("{}.{}", page.id, page.state);
        if let Some(language) = &self.language {
            if is_known && !violation.seen_on.last().is_some_and(|it| it.ends_with(')')) {
                return;
            }
            sample = format!("{sample} ({language})");
        }
        if violation.seen_on.last() != Some(&sample) {
            violation.seen_on.push(sample);
        }
    }

    fn told(self) -> Vec<Violation> {
        self.violations.into_values().collect()
    }
}

/// Where a rule says what it found on a page.
pub(super) struct Found<'a> {
    rule: &'static Rule,
    page: &'a Page<'a>,
    seen: &'a mut Seen,
}

impl Found<'_> {
    /// At the tag of an element, or of the nearest around it whose tag stands in a template.
    fn at(&mut self, element: Element<'_>, message: impl Into<String>) {
        self.near(Some(element), message);
    }

    /// At an element, or at the page's template where there is none to point to.
    fn near(&mut self, element: Option<Element<'_>>, message: impl Into<String>) {
        let mark = element.and_then(|it| it.with_ancestors().find_map(Element::mark));
        self.marked(mark, message);
    }

    fn marked(&mut self, mark: Option<marks::Mark>, message: impl Into<String>) {
        let place = self.page.studio.place(mark, self.page.context);
        self.seen.note(self.rule, message.into(), place, Some(self.page.context));
    }
}

#[cfg(test)]
mod tests;
