//! The words of a casebook's cells, read into the engine's values.

use sekimori_atlas::calendar::{DayKind, Moment};
use sekimori_atlas::country::Country;
use sekimori_atlas::destination::{DialledAs, Validity};
use sekimori_atlas::e164::E164;
use sekimori_atlas::intel::{Listing, ListingKind};
use sekimori_atlas::money::parse_decimal;
use sekimori_atlas::time::{Span, Timestamp};
use sekimori_engine::detectors::rehearsal::Outcome;
use sekimori_engine::event::ForwardedBy;

/// What was read, or what is wrong with it.
pub type Told<T> = Result<T, String>;

/// Monday 9 March 2015, midnight in Tokyo: the week of both recorded cases.
pub const MONDAY: Timestamp = Timestamp::from_seconds(1_425_826_800);

/// Calling codes that the pages use.
const COUNTRIES: &[(&str, &str)] = &[
    ("1", "US"),
    ("1876", "JM"),
    ("7", "RU"),
    ("220", "GM"),
    ("224", "GN"),
    ("232", "SL"),
    ("252", "SO"),
    ("371", "LV"),
    ("44", "GB"),
    ("49", "DE"),
    ("53", "CU"),
    ("82", "KR"),
    ("86", "CN"),
    ("972", "IL"),
    ("977", "NP"),
];

/// The country of a number on a page.
pub fn country(number: E164) -> Told<Country> {
    let digits = number.unmasked();
    let found = COUNTRIES.iter().filter(|(code, _)| digits.as_str().starts_with(code));
    let (_, iso) = found.max_by_key(|(code, _)| code.len()).ok_or("a country not in the list")?;
    Country::from_iso(iso.as_bytes()).ok_or_else(|| "no country".to_owned())
}

/// `+1 212 555 0123`.
pub fn number(text: &str) -> Told<E164> {
    let digits: String = text.chars().filter(|c| !"+ ".contains(*c)).collect();
    E164::parse(digits.as_bytes()).ok_or_else(|| format!("`{text}` is no number"))
}

/// A decimal in the currency's unit, as millionths.
pub fn price(text: &str) -> Told<i64> {
    parse_decimal(text.trim_start_matches('¥').as_bytes(), 6).ok_or(format!("`{text}`: no price"))
}

/// `40 days`, with the unit that is expected.
pub fn count<N: std::str::FromStr>(text: &str, unit: &str) -> Told<N> {
    let number = text.strip_suffix(unit).map(str::trim).ok_or(format!("a count of {unit}"))?;
    number.parse().map_err(|_| format!("`{text}`: no count"))
}

/// `32 s`, `10 min`, `2 h`.
pub fn span(text: &str) -> Told<Span> {
    let (n, unit) = text.split_once(' ').ok_or(format!("`{text}`: no length of time"))?;
    let n = n.parse().map_err(|_| format!("`{text}`: no length of time"))?;
    match unit {
        "s" => Ok(Span::seconds(n)),
        "min" => Ok(Span::minutes(n)),
        "h" => Ok(Span::hours(n)),
        _ => Err(format!("`{text}`: s, min or h")),
    }
}

/// `Fri 23:10` or `Fri 23:10:04`: the first such moment that is not before `after`.
pub fn when(text: &str, after: Timestamp) -> Told<Timestamp> {
    let (day, clock) = text.split_once(' ').ok_or(format!("`{text}`: `Fri 23:10`"))?;
    let days = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
    let day = days.iter().position(|name| *name == day).ok_or(format!("`{text}`: no day"))?;
    let mut seconds = 0;
    for (part, worth) in clock.split(':').zip([3_600, 60, 1]) {
        seconds += part.parse::<i64>().map_err(|_| format!("`{text}`: no time"))? * worth;
    }
    let mut at = MONDAY + Span::hours(24 * day as i64) + Span::seconds(seconds);
    while at < after {
        at = at + Span::hours(24 * 7);
    }
    Ok(at)
}

/// The hour on a wall in Tokyo; people react from 9 to 18 on working days.
pub fn moment(at: Timestamp) -> Moment {
    let hours = at.since(MONDAY).whole_seconds().div_euclid(3_600);
    let minute = at.since(MONDAY).whole_seconds().div_euclid(60).rem_euclid(60);
    let is_open = |hours: i64| {
        hours.div_euclid(24).rem_euclid(7) < 5 && (9..18).contains(&hours.rem_euclid(24))
    };
    let day =
        if hours.div_euclid(24).rem_euclid(7) < 5 { DayKind::Workday } else { DayKind::DayOff };
    let wait = (0..24 * 7).find(|ahead| is_open(hours + ahead)).expect("a week has open hours");
    let minutes = if wait == 0 { 0 } else { wait * 60 - minute };
    Moment { hour: hours.rem_euclid(24) as u8, day, minutes_until_reaction: minutes as u32 }
}

/// `32 s` (answered for so long), `talks on`, `busy`, `no answer`, `failed`, `stopped`.
pub fn outcome(text: &str) -> Told<Outcome> {
    let answered = |talk| Outcome::Answered { ring: Span::seconds(3), talk };
    match text {
        "talks on" => Ok(answered(None)),
        "busy" | "failed" => Ok(Outcome::Failed { ring: Span::seconds(2) }),
        "no answer" => Ok(Outcome::Failed { ring: Span::seconds(30) }),
        "stopped" => Ok(Outcome::Stopped),
        talk => span(talk).map(|talk| answered(Some(talk))),
    }
}

/// How it was dialled, by an example of the digits in front: `010`, `9 010`, `+`, `0033 010`,
/// `011`, `9011`.
pub fn dialled(text: &str) -> Told<DialledAs> {
    match text {
        "010" => Ok(DialledAs::Plain),
        "9 010" => Ok(DialledAs::OutsideLine),
        "+" => Ok(DialledAs::Plus),
        "0033 010" => Ok(DialledAs::CarrierCode),
        "00" | "011" | "810" => Ok(DialledAs::ForeignPrefix),
        "9011" | "900" | "000" | "+0" => Ok(DialledAs::Probe),
        _ => Err(format!("`{text}`: not among the ways of dialling")),
    }
}

/// What the plan says of a number.
pub fn validity(text: &str) -> Told<Validity> {
    match text {
        "valid" => Ok(Validity::Valid),
        "unassigned" => Ok(Validity::Unassigned),
        "too long" => Ok(Validity::TooLong),
        "too short" => Ok(Validity::TooShort),
        _ => Err(format!("`{text}`: not among the validities")),
    }
}

/// `abused +232`, `range +2322228`, `test number +23222280001`, with `at half weight` behind.
pub fn listing(text: &str) -> Told<Listing> {
    let (text, weight) = match text.strip_suffix(" at half weight") {
        Some(text) => (text, 500),
        None => (text, 1_000),
    };
    let (kind, digits) = text.split_once(" +").ok_or(format!("`{text}`: KIND +DIGITS"))?;
    let kind = match kind {
        "abused" => ListingKind::Abused,
        "range" => ListingKind::Range,
        "test number" => ListingKind::TestNumber,
        _ => return Err(format!("`{text}`: not among the lists")),
    };
    Ok(Listing { kind, n_digits: digits.len() as u8, weight, source: 0 })
}

/// The manner of forwarding.
pub fn forwarded_by(text: &str) -> Told<ForwardedBy> {
    match text {
        "forward" => Ok(ForwardedBy::Forward),
        "redirect" => Ok(ForwardedBy::Redirect),
        "transfer" => Ok(ForwardedBy::Transfer),
        "disa" => Ok(ForwardedBy::Disa),
        "maintenance" => Ok(ForwardedBy::Maintenance),
        "other" => Ok(ForwardedBy::Other),
        _ => Err(format!("`{text}`: not among the ways of forwarding")),
    }
}

/// What a row expects of the bits, in thousandths.
#[derive(Debug, PartialEq, Eq)]
pub enum Expected {
    /// The detector has nothing to say.
    Nothing,
    /// From, to.
    Between(i32, i32),
}

/// `none`, `≥ 3`, `≤ 0`, `3 to 5.5`, `-6 to -3`.
pub fn expected(text: &str) -> Told<Expected> {
    let wrong = || format!("`{text}`: `none`, `≥ 3`, `≤ 0` or `3 to 5`");
    let millibits = |text: &str| {
        let text = text.trim();
        let (sign, digits) = match text.strip_prefix(['-', '−']) {
            Some(digits) => (-1, digits),
            None => (1, text),
        };
        let value = parse_decimal(digits.as_bytes(), 3).ok_or_else(wrong)?;
        Ok::<i32, String>(sign * value as i32)
    };
    if text == "none" {
        return Ok(Expected::Nothing);
    }
    if let Some(least) = text.strip_prefix('≥') {
        return Ok(Expected::Between(millibits(least)?, i32::MAX));
    }
    if let Some(most) = text.strip_prefix('≤') {
        return Ok(Expected::Between(i32::MIN, millibits(most)?));
    }
    let (least, most) = text.split_once(" to ").ok_or_else(wrong)?;
    Ok(Expected::Between(millibits(least)?, millibits(most)?))
}
