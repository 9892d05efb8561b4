//! The key that signs: made at the first opening, kept in the state directory for its owner's eyes
//! only. Its public half is beside it, to be copied to where this machine's intruder is not.

use crate::chain::{Hash, Tip};
use ed25519_dalek::{Signature, Signer, SigningKey, VerifyingKey};
use std::fs::{File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

/// The private key's file in the state directory, mode 0600: 64 hexadecimal digits.
pub(crate) const PRIVATE: &str = "journal.key";
/// The public key's file: 64 hexadecimal digits.
pub(crate) const PUBLIC: &str = "journal.pub";

/// What the journal signs with.
pub(crate) struct Key {
    signing: SigningKey,
}

/// A stretch's end that retention made: everything up to `tip` was removed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Cut {
    pub tip: Tip,
    /// The caller's digest of its state as it was then.
    pub state: [u8; 32],
    /// Which generation of carried names belongs to it.
    pub generation: u64,
    /// The digest of those names.
    pub names: [u8; 32],
}

impl Key {
    /// Reads the key.
    ///
    /// # Errors
    /// It is not there, or no key.
    pub fn read(directory: &Path) -> io::Result<Key> {
        let seed = hexadecimal(&directory.join(PRIVATE))?;
        Ok(Key { signing: SigningKey::from_bytes(&seed) })
    }

    /// Makes a key and writes it, durable before anything is signed with it.
    ///
    /// # Errors
    /// It cannot be written, or there is one already.
    pub fn make(directory: &Path) -> io::Result<Key> {
        let mut seed = [0; 32];
        getrandom::fill(&mut seed).map_err(|error| io::Error::other(error.to_string()))?;
        let key = Key { signing: SigningKey::from_bytes(&seed) };
        write(&directory.join(PRIVATE), 0o600, &seed)?;
        write(&directory.join(PUBLIC), 0o644, &key.public())?;
        File::open(directory)?.sync_all()?;
        Ok(key)
    }

    pub fn public(&self) -> [u8; 32] {
        self.signing.verifying_key().to_bytes()
    }

    pub fn sign(&self, message: &[u8]) -> [u8; 64] {
        self.signing.sign(message).to_bytes()
    }

    /// A key for sealing snapshots, which nobody checks who has not this one.
    pub fn seal(&self) -> [u8; 32] {
        blake3::derive_key("sekimori journal snapshots 1", self.signing.as_bytes())
    }
}

/// The public key of a journal.
///
/// # Errors
/// It is not there, or no key.
pub(crate) fn public(directory: &Path) -> io::Result<[u8; 32]> {
    hexadecimal(&directory.join(PUBLIC))
}

/// Whether a signature is that key's.
pub(crate) fn is_signed(public: &[u8; 32], message: &[u8], signature: &[u8]) -> bool {
    let (Ok(key), Ok(signature)) =
        (VerifyingKey::from_bytes(public), Signature::from_slice(signature))
    else {
        return false;
    };
    key.verify_strict(message, &signature).is_ok()
}

/// What is signed of the head.
pub(crate) fn head_message(tip: &Tip, at_us: i64) -> Vec<u8> {
    message(b"sekimori journal head 1", tip, &[&at_us.to_le_bytes()])
}

/// What is signed of a stretch's end.
pub(crate) fn cut_message(cut: &Cut) -> Vec<u8> {
    let generation = cut.generation.to_le_bytes();
    message(b"sekimori journal cut 1", &cut.tip, &[&cut.state, &generation, &cut.names])
}

fn message(what: &[u8], tip: &Tip, more: &[&[u8]]) -> Vec<u8> {
    let Tip { seq, hash: Hash(hash) } = tip;
    let mut message = [what, &seq.to_le_bytes(), hash].concat();
    more.iter().for_each(|part| message.extend_from_slice(part));
    message
}

fn write(path: &Path, mode: u32, bytes: &[u8; 32]) -> io::Result<()> {
    let mut file = OpenOptions::new().write(true).create_new(true).mode(mode).open(path)?;
    writeln!(file, "{}", Hash(*bytes))?;
    file.sync_all()
}

fn hexadecimal(path: &Path) -> io::Result<[u8; 32]> {
    let mut text = String::new();
    File::open(path)?.take(128).read_to_string(&mut text)?;
    parse(text.trim())
        .ok_or_else(|| io::Error::new(io::ErrorKind::InvalidData, "not 64 hexadecimal digits"))
}

/// 64 hexadecimal digits as 32 bytes.
pub(crate) fn parse(text: &str) -> Option<[u8; 32]> {
    let mut bytes = [0; 32];
    if text.len() != 64 || !text.is_ascii() {
        return None;
    }
    for (byte, place) in bytes.iter_mut().zip((0..64).step_by(2)) {
        *byte = u8::from_str_radix(text.get(place..place + 2)?, 16).ok()?;
    }
    Some(bytes)
}
