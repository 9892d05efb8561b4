//! How often a PIN may be tried: five times in fifteen minutes an account. Bounded: what cannot
//! be counted any more is not tried.

use std::collections::HashMap;
use std::collections::VecDeque;
use std::time::{Duration, Instant};

/// Tries in one window. With four digits a guesser needs some ten days for an even chance, and
/// the failed attempts are in the records long before.
const TRIES_MAX: u8 = 5;
/// From the first of them.
const WINDOW: Duration = Duration::from_secs(15 * 60);
/// Accounts whose tries are counted at a time.
const ACCOUNTS_MAX: usize = 65_536;
/// Calls that nobody knows; the oldest is forgotten: its tries could never have been right.
const UNKNOWN_MAX: usize = 1_024;

/// Whose tries are counted together.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Key {
    /// The account of a challenged call.
    Account(String),
    /// A call that was never challenged. Counted apart, or anybody could use up an account's
    /// tries.
    Unknown(String),
}

/// The tries of the running windows. The names are of others' choosing: the standard hasher has
/// a random key.
#[derive(Debug, Default)]
pub(super) struct Tries {
    of: HashMap<Key, Window>,
    unknown: VecDeque<Key>,
}

#[derive(Clone, Copy, Debug)]
struct Window {
    since: Instant,
    n: u8,
}

impl Tries {
    /// Counts one try; how many are left.
    ///
    /// # Errors
    /// How long until the next one counts, where there were too many.
    pub(super) fn take(&mut self, key: &Key, now: Instant) -> Result<u8, Duration> {
        if let Some(window) = self.of.get_mut(key) {
            let passed = now.saturating_duration_since(window.since);
            if passed >= WINDOW {
                *window = Window { since: now, n: 0 };
            } else if window.n >= TRIES_MAX {
                return Err(WINDOW - passed);
            }
            window.n += 1;
            return Ok(TRIES_MAX - window.n);
        }
        self.make_room(key, now)?;
        self.of.insert(key.clone(), Window { since: now, n: 1 });
        Ok(TRIES_MAX - 1)
    }

    /// A try that was not looked at after all.
    pub(super) fn give_back(&mut self, key: &Key) {
        if let Some(window) = self.of.get_mut(key) {
            window.n = window.n.saturating_sub(1);
        }
    }

    /// After the right PIN.
    pub(super) fn forget(&mut self, key: &Key) {
        self.of.remove(key);
    }

    fn make_room(&mut self, key: &Key, now: Instant) -> Result<(), Duration> {
        match key {
            Key::Unknown(_) => {
                self.unknown.push_back(key.clone());
                if self.unknown.len() > UNKNOWN_MAX
                    && let Some(oldest) = self.unknown.pop_front()
                {
                    self.of.remove(&oldest);
                }
            }
            Key::Account(_) if self.of.len() >= ACCOUNTS_MAX + UNKNOWN_MAX => {
                let is_running =
                    |window: &Window| now.saturating_duration_since(window.since) < WINDOW;
                self.of.retain(|_, window| is_running(window));
                self.unknown.retain(|key| self.of.contains_key(key));
                if self.of.len() >= ACCOUNTS_MAX + UNKNOWN_MAX {
                    return Err(WINDOW);
                }
            }
            Key::Account(_) => {}
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn account(name: impl ToString) -> Key {
        Key::Account(name.to_string())
    }

    #[test]
    fn five_tries_in_a_window_and_then_none_until_it_has_passed() {
        let mut tries = Tries::default();
        let begun = Instant::now();
        let at = |seconds| begun + Duration::from_secs(seconds);
        for second in 0..5 {
            assert_eq!(tries.take(&account("a"), at(second)), Ok(4 - second as u8));
        }
        assert_eq!(tries.take(&account("a"), at(300)), Err(Duration::from_secs(600)));
        assert_eq!(tries.take(&account("b"), at(300)), Ok(4), "others are not held up");
        assert_eq!(tries.take(&account("a"), at(900)), Ok(4));
        tries.give_back(&account("a"));
        for _ in 0..5 {
            assert!(tries.take(&account("a"), at(901)).is_ok());
        }
        assert!(tries.take(&account("a"), at(901)).is_err());
        tries.forget(&account("a"));
        assert_eq!(tries.take(&account("a"), at(902)), Ok(4));
    }

    #[test]
    fn unknown_calls_do_not_use_up_an_accounts_tries_nor_its_room() {
        let mut tries = Tries::default();
        let now = Instant::now();
        for n in 0..10_000 {
            assert_eq!(tries.take(&Key::Unknown(n.to_string()), now), Ok(4));
        }
        assert_eq!(tries.of.len(), UNKNOWN_MAX);
        for n in 0..ACCOUNTS_MAX {
            assert_eq!(tries.take(&account(n), now), Ok(4));
        }
        assert!(tries.take(&account("late"), now).is_err(), "what cannot be counted is no try");
        assert_eq!(tries.take(&account("late"), now + WINDOW), Ok(4));
        assert_eq!((tries.of.len(), tries.unknown.len()), (1, 0));
    }
}
