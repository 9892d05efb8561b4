//! What ends at a moment ends then, whether or not the server was restarted meanwhile.

use crate::server::Folder;
use crate::thief;
use crate::wire::{Client, PATIENCE};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use std::time::Instant;

const ABROAD: &str = "01023276123456";
/// From the requests to the moment that they name: a restart lies between.
const AHEAD: SignedDuration = SignedDuration::from_secs(6);
/// Later is late, on a busy machine too.
const LATE: SignedDuration = SignedDuration::from_secs(2);

fn stop_of(client: &mut Client, account: &str) -> Option<Value> {
    let path = format!("/v1/accounts/{account}/stop");
    let reply = client.send("GET", &path, None).expect("an answer");
    (reply.status != 404).then(|| reply.granted())
}

/// Asks until it is so, and returns when it was.
fn when(mut is_so: impl FnMut() -> bool) -> Timestamp {
    let begun = Instant::now();
    while !is_so() {
        assert!(begun.elapsed() < PATIENCE, "it never came");
    }
    Timestamp::now()
}

fn on_time(what: &str, due: Timestamp, came: Timestamp) {
    assert!(came >= due && came < due + LATE, "{what}: due {due}, came {came}");
}

#[test]
fn what_ends_at_a_moment_ends_then_after_a_crash_as_well() {
    let folder = Folder::new();
    let server = folder.start();
    let mut client = server.operator();
    let robbed = thief::breaks_in(&mut client, "robbed").expect("an answer");
    assert!(robbed.incident.is_some());
    let restrictions = client.get("/v1/orders?account=robbed");
    // What is acknowledged behind it makes it durable.
    let due = Timestamp::now() + AHEAD;
    let until = due.to_string();
    client.put("/v1/accounts/for-a-while/stop", &json!({"by": "a", "until": until}));
    client.put("/v1/accounts/opened/stop", &json!({"by": "b"}));
    let opened = json!({"by": "b", "until": until});
    let opened = client.post("/v1/accounts/opened/stop/open", &opened);
    assert_eq!(opened["still_stopped"], Value::Null, "nothing is stopped while it is open");
    client.put("/v1/destinations/KI/stop", &json!({"evidence": "e", "until": until}));
    server.kill();

    let server = folder.start();
    let mut client = server.operator();
    if Timestamp::now() + LATE < due {
        assert!(stop_of(&mut client, "for-a-while").is_some());
        assert!(stop_of(&mut client, "opened").is_none(), "it is open");
        assert_eq!(client.ask("opened", "o-1", ABROAD)["verdict"], "allow");
        assert_eq!(client.get("/v1/destinations/stops").as_array().map(Vec::len), Some(1));
    }
    let came = when(|| stop_of(&mut client, "for-a-while").is_none());
    on_time("a stop for a while", due, came);
    let came = when(|| stop_of(&mut client, "opened").is_some());
    on_time("a stop that was opened for a while", due, came);
    let came = when(|| client.get("/v1/destinations/stops") == json!([]));
    on_time("a place for a while", due, came);

    assert_eq!(client.ask("for-a-while", "f-1", ABROAD)["verdict"], "allow");
    assert_eq!(client.ask("opened", "o-2", ABROAD)["verdict"], "refuse");
    assert_eq!(client.ask("k", "k-1", "01068672001234")["verdict"], "allow");
    assert_eq!(client.get("/v1/orders?account=robbed"), restrictions);
    let verdict = thief::calls(&mut client, "robbed", 50).expect("an answer");
    assert_eq!(verdict["verdict"], "refuse", "{verdict}");
    let again = client.put("/v1/accounts/for-a-while/stop", &json!({"by": "another"}));
    assert_eq!(again["by"], "another", "a stop that has ended says nothing of the next");
    server.kill();
    folder.verify();
}
