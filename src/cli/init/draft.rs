//! The text of a first auth.toml.

use std::fmt::Write as _;

use vestibule::{Evidence, Preset};

/// What the user has said about the backend.
pub(crate) struct Draft<'a> {
    pub(crate) preset: Option<&'a Preset>,
    pub(crate) backend: Option<&'a str>,
}

const HEAD: &str = "\
# A login in front of your site. Paths are relative to this file.
# `vestibule check` finds every mistake, `vestibule config show --origin` prints every value that applies.
";

const BUILTIN: &str = "\
# Users live in an SQLite file beside this one. With a backend of your own, name it instead:
#   url = \"http://localhost:5003\"
[backend]
builtin = { database = \"users.db\" }

# Signs the tokens, and seals the cookies.
[token]
secret_file = \"jwt.secret\"
";

const TOKEN: &str = "\
# Without a key the backend's tokens are taken as they come, and only their lifetime is read. With one, a token
# that the backend has not signed is refused. It has to be the backend's own key; `vestibule doctor` compares.
[token]
# secret_file = \"jwt.secret\"              # the secret that it signs with (HS256)
# jwks_url = \"https://…\"                  # or where it publishes its keys (RS256, ES256, EdDSA)
";

const SEALED: &str = "\
secret_file = \"session.secret\"            # seals the session cookies; nobody else needs it
";

const REST: &str = "\
# idle_timeout = \"12h\"                    # a session that is not used for so long ends
# max_lifetime = \"7d\"                     # and every session after this

# Who needs no login: regular expressions, each must match the whole path. All else is protected.
[access]
public = ['/about', '/contact', '/api/.*']

# A built-in theme, or the name of a folder in themes/.
[theme]
name = \"daisy\"
# options = { brand = \"Acme\" }            # the name on the pages

# [server]
# listen = \"127.0.0.1:5001\"
# public_url = \"https://app.example.com\"  # as browsers see it; needed for more than this machine
# trusted_proxies = [\"127.0.0.1\"]         # who may say where a request came from
";

const EXAMPLE: &str = "\
# login.send = \"POST /token\"             # for example
";

const TIMEOUT: &str = "\
# timeout = \"5s\"                         # for a whole exchange with it
";

const REGISTER: &str = "\
# register = false                       # no registration page
";

const WIDTH: usize = 110;

impl Draft<'_> {
    /// Whether vestibule keeps the users itself.
    pub(crate) fn is_builtin(&self) -> bool {
        self.preset.is_none() && self.backend.is_none()
    }

    /// The file with the key that is made for it.
    pub(crate) fn secret_file(&self) -> &'static str {
        if self.is_builtin() { "jwt.secret" } else { "session.secret" }
    }

    /// What does not belong into a repository.
    pub(crate) fn ignored(&self) -> &'static [&'static str] {
        if self.is_builtin() { &["*.secret", "users.db*"] } else { &["*.secret"] }
    }

    pub(crate) fn text(&self) -> String {
        let schema = "#:schema ./auth.schema.json\n";
        if self.is_builtin() {
            return format!("{schema}{HEAD}\n{BUILTIN}\n{}{REST}", self.session());
        }
        let is_opaque =
            self.preset.is_some_and(|preset| preset.toml.contains("format = \"opaque\""));
        let token = if is_opaque { String::new() } else { format!("{TOKEN}\n") };
        format!("{schema}{HEAD}\n{}\n{token}{}{SEALED}{REST}", self.backend(), self.session())
    }

    /// Where the backend's tokens live for less than usual, the preset knows.
    fn session(&self) -> String {
        let known = self.preset.and_then(|preset| {
            preset.toml.lines().find_map(|line| line.strip_prefix("refresh_threshold = "))
        });
        let key = format!("refresh_threshold = {}", known.unwrap_or("\"5m\""));
        format!(
            "[session]\n{key:42}# tokens are renewed, unnoticed, when they have less than this left\n"
        )
    }

    fn backend(&self) -> String {
        let usual = self.preset.map_or("http://localhost:5003", |preset| preset.address);
        let url = serde_json::Value::from(self.backend.unwrap_or(usual));
        let mut text = String::new();
        if let Some(preset) = self.preset {
            text.push_str(&comment(&format!("{}, {}.", preset.backend, evidence(preset))));
            for note in &preset.notes {
                text.push_str(&comment(note));
            }
        } else {
            text.push_str(&comment(
                "The backend has POST /auth/login, /auth/register, /auth/refresh, /auth/logout and GET /auth/me. If \
                 yours does not, say how it is called, or name a preset: `vestibule init --list-presets`.",
            ));
        }
        let _ = write!(text, "[backend]\nurl = {url}\n");
        match self.preset {
            Some(preset) => {
                let _ = writeln!(text, "preset = \"{}\"", preset.name);
            }
            None => text.push_str(EXAMPLE),
        }
        text.push_str(TIMEOUT);
        if !self.preset.is_some_and(|preset| preset.toml.contains("register = false")) {
            text.push_str(REGISTER);
        }
        let to_add = self.preset.map_or(&[][..], |preset| &preset.to_add);
        if !to_add.is_empty() {
            text.push_str("# Still to be filled in:\n");
        }
        for line in to_add {
            let _ = writeln!(text, "# {line}");
        }
        text
    }
}

/// A sentence as comment lines that fit on a screen.
fn comment(sentence: &str) -> String {
    let mut lines = vec![String::from("#")];
    for word in sentence.split(' ') {
        match lines.last_mut() {
            Some(line) if line.len() == 1 || line.chars().count() + word.len() < WIDTH => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(format!("# {word}")),
        }
    }
    lines.join("\n") + "\n"
}

fn evidence(preset: &Preset) -> String {
    match preset.evidence {
        Evidence::Tested(package) => format!("tested with {package}"),
        Evidence::Documented(url) => format!("from its documentation ({url}) and not tested"),
    }
}
