//! What rules ask of a page: where its form is, what can be filled in, and what something is called.

use super::studio::Page;
use super::tree::{Element, Tree, one_blank};
use crate::theme::context::{Field, Form};

/// Roles and attributes that say a change of the text aloud.
const LIVE: [&str; 3] = ["alert", "status", "log"];

impl Page<'_> {
    /// The form that the server has declared, where the page has it.
    pub(super) fn form(&self) -> Option<(&Form, Element<'_>)> {
        let form = self.context.form.as_ref()?;
        Some((form, form_in(&self.tree, form)?))
    }

    /// Fields that have something to fill in.
    pub(super) fn fields(&self) -> impl Iterator<Item = &Field> {
        let fields = self.context.form.iter().flat_map(|form| &form.fields);
        fields.filter(|field| field.widget != "static")
    }

    /// What is shown for a field, where it may be filled in; of radio buttons the first.
    pub(super) fn control(&self, field: &Field) -> Option<Element<'_>> {
        let mut controls = self.tree.elements().filter(|it| it.is_control());
        controls
            .find(|it| it.get("name") == Some(&field.name))
            .or_else(|| self.tree.by_id(&field.id).filter(|it| it.is_control()))
    }

    /// What says that a field is wrong: its control, or the group that its radio buttons stand in.
    pub(super) fn spoken_for(&self, field: &Field) -> Option<Element<'_>> {
        let control = self.control(field)?;
        if field.widget != "radio" || !control.says("type", "radio") {
            return Some(control);
        }
        let group = control.ancestors().find(|it| {
            it.name() == "fieldset" || it.says("role", "radiogroup") || it.says("role", "group")
        });
        group.or(Some(control))
    }

    /// The page with all that it can have: a token, languages, a destination.
    pub(super) fn whole(&self) -> &Tree {
        self.filled.as_ref().map_or(&self.tree, |(_, tree)| tree)
    }

    pub(super) fn has_errors(&self) -> bool {
        self.context.form.as_ref().is_some_and(|form| !form.valid)
    }
}

/// Whether a text has these words, however they are broken into lines.
pub(super) fn has(text: &str, wanted: &str) -> bool {
    text.contains(&one_blank(wanted))
}

/// The form element for a form: the one that posts to its address, else the one that has its fields, else
/// the first that posts.
pub(super) fn form_in<'a>(tree: &'a Tree, form: &Form) -> Option<Element<'a>> {
    let forms: Vec<Element<'_>> = tree.named(&["form"]).collect();
    let is_there = |it: &&Element<'_>| it.get("action") == Some(&form.action);
    let has_fields = |it: &&Element<'_>| {
        let names = form.fields.iter().map(|field| field.name.as_str());
        let inside = it.descendants();
        names.into_iter().any(|name| inside.iter().any(|it| it.get("name") == Some(name)))
    };
    let posts = |it: &&Element<'_>| it.says("method", "post");
    let found = forms.iter().find(is_there).or_else(|| forms.iter().find(has_fields));
    found.or_else(|| forms.iter().find(posts)).copied()
}

impl<'a> Element<'a> {
    /// Whether something can be typed or chosen here.
    pub(super) fn is_control(self) -> bool {
        match self.name() {
            "select" | "textarea" => true,
            "input" => {
                let kind = self.get("type").unwrap_or("text").to_ascii_lowercase();
                !["hidden", "submit", "button", "image", "reset"].contains(&kind.as_str())
            }
            _ => false,
        }
    }

    /// Whether it sends its form.
    pub(super) fn is_submit(self) -> bool {
        match self.name() {
            "button" => !self.says("type", "button") && !self.says("type", "reset"),
            "input" => self.says("type", "submit") || self.says("type", "image"),
            _ => false,
        }
    }

    pub(super) fn is_button(self) -> bool {
        let is_input = self.name() == "input"
            && ["submit", "button", "image", "reset"].iter().any(|it| self.says("type", it));
        self.name() == "button" || is_input
    }

    /// Whether the keyboard comes here.
    pub(super) fn is_interactive(self) -> bool {
        self.is_control()
            || self.is_button()
            || (self.name() == "a" && self.has("href"))
            || self.is(&["summary", "iframe", "embed"])
    }

    pub(super) fn is_password(self) -> bool {
        self.name() == "input" && self.says("type", "password")
    }

    /// Whether a change in it is read out.
    pub(super) fn is_live(self) -> bool {
        let says = |it: Self| {
            let live = it.get("aria-live").map(str::to_ascii_lowercase);
            let role = it.get("role").unwrap_or_default();
            LIVE.contains(&role) || matches!(live.as_deref(), Some("polite" | "assertive"))
        };
        self.with_ancestors().any(says)
    }

    /// The labels of a control: those that name its id, and the one around it.
    pub(super) fn labels(self, tree: &'a Tree) -> Vec<Self> {
        let own_id = self.get("id").filter(|id| !id.is_empty());
        let names = |label: &Self| match label.get("for") {
            Some(id) => own_id == Some(id),
            None => self.inside("label") == Some(*label),
        };
        tree.named(&["label"]).filter(names).collect()
    }

    /// What it is called by those who read the page aloud; as the specification has it, in short.
    pub(super) fn accessible_name(self, tree: &'a Tree) -> String {
        let referred: Vec<String> = self
            .words("aria-labelledby")
            .filter_map(|id| tree.by_id(id))
            .map(Self::spoken_text)
            .collect();
        let said = |text: Option<&str>| one_blank(text.unwrap_or_default());
        let native = || match self.name() {
            "img" | "area" => said(self.get("alt")),
            "input" if self.says("type", "image") => said(self.get("alt")),
            "input" if self.says("type", "submit") || self.says("type", "reset") => {
                // Browsers have a word of their own for these.
                said(self.get("value").or(Some("submit")))
            }
            "input" if self.says("type", "button") => said(self.get("value")),
            "input" | "select" | "textarea" => {
                let labels = self.labels(tree).into_iter().map(Self::spoken_text);
                one_blank(&labels.collect::<Vec<_>>().join(" "))
            }
            "fieldset" => {
                let legend = self.children().find(|it| it.name() == "legend");
                legend.map(Self::spoken_text).unwrap_or_default()
            }
            "table" => {
                let caption = self.children().find(|it| it.name() == "caption");
                caption.map(Self::spoken_text).unwrap_or_default()
            }
            "nav" | "aside" | "section" | "main" | "header" | "footer" | "form" | "ul" | "ol" => {
                String::new()
            }
            _ => self.spoken_text(),
        };
        let name = [one_blank(&referred.join(" ")), said(self.get("aria-label"))];
        let mut name = name.into_iter().find(|it| !it.is_empty()).unwrap_or_else(native);
        if name.is_empty() && !self.is_control() {
            name = said(self.get("title"));
        }
        name
    }
}

#[cfg(test)]
mod tests {
    use super::super::tree::parse;

    #[test]
    fn a_control_is_called_by_its_label_and_a_button_by_its_words_and_pictures() {
        let tree = parse(
            "<label for=a>One <b>two</b></label><input id=a>\
             <label>Wrapped <input id=b></label>\
             <input id=c title=no placeholder=no>\
             <span id=s>Called</span><input id=d aria-labelledby=s>\
             <button id=e><svg aria-hidden=true><title>x</title></svg><img src=x alt=Go></button>\
             <button id=f><i class=eye></i></button><a id=g href=/ aria-label=Home>x</a>",
        );
        let name = |id: &str| tree.by_id(id).unwrap().accessible_name(&tree);
        let names = ["a", "b", "c", "d", "e", "f", "g"].map(name);
        assert_eq!(names, ["One two", "Wrapped", "", "Called", "Go", "", "Home"]);
    }
}
