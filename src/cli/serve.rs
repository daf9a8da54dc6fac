//! `vestibule serve`: the site, until it is told to stop.

use std::io::{self, IsTerminal as _};
use std::process::ExitCode;

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use tokio::signal::unix::{SignalKind, signal};
use tracing::{info, warn};
use vestibule::{Builder, Error, Finding, Vestibule, report};

use super::{BUG, fail, logging, say};

/// Refuses to start where anything is wrong. Otherwise serves until SIGTERM or SIGINT; a second
/// one does not wait for requests that are under way.
pub(crate) fn run(builder: &Builder) -> ExitCode {
    let site = match builder.build() {
        Ok(site) => site,
        Err(error) => return fail(&error),
    };
    let log = logging::start(site.log());
    raise_descriptors();
    let code = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => match runtime.block_on(serve(site)) {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => fail(&error),
        },
        Err(error) => {
            say(&format!("error: the runtime cannot be started: {error}\n"));
            ExitCode::from(BUG)
        }
    };
    drop(log);
    code
}

/// Takes as many file descriptors as the system allows: every client needs one, and the low limit that
/// programs start with is for the sake of those that use `select`.
pub(super) fn raise_descriptors() {
    let limit = getrlimit(Resource::Nofile);
    if let Err(error) = setrlimit(Resource::Nofile, Rlimit { current: limit.maximum, ..limit }) {
        warn!(%error, "the limit of file descriptors could not be raised; `ulimit -n` can");
    }
}

async fn serve(site: Vestibule) -> Result<(), Error> {
    let warnings = site.warnings().to_vec();
    let public_url = site.public_url().trim_end_matches('/').to_owned();
    let development = site.is_development();
    let server = site.listen().await?;
    tell(&warnings);
    for address in server.listens_on() {
        info!(address, public_url, development, version = env!("CARGO_PKG_VERSION"), "serving");
    }
    server.run(stopped()).await;
    info!("stopped");
    Ok(())
}

fn tell(warnings: &[Finding]) {
    if io::stderr().is_terminal() && !warnings.is_empty() {
        say(&report::human(warnings, true));
        return;
    }
    for finding in warnings {
        let place = finding.place.as_ref().map(ToString::to_string);
        warn!(code = finding.code.id(), place, help = finding.help, "{}", finding.message);
    }
}

/// The first signal ends the wait; a task stays behind for the second.
#[expect(clippy::exit, reason = "a second signal asks for just that")]
pub(super) async fn stopped() {
    let (Ok(mut terminate), Ok(mut interrupt)) =
        (signal(SignalKind::terminate()), signal(SignalKind::interrupt()))
    else {
        warn!("signals cannot be received; stop the process by force");
        return std::future::pending().await;
    };
    let first = tokio::select! {
        _ = terminate.recv() => "SIGTERM",
        _ = interrupt.recv() => "SIGINT",
    };
    info!(signal = first, "stopping; a second signal stops at once");
    tokio::spawn(async move {
        let code = tokio::select! {
            _ = terminate.recv() => 143,
            _ = interrupt.recv() => 130,
        };
        std::process::exit(code);
    });
}
