//! `[[form.field]]`: each has a name of its own, a type, and only what its type can have.

use std::borrow::Cow;

use serde_json::Value;

use super::Builder;
use super::access::compiled;
use super::declared::Told;
use crate::config::form::{ChoiceEntry, FieldTable, KindWord};
use crate::config::suggest::nearest;
use crate::finding::{Code, Finding};
use crate::form::check::is_day;
use crate::form::field::{Bound, Choice, Pattern};
use crate::form::{FieldKind, FieldSpec};

/// Names that mean something else in a request or in a call.
const TAKEN: [&str; 5] = ["csrf", "access_token", "refresh_token", "next", "notice"];

impl Builder<'_> {
    /// The fields of a form in the order of the file; what `before` has and the file does not name comes first.
    pub(super) fn fields(
        &mut self,
        item: &str,
        said: &[FieldTable],
        before: Vec<FieldSpec>,
    ) -> Option<Vec<FieldSpec>> {
        let mut fine = true;
        let mut named: Vec<FieldSpec> = Vec::new();
        for (index, table) in said.iter().enumerate() {
            let path = format!("{item}.field.{index}");
            let base = before.iter().find(|field| field.name == table.name);
            let kind = kind_of_entry(table, said, base, &before);
            let Some(field) = self.field(&path, table, base, kind) else {
                fine = false;
                continue;
            };
            if named.iter().any(|other| other.name == field.name) {
                let message = format!("two fields have the name \"{}\"", field.name);
                let finding = Finding::error(Code::Conflict, message)
                    .help("each field needs a name of its own");
                self.find(&format!("{path}.name"), finding);
                fine = false;
            }
            named.push(field);
        }
        let is_named = |field: &FieldSpec| named.iter().any(|other| other.name == field.name);
        let mut fields: Vec<_> = before.into_iter().filter(|field| !is_named(field)).collect();
        fields.extend(named);
        for (index, table) in said.iter().enumerate() {
            fine &= self.confirms_something(&format!("{item}.field.{index}"), table, &fields);
        }
        fine.then_some(fields)
    }

    /// A field that must equal another needs that other one.
    fn confirms_something(&mut self, path: &str, said: &FieldTable, fields: &[FieldSpec]) -> bool {
        let Some(other) = &said.equals else { return true };
        let others =
            || fields.iter().filter(|field| field.name != said.name && field.kind.is_input());
        let own = fields.iter().find(|field| field.name == said.name);
        let finding = if let Some(first) = others().find(|field| field.name == *other) {
            if own.is_none_or(|own| own.kind == first.kind) {
                return true;
            }
            let message = format!("a field that repeats \"{other}\" is of its type");
            let help = format!("leave `type` out, or write type = \"{}\"", first.kind.name());
            Finding::error(Code::Conflict, message).help(help)
        } else if *other == said.name {
            Finding::error(Code::BadValue, "a field always equals itself")
                .help("name the field that it must repeat")
        } else {
            let finding = Finding::error(
                Code::BadValue,
                format!("the form has no field \"{other}\" to equal"),
            );
            let names: Vec<&str> = others().map(|field| field.name.as_str()).collect();
            match nearest(other, names.iter().copied()) {
                Some(near) => finding.help(format!("did you mean \"{near}\"?")),
                None if names.is_empty() => finding.help("the form has no other field"),
                None => finding.help(format!("its fields are {}", names.join(", "))),
            }
        };
        self.find(&format!("{path}.equals"), finding);
        false
    }

    fn field(
        &mut self,
        path: &str,
        said: &FieldTable,
        base: Option<&FieldSpec>,
        kind: FieldKind,
    ) -> Option<FieldSpec> {
        if self.origins.spoiled.contains(path) || !self.field_name(path, &said.name) {
            return None;
        }
        if base.is_some_and(|base| base.kind == FieldKind::Password && kind != base.kind) {
            let finding =
                Finding::error(Code::Conflict, format!("`{}` stays a password", said.name))
                    .help("leave `type` out, so that what is typed is never shown");
            self.find(&format!("{path}.type"), finding);
            return None;
        }
        let kept = base.filter(|base| base.kind == kind).cloned();
        let fresh = kept.unwrap_or_else(|| FieldSpec::new(said.name.clone(), kind));
        let fits = self.fits_its_kind(path, said, kind);
        let choices = self.choices(path, said, kind);
        let pattern = self.whole_pattern(path, said.pattern.as_deref());
        let (min, max) = self.bounds(path, said, kind)?;
        let start = self.start(path, said, kind);
        let Some(strength) = u8::try_from(said.strength).ok().filter(|it| *it <= 4) else {
            let finding = Finding::error(Code::BadValue, "`strength` goes from 1 to 4")
                .help("3 withstands what is tried online; 4 also a stolen database");
            self.find(&format!("{path}.strength"), finding);
            return None;
        };
        let autocomplete = said.autocomplete.clone().map(Cow::Owned);
        let usual =
            if base.is_some() { fresh.autocomplete.clone() } else { autofill(kind, &said.name) };
        if !fits {
            return None;
        }
        Some(FieldSpec {
            label: said.label.clone().or(fresh.label),
            hint: said.hint.clone().or(fresh.hint),
            placeholder: said.placeholder.clone().unwrap_or(fresh.placeholder),
            start: start.ok()?.or(fresh.start),
            required: said.required.unwrap_or(base.map_or(fresh.required, |base| base.required)),
            readonly: said.readonly,
            min_length: said.min_length.map_or(fresh.min_length, |length| length as usize),
            max_length: said.max_length.map_or(fresh.max_length, |length| length as usize),
            min: min.or(fresh.min),
            max: max.or(fresh.max),
            pattern: pattern.ok()?.or(fresh.pattern),
            choices: choices?,
            strength,
            autocomplete: autocomplete.unwrap_or(usual),
            inputmode: said.inputmode.clone().map_or(fresh.inputmode, Cow::Owned),
            must_equal: said.equals.clone().or(fresh.must_equal),
            rows: said.rows.unwrap_or(fresh.rows),
            is_checked_early: said.check.is_some(),
            name: fresh.name,
            kind,
        })
    }

    fn field_name(&mut self, path: &str, name: &str) -> bool {
        let path = format!("{path}.name");
        let is_fine = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
        if name.is_empty() {
            if !self.origins.is_spoiled(&path) {
                let finding = Finding::error(Code::MissingKey, "a field needs a name")
                    .help("add name = \"email\"; `submit` has its value as {{email}}");
                self.findings.push(finding.at(self.origins.key_place(&path)));
            }
            return false;
        }
        let finding = if !name.chars().all(is_fine) {
            Finding::error(Code::BadValue, format!("\"{name}\" cannot be the name of a field"))
                .help("letters, digits, `_` and `-`; what is read at it is its `label`")
        } else if TAKEN.contains(&name) {
            Finding::error(Code::BadValue, format!("\"{name}\" means something else in a form"))
                .help("choose another name, and use that in `submit`")
        } else {
            return true;
        };
        self.find(&path, finding);
        false
    }

    /// What only some types have stands at none of the others.
    fn fits_its_kind(&mut self, path: &str, said: &FieldTable, kind: FieldKind) -> bool {
        let of_text = "text, email, tel, url, password and textarea";
        let misplaced = [
            ("options", !said.options.is_empty() && !kind.is_choice(), "select and radio"),
            ("min_length", said.min_length.is_some() && !kind.is_text(), of_text),
            ("pattern", said.pattern.is_some() && !kind.is_text(), of_text),
            ("strength", said.strength > 0 && kind != FieldKind::Password, "password"),
            ("rows", said.rows.is_some() && kind != FieldKind::Textarea, "textarea"),
            (
                "min",
                said.min.is_some() && !matches!(kind, FieldKind::Number | FieldKind::Date),
                "number and date",
            ),
            (
                "max",
                said.max.is_some() && !matches!(kind, FieldKind::Number | FieldKind::Date),
                "number and date",
            ),
            (
                "max_length",
                said.max_length.is_some() && !kind.is_text() && kind != FieldKind::Hidden,
                of_text,
            ),
            ("equals", said.equals.is_some() && !kind.is_input(), "what can be typed or chosen"),
            ("check", said.check.is_some() && !kind.is_input(), "what can be typed or chosen"),
            (
                "default",
                said.default.is_some() && !kind.may_be_echoed(),
                "everything but passwords, which are never sent to a browser",
            ),
        ];
        let mut fine = true;
        for (key, _, whose) in misplaced.into_iter().filter(|(_, is_there, _)| *is_there) {
            let message = format!("a field of type {} has no `{key}`", kind.name());
            let finding = Finding::error(Code::BadValue, message)
                .help(format!("`{key}` is for {whose}; leave it out or change the type"));
            self.find(&format!("{path}.{key}"), finding);
            fine = false;
        }
        if let (Some(min), Some(max)) = (said.min_length, said.max_length)
            && min > max
        {
            let message = format!("nothing is at least {min} and at most {max} characters long");
            let finding = Finding::error(Code::BadValue, message)
                .help(format!("write min_length = {max} and max_length = {min}"));
            self.find(&format!("{path}.min_length"), finding);
            fine = false;
        }
        fine
    }

    fn choices(&mut self, path: &str, said: &FieldTable, kind: FieldKind) -> Option<Vec<Choice>> {
        if kind.is_choice() && said.options.is_empty() {
            let message = format!("a field of type {} needs options", kind.name());
            let finding = Finding::error(Code::MissingKey, message)
                .help("add options = [\"small\", \"large\"]");
            if !self.origins.is_spoiled(path) {
                self.findings.push(finding.at(self.origins.key_place(&format!("{path}.options"))));
            }
            return None;
        }
        let mut all: Vec<Choice> = Vec::new();
        for (index, entry) in said.options.iter().enumerate() {
            let (value, label) = match entry {
                ChoiceEntry::Word(word) => (word, word),
                ChoiceEntry::Labelled { value, label } => (value, label),
            };
            if all.iter().any(|choice| choice.value == *value) {
                let message = format!("two options have the value \"{value}\"");
                let finding = Finding::error(Code::Conflict, message)
                    .help("take one of them out; `value` is what is sent, `label` what is read");
                self.find(&format!("{path}.options.{index}"), finding);
                return None;
            }
            all.push(Choice { value: value.clone(), label: label.clone() });
        }
        Some(all)
    }

    fn whole_pattern(&mut self, path: &str, said: Option<&str>) -> Result<Option<Pattern>, Told> {
        let Some(text) = said else { return Ok(None) };
        match compiled(text) {
            Ok(regex) => Ok(Some(Pattern { regex, text: text.to_owned() })),
            Err(error) => {
                let line = error.to_string();
                let reason = line.lines().last().unwrap_or_default().trim_start_matches("error: ");
                let message = format!("not a regular expression: {reason}");
                let finding = Finding::error(Code::PatternInvalid, message).help(
                    "it must match the whole of what is typed; look-around is not part of it",
                );
                self.find(&format!("{path}.pattern"), finding);
                Err(Told)
            }
        }
    }

    fn bounds(
        &mut self,
        path: &str,
        said: &FieldTable,
        kind: FieldKind,
    ) -> Option<(Option<Bound>, Option<Bound>)> {
        let mut bound = |key: &str, value: &Option<Value>| match (value, kind) {
            (Some(Value::Number(number)), FieldKind::Number) => {
                Some(number.as_f64().map(Bound::Number))
            }
            (Some(Value::String(day)), FieldKind::Date) if is_day(day) => {
                Some(Some(Bound::Date(day.clone())))
            }
            (Some(_), FieldKind::Number | FieldKind::Date) => {
                let help = if kind == FieldKind::Date {
                    format!("write {key} = \"2026-01-31\"")
                } else {
                    format!("write {key} = 1")
                };
                let message = format!("`{key}` is no {}", kind.name());
                self.find(
                    &format!("{path}.{key}"),
                    Finding::error(Code::BadValue, message).help(help),
                );
                None
            }
            // None, or told already.
            (_, _) => Some(None),
        };
        let (min, max) = (bound("min", &said.min), bound("max", &said.max));
        let (min, max) = (min?, max?);
        let is_empty = match (&min, &max) {
            (Some(Bound::Number(min)), Some(Bound::Number(max))) => min > max,
            (Some(Bound::Date(min)), Some(Bound::Date(max))) => min > max,
            _ => false,
        };
        if is_empty {
            let finding = Finding::error(Code::BadValue, "`min` is larger than `max`");
            self.find(
                &format!("{path}.min"),
                finding.help("nothing could be entered; change them over, or leave one out"),
            );
            return None;
        }
        Some((min, max))
    }
}

/// What a field holds: what is said, else what is known of the one that it changes or repeats, else what its name says.
/// A field that repeats a password is one, whatever it is called.
fn kind_of_entry(
    table: &FieldTable,
    said: &[FieldTable],
    base: Option<&FieldSpec>,
    before: &[FieldSpec],
) -> FieldKind {
    if let Some(word) = table.kind {
        return kind_of(word);
    }
    let of_before = |name: &str| before.iter().find(|field| field.name == name);
    let other = table.equals.as_deref().filter(|other| *other != table.name);
    let first = other.and_then(|other| {
        let declared = said.iter().find(|field| field.name == other);
        let kind = declared.and_then(|field| field.kind).map(kind_of);
        kind.or_else(|| of_before(other).map(|field| field.kind))
            .or_else(|| declared.map(|field| FieldKind::of(&field.name)))
    });
    base.map(|base| base.kind).or(first).unwrap_or_else(|| FieldKind::of(&table.name))
}

fn kind_of(word: KindWord) -> FieldKind {
    match word {
        KindWord::Text => FieldKind::Text,
        KindWord::Email => FieldKind::Email,
        KindWord::Tel => FieldKind::Tel,
        KindWord::Url => FieldKind::Url,
        KindWord::Number => FieldKind::Number,
        KindWord::Password => FieldKind::Password,
        KindWord::Textarea => FieldKind::Textarea,
        KindWord::Select => FieldKind::Select,
        KindWord::Radio => FieldKind::Radio,
        KindWord::Checkbox => FieldKind::Checkbox,
        KindWord::Switch => FieldKind::Switch,
        KindWord::Date => FieldKind::Date,
        KindWord::Hidden => FieldKind::Hidden,
        KindWord::Static => FieldKind::Static,
    }
}

/// What browsers may fill in where the file does not say (HTML standard, "autofill field name").
fn autofill(kind: FieldKind, name: &str) -> Cow<'static, str> {
    Cow::Borrowed(match kind {
        FieldKind::Email => "email",
        FieldKind::Tel => "tel",
        FieldKind::Url => "url",
        FieldKind::Password if name.starts_with("current") || name.starts_with("old") => {
            "current-password"
        }
        FieldKind::Password => "new-password",
        FieldKind::Text if name == "name" => "name",
        _ => "",
    })
}
