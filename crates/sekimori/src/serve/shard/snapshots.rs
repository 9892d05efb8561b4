//! Snapshots: a cache that makes a start quick. The shard walks over its accounts without end, a
//! small chunk at a time, and puts what has changed into the journal's stream, so that each chunk
//! says up to which record it is true. After a start the records behind it are folded.

use super::Shard;
use super::dossier::{BarRecord, Dossier};
use super::running::Running;
use crate::serve::ask::Ref;
use sekimori_atlas::time::{Span, Timestamp};
use sekimori_engine::event::AccountIdx;
use sekimori_engine::saved::{Saved, SavedAccount, SavedCommon};
use serde::{Deserialize, Serialize};

/// Accounts in a chunk: few enough that making one keeps nobody waiting (an eighth of a
/// millisecond for accounts that hardly call abroad), and so many that a file for each chunk is
/// not most of the work.
pub const CHUNK: u32 = 512;
/// The form of the bytes; a snapshot of another form is ignored and the journal folded whole.
pub const FORMAT: u32 = 2;
/// Chunks that mark the beginning of a walk, by turns.
const MARKS: [u32; 2] = [u32::MAX - 2, u32::MAX - 1];
/// The chunk of what belongs to no one account.
pub const COMMON: u32 = u32::MAX;
/// A walk over all accounts takes about so long.
const WALK: Span = Span::seconds(30);
/// Between two chunks at least, and at most.
const STEP: (Span, Span) = (Span(1_000_000), Span::seconds(2));

/// How far the walk has come.
#[derive(Debug, Default)]
pub struct Walk {
    /// A bit for each chunk that has changed.
    dirty: Vec<u64>,
    n_dirty: u32,
    /// How many accounts each chunk held when it was last written.
    written: Vec<u16>,
    at: u32,
    number: u64,
    next: Timestamp,
    is_walking: bool,
    /// Money at risk in each chunk when it was last written, in thousandths.
    exposure: Vec<i64>,
    /// A bit for each account whose unrecorded moment has been presumed.
    presumed: Vec<u64>,
}

#[derive(Serialize)]
struct AccountOut<'a> {
    name: &'a str,
    engine: Saved<'a>,
    dossier: Option<String>,
    running: Vec<&'a Running>,
}

/// An account as a chunk has it.
#[derive(Deserialize)]
pub struct AccountIn {
    /// Its name.
    pub name: String,
    /// What the engine knows of it.
    pub engine: SavedAccount,
    /// The rest, as JSON.
    pub dossier: Option<String>,
    /// Its running calls in the order of the engine's legs.
    pub running: Vec<Running>,
}

#[derive(Serialize)]
struct CommonOut<'a> {
    walk: u64,
    engine: sekimori_engine::saved::Common<'a>,
    bars: String,
    phrases: &'a [(String, String)],
    detectors: &'a [String],
    last_ref: Ref,
}

/// What belongs to no one account.
#[derive(Deserialize)]
pub struct CommonIn {
    /// The walk that it ended.
    pub walk: u64,
    /// Lessons and carrier-wide stops.
    pub engine: SavedCommon,
    /// Carrier-wide stops as people see them, as JSON.
    pub bars: String,
    /// The journal's numbered sentences.
    pub phrases: Vec<(String, String)>,
    /// The journal's numbered detectors.
    pub detectors: Vec<String>,
    /// The last reference given.
    pub last_ref: Ref,
}

impl Walk {
    /// An account came.
    pub fn grow(&mut self, account: u32) {
        let chunk = account / CHUNK;
        let n_words = chunk as usize / 64 + 1;
        if self.dirty.len() < n_words {
            self.dirty.resize(n_words, 0);
        }
        if self.written.len() <= chunk as usize {
            self.written.resize(chunk as usize + 1, 0);
        }
        self.touch(account);
    }

    /// Something of an account has changed.
    pub fn touch(&mut self, account: u32) {
        let chunk = account / CHUNK;
        let Some(word) = self.dirty.get_mut(chunk as usize / 64) else { return };
        let bit = 1 << (chunk % 64);
        self.n_dirty += u32::from(*word & bit == 0);
        *word |= bit;
    }

    /// Takes the restored state of all chunks to be written already.
    pub fn restored(&mut self, n_accounts: u32, walk: u64) {
        self.dirty.iter_mut().for_each(|word| *word = 0);
        self.n_dirty = 0;
        for (chunk, n) in self.written.iter_mut().enumerate() {
            *n = (n_accounts - (chunk as u32 * CHUNK).min(n_accounts)).min(CHUNK) as u16;
        }
        self.number = walk;
    }

    /// Whether an account's unrecorded moment is still to be presumed; only the first to ask is
    /// told so.
    pub fn unpresumed(&mut self, account: u32) -> bool {
        let word = account as usize / 64;
        if self.presumed.len() <= word {
            self.presumed.resize(word + 1, 0);
        }
        let bit = 1 << (account % 64);
        let is_first = self.presumed[word] & bit == 0;
        self.presumed[word] |= bit;
        is_first
    }

    /// Money at risk over all accounts, as of each one's last snapshot.
    pub fn exposure(&self) -> u64 {
        self.exposure.iter().sum::<i64>().max(0) as u64
    }

    /// Money at risk in a chunk is more by so much, or, where it begins, just that.
    pub fn add_exposure(&mut self, chunk: u32, milli: i64) {
        let chunk = chunk as usize;
        if self.exposure.len() <= chunk {
            self.exposure.resize(chunk + 1, 0);
        }
        self.exposure[chunk] += milli;
    }

    /// The next chunk that has changed, from where the walk is.
    fn next_dirty(&self) -> Option<u32> {
        let mut word = self.at as usize / 64;
        let mut bits = self.dirty.get(word)? & (u64::MAX << (self.at % 64));
        while bits == 0 {
            word += 1;
            bits = *self.dirty.get(word)?;
        }
        Some(word as u32 * 64 + bits.trailing_zeros())
    }

    fn clean(&mut self, chunk: u32, n: u16) {
        self.dirty[chunk as usize / 64] &= !(1 << (chunk % 64));
        self.n_dirty -= 1;
        self.written[chunk as usize] = n;
    }

    fn step(&self) -> Span {
        let n_chunks = self.written.len().max(1) as i64;
        Span((WALK.0 / n_chunks).clamp(STEP.0.0, STEP.1.0))
    }
}

impl Shard {
    /// When the walk goes on.
    pub fn next_snapshot_step(&self) -> Option<Timestamp> {
        let walk = &self.snapshots;
        (walk.n_dirty > 0 || walk.is_walking).then_some(walk.next)
    }

    /// Writes the next chunk where it is time. Returns whether there is more to do at once.
    pub fn snapshot_step(&mut self, now: Timestamp) -> bool {
        let walk = &mut self.snapshots;
        if now < walk.next || (walk.n_dirty == 0 && !walk.is_walking) {
            return false;
        }
        walk.next = now + walk.step();
        self.walk_on();
        false
    }

    /// Whether a walk has begun, or there is something for the next.
    pub(super) fn has_snapshots_to_write(&self) -> bool {
        self.snapshots.is_walking || self.snapshots.n_dirty > 0
    }

    /// One step of a walk; false at its end.
    pub(super) fn walk_on(&mut self) -> bool {
        if !self.snapshots.is_walking {
            self.begin_walk();
        }
        match self.snapshots.next_dirty() {
            Some(chunk) => {
                // A chunk that was written short goes before what comes behind it, or a restart
                // would find a hole.
                let before = chunk.checked_sub(1);
                let is_short =
                    |chunk: &u32| u32::from(self.snapshots.written[*chunk as usize]) < CHUNK;
                if let Some(before) = before.filter(is_short) {
                    self.snapshots.touch(before * CHUNK);
                    self.write_chunk(before);
                }
                self.write_chunk(chunk);
                self.snapshots.at = chunk + 1;
                true
            }
            None => {
                self.end_walk();
                false
            }
        }
    }

    fn begin_walk(&mut self) {
        let walk = &mut self.snapshots;
        walk.is_walking = true;
        walk.at = 0;
        walk.number += 1;
        let number = walk.number;
        let mark = MARKS[(number % 2) as usize];
        self.recorder.snapshot(mark, FORMAT, number.to_le_bytes().to_vec());
    }

    fn end_walk(&mut self) {
        self.snapshots.is_walking = false;
        let words = self.recorder.words();
        let common = CommonOut {
            walk: self.snapshots.number,
            engine: self.engine.save_common(),
            bars: serde_json::to_string(&self.bars).expect("texts and numbers"),
            phrases: words.phrases(),
            detectors: words.detectors(),
            last_ref: self.last_ref,
        };
        let bytes = postcard::to_allocvec(&common).expect("memory takes all");
        self.recorder.snapshot(COMMON, FORMAT, bytes);
    }

    fn write_chunk(&mut self, chunk: u32) {
        let n_accounts = self.walls.len() as u32;
        let numbers = chunk * CHUNK..((chunk + 1) * CHUNK).min(n_accounts);
        let n = numbers.len() as u16;
        let all: Vec<AccountOut<'_>> =
            numbers.clone().map(|account| self.account_out(account)).collect();
        let bytes = postcard::to_allocvec(&all).expect("memory takes all");
        drop(all);
        // The doors' copy of what an account calls is made anew with its snapshot.
        for account in numbers.clone() {
            let countries = self.engine.countries(AccountIdx(account));
            if !countries.is_empty() {
                self.tell_fail_book_of(account, &countries);
            }
        }
        let at_risk = numbers.map(|account| self.at_risk(account)).sum::<i64>();
        let was = self.snapshots.exposure.get(chunk as usize).copied().unwrap_or(0);
        self.snapshots.add_exposure(chunk, at_risk - was);
        self.recorder.snapshot(chunk, FORMAT, bytes);
        self.snapshots.clean(chunk, n);
    }

    pub(super) fn at_risk(&self, account: u32) -> i64 {
        let moment = self.moment(account, self.now);
        self.engine.exposure(AccountIdx(account), self.now, moment).0.0
    }

    fn account_out(&self, account: u32) -> AccountOut<'_> {
        let idx = AccountIdx(account);
        AccountOut {
            name: self.accounts.name(account),
            engine: self.engine.save(idx),
            dossier: self
                .dossiers
                .get(&account)
                .filter(|dossier| !dossier.is_empty())
                .map(|dossier| json(dossier)),
            running: self.calls_of(account).map(|(_, call)| call).collect(),
        }
    }
}

fn json(dossier: &Dossier) -> String {
    serde_json::to_string(dossier).expect("texts and numbers")
}

/// Carrier-wide stops as a snapshot has them; none where they cannot be read.
pub fn read_bars(text: &str) -> Vec<BarRecord> {
    serde_json::from_str(text).unwrap_or_default()
}

/// Which of the two marks began this walk.
pub fn mark_of(walk: u64) -> u32 {
    MARKS[(walk % 2) as usize]
}

/// From which record on the journal is needed, given the snapshots of all shards, and a digest of
/// those. `None` while a shard has no whole walk yet.
///
/// # Errors
/// A journal that cannot be read.
pub fn needed(
    reader: &sekimori_journal::Reader,
    n_shards: usize,
) -> Result<Option<(u64, [u8; 32])>, sekimori_journal::ReadError> {
    let mut digest = blake3::Hasher::new();
    let mut needed = u64::MAX;
    for shard in 0..n_shards {
        let (mut walk, mut marks) = (None, std::collections::BTreeMap::new());
        for snapshot in reader.snapshots(shard as u16, FORMAT)? {
            digest.update(&snapshot.chunk.to_le_bytes());
            digest.update(&snapshot.seq.to_le_bytes());
            digest.update(&snapshot.bytes);
            match snapshot.chunk {
                COMMON => {
                    walk = postcard::from_bytes::<CommonIn>(&snapshot.bytes).ok().map(|c| c.walk);
                }
                chunk if MARKS.contains(&chunk) => drop(marks.insert(chunk, snapshot.seq)),
                _ => {}
            }
        }
        match walk.and_then(|walk| marks.get(&mark_of(walk)).copied()) {
            Some(from) => needed = needed.min(from),
            None => return Ok(None),
        }
    }
    Ok(Some((needed, *digest.finalize().as_bytes())))
}
