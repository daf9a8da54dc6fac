//! What must hold of the markup of every page in every state.

use std::collections::HashSet;

use regex::Regex;

use super::*;
use crate::theme::last_resort::escape;

/// An element's name and its attributes, as they stand in the page.
struct Tag {
    name: String,
    attributes: Vec<(String, String)>,
}

impl Tag {
    fn get(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    fn is(&self, name: &str) -> bool {
        self.name == name
    }
}

/// The opening tags of a page. Enough of a parser, because values never hold `<`, `>` or `"`.
fn tags(html: &str) -> Vec<Tag> {
    let tag = Regex::new(r#"<([a-z][a-z0-9]*)((?:\s+[^\s=>]+(?:=(?:"[^"]*"|'[^']*'))?)*)\s*>"#);
    let attribute = Regex::new(r#"([^\s=>]+)(?:=(?:"([^"]*)"|'([^']*)'))?"#).unwrap();
    let found: Vec<Tag> = tag
        .unwrap()
        .captures_iter(html)
        .map(|found| Tag {
            name: found[1].to_owned(),
            attributes: attribute
                .captures_iter(&found[2])
                .map(|pair| {
                    let value = pair.get(2).or(pair.get(3)).map_or("", |value| value.as_str());
                    (pair[1].to_owned(), value.to_owned())
                })
                .collect(),
        })
        .collect();
    let opened = Regex::new("<[a-z]").unwrap().find_iter(html).count();
    assert_eq!(found.len(), opened, "a tag that the test does not understand:\n{html}");
    found
}

/// Calls `look` with each sample, its page and its tags, in every theme that is part of the program.
fn on_every_page(look: impl Fn(&PageContext, &str, &[Tag])) {
    for theme in shipped() {
        let samples = theme.samples(&urls());
        assert!(samples.len() > 35);
        for page in samples {
            let html = theme.render(&page).unwrap();
            look(&page, &html, &tags(&html));
        }
    }
}

#[test]
fn nothing_is_inline_and_nothing_comes_from_elsewhere() {
    on_every_page(|page, html, tags| {
        assert!(!html.contains("javascript:"), "{:?}", page.page);
        for tag in tags {
            assert!(!tag.is("style") && !tag.is("base"), "{:?}", page.page);
            if tag.is("script") {
                assert!(tag.get("src").is_some_and(|src| src.starts_with("/_vestibule/assets/")));
            }
            for (name, value) in &tag.attributes {
                let banned = name == "style"
                    || name == "srcdoc"
                    || name.starts_with("on")
                    || name.starts_with("hx-on");
                assert!(!banned, "{:?}: {name}={value}", page.page);
                if ["src", "href", "action", "hx-get", "hx-post"].contains(&name.as_str()) {
                    let ours = value.starts_with('/') && !value.starts_with("//");
                    let inside = tag.is("img") && value.starts_with("data:image/svg+xml,");
                    let known = ours || inside || value.starts_with('#') || value == "data:,";
                    assert!(known, "{:?}: {name}={value}", page.page);
                }
            }
        }
        assert!(Regex::new(r"(?s)<script[^>]*>[^<]+</script>").unwrap().find(html).is_none());
    });
}

#[test]
fn whatever_a_visitor_or_backend_wrote_is_escaped() {
    let mut seen = 0;
    for theme in shipped() {
        for page in theme.samples(&urls()) {
            let html = theme.render(&page).unwrap();
            seen += html.matches("&quot;&gt;&lt;script&gt;alert(1)").count();
            assert!(!html.contains("<script>"), "{:?}", page.page);
            assert!(!html.contains("<b x="), "{:?}", page.page);
        }
    }
    assert!(seen >= 4, "the hostile samples were not shown");
}

#[test]
fn every_page_has_its_language_one_heading_one_main_and_unique_ids() {
    on_every_page(|page, html, tags| {
        let count = |name: &str| tags.iter().filter(|tag| tag.is(name)).count();
        assert_eq!((count("h1"), count("main"), count("title")), (1, 1, 1), "{:?}", page.page);
        let root = tags.iter().find(|tag| tag.is("html")).unwrap();
        assert_eq!((root.get("lang"), root.get("dir")), (Some("en"), Some("ltr")));
        let ids: Vec<_> = tags.iter().filter_map(|tag| tag.get("id")).collect();
        assert_eq!(ids.iter().collect::<HashSet<_>>().len(), ids.len(), "{:?}", page.page);
        let wrong = page.form.as_ref().is_some_and(|form| !form.valid);
        assert_eq!(html.contains("<title>Error: "), wrong, "{:?}", page.page);
        let text = Regex::new("<[^>]*>").unwrap().replace_all(html, " ");
        let printed = ["None", "none", "true", "false", "undefined", "{{"];
        let words: Vec<_> = text.split_whitespace().filter(|word| printed.contains(word)).collect();
        assert!(words.is_empty(), "{:?}: {words:?}", page.page);
    });
}

impl Tag {
    /// Whether something can be typed or chosen here.
    fn is_control(&self) -> bool {
        let is_shown = self.get("type") != Some("hidden");
        self.is("select") || self.is("textarea") || (self.is("input") && is_shown)
    }
}

#[test]
fn everything_that_can_be_filled_in_is_labelled_and_described() {
    let mut count = 0;
    on_every_page(|page, _, tags| {
        for control in tags.iter().filter(|tag| tag.is_control()) {
            let labels =
                tags.iter().filter(|tag| tag.is("label") && tag.get("for") == control.get("id"));
            assert_eq!(labels.count(), 1, "{:?} {:?}", page.page, control.get("name"));
        }
        for tag in tags {
            for id in tag.get("aria-describedby").unwrap_or_default().split_whitespace() {
                assert!(tags.iter().any(|tag| tag.get("id") == Some(id)), "{:?} {id}", page.page);
            }
            for name in ["aria-invalid", "aria-required"] {
                assert!(tag.get(name).is_none_or(|value| value == "true"), "{:?}", page.page);
            }
        }
    });
    on_every_field(|page, field, tag| {
        count += 1;
        assert_eq!(tag.get("aria-invalid"), field.invalid.then_some("true"), "{:?}", page.page);
        let described = tag.get("aria-describedby").unwrap_or_default();
        assert_eq!(described, field.describedby, "{:?} {}", page.page, field.name);
        let is_said = tag.get("required").or(tag.get("aria-required")).is_some();
        let is_shown_only = field.readonly && !field.options.is_empty();
        assert_eq!(is_said, field.required && !is_shown_only, "{:?} {}", page.page, field.name);
    });
    assert!(count > 60);
}

/// Calls `look` with each field that is shown and the tag that says what is wrong with it: the control, or
/// the group of radio buttons.
fn on_every_field(mut look: impl FnMut(&PageContext, &Field, &Tag)) {
    for theme in shipped() {
        for page in theme.samples(&urls()) {
            let html = theme.render(&page).unwrap();
            let tags = tags(&html);
            let fields = page.form.as_ref().map(|form| form.fields.as_slice()).unwrap_or_default();
            let mut groups = tags.iter().filter(|tag| tag.is("fieldset"));
            for field in fields.iter().filter(|it| !["hidden", "static"].contains(&it.widget)) {
                let tag = if field.widget == "radio" && !field.readonly {
                    groups.next()
                } else {
                    tags.iter().find(|tag| tag.is_control() && tag.get("id") == Some(&field.id))
                };
                look(&page, field, tag.unwrap_or_else(|| panic!("{:?} {}", page.page, field.name)));
            }
        }
    }
}

#[test]
fn what_was_typed_is_shown_again_and_passwords_are_never_filled_in() {
    let mut count = 0;
    on_every_field(|page, field, tag| {
        if field.kind == "password" {
            assert!(tag.get("value").is_none(), "{:?}", page.page);
            assert!(tag.get("maxlength").is_none(), "a pasted password would be cut");
        }
        if matches!(field.kind, "email" | "password") {
            let plain = [tag.get("spellcheck"), tag.get("autocapitalize")];
            assert_eq!(plain, [Some("false"), Some("none")], "{}", field.name);
            assert_eq!(tag.get("autocomplete"), Some(&*field.autocomplete));
        }
        if tag.is("input") && field.options.is_empty() && field.kind != "checkbox" {
            let shown = tag.get("value").unwrap_or_default();
            assert!(shown == field.value || field.value.contains('<'), "{:?} {shown}", page.page);
            count += 1;
        }
        if field.kind == "checkbox" {
            assert_eq!(tag.get("checked").is_some(), field.checked, "{:?}", page.page);
        }
    });
    assert!(count > 30);
}

#[test]
fn of_the_choices_only_the_one_that_was_made_is_marked() {
    for theme in shipped() {
        for (state, chosen) in [("idle", ""), ("filled", "m"), ("error", "")] {
            let html = theme.render(&sample(theme, "form", &format!("radio_{state}"))).unwrap();
            let checked: Vec<_> =
                tags(&html).into_iter().filter(|t| t.get("checked").is_some()).collect();
            assert_eq!(checked.len(), usize::from(!chosen.is_empty()), "{html}");
            let html = theme.render(&sample(theme, "form", &format!("select_{state}"))).unwrap();
            let selected: Vec<_> = tags(&html)
                .into_iter()
                .filter(|tag| tag.get("selected").is_some())
                .map(|tag| tag.get("value").unwrap_or_default().to_owned())
                .collect();
            assert_eq!(selected, [chosen], "a browser would choose the first of them: {html}");
        }
    }
}

#[test]
fn what_cannot_be_changed_is_sent_all_the_same() {
    for theme in shipped() {
        let page = sample(theme, "form", "readonly");
        let html = theme.render(&page).unwrap();
        let tags = tags(&html);
        for field in page.form.unwrap().fields.iter().filter(|it| it.widget != "static") {
            let sends =
                |tag: &&Tag| tag.get("name") == Some(&field.name) && tag.get("disabled").is_none();
            let sent: Vec<_> = tags.iter().filter(sends).collect();
            assert_eq!(sent.len(), 1, "{}", field.name);
            let is_fixed =
                sent[0].get("readonly").is_some() || sent[0].get("type") == Some("hidden");
            assert!(is_fixed, "{}", field.name);
        }
    }
}

#[test]
fn a_question_about_one_field_swaps_that_field_and_keeps_its_input() {
    for theme in shipped() {
        let page = sample(theme, "form", "checked_error");
        for field in &page.form.unwrap().fields {
            let html = theme.render_field(field).unwrap();
            let tags = tags(&html);
            let input = tags.iter().find(|tag| tag.is_control()).unwrap();
            let target = format!("#{}", tags[0].get("id").unwrap());
            assert_eq!(input.get("hx-post"), Some(field.check_url.as_str()));
            assert_eq!(input.get("hx-target"), Some(target.as_str()));
            assert_eq!(input.get("hx-swap"), Some("outerMorph"));
            for refused in ["hx-status:4xx", "hx-status:5xx"] {
                assert_eq!(input.get(refused), Some("swap:none"), "an error page is no field");
            }
            assert!(html.contains("aria-live=\"polite\""));
        }
    }
}

#[test]
fn a_password_in_the_context_is_still_not_shown() {
    for theme in shipped() {
        let mut page = sample(theme, "login", "prefilled");
        for field in &mut page.form.as_mut().unwrap().fields {
            field.value = "hunter2".to_owned();
        }
        let html = theme.render(&page).unwrap();
        assert_eq!(html.matches("hunter2").count(), 1, "the address only");
    }
}

#[test]
fn the_summary_says_what_the_fields_say_and_leads_to_them() {
    let mut linked = 0;
    for theme in shipped() {
        for page in theme.samples(&urls()) {
            let Some(form) = page.form.as_ref().filter(|form| !form.valid) else { continue };
            let html = theme.render(&page).unwrap();
            let tags = tags(&html);
            let summary = tags.iter().find(|tag| tag.get("role") == Some("alert")).unwrap();
            assert_eq!(summary.get("tabindex"), Some("-1"));
            assert!(summary.get("autofocus").is_some());
            assert!(html.find("role=\"alert\"") < html.find("<h1"), "the summary comes first");
            for item in &form.summary {
                let text = escape(&item.text);
                if let Some(id) = item.href.strip_prefix('#') {
                    let link = format!("<a href=\"#{id}\">{text}</a>");
                    let error = format!("<span class=\"sr-only\">Error:</span> {text}</p>");
                    assert!(html.contains(&link) && html.contains(&error), "{html}");
                    assert!(tags.iter().any(|tag| tag.is_control() && tag.get("id") == Some(id)));
                    linked += 1;
                } else {
                    assert!(html.contains(&format!("<li>{text}</li>")), "{html}");
                }
            }
        }
    }
    assert!(linked >= 5);
}

#[test]
fn credentials_travel_by_a_plain_post_and_scripts_are_there_only_where_they_are_used() {
    on_every_page(|page, _, tags| {
        let forms: Vec<_> = tags.iter().filter(|tag| tag.is("form")).collect();
        let Some(form) = &page.form else { return };
        assert_eq!(forms.len(), 1, "{:?}", page.page);
        assert_eq!(forms[0].get("action"), Some(form.action.as_str()));
        assert_eq!(forms[0].get("method"), Some("post"));
        assert!(forms[0].get("novalidate").is_some());
        let by_htmx = forms[0].get("hx-post");
        assert_eq!(by_htmx, form.htmx.then_some(form.action.as_str()), "{:?}", page.page);
        let uses = form.htmx || form.fields.iter().any(|field| !field.check_url.is_empty());
        assert_eq!(tags.iter().any(|tag| tag.is("script")), uses, "{:?}", page.page);
        let hx = |tag: &Tag| tag.attributes.iter().any(|(name, _)| name.starts_with("hx-"));
        assert_eq!(tags.iter().any(hx), uses, "{:?}", page.page);
    });
}

#[test]
fn a_part_brings_the_title_and_the_focus_goes_to_what_is_new() {
    for theme in shipped() {
        for (state, title, focus) in [
            ("field_errors", "Error: Sample form · Acme", "role=\"alert\""),
            ("success", "Sample form · Acme", "role=\"status\""),
        ] {
            let page = PageContext { partial: true, ..sample(theme, "form", state) };
            let html = theme.render_partial(&page).unwrap();
            assert!(html.contains(&format!("<title>{title}</title>")), "{html}");
            let tags = tags(&html);
            let focused: Vec<_> =
                tags.iter().filter(|tag| tag.get("autofocus").is_some()).collect();
            assert_eq!(focused.len(), 1, "{html}");
            assert_eq!(focused[0].get("tabindex"), Some("-1"));
            assert!(html.contains(&format!("{focus} tabindex=\"-1\" autofocus")), "{html}");
        }
        let whole = theme.render(&sample(theme, "form", "success")).unwrap();
        assert!(!whole.contains("autofocus"), "a page that was loaded begins at its beginning");
    }
}

#[test]
fn the_csrf_token_is_in_every_form_that_posts_and_absent_when_empty() {
    for theme in shipped() {
        for page in theme.samples(&urls()) {
            for token in ["", "t0ken"] {
                let csrf = context::Csrf { name: "csrf", token: token.to_owned() };
                let html = theme.render(&PageContext { csrf, ..page.clone() }).unwrap();
                let posts = html.matches("method=\"post\"").count();
                let expected = if token.is_empty() { 0 } else { posts };
                let hidden = "<input type=\"hidden\" name=\"csrf\" value=\"t0ken\">";
                assert_eq!(html.matches(hidden).count(), expected, "{:?}", page.page);
            }
        }
    }
}

#[test]
fn notices_waiting_times_and_request_ids_are_shown() {
    on_every_page(|page, html, _| {
        for notice in &page.notices {
            assert!(html.contains("role=\"status\"") && html.contains(&notice.text));
        }
        if let Some(retry) = &page.retry {
            assert!(html.contains(&retry.text), "{:?}", page.page);
        }
        if let Some(error) = &page.error {
            assert!(html.contains(&error.request_id) && html.contains(&error.detail));
            assert!(
                html.contains(&format!("href=\"{}\"", error.retry_url))
                    || error.retry_url.is_empty()
            );
            assert!(html.contains("href=\"/\""), "the way home");
        }
    });
}

#[test]
fn signing_out_works_with_and_without_script() {
    for theme in shipped() {
        let html = theme.render(&sample(theme, "welcome", "minimal_claims")).unwrap();
        let tags = tags(&html);
        let form = tags.iter().find(|tag| tag.get("hx-post").is_some()).unwrap();
        assert_eq!((form.get("action"), form.get("method")), (Some("/logout"), Some("post")));
        assert_eq!(form.get("hx-post"), Some("/logout"));
        assert!(html.contains("<h1 dir=\"auto\">Welcome</h1>"), "{html}");
    }
}
