//! A stretch of one shard's history in the order in which it happened, packed into one buffer that
//! is handed to the writer whole and comes back empty.
//!
//! It knows nothing of sequence numbers or hashes: those are given when it is written.

use crate::event::Event;
use crate::kind::Kind;
use crate::ticket::Ticket;

/// A batch that is this long is handed over at the next occasion.
pub const BATCH_BYTES: usize = 256 * 1_024;
/// No single record's body is longer.
pub const BODY_BYTES_MAX: usize = 4 * 1_024 * 1_024;

/// A batch's memory at first.
const BYTES_FIRST: usize = 16 * 1_024;

/// Length of the body (u32), time (i64), kind (u8), length of the account's name (u16).
const HEADER_BYTES: usize = 15;

/// What one shard recorded and has not handed over yet.
#[derive(Debug, Default)]
pub struct Batch {
    shard: u16,
    /// Records, then bytes that mean nothing: they are there so that a record is written into
    /// memory that exists, at a fraction of what growing by single bytes takes.
    bytes: Vec<u8>,
    n_bytes: usize,
    n_records: usize,
    n_singles: usize,
    tickets: Vec<(usize, Ticket)>,
    snapshots: Vec<(usize, Snapshot)>,
}

/// State of some accounts as it is after all that the batch holds before it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Snapshot {
    pub chunk: u32,
    pub format: u32,
    pub bytes: Vec<u8>,
}

/// A record's body is longer than [`BODY_BYTES_MAX`], or its account's name than 65,535 bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a record of {n_bytes} bytes is too long for the journal")]
pub struct TooLong {
    /// How long it is.
    pub n_bytes: usize,
}

/// One record as it stands in a batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Entry<'a> {
    pub at_us: i64,
    pub kind: Kind,
    /// Empty for events and for what concerns no one account.
    pub account: &'a str,
    pub body: &'a [u8],
}

impl Batch {
    /// An empty one for a shard. Its memory is kept from one use to the next.
    pub fn new(shard: u16) -> Batch {
        Batch { shard, ..Batch::default() }
    }

    /// Whose history it is.
    pub fn shard(&self) -> u16 {
        self.shard
    }

    /// Adds an event that happened at `at_us`, microseconds since 1970. Events of the contract's
    /// sizes always fit; one that is too long is left out and its length returned.
    ///
    /// # Errors
    /// A packed length over [`BODY_BYTES_MAX`]; nothing was added.
    pub fn push(&mut self, at_us: i64, event: &Event<'_>) -> Result<(), TooLong> {
        let start = self.n_bytes;
        self.header(at_us, Kind::Event, "");
        self.pack(event);
        self.finish(start)
    }

    /// Adds a record that stands by itself: `body` is JSON. `account` is whom it concerns, or empty.
    /// Whoever holds the ticket is told after the commit, or that it failed.
    ///
    /// # Errors
    /// Too long; nothing was added, and the ticket says that it is not durable.
    pub fn push_single(
        &mut self,
        at_us: i64,
        kind: Kind,
        account: &str,
        body: &[u8],
        ticket: Option<Ticket>,
    ) -> Result<(), TooLong> {
        if account.len() > usize::from(u16::MAX) {
            return Err(TooLong { n_bytes: account.len() });
        }
        let start = self.n_bytes;
        self.header(at_us, kind, account);
        self.append(body);
        self.finish(start)?;
        self.n_singles += 1;
        self.tickets.extend(ticket.map(|ticket| (self.n_records - 1, ticket)));
        Ok(())
    }

    /// Says that records of this shard are missing here: those between `since_us` and `at_us` that
    /// found no room. Whoever dropped them also says so by [`crate::Vitals::lost`].
    pub fn push_gap(&mut self, at_us: i64, n_lost: u64, since_us: i64) {
        let body = format!(r#"{{"n_lost":{n_lost},"since_us":{since_us},"until_us":{at_us}}}"#);
        let pushed = self.push_single(at_us, Kind::Gap, "", body.as_bytes(), None);
        pushed.expect("three numbers are short");
    }

    /// Adds a snapshot of a chunk of this shard's accounts, as they are after everything added
    /// before. It replaces the chunk's last one once all of that is durable; a snapshot that is longer
    /// than [`crate::SNAPSHOT_BYTES_MAX`] or finds no room is dropped and counted. `format` says how
    /// the bytes are to be read: a reader that asks for another does not see it.
    pub fn push_snapshot(&mut self, chunk: u32, format: u32, bytes: Vec<u8>) {
        self.snapshots.push((self.n_records, Snapshot { chunk, format, bytes }));
    }

    /// How many records it holds.
    pub fn len(&self) -> usize {
        self.n_records
    }

    /// Whether there is nothing to hand over.
    pub fn is_empty(&self) -> bool {
        self.n_records == 0 && self.snapshots.is_empty()
    }

    /// How many bytes its records take.
    pub fn n_bytes(&self) -> usize {
        self.n_bytes
    }

    /// Whether it is to be handed over at the next occasion: it is long, or somebody waits.
    pub fn is_due(&self) -> bool {
        self.n_bytes >= BATCH_BYTES || !self.tickets.is_empty()
    }

    /// Empties it. Tickets in it are told that their records are not durable.
    pub fn clear(&mut self) {
        self.n_bytes = 0;
        (self.n_records, self.n_singles) = (0, 0);
        self.tickets.clear();
        self.snapshots.clear();
    }

    /// Whether its memory is worth keeping: one that had to take much once is let go.
    pub(crate) fn is_of_usual_size(&self) -> bool {
        self.bytes.len() <= 4 * BATCH_BYTES
    }

    /// Makes it a batch of another shard; for a buffer that comes back empty.
    pub(crate) fn for_shard(mut self, shard: u16) -> Batch {
        self.clear();
        self.shard = shard;
        self
    }

    /// Adds an event that is packed already.
    pub(crate) fn push_packed(&mut self, at_us: i64, body: &[u8]) {
        let start = self.n_bytes;
        self.header(at_us, Kind::Event, "");
        self.append(body);
        self.finish(start).expect("it was short enough before");
    }

    /// The same without its events and snapshots; tickets go with their records.
    pub(crate) fn without_events(mut self) -> Batch {
        let mut kept = Batch::new(self.shard);
        let mut tickets = std::mem::take(&mut self.tickets).into_iter().peekable();
        for (place, entry) in self.entries().enumerate() {
            if entry.kind == Kind::Event {
                continue;
            }
            let ticket = tickets.next_if(|(of, _)| *of == place).map(|(_, ticket)| ticket);
            let pushed =
                kept.push_single(entry.at_us, entry.kind, entry.account, entry.body, ticket);
            pushed.expect("it was short enough before");
        }
        kept
    }

    pub(crate) fn has_singles(&self) -> bool {
        self.n_singles > 0
    }

    pub(crate) fn entries(&self) -> Entries<'_> {
        Entries { rest: &self.bytes[..self.n_bytes] }
    }

    pub(crate) fn has_tickets(&self) -> bool {
        !self.tickets.is_empty()
    }

    /// Tickets with the index of the record that each is for.
    pub(crate) fn take_tickets(&mut self) -> Vec<(usize, Ticket)> {
        std::mem::take(&mut self.tickets)
    }

    /// Snapshots with the number of the batch's records that each includes.
    pub(crate) fn take_snapshots(&mut self) -> Vec<(usize, Snapshot)> {
        std::mem::take(&mut self.snapshots)
    }

    fn header(&mut self, at_us: i64, kind: Kind, account: &str) {
        let mut header = [0; HEADER_BYTES];
        header[4..12].copy_from_slice(&at_us.to_le_bytes());
        header[12] = kind.number();
        header[13..15].copy_from_slice(&(account.len() as u16).to_le_bytes());
        self.append(&header);
        self.append(account.as_bytes());
    }

    fn append(&mut self, bytes: &[u8]) {
        let end = self.n_bytes + bytes.len();
        if end > self.bytes.len() {
            self.bytes.resize(end.max(self.bytes.len() * 2).max(BYTES_FIRST), 0);
        }
        self.bytes[self.n_bytes..end].copy_from_slice(bytes);
        self.n_bytes = end;
    }

    fn pack(&mut self, event: &Event<'_>) {
        if let Some(room) = self.bytes.get_mut(self.n_bytes..)
            && let Ok(packed) = postcard::to_slice(event, room)
        {
            self.n_bytes += packed.len();
            return;
        }
        // There was no room: rare, because a batch keeps its memory.
        let packed = event.pack(Vec::new());
        self.append(&packed);
    }

    /// Writes the length of what was added since `start` into its header.
    fn finish(&mut self, start: usize) -> Result<(), TooLong> {
        let n_bytes = self.n_bytes - start - HEADER_BYTES;
        if n_bytes > BODY_BYTES_MAX {
            self.n_bytes = start;
            return Err(TooLong { n_bytes });
        }
        self.bytes[start..start + 4].copy_from_slice(&(n_bytes as u32).to_le_bytes());
        self.n_records += 1;
        Ok(())
    }
}

/// The records of a batch in their order.
#[derive(Clone, Debug)]
pub(crate) struct Entries<'a> {
    rest: &'a [u8],
}

impl<'a> Iterator for Entries<'a> {
    type Item = Entry<'a>;

    /// A batch holds only what its own methods wrote, so that its bytes are always whole.
    fn next(&mut self) -> Option<Entry<'a>> {
        let (header, rest) = self.rest.split_first_chunk::<HEADER_BYTES>()?;
        let [l0, l1, l2, l3, at @ .., kind, a0, a1] = *header;
        let n_bytes = u32::from_le_bytes([l0, l1, l2, l3]) as usize;
        let (text, rest) = rest.split_at_checked(n_bytes)?;
        self.rest = rest;
        let (account, body) = text.split_at_checked(usize::from(u16::from_le_bytes([a0, a1])))?;
        Some(Entry {
            at_us: i64::from_le_bytes(at),
            kind: Kind::of_number(kind),
            account: std::str::from_utf8(account).ok()?,
            body,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_pushed_comes_out_in_order() {
        let mut batch = Batch::new(3);
        let event = Event::Introduced { account: 7, name: "東京" };
        batch.push(5, &event).expect("it is short");
        batch.push_single(6, Kind::Stop, "alpha", b"{}", None).expect("it is short");
        let entries: Vec<Entry<'_>> = batch.entries().collect();
        assert_eq!(entries.len(), batch.len());
        assert_eq!(Event::unpack(entries[0].body), Ok(event));
        let single = Entry { at_us: 6, kind: Kind::Stop, account: "alpha", body: b"{}" };
        assert_eq!(entries[1], single);
    }

    #[test]
    fn what_is_too_long_leaves_the_batch_as_it_was() {
        let mut batch = Batch::new(0);
        batch.push(5, &Event::Advanced).expect("it is short");
        let long = vec![b'x'; BODY_BYTES_MAX + 1];
        assert!(batch.push_single(6, Kind::Stop, "", &long, None).is_err());
        assert_eq!((batch.len(), batch.entries().count()), (1, 1));
    }
}
