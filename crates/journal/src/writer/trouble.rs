//! When to try again after a commit failed.

use std::time::{Duration, Instant};

/// While somebody waits, the disk is asked this often.
const WHILE_WAITED_FOR: Duration = Duration::from_millis(100);
/// Otherwise the pause doubles from the first figure up to this.
const PAUSE_MAX: Duration = Duration::from_secs(5);

/// Nothing, or since the last failure: when and why.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Trouble(Option<Failure>);

#[derive(Clone, Debug, PartialEq, Eq)]
struct Failure {
    last_try: Instant,
    pause: Duration,
    words: String,
}

impl Trouble {
    /// A try failed.
    pub fn failed(&mut self, now: Instant, words: String) {
        let pause = match &self.0 {
            Some(failure) => (failure.pause * 2).min(PAUSE_MAX),
            None => WHILE_WAITED_FOR,
        };
        self.0 = Some(Failure { last_try: now, pause, words });
    }

    /// A try succeeded. Whether there was trouble before.
    pub fn is_over(&mut self) -> bool {
        self.0.take().is_some()
    }

    /// Whether the last try failed.
    pub fn is_some(&self) -> bool {
        self.0.is_some()
    }

    /// Why the last try failed; empty where it did not.
    pub fn words(&self) -> &str {
        self.0.as_ref().map_or("", |failure| &failure.words)
    }

    /// When to try next; `None` where nothing stands in the way.
    pub fn next_try(&self, is_waited_for: bool) -> Option<Instant> {
        let failure = self.0.as_ref()?;
        let pause = if is_waited_for { WHILE_WAITED_FOR } else { failure.pause };
        Some(failure.last_try + pause)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pause_grows_but_not_while_somebody_waits() {
        let start = Instant::now();
        let mut trouble = Trouble::default();
        assert_eq!(trouble.next_try(true), None);
        for _ in 0..10 {
            trouble.failed(start, "full".to_owned());
        }
        assert_eq!(trouble.next_try(false), Some(start + PAUSE_MAX));
        assert_eq!(trouble.next_try(true), Some(start + WHILE_WAITED_FOR));
        assert!(trouble.is_over());
        assert_eq!((trouble.next_try(false), trouble.words()), (None, ""));
    }
}
