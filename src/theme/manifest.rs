//! `theme.toml`: who the theme is, what it stands on, and which options it takes.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::Deserialize;
use serde_json::Value;
use toml::Spanned;

use super::colour::Colours;
use super::files::{SourceFile, nearest};
use crate::finding::toml_words::not_toml;
use crate::finding::{Code, Finding, Place};

/// The version of the page context that this program fills in.
pub(crate) const CONTRACT: u32 = 1;

/// What `theme.toml` says.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Manifest {
    #[expect(
        dead_code,
        reason = "the folder's name counts; this one is for people who read the file"
    )]
    pub name: String,
    pub version: String,
    /// SPDX, for example `MIT`; shown by `theme list`.
    #[serde(default, alias = "licence")]
    pub license: String,
    #[serde(default)]
    pub authors: Vec<String>,
    #[serde(default)]
    pub description: String,
    /// The theme beneath this one; `daisy` is beneath every theme anyway.
    #[serde(default)]
    pub extends: Option<Spanned<String>>,
    /// The languages that its texts are in.
    #[serde(default)]
    pub locales: Vec<String>,
    /// The version of the page context that the templates were written for.
    pub contract: u32,
    /// What `[theme.options]` may hold, besides what the themes beneath take.
    #[serde(default)]
    pub options: BTreeMap<String, Spanned<OptionSpec>>,
    /// What options of the themes beneath are where nobody sets them.
    #[serde(default)]
    pub defaults: BTreeMap<String, Spanned<Value>>,
}

/// One option of a theme.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct OptionSpec {
    #[serde(rename = "type")]
    pub kind: OptionKind,
    pub default: Value,
    /// What it is called where people choose.
    #[serde(default)]
    pub label: String,
    /// One sentence about what it does.
    #[serde(default)]
    pub help: String,
    /// The variables of the style sheet that get its value.
    #[serde(default)]
    pub css_vars: Vec<String>,
    /// Of a `select`: what can be chosen.
    #[serde(default)]
    pub values: Vec<String>,
    /// Of a `range`: the bounds, both allowed.
    pub min: Option<f64>,
    pub max: Option<f64>,
    /// Of a `range`: how finely a tool lets people choose.
    #[serde(default)]
    pub step: Option<f64>,
    /// Of a `range`: what stands behind the number in the style sheet.
    #[serde(default)]
    pub unit: String,
    /// Of a `color`: black or white, whatever reads better on that option, where that is set and this is not.
    #[serde(default)]
    pub readable_on: Option<String>,
    /// Of a `color`: the options that it is read on.
    #[serde(default)]
    pub contrast: Vec<ContrastSpec>,
}

/// A colour that another has to be told from.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ContrastSpec {
    /// The other option.
    pub with: String,
    /// By WCAG: 4.5 for text, 3 for the edges of controls.
    pub at_least: f64,
    /// What people look at there, for the finding: "links on the card".
    pub what: String,
}

/// What an option may be set to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum OptionKind {
    /// Any text; templates escape it like everything else.
    Text,
    /// An address that a link leads to.
    Url,
    /// One colour, or one for each mode.
    Color,
    /// One of `values`.
    Select,
    /// A number between `min` and `max`.
    Range,
    /// Yes or no.
    Bool,
    /// A picture in `assets/`.
    Image,
    /// A font in `assets/`, or one that every system has.
    Font,
}

/// The fonts that need no file: name, and what the style sheet says.
pub(crate) const SYSTEM_FONTS: [(&str, &str); 3] = [
    ("sans", "system-ui, sans-serif"),
    ("serif", "ui-serif, Georgia, serif"),
    ("mono", "ui-monospace, monospace"),
];

impl OptionKind {
    /// As `theme.toml` says it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Url => "url",
            Self::Color => "color",
            Self::Select => "select",
            Self::Range => "range",
            Self::Bool => "bool",
            Self::Image => "image",
            Self::Font => "font",
        }
    }
}

impl OptionSpec {
    /// What is wrong with a value, as the end of a sentence "the option … must be"; none if it will do.
    /// Whether a picture or a font is there is asked elsewhere.
    pub(crate) fn fault_of(&self, value: &Value) -> Option<String> {
        let text = value.as_str();
        let (fits, must_be) = match self.kind {
            OptionKind::Text => (text.is_some(), "a text".to_owned()),
            OptionKind::Url => (
                text.is_some_and(|url| url.is_empty() || is_link(url)),
                "an address: https://…, mailto:…, tel:…, or a path of this site such as /terms".to_owned(),
            ),
            OptionKind::Color => (
                Colours::parse(value).is_some(),
                "a colour such as \"#0b5fff\", or one for each mode: { light = \"#0b5fff\", dark = \"#7aa2ff\" }"
                    .to_owned(),
            ),
            OptionKind::Select => (
                text.is_some_and(|text| self.values.iter().any(|known| known == text)),
                format!("one of {}", self.values.join(", ")),
            ),
            OptionKind::Range => {
                let (min, max) = (self.min.unwrap_or(f64::MIN), self.max.unwrap_or(f64::MAX));
                let fits = value.as_f64().is_some_and(|number| (min..=max).contains(&number));
                (fits, format!("a number from {min} to {max}"))
            }
            OptionKind::Bool => (value.is_boolean(), "true or false".to_owned()),
            OptionKind::Image => (
                text.is_some_and(is_asset_name),
                "the name of a picture in assets/, such as \"logo.svg\"".to_owned(),
            ),
            OptionKind::Font => (
                text.is_some_and(is_asset_name),
                "sans, serif, mono, or the name of a .woff2 file in assets/".to_owned(),
            ),
        };
        (!fits).then_some(must_be)
    }

    /// What to write instead of a value that does not fit, as far as that can be guessed.
    pub(crate) fn cure_of(&self, name: &str, value: &Value) -> Option<String> {
        let text = value.as_str();
        match (self.kind, text) {
            (OptionKind::Select, Some(text)) => {
                let near = nearest(&text.to_lowercase(), self.values.iter().map(String::as_str))?;
                Some(format!("did you mean {near:?}?"))
            }
            (OptionKind::Range, Some(text)) => {
                let is_unit = |c: char| c.is_ascii_alphabetic() || c == '%' || c.is_whitespace();
                let number = text.trim_end_matches(is_unit).replace(',', ".");
                let meant = number.trim().parse::<f64>().ok().filter(|it| it.is_finite());
                let meant =
                    meant.map_or_else(|| "a number".to_owned(), |it| format!("{name} = {it}"));
                let unit = self.counted_in();
                Some(format!("write {meant}, without quotes and without a unit{unit}"))
            }
            (OptionKind::Range, None) if !self.unit.is_empty() && value.is_number() => {
                Some(format!("the number is counted in {}", self.unit))
            }
            (OptionKind::Bool, Some(text @ ("true" | "false"))) => {
                Some(format!("write {name} = {text}, without quotes"))
            }
            _ => None,
        }
    }

    /// What can be chosen, where its kind does not say it.
    pub(crate) fn takes(&self) -> String {
        match (self.kind, self.min, self.max) {
            (OptionKind::Select, ..) => self.values.join(", "),
            (OptionKind::Range, Some(min), Some(max)) => {
                format!("{min} to {max} {}", self.unit).trim_end().to_owned()
            }
            _ => String::new(),
        }
    }

    fn counted_in(&self) -> String {
        if self.unit.is_empty() {
            String::new()
        } else {
            format!("; it is counted in {}", self.unit)
        }
    }

    /// What is wrong with the declaration.
    fn fault(&self) -> Option<String> {
        let is_var = |name: &String| {
            name.strip_prefix("--").is_some_and(|rest| !rest.is_empty() && is_plain_word(rest))
        };
        let takes_variables = !matches!(self.kind, OptionKind::Text | OptionKind::Url);
        if let Some(name) = self.css_vars.iter().find(|name| !is_var(name)) {
            return Some(format!("{name:?} is no name of a variable; they begin with \"--\""));
        }
        if !self.css_vars.is_empty() && !takes_variables {
            return Some(format!("an option of type {} gets no css_vars", self.kind.name()));
        }
        if self.kind == OptionKind::Select
            && (self.values.is_empty()
                || !self.css_vars.is_empty()
                    && !self.values.iter().all(|value| is_plain_word(value)))
        {
            return Some("a select needs `values`; with css_vars they are plain words".to_owned());
        }
        let bounds = self.min.zip(self.max).filter(|(min, max)| min < max);
        if self.kind == OptionKind::Range && bounds.is_none() {
            return Some("a range needs `min` and `max`, the one below the other".to_owned());
        }
        if !self.unit.chars().all(|c| c.is_ascii_alphabetic() || c == '%') {
            return Some(format!("{:?} is no unit; write px, rem, % or the like", self.unit));
        }
        self.fault_of(&self.default).map(|must_be| format!("its default must be {must_be}"))
    }
}

/// Letters, digits and hyphens: safe at any place of a style sheet.
fn is_plain_word(text: &str) -> bool {
    text.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_')
}

/// The empty name stands for none.
fn is_asset_name(name: &str) -> bool {
    name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.'))
}

/// Whether a link may lead there: no script, and no other site by way of two slashes.
fn is_link(url: &str) -> bool {
    let clean = !url.chars().any(|c| c.is_control() || c.is_whitespace() || c == '\\');
    let lower = url.to_ascii_lowercase();
    let known =
        ["https://", "http://", "mailto:", "tel:"].iter().any(|start| lower.starts_with(start));
    clean && (known || url.starts_with('/') && !url.starts_with("//"))
}

impl Manifest {
    /// Reads the manifest.
    pub(crate) fn parse(file: &SourceFile) -> Result<Self, Box<Finding>> {
        let source: Arc<str> = file.text().into();
        let manifest: Self = toml::from_str(&source).map_err(|error| {
            let span = error.span().unwrap_or(0..0);
            let place = Place::in_file(&file.shown_as, &source, span.clone());
            let is_toml = toml::from_str::<toml::Table>(&source).is_ok();
            let told = if is_toml {
                Finding::error(Code::ThemeManifest, error.message())
            } else {
                not_toml(error.message(), &source, &span)
            };
            let message = format!("theme.toml cannot be used: {}", told.message);
            Box::new(Finding { code: Code::ThemeManifest, message, ..told }.at(Some(place)))
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

    /// What is wrong with its declarations of options.
    pub(crate) fn faults(&self, file: &SourceFile) -> Vec<Finding> {
        let fault = |(name, spec): (&String, &Spanned<OptionSpec>)| {
            let fault = spec.get_ref().fault()?;
            let message = format!("the option {name:?} is not well declared: {fault}");
            let place = file.place(spec.span());
            let finding = Finding::error(Code::ThemeManifest, message).at(Some(place));
            let spec = spec.get_ref();
            let cure =
                spec.fault_of(&spec.default).and_then(|_| spec.cure_of("default", &spec.default));
            Some(Finding { help: cure, ..finding })
        };
        self.options.iter().filter_map(fault).collect()
    }
}
