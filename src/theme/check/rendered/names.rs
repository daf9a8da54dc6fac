//! A: everything that can be used has a name that can be read out.

use std::collections::BTreeMap;

use super::studio::Page;
use super::tree::{Element, one_blank};
use super::{Check, Found, Rule};
use crate::finding::Severity::{Error, Hint, Warning};

#[rustfmt::skip]
pub(super) static CHECKS: &[Check] = &[
    check!("A001" Error labels, "an input without a label",
        "Screen readers say \"edit text\" and nothing more; a click on the words does nothing (WCAG 1.3.1, 3.3.2, 4.1.2).",
        "write <label for=\"{{ field.id }}\">{{ field.label }}</label>; a placeholder is no label"),
    check!("A009" Error pictures, "a picture without alt",
        "Screen readers read out the name of the file (WCAG 1.1.1).",
        "write alt=\"\" where the picture only adorns, else what it says"),
    check!("A015" Error buttons, "a button without a name",
        "Screen readers say \"button\" and nothing more (WCAG 4.1.2).",
        "write words into the button, or aria-label"),
    check!("A016" Error links, "a link without a name",
        "Screen readers read out the address (WCAG 2.4.4).",
        "write words into the link, or alt on the picture in it"),
    check!("A017" Hint same_words, "links of the same words to different places",
        "In a list of links nobody can tell one from the other (WCAG 2.4.4).",
        "say in the link where it leads"),
    check!("A019" Error headings, "a heading without words",
        "Screen readers announce a heading and then nothing (WCAG 2.4.6).",
        "leave it out where there is nothing to say"),
    check!("A020" Warning landmarks, "parts of the page of the same kind without names",
        "Screen readers list \"navigation, navigation\" (WCAG 1.3.1, ARIA landmarks).",
        "give each its aria-label, for example {{ t(\"nav.label\") }}"),
    check!("A022" Error label_in_name, "a name that is not what can be read",
        "Who speaks to the computer says what is written, and nothing happens (WCAG 2.5.3).",
        "leave out aria-label, or let it begin with the words that are shown"),
    check!("A027" Error groups, "choices without a question",
        "Screen readers read the answers and not what is asked (WCAG 1.3.1).",
        "put the radio buttons into a <fieldset> with a <legend>"),
    check!("A036" Warning placeholders, "a placeholder that is the label over again",
        "It is read twice, and vanishes when something is typed (GOV.UK).",
        "leave it out, or show an example"),
];

/// A001: everything that can be filled in has a label.
fn labels(page: &Page<'_>, found: &mut Found<'_>) {
    let tree = page.whole();
    for control in tree.elements().filter(|it| it.is_control() && !it.is_hidden()) {
        if control.accessible_name(tree).is_empty() {
            found.at(control, format!("{} has no label", kind_of(control)));
        }
    }
}

/// The tag and its type; names and ids would make each field of a form another finding.
fn kind_of(control: Element<'_>) -> String {
    match control.get("type") {
        Some(kind) => format!("<{} type=\"{kind}\">", control.name()),
        None => format!("<{}>", control.name()),
    }
}

/// A009: every picture says what it is, or that it only adorns.
fn pictures(page: &Page<'_>, found: &mut Found<'_>) {
    let tree = page.whole();
    for element in tree.elements().filter(|it| !it.is_hidden()) {
        let is_picture = element.is(&["img", "area"])
            || (element.name() == "input" && element.says("type", "image"));
        let is_drawn = element.name() == "svg" && element.says("role", "img");
        if is_picture && !element.has("alt") && !element.says("aria-hidden", "true") {
            found.at(element, format!("<{}> has no alt", element.name()));
        }
        let has_title = element.children().any(|it| it.name() == "title");
        if is_drawn && !has_title && element.accessible_name(tree).is_empty() {
            found.at(element, "<svg role=\"img\"> has no name");
        }
    }
}

/// A015: every button says what it does.
fn buttons(page: &Page<'_>, found: &mut Found<'_>) {
    let tree = page.whole();
    for button in tree.elements().filter(|it| it.is_button() || it.says("role", "button")) {
        if !button.is_hidden() && button.accessible_name(tree).is_empty() {
            found.at(button, format!("<{}> has no name", button.name()));
        }
    }
}

/// A016: every link says where it leads.
fn links(page: &Page<'_>, found: &mut Found<'_>) {
    let tree = page.whole();
    for link in tree.named(&["a"]).filter(|it| it.has("href") && !it.is_hidden()) {
        if link.accessible_name(tree).is_empty() {
            found.at(link, "the link has no name");
        }
    }
}

/// A017: the same words lead to the same place.
fn same_words(page: &Page<'_>, found: &mut Found<'_>) {
    let mut known: BTreeMap<String, &str> = BTreeMap::new();
    for link in page.tree.named(&["a"]) {
        let (name, to) = (link.accessible_name(&page.tree), link.get("href").unwrap_or_default());
        // Two fields may be wrong for the same reason.
        if name.is_empty() || to.starts_with('#') || to.is_empty() {
            continue;
        }
        if *known.entry(name).or_insert(to) != to {
            found.at(link, "another link of the same words leads elsewhere");
        }
    }
}

/// A019: every heading says something.
fn headings(page: &Page<'_>, found: &mut Found<'_>) {
    for heading in page.whole().named(&["h1", "h2", "h3", "h4", "h5", "h6"]) {
        if !heading.is_hidden() && heading.accessible_name(page.whole()).is_empty() {
            found.at(heading, format!("<{}> is empty", heading.name()));
        }
    }
}

/// A020: landmarks of one kind can be told apart.
fn landmarks(page: &Page<'_>, found: &mut Found<'_>) {
    let tree = page.whole();
    for (name, role) in [("nav", "navigation"), ("aside", "complementary"), ("search", "search")] {
        let is_one = |it: &Element<'_>| it.name() == name || it.says("role", role);
        let all: Vec<Element<'_>> = tree.elements().filter(is_one).collect();
        let names: Vec<String> = all.iter().map(|it| it.accessible_name(tree)).collect();
        for (at, element) in all.iter().enumerate().filter(|_| all.len() > 1) {
            let same = names.iter().filter(|it| Some(*it) == names.get(at)).count();
            if names.get(at).is_some_and(String::is_empty) {
                found.at(*element, format!("one of several <{name}> has no name"));
            } else if same > 1 {
                found.at(*element, format!("several <{name}> have the same name"));
            }
        }
    }
}

/// A022: what is read out begins with, or has in it, what is shown.
fn label_in_name(page: &Page<'_>, found: &mut Found<'_>) {
    for element in page.whole().elements().filter(|it| it.is_interactive() && !it.is_control()) {
        let Some(label) = element.get("aria-label").filter(|it| !it.trim().is_empty()) else {
            continue;
        };
        let shown = element.visible_text().to_lowercase();
        let is_word = shown.chars().any(char::is_alphabetic);
        if is_word && !one_blank(label).to_lowercase().contains(&shown) {
            found.at(element, "aria-label has other words than those that are shown");
        }
    }
}

/// A027: radio buttons stand in a group with a name.
fn groups(page: &Page<'_>, found: &mut Found<'_>) {
    let tree = page.whole();
    for radio in tree.named(&["input"]).filter(|it| it.says("type", "radio") && !it.is_hidden()) {
        let is_group = |it: &Element<'_>| {
            it.name() == "fieldset" || it.says("role", "radiogroup") || it.says("role", "group")
        };
        let group = radio.ancestors().find(is_group);
        if group.is_none_or(|group| group.accessible_name(tree).is_empty()) {
            found.near(group.or(radio.inside("form")), "the radio buttons have no question");
        }
    }
}

/// A036: a placeholder is an example. Those that a site declares are its own.
fn placeholders(page: &Page<'_>, found: &mut Found<'_>) {
    let tree = page.whole();
    for control in tree.elements().filter(|it| it.is_control()) {
        let text = control.get("placeholder").unwrap_or_default();
        let said = one_blank(text).to_lowercase();
        let is_declared = page.fields().any(|field| field.placeholder == text);
        if !said.is_empty() && !is_declared && control.accessible_name(tree).to_lowercase() == said
        {
            found.at(control, "the placeholder says the same as the label");
        }
    }
}
