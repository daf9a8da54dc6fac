//! `[identity]`, and every header that an app is sent: its name can be sent, and is not one that says
//! something else.

use std::collections::BTreeMap;

use http::HeaderName;

use super::Builder;
use crate::config::plan::{HeaderPlan, IdentityPlan};
use crate::finding::{Code, Finding};

/// Names that belong to the connection or to the message, not to whoever sends it.
const TAKEN: [&str; 14] = [
    "connection",
    "content-length",
    "cookie",
    "expect",
    "forwarded",
    "host",
    "keep-alive",
    "proxy-authorization",
    "proxy-connection",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "via",
];

impl Builder<'_> {
    pub(super) fn identity(&mut self) -> Option<IdentityPlan> {
        let said = &self.said.identity;
        let headers = self.header_templates("identity.headers", &said.headers, said.bearer);
        Some(IdentityPlan { bearer: said.bearer, headers: headers? })
    }

    /// The headers of a table, if all of them can be sent. `bearer`: `Authorization` is taken as well.
    pub(super) fn header_templates(
        &mut self,
        path: &str,
        said: &BTreeMap<String, String>,
        bearer: bool,
    ) -> Option<Vec<HeaderPlan>> {
        let mut all = Some(Vec::new());
        for (name, template) in said {
            let key = format!("{path}.{name}");
            let parsed = name.parse::<HeaderName>().ok();
            let fault = match &parsed {
                None => Some((
                    format!("\"{name}\" is not the name of a header"),
                    "letters, digits and dashes, for example \"X-User-Email\"",
                )),
                Some(known) if TAKEN.contains(&known.as_str()) => Some((
                    format!("`{name}` belongs to the connection and cannot be set"),
                    "choose another name, for example \"X-User-Email\"",
                )),
                Some(known) if known.as_str().starts_with("x-forwarded-") => Some((
                    format!("`{name}` says where a request came from and is set by vestibule"),
                    "choose another name, for example \"X-User-Email\"",
                )),
                Some(known) if bearer && known == "authorization" => Some((
                    format!("`{name}` is the access token already"),
                    "say bearer = false under [identity], or leave this out",
                )),
                Some(_) if template.contains(['\r', '\n']) => Some((
                    format!("`{name}` has a line break in it"),
                    "write the template on one line",
                )),
                Some(_) => None,
            };
            if let Some((message, help)) = fault {
                let place = self.origins.key_place(&key);
                self.findings.push(Finding::error(Code::BadValue, message).help(help).at(place));
                all = None;
            }
            let place = self.origins.place(&key);
            let template = template.clone();
            all = all
                .zip(parsed)
                .map(|(list, name)| [list, vec![HeaderPlan { name, template, place }]].concat());
        }
        all
    }
}
