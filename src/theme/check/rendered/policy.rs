//! S: nothing that the policy of the site forbids, nothing from elsewhere, nothing that runs by itself.

use std::path::Path;

use super::address::{FETCHED, Leads, addresses, leads};
use super::studio::Page;
use super::tree::{Element, parse};
use super::{Check, Found, Rule, Seen, Subject};
use crate::finding::Place;
use crate::finding::Severity::{Error, Hint, Warning};

/// Told of files and not of pages.
pub(super) static PICTURE: Rule = Rule {
    id: "S010",
    severity: Error,
    title: "a picture that runs a script",
    why: "Whoever opens the picture by itself runs the script on this site.",
    cure: "export the SVG without scripts and without on… attributes",
};

#[rustfmt::skip]
pub(super) static CHECKS: &[Check] = &[
    check!("S001" Error inline_scripts, "a script in the page",
        "The policy of the site (CSP) does not run it.",
        "put it into assets/ and write <script src=\"{{ asset(\"name.js\") }}\" defer></script>"),
    check!("S002" Error inline_styles, "a style in the page",
        "The policy of the site (CSP) does not apply it.",
        "put it into theme.css; values that change are options with css_vars"),
    check!("S003" Error handlers, "a handler in the markup",
        "The policy of the site (CSP) does not run it.",
        "listen in a script of assets/"),
    check!("S004" Error remote, "something from another host",
        "The policy of the site (CSP) does not load it, and the host would learn of every visitor.",
        "put a copy into assets/ and write {{ asset(\"name\") }}"),
    check!("S005" Warning targets, "a new window that may reach back",
        "Older browsers let the other site send this window elsewhere (OWASP: tabnabbing).",
        "write rel=\"noopener\", or open it in the same window"),
    check!("S006" Error script_links, "an address that is a script",
        "The policy of the site (CSP) does not run it, and where there is none it is a hole.",
        "write a button, and listen in a script of assets/"),
    check!("S007" Warning insecure, "a link by plain http",
        "Anybody on the way can change what is there.",
        "write https"),
    check!("S008" Error foreign_forms, "a form that sends to another host",
        "What is typed leaves the site, and the policy (CSP form-action) stops it.",
        "write action=\"{{ form.action }}\""),
    check!("S009" Error refresh, "a page that goes on by itself",
        "People do not get to read it (WCAG 2.2.1, 3.2.5).",
        "write a link"),
    check!("S011" Error frames, "a frame or a plug-in",
        "The policy of the site (CSP) does not load it.",
        "write a link"),
    check!("S012" Error bases, "a <base>",
        "It sends every form and link of the page elsewhere; the policy (CSP base-uri) ignores it.",
        "leave it out"),
    check!("S013" Hint comments, "a comment that is sent to every visitor",
        "It tells how the page is made, and costs bytes.",
        "write {# … #} instead"),
    check!("S014" Error own_policy, "a policy in the page",
        "Together with that of the site the stricter of both counts, and things stop working.",
        "leave it out: the server sends one"),
];

/// S001: scripts are files.
fn inline_scripts(page: &Page<'_>, found: &mut Found<'_>) {
    for script in page.whole().named(&["script"]) {
        // Data for scripts is no script, and is not run.
        let is_data = script.get("type").is_some_and(|it| it.ends_with("json"));
        if !script.has("src") && !is_data {
            found.at(script, "the script stands in the page");
        }
    }
}

/// S002: styles are in the style sheet.
fn inline_styles(page: &Page<'_>, found: &mut Found<'_>) {
    for element in page.whole().elements() {
        if element.name() == "style" {
            found.at(element, "the style sheet stands in the page");
        } else if element.has("style") {
            found.at(element, format!("<{}> has an attribute style", element.name()));
        }
    }
}

/// S003: nothing runs from an attribute.
fn handlers(page: &Page<'_>, found: &mut Found<'_>) {
    for element in page.whole().elements() {
        for (name, _) in element.attributes() {
            let is_event = name.len() > 2 && name.starts_with("on");
            if is_event || name.starts_with("hx-on") || name.starts_with("data-hx-on") {
                found.at(element, format!("<{}> has a handler {name}", element.name()));
            }
        }
    }
}

/// What a link element fetches.
const FETCHING: [&str; 9] = [
    "stylesheet",
    "icon",
    "apple-touch-icon",
    "preload",
    "prefetch",
    "preconnect",
    "dns-prefetch",
    "modulepreload",
    "manifest",
];

/// S004: everything comes from this site.
fn remote(page: &Page<'_>, found: &mut Found<'_>) {
    for element in page.whole().elements() {
        let fetches = match element.name() {
            "link" => {
                element.words("rel").any(|it| FETCHING.contains(&it.to_ascii_lowercase().as_str()))
            }
            "use" | "image" => true,
            _ => false,
        };
        let hrefs = ["href", "xlink:href"].iter().filter(|_| fetches);
        for name in FETCHED.iter().chain(hrefs) {
            let Some(value) = element.get(name) else { continue };
            let is_away = |it: &&str| matches!(leads(it), Leads::Away | Leads::Unsafely);
            if addresses(name, value).iter().any(is_away) {
                found.at(element, format!("<{}> fetches from another host", element.name()));
            }
        }
    }
}

/// S005: what opens in a window of its own cannot reach this one.
fn targets(page: &Page<'_>, found: &mut Found<'_>) {
    for link in page.whole().named(&["a", "area", "form"]) {
        let keeps = link.words("rel").any(|it| matches!(it, "noopener" | "noreferrer"));
        if link.says("target", "_blank") && !keeps {
            found.at(link, "target=\"_blank\" without rel=\"noopener\"");
        }
    }
}

/// S006: addresses are addresses.
fn script_links(page: &Page<'_>, found: &mut Found<'_>) {
    for element in page.whole().elements() {
        for name in ["href", "src", "action", "formaction", "xlink:href"] {
            if element.get(name).is_some_and(|it| leads(it) == Leads::ToScript) {
                found.at(element, format!("the {name} of <{}> is a script", element.name()));
            }
        }
    }
}

/// S007: links lead where nobody listens.
fn insecure(page: &Page<'_>, found: &mut Found<'_>) {
    let site =
        |to: &str| page.studio.theme.beneath.site().brand.links.iter().any(|it| it.url == to);
    for link in page.whole().named(&["a", "area"]) {
        let to = link.get("href").unwrap_or_default();
        // What the site has set as an option is not the template's doing.
        if leads(to) == Leads::Unsafely && !site(to) {
            found.at(link, "the link goes by plain http");
        }
    }
}

/// S008: forms are for this site.
fn foreign_forms(page: &Page<'_>, found: &mut Found<'_>) {
    for element in page.whole().elements() {
        for name in ["action", "formaction", "hx-post", "hx-put", "hx-patch", "hx-delete", "hx-get"]
        {
            let to = element.get(name).map(leads);
            if matches!(to, Some(Leads::Away | Leads::Unsafely | Leads::ToProgram)) {
                found.at(element, format!("the {name} of <{}> is on another host", element.name()));
            }
        }
    }
}

/// S009: the page waits.
fn refresh(page: &Page<'_>, found: &mut Found<'_>) {
    for meta in page.whole().named(&["meta"]).filter(|it| it.says("http-equiv", "refresh")) {
        found.at(meta, "the page goes on by itself");
    }
}

/// S011: nothing is framed.
fn frames(page: &Page<'_>, found: &mut Found<'_>) {
    for element in page.whole().named(&["iframe", "object", "embed", "fencedframe"]) {
        found.at(element, format!("<{}> is not loaded", element.name()));
    }
}

/// S012: addresses count from where the page is.
fn bases(page: &Page<'_>, found: &mut Found<'_>) {
    for base in page.whole().named(&["base"]) {
        found.at(base, "the page has a <base>");
    }
}

/// S013: notes for authors stay with authors.
fn comments(page: &Page<'_>, found: &mut Found<'_>) {
    for (_, around) in page.whole().comments() {
        found.near(around, "a comment is sent to every visitor");
    }
}

/// S014: the server says what is allowed.
fn own_policy(page: &Page<'_>, found: &mut Found<'_>) {
    let said = |it: &Element<'_>| it.get("http-equiv").unwrap_or_default().to_ascii_lowercase();
    for meta in page.whole().named(&["meta"]) {
        if said(&meta).starts_with("content-security-policy") {
            found.at(meta, "the page has a policy of its own");
        }
    }
}

/// S010: pictures only show.
pub(super) fn look_at_pictures(subject: &Subject, seen: &mut Seen) {
    for layer in subject.own_layers() {
        for (path, file) in &layer.files {
            let is_drawing = Path::new(path).extension().is_some_and(|it| it == "svg");
            if !path.starts_with("assets/") || !is_drawing {
                continue;
            }
            let text = file.text();
            let tree = parse(&text);
            let runs = |it: &Element<'_>| {
                let event = |(name, value): (&str, &str)| {
                    name.starts_with("on")
                        || (name.ends_with("href") && leads(value) == Leads::ToScript)
                };
                it.is(&["script", "foreignobject", "foreignObject"]) || it.attributes().any(event)
            };
            if let Some(element) = tree.elements().find(runs) {
                let tag = ["<", element.name()].concat();
                let place = match text.find(&tag) {
                    Some(at) => file.place(at..at + tag.len()),
                    None => Place::named(file.shown_as.clone()),
                };
                let message = format!("the picture has a <{}> that runs", element.name());
                seen.note(&PICTURE, message, Some(place), None);
            }
        }
    }
}
