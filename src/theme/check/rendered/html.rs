//! H: markup that every browser reads in the same way.

use std::collections::HashSet;

use super::studio::Page;
use super::{Check, Found, Rule};
use crate::finding::Severity::{Error, Warning};

#[rustfmt::skip]
pub(super) static CHECKS: &[Check] = &[
    check!("H001" Error well_formed, "markup that is not closed or wrongly nested",
        "Browsers guess, and put parts of the page where nobody meant them (HTML, parse errors).",
        "close each element in the order in which it was opened"),
    check!("H002" Error unique_ids, "an id that stands twice",
        "Labels, hints and links reach the first of them only (WCAG 4.1.2).",
        "make ids from field.id or loop.index"),
    check!("H003" Error nested, "something to click inside of something to click",
        "Keyboards and screen readers reach only one of them (HTML, interactive content).",
        "put them side by side"),
    check!("H004" Error doctype, "a page without <!doctype html>",
        "Browsers draw it by the rules of 1998.",
        "begin base.html with <!doctype html>"),
    check!("H005" Error charset, "a page that does not say that it is UTF-8",
        "Names with accents and whole alphabets may be garbled.",
        "write <meta charset=\"utf-8\"> first in the <head>"),
    check!("H006" Warning obsolete, "an element that HTML has given up",
        "Browsers may stop drawing it, and screen readers never told of it.",
        "use CSS"),
    check!("H007" Error references, "a reference to an id that is not on the page",
        "The label, the description or the form is lost for screen readers (WCAG 1.3.1).",
        "print the id of the thing that is meant, for example field.id"),
    check!("H008" Error ids, "an id that cannot be referred to",
        "Labels and hints name ids with blanks between them.",
        "give it an id without blanks, or none"),
    check!("H009" Error lists, "an item outside of a list",
        "Screen readers do not say how many there are (WCAG 1.3.1).",
        "put <li> into <ul> or <ol>, and <dt> and <dd> into <dl>"),
    check!("H010" Error known_elements, "an element that HTML does not have",
        "Browsers take it for a <span> without a meaning.",
        "correct the name; elements of your own have a dash in theirs"),
];

/// H001: the parser has nothing to mend.
fn well_formed(page: &Page<'_>, found: &mut Found<'_>) {
    for fault in &page.whole().faults {
        found.marked(fault.mark, fault.message.clone());
    }
}

/// H002: no two elements have the same id.
fn unique_ids(page: &Page<'_>, found: &mut Found<'_>) {
    let mut known = HashSet::new();
    for element in page.whole().elements() {
        let id = element.get("id").filter(|id| !id.is_empty());
        if let Some(id) = id.filter(|id| !known.insert(*id)) {
            found.at(element, format!("the id \"{id}\" is on the page before"));
        }
    }
}

/// H003: nothing that can be clicked is inside of a link, a button or a label for something else.
fn nested(page: &Page<'_>, found: &mut Found<'_>) {
    for element in page.whole().elements().filter(|it| it.is_interactive()) {
        let around = element.ancestors().find(|it| {
            it.name() == "button" || (it.name() == "a" && it.has("href")) || it.name() == "summary"
        });
        if let Some(around) = around {
            found.at(element, format!("<{}> stands inside of <{}>", element.name(), around.name()));
        }
    }
}

/// H004: the doctype is there.
fn doctype(page: &Page<'_>, found: &mut Found<'_>) {
    if !page.tree.is_standard {
        found.near(page.tree.first("html"), "the page does not begin with <!doctype html>");
    }
}

/// H005: the encoding is said, and it is the right one.
fn charset(page: &Page<'_>, found: &mut Found<'_>) {
    let said = page.tree.named(&["meta"]).find(|it| it.has("charset"));
    match said {
        None => found.near(page.tree.first("head"), "the page does not say its encoding"),
        Some(meta) if !meta.says("charset", "utf-8") => {
            found.at(meta, "the page is UTF-8 and says that it is not");
        }
        Some(_) => {}
    }
}

const OBSOLETE: [&str; 17] = [
    "acronym", "applet", "basefont", "bgsound", "big", "blink", "center", "dir", "font", "frame",
    "frameset", "isindex", "marquee", "nobr", "strike", "tt", "xmp",
];

/// H006: nothing that was given up long ago.
fn obsolete(page: &Page<'_>, found: &mut Found<'_>) {
    for element in page.whole().named(&OBSOLETE) {
        found.at(element, format!("<{}> is obsolete", element.name()));
    }
}

/// H007: whatever refers to an id finds it.
fn references(page: &Page<'_>, found: &mut Found<'_>) {
    let attributes = [
        "for",
        "form",
        "list",
        "headers",
        "aria-labelledby",
        "aria-controls",
        "aria-owns",
        "aria-details",
        "aria-activedescendant",
        "aria-errormessage",
        "popovertarget",
    ];
    let tree = page.whole();
    for element in tree.elements() {
        for name in attributes {
            if let Some(id) = element.words(name).find(|id| tree.by_id(id).is_none()) {
                found.at(element, format!("{name}=\"{id}\" names nothing on the page"));
            }
        }
    }
}

/// H008: ids are words.
fn ids(page: &Page<'_>, found: &mut Found<'_>) {
    for element in page.whole().elements() {
        let Some(id) = element.get("id") else { continue };
        if id.is_empty() || id.contains(char::is_whitespace) {
            found.at(element, format!("the id {id:?} cannot be referred to"));
        }
    }
}

/// H009: items are in lists.
fn lists(page: &Page<'_>, found: &mut Found<'_>) {
    for item in page.whole().named(&["li", "dt", "dd"]) {
        let Some(parent) = item.parent() else { continue };
        let fits = match item.name() {
            "li" => parent.is(&["ul", "ol", "menu"]),
            _ if parent.name() == "div" => parent.parent().is_some_and(|it| it.name() == "dl"),
            _ => parent.name() == "dl",
        };
        if !fits {
            found.at(item, format!("<{}> stands in <{}>", item.name(), parent.name()));
        }
    }
}

const KNOWN: &str = " a abbr address area article aside audio b base bdi bdo blockquote body br button \
    canvas caption cite code col colgroup data datalist dd del details dfn dialog div dl dt em embed \
    fieldset figcaption figure footer form h1 h2 h3 h4 h5 h6 head header hgroup hr html i iframe img \
    input ins kbd label legend li link main map mark menu meta meter nav noscript object ol optgroup \
    option output p param picture pre progress q rb rp rt rtc ruby s samp script search section select \
    selectedcontent slot small source span strong style sub summary sup svg math table tbody td \
    template textarea tfoot th thead time title tr track u ul var video wbr ";

/// H010: every element is one of HTML, of a drawing, or of somebody's own with a dash.
fn known_elements(page: &Page<'_>, found: &mut Found<'_>) {
    for element in page.whole().elements() {
        let name = element.name();
        let is_drawn = element.ancestors().any(|it| it.is(&["svg", "math"]));
        let is_known =
            KNOWN.contains(&format!(" {name} ")) || OBSOLETE.contains(&name) || name.contains('-');
        if !is_known && !is_drawn {
            found.at(element, format!("there is no element <{name}>"));
        }
    }
}
