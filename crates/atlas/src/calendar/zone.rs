//! A time zone's offsets as a sorted array, taken once from jiff's bundled database.

use jiff::tz::TimeZoneDatabase;

/// Last second that a [`crate::time::Timestamp`] reaches, in 2262.
const LAST_SECOND: i64 = i64::MAX / 1_000_000_000;

/// Offsets from UTC over time.
pub(super) struct Zone {
    /// Seconds since the epoch at which each offset begins; the first is the beginning of time.
    since: Vec<i64>,
    /// Seconds east of UTC.
    offsets: Vec<i32>,
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
        Some(Zone { since, offsets })
    }

    /// Seconds east of UTC at this second since the epoch.
    pub fn offset_seconds(&self, utc: i64) -> i32 {
        self.offsets[self.since.partition_point(|since| *since <= utc) - 1]
    }

    /// When a local clock shows these seconds since its own epoch. Of two times the first;
    /// where the clock jumps over it, as much later as it jumps.
    pub fn utc_of(&self, local: i64) -> i64 {
        // No offset is over a day, so that one of these is the one before a change nearby.
        let before = local - i64::from(self.offset_seconds(local - 86_400));
        let after = local - i64::from(self.offset_seconds(before));
        let settles = i64::from(self.offset_seconds(after)) == local - after;
        if settles { after } else { before }
    }
}
