//! What makes many customers call abroad at once: the holidays at home of those who live in
//! Japan, and a disaster abroad.

use crate::archetype::Archetype::{self, *};
use crate::calendar::{DAY, Day, HOUR, Millis};
use crate::rng::Rng;

const LUNAR: [&str; 8] = ["CN", "TW", "KR", "HK", "VN", "SG", "MY", "ID"];
const MUSLIM: [&str; 8] = ["ID", "MY", "BD", "EG", "TR", "AE", "MA", "SN"];
const STRICKEN: [&str; 16] = [
    "TH", "NP", "PH", "ID", "TW", "TR", "IT", "NZ", "CL", "MX", "HT", "MA", "LB", "US", "FR", "MM",
];
/// About one such day in this many.
const DAYS_BETWEEN_DISASTERS: i64 = 100;

/// How many times as many calls go to a country on a day.
pub(crate) fn factor(archetype: Archetype, iso: &str, day: Day) -> f64 {
    let at_home = (day.is_lunar_new_year() && LUNAR.contains(&iso))
        || (day.is_eid() && MUSLIM.contains(&iso))
        || (day.is_new_year() && !LUNAR[..4].contains(&iso));
    match archetype {
        ForeignStaff if at_home => 8.0,
        Embassy | Ngo | LanguageSchool | Hotel if at_home => 3.0,
        _ if at_home => 1.3,
        // Offices in China, Taiwan, Korea and Vietnam are shut then, and so are partners'.
        TradingSmall | TradingLarge | Factory if day.is_lunar_new_year() => 1.0,
        _ => 1.0,
    }
}

/// A day on which many call one country.
#[derive(Clone, Debug)]
pub struct Disaster {
    /// Where.
    pub iso: &'static str,
    /// When it is known in Tokyo.
    pub at: Millis,
    /// Share of ordinary customers who have somebody there.
    pub share: f64,
}

impl Disaster {
    /// Those of a stretch of time.
    pub(crate) fn draw(seed: u64, first: Day, days: i64) -> Vec<Disaster> {
        let mut rng = Rng::named(seed, &[0xd15a]);
        let n = (days / DAYS_BETWEEN_DISASTERS).max(i64::from(days >= 14));
        let one = |_| Disaster {
            iso: STRICKEN[rng.below(STRICKEN.len() as u64) as usize],
            at: Day(first.0 + rng.between(days / 5, days - 2)).starts() + rng.between(0, 23) * HOUR,
            share: rng.spread(0.003, 0.03),
        };
        (0..n).map(one).collect()
    }

    /// Hours of calls to it: from the news until a day and a half later.
    pub(crate) fn is_in_the_news(&self, day: Day) -> bool {
        let starts = day.starts();
        starts + DAY > self.at && starts < self.at + DAY + DAY / 2
    }

    /// How likely this sort of customer is to have somebody there.
    pub(crate) fn chance(&self, archetype: Archetype) -> f64 {
        let times = match archetype {
            OfficeNever => 0.25,
            ForeignStaff | Ngo | Embassy | LanguageSchool => 6.0,
            Hotel | TradingLarge | CallCentre => 3.0,
            TradingSmall | Factory => 2.0,
            _ => 1.0,
        };
        (self.share * times).min(0.5)
    }
}
