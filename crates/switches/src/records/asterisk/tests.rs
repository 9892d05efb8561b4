//! Real records of two Asterisk versions, scenario by scenario, and made ones for what the
//! bench did not do.

use crate::records::{Decoded, Decoder, Direction, Format, Last, Options};
use jiff::tz::TimeZone;

fn tokyo() -> Options {
    Options { zone: TimeZone::get("Asia/Tokyo").expect("bundled"), ..Options::default() }
}

/// A call in a line of text, for comparing.
fn told(decoded: &Decoded<'_>) -> String {
    match decoded {
        Decoded::Call(c) => format!(
            "{:?} {} line={} from={} trunk={} {:?} answer={} {}",
            c.direction,
            c.dialled,
            c.line,
            c.forwarded_from,
            c.trunk,
            c.disposition,
            c.answer.is_some(),
            c.account,
        ),
        Decoded::Undecoded(undecoded) => format!("!{}", undecoded.why),
        other => format!("{other:?}"),
    }
}

fn read(format: Format, options: &Options, text: &str) -> Vec<String> {
    let mut decoder = Decoder::new(format, options).expect("rows");
    let mut out = Vec::new();
    decoder.decode(text.as_bytes(), Last::Yes, &mut |_, decoded| out.push(told(&decoded)));
    out
}

/// A scenario of both benches. `pbx` in what is expected stands for the bench's name.
fn check(sixteen: &str, twenty_two: &str, expected: &[&str]) {
    for (text, name) in [(sixteen, "pbx16"), (twenty_two, "pbx22")] {
        let expected: Vec<String> = expected.iter().map(|e| e.replace("PBX", name)).collect();
        assert_eq!(read(Format::AsteriskMaster, &tokyo(), text), expected);
    }
}

macro_rules! scenario {
    ($name:literal, $expected:expr) => {
        check(
            include_str!(concat!("../../../fixtures/asterisk-16/", $name, ".csv")),
            include_str!(concat!("../../../fixtures/asterisk-22/", $name, ".csv")),
            $expected,
        )
    };
}

#[test]
fn a_handsets_call_to_the_network_is_outbound() {
    scenario!(
        "call-normal",
        &["Outbound 0312349999 line=1001 from= trunk=carrier Answered answer=true PBX"]
    );
}

#[test]
fn a_call_between_extensions_is_internal() {
    scenario!("call-internal", &["Internal 1002 line=1001 from= trunk= Answered answer=true PBX"]);
}

#[test]
fn a_refused_call_is_an_attempt_that_failed() {
    let refused = ["Outbound 01025261234567 line=1001 from= trunk= Failed answer=false PBX"];
    scenario!("call-denied-agi", &refused);
    scenario!(
        "curl-deny",
        &["Outbound +25261234567 line=1001 from= trunk= Failed answer=false PBX"]
    );
}

#[test]
fn disa_is_known_by_its_record_begun_anew_and_its_pin_is_nobodys_account() {
    scenario!(
        "disa-ok",
        &["Outbound 01012125550100 line= from=disa: trunk=carrier Answered answer=true PBX"]
    );
    scenario!(
        "disa-denied",
        &["Outbound 01025261234567 line= from=disa: trunk= Failed answer=false PBX"]
    );
}

#[test]
fn forwarding_from_trunk_to_trunk_is_no_handsets_call() {
    scenario!(
        "forward-ok",
        &["Outbound 09012345678 line= from=forward: trunk=carrier Answered answer=true PBX"]
    );
    scenario!(
        "forward-denied",
        &["Outbound 01025261234567 line= from=forward: trunk= Failed answer=false PBX"]
    );
}

#[test]
fn a_handsets_redirect_makes_three_lines_and_one_leg_abroad() {
    scenario!(
        "phone302-abroad",
        &[
            "Inbound 1002 line=1002 from= trunk=carrier NoAnswer answer=false PBX",
            "Skipped",
            "Outbound 01037120009999 line= from=302:1002 trunk=carrier Answered answer=true PBX",
        ]
    );
}

#[test]
fn the_halves_of_a_local_channel_meet_in_any_order() {
    let text = include_str!("../../../fixtures/asterisk-22/phone302-abroad.csv");
    let mut lines: Vec<&str> = text.lines().collect();
    lines.reverse();
    let found = read(Format::AsteriskMaster, &tokyo(), &lines.join("\n"));
    let leg = |from: &str| {
        format!(
            "Outbound 01037120009999 line= from={from} trunk=carrier Answered answer=true pbx22"
        )
    };
    assert_eq!(found[..2], [leg(""), leg("302:1002")], "told again, under the same call_id");
}

#[test]
fn every_call_of_a_burst_is_a_leg_with_an_id_of_its_own() {
    let text = include_str!("../../../fixtures/asterisk-16/burst-stolen-ext-unscreened.csv");
    let mut ids = std::collections::BTreeSet::new();
    let mut decoder = Decoder::new(Format::AsteriskMaster, &tokyo()).expect("rows");
    decoder.decode(text.as_bytes(), Last::Yes, &mut |_, decoded| {
        let Decoded::Call(call) = decoded else { panic!("{decoded:?}") };
        assert_eq!(call.direction, Direction::Outbound);
        assert!(ids.insert(call.call_id.to_owned()));
    });
    assert_eq!(ids.len(), text.lines().count());
}

#[test]
fn greenwich_time_is_known_by_the_uniqueid_and_wall_time_by_the_zone() {
    let mut starts = Vec::new();
    let bench = include_str!("../../../fixtures/asterisk-16/call-normal.csv");
    let no_id = r#""","201","0312349999","out","","PJSIP/201-1","PJSIP/c-2","Dial","PJSIP/0312349999@c","2026-11-22 09:36:04",,"2026-11-22 09:36:04",0,0,"BUSY","DOCUMENTATION""#;
    for text in [bench, no_id] {
        let mut decoder = Decoder::new(Format::AsteriskMaster, &tokyo()).expect("rows");
        decoder.decode(text.as_bytes(), Last::Yes, &mut |_, decoded| {
            if let Decoded::Call(call) = decoded {
                starts.push(call.start.to_string());
            }
        });
    }
    assert_eq!(starts, ["2026-11-22T09:36:04Z", "2026-11-22T09:36:04+09:00"]);
}

#[test]
fn optional_columns_may_be_missing_in_any_combination() {
    let base = r#""","201","0312349999","out","","PJSIP/201-1","PJSIP/c-2","Dial","PJSIP/0312349999@c","2026-11-22 09:36:04",,"2026-11-22 09:36:04",0,0,"BUSY","DOCUMENTATION""#;
    for optional in [
        "",
        r#","1795340164.19""#,
        r#","note""#,
        r#","1795340164.19","note""#,
        r#","","1795340164.19",3"#,
        r#","1795340164.19","","1795340164.19",3"#,
        r#","1795340164.19","note","","1795340164.19",3"#,
    ] {
        let found = read(Format::AsteriskMaster, &tokyo(), &format!("{base}{optional}\n"));
        assert_eq!(
            found,
            ["Outbound 0312349999 line=201 from= trunk=c Busy answer=false pbx"],
            "{optional}"
        );
    }
    let cut = read(Format::AsteriskMaster, &tokyo(), &base[..80]);
    assert_eq!(cut, ["!a quotation mark is opened and never closed"]);
}

#[test]
fn a_transfer_by_the_extension_that_answered_is_not_disa() {
    let row = |id: &str, dst: &str, to: &str, data: &str, start: &str, end: &str| {
        format!(
            r#""","0901","{dst}","from-trunk","","PJSIP/carrier-1","{to}","Dial","{data}","2026-11-22 {start}","2026-11-22 {start}","2026-11-22 {end}",9,9,"ANSWERED","DOCUMENTATION","{id}","","","{id}",1"#
        )
    };
    let id = "1795340164.19";
    let text = [
        row(
            "1795340100.1",
            "0312349999",
            "PJSIP/carrier-9",
            "PJSIP/0312349999@carrier",
            "09:35:00",
            "09:35:09",
        ),
        row(id, "201", "PJSIP/201-2", "PJSIP/201,20", "09:36:04", "09:36:13"),
        row(id, "0103712", "PJSIP/carrier-3", "PJSIP/0103712@carrier", "09:36:13", "09:36:22"),
    ];
    let found = read(Format::AsteriskMaster, &Options::default(), &text.join("\n"));
    assert_eq!(
        found[2],
        "Outbound 0103712 line= from=refer:201 trunk=carrier Answered answer=true pbx"
    );
}

#[test]
fn a_leg_whose_local_channel_was_taken_out_is_one_leg_from_first_to_last() {
    let row = |channel: &str, start: &str, end: &str| {
        format!(
            r#""","201","0103712","out","","{channel}","PJSIP/carrier-3","Dial","PJSIP/0103712@carrier","2026-11-22 {start}","2026-11-22 {start}","2026-11-22 {end}",9,9,"ANSWERED","DOCUMENTATION","1795340164.20","","","1795340164.19",1"#
        )
    };
    let text = [
        row("Local/0103712@out-00000001;2", "09:36:04", "09:36:06"),
        row("PJSIP/201-1", "09:36:06", "09:37:06"),
    ];
    let mut told = Vec::new();
    let mut decoder = Decoder::new(Format::AsteriskMaster, &Options::default()).expect("rows");
    decoder.decode(text.join("\n").as_bytes(), Last::Yes, &mut |_, decoded| {
        if let Decoded::Call(call) = decoded {
            told.push((call.call_id.to_owned(), call.start.to_string(), call.end));
        }
    });
    assert_eq!((&told[0].0, &told[0].1), (&told[1].0, &told[1].1), "one id, one start");
    assert!(told[1].2 > told[0].2);
}

#[test]
fn the_hour_that_comes_twice_does_not_turn_a_call_round() {
    let options =
        Options { zone: TimeZone::get("Europe/Berlin").expect("bundled"), ..Options::default() };
    let text = r#""","201","0312349999","out","","PJSIP/201-1","PJSIP/c-2","Dial","PJSIP/0312349999@c","2015-10-25 02:59:50","2015-10-25 02:59:55","2015-10-25 02:00:10",20,15,"ANSWERED","DOCUMENTATION""#;
    let mut decoder = Decoder::new(Format::AsteriskMaster, &options).expect("rows");
    let mut lengths = Vec::new();
    decoder.decode(text.as_bytes(), Last::Yes, &mut |_, decoded| {
        if let Decoded::Call(call) = decoded {
            let end = call.end.expect("an end");
            lengths.push((
                end.since(call.start.at).whole_seconds(),
                end.since(call.answer.expect("answered")).whole_seconds(),
            ));
        }
    });
    assert_eq!(lengths, [(20, 15)]);
}

#[test]
fn a_table_with_a_header_or_a_pattern_is_read_alike() {
    let header = "calldate,clid,src,dst,dcontext,channel,dstchannel,lastapp,lastdata,duration,billsec,disposition,uniqueid\n";
    let row = "2026-11-22 09:36:04,,201,0312349999,from-internal,PJSIP/201-1,PJSIP/c-2,Dial,\"PJSIP/0312349999@c,300\",20,15,ANSWERED,1795340164.19\n";
    let expected = ["Outbound 0312349999 line=201 from= trunk=c Answered answer=true pbx"];
    assert_eq!(read(Format::AsteriskCustom, &tokyo(), &format!("{header}{row}")), expected);
    let layout = Some(header.trim().to_owned());
    let options = Options { layout, ..tokyo() };
    assert_eq!(read(Format::AsteriskCustom, &options, row), expected);
    let pattern = "Master.csv => ${CSV_QUOTE(${CDR(dst)})},${CDR(start,u)},${CDR(end,u)},\"${CDR(channel)}\",\"${CDR(dstchannel)}\",\"${CDR(lastapp)}\",\"${CDR(lastdata)}\",${CDR(disposition)}";
    let options = Options { layout: Some(pattern.to_owned()), ..tokyo() };
    let row = "\"0312349999\",1795340164.25,1795340166.5,\"PJSIP/201-1\",\"PJSIP/c-2\",\"Dial\",\"PJSIP/0312349999@c,60\",BUSY\n";
    let expected = ["Outbound 0312349999 line=201 from= trunk=c Busy answer=false pbx"];
    assert_eq!(read(Format::AsteriskCustom, &options, row), expected);
}
