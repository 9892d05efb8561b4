//! What an Asterisk CDR means, wherever its columns stand: which rows are legs to a network,
//! who dialled them and who pays.
//!
//! A CDR does not say its direction; it is told by the dial string in `lastdata`, by the
//! channels and by what earlier rows have taught (which endpoints are trunks). The rules, with
//! rows to show them, are in `casebook/switches/asterisk.md`. `accountcode` is never the
//! account unless somebody says so: DISA overwrites it with the caller's PIN.

mod channel;
mod columns;
mod leg;

pub(super) use columns::{Layout, pattern_names};

use super::cells::Row;
use super::clock::Clock;
use super::names::{Names, Waiting, kept};
use super::options::{AccountFrom, Options};
use super::{CallRecord, Decoded, Direction, Sink, Why, is_outside, or_default};
use channel::{Channel, Dialled};
use columns::Cdr;
use leg::{Half, Leg};
use sekimori_atlas::rfc3339::Rfc3339;
use sekimori_atlas::time::{Span, Timestamp};
use sekimori_engine::event::Disposition;
use std::fmt::Write;

/// Trunks, devices and outgoing contexts learnt from one file, of each.
const NAMES_MAX: usize = 1_024;
/// Halves of `Local/` channels, and answered inbound calls, kept for what follows them.
const WAITING_MAX: usize = 4_096;
/// The account where nothing names one.
const ACCOUNT: &str = "pbx";
/// A CDR that starts this much later than its channel was begun anew on a running call.
const RESTARTED_SECONDS_MIN: i64 = 2;

/// Reads rows of an Asterisk CDR.
#[derive(Debug)]
pub(super) struct Asterisk {
    layout: Layout,
    clock: Clock,
    greenwich: Clock,
    account_from: AccountFrom,
    trunks: Names,
    outgoing: Names,
    devices: Names,
    /// By linkedid and `Local/` channel: the half that has been seen.
    halves: Waiting<Half>,
    /// By linkedid and outgoing channel: legs of `Local/` channels, which may be told again.
    told: Waiting<Leg>,
    /// By uniqueid: which extension answered a call that came in.
    answered: Waiting<String>,
    call_id: String,
    forwarded: String,
    key: String,
}

/// When a call began, was answered and ended.
#[derive(Clone, Copy, Debug)]
struct Times {
    start: Rfc3339,
    answer: Option<Timestamp>,
    end: Option<Timestamp>,
}

/// What brought a leg about.
enum Cause {
    /// The phone that it starts from.
    Handset,
    /// A `Local/` channel whose other half, or an earlier telling, is known.
    Half(Half),
    /// Something else.
    Elsewhere,
}

/// A row taken apart.
#[derive(Clone, Copy)]
struct Taken<'a> {
    cdr: Cdr<'a>,
    times: Times,
    from: Channel<'a>,
    to: Channel<'a>,
    dialled: Option<Dialled<'a>>,
    row: &'a Row<'a>,
    line: u64,
}

impl Asterisk {
    pub(super) fn new(layout: Layout, options: &Options) -> Asterisk {
        Asterisk {
            layout,
            clock: Clock::new(&options.zone),
            greenwich: Clock::new(&jiff::tz::TimeZone::UTC),
            account_from: options.account_from.clone(),
            trunks: Names::new(NAMES_MAX),
            outgoing: Names::new(NAMES_MAX),
            devices: Names::new(NAMES_MAX),
            halves: Waiting::new(WAITING_MAX),
            told: Waiting::new(WAITING_MAX),
            answered: Waiting::new(WAITING_MAX),
            call_id: String::new(),
            forwarded: String::new(),
            key: String::new(),
        }
    }

    pub(super) fn looks_whole(&self, line: &[u8], delimiter: u8) -> bool {
        self.layout.looks_whole(line, delimiter)
    }

    pub(super) fn row<'a>(
        &mut self,
        row: &'a Row<'a>,
        line: u64,
        sink: &mut Sink<'_>,
    ) -> Result<(), Why> {
        let cdr = self.layout.cdr(row)?;
        let times = self.times(&cdr)?;
        let (from, to) = (Channel::of(cdr.channel), Channel::of(cdr.dstchannel));
        let dialled = Dialled::of(cdr.lastapp, cdr.lastdata, to);
        if let Some(Dialled { endpoint, number: Some(_), .. }) = dialled {
            self.trunks.learn(endpoint);
            self.outgoing.learn(cdr.dcontext);
        } else if let Some(Dialled { endpoint, is_device: true, .. }) = dialled {
            self.devices.learn(endpoint);
        }
        let taken = Taken { cdr, times, from, to, dialled, row, line };
        if to.is_local() {
            self.dialling_half(&taken, sink);
            return Ok(());
        }
        match self.direction(&cdr, from, to, dialled) {
            Direction::Outbound => self.outbound(&taken, sink),
            other => self.staying(&taken, other, sink),
        }
    }

    fn times(&mut self, cdr: &Cdr<'_>) -> Result<Times, Why> {
        if cdr.start.is_empty() {
            return Err(Why::EmptyCell { column: "start" });
        }
        let clock = self.clock_of(cdr);
        let read = |clock: &mut Clock, text: &str, column| match text {
            "" | "NULL" | "\\N" | "0000-00-00 00:00:00" => Ok(None),
            _ => clock.read(text).map(Some).ok_or_else(|| Why::bad_time(column, text)),
        };
        let start = read(clock, cdr.start, "start")?.ok_or(Why::EmptyCell { column: "start" })?;
        let after = |seconds: Option<i64>| Some(start.at + Span::seconds(seconds?));
        let mut end = read(clock, cdr.end, "end")?.map(|at| at.at);
        if end.is_none_or(|end| end < start.at) {
            // No such column, or the hour that comes twice in autumn: the length is sure.
            end = after(cdr.duration()?);
        }
        let mut answer = read(clock, cdr.answer, "answer")?.map(|at| at.at);
        let talked = cdr.billsec()?.filter(|_| cdr.disposition == "ANSWERED");
        let sound = |answer: Timestamp| answer >= start.at && end.is_none_or(|end| answer <= end);
        if !answer.is_some_and(sound) && (answer.is_some() || cdr.answer_is_absent) {
            answer =
                talked.zip(end).map(|(talked, end)| (end - Span::seconds(talked)).max(start.at));
        }
        let in_order = end.is_none_or(|end| end >= answer.unwrap_or(start.at));
        if in_order { Ok(Times { start, answer, end }) } else { Err(Why::TimesDisagree) }
    }

    /// `usegmtime` writes Greenwich time and says so nowhere; but a uniqueid holds the epoch
    /// second in which its channel was made.
    fn clock_of(&mut self, cdr: &Cdr<'_>) -> &mut Clock {
        let fits = |clock: &mut Clock, made: i64| {
            clock
                .read(cdr.start)
                .is_some_and(|start| (-2..3_600).contains(&(start.at.seconds() - made)))
        };
        let greenwich = cdr
            .made_at()
            .is_some_and(|made| !fits(&mut self.clock, made) && fits(&mut self.greenwich, made));
        if greenwich { &mut self.greenwich } else { &mut self.clock }
    }

    fn direction(
        &self,
        cdr: &Cdr<'_>,
        from: Channel<'_>,
        to: Channel<'_>,
        dialled: Option<Dialled<'_>>,
    ) -> Direction {
        let to_trunk = self.trunks.has(to.name) || dialled.is_some_and(|d| d.number.is_some());
        if to_trunk {
            return Direction::Outbound;
        }
        let from_trunk = self.is_trunk(cdr, from);
        if to.name.is_empty() && self.was_meant_for_outside(cdr, from_trunk) {
            return Direction::Outbound;
        }
        if from_trunk { Direction::Inbound } else { Direction::Internal }
    }

    /// Whether calls come in by this endpoint: learnt, or as far as names and the caller's
    /// number tell. Extensions are numbers mostly, and those with names are dialled plainly.
    fn is_trunk(&self, cdr: &Cdr<'_>, from: Channel<'_>) -> bool {
        let named = !from.name.bytes().all(|b| b.is_ascii_digit());
        let device = from.is_local() || self.devices.has(from.name) || from.name == cdr.src;
        let stranger = is_incoming(cdr.dcontext) || is_outside(cdr.src);
        self.trunks.has(from.name) || named && !device && stranger
    }

    /// A call that reached no channel: refused by the dialplan, or no route.
    fn was_meant_for_outside(&self, cdr: &Cdr<'_>, from_trunk: bool) -> bool {
        let outgoing = self.outgoing.has(cdr.dcontext) || is_outgoing(cdr.dcontext);
        let number = cdr.dst.strip_prefix('+').unwrap_or(cdr.dst);
        let dialable = number.len() >= 2 && number.bytes().all(|b| b.is_ascii_digit());
        dialable && (outgoing || is_outside(cdr.dst) && !from_trunk && !is_incoming(cdr.dcontext))
    }

    /// A row that ends in a `Local/` channel is one half; the other writes the leg. It tells
    /// why that leg is there.
    fn dialling_half(&mut self, taken: &Taken<'_>, sink: &mut Sink<'_>) {
        let Taken { cdr, from, to, dialled, line, .. } = *taken;
        let number = to.local_number();
        let forwarded = match dialled {
            Some(dialled) if dialled.is_device => format!("302:{}", dialled.endpoint),
            _ if cdr.dst != number && !cdr.dst.is_empty() && cdr.dst != "s" => {
                format!("forward:{}", cdr.dst)
            }
            _ => String::new(),
        };
        let handset = !from.is_local() && !self.is_trunk(&cdr, from);
        let by = if handset && forwarded.is_empty() { from.name } else { "" };
        let half_key = key(&mut self.key, cdr.linkedid, to.local_base());
        let other = self.halves.take(half_key);
        let cause = Half::Cause { forwarded: kept(&forwarded), line: kept(by) };
        self.halves.put(&self.key, cause);
        match other {
            Some(Half::Leg(mut leg)) => {
                leg.line = by.to_owned();
                leg.forwarded = forwarded;
                sink(line, Decoded::Call(leg.record()));
            }
            _ => sink(line, Decoded::Skipped),
        }
    }

    fn outbound(&mut self, taken: &Taken<'_>, sink: &mut Sink<'_>) -> Result<(), Why> {
        let Taken { cdr, times, from, to, dialled, row, line } = *taken;
        let trunk = if to.name.is_empty() { dialled.map_or("", |d| d.endpoint) } else { to.name };
        let number = match cdr.dst {
            "" | "s" | "~~s~~" | "h" | "i" | "t" => dialled.and_then(|d| d.number).unwrap_or(""),
            dst => dst,
        };
        if number.is_empty() {
            return Err(Why::EmptyCell { column: "dst" });
        }
        self.name_call(&cdr, to);
        let cause = self.cause(taken, trunk);
        let line_name = match &cause {
            Cause::Handset => from.name,
            Cause::Half(Half::Cause { line, .. }) => line.as_str(),
            Cause::Half(Half::Leg(_)) | Cause::Elsewhere => "",
        };
        let account = account(&self.account_from, &self.layout, &cdr, row, line_name, trunk)?;
        let reached = !to.name.is_empty();
        let mut call = CallRecord {
            call_id: &self.call_id,
            account,
            dialled: number,
            start: times.start,
            answer: times.answer.filter(|_| reached && cdr.disposition == "ANSWERED"),
            end: times.end,
            line: line_name,
            caller: cdr.src,
            source_ip: "",
            user_agent: "",
            forwarded_from: &self.forwarded,
            trunk,
            direction: Direction::Outbound,
            disposition: disposition(&cdr, reached),
        };
        let earlier = if reached { self.told.get(&self.call_id).cloned() } else { None };
        if let Some(earlier) = &earlier {
            call = earlier.told_again(call);
        }
        sink(line, Decoded::Call(call));
        if from.is_local() && reached {
            let leg = Leg::of(&call);
            if !matches!(cause, Cause::Half(Half::Cause { .. })) {
                let key = key(&mut self.key, cdr.linkedid, from.local_base());
                self.halves.put(key, Half::Leg(Box::new(leg.clone())));
            }
            let call_id = leg.call_id.clone();
            self.told.put(&call_id, leg);
        }
        Ok(())
    }

    /// What brought a leg about; when no handset did, `forwarded` says what.
    fn cause(&mut self, taken: &Taken<'_>, trunk: &str) -> Cause {
        let Taken { cdr, times, from, .. } = taken;
        self.forwarded.clear();
        if from.is_local() {
            let half = self.halves.get(key(&mut self.key, cdr.linkedid, from.local_base()));
            if let Some(Half::Cause { forwarded, .. }) = half {
                self.forwarded.push_str(forwarded);
            }
            return half.map_or(Cause::Elsewhere, |half| Cause::Half(half.clone()));
        }
        if self.is_trunk_again(cdr, *from, trunk) {
            self.came_in(cdr, *times);
            return Cause::Elsewhere;
        }
        Cause::Handset
    }

    /// A call that came in by a trunk and goes out by one: nobody's handset dialled it.
    fn is_trunk_again(&self, cdr: &Cdr<'_>, from: Channel<'_>, trunk: &str) -> bool {
        from.name == trunk
            || self.trunks.has(from.name)
            || (trunk.is_empty() && self.is_trunk(cdr, from))
    }

    /// Says by which way a call that came in goes out: transferred by the extension that
    /// answered it; dialled by the caller (DISA begins the record anew, so that it starts
    /// later than its channel was made, and has answered before it dials); or forwarded.
    fn came_in(&mut self, cdr: &Cdr<'_>, times: Times) {
        let restarted = cdr
            .made_at()
            .is_some_and(|made| times.start.at.seconds() - made >= RESTARTED_SECONDS_MIN);
        let refused_after_answer = cdr.dstchannel.is_empty() && cdr.disposition == "ANSWERED";
        match self.answered.get(cdr.uniqueid) {
            Some(extension) if restarted => {
                let _ = write!(self.forwarded, "refer:{extension}");
            }
            _ if restarted || refused_after_answer => self.forwarded.push_str("disa:"),
            _ => self.forwarded.push_str("forward:"),
        }
    }

    /// A call that does not leave: in, or from one extension to another.
    fn staying(
        &mut self,
        taken: &Taken<'_>,
        direction: Direction,
        sink: &mut Sink<'_>,
    ) -> Result<(), Why> {
        let Taken { cdr, times, from, to, row, line, .. } = *taken;
        let inbound = direction == Direction::Inbound;
        let answered = cdr.disposition == "ANSWERED" && !to.name.is_empty();
        if inbound && answered && !cdr.uniqueid.is_empty() {
            self.answered.put(cdr.uniqueid, kept(to.name));
        }
        self.name_call(&cdr, Channel::NONE);
        let (line_name, trunk) = if inbound { (to.name, from.name) } else { (from.name, "") };
        let dialled = if cdr.dst.is_empty() { "s" } else { cdr.dst };
        let account = account(&self.account_from, &self.layout, &cdr, row, line_name, trunk)?;
        sink(
            line,
            Decoded::Call(CallRecord {
                call_id: &self.call_id,
                account,
                dialled,
                start: times.start,
                answer: times.answer.filter(|_| cdr.disposition == "ANSWERED"),
                end: times.end,
                line: line_name,
                caller: cdr.src,
                source_ip: "",
                user_agent: "",
                forwarded_from: "",
                trunk,
                direction,
                disposition: disposition(&cdr, true),
            }),
        );
        Ok(())
    }

    /// The leg's id: the whole call's id and the channel to the network, so that a leg told in
    /// two rows has one id. Without a uniqueid, what else is unique.
    fn name_call(&mut self, cdr: &Cdr<'_>, to: Channel<'_>) {
        self.call_id.clear();
        let whole = if cdr.linkedid.is_empty() { cdr.uniqueid } else { cdr.linkedid };
        let _ = match (whole, to.whole, cdr.uniqueid) {
            ("", to, _) => write!(self.call_id, "{}>{to}@{}", cdr.channel, cdr.start),
            (_, "", "") => write!(self.call_id, "{whole}#{}", cdr.sequence),
            (_, "", uniqueid) if cdr.dstchannel.is_empty() => {
                write!(self.call_id, "{uniqueid}#{}", cdr.sequence)
            }
            (_, "", uniqueid) => write!(self.call_id, "{uniqueid}"),
            (whole, to, _) => write!(self.call_id, "{whole}>{to}"),
        };
    }
}

/// Who pays. A PBX belongs to one company, so all of it is one account, called after the
/// PBX's `systemname` where uniqueids carry it.
fn account<'a>(
    account_from: &'a AccountFrom,
    layout: &Layout,
    cdr: &Cdr<'a>,
    row: &Row<'a>,
    line: &'a str,
    trunk: &'a str,
) -> Result<&'a str, Why> {
    let found = match account_from {
        AccountFrom::Fixed(name) => name.as_str(),
        AccountFrom::Column(_) => layout.account(row),
        AccountFrom::Channel => line,
        AccountFrom::Trunk => trunk,
        AccountFrom::Default => cdr.system_name(),
    };
    or_default(found, account_from, ACCOUNT)
}

fn disposition(cdr: &Cdr<'_>, reached: bool) -> Disposition {
    match cdr.disposition {
        "ANSWERED" if reached => Disposition::Answered,
        "BUSY" => Disposition::Busy,
        _ if !reached => Disposition::Failed,
        "NO ANSWER" => Disposition::NoAnswer,
        "FAILED" | "CONGESTION" => Disposition::Failed,
        _ => Disposition::Unknown,
    }
}

fn key<'k>(buffer: &'k mut String, linkedid: &str, name: &str) -> &'k str {
    buffer.clear();
    buffer.push_str(linkedid);
    buffer.push('|');
    buffer.push_str(name);
    buffer
}

/// Names that dialplans (the samples', FreePBX's, textbooks') give to what comes in.
fn is_incoming(context: &str) -> bool {
    const PARTS: [&str; 9] = [
        "from-trunk",
        "from-pstn",
        "from-did",
        "from-carrier",
        "from-outside",
        "from-sip-external",
        "ext-did",
        "incoming",
        "inbound",
    ];
    PARTS.iter().any(|part| context.contains(part))
}

/// … and to what goes out.
fn is_outgoing(context: &str) -> bool {
    const PARTS: [&str; 5] = ["outbound", "outrt", "outgoing", "outside-line", "dialout"];
    PARTS.iter().any(|part| context.contains(part))
}

#[cfg(test)]
mod tests;
