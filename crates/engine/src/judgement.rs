//! Allow, challenge or refuse by expected cost: the cheapest wins.

use crate::bits::probability_ppm;
use crate::event::Challenge;
use crate::finding::Bits;
use crate::verdict::Ruling;
use sekimori_atlas::money::Money;
use serde::Deserialize;

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
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
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
}

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
        }
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
}
