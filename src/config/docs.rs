//! `[docs]`: the API explorer.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The API explorer at `/_vestibule/docs`.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema)]
#[serde(default)]
pub(crate) struct DocsTable {
    /// Who may see it. Default: `"public"`.
    pub access: DocsAccessName,
}

/// Who may see the API explorer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum DocsAccessName {
    /// Everybody.
    #[default]
    Public,
    /// Who is signed in.
    User,
    /// Nobody; it is not there.
    Off,
}
