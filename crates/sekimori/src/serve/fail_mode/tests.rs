//! Each row of the contract's fail mode, and that nothing that is stopped is opened by a failure.

use super::*;
use crate::report::words::{Lang, Speech};
use sekimori_atlas::calendar::Calendars;
use sekimori_atlas::deck::Deck;
use sekimori_atlas::e164::Prefix;
use sekimori_atlas::intel::Intelligence;
use sekimori_atlas::plan::{Options, Plan};
use sekimori_engine::event::{Challenge, Name, Renewal};

const NOW: Timestamp = Timestamp(1_500_000_000_000_000_000);

fn country(iso: &str) -> Country {
    Country::from_iso(iso.as_bytes()).expect("two letters")
}

fn book() -> FailBook {
    let plan = Plan::home(country("JP"), &Options::default()).expect("a plan");
    let atlas =
        Atlas::new(plan, Deck::default_jp(), Intelligence::shipped(), Calendars::japanese());
    FailBook::new(Arc::new(atlas), Arc::new(Vitals::default()))
}

fn ask(dialled: &str) -> OwnedAsk {
    OwnedAsk {
        call_id: "c1".to_owned(),
        account: "acme".to_owned(),
        dialled: dialled.to_owned(),
        told_at: None,
        line: "201".to_owned(),
        caller: String::new(),
        source: Some("198.51.100.7".parse().expect("an address")),
        user_agent: String::new(),
        forwarded_from: String::new(),
        trunk: String::new(),
        challenge: Challenge::Possible,
        renewal: Renewal::Impossible,
        door: Door::Agi,
        transaction: 0,
    }
}

/// Ruling, seconds and the English sentence.
fn ruled(book: &FailBook, dialled: &str) -> (Ruling, Option<u32>, String) {
    let ruled = book.rule_at(&book.prepare(&ask(dialled)), NOW);
    assert_eq!(ruled.origin, Origin::FailMode);
    let [finding] = &ruled.findings[..] else { panic!("one reason") };
    assert_eq!((finding.detector, finding.bits), ("fail_mode", Bits(0)));
    let nobody: &[Name<'_>] = &[];
    let said = |lang| Speech { lang, ..Speech::default() }.say(&finding.why, nobody);
    let (en, ja) = (said(Lang::En), said(Lang::Ja));
    assert!(!en.contains('{') && !ja.contains('{'), "{en} {ja}");
    assert!(ja.contains("時間内"), "{ja}");
    (ruled.brief.ruling, ruled.brief.max_seconds, en)
}

const TO_SIERRA_LEONE: &str = "01023222280001";
const TO_CHINA: &str = "0108613812345678";
const TO_INMARSAT: &str = "010870773123456";

#[track_caller]
fn check(book: &FailBook, dialled: &str, ruling: Ruling, max_seconds: Option<u32>, says: &str) {
    let (got, seconds, text) = ruled(book, dialled);
    assert_eq!((got, seconds), (ruling, max_seconds), "{text}");
    assert!(text.contains(says), "{text}");
}

#[test]
fn everything_at_home_goes_out_without_a_limit() {
    let book = book();
    book.set("acme", &[], FailModeView::Closed);
    book.stop("acme", &[Hold::now(RestrictScope::International)]);
    for dialled in ["110", "119", "0120123456", "0312345678", "09012345678", "201", "0990501234"] {
        check(&book, dialled, Ruling::Allow, None, "at home");
    }
}

#[test]
fn abroad_an_unknown_account_is_refused() {
    let book = book();
    check(&book, TO_SIERRA_LEONE, Ruling::Refuse, None, "does not call Sierra Leone");
    check(&book, TO_INMARSAT, Ruling::Refuse, None, "does not call");
    check(&book, "010210123456789", Ruling::Refuse, None, "no country");
}

#[test]
fn abroad_five_minutes_to_the_countries_of_the_profile() {
    let book = book();
    book.set("acme", &[country("CN"), country("US")], FailModeView::Profile);
    check(&book, TO_CHINA, Ruling::Allow, Some(300), "China");
    check(&book, TO_SIERRA_LEONE, Ruling::Refuse, None, "does not call");
    book.set("acme", &[Country::shared(870)], FailModeView::Profile);
    check(&book, TO_INMARSAT, Ruling::Allow, Some(300), "5 min");
    check(&book, TO_CHINA, Ruling::Refuse, None, "does not call");
}

#[test]
fn an_open_account_gets_five_minutes_to_any_country() {
    let book = book();
    book.set("acme", &[], FailModeView::Open);
    check(&book, TO_SIERRA_LEONE, Ruling::Allow, Some(300), "open");
}

#[test]
fn a_closed_account_calls_nobody_abroad() {
    let book = book();
    book.set("acme", &[country("CN")], FailModeView::Closed);
    check(&book, TO_CHINA, Ruling::Refuse, None, "closed");
}

#[test]
fn a_stop_is_never_opened_by_a_failure() {
    let book = book();
    book.set("acme", &[country("CN"), country("SL")], FailModeView::Open);
    book.stop("acme", &[Hold::now(RestrictScope::International)]);
    check(&book, TO_CHINA, Ruling::Refuse, None, "in force");
    book.set("acme", &[country("CN")], FailModeView::Open);
    check(&book, TO_CHINA, Ruling::Refuse, None, "in force");

    let sierra_leone = RestrictScope::Place(Place::Country(country("SL")));
    book.stop("acme", &[Hold::now(sierra_leone)]);
    check(&book, TO_SIERRA_LEONE, Ruling::Refuse, None, "in force");
    check(&book, TO_CHINA, Ruling::Allow, Some(300), "open");

    let range = Prefix::parse(b"8613").expect("digits");
    for scope in [
        RestrictScope::Place(Place::Range(range)),
        RestrictScope::Line("201".to_owned()),
        RestrictScope::Source("198.51.100.99".parse().expect("an address")),
    ] {
        book.stop("acme", &[Hold::now(scope)]);
        check(&book, TO_CHINA, Ruling::Refuse, None, "in force");
    }
    for scope in [
        RestrictScope::Line("202".to_owned()),
        RestrictScope::Source("2001:db8::1".parse().expect("an address")),
    ] {
        book.stop("acme", &[Hold::now(scope)]);
        check(&book, TO_CHINA, Ruling::Allow, Some(300), "open");
    }
    book.stop("acme", &[]);
    check(&book, TO_CHINA, Ruling::Allow, Some(300), "open");
}

#[test]
fn a_stop_opened_for_a_while_is_in_force_after_it() {
    let book = book();
    book.set("acme", &[], FailModeView::Open);
    let whole = Hold::now(RestrictScope::International);
    let later = Timestamp(NOW.0 + 1);
    book.stop("acme", &[Hold { from: Some(later), ..whole.clone() }]);
    check(&book, TO_CHINA, Ruling::Allow, Some(300), "open");
    book.stop("acme", &[Hold { from: Some(NOW), ..whole.clone() }]);
    check(&book, TO_CHINA, Ruling::Refuse, None, "in force");
    let china = |until| vec![Opened { country: country("CN"), until }];
    for until in [None, Some(later)] {
        book.stop("acme", &[Hold { except: china(until), ..whole.clone() }]);
        check(&book, TO_CHINA, Ruling::Allow, Some(300), "open");
        check(&book, TO_SIERRA_LEONE, Ruling::Refuse, None, "in force");
    }
    book.stop("acme", &[Hold { except: china(Some(NOW)), ..whole }]);
    check(&book, TO_CHINA, Ruling::Refuse, None, "in force");
}

#[test]
fn a_place_that_is_stopped_for_everyone_stays_so() {
    let book = book();
    book.set("acme", &[], FailModeView::Open);
    let place = Place::Country(country("SL"));
    book.bar(place, None);
    book.bar(place, None);
    check(&book, TO_SIERRA_LEONE, Ruling::Refuse, None, "for everyone");
    check(&book, TO_CHINA, Ruling::Allow, Some(300), "open");
    book.unbar(place, None);
    check(&book, TO_SIERRA_LEONE, Ruling::Allow, Some(300), "open");

    book.bar(Place::Range(Prefix::parse(b"2322").expect("digits")), Some("cloud-pbx"));
    check(&book, TO_SIERRA_LEONE, Ruling::Allow, Some(300), "open");
    book.of_service("acme", Some("cloud-pbx"));
    check(&book, TO_SIERRA_LEONE, Ruling::Refuse, None, "service");
    book.of_service("acme", None);
    check(&book, TO_SIERRA_LEONE, Ruling::Allow, Some(300), "open");
}

#[test]
fn with_more_places_than_there_is_room_for_everything_abroad_is_refused() {
    let book = book();
    book.set("acme", &[], FailModeView::Open);
    let range = |n: usize| {
        Place::Range(Prefix::parse((1_000_000 + n).to_string().as_bytes()).expect("digits"))
    };
    for n in 0..=BARS_MAX {
        book.bar(range(n), None);
    }
    check(&book, TO_CHINA, Ruling::Refuse, None, "for everyone");
    book.unbar(range(BARS_MAX), None);
    check(&book, TO_CHINA, Ruling::Allow, Some(300), "open");
}

#[test]
fn each_verdict_is_counted_and_has_a_reference_of_its_own() {
    let book = book();
    let fallback = book.prepare(&ask(TO_CHINA));
    let (first, second) = (book.rule(&fallback).brief, book.rule(&fallback).brief);
    assert_ne!(first.reference, second.reference);
    for brief in [first, second] {
        let text = brief.reference.to_string();
        assert!(matches!(text.as_bytes()[2], b'8'..=b'F'), "{text}");
        assert_eq!(Ref::parse(&text), Some(brief.reference));
    }
    assert_eq!(book.vitals.n_ruled(Door::Agi, Ruling::Refuse), 2);
    assert_eq!(book.vitals.n_ruled(Door::Agi, Ruling::Allow), 0);
}
