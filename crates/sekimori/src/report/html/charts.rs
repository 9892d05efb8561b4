//! Where the lines and cells of the charts lie, in whole units of the drawing (ten to a
//! pixel). Only geometry: colours are the style sheet's, marks the template's.

use crate::report::story;
use crate::report::tally::{Incident, LocalTime, Sums, Tally};
use crate::report::words::{Currency, Gap, Lang, Words, grouped};
use sekimori_atlas::money::Money;
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// The drawing: width, height, and the plot inside it.
const WIDTH: i64 = 9_600;
const LEFT: i64 = 950;
const RIGHT: i64 = 7_450;
const TOP: i64 = 180;
const BOTTOM: i64 = 2_900;
/// Points of one line at most.
const POINTS_MAX: i64 = 800;
/// Rows of a chart's table at most.
const ROWS_MAX: usize = 62;
/// Dates under the axis at most.
const DATES_MAX: i64 = 8;
/// A run longer than this many hours is drawn by day.
const HOURS_DRAWN_MAX: i64 = 24 * 10;
/// Two labels at the lines' ends are at least this far apart.
const LABEL_GAP: i64 = 210;

/// Money added up over time, with and without.
pub(super) struct MoneyChart {
    /// A sentence that says what is seen, for those who do not see it.
    pub summary: String,
    pub without: String,
    pub with: String,
    pub area: String,
    pub y_ticks: Vec<Tick>,
    pub x_ticks: Vec<Tick>,
    pub ends: [Tick; 2],
    pub stop: Option<Stop>,
    pub rows: Vec<MoneyRow>,
}

/// A place along an axis and its words.
pub(super) struct Tick {
    pub at: i64,
    pub label: String,
    /// `minor` where a small screen leaves the words out.
    pub class: &'static str,
}

/// Where calls were stopped: the mark, and its words on the side where there is room.
pub(super) struct Stop {
    pub at: i64,
    pub label_at: i64,
    pub class: &'static str,
    pub label: String,
}

/// One line of the chart's table.
pub(super) struct MoneyRow {
    pub when: String,
    pub without: String,
    pub with: String,
}

/// One hour of one weekday.
pub(super) struct HeatCell {
    pub x: i64,
    pub y: i64,
    /// `q0` to `q5` by how many calls, `a` where most went out, `s` where most were stopped.
    pub class: String,
    /// Some calls were stopped, and most went out.
    pub is_mixed: bool,
    pub label: String,
    pub calls: u64,
}

/// A count of days or hours since 1970, and how to say one.
#[derive(Clone, Copy)]
enum Unit {
    Day,
    Hour,
}

impl Unit {
    fn say(self, n: i64, words: &Words) -> String {
        match self {
            Unit::Day => words.speech.day_short(n as i32),
            Unit::Hour => {
                let day = words.speech.day_short(n.div_euclid(24) as i32);
                format!("{day} {}", words.speech.hour(n.rem_euclid(24) as u8))
            }
        }
    }

    fn of(self, local: LocalTime) -> i64 {
        match self {
            Unit::Day => i64::from(local.day),
            Unit::Hour => local.hour_count(),
        }
    }
}

/// The whole run, by hour where it is short and by day where it is long; `None` where
/// nothing cost anything.
pub(super) fn whole_run(tally: &Tally, words: &Words) -> Option<MoneyChart> {
    // With several incidents one mark would say too little, and all of them too much.
    let stop = if tally.n_incidents() == 1 { story::worst(tally) } else { None };
    if let Some(hours) = tally.times.hours() {
        let span = span_of(&hours)?;
        if span.1 - span.0 < HOURS_DRAWN_MAX {
            return chart(&hours, Unit::Hour, stop, words);
        }
    }
    let days = tally.times.days().into_iter().map(|(day, sums)| (i64::from(day), sums)).collect();
    chart(&days, Unit::Day, stop, words)
}

/// One incident by hour; `None` where its hours were not kept or cost nothing.
pub(super) fn incident(incident: &Incident, words: &Words) -> Option<MoneyChart> {
    let hours = incident.detail.as_ref()?.hours.all()?;
    chart(&hours, Unit::Hour, Some(incident), words)
}

fn span_of(cells: &BTreeMap<i64, Sums>) -> Option<(i64, i64)> {
    Some((*cells.first_key_value()?.0, *cells.last_key_value()?.0))
}

fn chart(
    cells: &BTreeMap<i64, Sums>,
    unit: Unit,
    stopped: Option<&Incident>,
    words: &Words,
) -> Option<MoneyChart> {
    let (first, last) = span_of(cells)?;
    let total = cells.values().fold(Sums::default(), |mut sum, cell| {
        sum += *cell;
        sum
    });
    let top = total.without.max(total.with);
    if top <= Money::ZERO {
        return None;
    }
    let ticks = y_steps(top, words.speech.currency);
    let scale = Scale { first, n: last - first + 1, top: *ticks.last().unwrap_or(&top) };
    let (without, with) = lines(cells, scale);
    let area = format!("{without} {}", with.split(' ').rev().collect::<Vec<_>>().join(" "));
    let ends = ends(total, scale, words);
    let mark = stopped.map(|incident| {
        let local = LocalTime::of(story::stopped_at(incident));
        let at = scale.x(unit.of(local));
        let label = words.text("chart-stop");
        match at < (LEFT + RIGHT) / 2 {
            true => Stop { at, label_at: at + 70, class: "right", label },
            false => Stop { at, label_at: at - 70, class: "left", label },
        }
    });
    Some(MoneyChart {
        summary: summary(total, first, last, unit, words),
        without,
        with,
        area,
        y_ticks: ticks
            .iter()
            .map(|amount| Tick { at: scale.y(*amount), label: compact(*amount, words), class: "" })
            .collect(),
        x_ticks: x_ticks(scale, unit, words),
        ends,
        stop: mark,
        rows: rows(cells, unit, words),
    })
}

/// Places in the plot.
#[derive(Clone, Copy)]
struct Scale {
    first: i64,
    n: i64,
    top: Money,
}

impl Scale {
    /// Where a day or hour begins.
    fn x(self, n: i64) -> i64 {
        LEFT + (RIGHT - LEFT) * (n - self.first).clamp(0, self.n) / self.n
    }

    fn y(self, amount: Money) -> i64 {
        let height =
            i128::from(BOTTOM - TOP) * i128::from(amount.0) / i128::from(self.top.0.max(1));
        BOTTOM - i64::try_from(height).unwrap_or(0)
    }
}

/// Both lines as SVG points: the sums at the end of each stretch of days or hours.
fn lines(cells: &BTreeMap<i64, Sums>, scale: Scale) -> (String, String) {
    let stride = (scale.n + POINTS_MAX - 1) / POINTS_MAX;
    let start = format!("{LEFT},{BOTTOM}");
    let (mut without, mut with) = (start.clone(), start);
    let mut sum = Sums::default();
    let mut at = scale.first;
    while at < scale.first + scale.n {
        let next = at + stride;
        cells.range(at..next).for_each(|(_, cell)| sum += *cell);
        let x = scale.x(next);
        write!(without, " {x},{}", scale.y(sum.without)).expect("a String takes all");
        write!(with, " {x},{}", scale.y(sum.with)).expect("a String takes all");
        at = next;
    }
    (without, with)
}

fn ends(total: Sums, scale: Scale, words: &Words) -> [Tick; 2] {
    let upper = scale.y(total.without);
    let lower = scale.y(total.with);
    // Labels that would lie on one another are pushed apart, downwards where there is room.
    let (upper, lower) = if lower - upper >= LABEL_GAP {
        (upper, lower)
    } else if upper + LABEL_GAP <= BOTTOM {
        (upper, upper + LABEL_GAP)
    } else {
        (lower - LABEL_GAP, lower)
    };
    let label = |key: &str, amount| format!("{} {}", words.text(key), words.speech.money(amount));
    [
        Tick { at: upper, label: label("money-without", total.without), class: "" },
        Tick { at: lower, label: label("money-with", total.with), class: "" },
    ]
}

/// Round amounts from nothing to just above `top`, four to six of them.
fn y_steps(top: Money, currency: Currency) -> Vec<Money> {
    let smallest = currency.smallest().0.max(1);
    let mut step = smallest;
    let mut factors = [2_i64, 5, 10].into_iter().cycle();
    let mut base = step;
    while step.saturating_mul(5) < top.0 {
        let factor = factors.next().expect("a cycle does not end");
        step = base.saturating_mul(factor);
        if factor == 10 {
            base = step;
        }
    }
    let n = (top.0 - 1) / step + 1;
    (0..=n.max(1)).map(|place| Money(step.saturating_mul(place))).collect()
}

/// An amount of an axis: `¥2.5M`, 「250万円」.
fn compact(amount: Money, words: &Words) -> String {
    let units = amount.0 / 1_000;
    let exact = amount.0 % 1_000 == 0;
    let small = |unit: i64, sign: &str| {
        let whole = words.speech.money(Money::units(units / unit));
        let tenth = units % unit * 10 / unit;
        match tenth {
            0 => format!("{whole}{sign}"),
            _ => format!("{whole}.{tenth}{sign}"),
        }
    };
    let is_yen = words.speech.currency == Currency::JPY;
    match (words.speech.lang, is_yen) {
        (Lang::Ja, true) if exact && units >= 10_000 && units % 10_000 == 0 => {
            format!("{}万円", grouped((units / 10_000) as u64))
        }
        (Lang::En, true) if exact && units >= 1_000_000 && units % 100_000 == 0 => {
            small(1_000_000, "M")
        }
        (Lang::En, true) if exact && units >= 10_000 && units % 1_000 == 0 => small(1_000, "k"),
        _ => words.speech.money(amount),
    }
}

fn x_ticks(scale: Scale, unit: Unit, words: &Words) -> Vec<Tick> {
    let natural: &[i64] = match unit {
        Unit::Day => &[1, 2, 7, 14, 30, 60, 90, 180, 365, 730, 3_650, 36_500],
        Unit::Hour => &[1, 3, 6, 12, 24, 48, 72, 168],
    };
    let step = natural.iter().find(|step| scale.n / **step < DATES_MAX).copied();
    let step = step.unwrap_or(scale.n / DATES_MAX + 1);
    let start = match unit {
        Unit::Day => scale.first,
        Unit::Hour => scale.first + (-scale.first).rem_euclid(step),
    };
    let places = (start..scale.first + scale.n).step_by(step as usize);
    let tick = |(place, n): (usize, i64)| Tick {
        at: scale.x(n),
        label: unit.say(n, words),
        class: if place % 3 == 0 { "" } else { "minor" },
    };
    places.enumerate().map(tick).collect()
}

fn rows(cells: &BTreeMap<i64, Sums>, unit: Unit, words: &Words) -> Vec<MoneyRow> {
    let filled: Vec<(i64, Sums)> = cells
        .iter()
        .filter(|(_, sums)| **sums != Sums::default())
        .map(|(n, sums)| (*n, *sums))
        .collect();
    let per_row = filled.len().div_ceil(ROWS_MAX).max(1);
    let rows = filled.chunks(per_row).map(|chunk| {
        let mut sum = Sums::default();
        chunk.iter().for_each(|(_, sums)| sum += *sums);
        let (from, to) = (unit.say(chunk[0].0, words), unit.say(chunk[chunk.len() - 1].0, words));
        MoneyRow {
            when: if from == to { from } else { format!("{from} – {to}") },
            without: words.speech.money(sum.without),
            with: words.speech.money(sum.with),
        }
    });
    rows.collect()
}

fn summary(total: Sums, first: i64, last: i64, unit: Unit, words: &Words) -> String {
    let gaps = [
        ("from", unit.say(first, words)),
        ("to", unit.say(last, words)),
        ("without", words.speech.money(total.without)),
        ("with", words.speech.money(total.with)),
    ];
    let gaps: Vec<_> = gaps.iter().map(|(name, text)| (*name, Gap::Text(text))).collect();
    words.say("chart-summary", &gaps)
}

/// Rows of the heat map: a weekday and its 24 hours.
pub(super) fn heat(tally: &Tally, words: &Words) -> Vec<(&'static str, Vec<HeatCell>)> {
    let calls_in = |weekday, hour| {
        let (allowed, stopped) = tally.times.calls_at(weekday, hour);
        allowed + stopped
    };
    let most = (0..7).flat_map(|weekday| (0..24).map(move |hour| calls_in(weekday, hour))).max();
    let most = most.unwrap_or(0);
    let row = |weekday: usize| {
        let cells = (0..24).map(|hour| heat_cell(tally, weekday, hour, most, words)).collect();
        (words.speech.weekday(weekday), cells)
    };
    (0..7).map(row).collect()
}

fn heat_cell(tally: &Tally, weekday: usize, hour: usize, most: u64, words: &Words) -> HeatCell {
    let (allowed, stopped) = tally.times.calls_at(weekday, hour);
    let calls = allowed + stopped;
    let hue = if stopped > allowed { 's' } else { 'a' };
    let gaps = [
        ("weekday", words.speech.weekday(weekday).to_owned()),
        ("hour", words.speech.hour(hour as u8)),
        ("calls", grouped(calls)),
        ("stopped", grouped(stopped)),
    ];
    let gaps: Vec<_> = gaps.iter().map(|(name, text)| (*name, Gap::Text(text))).collect();
    HeatCell {
        x: 600 + hour as i64 * (WIDTH - 600) / 24,
        y: 260 + weekday as i64 * 300,
        class: format!("{hue} q{}", depth(calls, most)),
        is_mixed: stopped > 0 && stopped <= allowed,
        label: words.say("cell-hour", &gaps),
        calls,
    }
}

/// 0 for none, else 1 to 5 by the logarithm: an attack would leave ordinary hours invisible
/// on a straight scale.
fn depth(calls: u64, most: u64) -> u32 {
    if calls == 0 {
        return 0;
    }
    let (of, all) = ((calls + 1).ilog2(), (most + 1).ilog2().max(1));
    (1 + of * 4 / all).min(5)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::words::Speech;

    fn words(lang: Lang) -> Words {
        Words::new(Speech { lang, ..Speech::default() })
    }

    #[test]
    fn an_axis_has_round_amounts_and_reaches_the_top() {
        for top in [1, 999, 1_000, 175_000, 2_558_574_000, i64::MAX / 3] {
            let steps = y_steps(Money(top), Currency::JPY);
            assert!((2..=7).contains(&steps.len()), "{top}: {steps:?}");
            assert!(steps.last().is_some_and(|last| last.0 >= top), "{top}: {steps:?}");
        }
        let steps = y_steps(Money::units(2_558_574), Currency::JPY);
        assert_eq!(compact(steps[1], &words(Lang::En)), "¥1M");
        assert_eq!(compact(steps[1], &words(Lang::Ja)), "100万円");
    }

    #[test]
    fn lines_begin_at_nothing_and_end_at_the_total() {
        let mut cells = BTreeMap::new();
        cells.insert(0, Sums { without: Money(10), with: Money(10) });
        cells.insert(9, Sums { without: Money(90), with: Money(0) });
        let scale = Scale { first: 0, n: 10, top: Money(100) };
        let (without, with) = lines(&cells, scale);
        assert!(without.starts_with(&format!("{LEFT},{BOTTOM} ")));
        assert!(without.ends_with(&format!("{RIGHT},{TOP}")), "{without}");
        assert!(with.ends_with(&format!("{RIGHT},{}", scale.y(Money(10)))), "{with}");
    }

    #[test]
    fn a_chart_of_centuries_stays_small() {
        let mut cells = BTreeMap::new();
        cells.insert(-98_000, Sums { without: Money(10), with: Money(10) });
        cells.insert(106_000, Sums { without: Money(90), with: Money(0) });
        let chart = chart(&cells, Unit::Day, None, &words(Lang::En)).expect("it cost something");
        assert!(chart.without.split(' ').count() <= POINTS_MAX as usize + 2);
        assert!(chart.x_ticks.len() <= DATES_MAX as usize + 1);
    }

    #[test]
    fn depth_grows_with_calls_and_ends_at_five() {
        assert_eq!(depth(0, 0), 0);
        assert_eq!(depth(1, 1), 5);
        assert_eq!(depth(1, 14_000), 1);
        assert_eq!(depth(14_000, 14_000), 5);
    }
}
