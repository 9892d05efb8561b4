//! Rows a second of processor time of each record format on one thread (Linux): `cargo run --release -p
//! sekimori-switches --example record_speed`. The rows are made in memory; the decoder is fed
//! in chunks of 1 MiB, and every field it gives is looked at.

use sekimori_switches::records::{Decoded, Decoder, Format, Last, Options};
use std::fmt::Write;
use std::time::Duration;

const N_ROWS: u32 = 400_000;
const CHUNK: usize = 1 << 20;

fn main() {
    let formats = [
        (Format::Generic, "generic", generic()),
        (Format::AsteriskMaster, "asterisk", asterisk()),
        (Format::FreeSwitch, "freeswitch", freeswitch()),
        (Format::KamailioAcc, "kamailio, table", kamailio_table()),
        (Format::KamailioAcc, "kamailio, log", kamailio_log()),
        (Format::CiscoCucm, "cisco", cisco()),
    ];
    for (format, name, text) in formats {
        let n_rows = text.lines().count() as f64;
        let best = (0..5).map(|_| seconds(format, &text)).fold(f64::MAX, f64::min);
        let (rate, bytes) = (n_rows / best, text.len() as f64 / n_rows);
        println!("{name:<20} {rate:>10.0} rows/s  {bytes:>4.0} bytes/row");
    }
}

fn seconds(format: Format, text: &str) -> f64 {
    let before = on_processor();
    let zone = jiff::tz::TimeZone::get("Asia/Tokyo").expect("a zone");
    let options = Options { zone, ..Options::default() };
    let mut decoder = Decoder::new(format, &options).expect("a format of rows");
    let (mut n_calls, mut seen) = (0, 0);
    let mut rest = text.as_bytes();
    while !rest.is_empty() {
        let n = CHUNK.min(rest.len());
        let last = if n == rest.len() { Last::Yes } else { Last::No };
        let used = decoder.decode(&rest[..n], last, &mut |_, decoded| {
            if let Decoded::Call(call) = decoded {
                n_calls += 1;
                seen += call.dialled.len() as i64 + call.start.at.0 + call.trunk.len() as i64;
            }
        });
        rest = &rest[used..];
    }
    assert_eq!(n_calls, N_ROWS, "every row is a call (seen {seen})");
    (on_processor() - before).as_secs_f64()
}

/// How long this thread has been on a processor: a busy machine does not change it.
fn on_processor() -> Duration {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").expect("Linux");
    let nanos = text.split(' ').next().and_then(|nanos| nanos.parse().ok());
    Duration::from_nanos(nanos.expect("nanoseconds first"))
}

/// The time of day `n` seconds after midnight.
fn clock(n: u32) -> String {
    format!("{:02}:{:02}:{:02}", n / 3600, n / 60 % 60, n % 60)
}

fn generic() -> String {
    let mut text = "call_id,account,dialled,start,answer,end,line,caller,source_ip,user_agent,forwarded_from,trunk,disposition\n".to_owned();
    for n in 0..N_ROWS {
        let day = n % 86_000;
        let (start, answer, end) = (clock(day), clock(day + 4), clock(day + 36));
        let _ = writeln!(
            text,
            "call-{n:08},account-{:05},0033010232{n:08},2015-03-13T{start}+09:00,2015-03-13T{answer}+09:00,2015-03-13T{end}+09:00,{},0312345678,203.0.113.{},Yealink T46S,,carrier-1,answered",
            n % 10_000,
            200 + n % 50,
            n % 250
        );
    }
    text
}

const DAY: &str = "2015-03-13";

fn asterisk() -> String {
    let mut text = String::new();
    for n in 0..N_ROWS {
        let day = n % 86_000;
        let (start, answer, end) = (clock(day), clock(day + 4), clock(day + 36));
        let _ = writeln!(
            text,
            "\"\",\"{line}\",\"0033010232{n:08}\",\"from-internal\",\"\"\"Desk\"\" <{line}>\",\"PJSIP/{line}-{n:08x}\",\"PJSIP/carrier-{n:08x}\",\"Dial\",\"PJSIP/0033010232{n:08}@carrier,60\",\"{DAY} {start}\",\"{DAY} {answer}\",\"{DAY} {end}\",36,32,\"ANSWERED\",\"DOCUMENTATION\",\"pbx-{}.{n}\",\"\",\"\",\"pbx-{}.{n}\",{n}",
            1_426_204_800 + day,
            1_426_204_800 + day,
            line = 200 + n % 50,
        );
    }
    text
}

fn freeswitch() -> String {
    let mut text = String::new();
    for n in 0..N_ROWS {
        let day = n % 86_000;
        let (start, answer, end) = (clock(day), clock(day + 4), clock(day + 36));
        let _ = writeln!(
            text,
            "\"Desk\",\"{}\",\"0033010232{n:08}\",\"default\",\"{DAY} {start}\",\"{DAY} {answer}\",\"{DAY} {end}\",\"36\",\"32\",\"NORMAL_CLEARING\",\"c60a1f09-ce61-47d3-a806-{n:012}\",\"d60a1f09-ce61-47d3-a806-{n:012}\",\"\",\"PCMU\",\"PCMU\"",
            1_000 + n % 50,
        );
    }
    text
}

/// An INVITE and a BYE a call; the rows of the rate are both.
fn kamailio_table() -> String {
    let mut text =
        "method,from_tag,to_tag,callid,sip_code,sip_reason,time,src_user,src_ip,dst_user\n"
            .to_owned();
    for n in 0..N_ROWS {
        let day = n % 86_000;
        for (method, at) in [("INVITE", clock(day)), ("BYE", clock(day + 32))] {
            let _ = writeln!(
                text,
                "{method},a{n:08},b{n:08},{n:08}-59f425a8@203.0.113.9,200,OK,{DAY} {at},0312345678,203.0.113.{},0033010232{n:08}",
                n % 250,
            );
        }
    }
    text
}

fn kamailio_log() -> String {
    let mut text = String::new();
    for n in 0..N_ROWS {
        for (method, at) in [("INVITE", n), ("BYE", n + 32)] {
            let _ = writeln!(
                text,
                "Mar 13 23:10:04 edge kamailio[191]: NOTICE: acc [acc.c:287]: acc_log_request(): ACC: transaction answered: timestamp={};method={method};from_tag=a{n:08};to_tag=b{n:08};call_id={n:08}-59f425a8@203.0.113.9;code=200;reason=OK;acct=cust-{};fu=0312345678;ru=0033010232{n:08};src=203.0.113.9",
                1_426_204_800 + at,
                n % 10_000,
            );
        }
    }
    text
}

fn cisco() -> String {
    let mut text = "cdrRecordType,globalCallID_callManagerId,globalCallID_callId,globalCallId_ClusterID,origLegCallIdentifier,destLegIdentifier,dateTimeOrigination,origIpAddr,callingPartyNumber,originalCalledPartyNumber,finalCalledPartyNumber,lastRedirectDn,destCause_value,dateTimeConnect,dateTimeDisconnect,duration,origDeviceName,destDeviceName\n".to_owned();
    for n in 0..N_ROWS {
        let at = 1_426_204_800 + n;
        let _ = writeln!(
            text,
            "1,1,{n},StandAloneCluster,{n},{n},{at},-1139627840,{},0033010232{n:08},0033010232{n:08},,16,{},{},32,SEP001122334455,SIP-carrier",
            2_000 + n % 50,
            at + 4,
            at + 36,
        );
    }
    text
}
