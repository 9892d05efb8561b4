//! What a shard is after a start: its latest snapshots, and every record behind them done again
//! by the same code that did it the first time. Nothing is recorded meanwhile.

use super::asking::{Challenged, Keys, owned};
use super::people::PersonAct;
use super::remembered::{Likeness, Remembered};
use super::snapshots::{self, AccountIn, COMMON, CommonIn, FORMAT};
use super::{Shard, micros, of_micros, wire};
use crate::serve::ask::{Ask, Brief, CallName, OwnedRegistration, Ref};
use sekimori_atlas::money::Money;
use sekimori_atlas::rfc3339::Rfc3339;
use sekimori_atlas::time::Timestamp;
use sekimori_engine::event::AccountIdx;
use sekimori_journal::{
    self as journal, EndedBy, Event, Kind, LastStop, ReadError, Reader, RecordRef,
};
use std::collections::BTreeMap;
use std::ops::ControlFlow;

/// What came of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Folded {
    /// Accounts known.
    pub n_accounts: u32,
    /// Of those, how many came from snapshots.
    pub n_restored: u32,
    /// Records done again.
    pub n_folded: u64,
    /// Records that could not be read or done.
    pub n_odd: u64,
}

/// Up to which record each chunk is true already.
#[derive(Debug, Default)]
struct Known {
    up_to: Vec<u64>,
    common: u64,
}

impl Known {
    fn has(&self, account: u32, seq: u64) -> bool {
        let chunk = (account / snapshots::CHUNK) as usize;
        self.up_to.get(chunk).is_some_and(|up_to| seq <= *up_to)
    }
}

impl Shard {
    /// Becomes what the journal says.
    ///
    /// # Errors
    /// A journal that cannot be read.
    pub fn fold(
        &mut self,
        reader: &mut Reader,
        last_stop: LastStop,
        mut progress: impl FnMut(u64),
    ) -> Result<Folded, ReadError> {
        let (known, from) = self.restore(reader)?;
        let mut folded = Folded { n_restored: self.walls.len() as u32, ..Folded::default() };
        let mut last = self.now;
        let shard = self.index;
        reader.each(from, |record| {
            if record.shard == shard {
                last = last.max(of_micros(record.at_us));
                folded.n_folded += 1;
                folded.n_odd += u64::from(self.fold_record(record, &known).is_none());
                if folded.n_folded.is_multiple_of(65_536) {
                    progress(record.seq);
                }
            }
            ControlFlow::Continue(())
        })?;
        folded.n_accounts = self.walls.len() as u32;
        if last_stop == LastStop::Crash {
            self.presumed_since = Some(last);
        }
        Ok(folded)
    }

    /// Restores from snapshots; how far each chunk goes, and from which record to fold.
    fn restore(&mut self, reader: &mut Reader) -> Result<(Known, u64), ReadError> {
        let mut common: Option<(u64, CommonIn)> = None;
        let mut marks: BTreeMap<u32, (u64, u64)> = BTreeMap::new();
        let mut chunks: BTreeMap<u32, (u64, Vec<u8>)> = BTreeMap::new();
        for snapshot in reader.snapshots(self.index, FORMAT)? {
            match snapshot.chunk {
                COMMON => {
                    common = postcard::from_bytes(&snapshot.bytes).ok().map(|c| (snapshot.seq, c));
                }
                mark if mark > u32::MAX - 3 => {
                    if let Ok(number) = snapshot.bytes.as_slice().try_into() {
                        marks.insert(mark, (snapshot.seq, u64::from_le_bytes(number)));
                    }
                }
                chunk => drop(chunks.insert(chunk, (snapshot.seq, snapshot.bytes))),
            }
        }
        let Some((seq, common)) = common else { return Ok((Known::default(), 0)) };
        let mark = marks.get(&snapshots::mark_of(common.walk));
        let Some((from, _)) = mark.copied().filter(|(_, number)| *number == common.walk) else {
            return Ok((Known::default(), 0));
        };
        let mut known = Known { up_to: Vec::new(), common: seq };
        for (place, (chunk, (up_to, bytes))) in chunks.into_iter().enumerate() {
            let expected = place as u32 == chunk;
            let Some(all) =
                postcard::from_bytes::<Vec<AccountIn>>(&bytes).ok().filter(|_| expected)
            else {
                // A hole: what lies behind it is folded from the records that are left.
                tracing::warn!(chunk, "a snapshot cannot be used; the journal is folded instead");
                return Ok((Known::default(), 0)).inspect(|_| self.forget());
            };
            all.into_iter().for_each(|account| self.take_in(account));
            known.up_to.push(up_to);
        }
        self.engine.restore_common(common.engine);
        self.bars = snapshots::read_bars(&common.bars);
        self.last_ref = common.last_ref;
        for (id, (en, ja)) in common.phrases.iter().enumerate() {
            self.recorder.words().learn_phrase(id as u16, en, ja);
        }
        for (id, name) in common.detectors.iter().enumerate() {
            self.recorder.words().learn_detector(id as u16, name);
        }
        self.snapshots.restored(self.walls.len() as u32, common.walk + 1);
        for account in 0..self.walls.len() as u32 {
            let at_risk = self.at_risk(account);
            self.snapshots.add_exposure(account / snapshots::CHUNK, at_risk);
        }
        self.tell_bars();
        Ok((known, from))
    }

    fn forget(&mut self) {
        let Ok(engine) = sekimori_engine::Engine::new(self.engine.settings().clone()) else {
            return;
        };
        *self =
            Shard::new(self.index, self.n_shards, engine, self.shared.clone(), self.manner.clone());
    }

    fn take_in(&mut self, account: AccountIn) {
        let AccountIn { name, engine, dossier, running } = account;
        let hash = self.accounts.hash(&name);
        let number = self.accounts.number(hash, &name);
        let (idx, legs) = self.engine.restore(engine);
        debug_assert_eq!(idx.0, number, "accounts come in the order of their numbers");
        let dossier: Option<super::Dossier> =
            dossier.and_then(|text| serde_json::from_str(&text).ok());
        let described = dossier.as_ref().and_then(|dossier| dossier.about.calendar.as_deref());
        let calendar = described.and_then(|name| self.manner.calendars.get(name).copied());
        self.walls.push(calendar.unwrap_or_else(|| self.manner.calendar_of.get(&name)));
        self.snapshots.grow(number);
        self.shared.vitals.accounts.add(1);
        for (leg, mut call) in legs.into_iter().zip(running) {
            call.account = number;
            call.id_key = self.accounts.hash(&call.call_id);
            call.key = self.call_key(number, call.id_key);
            let ring_max = self.manner.ring_max;
            self.ids.insert(call.id_key, call.key, call.started);
            self.running.insert(leg, call, ring_max);
        }
        if let Some(dossier) = dossier {
            for incident in &dossier.incidents {
                self.incident_owner.insert(incident.id, number);
            }
            self.dossiers.insert(number, Box::new(dossier));
            self.hold_in_fail_mode(number);
        }
        let countries = self.engine.countries(AccountIdx(number));
        if !countries.is_empty() || self.dossiers.contains_key(&number) {
            self.tell_fail_book_of(number, &countries);
        }
    }

    fn tell_bars(&self) {
        for bar in &self.bars {
            if let Some(place) = crate::serve::request::Place::parse(&bar.place) {
                self.shared.fail_book.bar(place, bar.service.as_deref());
            }
        }
    }

    /// One record, of which nothing is known yet.
    pub(super) fn fold_anew(&mut self, record: &RecordRef<'_>) -> Option<()> {
        self.fold_record(record, &Known::default())
    }

    /// One record; `None` where it means nothing.
    fn fold_record(&mut self, record: &RecordRef<'_>, known: &Known) -> Option<()> {
        let at = of_micros(record.at_us);
        match record.kind {
            Kind::Event => self.fold_event(record.event().ok()?, at, record.seq, known),
            Kind::Stop | Kind::Opened | Kind::Lift | Kind::Answer | Kind::Account => {
                let act: PersonAct = serde_json::from_slice(record.body).ok()?;
                let number = self.known(record.account);
                if number.is_some_and(|number| known.has(number, record.seq)) {
                    return Some(());
                }
                self.advance(at);
                // What was refused then is refused again.
                let _ = self.apply(record.account, &act);
                Some(())
            }
            Kind::Destination => {
                let act: PersonAct = serde_json::from_slice(record.body).ok()?;
                if record.seq > known.common {
                    self.advance(at);
                    let _ = self.apply("", &act);
                }
                Some(())
            }
            _ => Some(()),
        }
    }

    fn fold_event(
        &mut self,
        event: Event<'_>,
        at: Timestamp,
        seq: u64,
        known: &Known,
    ) -> Option<()> {
        match event {
            Event::Introduced { account, name } => {
                if self.known(name).is_none() {
                    self.now = self.now.max(at);
                    (self.account(name)? == account).then_some(())?;
                }
            }
            Event::Phrase { id, en, ja } => self.recorder.words().learn_phrase(id, en, ja),
            Event::Detector { id, name } => self.recorder.words().learn_detector(id, name),
            Event::Attempted(attempted) => return self.fold_attempt(&attempted, at, seq, known),
            Event::Answered(answered) => {
                let leg = self.fold_call(answered.account, answered.call_id, seq, known)?;
                self.advance(at);
                self.answered(leg?, told(answered.switch_at_us));
            }
            Event::Ended(ended) if ended.by != EndedBy::Grant => {
                let leg = self.fold_call(ended.account, ended.call_id, seq, known)?;
                self.advance(at);
                let leg = leg?;
                let when = self.when(leg, told(ended.switch_at_us));
                self.end(leg, when, wire::of_disposition(ended.disposition))?;
            }
            Event::Registered(event) => {
                if !known.has(event.account, seq) && self.has(event.account) {
                    self.advance(at);
                    self.signed_in(event.account, &registration(&event));
                }
            }
            Event::Proved(proved) => return self.fold_proof(&proved, at, seq, known),
            Event::Renewed(renewed) => {
                if !known.has(renewed.account, seq) && self.has(renewed.account) {
                    self.advance(at);
                    let account = Some(self.accounts.name(renewed.account).to_owned());
                    self.renew(&CallName { call_id: renewed.call_id.to_owned(), account });
                }
            }
            Event::Presumed { account, milli, .. } => {
                if !known.has(account, seq) && self.has(account) {
                    self.advance(at);
                    let moment = self.moment(account, self.now);
                    self.engine.presume(AccountIdx(account), Money(milli), self.now, moment);
                }
            }
            Event::Taught { account, form, state } => {
                if !known.has(account, seq) && self.has(account) {
                    return self.fold_taught(account, form, state, at);
                }
            }
            Event::Learned { at_us, victim, subject, value } => {
                let lesson = super::learning::lesson(at_us, victim, subject, value)?;
                self.engine.lessons().learn(lesson);
            }
            // Nobody told of the end: the clock closes the call again, at the same moment.
            Event::Ended(_) | Event::Advanced => self.advance(at),
        }
        Some(())
    }

    fn has(&self, account: u32) -> bool {
        (account as usize) < self.walls.len()
    }

    /// The leg of a call; the outer `None` where the record is already in a snapshot or is of
    /// nobody.
    fn fold_call(
        &mut self,
        account: u32,
        call_id: &str,
        seq: u64,
        known: &Known,
    ) -> Option<Option<sekimori_engine::event::LegRef>> {
        if !self.has(account) || known.has(account, seq) {
            return None;
        }
        let key = self.call_key(account, self.accounts.hash(call_id));
        Some(self.running.of_key(key).map(|(leg, _)| leg))
    }

    fn fold_attempt(
        &mut self,
        attempted: &journal::Attempted<'_>,
        at: Timestamp,
        seq: u64,
        known: &Known,
    ) -> Option<()> {
        let account = attempted.account;
        if !self.has(account) {
            return None;
        }
        let name = self.accounts.name(account).to_owned();
        let reference = Ref(attempted.reference);
        let told_at = (attempted.shift_us != 0).then(|| Rfc3339 {
            at: of_micros(micros(at).saturating_add(attempted.shift_us)),
            offset_minutes: 0,
        });
        let ask = ask_of(attempted, &name, told_at);
        self.last_ref = self.last_ref.max(reference);
        let keys = self.keys(&ask)?;
        if known.has(account, seq) {
            // The engine has it; what is the same question is still to be known.
            self.remember(&keys, attempted, at, reference);
            if attempted.ruling == journal::Ruling::Challenge {
                // The proof may lie behind the snapshot.
                let challenged = Challenged { ask: owned(&ask), reference };
                self.challenged.insert(keys.call, Box::new(challenged), at);
            }
            return Some(());
        }
        self.advance(at);
        let (brief, ..) = self.judge(&keys, &ask, Likeness::Anew, Some(reference));
        let as_recorded = wire::of_ruling(attempted.ruling);
        if (brief.ruling, brief.max_seconds) != (as_recorded, attempted.max_seconds) {
            tracing::debug!(%reference, "a verdict is not what it was: settings have changed");
        }
        Some(())
    }

    fn remember(
        &mut self,
        keys: &Keys,
        attempted: &journal::Attempted<'_>,
        at: Timestamp,
        reference: Ref,
    ) {
        let brief = Brief {
            ruling: wire::of_ruling(attempted.ruling),
            max_seconds: attempted.max_seconds,
            reference,
        };
        self.answers.insert(keys.call, Remembered::new(brief, keys.dialled, 0, at), at);
        self.ids.insert(keys.id, keys.call, at);
    }

    fn fold_proof(
        &mut self,
        proved: &journal::Proved<'_>,
        at: Timestamp,
        seq: u64,
        known: &Known,
    ) -> Option<()> {
        let account = proved.account;
        if proved.proof != journal::Proof::Right || !self.has(account) {
            return Some(());
        }
        let key = self.call_key(account, self.accounts.hash(proved.call_id));
        if known.has(account, seq) {
            self.challenged.remove(key);
            return Some(());
        }
        self.advance(at);
        let challenged = (**self.challenged.get_mut(key)?).clone();
        let ask = challenged.ask.as_ask();
        let keys = self.keys(&ask)?;
        self.prove(&keys, &ask, challenged.reference);
        Some(())
    }

    /// What happens from now on is recorded.
    pub fn begin(&mut self) {
        self.read_all_about();
        self.recorder.begin();
        self.gauge();
    }
}

fn ask_of<'a>(
    attempted: &journal::Attempted<'a>,
    account: &'a str,
    told_at: Option<Rfc3339>,
) -> Ask<'a> {
    Ask {
        call_id: attempted.call_id,
        account,
        dialled: attempted.dialled,
        told_at,
        line: attempted.line,
        caller: attempted.caller,
        source: attempted.source,
        user_agent: attempted.user_agent,
        forwarded_from: attempted.forwarded_from,
        trunk: attempted.trunk,
        challenge: wire::of_challenge(attempted.challenge),
        renewal: wire::of_renewal(attempted.renewal),
        door: wire::of_door(attempted.door),
        transaction: 0,
    }
}

fn told(us: Option<i64>) -> Option<Rfc3339> {
    us.map(|us| Rfc3339 { at: of_micros(us), offset_minutes: 0 })
}

fn registration(event: &journal::Registered<'_>) -> OwnedRegistration {
    OwnedRegistration {
        account: String::new(),
        line: event.line.to_owned(),
        source: event.source,
        user_agent: event.user_agent.to_owned(),
        outcome: wire::of_sign_in(event.outcome),
    }
}
