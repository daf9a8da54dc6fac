//! vestibule: the room between the street and the house.
//!
//! A declarative auth frontend. From one `auth.toml` and a theme folder it makes login, registration
//! and welcome pages, sessions with proactive token refresh, and protected routes, in front of any
//! backend that issues tokens. The binary is the usual way to run it; this library is the same thing
//! for programs: see [`Vestibule`].
//!
//! `docs/ARCHITECTURE.md` is the map of the floors below.

// Ground floor: pure.
mod access;
mod call;
mod clock;
mod finding;
mod form;
mod path;
mod return_to;
mod secret;
mod token;
mod user;
// First floor: what the user said becomes what we run.
mod config;
// Second floor: rooms with one wall to the world.
mod backend;
mod builtin_backend;
mod identity;
mod jwks;
mod mail;
mod session;
mod sqlite;
mod theme;
mod upstream;
// Third floor: what the product means.
mod auth;
// Fourth floor: HTTP.
mod web;
// Fifth floor: assembly.
mod doctor;
mod error;
mod site;
mod vestibule;

#[doc(hidden)]
pub mod bench_support;

pub use crate::access::explain::Explanation;
pub use crate::access::trial::TestReport;
pub use crate::backend::{Backend, BackendError, Outage, Refusal};
pub use crate::call::{CallAnswer, CallRequest};
pub use crate::clock::Clock;
pub use crate::config::{Evidence, Preset, presets};
pub use crate::doctor::{Check, CheckStatus, Diagnosis, DoctorOptions, Fix};
pub use crate::error::Error;
pub use crate::finding::{Code, Excerpt, Finding, Place, Severity, report};
pub use crate::secret::Secret;
pub use crate::session::{
    Lifetimes, Loaded, Session, SessionId, SessionStore, StoreError, Ticket, Tokens, User,
};
pub use crate::site::{ProxySnippet, Server};
pub use crate::theme::check::{Example as ThemeRuleExample, Rule as ThemeRule};
pub use crate::theme::workshop::{
    BlockOrigin, EjectedFile, EjectedState, FileOrigin, LayerOrigin, OptionOrigin, TextOrigin,
    ThemeEntry, ThemeExplanation, ThemeFixture,
};
pub use crate::vestibule::{
    Builder, Development, LogFormat, LogSettings, Protected, Protection, Reload, Settings,
    ThemeChoice, Themes, Vestibule, WrittenGallery,
};
pub use crate::web::embedded::{Identity, NotSignedIn};
pub use crate::web::routes::Routes;

/// The JSON Schema of `auth.toml`.
pub fn schema() -> serde_json::Value {
    config::schema()
}
