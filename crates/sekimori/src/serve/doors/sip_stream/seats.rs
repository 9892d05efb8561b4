//! How many connections there are, in all and of each address.

use foldhash::fast::RandomState;
use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};

/// All seats.
#[derive(Clone)]
pub struct Seats {
    taken: Arc<Mutex<Taken>>,
    max: usize,
    max_of_one: usize,
}

#[derive(Default)]
struct Taken {
    n: usize,
    of: HashMap<IpAddr, usize, RandomState>,
}

/// One connection's; it is given back when this goes.
pub struct Seat {
    all: Seats,
    from: IpAddr,
}

impl Seats {
    /// So many in all, and so many for one address.
    pub fn new(max: usize, max_of_one: usize) -> Seats {
        Seats { taken: Arc::default(), max, max_of_one }
    }

    /// A seat, unless all or all of this address are taken.
    pub fn take(&self, from: IpAddr) -> Option<Seat> {
        let from = from.to_canonical();
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        let of_one = taken.of.get(&from).copied().unwrap_or(0);
        if taken.n >= self.max || of_one >= self.max_of_one {
            return None;
        }
        taken.n += 1;
        taken.of.insert(from, of_one + 1);
        Some(Seat { all: self.clone(), from })
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut taken = self.all.taken.lock().unwrap_or_else(PoisonError::into_inner);
        taken.n -= 1;
        match taken.of.get(&self.from).copied() {
            Some(n) if n > 1 => taken.of.insert(self.from, n - 1),
            _ => taken.of.remove(&self.from),
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seats_are_counted_in_all_and_for_each_address_and_given_back() {
        let seats = Seats::new(3, 2);
        let [a, b] = [IpAddr::from([192, 0, 2, 1]), IpAddr::from([192, 0, 2, 2])];
        let first = seats.take(a).expect("it is free");
        let _second = seats.take(a).expect("it is free");
        assert!(seats.take(a).is_none(), "two are one address's share");
        let _third = seats.take(b).expect("it is free");
        assert!(seats.take(b).is_none(), "three are all");
        drop(first);
        assert!(seats.take(b).is_some());
        assert_eq!(seats.taken.lock().expect("nobody panicked").of.len(), 2);
    }
}
