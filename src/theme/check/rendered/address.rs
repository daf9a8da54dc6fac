//! Where an address leads.

/// Attributes that hold an address, and by which a browser fetches something without being asked.
pub(super) const FETCHED: [&str; 5] = ["src", "srcset", "poster", "data", "background"];

/// What an address is to a page of ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Leads {
    /// Somewhere on this site, or within this page.
    Here,
    /// A picture or the like that is in the address itself.
    Inline,
    /// To another host, by `https` or however this page was fetched.
    Away,
    /// To another host by plain `http`.
    Unsafely,
    /// To a script.
    ToScript,
    /// To a program: mail, a telephone.
    ToProgram,
}

/// Reads an address as a browser does: without blanks around it and line breaks inside.
pub(super) fn leads(address: &str) -> Leads {
    let cleaned: String =
        address.trim().chars().filter(|it| !matches!(it, '\t' | '\n' | '\r')).collect();
    let cleaned = cleaned.replace('\\', "/");
    if cleaned.starts_with("//") {
        return Leads::Away;
    }
    let scheme = cleaned.split_once(':').map(|(scheme, _)| scheme.to_ascii_lowercase());
    let is_scheme = |it: &String| {
        it.starts_with(|c: char| c.is_ascii_alphabetic())
            && it.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.'))
    };
    match scheme.filter(is_scheme).as_deref() {
        None => Leads::Here,
        Some("javascript" | "vbscript") => Leads::ToScript,
        Some("data" | "blob") => Leads::Inline,
        Some("http") => Leads::Unsafely,
        Some("https" | "ws" | "wss" | "ftp") => Leads::Away,
        Some(_) => Leads::ToProgram,
    }
}

/// The addresses in a value: a `srcset` has several.
pub(super) fn addresses<'a>(attribute: &str, value: &'a str) -> Vec<&'a str> {
    if attribute == "srcset" {
        value.split(',').filter_map(|it| it.split_whitespace().next()).collect()
    } else {
        vec![value]
    }
}

#[cfg(test)]
mod tests {
    use super::{Leads, leads};

    #[test]
    fn an_address_is_read_as_browsers_read_it() {
        for (address, expected) in [
            ("/login?next=https://x", Leads::Here),
            ("#main", Leads::Here),
            ("login", Leads::Here),
            ("//cdn.example", Leads::Away),
            ("\\\\cdn.example", Leads::Away),
            ("https://example.com", Leads::Away),
            ("HTTP://example.com", Leads::Unsafely),
            (" java\nscript:alert(1)", Leads::ToScript),
            ("data:,", Leads::Inline),
            ("mailto:help@example.com", Leads::ToProgram),
        ] {
            assert_eq!(leads(address), expected, "{address}");
        }
    }
}
