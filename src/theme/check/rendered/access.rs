//! A: a page that everybody can read and fill in: its frame, its errors, its notices.

use super::page::has;
use super::studio::Page;
use super::tree::{Element, one_blank};
use super::{Check, Found, Rule, Seen};
use crate::finding::Severity::{Error, Hint, Warning};
use crate::theme::context::{Field, SummaryItem};
use crate::theme::options::{self, Options};

/// Told of the options and not of a page.
pub(super) static CONTRAST: Rule = Rule {
    id: "A010",
    severity: Warning,
    title: "colours that are hard to tell apart",
    why: "One in twelve men sees colours otherwise, and everybody reads in the sun (WCAG 1.4.3, 1.4.11).",
    cure: "make one of the two colours lighter or darker",
};

#[rustfmt::skip]
pub(super) static CHECKS: &[Check] = &[
    check!("A002" Error described, "a description that is missing or leads nowhere",
        "Screen readers say that a field is wrong, and not why (WCAG 1.3.1, 3.3.1).",
        "write aria-describedby=\"{{ field.describedby }}\", and show hint and errors with field.hint_id and field.error_id"),
    check!("A003" Error invalid, "aria-invalid that is missing, empty or wrong",
        "Screen readers do not say which field is wrong (WCAG 4.1.2).",
        "write {% if field.invalid %} aria-invalid=\"true\"{% endif %}"),
    check!("A004" Error language, "a page without its language or direction",
        "Screen readers speak it with the wrong voice, and Arabic runs the wrong way (WCAG 3.1.1).",
        "write <html lang=\"{{ lang }}\" dir=\"{{ dir }}\">"),
    check!("A005" Error title, "a title that does not say which page this is, or that something is wrong",
        "It is the first thing that is read out after the form was sent (WCAG 2.4.2, GOV.UK).",
        "include \"part/title.html\" in <title>"),
    check!("A007" Error summary_links, "a summary that does not lead to the fields",
        "People who zoom or listen have to search the page for what is wrong (GOV.UK error summary).",
        "link each item: <a href=\"{{ item.href }}\">{{ item.text }}</a>"),
    check!("A008" Error live, "a notice that is not announced",
        "Who listens to the page does not learn of it (WCAG 4.1.3).",
        "give the notice role=\"status\""),
    check!("A011" Error focus, "a tabindex or autofocus that leads past something",
        "The keyboard jumps, and what stands before is not read out (WCAG 2.4.3).",
        "leave out the number, and set autofocus on the summary of errors alone"),
    check!("A013" Error zoom, "a page that cannot be enlarged",
        "Who sees little cannot read it (WCAG 1.4.4).",
        "write <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">"),
    check!("A014" Error viewport_is_said, "a page that does not fit telephones",
        "They show it as wide as a desk, in tiny letters (WCAG 1.4.10).",
        "write <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">"),
    check!("A021" Error locale_links, "a link to another language that does not say so",
        "It is read out as gibberish in the voice of this one (WCAG 3.1.2).",
        "write lang=\"{{ locale.tag }}\" hreflang=\"{{ locale.tag }}\" on the link"),
    check!("A023" Error summary_focus, "a summary of errors that does not get the focus",
        "After the form was sent, people hear the page from its beginning (GOV.UK error summary, WCAG 3.3.1).",
        "write role=\"alert\" tabindex=\"-1\" autofocus on the summary, and put it above the heading"),
    check!("A029" Error required, "a field that must be filled in and does not say so",
        "People learn it only from an error (WCAG 3.3.2).",
        "write {% if field.required %} required{% endif %}"),
    check!("A030" Hint directions, "a visitor's name without a direction of its own",
        "An Arabic name in an English sentence, or the reverse, turns the line around.",
        "put it into <bdi>, or write dir=\"auto\" around it"),
    check!("A034" Warning novalidate, "a form that the browser judges before the server",
        "Its bubbles vanish, are not in the page's language and say one error at a time (GOV.UK).",
        "write novalidate on the form; the server judges it and says all errors at once"),
];

/// A002: a field that is wrong names the text that says why, and every description is there.
fn described(page: &Page<'_>, found: &mut Found<'_>) {
    for element in page.tree.elements() {
        if let Some(id) = element.words("aria-describedby").find(|id| page.tree.by_id(id).is_none())
        {
            found.at(element, format!("aria-describedby names \"{id}\", which is not on the page"));
        }
    }
    for field in shown(page).filter(|field| field.invalid) {
        let Some(element) = page.spoken_for(field) else { continue };
        let texts = element.words("aria-describedby").filter_map(|id| page.tree.by_id(id));
        let said = texts.map(Element::spoken_text).collect::<Vec<_>>().join(" ");
        let dangles = element.words("aria-describedby").any(|id| page.tree.by_id(id).is_none());
        if !dangles && field.errors.iter().any(|error| !has(&said, &error.text)) {
            found.at(element, "aria-describedby does not name what says why the field is wrong");
        }
    }
}

fn shown<'a>(page: &'a Page<'_>) -> impl Iterator<Item = &'a Field> {
    page.fields().filter(|field| field.widget != "hidden")
}

/// A003: what is wrong says so, and nothing else does.
fn invalid(page: &Page<'_>, found: &mut Found<'_>) {
    let values = ["true", "false", "grammar", "spelling"];
    for element in page.tree.elements() {
        if element.get("aria-invalid").is_some_and(|it| !values.contains(&it)) {
            found.at(element, "aria-invalid has to be \"true\", or not to be there");
        }
    }
    for field in shown(page) {
        let (Some(control), Some(group)) = (page.control(field), page.spoken_for(field)) else {
            continue;
        };
        let says = control.says("aria-invalid", "true") || group.says("aria-invalid", "true");
        if field.invalid && !says && control.get("aria-invalid") != Some("") {
            found.at(group, "the field is wrong and does not say aria-invalid=\"true\"");
        } else if says && !field.invalid {
            found.at(group, "the field is not wrong and says aria-invalid=\"true\"");
        }
    }
}

/// A004: the page says its language and which way it is written.
fn language(page: &Page<'_>, found: &mut Found<'_>) {
    let (texts, root) = (&page.studio.theme.texts, page.tree.first("html"));
    let says = |name, value: &str| root.is_some_and(|it| it.says(name, value));
    if !says("lang", &texts.lang()) {
        found.near(root, "<html> does not say lang=\"{{ lang }}\"");
    }
    if !says("dir", texts.dir()) {
        found.near(root, "<html> does not say dir=\"{{ dir }}\"");
    }
}

/// A005: the title has the page's own, with the word for errors before it where there are any.
fn title(page: &Page<'_>, found: &mut Found<'_>) {
    let element = page.tree.first("title");
    let said = element.map(Element::visible_text).unwrap_or_default();
    let own = &page.context.page.title;
    let with_error = page.studio.theme.texts.sentence("title.with_error", &[("title", own)]);
    if said.is_empty() {
        found.near(element.or_else(|| page.tree.first("head")), "the page has no title");
    } else if !has(&said, own) {
        found.near(element, "the title does not have page.title");
    } else if page.has_errors() && !has(&said, &with_error) {
        found.near(element, "the title does not say that something is wrong");
    }
}

/// A007: each item of the summary leads to its field, with the words that stand there.
fn summary_links(page: &Page<'_>, found: &mut Found<'_>) {
    let summary = page.context.form.iter().flat_map(|form| &form.summary);
    for item in summary.filter(|item| !item.href.is_empty()) {
        let mut links = page.tree.named(&["a"]).filter(|it| it.get("href") == Some(&item.href));
        let Some(link) = links.next() else {
            found.near(summary_of(page, item), "an item of the summary does not link to its field");
            continue;
        };
        if link.visible_text() != one_blank(&item.text) {
            found.at(link, "an item of the summary has other words than its field");
        }
        let target = page.tree.by_id(item.href.trim_start_matches('#'));
        let can_take = |it: Element<'_>| it.is_control() || it.has("tabindex");
        if !target.is_some_and(can_take) {
            found.at(link, "an item of the summary leads to nothing that can be filled in");
        }
    }
}

/// Where an item of the summary stands.
fn summary_of<'a>(page: &'a Page<'_>, item: &SummaryItem) -> Option<Element<'a>> {
    page.tree.elements().filter(|it| has(&it.visible_text(), &item.text)).find(|it| it.is_live())
}

/// A008: notices are in something that is read out when it changes.
fn live(page: &Page<'_>, found: &mut Found<'_>) {
    for notice in &page.context.notices {
        let inner = page.tree.elements().rfind(|it| has(&it.visible_text(), &notice.text));
        if let Some(element) = inner.filter(|it| !it.is_live()) {
            found.at(element, "the notice has no role that is read out");
        }
    }
}

/// A011: the keyboard goes through the page in its own order, and begins where the server wants it to.
fn focus(page: &Page<'_>, found: &mut Found<'_>) {
    for element in page.tree.elements() {
        let number = element.get("tabindex").map(|it| it.trim().parse::<i32>());
        match number {
            Some(Ok(number)) if number > 0 => {
                found.at(element, format!("tabindex=\"{number}\" comes before all others"));
            }
            Some(Err(_)) => found.at(element, "tabindex is no number"),
            _ => {}
        }
        if element.has("autofocus") && !element.is_live() {
            found.at(element, format!("{} takes the focus when the page opens", element.shown()));
        }
    }
}

/// What the page says about the window.
fn viewport<'a>(page: &'a Page<'_>) -> Option<(Element<'a>, Vec<(String, String)>)> {
    let meta = page.tree.named(&["meta"]).find(|it| it.says("name", "viewport"))?;
    let content = meta.get("content").unwrap_or_default().to_ascii_lowercase();
    let pairs = content.split([',', ';']).filter_map(|it| it.split_once('='));
    let pairs = pairs.map(|(key, value)| (key.trim().to_owned(), value.trim().to_owned()));
    Some((meta, pairs.collect()))
}

/// A013: nothing keeps people from enlarging the page.
fn zoom(page: &Page<'_>, found: &mut Found<'_>) {
    let Some((meta, said)) = viewport(page) else { return };
    for (key, value) in said {
        let number = value.parse::<f32>();
        let forbids = match key.as_str() {
            "user-scalable" => value == "no" || number.is_ok_and(|it| it == 0.0),
            "maximum-scale" => number.is_ok_and(|it| it < 5.0),
            _ => false,
        };
        if forbids {
            found.at(meta, format!("{key}={value} keeps people from enlarging the page"));
        }
    }
}

/// A014: the page is as wide as the screen.
fn viewport_is_said(page: &Page<'_>, found: &mut Found<'_>) {
    match viewport(page) {
        None => found.near(page.tree.first("head"), "the page has no <meta name=\"viewport\">"),
        Some((meta, said)) if !said.iter().any(|(key, _)| key == "width") => {
            found.at(meta, "the viewport has no width=device-width");
        }
        Some(_) => {}
    }
}

/// A021: a language is named in that language, and says so.
fn locale_links(page: &Page<'_>, found: &mut Found<'_>) {
    let Some((context, tree)) = &page.filled else { return };
    for locale in &context.locales {
        for link in tree.named(&["a"]).filter(|it| it.get("href") == Some(&locale.url)) {
            if !link.says("lang", &locale.tag) {
                found.at(link, "the link does not say lang=\"{{ locale.tag }}\"");
            }
        }
    }
}

/// A023: the summary is the first thing in the page, and takes the focus.
fn summary_focus(page: &Page<'_>, found: &mut Found<'_>) {
    let Some(form) = page.context.form.as_ref().filter(|form| !form.summary.is_empty()) else {
        return;
    };
    let holds = |it: &Element<'_>| {
        let text = it.visible_text();
        form.summary.iter().all(|item| has(&text, &item.text))
    };
    let takes = |it: &Element<'_>| it.has("autofocus") && it.says("tabindex", "-1");
    let Some(summary) = page.tree.elements().filter(takes).find(holds) else {
        // What is not shown at all is told by R007.
        let text = page.tree.visible_text();
        if form.summary.iter().all(|item| has(text, &item.text)) {
            let live = page.tree.elements().filter(|it| it.has("role") && it.is_live());
            found.near(
                live.into_iter().find(holds),
                "the summary of errors does not take the focus",
            );
        }
        return;
    };
    let place = |wanted: Element<'_>| page.tree.elements().position(|it| it == wanted);
    let heading = page.tree.first("h1").and_then(place);
    if heading.is_some_and(|heading| place(summary).is_some_and(|at| at > heading)) {
        found.at(summary, "the summary of errors stands below the heading");
    }
}

/// A029: what must be filled in says so.
fn required(page: &Page<'_>, found: &mut Found<'_>) {
    for field in shown(page).filter(|field| field.required && !field.readonly) {
        let (Some(control), Some(group)) = (page.control(field), page.spoken_for(field)) else {
            continue;
        };
        let says = |it: Element<'_>| it.has("required") || it.says("aria-required", "true");
        if !says(control) && !says(group) {
            found.at(control, "the field must be filled in and does not say so");
        }
    }
}

/// A030: a name keeps its direction.
fn directions(page: &Page<'_>, found: &mut Found<'_>) {
    let Some(user) = page.context.user.as_ref().filter(|user| !user.name.is_empty()) else {
        return;
    };
    for (_, element) in page.tree.texts().filter(|(text, _)| text.contains(&user.name)) {
        let keeps = |it: Element<'_>| it.name() == "bdi" || it.says("dir", "auto");
        if !element.is_hidden() && !element.with_ancestors().any(keeps) {
            found.at(element, "the visitor's name has no direction of its own");
        }
    }
}

/// A034: the server judges.
fn novalidate(page: &Page<'_>, found: &mut Found<'_>) {
    if let Some((_, form)) = page.form().filter(|(_, form)| !form.has("novalidate")) {
        found.at(form, "the form has no novalidate");
    }
}

/// A010: the pairs of colours that options make.
pub(super) fn look_at_colours(options: &Options, seen: &mut Seen) {
    for warning in options::contrast_warnings(options) {
        seen.note(&CONTRAST, warning.message, warning.place, None);
    }
}
