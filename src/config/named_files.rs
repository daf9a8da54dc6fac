//! The files that the configuration names, whether or not it can be used otherwise.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use toml::{Table, Value};

use super::Sources;

/// The configuration itself and the files that it and the environment name: secrets, keys, headers. Certificates are
/// not among them, whose files are followed by themselves.
pub(crate) fn named_files(sources: &Sources) -> BTreeSet<PathBuf> {
    let mut files = BTreeSet::new();
    if sources.text.is_none() {
        files.insert(sources.file.clone());
    }
    let read = || std::fs::read_to_string(&sources.file).unwrap_or_default();
    let text = sources.text.clone().unwrap_or_else(read);
    let base = sources.file.parent().unwrap_or(Path::new(""));
    let table: Table = toml::from_str(&text).unwrap_or_default();
    let mut names = Vec::new();
    for (section, value) in &table {
        gather(section, value, &mut names);
    }
    let variables = sources.env.iter().filter(|(name, _)| {
        name.starts_with("VESTIBULE_") && name.ends_with("_FILE") && !name.contains("__TLS__")
    });
    names.extend(variables.map(|(_, file)| file.as_str()));
    files.extend(names.into_iter().map(|name| base.join(name)));
    files
}

fn gather<'a>(key: &str, value: &'a Value, names: &mut Vec<&'a str>) {
    match value {
        Value::String(name) if key.ends_with("_file") => names.push(name),
        Value::Array(items) if key.ends_with("_files") => {
            names.extend(items.iter().filter_map(Value::as_str));
        }
        Value::Array(items) => items.iter().for_each(|item| gather(key, item, names)),
        Value::Table(table) if key != "tls" => {
            table.iter().for_each(|(key, value)| gather(key, value, names));
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_that_is_read_beside_the_file_is_named_but_for_certificates() {
        let text = "[server]\ntls = { cert_file = 'c.pem', key_file = 'k.pem' }\n\
                    [token]\nsecret_file = 'token.key'\n[backend]\nheaders_file = '/run/headers'\n\
                    [session]\nprevious_secret_files = ['old.key', 'older.key']\nsecret = 'x'\n";
        let sources = Sources {
            file: "site/auth.toml".into(),
            text: Some(text.to_owned()),
            env: vec![("VESTIBULE_MAIL__PASSWORD_FILE".to_owned(), "mail.key".to_owned())],
            ..Sources::default()
        };
        let files: Vec<_> = named_files(&sources).into_iter().collect();
        let expected =
            ["/run/headers", "site/mail.key", "site/old.key", "site/older.key", "site/token.key"];
        assert_eq!(files, expected.map(PathBuf::from));
    }
}
