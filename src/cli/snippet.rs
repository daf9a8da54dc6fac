//! `vestibule snippet`: the block for the proxy in front.

use std::process::ExitCode;

use clap::{Args, ValueEnum};
use vestibule::Builder;

use super::{fail, print, say};

#[derive(Args)]
pub(crate) struct Options {
    /// The proxy that asks vestibule who may pass
    #[arg(value_enum)]
    proxy: Proxy,
    /// Where the app is
    #[arg(long, value_name = "URL", default_value = "http://127.0.0.1:3000")]
    app: String,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Proxy {
    Nginx,
    Caddy,
    Traefik,
}

/// Prints the block, also for a proxy that the configuration does not name yet.
pub(crate) fn run(builder: &Builder, options: &Options) -> ExitCode {
    let name = match options.proxy {
        Proxy::Nginx => "nginx",
        Proxy::Caddy => "caddy",
        Proxy::Traefik => "traefik",
    };
    match builder.snippet(name, &options.app) {
        Ok(snippet) => {
            print(&snippet.text);
            if !snippet.is_on {
                say(&format!("vestibule: this needs [forward_auth] proxies = [\"{name}\"]\n"));
            }
            ExitCode::SUCCESS
        }
        Err(error) => fail(&error),
    }
}
