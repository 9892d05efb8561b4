//! An attack from its first call to the customer's answer, and a customer's stop, as switches and
//! listeners see them.

use crate::server::Folder;
use crate::thief;
use crate::wire::listen;
use serde_json::{Value, json};
use std::sync::mpsc::Receiver;
use std::time::{Duration, Instant};

/// From the request's answer to the order on the stream.
const WITHIN: Duration = Duration::from_secs(1);

/// Waits for the order that hangs this call up.
fn hangs_up(events: &Receiver<Value>, call_id: &str) {
    let begun = Instant::now();
    while let Ok(event) = events.recv_timeout(WITHIN.saturating_sub(begun.elapsed())) {
        let text = event.to_string();
        if text.contains("hang_up") && text.contains(&format!("\"{call_id}\"")) {
            return;
        }
    }
    panic!("nobody is told to hang up {call_id} within {WITHIN:?}");
}

#[test]
fn an_attack_is_stopped_listed_explained_and_what_runs_of_it_is_hung_up() {
    let folder = Folder::new();
    let server = folder.start();
    let events = listen(server.http, &server.token, "topics=order,incident&account=tokyo");
    let mut client = server.operator();
    let first = thief::calls(&mut client, "tokyo", 90).expect("an answer");
    assert_eq!(first["verdict"], "allow", "nothing is known of the thief yet: {first}");
    client.post("/v1/calls/tokyo-thief-90/answer", &json!({}));
    let attack = thief::breaks_in(&mut client, "tokyo").expect("an answer");
    let incident = attack.incident.expect("it is recognised");
    assert!(attack.n_calls < 6, "{} calls went out", attack.n_calls);

    let seen = client.get(&format!("/v1/incidents/{incident}"));
    assert!(seen["reasons"].as_array().is_some_and(|reasons| reasons.len() > 1), "{seen}");
    assert_eq!(client.get("/v1/incidents?account=tokyo")[0]["id"], *incident);
    hangs_up(&events, "tokyo-thief-90");
    let renewed = client.post("/v1/calls/tokyo-thief-90/renew", &json!({}));
    assert_eq!(renewed["outcome"], "end", "{renewed}");

    let last = attack.verdicts.last().expect("one at least");
    let by_ref = client.get(&format!("/v1/explain/{}", last["ref"].as_str().expect("a ref")));
    let by_call = client.get(&format!("/v1/explain/{}", last["call_id"].as_str().expect("an id")));
    assert_eq!(by_ref["verdict"]["ref"], last["ref"]);
    assert_eq!(by_call["verdict"]["ref"], last["ref"]);
    assert_eq!(by_ref["account"], "tokyo");

    let path = format!("/v1/incidents/{incident}/answer");
    client.post(&path, &json!({"answer": "not_ours", "by": "the customer"}));
    let orders = client.get("/v1/orders?account=tokyo");
    assert_eq!(orders[0]["by"], "incident", "{orders}");
    let verdict = thief::calls(&mut client, "tokyo", 60).expect("an answer");
    assert_eq!(verdict["verdict"], "refuse", "{verdict}");
}

#[test]
fn the_customers_ours_and_an_operators_lift_open_what_an_incident_has_closed() {
    let folder = Folder::new();
    let server = folder.start();
    let mut client = server.operator();
    let attack = thief::breaks_in(&mut client, "osaka").expect("an answer");
    let path = format!("/v1/incidents/{}/answer", attack.incident.expect("recognised"));
    let answered = client.post(&path, &json!({"answer": "ours", "by": "the customer"}));
    assert_eq!(answered["answer"], "ours");
    assert_eq!(client.get("/v1/orders?account=osaka"), json!([]));

    thief::breaks_in(&mut client, "kobe").expect("an answer");
    let orders = client.get("/v1/orders?account=kobe");
    let id = orders[0]["id"].as_str().expect("a restriction");
    client.post(&format!("/v1/orders/{id}/lift"), &json!({"why": "they called"}));
    assert_eq!(client.get("/v1/orders?account=kobe"), json!([]));
    let again = client.send("POST", &format!("/v1/orders/{id}/lift"), Some(&json!({"why": "w"})));
    assert_eq!(again.expect("an answer").refused(), (404, "unknown_order".to_owned()));
}

#[test]
fn a_stop_hangs_up_what_runs_in_its_scope_within_a_second() {
    let folder = Folder::new();
    let server = folder.start();
    let mut client = server.operator();
    for (id, dialled) in [("to-sl", "01023276123456"), ("to-us", "0101212555017")] {
        assert_eq!(client.ask("acme", id, dialled)["verdict"], "allow");
        client.post(&format!("/v1/calls/{id}/answer"), &json!({}));
    }
    let events = listen(server.http, &server.token, "topics=order");
    let stop = json!({"by": "the customer", "scope": {"countries": ["SL"]}});
    let view = client.put("/v1/accounts/acme/stop", &stop);
    hangs_up(&events, "to-sl");
    assert_eq!(view["calls_ending"], 1, "{view}");
    assert_eq!(client.post("/v1/calls/to-sl/renew", &json!({}))["outcome"], "end");
    assert_eq!(client.post("/v1/calls/to-us/renew", &json!({}))["outcome"], "go_on");
    client.post("/v1/calls/to-sl/end", &json!({}));
    let view = client.get("/v1/accounts/acme/stop");
    assert_eq!((&view["calls_ended"], &view["calls_ending"]), (&json!(1), &json!(0)), "{view}");
}

#[test]
fn a_customer_opens_their_own_stop_and_not_an_operators_restriction() {
    let folder = Folder::new();
    let server = folder.start();
    let mut client = server.operator();
    client.put("/v1/accounts/acme/stop", &json!({"by": "c", "scope": {"countries": ["SL"]}}));
    let restriction = json!({"scope": {"country": "SL"}, "why": "abuse"});
    client.post("/v1/accounts/acme/restrictions", &restriction);
    client.post("/v1/accounts/acme/stop/open", &json!({"by": "c"}));
    let orders = client.get("/v1/orders?account=acme");
    assert_eq!(orders.as_array().map(Vec::len), Some(1), "{orders}");
    assert_eq!(orders[0]["by"], "operator");
    assert_eq!(client.ask("acme", "a-1", "01023276123456")["verdict"], "refuse");
}

#[test]
fn who_listens_hears_of_money_put_at_risk_and_how_long_decisions_take_is_counted() {
    let folder = Folder::new();
    let server = folder.start();
    let events = listen(server.http, &server.token, "topics=exposure&account=acme");
    let mut client = server.operator();
    assert_eq!(client.ask("acme", "at-home", "0312345678")["verdict"], "allow");
    assert_eq!(client.ask("acme", "to-sl", "01023276123456")["verdict"], "allow");
    // A first grant is less than a tenth of a newcomer's envelope; a few are more.
    for n in 0..4 {
        client.ask("acme", &format!("more-{n}"), "01023276123457");
    }
    let event = events.recv_timeout(WITHIN).expect("money was put at risk");
    assert_eq!((&event["account"], &event["currency"]), (&json!("acme"), &json!("JPY")));
    let amount = |key: &str| event[key].as_str().and_then(|text| text.parse::<f64>().ok());
    let (exposure, envelope) = (amount("exposure"), amount("envelope"));
    assert!(exposure.zip(envelope).is_some_and(|(e, of)| e * 10.0 >= of && e <= of), "{event}");

    let page = client.send("GET", "/metrics", None).expect("a page").text;
    let count = page.lines().find_map(|line| line.strip_prefix("sekimori_decision_seconds_count "));
    let n_decisions = count.and_then(|count| count.parse::<f64>().ok());
    assert_eq!(n_decisions, Some(6.0), "{page}");
}
