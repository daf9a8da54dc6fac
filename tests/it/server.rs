//! The accept loop: clients that stall, and a process that runs out of descriptors.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::process::Command;
use std::time::Duration;

use crate::support::process::Process;
use crate::support::{eventually, free_port};

const PROBE: &[u8] = b"GET /_vestibule/livez HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";

/// The real binary on a free port, started by a shell that first says `before`.
async fn server(folder: &tempfile::TempDir, before: &str) -> (Process, SocketAddr) {
    let address = SocketAddr::from(([127, 0, 0, 1], free_port()));
    let toml = format!(
        "[server]\nlisten = \"{address}\"\n[backend]\nurl = \"http://127.0.0.1:9\"\n\
         [token]\nsecret = \"token-key-0123456789-0123456789-0123456789\"\n"
    );
    std::fs::write(folder.path().join("auth.toml"), toml).unwrap();
    let script = format!("{before}exec {} serve", env!("CARGO_BIN_EXE_vestibule"));
    let process =
        Process::start(Command::new("sh").args(["-c", &script]).current_dir(folder.path()));
    eventually("the server", async || answers(address).then_some(())).await;
    (process, address)
}

fn answers(address: SocketAddr) -> bool {
    let Ok(mut stream) = TcpStream::connect(address) else { return false };
    let patience = Some(Duration::from_secs(2));
    stream.set_read_timeout(patience).unwrap();
    let mut answer = String::new();
    let asked = stream.write_all(PROBE).and_then(|()| stream.read_to_string(&mut answer));
    asked.is_ok() && answer.starts_with("HTTP/1.1 200")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_never_finishes_its_head_is_cut_off() {
    let folder = tempfile::tempdir().unwrap();
    let (_process, address) = server(&folder, "").await;
    // Nothing at all, half a head, and half of what begins HTTP/2.
    let stalled: Vec<_> = [&b""[..], b"GET / HTTP/1.1\r\nHost: x\r\nX-Slow", b"PRI * HTTP"]
        .into_iter()
        .map(|start| {
            std::thread::spawn(move || {
                let mut stream = TcpStream::connect(address).unwrap();
                stream.write_all(start).unwrap();
                stream.set_read_timeout(Some(Duration::from_secs(40))).unwrap();
                let mut rest = Vec::new();
                let ended = stream.read_to_end(&mut rest);
                (String::from_utf8_lossy(start).into_owned(), ended.map_err(|error| error.kind()))
            })
        })
        .collect();
    for client in stalled {
        let (start, ended) = client.join().unwrap();
        let closed = ended.is_ok() || ended == Err(std::io::ErrorKind::ConnectionReset);
        assert!(closed, "{start:?} was still connected: {ended:?}");
    }
    assert!(answers(address));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_without_descriptors_waits_and_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let (process, address) = server(&folder, "ulimit -n 48; ").await;
    let held: Vec<_> = (0..80).filter_map(|_| TcpStream::connect(address).ok()).collect();
    assert!(held.len() > 48, "only {} connections", held.len());
    eventually("the log line", async || {
        process.said().contains("a connection could not be accepted").then_some(())
    })
    .await;
    // A loop without a pause would have said it thousands of times by the time this is read.
    let said = process.said().matches("a connection could not be accepted").count();
    assert!(said < 500, "said {said} times");
    drop(held);
    eventually("an answer again", async || answers(address).then_some(())).await;
}
