//! Country, validity and type of thousands of numbers, beside what others make of the same
//! metadata: PyPI's `phonenumbers` (the table in `data/`, written by `numbers-oracle.py`) and
//! `rlibphonenumber`.

use rlibphonenumber::{NumberLengthType, PHONE_NUMBER_UTIL, PhoneNumberType, ValidationError};
use sekimori_atlas::country::{Country, country_of};
use sekimori_atlas::destination::{NumberType, Validity};
use sekimori_atlas::e164::E164;
use sekimori_atlas::plan::{Options, Plan};
use sekimori_atlas::validity::classify;

const TABLE: &str = include_str!("data/numbers-oracle.csv");

/// Where the Atlas is narrower than libphonenumber: Western Sahara, Antarctica, Kazakhstan.
const NARROWED: [(&str, &str); 4] =
    [("2125288", "EH"), ("2125289", "EH"), ("6721", "AQ"), ("76", "KZ")];

struct Row {
    digits: &'static str,
    /// Empty for a number that no country has.
    region: &'static str,
    reason: &'static str,
    number_type: &'static str,
}

fn rows() -> impl Iterator<Item = Row> {
    TABLE.lines().skip(1).map(|line| {
        let cells: Vec<&str> = line.split(',').collect();
        let [digits, region, reason, number_type] = cells[..] else {
            panic!("a row has four cells: {line}")
        };
        Row { digits, region, reason, number_type }
    })
}

impl Row {
    fn number(&self) -> E164 {
        E164::parse(self.digits.as_bytes()).expect("the table holds E.164 digits")
    }
}

#[test]
fn countries_validity_and_types_are_libphonenumbers() {
    let mut wrong = Vec::new();
    let mut n_valid = 0;
    for row in rows() {
        let (validity, number_type) = classify(row.number());
        let country = country_of(row.number());
        let as_told = expected_country(&row).is_none_or(|told| country == Some(told))
            && expected_validity(row.reason).contains(&validity)
            && number_type == expected_type(row.number_type);
        if !as_told {
            let told = format!("{} {} {}", row.region, row.reason, row.number_type);
            wrong.push(format!(
                "{}: {told}, is {country:?} {validity:?} {number_type:?}",
                row.digits
            ));
        }
        n_valid += usize::from(validity == Validity::Valid);
    }
    assert!(wrong.is_empty(), "{} rows:\n{}", wrong.len(), wrong.join("\n"));
    assert!(n_valid > 6_000, "the table has only {n_valid} valid numbers");
}

/// The shared code's own for 001; `None` where libphonenumber names none.
fn expected_country(row: &Row) -> Option<Country> {
    if let Some((_, iso)) = NARROWED.iter().find(|(prefix, _)| row.digits.starts_with(prefix)) {
        return Country::from_iso(iso.as_bytes());
    }
    match row.region {
        "001" => Some(Country::shared(row.digits[..3].parse().expect("digits"))),
        region => Country::from_iso(region.as_bytes()),
    }
}

fn expected_validity(reason: &str) -> &'static [Validity] {
    match reason {
        "valid" => &[Validity::Valid],
        "is_possible" => &[Validity::Unassigned],
        "too_long" => &[Validity::TooLong],
        "too_short" => &[Validity::TooShort],
        // A length between two that exist, or one that only works inside an area.
        "invalid_length" | "is_possible_local_only" => &[Validity::TooShort, Validity::TooLong],
        _ => panic!("unknown reason {reason}"),
    }
}

fn expected_type(name: &str) -> NumberType {
    match name {
        "" => NumberType::Unknown,
        "fixed_line" => NumberType::Fixed,
        "mobile" => NumberType::Mobile,
        "fixed_line_or_mobile" => NumberType::FixedOrMobile,
        "toll_free" => NumberType::TollFree,
        "premium_rate" => NumberType::PremiumRate,
        "shared_cost" => NumberType::SharedCost,
        "voip" => NumberType::Voip,
        "personal_number" => NumberType::PersonalNumber,
        "pager" | "uan" | "voicemail" => NumberType::Other,
        _ => panic!("unknown type {name}"),
    }
}

/// The table in the crate is the metadata that the maintained Rust port ships.
#[test]
fn the_table_is_the_ports_metadata() {
    let mut wrong = Vec::new();
    for row in rows() {
        let code = PHONE_NUMBER_UTIL
            .get_supported_calling_codes()
            .find(|code| row.digits.starts_with(&code.to_string()))
            .expect("a calling code");
        let national = &row.digits[code.to_string().len()..];
        let n_zeros = national.bytes().take_while(|b| *b == b'0').count().min(national.len() - 1);
        let number = rlibphonenumber::PhoneNumber {
            country_code: code,
            national_number: national.parse().expect("digits"),
            italian_leading_zero: Some(n_zeros > 0),
            number_of_leading_zeros: Some(n_zeros.max(1) as i32),
            ..Default::default()
        };
        let told_type = port_type(PHONE_NUMBER_UTIL.get_number_type(&number));
        let told = PHONE_NUMBER_UTIL.is_possible_number_with_reason(&number);
        let told_validity: &[Validity] = match told {
            _ if PHONE_NUMBER_UTIL.is_valid_number(&number) => &[Validity::Valid],
            Ok(NumberLengthType::IsPossible) => &[Validity::Unassigned],
            Err(ValidationError::TooLong) => &[Validity::TooLong],
            Err(ValidationError::TooShort) => &[Validity::TooShort],
            _ => &[Validity::TooShort, Validity::TooLong],
        };
        let (validity, number_type) = classify(row.number());
        if !told_validity.contains(&validity) || told_type != number_type {
            let is = format!("is {validity:?} {number_type:?}");
            wrong.push(format!("{}: {told_validity:?} {told_type:?}, {is}", row.digits));
        }
    }
    assert!(wrong.is_empty(), "{} rows:\n{}", wrong.len(), wrong.join("\n"));
}

fn port_type(port: PhoneNumberType) -> NumberType {
    match port {
        PhoneNumberType::FixedLine => NumberType::Fixed,
        PhoneNumberType::Mobile => NumberType::Mobile,
        PhoneNumberType::FixedLineOrMobile => NumberType::FixedOrMobile,
        PhoneNumberType::TollFree => NumberType::TollFree,
        PhoneNumberType::PremiumRate => NumberType::PremiumRate,
        PhoneNumberType::SharedCost => NumberType::SharedCost,
        PhoneNumberType::VoIP => NumberType::Voip,
        PhoneNumberType::PersonalNumber => NumberType::PersonalNumber,
        PhoneNumberType::Pager | PhoneNumberType::UAN | PhoneNumberType::VoiceMail => {
            NumberType::Other
        }
        PhoneNumberType::Unknown => NumberType::Unknown,
    }
}

#[test]
fn a_valid_number_behind_a_plus_is_that_number_from_any_home() {
    for home in ["JP", "US", "GB", "BR", "RU", "IT", "SG", "KR"] {
        let home = Country::from_iso(home.as_bytes()).expect("two letters");
        let plan = Plan::home(home, &Options::default()).expect("a plan");
        for row in rows().filter(|row| row.reason == "valid") {
            let read = plan.read(format!("+{}", row.digits).as_bytes());
            assert_eq!(read.e164, Some(row.number()), "+{} from {home}", row.digits);
            assert_eq!(read.country, country_of(row.number()), "+{} from {home}", row.digits);
        }
    }
}

#[test]
fn every_country_with_numbers_can_be_home() {
    for country in Country::all().filter(|country| country.iso().is_some()) {
        let uninhabited = ["AQ", "BV", "GS", "HM", "PN", "TF", "UM"];
        let plan = Plan::home(country, &Options::default());
        let is_uninhabited = uninhabited.contains(&country.to_string().as_str());
        assert_eq!(plan.is_err(), is_uninhabited, "{country}");
    }
}
