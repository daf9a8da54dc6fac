//! `[backend] headers_file`: headers that are secret, one `Name: value` a line.

use std::fs;
use std::path::Path;

use http::HeaderName;

use super::Config;
use super::build::{readable_by_others, unreadable};
use super::origins::Origins;
use crate::finding::{Code, Finding};

/// Reads the file, if one is named, and adds its headers to those of `[backend]`. Nothing that is said about it
/// repeats a value.
pub(crate) fn read(said: &mut Config, origins: &mut Origins, base: &Path) -> Vec<Finding> {
    const PATH: &str = "backend.headers_file";
    let Some(name) = said.backend.headers_file.clone() else { return Vec::new() };
    let here = origins.place(PATH);
    let at = |finding: Finding| finding.at(Some(here.clone()));
    let full = base.join(&name);
    let text = match fs::read_to_string(&full) {
        Ok(text) => text,
        Err(error) => {
            let finding = unreadable(&full, &error);
            return vec![at(match error.kind() {
                std::io::ErrorKind::NotFound => finding.help(
                    "paths are relative to the configuration file; each line of it is one header: Name: value",
                ),
                _ => finding,
            })];
        }
    };
    let mut findings = Vec::new();
    if readable_by_others(&full) {
        let message = format!("everybody on this machine may read {}", full.display());
        let finding = Finding::warning(Code::SecretReadable, message);
        findings.push(at(finding.help(format!("chmod 600 {}", full.display()))));
    }
    for (index, line) in text.lines().enumerate() {
        if line.trim().is_empty() || line.starts_with('#') {
            continue;
        }
        let refuse = |what: &str| {
            let message = format!("line {} of {} {what}", index + 1, full.display());
            at(Finding::error(Code::BadValue, message))
        };
        let Some((header, value)) = parse(line) else {
            let help = "write one header a line, for example X-Api-Key: …";
            findings.push(refuse("is not `Name: value`").help(help));
            continue;
        };
        if value.contains("{{") {
            let help = "what is no secret goes into headers = { … }";
            findings
                .push(refuse("has a placeholder, which is only filled in in auth.toml").help(help));
            continue;
        }
        let headers = &mut said.backend.headers;
        let other = headers.keys().find(|known| known.eq_ignore_ascii_case(header)).cloned();
        let other_path = other.as_ref().map(|other| format!("backend.headers.{other}"));
        if let Some(path) = other_path.filter(|path| origins.is_said_by_hand(path)) {
            let message = format!(
                "the header {header} is given twice: at {} and in line {} of {}",
                origins.place(&path),
                index + 1,
                full.display()
            );
            findings.push(at(Finding::error(Code::SecretTwice, message).help("keep one of them")));
            continue;
        }
        if let Some(other) = other {
            headers.remove(&other);
        }
        headers.insert(header.to_owned(), value.to_owned());
        origins.from_headers_file.insert(format!("backend.headers.{header}"), name.clone());
    }
    findings
}

fn parse(line: &str) -> Option<(&str, &str)> {
    let (name, value) = line.split_once(':')?;
    let value = value.trim();
    let fits = HeaderName::try_from(name).is_ok()
        && !value.is_empty()
        && value.bytes().all(|byte| byte == b'\t' || (b' '..=b'~').contains(&byte));
    fits.then_some((name, value))
}
