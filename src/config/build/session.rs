//! `[session]`: keys, lifetimes and the cookie.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::Builder;
use crate::config::plan::{SameSite, SessionPlan, StorePlan, TokenPlan};
use crate::config::scalar::write_period;
use crate::config::session::{SameSiteName, StoreName};
use crate::finding::{Code, Finding};

/// How long the access tokens of the built-in backend live.
const BUILTIN_LIFETIME: Duration = Duration::from_mins(30);

impl Builder<'_> {
    pub(super) fn session(&mut self, token: Option<&TokenPlan>) -> SessionPlan {
        let said = &self.said.session;
        let secret = self.secret("session", said.secret.as_ref(), said.secret_file.as_deref());
        let previous = self.previous_secrets();
        self.lifetimes();
        self.cookie_name();
        let first = secret.or_else(|| token.and_then(|token| token.secret.clone()));
        let database = self.session_database();
        let store = match said.store {
            _ if self.around.code.store => {
                self.in_vain("session.store", "session store");
                StorePlan::Program
            }
            StoreName::Memory => StorePlan::Memory,
            StoreName::Sqlite => StorePlan::Sqlite { database, keys: first.into_iter().collect() },
            StoreName::Cookie => {
                if first.is_none() && !self.is_builtin() {
                    self.no_session_secret();
                }
                StorePlan::Cookie { keys: first.into_iter().chain(previous).collect() }
            }
        };
        if said.same_site == SameSiteName::None
            && self
                .said
                .server
                .public_url
                .as_deref()
                .is_none_or(|url| !url.trim_start().to_ascii_lowercase().starts_with("https:"))
        {
            let finding = Finding::error(
                Code::Conflict,
                "browsers drop a cookie with same_site = \"none\" that did not come over https",
            )
            .help("write same_site = \"lax\", or an https `public_url`");
            self.find("session.same_site", finding);
        }
        SessionPlan {
            store,
            cookie_name: said.cookie_name.clone(),
            same_site: match said.same_site {
                SameSiteName::Strict => SameSite::Strict,
                SameSiteName::Lax => SameSite::Lax,
                SameSiteName::None => SameSite::None,
            },
            idle_timeout: said.idle_timeout.0,
            max_lifetime: said.max_lifetime.0,
            refresh_threshold: said.refresh_threshold.0,
        }
    }

    /// Where the database is. Whether it can be opened shows at the start; that it cannot be there, now.
    fn session_database(&mut self) -> PathBuf {
        let said = &self.said.session;
        let path = "session.database";
        let name = said.database.as_deref().unwrap_or("sessions.db");
        let database = self.beside_the_file(name);
        let builtin = self.said.backend.builtin.as_ref();
        if said.store != StoreName::Sqlite {
            if said.database.is_some() && !self.origins.is_spoiled("session.store") {
                let message = "`database` is only read with `store = \"sqlite\"`";
                let finding = Finding::error(Code::Conflict, message)
                    .help("write store = \"sqlite\" beside it, or take it out");
                self.find(path, finding);
            }
        } else if name.is_empty() {
            let finding = Finding::error(Code::BadValue, "the database needs a file name")
                .help("write database = \"sessions.db\"");
            self.find(path, finding);
        } else if builtin.is_some_and(|builtin| builtin.database == name) {
            let message = "users and sessions cannot be in one file";
            let finding =
                Finding::error(Code::Conflict, message).help("write database = \"sessions.db\"");
            self.find(path, finding);
        } else if let Some(problem) = cannot_hold_a_database(&database) {
            let finding = Finding::error(Code::FileUnreadable, problem)
                .help("paths are relative to the configuration file; make the folder, or name another one");
            self.find(path, finding);
        }
        database
    }

    fn lifetimes(&mut self) {
        let said = &self.said.session;
        let (idle, longest) = (said.idle_timeout.0, said.max_lifetime.0);
        let threshold = said.refresh_threshold.0;
        self.not_zero("session.idle_timeout", idle, "12h");
        self.not_zero("session.max_lifetime", longest, "7d");
        let path = |wanted: &'static str, other: &'static str| {
            if self.origins.is_said(wanted) { wanted } else { other }
        };
        let at_threshold = path("session.refresh_threshold", "session.max_lifetime");
        let at_idle = path("session.idle_timeout", "session.max_lifetime");
        let builtin = self.is_builtin();
        if builtin && threshold >= BUILTIN_LIFETIME {
            let finding = Finding::error(
                Code::RefreshThreshold,
                format!(
                    "the built-in backend's tokens live for {}; with a threshold of {} every request would renew them",
                    write_period(BUILTIN_LIFETIME),
                    write_period(threshold)
                ),
            )
            .help("write refresh_threshold = \"5m\"");
            self.find("session.refresh_threshold", finding);
        } else if threshold >= longest && !longest.is_zero() {
            let finding = Finding::error(
                Code::RefreshThreshold,
                format!(
                    "a session ends after {}, so a threshold of {} would renew tokens on every request",
                    write_period(longest),
                    write_period(threshold)
                ),
            )
            .help(format!("write refresh_threshold = \"{}\", or a longer max_lifetime", write_period(longest / 4)));
            self.find(at_threshold, finding);
        }
        if idle > longest {
            let finding = Finding::warning(
                Code::RefreshThreshold,
                format!(
                    "an idle_timeout of {} never comes: the session ends after {} anyway",
                    write_period(idle),
                    write_period(longest)
                ),
            )
            .help("make max_lifetime longer or idle_timeout shorter");
            self.find(at_idle, finding);
        }
    }

    fn cookie_name(&mut self) {
        let name = &self.said.session.cookie_name;
        let path = "session.cookie_name";
        if let Some(bare) =
            ["__Host-", "__Secure-"].iter().find_map(|prefix| name.strip_prefix(prefix))
        {
            let finding = Finding::error(
                Code::BadValue,
                "the prefix of the cookie's name is added by vestibule",
            )
            .help(format!("write cookie_name = \"{bare}\""));
            self.find(path, finding);
        } else if name.is_empty()
            || !name
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.'))
        {
            let finding = Finding::error(
                Code::BadValue,
                "a cookie's name has letters, digits, `-`, `_` and `.`",
            )
            .help("write cookie_name = \"vestibule\"");
            self.find(path, finding);
        }
    }
}

/// Why no database can be made or opened at this place, as far as it shows without touching anything.
fn cannot_hold_a_database(file: &Path) -> Option<String> {
    let folder = match file.parent() {
        Some(folder) if folder != Path::new("") => folder,
        _ => Path::new("."),
    };
    match fs::metadata(folder) {
        Ok(found) if !found.is_dir() => Some(format!("{} is not a folder", folder.display())),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            Some(format!("there is no folder {} for the database", folder.display()))
        }
        Err(error) => Some(format!("the folder {} cannot be read: {error}", folder.display())),
        Ok(_) if file.is_dir() => Some(format!("{} is a folder, not a database", file.display())),
        Ok(_) => None,
    }
}
