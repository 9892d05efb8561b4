//! Allow, challenge or refuse by expected cost: the cheapest wins.

use crate::bits::probability_ppm;
use crate::event::Challenge;
use crate::finding::Bits;
use crate::verdict::Ruling;
use sekimori_atlas::money::Money;
use serde::{Deserialize, Serialize};

/// What an operator may set of the judgement.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// Log-odds, before any evidence, that a call abroad of an account with one such call a month
    /// is an intruder's, in thousandths of a bit. About one attack in ten thousand
    /// account-months: log2(1 / 10,000) = −13.3 bits.
    pub prior_millibits: i32,
    /// What an honest call that is refused costs: the caller's time, a complaint, trust.
    #[serde(deserialize_with = "crate::settings::money")]
    pub refused_honest: Money,
    /// What it costs an honest caller to prove themself.
    #[serde(deserialize_with = "crate::settings::money")]
    pub challenged_honest: Money,
    /// How many intruders in a million pass a challenge.
    pub intruder_passes_ppm: u32,
    /// Part of the envelope still left, in thousandths, that a wrongly allowed call puts at risk
    /// besides itself: the calls after it.
    pub envelope_at_stake_permille: u32,
    /// Hours in which what was suspicious counts half.
    pub half_life_hours: u32,
}

impl Default for Settings {
    fn default() -> Settings {
        Settings {
            prior_millibits: -13_300,
            refused_honest: Money::units(20_000),
            challenged_honest: Money::units(1_000),
            intruder_passes_ppm: 100_000,
            envelope_at_stake_permille: 500,
            half_life_hours: 24,
        }
    }
}

/// The costs that were compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Judgement {
    /// Log-odds that the call is an intruder's, evidence included.
    pub log_odds: Bits,
    /// The same as a probability in parts per million.
    pub intruder_ppm: u64,
    /// What a wrongly allowed call puts at risk.
    pub stake: Money,
    /// Expected cost of allowing.
    pub allow: Money,
    /// Expected cost of asking for a proof; `None` where the door cannot.
    pub challenge: Option<Money>,
    /// Expected cost of refusing.
    pub refuse: Money,
    /// What the envelope in force had left for this call.
    pub left: Money,
    /// The least that the call needed of it: one increment and the set-up charge.
    pub needed: Money,
}

/// What would have had to be otherwise for another ruling, the same money being at stake.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TurningPoints {
    /// The least log-odds at which the caller would have been asked for a proof; `None` where the
    /// door cannot, or it would never have been the cheapest.
    pub challenge_from: Option<Bits>,
    /// The least log-odds at which the call would have been refused; below both it would have been
    /// let out. `None` where too little is at stake to refuse at any odds.
    pub refuse_from: Option<Bits>,
    /// What the envelope had left for this call.
    pub left: Money,
    /// The least that the call needed of it; with less left it is stopped at any odds.
    pub needed: Money,
}

/// Log-odds past which probabilities do not change any more in parts per million.
const LOG_ODDS_MAX: i32 = 40_000;

impl Judgement {
    /// Compares.
    pub fn weigh(settings: &Settings, log_odds: Bits, stake: Money, door: Challenge) -> Judgement {
        let intruder_ppm = probability_ppm(log_odds);
        let of = |money: Money, ppm: u64| money.scaled(ppm as i64, 1_000_000);
        let honest_ppm = 1_000_000 - intruder_ppm;
        let challenge = of(settings.challenged_honest, honest_ppm)
            + of(of(stake, intruder_ppm), u64::from(settings.intruder_passes_ppm));
        Judgement {
            log_odds,
            intruder_ppm,
            stake,
            allow: of(stake, intruder_ppm),
            challenge: (door == Challenge::Possible).then_some(challenge),
            refuse: of(settings.refused_honest, honest_ppm),
            left: Money::ZERO,
            needed: Money::ZERO,
        }
    }

    /// The same, with what the envelope had left and what the call needed of it.
    pub fn with_room(self, left: Money, needed: Money) -> Judgement {
        Judgement { left, needed, ..self }
    }

    /// What would have turned the ruling, found by weighing other odds against the same stake.
    /// The settings are those that it was weighed by.
    pub fn turning_points(&self, settings: &Settings) -> TurningPoints {
        let door = match self.challenge {
            Some(_) => Challenge::Possible,
            None => Challenge::Impossible,
        };
        let ruling = |odds| Judgement::weigh(settings, Bits(odds), self.stake, door).ruling();
        let stopped_from = first(|odds| ruling(odds) != Ruling::Allow);
        let refuse_from = first(|odds| ruling(odds) == Ruling::Refuse);
        let challenge_from = stopped_from.filter(|from| Some(*from) != refuse_from);
        TurningPoints { challenge_from, refuse_from, left: self.left, needed: self.needed }
    }

    /// The cheapest; of two that cost the same the milder.
    pub fn ruling(&self) -> Ruling {
        match self.challenge {
            Some(challenge) if challenge < self.allow && challenge <= self.refuse => {
                Ruling::Challenge
            }
            _ if self.refuse < self.allow => Ruling::Refuse,
            _ => Ruling::Allow,
        }
    }

    /// What is milder than allowing when there is no money left to allow with.
    pub fn stop(&self) -> Ruling {
        match self.challenge {
            Some(challenge) if challenge <= self.refuse => Ruling::Challenge,
            _ => Ruling::Refuse,
        }
    }
}

/// The least log-odds for which something holds that holds for all above it.
fn first(holds: impl Fn(i32) -> bool) -> Option<Bits> {
    let (mut below, mut from) = (-LOG_ODDS_MAX - 1, LOG_ODDS_MAX);
    if !holds(from) {
        return None;
    }
    while from - below > 1 {
        let middle = below + (from - below) / 2;
        if holds(middle) {
            from = middle;
        } else {
            below = middle;
        }
    }
    Some(Bits(from))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ruling(bits: i32, stake: i64, door: Challenge) -> Ruling {
        Judgement::weigh(&Settings::default(), Bits(bits), Money::units(stake), door).ruling()
    }

    #[test]
    fn the_cheapest_wins() {
        assert_eq!(ruling(-6_000, 2_600, Challenge::Possible), Ruling::Allow);
        assert_eq!(ruling(0, 2_600, Challenge::Possible), Ruling::Challenge);
        assert_eq!(ruling(0, 2_600, Challenge::Impossible), Ruling::Allow);
        assert_eq!(ruling(12_000, 2_600, Challenge::Possible), Ruling::Refuse);
        assert_eq!(ruling(5_000, 2_600, Challenge::Impossible), Ruling::Refuse);
        assert_eq!(ruling(5_000, 50, Challenge::Impossible), Ruling::Allow);
    }

    #[test]
    fn a_ruling_turns_at_its_turning_points_and_nowhere_else() {
        let settings = Settings::default();
        for (stake, door) in [
            (2_600, Challenge::Possible),
            (2_600, Challenge::Impossible),
            (900_000, Challenge::Possible),
            (50, Challenge::Possible),
            (0, Challenge::Impossible),
        ] {
            let weigh = |bits| Judgement::weigh(&settings, Bits(bits), Money::units(stake), door);
            let points = weigh(0).turning_points(&settings);
            for bits in (-20_000..20_000).step_by(37) {
                let is_from = |point: Option<Bits>| point.is_some_and(|from| bits >= from.0);
                let expected = match (is_from(points.challenge_from), is_from(points.refuse_from)) {
                    (_, true) => Ruling::Refuse,
                    (true, false) => Ruling::Challenge,
                    (false, false) => Ruling::Allow,
                };
                assert_eq!(weigh(bits).ruling(), expected, "{stake} {door:?} {bits}");
            }
        }
    }
}
