//! A time zone's offsets as sorted arrays, taken once from jiff's bundled database.

use jiff::tz::TimeZoneDatabase;

/// Last second that a [`crate::time::Timestamp`] reaches, in 2262.
const LAST_SECOND: i64 = i64::MAX / 1_000_000_000;
/// A stretch is 2²² seconds, 48 and a half days; these reach from 1970 to 2106.
const STRETCH_BITS: u32 = 22;
const N_STRETCHES: i64 = 1_024;

/// Offsets from UTC over time.
pub(super) struct Zone {
    /// Seconds since the epoch at which each offset begins, the first from the beginning of
    /// time; and the end of time at the end.
    since: Vec<i64>,
    /// Seconds east of UTC.
    offsets: Vec<i32>,
    /// By stretch: which offset it begins with.
    first_of_stretch: Vec<u16>,
}

/// An offset and how long it lasts.
#[derive(Clone, Copy)]
pub(super) struct Offset {
    /// Seconds east of UTC.
    pub seconds: i32,
    /// The second at which another begins.
    pub until: i64,
}

impl Zone {
    /// `None` where the database has no zone of that name.
    pub fn named(name: &str) -> Option<Zone> {
        let zone = TimeZoneDatabase::bundled().get(name).ok()?;
        let before = zone.to_offset(jiff::Timestamp::MIN).seconds();
        let (mut since, mut offsets) = (vec![i64::MIN], vec![before]);
        for change in zone.following(jiff::Timestamp::MIN) {
            let at = change.timestamp().as_second();
            if at > LAST_SECOND {
                break;
            }
            // Changes of the abbreviation alone do not matter.
            if offsets.last() != Some(&change.offset().seconds()) {
                since.push(at);
                offsets.push(change.offset().seconds());
            }
        }
        let first_of = |stretch| since.partition_point(|at| *at <= stretch << STRETCH_BITS) - 1;
        let first_of_stretch = (0..N_STRETCHES).map(|stretch| first_of(stretch) as u16).collect();
        since.push(i64::MAX);
        Some(Zone { since, offsets, first_of_stretch })
    }

    /// The offset at this second since the epoch.
    pub fn offset(&self, utc: i64) -> Offset {
        let stretch = utc >> STRETCH_BITS;
        let place = if (0..N_STRETCHES).contains(&stretch) {
            let first = usize::from(self.first_of_stretch[stretch as usize]);
            first + self.since[first + 1..].iter().take_while(|since| **since <= utc).count()
        } else {
            self.since[..self.offsets.len()].partition_point(|since| *since <= utc) - 1
        };
        Offset { seconds: self.offsets[place], until: self.since[place + 1] }
    }

    /// When a local clock shows these seconds since its own epoch. Of two times the first;
    /// where the clock jumps over it, as much later as it jumps.
    pub fn utc_of(&self, local: i64) -> i64 {
        // No offset is over a day, so this is the one before a change nearby.
        let before = local - i64::from(self.offset(local - 86_400).seconds);
        let after = local - i64::from(self.offset(before).seconds);
        let settles = i64::from(self.offset(after).seconds) == local - after;
        if settles { after } else { before }
    }
}
