//! The contract's order: one JSON object on a line for each thing that would have been ordered.

use super::json;
use crate::report::summary::ScopeOut;
use crate::report::tally::Names;
use crate::report::words::Speech;
use sekimori_atlas::rfc3339::Rfc3339;
use sekimori_engine::order::{Act, Order, Scope, Until};
use std::io::Write as _;

/// What an order's line needs beside the order.
#[derive(Clone, Copy)]
pub struct Surroundings<'a> {
    /// Whose calls it is about.
    pub account: &'a str,
    /// The offset of the clock on the account's wall.
    pub offset_minutes: i16,
    /// The call that it is about, where it is about one.
    pub call_id: Option<&'a str>,
    /// The line or address of the scope, where it is one and its name is known.
    pub scope_name: Option<&'a str>,
}

/// Appends the line of an order. `until` is a moment, `"lifted"` where a person lifts it, or
/// null for what is done once; `extend` also says `max_seconds`, counted from the answer.
pub fn write<N: Names + ?Sized>(
    out: &mut Vec<u8>,
    order: &Order,
    around: Surroundings<'_>,
    names: &N,
    speech: Speech,
) {
    let moment = |at| Rfc3339 { at, offset_minutes: around.offset_minutes };
    out.extend_from_slice(b"{\"at\":");
    json::moment(out, moment(order.at));
    out.extend_from_slice(b",\"account\":");
    json::string(out, around.account);
    out.extend_from_slice(b",\"order\":\"");
    out.extend_from_slice(word(order.act).as_bytes());
    out.push(b'"');
    if let Act::Extend(_, seconds) = order.act {
        out.extend_from_slice(b",\"max_seconds\":");
        json::number(out, seconds);
    }
    out.extend_from_slice(b",\"scope\":");
    scope(out, order.scope, around);
    out.extend_from_slice(b",\"until\":");
    match order.until {
        Until::At(at) => json::moment(out, moment(at)),
        Until::LiftedByPerson => out.extend_from_slice(b"\"lifted\""),
        Until::Once => out.extend_from_slice(b"null"),
    }
    out.extend_from_slice(b",\"incident\":");
    match order.incident {
        Some(id) => write!(out, "\"{id}\"").expect("memory takes all"),
        None => out.extend_from_slice(b"null"),
    }
    out.extend_from_slice(b",\"why\":");
    json::string(out, &speech.say(&order.why, names));
    out.extend_from_slice(b"}\n");
}

fn scope(out: &mut Vec<u8>, scope: Scope, around: Surroundings<'_>) {
    if let Scope::Leg(_) = scope {
        out.extend_from_slice(b"{\"kind\":\"call\",\"call_id\":");
        match around.call_id {
            Some(call_id) => json::string(out, call_id),
            None => out.extend_from_slice(b"null"),
        }
        out.push(b'}');
        return;
    }
    serde_json::to_writer(out, &ScopeOut { scope, name: around.scope_name })
        .expect("memory takes all");
}

const fn word(act: Act) -> &'static str {
    match act {
        Act::Restrict => "restrict",
        Act::Lift => "lift",
        Act::HangUp(_) => "hang_up",
        Act::Extend(..) => "extend",
        Act::Notify => "notify",
        Act::Watch => "watch",
    }
}
