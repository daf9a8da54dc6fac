//! An app that speaks TLS, through the real binary: which authorities it trusts is the machine's business.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tempfile::TempDir;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

use crate::support::process::Process;
use crate::support::{eventually, free_port, http_client};

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/tls").join(name)
}

/// An app that shows this certificate of ours; it answers every head with it, and echoes after an upgrade.
async fn app(certificate: &str) -> u16 {
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let chain = CertificateDer::pem_file_iter(fixture(&format!("{certificate}.pem")));
    let chain = chain.unwrap().collect::<Result<Vec<_>, _>>().unwrap();
    let key = PrivateKeyDer::from_pem_file(fixture(&format!("{certificate}.key"))).unwrap();
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .unwrap();
    // An app that would rather speak HTTP/2 must not be let: an upgrade needs the other.
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let acceptor = acceptor.clone();
            tokio::spawn(async move {
                // Fails where the client does not trust it, which is what one test is about.
                let Ok(mut stream) = acceptor.accept(stream).await else { return };
                let mut head = Vec::new();
                while !head.ends_with(b"\r\n\r\n") {
                    let Ok(byte) = stream.read_u8().await else { return };
                    head.push(byte);
                }
                let upgrade = "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n";
                if head.starts_with(b"GET /open/ws ") {
                    stream.write_all(upgrade.as_bytes()).await.unwrap();
                    let mut ping = [0; 4];
                    stream.read_exact(&mut ping).await.unwrap();
                    stream.write_all(&ping).await.unwrap();
                } else {
                    let length = head.len();
                    let answer = format!(
                        "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n"
                    );
                    stream.write_all(answer.as_bytes()).await.unwrap();
                    stream.write_all(&head).await.unwrap();
                }
                let _ = stream.shutdown().await;
            });
        }
    });
    port
}

struct Served {
    _process: Process,
    port: u16,
    _folder: TempDir,
}

/// The binary in front of an app over https, on a machine that trusts this authority.
async fn served(app: u16, authority: &Path) -> Served {
    let (folder, port) = (tempfile::tempdir().unwrap(), free_port());
    let toml = format!(
        "[server]\nlisten = \"127.0.0.1:{port}\"\n[backend]\nurl = \"http://127.0.0.1:9\"\n\
         [token]\nsecret = \"token-key-0123456789-0123456789-0123456789\"\n[session]\nstore = \"memory\"\n\
         [access]\npublic = ['/open/.*']\n[[upstream]]\nurl = \"https://localhost:{app}\"\n"
    );
    fs::write(folder.path().join("auth.toml"), toml).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_vestibule"));
    command.arg("serve").current_dir(folder.path()).env_clear().env("SSL_CERT_FILE", authority);
    let served = Served { _process: Process::start(&mut command), port, _folder: folder };
    eventually("the server", async || served.get("/_vestibule/livez").await.ok()).await;
    served
}

impl Served {
    async fn get(&self, path: &str) -> reqwest::Result<reqwest::Response> {
        let url = format!("http://127.0.0.1:{}{path}", self.port);
        http_client().get(url).header("accept", "application/json").send().await
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_app_over_https_is_reached_and_its_websockets_are() {
    let served = served(app("localhost").await, &fixture("ca.pem")).await;
    let answer = served.get("/open/x").await.unwrap();
    assert_eq!(answer.status(), 200);
    let head = answer.text().await.unwrap();
    assert!(head.starts_with("GET /open/x HTTP/1.1\r\n"), "{head}");

    let mut stream = TcpStream::connect(("127.0.0.1", served.port)).await.unwrap();
    let asked = "GET /open/ws HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n";
    stream.write_all(asked.as_bytes()).await.unwrap();
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await.unwrap());
    }
    assert!(head.starts_with(b"HTTP/1.1 101"), "{}", String::from_utf8_lossy(&head));
    stream.write_all(b"ping").await.unwrap();
    let mut echoed = [0; 4];
    stream.read_exact(&mut echoed).await.unwrap();
    assert_eq!(&echoed, b"ping");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_app_whose_certificate_is_not_to_be_trusted_gets_no_request() {
    // Another's name, out of date, and an authority that the machine does not know.
    let stranger = fixture("other.pem");
    for (certificate, authority) in
        [("other", fixture("ca.pem")), ("expired", fixture("ca.pem")), ("localhost", stranger)]
    {
        let served = served(app(certificate).await, &authority).await;
        let answer = served.get("/open/x").await.unwrap();
        assert_eq!(answer.status(), 503, "{certificate}");
        let problem = answer.text().await.unwrap();
        assert!(problem.contains("upstream.unreachable"), "{certificate}: {problem}");
    }
}
