//! A replay made up for tests: a small Tokyo office, then a weekend of calls to Sierra Leone.
//! Set `SEKIMORI_REPORTS` to a folder, and the tests leave what they render there to be
//! looked at.

use super::run::{Problem, Run};
use super::tally::{SettledCall, Tally};
use arrayvec::ArrayVec;
use sekimori_atlas::calendar::{DayKind, Moment};
use sekimori_atlas::country::Country;
use sekimori_atlas::destination::{Destination, DialledAs, Kind, NumberType, Validity};
use sekimori_atlas::e164::{E164, Prefix};
use sekimori_atlas::money::Money;
use sekimori_atlas::rfc3339::{self, Rfc3339};
use sekimori_atlas::time::{Span, Timestamp};
use sekimori_engine::event::{AccountIdx, Name};
use sekimori_engine::finding::{Bits, Fact, Finding, Sentence, Why};
use sekimori_engine::order::{Effect, IncidentId, Scope};
use sekimori_engine::verdict::{Ruling, Verdict};

static NEW_COUNTRY: Sentence = Sentence {
    en: "first call to {0} from this account",
    ja: "この契約から{0}への通話は初めて",
};
static ODD_HOUR: Sentence = Sentence {
    en: "nobody calls abroad at {0}",
    ja: "{0}台に国際通話をする人はいません",
};
static METRONOME: Sentence = Sentence {
    en: "{0} calls of {1}, one after another, from line {2}",
    ja: "回線{2}から{1}の通話が{0}件続いた",
};
static RARE: Sentence = Sentence { en: "{0} is rarely called", ja: "{0}への通話はまれ" };

/// A call of the fixture before it is settled.
#[derive(Clone)]
pub struct Draft {
    pub id: String,
    pub account: String,
    pub index: u32,
    pub at: Rfc3339,
    pub to: &'static str,
    pub country: &'static str,
    pub seconds: i64,
    pub yen: i64,
    pub ruling: Ruling,
    pub incident: Option<IncidentId>,
    pub findings: Vec<Finding>,
}

impl Draft {
    pub fn settle(&self, tally: &mut Tally) {
        let verdict = Verdict {
            ruling: self.ruling,
            max_seconds: Some(900),
            findings: self.findings.iter().cloned().collect::<ArrayVec<_, 16>>(),
            incident: self.incident,
            judgement: None,
            leg: None,
        };
        let destination = destination(self.to, self.country);
        let local = super::tally::LocalTime::of(self.at);
        let open = local.weekday() < 5 && (9..18).contains(&local.hour);
        let moment = Moment {
            hour: local.hour,
            day: if local.weekday() < 5 { DayKind::Workday } else { DayKind::DayOff },
            minutes_until_reaction: if open { 0 } else { 600 },
        };
        let answered = (self.seconds > 0).then_some(self.at.at + Span::seconds(6));
        let cost = Money::units(self.yen);
        tally.add(&SettledCall {
            call_id: &self.id,
            account: &self.account,
            account_index: AccountIdx(self.index),
            at: self.at,
            verdict: &verdict,
            destination: &destination,
            moment,
            answered,
            ended: answered.map(|at| at + Span::seconds(self.seconds)),
            cost_without: cost,
            cost_with: if self.ruling == Ruling::Allow { cost } else { Money::ZERO },
            cut_at: None,
            extended: &[],
            names: &[Name::new("201").expect("not empty")],
        });
    }
}

pub fn at(text: &str) -> Rfc3339 {
    rfc3339::parse(text.as_bytes()).expect("RFC 3339")
}

pub fn country(code: &str) -> Country {
    Country::from_iso(code.as_bytes()).expect("two letters")
}

fn destination(digits: &str, code: &str) -> Destination {
    Destination {
        kind: if code == "JP" { Kind::Domestic } else { Kind::International },
        e164: E164::parse(digits.as_bytes()),
        country: Some(country(code)),
        validity: Validity::Valid,
        number_type: NumberType::Mobile,
        dialled_as: DialledAs::CarrierCode,
    }
}

fn later(at: Rfc3339, seconds: i64) -> Rfc3339 {
    Rfc3339 { at: at.at + Span::seconds(seconds), ..at }
}

fn finding(detector: &'static str, bits: i32, why: Why) -> Finding {
    Finding { detector, bits: Bits(bits), why }
}

/// What spoke against the calls of an attack on `code`.
pub fn reasons(code: &str) -> Vec<Finding> {
    let line = Name::new("201").expect("not empty");
    let pace = [Fact::Count(3), Fact::Seconds(32), Fact::Name(line.token)];
    vec![
        finding("new_country", 4_100, Why::with(&NEW_COUNTRY, &[Fact::Country(country(code))])),
        finding("metronome", 3_250, Why::with(&METRONOME, &pace)),
        finding("off_profile_hour", 2_700, Why::with(&ODD_HOUR, &[Fact::Hour(23)])),
        finding(
            "new_range",
            -300,
            Why::with(&RARE, &[Fact::Range(Prefix::parse(b"23222").expect("digits"))]),
        ),
    ]
}

/// Ninety days of an office that calls at home and, now and then, the United States.
pub fn office(account: &str, index: u32) -> Vec<Draft> {
    let start = at("2014-12-13T00:00:00+09:00");
    let mut calls = Vec::new();
    for day in 0..90_i64 {
        let weekday = (day + 5) % 7;
        if weekday >= 5 {
            continue;
        }
        for n in 0..12_i64 {
            let abroad = n == 4 && day % 2 == 0;
            let (to, code) = if abroad { ("12125550143", "US") } else { ("81312345678", "JP") };
            let (seconds, yen) = if abroad { (250, 45) } else { (95, 17) };
            calls.push(Draft {
                id: format!("{account}-{day}-{n}"),
                account: account.to_owned(),
                index,
                at: later(start, day * 86_400 + 9 * 3_600 + n * 2_600),
                to,
                country: code,
                seconds,
                yen,
                ruling: Ruling::Allow,
                incident: None,
                findings: Vec::new(),
            });
        }
    }
    calls
}

/// An attack of `n` calls, one in 16 seconds, of which two go out before the stop.
pub fn attack(
    tally: &mut Tally,
    account: &str,
    index: u32,
    start: Rfc3339,
    n: i64,
    code: &'static str,
) {
    let opened = later(start, 32);
    let id = IncidentId(0x5eed_0000_0000 + opened.at.0 as u64 % 1_000_000_007 + u64::from(index));
    for place in 0..n {
        let before = place < 2;
        if place == 2 {
            let effect = Effect::IncidentOpened {
                id,
                account: AccountIdx(index),
                at: opened.at,
                scope: Scope::Country(country(code)),
                calls_before_stop: 2,
                cost_before_stop: Money::units(350),
                seconds_to_stop: 32,
                reasons: reasons(code),
            };
            tally.add_effect(&effect, account, &[Name::new("201").expect("not empty")]);
        }
        let draft = Draft {
            id: format!("{account}-x{place}"),
            account: account.to_owned(),
            index,
            at: later(start, place * 16),
            to: "23222280001",
            country: code,
            seconds: 32,
            yen: 175,
            ruling: if before { Ruling::Allow } else { Ruling::Refuse },
            incident: (!before).then_some(id),
            findings: reasons(code),
        };
        draft.settle(tally);
    }
    let rest = Timestamp(later(start, n * 16).at.0) + Span::hours(72);
    tally.add_effect(&Effect::IncidentReleased { id, at: rest }, account, &[]);
}

/// The Tokyo case, with one honest call in the way.
pub fn tokyo() -> (Tally, Run) {
    let mut tally = Tally::default();
    office("東京本社", 0).iter().for_each(|draft| draft.settle(&mut tally));
    let honest = Draft {
        id: "manila".to_owned(),
        at: at("2015-02-03T10:12:00+09:00"),
        to: "639171234567",
        country: "PH",
        ruling: Ruling::Challenge,
        findings: vec![finding(
            "new_country",
            4_100,
            Why::with(&NEW_COUNTRY, &[Fact::Country(country("PH"))]),
        )],
        ..office("東京本社", 0).remove(0)
    };
    honest.settle(&mut tally);
    attack(&mut tally, "東京本社", 0, at("2015-03-13T23:10:04+09:00"), 14_620, "SL");
    let mut run = Run {
        files: vec!["Master.csv".to_owned()],
        accounts: 1,
        elapsed_ms: 420,
        ..Run::default()
    };
    run.rows_unreadable = 2;
    run.problem(Problem {
        file: "Master.csv".to_owned(),
        line: Some(1_204),
        reason: "the time “2015-02-30 10:00:00” does not exist".to_owned().into(),
    });
    run.problem(Problem {
        file: "Master.csv".to_owned(),
        line: Some(9_981),
        reason: "a quote is opened and never closed".to_owned().into(),
    });
    run.settings = vec![
        ("home".to_owned(), "JP".to_owned()),
        ("time_zone".to_owned(), "Asia/Tokyo".to_owned()),
        ("envelope_first_day".to_owned(), "3000".to_owned()),
    ];
    (tally, run)
}

/// `n` incidents of hostile names and nothing else.
pub fn many(n: u32) -> (Tally, Run) {
    let mut tally = Tally::default();
    for index in 0..n {
        let start = later(at("2026-01-10T01:00:00+09:00"), i64::from(index) * 5_400);
        let code = ["SL", "CU", "LV", "SO", "GW"][index as usize % 5];
        let account = format!("<script>alert({index})</script>\"'&\u{1b}[31m");
        attack(&mut tally, &account, index, start, 30 + i64::from(index % 40), code);
    }
    (tally, Run { accounts: u64::from(n), elapsed_ms: 61_000, ..Run::default() })
}

/// Leaves a rendered report to be looked at, where somebody has asked for it.
pub fn leave(name: &str, text: &str) {
    if let Some(folder) = std::env::var_os("SEKIMORI_REPORTS") {
        let path = std::path::Path::new(&folder).join(name);
        std::fs::write(path, text).expect("the folder for reports can be written");
    }
}
