//! Snapshots: a cache of what folding the journal would give, one file for a shard's chunk of
//! accounts. Sealed with a key derived from the signing key, so that a damaged, foreign or forged
//! one is as if it were not there.

use crate::vitals::Vitals;
use crate::writer::Taken;
use crossbeam_channel::Receiver;
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;

/// The folder in the state directory.
const FOLDER: &str = "snapshots";
/// No snapshot is longer before compression.
pub const SNAPSHOT_BYTES_MAX: usize = 64 * 1_024 * 1_024;
/// First bytes of a file.
const MAGIC: &[u8; 8] = b"SKMSNAP1";
/// Magic, format, shard, chunk, seq, length, seal.
const HEADER_BYTES: usize = 8 + 4 + 2 + 4 + 8 + 8 + SEAL_BYTES;
const SEAL_BYTES: usize = 32;
const LEVEL: i32 = 1;

/// State of a chunk of a shard's accounts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Snapshot {
    /// Whose.
    pub shard: u16,
    /// Which of the shard's chunks.
    pub chunk: u32,
    /// How the bytes are to be read.
    pub format: u32,
    /// The shard's records up to this one are in it.
    pub seq: u64,
    /// The state.
    pub bytes: Vec<u8>,
}

/// Writes snapshots as they come, until nobody is left to send one.
pub(crate) fn keep(
    directory: &Path,
    seal: &[u8; 32],
    taken: &Receiver<Taken>,
    vitals: &Arc<Vitals>,
) {
    for taken in taken {
        let counter = match write(directory, seal, &taken) {
            Ok(()) => &vitals.n_snapshots,
            // The one before stays; the journal's own writer tells what is wrong with the disk.
            Err(_) => &vitals.n_snapshots_dropped,
        };
        counter.fetch_add(1, Relaxed);
    }
}

/// Replaces the chunk's snapshot: the old one is there until the new one is whole and durable,
/// because after retention no record may be left to make it again from.
fn write(directory: &Path, seal: &[u8; 32], taken: &Taken) -> io::Result<()> {
    let folder = directory.join(FOLDER);
    fs::create_dir_all(&folder)?;
    let snapshot = &taken.snapshot;
    if snapshot.bytes.len() > SNAPSHOT_BYTES_MAX {
        return Err(io::ErrorKind::FileTooLarge.into());
    }
    let body = zstd::bulk::compress(&snapshot.bytes, LEVEL)?;
    let mut header = Vec::with_capacity(HEADER_BYTES);
    header.extend_from_slice(MAGIC);
    header.extend_from_slice(&snapshot.format.to_le_bytes());
    header.extend_from_slice(&taken.shard.to_le_bytes());
    header.extend_from_slice(&snapshot.chunk.to_le_bytes());
    header.extend_from_slice(&taken.seq.to_le_bytes());
    header.extend_from_slice(&(snapshot.bytes.len() as u64).to_le_bytes());
    let sealed = sealed(seal, &header, &body);
    header.extend_from_slice(&sealed);
    let path = folder.join(name(taken.shard, snapshot.chunk));
    let new = path.with_extension("new");
    let mut file = File::create(&new)?;
    file.write_all(&header)?;
    file.write_all(&body)?;
    file.sync_all()?;
    fs::rename(&new, &path)?;
    File::open(&folder)?.sync_all()
}

/// Reads a file; `None` where it is not one of ours, whole and unchanged.
pub(crate) fn read(path: &Path, seal: &[u8; 32]) -> Option<Snapshot> {
    let length = fs::metadata(path).ok()?.len();
    if length > (HEADER_BYTES + zstd::zstd_safe::compress_bound(SNAPSHOT_BYTES_MAX)) as u64 {
        return None;
    }
    unseal(&fs::read(path).ok()?, seal)
}

fn unseal(bytes: &[u8], seal: &[u8; 32]) -> Option<Snapshot> {
    let (header, body) = bytes.split_at_checked(HEADER_BYTES)?;
    let (header, claimed) = header.split_last_chunk::<SEAL_BYTES>()?;
    // Compared in BLAKE3's own type, which takes the same time whatever differs.
    if blake3::Hash::from_bytes(sealed(seal, header, body)) != blake3::Hash::from_bytes(*claimed) {
        return None;
    }
    let (magic, rest) = header.split_first_chunk::<8>()?;
    let (format, rest) = rest.split_first_chunk()?;
    let (shard, rest) = rest.split_first_chunk()?;
    let (chunk, rest) = rest.split_first_chunk()?;
    let (seq, rest) = rest.split_first_chunk()?;
    let n_bytes = u64::from_le_bytes(rest.try_into().ok()?);
    if magic != MAGIC || n_bytes > SNAPSHOT_BYTES_MAX as u64 {
        return None;
    }
    let unpacked = zstd::bulk::decompress(body, n_bytes as usize).ok()?;
    Some(Snapshot {
        shard: u16::from_le_bytes(*shard),
        chunk: u32::from_le_bytes(*chunk),
        format: u32::from_le_bytes(*format),
        seq: u64::from_le_bytes(*seq),
        bytes: unpacked,
    })
}

fn sealed(seal: &[u8; 32], header: &[u8], body: &[u8]) -> [u8; 32] {
    *blake3::Hasher::new_keyed(seal).update(header).update(body).finalize().as_bytes()
}

/// The files there are, in the order of shards and chunks.
pub(crate) fn files(directory: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(directory.join(FOLDER)) else { return Vec::new() };
    let paths = entries.filter_map(|entry| Some(entry.ok()?.path()));
    let mut paths: Vec<PathBuf> =
        paths.filter(|path| path.extension().is_some_and(|end| end == "snapshot")).collect();
    paths.sort_unstable();
    paths
}

/// Fixed widths, so that names sort as numbers do.
fn name(shard: u16, chunk: u32) -> String {
    format!("{shard:05}-{chunk:010}.snapshot")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::batch;

    const SEAL: [u8; 32] = [7; 32];

    fn written(directory: &Path, chunk: u32) -> PathBuf {
        let snapshot = batch::Snapshot { chunk, format: 1, bytes: vec![b'x'; 10_000] };
        write(directory, &SEAL, &Taken { shard: 2, seq: 77, snapshot }).expect("it is written");
        directory.join(FOLDER).join(name(2, chunk))
    }

    #[test]
    fn a_snapshot_is_what_was_written_or_nothing() {
        let directory = tempfile::tempdir().expect("a directory");
        let path = written(directory.path(), 5);
        let read = |path: &Path| super::read(path, &SEAL);
        let snapshot = read(&path).expect("it is sound");
        assert_eq!((snapshot.shard, snapshot.chunk, snapshot.seq), (2, 5, 77));
        assert_eq!(snapshot.bytes, vec![b'x'; 10_000]);
        assert_eq!(super::read(&path, &[8; 32]), None, "sealed with another key");
        let sound = fs::read(&path).expect("it is there");
        for place in 0..sound.len() {
            let mut damaged = sound.clone();
            damaged[place] ^= 1;
            assert_eq!(unseal(&damaged, &SEAL), None, "byte {place}");
            assert_eq!(unseal(&sound[..place], &SEAL), None, "cut off at {place}");
        }
    }

    #[test]
    fn files_come_in_the_order_of_their_numbers() {
        let directory = tempfile::tempdir().expect("a directory");
        let paths = [written(directory.path(), 9), written(directory.path(), 10)];
        assert_eq!(files(directory.path()), paths);
    }
}
