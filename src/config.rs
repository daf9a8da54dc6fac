//! What the user said, and how it becomes what the program needs.
//!
//! A file is parsed once with all places kept ([`document`]), walked along the shape of the file
//! ([`walk`]) so that every mistake of form is told at once, merged with the environment and the
//! command line ([`layers`]), and turned into a [`plan::Plan`] ([`build`]), where every mistake of
//! meaning is told with its place.

mod access;
mod backend;
mod blot;
mod build;
mod by_id;
pub(crate) mod certificate;
mod docs;
mod document;
mod env;
mod fill;
pub(crate) mod fingerprint;
mod form;
mod forward_auth;
mod headers_file;
mod i18n;
mod identity;
mod layers;
mod load;
mod log;
mod mail;
mod named_files;
mod origins;
mod page;
pub(crate) mod plan;
mod presets;
mod rate_limit;
mod scalar;
mod server;
mod session;
mod shape;
mod show;
mod suggest;
mod test;
mod theme;
mod token;
mod upstream;
mod walk;

use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde::{Deserialize, Serialize};

pub(crate) use build::secrets::PUBLISHED as PUBLISHED_SECRETS;
pub(crate) use build::upstream::app_address;
pub(crate) use load::{Loaded, Sources, load_all, server_alone};
pub(crate) use named_files::named_files;
pub use presets::{Evidence, Preset, presets};
pub(crate) use scalar::write_period;
pub(crate) use show::Shown;
pub(crate) use theme::{theme_alone, theme_lines};

/// The configuration of vestibule (auth.toml). Every table and every key may be left out, but for
/// `backend.url` or `backend.builtin`.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema)]
#[serde(default)]
#[schemars(title = "auth.toml")]
pub(crate) struct Config {
    /// Where vestibule listens and how the browser sees it.
    pub server: server::ServerTable,
    /// Who knows the users, and how it is asked.
    pub backend: backend::BackendTable,
    /// How the backend's tokens are judged.
    pub token: token::TokenTable,
    /// How long visitors stay signed in, and where that is kept.
    pub session: session::SessionTable,
    /// Who may pass without signing in.
    pub access: access::AccessTable,
    /// Other proxies that ask vestibule who may pass.
    pub forward_auth: forward_auth::ForwardAuthTable,
    /// The apps behind the door.
    pub upstream: Vec<upstream::UpstreamTable>,
    /// What they are told about the visitor.
    pub identity: identity::IdentityTable,
    /// Pages of the theme at addresses of their own.
    pub page: Vec<page::PageTable>,
    /// Forms beside login and registration, and changes to those.
    pub form: Vec<form::FormTable>,
    /// How the pages look.
    pub theme: theme::ThemeTable,
    /// The languages of the pages and the mails.
    pub i18n: i18n::I18nTable,
    /// How the built-in backend sends mails; none without it.
    pub mail: Option<mail::MailTable>,
    /// How often something may be tried.
    pub rate_limit: rate_limit::RateLimitTable,
    /// The API explorer.
    pub docs: docs::DocsTable,
    /// What is written about requests and trouble.
    pub log: log::LogTable,
    /// What requests shall come to.
    pub test: Vec<test::TestTable>,
}

/// The JSON Schema of auth.toml, for editors.
pub(crate) fn schema() -> serde_json::Value {
    let generator = SchemaSettings::draft07()
        .with(|settings| settings.definitions_path = "/$defs".into())
        .into_generator();
    let mut schema = generator.into_root_schema_for::<Config>().to_value();
    close_tables(&mut schema, false);
    schema
}

fn is_filled_table(value: &serde_json::Value) -> bool {
    value.as_object().is_some_and(|table| !table.is_empty())
}

/// Unknown keys are errors, and an editor should say so too. The default of a whole table would repeat those of
/// its keys.
fn close_tables(schema: &mut serde_json::Value, holds_keys: bool) {
    match schema {
        serde_json::Value::Object(map) => {
            if !holds_keys && map.get("default").is_some_and(is_filled_table) {
                map.remove("default");
            }
            if map.contains_key("properties")
                && map.get("type").is_some_and(|kind| kind == "object")
            {
                map.entry("additionalProperties").or_insert(false.into());
            }
            for (key, value) in map {
                close_tables(value, !holds_keys && key == "properties");
            }
        }
        serde_json::Value::Array(items) => {
            for item in items {
                close_tables(item, false);
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests;
