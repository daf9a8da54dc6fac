//! `theme.toml`: who the theme is, and which options it takes.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::Deserialize;
use serde_json::Value;

use super::files::{SourceFile, nearest};
use crate::finding::{Code, Finding, Place};

/// The version of the page context that this program fills in.
pub(crate) const CONTRACT: u32 = 1;

/// What `theme.toml` says.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Manifest {
    pub name: String,
    pub version: String,
    /// Shown by tools; nothing depends on it.
    #[serde(default)]
    #[expect(dead_code, reason = "a theme may say it, and `theme list` will show it")]
    pub license: String,
    /// The version of the page context that the templates were written for.
    pub contract: u32,
    /// What `[theme.options]` may hold.
    #[serde(default)]
    pub options: BTreeMap<String, OptionSpec>,
}

/// One option of a theme.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct OptionSpec {
    #[serde(rename = "type")]
    pub kind: OptionKind,
    pub default: Value,
}

/// What an option may be set to.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum OptionKind {
    /// Any text; templates escape it like everything else.
    Text,
}

impl OptionKind {
    fn accepts(self, value: &Value) -> bool {
        match self {
            Self::Text => value.is_string(),
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Text => "a text",
        }
    }
}

impl Manifest {
    /// Reads the manifest.
    pub(crate) fn parse(file: &SourceFile) -> Result<Self, Box<Finding>> {
        let source: Arc<str> = String::from_utf8_lossy(&file.bytes).into();
        let manifest: Self = toml::from_str(&source).map_err(|error| {
            let place = Place::in_file(&file.shown_as, &source, error.span().unwrap_or(0..0));
            let message = format!("the theme's manifest cannot be used: {}", error.message());
            Box::new(Finding::error(Code::ThemeManifest, message).at(Some(place)))
        })?;
        if manifest.contract == CONTRACT {
            return Ok(manifest);
        }
        let at = source.find("contract").unwrap_or(0);
        let message = format!(
            "the theme was written for contract {}, and this program has contract {CONTRACT}",
            manifest.contract
        );
        let place = Place::in_file(&file.shown_as, &source, at..at + "contract".len());
        Err(Finding::error(Code::ThemeManifest, message).at(Some(place)).into())
    }

    /// The value of each option: what was set, or else its default.
    pub(crate) fn settle(
        &self,
        set: &BTreeMap<String, Value>,
    ) -> Result<BTreeMap<String, Value>, Vec<Finding>> {
        let findings: Vec<Finding> =
            set.iter().filter_map(|(name, value)| self.fault_of(name, value)).collect();
        if !findings.is_empty() {
            return Err(findings);
        }
        let value_of = |(name, spec): (&String, &OptionSpec)| {
            (name.clone(), set.get(name).unwrap_or(&spec.default).clone())
        };
        Ok(self.options.iter().map(value_of).collect())
    }

    fn fault_of(&self, name: &str, value: &Value) -> Option<Finding> {
        let finding = |message| {
            let place = Place::named(format!("theme.options.{name}"));
            Finding::error(Code::ThemeManifest, message).at(Some(place))
        };
        let Some(spec) = self.options.get(name) else {
            let unknown = finding(format!("the theme {:?} has no option {name:?}", self.name));
            let names: Vec<&str> = self.options.keys().map(String::as_str).collect();
            return Some(match nearest(name, names.iter().copied()) {
                Some(near) => unknown.help(format!("did you mean {near:?}?")),
                None if names.is_empty() => unknown.help("it has none"),
                None => unknown.help(format!("its options are {}", names.join(", "))),
            });
        };
        let kind = spec.kind;
        (!kind.accepts(value))
            .then(|| finding(format!("the theme's option {name:?} must be {}", kind.name())))
    }
}
