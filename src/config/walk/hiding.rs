//! What a walk must not let anybody see.

use toml::de::{DeTable, DeValue};

use super::{Entry, Walk};
use crate::config::blot::sounds_secret;
use crate::form::FieldKind;

impl Walk<'_> {
    /// Hides every value in it, whatever it is.
    pub(super) fn hide(&mut self, value: &Entry<'_>) {
        match value.get_ref() {
            DeValue::Array(items) => items.iter().for_each(|item| self.hide(item)),
            DeValue::Table(table) => table.iter().for_each(|(_, entry)| self.hide(entry)),
            _ => self.hidden.push(value.span()),
        }
    }

    /// Hides a value that is more than a template.
    pub(super) fn hide_constant(&mut self, value: &Entry<'_>) {
        if !self.raw(value).contains("{{") {
            self.hide(value);
        }
    }

    /// Hides what sounds like a secret inside a value that nobody reads.
    pub(super) fn hide_telltales(&mut self, name: &str, value: &Entry<'_>) {
        match value.get_ref() {
            _ if sounds_secret(name) => self.hide(value),
            DeValue::Array(items) => items.iter().for_each(|item| self.hide_telltales("", item)),
            DeValue::Table(table) => {
                table.iter().for_each(|(key, entry)| self.hide_telltales(key.get_ref(), entry));
            }
            DeValue::String(text) => self.hide_credentials(value, text),
            _ => {}
        }
    }

    /// Hides the password in an address.
    pub(super) fn hide_credentials(&mut self, value: &Entry<'_>, text: &str) {
        if text.contains('@') && text.contains("//") {
            self.hidden.push(value.span());
        }
    }

    /// Hides what a password field should start with. It must not start with anything, and what stands there may well
    /// be a password.
    pub(super) fn hide_default_of_a_password(&mut self, table: &DeTable<'_>) {
        let text = |key: &str| table.get(key).and_then(|entry| entry.get_ref().as_str());
        let is_password = text("type") == Some(FieldKind::Password.name())
            || text("name").is_some_and(|name| FieldKind::of(name) == FieldKind::Password);
        if let Some(default) = table.get("default").filter(|_| is_password) {
            self.hide_constant(default);
        }
    }
}
