//! The assets of a theme: hashed once, so that a browser may keep them for ever.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::io::Write;
use std::sync::OnceLock;

use aws_lc_rs::digest::{SHA256, digest};
use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;

use super::css::Css;
use super::files::{SourceFile, nearest};
use super::layers::ThemeFiles;
use crate::finding::{Code, Finding, Place};

/// Where the web floor serves assets.
pub(super) const PREFIX: &str = "/_vestibule/assets/";

/// The style sheet that is added to.
const SHEET: &str = "theme.css";

/// What a layer adds to it, beside its `theme.toml`.
pub(super) const ADDED_SHEET: &str = "theme.css";

/// A style sheet, a script, a picture.
#[derive(Debug)]
pub(crate) struct Asset {
    pub content_type: &'static str,
    /// With its quotes, ready for the header.
    pub etag: String,
    bytes: Bytes,
    compressible: bool,
    gzip: OnceLock<Option<Bytes>>,
}

impl Asset {
    fn new(content_type: &'static str, compressible: bool, bytes: Bytes, hash: &str) -> Self {
        let etag = format!("\"{hash}\"");
        Self { content_type, etag, bytes, compressible, gzip: OnceLock::new() }
    }

    /// The content as it is.
    pub(crate) fn bytes(&self) -> Bytes {
        self.bytes.clone()
    }

    /// The content compressed; none where that gains nothing. Made at the first call and kept.
    pub(crate) fn gzip(&self) -> Option<Bytes> {
        self.gzip
            .get_or_init(|| {
                if !self.compressible {
                    return None;
                }
                let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
                encoder.write_all(&self.bytes).ok()?;
                let packed = encoder.finish().ok()?;
                (packed.len() < self.bytes.len()).then(|| Bytes::from(packed))
            })
            .clone()
    }
}

/// The assets by the name that a browser asks for, and that name by the one in the folder.
#[derive(Debug, Default)]
pub(crate) struct Assets {
    by_hashed_name: BTreeMap<String, Asset>,
    hashed_names: BTreeMap<String, String>,
}

impl Assets {
    /// Hashes every file under `assets/` of any layer. The style sheet of the theme is served with two
    /// things behind it: the variables that options make, and the `theme.css` of each layer from the
    /// lowest up. So it stays one request, and the site's own word is the last.
    pub(crate) fn load(files: &ThemeFiles, variables: &str) -> Result<Self, Vec<Finding>> {
        let (assets, findings) = Self::load_leniently(files, variables);
        if findings.is_empty() { Ok(assets) } else { Err(findings) }
    }

    /// The same of those that can be served.
    pub(crate) fn load_leniently(files: &ThemeFiles, variables: &str) -> (Self, Vec<Finding>) {
        let mut assets = Self::default();
        let mut findings = Vec::new();
        // Style sheets come last: they name the others, whose hashed names must be known by then.
        let (sheets, others): (Vec<&str>, Vec<&str>) = files
            .paths()
            .into_iter()
            .filter_map(|path| path.strip_prefix("assets/"))
            .partition(|name| name.rsplit('.').next() == Some("css"));
        for name in others.into_iter().chain(sheets) {
            let Some(file) = files.find(&["assets/", name].concat()) else { continue };
            let whole = if name == SHEET { with_additions(file, files, variables) } else { None };
            if let Err(finding) = assets.add(name, whole.as_ref().unwrap_or(file)) {
                findings.push(*finding);
            }
        }
        findings.extend(broken_sheets(files));
        (assets, findings)
    }

    fn add(&mut self, name: &str, file: &SourceFile) -> Result<(), Box<Finding>> {
        let refuse = |message: &str| {
            Finding::error(Code::ThemeManifest, message)
                .at(Some(Place::named(file.shown_as.clone())))
        };
        if !name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.')) {
            return Err(refuse("an asset's name may have letters, digits, '-', '_' and '.' only")
                .help("assets lie side by side in assets/, without folders")
                .into());
        }
        let Some((stem, extension)) = name.rsplit_once('.') else {
            return Err(refuse("an asset needs an extension, which says what it is").into());
        };
        let Some((content_type, compressible)) = kind(extension) else {
            return Err(refuse("an asset of a kind that is not served")
                .help("styles, scripts, pictures and fonts: css js svg png jpg webp ico woff2")
                .into());
        };
        let bytes = match &file.bytes {
            _ if extension == "css" => Bytes::from(self.with_hashed_names(&file.bytes)),
            Cow::Borrowed(embedded) => Bytes::from_static(embedded),
            Cow::Owned(read) => Bytes::from(read.clone()),
        };
        let hash = hex(&digest(&SHA256, &bytes).as_ref()[..16]);
        let hashed = format!("{stem}.{}.{extension}", hash.get(..8).unwrap_or_default());
        self.by_hashed_name
            .insert(hashed.clone(), Asset::new(content_type, compressible, bytes, &hash));
        self.hashed_names.insert(name.to_owned(), hashed);
        Ok(())
    }

    /// A style sheet in which `url(logo.svg)` names the asset as it is served. What is not an asset
    /// of the theme stays as it is.
    fn with_hashed_names(&self, sheet: &[u8]) -> Vec<u8> {
        let sheet = String::from_utf8_lossy(sheet);
        let mut out = String::with_capacity(sheet.len());
        let mut rest: &str = &sheet;
        while let Some((before, after)) = rest.split_once("url(") {
            out.extend([before, "url("]);
            rest = after;
            let Some((address, tail)) = after.split_once(')') else { continue };
            let name = address.trim().trim_matches(['"', '\'']);
            let name = name.trim_start_matches("./").trim_start_matches("assets/");
            if let Some(hashed) = self.hashed_names.get(name) {
                out.extend([hashed, ")"]);
                rest = tail;
            }
        }
        out.push_str(rest);
        out.into_bytes()
    }

    /// The asset that a browser asks for.
    pub(crate) fn get(&self, hashed_name: &str) -> Option<&Asset> {
        self.by_hashed_name.get(hashed_name)
    }

    /// The names that browsers ask for.
    pub(crate) fn served_names(&self) -> impl Iterator<Item = &str> {
        self.by_hashed_name.keys().map(String::as_str)
    }

    /// The addresses of the style sheets.
    pub(crate) fn sheets(&self) -> Vec<String> {
        let address = |(name, _): (&String, _)| [PREFIX, name].concat();
        let is_sheet = |(_, asset): &(_, &Asset)| asset.content_type.starts_with("text/css");
        self.by_hashed_name.iter().filter(is_sheet).map(address).collect()
    }

    /// The address of each asset by the name that templates use.
    pub(crate) fn addresses(&self) -> BTreeMap<String, String> {
        let address =
            |(name, hashed): (&String, &String)| (name.clone(), [PREFIX, hashed].concat());
        self.hashed_names.iter().map(address).collect()
    }
}

/// What is missing in the sheets of folders, where browsers would drop more than the declaration that it is in: rules
/// of the sheets that are joined behind it, too. What they understand is nobody's business here.
fn broken_sheets(files: &ThemeFiles) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (_, _, file) in files.sheets().filter(|(_, layer, _)| layer.folder.is_some()) {
        let css = Css::read(&file.text());
        for half in css.halves.iter().filter(|half| half.breaks_what_follows()) {
            let (message, help) = half.told();
            let finding = Finding::error(Code::SheetSyntax, message).help(help);
            findings.push(finding.at(Some(file.place(half.at.clone()))));
        }
    }
    findings
}

/// The sheet with what is added to it; none where nothing is.
fn with_additions(sheet: &SourceFile, files: &ThemeFiles, variables: &str) -> Option<SourceFile> {
    let own = files.bottom_up(ADDED_SHEET);
    let additions: Vec<Cow<'_, str>> = Some(variables.into())
        .filter(|it: &Cow<'_, str>| !it.is_empty())
        .into_iter()
        .chain(own.map(SourceFile::text))
        .collect();
    if additions.is_empty() {
        return None;
    }
    let mut whole = sheet.text().into_owned();
    for addition in additions {
        whole.push('\n');
        whole.push_str(&addition);
    }
    Some(SourceFile { shown_as: sheet.shown_as.clone(), bytes: Cow::Owned(whole.into_bytes()) })
}

/// What to say about an asset that a template asks for and nobody has.
pub(crate) fn unknown_asset(name: &str, known: &BTreeMap<String, String>) -> String {
    match nearest(name, known.keys().map(String::as_str)) {
        Some(near) => format!("there is no asset {name:?}; did you mean {near:?}?"),
        None => format!("there is no asset {name:?} in assets/"),
    }
}

/// The media type by extension, and whether compression helps.
fn kind(extension: &str) -> Option<(&'static str, bool)> {
    Some(match extension {
        "css" => ("text/css; charset=utf-8", true),
        "js" => ("text/javascript; charset=utf-8", true),
        "svg" => ("image/svg+xml", true),
        "txt" => ("text/plain; charset=utf-8", true),
        "ico" => ("image/x-icon", true),
        "png" => ("image/png", false),
        "jpg" | "jpeg" => ("image/jpeg", false),
        "webp" => ("image/webp", false),
        "avif" => ("image/avif", false),
        "gif" => ("image/gif", false),
        "woff2" => ("font/woff2", false),
        _ => return None,
    })
}

pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        for digit in [byte >> 4, byte & 15] {
            text.push(char::from(b"0123456789abcdef"[usize::from(digit)]));
        }
        text
    })
}
