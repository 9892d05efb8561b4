//! What people have ordered of one account: an envelope, trusted countries, and restrictions that
//! hold whatever the evidence says. A restriction that the customer asked for is a *stop*.
//!
//! Kept apart from incidents: those are the engine's, and end by themselves. Two restrictions of
//! one side never loosen each other, and neither side opens what the other has closed, except that
//! an operator may open everything.

use crate::event::{Attempt, Token};
use crate::finding::{Fact, Sentence, Why};
use crate::legs::Leg;
use crate::limits::{IMPOSED_PER_SIDE_MAX, OPENED_COUNTRIES_MAX, TRUSTED_COUNTRIES_MAX};
use crate::order::{Scope, Until};
use crate::sign_ins::network_of;
use sekimori_atlas::country::Country;
use sekimori_atlas::e164::E164;
use sekimori_atlas::money::Money;
use sekimori_atlas::time::Timestamp;
use serde::{Deserialize, Serialize};
use std::net::IpAddr;

/// Who orders.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum By {
    /// The customer, or somebody for them.
    Customer,
    /// The carrier's or company's operator.
    Operator,
}

/// A restriction to be put in force.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Imposed {
    /// Which calls. [`Scope::Leg`] ends that call and leaves nothing in force.
    pub scope: Scope,
    /// When it ends; [`Until::Once`] counts as [`Until::LiftedByPerson`].
    pub until: Until,
    /// Who orders it.
    pub by: By,
}

/// A restriction to be taken out of force.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Released {
    /// Which one; `None` for all that this side may open. A country under a restriction of all
    /// calls abroad is opened as an exception of it.
    pub scope: Option<Scope>,
    /// Who opens: a customer what the customer has closed, an operator everything.
    pub by: By,
    /// Only until then; `None` for good.
    pub until: Option<Timestamp>,
}

/// A restriction that a person ordered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Imposition {
    /// Which calls.
    pub scope: Scope,
    /// When it ends by itself, or that a person lifts it.
    pub until: Until,
    /// Who ordered it.
    pub by: By,
    /// When it was asked for the first time; a repeat does not change it.
    pub requested_at: Timestamp,
    /// Opened for a while: until then it is not in force.
    pub suspended_until: Option<Timestamp>,
    /// Countries that stay open under a restriction of all calls abroad.
    #[serde(deserialize_with = "crate::saved::bounded::<_, _, OPENED_COUNTRIES_MAX>")]
    pub opened: Vec<Opened>,
}

/// A country that stays open.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Opened {
    /// Which.
    pub country: Country,
    /// Until then; `None` as long as the restriction lasts.
    pub until: Option<Timestamp>,
}

/// What an operator has set of an account.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Terms {
    /// The envelope in place of the cohort's and of the account's own; it shrinks at night and
    /// under suspicion as those do.
    pub envelope: Option<Money>,
    /// Countries that count as the account's own, at most [`TRUSTED_COUNTRIES_MAX`].
    #[serde(deserialize_with = "crate::saved::bounded::<_, _, TRUSTED_COUNTRIES_MAX>")]
    pub trusted: Vec<Country>,
    /// The service that the account belongs to, for bars of one service.
    pub service: Option<Token>,
}

/// All that people have ordered of an account.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Instructions {
    /// Envelope, trust, service.
    pub terms: Terms,
    #[serde(deserialize_with = "crate::saved::bounded::<_, _, { 2 * IMPOSED_PER_SIDE_MAX }>")]
    imposed: Vec<Imposition>,
    /// When the account's timer for these is set.
    #[serde(skip)]
    pub(crate) wake: Option<Timestamp>,
}

/// What a call is as far as restrictions by people go.
#[derive(Clone, Copy, Debug)]
pub struct Heading {
    /// Where to; `None` where the digits give no number.
    pub number: Option<E164>,
    /// Country or shared code.
    pub country: Option<Country>,
    /// Which line.
    pub line: Option<Token>,
    /// From where.
    pub source: Option<IpAddr>,
}

/// What a change of the instructions comes to, to be made orders of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Change {
    /// Closed or opened.
    pub turn: Turn,
    /// Which calls.
    pub scope: Scope,
    /// When the restriction ends.
    pub until: Until,
    /// Whose it is.
    pub by: By,
}

/// Which way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Turn {
    Closed,
    Opened,
}

impl Heading {
    /// Of an attempt.
    pub fn of_attempt(attempt: &Attempt<'_>) -> Heading {
        Heading {
            number: attempt.destination.e164,
            country: attempt.destination.country,
            line: attempt.line.map(|line| line.token),
            source: attempt.source,
        }
    }

    /// Of a call that is up.
    pub fn of_leg(leg: &Leg) -> Heading {
        Heading {
            number: Some(leg.number),
            country: Some(leg.country),
            line: leg.line,
            source: leg.source,
        }
    }

    /// Whether the scope covers it, whatever the account knows of it.
    pub fn is_in(&self, scope: &Scope) -> bool {
        match scope {
            Scope::Range(prefix) => self.number.is_some_and(|number| prefix.covers(number)),
            Scope::Country(country) => self.country == Some(*country),
            Scope::Line(line) => self.line == Some(*line),
            Scope::Source(source) => {
                self.source.is_some_and(|mine| network_of(mine) == network_of(*source))
            }
            Scope::Leg(_) => false,
            Scope::International => true,
        }
    }
}

impl Imposition {
    /// Whether it is in force at a moment.
    pub fn is_in_force(&self, at: Timestamp) -> bool {
        !self.until.is_over(at) && self.suspended_until.is_none_or(|until| until <= at)
    }

    /// Whether it stands in the way of a call at a moment.
    pub fn covers(&self, call: &Heading, at: Timestamp) -> bool {
        self.is_in_force(at) && call.is_in(&self.scope) && !self.is_open(call.country, at)
    }

    /// In words.
    pub fn say(&self) -> Why {
        say(self.by, &self.scope)
    }

    /// The name under which it stands among the findings of a refused call.
    pub fn word(&self) -> &'static str {
        match self.by {
            By::Customer => "stop",
            By::Operator => "restriction",
        }
    }

    fn is_open(&self, country: Option<Country>, at: Timestamp) -> bool {
        self.opened.iter().any(|opened| Some(opened.country) == country && opened.lasts(at))
    }

    /// When something about it changes by itself.
    fn next_change(&self) -> Option<Timestamp> {
        let opened = self.opened.iter().filter_map(|opened| opened.until);
        opened.chain(self.until.moment()).chain(self.suspended_until).min()
    }

    fn change(&self, turn: Turn, scope: Scope) -> Change {
        Change { turn, scope, until: self.until, by: self.by }
    }

    /// Opens a country under a restriction of all calls abroad; not where there is no room.
    fn open(&mut self, country: Country, until: Option<Timestamp>) -> bool {
        if let Some(known) = self.opened.iter_mut().find(|known| known.country == country) {
            // What is open stays open at least as long as somebody said before.
            known.until = known.until.zip(until).map(|(one, other)| one.max(other));
            return true;
        }
        let has_room = self.opened.len() < OPENED_COUNTRIES_MAX;
        if has_room {
            self.opened.push(Opened { country, until });
        }
        has_room
    }
}

/// An opening for a while does not shorten an earlier one.
fn later(until: Timestamp, known: &Imposition) -> Timestamp {
    known.suspended_until.map_or(until, |before| before.max(until))
}

impl Opened {
    fn lasts(&self, at: Timestamp) -> bool {
        self.until.is_none_or(|until| until > at)
    }
}

impl Terms {
    /// In order, each country once, and no more than there is room for.
    pub(crate) fn tidied(mut self) -> Terms {
        self.envelope = self.envelope.map(|envelope| envelope.max(Money::ZERO));
        self.trusted.sort_unstable();
        self.trusted.dedup();
        self.trusted.truncate(TRUSTED_COUNTRIES_MAX);
        self
    }

    /// Whether a country counts as the account's own.
    pub fn trusts(&self, country: Country) -> bool {
        self.trusted.binary_search(&country).is_ok()
    }
}

impl Instructions {
    /// Restrictions in force and suspended ones, in the order in which they were ordered.
    pub fn imposed(&self) -> &[Imposition] {
        &self.imposed
    }

    /// Whether nobody has ordered anything.
    pub(crate) fn is_empty(&self) -> bool {
        self.imposed.is_empty() && self.terms == Terms::default()
    }

    /// The restriction that stands in the way of a call.
    pub fn covering(&self, call: &Heading, at: Timestamp) -> Option<&Imposition> {
        self.imposed.iter().find(|imposition| imposition.covers(call, at))
    }

    /// Takes one in. What is already as closed and for as long stays as it is and gives no change.
    pub(crate) fn impose(&mut self, at: Timestamp, imposed: Imposed) -> Option<Change> {
        let Imposed { scope, by, .. } = imposed;
        let until = imposed.until.of_standing();
        let same = |known: &&mut Imposition| known.by == by && known.scope == scope;
        if let Some(known) = self.imposed.iter_mut().find(same) {
            let was = known.clone();
            known.until = known.until.later(until);
            known.suspended_until = None;
            known.opened.clear();
            return (*known != was).then(|| known.change(Turn::Closed, scope));
        }
        let joins = |known: &Imposition| {
            known.by == by
                && known.suspended_until.is_none()
                && known.opened.is_empty()
                && known.scope.includes(&scope)
                && known.until.later(until) == known.until
        };
        if self.imposed.iter().any(joins) {
            return None;
        }
        let fresh = Imposition {
            scope,
            until,
            by,
            requested_at: at,
            suspended_until: None,
            opened: Vec::new(),
        };
        let n_own = self.imposed.iter().filter(|known| known.by == by).count();
        let fresh = if n_own < IMPOSED_PER_SIDE_MAX { fresh } else { self.join_all(fresh) };
        let change = fresh.change(Turn::Closed, fresh.scope);
        self.imposed.push(fresh);
        Some(change)
    }

    /// One restriction of all calls abroad in the place of every one of this side.
    fn join_all(&mut self, fresh: Imposition) -> Imposition {
        let mut all = Imposition { scope: Scope::International, ..fresh };
        for known in self.imposed.iter().filter(|known| known.by == all.by) {
            all.until = all.until.later(known.until);
            all.requested_at = all.requested_at.min(known.requested_at);
        }
        self.imposed.retain(|known| known.by != all.by);
        all
    }

    /// Opens what is named, for good or for a while; what was closed before is among the changes.
    /// Returns how many restrictions were opened or got an exception.
    pub(crate) fn release(
        &mut self,
        at: Timestamp,
        released: Released,
        changes: &mut Vec<Change>,
    ) -> usize {
        if released.until.is_some_and(|until| until <= at) {
            return 0;
        }
        let mut n = 0;
        let may = |by: By| released.by == By::Operator || by == By::Customer;
        self.imposed.retain_mut(|known| {
            if !may(known.by) {
                return true;
            }
            let whole = released.scope.is_none_or(|scope| scope == known.scope);
            if whole {
                n += 1;
                if known.is_in_force(at) {
                    changes.push(known.change(Turn::Opened, known.scope));
                }
                known.suspended_until = released.until.map(|until| later(until, known));
                return known.suspended_until.is_some_and(|until| !known.until.is_over(until));
            }
            if let (Scope::International, Some(Scope::Country(country))) =
                (known.scope, released.scope)
                && known.open(country, released.until)
            {
                n += 1;
                if known.is_in_force(at) {
                    changes.push(known.change(Turn::Opened, Scope::Country(country)));
                }
            }
            true
        });
        n
    }

    /// Takes out the restriction of this scope that an operator lifts, the operator's own first.
    pub(crate) fn lift(&mut self, scope: Scope) -> Option<Change> {
        let place = (0..self.imposed.len())
            .filter(|place| self.imposed[*place].scope == scope)
            .max_by_key(|place| self.imposed[*place].by)?;
        let gone = self.imposed.remove(place);
        Some(gone.change(Turn::Opened, scope))
    }

    /// Lets time pass: what is over goes, what was suspended or opened for a while closes again.
    pub(crate) fn pass(&mut self, now: Timestamp, changes: &mut Vec<Change>) {
        self.imposed.retain_mut(|known| {
            if known.until.is_over(now) {
                if known.suspended_until.is_none_or(|until| until <= now) {
                    changes.push(known.change(Turn::Opened, known.scope));
                }
                return false;
            }
            if known.suspended_until.is_some_and(|until| until <= now) {
                known.suspended_until = None;
                changes.push(known.change(Turn::Closed, known.scope));
            }
            let in_force = known.suspended_until.is_none();
            let (until, by) = (known.until, known.by);
            known.opened.retain(|opened| {
                if !opened.lasts(now) && in_force {
                    let scope = Scope::Country(opened.country);
                    changes.push(Change { turn: Turn::Closed, scope, until, by });
                }
                opened.lasts(now)
            });
            true
        });
    }

    /// When something changes by itself.
    pub(crate) fn next_change(&self) -> Option<Timestamp> {
        self.imposed.iter().filter_map(Imposition::next_change).min()
    }
}

static STOP: Sentence = Sentence {
    en: "the customer has stopped calls abroad",
    ja: "お客さまのご依頼により、国際発信を止めています",
};
static STOP_OF_COUNTRY: Sentence = Sentence {
    en: "the customer has stopped calls to {0}",
    ja: "お客さまのご依頼により、{0}への発信を止めています",
};
static STOP_OF_RANGE: Sentence = Sentence {
    en: "the customer has stopped calls to numbers that start with {0}",
    ja: "お客さまのご依頼により、{0}で始まる番号への発信を止めています",
};
static STOP_OF_LINE: Sentence = Sentence {
    en: "the customer has stopped calls abroad from line {0}",
    ja: "お客さまのご依頼により、内線{0}からの国際発信を止めています",
};
static STOP_OF_SOURCE: Sentence = Sentence {
    en: "the customer has stopped calls abroad from this address",
    ja: "お客さまのご依頼により、このアドレスからの国際発信を止めています",
};
static RESTRICTED: Sentence = Sentence {
    en: "an operator has stopped this account's calls abroad",
    ja: "事業者が、この契約の国際発信を止めています",
};
static RESTRICTED_COUNTRY: Sentence = Sentence {
    en: "an operator has stopped this account's calls to {0}",
    ja: "事業者が、この契約から{0}への発信を止めています",
};
static RESTRICTED_RANGE: Sentence = Sentence {
    en: "an operator has stopped this account's calls to numbers that start with {0}",
    ja: "事業者が、この契約から{0}で始まる番号への発信を止めています",
};
static RESTRICTED_LINE: Sentence = Sentence {
    en: "an operator has stopped calls abroad from line {0}",
    ja: "事業者が、内線{0}からの国際発信を止めています",
};
static RESTRICTED_SOURCE: Sentence = Sentence {
    en: "an operator has stopped this account's calls abroad from this address",
    ja: "事業者が、このアドレスからの国際発信を止めています",
};

/// A restriction that a person ordered, in words.
pub(crate) fn say(by: By, scope: &Scope) -> Why {
    let of = |customers, operators| match by {
        By::Customer => customers,
        By::Operator => operators,
    };
    match scope {
        Scope::Range(prefix) => {
            Why::with(of(&STOP_OF_RANGE, &RESTRICTED_RANGE), &[Fact::Range(*prefix)])
        }
        Scope::Country(country) => {
            Why::with(of(&STOP_OF_COUNTRY, &RESTRICTED_COUNTRY), &[Fact::Country(*country)])
        }
        Scope::Line(line) => Why::with(of(&STOP_OF_LINE, &RESTRICTED_LINE), &[Fact::Name(*line)]),
        Scope::Source(_) => Why::plain(of(&STOP_OF_SOURCE, &RESTRICTED_SOURCE)),
        Scope::International | Scope::Leg(_) => Why::plain(of(&STOP, &RESTRICTED)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use sekimori_atlas::e164::Prefix;

    const DAY: i64 = 86_400;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_seconds(seconds)
    }

    fn country(n: u8) -> Country {
        Country::from_iso(&[b'A', b'A' + n]).expect("two letters")
    }

    fn scope() -> impl Strategy<Value = Scope> {
        prop_oneof![
            Just(Scope::International),
            (0..4_u8).prop_map(|n| Scope::Country(country(n))),
            (0..3_u64).prop_map(|n| Scope::Line(Token(n))),
            (1..200_u64).prop_map(|n| Scope::Range(Prefix::from_value(n).expect("digits"))),
        ]
    }

    /// At a second: impose (for a while or not) or release, by one side.
    fn act() -> impl Strategy<Value = (i64, bool, Option<Scope>, bool, Option<i64>)> {
        let until = || prop::option::of(1..9 * DAY);
        (0..DAY, any::<bool>(), prop::option::of(scope()), any::<bool>(), until())
    }

    /// Calls and moments that are looked at.
    fn looks() -> Vec<(Heading, Timestamp)> {
        let mut looks = Vec::new();
        for n in 0..4_u8 {
            let number = E164::from_value(u64::from(n + 1) * 1_234_567);
            for (line, day) in [(None, 1), (Some(Token(1)), 3), (Some(Token(2)), 12)] {
                let heading = Heading { number, country: Some(country(n)), line, source: None };
                looks.push((heading, at(day * DAY + i64::from(n) * 7_000)));
            }
        }
        looks
    }

    proptest! {
        #[test]
        fn an_order_to_close_never_opens_anything(acts in prop::collection::vec(act(), 1..40)) {
            let mut instructions = Instructions::default();
            for (second, closes, scope, customer, until) in acts {
                let now = at(second);
                let by = if customer { By::Customer } else { By::Operator };
                let until = until.map(at);
                let closed = |instructions: &Instructions| {
                    let is_closed = |(call, at): &(Heading, Timestamp)| {
                        instructions.covering(call, *at).is_some()
                    };
                    looks().iter().map(is_closed).collect::<Vec<_>>()
                };
                let before = closed(&instructions);
                if closes {
                    let scope = scope.unwrap_or(Scope::International);
                    let until = until.map_or(Until::LiftedByPerson, Until::At);
                    instructions.impose(now, Imposed { scope, until, by });
                    for (n, (call, at)) in looks().iter().enumerate() {
                        let now_closed = instructions.covering(call, *at).is_some();
                        prop_assert!(now_closed || !before[n], "{call:?} was opened");
                        let is_meant = call.is_in(&scope) && !until.is_over(*at);
                        prop_assert!(now_closed || !is_meant, "{call:?} was not closed");
                    }
                } else {
                    instructions.release(now, Released { scope, by, until }, &mut Vec::new());
                    for (n, was_closed) in before.iter().enumerate() {
                        prop_assert!(*was_closed || !closed(&instructions)[n], "opening closes");
                    }
                }
                let n = instructions.imposed().len();
                prop_assert!(n <= 2 * IMPOSED_PER_SIDE_MAX, "{n} restrictions");
            }
        }
    }
}
