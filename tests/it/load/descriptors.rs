//! Out of descriptors while requests are sent on: every connection to the app would need one more.

use std::time::Duration;

use tokio::task::JoinSet;

use super::stage::{Stage, ask};
use crate::support::eventually;

#[tokio::test(flavor = "multi_thread")]
async fn without_descriptors_nobody_gets_a_wrong_answer_and_all_is_well_afterwards() {
    let stage = Stage::new("ulimit -n 64; ").await;
    let cookie = stage.sign_in().await;
    let address = stage.address;
    let mut asking = JoinSet::new();
    for number in 0..300 {
        let headers = format!("{cookie}Accept: application/json\r\n");
        asking.spawn(async move {
            let path = format!("/slow/{number}");
            (ask(address, &path, &headers).await, path)
        });
    }
    let (mut served, mut turned_away) = (0, 0);
    while let Some(answer) = asking.join_next().await {
        let (answer, path) = answer.unwrap();
        let status = answer.get(9..12).unwrap_or_default();
        // Who is signed in is never told otherwise, and never gets what is another's.
        match status {
            "200" if answer.ends_with(&format!("\r\n\r\n{path}")) => served += 1,
            "503" if answer.contains("upstream.unreachable") => turned_away += 1,
            _ => panic!("{path}: {answer:?}"),
        }
    }
    assert!(served > 0 && turned_away > 0, "{served} served, {turned_away} turned away");
    eventually("all to be well", async || {
        let answer = stage.get("/slow/afterwards", &cookie).await;
        answer.ends_with("/slow/afterwards").then_some(())
    })
    .await;
    stage.serves_others(Duration::from_secs(5)).await;
}
