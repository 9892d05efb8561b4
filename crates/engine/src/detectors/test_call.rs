//! *What it sees*: a call to a known test number; or what a test call leaves behind: one short
//! answered call to an unfamiliar place, alone, then silence, then more.
//!
//! *Why it costs money*: before an attack somebody tries whether calls get through and are
//! answered; resellers of ranges publish a test number with each for the purpose. The first
//! expensive call comes minutes or hours later.
//!
//! *What honest traffic looks like*: a wrong number is short and alone as well, but what follows
//! it is the right number at once, or nothing. A curious call back is not followed by others.
//!
//! *Settings*: likelihoods, and what counts as short and alone. Assumed: one honest call to an
//! unfamiliar number in thirty follows a short lone one within a day, one intruder's in three.

use super::Evidence;
use super::chances::mixed;
use crate::finding::{Bits, Fact, Sentence, Why};
use crate::recent::{Familiarity, Progress, RecentCall};
use crate::scene::Scene;
use sekimori_atlas::intel::ListingKind;
use sekimori_atlas::time::Span;
use serde::Deserialize;

/// Likelihoods in parts per million, and lengths of time.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// That an intruder calls a listed test number.
    pub intruder_listed_ppm: u64,
    /// That an honest call hits one.
    pub honest_listed_ppm: u64,
    /// That an intruder's call follows a test.
    pub intruder_follows_ppm: u64,
    /// That an honest unfamiliar call follows something like one.
    pub honest_follows_ppm: u64,
    /// A test call talks at most so many seconds.
    pub short_seconds: u32,
    /// Minutes around it without another unfamiliar call.
    pub alone_minutes: u32,
}

impl Default for Settings {
    fn default() -> Settings {
        Settings {
            intruder_listed_ppm: 100_000,
            honest_listed_ppm: 100,
            intruder_follows_ppm: 350_000,
            honest_follows_ppm: 33_000,
            short_seconds: 15,
            alone_minutes: 10,
        }
    }
}

/// It remembers nothing of its own.
pub type Memory = ();

static LISTED: Sentence = Sentence {
    en: "{0} is a number that intruders call to test whether calls get through",
    ja: "{0}は、不正利用の前に試し掛けに使われる番号です",
};
static FOLLOWS: Sentence = Sentence {
    en: "{1} ago one call of {0} went to an unknown number, as intruders do to test the way",
    ja: "{1}前に知らない番号へ{0}だけの通話が1件あり、不正利用前の試し掛けに似ています",
};

/// Evidence on one attempt.
pub fn observe(settings: &Settings, _: &mut Memory, scene: &Scene<'_>) -> Option<Evidence> {
    let number = scene.number?;
    if let Some(listing) = scene.attempt.listing
        && listing.kind == ListingKind::TestNumber
        && scene.familiarity < Familiarity::Number
    {
        let honest = settings.honest_listed_ppm;
        let intruder = mixed(settings.intruder_listed_ppm, honest, u64::from(listing.weight));
        let bits = Bits::ratio(intruder, honest).within(0, 10_000);
        return Some(Evidence { bits, why: Why::with(&LISTED, &[Fact::Number(number)]) });
    }
    if scene.familiarity > Familiarity::Nothing {
        return None;
    }
    let (test, seconds) = earlier_test(settings, scene)?;
    if test.number == Some(number) && scene.now().since(test.at) < Span::hours(1) {
        // Cut off and dialled again.
        return None;
    }
    let ago = scene.now().since(test.at).whole_seconds().clamp(0, i64::from(u32::MAX)) as u32;
    let bits = Bits::ratio(settings.intruder_follows_ppm, settings.honest_follows_ppm);
    let facts = [Fact::Seconds(seconds), Fact::Seconds(ago)];
    Some(Evidence { bits: bits.within(0, 6_000), why: Why::with(&FOLLOWS, &facts) })
}

/// The latest call within a day that looks like a test, and how long it talked.
fn earlier_test<'a>(settings: &Settings, scene: &'a Scene<'_>) -> Option<(&'a RecentCall, u32)> {
    let alone = Span::minutes(i64::from(settings.alone_minutes));
    let strange =
        |call: &&RecentCall| call.familiarity == Familiarity::Nothing && call.number.is_some();
    let mut later = scene.now();
    let mut calls = scene.before(Span::hours(24)).filter(strange).peekable();
    while let Some(call) = calls.next() {
        let before = calls.peek().is_none_or(|earlier| call.at.since(earlier.at) > alone);
        if let Progress::Talked { seconds, .. } = call.progress
            && seconds <= settings.short_seconds
            && before
            && later.since(call.at) > alone
        {
            return Some((call, seconds));
        }
        later = call.at;
    }
    None
}
