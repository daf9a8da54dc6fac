//! The mails of a theme, as specimens.

use super::{Group, Specimen, UP, layer_of};
use crate::finding::{Code, Finding};
use crate::theme::Look;
use crate::theme::last_resort::escape;
use crate::theme::letters::{Letter, LetterKind, LetterValues, Letters};

/// A kind of mail in one of its two forms.
#[derive(Clone, Copy, Debug)]
pub(super) struct MailSpecimen {
    kind: LetterKind,
    /// Otherwise the text for programs that show no HTML.
    is_html: bool,
}

/// Whose mails are without a name of the site's own.
const HOST: &str = "example.com";

/// Every mail in both of its forms.
pub(super) fn specimens(look: &Look) -> Vec<Specimen> {
    let forms = |kind: LetterKind| {
        [(true, "html"), (false, "txt")].map(|(is_html, ending)| {
            let page = format!("mail-{}", kind.name());
            let template = format!("mail/{}.{ending}", kind.name());
            let state = if is_html { "html" } else { "text" };
            Specimen {
                id: format!("{page}.{state}"),
                page,
                state: state.to_owned(),
                status: 0,
                group: Group::Mails,
                layer: layer_of(look, &template),
                template,
                mail: Some(MailSpecimen { kind, is_html }),
            }
        })
    };
    LetterKind::ALL.into_iter().flat_map(forms).collect()
}

fn letter(letters: &Letters, mail: MailSpecimen) -> Result<Letter, minijinja::Error> {
    let page = match mail.kind {
        LetterKind::Reset => "reset-password",
        LetterKind::Verify => "verify-email",
    };
    let values = LetterValues {
        name: "Ada Lovelace".to_owned(),
        link: format!("https://{HOST}/{page}?token=p3rUsXk0V9nQ2bYw7TzLd4Ga"),
        lifetime_s: 1800,
        language: String::new(),
    };
    letters.write(mail.kind, &values, HOST)
}

/// What a mail is about, in one line.
pub(super) fn subject(letters: &Letters, mail: MailSpecimen) -> String {
    letter(letters, mail).map(|letter| letter.subject).unwrap_or_default()
}

/// The mail as it is sent; the text on a page of its own, with its subject above it.
pub(super) fn write(
    letters: &Letters,
    mail: MailSpecimen,
    look: &Look,
    (lang, dir): (&str, &str),
) -> Result<String, Vec<Finding>> {
    let letter = letter(letters, mail).map_err(|error| {
        let place =
            error.name().and_then(|name| look.files.find(name)).map(|file| file.place(0..0));
        vec![Finding::error(Code::TemplateRender, error.to_string()).at(place)]
    })?;
    if mail.is_html {
        return Ok(letter.html);
    }
    Ok(format!(
        "<!doctype html>\n<html lang=\"{lang}\" dir=\"{dir}\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <title>{subject}</title>\n<link rel=\"stylesheet\" href=\"{UP}mail.css\">\n</head>\n<body>\n\
         <main>\n<h1>{subject}</h1>\n<pre>{text}</pre>\n</main>\n</body>\n</html>\n",
        subject = escape(&letter.subject),
        text = escape(&letter.text),
    ))
}
