//! `[mail]`: where mails go, and whether a mail server would take them.

use lettre::message::Mailbox;
use url::Url;

use super::Builder;
use super::server::is_loopback;
use crate::config::mail::{MailTable, MailTlsName};
use crate::config::plan::{MailCarrierPlan, MailPlan, MailTls, SmtpPlan};
use crate::finding::{Code, Finding};
use crate::secret::Secret;

const EXAMPLE: &str = "smtp = \"smtp://user@smtp.example.com:587\"";

impl Builder<'_> {
    /// None where nothing of it is said, or it cannot be used.
    pub(super) fn mail(&mut self) -> Option<MailPlan> {
        let said = self.said.mail.as_ref()?;
        self.not_zero("mail.timeout", said.timeout.0, "10s");
        let from = self.mail_from(said);
        let carrier = match (&said.smtp, &said.folder) {
            (Some(_), Some(_)) => {
                let smtp = self.origins.place("mail.smtp");
                let message = "`smtp` and `folder` are both there: mails go to one of them";
                let finding = Finding::error(Code::Conflict, message)
                    .help(format!("keep one of them; `smtp` is at {smtp}"));
                self.find("mail.folder", finding);
                None
            }
            (None, None) => {
                self.mail_goes_nowhere();
                None
            }
            (None, Some(folder)) => self.mail_folder(folder),
            (Some(smtp), None) => self.smtp(said, smtp),
        };
        if !self.is_builtin() {
            let message = "only the built-in backend sends mails; your backend sends its own";
            let finding = Finding::warning(Code::Conflict, message).help("leave [mail] out");
            self.findings.push(finding.at(self.origins.key_place("mail")));
        }
        Some(MailPlan { from: from?, carrier: carrier?, timeout: said.timeout.0 })
    }

    fn mail_goes_nowhere(&mut self) {
        if self.origins.is_spoiled("mail") {
            return;
        }
        let finding = Finding::error(Code::MissingKey, "[mail] does not say where mails go")
            .help(format!("name a mail server, or a folder while you develop:\n[mail]\n{EXAMPLE}\n# or: folder = \"mail\""));
        self.findings.push(finding.at(self.origins.key_place("mail")));
    }

    fn mail_from(&mut self, said: &MailTable) -> Option<Mailbox> {
        let help = "write for example from = \"Acme <no-reply@example.com>\"";
        let Some(text) = &said.from else {
            if !self.origins.is_spoiled("mail.from") {
                let finding = Finding::error(Code::MissingKey, "[mail] needs `from`").help(help);
                self.findings.push(finding.at(self.origins.key_place("mail")));
            }
            return None;
        };
        let mailbox = text.parse::<Mailbox>().ok().filter(|_| !text.contains(char::is_control));
        if mailbox.is_none() {
            let message = "`from` is not an address that mails can come from";
            self.find("mail.from", Finding::error(Code::BadValue, message).help(help));
        }
        mailbox
    }

    fn mail_folder(&mut self, folder: &str) -> Option<MailCarrierPlan> {
        if folder.is_empty() {
            let finding = Finding::error(Code::BadValue, "the folder for mails needs a name")
                .help("write folder = \"mail\"");
            self.find("mail.folder", finding);
            return None;
        }
        let path = self.beside_the_file(folder);
        if path.is_file() {
            let message = format!("{} is a file, not a folder", path.display());
            let finding = Finding::error(Code::FileUnreadable, message)
                .help("name another one; paths are relative to the configuration file");
            self.find("mail.folder", finding);
            return None;
        }
        if !self.development {
            let message = "mails stay in a folder on this machine, so nobody gets one";
            let finding = Finding::warning(Code::Conflict, message)
                .help(format!("name a mail server instead: {EXAMPLE}"));
            self.find("mail.folder", finding);
        }
        Some(MailCarrierPlan::Folder(path))
    }

    fn smtp(&mut self, said: &MailTable, text: &str) -> Option<MailCarrierPlan> {
        let url = match parse_smtp(text) {
            Ok(url) => url,
            Err(finding) => {
                self.find("mail.smtp", *finding);
                return None;
            }
        };
        let tls = self.mail_tls(said, &url);
        let user = percent_encoding::percent_decode_str(url.username()).decode_utf8_lossy();
        let password = self.mail_password(said);
        let credentials = match (user.as_ref(), password) {
            ("", None) => None,
            ("", Some(_)) => {
                let finding =
                    Finding::error(Code::Conflict, "a password, and no user whose it would be")
                        .help(format!("put the user into the address: {EXAMPLE}"));
                self.find("mail.smtp", finding);
                return None;
            }
            (user, Some(password)) => Some((user.to_owned(), password)),
            (_, None) => {
                let keys = ["mail.password", "mail.password_file"];
                if !keys.iter().any(|key| self.origins.is_said(key)) {
                    let finding = Finding::error(Code::SecretMissing, "there is no password for the user in `smtp`")
                        .help("add password_file = \"mail.password\", or take the user out if the server asks nobody");
                    self.find("mail.smtp", finding);
                }
                return None;
            }
        };
        Some(MailCarrierPlan::Smtp(SmtpPlan {
            host: url.host_str().unwrap_or_default().trim_matches(['[', ']']).to_owned(),
            port: url.port(),
            credentials,
            tls: tls?,
        }))
    }

    fn mail_tls(&mut self, said: &MailTable, url: &Url) -> Option<MailTls> {
        let local = is_loopback_host(url);
        let implicit = url.scheme() == "smtps";
        let tls = match said.tls {
            None if implicit => MailTls::Implicit,
            None if local => MailTls::None,
            None => MailTls::StartTls,
            Some(MailTlsName::Implicit) => MailTls::Implicit,
            Some(MailTlsName::StartTls) if !implicit => MailTls::StartTls,
            Some(MailTlsName::None) if !implicit => MailTls::None,
            Some(_) => {
                let finding = Finding::error(
                    Code::Conflict,
                    "`smtps://` speaks TLS from the first byte on, and `tls` says something else",
                )
                .help("take `tls` out, or write smtp://");
                self.find("mail.tls", finding);
                return None;
            }
        };
        if tls == MailTls::None && !local {
            let message = "links that open accounts would travel in the clear";
            let finding = self.unsafe_here(Code::InsecureScheme, message).help("take `tls` out");
            self.find("mail.tls", finding);
        }
        Some(tls)
    }

    fn mail_password(&mut self, said: &MailTable) -> Option<Secret> {
        let (path, file_path) = ("mail.password", "mail.password_file");
        self.once("the password of [mail]", path, file_path)?;
        let password = match &said.password {
            Some(password) => Some(password.clone()),
            None => self.secret_file(file_path, said.password_file.as_deref()?),
        }?;
        if password.expose().is_empty() {
            let path = if said.password.is_some() { path } else { file_path };
            self.find(path, Finding::error(Code::SecretTooShort, "the password is empty"));
            return None;
        }
        Some(password)
    }
}

/// `url` knows addresses as hosts of schemes like http only.
fn is_loopback_host(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default();
    Url::parse(&format!("http://{host}")).is_ok_and(|url| is_loopback(&url))
}

fn parse_smtp(text: &str) -> Result<Url, Box<Finding>> {
    let bad =
        |message: &str, help: &str| Box::new(Finding::error(Code::BadValue, message).help(help));
    let url = match Url::parse(text) {
        Ok(url) if matches!(url.scheme(), "smtp" | "smtps") && url.has_host() => url,
        _ => {
            return Err(bad(
                "this is not the address of a mail server",
                &format!("write for example {EXAMPLE}"),
            ));
        }
    };
    if url.password().is_some() {
        return Err(bad(
            "the password does not belong into the address, which is shown and logged",
            "put it into a file, and say password_file = \"mail.password\"",
        ));
    }
    if !matches!(url.path(), "" | "/") || url.query().is_some() || url.fragment().is_some() {
        return Err(bad(
            "the address of a mail server ends with its port",
            &format!("write for example {EXAMPLE}"),
        ));
    }
    Ok(url)
}
