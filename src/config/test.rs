//! `[[test]]`: what requests shall come to.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// What a request shall come to. `vestibule test` and `vestibule check` look whether it does.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema)]
#[serde(default)]
#[schemars(extend("required" = ["request", "expect"]))]
pub(crate) struct TestTable {
    /// Method and path: `"GET /admin"`.
    pub request: String,
    /// The claims of who asks: `{ roles = ["user"] }`. Without it nobody is signed in.
    #[serde(rename = "as")]
    pub who: Option<BTreeMap<String, Value>>,
    /// What comes of it; at least one of the two.
    pub expect: ExpectTable,
}

/// What comes of a request.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema)]
#[serde(default)]
pub(crate) struct ExpectTable {
    /// What a browser gets that loads the page: 200 stands for going through, whatever is behind the door; 303 leads
    /// to the login page.
    pub status: Option<u32>,
    /// The same in a word.
    pub access: Option<AccessName>,
}

/// What comes of a request, in a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum AccessName {
    /// Goes through without a session.
    Public,
    /// Nobody is signed in, and somebody has to be.
    Login,
    /// Goes through with this session.
    Allowed,
    /// A rule does not let this user pass.
    Denied,
}
