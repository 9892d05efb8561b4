//! PINs by which a challenged caller proves themself: hashed by argon2id before they leave this
//! door, and tried a few times only, counted per account. Time is an input.
//!
//! Four digits are guessed in ten thousand tries, so that the count of tries is the lock and the
//! hash only keeps a stolen journal from telling the PINs at once.

use argon2::password_hash::{self, PasswordHasher, PasswordVerifier, phc::PasswordHash};
use argon2::{Algorithm, Argon2, Params, Version};
use foldhash::fast::RandomState;
use std::collections::HashMap;
use std::sync::{LazyLock, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Wrong tries within [`TRIES_TIME`] after which no more are taken.
pub(super) const TRIES_MAX: u32 = 5;
/// Over this time tries are counted, and so long none is taken afterwards.
pub(super) const TRIES_TIME: Duration = Duration::from_secs(15 * 60);
/// Accounts whose tries are counted at once.
pub(super) const ACCOUNTS_MAX: usize = 65_536;
/// Hashes that are worked on at once: each takes 19 MiB and some hundredths of a second.
pub(super) const HASHES_MAX: usize = 2;
/// Requests that wait for one of those.
pub(super) const HASHES_WAITING_MAX: usize = 32;

/// 19 MiB, two passes, one lane: the least that OWASP's cheat sheet on password storage names.
fn argon2() -> Argon2<'static> {
    let params = Params::new(19 * 1_024, 2, 1, None).expect("they are within argon2's limits");
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
}

/// Four to twelve ASCII digits.
pub(super) fn is_pin(text: &str) -> bool {
    (4..=12).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// The PHC string of a PIN under a fresh salt. Slow on purpose: not for a thread that has
/// anything else to do.
///
/// # Errors
/// Where the system gives no random bytes.
pub(super) fn hashed(pin: &str) -> Result<String, password_hash::Error> {
    let mut salt = [0; 16];
    getrandom::fill(&mut salt).map_err(|_| password_hash::Error::Crypto)?;
    let hash: PasswordHash = argon2().hash_password_with_salt(pin.as_bytes(), &salt)?;
    Ok(hash.to_string())
}

/// Whether the PIN is the one of this hash. Without one as much work is done for nothing, so
/// that the time does not tell which it was.
pub(super) fn is_right(pin: &str, hash: Option<&str>) -> bool {
    static DUMMY: LazyLock<String> = LazyLock::new(|| {
        let hash: Result<PasswordHash, _> =
            argon2().hash_password_with_salt(b"0000", b"nobody has this.");
        hash.expect("the salt has a length that argon2 takes").to_string()
    });
    let whole = hash.and_then(|hash| PasswordHash::new(hash).ok());
    match whole {
        Some(hash) => argon2().verify_password(pin.as_bytes(), &hash).is_ok(),
        None => {
            let dummy = PasswordHash::new(&DUMMY).expect("we wrote it");
            let _ = argon2().verify_password(pin.as_bytes(), &dummy);
            false
        }
    }
}

/// Wrong tries by account.
#[derive(Debug)]
pub(super) struct Tries {
    counted: Mutex<HashMap<Box<str>, Counted, RandomState>>,
    accounts_max: usize,
}

/// Tries of one account. They begin with the first and are forgotten [`TRIES_TIME`] later, or
/// where there were too many, that long after the last.
#[derive(Clone, Copy, Debug)]
struct Counted {
    since: Instant,
    n: u32,
}

impl Tries {
    pub(super) fn new(accounts_max: usize) -> Tries {
        Tries { counted: Mutex::default(), accounts_max }
    }

    /// Takes one of the account's tries, before it is known whether it is right: tries at the
    /// same moment count as well.
    ///
    /// # Errors
    /// There is none left: how long until there is.
    pub(super) fn take(&self, account: &str, now: Instant) -> Result<(), Duration> {
        let mut counted = self.counted.lock().unwrap_or_else(PoisonError::into_inner);
        let left = |since: Instant| TRIES_TIME.saturating_sub(now.saturating_duration_since(since));
        if !counted.contains_key(account) && counted.len() >= self.accounts_max {
            counted.retain(|_, tries| !left(tries.since).is_zero());
            if counted.len() >= self.accounts_max {
                // Forgetting somebody's tries would hand them five more.
                return Err(TRIES_TIME);
            }
        }
        let tries = counted.entry(account.into()).or_insert(Counted { since: now, n: 0 });
        if left(tries.since).is_zero() {
            *tries = Counted { since: now, n: 0 };
        }
        if tries.n >= TRIES_MAX {
            return Err(left(tries.since));
        }
        tries.n += 1;
        if tries.n == TRIES_MAX {
            tries.since = now;
        }
        Ok(())
    }

    /// How many are left.
    pub(super) fn n_left(&self, account: &str) -> u32 {
        let counted = self.counted.lock().unwrap_or_else(PoisonError::into_inner);
        TRIES_MAX - counted.get(account).map_or(0, |tries| tries.n.min(TRIES_MAX))
    }

    /// The PIN was right: the account's wrong tries are forgotten.
    pub(super) fn forget(&self, account: &str) {
        self.counted.lock().unwrap_or_else(PoisonError::into_inner).remove(account);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pin_is_known_by_its_hash_alone() {
        let hash = hashed("4711").expect("random bytes");
        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hash}");
        assert!(!hash.contains("4711"));
        assert!(is_right("4711", Some(&hash)));
        assert!(!is_right("4712", Some(&hash)));
        assert!(!is_right("0000", None));
        assert!(!is_right("4711", Some("no hash")));
        assert_ne!(hash, hashed("4711").expect("random bytes"), "each has its own salt");
    }

    #[test]
    fn a_pin_is_four_to_twelve_digits() {
        assert!(["0000", "123456789012"].iter().all(|pin| is_pin(pin)));
        assert!(["", "123", "1234567890123", "12a4", "１２３４"].iter().all(|pin| !is_pin(pin)));
    }

    #[test]
    fn five_tries_and_then_none_for_a_quarter_of_an_hour() {
        let tries = Tries::new(10);
        let start = Instant::now();
        let at = |seconds| start + Duration::from_secs(seconds);
        for second in 0..5 {
            assert_eq!(tries.take("a", at(second)), Ok(()));
        }
        assert_eq!(tries.take("a", at(5)), Err(Duration::from_secs(899)));
        assert_eq!(tries.take("b", at(5)), Ok(()), "another account has its own");
        assert!(tries.take("a", at(903)).is_err(), "counted from the fifth");
        assert_eq!(tries.take("a", at(904)), Ok(()));
        assert_eq!(tries.n_left("a"), 4);
        tries.forget("a");
        assert_eq!(tries.n_left("a"), 5);
    }

    #[test]
    fn a_full_table_forgets_no_try() {
        let tries = Tries::new(2);
        let start = Instant::now();
        assert_eq!((tries.take("a", start), tries.take("b", start)), (Ok(()), Ok(())));
        assert_eq!(tries.take("c", start), Err(TRIES_TIME));
        assert_eq!(tries.take("c", start + TRIES_TIME), Ok(()));
    }
}
