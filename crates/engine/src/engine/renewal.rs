//! What may be granted, and running legs judged again when their grant is about to end.

use super::{Engine, Wall};
use crate::account::Abroad;
use crate::detectors::long_running_call;
use crate::event::{Challenge, LegRef, Renewal};
use crate::exposure::{self, Ledger, Split, Standing, Trust};
use crate::finding::{Bits, Sentence, Why};
use crate::judgement::Judgement;
use crate::legs::{Leg, LegState};
use crate::order::{Act, Effect, Order, Scope, Until};
use crate::recent::Familiarity;
use crate::verdict::Ruling;
use sekimori_atlas::money::Money;
use sekimori_atlas::rate::Rate;
use sekimori_atlas::time::{Span, Timestamp};

static RENEWED: Sentence = Sentence {
    en: "the call goes on as expected",
    ja: "通話は通常どおり続いています",
};

/// What may be spent at one moment.
#[derive(Clone, Copy, Debug)]
pub(super) struct Purse {
    /// Out of the account's own day.
    explained: Money,
    /// Out of the envelope.
    unexplained: Money,
}

/// So many seconds, and what they cost at most.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Grant {
    /// From the answer.
    pub seconds: u32,
    /// What is reserved.
    pub cost: Money,
    /// Out of which sums.
    pub split: Split,
}

impl Purse {
    /// What is left: of the explained day only where the account has long called the range and
    /// nothing speaks against the call, of the envelope in any case.
    pub fn of(
        settings: &exposure::Settings,
        ledger: &Ledger,
        standing: &Standing,
        familiarity: Familiarity,
        trust: Trust,
    ) -> Purse {
        let envelope = settings.envelope(standing, familiarity, trust);
        let explained = match (trust, familiarity) {
            (Trust::Proverbial, Familiarity::Country)
            | (Trust::Proverbial | Trust::Usual, Familiarity::Range | Familiarity::Number) => {
                settings.explained(standing.largest_day).minus_or_zero(ledger.explained())
            }
            _ => Money::ZERO,
        };
        Purse { explained, unexplained: envelope.minus_or_zero(ledger.exposure()) }
    }

    /// All of it.
    pub fn left(&self) -> Money {
        self.explained + self.unexplained
    }

    /// A first grant: a slice where twice that is left, else half of what is left, so that the
    /// second call is not starved; but never less than one increment and the set-up charge.
    /// `None` where not even these are left.
    pub fn grant(&self, rate: &Rate, slice: u32) -> Option<Grant> {
        self.more(rate, 0, slice)
    }

    /// A grant that reaches further than the `granted` seconds that are paid for.
    pub fn more(&self, rate: &Rate, granted: u32, slice: u32) -> Option<Grant> {
        let paid = if granted == 0 { Money::ZERO } else { cost(rate, granted) };
        let within = |limit: Money| {
            let seconds = rate.seconds_within(paid + limit)?;
            (seconds > granted).then(|| seconds.min(granted.saturating_add(slice)))
        };
        let seconds = within(self.left().scaled(1, 2)).or_else(|| {
            let least = granted.saturating_add(rate.increment_seconds.max(1));
            (cost(rate, least) - paid <= self.left()).then_some(least)
        })?;
        let cost = cost(rate, seconds) - paid;
        let explained = cost.min(self.explained);
        Some(Grant { seconds, cost, split: Split { explained, unexplained: cost - explained } })
    }
}

/// The least that a first grant costs: one increment and the set-up charge.
pub(super) fn least(rate: &Rate) -> Money {
    cost(rate, rate.increment_seconds.max(1))
}

fn cost(rate: &Rate, seconds: u32) -> Money {
    rate.cost(Span::seconds(i64::from(seconds)))
}

/// When a grant of so many seconds from the answer is to be renewed.
pub(super) fn time(settings: &exposure::Settings, answered: Timestamp, granted: u32) -> Timestamp {
    let before = settings.renew_before_seconds.min(granted / 2);
    answered + Span::seconds(i64::from(granted.saturating_sub(before)))
}

impl Engine {
    /// Log-odds of a running leg: what it showed when it was let out, or what the account has
    /// shown since where the leg is as unfamiliar; and that it runs so long.
    fn of_running(&self, abroad: &Abroad, leg: &Leg, now: Timestamp) -> Bits {
        let mut evidence = Bits(leg.bits);
        if leg.familiarity < Familiarity::Range {
            evidence = evidence.max(abroad.suspicion.total());
        }
        let long = long_running_call::observe_leg(
            &self.settings.detectors.long_running_call,
            leg.talked(now),
            leg.familiarity,
            &abroad.profile,
            leg.rate.price_per_minute,
        );
        let long = long.map_or(Bits::ZERO, |evidence| evidence.bits);
        Bits(self.settings.judgement.prior_millibits) + evidence + long
    }

    /// A leg's timer: it is judged again, and goes on or runs out.
    pub(super) fn renew(
        &mut self,
        leg_ref: LegRef,
        now: Timestamp,
        wall: Wall<'_>,
        effects: &mut Vec<Effect>,
    ) {
        let Some(leg) = self.legs.get_mut(leg_ref) else { return };
        if leg.renew_at != Some(now) {
            return;
        }
        leg.renew_at = None;
        self.more(leg_ref, now, wall, effects);
    }

    /// The switch asks whether a running leg may go on: the seconds, counted from the answer, that
    /// it may now run, or `None` where it is to end at its grant. While a whole slice is left the
    /// answer is what was granted before, so that asking often reserves nothing. What is granted
    /// anew is also an order to extend among the effects, as its record.
    pub fn renew_asked(
        &mut self,
        leg_ref: LegRef,
        at: Timestamp,
        wall: Wall<'_>,
        effects: &mut Vec<Effect>,
    ) -> Option<u32> {
        self.clock = self.clock.max(at);
        let leg = self.legs.get(leg_ref)?;
        let left = i64::from(leg.granted) - leg.talked(at).whole_seconds();
        let is_to_end = leg.state == LegState::HangingUp || leg.incident.is_some();
        if !is_to_end && left >= i64::from(self.settings.envelope.slice_seconds) {
            return Some(leg.granted);
        }
        self.more(leg_ref, at, wall, effects)
    }

    /// Judges a running leg again: it goes on, and what it may spend is reserved, or it is left to
    /// run out.
    fn more(
        &mut self,
        leg_ref: LegRef,
        now: Timestamp,
        wall: Wall<'_>,
        effects: &mut Vec<Effect>,
    ) -> Option<u32> {
        let leg = self.legs.get(leg_ref)?;
        if leg.state == LegState::HangingUp || leg.incident.is_some() {
            return None;
        }
        let leg = leg.clone();
        let (growth, half_life) = (self.growth(leg.account, now), self.half_life());
        let mut abroad = self.accounts[leg.account.0 as usize].abroad.take()?;
        abroad.roll(now, growth, half_life);
        let grant = self.grant_more(&abroad, &leg, now, wall);
        if let Some(grant) = grant {
            abroad.ledger.reserve(grant.split);
            effects.push(extended(&leg, leg_ref, now, grant.seconds));
            self.extend(leg_ref, now, &grant);
        }
        self.accounts[leg.account.0 as usize].abroad = Some(abroad);
        grant.map(|grant| grant.seconds)
    }

    fn extend(&mut self, leg_ref: LegRef, now: Timestamp, grant: &Grant) {
        let Some(leg) = self.legs.get_mut(leg_ref) else { return };
        leg.granted = grant.seconds;
        leg.split.explained += grant.split.explained;
        leg.split.unexplained += grant.split.unexplained;
        if let (Some(answered), Renewal::Commanded) = (leg.answered, leg.renewal) {
            let next = time(&self.settings.envelope, answered, grant.seconds);
            let next = next.max(now + Span::seconds(1));
            leg.renew_at = Some(next);
            self.timers.renew(next, leg.account, leg.serial, leg_ref);
        }
    }

    fn grant_more(
        &self,
        abroad: &Abroad,
        leg: &Leg,
        now: Timestamp,
        wall: Wall<'_>,
    ) -> Option<Grant> {
        let log_odds = self.of_running(abroad, leg, now);
        let settings = &self.settings.envelope;
        let standing = self.standing(abroad, leg.account, now, wall(leg.account, now));
        let trust = settings.trust(log_odds);
        let purse = Purse::of(settings, &abroad.ledger, &standing, leg.familiarity, trust);
        let grant = purse.more(&leg.rate, leg.granted, settings.slice_seconds)?;
        let settings = &self.settings.judgement;
        let judgement = Judgement::weigh(settings, log_odds, grant.cost, Challenge::Impossible);
        (judgement.ruling() == Ruling::Allow).then_some(grant)
    }
}

fn extended(leg: &Leg, leg_ref: LegRef, at: Timestamp, seconds: u32) -> Effect {
    Effect::Order(Order {
        at,
        account: leg.account,
        act: Act::Extend(leg_ref, seconds),
        scope: Scope::Leg(leg_ref),
        until: Until::Once,
        incident: None,
        why: Why::plain(&RENEWED),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_grant_leaves_room_for_a_second_call_and_never_costs_more_than_is_left() {
        let rate = Rate { price_per_minute: 175_000_000, increment_seconds: 60, setup_price: 0 };
        let purse = |yen| Purse { explained: Money::ZERO, unexplained: Money::units(yen) };
        let seconds = |yen| purse(yen).grant(&rate, 900).map(|grant| grant.seconds);
        assert_eq!(seconds(6_000), Some(900));
        assert_eq!(seconds(1_800), Some(300));
        assert_eq!(seconds(200), Some(60));
        assert_eq!(seconds(174), None);
        let more = purse(1_000).more(&rate, 60, 900).expect("there is money");
        assert_eq!((more.seconds, more.cost), (180, Money::units(350)));
    }
}
