//! Two published cases, rebuilt: a Tokyo agency and an Okinawa office, March 2015. What was
//! published (how many calls, how long, what they cost, which days) is kept to the call;
//! everything else is assumed, and `examples/*/README.md` says which is which. Not recorded
//! data, and no measure of detection: for that there is the world.

use crate::calendar::{DAY, Day, DayKind, HOUR, MINUTE, Millis, SECOND};
use crate::output::{CALLS_HEADER, write_call};
use crate::record::{Call, Direction, Disposition, Hand, Reach, Truth};
use crate::rng::Rng;
use std::sync::Arc;

/// Which of the two.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Case {
    /// 14,620 answered calls of 32 s over six lines, Friday night to Monday.
    Tokyo,
    /// About 4,000 calls of 30 s in two days.
    Okinawa,
}

/// What is rebuilt: figures first, then the office around them.
struct Story {
    account: &'static str,
    caller: &'static str,
    seed: u64,
    /// Answered calls of the intrusion, and how long each was.
    n_calls: u32,
    seconds: i64,
    /// Outside lines in use.
    n_lines: u32,
    first: Millis,
    last: Millis,
    /// Own calls a working day.
    per_day: f64,
    /// Area code for local numbers.
    area: &'static str,
    /// Own calls abroad: numbers as dialled, and how many there are in the whole time.
    abroad: &'static [&'static str],
    n_abroad: u32,
    /// Sierra Leone, first digits of the numbers called.
    ranges: &'static [&'static str],
}

/// The first day of the office's own calls.
const OPENS: (i64, i64, i64) = (2014, 12, 11);
/// The last.
const CLOSES: (i64, i64, i64) = (2015, 3, 17);

impl Case {
    fn story(self) -> Story {
        let friday = Day::of(2015, 3, 13).starts();
        match self {
            Case::Tokyo => Story {
                account: "tokyo-agency",
                caller: "0355550148",
                seed: 20_150_313,
                n_calls: 14_620,
                seconds: 32,
                n_lines: 6,
                first: friday + 21 * HOUR + 47 * MINUTE,
                last: friday + 3 * DAY + 8 * HOUR + 20 * MINUTE,
                per_day: 24.0,
                area: "03",
                abroad: &["010886255500148", "01012125550123"],
                n_abroad: 8,
                ranges: &["2322228", "2322231", "2322555"],
            },
            Case::Okinawa => Story {
                account: "okinawa-office",
                caller: "0988550162",
                seed: 20_150_314,
                n_calls: 4_000,
                seconds: 30,
                n_lines: 2,
                first: friday + 22 * HOUR + 12 * MINUTE,
                last: friday + 2 * DAY + 22 * HOUR,
                per_day: 31.0,
                area: "098",
                abroad: &[],
                n_abroad: 0,
                ranges: &["2322229"],
            },
        }
    }

    /// The calls of the case as a `generic` CSV file, the same bytes every time.
    pub fn calls_csv(self) -> Vec<u8> {
        let story = self.story();
        let mut calls = intrusion(&story);
        own_calls(&story, &mut calls);
        calls.sort_by(|a, b| a.key().cmp(&b.key()));
        let mut out = Vec::with_capacity(calls.len() * 160);
        out.extend_from_slice(CALLS_HEADER.as_bytes());
        out.push(b'\n');
        for (n, call) in calls.iter().enumerate() {
            write_call(&mut out, n as u64 + 1, story.account, call);
        }
        out
    }

    /// The rates that make the published amounts: yen; domestic ones are those of an ordinary
    /// contract of 2015 (8.5 a begun 3 minutes, mobiles 16 a begun minute).
    pub fn rates_csv(self) -> String {
        let sierra_leone = match self {
            Case::Tokyo => 175,
            Case::Okinawa => 185,
        };
        let mut out = String::from("prefix,name,price_per_minute,increment_seconds,setup_price\n");
        let flat = [
            ("81", "Japan", "2.833333", 180),
            ("8170", "Japan mobile", "16", 60),
            ("8180", "Japan mobile", "16", 60),
            ("8190", "Japan mobile", "16", 60),
            ("81120", "Japan toll-free", "0", 60),
            ("81570", "Japan navi-dial", "2.833333", 180),
            ("1", "United States and Canada", "9", 60),
            ("886", "Taiwan", "30", 60),
        ];
        for (prefix, name, price, increment) in flat {
            out.push_str(&format!("{prefix},{name},{price},{increment},0\n"));
        }
        out.push_str(&format!("232,Sierra Leone,{sierra_leone},60,0\n"));
        out
    }
}

/// Exactly as many answered calls as were published, spread over the lines without gaps that
/// the figures would not allow: each line redials some seconds after its last call ended.
fn intrusion(story: &Story) -> Vec<Call> {
    let mut rng = Rng::named(story.seed, &[1]);
    let mut calls = Vec::with_capacity(story.n_calls as usize);
    let busy = story.seconds * SECOND;
    for line in 1..=story.n_lines {
        let share =
            story.n_calls / story.n_lines + u32::from(line <= story.n_calls % story.n_lines);
        let from = story.first + i64::from(line - 1) * 11 * MINUTE;
        let cycle = (story.last - from) / i64::from(share);
        for n in 0..share {
            let ring = 3 + rng.below(7) as i64;
            let room = (cycle / SECOND - ring - story.seconds - 1).max(1);
            let start = from + i64::from(n) * cycle + rng.below(room as u64) as i64 * SECOND;
            let start = start / SECOND * SECOND;
            let answer = start + ring * SECOND;
            let range = rng.pick(story.ranges);
            let number = format!("{range}{:0w$}", rng.below(60), w = 11 - range.len());
            calls.push(Call {
                answer: Some(answer),
                ..blank(story, start, answer + busy, line, format!("010{number}"))
            });
        }
    }
    calls
}

fn own_calls(story: &Story, calls: &mut Vec<Call>) {
    let day_of = |(y, m, d)| Day::of(y, m, d);
    let (opens, closes) = (day_of(OPENS), day_of(CLOSES));
    let mut book = Rng::named(story.seed, &[2]);
    let partners: Vec<String> = (0..60).map(|_| partner(story, &mut book)).collect();
    let working: Vec<Day> = (opens.0..=closes.0).map(Day).filter(|d| is_at_work(*d)).collect();
    for day in &working {
        let mut rng = Rng::named(story.seed, &[3, day.0 as u64]);
        for _ in 0..rng.poisson(story.per_day) {
            let known = (rng.unit() * rng.unit() * partners.len() as f64) as usize;
            let dialled = partners[known].clone();
            calls.push(office_call(story, &mut rng, *day, dialled));
        }
    }
    let mut rng = Rng::named(story.seed, &[4]);
    for n in 0..story.n_abroad {
        // Spread over the months before the intrusion, in the office's own hours.
        let place =
            (working.len() - 6) * n as usize / story.n_abroad as usize + rng.below(4) as usize;
        let dialled = story.abroad[usize::from(rng.chance(0.35))].to_string();
        calls.push(office_call(story, &mut rng, working[place], dialled));
    }
}

fn is_at_work(day: Day) -> bool {
    // The office's own year end, 27 December to 4 January, is longer than the calendar's.
    let year_end = matches!(day.civil(), (_, 12, 27..=31) | (_, 1, 1..=4));
    day.kind() == DayKind::Working && !year_end
}

fn partner(story: &Story, rng: &mut Rng) -> String {
    match rng.below(100) {
        0..=41 => format!("0{}0{}", rng.pick(&["9", "8", "7"]), rng.digits(8)),
        42..=79 => {
            format!("{}{}{}", story.area, rng.between(3, 6), rng.digits(9 - story.area.len()))
        }
        80..=91 => format!("06{}{}", rng.between(4, 7), rng.digits(7)),
        92..=96 => format!("0120{}", rng.digits(6)),
        _ => format!("0570{}", rng.digits(6)),
    }
}

fn office_call(story: &Story, rng: &mut Rng, day: Day, dialled: String) -> Call {
    // 9:00 to 18:30 with a thin noon hour.
    let mut minute = rng.between(0, 569);
    if (180..240).contains(&minute) && rng.chance(0.7) {
        minute = (minute + 95) % 570;
    }
    let start = day.starts() + 9 * HOUR + minute * MINUTE + rng.between(0, 59) * SECOND;
    let line = 1 + rng
        .weighted([50.0, 25.0, 12.0, 7.0, 4.0, 2.0][..story.n_lines as usize].iter().copied());
    let ring = rng.between(3, 18) * SECOND;
    let talk = rng.log_normal(90.0, 1.0).clamp(4.0, 2_400.0) as i64 * SECOND;
    let (answer, end, disposition) = match rng.below(100) {
        0..=79 => (Some(start + ring), start + ring + talk, Disposition::Answered),
        80..=92 => (None, start + rng.between(18, 45) * SECOND, Disposition::NoAnswer),
        _ => (None, start + rng.between(3, 8) * SECOND, Disposition::Busy),
    };
    Call { answer, disposition, ..blank(story, start, end, line as u32, dialled) }
}

fn blank(story: &Story, start: Millis, end: Millis, line: u32, dialled: String) -> Call {
    let nothing: Arc<str> = "".into();
    let abroad = dialled.starts_with("010");
    Call {
        start,
        answer: None,
        end,
        account: 0,
        line,
        dialled,
        caller: story.caller.into(),
        source_ip: nothing.clone(),
        user_agent: nothing.clone(),
        forwarded_from: String::new(),
        trunk: nothing,
        direction: Direction::Outbound,
        disposition: Disposition::Answered,
        truth: Truth::Honest("rebuilt"),
        hand: Hand::Person,
        reach: if abroad { Reach::Abroad } else { Reach::Home },
    }
}

#[cfg(test)]
mod tests;
