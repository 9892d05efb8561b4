//! Which countries an account calls, how much of that has aged, and at what price.
//!
//! A call counts at once as *recent* and, when four days have passed without an incident, as
//! *aged*: only what has aged is a habit.

use sekimori_atlas::country::Country;
use sekimori_atlas::rate::Rate;
use serde::{Deserialize, Serialize};

/// What is remembered of one country.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct CountryHabit {
    /// Which.
    pub country: Country,
    /// Calls that have aged; halved when old.
    pub n_aged: u16,
    /// Days with such calls.
    pub n_days_aged: u8,
    /// Calls of today and the three days before, by day modulo four.
    recent: [u16; 4],
    /// Dearest aged price per minute, in millionths of a unit.
    pub price_aged: i64,
    /// Dearest price among the recent.
    price_recent: i64,
    /// Day of the last call.
    pub last_day: u16,
}

/// An account's countries, the longest unused given up first.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Countries {
    #[serde(
        deserialize_with = "crate::saved::bounded::<_, _, { crate::limits::COUNTRIES_PER_ACCOUNT_MAX }>"
    )]
    habits: Vec<CountryHabit>,
    today: u16,
    /// All aged calls abroad; halved with the countries' own.
    pub n_aged: u32,
}

/// At most so many aged calls are added for one country and day: a flood teaches no more
/// than a busy day.
const AGED_PER_DAY_MAX: u16 = 12;

/// Aged days from which a country is the account's own: a test call and a silence must not open
/// the way for what follows.
pub const DAYS_ESTABLISHED: u8 = 2;

impl Countries {
    /// The habit of one country.
    pub fn get(&self, country: Country) -> Option<&CountryHabit> {
        self.habits.iter().find(|habit| habit.country == country)
    }

    /// Countries with aged calls.
    pub fn n_established(&self) -> usize {
        self.habits.iter().filter(|habit| habit.n_aged > 0).count()
    }

    /// Countries with aged calls that have only one: how often the next one is new
    /// (Good and Turing's estimate).
    pub fn n_singletons(&self) -> usize {
        self.habits.iter().filter(|habit| habit.n_aged == 1).count()
    }

    /// All countries on record.
    pub fn iter(&self) -> impl Iterator<Item = &CountryHabit> {
        self.habits.iter()
    }

    /// Notes one call of this day; it ages into habit later.
    pub fn learn(&mut self, country: Country, day: u16, rate: &Rate) {
        let habit = match self.habits.iter().position(|habit| habit.country == country) {
            Some(at) => &mut self.habits[at],
            None => self.insert(country),
        };
        let today = &mut habit.recent[usize::from(day % 4)];
        *today = today.saturating_add(1);
        habit.price_recent = habit.price_recent.max(rate.price_per_minute);
        habit.last_day = day;
    }

    /// A person has said that calls to this country are theirs: no need to wait.
    pub fn confirm(&mut self, country: Country, day: u16, rate: &Rate) {
        self.learn(country, day, rate);
        if let Some(habit) = self.habits.iter_mut().find(|habit| habit.country == country) {
            self.n_aged += u32::from(habit.age_all());
            habit.n_days_aged = habit.n_days_aged.max(DAYS_ESTABLISHED);
        }
    }

    /// Moves on to `day`: what lies four days back becomes habit.
    pub fn roll(&mut self, day: u16) {
        let passed = day.wrapping_sub(self.today);
        if passed == 0 || passed > 0x8000 {
            return;
        }
        for step in 1..=passed.min(4) {
            let slot = usize::from(self.today.wrapping_add(step) % 4);
            for habit in &mut self.habits {
                self.n_aged += u32::from(habit.age(slot));
            }
        }
        self.today = day;
        if self.n_aged > 4_000 {
            self.n_aged = 0;
            for habit in &mut self.habits {
                habit.n_aged = habit.n_aged.div_ceil(2);
                self.n_aged += u32::from(habit.n_aged);
            }
        }
    }

    /// Forgets the recent calls that `suspect` names: they were a stranger's.
    pub fn forget_recent(&mut self, suspect: impl Fn(Country) -> bool) {
        for habit in &mut self.habits {
            if suspect(habit.country) {
                habit.recent = [0; 4];
                habit.price_recent = 0;
            }
        }
        self.habits.retain(|habit| habit.n_aged > 0 || habit.n_recent() > 0);
    }

    fn insert(&mut self, country: Country) -> &mut CountryHabit {
        if self.habits.len() >= crate::limits::COUNTRIES_PER_ACCOUNT_MAX {
            let today = self.today;
            let oldest = (0..self.habits.len())
                .max_by_key(|at| (today.wrapping_sub(self.habits[*at].last_day), *at))
                .expect("the table is full, so it is not empty");
            let gone = self.habits.swap_remove(oldest);
            self.n_aged = self.n_aged.saturating_sub(u32::from(gone.n_aged));
        }
        if self.habits.len() == self.habits.capacity() {
            // Most accounts call one country or two, not the four that a push makes room for.
            self.habits.reserve_exact(self.habits.len().max(1));
        }
        self.habits.push(CountryHabit {
            country,
            n_aged: 0,
            n_days_aged: 0,
            recent: [0; 4],
            price_aged: 0,
            price_recent: 0,
            last_day: self.today,
        });
        self.habits.last_mut().expect("just pushed")
    }
}

impl CountryHabit {
    /// Whether the country is the account's own.
    pub fn is_established(&self) -> bool {
        self.n_days_aged >= DAYS_ESTABLISHED
    }

    /// Calls that have not aged yet.
    pub fn n_recent(&self) -> u32 {
        self.recent.iter().map(|n| u32::from(*n)).sum()
    }

    fn age(&mut self, slot: usize) -> u16 {
        let n = std::mem::take(&mut self.recent[slot]).min(AGED_PER_DAY_MAX);
        if n > 0 {
            self.n_aged = self.n_aged.saturating_add(n);
            self.n_days_aged = self.n_days_aged.saturating_add(1);
            self.price_aged = self.price_aged.max(self.price_recent);
        }
        n
    }

    fn age_all(&mut self) -> u16 {
        (0..4).map(|slot| self.age(slot)).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_becomes_habit_after_four_days_and_not_before() {
        let sl = Country::from_iso(b"SL").expect("two letters");
        let mut countries = Countries::default();
        countries.roll(100);
        countries.learn(sl, 100, &Rate::FREE);
        countries.roll(103);
        assert_eq!(countries.get(sl).map(|habit| habit.n_aged), Some(0));
        countries.roll(104);
        assert_eq!(countries.get(sl).map(|habit| habit.n_aged), Some(1));
    }

    #[test]
    fn a_flood_teaches_no_more_than_a_busy_day() {
        let sl = Country::from_iso(b"SL").expect("two letters");
        let mut countries = Countries::default();
        countries.roll(1);
        (0..5_000).for_each(|_| countries.learn(sl, 1, &Rate::FREE));
        countries.roll(9);
        assert_eq!(countries.n_aged, u32::from(AGED_PER_DAY_MAX));
    }
}
