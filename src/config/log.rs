//! `[log]`: what is written about requests and trouble.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What is written about requests and trouble.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(default)]
pub(crate) struct LogTable {
    /// `error`, `warn`, `info`, `debug` or `trace`, also per part: `"info,vestibule::auth=debug"`.
    /// Default: `"info"`.
    pub level: String,
    /// How lines are written. Default: `"auto"`.
    pub format: LogFormatName,
}

impl Default for LogTable {
    fn default() -> Self {
        Self { level: "info".to_owned(), format: LogFormatName::default() }
    }
}

/// How lines are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum LogFormatName {
    /// Pretty on a terminal, JSON elsewhere.
    #[default]
    Auto,
    /// For eyes.
    Pretty,
    /// For machines.
    Json,
}
