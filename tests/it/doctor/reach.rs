//! The backend is not there, and each way of not being there has its own words.

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::Arc;
use std::thread;

use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use serde_json::Value;

use crate::support::free_port;
use crate::support::scripted::{Reply, Scripted, TOKEN_SECRET};
use vestibule::Clock;

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/tls").join(name)
}

/// `vestibule doctor --format json` on a backend at this address.
fn doctor(url: &str, environment: &[(&str, &str)]) -> (i32, Value) {
    let folder = tempfile::tempdir().unwrap();
    let toml = format!(
        "[server]\npublic_url = \"http://localhost:9\"\n[backend]\nurl = \"{url}\"\ntimeout = \"2s\"\n\
         [token]\nsecret = \"{TOKEN_SECRET}\"\n"
    );
    fs::write(folder.path().join("auth.toml"), toml).unwrap();
    let output: Output = Command::new(env!("CARGO_BIN_EXE_vestibule"))
        .args(["doctor", "--format", "json"])
        .current_dir(folder.path())
        .env_clear()
        .envs(environment.iter().copied())
        .output()
        .unwrap();
    let report = String::from_utf8(output.stdout).unwrap();
    assert!(!report.contains(TOKEN_SECRET));
    (output.status.code().unwrap(), serde_json::from_str(&report).unwrap())
}

#[track_caller]
fn unreachable(url: &str, environment: &[(&str, &str)], words: &[&str]) {
    let (code, report) = doctor(url, environment);
    assert_eq!((code, &report["ok"]), (69, &Value::Bool(false)), "{report:#}");
    let check = &report["checks"][0];
    assert_eq!((&check["id"], &check["status"]), (&"reachable".into(), &"error".into()));
    for word in words {
        assert!(check.to_string().contains(word), "{word} is missing: {check:#}");
    }
    assert_eq!(report["checks"][1]["status"], "skipped");
}

#[test]
fn a_refused_connection_is_called_one() {
    unreachable(&format!("http://127.0.0.1:{}", free_port()), &[], &["connection refused"]);
}

#[test]
fn a_name_without_an_address_is_called_one() {
    unreachable(
        "http://nonesuch.invalid:8000",
        &[],
        &["no address is known for the host nonesuch.invalid"],
    );
}

#[test]
fn a_backend_that_never_answers_is_called_slow() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    unreachable(&url, &[], &["does not answer in time", "timeout ="]);
}

#[test]
fn the_port_of_another_protocol_is_called_one() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let _ = stream.write_all(b"SSH-2.0-OpenSSH_9.2\r\n");
            let _ = stream.read(&mut [0; 1024]);
        }
    });
    unreachable(&url, &[], &["not in HTTP", "another program"]);
}

#[test]
fn http_where_tls_is_spoken_is_called_so() {
    let backend = Scripted::start(&Clock::system());
    backend.script("", Reply::Text(400, "Client sent an HTTP request to an HTTPS server.\n"));
    let tls = format!("url = \\\"{}\\\"", backend.url().replace("http://", "https://"));
    unreachable(&backend.url(), &[], &["not in HTTP", &tls]);
}

#[test]
fn https_where_http_is_spoken_is_called_so() {
    let backend = Scripted::start(&Clock::system());
    let url = backend.url().replace("http://", "https://");
    let plain = format!("url = \\\"{}\\\"", backend.url());
    unreachable(&url, &[], &["does not speak TLS", &plain]);

    // Most servers answer the handshake with a sentence.
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("https://{}", listener.local_addr().unwrap());
    thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let _ = stream.read(&mut [0; 4096]);
            let _ = stream.write_all(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n");
        }
    });
    unreachable(&url, &[], &["does not speak TLS"]);
}

/// Speaks TLS with a certificate of ours, and never gets further than that.
fn tls_server(certificate: &str) -> u16 {
    let chain =
        vec![CertificateDer::from_pem_file(fixture(&format!("{certificate}.pem"))).unwrap()];
    let key = PrivateKeyDer::from_pem_file(fixture(&format!("{certificate}.key"))).unwrap();
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .unwrap();
    let config = Arc::new(config);
    // `localhost` may be either; a listener on one family makes the client take the other first.
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut tls = rustls::ServerConnection::new(Arc::clone(&config)).unwrap();
            while tls.is_handshaking() && tls.complete_io(&mut stream).is_ok() {}
        }
    });
    port
}

#[test]
fn every_trouble_with_a_certificate_has_its_own_words() {
    let authority = fixture("ca.pem");
    let trusted = [("SSL_CERT_FILE", authority.to_str().unwrap())];
    let url = |certificate: &str| format!("https://localhost:{}", tls_server(certificate));
    unreachable(&url("localhost"), &[], &["signed by nobody this machine trusts", "SSL_CERT_FILE"]);
    unreachable(&url("other"), &trusted, &["for another name than localhost"]);
    unreachable(&url("expired"), &trusted, &["not valid today"]);
}
