//! Everything that is served, in one table: what is open to everybody follows from it, and `vestibule routes`
//! prints it. A route of our own that is not in it is not served to anybody without a session.

use std::fmt::Write as _;

use http::Method;
use serde_json::{Value, json};

use super::{CHANGE_PASSWORD, HOME, LIVEZ, LOGIN, LOGOUT, READYZ, REGISTER, SESSION, WELCOME};
use super::{builtin, files, live, openapi, preview, problems, verify};
use crate::access::{AccessRules, OwnPaths, Rule, Verdict};
use crate::builtin_backend::BuiltinBackend;
use crate::config::plan::DocsAccess;
use crate::path::CanonicalPath;

/// What of our own is switched on.
#[derive(Clone, Copy, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is a part of a site, there or not")]
pub(crate) struct Features {
    pub(crate) builtin: bool,
    pub(crate) register: bool,
    /// Whether a form that changes a password is declared.
    pub(crate) change_password: bool,
    pub(crate) docs: DocsAccess,
    /// Whether this is `vestibule dev`.
    pub(crate) dev: bool,
}

/// A page or endpoint of our own; a folder where the path ends with `/`, but for the front page.
#[derive(Clone, Copy, Debug)]
struct OwnRoute {
    path: &'static str,
    methods: &'static str,
    kind: &'static str,
    /// Whether it answers without a session.
    open: bool,
}

/// Everything that a configuration serves.
#[derive(Clone, Debug)]
pub struct Routes {
    rows: Vec<Row>,
}

#[derive(Clone, Debug)]
struct Row {
    path: String,
    methods: &'static str,
    kind: &'static str,
    access: &'static str,
    /// What a rule requires of the user, and where the rule stands.
    requires: Option<(String, String)>,
    source: String,
}

const READ: &str = "GET, HEAD";
const FORM: &str = "GET, HEAD, POST";

fn own_routes(features: Features) -> Vec<OwnRoute> {
    let open = |path, methods, kind| OwnRoute { path, methods, kind, open: true };
    let mut routes = vec![
        OwnRoute { open: false, ..open(HOME, READ, "own") },
        OwnRoute { open: false, ..open(WELCOME, READ, "own") },
        open(LOGIN, FORM, "form"),
        open(LOGOUT, FORM, "form"),
        open(SESSION, READ, "api"),
        open(LIVEZ, READ, "probe"),
        open(READYZ, READ, "probe"),
        open(files::ASSETS, READ, "asset"),
        open(problems::FOLDER, READ, "docs"),
    ];
    if features.register {
        routes.push(open(REGISTER, FORM, "form"));
    }
    if features.change_password {
        routes.push(open(CHANGE_PASSWORD, READ, "own"));
    }
    if features.docs != DocsAccess::Off {
        let all = [openapi::DOCS, openapi::DOCS_FILES, openapi::DOCUMENT, openapi::DOCUMENT_YAML];
        let open_docs = features.docs == DocsAccess::Public;
        routes.extend(all.map(|path| OwnRoute { open: open_docs, ..open(path, READ, "docs") }));
    }
    if features.builtin {
        routes.push(open(builtin::FOLDER, "", "api"));
    }
    if features.dev {
        let all = [live::FOLDER, preview::PLACE, preview::FOLDER];
        routes.extend(all.map(|path| open(path, READ, "dev")));
    }
    routes
}

/// The paths that are vestibule's own, whatever the whitelist says.
pub(crate) fn own_paths(builtin: bool, docs: DocsAccess, dev: bool) -> OwnPaths {
    let mut own = OwnPaths::default();
    // Where there is no registration, its address says so to everybody. The same holds for changing a password.
    let features = Features { builtin, register: true, change_password: true, docs, dev };
    for route in own_routes(features) {
        let places = match (route.open, is_folder(route.path)) {
            (true, true) => &mut own.folders,
            (true, false) => &mut own.exact,
            (false, _) => &mut own.guarded,
        };
        places.push(route.path.to_owned());
    }
    // Proxies ask here, and are told 404 where the configuration does not name them.
    own.folders.push(verify::FOLDER.to_owned());
    own
}

fn is_folder(path: &str) -> bool {
    path != HOME && path.ends_with('/')
}

impl Routes {
    /// What is served of our own.
    pub(crate) fn own(features: Features, rules: &AccessRules) -> Self {
        let mut routes = Self { rows: Vec::new() };
        for route in own_routes(features) {
            if route.path == builtin::FOLDER {
                for (path, methods) in BuiltinBackend::ENDPOINTS {
                    // A path with a gap is as open as every path that fills it.
                    let sample = path.replace(['{', '}'], "");
                    routes.add(rules, &sample, methods, route.kind, "built-in".to_owned());
                    if let Some(row) = routes.rows.last_mut() {
                        path.clone_into(&mut row.path);
                    }
                }
                continue;
            }
            routes.add(rules, route.path, route.methods, route.kind, "built-in".to_owned());
        }
        routes
    }

    /// Adds what an app behind the door has: all that begins with `prefix`, and the front page where that is
    /// empty. What the whitelist opens of it is not told apart.
    pub(crate) fn add_app(&mut self, rules: &AccessRules, prefix: &str, source: String) {
        if prefix.is_empty() {
            self.rows.retain(|row| row.path != HOME);
        }
        self.add(rules, &format!("{prefix}/x"), "", "upstream", source);
        if let Some(row) = self.rows.last_mut() {
            row.path = format!("{prefix}/*");
        }
    }

    /// Adds what `auth.toml` declares; it takes the place of the front page where it is there.
    pub(crate) fn add_declared(
        &mut self,
        rules: &AccessRules,
        path: &str,
        kind: &'static str,
        source: String,
    ) {
        self.rows.retain(|row| row.path != path);
        self.add(rules, path, if kind == "form" { FORM } else { READ }, kind, source);
    }

    /// Adds a row; a path that ends with `/` is a folder. Who may see it is what the door decides about it.
    pub(crate) fn add(
        &mut self,
        rules: &AccessRules,
        path: &str,
        methods: &'static str,
        kind: &'static str,
        source: String,
    ) {
        let inside = if is_folder(path) { format!("{path}x") } else { path.to_owned() };
        let decision = CanonicalPath::parse(&inside);
        let decision = decision.as_ref().ok().map(|path| rules.decide(&Method::GET, path));
        let (access, requires) = match decision.map(|decision| (decision.verdict, decision.rule)) {
            Some((Verdict::Public, _)) => ("public", None),
            Some((Verdict::Protected, Rule::Required(rule))) => {
                ("rule", Some((rule.requirements(), rule.source.clone())))
            }
            _ => ("user", None),
        };
        let path = if is_folder(path) { format!("{path}*") } else { path.to_owned() };
        self.rows.push(Row { path, methods, kind, access, requires, source });
    }

    /// For a terminal, by path.
    pub fn human(&self) -> String {
        let access = |row: &Row| match &row.requires {
            Some((requires, source)) => format!("{requires} ({source})"),
            None => row.access.to_owned(),
        };
        let mut lines = vec![["PATH", "KIND", "METHODS", "ACCESS", "SOURCE"].map(str::to_owned)];
        let cells = |row: &Row| {
            [row.path.clone(), row.kind.into(), row.methods.into(), access(row), row.source.clone()]
        };
        lines.extend(self.in_order().into_iter().map(cells));
        let widths: Vec<usize> = (0..5)
            .map(|at| lines.iter().map(|line| line[at].chars().count()).max().unwrap_or_default())
            .collect();
        let mut text = String::new();
        for line in &lines {
            let mut row = String::new();
            for (cell, width) in line.iter().zip(&widths) {
                let _ = write!(row, "{cell:<width$}  ");
            }
            let _ = writeln!(text, "{}", row.trim_end());
        }
        text
    }

    /// For programs. `version` changes when a field changes its meaning.
    pub fn json(&self) -> Value {
        let one = |row: &Row| {
            let mut shown = json!({
                "path": row.path,
                "kind": row.kind,
                "methods": row.methods.split(", ").collect::<Vec<_>>(),
                "access": row.access,
                "source": row.source,
            });
            if let Some((requires, source)) = &row.requires {
                shown["requires"] = json!(requires);
                shown["rule"] = json!(source);
            }
            shown
        };
        json!({"version": 1, "routes": self.in_order().into_iter().map(one).collect::<Vec<_>>()})
    }

    fn in_order(&self) -> Vec<&Row> {
        let mut rows: Vec<_> = self.rows.iter().collect();
        rows.sort_by(|a, b| a.path.cmp(&b.path));
        rows
    }
}
