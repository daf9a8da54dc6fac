//! Whether one entry leaves nothing to another. Only what is certain counts: a wrong "never" would be worse than
//! none.

use http::Method;
use regex_syntax::hir::{Hir, HirKind};

use super::access::compiled;
use super::pattern::matches_every_probe;

/// A pattern with its methods.
#[derive(Clone, Copy)]
pub(super) struct Scope<'a> {
    pub(super) pattern: &'a str,
    /// Empty for every method.
    pub(super) methods: &'a [Method],
}

impl Scope<'_> {
    /// Whether every request that the other one is about is taken by this one.
    pub(super) fn covers(&self, other: &Scope<'_>) -> bool {
        covers_methods(self.methods, other.methods) && covers_paths(self.pattern, other.pattern)
    }
}

fn covers_methods(these: &[Method], others: &[Method]) -> bool {
    let takes = |other: &Method| {
        these.contains(other) || *other == Method::HEAD && these.contains(&Method::GET)
    };
    these.is_empty() || !others.is_empty() && others.iter().all(takes)
}

fn covers_paths(pattern: &str, other: &str) -> bool {
    if pattern == other || matches_every_probe(pattern) {
        return true;
    }
    let Ok(hir) = regex_syntax::parse(other) else { return false };
    let start = start(&hir);
    if is_plain(other) {
        return compiled(pattern).is_ok_and(|regex| regex.is_match(&start));
    }
    if let Some(folder) = pattern.strip_suffix("(/.*)?").filter(|text| is_plain(text)) {
        return start.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/'))
            || other.strip_suffix("(/.*)?") == Some(folder)
            || other.strip_suffix("/?") == Some(folder);
    }
    pattern.strip_suffix(".*").is_some_and(|begin| is_plain(begin) && start.starts_with(begin))
}

/// The text that every match begins with.
fn start(hir: &Hir) -> String {
    let first = match hir.kind() {
        HirKind::Concat(parts) => parts.first().map(Hir::kind),
        kind => Some(kind),
    };
    match first {
        Some(HirKind::Literal(literal)) => String::from_utf8_lossy(&literal.0).into_owned(),
        _ => String::new(),
    }
}

/// Whether a pattern matches itself and nothing else.
fn is_plain(pattern: &str) -> bool {
    regex_syntax::parse(pattern).is_ok_and(|hir| hir.properties().is_literal())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_covered_is_covered_for_certain() {
        for (pattern, other) in [
            ("/admin", "/admin"),
            ("/.*", "/admin(/.*)?"),
            ("/admin/.*", "/admin/users"),
            ("/admin/.*", "/admin/users(/.*)?"),
            ("/admin(/.*)?", "/admin"),
            ("/admin(/.*)?", "/admin/users/.*"),
            ("/a|/b", "/b"),
            (r"/a\.b.*", r"/a\.bc"),
        ] {
            assert!(covers_paths(pattern, other), "{pattern} {other}");
        }
        for (pattern, other) in [
            ("/admin/.*", "/admin"),
            ("/admin/.*", "/admin(/.*)?"),
            ("/admin", "/admin/.*"),
            ("/admin(/.*)?", "/administrator"),
            ("/admin(/.*)?", "/adm.*"),
            ("/[a-z]+", "/[a-z]+/.*"),
            ("/a.b.*", "/a[x]?b"),
        ] {
            assert!(!covers_paths(pattern, other), "{pattern} {other}");
        }
    }

    #[test]
    fn methods_are_covered_like_paths() {
        let (get, head) = (&[Method::GET][..], &[Method::HEAD][..]);
        assert!(covers_methods(&[], get) && covers_methods(get, head) && covers_methods(get, get));
        assert!(!covers_methods(get, &[]) && !covers_methods(head, get));
    }
}
