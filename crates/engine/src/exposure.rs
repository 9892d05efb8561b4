//! The money an account has at risk on calls abroad, and the envelope that bounds it.
//!
//! Three sums: charges that the profile does not explain and that have not aged; what running
//! legs may still cost, reserved when it is granted; and, apart from these, the charges of a
//! day that the profile does explain, bounded by the account's own largest aged day. Charges
//! age in blocks of six hours, always rounded to the careful side.

use crate::event::Renewal;
use crate::finding::Bits;
use crate::recent::Familiarity;
use sekimori_atlas::calendar::Moment;
use sekimori_atlas::money::Money;
use sekimori_atlas::time::{Span, Timestamp};
use serde::{Deserialize, Serialize};

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
    /// The envelope of an account without much history, while somebody is at work: what it may
    /// have at risk within three days.
    #[serde(deserialize_with = "crate::settings::money")]
    pub cohort: Money,
    /// So many thousandths of that are in force for an account that is known for longer than its
    /// first month and has hardly called abroad: fewer than `dormant_calls` aged calls.
    pub dormant_permille: u32,
    /// See `dormant_permille`.
    pub dormant_calls: u32,
    /// An account's own envelope is so many thousandths of its largest aged day abroad, where
    /// that is more than the cohort's.
    pub own_day_permille: u32,
    /// The same for calls to countries that are not the account's own: there its history says
    /// little.
    pub strange_day_permille: u32,
    /// So many thousandths of the envelope are in force for a call under suspicion.
    pub suspected_permille: u32,
    /// Log-odds from which a call is under suspicion, in thousandths of a bit.
    pub suspected_millibits: i32,
    /// Log-odds below which a call is as the account always calls.
    pub own_millibits: i32,
    /// Days after its first call during which nothing is known of an account.
    pub learning_days: u16,
    /// So many thousandths of the envelope are in force during these.
    pub learning_permille: u32,
    /// Calls to ranges that the account has long called are explained up to so many thousandths
    /// of its largest aged day, within a day.
    pub explained_permille: u32,
    /// And up to so many thousandths of the cohort's envelope in any case.
    pub explained_cohort_permille: u32,
    /// Thousandths that the envelope shrinks by for each hour until a person can react.
    pub shrink_permille_per_hour: u32,
    /// Most thousandths that it shrinks by.
    pub shrink_permille_max: u32,
    /// Most seconds that are granted at a time.
    pub slice_seconds: u32,
    /// Most seconds that are granted where nobody can renew a grant.
    pub unrenewed_seconds: u32,
    /// Seconds before the end of a grant at which it is renewed.
    pub renew_before_seconds: u32,
}

impl Default for Settings {
    fn default() -> Settings {
        Settings {
            cohort: Money::units(20_000),
            dormant_permille: 300,
            dormant_calls: 5,
            own_day_permille: 3_000,
            strange_day_permille: 500,
            suspected_permille: 150,
            suspected_millibits: -3_300,
            own_millibits: -14_000,
            learning_days: 30,
            learning_permille: 2_400,
            explained_permille: 1_500,
            explained_cohort_permille: 150,
            shrink_permille_per_hour: 10,
            shrink_permille_max: 200,
            slice_seconds: 900,
            unrenewed_seconds: 3_600,
            renew_before_seconds: 30,
        }
    }
}

/// What the envelope of an account depends on besides the settings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    /// The envelope that an operator has set, in place of all that follows from history.
    pub agreed: Option<Money>,
    /// Its largest aged day abroad.
    pub largest_day: Money,
    /// Aged calls abroad.
    pub n_aged: u32,
    /// Days since its first call.
    pub days_known: u16,
    /// The clock on its wall.
    pub moment: Moment,
}

/// Whether a call is under suspicion.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trust {
    /// It is as the account always calls.
    Proverbial,
    /// Nothing much speaks against it.
    Usual,
    /// Something does.
    Suspected,
}

impl Settings {
    /// Whether these log-odds put a call under suspicion.
    pub fn trust(&self, log_odds: Bits) -> Trust {
        match log_odds.0 {
            bits if bits >= self.suspected_millibits => Trust::Suspected,
            bits if bits >= self.own_millibits => Trust::Usual,
            _ => Trust::Proverbial,
        }
    }

    /// The envelope in force for a call to a destination so familiar.
    pub fn envelope(&self, standing: &Standing, familiarity: Familiarity, trust: Trust) -> Money {
        let permille = |money: Money, n: u32| money.scaled(i64::from(n), 1_000);
        let mut envelope =
            standing.agreed.unwrap_or_else(|| self.by_history(standing, familiarity, trust));
        if trust == Trust::Suspected {
            envelope = permille(envelope, self.suspected_permille.min(1_000));
        }
        let hours = standing.moment.minutes_until_reaction / 60;
        let shrink = hours.saturating_mul(self.shrink_permille_per_hour);
        permille(envelope, 1_000 - shrink.min(self.shrink_permille_max).min(1_000))
    }

    /// What the account's history says, or the cohort's: before suspicion and the hour.
    fn by_history(&self, standing: &Standing, familiarity: Familiarity, trust: Trust) -> Money {
        let permille = |money: Money, n: u32| money.scaled(i64::from(n), 1_000);
        let of_day = match familiarity {
            Familiarity::Nothing => self.strange_day_permille,
            _ => self.own_day_permille,
        };
        let mut envelope = permille(standing.largest_day, of_day).max(self.cohort);
        if standing.days_known < self.learning_days {
            envelope = envelope.max(permille(self.cohort, self.learning_permille));
        }
        let is_dormant =
            standing.days_known >= self.learning_days && standing.n_aged < self.dormant_calls;
        if is_dormant && trust != Trust::Suspected {
            envelope = permille(envelope, self.dormant_permille.min(1_000));
        }
        envelope
    }

    /// The longest that is granted at a time.
    pub fn slice(&self, renewal: Renewal) -> u32 {
        match renewal {
            Renewal::Commanded | Renewal::Asked => self.slice_seconds,
            Renewal::Impossible => self.unrenewed_seconds,
        }
    }

    /// How much of a day's charges for long called ranges the profile explains.
    pub fn explained(&self, largest_day: Money) -> Money {
        let own = largest_day.scaled(i64::from(self.explained_permille), 1_000);
        own.max(self.cohort.scaled(i64::from(self.explained_cohort_permille), 1_000))
    }
}

/// How a sum is divided between what the profile explains and what it does not.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
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
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
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

    /// A charge that no call on record explains.
    pub fn charge(&mut self, money: Money) {
        self.unexplained[0] += money;
    }

    /// A person has said that the charges so far are the account's own.
    pub fn confirm(&mut self) {
        self.unexplained = [Money::ZERO; N_UNEXPLAINED];
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
    fn the_envelope_grows_with_history_and_shrinks_at_night_and_under_suspicion() {
        let settings = Settings::default();
        let envelope = |day, n_aged, days_known, minutes, familiarity, trust| {
            let largest_day = Money::units(day);
            let standing =
                Standing { agreed: None, largest_day, n_aged, days_known, moment: moment(minutes) };
            settings.envelope(&standing, familiarity, trust)
        };
        let (own, strange) = (Familiarity::Country, Familiarity::Nothing);
        assert_eq!(envelope(0, 50, 90, 0, own, Trust::Usual), Money::units(20_000));
        assert_eq!(envelope(0, 2, 90, 0, own, Trust::Usual), Money::units(6_000));
        assert_eq!(envelope(20_000, 50, 90, 0, own, Trust::Usual), Money::units(60_000));
        assert_eq!(envelope(20_000, 50, 90, 0, strange, Trust::Usual), Money::units(20_000));
        assert_eq!(envelope(0, 0, 3, 0, own, Trust::Usual), Money::units(48_000));
        assert_eq!(envelope(0, 2, 90, 0, own, Trust::Suspected), Money::units(3_000));
        assert_eq!(envelope(0, 50, 90, 60 * 15, own, Trust::Usual), Money::units(17_000));
        assert_eq!(envelope(0, 50, 90, 60 * 80, own, Trust::Usual), Money::units(16_000));
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
