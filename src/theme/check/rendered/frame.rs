//! R: every page can be made, and all of them in one look.

use std::collections::BTreeMap;

use super::studio::{Page, Studio};
use super::tree::Element;
use super::{Rule, Seen};
use crate::finding::Place;
use crate::finding::Severity::{Error, Warning};
use crate::theme::context::PageContext;
use crate::theme::template_of;

pub(super) static FAILS: Rule = Rule {
    id: "R001",
    severity: Error,
    title: "a template that fails on a sample",
    why: "Visitors would get the page of a lower layer, or none.",
    cure: "mend the line; `default` and `is defined` help with what is not always there",
};

/// Told after all pages were seen, see `Bodies`.
pub(super) static MIXED: Rule = Rule {
    id: "R012",
    severity: Warning,
    title: "a page that the theme has no template for, beside others that it frames itself",
    why: "Visitors go from one look to another in the middle of signing in.",
    cure: "add the page's template, or frame every page by replacing layout/entrance.html or base.html",
};

/// R012: which layer framed which pages.
#[derive(Default)]
pub(super) struct Bodies {
    framed_by: BTreeMap<String, Vec<PageContext>>,
}

impl Bodies {
    pub(super) fn note(&mut self, page: &Page<'_>) {
        let mark =
            page.tree.first("main").or_else(|| page.tree.first("body")).and_then(Element::mark);
        let layer = mark.and_then(|mark| page.studio.marks.layer(mark)).unwrap_or_default();
        self.framed_by.entry(layer.to_owned()).or_default().push(page.context.clone());
    }

    /// Where the theme frames some pages and lower layers others, the others are told of.
    pub(super) fn tell(&self, studio: &Studio<'_>, seen: &mut Seen) {
        let files = &studio.theme.look.files;
        let framing = files.layers().find(|layer| self.framed_by.contains_key(&layer.name));
        let Some(framing) = framing else { return };
        for (layer, pages) in self.framed_by.iter().filter(|(layer, _)| **layer != framing.name) {
            for context in pages {
                let template = template_of(context);
                let place = files.find(&template).map(|file| Place::named(file.shown_as.clone()));
                let message = format!(
                    "{template} is framed by {layer:?}, while {:?} frames other pages itself",
                    framing.name
                );
                seen.note(&MIXED, message, place, Some(context));
            }
        }
    }
}
