//! TLS spoken by vestibule itself: with real clients, and with a certificate that changes under way.

use std::fs;
use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use reqwest::{Certificate, Client, Version};
use tempfile::TempDir;
use vestibule::{Finding, Vestibule};

use crate::support::process::Process;
use crate::support::{eventually, free_port};

const REST: &str = "[backend]\nurl = \"http://127.0.0.1:9\"\n\
    [token]\nsecret = \"token-key-0123456789-0123456789-0123456789\"\n";

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/tls").join(name)
}

/// Puts the pair of a certificate of ours where the configuration looks for it.
fn put(folder: &TempDir, certificate: &str) {
    for (extension, name) in [("key", "key.pem"), ("pem", "chain.pem")] {
        // As renewals do it: the new file takes the place of the old one in one step.
        let fresh = folder.path().join("fresh");
        fs::copy(fixture(&format!("{certificate}.{extension}")), &fresh).unwrap();
        fs::rename(fresh, folder.path().join(name)).unwrap();
    }
}

fn toml(address: SocketAddr) -> String {
    format!(
        "[server]\nlisten = \"{address}\"\ntls = {{ cert_file = \"chain.pem\", key_file = \"key.pem\" }}\n{REST}"
    )
}

struct Served {
    process: Process,
    address: SocketAddr,
    folder: TempDir,
}

async fn served() -> Served {
    let folder = tempfile::tempdir().unwrap();
    let address = SocketAddr::from(([127, 0, 0, 1], free_port()));
    put(&folder, "localhost");
    fs::write(folder.path().join("auth.toml"), toml(address)).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_vestibule"));
    let process = Process::start(command.arg("serve").current_dir(folder.path()).env_clear());
    let served = Served { process, address, folder };
    eventually("the server", async || served.get("localhost", "livez").await.ok()).await;
    served
}

impl Served {
    /// A client that trusts our authority and nobody else, and finds any name here.
    fn client(&self, host: &str) -> reqwest::ClientBuilder {
        let authority = Certificate::from_pem(&fs::read(fixture("ca.pem")).unwrap()).unwrap();
        Client::builder()
            .no_proxy()
            .tls_certs_only([authority])
            .resolve(host, self.address)
            .pool_max_idle_per_host(0)
            .redirect(reqwest::redirect::Policy::none())
            .timeout(Duration::from_secs(20))
    }

    async fn says(&self, words: &str) {
        eventually(words, async || self.process.said().contains(words).then_some(())).await;
    }

    async fn get(&self, host: &str, probe: &str) -> reqwest::Result<reqwest::Response> {
        let url = format!("https://{host}:{}/_vestibule/{probe}", self.address.port());
        self.client(host).build().unwrap().get(url).send().await
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn tls_speaks_both_versions_of_http() {
    let served = served().await;
    let answer = served.get("localhost", "livez").await.unwrap();
    assert_eq!((answer.status().as_u16(), answer.version()), (200, Version::HTTP_2));
    let old = served.client("localhost").http1_only().build().unwrap();
    let url = format!("https://localhost:{}/login", served.address.port());
    let answer = old.get(url).send().await.unwrap();
    assert_eq!((answer.status().as_u16(), answer.version()), (200, Version::HTTP_11));
    // Without `public_url` it follows from TLS that browsers come by https.
    assert!(answer.headers().contains_key("strict-transport-security"));
    // Who is not trusted to be localhost is not believed.
    assert!(served.get("other.example", "livez").await.is_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_certificate_is_taken_while_running_and_a_broken_one_is_not() {
    let served = served().await;
    fs::write(served.folder.path().join("chain.pem"), "half a certif").unwrap();
    served.says("the one before it stays").await;
    assert_eq!(served.get("localhost", "livez").await.unwrap().status(), 200);

    put(&served.folder, "other");
    eventually("the new certificate", async || served.get("other.example", "livez").await.ok())
        .await;
    assert!(served.get("localhost", "livez").await.is_err(), "the old one is still in use");
    served.says("a new certificate is in use").await;

    put(&served.folder, "expired");
    served.says("has expired").await;
    assert_eq!(served.get("other.example", "livez").await.unwrap().status(), 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_never_finishes_its_handshake_is_cut_off() {
    use std::io::{Read as _, Write as _};

    let served = served().await;
    let address = served.address;
    // Nothing at all, and the beginning of a handshake.
    let stalled: Vec<_> = [&b""[..], &[0x16, 0x03, 0x01]]
        .into_iter()
        .map(|start| {
            std::thread::spawn(move || {
                let mut stream = TcpStream::connect(address).unwrap();
                stream.write_all(start).unwrap();
                stream.set_read_timeout(Some(Duration::from_secs(40))).unwrap();
                stream.read_to_end(&mut Vec::new()).map_err(|error| error.kind())
            })
        })
        .collect();
    for client in stalled {
        let ended = client.join().unwrap();
        let closed = ended.is_ok() || ended == Err(std::io::ErrorKind::ConnectionReset);
        assert!(closed, "still connected: {ended:?}");
    }
    assert_eq!(served.get("localhost", "livez").await.unwrap().status(), 200);
}

/// What is said of the pair in the folder.
fn findings(folder: &TempDir, more: &str) -> Vec<Finding> {
    let text = toml(SocketAddr::from(([127, 0, 0, 1], 5001)))
        .replace("[backend]", &format!("{more}[backend]"));
    let builder = Vestibule::builder().toml(text, folder.path());
    builder.check().unwrap_or_else(|error| error.findings().to_vec())
}

#[track_caller]
fn found(folder: &TempDir, more: &str, code: &str, words: &str) {
    let all = findings(folder, more);
    let found = all.iter().any(|it| it.code.id() == code && it.message.contains(words));
    assert!(found, "{words}: {all:#?}");
}

#[test]
fn files_that_cannot_be_used_are_found_before_the_start() {
    let folder = tempfile::tempdir().unwrap();
    found(&folder, "", "V1801", "chain.pem cannot be read");
    put(&folder, "expired");
    found(&folder, "", "V1801", "has expired");
    put(&folder, "localhost");
    fs::copy(fixture("other.key"), folder.path().join("key.pem")).unwrap();
    found(&folder, "", "V1801", "not that of the certificate");
    fs::write(folder.path().join("key.pem"), "").unwrap();
    found(&folder, "", "V1801", "holds no private key");
    fs::write(folder.path().join("chain.pem"), "").unwrap();
    found(&folder, "", "V1801", "holds no certificate");
    put(&folder, "other");
    found(&folder, "", "V1801", "not made out to localhost");
    let text =
        toml(SocketAddr::from(([127, 0, 0, 1], 5001))).replace("127.0.0.1:5001", "unix:a.sock");
    let text = text.replace("[backend]", "public_url = \"https://other.example\"\n[backend]");
    let only_a_socket = Vestibule::builder().toml(text, folder.path()).check().unwrap();
    assert!(only_a_socket.iter().any(|it| it.message.starts_with("nothing speaks TLS")));
    found(&folder, "public_url = \"http://localhost:5001\"\n", "V1205", "speaks TLS");
}

#[test]
fn a_pair_that_fits_has_no_finding() {
    use std::os::unix::fs::PermissionsExt as _;

    let folder = tempfile::tempdir().unwrap();
    put(&folder, "localhost");
    let key = folder.path().join("key.pem");
    fs::set_permissions(&key, fs::Permissions::from_mode(0o600)).unwrap();
    assert!(findings(&folder, "").is_empty(), "{:#?}", findings(&folder, ""));
    fs::set_permissions(&key, fs::Permissions::from_mode(0o644)).unwrap();
    found(&folder, "", "V1306", "everybody on this machine may read");
}
