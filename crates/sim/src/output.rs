//! Files out: calls and registrations in the shapes of the replay contract, and the truth
//! beside them (`truth.csv`, one row a call; `attacks.csv`, one row an attack). Times are
//! written in Tokyo's offset. Nothing here decides anything.

use crate::calendar::{Millis, rfc3339};
use crate::record::{Attack, Call, Direction, Hand, Registration, Truth};

/// The header of a file of calls: the contract's columns.
pub const CALLS_HEADER: &str = "call_id,account,dialled,start,end,answer,line,caller,source_ip,\
     user_agent,forwarded_from,trunk,direction,disposition";
/// The header of a file of registrations.
pub const REGISTRATIONS_HEADER: &str = "at,account,line,source_ip,user_agent,outcome";
/// The header of the truth about calls.
pub const TRUTH_HEADER: &str = "call_id,account,truth,variant,campaign";
/// The header of the truth about attacks.
pub const ATTACKS_HEADER: &str = "class,variant,campaign,account,starts,ends,n_calls";

/// One row under construction; fields are quoted where RFC 4180 asks for it.
pub(crate) struct Row<'a>(pub(crate) &'a mut Vec<u8>);

impl Row<'_> {
    pub(crate) fn text(&mut self, field: &str) {
        let plain = !field.bytes().any(|b| matches!(b, b',' | b'"' | b'\r' | b'\n'));
        if plain {
            self.0.extend_from_slice(field.as_bytes());
        } else {
            self.0.push(b'"');
            self.0.extend_from_slice(field.replace('"', "\"\"").as_bytes());
            self.0.push(b'"');
        }
        self.0.push(b',');
    }

    pub(crate) fn number(&mut self, n: u64) {
        self.0.extend_from_slice(itoa::Buffer::new().format(n).as_bytes());
        self.0.push(b',');
    }

    pub(crate) fn time(&mut self, at: Option<Millis>) {
        if let Some(at) = at {
            rfc3339(at, self.0);
        }
        self.0.push(b',');
    }

    pub(crate) fn id(&mut self, n: u64) {
        self.0.extend_from_slice(&call_id(n));
        self.0.push(b',');
    }

    /// The last comma becomes the line's end.
    pub(crate) fn end(self) {
        if let Some(last) = self.0.last_mut() {
            *last = b'\n';
        }
    }
}

/// The id of the `n`-th call written: `c` and nine digits, so that ids sort as calls do.
pub(crate) fn call_id(mut n: u64) -> [u8; 10] {
    let mut id = *b"c000000000";
    for place in (1..10).rev() {
        id[place] = b'0' + (n % 10) as u8;
        n /= 10;
    }
    id
}

/// Appends a call as a row of the `generic` format.
pub fn write_call(out: &mut Vec<u8>, n: u64, account: &str, call: &Call) {
    let mut row = Row(out);
    row.id(n);
    row.text(account);
    row.text(&call.dialled);
    row.time(Some(call.start));
    row.time(Some(call.end));
    row.time(call.answer);
    row.number(u64::from(call.line));
    row.text(&call.caller);
    row.text(&call.source_ip);
    row.text(&call.user_agent);
    row.text(&call.forwarded_from);
    row.text(&call.trunk);
    row.text(match call.direction {
        Direction::Outbound => "outbound",
        Direction::Inbound => "inbound",
    });
    row.text(call.disposition.word());
    row.end();
}

/// Appends a registration as a row of the contract's second file.
pub fn write_registration(out: &mut Vec<u8>, account: &str, event: &Registration) {
    let mut row = Row(out);
    row.time(Some(event.at));
    row.text(account);
    row.text(&event.line);
    row.text(&event.source_ip);
    row.text(&event.user_agent);
    row.text(event.outcome);
    row.end();
}

/// Appends what a call really was.
pub fn write_truth(out: &mut Vec<u8>, n: u64, account: &str, call: &Call, attacks: &[Attack]) {
    let mut row = Row(out);
    row.id(n);
    row.text(account);
    match call.truth {
        Truth::Honest(archetype) => {
            row.text(archetype);
            row.text(if call.hand == Hand::Fax { "fax" } else { "" });
            row.text("");
        }
        Truth::Attack(place) => {
            let attack = &attacks[place as usize];
            row.text(attack.class);
            row.text(attack.variant);
            row.number(u64::from(attack.campaign));
        }
        Truth::Bait(campaign) => {
            row.text("A16");
            row.text("ring");
            row.number(u64::from(campaign));
        }
    }
    row.end();
}

/// Appends an attack.
pub fn write_attack(out: &mut Vec<u8>, account: &str, attack: &Attack) {
    let mut row = Row(out);
    row.text(attack.class);
    row.text(attack.variant);
    row.number(u64::from(attack.campaign));
    row.text(account);
    row.time(Some(attack.starts));
    row.time(Some(attack.ends));
    row.number(u64::from(attack.n_calls));
    row.end();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_sort_as_calls_do() {
        assert_eq!(&call_id(42), b"c000000042");
        assert!(call_id(9) < call_id(10));
    }

    #[test]
    fn a_field_with_a_comma_is_quoted() {
        let mut out = Vec::new();
        let mut row = Row(&mut out);
        row.text("a,\"b\"");
        row.text("c");
        row.end();
        assert_eq!(out, b"\"a,\"\"b\"\"\",c\n");
    }
}
