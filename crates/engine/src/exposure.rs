//! The money an account has at risk on calls abroad, and the envelope that bounds it.
//!
//! Three sums: charges that the profile does not explain and that have not aged; what running
//! legs may still cost, reserved when it is granted; and, apart from these, the charges of a
//! day that the profile does explain, bounded by the account's own largest aged day. Charges
//! age in blocks of six hours, always rounded to the careful side.

use sekimori_atlas::calendar::Moment;
use sekimori_atlas::money::Money;
use sekimori_atlas::time::{Span, Timestamp};
use serde::Deserialize;

/// Length of a block of charges.
const BLOCK: Span = Span::hours(6);
/// Blocks that unexplained charges count in: the current one and 72 hours before it.
const N_UNEXPLAINED: usize = 13;
/// Blocks that explained charges count in: the current one and 24 hours before it.
const N_EXPLAINED: usize = 5;

/// What an operator may set of the envelope.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// The envelope of an account without history, while somebody is at work.
    #[serde(deserialize_with = "crate::settings::money")]
    pub cohort: Money,
    /// The envelope and the day that the profile explains are together never more than so many
    /// thousandths of that day, or the cohort's envelope, whichever is more.
    pub day_permille: u32,
    /// Thousandths that the envelope shrinks by for each hour until a person can react.
    pub shrink_permille_per_hour: u32,
    /// Most thousandths that it shrinks by.
    pub shrink_permille_max: u32,
    /// Most seconds that are granted at a time.
    pub slice_seconds: u32,
    /// Seconds before the end of a grant at which it is renewed.
    pub renew_before_seconds: u32,
}

impl Default for Settings {
    fn default() -> Settings {
        Settings {
            cohort: Money::units(3_000),
            day_permille: 1_500,
            shrink_permille_per_hour: 10,
            shrink_permille_max: 400,
            slice_seconds: 900,
            renew_before_seconds: 30,
        }
    }
}

impl Settings {
    /// The envelope of an account whose largest aged day abroad is `day`, at this moment.
    pub fn envelope(&self, day: Money, moment: Moment) -> Money {
        let own = day.scaled(i64::from(self.day_permille), 1_000).minus_or_zero(day);
        let whole = own.max(self.cohort.minus_or_zero(day));
        let hours = i64::from(moment.minutes_until_reaction / 60);
        let shrink = (hours * i64::from(self.shrink_permille_per_hour))
            .min(i64::from(self.shrink_permille_max))
            .min(1_000);
        whole.scaled(1_000 - shrink, 1_000)
    }
}

/// How a sum is divided between what the profile explains and what it does not.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Split {
    /// Comes out of the account's own day.
    pub explained: Money,
    /// Comes out of the envelope.
    pub unexplained: Money,
}

/// Whether charges grow old.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ageing {
    /// Nothing speaks against them.
    Passes,
    /// An incident is open: they stay.
    Halts,
}

/// An account's money at risk.
#[derive(Clone, Debug, Default)]
pub struct Ledger {
    unexplained: [Money; N_UNEXPLAINED],
    explained: [Money; N_EXPLAINED],
    reserved: Split,
    block: i64,
}

impl Ledger {
    /// Charges the profile does not explain and that have not aged, and what is reserved of
    /// such: never raised above the envelope by a decision.
    pub fn exposure(&self) -> Money {
        self.unexplained.iter().copied().sum::<Money>() + self.reserved.unexplained
    }

    /// Explained charges of the last day, and what is reserved of such.
    pub fn explained(&self) -> Money {
        self.explained.iter().copied().sum::<Money>() + self.reserved.explained
    }

    /// What running legs have reserved.
    pub fn reserved(&self) -> Split {
        self.reserved
    }

    /// Moves on to `now`; a clock that goes back moves nothing.
    pub fn roll(&mut self, now: Timestamp, ageing: Ageing) {
        let block = now.0.div_euclid(BLOCK.0);
        let passed = block.saturating_sub(self.block).clamp(0, N_UNEXPLAINED as i64) as usize;
        if passed == 0 {
            return;
        }
        self.block = block;
        shift(&mut self.explained, passed);
        let old = match ageing {
            Ageing::Passes => Money::ZERO,
            Ageing::Halts => {
                let from = N_UNEXPLAINED - passed;
                self.unexplained[from..].iter().copied().sum()
            }
        };
        shift(&mut self.unexplained, passed);
        self.unexplained[N_UNEXPLAINED - 1] += old;
    }

    /// Reserves for a running leg.
    pub fn reserve(&mut self, split: Split) {
        self.reserved.explained += split.explained;
        self.reserved.unexplained += split.unexplained;
    }

    /// A leg that had reserved `split` has ended and cost `actual`.
    pub fn settle(&mut self, split: Split, actual: Money) {
        self.reserved.explained -= split.explained;
        self.reserved.unexplained -= split.unexplained;
        let explained = actual.min(split.explained);
        self.explained[0] += explained;
        self.unexplained[0] += actual - explained;
    }

    /// A person has said that the charges so far are the account's own.
    pub fn confirm(&mut self) {
        self.unexplained = [Money::ZERO; N_UNEXPLAINED];
    }

    /// Whether nothing is at risk.
    pub fn is_clear(&self) -> bool {
        self.exposure() == Money::ZERO && self.explained() == Money::ZERO
    }
}

/// Moves blocks towards the older end; what falls off is gone.
fn shift(blocks: &mut [Money], n: usize) {
    let n = n.min(blocks.len());
    blocks.rotate_right(n);
    blocks[..n].fill(Money::ZERO);
}

#[cfg(test)]
mod tests {
    use super::*;
    use sekimori_atlas::calendar::DayKind;

    fn moment(minutes_until_reaction: u32) -> Moment {
        Moment { hour: 3, day: DayKind::Workday, minutes_until_reaction }
    }

    #[test]
    fn a_day_costs_at_most_the_cohorts_envelope_or_half_as_much_again() {
        let settings = Settings::default();
        for day in [0, 500, 1_999, 2_000, 2_001, 10_000] {
            let day = Money::units(day);
            let most = Money::units(3_000).max(day.scaled(3, 2));
            assert!(day + settings.envelope(day, moment(0)) <= most, "{day}");
        }
        assert_eq!(settings.envelope(Money::ZERO, moment(60 * 20)), Money::units(2_400));
        assert_eq!(settings.envelope(Money::ZERO, moment(60 * 80)), Money::units(1_800));
    }

    #[test]
    fn a_charge_ages_after_three_days_and_not_before() {
        let mut ledger = Ledger::default();
        ledger.roll(Timestamp::from_seconds(0), Ageing::Passes);
        ledger.settle(Split::default(), Money::units(7));
        ledger.roll(Timestamp::from_seconds(72 * 3_600), Ageing::Passes);
        assert_eq!(ledger.exposure(), Money::units(7));
        ledger.roll(Timestamp::from_seconds(78 * 3_600), Ageing::Passes);
        assert_eq!(ledger.exposure(), Money::ZERO);
    }

    #[test]
    fn under_an_incident_nothing_ages() {
        let mut ledger = Ledger::default();
        ledger.roll(Timestamp::from_seconds(0), Ageing::Passes);
        ledger.settle(Split::default(), Money::units(7));
        for day in 1..40 {
            ledger.roll(Timestamp::from_seconds(day * 86_400 * 5), Ageing::Halts);
            assert_eq!(ledger.exposure(), Money::units(7));
        }
    }
}
