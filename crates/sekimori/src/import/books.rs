//! The state directory as an import has it: the journal, open for writing so that no server is,
//! and the shards folded from it as a server would fold them.

use crate::failure::{Advice, Failure};
use crate::serve::fail_mode::FailBook;
use crate::serve::published;
use crate::serve::settled::Settled;
use crate::serve::shard::past::{Known, Learned, NotRecorded, PastAccount};
use crate::serve::shard::{Shard, Shared, micros, owner};
use crate::serve::start;
use crate::serve::vitals::Vitals;
use sekimori_atlas::time::Timestamp;
use sekimori_journal::{
    Journal, Kind, LastStop, OpenError, Opened, Options, ReadError, Reader, Singles, Ticket,
};
use serde::Serialize;
use std::path::Path;
use std::sync::{Arc, mpsc};
use std::time::Duration;
use tokio::sync::broadcast;

/// Nobody has to be answered meanwhile, so that nothing is gained by waiting for more.
const COMMIT_EVERY: Duration = Duration::from_millis(1);

/// The journal and what it comes to.
pub(super) struct Books {
    journal: Journal,
    opened: Opened,
    vitals: Arc<Vitals>,
    pub shards: Vec<Shard>,
}

impl Books {
    /// Opens the journal, for which no server may have it.
    pub fn open(settled: &Settled) -> Result<Books, Failure> {
        let options = Options { commit_every: COMMIT_EVERY, ..Options::default() };
        let (journal, opened) = Journal::open(&settled.state, options)
            .map_err(|error| cannot_open(&settled.state, &error))?;
        Ok(Books { journal, opened, vitals: Arc::default(), shards: Vec::new() })
    }

    /// Becomes what the journal says, as a server does at its start.
    pub fn fold(&mut self, settled: Settled, now: Timestamp) -> Result<(), Failure> {
        let manner = start::manner(&settled);
        let atlas = Arc::new(settled.setup.atlas);
        let (events, _) = broadcast::channel(published::WAITING_MAX);
        let shared = Shared {
            atlas: atlas.clone(),
            journal: self.journal.clone(),
            vitals: self.vitals.clone(),
            fail_book: Arc::new(FailBook::new(atlas, self.vitals.clone())),
            events,
        };
        let engine = &settled.setup.engine;
        // What a crash left unrecorded is for the server's next start to presume.
        let shards = start::fold(settled.shards, engine, &shared, &manner, LastStop::Clean)?;
        self.shards = shards;
        self.shards.iter_mut().for_each(|shard| shard.advance(now));
        Ok(())
    }

    /// Teaches an account what its past has shown.
    pub fn learn(
        &mut self,
        name: &str,
        past: PastAccount,
        known: Known,
    ) -> Result<Learned, Failure> {
        let owner = owner(name, self.shards.len());
        let shard = &mut self.shards[owner];
        let learned = shard.learn_past(name, past, known);
        if shard.is_due() {
            shard.hand_over_all().map_err(not_recorded)?;
        }
        Ok(learned)
    }

    /// Records what was done, and waits until all of it is durable.
    pub fn commit(&mut self, imported: &impl Serialize) -> Result<(), Failure> {
        for shard in &mut self.shards {
            shard.hand_over_all().map_err(not_recorded)?;
        }
        let (tell, told) = mpsc::channel();
        let ticket = Ticket::new(move |committed| {
            // Whoever waits is below.
            let _ = tell.send(committed);
        });
        let first = self.shards.first_mut().expect("there is a shard");
        first.imported(imported, ticket);
        first.hand_over_all().map_err(not_recorded)?;
        let not_done = |why: String| not_recorded(NotRecorded(why));
        match told.recv() {
            Ok(Ok(_)) => {}
            Ok(Err(why)) => return Err(not_done(why.to_string())),
            Err(_) => return Err(not_done("its thread has ended".to_owned())),
        }
        let n_lost =
            self.vitals.verdicts_not_recorded.get() + self.journal.vitals().n_not_recorded();
        if n_lost > 0 {
            return Err(not_done(format!("{n_lost} records found no room")));
        }
        for shard in &mut self.shards {
            shard.snapshot_all_paced().map_err(not_recorded)?;
        }
        Ok(())
    }

    /// Closes the journal. One that a server has left in a crash is left so, for that server's next
    /// start to know.
    pub fn close(self, at: Timestamp) -> Result<(), Failure> {
        let is_servers_crash = self.opened.last_stop == LastStop::Crash
            && self
                .journal
                .reader()
                .is_ok_and(|mut reader| has_crashed(&mut reader).unwrap_or(true));
        if is_servers_crash {
            return Ok(());
        }
        let closed = self.journal.close(micros(at));
        closed.map(drop).map_err(|why| not_recorded(NotRecorded(why.to_string())))
    }
}

/// Whether a server began after the last clean stop: an import that was broken off leaves nothing
/// unrecorded that anybody was told of.
fn has_crashed(reader: &mut Reader) -> Result<bool, ReadError> {
    let mut last = |kind| -> Result<u64, ReadError> {
        let wanted = Singles { kind: Some(kind), limit: 1, ..Singles::default() };
        Ok(reader.singles(&wanted)?.first().map_or(0, |record| record.seq))
    };
    Ok(last(Kind::Started)? > last(Kind::StoppedClean)?)
}

fn cannot_open(state: &Path, error: &OpenError) -> Failure {
    if let OpenError::InUse(_) = error {
        let what = format!("a server runs on the state directory {}", state.display());
        let why = "Accounts are taught while nobody asks about them.";
        let todo = "stop the server, import, and start it again; or name another directory with \
                    --state";
        return Failure::Usage(Advice::new(what, todo).because(why));
    }
    let text = error.to_string();
    let (what, todo) = text.rsplit_once("; ").unwrap_or((&text, "look at the state directory"));
    Failure::Storage(Advice::new(what, todo))
}

fn not_recorded(error: NotRecorded) -> Failure {
    let why = "What was recorded before stays; nothing is half taught of any account.";
    let todo = "free or mend the disk and import again: accounts that are known by then are \
                left as they are";
    Failure::Storage(Advice::new(error.to_string(), todo).because(why))
}
