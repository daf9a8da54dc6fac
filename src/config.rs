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
mod docs;
mod document;
mod env;
mod layers;
mod load;
mod log;
mod origins;
pub(crate) mod plan;
mod rate_limit;
mod scalar;
mod server;
mod session;
mod shape;
mod suggest;
mod theme;
mod token;
mod walk;

use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde::Deserialize;

pub(crate) use build::secrets::PUBLISHED as PUBLISHED_SECRETS;
pub(crate) use load::{Sources, load};
pub(crate) use scalar::write_period;

/// The configuration of vestibule (auth.toml). Every table and every key may be left out, but for
/// `backend.url` or `backend.builtin`.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
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
    /// How the pages look.
    pub theme: theme::ThemeTable,
    /// How often something may be tried.
    pub rate_limit: rate_limit::RateLimitTable,
    /// The API explorer.
    pub docs: docs::DocsTable,
    /// What is written about requests and trouble.
    pub log: log::LogTable,
}

/// The JSON Schema of auth.toml, for editors.
pub(crate) fn schema() -> serde_json::Value {
    let generator = SchemaSettings::draft07()
        .with(|settings| settings.definitions_path = "/$defs".into())
        .into_generator();
    let mut schema = generator.into_root_schema_for::<Config>().to_value();
    close_tables(&mut schema);
    schema
}

/// Unknown keys are errors, and an editor should say so too.
fn close_tables(schema: &mut serde_json::Value) {
    match schema {
        serde_json::Value::Object(map) => {
            if map.contains_key("properties")
                && map.get("type").is_some_and(|kind| kind == "object")
            {
                map.entry("additionalProperties").or_insert(false.into());
            }
            map.values_mut().for_each(close_tables);
        }
        serde_json::Value::Array(items) => items.iter_mut().for_each(close_tables),
        _ => {}
    }
}

#[cfg(test)]
mod tests;
