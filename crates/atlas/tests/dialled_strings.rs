//! What holds for every dialled string, from every home.

use proptest::prelude::*;
use sekimori_atlas::country::{Country, country_of};
use sekimori_atlas::destination::{Destination, Kind};
use sekimori_atlas::e164::E164;
use sekimori_atlas::plan::{Options, Plan};

const SAMPLE: &str = include_str!("data/numbers-oracle.csv");

fn plan(home: &str) -> Plan {
    let home = Country::from_iso(home.as_bytes()).expect("two letters");
    Plan::home(home, &Options::default()).expect("a plan")
}

fn any_home() -> impl Strategy<Value = Plan> {
    prop::sample::select(vec!["JP", "US", "GB", "DE", "IT", "RU", "BR", "AU", "KR", "SG", "AE"])
        .prop_map(plan)
}

/// Valid numbers that are not Japanese.
fn any_foreign() -> impl Strategy<Value = &'static str> {
    let rows = SAMPLE.lines().filter(|row| row.contains(",valid,") && !row.starts_with("81"));
    let digits: Vec<&str> = rows.map(|row| row.split(',').next().expect("a first cell")).collect();
    prop::sample::select(digits)
}

/// What no reading may break, whatever was dialled.
fn check(plan: &Plan, dialled: &[u8]) -> Result<Destination, TestCaseError> {
    let read = plan.read(dialled);
    match read.kind {
        Kind::International | Kind::Satellite => {
            let number = read.e164.expect("a call abroad has a number");
            prop_assert!(!number.unmasked().as_str().starts_with('0'));
            prop_assert_eq!(read.country, country_of(number));
            prop_assert_ne!(read.country, Some(plan.country()));
        }
        Kind::Emergency => {
            prop_assert_eq!(read.e164, None);
            prop_assert_eq!(read.country, Some(plan.country()));
        }
        Kind::Internal | Kind::Unreadable => {
            prop_assert_eq!(read.e164, None);
            prop_assert_eq!(read.country, None);
        }
        Kind::Domestic | Kind::TollFree | Kind::Premium => {
            prop_assert!(read.country.is_some());
        }
    }
    prop_assert_eq!(plan.read(dialled), read);
    Ok(read)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn any_bytes_are_read(plan in any_home(), dialled in prop::collection::vec(any::<u8>(), 0..60)) {
        check(&plan, &dialled)?;
    }

    #[test]
    fn any_symbols_are_read(plan in any_home(), dialled in "[0-9+*#() .%;@-]{0,45}") {
        check(&plan, dialled.as_bytes())?;
    }

    #[test]
    fn any_digits_are_read(plan in any_home(), dialled in "[+]?(0|00|010|9|90|001|184|81)?[0-9]{0,24}") {
        check(&plan, dialled.as_bytes())?;
    }

    #[test]
    fn a_valid_number_is_found_behind_every_japanese_prefix(
        prefix in prop::sample::select(vec![
            "+", "010", "001010", "0033010", "0061010", "0041010", "0077010", "005345010",
            "009130010", "00210010", "184010", "186010", "1220033010", "186122001010", "9010",
        ]),
        number in any_foreign(),
    ) {
        let read = check(&plan("JP"), format!("{prefix}{number}").as_bytes())?;
        prop_assert_eq!(read.e164, E164::parse(number.as_bytes()));
        prop_assert!(read.kind.is_international());
    }

    #[test]
    fn what_is_dialled_abroad_is_never_taken_for_a_call_at_home(
        prefix in prop::sample::select(vec!["+", "010", "0033010", "001010"]),
        digits in "([1-79][0-9]|8[02-9])[0-9]{5,20}",
    ) {
        let read = check(&plan("JP"), format!("{prefix}{digits}").as_bytes())?;
        prop_assert!(
            matches!(read.kind, Kind::International | Kind::Satellite | Kind::Unreadable),
            "{} is {:?}", digits, read
        );
    }

    #[test]
    fn separators_change_nothing(number in any_foreign(), at in prop::collection::vec(0..20_usize, 0..6)) {
        let plan = plan("JP");
        let plain = format!("010{number}");
        let mut spaced = String::new();
        for (place, digit) in plain.chars().enumerate() {
            spaced.push(digit);
            if at.contains(&place) {
                spaced.push([' ', '-', '.', '(', ')', '\u{3000}'][place % 6]);
            }
        }
        prop_assert_eq!(plan.read(spaced.as_bytes()), plan.read(plain.as_bytes()));
    }

    #[test]
    fn an_emergency_call_stays_one(
        number in prop::sample::select(vec!["110", "118", "119"]),
        front in prop::sample::select(vec!["", "0", "9", "184", "186", "0186", "9184", "tel:", "sip:"]),
        behind in prop::sample::select(vec!["", "#", "@192.0.2.1", ";phone-context=+81", " "]),
    ) {
        let read = check(&plan("JP"), format!("{front}{number}{behind}").as_bytes())?;
        prop_assert_eq!(read.kind, Kind::Emergency);
    }
}
