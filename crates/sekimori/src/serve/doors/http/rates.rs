//! How often one address may ask: a bucket of requests for each, in a table that does not grow
//! past its bound. Time is an input.

use foldhash::fast::RandomState;
use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Addresses that are remembered at once; past it those that have been quiet are forgotten first.
pub(super) const ADDRESSES_MAX: usize = 16_384;

/// Buckets by address. A bucket holds `burst` requests and fills at `per_second`.
#[derive(Debug)]
pub(super) struct Buckets {
    held: Mutex<HashMap<IpAddr, Bucket, RandomState>>,
    addresses_max: usize,
}

/// What a bucket holds and how it fills.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Rate {
    /// Requests a second, over a long time.
    pub(super) per_second: f64,
    /// Requests at once.
    pub(super) burst: f64,
}

#[derive(Clone, Copy, Debug)]
struct Bucket {
    left: f64,
    at: Instant,
}

impl Buckets {
    pub(super) fn new(addresses_max: usize) -> Buckets {
        Buckets { held: Mutex::default(), addresses_max }
    }

    /// Takes one request out of the address's bucket.
    ///
    /// # Errors
    /// The time until there is one again.
    pub(super) fn take(&self, from: IpAddr, rate: Rate, now: Instant) -> Result<(), Duration> {
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        let key = network(from);
        if !held.contains_key(&key) && held.len() >= self.addresses_max {
            make_room(&mut held, rate, now);
        }
        let bucket = held.entry(key).or_insert(Bucket { left: rate.burst, at: now });
        let passed = now.saturating_duration_since(bucket.at).as_secs_f64();
        bucket.left = (bucket.left + passed * rate.per_second).min(rate.burst);
        bucket.at = now;
        if bucket.left < 1.0 {
            return Err(Duration::from_secs_f64((1.0 - bucket.left) / rate.per_second.max(0.001)));
        }
        bucket.left -= 1.0;
        Ok(())
    }

    #[cfg(test)]
    fn n_held(&self) -> usize {
        self.held.lock().unwrap_or_else(PoisonError::into_inner).len()
    }
}

/// A bucket that has filled up again says nothing. Where none has, the quietest half goes: an
/// attacker with so many addresses has no need of a second request from one.
fn make_room(held: &mut HashMap<IpAddr, Bucket, RandomState>, rate: Rate, now: Instant) {
    let n_before = held.len();
    held.retain(|_, bucket| {
        let passed = now.saturating_duration_since(bucket.at).as_secs_f64();
        bucket.left + passed * rate.per_second < rate.burst
    });
    if held.len() == n_before {
        let mut times: Vec<Instant> = held.values().map(|bucket| bucket.at).collect();
        let middle = times.len() / 2;
        let (_, middle, _) = times.select_nth_unstable(middle);
        let middle = *middle;
        held.retain(|_, bucket| bucket.at > middle);
    }
}

/// An IPv6 customer has a /64 at least, so that single addresses of it tell nobody apart.
fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(v6) if !v6.is_loopback() => {
            let [a, b, c, d, ..] = v6.segments();
            IpAddr::V6(Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0))
        }
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RATE: Rate = Rate { per_second: 2.0, burst: 3.0 };

    #[test]
    fn a_burst_passes_and_then_the_rate_holds() {
        let buckets = Buckets::new(10);
        let (from, start) = (IpAddr::from([192, 0, 2, 1]), Instant::now());
        for _ in 0..3 {
            assert_eq!(buckets.take(from, RATE, start), Ok(()));
        }
        assert_eq!(buckets.take(from, RATE, start), Err(Duration::from_millis(500)));
        assert_eq!(buckets.take(IpAddr::from([192, 0, 2, 2]), RATE, start), Ok(()));
        let later = start + Duration::from_millis(500);
        assert_eq!(buckets.take(from, RATE, later), Ok(()));
        assert!(buckets.take(from, RATE, later).is_err());
    }

    #[test]
    fn the_table_is_bounded_and_ipv6_counts_by_network() {
        let buckets = Buckets::new(8);
        let start = Instant::now();
        for n in 0..1_000_u32 {
            let at = start + Duration::from_millis(u64::from(n));
            let _ = buckets.take(IpAddr::from((0xc633_0000 + n).to_be_bytes()), RATE, at);
            assert!(buckets.n_held() <= 8);
        }
        let v6 = |last: u16| IpAddr::from([0x2001, 0xdb8, 0, 1, 0, 0, 0, last]);
        let results: Vec<bool> =
            (0..4).map(|last| buckets.take(v6(last), RATE, start).is_ok()).collect();
        assert_eq!(results, [true, true, true, false]);
    }
}
