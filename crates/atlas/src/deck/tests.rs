use super::*;
use crate::country::Country;
use crate::time::Span;

const HEADER: &str = "prefix,name,price_per_minute,increment_seconds,setup_price\n";

fn number(digits: &str) -> E164 {
    E164::parse(digits.as_bytes()).expect("digits")
}

fn read(rows: &str) -> (Deck, Vec<String>) {
    let (deck, problems) = Deck::read(format!("{HEADER}{rows}").as_bytes()).expect("a deck");
    (deck, problems.iter().map(ToString::to_string).collect())
}

fn refusal(table: &[u8]) -> String {
    Deck::read(table).err().expect("no deck").to_string()
}

#[test]
fn the_longest_prefix_wins_and_a_stranger_pays_the_dearest() {
    let (deck, problems) =
        read("44,UK,30,60,0\n447,UK mobile,62.5,6,1\n4470,UK personal,150,60,0\n");
    assert_eq!(problems, [""; 0]);
    assert_eq!(deck.name(number("447012345678")), Some("UK personal"));
    assert_eq!(deck.name(number("447912345678")), Some("UK mobile"));
    assert_eq!(deck.name(number("447")), Some("UK mobile"));
    assert_eq!(deck.name(number("44")), Some("UK"));
    assert_eq!(deck.prefix(number("442079460000")), Prefix::parse(b"44"));
    assert_eq!(deck.rate(number("23222280001")), None);
    assert_eq!(deck.rate_or_dearest(number("23222280001")).price_per_minute, 150_000_000);
    let mobile =
        Rate { price_per_minute: 62_500_000, increment_seconds: 6, setup_price: 1_000_000 };
    assert_eq!(deck.rate(number("447912345678")), Some(&mobile));
    assert_eq!(deck.n_prefixes(), 3);
}

#[test]
fn columns_stand_in_any_order_and_two_may_be_missing() {
    let table = "\u{feff}Increment_Seconds;x,PREFIX,increment_seconds,price_per_minute\r\n,+44,1,0.000001\r\n";
    let (deck, problems) = Deck::read(table.as_bytes()).expect("a deck");
    assert_eq!(problems, []);
    let rate = Rate { price_per_minute: 1, increment_seconds: 1, setup_price: 0 };
    assert_eq!(deck.rate(number("442079460000")), Some(&rate));
    assert_eq!(deck.name(number("442079460000")), Some(""));
}

#[test]
fn rows_that_cannot_be_used_are_left_out_and_say_why() {
    let rows = "232,\"Sierra Leone, all\",175,60,0\n,x,1,60,0\n0232,x,1,60,0\n12a,x,1,60,0\n33,x,,60,0\n\
                33,x,-1,60,0\n33,x,1.2345678,60,0\n33,x,10000000.1,60,0\n33,x,1,0,0\n33,x,1,6.5,0\n33,x,1,9999,0\n\
                33,x,1,60,free\n33,x\n33,\"x,1,60,0\n34,Spain,30,60,\n";
    let (deck, problems) = read(rows);
    assert_eq!(deck.n_prefixes(), 2);
    assert_eq!(deck.name(number("23222280001")), Some("Sierra Leone, all"));
    let expected = [
        "line 3: nothing in column `prefix`",
        "line 4: column `prefix` should be 1 to 15 digits",
        "line 5: column `prefix`",
        "line 6: nothing in column `price_per_minute`",
        "line 7: column `price_per_minute` should be an amount",
        "line 8: column `price_per_minute`",
        "line 9: column `price_per_minute`",
        "line 10: column `increment_seconds` should be whole seconds from 1 to 3600, and is \"0\"",
        "line 11: column `increment_seconds`",
        "line 12: column `increment_seconds`",
        "line 13: column `setup_price`",
        "line 14: nothing in column `price_per_minute`",
        "line 15: a quote",
    ];
    assert_eq!(problems.len(), expected.len());
    for (problem, start) in problems.iter().zip(expected) {
        assert!(problem.starts_with(start), "{problem}");
    }
}

#[test]
fn of_two_rows_with_one_prefix_the_later_stands() {
    let (deck, problems) =
        read("44,old,30,60,0\n33,France,20,60,0\n44,new,40,60,0\n+44,newest,50,60,0\n");
    assert_eq!(deck.name(number("442079460000")), Some("newest"));
    assert_eq!(deck.n_prefixes(), 2);
    assert_eq!(problems.len(), 2);
    assert!(
        problems[0].starts_with("line 4: the prefix stood on line 2 as well"),
        "{}",
        problems[0]
    );
    assert!(
        problems[1].starts_with("line 5: the prefix stood on line 4 as well"),
        "{}",
        problems[1]
    );
}

#[test]
fn a_table_that_is_no_deck_says_what_to_do() {
    assert!(refusal(b"").contains("prefix,name,price_per_minute"));
    assert!(refusal(HEADER.as_bytes()).contains("no row can be used"));
    let refused = refusal(format!("{HEADER}44,UK,free,60,0\n").as_bytes());
    assert!(refused.contains("the first: line 2: column `price_per_minute`"), "{refused}");
    assert!(refusal(b"44,United Kingdom,30,60,0\n").contains("no column `prefix`"));
    assert!(refusal(b"\xff\xfep\0r\0").contains("UTF-8"));
    let many = format!("{HEADER}{}", "44,x,1,60,0\n".repeat(Deck::ROWS_MAX + 1));
    assert!(refusal(many.as_bytes()).contains("1000000 rows"));
}

#[test]
fn the_dearest_is_by_a_call_of_one_minute() {
    let (deck, _) = read("1,by the hour,2,3600,0\n2,by setup,1,1,130\n3,by the minute,125,60,0\n");
    assert_eq!(deck.dearest().setup_price, 130_000_000);
    assert_eq!(minute_price(&deck.rate_or_dearest(number("1"))), 120_000_000);
    assert_eq!(minute_price(&Rate::FREE), 0);
}

#[test]
fn a_country_has_its_usual_prices() {
    let (deck, _) = read(
        "44,UK,30,60,0\n447,mobile,60,60,0\n4470,personal,150,60,0\n449,premium,200,60,0\n33,France,20,60,0\n",
    );
    let uk = Country::from_iso(b"GB").expect("a code");
    let of_country =
        deck.by_country(|prefix| prefix.digits().as_str().starts_with("44").then_some(uk));
    let prices = CountryPrices { cheapest: 30_000_000, median: 60_000_000, dearest: 200_000_000 };
    assert_eq!(of_country.of(uk), Some(prices));
    assert_eq!(of_country.of(Country::from_iso(b"FR").expect("a code")), None);
}

#[test]
fn the_shipped_deck_is_whole_and_knows_the_case_of_tokyo() {
    let shipped = include_bytes!("../../data/default-rates.csv");
    let (deck, problems) = Deck::read(shipped).expect("the shipped deck");
    assert_eq!(problems, []);
    let tokyo = deck.rate_or_dearest(number("23222280001"));
    assert_eq!(tokyo.cost(Span::seconds(32)).to_string(), "175.000");
    let three_minutes =
        |digits| deck.rate(number(digits)).map(|it| it.cost(Span::minutes(3)).to_string());
    assert_eq!(three_minutes("81312345678").as_deref(), Some("8.500"));
    assert_eq!(three_minutes("819012345678").as_deref(), Some("48.000"));
    assert_eq!(three_minutes("81120123456").as_deref(), Some("0.000"));
    assert_eq!(three_minutes("80012345678").as_deref(), Some("0.000"));
    let per_minute =
        |digits| deck.rate(number(digits)).expect("a rate").price_per_minute / 1_000_000;
    for (cheap, dear) in [
        ("442079460000", "447912345678"),
        ("37167000000", "37121000000"),
        ("12025550100", "18765550100"),
        ("390612345678", "393312345678"),
        ("5312345678", "870773123456"),
        ("4420", "44909"),
    ] {
        assert!(per_minute(cheap) < per_minute(dear), "{cheap} {dear}");
    }
}

#[test]
fn every_country_of_the_published_list_has_a_rate_of_its_own() {
    let deck = Deck::default_jp();
    let list = include_str!("../../data/abused-destinations-2016.csv");
    for row in list.lines().skip(1) {
        let code = row.split(',').next().expect("a field");
        assert!(
            deck.prefix(number(code)).is_some_and(|prefix| prefix.digits().as_str() == code),
            "{code}"
        );
    }
}

#[test]
fn every_country_that_numbers_can_tell_apart_has_a_price_of_its_own() {
    let country_of = |prefix: Prefix| crate::country::country_of(number(prefix.digits().as_str()));
    let prices = Deck::default_jp().by_country(country_of);
    let numbering = include_str!("../../data/numbering.tsv");
    let missing: Vec<&str> = numbering
        .lines()
        .filter_map(|line| line.strip_prefix("region\t")?.split('\t').next())
        .filter(|region| region.len() == 2)
        .filter(|region| {
            let country = Country::from_iso(region.as_bytes()).expect("a code");
            prices.of(country).is_none()
        })
        .collect();
    assert_eq!(missing, [""; 0]);
}
