//! Which names a declaration can have, by the block that it is in.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use crate::theme::css::Css;
use crate::theme::files::nearest;

/// The list, with its sources in it.
const LIST: &str = include_str!("properties.txt");

static PROPERTIES: LazyLock<BTreeSet<&str>> =
    LazyLock::new(|| lines().filter(|line| !line.starts_with('@')).collect());

static DESCRIPTORS: LazyLock<BTreeMap<&str, BTreeSet<&str>>> = LazyLock::new(|| {
    let mut all: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for line in lines().filter_map(|line| line.strip_prefix('@')) {
        let (rule, names) = line.split_once(' ').unwrap_or((line, ""));
        all.entry(rule).or_default().extend(names.split(' '));
    }
    all
});

fn lines() -> impl Iterator<Item = &'static str> {
    LIST.lines().filter(|line| !line.is_empty() && !line.starts_with('#'))
}

/// Rules with an @ around others: what they hold is what would be there without them.
const TRANSPARENT: [&str; 8] =
    ["media", "supports", "layer", "container", "scope", "starting-style", "document", "nest"];

/// What the declarations of a block are.
pub(super) enum Holds {
    /// Properties, and what a page has besides.
    Properties { of_pages: bool },
    /// What rules with an @ have instead.
    Descriptors(&'static BTreeSet<&'static str>),
    /// Nobody knows: a rule that came later than this list, or one of a tool.
    Anything,
}

impl Holds {
    pub(super) fn of(css: &Css, block: usize) -> Self {
        let properties = Self::Properties { of_pages: false };
        for prelude in css.around(block) {
            let Some(rule) = prelude.strip_prefix('@') else {
                // `--name: { … }` is a value.
                return if prelude.starts_with("--") { Self::Anything } else { properties };
            };
            let end = rule.find(|letter: char| !letter.is_ascii_alphanumeric() && letter != '-');
            let name = rule.get(..end.unwrap_or(rule.len())).unwrap_or_default();
            let name = without_prefix(&name.to_ascii_lowercase()).to_owned();
            match (&*name, DESCRIPTORS.get(&*name)) {
                (name, _) if TRANSPARENT.contains(&name) => {}
                ("page", _) => return Self::Properties { of_pages: true },
                ("position-try", _) => return properties,
                (name, _) if is_margin_of_a_page(name) => return properties,
                (_, Some(names)) => return Self::Descriptors(names),
                _ => return Self::Anything,
            }
        }
        properties
    }

    /// Whether a browser knows the name in such a block, and what was probably meant where it does not.
    pub(super) fn judge(&self, name: &str) -> Result<(), Option<&'static str>> {
        let name = name.to_ascii_lowercase();
        let of_pages =
            DESCRIPTORS.get("page").filter(|_| matches!(self, Self::Properties { of_pages: true }));
        let known = match self {
            Self::Anything => return Ok(()),
            Self::Properties { .. } => &*PROPERTIES,
            Self::Descriptors(names) => *names,
        };
        let mut all = known.iter().chain(of_pages.into_iter().flatten()).copied();
        if all.clone().any(|known| known == name) { Ok(()) } else { Err(nearest(&name, &mut all)) }
    }
}

/// Whether elements have a property of that name.
pub(super) fn is_property(name: &str) -> bool {
    PROPERTIES.contains(&*name.to_ascii_lowercase())
}

/// `-moz-document` is `document`.
fn without_prefix(name: &str) -> &str {
    let bare = name.strip_prefix('-').and_then(|name| name.split_once('-'));
    bare.map_or(name, |(_, name)| name)
}

/// `@top-left` in `@page`.
fn is_margin_of_a_page(name: &str) -> bool {
    let sides = ["top-", "bottom-", "left-", "right-"];
    sides.iter().any(|side| name.starts_with(side))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_is_in_order_and_has_no_prefixes() {
        assert!(PROPERTIES.len() > 500, "{}", PROPERTIES.len());
        let names = PROPERTIES.iter().chain(DESCRIPTORS.values().flatten());
        for name in names {
            let is_name = name.chars().all(|letter| letter.is_ascii_lowercase() || letter == '-');
            assert!(is_name && !name.starts_with('-'), "{name}");
        }
        assert_eq!(DESCRIPTORS.len(), 7);
        assert!(TRANSPARENT.iter().all(|rule| !DESCRIPTORS.contains_key(rule)));
    }
}
