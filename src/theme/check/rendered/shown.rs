//! R: what the server has to say can be read, and nothing else.

use super::page::has;
use super::studio::{HOSTILE, Page, SECRET};
use super::tree::Element;
use super::{Check, Found, Rule};
use crate::finding::Severity::{Error, Warning};
use crate::theme::context::Field;
use crate::theme::engine::FUEL;

/// A page of which a browser has to read more than that has something wrong with it.
const MAX_BYTES: usize = 100_000;

/// Of the steps that a page may take it should need no more than one in so many: HTMX asks for the page and
/// a block of it, and lists and texts grow.
const RESERVE: u64 = 4;

#[rustfmt::skip]
pub(super) static CHECKS: &[Check] = &[
    check!("R007" Error errors, "an error that is not shown",
        "People see the same form again and do not learn why (WCAG 3.3.1).",
        "include \"element/messages.html\" above the heading and \"part/field_errors.html\" at each field"),
    check!("R008" Error retry, "the time to wait is not shown",
        "People try again too early and wait longer.",
        "show retry.text, for example {{ t(\"retry.line\", when=retry.text) }}"),
    check!("R009" Error echo, "a password that is shown again",
        "It lies in the history and the cache of the browser, and in view.",
        "print no value into inputs of the type password"),
    check!("R010" Error escape, "a text that becomes markup",
        "Whoever chooses a name runs what they like on other people's pages (OWASP: XSS).",
        "put quotes around the attribute, and print no data into scripts, styles or comments"),
    check!("R011" Error request_id, "an error page without the id of the request",
        "Support cannot find in the log what a visitor tells of.",
        "show error.request_id"),
    check!("R014" Warning weight, "a page that is too much work",
        "A longer list or another language takes it over the limit, and visitors get no page.",
        "loop less, and over less"),
    check!("R015" Error notices, "a notice that is not shown",
        "People do not learn that they were signed out, or that their account is there.",
        "include \"element/messages.html\""),
    check!("R017" Warning hints, "a hint that is not shown",
        "People learn the rules of a password only by breaking them (WCAG 3.3.2).",
        "show field.hint with the id field.hint_id"),
    check!("R019" Warning way_on, "an error page without a way on",
        "People are stuck and close the window.",
        "link to error.retry_url where there is one, and to urls.home"),
    check!("R021" Warning raw, "a value shown as the program has it",
        "People read \"true\" or \"{{\" and think that the site is broken.",
        "test with {% if %} and print a text"),
    check!("R023" Error languages, "languages that cannot be chosen",
        "Who does not read this one goes no further.",
        "include \"element/languages.html\" in every layout"),
];

/// R007: every error that the server tells can be read on the page.
fn errors(page: &Page<'_>, found: &mut Found<'_>) {
    let Some(form) = &page.context.form else { return };
    let text = page.tree.visible_text();
    let at = page.form().map(|(_, element)| element);
    for error in &form.errors {
        if !has(text, &error.text) {
            found.near(at, "an error of the whole form is not shown");
        }
    }
    for field in page.fields().filter(|field| field.widget != "hidden") {
        let is_lost = field.errors.iter().any(|error| !has(text, &error.text));
        if is_lost {
            let control = page.control(field).or(at);
            found.near(control, "an error of a field is not shown");
        }
    }
}

/// R008: who has to wait is told how long.
fn retry(page: &Page<'_>, found: &mut Found<'_>) {
    let Some(retry) = &page.context.retry else { return };
    if !has(page.tree.visible_text(), &retry.text) {
        found.near(None, "the page does not say when to try again");
    }
}

/// R009: no password comes back, whatever the context holds.
fn echo(page: &Page<'_>, found: &mut Found<'_>) {
    let Some((_, tree)) = &page.filled else { return };
    for element in tree.elements() {
        if element.attributes().any(|(_, value)| value.contains(SECRET)) {
            found.at(element, "the page shows the password that was typed");
        }
    }
    for (_, element) in tree.texts().filter(|(text, _)| text.contains(SECRET)) {
        found.at(element, "the page shows the password that was typed");
    }
}

/// R010: a text stays a text, however it was chosen.
fn escape(page: &Page<'_>, found: &mut Found<'_>) {
    let Some(tree) = &page.hostile else { return };
    let seed = "vb-x";
    for element in tree.elements() {
        if element.name() == seed {
            found.at(element, "a text with < in it opens an element here");
            continue;
        }
        let broken = |(name, value): (&str, &str)| {
            let runs = name.starts_with("on") || name.starts_with("hx-on") || name == "style";
            name.starts_with("vb-") || name.contains('<') || (runs && value.contains(seed))
        };
        if element.attributes().any(broken) {
            found.at(element, "a text with blanks or quotes in it becomes attributes of this tag");
        }
    }
    for (text, element) in tree.texts() {
        if element.is(&["script", "style"]) && text.contains(seed) {
            found.at(element, format!("a text is printed into a <{}>", element.name()));
        }
    }
    if let Some((_, element)) = tree.comments().find(|(text, _)| text.contains(seed)) {
        found.near(element, "a text is printed into a comment, which it can end");
    }
    debug_assert!(HOSTILE.contains(seed), "the rule looks for what was sown");
}

/// R011: what went wrong can be found in the log.
fn request_id(page: &Page<'_>, found: &mut Found<'_>) {
    let Some(error) = page.context.error.as_ref().filter(|it| !it.request_id.is_empty()) else {
        return;
    };
    if !has(page.tree.visible_text(), &error.request_id) {
        found.near(None, "the page does not show error.request_id");
    }
}

/// R014: the page is far from the limits that are set to templates.
fn weight(page: &Page<'_>, found: &mut Found<'_>) {
    if page.steps > FUEL / RESERVE {
        found.near(
            None,
            format!("the page takes more than a quarter of the {FUEL} steps that it may"),
        );
    }
    if page.bytes > MAX_BYTES {
        found.near(None, format!("the page is larger than {} kB", MAX_BYTES / 1000));
    }
}

/// R015: every notice of the server can be read on the page.
fn notices(page: &Page<'_>, found: &mut Found<'_>) {
    let text = page.tree.visible_text();
    if page.context.notices.iter().any(|notice| !has(text, &notice.text)) {
        found.near(None, "a notice is not shown");
    }
}

/// R017: whatever helps to fill in a field can be read.
fn hints(page: &Page<'_>, found: &mut Found<'_>) {
    let text = page.tree.visible_text();
    let shown = |field: &&Field| {
        field.widget != "hidden" && !field.hint.is_empty() && !has(text, &field.hint)
    };
    for field in page.fields().filter(shown) {
        found.near(page.control(field), "the hint of a field is not shown");
    }
}

/// R019: from an error page one can go on.
fn way_on(page: &Page<'_>, found: &mut Found<'_>) {
    let Some(error) = page.context.error.as_ref().filter(|_| page.context.page.id == "error")
    else {
        return;
    };
    let main = page.tree.first("main").or_else(|| page.tree.first("body"));
    let links = main.map(Element::descendants).unwrap_or_default();
    let leads = |to: &str| links.iter().any(|it| it.name() == "a" && it.get("href") == Some(to));
    if !error.retry_url.is_empty() && !leads(&error.retry_url) {
        found.near(None, "the page does not link to error.retry_url");
    } else if !links.iter().any(|it| it.name() == "a" && it.has("href")) {
        found.near(None, "the page has no link in its main part");
    }
}

/// R021: no value of the program and no remains of the template language can be read.
fn raw(page: &Page<'_>, found: &mut Found<'_>) {
    let words = ["true", "false", "none", "None", "null", "undefined", "True", "False"];
    for (text, element) in page.tree.texts().filter(|(_, it)| !it.is_hidden()) {
        let remains = ["{{", "}}", "{%", "%}"].iter().any(|it| text.contains(it));
        if words.contains(&text.trim()) || remains {
            found.at(element, format!("the page shows {:?}", text.trim()));
        }
    }
}

/// R023: every language of the site can be reached.
fn languages(page: &Page<'_>, found: &mut Found<'_>) {
    let Some((context, tree)) = &page.filled else { return };
    let leads = |to: &str| tree.named(&["a"]).any(|it| it.get("href") == Some(to));
    if context.locales.iter().any(|locale| !locale.current && !leads(&locale.url)) {
        found.near(None, "the page does not link to the other languages");
    }
}
