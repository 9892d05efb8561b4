//! Places that no account may call, or none of one service: an operator's act for everyone.
//! What is barred and until when; that running calls there are ended is the engine's.

use crate::event::Token;
use crate::finding::{Fact, Sentence, Why};
use crate::limits::BARS_MAX;
use crate::order::Until;
use sekimori_atlas::country::Country;
use sekimori_atlas::e164::{E164, Prefix};
use sekimori_atlas::time::Timestamp;
use serde::{Deserialize, Serialize};

/// Where calls would go.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Place {
    /// A country or shared code.
    Country(Country),
    /// Numbers that start so.
    Range(Prefix),
}

/// A place that is barred.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bar {
    /// Which.
    pub place: Place,
    /// For accounts of this service; `None` for all.
    pub service: Option<Token>,
    /// When it ends; [`Until::Once`] counts as [`Until::LiftedByPerson`].
    pub until: Until,
}

/// All places barred, at most [`BARS_MAX`], in the order in which they were.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Bars {
    #[serde(deserialize_with = "crate::saved::bounded::<_, _, BARS_MAX>")]
    bars: Vec<Bar>,
}

static COUNTRY: Sentence = Sentence {
    en: "nobody may call {0} for now",
    ja: "現在、{0}への発信は全契約で止めています",
};
static RANGE: Sentence = Sentence {
    en: "nobody may call numbers that start with {0} for now",
    ja: "現在、{0}で始まる番号への発信は全契約で止めています",
};

impl Place {
    /// Whether a call to this number of this country goes there.
    pub fn covers(self, number: Option<E164>, country: Option<Country>) -> bool {
        match self {
            Place::Country(barred) => country == Some(barred),
            Place::Range(prefix) => number.is_some_and(|number| prefix.covers(number)),
        }
    }
}

impl Bar {
    /// In words.
    pub fn say(&self) -> Why {
        match self.place {
            Place::Country(country) => Why::with(&COUNTRY, &[Fact::Country(country)]),
            Place::Range(prefix) => Why::with(&RANGE, &[Fact::Range(prefix)]),
        }
    }

    /// Whether it is about accounts of this service.
    pub fn is_for(&self, service: Option<Token>) -> bool {
        self.service.is_none_or(|only| service == Some(only))
    }
}

impl Bars {
    /// All of them.
    pub fn as_slice(&self) -> &[Bar] {
        &self.bars
    }

    /// The one that stands in the way of a call.
    pub fn covering(
        &self,
        number: Option<E164>,
        country: Option<Country>,
        service: Option<Token>,
        at: Timestamp,
    ) -> Option<&Bar> {
        self.bars.iter().find(|bar| {
            bar.place.covers(number, country) && bar.is_for(service) && !bar.until.is_over(at)
        })
    }

    /// Adds one, or lets the same one last as long as the longer of the two; `None` where the
    /// table is full.
    pub(crate) fn add(&mut self, bar: Bar) -> Option<Bar> {
        let bar = Bar { until: bar.until.of_standing(), ..bar };
        if let Some(known) = self.position(bar.place, bar.service) {
            let known = &mut self.bars[known];
            known.until = known.until.later(bar.until);
            return Some(*known);
        }
        if self.bars.len() >= BARS_MAX {
            return None;
        }
        self.bars.push(bar);
        Some(bar)
    }

    /// Takes one out.
    pub(crate) fn remove(&mut self, place: Place, service: Option<Token>) -> Option<Bar> {
        self.position(place, service).map(|at| self.bars.remove(at))
    }

    /// Takes out one whose time is over.
    pub(crate) fn take_over(&mut self, now: Timestamp) -> Option<Bar> {
        let at = self.bars.iter().position(|bar| bar.until.is_over(now))?;
        Some(self.bars.remove(at))
    }

    /// When the next one ends by itself.
    pub(crate) fn next_end(&self) -> Option<Timestamp> {
        self.bars.iter().filter_map(|bar| bar.until.moment()).min()
    }

    fn position(&self, place: Place, service: Option<Token>) -> Option<usize> {
        self.bars.iter().position(|bar| bar.place == place && bar.service == service)
    }
}
