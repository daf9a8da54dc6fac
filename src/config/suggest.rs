//! What the user may have meant: nearest names, keys of other tables, names of other versions.

use super::shape::Shape;

/// A key that is known, for a key that is not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Suggestion {
    /// The dotted path of the key that is probably meant.
    pub(crate) path: Option<String>,
    pub(crate) help: String,
    /// The key is known by this very name, elsewhere or from another program.
    pub(crate) exact: bool,
}

/// Keys of the original package and of related programs, and where they are here.
const ALIASES: [(&str, &str, &str); 22] = [
    ("whitelist", "access.public", "public = ['/about', '/api/.*']"),
    ("public_paths", "access.public", "public = ['/about', '/api/.*']"),
    ("public_regex", "access.public", "public = ['/about', '/api/.*']"),
    ("skip", "access.public", "public = ['/about', '/api/.*']"),
    ("api_base_url", "backend.url", "url = \"http://localhost:5003\""),
    ("api_url", "backend.url", "url = \"http://localhost:5003\""),
    ("base_url", "backend.url", "url = \"http://localhost:5003\""),
    ("backend_url", "backend.url", "url = \"http://localhost:5003\""),
    ("jwt_secret", "token.secret", "secret_file = \"jwt.secret\""),
    ("jwt_secret_key", "token.secret", "secret_file = \"jwt.secret\""),
    ("secret_key", "token.secret", "secret_file = \"jwt.secret\""),
    ("jwt_algorithm", "token.algorithms", "algorithms = [\"HS256\"]"),
    ("algorithm", "token.algorithms", "algorithms = [\"HS256\"]"),
    ("jwks_uri", "token.jwks_url", "jwks_url = \"https://…\""),
    ("jwks", "token.jwks_url", "jwks_url = \"https://…\""),
    ("public_key", "token.public_key_file", "public_key_file = \"public.pem\""),
    ("token_refresh_threshold_minutes", "session.refresh_threshold", "refresh_threshold = \"5m\""),
    ("refresh_threshold_minutes", "session.refresh_threshold", "refresh_threshold = \"5m\""),
    ("token_refresh_threshold", "session.refresh_threshold", "refresh_threshold = \"5m\""),
    ("port", "server.listen", "listen = \"127.0.0.1:5001\""),
    ("host", "server.listen", "listen = \"127.0.0.1:5001\""),
    ("bind", "server.listen", "listen = \"127.0.0.1:5001\""),
];

/// Names that forms and pages have elsewhere: table, the name there, the line here.
const FORM_ALIASES: [(&str, &str, &str); 35] = [
    ("form", "name", "id = \"contact\""),
    ("form", "url", "path = \"/contact\""),
    ("form", "heading", "title = \"Contact us\""),
    ("form", "description", "intro = \"We answer within a day.\""),
    ("form", "submit_text", "button = \"Send\""),
    ("form", "submit_label", "button = \"Send\""),
    ("form", "label_text", "button = \"Send\""),
    ("form", "method", "submit = { send = \"POST /contact\" }"),
    ("form", "action", "submit = { send = \"POST /contact\" }"),
    ("form", "success", "on_success = { message = \"Thank you.\" }"),
    ("form", "message", "on_success = { message = \"Thank you.\" }"),
    ("form", "redirect", "on_success = { redirect = \"/welcome\" }"),
    ("form", "public", "access = \"public\""),
    ("form.submit", "method", "send = \"POST /contact\""),
    ("form.submit", "url", "send = \"POST /contact\""),
    ("form.submit", "path", "send = \"POST /contact\""),
    ("form.error", "message", "text = \"This does not work.\""),
    ("form.error", "pointer", "at = \"/code\""),
    ("form.error", "code", "is = \"TAKEN\""),
    ("form.rate_limit", "minutes", "per = \"1m\""),
    ("form.rate_limit", "seconds", "per = \"1m\""),
    ("form.field", "label_text", "label = \"Message\""),
    ("form.field", "regex", "pattern = '[a-z]+'"),
    ("form.field", "help", "hint = \"One sentence is enough.\""),
    ("form.field", "help_text", "hint = \"One sentence is enough.\""),
    ("form.field", "description", "hint = \"One sentence is enough.\""),
    ("form.field", "text", "label = \"Message\""),
    ("form.field", "value", "default = \"none\""),
    ("form.field", "choices", "options = [\"small\", \"large\"]"),
    ("form.field", "confirm", "equals = \"password\""),
    ("form.field", "matches", "equals = \"password\""),
    ("form.field.options", "text", "label = \"Small\""),
    ("page", "url", "path = \"/about\""),
    ("page", "heading", "title = \"About us\""),
    ("page", "public", "access = \"public\""),
];

/// What is designed and not built yet, with what to do until then.
const LATER: [(&str, &str); 3] = [
    ("metrics", ""),
    ("session.url", "`store = \"sqlite\"` needs no server"),
    ("session.store", "write `store = \"sqlite\"`, which survives restarts and needs no server"),
];

/// If this key is of a later version: what to do until then, possibly nothing.
pub(crate) fn later(path: &str) -> Option<&'static str> {
    LATER.iter().find(|(later, _)| *later == path).map(|(_, help)| *help)
}

/// The nearest of `names`, if one is near enough to be meant.
pub(crate) fn nearest<'a>(
    typed: &str,
    names: impl IntoIterator<Item = &'a str>,
) -> Option<&'a str> {
    let typed = typed.to_lowercase();
    names
        .into_iter()
        .map(|name| (strsim::damerau_levenshtein(&typed, &name.to_lowercase()), name))
        .filter(|(distance, name)| {
            let length = typed.chars().count().max(name.chars().count());
            // A short name is near to every other short name: half of it must be right.
            *distance <= 1 + length / 4 && *distance * 2 < length
        })
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, name)| name)
}

/// Like [`nearest`], written as a question.
pub(crate) fn did_you_mean<'a>(
    typed: &str,
    names: impl IntoIterator<Item = &'a str>,
) -> Option<String> {
    nearest(typed, names).map(|name| format!("did you mean \"{name}\"?"))
}

/// What is probably meant by `key` in `table` (empty at the top level).
pub(crate) fn for_key(
    root: &Shape,
    table: &str,
    shape: &Shape,
    key: &str,
    is_table: bool,
) -> Suggestion {
    let lower = key.to_lowercase();
    let alias = ALIASES.iter().find(|(old, new, _)| {
        *old == lower
            && new
                .rsplit_once('.')
                .is_none_or(|(home, _)| shape.child(last(new)).is_none() || home != table)
    });
    if let Some((_, new, paste)) = alias {
        let (home, name) = new.rsplit_once('.').unwrap_or(("", new));
        let help = if home == table {
            format!("this is `{name}` here: {paste}")
        } else {
            format!("this is `{name}` in [{home}] here:\n[{home}]\n{paste}")
        };
        return Suggestion { path: Some((*new).to_owned()), help, exact: true };
    }
    let header: Vec<&str> =
        table.split('.').filter(|part| !part.bytes().all(|byte| byte.is_ascii_digit())).collect();
    let header = header.join(".");
    let alias = FORM_ALIASES.iter().find(|(home, old, _)| *home == header && *old == lower);
    if let Some((_, _, paste)) = alias {
        let name = paste.split(' ').next().unwrap_or_default();
        return Suggestion {
            path: Some(join(table, name)),
            help: format!("this is `{name}` here: {paste}"),
            exact: true,
        };
    }
    if is_table && matches!(header.as_str(), "form" | "page") && shape.child("id").is_some() {
        let near = nearest(key, shape.keys().into_iter().map(|(name, _)| name));
        if near.is_none() {
            let help = format!("each has a header of its own:\n[[{header}]]\nid = \"{lower}\"");
            return Suggestion { path: None, help, exact: false };
        }
    }
    let places = places(root);
    let homes: Vec<&str> =
        places.iter().filter(|(_, name)| *name == lower).map(|(home, _)| home.as_str()).collect();
    if let [first, ..] = homes.as_slice() {
        return Suggestion {
            path: Some(join(first, &lower)),
            help: format!("it belongs {}", homes_in_words(&homes, &lower, is_table)),
            exact: true,
        };
    }
    let here = shape.keys();
    if let Some(name) = nearest(key, here.iter().map(|(name, _)| *name)) {
        return Suggestion {
            path: Some(join(table, name)),
            help: format!("did you mean `{name}`?"),
            exact: false,
        };
    }
    if let Some(name) = nearest(key, places.iter().map(|(_, name)| *name)) {
        let homes: Vec<&str> = places
            .iter()
            .filter(|(_, other)| *other == name)
            .map(|(home, _)| home.as_str())
            .collect();
        let home = homes.first().copied().unwrap_or_default();
        return Suggestion {
            path: Some(join(home, name)),
            help: format!(
                "did you mean `{name}`? It belongs {}",
                homes_in_words(&homes, name, is_table)
            ),
            exact: false,
        };
    }
    let names = here.iter().map(|(name, _)| format!("`{name}`")).collect::<Vec<_>>().join(", ");
    let known = if table.is_empty() { "the tables are" } else { "the keys here are" };
    Suggestion { path: None, help: format!("{known} {names}"), exact: false }
}

/// The key at the end of a dotted path.
pub(crate) fn last(path: &str) -> &str {
    path.rsplit('.').next().unwrap_or(path)
}

pub(crate) fn join(table: &str, key: &str) -> String {
    if table.is_empty() { key.to_owned() } else { format!("{table}.{key}") }
}

fn homes_in_words(homes: &[&str], name: &str, is_table: bool) -> String {
    match homes {
        [""] => format!("at the top level: [{name}]"),
        _ if is_table => format!(
            "inside of another table: {}",
            homes.iter().map(|home| format!("[{home}.{name}]")).collect::<Vec<_>>().join(" or ")
        ),
        _ => format!(
            "in {}",
            homes.iter().take(3).map(|home| format!("[{home}]")).collect::<Vec<_>>().join(" or ")
        ),
    }
}

/// Every known key with the table that it belongs in, outermost tables first. The keys that all backend
/// calls share are named once, with the login call, which is the usual one.
fn places(root: &Shape) -> Vec<(String, &str)> {
    let mut out: Vec<(String, &str)> = Vec::new();
    let mut level = vec![(String::new(), root)];
    while !level.is_empty() {
        let mut below = Vec::new();
        for (table, shape) in level {
            for (key, child) in shape.keys() {
                let is_call = table.starts_with("backend.") && table != "backend.builtin";
                if !is_call || table == "backend.login" || !is_shared(root, key) {
                    out.push((table.clone(), key));
                }
                below.push((join(&table, key), child));
            }
        }
        level = below;
    }
    out
}

fn is_shared(root: &Shape, key: &str) -> bool {
    root.child("backend").and_then(|b| b.child("login")).and_then(|l| l.child(key)).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn suggest(table: &str, key: &str) -> String {
        let root = Shape::of(&crate::config::schema());
        let shape = table
            .split('.')
            .filter(|part| !part.is_empty())
            .fold(&root, |shape, part| shape.child(part).unwrap());
        for_key(&root, table, shape, key, false).help
    }

    #[test]
    fn every_alias_leads_to_a_key_that_exists() {
        let root = Shape::of(&crate::config::schema());
        for (_, new, _) in ALIASES {
            let found = new.split('.').try_fold(&root, |shape, key| shape.child(key));
            assert!(found.is_some(), "{new}");
        }
    }

    #[test]
    fn every_name_that_forms_have_elsewhere_leads_to_a_key_that_exists() {
        let root = Shape::of(&crate::config::schema());
        let item = |shape: &Shape| match shape {
            Shape::List(item) => Some((**item).clone()),
            shape => Some(shape.clone()),
        };
        for (table, old, paste) in FORM_ALIASES {
            let shape =
                table.split('.').try_fold(root.clone(), |shape, key| item(shape.child(key)?));
            let shape = shape.unwrap_or_else(|| panic!("{table}"));
            let name = paste.split(' ').next().unwrap();
            assert!(shape.child(name).is_some(), "{table}: {name}");
            assert!(shape.child(old).is_none(), "{table}: {old} is a key");
        }
    }

    #[test]
    fn nothing_that_exists_is_called_a_matter_of_later() {
        let root = Shape::of(&crate::config::schema());
        for (path, _) in LATER.iter().filter(|(path, _)| *path != "session.store") {
            let found = path.split('.').try_fold(&root, |shape, key| shape.child(key));
            assert!(found.is_none(), "{path}");
        }
    }

    #[test]
    fn a_slip_a_wrong_table_and_an_old_name_are_told_apart() {
        assert_eq!(suggest("token", "secert"), "did you mean `secret`?");
        assert_eq!(suggest("backend", "refresh_threshold"), "it belongs in [session]");
        assert_eq!(
            suggest("backend", "refresh_treshold"),
            "did you mean `refresh_threshold`? It belongs in [session]"
        );
        assert!(suggest("", "whitelist").starts_with("this is `public` in [access] here"));
        assert_eq!(suggest("", "sesion"), "did you mean `session`?");
        assert!(suggest("docs", "zzzzzz").starts_with("the keys here are `access`"));
    }

    #[test]
    fn a_short_name_is_not_near_to_everything() {
        assert_eq!(nearest("me", ["id", "as"]), None);
        assert_eq!(nearest("dasy", ["daisy", "plain"]), Some("daisy"));
    }
}
