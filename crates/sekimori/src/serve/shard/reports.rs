//! What switches tell of calls: answers, ends, requests for more time, sign-ins. Late, doubled and
//! disordered ones are noted and harm nothing; a switch's clock counts for lengths of time.

use super::asking::shift;
use super::running::{Running, State};
use super::{Shard, micros, of_micros, wire};
use crate::serve::ask::{CallName, Happened, Noted, OwnedRegistration, Report};
use crate::serve::view::RenewView;
use sekimori_atlas::rfc3339::Rfc3339;
use sekimori_atlas::time::{Span, Timestamp};
use sekimori_engine::event::{AccountIdx, Disposition, LegRef, Name, Registration, Renewal};
use sekimori_journal::{self as journal, EndedBy, Event};

/// An end that lies further ahead of our clock than this is not believed.
const AHEAD_MAX: Span = Span::hours(24);
/// Stands for an account that is not known.
const NOBODY: u32 = u32::MAX;

impl Shard {
    /// A call was answered or ended.
    pub fn report(&mut self, report: &Report) -> Noted {
        let found = self.find(&report.call);
        let noted = match (found, report.what) {
            (Some(leg), Happened::Answered) => self.answered(leg, report.told_at),
            (Some(leg), Happened::Ended { cause }) => {
                let at = self.when(leg, report.told_at);
                self.ended(leg, at, disposition(cause), EndedBy::Switch, report)
            }
            (None, what) => self.unheard_of(report, what),
        };
        if noted == Noted::Late {
            self.shared.vitals.late_events.add(1);
        }
        noted
    }

    fn find(&mut self, call: &CallName) -> Option<LegRef> {
        let id = self.accounts.hash(&call.call_id);
        match &call.account {
            Some(account) => {
                let account = self.known(account)?;
                let key = self.call_key(account, id);
                self.running.of_key(key).map(|(leg, _)| leg)
            }
            None => self.running.of_id(id).map(|(leg, _)| leg),
        }
    }

    /// An answer or end of a call that is not followed: it was never asked about, has ended, was
    /// refused, or goes to a number at home.
    fn unheard_of(&mut self, report: &Report, what: Happened) -> Noted {
        let key = self.key_of(&report.call);
        let known = key.and_then(|key| self.answers.get_mut(key));
        let is_known = known.is_some();
        if let (Some(known), Happened::Ended { .. }) = (known, what) {
            known.end();
        }
        let account = report.call.account.as_deref().and_then(|name| self.known(name));
        let (account, call_id) = (account.unwrap_or(NOBODY), report.call.call_id.as_str());
        let switch_at_us = report.told_at.map(|told| micros(told.at));
        let event = match what {
            Happened::Answered => Event::Answered(journal::Answered {
                account,
                call_id,
                reference: None,
                switch_at_us,
            }),
            Happened::Ended { cause } => Event::Ended(journal::Ended {
                account,
                call_id,
                reference: None,
                switch_at_us,
                disposition: wire::disposition(disposition(cause)),
                cause: "",
                by: EndedBy::Switch,
            }),
        };
        self.recorder.event(self.now, &event);
        if is_known { Noted::Repeated } else { Noted::Late }
    }

    /// When something happened to a call, by our clock: the switch's time less what its clock was
    /// ahead when it first named one.
    pub(super) fn when(&mut self, leg: LegRef, told: Option<Rfc3339>) -> Timestamp {
        let now = self.now;
        let Some(call) = self.running.of_leg(leg) else { return now };
        let Some(told) = told.map(|told| of_micros(micros(told.at))) else { return now };
        let shift = *call.shift.get_or_insert_with(|| shift(told, now));
        let from = call.answered.unwrap_or(call.started);
        Timestamp(told.0.saturating_sub(shift.0)).clamp(from, now + AHEAD_MAX)
    }

    pub(super) fn answered(&mut self, leg: LegRef, told: Option<Rfc3339>) -> Noted {
        let at = self.when(leg, told);
        let Some(call) = self.running.of_leg(leg) else { return Noted::Late };
        if call.answered.is_some() {
            return Noted::Repeated;
        }
        call.answered = Some(at);
        let (account, reference, call_id) = (call.account, call.reference, call.call_id.clone());
        self.engine.answered(leg, at);
        self.running.moved(leg, self.manner.ring_max);
        let event = Event::Answered(journal::Answered {
            account,
            call_id: &call_id,
            reference: Some(reference.0),
            switch_at_us: told.map(|told| micros(told.at)),
        });
        self.recorder.event(self.now, &event);
        self.snapshots.touch(account);
        Noted::Counted
    }

    fn ended(
        &mut self,
        leg: LegRef,
        at: Timestamp,
        disposition: Disposition,
        by: EndedBy,
        report: &Report,
    ) -> Noted {
        let told = report.told_at.map(|told| micros(told.at));
        let cause = match report.what {
            Happened::Ended { cause: Some(cause) } => cause.to_string(),
            _ => String::new(),
        };
        match self.end(leg, at, disposition) {
            Some(call) => {
                self.record_end(&call, told, disposition, &cause, by);
                Noted::Counted
            }
            None => Noted::Late,
        }
    }

    /// Nobody told of this call's end: it is closed at its grant, as if it had talked for all
    /// of it, and marked so.
    pub(super) fn close_overdue(&mut self, leg: LegRef) {
        let Some(call) = self.running.of_leg(leg) else { return };
        let started = call.started;
        let granted = Span::seconds(i64::from(call.granted));
        let at = call.answered.unwrap_or(started) + granted;
        if call.answered.is_none() {
            self.engine.answered(leg, started);
        }
        if let Some(call) = self.end(leg, at, Disposition::Answered) {
            self.shared.vitals.closed_at_grant.add(1);
            self.record_end(&call, None, Disposition::Answered, "", EndedBy::Grant);
        }
    }

    /// The end of a call for the engine and for all tables.
    pub(super) fn end(
        &mut self,
        leg: LegRef,
        at: Timestamp,
        disposition: Disposition,
    ) -> Option<Running> {
        let call = self.running.remove(leg)?;
        self.engine.ended(leg, at, disposition);
        if let Some(known) = self.answers.get_mut(call.key) {
            known.end();
        }
        if call.state == State::HangingUp {
            self.dossier(call.account).n_hung_up += 1;
        }
        self.snapshots.touch(call.account);
        Some(call)
    }

    fn record_end(
        &mut self,
        call: &Running,
        switch_at_us: Option<i64>,
        disposition: Disposition,
        cause: &str,
        by: EndedBy,
    ) {
        let by = if call.state == State::HangingUp && by == EndedBy::Switch {
            EndedBy::Order
        } else {
            by
        };
        let event = Event::Ended(journal::Ended {
            account: call.account,
            call_id: &call.call_id,
            reference: Some(call.reference.0),
            switch_at_us,
            disposition: wire::disposition(disposition),
            cause,
            by,
        });
        self.recorder.event(self.now, &event);
    }

    /// More time for a running call, or its end at the grant that it has.
    pub fn renew(&mut self, name: &CallName) -> Option<RenewView> {
        let leg = self.find(name)?;
        let now = self.now;
        let call = self.running.of_leg(leg)?;
        let (account, reference) = (call.account, call.reference);
        let (state, granted, renewal) = (call.state, call.granted, call.renewal);
        let more = match (state, renewal) {
            (State::HangingUp, _) | (_, Renewal::Impossible) => None,
            (State::Up, _) => {
                let (atlas, walls) = (&self.shared.atlas, &self.walls);
                let wall = |account: AccountIdx, at| super::moment_on(atlas, walls, account.0, at);
                self.engine.renew_asked(leg, now, &wall, &mut self.effects)
            }
        };
        self.take_effects(&[]);
        if let (Some(more), Some(call)) = (more, self.running.of_leg(leg)) {
            call.granted = more;
            self.running.moved(leg, self.manner.ring_max);
        }
        let ruling = if more.is_some() { journal::Ruling::Allow } else { journal::Ruling::Refuse };
        let event = Event::Renewed(journal::Renewed {
            account,
            call_id: &name.call_id,
            reference: reference.0,
            switch_at_us: None,
            ruling,
            max_seconds: more,
        });
        self.recorder.event(now, &event);
        self.snapshots.touch(account);
        Some(RenewView {
            call_id: name.call_id.clone(),
            outcome: if more.is_some() { "go_on" } else { "end" }.to_owned(),
            max_seconds: Some(if state == State::HangingUp { 0 } else { more.unwrap_or(granted) }),
            reference: Some(reference.to_string()),
        })
    }

    /// A phone signed in, or somebody tried to.
    pub fn registered(&mut self, event: &OwnedRegistration, door: journal::Door) {
        let Some(account) = self.account(&event.account) else { return };
        self.signed_in(account, event);
        let record = Event::Registered(journal::Registered {
            account,
            line: &event.line,
            source: event.source,
            user_agent: &event.user_agent,
            outcome: wire::sign_in(event.outcome),
            door,
        });
        self.recorder.event(self.now, &record);
    }

    pub(super) fn signed_in(&mut self, account: u32, event: &OwnedRegistration) {
        let (line, user_agent) = (Name::new(&event.line), Name::new(&event.user_agent));
        let registration = Registration {
            at: self.now,
            account: AccountIdx(account),
            line,
            source: event.source,
            user_agent,
            outcome: event.outcome,
        };
        self.engine.registration(&registration, &mut self.effects);
        self.snapshots.touch(account);
        let names: Vec<Name<'_>> = line.into_iter().chain(user_agent).collect();
        self.take_effects(&names);
    }
}

/// What a Q.850 cause says of the end.
fn disposition(cause: Option<u16>) -> Disposition {
    match cause {
        Some(16) => Disposition::Answered,
        Some(17) => Disposition::Busy,
        Some(18..=20) => Disposition::NoAnswer,
        Some(_) => Disposition::Failed,
        None => Disposition::Unknown,
    }
}
