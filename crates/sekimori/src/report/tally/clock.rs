//! Money by local day and hour, and calls by hour and weekday.

use super::HOURS_MAX;
use sekimori_atlas::money::Money;
use sekimori_atlas::rfc3339::Rfc3339;
use std::collections::BTreeMap;
use std::ops::AddAssign;

/// What the clock on the wall shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct LocalTime {
    /// Days since 1970-01-01 on that clock.
    pub day: i32,
    /// 0 to 23.
    pub hour: u8,
}

/// Money as it was, and as it would have been.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sums {
    /// Without Sekimori.
    pub without: Money,
    /// With it.
    pub with: Money,
}

/// Money by day and hour; calls abroad by weekday and hour.
#[derive(Clone, Debug, Default)]
pub struct Times {
    // The day that calls are being added to, outside the map: calls come in order.
    today: Option<(i32, Sums)>,
    days: BTreeMap<i32, Sums>,
    hours: Hours,
    heat: Heat,
}

/// Money by hour since 1970 on the wall clock, dropped as a whole past [`HOURS_MAX`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Hours {
    now: Option<(i64, Sums)>,
    kept: BTreeMap<i64, Sums>,
    overflowed: bool,
}

/// Calls abroad by weekday (0 is Monday) and hour.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Heat {
    allowed: [[u64; 24]; 7],
    stopped: [[u64; 24]; 7],
}

impl LocalTime {
    /// In the offset that `at` is written in.
    pub fn of(at: Rfc3339) -> LocalTime {
        let seconds = at.at.seconds() + i64::from(at.offset_minutes) * 60;
        let hours = seconds.div_euclid(3_600);
        LocalTime { day: hours.div_euclid(24) as i32, hour: hours.rem_euclid(24) as u8 }
    }

    /// 0 for Monday to 6 for Sunday.
    pub fn weekday(self) -> usize {
        // 1970-01-01 was a Thursday.
        (self.day + 3).rem_euclid(7) as usize
    }

    /// Hours since 1970 on that clock.
    pub fn hour_count(self) -> i64 {
        i64::from(self.day) * 24 + i64::from(self.hour)
    }
}

impl AddAssign for Sums {
    fn add_assign(&mut self, other: Sums) {
        self.without += other.without;
        self.with += other.with;
    }
}

impl Times {
    /// Every day with money or a call, in order. Days between may be missing.
    pub fn days(&self) -> BTreeMap<i32, Sums> {
        let mut days = self.days.clone();
        if let Some((day, sums)) = self.today {
            *days.entry(day).or_default() += sums;
        }
        days
    }

    /// Every hour with money or a call; `None` where there were too many to keep.
    pub fn hours(&self) -> Option<BTreeMap<i64, Sums>> {
        self.hours.all()
    }

    /// Calls abroad that went out and that were stopped, on a weekday (0 is Monday) and hour.
    pub fn calls_at(&self, weekday: usize, hour: usize) -> (u64, u64) {
        (self.heat.allowed[weekday][hour], self.heat.stopped[weekday][hour])
    }

    pub(super) fn add_money(&mut self, local: LocalTime, money: Sums) {
        match &mut self.today {
            Some((day, sums)) if *day == local.day => *sums += money,
            today => {
                if let Some((day, sums)) = today.replace((local.day, money)) {
                    *self.days.entry(day).or_default() += sums;
                }
            }
        }
        self.hours.add(local.hour_count(), money);
    }

    pub(super) fn add_call(&mut self, local: LocalTime, stopped: bool) {
        let table = if stopped { &mut self.heat.stopped } else { &mut self.heat.allowed };
        table[local.weekday()][usize::from(local.hour)] += 1;
    }

    pub(super) fn merge(&mut self, other: Times) {
        for (day, sums) in other.days() {
            *self.days.entry(day).or_default() += sums;
        }
        self.hours.merge(&other.hours);
        for weekday in 0..7 {
            for hour in 0..24 {
                self.heat.allowed[weekday][hour] += other.heat.allowed[weekday][hour];
                self.heat.stopped[weekday][hour] += other.heat.stopped[weekday][hour];
            }
        }
    }
}

impl Hours {
    /// Adds to one hour.
    pub fn add(&mut self, hour: i64, money: Sums) {
        match &mut self.now {
            Some((now, sums)) if *now == hour => *sums += money,
            now => {
                if let Some((before, sums)) = now.replace((hour, money)) {
                    self.keep(before, sums);
                }
            }
        }
    }

    /// Every hour in order, or `None` where there were too many.
    pub fn all(&self) -> Option<BTreeMap<i64, Sums>> {
        if self.overflowed {
            return None;
        }
        let mut all = self.kept.clone();
        if let Some((hour, sums)) = self.now {
            *all.entry(hour).or_default() += sums;
        }
        (all.len() <= HOURS_MAX).then_some(all)
    }

    /// Takes over another shard's hours.
    pub fn merge(&mut self, other: &Hours) {
        match other.all() {
            Some(all) => all.into_iter().for_each(|(hour, sums)| self.keep(hour, sums)),
            None => self.overflow(),
        }
    }

    fn keep(&mut self, hour: i64, sums: Sums) {
        if self.overflowed {
            return;
        }
        *self.kept.entry(hour).or_default() += sums;
        if self.kept.len() > HOURS_MAX {
            self.overflow();
        }
    }

    fn overflow(&mut self) {
        self.overflowed = true;
        self.kept.clear();
    }
}
