//! Lengths of time, counted by size: quantiles within 1.6 % without keeping each.

/// Steps of one doubling.
const STEPS: u64 = 64;
const N_BUCKETS: usize = 64 * STEPS as usize;

/// How long things took.
#[derive(Clone)]
pub struct Times {
    buckets: Vec<u64>,
    n: u64,
    longest: u64,
}

impl Times {
    /// None yet.
    pub fn new() -> Times {
        Times { buckets: vec![0; N_BUCKETS], n: 0, longest: 0 }
    }

    /// Counts one, in nanoseconds.
    pub fn note(&mut self, ns: u64) {
        self.buckets[place(ns)] += 1;
        self.n += 1;
        self.longest = self.longest.max(ns);
    }

    /// How many there are.
    pub fn n(&self) -> u64 {
        self.n
    }

    /// The longest, in nanoseconds.
    pub fn longest(&self) -> u64 {
        self.longest
    }

    /// So many of a thousand were no longer than this, in nanoseconds; 0 where there is none.
    pub fn quantile(&self, per_mille: u64) -> u64 {
        let wanted = (self.n * per_mille).div_ceil(1_000);
        let mut below = 0;
        for (place, count) in self.buckets.iter().enumerate() {
            below += count;
            if below >= wanted && *count > 0 {
                return upper(place).min(self.longest);
            }
        }
        self.longest
    }

    /// Counts all of another's as well.
    pub fn add(&mut self, other: &Times) {
        self.buckets.iter_mut().zip(&other.buckets).for_each(|(own, more)| *own += more);
        self.n += other.n;
        self.longest = self.longest.max(other.longest);
    }

    /// Forgets all.
    pub fn clear(&mut self) {
        self.buckets.fill(0);
        (self.n, self.longest) = (0, 0);
    }
}

impl Default for Times {
    fn default() -> Times {
        Times::new()
    }
}

fn place(ns: u64) -> usize {
    if ns < STEPS {
        return ns as usize;
    }
    let doubling = u64::from(ns.ilog2()) - STEPS.ilog2() as u64;
    ((doubling + 1) * STEPS + (ns >> doubling) - STEPS) as usize
}

/// The longest time that is counted in a place.
fn upper(place: usize) -> u64 {
    let place = place as u64;
    if place < STEPS {
        return place;
    }
    let doubling = place / STEPS - 1;
    ((place % STEPS + STEPS + 1) << doubling).wrapping_sub(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_within_one_step() {
        let mut times = Times::new();
        for ns in 1..=100_000 {
            times.note(ns);
        }
        for (per_mille, exact) in
            [(500, 50_000_u64), (990, 99_000), (999, 99_900), (1_000, 100_000)]
        {
            let told = times.quantile(per_mille);
            assert!(told >= exact && told - exact <= exact / 50, "{per_mille}: {told}");
        }
        assert_eq!((times.n(), times.longest()), (100_000, 100_000));
        times.clear();
        assert_eq!(times.quantile(500), 0);
    }

    #[test]
    fn every_length_has_a_place_below_its_bound() {
        for ns in (0..64).flat_map(|bit| [1_u64 << bit, (1 << bit) + 1, (1_u64 << bit) - 1]) {
            let at = place(ns);
            assert!(at < N_BUCKETS && upper(at) >= ns, "{ns}");
            assert!(at == 0 || upper(at - 1) < ns, "{ns}");
        }
    }
}
