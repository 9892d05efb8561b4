//! The judge: takes rows in the order they happen, asks the engine, tells it of answers and ends
//! at their own time, and settles each call once all of it is known.
//!
//! One judge for the whole run (docs/decisions/0014-one-judge.md). It decides nothing: every
//! verdict, order and cut is the engine's.

use super::customers::Customers;
use super::followed::{AllFollowed, Due, DueKind, Ended, Followed, Progress, spoken};
use super::lines::{Lines, Stopped};
use super::order_line::{self, Surroundings};
use super::row::{Class, Row, outcome_of};
use super::settle::{Costs, Cut, Record};
use super::standing::Standing;
use super::verdict_line;
use crate::report::tally::{Names, SettledCall, Tally};
use crate::report::words::Speech;
use arrayvec::ArrayVec;
use sekimori_atlas::rfc3339::Rfc3339;
use sekimori_atlas::time::Timestamp;
use sekimori_atlas::{Atlas, Enriched};
use sekimori_engine::Engine;
use sekimori_engine::event::{
    AccountIdx, Attempt, Challenge, Disposition, Forwarded, ForwardedBy, LegRef, Name,
    Registration, Renewal, Token,
};
use sekimori_engine::order::{Act, Effect, Order, Scope};
use sekimori_engine::verdict::{Ruling, Verdict};
use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::Arc;

/// Names of restricted lines that are remembered for the orders that come later.
const LINE_NAMES_MAX: usize = 65_536;
/// Names that one event brings.
type EventNames<'a> = ArrayVec<Name<'a>, 5>;

/// Where the files with a line for each call or order go.
#[derive(Debug, Default)]
pub struct Outputs {
    /// `--verdicts`.
    pub verdicts: Option<Lines>,
    /// `--orders`.
    pub orders: Option<Lines>,
}

/// What holds for every call of a run.
#[derive(Clone, Copy, Debug)]
pub struct Manner {
    /// Whether a caller can be asked for a proof.
    pub challenge: Challenge,
    /// How sentences in the output files are said.
    pub speech: Speech,
}

/// The engine, and what goes on around it.
pub struct Judge<'a> {
    engine: Engine,
    atlas: &'a Atlas,
    manner: Manner,
    customers: Customers,
    followed: AllFollowed,
    effects: Vec<Effect>,
    line_names: HashMap<(AccountIdx, Token), Box<str>, foldhash::fast::RandomState>,
    n_attempts: u64,
    tally: Tally,
    outputs: Outputs,
    /// What is in force, for whoever goes on with the engine.
    standing: Option<Standing>,
}

/// What a judge leaves to whoever goes on with its engine.
pub struct Legacy {
    /// All that was learned.
    pub engine: Engine,
    /// Who is who in it.
    pub customers: Customers,
    /// Incidents that are open and restrictions in force.
    pub standing: Standing,
    /// What it all adds up to.
    pub tally: Tally,
}

impl<'a> Judge<'a> {
    /// Nothing judged yet.
    pub fn new(
        engine: Engine,
        atlas: &'a Atlas,
        customers: Customers,
        manner: Manner,
        outputs: Outputs,
    ) -> Judge<'a> {
        Judge {
            engine,
            atlas,
            manner,
            customers,
            followed: AllFollowed::default(),
            effects: Vec::new(),
            line_names: HashMap::default(),
            n_attempts: 0,
            tally: Tally::default(),
            outputs,
            standing: None,
        }
    }

    /// The same, to be gone on with by [`Judge::bequeath`].
    pub fn with_standing(self) -> Judge<'a> {
        Judge { standing: Some(Standing::default()), ..self }
    }

    /// The account of the next number, which counts from 0.
    pub fn newcomer(&mut self, name: &str) {
        self.customers.add(name);
        self.engine.account(Token::of(name.as_bytes()));
    }

    /// Brings what a row's account needs near; see [`Engine::warm`].
    pub fn warm(&self, row: Row<'_>) -> u32 {
        let calendar = u32::from(self.customers.calendar(row.account()).0);
        self.engine.warm(AccountIdx(row.account())) ^ calendar
    }

    /// The next thing that happened: rows come in [`Row::order`], their accounts introduced by
    /// [`Judge::newcomer`] before.
    ///
    /// # Errors
    /// Where an output can no longer be written.
    pub fn row(&mut self, row: Row<'_>) -> Result<(), Stopped> {
        self.catch_up(row.at().at, row.class())?;
        match row.class() {
            Class::Registration => self.registration(row),
            Class::Attempt => self.attempt(row),
        }
    }

    /// Lets the calls that still run come to their ends.
    ///
    /// # Errors
    /// Where an output can no longer be written.
    pub fn finish(&mut self) -> Result<(), Stopped> {
        while let Some((at, _)) = self.followed.next_due() {
            self.catch_up(at, Class::Attempt)?;
        }
        Ok(())
    }

    /// Lets time pass up to a moment after the last row, and no further: calls whose records have
    /// no end by then, or one that is still to come, end there. What it leaves behind.
    ///
    /// # Errors
    /// Where an output can no longer be written.
    pub fn bequeath(mut self, at: Timestamp) -> Result<Legacy, Stopped> {
        self.catch_up(at, Class::Attempt)?;
        while let Some(due) = self.followed.pop() {
            let Some(call) = self.followed.take_due(&due) else { continue };
            self.engine.ended(call.leg, at, call.cut_disposition());
            self.settle_followed(&call, None)?;
        }
        let Judge { engine, customers, tally, standing, .. } = self;
        Ok(Legacy { engine, customers, tally, standing: standing.unwrap_or_default() })
    }

    /// What it all adds up to, and the outputs to be closed.
    pub fn into_parts(self) -> (Tally, Outputs) {
        (self.tally, self.outputs)
    }

    /// Everything that happens before a row of this class at this moment.
    fn catch_up(&mut self, at: Timestamp, class: Class) -> Result<(), Stopped> {
        loop {
            let is_before =
                |due: &(Timestamp, DueKind)| due.0 < at || (due.0 == at && class == Class::Attempt);
            let due = self.followed.next_due().filter(is_before);
            let until = due.map_or(at, |due| due.0);
            if let Some(wake) = self.engine.next_wake().filter(|wake| *wake <= until) {
                self.advance(wake)?;
            } else if due.is_some() {
                self.advance(until)?;
                self.happen()?;
            } else {
                return self.advance(at);
            }
        }
    }

    fn advance(&mut self, to: Timestamp) -> Result<(), Stopped> {
        let (calendars, customers) = (&self.atlas.calendars, &self.customers);
        let wall = |account: AccountIdx, at| calendars.moment(customers.calendar(account.0), at);
        self.engine.advance(to, &wall, &mut self.effects);
        if self.effects.is_empty() { Ok(()) } else { self.take_effects(&[]) }
    }

    /// The next answer or end.
    fn happen(&mut self) -> Result<(), Stopped> {
        let Some(due) = self.followed.pop() else { return Ok(()) };
        match due.kind {
            DueKind::Answer => {
                if let Some(leg) = self.followed.answer(&due) {
                    self.engine.answered(leg, due.at);
                }
                Ok(())
            }
            DueKind::End => self.end(&due),
        }
    }

    fn end(&mut self, due: &Due) -> Result<(), Stopped> {
        let Some((call, ended)) = self.followed.end(due) else { return Ok(()) };
        match ended {
            Ended::ByItself(disposition) => {
                self.engine.ended(call.leg, due.at, disposition);
                self.settle_followed(&call, None)
            }
            Ended::GrantRanOut => {
                self.engine.ended(call.leg, due.at, Disposition::Answered);
                self.settle_followed(&call, Some(due.at))
            }
        }
    }

    fn registration(&mut self, row: Row<'_>) -> Result<(), Stopped> {
        let texts = row.texts();
        let event = Registration {
            at: row.at().at,
            account: AccountIdx(row.account()),
            line: Name::new(texts.line),
            source: address(texts.source),
            user_agent: Name::new(texts.user_agent),
            outcome: outcome_of(row.code()),
        };
        self.engine.registration(&event, &mut self.effects);
        let names: EventNames<'_> = [event.line, event.user_agent].into_iter().flatten().collect();
        self.take_effects(&names)
    }

    fn attempt(&mut self, row: Row<'_>) -> Result<(), Stopped> {
        let (texts, at) = (row.texts(), row.at());
        let account = row.account();
        let calendar = self.customers.calendar(account);
        let enriched = self.atlas.enrich(texts.dialled, at.at, calendar);
        let attempt = Attempt {
            at: at.at,
            account: AccountIdx(account),
            destination: enriched.destination,
            rate: enriched.rate,
            price_usual: enriched.price_usual,
            moment: enriched.moment,
            listing: enriched.listing,
            line: Name::new(texts.line),
            caller: Name::new(texts.caller),
            source: address(texts.source),
            user_agent: Name::new(texts.user_agent),
            forwarded: forwarded(texts.forwarded_from),
            trunk: Name::new(texts.trunk),
            challenge: self.manner.challenge,
            renewal: Renewal::Commanded,
        };
        let verdict = self.engine.attempt(&attempt, &mut self.effects);
        let ordinal = self.n_attempts;
        self.n_attempts += 1;
        if let Some(leg) = verdict.leg {
            let names = names_of(&attempt);
            self.follow(row, &enriched, &verdict, leg, ordinal, &names);
            return self.take_effects(&names);
        }
        if !self.effects.is_empty() {
            self.take_effects(&names_of(&attempt))?;
        }
        let costs = settled_costs(&verdict, &Record::of(row), &enriched);
        let names =
            if verdict.findings.is_empty() { EventNames::new() } else { names_of(&attempt) };
        let call = SettledCall {
            call_id: texts.call_id,
            account: self.customers.name(account),
            account_index: AccountIdx(account),
            at: self.on_the_wall(account, at.at),
            verdict: &verdict,
            destination: &enriched.destination,
            moment: enriched.moment,
            answered: row.answer(),
            ended: row.end(),
            cost_without: costs.without,
            cost_with: costs.with,
            cut_at: None,
            extended: &[],
            names: &names,
        };
        self.tally.add(&call);
        match &mut self.outputs.verdicts {
            Some(lines) => {
                lines.push(|out| verdict_line::write(out, &call, at, self.manner.speech))
            }
            None => Ok(()),
        }
    }

    fn follow(
        &mut self,
        row: Row<'_>,
        enriched: &Enriched,
        verdict: &Verdict,
        leg: LegRef,
        ordinal: u64,
        names: &EventNames<'_>,
    ) {
        if let Some(lines) = &mut self.outputs.verdicts {
            lines.leave_open();
        }
        let spoken_of = |name: &&Name<'_>| spoken(&verdict.findings).any(|t| t == name.token);
        let kept = names.iter().filter(spoken_of).map(|name| (name.token, name.text.into()));
        self.followed.insert(Followed {
            ordinal,
            leg,
            account: row.account(),
            call_id: Arc::from(row.call_id()),
            at: row.at(),
            moment: enriched.moment,
            destination: enriched.destination,
            rate: enriched.rate,
            record: Record::of(row),
            progress: Progress::Ringing,
            granted: verdict.max_seconds,
            max_seconds: verdict.max_seconds,
            extended: Vec::new(),
            incident: verdict.incident,
            judgement: verdict.judgement,
            names: kept.collect(),
            findings: verdict.findings.to_vec(),
        });
    }

    fn settle_followed(
        &mut self,
        call: &Followed,
        cut_at: Option<Timestamp>,
    ) -> Result<(), Stopped> {
        let names: Vec<Name<'_>> =
            call.names.iter().map(|(token, text)| Name { token: *token, text }).collect();
        let cut = cut_at.map(|at| Cut { at, answered: call.answered() });
        let costs = call.record.costs(&call.rate, cut);
        let settled = SettledCall {
            call_id: &call.call_id,
            account: self.customers.name(call.account),
            account_index: AccountIdx(call.account),
            at: self.on_the_wall(call.account, call.at.at),
            verdict: &call.verdict(),
            destination: &call.destination,
            moment: call.moment,
            answered: call.record.answer,
            ended: call.record.end,
            cost_without: costs.without,
            cost_with: costs.with,
            cut_at,
            extended: &call.extended,
            names: &names,
        };
        self.tally.add(&settled);
        let speech = self.manner.speech;
        match &mut self.outputs.verdicts {
            Some(lines) => lines.fill(call.ordinal, |out| {
                verdict_line::write(out, &settled, call.at, speech);
            }),
            None => Ok(()),
        }
    }

    fn take_effects(&mut self, names: &[Name<'_>]) -> Result<(), Stopped> {
        let mut effects = std::mem::take(&mut self.effects);
        for effect in &effects {
            self.take_effect(effect, names)?;
        }
        effects.clear();
        self.effects = effects;
        Ok(())
    }

    fn take_effect(&mut self, effect: &Effect, names: &[Name<'_>]) -> Result<(), Stopped> {
        let account = match effect {
            Effect::Order(order) => self.customers.name(order.account.0),
            Effect::IncidentOpened { account, .. } => self.customers.name(account.0),
            Effect::IncidentReleased { .. } | Effect::BarEnded { .. } => "",
        };
        self.tally.add_effect(effect, account, names);
        if let Some(standing) = &mut self.standing {
            standing.see(effect, names);
        }
        let Effect::Order(order) = effect else { return Ok(()) };
        self.note(order, names)?;
        match order.act {
            Act::Extend(leg, seconds) => self.followed.extend(leg, order.at, seconds),
            Act::HangUp(leg) => {
                if let Some(call) = self.followed.hang_up(leg) {
                    self.engine.ended(leg, order.at, call.cut_disposition());
                    return self.settle_followed(&call, Some(order.at));
                }
            }
            Act::Restrict | Act::Lift | Act::Notify | Act::Watch => {}
        }
        Ok(())
    }

    /// Writes an order down.
    fn note(&mut self, order: &Order, names: &[Name<'_>]) -> Result<(), Stopped> {
        let Some(lines) = &mut self.outputs.orders else { return Ok(()) };
        let scope_name = match order.scope {
            Scope::Line(token) => {
                let key = (order.account, token);
                if let Some(name) = names.name(token)
                    && self.line_names.len() < LINE_NAMES_MAX
                {
                    self.line_names.insert(key, name.into());
                }
                names.name(token).or_else(|| self.line_names.get(&key).map(|name| &**name))
            }
            _ => None,
        };
        let leg = match (order.act, order.scope) {
            (Act::HangUp(leg) | Act::Extend(leg, _), _) | (_, Scope::Leg(leg)) => Some(leg),
            _ => None,
        };
        let calendar = self.customers.calendar(order.account.0);
        let around = Surroundings {
            account: self.customers.name(order.account.0),
            offset_minutes: self.atlas.calendars.offset_minutes(calendar, order.at),
            call_id: leg.and_then(|leg| self.followed.get(leg)).map(|call| &*call.call_id),
            scope_name,
        };
        let speech = self.manner.speech;
        lines.push(|out| order_line::write(out, order, around, names, speech))
    }

    fn on_the_wall(&self, account: u32, at: Timestamp) -> Rfc3339 {
        let calendar = self.customers.calendar(account);
        Rfc3339 { at, offset_minutes: self.atlas.calendars.offset_minutes(calendar, at) }
    }
}

/// What a call costs that the engine does not follow: all or nothing.
fn settled_costs(verdict: &Verdict, record: &Record, enriched: &Enriched) -> Costs {
    match verdict.ruling {
        Ruling::Allow => record.costs(&enriched.rate, None),
        Ruling::Challenge | Ruling::Refuse => {
            Costs { without: record.cost(&enriched.rate), ..Costs::default() }
        }
    }
}

fn names_of<'a>(attempt: &Attempt<'a>) -> EventNames<'a> {
    let forwarded = attempt.forwarded.and_then(|forwarded| forwarded.name);
    let names = [attempt.line, attempt.caller, attempt.user_agent, forwarded, attempt.trunk];
    names.into_iter().flatten().collect()
}

/// An address as SIP and logs write it, brackets around IPv6 allowed; anything else is none.
fn address(text: &str) -> Option<IpAddr> {
    if text.is_empty() {
        return None;
    }
    let bare = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(text);
    bare.parse().ok()
}

/// Reads the contract's `forwarded_from`: a manner, a colon, and who.
pub fn forwarded(text: &str) -> Option<Forwarded<'_>> {
    if text.is_empty() {
        return None;
    }
    let (manner, name) = text.split_once(':').unwrap_or((text, ""));
    let by = match manner.to_ascii_lowercase().as_str() {
        "forward" | "cfu" | "cfb" | "cfnr" | "cfna" | "cfnry" => ForwardedBy::Forward,
        "302" => ForwardedBy::Redirect,
        "refer" => ForwardedBy::Transfer,
        "disa" => ForwardedBy::Disa,
        "maintenance" => ForwardedBy::Maintenance,
        _ => ForwardedBy::Other,
    };
    Some(Forwarded { by, name: Name::new(name) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_caused_a_leg_is_read_as_the_contract_has_it() {
        let check = |text: &str, by, name: &str| {
            let read = forwarded(text).expect("not empty");
            assert_eq!((read.by, read.name.map_or("", |name| name.text)), (by, name));
        };
        check("forward:201", ForwardedBy::Forward, "201");
        check("CFU:201", ForwardedBy::Forward, "201");
        check("302:201", ForwardedBy::Redirect, "201");
        check("refer:", ForwardedBy::Transfer, "");
        check("disa:8000", ForwardedBy::Disa, "8000");
        check("maintenance:NEC:1", ForwardedBy::Maintenance, "NEC:1");
        check("magic", ForwardedBy::Other, "");
        assert_eq!(forwarded(""), None);
    }

    #[test]
    fn addresses_are_read_and_everything_else_is_none() {
        assert_eq!(address("[2001:db8::1]"), "2001:db8::1".parse().ok());
        assert_eq!(address("192.0.2.7"), "192.0.2.7".parse().ok());
        assert_eq!(address("pbx.example"), None);
    }
}
