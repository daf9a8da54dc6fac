//! What a template is given of the site and the theme.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Serialize;

/// What is the same on every page of a running site. Templates see its fields at the top level.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(crate) struct SiteContext {
    /// The version of this contract.
    #[schemars(extend("const" = 1))]
    pub contract: u32,
    /// Whose site it is.
    pub brand: Brand,
    /// How it looks.
    pub theme: ThemeInfo,
    /// BCP 47 tag of the page's language.
    pub lang: String,
    /// `ltr` or `rtl`.
    #[schemars(extend("enum" = ["ltr", "rtl"]))]
    pub dir: &'static str,
    /// Where things are.
    pub urls: Urls,
    /// What the site has.
    pub features: Features,
    /// About the program.
    pub meta: Meta,
}

/// Whose site it is.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(crate) struct Brand {
    /// Empty where nobody has said it.
    pub name: String,
    /// A line under the name; empty for none.
    pub tagline: String,
    /// Null for none.
    pub logo: Option<Logo>,
    /// Address of the small picture in the browser's tab; empty for none.
    pub favicon: String,
    /// Pages about the site, for the foot of every page.
    pub links: Vec<BrandLink>,
}

/// The picture that stands for the site.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(crate) struct Logo {
    /// Address of the picture on light ground.
    pub light: String,
    /// Address of the picture on dark ground; often the same.
    pub dark: String,
    /// What it says to those who do not see it: the name of the site.
    pub alt: String,
    /// In pixels, as the file says, so that the page keeps the place free; 0 where it does not say.
    pub width: u32,
    /// In pixels, as `width`.
    pub height: u32,
}

/// A page about the site.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(crate) struct BrandLink {
    /// `privacy`, `terms`, `imprint` or `support`.
    #[schemars(extend("enum" = ["privacy", "terms", "imprint", "support"]))]
    pub id: &'static str,
    /// Its name, in the language of the page.
    pub label: String,
    /// As the option of that name says it.
    pub url: String,
}

/// The theme and its options.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(crate) struct ThemeInfo {
    /// As in `[theme] name`.
    pub name: String,
    /// As in its `theme.toml`; empty where it does not say.
    pub version: String,
    /// `auto`, `light` or `dark`.
    #[schemars(extend("enum" = ["auto", "light", "dark"]))]
    pub mode: &'static str,
    /// For the attribute `data-theme`; empty where the visitor's system decides.
    #[schemars(extend("enum" = ["", "light", "dark"]))]
    pub data_theme: &'static str,
    /// Options by name: as set in `[theme.options]`, or else their defaults. A colour has `light` and `dark`.
    pub options: BTreeMap<String, serde_json::Value>,
}

/// Where things are. Null where the site does not have it; a theme never builds an address.
#[derive(Clone, Debug, Default, Serialize, JsonSchema)]
pub(crate) struct Urls {
    /// The login page.
    pub login: String,
    /// The registration; null where there is none.
    pub register: Option<String>,
    /// The declared form with the id `forgot-password`.
    pub forgot: Option<String>,
    /// The declared form with the id `change-password`.
    pub change_password: Option<String>,
    /// The page that asks whether to sign out, and takes the answer.
    pub logout: String,
    /// The start page.
    pub home: String,
    /// The session panel, for HTMX.
    pub session: String,
    /// The API explorer.
    pub docs: Option<String>,
}

impl Urls {
    /// Of a site that has all of it.
    pub(crate) fn everywhere() -> Self {
        Self {
            login: "/login".to_owned(),
            register: Some("/register".to_owned()),
            forgot: Some("/forgot-password".to_owned()),
            change_password: Some("/change-password".to_owned()),
            logout: "/logout".to_owned(),
            home: "/".to_owned(),
            session: "/_vestibule/session".to_owned(),
            docs: Some("/_vestibule/docs".to_owned()),
        }
    }
}

/// What the site has.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(crate) struct Features {
    /// Whether visitors may register.
    pub register: bool,
    /// Whether there is a form for a forgotten password.
    pub forgot: bool,
    /// Whether there is a form for a new password.
    pub change_password: bool,
}

impl Features {
    /// As far as they follow from what has an address.
    pub(crate) fn of(urls: &Urls, register: bool) -> Self {
        let (forgot, change_password) = (urls.forgot.is_some(), urls.change_password.is_some());
        Self { register, forgot, change_password }
    }
}

/// About the program.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(crate) struct Meta {
    /// Of vestibule.
    pub version: &'static str,
    /// True in the theme gallery and nowhere else.
    pub preview: bool,
}
