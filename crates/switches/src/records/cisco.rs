//! Cisco Unified Communications Manager's CDR files: a header, a row of types, then records
//! whose times are seconds of the epoch in UTC.
//!
//! Field meanings are those of Cisco's Call Detail Records Administration Guide. The account is
//! the cluster's id unless said otherwise. Rules and rows: `casebook/switches/cisco.md`.

use super::cells::Row;
use super::clock::Clock;
use super::options::{AccountFrom, Options};
use super::rows::raw_cells;
use super::{CallRecord, Decoded, Direction, Sink, Why, is_outside, or_default};
use sekimori_atlas::rfc3339::Rfc3339;
use sekimori_atlas::time::{Span, Timestamp};
use sekimori_engine::event::Disposition;
use std::fmt::Write;
use std::net::Ipv4Addr;

/// The account where no cluster is named.
const ACCOUNT: &str = "pbx";

const USED: [&str; 19] = [
    "cdrrecordtype",
    "globalcallid_callmanagerid",
    "globalcallid_callid",
    "globalcallid_clusterid",
    "origlegcallidentifier",
    "destlegidentifier",
    "datetimeorigination",
    "datetimeconnect",
    "datetimedisconnect",
    "duration",
    "callingpartynumber",
    "originalcalledpartynumber",
    "finalcalledpartynumber",
    "lastredirectdn",
    "lastredirectredirectreason",
    "origdevicename",
    "destdevicename",
    "origipv4v6addr",
    "origipaddr",
];
const REQUIRED: [&str; 5] = [
    "globalcallid_callid",
    "datetimeorigination",
    "datetimedisconnect",
    "finalcalledpartynumber",
    "destdevicename",
];
/// `destcause_value`, kept apart because only failed calls need it.
const CAUSE: &str = "destcause_value";
const ABSENT: usize = usize::MAX;

/// How the names of devices that people hold begin: phones, soft clients, adapters.
const PHONES: [&str; 10] = ["SEP", "CSF", "TCT", "BOT", "TAB", "ATA", "CTI", "CIPC", "VGC", "UPC"];

/// Reads rows of a CDR file.
#[derive(Debug)]
pub(super) struct Cisco {
    at: [usize; USED.len()],
    cause: usize,
    account: usize,
    n_cells: usize,
    clock: Clock,
    account_from: AccountFrom,
    call_id: String,
    forwarded: String,
    address: String,
}

impl Cisco {
    /// # Errors
    /// [`Why::MissingColumns`].
    pub(super) fn open(header: &Row<'_>, options: &Options) -> Result<Cisco, Why> {
        let names: Vec<String> =
            (0..header.len()).map(|n| header.get(n).trim().to_ascii_lowercase()).collect();
        let find = |name: &str| names.iter().position(|n| n == name).unwrap_or(ABSENT);
        let mut missing: Vec<&str> =
            REQUIRED.into_iter().filter(|name| find(name) == ABSENT).collect();
        let wanted = match &options.account_from {
            AccountFrom::Column(name) => name.to_ascii_lowercase(),
            _ => String::new(),
        };
        if !wanted.is_empty() && find(&wanted) == ABSENT {
            missing.push(&wanted);
        }
        if !missing.is_empty() {
            let found: Vec<&str> = (0..header.len()).map(|n| header.get(n)).collect();
            return Err(Why::missing(&missing, &found.join(", ")));
        }
        Ok(Cisco {
            at: USED.map(find),
            cause: find(CAUSE),
            account: find(&wanted),
            n_cells: names.len(),
            clock: Clock::new(&options.zone),
            account_from: options.account_from.clone(),
            call_id: String::new(),
            forwarded: String::new(),
            address: String::new(),
        })
    }

    pub(super) fn looks_whole(&self, line: &[u8], delimiter: u8) -> bool {
        let mut timed = false;
        let n = raw_cells(line, delimiter, |n, cell| {
            timed |= n == self.at[6] && cell.len() >= 9 && cell.iter().all(u8::is_ascii_digit);
        });
        timed && n == Some(self.n_cells)
    }

    pub(super) fn row(&mut self, row: &Row<'_>, line: u64, sink: &mut Sink<'_>) -> Result<(), Why> {
        let at = self.at;
        let get = |n: usize| row.get(at[n]).trim();
        if get(6) == "INTEGER" || get(0) == "INTEGER" || get(0) == "2" {
            // The row of types, and records of a call's quality.
            sink(line, Decoded::Skipped);
            return Ok(());
        }
        row.check_len(self.n_cells)?;
        let (start, answer, end) = self.times(get)?;
        let dialled = row.exact(at[12], "finalCalledPartyNumber")?.trim();
        let dialled = if dialled.is_empty() { get(11) } else { dialled };
        if dialled.is_empty() {
            // Off the hook and on again: nothing was dialled.
            sink(line, Decoded::Skipped);
            return Ok(());
        }
        let (from, to) = (get(15), get(16));
        let direction = direction(from, to, dialled);
        self.say_cause(get, dialled, direction);
        let phone = is_phone(from);
        let line_name = match (direction, self.forwarded.is_empty()) {
            (Direction::Inbound, _) => dialled,
            (_, true) if phone || from.is_empty() => get(10),
            _ => "",
        };
        let trunk = match direction {
            Direction::Outbound => to,
            Direction::Inbound => from,
            Direction::Internal => "",
        };
        self.say_address(get(17), get(18));
        let cluster = get(3);
        self.call_id.clear();
        let _ = write!(self.call_id, "{cluster}:{}:{}:{}:{}", get(1), get(2), get(4), get(5));
        let account = match &self.account_from {
            AccountFrom::Fixed(name) => name.as_str(),
            AccountFrom::Column(_) => row.get(self.account).trim(),
            AccountFrom::Channel => line_name,
            AccountFrom::Trunk => trunk,
            AccountFrom::Default => cluster,
        };
        let account = or_default(account, &self.account_from, ACCOUNT)?;
        sink(
            line,
            Decoded::Call(CallRecord {
                call_id: &self.call_id,
                account,
                dialled,
                start,
                answer,
                end,
                line: line_name,
                caller: get(10),
                source_ip: &self.address,
                user_agent: "",
                forwarded_from: &self.forwarded,
                trunk,
                direction,
                disposition: disposition(row.get(self.cause).trim(), answer.is_some()),
            }),
        );
        Ok(())
    }

    fn times<'a>(&mut self, get: impl Fn(usize) -> &'a str) -> Result<Times, Why> {
        let clock = &mut self.clock;
        let mut read = |n: usize, column| match get(n) {
            "" | "0" => Ok(None),
            text => clock.epoch(text).map(Some).ok_or_else(|| Why::bad_time(column, text)),
        };
        let start = read(6, "dateTimeOrigination")?
            .ok_or(Why::EmptyCell { column: "dateTimeOrigination" })?;
        let answer = read(7, "dateTimeConnect")?.map(|at| at.at);
        let begun = answer.unwrap_or(start.at);
        let end = match read(8, "dateTimeDisconnect")? {
            Some(end) => Some(end.at),
            None => get(9).parse::<u32>().ok().map(|s| begun + Span::seconds(i64::from(s))),
        };
        let in_order = begun >= start.at && end.is_none_or(|end| end >= begun);
        if in_order { Ok((start, answer, end)) } else { Err(Why::TimesDisagree) }
    }

    /// Writes what redirected a call that goes out, if anything did.
    fn say_cause<'a>(
        &mut self,
        get: impl Fn(usize) -> &'a str,
        dialled: &str,
        direction: Direction,
    ) {
        self.forwarded.clear();
        let redirected = get(13);
        let other = !redirected.is_empty() && redirected != dialled && get(11) != dialled;
        if other && direction == Direction::Outbound {
            let _ = write!(self.forwarded, "{}:{redirected}", manner(get(14)));
        }
    }

    /// Writes the address that signalled; in the number its lowest byte is the first.
    fn say_address(&mut self, address: &str, number: &str) {
        self.address.clear();
        self.address.push_str(address);
        let number = number.parse::<i32>().ok().filter(|number| *number != 0);
        if let Some(number) = number.filter(|_| address.is_empty()) {
            let _ = write!(self.address, "{}", Ipv4Addr::from(number.to_le_bytes()));
        }
    }
}

/// Start, answer and end.
type Times = (Rfc3339, Option<Timestamp>, Option<Timestamp>);

fn is_phone(device: &str) -> bool {
    // An analogue port is `AN`, a hardware address and the port's number.
    let port = device.strip_prefix("AN").unwrap_or("");
    PHONES.iter().any(|start| device.starts_with(start))
        || port.len() >= 12 && port.bytes().all(|b| b.is_ascii_hexdigit())
}

/// A call leaves when it ends at something that is no phone, or at nothing, and the number is
/// one of the world's; it comes in when it starts at something that is no phone.
fn direction(from: &str, to: &str, dialled: &str) -> Direction {
    let leaves = !is_phone(to) && is_outside(dialled);
    if leaves && (is_phone(from) || from.is_empty() || !to.is_empty()) {
        Direction::Outbound
    } else if !from.is_empty() && !is_phone(from) {
        Direction::Inbound
    } else {
        Direction::Internal
    }
}

/// `lastRedirectRedirectReason`, by Cisco's table: 15 is unconditional forwarding, 1 and 2 are
/// busy and no answer, 4, 34 and 130 transfers, 162 a redirect by the phone.
fn manner(reason: &str) -> &'static str {
    match reason {
        "15" => "cfu",
        "1" => "cfb",
        "2" => "cfna",
        "4" | "34" | "130" => "refer",
        "162" => "302",
        _ => "forward",
    }
}

/// Q.850 causes.
fn disposition(cause: &str, answered: bool) -> Disposition {
    match cause {
        _ if answered => Disposition::Answered,
        "17" => Disposition::Busy,
        "0" | "16" | "18" | "19" => Disposition::NoAnswer,
        "" => Disposition::Unknown,
        _ => Disposition::Failed,
    }
}
