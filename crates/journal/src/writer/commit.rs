//! From batches to rows, and from rows to a commit.

use super::group::Held;
use super::{Taken, Writer};
use crate::batch::Batch;
use crate::block::Builder;
use crate::chain::Tip;
use crate::checkpointer::News;
use crate::journal::Durable;
use crate::kind::Kind;
use crate::store::{self, Trouble};
use crate::vitals::State;
use rusqlite::Connection;
use std::sync::atomic::Ordering::Relaxed;
use std::time::Instant;

/// What a row takes besides its bytes, in the table and its indexes; about.
const ROW_BYTES: u64 = 160;

/// What the open transaction holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Pending {
    /// The last record in it.
    pub tip: Tip,
    /// When that happened, in microseconds since 1970.
    pub at_us: i64,
    /// Bytes of its rows.
    pub n_bytes: u64,
    /// The shard of the block that is being built.
    pub shard: u16,
}

impl Writer {
    /// Puts all that waits into the open transaction, committing as often as that is full. Whether
    /// it went well.
    pub fn write_waiting(&mut self) -> bool {
        while let Some(mut held) = self.group.waiting.pop_front() {
            let written = self.begin().and_then(|()| self.write(&mut held));
            match written {
                Ok(()) => self.group.written.push(held),
                Err(error) => {
                    self.group.waiting.push_front(held);
                    self.fail(&error);
                    return false;
                }
            }
            let is_full = self
                .pending
                .is_some_and(|pending| pending.n_bytes >= self.limits.commit_bytes as u64);
            if is_full && !self.commit() {
                return false;
            }
        }
        true
    }

    /// Opens a transaction where none is open.
    pub fn begin(&mut self) -> rusqlite::Result<()> {
        if self.pending.is_none() {
            self.db.prepare_cached("BEGIN IMMEDIATE")?.execute([])?;
            self.pending = Some(Pending { tip: self.head, at_us: 0, n_bytes: 0, shard: 0 });
        }
        Ok(())
    }

    fn write(&mut self, held: &mut Held) -> rusqlite::Result<()> {
        let pending = self.pending.as_mut().expect("a transaction was begun");
        held.after_seq = pending.tip.seq;
        write(&self.db, &mut self.block, pending, &held.batch)
    }

    /// Commits what is written and tells everybody. Whether it went well, which it does where
    /// there is nothing to commit.
    pub fn commit(&mut self) -> bool {
        let start = Instant::now();
        match self.try_commit() {
            Ok(Some(pending)) => {
                self.committed(&pending, start);
                true
            }
            Ok(None) => true,
            Err(error) => {
                self.fail(&error);
                false
            }
        }
    }

    fn try_commit(&mut self) -> rusqlite::Result<Option<Pending>> {
        let Some(pending) = &mut self.pending else { return Ok(None) };
        close_block(&self.db, &mut self.block, pending)?;
        if pending.tip != self.head {
            store::set_head(&self.db, &self.key, &pending.tip, pending.at_us)?;
        }
        self.db.prepare_cached("COMMIT")?.execute([])?;
        Ok(self.pending.take())
    }

    fn committed(&mut self, pending: &Pending, start: Instant) {
        let vitals = &self.vitals;
        vitals.n_records.fetch_add(pending.tip.seq - self.head.seq, Relaxed);
        vitals.n_commits.fetch_add(1, Relaxed);
        vitals.n_bytes.fetch_add(pending.n_bytes, Relaxed);
        vitals.head.store(pending.tip.seq, Relaxed);
        vitals.last_commit_us.store(start.elapsed().as_micros() as u64, Relaxed);
        self.head = pending.tip;
        if self.trouble.is_over() {
            vitals.set_state(State::Good);
        }
        let mut written = self.group.take_written();
        vitals.n_bytes_held.store(self.group.n_bytes() as u64, Relaxed);
        for held in &mut written {
            for (place, ticket) in held.batch.take_tickets() {
                ticket.tell(Ok(held.after_seq + 1 + place as u64));
            }
        }
        self.publish(&written);
        for mut held in written {
            self.hand_on_snapshots(&mut held);
            if held.batch.is_of_usual_size() {
                // A queue of spares that is full has enough of them.
                let _ = self.ends.spares.try_send(held.batch.for_shard(0));
            }
        }
        match self.checkpointer.after_commit(&self.db, &self.vitals, pending.n_bytes) {
            Ok(News::Nothing) => {}
            Ok(News::Recovered) => self.vitals.set_state(State::Good),
            Err(error) => self.vitals.set_state(self.state_of(&error)),
        }
    }

    fn publish(&mut self, written: &[Held]) {
        let Some(on_commit) = &mut self.on_commit else { return };
        let mut durable = Vec::new();
        for held in written.iter().filter(|held| held.batch.has_singles()) {
            for (seq, entry) in (held.after_seq + 1..).zip(held.batch.entries()) {
                if entry.kind != Kind::Event {
                    durable.push(Durable {
                        seq,
                        at_us: entry.at_us,
                        shard: held.batch.shard(),
                        kind: entry.kind,
                        account: entry.account,
                        body: entry.body,
                    });
                }
            }
        }
        if !durable.is_empty() {
            on_commit(&durable);
        }
    }

    fn hand_on_snapshots(&self, held: &mut Held) {
        for (n_before, snapshot) in held.batch.take_snapshots() {
            let seq = held.after_seq + n_before as u64;
            let taken = Taken { shard: held.batch.shard(), seq, snapshot };
            if self.ends.snapshots.try_send(taken).is_err() {
                self.vitals.n_snapshots_dropped.fetch_add(1, Relaxed);
            }
        }
    }

    /// Takes everything back that is not durable, says so, and sets when to try again.
    pub fn fail(&mut self, error: &rusqlite::Error) {
        // There may be no transaction left to roll back: SQLite ends it on some errors.
        let _ = self.db.execute_batch("ROLLBACK");
        self.pending = None;
        self.block.clear();
        let state = self.state_of(error);
        self.trouble.failed(Instant::now(), error.to_string());
        self.vitals.set_state(state);
        self.group.put_back(self.trouble.words());
    }

    fn state_of(&self, error: &rusqlite::Error) -> State {
        let words = error.to_string();
        match store::trouble_on(&self.directory, error) {
            Trouble::Full => State::Full(words),
            Trouble::ReadOnly => State::ReadOnly(words),
            Trouble::Damaged => State::Damaged(words),
            Trouble::Input | Trouble::Other => State::Failing(words),
        }
    }
}

fn write(
    db: &Connection,
    block: &mut Builder,
    pending: &mut Pending,
    batch: &Batch,
) -> rusqlite::Result<()> {
    let shard = batch.shard();
    if shard != pending.shard {
        close_block(db, block, pending)?;
        pending.shard = shard;
    }
    for entry in batch.entries() {
        pending.at_us = entry.at_us;
        if entry.kind == Kind::Event {
            if !block.takes(entry.at_us) {
                close_block(db, block, pending)?;
            }
            pending.tip = block.push(pending.tip, shard, &entry);
            if block.is_full() {
                close_block(db, block, pending)?;
            }
            continue;
        }
        close_block(db, block, pending)?;
        pending.tip = block.linker().next(pending.tip, shard, &entry);
        store::insert_single(db, shard, &pending.tip, &entry)?;
        pending.n_bytes += (entry.body.len() + entry.account.len()) as u64 + ROW_BYTES;
    }
    Ok(())
}

fn close_block(
    db: &Connection,
    block: &mut Builder,
    pending: &mut Pending,
) -> rusqlite::Result<()> {
    if block.is_empty() {
        return Ok(());
    }
    let closed = block.close(pending.tip);
    store::insert_block(db, pending.shard, &closed)?;
    pending.n_bytes += (closed.body.len() + closed.hashes.len()) as u64 + ROW_BYTES;
    block.clear();
    Ok(())
}
