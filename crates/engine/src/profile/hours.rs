//! At which hours an account's phones are in use: 24 learned hours for working days and 24
//! for days off. Never a fixed "office hours" switch.
//!
//! Counts days on which an hour saw a call, not calls: a night full of calls teaches no more
//! than one night.

use arrayvec::ArrayVec;
use sekimori_atlas::calendar::{DayKind, Moment};
use sekimori_atlas::time::Timestamp;
use serde::{Deserialize, Serialize};

/// Days per hour of the day, separately for working days and days off; halved when old.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(from = "Sparse", into = "Sparse")]
pub struct Hours {
    active: [[u8; 24]; 2],
    n_days: [u8; 2],
    today: u16,
    seen_today: u32,
}

/// [`Hours`] as they are saved: most accounts are quiet at most hours.
#[derive(Serialize, Deserialize)]
struct Sparse {
    /// A bit for each of the 48 hours that has a count.
    is_counted: u64,
    counts: ArrayVec<u8, 48>,
    n_days: [u8; 2],
    today: u16,
    seen_today: u32,
}

impl From<Hours> for Sparse {
    fn from(hours: Hours) -> Sparse {
        let mut sparse = Sparse {
            is_counted: 0,
            counts: ArrayVec::new(),
            n_days: hours.n_days,
            today: hours.today,
            seen_today: hours.seen_today,
        };
        for (place, count) in hours.active.as_flattened().iter().enumerate() {
            if *count > 0 {
                sparse.is_counted |= 1 << place;
                sparse.counts.push(*count);
            }
        }
        sparse
    }
}

impl From<Sparse> for Hours {
    fn from(sparse: Sparse) -> Hours {
        let mut hours = Hours {
            n_days: sparse.n_days,
            today: sparse.today,
            seen_today: sparse.seen_today,
            ..Hours::default()
        };
        let places = (0..48_u32).filter(|place| sparse.is_counted >> place & 1 == 1);
        for (place, count) in places.zip(sparse.counts) {
            hours.active.as_flattened_mut()[place as usize] = count;
        }
        hours
    }
}

/// Parts per thousand of days on which the cohort's lines are in use in an hour, until the
/// account's own are known: an office with some late work. An assumption, not a count.
const COHORT_WORKDAY: [u16; 24] = [
    15, 10, 10, 10, 10, 15, 40, 120, 500, 800, 850, 850, 700, 850, 850, 850, 800, 700, 450, 250,
    150, 90, 50, 25,
];
const COHORT_DAY_OFF: [u16; 24] = [
    10, 6, 6, 6, 6, 8, 15, 30, 60, 90, 100, 100, 100, 100, 100, 100, 90, 80, 60, 45, 35, 25, 20, 12,
];

/// So many days of the cohort weigh as much as what the account itself shows.
const COHORT_DAYS: u32 = 4;

/// An hour's share never falls below so many parts per thousand of days.
const FLOOR: u64 = 4;

impl Hours {
    /// Reads a little of it; see [`crate::Engine::warm`].
    pub(crate) fn warm(&self) -> u32 {
        self.seen_today
    }

    /// One call (of any kind) in this hour.
    pub fn learn(&mut self, at: Timestamp, moment: Moment) {
        let today = (at.seconds().div_euclid(86_400) & 0xffff) as u16;
        let day = day_index(moment.day);
        if today != self.today || self.n_days == [0, 0] {
            self.today = today;
            self.seen_today = 0;
            if self.n_days[day] >= 120 {
                self.n_days[day] /= 2;
                self.active[day].iter_mut().for_each(|days| *days /= 2);
            }
            self.n_days[day] += 1;
        }
        let hour = usize::from(moment.hour.min(23));
        if self.seen_today >> hour & 1 == 0 {
            self.seen_today |= 1 << hour;
            self.active[day][hour] = self.active[day][hour].saturating_add(1);
        }
    }

    /// Of a week's hours in use, the share (parts per million) that falls into one such hour.
    pub fn share_ppm(&self, moment: Moment) -> u64 {
        let mut total = 0;
        for (day, days_a_week) in [(0, 5), (1, 2)] {
            for hour in 0..24 {
                total += self.activity(day, hour) * days_a_week;
            }
        }
        self.activity(day_index(moment.day), usize::from(moment.hour.min(23))) * 1_000_000 / total
    }

    /// Days on record: how much the hours can be relied on.
    pub fn n_days(&self) -> u32 {
        u32::from(self.n_days[0]) + u32::from(self.n_days[1])
    }

    /// Parts per thousand of such days on which this hour or, for half, its neighbours were
    /// in use: somebody who stays an hour longer is no stranger.
    fn activity(&self, day: usize, hour: usize) -> u64 {
        let own = u32::from(self.active[day][hour]) * 1_000;
        let beside =
            u32::from(self.active[day][(hour + 23) % 24].max(self.active[day][(hour + 1) % 24]))
                * 250;
        let cohort = if day == 0 { COHORT_WORKDAY[hour] } else { COHORT_DAY_OFF[hour] };
        let seen = own.max(beside) + u32::from(cohort) * COHORT_DAYS;
        u64::from(seen / (u32::from(self.n_days[day]) + COHORT_DAYS)).max(FLOOR)
    }
}

fn day_index(day: DayKind) -> usize {
    match day {
        DayKind::Workday => 0,
        DayKind::DayOff => 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn moment(hour: u8, day: DayKind) -> Moment {
        Moment { hour, day, minutes_until_reaction: 0 }
    }

    #[test]
    fn a_night_watch_makes_the_night_ordinary() {
        let mut office = Hours::default();
        let mut hotel = Hours::default();
        for day in 0..60_i64 {
            for hour in 0..24_u8 {
                let at = Timestamp::from_seconds(day * 86_400 + i64::from(hour) * 3_600);
                hotel.learn(at, moment(hour, DayKind::Workday));
                if (9..18).contains(&hour) {
                    office.learn(at, moment(hour, DayKind::Workday));
                }
            }
        }
        let night = moment(3, DayKind::Workday);
        assert!(office.share_ppm(night) < 300);
        assert!(hotel.share_ppm(night) > 5_000);
        assert!(office.share_ppm(moment(10, DayKind::Workday)) > 15_000);
    }

    #[test]
    fn one_busy_night_teaches_one_night() {
        let mut hours = Hours::default();
        for second in 0..3_000 {
            hours.learn(Timestamp::from_seconds(second), moment(3, DayKind::Workday));
        }
        assert_eq!(hours.active[0][3], 1);
    }
}
