//! Randomness that is the same everywhere: xoshiro256++ seeded by SplitMix64. A stream is
//! named by numbers (seed, account, day), so that nothing depends on the order of work.
//! Logarithms and exponentials come from `libm` in Rust, not from the machine's C library,
//! whose last bit differs from one machine to another.
//! Not for secrets.

/// A stream of pseudo-random numbers.
#[derive(Clone, Debug)]
pub struct Rng([u64; 4]);

/// Mixes a number into a seed (SplitMix64's finaliser).
pub fn mix(seed: u64, salt: u64) -> u64 {
    let mut z = seed
        .wrapping_add(salt.wrapping_mul(0x9e37_79b9_7f4a_7c15))
        .wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

impl Rng {
    /// The stream named by a seed and any path of numbers below it.
    pub fn named(seed: u64, path: &[u64]) -> Rng {
        let seed = path.iter().fold(mix(seed, 0), |s, p| mix(s, *p));
        Rng([mix(seed, 1), mix(seed, 2), mix(seed, 3), mix(seed, 4)])
    }

    /// The next 64 bits.
    pub fn bits(&mut self) -> u64 {
        let s = &mut self.0;
        let result = s[0].wrapping_add(s[3]).rotate_left(23).wrapping_add(s[0]);
        let t = s[1] << 17;
        s[2] ^= s[0];
        s[3] ^= s[1];
        s[1] ^= s[2];
        s[0] ^= s[3];
        s[2] ^= t;
        s[3] = s[3].rotate_left(45);
        result
    }

    /// Evenly from `0..n`; 0 when `n` is 0.
    pub fn below(&mut self, n: u64) -> u64 {
        ((u128::from(self.bits()) * u128::from(n)) >> 64) as u64
    }

    /// Evenly from `low..=high`.
    pub fn between(&mut self, low: i64, high: i64) -> i64 {
        low + self.below((high - low).max(0) as u64 + 1) as i64
    }

    /// Evenly from `0.0..1.0`.
    pub fn unit(&mut self) -> f64 {
        (self.bits() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// True with this probability.
    pub fn chance(&mut self, p: f64) -> bool {
        self.unit() < p
    }

    /// Evenly in the logarithm from `low..high`: for rates and durations whose size is unknown.
    pub fn spread(&mut self, low: f64, high: f64) -> f64 {
        libm::exp(libm::log(low) + self.unit() * (libm::log(high) - libm::log(low)))
    }

    /// An exponential waiting time.
    pub fn wait(&mut self, mean: f64) -> f64 {
        -mean * libm::log(1.0 - self.unit())
    }

    /// About normal, mean 0, deviation 1 (twelve uniforms).
    pub fn normal(&mut self) -> f64 {
        (0..12).map(|_| self.unit()).sum::<f64>() - 6.0
    }

    /// Log-normal with this median; `sigma` is the deviation of the logarithm.
    pub fn log_normal(&mut self, median: f64, sigma: f64) -> f64 {
        median * libm::exp(self.normal() * sigma)
    }

    /// A Poisson count; about normal beyond 60.
    pub fn poisson(&mut self, mean: f64) -> u64 {
        if mean <= 0.0 {
            return 0;
        }
        if mean > 60.0 {
            return (mean + self.normal() * mean.sqrt()).round().max(0.0) as u64;
        }
        let (limit, mut product, mut n) = (libm::exp(-mean), self.unit(), 0);
        while product > limit {
            product *= self.unit();
            n += 1;
        }
        n
    }

    /// One of them; panics on an empty slice, which no table here is.
    pub fn pick<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        &from[self.below(from.len() as u64) as usize]
    }

    /// The index of one of them by weight.
    pub fn weighted(&mut self, weights: impl Iterator<Item = f64> + Clone) -> usize {
        let mut left = self.unit() * weights.clone().sum::<f64>();
        let mut last = 0;
        for (i, w) in weights.enumerate() {
            last = i;
            left -= w;
            if left < 0.0 {
                break;
            }
        }
        last
    }

    /// `n` decimal digits.
    pub fn digits(&mut self, n: usize) -> String {
        (0..n).map(|_| char::from(b'0' + self.below(10) as u8)).collect()
    }
}

/// What traffic is made for. Tuning and judging use other seeds, other ranges of parameters
/// and other paid number ranges: an engine that was fitted to one meets the other as new.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Split {
    /// The inner four fifths (in the logarithm) of every range of parameters.
    Tune,
    /// All of it.
    Judge,
}

impl Split {
    /// `Rng::spread` over the part of the range that this split uses.
    pub fn spread(self, rng: &mut Rng, low: f64, high: f64) -> f64 {
        let margin = match self {
            Split::Tune => libm::pow(high / low, 0.1),
            Split::Judge => 1.0,
        };
        rng.spread(low * margin, high / margin)
    }

    /// The world's seed for this split: the same `--seed` never makes the same world.
    pub fn seed(self, seed: u64) -> u64 {
        mix(
            seed,
            match self {
                Split::Tune => 0x7e57,
                Split::Judge => 0x1d6e,
            },
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_named_stream_is_always_the_same_and_no_other() {
        let first = Rng::named(7, &[1, 2]).bits();
        assert_eq!(first, Rng::named(7, &[1, 2]).bits());
        assert_ne!(first, Rng::named(7, &[2, 1]).bits());
        assert_ne!(first, Rng::named(8, &[1, 2]).bits());
    }

    #[test]
    fn draws_stay_within_their_bounds() {
        let mut rng = Rng::named(1, &[]);
        for _ in 0..10_000 {
            assert!((3..=9).contains(&rng.between(3, 9)));
            assert!((2.0..5.000_001).contains(&rng.spread(2.0, 5.0)));
        }
        let mean = (0..20_000).map(|_| rng.poisson(2.5)).sum::<u64>() as f64 / 20_000.0;
        assert!((2.4..2.6).contains(&mean));
    }
}
