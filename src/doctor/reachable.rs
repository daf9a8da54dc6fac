//! Is there a backend at all? Each way of not being there has its own words and cure.

use std::fs;

use http::Method;
use url::Host;

use super::{Check, Doctor, discovery};
use crate::backend::fault::Fault;

impl Doctor {
    pub(super) async fn reachable(&mut self) -> bool {
        let Some(http) = &self.http else {
            self.note(Check::ok("reachable", "the built-in backend answers in this process"));
            self.note(Check::ok("clock", "one process, one clock"));
            return true;
        };
        let name = self.backend_name();
        match http.carrier.reach().await {
            // Servers that speak TLS say in plain words that they do, and 400.
            Ok(answer) if answer.status.as_u16() == 400 && self.wants_tls().await => {
                let check = trouble(Fault::NotHttp, &name, &http.url, false);
                self.note(check);
                false
            }
            Ok(answer) => {
                let check = Check::ok("reachable", format!("{name} answers"));
                self.note(check);
                self.clock_skew(&answer.headers);
                true
            }
            Err(fault) => {
                let local = is_local(http.url.host().as_ref());
                let check = trouble(fault, &name, &http.url, local && in_container());
                self.note(check);
                false
            }
        }
    }
}

impl Doctor {
    async fn wants_tls(&self) -> bool {
        let answer = discovery::ask(self.backend.as_ref(), Method::GET, "/").await;
        answer.is_some_and(|answer| {
            let words = String::from_utf8_lossy(&answer.body).to_ascii_lowercase();
            words.contains("http request") && words.contains("https")
        })
    }
}

fn trouble(fault: Fault, name: &str, url: &url::Url, from_container: bool) -> Check {
    let host = url.host_str().unwrap_or_default();
    let port = url.port_or_known_default().unwrap_or_default();
    let other = |scheme: &str| {
        let path = url.path().trim_end_matches('/');
        let port = url.port().map(|port| format!(":{port}")).unwrap_or_default();
        format!("[backend]\nurl = \"{scheme}://{host}{port}{path}\"")
    };
    let error = |title: String| Check::error("reachable", title);
    match fault {
        Fault::Refused if from_container => {
            error(format!("nothing listens on {name} (connection refused)"))
                .because(format!("This is a container, and {host} is the container itself. A backend outside of it has another name here: the name of its service, or host.docker.internal for the machine around it."))
                .paste(format!("[backend]\nurl = \"http://host.docker.internal:{port}\""))
                .backend("let the backend listen on 0.0.0.0, not only on 127.0.0.1")
        }
        Fault::Refused => error(format!("nothing listens on {name} (connection refused)"))
            .because("The machine answers, but no program has this port open.")
            .paste("[backend]\nurl = \"…\"   # if the backend is somewhere else")
            .backend(format!("start the backend, and look whether it says port {port}")),
        Fault::UnknownHost => error(format!("no address is known for the host {host}"))
            .because("The name does not resolve (DNS). Names of services are known only within their own network, for example that of a compose file.")
            .paste("[backend]\nurl = \"…\"   # a name that this machine knows")
            .backend(format!("`getent hosts {host}` on this machine must print an address")),
        Fault::NoRoute => error(format!("there is no way to {name}"))
            .because("The network or the host cannot be reached from this machine.")
            .backend("check the address, the network and the firewall between the two"),
        Fault::ConnectTimeOut => error(format!("{name} does not take the connection (timed out)"))
            .because("A firewall drops packets without a word, and so does a wrong address.")
            .backend(format!("let this machine reach port {port} of {host}")),
        Fault::TimeOut => error(format!("{name} takes the connection and does not answer in time"))
            .because("The program is there, but busy, stuck or waiting for something else.")
            .paste("[backend]\ntimeout = \"15s\"   # if it may be that slow")
            .backend("look into the backend's log for what it waits for"),
        Fault::NotTls => error(format!("{name} does not speak TLS"))
            .because("`url` says https, and what came back is not TLS; most likely it is plain http.")
            .paste(other("http"))
            .backend("or give the backend a certificate"),
        Fault::UnknownIssuer => error(format!("the certificate of {name} is signed by nobody this machine trusts"))
            .because("It is self-signed, or its authority is missing among the system's certificates.")
            .backend("add the authority's certificate to this machine (update-ca-certificates), or name it: SSL_CERT_FILE=/path/ca.pem"),
        Fault::WrongName => error(format!("the certificate of {name} is for another name than {host}"))
            .because("TLS takes only a certificate that names the host.")
            .paste("[backend]\nurl = \"https://…\"   # the name in the certificate")
            .backend(format!("or get a certificate for {host}")),
        Fault::Expired => error(format!("the certificate of {name} is not valid today"))
            .because("Its time is over, or has not come yet.")
            .backend("renew the certificate; if it is new, correct this machine's clock"),
        Fault::Tls => error(format!("no TLS connection to {name} comes about"))
            .because("The two sides agree on no version of TLS, or the certificate is malformed.")
            .backend(format!("`openssl s_client -connect {host}:{port}` says more")),
        Fault::NotHttp => error(format!("{name} answers, but not in HTTP"))
            .because(format!("Port {port} belongs to another program (a database, for example), or it speaks TLS."))
            .paste(other("https"))
            .backend("if that is no https port, find the one that the backend listens on"),
        Fault::Broken => error(format!("{name} takes the connection and closes it without an answer"))
            .because("The program may be crashing, or the port belongs to something that speaks TLS or another protocol.")
            .backend("look into the backend's log"),
    }
}

fn is_local(host: Option<&Host<&str>>) -> bool {
    match host {
        Some(Host::Domain(name)) => *name == "localhost" || name.ends_with(".localhost"),
        Some(Host::Ipv4(ip)) => ip.is_loopback(),
        Some(Host::Ipv6(ip)) => ip.is_loopback(),
        None => false,
    }
}

fn in_container() -> bool {
    let marked = ["/.dockerenv", "/run/.containerenv"];
    let groups = fs::read_to_string("/proc/1/cgroup").unwrap_or_default();
    let named = ["docker", "kubepods", "containerd", "lxc"];
    marked.iter().any(|file| fs::metadata(file).is_ok())
        || named.iter().any(|name| groups.contains(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn in_a_container_the_loopback_is_the_container() {
        let url = url::Url::parse("http://127.0.0.1:8000").unwrap();
        let check = trouble(Fault::Refused, "http://127.0.0.1:8000", &url, true);
        assert!(check.detail.contains("container"), "{check:?}");
        let lines = check.fix.unwrap().auth_toml.unwrap();
        assert!(lines.contains("http://host.docker.internal:8000"), "{lines}");
    }
}
