//! *What it sees*: three and more answered unfamiliar calls of nearly the same length, or begun at
//! nearly the same distance from each other.
//!
//! *Why it costs money*: machines keep time: every line of the Tokyo bill was "32 seconds, ¥175",
//! every one of the Okinawa bill 30 seconds.
//!
//! *What honest traffic looks like*: conversations differ. Fax broadcasts are alike, 20 to 40
//! seconds each, but go to numbers and countries that the account calls; in a country of its own
//! the agreement counts for half, and so it
//! does for an account whose own busiest hour was one of many numbers. Long calls are left out: they may all have been cut off at the
//! same grant.
//!
//! *Settings*: likelihoods and tolerances. Assumed: half of the attacks keep time, and then nine
//! times in ten go on doing so; two honest short calls agree to two seconds one time in seven (a
//! voicemail's greeting is as long as it was), two gaps to a tenth one time in eight.

use super::Evidence;
use super::chances::{ALL, bulk_bound, sends_in_bulk};
use crate::finding::{Bits, Fact, Sentence, Why};
use crate::recent::{Familiarity, Progress, RecentCall};
use crate::scene::Scene;
use arrayvec::ArrayVec;
use sekimori_atlas::time::Span;
use serde::Deserialize;

/// Likelihoods in parts per million, and tolerances.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// That an intruder keeps time.
    pub intruder_first_ppm: u64,
    /// That one who does goes on.
    pub intruder_again_ppm: u64,
    /// That an honest call is as long as the one before.
    pub honest_length_ppm: u64,
    /// That it begins as long after the one before as that one did.
    pub honest_gap_ppm: u64,
    /// Lengths within so many seconds, or a twentieth, are alike.
    pub length_seconds: u32,
    /// Gaps within so many seconds, or a tenth, are alike.
    pub gap_seconds: u32,
    /// Gaps longer than this are no machine's.
    pub gap_seconds_max: u32,
    /// Calls longer than this are left out.
    pub short_seconds: u32,
    /// Hours within which calls belong together.
    pub hours: u32,
}

impl Default for Settings {
    fn default() -> Settings {
        Settings {
            intruder_first_ppm: 500_000,
            intruder_again_ppm: 900_000,
            honest_length_ppm: 150_000,
            honest_gap_ppm: 120_000,
            length_seconds: 2,
            gap_seconds: 3,
            gap_seconds_max: 600,
            short_seconds: 180,
            hours: 3,
        }
    }
}

/// It remembers nothing of its own.
pub type Memory = ();

/// Calls that must be alike: of two nothing can be said.
const ALIKE_MIN: usize = 3;
/// Calls past this make no difference.
const ALIKE_MAX: usize = 8;

static LENGTHS: Sentence = Sentence {
    en: "the last {0} calls to unfamiliar numbers were all about {1} long",
    ja: "初めての番号への直近{0}件の通話が、どれも約{1}です",
};
static GAPS: Sentence = Sentence {
    en: "the last {0} calls to unfamiliar numbers came {1} apart, like clockwork",
    ja: "初めての番号への直近{0}件の通話が、約{1}おきに規則正しく発信されています",
};

/// Evidence on one attempt to an unfamiliar number that follows others.
pub fn observe(settings: &Settings, _: &mut Memory, scene: &Scene<'_>) -> Option<Evidence> {
    scene.number?;
    if scene.familiarity >= Familiarity::Range {
        return None;
    }
    let mut lengths: ArrayVec<u32, ALIKE_MAX> = ArrayVec::new();
    let mut starts: ArrayVec<i64, { ALIKE_MAX + 1 }> = ArrayVec::new();
    starts.push(scene.now().seconds());
    for call in scene.before(Span::hours(i64::from(settings.hours))).filter(is_strange) {
        if let Progress::Talked { seconds, .. } = call.progress
            && seconds > settings.short_seconds
        {
            break;
        }
        if let Progress::Talked { seconds, .. } = call.progress {
            let _ = lengths.try_push(seconds);
        }
        if call.is_answered() {
            let _ = starts.try_push(call.at.seconds());
        }
    }
    let n_lengths = n_alike(&lengths, settings.length_seconds, 20);
    let gaps: ArrayVec<u32, ALIKE_MAX> =
        starts.windows(2).map(|pair| (pair[0] - pair[1]).clamp(0, 86_400) as u32).collect();
    // Calls at the same second are many lines', not a rhythm; so are gaps below a few seconds.
    let has_rhythm = gaps
        .first()
        .is_some_and(|gap| *gap > settings.gap_seconds && *gap <= settings.gap_seconds_max);
    let n_gaps = if has_rhythm { n_alike(&gaps, settings.gap_seconds, 10) } else { 0 };
    let by_length = weigh(settings, n_lengths, settings.honest_length_ppm);
    let by_gap = weigh(settings, n_gaps, settings.honest_gap_ppm);
    let bits = by_length.max(by_gap) + by_length.min(by_gap).part(1, 2);
    if bits.0 <= 0 {
        return None;
    }
    let is_usual = scene.familiarity == Familiarity::Country || sends_in_bulk(scene);
    let bits = if is_usual { bits.part(1, 2) } else { bits };
    let why = if by_length >= by_gap {
        let facts = [Fact::Count(n_lengths as u32), Fact::Seconds(lengths[0])];
        Why::with(&LENGTHS, &facts)
    } else {
        Why::with(&GAPS, &[Fact::Count(n_gaps as u32), Fact::Seconds(gaps[0])])
    };
    Some(Evidence { bits: bits.within(0, bulk_bound(scene)), why })
}

fn is_strange(call: &&RecentCall) -> bool {
    call.familiarity < Familiarity::Range && call.number.is_some()
}

/// How many of the first values lie together within the tolerance, or a `part`th of the first.
fn n_alike(values: &[u32], tolerance: u32, part: u32) -> usize {
    let Some(first) = values.first() else { return 0 };
    let tolerance = tolerance.max(first / part.max(1));
    let (mut least, mut most) = (*first, *first);
    let mut n = 0;
    for value in values {
        least = least.min(*value);
        most = most.max(*value);
        if most - least > tolerance {
            break;
        }
        n += 1;
    }
    n
}

/// Evidence of `n` values alike: the first is free, each further one agrees with it.
fn weigh(settings: &Settings, n: usize, honest_ppm: u64) -> Bits {
    if n < ALIKE_MIN {
        return Bits::ZERO;
    }
    let step = Bits::ratio(settings.intruder_again_ppm.clamp(1, ALL), honest_ppm.clamp(1, ALL));
    let first = Bits::ratio(settings.intruder_first_ppm.clamp(1, ALL), ALL);
    Bits((first + step.part(n as i32 - 1, 1)).0.max(0))
}
