use super::*;
use crate::account::Span;
use crate::archetype::{ARCHETYPES, Archetype};
use crate::rng::Split;

const SPAN: Span = Span { first: Day(20_240), days: 90 };

fn ground(first: Day) -> Ground {
    Ground {
        numbers: Numbers::load(),
        disasters: Disaster::draw(1, first, 90),
        domestic_share: 0.05,
    }
}

/// Some accounts of a sort.
fn accounts_of(archetype: Archetype, n: usize) -> Vec<Account> {
    let any = (0..).map(|place| Account::make(5, place, SPAN, Split::Judge));
    any.filter(|a| a.archetype == archetype).take(n).collect()
}

/// 30 days of 20 accounts of a sort.
pub(super) fn month_of(archetype: Archetype, from: Day) -> Vec<Call> {
    let ground = ground(from);
    let mut out = Vec::new();
    for mut account in accounts_of(archetype, 20) {
        account.opened = from;
        account.event = Day(from.0 + 10);
        for day in 0..30 {
            calls(&ground, &account, 0, Day(from.0 + day), &mut out);
        }
    }
    out
}

#[test]
fn an_office_that_never_calls_abroad_does_so_only_after_a_disaster() {
    let from = Day::of(2025, 6, 1);
    let ground = Ground { disasters: Vec::new(), ..ground(from) };
    let mut out = Vec::new();
    for account in accounts_of(OfficeNever, 50) {
        for day in 0..30 {
            calls(&ground, &account, 0, Day(from.0 + day), &mut out);
        }
    }
    assert!(out.len() > 500);
    assert!(out.iter().all(|c| c.reach == Reach::Home));
}

#[test]
fn every_sort_calls_as_much_as_it_should() {
    for (archetype, _, name) in ARCHETYPES {
        let n = month_of(archetype, Day::of(2025, 6, 1))
            .iter()
            .filter(|c| c.reach == Reach::Abroad)
            .count();
        let expected = match archetype {
            OfficeNever => 0..60,
            OfficeRare | CuriousCallBack | Hospital => 2..150,
            ForeignStaff | CallCentre | NewCustomer => 20..1_500,
            TradingLarge => 4_000..30_000,
            _ => 150..12_000,
        };
        assert!(expected.contains(&n), "{name}: {n} calls abroad of 20 accounts in 30 days");
    }
}

#[test]
fn offices_call_by_day_and_hotels_at_night() {
    let by_night = |archetype| {
        let calls = month_of(archetype, Day::of(2025, 6, 1));
        let hour = |c: &Call| (c.start - Day::containing(c.start).starts()) / HOUR;
        let abroad: Vec<_> = calls.iter().filter(|c| c.reach == Reach::Abroad).collect();
        let at_night = abroad.iter().filter(|c| !(7..22).contains(&hour(c))).count();
        at_night as f64 / abroad.len() as f64
    };
    assert!(by_night(TradingSmall) < 0.08);
    assert!(by_night(Hotel) > 0.25);
    assert!(by_night(UsHours) > 0.5);
}

#[test]
fn foreign_staff_call_home_at_their_holidays() {
    let ground = ground(Day::of(2026, 2, 1));
    let mean = |from: Day, days: i64| {
        let mut out = Vec::new();
        for account in accounts_of(ForeignStaff, 400) {
            (0..days).for_each(|d| calls(&ground, &account, 0, Day(from.0 + d), &mut out));
        }
        out.iter().filter(|c| c.reach == Reach::Abroad).count() as f64 / days as f64
    };
    let festive = mean(Day::of(2026, 2, 16), 3);
    assert!(festive > 1.8 * mean(Day::of(2026, 3, 2), 14), "{festive}");
}

#[test]
fn conferences_last_hours_and_storms_redial() {
    let day = Day::of(2025, 6, 1);
    let long = month_of(Conference, day).iter().filter(|c| c.end - c.start > 3 * HOUR).count();
    assert!(long > 15, "{long}");
    let storm = month_of(RedialStorm, day);
    let engaged = storm.iter().filter(|c| c.disposition == Disposition::Busy).count();
    assert!(engaged > 200, "{engaged}");
}

#[test]
fn thinning_calls_within_japan_changes_no_call_abroad() {
    let day = Day::of(2025, 6, 4);
    let account = &accounts_of(TradingLarge, 1)[0];
    let abroad = |share| {
        let mut out = Vec::new();
        let ground = Ground { domestic_share: share, ..ground(day) };
        calls(&ground, account, 0, day, &mut out);
        let kept = out.into_iter().filter(|c| c.reach == Reach::Abroad);
        kept.map(|c| (c.start, c.dialled, c.end)).collect::<Vec<_>>()
    };
    assert!(!abroad(1.0).is_empty());
    assert_eq!(abroad(1.0), abroad(0.01));
}

#[test]
fn a_disaster_makes_many_accounts_call_one_country() {
    let day = Day(20_250);
    let at = day.starts() + 3 * HOUR;
    let disasters = vec![Disaster { iso: "NP", at, share: 0.02 }];
    let ground = Ground { disasters, ..ground(day) };
    let mut n_accounts = 0;
    for account in (0..2_000).map(|place| Account::make(8, place, SPAN, Split::Judge)) {
        let mut out = Vec::new();
        calls(&ground, &account, 0, day, &mut out);
        n_accounts +=
            usize::from(out.iter().any(|c| c.reach == Reach::Abroad && c.dialled.contains("977")));
    }
    assert!((15..150).contains(&n_accounts), "{n_accounts}");
}
