//! The style sheets of a theme, read once for all rules.

use std::collections::BTreeSet;
use std::ops::Range;

use super::Subject;
use crate::finding::Place;
use crate::theme::css::Css;
use crate::theme::files::SourceFile;
use crate::theme::layers::Layer;

/// Every sheet of every layer that a browser may get.
pub(super) struct Sheets<'a> {
    pub all: Vec<Sheet<'a>>,
    /// The variables that options make.
    by_options: BTreeSet<&'a str>,
}

/// One style sheet.
pub(super) struct Sheet<'a> {
    /// Its path in the theme.
    pub path: &'a str,
    file: &'a SourceFile,
    pub source: &'a str,
    pub css: Css,
    pub classes: BTreeSet<String>,
    /// Whether it is reported on.
    pub is_own: bool,
    /// Whether a tool wrote it: nobody reads such a sheet line by line, or could mend it there.
    pub is_generated: bool,
}

/// A line this long was not written by hand.
const LONGEST_LINE: usize = 1000;

impl<'a> Sheets<'a> {
    pub(super) fn of(subject: &'a Subject) -> Self {
        let own: Vec<*const Layer> = subject.own_layers().map(std::ptr::from_ref).collect();
        let mut all = Vec::new();
        for (path, layer, file) in subject.files.sheets() {
            let source = std::str::from_utf8(&file.bytes).unwrap_or_default();
            let css = Css::read(source);
            all.push(Sheet {
                path,
                file,
                source,
                classes: css.classes().into_iter().map(|(class, _)| class).collect(),
                css,
                is_own: own.contains(&std::ptr::from_ref(layer)),
                is_generated: source.lines().any(|line| line.len() > LONGEST_LINE),
            });
        }
        let made = subject.options.values().filter(|option| option.makes_variables());
        let by_options =
            made.flat_map(|option| &option.spec.css_vars).map(String::as_str).collect();
        Self { all, by_options }
    }

    /// Whether any sheet reads a variable.
    pub(super) fn reads(&self, variable: &str) -> bool {
        self.all.iter().any(|sheet| sheet.css.reads().any(|(name, ..)| name == variable))
    }

    /// The variables that have a value.
    pub(super) fn variables(&self) -> BTreeSet<&str> {
        let declared = self.all.iter().flat_map(|sheet| sheet.css.variables());
        declared.chain(self.by_options.iter().copied()).collect()
    }

    /// Those that are reported on.
    pub(super) fn own(&self) -> impl Iterator<Item = &Sheet<'a>> {
        self.all.iter().filter(|sheet| sheet.is_own)
    }
}

impl Sheet<'_> {
    pub(super) fn place(&self, at: &Range<usize>) -> Place {
        self.file.place(at.clone())
    }
}
