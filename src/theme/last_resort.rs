//! The page for when rendering itself fails: compiled in, without a template, a text or an asset.

/// A small English page that says what happened and which request it was.
pub(crate) fn page(status: u16, title: &str, request_id: &str) -> String {
    let title = escape(title);
    let id = escape(request_id);
    format!(
        "<!doctype html>\n<html lang=\"en\" dir=\"ltr\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <title>{title}</title>\n<link rel=\"icon\" href=\"data:,\">\n</head>\n<body>\n<main>\n\
         <h1>{title}</h1>\n<p>This page could not be shown (status {status}). \
         It is not your fault; please try again in a moment.</p>\n\
         <p>If it stays so, tell us this number: <code>{id}</code></p>\n</main>\n</body>\n</html>\n"
    )
}

/// Makes text safe between tags and inside quoted attributes.
pub(crate) fn escape(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    escape_to(&mut safe, text);
    safe
}

/// As [`escape`], onto the end of `out`.
fn escape_to(out: &mut String, text: &str) {
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            _ => out.push(c),
        }
    }
}
