//! Runs the casebook's pages on SIP: each `sip` block is read, and what comes of it has to be the
//! `then` block that follows. The grammar is told on the first page.

use sekimori_switches::sip::{
    AccountFrom, Asserts, Counts, Course, Invite, Key, Status, Switch, course, invite, read,
    respond,
};
use std::net::{IpAddr, SocketAddr};

const PAGES: [(&str, &str, usize); 2] = [
    ("sip", include_str!("../../../casebook/switches/sip.md"), 60),
    ("sip-torture", include_str!("../../../casebook/switches/sip-torture.md"), 48),
];

#[test]
fn messages_are_taken_as_the_casebook_says() {
    let mut wrong = Vec::new();
    for (page, text, n_cases_min) in PAGES {
        let cases = cases(text);
        assert!(cases.len() >= n_cases_min, "{page} has only {} cases", cases.len());
        for (n, case) in cases.iter().enumerate() {
            let then = outcome(case);
            if then != case.then {
                let message = String::from_utf8_lossy(&case.message);
                wrong.push(format!("{page}, case {}:\n{message}\n{then}\n", n + 1));
            }
        }
    }
    assert!(wrong.is_empty(), "taken otherwise:\n{}", wrong.join("\n"));
}

struct Case {
    from: IpAddr,
    switch: Switch,
    message: Vec<u8>,
    then: String,
}

fn cases(page: &str) -> Vec<Case> {
    let mut cases: Vec<Case> = Vec::new();
    let mut lines = page.lines();
    while let Some(line) = lines.next() {
        let Some(info) = line.strip_prefix("```") else { continue };
        let block: Vec<&str> = lines.by_ref().take_while(|line| *line != "```").collect();
        if let Some(options) = info.strip_prefix("sip ") {
            let (from, switch) = said(options);
            let message = block.iter().flat_map(|line| bytes(line)).collect();
            cases.push(Case { from, switch, message, then: String::new() });
        } else if info == "then" {
            cases.last_mut().expect("a message before what comes of it").then = block.join("\n");
        }
    }
    cases
}

fn said(options: &str) -> (IpAddr, Switch) {
    let mut from = None;
    let mut switch = Switch::loopback();
    for word in options.split(' ') {
        let (name, value) = word.split_once('=').expect("NAME=VALUE");
        match name {
            "from" => from = Some(value.parse().expect("an address")),
            "asserts" => value.split(',').for_each(|name| vouch(&mut switch.asserts, name)),
            "account" if value == "identity" => switch.account = AccountFrom::Identity,
            "account" => switch.account = AccountFrom::Named(value.to_owned()),
            other => panic!("no option {other}"),
        }
    }
    (from.expect("from=ADDRESS"), switch)
}

fn vouch(asserts: &mut Asserts, name: &str) {
    match name {
        "account" => asserts.account = Counts::Yes,
        "pai" => asserts.asserted_identity = Counts::Yes,
        "rpid" => asserts.remote_party = Counts::Yes,
        "from" => asserts.from = Counts::Yes,
        "source" => asserts.source = Counts::Yes,
        "user_agent" => asserts.user_agent = Counts::Yes,
        "all" => {
            for name in ["account", "pai", "rpid", "from", "source", "user_agent"] {
                vouch(asserts, name);
            }
        }
        other => panic!("nobody vouches for {other}"),
    }
}

/// A line as bytes with its end, RFC 4475's marks resolved.
fn bytes(line: &str) -> Vec<u8> {
    let mut out = Vec::new();
    let mut rest = line;
    while let Some(at) = rest.find('<') {
        out.extend_from_slice(&rest.as_bytes()[..at]);
        rest = &rest[at..];
        if let Some((digits, after)) = marked(rest, "<hex>", "</hex>") {
            let byte = |n: usize| u8::from_str_radix(&digits[n..n + 2], 16).expect("hexadecimal");
            out.extend((0..digits.len()).step_by(2).map(byte));
            rest = after;
        } else if let Some((inside, after)) = marked(rest, "<repeat count=", "</repeat>") {
            let (count, text) = inside.split_once('>').expect("count and text");
            let count = count.parse().expect("a count");
            out.extend_from_slice(text.repeat(count).as_bytes());
            rest = after;
        } else {
            out.push(b'<');
            rest = &rest[1..];
        }
    }
    out.extend_from_slice(rest.as_bytes());
    out.extend_from_slice(b"\r\n");
    out
}

fn marked<'a>(text: &'a str, open: &str, close: &str) -> Option<(&'a str, &'a str)> {
    text.strip_prefix(open)?.split_once(close)
}

fn outcome(case: &Case) -> String {
    let from = SocketAddr::new(case.from, 5060);
    let request = match read(&case.message) {
        Ok(request) => request,
        Err(bad) => {
            return match bad.course() {
                Course::Respond(status) => status_line(bad.head.as_ref().expect("one"), status),
                _ => format!("nothing: {}", bad.why),
            };
        }
    };
    match course(&request) {
        Course::Judge => match invite(&request, from, &case.switch, &Key([7; 16])) {
            Ok(invite) => told(&invite),
            Err(why) => status_line(request.head(), Status::Unacceptable(why)),
        },
        Course::Respond(status) => status_line(request.head(), status),
        Course::Cancel => "cancel".to_owned(),
        Course::Ignore => "nothing".to_owned(),
    }
}

fn status_line(head: &sekimori_switches::sip::Head<'_>, status: Status) -> String {
    let mut out = Vec::new();
    let from = SocketAddr::new([203, 0, 113, 9].into(), 5060);
    respond(head, from, 7, status, &mut out);
    let text = String::from_utf8_lossy(&out);
    let line = text.lines().next().expect("a line");
    line.strip_prefix("SIP/2.0 ").expect("a status line").to_owned()
}

fn told(invite: &Invite<'_>) -> String {
    let mut out = format!("judge: {} · account {}", &*invite.dialled, &*invite.account);
    let because = invite.forwarded_from.as_ref().map(ToString::to_string).unwrap_or_default();
    let source = invite.source.map(|source| source.to_string()).unwrap_or_default();
    let texts = [
        ("line", &*invite.line),
        ("caller", &*invite.caller),
        ("from", &source),
        ("with", invite.user_agent),
        ("because of", &because),
    ];
    for (name, text) in texts.into_iter().filter(|(_, text)| !text.is_empty()) {
        out.push_str(&format!(" · {name} {text}"));
    }
    out
}
