//! Small bounded memories of what earlier rows told: a set of names, and a table of halves
//! that wait for each other. Texts are bounded too, because a row may be a megabyte.

use sekimori_engine::event::Token;
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// Names seen, up to a number of them; past it no more are learnt.
#[derive(Debug)]
pub(super) struct Names {
    known: BTreeSet<String>,
    n_max: usize,
}

impl Names {
    pub(super) fn new(n_max: usize) -> Names {
        Names { known: BTreeSet::new(), n_max }
    }

    pub(super) fn has(&self, name: &str) -> bool {
        self.known.contains(name)
    }

    pub(super) fn learn(&mut self, name: &str) {
        let room = self.known.len() < self.n_max && name.len() <= NAME_BYTES_MAX;
        if room && !name.is_empty() && !self.known.contains(name) {
            self.known.insert(name.to_owned());
        }
    }
}

/// Longest name, key or text that is kept. A longer name is not learnt, a longer text is cut.
const NAME_BYTES_MAX: usize = 256;

/// A text to keep: whole, or as much of it as is worth keeping.
pub(super) fn kept(text: &str) -> String {
    text[..text.floor_char_boundary(NAME_BYTES_MAX)].to_owned()
}

/// A key to keep; one that is too long is told apart by its digest.
fn short(key: &str) -> Cow<'_, str> {
    if key.len() <= NAME_BYTES_MAX {
        return Cow::Borrowed(key);
    }
    Cow::Owned(format!("{}…{:016x}", kept(key), Token::of(key.as_bytes()).0))
}

/// Things that wait under a key, the longest waiting given up first. `BTreeMap`, because
/// whoever writes the records chooses the keys.
#[derive(Debug)]
pub(super) struct Waiting<V> {
    by_key: BTreeMap<String, (u64, V)>,
    /// Keys in the order of their coming, with the number of that coming: a key taken out and
    /// put in again has a newer number.
    order: VecDeque<(u64, String)>,
    next: u64,
    n_max: usize,
}

impl<V> Waiting<V> {
    pub(super) fn new(n_max: usize) -> Waiting<V> {
        Waiting { by_key: BTreeMap::new(), order: VecDeque::new(), next: 0, n_max }
    }

    pub(super) fn n_max(&self) -> usize {
        self.n_max
    }

    pub(super) fn get(&self, key: &str) -> Option<&V> {
        self.by_key.get(&*short(key)).map(|(_, value)| value)
    }

    pub(super) fn take(&mut self, key: &str) -> Option<V> {
        self.by_key.remove(&*short(key)).map(|(_, value)| value)
    }

    /// Puts a value in, over an older one of that key. Returns what had to go to make room.
    pub(super) fn put(&mut self, key: &str, value: V) -> Option<V> {
        self.next += 1;
        let key = short(key).into_owned();
        self.order.push_back((self.next, key.clone()));
        self.by_key.insert(key, (self.next, value));
        if self.order.len() > 2 * self.n_max {
            // Taken keys leave their place in the order behind; it must not grow without end.
            let current = &self.by_key;
            self.order.retain(|(n, key)| current.get(key).is_some_and(|(now, _)| now == n));
        }
        while self.by_key.len() > self.n_max {
            let (number, oldest) = self.order.pop_front()?;
            if self.by_key.get(&oldest).is_some_and(|(current, _)| *current == number) {
                return self.take(&oldest);
            }
        }
        None
    }

    /// Everything that waits, in the order of its coming.
    pub(super) fn drain(&mut self) -> Vec<V> {
        let order = std::mem::take(&mut self.order);
        let mut out = Vec::new();
        for (number, key) in order {
            if self.by_key.get(&key).is_some_and(|(current, _)| *current == number) {
                out.extend(self.take(&key));
            }
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_waiting_goes_first_and_the_order_stays_bounded() {
        let mut waiting = Waiting::new(2);
        assert_eq!(waiting.put("a", 1), None);
        assert_eq!(waiting.put("b", 2), None);
        assert_eq!(waiting.put("a", 3), None);
        assert_eq!(waiting.put("c", 4), Some(2));
        assert_eq!(waiting.get("a"), Some(&3));
        assert_eq!(waiting.take("c"), Some(4));
        for n in 0..100 {
            waiting.put("x", n);
            waiting.take("x");
        }
        assert!(waiting.order.len() <= 4);
        assert_eq!(waiting.drain(), [3]);
    }

    #[test]
    fn long_keys_are_kept_short_and_told_apart() {
        let mut waiting = Waiting::new(8);
        let (a, b) = ("x".repeat(1_000), format!("{}y", "x".repeat(999)));
        waiting.put(&a, 1);
        waiting.put(&b, 2);
        assert_eq!((waiting.get(&a).copied(), waiting.get(&b).copied()), (Some(1), Some(2)));
        assert!(waiting.order.iter().all(|(_, key)| key.len() < 300));
        assert_eq!(kept("é".repeat(200).as_str()).len(), NAME_BYTES_MAX);
    }

    #[test]
    fn names_are_learnt_up_to_the_bound() {
        let mut names = Names::new(1);
        names.learn("carrier");
        names.learn("other");
        assert!(names.has("carrier") && !names.has("other"));
    }
}
