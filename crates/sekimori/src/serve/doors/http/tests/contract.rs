//! Every call of the contract: what it asks of the guard, and what is answered.

use super::script::{OPERATOR, SWITCH, Scripted};

#[test]
fn an_attempt_is_asked_whole_and_answered_as_the_contract_says() {
    let server = Scripted::new();
    let body = r#"{"call_id":"c1","account":"営業/東京","dialled":"01023222280001",
        "at":"2026-03-13T23:10:04+09:00","line":"201","caller":"0312345678",
        "source_ip":"203.0.113.7","user_agent":"phone/1.0","forwarded_from":"disa:8000",
        "trunk":"t1","can_challenge":true}"#;
    let reply = server.ask("POST", "/v1/calls").json(body).send();
    assert_eq!(reply.status, 200, "a refusal is a verdict: {reply:?}");
    assert_eq!(
        reply.json(),
        serde_json::json!({
            "call_id": "c1", "verdict": "refuse", "max_seconds": 900,
            "destination": {"e164": "+23222280001", "country": "SL", "kind": "international",
                "international": true},
            "reasons": [{"detector": "new_country", "bits": 4.1,
                "text": "first call to Sierra Leone by 201"}],
            "incident": null, "ref": "V-000000000001A", "origin": "judged"
        })
    );
    let asked = server.asked().join("");
    for part in [
        "call_id: \"c1\"",
        "account: \"営業/東京\"",
        "dialled: \"01023222280001\"",
        "offset_minutes: 540",
        "line: \"201\"",
        "caller: \"0312345678\"",
        "203.0.113.7",
        "user_agent: \"phone/1.0\"",
        "forwarded_from: \"disa:8000\"",
        "trunk: \"t1\"",
        "challenge: Possible",
        "renewal: Asked",
        "door: Http",
        "transaction: 0",
    ] {
        assert!(asked.contains(part), "{part}: {asked}");
    }
}

#[test]
fn three_fields_are_enough_and_nobody_can_be_challenged_by_default() {
    let server = Scripted::new();
    let body = r#"{"call_id":"c1","account":"alpha","dialled":"110","line":null}"#;
    let reply = server.ask("POST", "/v1/calls?lang=ja").json(body).send();
    assert_eq!(reply.json()["verdict"], "allow");
    assert_eq!(reply.json()["reasons"][0]["text"], "シエラレオネへの最初の通話（201）");
    assert!(server.asked().join("").contains("challenge: Impossible"));
}

#[test]
fn calls_are_followed_to_their_end() {
    let server = Scripted::new();
    let told = |target: &str, body: &str| {
        let reply = server.ask("POST", target).json(body).send();
        (reply.status, reply.json()["noted"].as_str().unwrap_or_default().to_owned())
    };
    assert_eq!(
        told("/v1/calls/c1/answer", r#"{"at":"2026-03-13T23:10:04Z"}"#),
        (200, "counted".into())
    );
    assert_eq!(told("/v1/calls/c%2F1%20%E6%97%A5/end", r#"{"cause":16}"#), (200, "counted".into()));
    assert_eq!(told("/v1/calls/again/end", r#"{"account":"alpha"}"#), (200, "repeated".into()));
    assert_eq!(told("/v1/calls/unknown/end", "{}"), (202, "late".into()));
    assert_eq!(
        server.asked(),
        [
            "Answered c1 None 2026-03-13T23:10:04Z",
            "Ended { cause: Some(16) } c/1 日 None ",
            "Ended { cause: None } again Some(\"alpha\") ",
            "Ended { cause: None } unknown None ",
        ]
    );
    // A switch that has nothing to say besides need not send a body.
    let bare = server.ask("POST", "/v1/calls/c1/end").send();
    assert_eq!(bare.status, 200);
    let renewed = server.ask("POST", "/v1/calls/c1/renew").send().json();
    assert_eq!((&renewed["outcome"], &renewed["max_seconds"]), (&"go_on".into(), &1_800.into()));
    let unknown = server.ask("POST", "/v1/calls/unknown/renew").json("{}").send();
    assert_eq!(unknown.told(), (404, "unknown_call".into()));
}

#[test]
fn a_sign_in_is_told() {
    let server = Scripted::new();
    let body = r#"{"account":"alpha","line":"201","source_ip":"2001:db8::7","user_agent":"x",
        "outcome":"bad_password"}"#;
    assert_eq!(server.ask("POST", "/v1/registrations").json(body).send().status, 200);
    let asked = server.asked().join("");
    assert!(asked.contains("2001:db8::7") && asked.contains("outcome: BadPassword"), "{asked}");
    let wrong = server.ask("POST", "/v1/registrations").json(r#"{"account":"a","outcome":"x"}"#);
    assert_eq!(wrong.send().told(), (400, "bad_value".into()));
}

#[test]
fn a_stop_is_acknowledged_once_it_is_durable() {
    let server = Scripted::new();
    let body = r#"{"by":"p","note":"now!","scope":"international"}"#;
    let reply = server.ask("PUT", "/v1/accounts/%E5%96%B6%E6%A5%AD%2F1/stop").json(body).send();
    assert_eq!(reply.status, 200);
    let view = reply.json();
    for field in [
        "account",
        "requested_at",
        "in_force_since",
        "scope",
        "calls_ended",
        "calls_ending",
        "switches_pending",
        "not_covered",
    ] {
        assert!(!view[field].is_null(), "{field}");
    }
    assert_eq!((&view["account"], &view["scope"]), (&"営業/1".into(), &"international".into()));
    let asked = server.asked().join("");
    assert!(asked.contains("by: \"p\", note: \"now!\", scope: International"), "{asked}");

    let some = server
        .ask("PUT", "/v1/accounts/alpha/stop")
        .json(r#"{"scope":{"countries":["sl","+870","SL"]}}"#);
    assert_eq!(some.send().status, 200);
    let asked = server.asked().join("");
    assert!(asked.contains(r#"Countries(["SL", "+870"])"#), "{asked}");

    let full = server.ask("PUT", "/v1/accounts/full/stop").json(body).send();
    assert_eq!(full.told(), (503, "not_durable".into()));
    assert!(full.head.contains("retry-after: 1"));
    let none = server.ask("PUT", "/v1/accounts/alpha/stop").json(r#"{"scope":{"countries":[]}}"#);
    assert_eq!(none.send().told(), (400, "bad_value".into()));
}

#[test]
fn a_stop_is_looked_up_and_opened() {
    let server = Scripted::new();
    let get = |account: &str| {
        server.ask("GET", &format!("/v1/accounts/{account}/stop")).token(OPERATOR).send()
    };
    assert_eq!(get("alpha").json()["requested_at"], "2026-03-13T23:10:04Z");
    assert_eq!(get("beta").told(), (404, "no_stop".into()));
    assert_eq!(get("nobody").told(), (404, "unknown_account".into()));
    server.asked();
    let body = r#"{"by":"p","note":"ok","until":"2200-01-01T00:00:00Z","countries":["SL"]}"#;
    let open = server.ask("POST", "/v1/accounts/alpha/stop/open").token(OPERATOR).json(body);
    assert_eq!(open.send().json()["opened_at"], "2026-03-14T09:00:00Z");
    let asked = server.asked().join("");
    assert!(asked.contains("countries: Some([SL])") && asked.contains("until: Some("), "{asked}");
    let past = r#"{"until":"2015-01-01T00:00:00Z"}"#;
    let past = server.ask("POST", "/v1/accounts/alpha/stop/open").token(OPERATOR).json(past);
    assert_eq!(past.send().told(), (400, "bad_value".into()));
}

#[test]
fn a_destination_is_stopped_for_everyone_and_opened_again() {
    let server = Scripted::new();
    let ask = |method: &str, target: &str| server.ask(method, target).token(OPERATOR);
    let body = r#"{"by":"p","evidence":"nothing but abuse","service":"home"}"#;
    let put = ask("PUT", "/v1/destinations/+23222/stop").json(body).send();
    assert_eq!(put.json()["accounts_hit"], 3);
    let delete = ask("DELETE", "/v1/destinations/SL/stop?by=q&why=over").send();
    assert_eq!(delete.status, 200);
    let body = ask("DELETE", "/v1/destinations/%2B870/stop").json(r#"{"by":"q","why":"over"}"#);
    assert_eq!(body.send().status, 200);
    let asked = server.asked();
    assert!(asked[0].contains("Range(Prefix(+2****)), service: Some(\"home\")"), "{asked:?}");
    assert!(asked[1].contains("Country(SL) None Actor { by: \"q\", why: \"over\" }"), "{asked:?}");
    assert!(asked[2].contains("Country(+870)"), "{asked:?}");
    let bare = ask("PUT", "/v1/destinations/SL/stop").json(r#"{"by":"p"}"#).send();
    assert_eq!(bare.told(), (400, "missing_field".into()));
    assert_eq!(ask("GET", "/v1/destinations/stops").send().json()[0]["place"], "SL");
    assert_eq!(ask("PUT", "/v1/destinations/atlantis/stop").json(body_of_bar()).send().status, 400);
}

fn body_of_bar() -> &'static str {
    r#"{"by":"p","evidence":"e"}"#
}

#[test]
fn an_account_is_described_and_its_pin_never_leaves_the_door() {
    let server = Scripted::new();
    let ask = |method: &str| server.ask(method, "/v1/accounts/alpha").token(OPERATOR);
    let body = r#"{"name":"Acme","contact":"a@example","language":"ja","lines":["201"],
        "envelope":"30000","trusted_countries":["us"],"fail_mode":"closed","pin":"471100","by":"p"}"#;
    let view = ask("PUT").json(body).send();
    assert_eq!(view.json()["exposure"], "175.000", "{view:?}");
    let asked = server.asked().join("");
    assert!(asked.contains("$argon2id$v=19$") && !asked.contains("471100"), "{asked}");
    assert!(asked.contains("trusted_countries: [\"US\"]") && asked.contains("Closed"), "{asked}");

    ask("PUT").json(r#"{"pin":null}"#).send();
    assert!(server.asked().join("").contains("pin: Some(None)"));
    ask("PUT").json("{}").send();
    assert!(server.asked().join("").contains("pin: None, by: \"operator\""));
    assert_eq!(ask("PUT").json(r#"{"pin":"12"}"#).send().told(), (400, "bad_value".into()));
    assert_eq!(ask("PUT").json(r#"{"pin_is_set":true}"#).send().code(), "unknown_field");
    assert_eq!(ask("GET").send().json()["account"], "alpha");
}

#[test]
fn an_operator_restricts_and_lifts() {
    let server = Scripted::new();
    let restrict = |scope: &str| {
        let body = format!(r#"{{"scope":{scope},"by":"p","why":"w"}}"#);
        let target = "/v1/accounts/alpha/restrictions";
        server.ask("POST", target).token(OPERATOR).json(&body).send().status
    };
    for (scope, heard) in [
        (r#""international""#, "International"),
        (r#"{"country":"SL"}"#, "Place(Country(SL))"),
        (r#"{"range":"+23222"}"#, "Place(Range(Prefix(+2****)))"),
        (r#"{"line":"201"}"#, "Line(\"201\")"),
        (r#"{"source":"203.0.113.7"}"#, "Source(203.0.113.7)"),
    ] {
        assert_eq!(restrict(scope), 200, "{scope}");
        let asked = server.asked().join("");
        assert!(asked.contains(heard), "{scope}: {asked}");
    }
    for wrong in ["\"everything\"", r#"{"source":"x"}"#, r#"{"range":""}"#, "null"] {
        assert_eq!(restrict(wrong), 400, "{wrong}");
    }
    let lift = |id: &str| {
        let body = r#"{"by":"p","why":"it was us"}"#;
        server.ask("POST", &format!("/v1/orders/{id}/lift")).token(OPERATOR).json(body).send()
    };
    assert_eq!(lift("O-1").json()["id"], "O-1");
    assert_eq!(lift("O-0").told(), (404, "unknown_order".into()));
    let orders = server.ask("GET", "/v1/orders?account=alpha&limit=5").token(OPERATOR).send();
    assert_eq!(orders.json()[0]["id"], "O-1");
    assert!(server.asked().join(" ").contains("orders Some(\"alpha\") 5"));
}

#[test]
fn incidents_are_listed_and_answered() {
    let server = Scripted::new();
    let get = |target: &str| server.ask("GET", target).token(OPERATOR).send();
    assert_eq!(get("/v1/incidents?open=1&limit=7").json()[0]["id"], "I-A");
    assert!(server.asked().join("").contains("only_open: true, limit: 7"));
    assert_eq!(get("/v1/incidents/I-A").json()["cost_before_stop"], "700.000");
    assert_eq!(get("/v1/incidents/I-0").told(), (404, "unknown_incident".into()));
    let body = r#"{"answer":"not_ours","by":"p"}"#;
    let answer = server.ask("POST", "/v1/incidents/I-A/answer").token(OPERATOR).json(body).send();
    assert_eq!(answer.status, 200);
    assert!(server.asked().join("").contains("answer I-A NotOurs Actor { by: \"p\""));
    let running = get("/v1/calls?account=alpha").json();
    assert_eq!(running[0]["cost_so_far"], "175.000");
    assert_eq!(get("/v1/calls").status, 200);
}

#[test]
fn health_is_read_by_anybody_here() {
    let server = Scripted::new();
    assert_eq!(server.ask("GET", "/healthz").send().json()["status"], "alive");
    let ready = server.ask("GET", "/readyz").send();
    assert_eq!((ready.status, ready.json()["journal"].as_str()), (200, Some("good")));
    server.vitals.turned(0, 1);
    let hanging = server.ask("GET", "/readyz").send();
    assert_eq!((hanging.status, hanging.json()["shards"].as_str()), (503, Some("hanging")));
    assert_eq!(hanging.json()["problems"].as_array().map(Vec::len), Some(1));
}

#[test]
fn the_journal_is_read_in_order_with_its_hashes() {
    use sekimori_journal::{Batch, Event, Kind, Ticket};
    let server = Scripted::new();
    let mut batch = Batch::new(0);
    batch.push(1_000_000, &Event::Introduced { account: 7, name: "alpha" }).expect("short");
    let (told, durable) = std::sync::mpsc::channel();
    let ticket = Ticket::new(move |committed| {
        let _ = told.send(committed);
    });
    let body = br#"{"account":"alpha","note":"call +23222280001"}"#;
    batch.push_single(2_000_000, Kind::Stop, "alpha", body, Some(ticket)).expect("short");
    assert!(server.journal.submit(batch).is_ok());
    durable.recv().expect("the writer answers").expect("it is durable");

    let get = |query: &str, token: &str| {
        server.ask("GET", &format!("/v1/journal{query}")).token(token).send()
    };
    let all = get("", OPERATOR).json();
    let records = all.as_array().expect("a list");
    for pair in records.windows(2) {
        assert_eq!(pair[0]["hash"], pair[1]["previous"]);
    }
    let stop = records.last().expect("there are some");
    assert_eq!((&stop["kind"], &stop["at"]), (&"stop".into(), &"1970-01-01T00:00:02Z".into()));
    assert_eq!(stop["body"]["note"], "call +23222280001");
    let introduced = &records[records.len() - 2];
    assert_eq!(introduced["body"]["event"], "introduced");
    let seq = introduced["seq"].as_u64().expect("a number");
    let rest = get(&format!("?after={seq}&limit=1"), super::script::AUDITOR).json();
    assert_eq!(rest[0]["body"]["note"], "call +2322228****", "{rest}");
    assert_eq!(rest.as_array().map(Vec::len), Some(1));
    assert_eq!(get("", SWITCH).told(), (403, "forbidden".into()));
    assert_eq!(get("?after=x", OPERATOR).told(), (400, "bad_value".into()));
}
