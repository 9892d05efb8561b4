//! How a fact is written in a language: countries by name, masked numbers, lengths of time,
//! dates; and engine sentences with their gaps filled.

use super::{Currency, Lang};
use crate::report::tally::{LocalTime, Names};
use sekimori_atlas::country::{Country, Language};
use sekimori_atlas::e164::E164;
use sekimori_atlas::money::Money;
use sekimori_atlas::rfc3339::{Rfc3339, civil_from_days};
use sekimori_engine::event::ForwardedBy;
use sekimori_engine::finding::{Fact, Why};
use std::fmt::Write as _;

/// A longer name of an outsider's choosing is cut.
const NAME_CHARS_MAX: usize = 64;

/// A language, a currency, and whether numbers may be seen whole.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Speech {
    /// The reader's language.
    pub lang: Lang,
    /// The currency of every amount.
    pub currency: Currency,
    /// Whether called numbers are masked.
    pub numbers: Visibility,
}

/// Whether the reader may see whole numbers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Visibility {
    /// The last four digits are hidden.
    #[default]
    Masked,
    /// They are not.
    Whole,
}

impl Speech {
    /// The sentence of `why` with its gaps filled. Cheap: the verdicts of a large replay are
    /// written by it. A gap without a fact is left as it stands.
    pub fn say<N: Names + ?Sized>(&self, why: &Why, names: &N) -> String {
        let sentence = match self.lang {
            Lang::En => why.sentence.en,
            Lang::Ja => why.sentence.ja,
        };
        self.fill(sentence, &why.facts, names)
    }

    /// A sentence in the reader's language with its gaps filled.
    pub fn fill<N: Names + ?Sized>(&self, sentence: &str, facts: &[Fact], names: &N) -> String {
        let mut said = String::with_capacity(96);
        let mut rest = sentence;
        while let Some(open) = rest.find('{') {
            said.push_str(&rest[..open]);
            let gap = &rest[open..];
            let fact = gap
                .as_bytes()
                .get(1)
                .and_then(|digit| facts.get(usize::from(digit.checked_sub(b'0')?)));
            match fact {
                Some(fact) if gap.as_bytes().get(2) == Some(&b'}') => {
                    self.write(&mut said, fact, names);
                    rest = &gap[3..];
                }
                _ => {
                    said.push('{');
                    rest = &gap[1..];
                }
            }
        }
        said.push_str(rest);
        said
    }

    fn write<N: Names + ?Sized>(&self, out: &mut String, fact: &Fact, names: &N) {
        match *fact {
            Fact::Country(country) => out.push_str(&self.country(country)),
            Fact::Range(prefix) => write!(out, "{prefix}").expect("a String takes all"),
            Fact::Number(number) => out.push_str(&self.number(number)),
            Fact::Count(n) => out.push_str(&grouped(u64::from(n))),
            Fact::Seconds(n) => out.push_str(&self.seconds(u64::from(n))),
            Fact::Hour(hour) => out.push_str(&self.hour(hour)),
            Fact::Money(amount) => out.push_str(&self.money(amount)),
            Fact::Times(tenths) => out.push_str(&times(tenths)),
            Fact::Forwarded(by) => out.push_str(self.forwarded(by)),
            Fact::Name(token) => match (names.name(token), self.lang) {
                (Some(text), _) => out.push_str(&clean(text)),
                (None, Lang::En) => out.push_str("(name not recorded)"),
                (None, Lang::Ja) => out.push_str("（記録なし）"),
            },
        }
    }

    /// An amount of money.
    pub fn money(&self, amount: Money) -> String {
        self.currency.written(amount, self.lang)
    }

    /// A country by name.
    pub fn country(&self, country: Country) -> String {
        let language = match self.lang {
            Lang::En => Language::English,
            Lang::Ja => Language::Japanese,
        };
        country.name(language).to_owned()
    }

    /// A called number, masked unless the reader may see it.
    pub fn number(&self, number: E164) -> String {
        match self.numbers {
            Visibility::Masked => number.to_string(),
            Visibility::Whole => format!("+{}", number.unmasked()),
        }
    }

    /// A length of time in its two largest units: `32 s`, `1 h 5 min`, 「32秒」.
    pub fn seconds(&self, seconds: u64) -> String {
        let (days, hours) = (seconds / 86_400, seconds / 3_600 % 24);
        let (minutes, rest) = (seconds / 60 % 60, seconds % 60);
        let units = match self.lang {
            Lang::En => [" d", " h", " min", " s"],
            Lang::Ja => ["日", "時間", "分", "秒"],
        };
        let parts = [days, hours, minutes, rest];
        let first = parts.iter().position(|n| *n > 0).unwrap_or(3);
        let mut written = format!("{}{}", grouped(parts[first]), units[first]);
        if let Some(next) = parts.get(first + 1).filter(|n| **n > 0) {
            let space = if self.lang == Lang::En { " " } else { "" };
            write!(written, "{space}{next}{}", units[first + 1]).expect("a String takes all");
        }
        written
    }

    /// An hour of the day.
    pub fn hour(&self, hour: u8) -> String {
        format!("{hour}:00")
    }

    /// A day: `Fri 13 Mar 2015`, 「2015年3月13日（金）」. `day` counts from 1970-01-01.
    pub fn day(&self, day: i32) -> String {
        let (year, month, date) = civil_from_days(i64::from(day));
        let weekday = self.weekday((i64::from(day) + 3).rem_euclid(7) as usize);
        match self.lang {
            Lang::En => format!("{weekday} {date} {} {year}", MONTHS[month as usize - 1]),
            Lang::Ja => format!("{year}年{month}月{date}日（{weekday}）"),
        }
    }

    /// A day as short as an axis needs it: `13 Mar`, 「3/13」.
    pub fn day_short(&self, day: i32) -> String {
        let (_, month, date) = civil_from_days(i64::from(day));
        match self.lang {
            Lang::En => format!("{date} {}", MONTHS[month as usize - 1]),
            Lang::Ja => format!("{month}/{date}"),
        }
    }

    /// The clock: `23:10`.
    pub fn clock(&self, at: Rfc3339) -> String {
        let text = at.to_string();
        text[11..16].to_owned()
    }

    /// Day and clock.
    pub fn moment(&self, at: Rfc3339) -> String {
        format!("{} {}", self.day(LocalTime::of(at).day), self.clock(at))
    }

    /// Day in full for a sentence: `Friday 13 March 2015`, 「2015年3月13日（金）」.
    pub fn day_long(&self, at: Rfc3339) -> String {
        let day = i64::from(LocalTime::of(at).day);
        let (year, month, date) = civil_from_days(day);
        let weekday = (day + 3).rem_euclid(7) as usize;
        match self.lang {
            Lang::En => {
                format!(
                    "{} {date} {} {year}",
                    WEEKDAYS_LONG[weekday],
                    MONTHS_LONG[month as usize - 1]
                )
            }
            Lang::Ja => self.day(day as i32),
        }
    }

    /// The clock as a sentence has it: `23:10`, 「23時10分」.
    pub fn clock_spoken(&self, at: Rfc3339) -> String {
        let clock = self.clock(at);
        match self.lang {
            Lang::En => clock,
            Lang::Ja => {
                let (hour, minute) = (clock[..2].trim_start_matches('0'), &clock[3..]);
                let hour = if hour.is_empty() { "0" } else { hour };
                format!("{hour}時{minute}分")
            }
        }
    }

    /// Day and clock in the least room: `13 Mar 2015 23:10`, `2015/3/13 23:10`.
    pub fn moment_short(&self, at: Rfc3339) -> String {
        let (year, month, date) = civil_from_days(i64::from(LocalTime::of(at).day));
        let clock = self.clock(at);
        match self.lang {
            Lang::En => format!("{date} {} {year} {clock}", MONTHS[month as usize - 1]),
            Lang::Ja => format!("{year}/{month}/{date} {clock}"),
        }
    }

    /// How long the run took: tenths below ten seconds.
    pub fn elapsed(&self, milliseconds: u64) -> String {
        let unit = if self.lang == Lang::En { " s" } else { "秒" };
        match milliseconds {
            0..10_000 => format!("{}.{}{unit}", milliseconds / 1_000, milliseconds / 100 % 10),
            _ => self.seconds(milliseconds / 1_000),
        }
    }

    /// Clock with seconds, for rows of one day.
    pub fn clock_seconds(&self, at: Rfc3339) -> String {
        at.to_string()[11..19].to_owned()
    }

    /// A weekday's short name; 0 is Monday.
    pub fn weekday(&self, weekday: usize) -> &'static str {
        match self.lang {
            Lang::En => ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"][weekday],
            Lang::Ja => ["月", "火", "水", "木", "金", "土", "日"][weekday],
        }
    }

    /// What stands between two sentences of a paragraph.
    pub const fn between_sentences(&self) -> &'static str {
        match self.lang {
            Lang::En => " ",
            Lang::Ja => "",
        }
    }

    fn forwarded(&self, by: ForwardedBy) -> &'static str {
        let (en, ja) = match by {
            ForwardedBy::Forward => ("call forwarding", "転送設定"),
            ForwardedBy::Redirect => ("a redirect from the phone", "電話機の転送応答"),
            ForwardedBy::Transfer => ("a transfer", "通話の転送"),
            ForwardedBy::Disa => ("dial-through (DISA)", "外線からの発信機能（DISA）"),
            ForwardedBy::Maintenance => ("the remote-maintenance door", "遠隔保守用の回線"),
            ForwardedBy::Other => ("another service", "その他の機能"),
        };
        match self.lang {
            Lang::En => en,
            Lang::Ja => ja,
        }
    }
}

const WEEKDAYS_LONG: [&str; 7] =
    ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];

const MONTHS_LONG: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

const MONTHS: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// A whole sentence of ours with an outsider's words in it: cleaned, not cut.
pub fn clean_line(text: &str) -> String {
    let parts: Vec<String> = text.split(' ').map(clean).collect();
    parts.join(" ")
}

/// A whole number with its thousands set apart.
pub fn grouped(n: u64) -> String {
    let digits = n.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// Tenths as people write them: `12`, `2.5`.
fn times(tenths: u32) -> String {
    match tenths % 10 {
        0 => grouped(u64::from(tenths / 10)),
        rest => format!("{}.{rest}", grouped(u64::from(tenths / 10))),
    }
}

/// An outsider's name made harmless to a terminal and a line of text: control characters and
/// those that turn the direction of writing become `�`, and what is long is cut.
pub fn clean(name: &str) -> String {
    let is_harmful = |c: char| {
        c.is_control()
            || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
    };
    let mut out: String = name
        .chars()
        .take(NAME_CHARS_MAX)
        .map(|c| if is_harmful(c) { '\u{fffd}' } else { c })
        .collect();
    if name.chars().nth(NAME_CHARS_MAX).is_some() {
        out.push('…');
    }
    out
}
