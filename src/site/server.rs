//! Open listeners, and a site that answers on them until it is told to stop.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio_rustls::TlsAcceptor;

use super::socket::SocketFile;
use super::tls::Certificates;
use super::{Foundation, Site};
use crate::clock::Clock;
use crate::config::plan::{ListenPlan, ServerPlan};
use crate::error::Error;
use crate::web::entrance::Entrance;
use crate::web::listener::{self, Listener};

/// Listeners that are open, for a site that is ready to answer on them.
pub struct Server {
    entrance: Arc<Entrance>,
    plan: Arc<ServerPlan>,
    foundation: Foundation,
    listeners: Vec<Listener>,
    files: Vec<SocketFile>,
    tls: Option<(Certificates, TlsAcceptor)>,
}

impl Server {
    /// Opens every listener of `[server] listen`.
    pub(crate) async fn bind(site: Site) -> Result<Self, Error> {
        // Here and not where the site is built: there is a log by now, and nobody wants it after every edit.
        site.door.tell_untranslated();
        let entrance = Arc::new(Entrance::to(site.door));
        Self::open(entrance, site.server, site.foundation, &site.clock).await
    }

    /// Opens the listeners for whatever site the entrance will lead to.
    pub(crate) async fn open(
        entrance: Arc<Entrance>,
        plan: Arc<ServerPlan>,
        foundation: Foundation,
        clock: &Clock,
    ) -> Result<Self, Error> {
        let tls = match &plan.tls {
            Some(plan) => {
                let certificates = Certificates::new(plan, clock.clone());
                let acceptor = certificates.acceptor().map_err(Error::internal)?;
                Some((certificates, acceptor))
            }
            None => None,
        };
        let (mut listeners, mut files) = (Vec::new(), Vec::new());
        for listen in &plan.listen {
            match listen {
                ListenPlan::Tcp(address) => {
                    let opened = TcpListener::bind(address).await;
                    listeners.push(Listener::Tcp(opened.map_err(|source| {
                        Error::unavailable(format!(
                            "cannot listen on {address}: {source}; stop what has port {}, or choose another with `--listen` or [server] listen",
                            address.port()
                        ))
                    })?));
                }
                ListenPlan::Unix(path) => {
                    let (listener, file) = SocketFile::bind(path).await.map_err(|source| {
                        let path = path.display();
                        Error::unavailable(format!("cannot listen on unix:{path}: {source}"))
                    })?;
                    listeners.push(Listener::Unix(listener));
                    files.push(file);
                }
            }
        }
        Ok(Self { entrance, plan, foundation, listeners, files, tls })
    }

    /// The addresses that are really listened on, with the port that was taken for port 0. Socket
    /// files are not among them.
    pub fn addresses(&self) -> Vec<SocketAddr> {
        self.listeners.iter().filter_map(Listener::address).collect()
    }

    /// Everything that is listened on, in the words of `[server] listen`.
    pub fn listens_on(&self) -> Vec<String> {
        let addresses = self.addresses().into_iter().map(|address| address.to_string());
        let files = self.files.iter().map(|file| format!("unix:{}", file.path().display()));
        addresses.chain(files).collect()
    }

    /// Serves until `stop` is done, then finishes as `[server] drain_delay` and `shutdown_grace` say.
    pub async fn run(self, stop: impl Future<Output = ()>) {
        let Self { entrance, plan, foundation, listeners, files, tls } = self;
        let (close, closed) = watch::channel(false);
        let grace = plan.shutdown_grace;
        let (certificates, acceptor) = tls.unzip();
        let tasks: Vec<_> = listeners
            .into_iter()
            .map(|listener| {
                let tls = acceptor.clone().filter(|_| listener.address().is_some());
                let entrance = Arc::clone(&entrance);
                tokio::spawn(listener::serve(listener, tls, entrance, closed.clone(), grace))
            })
            .collect();
        let watching = certificates.map(|certificates| tokio::spawn(certificates.watch()));
        stop.await;
        foundation.readiness.drain();
        if plan.drain_delay > Duration::ZERO {
            tokio::time::sleep(plan.drain_delay).await;
        }
        // Only fails when nobody listens any more, which is what it is for.
        let _ = close.send(true);
        foundation.leases.shut_down();
        for task in tasks {
            let _ = task.await;
        }
        if let Some(watching) = watching {
            watching.abort();
        }
        drop(files);
    }
}
