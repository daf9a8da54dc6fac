//! Whose site it is: name, logo, favicon and links, from the options of these names.

use std::collections::BTreeMap;

use super::context::{Brand, BrandLink, Logo, ThemeInfo};
use super::layers::ThemeFiles;
use super::manifest::OptionKind;
use super::options::Options;
use super::picture;
use super::texts::Texts;

/// The pages about the site that its footer links to, in that order: options of type `url`.
const LINKS: [&str; 4] = ["privacy", "terms", "imprint", "support"];

/// Every option that the program itself asks for, whatever the templates do.
pub(super) const OPTIONS: [&str; 10] = [
    "brand",
    "tagline",
    "logo",
    "logo_dark",
    "favicon",
    "mode",
    "privacy",
    "terms",
    "imprint",
    "support",
];

/// The names that are looked for where the options say nothing, without their endings.
pub(super) const CONVENTIONAL: [&str; 3] = ["logo", "logo-dark", "favicon"];

/// The sentence that the tagline may be, one for each language.
pub(super) const TAGLINE: &str = "brand.tagline";

/// What to look for where the option is empty: a file of that name is meant to be used.
const PICTURES: [&str; 5] = ["svg", "png", "webp", "jpg", "ico"];

/// The brand of a site: `named` where no option says its name.
pub(super) fn brand(
    files: &ThemeFiles,
    options: &Options,
    addresses: &BTreeMap<String, String>,
    texts: &Texts,
    named: Option<String>,
) -> Brand {
    let brand_name = match text(options, "brand") {
        "" => named.unwrap_or_default(),
        chosen => chosen.to_owned(),
    };
    let picture = |option: &str, stem: &str| {
        let conventional = || {
            let mut candidates = PICTURES.iter().map(|ending| format!("{stem}.{ending}"));
            candidates.find(|name| addresses.contains_key(name))
        };
        let chosen = Some(text(options, option)).filter(|name| !name.is_empty());
        chosen.map(str::to_owned).or_else(conventional)
    };
    let address = |name: &String| addresses.get(name).cloned();
    let logo = picture("logo", "logo").and_then(|name| {
        let bytes = &files.find(&format!("assets/{name}"))?.bytes;
        let (width, height) = picture::size(&name, bytes).unwrap_or_default();
        let light = address(&name)?;
        let dark = picture("logo_dark", "logo-dark").as_ref().and_then(address);
        let dark = dark.unwrap_or_else(|| light.clone());
        Some(Logo { light, dark, alt: brand_name.clone(), width, height })
    });
    let link = |id: &&'static str| {
        let url = text(options, id);
        let label = texts.sentence(&format!("link.{id}"), &[]);
        (!url.is_empty()).then(|| BrandLink { id, label, url: url.to_owned() })
    };
    let is_square = |logo: &&Logo| logo.width > 0 && logo.width == logo.height;
    let square = || logo.as_ref().filter(is_square).map(|logo| logo.light.clone());
    let favicon = picture("favicon", "favicon").as_ref().and_then(address).or_else(square);
    Brand {
        name: brand_name,
        tagline: tagline(options, texts),
        favicon: favicon.unwrap_or_default(),
        logo,
        links: LINKS.iter().filter_map(link).collect(),
    }
}

/// The line under the name: in the language of the page, where a catalog has it, and otherwise as the option says it.
fn tagline(options: &Options, texts: &Texts) -> String {
    if texts.has(TAGLINE) {
        return texts.sentence(TAGLINE, &[]);
    }
    text(options, "tagline").to_owned()
}

/// What pages may know of the theme.
pub(super) fn theme_info(files: &ThemeFiles, options: &Options) -> ThemeInfo {
    let theme = files.theme();
    let manifest = theme.and_then(|layer| layer.manifest.as_ref());
    let mode = match text(options, "mode") {
        "light" => "light",
        "dark" => "dark",
        _ => "auto",
    };
    ThemeInfo {
        name: theme.map(|layer| layer.name.clone()).unwrap_or_default(),
        version: manifest.map(|manifest| manifest.version.clone()).unwrap_or_default(),
        mode,
        data_theme: data_theme(mode),
        options: options.iter().map(|(name, it)| (name.clone(), it.value.clone())).collect(),
    }
}

/// The same theme in a mode that its site does not choose.
pub(super) fn force(theme: &mut ThemeInfo, mode: &'static str) {
    theme.mode = mode;
    theme.data_theme = data_theme(mode);
}

fn data_theme(mode: &str) -> &'static str {
    match mode {
        "light" => "vestibule-light",
        "dark" => "vestibule-dark",
        _ => "",
    }
}

/// The value of an option that is a text; empty where there is none of that name.
fn text<'a>(options: &'a Options, name: &str) -> &'a str {
    let option = options.get(name).filter(|option| option.spec.kind != OptionKind::Color);
    option.and_then(|option| option.value.as_str()).map(str::trim).unwrap_or_default()
}
