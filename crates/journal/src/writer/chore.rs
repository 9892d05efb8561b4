//! Retention's steps on the writer's thread: each is small and has its own commit, so that whoever
//! waits for a record waits for one of them at most.

use super::Writer;
use crate::batch::Batch;
use crate::key::Cut;
use crate::kind::Kind;
use crate::store;
use crate::ticket::NotDurable;
use crossbeam_channel::Sender;

/// Rows removed in one step; a block has up to 300 KB.
const ROWS_A_STEP: u32 = 16;

/// A step, and where its outcome goes.
#[derive(Debug)]
pub(crate) struct Chore {
    pub act: Act,
    /// The number of rows that it removed, or why it could not be done.
    pub done: Sender<Result<usize, NotDurable>>,
}

/// What is to be done.
#[derive(Debug)]
pub(crate) enum Act {
    /// Forget the names of a generation.
    ForgetNames { other_than: u64 },
    /// Keep a part of the names that were given before the cut.
    Names { generation: u64, part: u32, body: Vec<u8> },
    /// Say that the chain begins after `cut` from now on.
    Cut { cut: Cut, at_us: i64, body: Vec<u8> },
    /// Remove some rows up to here.
    Remove { up_to: u64 },
}

impl Writer {
    pub(super) fn chore(&mut self, chore: Chore) {
        let outcome = if self.trouble.is_some() {
            Err(NotDurable::NotYet(self.trouble.words().to_owned()))
        } else {
            self.act(&chore.act)
        };
        // Whoever asked may have gone.
        let _ = chore.done.send(outcome);
    }

    fn act(&mut self, act: &Act) -> Result<usize, NotDurable> {
        if let Act::Cut { at_us, body, .. } = act {
            let mut batch = Batch::new(0);
            batch
                .push_single(*at_us, Kind::Retained, "", body, None)
                .map_err(|error| NotDurable::Dropped(error.to_string()))?;
            self.group.put(batch);
        }
        let done = self.write_waiting().then(|| self.begin().and_then(|()| self.change(act)));
        match done {
            Some(Ok(n_rows)) if self.commit() => return Ok(n_rows),
            Some(Err(error)) => self.fail(&error),
            Some(Ok(_)) | None => {}
        }
        Err(NotDurable::NotYet(self.trouble.words().to_owned()))
    }

    fn change(&self, act: &Act) -> rusqlite::Result<usize> {
        match act {
            Act::ForgetNames { other_than } => self
                .db
                .prepare_cached("DELETE FROM name WHERE generation <> ?1")?
                .execute([*other_than as i64]),
            Act::Names { generation, part, body } => self
                .db
                .prepare_cached(
                    "INSERT OR REPLACE INTO name (generation, part, body) VALUES (?1, ?2, ?3)",
                )?
                .execute(rusqlite::params![*generation as i64, part, body]),
            Act::Cut { cut, .. } => store::set_cut(&self.db, &self.key, cut).map(|()| 0),
            Act::Remove { up_to } => self
                .db
                .prepare_cached(
                    "DELETE FROM record WHERE seq IN
                     (SELECT seq FROM record WHERE seq <= ?1 ORDER BY seq LIMIT ?2)",
                )?
                .execute(rusqlite::params![*up_to as i64, ROWS_A_STEP]),
        }
    }
}
