//! Runs the casebook's pages on record formats: each `rows` block is decoded, and what is read
//! of it has to be the `read` block that follows.
//!
//! ` ```rows FORMAT [zone=ZONE] [account=WAY] [layout=LAYOUT to the end of the line] `. A line
//! of a `read` block is the row's line, then what it was read as, empty texts left out.

use jiff::tz::TimeZone;
use sekimori_atlas::time::Timestamp;
use sekimori_switches::records::{
    CallRecord, Decoded, Decoder, Format, Last, Options, RegistrationRecord,
};

const PAGES: [(&str, &str); 5] = [
    ("generic", include_str!("../../../casebook/switches/generic.md")),
    ("asterisk", include_str!("../../../casebook/switches/asterisk.md")),
    ("freeswitch", include_str!("../../../casebook/switches/freeswitch.md")),
    ("kamailio", include_str!("../../../casebook/switches/kamailio.md")),
    ("cisco", include_str!("../../../casebook/switches/cisco.md")),
];
/// A page shrinks unseen below this.
const CASES_MIN: usize = 3;

#[test]
fn rows_are_read_as_the_casebook_says() {
    let mut wrong = Vec::new();
    for (name, page) in PAGES {
        let cases = cases(page);
        assert!(cases.len() >= CASES_MIN, "{name} has only {} cases", cases.len());
        for (n, case) in cases.iter().enumerate() {
            let read = read(case, usize::MAX);
            if read != case.read {
                wrong.push(format!("{name}, case {}:\n{read}", n + 1));
            }
            for size in [1, 7, 100] {
                assert_eq!(self::read(case, size), read, "{name}, case {}, by {size}", n + 1);
            }
        }
    }
    assert!(wrong.is_empty(), "read otherwise:\n{}", wrong.join("\n"));
}

struct Case {
    format: Format,
    options: Options,
    rows: String,
    read: String,
}

fn cases(page: &str) -> Vec<Case> {
    let mut cases: Vec<Case> = Vec::new();
    let mut lines = page.lines();
    while let Some(line) = lines.next() {
        let Some(info) = line.strip_prefix("```") else { continue };
        let block: String = lines
            .by_ref()
            .take_while(|line| *line != "```")
            .flat_map(|line| [line, "\n"])
            .collect();
        if let Some(info) = info.strip_prefix("rows ") {
            let (format, options) = said(info);
            cases.push(Case { format, options, rows: block, read: String::new() });
        } else if info == "read" {
            cases.last_mut().expect("rows before what is read of them").read = block;
        }
    }
    cases
}

fn said(info: &str) -> (Format, Options) {
    let (info, layout) = match info.split_once(" layout=") {
        Some((info, layout)) => (info, Some(layout.to_owned())),
        None => (info, None),
    };
    let mut options = Options { layout, ..Options::default() };
    let mut words = info.split(' ');
    let format = words.next().unwrap_or_default().parse().expect("a format");
    for word in words {
        match word.split_once('=') {
            Some(("zone", zone)) => options.zone = TimeZone::get(zone).expect("a zone"),
            Some(("account", way)) => options.account_from = way.parse().expect("a way"),
            _ => panic!("{word} is no option"),
        }
    }
    (format, options)
}

/// Reads a case's rows in chunks of `size` bytes.
fn read(case: &Case, size: usize) -> String {
    let mut decoder = Decoder::new(case.format, &case.options).expect("a format of rows");
    let bytes = case.rows.as_bytes();
    let (mut out, mut buffer, mut from) = (String::new(), Vec::new(), 0);
    while from < bytes.len() {
        let to = from.saturating_add(size).min(bytes.len());
        buffer.extend_from_slice(&bytes[from..to]);
        from = to;
        let last = if from == bytes.len() { Last::Yes } else { Last::No };
        let used = decoder.decode(&buffer, last, &mut |line, decoded| {
            out.push_str(&format!("{line}: {}\n", told(&decoded)));
        });
        buffer.drain(..used);
    }
    out
}

fn told(decoded: &Decoded<'_>) -> String {
    match decoded {
        Decoded::Call(call) => told_call(call),
        Decoded::Registration(registration) => told_registration(registration),
        Decoded::Skipped => "skipped".to_owned(),
        Decoded::Undecoded(undecoded) => format!("not read: {}", undecoded.why),
    }
}

fn told_call(call: &CallRecord<'_>) -> String {
    let after = |at: Option<Timestamp>| {
        at.map_or(String::new(), |at| format!("{} s", at.since(call.start.at).0 as f64 / 1e9))
    };
    join(
        &format!("{:?}", call.direction).to_lowercase(),
        &[
            ("", call.dialled),
            ("account", call.account),
            ("id", call.call_id),
            ("start", &call.start.to_string()),
            ("answered after", &after(call.answer)),
            ("ended after", &after(call.end)),
            ("line", call.line),
            ("caller", call.caller),
            ("from", call.source_ip),
            ("client", call.user_agent),
            ("because of", call.forwarded_from),
            ("trunk", call.trunk),
            ("", &format!("{:?}", call.disposition).to_lowercase()),
        ],
    )
}

fn told_registration(r: &RegistrationRecord<'_>) -> String {
    join(
        "registration",
        &[
            ("", &format!("{:?}", r.outcome)),
            ("account", r.account),
            ("at", &r.at.to_string()),
            ("line", r.line),
            ("from", r.source_ip),
            ("client", r.user_agent),
        ],
    )
}

fn join(first: &str, parts: &[(&str, &str)]) -> String {
    let mut out = first.to_owned();
    for (name, value) in parts.iter().filter(|(_, value)| !value.is_empty()) {
        let space = if name.is_empty() { "" } else { " " };
        out.push_str(&format!(" · {name}{space}{value}"));
    }
    out
}
