use super::*;
use sekimori_columns::{Cell, Reader as Table, Wanted};
use sekimori_journal::{
    Attempted, Challenge, Door, Ended, EndedBy, Event, Fact, Finding, Findings, Renewal, Ruling,
    Weighed,
};
use std::fs::File;

const AT: i64 = 1_426_255_804_000_000;

/// A call of "acme" with a finding, its end, and a stop.
fn journal(state: &Path) {
    let (journal, _) = Journal::open(state, Options::default()).expect("a new journal");
    let mut batch = Batch::new(0);
    let mut push = |at, event: &Event<'_>| batch.push(at, event).expect("it is short");
    push(AT, &Event::Introduced { account: 0, name: "acme" });
    push(AT, &Event::Detector { id: 0, name: "new_country" });
    push(AT, &Event::Phrase { id: 0, en: "first call to {0}", ja: "{0}への初めての発信" });
    let finding = Finding {
        detector: 0,
        bits: 4_100,
        phrase: 0,
        facts: [Fact::Country("SL")].into_iter().collect(),
    };
    let attempted = Attempted {
        account: 0,
        call_id: "c1",
        dialled: "01023222280001",
        line: "201",
        caller: "0312345678",
        source: "203.0.113.7".parse().ok(),
        user_agent: "phone/1.0",
        forwarded_from: "",
        trunk: "",
        challenge: Challenge::Impossible,
        renewal: Renewal::Commanded,
        door: Door::SipUdp,
        shift_us: 0,
        ruling: Ruling::Allow,
        max_seconds: Some(900),
        reference: 77,
        incident: None,
        e164: Some(23_222_280_001),
        weighed: Some(Weighed {
            log_odds: -3_000,
            intruder_ppm: 111_111,
            stake_milli: 2_625_000,
            allow_milli: 291_667,
            challenge_milli: None,
            refuse_milli: 1_777_778,
        }),
        findings: [finding].into_iter().collect::<Findings<'_>>(),
    };
    push(AT + 1_000, &Event::Attempted(attempted));
    push(
        AT + 9_000_000,
        &Event::Ended(Ended {
            account: 0,
            call_id: "c1",
            reference: Some(77),
            switch_at_us: Some(AT + 9_000_000),
            disposition: sekimori_journal::Disposition::NoAnswer,
            cause: "19",
            by: EndedBy::Switch,
        }),
    );
    let stop = json!({ "act": "stop", "by": "Sato", "note": "call +81312345678" }).to_string();
    batch
        .push_single(AT + 10_000_000, Kind::Stop, "acme", stop.as_bytes(), None)
        .expect("it is short");
    journal.submit(batch).expect("the queue is empty");
    journal.close(AT + 11_000_000).expect("the disk takes it");
}

fn plan(folder: &Path, format: Format) -> Plan {
    Plan {
        state: folder.join("state"),
        from: None,
        to: None,
        account: None,
        kind: None,
        format,
        out: folder.join("out"),
        speech: Speech::default(),
        by: "tester".to_owned(),
        why: "a test".to_owned(),
    }
}

fn lines(plan: &Plan) -> Vec<Value> {
    let text = std::fs::read_to_string(&plan.out).expect("it was written");
    text.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
}

#[test]
fn lines_say_what_they_contain_and_every_record_in_words() {
    let folder = tempfile::tempdir().expect("a folder");
    journal(&folder.path().join("state"));
    let plan = plan(folder.path(), Format::Jsonl);
    let exported = run(&plan).expect("it is exported");
    let lines = lines(&plan);
    assert_eq!((exported.n_records, lines.len()), (7, 8));
    let header = &lines[0];
    assert_eq!((&header["masked"], &header["head"]["seq"]), (&json!(true), &json!(7)));
    let attempt = &lines[4];
    assert_eq!(attempt["event"], "attempted");
    assert_eq!(attempt["account"], "acme");
    assert_eq!(attempt["verdict"], "allow");
    assert_eq!(attempt["e164"], "+2322228****");
    assert_eq!(attempt["dialled"], "0102322228****");
    assert_eq!(attempt["caller"], "031234****");
    assert_eq!(attempt["country"], "SL");
    assert_eq!(attempt["door"], "sip_udp");
    assert_eq!(attempt["reasons"][0]["text"], "first call to Sierra Leone");
    assert_eq!(attempt["reasons"][0]["bits"], 4.1);
    assert_eq!(attempt["weighed"]["stake"], "2625.000");
    assert_eq!(attempt["hash"], lines[5]["previous"]);
    assert_eq!((&lines[5]["disposition"], &lines[5]["cause"]), (&json!("no_answer"), &json!("19")));
    assert_eq!((&lines[6]["kind"], &lines[6]["body"]["by"]), (&json!("stop"), &json!("Sato")));
    assert_eq!(lines[6]["body"]["note"], "call +8131234****");
}

#[test]
fn a_part_is_exported_where_a_part_is_wanted() {
    let folder = tempfile::tempdir().expect("a folder");
    journal(&folder.path().join("state"));
    let whole = plan(folder.path(), Format::Jsonl);
    let count = |plan: Plan| run(&plan).expect("it is exported").n_records;
    let stops = Plan { kind: Some("stop".to_owned()), ..whole.clone() };
    let attempts = Plan { kind: Some("attempted".to_owned()), ..whole.clone() };
    let of_others = Plan { account: Some("beta".to_owned()), ..whole.clone() };
    let late = Plan { from: Some(crate::serve::shard::of_micros(AT + 10_000_000)), ..whole };
    assert_eq!([stops, attempts, of_others, late].map(count), [1, 1, 0, 2]);
}

#[test]
fn an_unmasked_export_is_on_record_and_says_so() {
    let folder = tempfile::tempdir().expect("a folder");
    let state = folder.path().join("state");
    journal(&state);
    let masked = plan(folder.path(), Format::Jsonl);
    let speech = Speech { numbers: Visibility::Whole, ..Speech::default() };
    let whole = Plan { speech, ..masked };
    assert_eq!(run(&whole).expect("it is exported").recorded, Recorded::Yes);
    let told = lines(&whole);
    assert_eq!(told[0]["masked"], false);
    assert_eq!(
        (&told[4]["e164"], &told[4]["caller"]),
        (&json!("+23222280001"), &json!("0312345678"))
    );
    assert!(told.iter().any(|line| line["kind"] == "unmasked" && line["body"]["by"] == "tester"));
    let _server = Journal::open(&state, Options::default()).expect("nobody else has it");
    assert_eq!(run(&whole).expect("it is exported").recorded, Recorded::No);
    assert_eq!(lines(&whole)[0]["unmasked"]["recorded"], false);
}

#[test]
fn a_table_has_the_same_records() {
    let folder = tempfile::tempdir().expect("a folder");
    journal(&folder.path().join("state"));
    let plan = plan(folder.path(), Format::Parquet);
    run(&plan).expect("it is exported");
    let names = ["seq", "at", "event", "account", "verdict", "reasons", "max_seconds"];
    let zone = jiff::tz::TimeZone::UTC;
    let wanted = Wanted { names: &names, n_required: names.len(), zone: &zone };
    let file = File::open(&plan.out).expect("it was written");
    let batches: Vec<_> = Table::open(file, &wanted).expect("a table").collect();
    let [Ok(batch)] = &batches[..] else { panic!("one batch of sound rows") };
    assert_eq!(batch.n_rows(), 7);
    assert_eq!((batch.text(3, 0), batch.text(3, 2), batch.text(3, 3)), ("4", "attempted", "acme"));
    assert_eq!((batch.text(3, 4), batch.text(3, 6)), ("allow", "900"));
    let Cell::Moment(at) = batch.cell(3, 1) else { panic!("a moment") };
    assert_eq!(micros(at.at), AT + 1_000);
    let reasons: Value = serde_json::from_str(batch.text(3, 5)).expect("JSON");
    assert_eq!(reasons[0]["detector"], "new_country");
}
