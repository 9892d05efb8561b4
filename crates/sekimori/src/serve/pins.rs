//! The PIN by which a challenged caller shows who they are: checked against its hash, so many
//! tries and no more, for every door alike.
//!
//! Whoever asks about a call that was never challenged, of an account without a PIN, or with a
//! wrong PIN hears the same and waits as long. What a PIN is worth is the engine's to say: a
//! right one is evidence, and the verdict may still be `refuse`.

mod tries;

use super::ask::{CallName, Ruled};
use super::guard::{Guard, Refusal};
use argon2::password_hash::{PasswordHasher as _, PasswordVerifier as _};
use argon2::{Argon2, Params};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use tokio::sync::Semaphore;
use tokio::time::timeout;
use tries::{Key, Tries};

/// Hashes that are computed at once: each takes a core and [`MEMORY_KIB`] of memory.
const AT_ONCE_MAX: usize = 2;
/// How long a check waits for its turn.
const TURN_MAX: Duration = Duration::from_millis(150);
/// Digits of a PIN.
pub const DIGITS: std::ops::RangeInclusive<usize> = 4..=12;
/// Memory, passes and lanes of a hash: the least that OWASP's password storage cheat sheet
/// advises for argon2id. A switch waits for the answer while the caller listens.
const MEMORY_KIB: u32 = 19 * 1024;
const PASSES: u32 = 2;
const LANES: u32 = 1;
/// Random bytes of a hash's salt.
const SALT_BYTES: usize = 16;

/// Checks PINs; one for all doors, so that the tries are counted together.
pub struct Pins {
    tries: Mutex<Tries>,
    turns: Arc<Semaphore>,
    /// What is computed where there is no PIN to compare with.
    decoy: String,
}

/// What a check comes to.
#[derive(Debug)]
pub enum Checked {
    /// The PIN was right; the engine has judged the call again.
    Right(Box<Ruled>),
    /// No such call was challenged, or it is not theirs; known no sooner than a wrong PIN.
    Unknown,
    /// Not this PIN, or there is none.
    Wrong {
        /// Tries that are left.
        n_left: u8,
    },
    /// Too many tries; when the next one counts.
    TooMany {
        /// From now.
        after: Duration,
    },
    /// Other checks are still being computed, or the guard did not answer.
    Busy,
}

/// Why a PIN cannot be set.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadPin {
    /// It has to be keyed in on a telephone.
    #[error("a PIN is {} to {} digits", DIGITS.start(), DIGITS.end())]
    NotDigits,
    /// Such as `1111` or `1234`, which are tried first.
    #[error("this PIN is one of those that are tried first")]
    TooEasy,
    /// The system gave no random bytes, or no memory.
    #[error("the PIN could not be hashed: {0}")]
    NotHashed(String),
}

impl Default for Pins {
    fn default() -> Pins {
        Pins::new()
    }
}

impl Pins {
    /// With no tries made. Takes as long as one hash.
    ///
    /// # Panics
    /// Where argon2 refuses constants of ours: a test computes a hash.
    pub fn new() -> Pins {
        let decoy = hash_with(b"no PIN at all", &[0; SALT_BYTES]).expect("constants of ours fit");
        Pins {
            tries: Mutex::new(Tries::default()),
            turns: Arc::new(Semaphore::new(AT_ONCE_MAX)),
            decoy,
        }
    }

    /// Checks what the caller of a challenged call keyed in, and has the call judged again where
    /// it is right. A call of an account that whoever asks has no business with (`is_theirs`) is
    /// as good as unknown.
    pub async fn check(
        &self,
        guard: &Guard,
        call: CallName,
        pin: String,
        is_theirs: impl Fn(&str) -> bool,
    ) -> Checked {
        let known = match guard.pin_of(call.clone()).await {
            Ok((account, hash)) if is_theirs(&account) => Some((account, hash)),
            Ok(_) | Err(Refusal::UnknownCall(_)) => None,
            Err(_) => return Checked::Busy,
        };
        let key = match &known {
            Some((account, _)) => Key::Account(account.clone()),
            None => Key::Unknown(call.call_id.clone()),
        };
        let n_left = match self.tries().take(&key, Instant::now()) {
            Ok(n_left) => n_left,
            Err(after) => return Checked::TooMany { after },
        };
        let is_known = known.is_some();
        let hash = known.and_then(|(_, hash)| hash);
        match self.matches(hash, pin).await {
            None => {
                // It was not looked at, so it was no try.
                self.tries().give_back(&key);
                Checked::Busy
            }
            Some(Match::Not) if !is_known => Checked::Unknown,
            Some(Match::Not) => Checked::Wrong { n_left },
            Some(Match::Same) => {
                self.tries().forget(&key);
                match guard.proved(call).await {
                    Ok(ruled) => Checked::Right(Box::new(ruled)),
                    Err(Refusal::UnknownCall(_)) => Checked::Unknown,
                    Err(_) => Checked::Busy,
                }
            }
        }
    }

    /// Compares on a thread of its own; `None` where its turn did not come.
    async fn matches(&self, hash: Option<String>, pin: String) -> Option<Match> {
        let turn = timeout(TURN_MAX, Arc::clone(&self.turns).acquire_owned()).await.ok()?.ok()?;
        let (hash, has_pin) = match hash {
            Some(hash) => (hash, true),
            None => (self.decoy.clone(), false),
        };
        let computed = tokio::task::spawn_blocking(move || {
            // Held until the hash is there, also where nobody waits for it any more.
            let _turn = turn;
            Argon2::default().verify_password(pin.as_bytes(), hash.as_str()).is_ok()
        });
        match computed.await {
            Ok(true) if has_pin => Some(Match::Same),
            Ok(_) => Some(Match::Not),
            Err(_) => None,
        }
    }

    fn tries(&self) -> std::sync::MutexGuard<'_, Tries> {
        self.tries.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Match {
    Same,
    Not,
}

/// The hash of a new PIN, as a PHC string: what is kept in its place. Takes some tens of
/// milliseconds: not on a thread that answers others.
///
/// # Errors
/// What is no PIN, or one that is tried first.
pub fn hash(pin: &str) -> Result<String, BadPin> {
    if !DIGITS.contains(&pin.len()) || !pin.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(BadPin::NotDigits);
    }
    if is_easy(pin.as_bytes()) {
        return Err(BadPin::TooEasy);
    }
    let mut salt = [0; SALT_BYTES];
    getrandom::fill(&mut salt).map_err(|error| BadPin::NotHashed(error.to_string()))?;
    hash_with(pin.as_bytes(), &salt).map_err(|error| BadPin::NotHashed(error.to_string()))
}

/// The same step from each digit to the next: `1111`, `1234`, `9876`, `2468`.
fn is_easy(digits: &[u8]) -> bool {
    let step = |two: &[u8]| i16::from(two[1]) - i16::from(two[0]);
    let first = step(&digits[..2]);
    digits.windows(2).all(|two| step(two) == first)
}

fn hash_with(pin: &[u8], salt: &[u8]) -> Result<String, argon2::password_hash::Error> {
    let params = Params::new(MEMORY_KIB, PASSES, LANES, None)?;
    Ok(Argon2::from(params).hash_password_with_salt(pin, salt)?.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pin_is_known_by_its_hash_alone() {
        let hashed = hash("4711").expect("digits");
        assert!(hashed.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hashed}");
        assert_ne!(hash("4711").expect("digits"), hashed, "each has its salt");
        let verify = |pin: &str| Argon2::default().verify_password(pin.as_bytes(), hashed.as_str());
        assert!(verify("4711").is_ok());
        assert!(verify("4712").is_err() && verify("").is_err());
    }

    #[test]
    fn a_pin_that_is_none_or_is_tried_first_cannot_be_set() {
        let not_digits = ["", "123", "12a4", "１２３４", "1234567890123"];
        assert!(not_digits.iter().all(|pin| hash(pin) == Err(BadPin::NotDigits)));
        assert!(
            ["0000", "1234", "987654", "2468"].iter().all(|pin| hash(pin) == Err(BadPin::TooEasy))
        );
        assert_eq!(BadPin::NotDigits.to_string(), "a PIN is 4 to 12 digits");
    }

    #[tokio::test]
    async fn without_a_pin_nothing_matches_and_checks_past_the_bound_are_turned_away() {
        let pins = Pins::new();
        let decoys = pins.matches(None, "no PIN at all".to_owned()).await;
        assert!(decoys == Some(Match::Not));
        let same = pins.matches(Some(hash("4711").expect("digits")), "4711".to_owned()).await;
        assert!(same == Some(Match::Same));
        let broken = pins.matches(Some("no hash".to_owned()), "4711".to_owned()).await;
        assert!(broken == Some(Match::Not));
        let _both = Arc::clone(&pins.turns).acquire_many_owned(2).await.expect("never closed");
        assert!(pins.matches(None, "4711".to_owned()).await.is_none());
    }
}
