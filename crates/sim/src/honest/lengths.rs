//! How honest calls go: whether they are answered, after how much ringing, and how long they
//! last. Talk is log-normal, as telephone traffic is known to be; pages of fax are not.

use crate::archetype::Archetype::{self, *};
use crate::calendar::{HOUR, Millis, SECOND};
use crate::record::{Disposition, Hand};
use crate::rng::Rng;

/// The course of one call from its attempt on, milliseconds.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Course {
    pub(crate) disposition: Disposition,
    /// From the attempt to the answer, or to the end of one that nobody answered.
    pub(crate) ring: Millis,
    /// From the answer to the end; 0 for one that nobody answered.
    pub(crate) talk: Millis,
    pub(crate) hand: Hand,
}

/// What is said, or sent, once somebody answers.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Talk {
    pub(crate) length: Millis,
    pub(crate) hand: Hand,
}

impl Talk {
    pub(crate) fn of_person(length: Millis) -> Talk {
        Talk { length, hand: Hand::Person }
    }

    pub(crate) fn of_fax(length: Millis) -> Talk {
        Talk { length, hand: Hand::Fax }
    }
}

/// Share of attempts that end each way: answered, nobody, engaged; the rest fail.
#[derive(Clone, Copy)]
pub(crate) struct Luck(pub(crate) [f64; 4]);

pub(crate) const DOMESTIC: Luck = Luck([0.78, 0.13, 0.07, 0.02]);
pub(crate) const ABROAD: Luck = Luck([0.68, 0.18, 0.09, 0.05]);
/// A network that everybody calls at once.
pub(crate) const CONGESTED: Luck = Luck([0.35, 0.2, 0.25, 0.2]);
pub(crate) const FAX: Luck = Luck([0.85, 0.05, 0.08, 0.02]);
pub(crate) const ENGAGED: Luck = Luck([0.08, 0.02, 0.9, 0.0]);

impl Luck {
    /// A course with this luck, and this much talk if it is answered.
    pub(crate) fn course(self, rng: &mut Rng, talk: Talk) -> Course {
        let whole = |rng: &mut Rng, low, high| rng.between(low, high) * SECOND;
        let (disposition, ring, length) = match rng.weighted(self.0.into_iter()) {
            0 => (Disposition::Answered, whole(rng, 2, 22), talk.length),
            1 => (Disposition::NoAnswer, whole(rng, 15, 60), 0),
            2 => (Disposition::Busy, whole(rng, 2, 8), 0),
            _ => (Disposition::Failed, whole(rng, 1, 5), 0),
        };
        Course { disposition, ring, talk: length, hand: talk.hand }
    }
}

/// Median seconds and deviation of the logarithm.
fn talk_of(archetype: Archetype) -> (f64, f64) {
    match archetype {
        Hotel => (240.0, 1.0),
        ForeignStaff => (600.0, 0.9),
        LanguageSchool => (220.0, 1.1),
        Embassy | Ngo => (180.0, 1.0),
        CallCentre => (240.0, 0.8),
        ShipAgent => (95.0, 0.8),
        Conference => (900.0, 1.2),
        _ => (130.0, 1.1),
    }
}

/// How long a call abroad lasts, at most five hours; one in 17 of an ordinary business is a
/// fax of whole pages.
pub(crate) fn talk_abroad(rng: &mut Rng, archetype: Archetype) -> Talk {
    let faxes = !matches!(archetype, Hotel | ForeignStaff | CallCentre | LanguageSchool);
    if faxes && rng.chance(0.06) {
        return Talk::of_fax(rng.between(1, 4) * rng.between(22, 34) * SECOND);
    }
    let (median, sigma) = talk_of(archetype);
    Talk::of_person(seconds(rng.log_normal(median, sigma).clamp(2.0, 18_000.0)))
}

/// How long a call within Japan lasts, at most three hours.
pub(crate) fn talk_at_home(rng: &mut Rng, archetype: Archetype) -> Talk {
    let median = if archetype == CallCentre { 190.0 } else { 75.0 };
    Talk::of_person(seconds(rng.log_normal(median, 1.1).clamp(2.0, 10_800.0)))
}

/// A conference: about four hours, one to five.
pub(crate) fn conference(rng: &mut Rng) -> Talk {
    Talk::of_person(seconds(rng.log_normal(13_000.0, 0.3)).clamp(HOUR, 5 * HOUR))
}

fn seconds(s: f64) -> Millis {
    s as Millis * SECOND
}
