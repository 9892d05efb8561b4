//! A journal judged again: its records, in their order, through the very code of a server's start,
//! with today's settings; and what comes of it in the words of a replay.
//!
//! Nothing here decides. What was recorded of a call's course (its answer, its end) is what its
//! costs are worked out from; a call that did not go out then has none.

use super::judge::Outputs;
use super::lines::Stopped;
use super::order_line::{self, Surroundings};
use super::verdict_line;
use crate::export::Names as RecordNames;
use crate::failure::{Advice, Failure};
use crate::replay::customers::CalendarOf;
use crate::report::tally::{SettledCall, Tally};
use crate::report::words::Speech;
use crate::serve::fail_mode::FailBook;
use crate::serve::settled::Settled;
use crate::serve::shard::witness::Seen;
use crate::serve::shard::{Manner, Shard, Shared, clock_shift, of_micros};
use crate::serve::start;
use crate::serve::vitals::Vitals;
use sekimori_atlas::money::Money;
use sekimori_atlas::rfc3339::Rfc3339;
use sekimori_atlas::time::{Span, Timestamp};
use sekimori_atlas::{Atlas, Enriched};
use sekimori_engine::Engine;
use sekimori_engine::event::{AccountIdx, Name, Token};
use sekimori_engine::order::{Act, Effect, Order, Scope};
use sekimori_engine::settings::Settings;
use sekimori_engine::verdict::{Ruling, Verdict};
use sekimori_journal::{
    Attempted, Ended, EndedBy, Event, Finding, Journal, ReadError, Reader, RecordRef,
    Ruling as Recorded,
};
use std::collections::HashMap;
use std::ops::ControlFlow;
use std::sync::Arc;
use tokio::sync::broadcast;

/// Calls that are up at one moment; past it the statement of a call says nothing of its end.
const PENDING_MAX: usize = 1 << 22;
/// A finding that comes of the door's memory and not of the engine.
const REUSED: &str = "reused_call_id";

/// How the verdicts of now compare with those on record.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Compared {
    /// Ruling, grant and reasons are the same.
    pub n_same: u64,
    /// Something is not.
    pub n_other: u64,
}

/// An attempt whose call may still run.
struct Pending {
    ordinal: u64,
    call_id: String,
    account: String,
    index: AccountIdx,
    started: Timestamp,
    at: Rfc3339,
    verdict: Verdict,
    enriched: Enriched,
    names: Vec<(Token, Box<str>)>,
    shift: Option<Span>,
    answered: Option<Timestamp>,
    granted: Option<u32>,
    extended: Vec<(Timestamp, u32)>,
    cut_at: Option<Timestamp>,
}

/// Makes the shards that a journal is judged by: they record nothing.
pub struct ShardsAgain {
    engine: Settings,
    shared: Shared,
    manner: Manner,
    n_shards: usize,
}

impl ShardsAgain {
    /// Shards with these settings.
    ///
    /// # Errors
    /// Settings that name what does not exist.
    pub fn new(settled: Settled) -> Result<ShardsAgain, Failure> {
        let (manner, n_shards) = (start::manner(&settled), settled.shards);
        let atlas = Arc::new(settled.setup.atlas);
        let (events, _) = broadcast::channel(1);
        let vitals = Arc::new(Vitals::default());
        let shared = Shared {
            atlas: atlas.clone(),
            journal: Journal::nowhere(),
            vitals: vitals.clone(),
            fail_book: Arc::new(FailBook::new(atlas, vitals)),
            events,
        };
        let engine = settled.setup.engine;
        Engine::new(engine.clone()).map_err(|error| {
            Failure::Settings(Advice::new(error.to_string(), "put the setting right"))
        })?;
        Ok(ShardsAgain { engine, shared, manner, n_shards })
    }

    /// What is known of numbers.
    pub fn atlas(&self) -> Arc<Atlas> {
        self.shared.atlas.clone()
    }

    /// The shard of this index, which knows nobody yet.
    ///
    /// # Panics
    /// Never: the settings were tried.
    pub fn shard(&self, index: u16) -> Shard {
        let engine = Engine::new(self.engine.clone()).expect("the settings were tried");
        Shard::new(index, self.n_shards, engine, self.shared.clone(), self.manner.clone())
    }
}

/// Judges a journal again.
pub struct Again {
    atlas: Arc<Atlas>,
    calendar_of: CalendarOf,
    speech: Speech,
    names: RecordNames,
    pending: HashMap<u64, Pending>,
    indexes: HashMap<(u16, u32), u32, foldhash::fast::RandomState>,
    n_attempts: u64,
    /// What it all adds up to.
    pub tally: Tally,
    /// Files with a line for each call or order.
    pub outputs: Outputs,
    /// How it compares with what is on record.
    pub compared: Compared,
}

impl Again {
    /// Nothing judged yet.
    pub fn new(
        atlas: Arc<Atlas>,
        calendar_of: CalendarOf,
        speech: Speech,
        outputs: Outputs,
    ) -> Again {
        Again {
            atlas,
            calendar_of,
            speech,
            names: RecordNames::default(),
            pending: HashMap::new(),
            indexes: HashMap::default(),
            n_attempts: 0,
            tally: Tally::default(),
            outputs,
            compared: Compared::default(),
        }
    }

    /// Judges all records; `shard_of` makes a shard of an index that appears for the first time.
    /// Returns how many accounts there were.
    ///
    /// # Errors
    /// A journal that cannot be read. Where a writer has given up, closing its file says why.
    pub fn judge(
        &mut self,
        reader: &mut Reader,
        mut shard_of: impl FnMut(u16) -> Shard,
        mut progress: impl FnMut(u64),
    ) -> Result<u64, ReadError> {
        let mut shards: Vec<Shard> = Vec::new();
        let mut of = |index: u16, shards: &mut Vec<Shard>| {
            while shards.len() <= usize::from(index) {
                let mut shard = shard_of(shards.len() as u16);
                shard.be_watched();
                shards.push(shard);
            }
        };
        let names = &mut self.names;
        reader.carried(|index, event| {
            of(index, &mut shards);
            shards[usize::from(index)].introduced(event);
            names.learn(index, event);
        })?;
        reader.each(0, |record| {
            of(record.shard, &mut shards);
            if record.seq.is_multiple_of(65_536) {
                progress(record.seq);
            }
            match self.record(record, &mut shards[usize::from(record.shard)]) {
                Ok(()) => ControlFlow::Continue(()),
                Err(Stopped) => ControlFlow::Break(()),
            }
        })?;
        let mut left: Vec<Pending> = self.pending.drain().map(|(_, call)| call).collect();
        left.sort_by_key(|call| call.ordinal);
        for call in left {
            if self.settle(call, None).is_err() {
                break;
            }
        }
        Ok(shards.iter().map(Shard::n_accounts).sum())
    }

    fn record(&mut self, record: &RecordRef<'_>, shard: &mut Shard) -> Result<(), Stopped> {
        let event = record.event().ok();
        if let Some(event) = &event {
            self.names.learn(record.shard, event);
        }
        // What means nothing (an end of a call that was refused) is done as it was then: not.
        let _ = shard.again(record);
        for seen in shard.seen() {
            match seen {
                Seen::Ruled { reference, verdict, enriched } => match &event {
                    Some(Event::Attempted(attempted)) if attempted.reference == reference.0 => {
                        let at = of_micros(record.at_us);
                        self.ruled(attempted, (record.shard, at), *verdict, *enriched, shard)?;
                    }
                    _ => self.ruled_anew(reference.0, *verdict),
                },
                Seen::Said { effect, call, names } => {
                    self.said(*effect, call, &names, record, shard)?
                }
            }
        }
        match &event {
            Some(Event::Answered(answered)) => {
                let call = answered.reference.and_then(|key| self.pending.get_mut(&key));
                if let Some(call) = call {
                    let at = call.when(answered.switch_at_us, of_micros(record.at_us));
                    call.answered.get_or_insert(at);
                }
                Ok(())
            }
            Some(Event::Ended(ended)) => self.ended(ended, of_micros(record.at_us)),
            _ => Ok(()),
        }
    }

    fn ruled(
        &mut self,
        attempted: &Attempted<'_>,
        (shard_index, at): (u16, Timestamp),
        verdict: Verdict,
        enriched: Enriched,
        shard: &mut Shard,
    ) -> Result<(), Stopped> {
        self.compare(shard_index, attempted, &verdict);
        let account = shard.name_of(attempted.account).unwrap_or_default().to_owned();
        let did_go_out = attempted.ruling != Recorded::Refuse;
        if let Some(leg) = verdict.leg.filter(|_| attempted.ruling != Recorded::Allow) {
            shard.never_answered(leg);
        }
        let ordinal = self.n_attempts;
        self.n_attempts += 1;
        let index = self.global(attempted.account, shard_index);
        let call = Pending {
            ordinal,
            call_id: attempted.call_id.to_owned(),
            at: self.on_the_wall(&account, at),
            account,
            index,
            started: at,
            granted: verdict.max_seconds,
            verdict,
            names: names_of(attempted),
            shift: (attempted.shift_us != 0)
                .then(|| clock_shift(of_micros(at.0 / 1_000 + attempted.shift_us), at)),
            answered: None,
            extended: Vec::new(),
            cut_at: None,
            enriched,
        };
        if let Some(lines) = &mut self.outputs.verdicts {
            lines.leave_open();
        }
        let is_followed = did_go_out && call.enriched.destination.kind.is_international();
        if is_followed && self.pending.len() < PENDING_MAX {
            self.pending.insert(attempted.reference, call);
            return Ok(());
        }
        self.settle(call, None)
    }

    /// The caller of a challenged call has proved themself.
    fn ruled_anew(&mut self, reference: u64, verdict: Verdict) {
        if let Some(call) = self.pending.get_mut(&reference) {
            call.granted = verdict.max_seconds;
            call.verdict = verdict;
        }
    }

    fn said(
        &mut self,
        effect: Effect,
        call: Option<(crate::serve::ask::Ref, Box<str>)>,
        names: &[(Token, Box<str>)],
        record: &RecordRef<'_>,
        shard: &Shard,
    ) -> Result<(), Stopped> {
        let names: Vec<Name<'_>> =
            names.iter().map(|(token, text)| Name { token: *token, text }).collect();
        let local = match &effect {
            Effect::Order(order) => Some(order.account),
            Effect::IncidentOpened { account, .. } => Some(*account),
            Effect::IncidentReleased { .. } | Effect::BarEnded { .. } => None,
        };
        let account = local.and_then(|account| shard.name_of(account.0)).unwrap_or_default();
        let index = local.map(|account| self.global(account.0, record.shard));
        let effect = readdressed(effect, index.unwrap_or_default());
        self.tally.add_effect(&effect, account, &names);
        let Effect::Order(order) = &effect else { return Ok(()) };
        if let Some((reference, _)) = &call
            && let Some(pending) = self.pending.get_mut(&reference.0)
        {
            match order.act {
                Act::Extend(_, seconds) => {
                    pending.granted = Some(seconds);
                    pending.extended.push((order.at, seconds));
                }
                Act::HangUp(_) => pending.cut_at = pending.cut_at.or(Some(order.at)),
                Act::Restrict | Act::Lift | Act::Notify | Act::Watch => {}
            }
        }
        self.note(order, account, call.as_ref().map(|(_, id)| &**id), &names)
    }

    fn note(
        &mut self,
        order: &Order,
        account: &str,
        call_id: Option<&str>,
        names: &[Name<'_>],
    ) -> Result<(), Stopped> {
        let Some(lines) = &mut self.outputs.orders else { return Ok(()) };
        let calendar = self.calendar_of.get(account);
        let scope_name = match order.scope {
            Scope::Line(token) => names.iter().find(|name| name.token == token).map(|n| n.text),
            _ => None,
        };
        let offset_minutes = self.atlas.calendars.offset_minutes(calendar, order.at);
        let around = Surroundings { account, offset_minutes, call_id, scope_name };
        let speech = self.speech;
        lines.push(|out| order_line::write(out, order, around, names, speech))
    }

    fn ended(&mut self, ended: &Ended<'_>, at: Timestamp) -> Result<(), Stopped> {
        let call = ended.reference.and_then(|key| self.pending.remove(&key));
        let Some(mut call) = call else { return Ok(()) };
        let end = match ended.by {
            EndedBy::Grant => {
                let from = *call.answered.get_or_insert(call.started);
                from + Span::seconds(i64::from(call.granted.unwrap_or(0)))
            }
            EndedBy::Switch | EndedBy::Order => call.when(ended.switch_at_us, at),
        };
        self.settle(call, Some(end))
    }

    fn settle(&mut self, call: Pending, end: Option<Timestamp>) -> Result<(), Stopped> {
        let names: Vec<Name<'_>> =
            call.names.iter().map(|(token, text)| Name { token: *token, text }).collect();
        let (without, with) = call.costs(end);
        let settled = SettledCall {
            call_id: &call.call_id,
            account: &call.account,
            account_index: call.index,
            at: call.at,
            verdict: &call.verdict,
            destination: &call.enriched.destination,
            moment: call.enriched.moment,
            answered: call.answered,
            ended: end,
            cost_without: without,
            cost_with: with,
            cut_at: call.cut_at,
            extended: &call.extended,
            names: &names,
        };
        self.tally.add(&settled);
        let speech = self.speech;
        match &mut self.outputs.verdicts {
            Some(lines) => lines.fill(call.ordinal, |out| {
                verdict_line::write(out, &settled, call.at, speech);
            }),
            None => Ok(()),
        }
    }

    /// A number that is the account's alone over all shards, dense from 0.
    fn global(&mut self, account: u32, shard: u16) -> AccountIdx {
        let next = self.indexes.len() as u32;
        AccountIdx(*self.indexes.entry((shard, account)).or_insert(next))
    }

    fn compare(&mut self, shard: u16, attempted: &Attempted<'_>, verdict: &Verdict) {
        let ruling = match verdict.ruling {
            Ruling::Allow => Recorded::Allow,
            Ruling::Challenge => Recorded::Challenge,
            Ruling::Refuse => Recorded::Refuse,
        };
        let names = &self.names;
        let known = |finding: &Finding<'_>| (names.detector(shard, finding.detector), finding.bits);
        let then = attempted.findings.iter().map(known).filter(|(id, _)| *id != REUSED);
        let now = verdict.findings.iter().map(|finding| (finding.detector, finding.bits.0));
        let is_same = (ruling, verdict.max_seconds) == (attempted.ruling, attempted.max_seconds)
            && verdict.incident.map(|id| id.0) == attempted.incident
            && then.eq(now);
        self.compared.n_same += u64::from(is_same);
        self.compared.n_other += u64::from(!is_same);
    }

    fn on_the_wall(&self, account: &str, at: Timestamp) -> Rfc3339 {
        let calendar = self.calendar_of.get(account);
        Rfc3339 { at, offset_minutes: self.atlas.calendars.offset_minutes(calendar, at) }
    }
}

impl Pending {
    /// A moment of the switch by our clock, as the guard itself reckons it.
    fn when(&mut self, told_us: Option<i64>, at: Timestamp) -> Timestamp {
        let Some(told) = told_us.map(of_micros) else { return at };
        let shift = *self.shift.get_or_insert_with(|| clock_shift(told, at));
        Timestamp(told.0.saturating_sub(shift.0)).max(self.answered.unwrap_or(self.started))
    }

    /// As it was, and as it would be now. Of a call without an end no more is known than its first
    /// increment.
    fn costs(&self, end: Option<Timestamp>) -> (Money, Money) {
        let rate = &self.enriched.rate;
        let up_to = |end: Option<Timestamp>| match self.answered {
            Some(answered) => rate.cost(end.map_or(Span::ZERO, |end| end.since(answered))),
            None => Money::ZERO,
        };
        let without = up_to(end);
        let with = match (self.verdict.ruling, self.cut_at) {
            (Ruling::Allow, Some(cut)) if self.answered.is_some_and(|answered| cut <= answered) => {
                Money::ZERO
            }
            (Ruling::Allow, Some(cut)) => up_to(Some(cut)).min(without),
            (Ruling::Allow, None) => without,
            (Ruling::Challenge | Ruling::Refuse, _) => Money::ZERO,
        };
        (without, with)
    }
}

fn readdressed(effect: Effect, account: AccountIdx) -> Effect {
    match effect {
        Effect::Order(order) => Effect::Order(Order { account, ..order }),
        Effect::IncidentOpened {
            id,
            at,
            scope,
            calls_before_stop,
            cost_before_stop,
            seconds_to_stop,
            reasons,
            ..
        } => Effect::IncidentOpened {
            id,
            account,
            at,
            scope,
            calls_before_stop,
            cost_before_stop,
            seconds_to_stop,
            reasons,
        },
        other => other,
    }
}

fn names_of(attempted: &Attempted<'_>) -> Vec<(Token, Box<str>)> {
    let forwarded = attempted.forwarded_from.split_once(':').map_or("", |(_, name)| name);
    let texts =
        [attempted.line, attempted.caller, attempted.user_agent, attempted.trunk, forwarded];
    let named = texts.iter().filter_map(|text| Name::new(text));
    named.map(|name| (name.token, name.text.into())).collect()
}
