//! X: what HTMX is asked for it does, and without a script the page works as well.

use super::studio::Page;
use super::tree::Element;
use super::{Check, Found, Rule};
use crate::finding::Severity::{Error, Hint, Warning};
use crate::theme::files::nearest;

#[rustfmt::skip]
pub(super) static CHECKS: &[Check] = &[
    check!("X001" Error known, "an attribute that htmx 4 does not have",
        "It does nothing, and nobody is told.",
        "correct the name; what htmx 2 had may be called otherwise now"),
    check!("X002" Error credentials, "a form with a password that a script sends",
        "Password managers offer to keep what was typed when the window goes to another page (Chromium, password form guidelines).",
        "leave hx-post and hx-boost away from it"),
    check!("X003" Error aims, "a target that is not on the page",
        "The answer is thrown away.",
        "correct the id"),
    check!("X004" Warning boosts, "a boost that nothing inherits",
        "Htmx 4 boosts the element itself alone, so links below go on as before.",
        "write hx-boost:inherited=\"true\""),
    check!("X005" Error fallbacks, "something that works with a script only",
        "Who has none, or a bad connection, clicks in vain.",
        "write a form with an action, or a link with a href, and hx-… beside it"),
    check!("X006" Error loaded, "htmx attributes on a page that does not load htmx",
        "They do nothing.",
        "write <script src=\"{{ asset(\"htmx-4.0.1.min.js\") }}\" defer></script> into the block head"),
    check!("X007" Hint needed, "htmx on a page that does not use it",
        "13 kB for nothing.",
        "load it in the block head of the pages that use it"),
    check!("X008" Error evaluated, "a value that is code",
        "The policy of the site (CSP) does not run it.",
        "send inputs with hx-include, or write the value out"),
    check!("X009" Error swaps, "a way to swap that htmx does not have",
        "The answer lands somewhere else than meant.",
        "correct it: innerHTML, outerHTML, innerMorph, outerMorph, beforebegin, …"),
    check!("X010" Warning configured, "htmx that adds a style or keeps copies of pages",
        "The policy of the site (CSP) forbids the style, and a page with somebody's data stays in the browser.",
        "write <meta name=\"htmx-config\" content='{\"history\": false, \"includeIndicatorCSS\": false}'>"),
];

/// Names of version 4.0.1, without their start.
const KNOWN: [&str; 34] = [
    "get",
    "post",
    "put",
    "patch",
    "delete",
    "query",
    "action",
    "method",
    "boost",
    "config",
    "confirm",
    "disable",
    "encoding",
    "headers",
    "history-elt",
    "ignore",
    "include",
    "indicator",
    "morph-ignore",
    "morph-skip",
    "morph-skip-children",
    "preserve",
    "push-url",
    "replace-url",
    "select",
    "select-oob",
    "swap",
    "swap-oob",
    "sync",
    "target",
    "trigger",
    "validate",
    "vals",
    "on",
];

/// The requests that an element makes.
const REQUESTS: [&str; 7] =
    ["hx-get", "hx-post", "hx-put", "hx-patch", "hx-delete", "hx-query", "hx-action"];

/// The attributes of HTMX, without their start and what is added behind a colon.
fn attributes(element: Element<'_>) -> impl Iterator<Item = (&str, &str, &str)> {
    element.attributes().filter_map(|(name, value)| {
        let short = name.strip_prefix("data-").unwrap_or(name).strip_prefix("hx-")?;
        let (short, added) = short.split_once(':').unwrap_or((short, ""));
        Some((short, added, value))
    })
}

/// A theme may bring another version of its own, of which nothing is known here.
fn is_ours(page: &Page<'_>) -> bool {
    let scripts = page.tree.named(&["script"]).filter_map(|it| it.get("src"));
    !scripts.into_iter().any(|src| src.contains("htmx") && !src.contains("htmx-4."))
}

fn loads_htmx(page: &Page<'_>) -> bool {
    page.tree.named(&["script"]).any(|it| it.get("src").is_some_and(|src| src.contains("htmx")))
}

fn asks(element: Element<'_>) -> bool {
    REQUESTS.iter().any(|name| element.has(name))
}

/// X001: every attribute is one of HTMX's.
fn known(page: &Page<'_>, found: &mut Found<'_>) {
    for element in page.whole().elements().filter(|_| is_ours(page)) {
        for (short, added, _) in attributes(element) {
            let is_known = KNOWN.contains(&short) || (short == "status" && !added.is_empty());
            if !is_known {
                let near = nearest(short, KNOWN.into_iter());
                let meant = near.map(|it| format!("; hx-{it} is meant?")).unwrap_or_default();
                found.at(element, format!("htmx 4 has no attribute hx-{short}{meant}"));
            }
        }
    }
}

/// X002: credentials go by a plain form.
fn credentials(page: &Page<'_>, found: &mut Found<'_>) {
    for form in page.whole().named(&["form"]) {
        if !form.descendants().iter().any(|it| it.is_password()) {
            continue;
        }
        let boosts = |it: Element<'_>, inherited: bool| {
            attributes(it).any(|(short, added, value)| {
                short == "boost" && value != "false" && (!inherited || added == "inherited")
            })
        };
        let inherits = form.ancestors().any(|it| boosts(it, true));
        let button = form.descendants().into_iter().find(|it| it.is_submit() && asks(*it));
        if asks(form) || boosts(form, false) || inherits {
            found.at(form, "a script sends the form, and it has a password");
        } else if let Some(button) = button {
            found.at(button, "a script sends the form, and it has a password");
        }
    }
}

/// X003: targets are there.
fn aims(page: &Page<'_>, found: &mut Found<'_>) {
    for element in page.whole().elements() {
        for (short, _, value) in attributes(element) {
            let is_reference = matches!(short, "target" | "indicator" | "include" | "disable");
            let Some(id) = value.trim().strip_prefix('#').filter(|_| is_reference) else {
                continue;
            };
            // A selector may go on.
            let is_id = id.chars().all(|it| it.is_alphanumeric() || matches!(it, '-' | '_'));
            if is_id && page.whole().by_id(id).is_none() {
                found.at(element, format!("hx-{short}=\"#{id}\" is not on the page"));
            }
        }
    }
}

/// X004: whoever boosts a part of the page says so.
fn boosts(page: &Page<'_>, found: &mut Found<'_>) {
    for element in page.whole().elements().filter(|it| !it.is(&["a", "form"]) && is_ours(page)) {
        if element.get("hx-boost").is_some_and(|it| it != "false") {
            found.at(element, format!("hx-boost on <{}> boosts nothing", element.name()));
        }
    }
}

/// X005: without a script the same can be done.
fn fallbacks(page: &Page<'_>, found: &mut Found<'_>) {
    for element in page.whole().elements().filter(|it| asks(*it)) {
        let form = element.inside("form").filter(|form| form.has("action"));
        let works = match element.name() {
            // Without an action it asks for the page itself.
            "form" => element.has("action") || element.has("hx-get"),
            "a" => element.has("href"),
            "button" => form.is_some() && element.is_submit(),
            // What is asked while somebody types is asked again when the form is sent.
            "input" | "select" | "textarea" | "fieldset" => form.is_some(),
            _ => false,
        };
        if !works {
            found.at(element, format!("without a script <{}> does nothing", element.name()));
        }
    }
}

/// X006: where HTMX is used, it is loaded.
fn loaded(page: &Page<'_>, found: &mut Found<'_>) {
    if loads_htmx(page) {
        return;
    }
    if let Some(first) = page.tree.elements().find(|it| attributes(*it).next().is_some()) {
        found.at(first, "the page has htmx attributes and does not load htmx");
    }
}

/// X007: where HTMX is loaded, it is used.
fn needed(page: &Page<'_>, found: &mut Found<'_>) {
    let scripts = page.tree.named(&["script"]);
    let script =
        scripts.into_iter().find(|it| it.get("src").is_some_and(|src| src.contains("htmx")));
    if let Some(script) = script
        && !page.tree.elements().any(|it| attributes(it).next().is_some())
    {
        found.at(script, "the page loads htmx and has no attribute for it");
    }
}

/// X008: values are data.
fn evaluated(page: &Page<'_>, found: &mut Found<'_>) {
    for element in page.whole().elements() {
        for (short, _, value) in attributes(element) {
            let value = value.trim();
            let is_code = match short {
                "vals" | "headers" | "config" | "confirm" => {
                    value.starts_with("js:") || value.starts_with("javascript:")
                }
                "trigger" => value.contains('['),
                _ => false,
            };
            if is_code {
                found.at(element, format!("hx-{short} is code"));
            }
        }
    }
}

const SWAPS: [&str; 16] = [
    "innerHTML",
    "outerHTML",
    "innerMorph",
    "outerMorph",
    "beforebegin",
    "afterbegin",
    "beforeend",
    "afterend",
    "before",
    "after",
    "prepend",
    "append",
    "textContent",
    "delete",
    "none",
    "upsert",
];

/// X009: ways to swap are HTMX's.
fn swaps(page: &Page<'_>, found: &mut Found<'_>) {
    for element in page.whole().elements().filter(|_| is_ours(page)) {
        let Some(swap) = element.get("hx-swap") else { continue };
        let style = swap.split_whitespace().next().unwrap_or_default();
        if !SWAPS.contains(&style) && !style.contains(':') {
            found.at(element, format!("there is no hx-swap {style:?}"));
        }
    }
}

/// X010: HTMX is told to add no style and to keep no pages.
fn configured(page: &Page<'_>, found: &mut Found<'_>) {
    if !loads_htmx(page) || !is_ours(page) {
        return;
    }
    let meta = page.tree.named(&["meta"]).find(|it| it.says("name", "htmx-config"));
    let said = meta.and_then(|it| it.get("content")).unwrap_or_default();
    let said: serde_json::Value = serde_json::from_str(said).unwrap_or_default();
    for name in ["history", "includeIndicatorCSS"] {
        if said.get(name) != Some(&serde_json::Value::Bool(false)) {
            let at = meta.or_else(|| page.tree.first("head"));
            found.near(at, format!("htmx-config does not say \"{name}\": false"));
        }
    }
}
