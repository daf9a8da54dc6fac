//! Mails, to a mail server that does as it is told, and into a folder.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Mutex;

use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

use super::*;
use crate::config::plan::{MailCarrierPlan, MailTls, SmtpPlan};
use crate::secret::Secret;
use crate::theme::Theme;

const LINK: &str =
    "https://example.com/reset-password?token=0123456789abcdefghijklmnopqrstuvwxyz-_ABCDE";

/// A mail server in this process. Each transaction takes the next answer to `RCPT TO`; the last one stays.
struct Server {
    port: u16,
    /// Every line that came.
    heard: Arc<Mutex<Vec<String>>>,
    mails: UnboundedReceiver<String>,
}

impl Server {
    async fn start(offers: &'static str, answers: &'static [&'static str]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let (heard, (taken, mails)) = (Arc::new(Mutex::new(Vec::new())), unbounded_channel());
        let log = Arc::clone(&heard);
        tokio::spawn(async move {
            let mut turns = 0;
            while let Ok((stream, _)) = listener.accept().await {
                let answer = answers[turns.min(answers.len() - 1)];
                turns += 1;
                if let Some(mail) = converse(stream, offers, answer, &log).await {
                    let _ = taken.send(mail);
                }
            }
        });
        Self { port, heard, mails }
    }

    fn plan(&self, tls: MailTls, credentials: Option<(String, Secret)>) -> MailCarrierPlan {
        let (host, port) = ("127.0.0.1".to_owned(), Some(self.port));
        MailCarrierPlan::Smtp(SmtpPlan { host, port, credentials, tls })
    }

    fn heard(&self, start: &str) -> usize {
        self.heard.lock().unwrap().iter().filter(|line| line.starts_with(start)).count()
    }
}

async fn converse(
    stream: TcpStream,
    offers: &str,
    answer: &str,
    log: &Mutex<Vec<String>>,
) -> Option<String> {
    let (reader, mut writer) = stream.into_split();
    let mut lines = BufReader::new(reader).lines();
    writer.write_all(b"220 test\r\n").await.ok()?;
    let mut mail: Option<String> = None;
    let mut whole = None;
    while let Ok(Some(line)) = lines.next_line().await {
        if let Some(text) = &mut mail {
            if line == "." {
                whole = mail.take();
                writer.write_all(b"250 taken\r\n").await.ok()?;
            } else {
                text.push_str(line.strip_prefix('.').unwrap_or(&line));
                text.push('\n');
            }
            continue;
        }
        log.lock().unwrap().push(line.clone());
        let reply = match line.split([' ', ':']).next().unwrap_or_default() {
            "EHLO" => format!("250-test\r\n250-8BITMIME\r\n250 {offers}"),
            "RCPT" => answer.to_owned(),
            "AUTH" => "235 welcome".to_owned(),
            "DATA" => {
                mail = Some(String::new());
                "354 go on".to_owned()
            }
            "QUIT" => "221 bye".to_owned(),
            _ => "250 ok".to_owned(),
        };
        writer.write_all(format!("{reply}\r\n").as_bytes()).await.ok()?;
    }
    whole
}

fn mailer(carrier: MailCarrierPlan) -> Mailer {
    let plan = MailPlan {
        from: "Acme <no-reply@example.com>".parse().unwrap(),
        carrier,
        timeout: Duration::from_secs(5),
    };
    let site = crate::theme::tests::site();
    let theme = Theme::load(Path::new("/nowhere"), "daisy", &BTreeMap::new(), site);
    let letters = theme.unwrap_or_else(|findings| panic!("{findings:?}")).letters();
    let opened = Mailer::open(plan, letters, "example.com", Clock::manual(1_800_000_000));
    let Ok(inner) = Arc::try_unwrap(opened.unwrap().0) else { panic!("somebody has a copy") };
    let pauses = vec![Duration::ZERO, Duration::from_millis(1), Duration::from_millis(1)];
    Mailer(Arc::new(Inner { pauses, ..inner }))
}

fn values() -> LetterValues {
    LetterValues {
        name: "Alice".to_owned(),
        link: LINK.to_owned(),
        lifetime_s: 1800,
        language: String::new(),
    }
}

/// The text of a quoted-printable body, as far as soft line breaks and equals signs go.
fn unquoted(text: &str) -> String {
    text.replace("=\n", "").replace("=3D", "=")
}

#[tokio::test]
async fn a_mail_server_gets_the_mail_in_two_parts() {
    let mut server = Server::start("HELP", &["250 ok"]).await;
    let mailer = mailer(server.plan(MailTls::None, None));
    mailer.send(LetterKind::Reset, "alice@example.org", values());
    let mail = unquoted(&server.mails.recv().await.unwrap());
    for line in [
        "From: Acme <no-reply@example.com>",
        "To: alice@example.org",
        "Subject: Set a new password for Acme",
        "Auto-Submitted: auto-generated",
        "Date: Fri, 15 Jan 2027 08:00:00 +0000",
    ] {
        assert!(mail.lines().any(|it| it == line), "{line}: {mail}");
    }
    assert!(mail.contains("multipart/alternative") && mail.contains("text/html"), "{mail}");
    // In the text, behind the button, and beneath it where it is written out as well.
    assert_eq!(mail.matches(LINK).count(), 4, "{mail}");
    assert_eq!(server.heard("MAIL FROM:<no-reply@example.com>"), 1);
    assert_eq!(server.heard("RCPT TO:<alice@example.org>"), 1);
    assert_eq!((server.heard("EHLO example.com"), server.heard("AUTH")), (1, 0));
}

#[tokio::test]
async fn a_server_that_asks_to_come_back_later_is_asked_again() {
    let mut server = Server::start("HELP", &["451 later", "421 busy", "250 ok"]).await;
    let mailer = mailer(server.plan(MailTls::None, None));
    mailer.send(LetterKind::Verify, "alice@example.org", values());
    assert!(server.mails.recv().await.unwrap().contains("Subject: Confirm your email address"));
    assert_eq!(server.heard("RCPT"), 3);
}

#[tokio::test]
async fn what_is_refused_for_good_is_not_tried_again() {
    let server = Server::start("HELP", &["550 nobody here"]).await;
    let mailer = mailer(server.plan(MailTls::None, None));
    mailer.0.deliver(LetterKind::Reset, "alice@example.org", &values()).await;
    assert_eq!(server.heard("RCPT"), 1);
}

#[tokio::test]
async fn a_user_of_the_mail_server_is_named_with_the_password() {
    let mut server = Server::start("AUTH PLAIN", &["250 ok"]).await;
    let credentials = Some(("user".to_owned(), Secret::new("hunter2")));
    let mailer = mailer(server.plan(MailTls::None, credentials));
    mailer.send(LetterKind::Reset, "alice@example.org", values());
    server.mails.recv().await.unwrap();
    // RFC 4616: NUL user NUL password.
    assert_eq!(server.heard("AUTH PLAIN AHVzZXIAaHVudGVyMg=="), 1);
}

#[tokio::test]
async fn without_the_tls_that_was_asked_for_nothing_is_said() {
    let server = Server::start("AUTH PLAIN", &["250 ok"]).await;
    let credentials = Some(("user".to_owned(), Secret::new("hunter2")));
    let mailer = mailer(server.plan(MailTls::StartTls, credentials));
    mailer.0.deliver(LetterKind::Reset, "alice@example.org", &values()).await;
    assert!(server.heard("EHLO") > 0);
    assert_eq!((server.heard("AUTH"), server.heard("MAIL")), (0, 0));
}

#[tokio::test]
async fn in_a_folder_each_mail_is_a_file_for_its_owner_only() {
    let folder = tempfile::tempdir().unwrap();
    let mails = folder.path().join("new/mail");
    let mailer = mailer(MailCarrierPlan::Folder(mails.clone()));
    for kind in LetterKind::ALL {
        mailer.0.deliver(kind, "alice@example.org", &values()).await;
    }
    let mut files: Vec<_> =
        std::fs::read_dir(&mails).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    let names: Vec<_> =
        files.iter().map(|file| file.file_name().unwrap().to_str().unwrap()).collect();
    assert_eq!(names.len(), 2);
    assert!(
        names[0].starts_with("00000-reset-") && names[1].starts_with("00001-verify-"),
        "{names:?}"
    );
    for file in &files {
        assert!(
            unquoted(&std::fs::read_to_string(file).unwrap().replace("\r\n", "\n")).contains(LINK)
        );
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            assert_eq!(std::fs::metadata(file).unwrap().permissions().mode() & 0o777, 0o600);
        }
    }
}

#[test]
fn a_server_that_quotes_the_link_is_not_quoted() {
    let harmless = "permanent error (550): no such user";
    assert_eq!(without_link(harmless, LINK), harmless);
    for quoted in [
        format!("550 spam: {LINK}"),
        "550 …token=0123456789abc…".to_owned(),
        "550 …klmnopqrs…".to_owned(),
    ] {
        let told = without_link(&quoted, LINK);
        assert!(!told.contains("0123456789") && !told.contains("klmnop"), "{told}");
    }
}

#[tokio::test]
async fn an_address_may_have_umlauts_and_never_a_header_of_its_own() {
    let folder = tempfile::tempdir().unwrap();
    let mailer = mailer(MailCarrierPlan::Folder(folder.path().to_owned()));
    let message = |to: &str| mailer.0.message(LetterKind::Reset, to, &values());
    for good in ["alice.o'hara+tag@mail.example.co.uk", "jürgen@bücher.example"] {
        assert!(message(good).is_ok(), "{good}: {:?}", message(good).err());
    }
    for bad in ["a@b.example\r\nBcc: eve@b.example", "a@b.example, eve@b.example", "<a@b.example>"]
    {
        assert!(message(bad).is_err(), "{bad}");
    }
}
