//! Kamailio's `acc`: rows of its table with a header, or the lines that it logs.
//!
//! `acc` writes one entry an answered or failed transaction, so a call is an INVITE and the
//! BYE that ends it; they are joined here. It notes neither when an INVITE came in (only when
//! it was answered) nor a direction. Values are not escaped. The account is a column that says
//! so, else the source address: From is what a caller likes to write. Rules and rows:
//! `casebook/switches/kamailio.md`.

mod entry;

pub(super) use entry::Columns;

use super::cells::Row;
use super::clock::Clock;
use super::names::{Waiting, kept};
use super::options::{AccountFrom, Options};
use super::{CallRecord, Decoded, Direction, Sink, Undecoded, Why};
use entry::{Entry, Kind};
use sekimori_atlas::rfc3339::Rfc3339;
use sekimori_atlas::time::Timestamp;
use sekimori_engine::event::Disposition;

/// Answered calls that wait for their end.
const RUNNING_MAX: usize = 65_536;
/// Ended calls whose second BYE, or whose dialog's own record, is expected.
const ENDED_MAX: usize = 4_096;
/// The account where nothing names one.
const ACCOUNT: &str = "sip";

/// Reads `acc` entries.
#[derive(Debug)]
pub(super) struct Kamailio {
    columns: Columns,
    clock: Clock,
    account_from: AccountFrom,
    running: Waiting<Running>,
    ended: Waiting<()>,
}

/// An answered call.
#[derive(Debug)]
struct Running {
    line: u64,
    tags: (String, String),
    call_id: String,
    account: String,
    dialled: String,
    start: Rfc3339,
    answer: Option<Timestamp>,
    caller_line: String,
    caller: String,
    source_ip: String,
    user_agent: String,
    forwarded: String,
    trunk: String,
    direction: Direction,
    disposition: Disposition,
}

impl Kamailio {
    pub(super) fn new(columns: Columns, options: &Options) -> Kamailio {
        Kamailio {
            columns,
            clock: Clock::new(&options.zone),
            account_from: options.account_from.clone(),
            running: Waiting::new(RUNNING_MAX),
            ended: Waiting::new(ENDED_MAX),
        }
    }

    pub(super) fn looks_whole(&self, line: &[u8], delimiter: u8) -> bool {
        self.columns.looks_whole(line, delimiter)
    }

    pub(super) fn row(&mut self, row: &Row<'_>, line: u64, sink: &mut Sink<'_>) -> Result<(), Why> {
        let Some(entry) = self.columns.entry(row)? else {
            sink(line, Decoded::Skipped);
            return Ok(());
        };
        match (entry.kind, entry.method) {
            (Kind::Ended, _) => self.ended_by_dialog(&entry, line, sink),
            (Kind::Transaction, "INVITE") => self.invite(&entry, line, sink),
            (Kind::Transaction, "BYE") => self.bye(&entry, line, sink),
            _ => {
                sink(line, Decoded::Skipped);
                Ok(())
            }
        }
    }

    fn invite(&mut self, entry: &Entry<'_>, line: u64, sink: &mut Sink<'_>) -> Result<(), Why> {
        let code = entry.code()?;
        if code < 200 || code == 401 || code == 407 {
            // Nothing final, or the question for a password: the answer to it comes next.
            sink(line, Decoded::Skipped);
            return Ok(());
        }
        let call = self.running_call(entry, line, code)?;
        if code >= 300 {
            sink(line, Decoded::Call(call.record(Some(call.start.at))));
            return Ok(());
        }
        if let Some(earlier) = self.running.get(entry.callid) {
            if earlier.tags.0 == call.tags.0 {
                // Asked again within the call.
                sink(line, Decoded::Skipped);
                return Ok(());
            }
            // Another call under the same id: the first must not vanish behind it.
            sink(earlier.line, Decoded::Call(earlier.record(None)));
        }
        sink(line, Decoded::Skipped);
        let n_max = self.running.n_max();
        if let Some(pushed_out) = self.running.put(entry.callid, call) {
            let why = Why::TooManyWaiting { n_max };
            sink(line, Decoded::Undecoded(Undecoded { line, why, bytes: &[] }));
            sink(pushed_out.line, Decoded::Call(pushed_out.record(None)));
        }
        Ok(())
    }

    fn bye(&mut self, entry: &Entry<'_>, line: u64, sink: &mut Sink<'_>) -> Result<(), Why> {
        let end = self.time(entry)?.at;
        let tags = (entry.from_tag, entry.to_tag);
        match self.running.get(entry.callid) {
            Some(call) if call.is_between(tags) => {}
            Some(_) => {
                sink(line, Decoded::Skipped);
                return Ok(());
            }
            None if self.ended.get(entry.callid).is_some() => {
                sink(line, Decoded::Skipped);
                return Ok(());
            }
            None => return Err(Why::no_beginning(entry.callid)),
        }
        self.end(entry.callid, end, line, sink);
        Ok(())
    }

    /// The dialog module's own record of a call's end; it matters where no BYE was accounted.
    fn ended_by_dialog(
        &mut self,
        entry: &Entry<'_>,
        line: u64,
        sink: &mut Sink<'_>,
    ) -> Result<(), Why> {
        if self.running.get(entry.callid).is_none() {
            sink(line, Decoded::Skipped);
            return Ok(());
        }
        let end = self.time(entry)?.at;
        self.end(entry.callid, end, line, sink);
        Ok(())
    }

    fn end(&mut self, callid: &str, end: Timestamp, line: u64, sink: &mut Sink<'_>) {
        let Some(call) = self.running.take(callid) else { return };
        let end = end.max(call.start.at);
        sink(line, Decoded::Call(call.record(Some(end))));
        self.ended.put(callid, ());
    }

    /// Calls whose end is not in the file.
    pub(super) fn finish(&mut self, sink: &mut Sink<'_>) {
        for call in self.running.drain() {
            sink(call.line, Decoded::Call(call.record(None)));
        }
    }

    fn time(&mut self, entry: &Entry<'_>) -> Result<Rfc3339, Why> {
        self.clock.read(entry.time).ok_or_else(|| Why::bad_time("time", entry.time))
    }

    fn running_call(&mut self, entry: &Entry<'_>, line: u64, code: u16) -> Result<Running, Why> {
        let start = self.time(entry)?;
        if entry.callid.is_empty() {
            return Err(Why::EmptyCell { column: "callid" });
        }
        let dialled = user_of(entry.dialled);
        if dialled.is_empty() {
            return Err(Why::EmptyCell { column: "dst_user" });
        }
        let account = match &self.account_from {
            AccountFrom::Fixed(name) => name.as_str(),
            AccountFrom::Column(_) if entry.wanted.is_empty() => {
                return Err(Why::EmptyCell { column: "account" });
            }
            AccountFrom::Column(_) => entry.wanted,
            AccountFrom::Channel => user_of(entry.caller),
            AccountFrom::Trunk => entry.trunk,
            AccountFrom::Default if !entry.account.is_empty() => entry.account,
            AccountFrom::Default if !entry.source_ip.is_empty() => entry.source_ip,
            AccountFrom::Default => user_of(entry.caller),
        };
        let forwarder = user_of(entry.diversion);
        let asserted = user_of(entry.line);
        Ok(Running {
            line,
            tags: (kept(entry.from_tag), kept(entry.to_tag)),
            call_id: kept(&format!("{};{}", entry.callid, entry.to_tag)),
            account: kept(if account.is_empty() { ACCOUNT } else { account }),
            dialled: kept(dialled),
            start,
            answer: (code < 300).then_some(start.at),
            caller_line: kept(asserted),
            caller: kept(user_of(entry.caller)),
            source_ip: kept(entry.source_ip),
            user_agent: kept(entry.user_agent),
            forwarded: if forwarder.is_empty() {
                String::new()
            } else {
                kept(&format!("forward:{forwarder}"))
            },
            trunk: kept(entry.trunk),
            direction: direction(entry.direction, dialled),
            disposition: disposition(code),
        })
    }
}

impl Running {
    /// Whether these tags are its two ends', whichever hangs up.
    fn is_between(&self, (a, b): (&str, &str)) -> bool {
        let (a, b) = (kept(a), kept(b));
        let (from, to) = (self.tags.0.as_str(), self.tags.1.as_str());
        (from == a && to == b) || (from == b && to == a)
    }

    fn record(&self, end: Option<Timestamp>) -> CallRecord<'_> {
        CallRecord {
            call_id: &self.call_id,
            account: &self.account,
            dialled: &self.dialled,
            start: self.start,
            answer: self.answer,
            end,
            line: &self.caller_line,
            caller: &self.caller,
            source_ip: &self.source_ip,
            user_agent: &self.user_agent,
            forwarded_from: &self.forwarded,
            trunk: &self.trunk,
            direction: self.direction,
            disposition: self.disposition,
        }
    }
}

/// The user of a SIP URI, or the text itself when it is none.
fn user_of(text: &str) -> &str {
    let text = text.trim().trim_start_matches('<');
    let text = text.strip_prefix("sips:").or(text.strip_prefix("sip:")).unwrap_or(text);
    let text = text.strip_prefix("tel:").unwrap_or(text);
    let end = text.find(['@', ';', '>']).unwrap_or(text.len());
    &text[..end]
}

/// Outbound unless a column says otherwise, or what was dialled is a name and no number.
fn direction(word: &str, dialled: &str) -> Direction {
    match word {
        "in" | "inbound" => Direction::Inbound,
        "internal" | "local" => Direction::Internal,
        _ if dialled.bytes().any(|b| b.is_ascii_digit()) => Direction::Outbound,
        _ => Direction::Internal,
    }
}

/// SIP's final codes (RFC 3261 §21).
fn disposition(code: u16) -> Disposition {
    match code {
        200..=299 => Disposition::Answered,
        486 | 600 => Disposition::Busy,
        408 | 480 | 487 => Disposition::NoAnswer,
        _ => Disposition::Failed,
    }
}

#[cfg(test)]
mod tests;
