//! Names that outlive the records that gave them: when retention removes an introduction, what it
//! said is carried over, and the signed cut has its digest.

use crate::batch::Batch;
use crate::block::{BLOCK_BYTES, Builder, Unpacked, introduces};
use crate::chain::{Hash, Tip};
use crate::event::Event;
use crate::key::Cut;
use crate::reader::{ReadError, Reader};
use crate::rows::{self, Which};
use rusqlite::Connection;
use std::collections::BTreeMap;

/// What a number stands for: shard, which of the three kinds of names, number.
type Number = (u16, u8, u32);

/// A part of the names, as it is stored: its digest goes into the cut's.
pub(crate) struct Part {
    pub part: u32,
    pub body: Vec<u8>,
}

/// All names given up to and including `up_to`: those carried before, and those of the records that
/// are to be removed. The latest word on a number counts.
pub(crate) fn collect(reader: &Reader, up_to: u64) -> Result<Vec<Part>, ReadError> {
    let mut names: BTreeMap<Number, Vec<u8>> = BTreeMap::new();
    let mut learn = |shard: u16, event: &Event<'_>| {
        if let Some((kind, number)) = number_of(event) {
            names.insert((shard, kind, number), event.pack(Vec::new()));
        }
    };
    reader.carried(&mut learn)?;
    let mut from = reader.removed_up_to()?.saturating_add(1);
    loop {
        let page = rows::page(reader.db(), Which::Names(from))?;
        let Some(last) = page.last() else { break };
        from = last.last_seq().saturating_add(1);
        for row in page.iter().filter(|row| row.seq <= up_to) {
            let unpacked = Unpacked::of_block(row.packing, &row.body)
                .map_err(|error| ReadError::Damaged { seq: row.seq, why: error.to_string() })?;
            let bodies = (0..unpacked.len()).filter_map(|place| unpacked.record(place));
            for (_, body) in bodies.filter(|(_, body)| introduces(body)) {
                let event = Event::unpack(body)
                    .map_err(|error| ReadError::Damaged { seq: row.seq, why: error.to_string() })?;
                learn(row.shard, &event);
            }
        }
        if from > up_to {
            break;
        }
    }
    Ok(pack(&names))
}

fn number_of(event: &Event<'_>) -> Option<(u8, u32)> {
    match event {
        Event::Introduced { account, .. } => Some((0, *account)),
        Event::Detector { id, .. } => Some((1, u32::from(*id))),
        Event::Phrase { id, .. } => Some((2, u32::from(*id))),
        _ => None,
    }
}

/// Parts of about a block's size: a shard's number, a packing, a block of its names.
fn pack(names: &BTreeMap<Number, Vec<u8>>) -> Vec<Part> {
    let mut parts = Vec::new();
    let mut batch = Batch::new(0);
    for ((shard, ..), body) in names {
        if batch.shard() != *shard || batch.n_bytes() >= BLOCK_BYTES {
            close(&mut parts, &batch);
            batch = Batch::new(*shard);
        }
        batch.push_packed(0, body);
    }
    close(&mut parts, &batch);
    parts
}

fn close(parts: &mut Vec<Part>, batch: &Batch) {
    if batch.is_empty() {
        return;
    }
    let mut builder = Builder::new().expect("the compressor has memory");
    let mut tip = Tip { seq: 0, hash: Hash([0; 32]) };
    for entry in batch.entries() {
        tip = builder.push(tip, batch.shard(), &entry);
    }
    let block = builder.close(tip);
    let mut body = Vec::with_capacity(block.body.len() + 3);
    body.extend_from_slice(&batch.shard().to_le_bytes());
    body.push(block.packing as u8);
    body.extend_from_slice(block.body);
    parts.push(Part { part: parts.len() as u32, body });
}

/// The digest of a generation's parts.
pub(crate) fn digest<'a>(bodies: impl Iterator<Item = &'a [u8]>) -> [u8; 32] {
    let mut hasher = blake3::Hasher::new();
    for body in bodies {
        hasher.update(&(body.len() as u64).to_le_bytes()).update(body);
    }
    *hasher.finalize().as_bytes()
}

/// Reads the names of a cut.
pub(crate) fn read(
    db: &Connection,
    cut: &Cut,
    mut visit: impl FnMut(u16, &Event<'_>),
) -> Result<(), ReadError> {
    let damaged = |why: &str| ReadError::Damaged { seq: cut.tip.seq, why: why.to_owned() };
    let parts: Vec<Vec<u8>> = db
        .prepare_cached("SELECT body FROM name WHERE generation = ?1 ORDER BY part")?
        .query_map([cut.generation as i64], |row| row.get(0))?
        .collect::<Result<_, _>>()?;
    if digest(parts.iter().map(Vec::as_slice)) != cut.names {
        return Err(damaged("the names carried over retention are not those that were signed"));
    }
    for part in &parts {
        let Some(([shard_low, shard_high, packing], body)) = part.split_first_chunk() else {
            return Err(damaged("a part of the names is too short"));
        };
        let shard = u16::from_le_bytes([*shard_low, *shard_high]);
        let unpacked = Unpacked::of_block(i64::from(*packing), body)
            .map_err(|error| damaged(&error.to_string()))?;
        for (_, body) in (0..unpacked.len()).filter_map(|place| unpacked.record(place)) {
            let event = Event::unpack(body).map_err(|error| damaged(&error.to_string()))?;
            visit(shard, &event);
        }
    }
    Ok(())
}
