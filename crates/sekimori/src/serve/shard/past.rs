//! What call records of the past have taught of an account, taken into a shard and, packed, into
//! the journal's own chain: a snapshot is only a cache, and there are no calls on record from
//! which this could be learned again (docs/decisions/0024-imported-state.md).

use super::Shard;
use super::dossier::Dossier;
use crate::replay::standing::Restriction;
use sekimori_atlas::time::Timestamp;
use sekimori_engine::event::{AccountIdx, Name};
use sekimori_engine::order::{Effect, Order};
use sekimori_engine::saved::{FORM, Saved, SavedAccount};
use sekimori_journal::{Event, Kind, State, Ticket};
use serde::{Deserialize, Serialize};
use std::sync::Once;
use std::time::{Duration, Instant};

/// How long is waited for one snapshot to reach the disk: it is a cache.
const SNAPSHOT_WAIT: Duration = Duration::from_secs(5);
/// Between two looks at a journal that has no room: it has no bell to ring for that.
const LOOK_AGAIN: Duration = Duration::from_millis(1);

/// One account, as the records of its past have made it.
#[derive(Debug)]
pub struct PastAccount {
    /// From [`pack`].
    pub state: Vec<u8>,
    /// Incidents that are still open.
    pub incidents: Vec<Effect>,
    /// Restrictions that are still in force.
    pub restrictions: Vec<Restriction>,
}

/// What is to become of an account that has habits of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Known {
    /// It is left as it is.
    LeaveAlone,
    /// Its habits are replaced by those of the records.
    TeachAgain,
}

/// What became of an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Learned {
    /// Nothing was known of its calls before.
    New,
    /// Its habits were replaced.
    Again,
    /// It is as it was.
    LeftAlone,
    /// No more accounts can be followed.
    NoRoom,
}

/// The journal does not take what was to be recorded.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the journal cannot be written: {0}")]
pub struct NotRecorded(pub String);

#[derive(Serialize)]
struct PastOut<'a> {
    engine: Saved<'a>,
    /// Open incidents and restrictions as people are shown them, as JSON.
    dossier: Option<String>,
}

#[derive(Deserialize)]
struct PastIn {
    engine: SavedAccount,
    dossier: Option<String>,
}

/// An account's state in the form of the journal's record.
pub fn pack(engine: Saved<'_>) -> Vec<u8> {
    packed(engine, None)
}

fn packed(engine: Saved<'_>, dossier: Option<String>) -> Vec<u8> {
    postcard::to_allocvec(&PastOut { engine, dossier }).expect("memory takes all")
}

impl Shard {
    /// Takes in what the past has taught of an account, and records it.
    pub fn learn_past(&mut self, name: &str, past: PastAccount, known: Known) -> Learned {
        let Some(number) = self.account(name) else { return Learned::NoRoom };
        let account = AccountIdx(number);
        let is_new = !self.engine.has_habits(account);
        if !is_new && known == Known::LeaveAlone {
            return Learned::LeftAlone;
        }
        let PastAccount { mut state, incidents, restrictions } = past;
        let Some(read) = read(&state) else { return Learned::LeftAlone };
        if !self.engine.learn_past(account, read.engine) {
            return Learned::LeftAlone;
        }
        if is_new && !(incidents.is_empty() && restrictions.is_empty()) {
            self.take_standing(account, incidents, restrictions);
            let Dossier { incidents, orders, .. } = self.dossier(number).clone();
            let shown = Dossier { incidents, orders, ..Dossier::default() };
            let json = serde_json::to_string(&shown).expect("texts and numbers");
            state = packed(self.engine.save(account), Some(json));
        }
        self.has_learned(number);
        let event = Event::Taught { account: number, form: FORM, state: &state };
        self.recorder.event(self.now, &event);
        if is_new { Learned::New } else { Learned::Again }
    }

    /// The same from the journal; `None` where it cannot be used.
    pub(super) fn fold_taught(
        &mut self,
        account: u32,
        form: u16,
        state: &[u8],
        at: Timestamp,
    ) -> Option<()> {
        let Some(past) = (form == FORM).then(|| read(state)).flatten() else {
            say_unusable(form);
            return None;
        };
        self.advance(at);
        let is_new = !self.engine.has_habits(AccountIdx(account));
        self.engine.learn_past(AccountIdx(account), past.engine);
        let dossier = past.dossier.filter(|_| is_new);
        if let Some(shown) = dossier.and_then(|json| serde_json::from_str::<Dossier>(&json).ok()) {
            for incident in &shown.incidents {
                self.incident_owner.insert(incident.id, account);
            }
            let dossier = self.dossier(account);
            dossier.incidents.extend(shown.incidents);
            dossier.orders.extend(shown.orders);
        }
        self.has_learned(account);
        Some(())
    }

    /// People are shown what is open and in force, as if it had come about here.
    fn take_standing(
        &mut self,
        account: AccountIdx,
        incidents: Vec<Effect>,
        restrictions: Vec<Restriction>,
    ) {
        for mut effect in incidents {
            if let Effect::IncidentOpened { account: of, .. } = &mut effect {
                *of = account;
            }
            self.effects.push(effect);
        }
        self.take_effects(&[]);
        for Restriction { order, line } in restrictions {
            self.effects.push(Effect::Order(Order { account, ..order }));
            let names: Vec<Name<'_>> = line.as_deref().and_then(Name::new).into_iter().collect();
            self.take_effects(&names);
        }
    }

    fn has_learned(&mut self, account: u32) {
        self.snapshots.touch(account);
        if !self.engine.countries(AccountIdx(account)).is_empty() {
            self.tell_fail_book(account);
        }
    }

    /// Records what was imported; whoever holds the ticket is told once all of it is durable.
    pub fn imported(&mut self, body: &impl Serialize, ticket: Ticket) {
        self.recorder.single(self.now, Kind::Imported, "", body, Some(ticket));
    }

    /// Whether so much was recorded that it is to be handed over.
    pub fn is_due(&self) -> bool {
        self.recorder.is_due()
    }

    /// Hands over all that was recorded, and waits for the journal while it has no room: for a
    /// command with nobody to answer meanwhile.
    ///
    /// # Errors
    /// The journal has given up.
    pub fn hand_over_all(&mut self) -> Result<(), NotRecorded> {
        loop {
            self.recorder.hand_over();
            if !self.recorder.has_some() {
                return Ok(());
            }
            match self.shared.journal.state() {
                State::Good => std::thread::park_timeout(LOOK_AGAIN),
                state => return Err(NotRecorded(words(&state))),
            }
        }
    }

    /// Writes snapshots of all that has changed, no faster than the disk takes them.
    ///
    /// # Errors
    /// The journal has given up.
    pub fn snapshot_all_paced(&mut self) -> Result<(), NotRecorded> {
        while self.has_snapshots_to_write() {
            let before = self.n_snapshots_settled();
            self.walk_on();
            self.hand_over_all()?;
            let begun = Instant::now();
            while self.n_snapshots_settled() == before && begun.elapsed() < SNAPSHOT_WAIT {
                std::thread::park_timeout(LOOK_AGAIN);
            }
        }
        Ok(())
    }

    fn n_snapshots_settled(&self) -> u64 {
        let vitals = self.shared.journal.vitals();
        vitals.n_snapshots() + vitals.n_snapshots_dropped()
    }
}

fn read(state: &[u8]) -> Option<PastIn> {
    postcard::from_bytes(state).ok()
}

/// Said once: there may be a million of them.
fn say_unusable(form: u16) {
    static SAID: Once = Once::new();
    SAID.call_once(|| {
        tracing::error!(
            form,
            "what was imported from past call records is in a form that this program does not \
             read, and no snapshot has it: accounts begin without it; import the records again"
        );
    });
}

fn words(state: &State) -> String {
    match state {
        State::Full(why) | State::ReadOnly(why) | State::Damaged(why) | State::Failing(why) => {
            format!("{why} ({})", state.word())
        }
        State::Good | State::Closed => state.word().to_owned(),
    }
}
