//! A: a page that can be walked through by headings, parts and the keyboard.

use super::studio::Page;
use super::tree::Element;
use super::{Check, Found, Rule};
use crate::finding::Severity::{Error, Hint, Warning};
use crate::theme::files::nearest;

#[rustfmt::skip]
pub(super) static CHECKS: &[Check] = &[
    check!("A006" Error outline, "a page without its one <h1> or its one <main>",
        "Who goes by headings or parts does not find where the page begins (WCAG 1.3.1, 2.4.1).",
        "extend \"layout/entrance.html\", or write one <main> around one <h1>"),
    check!("A018" Warning levels, "a level of headings that is left out",
        "Who goes by headings looks for the one between (WCAG 1.3.1).",
        "take the next level, and make it smaller with CSS"),
    check!("A024" Error unseen_stops, "something that the keyboard reaches and screen readers do not",
        "The focus goes where nothing is read out (WCAG 4.1.2).",
        "leave out aria-hidden, or write tabindex=\"-1\" as well"),
    check!("A025" Error roles, "a role that does not exist",
        "Screen readers leave it out (WCAG 4.1.2, WAI-ARIA).",
        "correct the role, or leave it out"),
    check!("A026" Error aria, "an aria attribute that does not exist, or has no such value",
        "Screen readers leave it out (WCAG 4.1.2, WAI-ARIA).",
        "correct the attribute"),
    check!("A028" Error jumps, "a link to a place that is not on the page",
        "Nothing happens; who relies on a skip link walks through everything (WCAG 2.4.1).",
        "correct the id: entrance.html calls the main part \"main\""),
    check!("A031" Warning tables, "a table without headings",
        "Screen readers cannot say what a cell means (WCAG 1.3.1).",
        "write <th> for what heads a column or a row; lay out with CSS"),
    check!("A032" Warning lonely_labels, "a label that belongs to nothing",
        "A click on it does nothing.",
        "write for=\"{{ field.id }}\", or put the control inside"),
    check!("A033" Error tags, "a lang that is no language",
        "Screen readers keep the voice that they have (WCAG 3.1.2).",
        "write a tag as in BCP 47: en, de-AT, zh-Hant"),
    check!("A035" Hint access_keys, "an accesskey",
        "It takes a key away that screen readers and browsers use themselves.",
        "leave it out"),
];

/// A006: one heading for the page, one main part.
fn outline(page: &Page<'_>, found: &mut Found<'_>) {
    for name in ["h1", "main"] {
        let all: Vec<Element<'_>> =
            page.tree.elements().filter(|it| it.name() == name && !it.is_hidden()).collect();
        match all.as_slice() {
            [] => found.near(page.tree.first("main"), format!("the page has no <{name}>")),
            [_] => {}
            [_, second, ..] => found.at(*second, format!("the page has another <{name}>")),
        }
    }
}

/// A018: headings go down one level at a time.
fn levels(page: &Page<'_>, found: &mut Found<'_>) {
    let mut before = None;
    for heading in page.tree.named(&["h1", "h2", "h3", "h4", "h5", "h6"]) {
        let level = heading.name().trim_start_matches('h').parse::<u8>().unwrap_or_default();
        if before.is_some_and(|before| level > before + 1) && !heading.is_hidden() {
            let before = before.unwrap_or_default();
            found.at(heading, format!("<h{level}> follows <h{before}>"));
        }
        before = Some(level);
    }
}

/// A024: what is hidden from screen readers is not on the keyboard's way.
fn unseen_stops(page: &Page<'_>, found: &mut Found<'_>) {
    for element in page.whole().elements() {
        let number = element.get("tabindex").and_then(|it| it.trim().parse::<i32>().ok());
        let is_stop = number.map_or_else(|| element.is_interactive(), |number| number >= 0);
        let is_unseen = element.with_ancestors().any(|it| it.says("aria-hidden", "true"));
        if is_stop && is_unseen && !element.is_hidden() && !element.has("disabled") {
            found.at(element, format!("<{}> is hidden from screen readers alone", element.name()));
        }
    }
}

const ROLES: &str = " alert alertdialog application article banner blockquote button caption cell \
    checkbox code columnheader combobox comment complementary contentinfo definition deletion dialog \
    directory document emphasis feed figure form generic grid gridcell group heading img image insertion \
    link list listbox listitem log main mark marquee math menu menubar menuitem menuitemcheckbox \
    menuitemradio meter navigation none note option paragraph presentation progressbar radio radiogroup \
    region row rowgroup rowheader scrollbar search searchbox separator slider spinbutton status strong \
    subscript suggestion superscript switch tab table tablist tabpanel term textbox time timer toolbar \
    tooltip tree treegrid treeitem ";

/// A025: every role is one of WAI-ARIA's.
fn roles(page: &Page<'_>, found: &mut Found<'_>) {
    for element in page.whole().elements() {
        let role = element.words("role").find(|role| !ROLES.contains(&format!(" {role} ")));
        if let Some(role) = role {
            found.at(element, format!("there is no role {role:?}"));
        }
    }
}

const ARIA: &str = "activedescendant atomic autocomplete braillelabel brailleroledescription busy \
    checked colcount colindex colindextext colspan controls current describedby description details \
    disabled dropeffect errormessage expanded flowto grabbed haspopup hidden invalid keyshortcuts label \
    labelledby level live modal multiline multiselectable orientation owns placeholder posinset pressed \
    readonly relevant required roledescription rowcount rowindex rowindextext rowspan selected setsize \
    sort valuemax valuemin valuenow valuetext";

/// Attributes that are yes or no.
const YES_OR_NO: [&str; 8] = [
    "aria-hidden",
    "aria-required",
    "aria-expanded",
    "aria-disabled",
    "aria-busy",
    "aria-atomic",
    "aria-modal",
    "aria-readonly",
];

/// A026: every aria attribute is one of WAI-ARIA's, with a value that it may have.
fn aria(page: &Page<'_>, found: &mut Found<'_>) {
    for element in page.whole().elements() {
        for (name, value) in element.attributes() {
            let Some(short) = name.strip_prefix("aria-") else { continue };
            if !ARIA.split_whitespace().any(|known| known == short) {
                let near = nearest(short, ARIA.split_whitespace());
                let meant = near.map(|it| format!("; aria-{it} is meant?")).unwrap_or_default();
                found.at(element, format!("there is no attribute {name}{meant}"));
            }
            let wrong = match name {
                "aria-live" => !["off", "polite", "assertive"].contains(&value),
                "aria-current" => {
                    let all = ["page", "step", "location", "date", "time", "true", "false"];
                    !all.contains(&value)
                }
                _ => YES_OR_NO.contains(&name) && !["true", "false"].contains(&value),
            };
            if wrong {
                found.at(element, format!("{name} cannot be {value:?}"));
            }
        }
    }
}

/// A028: links within the page arrive.
fn jumps(page: &Page<'_>, found: &mut Found<'_>) {
    let of_summary: Vec<&str> = page
        .context
        .form
        .iter()
        .flat_map(|it| &it.summary)
        .map(|item| item.href.as_str())
        .collect();
    for link in page.tree.named(&["a"]) {
        let href = link.get("href").unwrap_or_default();
        let Some(id) = href.strip_prefix('#').filter(|id| !id.is_empty() && *id != "top") else {
            continue;
        };
        // Those of the summary are A007's.
        if page.tree.by_id(id).is_none() && !of_summary.contains(&href) {
            found.at(link, format!("there is no \"{id}\" on the page"));
        }
    }
}

/// A031: a table of data has headings.
fn tables(page: &Page<'_>, found: &mut Found<'_>) {
    for table in page.whole().named(&["table"]) {
        let is_layout = table.says("role", "presentation") || table.says("role", "none");
        let inside = table.descendants();
        if !is_layout && !inside.iter().any(|it| it.name() == "th") {
            found.at(table, "the table has no <th>");
        }
    }
}

/// A032: a label is for something.
fn lonely_labels(page: &Page<'_>, found: &mut Found<'_>) {
    for label in page.whole().named(&["label"]).filter(|it| !it.has("for")) {
        let labelled =
            |it: &Element<'_>| it.is_control() || it.is(&["button", "meter", "output", "progress"]);
        if !label.descendants().iter().any(labelled) {
            found.at(label, "the label is for nothing");
        }
    }
}

/// A033: languages are written as browsers know them.
fn tags(page: &Page<'_>, found: &mut Found<'_>) {
    for element in page.whole().elements() {
        for name in ["lang", "hreflang"] {
            let tag = element.get(name).unwrap_or("en");
            if tag.parse::<unic_langid::LanguageIdentifier>().is_err() || tag.is_empty() {
                found.at(element, format!("{name}={tag:?} is no language"));
            }
        }
    }
}

/// A035: no keys are taken.
fn access_keys(page: &Page<'_>, found: &mut Found<'_>) {
    for element in page.whole().elements().filter(|it| it.has("accesskey")) {
        found.at(element, format!("<{}> takes a key", element.name()));
    }
}
