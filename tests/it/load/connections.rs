//! Connections that only cost: those that never finish asking, and those that ask for nothing more.

use std::fs;
use std::process::Command;
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio::time::timeout;

use super::stage::{Stage, read_head};
use crate::support::PATIENCE;

const PROBE: &str = "GET /_vestibule/livez HTTP/1.1\r\nHost: x\r\n\r\n";

/// Adds a header's line byte by byte, until it is cut off.
async fn drip(mut stream: TcpStream) -> Duration {
    let connected = Instant::now();
    let mut answer = [0];
    stream.write_all(b"GET / HTTP/1.1\r\nHost: x\r\nX-Slow: ").await.unwrap();
    loop {
        tokio::select! {
            // Whatever it is, it is not another byte to wait for.
            _ = stream.read(&mut answer) => return connected.elapsed(),
            () = tokio::time::sleep(Duration::from_millis(200)) => {}
        }
        if stream.write_all(b"x").await.is_err() {
            return connected.elapsed();
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn heads_that_drip_are_cut_off_while_others_are_served() {
    let stage = Stage::new("").await;
    let before = stage.resident();
    let mut dripping = JoinSet::new();
    for _ in 0..300 {
        dripping.spawn(drip(stage.connect().await));
    }
    for _ in 0..10 {
        stage.serves_others(Duration::from_secs(5)).await;
        tokio::time::sleep(Duration::from_millis(300)).await;
    }
    let grown = stage.resident().saturating_sub(before);
    assert!(grown < 300 * 40, "{grown} KiB for 300 connections");
    while let Some(lived) = timeout(PATIENCE, dripping.join_next()).await.unwrap() {
        let lived = lived.unwrap();
        assert!(lived > Duration::from_secs(3), "cut off after {lived:?} already");
    }
    stage.serves_others(Duration::from_secs(5)).await;
}

/// Lets this process have as many descriptors as the system allows it, and says how many that is.
fn raise_descriptors() -> usize {
    // A child may do to its parent what the parent cannot without `unsafe`.
    let own = std::process::id().to_string();
    let asks = format!("prlimit --pid {own} --nofile=\"$(ulimit -Hn)\":\"$(ulimit -Hn)\"");
    let _ = Command::new("sh").args(["-c", &asks]).status();
    let limits = fs::read_to_string("/proc/self/limits").unwrap();
    let line = limits.lines().find_map(|line| line.strip_prefix("Max open files")).unwrap();
    let soft = line.split_whitespace().next().unwrap();
    soft.parse().unwrap_or(usize::MAX)
}

#[tokio::test(flavor = "multi_thread")]
async fn ten_thousand_idle_connections_take_little_memory_each() {
    // The other tests of this process need some as well.
    let count = 10_000.min(raise_descriptors().saturating_sub(2000));
    assert!(count >= 1000, "only {count} descriptors: raise `ulimit -Hn`");
    // What it may have it takes by itself.
    let stage = Stage::new("ulimit -Sn 256; ").await;
    stage.serves_others(PATIENCE).await;
    let before = stage.resident();
    let mut connections = Vec::with_capacity(count);
    for _ in 0..count {
        let mut stream = stage.connect().await;
        stream.write_all(PROBE.as_bytes()).await.unwrap();
        assert!(read_head(&mut stream).await.unwrap().starts_with("HTTP/1.1 200"));
        connections.push(stream);
    }
    let grown = stage.resident().saturating_sub(before);
    assert!(grown < 40 * count as u64, "{grown} KiB for {count} connections");
    stage.serves_others(Duration::from_secs(5)).await;
    // They are all still there: the first has been idle for longest.
    for index in [0, count / 2, count - 1] {
        let stream = &mut connections[index];
        let mut rest = vec![0; 1024];
        while let Ok(read) = timeout(Duration::from_millis(50), stream.read(&mut rest)).await {
            assert!(read.unwrap() > 0, "an idle connection was closed");
        }
        stream.write_all(PROBE.as_bytes()).await.unwrap();
        assert!(read_head(stream).await.unwrap().starts_with("HTTP/1.1 200"));
    }
}
