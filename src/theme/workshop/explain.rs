//! Which layer everything comes from: files, blocks, texts and options.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use regex::Regex;
use serde::Serialize;
use serde_json::Value;
use unic_langid::LanguageIdentifier;

use super::{Workshop, meant_path};
use crate::finding::{Finding, Place};
use crate::theme::assets::ADDED_SHEET;
use crate::theme::check::Declared;
use crate::theme::engine::is_template;
use crate::theme::files::SourceFile;
use crate::theme::layers::{Layer, ThemeFiles};
use crate::theme::texts::catalog::{catalogs, written};
use crate::theme::texts::english;

/// Which layer what comes from.
#[derive(Clone, Debug, Serialize)]
pub struct ThemeExplanation {
    /// The highest first.
    pub layers: Vec<LayerOrigin>,
    /// The files that are used: of one page, or all of them.
    pub files: Vec<FileOrigin>,
    /// The blocks of the page; empty where no page was named.
    pub blocks: Vec<BlockOrigin>,
    /// The texts of the page, those that the program asks for included; or where none was named those that
    /// another layer says differently.
    pub texts: Vec<TextOrigin>,
    /// Every option with its value.
    pub options: Vec<OptionOrigin>,
}

/// One layer.
#[derive(Clone, Debug, Serialize)]
pub struct LayerOrigin {
    /// The theme's name, or `overrides`.
    pub name: String,
    /// Empty where it does not say.
    pub version: String,
    /// Its folder, or "built in".
    pub place: String,
}

/// One file.
#[derive(Clone, Debug, Serialize)]
pub struct FileOrigin {
    /// Its path inside the theme.
    pub path: String,
    /// The layer that has it.
    pub layer: String,
    /// The file itself.
    pub place: String,
    /// The layers that have a file of that path too.
    pub covers: Vec<String>,
    /// Whether those count as well, as with style sheets that are added and catalogs of texts.
    pub adds: bool,
}

/// One block of a page.
#[derive(Clone, Debug, Serialize)]
pub struct BlockOrigin {
    /// Its name.
    pub name: String,
    /// The layer whose words it has.
    pub layer: String,
    /// File, line and column.
    pub place: String,
}

/// One sentence.
#[derive(Clone, Debug, Serialize)]
pub struct TextOrigin {
    /// Its name in the catalog.
    pub key: String,
    /// The layer that says it so.
    pub layer: String,
    /// File, line and column.
    pub place: String,
    /// What it says.
    pub text: String,
}

/// One option.
#[derive(Clone, Debug, Serialize)]
pub struct OptionOrigin {
    /// Its name.
    pub name: String,
    /// What it may be, for example `color`.
    #[serde(rename = "type")]
    pub kind: &'static str,
    /// What it is called where people choose.
    pub label: String,
    /// One sentence about what it does.
    pub help: String,
    /// What it is.
    pub value: Value,
    /// What can be chosen, in words: `centered, split`, or `0 to 2 rem`. Empty where the type says it all.
    pub takes: String,
    /// Where that was said.
    pub place: String,
    /// Whether anybody set it.
    pub set: bool,
    /// Of a `range`: how finely it is meant to be chosen.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub step: Option<f64>,
}

/// A pattern of this module's own.
fn pattern(text: &str) -> Regex {
    // The patterns are constants, and a test compiles them all.
    Regex::new(text).unwrap_or_else(|_| unreachable!())
}

static EXTENDS: LazyLock<Regex> =
    LazyLock::new(|| pattern(r#"\{%[-+]?\s*extends\s+["']([^"']+)["']"#));
static USES: LazyLock<Regex> =
    LazyLock::new(|| pattern(r#"\{%[-+]?\s*(?:include|import|from)\s+["']([^"']+)["']"#));
static BLOCK: LazyLock<Regex> = LazyLock::new(|| pattern(r"\{%[-+]?\s*block\s+(\w+)"));
static TEXT: LazyLock<Regex> = LazyLock::new(|| pattern(r#"\bt\(\s*["']([^"']+)["']"#));
static ASSET: LazyLock<Regex> = LazyLock::new(|| pattern(r#"\basset\(\s*["']([^"']+)["']"#));

/// A template as the engine knows it.
struct Template<'a> {
    name: String,
    path: &'a str,
    layer: &'a Layer,
    file: &'a SourceFile,
}

impl Workshop {
    /// Explains one page, or the whole theme.
    pub(crate) fn explain(
        &self,
        page: Option<&str>,
        declared: Declared<'_>,
    ) -> Result<ThemeExplanation, Vec<Finding>> {
        let files = self.files()?;
        let options = self.options(&files)?;
        let page = page.map(|page| meant_path(&files, page)).transpose()?;
        let used = page.as_deref().filter(|path| is_template(path)).map(|path| used(&files, path));
        let keys = match (&used, &page) {
            (Some(used), Some(path)) => {
                let mut keys = used.keys();
                keys.extend(self.asked_for(&files, path, declared)?);
                Some(keys)
            }
            _ => None,
        };
        let explained = match (&used, &page) {
            (Some(used), _) => used.paths(&files),
            (None, Some(path)) => BTreeSet::from([path.clone()]),
            (None, None) => files.paths().into_iter().map(str::to_owned).collect(),
        };
        Ok(ThemeExplanation {
            layers: files.layers().map(layer_origin).collect(),
            files: explained.iter().filter_map(|path| file_origin(&files, path)).collect(),
            blocks: used.as_ref().map(Used::blocks).unwrap_or_default(),
            texts: texts(&files, &self.language(), keys.as_ref(), page.is_some()),
            options: options
                .into_iter()
                .map(|(name, option)| OptionOrigin {
                    name,
                    kind: option.spec.kind.name(),
                    takes: option.spec.takes(),
                    label: option.spec.label,
                    help: option.spec.help,
                    value: option.value,
                    place: option.place.to_string(),
                    set: option.is_set,
                    step: option.spec.step,
                })
                .collect(),
        })
    }
}

/// The templates of a page: those that it extends, the lowest last, and those that are included anywhere.
struct Used<'a> {
    chain: Vec<Template<'a>>,
    included: Vec<Template<'a>>,
}

fn used<'a>(files: &'a ThemeFiles, page: &str) -> Used<'a> {
    let names = files.names();
    let all: BTreeMap<String, Template<'a>> = files
        .paths()
        .into_iter()
        .filter(|path| is_template(path))
        .flat_map(|path| {
            let versions =
                files.templates(|other| other == path).into_iter().zip(files.versions(path));
            versions.map(move |((name, file), (layer, _))| {
                (name.clone(), Template { name, path, layer, file })
            })
        })
        .collect();
    let mut all = all;
    let mut chain = Vec::new();
    let mut next = Some(page.to_owned());
    while let Some(template) = next.take().and_then(|name| all.remove(&name)) {
        let text = template.file.text();
        next = EXTENDS.captures(&text).map(|found| names.meant(&found[1], &template.name));
        drop(text);
        chain.push(template);
    }
    let mentioned = |template: &Template<'_>| -> Vec<String> {
        let text = template.file.text();
        let found = USES.captures_iter(&text).chain(EXTENDS.captures_iter(&text));
        found.map(|found| names.meant(&found[1], &template.name)).collect()
    };
    let mut open: Vec<String> = chain.iter().flat_map(mentioned).collect();
    let mut included = Vec::new();
    while let Some(name) = open.pop() {
        if let Some(template) = all.remove(&name) {
            open.extend(mentioned(&template));
            included.push(template);
        }
    }
    Used { chain, included }
}

impl Used<'_> {
    fn all(&self) -> impl Iterator<Item = &Template<'_>> {
        self.chain.iter().chain(&self.included)
    }

    fn paths(&self, files: &ThemeFiles) -> BTreeSet<String> {
        let assets = self.all().flat_map(|template| {
            let text = template.file.text();
            let assets: Vec<String> =
                ASSET.captures_iter(&text).map(|found| format!("assets/{}", &found[1])).collect();
            assets
        });
        let templates = self.all().map(|template| template.path.to_owned());
        templates
            .chain(assets)
            .chain([ADDED_SHEET.to_owned()])
            .filter(|path| files.find(path).is_some())
            .collect()
    }

    /// Each block of the page, by the template whose words it has.
    fn blocks(&self) -> Vec<BlockOrigin> {
        let mut seen = BTreeSet::new();
        let mut blocks = Vec::new();
        for template in &self.chain {
            let text = template.file.text();
            for found in BLOCK.captures_iter(&text) {
                let Some(name) = found.get(1) else { continue };
                if seen.insert(name.as_str().to_owned()) {
                    blocks.push(BlockOrigin {
                        name: name.as_str().to_owned(),
                        layer: template.layer.name.clone(),
                        place: template.file.place(name.range()).to_string(),
                    });
                }
            }
        }
        blocks
    }

    fn keys(&self) -> BTreeSet<String> {
        let keys = self.all().flat_map(|template| {
            let text = template.file.text();
            let keys: Vec<String> =
                TEXT.captures_iter(&text).map(|found| found[1].replace('.', "-")).collect();
            keys
        });
        keys.collect()
    }
}

fn layer_origin(layer: &Layer) -> LayerOrigin {
    let manifest = layer.manifest.as_ref();
    let place = layer.folder.as_ref().map(|folder| folder.display().to_string());
    LayerOrigin {
        name: layer.name.clone(),
        version: manifest.map(|manifest| manifest.version.clone()).unwrap_or_default(),
        place: place.unwrap_or_else(|| "built in".to_owned()),
    }
}

fn file_origin(files: &ThemeFiles, path: &str) -> Option<FileOrigin> {
    let mut versions = files.versions(path);
    let (layer, file) = versions.next()?;
    Some(FileOrigin {
        path: path.to_owned(),
        layer: layer.name.clone(),
        place: file.shown_as.clone(),
        covers: versions.map(|(layer, _)| layer.name.clone()).collect(),
        adds: path == ADDED_SHEET || path.starts_with("locales/"),
    })
}

/// The sentences that are asked about, each from the highest layer that has it.
fn texts(
    files: &ThemeFiles,
    language: &LanguageIdentifier,
    keys: Option<&BTreeSet<String>>,
    of_a_page: bool,
) -> Vec<TextOrigin> {
    let lowest = files.layers().last().map(|layer| layer.name.clone());
    let mut found: BTreeMap<String, TextOrigin> = BTreeMap::new();
    let english = english();
    let translated = Some(language).filter(|language| **language != english);
    for language in [&english].into_iter().chain(translated) {
        for (layer, file) in catalogs(files, language) {
            for said in written(&file.text()) {
                let place: Place = file.place(said.span);
                let (layer, place) = (layer.name.clone(), place.to_string());
                let key = said.id.to_owned();
                found.insert(key.clone(), TextOrigin { key, layer, place, text: said.text });
            }
        }
    }
    let is_asked = |text: &TextOrigin| match keys {
        Some(keys) => keys.contains(&text.key),
        None => !of_a_page && Some(&text.layer) != lowest.as_ref(),
    };
    found.into_values().filter(is_asked).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_pattern_finds_what_templates_say() {
        let text = "{%- extends 'base.html' %}{% block main %}{% include \"a.html\" %}{{ t('x.y', a=1) }}{{ asset(\"l.svg\") }}";
        for (pattern, expected) in [
            (&EXTENDS, "base.html"),
            (&BLOCK, "main"),
            (&USES, "a.html"),
            (&TEXT, "x.y"),
            (&ASSET, "l.svg"),
        ] {
            assert_eq!(&pattern.captures(text).unwrap()[1], expected);
        }
    }
}
