//! R: what is typed reaches the server, and nothing of it is lost.

use super::page::{form_in, has};
use super::studio::{CARRIED, Page, TOKEN};
use super::tree::{Element, Tree, one_blank};
use super::{Check, Found, Rule};
use crate::finding::Severity::{Error, Hint};
use crate::theme::context::Field;

#[rustfmt::skip]
pub(super) static CHECKS: &[Check] = &[
    check!("R002" Error form_posts, "a form that goes elsewhere or by another method",
        "Nothing that is typed reaches the server.",
        "write <form action=\"{{ form.action }}\" method=\"post\">"),
    check!("R003" Error token, "a form without its token",
        "Browsers that send no origin are refused: nobody can sign in with them.",
        "include \"part/csrf.html\" in every form with method=\"post\""),
    check!("R004" Error fields, "a declared field that the page does not have",
        "What the server requires cannot be typed.",
        "loop over form.fields and include \"element/field.html\" for each"),
    check!("R005" Error submit, "a form without a button that sends it",
        "It cannot be sent without the Enter key (WCAG 3.2.2, HTML on implicit submission).",
        "include \"element/button.html\" in the form"),
    check!("R006" Error next, "the way back is lost",
        "Whoever was going somewhere lands on the start page after signing in.",
        "print form.action as it is, and add ?next={{ next.url|urlencode }} to links between sign-in and registration"),
    check!("R016" Error kept, "what was typed is lost",
        "People have to type everything again after one mistake (WCAG 3.3.7).",
        "print field.value into the control, but for passwords"),
    check!("R018" Error choices, "a choice that cannot be made",
        "The right answer is not among those offered.",
        "loop over field.options"),
    check!("R020" Error encoding, "a form in an encoding that the server does not read",
        "Nothing that is typed reaches the server.",
        "leave out enctype"),
    check!("R022" Hint button_words, "a button with other words than the server's",
        "Forms that the site declares have their own words for it.",
        "print form.submit on the button"),
];

/// R002: the form of the page posts to where the server says.
fn form_posts(page: &Page<'_>, found: &mut Found<'_>) {
    let Some(declared) = &page.context.form else { return };
    let Some((form, element)) = page.form() else {
        return found.near(None, format!("the page has no <form> for {}", declared.id));
    };
    if element.get("action") != Some(&form.action) {
        found.at(element, "the form's action is not form.action");
    }
    if !element.says("method", "post") {
        found.at(element, "the form's method is not \"post\"");
    }
}

/// R003: whatever posts to this site proves that it comes from here.
fn token(page: &Page<'_>, found: &mut Found<'_>) {
    let Some((_, tree)) = &page.filled else { return };
    for form in tree.named(&["form"]).filter(|it| it.says("method", "post")) {
        let carries = |it: &Element<'_>| {
            it.name() == "input" && it.get("name") == Some("csrf") && it.get("value") == Some(TOKEN)
        };
        if !form.descendants().iter().any(carries) {
            found.at(form, "the form posts without csrf.token");
        }
    }
}

/// R004: every field that the server declares is there under its name.
fn fields(page: &Page<'_>, found: &mut Found<'_>) {
    let Some((_, form)) = page.form() else { return };
    for field in page.fields() {
        let sends = |it: &Element<'_>| {
            it.is(&["input", "select", "textarea"]) && it.get("name") == Some(&field.name)
        };
        let by_id = |it: Element<'_>| it.get("form").is_some() && it.get("form") == form.get("id");
        let inside = form.descendants();
        let is_there = inside.iter().any(sends)
            || page.tree.elements().any(|it| sends(&it) && by_id(it))
            // What cannot be changed and is not yes is not sent.
            || (field.readonly && page.control(field).is_some());
        if !is_there {
            found.at(
                form,
                format!("the form has no control for a field of the kind {}", field.widget),
            );
        }
    }
}

/// R005: there is a button that sends the form.
fn submit(page: &Page<'_>, found: &mut Found<'_>) {
    let Some((_, form)) = page.form() else { return };
    let own_id = form.get("id").filter(|id| !id.is_empty());
    let sends = |it: &Element<'_>| {
        let inside = it.inside("form") == Some(form) && !it.has("form");
        it.is_submit() && (inside || (own_id.is_some() && it.get("form") == own_id))
    };
    if !page.tree.elements().any(|it| sends(&it) && !it.is_hidden()) {
        found.at(form, "the form has no button that sends it");
    }
}

/// R006: the form, and the links between sign-in and registration, know where the visitor was going.
fn next(page: &Page<'_>, found: &mut Found<'_>) {
    let Some((context, tree)) = &page.filled else { return };
    let Some(form) = &context.form else { return };
    if let Some(element) = form_in(tree, form) {
        let action = element.get("action").unwrap_or_default();
        // Where that is wrong anyway, R002 has said so.
        let was_right = page.form().is_some_and(|(it, at)| at.get("action") == Some(&it.action));
        if was_right && action != form.action {
            found.at(element, "the form's action loses the visitor's destination");
        }
    }
    if !matches!(&*context.page.id, "login" | "register") {
        return;
    }
    let urls = page.studio.urls;
    for link in tree.named(&["a"]).filter(|it| !it.has("hreflang")) {
        let (path, query) = link
            .get("href")
            .unwrap_or_default()
            .split_once('?')
            .unwrap_or((link.get("href").unwrap_or_default(), ""));
        let goes_on = path == urls.login || Some(path) == urls.register.as_deref();
        let carries = query.contains(CARRIED) || query.contains("next=/reports%3Fyear%3D2026");
        if goes_on && !carries {
            found.at(link, "the link to sign-in or registration loses the visitor's destination");
        }
    }
}

/// R016: what was typed stands in its control again.
fn kept(page: &Page<'_>, found: &mut Found<'_>) {
    for field in page.fields().filter(|field| field.kind != "password") {
        let Some(control) = page.control(field) else { continue };
        let is_lost = match field.widget {
            "checkbox" | "switch" => control.has("checked") != field.checked,
            "select" | "radio" => {
                let chosen = field.options.iter().find(|option| option.selected);
                chosen.is_some_and(|it| !is_chosen(&page.tree, control, field, &it.value))
            }
            // The first line break in a textarea is not part of its text.
            "textarea" => one_blank(&control.visible_text()) != one_blank(&field.value),
            "hidden" => false,
            _ => control.get("value").unwrap_or_default() != field.value,
        };
        if is_lost {
            found.at(
                control,
                format!("what was typed or chosen is not shown again ({})", field.widget),
            );
        }
    }
}

fn is_chosen(tree: &Tree, control: Element<'_>, field: &Field, value: &str) -> bool {
    let has_value = |it: &Element<'_>| it.get("value") == Some(value);
    match control.name() {
        "select" => control.descendants().iter().any(|it| has_value(it) && it.has("selected")),
        _ if control.says("type", "radio") => {
            let mut inputs =
                tree.named(&["input"]).filter(|it| it.get("name") == Some(&field.name));
            inputs.any(|it| has_value(&it) && it.has("checked"))
        }
        // Shown as a text, where it cannot be changed.
        _ => true,
    }
}

/// R018: every choice of a field is offered.
fn choices(page: &Page<'_>, found: &mut Found<'_>) {
    for field in page.fields().filter(|field| !field.readonly) {
        let Some(control) = page.control(field) else { continue };
        let offers = |value: &str| match control.name() {
            "select" => control.descendants().iter().any(|it| it.get("value") == Some(value)),
            _ => page
                .tree
                .named(&["input"])
                .any(|it| it.get("name") == Some(&field.name) && it.get("value") == Some(value)),
        };
        if field.options.iter().any(|option| !offers(&option.value)) {
            found.at(control, format!("not every choice of the {} is offered", field.widget));
        }
    }
}

/// R020: what is sent is encoded as the server reads it.
fn encoding(page: &Page<'_>, found: &mut Found<'_>) {
    let ours = "application/x-www-form-urlencoded";
    for element in page.tree.elements() {
        for name in ["enctype", "formenctype", "hx-encoding"] {
            if element.get(name).is_some_and(|it| !it.eq_ignore_ascii_case(ours)) {
                found.at(element, format!("the server does not read what {name} asks for here"));
            }
        }
    }
}

/// R022: the button says what the server calls it.
fn button_words(page: &Page<'_>, found: &mut Found<'_>) {
    let Some((form, element)) = page.form() else { return };
    let inside = element.descendants();
    let buttons: Vec<Element<'_>> = inside.into_iter().filter(|it| it.is_submit()).collect();
    let says = |it: &Element<'_>| has(&it.accessible_name(&page.tree), &form.submit);
    if let Some(first) = buttons.first()
        && !buttons.iter().any(says)
    {
        found.at(*first, "the button does not say form.submit");
    }
}
