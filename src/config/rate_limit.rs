//! `[rate_limit]`: how often something may be tried.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::scalar::Period;

/// How often something may be tried.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema)]
#[serde(default)]
pub(crate) struct RateLimitTable {
    /// Attempts to sign in, per account and per client address. Default: `{ limit = 5, per = "1m" }`.
    pub login: LimitTable,
}

/// So many per period.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(default)]
pub(crate) struct LimitTable {
    /// How many. Default: 5.
    pub limit: u32,
    /// In which time. Default: `"1m"`.
    pub per: Period,
}

impl Default for LimitTable {
    fn default() -> Self {
        Self { limit: 5, per: Period::seconds(60) }
    }
}
