//! `vestibule dev`: the site, following its files, until it is told to stop.

use std::fmt::Write as _;
use std::io::{self, IsTerminal as _};
use std::process::ExitCode;

use vestibule::{
    Builder, Development, Error, Finding, LogFormat, LogSettings, Reload, Severity, report,
};

use super::serve::{raise_descriptors, stopped};
use super::{BUG, fail, logging, say};

/// Serves whatever the files say, and goes on where that is wrong: the pages and the terminal say what.
pub(crate) fn run(builder: &Builder) -> ExitCode {
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            say(&format!("error: the runtime cannot be started: {error}\n"));
            return ExitCode::from(BUG);
        }
    };
    match runtime.block_on(serve(builder)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => fail(&error),
    }
}

async fn serve(builder: &Builder) -> Result<(), Error> {
    let mut site = builder.develop().await?;
    let log = logging::start(&log_settings(&site));
    raise_descriptors();
    let mut teller = Teller::default();
    say(&introduction(&site));
    if let Some(first) = site.first() {
        teller.tell(&first);
    }
    site.run(stopped(), move |reload| teller.tell(reload)).await;
    drop(log);
    Ok(())
}

/// For eyes, unless the configuration asks for something else.
fn log_settings(site: &Development) -> LogSettings {
    let said =
        site.log().unwrap_or(LogSettings { level: "info".to_owned(), format: LogFormat::Auto });
    let format = match said.format {
        LogFormat::Auto => LogFormat::Pretty,
        said => said,
    };
    LogSettings { format, ..said }
}

/// Where to find what.
fn introduction(site: &Development) -> String {
    let links = site.links();
    let width = links.iter().map(|(name, _)| name.len()).max().unwrap_or_default();
    let mut text = format!("\nvestibule {} in development\n\n", env!("CARGO_PKG_VERSION"));
    for (name, link) in &links {
        let _ = writeln!(text, "  {name:width$}  {link}");
    }
    let port = |address: &str| address.rsplit(':').next().map(str::to_owned);
    let site_address = links.first().map(|(_, link)| link.trim_end_matches('/'));
    for address in site.listens_on() {
        if site_address.and_then(port) != port(&address) {
            let _ = writeln!(text, "  {:width$}  {address}", "listens on");
        }
    }
    text.push_str(
        "\nChanges of the theme and of the configuration show at once. Stop with Ctrl-C.\n\n",
    );
    text
}

/// Tells what comes of changes.
#[derive(Default)]
struct Teller {
    /// What was warned of last, which is not repeated with every change.
    warned: Vec<String>,
    /// What the checker found last.
    noted: Vec<String>,
    /// What was said about the last edit, while that is broken.
    said: Option<String>,
}

impl Teller {
    fn tell(&mut self, reload: &Reload) {
        match &reload.outcome {
            Ok(findings) if reload.checked => self.note(findings),
            Ok(warnings) => {
                let files: Vec<String> =
                    reload.files.iter().map(|file| file.display().to_string()).collect();
                if !files.is_empty() {
                    say(&format!("changed: {}\n", files.join(", ")));
                } else if self.said.is_some() {
                    say("mended: what is served is what the files say\n");
                }
                self.said = None;
                self.warn(warnings);
            }
            Err(error) => {
                let report = if error.is_invalid() {
                    report::human(error.findings(), io::stderr().is_terminal())
                } else {
                    format!("error: {error}\n")
                };
                // An edit that mends nothing of it needs no second report.
                if self.said.as_ref() == Some(&report) {
                    say("changed, and as before\n");
                } else {
                    say(&format!("{report}not served; it is read again at the next change\n\n"));
                }
                self.said = Some(report);
            }
        }
    }

    /// What was found before and is still there is not told again, wherever its line has gone.
    fn note(&mut self, findings: &[Finding]) {
        let key = |finding: &Finding| {
            let file = finding.place.as_ref().map(|place| place.file.as_str()).unwrap_or_default();
            format!("{} {file} {}", finding.code, finding.message)
        };
        let mut known = std::mem::replace(&mut self.noted, findings.iter().map(key).collect());
        let mut is_fresh = |finding: &&Finding| {
            let at = known.iter().position(|it| *it == key(finding));
            at.map(|at| known.swap_remove(at)).is_none()
        };
        let fresh: Vec<Finding> = findings.iter().filter(|it| is_fresh(it)).cloned().collect();
        if !fresh.is_empty() {
            say(&report::human(&fresh, io::stderr().is_terminal()));
        }
    }

    fn warn(&mut self, warnings: &[Finding]) {
        let key = |finding: &Finding| format!("{} {}", finding.code, finding.message);
        let fresh: Vec<Finding> =
            warnings.iter().filter(|it| !self.warned.contains(&key(it))).cloned().collect();
        if !fresh.is_empty() {
            say(&report::human(&fresh, io::stderr().is_terminal()));
        }
        let goes_on = |finding: &&Finding| finding.severity == Severity::Warning;
        self.warned = warnings.iter().filter(goes_on).map(key).collect();
    }
}
